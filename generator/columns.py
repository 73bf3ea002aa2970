"""Columns of a table: which a row has, what they hold, how strictly they are protected, and what each engine calls their types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator.dialects import in_order
from generator.graph import Graph, parts
from generator.model import Property, Schema

Level = Literal["public", "internal", "personal", "sensitive", "secret"]
Logical = Literal["string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"]
LEVELS: tuple[Level, ...] = ("public", "internal", "personal", "sensitive", "secret")
"""Classifications, from the mildest to the strictest."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or a field of an object that a column holds."""

    name: str
    schema: Schema
    """As the contract has it."""
    held: Schema
    """The same with aliases followed."""
    is_required: bool
    position: int | None = None
    """Its place in the key, from 1 on."""
    classification: Level | None = None
    """The strictest of its own, or else of what it is part of, and of all that it holds."""

    @property
    def logical(self) -> Logical:
        """What it holds, whatever the engine."""
        if self.held.type == "string":
            return LOGICAL_FORMATS.get(self.held.format or "", "string")
        if self.held.type is None:
            return "string" if self.held.enum or self.held.const is not None else "object"
        return self.held.type


LOGICAL_FORMATS: Mapping[str, Logical] = {"date-time": "timestamp", "date": "date", "time": "time", "decimal": "number"}


def columns(graph: Graph, row: Schema | None, key: tuple[str, ...] = (), inherited: Level | None = None) -> tuple[Column, ...]:
    """The properties of a row: those of the key in its order, then those that are always there, then by name.

    Of a union those of all its members, and what is not in each may be absent.
    """
    found = [_column(graph, each, is_required, key, inherited) for each, is_required in _properties(graph, row)]
    return tuple(sorted(found, key=lambda each: (each.position is None, each.position or 0, not each.is_required, each.name)))


def _properties(graph: Graph, row: Schema | None) -> Iterator[tuple[Property, bool]]:
    if row is None:
        return
    held = graph.resolve(row)
    members = [graph.resolve(each) for each in held.one_of] or [held]
    named: dict[str, list[Property]] = {}
    for member in members:
        for each in in_order(member):
            named.setdefault(each.name, []).append(each)
    for name, found in named.items():
        yield _shared(graph, found), all(name in each.required for each in members)


def _shared(graph: Graph, found: list[Property]) -> Property:
    """One for all members of a union that have it: where they differ, only what holds for each of them."""
    first, held = found[0], [graph.resolve(each.schema) for each in found]
    if all(each.schema == first.schema for each in found):
        return first
    texts = [set(each.enum) | ({each.const} if each.const is not None else set()) for each in held]
    enum = tuple(sorted(set[str]().union(*texts))) if all(texts) else ()
    form = held[0].format if all((each.type, each.format) == (held[0].type, held[0].format) for each in held) else None
    level = max((LEVELS.index(each) for each in (classification(graph, other.schema) for other in found) if each), default=None)
    schema = Schema(type=held[0].type, format=form, enum=enum, classification=LEVELS[level] if level is not None else None)
    return Property(name=first.name, schema=schema, at=first.at)


def _column(graph: Graph, each: Property, is_required: bool, key: tuple[str, ...], inherited: Level | None) -> Column:
    position = key.index(each.name) + 1 if each.name in key else None
    held = graph.resolve(each.schema)
    return Column(
        each.name, each.schema, held, is_required or position is not None, position, classification(graph, each.schema, inherited)
    )


def classification(graph: Graph, schema: Schema, inherited: Level | None = None) -> Level | None:
    """The strictest that holds for the value or for a part of it; None where nothing is said."""
    said = [LEVELS.index(own) for own in (own_classification(graph, schema) or inherited,) if own]
    waiting, seen = [schema], set[str]()
    while waiting:
        each = waiting.pop()
        said += [LEVELS.index(each.classification)] if each.classification else []
        if each.ref is not None:
            if each.ref not in seen:
                seen.add(each.ref)
                waiting.append(graph.types[each.ref].schema)
        else:
            waiting += parts(each)
    return LEVELS[max(said)] if said else None


def own_classification(graph: Graph, schema: Schema) -> Level | None:
    """As the value itself says, or a type that it is an alias of; of two the stricter."""
    said = [LEVELS.index(each.classification) for each in aliases(graph, schema) if each.classification]
    return LEVELS[max(said)] if said else None


