"""How an interface or message becomes a protobuf file: which message each type is, and what each field is called."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal, NamedTuple

from generator import envelopes, names
from generator.dialects import in_order
from generator.graph import Graph, Interface, Method
from generator.model import Event, Schema
from generator.protobuf import UNSPECIFIED, Cardinality, Enum, Field, File, Message, OneOf, Rpc, json_name, value_prefix
from generator.protobuf.spelling import CHILDREN, UNSPELLABLE, Lock, Wanted, apart, field_name, free, is_in_use, message_name, nested_name
from generator.text import one_line

INTEGERS = {None: "int64", "int32": "int32", "int64": "int64", "uint32": "uint32", "uint64": "uint64"}
STRINGS = {"date-time": "google.protobuf.Timestamp", "duration": "google.protobuf.Duration"}
STRUCT = "google.protobuf.Struct"
GO_SYSTEMS = frozenset({
    "386", "aix", "amd64", "android", "arm", "arm64", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "loong64", "mips",
    "mips64", "mips64le", "mipsle", "nacl", "netbsd", "openbsd", "plan9", "ppc64", "ppc64le", "riscv", "riscv64", "s390x", "solaris", "sparc64",
    "wasip1", "wasm", "windows", "zos",
})  # fmt: skip
"""Go builds a file whose name ends so on that system or processor alone (`go help buildconstraint`)."""


def interface_file(graph: Graph, lock: Lock, interface: Interface) -> File:
    """The service of an interface, its requests and answers, and the types that those reach."""
    methods = interface.grpc_methods
    shown = [schema for method in methods for schema in _schemas(method)]
    exchanged = {_exchanged(method, ending).lower() for method in methods for ending in ("Request", "Response")}
    describer = _Describer.of(graph, lock, interface.package, interface.scope, shown, {interface.service.lower(), *exchanged})
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
        displaced=describer.displaced(),
    )


def message_file(graph: Graph, lock: Lock, message: envelopes.Message) -> File:
    """The whole message, envelope included, and the types that it reaches."""
    package = names.package(graph.namespace, message.owner.name, f"{message.name}-message", message.subject.version)
    whole = envelopes.message_type(graph, message)
    name = names.pascal(message.name)
    describer = _Describer.of(graph, lock, package, message.owner.name, [whole], {name.lower()})
    is_deprecated = isinstance(message.subject, Event) and message.subject.deprecated
    about = one_line(message.summary or message.title)
    top = describer.message(_Place(name, f".{package}"), whole, comment=about, is_deprecated=is_deprecated)
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
        is_deprecated=is_deprecated,
        message=message,
        displaced=describer.displaced(),
    )


def _exchanged(method: Method, ending: str) -> str:
    """Name of a request or response message, as Buf's rule RPC_REQUEST_STANDARD_NAME spells it."""
    assert method.grpc_name is not None
    return f"{message_name(method.grpc_name)}{ending}"


def _described(graph: Graph, schema: Schema | None) -> str | None:
    """What is said of the type whose fields a request or answer takes over."""
    return schema.description or graph.resolve(schema).description if schema is not None else None


def _schemas(method: Method) -> Iterable[Schema]:
    yield from (parameter.schema for parameter in method.parameters)
    yield from (schema for schema in (method.request, method.response) if schema is not None)


def _path(package: str, name: str) -> PurePosixPath:
    file = names.snake(name)
    ending = "_api" if "_" in file and file.rpartition("_")[2] in GO_SYSTEMS else ""
    return PurePosixPath(*package.split(".")) / f"{file}{ending}.proto"


# --- one file ---------------------------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where a message is declared: its name, the full name of what it is in, and the messages around it."""

    name: str
    scope: str
    ancestors: frozenset[str] = frozenset()

    @property
    def full(self) -> str:
        return f"{self.scope}.{self.name}"


class _Slot(NamedTuple):
    """A field that a message is to have."""

    wire: str
    schema: Schema
    is_required: bool


