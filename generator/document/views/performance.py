"""Performance: copies that answer faster, connections, instances, limits and promised latencies; all declared, nothing measured here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import chains, placement
from generator.chains import Work
from generator.document.context import Context
from generator.document.views.data import OwnedStore, owned, place
from generator.document.views.undecided import Gap, gaps
from generator.graph import CachedCopy, Call, Graph, Interface, Method, Queue, Topic
from generator.model import Component, External, Quality, RateLimit
from generator.review.architecture import capacity
from generator.review.architecture.capacity import Load
from generator.units import Duration, Rate

LEVELS = ("l1", "l2", "l3", "cdn")


@dataclass(frozen=True, slots=True)
class Pool:
    """What the instances of one component may hold of a store's connections."""

    component: str
    instances: int
    each: int


@dataclass(frozen=True, slots=True)
class Connections:
    """Connections of a store, and its copies to read from."""

    name: str
    pools: tuple[Pool, ...]
    held: int
    most: int | None
    copies: int
    read_by: tuple[str, ...]
    """Who reads the copies instead of the primary."""

    @property
    def is_told(self) -> bool:
        """Anything is said of it."""
        return bool(self.pools or self.most is not None or self.copies or self.read_by)


@dataclass(frozen=True, slots=True)
class Scaling:
    """How many instances of a component run, when there are more, and what they sustain together."""

    component: Component
    instances: int
    """At most."""
    sustained: str | None
    """Of the most instances together."""
    promised: Rate | None
    """The highest rate that it promises."""


@dataclass(frozen=True, slots=True)
class Handling:
    """Messages that come, and those who can handle them at once."""

    name: str
    consumer: str
    rate: Rate | None
    takes: Duration | None
    needed: str | None
    """At once: rate × time of one (Little's law)."""
    partitions: int | None
    instances: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What a third party takes, and what is asked of it."""

    external: External
    asked: Asked | None
    unknown: tuple[str, ...]
    """Those who call it, of whom nothing says how often."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A sum of loads."""

    calls: str
    tries: str
    """When every try but the last fails."""
    text: str
    share: str | None
    """Of the limit, without tries that are made again."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What is promised of an interface, or of some of its operations, and what those that they call promise together."""

    name: str
    operations: tuple[str, ...]
    """Empty for all."""
    quality: Quality
    percentile: str | None
    together: Duration | None
    sum: str | None
    """How that comes about."""


@dataclass(frozen=True, slots=True)
class Performance:
    caches: tuple[CachedCopy, ...]
    no_levels: tuple[str, ...]
    """Levels of which there is no cache."""
    kept: tuple[Call, ...]
    """Calls whose last answer is kept for a failure."""
    connections: tuple[Connections, ...]
    undecided_pools: tuple[Gap, ...]
    scaling: tuple[Scaling, ...]
    undecided_replicas: tuple[Gap, ...]
    undecided_sustains: tuple[Gap, ...]
    handling: tuple[Handling, ...]
    is_partitioned: bool
    """The broker has partitions: one instance of a group reads each."""
    quotas: tuple[Quota, ...]
    undecided_limits: tuple[Gap, ...]
    let_in: tuple[tuple[str, RateLimit], ...]
    objectives: tuple[Objective, ...]
    third_parties: tuple[External, ...]
    """Those that promise something."""
    undecided_quality: tuple[Gap, ...]
    excerpt: str | None
    excerpt_path: str
    deployment_path: str


