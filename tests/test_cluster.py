"""A real API server, with Istio's kinds, accepts every object of every overlay: strict fields, semantics, Pod Security."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from api_server import Cluster
from conftest import ROOT
from test_agreement import SYSTEMS

from generator import placement
from generator.catalog import KINDS
from generator.pipeline import emit_all, understand, with_numbers

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("folder", SYSTEMS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_every_overlay_is_accepted(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    overlays = manifests(folder, tmp_path)
    graph, _ = understand(folder)
    assert graph is not None and bool(overlays) == bool(graph.system.document.environments)
    for environment in graph.system.document.environments:
        cluster.apply(json.dumps(namespace(placement.telemetry(environment).peer.namespace)))
    for overlay in overlays:
        assert cluster.dry_run(built(cluster, overlay)) == [], overlay.relative_to(tmp_path)


def namespace(name: str | None) -> dict[str, Any]:
    """One of the platform's, as strict as ours."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted"}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def manifests(folder: Path, target: Path) -> list[Path]:
    """The overlays of a contract, faults and the collector included."""
    graph, _ = understand(folder)
    assert graph is not None
    for _, artifact in emit_all(with_numbers(graph), [kind for kind in KINDS if kind.name in ("kubernetes", "istio", "telemetry")]):
        path = target / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    places = ("*/overlays/*", "*/faults/*", "telemetry/*")
    return sorted(path.parent for place in places for path in target.glob(f"{place}/kustomization.yaml"))


def built(cluster: Cluster, overlay: Path) -> str:
    done = cluster.kubectl("kustomize", str(overlay))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_gateway_may_read_its_certificate_and_nobody_else_any(cluster: Cluster, tmp_path: Path) -> None:
    folder = ROOT / "contracts" / "enterprise-expansion"
    manifests(folder, tmp_path)
    base = tmp_path / "kubernetes" / "base"
    namespace = "asked-for-secrets"
    overlay = tmp_path / "kubernetes" / "overlays" / "rights"
    shutil.copytree(tmp_path / "kubernetes" / "overlays" / "production", overlay)
    for path in overlay.rglob("*.yaml"):
        path.write_text(
            path.read_text()
            .replace("namespace: enterprise-expansion", f"namespace: {namespace}")
            .replace("name: enterprise-expansion\n", f"name: {namespace}\n")
        )
    cluster.apply(built(cluster, overlay))
    for component in sorted(path.name for path in base.iterdir() if (path / "service-account.yaml").is_file()):
        asked = cluster.kubectl(
            "auth", "can-i", "list", "secrets", f"--namespace={namespace}", f"--as=system:serviceaccount:{namespace}:{component}"
        )
        assert asked.stdout.strip() == ("yes" if (base / component / "role.yaml").is_file() else "no"), component
