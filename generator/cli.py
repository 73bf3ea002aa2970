"""The `interlock` command: arguments in, exit code out; the only file that prints."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator import __version__, tools
from generator.diagnostics import Diagnostic, Severity, Span, as_record, has_errors, to_github, to_text

if TYPE_CHECKING:  # commands import the pipeline when they need it: a no-op run must be quick
    from generator.pipeline import Outcome

FINE, FINDINGS, USAGE = 0, 1, 2
SCHEMA = Path(__file__).parent / "schema" / "contract.schema.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0: fine, 1: findings, 2: wrong usage or environment."""
    options = _parser().parse_args(arguments)
    gc.disable()  # a run is short, and looking for garbage in a large graph takes a third of it
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away; Python must not complain about it again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    finally:
        gc.enable()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="interlock",
        description="Generate every integration artifact of a system from its contract, and prove each with the real tool of its field.",
        epilog="Exit codes: 0 fine, 1 findings, 2 wrong usage or environment.",
    )
    parser.add_argument("--version", action="version", version=f"interlock {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _check_command(commands.add_parser("check", help="read and review contracts; write nothing"))
    _generate_command(commands.add_parser("generate", help="generate, prove and publish"))
    _validate_command(commands.add_parser("validate", help="prove the output that is there"))
    schema = commands.add_parser("schema", help="print the JSON Schema of the contract language")
    schema.set_defaults(run=_schema)
    doctor = commands.add_parser("doctor", help="show each tool, its version, what it proves and how to get it")
    doctor.add_argument("--format", choices=("text", "json"), default="text")
    doctor.set_defaults(run=_doctor)
    init = commands.add_parser("init", help="write a small contract that generates clean")
    init.add_argument("name", help="name of the new system, in lower case with dashes")
    init.add_argument("--contracts", type=Path, default=Path("contracts"), metavar="DIR", help="where systems are (default: contracts)")
    init.set_defaults(run=_init)
    return parser


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help="names or folders of systems; none: every system")
    parser.add_argument("--contracts", type=Path, default=Path("contracts"), metavar="DIR", help="where systems are (default: contracts)")
    parser.add_argument("--format", choices=("text", "json", "github"), default=_default_format(), help="how findings are printed")
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours; auto: on a terminal, unless NO_COLOR is set"
    )


def _default_format() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _check_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    parser.set_defaults(run=_check)


def _generate_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR", help="where output goes (default: output)")
    parser.add_argument("--only", action="append", default=[], metavar="KIND", help="only this kind (repeat, or separate by commas)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; exit 1 when the committed output is stale")
    mode.add_argument("--diff", action="store_true", help="write nothing; print what would change")
    parser.add_argument("--strict", action="store_true", help="a tool that is not installed is an error")
    parser.add_argument("--force", action="store_true", help="overwrite hand-edited and foreign files")
    parser.add_argument("--no-cache", action="store_true", help="remember nothing, and trust nothing remembered")
    parser.set_defaults(run=_generate)


def _validate_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR", help="where output is (default: output)")
    parser.add_argument("--strict", action="store_true", help="a tool that is not installed is an error")
    parser.add_argument("--no-cache", action="store_true", help="ask every tool again")
    parser.set_defaults(run=_validate)


# --- commands ---------------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    from generator.pipeline import understand

    found: list[Diagnostic] = []
    folders = _folders(options)
    if folders is None:
        return USAGE
    for folder in folders:
        found += understand(folder)[1]
    _report(found, options)
    if not found:
        _say(options, f"{_count(len(folders), 'system')} checked: nothing to report")
    return FINDINGS if has_errors(found) else FINE


def _generate(options: argparse.Namespace) -> int:
    from generator import pipeline, publish
    from generator.catalog import KINDS

    only = tuple(name for group in options.only for name in group.split(",") if name)
    unknown = [name for name in only if name not in {kind.name for kind in KINDS}]
    folders = _folders(options)
    if unknown or folders is None:
        if unknown:
            print(f"interlock: no kind is called {unknown[0]!r}; there are {', '.join(kind.name for kind in KINDS)}", file=sys.stderr)
        return USAGE
    found: list[Diagnostic] = []
    stale = False
    with _progress(options) as progress:
        settings = pipeline.Settings(only, options.strict, options.force, not (options.check or options.diff), _cache(options), progress)
        for folder in folders:
            output = options.output / folder.resolve().name
            try:
                outcome = pipeline.generate(folder, output, replace(settings, progress=_of_system(folder.name, progress)), KINDS)
            except publish.PublishError as error:
                outcome = pipeline.Outcome((error.diagnostic,))
            found += outcome.diagnostics
            stale = _show(outcome, folder, output, options) or stale
    if not options.systems:
        orphans = list(publish.orphans(options.output, {folder.resolve().name for folder in folders}))
        found += orphans
        stale = stale or bool(orphans)
    _report(found, options)
    return FINDINGS if has_errors(found) or (stale and options.check) else FINE


def _of_system(name: str, progress: Callable[[str, str], None]) -> Callable[[str, str], None]:
    return lambda stage, detail: progress(f"{name}: {stage}", detail)


def _show(outcome: Outcome, folder: Path, output: Path, options: argparse.Namespace) -> bool:
    """Says what a run of one system did or would do; returns whether the committed output is stale."""
    changes = outcome.changes
    if outcome.failed:
        _say(options, f"{folder.name}: refused; {output.as_posix()} is as it was")
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
            _say(options, f"  {(output / path).as_posix()}")
    _say(options, f"{folder.name}: {_count(total, 'file')} in {output.as_posix()}, {state}; {_proof(outcome)}")
    return is_stale


