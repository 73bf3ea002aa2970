"""Inhibition: an alert that explains others is told alone; one that is less bad never mutes one that is worse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.alerts import COMPONENT, PEER, SEVERITY, SLO, Alert
from generator.emit.alertmanager.routes import ALERT, SEVERITIES, equal
from generator.model import AlertName, Severity
from generator.promql import quoted

BURNS: tuple[AlertName, ...] = ("AvailabilityBudgetBurn", "LatencyBudgetBurn")


def rules(raised: Sequence[Alert]) -> list[dict[str, Any]]:
    """Only those for alerts that the system has."""
    return [*_down(raised), *_called(raised), *_worse(raised), *_open(raised), *_unmeasured(raised)]


def _down(raised: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """A component that is down fails in every other way as well."""
    down = [each for each in raised if each.name == "ServiceDown"]
    for severity in _severities(down):
        source = {ALERT: "ServiceDown", SEVERITY: severity}
        yield _rule("a component that is down", source, [f"{ALERT}!={quoted('ServiceDown')}", *_no_worse(severity)], [COMPONENT])


def _called(raised: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """Calls to a component that is down fail, and its own team knows; a promise that this breaks is still told of.

    The label `component` of the one is the label `peer` of the other, so it takes a rule for each component.
    """
    calling: dict[str, list[Alert]] = {}
    for each in raised:
        calling.setdefault(each.labels.get(PEER, ""), []).append(each)
    for down in (each for each in raised if each.name == "ServiceDown"):
        allowed = _mutable(down.severity)
        explained = {each.name for each in calling.get(down.subject, ()) if each.severity in allowed}
        if explained:
            source = {ALERT: down.name, COMPONENT: down.subject, SEVERITY: down.severity}
            target = [_one_of(ALERT, sorted(explained)), equal(PEER, down.subject), *_no_worse(down.severity)]
            yield _rule(f"calls to {down.subject} while it is down", source, target, [])


def _worse(raised: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """A budget that burns fast burns slowly, too."""
    for name in sorted({each.name for each in raised if each.name in BURNS}):
        source = {ALERT: name, SEVERITY: "critical"}
        yield _rule(f"{name} that is worse", source, [equal(ALERT, name), equal(SEVERITY, "warning")], [COMPONENT, SLO])


def _open(raised: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """While a circuit breaker is open, calls fail at once."""
    failing = [each for each in raised if each.name == "HighCallErrorRate"]
    for severity in _severities([each for each in raised if each.name == "CircuitBreakerOpen"]):
        if any(each.severity in _mutable(severity) for each in failing):
            source = {ALERT: "CircuitBreakerOpen", SEVERITY: severity}
            target = [equal(ALERT, "HighCallErrorRate"), *_no_worse(severity)]
            yield _rule("a circuit breaker that is open", source, target, [COMPONENT, PEER])


def _unmeasured(raised: Sequence[Alert]) -> Iterator[dict[str, Any]]:
    """Without the collector no component is measured."""
    missing = [each for each in raised if each.name == "TelemetryMissing"]
    for whole in missing:
        if whole.component is None and any(each.component is not None for each in missing):
            source = {ALERT: whole.name, COMPONENT: whole.subject, SEVERITY: whole.severity}
            target = [equal(ALERT, whole.name), f"{COMPONENT}!={quoted(whole.subject)}", *_no_worse(whole.severity)]
            yield _rule("telemetry of the whole system is missing", source, target, [])


def _severities(alerts: Sequence[Alert]) -> list[Severity]:
    return [severity for severity in SEVERITIES if any(each.severity == severity for each in alerts)]


def _mutable(severity: Severity) -> tuple[Severity, ...]:
    """How bad an alert may be that one so bad mutes."""
    return SEVERITIES[SEVERITIES.index(severity) :]


def _no_worse(severity: Severity) -> list[str]:
    allowed = _mutable(severity)
    if len(allowed) == len(SEVERITIES):
        return []
    return [_one_of(SEVERITY, allowed)]


def _one_of(label: str, values: Sequence[str]) -> str:
    return equal(label, values[0]) if len(values) == 1 else f"{label}=~{quoted('|'.join(values))}"


def _rule(name: str, source: Mapping[str, str], target: Sequence[str], same: Sequence[str]) -> dict[str, Any]:
    return {
        "name": name,
        "source_matchers": [equal(label, value) for label, value in source.items()],
        "target_matchers": list(target),
        **({"equal": list(same)} if same else {}),
    }
