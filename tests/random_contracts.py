"""Random contracts for property tests: small systems whose names are chosen to get into each other's way."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from generator import names
from generator.diagnostics import has_errors
from generator.field_numbers import numbers
from generator.graph import Graph
from generator.model import LockedName
from generator.pipeline import understand, with_numbers
from generator.read import field_lock
from generator.reports.text import to_text

Contract = dict[str, Any]

TYPES = (
    "Order",
    "Item",
    "OrderItem",
    "OrdersOrder",
    "Address",
    "Status",
    "HTTPMethod",
    "V2X",
    "FindOrderRequest",
    "Node",
    "OrderPlaced",
    "Google",
)
PROPERTIES = (
    *(
        "id",
        "order",
        "orderItem",
        "orderItemType",
        "orderValue",
        "xEntry",
        "x",
        "isbn10",
        "isbn_10",
        "ISBN-13",
        "2fa",
        "class",
        "größe",
        "item",
    ),
    *("items", "value", "status", "none", "string", "message", "a b", "fooBar", "builder", "types", "google", "kindValue", "HTTPStatus"),
)
PARAMETERS = ("customerId", "X-Trace", "page", "since", "7days")
TEXTS = (
    "new",
    "IN_PROGRESS",
    "2fa",
    "unspecified",
    "unspecifiedValue",
    "a_1",
    "a1",
    "a 1 b",
    "größer",
    "camelCase",
    "ABC",
    "x-y",
    "item_new",
)
SCALARS: tuple[Contract, ...] = (
    {"type": "string"},
    {"type": "boolean"},
    {"type": "string", "contentEncoding": "base64"},
    *({"type": "integer", "format": each} for each in ("int32", "int64", "uint32", "uint64")),
    {"type": "integer"},
    *({"type": "number", "format": each} for each in ("float", "double")),
    *({"type": "string", "format": each} for each in ("date-time", "duration", "date", "decimal", "uuid")),
    {"type": "string", "const": "fixed"},
    {"type": "object"},
    {"type": "object", "additionalProperties": False},
)
MEMBERS = {
    "Card": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "const": "card"}, "number": {"type": "string"}},
    },
    "Wire": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string", "const": "kind"}, "iban": {"type": "string"}},
    },
}
UNION = {
    "oneOf": [{"$ref": "Card"}, {"$ref": "Wire"}],
    "discriminator": {"propertyName": "kind", "mapping": {"card": "Card", "kind": "Wire"}},
}
COMPONENTS = ("orders", "order-service")


def apart(pool: tuple[str, ...], least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(pool), min_size=least, max_size=most, unique_by=names.snake)


@st.composite
def objects(draw: st.DrawFn, parts: st.SearchStrategy[Contract]) -> Contract:
    """An object; what may lead back to itself is never required."""
    properties = {name: draw(parts) for name in draw(NAMES)}
    plain = sorted(name for name, each in properties.items() if "type" in each)
    return {"type": "object", "required": [name for name in plain if draw(st.booleans())], "properties": properties}


ENUMS = apart(TEXTS, 1, 5).map(lambda texts: {"type": "string", "enum": texts})
NAMES = apart(PROPERTIES, 1, 6)
LEAVES = st.sampled_from(SCALARS) | ENUMS | st.just(UNION) | st.integers(0, 99).map(lambda number: {"$ref": number})
"""Types are named by number, which becomes a name once it is known what there is."""
SCHEMAS = st.recursive(
    LEAVES,
    lambda parts: (
        objects(parts)
        | parts.map(lambda each: {"type": "array", "items": each})
        | parts.map(lambda each: {"type": "object", "additionalProperties": each})
    ),
    max_leaves=6,
)
OBJECTS = objects(SCHEMAS)
DEFINITIONS = st.dictionaries(
    st.sampled_from(TYPES), OBJECTS | ENUMS | SCHEMAS.filter(lambda each: "$ref" not in each), min_size=1, max_size=4
)
OPERATIONS = st.dictionaries(
    st.sampled_from(("findOrder", "order", "orderRequest", "watch")),
    st.fixed_dictionaries(
        {"parameters": apart(PARAMETERS, 0, 3).map(lambda names: {each: {"type": "string", "in": "query"} for each in names})},
        optional={"request": SCHEMAS, "response": SCHEMAS},
    ),
    min_size=1,
    max_size=3,
)
INTERFACES = st.fixed_dictionaries({"version": st.sampled_from(["1.2.0", "0.3.0"]), "grpc": st.just({}), "operations": OPERATIONS})
EVENTS = st.dictionaries(
    st.sampled_from(("OrderPlaced", "Gone")),
    st.fixed_dictionaries({"version": st.just("1.0.0"), "encoding": st.just("protobuf"), "payload": OBJECTS}),
    max_size=2,
)
COMPONENT = st.fixed_dictionaries({"types": DEFINITIONS, "provides": st.fixed_dictionaries({"orders": INTERFACES}), "publishes": EVENTS})


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A system of two components and types of its own, documents by name; names of types recur among them."""
    broker = {"kind": "kafka"}
    header = {"name": "shop", "owner": "team", "broker": broker, "envelope": draw(st.sampled_from(["system-event", "cloudevents", "none"]))}
    documents: Contract = {"system": {"interlock": 1, "system": header, "types": draw(DEFINITIONS)}}
    documents |= {owner: {"component": owner, **draw(COMPONENT)} for owner in COMPONENTS}
    known = {owner: sorted(documents[owner]["types"]) for owner in documents}
    for owner, document in documents.items():
        others = [f"{other}.{name}" for other in documents if other not in ("system", owner) for name in known[other]]
        documents[owner] = with_names(document, [*known[owner], *others, *(known["system"] if owner != "system" else ())])
    documents["system"]["types"] |= MEMBERS
    return documents


