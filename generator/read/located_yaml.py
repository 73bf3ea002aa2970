"""YAML 1.2 with a place for every value: composes nodes, refuses bombs, and says what a scalar is.

PyYAML's parser is used for syntax only. Its YAML 1.1 ideas of what a scalar means (`on` is true, `1.10` is 1.1, a date
is a date) are never consulted: scalars are resolved here by the core schema of YAML 1.2.2, section 10.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml

from generator.diagnostics import Diagnostic, Span

LARGEST_FILE = 8 * 1024 * 1024
MOST_NODES = 2_000_000
DEEPEST = 200

Node: TypeAlias = yaml.ScalarNode | yaml.SequenceNode | yaml.MappingNode
Loader: type[yaml.CSafeLoader] | type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
CORE_TAGS = frozenset({"", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


def span(node: Node, file: str) -> Span:
    """Where the node starts; its width when it ends on the same line."""
    start, end = node.start_mark, node.end_mark
    assert start is not None and end is not None  # composed nodes have marks
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
    """Nodes from parse events: PyYAML's own composer resolves by YAML 1.1 and overflows the C stack on deep nesting."""
    documents = _Documents(file)
    try:
        for event in yaml.parse(text, Loader=Loader):
            refused = documents.take(event)
            if refused:
                yield refused
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file)
        yield Diagnostic(
            "invalid-yaml", at, " ".join(filter(None, (error.context, error.problem))) or "this is not YAML", _yaml_help(error)
        )
    except yaml.reader.ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        at = Span(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        yield Diagnostic("invalid-yaml", at, f"character {error.character!r} is not allowed in YAML")
    yield from documents.tops[: documents.whole]


def _yaml_help(error: yaml.MarkedYAMLError) -> str | None:
    if error.problem and "cannot start any token" in error.problem:
        return "tabs cannot indent, and a text that starts with @, ` or % needs quotes"
    if error.problem and "mapping values are not allowed" in error.problem:
        return "a text that contains a colon and a space needs quotes"
    return None


class _Documents:
    """The nodes of a file's documents while they are being built; the first `whole` of `tops` were read to their end.

    `weights` counts what aliases would expand to.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.tops: list[Node] = []
        self.whole = 0
        self.open: list[tuple[Node, list[Any], str | None]] = []
        self.anchors: dict[str, Node] = {}
        self.weights: dict[int, int] = {}
        self.total = [0]

    def take(self, event: Any) -> Diagnostic | None:
        """Adds what the event brings; a finding stops the file."""
        if isinstance(event, yaml.ScalarEvent):
            start, end = cast("tuple[yaml.Mark, yaml.Mark]", (event.start_mark, event.end_mark))  # libyaml's mark is like PyYAML's
            node: Node = yaml.ScalarNode(event.tag or "", event.value, start, end, event.style)
            return self._unknown_tag(node) or self._close(node, event.anchor, 1)
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            kind: Any = yaml.MappingNode if isinstance(event, yaml.MappingStartEvent) else yaml.SequenceNode
            node = kind(event.tag or "", [], event.start_mark, event.end_mark)
            self.open.append((node, [], event.anchor))
            self.total.append(1)
            if len(self.open) > DEEPEST:
                return Diagnostic("nested-too-deep", span(node, self.file), f"values are nested more than {DEEPEST} deep")
            return self._unknown_tag(node)
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            node, items, anchor = self.open.pop()
            node.end_mark = event.end_mark
            node.value = list(zip(items[::2], items[1::2], strict=True)) if isinstance(node, yaml.MappingNode) else items
            return self._close(node, anchor, self.total.pop())
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.DocumentStartEvent):
            self.anchors.clear()
        if isinstance(event, yaml.DocumentEndEvent):
            self.whole = len(self.tops)
        return None

    def _close(self, node: Node, anchor: str | None, weight: int) -> Diagnostic | None:
        """A whole node goes into what is open, or is the top of its document; an empty document is none."""
        if anchor:
            self.anchors[anchor] = node
            self.weights[id(node)] = weight
        if self.open:
            self.open[-1][1].append(node)
        elif not (isinstance(node, yaml.ScalarNode) and not node.value and not node.style):
            self.tops.append(node)
        self.total[-1] += weight
        if self.total[-1] > MOST_NODES:
            help = "write repeated parts once, as a type"
            return Diagnostic("alias-bomb", span(node, self.file), f"aliases blow the document up to more than {MOST_NODES:,} values", help)
        return None

    def _alias(self, event: yaml.AliasEvent) -> Diagnostic | None:
        mark = event.start_mark
        at = Span(self.file, mark.line + 1, mark.column + 1) if mark else Span(self.file)
        if any(anchor == event.anchor for _, _, anchor in self.open):
            return Diagnostic("cyclic-alias", at, "an alias refers to the value that it is part of", "write the value out")
        node = self.anchors.get(event.anchor or "")
        if node is None:
            return Diagnostic("invalid-yaml", at, f"no value above has the anchor &{event.anchor}")
        return self._close(node, None, self.weights[id(node)])

    def _unknown_tag(self, node: Node) -> Diagnostic | None:
        if node.tag in CORE_TAGS:
            return None
        tag = node.tag.removeprefix("tag:yaml.org,2002:")
        return Diagnostic("unknown-tag", span(node, self.file), f"the tag {tag!r} is not plain data", "leave the tag out")


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
        return int(text[2:] if base != 10 else text, base) if len(text) < 1_000 else float("inf")
    if FLOAT.fullmatch(text):
        return float(text)
    return float("nan") if NOT_FINITE.fullmatch(text) else text
