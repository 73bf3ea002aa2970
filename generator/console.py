"""What a command says and where: findings in their formats, notes beside them, a status line, colours."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator import reports
from generator.diagnostics import Diagnostic, Severity, Span, counted
from generator.reports.summary import to_summary

if TYPE_CHECKING:
    from generator.baseline import LeftOut
    from generator.pipeline import Outcome


class WrongUsage(Exception):
    """What was asked for cannot be done as it was asked; the message is a sentence for whoever asked."""


def report(found: Sequence[Diagnostic], options: argparse.Namespace, left_out: LeftOut | None = None) -> None:
    """Findings go to standard output in the chosen format and to the files asked for; the tally to standard error."""
    found = _identified(found)
    text = reports.rendered(options.format, found, read_line)
    if text:
        print(_coloured(text, options) if options.format == "text" else text)
    tally = _tally(found, left_out)
    if tally:
        print(tally, file=sys.stderr)
    _append_summary(to_summary(options.command, tally, found))
    _write_reports(found, options.report)


def _identified(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings, each with a fingerprint: what tools and the file system say has none so far."""
    without = [each for each in found if not each.fingerprint]
    if not without:
        return list(found)
    from generator import suppressions

    return [*(each for each in found if each.fingerprint), *suppressions.identified(without, {})]


def _tally(found: Sequence[Diagnostic], left_out: LeftOut | None) -> str:
    """How many there are of each severity, and how many do not count."""
    counts = [(severity, sum(each.severity is severity for each in counted(found))) for severity in Severity]
    accepted = len(found) - len(counted(found))
    parts = [
        ", ".join(count(number, severity) for severity, number in counts if number),
        f"{accepted} accepted by suppressions" if accepted else "",
        f"{left_out.known} left out by the baseline" if left_out and left_out.known else "",
        f"{count(left_out.gone, 'finding')} of the baseline gone: write it anew" if left_out and left_out.gone else "",
    ]
    return "; ".join(part for part in parts if part)


def _write_reports(found: Sequence[Diagnostic], wanted: Sequence[tuple[str, Path]]) -> None:
    """Each report to its own file; one that cannot be written keeps no other from being written."""
    refused = []
    for name, path in wanted:
        text = reports.rendered(name, found, read_line)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n" if text else "", encoding="utf-8", newline="\n")
        except OSError as error:
            refused.append(f"{path.as_posix()} cannot be written: {(error.strerror or str(error)).lower()}")
    if refused:
        raise WrongUsage("; ".join(refused))


def _append_summary(text: str) -> None:
    """On GitHub, the step's own page says what was found."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if os.environ.get("GITHUB_ACTIONS") != "true" or not path:
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        print(f"interlock: the step's summary cannot be written: {error}", file=sys.stderr)


def _coloured(text: str, options: argparse.Namespace) -> str:
    if options.color == "never" or (options.color == "auto" and (not sys.stdout.isatty() or os.environ.get("NO_COLOR"))):
        return text
    for word, code in (("error[", "31"), ("warning[", "33"), ("info[", "36")):
        text = text.replace(f": {word}", f": \x1b[1;{code}m{word.rstrip('[')}\x1b[0m[")
    return text


def read_line(at: Span) -> str | None:
    """A line of a file that is there."""
    lines = _file_lines(at.file)
    return lines[at.line - 1] if 0 < at.line <= len(lines) else None


@cache
def _file_lines(file: str) -> tuple[str, ...]:
    """The lines as YAML counts them; a file that cannot be shown has none."""
    with contextlib.suppress(OSError, ValueError):
        path = Path(file)
        return tuple(path.read_text(encoding="utf-8", errors="replace").split("\n")) if path.is_file() else ()
    return ()


def say(options: argparse.Namespace, sentence: str) -> None:
    """Notes for people; they never mix with findings that a program reads."""
    print(sentence, file=sys.stdout if options.format in reports.FOR_PEOPLE else sys.stderr)


def count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


@contextlib.contextmanager
def progress(options: argparse.Namespace) -> Iterator[Callable[[str, str], None]]:
    """A status line on a terminal while long work goes on; silence in pipes."""
    if not sys.stderr.isatty() or options.format != "text":
        yield lambda stage, detail: None
        return
    from rich.console import Console

    console = Console(stderr=True, no_color=options.color == "never" or bool(os.environ.get("NO_COLOR")))
    with console.status("starting") as status:
        yield lambda stage, detail: status.update(f"{stage} {detail}".strip())


# --- what a run did ---------------------------------------------------------------------------------------------------


def show(outcome: Outcome, folder: Path, output: Path, options: argparse.Namespace) -> bool:
    """Says what a run of one system did or would do; returns whether the committed output is stale."""
    changes = outcome.changes
    if outcome.failed:
        say(options, f"{folder.name}: refused; {output.as_posix()} is as it was")
        return False
    is_stale = not changes.is_empty or outcome.lock_is_stale
    if options.diff:
        _print_diff(outcome, output)
    counts = [
        f"{len(paths)} {word}"
        for word, paths in (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed))
        if paths
    ]
    total = len(changes.added) + len(changes.changed) + len(changes.unchanged)
    state = ", ".join(counts) or "up to date"
    if options.check and is_stale:
        state = f"stale ({state}); run interlock generate"
        for path in (*changes.added, *changes.changed, *changes.removed):
            say(options, f"  {(output / path).as_posix()}")
    say(options, f"{folder.name}: {count(total, 'file')} in {output.as_posix()}, {state}; {proof(outcome)}")
    return is_stale


def proof(outcome: Outcome) -> str:
    """What was proven and what was not, in a line."""
    passed = sum(verdict.state == "passed" for verdict in outcome.verdicts)
    missing = sorted({verdict.tool for verdict in outcome.verdicts if verdict.state == "not run"})
    text = f"{count(passed, 'proof')} passed"
    return f"{text}, NOT RUN: {', '.join(missing)} (make tools installs them)" if missing else text


def _print_diff(outcome: Outcome, output: Path) -> None:
    """A unified diff of what publishing would change, as `git diff` shows it."""
    changes = outcome.changes
    for path in sorted((*changes.added, *changes.changed, *changes.removed)):
        old = _lines(output / path) if path not in changes.added else []
        new = outcome.files[path].decode().splitlines(keepends=True) if path in outcome.files else []
        name = (PurePosixPath(output.as_posix()) / path).as_posix()
        before, after = ("/dev/null" if path in changes.added else f"a/{name}"), ("/dev/null" if path in changes.removed else f"b/{name}")
        sys.stdout.writelines(difflib.unified_diff(old, new, before, after))


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
