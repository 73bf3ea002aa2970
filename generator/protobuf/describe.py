"""How an interface or message becomes a protobuf file: which message each type is, and what each field is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from generator import envelopes, names
from generator.dialects import in_order
from generator.graph import Graph, Interface, Method
from generator.model import Event, Property, Schema
from generator.protobuf import Cardinality, Enum, Field, File, Message, OneOf, Rpc, json_name, value_prefix
from generator.text import one_line

INTEGERS = {None: "int64", "int32": "int32", "int64": "int64", "uint32": "uint32", "uint64": "uint64"}
STRINGS = {"date-time": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}
STRUCT = "google.protobuf.Struct"
NEVER_NESTED = frozenset({"builder"})
"""Java gives each message a class of that name."""


def interface_file(graph: Graph, interface: Interface) -> File:
    """The service of an interface, its requests and answers, and the types that those reach."""
    methods = interface.grpc_methods
    shown = [schema for method in methods for schema in _schemas(method)]
    exchanged = {f"{method.grpc_name}{ending}".lower() for method in methods for ending in ("Request", "Response")}
    describer = _Describer.of(graph, interface.package, interface.scope, shown, {interface.service.lower(), *exchanged})
    rpcs, messages = [], []
    for method in methods:
        request, response = describer.request(method), describer.response(method)
        messages += [request, response]
        rpcs.append(Rpc(method, request.full, response.full))
    summary = interface.api.summary or interface.api.title
    named = describer.reached()
    return File(
        path=_path(interface.package, interface.api.name),
        package=interface.package,
        about=f"{interface.id}, version {interface.api.version}",
        service=interface.service,
        comment=summary or f"{names.title(interface.api.name)}.",
        rpcs=tuple(rpcs),
        types=(*messages, *named),
        named=describer.named(),
        sources=(interface.at, *(method.at for method in methods), *(graph.types[each].at for each in graph.closure(shown))),
        is_deprecated=interface.api.deprecated,
    )


def message_file(graph: Graph, message: envelopes.Message) -> File:
    """The whole message, envelope included, and the types that it reaches."""
    package = names.package(graph.namespace, message.owner.name, f"{message.name}-message", message.subject.version)
    whole = envelopes.message_type(graph, message)
    describer = _Describer.of(graph, package, message.owner.name, [whole], {names.pascal(message.name).lower()})
    top = describer.whole_message(names.pascal(message.name), whole, one_line(message.summary or message.title))
    named = describer.reached()
    return File(
        path=_path(package, message.name),
        package=package,
        about=f"{message.id}, version {message.subject.version}",
        service=None,
        comment=None,
        rpcs=(),
        types=(top, *named),
        named=describer.named(),
        sources=(message.at, *(graph.types[each].at for each in graph.closure([whole]))),
        is_deprecated=isinstance(message.subject, Event) and message.subject.deprecated,
        message=message,
    )


def _described(graph: Graph, schema: Schema | None) -> str | None:
    """What is said of the type whose fields a request or answer takes over."""
    return schema.description or graph.resolve(schema).description if schema is not None else None


def _schemas(method: Method) -> Iterable[Schema]:
    yield from (parameter.schema for parameter in method.parameters)
    yield from (schema for schema in (method.request, method.response) if schema is not None)


def _path(package: str, name: str) -> PurePosixPath:
    return PurePosixPath(*package.split(".")) / f"{names.snake(name)}.proto"


# --- one file ---------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Describer:
    """The types of one file while they are being found."""

    graph: Graph
    package: str
    called: Mapping[str, str]
    """Message or enum name of each type that the file may show."""
    wanted: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, graph: Graph, package: str, scope: str | None, shown: Sequence[Schema], taken: set[str]) -> _Describer:
        called: dict[str, str] = {}
        for reference, name in sorted(names.schema_names(graph.closure(shown), scope).items()):
            message = free(_message_name(graph.types[reference].schema.proto_name or name), taken, "Type")
            called[reference] = message
            taken.add(message.lower())
        return cls(graph, package, called)

    def request(self, method: Method) -> Message:
        """Parameters and body as the fields of one message, as `body: "*"` of google.api.http maps them."""
        assert method.grpc_name is not None
        home = _Home(self, f"{method.grpc_name}Request", f".{self.package}", frozenset())
        parameters = sorted(method.parameters, key=lambda each: (each.where != "path", not each.required, each.name))
        for parameter in parameters:
            home.add(parameter.name, parameter.schema, is_required=parameter.required)
        if method.request is not None:
            home.body(method.request, {parameter.name for parameter in parameters})
        return home.message(_described(self.graph, method.request))

    def response(self, method: Method) -> Message:
        """The answer's properties as the fields of one message, so that its JSON is the document that HTTP answers with."""
        home = _Home(self, f"{method.grpc_name}Response", f".{self.package}", frozenset())
        if method.response is not None:
            home.body(method.response, set())
        return home.message(_described(self.graph, method.response))

    def whole_message(self, name: str, schema: Schema, comment: str) -> Message:
        home = _Home(self, name, f".{self.package}", frozenset())
        home.body(schema, set())
        return home.message(comment)

    def final(self, schema: Schema) -> Schema:
        """The last reference of a chain of aliases; a schema that is no reference is itself."""
        while schema.ref is not None and self.graph.types[schema.ref].schema.ref is not None:
            schema = self.graph.types[schema.ref].schema
        return schema

    def declared(self, reference: str) -> str:
        """Full name of a named type's message or enum, which the file then has."""
        if reference not in self.wanted:
            self.wanted.append(reference)
        return f".{self.package}.{self.called[reference]}"

    def reached(self) -> tuple[Message | Enum, ...]:
        """The messages and enums of named types, by name; describing one may reach more."""
        found: dict[str, Message | Enum] = {}
        for reference in self.wanted:  # grows meanwhile
            definition = self.graph.types[reference]
            found[self.called[reference]] = self._named(self.called[reference], definition.schema)
        return tuple(found[name] for name in sorted(found))

    def named(self) -> Mapping[str, str]:
        return {reference: f".{self.package}.{self.called[reference]}" for reference in sorted(self.wanted)}

    def _named(self, name: str, schema: Schema) -> Message | Enum:
        if schema.enum:
            return enum(name, f".{self.package}", schema)
        home = _Home(self, name, f".{self.package}", frozenset())
        home.body(schema, set())
        return home.message(schema.description or schema.title, is_deprecated=schema.deprecated)


