"""Unit tests of the alerts for `promtool test rules`: when each must be raised, and when it must not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Context, Decimal
from itertools import groupby
from typing import Any

from generator import objectives, promql, signals
from generator.alerts import COMPONENT, PEER, Alert
from generator.emit.prometheus import alerting, recording, selections
from generator.emit.prometheus.selections import Selection
from generator.graph import Graph
from generator.units import Duration

MINUTE = 60
TRAFFIC = Decimal(1_000)
"""Events a minute."""
DIGITS = Context(prec=3, rounding=ROUND_UP)
"""Shares have so many digits that what Prometheus prints of them does not hang on how it rounds."""

Series = dict[str, str]


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that must be raised, with the value that its description shows."""

    alert: Alert
    value: Decimal


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured from minute 0 on, and what must have been raised in a minute."""

    name: str
    series: Sequence[Series]
    minute: int
    raised: Sequence[Raised] = ()
    again: int | None = None
    """A later minute, after all counters have begun anew, in which the same must hold."""


def tests(graph: Graph, alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Of all alerts of a file; those that differ in nothing but how bad they are together."""
    found, unmeasured = [], []
    for (name, labels), group in groupby(alerts, key=lambda each: (each.name, tuple(sorted(each.labels.items())))):
        alike = list(group)
        about = " ".join([name, *(value for _, value in labels)])
        found += [_test(graph, f"{about}: {case.name}", alike[0], case) for case in _cases(graph, alike)]
        missed = [Raised(each, Decimal(1)) for each in alike if each.name in TOLD_IF_MISSING]
        unmeasured.append(_asked(graph, alike[0], _ripe(alike), missed))
    merged = {each["alertname"] + each["eval_time"]: dict(each, exp_alerts=[]) for each in unmeasured}
    for each in unmeasured:
        merged[each["alertname"] + each["eval_time"]]["exp_alerts"] += each["exp_alerts"]
    return [*found, {"name": "nothing is measured", "interval": "1m", "alert_rule_test": list(merged.values())}]


TOLD_IF_MISSING = ("ServiceDown", "JobOverdue", "TelemetryMissing")
"""Alerts for which no series at all is as bad as a bad one; the others are silent, and TelemetryMissing speaks for them."""


def _test(graph: Graph, name: str, alert: Alert, case: Case) -> dict[str, Any]:
    minutes = [case.minute, *([case.again] if case.again is not None else [])]
    asked = [_asked(graph, alert, minute, case.raised) for minute in minutes]
    return {"name": name, "interval": "1m", "input_series": list(case.series), "alert_rule_test": asked}


def _asked(graph: Graph, alert: Alert, minute: int, raised: Sequence[Raised]) -> dict[str, Any]:
    """With no alert named, none of this name may be raised."""
    return {"eval_time": f"{minute}m", "alertname": alert.name, "exp_alerts": [_expected(graph, each) for each in raised]}


def _expected(graph: Graph, raised: Raised) -> dict[str, Any]:
    rule = alerting.rule(graph, raised.alert)
    texts = {name: _rendered(text, raised.value) for name, text in rule["annotations"].items()}
    return {"exp_labels": rule["labels"], "exp_annotations": texts}


def _rendered(text: str, value: Decimal) -> str:
    """As Prometheus fills in the templates that we use (Prometheus, template reference)."""
    filled = text.replace(alerting.PERCENT, f"{float(value * 100):.4g}%").replace(alerting.COUNT, f"{value:.0f}")
    return filled.replace('{{ "{{" }}', "{{").replace('{{ "}}" }}', "}}")


def _cases(graph: Graph, alike: Sequence[Alert]) -> Iterator[Case]:
    alert = alike[0]
    if alert.objective is not None:
        return _of_objective(alike)
    if alert.name in alerting.LEVELS:
        return _of_share(graph, alert)
    if alert.name == "ServiceDown":
        return _of_instances(graph, alert)
    if alert.name == "JobOverdue":
        return _of_job(graph, alert)
    if alert.name == "TelemetryMissing":
        return _of_telemetry(graph, alert)
    return _of_gauge(graph, alert)


