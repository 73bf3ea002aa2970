"""Which store, copy and message promises what to a reader, and what each cause changes at several owners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import chains, placement, policies
from generator.chains import Step, Work
from generator.document import diagrams
from generator.document.markdown import Markdown
from generator.document.views.undecided import asked
from generator.graph import Graph, LinkedSaga, derived, interfaces_of
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Promise:
    """What a reader of something may rely on."""

    pattern: str
    """strong, eventual, causal or session."""
    names: tuple[str, ...]
    kind: str
    """What they are: store, replica, cache, flow, read model, event, answer."""
    behind: Duration | None
    """How old it may be at most; None where nothing says it, or where it is not behind."""
    by: str | None
    """By what it is kept up, or ordered."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """A cause that changes something at more than one owner."""

    work: Work
    own: tuple[str, ...]
    """Stores of the component itself."""
    changed: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Interfaces and third parties, with an idempotency and the operations that have it and may change something there."""
    saga: LinkedSaga | None
    """The saga that begins with the cause and has at least one of the operations."""
    outside: tuple[str, ...]
    """Operations that no step of the saga is."""
    unrepeatable: tuple[str, ...]
    """Of those outside, the ones that may not be repeated."""


@dataclass(frozen=True, slots=True)
class Conducted:
    """A saga with its diagrams."""

    saga: LinkedSaga
    pivot: str
    questions: tuple[str, ...]
    """Open questions that will say how long the whole may take."""
    diagrams: tuple[Markdown, ...]


def promises(graph: Graph) -> tuple[Promise, ...]:
    """All, the strongest first."""
    order = ("strong", "session", "causal", "eventual")
    found: dict[tuple[str, str, Duration | None, str | None], list[str]] = {}
    for each in (*_stores(graph), *_copies(graph), *_messages(graph)):
        found.setdefault((each.pattern, each.kind, each.behind, each.by), []).extend(each.names)
    grouped = [Promise(pattern, tuple(names), kind, behind, by) for (pattern, kind, behind, by), names in found.items()]
    return tuple(sorted(grouped, key=lambda each: (order.index(each.pattern), each.kind, each.names)))


def _stores(graph: Graph) -> Iterator[Promise]:
    for access in graph.accesses:
        store, name = access.store, f"{access.owner.name}.{access.store.name}"
        if access.use is None and store.consistency is not None:
            yield Promise(store.consistency, (name,), "store", None, None)
        if access.use is None and store.replicated is not None:
            is_strong = store.replicated.mode == "synchronous"
            yield Promise("strong" if is_strong else "eventual", (name,), "replica", store.replicated.lag, store.replicated.mode)


def _copies(graph: Graph) -> Iterator[Promise]:
    for copy in graph.caches:
        dropped = ", ".join(each.event.name for each in copy.invalidated_by)
        yield Promise("eventual", (copy.id,), "cache", copy.cache.stale or copy.cache.ttl, dropped or None)
    for pipeline in graph.pipelines:
        yield Promise("eventual", (pipeline.id,), "flow", pipeline.flow.thresholds.freshness, pipeline.schedule)
    for model in graph.read_models:
        made = ", ".join(each.event.name for each in model.topics)
        yield Promise("eventual", (f"{model.component.name}.{model.projection.name}",), "read model", None, made)
    for call in graph.calls:
        fallback = call.use.fallback
        if fallback is not None and fallback.type == "cached_response":
            yield Promise("eventual", (f"{call.consumer.name}: {call.target}",), "answer kept for failures", fallback.ttl, None)


def _messages(graph: Graph) -> Iterator[Promise]:
    """Messages of one key keep their order, those of different keys do not."""
    for topic in graph.topics:
        if topic.subscriptions and topic.event.key is not None:
            yield Promise("causal", (topic.id,), "event", None, topic.event.key)
    for queue in graph.queues:
        if queue.senders and queue.command.key is not None:
            yield Promise("causal", (queue.id,), "command", None, queue.command.key)


def sagas(graph: Graph) -> tuple[Conducted, ...]:
    broker = graph.system.header.broker
    via = broker.kind if broker is not None else "messages"
    return tuple(
        Conducted(
            each,
            each.steps[each.pivot].step.name,
            asked(graph, f"{each.component.name}.sagas.{each.saga.name}.timeout"),
            diagrams.saga(each, via),
        )
        for each in graph.sagas
        if each.steps
    )


def boundaries(graph: Graph) -> tuple[Boundary, ...]:
    """Causes by component; what only reads, and gateways, which change nothing themselves, are left out."""
    safe, gateways = _safe(graph), {each.name for each in graph.components if placement.is_gateway(each)}
    found = []
    for work, steps in chains.works(graph).items():
        if work.component not in gateways and (work.component, work.cause) not in safe:
            changed = {name: how for step in steps for name, how in _changes(step)}
            own = _owned(graph).get(work.component, ())
            owners = {name.partition(".")[0] for name in changed}
            if len(owners) + bool(own) > 1 and changed:
                found.append(_boundary(graph, work, own, changed))
    return tuple(sorted(found, key=lambda each: each.work))


def _boundary(graph: Graph, work: Work, own: Sequence[str], changed: Mapping[str, str]) -> Boundary:
    begun = [each for each in graph.sagas if (each.component.name, each.saga.begins) == work]
    saga = next((each for each in begun if _called(each) & changed.keys()), None)
    covered = _called(saga) if saga is not None else frozenset()
    outside = tuple(sorted(changed.keys() - covered))
    grouped: dict[tuple[str, str], list[str]] = {}
    for name in sorted(changed):
        target, _, operation = name.rpartition(".")
        grouped.setdefault((target or name, changed[name]), []).append(operation)
    told = tuple((target, how, tuple(names)) for (target, how), names in grouped.items())
    return Boundary(work, tuple(own), told, saga, outside, tuple(each for each in outside if changed[each] == "none"))


def _called(saga: LinkedSaga) -> frozenset[str]:
    return frozenset(f"{each.move.call.target}.{each.move.operation}" for each in saga.steps if each.move.call is not None)


def _changes(step: Step) -> Iterator[tuple[str, str]]:
    """Operations of a call that change something, with their idempotency; of a third party as declared, else as HTTP has it."""
    external = step.call.external
    known = {f"{external.name}.{each.name}": each for each in external.operations} if external is not None else {}
    for policy in step.policies:
        how = policy.method.idempotency if policy.method is not None else None
        how = how or policies.idempotency(known.get(policy.name))
        if how != "safe":
            yield policy.name, how


@derived
def _safe(graph: Graph) -> frozenset[tuple[str, str]]:
    return frozenset(
        (component.name, f"{interface.api.name}.{method.name}")
        for component in graph.components
        for interface in interfaces_of(graph, component)
        for method in interface.methods
        if method.idempotency == "safe"
    )


@derived
def _owned(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    return {each.name: tuple(store.name for store in each.stores) for each in graph.components if each.stores}
