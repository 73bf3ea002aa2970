"""Paths as an AuthorizationPolicy can tell them apart (Istio, security.istio.io/v1, Operation.paths)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

PARAMETER = re.compile(r"\{[^{}]*\}")


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
