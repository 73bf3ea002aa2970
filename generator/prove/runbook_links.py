"""Runbook links: every alert names a runbook that is there, every runbook is named, and their own links lead somewhere."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import LOADER, place
from generator.prove.promtool import rule_files
from generator.tools import version

if TYPE_CHECKING:
    from markdown_it.token import Token

TOOL = "runbook links"
PROVES = "each alert names a runbook that is there, each runbook is named by an alert, and each of their relative links leads somewhere"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "runbook-links"
PARSER = "markdown-it-py"
URL = "runbook_url"
RUNBOOK = re.compile(r"(?:.*/)?(?P<file>runbooks/[^/]+/[^/]+\.md)")
"""Wherever the folder is served."""


def available() -> str | None:
    return version(PARSER)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """From the alerts to the runbooks, back, and on from there."""
    named: set[PurePosixPath] = set()
    for file in rule_files(files):
        text = (folder / file).read_text(encoding="utf-8")
        for path, rule in _alerts(text):
            url = (rule.get("annotations") or {}).get(URL)
            if url is None:
                yield Diagnostic(f"{CODE}/no-runbook", place(text, file, path), f"the alert {rule['alert']} names no {URL}")
                continue
            runbook = _runbook(str(url))
            if runbook is None or runbook not in files:
                yield Diagnostic(f"{CODE}/not-there", place(text, file, [*path, "annotations", URL]), f"there is no runbook {url}")
            else:
                named.add(runbook)
    for file in files:
        if _runbook(str(file)) == file and file not in named:
            yield Diagnostic(f"{CODE}/not-named", Span(str(file)), "no alert names this runbook")
        if file.suffix == ".md" and file.parts[0] != "..":
            yield from _dangling(folder, file, files)


def _runbook(url: str) -> PurePosixPath | None:
    match = RUNBOOK.fullmatch(unquote(urlsplit(url).path))
    return PurePosixPath(match["file"]) if match else None


def _alerts(text: str) -> Iterator[tuple[list[str | int], dict[str, Any]]]:
    """Nothing where it cannot be read, which promtool says."""
    try:
        document = yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return
    for group, each in enumerate(document.get("groups") or () if isinstance(document, dict) else ()):
        for index, rule in enumerate(each.get("rules") or ()):
            if "alert" in rule:
                yield ["groups", group, "rules", index], rule


def _dangling(folder: Path, file: PurePosixPath, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Links to files that are not there, and to headings that their file does not have."""
    for line, target in _links(folder, file):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        linked = PurePosixPath(posixpath.normpath(file.parent / unquote(parts.path))) if parts.path else file
        if linked not in files and not any(linked in each.parents for each in files):
            yield Diagnostic(f"{CODE}/dangling", Span(str(file), line), f"the link {target} leads nowhere")
        elif parts.fragment and linked.suffix == ".md" and unquote(parts.fragment) not in _anchors(folder, linked):
            yield Diagnostic(f"{CODE}/dangling", Span(str(file), line), f"the link {target} leads to no heading of {linked}")


def _links(folder: Path, file: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Of links and images, the line of their paragraph and where they lead."""
    for block in _blocks(folder, file):
        for token in block.children or ():
            target = token.attrGet("href") or token.attrGet("src")
            if target is not None:
                yield (block.map or [0])[0] + 1, str(target)


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
