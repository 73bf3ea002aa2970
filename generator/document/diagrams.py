"""Mermaid diagrams: small enough to be read, from the graph alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from generator.document.markdown import Markdown, fence
from generator.graph import Graph, LinkedSaga, Pipeline, SagaMove, StoreAccess, Topic
from generator.text import ABSENT, one_line, to_mermaid_id, to_mermaid_label

MOST_NODES = 14
"""Of one diagram; above that parts are drawn as one."""


def flowchart(lines: Iterable[str], direction: str = "LR") -> Markdown:
    return fence("\n".join([f"flowchart {direction}", *(f"  {each}" for each in lines)]), "mermaid")


def landscape(graph: Graph) -> Markdown:
    """Components and third parties, or, of a large system, its domains: solid where somebody waits, dotted for messages."""
    is_large = len(graph.components) > MOST_NODES and any(each.domain for each in graph.components)
    place = {each.name: (each.domain or each.name) if is_large else each.name for each in graph.components}
    titles = {each.name: each.title or each.name for each in graph.system.document.domains} if is_large else {}
    titles |= {each.name: each.title or each.name for each in graph.components}
    edges: set[tuple[str, str, str]] = set()
    for call in graph.calls:
        targets = [f"x-{call.external.name}"] if call.external is not None else []
        targets += [place[each.name] for each in call.interface.providers] if call.interface is not None else []
        edges |= {(place[call.consumer.name], target, "-->") for target in targets}
    for topic in graph.topics:
        edges |= {(place[topic.publisher.name], place[each.consumer.name], "-.->") for each in topic.subscriptions}
    for queue in graph.queues:
        edges |= {(place[sender.component.name], place[queue.handler.name], "-.->") for sender in queue.senders}
    nodes = [f"{to_mermaid_id(name)}[{to_mermaid_label(titles.get(name, name))}]" for name in sorted(set(place.values()))]
    nodes += [f"{to_mermaid_id(f'x-{each.name}')}[/{to_mermaid_label(each.title or each.name)}/]" for each in graph.externals]
    drawn = [f"{to_mermaid_id(one)} {arrow} {to_mermaid_id(other)}" for one, other, arrow in sorted(edges) if one != other]
    return flowchart([*nodes, *drawn])


# --- sagas and flows --------------------------------------------------------------------------------------------------

MOST_MESSAGES = 12
"""Of one sequence diagram; above that it goes on in a further one."""

Arrow = tuple[str, str, str, str]
"""From whom, how, to whom, and what."""


def to_mermaid_text(text: str) -> str:
    """Text in a sequence diagram, where a semicolon ends a line and a number sign begins an entity; never empty."""
    return re.sub(r"[^\w .,/→-]", lambda found: f"#{ord(found.group())};", one_line(text)) or ABSENT


def sequences(parts: Sequence[tuple[str, Sequence[Arrow]]]) -> tuple[Markdown, ...]:
    """Diagrams of alternatives, each with its condition: one for all, or where that is too large each in its own."""
    is_small = sum(len(arrows) for _, arrows in parts) <= MOST_MESSAGES
    if is_small and len(parts) > 1:
        lines = [line for index, (title, arrows) in enumerate(parts) for line in _branch("else" if index else "alt", title, arrows)]
        return (_sequence([each for _, arrows in parts for each in arrows], [*lines, "end"]),)
    pages = [(title, arrows[start : start + MOST_MESSAGES]) for title, arrows in parts for start in range(0, len(arrows), MOST_MESSAGES)]
    return tuple(_sequence(arrows, [*_branch("opt", title, arrows), "end"]) for title, arrows in pages)


def _branch(kind: str, title: str, arrows: Sequence[Arrow]) -> Iterator[str]:
    yield f"{kind} {to_mermaid_text(title)}"
    for source, how, target, what in arrows:
        yield f"  {to_mermaid_id(source)}{how}{to_mermaid_id(target)}: {to_mermaid_text(what)}"


def _sequence(arrows: Iterable[Arrow], lines: Sequence[str]) -> Markdown:
    names = dict.fromkeys(name for source, _, target, _ in arrows for name in (source, target))
    participants = [f"participant {to_mermaid_id(each)} as {to_mermaid_text(each)}" for each in names]
    return fence("\n".join(["sequenceDiagram", *(f"  {each}" for each in (*participants, *lines))]), "mermaid")


def saga(linked: LinkedSaga, broker: str) -> tuple[Markdown, ...]:
    """What is done when all goes well, and how it is undone, the last first, when a step up to the pivot fails."""
    name = linked.component.name
    done = [(each.step.name, each.move) for each in linked.steps]
    undone = [(f"undo {each.step.name}", each.undo) for each in reversed(linked.steps[: linked.pivot]) if each.undo is not None]
    pivot = linked.steps[linked.pivot].step.name
    parts = [("all steps succeed", _moves(name, broker, done)), (f"a step up to {pivot} fails", _moves(name, broker, undone))]
    return sequences([(title, arrows) for title, arrows in parts if arrows])


def _moves(name: str, broker: str, moves: Iterable[tuple[str, SagaMove]]) -> list[Arrow]:
    """A message that undoes several steps is sent once."""
    found: dict[Arrow, None] = {}
    for step, move in moves:
        if move.call is not None:
            via = move.call.interface.owner.name if move.call.interface and move.call.interface.owner else move.call.target
            found[name, "->>", via, move.operation or step] = None
        elif move.queue is not None:
            found[name, "-)", move.queue.handler.name, move.queue.command.name] = None
        elif move.topic is not None and move.topic.publisher.name == name:
            found[name, "-)", broker, move.topic.event.name] = None
        elif move.topic is not None:
            found[move.topic.publisher.name, "-)", name, move.topic.event.name] = None
    return list(found)


MOST_ALIKE = 4
"""Sources, look-ups or destinations of a flow that are drawn one by one."""


def pipeline(flow: Pipeline) -> Markdown:
    """From the sources through checks, look-ups and the mapping to the destinations, and aside what is refused."""
    lines: list[str] = []
    sources = _drawn(lines, "s", "sources", [_of_store(each.access, each.topic) for each in flow.sources], "[(", ")]")
    looked_up = [each.call.target if each.call else each.table.id if each.table else each.enrichment.name for each in flow.lookups]
    asked = _drawn(lines, "l", "look-ups", list(dict.fromkeys(looked_up)), "[/", "/]")
    targets = _drawn(lines, "t", "destinations", [_of_store(each.access, each.topic) for each in flow.targets], "[(", ")]")
    steps = [("checks", flow.flow.checks), ("enrich", flow.lookups), ("map", flow.flow.mapping)]
    way = [name for name, each in steps if each] or ["copy"]
    lines += [f"n_{name}[{to_mermaid_label(name)}]" for name in way]
    lines += [f"{each} --> n_{way[0]}" for each in sources]
    lines += [f"n_{one} --> n_{other}" for one, other in pairwise(way)]
    lines += [f"{each} -.-> n_enrich" for each in asked]
    lines += [f"n_{way[-1]} --> {each}" for each in targets]
    if flow.quarantine is not None and "checks" in way:
        lines.append(f"n_quarantine[({to_mermaid_label(flow.flow.quarantine.table if flow.flow.quarantine else 'quarantine')})]")
        lines.append("n_checks -.-> n_quarantine")
    return flowchart(lines)


def _drawn(lines: list[str], prefix: str, what: str, names: list[str], opening: str, closing: str) -> list[str]:
    """Nodes of that many names, or one for all; their identifiers."""
    shown = names if len(names) <= MOST_ALIKE else [f"{len(names)} {what}"]
    lines += [f"n_{prefix}{index}{opening}{to_mermaid_label(each)}{closing}" for index, each in enumerate(shown)]
    return [f"n_{prefix}{index}" for index in range(len(shown))]


def _of_store(access: StoreAccess | None, topic: Topic | None) -> str:
    return topic.id if topic is not None else f"{access.owner.name}.{access.store.name}" if access is not None else ABSENT


def discovery(consumer: str, provider: str, address: str, readiness: str | None, control_plane: str | None) -> Markdown:
    """How a caller comes to an instance: the platform asks instances, ready ones join the Service, and the caller's proxy is told of them."""
    pods, service, caller, platform, plane = (
        to_mermaid_id(f"{each}-of-flow") for each in ("pods", "service", "caller", "platform", "plane")
    )
    lines = [
        f"{caller}[{to_mermaid_label(consumer)}]",
        f"{pods}[{to_mermaid_label(f'instances of {provider}')}]",
        f"{service}([{to_mermaid_label(address)}])",
        f"{platform}[{to_mermaid_label('Kubernetes')}]",
        f"{platform} -->|{to_mermaid_label(f'1. asks {readiness}' if readiness else '1. starts them')}| {pods}",
        f"{pods} -->|{to_mermaid_label('2. ready: joins')}| {service}",
    ]
    if control_plane is not None:
        lines += [
            f"{plane}[{to_mermaid_label(control_plane)}]",
            f"{service} -->|{to_mermaid_label('3. who is ready')}| {plane}",
            f"{plane} -->|{to_mermaid_label('4. tells its proxy')}| {caller}",
        ]
    else:
        lines.append(f"{service} -->|{to_mermaid_label('3. address by DNS')}| {caller}")
    lines.append(f"{caller} ==>|{to_mermaid_label('5. calls' if control_plane is not None else '4. calls')}| {pods}")
    return flowchart(lines)


