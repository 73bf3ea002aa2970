"""Flows write as they must: one writer for each table, rows that can be found again and are erased with their source, and no circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Pipeline, PipelineSource, PipelineTarget
from generator.lineage import RecordField


def destinations(graph: Graph) -> Iterator[Diagnostic]:
    """`upsert-without-key`, `append-with-overlap` (warning), `entry-without-ttl` (warning): rows that cannot be found again, rows that
    come twice since what was read is read again, or copies that nothing ever drops.

    What is written by a run that is repeated, as each one is at times, must be the same rows and no more.

        destinations: {warehouse: {store: shop.warehouse, table: orders, mode: upsert}}

    Fix: say `key: [id]` at the destination or its table; `mode: upsert` where records are read again; and `ttl: 1h` for an entry.
    """
    for pipeline in graph.pipelines:
        for target in pipeline.targets:
            destination = target.destination
            if target.table is not None and destination.mode == "upsert" and not target.key:
                message = f'rows of "{target.table.id}" are replaced by key, and nothing says by which'
                yield Diagnostic("upsert-without-key", destination.at["table"], message, "key: [id]; or a key of the table")
            if target.table is not None and destination.mode == "append":
                yield from _appended(pipeline, target)
            if destination.entry is not None and destination.ttl is None and not any(_drops(graph, pipeline, target)):
                message = f'entries of "{destination.name}" live for ever'
                yield Diagnostic("entry-without-ttl", destination.at["entry"], message, "ttl: 1h", Severity.WARNING)


def _drops(graph: Graph, pipeline: Pipeline, target: PipelineTarget) -> Iterator[bool]:
    """What takes an entry away: its cache's time to live, or events."""
    return (each.cache.ttl is not None or bool(each.invalidated_by) for each in lineage.cached(graph, pipeline, target))


def _appended(pipeline: Pipeline, target: PipelineTarget) -> Iterator[Diagnostic]:
    for source in pipeline.sources:
        if source.source.watermark is not None and source.source.overlap.milliseconds:
            message = f'"{target.destination.name}" appends, and the last {source.source.overlap} of "{source.source.name}" are read again by each run'
            related = (Related(source.at["overlap"], "read again"),)
            help = "mode: upsert with a key; or overlap: 0s, and late transactions are lost"
            yield Diagnostic("append-with-overlap", target.at["mode"], message, help, Severity.WARNING, related)


def erasures(graph: Graph) -> Iterator[Diagnostic]:
    """`erasure-not-carried` (warning): personal rows are copied to a table, and nothing tells the copy when one is gone.

    Who asks to be forgotten is forgotten by the source, and lives on in the copy (GDPR, article 17).

        sources: {customers: {store: shop.customer-db, table: customers}}

    Fix: name in `tombstone` a column that is true for a record that is gone; or leave the personal field out of the copy.
    """
    for pipeline in graph.pipelines:
        tables = [each for each in pipeline.targets if each.table is not None and each.destination.mode == "upsert"]
        for source in pipeline.sources:
            if source.access is None or source.source.tombstone is not None or not tables:
                continue
            held = lineage.source_fields(graph, source).values()
            field = next((each for each in held if lineage.protection(graph, each.schema).level), None)
            if field is not None and any(_writes(graph, pipeline, target, field) for target in tables):
                message = (
                    f'"{field.name}" is personal and is copied to "{tables[0].destination.name}", which is not told when the record is gone'
                )
                at = lineage.protection(graph, field.schema).at
                related = (Related(at, "protected here"),) if at else ()
                help = "tombstone: and a column that is true for a record that is gone"
                yield Diagnostic("erasure-not-carried", source.at.span, message, help, Severity.WARNING, related)


def _writes(graph: Graph, pipeline: Pipeline, target: PipelineTarget, field: RecordField) -> bool:
    return any(field.name in {source.name for source in each.sources} for each in lineage.fields(graph, pipeline) if each.target == target)


def writers(graph: Graph) -> Iterator[Diagnostic]:
    """`two-writers`: two flows, two destinations of one, or a flow and a read model write one table or one kind of cache entry.

    Each takes the other's rows for old ones of its own.

        flows: {a: {destinations: {out: {store: s.db, table: t}}, …}, b: {destinations: {out: {store: s.db, table: t}}, …}}

    Fix: make one flow of them with both sources, or give each a table of its own.
    """
    taken: dict[tuple[str, ...], tuple[str, Span]] = {}
    for what, who, at in sorted(_writes_of(graph), key=lambda each: each[2]):
        first, place = taken.setdefault(what, (who, at))
        if place != at:
            message = f'"{".".join(what)}" is written by {who} and by {first}'
            help = "one flow with both sources, or a table of its own for each"
            yield Diagnostic("two-writers", at, message, help, related=(Related(place, "the first writer"),))


