"""The JSON Schema of ODCS: contracts that it accepts, and whose parts agree where it cannot see."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic
from generator.prove import schema_files
from generator.prove.openapi_spec import load, refusal

TOOL = "odcs-schema"
PROVES = "each data contract follows the JSON Schema of ODCS 3.1.0; names are unique, and what names a field names one that is there"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"

ENDING = ".odcs.yaml"
EDITION = "3.1.0"
SCHEMA = Path(__file__).with_suffix(".json")
"""Published by Bitol; its `$comment` says where it is from and what was left out."""
SECRETS = ("account_key", "credentials", "passphrase", "password", "secret", "token", "user", "username")
"""Names of custom properties of a server that would give away how it is entered."""
Document = dict[str, Any]
Place = tuple[str | int, ...]
Fault = tuple[str, str, Place]
"""Code, message, place."""


def available() -> str | None:
    """The schema's edition, judged by jsonschema."""
    return EDITION if tools.version("jsonschema") else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What the schema has against each contract, or, of one that it accepts, what does not agree in it."""
    for file in files:
        if file.name.endswith(ENDING):
            yield from _judged((folder / file).read_text(encoding="utf-8"), file)


def _judged(text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    document = load(text, file, f"{TOOL}/unreadable")
    if isinstance(document, Diagnostic):
        yield document
        return
    found = [] if schema_files.quick(SCHEMA)(document) else list(_refusals(document))
    for code, message, place in found or _disagreements(document):
        yield refusal(f"{TOOL}/{code}", message, text, file, list(place))


def _refusals(document: Document) -> Iterator[Fault]:
    """Of the ways in which a place could have been valid, the one that it came closest to.

    Keys of a record that has another fault are often not looked at by the schema, and then not allowed: the fault is told, not these.
    """
    from jsonschema.exceptions import best_match

    found = [best_match([error]) for error in _validator().iter_errors(document)]
    others = [tuple(each.absolute_path) for each in found if each.validator != "unevaluatedProperties"]
    for message, place, validator in {(each.message, tuple(each.absolute_path), each.validator): None for each in found}:
        if validator != "unevaluatedProperties" or all(other[: len(place)] != place for other in others):
            yield "invalid", message, place


@functools.cache
def _validator() -> Any:
    from jsonschema import Draft201909Validator

    return Draft201909Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


# --- what the schema cannot see -----------------------------------------------------------------------------------------


def _disagreements(document: Document) -> Iterator[Fault]:
    yield from _repeated(document.get("servers", ()), "server", ("servers",))
    yield from _repeated(document.get("schema", ()), "name", ("schema",))
    yield from _secrets(document)
    for number, each in enumerate(document.get("schema", ())):
        yield from _of_object(each, ("schema", number))
    yield from _levels(document)


def _of_object(schema: Document, place: Place) -> Iterator[Fault]:
    known = {each["name"] for each in schema.get("properties", ())}
    yield from _fields(schema, place)
    for number, rule in enumerate(schema.get("quality", ())):
        for name in (rule.get("arguments") or {}).get("properties", ()):
            if name not in known:
                yield (
                    "unknown-field",
                    f'a rule is about "{name}", which is no property',
                    (*place, "quality", number, "arguments", "properties"),
                )
    positions = [each.get("primaryKeyPosition") for each in schema.get("properties", ()) if each.get("primaryKey")]
    if sorted(each or 0 for each in positions) != list(range(1, len(positions) + 1)):
        yield "broken-key", f"the places in the key are {positions}, and not 1 to {len(positions)}, each once", (*place, "properties")


def _fields(schema: Document, place: Place) -> Iterator[Fault]:
    """Of an object, and of the objects and lists that it holds."""
    yield from _repeated(schema.get("properties", ()), "name", (*place, "properties"))
    yield from _repeated(schema.get("quality", ()), "id", (*place, "quality"))
    yield from _repeated(schema.get("quality", ()), "metric", (*place, "quality"))  # datacontract test would run neither of the two
    for number, each in enumerate(schema.get("properties", ())):
        yield from _fields(each, (*place, "properties", number))
    if isinstance(schema.get("items"), dict):
        yield from _fields(schema["items"], (*place, "items"))


def _repeated(records: Iterable[Document], key: str, place: Place) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, each in enumerate(records):
        name = each.get(key)
        if name in seen:
            yield "repeated-name", f'"{name}" is there twice', (*place, number, key)
        if name is not None:
            seen.add(name)


def _levels(document: Document) -> Iterator[Fault]:
    known = {f"{schema['name']}.{each['name']}" for schema in document.get("schema", ()) for each in schema.get("properties", ())}
    known |= {schema["name"] for schema in document.get("schema", ())}
    for number, level in enumerate(document.get("slaProperties", ())):
        for name in (each.strip() for each in level.get("element", "").split(",") if each.strip()):
            if name not in known:
                yield "unknown-field", f'a service level is about "{name}", which is no property', ("slaProperties", number, "element")


def _secrets(document: Document) -> Iterator[Fault]:
    for number, server in enumerate(document.get("servers", ())):
        for key in ("host", "location", "endpointUrl"):
            if "@" in str(server.get(key, "")):
                yield "credentials", f"{key} names who enters, not only what is entered", ("servers", number, key)
        for position, each in enumerate(server.get("customProperties", ())):
            if str(each["property"]).casefold() in SECRETS:
                place = ("servers", number, "customProperties", position, "property")
                yield "credentials", f'"{each["property"]}" does not belong into a contract', place
