"""Threats at every exposed edge by STRIDE, what the contract sets against each, what it leaves open, and what the review has found.

Spoofing, tampering, repudiation, information disclosure, denial of service, elevation of privilege (Shostack, Threat Modeling, part II).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from generator import lineage, network, policies
from generator.diagnostics import Diagnostic, counted
from generator.document.context import Context
from generator.emit.istio.access import is_checked
from generator.graph import Call, Graph, Interface, Method, Queue, Topic, calls_of, derived
from generator.model import Component, External, Schema, Suppression

Threat = Literal["spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation"]
Border = Literal["public", "external", "channel"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that stands against a threat, or that is missing; what it is called here, the template says in words."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    threat: Threat
    against: tuple[Measure, ...]
    open: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge over which trust changes; edges that are alike in all of it stand together."""

    border: Border
    names: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    finding: Diagnostic
    suppression: Suppression | None
    """That accepts it; it says until when."""


@dataclass(frozen=True, slots=True)
class AppendixE:
    edges: tuple[Edge, ...]
    accepted: tuple[Accepted, ...]
    findings: tuple[Diagnostic, ...]
    """That nobody has accepted."""


def view(context: Context) -> AppendixE:
    graph = context.graph
    found: list[tuple[Border, str, tuple[Row, ...]]] = []
    if context.covers("api", "external"):
        found += [("public", interface.id, tuple(_public(graph, interface))) for interface in graph.interfaces if _is_exposed(interface)]
    if context.covers("external"):
        found += [("external", external.name, tuple(_external(graph, external))) for external in graph.externals]
    if context.covers("messaging"):
        found += [("channel", topic.id, _topic(graph, topic)) for topic in graph.topics if _strangers(topic)]
        found += [("channel", queue.id, _queue(graph, queue)) for queue in graph.queues if _strange_senders(queue)]
    return AppendixE(
        edges=tuple(_together(found)),
        accepted=tuple(_accepted(context)),
        findings=tuple(counted(context.findings)),
    )


def _together(found: Iterable[tuple[Border, str, tuple[Row, ...]]]) -> Iterator[Edge]:
    alike: dict[tuple[Border, tuple[Row, ...]], list[str]] = {}
    for border, name, rows in found:
        alike.setdefault((border, rows), []).append(name)
    yield from (Edge(border, tuple(names), rows) for (border, rows), names in alike.items())


def _measure(name: str, values: Iterable[str]) -> tuple[Measure, ...]:
    """With what it is about; none where it is about nothing."""
    kept = tuple(dict.fromkeys(values))
    return (Measure(name, kept),) if kept else ()


def _said(name: str, *, is_so: bool) -> tuple[Measure, ...]:
    return (Measure(name),) if is_so else ()


# --- what comes in ----------------------------------------------------------------------------------------------------


def _is_exposed(interface: Interface) -> bool:
    return interface.api.visibility == "public"


def _public(graph: Graph, interface: Interface) -> Iterator[Row]:
    environments = graph.system.document.environments
    meshed = [each.name for each in environments if each.mesh != "none"]
    bare = [each.name for each in environments if each.mesh == "none"]
    routes = [call for gateway in network.gateways(graph) for call in _routes(graph, gateway).get(interface.id, ())]
    yield _spoofing(interface, is_meshed=bool(meshed))
    yield Row(
        "tampering",
        (
            *_measure("tls", [each.host for each in environments if each.host is not None and each.mesh != "none"]),
            *_measure("mtls", meshed),
            *_measure("keyed", _named(interface, lambda each: each.idempotency == "key")),
        ),
        _measure("no-tls", bare),
    )
    yield Row(
        "repudiation",
        (*_measure("audited", _named(interface, lambda each: each.operation.audit)), Measure("traced")),
        _measure("unaudited", _named(interface, lambda each: each.idempotency != "safe" and not each.operation.audit)),
    )
    yield _disclosure(graph, interface)
    yield _denial(graph, interface, routes)
    yield Row(
        "elevation",
        (*_measure("permissions", _permissions(interface)), *_said("exact-routes", is_so=bool(meshed))),
        (
            *_measure("no-permission", _named(interface, _is_for_any_holder)),
            *_measure("unenforced", _unenforced(interface, is_meshed=bool(meshed))),
        ),
    )


def _unenforced(interface: Interface, *, is_meshed: bool) -> list[str]:
    """Schemes whose scopes and roles no proxy asks for: the component itself must."""
    asking = [each for each in interface.methods if each.operation.scopes or each.operation.roles]
    return [each.scheme.name for each in asking if each.scheme is not None and not (is_meshed and is_checked(each.scheme))]


def _is_for_any_holder(method: Method) -> bool:
    return method.scheme is not None and not method.operation.scopes and not method.operation.roles


def _named(interface: Interface, wanted: Callable[[Method], bool]) -> list[str]:
    return [each.name for each in interface.methods if wanted(each)]


def _permissions(interface: Interface) -> list[str]:
    return [name for each in interface.methods for name in (*each.operation.scopes, *each.operation.roles)]


