"""Monitoring: what is measured, promised, told, traced and logged."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, is_even, section, text
from document.yard import hostile, yard

from generator import alerts
from generator.catalog import MADE
from generator.document import Context, Links
from generator.document.views import monitoring
from generator.emit import prometheus, telemetry
from generator.pipeline import understand

TITLE = "Monitoring and Observability"


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    for line in (
        "| breakers | 2 | `component`, `peer` |",
        "where a row says nothing else, 14.4 × in 1h and 5m (critical), 6 × in 6h and 30m (critical)",
        "| `boats` | `boats-availability` | 99.9 % | – | requests | 43.2 min | as above |",
        "| `boats` | `boats-latency-p95` | 95 % | 300ms | requests | – | as above |",
        "| `HighErrorRate` | Too many requests are answered with a server error. | warning | 3m | 7% | 3 | 3 |",
        "| `crew`, also for `dock` | pager | pager | 20 |",
        "5% of the traces are kept, beside all with an error.",
        "- **Retention:** undecided; `observability.logs.retention` says it.",
        "kept for 90d",
        "- **images:** Images are signed.",
    ):
        assert line in found.replace(".", "."), line


def test_nothing_to_say(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    assert "Undecided: what is promised; `quality.availability` and `quality.latency`" in found
    assert "Undecided: by which chat, mail server or pager teams are told; `observability.alerting` says it." in found
    assert "all traces are kept." in found


def test_scopes(tmp_path: Path) -> None:
    assert "| handled messages | 1 |" in section(text(tmp_path, yard(), "messaging"), TITLE)
    assert "| breakers |" not in section(text(tmp_path, yard(), "messaging"), TITLE)


def test_text_that_tries_to_be_more(tmp_path: Path) -> None:
    assert is_even(section(text(tmp_path, hostile()), TITLE))


@pytest.mark.parametrize("name", ["enterprise-expansion", "harbour-bikes"])
def test_excerpts_and_numbers(name: str) -> None:
    graph, findings = understand(ROOT / "contracts" / name)
    assert graph is not None, findings
    made = {
        f"{kind}/{each.path}": each
        for kind, emit in (("prometheus", prometheus.emit), ("telemetry", telemetry.emit))
        for each in emit(graph)
    }
    found = monitoring.view(Context(graph, made, MADE, [], frozenset(), Links("", "", "", lines=False, known=frozenset(made))))
    for excerpt in (found.rule, found.collector):
        assert excerpt is not None and excerpt.text in made[excerpt.path].text and len(excerpt.text.splitlines()) <= 25
    assert found.rule is not None and "runbook_url" in found.rule.text
    assert sum(each.number for each in found.raised) == len(alerts.alerts(graph)) == sum(each.alerts for each in found.told)
