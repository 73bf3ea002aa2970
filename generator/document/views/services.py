"""How services find each other, survive each other's failures, share load, and are reached from outside and reach others there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import network, placement, policies
from generator.document import diagrams
from generator.document.context import Context
from generator.document.markdown import Markdown
from generator.document.views.excerpts import Excerpt, block
from generator.document.views.undecided import Gap, gaps
from generator.graph import Call, Graph, Interface, Method, calls_of
from generator.model import Breaker, Component, Environment, External, Fallback, OutlierDetection, RateLimit
from generator.policies import Policy
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Listening:
    """A port of a component."""

    name: str
    service: int
    pod: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A component under the name that others find it by."""

    name: str
    ports: tuple[Listening, ...]
    liveness: str | None
    readiness: str | None
    fewest: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Registry:
    """Where names are looked up in an environment."""

    environment: str
    mesh: str
    namespace: str
    example: str | None
    """The full name of the first component there."""


@dataclass(frozen=True, slots=True)
class Ejection:
    """Instances that the mesh leaves out."""

    failures: int
    ejected: Duration
    requests: int
    """Failing requests that are the fewest to leave an instance out: each try counts."""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Operations that a consumer calls with one policy, and what opens the circuit."""

    consumer: str
    target: str
    operations: tuple[str, ...]
    breaker: Breaker | None
    timeout: Duration | None
    tries: int
    per_try: Duration | None
    library: int | None
    """Failing requests in a row that open the breaker where the library repeats: each try counts."""
    behind_mesh: int | None
    """The same where the mesh repeats, and the library sees a request once."""
    ejection: Ejection | None
    fallback: Fallback | None


@dataclass(frozen=True, slots=True)
class Route:
    """What a way in passes on."""

    base: str | None
    interface: str
    operations: tuple[str, ...]
    to: tuple[str, ...]
    """Name and port of the providers' Services."""
    timeout: Duration | None
    tries: int
    schemes: tuple[str, ...]
    unproven: tuple[str, ...]
    """Operations that ask nobody who they are."""


@dataclass(frozen=True, slots=True)
class Limit:
    component: str
    limit: RateLimit
    is_enforced: bool
    """What is emitted enforces it."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A way in: a gateway of the system, or the cluster's ingress."""

    name: str
    component: Component | None
    hosts: tuple[Environment, ...]
    fewest: int | None
    most: int | None
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Integrator:
    """Who calls a third party, and with which credentials."""

    consumer: str
    secrets: tuple[str, ...]
    is_silent: bool
    """Of a call the contract names no secret."""


@dataclass(frozen=True, slots=True)
class ThirdParty:
    external: External
    integrators: tuple[Integrator, ...]


@dataclass(frozen=True, slots=True)
class Services:
    registries: tuple[Registry, ...]
    registered: tuple[Registered, ...]
    elsewhere: tuple[str, ...]
    """Components that are deployed from elsewhere."""
    unready: tuple[str, ...]
    """Components that the platform cannot ask whether they are ready."""
    discovery: Markdown | None
    guarded: tuple[Guarded, ...]
    unguarded: tuple[str, ...]
    """Calls of which the contract says neither that they have a breaker nor that they have none."""
    breaker_excerpt: Excerpt | None
    modes: Mapping[str, tuple[str, ...]]
    """Environments by mesh mode."""
    pinned: tuple[str, ...]
    """gRPC calls whose one connection stays with one instance where no mesh spreads requests."""
    gateways: tuple[Gateway, ...]
    limits: tuple[Limit, ...]
    gateway_excerpts: tuple[Excerpt, ...]
    third_parties: tuple[ThirdParty, ...]
    hidden: tuple[Gap, ...]
    """Third parties of which an endpoint has no host."""
    unsecured: tuple[Gap, ...]
    """Calls of third parties without the name of a secret."""


