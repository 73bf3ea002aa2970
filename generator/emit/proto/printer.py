"""A protobuf file as text, laid out as `buf format` lays it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from generator import names
from generator.graph import Graph
from generator.model import LockedName, Schema
from generator.protobuf import Enum, Field, File, Message, OneOf, Rpc, declared, json_name
from generator.text import comment, generated_by, one_line

IDEMPOTENCY_LEVELS = {"safe": "NO_SIDE_EFFECTS", "idempotent": "IDEMPOTENT"}
"""google.protobuf.MethodOptions.IdempotencyLevel; with a key a method is idempotent only for callers that send one."""
MEANINGS = {
    "date": "A date: 2026-12-31.",
    "time": "A time of day: 23:59:59.",
    "decimal": "A decimal number, as text so that no digit is lost.",
    "uuid": "A UUID.",
    "email": "An e-mail address.",
    "uri": "A URI.",
    "hostname": "A host name.",
    "ipv4": "An IPv4 address.",
    "ipv6": "An IPv6 address.",
}
"""What a text stands for that protobuf has no type for."""
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
REDACTED = frozenset({"personal", "sensitive", "secret"})


@dataclass(frozen=True, slots=True)
class Printer:
    """One file, with the numbers of the lock."""

    graph: Graph
    file: File
    numbers: Mapping[tuple[str, str], int]
    lost: Mapping[str, tuple[LockedName, ...]]
    known: Set[str]
    """Full names of everything that the file declares inside something else, and that could be meant instead of another."""

    @classmethod
    def of(cls, graph: Graph, file: File, numbers: Mapping[tuple[str, str], int], lost: Mapping[str, tuple[LockedName, ...]]) -> Printer:
        known = {f".{file.package}.{file.service}.{each.method.grpc_name}" for each in file.rpcs}
        for each in declared(file.types):
            known.add(each.full)
            if isinstance(each, Message):
                known |= {f"{each.full}.{names.pascal(field.name)}Entry" for field in each.fields if field.cardinality == "map"}
        return cls(graph, file, numbers, lost, known)

    def text(self) -> str:
        file = self.file
        head = f"{comment(generated_by(self.graph.name, file.sources[:1]), '//')}// {one_line(file.about)}.\n\n"
        sections = [
            f'syntax = "proto3";\n\npackage {file.package};',
            "\n".join(f'import "{each}";' for each in self._imports()),
            "\n".join(self._options()),
            self._service() if file.service else "",
            *("\n".join(self._declaration(each)) for each in file.types),
        ]
        return head + "\n\n".join(section for section in sections if section) + "\n"

    def _imports(self) -> list[str]:
        fields = (field for each in declared(self.file.types) if isinstance(each, Message) for field in each.all_fields)
        return sorted({f"{field.type.replace('.', '/').lower()}.proto" for field in fields if field.type.startswith("google.")})

    def _options(self) -> Iterator[str]:
        """Where the generated code lives; without a name of the contract's the languages' own rules decide."""
        package, languages = self.file.package, self.graph.system.header.languages
        parts = package.split(".")
        if languages.csharp:
            namespace = ".".join([languages.csharp, *map(names.pascal, parts)])
            yield f"option csharp_namespace = {quoted(namespace)};"
        module = languages.go or f"{self.graph.name}/contracts"
        alias = "".join(parts[-2:]).replace("_", "")
        go_package = f"{'/'.join([module, *parts])};{alias}"
        yield f"option go_package = {quoted(go_package)};"
        yield "option java_multiple_files = true;"
        yield f"option java_package = {quoted('.'.join(filter(None, [languages.java, package])))};"

    # --- service ------------------------------------------------------------------------------------------------------

    def _service(self) -> str:
        methods = ["\n".join(self._rpc(each)) for each in self.file.rpcs]
        deprecated = ["  option deprecated = true;\n"] if self.file.is_deprecated else []
        head = [*_comment(self.file.comment, ""), f"service {self.file.service} {{"]
        return "\n".join([*head, *deprecated, *methods, "}"])

    def _rpc(self, rpc: Rpc) -> Iterator[str]:
        method = rpc.method
        operation = method.operation
        sent = {"request": ("stream ", ""), "response": ("", "stream "), "both": ("stream ", "stream ")}.get(operation.stream, ("", ""))
        service = f".{self.file.package}.{self.file.service}"
        yield from _comment(self._about(rpc), "  ")
        head = f"  rpc {method.grpc_name}({sent[0]}{self._short(rpc.request, service)}) returns ({sent[1]}{self._short(rpc.response, service)})"
        level = IDEMPOTENCY_LEVELS.get(method.idempotency)
        options = [f"    option idempotency_level = {level};"] if level else []
        options += ["    option deprecated = true;"] if operation.deprecated else []
        yield from [f"{head} {{", *options, "  }"] if options else [f"{head};"]

    def _about(self, rpc: Rpc) -> str:
        """What it does, what it needs, and what it may answer with instead."""
        method = rpc.method
        operation = method.operation
        parts = [operation.summary or names.title(operation.name), operation.description]
        if method.idempotency == "key":
            parts.append(
                f"Send the metadata {names.IDEMPOTENCY_KEY_HEADER.lower()}: repeated with the same key, a call changes nothing more."
            )
        if method.scheme:
            needed = [*(f"scope {each}" for each in operation.scopes), *(f"role {each}" for each in operation.roles)]
            parts.append(f"Authentication: {', '.join([method.scheme.name, *needed])}.")
        if method.errors:
            parts.append(
                "Errors:\n" + "\n".join(f"- {each.grpc}: {one_line(each.title or names.title(each.name))}" for each in method.errors)
            )
        if operation.sunset:
            parts.append(f"Gone after {operation.sunset}.")
        return "\n\n".join(part.strip() for part in parts if part)

    # --- messages and enums -------------------------------------------------------------------------------------------

    def _declaration(self, each: Message | Enum, indent: str = "") -> Iterator[str]:
        return self._enum(each, indent) if isinstance(each, Enum) else self._message(each, indent)

    def _message(self, message: Message, indent: str) -> Iterator[str]:
        yield from _comment(message.comment, indent)
        inner = f"{indent}  "
        blocks = [[f"{inner}option deprecated = true;"]] if message.is_deprecated else []
        blocks.append(list(self._reserved(message.full, inner)))
        blocks += [list(self._declaration(each, inner)) for each in message.nested]
        blocks.append([line for field in message.fields for line in self._field(field, message, inner)])
        blocks.append(list(self._one_of(message.one_of, message, inner)) if message.one_of else [])
        yield from _block(f"{indent}message {message.name}", blocks, indent)

    def _one_of(self, one_of: OneOf, message: Message, indent: str) -> Iterator[str]:
        yield f"{indent}// In JSON the property {quoted(one_of.discriminator)} names the one that is set."
        yield f"{indent}oneof {one_of.name} {{"
        for value, field in one_of.members:
            if value != field.name:
                yield f"{indent}  // In JSON: {quoted(value)}."
            yield from self._field(field, message, f"{indent}  ")
        yield f"{indent}}}"

    def _field(self, field: Field, message: Message, indent: str) -> Iterator[str]:
        resolved = self.graph.resolve(field.schema)
        yield from _comment(_meaning(field.schema, resolved), indent)
        type = self._short(field.type, message.full) if field.is_declared else self._well_known(field.type)
        label = {"one": "", "optional": "optional ", "repeated": "repeated ", "map": ""}[field.cardinality]
        type = f"map<string, {type}>" if field.cardinality == "map" else f"{label}{type}"
        options = list(_options(field, resolved))
        end = f" [{options[0]}];" if len(options) == 1 else ";"
        if len(options) > 1:
            end = " [\n" + ",\n".join(f"{indent}  {each}" for each in options) + f"\n{indent}];"
        yield f"{indent}{type} {field.name} = {self.numbers[message.full[1:], field.name]}{end}"

    def _enum(self, enum: Enum, indent: str) -> Iterator[str]:
        yield from _comment(enum.schema.description or enum.schema.title, indent)
        inner = f"{indent}  "
        prefix = enum.zero.removesuffix("UNSPECIFIED")
        values = [f"{inner}{enum.zero} = 0;"]
        for text, name in enum.values:
            if text != name.removeprefix(prefix).lower():
                values.append(f"{inner}// In JSON: {quoted(text)}.")
            values.append(f"{inner}{name} = {self.numbers[enum.full[1:], name]};")
        deprecated = [f"{inner}option deprecated = true;"] if enum.schema.deprecated else []
        yield from _block(f"{indent}enum {enum.name}", [deprecated, list(self._reserved(enum.full, inner)), values], indent)

    def _reserved(self, full: str, indent: str) -> Iterator[str]:
        lost = self.lost.get(full[1:], ())
        if lost:
            yield f"{indent}reserved {', '.join(str(each.number) for each in lost)};"
            yield f"{indent}reserved {', '.join(quoted(each.name) for each in sorted(lost, key=lambda each: each.name))};"

    # --- names --------------------------------------------------------------------------------------------------------

    def _short(self, full: str, scope: str) -> str:
        """The type as it is called inside `scope`; with all its names where something else of an inner scope is called so.

        A name in lower case could be taken for a scalar type or a keyword.
        """
        parts, inside = full[1:].split("."), scope[1:].split(".")
        common = len(self.file.package.split("."))
        while common < len(inside) and common < len(parts) - 1 and parts[common] == inside[common]:
            common += 1
        hiding = {f".{'.'.join(inside[:depth])}.{parts[common]}" for depth in range(common + 1, len(inside) + 1)}
        return full if hiding & self.known or not parts[common][0].isupper() else ".".join(parts[common:])

    def _well_known(self, type: str) -> str:
        """protobuf looks for `google` in the enclosing packages first."""
        is_hidden = type.startswith("google.") and "google" in self.file.package.split(".")
        return f".{type}" if is_hidden else type


def quoted(text: str) -> str:
    """A string literal (protobuf language specification, strLit)."""
    return json.dumps(text, ensure_ascii=False)


def _block(head: str, blocks: Iterable[list[str]], indent: str) -> Iterator[str]:
    """Braces around groups of lines with an empty line between them."""
    filled = ["\n".join(each) for each in blocks if each]
    yield f"{head} {{\n" + "\n\n".join(filled) + f"\n{indent}}}" if filled else f"{head} {{}}"


def _comment(text: str | None, indent: str) -> Iterator[str]:
    """Lines of a comment; a control character would end it for protoc, and what follows were no comment."""
    for line in (text or "").strip().splitlines():
        yield f"{indent}// {CONTROLS.sub(' ', line).strip()}".rstrip()


def _meaning(schema: Schema, resolved: Schema) -> str:
    """What the field means, beyond its name and type."""
    parts = [schema.description or schema.title or MEANINGS.get(resolved.format or "")]
    if schema.ref is None and schema.description and schema.format == "decimal":
        parts.append(MEANINGS["decimal"])
    if schema.read_only:
        parts.append("Output only.")
    if schema.write_only:
        parts.append("Input only.")
    return "\n".join(each.strip() for each in parts if each)


def _options(field: Field, resolved: Schema) -> Iterator[str]:
    if field.schema.deprecated:
        yield "deprecated = true"
    if {field.schema.classification, resolved.classification} & REDACTED:
        yield "debug_redact = true"
    if field.wire != json_name(field.name):
        yield f"json_name = {quoted(field.wire)}"
