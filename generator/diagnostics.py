"""Where things were written, and what is wrong with them: spans and diagnostics."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
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
    place: str = ""
    """Path of contract keys that the finding is about, `ordering.uses.billing.invoices.timeout`; empty where there is none."""
    fingerprint: str = ""
    """12 hexadecimal digits that stay the same while lines move and other things change; given when all findings are known."""
    accepted: str | None = None
    """Why a suppression of the contract accepts it; such a finding counts for nothing."""


def arranged(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Each finding once, by file and line: the order in which a person reads."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda found: (found.at, found.severity.rank, found.code, found.message))


def has_errors(diagnostics: Iterable[Diagnostic], fail_on: Severity = Severity.ERROR) -> bool:
    """Whether a finding that no suppression accepts is as bad as `fail_on`, or worse."""
    return any(found.severity.rank <= fail_on.rank for found in counted(diagnostics))


def counted(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings that no suppression of the contract accepts."""
    return [found for found in diagnostics if found.accepted is None]


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
        "place": found.place,
        "fingerprint": found.fingerprint,
        "accepted": found.accepted,
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
        place=str(record["place"]),
        fingerprint=str(record["fingerprint"]),
        accepted=None if record["accepted"] is None else str(record["accepted"]),
    )


def _span(record: Mapping[str, object]) -> Span:
    line, column, width = (int(str(record[key])) for key in ("line", "column", "width"))
    return Span(str(record["file"]), line, column, width)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known name closest to what was typed, if it is close enough to be a slip."""
    import difflib  # only when something is wrong

    folded: dict[str, str] = {name.lower().replace("_", "-"): name for name in known}
    found = difflib.get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
