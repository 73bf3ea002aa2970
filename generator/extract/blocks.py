"""Markdown as located blocks: table rows, bullets with their labels, sentences and fenced diagrams, each below its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.extract.facts import Source
from generator.extract.lines import BREAK, PLAIN_LABEL, cleaned, headed, is_known_label, unlettered
from generator.extract.phrases import ENGINE
from generator.extract.structured import described
from generator.extract.vocabulary import BREAKS_FOLDED, concept_of, folded

LONGEST = 4000
"""Characters of a text that are parsed at once: nested brackets in a longer one would take quadratic time."""
LONGEST_LABEL = 5
"""Words before a colon that are a label: more of them are a sentence that goes on after it."""
MOST_CELLS = 60
"""Columns of a table that are looked at."""
STRONG, STRONG_END = "\x02", "\x03"
SLANTED, SLANTED_END = "\x04", "\x05"
"""Italic type, which counts as bold where it is a label: `*Emits:* …`."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in force: its level, its text, its line."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where a block stands: file, line, the headings above it from the outermost in."""

    source: Source
    path: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Title(Block):
    """A heading as a block of its own."""

    heading: Heading
    is_document: bool = False
    """The one heading of the first level, on top: what the document is called, not what a section is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Block):
    """A row of a table with the heads of its columns; `table` is the same for all rows of one."""

    heads: tuple[str, ...]
    cells: tuple[str, ...]
    table: int

    @property
    def text(self) -> str:
        return " | ".join(self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Block):
    """A bullet or a labelled line: `**Layer:** Domain`; `parents` are the texts of the bullets it is nested in."""

    label: str | None
    text: str
    parents: tuple[Item, ...] = ()
    bullet: bool = False
    ordered: bool = False
    """In a list that is numbered: a step."""
    stressed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Block):
    """A sentence of a paragraph; `first` when it opens the paragraph."""

    text: str
    first: bool = False
    stressed: tuple[str, ...] = ()
    """What stands in bold or italic type: prose often introduces a name so."""


def whole_of(block: Sentence | Item | Row) -> str:
    """The text of a block, with its label before it where it has one."""
    return f"{block.label}: {block.text}" if isinstance(block, Item) and block.label else block.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram(Block):
    """A fenced block of a diagram language, line by line; `source` is the fence."""

    language: str
    lines: tuple[str, ...]


AnyBlock = Title | Row | Item | Sentence | Diagram
PSEUDO_LEVEL = 7
"""Level of a line in bold type that stands for a heading: below all others."""
PSEUDO_HEADING = re.compile(rf"\s*{STRONG}([^{STRONG}{STRONG_END}\n]{{1,60}}){STRONG_END}\s*(\[[^\[\]\n]{{1,80}}\])?\s*:?\s*")
LABEL = re.compile(
    rf"\s*{STRONG}([^{STRONG}{STRONG_END}]{{1,80}}?)\s*:?\s*{STRONG_END}\s*((?:\([^()\n]{{1,60}}\)|`[^`\n]{{1,60}}`|\[[^\[\]\n]{{1,60}}\])\s*(?=:|–|—|-\s))?(:|–|—|-(?=\s))?\s*"
)
ALONE = re.compile(r"\s*([^\W\d][^:.;,?!\n]{1,45}):\s*")
"""`requires:` in a line of its own, with a list below."""
SLANTED_LABEL = re.compile(rf"\A{SLANTED}([^{SLANTED}{SLANTED_END}\n]{{1,60}}){SLANTED_END}(?=:)")
"""`- *Uses*: the Ledger`; in a paragraph it is a word that is explained."""
NUMBERED = re.compile(r"\A\s*(?:[A-Z]{1,5}-\d{1,3}|\d{1,2}(?:\.\d{1,2}){1,3})\s+(?=[A-ZÀ-Þ][a-zß-ÿ])")
"""The number of a requirement before its text: `CI-1 The Intake shall …`."""
ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|fr|excl|ext|int|dept|ref|etc|incl|approx|resp|vs|cf|z\.B|d\.h|bzw|ca|usw|inkl|p\.ex|p\. ex|c-à-d|env|(?<!or )no|nr|vgl|ggf|min|max|sec|fig|p\.ej)|\b(?-i:[A-Z]))\.$",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”»)\x05]*\s+(?=[\"'“«(`\x04]?[^\Wa-zß-ÿ_]|`|\x02)")
STRESSED = re.compile(rf"(?:{STRONG}|{SLANTED})([^{STRONG}{STRONG_END}{SLANTED}{SLANTED_END}]{{2,60}})(?:{STRONG_END}|{SLANTED_END})")


