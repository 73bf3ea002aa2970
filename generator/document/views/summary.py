"""One page: what the system is, how its parts talk, what was decided, what is risky, what is open."""

from __future__ import annotations

import re
from dataclasses import dataclass

from generator.diagnostics import Diagnostic, Severity, counted
from generator.document import diagrams
from generator.document.context import Context
from generator.document.markdown import Markdown
from generator.model import Decision, OpenQuestion, Risk


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    singular: str
    plural: str | None = None

    @property
    def what(self) -> str:
        return self.singular if self.number == 1 else self.plural or f"{self.singular}s"


@dataclass(frozen=True, slots=True)
class Summary:
    summary: str | None
    counts: tuple[Count, ...]
    synchronous: int
    """Edges by which somebody waits for an answer."""
    asynchronous: int
    """Edges by messages."""
    diagram: Markdown
    decisions: tuple[Decision, ...]
    risks: tuple[Risk, ...]
    findings: tuple[Diagnostic, ...]
    """Warnings and errors that nobody has accepted."""
    accepted: int
    questions: tuple[OpenQuestion, ...]
    """Those that are due on a day, the earliest first, or else the first few."""
    further: int
    """Open questions beside those."""


FEW = 7


def view(context: Context) -> Summary:
    graph = context.graph
    document = graph.system.document
    counts = (
        Count(len(graph.components), "component"),
        Count(len(graph.interfaces), "interface"),
        Count(sum(len(each.methods) for each in graph.interfaces), "operation"),
        Count(len(graph.topics), "event"),
        Count(len(graph.queues), "command"),
        Count(len(graph.externals), "third party", "third parties"),
        Count(sum(each.use is None for each in graph.accesses), "store"),
        Count(len(graph.pipelines), "data flow"),
        Count(len(graph.sagas), "saga"),
    )
    messages = sum(len(each.subscriptions) for each in graph.topics) + sum(len(each.senders) for each in graph.queues)
    findings = tuple(each for each in counted(context.findings) if each.severity is not Severity.INFO)
    dated = sorted((each for each in document.open_questions if each.needed_by), key=lambda each: (each.needed_by, _natural(each.name)))
    questions = dated or sorted(document.open_questions, key=lambda each: _natural(each.name))[:FEW]
    return Summary(
        summary=graph.system.header.summary,
        counts=tuple(each for each in counts if each.number),
        synchronous=len(graph.calls),
        asynchronous=messages,
        diagram=diagrams.landscape(graph),
        decisions=document.decisions,
        risks=document.risks,
        findings=findings,
        accepted=sum(each.accepted is not None for each in context.findings),
        questions=tuple(questions),
        further=len(document.open_questions) - len(questions),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """`OQ-2` before `OQ-10`."""
    return [(int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name)]
