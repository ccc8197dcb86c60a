"""Random interleavings of a person, the bot and the agents of two cells, through the real seam."""

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import conversations
from bot.aliases import get_or_add_person
from bot.cases import lifecycle, repository, service
from bot.cases.model import standing_after
from bot.errors import CaseChanged, CaseClosed, NotOwner
from bot.linking import link
from bot.messages import InboundMessage, OutboundMessage
from bot.settings import Settings
from bot.store.database import open_database
from channels.staff import accounts
from knowledge.library import load_library
from knowledge.reception import terms_of
from tests.conftest import NOW
from tests.fixtures.house import build_test_house
from tests.fixtures.people import add_case

CELLS = ("cell-oujda", "cell-nador")
WORDS = ("bonjour", "unclear", "human", "danger", "thanks")
agents = st.sampled_from(("a", "b", "c"))
REFUSALS = (CaseClosed, CaseChanged, NotOwner)


@pytest.fixture(scope="module", autouse=True)
def _template(migrated_file):
    CaseLife.template = migrated_file


class CaseLife(RuleBasedStateMachine):
    """One person, three agents: a and b at Oujda, c at Nador."""

    template: Path

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        settings = Settings(data_dir=Path(self.folder.name), database_url="", secret_key="s")
        shutil.copy(self.template, settings.data_path / "dalil.sqlite")
        self.settings, self.now, self.said, self.closings, self.links = settings, NOW, 0, 0, 0
        self.house = build_test_house(settings, open_database(settings))
        self.house.receiver._handoff.now = lambda: self.now
        self.house.receiver.now = lambda: self.now
        with self.house.database.write() as session:
            for name, cell in (("a", CELLS[0]), ("b", CELLS[0]), ("c", CELLS[1])):
                agent = accounts.add_agent(
                    session,
                    username=f"agent-{name}",
                    password="long enough to pass",
                    cell_id=cell,
                    language="fr",
                    now=NOW,
                )
                agent.id = name
        self.say("bonjour")

    def say(self, word):
        self.said += 1
        message = InboundMessage(
            channel="web", provider_id=str(self.said), address="someone", text=f"{word} {self.said}"
        )
        self.person_id = asyncio.run(self.house.accept(message))

    def act(self, agent, do):
        """An agent does something to the live case if their cell has it, with the version that their page shows."""
        with self.house.database.write() as session:
            case = repository.find_live_case(session, self.person_id, lock=True)
            if case is None or case.cell_id != (CELLS[1] if agent == "c" else CELLS[0]):
                return
            terms = terms_of(session, load_library(), self.settings, self.now)
            try:
                do(session, case, terms)
            except REFUSALS:
                session.rollback()

    @rule(word=st.sampled_from(WORDS))
    def person_writes(self, word):
        self.say(word)

    @rule(cell=st.sampled_from(CELLS), urgent=st.booleans())
    def person_asks_for_a_human(self, cell, urgent):
        with self.house.database.write() as session:
            person = conversations.find_person(session, self.person_id)
            terms = terms_of(session, load_library(), self.settings, self.now)
            summary = {"urgent_type": "violence"} if urgent else {}
            add_case(session, person, self.now, cell_id=cell, terms=terms, **summary)

    @rule(cell=st.sampled_from(CELLS), is_answered=st.booleans())
    def another_channel_is_linked(self, cell, is_answered):
        """The person has a live case on another channel as well, and links the two."""
        self.links += 1
        with self.house.database.write() as session:
            other = get_or_add_person(
                session, self.house.receiver.book, channel="web", address=f"half {self.links}", now=self.now
            )
            terms = terms_of(session, load_library(), self.settings, self.now)
            case = add_case(session, other, self.now, cell_id=cell, terms=terms)
            if is_answered:
                agent, message = "c" if cell == CELLS[1] else "b", OutboundMessage("from another", language="fr")
                service.reply(session, case, agent_id=agent, message=message, now=self.now, terms_of=terms)
            link(session, old=other.id, new=self.person_id, now=self.now, terms_of=terms)

    @rule(agent=agents, stale=st.booleans())
    def agent_replies(self, agent, stale):
        def do(session, case, terms):
            owner, version = case.agent_id, case.version
            message = OutboundMessage(f"from {agent}", language="fr")
            asked = version - 1 if stale else version
            service.reply(session, case, agent_id=agent, message=message, now=self.now, terms_of=terms, version=asked)
            assert not stale
            assert owner in (None, agent)

        self.act(agent, do)

    @rule(agent=agents, to=agents)
    def agent_assigns(self, agent, to):
        if (agent == "c") == (to == "c"):
            self.act(agent, lambda session, case, terms: lifecycle.assign(session, case, to=to, by=agent, now=self.now))

    @rule(agent=agents)
    def agent_releases(self, agent):
        self.act(agent, lambda session, case, terms: lifecycle.release(session, case, by=agent, now=self.now))

    @rule(agent=agents)
    def agent_transfers(self, agent):
        to = CELLS[0] if agent == "c" else CELLS[1]
        self.act(
            agent,
            lambda session, case, terms: lifecycle.transfer(
                session, case, to=to, distance_km=1.0, reason="x", by=agent, now=self.now, terms_of=terms
            ),
        )

    @rule(agent=agents, twice=st.booleans())
    def agent_closes(self, agent, twice):
        def do(session, case, terms):
            for _ in range(2 if twice else 1):
                self.closings += service.close_case(
                    session,
                    case,
                    agent_id=agent,
                    closing=OutboundMessage("closing", language="fr"),
                    now=self.now,
                    terms_of=terms,
                )

        self.act(agent, do)

    @rule(agent=agents, word=st.sampled_from(WORDS), close=st.booleans())
    def something_happens_while_the_bot_is_thinking(self, agent, word, close):
        """The case opens, or closes, after the bot has read the message and before it has answered."""
        self.house.assistant.meanwhile = (
            (lambda: self.agent_closes(agent, twice=False))
            if close
            else (lambda: self.person_asks_for_a_human(CELLS[0], urgent=False))
        )
        self.say(word)
        self.house.assistant.meanwhile = None

    @rule(hours=st.sampled_from((1, 20, 24, 72, 200)))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    def cases(self, session):
        return [
            case for cell in CELLS for case in repository.list_cases_of_person(session, self.person_id, cell_id=cell)
        ]

    @invariant()
    def one_owner_and_the_owner_of_the_conversation_follows(self):
        with self.house.database.read() as session:
            cases = self.cases(session)
            live = [case for case in cases if case.status in ("open", "assigned")]
            assert len(live) <= 1
            owner = conversations.lock_person(session, self.person_id)
            assert owner == ("desk" if live else "bot")
            for case in cases:
                standing = standing_after(repository.list_events(session, case.id))
                assert (standing.status, standing.agent_id, standing.cell_id) == (
                    case.status,
                    case.agent_id,
                    case.cell_id,
                )
                assert (case.status == "assigned") == (case.agent_id is not None) or case.status == "closed"
                if case.agent_id is not None and case.status == "assigned":
                    assert (case.agent_id == "c") == (case.cell_id == CELLS[1])

    @invariant()
    def no_message_is_lost_and_none_is_answered_by_both(self):
        with self.house.database.read() as session:
            messages = conversations.list_messages(session, self.person_id, limit=5000)
        heard = [message for message in messages if message.direction == "in"]
        assert len(heard) == self.said
        assert all(message.answered_at for message in heard)
        echoes = [message.text.removeprefix("echo ") for message in messages if message.text.startswith("echo ")]
        assert len(echoes) == len(set(echoes))
        for message in heard:
            answered = message.text in echoes
            if message.case_id is None:
                assert answered, message.text
            elif not message.text.startswith("danger"):
                assert not answered, message.text

    @invariant()
    def the_closing_text_is_said_once_for_each_closing(self):
        with self.house.database.read() as session:
            messages = conversations.list_messages(session, self.person_id, limit=5000)
        assert sum(message.text == "closing" for message in messages) == self.closings

    @invariant()
    def the_clocks_run_in_office_hours_and_stand_still_when_they_should(self):
        with self.house.database.read() as session:
            terms = terms_of(session, load_library(), self.settings, self.now)
            for case in self.cases(session):
                hours = terms(case.cell_id).hours
                if case.status == "closed":
                    assert case.reply_due_at is None
                    assert case.resolution_due_at is None
                elif case.waiting_since is None:
                    assert case.resolution_due_at is None
                else:
                    due = case.resolution_due_at
                    assert due is not None
                    assert due == case.running_since or hours.is_open(due - timedelta(seconds=1))

    def teardown(self):
        if not hasattr(self, "house"):
            return
        for agent in ("a", "b", "c"):
            self.act(
                agent, lambda session, case, terms: lifecycle.assign(session, case, to=agent, by=agent, now=self.now)
            )
            self.agent_closes(agent, twice=False)
        self.now += timedelta(days=self.settings.reopen_days + 1)
        self.say("unclear")
        with self.house.database.read() as session:
            last = conversations.list_messages(session, self.person_id, limit=5000)[-1]
        assert last.text == f"echo unclear {self.said}", "the bot always comes back"
        self.house.database.close()
        self.folder.cleanup()


CaseLife.TestCase.settings = hypothesis_settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
TestCaseLife = CaseLife.TestCase
