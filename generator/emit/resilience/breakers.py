"""Circuit breakers as plain data, for consumers on any platform, and the JSON Schema of that."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from generator.graph import Call, Graph
from generator.model import Breaker, Fallback
from generator.policies import Policy

SCHEMA = "circuit-breaker.schema.json"
MILLISECONDS = {"type": "integer", "minimum": 1}


def services(found: Sequence[Policy]) -> list[dict[str, Any]]:
    """An entry for each call that has a breaker; `failureThreshold` counts failed tries in a row."""
    calls: dict[int, tuple[Call, list[str]]] = {}
    for policy in found:
        if policy.breaker is not None:
            operation = policy.name.removeprefix(policy.call.target).removeprefix(".")
            calls.setdefault(id(policy.call.use), (policy.call, []))[1].extend([operation] if operation else [])
    listed = [_service(call, operations) for call, operations in calls.values()]
    return sorted(listed, key=lambda each: (each["name"], each.get("interface", ""), each.get("operations", [])))


def _service(call: Call, operations: list[str]) -> dict[str, Any]:
    breaker = call.use.breaker
    assert isinstance(breaker, Breaker)
    name, _, interface = call.target.partition(".")
    return {
        "name": name,
        **({"interface": interface} if interface else {}),
        **({"operations": operations} if operations else {}),
        "failureThreshold": breaker.failures,
        **({"timeoutMillis": call.use.timeout.milliseconds} if call.use.timeout else {}),
        "resetTimeoutMillis": breaker.open.milliseconds,
        "fallback": _fallback(call.use.fallback),
    }


def _fallback(fallback: Fallback | None) -> dict[str, Any]:
    if fallback is None or fallback.type == "none":
        return {"type": "none"}
    if fallback.type == "cached_response":
        return {"type": fallback.type, **({"cache_ttl": fallback.ttl.milliseconds // 1000} if fallback.ttl else {})}
    return {"type": fallback.type, "response": json.dumps(fallback.response, indent=2, ensure_ascii=False) + "\n"}


def schema(graph: Graph) -> dict[str, Any]:
    """What a circuit-breaker file is, in draft-07."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"{graph.schema_base}/{SCHEMA}",
        "title": "Circuit breakers",
        "description": "How a component survives the failure of what it calls.",
        "type": "object",
        "required": ["circuitBreaker"],
        "additionalProperties": False,
        "properties": {
            "circuitBreaker": {
                "type": "object",
                "required": ["services"],
                "additionalProperties": False,
                "properties": {"services": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/service"}}},
            }
        },
        "definitions": {"service": SERVICE, "fallback": {"oneOf": [NO_FALLBACK, CACHED, DEFAULT]}},
    }


SERVICE = {
    "type": "object",
    "required": ["name", "failureThreshold", "resetTimeoutMillis", "fallback"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "description": "Component or third party that is called."},
        "interface": {"type": "string", "minLength": 1, "description": "Its interface."},
        "operations": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
        "failureThreshold": {"type": "integer", "minimum": 1, "description": "Failed tries in a row that open the breaker."},
        "timeoutMillis": {**MILLISECONDS, "description": "Longest wait, all tries included."},
        "resetTimeoutMillis": {**MILLISECONDS, "description": "How long it stays open until one call is let through."},
        "fallback": {"$ref": "#/definitions/fallback"},
    },
}
NO_FALLBACK = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {"type": {"const": "none", "description": "The failure is passed on."}},
}
CACHED = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "cached_response"},
        "cache_ttl": {
            "type": "integer",
            "minimum": 0,
            "description": "Seconds that a cached answer may be old; without it any age will do.",
        },
    },
}
DEFAULT = {
    "type": "object",
    "required": ["type", "response"],
    "additionalProperties": False,
    "properties": {"type": {"const": "default_response"}, "response": {"type": "string", "contentMediaType": "application/json"}},
}
