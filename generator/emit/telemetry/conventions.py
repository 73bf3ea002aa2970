"""Attributes as the present semantic conventions of OpenTelemetry name them: older names, and those of the mesh's Envoy, become these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import network, placement
from generator.emit.telemetry import ottl
from generator.graph import Graph
from generator.model import Environment
from generator.promql import escape

HTTP = {
    "http.request.method": ("http.method",),
    "http.response.status_code": ("http.status_code",),
    "url.full": ("http.url",),
    "url.path": ("http.target",),
    "service.peer.name": ("peer.service",),
}
RPC = {"rpc.system.name": ("rpc.system",)}
DATABASE = {"db.query.text": ("db.statement",), "db.system.name": ("db.system",)}
MESSAGING = {
    "messaging.consumer.group.name": ("messaging.kafka.consumer.group", "messaging.kafka.consumer_group"),
    "messaging.destination.name": ("messaging.destination",),
    "messaging.operation.type": ("messaging.operation",),
}
"""Present names, and what they were called before."""
GRPC_CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    "UNAUTHENTICATED",
)  # fmt: skip
"""Names of gRPC's status codes by their numbers (gRPC, status codes)."""
CLUSTER = r"^outbound\|[0-9]+\|[^|]*\|([^;]+);?$"
"""How Istio names what a gateway sends requests to: direction, port, subset, host."""

STATUS, RPC_STATUS, RPC_METHOD = "http.response.status_code", "rpc.response.status_code", "rpc.method"
OLD_STATUS, OLD_PEER = "rpc.grpc.status_code", "net.peer.name"


def has_grpc(graph: Graph) -> bool:
    return any(each.grpc_methods for each in graph.interfaces)


def has_messages(graph: Graph) -> bool:
    return bool(graph.topics or graph.queues)


def mesh_gateways(graph: Graph, environment: Environment) -> tuple[str, ...]:
    """Gateways whose spans are the mesh's."""
    return tuple(each.name for each in network.gateways(graph)) if environment.mesh != "none" else ()


def transform(graph: Graph, environment: Environment) -> dict[str, Any]:
    """A processor; a name that is already there is left alone, and former ones are gone in the end, so that nothing passes by under them."""
    renamed = {
        **HTTP,
        **(RPC if has_grpc(graph) else {}),
        **(DATABASE if graph.accesses else {}),
        **(MESSAGING if has_messages(graph) else {}),
    }
    former = {OLD_PEER, *(old for each in renamed.values() for old in each)}
    statements = [*_renames(renamed), *_http(), *(_messages() if has_messages(graph) else ()), *(_methods() if has_grpc(graph) else ())]
    groups: list[dict[str, Any]] = [*_of_envoy(graph, environment), {"statements": statements}]
    if has_grpc(graph):
        former |= {"rpc.service", OLD_STATUS}
        groups.append({"conditions": [ottl.is_there(ottl.attribute(OLD_STATUS))], "statements": [*_statuses()]})
    groups.append({"conditions": ["span.kind == SPAN_KIND_CLIENT"], "statements": [*_server_address()]})
    gone = ottl.do("delete_matching_keys", "span.attributes", ottl.quoted(ottl.whole(sorted(former))))
    return {"error_mode": "ignore", "trace_statements": [*groups, {"statements": [gone]}]}


def _of_envoy(graph: Graph, environment: Environment) -> Iterator[dict[str, Any]]:
    """A gateway's spans are the mesh's, which has names of its own for components, for whom they ask, and for a connection that failed."""
    gateways = mesh_gateways(graph, environment)
    if not gateways:
        return
    yield {"statements": [_gateway_name(graph, environment, gateways)]}
    address = ottl.attribute("server.address")
    statements = [
        ottl.assign(address, ottl.attribute("upstream_cluster"), where=ottl.is_missing(address)),
        ottl.do("replace_pattern", address, ottl.quoted(CLUSTER), ottl.quoted("$1"), where=ottl.is_there(address)),
        ottl.assign("span.status.code", "STATUS_CODE_ERROR", where=f"{ottl.attribute('error')} == {ottl.quoted('true')}"),
    ]
    if has_grpc(graph):
        path = ottl.attribute("grpc.path")
        statements += [
            ottl.assign(ottl.attribute(RPC_METHOD), ottl.call("TrimPrefix", path, ottl.quoted("/")), where=ottl.is_there(path)),
            ottl.assign(ottl.attribute(OLD_STATUS), ottl.attribute("grpc.status_code")),
        ]
    yield {"conditions": [f"{ottl.attribute('component')} == {ottl.quoted('proxy')}"], "statements": statements}


def _gateway_name(graph: Graph, environment: Environment, gateways: tuple[str, ...]) -> ottl.Statement:
    """Istio calls a proxy `<name>.<namespace>`."""
    names = "|".join(escape(each) for each in gateways)
    pattern = rf"^({names})\.{escape(placement.namespace_of(graph, environment))}$"
    return ottl.do("replace_pattern", ottl.attribute("service.name", "resource"), ottl.quoted(pattern), ottl.quoted("$1"))


def _renames(renamed: dict[str, tuple[str, ...]]) -> Iterator[ottl.Statement]:
    for name, former in renamed.items():
        for old in former:
            yield ottl.assign(ottl.attribute(name), ottl.attribute(old), where=ottl.is_missing(ottl.attribute(name)))


def _http() -> Iterator[ottl.Statement]:
    """Status codes are numbers; what was the target had the query in it."""
    status, path = ottl.attribute(STATUS), ottl.attribute("url.path")
    yield ottl.assign(status, ottl.call("Int", status), where=ottl.call("IsString", status))
    yield ottl.do("replace_pattern", path, ottl.quoted(r"[?#].*$"), ottl.quoted(""), where=ottl.is_there(path))


def _messages() -> Iterator[ottl.Statement]:
    kind = ottl.attribute("messaging.operation.type")
    yield ottl.assign(kind, ottl.quoted("send"), where=f"{kind} == {ottl.quoted('publish')}")


def _methods() -> Iterator[ottl.Statement]:
    """A method has its service before it."""
    service, method = ottl.attribute("rpc.service"), ottl.attribute(RPC_METHOD)
    both = ottl.call("Concat", f"[{service}, {method}]", ottl.quoted("/"))
    yield ottl.assign(method, both, where=ottl.all_of(ottl.is_there(service), ottl.is_there(method)))


def _statuses() -> Iterator[ottl.Statement]:
    """A status has a name."""
    status, number = ottl.attribute(RPC_STATUS), ottl.call("Int", ottl.attribute(OLD_STATUS))
    yield ottl.assign(ottl.cached("codes"), ottl.listed(GRPC_CODES))
    yield ottl.assign(status, ottl.at(ottl.cached("codes"), number), where=ottl.is_missing(status))


def _server_address() -> Iterator[ottl.Statement]:
    """Whom a client has called: some say it only by the address of what they asked for."""
    address, url = ottl.attribute("server.address"), ottl.attribute("url.full")
    yield ottl.assign(address, ottl.attribute(OLD_PEER), where=ottl.is_missing(address))
    host = ottl.at(ottl.call("URL", url), ottl.quoted("url.domain"))
    yield ottl.assign(address, host, where=ottl.all_of(ottl.is_missing(address), ottl.is_there(url)))
