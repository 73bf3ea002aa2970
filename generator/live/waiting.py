"""How calls wait and are tried again: each wait ends when the contract says, each try is made as often as it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from generator.live import shortening
from generator.live.lab import Reply, Result
from generator.live.observation import Observation
from generator.live.requests import BROKEN, FAILED
from generator.live.stage import Stage
from generator.live.ways import Way, seconds

NOT_AGAIN = {"http": Reply(status=404), "grpc": Reply(grpc=5)}
"""What nobody is to try again: not found."""
MADE_HTTP = {
    "5xx": Reply(status=500),
    "cancelled": Reply(status=499),
    "deadline-exceeded": Reply(status=504),
    "gateway-error": Reply(status=502),
    "reset": Reply(reset=True),
    "resource-exhausted": Reply(status=429),
    "unavailable": Reply(status=503),
}
"""How a server makes each condition of a retry; failures to connect it cannot."""
MADE_GRPC = {
    "cancelled": Reply(grpc=1),
    "deadline-exceeded": Reply(grpc=4),
    "gateway-error": Reply(status=502),
    "reset": Reply(reset=True),
    "resource-exhausted": Reply(grpc=8),
    "unavailable": Reply(grpc=14),
}
UNAVAILABLE = {"5xx", "gateway-error", "unavailable"}
"""Conditions of a retry that 503 meets."""
SLACK, SHARE = 0.2, 0.15
"""How much later than said an answer may come: seconds, and a part of the wait."""
EARLY = 0.95
"""Part of a wait before which no answer may come: clocks differ a little."""
LATE = 60.0
ATTEMPTS = 3
"""A machine that is busy makes answers late: one of so many on time is enough."""


def timeouts(stage: Stage, found: Sequence[Way], factors: shortening.Factors) -> Iterator[Observation]:
    """Of a server that never answers: the caller has its failure when the contract says, after no more tries than it allows."""
    left = [each for each in found if each.policy.timeout is not None and stage.probe(each) is not None]
    for attempt in range(ATTEMPTS):
        probes = [stage.probe(each, replies=(Reply(delay=LATE),), patience=_patience(each, factors)) for each in left]
        again = []
        for way, result in zip(left, stage.lab.ask(filter(None, probes), parallel=64), strict=True):
            is_kept = _is_in_time(result, way, factors)
            is_final = attempt == ATTEMPTS - 1 or result.seconds >= _patience(way, factors)  # no machine is that busy
            if is_kept or is_final:
                by, timeout = factors[way.route], way.policy.timeout
                assert timeout is not None
                promise = f"{way.consumer.name} waits at most {timeout} for {way.policy.name}"
                changed = f"{timeout} as {seconds(timeout, by):g} s" if by != 1 else ""
                yield stage.observe("timeouts", way.at, promise, result.shown, is_kept, changed)
            else:
                again.append(way)
        left = again


def _is_in_time(result: Result, way: Way, factors: shortening.Factors) -> bool:
    least, most = way.wait(factors[way.route])
    is_cut = not result.is_answered and 1 <= len(result.tries) <= way.policy.tries
    return is_cut and EARLY * least <= result.seconds <= most * (1 + SHARE) + SLACK


def _patience(way: Way, factors: shortening.Factors) -> float:
    """Far longer than the wait."""
    return 3 * way.wait(factors[way.route])[1] + 3


# --- retries ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A failure that a server makes, and what is to come of it."""

    what: str
    replies: tuple[Reply, ...]
    tries: int
    is_good: bool = False
    """The last try succeeds."""

    def is_shown(self, result: Result) -> bool:
        return len(result.tries) == self.tries and result.is_answered == self.is_good


def retries(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """Tries are counted at the server: as many as the contract says for what it names, one for everything else."""
    asked = [(way, probe, tuple(_cases(way))) for way in found if (probe := stage.probe(way)) is not None]
    sequences = [[replace(probe, replies=case.replies) for case in cases] for _, probe, cases in asked]
    for (way, _, cases), results in zip(asked, stage.lab.ask_in_turn(sequences), strict=True):
        seen = list(zip(cases, results, strict=True))
        wrong = [f"{case.what}: {result.shown}" for case, result in seen if not case.is_shown(result)]
        shown = "; ".join(wrong) or "; ".join(f"{case.what}: {len(result.tries)}" for case, result in seen)
        yield stage.observe("retries", way.at, _promised_tries(way), shown, not wrong)
        if way.policy.tries > 1 and not _made(way):
            promise = f"{way.name} is tried again after {', '.join(way.policy.conditions)}"
            yield stage.observe("retries", way.at, promise, "no server can make that failure for one request", "not proven")


def _promised_tries(way: Way) -> str:
    if way.policy.tries == 1:
        why = ", as it must not be repeated" if way.policy.call.use.retry and way.policy.call.use.retry.attempts > 1 else ""
        return f"{way.consumer.name} tries {way.policy.name} once{why}"
    return f"{way.consumer.name} tries {way.policy.name} up to {way.policy.tries} times after {', '.join(way.policy.conditions)}"


def _made(way: Way) -> dict[str, Reply]:
    """The conditions that a server can make; where it resets, its own proxy answers 503, which the caller's must heed."""
    table = MADE_GRPC if way.speaks == "grpc" else MADE_HTTP
    is_heeded = bool(UNAVAILABLE & set(way.policy.conditions))
    return {each: table[each] for each in way.policy.conditions if each in table and (each != "reset" or is_heeded)}


def _cases(way: Way) -> Iterator[Case]:
    tries = way.policy.tries
    yield Case("not found", (NOT_AGAIN[way.speaks],), 1)
    if tries == 1:
        yield Case("unavailable", (FAILED[way.speaks], Reply()), 1)
        yield Case("reset", (Reply(reset=True), Reply()), 1)
        # Where a route says nothing of retries, Istio has two of its own, which heed this status whatever is spoken.
        yield Case("unavailable to gRPC", (Reply(status=503, grpc=14), Reply()), 1)
        return
    if way.speaks == "grpc" or "5xx" not in way.policy.conditions:
        yield Case("internal error", (BROKEN[way.speaks], Reply()), 1)
    for condition, reply in _made(way).items():
        yield Case(condition, (reply,), tries)
        yield Case(f"{condition}, then good", (*[reply] * (tries - 1), Reply()), tries, is_good=True)
