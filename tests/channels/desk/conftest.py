"""A desk with agents of two cells, and people who wait."""

import re
from dataclasses import dataclass, field
from functools import cache

import pytest
from starlette.testclient import TestClient

from bot import inbound
from bot.cases import service
from bot.cases.staff import Agent
from channels.staff import accounts
from tests.fixtures.people import add_case, add_inbound, add_person, terms_of

PASSWORD = "a long enough password"
ACCOUNTS = {
    "amina": ("cell-oujda", ("agent",)),
    "brahim": ("cell-oujda", ("agent",)),
    "lead": ("cell-oujda", ("agent", "lead")),
    "nadia": ("cell-nador", ("agent", "lead")),
    "admin": ("", ("administrator",)),
    "auditor": ("", ("auditor",)),
    "editor": ("", ("editor",)),
}


@cache
def hashed():
    """The password of everybody, hashed once: that takes its time on purpose."""
    return accounts._hasher().hash(PASSWORD)


@dataclass
class Browser:
    """One member of staff in a browser of their own."""

    client: TestClient
    name: str
    tokens: dict = field(default_factory=dict)

    def get(self, path, **more):
        return self.client.get(path, **more)

    @property
    def token(self):
        return re.search(r'name="form_token" value="([^"]+)"', self.get("/desk/account").text)[1]

    def post(self, path, data=None, **more):
        return self.client.post(path, data={"form_token": self.token, **(data or {})}, **more)

    def act(self, case_id, act, **data):
        return self.post(f"/desk/cases/{case_id}/{act}", data)

    def page(self, case_id):
        return self.get(f"/desk/cases/{case_id}").text


@pytest.fixture
def cases(house, now):
    """One case at Oujda with what a person may write, one at Nador, and everybody's account."""
    with house.database.write() as session:
        for name, (cell, roles) in ACCOUNTS.items():
            session.add(
                Agent(
                    id=name,
                    username=name,
                    password_hash=hashed(),
                    cell_id=cell,
                    roles=sorted(roles),
                    language="fr",
                    created_at=now,
                )
            )
        person = add_person(session, now)
        case = add_case(session, person, now, question="<script>alert(1)</script> سؤالي", article="minimum-wage")
        message = add_inbound(session, person, "\u202e<img src=x onerror=alert(1)> bonjour", now, "1")
        service.receive_message(session, case, message.id, now=now, terms_of=terms_of)
        inbound.mark_answered(session, message.id, now)
        other = add_case(session, add_person(session, now, "b"), now, cell_id="cell-nador", question="ailleurs")
        return {"own": case.id, "other": other.id, "person": person.id, "reference": case.reference}


@pytest.fixture
def sign_in(house, cases):
    def do(name):
        client = TestClient(house.app, follow_redirects=False)
        answer = client.post("/desk/sign-in", data={"username": name, "password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        return Browser(client, name)

    return do


@pytest.fixture
def amina(sign_in):
    return sign_in("amina")
