"""A small system that is protected, watched and guarded: a gateway, tokens, breakers, personal data, domains, suppressions."""

from __future__ import annotations

import copy
from typing import Any

from document.trading import HOSTILE, Contract
from markdown_it import MarkdownIt

RUNTIME: dict[str, Any] = {"image": "registry.example.com/app:1.0.0", "replicas": {"min": 2, "max": 4}}
SYSTEM: dict[str, Any] = {
    "interlock": 1,
    "system": {"name": "yard", "owner": "crew", "broker": {"kind": "kafka"}},
    "owners": {"crew": {"pager": "crew-pager"}, "dock": {"title": "Dock team"}},
    "environments": {"live": {"host": "yard.example.com"}, "lab": {"mesh": "none"}},
    "authentication": {
        "token": {
            "kind": "jwt",
            "issuer": "https://login.example.com",
            "lifetime": "15m",
            "summary": "Agents need a second factor.",
            "scopes": {"boats:read": "See boats.", "boats:write": "Move boats."},
            "roles": {"master": "Runs the harbour."},
        },
        "other": {"kind": "oauth2"},
    },
    "defaults": {"probes": {"readiness": "/ready"}},
    "observability": {
        "traces": {"sample": "5%", "keep": ["errors"]},
        "audit": {"retention": "90d"},
        "alerting": {"fallback": "crew"},
        "alerts": {"HighErrorRate": {"above": "7%", "for": "3m"}},
    },
    "externals": {
        "tides": {
            "endpoints": {"api": {"protocol": "https"}, "raw": {"protocol": "tcp", "port": 7000, "host": "raw.example.com"}},
            "operations": {"table": {"http": "GET /table"}, "order": {"idempotency": "none"}},
            "receives": ["captain"],
            "limit": "9/s",
            "closed": "at night",
        }
    },
    "security": {"at-rest": "All disks are encrypted."},
    "operations": {"images": "Images are signed."},
    "goals": {"G1": "Boats wait at most an hour."},
    "open_questions": {
        "OQ-1": {"question": "Where is it?", "owner": "dock", "needed_by": "2027-01-31", "settles": ["externals.tides.endpoints.api.host"]},
        "OQ-2": {"question": "How long?"},
    },
}
PROBES: dict[str, Any] = {
    "version": "1.0.0",
    "auth": "none",
    "http": {},
    "operations": {"isReady": {"http": "GET /ready"}, "isAlive": {"http": "GET /alive"}},
}
GATE: dict[str, Any] = {
    "component": "gate",
    "runtime": {**RUNTIME, "kind": "gateway"},
    "rate_limits": {"user": {"rate": "20/s", "burst": 40, "by": "claim:sub"}, "partner": {"rate": "5/s"}},
    "uses": [
        {
            "api": "boats.boats",
            "over": "http",
            "required": False,
            "timeout": "2s",
            "retry": {"attempts": 3, "per_try": "600ms"},
            "breaker": False,
            "outlier_detection": {"failures": 7, "ejected": "20s"},
        }
    ],
}
BOATS: dict[str, Any] = {
    "component": "boats",
    "domain": None,
    "owner": "dock",
    "types": {
        "Boat": {
            "type": "object",
            "required": ["boatId"],
            "properties": {
                "boatId": {"type": "string"},
                "captain": {"type": "string", "x-classification": "personal", "x-purpose": "safety at sea"},
            },
        }
    },
    "provides": {
        "probes": PROBES,
        "boats": {
            "version": "1.0.0",
            "visibility": "public",
            "auth": "token",
            "http": {"base": "/boats"},
            "quality": {"availability": "99.9%", "latency": {"p95": "300ms"}},
            "operations": {
                "getBoat": {"http": "GET /{boatId}", "response": "Boat", "scopes": ["boats:read"]},
                "moveBoat": {
                    "http": "POST /{boatId}/moves",
                    "request": "Boat",
                    "scopes": ["boats:write"],
                    "roles": ["master"],
                    "audit": True,
                },
                "sinkBoat": {"http": "DELETE /{boatId}", "parameters": {"boatId": {"type": "string"}}},
                "listPiers": {"http": "GET /piers", "auth": "none"},
            },
        },
    },
    "publishes": {"BoatMoved": {"version": "1.0.0", "payload": "Boat"}},
    "uses": [
        {
            "api": "slips.slips",
            "operations": ["findSlip"],
            "timeout": "900ms",
            "retry": {"attempts": 2, "per_try": "400ms"},
            "breaker": {"failures": 5, "open": "30s"},
            "fallback": {"type": "cached_response", "ttl": "10m", "note": "the slip of yesterday"},
            "reads": ["slipId"],
        },
        {
            "external": "tides",
            "operations": ["table"],
            "timeout": "1s",
            "retry": {"attempts": 3},
            "breaker": {"failures": 4, "open": "1m"},
            "credentials": "tides-key",
        },
        {"external": "tides", "operations": ["order"]},
    ],
    "audits": {"BoatSold": {"summary": "A boat has a new owner.", "resource": "boat"}},
    "stores": {"boats-db": {"kind": "postgresql", "retention": "2y", "tables": {"boats": {"row": "Boat", "key": ["boatId"]}}}},
    "security": ["No boat without a captain"],
    "runtime": RUNTIME,
}
SLIPS: dict[str, Any] = {
    "component": "slips",
    "provides": {
        "probes": PROBES,
        "slips": {
            "version": "1.0.0",
            "grpc": {},
            "operations": {
                "findSlip": {"idempotency": "safe", "response": {"type": "object", "properties": {"slipId": {"type": "string"}}}}
            },
        },
    },
    "consumes": [{"event": "boats.BoatMoved"}],
    "runtime": {**RUNTIME, "probes": {"liveness": "/alive"}},
}


