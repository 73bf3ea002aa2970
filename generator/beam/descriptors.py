"""Interfaces as protobuf's own descriptors, so that a look-up speaks gRPC without generated code."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from generator import field_numbers, names
from generator.graph import Graph, Interface, Lookup
from generator.protobuf import Enum, Field, File, Message, declared
from generator.protobuf.describe import interface_file
from generator.protobuf.spelling import by_scope

Numbers = Mapping[tuple[str, str], int]
SCALARS = {
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "double": FieldDescriptorProto.TYPE_DOUBLE,
    "float": FieldDescriptorProto.TYPE_FLOAT,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
    "string": FieldDescriptorProto.TYPE_STRING,
    "uint32": FieldDescriptorProto.TYPE_UINT32,
    "uint64": FieldDescriptorProto.TYPE_UINT64,
}


def method_path(interface: Interface, lookup: Lookup) -> str:
    """`/package.Service/Method`."""
    assert lookup.method is not None
    return f"/{interface.package}.{interface.service}/{lookup.method.grpc_name}"


def descriptor_set(graph: Graph, interface: Interface) -> str:
    """FileDescriptorSet of an interface in base64; of protobuf's own files it has only the names, as every library brings them."""
    file = file_of(graph, interface)
    found = FileDescriptorSet(file=[_file(graph, file)])
    return base64.b64encode(found.SerializeToString(deterministic=True)).decode()


def file_of(graph: Graph, interface: Interface) -> File:
    """The protobuf file of an interface, as the proto kind prints it."""
    return interface_file(graph, by_scope(graph.system.locked), interface)


def wire_values(graph: Graph, interface: Interface, lookup: Lookup) -> dict[str, str]:
    """Name of each enum value of a field that is taken, to the contract's text; empty for what is no enum."""
    file = file_of(graph, interface)
    types = {each.full: each for each in declared(file.types)}
    answer = next((types.get(each.response) for each in file.rpcs if each.method == lookup.method), None)
    fields = answer.fields if isinstance(answer, Message) else ()
    taken = next((types.get(each.type) for each in fields if each.wire == lookup.enrichment.take), None)
    return {name: text for text, name in taken.values} if isinstance(taken, Enum) else {}


def _file(graph: Graph, file: File) -> FileDescriptorProto:
    numbers = field_numbers.lookup(graph)
    enums = frozenset(each.full for each in declared(file.types) if isinstance(each, Enum))
    found = FileDescriptorProto(name=str(file.path), package=file.package, syntax="proto3", dependency=_imports(file))
    found.message_type.extend(_message(each, numbers, enums) for each in file.types if isinstance(each, Message))
    found.enum_type.extend(_enum(each, numbers) for each in file.types if isinstance(each, Enum))
    service = found.service.add(name=file.service or "")
    for rpc in file.rpcs:
        stream = rpc.method.operation.stream
        service.method.add(
            name=rpc.method.grpc_name or "",
            input_type=rpc.request,
            output_type=rpc.response,
            client_streaming=stream in ("request", "both"),
            server_streaming=stream in ("response", "both"),
        )
    return found


def _imports(file: File) -> list[str]:
    fields = (field for each in declared(file.types) if isinstance(each, Message) for field in each.all_fields)
    return sorted({f"{field.type.replace('.', '/').lower()}.proto" for field in fields if field.type.startswith("google.")})


def _message(message: Message, numbers: Numbers, enums: frozenset[str]) -> DescriptorProto:
    found = DescriptorProto(name=message.name)
    for each in message.nested:
        if isinstance(each, Enum):
            found.enum_type.append(_enum(each, numbers))
        else:
            found.nested_type.append(_message(each, numbers, enums))
    members = {field.name for _, field in message.one_of.members} if message.one_of else set()
    if message.one_of is not None:
        found.oneof_decl.add(name=message.one_of.name)
    for field in message.all_fields:
        made = found.field.add(name=field.name, number=numbers[message.full[1:], field.name], json_name=field.wire)
        _typed(made, field, enums)
        if field.name in members:
            made.oneof_index = 0
        if field.cardinality == "map":
            found.nested_type.append(_entry(made, message, field, enums))
    for made, field in zip(found.field, message.all_fields, strict=True):
        if field.cardinality == "optional":  # protoc makes a oneof of its own for each, after all others
            made.proto3_optional, made.oneof_index = True, len(found.oneof_decl)
            found.oneof_decl.add(name=f"_{field.name}")
    return found


def _typed(made: FieldDescriptorProto, field: Field, enums: frozenset[str]) -> None:
    is_list = field.cardinality in ("repeated", "map")
    made.label = FieldDescriptorProto.LABEL_REPEATED if is_list else FieldDescriptorProto.LABEL_OPTIONAL
    if field.type in SCALARS:
        made.type = SCALARS[field.type]
        return
    made.type = FieldDescriptorProto.TYPE_ENUM if field.type in enums else FieldDescriptorProto.TYPE_MESSAGE
    made.type_name = field.type if field.is_declared else f".{field.type}"


def _entry(made: FieldDescriptorProto, message: Message, field: Field, enums: frozenset[str]) -> DescriptorProto:
    """A map is a list of entries."""
    entry = DescriptorProto(name=f"{names.pascal(field.name)}Entry")
    entry.options.map_entry = True
    optional = FieldDescriptorProto.LABEL_OPTIONAL
    entry.field.add(name="key", number=1, label=optional, type=FieldDescriptorProto.TYPE_STRING, json_name="key")
    _typed(entry.field.add(name="value", number=2, json_name="value"), field, enums)
    entry.field[1].label = optional
    made.type, made.type_name = FieldDescriptorProto.TYPE_MESSAGE, f"{message.full}.{entry.name}"
    return entry


def _enum(enum: Enum, numbers: Numbers) -> EnumDescriptorProto:
    found = EnumDescriptorProto(name=enum.name)
    found.value.add(name=enum.zero, number=0)
    for _, name in enum.values:
        found.value.add(name=name, number=numbers[enum.full[1:], name])
    return found
