"""Where each field that a flow writes comes from: its origins, the rule between, and type and protection on both sides."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import conversions, queries
from generator.diagnostics import At, Span
from generator.graph import CachedCopy, Graph, Lookup, Pipeline, PipelineSource, PipelineTarget, StoreTable, parts
from generator.model import MappedField, Property, Schema

PROTECTED = ("personal", "sensitive", "secret")
"""From the mildest to the strictest; what is public, internal or unclassified is not protected."""


Row = Mapping[str, tuple[Property, bool]]
"""Properties of an object by name, and whether each is always there."""


@dataclass(frozen=True, slots=True)
class Protection:
    """How a value must be protected, by the strictest of what it says itself and what its parts say."""

    classification: str | None = None
    purpose: str | None = None
    at: Span | None = None
    """Where the classification is written; None where there is none."""

    @property
    def level(self) -> int:
        """0 for what is not protected, more for what is protected more strictly."""
        return PROTECTED.index(self.classification) + 1 if self.classification in PROTECTED else 0


@dataclass(frozen=True, slots=True)
class Origin:
    """A field that a value is made from: a column of a table or query, a property of an event, or part of an answer."""

    what: str
    """`column`, `property` or `answer`."""
    place: str
    """`ordering.orders-db.orders` (table), `ordering.OrderPlaced` (event), `ordering.orders.getOrder` (operation), `ordering.orders-db` (query)."""
    field: str
    schema: Schema | None
    """None where nothing says it."""
    at: At
    """Where the field is defined, else where it is named."""

    def __str__(self) -> str:
        return f"{self.place}.{self.field}"


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record on its way, before the mapping."""

    name: str
    schema: Schema | None
    """Its type as the source's row, or the answer, says; None where nothing does."""
    origins: tuple[Origin, ...]
    is_optional: bool
    """A record may be without it."""
    lookup: Lookup | None
    """What it was looked up by; None for a field of a source."""
    at: At


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field that is written to one destination."""

    target: PipelineTarget
    name: str
    mapped: MappedField | None
    """None without a mapping: the field stays as it is."""
    sources: tuple[RecordField, ...]
    """Fields of the record that it is made from; none for a constant."""
    given: Schema | None
    """Type of what the rule makes; None where it cannot be told."""
    wanted: Schema | None
    """Type of the column, cached field or property; None where the destination does not have it or does not say."""
    is_optional: bool
    """A record may come without it."""
    is_required: bool
    """The destination always wants it."""
    at: At
    """The mapping's line, else where the field is defined."""

    @property
    def rule(self) -> str:
        return self.mapped.rule if self.mapped is not None else "copy"

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Where it comes from, each once."""
        return _once(*(origin for each in self.sources for origin in each.origins))


def fields(graph: Graph, pipeline: Pipeline) -> tuple[TargetField, ...]:
    """Every field that a pipeline writes, by destination and name; what does not exist is left out."""
    before = record(graph, pipeline)
    return tuple(
        _target_field(graph, pipeline, target, name, mapped, before)
        for target in pipeline.targets
        for name, mapped in written(pipeline, target, before).items()
    )


def record(graph: Graph, pipeline: Pipeline) -> Mapping[str, RecordField]:
    """The fields of a record after its sources and look-ups, by name; a look-up replaces a source's field of its name.

    With several sources a field that not all have is optional.
    """
    sides = [source_fields(graph, source) for source in pipeline.sources]
    found: dict[str, RecordField] = {}
    for side in sides:
        for name, each in side.items():
            found[name] = _joined(found[name], each) if name in found else each
    found = {name: _absent(each) if any(name not in side for side in sides) else each for name, each in found.items()}
    for lookup in pipeline.lookups:
        found[lookup.enrichment.name] = _looked_up(graph, lookup)
    kept = {each.field for each in pipeline.flow.checks if each.rule == "not_empty"}
    return {name: dataclasses.replace(found[name], is_optional=found[name].is_optional and name not in kept) for name in sorted(found)}


def written(pipeline: Pipeline, target: PipelineTarget, before: Mapping[str, RecordField]) -> Mapping[str, MappedField | None]:
    """The fields that go to a destination, by name, each with its mapping; without any mapping the record's own."""
    every: dict[str, MappedField | None] = {each.name: each for each in pipeline.flow.mapping} or dict.fromkeys(before)
    wanted = target.destination.fields
    return {name: every[name] for name in sorted(every) if not wanted or name in wanted}


