"""Which alerts a system has: what each watches, whom it tells, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import PurePosixPath

from generator import placement, signals
from generator.diagnostics import At
from generator.graph import Graph, derived
from generator.model import AlertName, AlertSetting, Component, Severity
from generator.objectives import Burn, Objective, burns, objectives
from generator.signals import CircuitBreaker, Consumption, Dependency
from generator.units import Duration, Percentage

MINUTE = 60_000
HIGH = Percentage(Decimal(10))
"""Share of failures above which a person is told, where the contract says no other."""
MANY = 1_000
"""Messages that may wait, where the contract says no other number."""

COMPONENT, PEER, TOPIC, GROUP, SLO, OWNER, SEVERITY = "component", "peer", "topic", "group", "slo", "owner", "severity"
"""Labels of alerts and of what the recording rules record."""
OPERATION, PROTOCOL = "operation", "protocol"


@dataclass(frozen=True, slots=True)
class Usual:
    """How an alert is raised where the contract says nothing."""

    severity: Severity
    pending: Duration
    meaning: str
    """One sentence on what has happened."""


USUAL: Mapping[AlertName, Usual] = {
    "ServiceDown": Usual("critical", Duration(MINUTE), "No instance answers."),
    "HighErrorRate": Usual("warning", Duration(5 * MINUTE), "Too many requests are answered with a server error."),
    "HighCallErrorRate": Usual("warning", Duration(5 * MINUTE), "Too many calls fail."),
    "HighMessageErrorRate": Usual("warning", Duration(5 * MINUTE), "Too many messages cannot be handled."),
    "CircuitBreakerOpen": Usual("warning", Duration(MINUTE), "A circuit breaker stays open: calls are not made at all."),
    "ConsumerLag": Usual("warning", Duration(10 * MINUTE), "Messages wait longer than they should."),
    "JobOverdue": Usual("warning", Duration(MINUTE), "No run has succeeded for too long."),
    "ReplicationLag": Usual("warning", Duration(5 * MINUTE), "A copy of a store is further behind than it may be."),
    "AvailabilityBudgetBurn": Usual("critical", Duration(2 * MINUTE), "Failures use up the error budget faster than it lasts."),
    "LatencyBudgetBurn": Usual("critical", Duration(2 * MINUTE), "Slow answers use up the error budget faster than it lasts."),
    "TelemetryMissing": Usual("warning", Duration(15 * MINUTE), "Nothing is measured any more, so other alerts are silent."),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert; several may have one name and subject, with other labels."""

    name: AlertName
    subject: str
    """Component, third party or system that it is about: the label `component`, and the folder of its runbook."""
    owner: str
    """Team that is told."""
    severity: Severity
    pending: Duration
    labels: Mapping[str, str]
    """What tells it from others of its name: `peer`, `topic`, `slo`."""
    because: tuple[At, ...]
    component: Component | None = None
    dependency: Dependency | None = None
    consumption: Consumption | None = None
    breakers: tuple[CircuitBreaker, ...] = ()
    objective: Objective | None = None
    burns: tuple[Burn, ...] = ()
    above: Percentage | None = None
    messages: int | None = None
    overdue: Duration | None = None
    behind: Duration | None = None
    check: tuple[str, ...] = field(default=())
    act: tuple[str, ...] = field(default=())
    page: str | None = None
    """The team's own page, by its path in the contract's folder."""

    @property
    def runbook(self) -> PurePosixPath:
        """Path of its page; alerts of one name and subject share it."""
        return PurePosixPath("runbooks") / self.subject / f"{self.name}.md"

    @property
    def all_labels(self) -> dict[str, str]:
        return {COMPONENT: self.subject, **self.labels, OWNER: self.owner, SEVERITY: self.severity}


@derived
def alerts(graph: Graph) -> tuple[Alert, ...]:
    """Every alert of the system, by subject, name and labels."""
    found = [*_components(graph), *_dependencies(graph), *_consumptions(graph), *_breakers(graph), *_jobs(graph), *_burns(graph)]
    found += [*_replications(graph), *_telemetry(graph)]
    return tuple(sorted(found, key=lambda each: (each.subject, each.name, sorted(each.labels.items()), each.severity)))


def of(graph: Graph, component: Component) -> tuple[Alert, ...]:
    """The alerts about one component."""
    return _by_component(graph).get(component.name, ())


@derived
def _by_component(graph: Graph) -> Mapping[str, tuple[Alert, ...]]:
    found: dict[str, list[Alert]] = {}
    for each in alerts(graph):
        if each.component is not None:
            found.setdefault(each.component.name, []).append(each)
    return {name: tuple(raised) for name, raised in found.items()}


def _setting(graph: Graph, component: Component | None, name: AlertName) -> AlertSetting:
    """What the system and then the component say of an alert."""
    said = [each for each in signals.observability(graph).alerts if each.name == name]
    said += [each for each in component.alerts if each.name == name] if component else []
    merged = AlertSetting(name=name)
    for each in said:
        merged = AlertSetting(
            name=name,
            severity=each.severity or merged.severity,
            pending=each.pending or merged.pending,
            above=each.above or merged.above,
            messages=each.messages or merged.messages,
            check=(*merged.check, *each.check),
            act=(*merged.act, *each.act),
            runbook=each.runbook or merged.runbook,
            at=each.at,
        )
    return merged


