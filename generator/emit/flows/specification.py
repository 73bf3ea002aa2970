"""The mapping of a flow: where each field of the target comes from, by which rule, with types, classification and purpose."""

from __future__ import annotations

from typing import Any

from generator.beam import fields, mapping, writing
from generator.beam.fields import Field
from generator.diagnostics import At
from generator.graph import Graph, Lookup, Pipeline, PipelineTarget
from generator.model import MappedField, Schema
from generator.text import generated_by, markdown_code, markdown_table, markdown_text, to_json

HEADS = ("Target field", "Type", "Source", "Source field", "Type", "Rule", "Classification", "Purpose")


def specification(graph: Graph, pipeline: Pipeline) -> dict[str, Any]:
    """All of it as data."""
    return {
        "flow": pipeline.id,
        "fields": [_field(graph, pipeline, each) for each in _mapping(graph, pipeline)],
        "destinations": [_destination(graph, pipeline, each) for each in writing.targets(pipeline)],
        "checks": [_check(each) for each in pipeline.flow.checks],
    }


def as_json(found: dict[str, Any]) -> str:
    return to_json(found)


def as_markdown(graph: Graph, pipeline: Pipeline, found: dict[str, Any], sources: tuple[At, ...]) -> str:
    """A table for people."""
    title = pipeline.flow.title or pipeline.id
    about = f"{markdown_text(pipeline.flow.summary)}\n\n" if pipeline.flow.summary else ""
    rows = [_row(each) for each in found["fields"]]
    text = (
        f"<!-- {generated_by(graph.name, sources[:1])} -->\n\n# Mapping of {markdown_text(title)}\n\n{about}{markdown_table(HEADS, rows)}"
    )
    text += (
        f"\n## Destinations\n\n{markdown_table(('Destination', 'Where', 'How', 'Fields'), map(_destination_row, found['destinations']))}"
    )
    if found["checks"]:
        text += f"\n## Checks\n\n{markdown_table(('Field', 'Rule', 'Otherwise'), map(_check_row, found['checks']))}"
    return text


def _mapping(graph: Graph, pipeline: Pipeline) -> list[MappedField]:
    """Without a mapping each field is copied."""
    if pipeline.flow.mapping:
        return sorted(pipeline.flow.mapping, key=lambda each: each.name)
    return [MappedField(name=name, source=name, at=pipeline.at) for name in sorted(fields.before_mapping(graph, pipeline))]


def _field(graph: Graph, pipeline: Pipeline, each: MappedField) -> dict[str, Any]:
    given, made = fields.before_mapping(graph, pipeline), fields.mapped(graph, pipeline)[each.name]
    names = list(each.sources) if each.rule == "concat" else [] if each.rule == "constant" else [each.source or each.name]
    origins = [_origin(graph, pipeline, name, given.get(name)) for name in names]
    found: dict[str, Any] = {
        "target": each.name,
        "type": type_words(graph, made),
        "from": origins,
        "rule": each.rule,
        "meaning": mapping.words(each),
    }
    level, purpose = _protection(graph, [given[name].schema for name in names if name in given])
    found |= {"classification": level} if level else {}
    found |= {"purpose": purpose} if purpose else {}
    return {**found, "description": each.description} if each.description else found


def _origin(graph: Graph, pipeline: Pipeline, name: str, field: Field | None) -> dict[str, Any]:
    found = {"field": name, "type": type_words(graph, field) if field else "unknown"}
    lookup = next((each for each in pipeline.lookups if each.enrichment.name == name), None)
    where = _asked(lookup) if lookup is not None else ", ".join(sorted(_read(pipeline, graph, name)))
    return {"source": where, **found}


def _asked(lookup: Lookup) -> str:
    if lookup.call is not None and lookup.method is not None:
        return f"{lookup.call.target}.{lookup.method.name}: {lookup.enrichment.take}"
    return f"{lookup.table.id}: {lookup.enrichment.take}" if lookup.table else ""


