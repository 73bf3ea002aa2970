"""Interfaces over HTTP and gRPC: how they are designed, offered and let in, and what they answer when they cannot do what is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from generator import placement, policies
from generator.document.context import Context
from generator.document.views.excerpts import MOST_LINES, Excerpt, block
from generator.graph import Call, Graph, Interface, Method, calls_of, derived
from generator.model import CallDefaults, Component, Decision, Environment, ErrorType, OutlierDetection, Use
from generator.policies import Policy
from generator.review.architecture.design import casing
from generator.review.architecture.retries import RETRIED
from generator.units import Duration

JSON = "application/json"
STYLES = re.compile(r"\b(?:REST|HTTP|gRPC|GraphQL|API|APIs|RPC|SOAP)\b", re.IGNORECASE)
"""Words by which a decision shows that it is about interfaces."""
VERSION_SEGMENT = re.compile(r"v\d+\w*")


@dataclass(frozen=True, slots=True)
class Offered:
    """An interface with the files that say it to programs."""

    interface: Interface
    openapi: str | None
    """Path of its OpenAPI document; None where it is not made."""
    proto: str | None
    schemes: tuple[str, ...]
    """Ways in which its callers prove who they are; `none` where an operation asks for nothing."""


@dataclass(frozen=True, slots=True)
class Design:
    """How the HTTP interfaces of the system are made, counted."""

    methods: tuple[tuple[str, int], ...]
    answers: tuple[tuple[int, int], ...]
    """Statuses of what went well."""
    faults: tuple[tuple[int, int], ...]
    """Statuses of named errors, by operations that answer with them."""
    versioned: tuple[Interface, ...]
    """Those with a version in their paths."""
    unversioned: tuple[Interface, ...]
    segments: tuple[tuple[str, int], ...]
    """Casings of path segments of several words."""
    fields: tuple[tuple[str, int], ...]
    """Casings of properties and parameters of several words."""
    taken: tuple[tuple[str, int], ...]
    """Media types of requests."""
    given: tuple[tuple[str, int], ...]
    paged: tuple[tuple[str, int], ...]
    """Operations that answer page by page, with the most items of a page."""
    keyed: tuple[str, ...]
    """Operations that take an Idempotency-Key."""
    key_ttl: Duration | None
    unrepeatable: int
    """Operations that must not be repeated."""
    sunsets: tuple[tuple[str, str | None], ...]
    """Interfaces and operations that are to go, with their last day."""


@dataclass(frozen=True, slots=True)
class Route:
    """Operations that a gateway lets in and treats alike."""

    interface: Interface
    protocol: str
    operations: tuple[str, ...]
    timeout: Duration | None
    tries: int
    per_try: Duration | None
    outlier_detection: OutlierDetection | None
    schemes: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """A way in, with what it lets in."""

    component: Component | None
    """None: the cluster's ingress, which is no component of the system."""
    routes: tuple[Route, ...]
    files: tuple[tuple[Environment, str], ...]
    """Its routes in each environment, where they are made."""
    dashboard: str | None


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service."""

    interface: Interface
    name: str
    """`shop.ordering.orders.v1.OrdersService`."""
    methods: tuple[Method, ...]
    streaming: tuple[Method, ...]
    proto: str | None


@dataclass(frozen=True, slots=True)
class NamedError:
    """An error of an interface: who gets it, and who tries again then."""

    interface: Interface
    error: ErrorType
    is_http: bool
    """An operation that answers with it is offered over HTTP."""
    is_grpc: bool
    operations: tuple[str, ...]
    callers: tuple[str, ...]
    repeated_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """What a caller does when no good answer comes."""

    call: Call
    operations: tuple[str, ...]
    tries: int
    """Of an operation that may be repeated."""
    conditions: tuple[str, ...]
    unrepeated: tuple[str, ...]
    """Operations that are tried once although the use says more: repeating could do them twice."""
    is_gateway: bool
    """It passes on what it gets."""


@dataclass(frozen=True, slots=True)
class Synchronous:
    decisions: tuple[Decision, ...]
    """Those about how interfaces are offered."""
    offered: tuple[Offered, ...]
    problem_base: str
    design: Design | None
    """None: nothing is offered over HTTP."""
    gateways: tuple[Gateway, ...]
    hosts: tuple[Environment, ...]
    openapi: Excerpt | None
    services: tuple[Service, ...]
    proto: Excerpt | None
    errors: tuple[NamedError, ...]
    errorless: tuple[str, ...]
    """Interfaces that name no error."""
    silences: tuple[Silence, ...]
    unplanned: tuple[Call, ...]
    """Calls of which nothing says what follows when no answer comes."""


def view(context: Context) -> Synchronous:
    graph = context.graph
    shown = shown_interfaces(context)
    offered = offers(context, shown)
    http = [each for each in shown if each.http_methods]
    calls = [each for each in graph.calls if is_shown(context, each)]
    return Synchronous(
        decisions=tuple(each for each in graph.system.document.decisions if STYLES.search(each.title)),
        offered=offered,
        problem_base=f"{graph.schema_base}/problems/",
        design=_design(graph, http) if http else None,
        gateways=tuple(_gateways(context)) if context.covers("external", "api") else (),
        hosts=tuple(each for each in graph.system.document.environments if each.host is not None),
        openapi=_openapi(context, offered),
        services=(services := tuple(_services(offered))),
        proto=_proto(context, services),
        errors=tuple(_errors(graph, shown)),
        errorless=tuple(each.id for each in shown if not any(method.errors for method in each.methods)),
        silences=tuple(map(_silence, calls)),
        unplanned=tuple(
            each for each in calls if each.use.fallback is None and each.use.required and not placement.is_gateway(each.consumer)
        ),
    )


def shown_interfaces(context: Context) -> tuple[Interface, ...]:
    """The interfaces of the scope: `internal` those that the system itself uses, `external` those that others do."""
    if context.covers("api"):
        return context.graph.interfaces
    inside, outside = context.covers("internal"), context.covers("external")
    called = {each.target for each in context.graph.calls if each.interface is not None}
    return tuple(
        each
        for each in context.graph.interfaces
        if (outside and each.api.visibility == "public") or (inside and (each.api.visibility != "public" or each.id in called))
    )


def is_shown(context: Context, call: Call) -> bool:
    """Whether a call belongs to the scope: to a third party or through a public interface `external`, else `internal`; all else `api`."""
    if call.interface is None:
        return context.covers("external")
    return context.covers("internal", "api") or (context.covers("external") and call.interface.api.visibility == "public")


def offers(context: Context, interfaces: Iterable[Interface]) -> tuple[Offered, ...]:
    protos = {path.rpartition("/")[0]: path for path in context.artifacts if path.startswith("proto/") and path.endswith(".proto")}
    return tuple(
        Offered(
            each,
            path if (path := f"openapi/{each.id}.yaml") in context.artifacts else None,
            protos.get(f"proto/{each.package.replace('.', '/')}"),
            _schemes(each.methods),
        )
        for each in interfaces
    )


def _schemes(methods: Iterable[Method]) -> tuple[str, ...]:
    return tuple(sorted({each.scheme.name if each.scheme is not None else "none" for each in methods}))


# --- design -----------------------------------------------------------------------------------------------------------


def _design(graph: Graph, interfaces: Sequence[Interface]) -> Design:
    methods = [(interface, method) for interface in interfaces for method in interface.http_methods]
    bindings = [(method, binding) for _, method in methods if (binding := method.operation.http) is not None]
    defaults = graph.system.document.defaults
    segments = {segment for interface, method in methods for segment in interface.path(method).split("/") if not segment.startswith("{")}
    return Design(
        methods=_counted(binding.method for _, binding in bindings),
        answers=_counted(
            binding.status or (200 if method.response is not None or binding.returns != JSON else 204) for method, binding in bindings
        ),
        faults=_counted(status for _, method in methods for status in {each.status for each in method.errors}),
        versioned=tuple(each for each in interfaces if _is_versioned(each)),
        unversioned=tuple(each for each in interfaces if not _is_versioned(each)),
        segments=_counted(filter(None, map(casing, segments))),
        fields=_counted(filter(None, map(casing, _fields(graph, interfaces)))),
        taken=_counted(binding.accepts for method, binding in bindings if method.request is not None or binding.accepts != JSON),
        given=_counted(binding.returns for method, binding in bindings if method.response is not None or binding.returns != JSON),
        paged=tuple(
            (_name(each, method), method.operation.paging.limit) for each, method in methods if method.operation.paging is not None
        ),
        keyed=tuple(_name(each, method) for each, method in methods if method.idempotency == "key"),
        key_ttl=defaults.idempotency_key_ttl if defaults is not None else None,
        unrepeatable=sum(method.idempotency == "none" for _, method in methods),
        sunsets=tuple(_sunsets(interfaces)),
    )


Value = TypeVar("Value", str, int)


def _counted(found: Iterable[Value]) -> tuple[tuple[Value, int], ...]:
    """What is found most often first."""
    return tuple(sorted(Counter(found).items(), key=lambda each: (-each[1], str(each[0]))))


def _name(interface: Interface, method: Method) -> str:
    return f"{interface.id}.{method.name}"


def _is_versioned(interface: Interface) -> bool:
    """A segment such as `v1` tells the major version of every path."""
    return all(any(map(VERSION_SEGMENT.fullmatch, interface.path(each).split("/"))) for each in interface.http_methods)


def _fields(graph: Graph, interfaces: Iterable[Interface]) -> set[str]:
    schemas = [schema for each in interfaces for schema in each.schemas]
    reached = [*schemas, *(graph.types[each].schema for each in graph.closure(schemas))]
    found = {each.name for schema in reached for each in schema.properties}
    parameters = (each for interface in interfaces for method in interface.methods for each in method.parameters)
    return found | {each.name for each in parameters if each.where != "header"}


def _sunsets(interfaces: Iterable[Interface]) -> Iterator[tuple[str, str | None]]:
    for each in interfaces:
        if each.api.deprecated or each.api.sunset is not None:
            yield each.id, each.api.sunset
        for method in each.methods:
            if method.operation.deprecated or method.operation.sunset is not None:
                yield _name(each, method), method.operation.sunset


# --- the way in -------------------------------------------------------------------------------------------------------


def _gateways(context: Context) -> Iterator[Gateway]:
    """The system's own, deployed or not yet; without one the cluster's ingress lets in what is public."""
    graph = context.graph
    own = [each for each in graph.components if placement.is_gateway(each)]
    for component in own:
        calls = [each for each in calls_of(graph, component) if each.interface is not None]
        yield _gateway(context, component, calls, component.name)
    if not own and (calls := list(_let_in(graph))):
        yield _gateway(context, None, calls, graph.name)


def _gateway(context: Context, component: Component | None, calls: Iterable[Call], name: str) -> Gateway:
    environments = context.graph.system.document.environments
    files = ((each, f"istio/overlays/{each.name}/virtual-service-{name}.yaml") for each in environments)
    dashboard = f"grafana/dashboards/components/{name}.json"
    return Gateway(
        component,
        tuple(route for call in calls for route in _routes(call)),
        tuple((environment, path) for environment, path in files if path in context.artifacts),
        dashboard if dashboard in context.artifacts else None,
    )


def _let_in(graph: Graph) -> Iterator[Call]:
    """What is public, under the system's own call policy: the ingress is nobody's component."""
    document = graph.system.document
    default = document.defaults.call if document.defaults is not None else CallDefaults()
    for interface in graph.interfaces:
        if interface.api.visibility == "public":
            use = Use(api=interface.id, timeout=default.timeout, retry=default.retry, at=interface.at)
            ingress = Component(name="ingress", at=interface.at)
            if interface.http_methods:
                yield Call(ingress, use, interface, None, interface.http_methods, "http")
            if interface.grpc_methods:
                yield Call(ingress, use, interface, None, interface.grpc_methods, "grpc")


def _routes(call: Call) -> Iterator[Route]:
    assert call.interface is not None
    alike: dict[tuple[object, ...], list[Policy]] = {}
    for policy in policies.of_call(call):
        assert policy.method is not None
        alike.setdefault((policy.timeout, policy.tries, policy.per_try, policy.method.operation.scopes), []).append(policy)
    for group in alike.values():
        methods = [each.method for each in group if each.method is not None]
        yield Route(
            call.interface,
            call.protocol or "",
            tuple(each.name for each in methods),
            group[0].timeout,
            group[0].tries,
            group[0].per_try,
            call.use.outlier_detection,
            _schemes(methods),
            tuple(sorted({scope for each in methods for scope in each.operation.scopes})),
        )


# --- specifications ---------------------------------------------------------------------------------------------------


def _openapi(context: Context, offered: Iterable[Offered]) -> Excerpt | None:
    """Of what is public, else of the first."""
    made = [each for each in offered if each.openapi is not None]
    for each in sorted(made, key=lambda one: one.interface.api.visibility != "public"):
        if each.openapi is not None and (text := context.excerpt(each.openapi, "paths:", MOST_LINES)):
            return Excerpt(each.openapi, text)
    return None


def _services(offered: Iterable[Offered]) -> Iterator[Service]:
    for each in offered:
        methods = each.interface.grpc_methods
        if methods:
            streaming = tuple(method for method in methods if method.operation.stream != "none")
            yield Service(each.interface, f"{each.interface.package}.{each.interface.service}", methods, streaming, each.proto)


def _proto(context: Context, services: Iterable[Service]) -> Excerpt | None:
    """A service of a component if there is one, to its end if that is near."""
    for each in sorted(services, key=lambda one: one.interface.owner is None):
        if each.proto is not None and (found := block(context, each.proto, f"service {each.interface.service} {{")) is not None:
            return found
    return None


# --- failures ---------------------------------------------------------------------------------------------------------

STATUSES: Mapping[str, frozenset[int]] = {
    "5xx": frozenset(range(500, 600)),
    "gateway-error": frozenset((502, 503, 504)),
    "unavailable": frozenset((503,)),
    "deadline-exceeded": frozenset((504,)),
    "cancelled": frozenset((499,)),
    "resource-exhausted": frozenset((429,)),
}
"""HTTP statuses that a condition repeats (Envoy, x-envoy-retry-on); the other conditions are no answers."""


def _errors(graph: Graph, interfaces: Iterable[Interface]) -> Iterator[NamedError]:
    asked = _asked(graph)
    for interface in interfaces:
        found: dict[str, list[tuple[ErrorType, Method]]] = {}
        for method in interface.methods:
            for error in method.errors:
                found.setdefault(error.name, []).append((error, method))
        for name in sorted(found):
            error = found[name][0][0]
            met = [policy for _, method in found[name] for policy in asked.get((interface.id, method.name), ())]
            yield NamedError(
                interface,
                error,
                any(method.is_http for _, method in found[name]),
                any(method.is_grpc for _, method in found[name]),
                tuple(method.name for _, method in found[name]),
                tuple(sorted({each.call.consumer.name for each in met})),
                tuple(sorted({each.call.consumer.name for each in met if is_repeated(each, error)})),
            )


@derived
def _asked(graph: Graph) -> Mapping[tuple[str, str], list[Policy]]:
    """Of each operation the policies under which it is called."""
    found: dict[tuple[str, str], list[Policy]] = {}
    for call in graph.calls:
        for policy in policies.of_call(call):
            if policy.method is not None:
                found.setdefault((call.target, policy.method.name), []).append(policy)
    return found


def is_repeated(policy: Policy, error: ErrorType) -> bool:
    """Whether a caller tries again when it gets that error."""
    if policy.tries == 1:
        return False
    if policy.call.protocol == "grpc":
        conditions = (*policy.conditions, *(("unavailable",) if policy.conditions == policies.TRANSIENT else ()))
        return any(error.grpc in RETRIED.get(each, ()) for each in conditions)
    return any(error.status in STATUSES.get(each, ()) for each in policy.conditions)


def _silence(call: Call) -> Silence:
    found = list(policies.of_call(call))
    most = max(found, key=lambda each: each.tries)
    names = tuple(each.name.removeprefix(f"{call.target}.") for each in found)
    wanted = call.use.retry.attempts if call.use.retry is not None else 1
    return Silence(
        call,
        names if call.use.operations else (),
        most.tries,
        most.conditions,
        tuple(name for name, each in zip(names, found, strict=True) if each.tries == 1) if wanted > 1 else (),
        placement.is_gateway(call.consumer),
    )
