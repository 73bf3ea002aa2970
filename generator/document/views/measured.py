"""What was seen when the files of the system were run: how many promises held, and those with numbers one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from generator.document.context import Context
from generator.model import Measurement
from generator.read import measured

NUMBERED = ("timeouts", "retries", "breakers", "limits")
"""Families of promises that are numbers: each is shown."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One family of promises in one environment."""

    environment: str
    family: str
    held: int
    broken: int
    not_proven: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One run."""

    day: str
    is_current: bool | None
    """The files are still those that were run; None where not all of them are at hand."""
    tallies: tuple[Tally, ...]
    numbers: tuple[Measurement, ...]
    """Of the environment with the most promises, the first of those alike."""
    environment: str
    broken: tuple[Measurement, ...]
    open: tuple[tuple[str, str, int], ...]
    """Family, why something was not proven, and how often."""


def seen(context: Context) -> Seen | None:
    """None where nobody has run the system."""
    found = context.graph.system.measured
    if found is None or not found.measurements:
        return None
    files = {path: artifact.text for path, artifact in context.artifacts.items()}
    environments = Counter(each.environment for each in found.measurements)
    most = environments.most_common(1)[0][0]
    return Seen(
        day=found.day,
        is_current=None if context.scopes else measured.basis(files) == found.basis,
        tallies=tuple(_tallies(found.measurements)),
        numbers=tuple(each for each in found.measurements if each.environment == most and each.family in NUMBERED),
        environment=most,
        broken=tuple(each for each in found.measurements if each.verdict == "broken"),
        open=tuple(_open(found.measurements)),
    )


def _tallies(measurements: Sequence[Measurement]) -> list[Tally]:
    counts = Counter((each.environment, each.family, each.verdict) for each in measurements)
    keys = dict.fromkeys((each.environment, each.family) for each in measurements)
    return [Tally(*key, counts[*key, "held"], counts[*key, "broken"], counts[*key, "not proven"]) for key in keys]


def _open(measurements: Sequence[Measurement]) -> list[tuple[str, str, int]]:
    counts = Counter((each.family, each.observed) for each in measurements if each.verdict == "not proven")
    return [(family, why, number) for (family, why), number in counts.items()]
