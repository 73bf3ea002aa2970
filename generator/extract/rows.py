"""What the rows of tables state, one small function for each kind of table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from generator.extract.blocks import Row
from generator.extract.columns import MOST_OF_PROTOCOL, ways_of
from generator.extract.facts import Fact, Source
from generator.extract.findings import Page
from generator.extract.mentions import Reader, mentions, tokens_of
from generator.extract.naming import Entity, broker_of, is_topic, looks_like_event, name_words
from generator.extract.outline import Placed
from generator.extract.statements import prose_facts, state_label
from generator.extract.tables import (
    KEY_OF,
    SIGHTING_RULES,
    Table,
    ends_of,
    event_cell,
    events_named,
    is_async,
    is_unnamed,
    leading_of,
    met_by,
    names_in,
    row_of,
)
from generator.extract.values import duration, is_nothing, pieces, protocol
from generator.extract.vocabulary import VERB_OF, column_of, concept_of, folded, section_of


def table_facts(found: Table, page: Page) -> None:
    """What the rows of a table state."""
    for placed in found.rows:
        row = row_of(placed)
        rule = FACT_RULES.get(found.kind)
        is_told = _of_heading(found, row, page)
        if rule:
            rule(found, row, page)
        elif (not is_told and found.kind in ("requirement", "rows")) or found.kind not in SIGHTING_RULES:
            _sentences_of(found, row, placed, page)


def _subject_of(found: Table, row: Row, page: Page) -> Entity | None:
    first = [leading_of(found) or ""] if found.kind in KEY_OF else []
    for concept in (*first, "component", "system", "name"):
        entity = (
            page.names.find(found.cell(row, concept), event=found.kind == "event", store=found.kind == "store")
            if concept in found.columns
            else None
        )
        if entity:
            return entity
    return page.names.find(row.cells[0], event=found.kind == "event", store=found.kind == "store")


def _attributes(found: Table, row: Row, page: Page) -> None:
    """Each further column says something about the thing that the row is about."""
    if (
        found.kind == "store"
        and "stores" not in found.columns
        and "name" not in found.columns
        and {"owner", "kind"} <= found.columns.keys()
    ):
        _kept_where(found, row, page)
        return
    if found.kind == "store" and is_unnamed(found.cell(row, leading_of(found) or "")):
        _kept_where(found, row, page)
    is_event = found.kind == "event"
    subjects = [page.names.find(text, event=True) for text in events_named(found, row)] if is_event else [_subject_of(found, row, page)]
    for subject in filter(None, subjects):
        page.findings.state(Fact(subject.kind, (subject.name,), row.source, {"what": subject.title}))
        told = {at: concept for concept, at in found.columns.items()}
        for number, head in enumerate(row.heads):
            concept = told.get(number) or column_of(head)
            cell = row.cells[number].strip()
            if (
                not concept
                or not cell
                or concept in ("id", KEY_OF.get(found.kind), "status")
                or (concept == "name" and subject.kind != "component")
            ):
                continue
            if (concept == "retention" and subject.kind in ("store", "event")) or concept != "event":
                _attribute(concept, cell, subject, row.source, page)
        if subject.kind in ("component", "external"):
            for cell in row.cells[1:]:
                prose_facts(cell, row.source, subject, page) if len(cell.split()) > 4 and not re.search(r"`.*`.*,", cell) else None


def _transposed(found: Table, row: Row, page: Page) -> None:
    concept = concept_of(row.cells[0])
    for head, cell in zip(row.heads[1:], row.cells[1:], strict=False):
        subject = page.names.find(head, event=False)
        if subject and concept and cell.strip():
            _attribute(concept, cell, subject, row.source, page)


def _external(found: Table, row: Row, page: Page) -> None:
    subject = _subject_of(found, row, page)
    if subject is None or not _spoken_to(found, row, subject, page):
        _attributes(found, row, page)


def _known_in(cell: str, page: Page) -> list[tuple[str, Entity]]:
    """What a cell lists that is known, each as it is written there."""
    return [(text, entity) for text in names_in(cell) if (entity := page.names.find(text, event=False, loosely=True))]


CALLERS = ("called_by", "component", "consumer", "calls", "owner", "from")
"""Columns that may say who of ours speaks with a third party."""


def _components_in(cell: str, page: Page) -> list[Entity]:
    """The components that a cell lists, if it lists nothing else."""
    known = [entity for _, entity in _known_in(cell, page)]
    return known if len(known) == len(names_in(cell)) and all(each.kind == "component" for each in known) else []


def _spoken_to(found: Table, row: Row, external: Entity, page: Page) -> bool:
    """A row on a third party that says who of ours speaks with it, how, and who calls whom."""
    ours = next((known for each in CALLERS if each in found.columns and (known := _components_in(found.cell(row, each), page))), [])
    said = found.cell(row, "protocol") or found.cell(row, "technology")
    said = said or next((cell for cell in row.cells[1:] if len(cell.split()) <= MOST_OF_PROTOCOL and protocol(cell)), "")
    if not ours or not (found.cell(row, "direction") or protocol(said)):
        return False
    page.findings.state(Fact("external", (external.name,), row.source, {"what": external.title, **({"protocol": said} if said else {})}))
    ways = {way: protocol(said) for way in ways_of(found.cell(row, "direction"))} or _told_ways(said, external)
    for way, proto in ways.items():
        values = {"protocol": proto} if proto and proto != "async" else {}
        for each in ours:
            ends = (each.name, external.name) if way == "out" else (external.name, each.name)
            page.findings.state(Fact("message" if proto == "async" else "call", ends, row.source, values))
    return True


TOLD_WAYS = {
    "in": re.compile(
        r"\b(?:calls?|sends?|push(?:es)?|delivers?|posts?|notif(?:y|ies)|reports?|uploads?|connects?|ruft|meldet|schickt|liefert) (?:\w+ )?(?:to )?(?:us|uns|in)\b|\bback to\b|\bzurueck\b|\bwebhooks?\b|\b(?:to|into|at) our\b|\binbound\b|\beingehend\b"
    ),
    "out": re.compile(r"\b(?:we|towards|wir|outbound|ausgehend)\b"),
}
OPENED = re.compile(r"\b(?:opened|initiated|started|aufgebaut|geoeffnet) (?:by|from|von|vom) (?:the |our |der |dem )?(\w+)")


def _told_ways(said: str, external: Entity) -> dict[str, str | None]:
    """`REST; webhook back to us`: who connects, and how, as the cell tells it; we do where it does not."""
    ways: dict[str, str | None] = {}
    for part in re.split(r";\s", folded(said)):
        opened = OPENED.search(part)
        if opened:
            told = ["in" if opened[1] in name_words(external.title) else "out"]
        else:
            told = [way for way, words in TOLD_WAYS.items() if words.search(part)]
        for way in told:
            ways.setdefault(way, protocol(part) or protocol(said))
    return ways or {"out": protocol(said)}


def _way(found: Table, row: Row, page: Page) -> None:
    """`| Interface | Direction | Protocol |` below the heading of a component: whom it connects to, and who connects to it."""
    owner = page.names.find(found.subject or "", event=False)
    others = [entity for _, entity in _known_in(row.cells[0], page)]
    if owner is None:
        return
    if broker_of(row.cells[0]) is not None:
        for cell in row.cells[1:]:
            _announced(cell, row, owner, page)
    ways = next((ways for cell in row.cells[1:] if (ways := ways_of(cell) or _way_by_name(cell, owner))), set())
    said = found.cell(row, "protocol") or found.cell(row, "technology")
    proto = protocol(said or " ".join(row.cells[1:]))
    values = {"protocol": proto} if proto and proto != "async" else {}
    for other in others:
        for way, start, end in (("out", owner, other), ("in", other, owner)):
            if way in ways:
                _between(start, end, row, values, is_message=proto == "async", page=page)


def _way_by_name(cell: str, owner: Entity) -> set[str]:
    """`the desk calls`, of the Order Desk."""
    words = name_words(cell)
    return {"out"} if owner.words[-1:] == words[-2:-1] and VERB_OF.get(words[-1]) in ("call", "use") else set()


def _announced(cell: str, row: Row, owner: Entity, page: Page) -> None:
    """`| NATS | publishes | TripBooked, taken by the Ledger |`."""
    if any(ways_of(each) == {"out"} for each in row.cells[1:]) and not ways_of(cell):
        state_label("publishes", cell, owner, row.source, page)


def _told(found: Table, row: Row, page: Page) -> None:
    """`| Event | Role | Other side |` below the heading of a component: what it tells and what it hears, and to whom and from whom."""
    owner = page.names.find(found.subject or "", event=False)
    events = [event for event in events_named(found, row) if page.names.find(event, event=True)]
    if owner is None:
        return
    others = [each for cell in row.cells[1:] for each in _all_known(cell, page)]
    for way in {way for cell in row.cells[1:] for way in ways_of(cell)}:
        starts, ends = ([owner], others) if way == "out" else (others, [owner])
        _evented(events, starts, ends, row, page)


def _kept(found: Table, row: Row, page: Page) -> None:
    """`| Data | Technology | Content |` below the heading of a component; what has no name is called by its engine."""
    owner = page.names.find(found.subject or "", event=False)
    name, said = row.cells[0].strip(), found.cell(row, "technology") or found.cell(row, "kind")
    if owner:
        state_label("stores", said if is_unnamed(name) else f"{name} ({said})", owner, row.source, page)


def _all_known(cell: str, page: Page) -> list[Entity]:
    """What a cell lists, if it is nothing but names of others."""
    known = [page.names.find(text, event=False) for text in names_in(cell)]
    return [each for each in known if each] if all(known) else []


def _of_heading(found: Table, row: Row, page: Page) -> bool:
    """Rows below `Clients`, `Events to publish` and the like of a component: what it calls, publishes and consumes."""
    owner = page.names.find(found.subject, event=False) if found.subject else None
    heading = row.path[-1].text if row.path else ""
    if owner is None or owner.kind != "component":
        return False
    if found.kind == "event":
        said = {VERB_OF.get(folded(word)) for word in heading.split()} | {section_of(heading)}
        for concept, kind, words in (
            ("publisher", "publishes", {"publish", "publishes"}),
            ("consumer", "consumes", {"consume", "consumes"}),
        ):
            if said & words and concept not in found.columns:
                for event in events_named(found, row):
                    page.findings.state(Fact(kind, (owner.name, event), row.source))
        return True
    if section_of(heading) in ("calls", "uses", "depends") and found.kind not in FACT_RULES:
        return state_label("calls", f"{row.cells[0]} ({'; '.join(row.cells[1:])})", owner, row.source, page)
    return False


def _kept_where(found: Table, row: Row, page: Page) -> None:
    """`| what | where | who |`: what is kept has no name of its own, only a place and an owner."""
    owner = page.names.find(found.cell(row, "owner"), event=False)
    if owner and owner.kind == "component":
        state_label("stores", found.cell(row, "kind") or found.cell(row, "technology"), owner, row.source, page)


MEANT: Mapping[tuple[str, str], str] = {
    ("external", "provider"): "summary", ("component", "to"): "calls", ("component", "external"): "calls", ("event", "from"): "publisher", ("event", "to"): "consumer", ("event", "component"): "publisher",
    ("store", "component"): "owner", ("store", "publisher"): "owner", ("store", "consumer"): "also", ("external", "component"): "called_by", ("external", "mode"): "protocol", ("external", "technology"): "protocol", ("store", "uses"): "also", ("store", "called_by"): "also",
}  # fmt: skip
"""What a column means in a table about things of this kind, where that is another than elsewhere."""


def _attribute(concept: str, cell: str, subject: Entity, source: Source, page: Page) -> None:
    state_label(MEANT.get((subject.kind, concept), concept), cell, subject, source, page)


def _grouping(found: Table, row: Row, page: Page) -> None:
    group = next((concept for concept in ("domain", "layer") if concept in found.columns), "domain")
    for piece in pieces(found.cell(row, "component")):
        entity = page.names.find(piece.head, event=False)
        if entity and entity.kind == "component":
            page.findings.state(Fact("component", (entity.name,), row.source, {group: found.cell(row, group)}))


def _interaction(found: Table, row: Row, page: Page) -> None:
    start_cell, end_cell = ends_of(found, row)
    starts = [entity for _, entity in _known_in(start_cell, page)]
    called = _known_in(end_cell, page)
    spoken = {
        entity.name: said for text, entity in called if (said := protocol(" ".join(re.findall(r"\(([^()]*)\)", text))))
    }  # `| Orders | Ledger (gRPC), Acme (REST) |`
    ends = [entity for _, entity in called] or [each for each in _mentioned(found.cell(row, "text"), page) if each not in starts]
    events = [event for event in event_cell(found, row) if page.names.find(event, event=True)]
    if events:
        _evented(events, starts, ends, row, page)
        return
    said = " ".join(found.cell(row, concept) for concept in ("protocol", "mode", "technology", "note", "event"))
    is_message = is_async(found, row) or protocol(said) == "async"
    values = {
        key: value
        for key in ("timeout", "retries", "failures", "reset", "fallback", "why", "summary", "operation", "mode", "latency")
        if (value := found.cell(row, key)) and not is_nothing(value)
    }
    proto = protocol(found.cell(row, "protocol")) or protocol(said)
    for start in starts:
        for end in ends:
            own = spoken.get(end.name, proto) if not is_message else None
            is_told_so = is_message or own == "async"
            said_of_it = {**values, **({"protocol": own} if own and own != "async" else {})}
            _between(start, end, row, said_of_it, is_message=is_told_so, page=page)


def _mentioned(cell: str, page: Page) -> list[Entity]:
    """Whom a text in a cell speaks of: `Postings to Acme`."""
    found = mentions(tokens_of(cell), Reader(page.names, may_find=False))
    return [each.entity for each in found if each.entity and each.kind in ("component", "external")]


def _between(start: Entity, end: Entity, row: Row, values: dict[str, str], *, is_message: bool, page: Page) -> None:
    kinds = (start.kind, end.kind)
    if start is end:
        return
    if set(kinds) <= {"component", "external"}:
        page.findings.state(Fact("message" if is_message else "call", (start.name, end.name), row.source, values))
    elif kinds == ("component", "store"):
        page.findings.state(Fact("touches", (start.name, end.name), row.source))
    elif kinds == ("store", "component"):
        page.findings.state(Fact("reads", (end.name, start.name), row.source))


def _evented(events: list[str], starts: list[Entity], ends: list[Entity], row: Row, page: Page) -> None:
    for event in events:
        for start in starts:
            if start.kind in ("component", "external"):
                page.findings.state(Fact("publishes", (start.name, event), row.source, {"topic": event} if is_topic(event) else {}))
        for end in ends:
            if end.kind in ("component", "external"):
                page.findings.state(Fact("consumes", (end.name, event), row.source))


LEGEND = re.compile(r"\b([A-Z]{1,3})\s*(?:=|:|means|stands for)\s*([A-Za-z][A-Za-z/ ]{2,20})")


def _matrix(found: Table, row: Row, page: Page) -> None:
    """A cell says how the row's name calls the column's, in a word or in a letter that a legend explains: `G = gRPC, R = REST`."""
    legend = dict(LEGEND.findall(found.rows[0].lead))
    start = page.names.find(row.cells[0], event=False, loosely=True)
    is_turned = bool(re.match(r"\W*(?:to|callee|provider|nach|vers)\b.*\b(?:from|caller|consumer|von|de)\b", folded(row.heads[0])))
    for head, cell in zip(row.heads[1:], row.cells[1:], strict=False):
        end = page.names.find(head, event=False, loosely=True)
        if (
            not start
            or not end
            or start is end
            or not cell.strip()
            or is_nothing(cell)
            or cell.strip() in ("-", "–", "✗", "✘", "0", "·", ".")
        ):
            continue
        first, second = (end, start) if is_turned else (start, end)
        events = [text for text in re.findall(r"[\w.]+", cell) if looks_like_event(text) or page.names.find(text, event=True)]
        if events and {first.kind, second.kind} <= {"component", "external"}:
            for event in events:
                page.findings.see(event, "event", 5, row.source)
            _evented(events, [first], [second], row, page)
        rest = re.sub("|".join(map(re.escape, events)), " ", cell) if events else cell
        rest = legend.get(rest.strip(" *`"), rest)
        found_protocol = protocol(rest)
        if not events or found_protocol in ("http", "grpc"):
            values = {
                key: value
                for key, value in (("protocol", found_protocol if found_protocol != "async" else None), ("details", rest))
                if value
            }
            _between(first, second, row, values, is_message=found_protocol == "async", page=page)


def _operation(found: Table, row: Row, page: Page) -> None:
    owner = page.names.find(found.cell(row, "component"), event=False) if "component" in found.columns else None
    owner = owner or (page.names.find(found.subject, event=False) if found.subject else None)
    if owner is None or owner.kind not in ("component", "external"):
        return
    values = {
        key: value
        for key in ("http", "grpc", "request", "response", "errors", "summary", "latency")
        if (value := found.cell(row, key)) and not is_nothing(value)
    }
    name = found.cell(row, "operation")
    page.findings.state(Fact("operation", (owner.name, name), row.source, values))


def _route(found: Table, row: Row, page: Page) -> None:
    gateway = page.names.find(found.subject, event=False) if found.subject else None
    target = page.names.find(re.sub(r":\d+", "", found.cell(row, "to")), event=False)
    if gateway and target and gateway is not target:
        values = {key: value for key in ("timeout",) if (value := found.cell(row, key)) and duration(value)}
        page.findings.state(Fact("call", (gateway.name, target.name), row.source, {"protocol": "http", **values}))


def _card(found: Table, row: Row, page: Page) -> None:
    """`| Property | Value |` below the heading of a component."""
    subject = page.names.find(found.subject) if found.subject else None
    concept = concept_of(row.cells[0])
    if subject and concept and len(row.cells) > 1:
        _attribute(concept, row.cells[1], subject, row.source, page)
        for remark in row.cells[2:]:
            prose_facts(remark, row.source, subject, page)


def _question(found: Table, row: Row, page: Page) -> None:
    text = found.cell(row, "question") or max(row.cells, key=len)
    values = {"question": text, "owner": found.cell(row, "owner"), "needed": found.cell(row, "needed")}
    page.findings.state(Fact("question", (found.cell(row, "id"),), row.source, values))


def _decision(found: Table, row: Row, page: Page) -> None:
    text = found.cell(row, "decision") or next((cell for cell in row.cells if len(cell.split()) > 1), "")
    values = {"decision": text, "why": found.cell(row, "why"), "rejected": found.cell(row, "rejected"), "status": found.cell(row, "status")}
    if text:
        page.findings.state(Fact("decision", (found.cell(row, "id"),), row.source, values))


def _plain(found: Table, row: Row, page: Page) -> None:
    values = {
        key: found.cell(row, key) for key in ("host", "countries", "currency", "summary", "status", "may_call") if found.cell(row, key)
    }
    page.findings.state(Fact(found.kind, (row.cells[found.columns[found.kind]],), row.source, values))


def _type(found: Table, row: Row, page: Page) -> None:
    name = row.cells[0].strip("` ")
    page.findings.state(Fact("type", (name,), row.source, {"payload": found.cell(row, "payload")}))


def _sentences_of(found: Table, row: Row, placed: Placed, page: Page) -> None:
    """Cells that hold sentences: requirements above all."""
    if placed.section in ("question", "decision", "risk"):
        return
    met = found.cell(row, "component") if "component" in found.columns else met_by(row)
    subject = page.names.find(re.split(r"[,;(]| [a-z]", met, maxsplit=1)[0], event=False) if met else page.subject(placed)
    page.last.clear()
    for cell in row.cells:
        if len(cell.split()) > 3:
            prose_facts(cell, row.source, subject, page)


FACT_RULES = {
    "component": _attributes,
    "external": _external,
    "store": _attributes,
    "event": _attributes,
    "grouping": _grouping,
    "interaction": _interaction,
    "matrix": _matrix,
    "transposed": _transposed,
    "operation": _operation,
    "route": _route,
    "card": _card,
    "ways": _way,
    "told": _told,
    "kept": _kept,
    "question": _question,
    "decision": _decision,
    "region": _plain,
    "environment": _plain,
    "layer": _plain,
    "type": _type,
}
