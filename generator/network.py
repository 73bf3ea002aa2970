"""Who may open a connection to whom: the edges of the contract, and the named edges of the platform. Policies are cut from these alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from generator import placement
from generator.diagnostics import At
from generator.graph import Call, Graph, Interface, Method, derived
from generator.model import Component, Environment, Scheme
from generator.placement import Peer, Transport

MERGED_METRICS = 15020
"""Port on which a sidecar serves its own and the application's metrics (Istio, ports used by Istio)."""
COLLECTOR_METRICS = (8888, 8889)
"""Ports on which the collector serves its own metrics, and those of the components; upstream's defaults."""
TUNNEL = 15008
"""Port on which ambient pods and waypoints take each other's connections (HBONE)."""
WAYPOINT = "waypoint"
"""Name of the waypoint, and of its service account."""
WAYPOINT_PODS = Peer("platform.waypoint", {"gateway.networking.k8s.io/gateway-name": WAYPOINT}, account=WAYPOINT)
TOKENS = ("jwt", "oauth2", "openid")
"""Kinds of authentication that bring a token, which a proxy can check."""
ANYBODY = Peer("external.anywhere", addresses=placement.ANYWHERE)


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request that an edge carries; gRPC is HTTP too: POST, with the method's full name as path."""

    method: str
    path: str
    """With `{parameters}`."""
    operation: Method
    interface: Interface
    scheme: Scheme | None
    """How the end user proves who it is; None: the caller's own identity is enough."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A connection that is allowed: `port` is the one in the pod, or of the host outside."""

    source: Peer
    target: Peer
    port: int
    because: tuple[At, ...]
    transport: Transport = "TCP"
    requests: tuple[Request, ...] = ()
    """Empty: whatever is spoken there is not HTTP, or is encrypted from end to end."""

    @property
    def key(self) -> tuple[str, str, str, int]:
        return self.source.name, self.target.name, self.transport, self.port


class Listener(NamedTuple):
    """Where an interface is offered over one protocol."""

    component: Component
    port: int
    """In the pod."""
    service_port: int


def contract_edges(graph: Graph) -> tuple[Edge, ...]:
    """The edges that the contract declares between workloads, stores and third parties; the same in every environment."""
    return merged([*_calls(graph), *_stores(graph)])


def platform_edges(graph: Graph, environment: Environment) -> tuple[Edge, ...]:
    """What every workload of an environment needs beside that: names, telemetry, the mesh, the broker, the way in."""
    found: list[Edge] = []
    for component in placement.deployed(graph):
        found += _surroundings(graph, environment, component)
        found += _messages(graph, environment, component)
    found += _broker_metrics(graph, environment)
    found += _captures(graph, environment)
    found += _replications(graph, environment)
    found += _way_in(graph, environment)
    if environment.mesh == "ambient":
        found += _tunnels([*contract_edges(graph), *found], environment)
    return merged(found)


def _tunnels(edges: Sequence[Edge], environment: Environment) -> Iterator[Edge]:
    """In an ambient mesh connections go through tunnels: requests by the waypoint, everything else from pod to pod."""
    for edge in edges:
        if edge.requests:
            yield Edge(edge.source, WAYPOINT_PODS, TUNNEL, edge.because)
            yield Edge(WAYPOINT_PODS, edge.target, TUNNEL, edge.because)
        elif not edge.target.addresses and edge.target.namespace is None and edge.source != ANYBODY:
            yield Edge(edge.source, edge.target, TUNNEL, edge.because)
    place = placement.control_plane(environment)
    if any(each.requests for each in edges):
        yield from (Edge(WAYPOINT_PODS, place.peer, port, (place.at,), transport) for transport, port in place.ports)


