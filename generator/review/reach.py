"""Who may call whom, by which way, and for how long: boundaries, routes, timeouts, retries."""

from __future__ import annotations

from collections.abc import Iterator

from generator import network, placement, policies
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Call, Graph, Method
from generator.model import Component
from generator.review.deployment import settled


def boundaries(graph: Graph) -> Iterator[Diagnostic]:
    """`forbidden-call`: a component calls a layer that its own may not call.

    Policies would open the very way that the layers are there to close, and the next change goes through it, too.

        layers: {edge: {may_call: [domain]}, domain: {may_call: []}}

    Fix: go by a component of a layer that may be called, or add the layer or third party to `may_call`.
    """
    layers = {each.name: each for each in graph.system.document.layers}
    for call in graph.calls:
        own = layers.get(call.consumer.layer or "")
        if own is None or "may_call" not in own.at.keys:
            continue
        for name, what in _called(call):
            if name is not None and name not in own.may_call:
                message = f'{call.consumer.name} is in the layer "{own.name}", which may not call {what}'
                related = (Related(own.at["may_call"], f'what "{own.name}" may call'),)
                at = call.use.at["external" if call.external else "via" if call.via else "api"]
                yield Diagnostic("forbidden-call", at, message, f"add {name} to may_call, or go another way", related=related)


def _called(call: Call) -> Iterator[tuple[str | None, str]]:
    """The layers that a call enters, or the third party."""
    if call.external is not None:
        yield call.external.name, f'"{call.external.name}"'
    elif call.via is not None:
        yield call.via.layer, f'{call.via.name} in "{call.via.layer}"'
    elif call.interface is not None:
        for component in call.interface.providers:
            yield component.layer, f'{component.name} in "{component.layer}"'


def privacy(graph: Graph) -> Iterator[Diagnostic]:
    """`private-api`: a component of another domain calls an interface that is private to its own.

    Its owners change it whenever they like, since nobody outside is to depend on it.

        provides: {ledger: {visibility: private, …}}

    Fix: use an interface that is meant for others, or let its owner say `visibility: internal`.
    """
    for call in graph.calls:
        api = call.interface.api if call.interface is not None else None
        if api is None or api.visibility != "private":
            continue
        outside = [each for each in (call.interface.providers if call.interface else ()) if not _is_near(call.consumer, each)]
        for component in outside[:1]:
            message = f'"{api.name}" is private to the domain of {component.name}, and {call.consumer.name} is not of it'
            related = (Related(api.at["visibility"], "private here"),)
            yield Diagnostic("private-api", call.use.at["api"], message, "visibility: internal, or use another interface", related=related)


def _is_near(consumer: Component, provider: Component) -> bool:
    return consumer == provider or (consumer.domain is not None and consumer.domain == provider.domain)


def routes(graph: Graph) -> Iterator[Diagnostic]:
    """`unrouted-operation`: a public operation that no gateway of the system has a route to.

    It is in the public documentation, and callers get a 404.

        provides: {orders: {visibility: public, http: {base: /orders}, …}}

    Fix: let the gateway use the operation, or say `visibility: internal`.
    """
    gateways = network.gateways(graph)
    if not gateways:
        return
    routed = {
        (call.interface.id, method.name) for call in graph.calls if call.consumer in gateways and call.interface for method in call.methods
    }
    public = {interface.id: interface for interface, component, _ in network.public(graph) if not placement.is_gateway(component)}
    for interface in public.values():
        missing = [each.name for each in interface.methods if (interface.id, each.name) not in routed]
        if missing:
            names = ", ".join(missing)
            message = f'"{interface.id}" is public, and {gateways[0].name} has no route to {names}'
            help = f"let {gateways[0].name} use it, or say visibility: internal"
            yield Diagnostic("unrouted-operation", interface.api.at["visibility"], message, help)


def timeouts(graph: Graph) -> Iterator[Diagnostic]:
    """`timeout-too-short`, `missing-timeout` (warning): all tries together may take less time than a single one, or a call may take for
    ever.

    A try that is cut off by the whole is never repeated. And a caller without a limit waits with its threads and connections until there
    are none left.

        uses: [{api: orders.orders, timeout: 1s, retry: {attempts: 2, per_try: 3s}}]

    Fix: let `timeout` be at least `per_try` times `attempts`; say it at the use, or for all calls in `defaults: {call: {timeout: 2s}}`.
    """
    known = settled(graph)
    for call in graph.calls:
        use = call.use
        per_try = use.retry.per_try if use.retry else None
        if use.timeout is not None and per_try is not None and use.timeout < per_try:
            message = f"one try of {call.consumer.name} may take {per_try}, and all of them {use.timeout}"
            at = use.at["timeout"] if "timeout" in use.at.keys else use.at["retry"]
            yield Diagnostic("timeout-too-short", at, message, f"timeout: {per_try} or more")
        if use.timeout is None and call.interface is not None and f"{call.consumer.name}.uses.timeout" not in known:
            message = f'nothing says how long {call.consumer.name} waits for "{call.target}"'
            help = "timeout: 2s, or for all calls defaults: {call: {timeout: 2s}}"
            yield Diagnostic("missing-timeout", use.at.span, message, help, Severity.WARNING)


