"""Random systems that run: workloads of all sorts, odd names and ports, calls with every policy, stores, third parties, environments."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.units import Duration

Contract = dict[str, Any]

NAMES = ("a", "orders", "order-service", "x-1", "web-front-of-the-house", "z" * 40, "payments-api-v2", "orders-public", "waypoint-x")
PORTS: tuple[Contract, ...] = (
    {},
    {"http": 8080, "grpc": 9090},
    {"http": {"service": 80, "pod": 8081}, "grpc": {"service": 443, "pod": 7443}},
    {"http": 80, "grpc": 50051, "metrics": 9100, "a-very-long-port-name-it-is": 12345},
)
IMAGES = ("registry.example.com/team/app:1.0.0", "registry.example.com:5000/app:v2.3.4-rc.1_build", "app@sha256:" + "0123456789abcdef" * 4)
DURATIONS = ("50ms", "800ms", "1500ms", "2s", "1m30s")
LEEWAY = 500
"""Milliseconds for the waits between tries."""
BOUNDS = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}}
PATHS = (
    "GET /",
    "POST /",
    "GET /{id}",
    "PUT /{id}",
    "DELETE /{id}",
    "GET /{id}/lines/{line}",
    "GET /export",
    "POST /{id}/cancel",
    "GET /{id}.pdf",
)
OPERATIONS = tuple(f"operation{number}" for number in range(len(PATHS)))
STORES: tuple[Contract, ...] = (
    {"kind": "postgresql"},
    {"kind": "postgresql", "replicated": {"mode": "asynchronous", "lag": "5s"}},
    {"kind": "redis", "host": "cache.example.com"},
    {"kind": "mysql", "host": "10.20.30.40", "port": 3307},
    {"kind": "bigquery"},
    {"kind": "mongodb", "place": {}},
)
EXTERNALS: Contract = {
    "bank": {"endpoints": {"api": {"protocol": "https", "host": "bank.example.com"}}, "operations": {"charge": {"idempotency": "key"}, "look": {"http": "GET /"}}},
    "files": {"endpoints": {"drop": {"protocol": "sftp", "host": "files.example.com", "addresses": ["203.0.113.0/24"]}}},
    "legacy": {"endpoints": {"web": {"protocol": "http", "host": "legacy.example.com", "port": 8000}, "tls": {"protocol": "tls", "host": "tls.example.com", "port": 9443}}},
}  # fmt: skip
WHEN = ("connect-failure", "unavailable", "reset", "gateway-error", "5xx", "deadline-exceeded", "resource-exhausted")


@st.composite
def landscapes(draw: st.DrawFn) -> Contract:
    """A system of two to six components as documents by name."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    documents: Contract = {"system": draw(system_wide())}
    gateway = names[0] if draw(st.booleans()) else None
    for number, name in enumerate(names):
        documents[name] = {"component": name, "runtime": draw(runtimes(name == gateway))}
        if name != gateway:
            documents[name]["provides"] = {"things": draw(interfaces(number))}
        if draw(st.booleans()):
            store = draw(st.sampled_from(STORES))
            own = {"place": {"namespace": "databases", "labels": {"cluster": name}}} if "place" in store else {}
            documents[name]["stores"] = {f"{name[:20]}-db": store | own}
        if draw(st.booleans()):
            documents[name]["publishes"] = {"ThingHappened": {"version": "1.0.0", "payload": {"type": "object", "properties": {}}}}
    providers = {name: documents[name]["provides"]["things"] for name in names if name != gateway}
    for name in names:
        documents[name]["uses"] = routes(providers) if name == gateway else draw(uses(name, providers, gateway))
    return documents


@st.composite
def system_wide(draw: st.DrawFn) -> Contract:
    modes = st.sampled_from(["sidecar", "sidecar", "ambient", "none"])
    brokers = draw(st.sampled_from([{}, {"brokers": ["broker.example.com:9093", "kafka://10.9.8.7"]}]))
    schemes: Contract = {
        "users": {"kind": "jwt", "issuer": "https://login.example.com", "scopes": {"things:read": "Look.", "things:write": "Change."}}
    }
    return {
        "interlock": 1,
        "system": {"name": "shop", "owner": "team", "broker": {"kind": draw(st.sampled_from(["kafka", "rabbitmq", "nats"]))}},
        "environments": {
            "production": {"host": "shop.example.com", "mesh": draw(modes), "namespace": "shop-production", **brokers},
            "test": {"mesh": draw(modes), "faults": draw(st.booleans())},
        },
        "authentication": schemes,
        "defaults": {"call": {"timeout": "2s"}},
        "externals": EXTERNALS,
    }