@dataclass(frozen=True, slots=True)
class Zone:
    """What trusts each other: names of nodes with their labels."""

    title: str
    nodes: tuple[tuple[str, str], ...]


def zones(found: Iterable[Zone], crossings: Iterable[tuple[str, str, str]]) -> Markdown:
    """Zones as boxes, and what crosses from one into another, with what protects it; names are those of nodes."""
    lines: list[str] = []
    for zone in found:
        lines.append(f"subgraph {to_mermaid_id(f'zone-{zone.title}')} [{to_mermaid_label(zone.title)}]")
        lines += [f"  {to_mermaid_id(name)}[{to_mermaid_label(label)}]" for name, label in zone.nodes]
        lines.append("end")
    for one, other, label in crossings:
        lines.append(f"{to_mermaid_id(one)} -->{f'|{to_mermaid_label(label)}|' if label else ''} {to_mermaid_id(other)}")
    return flowchart(lines)


# --- calls and messages -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call in a sequence diagram, with the calls that the callee makes for it."""

    source: str
    target: str
    text: str
    inner: tuple[Exchange, ...] = ()
    together: str = ""
    """Neighbours of the same name are made at once."""

    @property
    def ends(self) -> Iterator[str]:
        yield from (self.source, self.target)
        for each in self.inner:
            yield from each.ends


