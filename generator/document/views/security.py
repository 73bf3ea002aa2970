"""Who proves what to whom, who may do what, how data is protected on its way and where it lies, and what is recorded of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from generator import auditing, lineage, network, personal, placement, receivers, signals
from generator.auditing import AuditedValue, AuditEntry
from generator.diagnostics import Span
from generator.document import diagrams
from generator.document.context import Context
from generator.document.markdown import Markdown
from generator.document.views.classified import Held, held
from generator.document.views.undecided import Gap, gaps
from generator.emit.istio.access import is_checked
from generator.graph import Graph, Interface, Method, parts
from generator.model import Component, Environment, Property, Schema, Scheme, Statement, Store
from generator.units import Duration

CHANGING = ("idempotent", "key", "none")
"""Operations that are not safe (RFC 9110, section 9.2.1)."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A scheme, and how many operations ask for it."""

    scheme: Scheme
    is_checked: bool
    """The mesh checks its tokens."""
    operations: int


@dataclass(frozen=True, slots=True)
class Permission:
    """A scope or role, and the operations that ask for it."""

    scheme: str
    kind: str
    name: str
    summary: str
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """Operations of an interface that ask the same of their callers."""

    interface: str
    visibility: str
    operations: tuple[str, ...]
    scheme: str | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may open a connection to a port, and what may be asked there."""

    target: str
    port: int
    callers: tuple[str, ...]
    operations: tuple[str, ...]
    """Empty where it is not requests that are let through."""


@dataclass(frozen=True, slots=True)
class Transport:
    environment: Environment
    certificate: str | None
    """Secret with the certificate of the public host."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by its name; never what is in it."""

    name: str
    what: str
    """credentials, certificate, pager, webhook, slack or mail."""
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A protected name, what it is processed for, and where it lies and goes."""

    name: str
    classification: str
    purposes: tuple[str, ...]
    places: tuple[str, ...]
    """Where the contract classifies it."""
    goes: tuple[str, ...]
    """Interfaces, tables, caches, messages and third parties that hold it."""


@dataclass(frozen=True, slots=True)
class Audited:
    """An event of the audit log, and who writes it."""

    event: str
    summary: str | None
    resource: str | None
    values: tuple[AuditedValue, ...]
    kept: Duration | None
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    component: str
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """How long a store keeps data."""

    store: str
    record: Store


@dataclass(frozen=True, slots=True)
class Security:
    has_operations: bool
    """The scope shows calls."""
    proofs: tuple[Proof, ...]
    permissions: tuple[Permission, ...]
    accesses: tuple[Access, ...]
    unproven: tuple[str, ...]
    """Public operations that ask nobody who they are."""
    allowed: tuple[Allowed, ...]
    policies: tuple[str, ...]
    """Folders of the emitted access policies."""
    transports: tuple[Transport, ...]
    plain: tuple[str, ...]
    """Endpoints of third parties that encrypt nothing."""
    channels: tuple[Held, ...]
    """Messages with protected fields."""
    messages: int
    envelope: str
    registry: str | None
    secrets: tuple[Secret, ...]
    gaps: tuple[Gap, ...]
    boundaries: Markdown | None
    totals: tuple[tuple[str, int], ...]
    fields: tuple[Field, ...]
    wholes: tuple[Held, ...]
    """Places that are protected as a whole."""
    kept: tuple[Kept, ...]
    audited: tuple[Audited, ...]
    retention: Duration | None
    unaudited: tuple[str, ...]
    """Public operations that change something and are not audited."""
    statements: tuple[Statement, ...]
    rules: tuple[Rules, ...]


def view(context: Context) -> Security:
    graph = context.graph
    has_calls = context.covers("internal", "external", "api")
    places = held(context)
    fields = tuple(each for each in _fields(graph, places, has_calls=has_calls) if each.goes or not context.scopes)
    return Security(
        has_operations=has_calls,
        proofs=tuple(_proofs(graph)) if has_calls else (),
        permissions=tuple(_permissions(graph)) if has_calls else (),
        accesses=tuple(_accesses(graph)) if has_calls else (),
        unproven=tuple(_unproven(graph)) if has_calls else (),
        allowed=tuple(_allowed(context)),
        policies=tuple(each for each in POLICIES if any(path.startswith(each) for path in context.artifacts)),
        transports=tuple(_transport(each) for each in graph.system.document.environments),
        plain=tuple(_plain(graph)) if context.covers("external") else (),
        channels=tuple(each for each in places if each.kind in ("event", "command")) if context.covers("messaging") else (),
        messages=len(graph.topics) + len(graph.queues) if context.covers("messaging") else 0,
        envelope=graph.system.header.envelope,
        registry=graph.system.header.broker.registry if graph.system.header.broker is not None else None,
        secrets=tuple(_secrets(context)),
        gaps=tuple(_gaps(graph)) if has_calls else (),
        boundaries=_boundaries(context),
        totals=tuple((level, sum(each.classification == level for each in fields)) for level in personal.PROTECTED),
        fields=fields,
        wholes=tuple(each for each in places if not each.fields),
        kept=tuple(_kept(graph)) if context.covers("data") else (),
        audited=tuple(_audited(graph)) if has_calls else (),
        retention=auditing.retention(graph),
        unaudited=tuple(_unaudited(graph)) if has_calls else (),
        statements=graph.system.document.security,
        rules=tuple(Rules(each.name, each.security) for each in graph.components if each.security),
    )


POLICIES = ("kubernetes/base", "kubernetes/overlays", "istio/overlays")


# --- who proves what, and may do what ---------------------------------------------------------------------------------


def _methods(graph: Graph) -> Iterator[tuple[Interface, Method]]:
    return ((interface, method) for interface in graph.interfaces for method in interface.methods)


def _proofs(graph: Graph) -> Iterator[Proof]:
    asked: dict[str, int] = {}
    for _, method in _methods(graph):
        if method.scheme is not None:
            asked[method.scheme.name] = asked.get(method.scheme.name, 0) + 1
    is_meshed = any(each.mesh != "none" for each in graph.system.document.environments)
    for name, scheme in sorted(graph.schemes.items()):
        yield Proof(scheme, is_meshed and is_checked(scheme), asked.get(name, 0))


def _permissions(graph: Graph) -> Iterator[Permission]:
    needed: dict[tuple[str, str, str], list[str]] = {}
    for interface, method in _methods(graph):
        if method.scheme is not None:
            for kind, names in (("scope", method.operation.scopes), ("role", method.operation.roles)):
                for name in names:
                    needed.setdefault((method.scheme.name, kind, name), []).append(f"{interface.id}.{method.name}")
    for scheme in (graph.schemes[name] for name in sorted(graph.schemes)):
        known = [("scope", each.name, each.summary) for each in scheme.scopes] + [
            ("role", each.name, each.summary) for each in scheme.roles
        ]
        for kind, name, summary in known:
            yield Permission(scheme.name, kind, name, summary, tuple(needed.get((scheme.name, kind, name), ())))


def _accesses(graph: Graph) -> Iterator[Access]:
    for interface in graph.interfaces:
        alike: dict[tuple[str | None, tuple[str, ...], tuple[str, ...]], list[str]] = {}
        for method in interface.methods:
            key = (method.scheme.name if method.scheme is not None else None, method.operation.scopes, method.operation.roles)
            alike.setdefault(key, []).append(method.name)
        for (scheme, scopes, roles), names in alike.items():
            yield Access(interface.id, interface.api.visibility, tuple(names), scheme, scopes, roles)


def _unproven(graph: Graph) -> Iterator[str]:
    return (f"{interface.id}.{method.name}" for interface, method in _methods(graph) if _is_far(interface) and method.scheme is None)


def _unaudited(graph: Graph) -> Iterator[str]:
    for interface, method in _methods(graph):
        if _is_far(interface) and method.idempotency in CHANGING and not method.operation.audit:
            yield f"{interface.id}.{method.name}"


def _is_far(interface: Interface) -> bool:
    return interface.api.visibility == "public"


def _allowed(context: Context) -> Iterator[Allowed]:
    """The edges of the contract, those together that end at one place."""
    found = sorted((each for each in network.contract_edges(context.graph) if _is_shown(context, each)), key=_end)
    for (target, port), group in groupby(found, key=_end):
        edges = list(group)
        operations = dict.fromkeys(f"{request.interface.api.name}.{request.operation.name}" for each in edges for request in each.requests)
        yield Allowed(target, port, tuple(dict.fromkeys(each.source.name for each in edges)), tuple(operations))


def _end(edge: network.Edge) -> tuple[str, int]:
    return edge.target.name, edge.port


def _is_shown(context: Context, edge: network.Edge) -> bool:
    if edge.target.is_workload:
        return context.covers("internal", "api")
    return context.covers("external") if edge.target.name.startswith("external.") else context.covers("data")


# --- on the way -------------------------------------------------------------------------------------------------------


def _transport(environment: Environment) -> Transport:
    return Transport(environment, placement.certificate(environment) if environment.host is not None else None)


def _plain(graph: Graph) -> Iterator[str]:
    """What the mesh encrypts ends at the border of the cluster."""
    for external in graph.externals:
        for endpoint in external.endpoints:
            if endpoint.protocol in ("http", "tcp"):
                yield f"{external.name}.{endpoint.name}"


def _secrets(context: Context) -> Iterator[Secret]:
    graph = context.graph
    users: dict[tuple[str, str], dict[str, None]] = {}
    for name, what, user in (*_credentials(graph), *_operational(graph)):
        if what != "credentials" or context.covers("external"):
            users.setdefault((name, what), {})[user] = None
    yield from (Secret(name, what, tuple(found)) for (name, what), found in sorted(users.items()))


def _credentials(graph: Graph) -> Iterator[tuple[str, str, str]]:
    for call in graph.calls:
        if call.use.credentials is not None:
            yield call.use.credentials, "credentials", f"{call.consumer.name} → {call.target}"
    for environment in graph.system.document.environments:
        if environment.host is not None:
            yield placement.certificate(environment), "certificate", environment.name


def _operational(graph: Graph) -> Iterator[tuple[str, str, str]]:
    alerting = signals.observability(graph).alerting
    for owner in graph.system.document.owners:
        if owner.pager is not None:
            yield owner.pager, "pager", owner.name
        if "webhook" in receivers.channels(graph, owner):
            yield receivers.webhook_secret(owner), "webhook", owner.name
    if alerting is not None and alerting.slack is not None:
        yield alerting.slack, "slack", graph.name
    if alerting is not None and alerting.mail is not None and alerting.mail.credentials is not None:
        yield alerting.mail.credentials, "mail", graph.name


def _gaps(graph: Graph) -> Iterator[Gap]:
    """What nothing says of the schemes that bring tokens; a mesh cannot check one whose issuer it does not know."""
    tokens = [each for each in graph.schemes.values() if each.kind in network.TOKENS]
    for key in ("issuer", "audiences", "lifetime"):
        yield from gaps(graph, f"authentication.<name>.{key}", _silent(tokens, key))


def _silent(schemes: Iterable[Scheme], key: str) -> Iterator[tuple[str, str]]:
    return ((each.name, f"authentication.{each.name}.{key}") for each in schemes if not getattr(each, key))


# --- fields -----------------------------------------------------------------------------------------------------------


def _fields(graph: Graph, places: Sequence[Held], *, has_calls: bool) -> Iterator[Field]:
    """Every protected name, with the purposes of its places, and all that holds it in the scopes that are asked for."""
    known = personal.personal_fields(graph)
    purposes = _purposes(graph)
    protected = {(each.name, at.span) for each in known.values() for at in each.places}
    goes: dict[str, dict[str, None]] = {}
    for interface in graph.interfaces if has_calls else ():
        for name in _shown(graph, interface, protected):
            goes.setdefault(name, {})[interface.id] = None
    for each in places:
        for name in each.fields:
            goes.setdefault(name, {})[each.place] = None
    for found in known.values():
        why = dict.fromkeys(purposes[at.span] for at in found.places if at.span in purposes)
        where = tuple(dict.fromkeys(at.pointer for at in found.places))
        yield Field(found.name, found.classification, tuple(why), where, tuple(goes.get(found.name, ())))


def _shown(graph: Graph, interface: Interface, protected: Set[tuple[str, Span]]) -> list[str]:
    """The protected names that an interface asks for or answers."""
    schemas = [*interface.schemas, *(graph.types[name].schema for name in graph.closure(interface.schemas))]
    found = {(each.name, each.at.span) for each in _properties(schemas)}
    found |= {(each.name, each.at.span) for method in interface.methods for each in method.parameters}
    return sorted({name for name, _ in found & protected})


def _purposes(graph: Graph) -> Mapping[Span, str]:
    """What each property and parameter is processed for, where something says it."""
    schemas = [each.schema for each in graph.types.values()]
    schemas += [schema for interface in graph.interfaces for schema in interface.schemas]
    schemas += [each.event.payload for each in graph.topics] + [each.command.payload for each in graph.queues]
    found = {each.at.span: lineage.protection(graph, each.schema).purpose for each in _properties(schemas)}
    found |= {each.at.span: lineage.protection(graph, each.schema).purpose for _, method in _methods(graph) for each in method.parameters}
    return {span: purpose for span, purpose in found.items() if purpose is not None}


def _properties(schemas: Iterable[Schema]) -> Iterator[Property]:
    """All properties that stand in the schemas themselves; references are not followed."""
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop()
        yield from schema.properties
        waiting += parts(schema)


def _audited(graph: Graph) -> Iterator[Audited]:
    """What several components alike write stands once."""
    alike: dict[tuple[object, ...], list[AuditEntry]] = {}
    for each in auditing.audit_entries(graph):
        alike.setdefault((each.event, each.summary, each.resource, each.values, each.retention), []).append(each)
    for entries in alike.values():
        first = entries[0]
        writers = tuple(each.component.name for each in entries)
        yield Audited(first.event, first.summary, first.resource, first.values, first.retention, writers)


# --- at rest ----------------------------------------------------------------------------------------------------------


def _kept(graph: Graph) -> Iterator[Kept]:
    for access in graph.accesses:
        if access.use is None and (access.store.retention is not None or access.store.retention_note is not None):
            yield Kept(f"{access.owner.name}.{access.store.name}", access.store)


# --- trust boundaries -------------------------------------------------------------------------------------------------

MOST_INSIDE, MOST_OUTSIDE = 6, 4
OUTSIDE, INGRESS, STORES, BROKER, THIRD_PARTIES = "o-outside", "o-ingress", "o-stores", "o-broker", "o-third-parties"
Crossing = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Map:
    """Which node stands for a component, and for a third party."""

    inside: Mapping[str, str]
    labels: tuple[tuple[str, str], ...]
    edge: tuple[tuple[str, str], ...]
    external: Mapping[str, str]
    external_labels: tuple[tuple[str, str], ...]


def _boundaries(context: Context) -> Markdown | None:
    """Outside, edge, inside, third parties and data, with what protects each way over a border."""
    graph = context.graph
    if not graph.components:
        return None
    found = _map(graph)
    crossings: dict[tuple[str, str], str] = {}
    if context.covers("internal", "external", "api"):
        crossings |= {**_ways_in(graph, found), **_ways_on(graph, found)}
    if context.covers("external"):
        crossings |= _ways_out(graph, found)
    if context.covers("data"):
        crossings |= {(found.inside[each.component.name], STORES): "" for each in graph.accesses}
    if context.covers("messaging"):
        ends = [each.component.name for each in signals.publications(graph)] + [each.component.name for each in signals.consumptions(graph)]
        crossings |= {(found.inside[name], BROKER): "" for name in ends}
    shown = [(one, other, label) for (one, other), label in sorted(crossings.items()) if one != other]
    return diagrams.zones(_zones(graph, found, shown), shown)


def _map(graph: Graph) -> _Map:
    """Many components are drawn as their domains, or all as one; many third parties as one."""
    gateways = {each.name: each.title or each.name for each in network.gateways(graph)}
    plain = [each for each in graph.components if each.name not in gateways]
    group = _grouping(plain)
    titles = {each.name: each.title or each.name for each in (graph.system.document.domains if group is _domain else ())}
    titles |= {each.name: each.title or each.name for each in (plain if group is _itself else ())}
    members: dict[str, list[Component]] = {}
    for each in plain:
        members.setdefault(group(each), []).append(each)
    inside = {each.name: f"i-{group(each)}" for each in plain} | {name: f"g-{name}" for name in gateways}
    labels = tuple((f"i-{key}", titles.get(key, key) if key else f"components: {len(members[key])}") for key in sorted(members))
    edge = tuple((f"g-{name}", title) for name, title in gateways.items()) or ((INGRESS, "ingress"),)
    are_few = len(graph.externals) <= MOST_OUTSIDE
    external = {each.name: f"x-{each.name}" if are_few else THIRD_PARTIES for each in graph.externals}
    together = ((THIRD_PARTIES, str(len(graph.externals))),)
    return _Map(
        inside,
        labels,
        edge,
        external,
        tuple((f"x-{each.name}", each.title or each.name) for each in graph.externals) if are_few else together,
    )


def _itself(component: Component) -> str:
    return component.name


def _domain(component: Component) -> str:
    return component.domain or ""


def _nothing(component: Component) -> str:
    return ""


def _grouping(components: Sequence[Component]) -> Callable[[Component], str]:
    """How components become so few nodes that the diagram can be read."""
    if len(components) <= MOST_INSIDE:
        return _itself
    return _domain if len({_domain(each) for each in components}) <= MOST_INSIDE else _nothing


def _ways_in(graph: Graph, found: _Map) -> dict[tuple[str, str], str]:
    """From outside to the edge, with the ways to prove who one is; and, without a gateway, on from the ingress."""
    public = list(network.public(graph))
    schemes = sorted({method.scheme.kind for interface, _, _ in public for method in interface.methods if method.scheme is not None})
    proofs = ", ".join(["TLS", *schemes])
    crossings = {(OUTSIDE, node): proofs for node, _ in found.edge if public or node != INGRESS}
    if found.edge[0][0] == INGRESS:
        crossings |= {(INGRESS, found.inside[component.name]): _inner(graph) for _, component, _ in public}
    return crossings


def _inner(graph: Graph) -> str:
    return "mTLS" if any(each.mesh != "none" for each in graph.system.document.environments) else ""


def _ways_on(graph: Graph, found: _Map) -> dict[tuple[str, str], str]:
    return {
        (found.inside[call.consumer.name], found.inside[provider.name]): _inner(graph)
        for call in graph.calls
        for provider in (call.interface.providers if call.interface is not None else ())
    }


def _ways_out(graph: Graph, found: _Map) -> dict[tuple[str, str], str]:
    spoken: dict[tuple[str, str], set[str]] = {}
    for call in graph.calls:
        if call.external is not None:
            pair = (found.inside[call.consumer.name], found.external[call.external.name])
            spoken.setdefault(pair, set()).update(each.protocol for each in call.external.endpoints)
    return {pair: ", ".join(sorted(protocols)) for pair, protocols in spoken.items()}


def _zones(graph: Graph, found: _Map, shown: Sequence[Crossing]) -> list[diagrams.Zone]:
    """Only nodes that something leads to or from, but all that is inside."""
    drawn = {end for one, other, _ in shown for end in (one, other)}
    broker = graph.system.header.broker
    owned = sum(each.use is None for each in graph.accesses)
    zones = (
        ("outside", ((OUTSIDE, "callers"),)),
        ("edge", found.edge),
        ("third parties", found.external_labels),
        ("data", ((STORES, f"stores: {owned}"), (BROKER, broker.kind if broker is not None else "broker"))),
    )
    kept = [diagrams.Zone(title, tuple(each for each in nodes if each[0] in drawn)) for title, nodes in zones]
    return [each for each in (*kept[:2], diagrams.Zone("inside", found.labels), *kept[2:]) if each.nodes]
