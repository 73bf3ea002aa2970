"""Tables are tables: rows are objects, and their keys are columns that every row has."""

from __future__ import annotations

from collections.abc import Iterator

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph
from generator.model import Schema
from generator.review.schemas import a, did_you_mean, is_lost


def rows(graph: Graph) -> Iterator[Diagnostic]:
    """`row-not-object`: a row is no object, so it has no columns.

    No table can be made of it, and no field of it can be mapped.

        tables: {orders: {row: {type: string}}}

    Fix: let `row` be of `type: object` with a property for each column, or name such a type.
    """
    for schema, at, what in _rows(graph):
        resolved = graph.resolve(schema)
        if is_lost(schema) or is_lost(resolved) or resolved.type == "object" or resolved.one_of:
            continue
        message = f"{what} is {a(lineage.type_name(graph, schema))}, and its columns are the properties of an object"
        yield Diagnostic("row-not-object", at, message, "type: object, or the name of such a type")


def _rows(graph: Graph) -> Iterator[tuple[Schema, Span, str]]:
    for table in graph.tables:
        yield table.table.row, table.at["row"], f'a row of "{table.id}"'
    for pipeline in graph.pipelines:
        for source in pipeline.sources:
            if source.source.query is not None and source.row is not None:
                yield source.row, source.at["row"], f'a row of "{source.source.name}"'


def keys(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-column`, `optional-key` (warning): the key of a table names a column that its row does not have, or that a row may be
    without.

    The table cannot be made with such a key; and a row without its key is never found again.

        tables: {orders: {key: [number], row: {type: object, properties: {id: {type: string}}}}}

    Fix: name in `key` columns of the row, and list them among its `required`.
    """
    for table in graph.tables:
        row = lineage.properties(graph, table.table.row)
        for name in table.table.key if row else ():
            if name not in row:
                message = f'"{table.id}" has no column "{name}"'
                yield Diagnostic("unknown-column", table.at["key"], message, did_you_mean(name, row))
            elif not row[name][1]:
                message = f'"{name}" is of the key of "{table.id}", and may be missing'
                related = (Related(row[name][0].at.span, "may be missing"),)
                yield Diagnostic("optional-key", table.at["key"], message, f"add {name} to required", Severity.WARNING, related)


RULES = (rows, keys)