def merged(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """One edge for each pair and port, with all that runs over it."""
    found: dict[tuple[str, str, str, int], Edge] = {}
    for edge in edges:
        known = found.setdefault(edge.key, edge)
        if known is not edge:
            found[edge.key] = _joined(known, edge)
    return tuple(found[key] for key in sorted(found))


def _joined(first: Edge, second: Edge) -> Edge:
    requests = {(each.method, each.path, each.interface.id): each for each in (*first.requests, *second.requests)}
    because = tuple({at.span: at for at in (*first.because, *second.because)}.values())
    return replace(first, because=because, requests=tuple(requests[key] for key in sorted(requests)))


# --- edges of the contract --------------------------------------------------------------------------------------------


def _calls(graph: Graph) -> Iterator[Edge]:
    for call in graph.calls:
        if not placement.is_deployed(call.consumer):
            continue
        source = placement.workload(graph, call.consumer)
        if call.external is not None:
            for endpoint in call.external.endpoints:
                port = placement.endpoint_port(endpoint)
                if port is not None:
                    place = endpoint.host or ""
                    name = f"external.{call.external.name}" + (f".{endpoint.name}" if len(call.external.endpoints) > 1 else "")
                    yield Edge(source, placement.outside(name, place, endpoint.addresses), port, (call.at,))
        elif call.via is not None:
            if placement.is_deployed(call.via):
                port = placement.pod_port(placement.gateway_port(graph, call.via))
                yield Edge(source, placement.workload(graph, call.via), port, (call.at,))
        else:
            for listener in listeners(graph, call):
                target = placement.workload(graph, listener.component)
                yield Edge(source, target, listener.port, (call.at,), requests=tuple(requests(call)))


def listeners(graph: Graph, call: Call) -> Iterator[Listener]:
    """The deployed providers that a call may reach, with their port."""
    assert call.interface is not None and call.protocol is not None
    for component in call.interface.providers:
        if placement.is_deployed(component):
            yield listener(graph, call.interface, component, call.protocol)


def listener(graph: Graph, interface: Interface, component: Component, protocol: str) -> Listener:
    binding = interface.api.grpc if protocol == "grpc" else interface.api.http
    assert binding is not None
    port = next(each for each in placement.ports(graph, component) if each.name == binding.port)
    return Listener(component, placement.pod_port(port), port.service)


def requests(call: Call) -> Iterator[Request]:
    assert call.interface is not None and call.protocol is not None
    for method in call.methods:
        yield request(call.interface, method, call.protocol)


def request(interface: Interface, method: Method, protocol: str) -> Request:
    """The request that an operation is, over one protocol."""
    scheme = method.scheme if method.scheme is not None and method.scheme.kind in TOKENS else None
    if protocol == "grpc":
        return Request("POST", f"/{interface.package}.{interface.service}/{method.grpc_name}", method, interface, scheme)
    assert method.operation.http is not None
    return Request(method.operation.http.method, interface.path(method), method, interface, scheme)


def _stores(graph: Graph) -> Iterator[Edge]:
    for access in graph.accesses:
        port = placement.store_port(access.store)
        if port is not None and placement.is_deployed(access.component):
            yield Edge(placement.workload(graph, access.component), placement.store_peer(access.owner, access.store), port, (access.at,))


# --- edges of the platform --------------------------------------------------------------------------------------------


def _surroundings(graph: Graph, environment: Environment, component: Component) -> Iterator[Edge]:
    own = placement.workload(graph, component)
    outward = [placement.dns(environment), placement.telemetry(environment)]
    inward: list[int] = []
    if environment.mesh == "sidecar":
        outward.append(placement.control_plane(environment))
        inward.append(MERGED_METRICS)
    else:
        inward += _metrics(graph, component)
    for place in outward:
        for transport, port in place.ports:
            yield Edge(own, place.peer, port, (place.at,), transport)
    scraping = placement.scraping(environment)
    for port in inward:
        yield Edge(scraping.peer, own, port, (scraping.at,))


def _metrics(graph: Graph, component: Component) -> Iterator[int]:
    """Ports that serve metrics: the one that the contract says, and any that is named so."""
    endpoint = placement.metrics_endpoint(graph, component)
    wanted = {"metrics", *([endpoint.port] if endpoint is not None else ())}
    return (placement.pod_port(each) for each in placement.ports(graph, component) if each.name in wanted)


def _broker_metrics(graph: Graph, environment: Environment) -> Iterator[Edge]:
    """A broker among the system's pods, under their default deny: Prometheus reads its metrics, or an exporter asks it.

    A mesh lets in only who has an identity there.
    """
    place = placement.broker_metrics(graph, environment)
    scraping = placement.scraping(environment)
    for broker, port in placement.broker_edges(graph, environment) if graph.topics or graph.queues else ():
        if place is None or not broker.is_inside:
            continue
        is_own = place.peer.labels == broker.labels and place.peer.namespace is None
        source, target = (scraping, place.port) if is_own else (place, port)
        if environment.mesh == "none" or source.peer.account is not None:
            yield Edge(source.peer, broker, target, (place.at,))


def _captures(graph: Graph, environment: Environment) -> Iterator[Edge]:
    """Kafka Connect reads the changes of a store that is among the system's pods, under their default deny."""
    for access in graph.accesses:
        capture = access.store.capture if access.use is None else None
        port, peer = placement.store_port(access.store), placement.store_peer(access.owner, access.store)
        if capture is not None and port is not None and peer.is_inside:
            place = placement.connect(environment, capture.cluster)
            yield Edge(place.peer, peer, port, (access.at, capture.at, place.at))


def _replications(graph: Graph, environment: Environment) -> Iterator[Edge]:
    """Prometheus asks the exporter in the pods of a store whose copies are watched; a mesh lets in only who has an identity there."""
    scraping = placement.scraping(environment)
    for access in graph.accesses:
        said = access.store.replicated if access.use is None else None
        peer = placement.store_peer(access.owner, access.store)
        is_watched = said is not None and said.lag is not None and access.store.kind in placement.REPLICATING
        if said is not None and is_watched and peer.is_inside and (environment.mesh == "none" or scraping.peer.account is not None):
            yield Edge(scraping.peer, peer, placement.STORE_METRICS_PORT, (access.at, said.at, scraping.at))


def _messages(graph: Graph, environment: Environment, component: Component) -> Iterator[Edge]:
    ends = [each.at for each in graph.topics if each.publisher == component]
    ends += [one.at for each in graph.topics for one in each.subscriptions if one.consumer == component]
    ends += [each.at for each in graph.queues if each.handler == component]
    ends += [one.at for each in graph.queues for one in each.senders if one.component == component]
    if ends:
        for peer, port in placement.broker_edges(graph, environment):
            yield Edge(placement.workload(graph, component), peer, port, tuple(ends))


@derived
def gateways(graph: Graph) -> tuple[Component, ...]:
    """The system's own gateways; without one the cluster's ingress lets in what is public."""
    return tuple(each for each in placement.deployed(graph) if placement.is_gateway(each))


def _way_in(graph: Graph, environment: Environment) -> Iterator[Edge]:
    if environment.host is None:
        return
    for gateway in gateways(graph):
        port = placement.pod_port(placement.gateway_port(graph, gateway))
        yield Edge(ANYBODY, placement.workload(graph, gateway), port, (gateway.at, environment.at))
    if not gateways(graph):
        place = placement.ingress(environment)
        for interface, component, protocol in public(graph):
            found = listener(graph, interface, component, protocol)
            methods = interface.grpc_methods if protocol == "grpc" else interface.http_methods
            wanted = tuple(request(interface, method, protocol) for method in methods)
            yield Edge(place.peer, placement.workload(graph, component), found.port, (interface.at, place.at), requests=wanted)


def public(graph: Graph) -> Iterator[tuple[Interface, Component, str]]:
    """Every public interface with each deployed provider and protocol."""
    for interface in graph.interfaces:
        if interface.api.visibility == "public":
            for component in interface.providers:
                if placement.is_deployed(component):
                    offered = (("grpc", interface.grpc_methods), ("http", interface.http_methods))
                    yield from ((interface, component, protocol) for protocol, methods in offered if methods)


@derived
def served(graph: Graph) -> Mapping[tuple[str, int], tuple[Request, ...]]:
    """All that a component answers on each of its ports, whether it is asked for or not."""
    found: dict[tuple[str, int], list[Request]] = {}
    for interface in graph.interfaces:
        for component in interface.providers:
            for protocol, methods in (("grpc", interface.grpc_methods), ("http", interface.http_methods)):
                if methods and placement.is_deployed(component):
                    port = listener(graph, interface, component, protocol).port
                    found.setdefault((component.name, port), []).extend(request(interface, each, protocol) for each in methods)
    return {key: tuple(requests) for key, requests in found.items()}


def collector_edges(graph: Graph, environment: Environment) -> tuple[Edge, ...]:
    """Who may reach the collector and what it reaches: components and Prometheus, names, and where traces and logs go."""
    own = placement.telemetry(environment)
    alike = {placement.PART_OF: graph.name} if len(placement.deployed(graph)) == len(graph.components) else {}
    senders = Peer(f"system.{graph.name}", alike, placement.namespace_of(graph, environment))
    found = [Edge(senders, own.peer, port, (own.at,), transport) for transport, port in own.ports]
    scraping = placement.scraping(environment)
    found += [Edge(scraping.peer, own.peer, port, (scraping.at,)) for port in COLLECTOR_METRICS]
    for place in (placement.dns(environment), placement.tracing(environment), placement.logging(environment)):
        ports = place.ports if place.peer.name == "platform.dns" else place.ports[:1]
        found += [Edge(own.peer, place.peer, port, (place.at,), transport) for transport, port in ports]
    return merged(found)


# --- the list of edges ------------------------------------------------------------------------------------------------


def listing(
    graph: Graph, environment: Environment, edges: Sequence[Edge], carried: Callable[[Edge], dict[str, Any]]
) -> tuple[dict[str, Any], tuple[At, ...]]:
    """Every connection of an environment that is allowed, and why: what the policies are proven against; `carried` is said of each edge."""
    peers = {each.name: each for edge in edges for each in (edge.source, edge.target)}
    for component in placement.deployed(graph):
        peers.setdefault(component.name, placement.workload(graph, component))
    data = {
        "namespace": placement.namespace_of(graph, environment),
        "peers": {name: _peer(peers[name]) for name in sorted(peers)},
        "edges": [_listed(each) | carried(each) | {"because": _reason(each)} for each in edges],
    }
    return data, (environment.at, graph.system.header.at, *(at for each in edges for at in each.because))


def all_edges(graph: Graph, environment: Environment) -> tuple[Edge, ...]:
    return merged([*contract_edges(graph), *platform_edges(graph, environment)])


def inward(edges: Iterable[Edge], component: Component) -> list[Edge]:
    """The edges that end at a component."""
    return [each for each in edges if each.target.is_workload and each.target.name == component.name]


def outward(edges: Iterable[Edge], component: Component) -> list[Edge]:
    """The edges that start at a component."""
    return [each for each in edges if each.source.is_workload and each.source.name == component.name]


def _listed(edge: Edge) -> dict[str, Any]:
    return {"from": edge.source.name, "to": edge.target.name, "port": edge.port, "protocol": edge.transport}


def _reason(edge: Edge) -> str:
    """The records that say so; the number of an entry in a list is no name."""
    return ", ".join(sorted({".".join(part for part in at.path if not part.isdigit()) for at in edge.because}))


def _peer(peer: Peer) -> dict[str, Any]:
    if peer.addresses:
        return {"addresses": list(peer.addresses), **({"except": list(peer.excluded)} if peer.excluded else {})}
    described: dict[str, Any] = {"namespace": peer.namespace} if peer.namespace else {}
    described["labels"] = dict(peer.labels)
    if peer.is_workload:
        return described
    account = {"account": peer.account} if peer.account else {}
    return {**described, **account, "stand_in": True}
