"""kubernetes-validate: manifests that match the schemas of Kubernetes, with no key that Kubernetes does not know."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span
from generator.prove.kubernetes_schemas import KUBERNETES_VERSION
from generator.prove.manifests import GATEWAY_API, ISTIO, KUSTOMIZE, Manifest, manifests, yaml_files

TOOL = "kubernetes-validate"
PROVES = f"each manifest matches the strict schema of Kubernetes {KUBERNETES_VERSION}"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"


def available() -> str | None:
    return tools.version("kubernetes-validate")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Every error of every object, but of those that other tools know."""
    import yaml

    for file in yaml_files(files):
        try:
            found = manifests(folder, file)
        except yaml.YAMLError as error:
            yield _unreadable(file, error)
            continue
        for manifest in found:
            if manifest.group not in (KUSTOMIZE, GATEWAY_API) and not manifest.group.endswith(ISTIO):
                yield from _judge(manifest)


def _unreadable(file: PurePosixPath, error: Exception) -> Diagnostic:
    mark = getattr(error, "problem_mark", None)
    at = Span(str(file), mark.line + 1, mark.column + 1) if mark else Span(str(file))
    return Diagnostic(f"{TOOL}/unreadable", at, " ".join(str(error).split()))


def _judge(manifest: Manifest) -> Iterator[Diagnostic]:
    validator = _validator(manifest.api_version, manifest.kind.lower())
    if validator is None:
        words = f"Couldn't find schema for kind {manifest.kind} with api version {manifest.api_version} for kubernetes version {KUBERNETES_VERSION}"
        yield Diagnostic(f"{TOOL}/unknown-kind", manifest.at(["apiVersion"]), words)
        return
    for error in validator.iter_errors(manifest.content):
        path = [*error.absolute_path]
        words = f"{'.'.join(map(str, path))}: {error.message}" if path else error.message
        yield Diagnostic(f"{TOOL}/{error.validator}", manifest.at(path, error.message), words)


@functools.cache
def _validator(api_version: str, kind: str) -> Any:
    """As kubernetes-validate makes it for each document anew, to stop at the first error; None for a kind it does not know."""
    import jsonschema
    from kubernetes_validate.utils import schema_contents  # type: ignore[import-untyped] # it has no types

    group, _, version = api_version.rpartition("/")
    name = "-".join(filter(None, (kind, group.partition(".")[0], version)))
    try:
        schema = schema_contents(f"{_folder()}/{name}.json", KUBERNETES_VERSION)
    except FileNotFoundError:
        return None
    return jsonschema.Draft202012Validator(schema, registry=_shared())


@functools.cache
def _shared() -> Any:
    from kubernetes_validate.utils import schema_contents
    from referencing import Registry, Resource

    return Resource.from_contents(schema_contents(f"{_folder()}/_definitions.json", KUBERNETES_VERSION)) @ Registry()


def _folder() -> str:
    return f"kubernetes-json-schema/v{KUBERNETES_VERSION}.0-local-strict"
