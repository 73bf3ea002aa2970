"""Data on the move and at rest: tables, change capture, flows, caches, event-sourced streams, projections and master data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.marks import (
    CACHE_KEY,
    COLUMN,
    COUNT,
    POSITIVE,
    TABLE,
    Identifier,
    Json,
    Named,
    Reference,
    Slug,
    Unordered,
    doc,
    located,
)
from generator.model.types import Schema
from generator.units import Duration, Percentage, Version

Column = Annotated[str, COLUMN]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a store: its owner's promise to those who may read it."""

    name: Annotated[str, TABLE] = doc("Table name, with its schema where it has one: analytics.customers.")
    row: Schema = doc("A row: a type's name or a type; its properties are the columns.")
    key: tuple[Column, ...] = doc("Columns that tell one row from another.", ())
    version: Version = doc("Semantic version of its data contract, in quotes.", Version(1, 0, 0))
    summary: str | None = doc("What it holds.", None)
    retention: Duration | None = doc("How long rows are kept; by default as the store says.", None)
    published: bool = doc("A data product: others than its owner may read it under its contract.", False)
    captured_as: Identifier | None = doc("Event of this component that tells each change of a row (change data capture).", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Change data capture of a store by Debezium: tables with `captured_as` become events."""

    cluster: Slug = doc("Kafka Connect cluster that runs the connector.")
    credentials: Slug = doc("Name of the secret with user name and password; never the password.")
    snapshot: Literal["initial", "no_data", "when_needed"] = doc("What is read before the first change.", "initial")
    heartbeat: Duration | None = doc("How often a sign of life keeps the log of a quiet database short.", None)
    exclude: Annotated[tuple[str, ...], Unordered()] = doc("Columns that are left out: table.column.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicated:
    """How a store is replicated and fails over."""

    mode: Literal["synchronous", "asynchronous"] = doc("synchronous: a write is acknowledged when the copies have it.")
    copies: Annotated[int, POSITIVE] = doc("Copies beside the primary.", 1)
    lag: Duration | None = doc(
        "How far the copies may be behind; of PostgreSQL in the cluster an alert watches it, by postgres_exporter on port 9187 of its pods.",
        None,
    )
    failover: Literal["automatic", "manual"] | None = doc("Who makes a copy the primary.", None)
    conflicts: Literal["none", "last-write-wins", "merge"] = doc("What happens when two copies were written; none: only one is.", "none")
    at: At = located()


# --- flows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSource:
    """Where a flow reads: changed rows of a table or query, or the messages of an event."""

    name: Slug = doc("Source name.")
    store: Reference | None = doc("The store: component.store.", None)
    table: Annotated[str, TABLE] | None = doc("A table of it, whole or what has changed.", None)
    query: str | None = doc("Or a query on it; `:last_sync_time` stands for the watermark.", None)
    row: Schema | None = doc("What a query gives: a type's name or a type.", None)
    event: Reference | None = doc("Or an event that the component consumes: component.Event.", None)
    key: tuple[Column, ...] = doc("Columns that tell one record from another; by default the table's.", ())
    watermark: Column | None = doc("Column that grows with each change: only rows after the last run are read.", None)
    overlap: Duration = doc("How much is read again, since a transaction may end after a younger one.", Duration(60_000))
    tombstone: Column | None = doc(
        "Column that is true for a record that is gone: it is deleted at the destinations and not checked.", None
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCheck:
    """A rule that each record must keep, and what happens to one that does not."""

    field: Column = doc("Field of the record.")
    rule: Literal["email_format", "not_empty", "pattern", "range", "one_of", "reference"] = doc("What must be so.")
    pattern: str | None = doc("Regular expression that the whole text matches.", None)
    minimum: int | float | None = doc("Smallest value.", None)
    maximum: int | float | None = doc("Largest value.", None)
    values: Annotated[tuple[str, ...], Unordered()] = doc("Values that are allowed.", ())
    store: Reference | None = doc("Store in which a reference must be found.", None)
    table: Annotated[str, TABLE] | None = doc("Table of the reference.", None)
    column: Column | None = doc("Column of the reference.", None)
    otherwise: Literal["reject", "quarantine", "stop"] = doc(
        "reject: the record is counted and dropped; quarantine: kept aside with the reason; stop: the run ends and changes nothing.",
        "quarantine",
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Where refused records are kept, with the reason."""

    store: Reference = doc("The store: component.store.")
    table: Annotated[str, TABLE] = doc("Its table.")
    retention: Duration | None = doc("How long they are kept.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """A field that is looked up by key: from an operation that the component uses, or from a table."""

    name: Column = doc("Field that the record gets.")
    api: Reference | None = doc("The interface: component.interface; timeout, retry, breaker and fallback are those of the use.", None)
    operation: Identifier | None = doc("Its operation.", None)
    given: Annotated[tuple[EnrichmentKey, ...], Named()] = doc(
        "Request fields and the record's fields that they are given.", (), key="with"
    )
    store: Reference | None = doc("Or the store: component.store.", None)
    table: Annotated[str, TABLE] | None = doc("Its table.", None)
    key: Column | None = doc("Field of the record that finds the row.", None)
    take: str = doc("Field of the answer, or column of the row.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentKey:
    """A field of a request and the record's field that it is given."""

    name: str = doc("Field of the request.")
    field: Column = doc("Field of the record.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedField:
    """A field of the target and how it follows from the record."""

    name: Column = doc("Field of the target.")
    source: Column | None = doc("Field of the record; by default the one of the same name.", None, key="from")
    rule: Literal["copy", "lower", "upper", "trim", "cast", "concat", "constant", "convert", "choose"] = doc("How it follows.", "copy")
    sources: tuple[Column, ...] = doc("Fields that are joined, of concat.", (), key="of")
    separator: str = doc("What stands between joined fields.", " ")
    to: Literal["string", "integer", "number", "boolean", "date", "date-time", "decimal"] | None = doc("Type that it is cast to.", None)
    value: Json = doc("The constant.", None)
    unit_from: str | None = doc(
        "Unit of the source, of convert: ms, s, min, h, d, mg, g, kg, t, mm, cm, m, km, cents, units (of a hundred cents).", None
    )
    unit_to: str | None = doc("Unit of the target.", None)
    cases: Annotated[tuple[Case, ...], Named()] = doc(
        "Value of the source and of the target, of choose; any other value stays as it is.", ()
    )
    description: str | None = doc("What the field means in the target.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One value and what it becomes."""

    name: str = doc("Value of the source.")
    value: str = doc("Value of the target.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where records go: a table, a cache, or an event that the component publishes."""

    name: Slug = doc("Destination name.")
    store: Reference | None = doc("The store: component.store.", None)
    table: Annotated[str, TABLE] | None = doc("Its table.", None)
    mode: Literal["upsert", "append"] = doc("upsert: a record of the same key is replaced; append: each run adds.", "upsert")
    key: tuple[Column, ...] = doc("Columns of the upsert; by default the table's key.", ())
    entry: Annotated[str, CACHE_KEY] | None = doc("Or the key of a cache entry: customer:{customer_id}.", None)
    ttl: Duration | None = doc("How long a cache entry lives.", None)
    fields: Annotated[tuple[Column, ...], Unordered()] = doc("Fields that are written; by default all that are mapped.", ())
    event: Identifier | None = doc("Or the event of this component that is published for each record.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When a run has failed, and how old data may be."""

    success_rate: Percentage | None = doc("Share of records that must succeed.", None)
    run_time: Duration | None = doc("Longest time of a run.", None)
    freshness: Duration | None = doc("Oldest that a change may be when it arrives.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A data pipeline: from sources through checks, enrichments and a mapping to destinations."""

    name: Slug = doc("Flow name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is for.", None)
    sources: Annotated[tuple[FlowSource, ...], Named()] = doc("Where it reads.")
    checks: tuple[FlowCheck, ...] = doc("What each record must keep, in this order.", ())
    quarantine: Quarantine | None = doc("Where refused records are kept.", None)
    enrichments: Annotated[tuple[Enrichment, ...], Named()] = doc("What is looked up for each record.", ())
    mapping: Annotated[tuple[MappedField, ...], Named()] = doc("Fields of the target; without any, records stay as they are.", ())
    destinations: Annotated[tuple[Destination, ...], Named()] = doc("Where records go.")
    schedule: str | None = doc("When it runs: five cron fields; by default as the job says.", None)
    timezone: str | None = doc("Time zone of the schedule; by default as the job says.", None)
    thresholds: Thresholds = doc("When a run has failed, and how old data may be.", Thresholds())
    volume: Annotated[int, COUNT] | None = doc("Records of a usual run.", None)
    peak: Annotated[int, COUNT] | None = doc("Records of the largest run.", None)
    at: At = located()


# --- copies of data ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """Copies that answer faster than their source."""

    name: Slug = doc("Cache name.")
    level: Literal["l1", "l2", "l3", "cdn"] = doc("l1: in the process; l2: shared store; l3: the database's own; cdn: at the edge.")
    store: Reference | None = doc("Store that holds it, of l2 and l3: component.store.", None)
    entry: Annotated[str, CACHE_KEY] | None = doc("Key of an entry: customer:{customerId}.", None)
    holds: Schema | None = doc("What an entry holds: a type's name or a type.", None)
    version: Version = doc("Semantic version of the data contract of its entries, in quotes.", Version(1, 0, 0))
    ttl: Duration | None = doc("How long an entry lives.", None)
    warmed_by: Annotated[tuple[Reference, ...], Unordered()] = doc("Flows or events that fill it ahead of use: component.name.", ())
    invalidated_by: Annotated[tuple[Reference, ...], Unordered()] = doc("Events that drop an entry: component.Event.", ())
    stale: Duration | None = doc("How old an entry may be at most; by default its time to live.", None)
    why: str | None = doc("What it makes faster.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """An event-sourced record: its state is what its events say, in their order."""

    name: Slug = doc("Stream name.")
    events: Annotated[tuple[Identifier, ...], Unordered()] = doc("Events of this component that make the state.")
    key: Column = doc("Payload property that names the record.")
    snapshot_every: Annotated[int, POSITIVE] | None = doc("Events after which the state is kept as a snapshot.", None)
    summary: str | None = doc("What the record is.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A read model that is made from events and can be made again from them."""

    name: Slug = doc("Projection name.")
    events: Annotated[tuple[Reference, ...], Unordered()] = doc("Events that it is made from: component.Event.", key="from")
    store: Reference = doc("Store that holds it: component.store.")
    table: Annotated[str, TABLE] | None = doc("Its table.", None)
    rebuilt: Literal["replay", "snapshot", "never"] = doc(
        "replay: from all events; snapshot: from the last one on; never: it cannot be made again.", "replay"
    )
    history: Duration | None = doc("How far back it must be able to go; by default for ever.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """A business entity and the one component whose record of it is the truth."""

    name: Identifier = doc("Entity, PascalCase.")
    master: Slug = doc("Component that decides what is true.")
    type: Reference | None = doc("Type of its record.", None)
    identifier: str | None = doc("Property that names one everywhere.", None)
    copies: Annotated[tuple[Reference, ...], Unordered()] = doc("Stores that may hold copies: component.store.", ())
    summary: str | None = doc("What the entity is.", None)
    at: At = located()
