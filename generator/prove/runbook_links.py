"""Runbook links: every alert names a runbook that is there, every runbook is named, and their own links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.markdown_files import PARSER, dangling
from generator.prove.openapi_spec import LOADER, place
from generator.prove.promtool import rule_files
from generator.tools import version

TOOL = "runbook links"
PROVES = "each alert names a runbook that is there, each runbook is named by an alert, and each of their relative links leads somewhere"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "runbook-links"
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
            yield from dangling(CODE, folder, file, files)


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