def _alert(
    graph: Graph,
    name: AlertName,
    component: Component,
    labels: Mapping[str, str],
    because: Iterable[At],
    *,
    dependency: Dependency | None = None,
    consumption: Consumption | None = None,
    breakers: tuple[CircuitBreaker, ...] = (),
    overdue: Duration | None = None,
    behind: Duration | None = None,
) -> Alert:
    """An alert about a component, as the contract wants it or as usual."""
    setting, usual = _setting(graph, component, name), USUAL[name]
    return Alert(
        name=name,
        subject=component.name,
        owner=signals.owner(graph, component).name,
        severity=setting.severity or usual.severity,
        pending=setting.pending or usual.pending,
        labels=labels,
        because=(*because, *((setting.at,) if setting.at.path else ())),
        component=component,
        dependency=dependency,
        consumption=consumption,
        breakers=breakers,
        above=setting.above or HIGH,
        messages=setting.messages or MANY,
        overdue=overdue,
        behind=behind,
        check=setting.check,
        act=setting.act,
        page=setting.runbook,
    )


def _components(graph: Graph) -> Iterator[Alert]:
    answering = {each.component.name for each in signals.served(graph)}
    for component in graph.components:
        if placement.is_deployed(component) and not placement.is_job(component) and not _may_rest(component):
            yield _alert(graph, "ServiceDown", component, {}, (component.at,))
        if (component.name in answering and not placement.is_job(component)) or placement.is_gateway(component):
            yield _alert(graph, "HighErrorRate", component, {}, (component.at,))


def _may_rest(component: Component) -> bool:
    """No instance at all is as it should be."""
    return component.runtime is not None and component.runtime.replicas is not None and component.runtime.replicas.min == 0


def _dependencies(graph: Graph) -> Iterator[Alert]:
    for each in signals.dependencies(graph):
        yield _alert(graph, "HighCallErrorRate", each.component, {PEER: each.peer}, each.because, dependency=each)


def _consumptions(graph: Graph) -> Iterator[Alert]:
    for each in signals.consumptions(graph):
        labels = {TOPIC: each.address, GROUP: each.group}
        yield _alert(graph, "HighMessageErrorRate", each.component, labels, (each.at,), consumption=each)
        if signals.lag(graph, each) is not None:
            yield _alert(graph, "ConsumerLag", each.component, labels, (each.at,), consumption=each)


def _breakers(graph: Graph) -> Iterator[Alert]:
    """One for all breakers of a component towards one peer."""
    found = sorted(signals.breakers(graph), key=lambda each: (each.component.name, each.peer))
    for (_, peer), group in groupby(found, key=lambda each: (each.component.name, each.peer)):
        breakers = tuple(group)
        yield _alert(graph, "CircuitBreakerOpen", breakers[0].component, {PEER: peer}, (each.at for each in breakers), breakers=breakers)


def _jobs(graph: Graph) -> Iterator[Alert]:
    for component in signals.jobs(graph):
        assert component.runtime is not None
        if component.runtime.overdue is not None:
            yield _alert(graph, "JobOverdue", component, {}, (component.runtime.at,), overdue=component.runtime.overdue)


def _replications(graph: Graph) -> Iterator[Alert]:
    for each in signals.replications(graph):
        yield _alert(graph, "ReplicationLag", each.access.owner, {PEER: each.store}, (each.access.at, each.at), behind=each.lag)


def _burns(graph: Graph) -> Iterator[Alert]:
    """One for each objective and severity, over all its pairs of windows."""
    for objective in objectives(graph):
        name: AlertName = "AvailabilityBudgetBurn" if objective.kind == "availability" else "LatencyBudgetBurn"
        setting, usual = _setting(graph, objective.component, name), USUAL[name]
        found = burns(graph, objective)
        severities: tuple[Severity, ...] = ("critical", "warning")
        for severity in severities:
            watched = tuple(each for each in found if each.severity == severity)
            if watched:
                yield Alert(
                    name=name,
                    subject=objective.subject,
                    owner=_answers(graph, objective),
                    severity=severity,
                    pending=setting.pending or (usual.pending if severity == "critical" else Duration(15 * MINUTE)),
                    labels={SLO: objective.name},
                    because=(objective.at, *((setting.at,) if setting.at.path else ())),
                    component=objective.component,
                    objective=objective,
                    burns=watched,
                    check=setting.check,
                    act=setting.act,
                    page=setting.runbook,
                )


def _answers(graph: Graph, objective: Objective) -> str:
    """For a third party who answers for it, else the owner of the system."""
    if objective.component is not None:
        return signals.owner(graph, objective.component).name
    assert objective.external is not None
    return objective.external.owner or graph.system.header.owner


def system_subject(graph: Graph) -> str:
    """The system's name, unless something in it has that, too."""
    taken = {each.name for each in graph.components} | {signals.external_peer(graph, each) for each in graph.externals}
    return f"system.{graph.name}" if graph.name in taken else graph.name


def _telemetry(graph: Graph) -> Iterator[Alert]:
    """Without the collector nothing is measured; and a component that says nothing cannot break a promise."""
    setting = _setting(graph, None, "TelemetryMissing")
    yield Alert(
        name="TelemetryMissing",
        subject=system_subject(graph),
        owner=graph.system.header.owner,
        severity=setting.severity or "critical",
        pending=setting.pending or Duration(5 * MINUTE),
        labels={},
        because=(graph.system.header.at, signals.observability(graph).at),
        check=setting.check,
        act=setting.act,
        page=setting.runbook,
    )
    promising = {each.component.name: each for each in objectives(graph) if each.component is not None}
    for objective in promising.values():
        assert objective.component is not None
        yield _alert(graph, "TelemetryMissing", objective.component, {}, (objective.at,))
