"""Data: who masters and owns what, who may rely on what, and how data is changed, moved and copied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import captures
from generator.beam import checking, mapping
from generator.captures import CapturedStore
from generator.document import diagrams
from generator.document.context import Context
from generator.document.markdown import Markdown
from generator.document.views import classified, consistency
from generator.document.views.classified import Held
from generator.document.views.consistency import Boundary, Conducted, Promise
from generator.document.views.undecided import Gap, gaps
from generator.graph import (
    CachedCopy,
    Graph,
    Lookup,
    Master,
    Pipeline,
    PipelineSource,
    PipelineTarget,
    ReadModel,
    SourcedRecord,
    StoreAccess,
    StoreTable,
    derived,
)
from generator.lineage import TargetField, fields, queried_tables
from generator.model import Decision, FlowCheck, Store


@dataclass(frozen=True, slots=True)
class OwnedStore:
    """A store with its owner and all who use it."""

    name: str
    access: StoreAccess
    team: str
    tables: tuple[StoreTable, ...]
    others: tuple[StoreAccess, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A way by which data gets from one place to another."""

    kind: str
    """flow, capture, read model, cache or shared store."""
    name: str
    source: tuple[str, ...]
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MasterRecord:
    """A business entity with what keeps its copies up to date."""

    master: Master
    copies: tuple[tuple[str, tuple[str, ...]], ...]
    """Stores that may hold a copy, each with the flows and read models that write there."""


@dataclass(frozen=True, slots=True)
class Guard:
    """A check of a flow, and what happens to a record that does not keep it."""

    flow: str
    check: FlowCheck
    otherwise: str


