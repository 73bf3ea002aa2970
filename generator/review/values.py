"""What is wrong with a value of a type, in words: the check behind examples and defaults.

It follows JSON Schema 2020-12 where the portable vocabulary does, and is stricter where artifacts would differ: a whole
number is written without a fraction, and formats are checked. Provers ask a JSON Schema library the same question later.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator.dialects import BOUNDS, IMPLIED_PATTERNS
from generator.graph import Graph
from generator.model import Schema
from generator.review.patterns import fault
from generator.review.schemas import a, did_you_mean, is_lost

INTEGERS = {**BOUNDS, "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}
"""What each integer format holds; without a format it is int64."""
MOST_FAULTS = 10
"""Of one value: whoever sees ten has read enough."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One place of a value that does not fit; `is_unknown` when the type merely does not know the property."""

    message: str
    help: str | None = None
    is_unknown: bool = False


def mismatches(graph: Graph, schema: Schema, value: object) -> list[Mismatch]:
    """The places where the value is not what the schema says, the first few of them."""
    found: list[Mismatch] = []
    for mismatch in _any(graph, schema, value, ""):
        found.append(mismatch)
        if len(found) == MOST_FAULTS:
            break
    return found


def _any(graph: Graph, schema: Schema, value: Any, place: str) -> Iterator[Mismatch]:
    schema = graph.resolve(schema)
    if is_lost(schema):
        return
    if schema.one_of:
        yield from _member(graph, schema, value, place)
        return
    if schema.type is None:
        return
    if not IS_OF_TYPE[schema.type](value):
        yield Mismatch(f"{place or 'it'} is {_shown(value)}, not {a(schema.type)}", _type_help(schema, value))
    elif schema.type == "object":
        yield from _object(graph, schema, value, place)
    elif schema.type == "array":
        yield from _list(graph, schema, value, place)
    elif schema.type == "string":
        yield from _text(schema, value, place)
    elif schema.type in ("integer", "number"):
        yield from _number(schema, value, place)


IS_OF_TYPE: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}


def _shown(value: object) -> str:
    """The value as it would stand in JSON, cut where it gets long; a list or mapping by its kind."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) > 10**40:
        return "a huge number"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _type_help(schema: Schema, value: object) -> str | None:
    if value is None:
        return "null is no value: leave the property out"
    if schema.type == "string" and not isinstance(value, (dict, list)):
        return "put it in quotes"
    if schema.type in ("integer", "number", "boolean") and isinstance(value, str):
        return "write it without quotes"
    if schema.type == "integer" and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}" if abs(value) < 2**63 else None
    return None


def _object(graph: Graph, schema: Schema, value: dict[str, Any], place: str) -> Iterator[Mismatch]:
    known = {each.name: each.schema for each in schema.properties}
    for name in schema.required:
        if name not in value and name in known:
            yield Mismatch(f"{place or 'it'} has no {name!r}, which is required".replace("'", '"'))
    for name, part in value.items():
        inner = f"{place}.{name}" if place else name
        if name in known:
            yield from _any(graph, known[name], part, inner)
        elif isinstance(schema.additional, Schema):
            yield from _any(graph, schema.additional, part, inner)
        elif schema.additional is False or (schema.additional is None and known and not name.startswith("$")):
            is_open = schema.additional is None
            yield Mismatch(f"{inner} is no property that the type knows", did_you_mean(name, known), is_unknown=is_open)
    yield from _count(len(value), schema.min_properties, schema.max_properties, place, "entries")


def _list(graph: Graph, schema: Schema, value: list[Any], place: str) -> Iterator[Mismatch]:
    yield from _count(len(value), schema.min_items, schema.max_items, place, "items")
    if schema.unique_items and len({json.dumps(each, sort_keys=True) for each in value}) < len(value):
        yield Mismatch(f"{place or 'it'} holds an item twice")
    if schema.items is not None:
        for index, each in enumerate(value):
            yield from _any(graph, schema.items, each, f"{place}[{index}]")


def _member(graph: Graph, schema: Schema, value: Any, place: str) -> Iterator[Mismatch]:
    """A union's value is that of the member which its discriminator names."""
    if schema.discriminator is None:
        return
    name = schema.discriminator.property
    if not isinstance(value, dict):
        yield Mismatch(f"{place or 'it'} is {_shown(value)}, not an object")
        return
    values = {member.name: member.type for member in schema.discriminator.mapping}
    chosen = value.get(name)
    if not isinstance(chosen, str) or chosen not in values:
        what = f'has no "{name}"' if name not in value else f'has the "{name}" {_shown(chosen)}'
        help = did_you_mean(chosen, values) if isinstance(chosen, str) else f"one of {', '.join(sorted(values))}"
        yield Mismatch(f"{place or 'it'} {what}, which names no member of the union", help)
    elif not graph.resolve(graph.types[values[chosen]].schema).one_of:
        yield from _any(graph, graph.types[values[chosen]].schema, value, place)


