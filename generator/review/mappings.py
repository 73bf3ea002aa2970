"""Mappings make what their destinations hold: rules that are whole and fit their fields, and results of the right type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import conversions, lineage
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Pipeline, PipelineTarget
from generator.lineage import RecordField, TargetField
from generator.model import MappedField, Schema
from generator.review.fits import is_any, type_trouble
from generator.review.schemas import a, did_you_mean, is_lost

NEEDS: Mapping[str, tuple[str, ...]] = {
    "cast": ("to",), "concat": ("of",), "constant": ("value",), "convert": ("unit_from", "unit_to"), "choose": ("cases",),
}  # fmt: skip
"""What each rule must be told."""
MAY_HAVE: Mapping[str, tuple[str, ...]] = {"concat": ("separator",), "constant": ()}
"""What a rule asks for besides; the others for the field that they follow from, by default the one of the same name."""
TOLD: Mapping[str, str] = {
    "of": "of: [first_name, last_name]", "to": "to: decimal", "value": "value: web",
    "unit_from": "unit_from: g", "unit_to": "unit_to: kg", "cases": "cases: {new: open}",
}  # fmt: skip
SETTINGS = ("from", "of", "separator", "to", "value", "unit_from", "unit_to", "cases")


def rules(graph: Graph) -> Iterator[Diagnostic]:
    """`incomplete-mapping`, `meaningless-setting`: a rule is not told what it needs, or is told what it does not ask for.

    What is missing has no default that would be right; what is not asked for is believed to have an effect, and has none.

        mapping: {placed: {from: placed_at, rule: cast}}

    Fix: add what the rule needs: `to` for cast, `of` for concat, `value` for constant, `unit_from` and `unit_to` for convert, `cases` for
    choose; take out the rest.
    """
    for pipeline in graph.pipelines:
        for mapped in pipeline.flow.mapping:
            has = {
                "from": mapped.source is not None, "of": bool(mapped.sources), "to": mapped.to is not None, "value": mapped.value is not None,
                "unit_from": mapped.unit_from is not None, "unit_to": mapped.unit_to is not None, "cases": bool(mapped.cases),
                "separator": "separator" in mapped.at.keys,
            }  # fmt: skip
            for key in NEEDS.get(mapped.rule, ()):
                if not has[key] and key not in mapped.at.keys:
                    message = f'"{mapped.name}" is to follow by {mapped.rule}, and nothing says "{key}"'
                    yield Diagnostic("incomplete-mapping", mapped.at["rule"], message, TOLD[key])
            for key in SETTINGS:
                if has[key] and key not in (*NEEDS.get(mapped.rule, ()), *MAY_HAVE.get(mapped.rule, ("from",))):
                    message = f'"{mapped.name}" follows by {mapped.rule}, which asks for no "{key}"'
                    yield Diagnostic("meaningless-setting", mapped.at[key], message, "leave it out, or choose another rule")


def units(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-unit`, `unit-mismatch`: a unit that nobody knows, or two that measure different things.

    No factor leads from one to the other, and a guess would be wrong in every record.

        mapping: {weight: {from: length, rule: convert, unit_from: cm, unit_to: kg}}

    Fix: name two units of one kind, such as g and kg.
    """
    for pipeline in graph.pipelines:
        for mapped in pipeline.flow.mapping:
            if mapped.rule != "convert":
                continue
            known = True
            for key, unit in (("unit_from", mapped.unit_from), ("unit_to", mapped.unit_to)):
                if unit is not None and unit not in conversions.UNITS:
                    known = False
                    message = f'"{unit}" is no unit that is known'
                    yield Diagnostic("unknown-unit", mapped.at[key], message, did_you_mean(unit, conversions.UNITS))
            if known and mapped.unit_from is not None and mapped.unit_to is not None and conversions.factor(mapped) is None:
                first, second = conversions.UNITS[mapped.unit_from][0], conversions.UNITS[mapped.unit_to][0]
                message = f"{mapped.unit_from} measures {first}, and {mapped.unit_to} measures {second}"
                same = sorted(name for name, (what, _) in conversions.UNITS.items() if what == first)
                yield Diagnostic("unit-mismatch", mapped.at["unit_to"], message, f"one of {', '.join(same)}")


# --- what a rule can be given -----------------------------------------------------------------------------------------

