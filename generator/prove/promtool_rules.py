"""promtool check rules: recording and alerting rules that Prometheus loads, none of them twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import words
from generator.prove.promtool import PROMTOOL, findings, rule_files

TOOL = "promtool check rules"
PROVES = (
    "Prometheus takes each file of rules, their expressions and the templates in their labels and annotations, and no rule is there twice"
)
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

CODE = "promtool-check-rules"


def available() -> str | None:
    return PROMTOOL.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All files in one process, and where it refuses, each alone: not every refusal names its file."""
    asked = rule_files(files)
    if asked and _refusals(folder, *asked):
        for file in asked:
            yield from _refusals(folder, file)


def _refusals(folder: Path, *files: PurePosixPath) -> list[Diagnostic]:
    done = PROMTOOL.run("check", "rules", "--lint=all", "--lint-fatal", *map(str, files), folder=folder)
    found = list(findings(f"{CODE}/refused", folder, files[0], done.stderr))
    if done.returncode != 0 and not found:
        return [Diagnostic(f"{CODE}/failed", Span(str(files[0])), words(done))]
    return found
