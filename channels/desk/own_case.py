"""A case of the agent's own cell, or a refusal: the one way in which the desk's pages take up a case."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from fastapi import Request
from sqlalchemy.orm import Session

from bot.cases import repository
from bot.cases.model import Case
from channels.staff.accounts import SignedIn
from channels.staff.front import Front, must_have

#: To look at; to write beside (who looked, who is there); to change, which nobody else may do meanwhile.
Purpose = Literal["look", "write", "change"]


@contextmanager
def own_case(
    front: Front, request: Request, case_id: str, purpose: Purpose = "look"
) -> Iterator[tuple[Session, Case, SignedIn]]:
    """The case with the session in which it was read and whoever asks; raises Forbidden, CaseNotFound.

    What is written is committed at the end of the block.
    """
    me = must_have(request, "agent", "lead")
    with front.database.read() if purpose == "look" else front.database.write() as session:
        yield (
            session,
            repository.get_case(session, case_id=case_id, cell_id=me.agent.cell_id, lock=purpose == "change"),
            me,
        )
