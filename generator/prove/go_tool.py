"""How the tools in Go are found and started, and what they say when they fail, for the provers that ask them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from generator.diagnostics import Diagnostic
from generator.tools import ToolSet

Done = subprocess.CompletedProcess[str]
KUSTOMIZATION = "kustomization.yaml"


@dataclass(frozen=True, slots=True)
class GoTool:
    """A command that `make tools` has built, and the module in `go.mod` that it is of."""

    name: str
    tool_set: ToolSet
    module: str

    @property
    def command(self) -> Path:
        return self.tool_set.folder / "bin" / self.name

    def version(self) -> str | None:
        """As pinned, since what is built says nothing of its version."""
        if not self.command.is_file():
            return None
        pins = (self.tool_set.pins / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^\s*{re.escape(self.module)} (v\S+)", pins, re.MULTILINE)
        return found[1] if found else None

    def run(self, *arguments: str, folder: Path, given: str = "") -> Done:
        """No cluster is asked, whatever the user's own configuration says."""
        environment = {**os.environ, "KUBECONFIG": os.devnull, "NO_COLOR": "1"}
        command = [str(self.command), *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, input=given, capture_output=True, encoding="utf-8", errors="replace", check=False
        )


def words(done: Done) -> str:
    """What it said in the end, shortly."""
    return " ".join((done.stderr or done.stdout).split())[:800] or f"exit status {done.returncode}"


def overlays(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Folders of the kind's own environments; files of other kinds are named `../other/…`."""
    return sorted(file.parent for file in files if len(file.parts) == 3 and file.parts[0] == "overlays" and file.name == KUSTOMIZATION)


def by_overlay(found: Iterable[tuple[PurePosixPath, Diagnostic]]) -> Iterator[Diagnostic]:
    """Each finding once, with the overlays that show it."""
    overlays: dict[Diagnostic, list[str]] = {}
    for overlay, diagnostic in found:
        overlays.setdefault(diagnostic, []).append(str(overlay))
    for diagnostic, names in overlays.items():
        seen = f"seen in {', '.join(dict.fromkeys(names))}"
        yield replace(diagnostic, help=f"{diagnostic.help}\n{seen}" if diagnostic.help else seen)
