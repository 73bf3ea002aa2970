"""Copies of data can be trusted: caches are dropped in time, read models can be made again, and stores lose no more than they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import CachedCopy, Graph, Pipeline, ReadModel, SourcedRecord, Topic
from generator.model import Component, Store
from generator.personal import fold
from generator.review.schemas import did_you_mean
from generator.units import MILLISECONDS, Duration

FOR_EVER = Duration(100 * MILLISECONDS["y"])
"""What is kept for a hundred years is there when it is needed. Without any retention the broker decides: Kafka keeps a week."""

FOR_EVER_HELP = "retention: 100y of the event, which is for ever"

# --- caches -----------------------------------------------------------------------------------------------------------


def caches(graph: Graph) -> Iterator[Diagnostic]:
    """`cache-never-invalidated`, `ttl-beyond-stale`, `cache-without-store`, `zero-interval`: a cache is right once and then for ever, is
    older than it may be, is in no store, although others share it, or keeps nothing at all.

    Nobody sees that an answer is old: it looks like every other.

        caches: {profiles: {level: l2, store: shop.cache, entry: "profile:{id}"}}

    Fix: say a `ttl` above 0s and not above `stale`, or `invalidated_by` with the event that tells of a change; and `store` for a cache
    that is shared, or `level: l1`.
    """
    for copy in graph.caches:
        cache = copy.cache
        if cache.level in ("l2", "l3") and cache.store is None:
            message = f'"{cache.name}" is shared ({cache.level}), and nothing says which store holds it'
            yield Diagnostic("cache-without-store", cache.at["level"], message, "store: component.store; or level: l1, in the process")
        if cache.ttl is None and not cache.invalidated_by:
            message = f'nothing ever drops an entry of "{cache.name}"'
            help = "ttl: 5m; or invalidated_by: and the event that tells of a change"
            yield Diagnostic("cache-never-invalidated", copy.at.span, message, help)
        if cache.ttl is not None and not cache.ttl.milliseconds:
            yield Diagnostic("zero-interval", cache.at["ttl"], f'entries of "{cache.name}" live for {cache.ttl}', "more than that")
        if cache.ttl is not None and cache.stale is not None and cache.ttl > cache.stale:
            message = f'entries of "{cache.name}" live for {cache.ttl}, and may be {cache.stale} old at most'
            related = (Related(cache.at["stale"], "what is allowed"),)
            yield Diagnostic("ttl-beyond-stale", cache.at["ttl"], message, f"ttl: {cache.stale} or less", related=related)


def entries(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-field`, `invalidation-without-key`: the key of an entry has a field that its value has not, or the event that is to drop
    it does not say which entry it is about.

    The entry is written under a key that nobody asks for, or is never dropped.

        caches: {profiles: {entry: "profile:{customerId}", invalidated_by: [shop.PricesChanged], …}}

    Fix: make the key of fields that value and event both have; or let the event carry them.
    """
    for copy in graph.caches:
        if copy.cache.entry is None:
            continue
        wanted = lineage.entry_fields(copy.cache.entry)
        held = lineage.properties(graph, copy.holds)
        for name in wanted:
            if held and name not in held:
                message = f'what "{copy.cache.name}" holds has no field "{name}"'
                yield Diagnostic("unknown-field", copy.cache.at["entry"], message, did_you_mean(name, held))
        for topic in copy.invalidated_by:
            payload = lineage.properties(graph, topic.event.payload)
            folded = {fold(each) for each in payload}
            missing = [name for name in wanted if fold(name) not in folded]
            if missing and payload:
                message = f'"{topic.id}" drops entries of "{copy.cache.name}" by "{missing[0]}", which it does not have'
                related = (Related(topic.at.span, "the event"),)
                help = f"it has: {', '.join(sorted(payload)[:12])}"
                yield Diagnostic("invalidation-without-key", copy.cache.at["invalidated_by"], message, help, related=related)


def filled(graph: Graph) -> Iterator[Diagnostic]:
    """`undeclared-use`, `warmed-elsewhere`: a cache follows events that its component does not consume, or is filled by a flow that does
    not write to its store.

    Then no subscription is made, or none writes there, and the cache stays empty, or old.

        caches: {profiles: {store: shop.cache, warmed_by: [sync.orders], …}}

    Fix: let the component consume the event, and give the flow a destination in the cache's store with its `entry`; or take the name out.
    """
    for copy in graph.caches:
        for topic in copy.invalidated_by:
            yield from _consumed(copy.component, topic, copy.cache.at["invalidated_by"], f'the cache "{copy.cache.name}"')
        for source in copy.warmed_by:
            if isinstance(source, Topic):
                yield from _consumed(copy.component, source, copy.cache.at["warmed_by"], f'the cache "{copy.cache.name}"')
            elif not _fills(copy, source):
                message = f'"{copy.cache.name}" is filled by the flow {source.id}, which does not write there'
                related = (Related(source.at.span, "the flow"),)
                where = copy.cache.store or "its store"
                help = f"a destination of that flow: {{store: {where}, entry: {copy.cache.entry or '…'}}}"
                yield Diagnostic("warmed-elsewhere", copy.cache.at["warmed_by"], message, help, related=related)


