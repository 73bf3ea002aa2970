"""What network-config-analyzer is asked about an environment: the manifests that decide who reaches whom, and pods for whom they do not hold.

The analyzer knows less than Kubernetes and Istio do. What is left out or put otherwise, and why that is no loss:

- Services, Gateways, VirtualServices, Sidecars and the like say where a request goes, not whether it may: they are left out.
- A rule's token (`requestPrincipals`, claims) and host name narrow it further than an edge says: they are left out, so that a
  rule lets in as much as it ever could. A rule that denies is left out whole if it has any, for the same reason.
- `notPaths` leave out of a template what another path names, which is another word here: they are left out.
- A path is asked about with a short word in place of each of its segments, `{*}` and `{**}` among them: the analyzer refuses
  these two, knows few characters, and the time it takes grows with the square of a path's length. Two paths stay equal, and one
  stays below the other, exactly if they were.
- A sidecar does not see the connections to its own ports (Istio, ports used by Istio), so that no AuthorizationPolicy holds there.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Document = dict[str, Any]
Words = Mapping[str, str]

WORKLOADS = ("CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet")
ASKED = ("Namespace", "NetworkPolicy", "AuthorizationPolicy", *WORKLOADS)
PORTS_OF_THE_SIDECAR = (15020, 15021, 15090)
TEMPLATES = ("{*}", "{**}")
LETTERS = string.ascii_lowercase + string.digits


class CannotAsk(Exception):
    """There is something in the policies that the analyzer cannot be asked about."""


def question(documents: Iterable[Document], listed: Document, words: Words) -> Document:
    """For the driver: all documents, the peers and the edges, with paths in short words."""
    namespace = listed["namespace"]
    peers = {name: {"namespace": namespace, **peer} for name, peer in listed["peers"].items()}
    kept = [_document(each, words, listed.get("trust_domain")) for each in documents if each["kind"] in ASKED]
    return {
        "namespace": namespace,
        "documents": [each for each in kept if each is not None] + list(_surroundings(kept, namespace, peers)),
        "peers": peers,
        "edges": [_edge(each, words) for each in listed["edges"]],
        "everybody": list(_of_everybody(listed["edges"], peers, namespace)),
        "unseen_ports": list(PORTS_OF_THE_SIDECAR),
    }


def _of_everybody(edges: Sequence[Document], peers: Mapping[str, Document], namespace: str) -> Iterator[Document]:
    """Edges of each workload to the same pods of the platform, as to DNS: policies may give these to every pod of the namespace."""
    workloads = [name for name, peer in peers.items() if "addresses" not in peer and not peer.get("stand_in")]
    sources: dict[tuple[str, int, str], set[str]] = {}
    for edge in edges:
        sources.setdefault((edge["to"], edge["port"], edge["protocol"]), set()).add(edge["from"])
    for (target, port, protocol), found in sources.items():
        if found.issuperset(workloads) and "addresses" not in peers[target] and peers[target]["namespace"] != namespace:
            yield {"from": target, "to": target, "port": port, "protocol": protocol}


def words_for(documents: Iterable[Document], listed: Document) -> dict[str, str]:
    """A short word for each segment of each path."""
    operations = [operation for each in documents if each["kind"] == "AuthorizationPolicy" for operation in _operations(each)]
    operations += [operation for edge in listed["edges"] for operation in edge.get("operations", ())]
    segments = {segment for operation in operations for path in operation.get("paths", ()) for segment in path.split("/")}
    for segment in sorted(segments - {"*", *TEMPLATES}):
        if "*" in segment.removeprefix("*"):
            raise CannotAsk(f'the path segment "{segment}" has a * beside other characters, and only whole segments can be asked about')
    short = ("".join(letters) for length in itertools.count(1) for letters in itertools.product(LETTERS, repeat=length))
    return {"": "", "*": "*", **dict(zip(sorted(segments - {"", "*"}), short, strict=False))}


def _operations(policy: Document) -> Iterator[Document]:
    for rule in (policy.get("spec") or {}).get("rules") or ():
        for to in rule.get("to", ()):
            yield to["operation"]


def _edge(edge: Document, words: Words) -> Document:
    if "operations" not in edge:
        return edge
    return {**edge, "operations": [_spelt(each, words) for each in edge["operations"]]}


def _spelt(operation: Document, words: Words) -> Document:
    """The operation with its paths in short words; `*` alone is any path."""
    paths = operation.get("paths")
    if paths is None:
        return operation
    if "*" in paths:
        return {key: value for key, value in operation.items() if key != "paths"}
    return {**operation, "paths": ["/".join(words[segment] for segment in path.split("/")) for path in paths]}


# --- policies ---------------------------------------------------------------------------------------------------------


def _document(document: Document, words: Words, trust_domain: str | None) -> Document | None:
    if document["kind"] != "AuthorizationPolicy":
        return document
    spec = dict(document.get("spec") or {})
    rules = spec.get("rules")
    if rules:
        spec["rules"] = [_rule(rule, words, trust_domain) for rule in rules if spec.get("action") != "DENY" or not _is_narrowed(rule)]
        if not spec["rules"]:
            return None
    return {**document, "spec": spec}


def _is_narrowed(rule: Document) -> bool:
    """Whether the rule asks for more than the analyzer is told."""
    sources = [each["source"] for each in rule.get("from", ())]
    operations = [each["operation"] for each in rule.get("to", ())]
    return any(_is_left_out(key) for each in (*sources, *operations) for key in each) or any(map(_is_claim, rule.get("when", ())))


def _is_left_out(key: str) -> bool:
    return key in ("requestPrincipals", "notRequestPrincipals", "hosts", "notHosts", "notPaths")


def _is_claim(condition: Document) -> bool:
    return str(condition["key"]).startswith("request.auth.")


def _rule(rule: Document, words: Words, trust_domain: str | None) -> Document:
    found: Document = {}
    sources = [_source(each["source"], trust_domain) for each in rule.get("from", ())]
    operations = [_spelt(_without_left_out(each["operation"]), words) for each in rule.get("to", ())]
    conditions = [each for each in rule.get("when", ()) if not _is_claim(each)]
    if sources and all(sources):  # one that asked for a token alone lets in anybody
        found["from"] = [{"source": each} for each in sources]
    if operations and all(operations):
        found["to"] = [{"operation": each} for each in operations]
    if conditions:
        found["when"] = conditions
    return found


def _without_left_out(record: Document) -> Document:
    return {key: value for key, value in record.items() if not _is_left_out(key)}


def _source(source: Document, trust_domain: str | None) -> Document:
    """The analyzer knows one trust domain, the one that Istio has where nothing is said; any other is no principal to it."""
    found = _without_left_out(source)
    for key in {"principals", "notPrincipals"} & found.keys() if trust_domain else ():
        found[key] = [_principal(each, f"{trust_domain}/") for each in found[key]]
    return found


def _principal(principal: str, prefix: str) -> str:
    return f"cluster.local/{principal.removeprefix(prefix)}" if principal.startswith(prefix) else f"elsewhere/{principal}"


# --- who else is there ------------------------------------------------------------------------------------------------


def _surroundings(documents: Sequence[Document | None], namespace: str, peers: Mapping[str, Document]) -> Iterator[Document]:
    """Namespaces and pods of the peers that the manifests do not hold, and strangers: nobody may reach these, nor they anybody."""
    present = {each["metadata"]["name"] for each in documents if each is not None and each["kind"] == "Namespace"}
    places = {peer["namespace"] for peer in peers.values() if "addresses" not in peer} | {namespace}
    elsewhere = next(name for name in map("stranger-{}".format, itertools.count(1)) if name not in places | present)
    for name in sorted((places | {elsewhere}) - present):
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
    for place in sorted(places | {elsewhere}):
        yield _pod("stranger", place, {}, "stranger")
    for name, peer in peers.items():
        if "addresses" not in peer:
            account = peer.get("account", name.replace(".", "-"))
            if peer.get("stand_in"):
                yield _pod(name, peer["namespace"], peer["labels"], account)
            # The labels and the account of a peer, in a namespace where anybody may have them.
            yield _pod(name, elsewhere, peer["labels"], account)


def _pod(name: str, namespace: str, labels: Mapping[str, str], account: str) -> Document:
    metadata = {"name": name, "namespace": namespace, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"serviceAccountName": account}}
