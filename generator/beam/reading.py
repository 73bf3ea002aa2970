"""The first steps of a pipeline: watermarks, rows of tables and queries, messages of topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import connections, queries
from generator.beam.fields import Field, Fields, of_type
from generator.beam.steps import Step, in_store, seconds
from generator.graph import Graph, Pipeline, PipelineSource
from generator.model import Component

WATERMARK, SOURCES = "watermark", "sources"
POSITION = ("message_offset", "message_partition")
"""Fields that messages have beside their own, for as long as they are not acknowledged."""
PAYLOADS = {"system-event": "payload", "cloudevents": "data"}
"""Property of an enveloped message that holds what it says."""
WATERMARK_TYPES = {"timestamp": "timestamp", "date": "date", "integer": "integer"}


def steps(graph: Graph, pipeline: Pipeline, fields: Fields) -> Iterator[Step]:
    """One for each source; with several, their records are united."""
    runs = connections.kept_runs(pipeline)
    sources = sorted(pipeline.sources, key=lambda each: each.source.name)
    has_watermark = runs is not None and any(each.source.watermark for each in sources if each.topic is None)
    if runs is not None and has_watermark:
        access, table = runs
        config = {"connection": connections.store_variable(graph, access), "table": table, "flow": pipeline.id}
        yield Step(WATERMARK, in_store(graph, "ReadWatermarks", access), {}, config)
    for source in sources:
        yield (
            _topic(graph, pipeline.component, source, fields)
            if source.topic is not None
            else _changed(graph, source, fields, has_watermark)
        )
    if len(sources) > 1:
        for source in sources:
            if source.topic is not None:
                yield Step(
                    f"own-{source.source.name}",
                    "MapToFields",
                    name(source),
                    {"language": "python", "fields": {each: each for each in fields}},
                )
        united = [f"own-{each.source.name}" if each.topic is not None else name(each) for each in sources]
        yield Step(SOURCES, "Flatten", united, {})


def name(source: PipelineSource) -> str:
    """Name of the step that reads a source."""
    return f"read-{source.source.name}"


def last(pipeline: Pipeline) -> str:
    """Name of the step that has all records."""
    return SOURCES if len(pipeline.sources) > 1 else name(pipeline.sources[0])


def row_schema(source: PipelineSource, fields: Fields) -> dict[str, Any]:
    """JSON Schema of what is read. What tells records apart is always there; all else may be missing, as checks tell."""
    always = {*source.key, source.source.watermark, source.source.tombstone}
    return {
        "type": "object",
        "required": [each for each in fields if each in always],
        "properties": {each.name: _property(source, each) for each in fields.values()},
    }


def _property(source: PipelineSource, field: Field) -> dict[str, Any]:
    """A database gives times as such; in a message they are texts, which must be brought into one form."""
    is_text = source.topic is not None and field.kind == "timestamp"
    return {"type": field.beam_type, **({"format": "date-time"} if is_text else {})}


def _changed(graph: Graph, source: PipelineSource, fields: Fields, has_watermark: bool) -> Step:
    assert source.access is not None
    watermark = source.source.watermark
    is_incremental = has_watermark and watermark is not None and watermark in fields
    config: dict[str, Any] = {
        "connection": connections.store_variable(graph, source.access),
        "query": query(graph, source),
        "source": source.source.name,
    }
    if watermark is not None and watermark in fields:
        config |= {"watermark": WATERMARK_TYPES.get(fields[watermark].kind, "text"), "overlap": seconds(source.source.overlap)}
    config["schema"] = row_schema(source, fields)
    return Step(name(source), in_store(graph, "ReadChanged", source.access), WATERMARK if is_incremental else None, config)


def query(graph: Graph, source: PipelineSource) -> str:
    """What is asked, with the driver's own parameter. A query that nobody can read stays as it is, and review refuses it."""
    from sqlglot import exp  # only where there is a query: it takes a tenth of a second

    assert source.access is not None
    kind = connections.engine(source.access.store)
    dialect = queries.dialect(kind)
    if source.source.query is None:
        return _of_table(graph, source, dialect)
    found = queries.query(source.source.query, kind)
    if found is None:
        return source.source.query
    asked = found.transform(lambda node: _parameter(dialect) if isinstance(node, exp.Placeholder) else node)
    return str(asked.sql(dialect, pretty=True))


def _of_table(graph: Graph, source: PipelineSource, dialect: str) -> str:
    from sqlglot import exp

    assert source.source.table is not None and source.row is not None
    schema, _, own = source.source.table.rpartition(".")
    table = exp.Table(this=exp.to_identifier(own, quoted=True), db=exp.to_identifier(schema, quoted=True) if schema else None)
    select = exp.Select(expressions=[exp.column(exp.to_identifier(each, quoted=True)) for each in columns(graph, source)]).from_(table)
    watermark = source.source.watermark
    if watermark is not None:
        select = select.where(exp.GT(this=exp.column(exp.to_identifier(watermark, quoted=True)), expression=_parameter(dialect)))
    return select.sql(dialect, pretty=True)


def columns(graph: Graph, source: PipelineSource) -> list[str]:
    """Columns of the table, in order of name."""
    return sorted(of_type(graph, source.row))


def _parameter(dialect: str) -> Any:
    """`$1` for psycopg's cursors on the server, `@last_sync_time` for BigQuery."""
    from sqlglot import exp

    return exp.Placeholder(this=queries.PARAMETER) if dialect == "bigquery" else exp.Parameter(this=exp.Literal.number(1))


def _topic(graph: Graph, component: Component, source: PipelineSource, fields: Fields) -> Step:
    assert source.topic is not None
    payload = PAYLOADS.get(source.topic.event.envelope or graph.system.header.envelope)
    config = {
        "topic": source.topic.address,
        "group": group(component, source),
        **({"payload": payload} if payload else {}),
        "schema": row_schema(source, fields),
    }
    return Step(name(source), "ReadMessages", None, config)


def group(component: Component, source: PipelineSource) -> str:
    """The consumer group of the component; one that reads its own events has a group of its name."""
    assert source.topic is not None
    return next((each.group for each in source.topic.subscriptions if each.consumer == component), component.name)
