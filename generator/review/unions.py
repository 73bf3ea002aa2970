"""A union's members can be told apart, by one property that each of them always has."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Related
from generator.graph import Graph
from generator.model import Discriminator, Member, Schema
from generator.review.schemas import is_lost


def unions(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`union-without-discriminator`, `discriminator-without-union`, `union-of-one`: a union is not whole.

    Without a discriminator a reader must try every member, and protobuf and most languages cannot read the value at all.

        payment: {oneOf: [Card, Transfer]}

    Fix: give `oneOf` two members or more and a `discriminator` with the property that tells them apart; name a single type with `$ref`;
    take a discriminator without `oneOf` out.
    """
    if not schema.one_of and "oneOf" not in schema.at.keys:
        if schema.discriminator is not None:
            at = schema.at["discriminator"]
            yield Diagnostic(
                "discriminator-without-union", at, "a discriminator tells the members of oneOf apart, and there is no oneOf", "add oneOf"
            )
    elif len(schema.one_of) < 2:
        what = "one member" if schema.one_of else "no member"
        yield Diagnostic(
            "union-of-one", schema.at["oneOf"], f"the oneOf has {what}", "a union has at least two; name a single type with $ref"
        )
    elif schema.discriminator is None and "discriminator" not in schema.at.keys:
        help = "discriminator: {propertyName: kind}, and in each member: kind: {type: string, const: …}, required"
        yield Diagnostic("union-without-discriminator", schema.at["oneOf"], "nothing tells the members of the oneOf apart", help)


def members(graph: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`union-member`: a member is written in place, is no object, or is there twice.

    A member needs a name of its own in every generated language, and a place to hold the discriminator.

        value: {oneOf: [{type: string}, Money], discriminator: {propertyName: kind}}

    Fix: define the member under `types` as an object that has the discriminator, and name it once; list the members of a union that is
    a member itself.
    """
    seen: set[str] = set()
    for member in schema.one_of:
        if is_lost(member):
            continue
        at = member.at.span
        if member.ref is None:
            yield Diagnostic("union-member", at, "a member of a oneOf is written in place", "define it under types, and name it here")
        elif graph.resolve(member).one_of:
            yield Diagnostic("union-member", at, f'the member "{member.ref}" is itself a union', "list its members here instead")
        elif graph.resolve(member).type != "object" and not is_lost(graph.resolve(member)):
            yield Diagnostic(
                "union-member", at, f'the member "{member.ref}" is no object', "wrap it: an object with the discriminator and a value"
            )
        elif member.ref in seen:
            yield Diagnostic("union-member", at, f'the member "{member.ref}" is listed twice', "delete one of them")
        seen.add(member.ref or "")


def discriminators(graph: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`unknown-union-member`, `ambiguous-discriminator`, `missing-discriminator`: a value does not lead to exactly one member.

    Each member must hold the property, always, as the constant that the union knows it by: then a document names its
    type itself, in whichever union it travels.

        Card: {type: object, properties: {kind: {type: string, const: card}}}
        payment: {oneOf: [Card, Transfer], discriminator: {propertyName: kind}}

    Fix: give each member the property as `{type: string, const: card}`, and list it among `required`; map each value to a type of
    `oneOf`, and each type once.
    """
    if schema.discriminator is None or len(schema.one_of) < 2:
        return
    listed = {member.ref for member in schema.one_of}
    values: dict[str, Member] = {}
    for member in schema.discriminator.mapping:
        if member.type not in listed:
            message = f'the discriminator maps "{member.name}" to "{member.type}", which is no member of the oneOf'
            yield Diagnostic("unknown-union-member", member.at.span, message, f"add {member.type} to oneOf, or delete the line")
        elif member.type in values:
            message = f'the discriminator gives "{member.type}" two values: "{values[member.type].name}" and "{member.name}"'
            yield Diagnostic("ambiguous-discriminator", member.at.span, message, "keep the one that the type holds as its const")
        else:
            values[member.type] = member
            yield from _constant(graph, schema.discriminator, member)


def _constant(graph: Graph, discriminator: Discriminator, member: Member) -> Iterator[Diagnostic]:
    """What keeps the member from saying that it is the one that its value stands for."""
    target = graph.resolve(graph.types[member.type].schema)
    if target.type != "object" or is_lost(target) or discriminator.property in graph.system.lost:
        return
    name = discriminator.property
    held = next((each for each in target.properties if each.name == name), None)
    help = f"in {member.type}: {name}: {{type: string, const: {member.name}}}, and {name} among required"
    related = (Related(discriminator.at.span, "the discriminator of this union"),)
    if held is None:
        message = f'"{member.type}" has no property "{name}", which tells it apart'
        yield Diagnostic("missing-discriminator", graph.types[member.type].at.span, message, help, related=related)
    elif graph.resolve(held.schema).const != member.name:
        message = f'"{name}" of "{member.type}" is not the constant "{member.name}" that the union knows it by'
        at = held.schema.at["const"]
        yield Diagnostic("missing-discriminator", at, message, help, related=related)
    elif name not in target.required:
        message = f'"{name}" of "{member.type}" may be absent, and then nothing tells it apart'
        yield Diagnostic("missing-discriminator", held.at.span, message, help, related=related)


SCHEMA_RULES = (unions, members, discriminators)
