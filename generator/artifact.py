"""What is produced and who judges it: artifacts, kinds, provers and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from generator.diagnostics import At, Diagnostic
from generator.graph import Graph


@dataclass(frozen=True, slots=True)
class Artifact:
    """One generated file: its path below the kind's folder, its whole text, and the contract records it comes from."""

    path: PurePosixPath
    text: str
    sources: tuple[At, ...]


Emit = Callable[[Graph], Iterator[Artifact]]
Narrate = Callable[[Graph, Sequence[Artifact]], Iterator[Artifact]]
"""From the artifacts of all other kinds, whose paths are below the system's output."""


class Prover(Protocol):
    """One real tool that must accept a kind's files. Modules of `generator.prove` satisfy it."""

    TOOL: str
    """The tool's own name: `buf lint`, `redocly`."""

    PROVES: str
    """One sentence for `interlock doctor`: what a pass means."""

    GET: str
    """How to get the tool: `comes with interlock` or `make tools`."""

    SCOPE: Literal["file", "kind"]
    """`file`: each file is judged alone and cached alone; `kind`: all files of the kind together."""

    def available(self) -> str | None:
        """The tool's version, or None when it is not installed."""

    def prove(self, folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
        """Ask the tool about `files`, which lie below `folder` (the kind's folder in the stage).

        With SCOPE "kind", files of the kinds that it is judged with are among them, as `../other/…`.

        Yields a finding for each refusal, in the tool's own words; `at.file` is the path relative to `folder`.
        """


@dataclass(frozen=True, slots=True)
class Kind:
    """One artifact kind: its name is its folder, `--only` word and line in the manifest."""

    name: str
    summary: str
    emit: Emit
    """Yields nothing for a kind that is narrated."""
    provers: tuple[Prover, ...]
    is_slow: bool = False
    """Emitted in a process beside the others; its module then has `prepare()`, which loads what is slow to load."""
    narrate: Narrate | None = None
    """Written last, from what all other kinds have made."""
    judged_with: tuple[str, ...] = ()
    """Kinds that its tools must see as well; asked for by `--only`, it brings them along."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one tool said of one kind."""

    kind: str
    tool: str
    version: str | None
    state: Literal["passed", "refused", "not run"]
    found: tuple[Diagnostic, ...] = ()
