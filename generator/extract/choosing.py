"""One value out of several statements: agreement raises confidence, the higher authority wins, and equals that disagree are left open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from generator.extract.annotated import Noted
from generator.extract.facts import Confidence, Fact, Source
from generator.extract.resolving import Question


@dataclass(slots=True)
class Open:
    """Questions that come up while a draft is written."""

    questions: list[Question] = field(default_factory=list)

    def ask(self, text: str, settles: Iterable[str] = (), sources: Iterable[Source] = ()) -> None:
        self.questions.append(Question(text, tuple(dict.fromkeys(settles)), tuple(dict.fromkeys(sources))))


def confidence_of(facts: Sequence[Fact]) -> Confidence:
    """The best of the statements; two sources that agree are surer than each alone."""
    best = max(fact.confidence for fact in facts)
    return Confidence.SURE if best is Confidence.LIKELY and len({fact.source for fact in facts}) > 1 else best


def note(facts: Sequence[Fact]) -> str:
    """`design.md:12, sure`, of the statement that says it best; how many say it, too."""
    ordered = sorted(facts, key=lambda fact: (-fact.confidence, -fact.authority, fact.source))
    others = len({fact.source for fact in facts}) - 1
    return f"{ordered[0].source}, {confidence_of(facts).word}" + (f" (and {others} more)" if others else "")


def chosen(facts: Sequence[Fact], key: str, parse: Callable[[str], object | None], what: str, settles: str, open_: Open) -> Noted | None:
    """The value that the statements give; where they disagree the question names both lines, and equals are left out."""
    values: dict[object, list[Fact]] = {}
    for fact in facts:
        text = fact.values.get(key)
        value = parse(text) if text else None
        if value is not None:
            values.setdefault(value, []).append(fact)
    if not values:
        return None
    if len(values) == 1:
        [(value, stated)] = values.items()
        return Noted(value, note(stated))
    ranked = sorted(values.items(), key=lambda each: (-max(fact.authority for fact in each[1]), each[1][0].source))
    first, second = ranked[0], ranked[1]
    wins = max(fact.authority for fact in first[1]) > max(fact.authority for fact in second[1])
    taken = f"{first[0]} is taken for now" if wins else "none is taken"
    stated_text = ", ".join(f"{value} ({', '.join(str(fact.source) for fact in stated)})" for value, stated in ranked)
    open_.ask(
        f"What is {what}? The documents say {stated_text}; {taken}.", (settles,), [fact.source for _, stated in ranked for fact in stated]
    )
    return Noted(first[0], note(first[1])) if wins else None


def first_text(facts: Sequence[Fact], key: str, longest: int = 400) -> Noted | None:
    """A text that may be said in many ways: the one of the highest authority."""
    stated = sorted((fact for fact in facts if fact.values.get(key)), key=lambda fact: (-fact.authority, fact.source))
    text = plain(stated[0].values[key])[:longest] if stated else ""
    return Noted(text, note(stated[:1])) if text else None


def plain(text: str) -> str:
    """Without the marks of code."""
    return re.sub(r"`", "", text).strip()
