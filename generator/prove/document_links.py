"""Links of the document: each relative one leads to a file of the output, and each anchor to a heading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic
from generator.prove.markdown_files import PARSER, dangling
from generator.tools import version

TOOL = "document links"
PROVES = "each relative link of the document leads to a file of the output, each anchor to a heading"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "document-links"


def available() -> str | None:
    return version(PARSER)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Links to the contract lead out of the output, which is all that there is here: tests look at those that are committed."""
    for file in files:
        if file.suffix == ".md" and file.parts[0] != "..":
            yield from dangling(CODE, folder, file, files, outside="../../")