def yard() -> Contract:
    found: Contract = copy.deepcopy({"system": SYSTEM, "gate": GATE, "boats": BOATS, "slips": SLIPS})
    found["system"]["domains"] = {"sea": {}, "land": {}}
    found["boats"]["domain"], found["slips"]["domain"] = "sea", "land"
    return found


def hostile() -> Contract:
    """Every text that people write says something that is Markdown, HTML, Mermaid or a template."""
    found = yard()
    system, boats = found["system"], found["boats"]
    system["authentication"]["token"] |= {
        "summary": HOSTILE,
        "audiences": [HOSTILE],
        "scopes": {"boats:read": HOSTILE, "boats:write": HOSTILE},
    }
    system["externals"]["tides"] |= {"title": HOSTILE, "summary": HOSTILE, "closed": HOSTILE, "receives": [HOSTILE]}
    system["externals"]["tides"]["endpoints"]["api"]["style"] = HOSTILE
    system["security"] = {"at-rest": HOSTILE}
    system["operations"] = {"images": HOSTILE}
    system["goals"] = {"G1": HOSTILE}
    system["owners"]["dock"]["title"] = HOSTILE
    system["domains"]["sea"] = {"title": HOSTILE}
    system["open_questions"]["OQ-1"]["question"] = HOSTILE
    system["quality"] = {"objectives": {"waiting": {"statement": HOSTILE, "measured": HOSTILE}}}
    found["gate"] |= {"title": HOSTILE, "summary": HOSTILE}
    found["gate"]["rate_limits"]["user"]["note"] = HOSTILE
    boats |= {"title": HOSTILE, "summary": HOSTILE, "security": [HOSTILE]}
    boats["uses"][0]["fallback"]["note"] = HOSTILE
    boats["audits"]["BoatSold"] = {"summary": HOSTILE, "resource": HOSTILE}
    boats["stores"]["boats-db"]["retention_note"] = HOSTILE
    boats["types"]["Boat"]["properties"]["captain"]["x-purpose"] = HOSTILE
    boats["provides"]["boats"]["operations"]["moveBoat"]["summary"] = HOSTILE
    return found


def breaks_out(document: str) -> list[str]:
    """HTML and links to elsewhere, which only text of a contract can have put there (CommonMark, with tables)."""
    tokens = MarkdownIt("commonmark").enable("table").parse(document)
    every = [each for token in tokens for each in (token, *(token.children or ()))]
    html = [each.content for each in every if each.type.startswith("html_") and not each.content.startswith("<!-- Code generated")]
    targets = [str(each.attrs["href"]) for each in every if each.type == "link_open"]
    return html + [each for each in targets if ":" in each] + [each.type for each in every if each.type == "image"]
