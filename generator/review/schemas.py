"""Every schema of a graph, wherever it stands, and what rules ask of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.diagnostics import nearest
from generator.graph import Graph, parts
from generator.model import Schema

COMPOSED = ("object", "array", None)
"""Types of schemas that may be made of others; asking the others for their parts would take half of a review's time."""


def every_schema(graph: Graph) -> Iterator[Schema]:
    """The schemas of types, interfaces, messages and stores, with those that they are made of."""
    return with_parts(outermost(graph))


def with_parts(schemas: Iterable[Schema]) -> Iterator[Schema]:
    """The schemas and those that they are made of; what they refer to is left out."""
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        yield schema
        if schema.ref is None and schema.type in COMPOSED:
            waiting += parts(schema)


def outermost(graph: Graph) -> Iterator[Schema]:
    """The schemas that are part of no other."""
    yield from (each.schema for each in graph.types.values())
    for interface in graph.interfaces:
        yield from interface.schemas
    yield from (topic.event.payload for topic in graph.topics)
    for queue in graph.queues:
        yield queue.command.payload
        yield from (schema for schema in (queue.command.reply,) if schema is not None)
    yield from (table.table.row for table in graph.tables)
    for pipeline in graph.pipelines:
        yield from (source.row for source in pipeline.sources if source.source.query is not None and source.row is not None)
    yield from (copy.holds for copy in graph.caches if copy.holds is not None)


def is_lost(schema: Schema) -> bool:
    """Whether what the schema is could not be read or resolved: that is reported, and the rest would only repeat it."""
    unread = schema.type is None and schema.ref is None and not schema.one_of and {"type", "$ref"} & schema.at.keys.keys()
    return bool(unread) or (schema.ref is None and "$ref" in schema.at.keys)


ANNOTATIONS = frozenset({"title", "description", "deprecated"})


def is_plain(schema: Schema) -> bool:
    """Whether the schema says so little that no rule can find fault with it: most are, and need not be asked."""
    if schema.ref is not None:
        return schema.at.keys.keys() - ANNOTATIONS <= {"$ref"}
    return schema.type in ("string", "integer", "number", "boolean") and schema.at.keys.keys() - ANNOTATIONS <= {"type"}


def kind(graph: Graph, schema: Schema) -> str:
    """What values of the schema are: its JSON type, or `union`; empty where nothing says so."""
    resolved = graph.resolve(schema)
    return "union" if resolved.one_of else resolved.type or ""


def a(word: str) -> str:
    """`an integer`, `a string`."""
    return f"an {word}" if word[0] in "aio" else f"a {word}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The nearest known name as a question, or the known names."""
    ordered = sorted(known)
    guess = nearest(word, ordered)
    if guess:
        return f'did you mean "{guess}"?'
    return f"known: {', '.join(ordered[:12])}" if ordered else "none is defined"
