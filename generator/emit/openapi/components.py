"""What the operations of one document share: schemas, examples, responses, parameters, headers, security schemes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from generator import names
from generator.dialects import json_schema
from generator.emit.openapi.security import security_scheme
from generator.graph import Graph, Interface
from generator.model import Example, Schema, Scheme

SECTIONS = ("schemas", "responses", "parameters", "examples", "headers", "securitySchemes")
UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a component's name may not hold (OpenAPI 3.1, section 4.8.7.1)."""

OutOfPlace = Literal["read_only", "write_only"]
"""Properties that a request must not hold, and those that an answer must not hold."""


@dataclass(frozen=True, slots=True)
class Components:
    """The shared parts of one document; a part is there because something refers to it, and never otherwise."""

    graph: Graph
    interface: Interface
    names: Mapping[str, str]
    """Schema name of each type that the interface reaches."""
    example_names: Mapping[tuple[str, str], str]
    """Component name of each example of these types, by type and example."""
    shown: dict[str, None] = field(default_factory=dict)
    """Types that something refers to, and whose schemas are therefore wanted."""
    parts: dict[str, dict[str, Any]] = field(default_factory=lambda: {section: {} for section in SECTIONS})
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    """Section and name in lower case to its holder (none: a type): names that differ in case alone clash in generated code."""

    @classmethod
    def of(cls, graph: Graph, interface: Interface) -> Components:
        """Nothing yet, but the names of the contract's own types and examples kept for them."""
        type_names = names.schema_names(graph.closure(interface.schemas), interface.scope)
        taken = {("schemas", name.lower()): "" for name in type_names.values()}
        return cls(graph, interface, type_names, _example_names(graph, type_names), taken=taken)

    def sections(self) -> dict[str, Any]:
        """The parts by section, sorted, with the schemas of all types that they reach."""
        return {section: dict(sorted(parts.items())) for section, parts in self._with_types().items() if parts}

    def _with_types(self) -> dict[str, dict[str, Any]]:
        schemas = dict(self.parts["schemas"])
        done: set[str] = set()
        while waiting := [reference for reference in self.shown if reference not in done]:
            for reference in waiting:
                schemas[self.names[reference]] = self.schema(self.graph.types[reference].schema)
            done.update(waiting)
        return self.parts | {"schemas": schemas}

    def schema(self, schema: Schema) -> dict[str, Any]:
        """The schema as it stands in the document, its types by reference."""
        return json_schema(schema, "openapi-3.1", self._type)

    def _type(self, reference: str) -> str:
        self.shown[reference] = None
        return f"#/components/schemas/{self.names[reference]}"

    def body(self, schema: Schema, name: str) -> dict[str, Any]:
        """The schema of a body; one that is written in place gets a name, so that generated code has one for it."""
        data = self.schema(schema)
        return self.put("schemas", data, name, f"{name}Body") if schema.type in ("object", "array") or schema.one_of else data

    def examples(self, schema: Schema, out_of_place: OutOfPlace | None = None) -> dict[str, Any]:
        """The named examples of a type, by reference, but for those that hold a property which is out of place here."""
        found: dict[str, Any] = {}
        for example in self.graph.examples_of(schema):
            if out_of_place is None or not self._holds(schema, example.value, out_of_place):
                name = self.example_names[example.type, example.name]
                self.parts["examples"][name] = _example(example)
                found[name] = {"$ref": f"#/components/examples/{name}"}
        return found

    def _holds(self, schema: Schema, value: object, flag: OutOfPlace) -> bool:
        """Whether a property with the flag is anywhere in the value."""
        resolved = self.graph.resolve(schema)
        if isinstance(value, list):
            return resolved.items is not None and any(self._holds(resolved.items, each, flag) for each in value)
        if not isinstance(value, dict):
            return False
        known = {each.name: each.schema for each in resolved.properties}
        if any(getattr(known[name], flag) or self._holds(known[name], value[name], flag) for name in value if name in known):
            return True
        more = [(resolved.additional, each) for name, each in value.items() if name not in known]
        more += [(member, value) for member in resolved.one_of if not self.graph.resolve(member).one_of]
        return any(isinstance(each, Schema) and self._holds(each, part, flag) for each, part in more)

    def put(self, section: str, part: dict[str, Any], *wanted: str) -> dict[str, Any]:
        """A reference to the part, under the first of the wanted names that nothing else has."""
        parts = self.parts[section]
        for name in _further(wanted):
            if self.taken.setdefault((section, name.lower()), name) == name and parts.setdefault(name, part) == part:
                return {"$ref": f"#/components/{section}/{name}"}
        raise AssertionError("names never end")

    def security(self, scheme: Scheme, scopes: tuple[str, ...]) -> dict[str, list[str]]:
        """What a caller must show; OpenAPI 3.1 lets scopes stand at every kind of scheme (section 4.8.30)."""
        if scheme.name not in self.parts["securitySchemes"]:
            used = {scope for each in self.interface.http_methods if each.scheme == scheme for scope in each.operation.scopes}
            self.parts["securitySchemes"][scheme.name] = security_scheme(scheme, used)
        return {scheme.name: list(scopes)}


def _example_names(graph: Graph, types: Mapping[str, str]) -> Mapping[tuple[str, str], str]:
    """The example's own name; where another type's example has it already, with the type's name before it."""
    found: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for reference, type_name in types.items():
        for example in graph.examples.get(reference, ()):
            plain = UNUSABLE.sub("-", example.name)
            wanted = _further((plain, f"{type_name}-{plain}"))
            found[reference, example.name] = name = next(each for each in wanted if each.lower() not in taken)
            taken.add(name.lower())
    return found


def _further(wanted: tuple[str, ...]) -> Iterator[str]:
    yield from wanted
    yield from (f"{wanted[0]}{number}" for number in itertools.count(2))


def _example(example: Example) -> dict[str, Any]:
    return ({"summary": example.summary} if example.summary else {}) | {"value": example.value}