def view(context: Context) -> Services:
    graph = context.graph
    environments = graph.system.document.environments
    is_inside, is_outside = context.covers("internal", "api"), context.covers("external")
    has_ways_in = context.covers("api", "external")
    registered = tuple(_registered(graph)) if is_inside else ()
    guarded = tuple(each for each in _guarded(graph) if _is_wanted(each.call, is_inside=is_inside, is_outside=is_outside))
    wanted = [each for each in graph.calls if _is_wanted(each, is_inside=is_inside, is_outside=is_outside)]
    gateways = tuple(_gateways(graph)) if has_ways_in else ()
    third_parties = tuple(_third_parties(graph)) if is_outside else ()
    return Services(
        registries=tuple(_registry(graph, each) for each in environments) if is_inside else (),
        registered=registered,
        elsewhere=tuple(each.name for each in graph.components if is_inside and not placement.is_deployed(each)),
        unready=tuple(each.name for each in registered if each.readiness is None and each.ports),
        discovery=_discovery(graph) if is_inside else None,
        guarded=tuple(each.row for each in guarded),
        unguarded=tuple(_unguarded(graph, wanted)),
        breaker_excerpt=_breaker_excerpt(context, [each.row for each in guarded]),
        modes=_modes(environments),
        pinned=tuple(_pinned(graph)) if is_inside and any(each.mesh == "none" for each in environments) else (),
        gateways=gateways,
        limits=tuple(_limits(graph, gateways)) if has_ways_in else (),
        gateway_excerpts=tuple(_gateway_excerpts(context, gateways)),
        third_parties=third_parties,
        hidden=gaps(graph, "externals.<name>.endpoints.<endpoint>.host", _hidden(third_parties)),
        unsecured=gaps(graph, "uses.credentials", _unsecured(third_parties)),
    )


def _is_wanted(call: Call, *, is_inside: bool, is_outside: bool) -> bool:
    return is_outside if call.external is not None else is_inside


# --- discovery --------------------------------------------------------------------------------------------------------


def _registry(graph: Graph, environment: Environment) -> Registry:
    namespace = placement.namespace_of(graph, environment)
    found = next((each for each in placement.deployed(graph) if placement.ports(graph, each)), None)
    return Registry(environment.name, environment.mesh, namespace, placement.host(found, namespace) if found is not None else None)


def _registered(graph: Graph) -> Iterator[Registered]:
    for component in placement.deployed(graph):
        ports = tuple(
            Listening(each.name, each.service, placement.pod_port(each), placement.protocol(graph, component, each))
            for each in placement.ports(graph, component)
        )
        asked = {name: path for name, (path, _) in placement.probes(graph, component).items()}
        fewest, most = _instances(component)
        if not placement.is_job(component):
            yield Registered(component.name, ports, asked.get("liveness"), asked.get("readiness"), fewest, most)


def _instances(component: Component | None) -> tuple[int | None, int | None]:
    said = component.runtime.replicas if component is not None and component.runtime is not None else None
    return (said.min, said.max or said.min) if said is not None else (None, None)


def _discovery(graph: Graph) -> Markdown | None:
    """Of the first call of a gateway, else of the first call whose provider runs in the cluster."""
    inside = [each for each in graph.calls if each.interface is not None and each.via is None and each.use.every is None]
    ordered = sorted(inside, key=lambda each: not placement.is_gateway(each.consumer))
    found = next(((call, listener) for call in ordered for listener in _listening(graph, call)), None)
    environments = graph.system.document.environments
    if found is None or not environments:
        return None
    call, listener = found
    environment = next((each for each in environments if each.mesh != "none"), environments[0])
    namespace = placement.namespace_of(graph, environment)
    ready = placement.probes(graph, listener.component).get("readiness")
    plane = placement.control_plane(environment).service if environment.mesh != "none" else None
    address = f"{placement.host(listener.component, namespace)}:{listener.service_port}"
    return diagrams.discovery(call.consumer.name, listener.component.name, address, ready[0] if ready is not None else None, plane)


def _listening(graph: Graph, call: Call) -> Iterator[network.Listener]:
    if placement.is_deployed(call.consumer):
        yield from network.listeners(graph, call)


# --- circuit breakers -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    call: Call
    row: Guarded