@dataclass(frozen=True, slots=True)
class Extract:
    source: PipelineSource
    name: str
    """Table, query or event."""
    tables: tuple[str, ...]
    """That a query names, as far as the store says which it has."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """Fields that are looked up by one question."""

    fields: tuple[str, ...]
    by: str
    """Operation or table."""
    given: tuple[str, ...]
    lookup: Lookup
    fallback: str | None


@dataclass(frozen=True, slots=True)
class Mapped:
    """A field of the target with its origins and its rule in words."""

    name: str
    origins: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Load:
    target: PipelineTarget
    name: str
    """Table, cache entry or event."""
    how: str
    """upsert, append, entry or message."""


@dataclass(frozen=True, slots=True)
class Etl:
    """A flow from end to end."""

    pipeline: Pipeline
    folder: str
    """Of its artifacts."""
    diagram: Markdown
    extracts: tuple[Extract, ...]
    guards: tuple[Guard, ...]
    enriched: tuple[Enriched, ...]
    mapped: tuple[Mapped, ...]
    loads: tuple[Load, ...]
    excerpt: str | None
    excerpt_path: str


@dataclass(frozen=True, slots=True)
class Data:
    ways: tuple[Way, ...]
    topics: int
    """Events that somebody receives."""
    masters: tuple[MasterRecord, ...]
    stores: tuple[OwnedStore, ...]
    engines: tuple[tuple[str, tuple[str, ...]], ...]
    """Engines with the stores that they run."""
    guards: tuple[Guard, ...]
    promises: tuple[Promise, ...]
    sagas: tuple[Conducted, ...]
    boundaries: tuple[Boundary, ...]
    flows: tuple[Etl, ...]
    shared: tuple[StoreAccess, ...]
    """Uses of stores by others than their owner."""
    evolving: tuple[tuple[StoreTable, tuple[str, ...]], ...]
    """Tables that others read or flows fill, with those others."""
    captured: tuple[CapturedStore, ...]
    rejections: tuple[tuple[Decision, str], ...]
    """Decisions that reject change data capture, each with the alternative."""
    records: tuple[SourcedRecord, ...]
    read_models: tuple[ReadModel, ...]
    caches: tuple[CachedCopy, ...]
    held: tuple[Held, ...]
    totals: tuple[tuple[str, int], ...]
    inventory: str
    undecided_consistency: tuple[Gap, ...]
    undecided_replication: tuple[Gap, ...]
    undecided_retention: tuple[Gap, ...]


INVENTORY = "data-contracts/inventory.md"
CAPTURE_WORDS = ("change data capture", "debezium")


def view(context: Context) -> Data:
    graph = context.graph
    stores = owned(graph)
    guards = tuple(guard for each in graph.pipelines for guard in _guards(each))
    return Data(
        ways=tuple(_ways(graph)),
        topics=sum(bool(each.subscriptions) for each in graph.topics),
        masters=tuple(_master(graph, each) for each in graph.masters),
        stores=stores,
        engines=_engines(stores),
        guards=guards,
        promises=consistency.promises(graph),
        sagas=consistency.sagas(graph),
        boundaries=consistency.boundaries(graph),
        flows=tuple(_etl(context, each) for each in graph.pipelines),
        shared=tuple(each for store in stores for each in store.others),
        evolving=tuple(_evolving(graph, stores)),
        captured=captures.captured_stores(graph),
        rejections=tuple(_rejections(graph)),
        records=graph.records,
        read_models=graph.read_models,
        caches=graph.caches,
        held=classified.held(context),
        totals=classified.totals(graph),
        inventory=INVENTORY,
        undecided_consistency=_missing(graph, stores, "consistency"),
        undecided_replication=_missing(graph, stores, "replicated"),
        undecided_retention=_missing(graph, stores, "retention"),
    )


def owned(graph: Graph) -> tuple[OwnedStore, ...]:
    """Every store once, with all who use it."""
    return tuple(
        OwnedStore(
            f"{each.owner.name}.{each.store.name}",
            each,
            graph.team(each.owner),
            tuple(StoreTable(each.owner, each.store, table) for table in each.store.tables),
            tuple(_users(graph).get((each.owner.name, each.store.name), ())),
        )
        for each in graph.accesses
        if each.use is None
    )


@derived
def _users(graph: Graph) -> Mapping[tuple[str, str], list[StoreAccess]]:
    found: dict[tuple[str, str], list[StoreAccess]] = {}
    for each in graph.accesses:
        if each.use is not None:
            found.setdefault((each.owner.name, each.store.name), []).append(each)
    return found


def _missing(graph: Graph, stores: tuple[OwnedStore, ...], key: str) -> tuple[Gap, ...]:
    """Stores of which a key says nothing; of rows that all their tables keep for a time nothing is missing."""
    lacking = [each for each in stores if getattr(each.access.store, key) is None and not _is_told_by_tables(each.access.store, key)]
    return gaps(graph, f"stores.<store>.{key}", ((each.name, f"{place(each)}.{key}") for each in lacking))


def _is_told_by_tables(store: Store, key: str) -> bool:
    return key == "retention" and bool(store.tables) and all(each.retention is not None for each in store.tables)


def place(each: OwnedStore) -> str:
    """Where the contract has a store, as open questions name it."""
    return f"{each.access.owner.name}.stores.{each.access.store.name}"


def engine(store: Store) -> str:
    return " ".join(filter(None, (store.kind, store.version)))


def _engines(stores: tuple[OwnedStore, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for each in stores:
        found.setdefault(engine(each.access.store), []).append(each.name)
    return tuple((name, tuple(names)) for name, names in sorted(found.items()))


# --- flows of data ----------------------------------------------------------------------------------------------------


def _ways(graph: Graph) -> Iterator[Way]:
    for pipeline in graph.pipelines:
        sources = dict.fromkeys(_end(each) for each in pipeline.sources)
        yield Way("flow", pipeline.id, tuple(sources), tuple(dict.fromkeys(_end(each) for each in pipeline.targets)))
    for store in captures.captured_stores(graph):
        for each in store.tables:
            yield Way("capture", store.name, (each.table.id,), (each.topic.id,))
    for model in graph.read_models:
        name = f"{model.component.name}.{model.projection.name}"
        yield Way("read model", name, tuple(each.id for each in model.topics), (model.projection.store,))
    for copy in graph.caches:
        filled = tuple(each.id for each in copy.warmed_by)
        yield Way("cache", copy.id, filled, (copy.cache.store or copy.component.name,))
    for accesses in _users(graph).values():
        for access in accesses:
            if access.use is not None and access.use.access == "read":
                yield Way("direct read", access.component.name, (_store(access),), (access.component.name,))


def _end(each: PipelineSource | PipelineTarget) -> str:
    if each.topic is not None:
        return each.topic.id
    return each.table.id if each.table is not None else _store(each.access)


def _store(access: StoreAccess | None) -> str:
    return f"{access.owner.name}.{access.store.name}" if access is not None else ""


def _master(graph: Graph, master: Master) -> MasterRecord:
    return MasterRecord(master, tuple((_store(each), _writers(graph).get(_store(each), ())) for each in master.copies))


@derived
def _writers(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """By store, the flows and read models that write to it."""
    found: dict[str, dict[str, None]] = {}
    for pipeline in graph.pipelines:
        for target in pipeline.targets:
            found.setdefault(_store(target.access), {})[pipeline.id] = None
    for model in graph.read_models:
        found.setdefault(_store(model.access), {})[f"{model.component.name}.{model.projection.name}"] = None
    return {store: tuple(names) for store, names in found.items()}


# --- flows, step by step ----------------------------------------------------------------------------------------------


def _guards(pipeline: Pipeline) -> Iterator[Guard]:
    return (Guard(pipeline.id, each, checking.otherwise(pipeline, each)) for each in pipeline.flow.checks)


def _etl(context: Context, pipeline: Pipeline) -> Etl:
    graph = context.graph
    folder = f"flows/{pipeline.component.name}/{pipeline.flow.name}"
    path = f"{folder}/data-pipeline-config.yaml"
    return Etl(
        pipeline=pipeline,
        folder=folder,
        diagram=diagrams.pipeline(pipeline),
        extracts=tuple(Extract(each, _extracted(each), queried_tables(graph, each)) for each in pipeline.sources),
        guards=tuple(_guards(pipeline)),
        enriched=tuple(_enriched(pipeline)),
        mapped=_mapped(fields(graph, pipeline)),
        loads=tuple(_load(each) for each in pipeline.targets),
        excerpt=context.excerpt(path, "data:", 25),
        excerpt_path=path,
    )


def _extracted(each: PipelineSource) -> str:
    return f"{_store(each.access)} (query)" if each.source.query is not None else _end(each)


def _enriched(pipeline: Pipeline) -> Iterator[Enriched]:
    for group in checking.groups(pipeline):
        first = group[0]
        asked = f"{first.call.target}.{first.enrichment.operation}" if first.call is not None else first.table.id if first.table else ""
        fallback = first.call.use.fallback if first.call is not None else None
        names = tuple(each.enrichment.name for each in group)
        yield Enriched(names, asked, checking.asked_with(first), first, fallback.type if fallback is not None else None)


def _mapped(written: tuple[TargetField, ...]) -> tuple[Mapped, ...]:
    """Each field once, however many destinations get it."""
    found: dict[str, Mapped] = {}
    for each in written:
        rule = mapping.words(each.mapped) if each.mapped is not None else each.rule
        found.setdefault(each.name, Mapped(each.name, tuple(map(str, each.origins)), rule))
    return tuple(found[name] for name in sorted(found))


def _load(each: PipelineTarget) -> Load:
    if each.topic is not None:
        return Load(each, each.topic.id, "message")
    if each.table is not None:
        return Load(each, each.table.id, each.destination.mode)
    return Load(each, f"{_store(each.access)} {each.destination.entry or ''}".strip(), "entry")


# --- databases --------------------------------------------------------------------------------------------------------


def _evolving(graph: Graph, stores: tuple[OwnedStore, ...]) -> Iterator[tuple[StoreTable, tuple[str, ...]]]:
    filled: dict[str, dict[str, None]] = {}
    for pipeline in graph.pipelines:
        for source in pipeline.sources:
            named = [f"{_store(source.access)}.{each}" for each in queried_tables(graph, source)]
            for name in (source.table.id,) if source.table is not None else named:
                filled.setdefault(name, {})[pipeline.id] = None
        for target in pipeline.targets:
            if target.table is not None:
                filled.setdefault(target.table.id, {})[pipeline.id] = None
    for store in stores:
        for table in store.tables:
            if table.table.published or table.id in filled:
                yield table, tuple(filled.get(table.id, ()))


def _rejections(graph: Graph) -> Iterator[tuple[Decision, str]]:
    for decision in graph.system.document.decisions:
        for rejected in decision.rejected:
            if any(each in rejected.lower() for each in CAPTURE_WORDS):
                yield decision, rejected
