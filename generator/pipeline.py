"""The whole program on one screen: read, link, review, emit, narrate, prove, publish. Start here."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from generator import changes, field_numbers, names, publish, run_record, suppressions
from generator.artifact import Artifact, Kind, Verdict
from generator.beside import Beside, beside
from generator.diagnostics import At, Diagnostic, Related, Severity, Span, arranged, has_errors
from generator.document import BrokenTemplate
from generator.graph import Graph
from generator.link import link
from generator.narrate import narrate
from generator.prove import prove
from generator.read import field_lock, read
from generator.reports.locations import GENERATED
from generator.review import review

OVERVIEW = "overview"
MANIFEST = publish.MANIFEST
Progress = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How one run is to go; `only` names kinds (none: all), `cache` is None for a run that remembers nothing.

    A finding as bad as `fail_on` stops it; `today` is the day, and without it nothing depends on a day.
    """

    only: tuple[str, ...] = ()
    strict: bool = False
    fail_on: Severity = Severity.ERROR
    today: str | None = None
    force: bool = False
    write: bool = True
    cache: Path | None = None
    progress: Progress = lambda stage, detail: None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found and did. `files` is the complete output; it was published unless the run failed."""

    diagnostics: tuple[Diagnostic, ...]
    verdicts: tuple[Verdict, ...] = ()
    changes: publish.Changes = field(default_factory=publish.Changes)
    files: Mapping[PurePosixPath, bytes] = field(default_factory=dict)
    lock_is_stale: bool = False
    fail_on: Severity = Severity.ERROR

    @property
    def failed(self) -> bool:
        return has_errors(self.diagnostics, self.fail_on)


def understand(folder: Path, today: str | None = None, before: Graph | None = None) -> tuple[Graph | None, list[Diagnostic]]:
    """The graph of a contract and every finding of read, link and review; None when there is no system to speak of.

    Findings have their fingerprints, and those that the contract accepts are marked so. `today` is the day, `2026-11-26`;
    without it nothing depends on a day. `before` is an earlier contract: what the change since then breaks is found, too.
    """
    system, found = read(folder)
    if system is None:
        return None, suppressions.identified(found, {})
    graph, unresolved = link(system)
    found = [*found, *unresolved]
    is_complete = not has_errors(found)
    reviewed = review(graph, today)
    found = [*found, *(reviewed if is_complete else [each for each in reviewed if not _is_echo(each, found)])]
    # Numbers are looked at last: a graph with errors may hold types that no message can be made of.
    found += [] if has_errors(found) else field_numbers.check(graph)
    found += changes.compare(before, graph) if before is not None else []
    return graph, suppressions.applied(system, found, today, is_complete=is_complete, is_compared=before is not None)


def _is_echo(reviewed: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    """A finding about a line that could not be read or resolved would only repeat that."""
    return any((each.at.file, each.at.line) == (reviewed.at.file, reviewed.at.line) for each in found)


def generate(folder: Path, output: Path, settings: Settings, kinds: Sequence[Kind]) -> Outcome:
    """Everything for one system, from `folder` into `output` (its own folder); nothing is written unless all holds.

    Raises `publish.PublishError` when the file system refuses.
    """
    record = run_record.of(folder, output, kinds, settings.cache) if not settings.only and not settings.force else None
    if record is not None and (recalled := _recalled(record, folder, settings)) is not None:
        return recalled
    wanted = _wanted(kinds, settings.only)
    with beside([kind for kind in wanted if kind.is_slow]) as others, tempfile.TemporaryDirectory(prefix="interlock-") as stage:
        graph, found = understand(folder, settings.today)
        if graph is None or has_errors(found):
            return Outcome(tuple(found), fail_on=settings.fail_on)
        graph = with_numbers(graph)
        others.send(graph)
        try:
            emitted, verdicts = _emit_and_prove(graph, wanted, others, Path(stage), settings)
        except BrokenTemplate as broken:
            return Outcome((*found, broken.finding), fail_on=settings.fail_on)
    if not settings.only:
        emitted += [(None, artifact) for artifact in narrate(graph, [artifact for _, artifact in emitted])]
    found = _with_verdicts(found, verdicts, settings.strict)
    if has_errors(found, settings.fail_on):
        return Outcome(tuple(found), tuple(verdicts), fail_on=settings.fail_on)
    files = _complete(emitted, wanted, folder, output, settings)
    return _publish(graph, files, tuple(found), tuple(verdicts), folder, output, settings, record)


def _recalled(record: run_record.Record, folder: Path, settings: Settings) -> Outcome | None:
    """The run that made the output at hand, when this one would do the same.

    No artifact depends on the day, but findings do: on another day the contract is reviewed anew, and nothing else.
    """
    known = record.recall(strict=settings.strict)
    if known is None:
        return None
    found = list(known.diagnostics)
    if known.today != settings.today:
        _, reviewed = understand(folder, settings.today)
        if has_errors(reviewed):
            return None
        found = _with_verdicts(reviewed, known.verdicts, settings.strict)
        record.remember(settings.today, found, known.verdicts)
    return Outcome(tuple(found), known.verdicts, publish.Changes(unchanged=known.paths), fail_on=settings.fail_on)


def _with_verdicts(found: Sequence[Diagnostic], verdicts: Sequence[Verdict], strict: bool) -> list[Diagnostic]:
    """What the contract's review and the tools have found."""
    return arranged([*found, *(each for verdict in verdicts for each in verdict.found), *_not_run(verdicts, strict)])


