"""Python's logging.config: loads each component's configuration for real, and finds in what it logs all that it should and nothing personal."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.schema_files import follow

TOOL = "logging.config"
PROVES = "each configuration loads; lines are JSON with both ids, levels hold, audit has its own sink, and nothing personal is shown"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

NEEDED = ("opentelemetry-api", "python-json-logger")
PROBE = Path(__file__).with_name("logging_probe.py")
SOURCE = PurePosixPath("python/src")
EVENTS = PurePosixPath("audit-events.yaml")
SCHEMAS = {"components": PurePosixPath("logging.schema.json"), EVENTS.name: PurePosixPath("audit-events.schema.json")}
CORRELATION, REQUEST = "probe-correlation", "probe-request"
ACTOR, CLEAR, HIDDEN = "probe-actor", "probe-clear", "ghostly"
"""Who acts in audit records, and what their values are that may be seen, and begin with that may not."""
ADDED = "probe_added"
"""What records are given besides."""
STRANGER = "library.that.nobody.configured"
LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
NAMES = {number: name for name, number in LEVELS.items()}
Data = Mapping[str, Any]


def available() -> str | None:
    """Python's version with those of the libraries that the configurations need."""
    try:
        found = [f"{name} {importlib.metadata.version(name)}" for name in NEEDED]
    except importlib.metadata.PackageNotFoundError:
        return None
    return ", ".join([platform.python_version(), *found])


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """What the schemas say of the files for people and other languages, then what came of each configuration."""
    faults = list(_schema_faults(folder, files))
    yield from faults
    if not faults:
        yield from _probed(folder, files)


# --- the files say what they may --------------------------------------------------------------------------------------


def _schema_faults(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each YAML file by its schema, once the schema itself is one."""
    for first, path in SCHEMAS.items():
        judged = [each for each in files if each.parts[0] == first]
        yield from follow(TOOL, folder, path, judged, is_there=path in files) if judged else ()


# --- the configurations do what the files say -------------------------------------------------------------------------


def _probed(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each component's configuration beside what its file says, all in one process."""
    said = {each.stem: _load(folder / each)["logging"] for each in files if each.parts[0] == "components"}
    configured = {each.stem: each for each in files if each.parts[0] == "dictconfig"}
    for name in sorted(said.keys() ^ configured.keys()):
        file = configured.get(name, PurePosixPath("components", f"{name}.yaml"))
        yield Diagnostic(f"{TOOL}/alone", Span(str(file)), f"{name} has one of components/ and dictconfig/, and needs both")
    names = sorted(said.keys() & configured.keys())
    packages = sorted({each.relative_to(SOURCE).parts[0] for each in files if each.is_relative_to(SOURCE)})
    if not names or len(packages) != 1:
        if names:
            yield Diagnostic(f"{TOOL}/no-package", Span(str(configured[names[0]])), f"{SOURCE} holds {len(packages)} packages, not one")
        return
    catalogue = _load(folder / EVENTS)["audit"]["events"] if EVENTS in files else []
    components = [_question(folder, configured[name], said[name], catalogue) for name in names]
    words = {"correlation": CORRELATION, "request": REQUEST, "actor": ACTOR, "clear": CLEAR, "hidden": HIDDEN, "added": ADDED}
    asked = {"source": str((folder / SOURCE).absolute()), "package": packages[0], "components": components, **words}
    command = [sys.executable, "-I", "-B", str(PROBE)]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("AUDIT_", "OTEL_"))}
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, encoding="utf-8", env=surroundings, check=False)
    if done.returncode != 0:
        said_last = done.stderr.strip().rpartition("\n")[2] or f"exit status {done.returncode}"
        yield Diagnostic(f"{TOOL}/failed", Span(str(configured[names[0]])), said_last)
        return
    for component, answer in zip(components, json.loads(done.stdout), strict=True):
        yield from _findings(component, answer, Span(str(configured[component["name"]])))


