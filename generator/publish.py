"""Publishing: stage beside the output, then swap in one step; the only file that writes output.

`output` holds the complete old or the complete new files at every instant, whatever is killed. The new output is built
as a sibling, `.{name}.interlock-stage`, where everything that stays is the very same file (a hard link), and the two
folders are exchanged by one system call. Siblings that a dead run left are cleared away by the next one.

Where there is no such call (an older C library, some network file systems) the swap is two renames, and where a folder
cannot even be renamed (a container's image layer) it is a removal and a rename. A run killed between the two leaves a
journal of two names: `-next` is the complete new output, `-old` the old one (or an empty file: it is being removed).
Whatever looks at the output next finishes the swap first.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from generator.diagnostics import Diagnostic, Span

MANIFEST = "manifest.json"
T = TypeVar("T")

Files = Mapping[PurePosixPath, bytes]
"""The complete output, the manifest included, by path below the output folder."""


class PublishError(Exception):
    """The output is as it was, and the diagnostic says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing did, or would do."""

    added: tuple[PurePosixPath, ...] = ()
    changed: tuple[PurePosixPath, ...] = ()
    removed: tuple[PurePosixPath, ...] = ()
    unchanged: tuple[PurePosixPath, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def compare(files: Files, output: Path) -> Changes:
    """What `publish` would do; nothing is written."""
    with _explained(output):
        return _steadily(output, lambda: _changes(files, _look(files, output)))


def guard(files: Files, output: Path, *, force: bool = False) -> list[Diagnostic]:
    """Every reason why `publish` would refuse; `force` gives up files edited by hand and files that are not ours."""
    with _explained(output):
        return _steadily(output, lambda: _refusals(files, _look(files, output), force))


def publish(files: Files, output: Path, *, force: bool = False) -> Changes:
    """Makes the output these files, all or nothing; touches nothing when they are there already.

    Raises `PublishError` when `guard` or the file system refuses. A second run on the same output waits for the first.
    """
    with _explained(output):
        if not guard(files, output, force=force) and (changes := compare(files, output)).is_empty and not _has_siblings(output):
            return changes
        output.parent.mkdir(parents=True, exist_ok=True)
        with _alone(output):
            _settle(output)
            try:
                return _publish(files, output, force)
            finally:
                with contextlib.suppress(OSError):  # what cannot be cleared away now is no fault of this output
                    _settle(output)


def _publish(files: Files, output: Path, force: bool) -> Changes:
    standing = _look(files, output)
    for refusal in _refusals(files, standing, force):
        raise PublishError(refusal)
    changes = _changes(files, standing)
    if not changes.is_empty:
        if output.exists() and not os.access(output, os.W_OK | os.X_OK):
            # The swap would not ask, since it writes to the folder above.
            raise PublishError(Diagnostic("unwritable-output", Span(output.as_posix()), "the output folder is write-protected"))
        stage = _beside(output, "stage")
        stage.mkdir()
        _fill(stage, files, standing)
        if _states(_walk(output)) != _states(standing.entries):
            message = "the output changed while it was being published"
            raise PublishError(Diagnostic("changed-meanwhile", Span(output.as_posix()), message, "run the command again"))
        _swap(stage, output)
    return changes


def manifest_of(output: Path) -> list[dict[str, Any]]:
    """The entries of the output's manifest: `path`, `kind`, `sha256` and more; none when it is missing or unreadable."""
    with _explained(output):
        return _steadily(output, lambda: _manifest(output) or [])


def replace_file(path: Path, content: bytes) -> None:
    """Makes one file's content this, all or nothing; its folder must be there."""
    with _explained(path), _alone(path):
        stage = _beside(path, "stage")
        stage.write_bytes(content)
        _flush([stage])
        stage.replace(path)
        _flush([path.parent])


