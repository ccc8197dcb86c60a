"""The labels of a model by their kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlu.terms import Array

_KINDS_BY_THEMSELVES = frozenset(("ask", "urgent", "follow_up", "out_of_scope"))


@dataclass(frozen=True)
class LabelSet:
    """The labels of a model in its order, by their kind (the part before "/")."""

    names: tuple[str, ...]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The distinct kinds."""
        return tuple(dict.fromkeys(name.split("/")[0] for name in self.names))

    @cached_property
    def columns(self) -> Mapping[str, Array]:
        """The columns of each kind."""
        of = np.array([name.split("/")[0] for name in self.names])
        return {kind: np.flatnonzero(of == kind) for kind in self.kinds}

    @cached_property
    def talk(self) -> Array:
        """The columns of plain intents: greetings, wishes, yes and no."""
        parts = [at for kind, at in self.columns.items() if kind not in _KINDS_BY_THEMSELVES]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.intp)
