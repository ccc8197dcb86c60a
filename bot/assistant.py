"""The one module that runs Rasa: a turn in, messages out. No Rasa server, no connector, no action server."""

import gc
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from bot.without_tensorflow import put_off_tensorflow, steps_for_serving

put_off_tensorflow()

import fastjsonschema
import jsonschema
import rasa.core.processor
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection
from threadpoolctl import threadpool_limits

from bot.errors import ModelMissing
from bot.generator import ResponseGenerator, set_french_responses
from bot.graph_runner import SequentialGraphRunner
from bot.languages import AnswerLanguage
from bot.messages import Button, OutboundMessage
from bot.store.database import Database
from bot.tracker_store import TurnTrackerStore
from bot.turn import Turn

INPUT_CHANNEL = "dalil"


class Assistant:
    """A loaded model. ``turn`` answers a message, ``say`` speaks outside a conversation's turn."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    @classmethod
    def load(cls, model: Path, database: Database, *, actions_package: str = "actions") -> "Assistant":
        """Load a trained model; raises ModelMissing if there is none at ``model``."""
        if not model.exists():
            raise ModelMissing(str(model))
        _take_work_off_the_turn()
        executor = ActionExecutor()
        executor.register_package(actions_package)
        agent = Agent(
            tracker_store=TurnTrackerStore(store=database),
            action_endpoint=_InProcessActions(executor),
        )
        with steps_for_serving():
            agent.load_model(str(model))
        set_french_responses(agent.domain.responses)
        agent.processor.nlg = ResponseGenerator(agent.domain.responses)
        agent.processor.graph_runner = SequentialGraphRunner(agent.processor.graph_runner)
        # What is loaded now stays: the collector need not walk through a model of a million objects again and again.
        gc.collect()
        gc.freeze()
        return cls(agent)

    @property
    def domain(self) -> Domain:
        """The domain of the loaded model."""
        return self._agent.domain

    async def turn(self, person_id: str, text: str, *, metadata: Mapping[str, Any] | None = None) -> Turn:
        """Answer one message. ``text`` that begins with "/" is a command: callers pass only our own payloads so.

        The tracker is stored by the database turn that the caller has begun.
        """
        output = _Collected()
        message = UserMessage(
            text, output, person_id, input_channel=INPUT_CHANNEL, metadata=dict(metadata) if metadata else None
        )
        processor = self._agent.processor
        tracker = await processor.fetch_tracker_and_update_session(person_id, output, message.metadata)
        message.metadata = {**(message.metadata or {}), **_context(tracker)}
        await processor._handle_message_with_tracker(message, tracker)  # noqa: SLF001 - log_message, with its context
        tracker = await processor.run_action_extract_slots(output, tracker)
        await processor._run_prediction_loop(output, tracker)  # noqa: SLF001 - handle_message without its second save
        await processor.save_tracker(tracker)
        parse = tracker.latest_message.parse_data if tracker.latest_message else {}
        slots = tracker.current_slot_values()
        language = str(slots.get("language") or "")
        return Turn(
            messages=[_outbound(data, language) for data in output.messages],
            understanding=parse.get("understanding") or {"intent": parse.get("intent", {}).get("name", "")},
            writing=parse.get("writing") or {},
            entities=tuple(parse.get("entities") or ()),
            slots={**slots, REQUESTED_SLOT: slots.get(REQUESTED_SLOT)},
        )

    async def understand(self, text: str) -> Mapping[str, Any]:
        """What a text is understood to be, without a turn; nothing is remembered."""
        parse = await self._agent.processor.parse_message(UserMessage(text))
        return parse.get("understanding") or {}

    def say(self, response: str, language: AnswerLanguage, **values: object) -> OutboundMessage:
        """A response of the domain in a language, outside any turn; raises KeyError for an unknown response."""
        variations = self.domain.responses[response]
        chosen = next((item for item in variations if _is_for(item, language)), variations[-1])
        return OutboundMessage(
            text=str(chosen.get("text", "")).format(**values),
            buttons=tuple(_button(button) for button in chosen.get("buttons") or ()),
            asks_place=bool((chosen.get("custom") or {}).get("asks_place")),
            language=language,
        )


class _Collected(OutputChannel):  # type: ignore[misc]
    """Keeps what Rasa says as it is; form belongs to our channels."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return INPUT_CHANNEL

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.messages.append(dict(message))


class _InProcessActions(EndpointConfig):  # type: ignore[misc]
    """An action endpoint that calls the actions instead of sending them over a wire."""

    def __init__(self, executor: ActionExecutor) -> None:
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = executor

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        call = kwargs["json"]
        try:
            return await self._executor.run(call)
        except ActionExecutionRejection as rejection:
            body = {"error": str(rejection), "action_name": call.get("next_action")}
            raise ClientResponseError(400, "rejected", json.dumps(body)) from rejection


@lru_cache(maxsize=1)
def _take_work_off_the_turn() -> None:
    """Do once what Rasa does on every turn: compile the schema of action results, look up the classes of events.

    The checks stay the same; 18 ms and several milliseconds of a turn go. Nor is anything copied for lines of a log that
    nobody keeps, or what was found compared with the whole domain: a model is loaded with the domain it was trained with.
    """
    schemas = RemoteAction.action_response_format_spec()["properties"]["events"]["items"]["oneOf"]
    checks = {schema["properties"]["event"]["const"]: fastjsonschema.compile(schema) for schema in schemas}

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        # The schema says "one of these by its name": looking the name up first saves trying all 23.
        for event in result.get("events", ()):
            check = checks.get(event.get("event"))
            if check is None:
                raise jsonschema.ValidationError(f"unknown event {event.get('event')}")
            check(event)
        return True

    RemoteAction._validate_action_result = validate  # noqa: SLF001
    Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
    Slot.__copy__ = _copy_slot
    MessageProcessor._check_for_unseen_features = _trust_the_model  # noqa: SLF001
    rasa.core.processor.copy = SimpleNamespace(deepcopy=lambda value: value)
    # The model's products are small: threads for them wait for one another longer than they work.
    threadpool_limits(1)


def _trust_the_model(processor: MessageProcessor, parse_data: Mapping[str, Any]) -> None:
    """What a model finds is in the domain it was trained with."""


def _copy_slot(slot: Slot) -> Slot:
    """A tracker copies all its slots, several times a turn; the general way asks each for its class first."""
    copied = object.__new__(type(slot))
    copied.__dict__.update(slot.__dict__)
    return copied


def _context(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What the understanding may know of the conversation: whether something was asked, and how the person wrote last."""
    before = tracker.latest_message.parse_data if tracker.latest_message else {}
    answered = tracker.get_slot("article")
    something_asked = bool(answered) or tracker.get_slot("outcome") == "choices"
    return {"in_context": something_asked, "answered": answered, "previous_writing": (before or {}).get("writing")}


def _outbound(data: Mapping[str, Any], language: str) -> OutboundMessage:
    return OutboundMessage(
        # Where a value was empty (a cell without known hours), a line may end in a space.
        text="\n".join(line.rstrip() for line in str(data.get("text") or "").split("\n")),
        buttons=tuple(_button(button) for button in data.get("buttons") or ()),
        asks_place=bool((data.get("custom") or {}).get("asks_place")),
        language=language,
    )


def _button(data: Mapping[str, Any]) -> Button:
    return Button(title=str(data["title"]), payload=str(data["payload"]))


def _is_for(variation: Mapping[str, Any], language: str) -> bool:
    return any(
        condition.get("name") == "language" and condition.get("value") == language
        for condition in variation.get("condition") or ()
    )
