# mypy: disable-error-code="import-not-found"
"""Asks network-config-analyzer, among whose packages this runs, what its policies allow beyond a list of edges and what they lack."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import operator
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nca.CoreDS.ConnectivityProperties import ConnectivityProperties
from nca.CoreDS.DimensionsManager import DimensionsManager
from nca.CoreDS.MethodSet import MethodSet
from nca.CoreDS.MinDFA import MinDFA
from nca.CoreDS.Peer import IpBlock, PeerSet
from nca.CoreDS.PortSet import PortSet
from nca.CoreDS.ProtocolSet import ProtocolSet
from nca.NetworkConfig.NetworkConfig import NetworkConfig
from nca.NetworkConfig.NetworkLayer import NetworkLayerName
from nca.NetworkConfig.PeerContainer import PeerContainer
from nca.NetworkConfig.PoliciesFinder import PoliciesFinder
from nca.NetworkConfig.TopologyObjectsFinder import NamespacesFinder, PodsFinder
from nca.Resources.PolicyResources.NetworkPolicy import PolicyConnectionsFilter

Question = Mapping[str, Any]
Layers = Mapping[NetworkLayerName, ConnectivityProperties]
EVERYTHING_ALLOWED = PolicyConnectionsFilter.only_all_allowed_connections()
MOST_WORDS = 30


def answer(question: Question) -> dict[str, Any]:
    """The differences in both directions, as sets of connections; the analyzer's own set algebra finds them."""
    cluster = _cluster(question["documents"])
    notes = [f'peer "{name}" selects no pod' for name, peer in question["peers"].items() if not _ends(cluster, peer)]
    config = _config(cluster, question["documents"], notes)
    inside = PeerSet({pod for pod in cluster.peer_set if pod.namespace.name == question["namespace"]})
    concerned = _union([_connections(src_peers=inside), _connections(dst_peers=inside)])
    layers = {name: config.allowed_connections(name, EVERYTHING_ALLOWED).all_allowed_conns for name in config.policies_container.layers}
    unseen = _union(_connections(dst_peers=inside, protocols=_protocol("TCP"), dst_ports=_port(port)) for port in question["unseen_ports"])
    if NetworkLayerName.Istio in layers:  # no AuthorizationPolicy stops what the sidecar does not see
        layers[NetworkLayerName.Istio] |= unseen
    allowed = functools.reduce(operator.and_, layers.values(), concerned)
    edges = [_edge(cluster, question, edge) for edge in question["edges"]]
    expected = _union(edges) & concerned
    missing = expected - allowed
    return {
        "notes": list(dict.fromkeys(notes)),
        "undeclared": list(_rows(allowed - expected - _tolerated(cluster, question, inside), question)),
        "only_stopped_below": list(_rows(_of_the_mesh(layers, cluster, question, inside) - expected - allowed - unseen, question)),
        "missing": [{"edge": number, **row} for number, edge in enumerate(edges) if missing for row in _rows(edge & missing, question)],
    }


def _tolerated(cluster: PeerContainer, question: Question, inside: PeerSet) -> ConnectivityProperties:
    """What pods of others may do in the namespace, though no edge says it: what all workloads may, and talk to their own kind."""
    others = PeerSet({pod for pod in inside if not pod.owner_name})
    ways_out = [_edge(cluster, question, edge, src_peers=others) for edge in question["everybody"]]
    return _union([*ways_out, *(_connections(src_peers=PeerSet({pod}), dst_peers=PeerSet({pod})) for pod in others)])


def _of_the_mesh(layers: Layers, cluster: PeerContainer, question: Question, inside: PeerSet) -> ConnectivityProperties:
    """What AuthorizationPolicies alone let in; they know no addresses, so an edge from there is one from anybody."""
    if NetworkLayerName.Istio not in layers:
        return _union(())
    outside = [edge for edge in question["edges"] if "addresses" in question["peers"][edge["from"]]]
    from_anybody = [_edge(cluster, question, edge, src_peers=None) for edge in outside]
    let_in = layers[NetworkLayerName.Istio] & _connections(dst_peers=inside, protocols=_protocol("TCP"))
    return let_in - _union(from_anybody)


def _cluster(documents: Sequence[Any]) -> PeerContainer:
    """The pods and namespaces."""
    namespaces, pods = NamespacesFinder(), PodsFinder()
    pods.namespaces_finder = namespaces
    for document in documents:
        namespaces.parse_yaml_code_for_ns(document)
    for document in documents:
        pods.add_eps_from_yaml(document)
    return PeerContainer(pods.peer_set, namespaces.namespaces, [], pods.representative_peers)


