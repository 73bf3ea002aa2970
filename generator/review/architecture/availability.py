"""Availability: what is promised follows from what is needed for it; nothing stands alone, and no circle of calls."""

from __future__ import annotations

from collections.abc import Iterator

from generator import chains, network, placement
from generator.chains import Step, Work
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Call, Graph, derived
from generator.model import Component, Quality
from generator.review.deployment import settled
from generator.text import some

NEXT_TO_NOTHING = 1e-9
"""What rounding may make of a share."""


def beyond_dependencies(graph: Graph) -> Iterator[Diagnostic]:
    """`availability-beyond-dependencies` (warning): more is promised than those that are needed for it promise together.

    A request is answered only when all that it cannot do without answers: their availabilities are multiplied, each once, however
    many ways lead to it. What has a fallback or is not `required`, and who only gets messages, is no part of it; of calls of one
    `any_of` one that answers is enough. Failures are taken as independent, and a retry as no help (The Calculus of Service
    Availability, ACM Queue 15:2).

        provides: {checkout: {quality: {availability: 99.95%}, …}}
        uses: [{api: billing.payments}]   # which promises 99.9%

    Fix: promise less, need less (a fallback, `required: false`, an event instead of a call), or have the other promise more.
    """
    worst: dict[int, tuple[float, Work, Quality]] = {}
    for work, needed in chains.needs(graph).items():
        quality = _promise(graph, work)
        if quality is not None and needed != chains.Needs():
            share = chains.probability(needed)
            if id(quality) not in worst or share < worst[id(quality)][0]:
                worst[id(quality)] = share, work, quality
    for share, work, quality in worst.values():
        assert quality.availability is not None
        if float(quality.availability.value) / 100 > share + NEXT_TO_NOTHING:
            made = chains.spelt(chains.needs(graph)[work])
            message = f"{work} promises {quality.availability}, and what it needs gives {chains.percent(share)} at most: {made}"
            help = f"availability: {chains.percent(share)} or less; or a fallback for one of them"
            yield Diagnostic("availability-beyond-dependencies", quality.at["availability"], message, help, Severity.WARNING)


def _promise(graph: Graph, work: Work) -> Quality | None:
    """What is promised of a work as a whole: availability that counts only a component's own failures needs nobody."""
    found = chains.promised(graph, work, "availability")
    return found[0] if found is not None and not found[0].own else None


def without_promise(graph: Graph) -> Iterator[Diagnostic]:
    """`availability-without-support` (info): an availability is promised, and something that it needs promises none.

    Nobody can say whether the promise holds: the arithmetic of `availability-beyond-dependencies` leaves out what nobody promises.

        provides: {checkout: {quality: {availability: 99.9%}, …}}
        uses: [{external: card-network}]   # of which nothing is said

    Fix: `quality: {availability: …}` where the other is described, as agreed or as measured; or a fallback.
    """
    known = settled(graph)
    reported: set[tuple[int, str]] = set()
    for work, steps in chains.works(graph).items():
        quality = _promise(graph, work)
        for step in steps if quality is not None else ():
            assert quality is not None
            name = _unsupported(graph, step)
            if name is not None and (id(quality), name) not in reported and f"externals.{name}.quality.availability" not in known:
                reported.add((id(quality), name))
                message = f'{work} promises {quality.availability} and needs "{name}", which promises nothing'
                related = (Related(step.call.at.span, "needed here"),)
                help = f"quality: {{availability: …}} of {name}, or a fallback"
                yield Diagnostic("availability-without-support", quality.at["availability"], message, help, Severity.INFO, related)


def _unsupported(graph: Graph, step: Step) -> str | None:
    """Of a required call the callee that promises nothing, and of which nothing is known by what it needs itself."""
    if step.is_soft or step.call.use.any_of is not None:
        return None
    external = step.call.external
    if external is not None:
        return external.name if external.quality is None or external.quality.availability is None else None
    for work in step.sets_off:
        if chains.promised(graph, work, "availability") is None and chains.needs(graph).get(work, chains.Needs()) == chains.Needs():
            return step.name
    return None


