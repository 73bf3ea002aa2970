"""Records for tests: values that keep the checks of a flow, and values that break one."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from generator.beam.fields import Field
from generator.graph import Graph, Pipeline
from generator.model import FlowCheck, Schema

MOMENT = "2026-01-02T03:04:05.000000Z"
PLAIN = {
    "uuid": "0c8a1f2e-0000-4000-8000-000000000001",
    "timestamp": MOMENT,
    "date": "2026-01-02",
    "decimal": "12.50",
    "integer": 7,
    "number": 1.5,
    "boolean": True,
    "json": "{}",
}
"""A value of each kind; texts are made."""
TEXTS = {"email": "ada@example.com", "uri": "https://example.com/a", "hostname": "example.com", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1"}
TRIES = (
    "A",
    "a",
    "DE",
    "EUR",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "AB-12",
    "AB12",
    "abc",
    "ABC-123",
    "ABC123",
    "a@example.com",
    "+4930123456",
)
"""Short texts of which one or another keeps most patterns."""


def record(graph: Graph, pipeline: Pipeline, fields: dict[str, Field]) -> dict[str, Any] | None:
    """A record that keeps every check, None where no value is known for one of its fields."""
    found: dict[str, Any] = {}
    for name, field in fields.items():
        checks = [each for each in pipeline.flow.checks if each.field == name]
        value = good(graph, field, checks)
        if value is None:
            return None
        found[name] = value
    return found


def good(graph: Graph, field: Field, checks: list[FlowCheck]) -> Any:
    """The first candidate that keeps the checks of its field; none where there is no such, as only not_empty minds that."""
    return next((each for each in _candidates(graph, field, checks) if all(holds(check, each) for check in checks)), None)


def bad(field: Field, check: FlowCheck, others: list[FlowCheck]) -> Any:
    """A value that breaks this check and no other of its field; None if there is none."""
    match check.rule:
        case "not_empty":
            tries: list[Any] = ["", " "] if field.beam_type == "string" else []
        case "email_format":
            tries = ["nobody"]
        case "range":
            tries = [check.minimum - 1 if check.minimum is not None else None, check.maximum + 1 if check.maximum is not None else None]
            tries = [_in_kind(field, each) for each in tries if each is not None]
        case "one_of":
            tries = ["no such value", "-"] if field.beam_type == "string" else []
        case _:
            tries = ["no such value", "\t", "-", ""] if field.beam_type == "string" else []
    return next((each for each in tries if not holds(check, each) and all(holds(other, each) for other in others)), None)


def holds(check: FlowCheck, value: Any) -> bool:
    """What the check says of a value; references are told by a field of their own."""
    if check.rule == "not_empty":
        return value is not None and str(value).strip() != ""
    if value is None or check.rule == "reference":
        return True
    match check.rule:
        case "email_format":
            return re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", str(value)) is not None
        case "pattern":
            try:
                return re.fullmatch(check.pattern or "", str(value)) is not None
            except re.error:
                return False  # what is no pattern is refused by review
        case "range":
            number = float(value)
            return (check.minimum is None or number >= check.minimum) and (check.maximum is None or number <= check.maximum)
        case _:
            return (str(value).lower() if isinstance(value, bool) else str(value)) in check.values


def _candidates(graph: Graph, field: Field, checks: list[FlowCheck]) -> list[Any]:
    schema = graph.resolve(field.schema) if field.schema is not None else Schema()
    found: list[Any] = [_in_kind(field, value) for check in checks for value in sorted(check.values)]
    found += [_in_kind(field, bound) for check in checks for bound in (check.minimum, check.maximum) if bound is not None]
    found += [_in_kind(field, bound) for bound in (schema.minimum, schema.maximum) if bound is not None]
    found += sorted(schema.enum)
    found += [example.value for example in graph.examples_of(field.schema) if isinstance(example.value, str)]
    if field.kind in PLAIN:
        return [*found, PLAIN[field.kind]]
    if schema.const is not None:
        found.append(schema.const)
    mails = [TEXTS["email"]] if any(check.rule == "email_format" for check in checks) else []
    own = [f"{field.name} of a record", *TRIES]
    if schema.pattern:
        own = [each for each in own if _matches(schema.pattern, each)] or own
    return [*found, *mails, *([TEXTS[schema.format]] if schema.format in TEXTS else []), *own]


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False  # a pattern of ECMA 262 that Python does not know


def _in_kind(field: Field, value: Any) -> Any:
    """A value of a check as the field has it."""
    try:
        match field.kind:
            case "integer":
                return int(Decimal(str(value)))
            case "number":
                return float(value)
            case "boolean":
                return str(value).lower() == "true"
            case "json":
                return json.dumps(value)
            case _:
                return str(value)
    except (ArithmeticError, ValueError):
        return None
