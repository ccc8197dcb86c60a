"""Runs dialogues.yml through the trained model, the seams and the database: nothing is faked."""

from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import RulePolicy

from bot import conversations as stored
from bot.data_files import read_yaml
from bot.settings import Settings
from channels.terminal import Conversations, temporary_database
from nlu.components.quick_rule_policy import QuickRulePolicy

pytestmark = pytest.mark.rasa

DIALOGUES = read_yaml(Path(__file__).parent / "dialogues.yml")


@pytest.fixture(scope="module")
def rasa():
    with temporary_database(Settings()) as (settings, database):
        yield Conversations(settings, database), database


@pytest.fixture(autouse=True)
def decides_as_rasa_does(monkeypatch):
    """Whatever the quick policy remembers, Rasa's own decides the same, in every turn of every dialogue."""
    quick = QuickRulePolicy.predict_action_probabilities

    def both(policy, tracker, domain, *args, **kwargs):
        decided = quick(policy, tracker, domain, *args, **kwargs)
        stock = RulePolicy.predict_action_probabilities(policy, tracker, domain, *args, **kwargs)
        assert decided == stock
        assert decided.hide_rule_turn == stock.hide_rule_turn
        return decided

    monkeypatch.setattr(QuickRulePolicy, "predict_action_probabilities", both)


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue["name"])
async def test_dialogue(rasa, dialogue):
    conversations, database = rasa
    address = dialogue["name"]
    for turn in dialogue["turns"]:
        heard = await _take(conversations, database, address, turn)
        for key, value in (turn.get("expect") or {}).items():
            assert CHECKS[key](heard, value, database), (
                turn,
                [answer.text for answer in heard.answers],
                heard.turn.slots,
            )


async def _take(conversations, database, address, turn):
    if "say" in turn:
        return await conversations.say(address, turn["say"])
    with database.read() as session:
        rows = stored.list_recent_messages(session, conversations.people[address], limit=10)
    tokens = {_plain(button["title"]): button["token"] for row in rows for button in row.buttons}
    return await conversations.say(address, "", token=tokens[turn["press"]])


def _plain(text):
    return text.replace("\u00a0", " ")


def _said(heard):
    return _plain("\n".join(answer.text for answer in heard.answers))


def _buttons(heard):
    return [_plain(button.title) for answer in heard.answers for button in answer.buttons]


def _owner(heard, database):
    with database.read() as session:
        return stored.find_person(session, heard.person_id).owner


def _kept(heard, database):
    with database.read() as session:
        return len(stored.list_messages(session, heard.person_id))


CHECKS = {
    "intent": lambda heard, value, _: heard.turn.understanding.get("intent") == value,
    "kind": lambda heard, value, _: heard.turn.understanding.get("kind") == value,
    "outcome": lambda heard, value, _: heard.turn.slots.get("outcome") == value,
    "article": lambda heard, value, _: heard.turn.slots.get("article") == value,
    "language": lambda heard, value, _: (
        heard.turn.language == value and all(answer.language == value for answer in heard.answers)
    ),
    "not_language": lambda heard, value, _: heard.turn.language != value,
    "place": lambda heard, value, _: heard.turn.slots.get("place") == value,
    "says": lambda heard, value, _: value in _said(heard),
    "says_not": lambda heard, value, _: value not in _said(heard),
    "status": lambda heard, value, _: heard.turn.slots.get("status") == value,
    "asks": lambda heard, value, _: heard.turn.slots.get("requested_slot") == value,
    "button": lambda heard, value, _: value in _buttons(heard),
    "offers": lambda heard, value, _: (
        value in [button.payload for answer in heard.answers for button in answer.buttons]
    ),
    "asks_place": lambda heard, value, _: any(answer.asks_place for answer in heard.answers) == value,
    "silent": lambda heard, value, _: (not heard.turn.messages) == value,
    "owner": lambda heard, value, database: _owner(heard, database) == value,
    "messages_kept": lambda heard, value, database: _kept(heard, database) == value,
}
