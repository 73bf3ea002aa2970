"""What a command says and where: findings in their formats, notes beside them, a status line, colours."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator import reports
from generator.diagnostics import Diagnostic, Severity, Span, counted
from generator.read import contract_files
from generator.reports.summary import to_summary
from generator.text import one_line, some

if TYPE_CHECKING:
    from generator.baseline import LeftOut
    from generator.extract import Draft
    from generator.integrate import Integrated
    from generator.live.table import Proven
    from generator.model import OpenQuestion, Risk
    from generator.pipeline import Outcome
    from generator.session import Session


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


# --- what was seen live -----------------------------------------------------------------------------------------------

TABLES = (".md", ".json")
STYLES = {"held": "green", "broken": "bold red", "not proven": "yellow"}
WIDE = 180
"""Characters of a table that no terminal limits."""


def show_proven(proven: Proven, options: argparse.Namespace) -> None:
    """The table of one system, for people."""
    if options.format == "text":
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        is_plain = options.color == "never" or (options.color == "auto" and (not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))))
        width = None if sys.stdout.isatty() else WIDE
        table = Table("Verdict", "Environment", "Promise", "Observed", box=None, pad_edge=False, header_style="bold")
        for each in proven.observations:
            changed = f" ({each.changed})" if each.changed else ""
            cells = (each.environment, each.promise, f"{each.observed}{changed}")
            table.add_row(Text(each.verdict, STYLES[each.verdict]), *(Text(_printable(cell)) for cell in cells))
        screen = Console(width=width, no_color=is_plain, force_terminal=not is_plain, highlight=False)
        with screen.capture() as shown:
            screen.print(table)
        if proven.observations:
            print("\n".join(line.rstrip() for line in shown.get().splitlines()))
    say(options, f"{proven.system}: {proven.tally}")


def write_tables(proven: Sequence[Proven], options: argparse.Namespace) -> None:
    """Each table to its own file, in the form that its ending says."""
    from generator.live import table

    for path in options.table:
        text = table.to_json(proven) if path.suffix == ".json" else table.to_markdown(proven)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise WrongUsage(f"{path.as_posix()} cannot be written: {(error.strerror or str(error)).lower()}") from None


# --- what was made of a session ---------------------------------------------------------------------------------------

NEXT_STEPS = (
    "Your integration architecture is complete. Consider generating a comprehensive architecture summary using `/design/system-architecture/4-generate-architecture-summary --name={name}`",
    "Review the integration patterns with your development teams to ensure implementation feasibility.",
    "Use the API specifications to begin contract-first development and testing.",
)


def show_draft(draft: Draft, folder: Path, found: Sequence[Diagnostic], options: argparse.Namespace) -> None:
    """What was drafted, what is open in it, and what the review says of it."""
    parts = (count(len(draft.facts), "fact"), count(len(draft.questions), "open question"))
    unclear = f"{count(len(draft.not_understood), 'line')} not understood"
    say(options, f"drafted {folder.as_posix()} from the session's documents: {', '.join(parts)}, {unclear}")
    for name in sorted(draft.files):
        say(options, f"  {(folder / name).as_posix()}")
    kept = [each.as_posix() for each in contract_files(folder) if each.relative_to(folder).as_posix() not in draft.files]
    if kept:
        say(options, f"what else the folder holds is as it was: {some(kept)}")
    say(options, f"interlock check says: {_by_severity(found) or 'nothing to report'}")


def draft_record(draft: Draft, folder: Path, found: Sequence[Diagnostic]) -> dict[str, object]:
    """The same as plain data."""
    return {
        "system": draft.name,
        "folder": folder.as_posix(),
        "files": sorted(draft.files),
        "facts": len(draft.facts),
        "questions": len(draft.questions),
        "not_understood": len(draft.not_understood),
        "findings": Counter(str(each.severity) for each in counted(found)),
    }


def show_integrated(done: Integrated, session: Session, options: argparse.Namespace, today: str) -> None:
    """Where things are, what was decided, what is risky, what is open, and what comes next."""
    assert done.graph is not None
    stated = done.graph.system.document
    titles = [_printable(f"{each.name} ({one_line(each.title)})") for each in stated.decisions]
    say(options, f"document: {done.places.document.as_posix()}")
    say(options, f"artifacts: {done.places.output.as_posix()}")
    say(options, f"contract: {done.places.contract.as_posix()}")
    say(options, f"state: {session.state.as_posix()}")
    say(options, f"decided: {count(len(titles), 'decision')}{': ' if titles else ''}{some(titles)}")
    say(options, f"risky: {_risky(done.outcome.diagnostics, stated.risks)}")
    say(options, f"open: {_open(stated.open_questions, today)}")
    say(options, "next steps:")
    for number, step in enumerate(NEXT_STEPS, start=1):
        say(options, f"  {number}. {step.format(name=_printable(session.name))}")


def _by_severity(found: Iterable[Diagnostic]) -> str:
    counts = Counter(each.severity for each in counted(found))
    return ", ".join(count(counts[each], each) for each in Severity if counts[each])


def _risky(found: Sequence[Diagnostic], risks: Sequence[Risk]) -> str:
    """Findings by severity, then the risks that the contract names, the worst first."""
    worst = sorted(risks, key=lambda each: (-_weight(each), each.name))
    named = [f"{each.name} ({each.probability or 'unknown'} probability, {each.effect or 'unknown'} effect)" for each in worst]
    parts = (f"findings: {_by_severity(found) or 'none'}", f"{count(len(named), 'risk')}{': ' if named else ''}{some(named)}")
    return "; ".join(parts)


def _weight(risk: Risk) -> int:
    """Probability times effect; what nobody has judged counts as high."""
    grades = {"low": 1, "medium": 2, "high": 3, None: 3}
    return grades[risk.probability] * grades[risk.effect]


def _open(questions: Sequence[OpenQuestion], today: str) -> str:
    """How many questions, which is to be answered next, and which should have been."""
    due = sorted((each.needed_by, each.name) for each in questions if each.needed_by is not None)
    coming = [f"the next due is {name} on {day}" for day, name in due if day >= today]
    overdue = [f"{name} since {day}" for day, name in due if day < today]
    return "; ".join([count(len(questions), "question"), *coming[:1], *([f"overdue: {some(overdue)}"] if overdue else [])])


def _printable(text: str) -> str:
    """Contract text in which no character does anything to a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)
