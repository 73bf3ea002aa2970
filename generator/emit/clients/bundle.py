"""The types that one module shows as one JSON Schema, every class in it named before the models are made.

The library would number the classes of nested objects as it meets them, so that one type more could rename others;
here each is a definition of its own, named after where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator import names
from generator.dialects import json_schema
from generator.emit.clients.package import BASE, WIRE_BYTES, WIRE_TYPES, free
from generator.graph import Graph
from generator.model import Schema

RESERVED = {
    *("Annotated", "Any", "BaseModel", "ConfigDict", "Dict", "Field", "Literal", "RootModel"),
    *("StrictBool", "StrictFloat", "StrictInt", "TypeAliasType", "None", "True", "False"),
    *(BASE, WIRE_BYTES, *WIRE_TYPES.values()),
}
"""What a module may import, and what no class may be called; a type of that name is called otherwise in every module."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Data = dict[str, Any]


def class_names(graph: Graph, owner: str | None, tops: Sequence[tuple[str, Schema]]) -> dict[str, str]:
    """The class of each named type that `tops` reach."""
    taken = set(RESERVED)
    references = names.schema_names(graph.closure(schema for _, schema in tops), owner)
    return {reference: free(_class_name(name), taken) for reference, name in references.items()}


def bundle(graph: Graph, owner: str | None, tops: Sequence[tuple[str, Schema]], wire: str) -> Data:
    """`$defs` of every type that `tops` reach, and of those among `tops` that are no named type."""
    classes = class_names(graph, owner, tops)
    taken = {*RESERVED, *classes.values()}
    targets = {reference: classes[_target(graph, reference)] for reference in classes}
    definitions = _Definitions(wire, targets, taken)
    for reference, name in classes.items():
        definitions.define(name, graph.types[reference].schema)
    for name, schema in sorted(tops, key=lambda top: top[0]):
        if schema.ref is None:
            definitions.define(free(name, taken), schema)
    made = {name: definitions.made[name] for name in sorted(definitions.made)}
    return {"$schema": DIALECT, "$defs": made}


def _class_name(name: str) -> str:
    """The name as it is where it can be a class name already."""
    plain = name[:1].upper() + name[1:] if name.isalnum() else names.pascal(name)
    return f"{plain}Model" if plain in RESERVED else plain


@dataclass(slots=True)
class _Definitions:
    """The definitions of one module while they are being made."""

    wire: str
    targets: Mapping[str, str]
    taken: set[str]
    made: dict[str, Data] = field(default_factory=dict)

    def define(self, name: str, schema: Schema) -> None:
        data = json_schema(schema, "openapi-3.1", lambda reference: f"#/$defs/{self.targets[reference]}")
        if "properties" not in data:
            data.pop("deprecated", None)  # Pydantic knows deprecated fields and classes, and warns of a deprecated alias
        if data.get("items") == {"$ref": f"#/$defs/{name}"}:
            # The library writes a plain `list` for a list of itself, and knows it by another name.
            item = free(f"{name}Item", self.taken)
            self.made[item], data["items"] = data["items"], {"$ref": f"#/$defs/{item}"}
        self.made[name] = self._shaped(data, name)

    def _shaped(self, data: Data, name: str) -> Data:
        """The schema with its nested objects made definitions and its scalars made types of the wire module."""
        if data.get("type") == "object" and "properties" not in data and "additionalProperties" not in data:
            data["additionalProperties"] = True  # a free object is a map; a model with no fields would lose what it holds
        for property, part in data.get("properties", {}).items():
            data["properties"][property] = self._part(part, f"{name}{names.pascal(property) or 'Value'}")
        for key, ending in (("items", "Item"), ("additionalProperties", "Value")):
            if isinstance(data.get(key), dict):
                data[key] = self._part(data[key], f"{name}{ending}")
        for index, part in enumerate(data.get("oneOf", ())):
            data["oneOf"][index] = self._part(part, f"{name}Choice")
        return _scalar(data, self.wire)

    def _part(self, data: Data, name: str) -> Data:
        if "properties" not in data:
            return self._shaped(data, name)
        own = free(name, self.taken)
        self.made[own] = self._shaped(data, own)
        return {"$ref": f"#/$defs/{own}"}


def _scalar(data: Data, wire: str) -> Data:
    """A text that is more than a text becomes the wire module's type, which knows its form and its bounds."""
    for key in [key for key in data if key.startswith("x-") or key in ("readOnly", "writeOnly")]:
        del data[key]
    kind = WIRE_BYTES if data.pop("contentEncoding", None) else WIRE_TYPES.get(data.get("format", ""))
    if data.get("type") == "string" and kind:
        for key in ("pattern", "minLength", "maxLength"):
            data.pop(key, None)
        data["x-python-type"] = f"{wire}.{kind}"
    data.pop("format", None)
    return data


def _target(graph: Graph, reference: str) -> str:
    """The type itself, where the reference is only another name for it."""
    while (target := graph.types[reference].schema.ref) is not None:
        reference = target
    return reference
