"""Tables: inventories, interactions, matrices, events, stores, operations, and lists of questions and decisions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.extract.blocks import Row
from generator.extract.columns import columns_of, is_turned
from generator.extract.entries import event_texts, named_stores
from generator.extract.facts import Fact, Source
from generator.extract.findings import Findings, Page
from generator.extract.mentions import tokens_of
from generator.extract.naming import TITLED_PARTS, Entity, Names, engine_of, is_topic, kind_by_name, looks_like_event, written
from generator.extract.outline import EXTERNAL_MARK, KINDS, Placed, is_name
from generator.extract.statements import prose_facts, state_label
from generator.extract.values import duration, is_nothing, pieces, protocol, split_list
from generator.extract.vocabulary import EXTERNAL_CUE, VERB_OF, column_of, concept_of, folded, plain_words, section_of

LISTED = {"component": "component", "external": "external", "stores": "store", "event": "event"}


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what it is about, which column means what, its rows."""

    kind: str
    columns: Mapping[str, int]
    rows: tuple[Placed, ...]
    subject: str | None = None

    def cell(self, row: Row, concept: str) -> str:
        at = self.columns.get(concept)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""


def tables(placed: Iterable[Placed]) -> list[Table]:
    """The tables of the documents, each with what it is about."""
    groups: dict[tuple[str, int], list[Placed]] = defaultdict(list)
    for each in placed:
        if isinstance(each.block, Row):
            groups[each.block.source.file, each.block.table].append(each)
    return [_table(rows) for rows in groups.values()]


def row_of(placed: Placed) -> Row:
    assert isinstance(placed.block, Row)
    return placed.block


def _table(placed: Sequence[Placed]) -> Table:
    first = placed[0]
    row = row_of(first)
    columns = columns_of(row.heads, [row_of(each).cells for each in placed])
    rows = tuple(each for each in placed if not each.is_skipped)
    return Table(_kind(row, columns, first, placed), columns, rows, first.subject)


def _kind(row: Row, columns: Mapping[str, int], first: Placed, rows: Sequence[Placed]) -> str:
    """What a table is about, by its heads; by its section where they leave that open."""
    has = columns.keys()
    heading = section_of(row.path[-1].text) if row.path else None
    if _is_matrix(row, rows):
        return "matrix"
    if {"question"} & has or heading == "question":
        return "question"
    if "decision" in has or "rejected" in has or heading == "decision":
        return "decision"
    if heading == "risk" or "risk" in has or "requirement" in has:
        return "requirement"
    if "topic" in has and has & {"publisher", "consumer"} and "event" not in has:
        return "event"
    if (
        "event" in has
        and has & {"publisher", "consumer", "topic", "payload", "key", "partitions", "retention"}
        and not ({"from", "to"} <= has and columns["event"] > columns["from"])
    ):
        return "event"
    if (
        ({"from", "to"} <= has)
        or ({"provider", "consumer"} <= has)
        or ({"component", "to"} <= has and not has & {"operation"})
        or ({"component", "provider"} <= has)
        or ({"from", "provider"} <= has)
        or ({"called_by", "to"} <= has and columns["called_by"] < columns["to"])
        or ({"from", "consumer"} <= has)
        or ({"consumer", "to"} <= has)
        or ({"component", "external"} <= has and "protocol" in has and columns["component"] < columns["external"])
    ):
        return "interaction"
    if "operation" in has and has & {"http", "grpc", "request", "response", "errors", "component", "summary"}:
        return "operation"
    return _listing(row, columns, first, heading)


