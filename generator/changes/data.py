"""Tables and caches that others read or write: what became of their columns and entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from generator.changes.subjects import Change, Subject, User, Versions, gone
from generator.changes.types import Pair, Types, differences
from generator.diagnostics import Span
from generator.graph import CachedCopy, Graph, Pipeline
from generator.model import Schema

Users = list[tuple[User, bool]]
"""Those who have to do with it, each with whether it writes."""
Fact = tuple[str, object, object, Span]
"""What it is called, what it was, what it is, and where that is said."""


def tables(types: Types) -> Iterator[Subject]:
    """A table that nobody else may read is its owner's own affair."""
    present = {each.id: each for each in types.after.tables}
    named, accesses = _named(types.after), _accesses(types)
    for old in types.before.tables:
        new, store, is_public = present.get(old.id), f"{old.owner.name}.{old.store.name}", old.table.published
        # Of a component whose flows name tables of the store, those are what it uses.
        users = [
            (user, writes) for user, writes in accesses.get(store, ()) if old.table.name in named.get((user.name, store), (old.table.name,))
        ]
        if new is None and (is_public or users):
            everybody = tuple(user for user, _ in users)
            yield gone(old.id, old.owner.name, types.after, everybody, (), is_public=is_public, over=f"in {old.store.kind}")
        elif new is not None and (is_public or users):
            facts = [("key", ", ".join(old.table.key), ", ".join(new.table.key), new.table.at["key"])]
            facts += [("published", "true", "false", new.table.at["published"])] if is_public and not new.table.published else []
            row = Pair(old.table.row, new.table.row, "the row", new.table.at["row"])
            changes = (*_facts(facts, users), *_values(types, row, users, is_public=is_public))
            versions = Versions(old.table.version, new.table.version, new.table.at["version"])
            yield Subject(old.id, old.owner.name, new.at.span, is_public, versions, changes, None, f"in {old.store.kind}")


def caches(types: Types) -> Iterator[Subject]:
    """A cache that others have to do with: those that fill it, and those that may use its store."""
    present = {each.id: each for each in types.after.caches}
    accesses = _accesses(types)
    for old in types.before.caches:
        new, owner, kind = present.get(old.id), old.component.name, f"in {old.access.store.kind}" if old.access else ""
        users = _users(types, old, accesses)
        if new is None and users:
            yield gone(old.id, owner, types.after, tuple(user for user, _ in users), (), over=kind)
        elif new is not None and users:
            entry = ("entry", old.cache.entry, new.cache.entry, new.cache.at["entry"])
            held = _held(old.holds, new.holds, new.cache.at["holds"])
            changes = (*_facts([entry], users), *(each for pair in held for each in _values(types, pair, users)))
            versions = Versions(old.cache.version, new.cache.version, new.cache.at["version"])
            yield Subject(old.id, owner, new.at.span, False, versions, changes, None, kind)


def _held(old: Schema | None, new: Schema | None, at: Span) -> list[Pair]:
    return [] if old is None or new is None else [Pair(old, new, "the entry", at)]


# --- who uses it ------------------------------------------------------------------------------------------------------


def _accesses(types: Types) -> dict[str, Users]:
    """By store, those who had access to it and still have it, the owner left out."""
    before = {(each.component.name, each.use.store) for each in types.before.accesses if each.use is not None}
    found: dict[str, Users] = {}
    for component in types.after.components:
        for use in component.uses_stores:
            if (component.name, use.store) in before:
                found.setdefault(use.store, []).append((User(component.name, use.at["store"]), use.access == "write"))
    return found


def _users(types: Types, old: CachedCopy, accesses: Mapping[str, Users]) -> Users:
    """Those who may use its store, and the flows of others that fill it."""
    owner = old.component.name
    found = [(user, writes) for user, writes in accesses.get(old.cache.store or "", ()) if user.name != owner]
    flows = {each.id: each for each in types.after.pipelines}
    fillers = [flows[each.id] for each in old.warmed_by if isinstance(each, Pipeline) and each.id in flows]
    known = {user.name for user, writes in found if writes} | {owner}
    return found + [(User(each.component.name, each.at.span), True) for each in fillers if each.component.name not in known]


def _named(graph: Graph) -> dict[tuple[str, str], set[str]]:
    """The tables that the flows of each component name, by store."""
    found: dict[tuple[str, str], set[str]] = {}
    for pipeline in graph.pipelines:
        tables = [each.table for group in (pipeline.sources, pipeline.lookups, pipeline.targets) for each in group]
        for each in (*tables, *(table for _, table in pipeline.references)):
            if each is not None:
                found.setdefault((pipeline.component.name, f"{each.owner.name}.{each.store.name}"), set()).add(each.table.name)
    return found


# --- what has changed -------------------------------------------------------------------------------------------------


def _facts(facts: Iterable[Fact], users: Users) -> Iterator[Change]:
    for what, was, now, at in facts:
        if was != now:
            yield Change(f"{what} {was or 'none'} → {now or 'none'}", at, is_breaking=True, users=tuple(user for user, _ in users))


def _values(types: Types, pair: Pair, users: Users, *, is_public: bool = False) -> Iterator[Change]:
    """Readers must understand what is written, and the owner must take what writers write."""
    for each in differences(types, pair, "write_only"):
        if not each.is_protobuf:
            harmed = tuple(user for user, writes in users if (each.breaks_writers if writes else each.breaks_readers))
            yield Change(each.what, each.at, bool(harmed) or (is_public and each.breaks_readers), harmed)
