"""Faults that an environment injects: as many requests are late and fail as is said, as far as chance allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from generator import placement
from generator.emit.istio.faults import ABORTED, DELAYED
from generator.live import shortening
from generator.live.lab import Result
from generator.live.observation import Observation
from generator.live.stage import INGRESS, Stage
from generator.live.ways import Way, seconds

SAMPLE = 250
"""Requests on each route: enough that none of those that should fail is no chance."""
UNLIKELY = 1e-4
"""How rare a count has to be, three times in a row, to be no chance."""


def faults(stage: Stage, found: Sequence[Way], factors: shortening.Factors) -> Iterator[Observation]:
    """Of many requests on each route a tenth comes too late and a twentieth fails, as far as chance allows."""
    inside = [each for each in found if not placement.is_gateway(each.consumer) and each.consumer.name != INGRESS]
    left = [each for each in inside if stage.probe(each) is not None]
    for is_last, parallel in ((False, 64), (False, 32), (True, 16)):
        # A machine that is busy makes answers late: what is not as it should be is asked again, fewer at once.
        again = []
        for way, results in zip(left, _sampled(stage, left, parallel), strict=True):
            aborted = sum(1 for each in results if not each.tries and not each.is_answered)
            late = seconds(way.policy.timeout, factors[way.route]) if way.policy.timeout is not None else 0.0
            delayed = sum(1 for each in results if each.seconds >= late * 0.95) if late else 0
            is_kept = _likely(aborted, ABORTED) and (not late or _likely(delayed, DELAYED))
            if is_kept or is_last:
                promise = f"of the requests of {way.name} some are late by its timeout, some fail"
                yield stage.observe("faults", way.at, promise, f"of {SAMPLE} {delayed} late, {aborted} failed", is_kept)
            else:
                again.append(way)
        left = again


def _sampled(stage: Stage, ways: Sequence[Way], parallel: int) -> Iterator[list[Result]]:
    sequences = [[probe] for way in ways for _ in range(SAMPLE) if (probe := stage.probe(way)) is not None]
    results = iter(stage.lab.ask_in_turn(sequences, parallel))
    for _ in ways:
        yield [each for [each] in itertools.islice(results, SAMPLE)]


def _likely(count: int, percent: int) -> bool:
    """Whether chance may give so many of a sample (binomial distribution)."""
    share = percent / 100
    chances = [math.comb(SAMPLE, k) * share**k * (1 - share) ** (SAMPLE - k) for k in range(SAMPLE + 1)]
    return sum(chances[: count + 1]) > UNLIKELY and sum(chances[count:]) > UNLIKELY
