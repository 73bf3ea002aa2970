"""Proof: each real tool is asked about the stage, in parallel, and only about what it has not accepted before.

Tools are asked in worker processes of our own: a library's import is paid once for each worker, a tool that takes its
process down spoils only its own question, and an interrupt ends every tool at once.

Only acceptance is remembered. A refusal may be the machine's fault (no memory, half an installation), and a tool that
refuses one file may not have looked at the next, so both are asked about again.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import itertools
import json
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Literal, cast

from generator import __version__
from generator.diagnostics import Diagnostic, Span, arranged, as_record, from_record, has_errors

if TYPE_CHECKING:  # workers import this package too, and need no graph
    from types import ModuleType

    from generator.artifact import Kind, Prover, Verdict

Progress = Callable[[str, str], None]


def prove(
    kinds: Sequence[Kind], stage: Path, files: Mapping[str, Sequence[PurePosixPath]], cache: Path | None, progress: Progress
) -> list[Verdict]:
    """What each tool says of each kind that has files, in the order of the kinds and of their tools.

    `stage` has a folder for each kind, and `files` are relative to it. `cache` is None for a run that remembers nothing.
    """
    asked = [(kind, prover, prover.available()) for kind in kinds if files.get(kind.name) for prover in kind.provers]
    questions = {
        (kind.name, prover.TOOL): _questions(prover, version, stage.absolute() / kind.name, _seen(kind, prover, files), cache)
        for kind, prover, version in asked
        if version is not None
    }
    answers = _ask(list(itertools.chain(*questions.values())), progress)
    if cache is not None:
        _trim(cache)
    return [
        _verdict(kind.name, prover.TOOL, version, [answers[each] for each in questions.get((kind.name, prover.TOOL), ())])
        for kind, prover, version in asked
    ]


def _seen(kind: Kind, prover: Prover, files: Mapping[str, Sequence[PurePosixPath]]) -> list[PurePosixPath]:
    """The files that a tool is asked about: those of the kind, and where it judges all at once, of the kinds beside it."""
    others = kind.judged_with if prover.SCOPE == "kind" else ()
    return [*sorted(files[kind.name]), *(PurePosixPath("..") / name / path for name in others for path in sorted(files.get(name, ())))]


def _verdict(kind: str, tool: str, version: str | None, answers: Iterable[list[Diagnostic]]) -> Verdict:
    from generator.artifact import Verdict

    found = arranged(itertools.chain(*answers))
    state: Literal["passed", "refused", "not run"] = "not run" if version is None else "refused" if has_errors(found) else "passed"
    return Verdict(kind, tool, version, state, tuple(found))


# --- what to ask ------------------------------------------------------------------------------------------------------

FEW = 8
"""Files that are not worth a second start of their tool."""


@dataclass(frozen=True, slots=True)
class _Question:
    """One tool asked about some files at once, and the cache entries of what it then accepts, with their content."""

    module: str
    tool: str
    folder: Path
    files: tuple[PurePosixPath, ...]
    entries: tuple[tuple[Path, str], ...]


def _questions(prover: Prover, version: str, folder: Path, files: Sequence[PurePosixPath], cache: Path | None) -> list[_Question]:
    """What is not known yet, in as many questions as there are processors; all files in one where they are judged together."""
    groups = [(file,) for file in files] if prover.SCOPE == "file" else [tuple(files)]
    basis = _basis(prover, version, folder.name)
    entries = {group: _entry(basis, folder, group, cache) for group in groups} if cache else {}
    unknown = [group for group in groups if group not in entries or not _is_remembered(*entries[group])]
    batches = min(_processors(), -(-len(unknown) // FEW))
    return [
        _Question(
            module=cast("ModuleType", prover).__name__,
            tool=prover.TOOL,
            folder=folder,
            files=tuple(itertools.chain(*unknown[first::batches])),
            entries=tuple(entries[group] for group in unknown[first::batches] if group in entries),
        )
        for first in range(batches)
    ]


def _processors() -> int:
    return os.cpu_count() or 1


# --- what is remembered -----------------------------------------------------------------------------------------------

DAY = 24 * 60 * 60
KEPT = 30 * DAY


def _basis(prover: Prover, version: str, kind: str) -> list[str]:
    """All that acceptance rests on, besides the files."""
    sources = [hashlib.sha256(path.read_bytes()).hexdigest() for path in _judging(Path(str(cast("ModuleType", prover).__file__)))]
    return [prover.TOOL, version, kind, __version__, str(sys.version_info[:2]), *sources]


def _judging(module: Path) -> list[Path]:
    """What a prover consists of: its module, those beside it that it, or one of them, has a word for, and all other files there."""
    beside = {path.stem: path for path in module.parent.glob("*.py")}
    reached: set[Path] = set()
    ahead = [module]
    while ahead:
        path = ahead.pop()
        reached.add(path)
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        ahead += [beside[word] for word in words & beside.keys() if beside[word] not in reached]
    others = [path for path in module.parent.iterdir() if path.is_file() and (path.suffix != ".py" or path.name == "__init__.py")]
    return sorted({*reached, *others})


def _entry(basis: Sequence[str], folder: Path, files: Sequence[PurePosixPath], cache: Path) -> tuple[Path, str]:
    """Where acceptance is remembered, and the text that says so; any other text says nothing."""
    content = [[str(file), hashlib.sha256((folder / file).read_bytes()).hexdigest()] for file in files]
    key = hashlib.sha256(json.dumps([basis, content]).encode()).hexdigest()
    about = {"tool": basis[0], "version": basis[1], "accepted": f"{folder.name}/{files[0]}", "files": len(files)}
    return cache / "verdicts" / key[:2] / f"{key[2:]}.json", json.dumps(about) + "\n"


def _is_remembered(path: Path, text: str) -> bool:
    try:
        known = path.read_text(encoding="utf-8") == text
        if known and path.stat().st_mtime < time.time() - DAY:
            os.utime(path)
    except (OSError, ValueError):
        return False
    return known


def _remember(entries: Sequence[tuple[Path, str]]) -> None:
    """A cache that cannot be written is no fault, and half an entry is none."""
    with contextlib.suppress(OSError):
        for path, text in entries:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def _trim(cache: Path) -> None:
    """Once a day, what was not asked for in a month goes."""
    now, marker = time.time(), cache / "verdicts" / "trimmed"
    with contextlib.suppress(OSError):
        if marker.exists() and marker.stat().st_mtime > now - DAY:
            return
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()
        for path in marker.parent.glob("*/*.json"):
            if path.stat().st_mtime < now - KEPT:
                path.unlink()


# --- asking -----------------------------------------------------------------------------------------------------------

Answers = dict[_Question, list[Diagnostic]]


@dataclass(frozen=True, slots=True, eq=False)
class _Worker:
    """A process that answers one question at a time."""

    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]
    errors: IO[bytes]


def _ask(questions: Sequence[_Question], progress: Progress) -> Answers:
    """Every question to the next free worker; workers start when there is something to ask, and end with this call."""
    answers: Answers = {}
    waiting, idle = deque(questions), list[_Worker]()
    asked: dict[_Worker, _Question] = {}
    with contextlib.ExitStack() as running, selectors.DefaultSelector() as selector:
        while waiting or asked:
            while waiting and len(asked) < _processors():
                worker = idle.pop() if idle else running.enter_context(_worker())
                asked[worker] = waiting.popleft()
                _send(worker, asked[worker])
                selector.register(worker.answers, selectors.EVENT_READ, worker)
            names = sorted({f"{question.folder.name}: {question.tool}" for question in asked.values()})
            progress("prove", f"{len(answers)} of {len(questions)} done, now {', '.join(names)}")
            for key, _ in selector.select():
                worker = key.data
                selector.unregister(worker.answers)
                question = asked.pop(worker)
                answers[question], is_alive = _receive(worker, question)
                if is_alive:
                    idle.append(worker)
    return answers


def _send(worker: _Worker, question: _Question) -> None:
    record = {"module": question.module, "folder": str(question.folder), "files": [str(file) for file in question.files]}
    with contextlib.suppress(BrokenPipeError):  # it has ended, and its answer will say so
        worker.questions.write(json.dumps(record).encode() + b"\n")
        worker.questions.flush()


def _receive(worker: _Worker, question: _Question) -> tuple[list[Diagnostic], bool]:
    """The findings, and whether the worker can be asked again."""
    line = worker.answers.readline()
    if not line.endswith(b"\n"):
        return [_crash(question, _last_words(worker))], False
    answer = json.loads(line)
    found = [from_record(record) for record in answer["found"]]
    if answer["crashed"] is not None:
        return [*found, _crash(question, answer["crashed"])], True
    if not found:
        _remember(question.entries)
    return found, True


def _crash(question: _Question, words: str) -> Diagnostic:
    first, *others = map(str, question.files)
    asked = f"{first} and {len(others)} more" if others else first
    message = f"{question.tool} gave no verdict on {asked}: {' '.join(words.split())}"
    help = "the tool or its installation is at fault, not the contract; interlock doctor shows which tool it is"
    return Diagnostic("prover-crashed", Span(first), message, help)


def _last_words(worker: _Worker) -> str:
    """How it ended, and the end of what it wrote."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        worker.process.wait(timeout=1)  # it has closed its answers, so it is ending: how, is worth a moment
    status = _end(worker.process)
    how = f"ended by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
    worker.errors.seek(0)
    said = worker.errors.read().decode(errors="replace").strip()
    return f"{how}, {said[-400:]}" if said else how


