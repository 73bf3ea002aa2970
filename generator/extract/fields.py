"""Lists of fields as documents write them, `customerId (UUID), phone?, lines[sku, quantity]`, as JSON Schema as far as they say it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from generator.extract.values import split_list
from generator.extract.vocabulary import folded

NAME = re.compile(r"\s*`?([A-Za-z_]\w{0,60})`?\s*(\?)?\s*(?:\[([^\[\]]*)\])?\s*(\?)?\s*(?:\((.*)\)|:\s*(\S.*))?\s*$", re.DOTALL)
TYPES: dict[str, dict[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"}, "guid": {"type": "string", "format": "uuid"}, "string": {"type": "string"}, "text": {"type": "string"}, "int": {"type": "integer"}, "integer": {"type": "integer"}, "long": {"type": "integer", "format": "int64"},
    "number": {"type": "number"}, "float": {"type": "number"}, "double": {"type": "number"}, "bool": {"type": "boolean"}, "boolean": {"type": "boolean"}, "date": {"type": "string", "format": "date"}, "date-time": {"type": "string", "format": "date-time"},
    "datetime": {"type": "string", "format": "date-time"}, "timestamp": {"type": "string", "format": "date-time"}, "email": {"type": "string", "format": "email"}, "uri": {"type": "string", "format": "uri"}, "url": {"type": "string", "format": "uri"},
    "decimal": {"type": "string", "format": "decimal"}, "decimal string": {"type": "string", "format": "decimal"}, "object": {"type": "object"},
}  # fmt: skip


def object_of(text: str, types: Collection[str]) -> dict[str, Any] | None:
    """An object type; None when the text is no list of fields. A field whose type is not stated has none here, which `interlock check` reports."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for part in split_list(text, ",;"):
        found = NAME.match(part)
        if not found or found[1] in properties:
            return None
        properties[found[1]] = _field(found, types)
        if not (found[2] or found[4]):
            required.append(found[1])
    return {"type": "object", **({"required": required} if required else {}), "properties": properties} if properties else None


def is_incomplete(schema: Any) -> bool:
    """Whether a type in it was not stated."""
    return schema == {} or (isinstance(schema, dict) and any(is_incomplete(each) for each in schema.values()))


def _field(found: re.Match[str], types: Collection[str]) -> dict[str, Any]:
    _, _, items, _, said, after = found.groups()
    if items is not None:
        inner = {"$ref": items.strip()} if items.strip() in types else object_of(items, types) if items.strip() else None
        return {"type": "array", "items": inner or {}}
    return _said(said or after or "", types)


def _said(text: str, types: Collection[str]) -> dict[str, Any]:
    """What brackets say of a field: a type, values in code, a range, another type."""
    values = re.findall(r"`([^`]+)`", text)
    if len(values) > 1 and all(re.fullmatch(r"[\w.-]+", each) for each in values):
        return {"type": "string", "enum": list(dict.fromkeys(values))}
    if text.strip() in types:
        return {"$ref": text.strip()}
    known = TYPES.get(folded(text).strip())
    if known:
        return dict(known)
    span = re.fullmatch(r"\s*(\d+)\s*[–-]\s*(\d+)\s*", text)
    if span:
        return {"type": "integer", "minimum": int(span[1]), "maximum": int(span[2])}
    return {}