def calls(exchanges: Sequence[Exchange], titles: Mapping[str, str]) -> Markdown:
    """Calls in their order, what is set off by one directly below it."""
    names = dict.fromkeys(name for each in exchanges for name in each.ends)
    participants = [f"participant {to_mermaid_id(each)} as {to_mermaid_text(titles.get(each, each))}" for each in names]
    return fence("\n".join(["sequenceDiagram", *(f"  {each}" for each in (*participants, *_called(exchanges)))]), "mermaid")


def _called(exchanges: Iterable[Exchange]) -> Iterator[str]:
    for together, group in groupby(exchanges, key=lambda each: each.together):
        alike = list(group)
        is_parallel = together != "" and len(alike) > 1
        for index, each in enumerate(alike):
            if is_parallel:
                yield f"{'and' if index else 'par'} {to_mermaid_text(together)}"
            yield f"{to_mermaid_id(each.source)}->>{to_mermaid_id(each.target)}: {to_mermaid_text(each.text)}"
            yield from _called(each.inner)
        if is_parallel:
            yield "end"


MOST_LABELS = 3
"""Messages that one arrow names."""


def messages(edges: Mapping[tuple[str, str], Sequence[str]], titles: Mapping[str, str]) -> tuple[Markdown, ...]:
    """Who tells whom what, as many diagrams as it takes for each to be read."""
    pages: list[list[tuple[str, str]]] = []
    nodes: set[str] = set()
    for edge in sorted(edges):
        if not pages or len(nodes | set(edge)) > MOST_NODES:
            pages.append([])
            nodes = set()
        pages[-1].append(edge)
        nodes |= set(edge)
    return tuple(_told({each: edges[each] for each in page}, titles) for page in pages)


def _told(edges: Mapping[tuple[str, str], Sequence[str]], titles: Mapping[str, str]) -> Markdown:
    nodes = sorted({name for edge in edges for name in edge})
    lines = [f"{to_mermaid_id(each)}[{to_mermaid_label(titles.get(each, each))}]" for each in nodes]
    for (source, target), names in edges.items():
        more = len(names) - MOST_LABELS
        label = ", ".join([*names[:MOST_LABELS], *([f"{more} more"] if more > 0 else [])])
        lines.append(f"{to_mermaid_id(source)} -.->|{to_mermaid_label(label)}| {to_mermaid_id(target)}")
    return flowchart(lines)
