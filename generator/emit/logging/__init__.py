"""How each component logs: levels, sinks and redaction as plain data and for Python, the package that Python needs, and the audit events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import auditing
from generator.artifact import Artifact
from generator.emit.logging import appenders, catalogue, dictconfig, package, page
from generator.emit.logging.settings import Settings, settings
from generator.graph import Graph
from generator.text import generated_by, to_json, to_yaml

COMPONENTS, PYTHON = PurePosixPath("components"), PurePosixPath("dictconfig")


def emit(graph: Graph) -> Iterator[Artifact]:
    """Two files for each component; the package and schema once; the catalogue when anything is audited."""
    entries = auditing.audit_entries(graph)
    found = [settings(graph, component, entries) for component in graph.components]
    for each in found:
        yield from _component(graph, each)
    if found:
        yield Artifact(PurePosixPath(appenders.SCHEMA), to_json(appenders.schema(graph)), (graph.system.header.at,))
        sources = (graph.system.header.at, *(each.at for each in entries))
        yield from (Artifact(path, text, sources) for path, text in package.files(graph, entries))
    if entries:
        sources = tuple(each.at for each in entries)
        header = generated_by(graph.name, ())
        facts = catalogue.catalogue(graph, entries)
        text = to_yaml(facts, f"yaml-language-server: $schema={catalogue.SCHEMA}\n{header}")
        yield Artifact(PurePosixPath(catalogue.FILE), text, sources)
        yield Artifact(PurePosixPath(catalogue.SCHEMA), to_json(catalogue.schema(graph)), (graph.system.header.at,))
        yield Artifact(PurePosixPath(catalogue.FILE).with_suffix(".md"), page.page(facts, header), sources)


def _component(graph: Graph, found: Settings) -> Iterator[Artifact]:
    component = found.component
    places = (at for each in found.fields.values() for at in each.places)
    sources = (component.at, *(each.at for each in found.loggers), *(each.at for each in found.entries), *places)
    header = generated_by(graph.name, (component.at,))
    text = to_yaml(appenders.configuration(found), f"yaml-language-server: $schema=../{appenders.SCHEMA}\n{header}")
    yield Artifact(COMPONENTS / f"{component.name}.yaml", text, sources)
    yield Artifact(PYTHON / f"{component.name}.json", to_json(dictconfig.configuration(graph, found)), sources)
