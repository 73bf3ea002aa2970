"""Metric closure: every series that a rule, a unit test or a panel reads is one that an instrument or a rule makes, with those labels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import LOADER, place
from generator.prove.promql_labels import NONE, UNKNOWN_VALUE, Labels, Series, result
from generator.prove.promtool import test_files
from generator.tools import version

TOOL = "promql-parser"
PROVES = (
    "every expression parses, each series that it reads is one that an instrument or a rule makes, and has the labels that are asked for"
)
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

INSTRUMENTS = "instruments.yaml"
RAISED = ("ALERTS", "ALERTS_FOR_STATE")
"""Series that Prometheus makes of the alerts themselves."""
OF_ALERTS = frozenset({"alertname", "alertstate"})

TEMPLATE_LABEL = re.compile(r"\$labels\.(\w+)")
LEGEND_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")
LABEL_VALUES = re.compile(r"label_values\((?:(?P<selector>.*),)?\s*(?P<label>\w+)\s*\)")
QUERY_RESULT = re.compile(r"query_result\((?P<expression>.*)\)")
VARIABLE = re.compile(r"\$\{(?P<braces>[A-Za-z_]\w*)(?:[.:][^}]*)?\}|\$(?P<plain>[A-Za-z_]\w*)|\[\[(?P<brackets>\w+)(?::\w+)?\]\]")
OF_GRAFANA = {
    "__interval": "1m",
    "__rate_interval": "4m",
    "__range": "6h",
    "__interval_ms": "60000",
    "__range_s": "21600",
    "__range_ms": "21600000",
}
"""Variables that every dashboard has, with such values as they take."""


def available() -> str | None:
    return version(TOOL)


@dataclass(frozen=True, slots=True)
class Rule:
    """A recording or alerting rule, and where it is."""

    file: PurePosixPath
    path: tuple[str | int, ...]
    values: dict[str, Any]
    labels: dict[str, str]

    @property
    def expression(self) -> str:
        return str(self.values.get("expr", ""))


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What the kind's own files read, out of what its instruments, and those of the kinds beside it, make."""
    instruments = next((file for file in files if file.name == INSTRUMENTS), None)
    if instruments is None:
        yield Diagnostic(
            f"{TOOL}/no-instruments", Span(str(files[0])), f"there is no {INSTRUMENTS} that lists the series of the instruments"
        )
        return
    rules = [rule for file in files if file.parent.name == "rules" and file.suffix == ".yaml" for rule in _rules(folder, file)]
    known = _known(_load(folder, instruments), rules)
    for rule in rules:
        if rule.file.parts[0] != "..":
            yield from _judge_rule(folder, rule, known)
    for file in test_files(files):
        yield from _judge_tests(folder, file, known)
    for file in files:
        if file.suffix == ".json" and "dashboards" in file.parts and file.parts[0] != "..":
            yield from _judge_dashboard(folder, file, known)


# --- what there is ----------------------------------------------------------------------------------------------------


def _known(instruments: dict[str, Any], rules: Sequence[Rule]) -> dict[str, Series]:
    """Instruments, and what rules make of them; rules read one another, so it is asked until nothing is new."""
    known = {each["name"]: Series(frozenset(each["labels"]), each.get("values") or {}) for each in instruments["series"]}
    known |= {name: Series(OF_ALERTS) for name in RAISED}
    known |= {rule.values["record"]: Series(frozenset(rule.labels)) for rule in rules if "record" in rule.values}
    before: dict[str, Series] = {}
    while before != known:
        before = dict(known)
        for rule in rules:
            labels = _result(rule.expression, known) | rule.labels.keys()
            for name in [rule.values["record"]] if "record" in rule.values else RAISED:
                known[name] = Series(known[name].labels | labels, known[name].values)
    return known


def _result(expression: str, known: dict[str, Series]) -> Labels:
    """The labels alone: what is wrong with the expression is said where it is judged."""
    try:
        return result(expression, known)[0]
    except ValueError:
        return NONE


def _rules(folder: Path, file: PurePosixPath) -> Iterator[Rule]:
    for number, group in enumerate(_load(folder, file).get("groups") or ()):
        for index, values in enumerate(group.get("rules") or ()):
            labels = {**(group.get("labels") or {}), **(values.get("labels") or {})}
            yield Rule(file, ("groups", number, "rules", index), values, labels)


def _load(folder: Path, file: PurePosixPath) -> dict[str, Any]:
    """Nothing where it cannot be read, which the tool that reads it says."""
    text = (folder / file).read_text(encoding="utf-8")
    try:
        found = json.loads(text) if file.suffix == ".json" else yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except (ValueError, yaml.YAMLError):
        return {}
    return found if isinstance(found, dict) else {}


# --- what is read -----------------------------------------------------------------------------------------------------


