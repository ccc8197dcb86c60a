"""Answers at hand: ready-made replies and articles. Picked in the agent's language, received in the person's."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bot.cases import cell_queries
from bot.cases.cells import CannedReply
from bot.cases.search import words_of
from bot.clock import MOROCCO
from bot.data_files import read_yaml
from bot.languages import ANSWER_LANGUAGES, AnswerLanguage, parse_answer_language
from bot.secrets import new_id
from bot.typography import set_french
from channels.desk.own_case import own_case
from channels.staff.front import PREFIX, Front, must_have, staff_router
from channels.staff.pages import LOCALES

_CANNED = Path(__file__).resolve().parent / "canned.yml"
_MOST_SHOWN = 8
_LONGEST_TITLE, _LONGEST_TEXT = 80, 1500


@dataclass(frozen=True)
class Answer:
    """One answer at hand: how the agent knows it, and what the person would read."""

    kind: str
    id: str
    title: str
    text: str


class AnswerPages:
    """Answers at hand, and where a cell writes its own."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def router(self) -> APIRouter:
        """The routes of answers."""
        router = staff_router(self._front)
        router.add_api_route("/cases/{case_id}/answers", self.get_answers, methods=["GET"])
        router.add_api_route("/canned", self.get_canned, methods=["GET"])
        router.add_api_route("/canned", self.post_canned, methods=["POST"])
        router.add_api_route("/canned/{canned_id}/delete", self.delete_canned, methods=["POST"])
        return router

    async def get_answers(self, request: Request, case_id: str) -> Response:
        """Answers that fit what the agent looks for, each with a preview in the person's language."""
        with own_case(self._front, request, case_id) as (session, case, me):
            canned = [*default_canned(), *cell_queries.list_canned(session, me.agent.cell_id)]
        asked = request.query_params.get("q", "")[:100]
        language = parse_answer_language(case.language) or "fr"
        answers = self._canned(canned, asked, me.agent.language, language)
        answers += self._articles(asked, me.agent.language, language, case.topic)
        return self._front.page(request, "answers.html", case=case, answers=answers, asked=asked)

    async def get_canned(self, request: Request) -> Response:
        """The ready-made replies of the cell."""
        return self._canned_page(request)

    async def post_canned(self, request: Request) -> Response:
        """Write a ready-made reply, in all three languages."""
        me, form = must_have(request, "agent", "lead"), await request.form()
        texts: dict[str, Any] = {
            code: str(form.get(f"text_{code}") or "").strip()[:_LONGEST_TEXT] for code in ANSWER_LANGUAGES
        }
        titles: dict[str, Any] = {
            code: str(form.get(f"title_{code}") or "").strip()[:_LONGEST_TITLE] for code in ANSWER_LANGUAGES
        }
        if not all(texts.values()) or not all(titles.values()):
            return self._canned_page(request, error="error_three_languages", form=dict(form), status_code=400)
        canned_id = str(form.get("id") or "")
        with self._front.database.write() as session:
            known = cell_queries.find_canned(session, canned_id=canned_id, cell_id=me.agent.cell_id)
            row = known or CannedReply(id=new_id(), cell_id=me.agent.cell_id)
            row.title, row.text, row.changed_at = titles, texts, self._front.now()
            session.add(row)
        return RedirectResponse(f"{PREFIX}/canned", status_code=303)

    async def delete_canned(self, request: Request, canned_id: str) -> Response:
        """Delete a ready-made reply of the cell."""
        me = must_have(request, "agent", "lead")
        with self._front.database.write() as session:
            cell_queries.delete_canned(session, canned_id=canned_id, cell_id=me.agent.cell_id)
        return RedirectResponse(f"{PREFIX}/canned", status_code=303)

    def _canned_page(
        self, request: Request, *, error: str = "", form: dict[str, Any] | None = None, status_code: int = 200
    ) -> Response:
        me = must_have(request, "agent", "lead")
        with self._front.database.read() as session:
            own = cell_queries.list_canned(session, me.agent.cell_id)
        return self._front.page(
            request,
            "canned.html",
            status_code=status_code,
            here="canned",
            own=own,
            shared=default_canned(),
            error=error,
            form=form or {},
            languages=ANSWER_LANGUAGES,
        )

    def _canned(self, rows: list[CannedReply], asked: str, mine: str, theirs: str) -> list[Answer]:
        return [
            Answer("canned", row.id, row.title[mine], row.text[theirs])
            for row in rows
            if _fits(asked, row.title[mine], row.text[mine])
        ][:_MOST_SHOWN]

    def _articles(self, asked: str, mine: str, theirs: AnswerLanguage, topic: str) -> list[Answer]:
        articles = [
            article
            for article in self._front.library.articles.values()
            if _fits(asked, article.title[mine], article.label[mine])
        ]
        articles.sort(key=lambda article: article.topic != topic)
        return [
            Answer("article", article.id, article.title[mine], article_text(self._front, article.id, theirs))
            for article in articles[:_MOST_SHOWN]
        ]


def article_text(front: Front, article_id: str, language: AnswerLanguage) -> str:
    """An article as it is sent: the answer in force today, its source and date; "" for an unknown one."""
    article = front.library.articles.get(article_id)
    if article is None:
        return ""
    today = front.now().astimezone(MOROCCO).date()
    source = front.assistant.say(
        "utter_source",
        language,
        source=article.sources[0].title[language],
        checked_on=format_date(article.checked_on, format="long", locale=LOCALES[language]),
    )
    return f"{front.library.text(article, 'answer', language=language, on=today)}\n\n{source.text}"


@cache
def default_canned() -> tuple[CannedReply, ...]:
    """The ready-made replies that every cell has."""
    rows = read_yaml(_CANNED)
    return tuple(
        CannedReply(id=row["id"], cell_id="", title=set_french(row["title"]), text=set_french(row["text"]))
        for row in rows
    )


def _fits(asked: str, *texts: str) -> bool:
    """Whether every word asked for begins a word of the texts."""
    known = [word for text in texts for word in words_of(text)]
    return all(any(word.startswith(wanted) for word in known) for wanted in words_of(asked))
