"""How the tools in Go are found and started, and what they say when they fail, for the provers that ask them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from generator.diagnostics import Diagnostic
from generator.tools import ToolSet

Done = subprocess.CompletedProcess[str]
NOTHING: Mapping[str, str] = MappingProxyType({})
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
        return self.tool_set.pinned(f"{self.module} ") if self.command.is_file() else None

    def run(self, *arguments: str, folder: Path, given: str = "", variables: Mapping[str, str] = NOTHING) -> Done:
        """No cluster is asked, whatever the user's own configuration says."""
        environment = {**os.environ, "KUBECONFIG": os.devnull, "NO_COLOR": "1", **variables}
        command = [str(self.command), *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, input=given, capture_output=True, encoding="utf-8", errors="replace", check=False
        )


def words(done: Done) -> str:
    """What it said in the end, shortly."""
    return " ".join((done.stderr or done.stdout).split())[:800] or f"exit status {done.returncode}"


def overlays(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Folders of the kind's own environments, which are below `overlays` where there is a base; files of other kinds are named `../other/…`."""
    own = sorted(file.parent for file in files if file.name == KUSTOMIZATION and file.parts[0] != "..")
    found = [each for each in own if len(each.parts) == 2 and each.parts[0] == "overlays"]
    return found or [each for each in own if len(each.parts) == 1 and each.name != "base"]


def by_overlay(found: Iterable[tuple[PurePosixPath, Diagnostic]]) -> Iterator[Diagnostic]:
    """Each finding once, with the overlays that show it."""
    overlays: dict[Diagnostic, list[str]] = {}
    for overlay, diagnostic in found:
        overlays.setdefault(diagnostic, []).append(str(overlay))
    for diagnostic, names in overlays.items():
        seen = f"seen in {', '.join(dict.fromkeys(names))}"
        yield replace(diagnostic, help=f"{diagnostic.help}\n{seen}" if diagnostic.help else seen)
