"""What the headings of a document are about, by what stands below each of them and by what is said of it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from generator.extract.blocks import PSEUDO_LEVEL, AnyBlock, Item, Row, Sentence, Title
from generator.extract.columns import is_card, own_table
from generator.extract.naming import is_name, name_words, written
from generator.extract.skipping import section
from generator.extract.vocabulary import GENERIC, HEADS, NAMING, VERB_OF, column_of, concept_of, folded, section_of, singular, words_of

DESCRIBES_COMPONENT = words_of(
    "responsibility layer domain context owner technology port deployment calls called_by uses depends provides "
    "publishes consumes stores quality resources"
)
"""Labels that only a component has: a heading with two of them below is one."""
SILENT_SECTIONS = frozenset(
    {"decision", "question", "risk", "requirement", "quality", "event", "environment", "region", "rejected", "skipped"}
)
MODALS = words_of("shall must should will may can muss soll kann doit peut debe puede")
VERB_LABELS = {
    "call": "calls",
    "use": "uses",
    "publish": "publishes",
    "consume": "consumes",
    "store": "stores",
    "send": "calls",
    "receive": "consumes",
    "read": "stores",
    "write": "stores",
}
"""A bullet that opens with a verb says as much as one with the label."""


def described_below(blocks: Sequence[AnyBlock], content: Mapping[int, set[str]]) -> Counter[object]:
    """For each way of headings how many right below it describe a component by their labels."""
    titles = [block for block in blocks if isinstance(block, Title) and not section_of(block.heading.text)]
    return Counter(
        each.path
        for each in titles
        if len(content[each.heading.line] & DESCRIBES_COMPONENT) + ("summary" in content[each.heading.line]) >= 2
    )


def labels_below(blocks: Sequence[AnyBlock]) -> dict[object, set[str]]:
    """For each bullet the concepts of the labels right below it."""
    found: dict[object, set[str]] = defaultdict(set)
    for block in blocks:
        if isinstance(block, Item) and block.parents and block.label and (concept := concept_of(block.label)):
            found[block.parents[-1].source].add(concept)
    return found


def groups(blocks: Sequence[AnyBlock]) -> set[int]:
    """Headings below which several paragraphs open with a name in bold type each: `On the mountain`, with what there is."""
    opening: dict[int, set[str]] = defaultdict(set)
    for block in blocks:
        if isinstance(block, Sentence) and block.first and block.stressed and block.path:
            text = re.sub(r"^(?:The|Our) ", "", block.text)
            if text.startswith(block.stressed[0]) and block.stressed[0][:1].isupper():
                opening[block.path[-1].line].add(block.stressed[0])
    headings = {heading.line: set(name_words(heading.text)) for block in blocks for heading in block.path}
    listing = Counter(
        block.path[-1].line
        for block in blocks
        if isinstance(block, Item) and block.path and block.path[-1].level == PSEUDO_LEVEL and _lists(block)
    )
    tabled = {block.path[-1].line for block in blocks if isinstance(block, Row) and block.path and column_of(block.heads[0]) == "component"}
    return (
        {line for line, many in listing.items() if many > 1}
        | tabled
        | {
            line
            for line, names in opening.items()
            if len(names) > 1
            or any(len(name.split()) > 1 and not concept_of(name) and not set(name_words(name)) & headings[line] for name in names)
        }
    )


def _lists(item: Item) -> bool:
    """`**Acme:** payments` below a line in bold type."""
    return bool(item.label and not item.parents and item.label[:1].isupper() and is_name(item.label) and not concept_of(item.label))


def told(blocks: Sequence[AnyBlock]) -> dict[int, bool]:
    """Headings that prose below speaks of as of somebody, or that end as parts of systems do: where many of one section do, each with a name and a text is a component."""
    titles: dict[int, Title] = {block.heading.line: block for block in blocks if isinstance(block, Title) and not block.is_document}
    texts: dict[int, list[str]] = defaultdict(list)
    for block in blocks:
        if isinstance(block, Item) and block.label is not None:
            continue
        if isinstance(block, Sentence | Item) and block.path and block.path[-1].line in titles:
            texts[block.path[-1].line].append(block.text)
    siblings: dict[int, list[int]] = defaultdict(list)
    for line, title in titles.items():
        text = title.heading.text
        if (
            line in texts
            and not (
                re.match(r"(?:\d[\d.]* )?The [a-z]+$", text) and set(name_words(text)) <= HEADS
            )  # `The gateway` is short for another name
            and (not section_of(text) or is_register(title))
            and is_name(text)
            and len(re.split(r" (?:and|und|et|y|&) ", written(text).title)[0].split()) <= 4
            and section(title) not in SILENT_SECTIONS
        ):
            siblings[title.path[-1].line if title.path else 0].append(line)
    told: dict[int, bool] = {}
    for lines in siblings.values():
        spoken = [line for line in lines if _is_spoken_of(titles[line].heading.text, texts[line])]
        parts = [line for line in lines if _is_headed(written(titles[line].heading.text).title)]
        are_parts = (len(spoken) >= 2 and 2 * len(spoken) >= len(lines)) or (len(parts) > 2 and 3 * len(parts) >= 2 * len(lines))
        whole = " ".join(text for line in lines for text in texts[line])
        told |= {line: are_parts and (line in parts or _is_named_in(titles[line].heading.text, whole)) for line in lines}
    return told


def _is_headed(title: str) -> bool:
    """`Fare engine`; a `Land registry` may be what the section deals with."""
    last = set(name_words(title)[-1:])
    return bool(last & HEADS) and not (last <= AMBIGUOUS and title.rsplit(maxsplit=1)[-1].islower())


AMBIGUOUS = words_of("registry register platform agent")


def _is_named_in(heading: str, text: str) -> bool:
    """Whether the texts below such headings have its words, too: nobody speaks of `Rejected choices` as of a part."""
    words = [re.escape(singular(word)) for word in re.findall(r"[\w'’-]+", folded(written(heading).title)) if len(word) > 2]
    is_name = bool(NAME_OF_SEVERAL.fullmatch(written(heading).title))  # `Forecast Feed`
    return is_name or bool(words and re.search(r"\b" + r"\w*\W+(?:\w+\W+)?".join(words), folded(text)))


NAME_OF_SEVERAL = re.compile(r"[A-ZÀ-Þ][\w'’]*(?:[ -][A-ZÀ-Þ][\w'’]*)+")


SHORTENED = re.compile(
    r"(?:The |Our )?(?P<name>[A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+){1,3}) \((?P<short>[A-Z]{2,5})\)(?= [a-z]|, (?:an?|the|our|which|that|with)\b)"
)


def after_short(blocks: Sequence[AnyBlock]) -> dict[str, set[str]]:
    """For each word in capitals the words that follow it."""
    found: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        if isinstance(block, Sentence | Item):
            for short, after in re.findall(r"\b([A-Z]{2,5}) ([a-z]+)", block.text):
                found[short].add(after)
    return found


def is_register(title: Title) -> bool:
    """`Subject Registry` right below `Services` is one of them, and no list of subjects."""
    words = written(title.heading.text).title.split()
    is_listed = bool(title.path) and section_of(title.path[-1].text) == "component"
    return is_listed and len(words) == 2 and all(word[:1].isupper() for word in words) and singular(folded(words[1])) in NAMING


def _is_spoken_of(name: str, texts: Sequence[str]) -> bool:
    """`The ballot service hands out …` below the heading Ballot Service, or further below that it, or `the ballot service`, does something."""
    words = name_words(written(name).title)
    return bool(words) and (_opens(words, texts[0]) or any(_acts(words, text) for text in texts))


def _opens(words: tuple[str, ...], sentence: str) -> bool:
    opening = name_words(" ".join(sentence.split()[: len(words) + 3]))
    return any(opening[at : at + len(words)] == words and not _goes_on(words, opening[at + len(words) :]) for at in range(2)) and any(
        folded(word) in VERB_OF or folded(word).endswith("s") or re.fullmatch(r"[a-z]{2,}t|est|e", folded(word))
        for word in sentence.split()[len(words) : len(words) + 3]
    )


def _goes_on(words: tuple[str, ...], following: Sequence[str]) -> bool:
    """Below `Appointments` it is the appointment service that does something: that is the part, and the heading names what it is about."""
    return words[-1] not in HEADS | GENERIC and bool(set(following[:1]) & (HEADS | GENERIC))


def _acts(words: tuple[str, ...], sentence: str) -> bool:
    """Whether the name, or what it ends with after an article, stands right before a verb, `shall` and the like aside."""
    said = [singular(folded(each.strip(",;.()"))) for each in sentence.split()]
    for at in range(len(said)):
        length = len(words) if tuple(said[at : at + len(words)]) == words else 0
        if not length and len(words) > 1 and said[at] == words[-1] and at and said[at - 1] == "the":
            length = 1
        following = [folded(each.strip(",;.()")) for each in sentence.split()[at + length : at + length + 3]] if length else []
        if following and not _goes_on(words, following) and (following[0] in MODALS or any(each in VERB_OF for each in following[:2])):
            return True
    return False


def acts_anywhere(words: tuple[str, ...], blocks: Sequence[AnyBlock]) -> bool:
    """Whether a text speaks of a name as of somebody who does something."""
    return any(isinstance(block, Sentence | Item) and _acts(words, block.text) for block in blocks)


def content(blocks: Sequence[AnyBlock]) -> dict[int, set[str]]:
    """For each heading the concepts of the labels, columns and headings right below; `text` for anything else."""
    found: dict[int, set[str]] = defaultdict(set)
    for block in blocks:
        if not block.path:
            continue
        at = block.path[-1].line
        if isinstance(block, Item) and not block.parents:
            found[at].add(
                (concept_of(block.label) if block.label else VERB_LABELS.get(VERB_OF.get(folded(block.text.split(" ", 1)[0]), "")))
                or "text"
            )
        elif isinstance(block, Title):
            concept = section_of(block.heading.text)
            if concept:
                found[at].add(concept)
        elif isinstance(block, Row) and (own := own_table(block.heads, block.cells)):
            found[at].add(own)
        elif isinstance(block, Row) and is_card(block.heads):
            found[at].add(concept_of(block.cells[0]) or "text")
            found[at].add(concept_of(block.heads[0]) or "text")
        else:
            found[at].add("text")
    return found