def _load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def _question(folder: Path, file: PurePosixPath, said: Data, catalogue: Sequence[Data]) -> dict[str, Any]:
    """What to put through a configuration: taken from what the other files say, not from itself."""
    marked = {name for appender in said["appenders"] for name in [appender["name"]] if appender.get("attributes")}
    usual = [each for each in said["loggers"] if not marked & set(each["appenders"])]
    below = [f"{each['name']}.probe" for each in usual if each["name"] != "root"]
    events = [each for each in catalogue if each["component"] == said["component"]]
    return {
        "name": file.stem,
        "config": (folder / file).read_text(encoding="utf-8"),
        "said": said,
        "marks": next((each["attributes"] for each in said["appenders"] if each.get("attributes")), {}),
        "loggers": [*(each["name"] for each in usual), *below, STRANGER],
        "fields": [each["name"] for each in said["redaction"]["fields"]],
        "paths": said["redaction"]["paths"],
        "mail_addresses": said["redaction"]["mail_addresses"],
        "events": {each["event"]: {v["name"]: v["written"] == "clear" for v in each.get("resource", ())} for each in events},
    }


def _findings(component: Data, answer: Data, at: Span) -> Iterator[Diagnostic]:
    if answer["error"]:
        yield Diagnostic(f"{TOOL}/refused", at, answer["error"])
        return
    lines, broken = _lines(answer["console"])
    yield from (Diagnostic(f"{TOOL}/not-json", at, f"this line is no JSON object: {line[:200]}") for line in broken)
    audited = [each for each in answer["collector"] if _is_marked(each, component["marks"])]
    sent = [each for each in answer["collector"] if not _is_marked(each, component["marks"])]
    yield from _key_faults(component, lines, at)
    yield from _level_faults(component, answer, lines, sent, at)
    yield from _leaks(answer, at)
    yield from _audit_faults(component, answer, lines, audited, at)


def _lines(console: str) -> tuple[list[dict[str, Any]], list[str]]:
    lines: list[dict[str, Any]] = []
    broken: list[str] = []
    for line in console.splitlines():
        try:
            data = json.loads(line, parse_constant=broken.append)
        except ValueError:
            data = None
        if isinstance(data, dict):
            lines.append(data)
        else:
            broken.append(line)
    return lines, broken


def _is_marked(record: Data, marks: Data) -> bool:
    return bool(marks) and all(record["attributes"].get(name) == value for name, value in marks.items())


def _key_faults(component: Data, lines: Sequence[Data], at: Span) -> Iterator[Diagnostic]:
    """Every line has the keys that the file lists, and the ids of the request."""
    said = component["said"]
    keys = next(each["layout"]["fields"] for each in said["appenders"] if each["type"] == "console")
    ids = dict(zip(said["correlation"]["fields"].values(), (CORRELATION, REQUEST), strict=False))
    wanted = {**ids, "service": said["component"]}
    wrong = [line for line in lines if list(line) != keys]
    if wrong:
        yield Diagnostic(f"{TOOL}/wrong-keys", at, f"a line has the keys {', '.join(wrong[0])}, and not {', '.join(keys)}")
    for name, value in wanted.items():
        other = next((line.get(name) for line in lines if line.get(name) != value), value)
        if other != value:
            yield Diagnostic(f"{TOOL}/wrong-value", at, f'"{name}" of a line is {json.dumps(other)}, and not {json.dumps(value)}')