@derived
def _all_routes(graph: Graph) -> Mapping[str, Mapping[str, tuple[Call, ...]]]:
    """The calls of each gateway by interface."""
    found: dict[str, dict[str, list[Call]]] = {}
    for gateway in network.gateways(graph):
        for call in calls_of(graph, gateway):
            if call.interface is not None:
                found.setdefault(gateway.name, {}).setdefault(call.interface.id, []).append(call)
    return {name: {target: tuple(calls) for target, calls in each.items()} for name, each in found.items()}


def _routes(graph: Graph, gateway: Component) -> Mapping[str, tuple[Call, ...]]:
    return _all_routes(graph).get(gateway.name, {})


def _spoofing(interface: Interface, *, is_meshed: bool) -> Row:
    schemes = {each.scheme.name: each.scheme for each in interface.methods if each.scheme is not None}
    tokens = [each for each in schemes.values() if each.kind in network.TOKENS]
    against = (
        *_measure("proof", [f"{each.name} ({each.kind})" for each in schemes.values()]),
        *_measure("checked", [each.name for each in tokens if is_meshed and is_checked(each)]),
        *_measure("short-lived", [f"{each.name} {each.lifetime}" for each in tokens if each.lifetime is not None]),
    )
    open = (
        *_measure("anybody", _named(interface, lambda each: each.scheme is None)),
        *_measure("no-issuer", [f"authentication.{each.name}.issuer" for each in tokens if each.issuer is None]),
        *_measure("no-audience", [f"authentication.{each.name}.audiences" for each in tokens if not each.audiences]),
    )
    return Row("spoofing", against, open)


def _disclosure(graph: Graph, interface: Interface) -> Row:
    """What an answer holds that is protected, and who may have it."""
    held = {each.name: _protected(graph, [each.response] if each.response is not None else []) for each in interface.methods}
    fields = sorted({field for each in held.values() for field in each})
    free = [each.name for each in interface.methods if held[each.name] and (each.scheme is None or _is_for_any_holder(each))]
    return Row("disclosure", (*_measure("fields", fields), *_said("masked", is_so=bool(fields))), _measure("free-fields", free))


def _protected(graph: Graph, schemas: Sequence[Schema]) -> tuple[str, ...]:
    """Names of the properties at the top of the schemas, and in what they list, that are protected."""
    names: dict[str, None] = {}
    for schema in schemas:
        resolved = graph.resolve(schema)
        inner = [resolved, *([graph.resolve(resolved.items)] if resolved.items is not None else [])]
        for each in inner:
            for name, (found, _) in lineage.properties(graph, each).items():
                if lineage.protection(graph, found.schema).level:
                    names[name] = None
    return tuple(names)


def _denial(graph: Graph, interface: Interface, routes: Sequence[Call]) -> Row:
    limiting = [*network.gateways(graph), *interface.providers]
    limits = [f"{each.name} {limit.name} {limit.rate}" for each in limiting for limit in each.rate_limits]
    uncounted = [f"{each.name}.rate_limits.{limit.name}.by" for each in limiting for limit in each.rate_limits if limit.by is None]
    times = [str(each.use.timeout) for each in routes if each.use.timeout is not None]
    most = [
        f"{each.name} {each.runtime.replicas.max}"
        for each in interface.providers
        if each.runtime and each.runtime.replicas and each.runtime.replicas.max
    ]
    endless = [f"{each.consumer.name} → {each.target}" for each in routes if each.use.timeout is None]
    against = (*_measure("limited", limits), *_measure("timed", times), *_measure("scaled", most))
    open = (*_said("unlimited", is_so=not limits), *_measure("uncounted", uncounted), *_measure("endless", endless))
    return Row("denial", against, open)


# --- what goes out ----------------------------------------------------------------------------------------------------

ENCRYPTED = ("https", "grpc", "tls", "sftp")


@derived
def _calls_out(graph: Graph) -> Mapping[str, tuple[Call, ...]]:
    found: dict[str, list[Call]] = {}
    for call in graph.calls:
        if call.external is not None:
            found.setdefault(call.external.name, []).append(call)
    return {name: tuple(calls) for name, calls in found.items()}


def _external(graph: Graph, external: External) -> Iterator[Row]:
    calls = _calls_out(graph).get(external.name, ())
    callers = list(dict.fromkeys(each.consumer.name for each in calls))
    secure = [f"{each.name} ({each.protocol})" for each in external.endpoints if each.protocol in ENCRYPTED]
    plain = [f"{each.name} ({each.protocol})" for each in external.endpoints if each.protocol not in ENCRYPTED]
    hidden = [f"externals.{external.name}.endpoints.{each.name}.host" for each in external.endpoints if each.host is None]
    secrets = [each.use.credentials for each in calls if each.use.credentials is not None]
    unsecured = [each.consumer.name for each in calls if each.use.credentials is None]
    yield Row(
        "spoofing",
        (*_measure("certified", secure), *_measure("credentials", secrets)),
        (*_measure("no-host", hidden), *_measure("no-credentials", unsecured)),
    )
    yield Row("tampering", _measure("encrypted", secure), _measure("plain", plain))
    audits = [f"{name}.{each}" for name, written in _audits(calls).items() for each in written]
    yield Row("repudiation", (*_measure("audit-events", audits), Measure("traced")), _said("no-audit", is_so=bool(calls) and not audits))
    open_hosts = [each.name for each in external.endpoints if not each.addresses]
    yield Row(
        "disclosure",
        (
            *_measure("receives", external.receives),
            *_said("receives-nothing", is_so=not external.receives),
            *_measure("only-callers", callers),
        ),
        _measure("any-address", open_hosts),
    )
    yield _outage(calls, external)
    yield Row("elevation", (*_said("no-way-in", is_so=True), *_measure("only-callers", callers)), ())


