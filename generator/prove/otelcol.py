"""otelcol validate: a real OpenTelemetry Collector builds every pipeline of these configurations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool, words
from generator.prove.openapi_spec import LOADER, load, place
from generator.tools import OBSERVABILITY

TOOL = "otelcol validate"
PROVES = (
    "a collector of the upstream components takes each configuration, builds its pipelines, and knows each component by its present name"
)
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

OTELCOL = GoTool("otelcol", OBSERVABILITY, "go.opentelemetry.io/collector/otelcol")
CODE = "otelcol-validate"
CONFIGURATION = "collector.yaml"
SECTIONS = ("receivers", "processors", "exporters", "connectors", "extensions")
VARIABLE = re.compile(r"(?<!\$)\$\{(?:env:)?(?P<name>[A-Za-z_]\w*)\}")
"""A reference without a default: what the deployment sets."""
HARMLESS = "127.0.0.1"
"""What each of them is for the run: most are addresses, and it is a text where any text will do."""

PLACED = re.compile(r"(?P<path>[a-z]+(?:::[^:\s]+)+): ")
READING = re.compile(r"'(?P<section>[a-z]+)' (?:error reading configuration for|unknown type: \"[^\"]*\" for id:) \"(?P<name>[^\"]+)\"")
UNKNOWN = re.compile(r"has invalid keys: (?P<key>\w+)")
AT_LINE = re.compile(r"line (?P<line>\d+): ")
PREAMBLE = re.compile(
    r"^(?:failed to get config: |cannot (?:unmarshal|resolve) the configuration: |decoding failed due to the following error\(s\):\s*)+"
)


def available() -> str | None:
    """Which components it has is written in our own program, so the digest of its sources is part of its version."""
    version = OTELCOL.version()
    return version and f"{version}+{OBSERVABILITY.folder.name[-8:]}"


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """One process for each configuration: those of a run would be merged into one."""
    asked = [file for file in files if file.name == CONFIGURATION]
    present = _present_names(folder) if asked else {}
    for file in asked:
        text = (folder / file).read_text(encoding="utf-8")
        variables = {match["name"]: HARMLESS for match in VARIABLE.finditer(text)}
        done = OTELCOL.run("validate", "--config", f"file:{file}", folder=folder, variables=variables)
        if done.returncode != 0:
            yield from _refusals(text, file, done.stderr if done.stderr.startswith("Error: ") else words(done))
        else:
            yield from _aliases(text, file, present)


def _refusals(text: str, file: PurePosixPath, said: str) -> Iterator[Diagnostic]:
    """A line that names a place begins a refusal; the others go on with it."""
    found: list[str] = []
    for line in said.removeprefix("Error: ").splitlines():
        if not found or PLACED.match(line):
            found.append(line)
        else:
            found[-1] += f" {line}"
    for each in found:
        yield Diagnostic(f"{CODE}/refused", _place(text, file, each), " ".join(PREAMBLE.sub("", each).split()))


def _place(text: str, file: PurePosixPath, refusal: str) -> Span:
    at_line, placed, reading = AT_LINE.search(refusal), PLACED.match(refusal), READING.search(refusal)
    if at_line:
        return Span(str(file), int(at_line["line"]))
    if placed:
        return place(text, file, placed["path"].split("::"))
    return place(text, file, [reading["section"], reading["name"]] if reading else [])


def _present_names(folder: Path) -> dict[str, set[str]]:
    """The components that it has, by what they are; it also takes their former names, but does not list them."""
    listed: dict[str, Any] = yaml.load(OTELCOL.run("components", folder=folder).stdout, LOADER)  # noqa: S506 - one of the two safe loaders
    return {section: {each["name"] for each in listed[section]} for section in SECTIONS}


def _aliases(text: str, file: PurePosixPath, present: dict[str, set[str]]) -> Iterator[Diagnostic]:
    """Names that the collector warns of when it runs, and not when it validates."""
    document = load(text, file, f"{CODE}/unreadable")
    if isinstance(document, Diagnostic):
        return
    for section in SECTIONS:
        for name in document.get(section) or {}:
            kind = str(name).partition("/")[0]
            if kind not in present[section]:
                names = ", ".join(sorted(present[section]))
                at = place(text, file, [section, name])
                yield Diagnostic(f"{CODE}/former-name", at, f"{kind} is no present name of one of the {section}", f"they are {names}")
