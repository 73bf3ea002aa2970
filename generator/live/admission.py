"""What a cluster's API server says of the environment's objects: that it takes each, and that accounts may do what they need and no more."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from generator import placement
from generator.graph import Graph
from generator.live.api_server import REVIEWS, Cluster, Refused, review
from generator.live.mesh import Object, as_yaml
from generator.live.observation import Observation, first_of
from generator.live.stage import NotBuilt, manifests
from generator.model import Component, Environment, Verdict

PLACES = ("kubernetes/overlays", "istio/overlays", "istio/faults", "telemetry", "change-capture/overlays")
"""Below the output, where each environment has an overlay of its own."""
OPERATORS = frozenset({"kafka.strimzi.io"})
"""API groups of operators whose own proof stands elsewhere."""
RIGHTS = ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
STRICT = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
SECRETS = tuple((verb, "", "secrets", "") for verb in ("get", "list", "watch"))
"""What a gateway is let: it reads the certificates that it shows."""
ASKED: tuple[tuple[str, str, str, str], ...] = (
    *SECRETS,
    ("create", "", "secrets", ""),
    ("delete", "", "secrets", ""),
    ("list", "", "configmaps", ""),
    ("get", "", "pods", ""),
    ("create", "", "pods", ""),
    ("create", "", "pods", "exec"),
    ("create", "", "serviceaccounts", "token"),
    ("impersonate", "", "serviceaccounts", ""),
    ("patch", "apps", "deployments", ""),
    ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("escalate", "rbac.authorization.k8s.io", "roles", ""),
    ("update", "networking.k8s.io", "networkpolicies", ""),
    ("delete", "security.istio.io", "authorizationpolicies", ""),
    ("patch", "networking.istio.io", "virtualservices", ""),
    ("list", "", "nodes", ""),
)
"""Verb, API group, resource and subresource of what every account is asked about: nothing that is worth having may be left out."""


def observe(graph: Graph, environment: Environment, output: Path, cluster: Cluster, families: Iterable[str]) -> Iterator[Observation]:
    """Families `admission`, `rights`."""
    wanted = set(families)
    cluster.apply(as_yaml(_namespace(each, STRICT) for each in sorted(_surroundings(graph, environment))))
    if "admission" in wanted:
        yield from _admission(environment, output, cluster)
    if "rights" in wanted:
        yield from _rights(graph, environment, output, cluster)


def _surroundings(graph: Graph, environment: Environment) -> set[str]:
    """Namespaces of the platform that the environment's objects are for; they are as strict as ours."""
    captures = (access.store.capture for access in graph.accesses if access.use is None and access.store.capture is not None)
    places = [placement.telemetry(environment), *(placement.connect(environment, each.cluster) for each in captures)]
    return {each.peer.namespace for each in places if each.peer.namespace is not None}


# --- admission --------------------------------------------------------------------------------------------------------


def _admission(environment: Environment, output: Path, cluster: Cluster) -> Iterator[Observation]:
    """Field by field (strict), with the semantics of each kind; what Pod Security warns of counts as refused.

    All overlays are asked about at once; only where something is refused, one by one.
    """
    built: dict[PurePosixPath, list[Object] | NotBuilt] = {}
    for overlay in (PurePosixPath(place) / environment.name for place in PLACES):
        if (output / overlay / "kustomization.yaml").is_file():
            try:
                built[overlay] = list(manifests(output, overlay))
            except NotBuilt as reason:
                built[overlay] = reason
    together = [each for objects in built.values() if not isinstance(objects, NotBuilt) for each in _judged(objects)]
    is_well = not together or not cluster.dry_run(as_yaml(together))
    for overlay, objects in built.items():
        promise = f"the API server takes all of {overlay}"
        observed, verdict = _admitted(objects, cluster, is_well=is_well)
        yield Observation("admission", environment.name, environment.at, promise, observed, verdict)


def _judged(objects: Sequence[Object]) -> list[Object]:
    return [each for each in objects if each["apiVersion"].partition("/")[0] not in OPERATORS]


def _admitted(objects: Sequence[Object] | NotBuilt, cluster: Cluster, *, is_well: bool) -> tuple[str, Verdict]:
    if isinstance(objects, NotBuilt):
        return str(objects), "broken"
    asked = _judged(objects)
    said = [] if is_well or not asked else cluster.dry_run(as_yaml(asked))
    if said:
        return first_of(said), "broken"
    if len(asked) < len(objects):
        kinds = sorted({each["kind"] for each in objects} - {each["kind"] for each in asked})
        return f"{len(asked)} objects accepted; {', '.join(kinds)} is of an operator whose definitions are not here", "not proven"
    return f"{len(objects)} objects accepted", "held"


# --- rights -----------------------------------------------------------------------------------------------------------


def _rights(graph: Graph, environment: Environment, output: Path, cluster: Cluster) -> Iterator[Observation]:
    namespace = placement.namespace_of(graph, environment)
    accounts = placement.deployed(graph)
    try:
        objects = [each for each in manifests(output, PurePosixPath("kubernetes/overlays") / environment.name) if each["kind"] in RIGHTS]
        granted = as_yaml(objects)
        cluster.apply(as_yaml([_namespace(namespace, {}), *objects]))
        answers = _answers(cluster, namespace, accounts)
        cluster.delete(granted)
    except (NotBuilt, Refused) as reason:
        yield Observation("rights", environment.name, environment.at, "accounts have their rights", str(reason), "broken")
        return
    for account, allowed in zip(accounts, answers, strict=True):
        expected = frozenset(SECRETS if placement.is_gateway(account) else ())
        promise = f"{account.name} may {', '.join(_words(each) for each in ASKED if each in expected) or 'do nothing'} in the cluster"
        wrong = [f"may {_words(each)}" for each in ASKED if each in allowed - expected]
        wrong += [f"may not {_words(each)}" for each in ASKED if each in expected - allowed]
        shown = "; ".join(wrong) or f"{len(allowed)} of {len(ASKED)} questions answered with yes"
        yield Observation("rights", environment.name, account.at, promise, shown, "broken" if wrong else "held")


def _answers(cluster: Cluster, namespace: str, accounts: Sequence[Component]) -> list[frozenset[tuple[str, str, str, str]]]:
    """Of what every account is asked about, what it may (SubjectAccessReview, authorization.k8s.io/v1)."""
    reviews = [_review(namespace, account.name, asked) for account, asked in itertools.product(accounts, ASKED)]
    said = iter(cluster.answers(REVIEWS, reviews))
    return [frozenset(asked for asked in ASKED if next(said)["status"]["allowed"]) for _ in accounts]


def _review(namespace: str, account: str, asked: tuple[str, str, str, str]) -> Object:
    verb, group, resource, subresource = asked
    attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": resource, "subresource": subresource}
    if resource == "nodes":
        del attributes["namespace"]
    spec: Object = {
        "user": f"system:serviceaccount:{namespace}:{account}",
        "groups": ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"],
        "resourceAttributes": attributes,
    }
    return review(spec)


def _words(asked: tuple[str, str, str, str]) -> str:
    verb, _, resource, subresource = asked
    return f"{verb} {resource}{f'/{subresource}' if subresource else ''}"


def _namespace(name: str, labels: dict[str, str]) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
