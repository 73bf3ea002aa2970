"""Findings as a person reads them: place, code, sentence, the line itself, the cure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.diagnostics import Diagnostic, Span, counted
from generator.reports.locations import ReadLine

LONGEST_EXCERPT = 160
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that move the cursor, colour a terminal or turn the direction of writing."""


def to_text(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """One block for each finding that counts."""
    return "\n".join(block(found, read_line) for found in counted(diagnostics))


def block(found: Diagnostic, read_line: ReadLine) -> str:
    """One finding in its lines."""
    lines = _hanging(f"{found.at}: {found.severity}[{found.code}]: ", found.message, "    ")
    lines += _excerpt(found.at, read_line)
    for related in found.related:
        lines += _hanging(f"  {related.at}: ", related.message, "    ")
        lines += _excerpt(related.at, read_line)
    if found.help:
        lines += _hanging("  help: ", found.help, "        ")
    return "\n".join(lines)


def _hanging(opening: str, text: str, indent: str) -> list[str]:
    """Text of several lines below its opening, so that no line of it passes for another finding."""
    first, *rest = text.splitlines() or [""]
    return [shown(f"{opening}{first}"), *(shown(f"{indent}{line}") for line in rest)]


def shown(text: str) -> str:
    """The text with its unseen characters in sight."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _excerpt(at: Span, read_line: ReadLine) -> list[str]:
    """The line and a caret line under it; a line too long to read is cut around the column."""
    line = read_line(at)
    if line is None or not line.strip():
        return []
    start = max(0, at.column - 1 - LONGEST_EXCERPT // 2) if len(line) > LONGEST_EXCERPT else 0
    visible = UNSEEN.sub("\ufffd", line[start : start + LONGEST_EXCERPT].replace("\t", " ").rstrip())
    caret = at.column - 1 - start
    width = max(1, min(at.width, len(visible) - caret))
    gutter = f"{at.line:>5} | "
    return [f"{gutter}{visible}", f"{' ' * (len(gutter) - 2)}| {' ' * caret}{'^' * width}"]
