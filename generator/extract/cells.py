"""What the cells of a table tell of its columns, where no head does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.columns import UNSURE, is_of_protocols, share
from generator.extract.mentions import Reader, mentions, tokens_of
from generator.extract.naming import Entity, Names, engine_of, kind_by_name
from generator.extract.rows import FACT_RULES
from generator.extract.tables import Table, names_in, row_of
from generator.extract.vocabulary import VERB_OF, folded


def told_by_cells(found: Table, names: Names) -> Table:
    """The table with columns that no head has told of, but that hold names that are known: callers, callees, stores, publishers and consumers."""
    rows = [row_of(each) for each in found.rows]
    if len(rows) < 2:
        return found
    width = min(len(row.cells) for row in rows)
    free = [at for at in range(width) if at not in {found.columns[key] for key in found.columns if key not in UNSURE}]
    columns = [[row.cells[at].strip() for row in rows] for at in range(width)]
    several = [at for at in free if share(columns[at], lambda cell: _are_peers(cell, names))]
    is_open = found.kind not in FACT_RULES and found.kind != "requirement"
    if found.kind == "event" or (is_open and several and found.columns.keys() & {"event", "topic"}):
        return replace(found, kind="event", columns={**found.columns, **_ends_of_events(found, several)})
    engines = [at for at in free if share(columns[at], lambda cell: bool(engine_of(re.split(r"[,(;]", cell)[0])))]
    if found.kind == "store" and several and "owner" not in found.columns:
        kind = {"kind": engines[0]} if engines and "kind" not in found.columns else {}
        return replace(found, columns={**found.columns, "owner": several[0], **kind})
    if found.kind == "component" and "stores" not in found.columns:
        kept = [at for at in free if at and share(columns[at], _is_kept)]
        return replace(found, columns={**found.columns, "stores": kept[0]}) if kept else found
    if not is_open:
        return found
    stored = [
        at for at in free if share(columns[at], lambda cell: bool(STORE.fullmatch(cell)) and kind_by_name(cell.strip("`")) == "store")
    ]
    if stored and several and stored[0] < several[0]:
        return replace(found, kind="store", columns={"stores": stored[0], "owner": several[0], **({"kind": engines[0]} if engines else {})})
    open_ends = {found.columns[each] for each in ("from", "to", "called_by", "calls") if each in found.columns}
    peers = [at for at in sorted({*free, *open_ends}) if share(columns[at], lambda cell: _is_peer(cell, names))]
    spoken = [at for at in range(width) if at not in peers and is_of_protocols(columns[at])]
    if len(peers) == 1 and spoken and OPENED_BY.search(folded(row_of(found.rows[0]).heads[peers[0]])):
        others = [at for at in range(width) if at not in (peers[0], *spoken) and share(columns[at], lambda cell: _names_one(cell, names))]
        return replace(found, kind="interaction", columns={"from": peers[0], "text": others[0], "protocol": spoken[0]}) if others else found
    if len(peers) != 2 or not spoken:
        return found
    return replace(found, kind="interaction", columns={"from": peers[0], "to": peers[1], "protocol": spoken[0]})


def _peer(text: str, names: Names) -> Entity | None:
    found = names.find(text, event=False)
    return found if found and found.kind in ("component", "external") else None


STORE = re.compile(r"`?[\w-]+`?|[A-ZÀ-Þ][\w-]*(?: [\w-]+){1,2}")
OPENED_BY = re.compile(
    r"\b(?:initiat|open|start|call|aufgebaut|initié|ouvert|iniciad|abiert)\w* (?:by|from|von|vom|par|por)\b|\b(?:caller|initiator|client|aufrufer|appelant)\b"
)
"""The head of a column with whoever connects, where the other end stands in a text: `Postings to Acme`."""


def _names_one(cell: str, names: Names) -> bool:
    found = mentions(tokens_of(cell), Reader(names, may_find=False))
    return any(each.entity and each.kind in ("component", "external") for each in found)


def _is_peer(cell: str, names: Names) -> bool:
    return _peer(cell, names) is not None


def _are_peers(cell: str, names: Names) -> bool:
    return all(_peer(text, names) for text in names_in(cell))


def _is_kept(cell: str) -> bool:
    """`register-db` (PostgreSQL), or an engine."""
    code = re.fullmatch(r"`[a-z][\w-]*`(?:\s*\(([^)]*)\))?.*", cell)
    return bool(
        engine_of(cell.split("(", maxsplit=1)[0].split(",", maxsplit=1)[0])
        or (code and (engine_of(code[1] or "") or kind_by_name(cell.split("`")[1]) == "store"))
    )


def _ends_of_events(found: Table, peers: Sequence[int]) -> dict[str, int]:
    """Who publishes stands before who consumes, unless the heads say the opposite."""
    heads = row_of(found.rows[0]).heads
    told = {key: found.columns[key] for key in ("publisher", "consumer") if key in found.columns}
    left = [at for at in peers if at not in told.values()]
    for at in list(left):
        said = {VERB_OF.get(folded(word)) for word in heads[at].split()}
        concept = "consumer" if said & {"consume", "receive"} else "publisher" if said & {"publish", "send"} else ""
        if concept and concept not in told:
            told[concept] = at
            left.remove(at)
    return told | dict(zip([each for each in ("publisher", "consumer") if each not in told], left, strict=False))
