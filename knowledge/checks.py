"""What must be true of every content file. Each check yields findings; an empty list is a clean article."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from bot.languages import ANSWER_LANGUAGES, WRITINGS
from knowledge.inventory import missing, read_inventory
from knowledge.lawyer import facts_for_a_lawyer
from knowledge.library import Library, parameters_in
from knowledge.model import STATUSES, Article, Term
from knowledge.readability import measure
from knowledge.telephones import not_to_be_given

MAX_TITLE = 72
MAX_LABEL = 24
MAX_ANSWER = 600
MAX_FACET = 900
MAX_RELATED = 4
MAX_EXPLANATION = 200

#: Limits of knowledge/readability.py, explained in knowledge/README.md. ``EASE`` is the least for French and English;
#: for Arabic, ``LONG_WORDS`` is the largest share of long words. Each for a whole article, and for its answers alone.
LONGEST_SENTENCE = {"ar": 25, "fr": 30, "en": 30}
MEAN_SENTENCE = {"ar": 15, "fr": 18, "en": 18}
EASE = {"fr": (70.0, 60.0), "en": (60.0, 50.0)}
LONG_WORDS = (0.20, 0.28)

_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LATIN_PUNCTUATION_IN_ARABIC = re.compile(r"[\u0600-\u06ff]\s*[,;?]")
_MARKUP = re.compile(r"\*\*|__|\[[^\]]+\]\(|^#|\|.*\|", re.MULTILINE)
_NATIONALITY = re.compile(r"^[a-z]{2}$")


@dataclass(frozen=True)
class Finding:
    """Something wrong with a content file: where, and what to do about it."""

    where: str
    what: str


def check_library(library: Library, *, today: date) -> list[Finding]:
    """Everything that is wrong with the knowledge base, in the order of its articles."""
    findings = [finding for article in library.articles.values() for finding in check_article(article, library, today)]
    findings += _check_questions_are_apart(library)
    findings += _check_parameters(library)
    findings += _check_cells(library)
    findings += [finding for term in library.glossary.values() for finding in check_term(term, library)]
    findings += _check_terms_are_apart(library)
    findings += [Finding(f"inventory/{item.id}", what) for item in read_inventory() for what in missing(item, library)]
    return findings


def check_article(article: Article, library: Library, today: date) -> list[Finding]:
    """Everything that is wrong with one article."""
    found = [what for check in _CHECKS for what in check(article, library, today)]
    return [Finding(f"{article.topic}/{article.id}", what) for what in found]


def _names(article: Article, library: Library, today: date) -> Iterator[str]:
    for name, texts, longest in (("title", article.title, MAX_TITLE), ("label", article.label, MAX_LABEL)):
        for language in ANSWER_LANGUAGES:
            text = texts.get(language, "")
            if not text:
                yield f"{name} is missing in {language}"
            elif len(text) > longest:
                yield f"{name} in {language} has {len(text)} characters, at most {longest} fit"


def _headings(article: Article, library: Library, today: date) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        for kind, texts in (("facet", article.facets), ("condition", article.variants)):
            missing = set(texts["en"]) ^ set(texts[language])
            if missing:
                yield f"{kind} {sorted(missing)} is not in both en and {language}"
    if "answer" not in article.facets["en"]:
        yield "there is no answer"


def _lengths(article: Article, library: Library, today: date) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        texts = {**article.facets[language], **{f"when {k}": v for k, v in article.variants[language].items()}}
        for name, raw in texts.items():
            longest = MAX_ANSWER if name == "answer" or name.startswith("when ") else MAX_FACET
            if not raw:
                yield f"{language} {name} is empty"
            if any(parameter not in library.parameters for parameter, _ in parameters_in(raw)):
                continue
            length = len(library.fill(raw, language=language, on=today))
            if length > longest:
                yield f"{language} {name} has {length} characters, at most {longest} fit one message"


def _parameters(article: Article, library: Library, today: date) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        for raw in (*article.facets[language].values(), *article.variants[language].values()):
            for parameter, _ in parameters_in(raw):
                if parameter not in library.parameters:
                    yield f"{language} names the unknown parameter {parameter}"
                elif library.parameters[parameter].fact not in article.facts:
                    yield f"{language} names {parameter} without its fact {library.parameters[parameter].fact}"
            if "{{" in re.sub(r"\{\{ *[a-z0-9-]+(@[\d-]+)? *\}\}", "", raw):
                yield f"{language} has a {{{{ that is not a parameter"


def _sources(article: Article, library: Library, today: date) -> Iterator[str]:
    if not article.sources:
        yield "there is no source"
    for source in article.sources:
        for language in ANSWER_LANGUAGES:
            if not source.title.get(language):
                yield f"the source {source.url} has no title in {language}"
        if source.url and not source.url.startswith(("http://", "https://")):
            yield f"the source address {source.url} is not an address"
    if article.checked_on > today:
        yield f"checked on {article.checked_on}, which is in the future"
    if article.review_by <= today:
        yield f"the review was due on {article.review_by}"


def _wording(article: Article, library: Library, today: date) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        for name, raw in {**article.facets[language], **article.variants[language]}.items():
            if _MARKUP.search(raw):
                yield f"{language} {name} has markup; only paragraphs and '- ' lists are shown"
            if language == "ar" and _LATIN_PUNCTUATION_IN_ARABIC.search(raw):
                yield f"ar {name} has Latin punctuation after an Arabic word"
            yield from (f"{language} {name} {what}" for what in not_to_be_given(raw))
            if (language == "ar") != bool(_ARABIC.search(raw)) and language == "ar":
                yield f"ar {name} is not in Arabic"


def _conditions(article: Article, library: Library, today: date) -> Iterator[str]:
    ids = [condition.id for condition in article.conditions]
    if set(ids) != set(article.variants["en"]) or len(ids) != len(set(ids)):
        yield f"conditions {ids} and 'when' texts {sorted(article.variants['en'])} do not match"
    for condition in article.conditions:
        for language in ANSWER_LANGUAGES:
            label = condition.label.get(language, "")
            if not label or len(label) > MAX_LABEL:
                yield f"the label of {condition.id} in {language} is missing or longer than {MAX_LABEL}"
            elif label[0].islower():
                yield f"the label of {condition.id} in {language} begins with a small letter"
        for key, values in condition.when.items():
            if key == "status" and not set(values) <= set(STATUSES):
                yield f"{condition.id}: unknown status in {values}"
            elif key == "nationality" and not all(_NATIONALITY.match(value) for value in values):
                yield f"{condition.id}: nationalities are two-letter codes, not {values}"
            elif key not in ("status", "nationality"):
                yield f"{condition.id}: conditions are on nationality and status, not {key}"


def _readability(article: Article, library: Library, today: date) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        raws = {**article.facets[language], **{f"when {k}": v for k, v in article.variants[language].items()}}
        if any(name not in library.parameters for raw in raws.values() for name, _ in parameters_in(raw)):
            continue
        texts = {name: library.fill(raw, language=language, on=today) for name, raw in raws.items()}
        yield from _is_hard(f"{language}", "\n".join(texts.values()), language, 0)
        for name, text in texts.items():
            measured = measure(text, language)
            if measured.longest_sentence > LONGEST_SENTENCE[language]:
                yield f"{language} {name} has a sentence of {measured.longest_sentence} words"
            if name != "answer" and not name.startswith("when "):
                continue
            if measured.words_per_sentence > MEAN_SENTENCE[language]:
                yield f"{language} {name} has {measured.words_per_sentence:.0f} words per sentence on average"
            yield from _is_hard(f"{language} {name}", text, language, 1)


def _is_hard(where: str, text: str, language: str, limit: int) -> Iterator[str]:
    score = measure(text, language).score
    if language == "ar" and score > LONG_WORDS[limit]:
        yield f"{where} has {score:.0%} long words, at most {LONG_WORDS[limit]:.0%} are easy to read"
    elif language != "ar" and text and score < EASE[language][limit]:
        yield f"{where} has a reading ease of {score:.0f}, at least {EASE[language][limit]:.0f} is wanted"


def _links(article: Article, library: Library, today: date) -> Iterator[str]:
    if len(article.related) > MAX_RELATED:
        yield f"{len(article.related)} related articles, at most {MAX_RELATED}"
    for related in article.related:
        if related not in library.articles or related == article.id:
            yield f"unknown related article {related}"
    if not article.partners:
        yield "names nobody who helps further (partners)"
    for partner in article.partners:
        if partner not in library.kinds and partner not in library.cells:
            yield f"unknown partner {partner}"


def _marks(article: Article, library: Library, today: date) -> Iterator[str]:
    if not article.facts:
        yield "names no facts"
    facets = {*article.facets["en"], *(f"when {condition}" for condition in article.variants["en"])}
    for mark in article.verify:
        if mark.facet not in facets:
            yield f"a mark for editors names the facet {mark.facet}, which does not exist"
        if mark.kind not in ("verify", "conflict", "old", "lawyer"):
            yield f"a mark for editors has the unknown kind {mark.kind}"
        if mark.fact not in article.facts:
            yield f"a mark for editors names {mark.fact}, which is not among the facts"
    told = {mark.fact for mark in article.verify} | {fact for source in article.sources for fact in source.facts}
    for fact in article.facts:
        if fact not in told:
            yield f"rests on {fact} without a source for it, or a mark that there is none"
    rests_on = {*article.facts, *(fact for source in article.sources for fact in source.facts)}
    for_a_lawyer = {mark.fact for mark in article.verify if mark.kind == "lawyer"}
    for fact in sorted(rests_on & facts_for_a_lawyer() - for_a_lawyer):
        yield f"rests on {fact}, which a lawyer should read, without a mark that says so"


def _questions(article: Article, library: Library, today: date) -> Iterator[str]:
    for writing in WRITINGS:
        if not article.questions[writing]:
            yield f"has no questions in {writing}"


_CHECKS: tuple[Callable[[Article, Library, date], Iterator[str]], ...] = (
    _names,
    _headings,
    _lengths,
    _parameters,
    _sources,
    _wording,
    _readability,
    _conditions,
    _links,
    _marks,
    _questions,
)


def _check_questions_are_apart(library: Library) -> list[Finding]:
    seen: dict[str, str] = {}
    findings = []
    for article in library.articles.values():
        for questions in article.questions.values():
            for question in questions:
                key = re.sub(r"[\W_]+", " ", question).strip().lower()
                if key in seen:
                    where = f"{article.topic}/{article.id}"
                    findings.append(Finding(where, f"the question “{question}” stands in {seen[key]} too"))
                seen[key] = article.id
    return findings


def _check_parameters(library: Library) -> list[Finding]:
    return [
        Finding(f"parameters/{parameter.topic}/{parameter.id}", "has no value")
        for parameter in library.parameters.values()
        if not parameter.values
    ]


def _check_cells(library: Library) -> list[Finding]:
    findings = [
        Finding(f"cells/{cell.id}", what)
        for cell in library.cells.values()
        for phone in cell.phones
        for what in not_to_be_given(phone)
    ]
    for kind in library.kinds.values():
        lost = [f"unknown cell {cell}" for cell in kind.cells if cell not in library.cells]
        nameless = [f"has no name in {language}" for language in ANSWER_LANGUAGES if not kind.name.get(language)]
        findings += [Finding(f"cells/kinds/{kind.id}", what) for what in (*lost, *nameless)]
    return findings


def check_term(term: Term, library: Library) -> list[Finding]:
    """Everything that is wrong with one term of the glossary."""
    return [Finding(f"glossary/{term.topic}/{term.id}", what) for what in _term(term, library)]


def _term(term: Term, library: Library) -> Iterator[str]:
    for language in ANSWER_LANGUAGES:
        name, explanation = term.name.get(language, ""), term.explanation.get(language, "")
        if not name:
            yield f"has no name in {language}"
        if term.explanation and not explanation:
            yield f"is explained in other languages, but not in {language}"
        if len(explanation) > MAX_EXPLANATION:
            yield f"the explanation in {language} has {len(explanation)} characters, at most {MAX_EXPLANATION}"
        if language == "ar" and _LATIN_PUNCTUATION_IN_ARABIC.search(f"{name} {explanation}"):
            yield "has Latin punctuation after an Arabic word"
    if not term.facts and not term.source:
        yield "names neither a fact nor a source"
    for article in term.articles:
        if article not in library.articles:
            yield f"unknown article {article}"


def _check_terms_are_apart(library: Library) -> list[Finding]:
    seen: dict[tuple[str, str], str] = {}
    findings = []
    for term in library.glossary.values():
        for language, name in term.name.items():
            first = seen.setdefault((language, name.casefold()), term.id)
            if first != term.id:
                findings.append(Finding(f"glossary/{term.topic}/{term.id}", f"“{name}” is {first} too"))
        for spelling in term.said:
            first = seen.setdefault(("said", spelling.casefold()), term.id)
            if first != term.id:
                findings.append(Finding(f"glossary/{term.topic}/{term.id}", f"“{spelling}” is said for {first} too"))
    return findings
