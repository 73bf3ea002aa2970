"""Istio: routes, resilience, identity and access of each component, and an overlay for each environment that has a mesh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from generator import network, placement
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.istio import access, destinations, egress, faults, gateways, limits, routes, tracing
from generator.emit.istio.objects import Manifest
from generator.graph import Graph
from generator.kustomization import HEAD, file
from generator.model import Environment


def emit(graph: Graph) -> Iterator[Artifact]:
    """Nothing for a system that nothing says how to run, or that has no mesh anywhere."""
    meshed = [each for each in graph.system.document.environments if each.mesh != "none"]
    if not meshed or not placement.deployed(graph):
        return
    for mode in sorted({each.mesh for each in meshed}):
        yield from _folder(graph, PurePosixPath(mode), _base(graph, mode), ())
    for environment in meshed:
        yield from _environment(graph, environment)


def _base(graph: Graph, mode: str) -> list[Manifest]:
    """What is the same in every environment of that mode."""
    return sorted(
        [
            *routes.internal(graph, mode),
            *routes.outside(graph, mode),
            *destinations.rules(graph, mode),
            *access.authentication(graph, mode),
            *limits.filters(graph, mode),
            *tracing.gateways(graph),
            *egress.entries(graph),
        ],
        key=lambda each: each.path,
    )


def _environment(graph: Graph, environment: Environment) -> Iterator[Artifact]:
    folder = PurePosixPath("overlays") / environment.name
    edges = network.all_edges(graph, environment)
    found = [
        *gateways.public(graph, environment),
        *gateways.waypoint(graph, environment),
        *access.authorization(graph, environment, edges),
        *access.scraping(graph, environment, edges),
        *egress.entries_of(graph, environment),
        *egress.scopes(graph, environment, edges),
    ]
    namespace = {"namespace": placement.namespace_of(graph, environment)}
    bases = (f"../../../kubernetes/overlays/{environment.name}", f"../../{environment.mesh}")
    yield from _folder(graph, folder, found, bases, environment.at, **namespace)
    if environment.mesh == "sidecar":  # network-config-analyzer knows no waypoints
        allowed, because = network.listing(graph, environment, edges, access.carried(graph, edges))
        allowed = {"namespace": allowed["namespace"], "trust_domain": environment.trust_domain, **allowed}
        yield file(graph, PurePosixPath("edges") / f"{environment.name}.yaml", allowed, because)
    if environment.faults:
        patches = faults.patches(graph, environment.mesh)
        resources = {"resources": [f"../../overlays/{environment.name}"], "patches": patches}
        header = (environment.at, *(each.at for each in graph.calls))
        yield file(graph, PurePosixPath("faults") / environment.name / "kustomization.yaml", {**HEAD, **resources}, header)


def _folder(
    graph: Graph, folder: PurePosixPath, manifests: Sequence[Manifest], bases: Iterable[str], *because: At, **settings: str
) -> Iterator[Artifact]:
    """The manifests and the kustomization that lists them."""
    for each in manifests:
        yield file(graph, folder / each.path, each.data, each.because)
    resources = [*bases, *sorted(each.path for each in manifests)]
    sources = (*because, graph.system.header.at, *(at for each in manifests for at in each.because))
    yield file(graph, folder / "kustomization.yaml", {**HEAD, **settings, "resources": resources}, sources)
