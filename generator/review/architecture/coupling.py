"""Coupling: no component that all need, no pair that talks all the time, no way around what stands between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from generator import chains, placement
from generator.chains import Step, Work
from generator.diagnostics import At, Diagnostic, Related, Severity, Span
from generator.graph import Call, Graph, Interface, Topic, derived

MOST_CALLS = 5
"""Of one component to another for one cause. Each is a round trip that the others wait for: five of 20 ms are 100 ms, as long as what
seems immediate to a person (Nielsen, Usability Engineering, chapter 5)."""
MOST_HOPS = 4
"""Calls one inside the other. Five in a row at 99.9 % each are 99.5 %: 44 hours a year, where one is 9."""
FEWEST_CALLERS = 5
"""Of a hub: in a smaller system everybody knows everybody."""


# --- who needs whom ---------------------------------------------------------------------------------------------------


def hubs(graph: Graph) -> Iterator[Diagnostic]:
    """`synchronous-hub` (info): most components cannot work without one of them.

    When it is down or slow, all are; each change of it waits for all its callers, and its team for none of theirs. Counted are
    components, at least 5 and more than half of the others, that call it directly while somebody waits, and have nothing that
    stands in for its answer. Calls by timers and routes of gateways do not count (Newman, Building Microservices, chapter 2:
    coupling).

        uses: [{api: customers.customers, operations: [getCustomer]}]

    Fix: let it publish what the others need, so that they keep a copy; or a `fallback`, or `required: false`.
    """
    callers: dict[str, set[str]] = {}
    for call in graph.calls:
        is_hard = call.use.every is None and not Step(call, (), ()).is_soft
        if call.interface is not None and is_hard and not placement.is_gateway(call.consumer):
            for provider in call.interface.providers:
                callers.setdefault(provider.name, set()).add(call.consumer.name)
    components = [each for each in graph.components if not placement.is_gateway(each)]
    for component in components:
        needing = sorted(callers.get(component.name, set()) - {component.name})
        others = len(components) - 1
        if len(needing) >= FEWEST_CALLERS and len(needing) * 2 > others:
            names = ", ".join(needing[:FEWEST_CALLERS]) + (", …" if len(needing) > FEWEST_CALLERS else "")
            message = f"{len(needing)} of {others} other components cannot work without {component.name}: {names}"
            help = "publish what they need, so that they keep a copy; or fallbacks"
            yield Diagnostic("synchronous-hub", component.at.span, message, help, Severity.INFO)


def integrators(graph: Graph) -> Iterator[Diagnostic]:
    """`several-integrators` (info): components of several teams call one third party, each by itself.

    Each of them translates its words, handles its faults, keeps its credentials, and takes from the same limit without knowing of
    the others; when the third party changes, all teams change (Evans, Domain-Driven Design, chapter 14: anticorruption layer).
    Gateways do not count, nor does who issues the tokens that all check.

        component: orders
        uses: [{external: mail-relay}]
        ---
        component: payments
        uses: [{external: mail-relay}]

    Fix: one component that calls it, and that the others call or send messages to; or one owner for all that call it.
    """
    issuers = {each.issued_by for each in graph.schemes.values()}
    calls: dict[str, dict[str, Call]] = {}
    for call in graph.calls:
        if call.external is not None and call.external.name not in issuers and not placement.is_gateway(call.consumer):
            calls.setdefault(call.external.name, {}).setdefault(call.consumer.name, call)
    for external in graph.externals:
        found = calls.get(external.name, {})
        teams = {graph.team(each.consumer) for each in found.values()}
        if len(teams) > 1:
            names = ", ".join(f"{name} ({graph.team(found[name].consumer)})" for name in sorted(found))
            message = f'{len(found)} components of {len(teams)} teams call "{external.name}", each by itself: {names}'
            related = tuple(Related(found[name].use.at["external"], f"{name} calls it") for name in sorted(found))
            help = "one component that calls it for all"
            yield Diagnostic("several-integrators", external.at.span, message, help, Severity.INFO, related)


# --- how they talk ----------------------------------------------------------------------------------------------------


def chatter(graph: Graph) -> Iterator[Diagnostic]:
    """`chatty-pair` (warning): for one cause a component calls another again and again, more than 5 times.

    Each call is a round trip: what waits for them waits for their sum, and each request above is as many below. Times of all uses
    of one provider for one cause are added, where `times` or `during` says how often and for what; nothing is guessed (Fowler,
    Patterns of Enterprise Application Architecture, chapter 15: remote facade).

        uses:
          - {api: stock.stock, operations: [getStock], times: 20}

    Fix: one operation that takes the list; or read a copy that the provider's events keep up to date.
    """
    worst: dict[tuple[str, str], tuple[int, Work, list[Step]]] = {}
    for work, steps in chains.works(graph).items():
        for target, own in _by_provider(steps).items():
            count = sum(each.call.use.times for each in own)
            if count > worst.get((work.component, target), (MOST_CALLS,))[0]:
                worst[work.component, target] = (count, work, own)
    for (consumer, target), (count, work, own) in worst.items():
        use = max((each.call.use for each in own), key=lambda each: each.times)
        terms = " + ".join(f"{each.call.use.times} × {_operations(each)}" for each in own)
        message = f'{consumer} calls "{target}" {count} times for one cause ({work.cause or "its own"}): {terms}'
        help = "an operation that takes them all at once, or a copy that events keep"
        yield Diagnostic("chatty-pair", use.at["times"], message, help, Severity.WARNING)


def _by_provider(steps: Sequence[Step]) -> Mapping[str, list[Step]]:
    """The steps that say how often or for what they are made, by whom they call."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        if {"times", "during"} & step.call.use.at.keys.keys():
            owner = step.call.interface.owner if step.call.interface is not None else None
            found.setdefault(owner.name if owner is not None else step.name, []).append(step)
    return found


