"""Call chains: what a request, message or timer sets off across the system, and the arithmetic of its waits, tries and availability.

Only synchronous calls make a chain: a message waits in its channel, so neither its delay nor its failure is its sender's.
Google, Site Reliability Engineering, chapters 21 and 22; The Calculus of Service Availability (ACM Queue 15:2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

from generator import placement, policies
from generator.graph import Call, Graph, Interface, Method, StoreAccess, calls_of, causes, derived, interfaces_of
from generator.model import Component, Quality
from generator.policies import Policy
from generator.units import Duration

if TYPE_CHECKING:  # it takes a quarter of a second to load, which a run with nothing to do need not wait for
    import networkx as nx

PERCENTILES = ("p50", "p95", "p99")
NEVER_MORE = 10
"""Envoy waits at most ten times its first wait between two tries (retry policy, max_interval)."""


class Work(NamedTuple):
    """Something that a component does for one cause."""

    component: str
    cause: str
    """`orders.placeOrder` for an operation, `ordering.OrderPlaced` for an event, a command's or flow's name; of a gateway the
    operation that it lets in, `ordering.orders.placeOrder`; of a timer `every 5m: erp.listDeliveries`; empty for what nothing but the component itself causes."""

    def __str__(self) -> str:
        return f"{self.component} ({self.cause})" if self.cause else self.component


@dataclass(frozen=True, slots=True)
class Step:
    """One use, as part of a work: it is made `times` times, each time with all its tries."""

    call: Call
    policies: tuple[Policy, ...]
    """Of the operations that this work may call; one of them is called."""
    sets_off: tuple[Work, ...]
    """What the callee does then, one for each operation and provider; nothing for a third party."""

    @property
    def tries(self) -> int:
        """Of one call, at most."""
        return max((each.tries for each in self.policies), default=1)

    @property
    def timeout(self) -> Duration | None:
        """Of one call, all tries included."""
        return self.call.use.timeout

    @property
    def per_try(self) -> Duration | None:
        """How long one try is waited for at most."""
        limits = [each.per_try for each in self.policies if each.per_try is not None]
        return min(limits, default=self.timeout)

    @property
    def name(self) -> str:
        return self.call.target

    @property
    def is_soft(self) -> bool:
        """The work goes on without the answer: the call is not required, or something stands in for it."""
        use = self.call.use
        return not use.required or (use.fallback is not None and use.fallback.type != "none")


@derived
def works(graph: Graph) -> Mapping[Work, tuple[Step, ...]]:
    """Everything that is done in the system, with the calls that it makes; what a timer causes is a work of its own."""
    return {work: steps for component in graph.components for work, steps in _works(graph, component)}


def _works(graph: Graph, component: Component) -> Iterator[tuple[Work, tuple[Step, ...]]]:
    own = calls_of(graph, component)
    if placement.is_gateway(component):
        for call in own:
            for method in call.methods if call.use.every is None else ():
                yield Work(component.name, f"{call.target}.{method.name}"), (_step(graph, call, (method,)),)
    provided = interfaces_of(graph, component)
    known = causes(component, provided)
    alike = {f"{each.api.name}.{method.name}" for each in provided if each.owner is None for method in each.methods}
    for cause in (known or ("",)) if not placement.is_gateway(component) else ():
        # What all components answer alike, such as how they are, is no reason to call others.
        made = [each for each in own if each.use.every is None and (cause in each.use.during if each.use.during else cause not in alike)]
        yield Work(component.name, cause), tuple(_step(graph, each, each.methods) for each in made)
    for call in own:
        if call.use.every is not None:
            called = ".".join((call.target, "+".join(call.use.operations))).rstrip(".")
            yield Work(component.name, f"every {call.use.every}: {called}"), (_step(graph, call, call.methods),)


def _step(graph: Graph, call: Call, methods: Sequence[Method]) -> Step:
    names = {each.name for each in methods}
    own = tuple(each for each in policies.of_call(call) if each.method is None or each.method.name in names)
    if call.interface is None:
        return Step(call, own, ())
    if call.via is not None:
        routed = {f"{each.target}.{method.name}" for each in calls_of(graph, call.via) if each.use.every is None for method in each.methods}
        return Step(call, own, tuple(Work(call.via.name, cause) for cause in sorted(routed & {f"{call.target}.{name}" for name in names})))
    api = call.interface.api.name
    return Step(call, own, tuple(Work(each.name, f"{api}.{name}") for each in call.interface.providers for name in sorted(names)))


@derived
def allowed(graph: Graph) -> Mapping[Work, tuple[Step, ...]]:
    """The calls that set a work off, those first that wait for the least time."""
    found: dict[Work, list[Step]] = {}
    for steps in works(graph).values():
        for step in steps:
            for work in step.sets_off if step.per_try is not None else ():
                found.setdefault(work, []).append(step)
    return {work: tuple(sorted(steps, key=_patience)) for work, steps in found.items()}


def _patience(step: Step) -> tuple[Duration, str]:
    return step.per_try or Duration(0), step.call.consumer.name


# --- as a graph -------------------------------------------------------------------------------------------------------


@derived
def _network(graph: Graph) -> nx.DiGraph[Work]:
    """Works, and for each pair the step with the most tries that leads from one to the other."""
    import networkx as nx

    found: nx.DiGraph[Work] = nx.DiGraph()
    for work, steps in works(graph).items():
        found.add_node(work)
        for step in steps:
            for next in step.sets_off:
                if not found.has_edge(work, next) or found.edges[work, next]["step"].tries < step.tries:
                    found.add_edge(work, next, step=step)
    return found


@derived
def _order(graph: Graph) -> tuple[Work, ...]:
    """Works, each before what it sets off; those that set off each other in any order."""
    import networkx as nx

    condensed = nx.condensation(_network(graph))
    first = {group: min(members) for group, members in condensed.nodes(data="members")}
    return tuple(
        work
        for group in nx.lexicographical_topological_sort(condensed, first.__getitem__)
        for work in sorted(condensed.nodes[group]["members"])
    )


def cycles(graph: Graph) -> list[list[Call]]:
    """Components that call each other in a circle: of each group of them one shortest circle, as the calls that make it."""
    import networkx as nx

    called: nx.DiGraph[str] = nx.DiGraph()
    for call in sorted(graph.calls, key=lambda each: (each.consumer.name, each.target, not each.use.required)):
        providers = call.interface.providers if call.interface is not None and call.use.every is None else ()
        for provider in providers:
            if provider != call.consumer and not called.has_edge(call.consumer.name, provider.name):
                called.add_edge(call.consumer.name, provider.name, call=call)
    found = []
    for group in nx.strongly_connected_components(called):
        if len(group) > 1:
            first = min(group)
            within = called.subgraph(group)
            back = {each: nx.shortest_path(within, each, first) for each in sorted(within.successors(first))}
            path = [first, *min(back.values(), key=lambda each: (len(each), each))]
            found.append([called.edges[one, other]["call"] for one, other in pairwise(path)])
    return sorted(found, key=lambda each: each[0].at.span)


class Chain(NamedTuple):
    """A way down through the system."""

    works: tuple[Work, ...]
    steps: tuple[Step, ...]
    factor: int
    """Product of something along the way."""

    def __str__(self) -> str:
        return " → ".join(str(each) for each in self.works)


Weight = Literal["tries", "hops"]


def _longest(graph: Graph, weight: Weight) -> Mapping[Work, tuple[int, Work | None]]:
    """To each work the largest number on a way there, and the work before it; ways do not go in circles."""
    calls, position = _network(graph), {work: index for index, work in enumerate(_order(graph))}
    best: dict[Work, tuple[int, Work | None]] = {}
    for work, own in position.items():
        start = 1 if weight == "tries" else 0
        found: tuple[int, Work | None] = (start, None)
        for before in sorted(calls.predecessors(work)):
            if before in best and position[before] < own:
                step = calls.edges[before, work]["step"]
                number = best[before][0] * step.tries if weight == "tries" else best[before][0] + 1
                found = max(found, (number, before), key=lambda each: each[0])
        best[work] = found
    return best


@derived
def most_tries(graph: Graph) -> Mapping[Work, tuple[int, Work | None]]:
    """How often a work is done at most for one cause at the top, since every call on the way may be tried again."""
    return _longest(graph, "tries")


@derived
def most_hops(graph: Graph) -> Mapping[Work, tuple[int, Work | None]]:
    """How many calls, one inside the other, lead to a work at most."""
    return _longest(graph, "hops")


def chain(graph: Graph, best: Mapping[Work, tuple[int, Work | None]], end: Work) -> Chain:
    """The way that `best` found to a work."""
    found, calls = [end], _network(graph)
    while (before := best[found[0]][1]) is not None:
        found.insert(0, before)
    return Chain(tuple(found), tuple(calls.edges[one, other]["step"] for one, other in pairwise(found)), best[end][0])


@derived
def deepest(graph: Graph) -> Mapping[Work, Chain]:
    """From each work the way down with the most calls, and how often its end is done at most for one cause."""
    found: dict[Work, Chain] = {}
    for work in reversed(_order(graph)):
        ways = [
            (next, step, found[next]) for step in works(graph)[work] for next in step.sets_off if next in found
        ]  # in a circle of calls, what is further up is not gone through again
        best = max(ways, key=lambda each: (len(each[2].works), each[1].tries * each[2].factor), default=None)
        found[work] = Chain((work,), (), 1)
        if best is not None:
            _, step, rest = best
            found[work] = Chain((work, *rest.works), (step, *rest.steps), step.tries * rest.factor)
    return found


# --- time -------------------------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """What one step adds to a sum, and how the sum spells it."""

    step: Step
    time: Duration
    text: str


def tries_time(policy: Policy) -> tuple[Duration, Duration] | None:
    """How long all tries of a call take at most, and after which time the last one begins; None where no try has a limit of its own.

    Waits grow from the first one twofold, with Envoy's upper bound: wait × (2^n - 1), at most ten times the first.
    """
    retry = policy.call.use.retry
    if policy.tries == 1 or retry is None or retry.per_try is None:
        return None
    first = policy.wait.milliseconds
    waits = sum(min(first * (2**index - 1), first * NEVER_MORE) for index in range(1, policy.tries))
    last = retry.per_try.milliseconds * (policy.tries - 1) + waits
    return Duration(last + retry.per_try.milliseconds), Duration(last)


def longest_wait(graph: Graph, work: Work) -> tuple[Duration, tuple[Part, ...]]:
    """How long a work waits for others at most, and of what the sum is made; calls without a timeout are not in it."""
    parts = []
    for group in _groups(works(graph).get(work, ())):
        timed = [Part(step, *_times(step, step.timeout)) for step in group if step.timeout is not None]
        parts += _at_once(timed)
    return Duration(sum(each.time.milliseconds for each in parts)), tuple(parts)


def _groups(steps: Sequence[Step]) -> Iterator[list[Step]]:
    """Steps that are made at once, together; all others alone."""
    together: dict[str, list[Step]] = {}
    for step in steps:
        name = step.call.use.parallel
        if name is None:
            yield [step]
        else:
            together.setdefault(name, []).append(step)
    yield from together.values()


def _at_once(parts: Sequence[Part]) -> list[Part]:
    """Of what is made at once the longest counts."""
    return [max(parts, key=lambda each: each.time)] if parts else []


def _times(step: Step, time: Duration) -> tuple[Duration, str]:
    times = step.call.use.times
    return Duration(time.milliseconds * times), f"{step.name} {time}" if times == 1 else f"{step.name} {times} × {time}"


def promised(graph: Graph, work: Work, what: Literal["availability", "latency"]) -> tuple[Quality, Interface | None] | None:
    """Who promises that of a work: the operation, else its interface, else the component (no interface).

    A component promises of its own operations; of what else it does only where it has none.
    """
    component = _components(graph)[work.component]
    provided = interfaces_of(graph, component)
    is_own = not any(interface.owner == component for interface in provided)
    for interface in provided:
        for method in interface.methods:
            if f"{interface.api.name}.{method.name}" == work.cause:
                for quality in (method.operation.quality, interface.api.quality):
                    if quality is not None and getattr(quality, what) is not None:
                        return quality, interface
                is_own = interface.owner == component
    return (component.quality, None) if is_own and component.quality is not None and getattr(component.quality, what) is not None else None


@derived
def _components(graph: Graph) -> Mapping[str, Component]:
    return {each.name: each for each in graph.components}


def latency(graph: Graph, step: Step, percentile: str) -> Duration | None:
    """What a callee takes at least, if it just keeps its promise: at the percentile, or else at the next lower one that it promises.

    A call that is cut off by its timeout, or for which something stands in, takes no longer than that.
    """
    found = [each for each in (_latency(graph, work, percentile) for work in step.sets_off) if each is not None]
    if step.call.external is not None and step.call.external.quality is not None:
        found += [each for each in (_at(step.call.external.quality, percentile),) if each is not None]
    if not found:
        return None
    least = min(found)
    return min(least, step.timeout) if step.timeout is not None else least


def _latency(graph: Graph, work: Work, percentile: str) -> Duration | None:
    """Of a gateway, what it lets in takes; its own part is small."""
    found = promised(graph, work, "latency")
    if found is not None and not found[0].own:
        return _at(found[0], percentile)
    inner = [latency(graph, step, percentile) for step in works(graph).get(work, ())] if _is_gateway(graph, work) else []
    return max((each for each in inner if each is not None), default=None)


def _is_gateway(graph: Graph, work: Work) -> bool:
    return placement.is_gateway(_components(graph)[work.component])


def _at(quality: Quality, percentile: str) -> Duration | None:
    """The promise at a percentile, or at the next lower one: a bound from below."""
    if quality.latency is None:
        return None
    lower = PERCENTILES[: PERCENTILES.index(percentile) + 1]
    said = [getattr(quality.latency, each) for each in lower]
    return max((each for each in said if each is not None), default=None)


def latency_sum(graph: Graph, work: Work, percentile: str) -> tuple[Duration, tuple[Part, ...]]:
    """What those that a work calls take together, as they promise it at a percentile."""
    parts = []
    for group in _groups(works(graph).get(work, ())):
        known = [(step, latency(graph, step, percentile)) for step in group]
        parts += _at_once([Part(step, *_times(step, time)) for step, time in known if time is not None])
    return Duration(sum(each.time.milliseconds for each in parts)), tuple(parts)


# --- availability -----------------------------------------------------------------------------------------------------


class Thing(NamedTuple):
    """Something whose availability somebody promises; it fails by itself."""

    name: str
    share: float
    """Of the time, or of requests, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What must work: all of the things, and of each choice one alternative. A thing that is needed twice is one thing."""

    things: frozenset[Thing] = frozenset()
    choices: frozenset[frozenset[Needs]] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        return Needs(self.things | other.things, self.choices | other.choices)


@derived
def needs(graph: Graph) -> Mapping[Work, Needs]:
    """What each work cannot do without; what may fail without harm is no part of it, nor are those that only get its messages.

    A callee's promise counts what it needs itself; without one, or where it counts only what it adds, that is looked at in
    turn. Of several operations, and of several providers, that one counts which answers least.
    """
    found: dict[Work, Needs] = {}
    for work in reversed(_order(graph)):
        required = [step for step in works(graph)[work] if not step.is_soft]
        own = Needs(frozenset(_stores(graph, work.component)))
        alternatives: dict[str, set[Needs]] = {}
        for step in required:
            needed = _answer(graph, step, found)
            if step.call.use.any_of is None:
                own |= needed
            else:
                alternatives.setdefault(step.call.use.any_of, set()).add(needed)
        found[work] = own | Needs(choices=frozenset(frozenset(each) for each in alternatives.values()))
    return found


def _stores(graph: Graph, component: str) -> Iterator[Thing]:
    for access in _accesses(graph).get(component, ()):
        if access.store.availability is not None and (access.use.required if access.use is not None else access.store.required):
            yield Thing(f"{access.owner.name}.{access.store.name}", float(access.store.availability.value) / 100)


@derived
def _accesses(graph: Graph) -> Mapping[str, list[StoreAccess]]:
    found: dict[str, list[StoreAccess]] = {}
    for access in graph.accesses:
        found.setdefault(access.component.name, []).append(access)
    return found


def _answer(graph: Graph, step: Step, known: Mapping[Work, Needs]) -> Needs:
    external = step.call.external
    if external is not None:
        said = external.quality.availability if external.quality is not None else None
        return Needs(frozenset((Thing(external.name, float(said.value) / 100),) if said is not None else ()))
    answers = [_answered(graph, work, known) for work in step.sets_off]
    return min(answers, key=probability, default=Needs())


def _answered(graph: Graph, work: Work, known: Mapping[Work, Needs]) -> Needs:
    """In a circle of calls, what is not known yet is what the work itself needs."""
    promise = promised(graph, work, "availability")
    if promise is None or promise[0].availability is None:
        return known.get(work, Needs())
    quality, is_whole = promise[0], promise[1] is None
    assert quality.availability is not None
    own = Needs(frozenset((Thing(work.component if is_whole else str(work), float(quality.availability.value) / 100),)))
    return own | known.get(work, Needs()) if quality.own else own


def probability(needed: Needs) -> float:
    """How likely all that is needed works, when things fail independently of each other."""
    return _probability(needed.choices, {each.name: 1.0 for each in needed.things}) * _product(needed.things)


def _product(things: Iterable[Thing]) -> float:
    return math.prod(each.share for each in sorted(things))


def _probability(choices: Iterable[frozenset[Needs]], decided: Mapping[str, float]) -> float:
    """Of choices, when it is known of some things whether they work: those in several choices are decided one by one (Shannon)."""
    choices = list(choices)
    seen: dict[str, Thing] = {}
    for choice in choices:
        inside = [thing for needed in choice for thing in _all_things(needed) if thing.name not in decided]
        for thing in sorted(set(inside)):
            if thing.name in seen or inside.count(thing) > 1:
                works = _probability(choices, {**decided, thing.name: 1.0})
                return thing.share * works + (1 - thing.share) * _probability(choices, {**decided, thing.name: 0.0})
        seen |= {thing.name: thing for thing in inside}
    return math.prod(1 - math.prod(1 - _alternative(needed, decided) for needed in choice) for choice in choices)


def _alternative(needed: Needs, decided: Mapping[str, float]) -> float:
    own = math.prod(decided.get(thing.name, thing.share) for thing in sorted(needed.things))
    return own * _probability(needed.choices, decided)


def _all_things(needed: Needs) -> Iterator[Thing]:
    yield from needed.things
    for choice in needed.choices:
        for inner in choice:
            yield from _all_things(inner)


def spelt(needed: Needs) -> str:
    """`billing 99.9% × (card-a 99% or card-b 98%)`: what an availability is made of."""
    things = [f"{each.name} {percent(each.share)}" for each in sorted(needed.things)]
    choices = sorted(f"({' or '.join(sorted(spelt(inner) for inner in choice))})" for choice in needed.choices)
    return " × ".join([*things, *choices])


def percent(share: float) -> str:
    """A share with as many digits as tell it from its neighbours: 99.85%."""
    return f"{share * 100:.4f}".rstrip("0").rstrip(".") + "%"


def spelt_way(works: Iterable[Work]) -> str:
    """`shop → orders → stock`: the components on a way."""
    return " → ".join(each.component for each in works)
