"""What generated manifests have in common: the head of a kustomization, the labels of what we manage, what a container may do, a place as an artifact."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from generator.artifact import Artifact
from generator.diagnostics import At
from generator.graph import Graph
from generator.text import generated_by, to_yaml

HEAD = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
USER = 10001
"""Any user but root, and none that the node has."""
RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "privileged": False,
    "readOnlyRootFilesystem": True,
    "runAsGroup": USER,
    "runAsNonRoot": True,
    "runAsUser": USER,
}
"""What a container may do under the restricted Pod Security Standard."""
MANAGED = {"app.kubernetes.io/managed-by": "interlock"}


def file(graph: Graph, path: PurePosixPath, data: dict[str, Any], sources: tuple[At, ...]) -> Artifact:
    """A YAML file that names the first of its sources."""
    return Artifact(path, to_yaml(data, generated_by(graph.name, sources[:1])), sources)
