"""Files that follow a JSON Schema, for the provers of such kinds: one that is emitted beside them, or one that comes with us."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import refusal


def follow(tool: str, folder: Path, schema_file: PurePosixPath, files: Sequence[PurePosixPath], *, is_there: bool) -> Iterator[Diagnostic]:
    """What jsonschema has against the schema (draft-07), and then against each file."""
    from jsonschema import Draft7Validator

    if not is_there:
        if files:
            yield Diagnostic(f"{tool}/no-schema", Span(str(files[0])), f"{schema_file} is not there")
        return
    text = (folder / schema_file).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    invalid = list(Draft7Validator(Draft7Validator.META_SCHEMA).iter_errors(schema))
    for error in invalid:
        yield refusal(f"{tool}/invalid-schema", error.message, text, schema_file, list(error.absolute_path))
    for file in files if not invalid else ():
        yield from _refusals(tool, Draft7Validator(schema), folder, file)


@functools.cache
def quick(schema: Path) -> Callable[[Any], bool]:
    """Whether a document is valid, by jsonschema-rs in a hundredth of the time; without it nothing is valid at once."""
    try:
        import jsonschema_rs
    except ImportError:
        return lambda document: False
    return jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8"))).is_valid


def _refusals(tool: str, validator: Any, folder: Path, file: PurePosixPath) -> Iterator[Diagnostic]:
    text = (folder / file).read_text(encoding="utf-8")
    try:
        data = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as trouble:
        yield Diagnostic(f"{tool}/unreadable", Span(str(file)), str(trouble))
        return
    for error in validator.iter_errors(data):
        yield refusal(f"{tool}/invalid", error.message, text, file, list(error.absolute_path))
