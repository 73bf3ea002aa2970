"""What a block is about, where only the names that are known tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.extract.aliases import INSIDE
from generator.extract.blocks import Sentence, Title
from generator.extract.findings import CALLABLE
from generator.extract.naming import Names, is_name, name_words, written
from generator.extract.outline import Placed
from generator.extract.stressed import opener
from generator.extract.tables import Table, row_of
from generator.extract.vocabulary import GENERIC, section_of

LISTED_AT_LEAST = 5
"""Weight of a name that a table, a list or a diagram has."""
ABOUT = re.compile(
    r"(?<=\w) (?:works|functions|in detail|at a glance|architecture|design|overview|details|internals|specification|architektur|entwurf)$",
    re.IGNORECASE,
)
"""`Order Service Architecture`."""


def about(placed: Placed, names: Names) -> Placed:
    """A block that nothing is known to be about, below a heading that is the name of a component: it is about that."""
    if placed.subject or isinstance(placed.block, Title):
        return placed
    for heading in reversed(placed.block.path):
        text = ABOUT.sub("", INSIDE.sub("", heading.text))
        found = names.find(text, event=False) if is_name(text) and not section_of(text) else None
        if (
            found
            and found.kind == "component"
            and (found.weight >= LISTED_AT_LEAST or name_words(text)[-1] in GENERIC)
            and name_words(written(text).title) in (name_words(found.title), name_words(found.name))
        ):
            return replace(placed, subject=text)
    return placed


SIDE = re.compile(r"(?P<name>[^…]{2,40}?) (?:and|und|et|y|with|to|mit|avec|con|↔)\s*(?:…|\.\.\.)")
"""The head of a column with the other sides of one: `Order Desk and …`."""


def table_about(table: Table, names: Names) -> Table:
    """The same of a table."""
    rows = tuple(about(each, names) for each in table.rows)
    headed = SIDE.fullmatch(row_of(rows[0]).heads[0]) if rows else None
    owner = names.find(headed["name"], event=False) if headed else None
    if owner and owner.kind == "component":
        return replace(table, rows=rows, subject=owner.title, kind="ways")
    return replace(table, rows=rows, subject=table.subject or (rows[0].subject if rows else None))


def of_paragraphs(kept: Sequence[Placed], names: Names) -> list[Placed]:
    """Sentences of a paragraph that opens with the name of a component in bold type, or that introduces one so and no other, are about that."""
    found: list[Placed] = []
    met: set[str] = set()
    for paragraph in _paragraphs(kept):
        subject = _introduced(paragraph, names, met)
        found += [replace(each, subject=subject) if subject and not each.subject else each for each in paragraph]
    return found


def _paragraphs(kept: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Sentences that belong together; everything else by itself."""
    paragraph: list[Placed] = []
    for each in kept:
        is_next = isinstance(each.block, Sentence) and not each.block.first
        if not is_next and paragraph:
            yield paragraph
            paragraph = []
        paragraph.append(each)
    if paragraph:
        yield paragraph


def _introduced(paragraph: Sequence[Placed], names: Names, met: set[str]) -> str | None:
    """Who a paragraph is about; `met` are those that stood in bold type before."""
    blocks = [each.block for each in paragraph if isinstance(each.block, Sentence)]
    stressed = [
        (number, entity) for number, block in enumerate(blocks) for name in block.stressed if (entity := names.find(name, event=False))
    ]
    components = [(number, entity) for number, entity in stressed if entity.kind == "component"]
    new = {entity.name: number for number, entity in reversed(components) if entity.name not in met}
    met.update(new)
    opening = opener(blocks[0]) if blocks else None
    kinds: tuple[str, ...] = ("component",)
    if blocks and paragraph[0].section == "external":
        kinds = CALLABLE
        opening = opening or next((name for name in blocks[0].stressed[:1] if blocks[0].text.startswith(name)), None)
    if opening and (entity := names.find(opening, event=False)) and entity.kind in kinds:
        return opening
    return next((entity.title for _, entity in components if entity.name in new), None) if list(new.values()) == [0] else None