def result_fields(pipeline: Pipeline, before: Mapping[str, RecordField]) -> tuple[str, ...]:
    """The fields that a destination may name: those of the mapping, or without one those of the record."""
    return tuple(each.name for each in pipeline.flow.mapping) or tuple(before)


# --- before the mapping -----------------------------------------------------------------------------------------------


def source_fields(graph: Graph, source: PipelineSource) -> Mapping[str, RecordField]:
    """The fields of a source, by name; none where nothing says what its row is."""
    row = properties(graph, source.row)
    origins = _query_origins(graph, source) if row else {}
    return {
        name: RecordField(
            name=name,
            schema=each.schema,
            origins=origins.get(name.lower()) or (_own(source, name, each.schema, each.at),),
            is_optional=not is_required,
            lookup=None,
            at=each.at,
        )
        for name, (each, is_required) in row.items()
    }


def properties(graph: Graph, row: Schema | None) -> Row:
    """The properties of an object by name, and whether each is always there; of a union those of all members."""
    if row is None:
        return {}
    resolved = graph.resolve(row)
    members = [graph.resolve(each) for each in resolved.one_of] or [resolved]
    found: dict[str, tuple[Property, bool]] = {}
    for member in members:
        for each in member.properties:
            found.setdefault(each.name, (each, all(each.name in other.required for other in members)))
    return found


def _own(source: PipelineSource, name: str, schema: Schema, at: At) -> Origin:
    if source.topic is not None:
        return Origin("property", source.topic.id, name, schema, at)
    if source.table is not None:
        return Origin("column", source.table.id, name, schema, at)
    assert source.access is not None, "a source is a table, a query or an event"
    return Origin("column", f"{source.access.owner.name}.{source.access.store.name}", name, schema, at)


def _query_origins(graph: Graph, source: PipelineSource) -> Mapping[str, tuple[Origin, ...]]:
    """Columns of the tables that a query's columns come from, as far as the store says which tables it has."""
    if source.source.query is None or source.access is None:
        return {}
    tables = store_tables(graph, source)
    found = {}
    for column in queries.columns(source.source.query, source.access.store.kind, sql_tables(graph, tables)):
        known = [_column(graph, tables, table, name) for table, name in column.origins]
        if known and all(each is not None for each in known):
            found[column.name.lower()] = tuple(each for each in known if each is not None)
    return found


def store_tables(graph: Graph, source: PipelineSource) -> Mapping[str, StoreTable]:
    """The tables that the store of a source is known to have."""
    access = source.access
    if access is None:
        return {}
    return {each.name: StoreTable(access.owner, access.store, each) for each in access.store.tables}


def sql_tables(graph: Graph, tables: Mapping[str, StoreTable]) -> queries.Tables:
    """Tables with the SQL type of each column, for what reads queries."""
    return tuple(
        (name, tuple((each.name, sql_type(graph, each.schema)) for each, _ in properties(graph, tables[name].table.row).values()))
        for name in sorted(tables)
    )


SQL_TYPES = {
    "date-time": "TIMESTAMPTZ", "date": "DATE", "time": "TIME", "uuid": "UUID", "decimal": "DECIMAL", "duration": "INTERVAL",
    "int32": "INT", "uint32": "BIGINT", "int64": "BIGINT", "uint64": "DECIMAL", "float": "REAL", "double": "DOUBLE",
}  # fmt: skip


