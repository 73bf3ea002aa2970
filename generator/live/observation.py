"""What was promised, what was seen, and what that means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.diagnostics import At, Span
from generator.model import Measurement, Verdict


@dataclass(frozen=True, slots=True)
class Observation:
    """One promise of the contract, and what running the emitted files showed of it."""

    family: str
    """`calls`, `identities`, `tokens`, `timeouts`, `retries`, `breakers`, `limits`, `egress`, `way in`, `faults`, `admission`, `rights`."""
    environment: str
    at: At
    """The record of the contract that promises it."""
    promise: str
    """A clause that says it, with its numbers: `shop waits at most 2 s for ledger.accounts.getAccount`."""
    observed: str
    """What was seen, with its numbers; of what is not proven, why."""
    verdict: Verdict
    changed: str = ""
    """What was changed for it in the copy of the emitted files that was run: `timeout 10s to 2s`; empty: nothing."""


SHOWN = 4


def first_of(wrong: Sequence[str]) -> str:
    """The first few of what is wrong; of more the number says enough."""
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return "; ".join(wrong[:SHOWN]) + more


def measurements(observations: Iterable[Observation], places: Mapping[Span, str]) -> tuple[Measurement, ...]:
    """The same without lines, which move with every edit; `places` are paths of contract keys by their lines."""
    return tuple(
        Measurement(
            each.family,
            each.environment,
            places.get(each.at.span, each.at.pointer),
            each.promise,
            each.observed,
            each.verdict,
            each.changed,
        )
        for each in observations
    )
