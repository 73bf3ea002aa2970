"""A real API server, with Istio's kinds, accepts every object of every overlay, and lets accounts do what they need and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT
from test_agreement import SYSTEMS
from test_live import emitted, written

from generator.graph import Graph
from generator.live.admission import observe
from generator.live.api_server import Cluster
from generator.live.observation import Observation

pytestmark = pytest.mark.slow

FERRY = ROOT / "tests" / "live" / "ferry"
BASE = "kubernetes/base"
CROSSING = "kubernetes/overlays/crossing"
MUTATIONS = [
    ("unknown field", f"{BASE}/fares/deployment.yaml", "image: ", "imagee: ", "admission"),
    ("other labels", f"{BASE}/fares/deployment.yaml", "    matchLabels:\n      app.kubernetes.io/name: fares", "    matchLabels:\n      app.kubernetes.io/name: fare", "admission"),
    ("runs as root", f"{BASE}/fares/deployment.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "admission"),
    ("escalates", f"{BASE}/fares/deployment.yaml", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "admission"),
    ("no such port", f"{BASE}/fares/service.yaml", "port: 6000", "port: 66000", "admission"),
    ("no such kind", f"{BASE}/fares/service.yaml", "kind: Service\n", "kind: Servise\n", "admission"),
    ("no such version", f"{BASE}/edge/role.yaml", "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1alpha9", "admission"),
    ("no such protocol", f"{BASE}/fares/network-policy.yaml", "protocol: TCP", "protocol: HTTP", "admission"),
    ("both bounds", f"{BASE}/fares/pod-disruption-budget.yaml", "spec:\n", "spec:\n  minAvailable: 1\n  maxUnavailable: 1\n", "admission"),
    ("no such mode", "istio/sidecar/peer-authentication.yaml", "STRICT", "STRCT", "admission"),
    ("no duration", "istio/sidecar/fares/virtual-service.yaml", "timeout: 8s", "timeout: 8", "admission"),
    ("no such fault", "istio/faults/crossing/kustomization.yaml", "httpStatus: 503", "httpStatus: 'no'", "admission"),
    ("may write, too", f"{BASE}/edge/role.yaml", "  - watch\n", "  - watch\n  - create\n", "rights"),
    ("may read everything", f"{BASE}/edge/role.yaml", "  - secrets\n", "  - '*'\n", "rights"),
    ("may read too little", f"{BASE}/edge/role.yaml", "  - list\n", "", "rights"),
    ("another account", f"{BASE}/edge/role-binding.yaml", "- kind: ServiceAccount\n  name: edge", "- kind: ServiceAccount\n  name: fares", "rights"),
    ("another role", f"{BASE}/edge/role-binding.yaml", "  kind: Role\n  name: edge", "  kind: Role\n  name: edges", "rights"),
    ("every account", f"{BASE}/edge/role-binding.yaml", "- kind: ServiceAccount\n  name: edge", "- kind: Group\n  apiGroup: rbac.authorization.k8s.io\n  name: system:serviceaccounts", "rights"),
    ("administrator", f"{BASE}/edge/role-binding.yaml", "  kind: Role\n  name: edge", "  kind: ClusterRole\n  name: cluster-admin", "rights"),
]  # fmt: skip


def seen(cluster: Cluster, graph: Graph, files: Path, families: tuple[str, ...]) -> Iterator[Observation]:
    for environment in graph.system.document.environments:
        yield from observe(graph, environment, files, cluster, families)


@pytest.mark.parametrize("folder", [FERRY, *SYSTEMS], ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_every_overlay_is_accepted_and_every_account_has_its_rights(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    graph, files = emitted(folder)
    observations = list(seen(cluster, graph, written(files, tmp_path), ("admission", "rights")))
    assert [f"{each.promise}: {each.observed}" for each in observations if each.verdict == "broken"] == []
    assert all("KafkaConnector" in each.observed for each in observations if each.verdict == "not proven")
    asked = {each.promise.removeprefix("the API server takes all of ") for each in observations if each.family == "admission"}
    overlays = re.compile(r"((?:kubernetes|istio|change-capture)/overlays/[^/]+|istio/faults/[^/]+|telemetry/[^/]+)/kustomization.yaml")
    assert asked == {found[1] for path in files if (found := overlays.fullmatch(path))}
    assert bool(asked) == bool(graph.system.document.environments)


@pytest.mark.mutant
@pytest.mark.parametrize(("path", "right", "wrong", "family"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS])
def test_what_is_changed_is_noticed(cluster: Cluster, tmp_path: Path, path: str, right: str, wrong: str, family: str) -> None:
    graph, files = emitted(FERRY)
    assert right in files[path]
    changed = written({**files, path: files[path].replace(right, wrong, 1)}, tmp_path)
    assert any(each.verdict == "broken" for each in seen(cluster, graph, changed, (family,)))
