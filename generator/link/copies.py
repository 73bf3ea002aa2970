"""Copies of data: caches, event-sourced records, read models and master data, with what they are made from resolved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.graph import CachedCopy, Master, Pipeline, ReadModel, SourcedRecord, StoreAccess, Topic
from generator.link.flows import Known
from generator.link.schemas import qualified, type_named
from generator.model import Cache, Component, MasterData, Projection


def caches(known: Known, pipelines: Sequence[Pipeline]) -> Iterator[CachedCopy]:
    for component in known.index.components.values():
        for cache in component.caches:
            access = known.access(component, cache.store, cache.at["store"]) if cache.store is not None else None
            holds = qualified(known.index, cache.holds, component.name) if cache.holds is not None else None
            yield CachedCopy(component, cache, access, holds, _warmed(known, cache, pipelines), _invalidated(known, cache))


def _warmed(known: Known, cache: Cache, pipelines: Sequence[Pipeline]) -> tuple[Pipeline | Topic, ...]:
    flows: dict[str, Pipeline | Topic] = {each.id: each for each in pipelines}
    sources = flows | {each.id: each for each in known.topics}
    wanted = known.index.listed(cache.warmed_by, sources, cache.at["warmed_by"], "unknown-flow", "flows and events")
    return tuple(sources[each] for each in wanted)


def _invalidated(known: Known, cache: Cache) -> tuple[Topic, ...]:
    topics = {each.id: each for each in known.topics}
    return tuple(
        topics[each] for each in known.index.listed(cache.invalidated_by, topics, cache.at["invalidated_by"], "unknown-event", "the system")
    )


def records(known: Known) -> Iterator[SourcedRecord]:
    for component in known.index.components.values():
        own = {each.event.name: each for each in known.topics if each.publisher == component}
        for stream in component.streams:
            named = known.index.listed(stream.events, own, stream.at["events"], "unknown-event", component.name)
            yield SourcedRecord(component, stream, tuple(own[each] for each in named))


def read_models(known: Known) -> Iterator[ReadModel]:
    topics = {each.id: each for each in known.topics}
    for component in known.index.components.values():
        for projection in component.projections:
            named = known.index.listed(projection.events, topics, projection.at["from"], "unknown-event", "the system")
            access = known.access(component, projection.store, projection.at["store"], writes=True)
            yield _read_model(known, component, projection, tuple(topics[each] for each in named), access)


def _read_model(
    known: Known, component: Component, projection: Projection, topics: tuple[Topic, ...], access: StoreAccess | None
) -> ReadModel:
    table = known.table(access, projection.table, projection.at["table"]) if access is not None and projection.table is not None else None
    return ReadModel(component, projection, topics, access, table)


def masters(known: Known) -> Iterator[Master]:
    index = known.index
    for data in index.system.document.master_data:
        component = index.components.get(data.master)
        if component is None:
            index.unknown("unknown-component", data.at["master"], f'no component is called "{data.master}"', data.master, index.components)
            continue
        type = type_named(index, data.type, component.name, data.at["type"]) if data.type is not None else None
        yield Master(data, component, type, tuple(_copies(known, data)))


def _copies(known: Known, data: MasterData) -> Iterator[StoreAccess]:
    for reference in known.index.listed(data.copies, known.index.stores, data.at["copies"], "unknown-store", "the system"):
        yield from (each for each in known.accesses if each.use is None and f"{each.owner.name}.{each.store.name}" == reference)
