"""NetworkPolicies as data: the rules that let through exactly the edges they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generator.network import Edge
from generator.placement import Peer

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Set by Kubernetes itself on every namespace."""

Policy = dict[str, Any]


def policy(described: dict[str, Any], selector: dict[str, Any], types: list[str], allowed: dict[str, Any]) -> Policy:
    chosen = selector if "matchExpressions" in selector or not selector else {"matchLabels": selector}
    spec = {"podSelector": chosen, "policyTypes": types, **{key: each for key, each in allowed.items() if each}}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": described, "spec": spec}


def rules(edges: Sequence[Edge], direction: str) -> list[dict[str, Any]]:
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
