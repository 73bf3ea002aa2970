"""How Istio writes things: objects, labels, durations, paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from generator import placement
from generator.diagnostics import At
from generator.graph import Graph
from generator.kustomization import MANAGED
from generator.units import Duration

NETWORKING = "networking.istio.io/v1"
SECURITY = "security.istio.io/v1"
PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object, its file, and the records that it comes from."""

    path: str
    data: dict[str, Any]
    because: tuple[At, ...]


def manifest(graph: Graph, path: str, version: str, kind: str, name: str, spec: dict[str, Any], because: tuple[At, ...]) -> Manifest:
    labels = {placement.PART_OF: graph.name, **MANAGED}
    return Manifest(path, {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}, because)


def duration(value: Duration) -> str:
    """JSON of google.protobuf.Duration: seconds with a point."""
    whole, rest = divmod(value.milliseconds, 1000)
    return f"{whole}.{rest:03}".rstrip("0") + "s" if rest else f"{whole}s"


def uri_match(path: str) -> dict[str, str]:
    """A path with parameters as a match: one segment each, or a part of one."""
    if not PARAMETER.search(path):
        return {"exact": path}
    return {"regex": "[^/]+".join(re.escape(part).replace(r"\-", "-") for part in PARAMETER.split(path))}


def path_template(path: str) -> str:
    """A path as AuthorizationPolicy has it: `{*}` is a whole segment; it has nothing for a part of one, so that such a segment is whole, too."""
    return "/".join("{*}" if PARAMETER.search(segment) else segment for segment in path.split("/"))


def path_pattern(path: str, served: Iterable[str]) -> str:
    """The template of a path; its ending, `*.pdf`, where the template would be that of another path that is served there."""
    template = path_template(path)
    is_shared = any(each != path and path_template(each) == template for each in served)
    ending = _ending(path)
    return f"*{ending}" if is_shared and ending else template


def left_out_of(path: str, other: str, served: Sequence[str]) -> str | None:
    """The pattern of another path if that of a path takes it, too, though it is not meant; None if not."""
    mine, theirs = path_pattern(path, served), path_pattern(other, served)
    if mine == theirs:
        return None
    if mine.startswith("*"):
        if path_template(path) == path_template(other):
            return None  # the two are told apart by the ending
        last = path_template(other).rpartition("/")[2]
        return theirs if last == "{*}" or last.endswith(mine[1:]) else None
    if theirs.startswith("*"):
        return theirs if path_template(other) == mine or _covers(mine, path_template(other)) else None
    return theirs if _covers(mine, theirs) else None


def _ending(path: str) -> str:
    """What follows the last parameter in the last segment, where there is one in it."""
    last = path.rpartition("/")[2]
    return PARAMETER.split(last)[-1] if PARAMETER.search(last) else ""


def _covers(template: str, other: str) -> bool:
    """Whether a template takes all that another takes, and more."""
    if template == other or template.count("/") != other.count("/"):
        return False
    return all(mine in ("{*}", theirs) for mine, theirs in zip(template.split("/"), other.split("/"), strict=True))


def without_repeats(because: list[At]) -> tuple[At, ...]:
    return tuple({at.span: at for at in because}.values())
