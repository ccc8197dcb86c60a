"""How our components keep what they have learned: one joblib file in Rasa's model storage."""

from typing import Any

import joblib
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

_FILE = "component.joblib"


def save(model_storage: ModelStorage, resource: Resource, value: Any) -> None:
    """Keep a component's state in the model."""
    with model_storage.write_to(resource) as folder:
        # Rasa packs the model with gzip's slowest level: what is small already is packed quickly.
        joblib.dump(value, folder / _FILE, compress=("zlib", 1))


def load(model_storage: ModelStorage, resource: Resource) -> Any:
    """A component's state from the model; raises ValueError if the model has none."""
    with model_storage.read_from(resource) as folder:
        return joblib.load(folder / _FILE)
