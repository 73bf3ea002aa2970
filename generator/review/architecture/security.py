"""Security: nobody may more than needed, and nothing is open that need not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

from generator import network, placement
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Call, Graph, Interface, Method, Pipeline, interfaces_of
from generator.model import Component, ExternalOperation, Operation, Store
from generator.review.deployment import settled
from generator.units import Duration

ENCRYPTED = ("https", "tls")
"""Protocols of a port that are encrypted without a mesh."""
PLAIN = ("http", "tcp")
"""Protocols of a third party's endpoint that are not; gRPC is spoken over TLS there, on port 443."""
LONGEST_LIFETIME = Duration(3_600_000)
"""Of a bearer token (RFC 6750, section 5.3: one hour or less)."""
SHOWN = 5
"""Names that a sentence can hold."""
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
"""HTTP methods that are not safe (RFC 9110, section 9.2.1)."""


# --- who may call -----------------------------------------------------------------------------------------------------


def open_operations(graph: Graph) -> Iterator[Diagnostic]:
    """`public-without-auth` (warning, info): a public operation takes calls from anybody.

    What changes something can be done by every script that finds the address, as often as it likes, and nobody knows who it was.
    An operation that only reads may be open: `auth: none` says that this is meant, and then nothing is reported; where nothing is
    said, it is an info. Identities of the mesh prove nothing outside: TLS ends at the gateway, whose own identity goes on (OWASP
    API Security Top 10 2023, API2). Paths of probes are let pass.

        provides: {orders: {visibility: public, operations: {placeOrder: {http: POST /}}}}

    Fix: name a scheme, `auth: users`, at the interface or the operation; sign-up and webhooks are accepted with a reason.
    """
    known = settled(graph)
    ends_tls = any(placement.is_envoy(graph, each) for each in network.gateways(graph))
    for interface in graph.interfaces:
        if interface.api.visibility != "public" or f"{interface.at.pointer}.auth" in known:
            continue
        for at, methods in _open(graph, interface, ends_tls=ends_tls).items():
            names = ", ".join(each.name for each in methods)
            message = f'{len(methods)} of {len(interface.methods)} operations of "{interface.id}" take calls from anybody: {names}'
            help = "auth: and a scheme; auth: none at an operation that only reads, if everybody may know the answer"
            severity = Severity.WARNING if any(_changes(each.operation) for each in methods) else Severity.INFO
            yield Diagnostic("public-without-auth", at, message, help, severity)


def _open(graph: Graph, interface: Interface, *, ends_tls: bool) -> dict[Span, list[Method]]:
    """Operations that ask for no proof and should, by where that is said."""
    probed = {path for component in interface.providers for path, _ in placement.probes(graph, component).values()}
    found: dict[Span, list[Method]] = {}
    for method in interface.methods:
        said = method.operation.auth if method.operation.auth is not None else interface.api.auth
        is_lost = method.scheme is not None and method.scheme.kind == "mtls" and ends_tls
        is_meant = said == "none" and not _changes(method.operation)
        is_probe = method.is_http and interface.path(method) in probed
        if (is_lost or (method.scheme is None and said in (None, "none"))) and not is_meant and not is_probe:
            at = method.at["auth"] if "auth" in method.at.keys else interface.at["auth"]
            found.setdefault(at, []).append(method)
    return found


def _changes(operation: Operation | ExternalOperation) -> bool:
    """Whether an operation is known to change something: as declared, else as HTTP has it; of gRPC alone nothing is known."""
    if operation.idempotency is not None:
        return operation.idempotency != "safe"
    verb = operation.http.partition(" ")[0] if isinstance(operation.http, str) else operation.http.method if operation.http else None
    return verb in CHANGING


