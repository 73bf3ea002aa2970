"""Flows can be carried out by the engine that runs them: stores and brokers that it reads and writes, and names that its rows can have."""

from __future__ import annotations

from collections.abc import Iterator

from generator import connections, lineage, placement
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Pipeline, StoreAccess, StoreTable, Topic


def engines(graph: Graph) -> Iterator[Diagnostic]:
    """`unsupported-store`, `unsupported-by-broker`, `unsupported-encoding`: a flow reads or writes what no transform is generated for.

    Flows run on Apache Beam, with transforms for tables of PostgreSQL and BigQuery, entries of Redis and Valkey, and JSON of Kafka.

        flows: {orders: {sources: {in: {store: shop.orders-db, table: orders}}, …}}
        stores: {orders-db: {kind: house-made}}

    Fix: keep the data in one of the stores that the finding lists, the messages in Kafka and `encoding: json`; or handle them in the code
    of a component.
    """
    for pipeline in graph.pipelines:
        for access, at in _table_stores(graph, pipeline):
            if access.store.kind not in connections.TABLE_ENGINES:
                yield _unsupported(access, at, "tables", connections.TABLE_ENGINES)
        for target in pipeline.targets:
            if (
                target.destination.entry is not None
                and target.access is not None
                and target.access.store.kind not in connections.CACHE_ENGINES
            ):
                yield _unsupported(target.access, target.destination.at["store"], "cache entries", connections.CACHE_ENGINES)
        topics = [(each.topic, each.at["event"]) for each in pipeline.sources] + [
            (each.topic, each.at["event"]) for each in pipeline.targets
        ]
        for topic, at in topics:
            if topic is not None:
                yield from _topic(graph, topic, at)


def _unsupported(access: StoreAccess, at: Span, what: str, known: object) -> Diagnostic:
    assert isinstance(known, (dict, frozenset)), "engines by name"
    message = f'flows have no {what} in {access.store.kind}, which "{access.owner.name}.{access.store.name}" is'
    related = (Related(access.store.at["kind"], "its kind"),)
    return Diagnostic("unsupported-store", at, message, f"one of {', '.join(sorted(known))}", related=related)


def _table_stores(graph: Graph, pipeline: Pipeline) -> Iterator[tuple[StoreAccess, Span]]:
    """Stores whose tables a flow reads or writes, each with the place that names it."""
    for source in pipeline.sources:
        if source.access is not None:
            yield source.access, source.source.at["store"]
    for target in pipeline.targets:
        if target.table is not None and target.access is not None:
            yield target.access, target.destination.at["store"]
    for check, table in pipeline.references:
        yield from ((each, check.at["store"]) for each in _own(graph, pipeline, table))
    for lookup in pipeline.lookups:
        if lookup.table is not None:
            yield from ((each, lookup.enrichment.at["store"]) for each in _own(graph, pipeline, lookup.table))
    if pipeline.quarantine is not None and pipeline.flow.quarantine is not None:
        yield pipeline.quarantine, pipeline.flow.quarantine.at["store"]


def _own(graph: Graph, pipeline: Pipeline, table: StoreTable) -> tuple[StoreAccess, ...]:
    """The access by which a pipeline's component reaches a table."""
    own = [each for each in graph.accesses if each.component == pipeline.component]
    return tuple(each for each in own if (each.owner, each.store.name) == (table.owner, table.store.name))[:1]


def _topic(graph: Graph, topic: Topic, at: Span) -> Iterator[Diagnostic]:
    broker = graph.system.header.broker
    if broker is not None and broker.kind != connections.BROKER:
        message = f"flows read and write topics of {connections.BROKER}, and the broker is {broker.kind}"
        help = "a component that handles the messages in its own code"
        yield Diagnostic("unsupported-by-broker", at, message, help, related=(Related(broker.at["kind"], "the broker"),))
    if topic.event.encoding != "json":
        message = f'messages of "{topic.id}" are {topic.event.encoding}, and flows read and write JSON'
        yield Diagnostic("unsupported-encoding", at, message, "encoding: json", related=(Related(topic.at["encoding"], "the event"),))


