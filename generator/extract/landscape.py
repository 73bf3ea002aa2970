"""What several files of a draft need to agree on: who publishes, keeps, calls and is called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.extract.choosing import Open, note, plain
from generator.extract.facts import Fact
from generator.extract.naming import slug
from generator.extract.resolving import Understanding, stores_of
from generator.extract.values import is_nothing


@dataclass(slots=True)
class Landscape:
    """What several files need to agree on."""

    found: Understanding
    open: Open
    types: Mapping[str, tuple[dict[str, Any], Fact]]
    teams: dict[str, str] = field(default_factory=dict)
    layers: dict[str, tuple[str, str]] = field(default_factory=dict)
    domains: dict[str, tuple[str, str]] = field(default_factory=dict)
    publishers: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, str | None] = field(default_factory=dict)
    stores: dict[str, dict[str, list[Fact]]] = field(default_factory=dict)
    provided: dict[str, set[str]] = field(default_factory=dict)
    about: dict[tuple[str, str], list[Fact]] = field(default_factory=dict)
    operations: dict[str, list[Fact]] = field(default_factory=dict)
    unstated: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[str, str] = field(default_factory=dict)
    leaving: dict[tuple[str, str], list[tuple[str, list[Fact]]]] = field(default_factory=lambda: defaultdict(list))
    entering: dict[tuple[str, str], list[tuple[str, list[Fact]]]] = field(default_factory=lambda: defaultdict(list))
    told: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    kept: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    touched: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def team(self, text: str) -> str | None:
        """The slug of a team; `none` and long sentences name none."""
        text = plain(re.split(r"[,;(]", text)[0])
        if is_nothing(text) or not text or len(text) > 50:
            return None
        return self.teams.setdefault(slug(text), text) and slug(text)


def landscape(found: Understanding, open_: Open, types: Mapping[str, tuple[dict[str, Any], Fact]]) -> Landscape:
    """The edges by who declares them: publisher of each event, owner of each store, protocols that each component is called over."""
    land = Landscape(found, open_, types)
    land.kinds = {each.name: each.kind for each in found.names.entities if each.kind != "event"}
    for fact in found.facts:
        if fact.kind in ("component", "external", "store", "event"):
            land.about.setdefault((fact.kind, fact.names[0]), []).append(fact)
        elif fact.kind == "operation":
            land.operations.setdefault(fact.names[0], []).append(fact)
    _index_edges(land)
    _index_stores(land)
    return land


def _index_edges(land: Landscape) -> None:
    for kind, edges in land.found.edges.items():
        for (start, end), stated in sorted(edges.items()):
            land.leaving[kind, start].append((end, stated))
            land.entering[kind, end].append((start, stated))
            if kind == "publishes" and land.kinds.get(start) == "component":
                land.publishers.setdefault(end, []).append(start)
            elif kind == "call":
                land.provided.setdefault(end, set()).update(fact.values.get("protocol", "") for fact in stated)
    _publishers(land)
    for event, publishers in sorted(land.publishers.items()):
        for publisher in publishers:
            land.told[publisher].append(event)


def _index_stores(land: Landscape) -> None:
    land.stores = stores_of(land.found)
    for store, users in land.stores.items():
        land.owners[store] = owner_of(store, users, land.open)
        land.kept[land.owners[store] or ""].append(store)
        for user in users:
            land.touched[user].append(store)


def _publishers(land: Landscape) -> None:
    """An event that two components publish by different documents is asked for; a table outweighs the rest."""
    for event, publishers in land.publishers.items():
        stated = {each: land.found.edges["publishes"][each, event] for each in publishers}
        best = max(fact.authority for facts in stated.values() for fact in facts)
        strongest = [each for each in publishers if any(fact.authority == best for fact in stated[each])]
        if len(publishers) > 1:
            places = ", ".join(f"{each} ({note(stated[each])})" for each in publishers)
            land.open.ask(
                f"Who publishes {event}? The documents name {places}.",
                [f"{each}.publishes" for each in publishers],
                [fact.source for facts in stated.values() for fact in facts],
            )
            land.publishers[event] = strongest


def owner_of(store: str, users: Mapping[str, Sequence[Fact]], open_: Open) -> str | None:
    """Who is said to own a store; else the only one that writes it, else the only one that touches it at all."""
    owning = {each: [fact for fact in facts if fact.kind == "owns"] for each, facts in users.items()}
    owning = {each: facts for each, facts in owning.items() if facts}
    if len(owning) > 1:
        best = max(fact.authority for facts in owning.values() for fact in facts)
        strongest = [each for each, facts in owning.items() if any(fact.authority == best for fact in facts)]
        places = ", ".join(f"{each} ({note(facts)})" for each, facts in sorted(owning.items()))
        open_.ask(
            f"Who owns the store {store.partition('@')[0]}? The documents name {places}.",
            [f"{each}.stores" for each in sorted(owning)],
            [fact.source for facts in owning.values() for fact in facts],
        )
        return strongest[0] if len(strongest) == 1 else None
    if len(users) > 1:  # those that only read own nothing
        changing = [each for each, facts in users.items() if any(fact.kind != "reads" for fact in facts)]
        users = {each: users[each] for each in changing} if len(changing) == 1 else users
    writing = [each for each, facts in users.items() if any(fact.kind == "writes" for fact in facts)]
    candidates = list(owning) or (list(users) if len(users) == 1 else writing)
    if len(candidates) == 1:
        return candidates[0]
    open_.ask(
        f"Who owns the store {store.partition('@')[0]}? It is used by {', '.join(sorted(users))}.",
        [f"{each}.stores" for each in sorted(users)],
        [fact.source for facts in users.values() for fact in facts],
    )
    return None
