"""Runbooks: for each alert a page that says what it means, what it threatens, how to check and how to act, all of it from the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from generator import names
from generator.alerts import USUAL, Alert
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.prometheus import alerting, effects, steps
from generator.graph import Graph
from generator.text import generated_by, markdown_code, markdown_link, markdown_list, markdown_table, markdown_text

CONDITION = "It is raised when one of these conditions has held for so long:"


def pages(graph: Graph, alerts: Sequence[Alert]) -> Iterator[Artifact]:
    """One for each name and subject; alerts that differ in their labels alone share it."""
    known = {each.runbook for each in alerts}
    for path, group in groupby(alerts, key=lambda each: each.runbook):
        alike = list(group)
        first = [alike[0].component.at] if alike[0].component is not None else []
        because = tuple({at.span: at for at in (*first, *(at for each in alike for at in each.because))}.values())
        sections = [
            _head(graph, alike, because),
            _section("What it means", _meaning(graph, alike)),
            _section("What it threatens", _bullets(effects.threatened(graph, alike))),
            _section("How to check", _numbered([*steps.checks(graph, alike, known), *map(markdown_text, alike[0].check)])),
            _section("How to act", _numbered([*steps.actions(graph, alike), *map(markdown_text, alike[0].act), *_own(alike[0])])),
        ]
        yield Artifact(path, "\n".join(sections), because)
    named = {each.page: tuple(one.because[-1] for one in alerts if one.page == each.page) for each in alerts if each.page is not None}
    for page, sources in sorted(named.items()):
        text = f"<!-- {generated_by(graph.name, sources[:1])} A copy of {page}. -->\n{graph.system.pages[page]}"
        yield Artifact(TEAM / page, text, sources)


TEAM = PurePosixPath("runbooks") / "_team"
"""Copies of the teams' own pages; no component has such a name."""


def _own(alert: Alert) -> list[str]:
    return [f"The team's own page: {markdown_link(alert.page, f'../{TEAM.name}/{alert.page}')}."] if alert.page else []


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}"


def _head(graph: Graph, alike: Sequence[Alert], because: tuple[At, ...]) -> str:
    alert = alike[0]
    known = graph.owner(alert.owner)
    team = " · ".join(markdown_text(each) for each in (known.title or names.title(known.name), known.email, known.chat) if each)
    severities = " or ".join(dict.fromkeys(each.severity for each in alike))
    heading = f"# {alert.name}: {markdown_text(alert.subject)}\n"
    facts = [f"Team: {team}", f"Severity: {severities}", *([_summary(alert)] if _summary(alert) else [])]
    return f"<!-- {generated_by(graph.name, because[:1])} -->\n{heading}\n{_bullets(facts)}"


def _summary(alert: Alert) -> str:
    """What the component is for, for those who do not know it."""
    component = alert.component
    if component is None or not (component.summary or component.title):
        return ""
    return f"{markdown_text(component.title or names.title(component.name))}: {markdown_text(component.summary or '')}"


def _meaning(graph: Graph, alike: Sequence[Alert]) -> str:
    usual = USUAL[alike[0].name]
    rows = [
        [
            markdown_code(" ".join(each.labels.values()) or each.subject),
            each.severity,
            str(each.pending),
            markdown_code(alerting.expression(each)),
        ]
        for each in alike
    ]
    return f"{usual.meaning} {CONDITION}\n\n{markdown_table(['About', 'Severity', 'For', 'Condition'], rows)}"


def _bullets(items: Sequence[str]) -> str:
    return markdown_list(items, ordered=False)


def _numbered(items: Sequence[str]) -> str:
    return markdown_list(items, ordered=True)
