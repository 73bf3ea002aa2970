"""The logging of a component as plain data, for any language, and the JSON Schema of that."""

from __future__ import annotations

from typing import Any, get_args

from generator import auditing, names
from generator.emit.logging.settings import Settings
from generator.graph import Graph
from generator.model import Level
from generator.personal import PROTECTED

SCHEMA = "logging.schema.json"
CONSOLE, COLLECTOR, AUDIT, ROOT = "console", "collector", "audit", "root"
FIELDS = (
    "timestamp", "level", "logger", "message", "service", "correlation_id", "request_id", "trace_id", "span_id", "mdc", "exception",
)  # fmt: skip
"""Keys of each line; what a program adds stands below `mdc`."""
REPLACEMENT = "[REDACTED]"


def configuration(found: Settings) -> dict[str, Any]:
    """Levels, appenders, loggers, correlation and redaction; every logger says where its records go, and they go nowhere else."""
    return {
        "logging": {
            "component": found.component.name,
            "level": found.level,
            **({"retention": str(found.retention)} if found.retention else {}),
            "appenders": _appenders(found),
            "loggers": _loggers(found),
            "correlation": {
                "enabled": True,
                "header_names": [names.CORRELATION_ID_HEADER, names.REQUEST_ID_HEADER],
                "fields": {names.CORRELATION_ID_HEADER: "correlation_id", names.REQUEST_ID_HEADER: "request_id"},
            },
            "redaction": {
                "replacement": REPLACEMENT,
                "fields": [{"name": each.name, "classification": each.classification} for each in found.fields.values()],
                "paths": list(found.paths),
                "mail_addresses": found.has_mail_addresses,
            },
        }
    }


def _appenders(found: Settings) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = [
        {"name": CONSOLE, "type": "console", "layout": {"type": "json", "fields": list(FIELDS)}},
        {"name": COLLECTOR, "type": "otlp"},
    ]
    if found.entries:
        kept = {"retention": str(found.audit_retention)} if found.audit_retention else {}
        listed.append({"name": AUDIT, "type": "otlp", "attributes": dict([auditing.MARK]), **kept})
    return listed


def _loggers(found: Settings) -> list[dict[str, Any]]:
    usual = {"appenders": [CONSOLE, COLLECTOR], "additive": False}
    audit = [{"name": auditing.LOGGER, "level": "INFO", "appenders": [AUDIT], "additive": False}] if found.entries else []
    own = [{"name": each.name, "level": each.level, **usual} for each in found.loggers]
    return [{"name": ROOT, "level": found.level, **usual}, *audit, *own]


def schema(graph: Graph) -> dict[str, Any]:
    """What such a file is, in draft-07."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{graph.schema_base}/{SCHEMA}",
        "title": "Logging",
        "description": "What a component logs, where it goes, and what is never shown in it.",
        **_object({"logging": _object(LOGGING, optional=("retention",))}),
        "definitions": {
            "name": NAME,
            "level": {"enum": list(get_args(Level)), "description": "Lowest level that is logged."},
            "duration": {"type": "string", "pattern": "^([0-9]+(ms|s|m|h|d|w|y))+$"},
        },
    }


def _object(properties: dict[str, Any], optional: tuple[str, ...] = (), **rest: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties, **rest}


def _list(items: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **rest}


NAME = {"type": "string", "minLength": 1}
A_NAME, A_LEVEL, A_DURATION = ({"$ref": f"#/definitions/{each}"} for each in ("name", "level", "duration"))
LAYOUT = _object({"type": {"const": "json"}, "fields": _list(A_NAME, minItems=1, uniqueItems=True, description="Keys of each line.")})
APPENDER = {
    "oneOf": [
        _object({"name": A_NAME, "type": {"const": "console", "description": "Standard output."}, "layout": LAYOUT}),
        _object(
            {
                "name": A_NAME,
                "type": {"const": "otlp", "description": "OpenTelemetry, to the collector of the environment."},
                "attributes": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"type": "string"},
                    "description": "What each of its records has besides: the collector sorts by it.",
                },
                "retention": {"allOf": [A_DURATION], "description": "How long records are kept, unless their event says otherwise."},
            },
            optional=("attributes", "retention"),
        ),
    ]
}
LOGGER = _object(
    {
        "name": A_NAME,
        "level": A_LEVEL,
        "appenders": _list(A_NAME, minItems=1, uniqueItems=True),
        "additive": {"const": False, "description": "Its records go to its own appenders only."},
    }
)
LOGGING = {
    "component": A_NAME,
    "level": A_LEVEL,
    "retention": {"allOf": [A_DURATION], "description": "How long records are kept."},
    "appenders": _list(APPENDER, minItems=1, uniqueItems=True),
    "loggers": _list(LOGGER, minItems=1, uniqueItems=True),
    "correlation": _object(
        {
            "enabled": {"type": "boolean"},
            "header_names": _list(A_NAME, uniqueItems=True, description="Headers that are read, written and handed on."),
            "fields": {"type": "object", "additionalProperties": A_NAME, "description": "Key of each line that has the header's value."},
        }
    ),
    "redaction": _object(
        {
            "replacement": A_NAME,
            "fields": _list(
                _object({"name": A_NAME, "classification": {"enum": list(PROTECTED)}}),
                description="Names whose values are replaced, compared without case and separators.",
            ),
            "paths": _list({"type": "string", "pattern": "^/"}, description="Paths in which values with these names are replaced."),
            "mail_addresses": {"type": "boolean", "description": "Mail addresses are replaced wherever they stand."},
        }
    ),
}