def _level_faults(component: Data, answer: Data, lines: Sequence[Data], sent: Sequence[Data], at: Span) -> Iterator[Diagnostic]:
    """What is at least as bad as the logger's level is on the console and with the collector, once; the rest is nowhere."""
    levels = {each["name"]: LEVELS[each["level"]] for each in component["said"]["loggers"]}
    shown: dict[str, list[Any]] = {}
    for line in lines:
        shown.setdefault(str(line.get("message")), []).append((line.get("level"), line.get("logger"), line.get("mdc")))
    left: dict[str, list[str]] = {}
    for record in sent:
        left.setdefault(str(record["body"]), []).append(record["scope"])
    for probe in answer["probes"]:
        logger, number = probe["logger"], probe["level"]
        is_wanted = number >= _threshold(levels, logger)
        on_console, with_collector = shown.get(probe["message"], []), left.get(probe["message"], [])
        if on_console != [(NAMES[number], logger, {ADDED: probe["message"]})] * is_wanted:
            yield Diagnostic(f"{TOOL}/wrong-level", at, _amiss(logger, number, "on the console", len(on_console), is_wanted))
        if with_collector != [logger] * is_wanted:
            yield Diagnostic(f"{TOOL}/wrong-level", at, _amiss(logger, number, "with the collector", len(with_collector), is_wanted))


def _amiss(logger: str, number: int, where: str, times: int, is_wanted: bool) -> str:
    what = f'what "{logger}" logs at {NAMES[number]} is'
    if not is_wanted:
        return f"{what} {where}, though its level is higher"
    if times == 1:
        return f"{what} {where} in another form: with another level, or without what the program added"
    return f"{what} {where} {times} times" if times else f"{what} not {where}"


def _threshold(levels: Mapping[str, int], logger: str) -> int:
    """The level of the logger, or of the nearest one above it."""
    while logger and logger not in levels:
        logger = logger.rpartition(".")[0]
    return levels[logger or "root"]


def _leaks(answer: Data, at: Span) -> Iterator[Diagnostic]:
    """A protected value on the console or with the collector."""
    outputs = {"on the console": answer["console"], "with the collector": json.dumps(answer["collector"])}
    for where, output in outputs.items():
        for value, what in answer["secrets"].items():
            if value in output:
                yield Diagnostic(f"{TOOL}/personal-in-clear", at, f"{what} is shown {where}")
        if HIDDEN in output:
            yield Diagnostic(f"{TOOL}/personal-in-clear", at, f"a protected value of an audit record is shown {where}")


def _audit_faults(component: Data, answer: Data, lines: Sequence[Data], audited: Sequence[Data], at: Span) -> Iterator[Diagnostic]:
    """Each event leaves once, marked, with all that the catalogue says, and is nowhere else; what it does not know is refused."""
    events = component["events"]
    logger = next((each["name"] for each in component["said"]["loggers"] if _leads_to_mark(component, each)), None)
    for event, values in events.items():
        records = [each for each in audited if each["attributes"].get("audit.event") == event and each["scope"] == logger]
        if len(records) != 1:
            yield Diagnostic(f"{TOOL}/audit-lost", at, f'"{event}" left {len(records)} times for the audit log, and not once')
        for record in records:
            has = record["attributes"]
            wanted = {"audit.actor": ACTOR, "audit.outcome": "denied", "correlation_id": CORRELATION, "request_id": REQUEST}
            wanted |= {f"audit.resource.{name}": CLEAR for name, is_clear in values.items() if is_clear}
            wrong = [name for name, value in wanted.items() if has.get(name) != value]
            wrong += [f"audit.resource.{name}" for name in values if f"audit.resource.{name}" not in has]
            if wrong:
                yield Diagnostic(f"{TOOL}/audit-incomplete", at, f'the record of "{event}" does not say {", ".join(sorted(set(wrong)))}')
    strays = [each for each in audited if each["attributes"].get("audit.event") not in events]
    strays += [line for line in lines if line.get("logger") == logger or ACTOR in json.dumps(line)]
    if strays:
        yield Diagnostic(f"{TOOL}/audit-astray", at, f"{len(strays)} records are where the audit log has none, or have no event of it")
    for each in answer["refusals"]:
        if each["words"] is None:
            yield Diagnostic(f"{TOOL}/audit-careless", at, f"{each['what']} was not refused")


def _leads_to_mark(component: Data, logger: Data) -> bool:
    marked = {each["name"] for each in component["said"]["appenders"] if each.get("attributes")}
    return bool(marked & set(logger["appenders"]))
