"""Numbers of protobuf fields and enum values: once given, kept for ever in the lock; only new names get new ones.

The lock is the memory of what was published (protobuf language guide, "Updating A Message Type"): adding appends,
removing reserves number and name, renaming is said in the contract, and the order of a contract means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator.diagnostics import Diagnostic, Related
from generator.graph import Graph
from generator.model import LockedName
from generator.protobuf import Enum, Field, Message, declared, files

FIRST_OF_PROTOBUF, LAST_OF_PROTOBUF = 19_000, 19_999
"""Numbers that protobuf keeps for itself."""
Scope = tuple[tuple[str, int | None, str | None], ...]
"""What needs a number, in the order in which new ones are given: name, number that the contract fixes, former name."""


def numbers(graph: Graph) -> tuple[LockedName, ...]:
    """The lock with a number for every name that the graph needs; names that it no longer needs are reserved."""
    before = _by_scope(graph.system.locked)
    wanted = dict(_scopes(graph))
    found: list[LockedName] = []
    for scope in sorted(before.keys() | wanted.keys()):
        found += _numbered(scope, wanted.get(scope, ()), before.get(scope, {}))
    return tuple(sorted(found, key=lambda each: (each.scope, each.name)))


def lookup(graph: Graph) -> Mapping[tuple[str, str], int]:
    """Number by scope (full name of the message or enum) and name, of a graph whose lock is complete."""
    return {(each.scope, each.name): each.number for each in graph.system.locked if not each.reserved}


def reserved(graph: Graph) -> Mapping[str, tuple[LockedName, ...]]:
    """What each message or enum has lost, by number."""
    found: dict[str, list[LockedName]] = {}
    for each in graph.system.locked:
        if each.reserved:
            found.setdefault(each.scope, []).append(each)
    return {scope: tuple(sorted(lost, key=lambda each: each.number)) for scope, lost in found.items()}


def _by_scope(locked: tuple[LockedName, ...]) -> dict[str, dict[str, LockedName]]:
    found: dict[str, dict[str, LockedName]] = {}
    for each in locked:
        found.setdefault(each.scope, {})[each.name] = each
    return found


def _scopes(graph: Graph) -> Iterator[tuple[str, Scope]]:
    for file in files(graph):
        for each in declared(file.types):
            if isinstance(each, Enum):
                yield each.full[1:], tuple((name, None, None) for _, name in each.values)
            else:
                yield each.full[1:], tuple((field.name, field.schema.proto_number, field.renamed_from) for field in each.all_fields)


def _numbered(scope: str, wanted: Scope, before: Mapping[str, LockedName]) -> Iterator[LockedName]:
    """The scope's lines: as they were, as the contract fixes them, and the rest after the highest that was ever used."""
    given: dict[str, int] = {}
    renamed: set[str] = set()
    for name, fixed, former in wanted:
        if fixed is not None:
            given[name] = fixed
        elif name in before:
            given[name] = before[name].number
        elif former is not None and former in before and former not in {each for each, _, _ in wanted}:
            given[name] = before[former].number
            renamed.add(former)
    lost = {name: each.number for name, each in before.items() if name not in {each for each, _, _ in wanted} | renamed}
    highest = max([*given.values(), *lost.values(), *(each.number for each in before.values())], default=0)
    for name, _, _ in wanted:
        if name not in given:
            highest = highest + 1 if not FIRST_OF_PROTOBUF <= highest + 1 <= LAST_OF_PROTOBUF else LAST_OF_PROTOBUF + 1
            given[name] = highest
    yield from (LockedName(scope, name, number) for name, number in given.items())
    yield from (LockedName(scope, name, number, reserved=True) for name, number in lost.items())


# --- what can be wrong ------------------------------------------------------------------------------------------------


def check(graph: Graph) -> Iterator[Diagnostic]:
    """`field-number`: a number that the contract fixes is another field's, was another's, or belongs to protobuf itself.

    orderId: {type: string, x-proto-number: 19000}
    """
    before = _by_scope(graph.system.locked)
    for file in files(graph):
        for each in declared(file.types):
            if isinstance(each, Message) and any(field.schema.proto_number for field in each.all_fields):
                yield from _faults(each, before.get(each.full[1:], {}))


def _faults(message: Message, before: Mapping[str, LockedName]) -> Iterator[Diagnostic]:
    own: dict[int, Field] = {}
    kept = {
        each.number: each
        for each in before.values()
        if each.name not in {field.name for field in message.all_fields if field.schema.proto_number}
    }
    for field in message.all_fields:
        number = field.schema.proto_number
        if number is None:
            continue
        at, help = field.schema.at["x-proto-number"], "choose a number that the message has never had"
        if FIRST_OF_PROTOBUF <= number <= LAST_OF_PROTOBUF:
            yield Diagnostic("field-number", at, f"{number} is one of the numbers 19000 to 19999, which protobuf keeps for itself", help)
        elif number in own:
            related = (Related(own[number].schema.at["x-proto-number"], f'of "{own[number].wire}"'),)
            yield Diagnostic(
                "field-number",
                at,
                f'"{field.wire}" and "{own[number].wire}" of {message.full[1:]} have the number {number}',
                help,
                related=related,
            )
        elif number in kept and kept[number].name != field.renamed_from:
            yield Diagnostic(
                "field-number", at, f'{number} is the number of "{kept[number].name}" in {message.full[1:]}, as proto.lock says', help
            )
        elif field.name in before and before[field.name].number != number:
            message_text = f'"{field.wire}" of {message.full[1:]} has been number {before[field.name].number} until now, as proto.lock says'
            yield Diagnostic(
                "field-number", at, message_text, "a field keeps its number: delete the line from proto.lock only if it was never released"
            )
        own[number] = field
