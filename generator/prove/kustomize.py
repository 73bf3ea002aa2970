"""kustomize: each kustomization is built of what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import KUSTOMIZATION, Done, GoTool
from generator.tools import KUBERNETES

TOOL = "kustomize"
PROVES = "each kustomization finds what it names and is built"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

KUSTOMIZE = GoTool("kustomize", KUBERNETES, "sigs.k8s.io/kustomize/kustomize/v5")
THROUGH = re.compile(r".*recursed accumulation of path '[^']*': ", re.DOTALL)
"""What it puts before the words on a folder that others name."""


def available() -> str | None:
    return KUSTOMIZE.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """A fault is told once, of the folder that has it if it is one of these, and not of all that are built from it."""
    refused: dict[str, PurePosixPath] = {}
    for file in files:
        if file.name == KUSTOMIZATION and file.parts[0] != "..":
            done = build(folder, file.parent)
            if done.returncode != 0:
                said = refusal(folder, done)
                refused[said] = refused.get(said, file) if THROUGH.match(done.stderr) else file
    for said, file in refused.items():
        yield Diagnostic(f"{TOOL}/refused", Span(str(file)), said)


def build(folder: Path, kustomization: PurePosixPath) -> Done:
    """The manifests that a folder is built into, on standard output."""
    return KUSTOMIZE.run("build", str(kustomization), folder=folder)


def refusal(folder: Path, done: Done) -> str:
    """Its words on the fault itself, without the places of this machine."""
    own = folder.resolve()
    said = THROUGH.sub("", " ".join(done.stderr.split())).removeprefix("Error: ")
    return said.replace(f"{own}/", "").replace(f"{own.parent}/", "../") or f"exit status {done.returncode}"
