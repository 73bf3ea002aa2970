"""AsyncAPI 3.0: a self-contained document for each component that sends or receives messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from generator import names
from generator.artifact import Artifact
from generator.contacts import contact
from generator.emit.asyncapi.application import Application
from generator.emit.asyncapi.servers import broker, servers
from generator.graph import Graph
from generator.model import Component
from generator.text import generated_by, one_line, to_yaml

ASYNCAPI = "3.0.0"
DEFAULT_CONTENT_TYPE = "application/json"

SPDX_LICENSE = re.compile(r"(?!LicenseRef-)[A-Za-z0-9][A-Za-z0-9.+-]*")
"""A licence that SPDX lists under this name; AsyncAPI wants its address, which an expression of several has not."""


def emit(graph: Graph) -> Iterator[Artifact]:
    """One document per component with messages: what it sends and what it receives, and nothing of the others."""
    for component in graph.components:
        application = Application.of(graph, component)
        if application.operations:
            text = to_yaml(_document(graph, application), generated_by(graph.name, (component.at,)))
            yield Artifact(PurePosixPath(f"{component.name}.yaml"), text, application.sources())


def _document(graph: Graph, application: Application) -> dict[str, Any]:
    component = application.component
    reached = servers(graph)
    return {
        "asyncapi": ASYNCAPI,
        "id": f"{graph.schema_base}/applications/{component.name}",
        "info": _info(graph, application),
        "defaultContentType": DEFAULT_CONTENT_TYPE,
        **({"x-broker": broker(graph)} if broker(graph) else {}),
        **({"servers": reached} if reached else {}),
        "channels": dict(sorted(application.channels.items())),
        "operations": dict(sorted(application.operations.items())),
        "components": application.components(),
    }


def _info(graph: Graph, application: Application) -> dict[str, Any]:
    component = application.component
    info: dict[str, Any] = {"title": one_line(component.title or "") or names.title(component.name), "version": application.version()}
    if component.summary:
        info["description"] = component.summary
    info["contact"] = contact(graph, graph.team(component))
    license = graph.system.header.license
    if license and SPDX_LICENSE.fullmatch(license):
        info["license"] = {"name": license, "url": f"https://spdx.org/licenses/{license}.html"}
    tags = _tags(graph, component)
    return info | ({"tags": tags} if tags else {})


def _tags(graph: Graph, component: Component) -> list[dict[str, str]]:
    """The component's domain and layer."""
    document = graph.system.document
    found: dict[str, dict[str, str]] = {}
    for what, name, known in (("Domain", component.domain, document.domains), ("Layer", component.layer, document.layers)):
        if name is not None:
            record = next((each for each in known if each.name == name), None)
            title = (record and record.title) or names.title(name)
            summary = f": {record.summary}" if record and record.summary else ""
            found.setdefault(name, {"name": name, "description": f"{what} {title}{summary}"})
    return list(found.values())
