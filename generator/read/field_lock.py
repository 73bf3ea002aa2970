"""The committed lock of protobuf numbers: one sorted line per field, so that branches merge and bad merges show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from generator.diagnostics import Diagnostic, Related, Span
from generator.model import LockedName

FILE_NAME = "proto.lock"
HEADING = """\
# Numbers of protobuf fields and enum values. Written by interlock, committed, never edited by hand.
# On a merge conflict keep the lines of both sides; where two names got one number, delete the younger line and generate again.
"""
LINE = re.compile(r"(?P<scope>[A-Za-z_][\w.]*) (?P<name>[A-Za-z_]\w*) = (?P<number>[1-9]\d{0,8})(?P<reserved> reserved)?", re.ASCII)
UNUSABLE = range(19_000, 20_000)
"""Numbers that protobuf keeps for itself."""
LAST = 2**29 - 1


def read_lock(path: Path, file: str) -> tuple[tuple[LockedName, ...], list[Diagnostic]]:
    """The locked names and what is wrong with the file; no file is an empty lock."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return (), []
    except (OSError, UnicodeDecodeError) as error:
        return (), [Diagnostic("broken-lock", Span(file), f"the lock cannot be read: {error}")]
    found: list[Diagnostic] = []
    locked: dict[tuple[str, str], tuple[LockedName, Span]] = {}
    numbers: dict[tuple[str, int], Span] = {}
    for number, line in enumerate(lines, 1):
        at = Span(file, number, 1, max(1, len(line)))
        parts = LINE.fullmatch(line.strip())
        if not line.strip() or line.lstrip("\ufeff").startswith("#"):
            continue
        if not parts or int(parts["number"]) in UNUSABLE or int(parts["number"]) > LAST:
            found.append(_broken_line(line, at))
            continue
        name = LockedName(parts["scope"], parts["name"], int(parts["number"]), bool(parts["reserved"]))
        clash = locked[name.scope, name.name][1] if (name.scope, name.name) in locked else numbers.get((name.scope, name.number))
        if clash:
            found.append(_conflict(name, at, clash))
            continue
        locked[name.scope, name.name] = name, at
        numbers[name.scope, name.number] = at
    return tuple(name for name, _ in locked.values()), found


def _broken_line(line: str, at: Span) -> Diagnostic:
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return Diagnostic("lock-conflict", at, "the lock holds an unfinished merge", "keep the lines of both sides, and generate again")
    return Diagnostic(
        "broken-lock",
        at,
        f'"{line.strip()[:60]}" is not a line of the lock',
        "a line reads `package.Message field = 1`; restore the file from Git",
    )


def _conflict(name: LockedName, at: Span, first: Span) -> Diagnostic:
    message = f"{name.scope} {name.name} = {name.number} repeats a name or number of another line"
    help = "two branches gave out one number: delete the line that no released version has, and generate again"
    return Diagnostic("lock-conflict", at, message, help, related=(Related(first, "first given here"),))


def to_text(locked: Iterable[LockedName]) -> str:
    """The whole lock file, sorted by scope and name."""
    lines = sorted(f"{each.scope} {each.name} = {each.number}{' reserved' if each.reserved else ''}" for each in locked)
    return HEADING + "".join(f"{line}\n" for line in lines)