def blocks(file: str, text: str) -> list[AnyBlock]:
    """All blocks of a document in their order; struck-through text, HTML and images are left out. Never raises."""
    return list(_Reader(file).read(text))


@dataclass(slots=True)
class _Reader:
    """Walks through the tokens of one document."""

    file: str
    path: list[Heading] = field(default_factory=list)
    tables: int = 0
    items: list[Item | None] = field(default_factory=list)
    title: Token | None = None
    ordered: bool = False
    above: Item | None = None
    """A label without text right above a list: what the bullets are entries of."""

    def read(self, text: str) -> Iterator[AnyBlock]:
        markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        inline = MarkdownIt("commonmark").enable("strikethrough")
        markdown.core.ruler.disable("inline")
        tokens = markdown.parse(unlettered(headed(cleaned(text))))
        headings = [token for token in tokens if token.type == "heading_open"]
        if (headings and headings[0].tag == "h1" and sum(token.tag == "h1" for token in headings) == 1) or (
            headings[:1] and headings[0].tag == "h1" and headings[1:2] and headings[1].tag == "h1"
        ):
            self.title = headings[0]
        position = 0
        while position < len(tokens):
            token = tokens[position]
            if token.type == "table_open":
                end = next((each for each in range(position, len(tokens)) if tokens[each].type == "table_close"), len(tokens) - 1)
                yield from self._table(tokens[position:end], inline)
                position = end
            elif token.type == "list_item_open":
                self.items.append(None)
                self.ordered = token.markup in (".", ")")
            elif token.type == "list_item_close":
                self.items.pop()
            elif token.type == "heading_open":
                yield from self._heading(token, tokens[position + 1], inline)
                position += 1
            elif token.type in ("fence", "code_block"):
                yield from self._fence(token)
            elif token.type == "inline":
                yield from self._paragraph(token, inline)
            position += 1

    def _at(self, line: int) -> Source:
        return Source(self.file, line)

    def _heading(self, token: Token, content: Token, inline: MarkdownIt) -> Iterator[Title]:
        level = int(token.tag[1:])
        line = (token.map or [0])[0] + 1
        yield from self._open(Heading(level, unmarked(rendered(content.content, inline)), line), is_document=token is self.title)

    def _open(self, heading: Heading, *, is_document: bool) -> Iterator[Title]:
        self.above = None
        while self.path and self.path[-1].level >= heading.level:
            self.path.pop()
        yield Title(source=self._at(heading.line), path=tuple(self.path), heading=heading, is_document=is_document)
        if not is_document:
            self.path.append(heading)

    def _fence(self, token: Token) -> Iterator[Diagram | Title | Item]:
        if token.type == "fence" and token.info.strip().lower() in ("yaml", "yml"):
            yield from self._described(token.content, (token.map or [0])[0] + 2)
        if token.type == "fence":
            language = (token.info.split() or [""])[0].strip("{}.").lower()
            line = (token.map or [0])[0] + 1
            yield Diagram(source=self._at(line), path=tuple(self.path), language=language, lines=tuple(token.content.split("\n")))

    def _described(self, text: str, first: int) -> Iterator[Title | Item]:
        """A block of YAML that describes components, as headings with labels below."""
        around = list(self.path)
        for component in described(text):
            yield from self._open(Heading(PSEUDO_LEVEL, component.name, first + component.line), is_document=False)
            for label, said, line in component.labels:
                yield Item(source=self._at(first + line), path=tuple(self.path), label=label, text=coded(said))
        self.path[:] = around

    def _table(self, tokens: Sequence[Token], inline: MarkdownIt) -> Iterator[Row]:
        self.tables += 1
        heads: tuple[str, ...] = ()
        cells: list[str] = []
        line = 0
        for token in tokens:
            if token.type == "tr_open":
                cells, line = [], (token.map or [line])[0] + 1
            elif token.type == "inline" and len(cells) < MOST_CELLS:
                cells.append(unmarked(rendered(token.content, inline)))
            elif token.type == "thead_close":
                heads = tuple(cells)
            elif token.type == "tr_close" and heads:
                padded = (*cells, *[""] * (len(heads) - len(cells)))
                yield Row(source=self._at(line), path=tuple(self.path), heads=heads, cells=padded, table=self.tables)

    def _paragraph(self, token: Token, inline: MarkdownIt) -> Iterator[Title | Item | Sentence]:
        line = (token.map or [0])[0] + 1
        text = rendered(token.content, inline)
        first, broken, rest = text.partition("\n")
        if BREAK in first:
            first, broken, rest = text.partition(BREAK)
        if not self.items and (title := PSEUDO_HEADING.fullmatch(first)):
            yield from self._open(Heading(PSEUDO_LEVEL, unmarked(f"{title[1]} {title[2] or ''}").strip(" :"), line), is_document=False)
            text, line = rest, line + (broken == "\n")
        if not text.strip():
            return
        text = NUMBERED.sub("", text)
        text = SLANTED_LABEL.sub(rf"{STRONG}\1{STRONG_END}", text) if self.items else text
        pieces = _labelled_lines(text) if not self.items else [(0, text)]
        for offset, piece in pieces:
            label, rest = split_label(piece)
            if label is None and self.items and (alone := ALONE.fullmatch(unmarked(piece))):
                label, rest = alone[1], ""
            start = self._at(line + offset)
            if self.items or label is not None:
                parents = tuple(each for each in (self.above if self.items else None, *self.items) if each is not None)
                item = Item(
                    source=start,
                    path=tuple(self.path),
                    label=label,
                    text=in_code(coded(" ".join(unmarked(rest).split())), stressed_in(rest)),
                    parents=parents,
                    bullet=bool(self.items),
                    ordered=bool(self.items) and self.ordered,
                    stressed=stressed_in(rest),
                )
                if self.items and self.items[-1] is None:
                    self.items[-1] = item
                if not self.items:
                    self.above = item if label and not item.text else None
                yield item
            elif not self._lead(piece, line + offset):
                yield from self._sentences(piece, line + offset)

    def _lead(self, text: str, line: int) -> bool:
        """`Storage:` in a line of its own."""
        found = re.fullmatch(r"\s*([^\n:.]{2,40}):\s*", unmarked(text))
        is_known = bool(found and concept_of(found[1]))
        self.above = Item(source=self._at(line), path=tuple(self.path), label=found[1].strip(), text="") if found and is_known else None
        return is_known

    def _sentences(self, text: str, line: int) -> Iterator[Sentence]:
        lines = text.split("\n")
        is_listed = len(lines) > 1 and all(ARROWED.search(each) for each in lines)  # `A → B`, one in each line
        for number, (offset, sentence) in enumerate(enumerate(lines) if is_listed else sentences(text)):
            yield Sentence(
                source=self._at(line + offset),
                path=tuple(self.path),
                text=in_code(coded(" ".join(unmarked(sentence).split())), stressed_in(sentence)),
                first=number == 0,
                stressed=stressed_in(sentence),
            )


