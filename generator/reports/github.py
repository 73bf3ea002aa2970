"""GitHub workflow commands, so that findings show as annotations on the changed lines."""

from __future__ import annotations

from collections.abc import Sequence

from generator.diagnostics import Diagnostic, Severity, counted
from generator.reports.locations import ReadLine, authored

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """One command for each finding that counts."""
    return "\n".join(_command(found) for found in counted(diagnostics))


def _command(found: Diagnostic) -> str:
    at = authored(found)
    end = at.column + at.width - 1
    place = {"file": at.file, "line": at.line, "col": at.column, "endColumn": end, "title": found.code}
    properties = ",".join(f"{key}={_escaped(str(value), is_property=True)}" for key, value in place.items())
    text = found.message if found.help is None else f"{found.message}\nhelp: {found.help}"
    return f"::{LEVELS[found.severity]} {properties}::{_escaped(text)}"


def _escaped(text: str, *, is_property: bool = False) -> str:
    """GitHub's own escapes for workflow commands (actions/toolkit, command.ts)."""
    escapes = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")] + ([(":", "%3A"), (",", "%2C")] if is_property else [])
    for raw, escaped in escapes:
        text = text.replace(raw, escaped)
    return text
