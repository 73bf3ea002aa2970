"""The generated services, and messages with every field set: what the Python server and the Python client share."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, ServiceDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

DEEPEST = 3
TEXT = "grüße"
SCALARS: dict[int, Any] = {
    FieldDescriptor.CPPTYPE_STRING: TEXT,
    FieldDescriptor.CPPTYPE_INT64: 2**53 + 1,
    FieldDescriptor.CPPTYPE_UINT64: 2**53 + 1,
    FieldDescriptor.CPPTYPE_INT32: -7,
    FieldDescriptor.CPPTYPE_UINT32: 7,
    FieldDescriptor.CPPTYPE_DOUBLE: 0.5,
    FieldDescriptor.CPPTYPE_FLOAT: 0.5,
    FieldDescriptor.CPPTYPE_BOOL: True,
}
"""Beyond 2^53 a double would round, which shows whoever reads a 64-bit integer as one."""
KNOWN: dict[str, Any] = {
    "google.protobuf.Timestamp": "2026-01-01T10:00:00.500Z",
    "google.protobuf.Duration": "90.5s",
    "google.protobuf.FieldMask": "a.b,c",
    "google.protobuf.Struct": {"a": [1, None, {"b": TEXT}]},
    "google.protobuf.Value": {"a": [1, None, {"b": TEXT}]},
    "google.protobuf.ListValue": [1, None, {"b": TEXT}],
    "google.protobuf.Any": {},
}
"""Messages whose JSON is not made of their fields."""
LARGEST = 1 << 24
OPTIONS = (("grpc.max_metadata_size", LARGEST), ("grpc.absolute_max_metadata_size", LARGEST))
"""Room for what was said in the trailers: both sides tell there, as proto JSON, what they sent or got."""
ASKED, ANSWERED = "asked-bin", "answered-bin"


@dataclass(frozen=True)
class Service:
    """A generated service: its descriptor, and the module with its stub and servicer."""

    descriptor: ServiceDescriptor
    grpc: Any


def services(folder: Path) -> Iterator[Service]:
    """Every service that protoc wrote Python for, below `folder`."""
    sys.path.insert(0, str(folder))
    for path in sorted(folder.rglob("*_pb2.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        descriptor = importlib.import_module(name).DESCRIPTOR
        grpc = importlib.import_module(f"{name}_grpc")
        yield from (Service(each, grpc) for each in descriptor.services_by_name.values())


def example(descriptor: Descriptor, depth: int = 0) -> Message:
    """A message with every field set, the first of each oneof, down to a depth that ends recursive types."""
    message = GetMessageClass(descriptor)()
    if descriptor.full_name in KNOWN:
        ParseDict(KNOWN[descriptor.full_name], message)
        return message
    for field in descriptor.fields:
        is_first = field.containing_oneof is None or field == field.containing_oneof.fields[0]
        if is_first and (field.message_type is None or depth < DEEPEST):
            fill(message, field, depth)
    return message


def fill(message: Message, field: FieldDescriptor, depth: int) -> None:
    target = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        if value.message_type is not None:
            target[scalar(key)].CopyFrom(example(value.message_type, depth + 1))
        else:
            target[scalar(key)] = scalar(value)
    elif field.is_repeated:
        target.append(example(field.message_type, depth + 1) if field.message_type else scalar(field))
    elif field.message_type is not None:
        target.CopyFrom(example(field.message_type, depth + 1))
    else:
        setattr(message, field.name, scalar(field))


def scalar(field: FieldDescriptor) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return b"\xff\xfe" if field.type == FieldDescriptor.TYPE_BYTES else SCALARS[field.cpp_type]


def said(messages: list[Message]) -> bytes:
    """Messages as one text of proto JSON."""
    return json.dumps([MessageToDict(each) for each in messages]).encode()


def heard(text: bytes, descriptor: Descriptor) -> list[Message]:
    """The reverse of `said`."""
    return [ParseDict(each, GetMessageClass(descriptor)()) for each in json.loads(text)]
