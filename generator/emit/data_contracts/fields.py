"""Columns and fields as properties of an ODCS schema: types, key, classification, where each comes from and what guards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.columns import Column, columns, description, own_classification, physical_type, purpose, written_type
from generator.emit.data_contracts.datasets import DataSet
from generator.emit.data_contracts.guards import guards
from generator.emit.data_contracts.origins import origins
from generator.graph import Graph
from generator.model import Schema

Data = dict[str, Any]
DEEPEST = 3
"""Levels of fields that are listed; what is further in, a reader finds in the type that is named."""
INTEGER_FORMATS = {"int32": "i32", "uint32": "u32", "uint64": "u64"}
TEXT_FORMATS = ("uuid", "email", "uri", "hostname", "ipv4", "ipv6", "duration")


def properties(graph: Graph, each: DataSet) -> list[Data]:
    """A property for each column, with what the pipelines that fill it do and check."""
    kind = each.store.kind if each.store is not None else None
    spell = written_type if each.table is not None and (each.fillings or each.refusals) else physical_type
    is_single = sum(column.position is not None for column in each.columns) == 1
    return [
        {
            "name": column.name,
            **_facts(graph, column, spell(kind, column) if kind else None, is_single, is_in_store=kind is not None),
            **_inner(graph, column, 1),
            **origins(each, column.name),
            **_quality(guards(each, column)),
        }
        for column in each.columns
    ]


def _quality(found: Sequence[Data]) -> Data:
    return {"quality": list(found)} if found else {}


def _facts(graph: Graph, column: Column, physical: str | None = None, is_single: bool = False, *, is_in_store: bool = False) -> Data:
    meaning = description(graph, column.schema)
    options = {} if column.logical == "array" and is_in_store else _options(column)
    why = purpose(graph, column.schema)
    key = {"primaryKey": True, "primaryKeyPosition": column.position} if column.position is not None else {}
    return {
        **({"businessName": column.schema.title} if column.schema.title else {}),
        "logicalType": column.logical,
        **({"physicalType": physical} if physical else {}),
        **({"description": meaning} if meaning else {}),
        **key,
        **({"required": True} if column.is_required else {}),
        **({"unique": True} if key and is_single else {}),
        **({"classification": column.classification} if column.classification else {}),
        **({"logicalTypeOptions": options} if options else {}),
        **({"tags": ["deprecated"]} if column.schema.deprecated else {}),
        **({"customProperties": [{"property": "purpose", "value": why}]} if why else {}),
    }


def _inner(graph: Graph, column: Column, depth: int) -> Data:
    """Fields of an object, or what the items of a list are."""
    if depth >= DEEPEST:
        return {}
    inherited = own_classification(graph, column.schema) or column.classification
    if column.logical == "object":
        held = columns(graph, column.held, (), inherited)
        found = [{"name": each.name, **_facts(graph, each), **_inner(graph, each, depth + 1)} for each in held]
        return {"properties": found} if found else {}
    if column.logical == "array" and column.held.items is not None:
        item = Column("", column.held.items, graph.resolve(column.held.items), False, None, column.classification)
        return {"items": {**_facts(graph, item), **_inner(graph, item, depth + 1)}}
    return {}


def _options(column: Column) -> Data:
    held = column.held
    found: Mapping[str, Any] = {}
    if column.logical == "string":
        form = "byte" if held.encoding else held.format if held.format in TEXT_FORMATS else None
        found = {"format": form, "minLength": held.min_length, "maxLength": held.max_length, "pattern": held.pattern}
    elif column.logical in ("timestamp", "time"):
        found = {"timezone": True}
    elif column.logical == "integer":
        found = {"format": INTEGER_FORMATS.get(held.format or "", "i64"), **_bounds(held)}
    elif column.logical == "number" and held.type == "number":
        found = {"format": "f32" if held.format == "float" else "f64", **_bounds(held)}
    elif column.logical == "array":
        found = {"minItems": held.min_items, "maxItems": held.max_items, "uniqueItems": held.unique_items or None}
    elif column.logical == "object":
        found = {"minProperties": held.min_properties, "maxProperties": held.max_properties}
    return {name: value for name, value in found.items() if value is not None}


def _bounds(held: Schema) -> Data:
    return {
        "minimum": held.minimum,
        "maximum": held.maximum,
        "exclusiveMinimum": held.exclusive_minimum,
        "exclusiveMaximum": held.exclusive_maximum,
        "multipleOf": held.multiple_of,
    }
