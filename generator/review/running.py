"""Components can run and call as they are written: ports, hosts, fallbacks, and no call described twice."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Call, Graph
from generator.model import Port
from generator.review.schemas import did_you_mean


def ports(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-port`: two ports of a component have one number, in the Service or in the pod.

    Kubernetes refuses a Service with one port twice; and in a pod the second that listens does not start.

        runtime: {ports: {http: 8080, admin: 8080}}

    Fix: give each port a number of its own.
    """
    for component in graph.components:
        for what in ("service", "pod"):
            taken: dict[int, Port] = {}
            for port in sorted(component.runtime.ports if component.runtime else (), key=lambda each: each.at.span):
                number = port.service if what == "service" else port.pod or port.service
                first = taken.setdefault(number, port)
                if first is port or (what == "pod" and first.service == port.service):
                    continue
                related = (Related(first.at.span, f'"{first.name}" has it already'),)
                message = f'the ports "{first.name}" and "{port.name}" of {component.name} both have the number {number}'
                place = port.at[what] if what == "service" or port.pod is not None else port.at.span
                yield Diagnostic("duplicate-port", place, message, "give each its own", related=related)


def interface_ports(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-port`: an interface is offered on a port that its component does not have.

    Service, route and policy would lead to a port that nothing listens on.

        provides: {orders: {http: {port: web}, …}}
        runtime: {ports: {http: 8080}}

    Fix: name a port that the component has, or declare it under `runtime: {ports: …}`.
    """
    for interface in graph.interfaces:
        bindings = [each for each in (interface.api.http, interface.api.grpc) if each is not None]
        for component in interface.providers:
            declared = component.runtime.ports if component.runtime else ()
            known = [each.name for each in declared] or ["http", "grpc"]
            for binding in bindings:
                if binding.port not in known and binding.port not in graph.system.lost:
                    message = f'{component.name} has no port "{binding.port}", on which "{interface.id}" is offered'
                    related = (Related(declared[0].at.span, f"the ports of {component.name}"),) if declared else ()
                    help = did_you_mean(binding.port, known) if declared else f"declare it: runtime: {{ports: {{{binding.port}: 8081}}}}"
                    yield Diagnostic("unknown-port", binding.at["port"], message, help, related=related)


def fallbacks(graph: Graph) -> Iterator[Diagnostic]:
    """`incomplete-fallback`: a fallback does not say what it answers with, or how old that may be.

    The first failure is when it is needed, and then there is nothing to answer with, or an answer of last year.

        fallback: {type: cached_response}

    Fix: add `response` with the value to a default response, and `ttl: 5m` to a cached one.
    """
    for call in graph.calls:
        fallback = call.use.fallback
        if fallback is None:
            continue
        if fallback.type == "default_response" and fallback.response is None:
            message = f"the default response of {call.consumer.name} is not given"
            yield Diagnostic("incomplete-fallback", fallback.at["type"], message, "response: and the value")
        if fallback.type == "cached_response" and fallback.ttl is None and "ttl" not in fallback.at.keys:
            message = f"nothing says how old a cached response may be for {call.consumer.name}"
            yield Diagnostic("incomplete-fallback", fallback.at["type"], message, "ttl: 5m")


def repeated_uses(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-use`, `self-use` (warning): a component says twice how it calls one operation, or calls itself.

    Two policies for one call cannot both hold; and a call over the network to oneself fails in ways that a function does not.

        uses: [{api: shop.orders, timeout: 1s}, {api: shop.orders, timeout: 2s}]

    Fix: join the two, or list different operations at each; take a call of a component to itself out of the contract.
    """
    taken: dict[tuple[str, ...], Call] = {}
    for call in sorted(graph.calls, key=lambda each: each.at.span):
        operations = [method.name for method in call.methods] or list(call.use.operations) or [""]
        clashes = [taken.setdefault((call.consumer.name, call.target, call.protocol or "", each), call) for each in operations]
        other = next((each for each in clashes if each is not call), None)
        if other is not None:
            related = (Related(other.at.span, "the first use"),)
            message = f'{call.consumer.name} says twice how it calls "{call.target}"'
            yield Diagnostic("duplicate-use", call.at.span, message, "join them, or list different operations", related=related)
        if call.interface is not None and call.interface.owner == call.consumer:
            message = f"{call.consumer.name} uses its own interface"
            yield Diagnostic(
                "self-use", call.use.at["api"], message, "a call inside of a component is no part of the contract", Severity.WARNING
            )


def hosts(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-host`: two environments have one public host name, so that callers of one reach the other.

    What is meant for a test then changes what is real, or DNS leads to whichever was deployed last.

        environments: {staging: {host: api.example.com}, production: {host: api.example.com}}

    Fix: give each environment a host of its own, such as `staging.example.com`.
    """
    taken: dict[str, tuple[str, Span]] = {}
    for environment in sorted(graph.system.document.environments, key=lambda each: each.at.span):
        if environment.host is None:
            continue
        at = environment.at["host"]
        name, first = taken.setdefault(environment.host.lower(), (environment.name, at))
        if name != environment.name:
            message = f'"{environment.name}" and "{name}" have one host, {environment.host}'
            yield Diagnostic("duplicate-host", at, message, "give each its own", related=(Related(first, "first used here"),))


RULES = (ports, interface_ports, fallbacks, repeated_uses, hosts)
