"""istioctl analyze: in every environment, what the resources of Istio refer to is there, and none contradicts another."""

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

TOOL = "istioctl analyze"
PROVES = "Istio's analyzers find nothing to say of any environment, together with its Kubernetes objects"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

ISTIOCTL = GoTool("istioctl", ISTIO, "istio.io/istio")
IGNORED = {
    "IST0134": "plain TCP carries no name: the address is the one that the caller has looked up (resolution NONE), unless the contract has it",
    "IST0133": "a warning of the validation, which istio-check asks itself, for each resource",
}
"""Messages that are not findings, and why."""
UNREAD = "could not be parsed"


def available() -> str | None:
    """kustomize writes what istioctl reads."""
    return ISTIOCTL.version() if kustomize.available() else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Each finding once, with the environments that show it."""
    places = Places(folder, files)
    yield from by_overlay((overlay, found) for overlay in overlays(files) for found in _judge(folder, overlay, places))


def _judge(folder: Path, overlay: PurePosixPath, places: Places) -> Iterator[Diagnostic]:
    at = Span(str(overlay / KUSTOMIZATION))
    built = kustomize.build(folder, overlay)
    if built.returncode != 0:
        yield Diagnostic("istioctl-analyze/not-built", at, kustomize.refusal(folder, built))
        return
    with tempfile.TemporaryDirectory(prefix="interlock-istioctl-") as scratch:
        path = Path(scratch) / "built.yaml"
        path.write_text(built.stdout, encoding="utf-8")
        done = ISTIOCTL.run("analyze", "--use-kube=false", "--all-namespaces", "--output=json", path.name, folder=path.parent)
    if not done.stdout.lstrip().startswith("[") or UNREAD in done.stderr:
        yield Diagnostic("istioctl-analyze/failed", at, words(done))
        return
    for message in json.loads(done.stdout):
        if message["code"] not in IGNORED:
            found = places.of(*_origin(message), overlay) or at
            yield Diagnostic(f"istioctl-analyze/{message['code']}", found, message["message"], message["documentationUrl"])


def _origin(message: dict[str, Any]) -> tuple[str, str]:
    """Kind and name out of `Kind namespace/name`; the line beside it is of what was built, which nobody has."""
    kind, _, name = message.get("origin", "").partition(" ")
    return kind, name.rpartition("/")[2]
