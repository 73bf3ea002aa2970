"""What is waited for: the time budget of each work, and what a public operation sets off, call by call."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import chains, network, placement
from generator.chains import Step, Work
from generator.document import diagrams
from generator.document.context import Context
from generator.document.diagrams import Exchange
from generator.document.markdown import Markdown
from generator.document.views.synchronous import is_shown
from generator.graph import Call, Graph, derived
from generator.units import Duration

MOST_MESSAGES = 12
"""Of one diagram; what would be more is drawn by itself."""
MOST_NAMES = 3
"""Operations that the text of an arrow names."""
CLIENT = "a client"
"""No component is called so."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a component waits for others for one cause, and how long it may."""

    component: str
    causes: tuple[str, ...]
    """Those that make the same calls; empty where the component itself is the cause."""
    longest: Duration
    parts: tuple[str, ...]
    """What the sum is made of."""
    tries: tuple[tuple[str, int, Duration | None], ...]
    """Calls that are tried again: whom, how often at most, how long each."""
    allowed: Duration | None
    """How long the least patient caller waits; None where nobody does."""
    allowed_by: str | None
    way: tuple[str | int, ...]
    """Components on the way down with the most calls; a number stands for so many in between."""
    factor: int
    """How often its end is done at most for one cause."""

    @property
    def is_exceeded(self) -> bool:
        return self.allowed is not None and self.longest > self.allowed


@dataclass(frozen=True, slots=True)
class Scene:
    """What operations set off, as a sequence of calls."""

    name: str
    """Interface that is asked, or the component that goes on."""
    operations: tuple[str, ...]
    """Those that set off the same; causes where a component goes on."""
    is_continued: bool
    """It is a part that was too large to be drawn where it is set off."""
    longest: Duration | None
    diagram: Markdown


@dataclass(frozen=True, slots=True)
class EntryPoints:
    budgets: tuple[Budget, ...]
    untimed: tuple[Call, ...]
    """Calls that are waited for without an end."""
    scenes: tuple[Scene, ...]


def view(context: Context) -> EntryPoints:
    graph = context.graph
    shown = [each for each in graph.calls if is_shown(context, each)]
    return EntryPoints(
        budgets=tuple(_budgets(context)),
        untimed=tuple(each for each in shown if each.use.timeout is None),
        scenes=tuple(_scenes(graph)),
    )


def _budgets(context: Context) -> Iterator[Budget]:
    """Works of one component that wait alike are one row; what a gateway lets in is in its routes."""
    graph = context.graph
    gateways = {each.name for each in network.gateways(graph)}
    alike: dict[tuple[object, ...], list[Work]] = {}
    for work, steps in chains.works(graph).items():
        longest, parts = chains.longest_wait(graph, work)
        if not parts or work.component in gateways or not any(is_shown(context, each.call) for each in steps):
            continue
        first = next(iter(chains.allowed(graph).get(work, ())), None)
        who = (first.call.consumer.name, first.per_try) if first is not None else None
        way = chains.deepest(graph)[work]
        key = (work.component, longest, tuple(each.text for each in parts), who, tuple(each.component for each in way.works), way.factor)
        alike.setdefault(key, []).append(work)
    for works in alike.values():
        yield _budget(graph, works)


def _budget(graph: Graph, works: Sequence[Work]) -> Budget:
    work = works[0]
    longest, parts = chains.longest_wait(graph, work)
    first = next(iter(chains.allowed(graph).get(work, ())), None)
    way = chains.deepest(graph)[work]
    return Budget(
        component=work.component,
        causes=tuple(each.cause for each in works if each.cause),
        longest=longest,
        parts=tuple(each.text for each in parts),
        tries=tuple((each.name, each.tries, each.per_try) for each in chains.works(graph)[work] if each.tries > 1),
        allowed=first.per_try if first is not None else None,
        allowed_by=first.call.consumer.name if first is not None else None,
        way=_shortened([each.component for each in way.works]) if way.steps else (),
        factor=way.factor,
    )


MOST_SHOWN = 7
"""Components of a chain; of a longer one the middle is left out."""


