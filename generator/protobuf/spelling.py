"""What protobuf calls things: names in its style, and apart where two would be one.

A name must not change when something else is added or goes, as numbers are kept by it: what the lock knows chooses first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from generator import names
from generator.model import LockedName

Lock = Mapping[str, Mapping[str, LockedName]]
"""Scope (full name of a message or enum), then name of the field or value, to its line of the lock."""
UNSPELLABLE = frozenset({"builder", "descriptor", "false", "none", "parser", "true", "types"})
"""Classes of that name do not compile, as Java and C# put members of that name into each class, or Python has the word."""
CHILDREN = {"list": "Item", "map": "Value"}
"""Ending of what a list or map holds, where that is declared inside the message."""
MADE = (*CHILDREN.values(), "Entry")
"""Endings that nested types have for a reason; a map has a message `…Entry` of its own."""


def by_scope(locked: Sequence[LockedName]) -> Lock:
    found: dict[str, dict[str, LockedName]] = {}
    for each in locked:
        found.setdefault(each.scope, {})[each.name] = each
    return found


def is_in_use(lock: Lock, scope: str) -> bool:
    """Whether the message or enum had a field or value when the lock was written."""
    return any(not each.reserved for each in lock.get(scope, {}).values())


def field_name(wire: str) -> str:
    """lower_snake_case, and no digit first."""
    name = names.snake(wire)
    return f"field_{name}".rstrip("_") if not name or name[0].isdigit() else name


def message_name(name: str) -> str:
    """PascalCase as Buf spells it, acronyms kept: `HTTPError` stays as it is."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def nested_name(field: str, ending: str = "") -> str:
    """A type declared inside a message is called after its field, so that no two fields have one name for theirs.

    A field that itself ends like a made name has `Type` after it: `order_item` is no item of the list `order`.
    """
    name = names.pascal(field)
    while not ending and name.endswith("Type") and name != "Type":
        name = name.removesuffix("Type")
    is_ambiguous = not ending and name.endswith(MADE) and name not in MADE
    return f"{names.pascal(field)}{'Type' if is_ambiguous else ending}"


def free(name: str, taken: Set[str], longer: str) -> str:
    """The name; where others have it already, the longer one, then that with a number. Case does not tell names apart."""
    wanted, number = name, 1
    while wanted.lower() in taken:
        wanted = f"{longer}{number if number > 1 else ''}"
        number += 1
    return wanted


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name that a field or enum value would have if it were alone."""

    name: str
    scope: str = ""
    wire: str = ""
    """What it is called in JSON: no other field may have that name, as readers of JSON take both."""
    is_fixed: bool = False
    """The contract says it, so it is never changed."""


def apart(wanted: Sequence[Wanted], lock: Lock, ending: str, taken: Sequence[Wanted] = ()) -> tuple[str, ...]:
    """A name for each, in the same order; who cannot have the wanted one has the ending after it.

    First choose those that the contract names, then those that the lock knows, the rest in the order given. Inside a
    scope underscores do not tell names apart: protoc compares the names that fields have in JSON, and values without
    them. Between scopes names only must differ: values of sibling enums are in one scope, as in C++.
    """
    plain = {each.name for each in wanted}
    in_json = {each.wire: each for each in wanted}
    kept = [_kept(each, lock.get(each.scope, {}), ending, plain) for each in wanted]
    held = {key for each in taken for key in _keys(each.scope, each.name)}

    def is_free(name: str, each: Wanted) -> bool:
        is_anothers = (name != each.name and name in plain) or in_json.get(name, each) is not each
        return each.is_fixed or not (is_anothers or held & _keys(each.scope, name))

    found: dict[int, str] = {}
    for index in sorted(range(len(wanted)), key=lambda index: _rank(wanted[index], kept[index])):
        each, line = wanted[index], kept[index]
        name = each.name if each.is_fixed or line is None else line.name
        while not is_free(name, each):
            name = f"{name}{ending}"
        held |= _keys(each.scope, name)
        found[index] = name
    return tuple(found[index] for index in range(len(wanted)))


def _kept(each: Wanted, known: Mapping[str, LockedName], ending: str, plain: Set[str]) -> LockedName | None:
    """Its line of the lock, under its own name or one that it was once given instead."""
    others = (f"{each.name}{ending * times}" for times in (1, 2, 3))
    return next((known[name] for name in (each.name, *(other for other in others if other not in plain)) if name in known), None)


def _rank(each: Wanted, line: LockedName | None) -> int:
    return 0 if each.is_fixed else 3 if line is None else 2 if line.reserved else 1


def _keys(scope: str, name: str) -> set[tuple[str, ...]]:
    return {(name,), (scope, name.replace("_", "").lower())}
