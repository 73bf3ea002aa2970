"""What every section is made from: the graph, the artifacts, the findings, and the scope that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from generator.artifact import Artifact, Kind
from generator.diagnostics import At, Diagnostic, Span
from generator.document.markdown import Markdown, code, link
from generator.graph import Graph

Scope = Literal["internal", "external", "data", "messaging", "api"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Header:
    """What only the session knows of the document."""

    created: str
    updated: str
    sources: tuple[str, ...]
    targets: tuple[str, ...] = ()
    """What a scope is about: third parties, interfaces, messages, stores and flows by name."""


@dataclass(frozen=True, slots=True)
class Links:
    """Where things are, seen from the document."""

    artifacts: str
    """Path to the system's output: empty beside it, else with a slash at its end."""
    contract: str | None
    """Path to the folder of the contract, with a slash at its end; None where it is not linked to, since its files mean nothing."""
    folder: str
    """Folder of the contract as spans name it, with a slash at its end."""
    lines: bool
    """Links go to lines, which move with every edit."""
    known: frozenset[str]
    """Paths of the artifacts."""
    places: Mapping[Span, str] = field(default_factory=dict)
    """Paths of contract keys in which entries of a list go by what they name."""

    def artifact(self, path: str, text: str | None = None) -> Markdown:
        """A link to a file or folder of the output, or its bare name when it is not made."""
        name = text or path
        is_there = path in self.known or any(each.startswith(f"{path.rstrip('/')}/") for each in self.known)
        return link(name, f"{self.artifacts}{path}") if is_there else code(name)

    def source(self, at: At) -> Markdown:
        """Where the contract says it, named by its key, as a link if it can be one."""
        file = at.span.file.removeprefix(self.folder)
        name = self.places.get(at.span) or at.pointer or file
        if self.contract is None:
            return code(name)
        return link(name, f"{self.contract}{file}" + (f"#L{at.span.line}" if self.lines else ""))


@dataclass(frozen=True, slots=True)
class Context:
    """What a section's view is made from."""

    graph: Graph
    artifacts: Mapping[str, Artifact]
    """By path below the system's output."""
    kinds: Sequence[Kind]
    """All that are made, whether the scope has them or not."""
    findings: Sequence[Diagnostic]
    """Of the review, those that the contract accepts included."""
    scopes: frozenset[Scope]
    """None: the whole system."""
    links: Links
    header: Header | None = None

    def covers(self, *scopes: Scope) -> bool:
        """Whether one of the scopes is asked for."""
        return not self.scopes or bool(self.scopes & set(scopes))

    def excerpt(self, path: str, start: str, lines: int) -> str | None:
        """Lines of an artifact as they stand there, from the first that begins with a text on; None when it has none."""
        artifact = self.artifacts.get(path)
        if artifact is None:
            return None
        text = artifact.text.splitlines()
        first = next((index for index, each in enumerate(text) if each.startswith(start)), None)
        return "\n".join(text[first : first + lines]).rstrip() if first is not None else None
