"""Who is let in: mutual TLS everywhere, tokens where they are asked for, and exactly the declared callers on the declared operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from generator import names, network, placement
from generator.diagnostics import At
from generator.emit.istio.objects import SECURITY, Manifest, manifest, without_repeats
from generator.graph import Graph, calls_of
from generator.model import Component, Environment, Scheme
from generator.network import Edge, Request
from generator.path_patterns import left_out_of, path_pattern

Rule = dict[str, Any]


def authentication(graph: Graph, mode: str) -> Iterator[Manifest]:
    """STRICT mutual TLS in the namespace, and the tokens that each provider checks."""
    header = (graph.system.header.at,)
    yield manifest(graph, "peer-authentication.yaml", SECURITY, "PeerAuthentication", "default", {"mtls": {"mode": "STRICT"}}, header)
    for component in placement.deployed(graph):
        schemes = [each for each in _schemes(graph, component) if is_checked(each)]
        if schemes:
            spec = {**_chosen(graph, component, mode), "jwtRules": [_jwt(each) for each in schemes]}
            because = without_repeats([component.at, *(each.at for each in schemes)])
            yield manifest(
                graph, f"{component.name}/request-authentication.yaml", SECURITY, "RequestAuthentication", component.name, spec, because
            )


def is_checked(scheme: Scheme | None) -> bool:
    """Whether the mesh can check the scheme's tokens: it must know who issues them."""
    return scheme is not None and scheme.kind in network.TOKENS and scheme.issuer is not None


def _schemes(graph: Graph, component: Component) -> list[Scheme]:
    """Of what the component provides, and of what it routes as a gateway."""
    methods = [method for interface in graph.interfaces if component in interface.providers for method in interface.methods]
    if placement.is_gateway(component):
        methods += [method for call in calls_of(graph, component) for method in call.methods]
    found = {method.scheme.name: method.scheme for method in methods if method.scheme is not None}
    return [found[name] for name in sorted(found)]


def _jwt(scheme: Scheme) -> dict[str, Any]:
    """Without an address the keys are found through the issuer's OpenID Connect discovery."""
    return {
        "issuer": scheme.issuer,
        **({"audiences": list(scheme.audiences)} if scheme.audiences else {}),
        **({"jwksUri": scheme.jwks} if scheme.jwks else {}),
        "forwardOriginalToken": True,
    }


def _chosen(graph: Graph, component: Component, mode: str) -> dict[str, Any]:
    """The workload, or with a waypoint its Service: a waypoint obeys only policies that name what they are for."""
    if mode == "ambient" and not placement.is_gateway(component):
        return {"targetRefs": [{"group": "", "kind": "Service", "name": component.name}]}
    return {"selector": {"matchLabels": placement.selector(graph, component)}}


# --- authorization ----------------------------------------------------------------------------------------------------


def authorization(graph: Graph, environment: Environment, edges: Sequence[Edge]) -> Iterator[Manifest]:
    """Nobody may do anything, except what an edge allows."""
    folder = "authorization-policies"
    because = (environment.at, graph.system.header.at)
    yield manifest(graph, f"{folder}/allow-nothing.yaml", SECURITY, "AuthorizationPolicy", "allow-nothing", {}, because)
    for component in placement.deployed(graph):
        inward = network.inward(edges, component)
        if placement.is_gateway(component) and environment.host is not None:
            rules = _public_rules(graph, component, environment, edges)
            inward = [each for each in inward if each.requests] + [each for each in inward if each.source == network.ANYBODY]
        else:
            rules = []
        rules += [rule for edge in inward if edge.requests for rule in _rules(graph, environment, edge)]
        if rules:
            spec = {**_chosen(graph, component, environment.mesh), "action": "ALLOW", "rules": rules}
            sources = without_repeats([component.at, environment.at, *(at for each in inward for at in each.because)])
            yield manifest(graph, f"{folder}/{component.name}.yaml", SECURITY, "AuthorizationPolicy", component.name, spec, sources)
            if environment.mesh == "ambient" and not placement.is_gateway(component):
                yield _from_waypoint(graph, component, environment, sources)
    yield from _stores(graph, environment, edges)


