"""A small system with a saga, a flow, copies and third parties; and the same with text that tries to be something else."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generator.artifact import Artifact
from generator.catalog import MADE
from generator.document import Context, Links, Scope, narrate, rendered
from generator.graph import Graph
from generator.pipeline import understand
from generator.places import places

Contract = dict[str, dict[str, Any]]

HOSTILE = "a|b `c` <img src=x> ](javascript:1) ;#35; --- \n# {{ 7*7 }} {% raw %} ```"
SYSTEM: dict[str, Any] = {
    "interlock": 1,
    "system": {"name": "trade", "owner": "crew", "broker": {"kind": "kafka", "nodes": 3}},
    "defaults": {"backup": {"full": "weekly", "restore_test": "quarterly"}},
    "externals": {
        "card-network": {
            "endpoints": {"api": {"protocol": "https", "host": "card.example.com"}},
            "operations": {"charge": {"http": "POST /charges", "idempotency": "none"}},
            "quality": {"availability": "99%"},
            "limit": "50/s",
            "receives": ["cardNumber"],
            "closed": "Sundays",
        }
    },
    "master_data": {"Order": {"master": "shop", "type": "shop.Order", "identifier": "id", "copies": ["shop.orders-cache"]}},
    "open_questions": {"OQ-1": {"question": "How long?", "settles": ["shop.stores.orders-db.rto", "shop.sagas.place.timeout"]}},
    "decisions": {"ADR-1": {"title": "Batches", "why": "Enough.", "rejected": ["Change data capture, too much to run"]}},
    "regions": {"north": {"zones": 2}, "south": {}},
}
ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "email"],
    "properties": {
        "id": {"type": "string"},
        "email": {"type": "string", "format": "email", "x-classification": "personal", "x-purpose": "contract"},
        "changed_at": {"type": "string", "format": "date-time"},
    },
}
SHOP: dict[str, Any] = {
    "component": "shop",
    "types": {"Order": ORDER},
    "provides": {
        "orders": {
            "version": "1.0.0",
            "http": {"base": "/orders"},
            "quality": {"availability": "99.9%", "latency": {"p95": "900ms"}, "rate": "20/s"},
            "operations": {
                "place": {
                    "http": {"method": "POST", "path": "/", "status": 201},
                    "idempotency": "key",
                    "request": "Order",
                    "response": "Order",
                },
                "read": {"http": "GET /{id}", "parameters": {"id": {"in": "path", "type": "string"}}, "response": "Order"},
            },
        }
    },
    "publishes": {
        "OrderPlaced": {"version": "1.0.0", "payload": "Order", "key": "id", "partitions": 6, "rate": "100/s"},
        "OrderUndone": {"version": "1.0.0", "payload": "Order"},
    },
    "uses": [
        {"api": "stock.stock", "operations": ["reserve", "release"], "during": ["orders.place"], "timeout": "300ms", "deadline": "own"},
        {"external": "card-network", "operations": ["charge"], "during": ["orders.place"], "timeout": "2s", "concurrency": 4},
    ],
    "stores": {
        "orders-db": {
            "kind": "postgresql",
            "version": "16",
            "rpo": "5m",
            "consistency": "strong",
            "pool": 10,
            "max_connections": 90,
            "tables": {"orders": {"row": "Order", "key": ["id"], "retention": "1y"}},
            "replicated": {"mode": "asynchronous", "copies": 2, "lag": "5s"},
        },
        "orders-cache": {"kind": "redis", "required": False},
    },
    "caches": {"orders": {"level": "l2", "store": "shop.orders-cache", "entry": "order:{id}", "holds": "Order", "ttl": "5m"}},
    "sagas": {
        "place": {
            "begins": "orders.place",
            "steps": [
                {"step": "reserve", "call": "stock.stock.reserve", "undo": {"call": "stock.stock.release"}},
                {"step": "tell", "publish": "OrderPlaced", "undo": {"publish": "OrderUndone"}},
                {"step": "pay", "call": "card-network.charge"},
            ],
        }
    },
    "runtime": {
        "image": "registry.example.com/shop:1.0.0",
        "replicas": {"min": 2, "max": 5},
        "requests": {"cpu": "100m", "memory": "128Mi"},
        "limits": {"cpu": "1", "memory": "256Mi"},
        "scale_on": {"cpu": "70%"},
        "sustains": "10/s",
    },
}
STOCK: dict[str, Any] = {
    "component": "stock",
    "provides": {
        "stock": {
            "version": "1.0.0",
            "http": {"base": "/stock"},
            "quality": {"availability": "99.95%", "latency": {"p50": "40ms", "p95": "200ms"}, "rate": "40/s"},
            "operations": {
                "reserve": {"http": "PUT /held", "request": "Held", "response": "Held"},
                "release": {"http": "DELETE /held"},
            },
        }
    },
    "types": {"Held": {"type": "object", "properties": {"id": {"type": "string"}}}},
    "consumes": [{"event": "shop.OrderPlaced", "takes": "50ms"}],
    "stores": {"lake": {"kind": "postgresql", "tables": {"orders_copy": {"row": "shop.Order", "key": ["id"]}}}},
    "uses_stores": [{"store": "shop.orders-db", "access": "read", "via": "replica", "pool": 3}],
    "flows": {
        "copy": {
            "sources": {"in": {"store": "shop.orders-db", "table": "orders", "watermark": "changed_at"}},
            "checks": [{"field": "email", "rule": "email_format", "otherwise": "reject"}],
            "mapping": {"id": {"from": "id"}, "email": {"from": "email", "rule": "lower"}},
            "destinations": {"out": {"store": "stock.lake", "table": "orders_copy"}},
            "schedule": "*/5 * * * *",
            "thresholds": {"freshness": "10m"},
        }
    },
    "runtime": {"replicas": 3},
}
TRADE: Contract = {"system": SYSTEM, "shop": SHOP, "stock": STOCK}
BARE: Contract = {"system": {"interlock": 1, "system": {"name": "bare", "owner": "crew"}}, "one": {"component": "one"}}


def hostile() -> Contract:
    """Every text that people write says something that is Markdown, HTML, Mermaid or a template."""
    found = copy.deepcopy(TRADE)
    shop, stock = found["shop"], found["stock"]
    found["system"]["externals"]["card-network"] |= {"closed": HOSTILE, "title": HOSTILE}
    found["system"]["decisions"]["ADR-1"]["rejected"] = [f"change data capture {HOSTILE}"]
    shop |= {"title": HOSTILE, "summary": HOSTILE}
    shop["sagas"]["place"] |= {"title": HOSTILE, "summary": HOSTILE}
    for step in shop["sagas"]["place"]["steps"]:
        step["note"] = HOSTILE
    shop["stores"]["orders-db"] |= {"summary": HOSTILE, "note": HOSTILE, "retention_note": HOSTILE}
    shop["uses"][1] |= {"why": HOSTILE, "fallback": {"type": "default_response", "response": {}, "note": HOSTILE}}
    shop["caches"]["orders"]["why"] = HOSTILE
    stock["flows"]["copy"] |= {"title": HOSTILE, "summary": HOSTILE}
    stock["flows"]["copy"]["checks"].append({"field": "id", "rule": "pattern", "pattern": HOSTILE})
    return found


def text(folder: Path, contract: Contract, *scopes: Scope) -> str:
    """The document of a contract, without artifacts; what stood in the folder goes."""
    for path in folder.glob("*.yaml"):
        path.unlink()
    for name, document in contract.items():
        (folder / f"{name}.yaml").write_text(json.dumps(document), encoding="utf-8")
    graph, findings = understand(folder)
    assert graph is not None, findings
    links = Links("", "../contract/", f"{folder}/", lines=False, known=frozenset(), places=places(graph.system))
    return rendered(Context(graph, {}, MADE, findings, frozenset(scopes), links))


def section(document: str, title: str) -> str:
    """One part of a document."""
    return document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def is_even(document: str) -> bool:
    """Every line of a table has as many cells as the line above."""
    above, previous = 0, False
    for line in document.splitlines():
        number = line.replace("\\|", " ").count("|") if line.startswith("|") else 0
        if number and previous and number != above:
            return False
        above, previous = number, bool(number)
    return True


def narrated(graph: Graph, artifacts: Sequence[Artifact]) -> str:
    """The document of the whole system, as it is published."""
    (found,) = narrate(graph, artifacts, MADE)
    return found.text
