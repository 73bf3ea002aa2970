"""Located YAML nodes become the records of `model`, by the records' own type hints.

Every fault of a document is collected; what can be made of it is made.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from typing import Annotated, Any, Literal

import yaml

from generator import model
from generator.diagnostics import At, Diagnostic, Related, Span, nearest
from generator.read.located_yaml import Node, scalar, span
from generator.read.scalars import (
    Decoder,
    Lost,
    Reading,
    decode_boolean,
    decode_literal,
    decode_measure,
    decode_number,
    decode_pattern,
    decode_text,
    decode_whole,
    kind,
    shown,
    subject,
)
from generator.read.shapes import METHOD_AND_PATH, REST, SHORTHAND, FieldShape, fields_of, keys_of, members
from generator.units import MEASURES

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


def decode(record: type[Any], node: Node, reading: Reading, path: tuple[str, ...] = ()) -> Any | None:
    """The record that the node describes, or None when a required part cannot be read. Never raises on bad input."""
    try:
        return _record(record, node, reading, path, None)
    except Lost:
        return None


@functools.cache
def _decoder_of(record: type, attribute: str) -> Decoder:
    hint = next(each.hint for each in fields_of(record) if each.attribute == attribute)
    return _decoder(hint)


def _decoder(hint: Any) -> Decoder:
    """Chooses once, per hint, how its nodes are read."""
    alternatives = members(hint)
    if alternatives == [int, float]:
        return decode_number
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
        return decode_literal(typing.get_args(hint))
    if hint is str:
        return decode_text
    if hint is bool:
        return decode_boolean
    if hint is int:
        return decode_whole(model.Range(-(2**63), 2**63 - 1))
    if hint in MEASURES:
        return decode_measure(hint)
    if isinstance(hint, str) or dataclasses.is_dataclass(hint):
        return lambda node, reading, path: _record(typing.cast(type, hint), node, reading, path, None)
    raise TypeError(f"no way to read {hint!r}")


def _annotated(inner: Any, mark: object) -> Decoder:
    match mark:
        case model.Pattern():
            return decode_pattern(mark)
        case model.Range():
            return decode_whole(mark)
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


# --- collections ------------------------------------------------------------------------------------------------------


def _list(item: Any, *, in_order: bool) -> Decoder:
    read_item: Decoder | None = None

    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> tuple[Any, ...]:
        nonlocal read_item
        read_item = read_item or _decoder(_resolved(item))
        if not isinstance(node, yaml.SequenceNode):
            reading.report(
                "wrong-type", node, f"{subject(path)} is {kind(node)}, not a list", "put a dash before each entry, or brackets around all"
            )
            raise Lost
        items = []
        for index, each in enumerate(node.value):
            try:
                items.append(read_item(each, reading, (*path, str(index))))
            except Lost:
                continue
        return tuple(items) if in_order else _unique(items, node, reading, path)

    return read


def _unique(items: list[Any], node: yaml.SequenceNode, reading: Reading, path: tuple[str, ...]) -> tuple[Any, ...]:
    """The items in canonical order; the same plain item twice is reported."""
    texts = [each for each in items if isinstance(each, str)]
    for text in sorted({text for text in texts if texts.count(text) > 1}) if len(set(texts)) < len(texts) else ():
        twice = [each for each in node.value if isinstance(each, yaml.ScalarNode) and each.value == text]
        related = (Related(span(twice[0], reading.file), "first listed here"),)
        reading.report("duplicate-name", twice[-1], f'{subject(path)} lists "{text}" twice', related=related)
    return tuple(sorted(dict.fromkeys(texts))) if texts else tuple(sorted(items, key=repr))


def _entries(node: Node, reading: Reading) -> dict[str, tuple[yaml.ScalarNode, Node]]:
    """Key to key node and value node; keys are texts as written, and a second one is reported."""
    entries: dict[str, tuple[yaml.ScalarNode, Node]] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            reading.report("wrong-type", key, f"a key is {kind(key)}, not a text")
        elif key.value == "<<" and not key.style:
            reading.report("merge-key", key, "the merge key << is not part of YAML 1.2", "write the keys out")
        elif key.value in entries:
            related = (Related(span(entries[key.value][0], reading.file), "first defined here"),)
            reading.report("duplicate-key", key, f'the key "{shown(key.value)}" stands here twice', "delete one of them", related)
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
                f"{subject(path)} is {kind(node)}, not a mapping of names",
                f"write `name: …` for each {_words(record)}",
            )
            raise Lost
        check_name = _decoder_of(record, "name")
        records = []
        for name, (key, value) in _entries(node, reading).items():
            try:
                quoted = yaml.ScalarNode(key.tag, name, key.start_mark, key.end_mark, style='"')
                check_name(quoted, reading, (*path, name))
                records.append(_record(record, value, reading, (*path, name), key))
            except Lost:
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
        reading.report("wrong-type", node, f"{subject(path)} is {kind(node)}, not a mapping", _keys_help(record))
        raise Lost
    entries = _entries(node, reading)
    if rest:
        _decode_rest(record, rest, node, entries, values, reading, path)
    complete = _decode_fields(record, entries, values, reading, path, has_rest=rest is not None)
    complete = _has_all(record, values, entries, node, place, reading, path) and complete
    if not complete:
        raise Lost
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
        except Lost:
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
        reading.report("type-outside-vocabulary", key, f'"{shown(key.value)}" is not part of the portable vocabulary', help)
    else:
        help = f'did you mean "{guess}"?' if guess else f"known keys: {', '.join(sorted(known))}"
        reading.report("unknown-key", key, f'{_words(record)} has no key "{shown(key.value)}"', help)


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
        reading.report("wrong-type", node, f"{subject(path)} is {kind(node)}, not a mapping", _keys_help(record))
        raise Lost
    values[shape.attribute] = _decoder_of(record, shape.attribute)(node, reading, path)
    if not _has_all(record, values, {}, node, place, reading, path):
        raise Lost
    return record(**values, at=At(place, path, {shape.key: span(node, reading.file)}))


def _needed(record: type, values: dict[str, Any]) -> list[str]:
    return [each.key for each in fields_of(record) if each.is_required and each.attribute not in values]


def _http_binding(node: yaml.ScalarNode, reading: Reading, path: tuple[str, ...], place: Span) -> model.HttpBinding:
    found = METHOD_AND_PATH.fullmatch(node.value.strip())
    if not found:
        reading.report("malformed-name", node, f'"{shown(node.value)}" is not a method and a path', "such as GET /{orderId}")
        raise Lost
    method, target = found.groups()
    return model.HttpBinding(method=typing.cast(Any, method), path=target, at=At(place, path, {}))


# --- any JSON ---------------------------------------------------------------------------------------------------------


def json_value(node: Node, reading: Reading) -> Any:
    """A JSON value as it stands; raises Lost after reporting what is not JSON."""
    if isinstance(node, yaml.SequenceNode):
        return [json_value(each, reading) for each in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key: json_value(value, reading) for key, (_, value) in sorted(_entries(node, reading).items())}
    value = scalar(node)
    if isinstance(value, float) and not abs(value) < float("inf"):
        reading.report("wrong-type", node, f"{node.value} is no JSON value")
        raise Lost
    return value
