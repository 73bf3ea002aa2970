"""Parts of artifacts as they stand there, cut where the part ends."""

from __future__ import annotations

from dataclasses import dataclass

from generator.document.context import Context

MOST_LINES = 25


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of an artifact, and which it is."""

    path: str
    text: str


def block(context: Context, path: str, start: str, most: int = MOST_LINES) -> Excerpt | None:
    """A line that begins with a text and what is indented below it, as far as it may be shown; None where it is not made."""
    found = context.excerpt(path, start, most)
    if found is None:
        return None
    first, *rest = found.splitlines()
    depth = _depth(first)
    end = next((index for index, line in enumerate(rest) if line.strip() and _depth(line) <= depth), len(rest))
    return Excerpt(path, "\n".join([first, *rest[:end]]).rstrip())


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
