"""How fast budgets burn: what dashboards ask of the share of bad events and of the budget that is recorded beside it."""

from __future__ import annotations

from collections.abc import Sequence

from generator import promql, recorded
from generator.alerts import COMPONENT, SLO
from generator.emit.grafana.panels import ORANGE, RED, Step
from generator.graph import Graph
from generator.objectives import Objective, burns
from generator.promql import Expression, Labels
from generator.units import Duration

LABELS = (COMPONENT, SLO)


def rate(window: Duration, labels: Labels) -> Expression:
    """1 where the budget lasts exactly as long as it should."""
    return _over_budget(promql.select(recorded.bad_ratio(window), labels), labels)


def current(graph: Graph, objectives: Sequence[Objective], labels: Labels) -> Expression:
    """Of each objective in the shortest of its long windows: neither a moment nor days."""
    windows = sorted({shortest(graph, each) for each in objectives})
    ratios = promql.either([promql.select(recorded.bad_ratio(each), labels) for each in windows])
    return _over_budget(ratios if len(windows) == 1 else f"({ratios})", labels)


def _over_budget(ratios: Expression, labels: Labels) -> Expression:
    return f"{ratios} / on ({', '.join(LABELS)}) {promql.select(recorded.BUDGET, labels)}"


def shortest(graph: Graph, objective: Objective) -> Duration:
    return min((each.long for each in burns(graph, objective)), default=recorded.WINDOW)


def steps(graph: Graph, objectives: Sequence[Objective]) -> list[Step]:
    """Of the current burning: from 1 on the budget does not last, and from the lowest factor of its windows on somebody is told."""
    told = {burn.factor for each in objectives for burn in burns(graph, each) if burn.long == shortest(graph, each)}
    faster = sorted(each for each in told if each > 1)
    return [Step(1, ORANGE), Step(faster[0], RED)] if faster else [Step(1, RED)]


def steps_in(graph: Graph, objectives: Sequence[Objective], window: Duration) -> list[Step]:
    """Of the burning in a window: for each severity the lowest factor from which on somebody may be told."""
    found = [burn for each in objectives for burn in burns(graph, each) if window in (burn.long, burn.short)]
    lowest = {severity: min(each.factor for each in found if each.severity == severity) for severity in {each.severity for each in found}}
    return [Step(factor, RED if severity == "critical" else ORANGE) for severity, factor in sorted(lowest.items())]
