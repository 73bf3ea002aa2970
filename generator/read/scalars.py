"""Scalars of a contract as texts, numbers, flags and measures; each fault is reported where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from generator import model
from generator.diagnostics import Diagnostic, Related, nearest
from generator.read.located_yaml import Node, scalar, span
from generator.units import Quantity


class Lost(Exception):
    """A value could not be read; the finding is recorded already."""


@dataclass(slots=True)
class Reading:
    """What reading a file collects beside the records: findings, and names whose record was lost."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def report(self, code: str, node: Node, message: str, help: str | None = None, related: tuple[Related, ...] = ()) -> None:
        self.found.append(Diagnostic(code, span(node, self.file), message, help, related=related))


Decoder = Callable[[Node, Reading, tuple[str, ...]], Any]


def _scalar_node(node: Node, reading: Reading, path: tuple[str, ...], what: str) -> yaml.ScalarNode:
    if isinstance(node, yaml.ScalarNode):
        return node
    reading.report(_code_at(path, "wrong-type"), node, f"{subject(path)} is {kind(node)}, not {what}", _type_help(path))
    raise Lost


def _code_at(path: tuple[str, ...], code: str) -> str:
    return "type-outside-vocabulary" if path[-1:] == ("type",) and code == "wrong-type" else code


def _type_help(path: tuple[str, ...]) -> str | None:
    return "one type only; null is no value here: leave the property out of required" if path[-1:] == ("type",) else None


def subject(path: tuple[str, ...]) -> str:
    if path[-1:] and path[-1].isdigit() and len(path) > 1:
        return f'an entry of "{path[-2]}"'
    return f'"{path[-1]}"' if path else "the document"


def kind(node: Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    value = scalar(node)
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the flag {node.value}"
    return f'the text "{shown(node.value)}"' if isinstance(value, str) else f"the number {shown(node.value)}"


def shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def decode_text(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
    node = _scalar_node(node, reading, path, "a text")
    value = scalar(node)
    if isinstance(value, str):
        return value
    if value is None:
        reading.report("missing-value", node, f"{subject(path)} is empty", "give it a text, or leave the key out")
    else:
        reading.report(
            "unquoted-text", node, f"{subject(path)} is {kind(node)} where a text is meant", f'write "{shown(node.value)}" in quotes'
        )
    raise Lost


def decode_pattern(pattern: model.Pattern) -> Decoder:
    matches = re.compile(pattern.regex).search

    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
        text = decode_text(node, reading, path)
        if not matches(text) or "\n" in text:
            help = f"nothing is read from elsewhere: name a type of the contract, such as {pattern.example}"
            reading.report(
                pattern.code,
                node,
                f'"{shown(text)}" is not {pattern.what}',
                help if pattern.code == "foreign-reference" else f"such as {pattern.example}",
            )
            raise Lost
        return text

    return read


def decode_boolean(node: Node, reading: Reading, path: tuple[str, ...]) -> bool:
    value = scalar(_scalar_node(node, reading, path, "true or false"))
    if isinstance(value, bool):
        return value
    reading.report("wrong-type", node, f"{subject(path)} is {kind(node)}, not true or false")
    raise Lost


def decode_number(node: Node, reading: Reading, path: tuple[str, ...]) -> int | float:
    value = scalar(_scalar_node(node, reading, path, "a number"))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf"):
        return value
    reading.report("wrong-type", node, f"{subject(path)} is {kind(node)}, not a number")
    raise Lost


def decode_whole(limits: model.Range) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> int:
        value = scalar(_scalar_node(node, reading, path, "a whole number"))
        if not isinstance(value, int) or isinstance(value, bool):
            reading.report("wrong-type", node, f"{subject(path)} is {kind(node)}, not a whole number")
            raise Lost
        if not limits.least <= value <= limits.most:
            reading.report(
                "out-of-range", node, f"{subject(path)} is {shown(str(value))}, and must be from {limits.least} to {limits.most}"
            )
            raise Lost
        return value

    return read


def decode_measure(measure: Any) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> Any:
        node = _scalar_node(node, reading, path, measure.WHAT)
        value = scalar(node)
        if not isinstance(value, str) and measure is not Quantity:
            code = "unquoted-text" if measure.WHAT == "a version" and isinstance(value, (int, float)) else "wrong-unit"
            reading.report(code, node, f"{subject(path)} is {kind(node)}, not {measure.WHAT}", f"write it like {measure.EXAMPLE}")
            raise Lost
        try:
            return measure.parse(node.value)
        except ValueError:
            reading.report("wrong-unit", node, f'"{shown(node.value)}" is not {measure.WHAT}', f"write it like {measure.EXAMPLE}")
            raise Lost from None

    return read


def decode_literal(allowed: tuple[str, ...]) -> Decoder:
    def read(node: Node, reading: Reading, path: tuple[str, ...]) -> str:
        node = _scalar_node(node, reading, path, " or ".join(allowed) if len(allowed) < 4 else "one of the known words")
        if node.value in allowed:
            return str(node.value)
        guess = nearest(node.value, allowed)
        help = f"did you mean {guess}?" if guess else f"one of {', '.join(allowed)}"
        reading.report("unknown-value", node, f'{subject(path)} cannot be "{shown(node.value)}"', help)
        raise Lost

    return read
