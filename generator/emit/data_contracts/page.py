"""The inventory of data as a page: the same facts as its data, in tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from generator.text import markdown_code, markdown_link, markdown_table, markdown_text

OPEN = "not decided"
NONE = "–"
Data = dict[str, Any]
REBUILDING = {"replay": "from all events", "snapshot": "from the last snapshot on", "never": "never"}


def page(facts: Data, header: str) -> str:
    """Every fact of the inventory, in Markdown."""
    stores, contracts = facts["stores"], facts["contracts"]
    sections = [
        f"# Data of {markdown_text(facts['title'])}\n",
        _section(
            "Data contracts", ("Contract", "Kind", "Version", "Owner", "Published", "Used by", "Filled by"), map(_contract, contracts)
        ),
        _section("Ownership", ("Store", "Engine", "Owner", "What it holds", "Who else", "Copies of"), map(_ownership, stores)),
        _section("Access of others", ("Store", "Component", "May", "At", "Why", "Can do without"), _accesses(stores)),
        _section("Tables", ("Store", "Table", "What it holds", "Key", "Kept for", "Published", "Changes are told as"), _tables(stores)),
        _section("Master data", ("Entity", "Master", "Type", "Identifier", "Copies may be in"), map(_master, facts["masterData"])),
        _section("Consistency and failover", CONSISTENCY, map(_consistency, stores)),
        _section("Recovery and retention", RECOVERY, map(_recovery, stores)),
        _section(
            "Caches",
            ("Cache", "Level", "Store", "Key", "Lives for", "Oldest", "Filled by", "Dropped by", "Why"),
            map(_cache, facts["caches"]),
        ),
        _section(
            "Event-sourced records",
            ("Record", "What it is", "Key", "Events", "Snapshot", "Read models"),
            map(_record, facts["eventSourced"]),
        ),
        _section("Read models", ("Read model", "Made from", "In", "Made again", "History that takes"), map(_model, facts["readModels"])),
        _section("Events that state is made from", ("Event", "Channel", "Kept for", "Replay"), _events(facts)),
        _section("Protected data", ("Contract", "Field", "Classification"), _protected(contracts)),
    ]
    return f"<!-- {header} -->\n" + "\n".join(section for section in sections if section)


CONSISTENCY = ("Store", "Consistency", "Replication", "Copies", "Lag at most", "Failover", "Two written at once", "Note")
RECOVERY = ("Store", "Kept for", "Counted from", "RPO", "RTO", "Full backup", "Incremental", "Restore is tested", "Note")


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    found = list(rows)
    return f"## {title}\n\n{markdown_table(heads, found)}" if found else ""


def _contract(each: Data) -> Sequence[str]:
    owner = _owner(each["owner"], each["team"])
    link = markdown_link(each["name"], each["file"])
    return (link, each["kind"], each["version"], owner, _yes(each["published"]), _codes(each["usedBy"]), _codes(each["filledBy"]))


def _ownership(store: Data) -> Sequence[str]:
    engine = f"{store['kind']} {store['version']}" if store["version"] else store["kind"]
    others = [each["component"] for each in store["others"]]
    what = _said(store["summary"])
    return (
        *_named(store),
        markdown_text(engine),
        _owner(store["owner"], store["team"]),
        what,
        _codes(others),
        _codes(store["holdsCopiesOf"]),
    )


def _accesses(stores: Sequence[Data]) -> Iterable[Sequence[str]]:
    for store in stores:
        for each in store["others"]:
            who = _owner(each["component"], each["team"])
            yield (*_named(store), who, each["access"], each["via"], _said(each["why"]), _yes(not each["required"]))


def _tables(stores: Sequence[Data]) -> Iterable[Sequence[str]]:
    for store in stores:
        for each in store["tables"]:
            about = (markdown_link(each["name"], each["file"]), _said(each["summary"]), _codes(each["key"]))
            yield (*_named(store), *about, each["retention"] or OPEN, _yes(each["published"]), _code(each["capturedAs"]))


def _master(each: Data) -> Sequence[str]:
    entity = f"{markdown_code(each['entity'])}: {markdown_text(each['summary'])}" if each["summary"] else markdown_code(each["entity"])
    return (entity, _owner(each["master"], each["team"]), _code(each["type"]), _code(each["identifier"]), _codes(each["copies"], "nowhere"))


def _consistency(store: Data) -> Sequence[str]:
    said = store["replication"] or {}
    known = [str(said[name]) if name in said else OPEN if said else NONE for name in ("copies", "lag", "failover", "conflicts")]
    how = said.get("mode") or (NONE if store["replicationNote"] else OPEN)
    return (*_named(store), store["consistency"] or OPEN, how, *known, _said(store["replicationNote"]))


def _recovery(store: Data) -> Sequence[str]:
    said = store["backup"] or {}
    backups = [markdown_text(said.get(name) or OPEN) for name in ("full", "incremental", "restoreTest")]
    kept = (store["retention"] or OPEN, _said(store["retentionNote"]), store["rpo"] or OPEN, store["rto"] or OPEN)
    return (*_named(store), *kept, *backups, _said(store["recoveryNote"]))


def _cache(each: Data) -> Sequence[str]:
    warmed = [source["name"] for source in each["warmedBy"]]
    times = (each["ttl"] or OPEN, each["oldest"] or OPEN)
    what = (markdown_code(each["id"]), each["level"], _code(each["store"]), _code(each["entry"]))
    return (*what, *times, _codes(warmed, "use"), _codes(each["invalidatedBy"], "its age only"), _said(each["why"]))


def _record(each: Data) -> Sequence[str]:
    events = _codes([event["id"] for event in each["events"]])
    snapshot = f"every {each['snapshotEvery']} events" if each["snapshotEvery"] else "none"
    what = (markdown_code(each["id"]), _said(each["summary"]), markdown_code(each["key"]))
    return (*what, events, snapshot, _codes(each["readModels"]))


def _model(each: Data) -> Sequence[str]:
    events = _codes([event["id"] for event in each["events"]])
    place = _code(f"{each['store']}.{each['table']}" if each["store"] and each["table"] else each["store"])
    history = NONE if each["rebuilt"] == "never" else each["history"] or "all"
    return (markdown_code(each["id"]), events, place, REBUILDING[each["rebuilt"]], history)


def _events(facts: Data) -> Iterable[Sequence[str]]:
    made = {event["id"]: event for each in (*facts["eventSourced"], *facts["readModels"]) for event in each["events"]}
    for name in sorted(made):
        event = made[name]
        yield (markdown_code(name), markdown_code(event["channel"]), event["kept"] or OPEN, _yes(event["replay"]))


def _protected(contracts: Sequence[Data]) -> Iterable[Sequence[str]]:
    for each in contracts:
        for field in each["protectedFields"]:
            yield (markdown_link(each["name"], each["file"]), markdown_code(field["field"]), field["classification"])


def _named(store: Data) -> tuple[str]:
    return (markdown_code(store["id"]),)


def _owner(component: str, responsible: str) -> str:
    return f"{markdown_code(component)} ({markdown_text(responsible)})"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _said(text: str | None) -> str:
    return markdown_text(text) if text else NONE


def _code(text: str | None) -> str:
    return markdown_code(text) if text else NONE


def _codes(texts: Sequence[str], absent: str = NONE) -> str:
    return ", ".join(map(markdown_code, texts)) if texts else absent
