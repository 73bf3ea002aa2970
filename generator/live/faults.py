"""Faults that an environment injects: as many requests are late and fail as is said, as far as chance allows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

from generator import placement
from generator.emit.istio.faults import ABORTED, DELAYED
from generator.live import shortening
from generator.live.observation import Observation
from generator.live.stage import Stage
from generator.live.ways import Way

SAMPLE = 150
UNLIKELY = 1e-6


def faults(stage: Stage, found: Sequence[Way], factors: shortening.Factors) -> Iterator[Observation]:
    """Of many requests on each route a tenth comes too late and a twentieth fails, as far as chance allows."""
    inside = [each for each in found if not placement.is_gateway(each.consumer) and each.consumer.name != "ingress"]
    asked = [(each, probe) for each in inside if (probe := stage.probe(each)) is not None]
    sequences = [[probe] for _, probe in asked for _ in range(SAMPLE)]
    results = iter(stage.lab.ask_in_turn(sequences, parallel=256))
    for way, _ in asked:
        own = [each for [each] in itertools.islice(results, SAMPLE)]
        aborted = sum(1 for each in own if not each.tries and not each.is_answered)
        late = shortening.seconds(way.policy.timeout, factors[way.route]) if way.policy.timeout is not None else 0.0
        delayed = sum(1 for each in own if each.seconds >= late * 0.95) if late else 0
        is_kept = _likely(aborted, ABORTED) and (not late or _likely(delayed, DELAYED))
        promise = f"of the requests of {way.name} some are late by its timeout, some fail"
        yield stage.observe("faults", way.at, promise, f"of {SAMPLE} {delayed} late, {aborted} failed", is_kept)


def _likely(count: int, percent: int) -> bool:
    """Whether chance may give so many of a sample (binomial distribution)."""
    share = percent / 100
    chances = [math.comb(SAMPLE, k) * share**k * (1 - share) ** (SAMPLE - k) for k in range(SAMPLE + 1)]
    return sum(chances[: count + 1]) > UNLIKELY and sum(chances[count:]) > UNLIKELY
