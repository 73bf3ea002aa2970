"""Provisioning: where an environment's Grafana finds its Prometheus, its Alertmanager and these dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from generator import placement, signals
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.grafana import links
from generator.graph import Graph
from generator.placement import Surrounding
from generator.text import generated_by, one_line, to_yaml

DASHBOARDS = PurePosixPath("/var/lib/grafana/dashboards")
"""Where the folder `dashboards` is mounted, under the name of the system."""
LOCAL = "local"


class Stack(NamedTuple):
    """Addresses of what a Grafana asks."""

    name: str
    prometheus: str
    alertmanager: str
    at: At


def files(graph: Graph) -> Iterator[Artifact]:
    """For each environment, and for one machine where every name is a host; Grafana's own folder `provisioning` is one of these."""
    header = graph.system.header.at
    stacks = {LOCAL: Stack(LOCAL, "http://prometheus:9090", "http://alertmanager:9093", header)}
    for stack in (stacks | {each.name: each for each in _in_cluster(graph)}).values():
        folder = PurePosixPath("provisioning") / stack.name
        sources = tuple({at.span: at for at in (stack.at, header)}.values())
        opening = generated_by(graph.name, sources[:1])
        for what, data in (("datasources", _data_sources(graph, stack)), ("dashboards", _provider(graph))):
            yield Artifact(folder / what / f"{graph.name}.yaml", to_yaml(data, opening), sources)


def _in_cluster(graph: Graph) -> Iterator[Stack]:
    for environment in graph.system.document.environments:
        scraping, alerting = placement.scraping(environment), placement.alerting(environment)
        yield Stack(environment.name, _address(scraping), _address(alerting), environment.at)


def _address(place: Surrounding) -> str:
    return f"http://{place.host}:{place.port}"


def _data_sources(graph: Graph, stack: Stack) -> dict[str, Any]:
    """Both are read only in Grafana: their names and addresses come from the contract."""
    alertmanager = links.uid(graph.name, "", "alertmanager")
    interval = str(signals.observability(graph).metrics.interval)
    return {
        "apiVersion": 1,
        "datasources": [
            {
                "name": f"{graph.name} prometheus",
                **links.prometheus(graph),
                "access": "proxy",
                "url": stack.prometheus,
                "editable": False,
                "jsonData": {
                    "httpMethod": "POST",
                    "prometheusType": "Prometheus",
                    "timeInterval": interval,
                    "manageAlerts": True,
                    "alertmanagerUid": alertmanager,
                },
            },
            {
                "name": f"{graph.name} alertmanager",
                "type": "alertmanager",
                "uid": alertmanager,
                "access": "proxy",
                "url": stack.alertmanager,
                "editable": False,
                "jsonData": {"implementation": "prometheus", "handleGrafanaManagedAlerts": False},
            },
        ],
    }


def _provider(graph: Graph) -> dict[str, Any]:
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": graph.name,
                "folder": _literal(links.title(graph)),
                "type": "file",
                "disableDeletion": True,
                "allowUiUpdates": False,
                "options": {"path": str(DASHBOARDS / graph.name)},
            }
        ],
    }


def _literal(text: str) -> str:
    """Grafana takes a dollar in these files for a variable of its environment, and two for one dollar."""
    return one_line(text).replace("$", "$$")
