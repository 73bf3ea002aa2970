"""Records of architecture decisions (Nygard, Documenting architecture decisions, 2011): what was decided is so, what led to it and what else was thought of is not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from generator.extract.blocks import Heading, Item, Row, Sentence, Title
from generator.extract.facts import Fact
from generator.extract.outline import Placed
from generator.extract.vocabulary import folded, plain_words

PARTS: Mapping[str, str] = {
    "status": "status|state|statut|estado|stand",
    "why": "context|kontext|contexte|contexto|problem|context and problem statement|forces|issue|decision driver|background|hintergrund",
    "decision": "decision|decided|we decided|decision outcome|resolution|entscheidung|beschluss|décision|decisión",
    "consequences": "consequence|konsequenz|folge|conséquence|consecuencia|implication|trade-off|result",
    "rejected": "also considered|alternative|alternatives considered|considered option|option|options considered|rejected|alternativen|verworfen|alternativa",
}
"""Parts of a record, and what their labels and headings are."""
PART_OF = {plain_words(spelling): part for part, spellings in PARTS.items() for spelling in spellings.split("|")}
NOT_IN_FORCE = re.compile(
    r"^\W*(?:superseded|replaced|rejected|deprecated|withdrawn|proposed|draft|abandoned|declined|abgeloest|ersetzt|verworfen|abgelehnt|vorgeschlagen|entwurf|remplace|rejete|propose|reemplazad|rechazad|propuest)"
)
NUMBER = re.compile(r"^\s*((?:ADR|AD|DR|D)[- ]?\d+)\W+(?=\w)", re.IGNORECASE)


def of_records(placed: Sequence[Placed]) -> tuple[list[Placed], list[Fact]]:
    """The same blocks, those of records said or left out by what part they are; and each decision in force."""
    parts: dict[tuple[str, int], dict[str, list[Placed]]] = defaultdict(lambda: defaultdict(list))
    homes: dict[tuple[str, int], Heading] = {}
    part: dict[tuple[str, int], str] = {}
    for each in placed:
        home, said = _home(each)
        if home is None:
            continue
        at = each.block.source.file, home.line
        homes[at] = home
        part[at] = said or (part.get(at, "") if not isinstance(each.block, Title) else "")
        if part[at]:
            parts[at][part[at]].append(each)
    records = {at: found for at, found in parts.items() if "decision" in found and found.keys() & {"why", "consequences"}}
    changed: dict[int, Placed] = {}
    facts = []
    for at, found in records.items():
        is_in_force = not NOT_IN_FORCE.search(folded(_text(found["status"])))
        for name, blocks in found.items():
            for each in blocks:
                is_said = is_in_force and name == "decision"
                changed[id(each)] = replace(each, section=None) if is_said else replace(each, is_skipped=True)
        if is_in_force:
            facts.append(_decision(homes[at], found))
    return [changed.get(id(each), each) for each in placed], facts


def _home(placed: Placed) -> tuple[Heading | None, str]:
    """The heading of the record that a block would be part of, and the part that its label, or a heading between, names."""
    path = [*placed.block.path, *([placed.block.heading] if isinstance(placed.block, Title) else [])]
    said = ""
    while path and (part := _part(path[-1].text)):
        said = said or part
        path.pop()
    label = placed.block.label if isinstance(placed.block, Item) and not placed.block.parents else None
    return (path[-1] if path else None), (_part(label) if label else "") or said


def _part(text: str) -> str:
    return PART_OF.get(plain_words(text)) or PART_OF.get(plain_words(text.split(":", 1)[0]), "")


def _text(blocks: Sequence[Placed]) -> str:
    said = []
    for each in blocks:
        block = each.block
        if isinstance(block, Title):
            said.append(block.heading.text.partition(":")[2])
        elif isinstance(block, Sentence | Item | Row):
            said.append(block.text)
    return " ".join(part.strip() for part in said if part.strip())


def _decision(home: Heading, parts: Mapping[str, Sequence[Placed]]) -> Fact:
    number = NUMBER.match(home.text)
    title = home.text[number.end() :] if number else home.text
    values = {
        "decision": title,
        "why": _text(parts.get("why", ())),
        "rejected": "; ".join(_text([each]) for each in parts.get("rejected", ())),
    }
    return Fact("decision", (number[1].replace(" ", "-") if number else "",), next(iter(parts["decision"])).block.source, values)
