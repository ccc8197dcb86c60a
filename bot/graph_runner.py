"""Runs Rasa's graph in the order of its needs. Dask, which Rasa uses, spends more time on scheduling than our nodes on work."""

from typing import Any

from rasa.engine.graph import GraphNode, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


class SequentialGraphRunner(DaskGraphRunner):  # type: ignore[misc]
    """The same nodes, each called once after those it needs. The order for a set of targets is worked out once."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self.__dict__.update(loaded.__dict__)
        self._plans: dict[tuple[str, ...], list[tuple[str, GraphNode, tuple[str, ...]]]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of ``targets`` by node name. ``inputs`` are outputs of nodes that do not run."""
        wanted = tuple(targets or self._graph_schema.target_names)
        plan = self._plans.get(wanted)
        if plan is None:
            plan = self._plans[wanted] = self._plan(self._graph_schema.minimal_graph_schema(list(wanted)))
        done: dict[str, Any] = dict(inputs or {})
        for name, node, needs in plan:
            _, done[name] = node(*((need, done[need]) for need in needs))
        return {name: done[name] for name in wanted}

    def _plan(self, schema: GraphSchema) -> list[tuple[str, GraphNode, tuple[str, ...]]]:
        placed: dict[str, tuple[str, GraphNode, tuple[str, ...]]] = {}

        def place(name: str) -> None:
            if name in placed or name not in schema.nodes:
                return
            needs = tuple(schema.nodes[name].needs.values())
            for need in needs:
                place(need)
            placed[name] = (name, self._instantiated_nodes[name], needs)

        for name in schema.nodes:
            place(name)
        return list(placed.values())
