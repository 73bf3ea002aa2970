"""Turns located YAML nodes into the records of `model`, by the records' own type hints.

One table, two uses: `fields_of` describes each record once; the decoder here and the published JSON Schema
(`language_schema`) both follow it. Every fault of a document is collected; what can be made of it is made.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import yaml

from generator import model
from generator.diagnostics import At, Diagnostic, Related, Span, nearest
from generator.read.located_yaml import Node, scalar, span
from generator.units import MEASURES, Quantity

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
}
"""Records that may be written as a single scalar, and the field it stands for."""

METHOD_AND_PATH = re.compile(r"(GET|HEAD|POST|PUT|PATCH|DELETE) +(/\S*)")
VOCABULARY_HELP = {
    "allOf": "write the properties out, or nest the other type as a property",
    "anyOf": "use oneOf with a discriminator",
    "not": "say what is allowed instead",
    "nullable": "null is no value here: leave the property out of required",
    "patternProperties": "use additionalProperties with a type: a map",
    "if": "use oneOf with a discriminator",
    "prefixItems": "use an object with named properties",
    "$defs": "define the type under types, and refer to it by name",
    "definitions": "define the type under types, and refer to it by name",
    "example": "name an example of the type under examples",
    "examples": "name an example of the type under examples",
}


class _Lost(Exception):
    """A value could not be read; the finding is recorded already."""


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


@dataclass(slots=True)
class Reading:
    """What reading a file collects beside the records: findings, and names whose record was lost."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def report(self, code: str, node: Node, message: str, help: str | None = None, related: tuple[Related, ...] = ()) -> None:
        self.found.append(Diagnostic(code, span(node, self.file), message, help, related=related))


def decode(record: type[Any], node: Node, reading: Reading, path: tuple[str, ...] = ()) -> Any | None:
    """The record that the node describes, or None when a required part cannot be read. Never raises on bad input."""
    try:
        return _record(record, node, reading, path, None)
    except _Lost:
        return None


def members(hint: Any) -> list[Any]:
    """The alternatives of a hint, None left out; most hints have one."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return [each for each in typing.get_args(hint) if each is not type(None)]
    return [hint]


Decoder = Callable[[Node, Reading, tuple[str, ...]], Any]


@functools.cache
def _decoder_of(record: type, attribute: str) -> Decoder:
    hint = next(each.hint for each in fields_of(record) if each.attribute == attribute)
    return _decoder(hint)


def _decoder(hint: Any) -> Decoder:
    """Chooses once, per hint, how its nodes are read."""
    alternatives = members(hint)
    if alternatives == [int, float]:
        return _number
    if len(alternatives) > 1:
        return _union(alternatives)
    return _single(alternatives[0])


def _single(hint: Any) -> Decoder:
    if typing.get_origin(hint) is Annotated:
        inner, mark = typing.get_args(hint)
        return _annotated(inner, mark)
    if typing.get_origin(hint) is tuple:
        return _list(typing.get_args(hint)[0], in_order=True)
    if typing.get_origin(hint) is Literal:
        return _literal(typing.get_args(hint))
    if hint is str:
        return _text
    if hint is bool:
        return _boolean
    if hint is int:
        return _whole(model.Range(-(2**63), 2**63 - 1))
    if hint in MEASURES:
        return _measure(hint)
    if isinstance(hint, str) or dataclasses.is_dataclass(hint):
        return lambda node, reading, path: _record(typing.cast(type, hint), node, reading, path, None)
    raise TypeError(f"no way to read {hint!r}")


def _annotated(inner: Any, mark: object) -> Decoder:
    match mark:
        case model.Pattern():
            return _pattern(mark)
        case model.Range():
            return _whole(mark)
        case model.Named():
            return _named(typing.get_args(inner)[0])
        case model.Unordered():
            return _list(typing.get_args(inner)[0], in_order=False)
        case model.AnyJson():
            return lambda node, reading, path: json_value(node, reading)
    raise TypeError(f"no way to read {inner!r} marked {mark!r}")


def _union(alternatives: list[Any]) -> Decoder:
    """`true`, `false` or something else: the node's own kind decides."""
    [other] = [each for each in alternatives if each is not bool]
    read_other = _single(other)

    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        is_flag = isinstance(node, yaml.ScalarNode) and isinstance(scalar(node), bool)
        return scalar(node) if is_flag and isinstance(node, yaml.ScalarNode) else read_other(node, reading, path)

    return read


# --- scalars ----------------------------------------------------------------------------------------------------------


def _scalar_node(node: Node, reading: Reading, path: tuple[str, ...], what: str) -> yaml.ScalarNode:
    if isinstance(node, yaml.ScalarNode):
        return node
    reading.report(_code_at(path, "wrong-type"), node, f"{_subject(path)} is {_kind(node)}, not {what}", _type_help(path))
    raise _Lost


