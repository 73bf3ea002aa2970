"""Sagas: work across several owners that is either done or undone, without a transaction that they share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from generator.diagnostics import At
from generator.model.marks import OPERATION, Identifier, Reference, Slug, doc, located
from generator.units import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What makes a step undone (its compensation): one of the three."""

    call: Annotated[str, OPERATION] | None = doc("Operation that is called: component.interface.operation, or third-party.operation.", None)
    publish: Identifier | None = doc("Event of this component that is published.", None)
    send: Reference | None = doc("Command that is sent: component.Command.", None)
    note: str | None = doc("What stays when the step is undone.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class SagaStep:
    """One step: a call, an event that is published or waited for, or a command."""

    name: Slug = doc("Step name.", key="step")
    call: Annotated[str, OPERATION] | None = doc("Operation that is called: component.interface.operation, or third-party.operation.", None)
    publish: Identifier | None = doc("Event of this component that is published.", None)
    send: Reference | None = doc("Command that is sent: component.Command.", None)
    awaits: Reference | None = doc("Event that is waited for: component.Event.", None, key="await")
    undo: Undo | None = doc("What makes it undone; a step that only reads needs none.", None)
    timeout: Duration | None = doc("How long it may take, until the saga is undone.", None)
    note: str | None = doc("What happens otherwise, where that is more than undoing.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saga:
    """A saga that this component conducts (Garcia-Molina and Salem, 1987; Richardson, Microservices Patterns, chapter 4)."""

    name: Slug = doc("Saga name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What is done when it has ended well.", None)
    begins: str = doc("What begins it: an own operation as interface.operation, an event as component.Event, or a command.")
    steps: tuple[SagaStep, ...] = doc("Its steps, in this order.")
    pivot: Slug | None = doc(
        "Step after which nothing is undone any more: what follows is tried until it succeeds. By default the last.", None
    )
    timeout: Duration | None = doc("How long the whole may take.", None)
    at: At = located()