def _consumed(component: Component, topic: Topic, at: Span, what: str) -> Iterator[Diagnostic]:
    if topic.publisher != component and all(each.consumer != component for each in topic.subscriptions):
        message = f'{what} follows "{topic.id}", which {component.name} does not say that it consumes'
        yield Diagnostic("undeclared-use", at, message, f"consumes: [{{event: {topic.id}}}]")


def _fills(copy: CachedCopy, pipeline: Pipeline) -> bool:
    if copy.access is None or len(pipeline.targets) < len(pipeline.flow.destinations):
        return copy.access is not None or copy.cache.store is not None  # what did not resolve is reported
    own = (copy.access.owner.name, copy.access.store.name)
    stores = [each.access for each in pipeline.targets if each.access is not None]
    return any((each.owner.name, each.store.name) == own for each in stores)


# --- read models and records ------------------------------------------------------------------------------------------


def read_models(graph: Graph) -> Iterator[Diagnostic]:
    """`cannot-be-rebuilt` (error, warning), `undeclared-use`: a read model is to be made again from events that may not be read again,
    of which only the newest are kept, that are gone by then, or that nobody says how long they are kept (a warning); or its component
    does not consume them.

    It shows on the day on which the read model is lost, or has to change, and then the past is gone.

        publishes: {OrderPlaced: {retention: 7d, replay: true, …}}
        projections: {orders: {from: [shop.OrderPlaced], rebuilt: replay, history: 1y, …}}

    Fix: let the event say `replay: true`, keep every message, and a `retention` as long as `history`; or say `rebuilt: snapshot` or
    `never`; and let the component consume the event.
    """
    for model in graph.read_models:
        for topic in model.topics:
            yield from _consumed(model.component, topic, model.projection.at["from"], f'the read model "{model.projection.name}"')
            if model.projection.rebuilt != "never":
                yield from _rebuilt(model, topic)


def _rebuilt(model: ReadModel, topic: Topic) -> Iterator[Diagnostic]:
    projection, event = model.projection, topic.event
    key = "rebuilt" if "rebuilt" in projection.at.keys else "from"
    help = "rebuilt: snapshot, or never; or"
    if not event.replay:
        message = f'"{projection.name}" is made again from "{topic.id}", whose messages may not be read again'
        related = (Related(topic.at["replay"], "the event"),)
        yield Diagnostic("cannot-be-rebuilt", projection.at[key], message, f"{help} replay: true of the event", related=related)
    if projection.rebuilt != "replay":
        return
    if event.compacted:
        message = f'"{projection.name}" is made again from all messages of "{topic.id}", of which only the newest of each key is kept'
        related = (Related(topic.at["compacted"], "the event"),)
        yield Diagnostic("cannot-be-rebuilt", projection.at[key], message, f"{help} compacted: false of the event", related=related)
    elif event.retention is None:
        message = f'"{projection.name}" is made again from "{topic.id}", and nothing says how long its messages are kept'
        related = (Related(topic.at.span, "the event"),)
        yield Diagnostic("cannot-be-rebuilt", projection.at[key], message, FOR_EVER_HELP, Severity.WARNING, related)
    elif (projection.history or FOR_EVER) > event.retention:
        wanted = f"the last {projection.history}" if projection.history is not None else "everything since the beginning"
        message = f'"{projection.name}" needs {wanted} of "{topic.id}", which is kept for {event.retention}'
        related = (Related(topic.at["retention"], "how long it is kept"),)
        most = f"history: {event.retention} or less; or"
        yield Diagnostic(
            "cannot-be-rebuilt",
            projection.at["history"] if projection.history else projection.at[key],
            message,
            f"{most} {help} keep it longer",
            related=related,
        )