def _operations(step: Step) -> str:
    """What is called: one of these."""
    return " or ".join(each.name for each in step.call.methods) or " or ".join(step.call.use.operations) or step.name


def detours(graph: Graph) -> Iterator[Diagnostic]:
    """`around-gateway` (warning): a component goes through a gateway for some calls, and around it for one that the gateway has a route to.

    What the gateway does, it does not do for that call: check the token, count the request, log it, cut it off. Two ways to one
    operation have two timeouts and two sets of tries, and whoever mends one forgets the other. Only calls over HTTP count, which
    is what gateways let in.

        uses:
          - {api: users.users, via: edge}
          - {api: orders.orders, over: http}

    Fix: `via:` and the gateway, at this call, too; or call over gRPC what is meant for components.
    """
    routes: dict[str, set[tuple[str, str]]] = {}
    through: dict[str, dict[str, int]] = {}
    for call in graph.calls:
        if call.via is not None:
            own = through.setdefault(call.consumer.name, {})
            own[call.via.name] = own.get(call.via.name, 0) + 1
        elif placement.is_gateway(call.consumer):
            routes.setdefault(call.consumer.name, set()).update(_called(call))
    for call in graph.calls:
        if call.via is not None or not call.methods or call.protocol != "http":
            continue
        for gateway, number in through.get(call.consumer.name, {}).items():
            if _called(call) <= routes.get(gateway, set()):
                message = f'{call.consumer.name} calls "{call.target}" around {gateway}, which has a route to it, and {number} × through it'
                yield Diagnostic("around-gateway", call.use.at["api"], message, f"via: {gateway}", Severity.WARNING)


def _called(call: Call) -> set[tuple[str, str]]:
    return {(call.target, method.name) for method in call.methods}


def depths(graph: Graph) -> Iterator[Diagnostic]:
    """`deep-chain` (warning): more than 4 calls are one inside the other, so that the first waits for all.

    Their times add up and their availabilities multiply: five components at 99.9 % are 0.999^5, 99.5 %. Each timeout must hold
    the one below, and who looks for a fault looks at six logs. The longest way to each call is counted, a gateway on it as a
    component; it is reported at the call that goes beyond (Google, The Calculus of Service Availability).

        component: shop
        uses: [{api: orders.orders}]    # and so on, down to
        ---
        component: prices
        uses: [{external: exchange-rates}]

    Fix: let one of them keep what it asks for, from events; or let the first ask the others itself, at once.
    """
    hops = chains.most_hops(graph)
    found: dict[int, tuple[Step, Work]] = {}
    for work, steps in chains.works(graph).items():
        if hops[work][0] == MOST_HOPS:
            for step in steps:
                found.setdefault(id(step.call), (step, work))
    for step, work in found.values():
        path = f"{chains.spelt_way(chains.chain(graph, hops, work).works)} → {step.name}"
        message = f"{MOST_HOPS + 1} calls are one inside the other: {path}"
        at = step.call.use.at["external" if step.call.external is not None else "api"]
        yield Diagnostic("deep-chain", at, message, "a copy that events keep, or fewer components on the way", Severity.WARNING)


# --- what comes to an end ---------------------------------------------------------------------------------------------


class Ending(NamedTuple):
    """Something that is deprecated or has a last day, and who uses it all the same."""

    what: str
    at: At
    is_deprecated: bool
    sunset: str | None
    """The last day that it is there, `2026-12-31`."""
    team: str
    users: tuple[tuple[str, Span], ...]
    """Components with the place that says so. A gateway lets in whoever is outside, and needs nothing itself."""


@derived
def endings(graph: Graph) -> tuple[Ending, ...]:
    """Interfaces, operations and events that come to an end."""
    return tuple(_endings(graph))


