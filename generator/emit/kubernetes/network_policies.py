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
from generator.policy_rules import Policy, policy, rules


def default_deny() -> Policy:
    return policy({"name": "default-deny", "labels": dict(MANAGED)}, {}, ["Ingress", "Egress"], {})


def of_workload(graph: Graph, component: Component, edges: Sequence[Edge]) -> tuple[Policy, tuple[At, ...]]:
    """What may reach a component and what it may reach, as the contract says."""
    inward, outward = network.inward(edges, component), network.outward(edges, component)
    because = tuple(at for each in (*inward, *outward) for at in each.because)
    allowed = {"ingress": rules(inward, "from"), "egress": rules(outward, "to")}
    return policy(metadata(graph, component), placement.selector(graph, component), ["Ingress", "Egress"], allowed), because


def of_store(graph: Graph, edges: Sequence[Edge]) -> Iterator[tuple[str, Policy, tuple[At, ...]]]:
    """Stores that run in the namespace are under its default deny, too: their users reach them, and their own pods each other.

    Of the records that say so the first is one with a name, where there is one: an entry of a list has only a number.
    """
    inside = sorted((each for each in edges if each.target.is_inside), key=lambda each: (each.target.name, each.key))
    for name, group in itertools.groupby(inside, key=lambda each: each.target.name):
        found = list(group)
        because = sorted((at for each in found for at in each.because), key=lambda at: any(part.isdigit() for part in at.path))
        yield names.kebab(name), of_pods(graph, found, f"store-{names.kebab(name)}"), tuple(because)


def of_pods(graph: Graph, edges: Sequence[Edge], name: str, outward: Sequence[Edge] = ()) -> Policy:
    """Pods that others deploy into the namespace: those who use them reach them, and they each other."""
    labels = dict(edges[0].target.labels)
    own = {"podSelector": {"matchLabels": labels}}
    allowed = {"ingress": [*rules(edges, "from"), {"from": [own]}], "egress": [*rules(outward, "to"), {"to": [own]}]}
    described = {
        "name": name,
        "labels": {placement.PART_OF: graph.name, **MANAGED},
        "annotations": {"kube-score/ignore": "networkpolicy-targets-pod"},
    }
    return policy(described, labels, ["Ingress", "Egress"], allowed)


def allowing(graph: Graph, name: str, selector: dict[str, Any], edges: Sequence[Edge], *, inward: bool) -> Policy:
    """A policy of its own for pods by selector, in one direction; `edges` are those of one of the pods."""
    labels = {placement.PART_OF: graph.name, **MANAGED}
    allowed = {"ingress": rules(edges, "from")} if inward else {"egress": rules(edges, "to")}
    return policy({"name": name, "labels": labels}, selector, ["Ingress" if inward else "Egress"], allowed)