def records(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-property`, `out-of-order`, `lost-history` (error, warning): an event of an event-sourced record does not name the record,
    is not kept in the record's order, or is gone before the state that it is part of is; a warning where nothing says how long it is
    kept.

    The state of such a record is what all of its events say, in their order: with one missing, or two exchanged, it is another.

        streams: {order: {events: [OrderPlaced], key: orderId}}
        publishes: {OrderPlaced: {key: customerId, retention: 7d, …}}

    Fix: name in `key` a property of each event, and let each event have that `key`; keep all of its messages with `retention: 100y`, or say
    `snapshot_every: 100`.
    """
    for record in graph.records:
        for topic in record.topics:
            yield from _record(graph, record, topic)


def _record(graph: Graph, record: SourcedRecord, topic: Topic) -> Iterator[Diagnostic]:
    stream, event = record.stream, topic.event
    payload = lineage.properties(graph, event.payload)
    related = (Related(topic.at.span, "the event"),)
    if payload and stream.key not in payload:
        message = f'"{topic.id}" has no property "{stream.key}", which names the record "{stream.name}"'
        yield Diagnostic("unknown-property", stream.at["key"], message, did_you_mean(stream.key, payload), related=related)
    elif event.key != stream.key:
        ordered = f'by "{event.key}"' if event.key else "by nothing"
        message = f'messages of "{topic.id}" are ordered {ordered}, and "{stream.name}" needs them in order of "{stream.key}"'
        related = (Related(topic.at["key"], "the event"),)
        yield Diagnostic("out-of-order", stream.at["key"], message, f"key: {stream.key} of the event", related=related)
    if event.compacted:
        message = f'of "{topic.id}" only the newest message of each key is kept, and "{stream.name}" is what all of them say'
        related = (Related(topic.at["compacted"], "the event"),)
        yield Diagnostic("lost-history", stream.at["events"], message, "compacted: false of the event", related=related)
    elif event.retention is None and stream.snapshot_every is None:
        message = f'nothing says how long messages of "{topic.id}" are kept, and "{stream.name}" is what all of them say'
        help = f"snapshot_every: 100; or {FOR_EVER_HELP}"
        yield Diagnostic("lost-history", stream.at["events"], message, help, Severity.WARNING, (Related(topic.at.span, "the event"),))
    elif event.retention is not None and event.retention < FOR_EVER and stream.snapshot_every is None:
        message = f'messages of "{topic.id}" are kept for {event.retention}, and "{stream.name}" is what all of them say'
        related = (Related(topic.at["retention"], "how long it is kept"),)
        help = f"snapshot_every: 100; or {FOR_EVER_HELP}"
        yield Diagnostic("lost-history", stream.at["events"], message, help, related=related)


# --- stores -----------------------------------------------------------------------------------------------------------


def recovery(graph: Graph) -> Iterator[Diagnostic]:
    """`impossible-recovery` (error, warning), `meaningless-setting`: a store is to lose less, or to be back sooner, than how it is
    replicated allows; a warning where nothing says how it is replicated.

    An acknowledged write that no copy has yet is lost with its node, whatever was promised.

        stores: {orders-db: {kind: postgresql, rpo: 0s, replicated: {mode: asynchronous}}}

    Fix: say `mode: synchronous`, a `lag` within the `rpo`, or `failover: automatic`; or promise what the replication can keep; leave `lag`
    out where copies have each write at once.
    """
    for component in graph.components:
        for store in component.stores:
            yield from _recovery(store)


def _recovery(store: Store) -> Iterator[Diagnostic]:
    replicated = store.replicated
    if replicated is None:
        if store.rpo is not None and not store.rpo.milliseconds and store.replication is None and store.host is None:
            message = f'"{store.name}" is to lose nothing, and nothing says that a copy has each write'
            yield Diagnostic("impossible-recovery", store.at["rpo"], message, "replicated: {mode: synchronous}", Severity.WARNING)
        return
    lag, rpo = replicated.lag, store.rpo
    is_late = replicated.mode == "asynchronous"
    if rpo is not None and is_late and not rpo.milliseconds:
        message = f'"{store.name}" is to lose nothing, and a write is acknowledged before a copy has it'
        related = (Related(replicated.at["mode"], "how it is replicated"),)
        yield Diagnostic("impossible-recovery", store.at["rpo"], message, "mode: synchronous; or an rpo of more than 0s", related=related)
    elif rpo is not None and lag is not None and is_late and lag > rpo:
        message = f'copies of "{store.name}" may be {lag} behind, and at most {rpo} may be lost'
        related = (Related(store.at["rpo"], "what may be lost"),)
        yield Diagnostic("impossible-recovery", replicated.at["lag"], message, f"lag: {rpo} or less; or mode: synchronous", related=related)
    if lag is not None and lag.milliseconds and not is_late:
        message = f'copies of "{store.name}" have each write when it is acknowledged, and may be {lag} behind'
        yield Diagnostic("meaningless-setting", replicated.at["lag"], message, "leave it out; or mode: asynchronous")
    if store.rto is not None and not store.rto.milliseconds and replicated.failover == "manual":
        message = f'"{store.name}" is never to be away, and somebody makes a copy the primary by hand'
        related = (Related(replicated.at["failover"], "how it fails over"),)
        yield Diagnostic("impossible-recovery", store.at["rto"], message, "failover: automatic; or an rto of more than 0s", related=related)


# --- master data ------------------------------------------------------------------------------------------------------


def masters(graph: Graph) -> Iterator[Diagnostic]:
    """`two-masters`, `unknown-property`, `unfilled-copy` (warning): two components decide what is true of one type, an entity's
    identifier is no property of it, or a store that may hold copies gets none.

    Where two decide, each overwrites the other's truth, and the copies take whichever came last.

        master_data: {Customer: {master: crm, type: crm.Customer}, Client: {master: shop, type: crm.Customer}}

    Fix: name one master for a type, and a property of it as `identifier`; take a store out of `copies`, or say what fills it: a flow, a
    cache or a read model.
    """
    first: dict[str, tuple[str, Span]] = {}
    for master in sorted(graph.masters, key=lambda each: each.at.span):
        data = master.data
        if master.type is not None:
            component, at = first.setdefault(master.type, (master.component.name, data.at["type"]))
            if component != master.component.name:
                message = f'"{master.type}" is decided by {master.component.name}, and by {component}'
                yield Diagnostic("two-masters", data.at["type"], message, "one of them", related=(Related(at, "the other"),))
            known = lineage.properties(graph, graph.types[master.type].schema)
            if data.identifier is not None and known and data.identifier not in known:
                message = f'"{master.type}" has no property "{data.identifier}"'
                yield Diagnostic("unknown-property", data.at["identifier"], message, did_you_mean(data.identifier, known))
        for copy in master.copies:
            store = (copy.owner.name, copy.store.name)
            if copy.owner != master.component and store not in _filled_stores(graph) and "*" not in graph.system.lost:
                message = f'"{".".join(store)}" may hold copies of {data.name}, and no flow, cache or read model fills it'
                yield Diagnostic("unfilled-copy", data.at["copies"], message, "leave it out, or say what fills it", Severity.WARNING)


def _filled_stores(graph: Graph) -> set[tuple[str, str]]:
    accesses = [each.access for pipeline in graph.pipelines for each in pipeline.targets]
    accesses += [each.access for each in graph.caches]
    accesses += [each.access for each in graph.read_models]
    return {(each.owner.name, each.store.name) for each in accesses if each is not None}


def unlisted(graph: Graph) -> Iterator[Diagnostic]:
    """`unlisted-copy` (warning): a store holds records of an entity whose master does not know of them.

    A table or cache that holds the entity's own type is a copy, and so is one that a flow fills with the master's records by their
    identifier. Nobody corrects or erases what is not known.

        master_data: {Customer: {master: crm, type: crm.Customer, copies: []}}
        stores: {cache: {kind: redis}}
        caches: {customers: {store: shop.cache, holds: crm.Customer, …}}

    Fix: add the store to the entity's `copies`, such as `shop.cache`, or do without the copy.
    """
    for master in graph.masters:
        allowed = {(each.owner.name, each.store.name) for each in master.copies}
        reported: set[tuple[str, str]] = set()
        for (owner, store), at in _copies(graph, master.type, master.component, master.data.identifier):
            if owner != master.component.name and (owner, store) not in allowed and (owner, store) not in reported:
                reported.add((owner, store))
                message = f'"{owner}.{store}" holds copies of {master.data.name}, which {master.component.name} does not know of'
                related = (Related(master.data.at["copies"], "where copies may be"),)
                yield Diagnostic("unlisted-copy", at, message, f"copies: [{owner}.{store}] of the entity", Severity.WARNING, related)


def _copies(graph: Graph, type: str | None, master: Component, identifier: str | None) -> Iterator[tuple[tuple[str, str], Span]]:
    for table in graph.tables:
        if type is not None and table.table.row.ref == type:
            yield (table.owner.name, table.store.name), table.table.at["row"]
    for copy in graph.caches:
        if type is not None and copy.access is not None and copy.holds is not None and copy.holds.ref == type:
            yield (copy.access.owner.name, copy.access.store.name), copy.cache.at["holds"]
    for pipeline in graph.pipelines if identifier is not None else ():
        owners = [each.access.owner if each.access else each.topic.publisher if each.topic else None for each in pipeline.sources]
        keys = [_is_key(each.key, identifier or "") for each in pipeline.sources]
        if any(owner == master and is_key for owner, is_key in zip(owners, keys, strict=True)):
            for target in pipeline.targets:
                if target.access is not None:
                    yield (target.access.owner.name, target.access.store.name), target.at.span


def _is_key(key: Sequence[str], identifier: str) -> bool:
    return len(key) == 1 and fold(key[0]) == fold(identifier)


RULES = (caches, entries, filled, read_models, records, recovery, masters, unlisted)
