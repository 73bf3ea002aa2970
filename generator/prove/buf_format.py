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

FILE = re.compile(r"\+\+\+ (?:b/)?(\S+)")
HUNK = re.compile(r"@@ -(\d+).*@@")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each place that `buf format` would change."""
    done = buf.run("format", "--diff", "--exit-code", folder=folder)
    if not done.returncode:
        return
    places = list(_changes(done.stdout))
    for place in places:
        yield Diagnostic(f"{TOOL}/layout", place, "the file is not laid out as buf format lays it out")
    if not places:
        yield Diagnostic(f"{TOOL}/refused", Span(str(files[0])), buf.words(done))


def _changes(diff: str) -> Iterator[Span]:
    """The first line of each hunk that is not as it was."""
    file, line, is_looking = "", 0, False
    for text in diff.splitlines():
        if found := FILE.match(text):
            file = found[1]
        elif found := HUNK.match(text):
            line, is_looking = int(found[1]), True
        elif is_looking and text.startswith(("+", "-")):
            yield Span(file, line)
            is_looking = False
        else:
            line += 1
