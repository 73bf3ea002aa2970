"""Names become edges: turns what teams wrote into the graph, and reports every name that leads nowhere."""

from __future__ import annotations

from generator.diagnostics import Diagnostic, arranged
from generator.graph import Graph
from generator.link.calls import accesses, calls
from generator.link.headings import check_headings
from generator.link.index import index_of
from generator.link.interfaces import interfaces
from generator.link.messages import queues, topics
from generator.link.schemas import examples, qualify_types
from generator.model import System


def link(system: System) -> tuple[Graph, list[Diagnostic]]:
    """The graph of the system, and what does not resolve; that is left out, so nothing after this meets it."""
    index = index_of(system)
    qualify_types(index)
    check_headings(index)
    provided = interfaces(index)
    graph = Graph(
        system=system,
        components=tuple(index.components.values()),
        types=index.types,
        examples=examples(index),
        interfaces=provided,
        topics=tuple(topics(index)),
        queues=tuple(queues(index)),
        calls=tuple(calls(index, provided)),
        accesses=tuple(accesses(index)),
        externals=tuple(index.externals.values()),
        schemes=index.schemes,
    )
    return graph, arranged(index.found)
