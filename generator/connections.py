"""What a flow and the pod that runs it must agree on: variables, secrets, engines, and where its runs are kept."""

from __future__ import annotations

import keyword
from collections.abc import Mapping

from generator import names
from generator.graph import Call, Graph, Pipeline, PipelineTarget, StoreAccess
from generator.model import Component, Store

TABLE_ENGINES: Mapping[str, str] = {"postgresql": "postgresql", "postgres": "postgresql", "bigquery": "bigquery"}
"""Kind of a store with tables that flows read and write, to the module of the provider package for it."""
CACHE_ENGINES = frozenset({"redis", "valkey"})
"""Kinds of stores that keep the entries which flows write: servers that speak Redis' protocol."""
BROKER = "kafka"
"""The one kind of broker whose topics flows read and write."""
BROKER_ADDRESSES, BROKER_CONNECTION = "BROKER_ADDRESSES", "BROKER_CONNECTION"
"""Variables with the broker's addresses, and with what a client needs besides, as JSON."""
QUARANTINE_COLUMNS = ("flow", "record_key", "reason", "record", "rejected_at")
"""What is kept of a refused record; flow and record_key identify it."""
RUNS = "flow_runs"
"""Table of the runs, in the schema of the table beside which it is kept."""
LOCAL, TESTS = "local", "tests"
"""Overlays beside those of the environments: with servers of one machine, and without any server."""
LOCAL_ENGINES: Mapping[str, str] = {"bigquery": "postgresql"}
"""What stands in on one machine for an engine that runs nowhere but in its cloud."""


def store_variable(graph: Graph, access: StoreAccess) -> str:
    """Variable with the connection of a store; where a component uses two stores of one name, their owners tell them apart."""
    return f"{store_name(graph, access)}_CONNECTION"


def store_name(graph: Graph, access: StoreAccess) -> str:
    """`CUSTOMER_DB`: what a component's variables call a store."""
    own = names.upper_snake(access.store.name)
    used = {
        (each.owner.name, each.store.name)
        for each in graph.accesses
        if each.component == access.component and names.upper_snake(each.store.name) == own
    }
    return own if len(used) == 1 else f"{names.upper_snake(access.owner.name)}__{own}"


def secret(component: Component) -> str:
    """The secret that holds a component's connections, each under the name of its variable."""
    return f"{component.name}-connections"


def address_variable(call: Call) -> str:
    """Variable with the address of an interface that a component calls: host and port for gRPC, base address for HTTP."""
    assert call.interface is not None
    owner = call.interface.owner.name if call.interface.owner else "system"
    ending = "TARGET" if call.protocol == "grpc" and call.via is None else "URL"
    return f"{names.upper_snake(owner)}__{names.upper_snake(call.interface.api.name)}_{ending}"


def engine(store: Store) -> str:
    """Module of the provider package that reads and writes a store's tables; review refuses a store that has none."""
    return TABLE_ENGINES.get(store.kind, "postgresql")


def is_field_name(name: str) -> bool:
    """Whether a Beam row can have a field of that name: it becomes one of a named tuple."""
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


def accesses(pipeline: Pipeline) -> tuple[StoreAccess, ...]:
    """Every access to a store that a flow makes, each once, in order of store."""
    found = [each.access for each in pipeline.sources] + [each.access for each in pipeline.targets] + [pipeline.quarantine]
    known = {(each.store.name, each.owner.name): each for each in found if each is not None}
    return tuple(known[each] for each in sorted(known))


def kept_runs(pipeline: Pipeline) -> tuple[StoreAccess, str] | None:
    """Where a flow's runs and watermarks are kept: beside its quarantine, else beside the first table it writes."""
    if pipeline.quarantine is not None and pipeline.flow.quarantine is not None:
        return pipeline.quarantine, _beside(pipeline.flow.quarantine.table)
    for target in sorted(pipeline.targets, key=lambda each: each.destination.name):
        if _is_table(target) and target.access is not None and target.table is not None:
            return target.access, _beside(target.table.table.name)
    return None


def _is_table(target: PipelineTarget) -> bool:
    return target.table is not None and target.access is not None and target.access.store.kind in TABLE_ENGINES


def _beside(table: str) -> str:
    schema, dot, _ = table.rpartition(".")
    return f"{schema}{dot}{RUNS}"


def uses_topics(pipeline: Pipeline) -> bool:
    return any(each.topic for each in pipeline.sources) or any(each.topic for each in pipeline.targets)
