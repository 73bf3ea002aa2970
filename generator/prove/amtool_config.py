"""amtool check-config: an Alertmanager that is given one of these configurations starts with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool, words
from generator.prove.openapi_spec import load, place
from generator.tools import OBSERVABILITY

TOOL = "amtool check-config"
PROVES = "Alertmanager takes each configuration and its templates, and every receiver that a route names is there"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

AMTOOL = GoTool("amtool", OBSERVABILITY, "github.com/prometheus/alertmanager")
CODE = "amtool-check-config"
FAILED = re.compile(r"  FAILED: (?P<words>.*?)\s*(?=^Found:|\Z)", re.DOTALL | re.MULTILINE)
AT_LINE = re.compile(r"line (?P<line>\d+): (?P<words>.+)")


def available() -> str | None:
    return AMTOOL.version()


def configurations(files: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Those of Alertmanager, one for each environment."""
    return [file for file in files if file.name == "alertmanager.yaml" and file.parts[0] != ".."]


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each configuration alone; its templates lie beside it, so they are judged together."""
    for file in configurations(files):
        done = AMTOOL.run("check-config", str(file), folder=folder)
        failed = FAILED.search(done.stdout)
        if done.returncode != 0:
            yield from _refusals(str(file), failed["words"] if failed else words(done))
        else:
            yield from _templates(folder, file, files)


def _refusals(file: str, said: str) -> Iterator[Diagnostic]:
    """Each with its line, where it tells one."""
    lines = list(AT_LINE.finditer(said))
    for match in lines:
        yield Diagnostic(f"{CODE}/refused", Span(file, int(match["line"])), match["words"])
    if not lines:
        yield Diagnostic(f"{CODE}/refused", Span(file), " ".join(said.split()))


def _templates(folder: Path, file: PurePosixPath, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Patterns that name no file, which amtool passes over without a word."""
    text = (folder / file).read_text(encoding="utf-8")
    document = load(text, file, f"{CODE}/unreadable")
    for index, pattern in enumerate((not isinstance(document, Diagnostic) and document.get("templates")) or ()):
        if not any(fnmatchcase(str(each), str(file.parent / pattern)) for each in files):
            yield Diagnostic(f"{CODE}/no-templates", place(text, file, ["templates", index]), f"there are no templates {pattern}")