ARROWED = re.compile(r"^[^.;→]{2,60}? ?(?:→|->|=>) ?[^.;]{2,120}$")


def rendered(content: str, inline: MarkdownIt) -> str:
    """Inline Markdown as text: code keeps its backticks, bold its marks, line breaks stay; what is struck through goes."""
    if not re.search(r"[*_`~\[\]<>\\&!]", content):
        return content
    parts = (content[start : start + LONGEST] for start in range(0, len(content), LONGEST))
    return "".join(_rendered(part, inline) for part in parts)


def _rendered(content: str, inline: MarkdownIt) -> str:
    texts: list[str] = []
    struck = 0
    for token in inline.parseInline(content)[0].children or ():
        struck += (token.type == "s_open") - (token.type == "s_close")
        if not struck:
            texts.append(_text_of(token))
    return re.sub(rf"{SLANTED}([^{SLANTED}{SLANTED_END}\n]{{1,60}}:){SLANTED_END}", rf"{STRONG}\1{STRONG_END}", "".join(texts))


def _text_of(token: Token) -> str:
    if token.type == "code_inline":
        return f"`{token.content.replace('`', ' ').strip()}`"
    if token.type == "html_inline":
        return "; " if re.match(r"<br\b", token.content, re.IGNORECASE) else ""
    marks = {
        "strong_open": STRONG,
        "strong_close": STRONG_END,
        "em_open": SLANTED,
        "em_close": SLANTED_END,
        "softbreak": "\n",
        "hardbreak": "\n",
        "text": token.content,
    }
    return marks.get(token.type, "")