def view(context: Context) -> Performance:
    graph = context.graph
    broker = graph.system.header.broker
    has_data, has_calls = context.covers("data"), context.covers("internal", "api")
    stores = owned(graph) if has_data else ()
    components = graph.components if context.covers("internal", "api", "messaging") else ()
    externals = graph.externals if context.covers("external") else ()
    caches = graph.caches if context.covers("data", "internal") else ()
    scaled = next((each.name for each in components if each.runtime and each.runtime.scale_on and placement.is_deployed(each)), "")
    path = f"kubernetes/base/{scaled}/horizontal-pod-autoscaler.yaml"
    return Performance(
        caches=caches,
        no_levels=tuple(each for each in LEVELS if all(copy.cache.level != each for copy in caches)),
        kept=tuple(each for each in graph.calls if has_calls and each.use.fallback and each.use.fallback.type == "cached_response"),
        connections=tuple(found for each in stores if (found := _connections(each)).is_told),
        undecided_pools=_unbounded(graph, stores),
        scaling=tuple(_scaling(graph, each) for each in components if each.runtime is not None),
        undecided_replicas=_unscaled(graph, components, "replicas"),
        undecided_sustains=_unscaled(graph, components, "sustains"),
        handling=tuple(_handling(graph)) if context.covers("messaging") else (),
        is_partitioned=broker is not None and broker.kind == "kafka",
        quotas=tuple(_quotas(graph, externals)),
        undecided_limits=gaps(
            graph, "externals.<external>.limit", ((each.name, f"externals.{each.name}.limit") for each in externals if each.limit is None)
        ),
        let_in=tuple((each.name, limit) for each in graph.components for limit in each.rate_limits) if has_calls else (),
        objectives=tuple(_objectives(graph)) if has_calls else (),
        third_parties=tuple(each for each in externals if each.quality is not None),
        undecided_quality=_unpromised(graph) if has_calls else (),
        excerpt=context.excerpt(path, "spec:", 20),
        excerpt_path=path,
        deployment_path=f"kubernetes/base/{scaled}/deployment.yaml",
    )


# --- stores -----------------------------------------------------------------------------------------------------------


def _connections(each: OwnedStore) -> Connections:
    uses = [(each.access.component, each.access.store.pool), *((other.component, other.use.pool) for other in each.others if other.use)]
    pools = tuple(Pool(component.name, capacity.instances(component), pool) for component, pool in uses if pool is not None)
    replicated = each.access.store.replicated
    return Connections(
        name=each.name,
        pools=pools,
        held=sum(pool.instances * pool.each for pool in pools),
        most=each.access.store.max_connections,
        copies=replicated.copies if replicated is not None else 0,
        read_by=tuple(other.component.name for other in each.others if other.use is not None and other.use.via == "replica"),
    )


def _unbounded(graph: Graph, stores: Sequence[OwnedStore]) -> tuple[Gap, ...]:
    missing = [each for each in stores if each.access.store.pool is None or each.access.store.max_connections is None]
    pools = gaps(graph, "stores.<store>.pool", ((each.name, f"{place(each)}.pool") for each in missing if each.access.store.pool is None))
    most = [each for each in missing if each.access.store.max_connections is None]
    return (
        *pools,
        *gaps(graph, "stores.<store>.max_connections", ((each.name, f"{place(each)}.max_connections") for each in most)),
    )


# --- instances --------------------------------------------------------------------------------------------------------


def _scaling(graph: Graph, component: Component) -> Scaling:
    most, runtime = capacity.instances(component), component.runtime
    sustains = runtime.sustains if runtime is not None else None
    own = [component.quality, *(api.quality for api in component.provides)]
    rates = [each.rate for each in own if each is not None and each.rate is not None]
    return Scaling(
        component=component,
        instances=most,
        sustained=capacity.per_second(most * sustains.per_second) if sustains is not None else None,
        promised=max(rates, key=lambda each: each.per_second, default=None),
    )


def _unscaled(graph: Graph, components: Iterable[Component], key: str) -> tuple[Gap, ...]:
    """Services of which a key of the runtime says nothing; jobs run once, whatever they are given."""
    missing = [
        each
        for each in components
        if not placement.is_job(each) and (getattr(each.runtime, key) if each.runtime is not None else None) is None
    ]
    return gaps(graph, f"runtime.{key}", ((each.name, f"{each.name}.runtime.{key}") for each in missing))