def _listing(row: Row, columns: Mapping[str, int], first: Placed, heading: str | None) -> str:
    order = sorted((at, concept) for concept, at in columns.items() if concept not in ("id", "status"))
    leading = order[0][1] if order else None
    in_section = KINDS.get(heading or "") or KINDS.get(first.section or "")
    if first.lead.rstrip().endswith(":") and EXTERNAL_CUE.search(folded(first.lead)):
        in_section = "external"
    if leading in ("domain", "layer") and "component" in columns and len(row.heads) > 2 and columns["component"] > 0:
        return (
            "grouping" if not columns.keys() & {"owner", "technology", "responsibility", "summary", "publishes", "calls"} else "component"
        )
    if leading in LISTED:
        return "external" if leading == "component" and in_section == "external" else LISTED[leading]
    if (
        leading in ("system", "name", "provider", "actor", "property", "summary")
        or (len(row.heads) == 2 and "value" in columns)
        or (leading is None and in_section)
    ):
        return _by_section(columns, leading, in_section, first)
    if leading in ("publisher", "consumer") and "event" in columns:
        return "event"
    if leading in ("mode", "type") and "payload" in columns:
        return "type"
    return leading if leading in ("region", "environment", "route", "layer") else ("rows" if leading is None else leading)


def _by_section(columns: Mapping[str, int], leading: str | None, in_section: str | None, first: Placed) -> str:
    if leading == "property" or columns.keys() >= {"value"} or (first.subject and len(row_of(first).heads) == 2):
        return "card"
    if leading == "system":
        return in_section or ("component" if columns.keys() & {"layer", "technology", "deployment", "publishes", "owner"} else "external")
    return in_section or ("component" if columns.keys() & {"publishes", "consumes", "calls", "technology", "deployment"} else "rows")


def _is_matrix(row: Row, rows: Sequence[Placed]) -> bool:
    """The same names above and at the left: who calls whom."""
    if len(row.heads) < 3 or concept_of(row.heads[1]) in ("to", "provider", "protocol", "topic", "owner"):
        return False
    corner = folded(row.heads[0])
    above = {plain_words(head) for head in row.heads[1:] if head}
    left = {plain_words(row_of(each).cells[0]) for each in rows}
    is_marked = bool(re.search(r"\\|/|→|->|↓|\bfrom\b.*\bto\b|\bvon\b.*\bnach\b|\bde\b.*\b(?:a|vers)\b|\bcaller\b.*\bcallee\b", corner))
    return len(above & left) >= 2 or (is_marked and len(row.heads) > 2 and not any(column_of(head) for head in row.heads[1:]))


# --- names ------------------------------------------------------------------------------------------------------------


def table_sightings(found: Table, findings: Findings, titles: Sequence[str]) -> None:
    """The names that a table defines or mentions."""
    page = Page(Names(()), findings, has_inventory=False, titles=titles)
    for placed in found.rows:
        row = row_of(placed)
        rule = SIGHTING_RULES.get(found.kind)
        if rule:
            rule(found, row, page)


def _list_row(found: Table, row: Row, page: Page) -> None:
    if found.kind == "store" and "stores" not in found.columns and {"owner", "kind"} <= found.columns.keys():
        return
    leading = next(
        (
            concept
            for concept in ("component", "external", "stores", "event", "system", "name")
            if concept in found.columns and (concept == KEY_OF[found.kind] or concept in ("system", "name"))
        ),
        None,
    )
    if found.kind == "component" and "component" not in found.columns and "name" not in found.columns and "system" not in found.columns:
        leading = None
    text = found.cell(row, leading) if leading else row.cells[0]
    name = found.cell(row, "name") if leading != "name" else ""
    if not text or is_nothing(text) or not is_name(text) or page.is_system(text):
        return
    kind = found.kind
    looks = kind_by_name(written(text).title)
    if kind == "component" and (
        EXTERNAL_MARK.search(row.text) or folded(found.cell(row, "mode")).startswith(("external", "extern", "third"))
    ):
        kind = "external"
    if kind == "component" and re.search(r"\b(?:broker|message bus|event bus|queue)\b", folded(found.cell(row, "mode"))):
        kind = "broker"
    if (kind == "component" and looks in ("broker",)) or (
        kind in ("component", "external")
        and looks == "actor"
        and len(written(text).title.split()) == 1
        and not (kind == "component" and folded(written(text).title) in TITLED_PARTS)
    ):
        kind = looks
    if kind == "component" and (
        looks == "store"
        and folded(found.cell(row, "mode") or found.cell(row, "technology"))
        and (engine_of(found.cell(row, "technology")) or "database" in folded(found.cell(row, "mode")))
    ):
        kind = "store"
    if kind == "external" and looks in ("actor", "broker"):
        kind = looks
    others = (name,) if name and is_name(name) and found.kind == "component" else ()
    page.findings.see(text, kind, 9, row.source, others)