# --- what stands in the output ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is in the output folder: everything, what of it the old manifest lists, and which new files are there already."""

    output: Path
    entries: Mapping[PurePosixPath, os.stat_result]
    listed: Mapping[PurePosixPath, str | None]
    same: Collection[PurePosixPath]

    @property
    def folders(self) -> set[PurePosixPath]:
        return _folders(self.entries)


def _look(files: Files, output: Path) -> _Standing:
    entries = _walk(output)
    manifest = _manifest(output)
    listed: dict[PurePosixPath, str | None] = {PurePosixPath(each["path"]): each["sha256"] for each in manifest or ()}
    if manifest is not None:
        listed[PurePosixPath(MANIFEST)] = None  # ours, and no manifest has its own digest
    same = {path for path in files.keys() & entries.keys() if _holds(output / path, entries[path], files[path])}
    return _Standing(output, entries, listed, same)


def _walk(folder: Path) -> dict[PurePosixPath, os.stat_result]:
    """Everything below the folder; links are seen, never followed."""
    found: dict[PurePosixPath, os.stat_result] = {}
    waiting = [PurePosixPath()] if folder.is_dir() else []
    while waiting:
        parent = waiting.pop()
        with os.scandir(folder / parent) as entries:
            for entry in entries:
                found[parent / entry.name] = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(parent / entry.name)
    return found


def _folders(entries: Mapping[PurePosixPath, os.stat_result]) -> set[PurePosixPath]:
    return {path for path, state in entries.items() if stat.S_ISDIR(state.st_mode)}


def _states(entries: Mapping[PurePosixPath, os.stat_result]) -> dict[PurePosixPath, tuple[int, ...]]:
    """What tells an entry from itself after an edit; a hard link to it is none, so no change time, link count or inode (overlayfs)."""
    return {path: (state.st_mode, state.st_size, state.st_mtime_ns) for path, state in entries.items()}


def _holds(path: Path, state: os.stat_result, content: bytes) -> bool:
    return stat.S_ISREG(state.st_mode) and state.st_size == len(content) and path.read_bytes() == content


def _manifest(output: Path) -> list[dict[str, Any]] | None:
    """The manifest's entries, if it is one that we could have written: it decides what is removed."""
    path = output / MANIFEST
    if path.is_symlink() or not path.is_file():
        return None
    try:
        entries = json.loads(path.read_bytes())["files"]
        known = all(isinstance(each[key], str) for each in entries for key in ("path", "kind", "sha256"))
        return list(entries) if known and not any(_is_unsafe(PurePosixPath(each["path"])) for each in entries) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _changes(files: Files, standing: _Standing) -> Changes:
    there = standing.entries.keys() - standing.folders
    return Changes(
        added=tuple(sorted(files.keys() - there)),
        changed=tuple(sorted((files.keys() & there) - set(standing.same))),
        removed=tuple(sorted((standing.listed.keys() & there) - files.keys())),
        unchanged=tuple(sorted(standing.same)),
    )


# --- why not ----------------------------------------------------------------------------------------------------------


def _refusals(files: Files, standing: _Standing, force: bool) -> list[Diagnostic]:
    found = [*_bad_paths(files, standing.output), *_bad_folder(standing.output), *_folders_in_the_way(files, standing)]
    return list(dict.fromkeys([*found, *([] if force else _clobbered(files, standing))]))


def _bad_paths(files: Files, output: Path) -> Iterator[Diagnostic]:
    """Paths that leave the output, and paths that are one on some file system: the output must be whole on every machine."""
    safe = {path for path in files if not _is_unsafe(path)}
    for path in sorted(files.keys() - safe):
        yield Diagnostic("unsafe-path", Span(output.as_posix()), f'"{path}" is not a path below the output folder')
    spelled: dict[str, PurePosixPath] = {}
    for path in sorted(safe):
        for part in (*reversed(path.parents), path):
            known = spelled.setdefault(unicodedata.normalize("NFC", str(part)).casefold(), part)
            at = Span((output / part).as_posix())
            if known != part:
                help = "on macOS and Windows both spellings are one name"
                yield Diagnostic("path-collision", at, f'"{known}" and "{part}" collide', help)
            elif part != path and part in safe:
                yield Diagnostic("path-collision", at, f'"{part}" would be a file and a folder')


