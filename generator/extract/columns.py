"""Which column of a table means what: by its head, else by what its cells look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from generator.extract.naming import HUMPS, is_topic, looks_like_event
from generator.extract.values import is_nothing, protocol
from generator.extract.vocabulary import PASSIVE_OF, VERB_OF, column_of, folded

MOSTLY = 0.6
"""Share of the cells of a column that have to be of one sort for the column to be of that sort."""
LEFTWARD = frozenset({"←", "<-", "<--", "<=", "⇐", "⟵", "<", "from"})
"""What a cell between two names says when the second calls the first."""

INWARD = re.compile(r"\W*(?:in|inbound|incoming|ein|eingehend|entrant|entrada|from them|both|beide|les deux|ambos)\b")
OUTWARD = re.compile(r"\W*(?:out|outbound|outgoing|aus|ausgehend|sortant|salida|to them|both|beide|les deux|ambos)\b")
SHORT_WAYS, LONGEST_WAY = frozenset({"in", "out", "ein", "aus"}), 3
"""Words that open sentences as well, and how long a cell can be in which they are a way."""
WAY_OF_EVENTS = {"publish": "out", "consume": "in"}


def ways_of(cell: str) -> set[str]:
    """`in`, `out` or both, as seen by the one whose table it is: who connects, or who tells of an event."""
    text = folded(cell)
    words = text.split()
    verb = VERB_OF.get(words[0]) or PASSIVE_OF.get(words[0]) if len(words) == 1 else None
    told = WAY_OF_EVENTS.get(verb or "")
    if words and words[0] in SHORT_WAYS and len(words) > LONGEST_WAY:
        return set()  # `in case of a failure`
    return {told} if told else {way for way, words_of_it in (("in", INWARD), ("out", OUTWARD)) if words_of_it.match(text)}


def is_card(heads: Sequence[str]) -> bool:
    """Whether a table can say something of one thing in each row: a label and what it is, with a remark beside where the label has no head."""
    return len(heads) == 2 or (len(heads) == 3 and not heads[0].strip() and not heads[1].strip())


def own_table(heads: Sequence[str], cells: Sequence[str]) -> str | None:
    """What a table below the heading of a component says of it, by its first column and its ways: `uses`, `publishes` or `stores`; None for others."""
    first, others = column_of(heads[0]), {column_of(head) for head in heads[1:]}
    if others & {"publisher", "consumer", "owner", "component", "from", "called_by"}:
        return None  # of several: who each row is of is said there
    if first == "stores":
        return "stores" if others & {"technology", "kind"} else None
    has_way = "direction" in others or any(ways_of(cell) for cell in cells[1:])
    return (
        {"event": "publishes", "topic": "publishes", "provides": "uses", "external": "uses", "to": "uses"}.get(first or "")
        if has_way
        else None
    )


def columns_of(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Concept → number of the first column that has it."""
    found: dict[str, int] = {}
    is_of_sides = {"A", "B"} <= {head.strip(" *") for head in heads}
    for number, head in enumerate(heads):
        side = {"A": "from", "B": "to"}.get(head.strip(" *")) if is_of_sides else None
        concept = side or column_of(head) or _looks([row[number] for row in rows if number < len(row)])
        if concept:
            found.setdefault(concept, number)
    return found


def share(cells: Sequence[str], is_so: Callable[[str], object]) -> bool:
    """Whether most cells that say anything are of a sort, and more than one."""
    said = [cell for cell in cells if cell.strip() and not is_nothing(cell)]
    told = sum(1 for cell in said if is_so(cell))
    return told > 1 and told >= MOSTLY * len(said)


UNSURE = frozenset({"owner", "summary", "note", "system", "name", "responsibility"})
"""Concepts that a head may stand for without that the cells are of that sort: `Who` may be a team or a publisher."""
MOST_OF_PROTOCOL = 8


def is_of_protocols(cells: Sequence[str]) -> bool:
    """Whether a column says how two speak with each other: a protocol, or a broker, in a few words."""
    return share(cells, lambda cell: bool(protocol(cell)) and len(cell.split()) <= MOST_OF_PROTOCOL)


def is_turned(cells: Sequence[str]) -> bool:
    """Whether an arrow in a cell of its own points to the left."""
    return any(cell.strip("` ") in LEFTWARD for cell in cells)


def _looks(cells: Sequence[str]) -> str | None:
    codes = [re.sub(r"^`(.*)`$", r"\1", cell.strip()) for cell in cells]
    if share(codes, lambda cell: bool(HUMPS.fullmatch(cell)) and looks_like_event(cell)):
        return "event"
    return "topic" if share(codes, is_topic) else None
