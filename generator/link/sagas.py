"""Sagas with the calls and messages of their steps resolved: a component conducts only what it declares to use, send, publish and consume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.graph import Call, Interface, LinkedSaga, LinkedStep, Queue, SagaMove, Topic, causes
from generator.link.flows import Known
from generator.model import Component, Saga, SagaStep, Undo


@dataclass(frozen=True, slots=True)
class Conductor:
    """What a component may do in a saga, by the names that steps call it."""

    component: Component
    operations: Mapping[str, tuple[Call, str]]
    """`billing.payments.authorizePayment` or `card-network.charge`."""
    published: Mapping[str, Topic]
    consumed: Mapping[str, Topic]
    sent: Mapping[str, Queue]


def sagas(known: Known, queues: Sequence[Queue], provided: Sequence[Interface]) -> Iterator[LinkedSaga]:
    """Every saga; a step that names what its component does not declare is reported, and stays without it."""
    for component in known.index.components.values():
        conductor = _conductor(known, component, queues) if component.sagas else None
        for saga in component.sagas if conductor is not None else ():
            assert conductor is not None
            _check(known, conductor, saga, provided)
            steps = tuple(LinkedStep(each, _move(known, conductor, each), _undo(known, conductor, each.undo)) for each in saga.steps)
            yield LinkedSaga(component, saga, steps)


def _conductor(known: Known, component: Component, queues: Sequence[Queue]) -> Conductor:
    operations: dict[str, tuple[Call, str]] = {}
    for call in (each for each in known.calls if each.consumer.name == component.name):
        names = [each.name for each in call.methods]
        if call.external is not None:
            names = [each.name for each in call.external.operations if not call.use.operations or each.name in call.use.operations]
        operations |= {f"{call.target}.{name}": (call, name) for name in names}
    return Conductor(
        component,
        operations,
        {each.event.name: each for each in known.topics if each.publisher.name == component.name},
        {each.id: each for each in known.topics if component.name in {one.consumer.name for one in each.subscriptions}},
        {each.id: each for each in queues if component.name in {one.component.name for one in each.senders}},
    )


def _check(known: Known, conductor: Conductor, saga: Saga, provided: Sequence[Interface]) -> None:
    """That it begins with something that the component does, and turns at one of its steps."""
    component, index = conductor.component, known.index
    own = [each for each in provided if component.name in {one.name for one in each.providers}]
    index.listed((saga.begins,), causes(component, own), saga.at["begins"], "unknown-cause", component.name)
    if saga.pivot is not None:
        index.listed((saga.pivot,), [each.name for each in saga.steps], saga.at["pivot"], "unknown-step", f'the saga "{saga.name}"')


def _undo(known: Known, conductor: Conductor, undo: Undo | None) -> SagaMove | None:
    return _move(known, conductor, undo) if undo is not None else None


def _move(known: Known, conductor: Conductor, told: SagaStep | Undo) -> SagaMove:
    index, name = known.index, conductor.component.name
    awaited = told.awaits if isinstance(told, SagaStep) else None
    if sum(each is not None for each in (told.call, told.publish, told.send, awaited)) != 1:
        what = (
            "a step is one of call, publish, send and await"
            if isinstance(told, SagaStep)
            else "a step is undone by one of call, publish and send"
        )
        known.report("unclear-step", told.at.span, what, "leave out the others; two things are two steps")
    elif told.call is not None and index.listed(
        (told.call,), conductor.operations, told.at["call"], "undeclared-step", f"{name} declares to call"
    ):
        call, operation = conductor.operations[told.call]
        return SagaMove(call, operation, next((each for each in call.methods if each.name == operation), None))
    elif told.publish is not None and index.listed((told.publish,), conductor.published, told.at["publish"], "undeclared-step", name):
        return SagaMove(topic=conductor.published[told.publish])
    elif told.send is not None and index.listed((told.send,), conductor.sent, told.at["send"], "undeclared-step", f"what {name} sends"):
        return SagaMove(queue=conductor.sent[told.send])
    elif awaited is not None and index.listed((awaited,), conductor.consumed, told.at["await"], "undeclared-step", f"what {name} consumes"):
        return SagaMove(topic=conductor.consumed[awaited])
    return SagaMove()
