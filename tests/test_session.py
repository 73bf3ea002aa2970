"""Sessions are found by name, index or folder, read only if they can be trusted, and their state is whole at every instant."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from test_publish import die_at, died, fork

from generator import session
from generator.publish import PublishError
from generator.session import STATE, Session, SessionError, documents, find, read_state, record, recorded

SESSIONS = ROOT / "tests" / "session"
MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
COUNTS = {"domains": 3, "components": 4, "integrationPatterns": 2, "patterns": 1}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(SESSIONS, tmp_path / "sessions")
    return tmp_path / "sessions"


def add(root: Path, folder: str, state: object = None) -> Path:
    path = root / folder
    path.mkdir(parents=True)
    if state is not None:
        (path / STATE).write_text(state if isinstance(state, str) else json.dumps(state))
    return path


def refused(root: Path, name: str) -> str:
    with pytest.raises(SessionError) as caught:
        find(root, name)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(root.as_posix(), "ROOT")


# --- finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["harbour-bikes", "Harbour-Bikes", "1", "01", "001", "0001", "001-harbour-bikes", "1-harbour-bikes", " 1 ", "001-HARBOUR-BIKES"]
)
def test_names_and_indices(root: Path, name: str) -> None:
    add(root, "002-other")
    found = find(root, name)
    assert (found.index, found.name, found.folder, found.notes) == (1, "harbour-bikes", root / "001-harbour-bikes", ())


@pytest.mark.parametrize("name", ["3", "shop", "", "0", "-1", "001", "*", "..", "../001-store", "001-store/", "²", "9" * 5000])
def test_what_is_not_there_is_told_with_what_is(tmp_path: Path, name: str) -> None:
    add(tmp_path, "010-store")
    add(tmp_path, "011-yard")
    add(tmp_path, "notes")
    assert refused(tmp_path, name).endswith("there are 010-store, 011-yard")


def test_slips_are_guessed(root: Path) -> None:
    assert refused(root, "harbour-bike") == ("no session 'harbour-bike' in ROOT; did you mean harbour-bikes? there is 001-harbour-bikes")


def test_ambiguity_is_told(tmp_path: Path) -> None:
    add(tmp_path, "001-shop")
    add(tmp_path, "002-shop")
    add(tmp_path, "002-yard")
    assert refused(tmp_path, "shop") == "'shop' may be any of 001-shop, 002-shop in ROOT; say the folder's name"
    assert refused(tmp_path, "2") == "'2' may be any of 002-shop, 002-yard in ROOT; say the folder's name"
    assert find(tmp_path, "002-shop").folder.name == "002-shop"
    assert find(tmp_path, "2-shop").folder.name == "002-shop"


def test_a_copied_session_is_still_found_by_its_folder(root: Path) -> None:
    shutil.copytree(root / "001-harbour-bikes", root / "002-copy")
    assert "may be any of 001-harbour-bikes, 002-copy" in refused(root, "harbour-bikes")
    found = find(root, "002-copy")
    assert (found.index, found.name) == (1, "harbour-bikes")
    assert found.notes == (f"002-copy: {STATE} says index 1 and name harbour-bikes, which counts",)


def test_the_state_wins_over_the_folder(tmp_path: Path) -> None:
    add(tmp_path, "001-shop", {"index": 7, "name": "store"})
    for name in ("store", "7", "007", "007-store", "001-shop"):
        assert find(tmp_path, name).name == "store"
    for name in ("1", "shop"):
        assert refused(tmp_path, name)


def test_a_folder_without_an_index_is_a_session_if_it_has_a_state(tmp_path: Path) -> None:
    add(tmp_path, "shop", {})
    assert find(tmp_path, "shop") == Session(tmp_path / "shop", None, "shop")


@pytest.mark.parametrize("made", ["nothing", "file", "empty"])
def test_no_root(tmp_path: Path, made: str) -> None:
    root = tmp_path / "sessions"
    if made == "file":
        root.write_text("")
    if made == "empty":
        root.mkdir()
    said = {"nothing": "no such file or directory; --root", "file": "not a directory; --root", "empty": "no session in ROOT"}
    assert said[made] in refused(root, "shop")


def test_a_session_outside_of_the_root_is_none(root: Path, tmp_path: Path) -> None:
    add(tmp_path, "002-shop")
    (root / "002-shop").symlink_to(tmp_path / "002-shop")
    (root / "003-loop").symlink_to("003-loop")
    assert refused(root, "shop").endswith("there is 001-harbour-bikes")


def test_names_of_folders_do_nothing_to_a_terminal(tmp_path: Path) -> None:
    add(tmp_path, "001-\x1b[31mred")
    assert "\x1b" not in refused(tmp_path, "\x1b[2J")


# --- reading ----------------------------------------------------------------------------------------------------------


def test_all_documents_of_the_design_are_read_and_no_others(root: Path) -> None:
    folder = root / "001-harbour-bikes"
    (folder / "component-design_more.md").write_text("\ufeffmore")
    (folder / "notes.md").write_text("no")
    (folder / "component-design.md").write_text("no")
    found = documents(find(root, "1"))
    assert list(found) == ["architecture-framework_harbour-bikes.md", "component-design_harbour-bikes.md", "component-design_more.md"]
    assert found["component-design_more.md"] == "more"


def unreadable(root: Path) -> str:
    with pytest.raises(SessionError) as caught:
        documents(find(root, "1"))
    return str(caught.value).replace((root / "001-harbour-bikes").as_posix(), "FOLDER")


@pytest.mark.parametrize("prefix", ["architecture-framework", "component-design"])
def test_a_missing_document_is_named(root: Path, prefix: str) -> None:
    (root / "001-harbour-bikes" / f"{prefix}_harbour-bikes.md").unlink()
    assert unreadable(root) == f"FOLDER holds no {prefix}_harbour-bikes.md, which the design starts from"


def test_both_missing(tmp_path: Path) -> None:
    add(tmp_path, "001-harbour-bikes")
    assert "no architecture-framework_harbour-bikes.md and no component-design_harbour-bikes.md" in unreadable(tmp_path)


def test_documents_that_are_none(root: Path, tmp_path: Path) -> None:
    path = root / "001-harbour-bikes" / "component-design_harbour-bikes.md"
    path.write_bytes(b"fine \xff")
    assert unreadable(root) == f"FOLDER/{path.name} is not UTF-8, from byte 5 on"
    path.unlink()
    path.mkdir()
    assert unreadable(root) == f"FOLDER/{path.name} is no file"
    path.rmdir()
    os.mkfifo(path)
    assert unreadable(root) == f"FOLDER/{path.name} is no file"
    path.unlink()
    (tmp_path / "secret.md").write_text("secret")
    path.symlink_to(tmp_path / "secret.md")
    assert unreadable(root) == f"FOLDER/{path.name} is a link to a place outside of the session"
    path.unlink()
    path.symlink_to(path.name)
    assert f"FOLDER/{path.name} " in unreadable(root)
    path.unlink()
    with path.open("wb") as file:
        file.truncate(session.LARGEST + 1)
    assert unreadable(root) == f"FOLDER/{path.name} is larger than 8 MiB"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "STATE:1:1 is not JSON: expecting value"),
        ('{\n "index": 1,\n}', "STATE:2:12 is not JSON: illegal trailing comma before end of object"),
        ("[]", "it is no JSON object"),
        ('{"index": "1"}', "index is not a whole number"),
        ('{"index": true}', "index is not a whole number"),
        ('{"index": -1}', "index is not a whole number"),
        ('{"name": "../../etc"}', "name is not a text that can be part of a file's name"),
        ('{"name": ".."}', "name is not a text"),
        ('{"name": ""}', "name is not a text"),
        ('{"name": "a\\nb"}', "name is not a text"),
        ('{"name": "\\ud800"}', "name is not a text"),
        ('{"completedSteps": "all"}', "completedSteps is not a list of texts"),
        ('{"completedSteps": [1]}', "completedSteps is not a list of texts"),
        ('{"architectureResults": []}', "architectureResults is not an object"),
        ('{"a": {"b": 1, "b": 2}}', 'the key "b" is there twice'),
        ('{"a": NaN}', "NaN is no number in JSON"),
        ('{"a": 1e999}', "1e999 is too large a number"),
        ("[" * 100_000, "it is nested too deep"),
        ('{"a": ' + "9" * 5000 + "}", "cannot be used"),
    ],
)
def test_a_broken_state_is_told_precisely_and_stays(root: Path, text: str, said: str) -> None:
    path = root / "001-harbour-bikes" / STATE
    path.write_text(text)
    message = refused(root, "harbour-bikes").replace(f"ROOT/001-harbour-bikes/{STATE}", "STATE")
    if "trailing comma" not in said or sys.version_info >= (3, 13):
        assert said in message
    assert message.startswith("STATE")
    assert path.read_text() == text
    add(root, "002-shop")
    assert find(root, "shop").name == "shop", "the state of another session is none of our business"


def test_a_state_that_is_no_file(root: Path, tmp_path: Path) -> None:
    path = root / "001-harbour-bikes" / STATE
    path.rename(path.with_name("state.json"))
    path.symlink_to("state.json")
    assert "is a link" in refused(root, "1")
    path.unlink()
    (tmp_path / "state.json").write_text("{}")
    path.symlink_to(tmp_path / "state.json")
    assert "is a link to a place outside of the session" in refused(root, "1")
    path.unlink()
    path.symlink_to("nowhere")
    assert refused(root, "1").endswith("is no file")
    path.unlink()
    path.mkdir()
    assert refused(root, "1").endswith("is no file")


# --- recording --------------------------------------------------------------------------------------------------------


def test_what_is_recorded(root: Path) -> None:
    record(find(root, "1"), COUNTS, MOMENT)
    expected = """\
{
  "index": 1,
  "name": "harbour-bikes",
  "type": "architecture",
  "status": "integration_architecture_complete",
  "created": "2026-02-09T09:12:00Z",
  "lastUpdated": "2026-03-04T05:06:07Z",
  "currentStep": "integration_architecture",
  "completedSteps": ["architecture_framework_creation", "domain_analysis", "layer_design", "component_design", "integration_architecture"],
  "nextAction": "Ready for architecture summary generation",
  "team": {
    "lead": "Åsa",
    "weight": 0.25
  },
  "architectureResults": {
    "domains": 3,
    "components": 4,
    "integrationPatterns": 2,
    "patterns": 1,
    "createdDate": "2026-02-09T09:12:00Z",
    "componentDesignDate": "2026-03-02T15:47:00Z",
    "integrationArchitectureDate": "2026-03-04T05:06:07Z"
  }
}
"""
    path = root / "001-harbour-bikes" / STATE
    assert path.read_text() == expected
    before = path.stat()
    record(find(root, "1"), COUNTS, MOMENT)
    assert path.read_text() == expected
    assert path.stat() == before
    assert sorted(each.name for each in path.parent.iterdir() if each.name.startswith(".")) == []


def test_a_missing_state_is_made_from_what_is_known(root: Path) -> None:
    (root / "001-harbour-bikes" / STATE).unlink()
    record(find(root, "1"), COUNTS, MOMENT)
    found = json.loads((root / "001-harbour-bikes" / STATE).read_text())
    assert found["completedSteps"] == ["architecture_framework_creation", "component_design", "integration_architecture"]
    assert (found["index"], found["name"], found["created"]) == (1, "harbour-bikes", "2026-03-04T05:06:07Z")
    assert found["status"] == "integration_architecture_complete"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], ["integration_architecture"]),
        (["component_design", "summary"], ["component_design", "integration_architecture", "summary"]),
        (["a", "integration_architecture", "a", "integration_architecture", "b"], ["a", "integration_architecture", "b"]),
        (["other"], ["other", "integration_architecture"]),
    ],
)
def test_steps_stand_once_and_in_order(tmp_path: Path, steps: list[str], expected: list[str]) -> None:
    state = {"name": "shop", "completedSteps": steps}
    assert json.loads(recorded(Session(tmp_path, 1, "shop"), state, COUNTS, MOMENT))["completedSteps"] == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text().map(lambda key: f"x{key}"), JSON, min_size=1, max_size=5))
def test_keys_that_are_not_ours_stay_as_they_are_and_where_they_are(state: dict[str, object]) -> None:
    text = recorded(Session(Path("any"), 1, "shop"), state, COUNTS, MOMENT)
    found = json.loads(text)
    assert list(found)[: len(state)] == list(state)
    assert {key: found[key] for key in state} == state
    assert recorded(Session(Path("any"), 1, "shop"), found, COUNTS, MOMENT) == text


def test_half_characters_are_kept(tmp_path: Path) -> None:
    (tmp_path / STATE).write_text('{"x": "\\ud800 \\"é"}')
    record(Session(tmp_path, 1, "shop"), COUNTS, MOMENT)
    assert read_state(tmp_path)["x"] == '\ud800 "é'


def test_what_others_write_meanwhile_is_kept(root: Path) -> None:
    found = find(root, "1")
    state = read_state(found.folder)
    (found.folder / STATE).write_text(json.dumps({**state, "reviewer": "Ida"}))
    record(found, COUNTS, MOMENT)
    assert read_state(found.folder)["reviewer"] == "Ida"


def test_a_state_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    found = find(root, "1")
    before = found.state.read_text()
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(PublishError, match="no space left on device"):
        record(found, COUNTS, MOMENT)
    assert found.state.read_text() == before


def test_killed_at_any_instant(root: Path) -> None:
    """The rest of this file, run as a program: it forks, which a test process with threads had better not."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    run = subprocess.run([sys.executable, __file__, str(root)], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def main(root: Path) -> None:
    """The old state until some step, the new one from then on; the next run clears up."""
    found = find(root, "1")
    old = found.state.read_bytes()
    new = recorded(found, read_state(found.folder), COUNTS, MOMENT)
    files = {path.name for path in found.folder.iterdir()}

    def record_until(step: int) -> None:
        die_at(step)
        record(found, COUNTS, MOMENT)

    seen = []
    for step in itertools.count(1):
        if not died(fork(record_until, step)):
            break
        seen.append(found.state.read_bytes() == new)
        assert found.state.read_bytes() in (old, new), f"after death at step {step}"
        found.state.write_bytes(old)
        record(found, COUNTS, MOMENT)
        assert {path.name for path in found.folder.iterdir()} == files, f"after death at step {step}"
        found.state.write_bytes(old)
    assert found.state.read_bytes() == new
    assert seen == sorted(seen)
    assert set(seen) == {False, True}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
