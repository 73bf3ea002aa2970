"""Istio's analyzers, all of them: in every environment, the mesh fits the Kubernetes objects it is about."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove import kustomize
from generator.prove.go_tool import KUSTOMIZATION, GoTool, by_overlay, overlays, words
from generator.prove.manifests import Places
from generator.tools import ISTIO

TOOL = "istio-analyze"
PROVES = "Istio's analyzers, with those that istioctl leaves out without a cluster, find nothing to say of any environment"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

ISTIO_ANALYZE = GoTool("istio-analyze", ISTIO, "istio.io/istio")
IGNORED = (
    ("IST0101", "Referenced credentialName not found", "certificates are secrets, which no contract has"),
    ("IST0103", "", "the mesh adds its proxy when a pod starts; the pods that are analyzed are made of the templates"),
    ("IST0127", "", "policies also guard stores and brokers that others deploy into the namespace"),
    ("IST0134", "", "plain TCP carries no name: the address is the one that the caller has looked up, unless the contract has it"),
    ("IST0133", "", "a warning of the validation, which istio-check asks itself, for each resource"),
)
"""Code and first words of messages that are not findings, and why."""
WORKLOADS = ("CronJob", "Deployment")
"""Kinds that start pods, of those that we emit."""


def available() -> str | None:
    """The program is partly ours, so the digest of its sources is part of its version; kustomize writes what it reads."""
    version = ISTIO_ANALYZE.version() if kustomize.available() else None
    return version and f"{version}+{ISTIO.folder.name[-8:]}"


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each finding once, with the environments that show it."""
    places = Places(folder, files)
    yield from by_overlay((overlay, found) for overlay in overlays(files) for found in _judge(folder, overlay, places))


def _judge(folder: Path, overlay: PurePosixPath, places: Places) -> Iterator[Diagnostic]:
    at = Span(str(overlay / KUSTOMIZATION))
    built = kustomize.build(folder, overlay)
    if built.returncode != 0:
        yield Diagnostic(f"{TOOL}/not-built", at, kustomize.refusal(folder, built))
        return
    with tempfile.TemporaryDirectory(prefix="interlock-istio-") as scratch:
        path = Path(scratch) / "built.yaml"
        path.write_text(built.stdout + "".join(f"---\n{json.dumps(pod)}\n" for pod in _pods(built.stdout)), encoding="utf-8")
        done = ISTIO_ANALYZE.run(path.name, folder=path.parent)
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if not any(message["code"] == code and message["message"].startswith(start) for code, start, _ in IGNORED):
            yield Diagnostic(
                f"{TOOL}/{message['code']}", _origin(message, overlay, places) or at, message["message"], message["documentationUrl"]
            )
    if done.returncode != 0:
        yield Diagnostic(f"{TOOL}/failed", at, words(done))


def _pods(built: str) -> Iterator[dict[str, Any]]:
    """What a cluster would start of each workload: selectors are about pods."""
    import yaml

    for each in yaml.load_all(built, yaml.CSafeLoader):
        if each["kind"] in WORKLOADS:
            spec = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each["spec"]
            metadata = {**each["metadata"], "annotations": {}, **spec["template"].get("metadata", {})}
            yield {**spec["template"], "apiVersion": "v1", "kind": "Pod", "metadata": metadata}


def _origin(message: dict[str, Any], overlay: PurePosixPath, places: Places) -> Span | None:
    """Where `Kind namespace/name` is written; the line beside it is of what was built, which nobody has."""
    kind, _, name = message.get("origin", "").partition(" ")
    found = (places.of(each, name.rpartition("/")[2], overlay) for each in (WORKLOADS if kind == "Pod" else (kind,)))
    return next(filter(None, found), None)