def _judge_rule(folder: Path, rule: Rule, known: dict[str, Series]) -> Iterator[Diagnostic]:
    """Its expression, and the labels that the templates of an alert read, which are the expression's and not the rule's own."""
    at = _Place(folder, rule.file, rule.path)
    yield from _judge(rule.expression, known, at.of("expr"))
    labels = _result(rule.expression, known)
    for section in ("annotations", "labels"):
        for key, text in (rule.values.get(section) or {}).items():
            for label in TEMPLATE_LABEL.findall(str(text)):
                if label not in labels:
                    yield at.of(section, key).finding("no-label", f'the alert\'s expression has no label "{label}" for its template')


def _judge_tests(folder: Path, file: PurePosixPath, known: dict[str, Series]) -> Iterator[Diagnostic]:
    """A unit test on series that nothing makes proves nothing."""
    for number, test in enumerate(_load(folder, file).get("tests") or ()):
        at = _Place(folder, file, ("tests", number))
        for index, each in enumerate(test.get("input_series") or ()):
            yield from _judge(str(each.get("series", "")), known, at.of("input_series", index, "series"))
        for index, each in enumerate(test.get("promql_expr_test") or ()):
            yield from _judge(str(each.get("expr", "")), known, at.of("promql_expr_test", index, "expr"))


def _judge_dashboard(folder: Path, file: PurePosixPath, known: dict[str, Series]) -> Iterator[Diagnostic]:
    """Every query in it, at whatever depth, the labels of its legend, and the queries that fill its variables."""
    dashboard = _load(folder, file)
    variables = (dashboard.get("templating") or {}).get("list") or []
    values = {**OF_GRAFANA, **{str(each.get("name")): _value(each) for each in variables}}
    for path, query in _queries(dashboard, ()):
        at = _Place(folder, file, path)
        expression = _substituted(query["expr"], values)
        yield from _judge(expression, known, at.of("expr"))
        for label in set(LEGEND_LABEL.findall(str(query.get("legendFormat") or ""))) - _result(expression, known):
            yield at.of("legendFormat").finding("no-label", f'the query has no label "{label}" for its legend')
    for index, variable in enumerate(variables):
        if variable.get("type") == "query":
            yield from _judge_variable(variable, values, known, _Place(folder, file, ("templating", "list", index, "query")))


def _judge_variable(variable: dict[str, Any], values: dict[str, str], known: dict[str, Series], at: _Place) -> Iterator[Diagnostic]:
    query = variable.get("query")
    text = _substituted(str(query.get("query", "")) if isinstance(query, dict) else str(query), values)
    listed, asked = LABEL_VALUES.fullmatch(text), QUERY_RESULT.fullmatch(text)
    if listed and listed["selector"]:
        yield from _judge(listed["selector"], known, at)
        if listed["label"] not in _result(listed["selector"], known):
            yield at.finding("no-label", f'{listed["selector"]} has no label "{listed["label"]}"')
    elif asked:
        yield from _judge(asked["expression"], known, at)
    elif listed is None:
        yield at.finding("no-query", f"the variable's query is neither label_values() nor query_result(): {text}")


def _judge(expression: str, known: dict[str, Series], at: _Place) -> Iterator[Diagnostic]:
    try:
        faults = result(expression, known)[1]
    except ValueError as error:
        yield at.finding("unparsable", f"{error}: {expression}")
        return
    for fault in faults:
        yield at.finding("not-there", fault)


def _queries(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    if isinstance(value, dict):
        if isinstance(value.get("expr"), str):
            yield path, value
        for key, each in value.items():
            yield from _queries(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _queries(each, (*path, index))


def _value(variable: dict[str, Any]) -> str:
    """One that is chosen in the file where there is one, since it may be a duration; else any."""
    chosen = (variable.get("current") or {}).get("value")
    return chosen if isinstance(chosen, str) and variable.get("type") in ("interval", "custom", "constant") else UNKNOWN_VALUE


def _substituted(query: str, values: dict[str, str]) -> str:
    """As Grafana does: what is no variable stays as it is."""

    def value(match: re.Match[str]) -> str:
        return values.get(match["braces"] or match["plain"] or match["brackets"], match[0])

    return VARIABLE.sub(value, query)


@dataclass(frozen=True, slots=True)
class _Place:
    """A part of a file, whose line is looked up when there is something to say of it."""

    folder: Path
    file: PurePosixPath
    path: tuple[str | int, ...]

    def of(self, *parts: str | int) -> _Place:
        return _Place(self.folder, self.file, (*self.path, *parts))

    def finding(self, code: str, message: str) -> Diagnostic:
        text = (self.folder / self.file).read_text(encoding="utf-8")
        return Diagnostic(f"{TOOL}/{code}", place(text, self.file, self.path), message)