def sql_type(graph: Graph, schema: Schema) -> str:
    """The SQL type that values of a schema have in a table."""
    resolved = graph.resolve(schema)
    if resolved.format in SQL_TYPES:
        return SQL_TYPES[resolved.format]
    if resolved.encoding is not None:
        return "BINARY"
    return {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "string": "TEXT"}.get(resolved.type or "", "JSON")


def _column(graph: Graph, tables: Mapping[str, StoreTable], table: str, name: str) -> Origin | None:
    declared = queries.known_table(table, tables)
    if declared is None:
        return None
    row = properties(graph, tables[declared].table.row).values()
    same = (each for each, _ in row if each.name.lower() == name.lower())
    return next((Origin("column", tables[declared].id, each.name, each.schema, each.at) for each in same), None)


def _looked_up(graph: Graph, lookup: Lookup) -> RecordField:
    """What an operation or a table gives; it may be absent where the answer may be without it, or there may be no answer."""
    name, at = lookup.enrichment.name, lookup.at
    holder = lookup.table.table.row if lookup.table is not None else lookup.method.response if lookup.method is not None else None
    found, is_required = properties(graph, holder).get(lookup.enrichment.take, (None, False))
    if lookup.table is not None:
        origin = Origin("column", lookup.table.id, lookup.enrichment.take, lookup.taken, found.at if found else at)
    else:
        assert lookup.call is not None and lookup.method is not None, "a look-up is of an operation or of a table"
        place = f"{lookup.call.target}.{lookup.method.name}"
        origin = Origin("answer", place, lookup.enrichment.take, lookup.taken, found.at if found else at)
    is_certain = lookup.table is None and is_required and _is_always_answered(lookup)
    return RecordField(name, lookup.taken or (found.schema if found else None), (origin,), not is_certain, lookup, at)


def _is_always_answered(lookup: Lookup) -> bool:
    """Without an answer the record gets what the fallback says; where it says nothing of the field, the field is absent."""
    fallback = lookup.call.use.fallback if lookup.call is not None else None
    if fallback is None or fallback.type == "none":
        return True  # the run does not go on without an answer
    return fallback.type == "default_response" and isinstance(fallback.response, dict) and lookup.enrichment.take in fallback.response


def _joined(first: RecordField, second: RecordField) -> RecordField:
    """A field that several sources have: of the first one's type, which a rule compares with the others'."""
    origins = _once(*first.origins, *second.origins)
    return dataclasses.replace(first, origins=origins, is_optional=first.is_optional or second.is_optional)


def _once(*origins: Origin) -> tuple[Origin, ...]:
    return tuple({(each.place, each.field): each for each in origins}.values())


def _absent(each: RecordField) -> RecordField:
    return dataclasses.replace(each, is_optional=True)


# --- what the mapping makes -------------------------------------------------------------------------------------------


def _target_field(
    graph: Graph, pipeline: Pipeline, target: PipelineTarget, name: str, mapped: MappedField | None, before: Mapping[str, RecordField]
) -> TargetField:
    sources = tuple(before[each] for each in taken(name, mapped) if each in before)
    wanted, is_required = properties(graph, target_row(graph, pipeline, target)).get(name, (None, False))
    return TargetField(
        target=target,
        name=name,
        mapped=mapped,
        sources=sources,
        given=conversions.result(graph, mapped, sources[0].schema if sources else None),
        wanted=wanted.schema if wanted is not None else None,
        is_optional=_may_be_absent(mapped, sources),
        is_required=is_required,
        at=mapped.at if mapped is not None else sources[0].at if sources else target.at,
    )


def taken(name: str, mapped: MappedField | None) -> tuple[str, ...]:
    """Names of the record's fields that a target field is made from."""
    if mapped is None:
        return (name,)
    if mapped.rule == "constant":
        return ()
    return mapped.sources if mapped.rule == "concat" else (mapped.source or name,)


def _may_be_absent(mapped: MappedField | None, sources: tuple[RecordField, ...]) -> bool:
    """Joined fields make a text of what is there; a constant is always there."""
    if mapped is not None and mapped.rule in ("constant", "concat"):
        return mapped.rule == "concat" and all(each.is_optional for each in sources)
    return any(each.is_optional for each in sources)


