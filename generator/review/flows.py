"""Flows know what they handle: every field that they name exists, checks can be kept, and look-ups find something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Lookup, Pipeline
from generator.lineage import RecordField
from generator.model import FlowCheck, Schema
from generator.review.fits import is_comparable
from generator.review.patterns import fault
from generator.review.schemas import a, did_you_mean


def fields(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-field`: a flow names a field that its record, or its result, does not have.

    The run would end at the first record, or write an empty column.

        flows:
          customers:
            sources:
              in: {store: shop.people-db, query: "SELECT email FROM people", row: {type: object, properties: {email: {type: string}}}}
            checks: [{field: mail, rule: not_empty}]

    Fix: spell the field as the source, the look-up or the mapping does; after the mapping only its own names are there.
    """
    for pipeline in graph.pipelines:
        record = lineage.record(graph, pipeline)
        if _is_known(graph, pipeline):
            yield from _before(graph, pipeline, record)
            yield from _after(pipeline, lineage.result_fields(pipeline, record))


def _is_known(graph: Graph, pipeline: Pipeline) -> bool:
    """Whether everything that the record is made of resolved: otherwise that is reported, and the rest would only repeat it."""
    whole = len(pipeline.sources) == len(pipeline.flow.sources) and len(pipeline.lookups) == len(pipeline.flow.enrichments)
    return whole and all(lineage.source_fields(graph, each) for each in pipeline.sources) and "*" not in graph.system.lost


def _before(graph: Graph, pipeline: Pipeline, record: Mapping[str, RecordField]) -> Iterator[Diagnostic]:
    """What is named before the mapping: keys of a source, checks, what is looked up by, and what the mapping takes."""
    flow = pipeline.flow
    for source in pipeline.sources:
        own = lineage.source_fields(graph, source)
        what = f'the source "{source.source.name}"'
        yield from _missing(source.source.key, own, source.at["key"], what)
        yield from _missing([source.source.watermark], own, source.at["watermark"], what)
        yield from _missing([source.source.tombstone], own, source.at["tombstone"], what)
    for check in flow.checks:
        yield from _missing([check.field], record, check.at["field"], "the record")
    names = [each.name for each in flow.enrichments]
    for enrichment in flow.enrichments:
        known = {name: each for name, each in record.items() if name != enrichment.name or name not in names}
        for given in enrichment.given:
            yield from _missing([given.field], known, given.at.span, "the record")
        yield from _missing([enrichment.key], known, enrichment.at["key"], "the record")
    for mapped in flow.mapping:
        key = "of" if mapped.rule == "concat" else "from"
        yield from _missing(lineage.taken(mapped.name, mapped), record, mapped.at[key], "the record")


def _after(pipeline: Pipeline, known: Sequence[str]) -> Iterator[Diagnostic]:
    """What is named after the mapping: fields and keys of destinations, and what stands in the braces of an entry."""
    for target in pipeline.targets:
        destination = target.destination
        yield from _missing(destination.fields, known, destination.at["fields"], "the result")
        yield from _missing(destination.key, known, destination.at["key"], "the result")
        if destination.entry is not None:
            yield from _missing(lineage.entry_fields(destination.entry), known, destination.at["entry"], "the result")


def _missing(wanted: Iterable[str | None], known: Iterable[str], at: Span, what: str) -> Iterator[Diagnostic]:
    names = list(known)
    for name in wanted:
        if name is not None and name not in names:
            yield Diagnostic("unknown-field", at, f'{what} has no field "{name}"', did_you_mean(name, names))


# --- sources and checks -----------------------------------------------------------------------------------------------


def sources(graph: Graph) -> Iterator[Diagnostic]:
    """`untyped-query`, `source-without-key`: nothing says what a query gives, or what tells one record of a source from another.

    Without a key nobody can say which record was refused, nor which row of a destination it belongs to.

        sources: {orders: {store: shop.orders-db, query: "SELECT id FROM orders"}}

    Fix: say `row` with a type for the query, and `key: [id]` at the source or its table.
    """
    for pipeline in graph.pipelines:
        for source in pipeline.sources:
            if source.source.query is not None and source.source.row is None:
                message = f'nothing says what the query of "{source.source.name}" gives'
                yield Diagnostic("untyped-query", source.at["query"], message, "row: and the name of a type, or a type")
            elif source.access is not None and not source.key:
                message = f'nothing tells one record of "{source.source.name}" from another'
                yield Diagnostic("source-without-key", source.at.span, message, "key: [id]; or a key of its table")


NEEDS: Mapping[str, tuple[str, str]] = {
    "pattern": ("pattern", 'pattern: "^[A-Z]{2}$"'),
    "range": ("minimum", "minimum: or maximum:"),
    "one_of": ("values", "values: [new, paid]"),
}
CHECKED_TYPES: Mapping[str, tuple[str, ...]] = {
    "email_format": ("string",),
    "pattern": ("string",),
    "range": ("integer", "number"),
    "one_of": ("string", "integer", "number", "boolean"),
}


