"""How spans become metrics: all of them are counted, by what they did, whom they asked, and whether that failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator import objectives, placement, signals
from generator.emit.telemetry import ottl
from generator.emit.telemetry.conventions import RPC_STATUS, STATUS, has_grpc, has_messages, mesh_gateways
from generator.graph import Graph
from generator.model import Environment
from generator.promql import escape

METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE")
"""Those that there are (IANA); a caller may send any word, and each would be a series of its own."""
CALLERS_FAULTS = (
    "ABORTED", "ALREADY_EXISTS", "CANCELLED", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "NOT_FOUND", "OUT_OF_RANGE", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "UNAUTHENTICATED",
)  # fmt: skip
"""Answers of gRPC that are no failure of the one who gives them; the rest are (OpenTelemetry, semantic conventions for gRPC)."""
PROBES = "^kube-probe/"
"""How the kubelet names itself: that it is answered is no promise to anybody."""
KEPT = ("service.name", "service.namespace", "deployment.environment.name")
"""Resource attributes that become labels: instances are counted together."""
SERIES = 10_000
"""Most series of a component: far more than any has, and few enough to live through one that invents names."""


def edges_only(graph: Graph, environment: Environment) -> dict[str, Any]:
    """A processor that leaves the spans at the edges of components: what happens within, and what is only fetched, is no edge."""
    dropped = ["span.kind == SPAN_KIND_INTERNAL or span.kind == SPAN_KIND_UNSPECIFIED"]
    if has_messages(graph):
        kind = ottl.attribute("messaging.operation.type")
        dropped.append(ottl.all_of("span.kind == SPAN_KIND_CONSUMER", f"{kind} == {ottl.quoted('receive')}"))
    dropped.append(ottl.all_of("span.kind == SPAN_KIND_SERVER", ottl.matches(ottl.attribute("user_agent.original"), PROBES)))
    if environment.mesh != "none":
        gateways = mesh_gateways(graph, environment)
        proxy = f"{ottl.attribute('component')} == {ottl.quoted('proxy')}"
        own = ottl.matches(ottl.attribute("service.name", "resource"), ottl.whole(gateways)) if gateways else ""
        dropped.append(ottl.all_of(proxy, f"not {own}") if own else proxy)
    return {"error_mode": "ignore", "trace_conditions": dropped}


def transform(graph: Graph) -> dict[str, Any]:
    """A processor: no failure where the caller is to blame, no method that a caller made up, and no labels but those that rules read."""
    failed = "span.status.code == STATUS_CODE_ERROR"
    ends = ottl.any_of("span.kind == SPAN_KIND_CLIENT", "span.kind == SPAN_KIND_SERVER")
    method = ottl.attribute("http.request.method")
    unknown = ottl.all_of(ottl.is_there(method), f"not {ottl.matches(method, ottl.whole(METHODS))}")
    groups = [
        {"conditions": [ottl.all_of(failed, ends)], "statements": [*_excused(graph)]},
        {"statements": [ottl.assign(method, ottl.quoted("_OTHER"), where=unknown)]},
        {"statements": [ottl.do("keep_keys", "resource.attributes", ottl.listed(KEPT))]},
    ]
    return {"error_mode": "ignore", "trace_statements": groups}


def connector(graph: Graph) -> dict[str, Any]:
    """Without the span's name, which says what the other dimensions say already, if it does not say too much."""
    bounds = signals.buckets(graph, objectives.thresholds(graph))
    return {
        "namespace": "traces.span.metrics",
        "histogram": {"unit": "s", "explicit": {"buckets": [str(each) for each in bounds]}},
        "dimensions": [{"name": each} for each in signals.DIMENSIONS],
        "exclude_dimensions": ["span.name", "collector.instance.id"],
        "aggregation_cardinality_limit": SERIES,
        "metrics_flush_interval": str(signals.observability(graph).metrics.interval),
    }


def _excused(graph: Graph) -> Iterator[ottl.Statement]:
    status = ottl.attribute(STATUS)
    unset = ("span.status.code", "STATUS_CODE_UNSET")
    yield ottl.assign(*unset, where=ottl.all_of(f"{status} >= 400", f"{status} < 500"))
    if has_grpc(graph):
        yield ottl.assign(*unset, where=ottl.matches(ottl.attribute(RPC_STATUS), ottl.whole(CALLERS_FAULTS)))


# --- peers ------------------------------------------------------------------------------------------------------------


def peers(graph: Graph, environment: Environment) -> Mapping[str, str]:
    """Whom an address means, as spelt in lower case and without the endings of the cluster.

    Where it does not mean the same to all, the component that uses it stands before it.
    """
    found: dict[str, dict[str, str]] = {}
    for component, addresses in signals.peer_addresses(graph, environment).items():
        for address, peer in addresses.items():
            found.setdefault(_short(graph, environment, address), {})[component] = peer
    table: dict[str, str] = {}
    for address, meant in found.items():
        if len(set(meant.values())) == 1:
            table[address] = next(iter(meant.values()))
        else:
            table |= {f"{component} {address}": peer for component, peer in meant.items()}
    return dict(sorted(table.items()))


def naming(graph: Graph, environment: Environment, known: Mapping[str, str]) -> dict[str, Any]:
    """A processor that says whom a client span has called."""
    group = {"conditions": ["span.kind == SPAN_KIND_CLIENT"], "statements": [*_peers(graph, environment, known)]}
    return {"error_mode": "ignore", "trace_statements": [group]}


def _short(graph: Graph, environment: Environment, address: str) -> str:
    found = address.lower().removesuffix(".").removesuffix(f".{placement.CLUSTER_DOMAIN}").removesuffix(".svc")
    return found.removesuffix(f".{placement.namespace_of(graph, environment)}")


def _ending(graph: Graph, environment: Environment) -> str:
    namespace, domain = escape(placement.namespace_of(graph, environment)), escape(placement.CLUSTER_DOMAIN)
    return rf"(\.{namespace})?(\.svc(\.{domain})?)?\.?$"


def _peers(graph: Graph, environment: Environment, known: Mapping[str, str]) -> Iterator[ottl.Statement]:
    """The table is one statement, to be read like one; the address of a wildcard is looked up by its ending."""
    asked, address, peer = ottl.attribute("server.address"), ottl.cached("address"), ottl.attribute("service.peer.name")
    is_there = ottl.is_there(address)
    yield ottl.assign(address, ottl.call("ToLowerCase", asked), where=ottl.is_there(asked))
    yield ottl.do("replace_pattern", address, ottl.quoted(_ending(graph, environment)), ottl.quoted(""), where=is_there)
    exact = {each: meant for each, meant in known.items() if "*." not in each}
    service = ottl.attribute("service.name", "resource")
    if exact:
        yield ottl.assign(ottl.cached("peers"), ottl.table(exact))
        yield ottl.assign(peer, ottl.at(ottl.cached("peers"), address), where=is_there)
    if any(" " in each for each in exact):
        own = ottl.call("Concat", f"[{service}, {address}]", ottl.quoted(" "))
        yield ottl.assign(peer, ottl.at(ottl.cached("peers"), own), where=is_there)
    for each, meant in known.items():
        component, _, pattern = each.rpartition(" ")
        if pattern.startswith("*."):
            fits = ottl.matches(address, rf"{escape(pattern[1:])}$")
            who = [f"{service} == {ottl.quoted(component)}"] if component else []
            yield ottl.assign(peer, ottl.quoted(meant), where=ottl.all_of(*who, fits))
