"""What is measured, promised, told, traced and logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generator import auditing, model, names, placement, receivers, signals
from generator.alerts import USUAL, Alert, alerts
from generator.document.context import Context
from generator.document.views.excerpts import Excerpt, block
from generator.graph import Graph
from generator.model import Observability, Owner, Severity, Statement
from generator.objectives import PERIOD, Burn, Objective, burns, objectives
from generator.objectives import thresholds as promised_latencies
from generator.receivers import Channel
from generator.units import Duration, Percentage


@dataclass(frozen=True, slots=True)
class Measured:
    """Something that is counted and timed, and how often the system has it."""

    what: str
    """requests, calls, published messages, handled messages, breakers or jobs."""
    number: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slo:
    objective: Objective
    share: str
    """Of the events, in hundredths: 99.9."""
    minutes: str
    """Of a total failure in the period that the budget allows."""
    burns: tuple[Burn, ...]


@dataclass(frozen=True, slots=True)
class Raised:
    """Alerts of one name and severity."""

    name: str
    meaning: str
    severity: Severity
    pending: tuple[Duration, ...]
    above: tuple[Percentage, ...]
    subjects: int
    number: int


@dataclass(frozen=True, slots=True)
class Told:
    """Teams that are told through the same channels, and of how many alerts."""

    teams: tuple[str, ...]
    urgent: tuple[Channel, ...]
    other: tuple[Channel, ...]
    stands_in_for: tuple[str, ...]
    alerts: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where an environment keeps traces and logs."""

    environment: str
    collector: str
    traces: str
    logs: str


@dataclass(frozen=True, slots=True)
class Level:
    component: str
    logger: str | None
    level: str


@dataclass(frozen=True, slots=True)
class Monitoring:
    said: Observability
    measured: tuple[Measured, ...]
    scraped: int
    """Components that Prometheus asks itself."""
    buckets: tuple[Duration, ...]
    are_bounds: bool
    """Every latency that is promised is a bound of a bucket, so that what is within it can be counted."""
    period: Duration
    usual: tuple[Burn, ...]
    """The windows of most objectives."""
    slos: tuple[Slo, ...]
    unwatched: tuple[str, ...]
    """Objectives whose budget no pair of windows watches."""
    further: tuple[tuple[str, model.Objective], ...]
    """Objectives in the architects' words, and of whom."""
    overdue: tuple[tuple[str, Duration], ...]
    """Jobs, and after which time without a success they are missed."""
    raised: tuple[Raised, ...]
    told: tuple[Told, ...]
    unreached: tuple[str, ...]
    """Teams that no channel reaches, and nobody stands in for."""
    rule: Excerpt | None
    collector: Excerpt | None
    dashboards: tuple[str, ...]
    places: tuple[Place, ...]
    headers: tuple[str, ...]
    levels: tuple[Level, ...]
    events: int
    statements: tuple[Statement, ...]


def view(context: Context) -> Monitoring:
    graph = context.graph
    raised = alerts(graph)
    slos = tuple(_slo(graph, each) for each in objectives(graph))
    thresholds = promised_latencies(graph)
    buckets = signals.buckets(graph, thresholds)
    return Monitoring(
        said=signals.observability(graph),
        measured=tuple(each for each in _measured(context) if each.number),
        scraped=sum(signals.is_scraped(graph, each) for each in graph.components),
        buckets=buckets,
        are_bounds=set(thresholds) <= set(buckets),
        period=PERIOD,
        usual=Counter(each.burns for each in slos).most_common(1)[0][0] if slos else (),
        slos=slos,
        unwatched=tuple(f"{each.objective.subject}: {each.objective.name}" for each in slos if not each.burns),
        further=tuple(_further(graph)),
        overdue=tuple(
            (each.name, each.runtime.overdue) for each in graph.components if each.runtime is not None and each.runtime.overdue is not None
        ),
        raised=tuple(_raised(raised)),
        told=tuple(_told(graph, raised)),
        unreached=tuple(_unreached(graph, raised)),
        rule=_rule(context, raised),
        collector=next((each for place in graph.system.document.environments[:1] if (each := _collector(context, place.name))), None),
        dashboards=tuple(each for each in DASHBOARDS if each in context.artifacts),
        places=tuple(_places(graph)),
        headers=(names.REQUEST_ID_HEADER, names.CORRELATION_ID_HEADER),
        levels=tuple(_levels(graph)),
        events=len(auditing.audit_entries(graph)),
        statements=graph.system.document.operations,
    )


DASHBOARDS = ("grafana/dashboards/system-overview.json", "grafana/dashboards/slo.json")


