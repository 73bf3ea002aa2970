"""The findings that only the whole graph can give: each of them a judgement, which a team can accept with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.diagnostics import Diagnostic
from generator.graph import Graph
from generator.review.architecture import (
    availability,
    budgets,
    capacity,
    coupling,
    data,
    design,
    events,
    mesh,
    personal,
    retries,
    sagas,
    security,
)

RULES: tuple[Callable[[Graph], Iterator[Diagnostic]], ...] = (
    *budgets.RULES,
    *retries.RULES,
    *availability.RULES,
    *capacity.RULES,
    *events.RULES,
    *data.RULES,
    *personal.RULES,
    *sagas.RULES,
    *security.RULES,
    *mesh.RULES,
    *coupling.RULES,
    *design.RULES,
)
DATED_RULES: tuple[Callable[[Graph, str], Iterator[Diagnostic]], ...] = (*coupling.DATED_RULES,)
"""Rules that need to know what day it is, `2026-11-26`."""
