"""No secret stands in a contract: passwords and keys are named, and the platform gives them to what runs."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from collections.abc import Iterator
from typing import Any

from generator.diagnostics import At, Diagnostic, Span
from generator.graph import Graph
from generator.model import Component, FlowSource, Schema, SystemDocument
from generator.review.queries import place

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@:'\"]*:(?P<secret>[^\s/@'\"]+)@")
SETTING = re.compile(
    r"(?i)(?<![\w-])(password|passwd|pwd|accountkey|sharedaccesskey|client[_-]?secret|api[_-]?key|access[_-]?token)=['\"]?(?P<secret>[^\s;'\"&,]{3,})"
)
LITERAL = re.compile(r"(?i)(?<![\w-])(password|passwd|pwd|secret|api_?key|access_?token)\s*=\s*'(?P<secret>[^']+)'")
KEY = re.compile(
    r"(?P<secret>-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[A-Za-z0-9-]{10,})"
)
REFERENCE = re.compile(r"^[$<{*:%]|^x{3,}$", re.IGNORECASE)
"""What only stands for a secret: a variable, a place to fill in, stars."""
SIGNS = ("://", "=", "-----BEGIN", "AKIA", "ASIA", "gh", "xox")


def secrets(graph: Graph) -> Iterator[Diagnostic]:
    """`secret-in-contract`: a password, a key or a token is written where everybody reads it, and stays in the history of the files.

    The generated files carry it on to images, clusters and logs.

        authentication: {users: {issuer: "https://admin:hunter2@login.example.com"}}

    Fix: name the secret, as `credentials` does, and let the platform give it to what runs; replace the one that was written, since it is
    known now.
    """
    records: list[SystemDocument | Component] = [graph.system.document, *graph.system.components]
    for record in records:
        for holder, key, text, at in _texts(record, record.at):
            found = _secret(text)
            if found is not None:
                where = _span(holder, key, text, at, found)
                message = f"a secret is written in {at.pointer}.{key}" if at.path else f'a secret is written in "{key}"'
                help = "name the secret instead, as credentials: do; the platform gives it to what runs"
                yield Diagnostic("secret-in-contract", where, message, help)


def _secret(text: str) -> re.Match[str] | None:
    if not any(each in text for each in SIGNS):
        return None
    for pattern in (ADDRESS, SETTING, LITERAL, KEY):
        for found in pattern.finditer(text):
            if not REFERENCE.search(found["secret"]):
                return found
    return None


def _span(holder: object, key: str, text: str, at: At, found: re.Match[str]) -> Span:
    if isinstance(holder, FlowSource) and key == "query":
        return place(at["query"], text, found.start(), len(found[0]))
    return at[key]


def _texts(record: Any, at: At) -> Iterator[tuple[object, str, str, At]]:
    """Every text of a record and of those in it; types are left out but for what values they name."""
    waiting: list[tuple[Any, At]] = [(record, at)]
    while waiting:
        each, at = waiting.pop()
        kind: type = type(each)
        for attribute, key in _attributes(kind):
            value = getattr(each, attribute)
            if isinstance(value, str):
                yield each, key, value, at
            elif isinstance(value, tuple):
                waiting += [(item, item.at) for item in value if dataclasses.is_dataclass(item) and hasattr(item, "at")]
                yield from ((each, key, item, at) for item in value if isinstance(item, str))
            elif dataclasses.is_dataclass(value) and hasattr(value, "at"):
                waiting.append((value, getattr(value, "at", at)))
            elif isinstance(value, (dict, list)):
                yield from ((each, key, text, at) for text in _leaves(value))


def _leaves(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each


@functools.cache
def _attributes(record: type) -> tuple[tuple[str, str], ...]:
    """Attributes that may hold a text, or a record that does, with their keys in the contract."""
    if record is Schema:
        return (("default", "default"), ("const", "const"), ("description", "description"))
    hints = typing.get_type_hints(record)
    return tuple(
        (each.name, each.metadata.get("key") or each.name)
        for each in dataclasses.fields(record)
        if each.name != "at" and hints[each.name] not in (bool, int)
    )


RULES = (secrets,)