def _from_waypoint(graph: Graph, component: Component, environment: Environment, because: tuple[At, ...]) -> Manifest:
    """The pods take connections from the waypoint alone, which asks for the rest."""
    who = placement.principal(environment, placement.namespace_of(graph, environment), network.WAYPOINT)
    spec = {
        "selector": {"matchLabels": placement.selector(graph, component)},
        "action": "ALLOW",
        "rules": [{"from": [{"source": {"principals": [who]}}]}],
    }
    name = f"{component.name}-from-waypoint"
    return manifest(graph, f"authorization-policies/{name}.yaml", SECURITY, "AuthorizationPolicy", name, spec, because)


def _rules(graph: Graph, environment: Environment, edge: Edge) -> Iterator[Rule]:
    """Of one caller on one port; what needs a token stands apart from what does not."""
    groups: dict[tuple[Any, ...], list[Request]] = {}
    served = network.served(graph).get((edge.target.name, edge.port), ())
    for request in edge.requests:
        groups.setdefault(_needed(request), []).append(request)
    for key in sorted(groups, key=str):
        first = groups[key][0]
        source: dict[str, Any] = {"principals": [_principal(graph, environment, edge)]}
        if is_checked(first.scheme):
            assert first.scheme is not None
            source["requestPrincipals"] = [f"{first.scheme.issuer}/*"]
        conditions = _conditions(first) if is_checked(first.scheme) else []
        yield {
            "from": [{"source": source}],
            "to": [{"operation": each} for each in operations(groups[key], edge.port if environment.mesh == "sidecar" else None, served)],
            **({"when": conditions} if conditions else {}),
        }


def _needed(request: Request) -> tuple[Any, ...]:
    if not is_checked(request.scheme):
        return ()
    assert request.scheme is not None
    return (request.scheme.name, request.operation.operation.scopes, request.operation.operation.roles)


def _conditions(request: Request) -> list[dict[str, Any]]:
    """All scopes and one of the roles, from the token's claims; a claim with spaces in it is a list to Istio."""
    assert request.scheme is not None
    operation = request.operation.operation
    found = [{"key": _claim(request.scheme.scope_claim), "values": [scope]} for scope in operation.scopes]
    if operation.roles:
        found.append({"key": _claim(request.scheme.roles_claim), "values": list(operation.roles)})
    return found


def _claim(name: str) -> str:
    return "request.auth.claims" + "".join(f"[{part}]" for part in name.split("."))


def operations(requests: Iterable[Request], port: int | None, served: Sequence[Request] = ()) -> list[dict[str, Any]]:
    """The methods and paths, no combination of them that is not asked for.

    Of what is `served` there, `/orders/{*}` would let in `/orders/export`, too: what others may ask, or with another token, is left out.
    """
    wanted = {(each.method, each.path) for each in requests}
    others = [each for each in served if (each.method, each.path) not in wanted]
    paths: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for method, path in sorted(wanted):
        same = [each.path for each in served if each.method == method]
        beside = {left_out_of(path, each.path, same) for each in others if each.method == method}
        paths.setdefault((path_pattern(path, same), tuple(sorted(filter(None, beside)))), set()).add(method)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for (path, left_out), methods in paths.items():
        groups.setdefault((tuple(sorted(methods)), left_out), []).append(path)
    on_port = {"ports": [str(port)]} if port is not None else {}
    return [
        {"methods": list(methods), "paths": sorted(found), **({"notPaths": list(left_out)} if left_out else {}), **on_port}
        for (methods, left_out), found in sorted(groups.items())
    ]


