"""The logging of a component for Python: what `logging.config.dictConfig` loads, as JSON, which uvicorn and gunicorn load too."""

from __future__ import annotations

from typing import Any

from generator import auditing
from generator.emit.logging.appenders import AUDIT, COLLECTOR, CONSOLE
from generator.emit.logging.package import import_name
from generator.emit.logging.settings import Settings
from generator.graph import Graph


def configuration(graph: Graph, found: Settings) -> dict[str, Any]:
    """Handlers redact before they format, so loggers of libraries are covered as well; only the audit logger stands apart."""
    package = import_name(graph)
    redacted = {
        "fields": {each.name: each.classification for each in found.fields.values()},
        "paths": list(found.paths),
        "mail_addresses": found.has_mail_addresses,
    }
    shared = {name: f"cfg://redaction.{name}" for name in redacted}
    filters: dict[str, Any] = {
        "context": {"()": f"{package}.ContextFilter", "service": found.component.name},
        "redaction": {"()": f"{package}.RedactionFilter", **shared},
    }
    handlers: dict[str, Any] = {
        CONSOLE: {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "json",
            "filters": ["context", "redaction"],
        },
        COLLECTOR: {"()": f"{package}.CollectorHandler", "filters": ["context", "redaction"]},
    }
    loggers: dict[str, Any] = {each.name: {"level": each.level} for each in found.loggers}
    if found.entries:
        filters["audit"] = {"()": f"{package}.AuditFilter", **shared}
        handlers[AUDIT] = {"()": f"{package}.AuditHandler", "component": found.component.name, "filters": ["context", "audit"]}
        loggers = {auditing.LOGGER: {"level": "INFO", "handlers": [AUDIT], "propagate": False}, **loggers}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "redaction": redacted,
        "formatters": {"json": {"()": f"{package}.JsonLines"}},
        "filters": filters,
        "handlers": handlers,
        "loggers": loggers,
        "root": {"level": found.level, "handlers": [CONSOLE, COLLECTOR]},
    }
