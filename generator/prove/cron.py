"""Kubernetes' own parser of schedules: each CronJob, and each configuration of a flow, has one that Kubernetes would run as it is meant."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool, words
from generator.prove.manifests import Manifest, manifests, yaml_files
from generator.prove.openapi_spec import LOADER, place
from generator.tools import KUBERNETES

TOOL = "robfig/cron"
PROVES = "Kubernetes' own parser takes each schedule, and each time zone exists"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

CODE = "cron"
CRON_CHECK = GoTool("cron-check", KUBERNETES, "github.com/robfig/cron/v3")
At = Callable[[Sequence[str | int]], Span]
"""Where the steps lead to in a document."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """One that is written somewhere, and where it and its time zone are."""

    expression: str
    zone: str | None
    at: Span
    zone_at: Span


def available() -> str | None:
    """The program is partly ours, so the digest of its sources is part of its version."""
    version = CRON_CHECK.version()
    return version and f"{version}+{KUBERNETES.folder.name[-8:]}"


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All schedules in one process; what is no YAML is for others to refuse."""
    found = [each for file in yaml_files(files) for each in _schedules(folder, file)]
    if not found:
        return
    done = CRON_CHECK.run(folder=folder, given=json.dumps([{"schedule": each.expression, "timeZone": each.zone} for each in found]))
    if done.returncode != 0:
        yield Diagnostic(f"{CODE}/failed", found[0].at, words(done))
        return
    for each, answer in zip(found, json.loads(done.stdout), strict=True):
        if answer.get("schedule"):
            yield Diagnostic(f"{CODE}/schedule", each.at, f'"{each.expression}": {answer["schedule"]}')
        if answer.get("timeZone"):
            yield Diagnostic(f"{CODE}/time-zone", each.zone_at, f'"{each.zone}": {answer["timeZone"]}')


def _schedules(folder: Path, file: PurePosixPath) -> Iterator[Schedule]:
    """Those of CronJobs, and of the configuration of a flow, which may be within a ConfigMap."""
    text = (folder / file).read_text(encoding="utf-8")
    if "CronJob" not in text and "cron" not in text:
        return
    try:
        objects = manifests(folder, file)
        whole = None if objects else yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return
    for each in objects:
        if each.kind == "CronJob":
            yield from _of(each.content.get("spec"), "schedule", "timeZone", _within(each, "spec"))
        elif each.kind == "ConfigMap" and isinstance(each.content.get("data"), dict):
            for key, value in each.content["data"].items():
                yield from _of_flow(_embedded(value), _within(each, "data", key))
    yield from _of_flow(whole, lambda steps: place(text, file, ["schedule", *steps]))


def _within(manifest: Manifest, *first: str) -> At:
    """Steps below those; of a text within the object, the key that it stands at."""
    return lambda steps: manifest.at([*first, *steps])


def _of_flow(configuration: object, at: At) -> Iterator[Schedule]:
    schedule = configuration.get("schedule") if isinstance(configuration, dict) else None
    if isinstance(schedule, dict) and schedule.get("type") == "cron":
        yield from _of(schedule, "expression", "timezone", at)


def _of(content: object, expression: str, zone: str, at: At) -> Iterator[Schedule]:
    if isinstance(content, dict):
        name = content.get(zone)
        yield Schedule(str(content.get(expression)), None if name is None else str(name), at([expression]), at([zone]))


def _embedded(text: object) -> object:
    if not isinstance(text, str) or "cron" not in text:
        return None
    try:
        return yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return None