def _shortened(names: Sequence[str]) -> tuple[str | int, ...]:
    """A number stands for so many in between."""
    if len(names) <= MOST_SHOWN:
        return tuple(names)
    end = MOST_SHOWN // 2
    return (*names[:end], len(names) - 2 * end, *names[-end:])


# --- scenes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """A call in a scene, with the calls that it sets off in turn."""

    call: Call
    operations: tuple[str, ...]
    tries: int
    per_try: Duration | None
    below: tuple[Asked, ...]
    later: tuple[Work, ...]
    """What it sets off and is drawn by itself."""

    @property
    def key(self) -> tuple[object, ...]:
        return id(self.call), self.operations, self.tries, tuple(each.key for each in self.below), self.later

    @property
    def size(self) -> int:
        return 1 + sum(each.size for each in self.below)


@dataclass(frozen=True, slots=True)
class Entry:
    """A public operation, the way to it, and the works that it sets off."""

    interface: str
    operation: str
    gateway: Step | None
    works: tuple[Work, ...]


def _scenes(graph: Graph) -> Iterator[Scene]:
    """Entries that set off the same are one scene; parts that are drawn by themselves come after all of them, each once."""
    alike: dict[tuple[object, ...], list[tuple[Entry, tuple[Asked, ...]]]] = {}
    for entry in _entries(graph):
        asked = _asked(graph, entry.works, frozenset(entry.works), MOST_MESSAGES - 2)
        if asked:
            way = (entry.gateway.call.consumer.name, entry.gateway.timeout, entry.gateway.tries) if entry.gateway is not None else None
            key = (entry.interface, way, entry.works[0].component, *(each.key for each in asked))
            alike.setdefault(key, []).append((entry, asked))
    waiting: deque[tuple[Work, ...]] = deque()
    for group in alike.values():
        entry, asked = group[0]
        operations = tuple(each.operation for each, _ in group)
        yield from _drawn(graph, entry.interface, operations, entry.works, asked, entry)
        waiting.extend(_later(asked))
    done: set[tuple[Work, ...]] = set()
    while waiting:
        works = waiting.popleft()
        if works not in done:
            done.add(works)
            asked = _asked(graph, works, frozenset(works), MOST_MESSAGES)
            yield from _drawn(graph, works[0].component, tuple(each.cause for each in works if each.cause), works, asked, None)
            waiting.extend(_later(asked))


def _entries(graph: Graph) -> Iterator[Entry]:
    """What a gateway lets in, and what is public without one."""
    routed: set[str] = set()
    for work, steps in chains.works(graph).items():
        for step in steps:
            interface = step.call.interface
            if interface is not None and step.call.use.every is None and placement.is_gateway(step.call.consumer):
                routed.add(interface.id)
                operation = work.cause.removeprefix(f"{step.call.target}.")
                yield Entry(interface.id, operation, step, step.sets_off)
    for interface in graph.interfaces:
        if interface.api.visibility == "public" and interface.id not in routed:
            for method in interface.methods:
                works = tuple(Work(each.name, f"{interface.api.name}.{method.name}") for each in interface.providers)
                yield Entry(interface.id, method.name, None, works)


def _asked(graph: Graph, works: Sequence[Work], above: frozenset[Work], room: int) -> tuple[Asked, ...]:
    """The calls of works, and below each what it sets off, as far as there is room; what is further up is not gone through again."""
    groups = _by_call(graph, works)
    room -= len(groups)
    found = []
    for steps in groups:
        next = tuple(sorted({work for each in steps for work in each.sets_off} - above))
        inner = len(_by_call(graph, next))
        below: tuple[Asked, ...] = ()
        if 0 < inner <= room:
            below = _asked(graph, next, above | set(next), room)
            room -= sum(each.size for each in below)
        found.append(_one(steps, below, next if inner and not below else ()))
    return tuple(found)


def _by_call(graph: Graph, works: Iterable[Work]) -> list[list[Step]]:
    """Steps of all the works, those of one call together."""
    found: dict[int, list[Step]] = {}
    for work in works:
        for step in chains.works(graph).get(work, ()):
            found.setdefault(id(step.call), []).append(step)
    return list(found.values())


