"""Redocly CLI: OpenAPI and AsyncAPI files that the field's linter accepts without an error or a warning."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.tools import node_tool, node_version

TOOL = "redocly"
PROVES = "each file is valid and has no finding under Redocly's recommended rules"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

PACKAGE = "@redocly/cli"
RULES = Path(__file__).with_suffix(".yaml")
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
UNREADABLE = re.compile(
    r"Failed to parse API description at (?P<file>.+?):\s+- (?P<message>.+?)(?: \((?P<line>\d+):(?P<column>\d+)\))?\s*$", re.DOTALL
)


def available() -> str | None:
    return node_version(PACKAGE)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All files in one process; a warning refuses too, since every warning left on is one we can avoid."""
    tool = node_tool(PACKAGE)
    assert tool is not None, "a prover is asked only when it is available"
    lint = [*tool.node, str(tool.package / "bin" / "cli.js"), "lint", f"--config={RULES}", "--format=json", "--max-problems=1000"]
    done = subprocess.run(
        [*lint, *map(str, files)], cwd=folder, env={**os.environ, **QUIET}, capture_output=True, encoding="utf-8", check=False
    )
    found = [_diagnostic(problem) for report in _reports(done.stdout) for problem in report["problems"]]
    yield from found
    unreadable = UNREADABLE.search(done.stderr)
    if unreadable:
        yield _unreadable(unreadable)
    elif done.returncode != 0 and not found:
        yield Diagnostic("redocly/failed", Span(str(files[0])), done.stderr.strip() or "redocly failed and said nothing")


def _reports(text: str) -> Iterator[dict[str, Any]]:
    """Redocly writes one JSON object for each file, with nothing between them."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        report, end = decoder.raw_decode(text)
        yield report
        text = text[end:]


def _diagnostic(problem: dict[str, Any]) -> Diagnostic:
    place = problem["location"][0]
    start = place["start"]
    end = place.get("end", start)
    width = end["col"] - start["col"] if end["line"] == start["line"] else 1
    return Diagnostic(
        code=f"redocly/{problem['ruleId']}",
        at=Span(place["source"]["ref"], start["line"], start["col"], max(1, width)),
        message=problem["message"],
        help=problem.get("reference"),
    )


def _unreadable(match: re.Match[str]) -> Diagnostic:
    """A file that is no YAML ends Redocly's run: its words are on standard error, and it says nothing of the files after it."""
    at = Span(match["file"], int(match["line"] or 1), int(match["column"] or 1))
    return Diagnostic("redocly/unreadable", at, match["message"])
