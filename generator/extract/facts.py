"""What a document states: typed, located, with how sure that is."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


class Confidence(enum.IntEnum):
    """How directly a document says it: in so many words, by a form that nearly always means it, or by a hint."""

    GUESS = 1
    LIKELY = 2
    SURE = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Authority(enum.IntEnum):
    """Whose word counts when documents disagree: a table or a labelled line is kept up to date, prose and pictures are not."""

    PROSE = 1
    DIAGRAM = 2
    TABLE = 3


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A line of a document."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement: what kind, about which names (as written, later as the contract spells them), with which values."""

    kind: str
    names: tuple[str, ...]
    source: Source
    values: Mapping[str, str] = field(default_factory=dict)
    confidence: Confidence = Confidence.SURE
    authority: Authority = Authority.TABLE
    negated: bool = False

    def over(self, protocol: str) -> Fact:
        """The same, spoken over a protocol."""
        return replace(self, values={**self.values, "protocol": protocol})

    @property
    def order(self) -> tuple[object, ...]:
        return (self.source, self.kind, self.names, sorted(self.values.items()), self.negated)
