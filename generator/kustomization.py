"""What every generated manifest has: the head of a kustomization, the labels of what we manage, and its place as an artifact."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from generator.artifact import Artifact
from generator.diagnostics import At
from generator.graph import Graph
from generator.text import generated_by, to_yaml

HEAD = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
MANAGED = {"app.kubernetes.io/managed-by": "interlock"}


def file(graph: Graph, path: PurePosixPath, data: dict[str, Any], sources: tuple[At, ...]) -> Artifact:
    """A YAML file that names the first of its sources."""
    return Artifact(path, to_yaml(data, generated_by(graph.name, sources[:1])), sources)
