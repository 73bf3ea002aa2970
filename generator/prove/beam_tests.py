"""Apache Beam's unit tests: every pipeline has tests, and they pass in Beam's own runner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove import beam
from generator.prove.beam import Asked

TOOL = "apache beam tests"
PROVES = "every unit test of a pipeline passes in Beam's own runner"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"


def available() -> str | None:
    return beam.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """In the environment that is theirs: without servers, whose place the tests take."""
    asked = []
    for pipeline, environments in beam.pipelines(files):
        if pipeline / beam.TESTS not in files:
            yield Diagnostic("beam/untested", Span(str(pipeline / beam.PIPELINE)), "the pipeline has no unit tests")
        elif beam.OF_TESTS not in environments:
            yield Diagnostic(
                "beam/untested", Span(str(pipeline / beam.TESTS)), f"there is no overlay {beam.OF_TESTS} to run the unit tests in"
            )
        else:
            asked.append(Asked(pipeline, beam.OF_TESTS, is_tested=True))
    yield from (diagnostic for _, diagnostic in beam.ask(folder, asked))
