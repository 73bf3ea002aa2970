"""Modules of the Python package that decide where a log record goes: to the collector, or to the audit log."""

from __future__ import annotations

COLLECTOR = r'''"""Records leave by OpenTelemetry for the collector, which keeps audit records apart from all others."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from opentelemetry._logs import SeverityNumber, get_logger, get_logger_provider

from .events import EVENTS, Event
from .redaction import additions

SEVERITIES = (
    (logging.CRITICAL, SeverityNumber.FATAL, "FATAL"),
    (logging.ERROR, SeverityNumber.ERROR, "ERROR"),
    (logging.WARNING, SeverityNumber.WARN, "WARN"),
    (logging.INFO, SeverityNumber.INFO, "INFO"),
    (logging.NOTSET, SeverityNumber.DEBUG, "DEBUG"),
)
"""OpenTelemetry, logs data model: displaying severity."""
AUDIT = "audit"
EVENT = "audit.event"
LOG_TYPE = "log.type"
PATIENCE = 5_000
"""Milliseconds in which an audit record must have left."""


class AuditRefused(ValueError):
    """The catalogue of audit events has no such record."""


class AuditUnavailable(RuntimeError):
    """The record would be lost: nothing takes it, or not in time."""


class CollectorHandler(logging.Handler):
    """Hands records to OpenTelemetry's logger provider, whichever is set; without one they stand on the console only."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] == "opentelemetry":
            return  # what the exporter says of its troubles would be exported, and so on
        try:
            logger = get_logger(record.name)
            number, text = next((number, text) for level, number, text in SEVERITIES if record.levelno >= level)
            if logger.enabled(severity_number=number):
                logger.emit(
                    timestamp=int(record.created * 1e9),
                    severity_number=number,
                    severity_text=text,
                    body=str(record.msg.get("message", "")) if isinstance(record.msg, Mapping) else record.getMessage(),
                    attributes=_attributes(record),
                )
        except Exception:  # noqa: BLE001  # as handlers do: logging says so on stderr and interrupts nobody
            self.handleError(record)


class AuditHandler(logging.Handler):
    """Hands audit records over, marked as such, and does not return before they have left."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self.component = component
        self.events: Mapping[str, Event] = EVENTS.get(component, {})

    def emit(self, record: logging.LogRecord) -> None:
        event = vars(record).get(EVENT)
        if event not in self.events:
            raise AuditRefused("audit records are written by audit(), which knows their events")
        logger = get_logger(record.name)
        if not logger.enabled(severity_number=SeverityNumber.INFO):
            raise AuditUnavailable("no OpenTelemetry logger provider is set that takes audit records")
        logger.emit(
            timestamp=int(record.created * 1e9),
            severity_number=SeverityNumber.INFO,
            severity_text="INFO",
            body=event,
            attributes={LOG_TYPE: AUDIT, **_attributes(record)},
            event_name=f"{self.component}/{event}",
        )
        flush = getattr(get_logger_provider(), "force_flush", None)
        if callable(flush) and flush(PATIENCE) is False:
            raise AuditUnavailable(f"the audit record has not left within {PATIENCE} ms")


def _attributes(record: logging.LogRecord) -> dict[str, Any]:
    own = vars(record)
    found = dict(record.msg) if isinstance(record.msg, Mapping) else {}
    found.pop("message", None)
    found |= additions(record)
    found |= {key: own.get(key) for key in ("correlation_id", "request_id")}
    found |= {"exception.type": own.get("_exception_type"), "exception.message": own.get("_exception_message")}
    found |= {"exception.stacktrace": record.exc_text, "code.stacktrace": record.stack_info}
    return {name: _any_value(value) for name, value in found.items() if value is not None}


def _any_value(value: object) -> Any:
    """What OTLP can carry; the rest as text."""
    if isinstance(value, Mapping):
        return {str(name): _any_value(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_any_value(each) for each in value]
    return value if isinstance(value, str | bool | int | float) else str(value)
'''

