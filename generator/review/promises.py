"""What is promised can be kept, measured and watched: objectives, the buckets that latencies are counted in, and how often metrics are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from generator import objectives, placement, recorded, signals
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Graph
from generator.model import Latency, MetricsEndpoint, Quality
from generator.objectives import Objective
from generator.review.schemas import did_you_mean
from generator.units import Duration, Percentage

SAMPLES = 4
"""A rate wants so many samples in its window: with fewer a missed scrape leaves nothing (Prometheus, rate())."""
SPARSE = Duration(recorded.WINDOW.milliseconds // SAMPLES)
PROMISED = ("availability", "latency")


class Promise(NamedTuple):
    """A quality, what it is promised of, and which of it holds for nothing, since everything promises its own."""

    quality: Quality
    of: str
    replaced: frozenset[str] = frozenset()


def promises(graph: Graph) -> Iterator[Promise]:
    """Every quality that the contract speaks of."""
    document = graph.system.document
    if document.quality is not None:
        yield Promise(document.quality, "the system")
    answered = signals.served(graph)
    for component in graph.components:
        if component.quality is not None:
            mine = [each for each in answered if each.component == component]
            own = [(each.interface.api.quality, each.method.operation.quality) for each in mine]
            yield Promise(component.quality, component.name, _replaced(own))
    for interface in graph.interfaces:
        if interface.api.quality is not None:
            yield Promise(interface.api.quality, interface.id, _replaced([(each.operation.quality,) for each in interface.methods]))
        for method in interface.methods:
            if method.operation.quality is not None:
                yield Promise(method.operation.quality, signals.operation_name(interface, method))
    for external in graph.externals:
        if external.quality is not None:
            yield Promise(external.quality, external.name)


def _replaced(own: Sequence[Sequence[Quality | None]]) -> frozenset[str]:
    """What each of the operations promises itself."""
    return frozenset(
        key for key in PROMISED if own and all(any(each is not None and getattr(each, key) is not None for each in said) for said in own)
    )


def impossible(graph: Graph) -> Iterator[Diagnostic]:
    """`impossible-objective`: all or nothing is promised. Without an error budget the first failure breaks the promise for good.

    An alert on its budget would be raised for ever, or never (Site Reliability Engineering, chapter 4: 100% is the wrong target).

        quality: {availability: 100%}

    Fix: promise less than 100% and more than 0%, such as 99.9%.
    """
    for promise in promises(graph):
        shares = [(promise.quality.availability, promise.quality.at["availability"])]
        shares += [(each.target, each.at["target"]) for each in promise.quality.objectives]
        for share, at in shares:
            if share is not None and not 0 < share.value < 100:
                message = f"{share} is promised of {promise.of}: {'nobody can keep that' if share.value else 'that promises nothing'}"
                yield Diagnostic("impossible-objective", at, message, "less than 100% and more than 0%, such as 99.9%")


# --- what is counted --------------------------------------------------------------------------------------------------


def buckets(graph: Graph) -> Iterator[Diagnostic]:
    """`unordered-buckets`, `latency-without-bucket`: durations are counted between bounds that do not rise, or none of which is what is
    promised.

    A histogram only knows how many requests took up to a bound; between two of them it guesses.

        metrics: {buckets: [100ms, 1s]}
        quality: {latency: {p99: 500ms}}

    Fix: list the bounds from the shortest, each once, and none of 0s; add the promised time to them, or promise one of them.
    """
    metrics = signals.observability(graph).metrics
    bounds = metrics.buckets
    if bounds and not bounds[0].milliseconds:
        yield Diagnostic("unordered-buckets", metrics.at["buckets"], "a bucket ends at 0s, before anything has begun", "leave it out")
    for before, after in pairwise(bounds):
        if after <= before:
            message = f"the bucket that ends at {after} comes after the one that ends at {before}"
            yield Diagnostic("unordered-buckets", metrics.at["buckets"], message, "each bound is greater than the one before")
            break
    for objective in objectives.objectives(graph) if bounds else ():
        threshold = objective.threshold
        if threshold is not None and threshold not in bounds:
            nearest = min(bounds, key=lambda each: (abs(each.milliseconds - threshold.milliseconds), each))
            at = objective.at[_key(objective)]
            related = (Related(metrics.at["buckets"], "the bounds"),)
            message = f"no bucket ends at {threshold}, so nobody can count what takes longer"
            help = f"add {threshold} to the buckets, or promise {nearest}, the nearest bound"
            yield Diagnostic("latency-without-bucket", at, message, help, related=related)


def _key(objective: Objective) -> str:
    """Of the promise: `availability`, or the percentile."""
    return objective.name.rpartition("-")[2]


# --- what is watched --------------------------------------------------------------------------------------------------


def watched(graph: Graph) -> Iterator[Diagnostic]:
    """`unwatched-objective` (warning, info), `short-retention` (info): a promise that no alert watches, or not over all of its windows.

    Nothing measures it, metrics are not kept long enough, or there are so few events that a single bad one is above every limit.

        quality: {availability: 99.99%, rate: 2/d}

    Fix: say `metrics: {retention: 30d}`, or as long as the finding says; promise it of what answers requests, handles messages or is
    called; what is too rare for an alert is looked at in a report.
    """
    metrics = signals.observability(graph).metrics
    longest = Duration(0)
    for objective in objectives.objectives(graph):
        wanted = objectives.pairs(objective)
        found = objectives.burns(graph, objective)
        at = objective.at[_key(objective)]
        if not wanted:
            message = (
                f'"{objective.name}" of {objective.subject} is not watched: at {objective.rate} one bad event is more than any alert allows'
            )
            yield Diagnostic("unwatched-objective", at, message, "look at it in a report, once a month", Severity.INFO)
        elif not found:
            needed = min(each.long for each in wanted)
            message = f'"{objective.name}" of {objective.subject} is not watched: metrics are kept for {metrics.retention}'
            yield Diagnostic("unwatched-objective", at, message, f"metrics: {{retention: {needed}}} or longer", Severity.WARNING)
        longest = max(longest, *(each.long for each in wanted)) if wanted else longest
    if longest > metrics.retention:
        message = f"metrics are kept for {metrics.retention}, and budgets that burn slowly are seen over {longest}"
        yield Diagnostic("short-retention", metrics.at["retention"], message, f"{longest} or longer", Severity.INFO)
    yield from _unmeasured(graph)


def _unmeasured(graph: Graph) -> Iterator[Diagnostic]:
    """Promises that are part of no objective."""
    measured = {each.at.span for each in objectives.objectives(graph)}
    for promise in promises(graph):
        for key in PROMISED:
            said = getattr(promise.quality, key)
            record = said.at if isinstance(said, Latency) else promise.quality.at
            if said is not None and record.span not in measured and key not in promise.replaced and not _is_impossible(said):
                yield Diagnostic("unwatched-objective", promise.quality.at[key], *_why(promise, key), Severity.INFO)


def _is_impossible(said: Latency | Percentage) -> bool:
    """That is reported already."""
    return isinstance(said, Percentage) and not 0 < said.value < 100


def _why(promise: Promise, key: str) -> tuple[str, str]:
    if key == "latency" and promise.quality.own:
        message = f"no alert watches the latency of {promise.of}: nothing measures what it adds to what it calls"
        return message, "look at its traces"
    message = f"no alert watches the {key} of {promise.of}: nothing counts its requests, messages or calls"
    return message, "promise it of what answers requests, handles messages, or is called"


# --- how metrics are read ---------------------------------------------------------------------------------------------


def intervals(graph: Graph) -> Iterator[Diagnostic]:
    """`sparse-metrics`, `zero-interval`: metrics are read so seldom that rates over five minutes have gaps; or something is to happen
    every 0s.

    With fewer than four samples in five minutes a rate jumps or is missing, and alerts with it.

        metrics: {interval: 5m}

    Fix: read metrics every 15s to 1m; give a time of more than 0s, or leave it out for the usual.
    """
    said = signals.observability(graph)
    read = [(said.metrics.at["interval"], said.metrics.interval)]
    read += [(each.at["interval"], each.interval) for each, _ in _endpoints(graph) if each.interval is not None]
    for at, interval in read:
        if interval > SPARSE:
            message = f"metrics are read every {interval}, and a rate over {recorded.WINDOW} wants {SAMPLES} samples"
            yield Diagnostic("sparse-metrics", at, message, f"{SPARSE} or less, such as 15s")
    times = [(at, "metrics are read every", interval) for at, interval in read]
    times.append((said.metrics.at["retention"], "metrics are kept for", said.metrics.retention))
    if said.alerting is not None:
        times.append((said.alerting.at["group_interval"], "news of a group are told every", said.alerting.group_interval))
        times.append((said.alerting.at["repeat"], "alerts are told again every", said.alerting.repeat))
    for at, what, time in times:
        if not time.milliseconds:
            yield Diagnostic("zero-interval", at, f"{what} {time}", "more than that; leave it out for the usual")


def endpoints(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-port`: metrics are to be read from a port that the component does not have.

    Prometheus reads nothing there, and the component is reported as down for ever.

        runtime: {ports: {http: 8080}, metrics: {port: admin}}

    Fix: name a port of the component, or declare it under `ports`.
    """
    for endpoint, ports in _endpoints(graph):
        if endpoint.port not in ports and "*" not in graph.system.lost:
            message = f'no port "{endpoint.port}", from which metrics are to be read'
            yield Diagnostic("unknown-port", endpoint.at["port"], message, did_you_mean(endpoint.port, ports))


def _endpoints(graph: Graph) -> Iterator[tuple[MetricsEndpoint, list[str]]]:
    """Where metrics are served, with the ports that there are: the component's, and for what holds for all those of any."""
    every: set[str] = set()
    for component in graph.components:
        ports = {each.name for each in placement.ports(graph, component)}
        every |= ports
        if component.runtime is not None and component.runtime.metrics is not None:
            yield component.runtime.metrics, sorted(ports)
    defaults = graph.system.document.defaults
    if defaults is not None and defaults.metrics is not None:
        yield defaults.metrics, sorted(every)


RULES = (impossible, buckets, watched, intervals, endpoints)
