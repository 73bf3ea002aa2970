"""Mermaid: every diagram of a Markdown file, read by Mermaid's own parser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.tools import node_tool, node_version

TOOL = "mermaid"
PROVES = "each diagram of the document is one that Mermaid draws"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

PACKAGE = "mermaid"
SCRIPT = Path(__file__).with_suffix(".mjs")


def available() -> str | None:
    return node_version(PACKAGE)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All diagrams of all files in one process; the same diagram is read once."""
    tool = node_tool(PACKAGE)
    assert tool is not None, "a prover is asked only when it is available"
    diagrams = [
        (file, line, text)
        for file in files
        if file.suffix == ".md"
        for line, text in _diagrams((folder / file).read_text(encoding="utf-8"))
    ]
    if not diagrams:
        return
    command = [*tool.node, str(SCRIPT), str(tool.package)]
    asked = json.dumps([text for _, _, text in diagrams])
    done = subprocess.run(command, cwd=folder, input=asked, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        yield Diagnostic("mermaid/failed", Span(str(files[0])), done.stderr.strip() or "mermaid failed and said nothing")
        return
    for (file, line, _), fault in zip(diagrams, json.loads(done.stdout), strict=True):
        if fault is not None:
            yield Diagnostic("mermaid/refused", Span(str(file), line), fault)


def _diagrams(text: str) -> Iterator[tuple[int, str]]:
    """The diagrams of a Markdown file with the line that each begins at."""
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "fence" and token.info.strip() == "mermaid":
            yield (token.map or [0])[0] + 2, token.content
