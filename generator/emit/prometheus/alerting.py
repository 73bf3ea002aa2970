"""Alerting rules: when each alert is raised, what it says, and where its runbook is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from generator import promql, recorded, signals
from generator.alerts import COMPONENT, Alert
from generator.graph import Graph
from generator.objectives import Burn
from generator.promql import Expression
from generator.text import template_text
from generator.units import Percentage

COLLECTOR_JOB = "opentelemetry-collector"
"""Scrape job of what the collector has measured."""


class Words(NamedTuple):
    """What an alert says: in a line, and in a sentence with the value that raised it."""

    summary: str
    description: str


def rule(graph: Graph, alert: Alert) -> dict[str, Any]:
    said = words(graph, alert)
    return {
        "alert": alert.name,
        "expr": expression(alert),
        **({"for": str(alert.pending)} if alert.pending.milliseconds else {}),
        "labels": alert.all_labels,
        "annotations": {"summary": said.summary, "description": said.description, "runbook_url": runbook_url(graph, alert)},
    }


def runbook_url(graph: Graph, alert: Alert) -> str:
    """The page's address where the contract says what it is served under, else its path below the output."""
    base = signals.observability(graph).runbooks
    return f"{base.rstrip('/')}/{alert.runbook}" if base else f"prometheus/{alert.runbook}"


def expression(alert: Alert) -> Expression:
    """The condition; its value is what the description shows."""
    labels = {COMPONENT: alert.subject, **alert.labels}
    if alert.name == "ServiceDown":
        found = promql.select(recorded.INSTANCES_UP, labels)
        return f"{found} == 0 or {promql.call('absent', found)}"
    if alert.name in LEVELS:
        assert alert.above is not None
        return f"{promql.select(recorded.error_ratio(LEVELS[alert.name]), labels)} > {share(alert.above)}"
    if alert.name == "CircuitBreakerOpen":
        return f"{promql.select(recorded.BREAKERS_OPEN, labels)} == 1"
    if alert.name == "ConsumerLag":
        return f"{promql.select(recorded.LAG, labels)} > {alert.messages}"
    if alert.name == "ReplicationLag":
        assert alert.behind is not None
        return f"{promql.select(recorded.REPLICA_LAG, labels)} > {promql.number(alert.behind.seconds)}"
    if alert.name == "JobOverdue":
        assert alert.overdue is not None
        found = promql.select(recorded.JOB_AGE, labels)
        return f"{found} > {promql.number(alert.overdue.seconds)} or {promql.call('absent', found)}"
    if alert.name == "TelemetryMissing":
        return _telemetry(alert)
    assert alert.objective is not None
    return promql.either([_burning(alert, burn) for burn in alert.burns])


LEVELS = {"HighErrorRate": "component", "HighCallErrorRate": "dependency", "HighMessageErrorRate": "consumption"}
"""Where the share of failures that an alert watches is recorded."""


def _telemetry(alert: Alert) -> Expression:
    if alert.component is None:
        found = promql.select(signals.UP, {"job": COLLECTOR_JOB})
        return f"{promql.total(found)} == 0 or {_absent(found)}"
    return _absent(promql.select(signals.CALLS, {signals.SERVICE: alert.subject}))


def _absent(vector: Expression) -> Expression:
    """1 without labels where there is no such series; `absent` alone has the labels that were looked for."""
    return promql.aggregate("max", promql.call("absent", vector))


def _burning(alert: Alert, burn: Burn) -> Expression:
    """In the long window and, still, in the short one."""
    labels = {COMPONENT: alert.subject, **alert.labels}
    limit = promql.number(threshold(alert, burn))
    both = [f"{promql.select(recorded.bad_ratio(window), labels)} > {limit}" for window in (burn.long, burn.short)]
    return f"({' and '.join(both)})"


def threshold(alert: Alert, burn: Burn) -> Decimal:
    """The share of bad events at which the budget burns that fast."""
    assert alert.objective is not None
    return burn.factor * alert.objective.budget


def share(percentage: Percentage) -> str:
    return promql.number(percentage.value / 100)


PERCENT = "{{ $value | humanizePercentage }}"
COUNT = '{{ printf "%.0f" $value }}'


def words(graph: Graph, alert: Alert) -> Words:
    """The sentences of an alert; what comes from the contract is no template."""
    name, peer, topic = (template_text(each) for each in (alert.subject, alert.labels.get("peer", ""), alert.labels.get("topic", "")))
    if alert.name == "ServiceDown":
        return Words(f"{name} is down", f"No instance of {name} has answered for {alert.pending}.")
    if alert.name == "HighErrorRate":
        return Words(f"{name} fails requests", f"{name} answers {PERCENT} of its requests with a server error (more than {alert.above}).")
    if alert.name == "HighCallErrorRate":
        return Words(f"calls from {name} to {peer} fail", f"{PERCENT} of the calls from {name} to {peer} fail (more than {alert.above}).")
    if alert.name == "HighMessageErrorRate":
        text = f"{name} cannot handle {PERCENT} of the messages on {topic} (more than {alert.above})."
        return Words(f"{name} fails messages of {topic}", text)
    if alert.name in ("CircuitBreakerOpen", "ConsumerLag", "ReplicationLag"):
        return _of_gauge(alert, name, peer, topic)
    if alert.name == "JobOverdue":
        return Words(f"{name} is overdue", f"No run of {name} has succeeded for more than {alert.overdue}.")
    if alert.name == "TelemetryMissing":
        if alert.component is None:
            text = "The collector does not answer: nothing is measured, and alerts on requests, calls and messages are silent."
            return Words(f"{name} is not measured", text)
        return Words(f"{name} sends no telemetry", f"No span of {name} has been seen: its objectives are not measured.")
    return _of_objective(alert, name)


def _of_gauge(alert: Alert, name: str, peer: str, topic: str) -> Words:
    if alert.name == "ReplicationLag":
        return Words(f"copies of {peer} lag behind", f"A copy of {peer} is {COUNT} seconds behind (more than {alert.behind}).")
    if alert.name == "ConsumerLag":
        return Words(f"{name} lags behind on {topic}", f"{COUNT} messages on {topic} wait for {name} (more than {alert.messages}).")
    text = f"A circuit breaker of {name} towards {peer} has been open for {alert.pending}: those calls are not made."
    return Words(f"{name} has stopped calling {peer}", text)


def _of_objective(alert: Alert, name: str) -> Words:
    assert alert.objective is not None
    promised = alert.objective
    slo = template_text(promised.name)
    what = "fail" if promised.kind == "availability" else f"take longer than {promised.threshold}"
    speed = "fast" if alert.severity == "critical" else "slowly but steadily"
    allowed = promql.number(promised.budget * 100)
    text = f"{PERCENT} of the {promised.measured} of {name} {what}; {slo} allows {allowed}% in 30 days."
    return Words(f"{name} burns the budget of {slo} {speed}", text)
