"""The manual: what each rule finds, why that hurts, an example and the fix, read from where the rule is.

A rule's docstring is its page. It opens with the names that it reports, each with its severity unless that is error, and a
sentence; then follow why it hurts, an indented example, and a last paragraph that begins with `Fix:`. What several places
report under one name has one page, which tells of each of them.
"""

from __future__ import annotations

import functools
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from generator import changes, faults, review
from generator.diagnostics import Severity

NAME = re.compile(r"`([a-z0-9][a-z0-9 ./-]*)`(?:\s\(([a-z,\s]+)\))?")
HEADING = re.compile(rf"((?:{NAME.pattern}(?:,\s)?)+):\s(?P<summary>.*)", re.DOTALL)
FIX = "Fix: "


@dataclass(frozen=True, slots=True)
class Page:
    """What the manual says of one rule; rules that are checked together share their text."""

    name: str
    severities: tuple[Severity, ...]
    """How bad a finding can be, the worst first."""
    family: str
    """What it looks at: `retries`, `flows`, `language`."""
    summary: str
    why: str
    example: str
    fix: str
    is_judgement: bool
    """Its findings can be accepted even where they are errors: no artifact is wrong because of them."""

    @property
    def severity(self) -> Severity:
        return self.severities[0]

    @property
    def text(self) -> str:
        """As Markdown."""
        severities = " or ".join(self.severities)
        parts = [f"# {self.name} ({severities})", self.summary, self.why, f"```yaml\n{self.example}\n```" if self.example else "", self.fix]
        return "\n\n".join(part for part in parts if part)


@functools.cache
def pages() -> dict[str, Page]:
    """Every page by the name of its rule; empty where Python leaves docstrings out (`-OO`)."""
    found: dict[str, Page] = {}
    for page in _pages() if __doc__ else ():
        found[page.name] = _merged(found[page.name], page) if page.name in found else page
    return {name: found[name] for name in sorted(found)}


def _pages() -> Iterator[Page]:
    for family, texts in faults.PAGES.items():
        for text in texts:
            yield from parsed(text, family)
    rules = (*review.MANUAL, *changes.RULES)
    for rule in sorted(rules, key=lambda each: each not in review.SCHEMA_RULES):  # what is true of any type comes first
        family = str(getattr(rule, "__module__", "")).rpartition(".")[2]
        yield from parsed(inspect.getdoc(rule) or "", family, is_judgement=rule in (*review.JUDGEMENTS, *changes.RULES))


def _merged(page: Page, other: Page) -> Page:
    """Two places that report one thing: the first gives the summary, and each has its reason, its example and its cure."""
    return Page(
        name=page.name,
        severities=tuple(sorted({*page.severities, *other.severities}, key=lambda each: each.rank)),
        family=page.family,
        summary=page.summary,
        why="\n\n".join(part for part in (page.why, f"Also: {other.summary}", other.why) if part),
        example="\n---\n".join(part for part in (page.example, other.example) if part),
        fix=page.fix if other.fix.removeprefix(FIX) in page.fix else f"{page.fix} Or: {other.fix.removeprefix(FIX)}",
        is_judgement=page.is_judgement and other.is_judgement,
    )


def parsed(text: str, family: str, *, is_judgement: bool = False) -> Iterator[Page]:
    """The pages that a docstring, or a text like one, is: one for each name that it opens with; none where it has no such form."""
    opening, _, rest = inspect.cleandoc(text).partition("\n\n")
    found = HEADING.fullmatch(opening)
    if found is None:
        return
    prose, examples, fix = [], [], ""
    for paragraph in rest.split("\n\n"):
        if paragraph.startswith(FIX):
            fix = _joined(paragraph)
        elif paragraph.startswith("    "):
            examples.append(paragraph)
        elif paragraph:
            prose.append(_joined(paragraph))
    summary = _joined(found["summary"])
    example = textwrap.dedent("\n\n".join(examples))
    for name, severities in NAME.findall(found[1]):
        said = tuple(Severity(each.strip()) for each in severities.split(",")) if severities else (Severity.ERROR,)
        yield Page(name, tuple(sorted(said, key=lambda each: each.rank)), family, summary, "\n\n".join(prose), example, fix, is_judgement)


def _joined(paragraph: str) -> str:
    """A paragraph as one line."""
    return " ".join(paragraph.split())
