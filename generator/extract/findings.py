"""What is collected while the documents are read, and what rules know while they look at a block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.mentions import Mention
from generator.extract.naming import (
    Entity,
    Names,
    Sighting,
    name_words,
)
from generator.extract.outline import Placed

PROSE_LIKELY = (Confidence.LIKELY, Authority.PROSE)
CALLABLE = ("component", "external")


@dataclass(slots=True)
class Findings:
    """What one pass over the documents has found."""

    facts: list[Fact] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    understood: set[Source] = field(default_factory=set)
    unknown: dict[str, Source] = field(default_factory=dict)
    """Names that are called in a sentence and that no list of components has, with their first line."""

    def state(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.understood.add(fact.source)

    def see(self, text: str, kind: str, weight: int, source: Source, others: tuple[str, ...] = ()) -> None:
        self.sightings.append(Sighting(text, kind, weight, source, others))
        self.understood.add(source)


@dataclass(frozen=True, slots=True)
class Page:
    """What rules know while they look at a block: the names, who is described, how strictly new names are judged."""

    names: Names
    findings: Findings
    has_inventory: bool
    titles: Sequence[str] = ()
    """What the system and its documents are called."""
    last: list[Mention] = field(default_factory=list)
    things: list[Mention] = field(default_factory=list)
    met: list[Entity] = field(default_factory=list)
    """Components that the paragraph has spoken of, the latest first."""
    spoken: list[Entity] = field(default_factory=list)
    """The component that the section has spoken of last."""
    assumed: str | None = None
    """The protocol of calls to others that are told without one, where the documents say so."""
    awaited: list[str] = field(default_factory=list)
    """Events of which the paragraph has said that it tells who consumes them."""
    line: list[Source] = field(default_factory=list)
    """Where the sentence stands that is being read."""

    @property
    def at(self) -> Source:
        return self.line[-1] if self.line else Source("", 0)

    def subject(self, placed: Placed) -> Entity | None:
        return self.names.find(placed.subject) if placed.subject else None

    def spoken_of(self, subject: Entity | None) -> Entity | None:
        """The component that the section is about, else the one that the sentence before was."""
        if subject and subject.kind == "component":
            return subject
        return next((each.entity for each in self.last if each.entity and each.kind == "component"), None)

    def is_system(self, text: str) -> bool:
        """The system itself is no part of itself."""
        words = _own_words(text)
        return bool(words) and any(words == _own_words(title) for title in self.titles)


def _own_words(text: str) -> list[str]:
    return [word for word in name_words(text) if word not in ("system", "platform")]