def checks(graph: Graph) -> Iterator[Diagnostic]:
    """`incomplete-check`, `invalid-pattern`, `check-mismatch`, `impossible-bounds`: a check says too little, or no value of its field
    can keep it.

    Either everything passes, or every record of every run is refused.

        checks: [{field: age, rule: range}]

    Fix: give a `pattern`, a `minimum` or `maximum`, or `values`, as the rule asks; with a pattern that all engines read, bounds in
    order, and a field of the type that the rule is about.
    """
    for pipeline in graph.pipelines:
        record = lineage.record(graph, pipeline)
        for check in pipeline.flow.checks:
            yield from _check(graph, check, record.get(check.field))
        for check, table in pipeline.references:
            column = lineage.properties(graph, table.table.row).get(check.column or "")
            field = record.get(check.field)
            if column is not None and field is not None:
                what = f'"{check.column}" of "{table.id}"'
                yield from _differs(graph, "check-mismatch", check.at["column"], field, what, column[0].schema)


def _check(graph: Graph, check: FlowCheck, field: RecordField | None) -> Iterator[Diagnostic]:
    says = {
        "pattern": check.pattern is not None,
        "range": check.minimum is not None or check.maximum is not None,
        "one_of": bool(check.values),
    }
    if not says.get(check.rule, True):
        message = f'nothing says what "{check.field}" must be'
        yield Diagnostic("incomplete-check", check.at["rule"], message, NEEDS[check.rule][1])
    if check.pattern is not None and (found := fault(check.pattern)) is not None:
        yield Diagnostic("invalid-pattern", check.at["pattern"], found.message, found.help)
    if check.minimum is not None and check.maximum is not None and check.minimum > check.maximum:
        message = f'"{check.field}" is to be at least {check.minimum} and at most {check.maximum}'
        yield Diagnostic("impossible-bounds", check.at["maximum"], message, f"maximum: {check.minimum} or more")
    schema = graph.resolve(field.schema) if field is not None and field.schema is not None else None
    wanted = CHECKED_TYPES.get(check.rule)
    if schema is None or schema.type is None or wanted is None:
        return
    if schema.type not in wanted and not (check.rule == "range" and schema.format == "decimal"):
        message = f'"{check.field}" is {a(lineage.type_name(graph, schema))}, which {check.rule} says nothing of'
        yield Diagnostic("check-mismatch", check.at["rule"], message, f"a field of type {' or '.join(wanted)}")
    elif check.rule == "one_of" and schema.enum and not set(check.values) & set(schema.enum):
        message = f'no value that "{check.field}" may have is among those that are allowed'
        yield Diagnostic("check-mismatch", check.at["values"], message, f"it has: {', '.join(schema.enum[:12])}")


def _differs(graph: Graph, code: str, at: Span, field: RecordField, what: str, wanted: Schema) -> Iterator[Diagnostic]:
    if field.schema is None:
        return
    given, other = graph.resolve(field.schema), graph.resolve(wanted)
    if not is_comparable(given, other):
        message = f'"{field.name}" is {a(lineage.type_name(graph, given))}, and {what} is {a(lineage.type_name(graph, other))}'
        related = (Related(field.at.span, "the field"), Related(wanted.at.span, "what it is compared with"))
        yield Diagnostic(code, at, message, "a field of the same type", related=related)


