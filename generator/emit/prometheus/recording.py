"""Recording rules: rates, errors and durations of components, operations and edges, and how far objectives are missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from generator import network, promql, recorded, signals
from generator.alerts import COMPONENT, GROUP, OPERATION, PEER, PROTOCOL, SLO, TOPIC, Alert
from generator.emit.prometheus import selections
from generator.emit.prometheus.selections import Selection
from generator.graph import Graph
from generator.model import Component
from generator.objectives import Objective, burns
from generator.promql import Expression, Matcher
from generator.units import Duration

Rule = dict[str, Any]
SHARES = {"p50": "0.5", "p95": "0.95", "p99": "0.99"}


def rule(name: str, expression: Expression, labels: Mapping[str, str]) -> Rule:
    return {"record": name, "expr": expression, "labels": dict(labels)}


def events(level: str, found: Sequence[Selection], labels: Mapping[str, str], *, is_timed: bool = True) -> Iterator[Rule]:
    """Rate, errors, their share, and durations of what the selections find."""
    window = recorded.WINDOW
    yield rule(recorded.rate(level), selections.requests(found, window), labels)
    yield rule(recorded.errors(level), selections.failures(found, window), labels)
    ratio = f"{promql.select(recorded.errors(level), labels)} / {promql.select(recorded.rate(level), labels)}"
    yield rule(recorded.error_ratio(level), ratio, labels)
    for quantile in recorded.QUANTILES if is_timed else ():
        yield rule(recorded.duration(level, quantile), selections.quantile(found, SHARES[quantile], window), labels)


def requests(graph: Graph, component: Component) -> list[Rule]:
    """What a component answers, as a whole and by operation; nothing for one that answers nothing."""
    served = signals.own(graph, component).served
    found: list[Rule] = []
    if served or component in network.gateways(graph):
        found += events("component", selections.component(component.name), {COMPONENT: component.name})
    for each in served:
        labels = {COMPONENT: component.name, OPERATION: each.operation, PROTOCOL: each.protocol}
        found += events("operation", selections.operations([each]), labels)
    return found


def dependencies(graph: Graph, component: Component, alerts: Sequence[Alert]) -> list[Rule]:
    """What it calls, whether a breaker towards that is open, and how far copies of its stores are behind."""
    found: list[Rule] = []
    for each in signals.own(graph, component).dependencies:
        found += events("dependency", selections.dependency(each), {COMPONENT: component.name, PEER: each.peer})
    for alert in alerts:
        if alert.breakers:
            names = promql.one_of(each.name for each in alert.breakers)
            states = promql.select(signals.BREAKER_STATE, {signals.SERVICE: component.name, "name": names, "state": "open"})
            found.append(rule(recorded.BREAKERS_OPEN, promql.aggregate("max", states), {COMPONENT: component.name, **alert.labels}))
        if alert.behind is not None:
            copies = promql.select(signals.REPLICA_LAG, {signals.STORE: alert.labels[PEER]})
            found.append(rule(recorded.REPLICA_LAG, promql.aggregate("max", copies), {COMPONENT: component.name, **alert.labels}))
    return found


def messages(graph: Graph, component: Component) -> list[Rule]:
    """What it writes to channels and handles from them, and what waits for it there."""
    found: list[Rule] = []
    own = signals.own(graph, component)
    for sent in own.publications:
        labels = {COMPONENT: component.name, TOPIC: sent.address}
        found += events("publication", selections.publication(sent), labels, is_timed=False)
    for read in own.consumptions:
        labels = {COMPONENT: component.name, TOPIC: read.address, GROUP: read.group}
        found += events("consumption", selections.consumption(graph, read), labels)
        waiting = signals.lag(graph, read)
        if waiting is not None:
            found.append(rule(recorded.LAG, promql.total(promql.select(waiting[0], waiting[1])), labels))
    return found


def instances(graph: Graph, component: Component) -> Rule:
    """Instances that answer Prometheus; where it cannot ask them in every environment, those that Kubernetes finds ready."""
    if signals.is_scraped(graph, component):
        found = promql.select(signals.UP, {COMPONENT: component.name})
    else:
        found = promql.select(signals.AVAILABLE, within(graph, "deployment", component))
    return rule(recorded.INSTANCES_UP, promql.total(found), {COMPONENT: component.name})


def within(graph: Graph, kind: str, component: Component) -> dict[str, str | Matcher]:
    """A component's object in the namespaces of the system, as kube-state-metrics names it."""
    return {"namespace": promql.one_of(signals.namespaces(graph)), kind: component.name}


def job(graph: Graph, component: Component) -> Rule:
    """Since a run succeeded; as long as none did, since the job is there."""
    labels = within(graph, "cronjob", component)
    last = [promql.aggregate("max", promql.select(series, labels)) for series in (signals.JOB_SUCCESS, signals.JOB_CREATED)]
    return rule(recorded.JOB_AGE, f"time() - ({promql.either(last)})", {COMPONENT: component.name})


def objective(graph: Graph, promised: Objective) -> list[Rule]:
    """The share of bad events in every window that the objective is watched in."""
    labels = {COMPONENT: promised.subject, SLO: promised.name}
    found = [rule(recorded.SLO_EVENTS, selections.requests(selections.events(promised), recorded.WINDOW), labels)]
    windows = {window for burn in burns(graph, promised) for window in (burn.long, burn.short)} | {recorded.WINDOW}
    found.append(rule(recorded.BUDGET, promql.call("vector", promql.number(promised.budget)), labels))
    found += [rule(recorded.bad_ratio(window), _bad(promised, window), labels) for window in sorted(windows)]
    return found


def _bad(promised: Objective, window: Duration) -> Expression:
    counted = selections.events(promised)
    if promised.threshold is not None:
        bound = {**selections.NOT_FAILED, "le": bucket(promised.threshold)}
        fast = promql.total(selections.rate(f"{signals.DURATION}_bucket", counted, window, bound))
        every = promql.total(selections.rate(f"{signals.DURATION}_count", counted, window, selections.NOT_FAILED))
        return f"1 - {fast} / {every}"
    failed = selections.failures(counted, window)
    if promised.is_own:
        failed = promql.call("clamp_min", f"{failed} - {_caused_elsewhere(promised, window)}", "0")
    return f"{failed} / {selections.requests(counted, window)}"


def _caused_elsewhere(promised: Objective, window: Duration) -> Expression:
    """Failures of what it calls; none where it has called nothing yet."""
    outward = promql.total(selections.rate(signals.CALLS, selections.calls_out(promised), window, selections.FAILED))
    return promql.or_zero(outward, selections.requests(selections.events(promised), window))


def bucket(bound: Duration) -> Matcher:
    """The bucket that ends at a bound, as Prometheus 2 kept it, too."""
    return promql.one_of({spelt(bound), spelt(bound).removesuffix(".0")})


def spelt(bound: Duration) -> str:
    """The bound in seconds as Prometheus keeps it in `le`: whole numbers have a fraction (Prometheus 3.0, migration guide)."""
    text = promql.number(Decimal(bound.milliseconds) / 1000)
    return text if "." in text else f"{text}.0"