def _minutes(duration: Duration) -> int:
    return -(-duration.milliseconds // (MINUTE * 1000))


def _ripe(alerts: Iterable[Alert]) -> int:
    """A minute in which alerts whose condition holds from the start have been raised."""
    return max(_minutes(each.pending) for each in alerts) + 3


# --- counters ---------------------------------------------------------------------------------------------------------


def _sample(selection: Selection) -> dict[str, str]:
    """One of the series that a selection finds."""
    return {name: values[0] for name, values in selection.items()}


def _series(metric: str, labels: Mapping[str, str], values: str) -> Series:
    return {"series": promql.select(metric, labels), "values": values}


def _growing(each: Decimal, minutes: int, restart: int | None = None) -> str:
    """A counter that grows by the same each minute; from a minute on it begins anew."""
    step = promql.number(each)
    if restart is None:
        return f"0+{step}x{minutes}"
    return f"0+{step}x{restart} 0+{step}x{minutes - restart}"


def _calls(selection: Selection, bad: Decimal, minutes: int, restart: int | None = None) -> list[Series]:
    outcomes = (("STATUS_CODE_UNSET", TRAFFIC * (1 - bad)), (signals.FAILED, TRAFFIC * bad))
    return [
        _series(signals.CALLS, {**_sample(selection), signals.STATUS: status}, _growing(count, minutes, restart))
        for status, count in outcomes
    ]


def _durations(alert: Alert, selection: Selection, bad: Decimal, minutes: int, restart: int | None = None) -> list[Series]:
    assert alert.objective is not None and alert.objective.threshold is not None
    labels = {**_sample(selection), signals.STATUS: "STATUS_CODE_UNSET"}
    bound = recording.spelt(alert.objective.threshold)
    fast, every = _growing(TRAFFIC * (1 - bad), minutes, restart), _growing(TRAFFIC, minutes, restart)
    return [
        _series(f"{signals.DURATION}_bucket", {**labels, "le": bound}, fast),
        _series(f"{signals.DURATION}_bucket", {**labels, "le": "+Inf"}, every),
        _series(f"{signals.DURATION}_count", labels, every),
    ]


def _above(limit: Decimal) -> Decimal:
    """A share above a limit, and still one."""
    return min(DIGITS.multiply(limit, Decimal("1.25")), DIGITS.divide(limit + 1, Decimal(2)))


def _below(limit: Decimal) -> Decimal:
    return DIGITS.multiply(limit, Decimal("0.8"))


def _shares(limits: Mapping[str, Decimal]) -> Iterator[tuple[str, Decimal]]:
    """Just above what is critical, just below, and just above what is worth a warning."""
    if "critical" in limits:
        yield "burning fast", _above(limits["critical"])
    if "warning" in limits:
        between = _below(limits["critical"]) if "critical" in limits else Decimal(0)
        if between > limits["warning"]:
            yield "burning not so fast", between
        yield "burning slowly", _above(limits["warning"])


def _of_share(graph: Graph, alert: Alert) -> Iterator[Case]:
    assert alert.above is not None
    limit, minute = alert.above.value / 100, _ripe([alert])
    selection = _counted(graph, alert)
    yield Case("failing", _calls(selection, _above(limit), minute), minute, [Raised(alert, _above(limit))])
    well = _calls(selection, _below(limit), minute + 5, minute)
    yield Case("well, also when the counters begin anew", well, minute, again=minute + 3)


def _counted(graph: Graph, alert: Alert) -> Selection:
    if alert.dependency is not None:
        return selections.dependency(alert.dependency)[0]
    if alert.consumption is not None:
        return selections.consumption(graph, alert.consumption)[0]
    return selections.component(alert.subject)[0]


def _of_objective(alike: Sequence[Alert]) -> Iterator[Case]:
    """Fast enough for the lowest factor of the worst alert, then for that of the milder one alone."""
    objective, minute = alike[0].objective, _ripe(alike)
    assert objective is not None
    limits: dict[str, Decimal] = {each.severity: min(alerting.threshold(each, burn) for burn in each.burns) for each in alike}

    def measured(bad: Decimal, minutes: int, restart: int | None = None) -> list[Series]:
        selection = selections.events(objective)[-1]
        if objective.kind == "latency":
            return _durations(alike[0], selection, bad, minutes, restart)
        return _calls(selection, bad, minutes, restart)

    def raised(bad: Decimal) -> list[Raised]:
        return [Raised(each, bad) for each in alike if bad > limits[each.severity]]

    for name, bad in _shares(limits):
        yield Case(name, measured(bad, minute), minute, raised(bad))
    well = _below(min(limits.values()))
    yield Case("well, also when the counters begin anew", measured(well, minute + 5, minute), minute, again=minute + 3)
    if objective.is_own:
        everything = _above(max(limits.values()))
        caused = _series(
            signals.CALLS,
            {**_sample(selections.calls_out(objective)[0]), signals.STATUS: signals.FAILED},
            _growing(TRAFFIC * everything, minute),
        )
        yield Case("what it calls fails", [*measured(everything, minute), caused], minute)


# --- states -----------------------------------------------------------------------------------------------------------


def _of_instances(graph: Graph, alert: Alert) -> Iterator[Case]:
    """Without any target there is no instance either."""
    assert alert.component is not None
    minute = _ripe([alert])
    down = [Raised(alert, Decimal(0))]

    yield Case("no instance answers", _instances(graph, alert, f"0x{minute}", f"0x{minute}"), minute, down)
    yield Case("one instance answers", _instances(graph, alert, f"1x{minute}", f"0x{minute}"), minute)
    if alert.pending.milliseconds:
        yield Case("an instance begins anew", _instances(graph, alert, "1x5 0 1x5"), 6)


def _instances(graph: Graph, alert: Alert, *values: str) -> list[Series]:
    """Each as Prometheus sees it; Kubernetes counts those that are ready, so that the first says it all."""
    assert alert.component is not None
    if not signals.is_scraped(graph, alert.component):
        return [_series(signals.AVAILABLE, {"namespace": signals.namespaces(graph)[0], "deployment": alert.subject}, values[0])]
    return [_series(signals.UP, {COMPONENT: alert.subject, "instance": f"instance-{number}"}, each) for number, each in enumerate(values)]


def _of_gauge(graph: Graph, alert: Alert) -> Iterator[Case]:
    """What holds for a shorter time than it must is not told."""
    minute = _ripe([alert])
    high, low = (Decimal(1), Decimal(0)) if alert.breakers else _around(alert)
    labels, metric = _gauge(graph, alert)
    yield Case("holding", [_series(metric, labels, f"{high}x{minute}")], minute, [Raised(alert, high)])
    yield Case("well", [_series(metric, labels, f"{low}x{minute}")], minute)
    if alert.pending.milliseconds:
        yield Case("it begins anew", [_series(metric, labels, f"{high} {low}x{minute}")], minute)


def _around(alert: Alert) -> tuple[Decimal, Decimal]:
    """A value above the limit, and one below."""
    if alert.behind is not None:
        limit = Decimal(alert.behind.milliseconds) / 1000
        return 2 * limit, limit / 2
    return Decimal(2 * (alert.messages or 0)), Decimal((alert.messages or 0) // 2)


def _gauge(graph: Graph, alert: Alert) -> tuple[dict[str, str], str]:
    if alert.breakers:
        return {signals.SERVICE: alert.subject, "name": alert.breakers[-1].name, "state": "open"}, signals.BREAKER_STATE
    if alert.behind is not None:
        return {signals.STORE: alert.labels[PEER], "instance": "replica-1"}, signals.REPLICA_LAG
    assert alert.consumption is not None
    waiting = signals.lag(graph, alert.consumption)
    assert waiting is not None
    return dict(waiting[1]), waiting[0]


def _of_job(graph: Graph, alert: Alert) -> Iterator[Case]:
    """Time is 0 in minute 0."""
    assert alert.component is not None and alert.overdue is not None
    minute = _ripe([alert])
    labels = {"namespace": signals.namespaces(graph)[0], "cronjob": alert.subject}
    long_ago, lately = -int(alert.overdue.seconds) - MINUTE, -int(alert.overdue.seconds * 0.8) + MINUTE * minute
    overdue = [Raised(alert, Decimal(0))]
    yield Case("no run succeeded", [_series(signals.JOB_SUCCESS, labels, f"{long_ago}x{minute}")], minute, overdue)
    yield Case("no run succeeded yet", [_series(signals.JOB_CREATED, labels, f"{long_ago}x{minute}")], minute, overdue)
    yield Case("a run succeeded in time", [_series(signals.JOB_SUCCESS, labels, f"{lately}x{minute}")], minute)
    yield Case("every run succeeds", [_series(signals.JOB_SUCCESS, labels, f"0+{MINUTE}x{minute}")], minute)
    yield Case("the exporter begins anew", [_series(signals.JOB_SUCCESS, labels, f"0x{minute - 2} _ 0x2")], minute)


def _of_telemetry(graph: Graph, alert: Alert) -> Iterator[Case]:
    minute = _ripe([alert])
    missing = [Raised(alert, Decimal(1))]
    if alert.component is None:
        metric, labels = signals.UP, {"job": alerting.COLLECTOR_JOB, "instance": "collector-0"}
        yield Case("the collector does not answer", [_series(metric, labels, f"0x{minute}")], minute, missing)
    else:
        counted = objectives.of(graph, alert.subject)[0]
        labels = {**_sample(selections.events(counted)[0]), signals.STATUS: "STATUS_CODE_UNSET"}
        metric = signals.CALLS
        yield Case("spans end", [_series(metric, labels, "0+60x5 stale")], minute + 6, missing)
    well = [_series(metric, labels, f"1+1x{minute} 1x5")]
    yield Case("well, also when the counters begin anew", well, minute, again=minute + 3)
