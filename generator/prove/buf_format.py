"""buf format: protos are laid out as Buf lays them out, so that nobody's editor changes a generated file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove import buf

TOOL = "buf format"
PROVES = "the protos are formatted as Buf formats them"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

available = buf.available

HUNK = re.compile(r"^(?:\+\+\+ (?:b/)?(?P<file>\S+).*|@@ -(?P<line>\d+).*@@.*)$", re.MULTILINE)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each place that `buf format` would change."""
    done = buf.run("format", "--diff", "--exit-code", folder=folder)
    if not done.returncode:
        return
    file, is_placed = str(files[0]), False
    for found in HUNK.finditer(done.stdout):
        if found["file"]:
            file = found["file"]
        else:
            is_placed = True
            yield Diagnostic(f"{TOOL}/layout", Span(file, int(found["line"])), "the file is not laid out as buf format lays it out")
    if not is_placed:
        yield Diagnostic(f"{TOOL}/refused", Span(file), buf.words(done))
