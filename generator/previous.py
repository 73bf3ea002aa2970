"""An earlier state of a contract: a folder, or what Git has of it at some commit; the work tree is left alone."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

OF_A_HOOK = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"})


class PreviousError(Exception):
    """There is no earlier contract to compare with; the text says why, in one sentence."""


class NewSystemError(PreviousError):
    """The reference is there, and the system was not there yet."""


@contextlib.contextmanager
def contract(folder: Path, ref: str) -> Iterator[Path]:
    """The folder of the system in `folder` as it was at `ref`: a folder (of the system, or of all systems), or a commit, branch or tag.

    Raises `PreviousError`. What Git has is written to a temporary folder, gone at the end.
    """
    if (Path(ref) / folder.resolve().name).is_dir():
        yield Path(ref) / folder.resolve().name
    elif Path(ref).is_dir():
        yield Path(ref)
    else:
        packed = _from_git(folder.resolve(), ref)
        with tempfile.TemporaryDirectory(prefix="interlock-") as temporary:
            place = Path(temporary) / folder.resolve().name
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                archive.extractall(place)
            yield place


def _from_git(folder: Path, ref: str) -> bytes:
    """The system's folder at a commit, as a zip archive: links in it become plain files, and lead nowhere."""
    failing = f"{ref!r} is no folder, and {folder} is in no Git repository"
    top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel", failing=failing)).removesuffix("\n"))
    inner = folder.relative_to(top.resolve())
    failing = f"{ref!r} is neither a folder nor a commit that Git knows here"
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", failing=failing)
    tree = f"{commit.decode().strip()}:{inner.as_posix() if inner.parts else ''}"
    failing = f"there is no system {folder.name} at {ref}"
    try:
        _git(top, "ls-tree", tree, failing=failing)
    except PreviousError:
        raise NewSystemError(failing) from None
    return _git(top, "archive", "--format=zip", tree, failing=f"Git cannot read {folder.name} at {ref}")


def _git(folder: Path, *arguments: str, failing: str) -> bytes:
    # In a hook Git speaks of its own index and folders; a question must not take locks, or ask a person.
    environment = {key: value for key, value in os.environ.items() if key not in OF_A_HOOK}
    try:
        run = subprocess.run(
            ["git", *arguments], cwd=folder, env={**environment, "GIT_TERMINAL_PROMPT": "0"}, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise PreviousError("the command git is not installed; compare with a folder instead") from None
    if run.returncode:
        said = run.stderr.decode(errors="replace").strip().removeprefix("fatal: ").partition("\n")[0]
        raise PreviousError(f"{failing} ({said})" if said else failing)
    return run.stdout
