"""NetworkPolicies: everything is denied, and exactly the edges of the graph and of the platform are allowed again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from generator import names, network, placement
from generator.diagnostics import At
from generator.emit.kubernetes.pods import metadata
from generator.graph import Graph
from generator.kustomization import MANAGED
from generator.model import Component
from generator.network import Edge
from generator.placement import Peer

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Set by Kubernetes itself on every namespace."""

Policy = dict[str, Any]


def default_deny() -> Policy:
    return _policy({"name": "default-deny", "labels": dict(MANAGED)}, {}, ["Ingress", "Egress"], {})


def of_workload(graph: Graph, component: Component, edges: Sequence[Edge]) -> tuple[Policy, tuple[At, ...]]:
    """What may reach a component and what it may reach, as the contract says."""
    inward, outward = network.inward(edges, component), network.outward(edges, component)
    because = tuple(at for each in (*inward, *outward) for at in each.because)
    rules = {"ingress": _rules(inward, "from"), "egress": _rules(outward, "to")}
    return _policy(metadata(graph, component), placement.selector(graph, component), ["Ingress", "Egress"], rules), because


def of_store(graph: Graph, edges: Sequence[Edge]) -> Iterator[tuple[str, Policy, tuple[At, ...]]]:
    """Stores that run in the namespace are under its default deny, too: their users reach them, and their own pods each other."""
    inside = sorted((each for each in edges if each.target.is_inside), key=lambda each: (each.target.name, each.key))
    for name, group in itertools.groupby(inside, key=lambda each: each.target.name):
        found = list(group)
        yield names.kebab(name), of_pods(graph, found, f"store-{names.kebab(name)}"), tuple(at for each in found for at in each.because)


def of_pods(graph: Graph, edges: Sequence[Edge], name: str, outward: Sequence[Edge] = ()) -> Policy:
    """Pods that others deploy into the namespace: those who use them reach them, and they each other."""
    labels = dict(edges[0].target.labels)
    own = {"podSelector": {"matchLabels": labels}}
    rules = {"ingress": [*_rules(edges, "from"), {"from": [own]}], "egress": [*_rules(outward, "to"), {"to": [own]}]}
    described = {
        "name": name,
        "labels": {placement.PART_OF: graph.name, **MANAGED},
        "annotations": {"kube-score/ignore": "networkpolicy-targets-pod"},
    }
    return _policy(described, labels, ["Ingress", "Egress"], rules)


def allowing(graph: Graph, name: str, selector: dict[str, Any], edges: Sequence[Edge], *, inward: bool) -> Policy:
    """A policy of its own for pods by selector, in one direction; `edges` are those of one of the pods."""
    labels = {placement.PART_OF: graph.name, **MANAGED}
    rules = {"ingress": _rules(edges, "from")} if inward else {"egress": _rules(edges, "to")}
    return _policy({"name": name, "labels": labels}, selector, ["Ingress" if inward else "Egress"], rules)


def _policy(described: dict[str, Any], selector: dict[str, Any], types: list[str], rules: dict[str, Any]) -> Policy:
    chosen = selector if "matchExpressions" in selector or not selector else {"matchLabels": selector}
    spec = {"podSelector": chosen, "policyTypes": types, **{key: each for key, each in rules.items() if each}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": described, "spec": spec}


def _rules(edges: Sequence[Edge], direction: str) -> list[dict[str, Any]]:
    """A rule for each set of ports, with the peers that it holds for."""
    ports: dict[str, set[tuple[str, int]]] = {}
    peers: dict[str, Peer] = {}
    for edge in edges:
        peer = edge.source if direction == "from" else edge.target
        peers[peer.name] = peer
        ports.setdefault(peer.name, set()).add((edge.transport, edge.port))
    groups: dict[tuple[tuple[str, int], ...], list[Peer]] = {}
    for name in sorted(peers):
        groups.setdefault(tuple(sorted(ports[name])), []).append(peers[name])
    return [
        {
            direction: _unique([selector for each in found for selector in _selectors(each)]),
            "ports": [{"protocol": transport, "port": port} for transport, port in numbers],
        }
        for numbers, found in sorted(groups.items())
    ]


def _unique(selectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in selectors:
        if each not in found:
            found.append(each)
    return found


def _selectors(peer: Peer) -> list[dict[str, Any]]:
    if peer.addresses:
        return [{"ipBlock": _block(address, peer.excluded)} for address in peer.addresses]
    found: dict[str, Any] = {}
    if peer.namespace is not None:
        found["namespaceSelector"] = {"matchLabels": {NAMESPACE_LABEL: peer.namespace}}
    if peer.labels:
        found["podSelector"] = {"matchLabels": dict(peer.labels)}
    return [found]


def _block(address: str, excluded: tuple[str, ...]) -> dict[str, Any]:
    """The exceptions must lie in the range (NetworkPolicy, IPBlock)."""
    within = [each for each in excluded if (":" in each) == (":" in address)]
    return {"cidr": address, **({"except": within} if within else {})}