KEY_OF = {"component": "component", "external": "external", "store": "stores", "event": "event"}


def _group_row(found: Table, row: Row, page: Page) -> None:
    for piece in pieces(found.cell(row, "component")):
        if is_name(piece.head):
            page.findings.see(piece.head, "component", 6, row.source)


def _ends(found: Table, row: Row) -> tuple[str, str]:
    start = next((found.cell(row, concept) for concept in ("from", "called_by", "consumer", "component") if concept in found.columns), "")
    end = next((found.cell(row, concept) for concept in ("to", "provider", "external", "consumer") if concept in found.columns), "")
    return (end, start) if is_turned(row.cells) else (start, end)


def _interaction_row(found: Table, row: Row, page: Page) -> None:
    for side in _ends(found, row):
        for text in names_in(side):
            looks = kind_by_name(written(text).title)
            looks = "external" if EXTERNAL_MARK.search(side) and looks == "component" else looks
            looks = "component" if looks == "actor" and len(written(text).title.split()) > 1 else looks
            if is_name(text) and not page.is_system(text) and not is_nothing(text) and not engine_of(text):
                page.findings.see(text, looks, 3, row.source)
    for event in _event_cell(found, row):
        page.findings.see(event, "event", 5, row.source)


def names_in(cell: str) -> list[str]:
    return (
        [part.strip() for part in split_list(cell, ",;") if part.strip()]
        if re.search(r"[,;]", cell)
        else [cell.strip()]
        if cell.strip()
        else []
    )


def _event_cell(found: Table, row: Row) -> list[str]:
    cell = found.cell(row, "event") or (
        next((each for each in row.cells if any(looks_like_event(word) for word in re.findall(r"[\w.]+", each))), "")
        if _is_async(found, row)
        else ""
    )
    return (
        [text for text in event_texts(cell, Names(())) if looks_like_event(text) or is_topic(text) or _is_async(found, row)]
        if cell and not is_nothing(cell)
        else []
    )


def _is_async(found: Table, row: Row) -> bool:
    return protocol(f"{found.cell(row, 'mode')} {found.cell(row, 'protocol')}") == "async"


def _event_row(found: Table, row: Row, page: Page) -> None:
    for event in _events_named(found, row):
        topic = found.cell(row, "topic").strip("` ")
        page.findings.see(
            f"`{event}`" if " " not in event else event, "event", 9, row.source, (topic,) if is_topic(topic) and "{" not in topic else ()
        )
    for concept in ("publisher", "consumer"):
        for text in names_in(found.cell(row, concept)):
            if (
                is_name(text)
                and not is_nothing(text)
                and not ELSEWHERE.match(text)
                and (kind_by_name(written(text).title) == "component" or len(written(text).title.split()) > 1)
                and len(written(text).title.split()) <= 4
            ):
                page.findings.see(text, "component", 2, row.source)


ELSEWHERE = re.compile(r"(?:see|siehe|vgl\.?|cf\.?|voir|véase)\b", re.IGNORECASE)
"""`see 6.1` instead of a name."""


def _events_named(found: Table, row: Row) -> list[str]:
    cell = found.cell(row, "event") or found.cell(row, "topic")
    codes = re.findall(r"`([^`]+)`", cell)
    if codes:
        return [code for code in codes if re.fullmatch(r"[^\W\d][\w .:-]*", code)]
    title = written(cell).title
    return [title] if title and len(title.split()) <= 5 and not is_nothing(title) and re.fullmatch(r"[^\W\d][\w .:'-]*", title) else []


def _matrix_row(found: Table, row: Row, page: Page) -> None:
    for text in (row.cells[0], *row.heads[1:]):
        looks = kind_by_name(written(text).title)
        if is_name(text) and not is_nothing(text) and not page.is_system(text):
            page.findings.see(text, "external" if EXTERNAL_MARK.search(text) and looks == "component" else looks, 6, row.source)