def _is_unsafe(path: PurePosixPath) -> bool:
    return path.is_absolute() or not path.parts or ".." in path.parts or not str(path).isprintable()


def _bad_folder(output: Path) -> Iterator[Diagnostic]:
    at = Span(output.as_posix())
    if output.is_symlink():
        # The swap would replace the link and leave what it leads to as it was.
        yield Diagnostic("symlinked-output", at, "the output folder is a symbolic link", "link a folder above it, or name the real folder")
    elif output.exists() and not output.is_dir():
        yield Diagnostic("foreign-file", at, "a file stands where the output folder must be", "move it away")


def _folders_in_the_way(files: Files, standing: _Standing) -> Iterator[Diagnostic]:
    for path in sorted(files.keys() & standing.folders & set(_carried(files, standing))):
        at = Span((standing.output / path).as_posix())
        yield Diagnostic("foreign-file", at, "a folder that is not ours stands where a file must be", "move it away")


def _clobbered(files: Files, standing: _Standing) -> Iterator[Diagnostic]:
    """Each file whose loss nobody agreed to."""
    above = {parent for path in files for parent in path.parents}
    concerned = standing.entries.keys() & (files.keys() | standing.listed.keys() | above)
    for path in sorted(concerned - standing.folders - set(standing.same)):
        where = standing.output / path
        is_file = stat.S_ISREG(standing.entries[path].st_mode)
        if path not in standing.listed:
            yield _foreign(where, is_ours_by_name=path == PurePosixPath(MANIFEST))
        elif not is_file or standing.listed[path] not in (None, hashlib.sha256(where.read_bytes()).hexdigest()):
            help = "change the contract instead and undo the edit; --force gives it up"
            yield Diagnostic("hand-edited-output", Span(where.as_posix()), "the file was edited after it was generated", help)


def _foreign(where: Path, *, is_ours_by_name: bool) -> Diagnostic:
    at = Span(where.as_posix())
    if where.is_symlink():
        return Diagnostic("symlinked-output", at, "a symbolic link stands where output must be", "move it away; --force replaces the link")
    if is_ours_by_name:
        help = "restore it (after a merge conflict, either side will do); --force gives up what is there"
        return Diagnostic("foreign-file", at, "the manifest is not one that Interlock wrote", help)
    return Diagnostic("foreign-file", at, "a file that Interlock did not write stands here", "move it away; --force gives it up")


# --- the new output ---------------------------------------------------------------------------------------------------


def _fill(stage: Path, files: Files, standing: _Standing) -> None:
    """The complete new output in the stage, safe on disk."""
    folders = standing.folders
    for path in _carried(files, standing):
        if path in folders:
            (stage / path).mkdir()
        else:
            _carry(standing.output / path, stage / path)
    fresh = sorted(files.keys() - set(standing.same))
    for path in fresh:
        (stage / path).parent.mkdir(parents=True, exist_ok=True)
        with (stage / path).open("xb") as file:
            file.write(files[path])
    if standing.output.exists():
        # Deepest first, as a folder may be one that nobody may write to.
        for path in (*sorted(folders, reverse=True), PurePosixPath()):
            if (stage / path).is_dir():
                shutil.copymode(standing.output / path, stage / path)
    _flush([stage / path for path in (*fresh, *_folders(_walk(stage)), PurePosixPath())])


def _carried(files: Files, standing: _Standing) -> list[PurePosixPath]:
    """All that stays as it is, folders before what is in them; a folder that loses its last file goes too."""
    above = {parent for path in files for parent in path.parents}
    folders = standing.folders
    replaced = (standing.listed.keys() | files.keys() | above) - set(standing.same)
    leaves = standing.entries.keys() - folders - replaced
    leaves |= folders - {path.parent for path in standing.entries}  # folders that were empty before
    return sorted((leaves | {parent for path in leaves for parent in path.parents}) - {PurePosixPath()})


