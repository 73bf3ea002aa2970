"""Names and links: what dashboards and data sources are known by, and the way from one to another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from generator import names
from generator.alerts import COMPONENT
from generator.graph import Graph
from generator.text import one_line

Data = dict[str, Any]
LONGEST_UID = 40


class Links(NamedTuple):
    """Where a series leads to: by rule, and by the name of the series."""

    usual: Sequence[Data] = ()
    overrides: Sequence[Data] = ()


def uid(*parts: str) -> str:
    """What a dashboard or data source is linked by: the parts, or where that is too long their beginning with a digest of the whole."""
    whole = "_".join(parts)
    if len(whole) <= LONGEST_UID:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: LONGEST_UID - len(digest) - 1]}_{digest}"


def overview_uid(graph: Graph) -> str:
    """No component has an empty name, so none of theirs is the same."""
    return uid(graph.name, "", "overview")


def objectives_uid(graph: Graph) -> str:
    return uid(graph.name, "", "objectives")


def component_uid(graph: Graph, name: str) -> str:
    return uid(graph.name, name)


def prometheus(graph: Graph) -> Data:
    """The data source that every panel asks."""
    return {"type": "prometheus", "uid": uid(graph.name, "", "prometheus")}


def title(graph: Graph) -> str:
    return graph.system.header.title or names.title(graph.name)


def plain(text: str) -> str:
    """Contract text as one line in which Grafana finds no variable: a word joiner stands where one would begin (Grafana, variable syntax)."""
    return re.sub(r"\$(?=[\w{])|\[(?=\[)", lambda found: f"{found.group()}\u2060", one_line(text))


def to_components(graph: Graph, components: Sequence[str]) -> Links:
    """From a series to the dashboard of its component; one whose name is too long for the rule has a link of its own."""
    label = f"${{__field.labels.{COMPONENT}}}"
    odd = [name for name in components if component_uid(graph, name) != f"{graph.name}_{name}"]
    named = [
        {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "links", "value": [_link(name, component_uid(graph, name))]}]}
        for name in odd
    ]
    return Links([_link(label, f"{graph.name}_{label}")], named)


def _link(title: str, uid: str) -> Data:
    return {"title": f"Dashboard of {title}", "url": f"/d/{uid}?${{__url_time_range}}"}


def to_dashboard(title: str, uid: str) -> Data:
    """From the head of a dashboard to another."""
    return {**HEAD_LINK, "title": title, "type": "link", "icon": "dashboard", "tags": [], "asDropdown": False, "url": f"/d/{uid}"}


def to_all(graph: Graph) -> Data:
    """From the head of a dashboard to any of the system, by what they are tagged with."""
    return {**HEAD_LINK, "title": "Dashboards", "type": "dashboards", "icon": "external link", "tags": [graph.name], "asDropdown": True}


HEAD_LINK: Data = {"tooltip": "", "targetBlank": False, "includeVars": False, "keepTime": True}
"""The chosen time goes along."""