def unmarked(text: str) -> str:
    return REQUIREMENT_IDS.sub("", re.sub(rf"[{STRONG}{STRONG_END}{SLANTED}{SLANTED_END}]", "", text))


REQUIREMENT_IDS = re.compile(r" ?(?:\[(?:[A-Z]{1,4}-\d{1,3}(?:, ?)?)+\]|\((?:(?:R|FR|NFR|QR|REQ|NF|QA|WS)-?\d{1,3}(?:, ?)?)+\))")
"""`… is tried again [R-02]`."""


TOLD = re.compile(
    r"(?P<verb>\b(?i:publish(?:es)?|emits?|produces?|consumes?|subscribes to|listens (?:to|for)|reacts to) (?:(?:the|an?) )?)(?P<name>[a-z]+(?:[.-][a-z]+)*[.-][a-z]*(?:ed|sent|paid|lost|made|done|moved|read|set))\b(?!`)"
)
"""`publishes label-printed`: an event that is written as a topic."""
CALLED = re.compile(
    rf"(?P<what>\b(?:(?i:{ENGINE})|bucket|database|schema|index|store)(?: (?:database|bucket|index|schema|instance|cluster))?)"
    r"(?:,? (?:that is )?(?:called|named)|,? (?:that goes )?by the name of|, known as|,(?= [a-z]+-)) (?P<name>(?!(?:the|an?|its|after|for)\b)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)\b"
    rf"|(?P<before>\b(?:in|into|to|from|called|of) )(?P<alone>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+)(?=,? (?:\(|an? |and is )(?:[a-z]+ )?(?i:{ENGINE})\b)"
)


def coded(text: str) -> str:
    """Names of stores that only the words beside them make names, in code: `a database called invoices`, `in print-jobs, a Postgres database`."""
    text = TOLD.sub(r"\g<verb>`\g<name>`", text)
    return text if "`" in text else CALLED.sub(_named_in_code, text)


def _named_in_code(found: re.Match[str]) -> str:
    return f"{found['what']} called `{found['name']}`" if found["what"] else f"{found['before']}`{found['alone']}`"


KEBAB = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+")


def in_code(text: str, stressed: Sequence[str]) -> str:
    """Names as code spells them that stand in bold type, `**ledger-db**`, in code."""
    for name in stressed:
        if KEBAB.fullmatch(name):
            text = re.sub(rf"(?<![\w`-]){re.escape(name)}(?![\w`-])", f"`{name}`", text, count=1)
    return text