def _carry(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without hard links, or a file of someone else
        shutil.copy2(source, target)


def _flush(paths: Collection[Path]) -> None:
    """On disk before the swap, so that not even a power cut leaves half a file; together, as each one waits for the disk."""
    from concurrent.futures import ThreadPoolExecutor  # only when something is written

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(_flush_one, paths))


def _flush_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- the swap ---------------------------------------------------------------------------------------------------------


def _swap(stage: Path, output: Path) -> None:
    if not output.exists():
        stage.rename(output)
    elif not _exchange(stage, output):
        stage.rename(_beside(output, "next"))
        try:
            output.rename(_beside(output, "old"))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _beside(output, "old").touch()
        _settle(output)
    _flush_one(output.parent)


RENAME_EXCHANGE, AT_FDCWD = 2, -100  # linux/fs.h, linux/fcntl.h
RENAME_SWAP = 2  # macOS, sys/stdio.h
CANNOT_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV}


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step; False where the platform or the file system cannot."""
    import ctypes  # only when something changes

    ours, theirs = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(ours, theirs, ctypes.c_uint(RENAME_SWAP))
        else:
            failed = library.renameat2(AT_FDCWD, ours, AT_FDCWD, theirs, ctypes.c_uint(RENAME_EXCHANGE))
    except AttributeError:
        return False
    code = ctypes.get_errno() if failed else 0
    if code and code not in CANNOT_EXCHANGE:
        raise OSError(code, os.strerror(code), str(other))
    return not failed


def _steadily(output: Path, look: Callable[[], T]) -> T:
    """What `look` sees of one and the same output: again, when it was swapped meanwhile or a dead run has left half a swap."""
    while True:
        if os.path.lexists(_beside(output, "old")):
            with _alone(output):
                _settle(output)
        before = _identity(output)
        try:
            seen = look()
        except OSError:
            if _identity(output) == before:
                raise
            continue
        if _identity(output) == before:
            return seen


def _identity(output: Path) -> tuple[bool, int, int] | None:
    with contextlib.suppress(OSError):
        state = output.stat()
        return os.path.lexists(_beside(output, "old")), state.st_ino, state.st_ctime_ns
    return None


def _settle(output: Path) -> None:
    """Finishes a swap that was begun and clears away what is beside the output; only for the one who holds the lock."""
    new, old = _beside(output, "next"), _beside(output, "old")
    if old.is_file() and new.is_dir():
        _remove(output)
    complete = new if new.is_dir() else old
    if old.exists() and complete.is_dir() and not output.exists():
        complete.rename(output)
    for name in ("next", "stage", "old"):
        _remove(_beside(output, name))


def _remove(path: Path) -> None:
    """Gone, also where a folder was write-protected; a link goes alone."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o700)
        shutil.rmtree(path)


def _beside(path: Path, purpose: str) -> Path:
    """A sibling: renames are only atomic within one file system."""
    return path.parent / f".{path.name}.interlock-{purpose}"


def _has_siblings(output: Path) -> bool:
    return any(os.path.lexists(_beside(output, purpose)) for purpose in ("lock", "stage", "next", "old"))


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One run at a time; the kernel drops the lock with the process, so a killed run never blocks the next."""
    lock = _beside(path, "lock")
    with contextlib.ExitStack() as held:
        while True:
            descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o666)
            held.callback(os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # Whoever had it before has removed it: then what we hold is no longer what others will ask for.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(lock.stat(), os.fstat(descriptor)):
                    held.callback(lock.unlink)
                    break
        yield


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the file system refuses, as a diagnostic."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        where = f": {error.filename}" if error.filename else ""
        raise PublishError(Diagnostic("unwritable-output", Span(path.as_posix()), f"{reason}{where}")) from error
