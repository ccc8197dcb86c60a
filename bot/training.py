"""`rasa train` as a program of its own, without the components of Rasa that our model does not use.

Rasa imports all its components to look ours up, and again to check their order. That brings in TensorFlow and takes longer than
reading all our data. Ours are named by their modules in config.yml; `rasa train` itself trains the same model, and checks more.
"""

import gc
import sys
from types import ModuleType

from bot.without_tensorflow import put_off_tensorflow

put_off_tensorflow()

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


class TrustedConfiguration(GraphComponent):  # type: ignore[misc]
    """Stands where Rasa checks a configuration for the components it knows; none of ours is among them."""

    @classmethod
    def create(
        cls,
        config: dict[str, object],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TrustedConfiguration":
        """There is nothing to set."""
        return cls()

    def validate(self, importer: TrainingDataImporter) -> TrainingDataImporter:
        """Hand on the data as they are."""
        return importer


def main() -> None:
    """`rasa train` with the arguments of the command line."""
    _put_in_place("rasa.engine.recipes.default_components", DEFAULT_COMPONENTS=[])
    _put_in_place(
        "rasa.graph_components.validators.default_recipe_validator", DefaultV1RecipeValidator=TrustedConfiguration
    )
    from rasa.__main__ import main as rasa  # noqa: PLC0415 - only after the modules above are in place

    # Our examples are clean, none stands twice in a way of writing, and no cache is used: Rasa would see to it ten times over.
    TrainingData.sanitize_examples = staticmethod(list)
    TrainingData.fingerprint = _identity
    # What is read stays until the end: looking through it for what may be thrown away finds nothing, again and again.
    gc.disable()
    sys.argv[1:1] = ["train"]
    rasa()


def _identity(data: TrainingData) -> str:
    return str(id(data))


def _put_in_place(name: str, **content: object) -> None:
    module = ModuleType(name)
    module.__dict__.update(content)
    sys.modules[name] = module