def unscoped_writes(graph: Graph) -> Iterator[Diagnostic]:
    """`unscoped-write` (warning): a public operation that changes something asks for a token, and not what the token is for.

    Every token of the scheme will do, also one that was given out to read something else, although the scheme has scopes or
    roles to tell them apart: a stolen one opens everything (RFC 9700, section 2.3: the least privilege).

        authentication: {users: {kind: jwt, scopes: {orders:write: Place orders.}}}
        ---
        provides: {orders: {visibility: public, auth: users, operations: {placeOrder: {http: POST /}}}}

    Fix: `scopes: [orders:write]` or `roles:` at the operation.
    """
    known = settled(graph)
    for interface in graph.interfaces:
        for method in interface.methods if interface.api.visibility == "public" else ():
            scheme, operation = method.scheme, method.operation
            if scheme is None or scheme.kind not in network.TOKENS or operation.scopes or operation.roles or not _changes(method.operation):
                continue
            missing = {f"{method.at.pointer}.scopes", f"{method.at.pointer}.roles"} & known
            if (scheme.scopes or scheme.roles) and not missing:
                what = f"no scope (of {len(scheme.scopes)}) and no role (of {len(scheme.roles)})"
                message = f'any token of "{scheme.name}" is enough to {method.name} of "{interface.id}": it asks for {what}'
                yield Diagnostic("unscoped-write", method.at.span, message, "scopes: or roles: at the operation", Severity.WARNING)


class Permission(NamedTuple):
    """What a caller must have: all scopes, and one of the roles if there are any."""

    scheme: str
    scopes: frozenset[str]
    roles: frozenset[str]

    def includes(self, other: Permission) -> bool:
        """Whether whoever has this has the other, too."""
        return other.scopes <= self.scopes and (not other.roles or bool(self.roles and self.roles <= other.roles))


def broad_scopes(graph: Graph) -> Iterator[Diagnostic]:
    """`broad-scope` (warning): who has what it needs to read may also change something.

    A page, a report or a partner that only reads is given a token that can do harm, and nobody can take that away from it
    without taking away the reading. A token must not be able to do more than its holder needs (RFC 6749, section 3.3; RFC 9700,
    section 2.3). Of operations of one scheme those are compared that need a scope; roles that only one of them needs count.

        getOrder: {http: "GET /{orderId}", scopes: [orders]}
        placeOrder: {http: POST /, scopes: [orders]}

    Fix: two scopes, such as orders:read and orders:write; who needs both asks for both.
    """
    reading, changing = _by_permission(graph)
    by_scope: dict[tuple[str, str], list[Permission]] = {}
    for permission in changing:
        for scope in permission.scopes:
            by_scope.setdefault((permission.scheme, scope), []).append(permission)
    told: set[tuple[str, frozenset[str]]] = set()
    for permission, readers in reading.items():
        candidates = [each for scope in sorted(permission.scopes) for each in by_scope.get((permission.scheme, scope), ())]
        wide = next((each for each in candidates if permission.includes(each)), None)
        if wide is not None and (wide.scheme, wide.scopes) not in told:
            told.add((wide.scheme, wide.scopes))
            (one, reader), (other, writer) = readers[0], changing[wide][0]
            scopes = " and ".join(f'"{each}"' for each in sorted(wide.scopes))
            counts = f"{len(readers)} × to read, {len(changing[wide])} × to change something"
            message = f"whoever may {reader.name} of {one.id} may {writer.name} of {other.id}, too: {scopes} is asked for {counts}"
            related = (Related(writer.at["scopes"], "what changes something"),)
            help = "a scope of its own for what only reads"
            yield Diagnostic("broad-scope", reader.at["scopes"], message, help, Severity.WARNING, related)


Protected = dict[Permission, list[tuple[Interface, Method]]]


def _by_permission(graph: Graph) -> tuple[Protected, Protected]:
    """The operations that read and those that change something, by the scopes and roles that they need."""
    reading: Protected = {}
    changing: Protected = {}
    for interface in graph.interfaces:
        for method in interface.methods:
            if method.scheme is None or not method.operation.scopes:
                continue
            key = Permission(method.scheme.name, frozenset(method.operation.scopes), frozenset(method.operation.roles))
            if _changes(method.operation):
                changing.setdefault(key, []).append((interface, method))
            elif method.idempotency == "safe":
                reading.setdefault(key, []).append((interface, method))
    return reading, changing