@st.composite
def runtimes(draw: st.DrawFn, is_gateway: bool) -> Contract:
    runtime: Contract = {"image": draw(st.sampled_from(IMAGES)), **draw(st.sampled_from([BOUNDS, BOUNDS, {}]))}
    if is_gateway:
        return {
            **runtime,
            "kind": "gateway",
            "replicas": 2,
            "ports": draw(st.sampled_from([{}, {"https": 443}, {"https": {"service": 443, "pod": 8443}}])),
        }
    runtime["ports"] = draw(st.sampled_from(PORTS))
    least = draw(st.integers(1, 4))
    runtime["replicas"] = {"min": least, "max": least + draw(st.integers(0, 5))}
    if "requests" in runtime and runtime["replicas"]["max"] > least and draw(st.booleans()):
        runtime["scale_on"] = {"cpu": "70%", "memory": "80%"}
    return runtime


@st.composite
def interfaces(draw: st.DrawFn, number: int) -> Contract:
    """Over both protocols; paths of two components never meet."""
    operations: Contract = {}
    for name, path in zip(OPERATIONS, PATHS, strict=True):
        if draw(st.booleans()) or not operations:
            operation: Contract = {
                "http": path,
                "parameters": {each: {"type": "string"} for each in ("id", "line") if f"{{{each}}}" in path},
            }
            if draw(st.booleans()):
                operation["scopes"] = draw(st.sampled_from([["things:read"], ["things:read", "things:write"]]))
            elif draw(st.booleans()):
                operation["auth"] = "none"
            if path.startswith("POST") and draw(st.booleans()):
                operation["idempotency"] = draw(st.sampled_from(["key", "idempotent"]))
            operations[name] = operation
    visibility = draw(st.sampled_from(["public", "internal"]))
    return {
        "version": "1.0.0",
        "visibility": visibility,
        "auth": "users",
        "http": {"base": f"/api/v1/things-{number}"},
        "grpc": {},
        "operations": operations,
    }


def routes(providers: Contract) -> list[Contract]:
    return [
        {"api": f"{name}.things", "over": protocol, "timeout": "5s", "outlier_detection": {"failures": 5, "ejected": "30s"}}
        for name, api in providers.items()
        if api["visibility"] == "public"
        for protocol in ("http", "grpc")
    ]


@st.composite
def uses(draw: st.DrawFn, name: str, providers: Contract, gateway: str | None) -> list[Contract]:
    found: list[Contract] = []
    for other, api in providers.items():
        if other == name or not draw(st.booleans()):
            continue
        use = {"api": f"{other}.things", "over": draw(st.sampled_from(["http", "grpc"])), **draw(policies())}
        if draw(st.booleans()):
            use["operations"] = draw(st.lists(st.sampled_from(sorted(api["operations"])), min_size=1, unique=True))
        if gateway is not None and api["visibility"] == "public" and use["over"] == "http" and draw(st.booleans()):
            use["via"] = gateway
        found.append(use)
    externals = draw(st.lists(st.sampled_from(sorted(EXTERNALS)), max_size=2, unique=True))
    return [*found, *({"external": each, **draw(policies())} for each in externals)]


@st.composite
def policies(draw: st.DrawFn) -> Contract:
    policy: Contract = {"timeout": draw(st.sampled_from(DURATIONS[2:]))}
    if draw(st.booleans()):
        attempts, per_try = draw(st.integers(1, 4)), draw(st.sampled_from(DURATIONS[:3]))
        policy["retry"] = {"attempts": attempts, "per_try": per_try, "when": draw(st.lists(st.sampled_from(WHEN), unique=True))}
        if Duration.parse(per_try).milliseconds * attempts > Duration.parse(policy["timeout"]).milliseconds - LEEWAY:
            policy["timeout"] = DURATIONS[-1]  # a try that can never begin is an error
    if draw(st.booleans()):
        policy["breaker"] = {"failures": draw(st.integers(1, 20)), "open": draw(st.sampled_from(DURATIONS[1:]))}
    if draw(st.booleans()):
        policy["concurrency"] = draw(st.integers(1, 100))
    if draw(st.booleans()):
        policy["rate"] = draw(st.sampled_from(["5/s", "90/m", "0.5/s", "11000/d"]))
    return policy
