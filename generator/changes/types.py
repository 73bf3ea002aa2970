"""What became of a type: whether its new values are more, fewer or others than its old ones."""

from __future__ import annotations

import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from generator.diagnostics import NOWHERE, Span
from generator.graph import Graph, references
from generator.model import Schema
from generator.protobuf.describe import is_declared, is_map, scalar
from generator.review.types import INTEGERS


class Effect(enum.Flag):
    """Of a change on the values of a type; an addition that nobody needs to know has none."""

    NONE = 0
    NARROWER = enum.auto()
    """Values that were right are no longer: who writes as before is refused."""
    WIDER = enum.auto()
    """Values are right that were not: who reads as before does not understand them."""
    OTHER = NARROWER | WIDER


Hidden = Literal["read_only", "write_only"]
"""Properties that a message does not have: a request has none that are only read, an answer none that are only written."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change of a type."""

    what: str
    """`"total" of Order: type string → integer`; the same wherever the type is used."""
    at: Span
    effect: Effect
    path: tuple[str, ...]
    """The properties that lead to it, the two outermost."""
    is_gone: bool = False
    """A property is no longer there: who reads it misses it, and who writes it is no longer heard."""
    is_protobuf: bool = False
    """Only protobuf tells the two apart."""

    @property
    def breaks_readers(self) -> bool:
        return bool(self.effect & Effect.WIDER) or self.is_gone

    @property
    def breaks_writers(self) -> bool:
        return self.refuses or self.is_gone

    @property
    def refuses(self) -> bool:
        """Values that were right before are not taken any more; what is more in them may be."""
        return bool(self.effect & Effect.NARROWER)


@dataclass(frozen=True, slots=True)
class Types:
    """The types of two contracts."""

    before: Graph
    after: Graph
    changed: frozenset[str]
    """Those that are not as they were, or lead to one that is not."""


