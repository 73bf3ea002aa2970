"""promtool: how the provers of Prometheus ask it, and what it refuses as findings with their places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool
from generator.prove.openapi_spec import LOADER, place
from generator.tools import OBSERVABILITY

PROMTOOL = GoTool("promtool", OBSERVABILITY, "github.com/prometheus/prometheus")

FAILED = re.compile(r"\s*FAILED:\s*")
OF_FILE = re.compile(r"(?P<file>[^\s:]+\.yaml): (?P<words>.+)")
OF_LINE = re.compile(r"\s*(?:yaml: )?line (?P<line>\d+): (?P<words>.+)")
AT = re.compile(r"(?P<line>\d+):(?P<column>\d+): (?P<words>.+)", re.DOTALL)
OF_RULE = re.compile(r'group "(?P<group>[^"]*)", rule (?P<rule>\d+), ')
LOGGED = re.compile(r'time=\S+ level=(?:WARN|ERROR) .*msg="(?P<words>.*)"')
HEADING = re.compile(r"(?:parsing YAML file \S+: )?(?:yaml: unmarshal errors:)?")
"""What stands before the refusals themselves, which name their lines."""


@dataclass(slots=True)
class Refusal:
    """What it says of a file, which may take it several lines."""

    file: PurePosixPath
    words: str


def rule_files(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Recording and alerting rules of the kind itself."""
    return _in_folder(files, "rules")


def test_files(files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Unit tests of the rules."""
    return _in_folder(files, "tests")


def _in_folder(files: Iterable[PurePosixPath], name: str) -> list[PurePosixPath]:
    return [file for file in files if file.parent.name == name and file.suffix == ".yaml" and file.parts[0] != ".."]


def findings(code: str, folder: Path, file: PurePosixPath, said: str) -> Iterator[Diagnostic]:
    """Each refusal where it says that it is; what names no file is about the one that it was asked about."""
    for refusal in _refusals(said, file):
        yield Diagnostic(code, *_placed(folder, refusal))


def _refusals(said: str, asked: PurePosixPath) -> list[Refusal]:
    found: list[Refusal] = []
    file = asked
    for line in said.splitlines():
        begins = FAILED.match(line)
        text = HEADING.sub("", line[begins.end() :] if begins else line, count=1)
        of_file, logged = OF_FILE.fullmatch(text), LOGGED.fullmatch(text)
        if logged:
            found.append(Refusal(file, logged["words"]))
        elif of_file:
            file = PurePosixPath(of_file["file"])
            words = HEADING.sub("", of_file["words"], count=1)
            found += [Refusal(file, words)] if words else []
        elif text.strip() and (begins or not found or OF_LINE.match(text)):
            found.append(Refusal(file, text))
        elif text.strip():
            found[-1].words += f" {text.strip()}"
    return list({(each.file, each.words): each for each in found}.values())


def _placed(folder: Path, refusal: Refusal) -> tuple[Span, str]:
    """The place out of its words, and the rest of them."""
    file = str(refusal.file)
    line, at, rule = OF_LINE.match(refusal.words), AT.match(refusal.words), OF_RULE.search(refusal.words)
    if line:
        return Span(file, int(line["line"])), line["words"]
    if at:
        return Span(file, int(at["line"]), int(at["column"])), at["words"]
    if rule:
        return _rule(folder, refusal.file, rule["group"], int(rule["rule"]) - 1), refusal.words
    return Span(file), refusal.words


def _rule(folder: Path, file: PurePosixPath, name: str, rule: int) -> Span:
    text = (folder / file).read_text(encoding="utf-8")
    groups: list[dict[str, Any]] = yaml.load(text, LOADER)["groups"]  # noqa: S506 - one of the two safe loaders
    group = next(index for index, group in enumerate(groups) if group["name"] == name)
    return place(text, file, ["groups", group, "rules", rule])
