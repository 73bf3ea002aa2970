"""What the rules of a mapping make of a value: types of results, casts, and units with their factors."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from generator.graph import Graph
from generator.model import MappedField, Schema

CAST_TYPES: Mapping[str, Schema] = {
    "string": Schema(type="string"),
    "integer": Schema(type="integer", format="int64"),
    "number": Schema(type="number", format="double"),
    "boolean": Schema(type="boolean"),
    "date": Schema(type="string", format="date"),
    "date-time": Schema(type="string", format="date-time"),
    "decimal": Schema(type="string", format="decimal"),
}
"""What `cast` makes."""


UNITS: Mapping[str, tuple[str, Fraction]] = {
    "ms": ("time", Fraction(1, 1000)), "s": ("time", Fraction(1)), "min": ("time", Fraction(60)), "h": ("time", Fraction(3600)),
    "d": ("time", Fraction(86400)), "mg": ("mass", Fraction(1, 1_000_000)), "g": ("mass", Fraction(1, 1000)), "kg": ("mass", Fraction(1)), "t": ("mass", Fraction(1000)),
    "mm": ("length", Fraction(1, 1000)), "cm": ("length", Fraction(1, 100)), "m": ("length", Fraction(1)), "km": ("length", Fraction(1000)),
    "cents": ("money", Fraction(1, 100)), "units": ("money", Fraction(1)),
}  # fmt: skip
"""What `convert` knows: the quantity that a unit measures, and how much of its first unit it is; a hundred cents are a unit of money."""


def factor(mapped: MappedField) -> Fraction | None:
    """What a converted value is multiplied by; None where a unit is not known, or the two measure different things."""
    source, target = UNITS.get(mapped.unit_from or ""), UNITS.get(mapped.unit_to or "")
    if source is None or target is None or source[0] != target[0]:
        return None
    return source[1] / target[1]


def result(graph: Graph, mapped: MappedField | None, schema: Schema | None) -> Schema | None:
    """Type of what a mapping makes of a field of that type; None where it cannot be told. Without a mapping the field stays as it is."""
    if mapped is None or mapped.rule == "copy":
        return schema
    if mapped.rule == "cast":
        return CAST_TYPES[mapped.to] if mapped.to is not None else None
    if mapped.rule == "concat":
        return Schema(type="string")
    if mapped.rule == "constant":
        return _constant(mapped.value)
    if mapped.rule == "convert":
        return CAST_TYPES["number"]
    return _reworded(mapped, graph.resolve(schema)) if schema is not None else None


def _constant(value: object) -> Schema | None:
    if isinstance(value, bool):
        return Schema(type="boolean")
    if isinstance(value, int):
        return Schema(type="integer")
    if isinstance(value, float):
        return Schema(type="number")
    return Schema(type="string", enum=(value,)) if isinstance(value, str) else None


def _reworded(mapped: MappedField, schema: Schema) -> Schema:
    """A text that was changed: its values if they are known; what case and blanks mean nothing for keeps its format."""
    values = schema.enum or ((schema.const,) if schema.const is not None else ())
    if mapped.rule == "choose":
        cases = {each.name: each.value for each in mapped.cases}
        return Schema(type="string", enum=tuple(sorted({cases.get(each, each) for each in values})))
    changed = {
        each: each.lower() if mapped.rule == "lower" else each.upper() if mapped.rule == "upper" else each.strip() for each in values
    }
    keeps = schema.format in ("email", "uuid", "hostname", "ipv4", "ipv6") or mapped.rule == "trim"
    return Schema(
        type=schema.type,
        format=schema.format if keeps else None,
        enum=tuple(sorted(set(changed.values()))),
        pattern=schema.pattern if mapped.rule == "trim" else None,
        max_length=schema.max_length,
        min_length=schema.min_length if mapped.rule != "trim" else None,
    )
