"""Dashboards hold together: each query finds what a rule records, each link leads somewhere, and no text of a contract is a variable."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import promql_parser
import pytest
import yaml
from conftest import ROOT

from generator.alerts import Alert, alerts
from generator.emit import grafana, prometheus
from generator.graph import Graph
from generator.pipeline import understand

SCENARIOS = ROOT / "tests" / "scenarios" / "grafana"
CONTRACTS = [*sorted(SCENARIOS.iterdir()), *sorted(each for each in (ROOT / "contracts").iterdir() if each.is_dir())]
VARIABLE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
"""What Grafana takes for one in any text (grafana, packages/grafana-data, variable regex)."""
Dashboard = dict[str, Any]


@functools.cache
def graph_of(folder: Path) -> Graph:
    graph, _ = understand(folder)
    assert graph is not None
    return graph


@functools.cache
def dashboards(folder: Path) -> dict[PurePosixPath, Dashboard]:
    return {each.path: json.loads(each.text) for each in grafana.emit(graph_of(folder)) if each.path.suffix == ".json"}


@functools.cache
def recorded(folder: Path) -> dict[str, list[Mapping[str, str]]]:
    """The labels of each series that a rule makes, by its name."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for artifact in prometheus.emit(graph_of(folder)):
        if artifact.path.parts[0] == "rules":
            for group in yaml.safe_load(artifact.text)["groups"]:
                for rule in group["rules"]:
                    labels = rule["labels"] if "record" in rule else {**rule["labels"], "alertname": rule["alert"], "alertstate": "firing"}
                    found.setdefault(rule.get("record", "ALERTS"), []).append(labels)
    return found


@pytest.fixture(params=CONTRACTS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


def test_every_query_finds_a_series_that_a_rule_makes(folder: Path) -> None:
    asked = 0
    for path, dashboard in dashboards(folder).items():
        for query in queries(dashboard):
            for selector in selectors(promql_parser.parse(query)):
                known = recorded(folder).get(selector.name, [])
                assert any(all(takes(matcher, labels) for matcher in selector.matchers.matchers) for labels in known), (path, query)
                asked += 1
    assert asked > 0


def takes(matcher: Any, labels: Mapping[str, str]) -> bool:
    """Whether a series has what is asked for; any does for a value that the reader chooses."""
    value = labels.get(matcher.name, "")
    if matcher.op == promql_parser.MatchOp.NotEqual:
        return bool(value != matcher.value)
    return bool(value) if matcher.value.startswith("$") else bool(value == matcher.value)


def test_each_dashboard_and_panel_has_a_name_and_a_place_of_its_own(folder: Path) -> None:
    found = dashboards(folder).values()
    uids = [each["uid"] for each in found]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", each) for each in uids)
    assert len({each["title"] for each in found}) == len(uids)
    for dashboard in found:
        assert len({each["id"] for each in dashboard["panels"]}) == len(dashboard["panels"])
        cells = [cell for panel in dashboard["panels"] for cell in taken(panel["gridPos"])]
        assert len(set(cells)) == len(cells)
        assert {column for column, _ in cells} <= set(range(24))
        assert all(each["description"] and each["title"] for each in dashboard["panels"] if each["type"] != "row")


def taken(place: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    return ((place["x"] + across, place["y"] + down) for across in range(place["w"]) for down in range(place["h"]))


def test_every_link_leads_to_a_dashboard(folder: Path) -> None:
    known = {each["uid"] for each in dashboards(folder).values()}
    names = {each["component"] for each in recorded(folder).get("component:requests:rate5m", [])}
    for dashboard in dashboards(folder).values():
        for panel in dashboard["panels"]:
            rules = panel.get("fieldConfig", {"defaults": {}, "overrides": []})
            own = {each["matcher"]["options"]: each["properties"][0]["value"] for each in rules["overrides"] if is_link(each)}
            for link in rules["defaults"].get("links", []):
                for name in names - own.keys():
                    assert link["url"].replace("${__field.labels.component}", name) in {f"/d/{uid}?${{__url_time_range}}" for uid in known}
            assert {link["url"].split("?")[0] for links in own.values() for link in links} <= {f"/d/{uid}" for uid in known}
        assert {link["url"].split("?")[0] for link in dashboard["links"] if "url" in link} <= {f"/d/{uid}" for uid in known}


def is_link(override: Mapping[str, Any]) -> bool:
    return bool(override["properties"][0]["id"] == "links")


def test_every_component_that_an_alert_is_about_has_a_dashboard(folder: Path) -> None:
    """Runbooks send people there."""
    about = {each.subject for each in raised(folder) if each.component is not None}
    assert {PurePosixPath("dashboards/components") / f"{name}.json" for name in about} <= set(dashboards(folder))


def raised(folder: Path) -> tuple[Alert, ...]:
    return alerts(graph_of(folder))


def test_no_text_of_a_contract_is_a_variable() -> None:
    for dashboard in dashboards(SCENARIOS / "hostile-names").values():
        texts = [dashboard["title"], dashboard.get("description", "")]
        texts += [panel[key] for panel in dashboard["panels"] for key in ("title", "description") if key in panel]
        assert [each for each in texts if VARIABLE.search(each)] == []
        assert [each for each in texts if "\n" in each] == []


def test_provisioning_expands_to_what_the_contract_says() -> None:
    graph = graph_of(SCENARIOS / "hostile-names")
    [provider, *_] = [each for each in grafana.emit(graph) if each.path.parent.name == "dashboards" and each.path.suffix == ".yaml"]
    folder = yaml.safe_load(provider.text)["providers"][0]["folder"]
    assert re.sub(r"\$\$", "$", folder) == graph.system.header.title
    assert not re.search(r"(?<!\$)(\$\$)*\$(?!\$)", folder), "an odd number of dollars would be a variable of Grafana's environment"


def queries(dashboard: Dashboard) -> Iterator[str]:
    return (target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))


def selectors(node: Any) -> Iterator[Any]:
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("expr", "lhs", "rhs", "args"):
        inner = getattr(node, name, None)
        for each in inner if isinstance(inner, list) else [inner] if inner is not None else []:
            yield from selectors(each)
