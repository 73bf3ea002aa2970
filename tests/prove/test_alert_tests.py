"""The unit tests of the alerts are worth something: a rule that means something else does not pass them."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from conftest import ROOT

from generator.prove import promtool, promtool_tests

GOLDEN = ROOT / "tests" / "golden" / "prometheus"
Rule = dict[str, Any]


def rules() -> Iterator[tuple[str, str, int]]:
    """The first alert of each name in each scenario: scenario, file, number in its group."""
    seen: set[tuple[str, str]] = set()
    for path in sorted(GOLDEN.glob("*/rules/*.yaml")):
        for number, rule in enumerate(yaml.safe_load(path.read_text())["groups"][0]["rules"]):
            scenario = path.parent.parent.name
            if "alert" in rule and (scenario, rule["alert"]) not in seen:
                seen.add((scenario, rule["alert"]))
                yield scenario, path.name, number


def scaled(factor: float) -> Callable[[Rule], Rule | None]:
    """Every limit is another one; a state has none."""

    def mutate(rule: Rule) -> Rule | None:
        changed = re.sub(r"> ([\d.]+)", lambda found: f"> {float(found[1]) * factor:f}", rule["expr"])
        return {**rule, "expr": changed} if changed != rule["expr"] else None

    return mutate


def reversed_(rule: Rule) -> Rule | None:
    swapped = {">": "<", "==": "!="}
    changed = re.sub(r" (>|==) ", lambda found: f" {swapped[found[1]]} ", rule["expr"])
    return {**rule, "expr": changed} if changed != rule["expr"] else None


MUTATIONS: dict[str, Callable[[Rule], Rule | None]] = {
    "limit too high": scaled(3),
    "limit too low": scaled(0.3),
    "reversed": reversed_,
    "never": lambda rule: {**rule, "expr": f"({rule['expr']}) and on () vector(1) == 0"},
    "always": lambda rule: {**rule, "expr": f"vector({1 if 'absent' in rule['expr'] else 0.5})"},
    "too patient": lambda rule: {**rule, "for": "40m"},
    "owner of another": lambda rule: {**rule, "labels": {**rule["labels"], "owner": "nobody"}},
    "other severity": lambda rule: {**rule, "labels": {**rule["labels"], "severity": "info"}},
    "other words": lambda rule: {**rule, "annotations": {**rule["annotations"], "description": "{{ $value }}"}},
    "of another component": lambda rule: {**rule, "expr": re.sub(r'(component|service_name|job)="[^"]*"', r'\1="other"', rule["expr"])},
}


@pytest.mark.mutant
@pytest.mark.parametrize(("scenario", "file", "number"), list(rules()))
def test_a_rule_that_means_something_else_is_found(scenario: str, file: str, number: int, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / scenario, tmp_path / "prometheus")
    place = tmp_path / "prometheus" / "rules" / file
    original, number = narrowed(yaml.safe_load(place.read_text()), number, tmp_path / "prometheus" / "tests" / file)
    place.write_text(yaml.safe_dump(original, sort_keys=False, allow_unicode=True))
    asked = [PurePosixPath("rules") / file, PurePosixPath("tests") / file]
    assert list(promtool_tests.prove(tmp_path / "prometheus", asked)) == []
    survived = []
    for name, mutate in MUTATIONS.items():
        changed = copy.deepcopy(original)
        rule = mutate(changed["groups"][0]["rules"][number])
        if rule is not None:
            changed["groups"][0]["rules"][number] = rule
            place.write_text(yaml.safe_dump(changed, sort_keys=False))
            survived += [name] if not list(promtool_tests.prove(tmp_path / "prometheus", asked)) else []
    assert survived == [], original["groups"][0]["rules"][number]


def narrowed(rules: Rule, number: int, tests: Path) -> tuple[Rule, int]:
    """The file without the other alerts and their cases, and where the rule stands then: promtool evaluates all rules for each case."""
    of_group = rules["groups"][0]["rules"]
    rule = of_group[number]

    def is_alike(other: Rule) -> bool:
        return "record" in other or (other["alert"], other["labels"].get("slo")) == (rule["alert"], rule["labels"].get("slo"))

    kept = [each for each in of_group if is_alike(each)]
    cases = yaml.safe_load(tests.read_text())
    opening = f"{rule['alert']} {rule['labels']['slo']}:" if "slo" in rule["labels"] else ""
    cases["tests"] = [
        each
        for each in cases["tests"]
        if any(asked["alertname"] == rule["alert"] for asked in each["alert_rule_test"])
        and (each["name"].startswith(opening) or not each.get("input_series"))
    ]
    for each in cases["tests"]:
        each["alert_rule_test"] = [asked for asked in each["alert_rule_test"] if asked["alertname"] == rule["alert"]]
    tests.write_text(yaml.safe_dump(cases, sort_keys=False, allow_unicode=True))
    return {**rules, "groups": [{**rules["groups"][0], "rules": kept}]}, kept.index(rule)


RECORDED: dict[str, Callable[[Rule], Rule | None]] = {
    "other outcome": lambda rule: _replaced(rule, "STATUS_CODE_ERROR", "STATUS_CODE_OK"),
    "other kind of span": lambda rule: _replaced(rule, "SPAN_KIND_SERVER", "SPAN_KIND_INTERNAL"),
    "other kind of calling span": lambda rule: _replaced(rule, "SPAN_KIND_CLIENT", "SPAN_KIND_INTERNAL"),
    "other bucket": lambda rule: _replaced(rule, 'le="0', 'le="9'),
    "other label": lambda rule: {**rule, "labels": {**rule["labels"], "component": "other"}},
    "the whole is bad": lambda rule: _replaced(rule, ',status_code="STATUS_CODE_ERROR"', ""),
}


def _replaced(rule: Rule, old: str, new: str) -> Rule | None:
    return {**rule, "expr": rule["expr"].replace(old, new)} if old in rule["expr"] else None


@pytest.mark.mutant
@pytest.mark.parametrize(
    ("scenario", "file", "record"),
    [
        ("components", "orders.requests.yaml", "component:request_errors:rate5m"),
        ("edges", "tills.dependencies.yaml", "dependency:call_errors:rate5m"),
        ("messages", "stock.messages.yaml", "consumption:message_errors:rate5m"),
        ("objectives", "orders.objectives.yaml", "slo:bad_events:ratio_rate"),
    ],
)
def test_a_recorded_series_that_means_something_else_is_found(scenario: str, file: str, record: str, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / scenario, tmp_path / "prometheus")
    place = tmp_path / "prometheus" / "rules" / file
    original = yaml.safe_load(place.read_text())
    asked = [PurePosixPath("rules") / file, PurePosixPath("tests") / file]
    survived, tried = [], 0
    for name, mutate in RECORDED.items():
        changed = copy.deepcopy(original)
        found = changed["groups"][0]["rules"]
        mutated = [mutate(each) if each.get("record", "").startswith(record) else None for each in found]
        if any(each is not None for each in mutated):
            changed["groups"][0]["rules"] = [other or each for each, other in zip(found, mutated, strict=True)]
            place.write_text(yaml.safe_dump(changed, sort_keys=False))
            survived += [name] if not list(promtool_tests.prove(tmp_path / "prometheus", asked)) else []
            tried += 1
    assert tried > 1
    assert survived == []


@pytest.mark.parametrize(
    ("minute", "severities"),
    [(359, []), (385, ["critical", "warning"]), (440, ["warning"])],
    ids=["calm", "a burst is told, though the last six hours as a whole were not that bad", "told no more, an hour after it has ended"],
)
def test_the_windows_raise_and_end_an_alert(minute: int, severities: list[str], tmp_path: Path) -> None:
    """What only a long history shows; the generated tests have none, for they would take minutes."""
    golden = yaml.safe_load((GOLDEN / "messages" / "rules" / "stock.objectives.yaml").read_text())
    alerts = [each for each in golden["groups"][0]["rules"] if "alert" in each]
    for each in alerts:
        del each["annotations"]
    span = 'traces_span_metrics_calls_total{service_name="stock",span_kind="SPAN_KIND_CONSUMER",messaging_destination_name="a",status_code='
    minutes = 450
    series = [  # six hours of calm, 25 minutes in which every second message fails, and calm again
        {"series": f'{span}"STATUS_CODE_ERROR"}}', "values": f"0x360 50+50x24 1250x{minutes}"},
        {"series": f'{span}"STATUS_CODE_UNSET"}}', "values": f"0+100x360 36050+50x24 37350+100x{minutes}"},
    ]
    expected = [{"exp_labels": each["labels"]} for each in alerts if each["labels"]["severity"] in severities]
    assert len(expected) == len(severities)
    asked = {"eval_time": f"{minute}m", "alertname": "AvailabilityBudgetBurn", "exp_alerts": expected}
    test = {"interval": "1m", "input_series": series, "alert_rule_test": [asked]}
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(golden))
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}))
    done = promtool.PROMTOOL.run("test", "rules", "test.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