def _read(pipeline: Pipeline, graph: Graph, name: str) -> list[str]:
    return [each.source.name for each in pipeline.sources if name in fields.of_type(graph, each.row)]


def type_words(graph: Graph, field: Field) -> str:
    """The contract's type and format; where a rule made the value, its kind."""
    if field.schema is None:
        return field.kind
    resolved = graph.resolve(field.schema)
    format = resolved.format or ("enum" if resolved.enum else None)
    plain = f"{resolved.type or field.kind}{f' ({format})' if format else ''}"
    return f"{plain}, {field.schema.ref}" if field.schema.ref else plain


def _protection(graph: Graph, schemas: list[Schema | None]) -> tuple[str | None, str | None]:
    """The strictest classification of what a field is made of, and the purpose that goes with it."""
    levels = ("public", "internal", "personal", "sensitive", "secret")
    marked = [each for schema in schemas if schema is not None for each in (schema, graph.resolve(schema))]
    found = [(levels.index(each.classification), each.purpose) for each in marked if each.classification is not None]
    if not found:
        return None, None
    strictest = max(rank for rank, _ in found)
    return levels[strictest], next((purpose for rank, purpose in found if rank == strictest and purpose), None)


def _destination(graph: Graph, pipeline: Pipeline, target: PipelineTarget) -> dict[str, Any]:
    made = fields.mapped(graph, pipeline)
    found: dict[str, Any] = {"name": target.destination.name}
    if target.topic is not None:
        names = [each for each in sorted(writing.written(target, made)) if each in fields.of_type(graph, target.topic.event.payload)]
        return found | {"event": target.topic.id, "topic": target.topic.address, "fields": names}
    assert target.access is not None
    found |= {"store": f"{target.access.owner.name}.{target.access.store.name}", "engine": target.access.store.kind}
    if target.table is not None:
        return found | {
            "table": target.table.table.name,
            "mode": target.destination.mode,
            "key": list(target.key),
            "columns": writing.columns(graph, target, made),
        }
    ttl = {"ttl": str(target.destination.ttl)} if target.destination.ttl else {}
    return found | {"entry": target.destination.entry, **ttl, "fields": sorted(writing.written(target, made))}


def _check(check: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"field": check.field, "rule": check.rule}
    settings = {"pattern": check.pattern, "minimum": check.minimum, "maximum": check.maximum, "values": sorted(check.values) or None}
    settings |= {"store": check.store, "table": check.table, "column": check.column}
    return {**found, **{name: value for name, value in settings.items() if value is not None}, "otherwise": check.otherwise}


def _row(found: dict[str, Any]) -> list[str]:
    origins = found["from"]
    return [
        markdown_code(found["target"]),
        markdown_text(found["type"]),
        markdown_text(", ".join(dict.fromkeys(each["source"] for each in origins))),
        ", ".join(markdown_code(each["field"]) for each in origins),
        markdown_text("; ".join(dict.fromkeys(each["type"] for each in origins))),
        markdown_text("; ".join(filter(None, [found["meaning"], found.get("description")]))),
        found.get("classification", ""),
        markdown_text(found.get("purpose", "")),
    ]


def _destination_row(found: dict[str, Any]) -> list[str]:
    if "event" in found:
        where, how = f"topic {found['topic']}", f"message {found['event']}"
    elif "table" in found:
        where, how = f"{found['store']}, table {found['table']}", f"{found['mode']} by {', '.join(found['key']) or 'nothing'}"
    else:
        where, how = f"{found['store']}, entry {found['entry']}", f"kept {found['ttl']}" if "ttl" in found else "kept"
    names = found["columns"] if "columns" in found else found["fields"]
    return [markdown_code(found["name"]), markdown_text(where), markdown_text(how), ", ".join(map(markdown_code, names))]


def _check_row(found: dict[str, Any]) -> list[str]:
    settings = {name: value for name, value in found.items() if name not in ("field", "rule", "otherwise")}
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    return [markdown_code(found["field"]), markdown_text(f"{found['rule']}{f': {told}' if told else ''}"), found["otherwise"]]
