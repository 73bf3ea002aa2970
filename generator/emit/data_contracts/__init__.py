"""Data contracts (ODCS 3.1.0) of tables, cache entries and events that others consume, and an inventory of all data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.data_contracts.datasets import DataSet, data_sets
from generator.emit.data_contracts.document import document
from generator.emit.data_contracts.inventory import inventory
from generator.emit.data_contracts.page import page
from generator.graph import Graph
from generator.text import generated_by, to_json, to_yaml


def emit(graph: Graph) -> Iterator[Artifact]:
    """A contract for each data set that says what it holds; the inventory has every store, whatever is known of it."""
    found = data_sets(graph)
    for each in found:
        yield _contract(graph, each)
    if found or graph.accesses or graph.caches or graph.records or graph.masters:
        facts = inventory(graph, found)
        sources = (graph.system.header.at, *(at for each in found for at in each.sources), *_further_sources(graph))
        yield Artifact(PurePosixPath("inventory.json"), to_json(facts), sources)
        yield Artifact(PurePosixPath("inventory.md"), page(facts, generated_by(graph.name, ())), sources)


def _contract(graph: Graph, each: DataSet) -> Artifact:
    return Artifact(each.path, to_yaml(document(graph, each), generated_by(graph.name, (each.at,))), each.sources)


def _further_sources(graph: Graph) -> tuple[At, ...]:
    stores = (at for each in graph.accesses for at in (each.at, each.store.at, each.component.at))
    copies = (*(each.at for each in graph.caches), *(each.at for each in graph.records), *(each.at for each in graph.read_models))
    events = [topic.at for each in graph.records for topic in each.topics] + [
        topic.at for each in graph.read_models for topic in each.topics
    ]
    defaults = (graph.system.document.defaults.at,) if graph.system.document.defaults is not None else ()
    return (*stores, *copies, *events, *(each.at for each in graph.masters), *defaults)
