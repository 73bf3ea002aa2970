"""The manual of rules, as a list, as pages to read, and as data."""

from __future__ import annotations

import itertools
import json
import textwrap
from collections.abc import Iterator, Sequence

from generator.manual import Page

WIDTH = 100


def to_list(pages: Sequence[Page], width: int) -> str:
    """A line for each rule under its family, no wider than the terminal."""
    names = max((len(page.name) for page in pages), default=0)
    severities = max((len(_severities(page)) for page in pages), default=0)
    lines: list[str] = []
    for family, group in _families(pages):
        lines += ["", family] if lines else [family]
        for page in group:
            opening = f"  {page.name:<{names}}  {_severities(page):<{severities}}  "
            lines.append(f"{opening}{_shortened(page.summary, width - len(opening))}".rstrip()[:width])
    return "\n".join(lines)


def to_page(page: Page, width: int = WIDTH) -> str:
    """One rule as plain text: what it finds, why that hurts, an example and the fix."""
    parts = [
        f"{page.name} ({' or '.join(page.severities)}; {page.family})",
        *(_filled(paragraph, width) for paragraph in (page.summary, *page.why.split("\n\n"))),
        textwrap.indent(page.example, "    "),
        _filled(page.fix, width),
    ]
    return "\n\n".join(part for part in parts if part)


def _filled(paragraph: str, width: int) -> str:
    """Broken at blanks alone: a name with dashes stays one word."""
    return textwrap.fill(paragraph, width, break_on_hyphens=False, break_long_words=False)


def to_markdown(pages: Sequence[Page]) -> str:
    """The pages as one document, a section for each family."""
    sections = (f"# {family}\n\n" + "\n\n".join(f"#{page.text}" for page in group) for family, group in _families(pages))
    return "\n\n".join(sections)


def to_records(pages: Sequence[Page]) -> str:
    """The pages for programs."""
    return json.dumps([_record(page) for page in pages], indent=2, ensure_ascii=False)


def _record(page: Page) -> dict[str, object]:
    return {
        "rule": page.name,
        "severities": [str(severity) for severity in page.severities],
        "family": page.family,
        "summary": page.summary,
        "why": page.why,
        "example": page.example,
        "fix": page.fix,
        "is_judgement": page.is_judgement,
    }


def _families(pages: Sequence[Page]) -> Iterator[tuple[str, list[Page]]]:
    ordered = sorted(pages, key=lambda page: (page.family, page.name))
    return ((family, list(group)) for family, group in itertools.groupby(ordered, key=lambda page: page.family))


def _severities(page: Page) -> str:
    return "/".join(page.severities)


def _shortened(text: str, width: int) -> str:
    return textwrap.shorten(text, max(width, 20), placeholder=" …")
