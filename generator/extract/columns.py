"""Which column of a table means what: by its head, else by what its cells look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from generator.extract.naming import HUMPS, is_topic, looks_like_event
from generator.extract.values import is_nothing
from generator.extract.vocabulary import column_of

MOSTLY = 0.6
"""Share of the cells of a column that have to be of one sort for the column to be of that sort."""
LEFTWARD = frozenset({"←", "<-", "<--", "<=", "⇐", "⟵", "<", "from"})
"""What a cell between two names says when the second calls the first."""


def columns_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Concept → number of the first column that has it."""
    found: dict[str, int] = {}
    for number, head in enumerate(heads):
        concept = column_of(head) or _looks([row[number] for row in rows if number < len(row)])
        if concept:
            found.setdefault(concept, number)
    return found


def share(cells: Sequence[str], is_so: Callable[[str], bool]) -> bool:
    """Whether most cells that say anything are of a sort, and more than one."""
    said = [cell for cell in cells if cell.strip() and not is_nothing(cell)]
    told = sum(1 for cell in said if is_so(cell))
    return told > 1 and told >= MOSTLY * len(said)


def is_turned(cells: Sequence[str]) -> bool:
    """Whether an arrow in a cell of its own points to the left."""
    return any(cell.strip("` ") in LEFTWARD for cell in cells)


def _looks(cells: Sequence[str]) -> str | None:
    codes = [re.sub(r"^`(.*)`$", r"\1", cell.strip()) for cell in cells]
    if share(codes, lambda cell: bool(HUMPS.fullmatch(cell)) and looks_like_event(cell)):
        return "event"
    return "topic" if share(codes, is_topic) else None
