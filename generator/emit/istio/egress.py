"""The way out: third parties and stores elsewhere by name, and for each workload no more than it uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from generator import names, network, placement
from generator.diagnostics import At
from generator.emit.istio.objects import NETWORKING, Manifest, manifest, without_repeats
from generator.graph import Graph, StoreAccess
from generator.model import Component, Environment
from generator.network import Edge
from generator.placement import Peer

PROTOCOLS = {"https": "TLS", "grpc": "TLS", "tls": "TLS", "http": "HTTP", "sftp": "TCP", "tcp": "TCP"}
"""What Envoy sees: TLS is the application's own, from end to end."""


def entries(graph: Graph) -> Iterator[Manifest]:
    """Third parties that are called and stores that lie elsewhere, where their hosts are known."""
    for external in graph.externals:
        because = [each.at for each in graph.calls if each.external is external and placement.is_deployed(each.consumer)]
        for endpoint in external.endpoints if because else ():
            port = placement.endpoint_port(endpoint)
            if endpoint.host is not None and port is not None:
                name = f"external.{external.name}.{endpoint.name}"
                peer = placement.outside(name, endpoint.host, endpoint.addresses)
                yield from _entry(graph, peer, port, PROTOCOLS[endpoint.protocol], [external.at, endpoint.at, *because], endpoint.addresses)
    yield from _stores(graph)


def _stores(graph: Graph) -> Iterator[Manifest]:
    users: dict[str, list[StoreAccess]] = {}
    for access in graph.accesses:
        if placement.is_deployed(access.component):
            users.setdefault(f"{access.owner.name}.{access.store.name}", []).append(access)
    for _, accesses in sorted(users.items()):
        owner, store = accesses[0].owner, accesses[0].store
        port, peer = placement.store_port(store), placement.store_peer(owner, store)
        if peer.host is not None and port is not None:
            because = [store.at, *(each.at for each in accesses)]
            yield from _entry(graph, peer, port, "TLS" if port == 443 else "TCP", because, store.addresses)


def entries_of(graph: Graph, environment: Environment) -> Iterator[Manifest]:
    """Brokers at the addresses of an environment, and its own public name for who goes through the gateway."""
    for peer, port in placement.broker_edges(graph, environment):
        if peer.host is not None:
            yield from _entry(graph, peer, port, "TCP", [environment.at], ())
    through = sorted({each.via.name for each in graph.calls if each.via is not None and placement.is_deployed(each.via)})
    for gateway in network.gateways(graph):
        if gateway.name in through and environment.host is not None:
            yield _way_round(graph, environment, gateway)


def _way_round(graph: Graph, environment: Environment, gateway: Component) -> Manifest:
    """The public host leads to the gateway itself, without leaving the cluster; the caller's TLS ends there."""
    port = placement.gateway_port(graph, gateway).service
    address = placement.host(gateway, placement.namespace_of(graph, environment))
    spec = {
        "hosts": [environment.host],
        "location": "MESH_EXTERNAL",
        "ports": [{"number": 443, "name": "tls", "protocol": "TLS"}],
        "resolution": "DNS",
        "endpoints": [{"address": address, "ports": {"tls": port}}],
        "exportTo": ["."],
    }
    because = without_repeats([environment.at, gateway.at, *(each.at for each in graph.calls if each.via == gateway)])
    return manifest(graph, f"service-entry-{gateway.name}.yaml", NETWORKING, "ServiceEntry", f"{gateway.name}-public", spec, because)


def _entry(graph: Graph, peer: Peer, port: int, protocol: str, because: list[At], addresses: Iterable[str]) -> Iterator[Manifest]:
    """A Service of another namespace is known to the mesh already."""
    assert peer.host is not None
    if peer.namespace is not None:
        return
    spoken = "TCP" if placement.is_address(peer.host) else protocol
    spec = {
        "hosts": [_known_as(peer)],
        **_resolution(peer.host, spoken, list(addresses)),
        "location": "MESH_EXTERNAL",
        "ports": [{"number": port, "name": spoken.lower(), "protocol": spoken}],
        "exportTo": ["."],
    }
    name = names.kebab(peer.name)
    yield manifest(graph, f"service-entry-{name}.yaml", NETWORKING, "ServiceEntry", name, spec, without_repeats(because))


def _resolution(host: str, spoken: str, addresses: list[str]) -> dict[str, Any]:
    """A wildcard cannot be looked up, and plain TCP carries no name: there the address is the one that the caller found."""
    if placement.is_address(host):
        return {"addresses": [host], "resolution": "STATIC", "endpoints": [{"address": host}]}
    if spoken == "TCP":
        return {**({"addresses": addresses} if addresses else {}), "resolution": "NONE"}
    return {"resolution": "NONE" if "*" in host else "DNS"}


def _known_as(peer: Peer) -> str:
    """The host, or for a bare address, which Istio takes for none, a name that nobody can look up (RFC 2606)."""
    assert peer.host is not None
    return f"{peer.name}.invalid" if placement.is_address(peer.host) else peer.host


# --- scopes -----------------------------------------------------------------------------------------------------------


def scopes(graph: Graph, environment: Environment, edges: Sequence[Edge]) -> Iterator[Manifest]:
    """What each workload's proxy knows, and so can reach; a waypoint mesh has no such thing."""
    if environment.mesh != "sidecar":
        return
    for component in placement.deployed(graph):
        if placement.is_gateway(component):
            continue  # Sidecar does not apply to gateways
        outward = network.outward(edges, component)
        hosts = _without_covered({host for edge in outward for host in _hosts(graph, environment, edge)})
        spec = {
            "workloadSelector": {"labels": placement.selector(graph, component)},
            "egress": [{"hosts": hosts}],
            "outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"},
        }
        because = without_repeats([component.at, environment.at, *(at for each in outward for at in each.because)])
        yield manifest(graph, f"sidecars/{component.name}.yaml", NETWORKING, "Sidecar", component.name, spec, because)


def _without_covered(hosts: set[str]) -> list[str]:
    wide = [each.replace("/*", "/") for each in hosts if "/*" in each]
    return sorted(each for each in hosts if "/*" in each or not any(_covers(one, each) for one in wide))


def _covers(wide: str, host: str) -> bool:
    namespace, _, rest = wide.partition("/")
    return host.startswith(f"{namespace}/") and host.endswith(rest)


def _hosts(graph: Graph, environment: Environment, edge: Edge) -> Iterator[str]:
    """As `namespace/host`; where only the pods are known, every Service that may lie before them."""
    target = edge.target
    namespace = placement.namespace_of(graph, environment)
    if target.is_workload:
        gateway = next((each for each in network.gateways(graph) if each.name == target.name), None)
        yield f"./{target.name}.{namespace}.svc.{placement.CLUSTER_DOMAIN}"
        if gateway is not None and environment.host is not None and not edge.requests:
            yield f"./{environment.host}"
    elif target.host is not None and target.namespace is not None:
        yield f"{target.namespace}/{target.host}"
    elif target.host:
        yield f"./{_known_as(target)}"
    elif not target.addresses:
        # No more than Services: what lies outside of the cluster is in the namespace, too, and is for those who use it.
        yield f"{target.namespace or '.'}/*.{target.namespace or namespace}.svc.{placement.CLUSTER_DOMAIN}"