def _one(steps: Sequence[Step], below: tuple[Asked, ...], later: tuple[Work, ...]) -> Asked:
    first = max(steps, key=lambda each: each.tries)
    named = dict.fromkeys(policy.method.name if policy.method else policy.name for step in steps for policy in step.policies)
    own = first.call.use.operations if first.call.interface is None else tuple(named)
    return Asked(first.call, tuple(own), first.tries, first.per_try, below, later)


def _later(asked: Iterable[Asked]) -> Iterator[tuple[Work, ...]]:
    for each in asked:
        if each.later:
            yield each.later
        yield from _later(each.below)


# --- drawing ----------------------------------------------------------------------------------------------------------


def _drawn(
    graph: Graph, name: str, operations: tuple[str, ...], works: Sequence[Work], asked: tuple[Asked, ...], entry: Entry | None
) -> Iterator[Scene]:
    """One diagram, or of a work that makes very many calls several."""
    longest = max((chains.longest_wait(graph, each)[0] for each in works), default=None)
    component = works[0].component
    for number, part in enumerate(_parts(asked)):
        found = _exchanges(part, component)
        shown = _way_in(entry, operations, component, found) if entry is not None and number == 0 else found
        yield Scene(name, operations, entry is None or number > 0, longest, diagrams.calls(shown, _titles(graph)))


def _parts(asked: tuple[Asked, ...]) -> Iterator[tuple[Asked, ...]]:
    held: list[Asked] = []
    for each in asked:
        if held and sum(one.size for one in held) + each.size > MOST_MESSAGES:
            yield tuple(held)
            held = []
        held.append(each)
    if held:
        yield tuple(held)


def _way_in(entry: Entry, operations: tuple[str, ...], component: str, found: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
    text = _named(operations)
    if entry.gateway is None:
        return (Exchange(CLIENT, component, text, found),)
    call = entry.gateway.call
    inside = Exchange(call.consumer.name, component, _text(text, call, entry.gateway.tries, entry.gateway.per_try), found)
    return (Exchange(CLIENT, call.consumer.name, text, (inside,)),)


def _exchanges(asked: Iterable[Asked], source: str) -> tuple[Exchange, ...]:
    """Those that are made at once stand together, where the first of them does."""
    groups: dict[object, list[Asked]] = {}
    for each in asked:
        groups.setdefault(each.call.use.parallel or id(each), []).append(each)
    return tuple(_exchange(each, source) for group in groups.values() for each in group)


def _exchange(asked: Asked, source: str) -> Exchange:
    target = _target(asked.call)
    text = _text(_named(asked.operations), asked.call, asked.tries, asked.per_try)
    return Exchange(source, target, text, _exchanges(asked.below, target), asked.call.use.parallel or "")


def _target(call: Call) -> str:
    if call.external is not None:
        return _external(call.external.name)
    if call.via is not None:
        return call.via.name
    assert call.interface is not None
    providers = call.interface.providers
    return providers[0].name if len(providers) == 1 else call.target


def _external(name: str) -> str:
    """No component is called so."""
    return f"external {name}"


@derived
def _titles(graph: Graph) -> Mapping[str, str]:
    found = {each.name: each.title or each.name for each in graph.components}
    return found | {_external(each.name): each.title or each.name for each in graph.externals}


def _named(operations: Sequence[str]) -> str:
    more = len(operations) - MOST_NAMES
    return " or ".join(operations[:MOST_NAMES]) + (f" or {more} more" if more > 0 else "")


def _text(operations: str, call: Call, tries: int, per_try: Duration | None) -> str:
    """`2 × reserveStock, 800ms, 2 tries of 350ms, else cached response`."""
    use = call.use
    parts = [f"{use.times} × {operations}" if use.times > 1 else operations]
    parts += [str(use.timeout)] if use.timeout is not None else []
    parts += [f"{tries} tries of {per_try}" if per_try is not None else f"{tries} tries"] if tries > 1 else []
    if use.fallback is not None and use.fallback.type != "none":
        parts.append(f"else {use.fallback.type.replace('_', ' ')}")
    elif not use.required and not placement.is_gateway(call.consumer):
        parts.append("or without")
    return ", ".join(each for each in parts if each)
