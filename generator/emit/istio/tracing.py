"""Tracing of gateways: the mesh's own proxy has no SDK, so the mesh is told to send its spans to the collector, all of them."""

from __future__ import annotations

from collections.abc import Iterator

from generator import instrumentation, network, placement
from generator.emit.istio.objects import Manifest, manifest
from generator.graph import Graph

TELEMETRY = "telemetry.istio.io/v1"


def gateways(graph: Graph) -> Iterator[Manifest]:
    """The collector counts all spans before it drops any, so the share is decided there and not by the proxy."""
    for gateway in network.gateways(graph):
        tracing = {"providers": [{"name": instrumentation.MESH_PROVIDER}], "randomSamplingPercentage": 100}
        spec = {"selector": {"matchLabels": placement.selector(graph, gateway)}, "tracing": [tracing]}
        yield manifest(graph, f"{gateway.name}/telemetry.yaml", TELEMETRY, "Telemetry", gateway.name, spec, (gateway.at,))
