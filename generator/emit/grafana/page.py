"""The page of a dashboard: which panel stands where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Data = dict[str, Any]
PAGE = 24
"""Columns of a dashboard."""


class Panel(NamedTuple):
    """A panel that has no place yet."""

    width: int
    height: int
    content: Data


class Section(NamedTuple):
    """A row with a heading, and the panels below it."""

    title: str
    panels: Sequence[Panel]


def placed(sections: Sequence[Section]) -> list[Data]:
    """The panels of all sections that have any, from left to right and from top to bottom."""
    found: list[Data] = []
    top = 0
    for section in sections:
        if not section.panels:
            continue
        found.append(
            {
                "id": len(found) + 1,
                "type": "row",
                "title": section.title,
                "collapsed": False,
                "gridPos": {"h": 1, "w": PAGE, "x": 0, "y": top},
                "panels": [],
            }
        )
        top += 1
        left = tallest = 0
        for panel in section.panels:
            if left + panel.width > PAGE:
                top, left, tallest = top + tallest, 0, 0
            place = {"h": panel.height, "w": panel.width, "x": left, "y": top}
            found.append({"id": len(found) + 1, **panel.content, "gridPos": place})
            left, tallest = left + panel.width, max(tallest, panel.height)
        top += tallest
    return found
