"""YAML 1.2 with a place for every value: composes nodes, refuses bombs, and says what a scalar is.

PyYAML's parser is used for syntax only. Its YAML 1.1 ideas of what a scalar means (`on` is true, `1.10` is 1.1, a date
is a date) are never consulted: scalars are resolved here by the core schema of YAML 1.2.2, section 10.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from generator.diagnostics import Diagnostic, Span

LARGEST_FILE = 8 * 1024 * 1024
MOST_NODES = 2_000_000
DEEPEST = 200

Node = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode
Loader: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")
)


def span(node: Node, file: str) -> Span:
    """Where the node starts; its width when it ends on the same line."""
    start, end = node.start_mark, node.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Span(file, start.line + 1, start.column + 1, max(1, width))


def documents(path: Path, file: str) -> Iterator[Node | Diagnostic]:
    """The top node of each YAML document of a file, or what keeps the file from being read.

    `file` is the name that spans carry. A document that expands to more than `MOST_NODES` values is refused unexpanded.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            message = f"the file has {size / 1024 / 1024:.1f} MiB, and at most {LARGEST_FILE // 1024 // 1024} MiB are read"
            yield Diagnostic("file-too-large", Span(file), message, "split it: one file per component")
            return
        raw = path.read_bytes()
    except OSError as error:
        yield Diagnostic("unreadable-file", Span(file), f"the file cannot be read: {error.strerror}")
        return
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        yield Diagnostic("not-utf-8", Span(file, line, column), f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8")
        return
    yield from _compose(text, file)


def _compose(text: str, file: str) -> Iterator[Node | Diagnostic]:
    try:
        too_deep = _first_too_deep(text)
        if too_deep is not None:
            yield Diagnostic("nested-too-deep", Span(file, *too_deep), f"values are nested more than {DEEPEST} deep")
            return
        for node in list(yaml.compose_all(text, Loader=Loader)):
            refused = _refusal(node, file) if node is not None else None
            if refused:
                yield refused
            elif node is not None:
                yield node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file)
        yield Diagnostic("invalid-yaml", at, " ".join(filter(None, (error.context, error.problem))) or "this is not YAML", _yaml_help(error))
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        at = Span(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        yield Diagnostic("invalid-yaml", at, f"character {error.character!r} is not allowed in YAML")


def _yaml_help(error: yaml.MarkedYAMLError) -> str | None:
    if error.problem and "cannot start any token" in error.problem:
        return "tabs cannot indent, and a text that starts with @, ` or % needs quotes"
    if error.problem and "mapping values are not allowed" in error.problem:
        return "a text that contains a colon and a space needs quotes"
    return None


def _first_too_deep(text: str) -> tuple[int, int] | None:
    """Where nesting passes `DEEPEST`: asked of the event stream, since composing recurses. Cheap texts are not asked."""
    openers = text.count("[") + text.count("{") + text.count("- ") // 2
    deepest_indent = max((len(line) - len(line.lstrip()) for line in text.splitlines()), default=0) if openers <= DEEPEST else DEEPEST + 1
    if openers <= DEEPEST and deepest_indent <= DEEPEST:
        return None
    if text.count("[") <= DEEPEST and text.count("{") <= DEEPEST and deepest_indent <= DEEPEST:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > DEEPEST:
                return event.start_mark.line + 1, event.start_mark.column + 1
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
    return None


def _refusal(top: Node, file: str) -> Diagnostic | None:
    """A finding when aliases make the document endless or huge, or a tag asks for something else than plain data."""
    weights: dict[int, int] = {}
    open_nodes: set[int] = set()

    def weigh(node: Node) -> int | Diagnostic:
        known = weights.get(id(node))
        if known is not None:
            return known
        if id(node) in open_nodes:
            return Diagnostic("cyclic-alias", span(node, file), "an alias refers to the value that it is part of", "write the value out")
        if node.tag not in CORE_TAGS:
            tag = node.tag.removeprefix("tag:yaml.org,2002:")
            return Diagnostic("unknown-tag", span(node, file), f"the tag {tag!r} is not plain data", "leave the tag out")
        total = 1
        if not isinstance(node, yaml.ScalarNode):
            open_nodes.add(id(node))
            for child in children(node):
                weight = weigh(child)
                if isinstance(weight, Diagnostic):
                    return weight
                total += weight
            open_nodes.discard(id(node))
        weights[id(node)] = total
        return total

    total = weigh(top)
    if isinstance(total, Diagnostic):
        return total
    if total > MOST_NODES:
        return Diagnostic("alias-bomb", span(top, file), f"aliases blow the document up to more than {MOST_NODES:,} values", "write repeated parts once, as a type")
    return None


def children(node: yaml.SequenceNode | yaml.MappingNode) -> Iterator[Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    else:
        for key, value in node.value:
            yield key
            yield value


INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}


def scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """What a scalar is by the core schema of YAML 1.2; quoted and block scalars are always text."""
    text: str = node.value
    if node.style:
        return text
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base) if len(text) < 4_000 else float("inf")
    if FLOAT.fullmatch(text):
        return float(text)
    return float("nan") if NOT_FINITE.fullmatch(text) else text