def target_row(graph: Graph, pipeline: Pipeline, target: PipelineTarget) -> Schema | None:
    """What a destination holds, an object; None where nothing says it."""
    if target.table is not None:
        return target.table.table.row
    if target.topic is not None:
        return target.topic.event.payload
    return next((each.holds for each in cached(graph, pipeline, target) if each.holds is not None), None)


def cached(graph: Graph, pipeline: Pipeline, target: PipelineTarget) -> tuple[CachedCopy, ...]:
    """The caches that a destination's entries are of: in its store, warmed by the pipeline or with the same entries."""
    if target.access is None or target.destination.entry is None:
        return ()
    store = (target.access.owner.name, target.access.store.name)
    shape = entry_shape(target.destination.entry)
    return tuple(
        each
        for each in graph.caches
        if each.access is not None
        and (each.access.owner.name, each.access.store.name) == store
        and (entry_shape(each.cache.entry) == shape if each.cache.entry else any(warm == pipeline for warm in each.warmed_by))
    )


def entry_shape(entry: str | None) -> tuple[str, ...]:
    """The key of an entry but for the names of its fields: `customer:{id}` and `customer:{customer_id}` are the same entries."""
    return tuple(each.partition("}")[2] if index else each for index, each in enumerate((entry or "").split("{")))


def queried_tables(graph: Graph, source: PipelineSource) -> tuple[str, ...]:
    """The declared tables that a query names, in order of name."""
    if source.source.query is None or source.access is None:
        return ()
    tables = store_tables(graph, source)
    found = {queries.known_table(each, tables) for each in queries.table_names(source.source.query, source.access.store.kind)}
    return tuple(sorted(each for each in found if each is not None))


def entry_fields(entry: str) -> tuple[str, ...]:
    """The fields in the braces of a cache entry's key."""
    return tuple(each.partition("}")[0] for each in entry.split("{")[1:])


# --- protection -------------------------------------------------------------------------------------------------------


def protection(graph: Graph, schema: Schema | None) -> Protection:
    """The strictest that a value says of itself or of anything that it holds; its purpose is that of the same place."""
    found = Protection()
    for each in _protections(graph, schema) if schema is not None else ():
        stricter = each.level > found.level or (each.level == found.level and found.classification is None)
        if stricter or (each.level == found.level and found.purpose is None and each.purpose is not None):
            found = each
    return found


def _protections(graph: Graph, schema: Schema) -> Iterator[Protection]:
    waiting, seen = [schema], set[str]()
    while waiting:
        each = waiting.pop()
        if each.classification is not None:
            yield Protection(each.classification, each.purpose, each.at["x-classification"])
        if each.ref is not None:
            if each.ref not in seen:
                seen.add(each.ref)
                waiting.append(graph.types[each.ref].schema)
            continue
        waiting += parts(each)


def origin_protection(graph: Graph, field: TargetField) -> tuple[Protection, Origin | None]:
    """The strictest protection among what a target field is made from, and where that comes from."""
    strictest: tuple[Protection, Origin | None] = (Protection(), None)
    for source in field.sources:
        own = protection(graph, source.schema)  # the row may protect a field that its table does not
        for origin in source.origins:
            for found in (protection(graph, origin.schema), own):
                if found.level > strictest[0].level:
                    strictest = (found, origin)
    return strictest


def type_name(graph: Graph, schema: Schema | None) -> str:
    """A type as people say it: `string (email)`, `integer`, `array of string`; empty where nothing says it."""
    if schema is None:
        return ""
    resolved = graph.resolve(schema)
    if resolved.type == "array" and resolved.items is not None:
        return f"array of {type_name(graph, resolved.items)}" if graph.resolve(resolved.items).type != "array" else "array of arrays"
    kind = "union" if resolved.one_of else resolved.type or "anything"
    detail = resolved.format or ("enum" if resolved.enum else "") or (resolved.encoding or "")
    return f"{kind} ({detail})" if detail else kind
