"""What the operations of one document share: schemas, examples, responses, parameters, headers, security schemes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator import names
from generator.dialects import json_schema
from generator.graph import Graph, Interface
from generator.model import Example, Schema, Scheme

SECTIONS = ("schemas", "responses", "parameters", "examples", "headers", "securitySchemes")
UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a component's name may not hold (OpenAPI 3.1, section 4.8.7.1)."""
API_KEY_HEADER = "X-API-Key"


@dataclass(frozen=True, slots=True)
class Components:
    """The shared parts of one document; a part is there because something refers to it, and never otherwise."""

    graph: Graph
    interface: Interface
    names: Mapping[str, str]
    """Schema name of each type that the interface reaches."""
    shown: dict[str, None] = field(default_factory=dict)
    """Types that something refers to, and whose schemas are therefore wanted."""
    parts: dict[str, dict[str, Any]] = field(default_factory=lambda: {section: {} for section in SECTIONS})
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    """Section and name in lower case to its holder (none: a type): names that differ in case alone clash in generated code."""

    @classmethod
    def of(cls, graph: Graph, interface: Interface) -> Components:
        """Nothing yet, but the names of the contract's own types kept for them."""
        type_names = names.schema_names(graph.closure(interface.schemas), interface.scope)
        return cls(graph, interface, type_names, taken={("schemas", name.lower()): "" for name in type_names.values()})

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

    def examples(self, schema: Schema) -> dict[str, Any]:
        """The named examples of a type, by reference."""
        found: dict[str, Any] = {}
        for example in self.graph.examples_of(schema):
            name = UNUSABLE.sub("-", example.name)
            longer = f"{self.names.get(example.type, 'Type')}-{name}"
            reference = self.put("examples", _example(example), name, longer)
            found[reference["$ref"].rpartition("/")[2]] = reference
        return found

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
            self.parts["securitySchemes"][scheme.name] = _scheme(scheme, used)
        return {scheme.name: list(scopes)}


def _further(wanted: tuple[str, ...]) -> Iterator[str]:
    yield from wanted
    yield from (f"{wanted[0]}{number}" for number in itertools.count(2))


def _example(example: Example) -> dict[str, Any]:
    return ({"summary": example.summary} if example.summary else {}) | {"value": example.value}


def _scheme(scheme: Scheme, used: set[str]) -> dict[str, Any]:
    scopes = {each.name: each.summary for each in scheme.scopes if each.name in used}
    flow = _flow(scheme, scopes) if scheme.kind == "oauth2" else None
    if flow is not None:
        data: dict[str, Any] = {"type": "oauth2", "flows": flow}
    elif scheme.kind == "openid" and scheme.issuer:
        data = {"type": "openIdConnect", "openIdConnectUrl": f"{scheme.issuer.rstrip('/')}/.well-known/openid-configuration"}
    elif scheme.kind == "api-key":
        data = {"type": "apiKey", "in": "header", "name": scheme.header or API_KEY_HEADER}
    elif scheme.kind == "mtls":
        data = {"type": "mutualTLS"}
    else:  # a token whose flow or issuer nobody has stated is still a bearer token
        data = {"type": "http", "scheme": "bearer"} | ({"bearerFormat": "JWT"} if scheme.kind == "jwt" else {})
    described = _described(scheme, {} if flow is not None else scopes)
    return data | ({"description": described} if described else {})


def _flow(scheme: Scheme, scopes: dict[str, str]) -> dict[str, Any] | None:
    if scheme.token_url is None:
        return None
    if scheme.authorization_url is None:
        return {"clientCredentials": {"tokenUrl": scheme.token_url, "scopes": scopes}}
    return {"authorizationCode": {"authorizationUrl": scheme.authorization_url, "tokenUrl": scheme.token_url, "scopes": scopes}}


def _described(scheme: Scheme, scopes: dict[str, str]) -> str:
    """What a caller needs to know and the Security Scheme Object has no field for."""
    facts = {
        "Issuer": scheme.issuer,
        "Audience": ", ".join(scheme.audiences),
        "Signing keys": scheme.jwks,
        "Lifetime": str(scheme.lifetime) if scheme.lifetime else None,
    }
    lines = [f"- {name}: {value}" for name, value in facts.items() if value]
    lines += [f"- Scope `{name}`: {summary}" for name, summary in scopes.items()]
    return "\n".join([*([scheme.summary, ""] if scheme.summary and lines else [scheme.summary or ""]), *lines]).strip()
