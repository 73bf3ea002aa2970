"""Panels: what Grafana draws of a query."""

from __future__ import annotations

import string
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from generator.emit.grafana.links import Links, prometheus
from generator.emit.grafana.page import PAGE, Data, Panel
from generator.graph import Graph
from generator.promql import Expression

SHARE, SECONDS, NUMBER, TIMES = "percentunit", "s", "short", "suffix:×"
REQUESTS, MESSAGES, EVENTS = "reqps", "mps", "eps"
"""Units by their names in Grafana; the last are of each a second."""
GREEN, ORANGE, RED = "green", "orange", "red"
NOWHERE = Links()
INSTANT_TABLE = {"format": "table", "instant": True, "range": False}


class Query(NamedTuple):
    """What is asked of Prometheus, and the legend of each series that it finds: names of labels in double braces."""

    expression: Expression
    legend: str


class Step(NamedTuple):
    """From a value on, a colour."""

    value: Decimal | float
    colour: str = RED


def lines(
    graph: Graph,
    title: str,
    description: str,
    unit: str,
    queries: Sequence[Query],
    *,
    steps: Sequence[Step] = (),
    leads: Links = NOWHERE,
    width: int = 8,
) -> Panel:
    """Series over time, with a dashed line at each step."""
    drawn: Data = {"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": 10, "showPoints": "never"}
    if steps:
        drawn["thresholdsStyle"] = {"mode": "dashed"}
    defaults = {
        "unit": unit,
        "min": 0,
        "color": {"mode": "palette-classic-by-name"},
        "custom": drawn,
        **(_thresholds(steps) if steps else {}),
        **({"links": list(leads.usual)} if leads.usual else {}),
    }
    options = {
        "legend": {"showLegend": True, "displayMode": "table", "placement": "bottom", "calcs": ["lastNotNull", "max"]},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    content = {
        **_head(graph, "timeseries", title, description),
        "fieldConfig": {"defaults": defaults, "overrides": list(leads.overrides)},
        "options": options,
        "targets": [{**_target(number, each), "range": True} for number, each in enumerate(queries)],
    }
    return Panel(width, 8, content)


def number(
    graph: Graph,
    title: str,
    description: str,
    unit: str,
    expression: Expression,
    *,
    steps: Sequence[Step] = (),
    lowest: str = GREEN,
) -> Panel:
    """One value as it is now, in the colour of its step."""
    content = {
        **_head(graph, "stat", title, description),
        "fieldConfig": {
            "defaults": {"unit": unit, "color": {"mode": "thresholds"}, **_thresholds(steps, lowest)},
            "overrides": [],
        },
        "options": {
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "orientation": "auto",
            "textMode": "value",
            "wideLayout": True,
            "colorMode": "value" if steps else "none",
            "graphMode": "none",
            "justifyMode": "auto",
            "showPercentChange": False,
            "percentChangeColorMode": "standard",
        },
        "targets": [{**_target(0, Query(expression, "")), "instant": True, "range": False}],
    }
    return Panel(4, 4, content)


def states(graph: Graph, title: str, description: str, queries: Sequence[Query], texts: Sequence[tuple[str, str]], *, width: int) -> Panel:
    """Which of some states each series was in, over time; the texts with their colours are of 0, 1 and so on."""
    mappings = {str(value): {"index": value, "text": text, "color": colour} for value, (text, colour) in enumerate(texts)}
    content = {
        **_head(graph, "state-timeline", title, description),
        "fieldConfig": {
            "defaults": {
                "color": {"mode": "thresholds"},
                "mappings": [{"type": "value", "options": mappings}],
                "custom": {"fillOpacity": 70, "lineWidth": 0},
                **_thresholds([]),
            },
            "overrides": [],
        },
        "options": {
            "mergeValues": True,
            "showValue": "never",
            "alignValue": "left",
            "rowHeight": 0.8,
            "legend": {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []},
            "tooltip": {"mode": "single", "sort": "none"},
        },
        "targets": [{**_target(number, each), "range": True} for number, each in enumerate(queries)],
    }
    return Panel(width, 8, content)


class Column(NamedTuple):
    """A column of a table: the field that it shows, its heading, and how its values are written and coloured."""

    field: str
    title: str
    unit: str | None = None
    steps: Sequence[Step] = ()


def table(
    graph: Graph, title: str, description: str, expressions: Sequence[Expression], columns: Sequence[Column], *, height: int, sort: str = ""
) -> Panel:
    """A row for each set of labels that one of the queries finds now; values of several are joined, each in its column `Value #A`."""
    shown = {each.field: number for number, each in enumerate(columns)}
    hidden = {
        name: True
        for name in ("Time", "__name__", "Value", *(f"Value #{letter(each)}" for each in range(len(expressions))))
        if name not in shown
    }
    organized = {
        "excludeByName": hidden,
        "indexByName": shown,
        "renameByName": {each.field: each.title for each in columns},
    }
    content = {
        **_head(graph, "table", title, description),
        "fieldConfig": {
            "defaults": {"custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}},
            "overrides": [each for column in columns for each in _styled(column)],
        },
        "options": {
            "showHeader": True,
            "cellHeight": "sm",
            "frameIndex": 0,
            "sortBy": [{"displayName": sort, "desc": True}] if sort else [],
        },
        "transformations": [
            *([{"id": "merge", "options": {}}] if len(expressions) > 1 else []),
            {"id": "organize", "options": organized},
        ],
        "targets": [{**_target(number, Query(each, "")), **INSTANT_TABLE} for number, each in enumerate(expressions)],
    }
    return Panel(PAGE, height, content)


def _styled(column: Column) -> list[Data]:
    properties: list[Data] = []
    if column.unit is not None:
        properties.append({"id": "unit", "value": column.unit})
    if column.steps:
        properties.append({"id": "thresholds", "value": _thresholds(column.steps)["thresholds"]})
        properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    return [{"matcher": {"id": "byName", "options": column.title}, "properties": properties}] if properties else []


def _head(graph: Graph, type_: str, title: str, description: str) -> Data:
    return {"type": type_, "title": title, "description": description, "datasource": prometheus(graph)}


def _target(number: int, query: Query) -> Data:
    legend = {"legendFormat": query.legend} if query.legend else {}
    return {"refId": letter(number), "expr": query.expression, **legend}


def letter(number: int) -> str:
    """A to Z, then AA and so on."""
    alphabet = string.ascii_uppercase
    return alphabet[number] if number < len(alphabet) else letter(number // len(alphabet) - 1) + alphabet[number % len(alphabet)]


def _thresholds(steps: Sequence[Step], lowest: str = GREEN) -> Data:
    """Colours from each step on, and below the first."""
    ordered = [{"color": each.colour, "value": plain_number(each.value)} for each in sorted(steps, key=lambda each: float(each.value))]
    return {"thresholds": {"mode": "absolute", "steps": [{"color": lowest, "value": None}, *ordered]}}


def plain_number(value: Decimal | float) -> int | float:
    """As JSON has it."""
    return int(value) if value == int(value) else float(value)
