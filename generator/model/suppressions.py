"""Findings of the review that a team accepts, with the reason and an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from generator.diagnostics import At
from generator.model.marks import RULE, Date, doc, located


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding that is accepted for a while; `interlock rules` lists the rules."""

    rule: Annotated[str, RULE] = doc("Rule whose finding is accepted, as `interlock rules` lists them: retry-amplification.")
    where: str = doc(
        "Place of the finding: component or system-wide key, then keys and names, with dots between; entries of a list go by what they"
        " name. All below the place counts.",
        key="at",
    )
    why: str = doc("Why it is accepted.")
    until: Date = doc("Last day on which it is.")
    at: At = located()