def unused_permissions(graph: Graph) -> Iterator[Diagnostic]:
    """`unused-permission` (info): a scope or role that no operation needs.

    It is given out, and opens nothing: either an operation forgot to ask for it and is open to more callers than meant, or it is
    left over, and the next operation that takes the name gives its holders more than anybody decided.

        authentication: {users: {kind: jwt, scopes: {orders:export: Export all orders.}}}

    Fix: let the operation that it is for need it, or take it out.
    """
    needed: dict[str, set[str]] = {}
    for interface in graph.interfaces:
        for method in interface.methods:
            if method.scheme is not None:
                needed.setdefault(method.scheme.name, set()).update(method.operation.scopes, method.operation.roles)
    for scheme in graph.schemes.values():
        for what, permissions in (("scope", scheme.scopes), ("role", scheme.roles)):
            for each in permissions:
                if each.name not in needed.get(scheme.name, ()):
                    message = f'no operation needs the {what} "{each.name}" of "{scheme.name}"'
                    help = f"{what}s: [{each.name}] at the operation that it is for, or take it out"
                    yield Diagnostic("unused-permission", each.at.span, message, help, Severity.INFO)


def long_lived_tokens(graph: Graph) -> Iterator[Diagnostic]:
    """`long-lived-token` (warning): a token is valid for more than an hour.

    A bearer token is good for whoever has it. One that leaks, by a log, a proxy or a browser, opens everything until it lapses,
    since nobody asks the issuer again (RFC 6750, section 5.3: one hour or less).

        authentication: {users: {kind: jwt, lifetime: 24h}}

    Fix: `lifetime: 15m`, and a refresh token for who stays longer.
    """
    for scheme in graph.schemes.values():
        if scheme.kind in network.TOKENS and scheme.lifetime is not None and scheme.lifetime > LONGEST_LIFETIME:
            message = (
                f'a token of "{scheme.name}" is valid for {scheme.lifetime}, and who steals it has as long; {LONGEST_LIFETIME} is the most'
            )
            help = f"lifetime: {LONGEST_LIFETIME} or less, and refresh tokens"
            yield Diagnostic("long-lived-token", scheme.at["lifetime"], message, help, Severity.WARNING)


def audiences(graph: Graph) -> Iterator[Diagnostic]:
    """`token-without-audience` (warning): tokens are checked by issuer alone, whomever they were issued for.

    An issuer serves more than this system. Without an audience a token that a customer gave to any other application of it is
    let in here, and that application may act in the customer's name (RFC 8725, section 3.9; RFC 9700, section 2.3).

        authentication: {users: {kind: jwt, issuer: "https://login.example.com"}}

    Fix: `audiences: [orders]`, as the issuer writes it into `aud`.
    """
    known = settled(graph)
    for scheme in graph.schemes.values():
        is_checked = scheme.kind in network.TOKENS and scheme.issuer is not None
        if is_checked and not scheme.audiences and f"{scheme.at.pointer}.audiences" not in known:
            message = (
                f'every token of {scheme.issuer} is one of "{scheme.name}", whatever application it was issued for: it has 0 audiences'
            )
            yield Diagnostic("token-without-audience", scheme.at.span, message, "audiences: and what aud holds", Severity.WARNING)


