"""Where protected data lies: tables, caches, messages and third parties, which fields, what for, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generator import lineage, personal
from generator.document.context import Context
from generator.graph import Graph
from generator.model import Schema
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Held:
    """A place that holds protected fields."""

    place: str
    kind: str
    """table, cache, event, command or third party."""
    fields: tuple[str, ...]
    """Empty for a value that is protected as a whole."""
    classification: str
    """The strictest of them."""
    purposes: tuple[str, ...]
    kept: Duration | None
    is_kept_for_ever: bool
    """A compacted topic keeps the last message of each key."""


def held(context: Context) -> tuple[Held, ...]:
    """Of the scopes that are asked for: what rests in stores, what travels, what is given away."""
    found: list[Held] = []
    if context.covers("data"):
        found += [*_tables(context.graph), *_caches(context.graph)]
    if context.covers("data", "messaging"):
        found += _messages(context.graph)
    if context.covers("data", "external"):
        found += _given(context.graph)
    return tuple(found)


def totals(graph: Graph) -> tuple[tuple[str, int], ...]:
    """How many names of fields stand for protected values, by classification."""
    count = Counter(each.classification for each in personal.personal_fields(graph).values())
    return tuple((level, count[level]) for level in personal.PROTECTED if count[level])


def _tables(graph: Graph) -> Iterator[Held]:
    for each in graph.tables:
        yield from _held(graph, each.id, "table", each.table.row, each.table.retention or each.store.retention)


def _caches(graph: Graph) -> Iterator[Held]:
    for each in graph.caches:
        if each.holds is not None:
            yield from _held(graph, each.id, "cache", each.holds, each.cache.ttl)


def _messages(graph: Graph) -> Iterator[Held]:
    for topic in graph.topics:
        yield from _held(graph, topic.id, "event", topic.event.payload, topic.event.retention, topic.event.compacted)
    for queue in graph.queues:
        yield from _held(graph, queue.id, "command", queue.command.payload, queue.command.retention)


def _given(graph: Graph) -> Iterator[Held]:
    for each in graph.externals:
        if each.receives:
            uses = (call.use.why for call in graph.calls if call.external == each)
            yield Held(each.name, "third party", each.receives, "personal", tuple(dict.fromkeys(filter(None, uses))), None, False)


def _held(graph: Graph, place: str, kind: str, schema: Schema, kept: Duration | None, for_ever: bool = False) -> Iterator[Held]:
    whole = _whole(graph, schema)
    found = {name: lineage.protection(graph, each.schema) for name, (each, _) in lineage.properties(graph, schema).items()}
    named = {name: each for name, each in found.items() if each.level} if whole is None else {}
    every = [*named.values()] or [lineage.protection(graph, schema)]
    strictest = max(every, key=lambda each: each.level)
    if strictest.level and strictest.classification is not None:
        purposes = dict.fromkeys(each.purpose for each in every if each.purpose)
        yield Held(place, kind, tuple(sorted(named)), strictest.classification, tuple(purposes), kept, for_ever)


def _whole(graph: Graph, schema: Schema) -> str | None:
    """How a value, or a type that it is, is classified itself, and so all that it holds."""
    said = [schema.classification]
    while schema.ref is not None:
        schema = graph.types[schema.ref].schema
        said.append(schema.classification)
    return next((each for each in said if each in personal.PROTECTED), None)
