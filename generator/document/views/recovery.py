"""Recovery: what is backed up, how much may be lost, what stands in for what, and what happens when something is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from generator import alerts, chains, placement
from generator.alerts import Alert
from generator.chains import Step
from generator.document.context import Context, Scope
from generator.document.views.data import OwnedStore, owned, place
from generator.document.views.undecided import Gap, asked, gaps
from generator.graph import Graph
from generator.model import Backup, Component, External, Region


@dataclass(frozen=True, slots=True)
class Recovered:
    """A store with what is said of its loss and its outage."""

    store: OwnedStore
    rpo_questions: tuple[str, ...]
    rto_questions: tuple[str, ...]
    backup: Backup | None
    """Its own, else the system's."""
    is_usual: bool
    """The system's."""


@dataclass(frozen=True, slots=True)
class Redundancy:
    """A component, how many of it there are, and how many may be missing."""

    component: Component
    least: int | None
    most: int | None
    missing: int | None
    """That may be missing at once by choice; None where nothing deploys it from here."""
    probes: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Gone:
    """What the absence of something means for those who use it."""

    name: str
    kind: str
    """third party, component or store."""
    external: External | None = None
    stopped: dict[str, dict[str, None]] = field(default_factory=dict)
    """Components with the causes that they cannot do."""
    going: dict[str, Step] = field(default_factory=dict)
    """Components that go on, each with the call."""
    waiting: dict[str, None] = field(default_factory=dict)
    """Messages that wait for it; of a store, components that go on without it."""
    further: tuple[str, ...] = ()
    """Components that need one of those that stop."""


@dataclass(frozen=True, slots=True)
class Recovery:
    stores: tuple[Recovered, ...]
    gaps: tuple[Gap, ...]
    read_models: tuple[tuple[str, str], ...]
    """What can be made again from events, and how."""
    runbooks: tuple[tuple[Alert, str], ...]
    """Of outages, each with its path."""
    redundancy: tuple[Redundancy, ...]
    regions: tuple[Region, ...]
    undecided_zones: tuple[Gap, ...]
    undecided_failover: tuple[Gap, ...]
    gone: tuple[Gone, ...]
    broker: str | None
    nodes: int | None
    replication: int | None
    min_in_sync: int | None


OUTAGES = ("ServiceDown", "JobOverdue", "ReplicationLag")
KEYS = ("rpo", "rto")


def view(context: Context) -> Recovery:
    graph = context.graph
    stores = owned(graph) if context.covers("data", "internal") else ()
    components = graph.components if context.covers("internal", "api", "messaging") else ()
    broker = graph.system.header.broker if context.covers("messaging") else None
    regions = graph.system.document.regions if components else ()
    return Recovery(
        stores=tuple(_recovered(graph, each) for each in stores),
        gaps=tuple(gap for key in KEYS for gap in _undecided(graph, stores, key)),
        read_models=tuple((f"{each.component.name}.{each.projection.name}", each.projection.rebuilt) for each in graph.read_models)
        if stores
        else (),
        runbooks=tuple((each, f"prometheus/{each.runbook}") for each in alerts.alerts(graph) if each.name in OUTAGES) if components else (),
        redundancy=tuple(_redundancy(graph, each) for each in components),
        regions=regions,
        undecided_zones=gaps(
            graph, "regions.<region>.zones", ((each.name, f"regions.{each.name}.zones") for each in regions if each.zones is None)
        ),
        undecided_failover=_failover(graph, stores),
        gone=tuple(_gone(context)),
        broker=broker.kind if broker is not None else None,
        nodes=broker.nodes if broker is not None else None,
        replication=broker.replication if broker is not None else None,
        min_in_sync=broker.min_in_sync if broker is not None else None,
    )


def _recovered(graph: Graph, each: OwnedStore) -> Recovered:
    defaults, own = graph.system.document.defaults, each.access.store.backup
    usual = defaults.backup if defaults is not None else None
    found = [asked(graph, f"{place(each)}.{key}") for key in KEYS]
    return Recovered(each, found[0], found[1], own or usual, own is None and usual is not None)


def _undecided(graph: Graph, stores: tuple[OwnedStore, ...], key: str) -> tuple[Gap, ...]:
    missing = [each for each in stores if getattr(each.access.store, key) is None]
    return gaps(graph, f"stores.<store>.{key}", ((each.name, f"{place(each)}.{key}") for each in missing))


