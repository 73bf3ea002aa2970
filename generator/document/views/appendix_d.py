"""Performance budgets in full: waits, tries, depth and availability of each work, rates against limits, and what was seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generator import chains
from generator.chains import Step, Work
from generator.diagnostics import Span
from generator.document.context import Context
from generator.document.views.measured import Seen, seen
from generator.document.views.performance import Asked, total
from generator.document.views.undecided import Gap, gaps
from generator.graph import Call, Graph
from generator.model import Quality
from generator.review.architecture import capacity
from generator.review.architecture.capacity import Load
from generator.units import Duration, Percentage, Rate


@dataclass(frozen=True, slots=True)
class Budget:
    """What one work waits for at most, and how long those wait that set it off."""

    work: Work
    waits: Duration
    sum: str
    untimed: tuple[str, ...]
    """Calls without a timeout, which are not in the sum."""
    allowed: Duration | None
    """Of the caller that waits for the least time, for one try."""
    caller: str | None
    is_handed_on: bool
    """That caller hands its deadline on, so the work ends with it."""
    depth: int
    """Calls inside of each other, at most."""
    way: str | None
    tries: int
    """How often it is done at most for one cause at the top."""


@dataclass(frozen=True, slots=True)
class Support:
    """What is promised of a work, and what those that it needs give together."""

    component: str
    causes: tuple[str, ...]
    """Those alike in all that follows."""
    promised: Percentage | None
    is_own: bool
    """The promise counts only the own part."""
    given: str
    made: str


@dataclass(frozen=True, slots=True)
class Sent:
    """How often one use calls, and how many calls are under way."""

    call: Call
    asked: Asked | None
    at_once: str | None
    """rate × time of a call at p50 (Little's law)."""
    let_through: int | None
    """By the bulkheads of all instances together."""


@dataclass(frozen=True, slots=True)
class Bound:
    """All that is asked of something, against what it takes."""

    name: str
    limit: Rate
    asked: Asked


@dataclass(frozen=True, slots=True)
class Budgets:
    budgets: tuple[Budget, ...]
    supports: tuple[Support, ...]
    sent: tuple[Sent, ...]
    bounds: tuple[Bound, ...]
    undecided_rates: tuple[Gap, ...]
    seen: Seen | None


def view(context: Context) -> Budgets:
    graph = context.graph
    steps = _calls(context)
    works = {work: made for work, made in chains.works(graph).items() if any(each.call.at.span in steps for each in made)}
    sent = tuple(_sent(graph, each) for each in steps.values())
    missing = [each.call for each in sent if each.asked is None]
    known = capacity.loads(graph)
    return Budgets(
        budgets=tuple(_budget(graph, work, made) for work, made in sorted(works.items())),
        supports=tuple(_supports(graph, sorted(works))),
        sent=tuple(each for each in sent if each.asked is not None or each.let_through is not None),
        bounds=tuple(_bounds([known[span] for span in steps if span in known])),
        undecided_rates=gaps(graph, "uses.rate", ((each.consumer.name, f"{each.consumer.name}.uses.rate") for each in missing)),
        seen=seen(context),
    )


def _calls(context: Context) -> dict[Span, Step]:
    """Each use of the scopes once, by its place."""
    found: dict[Span, Step] = {}
    for steps in chains.works(context.graph).values():
        for step in steps:
            if context.covers("external") if step.call.external is not None else context.covers("internal", "api"):
                found.setdefault(step.call.at.span, step)
    return found


def _budget(graph: Graph, work: Work, steps: Sequence[Step]) -> Budget:
    waits, parts = chains.longest_wait(graph, work)
    callers = chains.allowed(graph).get(work, ())
    first = callers[0] if callers else None
    deepest = chains.deepest(graph)[work]
    return Budget(
        work=work,
        waits=waits,
        sum=" + ".join(each.text for each in parts),
        untimed=tuple(dict.fromkeys(each.name for each in steps if each.timeout is None)),
        allowed=first.per_try if first is not None else None,
        caller=first.call.consumer.name if first is not None else None,
        is_handed_on=first is not None and first.call.use.deadline == "propagated",
        depth=len(deepest.steps) or 1,
        way=chains.spelt_way(deepest.works) if deepest.steps else None,
        tries=chains.most_tries(graph)[work][0],
    )


def _supports(graph: Graph, works: Sequence[Work]) -> Iterator[Support]:
    """Works that something is promised of, or whose needs are known; those of a component together that are alike."""
    found: dict[tuple[str, Percentage | None, bool, chains.Needs], list[str]] = {}
    for work in works:
        needed, promise = chains.needs(graph)[work], chains.promised(graph, work, "availability")
        quality: Quality | None = promise[0] if promise is not None else None
        if quality is not None or needed != chains.Needs():
            said = (quality.availability, quality.own) if quality is not None else (None, False)
            found.setdefault((work.component, *said, needed), []).append(work.cause)
    for (component, promised, is_own, needed), causes in found.items():
        given = chains.percent(chains.probability(needed)) if needed != chains.Needs() else ""
        yield Support(component, tuple(filter(None, causes)), promised, is_own, given, chains.spelt(needed))


def _sent(graph: Graph, step: Step) -> Sent:
    load, limit = capacity.loads(graph).get(step.call.at.span), step.call.use.concurrency
    time = chains.latency(graph, step, "p50")
    at_once = f"{capacity.per_second(load.calls)} × {time} = {load.calls * time.seconds:,.4g}" if load is not None and time else None
    return Sent(
        step.call,
        total([load], None) if load is not None else None,
        at_once,
        limit * capacity.instances(step.call.consumer) if limit is not None else None,
    )


def _bounds(loads: Sequence[Load]) -> Iterator[Bound]:
    """Loads by the promise or quota that holds for them together."""
    found: dict[int, tuple[str, Rate, list[Load]]] = {}
    for load in loads:
        limit = _limit(load.call)
        if limit is not None:
            found.setdefault(id(limit[1]), (*limit, []))[2].append(load)
    yield from (Bound(name, rate, total(each, rate)) for name, rate, each in sorted(found.values(), key=lambda each: each[0]))


def _limit(call: Call) -> tuple[str, Rate] | None:
    """What a third party takes; else what the called operation, if it is one, the interface, or the component sustains."""
    if call.external is not None:
        return (call.external.name, call.external.limit) if call.external.limit is not None else None
    found = capacity.limit(call)
    return (found[1], found[0].rate) if found is not None and found[0].rate is not None else None
