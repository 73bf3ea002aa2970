"""The dashboard of the objectives: what is promised, how much of it may be broken, and how fast that is used up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator import promql, recorded
from generator.alerts import COMPONENT, SLO
from generator.emit.grafana import burning
from generator.emit.grafana.page import Panel, Section
from generator.emit.grafana.panels import EVENTS, SHARE, TIMES, Column, Query, letter, lines, table
from generator.graph import Graph
from generator.objectives import PERIOD, Objective, burns
from generator.promql import Matcher
from generator.units import Duration

CHOSEN = {COMPONENT: Matcher("=~", f"${COMPONENT}")}
"""What is chosen on the dashboard; Grafana escapes what it puts there."""
PROMISE = f"{{{{{COMPONENT}}}}} {{{{{SLO}}}}}"


def sections(graph: Graph, promised: Sequence[Objective]) -> list[Section]:
    windows = sorted({window for each in promised for burn in burns(graph, each) for window in (burn.long, burn.short)})
    return [
        Section("Objectives", [_table(graph, promised, windows)]),
        Section("Budget Burn", [_burn(graph, promised, each) for each in windows]),
        Section("Events", list(_events(graph))),
    ]


def variable(promised: Sequence[Objective]) -> dict[str, Any]:
    """Of which components, or third parties, the objectives are shown."""
    names = sorted({each.subject for each in promised})
    every = {"text": "All", "value": "$__all"}
    return {
        "name": COMPONENT,
        "label": "Component",
        "type": "custom",
        "query": ",".join(names),
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": ["All"], "value": ["$__all"]},
        "options": [every, *({"text": name, "value": name} for name in names)],
    }


def _table(graph: Graph, promised: Sequence[Objective], windows: Sequence[Duration]) -> Panel:
    expressions = [
        f"1 - {promql.select(recorded.BUDGET, CHOSEN)}",
        promql.select(recorded.BUDGET, CHOSEN),
        *(burning.rate(each, CHOSEN) for each in windows),
    ]
    columns = [
        Column(COMPONENT, "Component"),
        Column(SLO, "Objective"),
        Column("Value #A", "Target", SHARE),
        Column("Value #B", "Budget", SHARE),
        *(
            Column(f"Value #{letter(number + 2)}", f"Burn {each}", TIMES, burning.steps_in(graph, promised, each))
            for number, each in enumerate(windows)
        ),
    ]
    text = "How many times as fast as it may each budget burns, in each window that is watched: at 1 it lasts exactly as long as it should."
    sort = f"Burn {windows[0]}" if windows else ""
    return table(graph, "Budgets", text, expressions, columns, height=min(4 + len(promised), 14), sort=sort)


def _burn(graph: Graph, promised: Sequence[Objective], window: Duration) -> Panel:
    whole = PERIOD.milliseconds / window.milliseconds
    text = f"Over {window}: at 1 a budget lasts exactly {PERIOD}, at {whole:g} it is used up in that time. Dashed: where an alert may be raised."
    query = Query(burning.rate(window, CHOSEN), PROMISE)
    return lines(graph, f"Budget Burn over {window}", text, TIMES, [query], steps=burning.steps_in(graph, promised, window), width=12)


def _events(graph: Graph) -> Iterator[Panel]:
    bad = Query(promql.select(recorded.bad_ratio(recorded.WINDOW), CHOSEN), PROMISE)
    yield lines(graph, "Bad Events", "Share of the events that break each objective.", SHARE, [bad], width=12)
    every = Query(promql.select(recorded.SLO_EVENTS, CHOSEN), PROMISE)
    yield lines(graph, "Events", "Events a second that each objective counts.", EVENTS, [every], width=12)
