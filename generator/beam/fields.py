"""Fields of a flow's records: what each step has, and of which kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator import conversions
from generator.graph import Graph, Lookup, Pipeline
from generator.model import MappedField, Schema

KINDS = {"date-time": "timestamp", "date": "date", "uuid": "uuid", "decimal": "decimal"}
"""Format of a text to its kind; every other is a plain text."""
BEAM_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
"""Kind to type in Beam; everything else travels as text."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record at some step."""

    name: str
    kind: str
    """uuid, text, integer, number, decimal, boolean, date, timestamp or json."""
    schema: Schema | None
    """Its type in the contract, None where nothing says it."""

    @property
    def beam_type(self) -> str:
        return BEAM_TYPES.get(self.kind, "string")


Fields = Mapping[str, Field]


def kind(graph: Graph, schema: Schema | None) -> str:
    """What a value of the type is in SQL and Beam."""
    if schema is None:
        return "text"
    resolved = graph.resolve(schema)
    if resolved.one_of or resolved.type in ("object", "array"):
        return "json"
    if resolved.type == "string" or resolved.type is None:
        return KINDS.get(resolved.format or "", "text")
    return "decimal" if resolved.format == "decimal" else resolved.type


def of_type(graph: Graph, schema: Schema | None) -> dict[str, Field]:
    """The fields of an object."""
    resolved = graph.resolve(schema) if schema is not None else None
    if resolved is None:
        return {}
    return {each.name: Field(each.name, kind(graph, each.schema), each.schema) for each in resolved.properties}


def of_sources(graph: Graph, pipeline: Pipeline) -> dict[str, Field]:
    """All fields that some source has, by name: what records are when they were read."""
    found: dict[str, Field] = {}
    for source in sorted(pipeline.sources, key=lambda each: each.source.name):
        for name, field in of_type(graph, source.row).items():
            found.setdefault(name, field)
    return dict(sorted(found.items()))


def looked_up(graph: Graph, lookups: Iterable[Lookup]) -> dict[str, Field]:
    return {each.enrichment.name: Field(each.enrichment.name, kind(graph, each.taken), each.taken) for each in lookups}


def before_mapping(graph: Graph, pipeline: Pipeline) -> dict[str, Field]:
    """Fields of sources and of look-ups."""
    return of_sources(graph, pipeline) | looked_up(graph, pipeline.lookups)


def mapped(graph: Graph, pipeline: Pipeline) -> dict[str, Field]:
    """Fields of the target; without a mapping those that the records have."""
    given = before_mapping(graph, pipeline)
    if not pipeline.flow.mapping:
        return given
    return {each.name: _mapped(graph, each, given) for each in pipeline.flow.mapping}


def _mapped(graph: Graph, mapping: MappedField, given: Fields) -> Field:
    source = given.get(mapping.source or mapping.name)
    if mapping.rule == "constant" and isinstance(mapping.value, dict | list):
        return Field(mapping.name, "json", None)
    schema = conversions.result(graph, mapping, source.schema if source is not None else None)
    return Field(mapping.name, kind(graph, schema), schema)


def common_source_field(pipeline: Pipeline, attribute: str) -> str | None:
    """What all sources call it, `watermark` or `tombstone`; None where they differ or have none."""
    found = {getattr(each.source, attribute) for each in pipeline.sources}
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Carried:
    """Where after the mapping the version, the tombstone and the key of a record are found."""

    version: str | None
    tombstone: str | None
    key: tuple[str, ...]
    added: tuple[tuple[str, str], ...]
    """Fields that go along unmapped, for the destinations' sake: their name after the mapping, and before."""


def carried(graph: Graph, pipeline: Pipeline) -> Carried:
    targets = mapped(graph, pipeline)
    copies = {
        each.source or each.name: each.name for each in sorted(pipeline.flow.mapping, key=lambda each: each.name) if each.rule == "copy"
    }
    if not pipeline.flow.mapping:
        copies = {name: name for name in targets}
    added: dict[str, str] = {}

    def after(name: str) -> str:
        if name in copies:
            return copies[name]
        free = next(each for each in (name, f"{name}_of_source", f"{name}_of_the_source") if each not in targets or each == added.get(each))
        added[free] = name
        return free

    known = of_sources(graph, pipeline)
    version, tombstone = (common_source_field(pipeline, each) for each in ("watermark", "tombstone"))
    keys = {each.key for each in pipeline.sources}
    key = keys.pop() if len(keys) == 1 else ()
    return Carried(
        after(version) if version in known and version is not None else None,
        after(tombstone) if tombstone in known and tombstone is not None else None,
        tuple(after(name) for name in key if name in known),
        tuple(sorted(added.items())),
    )
