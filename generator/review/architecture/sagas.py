"""Sagas: what is done in several places is done or undone in all of them, and comes to an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator import chains, policies
from generator.chains import Step, Work
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import (
    Call,
    Graph,
    LinkedSaga,
    LinkedStep,
    Method,
    SagaMove,
    derived,
    interfaces_of,
)
from generator.model import ExternalOperation
from generator.review.deployment import settled


def without_undo(graph: Graph) -> Iterator[Diagnostic]:
    """`saga-step-without-undo` (warning): a step changes something, cannot be undone, and is not the last that can fail.

    When a later step fails, the saga cannot go back, and what this step did stays: money held, stock reserved, a message sent.
    Of the steps before the pivot each one that changes something needs its compensation (Richardson, Microservices Patterns,
    section 4.3).

        sagas:
          place-order:
            begins: orders.placeOrder
            steps:
              - {step: reserve, call: stock.stock.reserve}
              - {step: pay, call: billing.payments.charge}

    Fix: say what makes it `undo`ne, put it last, or name it as `pivot`, when all that follows can be tried until it succeeds.
    """
    for saga in graph.sagas:
        for each in saga.steps[: saga.pivot]:
            if each.undo is None and _is_change(each.move):
                later = saga.steps[saga.pivot].step.name
                message = f'"{each.step.name}" of the saga "{saga.saga.name}" cannot be undone when "{later}" fails'
                help = "undo: {call: …} or {publish: …}; or make it the pivot"
                yield Diagnostic("saga-step-without-undo", each.at.span, message, help, Severity.WARNING)


def _is_change(move: SagaMove) -> bool:
    """Waiting and reading change nothing; neither does a step that could not be resolved."""
    if move.call is not None:
        return _idempotency(move) != "safe"
    return False


def _idempotency(move: SagaMove) -> str:
    """Of an operation, as it is declared; of one that says nothing, none."""
    if move.method is not None:
        return move.method.idempotency
    known = move.call.external.operations if move.call is not None and move.call.external is not None else ()
    return policies.idempotency(next((each for each in known if each.name == move.operation), None))


def not_repeatable(graph: Graph) -> Iterator[Diagnostic]:
    """`saga-step-not-repeatable` (warning): a step that has to be tried until it succeeds must not be repeated.

    What undoes a step, and what follows the pivot, is the only way out: when its answer is lost it is done again, and then twice.

        operations: {refund: {}}     # nothing says that it may be repeated
        sagas: {place-order: {steps: [{step: pay, call: …, undo: {call: billing.payments.refund}}, …], …}}

    Fix: `idempotency: idempotent` or `key` of the operation, once it is so.
    """
    for saga in graph.sagas:
        for what, step, move in _until_it_succeeds(saga):
            if move.call is not None and _idempotency(move) == "none":
                message = f'"{step.step.name}" of the saga "{saga.saga.name}" is {what} by {move.call.target}.{move.operation}, which may not be repeated'
                help = "idempotency: idempotent or key, where the operation is declared"
                at = step.step.undo.at.span if step.step.undo is not None and move is step.undo else step.at.span
                yield Diagnostic("saga-step-not-repeatable", at, message, help, Severity.WARNING)


def _until_it_succeeds(saga: LinkedSaga) -> Iterator[tuple[str, LinkedStep, SagaMove]]:
    for index, each in enumerate(saga.steps):
        if index > saga.pivot:
            yield "done", each, each.move
        elif each.undo is not None and index < saga.pivot:
            yield "undone", each, each.undo


def without_end(graph: Graph) -> Iterator[Diagnostic]:
    """`saga-without-end` (warning): a saga waits for an event for ever.

    Up to the pivot things are held for it: stock, money, a lock. When the event does not come, nobody undoes them.

        steps: [{step: paid, await: billing.PaymentCaptured}]

    Fix: a `timeout` of the step or of the saga.
    """
    known = settled(graph)
    for saga in graph.sagas:
        for each in saga.steps[: saga.pivot + 1] if f"{saga.component.name}.sagas.{saga.saga.name}.timeout" not in known else ():
            if each.step.awaits is not None and each.step.timeout is None and saga.saga.timeout is None:
                message = f'the saga "{saga.saga.name}" waits at "{each.step.name}" for {each.step.awaits}, however long that takes'
                yield Diagnostic("saga-without-end", each.at.span, message, "timeout: 15m, of the step or of the saga", Severity.WARNING)


# --- changes without a saga -------------------------------------------------------------------------------------------

REFUSALS = {402: "Payment Required", 409: "Conflict", 412: "Precondition Failed", 423: "Locked"}
"""Statuses by which a provider refuses what its present state does not allow (RFC 9110, sections 15.5.3, 15.5.10 and 15.5.13; RFC
4918, section 11.3): to ask again does not help, and only a change meets them."""


class Change(NamedTuple):
    """A call that changes something for good, and that nothing makes sure of."""

    owner: str
    """Who is changed; calls of which one is enough are one."""
    name: str
    reason: str
    call: Call


def transactions(graph: Graph) -> Iterator[Diagnostic]:
    """`transaction-without-saga` (warning): for one cause a component changes something at two others, and either can be left undone.

    When the second says no, the first has happened: stock is held for an order that there is not. A change that may be repeated and is
    never refused is no trouble, since it can be asked for until it succeeds; and one that can fail for good may come first. Two are
    one too many (Garcia-Molina and Salem, Sagas, 1987; Richardson, Microservices Patterns, chapter 4: compensatable, pivot and
    retriable steps). Counted are calls that may be refused by 402, 409, 412 or 423, that declare `idempotency: none`, or that are a
    PATCH, or a POST answered by 201 or 202, without idempotency. Calls with `during` count for those causes; causes that are safe
    change nothing.

        component: shop
        uses:
          - {api: stock.stock, operations: [reserve], during: [orders.placeOrder]}
          - {api: payments.payments, operations: [authorize], during: [orders.placeOrder]}

    Fix: make one of them repeatable without a refusal, hand it on by event, or describe in `sagas` how the first is undone when the
    second fails.
    """
    for component in graph.components:
        found: dict[tuple[str, ...], tuple[Work, dict[str, Change]]] = {}
        for work, steps in _causes(graph).get(component.name, ()):
            conducted = _conducted(graph).get((work.component, work.cause), frozenset())
            changes = {each.owner: each for step in steps for each in _changes(step) if each.name not in conducted}
            if len(changes) > 1:
                found.setdefault(tuple(sorted(changes)), (work, changes))
        for owners, (work, changes) in found.items():
            ordered = [changes[each] for each in owners]
            cause = f'for one "{work.cause}"' if work.cause else "at once"
            what = ", and ".join(f'"{each.name}", which {each.reason}' for each in ordered)
            message = f"{component.name} changes something at {len(ordered)} others {cause}: {what}"
            related = tuple(Related(each.call.at.span, "changes something, too") for each in ordered[:-1])
            help = "a saga that undoes the first when the second fails; or calls that may be repeated until they succeed"
            yield Diagnostic("transaction-without-saga", ordered[-1].call.at.span, message, help, Severity.WARNING, related)


@derived
def _conducted(graph: Graph) -> Mapping[tuple[str, str], frozenset[str]]:
    """By component and cause, the operations that are steps of a saga which begins with it."""
    found: dict[tuple[str, str], frozenset[str]] = {}
    for saga in graph.sagas:
        called = {f"{each.move.call.target}.{each.move.operation}" for each in saga.steps if each.move.call is not None}
        key = saga.component.name, saga.saga.begins
        found[key] = found.get(key, frozenset()) | called
    return found


@derived
def _causes(graph: Graph) -> Mapping[str, tuple[tuple[Work, tuple[Step, ...]], ...]]:
    """By component, what may change something, with the calls that it makes."""
    safe = {
        (component.name, f"{interface.api.name}.{method.name}")
        for component in graph.components
        for interface in interfaces_of(graph, component)
        for method in interface.methods
        if method.idempotency == "safe"
    }
    found: dict[str, list[tuple[Work, tuple[Step, ...]]]] = {}
    for work, steps in chains.works(graph).items():
        if len(steps) > 1 and (work.component, work.cause) not in safe:
            found.setdefault(work.component, []).append((work, steps))
    return {name: tuple(each) for name, each in found.items()}


def _changes(step: Step) -> Iterator[Change]:
    external = step.call.external
    known = {each.name: each for each in external.operations} if external is not None else {}
    use, interface = step.call.use, step.call.interface
    owner = interface.owner.name if interface is not None and interface.owner is not None else step.call.target
    for policy in step.policies:
        method, name = policy.method, policy.name.partition(".")[2]
        reason = _left_undone(method) if method is not None else _third_party(known.get(name))
        if reason is not None:
            yield Change(f"any of {use.any_of}" if use.any_of is not None else owner, policy.name, reason, step.call)


def _left_undone(method: Method) -> str | None:
    """Why a call may be left undone for good, as far as the contract says it."""
    if method.idempotency == "safe":
        return None
    refusals = [f"{each.name}, {each.status}" for each in method.errors if each.status in REFUSALS]
    if refusals:
        return f"may be refused ({refusals[0]})"
    http = method.operation.http
    is_change = http is not None and (http.method == "PATCH" or (http.method == "POST" and http.status in (201, 202)))
    if method.idempotency == "none" and (method.operation.idempotency == "none" or is_change):
        return "may not be repeated"
    return None


def _third_party(operation: ExternalOperation | None) -> str | None:
    return "may not be repeated" if operation is not None and operation.idempotency == "none" else None


RULES = (without_undo, not_repeatable, without_end, transactions)
