"""Markdown files as provers read them: their links, and the anchors that headings have."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from generator.diagnostics import Diagnostic, Span

if TYPE_CHECKING:
    from markdown_it.token import Token

PARSER = "markdown-it-py"


def dangling(
    code: str, folder: Path, file: PurePosixPath, files: Sequence[PurePosixPath], outside: str | None = None
) -> Iterator[Diagnostic]:
    """Links to files that are not there, and to headings that their file does not have; not those that begin with `outside`."""
    anchors: dict[PurePosixPath, set[str]] = {}
    for line, target in _links(folder, file):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc or (outside is not None and target.startswith(outside)):
            continue
        linked = PurePosixPath(posixpath.normpath(file.parent / unquote(parts.path))) if parts.path else file
        if linked not in files and not any(linked in each.parents for each in files):
            yield Diagnostic(f"{code}/dangling", Span(str(file), line), f"the link {target} leads nowhere")
        elif parts.fragment and linked.suffix == ".md" and unquote(parts.fragment) not in _once(anchors, folder, linked):
            yield Diagnostic(f"{code}/dangling", Span(str(file), line), f"the link {target} leads to no heading of {linked}")


def _links(folder: Path, file: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Of links and images, the line of their paragraph and where they lead."""
    for block in _blocks(folder, file):
        for token in block.children or ():
            target = token.attrGet("href") or token.attrGet("src")
            if target is not None:
                yield (block.map or [0])[0] + 1, str(target)


def _once(known: dict[PurePosixPath, set[str]], folder: Path, file: PurePosixPath) -> set[str]:
    if file not in known:
        known[file] = _anchors(folder, file)
    return known[file]


def _anchors(folder: Path, file: PurePosixPath) -> set[str]:
    """Headings as code hosting sites name them: a second one of the same words has a number."""
    found: set[str] = set()
    blocks = _blocks(folder, file)
    for before, block in itertools.pairwise(blocks):
        if before.type == "heading_open":
            words = "".join(token.content for token in block.children or () if token.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            numbered = (f"{slug}-{number}" for number in range(1, len(blocks)))
            found.add(next(each for each in (slug, *numbered) if each not in found))
    return found


def _blocks(folder: Path, file: PurePosixPath) -> list[Token]:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse((folder / file).read_text(encoding="utf-8"))
