"""The telephone numbers that may be given (telephones.yml), and the numbers that stand in a text.

A number is written in one normal form, ``+212…``; short numbers (19, 2511) as they are dialled.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.data_files import read_yaml
from knowledge.library import KNOWLEDGE_ROOT, ContentInvalid

TELEPHONES = KNOWLEDGE_ROOT / "telephones.yml"

_GAP = r"[ .\u00a0\u202f-]?"
_LONG_NUMBER = re.compile(rf"(?<![\d,./-])(?:\+212|00212|0){_GAP}\d(?:{_GAP}\d){{7,9}}(?!\d)")
_NATIONAL = re.compile(r"^\+212(\d)(\d\d)(\d\d)(\d\d)(\d\d)$")


@dataclass(frozen=True)
class Telephone:
    """A number with the day its page was dated (``undated`` if it was not) and whether people are given it."""

    number: str
    whose: str
    fact: str
    seen: str
    pages: int
    is_given: bool
    note: str


@cache
def read_telephones(path: Path = TELEPHONES) -> Mapping[str, Telephone]:
    """Every known number by its normal form; raises ContentInvalid."""
    try:
        rows = read_yaml(path)["numbers"]
        telephones = [
            Telephone(
                number=row["number"],
                whose=row["whose"],
                fact=row["fact"],
                seen=str(row["seen"]),
                pages=int(row["pages"]),
                is_given=bool(row["given"]),
                note=row.get("note", ""),
            )
            for row in rows
        ]
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.name}: {type(error).__name__}: {error}") from error
    return {telephone.number: telephone for telephone in telephones}


def numbers_in(text: str) -> Iterator[str]:
    """The long telephone numbers of a text in their normal form. Short ones look like any other number and are left out."""
    for found in _LONG_NUMBER.finditer(text):
        yield normal_form(found[0])


def normal_form(written: str) -> str:
    """``0537 54 54 00``, ``00212 5 37…`` and ``+212 5 37…`` as ``+212537545400``."""
    digits = re.sub(r"\D", "", written)
    national = digits.removeprefix("00").removeprefix("212") if digits.startswith(("212", "00212")) else digits[1:]
    return f"+212{national}"


def written(number: str) -> str:
    """A number in its normal form as it is read, in groups that no line break parts; a short one as it is."""
    found = _NATIONAL.match(number)
    return "\u00a0".join(("+212", *found.groups())) if found else number


def not_to_be_given(text: str) -> Iterator[str]:
    """What is wrong with the numbers of a text: unknown, or withheld."""
    known = read_telephones()
    for number in dict.fromkeys(numbers_in(text)):
        telephone = known.get(number)
        if telephone is None:
            yield f"gives the telephone number {number}, which is not in telephones.yml"
        elif not telephone.is_given:
            yield f"gives the telephone number {number}, which is withheld: {telephone.note}"
