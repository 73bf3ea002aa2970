"""Findings that were there when a team began: left out of `check`, so that only new ones count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from generator.diagnostics import Diagnostic, counted

VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One finding that is known; it is known again by its fingerprint, the rest is for the reader of a diff."""

    rule: str
    place: str
    fingerprint: str
    message: str


Baseline = Mapping[str, tuple[Entry, ...]]
"""What is known of each system, which goes by the name of its folder: fingerprints tell findings of one system apart."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many findings a baseline left out, and how many of its entries are findings no longer."""

    known: int
    gone: int


def baseline_of(found: Mapping[str, Sequence[Diagnostic]]) -> Baseline:
    """Every finding that counts, by system."""
    return {system: tuple(sorted({_entry(each) for each in counted(diagnostics)})) for system, diagnostics in found.items()}


def _entry(found: Diagnostic) -> Entry:
    return Entry(found.code, found.place, found.fingerprint, found.message)


def without(found: Mapping[str, Sequence[Diagnostic]], baseline: Baseline) -> tuple[list[Diagnostic], LeftOut]:
    """The findings that are not known; entries of systems that were not looked at are not gone."""
    left: list[Diagnostic] = []
    known = gone = 0
    for system, diagnostics in found.items():
        entries = {entry.fingerprint for entry in baseline.get(system, ())}
        new = [each for each in diagnostics if each.accepted is not None or each.fingerprint not in entries]
        known += len(diagnostics) - len(new)
        gone += len(entries - {each.fingerprint for each in counted(diagnostics)})
        left += new
    return left, LeftOut(known, gone)


def to_json(baseline: Baseline) -> str:
    """The file: sorted, and each value on a line of its own, so that a diff shows what came and went."""
    systems = {system: [asdict(entry) for entry in sorted(baseline[system])] for system in sorted(baseline)}
    return json.dumps({"version": VERSION, "systems": systems}, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> Baseline:
    """The reverse; raises ValueError with the reason."""
    try:
        data = json.loads(text)
        if data["version"] != VERSION:
            raise ValueError(f"it is of version {data['version']}, and this Interlock knows version {VERSION}")
        return {str(system): tuple(_read(each) for each in entries) for system, entries in data["systems"].items()}
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is not of the form that --write-baseline writes") from error


def _read(data: Mapping[str, object]) -> Entry:
    return Entry(str(data["rule"]), str(data["place"]), str(data["fingerprint"]), str(data["message"]))