def names(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-field-name`: a field of a record is called what no field of a row of Apache Beam can be: a word of Python, or with an
    underscore in front.

    Rows are named tuples of Python there, which refuse such a name when the pipeline is built.

        mapping: {class: {from: kind}}

    Fix: call the field otherwise, in letters, digits and underscores; a query renames with `AS`.
    """
    for pipeline in graph.pipelines:
        record = lineage.record(graph, pipeline)
        seen: set[tuple[str, Span]] = set()
        for name, at in (
            *((name, each.at.span) for name, each in record.items()),
            *((each.name, each.at.span) for each in pipeline.flow.mapping),
        ):
            if not connections.is_field_name(name) and (name, at) not in seen:
                seen.add((name, at))
                message = f'no row of a flow can have a field "{name}"'
                related = (Related(pipeline.at.span, "the flow"),)
                yield Diagnostic(
                    "reserved-field-name", at, message, "letters, digits and underscores, and no word of Python", related=related
                )


def runs(graph: Graph) -> Iterator[Diagnostic]:
    """`watermark-without-place`, `reserved-environment`: nothing could keep how far a flow has come, or an environment has the name under
    which flows are tested.

    How far it has come is kept in a table beside what it writes, so that both are true together. Without one each run starts anew.

        flows: {orders: {sources: {in: {watermark: updated_at, …}}, destinations: {cache: {entry: "order:{id}", …}}}}

    Fix: add a destination or a quarantine that is a table, or read without a watermark; call the environment otherwise.
    """
    for pipeline in graph.pipelines:
        marked = [each for each in pipeline.sources if each.source.watermark is not None]
        unresolved = len(pipeline.targets) < len(pipeline.flow.destinations) or (
            pipeline.flow.quarantine is not None and pipeline.quarantine is None
        )
        if marked and not unresolved and connections.kept_runs(pipeline) is None:
            message = f'"{pipeline.flow.name}" reads on from where it was, and no table keeps where that is'
            help = "a quarantine, or a destination that is a table: the runs are kept beside it"
            yield Diagnostic("watermark-without-place", marked[0].at["watermark"], message, help)
    for environment in graph.system.document.environments if graph.pipelines else ():
        if environment.name == connections.TESTS:
            message = f'flows are tested under the name "{environment.name}", which an environment has'
            yield Diagnostic("reserved-environment", environment.at.span, message, "another name")


def quarantine_tables(graph: Graph) -> Iterator[Diagnostic]:
    """`quarantine-mismatch`: the table of refused records does not have the columns in which they are kept.

    They are flow, record_key, reason, record (JSON) and rejected_at; flow and record_key are its key.

        quarantine: {store: shop.warehouse, table: orders}

    Fix: name a table with just these columns, texts and a date-time, and `key: [flow, record_key]`; or one that is not described, which
    is then made so.
    """
    for pipeline in graph.pipelines:
        quarantine = pipeline.flow.quarantine
        if quarantine is None or pipeline.quarantine is None:
            continue
        table = next((each for each in pipeline.quarantine.store.tables if each.name == quarantine.table), None)
        row = lineage.properties(graph, table.row) if table is not None else {}
        if table is None or not row:
            continue
        related = (Related(table.at.span, "the table"),)
        wrong = _wrong_column(graph, row)
        if wrong is not None:
            help = f"columns {', '.join(connections.QUARANTINE_COLUMNS)}: text, and rejected_at a date-time"
            yield Diagnostic(
                "quarantine-mismatch", quarantine.at["table"], f'"{table.name}" keeps refused records, and {wrong}', help, related=related
            )
        elif table.key and set(table.key) != set(connections.QUARANTINE_COLUMNS[:2]):
            message = f'"{table.name}" keeps refused records, and its key is {", ".join(table.key)}'
            yield Diagnostic("quarantine-mismatch", quarantine.at["table"], message, "key: [flow, record_key]", related=related)


def _wrong_column(graph: Graph, row: lineage.Row) -> str | None:
    columns = connections.QUARANTINE_COLUMNS
    missing = [each for each in columns if each not in row]
    if missing:
        return f'has no column "{missing[0]}"'
    other = [name for name, (_, is_required) in row.items() if name not in columns and is_required]
    if other:
        return f'always wants "{other[0]}", which nothing fills'
    for name in columns:
        schema = graph.resolve(row[name][0].schema)
        wanted = "date-time" if name == columns[-1] else None
        if (
            schema.type not in ("string", None)
            or (wanted is not None and schema.format != wanted)
            or (wanted is None and schema.format is not None)
        ):
            return f'"{name}" is {lineage.type_name(graph, schema)}'
    return None


def instances(graph: Graph) -> Iterator[Diagnostic]:
    """`repeated-flow` (warning): each instance of a component follows the events of its flow, and all of them do the same work.

    Nothing is wrong with what they write: the same record has the same key, and the same message the same id. It is work for nothing.

        flows: {arrivals: {sources: {in: {event: ships.Arrived}}, …}}
        runtime: {replicas: 3}

    Fix: say `replicas: 1`, or give the flow a component of its own.
    """
    for pipeline in graph.pipelines:
        runtime = pipeline.component.runtime
        replicas = runtime.replicas if runtime is not None and not placement.is_job(pipeline.component) else None
        follows = any(each.topic is not None for each in pipeline.sources)
        if follows and replicas is not None and (replicas.max or replicas.min) > 1:
            message = f'{pipeline.component.name} runs {replicas.max or replicas.min} times, and each time its flow "{pipeline.flow.name}" does the same work'
            help = "replicas: 1; or give the flow a component of its own"
            yield Diagnostic("repeated-flow", replicas.at.span, message, help, Severity.WARNING)


RULES = (engines, names, runs, quarantine_tables, instances)
