"""The catalogue of audit events as data, and its JSON Schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator import auditing
from generator.auditing import AuditedValue, AuditEntry
from generator.emit.logging.appenders import AUDIT
from generator.graph import Graph
from generator.personal import PROTECTED
from generator.text import one_line

FILE = "audit-events.yaml"
SCHEMA = "audit-events.schema.json"
RECORD = {
    "timestamp": "When it happened, in UTC.",
    "service.name": "The component that writes the record.",
    "audit.event": "What was done: the event.",
    "audit.actor": "Who did it: the subject of the caller's token, or the account of the calling service; never a name or mail address.",
    "audit.outcome": "How it ended: success, denied or failure.",
    "audit.resource.<name>": "What it was done to: the values listed with the event.",
    "audit.retention": "How long the record is kept, where that is decided.",
    "correlation_id": "What the request belongs to.",
    "request_id": "The request.",
}
"""What each record says, by attribute; ids that are protected are written as pseudonyms."""
WRITTEN = {None: "clear", "personal": "pseudonym", "sensitive": "pseudonym", "secret": "redacted"}
Data = dict[str, Any]


def catalogue(graph: Graph, entries: Sequence[AuditEntry]) -> Data:
    """What nobody decided is left out."""
    retention = auditing.retention(graph)
    return {
        "audit": {
            "system": graph.name,
            **({"retention": str(retention)} if retention else {}),
            "sink": {"logger": auditing.LOGGER, "appender": AUDIT, "attributes": dict([auditing.MARK])},
            "record": RECORD,
            "outcomes": list(auditing.OUTCOMES),
            "events": [_event(graph, each) for each in entries],
        }
    }


def _event(graph: Graph, entry: AuditEntry) -> Data:
    facts: Data = {
        "component": entry.component.name,
        "event": entry.event,
        "owner": graph.team(entry.component),
        "summary": one_line(entry.summary) if entry.summary else None,
        "operation": _operation(entry),
        "happens_to": one_line(entry.resource) if entry.resource else None,
        "resource": [_value(each) for each in entry.values],
        "retention": str(entry.retention) if entry.retention else None,
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def _operation(entry: AuditEntry) -> Data | None:
    """How the operation that writes the record is called."""
    interface, method = entry.interface, entry.method
    if interface is None or method is None:
        return None
    binding = method.operation.http
    return {
        "interface": interface.id,
        "name": method.name,
        **({"http": f"{binding.method} {interface.path(method)}"} if binding else {}),
        **({"grpc": f"{interface.package}.{interface.service}/{method.grpc_name}"} if method.grpc_name else {}),
    }


def _value(value: AuditedValue) -> Data:
    classified = {"classification": value.classification} if value.classification else {}
    return {"name": value.name, **classified, "written": WRITTEN[value.classification]}


def schema(graph: Graph) -> Data:
    """What the catalogue is, in draft-07."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{graph.schema_base}/{SCHEMA}",
        "title": "Audit events",
        "description": "What is written to the audit log, by whom, and how long it is kept.",
        "type": "object",
        "required": ["audit"],
        "additionalProperties": False,
        "properties": {"audit": AUDITED},
        "definitions": {"text": {"type": "string", "minLength": 1}, "event": EVENT, "value": VALUE},
    }


TEXT = {"$ref": "#/definitions/text"}
TEXTS = {"type": "object", "minProperties": 1, "additionalProperties": TEXT}
VALUE = {
    "type": "object",
    "required": ["name", "written"],
    "additionalProperties": False,
    "properties": {
        "name": TEXT,
        "classification": {"enum": list(PROTECTED)},
        "written": {"enum": ["clear", "pseudonym", "redacted"], "description": "How the value stands in the record."},
    },
}
EVENT = {
    "type": "object",
    "required": ["component", "event", "owner"],
    "additionalProperties": False,
    "properties": {
        "component": TEXT,
        "event": TEXT,
        "owner": TEXT,
        "summary": TEXT,
        "operation": {
            "type": "object",
            "required": ["interface", "name"],
            "additionalProperties": False,
            "properties": {"interface": TEXT, "name": TEXT, "http": TEXT, "grpc": TEXT},
        },
        "happens_to": TEXT,
        "resource": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/value"}},
        "retention": TEXT,
    },
}
AUDITED = {
    "type": "object",
    "required": ["system", "sink", "record", "outcomes", "events"],
    "additionalProperties": False,
    "properties": {
        "system": TEXT,
        "retention": {"allOf": [TEXT], "description": "How long records are kept whose event does not say otherwise."},
        "sink": {
            "type": "object",
            "required": ["logger", "appender", "attributes"],
            "additionalProperties": False,
            "properties": {"logger": TEXT, "appender": TEXT, "attributes": TEXTS},
        },
        "record": TEXTS,
        "outcomes": {"type": "array", "minItems": 1, "uniqueItems": True, "items": TEXT},
        "events": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/event"}},
    },
}
