"""Service level objectives: what the contract promises, as a share of good events, and the windows in which burning their budget is told of.

Windows and factors are those of Google's Site Reliability Workbook, chapter 5 (multiwindow, multi-burn-rate alerts), for a
period of 30 days: with factor 14.4 two hundredths of the budget are gone in an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

from generator import placement, signals
from generator.diagnostics import At
from generator.graph import Graph, derived
from generator.model import Component, External, Quality, Severity
from generator.signals import Served
from generator.units import Duration, Rate

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PERIOD = Duration(30 * DAY)
"""In which the budget is spent."""
HUNDRED = Decimal(100)


class Burn(NamedTuple):
    """A pair of windows: the budget burns `factor` times as fast as it may, in the long one and, still, in the short one."""

    factor: Decimal
    long: Duration
    short: Duration
    severity: Severity


BURNS = (
    Burn(Decimal("14.4"), Duration(HOUR), Duration(5 * MINUTE), "critical"),
    Burn(Decimal(6), Duration(6 * HOUR), Duration(30 * MINUTE), "critical"),
    Burn(Decimal(3), Duration(DAY), Duration(2 * HOUR), "warning"),
    Burn(Decimal(1), Duration(3 * DAY), Duration(6 * HOUR), "warning"),
)
LONGER = {burn.short: burn.long for burn in BURNS} | {Duration(DAY): Duration(7 * DAY)}
"""The long window to each short one, where a low rate asks for longer ones."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A promise that can be measured: of a component as a whole, of one of its interfaces or operations, or of a third party."""

    name: str
    """`orders-availability`, `orders.placeOrder-latency-p95`: the label `slo`, the only one of its name for a component."""
    kind: Literal["availability", "latency"]
    subject: str
    """The component or third party, as labels name it."""
    component: Component | None
    external: External | None
    """Measured by those who call it."""
    measured: Literal["requests", "messages", "calls"]
    """What the events are: requests that are answered, messages that are handled, or calls by those who use the third party."""
    operations: tuple[Served, ...]
    """The requests that count; none: all of them."""
    share: Decimal
    """Of events that must be good, more than 0 and less than 1."""
    threshold: Duration | None
    """Longest time of a good event, of latency."""
    rate: Rate | None
    """Declared rate of events."""
    is_own: bool
    """Only what the component adds to what it calls."""
    at: At

    @property
    def budget(self) -> Decimal:
        return 1 - self.share

    @property
    def key(self) -> tuple[str, str]:
        return self.subject, self.name


@derived
def objectives(graph: Graph) -> tuple[Objective, ...]:
    """Every availability and latency that the contract promises and that can be measured."""
    found = [*_components(graph), *_interfaces(graph), *_externals(graph)]
    return tuple(sorted((each for each in found if 0 < each.share < 1), key=lambda each: each.key))


def of(graph: Graph, subject: str) -> tuple[Objective, ...]:
    """What one component or third party promises."""
    return _by_subject(graph).get(subject, ())


@derived
def _by_subject(graph: Graph) -> Mapping[str, tuple[Objective, ...]]:
    return {subject: tuple(group) for subject, group in groupby(objectives(graph), key=lambda each: each.subject)}


def thresholds(graph: Graph) -> tuple[Duration, ...]:
    """Every latency that is promised: where the histogram must have a bound."""
    return tuple(sorted({each.threshold for each in objectives(graph) if each.threshold is not None}))


def _components(graph: Graph) -> Iterator[Objective]:
    """Of requests; of messages where a component answers nothing but what all components answer."""
    consuming = {each.component.name for each in signals.consumptions(graph)}
    for component in graph.components:
        answered = signals.own(graph, component).served
        is_asked = any(each.interface.owner == component for each in answered) or placement.is_gateway(component)
        if not is_asked and component.name in consuming:
            yield from _of(component.quality, component.name, "", component, None, "messages")
        elif is_asked or answered:
            for each in _of(component.quality, component.name, "", component, None, "requests"):
                rest = tuple(one for one in answered if not _says(one, each.kind))
                if rest or not answered:
                    yield each if len(rest) == len(answered) else replace(each, operations=rest)