def quarantines(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-quarantine`, `quarantine-without-retention` (warning): refused records have nowhere to go, or personal ones stay for ever.

    What is kept aside is a copy like any other: it holds what was refused, often personal, and nobody looks after it.

        checks: [{field: email, rule: not_empty, otherwise: quarantine}]

    Fix: say `quarantine: {store: shop.warehouse, table: rejects, retention: 30d}` in the flow; or `otherwise: reject`.
    """
    for pipeline in graph.pipelines:
        flow = pipeline.flow
        if flow.quarantine is None:
            for check in flow.checks:
                if check.otherwise == "quarantine":
                    message = f'records whose "{check.field}" is refused are kept aside, and nothing says where'
                    help = "quarantine: {store: …, table: …} in the flow; or otherwise: reject"
                    yield Diagnostic("unknown-quarantine", check.at["otherwise"], message, help)
            continue
        table = _quarantine_retention(graph, pipeline)
        protected = [each for each in lineage.record(graph, pipeline).values() if lineage.protection(graph, each.schema).level]
        if protected and not table:
            message = f'refused records hold "{protected[0].name}", which is personal, and nothing says how long they are kept'
            at = lineage.protection(graph, protected[0].schema).at
            related = (Related(at, "protected here"),) if at else ()
            yield Diagnostic("quarantine-without-retention", flow.quarantine.at.span, message, "retention: 30d", Severity.WARNING, related)


def _quarantine_retention(graph: Graph, pipeline: Pipeline) -> bool:
    quarantine = pipeline.flow.quarantine
    if quarantine is None or pipeline.quarantine is None or quarantine.retention is not None:
        return True
    store = pipeline.quarantine.store
    own = [each for each in store.tables if each.name == quarantine.table]
    return store.retention is not None or any(each.retention is not None for each in own)


# --- look-ups ---------------------------------------------------------------------------------------------------------


def lookups(graph: Graph) -> Iterator[Diagnostic]:
    """`unused-enrichment` (info), `shadowed-field` (warning), `ambiguous-look-up`, `incomplete-look-up`, `type-mismatch`,
    `unknown-property`: what is looked up is used by nobody, hides a field of the source, or cannot be found: by one column of a key of
    several, by a value of another type, without what the request always needs, or with what it does not have.

    Each record pays for the look-up, and gets nothing, or another record's answer.

        enrichments: {segment: {api: shop.segments, operation: getSegment, with: {}, take: segment}}

    Fix: map what is looked up, or leave it out, under a name that no source has; look it up in a table by its only key column, by a field
    of that type; give in `with` all that the request needs, spelt as it is there.
    """
    for pipeline in graph.pipelines:
        used, record = _used(pipeline), lineage.record(graph, pipeline)
        for lookup in pipeline.lookups:
            enrichment = lookup.enrichment
            if pipeline.flow.mapping and enrichment.name not in used:
                message = f'"{enrichment.name}" is looked up for each record, and nothing uses it'
                yield Diagnostic("unused-enrichment", lookup.at.span, message, "map it, or leave it out", Severity.INFO)
            hidden = [each.source.name for each in pipeline.sources if enrichment.name in lineage.source_fields(graph, each)]
            if hidden:
                message = f'"{enrichment.name}" is a field of "{hidden[0]}" as well, and what is looked up takes its place'
                yield Diagnostic("shadowed-field", lookup.at.span, message, "give it a name of its own", Severity.WARNING)
            yield from _request(graph, lookup, record)
            yield from _lookup_key(graph, lookup, record)


def _used(pipeline: Pipeline) -> set[str]:
    taken = {name for each in pipeline.flow.mapping for name in lineage.taken(each.name, each)}
    taken |= {each.field for each in pipeline.flow.checks}
    taken |= {given.field for each in pipeline.flow.enrichments for given in each.given}
    return taken | {each.key for each in pipeline.flow.enrichments if each.key is not None}


def _request(graph: Graph, lookup: Lookup, record: Mapping[str, RecordField]) -> Iterator[Diagnostic]:
    """What the operation is asked with: properties of its request, or parameters."""
    if lookup.method is None:
        return
    known = request_fields(graph, lookup)
    for given in lookup.enrichment.given:
        if given.name not in known:
            message = f'the request of "{lookup.method.name}" has no "{given.name}"'
            yield Diagnostic("unknown-property", given.at.span, message, did_you_mean(given.name, known))
        elif given.field in record:
            what = f'"{given.name}" of "{lookup.method.name}"'
            yield from _differs(graph, "type-mismatch", given.at.span, record[given.field], what, known[given.name][0])
    given_names = {each.name for each in lookup.enrichment.given}
    missing = sorted(name for name, (_, is_required) in known.items() if is_required and name not in given_names)
    if missing:
        message = f'"{lookup.method.name}" is always asked with "{missing[0]}", and nothing gives it'
        yield Diagnostic("incomplete-look-up", lookup.at["with"], message, f"with: {{{missing[0]}: and a field of the record}}")


def request_fields(graph: Graph, lookup: Lookup) -> Mapping[str, tuple[Schema, bool]]:
    """Name, type, and whether it is always needed, of what an operation may be asked with."""
    if lookup.method is None:
        return {}
    found = {each.name: (each.schema, bool(each.required)) for each in lookup.method.parameters if each.where in (None, "path", "query")}
    return found | {name: (each.schema, always) for name, (each, always) in lineage.properties(graph, lookup.method.request).items()}


def _lookup_key(graph: Graph, lookup: Lookup, record: Mapping[str, RecordField]) -> Iterator[Diagnostic]:
    if lookup.table is None:
        return
    key = lookup.table.table.key
    if len(key) != 1:
        what = f"has the key {', '.join(key)}" if key else "has no key"
        message = f'"{lookup.table.id}" {what}, and one field is to find a row of it'
        related = (Related(lookup.table.at.span, "the table"),)
        yield Diagnostic("ambiguous-look-up", lookup.at["table"], message, "a table with a key of one column", related=related)
        return
    column = lineage.properties(graph, lookup.table.table.row).get(key[0])
    field = record.get(lookup.enrichment.key or "")
    if column is not None and field is not None:
        what = f'"{key[0]}" of "{lookup.table.id}"'
        yield from _differs(graph, "type-mismatch", lookup.at["key"], field, what, column[0].schema)


RULES = (fields, sources, checks, quarantines, lookups)
