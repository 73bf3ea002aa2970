"""Names become edges: turns what teams wrote into the graph, and reports every name that leads nowhere."""

from __future__ import annotations

from generator.diagnostics import Diagnostic, arranged
from generator.graph import Graph
from generator.link.calls import accesses, calls
from generator.link.copies import caches, masters, read_models, records
from generator.link.flows import Known, pipelines, qualify_tables, tables
from generator.link.headings import check_headings
from generator.link.index import index_of
from generator.link.interfaces import interfaces
from generator.link.messages import queues, topics
from generator.link.sagas import sagas
from generator.link.schemas import examples, qualify_types
from generator.model import System


def link(system: System) -> tuple[Graph, list[Diagnostic]]:
    """The graph of the system, and what does not resolve; that is left out, so nothing after this meets it."""
    index = index_of(system)
    qualify_types(index)
    check_headings(index)
    provided = interfaces(index)
    qualify_tables(index)
    told, called, used = tuple(topics(index)), tuple(calls(index, provided)), tuple(accesses(index))
    known = Known(index, told, called, used, tables(index))
    run, asked = tuple(pipelines(known)), tuple(queues(index))
    graph = Graph(
        system=system,
        components=tuple(index.components.values()),
        types=index.types,
        examples=examples(index),
        interfaces=provided,
        topics=told,
        queues=asked,
        calls=called,
        accesses=used,
        externals=tuple(index.externals.values()),
        schemes=index.schemes,
        tables=known.tables,
        pipelines=run,
        caches=tuple(caches(known, run)),
        records=tuple(records(known)),
        read_models=tuple(read_models(known)),
        masters=tuple(masters(known)),
        sagas=tuple(sagas(known, asked, provided)),
    )
    return graph, arranged(index.found)
