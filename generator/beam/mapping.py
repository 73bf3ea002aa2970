"""Rules of a mapping as Python that Beam runs for each record, and what they make of a value."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from generator import conversions
from generator.beam.fields import Field, Fields
from generator.model import MappedField


def factor(mapping: MappedField) -> Fraction:
    """What a value is multiplied by; 1 for units that do not go together, which review refuses."""
    return conversions.factor(mapping) or Fraction(1)


def expression(mapping: MappedField, given: Fields) -> str | dict[str, str]:
    """Beam YAML's field of MapToFields: a name as it is, or a function of the row, in which no field can hide a word of Python."""
    name = mapping.source or mapping.name
    if mapping.rule == "copy":
        return name
    if mapping.rule == "constant":
        return {"callable": f"lambda row: {_constant(mapping.value)!r}"}
    if mapping.rule == "concat":
        parts = ", ".join(f"row.{each}" for each in mapping.sources)
        listed = f"({parts},)" if parts else "()"
        return {"callable": f"lambda row: {mapping.separator!r}.join(str(each) for each in {listed} if each is not None)"}
    made = _made(mapping, given.get(name), f"row.{name}")
    return {"callable": f"lambda row: None if row.{name} is None else {made}"}


def _made(mapping: MappedField, source: Field | None, value: str) -> str:
    match mapping.rule:
        case "lower" | "upper":
            return f"{value}.{mapping.rule}()"
        case "trim":
            return f"{value}.strip()"
        case "convert":
            return f"float({value}) * {float(factor(mapping))!r}"
        case "choose":
            cases = {each.name: each.value for each in sorted(mapping.cases, key=lambda each: each.name)}
            return f"{cases!r}.get({value}, {value})"
        case _:
            return _cast(mapping.to or "string", source.kind if source else "text", value)


def _cast(to: str, kind: str, value: str) -> str:
    match to:
        case "integer":
            return (
                f"int({value})"
                if kind not in ("decimal", "text")
                else f"int(float({value}))"
                if kind == "decimal"
                else f"int({value}.strip())"
            )
        case "number":
            return f"float({value})"
        case "boolean":
            return f"{value}.strip().lower() in ('true', '1', 'yes', 't')" if kind == "text" else f"bool({value})"
        case "date":
            return f"{value}[:10]"
        case "date-time":
            return f"{value} if 'T' in {value} else {value}[:10] + 'T00:00:00.000000Z'"
        case _:
            return f"str({value}).lower()" if kind == "boolean" else f"str({value})"


def _constant(value: Any) -> Any:
    """What is nested travels as JSON text."""
    import json

    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def result(mapping: MappedField, given: Fields, record: dict[str, Any]) -> Any:
    """What the rule makes of a record: said a second time, and differently, so that generated tests do not repeat the pipeline."""
    value = record.get(mapping.source or mapping.name)
    if mapping.rule == "constant":
        return _constant(mapping.value)
    if mapping.rule == "concat":
        return mapping.separator.join(str(record[each]) for each in mapping.sources if record.get(each) is not None)
    if value is None or mapping.rule == "copy":
        return value
    if mapping.rule == "choose":
        return next((each.value for each in mapping.cases if each.name == value), value)
    if mapping.rule == "convert":
        return float(value) * float(factor(mapping))
    if mapping.rule != "cast":
        return {"lower": str(value).lower(), "upper": str(value).upper(), "trim": str(value).strip()}[mapping.rule]
    source = given.get(mapping.source or mapping.name)
    return _cast_result(mapping.to or "string", source.kind if source else "text", value)


def _cast_result(to: str, kind: str, value: Any) -> Any:
    match to:
        case "integer":
            return int(Decimal(str(value).strip())) if kind != "boolean" else int(value)
        case "number":
            return float(value)
        case "boolean":
            return value.strip().lower() in {"true", "1", "yes", "t"} if kind == "text" else bool(value)
        case "date":
            return value[:10]
        case "date-time":
            return value if "T" in value else f"{value[:10]}T00:00:00.000000Z"
        case _:
            return str(value).lower() if kind == "boolean" else str(value)


def words(mapping: MappedField) -> str:
    """The rule for people."""
    source = mapping.source or mapping.name
    match mapping.rule:
        case "copy":
            return "copied"
        case "lower" | "upper":
            return f"in {mapping.rule} case"
        case "trim":
            return "without white space around it"
        case "cast":
            return f"as {mapping.to or 'string'}"
        case "concat":
            return f"{', '.join(mapping.sources)} joined by {mapping.separator!r}"
        case "constant":
            return f"always {mapping.value!r}"
        case "convert":
            return f"{mapping.unit_from} to {mapping.unit_to}: times {factor(mapping)}"
        case _:
            cases = ", ".join(f"{each.name!r} becomes {each.value!r}" for each in sorted(mapping.cases, key=lambda each: each.name))
            return f"{cases}; any other {source} stays"
