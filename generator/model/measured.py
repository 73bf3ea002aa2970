"""What was seen when a system's files were run: the record that `interlock prove --live --record` leaves beside a contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["held", "broken", "not proven"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One promise of the contract, and what running the emitted files showed of it."""

    family: str
    environment: str
    place: str
    """Path of contract keys that promise it."""
    promise: str
    observed: str
    verdict: Verdict
    changed: str = ""
    """What was changed for it in the copy of the files that was run; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of all environments."""

    day: str
    """`2026-11-26`."""
    basis: str
    """Of the files that were run, 16 hexadecimal digits."""
    measurements: tuple[Measurement, ...]