@dataclass(slots=True)
class _Describer:
    """The types of one file while they are being found."""

    graph: Graph
    lock: Lock
    package: str
    called: Mapping[str, str]
    """Message or enum name of each type that the file may show."""
    alone: Mapping[str, str]
    """What it would be called if it were alone in the file."""
    wanted: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, graph: Graph, lock: Lock, package: str, scope: str | None, shown: Sequence[Schema], taken: set[str]) -> _Describer:
        """Names that the contract says come first; then the owner's types, the system's, and those of others.

        Whoever finds its name taken has its owner's before it, and keeps that once numbers were given by it.
        """
        closure = graph.closure(shown)
        called = {each: name for each in closure if (name := graph.types[each].schema.proto_name)}
        alone = {each: message_name(each.rpartition(".")[2]) for each in closure if each not in called}
        owners = {each: each.rpartition(".")[0] or None for each in alone}
        long = {each: f"{names.pascal(owners[each] or 'system')}{name}" for each, name in alone.items()}
        plain = {each.lower() for each in alone.values()}
        kept = {each for each in alone if long[each].lower() not in plain and is_in_use(lock, f"{package}.{long[each]}")}
        taken = taken | UNSPELLABLE | {each.lower() for each in called.values()}
        for each in sorted(alone, key=lambda each: (owners[each] != scope, owners[each] is not None, each)):
            called[each] = free(long[each] if each in kept else alone[each], taken, long[each])
            taken.add(called[each].lower())
        return cls(graph, lock, package, called, alone)

    def request(self, method: Method) -> Message:
        """Parameters and body as the fields of one message, as `body: "*"` of google.api.http maps them."""
        place = _Place(_exchanged(method, "Request"), f".{self.package}")
        parameters = sorted(method.parameters, key=lambda each: (each.where != "path", not each.required, each.name))
        slots = [_Slot(each.name, each.schema, each.required) for each in parameters]
        return self.message(place, method.request, slots, comment=_described(self.graph, method.request))

    def response(self, method: Method) -> Message:
        """The answer's properties as the fields of one message, so that its JSON is the document that HTTP answers with."""
        place = _Place(_exchanged(method, "Response"), f".{self.package}")
        return self.message(place, method.response, comment=_described(self.graph, method.response))

    def message(
        self, place: _Place, schema: Schema | None, given: Sequence[_Slot] = (), *, comment: str | None = None, is_deprecated: bool = False
    ) -> Message:
        return _Home(self, place).message(schema, given, comment, is_deprecated=is_deprecated)

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
        found: list[Message | Enum] = []
        texts: list[tuple[str, Schema]] = []
        for reference in self.wanted:  # grows meanwhile
            name, schema = self.called[reference], self.graph.types[reference].schema
            if schema.enum:
                texts.append((name, schema))
            else:
                place = _Place(name, f".{self.package}")
                schema = dataclasses.replace(schema, proto_name=None)  # that is its own, not that of a field which holds it
                found.append(self.message(place, schema, comment=schema.description or schema.title, is_deprecated=schema.deprecated))
        return tuple(sorted([*found, *enums(f".{self.package}", texts, self.lock)], key=lambda each: each.name))

    def named(self) -> Mapping[str, str]:
        return {reference: f".{self.package}.{self.called[reference]}" for reference in sorted(self.wanted)}

    def displaced(self) -> Mapping[str, str]:
        names = {each: self.alone[each] for each in sorted(self.wanted) if each in self.alone and self.alone[each] != self.called[each]}
        return {each: f".{self.package}.{name}" for each, name in names.items() if name.lower() not in UNSPELLABLE}


def enums(scope: str, texts: Sequence[tuple[str, Schema]], lock: Lock) -> Iterator[Enum]:
    """The enums that are declared in one place: their values are names of that place, so all are told apart together."""
    texts = sorted(texts, key=lambda each: each[0])
    zeros = [Wanted(f"{value_prefix(name)}_{UNSPECIFIED}", f"{scope}.{name}"[1:]) for name, _ in texts]
    values = [(name, text) for name, schema in texts for text in sorted(schema.enum)]
    wanted = [Wanted(f"{value_prefix(name)}_{names.upper_snake(text)}", f"{scope}.{name}"[1:]) for name, text in values]
    called = dict(zip(values, apart(wanted, lock, "_VALUE", zeros), strict=True))
    for name, schema in texts:
        yield Enum(name, f"{scope}.{name}", tuple((text, called[name, text]) for text in sorted(schema.enum)), schema)


