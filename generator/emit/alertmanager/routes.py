"""Routes: by team, then by how bad it is; and for each alert whom it must reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator import receivers, signals
from generator.alerts import COMPONENT, OWNER, SEVERITY, Alert
from generator.graph import Graph
from generator.model import Alerting, Owner, Severity
from generator.promql import quoted
from generator.receivers import URGENT

ALERT = "alertname"
GROUPED = (ALERT, COMPONENT, SEVERITY)
"""What a message is about: all peers, topics and objectives of a component at once. What is critical never waits for the next
message of a group that has been told of already."""
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")


def equal(label: str, value: str) -> str:
    """A matcher; its strings have the escapes of PromQL's (Alertmanager, label matchers)."""
    return f"{label}={quoted(value)}"


def route(graph: Graph, teams: Sequence[Owner]) -> dict[str, Any]:
    """What no team owns, or none that can be reached, goes to the one that stands in."""
    alerting = signals.observability(graph).alerting or Alerting()
    root = receivers.root(graph)
    inner = [*(_of_team(graph, each) for each in teams), *_urgent(graph, root)]
    return {
        "receiver": receivers.receiver(graph, root, "warning").name,
        "group_by": list(GROUPED),
        "group_wait": str(alerting.group_wait),
        "group_interval": str(alerting.group_interval),
        "repeat_interval": str(alerting.repeat),
        **({"routes": inner} if inner else {}),
    }


def _of_team(graph: Graph, team: Owner) -> dict[str, Any]:
    inner = list(_urgent(graph, team))
    return {
        "matchers": [equal(OWNER, team.name)],
        "receiver": receivers.receiver(graph, team, "warning").name,
        **({"routes": inner} if inner else {}),
    }


def _urgent(graph: Graph, team: Owner) -> Iterator[dict[str, Any]]:
    """Where a team is told of it through other channels."""
    urgent = receivers.receiver(graph, team, URGENT)
    if urgent.name != team.name:
        yield {"matchers": [equal(SEVERITY, URGENT)], "receiver": urgent.name}


def tests(graph: Graph, teams: Sequence[Owner], raised: Sequence[Alert]) -> list[dict[str, Any]]:
    """Each alert, once for all that differ in labels which no route asks for; each team; and what nobody owns."""
    found: dict[tuple[tuple[str, str], ...], str] = {}
    for alert in raised:
        labels = {ALERT: alert.name, COMPONENT: alert.subject, OWNER: alert.owner, SEVERITY: alert.severity}
        found[tuple(labels.items())] = receivers.receiver(graph, receivers.told(graph, alert.owner), alert.severity).name
    for severity in SEVERITIES:
        for team in teams:
            found[(OWNER, team.name), (SEVERITY, severity)] = receivers.receiver(graph, team, severity).name
        found[((SEVERITY, severity),)] = receivers.receiver(graph, receivers.root(graph), severity).name
    return [{"labels": dict(labels), "receivers": [name]} for labels, name in found.items()]
