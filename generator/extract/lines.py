"""Lines of Markdown that are headings but for the marks, and headings that are labels: a document is rewritten line by line, each line where it was, before it is parsed."""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Sequence

from generator.extract.vocabulary import concept_of, folded, section_of, words_of

DEEPEST = 6
"""Levels of headings that Markdown has."""
BREAK = "\x06"
"""Where a line is read as two."""
PLAIN_LABEL = re.compile(r"\s*([^\W\d][\w' /&()-]{0,45}?)\s*(:|\s[–—-])\s+(?=\S)")


def cleaned(text: str) -> str:
    """Lines end with a line feed; control characters and separators of other kinds are spaces."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (
        re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\u200b\u200e\u200f\ud800-\udfff]", " ", text)
        .replace("\t", "    ")
        .translate(OTHER_ARROWS)
        .replace("\u00a0", " ")
    )


OTHER_ARROWS = str.maketrans(dict.fromkeys("⇒⟶➜➔➝⟹⇨⭢", "→"))
STEP_HEAD = re.compile(r"\d{1,2}[.)] (?P<title>[A-ZÀ-Þ][^.:;`]{2,50})")
DEFINED = re.compile(r"^(?P<term>\*\*[^*\n]{2,60}\*\*)\s*\n:[ ]{1,3}(?=\S)", re.MULTILINE)
"""`**Ledger**` with `: keeps the accounts` in the next line: a list of definitions, which CommonMark does not know."""
NAME_HEAD = re.compile(
    r"(?P<title>[A-ZÀ-Þ][\w&'’-]*(?: [A-ZÀ-Þ][\w&'’-]*){0,4})(?: (?:im Überblick|in Kürze|at a glance|in brief|in short|in detail|en bref))?:"
)
BOLD_SUBJECT = re.compile(
    r"(?:The |Our |Der |Die |Das |Le |La |L['’])?(?P<name>\*\*[A-ZÀ-Þ][^*\n:.]{2,40}\*\*)(?: \([^()]{1,40}\))? [a-zà-ÿ].*"
)
"""`The **Ledger** keeps the books.`, where a list of labels follows."""


def headed(text: str) -> str:
    """The same lines, those that are headings but for the marks with the marks: `2) Services` before a list, `Ledger:` before labels."""
    lines = DEFINED.sub(r"\g<term>\n", text).split("\n")
    coded = _coded(lines)
    for number, line in enumerate(lines):
        found = STEP_HEAD.fullmatch(line.rstrip()) or NAME_HEAD.fullmatch(line.rstrip())
        if found is None or number in coded or (number and lines[number - 1].strip()):
            continue
        following = next((each for each in lines[number + 1 : number + 4] if each.strip()), "")
        is_list = found.re is STEP_HEAD and following.startswith(("- ", "* ")) and bool(lines[number + 1].strip())
        is_name = found.re is NAME_HEAD and concept_of(found["title"]) is None and section_of(found["title"]) is None
        listed = LISTED_LABEL.match(following)
        is_labelled = is_name and (is_known_label(following) or bool(listed and concept_of(listed[1])))
        lines[number] = f"{'#' * DEEPEST} {found['title']}" if is_list or is_labelled else line
    return "\n".join(_alike(_subjects(_labelled(lines, coded), coded), coded))


def _coded(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of the lines within fences."""
    found, is_within = set(), False
    for number, line in enumerate(lines):
        is_within ^= line.lstrip().startswith(("```", "~~~"))
        if is_within:
            found.add(number)
    return frozenset(found)


def _subjects(lines: list[str], coded: frozenset[int]) -> list[str]:
    """Paragraphs about a name in bold type, each with a list of labels below it, as what stands below a heading."""
    found = []
    for at, line in enumerate(lines):
        is_first = at not in coded and (at == 0 or not lines[at - 1].strip())
        subject = BOLD_SUBJECT.fullmatch(line.rstrip()) if is_first and line.count("**") == 2 else None
        below = next((each for each in range(at + 1, len(lines)) if not lines[each].strip()), len(lines)) if subject else 0
        listed = LISTED_LABEL.match(_after(lines, below)) if subject else None
        if subject and listed and concept_of(listed[1]):
            found.append((at, subject["name"]))
    for at, name in found if len(found) > 1 else ():
        lines[at] = f"{name}{BREAK}{lines[at]}"
    return lines


HEADING = re.compile(r"(?P<marks>#{3,6}) +(?P<title>[^#\n]{2,40}?)[ :#]*")
BELOW = words_of("summary responsibility calls called_by uses depends provides publishes consumes stores technology owner event")
"""Concepts that are said of a component, and that have no sections of their own when each component has one."""


