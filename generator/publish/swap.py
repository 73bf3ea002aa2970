"""The new output: staged beside the old one, then put in its place in one step.

The new output is built as a sibling, `.{name}.interlock-stage`, where everything that stays is the very same file (a
hard link), and the two folders are exchanged by one system call. Siblings that a dead run left are cleared away by the
next one.

Where there is no such call (an older C library, some network file systems) the swap is two renames, and where a folder
cannot even be renamed (a container's image layer) it is a removal and a rename. A run killed between the two leaves a
journal of two names: `-next` is the complete new output, `-old` the old one (or an empty file: it is being removed).
Whatever looks at the output next finishes the swap first.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import TypeVar

from generator.publish.standing import Files, Standing, carried, folders_of, walk

T = TypeVar("T")


def fill(stage: Path, files: Files, standing: Standing) -> None:
    """The complete new output in the stage, safe on disk."""
    folders = standing.folders
    for path in carried(files, standing):
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
    flush([stage / path for path in (*fresh, *folders_of(walk(stage)), PurePosixPath())])


def _carry(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.symlink_to(source.readlink())
        return
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without hard links, or a file of someone else
        shutil.copy2(source, target)


def flush(paths: Collection[Path]) -> None:
    """On disk before the swap, so that not even a power cut leaves half a file; together, as each one waits for the disk."""
    from concurrent.futures import ThreadPoolExecutor  # only when something is written

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(flush_one, paths))


def flush_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- the swap ---------------------------------------------------------------------------------------------------------


def swap(stage: Path, output: Path) -> None:
    if not output.exists():
        stage.rename(output)
    elif not _exchange(stage, output):
        stage.rename(beside(output, "next"))
        try:
            output.rename(beside(output, "old"))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            beside(output, "old").touch()
        settle(output)
    flush_one(output.parent)


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


def steadily(output: Path, look: Callable[[], T]) -> T:
    """What `look` sees of one and the same output: again, when it was swapped meanwhile or a dead run has left half a swap."""
    while True:
        if os.path.lexists(beside(output, "old")):
            with alone(output):
                settle(output)
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
        return os.path.lexists(beside(output, "old")), state.st_ino, state.st_ctime_ns
    return None


def settle(output: Path) -> None:
    """Finishes a swap that was begun and clears away what is beside the output; only for the one who holds the lock."""
    new, old = beside(output, "next"), beside(output, "old")
    if old.is_file() and new.is_dir():
        _remove(output)
    complete = new if new.is_dir() else old
    if old.exists() and complete.is_dir() and not output.exists():
        complete.rename(output)
    for name in ("next", "stage", "old"):
        _remove(beside(output, name))


def _remove(path: Path) -> None:
    """Gone, also where a folder was write-protected; a link goes alone."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o700)
        shutil.rmtree(path)


def beside(path: Path, purpose: str) -> Path:
    """A sibling: renames are only atomic within one file system."""
    return path.parent / f".{path.name}.interlock-{purpose}"


def has_siblings(output: Path) -> bool:
    return any(os.path.lexists(beside(output, purpose)) for purpose in ("lock", "stage", "next", "old"))


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """One run at a time; the kernel drops the lock with the process, so a killed run never blocks the next."""
    lock = beside(path, "lock")
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
