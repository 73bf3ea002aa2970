"""The runbook of each alert, as it is emitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from generator import receivers, signals
from generator.alerts import Alert, alerts
from generator.document.context import Context
from generator.model import Owner, Severity


@dataclass(frozen=True, slots=True)
class Runbook:
    """A page, and the alerts that name it."""

    alert: str
    path: str
    severities: tuple[Severity, ...]
    about: tuple[str, ...]
    """What tells its alerts from each other: the peer, the channel and group, the objective."""
    own: str | None
    """Path of the team's own page."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A component, third party or system, who answers for it, and who is told."""

    name: str
    owner: Owner
    told: Owner
    runbooks: tuple[Runbook, ...]


@dataclass(frozen=True, slots=True)
class AppendixF:
    served: str | None
    """Address under which the pages are served."""
    subjects: tuple[Subject, ...]
    alerts: int
    pages: int


def view(context: Context) -> AppendixF:
    graph = context.graph
    found = alerts(graph)
    subjects = []
    for name, group in groupby(found, key=lambda each: each.subject):
        raised = list(group)
        owner = raised[0].owner
        subjects.append(Subject(name, graph.owner(owner), receivers.told(graph, owner), tuple(_runbooks(raised))))
    pages = sum(len(each.runbooks) for each in subjects)
    return AppendixF(signals.observability(graph).runbooks, tuple(subjects), len(found), pages)


def _runbooks(raised: list[Alert]) -> Iterator[Runbook]:
    for path, group in groupby(raised, key=lambda each: each.runbook):
        alike = list(group)
        about = dict.fromkeys(" ".join(each.labels.values()) for each in alike if each.labels)
        own = f"prometheus/runbooks/_team/{alike[0].page}" if alike[0].page is not None else None
        severities = tuple(dict.fromkeys(each.severity for each in alike))
        yield Runbook(alike[0].name, f"prometheus/{path}", severities, tuple(about), own)
