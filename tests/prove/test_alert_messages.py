"""Messages of alerts, as Alertmanager's own templates render them: what a team reads, and what a text of a contract cannot do there."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from generator.emit import alertmanager
from generator.graph import Graph
from generator.pipeline import understand
from generator.prove.amtool_config import AMTOOL

SCENARIOS = ROOT / "tests" / "scenarios" / "alertmanager"
LABELS = {"alertname": "HighCallErrorRate", "component": "shop", "owner": "counter", "peer": "ovens", "severity": "warning"}
CALLS = {
    "status": "firing",
    "labels": LABELS,
    "annotations": {
        "summary": "calls from shop to ovens fail",
        "description": "12% of <!channel> & {{ .Labels }} fail",
        "runbook_url": "https://runbooks.example.com/prometheus/runbooks/shop/HighCallErrorRate.md",
    },
    "startsAt": "2026-01-02T03:04:05Z",
}
GROUP = {
    "status": "firing",
    "alerts": [CALLS, {**CALLS, "status": "resolved"}],
    "groupLabels": {name: LABELS[name] for name in ("alertname", "component", "severity")},
    "commonLabels": {"environment": "production"},
    "commonAnnotations": {},
    "externalURL": "https://alerts.example.com",
}
FOREIGN = {
    "status": "firing",
    "alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}, "startsAt": "2026-01-02T03:04:05Z"}],
    "groupLabels": {"alertname": "Watchdog"},
}


@functools.cache
def graph_of(name: str) -> Graph:
    graph, _ = understand(SCENARIOS / name)
    assert graph is not None
    return graph


def rendered(template: str, data: dict[str, Any], folder: Path, kind: str = "text") -> str:
    assert AMTOOL.version() is not None, "make tools"
    for artifact in alertmanager.emit(graph_of("channels")):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    arguments = (f"--template.text={template}", f"--template.type={kind}", "--template.data=data.json")
    done = AMTOOL.run("template", "render", "--template.glob=templates/*.tmpl", *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_title_says_what_is_wrong_and_where(tmp_path: Path) -> None:
    title = rendered('{{ template "interlock.title" . }}', GROUP, tmp_path)
    assert title == "[FIRING:1] HighCallErrorRate of shop, warning, in production"
    assert rendered('{{ template "interlock.title" . }}', FOREIGN, tmp_path) == "[FIRING:1] Watchdog"


def test_each_alert_is_told_with_its_runbook(tmp_path: Path) -> None:
    text = rendered('{{ template "interlock.text" . }}', GROUP, tmp_path)
    first, second = text.strip().split("\n\n")
    assert first.splitlines() == [
        "calls from shop to ovens fail",
        "12% of <!channel> & {{ .Labels }} fail",
        "Component: shop",
        "Severity: warning",
        "Owner: counter",
        "Since: 2026-01-02 03:04:05 UTC",
        "Runbook: https://runbooks.example.com/prometheus/runbooks/shop/HighCallErrorRate.md",
    ]
    assert second.startswith("calls from shop to ovens fail (resolved)\n")
    assert rendered('{{ template "interlock.text" . }}', FOREIGN, tmp_path).splitlines()[0] == "Watchdog"


def test_what_an_alert_says_is_no_markup(tmp_path: Path) -> None:
    slack = rendered('{{ template "interlock.slack" . }}', GROUP, tmp_path)
    assert "12% of &lt;!channel&gt; &amp; {{ .Labels }} fail" in slack
    html = rendered('{{ template "interlock.html" . }}', GROUP, tmp_path, "html")
    assert "<p>12% of &lt;!channel&gt; &amp; {{ .Labels }} fail</p>" in html
    assert '<a href="https://runbooks.example.com/prometheus/runbooks/shop/HighCallErrorRate.md">Runbook</a>' in html


def test_a_runbook_without_an_address_is_no_link(tmp_path: Path) -> None:
    alert = {**CALLS, "annotations": {"summary": "x", "runbook_url": "javascript:alert(1)"}}
    html = rendered('{{ template "interlock.html" . }}', {**GROUP, "alerts": [alert]}, tmp_path, "html")
    assert "<p>Runbook: javascript:alert(1)</p>" in html
    assert html.count("<a ") == 1


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (("receivers", 0, "slack_configs", 0, "channel"), "#{{ .GroupLabels }}\"' `"),
        (("receivers", 0, "email_configs", 0, "to"), "{{.Status}}@example.com"),
        (("global", "smtp_from"), "{{.Status}}@example.com"),
    ],
    ids=["chat", "address", "sender"],
)
def test_a_text_of_a_contract_is_no_template(where: tuple[str | int, ...], said: str, tmp_path: Path) -> None:
    found: Any = yaml.safe_load(
        next(each.text for each in alertmanager.emit(graph_of("hostile-names")) if each.path.name == "alertmanager.yaml")
    )
    for part in where:
        found = found[part]
    assert rendered(found, GROUP, tmp_path) == said
