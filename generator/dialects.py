"""A type of the contract as JSON Schema: draft-07 or 2020-12 (OpenAPI 3.1), from one description.

What the contract says by format alone is spelled out where plain validators would not look: bounds of 32-bit numbers,
the digits of a decimal, the fields of a duration. So a document that one artifact accepts, every other accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from generator.model import Schema

Dialect = Literal["draft-07", "2020-12", "openapi-3.1"]

DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
DURATION_PATTERN = r"^P(?!$)([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?$"
"""ISO 8601 durations of days to seconds: those that google.protobuf.Duration can hold."""
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, None),
}
IMPLIED_PATTERNS = {"decimal": DECIMAL_PATTERN, "duration": DURATION_PATTERN}
PLAIN_KEYS = {
    "min_length": "minLength",
    "max_length": "maxLength",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
}


def json_schema(schema: Schema, dialect: Dialect, reference: Callable[[str], str]) -> dict[str, Any]:
    """The schema as plain data; `reference` turns a qualified type into the `$ref` of the artifact at hand."""
    if schema.ref is not None:
        return _reference(schema, dialect, reference)
    data: dict[str, Any] = {"type": schema.type} if schema.type else {}
    data |= _annotations(schema)
    data |= _constraints(schema)
    if schema.one_of:
        data |= _union(schema, dialect, reference)
    if schema.required:
        data["required"] = [each.name for each in in_order(schema) if each.name in schema.required]
    if schema.properties:
        data["properties"] = {each.name: json_schema(each.schema, dialect, reference) for each in in_order(schema)}
    if schema.items is not None:
        data["items"] = json_schema(schema.items, dialect, reference)
    if isinstance(schema.additional, Schema):
        data["additionalProperties"] = json_schema(schema.additional, dialect, reference)
    elif schema.additional is not None:
        data["additionalProperties"] = schema.additional
    return data


def in_order(schema: Schema) -> list[Any]:
    """The properties in the order that every artifact shows: those always there first, then by name."""
    return sorted(schema.properties, key=lambda each: (each.name not in schema.required, each.name))


def _reference(schema: Schema, dialect: Dialect, reference: Callable[[str], str]) -> dict[str, Any]:
    """draft-07 ignores what stands beside a `$ref` (section 8.3), so annotations go around it."""
    assert schema.ref is not None
    target = {"$ref": reference(schema.ref)}
    annotations = _annotations(schema)
    if not annotations:
        return target
    return {"allOf": [target], **annotations} if dialect == "draft-07" else {**target, **annotations}


def _annotations(schema: Schema) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if schema.title:
        data["title"] = schema.title
    if schema.description:
        data["description"] = schema.description
    if schema.default is not None:
        data["default"] = schema.default
    for flag, key in (("deprecated", "deprecated"), ("read_only", "readOnly"), ("write_only", "writeOnly")):
        if getattr(schema, flag):
            data[key] = True
    if schema.classification:
        data["x-classification"] = schema.classification
    if schema.purpose:
        data["x-purpose"] = schema.purpose
    return data


def _constraints(schema: Schema) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if schema.format:
        data["format"] = schema.format
    if schema.encoding:
        data["contentEncoding"] = schema.encoding
    if schema.enum:
        data["enum"] = list(schema.enum)
    if schema.const is not None:
        data["const"] = schema.const
    pattern = schema.pattern or IMPLIED_PATTERNS.get(schema.format or "")
    if pattern:
        data["pattern"] = pattern
    least, most = BOUNDS.get(schema.format or "", (None, None)) if schema.type == "integer" else (None, None)
    least = schema.minimum if schema.minimum is not None else least  # type: ignore[assignment]  # a bound may be a float
    most = schema.maximum if schema.maximum is not None else most  # type: ignore[assignment]  # a bound may be a float
    data |= {key: value for key, value in (("minimum", least), ("maximum", most)) if value is not None}
    data |= {key: getattr(schema, attribute) for attribute, key in PLAIN_KEYS.items() if getattr(schema, attribute) is not None}
    if schema.unique_items:
        data["uniqueItems"] = True
    return data


def _union(schema: Schema, dialect: Dialect, reference: Callable[[str], str]) -> dict[str, Any]:
    data: dict[str, Any] = {"oneOf": [json_schema(each, dialect, reference) for each in schema.one_of]}
    if dialect == "openapi-3.1" and schema.discriminator is not None:
        mapping = {each.name: reference(each.type) for each in schema.discriminator.mapping}
        data["discriminator"] = {"propertyName": schema.discriminator.property, "mapping": mapping}
    return data
