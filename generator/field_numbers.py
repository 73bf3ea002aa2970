"""Numbers of protobuf fields and enum values: once given, kept for ever in the lock; only new names get new ones.

The lock is the memory of what was published (protobuf language guide, "Updating A Message Type"): adding appends,
removing reserves number and name, renaming is said in the contract, and the order of a contract means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from generator.diagnostics import Diagnostic, Related
from generator.graph import Graph
from generator.model import LockedName
from generator.protobuf import Enum, Field, File, Message, declared, files
from generator.protobuf.faults import faults
from generator.protobuf.spelling import by_scope

FIRST_OF_PROTOBUF, LAST_OF_PROTOBUF = 19_000, 19_999
"""Numbers that protobuf keeps for itself."""
LAST = 2**29 - 1
"""The highest number that a field can have."""
Scope = tuple[tuple[str, int | None, str | None], ...]
"""What needs a number, in the order in which new ones are given: name, number that the contract fixes, former name."""


def numbers(graph: Graph) -> tuple[LockedName, ...]:
    """The lock with a number for every name that the graph needs; names that it no longer needs are reserved."""
    before = by_scope(graph.system.locked)
    wanted = {scope: names for file in files(graph) for scope, names in _scopes(file)}
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


def _scopes(file: File) -> Iterator[tuple[str, Scope]]:
    for each in declared(file.types):
        if isinstance(each, Enum):
            yield each.full[1:], tuple((name, None, None) for _, name in each.values)
        else:
            yield each.full[1:], tuple((field.name, field.schema.proto_number, field.renamed_from) for field in each.all_fields)


def _numbered(scope: str, wanted: Scope, before: Mapping[str, LockedName]) -> Iterator[LockedName]:
    """The scope's lines: as they were, as the contract fixes them, and the rest after the highest that was ever used."""
    names = {name for name, _, _ in wanted}
    given: dict[str, int] = {}
    renamed: set[str] = set()
    for name, fixed, former in wanted:
        if name in before:
            given[name] = before[name].number
        elif former is not None and former in before.keys() - names and fixed in (None, before[former].number):
            given[name] = before[former].number
            renamed.add(former)
        if fixed is not None:
            given[name] = fixed
    lost = {name: each.number for name, each in before.items() if name not in names | renamed}
    used = {*given.values(), *lost.values()}
    for name, _, _ in wanted:
        if name not in given:
            given[name] = _next(used)
            used.add(given[name])
    yield from (LockedName(scope, name, number) for name, number in given.items())
    yield from (LockedName(scope, name, number, reserved=True) for name, number in lost.items())


def _next(used: Set[int]) -> int:
    """The number after the highest that was ever used; where none is left, the lowest that never was."""
    number = max(used, default=0) + 1
    if number <= LAST:
        return LAST_OF_PROTOBUF + 1 if is_of_protobuf(number) else number
    return next(each for each in range(1, LAST) if each not in used and not is_of_protobuf(each))


def is_of_protobuf(number: int) -> bool:
    return FIRST_OF_PROTOBUF <= number <= LAST_OF_PROTOBUF


# --- what can be wrong ------------------------------------------------------------------------------------------------


def check(graph: Graph) -> Iterator[Diagnostic]:
    """`field-number`: a number that the contract fixes is another field's, was another's, or belongs to protobuf itself.

    orderId: {type: string, x-proto-number: 19000}
    """
    before = by_scope(graph.system.locked)
    found = files(graph)
    yield from faults(graph, found, before)
    for file in found:
        for each in declared(file.types):
            if isinstance(each, Message) and any(field.schema.proto_number for field in each.all_fields):
                yield from _faults(each, before.get(each.full[1:], {}))


HELP = "choose a number that the message has never had"


def _faults(message: Message, before: Mapping[str, LockedName]) -> Iterator[Diagnostic]:
    own: dict[int, Field] = {}
    kept = {each.number: each for each in before.values()}
    name = message.full[1:]
    for field in message.all_fields:
        number = field.schema.proto_number
        if number is None:
            continue
        at = field.schema.at["x-proto-number"]
        first, holder, before_it = own.setdefault(number, field), kept.get(number), before.get(field.name)
        if is_of_protobuf(number):
            yield Diagnostic("field-number", at, f"{number} is one of the numbers 19000 to 19999, which protobuf keeps for itself", HELP)
        elif first is not field:
            related = (Related(first.schema.at["x-proto-number"], f'of "{first.wire}"'),)
            yield Diagnostic(
                "field-number", at, f'"{field.wire}" and "{first.wire}" of {name} have the number {number}', HELP, related=related
            )
        elif before_it is not None and before_it.number != number:
            help = "a field keeps its number: delete the line from proto.lock only if it was never released"
            message_text = f'"{field.wire}" of {name} has been number {before_it.number} until now, as proto.lock says'
            yield Diagnostic("field-number", at, message_text, help)
        elif holder is not None and holder.name not in (field.name, field.renamed_from):
            yield Diagnostic("field-number", at, f'{number} is the number of "{holder.name}" in {name}, as proto.lock says', HELP)
