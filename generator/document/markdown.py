"""What templates write: contract text means nothing but itself, whatever is in it; only what is made here is Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from jinja2 import BaseLoader, ChoiceLoader, FunctionLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator.text import ABSENT, markdown_code, markdown_codes, markdown_link, markdown_text, one_line

BLOCK_START = re.compile(r"(?:[-+=:]|\d+(?=[.)](?:\s|$)))")
"""What begins a list, a heading's underline or a definition where it stands first in a line (CommonMark 0.31, sections 4.3 and 5.2)."""


class Markdown(str):
    """Text that is Markdown already."""

    __slots__ = ()


def prose(value: object) -> str:
    """What a template writes for a value: Markdown as it is, nothing for what is not there, all else as text."""
    if isinstance(value, Markdown):
        return value
    if value is None or value == "":
        return ABSENT
    text = markdown_text(str(value))
    found = BLOCK_START.match(text)
    return f"{text[: found.end()]}\\{text[found.end() :]}" if found and text[0].isdigit() else f"\\{text}" if found else text


def code(value: object) -> Markdown:
    return Markdown(markdown_code(str(value))) if value not in (None, "") else Markdown(ABSENT)


def codes(values: Iterable[object]) -> Markdown:
    return Markdown(markdown_codes([str(each) for each in values]))


def listed(values: Iterable[object]) -> Markdown:
    """Values with commas between them."""
    return Markdown(", ".join(prose(each) for each in values) or ABSENT)


def fence(text: str, language: str) -> Markdown:
    """A code block that nothing in the text can end."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    mark = "`" * (longest + 1)
    return Markdown(f"{mark}{language}\n{text.rstrip()}\n{mark}\n")


def link(text: str, target: str) -> Markdown:
    return Markdown(markdown_link(text, target))


def anchor(title: str) -> str:
    """The anchor that GitHub and MkDocs give a heading (github-slugger)."""
    return re.sub(r"[^\w\- ]", "", one_line(title).lower()).replace(" ", "-")


def environment(own: Mapping[str, str]) -> ImmutableSandboxedEnvironment:
    """Templates by name, a team's own before ours; they can read what they are given, and reach nothing else."""
    return _environment(tuple(own.items()))


@lru_cache(maxsize=4)
def _environment(templates: tuple[tuple[str, str], ...]) -> ImmutableSandboxedEnvironment:
    """Kept, since to compile the templates takes longer than to render them, and several systems and scopes are rendered by one run."""
    own = dict(templates)
    # With its name for a file name, so that an error shows which template it is in.
    theirs = FunctionLoader(lambda name: (own[name], name, lambda: True) if name in own else None)
    loaders: list[BaseLoader] = [theirs, PackageLoader("generator.document")]
    found = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        finalize=prose,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {"code": code, "codes": codes, "listed": listed}
    found.globals |= {"fence": fence, "link": link, "anchor": anchor, "ABSENT": Markdown(ABSENT)}
    return found
