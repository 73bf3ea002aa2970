"""Whether a value of one type can be taken for one of another, and if not, why."""

from __future__ import annotations

from generator import lineage
from generator.graph import Graph
from generator.model import Schema
from generator.review.schemas import a

STORED_FORMATS = ("uuid", "date", "date-time", "time", "decimal", "duration")
"""Formats that stores have types for: a text that is none of them is refused by the database."""


def is_any(schema: Schema) -> bool:
    return schema.type is None and not schema.one_of


def is_comparable(given: Schema, wanted: Schema) -> bool:
    """Whether values of both may be equal: what a look-up and a reference need."""
    numbers = ("integer", "number")
    return is_any(given) or is_any(wanted) or given.type == wanted.type or (given.type in numbers and wanted.type in numbers)


def type_trouble(graph: Graph, given: Schema, wanted: Schema) -> str | None:
    """Why a value of one type is none of the other, or None."""
    is_number = given.type == "integer" and wanted.type == "number"
    if given.type != wanted.type and not is_number:
        return f"is {a(lineage.type_name(graph, wanted))}, and is given {a(lineage.type_name(graph, given))}"
    if given.encoding != wanted.encoding:
        return f"is {a(lineage.type_name(graph, wanted))}, and is given {a(lineage.type_name(graph, given))}"
    if (
        wanted.type == "string"
        and wanted.format in STORED_FORMATS
        and given.format != wanted.format
        and not given.enum
        and not given.pattern
    ):
        return f"is {a(lineage.type_name(graph, wanted))}, and is given {a(lineage.type_name(graph, given))}"
    if wanted.type == "array" and given.items is not None and wanted.items is not None:
        inner, outer = graph.resolve(given.items), graph.resolve(wanted.items)
        if not is_any(inner) and not is_any(outer) and inner.type != outer.type:
            return f"is {a(lineage.type_name(graph, wanted))}, and is given {a(lineage.type_name(graph, given))}"
    return None