def aliases(graph: Graph, schema: Schema) -> Iterator[Schema]:
    """The schema, and what it refers to, up to the one that says what it holds."""
    yield schema
    while schema.ref is not None:
        schema = graph.types[schema.ref].schema
        yield schema


def description(graph: Graph, schema: Schema) -> str | None:
    """What the value means: its own words, else those of its type."""
    return next((each.description for each in aliases(graph, schema) if each.description), None)


def purpose(graph: Graph, schema: Schema) -> str | None:
    """Why a personal value is processed: its own words, else those of its type."""
    return next((each.purpose for each in aliases(graph, schema) if each.purpose), None)


# --- how engines spell types ------------------------------------------------------------------------------------------

Types = Mapping[str, str]
SAME_TYPES = {
    "cockroachdb": "postgresql", "mariadb": "mysql", "mssql": "sqlserver", "postgres": "postgresql", "scylladb": "cassandra",
    "timescaledb": "postgresql",
}  # fmt: skip
"""Engines that spell their types as another does."""
TYPES: Mapping[str, Types] = {
    "postgresql": {
        "string": "text", "bounded": "varchar({})", "uuid": "uuid", "bytes": "bytea", "timestamp": "timestamptz", "date": "date", "time": "timetz",
        "int32": "integer", "int64": "bigint", "uint32": "bigint", "uint64": "numeric(20,0)", "float": "real", "double": "double precision",
        "decimal": "numeric", "boolean": "boolean", "object": "jsonb", "array": "jsonb",
    },
    "mysql": {
        "string": "text", "bounded": "varchar({})", "key": "varchar(255)", "uuid": "char(36)", "bytes": "longblob", "timestamp": "datetime(6)",
        "date": "date", "time": "time(6)", "int32": "int", "int64": "bigint", "uint32": "int unsigned", "uint64": "bigint unsigned",
        "float": "float", "double": "double", "decimal": "decimal(38,9)", "boolean": "boolean", "object": "json", "array": "json",
    },
    "sqlserver": {
        "string": "nvarchar(max)", "bounded": "nvarchar({})", "key": "nvarchar(400)", "uuid": "uniqueidentifier", "bytes": "varbinary(max)",
        "timestamp": "datetimeoffset", "date": "date", "time": "time", "int32": "int", "int64": "bigint", "uint32": "bigint",
        "uint64": "decimal(20,0)", "float": "real", "double": "float", "decimal": "decimal(38,9)", "boolean": "bit",
        "object": "nvarchar(max)", "array": "nvarchar(max)",
    },
    "oracle": {
        "string": "clob", "bounded": "varchar2({} char)", "key": "varchar2(400 char)", "uuid": "varchar2(36 char)", "bytes": "blob",
        "timestamp": "timestamp with time zone", "date": "date", "time": "varchar2(24 char)", "int32": "number(10)", "int64": "number(19)",
        "uint32": "number(10)", "uint64": "number(20)", "float": "binary_float", "double": "binary_double", "decimal": "number",
        "boolean": "number(1)", "object": "clob", "array": "clob",
    },
    "bigquery": {
        "string": "STRING", "uuid": "STRING", "bytes": "BYTES", "timestamp": "TIMESTAMP", "date": "DATE", "time": "TIME", "int32": "INT64",
        "int64": "INT64", "uint32": "INT64", "uint64": "NUMERIC", "float": "FLOAT64", "double": "FLOAT64", "decimal": "NUMERIC",
        "boolean": "BOOL", "object": "JSON", "array": "JSON",
    },
    "spanner": {
        "string": "STRING(MAX)", "bounded": "STRING({})", "uuid": "STRING(36)", "bytes": "BYTES(MAX)", "timestamp": "TIMESTAMP", "date": "DATE",
        "time": "STRING(24)", "int32": "INT64", "int64": "INT64", "uint32": "INT64", "uint64": "NUMERIC", "float": "FLOAT32",
        "double": "FLOAT64", "decimal": "NUMERIC", "boolean": "BOOL", "object": "JSON", "array": "JSON",
    },
    "snowflake": {
        "string": "varchar", "bounded": "varchar({})", "uuid": "varchar(36)", "bytes": "binary", "timestamp": "timestamp_tz", "date": "date",
        "time": "time", "int32": "integer", "int64": "bigint", "uint32": "bigint", "uint64": "number(20,0)", "float": "float",
        "double": "double", "decimal": "number(38,9)", "boolean": "boolean", "object": "variant", "array": "variant",
    },
    "redshift": {
        "string": "varchar(65535)", "uuid": "char(36)", "bytes": "varbyte", "timestamp": "timestamptz", "date": "date", "time": "timetz",
        "int32": "integer", "int64": "bigint", "uint32": "bigint", "uint64": "numeric(20,0)", "float": "real", "double": "double precision",
        "decimal": "numeric(38,9)", "boolean": "boolean", "object": "super", "array": "super",
    },
    "clickhouse": {
        "string": "String", "uuid": "UUID", "bytes": "String", "timestamp": "DateTime64(6)", "date": "Date", "time": "String", "int32": "Int32",
        "int64": "Int64", "uint32": "UInt32", "uint64": "UInt64", "float": "Float32", "double": "Float64", "decimal": "Decimal(38, 9)",
        "boolean": "Bool", "object": "String", "array": "String",
    },
    "cassandra": {
        "string": "text", "uuid": "uuid", "bytes": "blob", "timestamp": "timestamp", "date": "date", "time": "time", "int32": "int",
        "int64": "bigint", "uint32": "bigint", "uint64": "varint", "float": "float", "double": "double", "decimal": "decimal",
        "boolean": "boolean", "object": "text", "array": "text",
    },
    "mongodb": {
        "string": "string", "uuid": "string", "bytes": "binData", "timestamp": "date", "date": "string", "time": "string", "int32": "int",
        "int64": "long", "uint32": "long", "uint64": "decimal", "float": "double", "double": "double", "decimal": "decimal",
        "boolean": "bool", "object": "object", "array": "array",
    },
}  # fmt: skip
"""What each engine calls a type; `bounded` is a text of so many characters, `key` one that can be indexed where plain text cannot."""
LONGEST = {"mysql": 16_383, "oracle": 1_000, "postgresql": 10_485_760, "snowflake": 16_777_216, "spanner": 2_621_440, "sqlserver": 4_000}
"""Most characters of a bounded text."""
LONGEST_IN_A_KEY = {"mysql": 255, "oracle": 400, "sqlserver": 400}
"""Most characters of a text that can be indexed, with room for the rest of the key."""


