"""The last steps of a pipeline: mapping, destinations, quarantine, and the record of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import connections, envelopes
from generator.beam import checking, mapping, reading
from generator.beam.fields import Carried, Field, Fields, carried, kind, mapped, of_type
from generator.beam.steps import Step, in_store, seconds
from generator.graph import Graph, Pipeline, PipelineTarget, StoreAccess

MAP, QUARANTINE, RECORD_RUN = "map", "quarantine", "record-run"


def map_step(graph: Graph, pipeline: Pipeline, given: Fields, before: str) -> Step:
    """Fields of the target, and those that go along for the destinations' sake."""
    fields: dict[str, Any] = {each.name: mapping.expression(each, given) for each in pipeline.flow.mapping}
    if not pipeline.flow.mapping:
        fields = {name: name for name in given}
    fields |= dict(carried(graph, pipeline).added)
    return Step(MAP, "MapToFields", before, {"language": "python", "fields": fields})


def name(target: PipelineTarget) -> str:
    """Name of the step that writes a destination."""
    return f"write-{target.destination.name}"


def steps(graph: Graph, pipeline: Pipeline) -> Iterator[Step]:
    along, fields = carried(graph, pipeline), mapped(graph, pipeline)
    for target in targets(pipeline):
        if target.topic is not None:
            yield _messages(graph, target, along, fields)
        elif target.table is not None:
            yield _table(graph, target, along, fields)
        else:
            yield _entries(graph, target, along, fields)
    if checking.has_quarantine(pipeline):
        yield _quarantine(graph, pipeline)


def targets(pipeline: Pipeline) -> list[PipelineTarget]:
    return sorted(pipeline.targets, key=lambda each: each.destination.name)


def written(target: PipelineTarget, fields: Fields) -> dict[str, Field]:
    """Mapped fields that a destination takes."""
    wanted = target.destination.fields
    return {name: field for name, field in fields.items() if not wanted or name in wanted}


def columns(graph: Graph, target: PipelineTarget, fields: Fields) -> dict[str, str]:
    """Columns of a table that are written, with their kind as the table has it."""
    assert target.table is not None
    known = of_type(graph, target.table.table.row)
    return {name: known[name].kind for name in written(target, fields) if name in known}


def _table(graph: Graph, target: PipelineTarget, along: Carried, fields: Fields) -> Step:
    assert target.access is not None and target.table is not None
    found = columns(graph, target, fields)
    config: dict[str, Any] = {
        "connection": connections.store_variable(graph, target.access),
        "table": target.table.table.name,
        "columns": found,
        "key": [each for each in target.key if each in found],
    }
    if target.destination.mode == "upsert" and along.version in found:
        config["version"] = along.version
    config |= {"tombstone": along.tombstone} if along.tombstone else {}
    transform = "MergeRows" if target.destination.mode == "upsert" else "AppendRows"
    return Step(name(target), in_store(graph, transform, target.access), MAP, config)


def _entries(graph: Graph, target: PipelineTarget, along: Carried, fields: Fields) -> Step:
    assert target.access is not None
    found = written(target, fields)
    config: dict[str, Any] = {
        "connection": connections.store_variable(graph, target.access),
        "entry": target.destination.entry,
        "fields": sorted(found),
    }
    nested = sorted(name for name, field in found.items() if field.kind == "json")
    config |= {"json_fields": nested} if nested else {}
    config |= {"ttl": seconds(target.destination.ttl)} if target.destination.ttl else {}
    config |= {"version": along.version} if along.version else {}
    config |= {"tombstone": along.tombstone} if along.tombstone else {}
    return Step(name(target), "WriteEntries", MAP, config)


def _messages(graph: Graph, target: PipelineTarget, along: Carried, fields: Fields) -> Step:
    assert target.topic is not None
    message = envelopes.event(target.topic)
    payload = graph.resolve(message.payload)
    known = of_type(graph, message.payload)
    given = {name: name for name in sorted(written(target, fields)) if name in known}
    nested = [name for name in given if known[name].kind == "json"]
    template = envelopes.wrapped(
        graph, message, id="$id", occurred="$time", correlation="$correlation", subject="$subject", payload="$payload"
    )
    config: dict[str, Any] = {
        "topic": target.topic.address,
        "message": template,
        "fields": given,
        "required": sorted(each for each in payload.required if each in given),
        "identity": list(along.key),
    }
    config |= {"json_fields": nested} if nested else {}
    config |= {"key": message.key} if message.key in given else {}
    config |= {"version": along.version} if along.version else {}
    config |= {"tombstone": along.tombstone} if along.tombstone else {}
    return Step(name(target), "PublishMessages", MAP, config)


def quarantine_columns(graph: Graph, access: StoreAccess, table: str) -> dict[str, str]:
    """What is kept of a refused record, each of the kind that the store's own table says."""
    own = next((each for each in access.store.tables if each.name == table), None)
    known = of_type(graph, own.row) if own is not None else {}
    usual = {"rejected_at": "timestamp"}
    return {name: known[name].kind if name in known else usual.get(name, "text") for name in connections.QUARANTINE_COLUMNS}


def _quarantine(graph: Graph, pipeline: Pipeline) -> Step:
    assert pipeline.quarantine is not None and pipeline.flow.quarantine is not None
    table = pipeline.flow.quarantine.table
    config = {
        "connection": connections.store_variable(graph, pipeline.quarantine),
        "table": table,
        "columns": quarantine_columns(graph, pipeline.quarantine, table),
        "flow": pipeline.id,
    }
    rejected = f"{checking.CHECK}.{checking.REJECTED}"
    return Step(QUARANTINE, in_store(graph, "KeepRejected", pipeline.quarantine), rejected, config)


def run_steps(graph: Graph, pipeline: Pipeline, fields: Fields, passed: str) -> Iterator[Step]:
    """The run is recorded when everything is written, and messages are acknowledged when the run is recorded."""
    inputs = {f"read_{each.source.name}": reading.name(each) for each in _sources(pipeline)}
    marks = {each.source.name: each.source.watermark if each.source.watermark in fields else None for each in _sources(pipeline)}
    inputs["passed"] = passed
    inputs |= {f"wrote_{each.destination.name}": name(each) for each in targets(pipeline)}
    if checking.has_quarantine(pipeline):
        inputs["quarantined"] = QUARANTINE
    rate = pipeline.flow.thresholds.success_rate
    config: dict[str, Any] = {"flow": pipeline.id, "sources": marks, **({"success_rate": float(rate.value / 100)} if rate else {})}
    runs = connections.kept_runs(pipeline)
    if runs is None:
        yield Step(RECORD_RUN, "LogRun", inputs, config)
    else:
        access, table = runs
        where = {"connection": connections.store_variable(graph, access), "table": table}
        yield Step(RECORD_RUN, in_store(graph, "RecordRun", access), inputs, where | config)
    for source in _sources(pipeline):
        if source.topic is not None:
            acknowledged = {"messages": reading.name(source), "recorded": RECORD_RUN}
            own = {"topic": source.topic.address, "group": reading.group(pipeline.component, source)}
            yield Step(f"commit-{source.source.name}", "CommitOffsets", acknowledged, own)


def _sources(pipeline: Pipeline) -> list[Any]:
    return sorted(pipeline.sources, key=lambda each: each.source.name)


def key_kind(graph: Graph, target: PipelineTarget, column: str) -> str:
    """Kind of a column of a destination's table."""
    assert target.table is not None
    return next((kind(graph, each.schema) for each in graph.resolve(target.table.table.row).properties if each.name == column), "text")