def _endings(graph: Graph) -> Iterator[Ending]:
    calls: dict[str, list[Call]] = {}
    for call in graph.calls:
        if call.interface is not None and not placement.is_gateway(call.consumer):
            calls.setdefault(call.interface.id, []).append(call)
    for interface in graph.interfaces:
        yield from _interface_endings(interface, calls.get(interface.id, []))
    for topic in graph.topics:
        if topic.event.deprecated or topic.event.sunset is not None:
            yield _topic_ending(graph, topic)


def _interface_endings(interface: Interface, calls: Sequence[Call]) -> Iterator[Ending]:
    """Of the whole interface, and of each operation that comes to an end by itself."""
    api = interface.api
    if api.deprecated or api.sunset is not None:
        users = tuple((each.consumer.name, each.use.at["api"]) for each in calls)
        yield Ending(f'"{interface.id}"', api.at, api.deprecated, api.sunset, interface.team, users)
    for method in interface.methods:
        operation = method.operation
        if operation.sunset is not None or (operation.deprecated and not api.deprecated):
            own = [each for each in calls if any(one.name == method.name for one in each.methods)]
            users = tuple((each.consumer.name, each.use.at["operations" if each.use.operations else "api"]) for each in own)
            is_deprecated = operation.deprecated or api.deprecated
            yield Ending(f'"{method.name}" of {interface.id}', method.at, is_deprecated, operation.sunset, interface.team, users)


def _topic_ending(graph: Graph, topic: Topic) -> Ending:
    users = tuple((each.consumer.name, each.at["event"]) for each in topic.subscriptions)
    return Ending(f'"{topic.id}"', topic.at, topic.event.deprecated, topic.event.sunset, graph.team(topic.publisher), users)


def deprecated_uses(graph: Graph) -> Iterator[Diagnostic]:
    """`deprecated-use` (warning): a component uses what its owner has deprecated.

    It still works, and one day it does not: whoever uses it then fails on a day that others chose. Operations, interfaces and
    events count; routes of gateways do not, since they are for who comes from outside (RFC 9745: the Deprecation header).

        provides: {orders: {operations: {findOrder: {deprecated: true, sunset: 2026-12-31}}}}
        ---
        uses: [{api: orders.orders, operations: [findOrder]}]

    Fix: use what its owner offers instead, or ask them.
    """
    for ending in endings(graph):
        for consumer, at in ending.users if ending.is_deprecated else ():
            until = f", and its last day is {ending.sunset}" if ending.sunset is not None else ", on a day that nothing says"
            message = f"{consumer} uses {ending.what}, which comes to an end{until}"
            related = (Related(ending.at["deprecated"], "deprecated here"),)
            help = f"use what {ending.team} offers instead, or ask them"
            yield Diagnostic("deprecated-use", at, message, help, Severity.WARNING, related)


def past_sunsets(graph: Graph, today: str) -> Iterator[Diagnostic]:
    """`past-sunset` (error): the last day of something is over, and a component still uses it.

    Its owner may take it away with the next release, and need tell nobody any more (RFC 8594: the Sunset header). The last day
    itself is still good.

        provides: {orders: {operations: {findOrder: {deprecated: true, sunset: 2026-06-30}}}}
        ---
        uses: [{api: orders.orders, operations: [findOrder]}]

    Fix: use what its owner offers instead, or agree on a later `sunset` with them.
    """
    for ending in endings(graph):
        for consumer, at in ending.users if _is_over(ending, today) else ():
            message = f"{consumer} still uses {ending.what}, whose last day was {ending.sunset}"
            related = (Related(ending.at["sunset"], "the last day"),)
            help = f"use what {ending.team} offers instead, or agree on a later day with them"
            yield Diagnostic("past-sunset", at, message, help, related=related)


def overdue_sunsets(graph: Graph, today: str) -> Iterator[Diagnostic]:
    """`overdue-sunset` (info): the last day of something is over, no component uses it, and it is still provided.

    What stays is kept in order, secured and documented for nobody, and somebody begins to use it again (RFC 8594, section 3).

        provides: {orders: {operations: {findOrder: {deprecated: true, sunset: 2026-06-30}}}}

    Fix: take it out, or say a later `sunset` for who calls from outside.
    """
    for ending in endings(graph):
        if _is_over(ending, today) and not ending.users:
            message = f"the last day of {ending.what} was {ending.sunset}, 0 components use it, and it is still there"
            help = f"{ending.team} may take it out, or say a later day"
            yield Diagnostic("overdue-sunset", ending.at["sunset"], message, help, Severity.INFO)


def _is_over(ending: Ending, today: str) -> bool:
    return ending.sunset is not None and ending.sunset < today


RULES: tuple[Callable[[Graph], Iterator[Diagnostic]], ...] = (hubs, integrators, chatter, detours, depths, deprecated_uses)
DATED_RULES: tuple[Callable[[Graph, str], Iterator[Diagnostic]], ...] = (past_sunsets, overdue_sunsets)
