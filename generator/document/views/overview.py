"""Strategy, patterns and their opposites, principles, and the landscape of interactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generator import network
from generator.diagnostics import counted
from generator.document.context import Context
from generator.document.views.patterns import Pattern, in_use
from generator.graph import Call, Graph
from generator.manual import Page, pages
from generator.model import Component, Decision, Statement
from generator.text import ABSENT


@dataclass(frozen=True, slots=True)
class AntiPattern:
    """What the review looks for, and how often it is there."""

    page: Page
    found: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Edge:
    """Who talks to whom, how, and why."""

    source: str
    target: str
    how: str
    what: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    principles: tuple[Statement, ...]
    patterns: tuple[Statement, ...]
    primary: tuple[Pattern, ...]
    secondary: tuple[Pattern, ...]
    anti_patterns: tuple[AntiPattern, ...]
    """Of rules with a finding, accepted or not."""
    clean: int
    """Rules that find nothing."""
    decisions: tuple[Decision, ...]
    protocols: tuple[tuple[str, int], ...]
    """Synchronous edges by protocol."""
    broker: str | None
    broker_why: str | None
    owners_of_stores: int
    shared_stores: tuple[str, ...]
    """Stores that others than their owner use."""
    matrix_heads: tuple[str, ...]
    matrix: tuple[tuple[str, ...], ...]
    """A row for each component that talks to others: what it has with each."""
    internal: tuple[Edge, ...]
    external: tuple[Edge, ...]
    data: tuple[Edge, ...]
    users: tuple[Edge, ...]


MANY = 3
"""Places from which on a pattern is a primary one."""


def view(context: Context) -> Overview:
    graph = context.graph
    used = in_use(graph)
    broker = graph.system.header.broker
    judged = _anti_patterns(context)
    heads, matrix = _matrix(graph)
    return Overview(
        principles=graph.system.document.principles,
        patterns=graph.system.document.patterns,
        primary=tuple(each for each in used if len(each.places) >= MANY),
        secondary=tuple(each for each in used if len(each.places) < MANY),
        anti_patterns=tuple(each for each in judged if each.found or each.accepted),
        clean=sum(not each.found and not each.accepted for each in judged),
        decisions=graph.system.document.decisions,
        protocols=tuple(sorted(Counter(_protocol(each) for each in graph.calls).items())),
        broker=" ".join(filter(None, (broker.kind, broker.version))) if broker is not None else None,
        broker_why=broker.why if broker is not None else None,
        owners_of_stores=len({each.owner.name for each in graph.accesses}),
        shared_stores=tuple(sorted({f"{each.owner.name}.{each.store.name}" for each in graph.accesses if each.use is not None})),
        matrix_heads=heads,
        matrix=matrix,
        internal=tuple(_internal(graph)) if context.covers("internal", "api", "messaging") else (),
        external=tuple(_external(graph)) if context.covers("external") else (),
        data=tuple(_data(graph)) if context.covers("data") else (),
        users=tuple(_users(graph)) if context.covers("api", "external") else (),
    )


def _anti_patterns(context: Context) -> list[AntiPattern]:
    open, all = Counter(each.code for each in counted(context.findings)), Counter(each.code for each in context.findings)
    return [AntiPattern(page, open[name], all[name] - open[name]) for name, page in pages().items() if page.is_judgement]


def _protocol(call: Call) -> str:
    if call.external is None:
        return call.protocol or ABSENT
    return ", ".join(sorted({each.protocol for each in call.external.endpoints}))


def _matrix(graph: Graph) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Letters for each pair: S for a synchronous call, E for an event, C for a command, D for a store."""
    held: dict[tuple[str, str], set[str]] = {}
    for call in graph.calls:
        for provider in call.interface.providers if call.interface is not None else ():
            held.setdefault((call.consumer.name, provider.name), set()).add("S")
    for topic in graph.topics:
        for each in topic.subscriptions:
            held.setdefault((topic.publisher.name, each.consumer.name), set()).add("E")
    for queue in graph.queues:
        for sender in queue.senders:
            held.setdefault((sender.component.name, queue.handler.name), set()).add("C")
    for access in graph.accesses:
        if access.use is not None:
            held.setdefault((access.component.name, access.owner.name), set()).add("D")
    targets = sorted({target for _, target in held})
    rows = [(source, *("".join(sorted(held.get((source, each), ()))) for each in targets)) for source in sorted({one for one, _ in held})]
    return tuple(targets), tuple(rows)


def _internal(graph: Graph) -> Iterator[Edge]:
    for call in graph.calls:
        if call.interface is not None:
            operations = ", ".join(each.name for each in call.methods)
            through = f" through {call.via.name}" if call.via is not None else ""
            yield Edge(call.consumer.name, call.target, f"{_protocol(call)}{through}", operations, call.use.why)
    for topic in graph.topics:
        for each in topic.subscriptions:
            yield Edge(topic.publisher.name, each.consumer.name, "event", topic.event.name, each.consume.why)
    for queue in graph.queues:
        for sender in queue.senders:
            yield Edge(sender.component.name, queue.handler.name, "command", queue.command.name, sender.send.why)


def _external(graph: Graph) -> Iterator[Edge]:
    for call in graph.calls:
        if call.external is not None:
            known = [each.name for each in call.external.operations]
            yield Edge(call.consumer.name, call.target, _protocol(call), ", ".join(call.use.operations or known), call.use.why)


def _data(graph: Graph) -> Iterator[Edge]:
    for access in graph.accesses:
        engine = " ".join(filter(None, (access.store.kind, access.store.version)))
        how = "owns" if access.use is None else f"{access.use.access}s {'a replica' if access.use.via == 'replica' else 'the primary'}"
        yield Edge(
            access.component.name,
            f"{access.owner.name}.{access.store.name}",
            how,
            engine,
            access.use.why if access.use else access.store.summary,
        )


def _users(graph: Graph) -> Iterator[Edge]:
    """What people and other systems reach from outside."""
    seen: set[tuple[str, str]] = set()
    ways = ", ".join(each.name for each in network.gateways(graph))
    for interface, component, protocol in network.public(graph):
        if (interface.id, protocol) not in seen:
            seen.add((interface.id, protocol))
            yield Edge(ways or "cluster ingress", interface.id, protocol, _title(interface.api.title, component), interface.api.summary)


def _title(title: str | None, component: Component) -> str:
    return title or component.title or component.name
