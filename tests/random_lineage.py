"""Random flows whose lineage is looked at: some of which a good part is wrong, and some whose origins are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from random_contracts import Contract

COLUMNS = ("id", "email", "order_id", "total", "placed_at", "note", "state", "customerId", "x1", "y_2")
SCALARS: tuple[Contract, ...] = (
    {"type": "string"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "decimal"},
    {"type": "string", "enum": ["new", "paid"]},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "object"},
    {"type": "array", "items": {"type": "string"}},
)
LEVELS = (None, None, None, "public", "internal", "personal", "sensitive", "secret")
RULES = ("copy", "lower", "upper", "trim", "cast", "concat", "constant", "convert", "choose")
TYPES = ("string", "integer", "number", "boolean", "date", "date-time", "decimal")
UNITS = ("ms", "h", "g", "kg", "cents", "parsecs")
SCHEDULES = ("*/15 * * * *", "0 4 * * 1-5", "0 0 31 2 *", "5 4 29 2 *", "0 */15 * * * *", "@daily", "61 * * * *", "0 4 1 1 *")
ENTRIES = ("order:{id}", "{customerId}", "a:{x1}:{nobody}")
DURATIONS = ("0s", "1m", "15m", "1h", "7d", "3y")


@st.composite
def rows(draw: st.DrawFn) -> Contract:
    names = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6, unique=True))
    properties = {}
    for name in names:
        schema = dict(draw(st.sampled_from(SCALARS)))
        level = draw(st.sampled_from(LEVELS))
        properties[name] = schema | ({"x-classification": level} if level else {})
    return {"type": "object", "required": [name for name in names if draw(st.booleans())], "properties": properties}


NAMES = st.sampled_from((*COLUMNS, "nobody"))
"""Columns, most of which a row has."""
QUERIES = st.sampled_from(
    (
        "SELECT id, email FROM orders WHERE placed_at > :last_sync_time",
        "SELECT * FROM orders",
        "SELECT o.id, lower(o.email) AS email, count(*) AS total FROM orders o JOIN items i ON i.order_id = o.id GROUP BY 1, 2",
        "WITH x AS (SELECT * FROM orders) SELECT id, total FROM x UNION ALL SELECT id, total FROM items",
        "SELECT id FROM orders; DELETE FROM orders",
        "SELECT '${x}' AS id, {{ y }} FROM orders",
        "DROP TABLE orders",
        "SELECT (((",
        "select",
        "",
        "id",
        "SELECT id FROM a.b.c.d WHERE x = $1 AND y = %s AND z = :z",
        "SELECT id, sum(total) OVER (PARTITION BY email) AS total FROM orders, LATERAL (SELECT 1) AS l",
        'SELECT "customerId", customerId AS x1 FROM orders ORDER BY 1 FOR UPDATE',
        "SELECT 1; ; SELECT 2",
        "SELECT 'never closed",
        "SELECT id FROM orders GROUP BY 7",
        "SELECT row_to_json(o) AS note, o.id FROM orders o",
    )
)
OVERLAPS = st.sampled_from(DURATIONS)
SOURCES = st.one_of(
    st.fixed_dictionaries(
        {"store": st.just("shop.orders-db"), "table": st.sampled_from(("orders", "items", "gone"))},
        optional={"watermark": NAMES, "tombstone": NAMES, "key": st.lists(NAMES, min_size=1, max_size=2), "overlap": OVERLAPS},
    ),
    st.fixed_dictionaries(
        {"store": st.just("shop.orders-db"), "query": QUERIES},
        optional={"row": rows() | st.just("shop.Order"), "key": st.lists(NAMES, max_size=2), "watermark": NAMES, "tombstone": NAMES},
    ),
    st.just({"event": "shop.OrderPlaced"}),
)
CHECKS = st.fixed_dictionaries(
    {"field": NAMES, "rule": st.sampled_from(("email_format", "not_empty", "pattern", "range", "one_of", "reference"))},
    optional={
        "otherwise": st.sampled_from(("reject", "quarantine", "stop")),
        "minimum": st.integers(-3, 3),
        "maximum": st.integers(-3, 3),
        "pattern": st.sampled_from(("^a$", "(")),
        "values": st.lists(st.sampled_from(("new", "x")), max_size=2, unique=True),
        "store": st.just("shop.orders-db"),
        "table": st.sampled_from(("items", "gone")),
        "column": NAMES,
    },
)
ENRICHMENTS = st.one_of(
    st.fixed_dictionaries(
        {
            "api": st.just("scoring.scores"),
            "operation": st.sampled_from(("getScore", "getNothing")),
            "with": st.dictionaries(st.sampled_from(("orderId", "day", "colour")), NAMES, max_size=2),
            "take": st.sampled_from(("grade", "gone")),
        }
    ),
    st.fixed_dictionaries({"store": st.just("shop.orders-db"), "table": st.just("items"), "key": NAMES, "take": NAMES}),
)
MAPPED = st.fixed_dictionaries(
    {"rule": st.sampled_from(RULES)},
    optional={
        "from": NAMES,
        "of": st.lists(NAMES, max_size=3),
        "to": st.sampled_from(TYPES),
        "value": st.sampled_from(("web", 1, 1.5, True, {"a": [1]})),
        "unit_from": st.sampled_from(UNITS),
        "unit_to": st.sampled_from(UNITS),
        "cases": st.dictionaries(st.sampled_from(("new", "gone", "true")), st.sampled_from(("open", "paid")), max_size=2),
        "separator": st.just("-"),
    },
)
DESTINATIONS = st.one_of(
    st.fixed_dictionaries(
        {"store": st.just("sync.warehouse"), "table": st.sampled_from(("orders", "more"))},
        optional={
            "mode": st.sampled_from(("upsert", "append")),
            "key": st.lists(NAMES, max_size=2),
            "fields": st.lists(NAMES, max_size=3, unique=True),
        },
    ),
    st.fixed_dictionaries(
        {"store": st.just("sync.cache"), "entry": st.sampled_from(ENTRIES)}, optional={"ttl": st.sampled_from(DURATIONS)}
    ),
    st.just({"event": "OrderCopied"}),
)
THRESHOLDS = st.fixed_dictionaries({}, optional={"run_time": st.sampled_from(DURATIONS), "freshness": st.sampled_from(DURATIONS)})
FLOWS = st.fixed_dictionaries(
    {
        "sources": st.dictionaries(st.sampled_from(("in", "more")), SOURCES, min_size=1, max_size=2),
        "destinations": st.dictionaries(st.sampled_from(("out", "again", "third")), DESTINATIONS, min_size=1, max_size=3),
    },
    optional={
        "checks": st.lists(CHECKS, max_size=3),
        "enrichments": st.dictionaries(st.sampled_from(("grade", "price", "email")), ENRICHMENTS, max_size=2),
        "mapping": st.dictionaries(st.sampled_from((*COLUMNS, "class")), MAPPED, max_size=5),
        "quarantine": st.just({"store": "sync.warehouse", "table": "refused"}),
        "schedule": st.sampled_from(SCHEDULES),
        "timezone": st.sampled_from(("Europe/Vienna", "Mars/Base")),
        "thresholds": THRESHOLDS,
        "volume": st.integers(0, 10**6),
        "peak": st.integers(0, 10**6),
    },
)
CACHES = st.fixed_dictionaries(
    {"level": st.sampled_from(("l1", "l2", "l3", "cdn"))},
    optional={
        "store": st.just("sync.cache"),
        "entry": st.sampled_from(ENTRIES),
        "holds": rows() | st.sampled_from(("shop.Order", "Gone")),
        "ttl": st.sampled_from(DURATIONS),
        "stale": st.sampled_from(DURATIONS),
        "warmed_by": st.lists(st.sampled_from(("sync.one", "shop.OrderPlaced", "sync.gone")), max_size=2, unique=True),
        "invalidated_by": st.lists(st.sampled_from(("shop.OrderPlaced", "sync.OrderCopied")), max_size=2, unique=True),
    },
)
PROJECTIONS = st.fixed_dictionaries(
    {
        "from": st.lists(st.sampled_from(("shop.OrderPlaced", "sync.OrderCopied")), min_size=1, max_size=2, unique=True),
        "store": st.just("sync.warehouse"),
    },
    optional={
        "table": st.sampled_from(("orders", "more")),
        "rebuilt": st.sampled_from(("replay", "snapshot", "never")),
        "history": st.sampled_from(DURATIONS),
    },
)
EVENTS = st.fixed_dictionaries(
    {"version": st.just("1.0.0"), "payload": rows()},
    optional={
        "key": NAMES,
        "retention": st.sampled_from(DURATIONS),
        "replay": st.booleans(),
        "compacted": st.booleans(),
        "encoding": st.sampled_from(("json", "protobuf")),
    },
)
REPLICATED = st.fixed_dictionaries(
    {"mode": st.sampled_from(("synchronous", "asynchronous"))},
    optional={"lag": st.sampled_from(DURATIONS), "failover": st.sampled_from(("automatic", "manual"))},
)
STORES = st.fixed_dictionaries(
    {"kind": st.sampled_from(("postgresql", "bigquery", "house-made"))},
    optional={
        "retention": st.sampled_from(DURATIONS),
        "rpo": st.sampled_from(DURATIONS),
        "rto": st.sampled_from(DURATIONS),
        "replicated": REPLICATED,
    },
)
TABLES = st.fixed_dictionaries(
    {"row": rows()},
    optional={
        "key": st.lists(NAMES, max_size=2),
        "retention": st.sampled_from(DURATIONS),
        "published": st.booleans(),
        "captured_as": st.just("OrderPlaced"),
    },
)
MASTERS = st.fixed_dictionaries(
    {"master": st.sampled_from(("shop", "sync", "gone"))},
    optional={
        "type": st.sampled_from(("shop.Order", "shop.Gone")),
        "identifier": NAMES,
        "copies": st.lists(st.sampled_from(("sync.cache", "sync.warehouse", "shop.orders-db")), max_size=2, unique=True),
    },
)


@st.composite
def flow_systems(draw: st.DrawFn) -> Contract:
    """A system with flows, of which a good part is wrong."""
    header = {"name": "market", "owner": "team", "broker": {"kind": draw(st.sampled_from(("kafka", "rabbitmq", "nats")))}}
    copies = {name: draw(TABLES) for name in ("orders", "more", *draw(st.sampled_from(((), ("refused",)))))}
    score = {"type": "object", "required": ["orderId"], "properties": {"orderId": {"type": "string"}, "day": {"type": "string"}}}
    answer = {"type": "object", "required": ["grade"], "properties": {"grade": {"type": "string", "x-classification": "sensitive"}}}
    operations = {"getScore": {"request": score, "response": answer, "idempotency": "safe"}}
    return {
        "system": {"interlock": 1, "system": header, "master_data": {"Order": draw(MASTERS), "Item": draw(MASTERS)}},
        "shop": {
            "component": "shop",
            "types": {"Order": draw(rows())},
            "publishes": {"OrderPlaced": draw(EVENTS)},
            "stores": {"orders-db": draw(STORES) | {"tables": {"orders": draw(TABLES), "items": draw(TABLES)}}},
            "streams": {"order": {"events": ["OrderPlaced"], "key": draw(NAMES)}},
        },
        "scoring": {"component": "scoring", "provides": {"scores": {"version": "1.0.0", "grpc": {}, "operations": operations}}},
        "sync": {
            "component": "sync",
            "uses": [{"api": "scoring.scores", "operations": ["getScore"], "timeout": "1s", "retry": {"attempts": 1}}],
            "uses_stores": [{"store": "shop.orders-db", "access": "read"}],
            "consumes": [{"event": "shop.OrderPlaced"}] if draw(st.booleans()) else [],
            "publishes": {"OrderCopied": draw(EVENTS)},
            "stores": {"warehouse": draw(STORES) | {"tables": copies}, "cache": {"kind": draw(st.sampled_from(("redis", "memcached")))}},
            "flows": {"one": draw(FLOWS)} | ({"two": draw(FLOWS)} if draw(st.booleans()) else {}),
            "caches": draw(st.dictionaries(st.sampled_from(("near", "far")), CACHES, max_size=2)),
            "projections": draw(st.dictionaries(st.just("view"), PROJECTIONS, max_size=1)),
            "runtime": {"kind": draw(st.sampled_from(("job", "service"))), "schedule": draw(st.sampled_from(SCHEDULES))},
        },
    }


# --- flows whose lineage is known -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownFlow:
    """A contract that is right, and which columns of the source each target field is made from."""

    contract: Contract
    made_from: dict[str, frozenset[str]]


KNOWN_COLUMNS = ("alpha", "beta", "gamma", "delta")
EXPRESSIONS = (
    ("{0}", 1),
    ("lower({0})", 1),
    ("{0} || {1}", 2),
    ("CASE WHEN {0} = 'x' THEN {1} ELSE {2} END", 3),
    ("coalesce({0}, {1})", 2),
    ("(SELECT max({0}) FROM orders)", 1),
    ("'fixed'", 0),
)
SHAPES = (
    "SELECT id, {items} FROM orders",
    "SELECT id, {items} FROM public.orders AS o WHERE o.alpha <> ''",
    "WITH held AS (SELECT id, alpha, beta, gamma, delta FROM orders) SELECT id, {items} FROM held",
    "WITH held AS (SELECT * FROM orders), again AS (SELECT * FROM held) SELECT id, {items} FROM again",
    "SELECT id, {items} FROM (SELECT * FROM orders) AS inside",
    "SELECT id, {items} FROM orders WHERE alpha <> '' UNION ALL SELECT id, {items} FROM orders",
)
TEXT = {"type": "string"}


def mapped(rule: str, taken: list[str]) -> Contract:
    told: Any = {"of": taken} if rule == "concat" else {"value": "web"} if rule == "constant" else {"from": taken[0]}
    return {"rule": rule, **told}


@st.composite
def known_flows(draw: st.DrawFn) -> KnownFlow:
    """A query of one table and a mapping of what it gives; every value is a text."""
    results: dict[str, frozenset[str]] = {}
    items = []
    for number in range(draw(st.integers(1, 4))):
        pattern, count = draw(st.sampled_from(EXPRESSIONS))
        used = draw(st.lists(st.sampled_from(KNOWN_COLUMNS), min_size=count, max_size=count))
        results[f"r{number}"] = frozenset(used)
        items.append(f"{pattern.format(*used)} AS r{number}")
    mapping: Contract = {"id": {"from": "id"}}
    made_from: dict[str, frozenset[str]] = {"id": frozenset()}
    for number in range(draw(st.integers(1, 4))):
        rule = draw(st.sampled_from(("copy", "lower", "trim", "concat", "constant")))
        taken = draw(st.lists(st.sampled_from(sorted(results)), min_size=1, max_size=3 if rule == "concat" else 1))
        mapping[f"t{number}"] = mapped(rule, taken)
        none: frozenset[str] = frozenset()
        made_from[f"t{number}"] = none if rule == "constant" else none.union(*(results[each] for each in taken))
    query = draw(st.sampled_from(SHAPES)).format(items=", ".join(items))
    columns = ("id", *KNOWN_COLUMNS)
    flow = {
        "sources": {"in": {"store": "shop.orders-db", "query": query, "row": "Read", "key": ["id"]}},
        "mapping": mapping,
        "destinations": {"out": {"store": "sync.warehouse", "table": "orders"}},
    }
    row = {"type": "object", "required": sorted(["id", *results]), "properties": dict.fromkeys(("id", *results), TEXT)}
    contract = {
        "system": {"interlock": 1, "system": {"name": "market", "owner": "team"}},
        "shop": {
            "component": "shop",
            "types": {"Order": {"type": "object", "required": list(columns), "properties": {name: dict(TEXT) for name in columns}}},
            "stores": {"orders-db": {"kind": "postgresql", "tables": {"orders": {"row": "Order", "key": ["id"]}}}},
        },
        "sync": {
            "component": "sync",
            "types": {"Read": row, "Copy": {"type": "object", "properties": dict.fromkeys(mapping, TEXT), "required": ["id"]}},
            "uses_stores": [{"store": "shop.orders-db", "access": "read"}],
            "stores": {"warehouse": {"kind": "postgresql", "tables": {"orders": {"row": "Copy", "key": ["id"]}}}},
            "flows": {"orders": flow},
            "runtime": {"kind": "job", "schedule": "0 4 * * *"},
        },
    }
    return KnownFlow(contract, made_from)
