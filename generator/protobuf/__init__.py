"""Interfaces and messages as protobuf files, without numbers: what the lock, the emitter and the JSON mapping agree on.

Shapes follow the protobuf style guide and Buf's STANDARD lint rules; decision 7 tells why each is as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

from generator import envelopes
from generator.diagnostics import At
from generator.graph import Graph, Method
from generator.model import Schema

UNSPECIFIED = "UNSPECIFIED"
"""Ending of the value 0 that every enum starts with, and that no document has."""


Cardinality = Literal["one", "optional", "repeated", "map"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    wire: str
    """Its name in JSON: the contract's own."""
    type: str
    """A scalar type, a well-known type, or `.package.Message` of one that the file declares."""
    cardinality: Cardinality
    schema: Schema
    """The property's own schema, as the contract has it."""
    renamed_from: str | None = None
    """The name that the field had before."""

    @property
    def is_declared(self) -> bool:
        """Whether its type is declared in the same file."""
        return self.type.startswith(".")


@dataclass(frozen=True, slots=True)
class OneOf:
    """A union: exactly one field is set, the one of the member that the discriminator names."""

    name: str
    discriminator: str
    """Property that names the member, which every member has."""
    members: tuple[tuple[str, Field], ...]
    """The discriminator's value, and the field."""


@dataclass(frozen=True, slots=True)
class Enum:
    """A text of a closed list."""

    name: str
    full: str
    values: tuple[tuple[str, str], ...]
    """The text in JSON, and the name of the value."""
    schema: Schema

    @property
    def zero(self) -> str:
        return f"{value_prefix(self.name)}_{UNSPECIFIED}"


@dataclass(frozen=True, slots=True)
class Message:
    """A message with what is nested in it."""

    name: str
    full: str
    fields: tuple[Field, ...]
    one_of: OneOf | None
    nested: tuple[Message | Enum, ...]
    comment: str | None
    is_deprecated: bool = False
    whole: Field | None = None
    """The field that holds the JSON value as a whole, where that is no object: a list in a list, a list as an answer."""

    @property
    def all_fields(self) -> tuple[Field, ...]:
        return (*self.fields, *(field for _, field in (self.one_of.members if self.one_of else ())))


@dataclass(frozen=True, slots=True)
class Rpc:
    """A method of the service, by the full names of its messages."""

    method: Method
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class File:
    """One .proto file; every file is a package of its own, and imports well-known types only."""

    path: PurePosixPath
    package: str
    about: str
    service: str | None
    comment: str | None
    rpcs: tuple[Rpc, ...]
    types: tuple[Message | Enum, ...]
    named: Mapping[str, str]
    """Full name of the message or enum of each named type that the file shows, by the type's reference."""
    sources: tuple[At, ...]
    is_deprecated: bool = False
    message: envelopes.Message | None = None
    """What the file is about, when it is no interface: then its first type is that message as a whole."""
    displaced: Mapping[str, str] = field(default_factory=dict)
    """Named types that are not called as they would be if they were alone, by reference: the full name they then had."""


def files(graph: Graph) -> tuple[File, ...]:
    """The file of each interface that is offered over gRPC, and of each message that is written in protobuf."""
    from generator.protobuf.describe import interface_file, message_file
    from generator.protobuf.spelling import by_scope

    lock = by_scope(graph.system.locked)
    found = [interface_file(graph, lock, each) for each in graph.interfaces if each.grpc_methods]
    found += [message_file(graph, lock, each) for each in envelopes.messages(graph) if each.subject.encoding == "protobuf"]
    return tuple(sorted(found, key=lambda each: each.path))


def declared(types: tuple[Message | Enum, ...]) -> Iterator[Message | Enum]:
    """Everything that is declared, what is nested included."""
    for each in types:
        yield each
        if isinstance(each, Message):
            yield from declared(each.nested)


def value_prefix(enum: str) -> str:
    """The enum's name in UPPER_SNAKE_CASE, split as Buf's rule ENUM_VALUE_PREFIX splits it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])", "_", enum).upper()


def json_name(field: str) -> str:
    """What a field is called in JSON if nothing else is said (protobuf language guide, "JSON Options")."""
    first, *rest = field.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
