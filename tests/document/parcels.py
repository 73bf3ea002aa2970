"""A small system that talks in every way: a gateway, calls over HTTP and gRPC, events, commands with and without a reply."""

from __future__ import annotations

import copy
from typing import Any

from document.trading import HOSTILE, Contract

SYSTEM: dict[str, Any] = {
    "interlock": 1,
    "system": {
        "name": "parcels",
        "owner": "crew",
        "broker": {"kind": "kafka", "version": "3.9", "why": "Replay (ADR-2).", "nodes": 5, "replication": 3, "min_in_sync": 2},
    },
    "environments": {"live": {"host": "parcels.example.com"}},
    "authentication": {"token": {"kind": "jwt", "scopes": {"parcels:write": "Send one."}}},
    "defaults": {"consume": {"retry": {"attempts": 4, "initial": "2s", "multiplier": 3, "maximum": "10s"}, "dead_letter": True}},
    "externals": {
        "maps": {"endpoints": {"api": {"protocol": "https"}}, "operations": {"route": {"http": "GET /routes"}}},
    },
    "decisions": {
        "ADR-1": {"title": "gRPC inside", "why": "Deadlines.", "rejected": ["SOAP"]},
        "ADR-2": {"title": "A log of events", "why": "Replay.", "rejected": ["RabbitMQ"]},
    },
    "open_questions": {"OQ-1": {"question": "How many?", "settles": ["desk.publishes.ParcelSent.partitions"]}},
}
EDGE: dict[str, Any] = {
    "component": "edge",
    "summary": "The one way in.",
    "responsibilities": ["Ends TLS"],
    "runtime": {"kind": "gateway"},
    "rate_limits": {"sender": {"rate": "5/s", "burst": 9, "by": "claim:sub"}},
    "uses": [
        {
            "api": "desk.parcels",
            "over": "http",
            "why": "lets senders in",
            "timeout": "900ms",
            "retry": {"attempts": 2, "per_try": "400ms", "when": ["gateway-error"]},
            "outlier_detection": {"failures": 7, "ejected": "20s"},
        }
    ],
}
DESK: dict[str, Any] = {
    "component": "desk",
    "types": {
        "Parcel": {
            "type": "object",
            "required": ["parcelId"],
            "properties": {"parcelId": {"type": "string"}, "size_class": {"type": "string", "enum": ["small", "large"]}},
        }
    },
    "errors": {"TooLarge": {"status": 422, "title": "It fits no van"}, "DeskClosed": 503},
    "provides": {
        "parcels": {
            "version": "2.1.0",
            "visibility": "public",
            "auth": "token",
            "http": {"base": "/v2/parcels"},
            "quality": {"latency": {"p95": "300ms"}},
            "operations": {
                "sendParcel": {
                    "http": {"method": "POST", "path": "/", "status": 201},
                    "request": "Parcel",
                    "response": "Parcel",
                    "idempotency": "key",
                    "errors": ["TooLarge", "DeskClosed"],
                    "scopes": ["parcels:write"],
                },
                "getParcel": {"http": "GET /{parcelId}", "response": "Parcel"},
                "noteParcel": {"http": "POST /{parcelId}/notes", "request": "Parcel"},
            },
        }
    },
    "publishes": {
        "ParcelSent": {
            "version": "1.2.0",
            "payload": "Parcel",
            "key": "parcelId",
            "route": ["size_class"],
            "replay": True,
            "retention": "9d",
        },
        "ParcelLost": {"version": "1.0.0", "payload": "Parcel", "compacted": True, "key": "parcelId", "partitions": 3},
    },
    "uses": [
        {
            "api": "vans.vans",
            "operations": ["findVan"],
            "during": ["parcels.sendParcel"],
            "timeout": "700ms",
            "retry": {"attempts": 3, "per_try": "200ms", "when": ["unavailable"]},
            "why": "no parcel without a van",
        },
        {"external": "maps", "operations": ["route"], "during": ["parcels.sendParcel"], "required": False, "timeout": "500ms", "times": 2},
    ],
    "sends": [{"command": "vans.LoadVan", "timeout": "45s"}, {"command": "vans.WashVan"}],
}
VANS: dict[str, Any] = {
    "component": "vans",
    "errors": {"NoVan": {"status": 503}, "Unknown": {"status": 404}},
    "provides": {
        "vans": {
            "version": "1.0.0",
            "grpc": {},
            "operations": {
                "findVan": {"idempotency": "safe", "errors": ["NoVan", "Unknown"]},
                "followVan": {"idempotency": "safe", "stream": "response"},
            },
        }
    },
    "consumes": [
        {
            "event": "desk.ParcelSent",
            "reads": ["parcelId"],
            "only": {"size_class": ["large"]},
            "idempotent_by": "parcelId",
            "group": "loaders",
            "start": "earliest",
        }
    ],
    "handles": {
        "LoadVan": {"version": "1.0.0", "payload": {"type": "object"}, "reply": {"type": "object"}, "idempotent_by": "messageId"},
        "WashVan": {"version": "1.0.0", "payload": {"type": "object"}},
    },
}
PARCELS: Contract = {"system": SYSTEM, "edge": EDGE, "desk": DESK, "vans": VANS}


def hostile() -> Contract:
    """Every text that people write says something that is Markdown, HTML, Mermaid or a template."""
    found = copy.deepcopy(PARCELS)
    found["system"]["system"]["broker"] |= {"why": HOSTILE, "clusters": HOSTILE}
    found["system"]["decisions"]["ADR-1"] |= {"title": f"REST {HOSTILE}", "why": HOSTILE, "rejected": [HOSTILE]}
    found["system"]["externals"]["maps"]["title"] = HOSTILE
    found["edge"] |= {"title": HOSTILE, "summary": HOSTILE, "responsibilities": [HOSTILE]}
    found["edge"]["rate_limits"]["sender"]["note"] = HOSTILE
    found["desk"] |= {"title": HOSTILE, "summary": HOSTILE}
    found["desk"]["errors"]["TooLarge"]["title"] = HOSTILE
    found["desk"]["provides"]["parcels"] |= {"title": HOSTILE, "summary": HOSTILE}
    found["desk"]["provides"]["parcels"]["operations"]["getParcel"]["summary"] = HOSTILE
    found["desk"]["publishes"]["ParcelSent"] |= {"title": HOSTILE, "summary": HOSTILE}
    found["desk"]["uses"][1]["fallback"] = {"type": "cached_response", "ttl": "1m", "note": HOSTILE}
    found["vans"]["consumes"][0] |= {"why": HOSTILE, "only": {"size_class": [HOSTILE]}}
    return found
