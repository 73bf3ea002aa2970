"""The package with the transforms that Beam YAML lacks: the same text for every system, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import connections, packages
from generator.artifact import Artifact
from generator.beam import pipelines
from generator.emit.flows.package import (
    bigquery,
    breakers,
    checks,
    connecting,
    engines,
    entries,
    follow,
    lookups,
    opening,
    postgresql,
    rows,
    runs,
    sources,
    statements,
    tables,
    topics,
)
from generator.graph import Graph
from generator.text import comment, generated_by

MODULES = {
    "__init__": opening.TEXT,
    "bigquery": bigquery.TEXT,
    "breakers": breakers.TEXT,
    "checks": checks.TEXT,
    "connections": connecting.TEXT,
    "engines": engines.TEXT,
    "entries": entries.TEXT,
    "follow": follow.TEXT,
    "lookups": lookups.TEXT,
    "postgresql": postgresql.TEXT,
    "rows": rows.TEXT,
    "runs": runs.TEXT,
    "sources": sources.TEXT,
    "statements": statements.TEXT,
    "tables": tables.TEXT,
    "topics": topics.TEXT,
}
PINS = {
    "apache-beam[yaml]": "2.77.0",
    "confluent-kafka": "2.16.1",
    "google-cloud-bigquery": "3.47.0",
    "psycopg[binary]": "3.3.9",
    "redis": "8.1.0",
}
"""Versions that were run together; BigQuery's client is one that installs beside them, and has had no server to talk to."""
RANGES = {
    "apache-beam[yaml]": ">=2.77,<2.78",
    "confluent-kafka": ">=2.16,<3",
    "google-cloud-bigquery": ">=3.30,<4",
    "psycopg[binary]": ">=3.3,<4",
    "redis": ">=8.1,<9",
}


def files(graph: Graph) -> Iterator[Artifact]:
    """The package and what it is installed with; its modules say nothing of the system."""
    sources = (graph.system.header.at, *(each.at for each in pipelines.complete(graph)))
    header = comment(generated_by(graph.name, (graph.system.header.at,)), "#")
    home = PurePosixPath("src", pipelines.package(graph))
    needed = _needed(graph)
    stores = tuple(access.store.at for each in pipelines.complete(graph) for access in connections.accesses(each))
    yield Artifact(PurePosixPath("pyproject.toml"), header + _pyproject(graph, needed), (*sources, *stores))
    yield Artifact(PurePosixPath("requirements.txt"), header + "".join(f"{each}=={PINS[each]}\n" for each in needed), (*sources, *stores))
    yield Artifact(home / "py.typed", "", sources)
    for name, text in MODULES.items():
        yield Artifact(home / f"{name}.py", header + text, sources)


def _needed(graph: Graph) -> list[str]:
    """Clients of the servers that some flow uses, and of PostgreSQL, which stands in for others on one machine."""
    found = {"apache-beam[yaml]", "psycopg[binary]"}
    for pipeline in pipelines.complete(graph):
        kinds = {each.store.kind for each in connections.accesses(pipeline)}
        found |= {"redis"} if kinds & connections.CACHE_ENGINES else set()
        found |= {"google-cloud-bigquery"} if "bigquery" in kinds else set()
        found |= {"confluent-kafka"} if connections.uses_topics(pipeline) else set()
    return sorted(found)


def _pyproject(graph: Graph, needed: list[str]) -> str:
    return packages.pyproject(
        name=f"{graph.name}-flows",
        version="1.0.0",
        description=f"Transforms for Apache Beam YAML that the data flows of {graph.system.header.title or graph.name} use",
        dependencies=[each + RANGES[each] for each in needed],
        module=pipelines.package(graph),
    )
