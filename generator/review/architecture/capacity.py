"""Capacity: what is asked is not more than what instances, pools, partitions and third parties can do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator import chains
from generator.chains import Step, Work
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Call, Graph, Topic, derived, interfaces_of
from generator.model import Component, Quality
from generator.units import Duration, Rate

ROUNDING = 1e-9
"""What arithmetic may add to a number."""


class Load(NamedTuple):
    """What one use asks of its callee at most, a second."""

    call: Call
    calls: float
    """Without tries that are made again."""
    tries: float
    """With all of them, when every one fails but the last."""
    text: str
    """`shop 40/s × 2`: how the number comes about."""


@derived
def loads(graph: Graph) -> Mapping[Span, Load]:
    """Of each use whose rate is known. A rate that the use declares holds for all tries; else it follows from the rates that are
    promised of what causes the calls, where all of them are."""
    found: dict[Span, Load] = {}
    made: dict[Span, tuple[Step, list[Work]]] = {}
    for work, steps in chains.works(graph).items():
        for step in steps:
            made.setdefault(step.call.at.span, (step, []))[1].append(work)
    for span, (step, works) in made.items():
        use, name = step.call.use, step.call.consumer.name
        if use.rate is not None:
            found[span] = Load(step.call, use.rate.per_second, use.rate.per_second, f"{name} {use.rate}")
            continue
        causes = _rates(graph, works)
        if causes is not None:
            rate = sum(each.per_second for each in causes)
            times = f" × {use.times}" if use.times > 1 else ""
            text = f"{name} {' + '.join(str(each) for each in causes)}{times}"
            found[span] = Load(step.call, rate * use.times, rate * use.times * step.tries, text)
    return found


def _rates(graph: Graph, works: list[Work]) -> list[Rate] | None:
    """The declared rates of what causes calls, a rate that several causes share once; None where one is not declared."""
    found: dict[int, Rate] = {}
    for work in works:
        declared = _rate(graph, work)
        if declared is None:
            return None
        found[id(declared)] = declared
    return list(found.values())


def _rate(graph: Graph, work: Work) -> Rate | None:
    """Of an operation, else its interface, else the component; of an event what its publisher says."""
    component = _components(graph)[work.component]
    if work.cause in _events(graph):
        return _events(graph)[work.cause]
    for interface in interfaces_of(graph, component):
        for method in interface.methods:
            if f"{interface.api.name}.{method.name}" == work.cause:
                whole = component.quality if interface.owner == component else None
                said = (method.operation.quality, interface.api.quality, whole)
                return next((each.rate for each in said if each is not None and each.rate is not None), None)
    return None


@derived
def _components(graph: Graph) -> Mapping[str, Component]:
    return {each.name: each for each in graph.components}


@derived
def _events(graph: Graph) -> Mapping[str, Rate | None]:
    return {each.id: each.event.rate for each in graph.topics}


def per_second(number: float) -> str:
    """A rate as people write it: `80/s`, `2.5/s`."""
    return f"{number:,.2f}".rstrip("0").rstrip(".") + "/s"


def beyond_provider(graph: Graph) -> Iterator[Diagnostic]:
    """`rate-beyond-provider` (warning, info): all who use an interface may ask more of it than it promises to sustain.

    The rates that the uses declare, or that follow from what causes the calls × `times`, are added; uses of which nothing is
    known are not in the sum. Info where only tries that are made again go beyond: then a slow moment becomes an overload.

        uses: [{api: billing.payments, rate: 80/s}]
        provides: {payments: {quality: {rate: 50/s}}}

    Fix: a provider that sustains the sum, callers that ask less (a cache, a batch, a queue), or fewer `attempts`.
    """
    asked: dict[int, tuple[Quality, str, list[Load]]] = {}
    for load in loads(graph).values():
        found = limit(load.call)
        if found is not None:
            asked.setdefault(id(found[0]), (*found, []))[2].append(load)
    for quality, what, asking in asked.values():
        assert quality.rate is not None
        yield from _beyond("rate-beyond-provider", quality.rate, quality.at["rate"], f"{what} sustains {quality.rate}", asking)


def limit(call: Call) -> tuple[Quality, str] | None:
    """Who sustains what a call asks for: the called operation, if it is one, else the interface, else the component."""
    if call.interface is None or call.via is not None:
        return None
    owner = call.interface.owner
    said = [(call.interface.api.quality, call.target)]
    if len(call.methods) == 1:
        said.insert(0, (call.methods[0].operation.quality, f"{call.target}.{call.methods[0].name}"))
    if owner is not None:
        said.append((owner.quality, owner.name))
    return next(((quality, name) for quality, name in said if quality is not None and quality.rate is not None), None)


def _beyond(code: str, limit: Rate, at: Span, what: str, found: list[Load]) -> Iterator[Diagnostic]:
    """A finding where a sum of loads is more than a limit, with tries or already without."""
    calls, tries = sum(each.calls for each in found), sum(each.tries for each in found)
    if tries <= limit.per_second * (1 + ROUNDING):
        return
    is_surely = calls > limit.per_second * (1 + ROUNDING)
    number = per_second(calls if is_surely else tries)
    made = " + ".join(each.text for each in found)
    how = (
        f"and {number} may be asked: {made}"
        if is_surely
        else f"and {number} are asked when every try but the last fails: {made}, and tries"
    )
    related = tuple(Related(each.call.at.span, f"up to {per_second(each.calls if is_surely else each.tries)}") for each in found)
    help = f"{number} or more; or ask less" if is_surely else "fewer attempts, a retry at one caller only, or a breaker that opens early"
    yield Diagnostic(code, at, f"{what}, {how}", help, Severity.WARNING if is_surely else Severity.INFO, related)


def beyond_quota(graph: Graph) -> Iterator[Diagnostic]:
    """`rate-beyond-quota` (warning, info): all who use a third party may ask more of it than it takes.

    Added as for `rate-beyond-provider`; what is above the quota is refused, for all of them alike.

        externals: {card-network: {limit: 50/s, …}}
        uses: [{external: card-network, rate: 80/s}]

    Fix: a higher quota, a queue before the third party, or a `rate` for each use that fits in.
    """
    asked: dict[str, list[Load]] = {}
    for load in loads(graph).values():
        if load.call.external is not None and load.call.external.limit is not None:
            asked.setdefault(load.call.external.name, []).append(load)
    for external in graph.externals:
        if external.name in asked and external.limit is not None:
            what = f"{external.name} takes {external.limit}"
            yield from _beyond("rate-beyond-quota", external.limit, external.at["limit"], what, asked[external.name])


def beyond_instances(graph: Graph) -> Iterator[Diagnostic]:
    """`rate-beyond-instances` (warning): more is promised than the most instances sustain together.

    Instances × what one sustains, as measured, is less than the rate: the autoscaler ends before the load does.

        runtime: {replicas: {min: 2, max: 4}, sustains: 50/s}
        quality: {rate: 300/s}

    Fix: more instances at most, a faster one, or a lower promise.
    """
    for component in graph.components:
        runtime = component.runtime
        if runtime is None or runtime.sustains is None:
            continue
        most = instances(component)
        sustained = most * runtime.sustains.per_second
        for quality in _promises(graph, component):
            if quality.rate is not None and quality.rate.per_second > sustained * (1 + ROUNDING):
                needed = math.ceil(quality.rate.per_second / runtime.sustains.per_second)
                message = (
                    f"{component.name} promises {quality.rate}, and {most} instances × {runtime.sustains} sustain {per_second(sustained)}"
                )
                related = (Related(runtime.at["sustains"], "what one sustains"),)
                help = f"replicas: {{max: {needed}}} or more"
                yield Diagnostic("rate-beyond-instances", quality.at["rate"], message, help, Severity.WARNING, related)


def instances(component: Component) -> int:
    """Instances at most."""
    replicas = component.runtime.replicas if component.runtime is not None else None
    return (replicas.max or replicas.min) if replicas is not None else 1


def _promises(graph: Graph, component: Component) -> Iterator[Quality]:
    """Of the component, its own interfaces and their operations."""
    found = [component.quality]
    for interface in interfaces_of(graph, component):
        if interface.owner == component:
            found += [interface.api.quality, *(method.operation.quality for method in interface.methods)]
    yield from (each for each in found if each is not None)


def beyond_concurrency(graph: Graph) -> Iterator[Diagnostic]:
    """`rate-beyond-concurrency` (warning, info): a bulkhead is too small for the calls that are to go through it.

    Calls that are under way at once = rate × time of a call (Little's law); all instances of the caller together may have
    `concurrency` each. The time is the median that the callee promises; info where only its p95 is known, which is longer.

        uses: [{api: billing.payments, rate: 100/s, concurrency: 5}]
        provides: {payments: {quality: {latency: {p50: 200ms}}}}

    Fix: a larger `concurrency`, more instances, or fewer calls.
    """
    seen: set[Span] = set()
    for steps in chains.works(graph).values():
        for step in steps:
            load, limit = loads(graph).get(step.call.at.span), step.call.use.concurrency
            if load is None or limit is None or step.call.at.span in seen:
                continue
            seen.add(step.call.at.span)
            for percentile, severity in (("p50", Severity.WARNING), ("p95", Severity.INFO)):
                time = chains.latency(graph, step, percentile)
                if time is not None:
                    yield from _queueing(step, load, limit, percentile, time.seconds, severity)
                    break


def _queueing(step: Step, load: Load, limit: int, percentile: str, seconds: float, severity: Severity) -> Iterator[Diagnostic]:
    most = instances(step.call.consumer)
    needed = load.calls * seconds
    if needed > limit * most * (1 + ROUNDING):
        sum = f"{per_second(load.calls)} × {seconds:g} s ({percentile}) = {needed:,.4g}"
        message = f"calls of {step.name} that are under way at once: {sum}, and {most} instances × {limit} are let through"
        at = step.call.use.at["concurrency" if "concurrency" in step.call.use.at.keys else "api"]
        yield Diagnostic("rate-beyond-concurrency", at, message, f"concurrency: {math.ceil(needed / most)} or more", severity)


def beyond_store(graph: Graph) -> Iterator[Diagnostic]:
    """`connections-beyond-store` (warning): all instances together may hold more connections than a store takes.

    Most instances × pool, of all who use it. The store refuses the rest, when the load is highest and the autoscaler has added
    what should help.

        stores: {orders-db: {kind: postgresql, pool: 20, max_connections: 100}}
        runtime: {replicas: {min: 2, max: 8}}

    Fix: smaller pools, fewer instances, a pooler before the store, or more connections.
    """
    held: dict[tuple[str, str], list[tuple[int, str, Span]]] = {}
    for access in graph.accesses:
        pool = access.use.pool if access.use is not None else access.store.pool
        if pool is not None:
            most = instances(access.component)
            at = access.use.at["pool"] if access.use is not None else access.store.at["pool"]
            held.setdefault((access.owner.name, access.store.name), []).append(
                (most * pool, f"{access.component.name} {most} × {pool}", at)
            )
    for access in graph.accesses:
        limit = access.store.max_connections
        parts = held.get((access.owner.name, access.store.name), [])
        total = sum(number for number, _, _ in parts)
        if access.use is None and limit is not None and total > limit:
            made = " + ".join(text for _, text, _ in parts)
            message = f"{access.owner.name}.{access.store.name} takes {limit} connections, and {total} may be held: {made}"
            related = tuple(Related(at, f"{number} of them") for number, _, at in parts)
            help = f"max_connections: {total} or more; or smaller pools"
            yield Diagnostic("connections-beyond-store", access.store.at["max_connections"], message, help, Severity.WARNING, related)


def idle(graph: Graph) -> Iterator[Diagnostic]:
    """`idle-instances` (info): more instances of a consumer may run than any of its topics has partitions.

    A partition is read by one instance of a group at a time (Kafka, consumer groups): the others cost and do nothing. Said of
    components that do no other work.

        publishes: {OrderPlaced: {partitions: 3, …}}
        runtime: {replicas: {min: 2, max: 8}}

    Fix: more partitions, or fewer instances at most.
    """
    broker = graph.system.header.broker
    for component in graph.components if broker is not None and broker.kind == "kafka" else ():
        read = [topic for topic in _read(graph).get(component.name, ()) if topic.event.partitions is not None]
        does_more = any(each.owner == component for each in interfaces_of(graph, component)) or component.handles or component.flows
        widest = max(read, key=lambda each: each.event.partitions or 0, default=None)
        if widest is None or does_more or len(read) < len(component.consumes) or component.runtime is None:
            continue
        if widest.event.partitions is not None and instances(component) > widest.event.partitions:
            message = f"{component.name} runs up to {instances(component)} times, and {widest.id} has {widest.event.partitions} partitions"
            help = f"partitions: {instances(component)} or more; or replicas: {{max: {widest.event.partitions}}}"
            related = (Related(widest.event.at["partitions"], "the partitions"),)
            yield Diagnostic("idle-instances", component.runtime.at["replicas"], message, help, Severity.INFO, related)


@derived
def _read(graph: Graph) -> Mapping[str, list[Topic]]:
    """The topics that each component reads."""
    found: dict[str, list[Topic]] = {}
    for topic in graph.topics:
        for subscription in topic.subscriptions:
            found.setdefault(subscription.consumer.name, []).append(topic)
    return found


def beyond_partitions(graph: Graph) -> Iterator[Diagnostic]:
    """`rate-beyond-partitions` (warning): messages come faster than those who handle them can be done with them.

    Messages that are handled at once = rate × time of one (Little's law). A group handles one message of each partition at a
    time, and no more than it has instances: what is above that waits, longer every minute.

        publishes: {OrderPlaced: {rate: 100/s, partitions: 6, …}}
        consumes: [{event: ordering.OrderPlaced, takes: 200ms}]

    Fix: more partitions and instances, or handling that takes less.
    """
    for topic in graph.topics:
        for each in topic.subscriptions:
            takes = each.consume.takes
            if topic.event.rate is not None and takes is not None:
                handled = (each.consumer, topic.event.partitions, f"messages of {topic.id}")
                yield from _slow(handled, topic.event.rate, takes, each.consume.at["takes"], topic.event.at["rate"])
    for queue in graph.queues:
        command = queue.command
        if command.rate is not None and command.takes is not None:
            handled = (queue.handler, command.partitions, f"commands {queue.id}")
            yield from _slow(handled, command.rate, command.takes, command.at["takes"], command.at["rate"])


def _slow(handled: tuple[Component, int | None, str], rate: Rate, takes: Duration, at: Span, told: Span) -> Iterator[Diagnostic]:
    component, partitions, what = handled
    most = instances(component) if partitions is None else min(partitions, instances(component))
    needed = rate.per_second * takes.seconds
    if needed > most * (1 + ROUNDING):
        bound = f"{instances(component)} instances" + (f" and {partitions} partitions" if partitions is not None else "")
        message = f"{what} that {component.name} has to handle at once: {rate} × {takes} = {needed:,.4g}, and {bound} handle {most}"
        help = f"{math.ceil(needed)} partitions and instances or more; or takes: {Duration(int(most / rate.per_second * 1000))} or less"
        yield Diagnostic("rate-beyond-partitions", at, message, help, Severity.WARNING, (Related(told, "how many come"),))


RULES = (beyond_provider, beyond_quota, beyond_instances, beyond_concurrency, beyond_store, idle, beyond_partitions)
