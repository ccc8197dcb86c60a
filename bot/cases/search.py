"""Search over a cell's cases: the words of each case, in one spelling, looked up by their beginnings.

A table of words instead of the full-text engines of SQLite or PostgreSQL: neither knows the spellings of Arabic, both would
need queries of their own, and a person who wants to be forgotten is forgotten here with one deletion.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.orm import Session

from bot.cases.model import Case, CaseWord

LONGEST_WORD = 24
_SHORTEST_WORD = 2
_MOST_WORDS = 400
_MOST_ASKED = 6

_WORD = re.compile(r"\w+")
_REFERENCE = re.compile(r"^\s*([0-9A-Za-z]{3})[-\s\u2010\u2011]?([0-9A-Za-z]{3})\s*$")
#: Letters of Arabic that are written for one another.
_SAME_LETTER = str.maketrans({"\u0649": "\u064a", "\u0629": "\u0647", "\u0640": None})


def words_of(text: str) -> list[str]:
    """The words of a text in one spelling: no accents, no vowel marks, no hamza, lower case."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter)
    )
    found = _WORD.findall(plain.translate(_SAME_LETTER))
    return [word[:LONGEST_WORD] for word in found if len(word) >= _SHORTEST_WORD]


def reference_in(query: str) -> str | None:
    """The case reference that a query is, or None."""
    found = _REFERENCE.match(query)
    return f"{found[1]}-{found[2]}".upper() if found else None


def index_text(session: Session, case: Case, *texts: str) -> None:
    """Make a case findable by the words of these texts."""
    _add_words(session, case, {word for text in texts for word in words_of(text)})


def join_words(session: Session, source: Case, target: Case) -> None:
    """A case that goes into another is found by its words there, and here by its reference only."""
    words = set(session.scalars(select(CaseWord.word).where(CaseWord.case_id == source.id)))
    forget_words(session, [source.id])
    _add_words(session, target, words)


def _add_words(session: Session, case: Case, words: set[str]) -> None:
    known = set(session.scalars(select(CaseWord.word).where(CaseWord.case_id == case.id)))
    new = sorted(words - known)[: max(_MOST_WORDS - len(known), 0)]
    if new:
        session.execute(insert(CaseWord), [{"cell_id": case.cell_id, "word": word, "case_id": case.id} for word in new])


def move_words(session: Session, case: Case, cell_id: str) -> None:
    """A case that goes to another cell is found there, and no longer here."""
    session.execute(update(CaseWord).where(CaseWord.case_id == case.id).values(cell_id=cell_id))


def forget_words(session: Session, case_ids: Iterable[str]) -> None:
    """Delete the words of cases."""
    session.execute(delete(CaseWord).where(CaseWord.case_id.in_(list(case_ids))))


def matching(cell_id: str, query: str) -> list[Select[Any]]:
    """For each word asked for, the cases of a cell in which a word begins so."""
    return [
        select(CaseWord.case_id).where(
            CaseWord.cell_id == cell_id, CaseWord.word >= word, CaseWord.word < f"{word}\U0010ffff"
        )
        for word in dict.fromkeys(words_of(query)[:_MOST_ASKED])
    ]
