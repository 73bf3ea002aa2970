"""Wire parity: one document of the contract as the JSON form of its protobuf message (ProtoJSON).

The contract's own JSON is what HTTP, messages, JSON Schema and Pydantic speak. ProtoJSON differs from it in five ways,
all of them here (decision 8): 64-bit integers are texts, enum values have their protobuf names, durations are seconds,
a union is the field of its member, and a value that is no object is the one field of a message. Names are the same, as
fields carry the contract's names (`json_name`). null is in neither; an absent list or map is an empty one in protobuf.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator import envelopes
from generator.graph import Graph
from generator.model import Schema
from generator.protobuf import Enum, Field, File, Message, declared

Types = Mapping[str, Message | Enum]
"""What a file declares, by full name."""
DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?)?")


def examples(graph: Graph, file: File) -> dict[str, dict[str, Any]]:
    """ProtoJSON of every named example that is a message of the file, by message and by example."""
    types = {each.full: each for each in declared(file.types)}
    found: dict[str, dict[str, Any]] = {}
    for message, name, value in documents(graph, file):
        declaration = types[message]
        if isinstance(declaration, Message):
            found.setdefault(message.removeprefix(f".{file.package}."), {})[name] = to_proto_json(types, declaration, value)
    return {message: dict(sorted(named.items())) for message, named in sorted(found.items())}


def documents(graph: Graph, file: File) -> Iterator[tuple[str, str, Any]]:
    """Every named example that is a message of the file, as the contract has it: message, name and value."""
    for rpc in file.rpcs:
        required = {each.name for each in rpc.method.parameters if each.required}
        for full, schema in ((rpc.request, rpc.method.request), (rpc.response, rpc.method.response)):
            for example in graph.examples_of(schema):
                # A body alone is no request where parameters are needed beside it.
                if full == rpc.response or (required <= set(example.value) if isinstance(example.value, dict) else not required):
                    yield full, example.name, example.value
    for reference, full in file.named.items():
        for example in graph.examples_of(Schema(ref=reference)):
            yield full, example.name, example.value
    if file.message is not None:
        for whole in envelopes.examples(graph, file.message):
            yield file.types[0].full, whole.name, whole.value


def to_proto_json(types: Types, message: Message, value: Any) -> dict[str, Any]:
    """The contract's JSON `value` as ProtoJSON of `message`; properties that no field stands for are left out."""
    if message.whole is not None:
        return {message.whole.wire: _field(types, message.whole, value)}
    found = {field.wire: _field(types, field, value[field.wire]) for field in message.fields if field.wire in value}
    for named, field in message.one_of.members if message.one_of else ():
        if message.one_of is not None and value[message.one_of.discriminator] == named:
            found[field.wire] = _field(types, field, value)
    return found


def _field(types: Types, field: Field, value: Any) -> Any:
    if field.cardinality == "repeated":
        return [_single(types, field.type, each) for each in value]
    if field.cardinality == "map":
        return {key: _single(types, field.type, each) for key, each in value.items()}
    return _single(types, field.type, value)


def _single(types: Types, type: str, value: Any) -> Any:
    declaration = types.get(type)
    if isinstance(declaration, Message):
        return to_proto_json(types, declaration, value)
    if isinstance(declaration, Enum):
        return dict(declaration.values)[value]
    if type in ("int64", "uint64"):
        return str(value)
    if type == "google.protobuf.Timestamp":
        return str(value).upper()  # RFC 3339 allows `t` and `z`, ProtoJSON does not
    return _seconds(value) if type == "google.protobuf.Duration" else value


def _seconds(duration: str) -> str:
    """`PT1M30S` is `90s` (ProtoJSON of google.protobuf.Duration)."""
    found = DURATION.fullmatch(duration)
    assert found is not None, "review has checked the format"
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:4])
    return f"{((days * 24 + hours) * 60 + minutes) * 60 + seconds}{found[5] or ''}s"