def with_names(node: Any, known: list[str]) -> Any:
    if isinstance(node, list):
        return [with_names(each, known) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), int):
        return {"$ref": known[node["$ref"] % len(known)]}
    return {key: with_names(each, known) for key, each in node.items()}


TROUBLE = ("Do it", 'Say "x": {{.y}} */ # --- `z` \\', "Ünï ☃ | a: b")
"""Texts that mean something in a format that shows them."""
METHODS = ("POST", "PUT", "PATCH")
COMMAND = {
    "version": "1.0.0",
    "payload": {"type": "object", "properties": {"a": {"type": "string"}}},
    "idempotent_by": "id",
    "dead_letter": True,
}


@st.composite
def systems(draw: st.DrawFn) -> Contract:
    """A contract that has everything: HTTP beside gRPC, any broker, messages in JSON and protobuf, security, consumers."""
    documents = draw(contracts())
    system = documents["system"]
    system["system"]["broker"] = {"kind": draw(st.sampled_from(["kafka", "rabbitmq", "nats"]))}
    system["environments"] = {"production": {"host": "api.example.com", "brokers": ["broker.example.com:9092"]}, "test": {}}
    kind = draw(st.sampled_from(["jwt", "oauth2", "openid", "api-key", "mtls"]))
    address = "https://login.example.com"
    system["authentication"] = {"users": {"kind": kind, "scopes": {"o:r": "Read"}, "issuer": address, "token_url": f"{address}/token"}}
    for owner in COMPONENTS:
        api = documents[owner]["provides"]["orders"]
        if draw(st.booleans()):
            offer_over_http(draw, api)
        for event in documents[owner]["publishes"].values():
            event |= {"encoding": draw(st.sampled_from(["json", "protobuf"])), "summary": draw(st.sampled_from(TROUBLE))}
        reply = {"reply": {"type": "object", "properties": {"b": {"type": "integer"}}}} if draw(st.booleans()) else {}
        documents[owner]["handles"] = {"DoIt": COMMAND | reply}
    first, second = COMPONENTS
    events = documents[first]["publishes"]
    documents[second]["consumes"] = [{"event": f"{first}.{name}", "idempotent_by": "id", "dead_letter": True} for name in events]
    documents[second]["sends"] = [{"command": f"{first}.DoIt"}]
    return documents


def offer_over_http(draw: st.DrawFn, api: Contract) -> None:
    api |= {"http": {"base": draw(st.sampled_from(["/", "/api/v1"]))}, "auth": draw(st.sampled_from(["users", "none"]))}
    for name, operation in api["operations"].items():
        method = draw(st.sampled_from(METHODS if "request" in operation else ("GET", "DELETE", *METHODS)))
        has_id = draw(st.booleans())
        operation["http"] = f"{method} /{name}/{{id}}" if has_id else f"{method} /{name}"
        if has_id:
            operation["parameters"]["id"] = {"type": "string"}
        operation["summary"] = draw(st.sampled_from(TROUBLE))
        if method == "POST" and draw(st.booleans()):
            operation["idempotency"] = "key"


@st.composite
def smaller(draw: st.DrawFn, contract: Contract) -> Contract:
    """The contract without some properties, parameters, texts of enums, operations and events: seen the other way, it grew."""
    found: Contract = cut(draw, copy.deepcopy(contract))
    return found


MAY_GO = {"properties": 1, "operations": 1, "parameters": 0, "publishes": 0}
"""Mappings whose entries may go, and how many must stay."""


def cut(draw: st.DrawFn, node: Any) -> Any:
    if isinstance(node, list):
        return [cut(draw, each) for each in node]
    if not isinstance(node, dict):
        return node
    for key, least in MAY_GO.items():
        if isinstance(node.get(key), dict) and "kind" not in node[key] and (len(node[key]) > least):
            gone = draw(st.sets(st.sampled_from(sorted(node[key])), max_size=len(node[key]) - least))
            node[key] = {name: each for name, each in node[key].items() if name not in gone}
            if key == "properties":
                node["required"] = [name for name in node.get("required", ()) if name not in gone]
    if isinstance(node.get("enum"), list):
        node["enum"] = draw(st.lists(st.sampled_from(node["enum"]), min_size=1, unique=True))
    return {key: cut(draw, each) for key, each in node.items()}


# --- through the stages -----------------------------------------------------------------------------------------------


def write(contract: Contract, folder: Path, locked: tuple[LockedName, ...] = ()) -> Path:
    """The contract as files; JSON is YAML, but for control characters, which YAML wants escaped."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in contract.items():
        text = re.sub(
            "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(document, ensure_ascii=False)
        )
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / field_lock.FILE_NAME).write_text(field_lock.to_text(locked), encoding="utf-8")
    return folder


def understood(contract: Contract, folder: Path, locked: tuple[LockedName, ...] = ()) -> Graph:
    """The graph with its numbers, once read, linked, reviewed."""
    graph, found = understand(write(contract, folder, locked))
    assert graph is not None and not has_errors(found), to_text(found, lambda _: None)
    return with_numbers(graph)


def locked(graph: Graph) -> dict[tuple[str, str], int]:
    """Number of each name that is in use."""
    return {(each.scope, each.name): each.number for each in numbers(graph) if not each.reserved}