def retries(graph: Graph) -> Iterator[Diagnostic]:
    """`unsafe-retry` (warning): what must not be repeated is to be tried again; it is tried once.

    A try that failed may have been carried out, and its answer lost: the second one orders, or pays, again. So the generated policies
    leave such tries out.

        uses: [{api: orders.orders, operations: [placeOrder], retry: {attempts: 3}}]

    Fix: say `idempotency: idempotent` or `key` where the operation is declared, if that is so; else leave `retry` out for it.
    """
    known = settled(graph)
    for call in graph.calls:
        wanted = call.use.retry.attempts if call.use.retry is not None and "retry" in call.use.at.keys else 1
        if wanted == 1:
            continue
        once = [each for each in policies.of_call(call) if each.tries == 1 and _place(call, each.method, each.name) not in known]
        if once:
            names = ", ".join(each.name.removeprefix(f"{call.target}.") for each in once)
            message = f"{call.consumer.name} tries {names} {wanted} times, and nothing says that it may be repeated"
            help = "idempotency: idempotent or key, where it is declared; until then it is tried once"
            yield Diagnostic("unsafe-retry", call.use.at["retry"], message, help, Severity.WARNING)


def _place(call: Call, method: Method | None, name: str) -> str:
    """Where the contract would say whether it may be repeated."""
    if call.external is not None:
        return f"externals.{call.external.name}.operations.{name.removeprefix(f'{call.external.name}.')}.idempotency"
    assert call.interface is not None and method is not None
    owner = f"{call.interface.owner.name}.provides" if call.interface.owner else "interfaces"
    return f"{owner}.{call.interface.api.name}.operations.{method.name}.idempotency"


def breakers(graph: Graph) -> Iterator[Diagnostic]:
    """`incomplete-breaker`: a circuit breaker is asked for, and nothing says when it opens.

    Mesh and library would each take a number of their own, and calls go on to what has failed.

        uses: [{api: orders.orders, breaker: true}]

    Fix: say `breaker: {failures: 5, open: 30s}` at the use or under `defaults: {call: …}`.
    """
    for call in graph.calls:
        if call.use.breaker is True:
            message = f'nothing says when the circuit breaker of {call.consumer.name} for "{call.target}" opens'
            at = call.use.at["breaker"]
            yield Diagnostic("incomplete-breaker", at, message, "breaker: {failures: 5, open: 30s}, here or under defaults: call")


def tokens(graph: Graph) -> Iterator[Diagnostic]:
    """`unverified-token` (warning): the mesh does not know who issues the tokens, and so lets a call pass that has none.

    The sidecar checks a signature with the issuer's keys; without an issuer only the component itself is in the way of a forged token.

        authentication: {users: {kind: jwt}}

    Fix: add `issuer: https://login.example.com` to the scheme; or an open question that settles its place.
    """
    known = settled(graph)
    if not placement.deployed(graph) or all(each.mesh == "none" for each in graph.system.document.environments):
        return
    for scheme in graph.system.document.authentication:
        place = f"authentication.{scheme.name}.issuer"
        if scheme.kind in network.TOKENS and scheme.issuer is None and place not in known:
            message = f'nothing says who issues the tokens of "{scheme.name}": the mesh checks none'
            yield Diagnostic("unverified-token", scheme.at.span, message, "issuer: https://login.example.com", Severity.WARNING)


def limits(graph: Graph) -> Iterator[Diagnostic]:
    """`uncounted-limit` (warning): a rate limit does not say where what it counts by is read, so nothing can keep it.

    A proxy counts requests by an address, a header or a claim of the token; without one there is no limit at all.

        rate_limits: {user: {rate: 20/s}}

    Fix: say `by: claim:sub`, `by: header:X-Client` or `by: address`.
    """
    known = settled(graph)
    for component in placement.deployed(graph):
        for limit in component.rate_limits:
            if limit.by is None and f"{component.name}.rate_limits.{limit.name}.by" not in known:
                message = f'nothing says what makes a "{limit.name}" of {component.name}'
                yield Diagnostic("uncounted-limit", limit.at.span, message, "by: claim:sub, header:X-Client or address", Severity.WARNING)


RULES = (limits, boundaries, privacy, routes, timeouts, retries, breakers, tokens)
