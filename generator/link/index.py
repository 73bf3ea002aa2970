"""Who defines what, by qualified name; and the one place where an unknown name is reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from generator.diagnostics import Diagnostic, Span, nearest
from generator.model import Api, Command, Component, Defaults, Event, External, Schema, Scheme, Store, System, Type

MOST_GUESSES = 50
"""After so many unknown names no nearest spelling is looked for: with thousands it would take minutes."""


@dataclass(slots=True)
class Index:
    """The names of one system while they are being resolved, and what does not resolve."""

    system: System
    found: list[Diagnostic] = field(default_factory=list)
    types: dict[str, Type] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    apis: dict[str, tuple[Component | None, Api]] = field(default_factory=dict)
    events: dict[str, tuple[Component, Event]] = field(default_factory=dict)
    commands: dict[str, tuple[Component, Command]] = field(default_factory=dict)
    stores: dict[str, tuple[Component, Store]] = field(default_factory=dict)
    externals: dict[str, External] = field(default_factory=dict)
    schemes: dict[str, Scheme] = field(default_factory=dict)
    missing: set[tuple[str, Span]] = field(default_factory=set)

    @property
    def defaults(self) -> Defaults:
        return self.system.document.defaults or Defaults()

    def unknown(self, code: str, at: Span, message: str, name: str, known: Iterable[str]) -> None:
        """Reports a name that nobody defines; not when its own definition could not be read, and each place once."""
        possible = {name.rpartition(".")[2], name.partition(".")[0], "*"}  # "*": a file that could not be read to its end
        if possible & self.system.lost or (name, at) in self.missing:
            return
        self.missing.add((name, at))
        if len(self.missing) > MOST_GUESSES:
            self.found.append(Diagnostic(code, at, message))
            return
        known = list(known)
        guess = nearest(name, known) or _same_last_part(name, known)
        listed = f"known: {', '.join(sorted(known)[:12])}" if known else "none is defined"
        help = f'did you mean "{guess}"?' if guess else listed
        self.found.append(Diagnostic(code, at, message, help))

    def listed(self, wanted: Sequence[str], known: Iterable[str], at: Span, code: str, what: str) -> tuple[str, ...]:
        """The names that exist; the others are reported."""
        known = list(known)
        for name in wanted:
            if name not in known:
                self.unknown(code, at, f'{what} has no "{name}"', name, known)
        return tuple(name for name in wanted if name in known)

    def one_of(self, name: str | None, known: Iterable[str], at: Span, code: str, what: str) -> None:
        known = list(known)
        if name is not None and known and name not in known:
            self.unknown(code, at, f'{what} "{name}" is not defined', name, known)

    def resolved(self, schema: Schema) -> Schema:
        while schema.ref is not None:
            schema = self.types[schema.ref].schema
        return schema

    def property_names(self, schema: Schema | None) -> list[str]:
        resolved = self.resolved(schema) if schema else None
        return [each.name for each in resolved.properties] if resolved else []


def _same_last_part(name: str, known: Iterable[str]) -> str | None:
    """`payments` for `payments.payments`: the owner was forgotten or mistaken."""
    last = name.rpartition(".")[2]
    return next((each for each in sorted(known) if each.rpartition(".")[2] == last), None)


def index_of(system: System) -> Index:
    """Everything that the system's documents define, as yet unlinked."""
    index = Index(system)
    document = system.document
    index.components = {each.name: each for each in system.components}
    index.types = {each.name: each for each in document.types}
    index.externals = {each.name: each for each in document.externals}
    index.schemes = {each.name: each for each in document.authentication}
    index.apis = {each.name: (None, each) for each in document.interfaces}
    for component in system.components:
        own = component.name
        index.types |= {f"{own}.{each.name}": each for each in component.types}
        index.apis |= {f"{own}.{each.name}": (component, each) for each in component.provides}
        index.events |= {f"{own}.{each.name}": (component, each) for each in component.publishes}
        index.commands |= {f"{own}.{each.name}": (component, each) for each in component.handles}
        index.stores |= {f"{own}.{each.name}": (component, each) for each in component.stores}
    return index
