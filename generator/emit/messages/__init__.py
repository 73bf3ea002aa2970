"""JSON Schema (draft-07) of each message as it is on the wire, and the catalogue of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from generator import names
from generator.artifact import Artifact
from generator.captures import captured_topics
from generator.dialects import json_schema
from generator.emit.messages.catalogue import catalogue, schema_path
from generator.emit.messages.page import page
from generator.envelopes import ENVELOPE_TITLES, Message, content_type, envelope_type, examples, identifier, message_type, messages
from generator.graph import Graph
from generator.model import Schema
from generator.text import generated_by, to_json

DRAFT = "http://json-schema.org/draft-07/schema#"


def emit(graph: Graph) -> Iterator[Artifact]:
    """A self-contained schema per message, one of the bare envelope, and the catalogue as a page and as data."""
    found = messages(graph)
    if not found:
        return
    for message in found:
        yield _message_schema(graph, message)
    envelope = envelope_type(graph)
    if envelope is not None:
        yield _envelope_schema(graph, envelope)
    facts = catalogue(graph)
    rows = (at for each in captured_topics(graph).values() for at in each.sources)
    sources = (graph.system.header.at, *(message.at for message in found), *rows)
    yield Artifact(PurePosixPath("catalogue.json"), to_json(facts), sources)
    yield Artifact(PurePosixPath("catalogue.md"), page(facts, generated_by(graph.name, ())), sources)


def _message_schema(graph: Graph, message: Message) -> Artifact:
    whole = message_type(graph, message)
    top = graph.resolve(whole)  # draft-07 ignores everything beside a $ref (section 8.3), so the top is never one
    reached = graph.closure([top])
    type_names = names.schema_names(reached, message.owner.name)
    definitions = {type_names[each]: json_schema(graph.types[each].schema, "draft-07", _reference(type_names)) for each in reached}
    body = json_schema(top, "draft-07", _reference(type_names))
    shown = [example.value for example in examples(graph, message)]
    data = {
        "$schema": DRAFT,
        "$id": identifier(graph, message),
        "$comment": generated_by(graph.name, (message.at,)),
        **body,
        "title": message.title,
        **({"description": message.summary} if message.summary else {}),
        "x-version": str(message.subject.version),
        "x-content-type": content_type(graph, message),
        **_lifecycle(message),
        **({"definitions": dict(sorted(definitions.items()))} if definitions else {}),
        **({"examples": shown} if shown else {}),
    }
    sources = (message.at, *(graph.types[each].at for each in graph.closure([message.payload])))
    return Artifact(PurePosixPath(schema_path(message)), to_json(_headed(data)), sources)


def _headed(data: dict[str, Any]) -> dict[str, Any]:
    """What the schema is about first, then what it demands."""
    first = ("$schema", "$id", "$comment", "title", "description", "x-version", "x-content-type", "deprecated", "x-sunset")
    last = ("definitions", "examples")
    between = [key for key in data if key not in first and key not in last]
    return {key: data[key] for key in (*first, *between, *last) if key in data}


def _lifecycle(message: Message) -> dict[str, Any]:
    subject = message.subject
    deprecated, sunset = getattr(subject, "deprecated", False), getattr(subject, "sunset", None)
    return ({"deprecated": True} if deprecated else {}) | ({"x-sunset": sunset} if sunset else {})


def _reference(type_names: Mapping[str, str]) -> Callable[[str], str]:
    return lambda reference: f"#/definitions/{type_names[reference]}"


def _envelope_schema(graph: Graph, envelope: Schema) -> Artifact:
    header = graph.system.header
    data = {
        "$schema": DRAFT,
        "$id": f"{graph.schema_base}/schemas/envelope.json",
        "$comment": generated_by(graph.name, (header.at,)),
        "title": ENVELOPE_TITLES[header.envelope],
        **json_schema(envelope, "draft-07", str),
    }
    return Artifact(PurePosixPath("envelope.schema.json"), to_json(data), (header.at,))
