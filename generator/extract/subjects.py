"""What a block is about, where only the names that are known tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.blocks import Sentence, Title
from generator.extract.naming import Names, name_words, written
from generator.extract.outline import Placed, is_name
from generator.extract.stressed import opener
from generator.extract.tables import Table
from generator.extract.vocabulary import GENERIC, section_of

LISTED_AT_LEAST = 5
"""Weight of a name that a table, a list or a diagram has."""
ABOUT = re.compile(r"(?<=\w) (?:architecture|design|overview|details|internals|specification|architektur|entwurf)$", re.IGNORECASE)
"""`Order Service Architecture`."""


def about(placed: Placed, names: Names) -> Placed:
    """A block that nothing is known to be about, below a heading that is the name of a component: it is about that."""
    if placed.subject or isinstance(placed.block, Title):
        return placed
    for heading in reversed(placed.block.path):
        text = ABOUT.sub("", heading.text)
        found = names.find(text, event=False) if is_name(text) and not section_of(text) else None
        if (
            found
            and found.kind == "component"
            and (found.weight >= LISTED_AT_LEAST or name_words(text)[-1] in GENERIC)
            and name_words(written(text).title) in (name_words(found.title), name_words(found.name))
        ):
            return replace(placed, subject=text)
    return placed


def table_about(table: Table, names: Names) -> Table:
    """The same of a table."""
    rows = tuple(about(each, names) for each in table.rows)
    return replace(table, rows=rows, subject=table.subject or (rows[0].subject if rows else None))


def of_paragraphs(kept: Sequence[Placed], names: Names) -> list[Placed]:
    """Sentences of a paragraph that opens with the name of a component in bold type are about that."""
    found: list[Placed] = []
    subject: str | None = None
    for each in kept:
        block = each.block
        if not isinstance(block, Sentence):
            subject = None
        elif block.first:
            name = opener(block)
            entity = names.find(name, event=False) if name else None
            subject = name if entity and entity.kind == "component" else None
        found.append(replace(each, subject=subject) if subject and not each.subject else each)
    return found
