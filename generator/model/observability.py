"""How the system is watched: metrics, traces, logs, audit, and who is told of what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.marks import EMAIL, LOGGER, PAGE, POSITIVE, PROBE_PATH, SMARTHOST, URL, Identifier, Named, Slug, doc, located
from generator.units import Duration, Percentage, Quantity

Severity = Literal["critical", "warning", "info"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
AlertName = Literal[
    "ServiceDown", "HighErrorRate", "HighCallErrorRate", "HighMessageErrorRate", "CircuitBreakerOpen", "ConsumerLag", "JobOverdue",
    "ReplicationLag", "AvailabilityBudgetBurn", "LatencyBudgetBurn", "TelemetryMissing",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsEndpoint:
    """Where a component serves its own metrics in the Prometheus text format."""

    port: Slug = doc("Name of the component's port.", "http")
    path: Annotated[str, PROBE_PATH] = doc("Path of the metrics.", "/metrics")
    interval: Duration | None = doc("How often they are read; by default the system's.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """How metrics are gathered and kept."""

    interval: Duration = doc("How often metrics are read.", Duration(15_000))
    retention: Duration = doc("How long Prometheus keeps them.", Duration(15 * 86_400_000))
    storage: Quantity | None = doc("Most space that they may take.", None)
    buckets: tuple[Duration, ...] = doc(
        "Bounds of the buckets in which durations are counted; by default a usual ladder and every latency objective.", ()
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Which traces are kept."""

    sample: Percentage | None = doc("Share of traces that is kept; by default all.", None)
    keep: tuple[Literal["errors"], ...] = doc(
        "Traces that are kept whatever the share: errors. They need all spans of a trace in one collector.", ()
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What is logged and how long it is kept."""

    level: Level = doc("Lowest level that is logged.", "INFO")
    retention: Duration | None = doc("How long logs are kept.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How audit records are kept."""

    retention: Duration | None = doc("How long they are kept.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """How alerts are mailed."""

    smarthost: Annotated[str, SMARTHOST] = doc("Mail server: host:port.")
    sender: Annotated[str, EMAIL] = doc("Address that the mails are from.", key="from")
    username: str | None = doc("Name at the mail server.", None)
    credentials: Slug | None = doc("Name of the secret with the password; never the password.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """How teams are told of alerts."""

    fallback: Slug | None = doc("Team that is told where the owner cannot be reached.", None)
    slack: Slug | None = doc("Name of the secret with Slack's webhook address; owners have their chat channel.", None)
    mail: Mail | None = doc("Mail server; owners have their address.", None)
    group_wait: Duration = doc("Wait for further alerts of a group before the first message.", Duration(30_000))
    group_interval: Duration = doc("Wait before a message about new alerts of a group.", Duration(300_000))
    repeat: Duration = doc("Wait before an alert that still holds is told again.", Duration(4 * 3_600_000))
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSetting:
    """When an alert is raised, how bad it is, and what the team does about it."""

    name: AlertName = doc("The alert.")
    severity: Severity | None = doc("How bad it is: critical wakes somebody up.", None)
    pending: Duration | None = doc("How long it must hold.", None, key="for")
    above: Percentage | None = doc("Share of failures above which it is raised.", None)
    messages: Annotated[int, POSITIVE] | None = doc("Messages that may wait.", None)
    check: tuple[str, ...] = doc("The team's own steps to find out more; they join those of the runbook.", ())
    act: tuple[str, ...] = doc("The team's own steps to end it; they join those of the runbook.", ())
    runbook: Annotated[str, PAGE] | None = doc("The team's own page about it: a Markdown file of the contract's folder.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observability:
    """How the whole system is watched."""

    metrics: Metrics = doc("Metrics.", Metrics())
    traces: Traces = doc("Traces.", Traces())
    logs: Logs = doc("Logs.", Logs())
    audit: Audit = doc("Audit records.", Audit())
    alerting: Alerting | None = doc("How teams are told of alerts; by default a webhook for each, its address in a secret.", None)
    alerts: Annotated[tuple[AlertSetting, ...], Named()] = doc("Alerts that are to be other than usual.", ())
    runbooks: Annotated[str, URL] | None = doc(
        "Address under which the folder with the runbooks is served; by default they are named by their path in the output.", None
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logger:
    """A logger with a level of its own."""

    name: Annotated[str, LOGGER] = doc("Logger name.")
    level: Level = doc("Lowest level that is logged.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logging:
    """What a component logs."""

    level: Level | None = doc("Lowest level that is logged; by default the system's.", None)
    loggers: Annotated[tuple[Logger, ...], Named()] = doc("Loggers with a level of their own.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Something that is written to the audit log beside the operations marked with `audit`."""

    name: Identifier = doc("Event name, PascalCase.")
    summary: str = doc("What happened.")
    resource: str | None = doc("What it happened to.", None)
    retention: Duration | None = doc("How long it is kept; by default as the system's.", None)
    at: At = located()