def _config(cluster: PeerContainer, documents: Sequence[Any], notes: list[str]) -> NetworkConfig:
    """All policies; what the analyzer says of them goes to the notes."""
    config = NetworkConfig("", cluster, PoliciesFinder())
    for document in documents:
        about = f"{document['kind']} {document['metadata']['name']}"
        finder = PoliciesFinder()
        finder.set_peer_container(cluster)
        finder.parse_yaml_code_for_policy(document, "")
        try:
            finder.parse_policies_in_parse_queue()
        except SyntaxError as error:  # that is how it refuses a policy
            notes.append(f"{about}: {error.msg}")
        for policy in finder.policies_container.policies.values():
            notes += [f"{about}: {finding}" for finding in policy.findings]
            config.append_policy_to_config(policy)
    return config


def _edge(cluster: PeerContainer, question: Question, edge: Mapping[str, Any], **changed: PeerSet | None) -> ConnectivityProperties:
    """The connections that an edge stands for; without operations, whatever is spoken there."""
    connection = {
        "src_peers": _ends(cluster, question["peers"][edge["from"]]),
        "dst_peers": _ends(cluster, question["peers"][edge["to"]]),
        "protocols": _protocol(edge["protocol"]),
        "dst_ports": _port(edge["port"]),
        **changed,
    }
    return _union([_connections(**connection, **_requests(each)) for each in edge.get("operations", ({},))])


def _connections(**sides: Any) -> ConnectivityProperties:
    """All that have these ends, protocols, ports and requests; what is not said is anything."""
    return ConnectivityProperties.make_conn_props_from_dict({side: value for side, value in sides.items() if value is not None})


def _protocol(name: str) -> ProtocolSet:
    return ProtocolSet.get_protocol_set_with_single_protocol(name)


def _port(number: int) -> PortSet:
    found = PortSet()
    found.add_port(number)
    return found


def _requests(operation: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "methods" in operation:
        found["methods"] = MethodSet()
        for method in operation["methods"]:
            found["methods"].add_method(method)
    if "paths" in operation:
        anything = f"[{MinDFA.default_dfa_alphabet_chars}]*"
        found["paths"] = MinDFA.dfa_from_regex("|".join(path.replace("*", anything) for path in operation["paths"]))
    return found


def _ends(cluster: PeerContainer, peer: Mapping[str, Any]) -> PeerSet:
    """The addresses of a peer, or all pods that its labels select."""
    if "addresses" in peer:
        excluded = peer.get("except", ())
        return PeerSet({IpBlock(each, [other for other in excluded if (":" in other) == (":" in each)]) for each in peer["addresses"]})
    return PeerSet({pod for pod in cluster.peer_set if _is_one_of(pod, peer)})


def _is_one_of(pod: Any, peer: Mapping[str, Any]) -> bool:
    return bool(pod.namespace.name == peer["namespace"] and peer["labels"].items() <= pod.labels.items())


def _union(parts: Iterable[ConnectivityProperties]) -> ConnectivityProperties:
    """Of neighbours first: to join two small sets is cheaper than a small one to a large one."""
    found = list(parts) or [ConnectivityProperties.make_empty_props()]
    while len(found) > 1:
        found = [found[at] | found[at + 1] if at + 1 < len(found) else found[at] for at in range(0, len(found), 2)]
    return found[0]


# --- the answer -------------------------------------------------------------------------------------------------------


def _rows(connections: ConnectivityProperties, question: Question) -> Iterator[dict[str, Any]]:
    """A set of connections as boxes: each of these ends with each of those, on these ports, with these requests."""
    for box in connections:
        sides = connections.get_connectivity_cube(box)
        texts = connections.get_cube_dict(box, is_txt=True)
        yield {
            "from": _names(sides["src_peers"], question),
            "to": _names(sides["dst_peers"], question),
            "protocols": texts.get("protocols"),
            "ports": texts.get("dst_ports"),
            "methods": texts.get("methods"),
            "paths": _paths(sides["paths"]) if "paths" in texts else None,
        }


def _names(ends: PeerSet, question: Question) -> list[str]:
    """Of pods as the list of edges has them; a pod that it does not know by namespace and name; addresses as they are."""
    found: list[str] = []
    for end in ends:
        if isinstance(end, IpBlock):
            found += end.get_cidr_list()
        else:
            known = [name for name, peer in question["peers"].items() if "labels" in peer and _is_one_of(end, peer)]
            found += known or [f"{end.namespace.name}/{end.owner_name or end.name}"]
    return sorted(set(found))


def _paths(found: MinDFA) -> dict[str, Any]:
    """All of them, or all that are not among them; where both are without end, one of them."""
    if found.has_finite_len():
        return {"only": _words(found)}
    others = DimensionsManager().get_dimension_domain_by_name("paths") - found
    return {"but": _words(others)} if others.has_finite_len() else {"like": found.rep()}


def _words(found: MinDFA) -> list[str]:
    return ["".join(word) for word, _ in zip(found.fsm.strings(), range(min(len(found.fsm), MOST_WORDS)), strict=False)]


if __name__ == "__main__":
    gc.disable()  # what is made here is in use until the end
    with contextlib.redirect_stdout(sys.stderr):  # where it says some of what it thinks
        found = answer(json.load(sys.stdin))
    json.dump(found, sys.stdout)