def single_points(graph: Graph) -> Iterator[Diagnostic]:
    """`single-point-of-failure` (warning): one instance, and others cannot do their work while it is gone.

    Each deployment, drained node and crash is an outage of all that depends on it, directly or through others.

        component: billing
        runtime: {image: "registry.example.com/billing:1.0.0", replicas: 1}

    Fix: `replicas: 2` or more; or a fallback for those that call it.
    """
    for component, needing in _needed(graph):
        runtime = component.runtime
        least = runtime.replicas.min if runtime is not None and runtime.replicas is not None else 1
        if placement.is_deployed(component) and not placement.is_job(component) and least < 2 and runtime is not None:
            message = f"{component.name} runs {'once' if least else 'not at all at times'}, and {some(needing)} cannot do without it"
            at = runtime.at["replicas"]
            yield Diagnostic("single-point-of-failure", at, message, "replicas: 2 or more", Severity.WARNING)


def none_left(graph: Graph) -> Iterator[Diagnostic]:
    """`no-instance-left` (warning): as many instances may be missing at once as there are at least.

    When nodes are drained, the disruption budget lets all instances go at once (Kubernetes, disruptions).

        runtime: {replicas: 2, max_unavailable: 2}

    Fix: `max_unavailable` less than the fewest instances.
    """
    defaults = graph.system.document.defaults
    for component, _ in _needed(graph):
        runtime = component.runtime
        if runtime is None or runtime.replicas is None or not placement.is_deployed(component) or placement.is_job(component):
            continue
        missing = runtime.max_unavailable or (defaults.max_unavailable if defaults is not None else None) or 1
        if 1 < runtime.replicas.min <= missing:
            at = runtime.at["max_unavailable" if runtime.max_unavailable is not None else "replicas"]
            message = f"{component.name} runs {runtime.replicas.min} times at least, and {missing} may be missing at once"
            help = f"max_unavailable: {runtime.replicas.min - 1} or less"
            yield Diagnostic("no-instance-left", at, message, help, Severity.WARNING)


@derived
def _needed(graph: Graph) -> tuple[tuple[Component, tuple[str, ...]], ...]:
    """Components that others cannot do without, with those; a gateway is needed by all who come from outside."""
    found: dict[str, set[str]] = {}
    for work, steps in chains.works(graph).items():
        for step in steps:
            if not step.is_soft and step.call.use.any_of is None:
                for callee in step.sets_off:
                    found.setdefault(callee.component, set()).add(work.component)
    for gateway in network.gateways(graph):
        found.setdefault(gateway.name, set()).add("whoever comes from outside")
    needing = ((each, tuple(sorted(found.get(each.name, set()) - {each.name}))) for each in graph.components)
    return tuple((component, names) for component, names in needing if names)


def circles(graph: Graph) -> Iterator[Diagnostic]:
    """`synchronous-cycle` (warning): components call each other in a circle.

    A request can come back to where it began and wait for itself, connections of all of them are held meanwhile, and none of
    them can be changed, scaled or understood alone. The shortest circle is shown.

        component: orders
        uses: [{api: billing.invoices, required: false}]
        ---
        component: billing
        uses: [{api: orders.orders}]

    Fix: let one of them tell the other by an event, or move what both need to a third component.
    """
    for calls in chains.cycles(graph):
        if not _is_locked(calls):
            yield _circle(calls, "synchronous-cycle", "components call each other in a circle", "tell one of them by an event")


def start_order(graph: Graph) -> Iterator[Diagnostic]:
    """`no-start-order` (warning): components need each other in a circle, so that none of them can start first.

    After an outage of the whole each waits for the other; the first deployment of the system works by luck or not at all. The
    same as `synchronous-cycle`, with calls that are all required and have no fallback.

        component: orders
        uses: [{api: billing.invoices}]
        ---
        component: billing
        uses: [{api: orders.orders}]

    Fix: break the circle by an event; or say of one call that it is not `required`, or what stands in for it.
    """
    for calls in chains.cycles(graph):
        if _is_locked(calls):
            yield _circle(calls, "no-start-order", "none of them can start first", "required: false or a fallback for one, or an event")


def _is_locked(calls: list[Call]) -> bool:
    return all(call.use.required and (call.use.fallback is None or call.use.fallback.type == "none") for call in calls)


def _circle(calls: list[Call], code: str, what: str, help: str) -> Diagnostic:
    names = " → ".join([each.consumer.name for each in calls] + [calls[0].consumer.name])
    related = tuple(Related(each.at.span, f"{each.consumer.name} calls {each.target}") for each in calls[1:])
    return Diagnostic(code, calls[0].at.span, f"{what}: {names}", help, Severity.WARNING, related)


RULES = (beyond_dependencies, without_promise, single_points, none_left, circles, start_order)
