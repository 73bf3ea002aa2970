"""@asyncapi/parser: AsyncAPI files that the specification's own parser accepts."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.tools import node_tool, node_version

TOOL = "asyncapi-parser"
PROVES = "each file is an AsyncAPI document by the specification's own parser"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

PACKAGE = "@asyncapi/parser"
SCRIPT = Path(__file__).with_suffix(".mjs")
ACCEPTED = frozenset({"asyncapi-latest-version"})
"""Findings that we cannot avoid: the parser recommends AsyncAPI 3.1, which the other tools of the field still refuse."""


def available() -> str | None:
    return node_version(PACKAGE)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All files in one process; warnings refuse too, except those accepted above."""
    tool = node_tool(PACKAGE)
    assert tool is not None, "a prover is asked only when it is available"
    command = [*tool.node, str(SCRIPT), str(tool.package), *map(str, files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        yield Diagnostic("asyncapi-parser/failed", Span(str(files[0])), done.stderr.strip() or "the parser failed and said nothing")
        return
    yield from (_diagnostic(problem) for problem in json.loads(done.stdout) if problem["code"] not in ACCEPTED)


def _diagnostic(problem: dict[str, Any]) -> Diagnostic:
    """The parser counts lines and characters from 0."""
    start, end = problem["range"]["start"], problem["range"]["end"]
    width = end["character"] - start["character"] if end["line"] == start["line"] else 1
    at = Span(problem["file"], start["line"] + 1, start["character"] + 1, max(1, width))
    return Diagnostic(f"asyncapi-parser/{problem['code']}", at, problem["message"])
