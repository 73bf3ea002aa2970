"""promtool test rules: every unit test of the rules passes, in a Prometheus that runs on the test's own series and clock."""

from __future__ import annotations

import os
import posixpath
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from xml.etree import ElementTree as ET

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import words
from generator.prove.openapi_spec import LOADER, place
from generator.prove.promtool import OF_LINE, PROMTOOL, rule_files, test_files

TOOL = "promtool test rules"
PROVES = "every unit test of the rules passes, each alert is expected by one of them, and none is about an alert that is not there"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "promtool-test-rules"
LONGEST = 1200
UNNAMED = "unnamed#"
"""How promtool calls a test without a name, before its number."""


def available() -> str | None:
    return PROMTOOL.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """As many files at a time as there are processors, since promtool uses one; and what it lets pass that proves nothing."""
    tests = test_files(files)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda file: _run(folder, file), tests):
            yield from found
    yield from _untested(folder, rule_files(files), tests)


def _run(folder: Path, file: PurePosixPath) -> list[Diagnostic]:
    """The report names each test, which what it prints does not."""
    with tempfile.TemporaryDirectory(prefix="interlock-promtool-") as scratch:
        report = Path(scratch) / "report.xml"
        done = PROMTOOL.run("test", "rules", f"--junit={report}", str(file), folder=folder)
        try:
            suites = ET.parse(report).getroot()  # noqa: S314 - promtool has written it
        except (OSError, ET.ParseError):
            return [Diagnostic(f"{CODE}/failed", Span(str(file)), words(done))]
    found = [each for suite in suites for each in _failures(folder, file, suite)]
    if done.returncode != 0 and not found:
        return [Diagnostic(f"{CODE}/failed", Span(str(file)), words(done))]
    return found


def _failures(folder: Path, file: PurePosixPath, suite: ET.Element) -> Iterator[Diagnostic]:
    for case in suite:
        for refusal in case:
            text = (refusal.text or "").replace("yaml: unmarshal errors:", "").strip()
            at_line = OF_LINE.match(text)
            if at_line:
                yield Diagnostic(f"{CODE}/unreadable", Span(str(file), int(at_line["line"])), at_line["words"])
            else:
                yield Diagnostic(f"{CODE}/{refusal.tag}", _test(folder, file, case.get("name", "")), " ".join(text.split())[:LONGEST])


def _test(folder: Path, file: PurePosixPath, name: str) -> Span:
    text = (folder / file).read_text(encoding="utf-8")
    if name.startswith(UNNAMED):
        return place(text, file, ["tests", int(name.removeprefix(UNNAMED))])
    try:
        tests = yaml.load(text, LOADER)["tests"]  # noqa: S506 - one of the two safe loaders
        return place(text, file, ["tests", next(index for index, test in enumerate(tests) if test.get("name") == name), "name"])
    except (yaml.YAMLError, LookupError, TypeError, StopIteration):
        return Span(str(file))


# --- what promtool lets pass ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """An alerting rule, and those of its labels that are the same for all that it raises."""

    file: PurePosixPath
    line: int
    name: str
    labels: Mapping[str, str]


def _untested(folder: Path, rules: Sequence[PurePosixPath], tests: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Rule files that are not there, alerts that are not there, and alerts that no test ever expects."""
    alerts = [alert for file in rules for alert in _alerts(folder, file)]
    expected: set[int] = set()
    for file in tests:
        text = (folder / file).read_text(encoding="utf-8")
        test = _mapping(text)
        loaded = [PurePosixPath(posixpath.normpath(file.parent / str(name))) for name in test.get("rule_files") or ()]
        for index, rule_file in enumerate(loaded):
            if rule_file not in rules:
                yield Diagnostic(f"{CODE}/no-rules", place(text, file, ["rule_files", index]), f"there is no file of rules {rule_file}")
        for path, case in _cases(test):
            raising = [index for index, alert in enumerate(alerts) if alert.file in loaded and alert.name == case.get("alertname")]
            if not raising:
                message = f"no rule that is loaded here raises {case.get('alertname')}"
                yield Diagnostic(f"{CODE}/no-alert", place(text, file, path), message)
            for each in case.get("exp_alerts") or ():
                labels = each.get("exp_labels") or {}
                expected |= {index for index in raising if alerts[index].labels.items() <= labels.items()}
    for index, alert in enumerate(alerts):
        if index not in expected:
            yield Diagnostic(f"{CODE}/untested", Span(str(alert.file), alert.line), f"no test expects this {alert.name} to fire")


def _alerts(folder: Path, file: PurePosixPath) -> Iterator[Alert]:
    text = (folder / file).read_text(encoding="utf-8")
    for number, group in enumerate(_mapping(text).get("groups") or ()):
        for index, rule in enumerate(group.get("rules") or ()):
            labels = {**(group.get("labels") or {}), **(rule.get("labels") or {})}
            fixed = {name: value for name, value in labels.items() if "{{" not in str(value)}
            if "alert" in rule:
                yield Alert(file, place(text, file, ["groups", number, "rules", index]).line, rule["alert"], fixed)


def _cases(test: Mapping[str, Any]) -> Iterator[tuple[list[str | int], dict[str, Any]]]:
    for index, group in enumerate(test.get("tests") or ()):
        for number, case in enumerate(group.get("alert_rule_test") or ()):
            yield ["tests", index, "alert_rule_test", number], case


def _mapping(text: str) -> dict[str, Any]:
    """Nothing where it cannot be read, which promtool has said."""
    try:
        found = yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}
