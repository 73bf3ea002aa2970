"""The dashboard of a component: what it answers, calls, writes and reads, and how it keeps its promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from generator import network, promql, recorded, signals
from generator.alerts import COMPONENT, GROUP, OPERATION, PEER, PROTOCOL, SLO, TOPIC, Alert
from generator.emit.grafana import burning
from generator.emit.grafana.page import Panel, Section
from generator.emit.grafana.panels import (
    GREEN,
    MESSAGES,
    NUMBER,
    ORANGE,
    RED,
    REQUESTS,
    SECONDS,
    SHARE,
    TIMES,
    Query,
    Step,
    lines,
    number,
    states,
)
from generator.graph import Graph
from generator.model import Component
from generator.objectives import Objective
from generator.signals import Consumption

WHAT = f"{{{{{OPERATION}}}}} {{{{{PROTOCOL}}}}}"
TO, ABOUT, PROMISE = f"{{{{{PEER}}}}}", f"{{{{{TOPIC}}}}}", f"{{{{{SLO}}}}}"


def sections(graph: Graph, component: Component, raised: Sequence[Alert], promised: Sequence[Objective]) -> list[Section]:
    """Only what the component has; nothing at all for one that shows nothing."""
    own = [each for each in raised if each.subject == component.name and each.component is not None]
    kept = [each for each in promised if each.component == component]
    found = [
        Section("Requests", list(_requests(graph, component, own, kept))),
        Section("Calls", list(_calls(graph, component, own))),
        Section("Messages Read", list(_read(graph, component, own))),
        Section("Messages Written", list(_written(graph, component))),
        Section("Instances and Runs", list(_instances(graph, component, own))),
        Section("Objectives", list(_objectives(graph, component, kept))),
    ]
    now = Section("Now", list(_now(graph, component, own, kept)))
    return [now, *found] if any(each.panels for each in found) else []


def of(component: Component, series: str) -> str:
    """What is recorded of the component."""
    return promql.select(series, {COMPONENT: component.name})


def limit(own: Sequence[Alert], name: str) -> list[Step]:
    """The share of failures from which on an alert is raised."""
    return [Step(each.above.value / 100) for each in own if each.name == name and each.above is not None][:1]


def _now(graph: Graph, component: Component, own: Sequence[Alert], kept: Sequence[Objective]) -> Iterator[Panel]:
    firing = promql.aggregate("count", promql.select("ALERTS", {"alertstate": "firing", COMPONENT: component.name}))
    yield number(graph, "Firing Alerts", "Alerts about it that are raised.", NUMBER, f"{firing} or vector(0)", steps=[Step(1)])
    if any(each.name == "ServiceDown" for each in own):
        up = of(component, recorded.INSTANCES_UP)
        yield number(graph, "Instances Up", "Instances that answer.", NUMBER, up, steps=[Step(1, GREEN)], lowest=RED)
    if is_answering(graph, component):
        yield number(graph, "Request Rate", "Requests a second.", REQUESTS, of(component, recorded.rate("component")))
        text = "Share of requests that fail with a server error."
        failed = of(component, recorded.error_ratio("component"))
        yield number(graph, "Error Rate", text, SHARE, failed, steps=limit(own, "HighErrorRate"))
    if kept:
        text = "How many times as fast as it may its worst error budget burns: at 1 it lasts exactly as long as it should."
        worst = promql.aggregate("max", burning.current(graph, kept, {COMPONENT: component.name}))
        yield number(graph, "Fastest Budget Burn", text, TIMES, worst, steps=burning.steps(graph, kept))


def is_answering(graph: Graph, component: Component) -> bool:
    return component in network.gateways(graph) or bool(signals.own(graph, component).served)


def _requests(graph: Graph, component: Component, own: Sequence[Alert], kept: Sequence[Objective]) -> Iterator[Panel]:
    if not is_answering(graph, component):
        return
    by_operation = bool(signals.own(graph, component).served)
    text = f"Requests a second{', of each operation' if by_operation else ''}."
    yield lines(graph, "Request Rate", text, REQUESTS, _in_all(component, recorded.rate, by_operation))
    text = "Share of requests that fail with a server error; while that of all is above the dashed line, an alert is raised."
    failed = _in_all(component, recorded.error_ratio, by_operation)
    yield lines(graph, "Error Rate", text, SHARE, failed, steps=limit(own, "HighErrorRate"))
    fast = [each for each in kept if each.threshold is not None and each.measured == "requests"]
    whole = [each for each in fast if not each.operations]
    quantiles = [Query(of(component, recorded.duration("component", each)), each) for each in recorded.QUANTILES]
    text = f"Time in which 50, 95 and 99 of 100 requests are answered. {_promised(whole)}"
    yield lines(graph, "Response Time", text.strip(), SECONDS, quantiles, steps=_bounds(whole))
    for quantile in recorded.QUANTILES if by_operation else ():
        bound = [each for each in fast if each.operations and each.name.endswith(f"-{quantile}")]
        if quantile == "p95" or bound:
            slow = Query(of(component, recorded.duration("operation", quantile)), WHAT)
            text = f"Time in which {quantile[1:]} of 100 requests of each operation are answered. {_promised(bound)}"
            yield lines(graph, f"Response Time by Operation ({quantile})", text.strip(), SECONDS, [slow], steps=_bounds(bound), width=12)


def _in_all(component: Component, series: Callable[[str], str], by_operation: bool) -> list[Query]:
    """Of all requests, and of each operation."""
    whole = Query(of(component, series("component")), "all")
    return [whole, Query(of(component, series("operation")), WHAT)] if by_operation else [whole]


def _promised(objectives: Sequence[Objective]) -> str:
    """What the dashed lines are."""
    said = ", ".join(f"{each.name} {each.threshold}" for each in objectives)
    return f"Dashed: what is promised ({said})." if said else ""


def _bounds(objectives: Sequence[Objective]) -> list[Step]:
    return [Step(each, ORANGE) for each in sorted({each.threshold.seconds for each in objectives if each.threshold is not None})]


def _calls(graph: Graph, component: Component, own: Sequence[Alert]) -> Iterator[Panel]:
    if not signals.own(graph, component).dependencies:
        return
    yield lines(graph, "Call Rate", "Calls a second to each peer.", REQUESTS, [Query(of(component, recorded.rate("dependency")), TO)])
    text = "Share of the calls to each peer that fails; from the dashed line on an alert is raised."
    failed = Query(of(component, recorded.error_ratio("dependency")), TO)
    yield lines(graph, "Call Error Rate", text, SHARE, [failed], steps=limit(own, "HighCallErrorRate"))
    slow = Query(of(component, recorded.duration("dependency", "p95")), TO)
    yield lines(graph, "Call Time (p95)", "Time that 95 of 100 calls to each peer take at most.", SECONDS, [slow])
    if any(each.name == "CircuitBreakerOpen" for each in own):
        text = "While a circuit breaker towards a peer is open, calls to it are not made."
        open_ = Query(of(component, recorded.BREAKERS_OPEN), TO)
        yield states(graph, "Circuit Breakers", text, [open_], [("closed", GREEN), ("open", RED)], width=24)
    behind = [Step(each) for each in sorted({each.behind.seconds for each in own if each.behind is not None})]
    if behind:
        text = "How far the copy of each store that is furthest behind is; from its dashed line on an alert is raised."
        yield lines(graph, "Replication Lag", text, SECONDS, [Query(of(component, recorded.REPLICA_LAG), TO)], steps=behind, width=24)


def _read(graph: Graph, component: Component, own: Sequence[Alert]) -> Iterator[Panel]:
    read = signals.own(graph, component).consumptions
    if not read:
        return
    legend = reader(read)
    yield lines(
        graph, "Message Rate", "Messages a second that it handles.", MESSAGES, [Query(of(component, recorded.rate("consumption")), legend)]
    )
    text = "Share of the messages that it cannot handle; from the dashed line on an alert is raised."
    failed = Query(of(component, recorded.error_ratio("consumption")), legend)
    yield lines(graph, "Message Error Rate", text, SHARE, [failed], steps=limit(own, "HighMessageErrorRate"))
    slow = Query(of(component, recorded.duration("consumption", "p95")), legend)
    yield lines(graph, "Handling Time (p95)", "Time that 95 of 100 messages take at most.", SECONDS, [slow])
    most = [Step(each.messages) for each in own if each.name == "ConsumerLag" and each.messages is not None][:1]
    if most:
        text = "Messages that wait; from the dashed line on an alert is raised."
        yield lines(graph, "Consumer Lag", text, NUMBER, [Query(of(component, recorded.LAG), legend)], steps=most, width=24)


def reader(read: Sequence[Consumption]) -> str:
    """The channel; with the group where it reads one as several."""
    is_plain = len({each.address for each in read}) == len(read)
    return ABOUT if is_plain else f"{ABOUT} {{{{{GROUP}}}}}"


def _written(graph: Graph, component: Component) -> Iterator[Panel]:
    if not signals.own(graph, component).publications:
        return
    yield lines(
        graph,
        "Publish Rate",
        "Messages a second that it writes.",
        MESSAGES,
        [Query(of(component, recorded.rate("publication")), ABOUT)],
        width=12,
    )
    failed = Query(of(component, recorded.error_ratio("publication")), ABOUT)
    yield lines(graph, "Publish Error Rate", "Share of the messages that cannot be sent.", SHARE, [failed], width=12)


def _instances(graph: Graph, component: Component, own: Sequence[Alert]) -> Iterator[Panel]:
    if any(each.name == "ServiceDown" for each in own):
        up = Query(of(component, recorded.INSTANCES_UP), "up")
        yield lines(graph, "Instances Up", "Instances that answer.", NUMBER, [up], width=12)
    overdue = [Step(each.overdue.seconds) for each in own if each.name == "JobOverdue" and each.overdue is not None]
    if overdue:
        text = "Since a run succeeded; from the dashed line on an alert is raised."
        yield lines(
            graph, "Time Since Last Success", text, SECONDS, [Query(of(component, recorded.JOB_AGE), "age")], steps=overdue, width=12
        )


def _objectives(graph: Graph, component: Component, kept: Sequence[Objective]) -> Iterator[Panel]:
    if not kept:
        return
    text = "How many times as fast as they may its error budgets burn: at 1 a budget lasts exactly as long as it should."
    now = Query(burning.current(graph, kept, {COMPONENT: component.name}), PROMISE)
    yield lines(graph, "Budget Burn", text, TIMES, [now], steps=burning.steps(graph, kept), width=24)
