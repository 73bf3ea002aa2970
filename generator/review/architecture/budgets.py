"""Time: every caller waits long enough for what it calls, and no longer than its own caller waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator import chains, policies
from generator.chains import Part, Step, Work
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Call, Graph
from generator.model import Latency, Quality
from generator.units import Duration


def never_made(graph: Graph) -> Iterator[Diagnostic]:
    """`retry-never-made`: the last try of a call would begin when the time for all of them is over, so it is never made.

    The tries before it and the waits between them take the whole timeout: tries × time of a try + waits, where waits grow
    twofold from `backoff`, 25ms where nothing is said (Envoy, x-envoy-max-retries). Whoever counts on that try waits for nothing.

        uses: [{api: orders.orders, timeout: 3s, retry: {attempts: 4, per_try: 1s}}]

    Fix: a longer `timeout`, a shorter `per_try`, or fewer `attempts`.
    """
    for call, tries, total, last in _tried(graph):
        assert call.use.timeout is not None
        if last >= call.use.timeout:
            message = f"{tries} tries of {call.target} take {_sum(call, tries)} = {total}; the last begins after {last}, and all is over at {call.use.timeout}"
            help = f"timeout: {total} or more; or attempts: {tries - 1}"
            yield Diagnostic("retry-never-made", call.use.at["timeout"], message, help, related=_retry(call))


def cut_short(graph: Graph) -> Iterator[Diagnostic]:
    """`retry-cut-short` (warning): the last try of a call has less time than the others, since the time for all of them ends before.

    It is most often needed when the callee is slow, and then it is cut off in the middle: load for the callee, and no answer.
    Tries × time of a try + waits is more than the timeout, as for `retry-never-made`.

        uses: [{api: orders.orders, timeout: 1900ms, retry: {attempts: 2, per_try: 1s}}]

    Fix: a `timeout` that holds all tries and the waits between them, or a shorter `per_try`.
    """
    for call, tries, total, last in _tried(graph):
        assert call.use.timeout is not None
        if last < call.use.timeout < total:
            message = f"{tries} tries of {call.target} take {_sum(call, tries)} = {total}, and all is over at {call.use.timeout}"
            help = f"timeout: {total} or more; or a shorter per_try"
            yield Diagnostic("retry-cut-short", call.use.at["timeout"], message, help, Severity.WARNING, _retry(call))


def _tried(graph: Graph) -> Iterator[tuple[Call, int, Duration, Duration]]:
    """Calls that are repeated, with the time that their tries take and after which the last one begins."""
    for call in graph.calls:
        found = [(each.tries, times) for each in policies.of_call(call) if (times := chains.tries_time(each)) is not None]
        if call.use.timeout is not None and found:
            tries, (total, last) = max(found)
            yield call, tries, total, last


def _sum(call: Call, tries: int) -> str:
    assert call.use.retry is not None
    waits = f" + {'waits' if tries > 2 else 'the wait'} between them"
    return f"{tries} × {call.use.retry.per_try}{waits}"


def _retry(call: Call) -> tuple[Related, ...]:
    return (Related(call.use.at["retry"], "the tries"),) if {"retry", "timeout"} <= call.use.at.keys.keys() else ()


def beyond_caller(graph: Graph) -> Iterator[Diagnostic]:
    """`timeout-beyond-caller` (warning): a caller gives up while what it called still waits for others.

    The work goes on for nobody, and when the caller tries again it is done twice. What a component may wait for is the sum of
    the timeouts of its calls for that cause; calls of one `parallel` count once, with the longest. Fine where the deadline is
    handed on (`deadline: propagated`): the callee stops when its caller does (Site Reliability Engineering, chapter 22).

        component: shop
        uses: [{api: orders.orders, timeout: 2s}]
        ---
        component: orders
        uses: [{api: stock.stock, timeout: 1500ms}, {api: billing.payments, timeout: 1s}]

    Fix: shorter timeouts below or a longer one above; `during` where a call belongs to some operations only, `parallel` where
    calls are made at once; or hand the deadline on and say so.
    """
    for step, reached in _calls(graph):
        allowed = step.per_try
        if allowed is None or step.call.use.deadline == "propagated":
            continue
        waits = [(*chains.longest_wait(graph, work), work) for work in reached]
        longest, parts, work = max(waits, key=lambda each: each[0], default=(Duration(0), (), Work("", "")))
        if longest > allowed:
            what = f"each try of {work} may take {allowed}" if step.tries > 1 else f"{step.call.consumer.name} waits {allowed} for {work}"
            message = f"{what}, which may wait {longest} for others: {_spelt(parts)}"
            help = f"timeout: {longest} or more; or shorter timeouts of {work.component}; or deadline: propagated"
            at = step.call.use.at["timeout" if "timeout" in step.call.use.at.keys else "api"]
            yield Diagnostic("timeout-beyond-caller", at, message, help, Severity.WARNING, _places(parts))


def _calls(graph: Graph) -> Iterator[tuple[Step, list[Work]]]:
    """Each use once, with all that it sets off, whatever causes it."""
    found: dict[Span, tuple[Step, dict[Work, None]]] = {}
    for steps in chains.works(graph).values():
        for step in steps:
            found.setdefault(step.call.at.span, (step, {}))[1].update(dict.fromkeys(step.sets_off))
    yield from ((step, list(reached)) for step, reached in found.values())


def _spelt(parts: Sequence[Part]) -> str:
    return " + ".join(each.text for each in parts)


def _places(parts: Sequence[Part]) -> tuple[Related, ...]:
    return tuple(Related(each.step.call.use.at["timeout"], f"up to {each.time}") for each in parts)


def below_latency(graph: Graph) -> Iterator[Diagnostic]:
    """`timeout-below-latency` (warning): a caller gives up earlier than the callee promises to answer.

    Answers that the callee counts as good never arrive: at a p99 of 2s and a timeout of 1s, more than one in a hundred
    requests may fail with nothing wrong, and is tried again. The time of one try is compared with the highest percentile that
    is promised.

        uses: [{api: orders.orders, timeout: 1s}]
        provides: {orders: {quality: {latency: {p99: 2s}}}}

    Fix: a longer `timeout` (or `per_try`), or a faster promise.
    """
    for step, reached in _calls(graph):
        allowed = step.per_try
        promises = [promise for work in reached for promise in (_highest(_quality(graph, work)),) if promise is not None]
        external = step.call.external
        promises += [found] if external is not None and (found := _highest(external.quality)) is not None else []
        slowest = max(promises, key=lambda each: each[1], default=None)
        if allowed is not None and slowest is not None and allowed < slowest[1]:
            percentile, time, latency = slowest
            message = f"{step.call.consumer.name} waits {allowed} for {step.name}, which promises {percentile} of {time}"
            use = step.call.use
            at = use.at["retry"] if use.retry is not None and use.retry.per_try == allowed and step.tries > 1 else use.at["timeout"]
            related = (Related(latency.at[percentile], "promised here"),)
            yield Diagnostic("timeout-below-latency", at, message, f"{time} or more", Severity.WARNING, related)


def _quality(graph: Graph, work: Work) -> Quality | None:
    """What a work promises as a whole; what it only adds to others says nothing of how long it takes."""
    found = chains.promised(graph, work, "latency")
    return found[0] if found is not None and not found[0].own else None


def _highest(quality: Quality | None) -> tuple[str, Duration, Latency] | None:
    if quality is None or quality.latency is None:
        return None
    for percentile in reversed(chains.PERCENTILES):
        time: Duration | None = getattr(quality.latency, percentile)
        if time is not None:
            return percentile, time, quality.latency
    return None


def beyond_dependencies(graph: Graph) -> Iterator[Diagnostic]:
    """`latency-beyond-dependencies` (warning): a latency is promised that those who are called for it do not promise together.

    If each callee just keeps its promise, the answer comes later than promised. Their promises at that percentile, or the next
    lower one, are added for calls that are made one after another; of `parallel` ones the longest counts, and none counts
    longer than its timeout. Sums of percentiles are no bound of the sum's percentile: it is what can be relied on.

        provides: {checkout: {quality: {latency: {p99: 500ms}}, …}}
        uses: [{api: orders.orders}, {api: billing.payments}]   # which promise p99 of 300ms and 400ms

    Fix: a promise that leaves room, faster callees, calls at once (`parallel`), or `during` for calls that some operations need.
    """
    reported: set[tuple[Span, str]] = set()
    for work in chains.works(graph):
        quality = _quality(graph, work)
        for percentile in chains.PERCENTILES if quality is not None and quality.latency is not None else ():
            assert quality is not None and quality.latency is not None
            objective: Duration | None = getattr(quality.latency, percentile)
            at = quality.latency.at[percentile]
            needed, parts = chains.latency_sum(graph, work, percentile)
            if objective is not None and needed > objective and (at, percentile) not in reported:
                reported.add((at, percentile))
                message = f"{work} promises {percentile} of {objective}, and what it calls takes {needed}: {_spelt(parts)}"
                related = tuple(Related(each.step.call.at.span, f"{each.time} for this") for each in parts)
                help = f"{percentile}: {needed} or more; or calls at once, or only during the operations that need them"
                yield Diagnostic("latency-beyond-dependencies", at, message, help, Severity.WARNING, related)


RULES = (never_made, cut_short, beyond_caller, below_latency, beyond_dependencies)
