"""Each number of the contract is in the document: change one, and the document changes, or the number is on the list of those that it leaves out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from conftest import ROOT
from document.trading import narrated

from generator.link import link
from generator.model import System
from generator.read import read
from generator.read.shapes import fields_of
from generator.units import Duration, Percentage, Quantity, Rate, Version

Steps = tuple[tuple[str, int | None], ...]
"""Attributes from the system down, with the index where an attribute holds many."""

SILENT = {
    "interlock": "the version of the language",
    "components.types": "bounds of values stand in the schemas",
    "types": "bounds of values stand in the schemas",
    "components.provides.operations.request": "bounds of values stand in the schemas",
    "interfaces": "operations of all components alike are in their own specification",
}
"""Where numbers are that the document leaves to an artifact, and why; all below a place counts."""


def leaves(value: Any, pattern: str = "", steps: Steps = ()) -> Iterator[tuple[str, Steps, Any]]:
    """Every number below a record, with its place as keys and the way to it."""
    record_type: type = type(value)
    for shape in fields_of(record_type):
        held = getattr(value, shape.attribute)
        inner = f"{pattern}.{shape.attribute}".lstrip(".")
        items = enumerate(held) if isinstance(held, tuple) else [(None, held)]
        for index, each in items:
            way = (*steps, (shape.attribute, index))
            if isinstance(each, Duration | Rate | Percentage | Version | Quantity) or (
                isinstance(each, int | float) and not isinstance(each, bool)
            ):
                yield inner, way, each
            elif dataclasses.is_dataclass(each):
                yield from leaves(each, inner, way)


def other(value: Any) -> Any:
    """Another value of the same kind, as valid as the first."""
    match value:
        case Duration():
            return Duration(value.milliseconds * 2 + 1_000)
        case Rate():
            return Rate(value.count + 1, value.unit)
        case Percentage():
            return Percentage(value.value - Decimal("0.123") if value.value > 1 else Decimal("1.5"))
        case Version():
            return Version(value.major, value.minor, value.patch + 1)
        case Quantity():
            return Quantity("7" + value.text)
    return value + 1


def changed(record: Any, steps: Steps, value: Any) -> Any:
    (attribute, index), *rest = steps
    held = getattr(record, attribute)
    inner = held if index is None else held[index]
    new = changed(inner, tuple(rest), value) if rest else value
    if index is not None:
        new = tuple(new if position == index else each for position, each in enumerate(held))
    return dataclasses.replace(record, **{attribute: new})


@cache
def system(name: str) -> System:
    found, _ = read(ROOT / "contracts" / name)
    assert found is not None
    return found


@cache
def before(name: str) -> str:
    return told(system(name))


def told(of: System) -> str:
    graph, _ = link(of)
    return narrated(graph, [])


def numbers() -> dict[str, tuple[str, Steps, Any]]:
    """One number of each kind of place, in the first system that has it."""
    found: dict[str, tuple[str, Steps, Any]] = {}
    for name in ("enterprise-expansion", "harbour-bikes"):
        of = system(name)
        for index, component in enumerate(of.components):
            for pattern, steps, value in leaves(component, "components", (("components", index),)):
                found.setdefault(pattern, (name, steps, value))
        for pattern, steps, value in leaves(of.document, "", (("document", None),)):
            found.setdefault(pattern, (name, steps, value))
    return {pattern: each for pattern, each in found.items() if not is_silent(pattern)}


def is_silent(pattern: str) -> bool:
    return any(f"{pattern}.".startswith(f"{each}.") for each in SILENT)


NUMBERS = numbers()


@pytest.mark.parametrize("pattern", sorted(NUMBERS))
def test_the_document_changes_with_the_number(pattern: str) -> None:
    name, steps, value = NUMBERS[pattern]
    assert told(changed(system(name), steps, other(value))) != before(name), f"{pattern}: {value} is nowhere in the document"


def test_nothing_is_silent_that_is_not_there() -> None:
    every = {pattern for name in ("enterprise-expansion", "harbour-bikes") for pattern, _, _ in _all(name)}
    gone = [each for each in SILENT if not any(f"{pattern}.".startswith(f"{each}.") for pattern in every)]
    assert gone == []


def _all(name: str) -> Iterator[tuple[str, Steps, Any]]:
    for component in system(name).components:
        yield from leaves(component, "components")
    yield from leaves(system(name).document)
