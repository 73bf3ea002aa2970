"""What must be protected stays protected: along flows, look-ups, caches and read models, with the path shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Pipeline, PipelineTarget, StoreTable, Topic
from generator.lineage import Protection
from generator.model import Schema
from generator.personal import fold
from generator.review.flows import request_fields
from generator.review.schemas import every_schema
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Step:
    """A value that goes from one place to another, and what each says of its protection."""

    at: Span
    """Where the contract sends it there."""
    path: str
    """`ordering.orders-db.orders.email → lower → sync.warehouse.customers.email`."""
    given: Protection
    wanted: Protection
    holder: Span | None
    """Where the field that takes it is defined."""
    name: str


def declassified(graph: Graph) -> Iterator[Diagnostic]:
    """`lost-classification`: a personal, sensitive or secret value comes to a place that says nothing of it, or less.

    Whoever reads it there, logs it there, or hands it on does not know what it is.

        types:
          Row: {type: object, properties: {email: {type: string, x-classification: personal, x-purpose: contract}}}
          Copy: {type: object, properties: {email: {type: string}}}
        flows: {customers: {mapping: {email: {from: email}}, …}}

    Fix: say the same `x-classification`, with an `x-purpose`, where the value goes; or leave the field out.
    """
    for step in (*_written(graph), *_asked(graph), *_quarantined(graph), *_projected(graph), *_warmed(graph)):
        if step.given.level > step.wanted.level:
            said = f"is {step.wanted.classification} there" if step.wanted.classification else "is not classified there"
            message = f'"{step.name}" is {step.given.classification} and {said}: {step.path}'
            related = [(step.given.at, "protected here"), (step.wanted.at or step.holder, "and not here")]
            help = f"x-classification: {step.given.classification}, and x-purpose: and why; or leave the field out"
            places = tuple(Related(at, what) for at, what in related if at is not None)
            yield Diagnostic("lost-classification", step.at, message, help, related=places)


def _written(graph: Graph) -> Iterator[Step]:
    """What flows write: rows, entries and messages."""
    for pipeline in graph.pipelines:
        for field in lineage.fields(graph, pipeline):
            given, origin = lineage.origin_protection(graph, field)
            holds_no_value = field.mapped is not None and field.mapped.rule == "constant"
            if not given.level or origin is None or holds_no_value:
                continue
            row = lineage.target_row(graph, pipeline, field.target)
            if row is not None and field.wanted is None:
                continue  # no such column, which is reported
            rule = "" if field.rule == "copy" else f" → {field.rule}"
            path = f"{origin}{rule} → {_place(field.target)}.{field.name}"
            wanted = lineage.protection(graph, field.wanted)
            holder = field.wanted.at.span if field.wanted is not None else field.target.at.span
            at = field.at.span if field.mapped is not None else field.target.at.span
            yield Step(at, path, given, wanted, holder, field.name)


def _place(target: PipelineTarget) -> str:
    if target.table is not None:
        return target.table.id
    if target.topic is not None:
        return target.topic.id
    store = f"{target.access.owner.name}.{target.access.store.name}" if target.access is not None else target.destination.name
    return f"{store}.{target.destination.entry}"


def _asked(graph: Graph) -> Iterator[Step]:
    """What operations are asked with: it leaves the component that runs the flow."""
    for pipeline in graph.pipelines:
        record = lineage.record(graph, pipeline)
        for lookup in pipeline.lookups:
            request = request_fields(graph, lookup)
            for each in lookup.enrichment.given:
                field = record.get(each.field)
                if lookup.call is None or lookup.method is None or field is None or each.name not in request:
                    continue
                given = _strictest(graph, field)
                schema = request[each.name][0]
                start = field.origins[0] if field.origins else each.field
                path = f"{start} → {lookup.call.target}.{lookup.method.name}({each.name})"
                yield Step(each.at.span, path, given, lineage.protection(graph, schema), schema.at.span, each.field)


def _strictest(graph: Graph, field: lineage.RecordField) -> Protection:
    found = [lineage.protection(graph, field.schema), *(lineage.protection(graph, each.schema) for each in field.origins)]
    return max(found, key=lambda each: each.level)


def _quarantined(graph: Graph) -> Iterator[Step]:
    """Refused records are kept whole: a table that is described says of some column that it may hold what is personal."""
    for pipeline in graph.pipelines:
        quarantine = pipeline.flow.quarantine
        if quarantine is None or pipeline.quarantine is None:
            continue
        table = next((each for each in pipeline.quarantine.store.tables if each.name == quarantine.table), None)
        record = lineage.record(graph, pipeline)
        strictest = max(record.values(), key=lambda each: _strictest(graph, each).level, default=None)
        if table is None or strictest is None:
            continue
        place = f"{pipeline.quarantine.owner.name}.{pipeline.quarantine.store.name}.{table.name}"
        start = strictest.origins[0] if strictest.origins else strictest.name
        wanted = lineage.protection(graph, table.row)
        yield Step(quarantine.at["table"], f"{start} → {place}", _strictest(graph, strictest), wanted, table.at.span, strictest.name)


def _projected(graph: Graph) -> Iterator[Step]:
    """Payloads become rows of read models, property by property of one name."""
    for model in graph.read_models:
        for topic in model.topics if model.table is not None else ():
            assert model.table is not None
            rows = (model.table.id, _schemas(graph, model.table.table.row))
            yield from _same_names(graph, model.projection.at["from"], (topic.id, _schemas(graph, topic.event.payload)), rows)


def _warmed(graph: Graph) -> Iterator[Step]:
    """Payloads become entries of caches."""
    for copy in graph.caches:
        for topic in copy.warmed_by:
            if isinstance(topic, Topic) and copy.holds is not None:
                entry = (copy.id, _schemas(graph, copy.holds))
                yield from _same_names(graph, copy.cache.at["warmed_by"], (topic.id, _schemas(graph, topic.event.payload)), entry)


def _schemas(graph: Graph, row: Schema) -> Mapping[str, Schema]:
    return {name: each.schema for name, (each, _) in lineage.properties(graph, row).items()}


def _same_names(
    graph: Graph, at: Span, source: tuple[str, Mapping[str, Schema]], target: tuple[str, Mapping[str, Schema]]
) -> Iterator[Step]:
    folded = {fold(name): name for name in target[1]}
    for name, schema in source[1].items():
        other = folded.get(fold(name))
        if other is not None:
            wanted = target[1][other]
            path = f"{source[0]}.{name} → {target[0]}.{other}"
            yield Step(at, path, lineage.protection(graph, schema), lineage.protection(graph, wanted), wanted.at.span, name)


# --- purposes and retention -------------------------------------------------------------------------------------------


def purposes(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-without-purpose` (warning): others may read a personal column, and nothing says what for.

    Personal data are processed for a purpose that is said (GDPR, article 5), and the data contract of the table is where readers look.

        stores:
          warehouse:
            tables:
              customers: {published: true, row: {type: object, properties: {email: {type: string, x-classification: personal}}}}

    Fix: add `x-purpose` with the reason to the column, or do not publish it.
    """
    for table in graph.tables:
        if not table.table.published:
            continue
        for name, (each, _) in lineage.properties(graph, table.table.row).items():
            found = lineage.protection(graph, each.schema)
            if found.level and found.purpose is None:
                message = f'"{name}" of "{table.id}" is {found.classification} and published, and nothing says why it is processed'
                related = (Related(found.at, "protected here"),) if found.at is not None and found.at != each.at.span else ()
                yield Diagnostic("personal-without-purpose", each.at.span, message, "x-purpose: and why", Severity.WARNING, related)


