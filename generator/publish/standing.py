"""What stands in an output folder, what publishing would change there, and every reason not to."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from generator.diagnostics import Diagnostic, Span

MANIFEST = "manifest.json"

Files = Mapping[PurePosixPath, bytes]
"""The complete output, the manifest included, by path below the output folder."""


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


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in the output folder: everything, what of it the old manifest lists, and which new files are there already."""

    output: Path
    entries: Mapping[PurePosixPath, os.stat_result]
    listed: Mapping[PurePosixPath, str | None]
    same: Collection[PurePosixPath]

    @property
    def folders(self) -> set[PurePosixPath]:
        return folders_of(self.entries)


def look(files: Files, output: Path) -> Standing:
    entries = walk(output)
    manifest = read_manifest(output)
    listed: dict[PurePosixPath, str | None] = {PurePosixPath(each["path"]): each["sha256"] for each in manifest or ()}
    if manifest is not None:
        listed[PurePosixPath(MANIFEST)] = None  # ours, and no manifest has its own digest
    same = {path for path in files.keys() & entries.keys() if _holds(output / path, entries[path], files[path])}
    return Standing(output, entries, listed, same)


def walk(folder: Path) -> dict[PurePosixPath, os.stat_result]:
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


def folders_of(entries: Mapping[PurePosixPath, os.stat_result]) -> set[PurePosixPath]:
    return {path for path, state in entries.items() if stat.S_ISDIR(state.st_mode)}


def states(entries: Mapping[PurePosixPath, os.stat_result]) -> dict[PurePosixPath, tuple[int, ...]]:
    """What tells an entry from itself after an edit; a hard link to it is none, so no change time, link count or inode (overlayfs)."""
    return {path: (state.st_mode, state.st_size, state.st_mtime_ns) for path, state in entries.items()}


def _holds(path: Path, state: os.stat_result, content: bytes) -> bool:
    return stat.S_ISREG(state.st_mode) and state.st_size == len(content) and path.read_bytes() == content


def read_manifest(output: Path) -> list[dict[str, Any]] | None:
    """The manifest's entries, if it is one that we could have written: it decides what is removed."""
    path = output / MANIFEST
    if path.is_symlink() or not path.is_file():
        return None
    try:
        entries = json.loads(path.read_bytes())["files"]
        known = all(isinstance(each[key], str) for each in entries for key in ("path", "kind", "sha256"))
        return list(entries) if known and not any(is_unsafe(PurePosixPath(each["path"])) for each in entries) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def changes_to(files: Files, standing: Standing) -> Changes:
    there = standing.entries.keys() - standing.folders
    return Changes(
        added=tuple(sorted(files.keys() - there)),
        changed=tuple(sorted((files.keys() & there) - set(standing.same))),
        removed=tuple(sorted((standing.listed.keys() & there) - files.keys())),
        unchanged=tuple(sorted(standing.same)),
    )


# --- why not ----------------------------------------------------------------------------------------------------------


def refusals(files: Files, standing: Standing, force: bool) -> list[Diagnostic]:
    found = [*_bad_paths(files, standing.output), *_bad_folder(standing.output), *_folders_in_the_way(files, standing)]
    return list(dict.fromkeys([*found, *([] if force else _clobbered(files, standing))]))


def _bad_paths(files: Files, output: Path) -> Iterator[Diagnostic]:
    """Paths that leave the output, and paths that are one on some file system: the output must be whole on every machine."""
    safe = {path for path in files if not is_unsafe(path)}
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


def is_unsafe(path: PurePosixPath) -> bool:
    return path.is_absolute() or not path.parts or ".." in path.parts or not str(path).isprintable()


def _bad_folder(output: Path) -> Iterator[Diagnostic]:
    at = Span(output.as_posix())
    if output.is_symlink():
        # The swap would replace the link and leave what it leads to as it was.
        yield Diagnostic("symlinked-output", at, "the output folder is a symbolic link", "link a folder above it, or name the real folder")
    elif output.exists() and not output.is_dir():
        yield Diagnostic("foreign-file", at, "a file stands where the output folder must be", "move it away")


def _folders_in_the_way(files: Files, standing: Standing) -> Iterator[Diagnostic]:
    for path in sorted(files.keys() & standing.folders & set(carried(files, standing))):
        at = Span((standing.output / path).as_posix())
        yield Diagnostic("foreign-file", at, "a folder that is not ours stands where a file must be", "move it away")


def _clobbered(files: Files, standing: Standing) -> Iterator[Diagnostic]:
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


def carried(files: Files, standing: Standing) -> list[PurePosixPath]:
    """All that stays as it is, folders before what is in them; a folder that loses its last file goes too."""
    above = {parent for path in files for parent in path.parents}
    folders = standing.folders
    replaced = (standing.listed.keys() | files.keys() | above) - set(standing.same)
    leaves = standing.entries.keys() - folders - replaced
    leaves |= folders - {path.parent for path in standing.entries}  # folders that were empty before
    return sorted((leaves | {parent for path in leaves for parent in path.parents}) - {PurePosixPath()})
