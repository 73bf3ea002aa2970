"""The series that the recording rules record, by name; alerts, dashboards and people read these and no others (Prometheus, recording rules: level:metric:operations)."""

from __future__ import annotations

from generator.alerts import COMPONENT, GROUP, OPERATION, PEER, PROTOCOL, SLO, TOPIC
from generator.units import Duration

WINDOW = Duration(300_000)
"""Over which rates are taken, unless a name says another."""
QUANTILES = ("p50", "p95", "p99")

LABELS = {
    "component": (COMPONENT,),
    "operation": (COMPONENT, OPERATION, PROTOCOL),
    "dependency": (COMPONENT, PEER),
    "publication": (COMPONENT, TOPIC),
    "consumption": (COMPONENT, TOPIC, GROUP),
    "job": (COMPONENT,),
    "slo": (COMPONENT, SLO),
}
"""Labels of each level: what is before the first colon of a name."""

INSTANCES_UP = "component:instances_up:count"
"""Instances that answer."""
REQUESTS = "requests"
CALLS = "calls"
MESSAGES = "messages"
LEVELS = {"component": REQUESTS, "operation": REQUESTS, "dependency": CALLS, "publication": MESSAGES, "consumption": MESSAGES}
"""What is counted at each level."""
BREAKERS_OPEN = "dependency:circuit_breakers_open:max"
"""1 while a breaker towards the peer is open in any instance."""
REPLICA_LAG = "dependency:replica_lag_seconds:max"
"""Seconds that the copy which is furthest behind is behind."""
LAG = "consumption:lag:sum"
"""Messages that wait."""
JOB_AGE = "job:since_success_seconds:min"
"""Seconds since a run succeeded."""
SLO_EVENTS = "slo:events:rate5m"
"""Events a second that an objective counts."""
BUDGET = "slo:error_budget:ratio"
"""Share of the events that may break an objective."""


def rate(level: str) -> str:
    """Events a second."""
    return f"{level}:{LEVELS[level]}:rate{WINDOW}"


def errors(level: str) -> str:
    """Failed events a second."""
    return f"{level}:{_singular(level)}_errors:rate{WINDOW}"


def error_ratio(level: str) -> str:
    """Share of the events that fail."""
    return f"{level}:{_singular(level)}_errors:ratio_rate{WINDOW}"


def duration(level: str, quantile: str) -> str:
    """Seconds that so many events take at most."""
    return f"{level}:{_singular(level)}_duration_seconds:{quantile}_rate{WINDOW}"


def bad_ratio(window: Duration) -> str:
    """Share of the events in a window that break an objective."""
    return f"slo:bad_events:ratio_rate{window}"


def _singular(level: str) -> str:
    return LEVELS[level].removesuffix("s")
