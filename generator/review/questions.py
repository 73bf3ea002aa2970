"""What an open question settles is a place of the contract that the answer can be written to."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from typing import Any

from generator import model
from generator.diagnostics import Diagnostic
from generator.graph import Graph
from generator.read.shapes import REST, FieldShape, fields_of, keys_of, members
from generator.review.schemas import did_you_mean


def settled_places(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-place`: an open question settles a key that the contract cannot have.

    A place is written as its keys with dots between them, from the component's name or a system-wide key on; entries of a
    list have no name. What is not there yet may come last: the answer will add it.

        open_questions: {OQ-1: {question: "How many?", settles: [ordering.runtime.replica]}}

    Fix: spell the place as the contract does, such as `ordering.runtime.replicas`.
    """
    for question in graph.system.document.open_questions:
        for place in question.settles:
            parts = place.split(".")
            found = _trouble(graph, parts)
            if found is not None and not {*parts, "*"} & graph.system.lost:  # what could not be read is reported as that
                trouble, help = found
                yield Diagnostic("unknown-place", question.at["settles"], f'"{place}": {trouble}', help)


def _trouble(graph: Graph, parts: list[str]) -> tuple[str, str] | None:
    """Why the contract has no such place, and what it has instead; None for a place that it has."""
    components = {each.name: each for each in graph.components}
    first, *rest = parts
    if first in components:
        return _below(model.Component, components[first], first, rest)
    keys = keys_of(model.SystemDocument)
    if first not in keys:
        return f'"{first}" is no component and no key of the system', did_you_mean(first, [*components, *keys])
    return _below(model.SystemDocument, graph.system.document, "the system", parts)


def _below(record: type, value: Any, place: str, parts: list[str]) -> tuple[str, str] | None:
    """`value` is the record as the contract has it, or None where it has none yet."""
    if not parts:
        return None
    key, *rest = parts
    keys = keys_of(record)
    if key not in keys:
        return f'{place} has no key "{key}"', did_you_mean(key, keys)
    inner, is_named = _inner(keys[key].hint)
    if inner is None:
        return (f'"{key}" holds no keys', "name the key itself") if rest and keys[key].hint != model.Json else None
    held = _held(record, value, keys[key])
    if not is_named:
        return _below(inner, None if isinstance(held, tuple) else held, key, rest)
    if len(rest) < 2:  # the whole group, or an entry that the answer may add
        return None
    entries = {each.name: each for each in held or ()}
    name = max((each for each in entries if f"{'.'.join(rest)}.".startswith(f"{each}.")), key=len, default=None)  # names may have dots
    if name is None:
        return f'{place} has no "{rest[0]}" among its {key}', did_you_mean(rest[0], entries)
    return _below(inner, entries[name], name, rest[name.count(".") + 1 :])


def _held(record: type, value: Any, shape: FieldShape) -> Any:
    """What the contract has under a key; those of a `*` field stand in the record that it holds."""
    if shape not in fields_of(record):
        [rest] = [each for each in fields_of(record) if each.key == REST]
        value = getattr(value, rest.attribute, None)
    return getattr(value, shape.attribute, None)


def _inner(hint: Any) -> tuple[type | None, bool]:
    """The record that a key holds, one or many, and whether the many have names."""
    for each in members(hint):
        marks = typing.get_args(each)[1:] if typing.get_origin(each) is typing.Annotated else ()
        bare = typing.get_args(each)[0] if marks else each
        if typing.get_origin(bare) is tuple:
            bare = typing.get_args(bare)[0]
        if isinstance(bare, type) and dataclasses.is_dataclass(bare):
            is_named = any(isinstance(mark, model.Named) for mark in marks) and any(one.key == "name" for one in fields_of(bare))
            return bare, is_named
    return None, False


RULES = (settled_places,)
