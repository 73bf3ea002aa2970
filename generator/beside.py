"""Kinds that take long to emit, each in a process of its own while the others are emitted and proven here."""

from __future__ import annotations

import contextlib
import gc
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from generator.artifact import Artifact, Emit, Kind
from generator.graph import Graph

BOOTSTRAP = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from generator.beside import serve; serve(sys.argv[2])"


@dataclass(slots=True)
class Beside:
    """The processes of a run; they load what they need before the graph is there."""

    kinds: Sequence[Kind]
    processes: Sequence[subprocess.Popen[bytes]]
    threads: ThreadPoolExecutor
    answers: list[Future[tuple[bytes, bytes]]] = field(default_factory=list)

    def send(self, graph: Graph) -> None:
        data = pickle.dumps(graph, pickle.HIGHEST_PROTOCOL) if self.processes else b""
        self.answers = [self.threads.submit(process.communicate, data) for process in self.processes]

    def emit(self, kind: Kind) -> list[Artifact]:
        """The artifacts of a kind that was sent the graph. Raises `ChildProcessError` with what the emitter raised."""
        number = self.kinds.index(kind)
        answer, errors = self.answers[number].result()
        if self.processes[number].returncode:
            raise ChildProcessError(errors.decode(errors="replace"))
        found: list[Artifact] = pickle.loads(answer)  # noqa: S301 - our own process wrote it
        return found


@contextlib.contextmanager
def beside(kinds: Sequence[Kind]) -> Iterator[Beside]:
    """A process for each of the kinds, started now and ended with the block."""
    with contextlib.ExitStack() as running:
        processes = [running.enter_context(_process(kind.emit)) for kind in kinds]
        threads = running.enter_context(ThreadPoolExecutor(max(1, len(kinds))))
        for process in processes:
            running.callback(process.kill)  # first of all, so that no thread waits for an answer that nobody wants
        yield Beside(kinds, processes, threads)


def _process(emit: Emit) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-c", BOOTSTRAP, json.dumps(sys.path), emit.__module__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def serve(module: str) -> None:
    """The process's whole life: load, take the graph, emit, answer."""
    import importlib

    gc.disable()  # it ends before there is anything to collect, and a graph has many objects to look at
    emitter = importlib.import_module(module)
    emitter.prepare()
    graph = pickle.load(sys.stdin.buffer)  # noqa: S301 - the run that started us wrote it
    pickle.dump(list(emitter.emit(graph)), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
