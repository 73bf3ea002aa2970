"""AsyncAPI's own JSON Schema: files that it accepts, whose references lead somewhere and whose examples are valid."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic
from generator.prove import schema_files
from generator.prove.openapi_spec import load, refusal

TOOL = "asyncapi-schema"
PROVES = "each file follows the JSON Schema of AsyncAPI 3.0.0, its references resolve and its examples are valid"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"

SCHEMA = Path(__file__).with_suffix(".json")
"""Published by the AsyncAPI Initiative; its `$comment` says which edition and what was left out."""
VALUES = ("examples", "example", "default", "const", "enum")
"""What stands below these is a value: no reference, whatever it looks like."""


def available() -> str | None:
    """The schema's edition, judged by jsonschema."""
    return "3.0.0" if tools.version("jsonschema") else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What the schema has against each document, or, of one that it accepts, what leads nowhere or is invalid."""
    for file in files:
        text = (folder / file).read_text(encoding="utf-8")
        document = load(text, file, f"{TOOL}/unreadable")
        if isinstance(document, Diagnostic):
            yield document
        elif schema_files.quick(SCHEMA)(document) or not (found := list(_refusals(document, text, file))):
            yield from _unresolved(document, document, (), text, file)
            yield from _invalid_examples(document, text, file)
        else:
            yield from found


def _refusals(document: dict[str, Any], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    """Of the ways in which a place could have been valid, the one that it came closest to."""
    from jsonschema.exceptions import best_match

    for error in _validator().iter_errors(document):
        deepest = best_match([error])
        yield refusal(f"{TOOL}/invalid", deepest.message, text, file, list(deepest.absolute_path))


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _unresolved(document: dict[str, Any], node: Any, place: tuple[str | int, ...], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    if isinstance(node, list):
        for number, part in enumerate(node):
            yield from _unresolved(document, part, (*place, number), text, file)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str) and _target(document, reference) is None:
        yield refusal(f"{TOOL}/unresolvable", f"{reference} leads nowhere", text, file, [*place, "$ref"])
    is_map_of_names = place[-1:] == ("properties",)
    for key, part in node.items():
        if is_map_of_names or key not in VALUES:
            yield from _unresolved(document, part, (*place, key), text, file)


def _target(document: dict[str, Any], reference: str) -> Any:
    node: Any = document if reference.startswith("#/") else {}
    for part in reference.removeprefix("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and isinstance(node.get("$ref"), str) and name not in node:
            node = _target(document, node["$ref"])
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _invalid_examples(document: dict[str, Any], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    from jsonschema import Draft7Validator, FormatChecker
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT7

    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT7.create_resource(document))
    for name, message in document.get("components", {}).get("messages", {}).items():
        place = ["components", "messages", name]
        for number, example in enumerate(message.get("examples", ())):
            for part in sorted({"headers", "payload"} & example.keys() & message.keys()):
                schema = {"$ref": f"urn:document#/components/messages/{name}/{part}"}
                validator = Draft7Validator(schema, registry=registry, format_checker=FormatChecker())
                try:
                    for error in validator.iter_errors(example[part]):
                        path = [*place, "examples", number, part, *error.absolute_path]
                        yield refusal(f"{TOOL}/invalid-example", error.message, text, file, path)
                except (Unresolvable, re.error) as error:
                    yield refusal(f"{TOOL}/unusable", str(error), text, file, [*place, part])
