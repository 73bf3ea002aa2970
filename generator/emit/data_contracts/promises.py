"""What is promised of a data set: how long it is kept, how fresh it is, what is lost at worst; and what has no key in ODCS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.emit.data_contracts.datasets import DataSet, Filling
from generator.graph import Graph
from generator.model import Backup, Replicated, Store
from generator.units import Duration

Data = dict[str, Any]
YEAR = 31_536_000_000


def service_levels(each: DataSet) -> list[Data]:
    """Availability is promised of interfaces, not of data, and is none of these."""
    found = [*_retention(each), *(level for filling in each.fillings for level in _of_pipeline(each, filling))]
    store = each.store
    if store is not None and store.rpo is not None:
        found.append(_level("rpo", store.rpo, "Recovery point objective: most data that may be lost."))
    if store is not None and store.rto is not None:
        found.append(_level("rto", store.rto, "Recovery time objective: longest outage."))
    return found


def _retention(each: DataSet) -> Iterator[Data]:
    if each.topic is not None:
        event = each.topic.event
        if event.compacted:
            yield {"property": "retention", "value": "unlimited", "description": "The newest message of each key is kept for ever."}
        elif event.retention is not None:
            yield _level("retention", event.retention, "How long messages are kept.")
        return
    if each.entry is not None and each.entry.cache.ttl is not None:
        yield _level("retention", each.entry.cache.ttl, "How long an entry lives.")
    elif each.table is not None and each.table.table.retention is not None:
        yield _level("retention", each.table.table.retention, "How long rows are kept.")
    elif each.store is not None and each.store.retention is not None:
        yield _level("retention", each.store.retention, each.store.retention_note or "How long data is kept.")


def _of_pipeline(each: DataSet, filling: Filling) -> Iterator[Data]:
    pipeline = filling.pipeline
    if pipeline.schedule is not None and any(source.topic is None for source in pipeline.sources):
        zone = f" ({pipeline.timezone})" if pipeline.timezone else ""
        value, unit = interval(pipeline.schedule)
        about = f"The flow {pipeline.id} brings what has changed{zone}."
        yield {
            "property": "frequency",
            "value": value,
            "unit": unit,
            "description": about,
            "scheduler": "cron",
            "schedule": pipeline.schedule,
        }
    freshness = pipeline.flow.thresholds.freshness
    if freshness is not None:
        level = _level("latency", freshness, f"A change is no older when the flow {pipeline.id} has brought it.")
        element = _watermark(each, filling)
        yield level | ({"element": f"{each.name}.{element}"} if element else {})


def _watermark(each: DataSet, filling: Filling) -> str | None:
    """The column that tells when a row has changed: the one that is the watermark of the source."""
    marks = {source.source.watermark for source in filling.pipeline.sources}
    known = {column.name for column in each.columns}
    taken = (
        (field.name, {source.name for source in field.sources}) for field in filling.fields if field.rule == "copy" and field.name in known
    )
    return next((name for name, sources in taken if sources & marks), None)


def interval(schedule: str) -> tuple[int | str, str]:
    """How often a schedule of cron comes round where it is regular, else the schedule itself."""
    minute, _, others = schedule.partition(" ")
    step = re.fullmatch(r"\*/(\d+)", minute)
    if others == "* * * *" and (minute == "*" or step):
        minutes = int(step[1]) if step else 1
        return (minutes, "m") if minutes and 60 % minutes == 0 else (schedule, "cron")
    if re.fullmatch(r"\d+ \* \* \* \*", schedule):
        return 1, "h"
    if re.fullmatch(r"\d+ \d+ \* \* \*", schedule):
        return 1, "d"
    return schedule, "cron"


def _level(name: str, value: Duration, description: str) -> Data:
    number, unit = measured(value)
    return {"property": name, "value": number, "unit": unit, "description": description}


def measured(value: Duration) -> tuple[int, str]:
    """A number and its unit, years where they are whole."""
    if value.milliseconds and value.milliseconds % YEAR == 0:
        return value.milliseconds // YEAR, "y"
    found = re.fullmatch(r"(\d+)(\D+)", str(value))
    assert found is not None, "a duration is printed so"
    return int(found[1]), found[2]


def span(value: Duration) -> str:
    """As people say it: `3y` and not `1095d`."""
    number, unit = measured(value)
    return f"{number}{unit}"


# --- what has no key of its own ---------------------------------------------------------------------------------------


def custom_properties(graph: Graph, each: DataSet) -> list[Data]:
    """Facts by name, in the order of their names."""
    facts = _of_store(graph, each.store) if each.store is not None else {}
    facts |= _of_subject(each)
    mastered = [master.data.name for master in each.masters if master.component.name == each.owner.name]
    copied = [f"{master.data.name}, mastered by {master.component.name}" for master in each.masters if _is_copy(each, master.copies)]
    facts |= {"ownerMasters": mastered or None, "copyOf": copied or None}
    models = [f"{model.component.name}.{model.projection.name}" for model in each.models]
    facts |= {"projections": models or None}
    volumes = {filling.pipeline.id: filling.pipeline.flow.volume for filling in each.fillings if filling.pipeline.flow.volume is not None}
    peaks = {filling.pipeline.id: filling.pipeline.flow.peak for filling in each.fillings if filling.pipeline.flow.peak is not None}
    facts |= {"recordsOfUsualRun": volumes or None, "recordsOfLargestRun": peaks or None}
    return [{"property": name, "value": facts[name]} for name in sorted(facts) if facts[name] is not None]


def _is_copy(each: DataSet, copies: tuple[Any, ...]) -> bool:
    store, owner = each.store, each.entry.access.owner if each.entry is not None and each.entry.access is not None else each.owner
    return store is not None and any(copy.owner.name == owner.name and copy.store.name == store.name for copy in copies)


def _of_store(graph: Graph, store: Store) -> Data:
    return {
        "backup": backup(backup_of(graph, store)),
        "consistency": store.consistency,
        "recoveryNote": store.note,
        "replication": replication(store.replicated),
        "replicationNote": store.replication,
    }


def _of_subject(each: DataSet) -> Data:
    if each.table is not None:
        captured = each.table.table.captured_as
        return {"capturedAs": f"{each.owner.name}.{captured}" if captured else None}
    if each.entry is not None:
        cache = each.entry.cache
        return {
            "cacheLevel": cache.level,
            "entryKey": cache.entry,
            "invalidatedBy": [topic.id for topic in each.entry.invalidated_by] or None,
            "oldest": str(cache.stale or cache.ttl) if cache.stale or cache.ttl else None,
            "warmedBy": [source.id for source in each.entry.warmed_by] or None,
        }
    assert each.topic is not None, "what is neither table nor entry is an event"
    event = each.topic.event
    return {"delivery": event.delivery, "key": event.key, "partitions": event.partitions, "replay": event.replay}


def backup_of(graph: Graph, store: Store) -> Backup | None:
    """How it is backed up: as it says, else as the system does."""
    defaults = graph.system.document.defaults
    return store.backup or (defaults.backup if defaults is not None else None)


def backup(said: Backup | None) -> Data | None:
    if said is None:
        return None
    found = {"full": said.full, "incremental": said.incremental, "restoreTest": said.restore_test}
    return {name: value for name, value in found.items() if value is not None} or None


def replication(said: Replicated | None) -> Data | None:
    if said is None:
        return None
    lag = {"lag": str(said.lag)} if said.lag is not None else {}
    return {
        "mode": said.mode,
        "copies": said.copies,
        **lag,
        **({"failover": said.failover} if said.failover else {}),
        "conflicts": said.conflicts,
    }