def carried(graph: Graph, edges: Sequence[Edge]) -> Callable[[Edge], dict[str, Any]]:
    """What an edge carries, for the list of edges; one that ends at a gateway, what that has routes to."""
    through = {
        (gateway.name, placement.pod_port(placement.gateway_port(graph, gateway))): routed(edges, gateway)
        for gateway in network.gateways(graph)
    }

    def said(edge: Edge) -> dict[str, Any]:
        asked = through.get((edge.target.name, edge.port), edge.requests)
        return {"operations": operations(asked, None, network.served(graph).get((edge.target.name, edge.port), ()))} if asked else {}

    return said


def routed(edges: Iterable[Edge], gateway: Component) -> tuple[Request, ...]:
    """The requests that a gateway has routes for."""
    return tuple(request for edge in network.outward(edges, gateway) for request in edge.requests)


def scraping(graph: Graph, environment: Environment, edges: Sequence[Edge]) -> Iterator[Manifest]:
    """Without sidecars Prometheus reads metrics from the pods themselves; where nothing says who it is in the mesh, it is not part of it.

    Then those ports take plain connections, too, but from nobody who has an identity: NetworkPolicies keep out all but Prometheus.
    """
    place = placement.scraping(environment)
    account, namespace = place.peer.account, place.peer.namespace
    known = {"principals": [placement.principal(environment, namespace, account)]} if account and namespace else {}
    for component in placement.deployed(graph) if environment.mesh == "ambient" else ():
        ports = [str(each.port) for each in network.inward(edges, component) if each.source == place.peer and each.port != network.TUNNEL]
        if not ports:
            continue
        chosen = {"selector": {"matchLabels": placement.selector(graph, component)}}
        because = without_repeats([component.at, environment.at, place.at])
        name = f"{component.name}-from-scraping"
        rule = {"from": [{"source": known or {"notPrincipals": ["*"]}}], "to": [{"operation": {"ports": ports}}]}
        spec = {**chosen, "action": "ALLOW", "rules": [rule]}
        yield manifest(graph, f"authorization-policies/{name}.yaml", SECURITY, "AuthorizationPolicy", name, spec, because)
        if not known:
            spec = {**chosen, "mtls": {"mode": "STRICT"}, "portLevelMtls": {each: {"mode": "PERMISSIVE"} for each in ports}}
            yield manifest(
                graph, f"peer-authentications/{component.name}.yaml", SECURITY, "PeerAuthentication", component.name, spec, because
            )


def _principal(graph: Graph, environment: Environment, edge: Edge) -> str:
    namespace = edge.source.namespace or placement.namespace_of(graph, environment)
    assert edge.source.account is not None
    return placement.principal(environment, namespace, edge.source.account)


def _public_rules(graph: Graph, gateway: Component, environment: Environment, edges: Sequence[Edge]) -> list[Rule]:
    """Anybody may ask the gateway for what it has a route to, under the public name."""
    assert environment.host is not None
    port = placement.pod_port(placement.gateway_port(graph, gateway))
    hosts = [environment.host, f"{environment.host}:*"]
    allowed = [{"operation": {"hosts": hosts, **each}} for each in operations(routed(edges, gateway), port)]
    return [{"to": allowed}] if allowed else []


def _stores(graph: Graph, environment: Environment, edges: Sequence[Edge]) -> Iterator[Manifest]:
    """Stores and brokers in the namespace, should they be part of the mesh: their users reach them."""
    groups: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.target.is_inside and edge.port != network.TUNNEL:
            groups.setdefault(edge.target.name, []).append(edge)
    for name, found in sorted(groups.items()):
        principals = sorted({_principal(graph, environment, each) for each in found})
        ports = sorted({str(each.port) for each in found})
        spec = {
            "selector": {"matchLabels": dict(found[0].target.labels)},
            "action": "ALLOW",
            "rules": [{"from": [{"source": {"principals": principals}}], "to": [{"operation": {"ports": ports}}]}],
        }
        because: list[At] = [environment.at, *(at for each in found for at in each.because)]
        yield manifest(
            graph,
            f"authorization-policies/{names.kebab(name)}.yaml",
            SECURITY,
            "AuthorizationPolicy",
            names.kebab(name),
            spec,
            without_repeats(because),
        )
