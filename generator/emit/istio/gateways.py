"""The way in: a Gateway that ends TLS for the public host, and the routes behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import network, placement
from generator.diagnostics import At
from generator.emit.istio.objects import NETWORKING, Manifest, manifest, without_repeats
from generator.emit.istio.routes import Called, of_call, routes
from generator.graph import Call, Graph
from generator.model import CallDefaults, Component, Environment, Use

HTTPS = 443


def waypoint(graph: Graph, environment: Environment) -> Iterator[Manifest]:
    """The proxy that judges requests where pods have none of their own (Gateway API, GAMMA; Istio, waypoint proxies)."""
    if environment.mesh == "ambient":
        listener = {"name": "mesh", "port": network.TUNNEL, "protocol": "HBONE"}
        spec = {"gatewayClassName": "istio-waypoint", "listeners": [listener]}
        found = manifest(graph, "waypoint.yaml", "gateway.networking.k8s.io/v1", "Gateway", network.WAYPOINT, spec, (environment.at,))
        found.data["metadata"]["labels"]["istio.io/waypoint-for"] = "service"
        yield found


def public(graph: Graph, environment: Environment) -> Iterator[Manifest]:
    """A Gateway and its routes for each gateway of the system, else for the cluster's ingress."""
    if environment.host is None:
        return
    for gateway in network.gateways(graph):
        called = [each for call in graph.calls if call.consumer == gateway and call.interface is not None for each in _routed(graph, call)]
        port = placement.gateway_port(graph, gateway).service
        yield from _pair(graph, environment, gateway.name, placement.selector(graph, gateway), port, called, gateway.at)
    if not network.gateways(graph):
        called = let_in(graph)
        labels = dict(placement.ingress(environment).peer.labels)
        yield from _pair(graph, environment, graph.name, labels, HTTPS, called, graph.system.header.at)


def _pair(
    graph: Graph, environment: Environment, name: str, labels: dict[str, str], port: int, called: list[Called], at: At
) -> Iterator[Manifest]:
    if not called:
        return
    assert environment.host is not None
    server = {
        "port": {"number": port, "name": "https", "protocol": "HTTPS"},
        "tls": {"mode": "SIMPLE", "credentialName": placement.certificate(environment), "minProtocolVersion": "TLSV1_2"},
        "hosts": [f"./{environment.host}"],
    }
    because = without_repeats([environment.at, at, *(each.at for each, _, _, _ in called)])
    yield manifest(graph, f"gateway-{name}.yaml", NETWORKING, "Gateway", name, {"selector": labels, "servers": [server]}, because)
    spec: dict[str, Any] = {"hosts": [environment.host], "gateways": [name], "http": routes(called)}
    # Its own name: a component that is called inside of the mesh has a VirtualService of its name already.
    yield manifest(graph, f"virtual-service-{name}.yaml", NETWORKING, "VirtualService", f"{name}-public", spec, because)


def _routed(graph: Graph, call: Call) -> list[Called]:
    return [(policy, request, found, {}) for found in network.listeners(graph, call) for policy, request in of_call(call)]


def let_in(graph: Graph) -> list[Called]:
    """What is public, under the system's own call policy: the ingress is nobody's component."""
    document = graph.system.document
    default = document.defaults.call if document.defaults else CallDefaults()
    found: list[Called] = []
    for interface, component, protocol in network.public(graph):
        methods = interface.grpc_methods if protocol == "grpc" else interface.http_methods
        use = Use(api=interface.id, timeout=default.timeout, retry=default.retry, at=interface.at)
        ingress = Component(name="ingress", at=interface.at)
        call = Call(ingress, use, interface, None, methods, protocol)  # type: ignore[arg-type]  # one of the two words
        where = network.listener(graph, interface, component, protocol)
        found += [(policy, request, where, {}) for policy, request in of_call(call)]
    return found