def stressed_in(text: str) -> tuple[str, ...]:
    """What stands in bold or italic type."""
    return tuple(" ".join(unmarked(each).split()) for each in STRESSED.findall(text))


def _labelled_lines(text: str) -> list[tuple[int, str]]:
    """A paragraph with labels at the beginning of lines is so many items, after what stands above the first; else it is one text. With each its first line."""
    lines = text.split("\n")
    if run_in := _run_in(text):
        return run_in
    labelled = [number for number, line in enumerate(lines) if _is_labelled(line)]
    if labelled and all((found := PLAIN_LABEL.match(line)) and found[2] == ":" for line in lines):
        labelled = list(range(len(lines)))  # among labels that are known one that is not: `Kafka Role: …`
    if not labelled or (labelled[0] != 0 and not all(concept_of(split_label(lines[number])[0] or "") for number in labelled)):
        return [(0, text)]
    labelled = labelled if labelled[0] == 0 else [0, *labelled]
    ends = [*labelled[1:], len(lines)]
    return [(start, "\n".join(lines[start:end])) for start, end in zip(labelled, ends, strict=True)]


RUN_IN = re.compile(rf"(?:^|(?<=[.!?;:)\s]))\s*(?={STRONG}[^{STRONG}{STRONG_END}\n]{{2,40}}(?:[.:]{STRONG_END}|{STRONG_END}:)\s)")
"""Before a label in bold type within a paragraph: `**Role.** Keeps the books. **Keeps.** The ledger.`"""


def _run_in(text: str) -> list[tuple[int, str]]:
    """The pieces of a paragraph that opens with a label and has others within its lines, most of them known."""
    starts = [found.end() for found in RUN_IN.finditer(text)]
    heads = [split_label(text[at:])[0] or "" for at in starts]
    known = [each for each in heads if concept_of(each)]
    is_within = any("\n" not in text[max(0, at - 2) : at] and at for at in starts)
    if len(starts) < 2 or starts[0] != 0 or not is_within or len(known) < 2:
        return []
    return [(text.count("\n", 0, start), text[start:end].rstrip()) for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _is_labelled(line: str) -> bool:
    found = LABEL.match(line)
    return bool(found and (":" in found[0] or found[1].endswith(".") or concept_of(found[1]))) or is_known_label(line)


def split_label(text: str) -> tuple[str | None, str]:
    """The label that a text opens with, bold or followed by a colon, and the rest."""
    found = LABEL.match(text)
    ends = found and (found[3] or ":" in found[0] or not text[found.end() :].strip() or found[1].endswith("."))
    if found and ends:
        return unmarked(f"{found[1]} {found[2] or ''}").strip(" ."), text[found.end() :]
    if found and not ends and text.lstrip().startswith(STRONG):
        return None, text  # `**Snow Desk** plans the night: …`
    found = PLAIN_LABEL.match(unmarked(text)) or re.match(
        r"\s*(`[^`]{1,60}`(?:\s*\([^()]{1,60}\))?)\s*(:|\s[–—-])\s+(?=\S)", unmarked(text)
    )
    if found and folded(found[1].split()[0]) in BREAKS_FOLDED:
        return None, text  # `When the letter is out: …`
    if found and len(found[1].split()) <= (LONGEST_LABEL if found[2] == ":" else 4):
        return found[1].strip(), unmarked(text)[found.end() :]
    return None, text


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with the line of the text on which each begins."""
    start = 0
    pieces: list[tuple[int, int]] = []
    for found in SENTENCE_END.finditer(text):
        if not ABBREVIATION.search(text[max(0, found.start() - 8) : found.start()]):
            pieces.append((start, found.start()))
            start = found.end()
    pieces.append((start, len(text)))
    line, counted = 0, 0
    for begin, end in pieces:
        line += text.count("\n", counted, begin)
        counted = begin
        if text[begin:end].strip():
            yield line, text[begin:end]