def retentions(graph: Graph) -> Iterator[Diagnostic]:
    """`copy-outlives-source` (warning): a personal value is kept longer in a copy than where it comes from.

    What the source has to delete after a year is then still there, where nobody looks for it.

        stores: {customer-db: {retention: 1y, …}, warehouse: {retention: 3y, …}}

    Fix: keep the copy no longer than its source, or leave the personal field out of it.
    """
    for pipeline in graph.pipelines:
        if not any(_strictest(graph, each).level for each in lineage.record(graph, pipeline).values()):
            continue
        for source, kept, source_at in _sources(graph, pipeline):
            for target, time, at in _targets(graph, pipeline):
                if time is None or time > kept:
                    how = f"for {time}" if time is not None else "for ever"
                    message = f'personal values of {source} are kept there for {kept}, and in "{target}" {how}'
                    related = (Related(source_at, "where they come from"),)
                    yield Diagnostic("copy-outlives-source", at, message, f"retention: {kept} or less", Severity.WARNING, related)


def _sources(graph: Graph, pipeline: Pipeline) -> Iterator[tuple[str, Duration, Span]]:
    """Stores that say how long they keep what a pipeline reads; a topic's retention says nothing of how long its facts may be kept."""
    for source in pipeline.sources:
        if source.access is None:
            continue
        store = source.access.store
        if source.table is not None and source.table.table.retention is not None:
            yield f'"{source.table.id}"', source.table.table.retention, source.table.at["retention"]
        elif store.retention is not None:
            yield f'"{source.access.owner.name}.{store.name}"', store.retention, store.at["retention"]


def _targets(graph: Graph, pipeline: Pipeline) -> Iterator[tuple[str, Duration | None, Span]]:
    """Where personal values of a pipeline go, and how long they are kept there."""
    personal = [each.target for each in lineage.fields(graph, pipeline) if lineage.origin_protection(graph, each)[0].level]
    for target in pipeline.targets:
        if target.table is not None and target in personal:
            yield target.table.id, *_kept(target.table, target.at.span)
    quarantine = pipeline.flow.quarantine
    if quarantine is not None and quarantine.retention is not None:
        yield quarantine.table, quarantine.retention, quarantine.at["retention"]


def _kept(table: StoreTable, at: Span) -> tuple[Duration | None, Span]:
    if table.table.retention is not None:
        return table.table.retention, table.at["retention"]
    return table.store.retention, table.store.at["retention"] if table.store.retention is not None else at


# --- third parties ----------------------------------------------------------------------------------------------------


def disclosures(graph: Graph) -> Iterator[Diagnostic]:
    """`unclassified-disclosure` (warning): a third party is said to be given a personal field, and no type that has it says that it is
    personal.

    So nothing keeps it out of logs and copies. What a third party calls by a name of its own is left alone.

        externals: {mail-relay: {receives: [email], …}}

    Fix: say `x-classification: personal`, and an `x-purpose`, at the property of that name.
    """
    told = [(external, name) for external in graph.externals for name in external.receives]
    fields: dict[str, list[Schema]] = {}
    for schema in every_schema(graph) if told else ():
        for each in schema.properties:
            fields.setdefault(fold(each.name), []).append(each.schema)
    for external, name in told:
        found = fields.get(fold(name), [])
        if found and not any(lineage.protection(graph, each).level for each in found):
            first = min(found, key=lambda each: each.at.span)
            message = f'"{external.name}" is given "{name}" as a personal field, and nothing classifies it'
            related = (Related(first.at.span, "not classified"),)
            help = "x-classification: personal, and x-purpose: and why"
            yield Diagnostic("unclassified-disclosure", external.at["receives"], message, help, Severity.WARNING, related)


RULES = (declassified, purposes, retentions, disclosures)
