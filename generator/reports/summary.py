"""The page that GitHub shows of a step: a table of the findings."""

from __future__ import annotations

from collections.abc import Sequence

from generator.diagnostics import Diagnostic, counted
from generator.reports.locations import authored
from generator.reports.text import shown
from generator.text import markdown_code, markdown_table, markdown_text

MOST = 200
"""Rows; GitHub drops a summary of more than a mebibyte."""


def to_summary(command: str, tally: str, found: Sequence[Diagnostic]) -> str:
    """A heading, the tally, and a row for each finding that counts, the worst first."""
    ordered = sorted(counted(found), key=lambda each: each.severity.rank)
    rows = [_row(each) for each in ordered[:MOST]]
    parts = [f"### interlock {command}\n", f"{markdown_text(tally or 'nothing to report')}\n"]
    parts += [markdown_table(("severity", "rule", "place", "finding"), rows)] if rows else []
    parts += [f"and {len(ordered) - MOST} more\n"] if len(ordered) > MOST else []
    return "\n".join(parts) + "\n"


def _row(found: Diagnostic) -> tuple[str, ...]:
    at = authored(found)
    text = f"{found.message} ({found.help})" if found.help else found.message
    place, message = shown(f"{at.file}:{at.line}"), shown(" ".join(text.split()))
    return str(found.severity), markdown_code(found.code), markdown_code(place), markdown_text(message)
