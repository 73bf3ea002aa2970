"""Which traces are kept: all, or the share that the contract says, and those with errors where it says so."""

from __future__ import annotations

from typing import Any

from generator import signals
from generator.graph import Graph
from generator.units import Duration, Percentage

SHORTEST_WAIT, LONGEST_WAIT = Duration(30_000), Duration(60_000)
TRACES = 100_000
"""Most traces that wait for their decision at once."""
DECISIONS = 200_000
"""Decisions that are remembered, so that a late span goes the way of its trace."""

Processor = tuple[str, dict[str, Any]]


def is_by_trace(graph: Graph) -> bool:
    """Whether a decision needs all spans of a trace, and so all of them in one collector."""
    traces = signals.observability(graph).traces
    return bool(traces.keep) and traces.sample is not None and traces.sample.value < 100


def processor(graph: Graph) -> Processor | None:
    """None where all traces are kept."""
    share = signals.observability(graph).traces.sample
    if share is None or share.value >= 100:
        return None
    if not is_by_trace(graph):
        return "probabilistic_sampler", {"sampling_percentage": _number(share)}
    policies: list[dict[str, Any]] = [{"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}}]
    if share.value > 0:
        policies.append({"name": "share", "type": "probabilistic", "probabilistic": {"sampling_percentage": _number(share)}})
    cache = {"sampled_cache_size": DECISIONS, "non_sampled_cache_size": DECISIONS}
    return "tail_sampling", {"decision_wait": str(_wait(graph)), "num_traces": TRACES, "decision_cache": cache, "policies": policies}


def _number(share: Percentage) -> int | float:
    return int(share.value) if share.value == int(share.value) else float(share.value)


def _wait(graph: Graph) -> Duration:
    """As long as calls may take, within bounds: only then is it known whether one failed, and all that time its trace takes up memory."""
    longest = max((each.use.timeout.milliseconds for each in graph.calls if each.use.timeout is not None), default=0)
    return min(LONGEST_WAIT, max(SHORTEST_WAIT, Duration(-(-longest // 1000) * 1000)))
