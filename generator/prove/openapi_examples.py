"""jsonschema: every example of an OpenAPI document is what its schema says, by JSON Schema 2020-12 with formats."""

from __future__ import annotations

import functools
import re
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic
from generator.prove.openapi_spec import load, refusal

TOOL = "jsonschema"
PROVES = "each example in an OpenAPI document is valid against its schema"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"

Place = tuple[str | int, ...]
DOCUMENT = "urn:document"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
CHILDREN: dict[str, dict[str, tuple[str, str]]] = {
    "document": {"paths": ("each", "path item"), "components": ("one", "components")},
    "components": {
        "schemas": ("each", "schema"),
        "responses": ("each", "response"),
        "parameters": ("each", "shown"),
        "headers": ("each", "shown"),
        "requestBodies": ("each", "body"),
    },
    "path item": {"parameters": ("each", "shown"), **dict.fromkeys(METHODS, ("one", "operation"))},
    "operation": {"parameters": ("each", "shown"), "requestBody": ("one", "body"), "responses": ("each", "response")},
    "response": {"headers": ("each", "shown"), "content": ("each", "shown")},
    "body": {"content": ("each", "shown")},
    "shown": {"schema": ("one", "schema")},  # a parameter, header or media type: a schema with examples beside it
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "$defs", "oneOf", "anyOf", "allOf", "prefixItems"), ("each", "schema")),
        **dict.fromkeys(("items", "additionalProperties", "propertyNames", "contains", "not", "contentSchema"), ("one", "schema")),
    },
}
"""What an OpenAPI object holds, so that nothing else, such as a property called `examples`, is taken for an example."""


def available() -> str | None:
    return tools.version(TOOL)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each example that its schema refuses."""
    for file in files:
        text = (folder / file).read_text(encoding="utf-8")
        if "example" not in text and "default" not in text:
            continue
        document = load(text, file, f"{TOOL}/unreadable")
        if isinstance(document, Diagnostic):
            yield document
        else:
            yield from _refusals(document, text, file)


def _refusals(document: dict[str, Any], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    from jsonschema.exceptions import UndefinedTypeCheck, UnknownType
    from referencing.exceptions import Unresolvable

    errors_of = _judge(document)
    for schema, example in dict.fromkeys(_examples(document)):
        try:
            for error in errors_of(schema, _at(document, example)):
                yield refusal(f"{TOOL}/invalid-example", error.message, text, file, [*example, *error.absolute_path])
        except (LookupError, Unresolvable, UnknownType, UndefinedTypeCheck, re.error) as trouble:
            # The example or a part of its schema is not there, or the schema is none.
            message = str(trouble) if isinstance(trouble, Unresolvable) else f"{type(trouble).__name__}: {trouble}"
            yield refusal(f"{TOOL}/unusable", message, text, file, example)


def _judge(document: dict[str, Any]) -> Callable[[Place, Any], Iterator[Any]]:
    """Judges a value by the schema at a place of the document."""
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    registry: Registry[Any] = Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(document))

    @functools.cache
    def validator(schema: Place) -> Draft202012Validator:
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in schema)
        by_reference = {"$ref": f"{DOCUMENT}#{urllib.parse.quote(pointer)}"}
        return Draft202012Validator(by_reference, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)

    return lambda schema, value: validator(schema).iter_errors(value)


def _examples(document: dict[str, Any]) -> Iterator[tuple[Place, Place]]:
    """Each place of a schema with the place of a value that must be valid against it."""
    waiting: list[tuple[Place, Any, str]] = [((), document, "document")]
    while waiting:
        place, node, kind = waiting.pop()
        if not isinstance(node, dict):
            continue
        yield from _beside(place, node) if kind == "shown" else _inside(place, node) if kind == "schema" else ()
        for key, (how, child) in CHILDREN[kind].items():
            if key in node:
                found = _entries(node[key]) if how == "each" else [((), node[key])]
                waiting += [((*place, key, *name), part, child) for name, part in found]


def _entries(node: Any) -> list[tuple[Place, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [((name,), part) for name, part in pairs]


def _beside(place: Place, node: dict[str, Any]) -> Iterator[tuple[Place, Place]]:
    """The examples of a parameter, header or media type."""
    if "schema" not in node:
        return
    schema = _followed(node["schema"], (*place, "schema"))
    if "example" in node:
        yield schema, (*place, "example")
    for name, example in _entries(node.get("examples")):
        if isinstance(example, dict) and ("$ref" in example or "value" in example):
            yield schema, (*_followed(example, (*place, "examples", *name)), "value")


def _inside(place: Place, node: dict[str, Any]) -> Iterator[tuple[Place, Place]]:
    """The examples and the default of a schema."""
    for key in ("example", "default"):
        if key in node:
            yield place, (*place, key)
    for name, _ in _entries(node.get("examples")):
        yield place, (*place, "examples", *name)


def _followed(node: Any, place: Place) -> Place:
    """The place itself, or the one that a reference names and nothing else, so that what is shared is judged once."""
    reference = node.get("$ref") if isinstance(node, dict) and len(node) == 1 else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return place
    parts = urllib.parse.unquote(reference[2:]).split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def _at(document: dict[str, Any], place: Place) -> Any:
    node: Any = document
    for part in place:
        node = node[part]
    return node
