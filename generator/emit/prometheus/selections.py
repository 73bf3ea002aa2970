"""Which series of the spans count for what: labels with the values that they may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from generator import promql, signals
from generator.graph import Graph
from generator.objectives import Objective
from generator.promql import Expression, Matcher
from generator.signals import Consumption, Dependency, Publication, Served
from generator.units import Duration

Selection = Mapping[str, tuple[str, ...]]
"""Labels and their values; a series counts when each of the labels has one of the values."""
ATTRIBUTES = ("http.request.method", "http.route", "rpc.method")
"""What tells one operation from another."""


def component(name: str) -> list[Selection]:
    """All that a component answers."""
    return [{signals.SERVICE: (name,), signals.KIND: (signals.span_kind("server"),)}]


def operations(served: Sequence[Served]) -> list[Selection]:
    """These operations of one component, in as few selections as can be: methods and paths are not independent of each other."""
    found: list[Selection] = []
    ordered = sorted(served, key=lambda each: (each.protocol, each.attributes.get("http.request.method", ""), each.span))
    for _, group in groupby(ordered, key=lambda each: (each.protocol, each.attributes.get("http.request.method", ""))):
        alike = list(group)
        values = {
            signals.label(name): tuple(sorted({each.attributes[name] for each in alike if name in each.attributes})) for name in ATTRIBUTES
        }
        found.append({**component(alike[0].component.name)[0], **{name: each for name, each in values.items() if each}})
    return found


def dependency(edge: Dependency) -> list[Selection]:
    """All calls of a component to one peer."""
    return [{signals.SERVICE: (edge.component.name,), **_client(edge.peer)}]


def _client(peer: str) -> Selection:
    return {signals.KIND: (signals.span_kind("client"),), signals.PEER_SERVICE: (peer,)}


def publication(edge: Publication) -> list[Selection]:
    """All that a component writes to a channel."""
    kind = (signals.span_kind("producer"),)
    return [{signals.SERVICE: (edge.component.name,), signals.KIND: kind, signals.DESTINATION: (edge.address,)}]


def consumption(graph: Graph, edge: Consumption) -> list[Selection]:
    """All that a component handles from a channel; the group counts only where it reads the channel as several."""
    groups = {each.group for each in signals.own(graph, edge.component).consumptions if each.address == edge.address}
    found = {**_consumer(edge.component.name), signals.DESTINATION: (edge.address,)}
    return [{**found, signals.GROUP: (edge.group,)} if len(groups) > 1 else found]


def _consumer(name: str) -> Selection:
    return {signals.SERVICE: (name,), signals.KIND: (signals.span_kind("consumer"),)}


def events(objective: Objective) -> list[Selection]:
    """What an objective counts."""
    if objective.measured == "calls":
        return [_client(objective.subject)]
    if objective.measured == "messages":
        return [_consumer(objective.subject)]
    return operations(objective.operations) if objective.operations else component(objective.subject)


def calls_out(objective: Objective) -> list[Selection]:
    """What its component calls: failures there are not its own."""
    return [{signals.SERVICE: (objective.subject,), signals.KIND: (signals.span_kind("client"),)}]


def rate(metric: str, selections: Sequence[Selection], window: Duration, more: Mapping[str, Matcher] | None = None) -> Expression:
    """Per second, of all series that one of the selections finds; `more` narrows each of them."""
    narrowed = [{**{name: promql.one_of(values) for name, values in each.items()}, **(more or {})} for each in selections]
    return promql.rate(metric, narrowed, window)


FAILED = {signals.STATUS: Matcher("=", signals.FAILED)}
NOT_FAILED = {signals.STATUS: Matcher("!=", signals.FAILED)}


def requests(selections: Sequence[Selection], window: Duration) -> Expression:
    """Events a second."""
    return promql.total(rate(signals.CALLS, selections, window))


def failures(selections: Sequence[Selection], window: Duration) -> Expression:
    """Failed events a second; none, and not nothing, as long as there was no failure yet."""
    return promql.or_zero(promql.total(rate(signals.CALLS, selections, window, FAILED)), requests(selections, window))


def quantile(selections: Sequence[Selection], share: str, window: Duration) -> Expression:
    """Seconds that so many events take at most."""
    buckets = promql.total(rate(f"{signals.DURATION}_bucket", selections, window), by=("le",))
    return promql.call("histogram_quantile", share, buckets)
