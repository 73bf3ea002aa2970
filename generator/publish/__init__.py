"""Publishing: the only part that writes output. All of it or nothing, whatever is killed, and nothing that is not ours.

`output` holds the complete old or the complete new files at every instant (`swap.py`); hand-edited and foreign files
stop it (`standing.py`).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from generator.diagnostics import Diagnostic, Severity, Span
from generator.publish.standing import MANIFEST, Changes, Files, changes_to, look, read_manifest, refusals, states, walk
from generator.publish.swap import alone, beside, fill, flush, has_siblings, settle, steadily, swap

__all__ = ["MANIFEST", "Changes", "Files", "PublishError", "compare", "guard", "manifest_of", "orphans", "publish", "replace_file"]


class PublishError(Exception):
    """The output is as it was, and the diagnostic says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def compare(files: Files, output: Path) -> Changes:
    """What `publish` would do; nothing is written."""
    with _explained(output):
        return steadily(output, lambda: changes_to(files, look(files, output)))


def guard(files: Files, output: Path, *, force: bool = False) -> list[Diagnostic]:
    """Every reason why `publish` would refuse; `force` gives up files edited by hand and files that are not ours."""
    with _explained(output):
        return steadily(output, lambda: refusals(files, look(files, output), force))


def publish(files: Files, output: Path, *, force: bool = False) -> Changes:
    """Makes the output these files, all or nothing; touches nothing when they are there already.

    Raises `PublishError` when `guard` or the file system refuses. A second run on the same output waits for the first.
    """
    with _explained(output):
        if not guard(files, output, force=force) and (changes := compare(files, output)).is_empty and not has_siblings(output):
            return changes
        output.parent.mkdir(parents=True, exist_ok=True)
        with alone(output):
            settle(output)
            try:
                return _publish(files, output, force)
            finally:
                with contextlib.suppress(OSError):  # what cannot be cleared away now is no fault of this output
                    settle(output)


def _publish(files: Files, output: Path, force: bool) -> Changes:
    standing = look(files, output)
    for refusal in refusals(files, standing, force):
        raise PublishError(refusal)
    changes = changes_to(files, standing)
    if not changes.is_empty:
        if output.exists() and not os.access(output, os.W_OK | os.X_OK):
            # The swap would not ask, since it writes to the folder above.
            raise PublishError(Diagnostic("unwritable-output", Span(output.as_posix()), "the output folder is write-protected"))
        stage = beside(output, "stage")
        stage.mkdir()
        fill(stage, files, standing)
        if states(walk(output)) != states(standing.entries):
            message = "the output changed while it was being published"
            raise PublishError(Diagnostic("changed-meanwhile", Span(output.as_posix()), message, "run the command again"))
        swap(stage, output)
    return changes


def manifest_of(output: Path) -> list[dict[str, Any]]:
    """The entries of the output's manifest: `path`, `kind`, `sha256` and more; none when it is missing or unreadable."""
    with _explained(output):
        return steadily(output, lambda: read_manifest(output) or [])


def orphans(root: Path, systems: Collection[str]) -> Iterator[Diagnostic]:
    """A warning for each output below `root` whose system is gone."""
    for folder in sorted(path.parent for path in root.glob(f"*/{MANIFEST}")):
        if folder.name not in systems and read_manifest(folder) is not None:
            message = f'no contract makes this output: there is no system "{folder.name}"'
            yield Diagnostic("orphaned-output", Span(folder.as_posix()), message, "delete the folder", Severity.WARNING)


def replace_file(path: Path, content: bytes) -> None:
    """Makes one file's content this, all or nothing; its folder must be there."""
    with _explained(path), alone(path):
        stage = beside(path, "stage")
        stage.write_bytes(content)
        flush([stage])
        stage.replace(path)
        flush([path.parent])


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the file system refuses, as a diagnostic."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        where = f": {error.filename}" if error.filename else ""
        raise PublishError(Diagnostic("unwritable-output", Span(path.as_posix()), f"{reason}{where}")) from error
