"""Markdown as pages of the site: contract text is text, every link leads to where its target is in the site."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.document.markdown import anchor
from generator.text import one_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

DIAGRAM = "diagram"
"""Class of a diagram's source; the theme's own `mermaid` would load a script from elsewhere."""
HEADER = re.compile(r"\A<!--.*?-->\n")
"""The comment that generated files open with."""
RESERVED = re.compile(r"[\x02\x03]")
"""Characters by which Python-Markdown marks what it has set aside."""
Resolve = Callable[[str], str]
"""From a link's target to what the page says instead."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path in the site, its title for the navigation, and its text as the site generator reads it."""

    path: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a Markdown text that becomes a page: its blocks, and how they are addressed."""

    title: str
    blocks: Sequence[Token]
    anchors: Sequence[str]
    """Of its headings, in their order."""


def plain(text: str) -> str:
    """A title for navigation and head of the page, where the theme does not escape what is markup elsewhere."""
    return one_line(re.sub(r"[<>&\"'`{}\[\]\\\x00-\x1f]", " ", text)) or "-"


def parts(text: str, tag: str | None) -> list[Part]:
    """The text cut before each heading of that tag, or whole; anchors are those of the whole, as code hosts number them."""
    blocks = _parser().parse(HEADER.sub("", text))
    starts = [0, *(number for number, block in enumerate(blocks) if tag and block.type == "heading_open" and block.tag == tag), len(blocks)]
    taken: set[str] = set()
    found = []
    for start, end in itertools.pairwise(starts):
        inside = blocks[start:end]
        headings = [_words(block) for before, block in itertools.pairwise(inside) if before.type == "heading_open"]
        anchors = [_free(anchor(words), taken) for words in headings]
        if inside:
            found.append(Part(headings[0] if headings else "", inside, anchors))
    return found


def _free(slug: str, taken: set[str]) -> str:
    found = slug = slug or "section"
    number = 0
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    taken.add(found)
    return found


def _words(block: Token) -> str:
    return "".join(each.content for each in block.children or () if each.type in ("text", "code_inline"))


def source(part: Part, resolve: Resolve) -> str:
    """The part for the site generator: headings for its table of contents, all else as HTML that it leaves alone.

    Its dialect of Markdown escapes less than CommonMark does, so it is not to read any text of a contract as Markdown.
    """
    parser, names = _parser(), iter(part.anchors)
    highest = min((int(block.tag[1:]) for block in part.blocks if block.type == "heading_open"), default=1)
    written: list[str] = []
    waiting: list[Token] = []
    heading: Token | None = None
    for block in part.blocks:
        _point(block, resolve)
        if block.type == "heading_open" and block.level == 0:
            written += _html(parser, waiting)
            waiting, heading = [], block
        elif heading is not None and block.type == "inline":
            written.append(f"{'#' * (int(heading.tag[1:]) - highest + 1)} {_inert(_words(block))} {{: #{next(names)} }}\n\n")
        elif block.type == "heading_close" and block.level == 0:
            heading = None
        else:
            if block.type == "heading_open":
                block.attrSet("id", next(names))
            waiting.append(block)
    return "".join([*written, *_html(parser, waiting)])


def _html(parser: MarkdownIt, blocks: Sequence[Token]) -> Iterator[str]:
    """One element, which the site generator takes as it is."""
    if blocks:
        html = parser.renderer.render(blocks, parser.options, {})
        yield f'<div class="part">\n{RESERVED.sub("", html)}</div>\n\n'


def _inert(text: str) -> str:
    """Text of a heading that no dialect of Markdown takes for more."""
    return re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found.group())};", one_line(text)) or "&#8211;"


def _point(block: Token, resolve: Resolve) -> None:
    for each in block.children or ():
        for name in ("href", "src"):
            target = each.attrGet(name)
            if target is not None:
                each.attrSet(name, resolve(str(target)))


def _parser() -> MarkdownIt:
    """CommonMark with tables, as the provers read it, but for raw HTML, which stays text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("image", _image)
    return parser


def _fence(renderer: object, tokens: Sequence[Token], index: int, options: object, env: Mapping[str, object]) -> str:
    from markdown_it.common.utils import escapeHtml

    content = escapeHtml(tokens[index].content)
    if tokens[index].info.strip() == "mermaid":
        return f'<pre class="{DIAGRAM}">{content}</pre>\n'
    return f"<pre><code>{content}</code></pre>\n"


def _image(renderer: object, tokens: Sequence[Token], index: int, options: object, env: Mapping[str, object]) -> str:
    """The words of an image alone: it would be loaded from wherever it is."""
    from markdown_it.common.utils import escapeHtml

    return escapeHtml(tokens[index].content)
