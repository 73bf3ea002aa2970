"""A random component that moves data: tables with odd columns, and a flow between them with checks, look-ups and every rule of a mapping."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Contract = dict[str, Any]
COLUMNS = ("id", "str", "count", "row", "select", "order", "Name", "lambda_", "isinstance", "N1", "index", "user")
"""What means something to Python, to SQL or to a named tuple, or is told apart by case alone."""
TYPES: dict[str, Contract] = {
    "text": {"type": "string"},
    "mail": {"type": "string", "format": "email"},
    "uuid": {"type": "string", "format": "uuid"},
    "time": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "decimal": {"type": "string", "format": "decimal"},
    "enum": {"type": "string", "enum": ["a'b", "{{ c }}", "null"]},
    "whole": {"type": "integer"},
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}
RULES: dict[str, tuple[Contract, ...]] = {
    "text": ({}, {"rule": "lower"}, {"rule": "upper"}, {"rule": "trim"}),
    "enum": ({"rule": "choose", "cases": {"a'b": "null", "null": "a'b"}},),
    "mail": ({"rule": "lower"},),
    "whole": ({}, {"rule": "convert", "unit_from": "g", "unit_to": "kg"}, {"rule": "cast", "to": "string"}),
    "number": ({"rule": "convert", "unit_from": "min", "unit_to": "s"}, {"rule": "cast", "to": "decimal"}),
    "flag": ({}, {"rule": "cast", "to": "string"}),
    "day": ({}, {"rule": "cast", "to": "date-time"}),
    "time": ({}, {"rule": "cast", "to": "date"}),
}
RESULTS = {"convert": "number", "string": "text", "decimal": "decimal", "date-time": "time", "date": "day"}
"""Type of what a rule, or a cast, makes."""
CAPTURED = {"text", "mail", "uuid", "time", "whole", "flag", "number"}
"""Types whose columns can be events without an agreement on how."""
CHECKS: dict[str, tuple[Contract, ...]] = {
    "text": ({"rule": "not_empty"}, {"rule": "pattern", "pattern": "[A-Z]{2,9}'?"}, {"rule": "one_of", "values": ["x", "%s", "{{ y }}"]}),
    "mail": ({"rule": "email_format"},),
    "whole": ({"rule": "range", "minimum": 1, "maximum": 9},),
    "number": ({"rule": "range", "maximum": 0.5},),
}


@st.composite
def movers(draw: st.DrawFn, is_captured: bool) -> Contract:
    """Everything is in one store, so that nothing needs a consent of others; the source's changes may be events as well."""
    names = draw(st.lists(st.sampled_from(COLUMNS), min_size=2, max_size=6, unique=True))
    kinds = {name: draw(st.sampled_from(sorted(CAPTURED if is_captured else TYPES))) for name in names}
    key = "key_of_it"
    source = {key: TYPES["text"], "changed": TYPES["time"], "gone": TYPES["flag"]} | {name: TYPES[kind] for name, kind in kinds.items()}
    mapping: Contract = {key: {}, "changed": {}}
    target = {key: TYPES["text"], "changed": TYPES["time"]}
    for name, kind in kinds.items():
        mapping[name] = draw(st.sampled_from(RULES.get(kind, ({},))))
        target[name] = _result(mapping[name], kind)
    checks = [
        {"field": name, **draw(st.sampled_from(CHECKS[kind])), "otherwise": draw(st.sampled_from(["reject", "quarantine", "stop"]))}
        for name, kind in kinds.items()
        if kind in CHECKS and draw(st.booleans())
    ]
    flow: Contract = {
        "sources": {"things": {"store": "mover.mover-db", "table": "things", "watermark": "changed"}},
        "checks": checks,
        "mapping": mapping,
        "destinations": {"copies": {"store": "mover.mover-db", "table": "data.copies"}},
        "quarantine": {"store": "mover.mover-db", "table": "data.refused", "retention": "30d"},
        "thresholds": {"success_rate": "99.5%", "run_time": "90s"},
    }
    if draw(st.booleans()):
        flow["sources"]["things"]["tombstone"] = "gone"
    tables: Contract = {
        "things": {"row": _row(source, *(source if is_captured else (key, "changed", "gone"))), "key": [key]},
        "data.copies": {"row": _row(target, key), "key": [key]},
        "data.refused": {"row": REFUSED, "key": ["flow", "record_key"], "retention": "30d"},
    }
    runtime = {
        "kind": "job",
        "image": "registry.example.com/mover:1",
        "schedule": "*/10 * * * *",
        "timezone": "Asia/Seoul",
        "overdue": "1h",
    }
    store: Contract = {"kind": "postgresql", "host": "mover.example.com", "tables": tables}
    publishes: Contract = {}
    if is_captured:
        tables["things"]["captured_as"] = "ThingChanged"
        store["capture"] = {"cluster": "connect", "credentials": "mover-capture"}
        publishes = {"publishes": {"ThingChanged": {"version": "1.0.0", "payload": tables["things"]["row"], "key": key}}}
    return {
        "component": "mover",
        "stores": {"mover-db": store},
        **publishes,
        "flows": {"things": flow},
        "runtime": runtime,
    }


REFUSED: Contract = {
    "type": "object",
    "required": ["flow", "record_key", "reason", "rejected_at"],
    "properties": {
        **dict.fromkeys(("flow", "record_key", "reason", "record"), TYPES["text"]),
        "rejected_at": TYPES["time"],
    },
}


def _row(properties: Contract, *required: str) -> Contract:
    return {"type": "object", "required": list(required), "properties": properties}


def _result(mapped: Contract, kind: str) -> Contract:
    rule = str(mapped.get("rule", "copy"))
    made = RESULTS.get(str(mapped.get("to", rule)), kind)
    return TYPES["text"] if kind == "enum" and rule == "choose" else TYPES[made]


@st.composite
def moving_systems(draw: st.DrawFn) -> Contract:
    """A system that only moves data; Debezium wraps rows in no envelope."""
    is_captured = draw(st.booleans())
    system = {"name": "moves", "owner": "team", "broker": {"kind": "kafka"}, **({"envelope": "none"} if is_captured else {})}
    environments = {"production": {"mesh": "none", "brokers": ["broker.example.com:9093"]}}
    return {"system": {"interlock": 1, "system": system, "environments": environments}, "mover": draw(movers(is_captured))}