def _wanted(kinds: Sequence[Kind], only: Sequence[str]) -> list[Kind]:
    """The kinds that are asked for, and those that they are judged with."""
    needed = {*only, *(name for kind in kinds if kind.name in only for name in kind.judged_with)}
    return [kind for kind in kinds if not only or kind.name in needed]


def with_numbers(graph: Graph) -> Graph:
    """The graph whose lock has a number for every name that it needs."""
    return dataclasses.replace(graph, system=dataclasses.replace(graph.system, locked=field_numbers.numbers(graph)))


Emitted = list[tuple[Kind | None, Artifact]]
"""Artifacts with their paths below the system's output; those of no kind are the overview."""


def emit_all(graph: Graph, kinds: Sequence[Kind]) -> Emitted:
    """The artifacts of every kind."""
    made = [each for kind in kinds for each in _placed(kind, kind.emit(graph))]
    return [*made, *_narrated(graph, kinds, made)]


def _narrated(graph: Graph, kinds: Sequence[Kind], made: Emitted) -> Emitted:
    """What is written last, from all that is made."""
    artifacts = [artifact for _, artifact in made]
    return [each for kind in kinds if kind.narrate is not None for each in _placed(kind, kind.narrate(graph, artifacts))]


def _placed(kind: Kind, artifacts: Iterable[Artifact]) -> Emitted:
    """Below the kind's folder; two on one path are a fault of the emitter, and refused."""
    placed: Emitted = [(kind, dataclasses.replace(each, path=PurePosixPath(kind.name) / each.path)) for each in artifacts]
    paths = [artifact.path for _, artifact in placed]
    assert len(set(paths)) == len(paths), f"emitted twice: {sorted({path for path in paths if paths.count(path) > 1})[:3]}"
    return placed


def _emit_and_prove(graph: Graph, kinds: Sequence[Kind], others: Beside, stage: Path, settings: Settings) -> tuple[Emitted, list[Verdict]]:
    """In rounds: while the slow kinds are emitted beside us, the tools look at what the others have given; what is narrated comes last."""
    emitted: Emitted = []
    verdicts: list[Verdict] = []
    for is_slow in (False, True):
        taken = [kind for kind in kinds if kind.is_slow is is_slow and kind.narrate is None]
        made: Emitted = []
        for kind in taken:
            settings.progress("emit", kind.name)
            made += _placed(kind, others.emit(kind) if is_slow else kind.emit(graph))
        verdicts += _prove(made, taken, stage, settings)
        emitted += made
    settings.progress("narrate", "")
    told = _narrated(graph, kinds, emitted)
    verdicts += _prove(told, [kind for kind in kinds if kind.narrate is not None], stage, settings, emitted)
    return [*emitted, *told], verdicts


