"""What a body looks like in each media type: JSON and its like, forms, uploads, text, streams of items, bytes."""

from __future__ import annotations

import dataclasses
from typing import Any

from generator.emit.openapi.components import Components, OutOfPlace
from generator.model import Schema

JSON = "application/json"
STRUCTURED = ("/json", "+json", "/xml", "+xml", "/yaml", "+yaml", "/x-www-form-urlencoded", "multipart/mixed")
SEQUENCES = ("text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq")
BYTES = "application/octet-stream"


def has_body(schema: Schema | None, media_type: str) -> bool:
    """A page or a file needs no schema to be there."""
    return schema is not None or media_type != JSON


def content(components: Components, schema: Schema | None, media_type: str, name: str, out_of_place: OutOfPlace) -> dict[str, Any]:
    """The Content of a request or response; `name` is for a schema that has none."""
    kind = media_type.partition(";")[0].rstrip().lower()
    if kind.startswith("multipart/"):
        body = _upload(components, schema, name, out_of_place)
    elif kind.endswith(STRUCTURED):
        body = _structured(components, schema, name, out_of_place)
    elif kind.startswith("text/") or kind in SEQUENCES:
        body = _text(components, schema, kind)
    else:
        body = {}  # bytes as they are: OpenAPI 3.1 describes them by the media type alone (section 4.8.14.3)
    return {media_type: body}


def _structured(components: Components, schema: Schema | None, name: str, out_of_place: OutOfPlace) -> dict[str, Any]:
    if schema is None:
        return {}
    examples = components.examples(schema, out_of_place)
    return {"schema": components.body(schema, name)} | ({"examples": examples} if examples else {})


def _text(components: Components, schema: Schema | None, kind: str) -> dict[str, Any]:
    """Text is a string; what is written in it, where the contract says, is its content (JSON Schema 2020-12, validation, section 8)."""
    if schema is None:
        return {"schema": {"type": "string"}}
    if components.graph.resolve(schema).type == "string":
        examples = components.examples(schema)
        return {"schema": components.schema(schema)} | ({"examples": examples} if examples else {})
    written = components.schema(schema)
    if kind in SEQUENCES:
        written = {"type": "array", "items": written}
    return {"schema": {"type": "string", "contentMediaType": kind, "contentSchema": written}}


def _upload(components: Components, schema: Schema | None, name: str, out_of_place: OutOfPlace) -> dict[str, Any]:
    """A multipart body: files travel as they are, not in base64, so a type that has some looks different here than in JSON."""
    resolved = components.graph.resolve(schema) if schema is not None else None
    files = {each.name: plain for each in resolved.properties if (plain := _file(components, each.schema))} if resolved else {}
    if resolved is None or not files:
        return _structured(components, schema, name, out_of_place)
    properties = tuple(dataclasses.replace(each, schema=files.get(each.name, each.schema)) for each in resolved.properties)
    data = components.schema(dataclasses.replace(resolved, properties=properties))
    for each in files:
        part = data["properties"][each]
        part.get("items", part)["contentMediaType"] = BYTES
    encoding = {each: {"contentType": BYTES} for each in data["properties"] if each in files}
    return {"schema": components.put("schemas", data, name, f"{name}Body"), "encoding": encoding}


def _file(components: Components, schema: Schema) -> Schema | None:
    """What is left of a field of bytes, or of several, when the bytes are not written as base64; None for any other field."""
    resolved = components.graph.resolve(schema)
    described = schema.description or resolved.description
    if resolved.encoding:
        return Schema(type="string", description=described)
    if resolved.items is not None and (item := _file(components, resolved.items)):
        return dataclasses.replace(resolved, items=item, description=described)
    return None
