"""What the cells of a table tell of its columns, where no head does."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from generator.extract.columns import UNSURE, is_of_protocols, share
from generator.extract.mentions import Reader, mentions, tokens_of
from generator.extract.naming import Entity, Names, engine_of, is_topic, kind_by_name, looks_like_event
from generator.extract.tables import Table, names_in, row_of
from generator.extract.values import is_nothing, protocol
from generator.extract.vocabulary import PASSIVE_OF, VERB_OF, column_of, folded

TOLD = frozenset(
    {
        "requirement",
        "decision",
        "question",
        "matrix",
        "transposed",
        "ways",
        "told",
        "kept",
        "card",
        "grouping",
        "operation",
        "route",
        "type",
        "external",
    }
)
"""Kinds of tables that their heads or their shape leave no doubt about."""
DESCRIBED = frozenset({"responsibility", "summary", "technology", "stores", "publishes", "consumes", "owner", "layer", "domain"})
"""What a table says of the components that it lists, and one of their calls does not."""


def told_by_cells(found: Table, names: Names) -> Table:
    """The table with columns that no head has told of, but that hold names that are known: callers, callees, stores, publishers and consumers."""
    if len(found.rows) < 2 or found.kind in TOLD:
        return found
    cells = _Cells.of(found, names)
    if found.kind == "component":
        is_of_events = bool(cells.events) and cells.events[0] == 0
        return (_of_events(found, cells) if is_of_events else None) or _of_calls(found, cells) or _with_stores(found, cells)
    return _of_events(found, cells) or _of_stores(found, cells) or _of_interactions(found, cells) or found


@dataclass(frozen=True, slots=True)
class _Cells:
    """The columns of a table, by number, that are of one sort."""

    heads: tuple[str, ...]
    peers: tuple[int, ...]
    """A component or a third party in each cell."""
    several: tuple[int, ...]
    """One or more of them."""
    likely: tuple[int, ...]
    """Names in each cell, and more than one that is known."""
    spoken: tuple[int, ...]
    events: tuple[int, ...]
    stores: tuple[int, ...]
    engines: tuple[int, ...]
    speaking: tuple[int, ...]
    """A text that names one of them in each cell."""

    @classmethod
    def of(cls, found: Table, names: Names) -> _Cells:
        rows = [row_of(each) for each in found.rows]
        columns = [[row.cells[at].strip() for row in rows] for at in range(min(len(row.cells) for row in rows))]
        numbers = range(len(columns))
        return cls(
            rows[0].heads,
            tuple(at for at in numbers if share(columns[at], lambda cell: _is_peer(cell, names))),
            tuple(at for at in numbers if share(columns[at], lambda cell: all(_is_peer(text, names) for text in names_in(cell)))),
            tuple(
                at
                for at in numbers
                if share(columns[at], lambda cell: _is_peer(cell, names) or _is_name(cell))
                and len({peer.name for cell in columns[at] if (peer := _peer(cell, names))}) > 1
            ),
            tuple(at for at in numbers if is_of_protocols(columns[at])),
            tuple(at for at in numbers if share(columns[at], _is_event)),
            tuple(
                at
                for at in numbers
                if share(columns[at], lambda cell: bool(STORE.fullmatch(cell)) and kind_by_name(cell.strip("`")) == "store")
            ),
            tuple(at for at in numbers if share(columns[at], lambda cell: bool(engine_of(re.split(r"[,(;]", cell)[0])))),
            tuple(at for at in numbers if share(columns[at], lambda cell: _names_one(cell, names))),
        )


# --- events -----------------------------------------------------------------------------------------------------------


def _of_events(found: Table, cells: _Cells) -> Table | None:
    """A column of events and one or two of those who tell or hear them."""
    named = found.columns.get("event", found.columns.get("topic"))
    named = cells.events[0] if named is None and cells.events else named
    told = {key: at for key, at in found.columns.items() if key in ("publisher", "consumer") and at in cells.several}
    left = [at for at in cells.several if at != named and at not in told.values() and _is_free(at, found)]
    is_of_calls = found.kind == "interaction" and (cells.spoken or named not in cells.events)
    if named is None or found.kind == "store" or is_of_calls or not (left or told or found.kind == "event"):
        return None
    for at in list(left):
        said = {VERB_OF.get(folded(word)) or PASSIVE_OF.get(folded(word)) for word in cells.heads[at].split()}
        concept = "consumer" if said & {"consume", "receive"} else "publisher" if said & {"publish", "send"} else ""
        if concept and concept not in told:
            told[concept] = at
            left.remove(at)
    told |= dict(zip([each for each in ("publisher", "consumer") if each not in told], left, strict=False))
    kept = {key: at for key, at in found.columns.items() if key not in ("from", "to", "publisher", "consumer", "owner", "component")}
    return replace(found, kind="event", columns={**kept, **({} if {"event", "topic"} & kept.keys() else {"event": named}), **told})


def _is_free(at: int, found: Table) -> bool:
    """Whether no head has said anything of a column that its cells could not also mean."""
    return at not in {found.columns[key] for key in found.columns if key not in UNSURE | ENDS}


ENDS = frozenset({"from", "to", "called_by", "calls", "uses", "also", "depends", "consumer", "publisher", "component"})


def _is_event(cell: str) -> bool:
    """`OrderPlaced`, `order.placed`, Order placed."""
    bare = cell.strip("`* ")
    words = bare.split()
    return (
        looks_like_event(bare)
        or is_topic(bare)
        or (1 < len(words) <= MOST_WORDS and looks_like_event("".join(word.title() for word in words)))
    )


MOST_WORDS = 4


# --- stores -----------------------------------------------------------------------------------------------------------

STORE = re.compile(r"`?[\w-]+`?|[\w-]+(?: [\w-]+){1,2}")


def _of_stores(found: Table, cells: _Cells) -> Table | None:
    """A column of stores and one of those whose they are."""
    if found.kind == "store" and "owner" in found.columns:
        return None
    named = found.columns.get("stores") if found.kind == "store" else None
    named = cells.stores[0] if named is None and cells.stores else named
    owners = [at for at in cells.several if at != named]
    if named is None or not owners or cells.spoken or found.kind == "interaction":
        return None
    engines = [at for at in cells.engines if at != named]
    kept = found.columns if found.kind == "store" else {}
    return replace(
        found,
        kind="store",
        columns={**kept, "stores": named, "owner": owners[0], **({"kind": engines[0]} if engines and "kind" not in kept else {})},
    )


def _with_stores(found: Table, cells: _Cells) -> Table:
    """`| Component | … | `register-db` (PostgreSQL) |`: what it keeps its data in, whatever the column is called."""
    if "stores" in found.columns:
        return found
    rows = [row_of(each).cells for each in found.rows]
    taken = {found.columns[key] for key in found.columns if key not in UNSURE}
    kept = [at for at in range(1, min(map(len, rows))) if at not in taken and share([row[at].strip() for row in rows], _is_kept)]
    return replace(found, columns={**found.columns, "stores": kept[0]}) if kept else found


def _is_kept(cell: str) -> bool:
    """`register-db` (PostgreSQL), or an engine."""
    code = re.fullmatch(r"`[a-z][\w-]*`(?:\s*\(([^)]*)\))?.*", cell)
    return bool(
        engine_of(cell.split("(", maxsplit=1)[0].split(",", maxsplit=1)[0])
        or (code and (engine_of(code[1] or "") or kind_by_name(cell.split("`")[1]) == "store"))
    )


# --- calls ------------------------------------------------------------------------------------------------------------

OPENED_BY = re.compile(
    r"\b(?:initiat|open|start|call|aufgebaut|initié|ouvert|iniciad|abiert)\w* (?:by|from|von|vom|par|por)\b|\b(?:caller|initiator|client|aufrufer|appelant)\b"
)
"""The head of a column with whoever connects, where the other end stands in a text: `Postings to Acme`."""


def _of_calls(found: Table, cells: _Cells) -> Table | None:
    """`| Component | Depends on | Protocol |` lists calls, and no components."""
    is_of_two = len(cells.peers) == len(cells.heads[:2]) == 2 and bool(cells.spoken)
    described = [each for each in DESCRIBED & found.columns.keys() if found.columns[each] not in cells.spoken]
    return _of_interactions(found, cells) if is_of_two and not described else None


def _of_interactions(found: Table, cells: _Cells) -> Table | None:
    """Two columns of those who speak with each other, and one that says how."""
    spoken = [at for at in cells.spoken if at not in cells.several]
    if found.kind == "interaction":
        is_told = not spoken or found.columns.get("protocol") in spoken or found.columns.get("mode") in spoken
        return None if is_told else replace(found, columns={**found.columns, "protocol": spoken[0]})
    if not spoken or found.kind in ("event", "store"):
        return None
    if len(cells.peers) == 1 and OPENED_BY.search(folded(cells.heads[cells.peers[0]])):
        others = [at for at in cells.speaking if at not in (cells.peers[0], *spoken)]
        return (
            replace(found, kind="interaction", columns={"from": cells.peers[0], "text": others[0], "protocol": spoken[0]})
            if others
            else None
        )
    ends = cells.peers if len(cells.peers) == 2 else tuple(at for at in cells.likely if at not in spoken)
    if len(ends) != 2:
        return None
    start, end = ends if column_of(cells.heads[ends[0]]) not in ("to", "provider") else ends[::-1]
    return replace(found, kind="interaction", columns={"from": start, "to": end, "protocol": spoken[0]})


def _names_one(cell: str, names: Names) -> bool:
    found = mentions(tokens_of(cell), Reader(names, may_find=False))
    return any(each.entity and each.kind in ("component", "external") for each in found)


NAME = re.compile(r"[A-ZÀ-Þ][\w&.'’-]*(?: [\w&.'’-]+){0,4}")


def _is_name(cell: str) -> bool:
    """Whether a cell can be the name of a third party that nothing knows yet."""
    return (
        bool(NAME.fullmatch(cell)) and kind_by_name(cell) in ("component", "external") and protocol(cell) is None and not is_nothing(cell)
    )


def _is_peer(cell: str, names: Names) -> bool:
    return _peer(cell, names) is not None


def _peer(text: str, names: Names) -> Entity | None:
    found = names.find(text, event=False)
    return found if found and found.kind in ("component", "external") else None
