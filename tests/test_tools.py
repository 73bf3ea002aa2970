"""Native tools are installed once, whole, and in a folder that their pins name."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from generator.tools import CannotInstall, ToolSet, install


@pytest.fixture
def pins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "pins"
    folder.mkdir()
    (folder / "lock.json").write_text("1", encoding="utf-8")
    return folder


def test_a_second_run_installs_nothing(pins: Path) -> None:
    runs: list[Path] = []
    assert install(ToolSet("saw", pins, runs.append))
    assert not install(ToolSet("saw", pins, runs.append))
    assert len(runs) == 1


def test_other_pins_are_another_folder(pins: Path) -> None:
    before = ToolSet("saw", pins, lambda stage: None)
    first = before.folder
    (pins / "lock.json").write_text("2", encoding="utf-8")
    assert before.folder != first


def test_a_failed_or_killed_install_leaves_nothing_that_counts(pins: Path) -> None:
    def fail(stage: Path) -> None:
        (stage / "half").touch()
        raise CannotInstall("no network")

    broken = ToolSet("saw", pins, fail)
    with pytest.raises(CannotInstall, match="no network"):
        install(broken)
    assert not broken.folder.exists()
    assert install(ToolSet("saw", pins, lambda stage: None))
    assert sorted(path.name for path in broken.folder.parent.iterdir()) == [broken.folder.name, "saw.lock"]
    assert sorted(path.name for path in broken.folder.iterdir()) == ["lock.json"]


def test_of_runs_at_the_same_time_one_installs(pins: Path) -> None:
    runs: list[Path] = []
    both = threading.Barrier(2)

    def run() -> None:
        both.wait()
        install(ToolSet("saw", pins, runs.append))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1
