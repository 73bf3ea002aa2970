"""How components talk: calls that somebody waits for, and messages."""

from __future__ import annotations

from dataclasses import dataclass

from generator.document.context import Context
from generator.document.views import asynchronous, entry_points, synchronous
from generator.document.views.asynchronous import Asynchronous
from generator.document.views.entry_points import EntryPoints
from generator.document.views.synchronous import Synchronous


@dataclass(frozen=True, slots=True)
class Communication:
    calls: Synchronous | None
    """None: the scope is about messages alone."""
    entries: EntryPoints | None
    messages: Asynchronous | None
    """None: the scope is about interfaces alone."""


def view(context: Context) -> Communication:
    does_call = context.covers("internal", "external", "api")
    return Communication(
        calls=synchronous.view(context) if does_call else None,
        entries=entry_points.view(context) if does_call else None,
        messages=asynchronous.view(context) if context.covers("internal", "messaging") else None,
    )
