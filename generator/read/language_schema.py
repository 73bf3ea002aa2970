"""The JSON Schema of the contract language, for editors: derived from the records, so that it cannot drift."""

from __future__ import annotations

import dataclasses
import typing
from typing import Annotated, Any, Literal

from generator import model
from generator.read.shapes import METHOD_AND_PATH, REST, SHORTHAND, FieldShape, fields_of, members
from generator.units import MEASURES, Quantity

ID = "urn:interlock:contract:1"


def language_schema() -> dict[str, Any]:
    """Draft-07, which every YAML language server reads; a document is a component or a part of the system."""
    definitions: dict[str, Any] = {}
    component, document = (_reference(record, definitions) for record in (model.Component, model.SystemDocument))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": ID,
        "title": "Interlock contract",
        "description": "One document of a system's contract: `component: name` and what it agrees to, or system-wide facts.",
        "if": {"required": ["component"]},
        "then": component,
        "else": document,
        "definitions": dict(sorted(definitions.items())),
    }


def _reference(record: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = record.__name__
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _record(record, definitions)
    return {"$ref": f"#/definitions/{name}"}


def _record(record: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """The record as it is written below its name, with its shorthand."""
    shapes = [each for each in fields_of(record) if not (each.key == "name" and _is_entry(record))]
    rest = next((each for each in shapes if each.key == REST), None)
    if rest and len(shapes) == 1:
        return _hint(rest.hint, definitions)
    mapping = {**_mapping(shapes, rest, definitions), "description": (record.__doc__ or "").strip()}
    shorthand = _shorthand(record, definitions)
    return {"anyOf": [mapping, *shorthand]} if shorthand else mapping


def _is_entry(record: type) -> bool:
    """Whether the record's name is the key that it stands under, and not a key of its own."""
    return any(each.key == "name" for each in fields_of(record)) and record is not model.Header


def _mapping(shapes: list[FieldShape], rest: FieldShape | None, definitions: dict[str, Any]) -> dict[str, Any]:
    own = [each for each in shapes if each.key != REST]
    properties = {each.key: {**_hint(each.hint, definitions), "description": each.doc} for each in own}
    if rest:
        schema_keys = [each for each in fields_of(members(rest.hint)[0]) if each.key not in properties]
        properties |= {each.key: {**_hint(each.hint, definitions), "description": each.doc} for each in schema_keys}
    required = [each.key for each in own if each.is_required]
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": required} if required else found


def _shorthand(record: type, definitions: dict[str, Any]) -> list[dict[str, Any]]:
    """Other ways to write the record: one scalar, or nothing where nothing is required."""
    ways: list[dict[str, Any]] = []
    attribute = SHORTHAND.get(record)
    if attribute:
        ways.append(_hint(next(each.hint for each in fields_of(record) if each.attribute == attribute), definitions))
    if record is model.HttpBinding:
        ways.append({"type": "string", "pattern": f"^{METHOD_AND_PATH.pattern}$"})
    if record is model.Paging:
        ways.append({"const": True})
    if record in (model.Paging, model.HttpInterface, model.GrpcInterface):
        ways.append({"type": "null"})
    return ways


def _hint(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    alternatives = members(hint)
    if alternatives == [int, float]:
        return {"type": "number"}
    if len(alternatives) > 1:
        return {"anyOf": [_single(each, definitions) for each in alternatives]}
    return _single(alternatives[0], definitions)


def _single(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin = typing.get_origin(hint)
    if origin is Annotated:
        inner, mark = typing.get_args(hint)
        return _annotated(inner, mark, definitions)
    if origin is tuple:
        return {"type": "array", "items": _hint(_item(hint), definitions)}
    if origin is Literal:
        return {"enum": list(typing.get_args(hint))}
    if hint in MEASURES:
        kinds = ["string", "number"] if hint is Quantity else "string"
        return {"type": kinds, "pattern": hint.PATTERN}
    if dataclasses.is_dataclass(hint):
        return _reference(typing.cast(type, hint), definitions)
    return {"type": {str: "string", bool: "boolean", int: "integer"}[hint]}


def _annotated(inner: Any, mark: object, definitions: dict[str, Any]) -> dict[str, Any]:
    match mark:
        case model.Pattern():
            return {"type": "string", "pattern": mark.regex}
        case model.Range():
            return {"type": "integer", "minimum": mark.least, "maximum": mark.most}
        case model.AnyJson():
            return {}
        case model.Named():
            record = _item(inner)
            name = next(each.hint for each in fields_of(record) if each.attribute == "name")
            return {"type": "object", "propertyNames": _hint(name, definitions), "additionalProperties": _entry(record, definitions)}
    return {"type": "array", "items": _hint(_item(inner), definitions)}


def _entry(record: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """An entry of a mapping; it may be left empty where the record needs nothing."""
    entry = _reference(record, definitions)
    needs = [each for each in fields_of(record) if each.is_required and each.key != "name"]
    return entry if needs else {"anyOf": [entry, {"type": "null"}]}


def _item(hint: Any) -> Any:
    item = typing.get_args(hint)[0]
    return getattr(model, item.__forward_arg__) if isinstance(item, typing.ForwardRef) else item
