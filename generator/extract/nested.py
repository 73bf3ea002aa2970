"""Entries of lists whose properties stand below them, one a line, as in YAML: `Quote Engine:` with `protocol: REST` below is `Quote Engine (REST)`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from generator.extract.blocks import AnyBlock, Item
from generator.extract.naming import looks_like_event
from generator.extract.vocabulary import concept_of, folded, words_of

PROPERTIES = words_of(
    "protocol mode kind technology timeout retries latency note why summary operation payload retention fallback id external status host"
)
"""Concepts of labels that say something of the entry above, and list nothing."""
SAID = words_of("protocol mode kind technology")
"""Of those whose value says all."""
LIMITS = words_of("timeout retries latency payload retention")
"""Of those that go along with their label; what the others say is read where it stands."""


LISTING = words_of("calls uses depends publishes consumes stores")
"""Concepts of labels below which names stand; what stands below a name is said of that."""


def folded_entries(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """The same blocks; an entry that has nothing but properties, or remarks of a list, below it has them in brackets."""
    return _with_properties(_with_remarks(_with_directions(_with_labels(_with_events(blocks)))))


PARTY = re.compile(
    r"^(?:(?P<passive>(?:published|emitted|raised|announced|fired|sent|produced|consumed|received|read|heard|handled|processed|picked up|veröffentlicht|publiziert|konsumiert|abonniert|verarbeitet|publié|émis|consommé|écouté)e?s? (?:by|von|vom|durch|par)\b)|(?P<start>from|von|de) |(?P<end>to|an|vers) )(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
"""`published by the Order Service`, `to the Mail Worker`, below the name of an event."""


LABELLED = {"publisher": "is published by", "consumer": "is consumed by", "from": "is published by", "to": "is consumed by"}


def _is_below_events(item: Item) -> bool:
    """Below a heading of events labels are read as they are."""
    return any(concept_of(heading.text) == "event" for heading in item.path)


def _with_events(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """What stands below an event that nothing else is said of is told of it."""

    def told(item: Item) -> Item:
        parent = item.parents[-1] if item.parents else None
        event = (parent.label or parent.text).strip(" .:`") if parent and not (parent.label and parent.text) else ""
        labelled = LABELLED.get(concept_of(item.label) or "") if item.label and item.text and looks_like_event(event) else None
        if labelled and not _is_below_events(item):
            return replace(item, label=None, text=f"`{event}` {labelled} {item.text}")
        found = PARTY.match(item.text) if item.label is None and looks_like_event(event) else None
        if found is None:
            return item
        verb = "is" if found["passive"] else "is published by" if found["start"] else "is consumed by"
        return replace(item, text=f"`{event}` {verb} {item.text if found['passive'] else found['rest']}")

    return _renewed(blocks, told)


def _with_labels(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """`Whom it asks` with names below is a label, whether a colon stands there or not."""
    above = {id(block.parents[-1]) for block in blocks if isinstance(block, Item) and block.parents}
    return _renewed(
        blocks,
        lambda item: (
            replace(item, label=item.text.rstrip(" :"), text="")
            if item.label is None
            and id(item) in above
            and len(item.text.split()) <= 4
            and concept_of(item.text) in LISTING | ({"summary", "responsibility"} if item.parents else {"called_by", "event", "note"})
            else item
        ),
    )


DIRECTIONS = {
    **dict.fromkeys(("in", "inbound", "incoming", "received", "eingehend", "ein", "entrée", "entrants", "entrada"), "consumes"),
    **dict.fromkeys(("out", "outbound", "outgoing", "sent", "ausgehend", "aus", "sortie", "sortants", "salida"), "publishes"),
}


def _with_directions(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """`in` and `out` below `events` are what is consumed and what is published."""
    return _renewed(
        blocks,
        lambda item: (
            replace(item, label=DIRECTIONS[item.label.lower()])
            if item.label
            and item.label.lower() in DIRECTIONS
            and item.parents
            and not item.parents[-1].text
            and concept_of(item.parents[-1].label or "") == "event"
            else item
        ),
    )


def _with_remarks(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """`Ledger` with `a stream over gRPC` below it, all below `Calls`."""
    below: dict[int, list[Item]] = defaultdict(list)
    for block in blocks:
        if isinstance(block, Item) and block.parents:
            below[id(block.parents[-1])].append(block)
    entries = {id(block) for block in blocks if isinstance(block, Item) and _is_listed(block) and id(block) in below}
    gone = {id(each) for entry in entries for each in below[entry] if each.label is None and id(each) not in below}

    def remarked(item: Item) -> Item:
        said = [each.text.strip(" .") for each in below[id(item)] if id(each) in gone] if id(item) in entries else []
        head, comma, rest = item.text.rstrip(" :.").partition(",")
        return replace(item, text=f"{head} ({'; '.join(said)}){comma}{rest}") if said else item

    return _renewed([block for block in blocks if id(block) not in gone], remarked)


def _is_listed(item: Item) -> bool:
    """An entry without a label, right below a label and nothing else said there."""
    above = item.parents[-1] if item.parents else None
    is_list = above is not None and above.label is not None and not above.text and concept_of(above.label) in LISTING
    return is_list and item.label is None and len(item.text.split()) <= LONGEST_ENTRY and not item.text.rstrip().endswith(":")


LONGEST_ENTRY = 14
"""Words of an entry that names something and says what for."""


def _renewed(blocks: Sequence[AnyBlock], change: Callable[[Item], Item]) -> list[AnyBlock]:
    """The blocks with items changed, each below the changed ones."""
    renewed: dict[int, Item] = {}
    kept: list[AnyBlock] = []
    for block in blocks:
        if isinstance(block, Item):
            changed = change(block)
            parents = tuple(renewed.get(id(each), each) for each in block.parents)
            changed = replace(changed, parents=parents) if any(a is not b for a, b in zip(parents, block.parents, strict=True)) else changed
            if changed is not block:
                renewed[id(block)] = changed
            kept.append(changed)
        else:
            kept.append(block)
    return kept


def _with_properties(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    below: dict[int, list[Item]] = defaultdict(list)
    for block in blocks:
        if isinstance(block, Item) and block.parents:
            below[id(block.parents[-1])].append(block)
    gone: set[int] = set()
    kept: list[AnyBlock] = []
    for block in blocks:
        if id(block) in gone:
            continue
        children = below.get(id(block), [])
        if (
            isinstance(block, Item)
            and children
            and _is_entry(block)
            and all(_is_property(each) and id(each) not in below for each in children)
        ):
            gone |= {id(each) for each in children if _said(each) or concept_of(each.label or "") == "external"}
            kept.append(_with(block, [said for each in children if (said := _said(each))]))
        else:
            kept.append(block)
    return kept


def _is_entry(item: Item) -> bool:
    """Below a label, and a name or a label with one, not a list of its own."""
    name = item.text or item.label or ""
    return bool(item.parents) and 0 < len(name.split()) <= 5 and (bool(item.text) or concept_of(name) not in PROPERTIES)


def _is_property(item: Item) -> bool:
    return (
        item.label is not None
        and bool(item.text)
        and item.label[:1].islower()
        and (concept_of(item.label) in PROPERTIES or item.label in OTHERS)
    )


OTHERS = words_of("format operations methods endpoint endpoints purpose version schema auth port")


def _said(item: Item) -> str:
    concept, text = concept_of(item.label or ""), item.text.strip()
    if concept == "external":
        return "external" if folded(text).startswith(("true", "yes", "ja", "oui", "si")) else ""
    return text if concept in SAID else f"{item.label} {text}" if concept in LIMITS else ""


def _with(item: Item, said: Sequence[str]) -> Item:
    if not said:
        return item
    remark = f" ({'; '.join(said)})"
    return replace(item, text=f"{item.text.rstrip(' :')}{remark}") if item.text else replace(item, label=None, text=f"{item.label}{remark}")
