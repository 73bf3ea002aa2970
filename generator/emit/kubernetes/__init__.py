"""Kubernetes manifests: a kustomize base with a folder for each component, an overlay for each environment, and the edges that the policies allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import network, placement
from generator.artifact import Artifact
from generator.emit.kubernetes import flows, overlays, settings, workloads
from generator.emit.kubernetes.network_policies import default_deny, of_store, of_workload
from generator.graph import Graph
from generator.kustomization import HEAD, file
from generator.model import Component
from generator.network import Edge
from generator.text import generated_by

BASE = PurePosixPath("base")


def emit(graph: Graph) -> Iterator[Artifact]:
    """What the contract says how to run; nothing for a system that names no image."""
    components = placement.deployed(graph)
    if not components:
        return
    edges = network.contract_edges(graph)
    names = [each.name for each in components]
    for component in components:
        yield from _component(graph, component, edges)
    stores = [*of_store(graph, edges)]
    header = graph.system.header.at
    yield file(graph, BASE / "default-deny.yaml", default_deny(), (header,))
    for name, policy, sources in stores:
        yield file(graph, BASE / "stores" / f"{name}.yaml", policy, sources)
    resources = [*names, "default-deny.yaml", *(f"stores/{name}.yaml" for name, _, _ in stores)]
    yield file(graph, BASE / "kustomization.yaml", {**HEAD, "resources": sorted(resources)}, (header, *(each.at for each in components)))
    for environment in graph.system.document.environments:
        for path, data, sources in overlays.files(graph, environment, edges):
            yield file(graph, path, data, sources)


def _component(graph: Graph, component: Component, edges: tuple[Edge, ...]) -> Iterator[Artifact]:
    folder = BASE / component.name
    assert component.runtime is not None
    own = (component.at, component.runtime.at)
    objects = workloads.objects(graph, component)
    maps = list(flows.config_maps(graph, component))
    told = tuple(at for _, _, because in maps for at in because)
    for name, manifest in objects:
        yield file(graph, folder / name, manifest, (*own, *told))
    for name, manifest, because in maps:
        yield file(graph, folder / name, manifest, because)
    policy, because = of_workload(graph, component, edges)
    yield file(graph, folder / "network-policy.yaml", policy, (*own, *because))
    found, known = settings.settings(graph, component)
    yield Artifact(folder / settings.FILE, settings.to_text(generated_by(graph.name, own), found), (*own, *known))
    resources = sorted([name for name, _ in objects] + [name for name, _, _ in maps] + ["network-policy.yaml"])
    generator = [{"name": component.name, "envs": [settings.FILE]}]
    yield file(graph, folder / "kustomization.yaml", {**HEAD, "resources": resources, "configMapGenerator": generator}, own)
