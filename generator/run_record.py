"""What is remembered of a good run, so that the next run with the same contract, tools and output has nothing to do."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import generator
from generator import publish
from generator.artifact import Kind, Verdict
from generator.diagnostics import Diagnostic, as_record, from_record
from generator.read import contract_files, field_lock, measured, page_files, template_files


@dataclass(frozen=True, slots=True)
class Known:
    """The findings and verdicts of the run that made the output at hand."""

    today: str | None
    """The day of that run: on another one the contract can have other findings."""
    diagnostics: tuple[Diagnostic, ...]
    verdicts: tuple[Verdict, ...]
    paths: tuple[PurePosixPath, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One system's record: found by everything the output depends on, good only for the output it names."""

    path: Path
    output: Path
    kinds: Sequence[Kind]

    def recall(self, *, strict: bool) -> Known | None:
        """What is known, if the output on disk is still, byte for byte, the one that run left."""
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            manifest = (self.output / publish.MANIFEST).read_bytes()
            if data["manifest"] != hashlib.sha256(manifest).hexdigest():
                return None
            entries = publish.manifest_of(self.output)
            if any(hashlib.sha256((self.output / str(each["path"])).read_bytes()).hexdigest() != each["sha256"] for each in entries):
                return None
            verdicts = tuple(Verdict(**{**each, "found": tuple(from_record(one) for one in each["found"])}) for each in data["verdicts"])
            if strict and any(each.state == "not run" for each in verdicts):
                return None
            paths = (*(PurePosixPath(str(each["path"])) for each in entries), PurePosixPath(publish.MANIFEST))
            return Known(data["today"], tuple(from_record(each) for each in data["diagnostics"]), verdicts, paths)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def remember(self, today: str | None, diagnostics: Sequence[Diagnostic], verdicts: Sequence[Verdict]) -> None:
        """Keeps a run whose output was published; a cache that cannot be written is no fault."""
        manifest = (self.output / publish.MANIFEST).read_bytes()
        data = {
            "manifest": hashlib.sha256(manifest).hexdigest(),
            "today": today,
            "diagnostics": [as_record(each) for each in diagnostics],
            "verdicts": [{**_fields(each), "found": [as_record(one) for one in each.found]} for each in verdicts],
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            publish.replace_file(self.path, json.dumps(data).encode())
        except (OSError, publish.PublishError):
            return


def _fields(verdict: Verdict) -> dict[str, object]:
    return {each.name: getattr(verdict, each.name) for each in dataclasses.fields(verdict)}


def of(folder: Path, output: Path, kinds: Sequence[Kind], cache: Path | None) -> Record:
    """The record of a run with this contract, this generator, these tools and this Python."""
    where = (cache or Path(os.devnull)) / "runs"
    return Record(where / f"{_key(folder, output, kinds)}.json", output, kinds)


def _key(folder: Path, output: Path, kinds: Sequence[Kind]) -> str:
    digest = hashlib.sha256()
    for path in [
        *contract_files(folder),
        *page_files(folder),
        *template_files(folder),
        folder / field_lock.FILE_NAME,
        folder / measured.FILE_NAME,
    ]:
        content = _content(path)
        digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    digest.update(f"{output.resolve()}\0{sys.version_info[:2]}\0{_generator_state()}\0".encode())
    for kind in kinds:
        digest.update(repr((kind.name, [(prover.TOOL, prover.available()) for prover in kind.provers])).encode())
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _generator_state() -> str:
    """The generator's own files by size and time: any edit of it is a new generator."""
    folder = Path(generator.__file__).parent
    states = ((path.relative_to(folder).as_posix(), path.stat()) for path in folder.rglob("*") if path.suffix != ".pyc" and path.is_file())
    return repr(sorted((name, state.st_size, state.st_mtime_ns) for name, state in states))
