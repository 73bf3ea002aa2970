"""jsonschema: circuit-breaker files that are what their published schema says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic
from generator.prove import json_schema
from generator.prove.schema_files import follow

TOOL = "jsonschema"
PROVES = "the schema of circuit breakers is valid, and each file of circuit breakers follows it"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

SCHEMA = PurePosixPath("circuit-breaker.schema.json")
available = json_schema.available


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What jsonschema has against the schema, and then against each file."""
    judged = [file for file in files if file.parts[0] == "circuit-breakers"]
    yield from follow(TOOL, folder, SCHEMA, judged, is_there=SCHEMA in files)