def _prove(
    emitted: Emitted, kinds: Sequence[Kind], stage: Path, settings: Settings, staged: Sequence[tuple[Kind | None, Artifact]] = ()
) -> list[Verdict]:
    """Every tool's verdict on the staged files; a refusal also shows the contract line to change. `staged` are there already."""
    files: dict[str, list[PurePosixPath]] = {kind.name: [] for kind in kinds}
    for kind, artifact in staged:
        assert kind is not None
        files.setdefault(kind.name, []).append(artifact.path.relative_to(kind.name))
    for kind, artifact in emitted:
        assert kind is not None
        target = stage / artifact.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(artifact.text, encoding="utf-8", newline="\n")
        files[kind.name].append(artifact.path.relative_to(kind.name))
    verdicts = prove(kinds, stage, files, settings.cache, settings.progress)
    by_path = {artifact.path.as_posix(): artifact for _, artifact in emitted}
    return [dataclasses.replace(each, found=tuple(_traced(found, each, by_path) for found in each.found)) for each in verdicts]


def _traced(found: Diagnostic, verdict: Verdict, artifacts: Mapping[str, Artifact]) -> Diagnostic:
    """The tool's own words at the generated place, then where in the contract that came from."""
    path = posixpath.normpath(f"{verdict.kind}/{found.at.file}")  # a tool may speak of a kind that it judges with
    artifact = artifacts.get(path)
    related = (Related(_origin(artifact, found.at.line).span, "generated from here"),) if artifact else ()
    at = dataclasses.replace(found.at, file=f"{GENERATED}{path}")
    return dataclasses.replace(found, at=at, message=f"{verdict.tool}: {found.message}", related=(*found.related, *related))


WORD = re.compile(r"[\w-]+")
MOST_LINES = 10
"""Lines of a block in which its name is looked for."""


def _origin(artifact: Artifact, line: int) -> At:
    """The record that the refused lines were made from: an operation, a type, a message; else the artifact's first.

    It is named at the line, in the block that begins there, or nearest above. `GetOrderResponse` is named after the
    operation `getOrder`, so the longest beginning counts.
    """
    known = {names.words(at.pointer.rpartition(".")[2]): at for at in reversed(artifact.sources[1:])}
    lines = artifact.text.splitlines()
    above, block = lines[: max(0, line - 1)], lines[max(0, line - 1) : line + MOST_LINES]
    inside = itertools.takewhile(lambda each: _indent(each) > _indent(block[0]), block[1:])
    for text in itertools.chain(block[:1], inside, reversed(above)):
        for word in map(names.words, WORD.findall(text)):
            for length in range(len(word), 0, -1):
                if word[:length] in known and (length == len(word) or length > 1):
                    return known[word[:length]]
    return artifact.sources[0]


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _not_run(verdicts: Sequence[Verdict], strict: bool) -> Iterator[Diagnostic]:
    """Under --strict a tool that did not run is an error: nothing is taken for proven."""
    for verdict in verdicts:
        if strict and verdict.state == "not run":
            message = f"{verdict.tool} did not run on {verdict.kind}"
            yield Diagnostic(
                "prover-not-run", Span(verdict.kind), message, "make tools installs it; interlock doctor shows what is missing"
            )


# --- the files as published -------------------------------------------------------------------------------------------