def unlimited(graph: Graph) -> Iterator[Diagnostic]:
    """`unlimited-public-api` (info): anybody may call a public interface as often as they like.

    One client in a loop takes what all others need, and who guesses passwords or identifiers is not slowed down (OWASP API
    Security Top 10 2023, API4). Limits count where requests come in: at the gateways that have a route to the interface, or else
    at its components.

        provides: {orders: {visibility: public, http: {base: /orders}, …}}

    Fix: `rate_limits: {user: {rate: 20/s, by: "claim:sub"}}` at the gateway, or at the component.
    """
    known = settled(graph)
    gateways: dict[str, list[Component]] = {}
    for call in graph.calls:
        if call.interface is not None and placement.is_gateway(call.consumer):
            gateways.setdefault(call.interface.id, []).append(call.consumer)
    doors: dict[str, tuple[Component, list[str]]] = {}
    for interface in graph.interfaces:
        is_limited = all(each.rate_limits for each in interface.providers)
        if interface.api.visibility == "public" and not is_limited:
            for door in gateways.get(interface.id, interface.providers):
                doors.setdefault(door.name, (door, []))[1].append(interface.id)
    for door, ids in doors.values():
        if not door.rate_limits and f"{door.name}.rate_limits" not in known:
            first = sorted(set(ids))[:SHOWN]
            which = ", ".join(first) + (", …" if len(set(ids)) > len(first) else "")
            message = f"anybody may call what is public at {door.name} without limit: {which}"
            help = 'rate_limits: {user: {rate: 20/s, by: "claim:sub"}}'
            yield Diagnostic("unlimited-public-api", door.at.span, message, help, Severity.INFO)


# --- what is spoken ---------------------------------------------------------------------------------------------------


def plain_endpoints(graph: Graph) -> Iterator[Diagnostic]:
    """`unencrypted-edge` (warning): a third party is spoken to in clear.

    Whoever sits on the way reads and changes what is said, credentials included, and nothing proves that it is the third party
    that answers (RFC 9325, section 3.2). `http` and `tcp` are in clear; `https`, `tls` and `sftp` are not, nor is `grpc`, which is
    spoken on port 443.

        externals: {weather: {endpoints: {api: {protocol: http, host: weather.example.com}}}}

    Fix: `protocol: https`, or `tls` for what is not HTTP.
    """
    callers: dict[str, set[str]] = {}
    for call in graph.calls:
        if call.external is not None:
            callers.setdefault(call.external.name, set()).add(call.consumer.name)
    for external in graph.externals:
        for endpoint in external.endpoints if external.name in callers else ():
            if endpoint.protocol in PLAIN:
                who = ", ".join(sorted(callers[external.name]))
                message = f'what {who} and "{external.name}" say to each other over {endpoint.protocol} is not encrypted'
                help = f"protocol: {'https' if endpoint.protocol == 'http' else 'tls'}"
                yield Diagnostic("unencrypted-edge", endpoint.at["protocol"], message, help, Severity.WARNING)


def plain_meshes(graph: Graph) -> Iterator[Diagnostic]:
    """`unencrypted-mesh` (warning): in an environment without a mesh, components call each other in clear and unnamed.

    The mesh encrypts what they say and proves who says it; only with that can access be given by operation. Without it, whatever
    gets into the network may read everything and call everybody in anybody's name (NIST SP 800-204A). Calls to
    ports whose `protocol` is https or tls are not counted.

        environments: {production: {mesh: none}}

    Fix: `mesh: sidecar` or `ambient`, or ports that speak TLS themselves.
    """
    without = [each for each in graph.system.document.environments if each.mesh == "none"]
    pairs = {(call.consumer.name, each.name) for call in graph.calls for each in _plain_providers(graph, call)} if without else set()
    for environment in without if pairs else ():
        first = " → ".join(min(pairs))
        message = f'in "{environment.name}" nothing encrypts calls, nor proves who makes them: {len(pairs)} × a pair such as {first}'
        help = "mesh: sidecar or ambient; or ports with protocol: https"
        yield Diagnostic("unencrypted-mesh", environment.at["mesh"], message, help, Severity.WARNING)


def _plain_providers(graph: Graph, call: Call) -> Iterator[Component]:
    """The deployed components that a call reaches over a port that is not encrypted; a gateway ends TLS."""
    if call.interface is None or call.via is not None or not placement.is_deployed(call.consumer):
        return
    binding = call.interface.api.grpc if call.protocol == "grpc" else call.interface.api.http
    for component in call.interface.providers:
        if binding is None or component == call.consumer or not placement.is_deployed(component):
            continue
        port = next((each for each in graph.ports(component) if each.name == binding.port), None)
        if port is not None and placement.protocol(graph, component, port) not in ENCRYPTED:
            yield component


