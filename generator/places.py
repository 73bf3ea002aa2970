"""Where in the contract a finding is, in words that stay true while lines move: paths of keys and names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from generator.diagnostics import At, Span
from generator.model import System
from generator.read.shapes import REST, fields_of

TARGETS = ("api", "external", "event", "command", "store", "rule", "field")
"""What an entry of a list goes by, which has no name of its own: what it names."""


def places(system: System) -> Mapping[Span, str]:
    """The place of every span of the contract: `ordering.uses.billing.invoices.timeout`.

    Entries of a list go by what they name, or else by their number, so that two that name the same have one place.
    """
    found: dict[Span, str] = {}
    for record, path in ((system.document, ""), *((each, each.name) for each in system.components)):
        for place, span in _below(record, path):
            found.setdefault(span, place)
    return found


def _below(record: Any, path: str) -> Iterator[tuple[str, Span]]:
    """The spans of a record with their places, those of inner records first: what is written there is theirs."""
    at: At = record.at
    record_type: type = type(record)
    for shape in fields_of(record_type):
        value = getattr(record, shape.attribute)
        inner = path if shape.key == REST else _joined(path, shape.key)
        if isinstance(value, tuple):
            for index, each in enumerate(value):
                if dataclasses.is_dataclass(each) and hasattr(each, "at"):
                    yield from _below(each, _joined(inner, _name(each, index)))
        elif dataclasses.is_dataclass(value) and hasattr(value, "at"):
            yield from _below(value, inner)
    yield path, at.span
    yield from ((_joined(path, key), span) for key, span in at.keys.items())


def _name(record: Any, index: int) -> str:
    """Of an entry: its name, or what it names."""
    for attribute in ("name", *TARGETS):
        value = getattr(record, attribute, None)
        if isinstance(value, str):
            return value
    return str(index)


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
