"""protoc: protos compile, with the descriptors of the well-known types that come with grpcio-tools."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span

TOOL = "protoc"
PROVES = "the protos compile, and none has a warning"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

LINE = re.compile(r"^(?P<file>[^:\n]+\.proto)(?::(?P<line>\d+):(?P<column>\d+))?: (?P<words>.+)$", re.MULTILINE)


def available() -> str | None:
    return tools.version("grpcio-tools")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Every error and warning of compiling all files at once."""
    protos = [str(file) for file in files if file.suffix == ".proto"]
    if not protos:
        return
    command = [sys.executable, "-P", "-m", "grpc_tools.protoc", "-I.", f"--descriptor_set_out={os.devnull}", *protos]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
    lines = list(LINE.finditer(done.stderr))
    for found in lines:
        place = Span(found["file"], int(found["line"] or 1), int(found["column"] or 1))
        yield Diagnostic(f"{TOOL}/refused", place, found["words"])
    if not lines and (done.returncode or done.stderr.strip()):
        yield Diagnostic(f"{TOOL}/refused", Span(protos[0]), " ".join(done.stderr.split())[:400] or f"exit status {done.returncode}")
