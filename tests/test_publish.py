"""Publishing is all or nothing, never clobbers, and touches nothing that is the same."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagnostics import Diagnostic
from generator.publish import MANIFEST, PublishError, compare, guard, manifest_of, publish, replace_file

OLD = {"openapi/orders.yaml": "old orders", "openapi/stock.yaml": "stock", "proto/shop/v1/orders.proto": "old proto", "gone/a.txt": "a"}
NEW = {"openapi/orders.yaml": "new orders", "openapi/stock.yaml": "stock", "proto/shop/v1/stock.proto": "new proto"}


def complete(texts: Mapping[str, str]) -> dict[PurePosixPath, bytes]:
    """The files with their manifest, as the pipeline hands them over."""
    files = {PurePosixPath(path): text.encode() for path, text in texts.items()}
    entries = [{"path": str(path), "kind": "any", "sha256": hashlib.sha256(files[path]).hexdigest()} for path in sorted(files)]
    return {**files, PurePosixPath(MANIFEST): json.dumps({"files": entries}).encode()}


def there(folder: Path) -> dict[str, str]:
    """Every file below the folder but the manifest; a link by where it leads, an empty folder by a slash."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file() and name != MANIFEST:
            found[name] = path.read_text()
        elif path.is_dir() and not any(path.iterdir()):
            found[f"{name}/"] = ""
    return found


def names(folder: Path) -> list[str]:
    """Hidden ones too."""
    return [path.name for path in folder.iterdir()]


def codes(found: list[Diagnostic]) -> list[tuple[str, str]]:
    return [(each.code, each.at.file.partition("/output/shop/")[2]) for each in found]


def refused(files: Mapping[PurePosixPath, bytes], output: Path, *, force: bool = False) -> str:
    with pytest.raises(PublishError) as caught:
        publish(files, output, force=force)
    return caught.value.diagnostic.code


@pytest.fixture
def output(tmp_path: Path) -> Path:
    folder = tmp_path / "output" / "shop"
    publish(complete(OLD), folder)
    return folder


HOW = ["exchange", "renames", "removal"]


@pytest.fixture(params=HOW)
def swap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    take_away(request.param, monkeypatch)


def take_away(how: str, patch: pytest.MonkeyPatch) -> None:
    """Each way of swapping is taken when the platform cannot do the one before."""
    if how != "exchange":
        patch.setattr(ctypes, "CDLL", lambda *arguments, **options: object())
    if how == "removal":
        rename = Path.rename

        def layered(self: Path, target: Path) -> Path:
            if self.name == "shop":
                raise OSError(errno.EXDEV, "Invalid cross-device link")
            return rename(self, target)

        patch.setattr(Path, "rename", layered)


# --- what changes, and what does not ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("swap")
def test_new_files_come_and_stale_files_and_empty_folders_go(output: Path) -> None:
    assert there(output) == OLD
    expected = compare(complete(NEW), output)
    assert there(output) == OLD
    changes = publish(complete(NEW), output)
    assert changes == expected
    assert there(output) == NEW
    assert [str(path) for path in changes.added] == ["proto/shop/v1/stock.proto"]
    assert [str(path) for path in changes.changed] == ["manifest.json", "openapi/orders.yaml"]
    assert [str(path) for path in changes.removed] == ["gone/a.txt", "proto/shop/v1/orders.proto"]
    assert [str(path) for path in changes.unchanged] == ["openapi/stock.yaml"]
    assert names(output.parent) == ["shop"]


@pytest.mark.usefixtures("swap")
def test_unchanged_files_are_the_very_same(output: Path) -> None:
    os.utime(output / "openapi/stock.yaml", (1, 1))
    before = (output / "openapi/stock.yaml").stat()
    publish(complete(NEW), output)
    after = (output / "openapi/stock.yaml").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_nlink) == (before.st_ino, before.st_mtime_ns, 1)


def test_nothing_is_touched_when_nothing_changes(output: Path) -> None:
    def states() -> list[tuple[int, int, int]]:
        return [
            (state.st_ino, state.st_mtime_ns, state.st_ctime_ns)
            for state in map(Path.stat, [output.parent, output, *sorted(output.rglob("*"))])
        ]

    before = states()
    assert publish(complete(OLD), output).is_empty
    assert states() == before


