"""Every integration pattern in use: where it is described, every place of the contract that uses it, and what is made for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.diagnostics import At
from generator.document.context import Context, Scope
from generator.document.views.patterns import Pattern, in_use

CALLS: tuple[Scope, ...] = ("internal", "external", "api")
MESSAGES: tuple[Scope, ...] = ("messaging",)
DATA: tuple[Scope, ...] = ("data",)


@dataclass(frozen=True, slots=True)
class Made:
    """Where a pattern belongs, and the folders with what is made for it."""

    scopes: tuple[Scope, ...]
    folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one component, or of the system."""

    of: str
    places: tuple[At, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    pattern: Pattern
    places: tuple[Places, ...]
    folders: tuple[str, ...]
    """Those that are there."""


@dataclass(frozen=True, slots=True)
class AppendixA:
    entries: tuple[Entry, ...]


MADE: Mapping[str, Made] = {
    "API gateway": Made(("api", "external"), ("istio/overlays",)),
    "Database per service": Made(DATA, ("kubernetes/base/stores", "data-contracts")),
    "Circuit breaker": Made(CALLS, ("resilience/circuit-breakers", "resilience/resilience4j")),
    "Bulkhead": Made(CALLS, ("resilience/resilience4j",)),
    "Retry": Made(CALLS, ("resilience/resilience4j", "istio")),
    "Fallback": Made(CALLS, ("resilience/circuit-breakers",)),
    "Idempotency key": Made(CALLS, ("openapi",)),
    "Publish-subscribe channel": Made(MESSAGES, ("asyncapi", "messages")),
    "Point-to-point channel": Made(MESSAGES, ("asyncapi", "messages")),
    "Request-reply": Made(MESSAGES, ("asyncapi", "messages")),
    "Message filter": Made(MESSAGES, ("asyncapi",)),
    "Idempotent receiver": Made(MESSAGES, ("asyncapi",)),
    "Dead letter channel": Made(MESSAGES, ("asyncapi",)),
    "Cache": Made(DATA, ("data-contracts",)),
    "Change data capture": Made(("data", "messaging"), ("change-capture",)),
    "Data pipeline": Made(DATA, ("flows",)),
    "CQRS read model": Made(("data", "messaging"), ()),
    "Event sourcing": Made(("data", "messaging"), ()),
    "Uniform health interface": Made(CALLS, ("openapi", "kubernetes/base")),
}
NOTHING = Made((), ())


def view(context: Context) -> AppendixA:
    return AppendixA(tuple(_entries(context)))


def _entries(context: Context) -> Iterator[Entry]:
    for pattern in in_use(context.graph):
        made = MADE.get(pattern.name, NOTHING)
        if not made.scopes or context.covers(*made.scopes):
            places: dict[str, list[At]] = {}
            for at in pattern.places:
                places.setdefault(at.path[0] if at.path else "", []).append(at)
            found = tuple(Places(of, tuple(each)) for of, each in places.items())
            yield Entry(pattern, found, tuple(each for each in made.folders if _is_there(context, each)))


def _is_there(context: Context, folder: str) -> bool:
    return any(path.startswith(f"{folder}/") for path in context.artifacts)
