"""Where a column comes from: the fields that the pipelines make it from, and the rule between."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from generator.emit.data_contracts.datasets import DataSet
from generator.lineage import TargetField
from generator.model import MappedField

Data = dict[str, Any]
WORDS: Mapping[str, str] = {
    "copy": "as it is",
    "lower": "in lower case",
    "upper": "in upper case",
    "trim": "without blanks at its ends",
    "cast": "as another type",
    "concat": "joined",
    "constant": "always the same",
    "convert": "in another unit",
    "choose": "other values for some",
}


def origins(each: DataSet, column: str) -> Data:
    """Nothing for a column that no pipeline writes."""
    fields = [(filling.pipeline.id, field) for filling in each.fillings for field in filling.fields if field.name == column]
    if not fields:
        return {}
    objects = sorted({str(origin) for _, field in fields for origin in field.origins})
    logic = _once(_logic(field) for _, field in fields)
    said = _once(f"{pipeline}: {_description(field)}" for pipeline, field in fields)
    return {
        **({"transformSourceObjects": objects} if objects else {}),
        "transformLogic": "; ".join(logic),
        "transformDescription": "; ".join(said),
    }


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def _description(field: TargetField) -> str:
    mapped = field.mapped
    keys = [each.lookup.enrichment for each in field.sources if each.lookup is not None]
    found = [(each.key, *(given.field for given in each.given)) for each in keys]
    by = _once(name for each in found for name in each if name)
    looked_up = f", looked up by {', '.join(by)}" if by else ""
    return ((mapped.description if mapped else None) or WORDS[field.rule]) + looked_up


def _logic(field: TargetField) -> str:
    """The rule as an expression in the manner of SQL, on the fields of the record."""
    mapped = field.mapped
    if mapped is None:
        return field.name
    source = mapped.source or ""
    expressions = {
        "copy": source,
        "lower": f"lower({source})",
        "upper": f"upper({source})",
        "trim": f"trim({source})",
        "cast": f"cast({source} as {mapped.to})",
        "concat": f" || {_text(mapped.separator)} || ".join(mapped.sources),
        "constant": _constant(mapped.value),
        "convert": f"convert({source}, {_text(mapped.unit_from or '')}, {_text(mapped.unit_to or '')})",
        "choose": _choice(mapped),
    }
    return expressions[mapped.rule]


def _choice(mapped: MappedField) -> str:
    cases = " ".join(f"when {_text(each.name)} then {_text(each.value)}" for each in mapped.cases)
    return f"case {mapped.source} {cases} else {mapped.source} end"


def _constant(value: object) -> str:
    return _text(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