def _labelled(lines: list[str], coded: frozenset[int]) -> list[str]:
    """Headings that each part has below its own, `#### Calls`, as labels of what stands below them."""
    found: dict[int, str] = {}
    level, of = 0, 0
    counted: dict[str, set[int]] = defaultdict(set)
    for at, line in enumerate(lines):
        heading = re.match(r"(#{1,6}) ", line) if at not in coded else None
        if not heading:
            continue
        told = HEADING.fullmatch(line.rstrip())
        if told and concept_of(told["title"]) in BELOW and level and len(told["marks"]) > level:
            found[at] = told["title"].strip()
            counted[folded(found[at])].add(of)
        else:
            level, of = len(heading[1]), at
    for at, title in found.items():
        if len(counted[folded(title)]) < MANY_PARTS:
            continue
        below = next((each for each in range(at + 1, len(lines)) if lines[each].strip()), at)
        is_text = below > at and not re.match(r"\s*(?:[-*+|>#]|\d+[.)]|```)", lines[below])
        lines[at] = "" if is_text else f"**{title}:**"
        if is_text:
            lines[below] = f"**{title}:** {lines[below]}"
    return lines


MANY_PARTS = 3
"""Parts that have the same headings below theirs."""


ALONE_IN_BOLD = re.compile(r"\*\*[^*\n]{2,50}\*\*(?: ?\([^()]{1,40}\))?\s*")
GOES_ON = re.compile(r"(?P<name>\*\*[^*\n:.]{2,50}\*\*(?: ?\([^()]{1,60}\))?)(?: [–—-] +|(?<=\)) +(?=[A-Za-z])|\. +)(?P<rest>\S.*)")


LISTED_ENTRY = re.compile(r"\s*[-*+] ")
LISTED_LABEL = re.compile(r"\s*[-*+] [*_]{0,2}([^:*_]{2,40}?)[*_]{0,2}:")


def _after(lines: Sequence[str], at: int) -> str:
    return lines[at + 1] if at + 1 < len(lines) else ""


def _alike(lines: list[str], coded: frozenset[int]) -> list[str]:
    """Where one section has some of its parts as `**Ledger**` with bullets below, and others as `**Mailer** – sends mail`, all of them are headings."""
    starts = [at for at, line in enumerate(lines) if at == 0 or not lines[at - 1].strip() or lines[at - 1].startswith(("  ", "- "))]
    sections: dict[int, list[int]] = defaultdict(list)
    heads = [at for at, line in enumerate(lines) if line.startswith("#")]
    for at in starts:
        if lines[at].startswith("**") and at not in coded:
            sections[bisect.bisect(heads, at)].append(at)
    for members in sections.values():
        alone = [at for at in members if ALONE_IN_BOLD.fullmatch(lines[at]) and LISTED_ENTRY.match(_after(lines, at))]
        going = [
            (at, found)
            for at in members
            if (found := GOES_ON.fullmatch(lines[at].rstrip())) and concept_of(found["name"].strip("* ")) is None
        ]
        alone += [at for at, _ in going if (label := LISTED_LABEL.match(_after(lines, at))) and concept_of(label[1])]
        if alone and len({*alone, *(at for at, _ in going)}) > 2:
            for at, found in going:
                lines[at] = f"{found['name']}{BREAK}{found['rest']}"
    return lines


def is_known_label(line: str) -> bool:
    """Whether a line opens with a word before a colon that is known as a label."""
    found = PLAIN_LABEL.match(line)
    return bool(found and found[2] == ":" and concept_of(found[1]))


LETTERED = re.compile(
    r"(?P<marks>#{2,6}) \[?(?P<letter>[A-Z]|(?:C|CMP|COMP|SVC|SRV|LC|BB|MS|APP|SYS)-?)(?P<number>\d{1,3})(?:\.\d+)*\]?(?:[.:)]|\s+[–—-](?=\s))? +(?=[A-ZÀ-Þ])"
)
DOTTED = re.compile(r"^(?P<marks>#{1,6}) (?:(?:[IVXLC]{1,6}|[A-Z])(?:\.(?:\d{1,2}|[a-z]))+[.)]?|[IVXLC]{1,6}[.)]) +(?=\S)")
ARGUED = frozenset({"decision", "risk", "requirement", "question", "quality", "rejected", "skipped"})
"""Sections in which `D2` is what something is called."""


def unlettered(text: str) -> str:
    """The same lines, headings without such numbers as `II.3`, nor `B1`, `B2` or `CMP-01`, where one section counts what it has so."""
    lines = [DOTTED.sub(r"\g<marks> ", line) for line in text.split("\n")]
    above: list[tuple[int, str]] = []
    counted: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for at, line in enumerate(lines):
        depth = len(line) - len(line.lstrip("#"))
        if not 0 < depth <= DEEPEST or line[depth : depth + 1] != " ":
            continue
        above = [each for each in above if each[0] < depth]
        found = LETTERED.match(line)
        if found and not any(section_of(title) in ARGUED for _, title in above):
            counted[above[-1][1] if above else "", found["letter"]][at] = found["number"]
        above.append((depth, line[depth + 1 :]))
    for numbers in counted.values():
        if {1, 2} <= set(map(int, numbers.values())):
            for at in numbers:
                lines[at] = LETTERED.sub(lambda found: f"{found['marks']} ", lines[at], count=1)
    return "\n".join(lines)