def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    previous = os.umask(0o027)
    try:
        publish(complete(OLD), tmp_path / "output" / "shop")
    finally:
        os.umask(previous)
    assert (tmp_path / "output/shop/openapi/orders.yaml").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "output/shop/openapi").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "output/shop").stat().st_mode & 0o777 == 0o750


def test_without_hard_links_files_are_copied(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    os.utime(output / "openapi/stock.yaml", (1, 1))
    publish(complete(NEW), output)
    assert there(output) == NEW
    assert (output / "openapi/stock.yaml").stat().st_mtime == 1


def test_a_file_may_become_a_folder_and_a_folder_a_file(tmp_path: Path) -> None:
    publish(complete({"a": "file", "b/c/d": "deep"}), tmp_path / "shop")
    publish(complete({"a/b": "deep", "b": "file"}), tmp_path / "shop")
    assert there(tmp_path / "shop") == {"a/b": "deep", "b": "file"}


# --- what is not ours -------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("swap")
def test_foreign_files_are_carried_over(output: Path) -> None:
    (output / "openapi/notes.md").write_text("mine")
    (output / "openapi/notes.md").chmod(0o751)
    (output / "gone/link").symlink_to("../nowhere")
    (output / "empty/folder").mkdir(parents=True)
    (output / "empty/folder").chmod(0o555)
    before = (output / "openapi/notes.md").stat()
    publish(complete(NEW), output)
    assert there(output) == {**NEW, "openapi/notes.md": "mine", "gone/link": "-> ../nowhere", "empty/folder/": ""}
    after = (output / "openapi/notes.md").stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (before.st_ino, before.st_mtime_ns, before.st_mode)
    assert (output / "empty/folder").stat().st_mode & 0o777 == 0o555
    assert names(output.parent) == ["shop"]


@pytest.mark.parametrize("path", ["openapi/orders.yaml", "openapi/stock.yaml", "gone/a.txt"], ids=["changed", "unchanged", "stale"])
def test_a_hand_edited_file_refuses(output: Path, path: str) -> None:
    (output / path).write_text("edited")
    assert codes(guard(complete(NEW), output)) == [("hand-edited-output", path)]
    assert refused(complete(NEW), output) == "hand-edited-output"
    assert there(output) == {**OLD, path: "edited"}
    assert guard(complete(NEW), output, force=True) == []
    publish(complete(NEW), output, force=True)
    assert there(output) == NEW


def test_an_edit_that_says_what_we_would_write_is_fine(output: Path) -> None:
    (output / "openapi/orders.yaml").write_text("new orders")
    (output / "proto/shop/v1/stock.proto").write_text("new proto")
    assert guard(complete(NEW), output) == []
    publish(complete(NEW), output)
    assert there(output) == NEW


def test_a_deleted_file_comes_back(output: Path) -> None:
    shutil.rmtree(output / "openapi")
    assert guard(complete(OLD), output) == []
    assert len(publish(complete(OLD), output).added) == 2
    assert there(output) == OLD


def test_a_foreign_file_where_we_want_to_write_refuses(output: Path) -> None:
    (output / "proto/shop/v1/stock.proto").write_text("mine")
    assert codes(guard(complete(NEW), output)) == [("foreign-file", "proto/shop/v1/stock.proto")]
    assert refused(complete(NEW), output) == "foreign-file"
    publish(complete(NEW), output, force=True)
    assert there(output) == NEW


def test_a_foreign_file_where_a_folder_must_be_refuses(output: Path) -> None:
    (output / "asyncapi").write_text("mine")
    files = complete({**OLD, "asyncapi/shop.yaml": "channels"})
    assert codes(guard(files, output)) == [("foreign-file", "asyncapi")]
    publish(files, output, force=True)
    assert there(output) == {**OLD, "asyncapi/shop.yaml": "channels"}


def test_a_foreign_folder_where_a_file_must_be_refuses_even_by_force(output: Path) -> None:
    (output / "readme.md").mkdir()
    (output / "readme.md/mine").write_text("mine")
    assert refused(complete({**OLD, "readme.md": "ours"}), output, force=True) == "foreign-file"
    assert there(output) == {**OLD, "readme.md/mine": "mine"}


@pytest.mark.parametrize(
    "broken", [None, "<<<<<<< HEAD", "[]", '{"files": [{"path": "../../passwd", "kind": "a", "sha256": "b"}]}', '{"files": [1]}']
)
def test_without_a_readable_manifest_everything_is_foreign(output: Path, broken: str | None) -> None:
    (output / MANIFEST).unlink() if broken is None else (output / MANIFEST).write_text(broken)
    assert manifest_of(output) == []
    found = (
        [("foreign-file", "openapi/orders.yaml")]
        if broken is None
        else [("foreign-file", "manifest.json"), ("foreign-file", "openapi/orders.yaml")]
    )
    assert codes(guard(complete(NEW), output)) == found
    publish(complete(NEW), output, force=True)
    assert there(output) == {**OLD, **NEW}


def test_the_manifest_is_read_back(output: Path) -> None:
    assert [entry["path"] for entry in manifest_of(output)] == sorted(OLD)


@pytest.mark.parametrize("target", ["outside", "inside"])
def test_output_is_never_written_through_a_link(output: Path, target: str) -> None:
    outside = output.parent.parent / "outside" if target == "outside" else output / "real"
    outside.mkdir()
    (output / "asyncapi").symlink_to(outside)
    files = complete({**OLD, "asyncapi/shop.yaml": "channels"})
    assert codes(guard(files, output)) == [("symlinked-output", "asyncapi")]
    publish(files, output, force=True)
    assert there(outside) == {}
    assert not (output / "asyncapi").is_symlink()


def test_a_listed_path_behind_a_link_is_not_removed(output: Path) -> None:
    shutil.move(output / "gone", output.parent.parent / "outside")
    (output / "gone").symlink_to(output.parent.parent / "outside")
    publish(complete(NEW), output)
    assert there(output.parent.parent / "outside") == {"a.txt": "a"}
    assert (output / "gone").is_symlink()


def test_a_linked_output_folder_refuses(output: Path) -> None:
    (output.parent / "linked").symlink_to("shop")
    assert refused(complete(NEW), output.parent / "linked", force=True) == "symlinked-output"
    assert there(output) == OLD


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/file", "a/../../b", ".", "new\nline", "nul\0"])
def test_paths_that_leave_the_output_refuse(output: Path, path: str) -> None:
    assert [each.code for each in guard(complete({path: "x"}), output, force=True)] == ["unsafe-path"]
    assert refused(complete({path: "x"}), output, force=True) == "unsafe-path"
    assert there(output) == OLD


@pytest.mark.parametrize(
    "paths", [("Order.yaml", "order.yaml"), ("a/Order/x", "a/order/y"), ("caf\u00e9", "cafe\u0301"), ("a", "a/b")], ids=str
)
def test_paths_that_collide_somewhere_refuse(output: Path, paths: tuple[str, ...]) -> None:
    files = complete(dict.fromkeys(paths, "x"))
    assert [each.code for each in guard(files, output)] == ["path-collision"]
    assert refused(files, output, force=True) == "path-collision"


# --- what the file system refuses -------------------------------------------------------------------------------------


def test_the_parent_is_made(tmp_path: Path) -> None:
    publish(complete(OLD), tmp_path / "a/b/shop")
    assert there(tmp_path / "a/b/shop") == OLD


def test_a_parent_that_is_a_file_is_a_diagnostic(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("")
    assert refused(complete(OLD), tmp_path / "output/shop") == "unwritable-output"


def test_a_file_where_the_output_must_be_refuses(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("mine")
    assert refused(complete(OLD), tmp_path / "shop", force=True) == "foreign-file"
    assert (tmp_path / "shop").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("locked", [".", ".."], ids=["output", "parent"])
def test_a_write_protected_folder_refuses(output: Path, locked: str) -> None:
    (output / locked).chmod(0o555)
    try:
        assert refused(complete(NEW), output) == "unwritable-output"
        assert publish(complete(OLD), output).is_empty
    finally:
        (output / locked).chmod(0o755)
    assert there(output) == OLD


@pytest.mark.parametrize("function", ["fsync", "mkdir", "scandir"])
@pytest.mark.usefixtures("swap")
def test_a_full_disk_leaves_the_old_output(output: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, function, full)
        assert refused(complete(NEW), output) == "unwritable-output"
    assert there(output) == OLD
    assert function == "scandir" or names(output.parent) == ["shop"]


def test_an_edit_made_meanwhile_is_not_lost(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def edit(descriptor: int) -> None:
        (output / "openapi/orders.yaml").write_text("edited in this very moment")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", edit)
    assert refused(complete(NEW), output) == "changed-meanwhile"
    assert there(output) == {**OLD, "openapi/orders.yaml": "edited in this very moment"}


def test_one_file_is_replaced_at_once(tmp_path: Path) -> None:
    replace_file(tmp_path / "proto.lock", b"one")
    replace_file(tmp_path / "proto.lock", b"two")
    assert there(tmp_path) == {"proto.lock": "two"}
    with pytest.raises(PublishError):
        replace_file(tmp_path / "missing" / "proto.lock", b"one")


# --- killed, and at the same time -------------------------------------------------------------------------------------

OTHER = {**NEW, "proto/shop/v1/stock.proto": "another proto", "new/b.txt": "b"}
FOREIGN = {"openapi/notes.md": "mine", "gone/link": "-> ../nowhere"}
STATES = {name: {**texts, **FOREIGN} for name, texts in (("old", OLD), ("new", NEW), ("other", OTHER))}


@pytest.mark.parametrize("how", HOW)
def test_killed_at_any_instant(tmp_path: Path, how: str) -> None:
    """The rest of this file, run as a program: it forks, which a test process with threads had better not."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run([sys.executable, __file__, how, str(tmp_path)], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def main(how: str, folder: Path) -> None:
    output = folder / "output" / "shop"
    with pytest.MonkeyPatch.context() as patch:
        take_away(how, patch)
        patch.setattr(os, "fsync", lambda descriptor: None)  # the kernel survives, so this is only slow
        killed_at_each_step(output, is_atomic=how == "exchange")
        killed_at_random(output, is_atomic=how == "exchange")
        together(output)


def killed_at_each_step(output: Path, *, is_atomic: bool) -> None:
    """Old until some step, new from then on, and the next run clears up after each."""

    def publish_until(step: int) -> None:
        die_at(step)
        publish(complete(NEW), output)

    for step in itertools.count(1):
        shutil.rmtree(output.parent, ignore_errors=True)
        if not died(fork(publish_until, step)):
            break
        assert not output.exists() or there(output) == NEW, f"after death at step {step} of the first run"
    begin(output)
    seen = []
    for step in itertools.count(1):
        if not died(fork(publish_until, step)):
            break
        seen.append(state_after_death(output, is_atomic=is_atomic))
        publish(complete(OLD), output)
        assert there(output) == STATES["old"], f"after death at step {step}"
        assert names(output.parent) == ["shop"], f"after death at step {step}"
    assert seen == sorted(seen, reverse=True)
    assert seen.count("old") > 10 and seen.count("new") > 10, seen


def killed_at_random(output: Path, *, is_atomic: bool) -> None:
    begin(output)
    began = time.monotonic()
    publish_in_turn(output, ["new", "old"], 4)
    takes = (time.monotonic() - began) / 4  # disks differ by far
    chance = random.Random(7)
    seen: set[str] = set()
    for attempt in itertools.count():
        if attempt > 20 and seen == set(STATES):
            break
        child = fork(publish_in_turn, output, ["old", "new", "other"], 1_000_000)
        time.sleep(chance.uniform(0.001, 0.02 + 4 * takes))
        os.kill(child, signal.SIGKILL)
        assert died(child)
        if is_atomic or chance.random() < 0.5:  # else what this run left is for the next one, which may die of it too
            seen.add(state_after_death(output, is_atomic=is_atomic))


def together(output: Path) -> None:
    """Runs that publish different things at once wait for each other: each finds a whole output, and leaves one."""
    begin(output)
    children = [fork(publish_in_turn, output, turns, 10) for turns in (["old", "new"], ["new", "other"], ["other"])]
    deaths = [died(child) for child in children]
    assert not any(deaths)
    assert there(output) in STATES.values()
    assert names(output.parent) == ["shop"]


def begin(output: Path) -> None:
    shutil.rmtree(output.parent, ignore_errors=True)
    publish(complete(OLD), output)
    (output / "openapi/notes.md").write_text("mine")
    (output / "gone/link").symlink_to("../nowhere")


def publish_in_turn(output: Path, turns: list[str], times: int) -> None:
    texts = {"old": OLD, "new": NEW, "other": OTHER}
    for name in itertools.islice(itertools.cycle(turns), times):
        publish(complete(texts[name]), output)


def state_after_death(output: Path, *, is_atomic: bool) -> str:
    """Which complete output is there; where the swap is not one step, after the next run has looked."""
    if not is_atomic:
        compare(complete(OLD), output)
    found = [name for name, texts in STATES.items() if there(output) == texts]
    assert found, there(output)
    assert manifest_of(output) == json.loads(complete({"old": OLD, "new": NEW, "other": OTHER}[found[0]])[PurePosixPath(MANIFEST)])["files"]
    return found[0]


def fork(work: Callable[..., None], *arguments: object) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work(*arguments)
        status = 0
    finally:
        if status:
            traceback.print_exc()
        os._exit(status)


def died(child: int) -> bool:
    """Whether it was killed; it must not have failed."""
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), status
    return status != 0


CHANGING = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.chmod", "os.remove", "os.rmdir", "fcntl.flock"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def die_at(step: int) -> None:
    """Killed when the interpreter is about to make the so-manieth call that changes files: in between all states are the same."""
    left = itertools.count(step - 1, -1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        is_change = event in CHANGING or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING)
        if is_change and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


# --- any files at all -------------------------------------------------------------------------------------------------

NAMES = st.sampled_from("abc")
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


def free_of_conflicts(texts: dict[str, str]) -> bool:
    return not any(other.startswith(f"{path}/") for path in texts for other in texts)


SETS = st.dictionaries(PATHS, st.sampled_from(["one", "two"]), max_size=6).filter(free_of_conflicts)


def place(folder: Path, path: str, text: str) -> bool:
    """Whether a person could put a file there."""
    target = folder / path
    if os.path.lexists(target) or any((folder / parent).is_file() for parent in PurePosixPath(path).parents):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return True


def are_nested(one: str, other: str) -> bool:
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")


@settings(max_examples=80, deadline=None)
@given(old=SETS, new=SETS, foreign=SETS, edited=st.sets(PATHS))
def test_any_publish_refuses_or_is_complete(old: dict[str, str], new: dict[str, str], foreign: dict[str, str], edited: set[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        output = Path(name) / "shop"
        publish(complete(old), output)
        edits = {path: "two" if old[path] == "one" else "one" for path in edited & old.keys()}
        for path, text in edits.items():
            (output / path).write_text(text)
        foreign = {path: text for path, text in foreign.items() if place(output, path, text)}
        before = there(output)
        lost = {path for path, text in {**edits, **foreign}.items() if new.get(path) != text and (path in edits or path in new)}
        lost |= {path for path in foreign for other in new if are_nested(path, other)}
        assert bool(guard(complete(new), output)) == bool(lost)
        if lost:
            refused(complete(new), output)
            assert there(output) == before
        if any(path.startswith(f"{other}/") for path in foreign for other in new):
            refused(complete(new), output, force=True)
            assert there(output) == before
            return
        publish(complete(new), output, force=bool(lost))
        assert there(output) == {**{path: text for path, text in foreign.items() if path not in lost}, **new}
        assert publish(complete(new), output).is_empty
        assert names(Path(name)) == ["shop"]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
