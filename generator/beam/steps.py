"""A step of a pipeline as Beam YAML has it, and the names of the transforms that touch stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator import connections, names
from generator.graph import Graph, StoreAccess
from generator.units import Duration

Input = str | list[str] | Mapping[str, str] | None
"""One step, several whose records are alike, several by name, or none."""


@dataclass(frozen=True, slots=True)
class Step:
    """A transform with its place in the pipeline."""

    name: str
    type: str
    input: Input
    config: dict[str, Any]

    def to_data(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": self.type, "name": self.name}
        if self.input:
            found["input"] = self.input
        if self.config:
            found["config"] = self.config
        return found


def in_store(graph: Graph, transform: str, access: StoreAccess) -> str:
    """`MergeRowsInCustomerWarehouse`: an overlay says which database that is."""
    return f"{transform}In{names.pascal(connections.store_name(graph, access))}"


def seconds(duration: Duration) -> int | float:
    """A whole number where it is one."""
    return int(duration.seconds) if duration.milliseconds % 1000 == 0 else duration.seconds