def _met_row(found: Table, row: Row, page: Page) -> None:
    """A requirement, and who meets it."""
    for text in names_in(found.cell(row, "component")):
        looks = kind_by_name(text)
        is_part = looks == "component" or (looks == "actor" and len(text.split()) > 1)
        if is_name(text) and not is_nothing(text) and is_part and len(text.split()) <= 4 and text[:1].isupper():
            page.findings.see(text, "component", 5, row.source)
    for cell in row.cells:
        for _, name, _ in named_stores(tokens_of(cell)):
            page.findings.see(f"`{name}`", "store", 5, row.source)


SIGHTING_RULES = {
    "component": _list_row,
    "external": _list_row,
    "store": _list_row,
    "event": _event_row,
    "grouping": _group_row,
    "interaction": _interaction_row,
    "matrix": _matrix_row,
    "requirement": _met_row,
}

# --- facts ------------------------------------------------------------------------------------------------------------


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
    for concept in (KEY_OF.get(found.kind, ""), "component", "system", "name"):
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
    subjects = [_subject_of(found, row, page)]
    if found.kind == "event":
        subjects = [page.names.find(text, event=True) for text in _events_named(found, row)]
    for subject in subjects:
        if subject is None:
            continue
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
                for event in _events_named(found, row):
                    page.findings.state(Fact(kind, (owner.name, event), row.source))
        return True
    if section_of(heading) in ("calls", "uses", "depends") and found.kind not in FACT_RULES:
        return state_label("calls", f"{row.cells[0]} ({'; '.join(row.cells[1:])})", owner, row.source, page)
    return False


def _kept_where(found: Table, row: Row, page: Page) -> None:
    """`| what | where | who |`: what is kept has no name of its own, only a place and an owner."""
    owner = page.names.find(found.cell(row, "owner"), event=False)
    if owner and owner.kind == "component":
        state_label("stores", found.cell(row, "kind"), owner, row.source, page)


MEANT: Mapping[tuple[str, str], str] = {
    ("external", "provider"): "summary", ("component", "to"): "calls", ("component", "external"): "calls", ("event", "from"): "publisher", ("event", "to"): "consumer", ("event", "component"): "publisher",
    ("store", "component"): "owner", ("store", "publisher"): "owner", ("store", "consumer"): "also", ("external", "component"): "called_by", ("external", "technology"): "protocol", ("store", "uses"): "also", ("store", "called_by"): "also",
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
    start_cell, end_cell = _ends(found, row)
    starts = [each for text in names_in(start_cell) if (each := page.names.find(text, event=False, loosely=True))]
    ends = [each for text in names_in(end_cell) if (each := page.names.find(text, event=False, loosely=True))]
    events = [event for event in _event_cell(found, row) if page.names.find(event, event=True)]
    if events:
        _evented(events, starts, ends, row, page)
        return
    said = " ".join(found.cell(row, concept) for concept in ("protocol", "mode", "technology", "note", "event"))
    is_message = _is_async(found, row) or protocol(said) == "async"
    values = {
        key: value
        for key in ("timeout", "retries", "failures", "reset", "fallback", "why", "summary", "operation", "mode", "latency")
        if (value := found.cell(row, key)) and not is_nothing(value)
    }
    proto = protocol(found.cell(row, "protocol")) or protocol(said)
    for start in starts:
        for end in ends:
            _between(
                start, end, row, {**values, **({"protocol": proto} if proto and not is_message else {})}, is_message=is_message, page=page
            )


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


def _matrix(found: Table, row: Row, page: Page) -> None:
    """A cell says how the row's name calls the column's."""
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
    subject = page.names.find(found.cell(row, "component"), event=False) if "component" in found.columns else page.subject(placed)
    for cell in row.cells:
        if len(cell.split()) > 3:
            prose_facts(cell, row.source, subject, page)


FACT_RULES = {
    "component": _attributes,
    "external": _attributes,
    "store": _attributes,
    "event": _attributes,
    "grouping": _grouping,
    "interaction": _interaction,
    "matrix": _matrix,
    "operation": _operation,
    "route": _route,
    "card": _card,
    "question": _question,
    "decision": _decision,
    "region": _plain,
    "environment": _plain,
    "layer": _plain,
    "type": _type,
}
