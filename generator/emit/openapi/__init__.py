"""OpenAPI: a self-contained document for each interface that is offered over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from generator import names
from generator.artifact import Artifact
from generator.contacts import contact
from generator.diagnostics import At
from generator.emit.openapi.components import Components
from generator.emit.openapi.operations import paths
from generator.emit.openapi.servers import servers
from generator.graph import Graph, Interface
from generator.text import generated_by, one_line, to_yaml

OPENAPI = "3.1.1"


def emit(graph: Graph) -> Iterator[Artifact]:
    """One document per interface with HTTP methods; it refers to nothing outside itself."""
    for interface in graph.interfaces:
        if interface.http_methods:
            text = to_yaml(_document(graph, interface), generated_by(graph.name, (interface.at,)))
            yield Artifact(PurePosixPath(f"{interface.id}.yaml"), text, _sources(graph, interface))


def _document(graph: Graph, interface: Interface) -> dict[str, Any]:
    components = Components.of(graph, interface)
    found = paths(interface, components)
    info = _info(graph, interface)
    return {
        "openapi": OPENAPI,
        "info": info,
        "servers": servers(graph, interface),
        "tags": [{"name": interface.api.name, "description": interface.api.summary or info["title"]}],
        "paths": found,
        "components": components.sections(),
    }


def _info(graph: Graph, interface: Interface) -> dict[str, Any]:
    info: dict[str, Any] = {"title": _title(graph, interface)}
    if interface.api.summary:
        info["summary"] = one_line(interface.api.summary)
    described = interface.owner.summary if interface.owner else graph.system.header.summary
    if described:
        info["description"] = described
    info |= {"version": str(interface.api.version), "contact": contact(graph, interface.team)}
    if license := graph.system.header.license:
        info["license"] = {"name": license, "identifier": license}
    return info | {"x-visibility": interface.api.visibility}


def _title(graph: Graph, interface: Interface) -> str:
    """The interface's own title, else whose interface it is: `Order Service: Orders`."""
    if interface.api.title:
        return one_line(interface.api.title)
    owner = interface.owner or graph.system.header
    titles = (one_line(owner.title or "") or names.title(owner.name), names.title(interface.api.name))
    return ": ".join(dict.fromkeys(titles))


def _sources(graph: Graph, interface: Interface) -> tuple[At, ...]:
    methods = interface.http_methods
    shown = [parameter.schema for method in methods for parameter in method.parameters]
    shown += [schema for method in methods for schema in (method.request, method.response) if schema is not None]
    types = (graph.types[reference].at for reference in graph.closure(shown))
    return (interface.at, *(method.at for method in methods), *types)
