"""jsonschema: circuit-breaker files that are what their published schema says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove import json_schema
from generator.prove.openapi_spec import refusal

TOOL = "jsonschema"
PROVES = "the schema of circuit breakers is valid, and each file of circuit breakers follows it"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

SCHEMA = PurePosixPath("circuit-breaker.schema.json")
available = json_schema.available


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What jsonschema has against the schema, and then against each file."""
    from jsonschema import Draft7Validator

    judged = [file for file in files if file.parts[0] == "circuit-breakers"]
    if SCHEMA not in files:
        if judged:
            yield Diagnostic(f"{TOOL}/no-schema", Span(str(judged[0])), f"{SCHEMA} is not there")
        return
    text = (folder / SCHEMA).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    invalid = list(Draft7Validator(Draft7Validator.META_SCHEMA).iter_errors(schema))
    for error in invalid:
        yield refusal(f"{TOOL}/invalid-schema", error.message, text, SCHEMA, list(error.absolute_path))
    for file in judged if not invalid else ():
        yield from _refusals(Draft7Validator(schema), folder, file)


def _refusals(validator: Any, folder: Path, file: PurePosixPath) -> Iterator[Diagnostic]:
    text = (folder / file).read_text(encoding="utf-8")
    try:
        data = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as trouble:
        yield Diagnostic(f"{TOOL}/unreadable", Span(str(file)), str(trouble))
        return
    for error in validator.iter_errors(data):
        yield refusal(f"{TOOL}/invalid", error.message, text, file, list(error.absolute_path))
