"""How findings are reported: one module for each format, and the table of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from generator.diagnostics import Diagnostic
from generator.reports.github import to_github
from generator.reports.gitlab import to_gitlab
from generator.reports.json import to_json
from generator.reports.junit import to_junit
from generator.reports.locations import ReadLine
from generator.reports.sarif import to_sarif
from generator.reports.text import to_text

Render = Callable[[Sequence[Diagnostic], ReadLine], str]

FORMATS: Mapping[str, Render] = {
    "text": to_text,
    "json": to_json,
    "sarif": to_sarif,
    "github": to_github,
    "junit": to_junit,
    "gitlab": to_gitlab,
}
FOR_PEOPLE = ("text", "github")
"""Formats that stand among other lines; the others are whole documents."""
SURROGATES = re.compile("[\ud800-\udfff]")


def rendered(name: str, found: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """The findings in a format; what is no character (half of a surrogate pair) is replaced, since no file can hold it."""
    return SURROGATES.sub("\ufffd", FORMATS[name](found, read_line))
