"""Apache Beam: each pipeline builds in each environment, with every transform, input, output and setting, and does not run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove import beam
from generator.prove.beam import Asked

TOOL = "apache beam"
PROVES = "each pipeline builds in each environment: its transforms are there, take their settings, and every output is used"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"


def available() -> str | None:
    return beam.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """A refusal that is the same in several environments once, with their names."""
    asked = []
    for pipeline, environments in beam.pipelines(files):
        if not environments:
            yield Diagnostic("beam/no-overlay", Span(str(pipeline / beam.PIPELINE)), "the pipeline has no overlay, so it can run nowhere")
        asked += [Asked(pipeline, environment) for environment in environments]
    seen: dict[Diagnostic, list[str]] = {}
    for each, diagnostic in beam.ask(folder, asked):
        seen.setdefault(diagnostic, []).append(each.environment)
    for diagnostic, names in seen.items():
        yield replace(diagnostic, help=f"in {', '.join(sorted(names))}")
