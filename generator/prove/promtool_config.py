"""promtool check config: a Prometheus that is given one of these configurations starts with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import words
from generator.prove.promtool import PROMTOOL, findings

TOOL = "promtool check config"
PROVES = "Prometheus takes each configuration, with the rules and other files that it names, and no lint warning"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "promtool-check-config"
CONFIGURATION = "prometheus.yaml"
WARNING = "WARNING: "


def available() -> str | None:
    return PROMTOOL.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each configuration alone, since what it says does not always name the file."""
    for file in files:
        if file.name == CONFIGURATION and file.parts[0] != "..":
            yield from _judge(folder, file)


def _judge(folder: Path, file: PurePosixPath) -> Iterator[Diagnostic]:
    done = PROMTOOL.run("check", "config", "--lint=all", "--lint-fatal", str(file), folder=folder)
    refused = list(findings(f"{CODE}/refused", folder, file, done.stderr))
    yield from refused
    for line in map(str.strip, done.stdout.splitlines()):
        if line.startswith(WARNING):
            yield Diagnostic(f"{CODE}/warning", Span(str(file)), line.removeprefix(WARNING))
    if done.returncode != 0 and not refused:
        yield Diagnostic(f"{CODE}/failed", Span(str(file)), words(done))
    if done.returncode == 0 and "rule files found" not in done.stdout and "rule_files:" in (folder / file).read_text(encoding="utf-8"):
        yield Diagnostic(f"{CODE}/no-rules", Span(str(file)), "promtool finds no file of rules where rule_files says that they are")
