"""In which order the system can be built, what proves each contract, and what must be decided before it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from generator.artifact import Kind
from generator.diagnostics import Diagnostic, Severity, counted
from generator.document.context import Context, Scope
from generator.graph import Graph, Interface, derived, interfaces_of, queues_of, topics_of
from generator.model import Component, OpenQuestion, Owner, Statement


@dataclass(frozen=True, slots=True)
class Built:
    """A component in its wave, and what is built of it."""

    name: str
    interfaces: tuple[str, ...]
    topics: tuple[str, ...]
    """Events that it publishes and commands that it handles."""
    stores: tuple[str, ...]
    flows: tuple[str, ...]
    needs: tuple[str, ...]
    """Components that must be there before it."""
    stubs: tuple[str, ...]
    """Components that it calls and can do without at first."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Components that need nothing but those of earlier waves."""

    number: int
    components: tuple[Built, ...]


@dataclass(frozen=True, slots=True)
class Proven:
    """A kind of artifact, what it is, and the tools that accept it."""

    kind: Kind
    number: int
    """Files of that kind."""


@dataclass(frozen=True, slots=True)
class Read:
    """A consumer that says what it reads of another's contract."""

    consumer: str
    contract: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """What one team has to decide."""

    team: Owner | None
    questions: tuple[OpenQuestion, ...]


@dataclass(frozen=True, slots=True)
class NextSteps:
    waves: tuple[Wave, ...]
    cycles: tuple[tuple[str, ...], ...]
    """Components that need each other."""
    third_parties: tuple[str, ...]
    broker: str | None
    is_meshed: bool
    contracts: tuple[Proven, ...]
    """Kinds that components are tested against."""
    others: tuple[Proven, ...]
    """Kinds that they run with."""
    reads: tuple[Read, ...]
    silent: int
    """Consumers that do not say what they read, so that all of it is their contract."""
    questions: tuple[Questions, ...]
    findings: tuple[Diagnostic, ...]
    unnamed: tuple[str, ...]
    """Components without an image."""
    statements: tuple[Statement, ...]


def view(context: Context) -> NextSteps:
    graph = context.graph
    reads = tuple(_reads(context))
    broker = graph.system.header.broker
    proven = tuple(_proven(context))
    return NextSteps(
        waves=tuple(_waves(context)),
        cycles=tuple(tuple(sorted(each)) for each in _cycles(graph)),
        third_parties=tuple(each.name for each in graph.externals) if context.covers("external") else (),
        broker=broker.kind if broker is not None and context.covers("messaging") else None,
        is_meshed=any(each.mesh != "none" for each in graph.system.document.environments),
        contracts=tuple(each for each in proven if each.kind.name in CONTRACTS),
        others=tuple(each for each in proven if each.kind.name not in CONTRACTS),
        reads=tuple(each for each in reads if each.fields),
        silent=sum(not each.fields for each in reads),
        questions=tuple(_questions(graph)),
        findings=tuple(each for each in counted(context.findings) if each.severity is not Severity.INFO),
        unnamed=tuple(each.name for each in graph.components if each.runtime is None or each.runtime.image is None),
        statements=graph.system.document.goals,
    )


# --- order of implementation ------------------------------------------------------------------------------------------


@derived
def _needs(graph: Graph) -> nx.DiGraph[str]:
    """From each component to those that need it: whom it must call, and whose store it must use."""
    found: nx.DiGraph[str] = nx.DiGraph()
    found.add_nodes_from(each.name for each in graph.components)
    for call in graph.calls:
        if call.use.required:
            found.add_edges_from((each, call.consumer.name) for each in _called(graph, call.interface, call.via))
    found.add_edges_from((each.owner.name, each.component.name) for each in graph.accesses if each.use is not None and each.use.required)
    found.remove_edges_from([(name, name) for name in found.nodes if found.has_edge(name, name)])
    return found


def _called(graph: Graph, interface: Interface | None, via: Component | None) -> tuple[str, ...]:
    """Whoever of several providers is there will do, but all of them are built."""
    providers = tuple(each.name for each in interface.providers) if interface is not None else ()
    return providers if via is None else (*providers, via.name)


def _cycles(graph: Graph) -> list[set[str]]:
    return sorted((each for each in nx.strongly_connected_components(_needs(graph)) if len(each) > 1), key=min)


