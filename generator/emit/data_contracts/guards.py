"""What guards a column: the values that its type allows, and the checks of the pipelines that fill it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import names
from generator.columns import Column
from generator.emit.data_contracts.datasets import DataSet
from generator.lineage import TargetField
from generator.model import FlowCheck
from generator.text import to_json

Data = dict[str, Any]
MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
"""What every mail address matches, in the regular expressions of all engines."""
KEPT_BY: dict[str, tuple[str, ...]] = {
    "copy": ("email_format", "not_empty", "pattern", "range", "one_of", "reference"),
    "lower": ("email_format", "not_empty"),
    "upper": ("email_format", "not_empty"),
    "trim": ("email_format",),
}
"""Checks of a field that hold as well for what a rule makes of it."""


RULES = ("not-empty", "one-of", "allowed", "email-format", "pattern", "range", "reference", "items")
"""In the order in which they are told; of one metric the narrowest first."""


def guards(each: DataSet, column: Column) -> tuple[Data, ...]:
    """Rules of the library where it has one, else in words; each with a stable id.

    Tools run one rule of a metric for each column: of several the first is for them, the others are in words.
    """
    found = {to_json(rule): rule for rule in (*_of_type(each, column), *_of_pipelines(each, column))}
    ordered = sorted(found.values(), key=lambda rule: (RULES.index(rule["rule"]), to_json(rule)))
    counted: dict[str, int] = {}
    measured: set[str] = set()
    named = []
    for rule in ordered:
        name = _id(column, rule.pop("rule"))
        counted[name] = counted.get(name, 0) + 1
        is_for_people = rule.get("metric") in measured
        measured |= {rule["metric"]} if "metric" in rule else set()
        number = "" if counted[name] == 1 else f"-{counted[name]}"
        named.append({"id": f"{name}{number}", **(_in_words(rule) if is_for_people else rule)})
    return tuple(named)


def _in_words(rule: Data) -> Data:
    arguments = rule["arguments"]
    detail = arguments["pattern"] if "pattern" in arguments else ", ".join(map(str, arguments["validValues"]))
    return {"type": "text", "description": f"{rule['description']}: {detail}", "dimension": rule["dimension"]}


def _of_type(each: DataSet, column: Column) -> Iterator[Data]:
    allowed = sorted({*column.held.enum, *((column.held.const,) if column.held.const is not None else ())})
    if allowed:
        yield _rule("allowed", "conformity", "only values that its type has", metric="invalidValues", arguments={"validValues": allowed})
    if column.logical == "array" and each.store is not None:
        # A list in a column of JSON is no array to what measures it.
        bounds = (("at least", column.held.min_items), ("at most", column.held.max_items))
        said = [f"{words} {number} items" for words, number in bounds if number is not None]
        said += ["no item twice"] if column.held.unique_items else []
        if said:
            yield _said("items", "conformity", ", ".join(said))


def _of_pipelines(each: DataSet, column: Column) -> Iterator[Data]:
    """Only what every pipeline that writes the column keeps."""
    kept = [
        {
            to_json(rule): rule
            for field in filling.fields
            if field.name == column.name
            for rule in _kept(filling.pipeline.flow.checks, field)
        }
        for filling in each.fillings
        if any(field.name == column.name for field in filling.fields)
    ]
    for text in sorted(set.intersection(*(set(rules) for rules in kept))) if kept else ():
        yield kept[0][text]


def _kept(checks: tuple[FlowCheck, ...], field: TargetField) -> Iterator[Data]:
    taken = {each.name for each in field.sources if each.lookup is None}
    for check in checks:
        if check.field in taken and check.rule in KEPT_BY.get(field.rule, ()):
            yield _checked(check)


def _checked(check: FlowCheck) -> Data:
    name = names.kebab(check.rule)
    if check.rule == "not_empty":
        return _rule(name, "completeness", "not empty", metric="missingValues", arguments={"missingValues": [""]})
    if check.rule == "email_format":
        return _rule(name, "conformity", "a mail address", metric="invalidValues", arguments={"pattern": MAIL})
    if check.rule == "pattern":
        return _rule(name, "conformity", "as a pattern says", metric="invalidValues", arguments={"pattern": f"^(?:{check.pattern})$"})
    if check.rule == "one_of":
        return _rule(name, "conformity", "one of some values", metric="invalidValues", arguments={"validValues": list(check.values)})
    if check.rule == "range":
        bounds = (
            f"at least {check.minimum}" if check.minimum is not None else "",
            f"at most {check.maximum}" if check.maximum is not None else "",
        )
        return _said(name, "conformity", " and ".join(each for each in bounds if each) or "any number")
    return _said(name, "consistency", f"found in {check.store}.{check.table}.{check.column}")


def _rule(name: str, dimension: str, description: str, **metric: Any) -> Data:
    return {"rule": name, "type": "library", "description": description, "dimension": dimension, **metric, "mustBe": 0}


def _said(name: str, dimension: str, description: str) -> Data:
    """What the library has no metric for."""
    return {"rule": name, "type": "text", "description": description, "dimension": dimension}


def _id(column: Column, name: str) -> str:
    """Letters, digits, dashes and underscores only, and another for each column, whatever letters it is written in."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "_-") else f"-{ord(each):x}-" for each in column.name)
    return f"{plain}-{name}"
