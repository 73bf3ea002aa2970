"""Circuit breakers: they open at their threshold, stay open as long as is said, close again, and leave out no more instances than they may."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from generator import policies
from generator.live import shortening
from generator.live.lab import Probe
from generator.live.observation import Observation
from generator.live.requests import BROKEN, FAILED
from generator.live.stage import Stage
from generator.live.ways import Way, seconds
from generator.model import Component, OutlierDetection, Verdict

PAUSE = 0.05
"""Seconds between failing calls: Envoy tells its workers of an instance that is left out a moment after it has counted."""
SWEEP, MERGED = 1.0, 1.2
"""Seconds between Envoy's looks at who may come back; within which it tells of changes together (update_merge_window)."""
NEARLY = 0.8
"""Part of the time after which nothing may get through yet; of the rest a slow machine takes its share."""
SPREAD = 3
"""Times as many failing calls as would do if each instance had its turn."""
COUNTABLE = 10.0
"""Seconds for which an instance must be left out to be counted as such."""
ALL, HALF = 100, 50


@dataclass(frozen=True, slots=True)
class Pair:
    """A consumer and a provider on one port: what Envoy keeps one account of."""

    ways: tuple[Way, ...]
    detection: OutlierDetection
    most: int
    """Percent of the instances that may be left out."""

    @property
    def rule(self) -> str:
        """Name of its DestinationRule."""
        return f"{self.ways[0].consumer.name}.{self.ways[0].provider.name}"

    @property
    def name(self) -> str:
        return f"{self.ways[0].consumer.name} to {self.ways[0].provider.name}:{self.ways[0].listener.service_port}"

    @property
    def instances(self) -> int:
        """The fewest that there are of the provider."""
        return _fewest(self.ways[0].provider)

    @property
    def way(self) -> Way:
        """The one whose failures are tried again least."""
        return min(self.ways, key=_tries)

    def factor(self, *, shorten: bool) -> Fraction:
        """What the time is multiplied with for which an instance is left out."""
        return shortening.factor(self.detection.ejected, shortening.LONGEST_EJECTION, shorten=shorten)


