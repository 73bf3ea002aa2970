"""What is promised to others and has changed: the changes of an interface, message, table or cache, and whom each concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from generator import names
from generator.changes.types import Difference
from generator.diagnostics import Severity, Span
from generator.graph import Graph
from generator.units import Version

Code = Literal["breaking-change", "unreadable-change"]


@dataclass(frozen=True, slots=True, order=True)
class User:
    """A component that uses something, and where the present contract says so."""

    name: str
    at: Span
    reads: frozenset[str] = frozenset()
    """Outermost properties that it reads; all, where there are none."""

    def does_read(self, path: tuple[str, ...]) -> bool:
        """Whether what has changed there concerns it; of a page, the properties of its items are said as well."""
        if not self.reads or not path or path[0] in self.reads:
            return True
        return path[0] == names.ITEMS and (len(path) == 1 or path[1] in self.reads)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as it was, for those who use it."""

    what: str
    at: Span
    is_breaking: bool
    """It needs a new major version; what does not is an addition."""
    users: tuple[User, ...] = ()
    """Those who are harmed."""
    over: frozenset[str] = frozenset()
    """Protocols of an interface; messages have one broker, tables one engine, which are their subject's."""
    code: Code = "breaking-change"
    severity: Severity | None = None
    """By default an error where somebody is harmed."""
    consequence: str = ""
    """By default that it breaks the users."""
    is_silent: bool = False
    """It concerns nobody, and only its version."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What the contract says of how much has changed."""

    old: Version
    new: Version
    at: Span


@dataclass(frozen=True, slots=True)
class Order:
    """Who is deployed before whom."""

    first: tuple[User, ...]
    """Those who go before the owner."""
    last: tuple[User, ...]
    """Those who go after the owner."""
    why_first: str = ""
    why_last: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """An interface, message, table or cache that was there before."""

    id: str
    owner: str
    """Who offers it."""
    at: Span
    is_public: bool
    """Others than the components of the system use it, too."""
    versions: Versions | None
    """None where it is gone."""
    changes: tuple[Change, ...]
    order: Order | None = None
    over: str = ""
    """`over kafka`, `in postgresql`."""


def gone(
    id: str, owner: str, after: Graph, users: tuple[User, ...], before: Iterable[str], *, is_public: bool = False, over: str = ""
) -> Subject:
    """What is no longer there: told at the nearest record that is; those who used it and no longer say so have left, and go first."""
    at = next((each.at.span for each in after.components if each.name == owner), after.system.header.at.span)
    left = sorted({User(name, at) for name in before} - {User(each.name, at) for each in users})
    change = Change("it is gone", at, is_breaking=True, users=users)
    return Subject(id, owner, at, is_public, None, (change,), Order(tuple(left), (), "it is gone"), over)


def broken(found: Iterable[Difference], users: Collection[User], over: frozenset[str] = frozenset(), *, writes: bool) -> Iterator[Change]:
    """The changes of a type for those who write, or else read, its values over these protocols."""
    for each in found:
        is_breaking = each.breaks_writers if writes else each.breaks_readers
        harmed = tuple(user for user in users if writes or user.does_read(each.path)) if is_breaking else ()
        yield Change(each.what, each.at, is_breaking, harmed, over)
