"""Unit tests of a pipeline in Beam YAML's own format: each gives some steps records and says what others must then have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from generator.beam import checking, fields, mapping, reading, writing
from generator.beam.fields import Field
from generator.diagnostics import At
from generator.emit.flows import samples
from generator.graph import Graph, Pipeline
from generator.model import FlowCheck
from generator.text import generated_by, to_yaml

Record = dict[str, Any]
HOW = (
    "python -P -m apache_beam.yaml.main --yaml_pipeline_file=pipeline.yaml --test_suite=tests.yaml --tests --runner=FnApiRunner"
    ' --jinja_variables=\'{"environment": "tests"}\''
)


def text(graph: Graph, pipeline: Pipeline, sources: tuple[At, ...]) -> str:
    """No server is touched: what reads and writes is left out, and look-ups are not answered (overlays/tests.yaml)."""
    return to_yaml({"tests": list(cases(graph, pipeline))}, f"{generated_by(graph.name, sources[:1])}\n{HOW}")


def cases(graph: Graph, pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    given = fields.of_sources(graph, pipeline)
    record = samples.record(graph, pipeline, given)
    tombstone = fields.common_source_field(pipeline, "tombstone")
    gone = tombstone if tombstone in given else None
    if record is not None and gone:
        record[gone] = False
    if record is not None and pipeline.flow.checks:
        yield from _checks(pipeline, given, record, gone)
    plain = record if record is not None else {name: samples.good(graph, field, []) for name, field in given.items()}
    yield from _fallbacks(graph, pipeline, given, plain)
    whole = _looked_up(graph, pipeline, plain)
    yield _written(graph, pipeline, "a record reaches the destinations as the mapping says", given, [whole])
    if gone:
        yield from _gone(graph, pipeline, given, plain, gone)


# --- checks -----------------------------------------------------------------------------------------------------------


def _before_check(pipeline: Pipeline, given: dict[str, Field]) -> str:
    found = checking.references(pipeline, given)
    return f"find-{found[-1][2]}" if found else reading.last(pipeline)


def _with_references(pipeline: Pipeline, given: dict[str, Field], record: Record) -> Record:
    """As it is before the checks: every reference was found, and a message has its place."""
    return {**record, **_position(pipeline), **{name: True for _, _, name in checking.references(pipeline, given)}}


def _position(pipeline: Pipeline) -> Record:
    alone = len(pipeline.sources) == 1 and pipeline.sources[0].topic is not None
    return dict.fromkeys(reading.POSITION, 0) if alone else {}


def _checks(pipeline: Pipeline, given: dict[str, Field], record: Record, gone: str | None) -> Iterator[dict[str, Any]]:
    whole = _with_references(pipeline, given, record)
    yield _checked(pipeline, given, "a record that keeps every check passes", [whole], [whole], [])
    names = [_name(each) for each in pipeline.flow.checks]
    for check in sorted(pipeline.flow.checks, key=_name):
        broken = _broken(pipeline, given, whole, check)
        how = checking.otherwise(pipeline, check)
        if broken is None or how == "stop" or names.count(_name(check)) > 1:
            continue  # a run that stops has no result that a test of Beam's could compare
        kept = [_kept(pipeline, given, broken, check)] if how == "quarantine" else []
        ending = "is kept aside with the reason" if kept else "is dropped"
        yield _checked(pipeline, given, f"a record that breaks {_name(check)} {ending}", [broken], [], kept)
    if gone:
        empty = {**whole, **{name: None for name in given if name not in _always(pipeline)}, gone: True}
        yield _checked(pipeline, given, "a record that is gone is not checked", [whole, empty], [whole, empty], [])


def _name(check: FlowCheck) -> str:
    return f"{check.field}: {check.rule}"


def _always(pipeline: Pipeline) -> set[str | None]:
    """Fields that no record is without, as they tell records apart."""
    return {name for each in pipeline.sources for name in (*each.key, each.source.watermark, each.source.tombstone)}


def _broken(pipeline: Pipeline, given: dict[str, Field], record: Record, check: FlowCheck) -> Record | None:
    if check.field not in given:
        return None
    if check.rule == "reference":
        own = [name for each, _, name in checking.references(pipeline, given) if each.field == check.field]
        return {**record, own[0]: False} if len(own) == 1 and record[check.field] is not None else None
    others = [each for each in pipeline.flow.checks if each.field == check.field and each is not check]
    value = samples.bad(given[check.field], check, others)
    return None if value is None else {**record, check.field: value}


def _kept(pipeline: Pipeline, given: dict[str, Field], record: Record, check: FlowCheck) -> Record:
    keys = {each.key for each in pipeline.sources}
    key = [each for each in (keys.pop() if len(keys) == 1 else ()) if each in given]
    named = "/".join(str(record[each]) for each in key)
    return {"record_key": named, "reason": _name(check), "record": json.dumps(record, sort_keys=True)} if key else {}


def _checked(
    pipeline: Pipeline, given: dict[str, Field], name: str, records: list[Record], passed: list[Record], kept: list[Record]
) -> dict[str, Any]:
    """A record without a key is kept under a name that only the program knows, so that test says only that it did not pass."""
    expected = [{"name": checking.CHECK, "elements": passed}]
    if checking.has_quarantine(pipeline) and (all(kept) or not kept):
        expected.append({"name": f"{checking.CHECK}.{checking.REJECTED}", "elements": kept})
    return {"name": name, "mock_outputs": [_mock(_before_check(pipeline, given), records)], "expected_outputs": expected}


def _mock(step: str, records: list[Record]) -> dict[str, Any]:
    """Beam takes the types of fields from the records, so one that is null in some must have a value in another."""
    return {"name": step, "elements": records}


# --- look-ups ---------------------------------------------------------------------------------------------------------


def _looked_up(graph: Graph, pipeline: Pipeline, record: Record) -> Record:
    """With a value of each field that is looked up."""
    found = fields.looked_up(graph, pipeline.lookups)
    return {**record, **{name: samples.good(graph, field, []) for name, field in sorted(found.items())}}


def _after_check(pipeline: Pipeline, given: dict[str, Field]) -> str:
    return checking.CHECK if pipeline.flow.checks else _before_check(pipeline, given)


def _fallbacks(graph: Graph, pipeline: Pipeline, given: dict[str, Field], record: Record) -> Iterator[dict[str, Any]]:
    """What stands in for each answer that does not come."""
    before = _after_check(pipeline, given)
    whole = _with_references(pipeline, given, record)
    for group in checking.groups(pipeline):
        step = checking.step_name(group)
        values = checking.fallback_values(group)
        if values is not None:
            names = " and ".join(each.enrichment.name for each in group)
            expected = [{"name": step, "elements": [{**whole, **values}]}]
            yield {
                "name": f"without an answer {names} is what the fallback says",
                "mock_outputs": [_mock(before, [whole])],
                "expected_outputs": expected,
            }
        before = step
        whole = {**whole, **{name: samples.good(graph, field, []) for name, field in fields.looked_up(graph, group).items()}}


# --- destinations -----------------------------------------------------------------------------------------------------


def _before_map(pipeline: Pipeline, given: dict[str, Field]) -> str:
    found = checking.groups(pipeline)
    return checking.step_name(found[-1]) if found else _after_check(pipeline, given)


def _written(graph: Graph, pipeline: Pipeline, name: str, given: dict[str, Field], records: list[Record]) -> dict[str, Any]:
    mocked = [_with_references(pipeline, given, each) for each in records]
    return {
        "name": name,
        "mock_outputs": [_mock(_before_map(pipeline, given), mocked)],
        "expected_inputs": _expected(graph, pipeline, records),
    }


def _expected(graph: Graph, pipeline: Pipeline, records: list[Record]) -> list[dict[str, Any]]:
    mapped = [_mapped(graph, pipeline, each) for each in records]
    return [{"name": writing.name(each), "elements": mapped} for each in writing.targets(pipeline)]


def _mapped(graph: Graph, pipeline: Pipeline, record: Record) -> Record:
    known = fields.before_mapping(graph, pipeline)
    made = {each.name: mapping.result(each, known, record) for each in pipeline.flow.mapping}
    if not pipeline.flow.mapping:
        made = {name: record[name] for name in known}
    return {**made, **{after: record[before] for after, before in fields.carried(graph, pipeline).added}}


def _gone(graph: Graph, pipeline: Pipeline, given: dict[str, Field], record: Record, gone: str) -> Iterator[dict[str, Any]]:
    """It goes through everything, with nothing looked up, so that the destinations delete it; beside it goes one that is not gone."""
    name = "a record that is gone reaches the destinations, to be deleted there"
    empty = {field: record[field] if field in _always(pipeline) else None for field in given} | {gone: True}
    empty |= dict.fromkeys(sorted(each.enrichment.name for each in pipeline.lookups))
    instead = [checking.fallback_values(each) for each in checking.groups(pipeline)]
    if not instead or any(each is None or None in each.values() for each in instead):
        yield _written(graph, pipeline, name, given, [_looked_up(graph, pipeline, record), empty])
        return
    found = {field: value for each in instead if each is not None for field, value in each.items()}
    mocked = [_with_references(pipeline, given, record), {field: empty[field] for field in given} | _position(pipeline)]
    mocked[1] |= {field: True for _, _, field in checking.references(pipeline, given)}
    expected = _expected(graph, pipeline, [{**record, **found}, empty])
    yield {"name": name, "mock_outputs": [_mock(_after_check(pipeline, given), mocked)], "expected_inputs": expected}
