"""jsonschema: message schemas that are valid draft-07, accept their examples, and refuse what the examples must not be."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import refusal

TOOL = "jsonschema"
PROVES = "each message schema is valid, accepts its examples with formats, and refuses them once they are broken"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"

ENDING = ".schema.json"
NO_MESSAGES: tuple[Any, ...] = (None, True, 0, "text", [])
"""A message is an object; a schema that takes one of these takes everything."""
MOST_REFERENCES = 100
Place = tuple[str | int, ...]


def available() -> str | None:
    return tools.version(TOOL)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What jsonschema has against each schema; the other files of the kind are none."""
    for file in files:
        if file.name.endswith(ENDING):
            yield from _refusals((folder / file).read_text(encoding="utf-8"), file)


def _refusals(text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    try:
        schema = json.loads(text)
    except ValueError as trouble:
        yield Diagnostic(f"{TOOL}/unreadable", Span(str(file)), str(trouble))
        return
    invalid = list(_meta().iter_errors(schema))
    for error in invalid:
        yield refusal(f"{TOOL}/invalid-schema", error.message, text, file, list(error.absolute_path))
    if not invalid:
        yield from _judged(schema, text, file)


def _judged(schema: dict[str, Any], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    from jsonschema import Draft7Validator, FormatChecker
    from referencing.exceptions import Unresolvable

    # Draft 7's own checker does not know uuid and duration, which the schemas use all the same.
    validator = Draft7Validator(schema, format_checker=FormatChecker())
    try:
        for value in NO_MESSAGES:
            if validator.is_valid(value):
                yield refusal(f"{TOOL}/accepts-anything", f"the schema accepts {json.dumps(value)}, which is no message", text, file, [])
        for number, example in enumerate(schema.get("examples", ())):
            yield from _example(schema, validator, example, ("examples", number), text, file)
    except Unresolvable as error:
        line = text.count("\n", 0, max(0, text.find(str(error.ref)))) + 1
        yield Diagnostic(f"{TOOL}/unresolvable", Span(str(file), line), f"{error.ref} leads nowhere")
    except re.error as error:
        yield Diagnostic(f"{TOOL}/invalid-pattern", Span(str(file)), str(error))


def _example(schema: dict[str, Any], validator: Any, example: Any, place: Place, text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    errors = list(validator.iter_errors(example))
    for error in errors:
        yield refusal(f"{TOOL}/invalid-example", error.message, text, file, [*place, *error.absolute_path])
    if errors:
        return
    for what, where, change in _mutations(schema, schema, example, ()):
        broken = copy.deepcopy(example)
        change(broken)
        if validator.is_valid(broken):
            yield refusal(f"{TOOL}/accepts-broken-example", f"the schema accepts its example {what}", text, file, [*place, *where])


Change = Callable[[Any], None]


def _mutations(root: dict[str, Any], schema: Any, value: Any, place: Place) -> Iterator[tuple[str, Place, Change]]:
    """Each way to break an example that its schema says it refuses: a property dropped, a constant or a type changed."""
    schema = _said(root, schema)
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name in value:
                yield f'without "{name}"', place, functools.partial(_drop, place, name)
        for name, part in schema.get("properties", {}).items():
            if name in value:
                yield from _replaced(root, part, (*place, name))
                yield from _mutations(root, part, value[name], (*place, name))
    elif isinstance(value, list) and isinstance(schema.get("items"), dict) and value:
        yield from _replaced(root, schema["items"], (*place, 0))
        yield from _mutations(root, schema["items"], value[0], (*place, 0))


def _replaced(root: dict[str, Any], schema: Any, place: Place) -> Iterator[tuple[str, Place, Change]]:
    schema = _said(root, schema)
    name = json.dumps(place[-1])
    if "const" in schema or "enum" in schema:
        yield f"with another {name}", place, functools.partial(_put, place, "no such value")
    if "type" in schema:
        wrong: Any = "text" if schema["type"] in ("object", "array") else {}
        yield f"with a {name} of another type", place, functools.partial(_put, place, wrong)


def _said(root: dict[str, Any], schema: Any) -> dict[str, Any]:
    """All that a schema says with what it refers to; also what it says beside a `$ref`, where draft-07 does not listen."""
    said: dict[str, Any] = {}
    for _ in range(MOST_REFERENCES):
        if not isinstance(schema, dict):
            break
        said = {**schema, **said}
        if isinstance(schema.get("$ref"), str):
            schema = functools.reduce(lambda node, part: node.get(part, {}), schema["$ref"].removeprefix("#/").split("/"), root)
        elif len(schema.get("allOf", ())) == 1:
            schema = schema["allOf"][0]
        else:
            break
    return said


def _drop(place: Place, name: str, value: Any) -> None:
    del _at(value, place)[name]


def _put(place: Place, new: Any, value: Any) -> None:
    _at(value, place[:-1])[place[-1]] = new


def _at(value: Any, place: Place) -> Any:
    for part in place:
        value = value[part]
    return value


@functools.cache
def _meta() -> Any:
    """The meta-schema of draft-07, which all message schemas are written in."""
    from jsonschema import Draft7Validator, FormatChecker

    return Draft7Validator(Draft7Validator.META_SCHEMA, format_checker=FormatChecker())