def _says(served: Served, kind: Literal["availability", "latency"]) -> bool:
    """Whether an operation or its interface promises that itself."""
    said = (served.interface.api.quality, served.method.operation.quality)
    return any(each is not None and getattr(each, kind) is not None for each in said)


def _interfaces(graph: Graph) -> Iterator[Objective]:
    """What an operation promises itself replaces what its interface says, for that operation."""
    for interface in graph.interfaces:
        for component in interface.providers:
            answered = [each for each in signals.own(graph, component).served if each.interface is interface]
            for each in _of(interface.api.quality, component.name, interface.api.name, component, None, "requests"):
                rest = [one for one in answered if getattr(one.method.operation.quality or NOTHING, each.kind) is None]
                if rest:
                    yield replace(each, operations=tuple(rest))
            for method in interface.methods:
                own = tuple(each for each in answered if each.method == method)
                for each in _of(
                    method.operation.quality, component.name, signals.operation_name(interface, method), component, None, "requests"
                ):
                    yield replace(each, operations=own)


NOTHING = Quality()


def _externals(graph: Graph) -> Iterator[Objective]:
    called = {call.external.name for call in graph.calls if call.external is not None}
    for external in graph.externals:
        if external.name in called:
            yield from _of(external.quality, signals.external_peer(graph, external), "", None, external, "calls")


def _of(
    quality: Quality | None,
    subject: str,
    what: str,
    component: Component | None,
    external: External | None,
    measured: Literal["requests", "messages", "calls"],
) -> Iterator[Objective]:
    """The objectives of one record; what only the component itself adds to a latency shows in no histogram."""
    if quality is None:
        return
    prefix = f"{what}-" if what else ""
    is_own = quality.own and component is not None

    def objective(kind: Literal["availability", "latency"], name: str, share: Decimal, threshold: Duration | None, at: At) -> Objective:
        assert quality is not None
        return Objective(f"{prefix}{name}", kind, subject, component, external, measured, (), share, threshold, quality.rate, is_own, at)

    if quality.availability is not None:
        yield objective("availability", "availability", quality.availability.value / HUNDRED, None, quality.at)
    for name in PERCENTILES if quality.latency is not None and not quality.own else ():
        threshold: Duration | None = getattr(quality.latency, name)
        if threshold is not None:
            assert quality.latency is not None
            yield objective("latency", f"latency-{name}", Decimal(name[1:]) / HUNDRED, threshold, quality.latency.at)


PERCENTILES = ("p50", "p95", "p99")


def burns(graph: Graph, objective: Objective) -> tuple[Burn, ...]:
    """The pairs of windows in which an objective's budget is watched: as long as the metrics are kept."""
    kept = signals.observability(graph).metrics.retention
    return tuple(each for each in pairs(objective) if each.long <= kept)


def pairs(objective: Objective) -> tuple[Burn, ...]:
    """The pairs of windows in which an objective's budget could be watched.

    A pair that even a total failure does not reach is left out. In the short window so many events must be expected that a
    single bad one does not raise an alert: at a low declared rate both windows are longer.
    """
    found: dict[tuple[Duration, Duration], Burn] = {}
    for burn in BURNS:
        limit = burn.factor * objective.budget
        if limit >= 1:
            continue
        short = next((each for each in LONGER if each >= burn.short and _is_enough(objective.rate, each, limit)), None)
        if short is not None:
            found.setdefault((LONGER[short], short), Burn(burn.factor, LONGER[short], short, burn.severity))
    return tuple(found.values())


def _is_enough(rate: Rate | None, window: Duration, limit: Decimal) -> bool:
    """One bad event among those that are expected in the window is not more than the limit."""
    return rate is None or Decimal(str(rate.per_second * window.seconds)) * limit >= 1


def windows(graph: Graph) -> tuple[Duration, ...]:
    """Every window in which an objective of the system is watched."""
    return tuple(sorted({window for each in objectives(graph) for burn in burns(graph, each) for window in (burn.long, burn.short)}))
