"""A scenario is a folder: a contract, and the output or the diagnostics it must give. `make golden` rewrites both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.catalog import KINDS
from generator.diagnostics import Span, has_errors, to_text
from generator.pipeline import emit_all, understand, with_numbers

SCENARIOS = Path(__file__).parent / "scenarios"
FOLDERS = sorted({path.parent for path in SCENARIOS.glob("*/*/*.yaml")} | {path for path in SCENARIOS.glob("refused/*") if path.is_dir()})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(SCENARIOS).as_posix())
def test_scenario(folder: Path, golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    graph, found = understand(Path())
    expected: dict[str, str] = {}
    if found:
        expected["diagnostics.txt"] = to_text(found, read_line) + "\n"
    if folder.parent.name == "refused":
        assert has_errors(found), "a refused contract has an error"
    else:
        assert graph is not None and not has_errors(found), to_text(found, read_line)
        kinds = [kind for kind in KINDS if kind.name == folder.parent.name]
        for _, artifact in emit_all(with_numbers(graph), kinds):
            expected[f"output/{artifact.path}"] = artifact.text
    if golden:
        rewrite(folder, expected)
    actual = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and is_expectation(path.relative_to(folder))
    }
    assert actual == set(expected), "the set of files; `make golden` rewrites it"
    for name, text in expected.items():
        assert (folder / name).read_text(encoding="utf-8") == text, f"{name}; `make golden` rewrites it"


def is_expectation(path: Path) -> bool:
    return path.name == "diagnostics.txt" or path.parts[0] == "output"


def rewrite(folder: Path, expected: dict[str, str]) -> None:
    shutil.rmtree(folder / "output", ignore_errors=True)
    (folder / "diagnostics.txt").unlink(missing_ok=True)
    for name, text in expected.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def read_line(at: Span) -> str | None:
    path = Path(at.file)
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    return lines[at.line - 1] if 0 < at.line <= len(lines) else None


def test_every_kind_has_a_scenario() -> None:
    assert {kind.name for kind in KINDS} <= {folder.parent.name for folder in FOLDERS}