# --- third parties ----------------------------------------------------------------------------------------------------


def external_timeouts(graph: Graph) -> Iterator[Diagnostic]:
    """`external-without-timeout` (warning): a third party is waited for without end.

    Nobody here can mend a third party that hangs. Each call that waits for it keeps a thread and a connection, until there is
    none left for what does not need it at all (Nygard, Release It!, chapter 5: timeouts). Also a timer's call that hangs is a
    timer that has stopped.

        uses: [{external: mail-relay, operations: [sendMessage]}]

    Fix: `timeout: 4s` at the use, or for all calls `defaults: {call: {timeout: 4s}}`.
    """
    for call in _to_third_parties(graph, "timeout"):
        if call.use.timeout is None:
            message = f'nothing says how long {call.consumer.name} waits for "{call.target}", which others run'
            help = "timeout: 4s, or for all calls defaults: {call: {timeout: 4s}}"
            yield Diagnostic("external-without-timeout", call.at.span, message, help, Severity.WARNING)


def external_breakers(graph: Graph) -> Iterator[Diagnostic]:
    """`external-without-breaker` (warning): a third party that fails is called on and on.

    Every request waits for the whole timeout, although the answer is known, and a third party that is getting up again is held
    down (Nygard, Release It!, chapter 5: circuit breaker). `breaker: false` is none. What a timer calls is let pass: nobody waits
    for it, and its next call is soon enough to try.

        uses: [{external: mail-relay, operations: [sendMessage], timeout: 4s}]

    Fix: `breaker: {failures: 5, open: 30s}`, and a fallback that says what happens meanwhile.
    """
    for call in _to_third_parties(graph, "breaker"):
        use = call.use
        if use.breaker in (None, False) and use.every is None:
            wait = f" and waits {use.timeout} each time" if use.timeout is not None else ""
            message = f'{call.consumer.name} goes on calling "{call.target}" while it fails{wait}: it has no circuit breaker'
            yield Diagnostic("external-without-breaker", use.at["breaker"], message, "breaker: {failures: 5, open: 30s}", Severity.WARNING)


def external_credentials(graph: Graph) -> Iterator[Diagnostic]:
    """`external-without-credentials` (info): something is changed at a third party, and nothing says by which credentials.

    No third party lets strangers change something. A secret that no contract names is in nobody's list when it must be rotated,
    and often ends in a configuration file. What only reads may be open to all, and is let pass.

        externals: {mail-relay: {operations: {sendMessage: {http: POST /v2/messages}}}}
        ---
        uses: [{external: mail-relay, operations: [sendMessage]}]

    Fix: `credentials:` and the name of the secret; never the credentials.
    """
    for call in _to_third_parties(graph, "credentials"):
        wanted = call.use.operations
        known = call.external.operations if call.external is not None else ()
        changing = [each.name for each in known if (not wanted or each.name in wanted) and _changes(each)]
        if changing and call.use.credentials is None:
            names = ", ".join(changing)
            message = f'nothing says by which credentials {call.consumer.name} may {names} at "{call.target}"'
            help = "credentials: and the name of the secret"
            yield Diagnostic("external-without-credentials", call.at.span, message, help, Severity.INFO)


def _to_third_parties(graph: Graph, key: str) -> Iterator[Call]:
    """The calls to third parties of which the key is not known to be missing."""
    known = settled(graph)
    return (each for each in graph.calls if each.external is not None and f"{each.consumer.name}.uses.{key}" not in known)


# --- least privilege --------------------------------------------------------------------------------------------------