def _code_at(path: tuple[str, ...], code: str) -> str:
    return "type-outside-vocabulary" if path[-1:] == ("type",) and code == "wrong-type" else code


def _type_help(path: tuple[str, ...]) -> str | None:
    return "one type only; null is no value here: leave the property out of required" if path[-1:] == ("type",) else None


def _subject(path: tuple[str, ...]) -> str:
    if path[-1:] and path[-1].isdigit() and len(path) > 1:
        return f'an entry of "{path[-2]}"'
    return f'"{path[-1]}"' if path else "the document"


def _kind(node: Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    value = scalar(node)
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the flag {node.value}"
    return f'the text "{_shown(node.value)}"' if isinstance(value, str) else f"the number {_shown(node.value)}"


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def _text(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
    node = _scalar_node(node, reading, path, "a text")
    value = scalar(node)
    if isinstance(value, str):
        return value
    if value is None:
        reading.report("missing-value", node, f"{_subject(path)} is empty", "give it a text, or leave the key out")
    else:
        reading.report(
            "unquoted-text", node, f"{_subject(path)} is {_kind(node)} where a text is meant", f'write "{_shown(node.value)}" in quotes'
        )
    raise _Lost


def _pattern(pattern: model.Pattern) -> Decoder:
    matches = re.compile(pattern.regex).search

    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
        text = _text(node, reading, path)
        if not matches(text) or "\n" in text:
            help = f"nothing is read from elsewhere: name a type of the contract, such as {pattern.example}"
            reading.report(
                pattern.code,
                node,
                f'"{_shown(text)}" is not {pattern.what}',
                help if pattern.code == "foreign-reference" else f"such as {pattern.example}",
            )
            raise _Lost
        return text

    return read


def _boolean(node: Node, reading: Reading, path: tuple[str, ...]) -> bool:
    value = scalar(_scalar_node(node, reading, path, "true or false"))
    if isinstance(value, bool):
        return value
    reading.report("wrong-type", node, f"{_subject(path)} is {_kind(node)}, not true or false")
    raise _Lost


def _number(node: Node, reading: Reading, path: tuple[str, ...]) -> int | float:
    value = scalar(_scalar_node(node, reading, path, "a number"))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf"):
        return value
    reading.report("wrong-type", node, f"{_subject(path)} is {_kind(node)}, not a number")
    raise _Lost


def _whole(limits: model.Range) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> int:
        value = scalar(_scalar_node(node, reading, path, "a whole number"))
        if not isinstance(value, int) or isinstance(value, bool):
            reading.report("wrong-type", node, f"{_subject(path)} is {_kind(node)}, not a whole number")
            raise _Lost
        if not limits.least <= value <= limits.most:
            reading.report(
                "out-of-range", node, f"{_subject(path)} is {_shown(str(value))}, and must be from {limits.least} to {limits.most}"
            )
            raise _Lost
        return value

    return read


def _measure(measure: Any) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        node = _scalar_node(node, reading, path, measure.WHAT)
        value = scalar(node)
        if not isinstance(value, str) and measure is not Quantity:
            code = "unquoted-text" if measure.WHAT == "a version" and isinstance(value, (int, float)) else "wrong-unit"
            reading.report(code, node, f"{_subject(path)} is {_kind(node)}, not {measure.WHAT}", f"write it like {measure.EXAMPLE}")
            raise _Lost
        try:
            return measure.parse(node.value)
        except ValueError:
            reading.report("wrong-unit", node, f'"{_shown(node.value)}" is not {measure.WHAT}', f"write it like {measure.EXAMPLE}")
            raise _Lost from None

    return read


def _literal(allowed: tuple[str, ...]) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
        node = _scalar_node(node, reading, path, " or ".join(allowed) if len(allowed) < 4 else "one of the known words")
        if node.value in allowed:
            return str(node.value)
        guess = nearest(node.value, allowed)
        help = f"did you mean {guess}?" if guess else f"one of {', '.join(allowed)}"
        reading.report("unknown-value", node, f'{_subject(path)} cannot be "{_shown(node.value)}"', help)
        raise _Lost

    return read


def json_value(node: Node, reading: Reading) -> Any:
    """A JSON value as it stands; raises _Lost after reporting what is not JSON."""
    if isinstance(node, yaml.SequenceNode):
        return [json_value(each, reading) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key: json_value(value, reading) for key, (_, value) in sorted(_entries(node, reading).items())}
    value = scalar(node)
    if isinstance(value, float) and not abs(value) < float("inf"):
        reading.report("wrong-type", node, f"{node.value} is no JSON value")
        raise _Lost
    return value


# --- collections ------------------------------------------------------------------------------------------------------


def _list(item: Any, *, in_order: bool) -> Decoder:
    read_item: Decoder | None = None

    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> tuple[Any, ...]:
        nonlocal read_item
        read_item = read_item or _decoder(_resolved(item))
        if not isinstance(node, yaml.SequenceNode):
            reading.report(
                "wrong-type", node, f"{_subject(path)} is {_kind(node)}, not a list", "put a dash before each entry, or brackets around all"
            )
            raise _Lost
        items = []
        for index, each in enumerate(node.value):
            try:
                items.append(read_item(each, reading, (*path, str(index))))
            except _Lost:
                continue
        return tuple(items) if in_order else _unique(items, node, reading, path)

    return read


def _unique(items: list[Any], node: yaml.SequenceNode, reading: Reading, path: tuple[str, ...]) -> tuple[Any, ...]:
    """The items in canonical order; the same plain item twice is reported."""
    texts = [each for each in items if isinstance(each, str)]
    for text in sorted({text for text in texts if texts.count(text) > 1}) if len(set(texts)) < len(texts) else ():
        twice = [each for each in node.value if isinstance(each, yaml.ScalarNode) and each.value == text]
        related = (Related(span(twice[0], reading.file), "first listed here"),)
        reading.report("duplicate-name", twice[-1], f'{_subject(path)} lists "{text}" twice', related=related)
    return tuple(sorted(dict.fromkeys(texts))) if texts else tuple(sorted(items, key=repr))


def _entries(node: Node, reading: Reading) -> dict[str, tuple[yaml.ScalarNode, Node]]:
    """Key to key node and value node; keys are texts as written, and a second one is reported."""
    entries: dict[str, tuple[yaml.ScalarNode, Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            reading.report("wrong-type", key, f"a key is {_kind(key)}, not a text")
        elif key.value == "<<" and not key.style:
            reading.report("merge-key", key, "the merge key << is not part of YAML 1.2", "write the keys out")
        elif key.value in entries:
            related = (Related(span(entries[key.value][0], reading.file), "first defined here"),)
            reading.report("duplicate-key", key, f'the key "{_shown(key.value)}" stands here twice', "delete one of them", related)
        else:
            entries[key.value] = (key, value)
    return entries


def _named(item: Any) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> tuple[Any, ...]:
        record = _resolved(item)
        if not isinstance(node, yaml.MappingNode):
            reading.report(
                "wrong-type",
                node,
                f"{_subject(path)} is {_kind(node)}, not a mapping of names",
                f"write `name: …` for each {_words(record)}",
            )
            raise _Lost
        check_name = _decoder_of(record, "name")
        records = []
        for name, (key, value) in _entries(node, reading).items():
            try:
                quoted = yaml.ScalarNode(key.tag, name, key.start_mark, key.end_mark, style='"')
                check_name(quoted, reading, (*path, name))
                records.append(_record(record, value, reading, (*path, name), key))
            except _Lost:
                reading.lost.add(name)
        return tuple(sorted(records, key=lambda each: each.name))

    return read


def _words(record: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", record.__name__).lower()


def _resolved(item: Any) -> Any:
    """A forward reference inside a generic alias stays text until it is asked for."""
    if isinstance(item, typing.ForwardRef):
        return getattr(model, item.__forward_arg__)
    return getattr(model, item) if isinstance(item, str) else item


# --- records ----------------------------------------------------------------------------------------------------------


def _record(record: type, node: Node, reading: Reading, path: tuple[str, ...], key: yaml.ScalarNode | None) -> Any:
    """`key` is the node of the record's name, when the record is an entry of a mapping."""
    values: dict[str, Any] = {} if key is None else {"name": key.value}
    rest = next((each for each in fields_of(record) if each.key == REST), None)
    place = span(key if key is not None else node, reading.file)
    if isinstance(node, yaml.ScalarNode) and not (rest and len(fields_of(record)) == 2):
        return _from_scalar(record, node, reading, path, values, place)
    if rest and len(fields_of(record)) == 2:
        values[rest.attribute] = _decoder_of(record, rest.attribute)(node, reading, path)
        return record(**values, at=At(place, path, {}))
    if not isinstance(node, yaml.MappingNode):
        reading.report("wrong-type", node, f"{_subject(path)} is {_kind(node)}, not a mapping", _keys_help(record))
        raise _Lost
    entries = _entries(node, reading)
    if rest:
        _decode_rest(record, rest, node, entries, values, reading, path)
    complete = _decode_fields(record, entries, values, reading, path, has_rest=rest is not None)
    complete = _has_all(record, values, entries, node, place, reading, path) and complete
    if not complete:
        raise _Lost
    return record(**values, at=At(place, path, {name: span(value, reading.file) for name, (_, value) in entries.items()}))


def _decode_fields(
    record: type,
    entries: dict[str, tuple[yaml.ScalarNode, Node]],
    values: dict[str, Any],
    reading: Reading,
    path: tuple[str, ...],
    *,
    has_rest: bool,
) -> bool:
    own = {each.key: each for each in fields_of(record) if each.key != REST and each.attribute not in values}
    complete = True
    for name, (key, value) in entries.items():
        shape = own.get(name)
        if shape is None:
            if not has_rest:
                _report_unknown_key(record, key, reading, tuple(own))
            continue
        try:
            values[shape.attribute] = _decoder_of(record, shape.attribute)(value, reading, (*path, name))
        except _Lost:
            complete = complete and not shape.is_required
            values.setdefault(shape.attribute, None if shape.is_required else shape.default)
    return complete


def _decode_rest(
    record: type,
    rest: FieldShape,
    node: yaml.MappingNode,
    entries: dict[str, tuple[yaml.ScalarNode, Node]],
    values: dict[str, Any],
    reading: Reading,
    path: tuple[str, ...],
) -> None:
    """The keys that the record does not claim for itself make up the value of its `*` field."""
    own = {each.key for each in fields_of(record) if each.key != REST}
    left = [pair for name, pair in entries.items() if name not in own]
    remainder = yaml.MappingNode(node.tag, left, node.start_mark, node.end_mark)
    values[rest.attribute] = _decoder_of(record, rest.attribute)(remainder, reading, path)


def _report_unknown_key(record: type, key: yaml.ScalarNode, reading: Reading, known: tuple[str, ...]) -> None:
    guess = nearest(key.value, known)
    if record is model.Schema and (key.value in VOCABULARY_HELP or not guess):
        help = VOCABULARY_HELP.get(key.value, "types use the part of JSON Schema that means the same in every artifact")
        reading.report("type-outside-vocabulary", key, f'"{_shown(key.value)}" is not part of the portable vocabulary', help)
    else:
        help = f'did you mean "{guess}"?' if guess else f"known keys: {', '.join(sorted(known))}"
        reading.report("unknown-key", key, f'{_words(record)} has no key "{_shown(key.value)}"', help)


def _has_all(
    record: type,
    values: dict[str, Any],
    entries: dict[str, tuple[yaml.ScalarNode, Node]],
    node: Node,
    place: Span,
    reading: Reading,
    path: tuple[str, ...],
) -> bool:
    missing = [each for each in fields_of(record) if each.is_required and each.attribute not in values]
    for each in missing:
        subject = f'{_words(record)} "{path[-1]}"' if path and not path[-1].isdigit() else f"this {_words(record)}"
        reading.found.append(Diagnostic("missing-key", place, f'{subject} has no "{each.key}"', f"{each.key}: {each.doc}"))
    return not missing


def _keys_help(record: type) -> str:
    required = [each.key for each in fields_of(record) if each.is_required and each.key not in ("name", REST)]
    return f"give it {', '.join(required)}" if required else f"it has the keys {', '.join(sorted(keys_of(record)))}"


def _from_scalar(record: type, node: yaml.ScalarNode, reading: Reading, path: tuple[str, ...], values: dict[str, Any], place: Span) -> Any:
    """A record written as one scalar: its shorthand, if it has one; an empty entry is a record with nothing said."""
    value = scalar(node)
    if record is model.HttpBinding and isinstance(value, str):
        return _http_binding(node, reading, path, place)
    if (value is None or (record is model.Paging and value is True)) and not _needed(record, values):
        return record(**values, at=At(place, path, {}))
    shape = next((each for each in fields_of(record) if each.attribute == SHORTHAND.get(record)), None)
    if shape is None or value is None:
        reading.report("wrong-type", node, f"{_subject(path)} is {_kind(node)}, not a mapping", _keys_help(record))
        raise _Lost
    values[shape.attribute] = _decoder_of(record, shape.attribute)(node, reading, path)
    if not _has_all(record, values, {}, node, place, reading, path):
        raise _Lost
    return record(**values, at=At(place, path, {shape.key: span(node, reading.file)}))


def _needed(record: type, values: dict[str, Any]) -> list[str]:
    return [each.key for each in fields_of(record) if each.is_required and each.attribute not in values]


def _http_binding(node: yaml.ScalarNode, reading: Reading, path: tuple[str, ...], place: Span) -> model.HttpBinding:
    found = METHOD_AND_PATH.fullmatch(node.value.strip())
    if not found:
        reading.report("malformed-name", node, f'"{_shown(node.value)}" is not a method and a path', "such as GET /{orderId}")
        raise _Lost
    method, target = found.groups()
    return model.HttpBinding(method=typing.cast(Any, method), path=target, at=At(place, path, {}))
