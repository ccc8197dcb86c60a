"""Rasa without TensorFlow: nothing of our pipeline uses it, and importing it takes longer than all the rest.

While serving, Rasa comes to it on two ways, and both are only put off: who really needs TensorFlow still gets it. What training
leaves out besides stands in training.py.
"""

import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

#: The one module through which whatever Rasa's dialogue imports leads to TensorFlow; used while models of Rasa's are trained.
_GATEWAY = "rasa.utils.train_utils"

#: A step of training that stands in every model. It imports every component that Rasa has, to know them.
_CHECK_BEFORE_TRAINING = "rasa.graph_components.validators.default_recipe_validator.DefaultV1RecipeValidator"


class _PutOff(ModuleType):
    """A module that runs when something in it is first used; the library's LazyLoader runs it when it is imported twice."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]
        spec.loader.exec_module(self)
        return getattr(self, name)


def put_off_tensorflow() -> None:
    """Import Rasa's gateway to TensorFlow when something of it is first used. To be called before Rasa's agent is imported."""
    parent, _, name = _GATEWAY.rpartition(".")
    spec = importlib.util.find_spec(_GATEWAY)
    if _GATEWAY in sys.modules or spec is None:
        return
    module = _PutOff(_GATEWAY)
    module.__dict__.update(__spec__=spec, __loader__=spec.loader, __file__=spec.origin, __package__=parent)
    sys.modules[_GATEWAY] = module
    setattr(sys.modules[parent], name, module)


@contextmanager
def steps_for_serving() -> Iterator[None]:
    """Inside the block, models are read without the check that belongs to training."""
    from rasa.engine.graph import GraphSchema  # noqa: PLC0415 - Rasa may be imported only after ``put_off_tensorflow``

    read = GraphSchema.from_dict

    def from_dict(schema: Mapping[str, Any]) -> Any:
        nodes = {name: node for name, node in schema["nodes"].items() if node["uses"] != _CHECK_BEFORE_TRAINING}
        return read({**schema, "nodes": nodes})

    GraphSchema.from_dict = from_dict
    try:
        yield
    finally:
        GraphSchema.from_dict = read