def _failover(graph: Graph, stores: tuple[OwnedStore, ...]) -> tuple[Gap, ...]:
    """Stores without a copy to fail over to, and those with one and nobody who makes it the primary."""
    alone = [each for each in stores if each.access.store.replicated is None]
    idle = [each for each in stores if each.access.store.replicated is not None and each.access.store.replicated.failover is None]
    return (
        *gaps(graph, "stores.<store>.replicated", ((each.name, f"{place(each)}.replicated") for each in alone)),
        *gaps(graph, "stores.<store>.replicated.failover", ((each.name, f"{place(each)}.replicated.failover") for each in idle)),
    )


def _redundancy(graph: Graph, component: Component) -> Redundancy:
    runtime, defaults = component.runtime, graph.system.document.defaults
    count = runtime.replicas if runtime is not None else None
    is_kept = placement.is_deployed(component) and not placement.is_job(component) and runtime is not None
    usual = (defaults.max_unavailable if defaults is not None else None) or 1
    return Redundancy(
        component,
        count.min if count is not None else None,
        (count.max or count.min) if count is not None else None,
        (runtime.max_unavailable or usual) if is_kept and runtime is not None else None,
        tuple((name, path) for name, (path, _) in placement.probes(graph, component).items()),
    )


# --- when something is gone -------------------------------------------------------------------------------------------

KINDS: tuple[tuple[str, tuple[Scope, ...]], ...] = (
    ("third party", ("external",)),
    ("component", ("internal", "api", "messaging")),
    ("store", ("data",)),
)


def _gone(context: Context) -> Iterator[Gone]:
    """Third parties first, then components, then stores; of each those first that stop the most."""
    found, above = _absences(context.graph), _above(context.graph)
    for kind, scopes in KINDS:
        shown = [each for each in found.values() if each.kind == kind] if context.covers(*scopes) else []
        for each in shown:
            each.further = tuple(sorted(_reached(above, each.stopped) - {*each.stopped, each.name}))
        yield from sorted(shown, key=lambda each: (-len(each.stopped) - len(each.further), each.name))


def _absences(graph: Graph) -> Mapping[tuple[str, str], Gone]:
    found: dict[tuple[str, str], Gone] = {}
    for work, steps in chains.works(graph).items():
        for step in steps:
            for name, external in _needed(step):
                gone = _of(found, name, "third party" if external is not None else "component")
                gone.external = external
                if _is_hard(step):
                    gone.stopped.setdefault(work.component, {})[work.cause] = None
                else:
                    gone.going.setdefault(work.component, step)
    _add_stores(graph, found)
    _add_messages(graph, found)
    return found


def _add_stores(graph: Graph, found: dict[tuple[str, str], Gone]) -> None:
    for access in graph.accesses:
        gone = _of(found, f"{access.owner.name}.{access.store.name}", "store")
        if access.use.required if access.use is not None else access.store.required:
            gone.stopped.setdefault(access.component.name, {})
        else:
            gone.waiting[access.component.name] = None


def _add_messages(graph: Graph, found: dict[tuple[str, str], Gone]) -> None:
    for topic in graph.topics:
        for each in topic.subscriptions:
            _of(found, each.consumer.name, "component").waiting[topic.event.name] = None
    for queue in graph.queues:
        if queue.senders:
            _of(found, queue.handler.name, "component").waiting[queue.command.name] = None


def _of(found: dict[tuple[str, str], Gone], name: str, kind: str) -> Gone:
    return found.setdefault((kind, name), Gone(name, kind))


def _is_hard(step: Step) -> bool:
    return not step.is_soft and step.call.use.any_of is None


def _needed(step: Step) -> Iterator[tuple[str, External | None]]:
    if step.call.external is not None:
        yield step.call.external.name, step.call.external
    for name in dict.fromkeys(each.component for each in step.sets_off):
        yield name, None


def _above(graph: Graph) -> Mapping[str, frozenset[str]]:
    """By component, those that cannot do some of their work without it."""
    found: dict[str, set[str]] = {}
    for work, steps in chains.works(graph).items():
        for step in steps:
            for each in step.sets_off if _is_hard(step) else ():
                found.setdefault(each.component, set()).add(work.component)
    return {name: frozenset(each) for name, each in found.items()}


def _reached(above: Mapping[str, frozenset[str]], start: Mapping[str, object]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for name in above.get(waiting.pop(), frozenset()) - found:
            found.add(name)
            waiting.append(name)
    return found
