"""DestinationRules: how each consumer balances, limits and ejects the instances of what it calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator import network, placement, policies
from generator.diagnostics import At
from generator.emit.istio.objects import NETWORKING, Manifest, duration, manifest, without_repeats
from generator.graph import Graph
from generator.model import Component, OutlierDetection
from generator.policies import Policy
from generator.units import Duration

SWEEP = "1s"
"""How often Envoy looks who may come back; its 10 s would keep an instance out for longer than is said."""
ALL = 100
HALF = 50


def rules(graph: Graph, mode: str) -> Iterator[Manifest]:
    """One for each pair of consumer and provider, in the consumer's folder; with a waypoint one for each provider."""
    pairs = _pairs(graph)
    for (consumer, provider), found in sorted(pairs.items()):
        if mode == "sidecar":
            yield _rule(graph, consumer, provider, found)
    if mode == "ambient":
        for provider in sorted({name for _, name in pairs}):
            together = [policy for (_, name), found in pairs.items() if name == provider for policy in found]
            yield _rule(graph, None, provider, together)
    for (consumer, host), found in sorted(_hosts(graph).items()):
        if mode == "sidecar" and (detection := _detection(found, ALL)):
            yield _outside(graph, consumer, host, found, detection)


Pairs = dict[tuple[str, str], list[Policy]]


def _pairs(graph: Graph) -> Pairs:
    """The policies of each consumer towards each provider inside of the mesh."""
    found: Pairs = {}
    for consumer in placement.deployed(graph):
        for policy in policies.policies(graph, consumer):
            if policy.is_in_mesh:
                for listener in network.listeners(graph, policy.call):
                    found.setdefault((consumer.name, listener.component.name), []).append(policy)
    return found


def _hosts(graph: Graph) -> Pairs:
    found: Pairs = {}
    for consumer in placement.deployed(graph):
        for policy in policies.policies(graph, consumer):
            for endpoint in policy.call.external.endpoints if policy.call.external is not None else ():
                if endpoint.host is not None and "*" not in endpoint.host and not placement.is_address(endpoint.host):
                    found.setdefault((consumer.name, endpoint.host), []).append(policy)
    return found


def _rule(graph: Graph, consumer: str | None, provider: str, found: Sequence[Policy]) -> Manifest:
    replicas = _smallest(next(each for each in graph.components if each.name == provider))
    pool, detection = _pool(found), _detection(found, replicas)
    spec = {
        "host": provider,
        **({"workloadSelector": {"matchLabels": {placement.NAME: consumer}}} if consumer else {}),
        "trafficPolicy": {
            "tls": {"mode": "ISTIO_MUTUAL"},
            "loadBalancer": {"simple": "LEAST_REQUEST"},
            **({"connectionPool": pool} if pool else {}),
            **({"outlierDetection": detection} if detection else {}),
        },
    }
    name = f"{consumer}.{provider}" if consumer else provider
    path = f"{consumer}/destination-rule-{provider}.yaml" if consumer else f"{provider}/destination-rule.yaml"
    return manifest(graph, path, NETWORKING, "DestinationRule", name, spec, _because(found))


def _outside(graph: Graph, consumer: str, host: str, found: Sequence[Policy], detection: dict[str, Any]) -> Manifest:
    """The application's own TLS hides the answers: what Envoy can count are connections that fail."""
    spec = {
        "host": host,
        "workloadSelector": {"matchLabels": {placement.NAME: consumer}},
        "trafficPolicy": {"tls": {"mode": "DISABLE"}, "outlierDetection": detection},
    }
    path = f"{consumer}/destination-rule-external-{host.lower()}.yaml"
    return manifest(graph, path, NETWORKING, "DestinationRule", f"{consumer}.{host.lower()}", spec, _because(found))


def _because(found: Sequence[Policy]) -> tuple[At, ...]:
    return without_repeats([found[0].call.consumer.at, *(each.at for each in found)])


def _smallest(component: Component) -> int:
    runtime = component.runtime
    return max(1, runtime.replicas.min) if runtime is not None and runtime.replicas is not None else 1


def _pool(found: Sequence[Policy]) -> dict[str, Any]:
    """The bulkheads of all operations together; none when one of them has none."""
    if any(each.concurrency is None for each in found):
        return {}
    calls = sum(each.concurrency or 0 for each in found)
    return {"tcp": {"maxConnections": calls}, "http": {"http1MaxPendingRequests": calls, "http2MaxRequests": calls}}


def _detection(found: Sequence[Policy], replicas: int) -> dict[str, Any]:
    """Of the instances that keep failing so many may be left out: where it is declared, not more than half of them."""
    detection = policies.ejection(found)
    if detection is None:
        return {}
    is_declared = any(each.call.use.outlier_detection is not None for each in found)
    return _ejecting(detection, max(HALF, -(-ALL // replicas)) if is_declared else ALL)


def _ejecting(detection: OutlierDetection, most: int) -> dict[str, Any]:
    """Without the share, Envoy ejects nobody of fewer than ten instances (its default is a tenth)."""
    ejected: Duration = detection.ejected
    return {
        "consecutive5xxErrors": detection.failures,
        "interval": SWEEP,
        "baseEjectionTime": duration(ejected),
        "maxEjectionPercent": min(ALL, most),
    }
