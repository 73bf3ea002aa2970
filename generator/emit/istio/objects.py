"""How Istio writes things: objects, labels, durations, paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from generator import placement
from generator.diagnostics import At
from generator.graph import Graph
from generator.kustomization import MANAGED
from generator.path_patterns import PARAMETER
from generator.units import Duration

NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object, its file, and the records that it comes from."""

    path: str
    data: dict[str, Any]
    because: tuple[At, ...]


def manifest(graph: Graph, path: str, version: str, kind: str, name: str, spec: dict[str, Any], because: tuple[At, ...]) -> Manifest:
    labels = {placement.PART_OF: graph.name, **MANAGED}
    return Manifest(path, {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}, because)


def duration(value: Duration) -> str:
    """JSON of google.protobuf.Duration: seconds with a point."""
    whole, rest = divmod(value.milliseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0") + "s" if rest else f"{whole}s"


def uri_match(path: str) -> dict[str, str]:
    """A path with parameters as a match: one segment each, or a part of one."""
    if not PARAMETER.search(path):
        return {"exact": path}
    return {"regex": "[^/]+".join(re.escape(part).replace(r"\-", "-") for part in PARAMETER.split(path))}


def without_repeats(because: list[At]) -> tuple[At, ...]:
    return tuple({at.span: at for at in because}.values())
