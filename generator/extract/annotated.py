"""Plain data with a comment on each value, as YAML: the comment says which line of which document a value comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator import yaml_writer
from generator.text import one_line


@dataclass(frozen=True, slots=True)
class Noted:
    """A value and what is remarked on it; of a mapping or a list the remark stands at its key."""

    value: Any
    note: str


def to_annotated_yaml(data: Mapping[str, Any], header: str) -> str:
    """Block YAML in the order of the data; every text in one line."""
    lines = [f"# {one_line(line)}\n" for line in header.splitlines()]
    _mapping(data, "", lines.append)
    return "".join(lines)


def _mapping(data: Mapping[str, Any], pad: str, write: Callable[[str], None]) -> None:
    for key, value in data.items():
        bare, note = _parts(value)
        if isinstance(bare, Mapping) and bare and _has_notes(bare):
            write(f"{pad}{_scalar(key)}:{_comment(note)}\n")
            _mapping(bare, f"{pad}  ", write)
        elif isinstance(bare, list) and bare:
            write(f"{pad}{_scalar(key)}:{_comment(note)}\n")
            _sequence(bare, pad, write)
        else:
            write(f"{pad}{_scalar(key)}: {_inline(bare)}{_comment(note)}\n")


def _sequence(data: Sequence[Any], pad: str, write: Callable[[str], None]) -> None:
    for value in data:
        bare, note = _parts(value)
        if isinstance(bare, Mapping) and bare:
            lines: list[str] = []
            _mapping(bare, f"{pad}    ", lines.append)
            first = lines[0][len(pad) + 4 :]
            write(f"{pad}  - {first if not note or '  #' in first else first.rstrip() + _comment(note) + chr(10)}{''.join(lines[1:])}")
        else:
            write(f"{pad}  - {_inline(bare)}{_comment(note)}\n")


def _parts(value: Any) -> tuple[Any, str]:
    return (value.value, value.note) if isinstance(value, Noted) else (value, "")


def _has_notes(data: Any) -> bool:
    """Whether a comment stands anywhere inside; data without any is written in one line."""
    if isinstance(data, Noted):
        return True
    values = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    return any(_has_notes(each) or (isinstance(each, Mapping) and len(each) > 3) for each in values) or (
        isinstance(data, Mapping) and len(data) > 4
    )


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_inline(_parts(inner)[0])}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(_parts(inner)[0]) for inner in value) + "]"
    return _scalar(one_line(value)) if isinstance(value, str) else yaml_writer.dump(value).rstrip("\n")


def _scalar(text: str) -> str:
    """In quotes wherever a flow collection or a comment could begin."""
    written = yaml_writer.dump(text).rstrip("\n")
    is_plain = not written.startswith(("'", '"'))
    return "'" + text.replace("'", "''") + "'" if is_plain and any(mark in text for mark in ",[]{}#:") else written


def _comment(note: str) -> str:
    text = "".join(each if each.isprintable() else " " for each in one_line(note))
    return f"  # {text}" if text else ""