def _waves(context: Context) -> Iterator[Wave]:
    """Topological generations; those that need each other are built together."""
    graph = context.graph
    condensed = nx.condensation(_needs(graph))
    components = {each.name: each for each in graph.components}
    soft = _soft(graph)
    for number, generation in enumerate(nx.topological_generations(condensed), start=1):
        names = sorted(name for group in generation for name in condensed.nodes[group]["members"])
        built = [_built(context, components[name], soft.get(name, ())) for name in names]
        shown = tuple(each for each in built if not context.scopes or _has_parts(each))
        if shown:
            yield Wave(number, shown)


def _has_parts(built: Built) -> bool:
    return bool(built.interfaces or built.topics or built.stores or built.flows)


def _soft(graph: Graph) -> Mapping[str, tuple[str, ...]]:
    """Whom a component calls and can do without."""
    found: dict[str, dict[str, None]] = {}
    needs = _needs(graph)
    for call in graph.calls:
        for name in _called(graph, call.interface, call.via) if not call.use.required else ():
            if name != call.consumer.name and not needs.has_edge(name, call.consumer.name):
                found.setdefault(call.consumer.name, {})[name] = None
    return {name: tuple(sorted(each)) for name, each in found.items()}


def _built(context: Context, component: Component, stubs: Sequence[str]) -> Built:
    graph = context.graph
    topics = [each.id for each in topics_of(graph, component) if each.publisher == component]
    topics += [each.id for each in queues_of(graph, component) if each.handler == component]
    interfaces = [each.id for each in interfaces_of(graph, component) if each.owner is not None]
    return Built(
        name=component.name,
        interfaces=tuple(interfaces) if context.covers("internal", "external", "api") else (),
        topics=tuple(topics) if context.covers("messaging") else (),
        stores=tuple(each.name for each in component.stores) if context.covers("data") else (),
        flows=tuple(each.name for each in component.flows) if context.covers("data") else (),
        needs=tuple(sorted(_needs(graph).predecessors(component.name))),
        stubs=tuple(stubs),
    )


# --- tests ------------------------------------------------------------------------------------------------------------

CONTRACTS = ("openapi", "proto", "messages", "asyncapi", "resilience", "data-contracts", "change-capture", "flows", "clients")
CALLS: tuple[Scope, ...] = ("internal", "external", "api")
SCOPES_OF: Mapping[str, tuple[Scope, ...]] = {
    "openapi": CALLS,
    "proto": ("internal", "api", "messaging"),
    "messages": ("messaging",),
    "asyncapi": ("messaging",),
    "resilience": CALLS,
    "change-capture": ("data", "messaging"),
    "data-contracts": ("data",),
    "flows": ("data",),
}
"""Kinds that belong to some scopes; all others belong to each."""


def _proven(context: Context) -> Iterator[Proven]:
    numbers: dict[str, int] = {}
    for path in context.artifacts:
        numbers[path.partition("/")[0]] = numbers.get(path.partition("/")[0], 0) + 1
    for kind in context.kinds:
        scopes = SCOPES_OF.get(kind.name)
        if kind.name in numbers and (scopes is None or context.covers(*scopes)):
            yield Proven(kind, numbers[kind.name])


def _reads(context: Context) -> Iterator[Read]:
    """Consumer-driven points: what each consumer really reads, which the provider must keep."""
    graph = context.graph
    if context.covers("internal", "api"):
        yield from (Read(each.consumer.name, each.target, each.use.reads) for each in graph.calls if each.interface is not None)
    if context.covers("messaging"):
        for topic in graph.topics:
            yield from (Read(each.consumer.name, topic.id, each.consume.reads) for each in topic.subscriptions)
        for queue in graph.queues:
            if queue.command.reply is not None:
                yield from (Read(each.component.name, queue.id, each.send.reads) for each in queue.senders)


# --- what is open -----------------------------------------------------------------------------------------------------


def _questions(graph: Graph) -> Iterator[Questions]:
    """By who decides, those with the earliest date first; what nobody is named for comes last."""
    found: dict[str, list[OpenQuestion]] = {}
    for each in graph.system.document.open_questions:
        found.setdefault(each.owner or "", []).append(each)
    ordered = {name: sorted(each, key=_due) for name, each in found.items()}
    for name in sorted(ordered, key=lambda each: (not each, _due(ordered[each][0]))):
        yield Questions(graph.owner(name) if name else None, tuple(ordered[name]))


def _due(question: OpenQuestion) -> tuple[bool, str, str]:
    return question.needed_by is None, question.needed_by or "", question.name
