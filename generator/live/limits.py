"""Rate limits: of one user no more is let in than the bucket holds, and another is not held up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator import placement
from generator.live.lab import Handshake, Probe
from generator.live.observation import Observation
from generator.live.requests import concrete, is_checked, with_claim
from generator.live.stage import Stage
from generator.live.ways import Way, seconds
from generator.model import Component, RateLimit

LARGEST_BUCKET = 500


def limits(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """No more is let in at once than the bucket holds and what is filled meanwhile; what is counted apart is not held up."""
    for component in placement.deployed(stage.graph):
        # What is counted for all together is asked about last: it takes from nobody then.
        for limit in sorted(component.rate_limits, key=lambda each: each.by is None):
            yield _limit(stage, component, limit, found)


def _limit(stage: Stage, component: Component, limit: RateLimit, found: Sequence[Way]) -> Observation:
    count, period = limit.rate.whole
    bucket = _bucket(limit)
    who = f" for each {limit.name}" if limit.by is not None else ""
    promise = f"{component.name} lets in {limit.rate}{who}, {bucket} at once"
    why = _why_not(stage, component, limit, found)
    if why:
        return stage.observe("limits", limit.at, promise, why, "not proven")
    asked = [_asked(stage, component, limit, found, "same") for _ in range(bucket + 4)]
    [results, others] = stage.lab.ask_in_turn([asked, [_asked(stage, component, limit, found, "other")]])
    let_in = sum(1 for each in results if each.is_answered)
    stopped = sum(1 for each in results if each.status == 429 and not each.tries)
    filled = count * (1 + int(sum(each.seconds for each in results) / seconds(period)))
    is_kept = bucket <= let_in <= bucket + filled and let_in + stopped == len(results)
    shown = f"of {len(results)} at once {let_in} let in, {stopped} stopped"
    if limit.by is not None:
        is_kept = is_kept and others[0].is_answered
        shown += f"; {'another let in' if others[0].is_answered else 'another stopped'}"
    return stage.observe("limits", limit.at, promise, shown, is_kept)


def _bucket(limit: RateLimit) -> int:
    return max(limit.rate.whole[0], limit.burst or 0)


def _why_not(stage: Stage, component: Component, limit: RateLimit, found: Sequence[Way]) -> str:
    """Why a limit cannot be reached here; empty if it can."""
    if _limited(stage, component, limit, found) is None:
        return "nothing that it lets in is counted so"
    if _bucket(limit) > LARGEST_BUCKET:
        return "the bucket is too large to be emptied here"
    shared = [_bucket(each) for each in component.rate_limits if each.by is None and each is not limit]
    return "what is let in for all together is less" if min(shared, default=LARGEST_BUCKET) < _bucket(limit) + 5 else ""


def _asked(stage: Stage, component: Component, limit: RateLimit, found: Sequence[Way], who: str) -> Probe:
    """A request that only this limit counts together with those of the same."""
    probe = _limited(stage, component, limit, found)
    assert probe is not None
    probe = replace(probe, source=next(stage.sources))
    what, _, name = (limit.by or "").partition(":")
    if what == "header":
        return replace(probe, headers={**probe.headers, name: who})
    if what == "address" and who == "same":
        return replace(probe, source="127.0.0.1")
    if what == "claim":
        assert probe.token is not None
        return replace(probe, token=replace(probe.token, claims=with_claim(probe.token.claims, name, who)))
    return probe


def _limited(stage: Stage, component: Component, limit: RateLimit, found: Sequence[Way]) -> Probe | None:
    """A request that the component lets in; one with a token where that is counted by."""
    by_claim = (limit.by or "").startswith("claim:")
    for way in found:
        if by_claim and not is_checked(way.request.scheme):
            continue
        if way.consumer == component and placement.is_gateway(component):
            return stage.probe(way)
        pod, caller = stage.pod(component.name), stage.pod(way.consumer.name)
        if way.provider == component and pod is not None and caller is not None:
            address = f"{pod.address}:{way.listener.port}"
            fields = stage.asker.fields(way.request) | {"path": concrete(way.request.path)}
            return Probe(address=address, host=address, tls=Handshake(stage.identity(caller.account, caller.namespace)), **fields)
    return None
