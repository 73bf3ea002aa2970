"""buf lint: protos follow Buf's STANDARD rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove import buf

TOOL = "buf lint"
PROVES = "the protos follow Buf's STANDARD rules: names, packages, versions, one message for each request and answer"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

available = buf.available


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Every line of `buf lint`."""
    done = buf.run("lint", "--error-format=json", folder=folder)
    yield from buf.findings(TOOL, done)
    if done.returncode and not done.stdout.strip():
        yield Diagnostic(f"{TOOL}/refused", Span(str(files[0])), buf.words(done))