def types(before: Graph, after: Graph) -> Types:
    both = before.types.keys() & after.types.keys()
    changed = (before.types.keys() | after.types.keys()) - {each for each in both if before.types[each].schema == after.types[each].schema}
    dependents: dict[str, set[str]] = {}
    for graph in (before, after):
        for name, each in graph.types.items():
            for needed in references(each.schema):
                dependents.setdefault(needed, set()).add(name)
    waiting = list(changed)
    while waiting:
        new = dependents.get(waiting.pop(), set()) - changed
        changed |= new
        waiting += new
    return Types(before, after, frozenset(changed))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas in the same place, the former and the present."""

    old: Schema
    new: Schema
    place: str
    """What it is a part of: `Order`, or `the request of "placeOrder"`."""
    at: Span
    inner: str = ""
    """Where in it: `lines[].sku`."""
    path: tuple[str, ...] = ()

    def spelt(self, name: str = "") -> str:
        inner = ".".join(filter(None, (self.inner, name)))
        return f'"{inner}" of {self.place}' if inner else self.place

    def where(self, key: str) -> Span:
        return self.new.at.keys.get(key, self.at)


def differences(types: Types, pair: Pair, hidden: Hidden) -> Iterator[Difference]:
    """Every change between two schemas and all that they refer to; a type that leads back to itself is looked at once."""
    waiting = [pair]
    seen: set[tuple[object, ...]] = set()
    while waiting:
        pair = waiting.pop()
        key = (pair.old.ref, pair.new.ref, pair.path[:2])
        is_same = pair.old == pair.new and types.changed.isdisjoint(references(pair.new))
        if is_same or (any(key[:2]) and key in seen):
            continue
        seen.add(key)
        pair = _resolved(types, pair)
        shape = _shape(pair)
        yield from shape
        if all(each.effect is not Effect.OTHER for each in shape):
            yield from _limits(pair)
            yield from _properties(pair, hidden)
            waiting += _parts(pair, hidden)


def _resolved(types: Types, pair: Pair) -> Pair:
    """With aliases followed; what is found in a named type is told of that, wherever it is used."""
    old, new = types.before.resolve(pair.old), types.after.resolve(pair.new)
    at = pair.at if new.at is NOWHERE else new.at.span
    if pair.new.ref is None:
        return replace(pair, old=old, new=new, at=at)
    return replace(pair, old=old, new=new, at=at, place=pair.new.ref.rpartition(".")[2], inner="")


def _different(pair: Pair, effect: Effect, what: str, key: str, *, is_protobuf: bool = False) -> Difference:
    return Difference(f"{pair.spelt()}: {what}", pair.where(key), effect, pair.path[:2], is_protobuf=is_protobuf)


# --- values -----------------------------------------------------------------------------------------------------------


def _shape(pair: Pair) -> list[Difference]:
    """The kind of value is another: unless both are numbers, nothing else of it can be compared."""
    old, new = _kind(pair.old), _kind(pair.new)
    effect = {("integer", "number"): Effect.WIDER, ("number", "integer"): Effect.NARROWER}.get((old, new), Effect.OTHER)
    return [_different(pair, effect, f"type {old} → {new}", "type")] if old != new else []


def _kind(schema: Schema) -> str:
    if schema.one_of:
        return "union"
    return "map" if is_map(schema) else "bytes" if schema.encoding else schema.type or "anything"


def _in_protobuf(schema: Schema) -> str:
    """Integers of all widths are one on the wire, up to what they can hold."""
    if schema.type in ("integer", "array") or schema.one_of or is_map(schema):
        return schema.type or ""
    return ("enum" if schema.enum else "message") if is_declared(schema) else scalar(schema)


def _limits(pair: Pair) -> Iterator[Difference]:
    old, new = _in_protobuf(pair.old), _in_protobuf(pair.new)
    if old != new:
        yield _different(pair, Effect.OTHER, f"in protobuf {old} → {new}", "type", is_protobuf=True)
    yield from _union(pair)
    if _allowed(pair.old) is not None or _allowed(pair.new) is not None:
        yield from _texts(pair)
        return
    yield from _formats(pair)
    yield from _ranges(pair)
    for key, attribute, is_least in SIZES:
        had, has = getattr(pair.old, attribute), getattr(pair.new, attribute)
        if had != has:
            is_tighter = had is None or (has is not None and (has > had) is is_least)
            yield _different(pair, Effect.NARROWER if is_tighter else Effect.WIDER, _turned(key, had, has), key)
    for key, attribute, effect_of in STEPS:
        had, has = getattr(pair.old, attribute), getattr(pair.new, attribute)
        if had != has:
            yield _different(pair, effect_of(had, has), _turned(key, had, has), key)


def _turned(key: str, old: object, new: object) -> str:
    return f"{key} {_said(old)} → {_said(new)}"


def _said(value: object) -> str:
    return "none" if value is None or value is False else "true" if value is True else str(value)


SIZES = (
    ("minLength", "min_length", True),
    ("maxLength", "max_length", False),
    ("minItems", "min_items", True),
    ("maxItems", "max_items", False),
    ("minProperties", "min_properties", True),
    ("maxProperties", "max_properties", False),
)


def _added(old: object, new: object) -> Effect:
    """Of a limit that has no order: what two of them have in common is unknown."""
    return Effect.NARROWER if not old else Effect.WIDER if not new else Effect.OTHER


def _stepped(old: int | float | None, new: int | float | None) -> Effect:
    if old is None or new is None:
        return _added(old, new)
    share = Fraction(str(new)) / Fraction(str(old))
    return Effect.NARROWER if share.denominator == 1 else Effect.WIDER if share.numerator == 1 else Effect.OTHER


STEPS: tuple[tuple[str, str, Any], ...] = (
    ("pattern", "pattern", _added),
    ("multipleOf", "multiple_of", _stepped),
    ("uniqueItems", "unique_items", _added),
)


def _texts(pair: Pair) -> Iterator[Difference]:
    old, new = _allowed(pair.old), _allowed(pair.new)
    if old is not None and new is not None:
        for effect, texts, what in ((Effect.NARROWER, old - new, "no longer"), (Effect.WIDER, new - old, "may also be")):
            if texts:
                yield _different(pair, effect, f"{what} {', '.join(sorted(texts))}", "enum")
    elif new is not None:
        effect = Effect.NARROWER if _has_all(pair.old, new) else Effect.OTHER
        yield _different(pair, effect, "only certain texts are allowed", "enum")
    elif old is not None:
        effect = Effect.WIDER if _has_all(pair.new, old) else Effect.OTHER
        yield _different(pair, effect, "any text is allowed", "type")


def _has_all(schema: Schema, texts: frozenset[str]) -> bool:
    """Whether texts of any kind can be these; what a pattern or format takes is not looked into."""
    is_free = schema.pattern is None and schema.format is None
    return is_free and all((schema.min_length or 0) <= len(each) <= (schema.max_length or math.inf) for each in texts)


def _allowed(schema: Schema) -> frozenset[str] | None:
    return frozenset(schema.enum) or (None if schema.const is None else frozenset({schema.const}))


def _union(pair: Pair) -> Iterator[Difference]:
    old, new = _members(pair.old), _members(pair.new)
    one, other = pair.old.discriminator, pair.new.discriminator
    if one is not None and other is not None and one.property != other.property:
        yield _different(pair, Effect.OTHER, _turned("discriminator", one.property, other.property), "discriminator")
    for effect, values, what in (
        (Effect.NARROWER, old.keys() - new.keys(), "no longer"),
        (Effect.WIDER, new.keys() - old.keys(), "may also be"),
    ):
        if values:
            yield _different(pair, effect, f"{what} {', '.join(sorted(values))}", "oneOf")


def _formats(pair: Pair) -> Iterator[Difference]:
    old, new = pair.old.format, pair.new.format
    if pair.new.type == "string" and old != new:
        yield _different(pair, _added(old, new), _turned("format", old, new), "format")
    if pair.old.type == pair.new.type == "number" and "float" in (old, new) and old != new:
        yield _different(pair, Effect.NARROWER if new == "float" else Effect.WIDER, _turned("format", old, new), "format")


def _ranges(pair: Pair) -> Iterator[Difference]:
    """Of numbers: what the format can hold and what the bounds allow, together."""
    if pair.new.type not in ("integer", "number"):
        return
    (least, most), (new_least, new_most) = _range(pair.old), _range(pair.new)
    found = [
        (_compared(new_least > least, new_least < least), "minimum", least, new_least),
        (_compared(new_most < most, new_most > most), "maximum", most, new_most),
    ]
    if pair.old.type == pair.new.type == "integer" and pair.old.format != pair.new.format:
        effect = found[0][0] | found[1][0]
        if effect:
            yield _different(pair, effect, _turned("format", pair.old.format, pair.new.format), "format")
        return
    for effect, key, had, has in found:
        if effect:
            yield _different(pair, effect, _turned(key, _spelt(had), _spelt(has)), key)


def _compared(is_tighter: bool, is_looser: bool) -> Effect:
    return Effect.NARROWER if is_tighter else Effect.WIDER if is_looser else Effect.NONE


def _spelt(bound: Bound) -> float | None:
    """What an integer without a format can hold is no bound that anybody has set."""
    return None if abs(bound[0]) >= 2**63 - 1 else bound[0]


Bound = tuple[float, float]
"""A value, and by how little more or less is meant: an exclusive bound is a little tighter."""


def _range(schema: Schema) -> tuple[Bound, Bound]:
    least, most = INTEGERS[schema.format or "int64"] if schema.type == "integer" else (None, None)
    above, below = schema.exclusive_minimum, schema.exclusive_maximum
    if schema.type == "integer":  # more than 4 is at least 5
        above, below = None if above is None else math.floor(above) + 1, None if below is None else math.ceil(below) - 1
    step = 0 if schema.type == "integer" else 1
    lower = [
        (-math.inf, 0),
        *((each, 0) for each in (least, schema.minimum) if each is not None),
        *([] if above is None else [(above, step)]),
    ]
    upper = [
        (math.inf, 0),
        *((each, 0) for each in (most, schema.maximum) if each is not None),
        *([] if below is None else [(below, -step)]),
    ]
    return max(lower), min(upper)


# --- what values are made of ------------------------------------------------------------------------------------------


def _properties(pair: Pair, hidden: Hidden) -> Iterator[Difference]:
    if pair.new.type != "object" or is_map(pair.new):
        return
    old, new = _shown(pair.old, hidden), _shown(pair.new, hidden)
    is_closed = pair.new.additional is False
    renamed = {each.schema.renamed_from: name for name, each in new.items() if each.schema.renamed_from in old}
    for name in sorted(old.keys() - new.keys()):
        effect = Effect.OTHER if is_closed else Effect.WIDER
        what = f'is called "{renamed[name]}" now' if name in renamed else "is gone"
        yield Difference(f"{pair.spelt(name)} {what}", pair.at, effect, (*pair.path, name)[:2], is_gone=True)
    for name in sorted(new.keys() - set(renamed.values())):
        had, has = (name in each.required for each in (pair.old, pair.new))
        at, path = new[name].at.span if new[name].at is not NOWHERE else pair.at, (*pair.path, name)[:2]
        if name not in old:
            effect = (Effect.NARROWER if has else Effect.NONE) | (Effect.WIDER if pair.old.additional is False else Effect.NONE)
            yield Difference(f"{pair.spelt(name)} is new{' and required' if has else ''}", at, effect, path)
        elif had is not has:
            what = "is now required" if has else "may now be absent"
            yield Difference(f"{pair.spelt(name)} {what}", at, Effect.NARROWER if has else Effect.WIDER, path)
    if (pair.old.additional is False) is not is_closed:
        what = "no longer takes other properties" if is_closed else "takes other properties, too"
        yield Difference(
            f"{pair.spelt()} {what}", pair.where("additionalProperties"), Effect.NARROWER if is_closed else Effect.WIDER, pair.path[:2]
        )


def _shown(schema: Schema, hidden: Hidden) -> dict[str, Any]:
    return {each.name: each for each in schema.properties if not getattr(each.schema, hidden)}


def _parts(pair: Pair, hidden: Hidden) -> Iterator[Pair]:
    """What both are made of, one level down."""
    old, new = _shown(pair.old, hidden), _shown(pair.new, hidden)
    for name in sorted(old.keys() & new.keys()):
        at = new[name].at.span if new[name].at is not NOWHERE else pair.at
        inner = f"{pair.inner}.{name}" if pair.inner else name
        yield replace(pair, old=old[name].schema, new=new[name].schema, at=at, inner=inner, path=(*pair.path, name)[:2])
    if pair.old.items is not None and pair.new.items is not None:
        yield replace(pair, old=pair.old.items, new=pair.new.items, inner=f"{pair.inner}[]")
    if isinstance(pair.old.additional, Schema) and isinstance(pair.new.additional, Schema):
        yield replace(pair, old=pair.old.additional, new=pair.new.additional, inner=f"{pair.inner}.*")
    members, others = _members(pair.old), _members(pair.new)
    for name in sorted(members.keys() & others.keys()):
        yield replace(pair, old=Schema(ref=members[name]), new=Schema(ref=others[name]))


def _members(schema: Schema) -> dict[str, str]:
    return {each.name: each.type for each in schema.discriminator.mapping} if schema.discriminator else {}
