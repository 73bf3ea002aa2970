"""Observations as Markdown and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import get_args

from generator import text
from generator.live.observation import Observation
from generator.model import Verdict
from generator.text import markdown_cell, markdown_code, markdown_table

HEADS = ("Promise", "Observed", "Verdict", "Changed for it", "Contract")
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Proven:
    """What was seen of one system."""

    system: str
    observations: tuple[Observation, ...]

    @property
    def tally(self) -> str:
        """`61 promises: 60 held, 1 not proven`."""
        counts = Counter(each.verdict for each in self.observations)
        parts = ", ".join(f"{counts[each]} {each}" for each in VERDICTS if counts[each])
        number = len(self.observations)
        return f"{number} {'promise' if number == 1 else 'promises'}{f': {parts}' if parts else ''}"


def to_markdown(proven: Sequence[Proven]) -> str:
    """A section for each system, a table for each environment."""
    parts = ["# Proven live\n"]
    for each in proven:
        parts.append(f"## {each.system}\n\n{each.tally}.\n")
        for environment in dict.fromkeys(one.environment for one in each.observations):
            rows = (_row(one) for one in each.observations if one.environment == environment)
            parts.append(f"### {environment}\n\n{markdown_table(HEADS, rows)}")
    return "\n".join(parts)


def _row(each: Observation) -> Sequence[str]:
    verdict = f"**{each.verdict}**" if each.verdict == "broken" else each.verdict
    place = markdown_code(f"{each.at.span.file}:{each.at.span.line}")
    return markdown_cell(each.promise), markdown_cell(each.observed), verdict, markdown_cell(each.changed), place


def to_json(proven: Sequence[Proven]) -> str:
    """A list of systems, each with its observations."""
    return text.to_json([{"system": each.system, "observations": [_record(one) for one in each.observations]} for each in proven])


def _record(observation: Observation) -> dict[str, object]:
    found = asdict(observation)
    del found["at"]
    span = observation.at.span
    return {**found, "place": observation.at.pointer, "file": span.file, "line": span.line}
