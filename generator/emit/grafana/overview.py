"""The dashboard of the whole system: what goes on between its components, and what needs somebody now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from generator import network, promql, recorded, signals
from generator.alerts import COMPONENT, GROUP, OWNER, PEER, SEVERITY, SLO, TOPIC, Alert
from generator.emit.grafana import burning, links
from generator.emit.grafana.page import Panel, Section
from generator.emit.grafana.panels import MESSAGES, NUMBER, REQUESTS, SECONDS, SHARE, TIMES, Column, Query, Step, lines, number, table
from generator.graph import Graph
from generator.model import AlertName
from generator.objectives import Objective

MOST = 10
"""Edges that are drawn: those that are worst."""
NOW = Step(1)
EDGE = f"{{{{{COMPONENT}}}}} → {{{{{PEER}}}}}"
READER = f"{{{{{TOPIC}}}}} → {{{{{GROUP}}}}}"
NAME = f"{{{{{COMPONENT}}}}}"
PROMISE = f"{{{{{COMPONENT}}}}} {{{{{SLO}}}}}"


def sections(graph: Graph, raised: Sequence[Alert], promised: Sequence[Objective]) -> list[Section]:
    """Only what the system has."""
    names = {each.name for each in raised}
    return [
        Section("Now", list(_now(graph, names, promised))),
        Section("Alerts", [_alerts(graph, raised)]),
        Section("Requests", list(_requests(graph))),
        Section("Calls", list(_calls(graph, names))),
        Section("Messages", list(_messages(graph, names))),
        Section("Instances and Jobs", list(_instances(graph, names))),
        Section("Objectives", list(_objectives(graph, promised))),
    ]


def _now(graph: Graph, names: Collection[AlertName], promised: Sequence[Objective]) -> Iterator[Panel]:
    firing = promql.aggregate("count", promql.select("ALERTS", {"alertstate": "firing", COMPONENT: promql.other_than("")}))
    yield number(graph, "Firing Alerts", "Alerts that are raised.", NUMBER, f"{firing} or vector(0)", steps=[NOW])
    if "ServiceDown" in names:
        down = promql.aggregate("count", f"{recorded.INSTANCES_UP} == 0")
        yield number(graph, "Components Down", "Components of which no instance answers.", NUMBER, f"{down} or vector(0)", steps=[NOW])
    if "CircuitBreakerOpen" in names:
        text = "Edges on which a circuit breaker is open: those calls are not made."
        yield number(graph, "Open Circuit Breakers", text, NUMBER, promql.total(recorded.BREAKERS_OPEN), steps=[NOW])
    if "ConsumerLag" in names:
        yield number(graph, "Messages Waiting", "Messages that nobody has handled yet.", NUMBER, promql.total(recorded.LAG))
    if promised:
        text = "How many times as fast as it may the worst error budget burns: at 1 it lasts exactly as long as it should."
        worst = promql.aggregate("max", burning.current(graph, promised, {}))
        yield number(graph, "Fastest Budget Burn", text, TIMES, worst, steps=burning.steps(graph, promised))


def _requests(graph: Graph) -> Iterator[Panel]:
    answering = {each.component.name for each in signals.served(graph)} | {each.name for each in network.gateways(graph)}
    if not answering:
        return
    leads = links.to_components(graph, sorted(answering))
    yield lines(
        graph,
        "Request Rate",
        "Requests a second that each component answers.",
        REQUESTS,
        [Query(recorded.rate("component"), NAME)],
        leads=leads,
    )
    text = "Share of its requests that each component answers with a server error."
    yield lines(graph, "Error Rate", text, SHARE, [Query(recorded.error_ratio("component"), NAME)], leads=leads)
    text = "Time in which each component answers 95 of 100 requests."
    yield lines(graph, "Response Time", text, SECONDS, [Query(recorded.duration("component", "p95"), NAME)], leads=leads)


def _calls(graph: Graph, names: Collection[AlertName]) -> Iterator[Panel]:
    if not signals.dependencies(graph):
        return
    worst = f"The {MOST} edges that are worst."
    yield lines(graph, "Call Rate", f"Calls a second. {worst}", REQUESTS, [Query(_top(recorded.rate("dependency")), EDGE)])
    yield lines(
        graph, "Call Error Rate", f"Share of the calls that fail. {worst}", SHARE, [Query(_top(recorded.error_ratio("dependency")), EDGE)]
    )
    text = f"Time that 95 of 100 calls take at most. {worst}"
    yield lines(graph, "Call Time", text, SECONDS, [Query(_top(recorded.duration("dependency", "p95")), EDGE)])
    if "CircuitBreakerOpen" in names:
        open_ = Query(promql.total(recorded.BREAKERS_OPEN, [COMPONENT]), NAME)
        yield lines(graph, "Open Circuit Breakers", "Peers that each component has stopped calling.", NUMBER, [open_])


def _top(vector: str) -> str:
    return promql.call("topk", str(MOST), vector)


def _messages(graph: Graph, names: Collection[AlertName]) -> Iterator[Panel]:
    if signals.publications(graph):
        written = Query(promql.total(recorded.rate("publication"), [TOPIC]), f"{{{{{TOPIC}}}}}")
        yield lines(graph, "Publish Rate", "Messages a second on each channel.", MESSAGES, [written])
    if signals.consumptions(graph):
        failed = Query(recorded.error_ratio("consumption"), READER)
        yield lines(graph, "Message Error Rate", "Share of its messages that each group cannot handle.", SHARE, [failed])
    if "ConsumerLag" in names:
        yield lines(graph, "Consumer Lag", "Messages that wait for each group.", NUMBER, [Query(recorded.LAG, READER)])


def _instances(graph: Graph, names: Collection[AlertName]) -> Iterator[Panel]:
    if "ServiceDown" in names:
        yield lines(
            graph, "Instances Up", "Instances of each component that answer.", NUMBER, [Query(recorded.INSTANCES_UP, NAME)], width=12
        )
    if "JobOverdue" in names:
        text = "Since a run of each job succeeded."
        yield lines(graph, "Time Since Last Success", text, SECONDS, [Query(recorded.JOB_AGE, NAME)], width=12)


def _objectives(graph: Graph, promised: Sequence[Objective]) -> Iterator[Panel]:
    if promised:
        text = (
            f"How many times as fast as they may error budgets burn: at 1 a budget lasts exactly as long as it should. The {MOST} fastest."
        )
        fastest = Query(_top(burning.current(graph, promised, {})), PROMISE)
        yield lines(graph, "Budget Burn", text, TIMES, [fastest], steps=burning.steps(graph, promised), width=24)


def _alerts(graph: Graph, raised: Sequence[Alert]) -> Panel:
    """A row for each alert that is raised, with the labels that alerts of the system have."""
    told = {label for each in raised for label in each.labels}
    shown = ["alertname", SEVERITY, COMPONENT, *(each for each in (PEER, TOPIC, GROUP, SLO) if each in told), OWNER]
    firing = promql.select("ALERTS", {"alertstate": "firing", COMPONENT: promql.other_than("")})
    text = "What is raised now. Its runbook says what it means and what to do."
    columns = [Column(label, HEADINGS.get(label, label.title())) for label in shown]
    return table(graph, "Firing Alerts", text, [promql.aggregate("max", firing, shown)], columns, height=7)


HEADINGS = {"alertname": "Alert", SLO: "SLO"}
