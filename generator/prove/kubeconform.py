"""kubeconform: manifests that match the schemas of Kubernetes, Istio and Strimzi, with no key that these do not know and none twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool, words
from generator.prove.kubernetes_schemas import KUBERNETES_VERSION, LOCATION
from generator.prove.manifests import GATEWAY_API, KUSTOMIZE, Manifest, manifests, yaml_files
from generator.tools import ISTIO, KUBERNETES, STRIMZI

TOOL = "kubeconform"
PROVES = f"each manifest matches the schema of Kubernetes {KUBERNETES_VERSION}, Istio or Strimzi, and no key is misspelt or written twice"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

KUBECONFORM = GoTool("kubeconform", KUBERNETES, "github.com/yannh/kubeconform")
WITH_SCHEMAS = (KUBERNETES, ISTIO, STRIMZI)
OTHERS = (KUSTOMIZE, GATEWAY_API)
"""Groups that have no schema here."""
ERROR = re.compile(r"- at '(?P<path>[^']*)': (?P<words>.+?)(?=\s+- at '|\s*$)", re.DOTALL)
"""One of the errors within a message; the list beside the message has only the outermost."""
HEADING = "validation failed"


def available() -> str | None:
    """Its verdict rests on the schemas too, so all sets of tools must be there and are part of the version."""
    version = KUBECONFORM.version()
    if version is None or not all(each.folder.is_dir() for each in WITH_SCHEMAS):
        return None
    return f"{version}+{'.'.join(each.folder.name[-8:] for each in WITH_SCHEMAS)}"


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All files in one process; what has no schema is refused, unless it is no manifest or of a group that has none."""
    known: dict[tuple[str, str, str, str], Manifest] = {}
    asked: list[str] = []
    for file in yaml_files(files):
        found = _manifests(folder, file)
        known |= {(str(file), each.api_version, each.kind, each.name): each for each in reversed(found or ())}
        if found != []:
            asked.append(str(file))
    if not asked:
        return
    locations = [f"-schema-location={tool_set.folder / 'schemas' / LOCATION}" for tool_set in WITH_SCHEMAS]
    skipped = sorted({f"{each.api_version}/{each.kind}" for each in known.values() if each.group in OTHERS})
    done = KUBECONFORM.run("-strict", "-output=json", f"-skip={','.join(skipped)}", *locations, *asked, folder=folder)
    reports = json.loads(done.stdout)["resources"] if done.stdout.startswith("{") else []
    for report in reports:
        manifest = known.get((report["filename"], report["version"], report["kind"], report["name"]))
        yield from _diagnostics(report, manifest)
    if done.returncode != 0 and not reports:
        yield Diagnostic(f"{TOOL}/failed", Span(asked[0]), words(done))


def _manifests(folder: Path, file: PurePosixPath) -> list[Manifest] | None:
    """None where the file is no YAML, which kubeconform shall say in its own words."""
    import yaml

    try:
        return manifests(folder, file)
    except yaml.YAMLError:
        return None


def _diagnostics(report: dict[str, Any], manifest: Manifest | None) -> Iterator[Diagnostic]:
    code = f"{TOOL}/{'invalid' if report['status'] == 'statusInvalid' else 'error'}"
    errors = [match for match in ERROR.finditer(report["msg"]) if match["words"] != HEADING]
    for match in errors:
        path = match["path"].split("/")[1:]
        at = manifest.at(path, match["words"]) if manifest else Span(report["filename"])
        yield Diagnostic(code, at, f"{match['path'] or '/'}: {match['words']}")
    if not errors:
        yield Diagnostic(code, manifest.at(()) if manifest else Span(report["filename"]), " ".join(report["msg"].split()))