def unnarrowed(graph: Graph) -> Iterator[Diagnostic]:
    """`unnarrowed-use` (info): a use names no operations, so its component may call them all, also those that change something.

    Access is cut from the contract: what a use names, the mesh lets pass. A component that may call more than it does can do
    more harm when it is taken over, and every new operation is open to it on the day it is written. Routes of gateways are let
    pass, and calls that go through one: the network edge ends there.

        uses: [{api: stock.stock}]

    Fix: `operations:` and those that are called.
    """
    for call in graph.calls:
        if call.use.operations or call.interface is None or call.via is not None or placement.is_gateway(call.consumer):
            continue
        changing = [each.name for each in call.methods if _changes(each.operation)]
        if changing and len(call.methods) > 1:
            names = ", ".join(changing)
            counts = f"all {len(call.methods)} operations of {call.target}, {len(changing)} of which change something: {names}"
            message = f"{call.consumer.name} names none, and so may call {counts}"
            yield Diagnostic("unnarrowed-use", call.at["api"], message, "operations: and those that are called", Severity.INFO)


def unused_access(graph: Graph) -> Iterator[Diagnostic]:
    """`unused-access` (warning): a job may read or write a store of another component, and none of its flows does.

    What may be reached, will be, by mistake or by who takes the job over; and the owner of the store asks before each change
    somebody who does not care. Only jobs that do nothing but run flows are looked at: of them the contract says everything.

        component: nightly-export
        uses_stores: [{store: orders.orders-db, access: write}]
        flows: {export: {sources: {orders: {store: orders.orders-db, table: orders}}, …}}
        runtime: {kind: job}

    Fix: take the use out, or say `access: read` where nothing is written.
    """
    for name, own in groupby(sorted(graph.pipelines, key=_component), key=_component):
        pipelines = tuple(own)
        component = pipelines[0].component
        if not _only_flows(graph, component, pipelines):
            continue
        reads, writes = ({each for one in pipelines for each in of(one)} for of in (_reads, _writes))
        for use in component.uses_stores:
            if use.store not in (reads if use.access == "read" else writes):
                message = f'{name} may {use.access} "{use.store}", and 0 of {len(pipelines)} flows do'
                help = "access: read" if use.store in reads else "take it out"
                yield Diagnostic("unused-access", use.at["access"], message, help, Severity.WARNING)


def _component(pipeline: Pipeline) -> str:
    return pipeline.component.name


def _only_flows(graph: Graph, component: Component, pipelines: tuple[Pipeline, ...]) -> bool:
    """Whether a component is a job of which the contract knows nothing but its flows, and all of them."""
    heard = {each.source.event for one in pipelines for each in one.sources}
    asked = {each.enrichment.api for one in pipelines for each in one.lookups}
    own = [each for each in interfaces_of(graph, component) if each.owner is not None]
    other = (own, component.handles, component.sends, component.projections, component.caches, component.streams)
    is_whole = len(pipelines) == len(component.flows) and not any(other)
    is_theirs = {each.event for each in component.consumes} <= heard and {each.api for each in component.uses} <= asked
    return placement.is_job(component) and is_whole and is_theirs


def _reads(pipeline: Pipeline) -> Iterator[str]:
    yield from (_name(each.access.owner, each.access.store) for each in pipeline.sources if each.access is not None)
    tables = [*(table for _, table in pipeline.references), *(each.table for each in pipeline.lookups if each.table is not None)]
    yield from (_name(each.owner, each.store) for each in tables)


def _writes(pipeline: Pipeline) -> Iterator[str]:
    for access in (pipeline.quarantine, *(each.access for each in pipeline.targets)):
        if access is not None:
            yield _name(access.owner, access.store)


def _name(owner: Component, store: Store) -> str:
    return f"{owner.name}.{store.name}"


RULES: tuple[Callable[[Graph], Iterator[Diagnostic]], ...] = (
    open_operations,
    unscoped_writes,
    broad_scopes,
    unused_permissions,
    long_lived_tokens,
    audiences,
    unlimited,
    plain_endpoints,
    plain_meshes,
    external_timeouts,
    external_breakers,
    external_credentials,
    unnarrowed,
    unused_access,
)
