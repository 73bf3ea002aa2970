"""A good set of manifests for one component in two environments, and what a prover says of it when one thing is changed."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from generator.artifact import Prover
from generator.diagnostics import Diagnostic

GOOD = Path(__file__).parent / "prove" / "manifests"


class Tree:
    """A copy, to be broken; a file is named by its kind's folder first."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(GOOD, folder / "stage")

    def change(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text, encoding="utf-8")

    def ask(self, prover: Prover, kind: str) -> list[Diagnostic]:
        """As the stage asks: a tool that judges all files at once sees those of Kubernetes beside those of Istio."""
        assert prover.available() is not None, "make tools"
        files = self.files(kind)
        if prover.SCOPE == "kind" and kind == "istio":
            files += [PurePosixPath("../kubernetes") / file for file in self.files("kubernetes")]
        return list(prover.prove(self.folder / kind, files))

    def files(self, kind: str) -> list[PurePosixPath]:
        root = self.folder / kind
        return sorted(PurePosixPath(path.relative_to(root).as_posix()) for path in root.rglob("*") if path.is_file())
