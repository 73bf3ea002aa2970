"""Entries of lists whose properties stand below them, one a line, as in YAML: `Quote Engine:` with `protocol: REST` below is `Quote Engine (REST)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.blocks import AnyBlock, Item
from generator.extract.vocabulary import concept_of, folded, words_of

PROPERTIES = words_of(
    "protocol mode kind technology timeout retries latency note why summary operation payload retention fallback id external status host"
)
"""Concepts of labels that say something of the entry above, and list nothing."""
SAID = words_of("protocol mode kind technology")
"""Of those whose value says all."""
LIMITS = words_of("timeout retries latency payload retention")
"""Of those that go along with their label; what the others say is read where it stands."""


def folded_entries(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """The same blocks; an entry that has nothing but properties below it has them in brackets."""
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
