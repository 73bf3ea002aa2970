"""The keys of each record of the language, from its type hints: what the decoder and the published JSON Schema both follow."""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from dataclasses import dataclass
from typing import Any

from generator import model

REST = "*"
SHORTHAND: dict[type, str] = {
    model.Schema: "ref",
    model.Parameter: "schema",
    model.Scope: "summary",
    model.Role: "summary",
    model.Statement: "statement",
    model.Domain: "summary",
    model.Port: "service",
    model.Replicas: "min",
    model.Consume: "event",
    model.ErrorType: "status",
    model.Paging: "limit",
    model.Owner: "title",
    model.Label: "value",
}
"""Records that may be written as a single scalar, and the field it stands for."""

METHOD_AND_PATH = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE) +(/\S*)")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One key of a record of the language."""

    attribute: str
    key: str
    hint: Any
    doc: str
    default: Any

    @property
    def is_required(self) -> bool:
        return self.default is dataclasses.MISSING


@functools.cache
def fields_of(record: type) -> tuple[FieldShape, ...]:
    """The keys of a record, in the order of its definition, `at` left out."""
    hints = typing.get_type_hints(record, include_extras=True)
    shapes = []
    for each in dataclasses.fields(record):
        if each.name == "at":
            continue
        key = each.metadata.get("key") or each.name
        shapes.append(FieldShape(each.name, key, hints[each.name], each.metadata.get("doc", ""), each.default))
    return tuple(shapes)


@functools.cache
def keys_of(record: type) -> dict[str, FieldShape]:
    """The keys a person may write in a record, `name` left out where the record is an entry of a mapping."""
    shapes: dict[str, FieldShape] = {}
    for each in fields_of(record):
        if each.key == REST:
            rest = members(each.hint)[0]
            if dataclasses.is_dataclass(rest):
                shapes |= keys_of(typing.cast(type, rest))
        else:
            shapes[each.key] = each
    return shapes


def members(hint: Any) -> list[Any]:
    """The alternatives of a hint, None left out; most hints have one."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return [each for each in typing.get_args(hint) if each is not type(None)]
    return [hint]
