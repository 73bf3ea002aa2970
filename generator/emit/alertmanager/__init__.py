"""Alertmanager: every alert reaches the team that answers for what it is about, and a test for each says which way it goes.

One configuration serves every environment: each has an Alertmanager of its own, secrets of the same names with what is
theirs, and a Prometheus that says in its external label `environment` which it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from generator import receivers, signals
from generator.alerts import Alert, alerts
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.alertmanager import channels, inhibition, messages, routes
from generator.graph import Graph
from generator.model import Owner
from generator.text import generated_by, to_yaml

TEMPLATES = PurePosixPath("templates") / "messages.tmpl"


def emit(graph: Graph) -> Iterator[Artifact]:
    """The configuration, the messages, and what `amtool config routes test` must find."""
    raised = alerts(graph)
    teams = _teams(graph, raised)
    sources = _sources(graph, teams)
    header = generated_by(graph.name, sources[:1])
    about = f"{header}\n\n{channels.about(graph, teams)}"
    yield Artifact(PurePosixPath("alertmanager.yaml"), to_yaml(_configuration(graph, teams, raised), about), sources)
    yield Artifact(TEMPLATES, messages.to_text(header), sources[:1])
    tests = {"tests": routes.tests(graph, teams, raised)}
    because = tuple({at.span: at for at in (*sources, *(at for each in raised for at in each.because))}.values())
    yield Artifact(PurePosixPath("routing-tests.yaml"), to_yaml(tests, header), because)


def _configuration(graph: Graph, teams: Sequence[Owner], raised: Sequence[Alert]) -> dict[str, Any]:
    everybody = receivers.receivers(graph, (receivers.root(graph), *teams))
    servers = channels.servers(graph, {channel for each in everybody for channel in each.channels})
    inhibited = inhibition.rules(raised)
    return {
        **({"global": servers} if servers else {}),
        "templates": [str(TEMPLATES)],
        "route": routes.route(graph, teams),
        **({"inhibit_rules": inhibited} if inhibited else {}),
        "receivers": [channels.receiver(graph, each) for each in everybody],
    }


def _teams(graph: Graph, raised: Sequence[Alert]) -> tuple[Owner, ...]:
    """Those that own an alert and can be reached, beside the one that is told of all the rest."""
    root = receivers.root(graph)
    owners = [graph.owner(name) for name in sorted({each.owner for each in raised})]
    return tuple(each for each in owners if receivers.told(graph, each.name) == each and each.name != root.name)


def _sources(graph: Graph, teams: Sequence[Owner]) -> tuple[At, ...]:
    """What says whom to tell first, then each team."""
    alerting = signals.observability(graph).alerting
    known = (alerting.at if alerting else graph.system.header.at, receivers.root(graph).at, *(each.at for each in teams))
    return tuple({at.span: at for at in known if at.path}.values())
