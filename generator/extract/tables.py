"""Tables: inventories, interactions, matrices, events, stores, operations, and lists of questions and decisions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.extract.blocks import Row
from generator.extract.columns import UNSURE, columns_of, is_card, is_of_protocols, is_turned, own_table, share
from generator.extract.entries import event_texts, named_stores
from generator.extract.findings import Findings, Page
from generator.extract.headings import DESCRIBES_COMPONENT
from generator.extract.mentions import tokens_of
from generator.extract.naming import TITLED_PARTS, Names, engine_of, is_name, is_topic, kind_by_name, looks_like_event, written
from generator.extract.outline import EXTERNAL_MARK, KINDS, Placed
from generator.extract.values import is_nothing, pieces, protocol, split_list
from generator.extract.vocabulary import EXTERNAL_CUE, HEADS, column_of, concept_of, folded, plain_words, section_of

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
    return [_table(_unfolded(rows)) for rows in groups.values()]


ENDS_IN_CELL = re.compile(r"(?P<start>[^→←]{2,60}?)\s*(?:(?P<out>→|->|=>)|←|<-)\s*(?P<end>[^→←]{2,60})")


ENDS_IN_WORDS = re.compile(
    r"(?:The |Der |Die |Das |Le |La )?(?P<start>[A-ZÀ-Þ`][^→←,;.:]{1,40}?) (?P<out>to|calls|asks|nach|an|ruft|vers|appelle) (?:the |den |die |das |le |la )?(?P<end>[A-ZÀ-Þ`][^→←,;.:]{1,40})"
)
"""`Orders to Billing`, in most cells of a column."""


def _unfolded(rows: Sequence[Placed]) -> Sequence[Placed]:
    """`| Orders → Billing | gRPC |` with a column for each end."""
    width = min(len(row_of(each).cells) for each in rows)
    for shape in (ENDS_IN_CELL, ENDS_IN_WORDS):
        at = next((at for at in range(width) if share([row_of(each).cells[at] for each in rows], shape.fullmatch)), None)
        if at is not None:
            return [replace(each, block=_with_ends_apart(row_of(each), at, shape)) for each in rows]
    return rows


def _with_ends_apart(row: Row, at: int, shape: re.Pattern[str]) -> Row:
    found = shape.fullmatch(row.cells[at].strip())
    ends = (row.cells[at], "") if found is None else (found["start"], found["end"]) if found["out"] else (found["end"], found["start"])
    return replace(row, heads=(*row.heads[:at], "From", "To", *row.heads[at + 1 :]), cells=(*row.cells[:at], *ends, *row.cells[at + 1 :]))


def row_of(placed: Placed) -> Row:
    assert isinstance(placed.block, Row)
    return placed.block


def _table(placed: Sequence[Placed]) -> Table:
    first = placed[0]
    row = row_of(first)
    cells = [row_of(each).cells for each in placed]
    columns = _with_protocol(_with_ends(columns_of(row.heads, cells)), cells)
    rows = tuple(each for each in placed if not each.is_skipped)
    return Table(_kind(row, columns, first, placed), columns, rows, first.subject)


def _with_ends(columns: dict[str, int]) -> dict[str, int]:
    """`| Who | Talks to | How |`: whoever asks, and whoever is asked."""
    has = columns.keys()
    if {"owner", "calls", "protocol"} <= has and "component" not in has and columns["owner"] < columns["calls"]:
        return {{"owner": "from", "calls": "to"}.get(concept, concept): at for concept, at in columns.items()}
    return columns


def _with_protocol(columns: dict[str, int], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """`| From | To | What crosses | By |`: how two speak stands in the column whose cells say so, whatever its head."""
    if columns.keys() & {"protocol", "mode"} or not any(ends <= columns.keys() for ends in ENDS):
        return columns
    free = sorted({at for row in rows for at in range(len(row))} - {at for concept, at in columns.items() if concept not in UNSURE})
    spoken = next((at for at in free if is_of_protocols([row[at] for row in rows if at < len(row)])), None)
    return columns if spoken is None else {**columns, "protocol": spoken}


def _kind(row: Row, columns: Mapping[str, int], first: Placed, rows: Sequence[Placed]) -> str:
    """What a table is about, by its heads; by its section where they leave that open."""
    has = columns.keys()
    heading = section_of(row.path[-1].text) if row.path else None
    if shaped := _shape(row, first, rows):
        return shaped
    if {"question"} & has or heading == "question":
        return "question"
    if "decision" in has or "rejected" in has or heading == "decision":
        return "decision"
    if heading == "risk" or "risk" in has or "requirement" in has:
        return "requirement"
    if first.subject and (own := _own_kind(row, rows)):
        return own
    if _is_of_events(columns):
        return "event"
    if _is_of_partners(columns):
        return "external"
    if any(ends <= has for ends in ENDS) or _is_of_calls(columns):
        return "interaction"
    if "operation" in has and has & {"http", "grpc", "request", "response", "errors", "component", "summary"}:
        return "operation"
    return _listing(row, columns, first, heading)


def _shape(row: Row, first: Placed, rows: Sequence[Placed]) -> str | None:
    """What a table is by where its names and labels stand, whatever its columns are called."""
    if _is_matrix(row, rows):
        return "matrix"
    if _is_transposed(row, rows):
        return "transposed"
    return "card" if first.subject and is_card(row.heads) and not row.heads[0].strip() else None


ENDS = tuple(
    map(
        frozenset,
        (
            ("from", "to"),
            ("provider", "consumer"),
            ("component", "provider"),
            ("from", "provider"),
            ("from", "consumer"),
            ("consumer", "to"),
        ),
    )
)
"""Columns that hold both ends of a call."""


def _is_of_calls(columns: Mapping[str, int]) -> bool:
    has = columns.keys()
    return (
        ({"component", "to"} <= has and "operation" not in has)
        or ({"called_by", "to"} <= has and columns["called_by"] < columns["to"])
        or ({"component", "external", "protocol"} <= has and columns["component"] < columns["external"])
    )


OWN_KINDS = {"uses": "ways", "publishes": "told", "stores": "kept"}


def _own_kind(row: Row, rows: Sequence[Placed]) -> str | None:
    """What a table below the heading of a component says of it, when most of its rows do."""
    said = Counter(own_table(row.heads, row_of(each).cells) for each in rows)
    own, many = said.most_common(1)[0]
    return OWN_KINDS[own] if own and 2 * many > len(rows) else None


def _is_of_events(columns: Mapping[str, int]) -> bool:
    has = columns.keys()
    is_led = {"from", "to"} <= has and columns.get("event", 0) > columns["from"]
    return ("topic" in has and "event" not in has and bool(has & {"publisher", "consumer"})) or (
        "event" in has and not is_led and bool(has & {"publisher", "consumer", "topic", "payload", "key", "partitions", "retention"})
    )


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
    if leading == "property" or columns.keys() >= {"value"} or (first.subject and is_card(row_of(first).heads)):
        return "card"
    if leading == "system":
        return in_section or ("component" if columns.keys() & {"layer", "technology", "deployment", "publishes", "owner"} else "external")
    return in_section or ("component" if columns.keys() & {"publishes", "consumes", "calls", "technology", "deployment"} else "rows")


def _is_of_partners(columns: Mapping[str, int]) -> bool:
    """Third parties, each with who of ours speaks with it, how, and in which direction."""
    has = columns.keys()
    is_first = {"external", "component"} <= has and columns["external"] < columns["component"]
    return {"external", "component", "direction"} <= has or (is_first and bool(has & {"protocol", "technology"}))


def _is_transposed(row: Row, rows: Sequence[Placed]) -> bool:
    """Components beside each other, with what is said of them below: the labels stand at the left."""
    left = {concept_of(row_of(each).cells[0]) for each in rows}
    is_open = not row.heads[0].strip() or concept_of(row.heads[0]) in ("property", "value", None)
    names = [head for head in row.heads[1:] if is_name(head) and not column_of(head)]
    return is_open and len(left & DESCRIBES_COMPONENT) >= 2 and len(names) == len(row.heads) - 1


def _transposed_row(found: Table, row: Row, page: Page) -> None:
    for head in row.heads[1:]:
        page.findings.see(head, "component", 8, row.source)


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
    if found.kind == "store" and not {"stores", "name"} & found.columns.keys() and {"owner", "kind"} <= found.columns.keys():
        return
    leading = leading_of(found)
    text = found.cell(row, leading) if leading else row.cells[0]
    name = found.cell(row, "name") if leading != "name" else ""
    if not text or is_nothing(text) or not is_name(text) or page.is_system(text) or OTHERS.match(folded(text)):
        return
    kind = _kind_of_row(found, row, text)
    if not kind:
        return
    others = (name,) if name and is_name(name) and found.kind == "component" else ()
    others = (*others, number) if COUNTED.fullmatch(number := found.cell(row, "id").strip("`* ")) else others
    page.findings.see(text, kind, 9, row.source, others)


COUNTED = re.compile(r"[A-Z]{1,5}[-.]?\d{1,4}")
"""`LC1`, by which other tables may call what the row is about."""


def leading_of(found: Table) -> str | None:
    """The concept of the first column that names what the rows are about."""
    told = [each for each in (KEY_OF[found.kind], "system", "name") if each in found.columns]
    return min(told, key=lambda each: found.columns[each]) if told else None


def _kind_of_row(found: Table, row: Row, text: str) -> str:
    """What the row of an inventory lists; nothing for what is no part of the system."""
    kind = found.kind
    looks = kind_by_name(written(text).title)
    said = _said_kind(found.cell(row, "mode")) if kind in ("component", "external") else None
    if said is not None:
        return said
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
    return kind


OTHERS = re.compile(
    r"(?:all|the|everything|any) (?:others?|rest|else|remaining)\b|others?$|alle (?:anderen|uebrigen)|tous les autres|los demas|sonstige"
)
SAID_KINDS = {
    "person": "actor", "actor": "actor", "user": "actor", "data store": "store", "datastore": "store", "database": "store", "cache": "store", "message broker": "broker", "broker": "broker",
    "software system": "", "system": "", "package": "", "library": "", "class": "", "namespace": "",
}  # fmt: skip
"""What a column of types says (C4): people, stores and brokers are no components; the system itself and packages within a process are nothing of their own."""


def _said_kind(text: str) -> str | None:
    return SAID_KINDS.get(" ".join(plain_words(re.sub(r"\(.*?\)", " ", text))))


KEY_OF = {"component": "component", "external": "external", "store": "stores", "event": "event"}


def _group_row(found: Table, row: Row, page: Page) -> None:
    for piece in pieces(found.cell(row, "component")):
        if is_name(piece.head):
            page.findings.see(piece.head, "component", 6, row.source)


def ends_of(found: Table, row: Row) -> tuple[str, str]:
    start = next((found.cell(row, concept) for concept in ("from", "called_by", "consumer", "component") if concept in found.columns), "")
    end = next((found.cell(row, concept) for concept in ("to", "provider", "external", "consumer") if concept in found.columns), "")
    return (end, start) if is_turned(row.cells) else (start, end)


def _interaction_row(found: Table, row: Row, page: Page) -> None:
    for side in ends_of(found, row):
        for text in names_in(side):
            looks = kind_by_name(written(text).title)
            looks = "external" if EXTERNAL_MARK.search(side) and looks == "component" else looks
            looks = "component" if looks == "actor" and len(written(text).title.split()) > 1 else looks
            if is_name(text) and not page.is_system(text) and not is_nothing(text) and not engine_of(text):
                page.findings.see(text, looks, 3, row.source)
    for event in event_cell(found, row):
        page.findings.see(event, "event", 5, row.source)


def names_in(cell: str) -> list[str]:
    parts = [part.strip() for part in split_list(cell, ",;") if part.strip()] if re.search(r"[,;]", cell) else [cell.strip()]
    return [each for part in parts if part for each in (JOINED.split(part) if SEVERAL.fullmatch(part) else [part])]


WHOLE = r"[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){1,3}"
JOINED = re.compile(r"\s+(?:and|und|et|y|&)\s+")
SEVERAL = re.compile(rf"{WHOLE}(?:\s+(?:and|und|et|y|&)\s+{WHOLE})+")
"""`Order Desk and Mail Worker`, two names of two words or more."""


def event_cell(found: Table, row: Row) -> list[str]:
    cell = found.cell(row, "event") or (
        next((each for each in row.cells if any(looks_like_event(word) for word in re.findall(r"[\w.]+", each))), "")
        if is_async(found, row)
        else ""
    )
    return (
        [text for text in event_texts(cell, Names(())) if looks_like_event(text) or is_topic(text) or is_async(found, row)]
        if cell and not is_nothing(cell)
        else []
    )


def is_async(found: Table, row: Row) -> bool:
    return protocol(f"{found.cell(row, 'mode')} {found.cell(row, 'protocol')}") == "async"


def _event_row(found: Table, row: Row, page: Page) -> None:
    _see_events(found, row, page)
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


def _see_events(found: Table, row: Row, page: Page) -> None:
    for event in events_named(found, row):
        topic = found.cell(row, "topic").strip("` ")
        page.findings.see(
            f"`{event}`" if " " not in event else event, "event", 9, row.source, (topic,) if is_topic(topic) and "{" not in topic else ()
        )


def _kept_row(found: Table, row: Row, page: Page) -> None:
    text = row.cells[0]
    if is_name(text) and not is_unnamed(text) and not engine_of(text):
        page.findings.see(text, "store", 8, row.source)


def is_unnamed(cell: str) -> bool:
    """`–`, `(no name)`."""
    return is_nothing(cell) or cell.strip().startswith("(")


def _way_row(found: Table, row: Row, page: Page) -> None:
    for text in names_in(row.cells[0]):
        if is_name(text) and not page.is_system(text) and not engine_of(text):
            page.findings.see(text, kind_by_name(written(text).title), 3, row.source)


ELSEWHERE = re.compile(r"(?:see|siehe|vgl\.?|cf\.?|voir|véase)\b", re.IGNORECASE)
"""`see 6.1` instead of a name."""


def events_named(found: Table, row: Row) -> list[str]:
    cell = found.cell(row, "event") or found.cell(row, "topic")
    codes = re.findall(r"`([^`]+)`", cell)
    if codes:
        return [code for code in codes if re.fullmatch(r"[^\W\d][\w .:-]*", code)]
    if len(parts := names_in(cell)) > 1 and all(looks_like_event(part) for part in parts):
        return parts
    title = written(cell).title
    return [title] if title and len(title.split()) <= 5 and not is_nothing(title) and re.fullmatch(r"[^\W\d][\w .:'-]*", title) else []


def _matrix_row(found: Table, row: Row, page: Page) -> None:
    for text in (row.cells[0], *row.heads[1:]):
        looks = kind_by_name(written(text).title)
        if is_name(text) and not is_nothing(text) and not page.is_system(text):
            page.findings.see(text, "external" if EXTERNAL_MARK.search(text) and looks == "component" else looks, 6, row.source)


NAMED_FIRST = re.compile(r"(?:The )?(?P<name>[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3})(?![\w'’-])")


def _named_first(cell: str) -> list[str]:
    """The names that the parts of a cell open with: `Order Service publishes …; Notifier hears it`."""
    return [found["name"] for part in split_list(cell, ",;") if (found := NAMED_FIRST.match(part.strip()))]


MET_BY = re.compile(
    r"(?:responsible|answered by|met by|fulfilled by|in charge|realised by|realized by|implemented by|satisfied by|covered by|falls to|concerns|who|wer|zustaendig|verantwortlich|umgesetzt von|responsable|qui|assure par|porte par|quien|realizado por)\b.*"
)


def met_by(row: Row) -> str:
    """The cell that says who meets a requirement, where no column is called after components; empty where it names several."""
    cell = next((cell for head, cell in zip(row.heads, row.cells, strict=False) if MET_BY.fullmatch(folded(head).strip(" .:"))), "")
    return "" if "," in cell or " and " in cell else cell


def _met_row(found: Table, row: Row, page: Page) -> None:
    """A requirement, and who meets it."""
    for text in _named_first(found.cell(row, "component") or met_by(row)):
        looks = kind_by_name(text)
        is_part = looks == "component" or (looks == "actor" and len(text.split()) > 1)
        is_part = is_part and ("component" in found.columns or len(text.split()) > 1 or folded(text) in HEADS)
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
    "transposed": _transposed_row,
    "requirement": _met_row,
    "ways": _way_row,
    "told": _see_events,
    "kept": _kept_row,
}
