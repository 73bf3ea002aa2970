"""Which fields must not be shown in clear: those that the contract classifies as personal, sensitive or secret, by their wire names."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from generator.diagnostics import NOWHERE, At
from generator.graph import Graph, parts
from generator.model import Component, Schema

Classification = Literal["personal", "sensitive", "secret"]
PROTECTED: tuple[Classification, ...] = ("personal", "sensitive", "secret")
"""From the mildest to the strictest."""


@dataclass(frozen=True, slots=True)
class ProtectedField:
    """A name that stands for a protected value in some type."""

    name: str
    """Wire name of a property or parameter."""
    classification: Classification
    """The strictest of those that the name has."""
    places: tuple[At, ...]
    """Where the contract has a property or parameter of that name that is protected."""
    formats: frozenset[str] = frozenset()
    """Formats of its values: a mail address can be told wherever it stands."""


def personal_fields(graph: Graph, component: Component | None = None) -> Mapping[str, ProtectedField]:
    """The protected fields that a component handles, or any does, by wire name.

    A component handles what its interfaces and messages show, what it calls and receives, its own types, the types of
    whose stores it reads or writes, and what it gives to third parties. A classification holds for all references to the
    type, and for all that the value holds but what says itself that it is `public` or `internal`; of two the stricter
    holds. A list or map of protected values is protected.

    Log records and spans know names, not types: a name that is protected in one type of a component is so in each.
    """
    found = _Found(graph)
    for schema, name, at in _handled(graph, component):
        found.visit(schema, name, at, None)
    for external, at in _given_away(graph, component):
        found.mark(external, at, "personal")
    return {name: found.fields[name] for name in sorted(found.fields)}


def level(fields: Mapping[str, ProtectedField], name: str) -> Classification | None:
    """How strictly what goes by a name is protected, whatever type it has.

    Programs spell names in their own way, so case and separators mean nothing; of a dotted name the last part counts, too.
    """
    wanted = {fold(name), fold(name.rpartition(".")[2])}
    return _strictest(*(each.classification for each in fields.values() if fold(each.name) in wanted))


@functools.cache
def fold(name: str) -> str:
    """A name as it is compared: letters and digits in one case."""
    return "".join(each for each in name.casefold() if each.isalnum()) or name


SCALARS = ("string", "integer", "number", "boolean")

Handled = tuple[Schema, str | None, At]
"""A schema with the name that its values go by, if they have one."""


def _handled(graph: Graph, component: Component | None) -> Iterator[Handled]:
    """Everything that a component can meet, or with None all that there is."""
    calls = [each for each in graph.calls if component is not None and each.consumer.name == component.name and each.interface is not None]
    called = {(each.interface.id, method.name) for each in calls if each.interface is not None for method in each.methods}
    for interface in graph.interfaces:
        is_provided = _is_among(component, interface.providers)
        for method in interface.methods:
            if is_provided or (interface.id, method.name) in called:
                yield from ((each.schema, each.name, each.at) for each in method.parameters)
                yield from ((each, None, method.at) for each in (method.request, method.response) if each is not None)
    for topic in graph.topics:
        if _is_among(component, (topic.publisher, *(each.consumer for each in topic.subscriptions))):
            yield topic.event.payload, None, topic.at
    for queue in graph.queues:
        if _is_among(component, (queue.handler, *(each.component for each in queue.senders))):
            yield from ((each, None, queue.at) for each in (queue.command.payload, queue.command.reply) if each is not None)
    owners = _data_owners(graph, component)
    yield from ((Schema(ref=name), None, each.at) for name, each in graph.types.items() if name.rpartition(".")[0] in owners)


def _is_among(component: Component | None, others: Sequence[Component]) -> bool:
    return component is None or any(each.name == component.name for each in others)


def _data_owners(graph: Graph, component: Component | None) -> set[str]:
    """Whose types a component handles whole: its own, and those of the owners of stores that it uses; all with None."""
    if component is None:
        return {name.rpartition(".")[0] for name in graph.types}
    return {component.name} | {each.owner.name for each in graph.accesses if each.component.name == component.name}


def _given_away(graph: Graph, component: Component | None) -> Iterator[tuple[str, At]]:
    """Names of personal fields that third parties are given."""
    own = component.name if component else None
    called = {call.external.name for call in graph.calls if call.external is not None and call.consumer.name == own}
    for external in graph.externals:
        if component is None or external.name in called:
            at = At(external.at["receives"], (*external.at.path, "receives"))
            yield from ((name, at) for name in external.receives)


@dataclass(slots=True)
class _Found:
    """What is protected so far; types are walked once for each classification that they inherit."""

    graph: Graph
    fields: dict[str, ProtectedField] = field(default_factory=dict)
    visited: set[tuple[str, Classification | None]] = field(default_factory=set)

    def visit(self, schema: Schema, name: str | None, at: At, inherited: Classification | None) -> None:
        """Marks the name, if the value or an unnamed part of it is protected, and all named parts that are."""
        waiting = [(schema, name, at, inherited)]
        while waiting:
            schema, name, at, inherited = waiting.pop()
            if name is not None:
                held = [(level, form) for level, form in self.held(schema, inherited, set()) if level is not None]
                strictest = _strictest(*(level for level, _ in held))
                if strictest is not None:
                    self.mark(name, at, strictest, frozenset(form for _, form in held if form))
            level = self._level(schema, inherited)
            if schema.ref is not None:
                if (schema.ref, level) not in self.visited:
                    self.visited.add((schema.ref, level))
                    target = self.graph.types[schema.ref]
                    waiting.append((target.schema, None, target.at, level))
                continue
            waiting += [(each.schema, each.name, each.at, level) for each in schema.properties]
            waiting += [(each, None, at, level) for each in _unnamed(schema)]

    def mark(self, name: str, at: At, level: Classification, formats: frozenset[str] = frozenset()) -> None:
        known = self.fields.get(name, ProtectedField(name, level, ()))
        places = {(each.path, each.span): each for each in (*known.places, at) if each is not NOWHERE}
        ordered = tuple(places[key] for key in sorted(places))
        self.fields[name] = ProtectedField(name, _strictest(known.classification, level) or level, ordered, known.formats | formats)

    def held(
        self, schema: Schema, inherited: Classification | None, inside: set[str]
    ) -> Iterator[tuple[Classification | None, str | None]]:
        """How the value, and each value that it holds without a name, is classified, and its format."""
        level = self._level(schema, inherited)
        resolved = schema
        while resolved.ref is not None:
            if resolved.ref in inside:
                yield level, None
                return
            inside.add(resolved.ref)
            resolved = self.graph.types[resolved.ref].schema
        yield level, resolved.format
        for each in _unnamed(resolved):
            yield from self.held(each, level, inside)

    def _level(self, schema: Schema, inherited: Classification | None) -> Classification | None:
        """How a value is classified: as it says, or as the type that it refers to says, else as what holds it."""
        said: list[str] = []
        while True:
            said += [schema.classification] if schema.classification else []
            if schema.ref is None:
                break
            schema = self.graph.types[schema.ref].schema
        return _strictest(*said) if said else inherited


def _unnamed(schema: Schema) -> tuple[Schema, ...]:
    """The parts of a value that go by its own name: items of a list, values of a map, members of a union."""
    return tuple(parts(dataclasses.replace(schema, properties=()))) if schema.type not in SCALARS else ()


def _strictest(*levels: str | None) -> Classification | None:
    return next((each for each in reversed(PROTECTED) if each in levels), None)