def enum(name: str, scope: str, schema: Schema) -> Enum:
    values = tuple((text, f"{value_prefix(name)}_{names.upper_snake(text)}") for text in sorted(schema.enum))
    return Enum(name, f"{scope}.{name}", tuple((text, _not_zero(value, name)) for text, value in values), schema)


def _not_zero(value: str, enum: str) -> str:
    """A text `unspecified` is another value than none at all."""
    return f"{value}_VALUE" if value == f"{value_prefix(enum)}_UNSPECIFIED" else value


def free(name: str, taken: Iterable[str], ending: str) -> str:
    """The name, with the ending and then a number where others have it already; case does not tell names apart."""
    wanted, number = name, 1
    known = set(taken)
    while wanted.lower() in known:
        wanted = f"{name}{ending}{number if number > 1 else ''}"
        number += 1
    return wanted


def _message_name(name: str) -> str:
    """PascalCase, acronyms kept: `HTTPError` stays as it is."""
    return names.pascal(name) if "_" in name or not name[0].isupper() else name


# --- one message ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Home:
    """A message while its fields are being found, and the place where types without a name are declared."""

    describer: _Describer
    name: str
    scope: str
    ancestors: frozenset[str]
    entries: frozenset[str] = frozenset()
    fields: dict[str, Field] = field(default_factory=dict)
    nested: list[Message | Enum] = field(default_factory=list)
    one_of: OneOf | None = None
    whole: Field | None = None

    @property
    def full(self) -> str:
        return f"{self.scope}.{self.name}"

    def message(self, comment: str | None, *, is_deprecated: bool = False) -> Message:
        nested = tuple(sorted(self.nested, key=lambda each: each.name))
        return Message(self.name, self.full, tuple(self.fields.values()), self.one_of, nested, comment, is_deprecated, self.whole)

    def body(self, schema: Schema, given: set[str]) -> None:
        """The fields of an object or union; any other value is one field. `given` are parameters of the same message."""
        resolved = self.describer.graph.resolve(schema)
        if resolved.one_of:
            self._union(resolved)
        elif resolved.properties or is_empty(resolved):
            properties: list[Property] = in_order(resolved)
            maps = (each for each in properties if is_map(self.describer.graph.resolve(each.schema)))
            self.entries = frozenset(f"{names.pascal(_field_name(each.name))}Entry".lower() for each in maps)
            for each in properties:
                if each.name not in given:
                    self.add(each.name, each.schema, is_required=each.name in resolved.required)
        else:
            wire = "items" if resolved.type == "array" else "entries" if isinstance(resolved.additional, Schema) else "value"
            self.hold(wire, schema)

    def hold(self, wire: str, schema: Schema) -> None:
        """The value as a whole in one field of that name."""
        while wire in {each.wire for each in self.fields.values()}:
            wire = f"{wire}Body"
        self.whole = self.add(wire, schema, is_required=True)

    def add(self, wire: str, schema: Schema, *, is_required: bool) -> Field:
        name = self._free(schema.proto_name or _field_name(wire))
        type, cardinality = self._type(schema, wire)
        if cardinality == "one" and not is_required and not _has_presence(self.describer.graph.resolve(schema)):
            cardinality = "optional"
        renamed_from = _field_name(schema.renamed_from) if schema.renamed_from else None
        found = Field(name, wire, type, cardinality, schema, renamed_from)
        self.fields[name] = found
        return found

    def _union(self, schema: Schema) -> None:
        assert schema.discriminator is not None
        name = self._free(_field_name(schema.discriminator.property))
        members: dict[str, tuple[str, Field]] = {}
        for member in sorted(schema.discriminator.mapping, key=lambda each: each.name):
            called = self._free(_field_name(member.name), name, *members)
            held = Schema(ref=member.type, at=member.at)
            members[called] = member.name, Field(called, json_name(called), self._single(held, called), "one", held)
        self.one_of = OneOf(name, schema.discriminator.property, tuple(members.values()))

    def _free(self, name: str, *others: str) -> str:
        """protoc compares default JSON names too, so underscores do not tell names apart."""
        taken = {each.replace("_", "") for each in (*self.fields, *others)}
        while name.replace("_", "") in taken:
            name = f"{name}_value"
        return name

    def _type(self, schema: Schema, wire: str) -> tuple[str, Cardinality]:
        """The type of a field, and whether it is a list or map of it."""
        resolved = self.describer.graph.resolve(schema)
        if resolved.type == "array":
            assert resolved.items is not None
            return self._item(resolved.items, f"{wire}_item"), "repeated"
        if is_map(resolved):
            assert isinstance(resolved.additional, Schema)
            return self._item(resolved.additional, f"{wire}_value"), "map"
        return self._single(schema, wire), "one"

    def _item(self, schema: Schema, wire: str) -> str:
        """The type of an item or entry; a list in a list needs a message between them."""
        resolved = self.describer.graph.resolve(schema)
        if resolved.type != "array" and not is_map(resolved):
            return self._single(schema, wire)
        home = self._child(wire)
        home.body(schema, set())
        self.nested.append(home.message(None))
        return home.full

    def _single(self, schema: Schema, wire: str) -> str:
        final = self.describer.final(schema)
        resolved = self.describer.graph.resolve(final)
        if not is_declared(resolved):
            return scalar(resolved)
        if final.ref is not None:
            return self.describer.declared(final.ref)
        home = self._child(wire)
        if resolved.enum:
            self.nested.append(enum(home.name, self.full, resolved))
        else:
            home.body(resolved, set())
            self.nested.append(home.message(None, is_deprecated=resolved.deprecated))
        return home.full

    def _child(self, wire: str) -> _Home:
        """A message declared inside this one; a map has a message as well, called after its field."""
        ancestors = self.ancestors | {self.name.lower()}
        taken = {each.name.lower() for each in self.nested} | ancestors | self.entries | NEVER_NESTED
        return _Home(self.describer, free(names.pascal(_field_name(wire)), taken, "Type"), self.full, ancestors)


def _field_name(wire: str) -> str:
    """lower_snake_case, and no digit first."""
    name = names.snake(wire)
    return f"field_{name}" if not name or name[0].isdigit() else name


def is_declared(resolved: Schema) -> bool:
    """Whether the type is a message or an enum, and no scalar, list or map."""
    return bool(resolved.one_of or resolved.enum or resolved.properties) or is_empty(resolved)


def is_empty(schema: Schema) -> bool:
    """An object that has no properties yet, and no others either."""
    return schema.type == "object" and not schema.properties and schema.additional is False


def is_map(schema: Schema) -> bool:
    return isinstance(schema.additional, Schema) and not schema.properties


def scalar(schema: Schema) -> str:
    """The scalar or well-known type of a value that needs no declaration of its own."""
    if schema.type == "string":
        return "bytes" if schema.encoding else STRINGS.get(schema.format or "", "string")
    if schema.type == "integer":
        return INTEGERS[schema.format]
    if schema.type == "number":
        return "float" if schema.format == "float" else "double"
    return "bool" if schema.type == "boolean" else STRUCT


def _has_presence(resolved: Schema) -> bool:
    """Messages are there or not by themselves."""
    return resolved.type == "object" or bool(resolved.one_of) or scalar(resolved).startswith("google.")