TAKES: Mapping[str, tuple[str, ...]] = {
    "lower": ("string",), "upper": ("string",), "trim": ("string",), "convert": ("integer", "number"), "choose": ("string",),
    "concat": ("string", "integer", "number", "boolean"), "cast": ("string", "integer", "number", "boolean"),
}  # fmt: skip
NEVER: Mapping[str, tuple[str, ...]] = {"boolean": ("date", "date-time", "decimal"), "integer": ("date",), "number": ("date", "date-time")}
"""Casts that make no sense, by the type of the source."""
CAN: Mapping[str | None, tuple[str, ...]] = {
    "date-time": ("string", "date", "date-time"), "date": ("string", "date", "date-time"), "decimal": ("string", "decimal", "integer", "number"),
    "uuid": ("string",), "email": ("string",), "uri": ("string",), "hostname": ("string",), "ipv4": ("string",), "ipv6": ("string",),
    "time": ("string",), "duration": ("string",),
}  # fmt: skip
"""What a text of a format can be cast to."""


def inputs(graph: Graph) -> Iterator[Diagnostic]:
    """`type-mismatch`, `cast-may-fail` (warning), `unknown-case`: a rule is given what it cannot take, what it may not be able to
    read, or a case for a value that its field never has.

    Such a record ends in the quarantine or stops the run, one by one, in production.

        mapping: {total: {from: items, rule: lower}}

    Fix: choose a field or rule whose types go together; check the field before a cast with a `pattern`, and cast fractions to decimal;
    spell cases as the values are.
    """
    for pipeline in graph.pipelines:
        record = lineage.record(graph, pipeline)
        for mapped in pipeline.flow.mapping:
            for name in lineage.taken(mapped.name, mapped):
                field = record.get(name)
                if field is not None and field.schema is not None:
                    yield from _input(graph, pipeline, mapped, field, graph.resolve(field.schema))


def _input(graph: Graph, pipeline: Pipeline, mapped: MappedField, field: RecordField, schema: Schema) -> Iterator[Diagnostic]:
    takes = TAKES.get(mapped.rule)
    if takes is None or is_lost(schema) or (schema.type is None and not schema.one_of):
        return
    is_decimal = mapped.rule == "convert" and schema.format == "decimal"
    never = mapped.rule == "cast" and mapped.to is not None and not _can_cast(schema, mapped.to)
    at = mapped.at["to" if never else "of" if mapped.rule == "concat" else "from"]
    if never or (schema.type not in takes and not is_decimal):
        what = f"cast to {mapped.to}" if mapped.rule == "cast" else mapped.rule
        message = f'"{field.name}" is {a(lineage.type_name(graph, schema))}, which {what} cannot take'
        related = (Related(field.at.span, "the field"),)
        yield Diagnostic("type-mismatch", at, message, f"it takes {' or '.join(takes)}" if not never else "another type", related=related)
    elif mapped.rule == "cast":
        yield from _cast(pipeline, mapped, field, schema)
    elif mapped.rule == "choose" and schema.enum:
        for case in mapped.cases:
            if case.name not in schema.enum:
                message = f'"{field.name}" never is "{case.name}"'
                yield Diagnostic("unknown-case", case.at.span, message, did_you_mean(case.name, schema.enum))


def _can_cast(schema: Schema, to: str) -> bool:
    return to not in NEVER.get(schema.type or "", ()) and to in CAN.get(schema.format, (to,))


def _cast(pipeline: Pipeline, mapped: MappedField, field: RecordField, schema: Schema) -> Iterator[Diagnostic]:
    is_checked = any(each.field == field.name and each.rule in ("pattern", "one_of") for each in pipeline.flow.checks)
    is_sure = schema.format in CAN or bool(schema.pattern or schema.enum)
    if schema.type == "string" and mapped.to not in ("string", None) and not is_checked and not is_sure:
        message = f'"{field.name}" is any text, which may not be {a(mapped.to)}'
        help = f"checks: [{{field: {field.name}, rule: pattern, pattern: …}}], so that such a record is refused with its reason"
        yield Diagnostic("cast-may-fail", mapped.at["to"], message, help, Severity.WARNING)
    elif (schema.type == "number" or schema.format == "decimal") and mapped.to == "integer":
        message = f'"{field.name}" may have a fraction, which an integer loses'
        yield Diagnostic("cast-may-fail", mapped.at["to"], message, "to: decimal, or a target of type number", Severity.WARNING)


# --- what a destination wants -----------------------------------------------------------------------------------------


def results(graph: Graph) -> Iterator[Diagnostic]:
    """`type-mismatch`, `value-mismatch`, `format-not-assured` (warning), `unknown-column`, `optional-into-required`: what a mapping
    makes is not what its column, cached field or property holds, or is not always there.

    The database refuses the row, or a reader refuses the message, and the whole run with it.

        mapping: {total: {from: name}}
        types: {Row: {type: object, properties: {total: {type: number}}}}

    Fix: cast to the type that is wanted; choose among its values, or check with `rule: one_of`; check the format, or say it at the source;
    spell the column as the table does; check `not_empty`, or make it optional where it goes.
    """
    for pipeline in graph.pipelines:
        for field in lineage.fields(graph, pipeline):
            row = lineage.properties(graph, lineage.target_row(graph, pipeline, field.target))
            if not row:
                continue
            at = _place(field)
            if field.wanted is None:
                message = f'{_what(field.target)} has no "{field.name}"'
                help = did_you_mean(field.name, row)
                at = field.mapped.at.span if field.mapped is not None else at
                yield Diagnostic("unknown-column", at, message, help, related=_of_target(field.target))
                continue
            yield from _result(graph, pipeline, field, at)
            key_is_safe = field.name in field.target.key and field.is_optional
            if field.is_optional and (field.is_required or key_is_safe) and _is_told(pipeline):
                yield _absent(graph, field, at)