def pairs(found: Iterable[Way]) -> list[Pair]:
    """Of those whose contract has a breaker; on each port the policies of all operations between the two count."""
    between: dict[tuple[str, str], list[Way]] = defaultdict(list)
    for each in found:
        between[each.consumer.name, each.provider.name].append(each)
    known: list[Pair] = []
    for ways in between.values():
        detection = policies.ejection([each.policy for each in ways])
        if detection is not None and ways[0].consumer.runtime is not None:
            is_declared = any(each.policy.call.use.outlier_detection is not None for each in ways)
            most = min(ALL, max(HALF, -(-ALL // _fewest(ways[0].provider)))) if is_declared else ALL
            ports = sorted({each.listener.service_port for each in ways})
            known += [Pair(tuple(each for each in ways if each.listener.service_port == port), detection, most) for port in ports]
    return known


def _fewest(component: Component) -> int:
    runtime = component.runtime
    return max(1, runtime.replicas.min) if runtime is not None and runtime.replicas is not None else 1


def breakers(stage: Stage, found: Sequence[Pair], *, shorten: bool) -> Iterator[Observation]:
    """Of one instance: nothing more reaches it after so many failures, for as long as is said, and then something does."""
    asked = [each for each in found if stage.probe(each.way) is not None]
    sequences = [list(_until_closed(stage, pair, shorten=shorten)) for pair in asked]
    for pair, results in zip(asked, stage.lab.ask_in_turn(sequences, parallel=64), strict=True):
        *failing, still, again = results
        tries = sum(len(each.tries) for each in failing)
        before = sum(1 for each in failing if each.tries)
        by = pair.factor(shorten=shorten)
        opened = f"open after {before} failed {'request' if before == 1 else 'requests'} ({tries} tries)"
        shown = [opened if not failing[-1].tries else f"still closed after {tries} tries"]
        shown.append("then nothing got through" if not still.tries else "then a request got through too early")
        shown.append("closed again in time" if again.is_answered else f"not closed again: {again.shown}")
        # A request that is tried again may be so in the moment in which Envoy's workers do not know yet.
        is_kept = pair.detection.failures <= tries < pair.detection.failures + _tries(pair.way)
        is_kept = is_kept and not failing[-1].tries and not still.tries and again.is_answered
        promise = f"the breaker of {pair.name} opens after {pair.detection.failures} failures of an instance, for {pair.detection.ejected}"
        changed = [f"{pair.detection.ejected} as {seconds(pair.detection.ejected, by):g} s"] if by != 1 else []
        changed += [f"1 instance instead of {pair.instances}"] if pair.instances > 1 else []
        yield stage.observe("breakers", pair.way.at, promise, "; ".join(shown), is_kept, ", ".join(changed))


def _tries(way: Way) -> int:
    """How often a request is made that breaks."""
    return way.policy.tries if way.speaks == "http" and "5xx" in way.policy.conditions else 1


def _until_closed(stage: Stage, pair: Pair, *, shorten: bool) -> Iterator[Probe]:
    wait = seconds(pair.detection.ejected, pair.factor(shorten=shorten))
    yield from _calls(stage, pair.way, pair.detection.failures + 2, wait=PAUSE, replies=(BROKEN[pair.way.speaks],))
    yield from _calls(stage, pair.way, wait=wait * NEARLY)
    yield from _calls(stage, pair.way, wait=wait * (1 - NEARLY) + SWEEP + 0.5)


def _calls(stage: Stage, way: Way, count: int = 1, **more: Any) -> Iterator[Probe]:
    """Each of another user, so that no limit counts them together."""
    yield from (probe for _ in range(count) if (probe := stage.probe(way, **more)) is not None)


def all_left_out(stage: Stage, found: Sequence[Pair]) -> Iterator[Observation]:
    """With as many instances as there are at least, when all of them fail: so many are left out, and if that is all, none is called."""
    asked = [each for each in found if stage.probe(each.way) is not None]
    sequences = []
    for pair in asked:
        count, failed = pair.detection.failures * pair.instances * SPREAD, (FAILED[pair.way.speaks],)
        # Envoy tells its workers of the first instance at once and of the next ones together, a second later.
        failing = [*_calls(stage, pair.way, count, replies=failed), *_calls(stage, pair.way, wait=MERGED, replies=failed)]
        sequences.append([*failing, *_calls(stage, pair.way, count, replies=failed), *_calls(stage, pair.way, wait=MERGED)])
    for pair, results in zip(asked, stage.lab.ask_in_turn(sequences, parallel=64), strict=True):
        expected, left_out = pair.instances * pair.most // ALL, _left_out(stage, pair)
        promise = f"when all {pair.instances} instances fail, {pair.name} leaves out {expected} of them"
        is_called, is_none_left = bool(results[-1].tries), expected == pair.instances
        shown = f"{left_out} left out, {'others' if is_called else 'none'} called"
        verdict: Verdict | bool = left_out == expected and is_called is not is_none_left
        if seconds(pair.detection.ejected) < COUNTABLE:
            shown, verdict = f"they come back after {pair.detection.ejected}, before they are counted", "not proven"
        yield stage.observe("breakers", pair.way.at, promise, shown, verdict)


def _left_out(stage: Stage, pair: Pair) -> int:
    """How many instances the caller's proxy leaves out now."""
    caller, way = stage.mesh.pods[pair.ways[0].consumer.name], pair.ways[0]
    cluster = rf"^cluster\.outbound\|{way.listener.service_port}\|\|{re.escape(way.provider.name)}\..*"
    return stage.lab.statistic(f"{caller.name}-0", cluster + r"outlier_detection\.ejections_active$")
