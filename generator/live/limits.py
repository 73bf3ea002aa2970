"""Rate limits: of one user no more is let in than the bucket holds, and another is not held up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator import placement
from generator.live import shortening
from generator.live.lab import Handshake, Probe
from generator.live.observation import Observation
from generator.live.requests import concrete, is_checked
from generator.live.stage import Stage
from generator.live.ways import Way
from generator.model import Component, RateLimit

LARGEST_BUCKET = 500


def limits(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """Of one user no more is let in than the bucket holds and what is filled meanwhile; another user is not held up."""
    for component in placement.deployed(stage.graph):
        for limit in component.rate_limits:
            if limit.by is not None:
                yield _limit(stage, component, limit, found)


def _limit(stage: Stage, component: Component, limit: RateLimit, found: Sequence[Way]) -> Observation:
    count, period = limit.rate.whole
    bucket = max(count, limit.burst or 0)
    promise = f"{component.name} lets in {limit.rate} for each {limit.name}, {bucket} at once"
    probe = _limited(stage, component, limit, found)
    if probe is None or bucket > LARGEST_BUCKET:
        why = "nothing that it lets in is counted so" if probe is None else "the bucket is too large to be emptied here"
        return stage.observe("limits", limit.at, promise, why, "not proven")
    same = _as(stage, probe, limit, "same")
    [results, others] = stage.lab.ask_in_turn([[same] * (bucket + 4), [_as(stage, probe, limit, "other")]])
    let_in = sum(1 for each in results if each.is_answered)
    stopped = sum(1 for each in results if each.status == 429 and not each.tries)
    filled = count * (1 + int(sum(each.seconds for each in results) / shortening.seconds(period)))
    is_kept = bucket <= let_in <= bucket + filled and let_in + stopped == len(results) and others[0].is_answered
    shown = (
        f"of {len(results)} at once {let_in} let in, {stopped} stopped; {'another let in' if others[0].is_answered else 'another stopped'}"
    )
    return stage.observe("limits", limit.at, promise, shown, is_kept)


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


def _as(stage: Stage, probe: Probe, limit: RateLimit, who: str) -> Probe:
    """The request as one user's, client's or address'."""
    what, _, name = (limit.by or "").partition(":")
    if what == "header":
        return replace(probe, headers={**probe.headers, name: who})
    if what == "address":
        return replace(probe, source=next(iter(stage.mesh.pods.values())).outbound if who == "other" else "127.0.0.1")
    assert probe.token is not None
    claims = dict(probe.token.claims)
    holder = claims
    *outer, last = name.split(".")
    for part in outer:
        holder[part] = dict(holder[part])
        holder = holder[part]
    holder[last] = who
    return replace(probe, token=replace(probe.token, claims=claims))
