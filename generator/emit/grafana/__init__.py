"""Grafana: a dashboard of the system, one of each component and one of the objectives, and the files that provision them.

Panels read only what the recording rules record, and `ALERTS`. A dashboard has no version and no time of making, so the
same system has the same pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from generator.alerts import COMPONENT, Alert, alerts
from generator.alerts import of as alerts_about
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.grafana import components, links, overview, page, promises, provisioning
from generator.emit.grafana.page import Section
from generator.graph import Graph
from generator.model import Component
from generator.objectives import Objective, objectives
from generator.objectives import of as promises_of
from generator.text import to_json

FOLDER = PurePosixPath("dashboards")
SCHEMA_VERSION = 42
"""Of dashboards in Grafana 12 and 13."""
OVERVIEW, OBJECTIVES = "System Overview", "Objectives"


def emit(graph: Graph) -> Iterator[Artifact]:
    raised, promised = alerts(graph), objectives(graph)
    yield _overview(graph, raised, promised)
    if promised:
        yield _objectives(graph, promised)
    for component in graph.components:
        found = components.sections(graph, component, alerts_about(graph, component), promises_of(graph, component.name))
        if found:
            yield _component(graph, component, found)
    yield from provisioning.files(graph)


def _overview(graph: Graph, raised: Sequence[Alert], promised: Sequence[Objective]) -> Artifact:
    head = _head(graph, links.overview_uid(graph), OVERVIEW, graph.system.header.summary)
    return _dashboard(
        "system-overview",
        head,
        overview.sections(graph, raised, promised),
        (graph.system.header.at, *(each.at for each in graph.components)),
    )


def _objectives(graph: Graph, promised: Sequence[Objective]) -> Artifact:
    head = _head(graph, links.objectives_uid(graph), OBJECTIVES, None, since="now-2d")
    head["links"].insert(0, links.to_dashboard(OVERVIEW, links.overview_uid(graph)))
    head["templating"] = {"list": [promises.variable(promised)]}
    return _dashboard("slo", head, promises.sections(graph, promised), (graph.system.header.at, *(each.at for each in promised)))


def _component(graph: Graph, component: Component, found: Sequence[Section]) -> Artifact:
    head = _head(graph, links.component_uid(graph, component.name), component.name, component.summary)
    if promises_of(graph, component.name):
        chosen = f"{links.objectives_uid(graph)}?var-{COMPONENT}={component.name}"
        head["links"].insert(0, links.to_dashboard(OBJECTIVES, chosen))
    head["links"].insert(0, links.to_dashboard(OVERVIEW, links.overview_uid(graph)))
    because = [at for each in alerts_about(graph, component) for at in each.because]
    return _dashboard(f"components/{component.name}", head, found, (component.at, graph.system.header.at, *because))


def _head(graph: Graph, uid: str, title: str, about: str | None, since: str = "now-3h") -> dict[str, Any]:
    return {
        "uid": uid,
        "title": links.plain(f"{links.title(graph)} / {title}"),
        **({"description": links.plain(about)} if about else {}),
        "tags": ["interlock", graph.name],
        "schemaVersion": SCHEMA_VERSION,
        "editable": False,
        "timezone": "utc",
        "time": {"from": since, "to": "now"},
        "refresh": "1m",
        "graphTooltip": 1,
        "links": [links.to_all(graph)],
    }


def _dashboard(file: str, head: Mapping[str, Any], sections: Sequence[Section], sources: Iterable[At]) -> Artifact:
    data = {**head, "panels": page.placed(sections)}
    return Artifact(FOLDER / f"{file}.json", to_json(data), tuple({at.span: at for at in sources}.values()))
