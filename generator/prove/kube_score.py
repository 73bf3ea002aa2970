"""kube-score: every environment's workloads follow the good practice of Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import KUSTOMIZATION, GoTool, by_overlay, overlays, words
from generator.prove.kubernetes_schemas import KUBERNETES_VERSION
from generator.prove.kustomize import build, refusal
from generator.prove.manifests import Places
from generator.tools import KUBERNETES

TOOL = "kube-score"
PROVES = "no environment has a critical finding or a warning under the default checks of kube-score, but for a few with a reason"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

KUBE_SCORE = GoTool("kube-score", KUBERNETES, "github.com/zegl/kube-score")
IGNORED = {
    "container-image-pull-policy": "images carry a version or a digest, so what the node has is what was asked for",
    "container-ephemeral-storage-request-and-limit": "the contract does not say how much a component writes, and no number is better than a made-up one",
    "deployment-has-host-podantiaffinity": "topology spread constraints do that, over zones as well as nodes",
}
"""Checks that are not asked, and why."""
WARNING = 5
"""Grades: 1 is critical, 5 a warning, 7 mere advice, 10 fine."""


def available() -> str | None:
    return KUBE_SCORE.version()


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each finding once, with the environments that show it."""
    places = Places(folder, files)
    yield from by_overlay((overlay, found) for overlay in overlays(files) for found in _judge(folder, overlay, places))


def _judge(folder: Path, overlay: PurePosixPath, places: Places) -> Iterator[Diagnostic]:
    at = Span(str(overlay / KUSTOMIZATION))
    built = build(folder, overlay)
    if built.returncode != 0:
        yield Diagnostic(f"{TOOL}/not-built", at, refusal(folder, built))
        return
    ignored = [f"--ignore-test={check}" for check in IGNORED]
    asked = ("score", f"--kubernetes-version=v{KUBERNETES_VERSION}", *ignored, "--output-format=json", "-")
    done = KUBE_SCORE.run(*asked, folder=folder, given=built.stdout)
    try:
        scored = json.loads(done.stdout) or []
    except json.JSONDecodeError:
        yield Diagnostic(f"{TOOL}/failed", at, words(done))
        return
    for each in scored:
        kind, name = each["type_meta"]["kind"], each["object_meta"]["name"]
        yield from _findings(f"{kind} {name}", each["checks"], places.of(kind, name, overlay) or at)


def _findings(subject: str, checks: Sequence[dict[str, Any]], at: Span) -> Iterator[Diagnostic]:
    for each in checks:
        if each["skipped"] or each["grade"] > WARNING:
            continue
        for comment in each["comments"]:
            path = f" {comment['path']}" if comment["path"] else ""
            yield Diagnostic(f"{TOOL}/{each['check']['id']}", at, f"{subject}{path}: {comment['summary']}", comment["description"] or None)