def _audits(calls: Sequence[Call]) -> Mapping[str, tuple[str, ...]]:
    return {each.consumer.name: tuple(audit.name for audit in each.consumer.audits) for each in calls}


def _outage(calls: Sequence[Call], external: External) -> Row:
    """A third party that is slow or away must not take its callers with it."""
    found = [policy for call in calls for policy in policies.of_call(call)]
    guards = [str(each.timeout) for each in found if each.timeout is not None]
    endless = [f"{each.call.consumer.name}: {each.name}" for each in found if each.timeout is None]
    unguarded = [f"{each.call.consumer.name}: {each.name}" for each in found if each.breaker is None]
    quota = [str(external.limit)] if external.limit is not None else []
    against = (
        *_measure("waits", guards),
        *_measure("breaks", [each.name.removeprefix(f"{external.name}.") for each in found if each.breaker is not None]),
        *_measure("quota", quota),
    )
    open = (*_measure("endless", endless), *_measure("unbroken", unguarded), *_said("no-quota", is_so=external.limit is None))
    return Row("denial", against, open)


# --- channels between domains -----------------------------------------------------------------------------------------


def _strangers(topic: Topic) -> list[str]:
    """Subscribers of another domain than the publisher's."""
    return [each.consumer.name for each in topic.subscriptions if each.consumer.domain != topic.publisher.domain]


def _strange_senders(queue: Queue) -> list[str]:
    return [each.component.name for each in queue.senders if each.component.domain != queue.handler.domain]


def _topic(graph: Graph, topic: Topic) -> tuple[Row, ...]:
    fields = _protected(graph, [topic.event.payload])
    reading = {each.consumer.name: bool(each.consume.reads) for each in topic.subscriptions}
    return _channel(
        graph,
        envelope=topic.event.envelope or graph.system.header.envelope,
        fields=fields,
        wide=[name for name in _strangers(topic) if fields and not reading[name]],
        repeating=[each.consumer.name for each in topic.subscriptions if each.consume.idempotent_by is None],
        losing=[each.consumer.name for each in topic.subscriptions if each.dead_letter is None],
    )


def _queue(graph: Graph, queue: Queue) -> tuple[Row, ...]:
    return _channel(
        graph,
        envelope=graph.system.header.envelope,
        fields=_protected(graph, [queue.command.payload]),
        wide=(),
        repeating=[queue.handler.name] if queue.command.idempotent_by is None else [],
        losing=[queue.handler.name] if queue.dead_letter is None else [],
    )


def _channel(
    graph: Graph, *, envelope: str, fields: Sequence[str], wide: Sequence[str], repeating: Sequence[str], losing: Sequence[str]
) -> tuple[Row, ...]:
    """Receivers are named where something is missing, so that channels which are alike stand together."""
    has_envelope = envelope != "none"
    return (
        Row("spoofing", _said("broker-policy", is_so=bool(graph.system.document.environments)), (Measure("no-accounts"),)),
        Row(
            "tampering",
            (Measure("schema"), *_said("idempotent", is_so=not repeating)),
            (Measure("unsigned"), *_measure("repeats", repeating)),
        ),
        Row("repudiation", _said("envelope", is_so=has_envelope), _said("no-envelope", is_so=not has_envelope)),
        Row("disclosure", (*_measure("fields", fields), *_said("masked", is_so=bool(fields))), _measure("reads-all", wide)),
        Row("denial", _said("dead-letter", is_so=not losing), _measure("no-dead-letter", losing)),
        Row("elevation", (), (Measure("no-rights"),)),
    )


# --- the review -------------------------------------------------------------------------------------------------------


def _accepted(context: Context) -> Iterator[Accepted]:
    """A finding and the suppression that accepts it: of its rule, with its reason, and for its place or what holds it."""
    document = context.graph.system.document
    said = [*document.suppressions, *(each for component in context.graph.components for each in component.suppressions)]
    by_rule: dict[str, list[Suppression]] = {}
    for each in said:
        by_rule.setdefault(each.rule, []).append(each)
    for found in context.findings:
        if found.accepted is not None:
            known = (
                each
                for each in by_rule.get(found.code, ())
                if each.why == found.accepted and f"{found.place}.".startswith(f"{each.where}.")
            )
            yield Accepted(found, next(known, None))
