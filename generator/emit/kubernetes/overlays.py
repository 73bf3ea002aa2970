"""What an environment adds to the base: its namespace, its addresses, and the edges of its platform."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from generator import names, network, placement
from generator.diagnostics import At
from generator.emit.kubernetes import network_policies, settings
from generator.graph import Graph
from generator.kustomization import HEAD, MANAGED
from generator.model import Environment
from generator.network import Edge

FOR_ALL_PODS = ("allow-to-dns", "allow-to-mesh-control-plane")
"""Stores that others deploy into the namespace need them, too."""

File = tuple[PurePosixPath, dict[str, Any], tuple[At, ...]]
MESH_LABELS = {"sidecar": {"istio-injection": "enabled"}, "ambient": {"istio.io/dataplane-mode": "ambient"}, "none": {}}


def files(graph: Graph, environment: Environment, contract: Sequence[Edge]) -> Iterator[File]:
    """The overlay's files and the list of all edges that its policies allow."""
    folder = PurePosixPath("overlays") / environment.name
    sources = (environment.at, graph.system.header.at)
    yield folder / "namespace.yaml", _namespace(graph, environment), sources
    platform = network.platform_edges(graph, environment)
    policies = list(_policies(graph, platform))
    for name, policy, because in policies:
        yield folder / "network-policies" / f"{name}.yaml", policy, (*sources, *because)
    resources = ["namespace.yaml", "../../base", *sorted(f"network-policies/{name}.yaml" for name, _, _ in policies)]
    yield folder / "kustomization.yaml", _kustomization(graph, environment, resources), (*sources, *_users(graph))
    allowed, because = network.listing(graph, environment, network.merged([*contract, *platform]), lambda _: {})
    yield PurePosixPath("edges") / f"{environment.name}.yaml", allowed, because


def _users(graph: Graph) -> tuple[At, ...]:
    return tuple(each.at for each in graph.calls if each.via is not None)


def _namespace(graph: Graph, environment: Environment) -> dict[str, Any]:
    labels = {
        placement.PART_OF: graph.name,
        **MANAGED,
        **MESH_LABELS[environment.mesh],
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/warn": "restricted",
    }
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": placement.namespace_of(graph, environment), "labels": labels}}


def _kustomization(graph: Graph, environment: Environment, resources: list[str]) -> dict[str, Any]:
    added: list[dict[str, Any]] = [
        {"name": settings.shared_name(graph), "literals": _literals(settings.of_environment(graph, environment))}
    ]
    for component in placement.deployed(graph):
        own = settings.of_component(graph, component, environment)
        if own:
            added.append({"name": component.name, "behavior": "merge", "literals": _literals(own)})
    return {
        **HEAD,
        "namespace": placement.namespace_of(graph, environment),
        "resources": resources,
        "configMapGenerator": added,
    }


def _literals(values: dict[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]


# --- policies ---------------------------------------------------------------------------------------------------------


def _policies(graph: Graph, edges: Sequence[Edge]) -> Iterator[tuple[str, dict[str, Any], tuple[At, ...]]]:
    """One for each place of the platform and direction; a place that all workloads reach alike is one rule for all."""
    everybody = {each.name for each in placement.deployed(graph)}
    for target in sorted({each.target.name for each in edges if each.target.is_inside}):
        found = [each for each in edges if each.target.name == target]
        outward = [each for each in edges if each.source.name == target]
        because = tuple(at for each in (*found, *outward) for at in each.because)
        yield names.kebab(target), network_policies.of_pods(graph, found, names.kebab(target), outward), because
    for name, inward, found in _by_place(edges):
        own = sorted({(each.target if inward else each.source).name for each in found})
        because = tuple(at for each in found for at in each.because)
        title = f"allow-{'from' if inward else 'to'}-{names.kebab(name.removeprefix('platform.'))}"
        if title in FOR_ALL_PODS:
            yield title, network_policies.allowing(graph, title, {}, _of(found, own[0], inward), inward=inward), because
        elif set(own) == everybody and _is_alike(found, own, inward):
            selector = {placement.PART_OF: graph.name, **MANAGED}
            yield title, network_policies.allowing(graph, title, selector, _of(found, own[0], inward), inward=inward), because
        else:
            yield from _by_ports(graph, title, inward, found)


def _by_place(edges: Sequence[Edge]) -> Iterator[tuple[str, bool, list[Edge]]]:
    """The edges of each place outside, and whether they lead inwards."""
    groups: dict[tuple[str, bool], list[Edge]] = {}
    for edge in edges:
        inward = edge.target.is_workload
        if not (inward or edge.source.is_workload):
            continue
        groups.setdefault(((edge.source if inward else edge.target).name, inward), []).append(edge)
    for (name, inward), found in sorted(groups.items()):
        yield name, inward, found


def _of(edges: Sequence[Edge], component: str, inward: bool) -> list[Edge]:
    return [each for each in edges if (each.target if inward else each.source).name == component]


def _is_alike(edges: Sequence[Edge], own: Sequence[str], inward: bool) -> bool:
    shapes = {tuple((each.transport, each.port) for each in _of(edges, name, inward)) for name in own}
    return len(shapes) == 1


def _by_ports(graph: Graph, name: str, inward: bool, edges: list[Edge]) -> Iterator[tuple[str, dict[str, Any], tuple[At, ...]]]:
    """A policy for the components that share the same ports towards a place."""
    groups: dict[tuple[tuple[str, int], ...], list[str]] = {}
    for component in sorted({(each.target if inward else each.source).name for each in edges}):
        found = _of(edges, component, inward)
        groups.setdefault(tuple((each.transport, each.port) for each in found), []).append(component)
    for ports, components in sorted(groups.items()):
        title = name if len(groups) == 1 else f"{name}-{'-'.join(str(port) for _, port in ports)}"
        selector = {
            "matchLabels": {placement.PART_OF: graph.name},
            "matchExpressions": [{"key": placement.NAME, "operator": "In", "values": components}],
        }
        because = tuple(at for each in edges for at in each.because)
        yield title, network_policies.allowing(graph, title, selector, _of(edges, components[0], inward), inward=inward), because
