"""Faults for tests: patches over an environment's routes, in an overlay of their own."""

from __future__ import annotations

from typing import Any

from generator.emit.istio.routes import internal
from generator.graph import Graph
from generator.text import to_yaml

DELAYED = 10
ABORTED = 5
"""Percent of the requests of a route."""


def patches(graph: Graph, mode: str) -> list[dict[str, Any]]:
    """Every route inside of the mesh answers some requests too late, and some not at all."""
    found = []
    for manifest in internal(graph, mode):
        steps = [
            {"op": "add", "path": f"/spec/http/{number}/fault", "value": _fault(route)}
            for number, route in enumerate(manifest.data["spec"]["http"])
        ]
        target = {"group": "networking.istio.io", "version": "v1", "kind": "VirtualService", "name": manifest.data["metadata"]["name"]}
        found.append({"target": target, "patch": to_yaml(steps)})
    return found


def _fault(route: dict[str, Any]) -> dict[str, Any]:
    """The delay is the route's own timeout: its caller must give up. Percentages are of a hundred: 10 is a tenth of the requests."""
    abort = {"percentage": {"value": ABORTED}, "httpStatus": 503}
    if "timeout" not in route:
        return {"abort": abort}
    return {"delay": {"percentage": {"value": DELAYED}, "fixedDelay": route["timeout"]}, "abort": abort}