def _measured(context: Context) -> Iterator[Measured]:
    graph = context.graph
    if context.covers("internal", "external", "api"):
        yield Measured("requests", len(signals.served(graph)), ("component", "operation", "protocol"))
        yield Measured("calls", len(signals.dependencies(graph)), ("component", "peer"))
        yield Measured("breakers", len(signals.breakers(graph)), ("component", "peer"))
    if context.covers("messaging"):
        yield Measured("published messages", len(signals.publications(graph)), ("component", "topic"))
        yield Measured("handled messages", len(signals.consumptions(graph)), ("component", "topic", "group"))
    if context.covers("data"):
        yield Measured("jobs", len(signals.jobs(graph)), ("component",))


def _slo(graph: Graph, objective: Objective) -> Slo:
    minutes = round(objective.budget * PERIOD.milliseconds / 60_000, 1)
    return Slo(objective, f"{objective.share * 100:f}".rstrip("0").rstrip("."), f"{minutes:f}".removesuffix(".0"), burns(graph, objective))


def _further(graph: Graph) -> Iterator[tuple[str, model.Objective]]:
    """Of the system, its components and interfaces; what has a number that can be measured is above."""
    said = [(graph.name, graph.system.document.quality)]
    said += [(each.name, each.quality) for each in graph.components]
    said += [(each.id, each.api.quality) for each in graph.interfaces]
    for subject, quality in said:
        yield from ((subject, each) for each in (quality.objectives if quality is not None else ()))


# --- alerts -----------------------------------------------------------------------------------------------------------


def _raised(found: tuple[Alert, ...]) -> Iterator[Raised]:
    alike: dict[tuple[str, Severity], list[Alert]] = {}
    for each in found:
        alike.setdefault((each.name, each.severity), []).append(each)
    for name, usual in USUAL.items():
        for severity in ("critical", "warning", "info"):
            group = alike.get((name, severity), [])
            if group:
                pending = tuple(sorted({each.pending for each in group}))
                above = tuple(sorted({each.above for each in group if each.above is not None and name.startswith("High")}))
                yield Raised(name, usual.meaning, severity, pending, above, len({each.subject for each in group}), len(group))


def _told(graph: Graph, found: tuple[Alert, ...]) -> Iterator[Told]:
    """By the channels that reach them, so that many teams which are told alike take one line."""
    counts: dict[str, int] = {}
    absent: dict[str, dict[str, None]] = {}
    for each in found:
        team = receivers.told(graph, each.owner)
        counts[team.name] = counts.get(team.name, 0) + 1
        if team.name != each.owner:
            absent.setdefault(team.name, {})[each.owner] = None
    alike: dict[tuple[tuple[Channel, ...], tuple[Channel, ...]], list[Owner]] = {}
    for name in sorted(counts):
        team = graph.owner(name)
        ways = (receivers.receiver(graph, team, "critical").channels, receivers.receiver(graph, team, "warning").channels)
        alike.setdefault(ways, []).append(team)
    for (urgent, other), teams in alike.items():
        if urgent:
            away = [name for team in teams for name in absent.get(team.name, ())]
            yield Told(tuple(each.name for each in teams), urgent, other, tuple(away), sum(counts[each.name] for each in teams))


def _unreached(graph: Graph, found: tuple[Alert, ...]) -> Iterator[str]:
    for name in sorted({each.owner for each in found}):
        if not receivers.channels(graph, receivers.told(graph, name)):
            yield name


def _rule(context: Context, found: tuple[Alert, ...]) -> Excerpt | None:
    """Of an error budget, which shows its windows, else of the first alert."""
    ordered = sorted(found, key=lambda each: each.objective is None)
    for each in ordered[:1]:
        part = "objectives" if each.objective is not None else "instances"
        return block(context, f"prometheus/rules/{each.subject}.{part}.yaml", f"  - alert: {each.name}", 14)
    return None


# --- traces and logs --------------------------------------------------------------------------------------------------


def _collector(context: Context, environment: str) -> Excerpt | None:
    return block(context, f"telemetry/{environment}/collector.yaml", "  pipelines:")


def _places(graph: Graph) -> Iterator[Place]:
    for each in graph.system.document.environments:
        found = (placement.telemetry(each), placement.tracing(each), placement.logging(each))
        collector, traces, logs = (f"{place.host}:{place.port}" for place in found)
        yield Place(each.name, collector, traces, logs)


def _levels(graph: Graph) -> Iterator[Level]:
    """What differs from the system's level."""
    for component in graph.components:
        said = component.logging
        if said is not None and said.level is not None:
            yield Level(component.name, None, said.level)
        yield from (Level(component.name, each.name, each.level) for each in (said.loggers if said is not None else ()))
