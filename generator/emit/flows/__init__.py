"""Data flows: a pipeline of Apache Beam YAML for each, with its tests, tables and mapping, and the package of transforms for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator.artifact import Artifact
from generator.beam import pipelines
from generator.emit.flows import cases, package, page, specification, summary, tables
from generator.graph import Graph, Pipeline


def emit(graph: Graph) -> Iterator[Artifact]:
    """A folder for each flow; nothing for a system without any."""
    found = pipelines.complete(graph)
    for pipeline in found:
        yield from _flow(graph, pipeline)
    if found:
        yield from package.files(graph)
        sources = (graph.system.header.at, *(at for each in found for at in pipelines.sources(graph, each)))
        yield Artifact(PurePosixPath("README.md"), page.page(graph), sources)


def _flow(graph: Graph, pipeline: Pipeline) -> Iterator[Artifact]:
    folder = PurePosixPath(pipeline.component.name, pipeline.flow.name)
    because = pipelines.sources(graph, pipeline)
    for path, text, sources in pipelines.files(graph, pipeline):
        yield Artifact(folder / path, text, sources)
    yield Artifact(folder / "tests.yaml", cases.text(graph, pipeline, because), because)
    mapping = specification.specification(graph, pipeline)
    yield Artifact(folder / "mapping.json", specification.as_json(mapping), because)
    yield Artifact(folder / "mapping.md", specification.as_markdown(graph, pipeline, mapping, because), because)
    owner = graph.owner(graph.team(pipeline.component))
    yield Artifact(folder / "data-pipeline-config.yaml", summary.text(graph, pipeline, because), (*because, owner.at))
    for path, text, sources in tables.files(graph, pipeline):
        yield Artifact(folder / path, text, (*because, *sources))
