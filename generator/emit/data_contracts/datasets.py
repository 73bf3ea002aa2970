"""Which data sets have a contract, and everything that one is made from: tables, entries of caches, events that others consume."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlglot import exp

from generator import lineage, queries
from generator.columns import Column, columns
from generator.diagnostics import At
from generator.graph import CachedCopy, Graph, Master, Pipeline, PipelineSource, ReadModel, StoreAccess, StoreTable, Topic
from generator.lineage import TargetField
from generator.model import Component, Schema, Store
from generator.units import Version

ENDING = ".odcs.yaml"


@dataclass(frozen=True, slots=True)
class Filling:
    """A pipeline that writes a data set, with the fields that it writes, and the tables that it reads."""

    pipeline: Pipeline
    fields: tuple[TargetField, ...]
    read: tuple[StoreTable, ...]


@dataclass(frozen=True, slots=True)
class DataSet:
    """Something that is kept and read under a contract; of a table, an entry and an event exactly one is there."""

    id: str
    path: PurePosixPath
    owner: Component
    name: str
    """Name of its schema object."""
    version: Version
    row: Schema
    columns: tuple[Column, ...]
    fillings: tuple[Filling, ...]
    refusals: tuple[Pipeline, ...]
    """Pipelines that keep here what they refuse."""
    readers: tuple[Pipeline, ...]
    """Pipelines that read it."""
    models: tuple[ReadModel, ...]
    """Projections that are kept in it."""
    masters: tuple[Master, ...]
    """Entities that its owner masters, or that its store may hold a copy of."""
    accesses: tuple[StoreAccess, ...]
    """Who may read and write its store."""
    sources: tuple[At, ...]
    table: StoreTable | None = None
    entry: CachedCopy | None = None
    topic: Topic | None = None

    @property
    def store(self) -> Store | None:
        if self.table is not None:
            return self.table.store
        return self.entry.access.store if self.entry is not None and self.entry.access is not None else None

    @property
    def at(self) -> At:
        subject = self.table or self.entry or self.topic
        assert subject is not None
        return subject.at


def data_sets(graph: Graph) -> tuple[DataSet, ...]:
    """Each table, each cache in a store that says what its entries hold, and each event that others consume or that tells changes of a table."""
    flows = tuple(Filling(each, lineage.fields(graph, each), tuple(_read(graph, each))) for each in graph.pipelines)
    captured = {f"{each.owner.name}.{each.table.captured_as}" for each in graph.tables}
    found = [_of_table(graph, flows, each) for each in graph.tables]
    found += [_of_entry(graph, flows, each) for each in graph.caches if each.access is not None and each.holds is not None]
    found += [_of_topic(graph, flows, each) for each in graph.topics if _is_consumed(each) or each.id in captured]
    return tuple(found)


def _is_consumed(topic: Topic) -> bool:
    return any(each.consumer.name != topic.publisher.name for each in topic.subscriptions)


def _of_table(graph: Graph, flows: tuple[Filling, ...], each: StoreTable) -> DataSet:
    path = PurePosixPath("tables", each.owner.name, each.store.name, f"{each.table.name}{ENDING}")
    masters = tuple(_masters(graph, each.owner, each.store))
    read = tuple(flow.pipeline for flow in flows if any(table.id == each.id for table in flow.read))
    fillings = tuple(_fillings(flows, lambda _, field: field.target.table is not None and field.target.table.id == each.id))
    refusals = tuple(pipeline for pipeline in graph.pipelines if _refuses_to(pipeline, each))
    models = tuple(model for model in graph.read_models if model.table is not None and model.table.id == each.id)
    accesses = _accesses(graph, each.owner, each.store)
    held = columns(graph, each.table.row, each.table.key)
    sources = (each.at, each.store.at, *_around(graph, each.owner, each.table.row, fillings, (*read, *refusals), models, masters, accesses))
    return DataSet(
        id=f"{graph.schema_base}/data-contracts/tables/{each.owner.name}/{each.store.name}/{each.table.name}",
        path=path,
        owner=each.owner,
        name=each.table.name.rpartition(".")[2],
        version=each.table.version,
        row=each.table.row,
        columns=held,
        fillings=fillings,
        refusals=refusals,
        readers=read,
        models=models,
        masters=masters,
        accesses=accesses,
        sources=sources,
        table=each,
    )


def _of_entry(graph: Graph, flows: tuple[Filling, ...], each: CachedCopy) -> DataSet:
    assert each.access is not None and each.holds is not None
    owner, store = each.access.owner, each.access.store
    fillings = tuple(_fillings(flows, lambda pipeline, field: _is_entry(graph, pipeline, field, each)))
    masters = tuple(_masters(graph, owner, store))
    accesses = _accesses(graph, owner, store)
    events = tuple(source.at for source in (*each.warmed_by, *each.invalidated_by))
    around = _around(graph, each.component, each.holds, fillings, (), (), masters, accesses)
    return DataSet(
        id=f"{graph.schema_base}/data-contracts/caches/{each.component.name}/{each.cache.name}",
        path=PurePosixPath("caches", each.component.name, f"{each.cache.name}{ENDING}"),
        owner=each.component,
        name=each.cache.name,
        version=each.cache.version,
        row=each.holds,
        columns=columns(graph, each.holds),
        fillings=fillings,
        refusals=(),
        readers=(),
        models=(),
        masters=masters,
        accesses=accesses,
        sources=(each.at, store.at, *events, *around),
        entry=each,
    )


def _of_topic(graph: Graph, flows: tuple[Filling, ...], each: Topic) -> DataSet:
    read = tuple(
        pipeline
        for pipeline in graph.pipelines
        if any(source.topic is not None and source.topic.id == each.id for source in pipeline.sources)
    )
    fillings = tuple(_fillings(flows, lambda _, field: field.target.topic is not None and field.target.topic.id == each.id))
    tables = tuple(table.at for table in graph.tables if f"{table.owner.name}.{table.table.captured_as}" == each.id)
    subscriptions = tuple(subscription.at for subscription in each.subscriptions)
    around = _around(graph, each.publisher, each.event.payload, fillings, read, (), (), ())
    return DataSet(
        id=f"{graph.schema_base}/data-contracts/events/{each.publisher.name}/{each.event.name}",
        path=PurePosixPath("events", each.publisher.name, f"{each.event.name}{ENDING}"),
        owner=each.publisher,
        name=each.event.name,
        version=each.event.version,
        row=each.event.payload,
        columns=columns(graph, each.event.payload),
        fillings=fillings,
        refusals=(),
        readers=read,
        models=(),
        masters=(),
        accesses=(),
        sources=(each.at, *subscriptions, *tables, *around),
        topic=each,
    )


# --- who has to do with it --------------------------------------------------------------------------------------------


def _fillings(flows: tuple[Filling, ...], is_meant: Callable[[Pipeline, TargetField], bool]) -> Iterator[Filling]:
    for flow in flows:
        fields = tuple(each for each in flow.fields if is_meant(flow.pipeline, each))
        if fields:
            yield Filling(flow.pipeline, fields, flow.read)


def _refuses_to(pipeline: Pipeline, table: StoreTable) -> bool:
    access, quarantine = pipeline.quarantine, pipeline.flow.quarantine
    if access is None or quarantine is None:
        return False
    return f"{access.owner.name}.{access.store.name}.{quarantine.table}" == table.id


def _is_entry(graph: Graph, pipeline: Pipeline, field: TargetField, entry: CachedCopy) -> bool:
    return any(each.id == entry.id for each in lineage.cached(graph, pipeline, field.target))


def _read(graph: Graph, pipeline: Pipeline) -> Iterator[StoreTable]:
    """As a source, whole or by a query, as the reference of a check, or to look something up."""
    known = [*(each.table for each in pipeline.sources), *(each.table for each in pipeline.lookups)]
    yield from (each for each in known if each is not None)
    yield from (each for _, each in pipeline.references)
    yield from (each for source in pipeline.sources for each in _queried(graph, source))


def _queried(graph: Graph, source: PipelineSource) -> Iterator[StoreTable]:
    """The tables that the query of a source names."""
    if source.source.query is None or source.access is None:
        return
    found = queries.query(source.source.query, source.access.store.kind)
    tables = lineage.store_tables(graph, source)
    for each in found.find_all(exp.Table) if found is not None else ():
        name = queries.known_table(queries.table_name(each), tables)
        if name is not None:
            yield tables[name]


def _masters(graph: Graph, owner: Component, store: Store) -> Iterator[Master]:
    for each in graph.masters:
        is_copy = any(copy.owner.name == owner.name and copy.store.name == store.name for copy in each.copies)
        if is_copy or each.component.name == owner.name:
            yield each


def _accesses(graph: Graph, owner: Component, store: Store) -> tuple[StoreAccess, ...]:
    return tuple(each for each in graph.accesses if each.owner.name == owner.name and each.store.name == store.name)


def _around(
    graph: Graph,
    owner: Component,
    row: Schema,
    fillings: tuple[Filling, ...],
    readers: tuple[Pipeline, ...],
    models: tuple[ReadModel, ...],
    masters: tuple[Master, ...],
    accesses: tuple[StoreAccess, ...],
) -> Iterator[At]:
    """The lines that a contract shows beside those of the data set itself."""
    document = graph.system.document
    rows = [source.row for each in fillings for source in each.pipeline.sources if source.row is not None]
    read = [table for each in fillings for table in each.read]
    components = (owner, *(each.component for each in accesses), *(each.pipeline.component for each in fillings))
    yield graph.system.header.at
    yield from (graph.types[name].at for name in graph.closure([row, *rows, *(table.table.row for table in read)]))
    yield from (each.pipeline.at for each in fillings)
    yield from (lookup.at for each in fillings for lookup in each.pipeline.lookups)
    for group in (read, readers, models, masters, accesses, components, document.environments):
        yield from (each.at for each in group)
    yield from (graph.owner(graph.team(each)).at for each in components)
    yield from (each.at for each in (document.defaults, document.observability) if each is not None)