def _guarded(graph: Graph) -> Iterator[_Row]:
    """One row for all operations of a call that are tried alike."""
    is_meshed = any(each.mesh != "none" for each in graph.system.document.environments)
    detections = _detections(graph) if is_meshed else {}
    for component in graph.components:
        found: dict[tuple[int, int], list[Policy]] = {}
        for number, call in enumerate(calls_of(graph, component)):
            for each in policies.of_call(call):
                found.setdefault((number, each.tries), []).append(each)
        for alike in found.values():
            first = alike[0]
            ejection = _ejection(first, detections)
            if first.breaker is not None or ejection is not None:
                yield _Row(first.call, _row(alike, ejection, is_meshed=is_meshed))


def _row(alike: Sequence[Policy], ejection: Ejection | None, *, is_meshed: bool) -> Guarded:
    first = alike[0]
    breaker = first.breaker
    library = _fewest(breaker.failures, first.tries) if breaker is not None else None
    repeats = is_meshed and first.is_in_mesh and first.tries > 1
    return Guarded(
        consumer=first.call.consumer.name,
        target=first.call.target,
        operations=tuple(operation for each in alike if (operation := each.name.removeprefix(first.call.target).removeprefix("."))),
        breaker=breaker,
        timeout=first.timeout,
        tries=first.tries,
        per_try=first.per_try,
        library=library,
        behind_mesh=breaker.failures if breaker is not None and repeats else library,
        ejection=ejection,
        fallback=first.call.use.fallback,
    )