def physical_type(kind: str, column: Column) -> str | None:
    """What an engine calls the type of a column; None for an engine that has no types of its own, or whose types are not known."""
    engine = SAME_TYPES.get(kind, kind)
    types = TYPES.get(engine)
    if types is None:
        return None
    what = _what(column)
    if what != "string":
        return types[what]
    most = column.held.max_length
    longest = min(LONGEST.get(engine, 0), LONGEST_IN_A_KEY.get(engine, LONGEST.get(engine, 0)) if column.position is not None else 10**9)
    if most and "bounded" in types and most <= longest:
        return types["bounded"].format(most)
    return types.get("key", types["string"]) if column.position is not None else types["string"]


FLOW_TYPES: Mapping[str, Types] = {
    "postgresql": {
        "text": "text", "uuid": "uuid", "timestamp": "timestamptz", "date": "date", "integer": "bigint", "number": "double precision",
        "decimal": "numeric", "boolean": "boolean", "json": "jsonb",
    },
    "bigquery": {
        "text": "STRING", "uuid": "STRING", "timestamp": "TIMESTAMP", "date": "DATE", "integer": "INT64", "number": "FLOAT64",
        "decimal": "NUMERIC", "boolean": "BOOL", "json": "JSON",
    },
}  # fmt: skip
"""Types of the tables that flows make for what they write: they know fewer."""
KINDS = {
    "string": "text", "bytes": "text", "time": "text", "int32": "integer", "int64": "integer", "uint32": "integer", "uint64": "integer",
    "float": "number", "double": "number", "object": "json", "array": "json",
}  # fmt: skip


def written_type(kind: str, column: Column) -> str | None:
    """The type of the column in a table that a flow makes."""
    types = FLOW_TYPES.get(SAME_TYPES.get(kind, kind))
    what = _what(column)
    return types[KINDS.get(what, what)] if types is not None else physical_type(kind, column)


def _what(column: Column) -> str:
    held = column.held
    if column.logical == "string":
        return "bytes" if held.encoding else "uuid" if held.format == "uuid" else "string"
    if column.logical == "integer":
        return held.format if held.format in ("int32", "uint32", "uint64") else "int64"
    if column.logical == "number":
        return "decimal" if held.format == "decimal" else "float" if held.format == "float" else "double"
    return column.logical
