"""How each consumer survives a failing provider: circuit breakers as plain data with their schema, and resilience4j for Spring Boot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import policies
from generator.artifact import Artifact
from generator.emit.resilience import breakers, resilience4j
from generator.graph import Graph
from generator.text import generated_by, to_json, to_yaml


def emit(graph: Graph) -> Iterator[Artifact]:
    """Two files for each component that calls something; the schema when one of them has a circuit breaker."""
    has_breakers = False
    for component in graph.components:
        found = policies.policies(graph, component)
        if not found:
            continue
        sources = (component.at, *(each.at for each in found), *(each.method.at for each in found if each.method is not None))
        header = generated_by(graph.name, (component.at,))
        listed = breakers.services(found)
        if listed:
            has_breakers = True
            text = to_yaml({"circuitBreaker": {"services": listed}}, f"yaml-language-server: $schema=../{breakers.SCHEMA}\n{header}")
            yield Artifact(PurePosixPath("circuit-breakers") / f"{component.name}.yaml", text, sources)
        yield Artifact(PurePosixPath("resilience4j") / f"{component.name}.yaml", resilience4j.to_text(header, found), sources)
    if has_breakers:
        yield Artifact(PurePosixPath(breakers.SCHEMA), to_json(breakers.schema(graph)), (graph.system.header.at,))