BOOTSTRAP = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from generator.prove import serve; serve()"


@contextlib.contextmanager
def _worker() -> Iterator[_Worker]:
    """In a process group of its own, so that whatever the tools start ends with it."""
    with tempfile.TemporaryFile() as errors:
        command = [sys.executable, "-P", "-c", BOOTSTRAP, json.dumps(sys.path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, process_group=0)
        assert process.stdin is not None and process.stdout is not None
        try:
            yield _Worker(process, process.stdin, process.stdout, errors)
        finally:
            if process.returncode is None:
                _end(process)
            process.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its tools too, which may outlive it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS forbids what is already gone
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


# --- in the worker ----------------------------------------------------------------------------------------------------


def serve() -> None:
    """A worker's whole life: a line is a question, and a line is its answer."""
    # Tools inherit the standard streams: theirs must be neither the questions nor the answers.
    questions, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    gc.disable()  # while a tool looks at a document, whatever it makes is in use: collecting takes a fourth of its time
    for line in questions:
        json.dump(_answer(json.loads(line)), answers)
        answers.write("\n")
        answers.flush()
        gc.collect()


def _answer(question: Mapping[str, Any]) -> dict[str, object]:
    found: list[dict[str, object]] = []
    try:
        prover = importlib.import_module(question["module"])
        for each in prover.prove(Path(question["folder"]), [PurePosixPath(file) for file in question["files"]]):
            found.append(as_record(each))  # noqa: PERF401 - what was found before a crash is kept
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a tool raises is the reader's business, not ours
        return {"found": found, "crashed": f"{type(error).__name__}: {error}"}
    return {"found": found, "crashed": None}