def _is_told(pipeline: Pipeline) -> bool:
    return len(pipeline.sources) == len(pipeline.flow.sources) and len(pipeline.lookups) == len(pipeline.flow.enrichments)


def _place(field: TargetField) -> Span:
    """The mapping's line; a field that stays as it is can only be changed where it goes."""
    if field.mapped is None:
        return field.target.at.span
    return field.mapped.at["from"] if "from" in field.mapped.at.keys else field.mapped.at["rule"]


def _what(target: PipelineTarget) -> str:
    if target.table is not None:
        return f'"{target.table.id}"'
    return f'"{target.topic.id}"' if target.topic is not None else f'the cache of "{target.destination.name}"'


def _of_target(target: PipelineTarget) -> tuple[Related, ...]:
    holder = target.table or target.topic
    return (Related(holder.at.span, "what is written to"),) if holder is not None else ()


def _absent(graph: Graph, field: TargetField, at: Span) -> Diagnostic:
    source = next((each for each in field.sources if each.is_optional), None)
    named = f'"{source.name}"' if source is not None else "its source"
    message = f'"{field.name}" of {_what(field.target)} is always there, and {named} may be missing'
    related = (Related(source.at.span, "may be missing"),) if source is not None else ()
    name = source.name if source is not None else field.name
    if source is not None and source.lookup is not None:
        help = "a fallback that always answers, such as default_response; or leave the column out of required"
    else:
        help = f"checks: [{{field: {name}, rule: not_empty}}]; or make it required at the source, or not at the destination"
    return Diagnostic("optional-into-required", at, message, help, related=related)


def _result(graph: Graph, pipeline: Pipeline, field: TargetField, at: Span) -> Iterator[Diagnostic]:
    assert field.wanted is not None
    if field.given is None or not _is_taken(graph, field):
        return
    given, wanted = graph.resolve(field.given), graph.resolve(field.wanted)
    if is_lost(given) or is_lost(wanted) or is_any(given) or is_any(wanted):
        return
    related = (Related(field.wanted.at.span, "what it becomes"),)
    if (trouble := type_trouble(graph, given, wanted)) is not None:
        help = _cure(given, wanted)
        yield Diagnostic("type-mismatch", at, f'"{field.name}" of {_what(field.target)} {trouble}', help, related=related)
    elif (trouble := _value_trouble(pipeline, field, given, wanted)) is not None:
        help = "rule: choose with cases; or a check of rule one_of"
        yield Diagnostic("value-mismatch", at, f'"{field.name}" of {_what(field.target)} {trouble}', help, related=related)
    elif wanted.format in CHECKED_BY and given.type == "string" and given.format is None and not _is_assured(pipeline, field, wanted):
        message = f'"{field.name}" of {_what(field.target)} is {a(wanted.format or "")}, and nothing says that "{_name(field)}" is one'
        yield Diagnostic("format-not-assured", at, message, CHECKED_BY[wanted.format], Severity.WARNING, related)


def _is_taken(graph: Graph, field: TargetField) -> bool:
    """Whether the rule can take what it is given: otherwise that is reported, and what it makes of it means nothing."""
    kinds = [graph.resolve(each.schema) for each in field.sources if each.schema is not None]
    takes = TAKES.get(field.rule)
    return takes is None or all(each.type in takes or each.format == "decimal" for each in kinds)


def _name(field: TargetField) -> str:
    return field.sources[0].name if field.sources else field.name


CHECKED_BY: Mapping[str | None, str] = {
    "email": "a check of rule email_format, or format: email at the source",
    "uri": "format: uri at the source, or a check of rule pattern",
    "hostname": "format: hostname at the source, or a check of rule pattern",
    "ipv4": "format: ipv4 at the source, or a check of rule pattern",
    "ipv6": "format: ipv6 at the source, or a check of rule pattern",
}


def _cure(given: Schema, wanted: Schema) -> str:
    casts = {"integer": "integer", "number": "number", "boolean": "boolean", "string": wanted.format or "string"}
    to = casts.get(wanted.type or "")
    can = given.type in TAKES["cast"] and to is not None and _can_cast(given, to)
    return f"rule: cast with to: {to}" if can and to in conversions.CAST_TYPES else "another field, or another type at the destination"


