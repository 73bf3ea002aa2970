"""What the contract leaves open: which key settles it, for what, and which open question asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.graph import Graph, derived


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is not said of several."""

    key: str
    """That would say it: `stores.<store>.rpo`."""
    subjects: tuple[str, ...]
    questions: tuple[str, ...]
    """Names of the open questions that will settle it, for any of them."""


@derived
def questions(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Names of open questions by the place of the contract that their answer fills in."""
    found: dict[str, list[str]] = {}
    for question in graph.system.document.open_questions:
        for place in question.settles:
            found.setdefault(place, []).append(question.name)
    return {place: tuple(names) for place, names in found.items()}


def asked(graph: Graph, *places: str) -> tuple[str, ...]:
    """The open questions that will settle any of the places."""
    return tuple(dict.fromkeys(name for each in places for name in questions(graph).get(each, ())))


def gaps(graph: Graph, key: str, subjects: Iterable[tuple[str, str]]) -> tuple[Gap, ...]:
    """Of subjects, each with its place, one gap; none where nothing is missing."""
    found = tuple(subjects)
    names = tuple(dict.fromkeys(name for name, _ in found))
    return (Gap(key, names, asked(graph, *(place for _, place in found))),) if found else ()
