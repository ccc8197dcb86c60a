"""How our components keep what they have learned: one pickle in Rasa's model storage."""

from typing import Any

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

from nlu.packing import PACKED, packed, unpacked

_FILE = f"component{PACKED}"


def save(model_storage: ModelStorage, resource: Resource, value: Any) -> None:
    """Keep a component's state in the model."""
    with model_storage.write_to(resource) as folder:
        (folder / _FILE).write_bytes(packed(value))


def load(model_storage: ModelStorage, resource: Resource) -> Any:
    """A component's state from the model; raises ValueError if the model has none."""
    with model_storage.read_from(resource) as folder:
        return unpacked((folder / _FILE).read_bytes())