AUDIT = r'''"""The audit log: who did what to which thing, and with what outcome."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .collector import AUDIT, EVENT, AuditHandler, AuditRefused, AuditUnavailable
from .events import OUTCOMES, Outcome
from .redaction import REDACTED, RedactionFilter, fold

ACTOR, OUTCOME, RETENTION = "audit.actor", "audit.outcome", "audit.retention"
RESOURCE = "audit.resource."
KEY_FILE = "AUDIT_PSEUDONYM_KEY_FILE"
"""Environment variable with the path of the key of the pseudonyms: 32 random bytes or more."""
SHORTEST_KEY = 32


def audit(event: str, *, actor: str, outcome: Outcome = "success", resource: Mapping[str, object] | None = None) -> None:
    """Write an audit record, and return when it has left.

    `event` is one of the component's events in the catalogue; `actor` is the subject of the caller's token or the account
    of the calling service, never a name or mail address; `resource` tells what it happened to, by the values that the
    catalogue lists for the event, or by those that identify what it names.

    Raises AuditRefused for what the catalogue does not know, and AuditUnavailable when nothing takes the record: what must
    not happen unseen should not happen then. It waits for the collector; in a coroutine: `await asyncio.to_thread(audit, ...)`.
    """
    logger = logging.getLogger(AUDIT)
    handlers = [each for each in logger.handlers if isinstance(each, AuditHandler)]
    if not handlers:
        raise AuditUnavailable("logging is not configured, or the component has no audit events")
    for handler in handlers:
        values = _values(handler, event, actor, outcome, resource or {})
        record = logger.makeRecord(AUDIT, logging.INFO, __file__, 0, event, (), None, "audit", values)
        if handler.filter(record):  # not by the logger: no level and no logging.disable() keeps a record from being written
            handler.emit(record)


def _values(handler: AuditHandler, event: str, actor: str, outcome: str, resource: Mapping[str, object]) -> dict[str, object]:
    known = handler.events.get(event)
    if known is None:
        raise AuditRefused(f"{handler.component} has no audit event {event!r}, only {', '.join(sorted(handler.events)) or 'none'}")
    missing = [name for name in known.resource if resource.get(name) is None]
    missing += [known.about] if known.about and not resource else []
    if missing:
        raise AuditRefused(f"{event} is not recorded without {', '.join(missing)}")
    if not actor or outcome not in OUTCOMES:
        raise AuditRefused(f"{event} is not recorded {f'with the outcome {outcome!r}' if actor else 'without an actor'}")
    found: dict[str, object] = {EVENT: event, ACTOR: actor, OUTCOME: outcome}
    found |= {RETENTION: known.retention} if known.retention else {}
    return found | {f"{RESOURCE}{name}": value for name, value in resource.items()}


class AuditFilter(RedactionFilter):
    """Shows protected values of the resource as pseudonyms: who has the key can tell whose record it was, and nobody else.

    Without a key they are hidden, and secrets always are.
    """

    def __init__(self, fields: Mapping[str, str], paths: Iterable[str] = (), mail_addresses: bool = False) -> None:
        super().__init__(fields, paths, mail_addresses)
        path = os.environ.get(KEY_FILE)
        self.key = Path(path).read_bytes() if path else None
        if self.key is not None and len(self.key) < SHORTEST_KEY:
            raise ValueError(f"the key in {path} is shorter than {SHORTEST_KEY} bytes")

    def member(self, name: str, value: object, depth: int = 0) -> Any:
        if depth == 0 and name in {EVENT, ACTOR, OUTCOME, RETENTION}:
            return self.value(value)
        field = name.removeprefix(RESOURCE)
        if depth or field == name or value is None or not self.is_protected(field):
            return super().member(name, value, depth)
        if self.key is None or fold(field) in self.secrets or fold(field.rpartition(".")[2]) in self.secrets:
            return REDACTED
        return f"hmac-sha256:{hmac.new(self.key, str(value).encode(), hashlib.sha256).hexdigest()}"
'''
