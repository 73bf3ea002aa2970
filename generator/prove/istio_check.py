"""Istio's own validation: each resource is one that istiod would take, without a warning."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.go_tool import GoTool, words
from generator.prove.manifests import yaml_files
from generator.tools import ISTIO

TOOL = "istio-check"
PROVES = "Istio's own validation takes each of its resources without a warning"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

ISTIO_CHECK = GoTool("istio-check", ISTIO, "istio.io/istio")
ACCEPTED = {
    "addresses are required for ports serving TCP": "plain TCP carries no name: the address is the one that the caller has looked up (resolution NONE)",
    "EnvoyFilter exposes internal implementation details": "said of every EnvoyFilter; rate limits have no other API in Istio",
}
"""How a warning that we cannot avoid begins, and why it stands."""


def available() -> str | None:
    """The program is partly ours, so the digest of its sources is part of its version."""
    version = ISTIO_CHECK.version()
    return version and f"{version}+{ISTIO.folder.name[-8:]}"


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All files in one process; what is not Istio's in them is left to others."""
    asked = [str(file) for file in yaml_files(files)]
    if not asked:
        return
    done = ISTIO_CHECK.run(*asked, folder=folder)
    for line in done.stdout.splitlines():
        found = json.loads(line)
        if found["severity"] == "error" or not found["message"].startswith(tuple(ACCEPTED)):
            yield Diagnostic(f"{TOOL}/{found['severity']}", Span(found["file"], found["line"]), " ".join(found["message"].split()))
    if done.returncode != 0:
        yield Diagnostic(f"{TOOL}/failed", Span(asked[0]), words(done))
