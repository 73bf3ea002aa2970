"""References of types become qualified; a union gets a value for each member, an example its type."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from generator.diagnostics import Diagnostic, Span
from generator.link.index import Index
from generator.model import Discriminator, Example, Member, Schema


def qualify_types(index: Index) -> None:
    """Every reference of a type is qualified from here on."""
    index.types = {
        name: dataclasses.replace(each, schema=qualified(index, each.schema, owner_of(name))) for name, each in index.types.items()
    }
    refuse_alias_cycles(index)


def qualified(index: Index, schema: Schema, scope: str | None) -> Schema:
    """The schema with qualified references; one that leads nowhere becomes a free object."""
    changes: dict[str, Any] = {}
    if schema.ref is not None:
        target = type_named(index, schema.ref, scope, schema.at["$ref"])
        changes = {"ref": target} if target else {"ref": None, "type": "object"}
    if schema.properties:
        linked = tuple(qualified(index, each.schema, scope) for each in schema.properties)
        if any(new is not each.schema for new, each in zip(linked, schema.properties, strict=True)):
            changes["properties"] = tuple(
                dataclasses.replace(each, schema=new) for new, each in zip(linked, schema.properties, strict=True)
            )
    if schema.items is not None:
        changes["items"] = qualified(index, schema.items, scope)
    if isinstance(schema.additional, Schema):
        changes["additional"] = qualified(index, schema.additional, scope)
    if schema.one_of:
        changes["one_of"] = tuple(
            sorted((qualified(index, each, scope) for each in schema.one_of), key=lambda each: each.ref or repr(each))
        )
        changes["discriminator"] = _discriminator(index, schema, changes["one_of"], scope)
    return dataclasses.replace(schema, **changes) if changes else schema


def type_named(index: Index, name: str, scope: str | None, at: Span) -> str | None:
    """The qualified name of a type, looked up in the component and then in the system."""
    for candidate in (f"{scope}.{name}" if scope else name, name):
        if candidate in index.types:
            return candidate
    if name in ("string", "integer", "number", "boolean", "array", "object"):
        index.found.append(Diagnostic("unknown-type", at, f'no type is called "{name}"', f"write {{type: {name}}}"))
    else:
        own = f"{scope}." if scope else ""
        index.unknown("unknown-type", at, f'no type is called "{name}"', name, (each.removeprefix(own) for each in index.types))
    return None


def _discriminator(index: Index, schema: Schema, members: tuple[Schema, ...], scope: str | None) -> Discriminator | None:
    """The discriminator with a value for every member: as mapped, else the type's own name."""
    given = schema.discriminator
    if given is None:
        return None
    mapped: dict[str, str] = {}
    places = {each.name: each.at for each in given.mapping}
    for each in given.mapping:
        target = type_named(index, each.type, scope, each.at.span)
        mapped |= {each.name: target} if target else {}
    for member in members:
        if member.ref and member.ref not in mapped.values():
            mapped[member.ref.rpartition(".")[2]] = member.ref
    mapping = tuple(Member(name=name, type=mapped[name], at=places.get(name, given.at)) for name in sorted(mapped))
    return dataclasses.replace(given, mapping=mapping)


def refuse_alias_cycles(index: Index) -> None:
    """`A: {$ref: B}` and `B: {$ref: A}` name each other and nothing else; each becomes a free object."""
    done: set[str] = set()
    for name in list(index.types):
        path: dict[str, None] = {}
        target: str | None = name
        while target is not None and target not in path and target not in done:
            path[target] = None
            target = index.types[target].schema.ref
        done |= path.keys()
        if target is not None and target in path:
            ring = list(path)[list(path).index(target) :]
            at = index.types[target].schema.at["$ref"]
            message = f'the type "{target}" is only another name for itself: {" → ".join([*ring, target])}'
            index.found.append(Diagnostic("cyclic-type", at, message, "say what it is: type: object, or another type's name"))
            free = dataclasses.replace(index.types[target].schema, ref=None, type="object")
            index.types[target] = dataclasses.replace(index.types[target], schema=free)


def examples(index: Index) -> Mapping[str, tuple[Example, ...]]:
    by_type: dict[str, list[Example]] = {}
    scopes: list[tuple[str | None, tuple[Example, ...]]] = [(None, index.system.document.examples)]
    scopes += [(component.name, component.examples) for component in index.components.values()]
    for scope, examples in scopes:
        for example in examples:
            target = type_named(index, example.type, scope, example.at["type"])
            if target:
                by_type.setdefault(target, []).append(dataclasses.replace(example, type=target))
    return {name: tuple(sorted(by_type[name], key=lambda each: each.name)) for name in sorted(by_type)}


def owner_of(reference: str) -> str | None:
    return reference.rpartition(".")[0] or None
