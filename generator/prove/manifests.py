"""The Kubernetes objects in YAML files, each with the line of what is in it."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from generator.diagnostics import Span

if TYPE_CHECKING:
    import yaml

KUSTOMIZE = "kustomize.config.k8s.io"
GATEWAY_API = "gateway.networking.k8s.io"
ISTIO = ".istio.io"
UNKNOWN_KEY = re.compile(r"[Aa]dditional properties .*?'([^']+)'")
"""How validators of JSON Schema speak of a key that has no place in an object."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document: an object with its kind, or what was to be one."""

    file: PurePosixPath
    content: dict[str, Any]
    node: yaml.MappingNode = field(compare=False, repr=False)

    @property
    def api_version(self) -> str:
        return str(self.content.get("apiVersion", ""))

    @property
    def group(self) -> str:
        """The part before the version; the core has none."""
        return self.api_version.rpartition("/")[0]

    @property
    def kind(self) -> str:
        return str(self.content.get("kind", ""))

    @property
    def name(self) -> str:
        metadata = self.content.get("metadata")
        return str(metadata.get("name")) if isinstance(metadata, dict) else ""

    def at(self, path: Iterable[str | int], words: str = "") -> Span:
        """Where that is written, or as much of it as there is; of words on an object, the key that they name."""
        node: yaml.Node = self.node
        mark = node.start_mark
        for step in (*path, *UNKNOWN_KEY.findall(words)):
            found = _below(node, step)
            if found is None:
                break
            mark, node = found
        return Span(str(self.file), mark.line + 1, mark.column + 1)


def manifests(folder: Path, file: PurePosixPath) -> list[Manifest]:
    """The objects of a file; a document with neither version nor kind is something else. Raises `YAMLError`."""
    import yaml

    found = []
    loader = yaml.CSafeLoader((folder / file).read_text(encoding="utf-8"))
    try:
        while loader.check_node():
            node = loader.get_node()
            content = loader.construct_document(node)
            if isinstance(node, yaml.MappingNode) and isinstance(content, dict) and not content.keys().isdisjoint(("apiVersion", "kind")):
                found.append(Manifest(file, content, node))
    finally:
        loader.dispose()
    return found


class Places:
    """Where objects are written, for what a tool says of them after they were built into one text."""

    def __init__(self, folder: Path, files: Sequence[PurePosixPath]) -> None:
        self._folder, self._files = folder, files

    def of(self, kind: str, name: str, overlay: PurePosixPath) -> Span | None:
        """In the overlay that was built, or else where it can be from: not in the overlay of another environment."""
        found = [each for each in self._all if (each.kind, each.name) == (kind, name)]
        own = [each for each in found if f"{overlay}/" in str(each.file)]
        shared = [each for each in found if overlay.parts[0] not in each.file.parts]
        return next((each.at(()) for each in (*own, *shared)), None)

    @functools.cached_property
    def _all(self) -> list[Manifest]:
        """Read only when there is something to place."""
        return list(_readable(self._folder, self._files))


def _readable(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Manifest]:
    """The objects of all files; what is no YAML is for a tool to refuse."""
    import yaml

    for file in yaml_files(files):
        with contextlib.suppress(yaml.YAMLError):
            yield from manifests(folder, file)


def yaml_files(files: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    return [file for file in files if file.suffix in (".yaml", ".yml")]


def _below(node: yaml.Node, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    """Where the step begins, which is at its key, and its value."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and str(step).isdecimal() and int(step) < len(node.value):
        value = node.value[int(step)]
        return value.start_mark, value
    return None
