"""The `interlock` command: arguments in, exit code out."""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from generator import __version__, console, tools
from generator.console import WrongUsage
from generator.diagnostics import Diagnostic, Severity, Span, counted, has_errors
from generator.reports import FORMATS

if TYPE_CHECKING:  # commands import the pipeline when they need it: a no-op run must be quick
    from generator.baseline import Baseline
    from generator.document import Scope
    from generator.graph import Graph
    from generator.pipeline import Settings

FINE, FINDINGS, USAGE = 0, 1, 2
SESSIONS = Path(".taskmaster/docs/design/architecture")
SCHEMAS = Path(__file__).parent / "schema"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0: fine, 1: findings, 2: wrong usage or environment."""
    options = _parser().parse_args(arguments)
    gc.disable()  # a run is short, and looking for garbage in a large graph takes a third of it
    try:
        return int(options.run(options))
    except WrongUsage as error:
        print(f"interlock: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away; Python must not complain about it again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    finally:
        gc.enable()


# --- arguments --------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="interlock",
        description="Generate every integration artifact of a system from its contract, and prove each with the real tool of its field.",
        epilog="Exit codes: 0 fine, 1 findings, 2 wrong usage or environment.",
    )
    parser.add_argument("--version", action="version", version=f"interlock {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="command")
    _check_command(commands.add_parser("check", help="read and review contracts; write nothing"))
    _generate_command(commands.add_parser("generate", help="generate, prove and publish"))
    _prove_command(commands.add_parser("prove", aliases=["validate"], help="prove the output that is there; --live by running it"))
    _site_command(commands.add_parser("site", help="make the document a static site"))
    _integrate_command(
        commands.add_parser("integrate", help="design the integration of an architecture session: artifacts, document, state")
    )
    _extract_command(commands.add_parser("extract", help="draft a contract from the documents of an architecture session"))
    _rules_command(commands.add_parser("rules", help="list the rules, or explain some"))
    schema = commands.add_parser("schema", help="print the JSON Schema of the contract language, or of findings")
    schema.add_argument("--of", choices=("contract", "findings"), default="contract", help="of what (default: contract)")
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
    _reporting(parser)


def _reporting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--contracts", type=Path, default=Path("contracts"), metavar="DIR", help="where systems are (default: contracts)")
    parser.add_argument("--format", choices=tuple(FORMATS), default=_default_format(), help="how findings are printed")
    parser.add_argument(
        "--report", type=_report, action="append", default=[], metavar="FORMAT=FILE", help="also write them to a file (repeat for more)"
    )
    parser.add_argument(
        "--fail-on", type=Severity, choices=tuple(Severity), default=Severity.ERROR, help="severity from which findings fail the run"
    )
    parser.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="colours; auto: on a terminal, unless NO_COLOR is set"
    )


def _default_format() -> str:
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def _report(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if name not in FORMATS:
        raise argparse.ArgumentTypeError(f"no format is called {name!r}; there are {', '.join(FORMATS)}")
    if not file:
        raise argparse.ArgumentTypeError(f"{text!r} names no file; say {name}=FILE")
    return name, Path(file)


def _dated(parser: argparse.ArgumentParser) -> None:
    help = "the day that suppressions and sunsets are judged by (default: today in UTC, or that of SOURCE_DATE_EPOCH)"
    parser.add_argument("--today", type=_day, metavar="DATE", help=help)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-01-31") from None


def _check_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    _dated(parser)
    known = parser.add_mutually_exclusive_group()
    known.add_argument("--baseline", type=Path, metavar="FILE", help="leave out the findings that are in the file")
    known.add_argument("--write-baseline", type=Path, metavar="FILE", help="write the findings that there are to the file")
    parser.add_argument(
        "--against", metavar="REF", help="also what breaks since an earlier contract: a Git commit, branch or tag, or a folder"
    )
    parser.set_defaults(run=_check)


def _generate_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    _dated(parser)
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR", help="where output goes (default: output)")
    parser.add_argument("--only", action="append", default=[], metavar="KIND", help="only this kind (repeat, or separate by commas)")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="write nothing; exit 1 when the committed output is stale")
    mode.add_argument("--diff", action="store_true", help="write nothing; print what would change")
    parser.add_argument("--strict", action="store_true", help="a tool that is not installed is an error")
    parser.add_argument("--force", action="store_true", help="overwrite hand-edited and foreign files")
    parser.add_argument("--no-cache", action="store_true", help="remember nothing, and trust nothing remembered")
    parser.set_defaults(run=_generate)


def _prove_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR", help="where output is (default: output)")
    parser.add_argument("--strict", action="store_true", help="a tool that is not installed is an error")
    parser.add_argument("--no-cache", action="store_true", help="ask every tool again")
    live = parser.add_argument_group("proof by running", "real Envoys driven by real Istio, and a real API server, all on this machine")
    live.add_argument("--live", action="store_true", help="run what was generated, and show what each promise of the contract comes to")
    live.add_argument("--only", action="append", default=[], metavar="FAMILY", help="only these promises (repeat, or separate by commas)")
    live.add_argument("--full", action="store_true", help="wait as long as the contract says, instead of a few seconds")
    live.add_argument(
        "--table", type=Path, action="append", default=[], metavar="FILE", help="also write the table to a file, .md or .json"
    )
    live.add_argument("--keep", type=Path, metavar="DIR", help="leave the objects as they were run, with all that was changed for it")
    live.add_argument("--record", action="store_true", help="leave what was seen beside the contract, for the document")
    parser.set_defaults(run=_prove, today=None)


def _session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", required=True, metavar="NAME", help="name or index of the architecture session, or its folder")
    parser.add_argument("--root", type=Path, default=SESSIONS, metavar="DIR", help=f"where sessions are (default: {SESSIONS.as_posix()})")


def _integrate_command(parser: argparse.ArgumentParser) -> None:
    _session(parser)
    _reporting(parser)
    _dated(parser)
    scopes = "only this scope: internal, external, data, messaging or api (repeat, or separate by commas)"
    parser.add_argument("--scope", action="append", metavar="SCOPE", help=scopes)
    parser.add_argument(
        "--contract", metavar="SYSTEM", help="the system's contract (default: that of the session's name; drafted if there is none)"
    )
    parser.add_argument("--output", type=Path, default=Path("output"), metavar="DIR", help="where output goes (default: output)")
    parser.add_argument("--strict", action="store_true", help="a tool that is not installed is an error")
    parser.add_argument("--force", action="store_true", help="overwrite hand-edited and foreign files, the document among them")
    parser.add_argument("--no-cache", action="store_true", help="remember nothing, and trust nothing remembered")
    parser.set_defaults(run=_integrate, check=False, diff=False)


def _extract_command(parser: argparse.ArgumentParser) -> None:
    _session(parser)
    parser.add_argument("--contracts", type=Path, default=Path("contracts"), metavar="DIR", help="where systems are (default: contracts)")
    parser.add_argument("--report", action="store_true", help="write nothing; print each fact by its source, and what was not understood")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--force", action="store_true", help="replace files of a contract that is there already")
    parser.set_defaults(run=_extract)


def _site_command(parser: argparse.ArgumentParser) -> None:
    _shared(parser)
    parser.add_argument("--output", type=Path, default=Path("site"), metavar="DIR", help="where sites go (default: site)")
    parser.add_argument("--force", action="store_true", help="replace a folder that is not ours, too")
    parser.set_defaults(run=_site)


def _rules_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rules", nargs="*", metavar="RULE", help="rules to explain; none: a list of all")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="markdown: the pages, all or those named")
    parser.set_defaults(run=_rules)


# --- commands ---------------------------------------------------------------------------------------------------------


def _before(folder: Path, options: argparse.Namespace) -> Graph | None:
    """The earlier contract of a system; None, and a note, for one that was not there yet."""
    from generator import previous
    from generator.pipeline import understand

    try:
        with previous.contract(folder, options.against) as earlier:
            graph, _ = understand(earlier)
    except previous.NewSystemError as error:
        console.say(options, f"{folder.name}: {error}; nothing to compare with")
        return None
    except previous.PreviousError as error:
        raise console.WrongUsage(str(error)) from None
    if graph is None:
        raise console.WrongUsage(f"what there is of {folder.name} at {options.against} says nothing of a system")
    return graph


def _check(options: argparse.Namespace) -> int:
    from generator import baseline
    from generator.pipeline import understand

    known = _read_baseline(options.baseline) if options.baseline else None
    folders, today = _folders(options), _today(options)
    by_system: dict[str, list[Diagnostic]] = {}
    for folder in folders:
        before = _before(folder, options) if options.against else None
        by_system.setdefault(folder.resolve().name, []).extend(understand(folder, today, before)[1])
    if options.write_baseline:
        known = baseline.baseline_of(by_system)
        _write_baseline(known, options)
    found, left_out = baseline.without(by_system, known or {})
    if not counted(found):
        console.say(options, f"{console.count(len(folders), 'system')} checked: nothing to report")
    console.report(found, options, left_out)
    return FINDINGS if has_errors(found, options.fail_on) else FINE


def _generate(options: argparse.Namespace) -> int:
    from generator import pipeline, publish
    from generator.catalog import KINDS

    only = tuple(name for group in options.only for name in group.split(",") if name)
    for name in only:
        if name not in {kind.name for kind in KINDS}:
            raise WrongUsage(f"no kind is called {name!r}; there are {', '.join(kind.name for kind in KINDS)}")
    folders = _folders(options)
    found: list[Diagnostic] = []
    stale = False
    with console.progress(options) as progress:
        settings = replace(
            _settings(options, progress),
            only=only,
            force=options.force,
            write=not (options.check or options.diff),
            today=_today(options),
        )
        for folder in folders:
            output = options.output / folder.resolve().name
            try:
                outcome = pipeline.generate(folder, output, replace(settings, progress=_of_system(folder.name, progress)), KINDS)
            except publish.PublishError as error:
                outcome = pipeline.Outcome((error.diagnostic,))
            found += outcome.diagnostics
            stale = console.show(outcome, folder, output, options) or stale
    if not options.systems:
        orphans = list(publish.orphans(options.output, {folder.resolve().name for folder in folders}))
        found += orphans
        stale = stale or bool(orphans)
    console.report(found, options)
    return FINDINGS if has_errors(found, options.fail_on) or (stale and options.check) else FINE


def _of_system(name: str, progress: Callable[[str, str], None]) -> Callable[[str, str], None]:
    return lambda stage, detail: progress(f"{name}: {stage}", detail)


def _prove(options: argparse.Namespace) -> int:
    if options.live:
        return _prove_live(options)
    for name in ("only", "full", "table", "keep", "record"):
        if getattr(options, name):
            raise WrongUsage(f"--{name} goes with --live")
    from generator.catalog import KINDS
    from generator.pipeline import validate

    folders = _folders(options)
    found: list[Diagnostic] = []
    with console.progress(options) as progress:
        for folder in folders:
            output = options.output / folder.resolve().name
            outcome = validate(output, KINDS, _settings(options, progress))
            found += outcome.diagnostics
            console.say(options, f"{folder.name}: {'refused' if outcome.failed else 'accepted'}; {console.proof(outcome)}")
    console.report(found, options)
    return FINDINGS if has_errors(found, options.fail_on) else FINE


def _prove_live(options: argparse.Namespace) -> int:
    """Only output that is what the contract says is run: of any other it would be unclear what was proven."""
    from generator import live

    only = [name for group in options.only for name in group.split(",") if name]
    for name in only:
        if name not in live.FAMILIES:
            raise WrongUsage(f"no family of promises is called {name!r}; there are {', '.join(live.FAMILIES)}")
    if options.record and (only or options.full):
        raise WrongUsage("--record goes with all promises and shortened waits, so that records can be compared")
    for path in options.table:
        if path.suffix not in console.TABLES:
            raise WrongUsage(f"{path.as_posix()} is neither .md nor .json")
    found: list[Diagnostic] = []
    proven = []
    try:
        for folder in _folders(options):
            output = options.output / folder.resolve().name
            graph, files, wrong = _current(folder, output)
            found += wrong
            if graph is None:
                continue
            with console.progress(options) as progress:
                observations = tuple(
                    live.prove(
                        graph,
                        output,
                        families=only or live.FAMILIES,
                        shorten=not options.full,
                        keep=options.keep / folder.name if options.keep else None,
                        told=_running(folder.name, progress),
                    )
                )
            proven.append(live.Proven(folder.name, observations))
            console.show_proven(proven[-1], options)
            found += live.findings(graph, observations)
            if options.record:
                console.say(options, f"wrote {live.record(graph, folder, files, observations, _today(options)).as_posix()}")
    except (live.CannotRun, tools.CannotInstall) as error:
        raise WrongUsage(str(error)) from None
    console.write_tables(proven, options)
    console.report(found, options)
    return FINDINGS if has_errors(found, options.fail_on) else FINE


def _current(folder: Path, output: Path) -> tuple[Graph | None, Mapping[str, str], Sequence[Diagnostic]]:
    """The graph of a contract and the files that are run, if the output has them as the contract says; else what is wrong."""
    from generator import live, pipeline, publish
    from generator.catalog import KINDS

    graph, found = pipeline.understand(folder)
    if graph is None or has_errors(found):
        return None, {}, found
    graph = pipeline.with_numbers(graph)
    emitted = [artifact for _, artifact in pipeline.emit_all(graph, [kind for kind in KINDS if kind.name in live.KINDS])]
    differing = publish.compare({each.path: each.text.encode() for each in emitted}, output)
    wrong = (*differing.added, *differing.changed)
    if wrong:
        at = Span((output / wrong[0]).as_posix())
        return (
            None,
            {},
            [Diagnostic("stale-output", at, "it is not what the contract says", f"interlock generate {folder.name} makes it so")],
        )
    return graph, {each.path.as_posix(): each.text for each in emitted}, ()


def _running(name: str, progress: Callable[[str, str], None]) -> Callable[[str], None]:
    return lambda stage: progress(f"{name}:", stage)


def _site(options: argparse.Namespace) -> int:
    from generator import pipeline, publish, site
    from generator.catalog import KINDS
    from generator.document import BrokenTemplate

    found: list[Diagnostic] = []
    for folder in _folders(options):
        graph, judged = pipeline.understand(folder)
        if graph is None or has_errors(judged):
            found += judged
            continue
        graph, output = pipeline.with_numbers(graph), options.output / folder.resolve().name
        try:
            artifacts = [artifact for _, artifact in pipeline.emit_all(graph, KINDS)]
            found += site.build(graph, artifacts, folder, output, force=options.force)
            console.say(options, f"{folder.name}: open {(output / 'index.html').as_posix()}")
        except publish.PublishError as error:
            found.append(error.diagnostic)
        except BrokenTemplate as error:
            found.append(error.finding)
        except (site.ToolsMissing, site.SiteFault) as error:
            raise WrongUsage(str(error)) from None
    console.report(found, options)
    return FINDINGS if has_errors(found, options.fail_on) else FINE


def _integrate(options: argparse.Namespace) -> int:
    from generator import integrate, session

    scopes, moment, today = _scopes(options), _moment(options), _today(options)
    try:
        found = session.find(options.root, options.name)
        folder = _folder(options.contract, options) if options.contract else integrate.contract_folder(found, options.contracts)
        with console.progress(options) as progress:
            settings = replace(_settings(options, progress), today=today, force=options.force)
            done = integrate.integrate(found, folder, options.output, scopes, moment, settings)
    except session.SessionError as error:
        raise WrongUsage(str(error)) from None
    for note in found.notes:
        console.say(options, note)
    if done.drafted is not None:
        console.show_draft(done.drafted, folder, done.outcome.diagnostics, options)
    console.show(done.outcome, folder, done.places.output, options)
    console.report(done.outcome.diagnostics, options)
    if done.graph is None:
        if done.drafted is not None:
            console.say(options, "mend the draft, then run interlock integrate again")
        return FINDINGS
    console.show_integrated(done, found, options, today)
    return FINE


def _extract(options: argparse.Namespace) -> int:
    """The exit code says whether the draft could be generated from as it is."""
    from generator import integrate, publish, session
    from generator.extract import extract, report, report_data
    from generator.pipeline import understand

    try:
        found = session.find(options.root, options.name)
        texts = session.documents(found)
        if options.report:
            draft = extract(texts, found.name)
            print(json.dumps(report_data(draft), indent=2) if options.format == "json" else report(draft).rstrip("\n"))
            return FINE
        folder = integrate.contract_folder(found, options.contracts)
        draft = integrate.drafted(found, texts, folder, force=options.force)
    except session.SessionError as error:
        raise WrongUsage(str(error)) from None
    except publish.PublishError as error:
        raise WrongUsage(f"{error.diagnostic.at.file} cannot be written: {error}") from None
    judged = understand(folder)[1]
    if options.format == "json":
        print(json.dumps(console.draft_record(draft, folder, judged), indent=2))
    else:
        for note in found.notes:
            console.say(options, note)
        console.show_draft(draft, folder, judged, options)
    return FINDINGS if has_errors(judged) else FINE


def _rules(options: argparse.Namespace) -> int:
    from generator.diagnostics import nearest
    from generator.manual import pages
    from generator.reports import rules

    known = pages()
    for name in options.rules:
        if name not in known:
            guess = nearest(name, list(known))
            hint = f"did you mean {guess}?" if guess else "interlock rules lists them"
            raise WrongUsage(f"no rule is called {name!r}; {hint}")
    chosen = [known[name] for name in dict.fromkeys(options.rules)] or list(known.values())
    if options.format == "json":
        print(rules.to_records(chosen))
    elif options.format == "markdown":
        print(rules.to_markdown(chosen))
    elif options.rules:
        print("\n\n\n".join(rules.to_page(page) for page in chosen))
    else:
        print(rules.to_list(chosen, shutil.get_terminal_size((120, 24)).columns))
    return FINE


def _schema(options: argparse.Namespace) -> int:
    print((SCHEMAS / f"{options.of}.schema.json").read_text(encoding="utf-8"), end="")
    return FINE


def _doctor(options: argparse.Namespace) -> int:
    """Lists every prover; the exit code says whether all are there but what `prove --live` builds when it is asked for."""
    from generator import live
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
    is_complete = all(row["version"] for row in rows.values())
    for tool in live.TOOLS:
        rows[tool.name] = {
            "tool": tool.name,
            "version": tool.version,
            "proves": tool.proves,
            "get": "built by interlock prove --live",
            "kinds": [],
        }
    if options.format == "json":
        print(json.dumps(list(rows.values()), indent=2))
    else:
        width = max(len(tool) for tool in rows)
        for row in rows.values():
            lacking = "MISSING" if row["kinds"] else "not built yet"
            state = f"{row['version']}" if row["version"] else f"{lacking}: {row['get']}"
            print(f"{row['tool']!s:<{width}}  {state:<24}  {row['proves']}")
    return FINE if is_complete else USAGE


def _init(options: argparse.Namespace) -> int:
    from generator.scaffold import scaffold

    folder = options.contracts / options.name
    problem = scaffold(options.name, folder)
    if problem:
        raise WrongUsage(problem)
    print(f"wrote {folder.as_posix()}; next: interlock generate {options.name}")
    return FINE


# --- around commands --------------------------------------------------------------------------------------------------


def _settings(options: argparse.Namespace, progress: Callable[[str, str], None]) -> Settings:
    """What `generate` and `validate` are asked alike; verdicts are kept in the cache."""
    from generator.pipeline import Settings

    cache = None if options.no_cache else tools.cache()
    return Settings(strict=options.strict, fail_on=options.fail_on, cache=cache, progress=progress)


def _folders(options: argparse.Namespace) -> list[Path]:
    """The folders of the systems asked for."""
    from generator.pipeline import systems

    where = options.contracts.as_posix()
    if not options.systems:
        found = systems(options.contracts)
        if not found:
            raise WrongUsage(f"no system in {where}; `interlock init NAME` writes one")
        return found
    return [_folder(name, options) for name in options.systems]


def _folder(name: str, options: argparse.Namespace) -> Path:
    """The folder of a system by its name or path."""
    from generator.diagnostics import nearest
    from generator.pipeline import systems

    folder = options.contracts / name if (options.contracts / name).is_dir() else Path(name)
    if not folder.is_dir():
        known = [path.name for path in systems(options.contracts)]
        guess = nearest(name, known)
        hint = f"did you mean {guess}?" if guess else f"there are {', '.join(known) or 'none'}"
        raise WrongUsage(f"no system {name!r} in {options.contracts.as_posix()}; {hint}")
    return Path(folder)


def _scopes(options: argparse.Namespace) -> frozenset[Scope]:
    """The scopes asked for; none: the whole system."""
    from generator.document import SCOPES

    if options.scope is None:
        return frozenset()
    names = [name.strip().lower() for group in options.scope for name in group.split(",")]
    for name in names:
        if name not in SCOPES:
            raise WrongUsage(f"no scope is called {name!r}; there are {', '.join(SCOPES)}")
    return frozenset(each for each in SCOPES if each in names)


def _today(options: argparse.Namespace) -> str:
    """The day asked for, or that of the build, or that of the clock."""
    return _moment(options).date().isoformat()


def _moment(options: argparse.Namespace) -> datetime:
    """The beginning of the day asked for, or the time of the build (reproducible-builds.org), or that of the clock."""
    if options.today:
        return datetime.fromisoformat(options.today).replace(tzinfo=UTC)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    except (ValueError, OverflowError, OSError):
        raise WrongUsage(f"SOURCE_DATE_EPOCH is {epoch!r}, which is no number of seconds since 1970") from None


def _read_baseline(path: Path) -> Baseline:
    from generator import baseline

    try:
        return baseline.from_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongUsage(f"the baseline {path.as_posix()} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:
        raise WrongUsage(f"the baseline {path.as_posix()} cannot be read: {error}") from None


def _write_baseline(known: Baseline, options: argparse.Namespace) -> None:
    """What is known of the systems checked; of others, what the file says already."""
    from generator import baseline

    path: Path = options.write_baseline
    others = _read_baseline(path) if options.systems and path.exists() else {}
    try:
        path.write_text(baseline.to_json({**others, **known}), encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise WrongUsage(f"the baseline {path.as_posix()} cannot be written: {(error.strerror or str(error)).lower()}") from None
    console.say(options, f"wrote {console.count(sum(map(len, known.values())), 'finding')} to {path.as_posix()}")
