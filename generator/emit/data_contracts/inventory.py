"""All data of a system as data: who owns it and who else has it, how consistent and how safe it is, and what is copied and made again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator import names
from generator.emit.data_contracts.datasets import DataSet
from generator.emit.data_contracts.promises import backup, backup_of, replication, span
from generator.graph import CachedCopy, Graph, Master, Pipeline, ReadModel, SourcedRecord, StoreAccess, StoreTable, Topic
from generator.model import Store
from generator.text import one_line
from generator.units import Duration

Data = dict[str, Any]
PROTECTED = ("personal", "sensitive", "secret")


def inventory(graph: Graph, found: Sequence[DataSet]) -> Data:
    """What nobody decided is null."""
    header = graph.system.header
    owned = [each for each in graph.accesses if each.use is None]
    return {
        "system": header.name,
        "title": header.title or names.title(header.name) or header.name,
        "contracts": [_contract(graph, each) for each in found],
        "stores": [_store(graph, each, found) for each in sorted(owned, key=lambda each: (each.owner.name, each.store.name))],
        "masterData": [_master(graph, each) for each in graph.masters],
        "caches": [_cache(graph, each) for each in graph.caches],
        "eventSourced": [_record(graph, each) for each in graph.records],
        "readModels": [_model(graph, each) for each in graph.read_models],
    }


def _contract(graph: Graph, each: DataSet) -> Data:
    """Of an entry of a cache the component that keeps it answers."""
    readers = [access.component.name for access in each.accesses if access.use is not None]
    readers += [subscription.consumer.name for subscription in each.topic.subscriptions] if each.topic is not None else []
    return {
        "id": each.id,
        "file": each.path.as_posix(),
        "kind": "table" if each.table is not None else "event" if each.topic is not None else "cache",
        "name": each.table.id if each.table is not None else each.topic.id if each.topic is not None else f"{each.owner.name}.{each.name}",
        "version": str(each.version),
        "owner": each.owner.name,
        "team": graph.team(each.owner),
        "published": each.topic is not None or (each.table is not None and each.table.table.published),
        "usedBy": sorted({name for name in readers if name != each.owner.name}),
        "filledBy": sorted({*(filling.pipeline.id for filling in each.fillings), *(pipeline.id for pipeline in each.refusals)}),
        "protectedFields": [
            {"field": column.name, "classification": column.classification} for column in each.columns if column.classification in PROTECTED
        ],
    }


def _store(graph: Graph, access: StoreAccess, found: Sequence[DataSet]) -> Data:
    owner, store = access.owner, access.store
    others = [each for each in graph.accesses if each.owner.name == owner.name and each.store.name == store.name and each.use is not None]
    files = {each.table.id: each.path.as_posix() for each in found if each.table is not None}
    tables = [each for each in graph.tables if each.owner.name == owner.name and each.store.name == store.name]
    return {
        "id": f"{owner.name}.{store.name}",
        "owner": owner.name,
        "team": graph.team(owner),
        "kind": store.kind,
        "version": store.version,
        "summary": _line(store.summary),
        "required": store.required,
        "others": [_other(graph, each) for each in others],
        "tables": [_table(each, files) for each in tables],
        "holdsCopiesOf": [each.data.name for each in graph.masters if any(_is_same(copy, access) for copy in each.copies)],
        "consistency": store.consistency,
        "replication": replication(store.replicated),
        "replicationNote": _line(store.replication),
        **_recovery(graph, store),
    }


def _is_same(first: StoreAccess, second: StoreAccess) -> bool:
    return (first.owner.name, first.store.name) == (second.owner.name, second.store.name)


def _other(graph: Graph, access: StoreAccess) -> Data:
    assert access.use is not None, "the owner has no use of it"
    responsible = graph.team(access.component)
    return {
        "component": access.component.name,
        "team": responsible,
        "access": access.use.access,
        "via": access.use.via,
        "why": _line(access.use.why),
        "required": access.use.required,
    }


def _table(each: StoreTable, files: dict[str, str]) -> Data:
    table, owner = each.table, each.owner.name
    return {
        "name": table.name,
        "file": files[each.id],
        "key": list(table.key),
        "summary": _line(table.summary),
        "published": table.published,
        "retention": _text(table.retention or each.store.retention),
        "capturedAs": f"{owner}.{table.captured_as}" if table.captured_as else None,
    }


def _recovery(graph: Graph, store: Store) -> Data:
    return {
        "retention": _text(store.retention),
        "retentionNote": _line(store.retention_note),
        "rpo": _text(store.rpo),
        "rto": _text(store.rto),
        "recoveryNote": _line(store.note),
        "backup": backup(backup_of(graph, store)),
    }


def _master(graph: Graph, each: Master) -> Data:
    return {
        "entity": each.data.name,
        "summary": _line(each.data.summary),
        "master": each.component.name,
        "team": graph.team(each.component),
        "type": each.type,
        "identifier": each.data.identifier,
        "copies": [f"{copy.owner.name}.{copy.store.name}" for copy in each.copies],
    }


def _cache(graph: Graph, each: CachedCopy) -> Data:
    cache = each.cache
    return {
        "id": each.id,
        "component": each.component.name,
        "team": graph.team(each.component),
        "level": cache.level,
        "store": f"{each.access.owner.name}.{each.access.store.name}" if each.access is not None else None,
        "entry": cache.entry,
        "holds": each.holds.ref if each.holds is not None else None,
        "ttl": _text(cache.ttl),
        "oldest": _text(cache.stale or cache.ttl),
        "warmedBy": [{"what": "flow" if isinstance(source, Pipeline) else "event", "name": source.id} for source in each.warmed_by],
        "invalidatedBy": [topic.id for topic in each.invalidated_by],
        "why": _line(cache.why),
    }


def _record(graph: Graph, each: SourcedRecord) -> Data:
    return {
        "id": f"{each.component.name}.{each.stream.name}",
        "component": each.component.name,
        "team": graph.team(each.component),
        "summary": _line(each.stream.summary),
        "key": each.stream.key,
        "events": [_event(topic) for topic in each.topics],
        "snapshotEvery": each.stream.snapshot_every,
        "readModels": sorted(_models_of(graph, each)),
    }


def _models_of(graph: Graph, record: SourcedRecord) -> set[str]:
    """The read models that some of its events go into."""
    own = {topic.id for topic in record.topics}
    return {f"{each.component.name}.{each.projection.name}" for each in graph.read_models if own & {topic.id for topic in each.topics}}


def _model(graph: Graph, each: ReadModel) -> Data:
    projection = each.projection
    return {
        "id": f"{each.component.name}.{projection.name}",
        "component": each.component.name,
        "team": graph.team(each.component),
        "events": [_event(topic) for topic in each.topics],
        "store": f"{each.access.owner.name}.{each.access.store.name}" if each.access is not None else None,
        "table": each.table.table.name if each.table is not None else None,
        "rebuilt": projection.rebuilt,
        "history": _text(projection.history) if projection.rebuilt != "never" else None,
    }


def _event(topic: Topic) -> Data:
    event = topic.event
    kept = "for ever, the newest of each key" if event.compacted else _text(event.retention)
    return {"id": topic.id, "channel": topic.address, "kept": kept, "replay": event.replay}


def _text(value: Duration | None) -> str | None:
    return None if value is None else span(value)


def _line(text: str | None) -> str | None:
    return one_line(text) if text else None