def _handling(graph: Graph) -> Iterator[Handling]:
    for topic in graph.topics:
        for each in topic.subscriptions:
            yield _handled(topic, each.consumer, each.consume.takes)
    for queue in graph.queues:
        yield _handled(queue, queue.handler, queue.command.takes)


def _handled(channel: Topic | Queue, consumer: Component, takes: Duration | None) -> Handling:
    message = channel.event if isinstance(channel, Topic) else channel.command
    is_known = message.rate is not None and takes is not None
    needed = f"{message.rate.per_second * takes.seconds:,.4g}" if is_known and message.rate and takes else None
    return Handling(channel.id, consumer.name, message.rate, takes, needed, message.partitions, capacity.instances(consumer))


# --- limits -----------------------------------------------------------------------------------------------------------


def _quotas(graph: Graph, externals: Iterable[External]) -> Iterator[Quota]:
    known = capacity.loads(graph)
    for external in externals:
        calls = [each for each in graph.calls if each.external is not None and each.external.name == external.name]
        found = [known[each.at.span] for each in calls if each.at.span in known]
        unknown = dict.fromkeys(each.consumer.name for each in calls if each.at.span not in known)
        yield Quota(external, total(found, external.limit) if found else None, tuple(unknown))


def total(found: Sequence[Load], limit: Rate | None) -> Asked:
    """Loads together, and their share of a limit."""
    calls, tries = sum(each.calls for each in found), sum(each.tries for each in found)
    share = chains.percent(calls / limit.per_second) if limit is not None and limit.count else None
    return Asked(capacity.per_second(calls), capacity.per_second(tries), " + ".join(each.text for each in found), share)


# --- promises ---------------------------------------------------------------------------------------------------------


def _objectives(graph: Graph) -> Iterator[Objective]:
    """Of interfaces and their operations; of a component that has none, as it stands."""
    owners = {each.owner.name for each in graph.interfaces if each.owner is not None}
    for component in graph.components:
        if component.name not in owners and component.quality is not None:
            yield Objective(component.name, (), component.quality, None, None, None)
    for interface in graph.interfaces:
        if interface.owner is None:
            continue
        whole = interface.api.quality or interface.owner.quality
        of_all = [each for each in interface.methods if each.operation.quality is None]
        if whole is not None and of_all:
            yield _objective(graph, interface, of_all, whole, is_whole=len(of_all) == len(interface.methods))
        for each in interface.methods:
            if each.operation.quality is not None:
                yield _objective(graph, interface, [each], each.operation.quality, is_whole=False)


def _objective(graph: Graph, interface: Interface, methods: Sequence[Method], quality: Quality, *, is_whole: bool) -> Objective:
    """With the operation of which those that it calls promise the longest time."""
    assert interface.owner is not None
    percentile = next((each for each in ("p95", "p99", "p50") if quality.latency is not None and getattr(quality.latency, each)), None)
    works = [Work(interface.owner.name, f"{interface.api.name}.{each.name}") for each in methods]
    sums = [chains.latency_sum(graph, each, percentile) for each in works] if percentile is not None else []
    time, parts = max(sums, key=lambda each: each[0], default=(Duration(0), ()))
    text = " + ".join(each.text for each in parts) or None
    return Objective(
        interface.id, () if is_whole else tuple(each.name for each in methods), quality, percentile, time if parts else None, text
    )


def _unpromised(graph: Graph) -> tuple[Gap, ...]:
    """Interfaces of which neither they nor their component promise a latency or an availability."""
    missing: Mapping[str, str] = {
        each.id: f"{each.owner.name}.provides.{each.api.name}.quality"
        for each in graph.interfaces
        if each.owner is not None and each.api.quality is None and each.owner.quality is None
        if any(method.operation.quality is None for method in each.methods)
    }
    return gaps(graph, "provides.<interface>.quality", missing.items())
