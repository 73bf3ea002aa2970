"""Tries: a failure is met by one more try where that helps, and nowhere multiplied."""

from __future__ import annotations

from collections.abc import Iterator

from generator import chains, policies
from generator.chains import Step
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Graph
from generator.model import ErrorType
from generator.policies import Policy

MOST_TRIES = 4
"""Of one operation for one cause: two tries by each of two callers (Site Reliability Engineering, chapter 22: retry at one layer)."""


def amplification(graph: Graph) -> Iterator[Diagnostic]:
    """`retry-amplification` (warning): tries multiply along a chain of calls, so that one request above becomes many below.

    When the last of the chain fails, each caller repeats what its callee has repeated already: an overloaded component gets a multiple
    of its load at the worst moment. Tries of all calls on the way are multiplied; each call counts once, whether the mesh or a
    library repeats it, as decision 10 has it. More than 4 are reported, at the call that goes beyond.

        component: shop
        uses: [{api: orders.orders, retry: {attempts: 3}}]
        ---
        component: orders
        uses: [{api: stock.stock, retry: {attempts: 2}}]

    Fix: let one caller of the chain try again, the one next to what fails; the others say `retry: {attempts: 1}`.
    """
    tries = chains.most_tries(graph)
    for step, works in _steps(graph):
        before = max(works, key=lambda each: tries[each][0])
        above = tries[before][0]
        if above <= MOST_TRIES < above * step.tries:
            way = chains.chain(graph, tries, before)
            factors = " × ".join(str(each) for each in (*(one.tries for one in way.steps), step.tries) if each > 1)
            path = chains.spelt_way(way.works) + f" → {step.name}"
            message = f"one request becomes {above * step.tries} at {step.name}: {path} is {factors} tries"
            related = tuple(Related(one.call.use.at["retry"], f"{one.tries} tries here") for one in way.steps if one.tries > 1)
            help = "retry: {attempts: 1} at all but one of them"
            yield Diagnostic("retry-amplification", step.call.use.at["retry"], message, help, Severity.WARNING, related)


def _steps(graph: Graph) -> Iterator[tuple[Step, list[chains.Work]]]:
    """Each call that may be repeated, once, with the works that make it."""
    found: dict[int, tuple[Step, list[chains.Work]]] = {}
    for work, steps in chains.works(graph).items():
        for step in steps:
            if step.tries > 1:
                found.setdefault(id(step.call), (step, []))[1].append(work)
    yield from found.values()


RETRIED = {
    "unavailable": ("UNAVAILABLE",),
    "resource-exhausted": ("RESOURCE_EXHAUSTED",),
    "deadline-exceeded": ("DEADLINE_EXCEEDED",),
    "cancelled": ("CANCELLED",),
}
"""gRPC codes that a condition repeats (Envoy, x-envoy-retry-grpc-on)."""


def callers_faults(graph: Graph) -> Iterator[Diagnostic]:
    """`retry-on-callers-fault` (warning): an answer is tried again that says the request itself is at fault, or not wanted now.

    The same request gets the same answer, and a caller that is told to slow down calls more. Over gRPC the code decides: an error
    with an HTTP status of 400 to 499 whose code is among those that `when` repeats. `resource-exhausted` is let pass where `backoff`
    says how long is waited first.

        errors: {QuotaUsedUp: 429}
        uses: [{api: maps.tiles, over: grpc, retry: {attempts: 3, when: [resource-exhausted]}}]

    Fix: leave the condition out of `when`, give the error the code of what it is, or say `backoff`.
    """
    for call in graph.calls:
        found: dict[str, str] = {}
        for policy in policies.of_call(call):
            for error, condition in _faults(policy):
                found.setdefault(f"{error.name} ({error.status}, {error.grpc})", condition)
        for fault, condition in sorted(found.items()):
            message = f"{call.consumer.name} tries {call.target} again on {condition}, which is also {fault}: the caller's fault"
            help = f"when: without {condition}" + (
                "; or backoff: and how long is waited first" if condition == "resource-exhausted" else ""
            )
            yield Diagnostic("retry-on-callers-fault", call.use.at["retry"], message, help, Severity.WARNING)


def _faults(policy: Policy) -> Iterator[tuple[ErrorType, str]]:
    retry = policy.call.use.retry
    if policy.tries == 1 or policy.method is None or policy.call.protocol != "grpc" or retry is None:
        return
    for condition in policy.conditions:
        if condition == "resource-exhausted" and retry.backoff is not None:
            continue
        for error in policy.method.errors:
            if error.status < 500 and error.grpc in RETRIED.get(condition, ()):
                yield error, condition


def single_requests(graph: Graph) -> Iterator[Diagnostic]:
    """`breaker-of-one-request` (warning): the tries of one request that fails are enough to open the breaker.

    Envoy counts each try of each instance, whatever came of the request as a whole. One bad request, such as one that makes the callee
    fail by what is in it, then shuts everybody out: two requests at least are what a breaker should go by.

        uses: [{api: orders.orders, retry: {attempts: 3}, breaker: {failures: 3, open: 30s}}]

    Fix: let `failures` be more than `attempts`, better a multiple of it, or try less often.
    """
    between: dict[tuple[str, str], list[Policy]] = {}
    for call in graph.calls:
        if call.interface is not None and call.via is None and call.interface.owner is not None:
            between.setdefault((call.consumer.name, call.interface.owner.name), []).extend(policies.of_call(call))
    for (consumer, provider), known in between.items():
        detection = policies.ejection(known)
        most = max(known, key=lambda each: each.tries, default=None)
        if detection is None or most is None or not 1 < most.tries >= detection.failures:
            continue
        use = most.call.use
        message = f"one failed request of {consumer} is {most.tries} tries, and {detection.failures} open its breaker for {provider}"
        help = f"failures: {most.tries + 1} or more, better {2 * most.tries}; or fewer attempts"
        at = use.at["breaker" if use.outlier_detection is None else "outlier_detection"]
        related = (Related(use.at["retry"], f"{most.tries} tries here"),)
        yield Diagnostic("breaker-of-one-request", at, message, help, Severity.WARNING, related)


SEEN_AS_503 = frozenset({"unavailable", "gateway-error", "5xx"})


def hidden_resets(graph: Graph) -> Iterator[Diagnostic]:
    """`retry-on-hidden-reset` (warning): what is to be tried again is a reset, which the callee's own proxy hides.

    Where both ends have a sidecar, an application that resets a connection resets the one to its proxy, and that answers the caller with
    503 (seen in a running mesh, decision 20). `reset` alone then only repeats a try that takes too long.

        environments: {production: {mesh: sidecar}}
        uses: [{api: orders.orders, retry: {attempts: 3, when: [reset]}}]

    Fix: add `unavailable` to `when`, or leave `when` out, which repeats failures of the way there.
    """
    if not any(environment.mesh == "sidecar" for environment in graph.system.document.environments):
        return
    for call in graph.calls:
        hidden = [
            policy.name
            for policy in policies.of_call(call)
            if policy.is_in_mesh and policy.tries > 1 and "reset" in policy.conditions and not SEEN_AS_503 & set(policy.conditions)
        ]
        if hidden and call.use.retry is not None:
            message = f"{call.consumer.name} tries {call.target} again on a reset, which the proxy of the callee answers with 503"
            yield Diagnostic("retry-on-hidden-reset", call.use.at["retry"], message, "when: with unavailable, too", Severity.WARNING)


RULES = (amplification, callers_faults, single_requests, hidden_resets)
