"""What was found, line by line, and what was not understood: for people and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.extract.drafting import Draft
from generator.extract.facts import Fact
from generator.text import one_line

VERBS = {
    "call": "calls",
    "message": "sends messages to",
    "publishes": "publishes",
    "consumes": "consumes",
    "owns": "owns",
    "reads": "reads",
    "writes": "writes",
    "touches": "uses",
    "depends": "depends on",
    "operation": "offers",
}


def report(draft: Draft) -> str:
    """Facts by source line with their confidence, then open questions, then the lines that say nothing to us."""
    return "".join(_lines(draft))


def _lines(draft: Draft) -> Iterator[str]:
    found = draft.understanding
    yield f"{draft.name}: {len(found.components)} components, {len(found.externals)} third parties, {len(draft.facts)} facts, {len(draft.questions)} open questions, {len(draft.not_understood)} lines not understood\n"
    yield "\nFacts\n"
    for fact in sorted(draft.facts, key=lambda each: each.order):
        yield f"  {fact.source}: {said(fact)} [{fact.confidence.word}]\n"
    yield "\nOpen questions\n"
    for question in draft.questions:
        yield f"  {question.name}: {one_line(question.text)}\n"
    yield "\nNot understood\n"
    for source, text in draft.not_understood:
        yield f"  {source}: {printable(text)}\n"


def said(fact: Fact) -> str:
    """A fact in words."""
    details = ", ".join(f"{key} {printable(value)}" for key, value in sorted(fact.values.items()) if value)
    verb = VERBS.get(fact.kind)
    denied = "does not hold: " if fact.negated else ""
    names = f"{fact.names[0]} {verb} {printable(fact.names[1])}" if verb else f"{fact.kind} {printable(fact.names[0])}"
    return f"{denied}{names}{f' ({details})' if details else ''}"


def printable(text: str) -> str:
    """One line in which no character does anything to a terminal."""
    return "".join(each if each.isprintable() else " " for each in one_line(text))[:200]


def report_data(draft: Draft) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "system": draft.name,
        "facts": [
            {
                "kind": fact.kind,
                "names": list(fact.names),
                "values": dict(fact.values),
                "file": fact.source.file,
                "line": fact.source.line,
                "confidence": fact.confidence.word,
                "denied": fact.negated,
            }
            for fact in sorted(draft.facts, key=lambda each: each.order)
        ],
        "questions": [
            {"name": each.name, "question": each.text, "settles": list(each.settles), "sources": [str(source) for source in each.sources]}
            for each in draft.questions
        ],
        "not_understood": [{"file": source.file, "line": source.line, "text": text} for source, text in draft.not_understood],
    }