# --- one message ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Home:
    """A message while its fields are being found, and the place where types without a name are declared."""

    describer: _Describer
    place: _Place
    nested: list[Message] = field(default_factory=list)
    texts: list[tuple[str, Schema]] = field(default_factory=list)
    """The enums that are nested in it."""

    def message(self, schema: Schema | None, given: Sequence[_Slot], comment: str | None, *, is_deprecated: bool) -> Message:
        """The fields of an object or union beside those that are given; any other value is one field more."""
        resolved = self.describer.graph.resolve(schema) if schema is not None else None
        slots, union, whole = list(given), None, None
        if schema is None or resolved is None:
            pass
        elif resolved.one_of:
            union = resolved
        elif resolved.properties or is_empty(resolved):
            known = {each.wire for each in given}
            own = (_Slot(each.name, each.schema, each.name in resolved.required) for each in in_order(resolved))
            slots += (each for each in own if each.wire not in known)
        else:
            whole = _Slot(_whole_name(resolved, {each.wire for each in given}), schema, is_required=True)
            slots.append(whole)
        fields, one_of = self._fields(slots, union)
        nested: list[Message | Enum] = [*self.nested, *enums(self.place.full, self.texts, self.describer.lock)]
        held = fields[-1] if whole is not None else None
        return Message(
            self.place.name,
            self.place.full,
            fields,
            one_of,
            tuple(sorted(nested, key=lambda each: each.name)),
            comment,
            is_deprecated,
            held,
        )

    def _fields(self, slots: Sequence[_Slot], union: Schema | None) -> tuple[tuple[Field, ...], OneOf | None]:
        """The fields and the members of the union, all told apart together."""
        discriminator = union.discriminator if union is not None else None
        members = sorted(discriminator.mapping, key=lambda each: each.name) if discriminator else []
        scope = self.place.full[1:]
        wanted = [
            Wanted(each.schema.proto_name or field_name(each.wire), scope, each.wire, each.schema.proto_name is not None) for each in slots
        ]
        if discriminator is None:
            called = apart(wanted, self.describer.lock, "_value")
            return tuple(self._field(slot, name) for slot, name in zip(slots, called, strict=True)), None
        # Its name is no field's and has no number, but is in the way of theirs, and of what they are called in JSON.
        name = field_name(discriminator.property)
        choice = free(name, {each.lower() for field in wanted for each in (field.name, field.wire)}, f"{name}_choice")
        wanted += [Wanted(field_name(each.name), scope) for each in members]
        called = apart(wanted, self.describer.lock, "_value", [Wanted(choice, scope)])
        fields = tuple(self._field(slot, name) for slot, name in zip(slots, called, strict=False))
        held = [Schema(ref=each.type, at=each.at) for each in members]
        of_members = [
            (member.name, Field(name, json_name(name), self._single(schema, name), "one", schema))
            for member, schema, name in zip(members, held, called[len(slots) :], strict=True)
        ]
        return fields, OneOf(choice, discriminator.property, tuple(of_members))

    def _field(self, slot: _Slot, name: str) -> Field:
        type, cardinality = self._type(slot.schema, name)
        if cardinality == "one" and not slot.is_required and not _has_presence(self.describer.graph.resolve(slot.schema)):
            cardinality = "optional"
        former = slot.schema.renamed_from
        return Field(name, slot.wire, type, cardinality, slot.schema, field_name(former) if former else None)

    def _type(self, schema: Schema, name: str) -> tuple[str, Cardinality]:
        """The type of a field, and whether it is a list or map of it."""
        resolved = self.describer.graph.resolve(schema)
        if resolved.type != "array" and not is_map(resolved):
            return self._single(schema, name), "one"
        where: Literal["list", "map"] = "list" if resolved.type == "array" else "map"
        return self._shared(schema, where) or self._held(_part(resolved), name, where), "repeated" if where == "list" else "map"

    def _shared(self, schema: Schema, where: str) -> str | None:
        """What a named list or map holds, where that has no name itself: declared once, inside the message of the list."""
        final = self.describer.final(schema)
        resolved = self.describer.graph.resolve(final)
        part = _part(resolved)
        if final.ref is None or part.ref is not None or not (is_declared(part) or part.type == "array" or is_map(part)):
            return None
        home = self.describer.declared(final.ref)
        wanted = nested_name(_whole_name(resolved, set()), CHILDREN[where])
        return f"{home}.{_child_name(wanted, {home.rpartition('.')[2].lower()})}"

    def _held(self, schema: Schema, name: str, where: str) -> str:
        """The type of an item or entry; a list in a list needs a message between them."""
        final = self.describer.final(schema)
        resolved = self.describer.graph.resolve(final)
        if resolved.type != "array" and not is_map(resolved):
            return self._single(schema, name, CHILDREN[where])
        if final.ref is not None:
            return self.describer.declared(final.ref)
        return self._child(nested_name(name, CHILDREN[where]), schema)

    def _single(self, schema: Schema, name: str, ending: str = "") -> str:
        final = self.describer.final(schema)
        resolved = self.describer.graph.resolve(final)
        if not is_declared(resolved):
            return scalar(resolved)
        return self.describer.declared(final.ref) if final.ref is not None else self._child(nested_name(name, ending), resolved)

    def _child(self, wanted: str, schema: Schema) -> str:
        """A message or enum declared inside this one; not called like one around it, which Java and C# do not allow."""
        ancestors = self.place.ancestors | {self.place.name.lower()}
        siblings = {each.name.lower() for each in self.nested} | {name.lower() for name, _ in self.texts}
        place = _Place(_child_name(wanted, ancestors | siblings), self.place.full, ancestors)
        if schema.enum:
            self.texts.append((place.name, schema))
        else:
            self.nested.append(self.describer.message(place, schema, is_deprecated=schema.deprecated))
        return place.full


def _child_name(wanted: str, taken: Set[str]) -> str:
    return free(wanted, taken | UNSPELLABLE, f"{wanted}Type")


def _part(resolved: Schema) -> Schema:
    """What a list or map holds."""
    part = resolved.items if resolved.type == "array" else resolved.additional
    assert isinstance(part, Schema)
    return part


def _whole_name(resolved: Schema, given: set[str]) -> str:
    """What the value is called that is the message as a whole."""
    wire = "items" if resolved.type == "array" else "entries" if is_map(resolved) else "value"
    while wire in given:
        wire = f"{wire}Body"
    return wire


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
    return resolved.type == "object" or bool(resolved.one_of) or (not resolved.enum and scalar(resolved).startswith("google."))
