"""Native tools are installed once, whole, and in a folder that their pins name."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from generator.tools import ISTIO, KUBERNETES, CannotInstall, ToolSet, go, install, main


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


def test_what_the_installer_runs_and_takes_is_part_of_the_folder(pins: Path) -> None:
    script = pins.parent / "script.py"
    script.write_text("1", encoding="utf-8")
    plain = ToolSet("saw", pins, lambda stage: None)
    scripted = ToolSet("saw", pins, lambda stage: None, scripts=(script,))
    first = scripted.folder
    script.write_text("2", encoding="utf-8")
    packaged = ToolSet("saw", pins, lambda stage: None, wheels=("pyyaml",))
    assert len({plain.folder, first, scripted.folder, packaged.folder}) == 4


def test_a_set_that_cannot_be_installed_does_not_keep_the_others_from_it(pins: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(stage: Path) -> None:
        raise CannotInstall("no network")

    saw, drill = ToolSet("saw", pins, fail), ToolSet("drill", pins, lambda stage: None)
    assert main([saw, drill]) == 2
    assert drill.folder.is_dir() and not saw.folder.exists()
    printed = capsys.readouterr()
    assert "saw tools: no network" in printed.err
    assert "drill tools: installed" in printed.out
    assert main([drill]) == 0


def test_go_is_as_new_as_go_mod_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one on the path where it will do, and no other than one that will."""
    path = tmp_path / "bin"
    path.mkdir()
    old = path / "go"
    old.write_text("#!/bin/sh\necho go1.20.4\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path}:/bin:/usr/bin")
    mod = tmp_path / "go.mod"
    mod.write_text("module saw\n\ngo 1.20.1\n", encoding="utf-8")
    assert go(mod) == str(old)
    mod.write_text("module saw\n\ngo 1.26.8\n", encoding="utf-8")
    assert go(mod) not in (None, str(old)), "the wheel's"
    mod.write_text("module saw\n\ngo 99.0\n", encoding="utf-8")
    assert go(mod) is None


@pytest.mark.parametrize("tool_set", [KUBERNETES, ISTIO], ids=lambda tool_set: tool_set.name)
def test_of_what_go_built_only_the_commands_and_the_schemas_are_kept(tool_set: ToolSet) -> None:
    assert tool_set.folder.is_dir(), "make tools"
    assert sorted(path.name for path in tool_set.folder.iterdir()) == ["bin", "schemas"]
    assert list((tool_set.folder / "schemas").glob("*/*.json"))