def _count(count: int, least: int | None, most: int | None, place: str, what: str) -> Iterator[Mismatch]:
    if least is not None and count < least:
        yield Mismatch(f"{place or 'it'} has {count} {what}, and at least {least} are needed")
    if most is not None and count > most:
        yield Mismatch(f"{place or 'it'} has {count} {what}, and at most {most} are allowed")


def _text(schema: Schema, value: str, place: str) -> Iterator[Mismatch]:
    place = place or "it"
    if schema.const is not None and value != schema.const:
        yield Mismatch(f"{place} is {_shown(value)}, and must be {_shown(schema.const)}")
    if schema.enum and value not in schema.enum:
        yield Mismatch(f"{place} is {_shown(value)}, which the enum does not list", did_you_mean(value, schema.enum))
    yield from _count(len(value), schema.min_length, schema.max_length, place, "characters")
    pattern = schema.pattern if schema.pattern and fault(schema.pattern) is None else None
    if pattern and not re.search(pattern, value):
        yield Mismatch(f"{place} is {_shown(value)}, which the pattern {pattern} does not match")
    if schema.format in FORMATS and not FORMATS[schema.format](value):
        yield Mismatch(f"{place} is {_shown(value)}, which is no {schema.format}", f"such as {SAMPLES[schema.format]}")
    if schema.encoding and not _is_base64(value):
        yield Mismatch(f"{place} is {_shown(value)}, which is not base64", "such as aGVsbG8=")


def _number(schema: Schema, value: int | float, place: str) -> Iterator[Mismatch]:
    place = place or "it"
    least, most = INTEGERS.get(schema.format or "int64", (None, None)) if schema.type == "integer" else (None, None)
    if (least is not None and value < least) or (most is not None and value > most):
        yield Mismatch(f"{place} is {_shown(value)}, more than {schema.format or 'int64'} holds")
    elif isinstance(value, int) and abs(value) > 2**1023:
        yield Mismatch(f"{place} is a huge number, more than a double holds")
    bounds: tuple[tuple[int | float | None, str, Callable[[Any, Any], bool]], ...] = (
        (schema.minimum, "at least", lambda bound, given: given >= bound),
        (schema.maximum, "at most", lambda bound, given: given <= bound),
        (schema.exclusive_minimum, "more than", lambda bound, given: given > bound),
        (schema.exclusive_maximum, "less than", lambda bound, given: given < bound),
    )
    for bound, words, holds in bounds:
        if bound is not None and not holds(bound, value):
            yield Mismatch(f"{place} is {_shown(value)}, and must be {words} {_shown(bound)}")
    step = schema.multiple_of
    if step is not None and step > 0 and Fraction(str(value)) % Fraction(str(step)):
        yield Mismatch(f"{place} is {_shown(value)}, which is no multiple of {_shown(step)}")


# --- formats ----------------------------------------------------------------------------------------------------------

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
_OFFSET = r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)"
_LABEL = r"[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:([-A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+", re.ASCII)


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


def _is_date(value: str) -> bool:
    parts = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", value, re.ASCII)
    if not parts:
        return False
    year, month, day = (int(part) for part in parts.groups())
    return 1 <= month <= 12 and year >= 1 and 1 <= day <= monthrange(year, month)[1]


def _is_date_time(value: str) -> bool:
    return value[10:11] in ("T", "t") and _is_date(value[:10]) and re.fullmatch(_CLOCK + _OFFSET, value[11:], re.ASCII) is not None


def _is_address(kind: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            kind(value)
        except ValueError:
            return False
        return "%" not in value

    return check


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


FORMATS: dict[str | None, Callable[[str], bool]] = {
    "uuid": _matches(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "date": _is_date,
    "date-time": _is_date_time,
    "time": _matches(f"{_CLOCK}{_OFFSET}?"),
    "email": _matches(rf"[^\s@]+@({_LABEL}\.)*{_LABEL}"),
    "uri": lambda value: _URI.fullmatch(value) is not None,
    "hostname": _matches(rf"(?=.{{1,253}}\Z)({_LABEL}\.)*{_LABEL}"),
    "ipv4": _is_address(ipaddress.IPv4Address),
    "ipv6": _is_address(ipaddress.IPv6Address),
    **{name: _matches(pattern) for name, pattern in IMPLIED_PATTERNS.items()},
}
SAMPLES: dict[str | None, str] = {
    "uuid": "0b0e7a4e-8f3c-4d5b-9a55-0c8e5f0f6a11",
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00Z",
    "time": "09:30:00Z",
    "email": "ann@example.com",
    "uri": "https://example.com/",
    "hostname": "api.example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "decimal": "12.50",
    "duration": "PT90S",
}