def _fewest(failures: int, tries: int) -> int:
    """Requests that make so many failures in a row, all of whose tries fail."""
    return -(-failures // tries)


def _detections(graph: Graph) -> Mapping[tuple[str, str], OutlierDetection]:
    """When the mesh leaves out an instance of a provider: as declared, else as the most patient breaker. A waypoint does so for all callers."""
    has_sidecars = any(each.mesh == "sidecar" for each in graph.system.document.environments)
    pairs: dict[tuple[str, str], list[Policy]] = {}
    for component in placement.deployed(graph):
        for call in calls_of(graph, component):
            for policy in policies.of_call(call):
                if policy.is_in_mesh:
                    for listener in network.listeners(graph, call):
                        pairs.setdefault((component.name if has_sidecars else "", listener.component.name), []).append(policy)
    found = {pair: policies.ejection(together) for pair, together in pairs.items()}
    return {pair: each for pair, each in found.items() if each is not None}


def _ejection(policy: Policy, detections: Mapping[tuple[str, str], OutlierDetection]) -> Ejection | None:
    """Of an interface with several providers the one that goes first."""
    interface = policy.call.interface
    if interface is None or not policy.is_in_mesh:
        return None
    consumer = policy.call.consumer.name
    found = [detections.get((consumer, each.name), detections.get(("", each.name))) for each in interface.providers]
    first = min((each for each in found if each is not None), key=lambda each: (each.failures, each.ejected), default=None)
    return Ejection(first.failures, first.ejected, _fewest(first.failures, policy.tries)) if first is not None else None


def _unguarded(graph: Graph, calls: Sequence[Call]) -> Iterator[str]:
    """An Envoy that is a gateway has no library that could break."""
    for call in calls:
        if call.use.breaker in (None, True) and call.use.outlier_detection is None and not placement.is_envoy(graph, call.consumer):
            yield f"{call.consumer.name} → {call.target}"


def _breaker_excerpt(context: Context, rows: Sequence[Guarded]) -> Excerpt | None:
    """Of the consumer with the most breakers."""
    guarding = [each.consumer for each in rows if each.breaker is not None]
    if not guarding:
        return None
    consumer = min(guarding, key=lambda each: (-guarding.count(each), each))
    return block(context, f"resilience/circuit-breakers/{consumer}.yaml", "circuitBreaker:", 16)


# --- load and ways in -------------------------------------------------------------------------------------------------


def _modes(environments: Sequence[Environment]) -> Mapping[str, tuple[str, ...]]:
    return {mode: tuple(each.name for each in environments if each.mesh == mode) for mode in ("sidecar", "ambient", "none")}


def _pinned(graph: Graph) -> Iterator[str]:
    yield from sorted({f"{each.consumer.name} → {each.target}" for each in graph.calls if each.protocol == "grpc"})


def _gateways(graph: Graph) -> Iterator[Gateway]:
    hosts = tuple(each for each in graph.system.document.environments if each.host is not None)
    for component in network.gateways(graph):
        calls = [each for each in calls_of(graph, component) if each.interface is not None]
        fewest, most = _instances(component)
        yield Gateway(component.name, component, hosts, fewest, most, tuple(_route(graph, each) for each in calls))
    if not network.gateways(graph):
        routes = tuple(_ingress(graph))
        if routes:
            yield Gateway("", None, hosts, None, None, routes)


def _route(graph: Graph, call: Call) -> Route:
    assert call.interface is not None
    tries = max((each.tries for each in policies.of_call(call)), default=1)
    to = tuple(f"{each.component.name}:{each.service_port}" for each in network.listeners(graph, call)) if call.via is None else ()
    return _routed(call.interface, call.methods, to, call.use.timeout, tries)


def _ingress(graph: Graph) -> Iterator[Route]:
    """What the cluster's ingress lets in: it waits and repeats as the system's defaults say."""
    defaults = graph.system.document.defaults
    timeout = defaults.call.timeout if defaults is not None else None
    tries = defaults.call.retry.attempts if defaults is not None and defaults.call.retry is not None else 1
    for interface, component, protocol in network.public(graph):
        listener = network.listener(graph, interface, component, protocol)
        methods = interface.grpc_methods if protocol == "grpc" else interface.http_methods
        repeated = tries if any(each.idempotency != "none" for each in methods) else 1
        yield _routed(interface, methods, (f"{component.name}:{listener.service_port}",), timeout, repeated)


def _routed(interface: Interface, methods: Sequence[Method], to: tuple[str, ...], timeout: Duration | None, tries: int) -> Route:
    return Route(
        base=interface.api.http.base if interface.api.http is not None else None,
        interface=interface.id,
        operations=tuple(each.name for each in methods),
        to=to,
        timeout=timeout,
        tries=tries,
        schemes=tuple(sorted({each.scheme.name for each in methods if each.scheme is not None})),
        unproven=tuple(each.name for each in methods if each.scheme is None),
    )


def _limits(graph: Graph, gateways: Sequence[Gateway]) -> Iterator[Limit]:
    """A proxy enforces them that sees who asks: a gateway's, or the sidecar of a component."""
    modes = {each.mesh for each in graph.system.document.environments}
    for component in graph.components:
        is_proxied = modes - {"none"} if placement.is_gateway(component) else "sidecar" in modes
        for each in component.rate_limits:
            yield Limit(component.name, each, bool(is_proxied) and each.by is not None and placement.is_deployed(component))


def _gateway_excerpts(context: Context, gateways: Sequence[Gateway]) -> Iterator[Excerpt]:
    """Of the first way in: where TLS ends, and its first route."""
    for gateway in gateways[:1]:
        for environment in gateway.hosts[:1]:
            name, folder = gateway.name or context.graph.name, f"istio/overlays/{environment.name}"
            found = (
                block(context, f"{folder}/gateway-{name}.yaml", "spec:"),
                block(context, f"{folder}/virtual-service-{name}.yaml", "spec:"),
            )
            yield from (each for each in found if each is not None)


# --- third parties ----------------------------------------------------------------------------------------------------


def _third_parties(graph: Graph) -> Iterator[ThirdParty]:
    callers: dict[str, dict[str, set[str | None]]] = {}
    for call in graph.calls:
        if call.external is not None:
            callers.setdefault(call.external.name, {}).setdefault(call.consumer.name, set()).add(call.use.credentials)
    for external in graph.externals:
        found = sorted(callers.get(external.name, {}).items())
        yield ThirdParty(
            external, tuple(Integrator(name, tuple(sorted(secret for secret in each if secret)), None in each) for name, each in found)
        )


def _hidden(found: Sequence[ThirdParty]) -> Iterator[tuple[str, str]]:
    for each in found:
        for endpoint in each.external.endpoints:
            if endpoint.host is None:
                yield each.external.name, f"externals.{each.external.name}.endpoints.{endpoint.name}.host"


def _unsecured(found: Sequence[ThirdParty]) -> Iterator[tuple[str, str]]:
    for each in found:
        for user in each.integrators:
            if user.is_silent:
                yield f"{user.consumer} → {each.external.name}", f"{user.consumer}.uses.credentials"