def _value_trouble(pipeline: Pipeline, field: TargetField, given: Schema, wanted: Schema) -> str | None:
    allowed = set(wanted.enum) | ({wanted.const} if wanted.const is not None else set())
    if not allowed or wanted.type != "string":
        return None
    values = set(given.enum) | ({given.const} if given.const is not None else set())
    if not values and field.rule in ("copy", "trim") and field.sources:
        checked = [set(each.values) for each in pipeline.flow.checks if each.field == _name(field) and each.rule == "one_of"]
        values = checked[0] if checked else set()
    if not values:
        return f"is one of {', '.join(sorted(allowed)[:6])}, and is given any text"
    other = sorted(values - allowed)
    return f'is never "{other[0]}", which it is given' if other else None


def _is_assured(pipeline: Pipeline, field: TargetField, wanted: Schema) -> bool:
    """A check says it, or the value is one of those that are known."""
    rules = ("pattern", "one_of", *(("email_format",) if wanted.format == "email" else ()))
    names = {each.name for each in field.sources}
    known = field.given is not None and bool(field.given.enum or field.given.const or field.given.pattern)
    return known or any(each.field in names and each.rule in rules for each in pipeline.flow.checks)


def unfilled(graph: Graph) -> Iterator[Diagnostic]:
    """`unfilled-column` (error, info): nobody fills what a destination has: an error where it is always there, else only an information.

    A row without a required column or its key is refused by the database.

        destinations: {warehouse: {store: shop.warehouse, table: orders}}

    Fix: map the column, and list it in `fields` where the destination lists them; or make it optional there.
    """
    for pipeline in graph.pipelines:
        if not _is_told(pipeline):
            continue
        for target in pipeline.targets:
            filled = lineage.written(pipeline, target, lineage.record(graph, pipeline))
            row = lineage.properties(graph, lineage.target_row(graph, pipeline, target))
            for name, (each, is_required) in row.items():
                if name not in filled and filled:
                    message = f'nothing fills "{name}" of {_what(target)}'
                    severity = Severity.ERROR if is_required or name in target.key else Severity.INFO
                    help = "map it" if target.destination.fields == () else "map it, and list it in fields"
                    yield Diagnostic("unfilled-column", target.at.span, message, help, severity, (Related(each.at.span, "the column"),))


def united(graph: Graph) -> Iterator[Diagnostic]:
    """`source-mismatch`: two sources of a flow give a field of one name and different types, or do not agree on what is the key, the
    watermark or the tombstone of a record.

    Checks and mapping are written once for the records of all sources, so that they fit only one of them.

        sources: {a: {row: {properties: {id: {type: string}}}}, b: {row: {properties: {id: {type: integer}}}}}

    Fix: give each source the same types, key, watermark and tombstone, by renaming and casting in its query; or a flow to each.
    """
    for pipeline in graph.pipelines:
        yield from _keys(pipeline)
        first: dict[str, tuple[str, RecordField]] = {}
        for source in pipeline.sources:
            for name, field in lineage.source_fields(graph, source).items():
                other, known = first.setdefault(name, (source.source.name, field))
                if known.schema is None or field.schema is None or known is field:
                    continue
                one, two = graph.resolve(known.schema), graph.resolve(field.schema)
                if not is_any(one) and not is_any(two) and (one.type, one.format) != (two.type, two.format):
                    message = f'"{name}" is {lineage.type_name(graph, two)} in "{source.source.name}", and {lineage.type_name(graph, one)} in "{other}"'
                    related = (Related(known.at.span, "the other"), Related(field.at.span, "this one"))
                    yield Diagnostic("source-mismatch", source.at.span, message, "a flow for each source, or one type", related=related)


def _keys(pipeline: Pipeline) -> Iterator[Diagnostic]:
    """What tells records apart, says which is newer, and that one is gone, is one field for all."""
    ordered = sorted(pipeline.sources, key=lambda each: each.at.span)
    for key, of in (
        ("key", [(each, each.key) for each in ordered]),
        ("watermark", [(each, (each.source.watermark or "",)) for each in ordered if each.topic is None]),
        ("tombstone", [(each, (each.source.tombstone or "",)) for each in ordered]),
    ):
        for source, names in of:
            first, known = of[0]
            if names != known:
                one, two = (", ".join(filter(None, each)) or "none" for each in (known, names))
                message = f'the {key} of "{source.source.name}" is {two}, and of "{first.source.name}" {one}'
                related = (Related(first.at[key], "the other"),)
                yield Diagnostic(
                    "source-mismatch", source.at[key], message, "the same for each source: a query can rename", related=related
                )


RULES = (rules, units, inputs, results, unfilled, united)