def _complete(emitted: Emitted, kinds: Sequence[Kind], folder: Path, output: Path, settings: Settings) -> dict[PurePosixPath, bytes]:
    """All files of the output with their manifest; with --only, those of the other kinds as they stand."""
    files = {artifact.path: artifact.text.encode() for _, artifact in emitted}
    entries = [_entry(kind, artifact, folder) for kind, artifact in emitted]
    if settings.only:
        names = {kind.name for kind in kinds}
        for entry in publish.manifest_of(output):
            path = PurePosixPath(str(entry["path"]))
            if entry["kind"] not in names and (output / path).is_file():
                files[path] = (output / path).read_bytes()
                entries.append(entry)
    manifest = {"system": folder.resolve().name, "files": sorted(entries, key=lambda each: str(each["path"]))}
    files[PurePosixPath(MANIFEST)] = (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
    return files


def _entry(kind: Kind | None, artifact: Artifact, folder: Path) -> dict[str, Any]:
    prefix = f"{folder.as_posix()}/"
    sources = [{"key": at.pointer, "file": at.span.file.removeprefix(prefix), "line": at.span.line} for at in artifact.sources]
    return {
        "path": artifact.path.as_posix(),
        "kind": kind.name if kind else OVERVIEW,
        "sha256": hashlib.sha256(artifact.text.encode()).hexdigest(),
        "provers": [prover.TOOL for prover in kind.provers] if kind else [],
        "sources": sorted(sources, key=lambda each: (str(each["key"]), str(each["file"]))),
    }


def _publish(
    graph: Graph,
    files: Mapping[PurePosixPath, bytes],
    found: tuple[Diagnostic, ...],
    verdicts: tuple[Verdict, ...],
    folder: Path,
    output: Path,
    settings: Settings,
    record: run_record.Record | None,
) -> Outcome:
    refused = publish.guard(files, output, force=settings.force)
    lock = field_lock.to_text(graph.system.locked) if graph.system.locked else ""
    lock_path = folder / field_lock.FILE_NAME
    lock_is_stale = bool(lock) and (not lock_path.is_file() or lock_path.read_text(encoding="utf-8") != lock)
    if refused or not settings.write:
        return Outcome((*found, *refused), verdicts, publish.compare(files, output), files, lock_is_stale, settings.fail_on)
    settings.progress("publish", "")
    if lock_is_stale:
        # Before the output: numbers that no file uses yet do no harm, a file whose numbers are not locked would.
        publish.replace_file(lock_path, lock.encode())
    changes = publish.publish(files, output, force=settings.force)
    if record is not None and not settings.only:
        run_record.of(folder, output, record.kinds, settings.cache).remember(settings.today, found, verdicts)
    return Outcome(found, verdicts, changes, files, fail_on=settings.fail_on)


def validate(output: Path, kinds: Sequence[Kind], settings: Settings) -> Outcome:
    """What the tools say of the output that is there, whoever made it; nothing is written."""
    entries = publish.manifest_of(output)
    if not entries:
        help = "interlock generate makes it"
        return Outcome(
            (Diagnostic("no-output", Span(output.as_posix()), "there is no generated output here", help),), fail_on=settings.fail_on
        )
    files: dict[str, list[PurePosixPath]] = {kind.name: [] for kind in kinds}
    found: list[Diagnostic] = []
    for entry in entries:
        path = PurePosixPath(str(entry["path"]))
        if not (output / path).is_file():
            found.append(Diagnostic("missing-output", Span((output / path).as_posix()), "the file is in the manifest and not on disk"))
        elif hashlib.sha256((output / path).read_bytes()).hexdigest() != entry["sha256"]:
            found.append(Diagnostic("hand-edited-output", Span((output / path).as_posix()), "the file is not as it was generated"))
        if entry["kind"] in files and (output / path).is_file():
            files[str(entry["kind"])].append(path.relative_to(str(entry["kind"])))
    verdicts = prove(kinds, output, files, settings.cache, settings.progress)
    placed = [
        dataclasses.replace(
            each,
            at=dataclasses.replace(each.at, file=f"{output.as_posix()}/{verdict.kind}/{each.at.file}"),
            message=f"{verdict.tool}: {each.message}",
        )
        for verdict in verdicts
        for each in verdict.found
    ]
    found = arranged([*found, *placed, *_not_run(verdicts, settings.strict)])
    return Outcome(tuple(found), tuple(verdicts), fail_on=settings.fail_on)


def systems(contracts: Path) -> list[Path]:
    """The folder of every system below the contracts folder."""
    return sorted({path.parent for path in contracts.glob("*/*") if path.suffix in (".yaml", ".yml")})
