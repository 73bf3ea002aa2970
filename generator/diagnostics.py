"""Where things were written, and what is wrong with them: spans, diagnostics, and their renderings."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: `line` and `column` count from 1, `width` is in characters."""

    file: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class At:
    """Where a record was written: its own span, its path of contract keys, and the span of each value in it.

    `use.at["timeout"]` is where the timeout was written, or, when it was not (a default), where the record was.
    """

    span: Span
    path: tuple[str, ...] = ()
    keys: Mapping[str, Span] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Span:
        return self.keys.get(key, self.span)

    @property
    def pointer(self) -> str:
        """The contract path, stable under reordering: `ordering.provides.orders`."""
        return ".".join(self.path)


NOWHERE = At(Span("<none>"))


class Severity(enum.StrEnum):
    """How bad a finding is; errors stop the run before anything is written."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        return (Severity.ERROR, Severity.WARNING, Severity.INFO).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """A second place that the finding is about, with what it shows (`first defined here`)."""

    at: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` names the fault in kebab-case, `message` is one lower-case sentence, `help` the cure."""

    code: str
    at: Span
    message: str
    help: str | None = None
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()


def arranged(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once, by file and line: the order in which a person reads."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda found: (found.at, found.severity.rank, found.code, found.message))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(found.severity is Severity.ERROR for found in diagnostics)


ReadLine = Callable[[Span], str | None]


def to_text(diagnostics: Iterable[Diagnostic], read_line: ReadLine) -> str:
    """The findings as a person reads them: place, code, sentence, the line itself, the cure."""
    return "\n".join(_block(found, read_line) for found in diagnostics)


def _block(found: Diagnostic, read_line: ReadLine) -> str:
    lines = [f"{found.at}: {found.severity}[{found.code}]: {found.message}"]
    lines += _excerpt(found.at, read_line)
    for related in found.related:
        lines.append(f"  {related.at}: {related.message}")
        lines += _excerpt(related.at, read_line)
    if found.help:
        lines += _help_lines(found.help)
    return "\n".join(lines)


def _help_lines(text: str) -> list[str]:
    first, *rest = text.splitlines()
    return [f"  help: {first}", *(f"        {line}" for line in rest)]


LONGEST_EXCERPT = 160


def _excerpt(at: Span, read_line: ReadLine) -> list[str]:
    """The line and a caret line under it; a line too long to read is cut around the column."""
    line = read_line(at)
    if line is None or not line.strip():
        return []
    start = max(0, at.column - 1 - LONGEST_EXCERPT // 2) if len(line) > LONGEST_EXCERPT else 0
    shown = line[start : start + LONGEST_EXCERPT].replace("\t", " ").rstrip()
    caret = at.column - 1 - start
    width = max(1, min(at.width, len(shown) - caret))
    gutter = f"{at.line:>5} | "
    return [f"{gutter}{shown}", f"{' ' * (len(gutter) - 2)}| {' ' * caret}{'^' * width}"]


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """The findings for programs: a list of objects with stable keys."""
    return json.dumps([as_record(found) for found in diagnostics], indent=2, ensure_ascii=False)


def as_record(found: Diagnostic) -> dict[str, object]:
    """One finding as plain data."""
    return {
        "code": found.code,
        "severity": str(found.severity),
        "file": found.at.file,
        "line": found.at.line,
        "column": found.at.column,
        "width": found.at.width,
        "message": found.message,
        "help": found.help,
        "related": [
            {"file": other.at.file, "line": other.at.line, "column": other.at.column, "width": other.at.width, "message": other.message}
            for other in found.related
        ],
    }


def from_record(record: Mapping[str, object]) -> Diagnostic:
    """The reverse of `as_record`, for findings kept in the cache."""
    related = record["related"]
    assert isinstance(related, list)
    return Diagnostic(
        code=str(record["code"]),
        at=_span(record),
        message=str(record["message"]),
        help=None if record["help"] is None else str(record["help"]),
        severity=Severity(str(record["severity"])),
        related=tuple(Related(_span(other), str(other["message"])) for other in related),
    )


def _span(record: Mapping[str, object]) -> Span:
    line, column, width = (int(str(record[key])) for key in ("line", "column", "width"))
    return Span(str(record["file"]), line, column, width)


GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(diagnostics: Iterable[Diagnostic]) -> str:
    """GitHub workflow commands, so that findings show as annotations on the changed lines."""
    return "\n".join(_github(found) for found in diagnostics)


def _github(found: Diagnostic) -> str:
    end = found.at.column + found.at.width - 1
    place = {"file": found.at.file, "line": found.at.line, "col": found.at.column, "endColumn": end, "title": found.code}
    properties = ",".join(f"{key}={_escape(str(value), property=True)}" for key, value in place.items())
    text = found.message if found.help is None else f"{found.message}\nhelp: {found.help}"
    return f"::{GITHUB_LEVEL[found.severity]} {properties}::{_escape(text)}"


def _escape(text: str, *, property: bool = False) -> str:
    """GitHub's own escapes for workflow commands (actions/toolkit, command.ts)."""
    escapes = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")] + ([(":", "%3A"), (",", "%2C")] if property else [])
    for raw, escaped in escapes:
        text = text.replace(raw, escaped)
    return text


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known name closest to what was typed, if it is close enough to be a slip."""
    import difflib  # only when something is wrong

    folded: dict[str, str] = {name.lower().replace("_", "-"): name for name in known}
    found = difflib.get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
