"""The inventory of data as a page: the same facts as its data, in tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from generator.text import ABSENT, markdown_cell, markdown_code, markdown_codes, markdown_link, markdown_section, markdown_text

OPEN = "not decided"
Data = dict[str, Any]
REBUILDING = {"replay": "from all events", "snapshot": "from the last snapshot on", "never": "never"}


def page(facts: Data, header: str) -> str:
    """Every fact of the inventory, in Markdown."""
    stores, contracts = facts["stores"], facts["contracts"]
    sections = [
        f"# Data of {markdown_text(facts['title'])}\n",
        markdown_section(
            "Data contracts", ("Contract", "Kind", "Version", "Owner", "Published", "Used by", "Filled by"), map(_contract, contracts)
        ),
        markdown_section("Ownership", ("Store", "Engine", "Owner", "What it holds", "Who else", "Copies of"), map(_ownership, stores)),
        markdown_section("Access of others", ("Store", "Component", "May", "At", "Why", "Can do without"), _accesses(stores)),
        markdown_section(
            "Tables", ("Store", "Table", "What it holds", "Key", "Kept for", "Published", "Changes are told as"), _tables(stores)
        ),
        markdown_section("Master data", ("Entity", "Master", "Type", "Identifier", "Copies may be in"), map(_master, facts["masterData"])),
        markdown_section("Consistency and failover", CONSISTENCY, map(_consistency, stores)),
        markdown_section("Recovery and retention", RECOVERY, map(_recovery, stores)),
        markdown_section(
            "Caches",
            ("Cache", "Level", "Store", "Key", "Lives for", "Oldest", "Filled by", "Dropped by", "Why"),
            map(_cache, facts["caches"]),
        ),
        markdown_section(
            "Event-sourced records",
            ("Record", "What it is", "Key", "Events", "Snapshot", "Read models"),
            map(_record, facts["eventSourced"]),
        ),
        markdown_section(
            "Read models", ("Read model", "Made from", "In", "Made again", "History that takes"), map(_model, facts["readModels"])
        ),
        markdown_section("Events that state is made from", ("Event", "Channel", "Kept for", "Replay"), _events(facts)),
        markdown_section("Protected data", ("Contract", "Field", "Classification"), _protected(contracts)),
    ]
    return f"<!-- {header} -->\n" + "\n".join(section for section in sections if section)


CONSISTENCY = ("Store", "Consistency", "Replication", "Copies", "Lag at most", "Failover", "Two written at once", "Note")
RECOVERY = ("Store", "Kept for", "Counted from", "RPO", "RTO", "Full backup", "Incremental", "Restore is tested", "Note")


def _contract(each: Data) -> Sequence[str]:
    owner = _owner(each["owner"], each["team"])
    link = markdown_link(each["name"], each["file"])
    return (
        link,
        each["kind"],
        each["version"],
        owner,
        _yes(each["published"]),
        markdown_codes(each["usedBy"]),
        markdown_codes(each["filledBy"]),
    )


def _ownership(store: Data) -> Sequence[str]:
    engine = f"{store['kind']} {store['version']}" if store["version"] else store["kind"]
    others = [each["component"] for each in store["others"]]
    what = markdown_cell(store["summary"])
    return (
        *_named(store),
        markdown_text(engine),
        _owner(store["owner"], store["team"]),
        what,
        markdown_codes(others),
        markdown_codes(store["holdsCopiesOf"]),
    )


def _accesses(stores: Sequence[Data]) -> Iterable[Sequence[str]]:
    for store in stores:
        for each in store["others"]:
            who = _owner(each["component"], each["team"])
            yield (*_named(store), who, each["access"], each["via"], markdown_cell(each["why"]), _yes(not each["required"]))


def _tables(stores: Sequence[Data]) -> Iterable[Sequence[str]]:
    for store in stores:
        for each in store["tables"]:
            about = (markdown_link(each["name"], each["file"]), markdown_cell(each["summary"]), markdown_codes(each["key"]))
            yield (*_named(store), *about, each["retention"] or OPEN, _yes(each["published"]), _code(each["capturedAs"]))


def _master(each: Data) -> Sequence[str]:
    entity = f"{markdown_code(each['entity'])}: {markdown_text(each['summary'])}" if each["summary"] else markdown_code(each["entity"])
    return (
        entity,
        _owner(each["master"], each["team"]),
        _code(each["type"]),
        _code(each["identifier"]),
        markdown_codes(each["copies"], "nowhere"),
    )


def _consistency(store: Data) -> Sequence[str]:
    said = store["replication"] or {}
    known = [str(said[name]) if name in said else OPEN if said else ABSENT for name in ("copies", "lag", "failover", "conflicts")]
    how = said.get("mode") or (ABSENT if store["replicationNote"] else OPEN)
    return (*_named(store), store["consistency"] or OPEN, how, *known, markdown_cell(store["replicationNote"]))


def _recovery(store: Data) -> Sequence[str]:
    said = store["backup"] or {}
    backups = [markdown_text(said.get(name) or OPEN) for name in ("full", "incremental", "restoreTest")]
    kept = (store["retention"] or OPEN, markdown_cell(store["retentionNote"]), store["rpo"] or OPEN, store["rto"] or OPEN)
    return (*_named(store), *kept, *backups, markdown_cell(store["recoveryNote"]))


def _cache(each: Data) -> Sequence[str]:
    warmed = [source["name"] for source in each["warmedBy"]]
    times = (each["ttl"] or OPEN, each["oldest"] or OPEN)
    what = (markdown_code(each["id"]), each["level"], _code(each["store"]), _code(each["entry"]))
    return (*what, *times, markdown_codes(warmed, "use"), markdown_codes(each["invalidatedBy"], "its age only"), markdown_cell(each["why"]))


def _record(each: Data) -> Sequence[str]:
    events = markdown_codes([event["id"] for event in each["events"]])
    snapshot = f"every {each['snapshotEvery']} events" if each["snapshotEvery"] else "none"
    what = (markdown_code(each["id"]), markdown_cell(each["summary"]), markdown_code(each["key"]))
    return (*what, events, snapshot, markdown_codes(each["readModels"]))


def _model(each: Data) -> Sequence[str]:
    events = markdown_codes([event["id"] for event in each["events"]])
    place = _code(f"{each['store']}.{each['table']}" if each["store"] and each["table"] else each["store"])
    history = ABSENT if each["rebuilt"] == "never" else each["history"] or "all"
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


def _code(text: str | None) -> str:
    return markdown_code(text) if text else ABSENT
