"""A scenario is a folder: a contract, and the diagnostics it must give or the output, which is in `tests/golden`. `make golden` rewrites both."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.catalog import KINDS
from generator.diagnostics import Span, has_errors
from generator.manual import pages
from generator.pipeline import emit_all, understand, with_numbers
from generator.reports.text import to_text

SCENARIOS = Path(__file__).parent / "scenarios"
GOLDEN = Path(__file__).parent / "golden"
FOLDERS = sorted({path.parent for path in SCENARIOS.glob("*/*/*.yaml")} | {path for path in SCENARIOS.glob("refused/*") if path.is_dir()})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(SCENARIOS).as_posix())
def test_scenario(folder: Path, golden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    graph, found = understand(Path())
    # Judgements of the architecture have tests of their own (`test_rules.py`), and say something of most small contracts.
    found = [each for each in found if not (each.code in pages() and pages()[each.code].is_judgement)]
    expected: dict[Path, str] = {}
    if found:
        expected[folder / "diagnostics.txt"] = to_text(found, read_line) + "\n"
    if folder.parent.name == "refused":
        assert has_errors(found), "a refused contract has an error"
    else:
        assert graph is not None and not has_errors(found), to_text(found, read_line)
        kinds = [kind for kind in KINDS if kind.name == folder.parent.name]
        for _, artifact in emit_all(with_numbers(graph), kinds):
            expected[output_of(folder) / artifact.path.relative_to(folder.parent.name)] = artifact.text
    if golden:
        rewrite(folder, expected)
    actual = {path for path in (folder / "diagnostics.txt", *output_of(folder).rglob("*")) if path.is_file()}
    assert actual == set(expected), "the set of files; `make golden` rewrites it"
    for path, text in expected.items():
        assert path.read_text(encoding="utf-8") == text, f"{path}; `make golden` rewrites it"


def output_of(folder: Path) -> Path:
    """Beside the contracts and not among them: some of it is YAML, too."""
    return GOLDEN / folder.relative_to(SCENARIOS)


def rewrite(folder: Path, expected: dict[Path, str]) -> None:
    shutil.rmtree(output_of(folder), ignore_errors=True)
    (folder / "diagnostics.txt").unlink(missing_ok=True)
    for path, text in expected.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def test_no_output_is_of_a_scenario_that_is_gone() -> None:
    assert {path for path in GOLDEN.glob("*/*") if not (SCENARIOS / path.relative_to(GOLDEN)).is_dir()} == set()


def read_line(at: Span) -> str | None:
    path = Path(at.file)
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    return lines[at.line - 1] if 0 < at.line <= len(lines) else None


def test_every_kind_has_a_scenario() -> None:
    assert {kind.name for kind in KINDS} <= {folder.parent.name for folder in FOLDERS}
