"""Plain data as block YAML that readers of YAML 1.1 and 1.2 understand alike, ten times as fast as PyYAML writes it (decision 6)."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable
from typing import Any

import yaml

PLAIN = re.compile(r"""[^\s\-?:,\[\]{}#&*!|>'"%@`~=<.+](?:[^\s:#]|:(?! |\Z)|(?<! )#| (?! *\Z))*\Z""")
"""Texts in which nothing has a meaning to YAML (1.2.2, section 7.3.3)."""
WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML 1.1 or 1.2 reads as something other than text, in any case of letters."""
NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
LITERAL = re.compile(r"(?!\s)(?:[\x21-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[ ](?!\n|\Z)|\n(?!\n*\Z)|\n\Z)*\Z")
"""Texts that can stand as they are below a `|`: no tab, no space at the end of a line, no start with white space."""
LONG = 1000
"""Characters of a key from which on it needs a mark of its own."""


def dump(data: object) -> str:
    """Mappings with texts as keys, lists, texts, numbers, true, false and null; in the order of the data."""
    if not isinstance(data, dict | list) or not data:
        return f"{_leaf(data, '')}\n"
    lines: list[str] = []
    _block(data, "", lines.append)
    return "".join(lines)


def _block(node: Any, pad: str, write: Callable[[str], None]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            head = _key(key, pad)
            if isinstance(value, dict | list) and value:
                write(f"{head}:\n")
                _block(value, f"{pad}  " if isinstance(value, dict) else pad, write)
            else:
                write(f"{head}: {_leaf(value, pad)}\n")
        return
    for value in node:
        if isinstance(value, dict | list) and value:
            lines: list[str] = []
            _block(value, f"{pad}  ", lines.append)
            write(f"{pad}- {lines[0][len(pad) + 2 :]}{''.join(lines[1:])}")
        else:
            write(f"{pad}- {_leaf(value, pad)}\n")


def _key(key: str, pad: str) -> str:
    """What stands before the colon; a long key is marked as one (YAML 1.2.2, section 8.2.2: else at most 1,024 characters)."""
    text = _text(key)
    return f"{pad}{text}" if len(text) < LONG else f"{pad}? {text}\n{pad}"


def _leaf(value: Any, pad: str) -> str:
    if isinstance(value, str):
        return _literal(value, pad) if "\n" in value and LITERAL.match(value) else _text(value)
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))  # YAML 1.1 takes 5e-7 for text
    return json.dumps(value)  # whole numbers, true, false, null, {} and [] are the same in YAML


def _literal(text: str, pad: str) -> str:
    lines = text.removesuffix("\n").split("\n")
    return "\n".join(["|" if text.endswith("\n") else "|-", *(f"{pad}  {line}" if line else "" for line in lines)])


@functools.lru_cache(maxsize=4096)
def _text(text: str) -> str:
    """The text in the lightest quotes that keep it a text."""
    if text.isprintable():
        if PLAIN.match(text) and text.lower() not in WORDS and not (text[0].isdigit() and _is_number(text)):
            return text
        return "'" + text.replace("'", "''") + "'"
    return re.sub(r"[^\x20-\x7e]", _escape, json.dumps(text, ensure_ascii=False))


def _is_number(text: str) -> bool:
    """A number, date or time of YAML 1.1, as PyYAML knows them, or a number of YAML 1.2 (section 10.3.2)."""
    known = yaml.resolver.Resolver.yaml_implicit_resolvers.get(text[0], ())
    return bool(NUMBER.fullmatch(text)) or any(pattern.match(text) for _, pattern in known)


def _escape(found: re.Match[str]) -> str:
    return f"\\U{ord(found.group()):08x}" if ord(found.group()) > 0xFFFF else f"\\u{ord(found.group()):04x}"