def _proof(outcome: Outcome) -> str:
    """What was proven and what was not, in a line."""
    passed = sum(verdict.state == "passed" for verdict in outcome.verdicts)
    missing = sorted({verdict.tool for verdict in outcome.verdicts if verdict.state == "not run"})
    text = f"{_count(passed, 'proof')} passed"
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


def _validate(options: argparse.Namespace) -> int:
    from generator.catalog import KINDS
    from generator.pipeline import validate

    folders = _folders(options)
    if folders is None:
        return USAGE
    found: list[Diagnostic] = []
    with _progress(options) as progress:
        for folder in folders:
            output = options.output / folder.resolve().name
            outcome = validate(output, KINDS, options.strict, _cache(options), progress)
            found += outcome.diagnostics
            _say(options, f"{folder.name}: {'refused' if outcome.failed else 'accepted'}; {_proof(outcome)}")
    _report(found, options)
    return FINDINGS if has_errors(found) else FINE


def _schema(options: argparse.Namespace) -> int:
    print(SCHEMA.read_text(encoding="utf-8"), end="")
    return FINE


def _doctor(options: argparse.Namespace) -> int:
    """Lists every prover; the exit code says whether all are there."""
    from generator.catalog import KINDS

    rows: dict[str, dict[str, object]] = {}
    for kind in KINDS:
        for prover in kind.provers:
            row = rows.setdefault(
                prover.TOOL, {"tool": prover.TOOL, "version": prover.available(), "proves": prover.PROVES, "get": prover.GET, "kinds": []}
            )
            kinds = row["kinds"]
            assert isinstance(kinds, list)
            kinds.append(kind.name)
    if options.format == "json":
        print(json.dumps(list(rows.values()), indent=2))
    else:
        width = max(len(tool) for tool in rows)
        for row in rows.values():
            state = f"{row['version']}" if row["version"] else f"MISSING: {row['get']}"
            print(f"{row['tool']!s:<{width}}  {state:<24}  {row['proves']}")
    return FINE if all(row["version"] for row in rows.values()) else USAGE


def _init(options: argparse.Namespace) -> int:
    from generator.scaffold import scaffold

    folder = options.contracts / options.name
    problem = scaffold(options.name, folder)
    if problem:
        print(f"interlock: {problem}", file=sys.stderr)
        return USAGE
    print(f"wrote {folder.as_posix()}; next: interlock generate {options.name}")
    return FINE


# --- around commands --------------------------------------------------------------------------------------------------


def _folders(options: argparse.Namespace) -> list[Path] | None:
    """The folders of the systems asked for; None, and a sentence, when one is not there."""
    from generator.diagnostics import nearest
    from generator.pipeline import systems

    if not options.systems:
        found = systems(options.contracts)
        if not found:
            print(f"interlock: no system in {options.contracts.as_posix()}; `interlock init NAME` writes one", file=sys.stderr)
        return found or None
    folders = []
    for name in options.systems:
        folder = options.contracts / name if (options.contracts / name).is_dir() else Path(name)
        if not folder.is_dir():
            known = [path.name for path in systems(options.contracts)]
            guess = nearest(name, known)
            hint = f"did you mean {guess}?" if guess else f"there are {', '.join(known) or 'none'}"
            print(f"interlock: no system {name!r} in {options.contracts.as_posix()}; {hint}", file=sys.stderr)
            return None
        folders.append(folder)
    return folders


def _cache(options: argparse.Namespace) -> Path | None:
    """Where verdicts are kept."""
    return None if options.no_cache else tools.cache()


def _report(found: Sequence[Diagnostic], options: argparse.Namespace) -> None:
    """Findings go to standard output in the chosen format; the tally to standard error."""
    if options.format == "json":
        print(json.dumps([as_record(each) for each in found], indent=2, ensure_ascii=False))
    elif found:
        text = to_github(found) if options.format == "github" else _coloured(to_text(found, _read_line), options)
        print(text)
    if found and options.format != "json":
        counts = [(severity, sum(each.severity is severity for each in found)) for severity in Severity]
        print(", ".join(_count(number, severity) for severity, number in counts if number), file=sys.stderr)


def _coloured(text: str, options: argparse.Namespace) -> str:
    if options.color == "never" or (options.color == "auto" and (not sys.stdout.isatty() or os.environ.get("NO_COLOR"))):
        return text
    for word, code in (("error[", "31"), ("warning[", "33"), ("info[", "36")):
        text = text.replace(f": {word}", f": \x1b[1;{code}m{word.rstrip('[')}\x1b[0m[")
    return text


def _read_line(at: Span) -> str | None:
    lines = _file_lines(at.file)
    return lines[at.line - 1] if 0 < at.line <= len(lines) else None


@cache
def _file_lines(file: str) -> tuple[str, ...]:
    """The lines as YAML counts them; a file that cannot be shown has none."""
    with contextlib.suppress(OSError, ValueError):
        path = Path(file)
        return tuple(path.read_text(encoding="utf-8", errors="replace").split("\n")) if path.is_file() else ()
    return ()


def _say(options: argparse.Namespace, sentence: str) -> None:
    """Notes for people; they never mix with findings that a program reads."""
    print(sentence, file=sys.stderr if options.format == "json" else sys.stdout)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


@contextlib.contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[str, str], None]]:
    """A status line on a terminal while long work goes on; silence in pipes."""
    if not sys.stderr.isatty() or options.format != "text":
        yield lambda stage, detail: None
        return
    from rich.console import Console

    console = Console(stderr=True, no_color=options.color == "never" or bool(os.environ.get("NO_COLOR")))
    with console.status("starting") as status:
        yield lambda stage, detail: status.update(f"{stage} {detail}".strip())
