"""Months, years, days, weeks and hours up to ten counted as Arabic counts them: one in words, the dual, then the plural.

Texts name the number as a parameter, so its noun must follow its value. From eleven on it stays as it was written.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class _Noun:
    """Forms of a noun beside a number; ``dual`` in the nominative and elsewhere. ``many`` is what stands after 11 to 99."""

    single: str
    one: str
    dual: tuple[str, str]
    plural: str
    many: str

    def beside(self, number: int, *, is_nominative: bool) -> str:
        """The number with its noun. One and two are words, not digits."""
        if number == 1:
            return f"{self.single} {self.one}"
        if number == 2:  # noqa: PLR2004 - the dual
            return self.dual[0 if is_nominative else 1]
        return f"{number} {self.plural}"


_NOUNS = (
    _Noun("شهر", "واحد", ("شهران", "شهرين"), "أشهر", "شهرا"),
    _Noun("سنة", "واحدة", ("سنتان", "سنتين"), "سنوات", "سنة"),
    _Noun("يوم", "واحد", ("يومان", "يومين"), "أيام", "يوما"),
    _Noun("أسبوع", "واحد", ("أسبوعان", "أسبوعين"), "أسابيع", "أسبوعا"),
    _Noun("ساعة", "واحدة", ("ساعتان", "ساعتين"), "ساعات", "ساعة"),
)
_FORMS = {form: noun for noun in _NOUNS for form in (noun.single, noun.plural, noun.many)}
_OF, _DEFINITE = "من", "ال"

#: The last number after which a noun stands in the plural.
_LAST_PLURAL = 10

#: After these a number is the predicate, so that the dual stands in the nominative.
_IS = ("هو", "هي")

_COUNTED = re.compile(
    rf"(?P<before>\S+ )?\{{\{{ *(?P<id>[a-z0-9-]+) *\}}\}} (?P<of>{_OF} )?(?:{_DEFINITE})?"
    rf"(?P<noun>{'|'.join(sorted(_FORMS, key=len, reverse=True))})(?!\w)"
)


def counted(arabic: str, value: dict[str, float]) -> str:
    """Text with each whole ``{{parameter}}`` and the noun after it in the form its value asks for."""

    def form(found: re.Match[str]) -> str:
        number = value.get(found["id"], 0.5)
        if not float(number).is_integer() or not 1 <= number <= _LAST_PLURAL:
            return found[0]
        before = found["before"] or ""
        said = _FORMS[found["noun"]].beside(int(number), is_nominative=before.strip() in _IS)
        # "2 of the months of rent": what is counted is of something.
        has_more = found["of"] and not found[0].endswith(_DEFINITE + found["noun"])
        return f"{before}{said}{f' {_OF}' if has_more else ''}"

    return _COUNTED.sub(form, arabic)
