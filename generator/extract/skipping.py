"""What is no statement about the system as it is: sections, rows and bullets of what is planned, past or rejected."""

from __future__ import annotations

import re

from generator.extract.blocks import AnyBlock, Item, Row
from generator.extract.mentions import is_hypothetical
from generator.extract.vocabulary import (
    PLANNED_STATUS,
    concept_of,
    folded,
    section_of,
)

PLANNED_MARK = re.compile(
    r"[(\[][^)\]]*\b(?:planned|future|later|deprecated|rejected|retired|removed|not in scope|out of scope|obsolete|geplant|verworfen|entfällt|prévu|abandonné|planificado)\b[^)\]]*[)\]]",
    re.IGNORECASE,
)


def section(block: AnyBlock) -> str | None:
    """The concept of the innermost heading that has one."""
    return next((concept for heading in reversed(block.path) if (concept := section_of(heading.text))), None)


NOT_SO = re.compile(
    r"\b(?:(?:do|does|did|will) not|don't|doesn't|didn't|won't|not (?:adopted|chosen|taken|selected|used|do|done|built|planned|yet|part of)|no longer|considered|that are coming|to come|upcoming|wishes|wish list|got wrong|went wrong|ideas|spikes|lessons learned"
    r"|nicht (?:teil|gebaut|umgesetzt|vorgesehen)|noch nicht|wuensche|ideen|pas encore|ne faisons pas|souhaits|idees|todavia no|no hacemos|deseos)\b"
)
"""A heading of what the system is not: `What we don't do yet`, `Considered and not adopted`."""
NOT_YET = re.compile(
    r"^planned(?:$|[,:]| and\b| or\b| for\b| but\b)|\b(?:and|or|but|as|is|not|still) planned$|\bplans (?:and|for)\b|^plans$|\b(?:still|and|or|left) open$|^(?:still |and |things )?open(?:$|,| and\b| or\b| matters?\b| points?\b| ends?\b| topics?\b| things?\b| issues?\b)"
    r"|\bnot (?:decided|settled|agreed|there)\b|\bundecided\b|^coming(?:$|,| or\b| and open\b| next\b| soon\b| up\b)|\b(?:comes|coming|what is) next$|^next (?:season|year|release|phase|version|up)\b|\b(?:said|say|saying) no\b|\bno to$|\bturned down\b"
    r"|\b(?:tried|looked at|thought about|talked about) and (?:dropped|rejected|left|discarded)\b|\bleft out$|\bwe (?:left out|rejected|dropped|turned down|ruled out|looked at|decided against)\b|^(?:alternatives|options|ideas|paths|roads|things) (?:we |not |that )"
    r"|\b(?:a venir|en suspens|ecartee?s?|abandonnee?s?|reste(?:nt)? (?:ouverte?s?|a )|evolutions? prevues?|est prevu|sont prevue?s|prevu et|prevus?$|pas retenue?s?|non retenue?s?)\b"
    r"|\b(?:geplante?s?|offene?s|verworfene?[ns]?|abgelehnte?[ns]?|noch kommt|kommt noch|noch offen|ausblick|zurueckgestellte?s?|nicht gewaehlt)\b"
    r"|\b(?:pendientes?|por decidir|por venir|descartad[oa]s?|previst[oa]s?|rimandat[oi]|scartat[oei]|da decidere|in futuro|aperti)\b"
)
"""A heading of what is planned, open or was turned down: `Planned and open`, `Said no to`, `Pistes écartées`, `Noch offen`."""


BEFORE_TEXT = re.compile(r"^[\W\d]+|\s*\([^()]*\)\s*$")
UNTOLD = (None, "reset", "question", "rejected", "status")
OF_CONTEXTS = re.compile(
    r"\bcontext (?:map|relations|relationships)\b|\bkontextkarte\b|\bcontext mapping\b|\bmapa de contextos\b|\bcarte des contextes\b"
)
"""What domain-driven design says of contexts, not of what runs."""


def is_skipped(block: AnyBlock) -> bool:
    """In a section of what is not, not yet or no longer so, or on a line that says so of itself."""
    if any(
        section_of(heading.text) == "skipped"
        or OF_CONTEXTS.search(folded(heading.text))
        or PLANNED_MARK.search(heading.text)
        or (NOT_SO.search(folded(heading.text)) and section_of(heading.text) != "external")  # not `What we don't run`
        or (NOT_YET.search(folded(BEFORE_TEXT.sub("", heading.text)).strip(" .:")) and section_of(heading.text) in UNTOLD)
        for heading in block.path
    ):
        is_partners = isinstance(block, Row) and any(concept_of(head) == "external" for head in block.heads)
        return not is_partners
    if isinstance(block, Row):
        status = next((cell for head, cell in zip(block.heads, block.cells, strict=False) if concept_of(head) == "status"), "")
        return (
            any(PLANNED_CELL.search(folded(cell)) or REJECTED_CELL.match(folded(cell)) for cell in block.cells)
            or bool(PLANNED_STATUS.search(folded(status)))
            or bool(PLANNED_MARK.search(block.cells[0]) if block.cells else False)
        )
    if isinstance(block, Item):
        return any(_is_planned(each) for each in (*block.parents, block))
    return False


REJECTED_CELL = re.compile(
    r"\W*(?:rejected|dropped|discarded|declined|ruled out|under study|no budget|verworfen|abgelehnt|rejete|ecarte|descartad|rechazad)\b"
)
"""What a cell says that was thought of: `rejected, price`."""
PLANNED_CELL = re.compile(
    r"(?:^|[–—(*-]\s?)(?:planned (?:for|in)|geplant (?:fur|fuer|ab)|prevue? pour|planificad[oa] para|not (?:yet )?contracted)\b|\b(?:is|are) wished for\b|\bby (?:tele)?phone\b|\bon paper\b"
)
"""A remark in a cell: `reminder by SMS – planned for Q3`, `by telephone today`."""


def _is_planned(item: Item) -> bool:
    return (
        bool(PLANNED_MARK.search(item.label or ""))
        or is_hypothetical(item.label or "")
        or bool(item.label and section_of(item.label) in ("skipped", "rejected"))
        or bool(PLANNED_STATUS.search(folded(item.label or "")))
    )