def _writes_of(graph: Graph) -> Iterator[tuple[tuple[str, ...], str, Span]]:
    for pipeline in graph.pipelines:
        for target in pipeline.targets:
            who = f"the flow {pipeline.id}"
            if target.table is not None:
                yield (target.table.id,), who, target.at["table"]
            elif target.destination.entry is not None and target.access is not None:
                entry = "{}".join(lineage.entry_shape(target.destination.entry))
                yield (target.access.owner.name, target.access.store.name, entry), who, target.at["entry"]
    for model in graph.read_models:
        if model.table is not None:
            yield (model.table.id,), f"the read model {model.component.name}.{model.projection.name}", model.at["table"]


# --- what follows what ------------------------------------------------------------------------------------------------


def cycles(graph: Graph) -> Iterator[Diagnostic]:
    """`cyclic-flow`: what a flow writes comes back to where it reads, so that a change goes round for ever.

    Each turn is a new change: the load grows until something is full.

        flows: {copy: {sources: {in: {store: s.db, table: t}}, destinations: {out: {store: s.db, table: t}}}}

    Fix: leave one of the steps out, or write to a table that nothing of the circle reads.
    """
    steps = _steps(graph)
    done: set[str] = set()
    for start in sorted(steps):
        if start in done:
            continue
        path, spans, waiting = [start], list[Span](), [iter(steps[start])]
        while waiting:
            following = next(waiting[-1], None)
            if following is None:
                waiting.pop()
                done.add(path.pop())
                if spans:
                    spans.pop()
                continue
            name, at = following
            if name in path:
                ring, places = path[path.index(name) :], [*spans[path.index(name) :], at]
                yield _cycle([*ring, name], places)
            elif name not in done:
                path.append(name)
                spans.append(at)
                waiting.append(iter(steps.get(name, ())))


def _cycle(ring: Sequence[str], places: Sequence[Span]) -> Diagnostic:
    first = places.index(min(places))
    names = [*ring[first:-1], *ring[:first], ring[first]]
    others = [*places[first + 1 :], *places[:first]]
    related = tuple(Related(at, "and on from here") for at in others)
    message = f"what is written comes back to where it was read: {' → '.join(names)}"
    return Diagnostic("cyclic-flow", places[first], message, "leave one of these steps out", related=related)


def _steps(graph: Graph) -> Mapping[str, list[tuple[str, Span]]]:
    """From each table, query or event to what flows, read models and change capture make of it, with the place that says so."""
    found: dict[str, list[tuple[str, Span]]] = {}
    for pipeline in graph.pipelines:
        ends = [(end, target.at.span) for target in pipeline.targets if (end := _end(target)) is not None]
        for source in pipeline.sources:
            for start in _starts(graph, source):
                found.setdefault(start, []).extend(ends)
    for model in graph.read_models:
        for topic in model.topics:
            if model.table is not None:
                found.setdefault(topic.id, []).append((model.table.id, model.at.span))
    for table in graph.tables:
        if table.table.captured_as is not None:
            found.setdefault(table.id, []).append((f"{table.owner.name}.{table.table.captured_as}", table.at["captured_as"]))
    return {name: sorted(found[name], key=lambda each: each[1]) for name in sorted(found)}


def _starts(graph: Graph, source: PipelineSource) -> list[str]:
    """What a source reads: an event, a table, or the tables that its query names."""
    if source.topic is not None:
        return [source.topic.id]
    if source.table is not None:
        return [source.table.id]
    return [lineage.store_tables(graph, source)[name].id for name in lineage.queried_tables(graph, source)]


def _end(target: PipelineTarget) -> str | None:
    return target.topic.id if target.topic is not None else target.table.id if target.table is not None else None


def triggers(graph: Graph) -> Iterator[Diagnostic]:
    """`flow-without-trigger`: nothing starts a flow: its component is no job, and no event is among its sources.

    It is deployed, and no record is ever copied.

        runtime: {kind: service}
        flows: {copy: {sources: {in: {store: s.db, table: t}}, …}}

    Fix: say `runtime: {kind: job, schedule: "*/15 * * * *"}`, or let the flow read an event.
    """
    for pipeline in graph.pipelines:
        runtime = pipeline.component.runtime
        if runtime is None or any(each.event is not None for each in pipeline.flow.sources):
            continue
        if runtime.kind != "job":
            message = f"{pipeline.component.name} is no job, and no event starts its flow"
            yield Diagnostic("flow-without-trigger", pipeline.at.span, message, 'runtime: {kind: job, schedule: "*/15 * * * *"}')


RULES = (destinations, erasures, writers, cycles, triggers)
