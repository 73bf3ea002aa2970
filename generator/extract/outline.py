"""Which block is about what: the concept of its section, the thing that is described there, and what is to be left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.extract.blocks import PSEUDO_LEVEL, AnyBlock, Item, Row, Sentence, Title, whole_of
from generator.extract.headings import (
    DESCRIBES_COMPONENT,
    SHORTENED,
    SILENT_SECTIONS,
    acts_anywhere,
    after_short,
    content,
    described_below,
    groups,
    is_register,
    labels_below,
    told,
)
from generator.extract.naming import HUMPS, Sighting, engine_of, is_name, kind_by_name, looks_like_event, name_words, written
from generator.extract.phrases import ARROW
from generator.extract.skipping import PLANNED_MARK, is_skipped, section
from generator.extract.values import pieces, proper_name, split_list, without_article
from generator.extract.vocabulary import (
    GENERIC,
    HEADS,
    ORGANISATIONS,
    PLAIN_FILLERS,
    STORE_WORDS,
    VERB_OF,
    concept_of,
    folded,
    plain_words,
    section_of,
    words_of,
)

KINDS = {"component": "component", "external": "external", "stores": "store", "event": "event", "actor": "actor"}
"""What the things are that a section of this concept lists."""
PREFIX = re.compile(
    r"^\s*(?:\d[\d.]*\s+)?(software system|external system|system|external service|container|component|service|microservice|module|database|data store|store|person|actor|third party|external|komponente|dienst|baustein|modul|externes system|datenbank"
    r"|composant|système externe|service externe|componente|servicio|sistema externo|base de données|base de datos|building block)\s*(\((?:external|extern|externe|externo|ext|third[- ]party)\)|\[(?:external|extern)\])?\s*:\s*(\S.*)$",
    re.IGNORECASE,
)
PREFIX_KINDS = {
    "software system": "system", "system": "system", "database": "store", "data store": "store", "store": "store", "datenbank": "store", "base de donnees": "store", "base de datos": "store", "person": "actor", "actor": "actor",
    "external system": "external", "external service": "external", "third party": "external", "external": "external", "externes system": "external", "systeme externe": "external", "service externe": "external", "sistema externo": "external",
}  # fmt: skip
EXTERNAL_MARK = re.compile(
    r"[(\[]\s*(?:[\w-]+[,;]\s*){0,2}(?:external|extern|externe|externes system|externo|third[- ]party|3rd[- ]party|saas|tiers|drittsystem)\b[^)\]]*[)\]]",
    re.IGNORECASE,
)
BOX_TYPE = re.compile(
    r"\s*[\[«]\s*(software system|system|container|component|database|person|service|komponente|dienst|datenbank|externes system|composant|componente)\b(?:\s*:\s*([^\]»]*))?[^\]»]*[\]»]",
    re.IGNORECASE,
)
"""`Article API [Container: Kotlin]`: the notation of C4 (c4model.com/diagrams/notation)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A block with its surroundings."""

    block: AnyBlock
    section: str | None
    subject: str | None
    is_skipped: bool
    lead: str = ""


def outline(blocks: Sequence[AnyBlock]) -> tuple[list[Placed], list[Sighting]]:
    """Every block with what it is about, and the names that headings, labels and lists define."""
    return _Outline(blocks).run()


class _Outline:
    """One document on its way; what is in force changes with each heading and each list."""

    def __init__(self, blocks: Sequence[AnyBlock]) -> None:
        self.blocks = blocks
        self.content = content(blocks)
        self.sightings: list[Sighting] = []
        self.headed: dict[int, str | None] = {}
        self.told = told(blocks)
        self.groups = groups(blocks)
        self.after = after_short(blocks)
        self.described = described_below(blocks, self.content)
        self.labels = labels_below(blocks)
        self.whole = "\n".join(whole_of(block) for block in blocks if isinstance(block, Sentence | Item | Row))
        self.is_listing = sum(len(labels & DESCRIBES_COMPONENT) >= 2 for labels in self.labels.values()) >= MANY_DESCRIBED
        self.items: dict[tuple[str, int], str] = {}
        self.labelled: tuple[tuple[object, ...], str, bool] | None = None
        self.lead: tuple[tuple[object, ...], str] = ((), "")

    def run(self) -> tuple[list[Placed], list[Sighting]]:
        placed = []
        for block in self.blocks:
            if isinstance(block, Title):
                self._title(block)
            elif isinstance(block, Item):
                self._item(block)
                if not block.bullet:
                    self.lead = (block.path, block.text)
            elif isinstance(block, Sentence):
                self.lead = (block.path, block.text)
            lead = self.lead[1] if self.lead[0] == block.path else ""
            placed.append(Placed(block, section(block), self._subject(block), is_skipped(block), lead))
        return placed, self.sightings

    # --- headings ---

    def _title(self, title: Title) -> None:
        text = title.heading.text
        self.labelled = None
        kind = self._kind_of_heading(title)
        self.headed[title.heading.line] = _name_part(text) if kind else None
        if kind == "component" and (both := self._pair(text)):
            self.headed[title.heading.line] = None
            self.sightings += [Sighting(each, kind, 8, title.source) for each in both if not is_skipped(title)]
        elif kind and kind != "system" and not is_skipped(title) and not PLANNED_MARK.search(text):
            self.sightings.append(Sighting(_name_part(text), kind, 8, title.source))

    def _pair(self, text: str, fewest: int = 2, beside: str = "") -> list[str]:
        """`Dispatcher Workbench and Field Companion`, where the document speaks of each by itself, too, or the text beside says that there are two; each of so many words."""
        text = re.sub(r"\s*\([^()]*\)\s*$", "", text)
        parts = re.split(r" (?:and|und|et|y|&) ", text)
        if len(parts) != 2 or not all(is_name(part) and len(part.split()) >= fewest and part[0].isupper() for part in parts):
            return []
        if fewest > 1 and not all(part.istitle() for part in parts):
            return []
        if BOTH.search(beside):
            return parts
        said = " ".join(block.text for block in self.blocks if isinstance(block, Sentence | Item | Row)).replace(text, "")
        return parts if all(part in said for part in parts) else []

    def _kind_of_heading(self, title: Title) -> str | None:
        text = title.heading.text
        prefixed = PREFIX.match(text)
        if title.heading.line in self.groups:
            return None
        if title.is_document or NUMBERED_PART.fullmatch(written(text).title) or ABOUT_PARTS.match(written(text).title):
            return None
        if prefixed:
            return _prefix_kind(prefixed)
        if box := _boxed(text):
            return box
        if not self._is_one_of(title) and (
            (_is_filler(text) and not len(self.content[title.heading.line] & DESCRIBES_COMPONENT) >= 2)
            or (
                plain_words(text)[-1:] in NO_HEADINGS
                and not self._is_part(title)
                and not len(self.content[title.heading.line] & DESCRIBES_COMPONENT) >= MANY_LABELS
            )
            or (section_of(text) and not is_register(title))
        ):
            return None
        if len(written(text).title.split()) > 8 or not is_name(text):
            return None
        labels = self.content[title.heading.line]
        is_described = len(labels & DESCRIBES_COMPONENT) + ("summary" in labels) >= 2 or (bool(labels) and self._is_one_of(title))
        is_described = is_described or (bool(labels & {*DESCRIBES_COMPONENT, "summary"}) and self.described[title.path] >= MANY_DESCRIBED)
        parent = next(
            (each for each in reversed(title.path) if section_of(each.text) or self.headed.get(each.line) or not _is_filler(each.text)),
            None,
        )
        concept = section_of(parent.text) if parent and not self.headed.get(parent.line) else None
        kind = KINDS.get(concept or "")
        if kind and (labels or is_described):
            kind = "external" if EXTERNAL_MARK.search(text) else kind
            return kind if not (kind == "component" and len(title.path) and not labels) else None
        if is_described or self.told.get(title.heading.line):
            return (
                "external"
                if EXTERNAL_MARK.search(text)
                else kind_by_name(_name_part(text))
                if kind_by_name(_name_part(text)) == "external"
                else "component"
            )
        return None

    def _is_one_of(self, title: Title) -> bool:
        """`Account service` below `Functional services`."""
        words = plain_words(written(title.heading.text).title)
        above = {word for heading in title.path for word in plain_words(written(heading.text).title)[-1:]}
        return len(words) == 2 and any(words[1] in ONE_OF.get(many, ()) for many in above)

    def _is_part(self, title: Title) -> bool:
        """`Payment Flow` right below `Building Blocks`, in two words and with a text, is a part of the system."""
        words = plain_words(written(title.heading.text).title)
        is_listed = bool(title.path) and section_of(title.path[-1].text) == "component"
        return is_listed and len(words) == 2 and words[1] in ("flow", "process", "matrix") and words[0] not in ABOUT_FLOWS

    # --- bullets ---

    def _item(self, item: Item) -> None:
        if is_skipped(item) or PLANNED_MARK.search(item.label or item.text[:120]):
            return
        prefixed = PREFIX.match(whole_of(item))
        if prefixed and is_name(prefixed[3].split(",")[0]):
            self._prefixed(item, prefixed)
            return
        if self._enumerated(item):
            return
        kind = (
            self._opened(item)
            or _boxed(_opening(item))
            or self._list_kind(item)
            or _told_of(item)
            or self._coded(item)
            or self._described(item)
            or self._shortened(item)
            or self._marked(item)
            or _kept(item)
        )
        if kind == "event" and item.label is None and VERB_OF.get(folded(item.text.split(" ", 1)[0])) in ("publish", "consume"):
            return  # `publishes X` below `Events`
        if kind == "event" and not item.bullet and not looks_like_event((item.label or "").strip("` ")) and EVENT_NAMED.search(item.text):
            return  # `**Purchase.** … publishes `TicketIssued``, a paragraph
        if kind is None or (item.parents and any(each in self._subjects_of(item) for each in item.parents)):
            return
        text = (
            item.label
            if item.label is not None
            else without_article(_head(item.text))
            if SHORTENED.match(item.text)
            else item.stressed[0].strip(" .:")
            if item.stressed and item.text.startswith(item.stressed[0])  # `**Acme** gives us prices`
            else _head(item.text)
        )
        if text and is_name(text) and not (item.label and concept_of(item.label) and concept_of(item.label) != KINDS.get(kind)):
            self.items[item.source.file, item.source.line] = text
            whole = f"{text} (external)" if EXTERNAL_MARK.search(item.text[:80]) else text
            kind = "external" if EXTERNAL_MARK.search(whole) and kind == "component" else kind
            listed = kind
            text, kind = _of_store(item, text) if kind == "store" else (text, kind)
            kind = kind_by_name(text) if kind == "component" and kind_by_name(text) in ("broker",) else kind
            if kind == "external" and (both := self._pair(text, 1, item.text)):
                self.sightings += [Sighting(each, kind, 7, item.source) for each in both]
                return
            told = without_article(item.text)
            short = re.match(r"\s*\([A-Z]{2,6}\)", told[len(text) :]) if item.label is None and told.startswith(text) else None
            weight = 3 if (listed, kind) == ("store", "component") else 7  # `os: mysql` in the section on data, where `os` is short
            self.sightings.append(
                Sighting(f"{_name_part(text)} {short[0].strip()}" if short else _name_part(text), kind, weight, item.source)
            )

    def _enumerated(self, item: Item) -> bool:
        """`Components so far: A, B and C`."""
        kind = _listed(f"{item.label}:") if item.label and not item.parents and self._subject(item) is None else None
        if kind == "external" and self._described_partners(item):
            return True
        parts = [without_article(piece.head) for piece in pieces(item.text)] if kind else []
        if (
            not kind
            or len(parts) < 2
            or not all(is_name(part) and len(part.split()) <= 4 for part in parts)
            or not any(part[:1].isupper() or part.startswith("`") for part in parts)
        ):
            return False
        for piece in pieces(item.text):
            name, short = without_article(piece.head), re.match(r"\s*\([A-Z]{2,6}\)", piece.rest)
            self.sightings.append(Sighting(f"{name} {short[0]}" if short else name, kind, 6, item.source))
        return True

    def _described_partners(self, item: Item) -> bool:
        """`External parties: the customs system of the state ("Zollnet"), the payroll product Sagacity`."""
        named = [found for part in split_list(item.text) if (found := proper_name(part.removeprefix(" and ").strip()))]
        for name in named:
            self.sightings.append(Sighting(name, "external", 6, item.source))
        return bool(named) and len(named) == len([*split_list(item.text)])

    def _prefixed(self, item: Item, prefixed: re.Match[str]) -> None:
        kind = _prefix_kind(prefixed)
        name = _name_part(re.split(r"\s[–—-]\s|,|\s→|\s->", prefixed[3])[0])
        is_sibling = self.labelled is not None and self.labelled[0] == item.path and self.labelled[2] == item.bullet
        if concept_of(prefixed[1]) == "stores" and self._subject(item) and not is_sibling:
            return  # `Database: PostgreSQL` below a component says what it keeps
        if kind == "system":
            return
        self.labelled = (item.path, name, item.bullet)
        self.items[item.source.file, item.source.line] = name
        self.sightings.append(Sighting(name, kind, 7, item.source))

    def _subjects_of(self, item: Item) -> list[Item]:
        return [each for each in item.parents if (each.source.file, each.source.line) in self.items]

    def _described(self, item: Item) -> str | None:
        """`**Tour API**: tours and stops. Calls: … Publishes: …`: labels within the text that only components have."""
        if not item.label or concept_of(item.label) or item.parents or not item.label[:1].isupper():
            return None
        inner = {concept_of(each) for each in re.findall(r"(?:^|[.;]\s+)([A-Z][\w ]{1,25}):\s", item.text)}
        return "component" if inner & DESCRIBES_COMPONENT else None

    def _opened(self, item: Item) -> str | None:
        """`**Planner**` with `Calls`, `Publishes` and the like below it."""
        label = item.label or ""
        is_name = bool(label) and not item.parents and item.bullet and section_of(label) is None
        is_name = is_name and plain_words(label)[-1:] not in NO_HEADINGS and not _is_filler(label) and not looks_like_event(label)
        labels = self.labels[item.source] & DESCRIBES_COMPONENT
        if not is_name or len(labels) < (1 if self.is_listing else 2) or (item.text and not self.is_listing):
            return None
        return "store" if kind_by_name(written(label).title) == "store" or _holds_store(item.text) else "component"

    def _coded(self, item: Item) -> str | None:
        """`**Edge API** (`edge-api`): …`: a name with its spelling in code is defined, whatever the section is called."""
        if (
            item.parents
            or not item.label
            or section(item) in ("decision", "question", "risk", "requirement", "event", "operation", "provides")
        ):
            return None
        if not re.fullmatch(r"[^`()]{2,50}\(`[a-z][a-z0-9-]*`\)|[^`()]{2,50} `[a-z][a-z0-9]*(?:-[a-z0-9]+)*`", item.label.strip()):
            return None
        looks = kind_by_name(written(item.label).title)
        return looks if looks in ("component", "store", "external") else None

    def _shortened(self, item: Item) -> str | None:
        """`The Booking Desk (BD) is …`, where the text goes on about BD as about somebody."""
        found = SHORTENED.match(item.text) if item.label is None and not item.parents and section(item) not in SILENT_SECTIONS else None
        if found is None or kind_by_name(found["name"]) != "component" or name_words(found["name"])[-1] in ORGANISATIONS:
            return None
        return "component" if any(folded(each) in VERB_OF for each in self.after[found["short"]]) else None

    def _marked(self, item: Item) -> str | None:
        """`**Fastly** [external]: …`, wherever it stands."""
        opening = _opening(item)
        is_marked = (
            bool(EXTERNAL_MARK.search(opening)) and not IS_ARROW.search(opening) and not item.parents and self._subject(item) is None
        )
        return "external" if is_marked and section(item) not in SILENT_SECTIONS and is_name(_name_part(opening)) else None

    def _list_kind(self, item: Item) -> str | None:
        """What the bullets of a list are: by the heading right above, or by the sentence that leads to the list."""
        lead = self.lead[1] if self.lead[0] == item.path else ""
        if lead.rstrip().endswith(":") and not IS_ARROW.search((item.label or item.text)[:80]):
            found = _listed(lead)
            if found:
                return found
        path = item.path[:-1] if item.path and item.path[-1].level == PSEUDO_LEVEL and section_of(item.path[-1].text) is None else item.path
        innermost = path[-1] if path else None
        if innermost is None or self.headed.get(innermost.line) or item.parents:
            parent = item.parents[-1] if item.parents else None
            return (
                KINDS.get(concept_of(parent.label or parent.text) or "")
                if parent and len(parent.text) < 40 and not parent.text.strip(" :") and self._subject(item) is None
                else None
            )
        if self.labelled and self.labelled[0] == item.path:
            return None
        if (
            item.label
            and not item.bullet
            and any(word[:1].islower() for word in written(item.label).title.split())
            and not self._is_met(item)
        ):
            return None  # `Integration style: HTTP …`, a paragraph
        kind = KINDS.get(section_of(innermost.text) or "")
        if kind == "component" and not self._is_told_of(item):
            return None
        is_free = kind not in ("component", "store") or self._subject(item) is None
        return kind if is_free else None  # the modules of a component are no components, and what it keeps is its own

    def _is_met(self, item: Item) -> bool:
        """Whether a label in lower case is that of somebody: `order hub`, `customer-prefs`, what an arrow leads from or to; and not `integration style`."""
        title = written(item.label or "").title
        words = name_words(title)
        return bool(words) and (
            words[-1] in HEADS | GENERIC
            or (title.islower() and " " not in title and "-" in title)
            or acts_anywhere(words, self.blocks)
            or bool(re.search(rf"\b{re.escape(title)}\s*{ARROW}|{ARROW}\s*{re.escape(title)}\b", self.whole, re.IGNORECASE))
        )

    def _is_told_of(self, item: Item) -> bool:
        """`- takes an order, gives it a number` names nobody, and `**Selling.** At the counter …` says what a paragraph deals with, unless somebody is called so."""
        opening = item.label if item.label is not None else item.text
        if item.label is None or item.bullet:
            head = _head(opening).split()
            is_headed = 1 < len(head) <= 3 and head[-1] in HEADS | {"job"} and "," in opening  # `office console, for the three of us`
            is_name = item.label is not None or opening[:1].isupper() or len(head) <= 1 or opening[:1] == "`" or is_headed
            return is_name and not looks_like_event(_head(opening).strip("` "))
        words = name_words(written(opening).title.rstrip("."))
        return len(words) != 1 or words[0] in HEADS or acts_anywhere(words, self.blocks)

    def _subject(self, block: AnyBlock) -> str | None:
        """The innermost thing that a bullet, a label or a heading above has introduced."""
        if isinstance(block, Item):
            for parent in reversed((*block.parents, block)):
                found = self.items.get((parent.source.file, parent.source.line))
                if found:
                    return found
        if self.labelled and self.labelled[0] == block.path and not isinstance(block, Title | Row):
            return self.labelled[1]
        for heading in reversed(block.path):
            found = self.headed.get(heading.line)
            if found:
                return found
        return None


EVENT_NAMED = re.compile(r"`[A-ZÀ-Þ]\w*[a-zß-ÿ][A-ZÀ-Þ]\w*`|\b[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ][a-zß-ÿ]+\b")


def _told_of(item: Item) -> str | None:
    """`**TripBooked**: from Booking, to Billing`: an event and who tells it."""
    label = (item.label or "").strip("` ")
    is_named = looks_like_event(label) or (section(item) == "event" and (item.label or "").startswith("`") and bool(HUMPS.fullmatch(label)))
    is_event = is_named and re.match(
        r"\W*(?:from|by|comes from|published|emitted|raised|sent|von|de|par|kommt vo[nm]|vient d[ue]|viene d[ae]l?|veröffentlicht (?:der|die|das)|[^.;]{2,60}(?:→|->))\s",
        item.text,
        re.IGNORECASE,
    )
    return "event" if is_event and not item.parents and section(item) not in SILENT_SECTIONS - {"event"} else None


def _kept(item: Item) -> str | None:
    """`**Search Index** [OpenSearch]: …`: an engine and nothing else in brackets after a name that no service has; `**Page store**: S3 bucket with …`."""
    if item.label and not item.parents and kind_by_name(written(item.label).title) == "store" and _holds_store(item.text):
        return "store" if section(item) not in SILENT_SECTIONS else None
    found = re.fullmatch(r"([^\[\]()]{2,50}) [\[(]([^\[\]()]+)[\])]", item.label or "")
    is_store = (
        found is not None and engine_of(found[2]) is not None and name_words(found[1])[-1:] != () and name_words(found[1])[-1] not in HEADS
    )
    return "store" if is_store and not item.parents and section(item) not in SILENT_SECTIONS else None


def _of_store(item: Item, text: str) -> tuple[str, str]:
    """What a bullet in the section on data names, and its kind: `Planner → plan db, PostgreSQL`, `Intake: intake-db (PostgreSQL)`."""
    arrow = re.match(r".+? (?:→|->|=>) (?P<end>.+)", text)
    text = arrow["end"] if arrow else text
    head = re.split(r"\s(?:belongs|is|are|lives|lies|holds|keeps|contains|sits|was)\s", text, maxsplit=1)[0]
    text = head if kind_by_name(written(head).title) == "store" else text
    name = written(text).title
    words = name_words(name)
    is_owner = (set(words[-1:]) <= GENERIC and not set(words) & STORE_WORDS) or (kind_by_name(name) != "store" and _holds_store(item.text))
    return text, "component" if is_owner else "store"


MANY_LABELS = 3
"""Labels below a heading that leave no doubt that it describes a component."""
MANY_DESCRIBED = 2
"""Headings beside each other that describe components: the next one with a label below is one, too."""


BOTH = re.compile(r"\b(?:two|both|each|beide|jeweils|les deux|los dos|ambos)\b")
LISTS = {
    "external": "third parties|external systems|external services|partner systems|partners|neighbouring systems|externe systeme|externen systeme|drittsysteme|systemes externes|services externes|sistemas externos|servicios externos",
    "event": "events|domain events|ereignisse|evenements|eventos",
    "stores": "databases|data stores|datastores|datenbanken|datenspeicher|bases de donnees|bases de datos",
    "component": "components|services|microservices|modules|building blocks|containers|komponenten|dienste|module|bausteine|composants|componentes|servicios",
}
"""What a sentence or a label before a list says that is listed: the plural stands among its last words."""
LIST_ENDS = {concept: re.compile(rf"\b(?:{spellings})\b(?:\s+[\w,-]+){{0,4}}\s*:\s*$") for concept, spellings in LISTS.items()}
ONE_OF = {
    "service": words_of("service gateway worker"),
    "microservice": words_of("service gateway worker"),
    "architecture": words_of("service gateway"),
    "dienst": words_of("dienst service"),
    "dienste": words_of("dienst service"),
    "servicio": words_of("servicio"),
    "component": words_of("component"),
    "module": words_of("module"),
}
"""Last words of a heading, in singular, and of the headings below it that name what it is about."""
ABOUT_FLOWS = words_of(
    "data message event call control request communication interaction information information main happy dependency sequence"
)
NUMBERED_PART = re.compile(
    r"(?:level|tier|stage|phase|step|part|chapter|appendix|annex|section|ebene|stufe|teil|kapitel|anhang|niveau|nivel|etape|schritt)\s+(?:\d+|[A-Z])\b.*",
    re.IGNORECASE,
)
"""`Level 2 – Measure` is a part of the text."""
ABOUT_PARTS = re.compile(
    r"(?:how|what|why|when|where|wie|was|warum|wozu|wann|comment|pourquoi|quand|como|por que|cuando) \w+|(?-i:Before|After) (?-i:[a-z])|(?:diagram|diagramm|figure|picture|drawing|abbildung|schema)(?: \d+)?$|(?:interfaces?|connections?|communication|dependencies|events|data|stores|roles|protocols|schnittstellen|verbindungen|kommunikation|abhängigkeiten|interactions?|échanges|interfaces|dependencias)"
    r" (?:of|between|among|in|inside|within|der|des|zwischen|von|im|entre|de|des|del)\b",
    re.IGNORECASE,
)
"""`Interfaces of the building blocks`, `How to read a card`."""
NO_HEADINGS = {
    (word,)
    for word in words_of(
        "pattern style diagram diagramm diagramme diagrama view overview matrix flow flows scenario example rule regel regeln note convention konvention konventionen principle prinzip prinzipien grundsatz grundsaetze leitlinie leitlinien leitplanken vorgaben guideline context kontext contexte contexto subdomain subdomaene decision interface interaction call structure domain legend process library libraries utilities concern consideration"
    )
}
"""Last words of headings that name no part of a system."""


OURS = re.compile(
    r"^(?:here is )?what (?:is ours|we (?:build|run|own|operate|write|deploy)(?: and (?:run|operate|own|build))?)(?: ourselves)?:$|^(?:ours|our own)(?: parts)?:$"
)
NOT_OURS = re.compile(
    r"^what (?:is not ours|others (?:build|run|own|operate)|we (?:do not|don't) (?:build|run|own|operate|write)(?: (?:and|or) (?:run|operate|own|build))?|belongs to others|we (?:buy|rent|use from others))(?: ourselves)?:$"
    r"|^(?:not ours|outside|externals?|ext|others|not us|around us|the outside(?: world)?|outside world|third parties)\s*:$"
)


IS_ARROW = re.compile(ARROW)


def _listed(lead: str) -> str | None:
    """`The system consists of these services:`"""
    plain = folded(lead[-200:])
    if NOT_OURS.match(plain.strip()):
        return "external"
    if OURS.match(plain.strip()):
        return "component"
    return next((KINDS[concept] for concept, ends in LIST_ENDS.items() if ends.search(plain)), None)


def _prefix_kind(found: re.Match[str]) -> str:
    if found[2] or EXTERNAL_MARK.search(found[3]):
        return "external"
    return PREFIX_KINDS.get(folded(found[1]), "component")


def _name_part(text: str) -> str:
    prefixed = PREFIX.match(text)
    text = prefixed[3] if prefixed else text
    return EXTERNAL_MARK.sub("", BOX_TYPE.sub("", text)).strip()


def _opening(item: Item) -> str:
    """What a bullet is about, with what its brackets say."""
    return item.label if item.label is not None else re.split(r"\s[–—-]+\s|:\s|:$", item.text[:120], maxsplit=1)[0]


def _boxed(text: str) -> str | None:
    """The kind of a box of C4 by its type and technology; None for a text that is no box."""
    found = BOX_TYPE.search(text)
    name = _name_part(text)
    if not found or not is_name(name):
        return None
    if EXTERNAL_MARK.search(text) or folded(found[1]) in PREFIX_KINDS:
        return "external" if EXTERNAL_MARK.search(text) else PREFIX_KINDS[folded(found[1])]
    is_store = any(engine_of(part) for part in re.split(r"[,/]", found[2] or "")) and kind_by_name(name) == "store"
    return "store" if is_store else "component"


def _head(text: str) -> str:
    """What a bullet opens with: up to a dash, a colon or a bracket."""
    return re.split(r"\s(?:[–—-]+|=)\s|\s(?:→|->)\s(?=[a-z]+s )|:\s|:$|\s\(|,|\. ", text, maxsplit=1)[0].strip(" .") if text else ""


def _holds_store(text: str) -> bool:
    """Whether a text opens with a store or an engine."""
    head = re.split(r"\s*[(,;]|\s[–-]\s|\s(?:for|as|with|holds)\s", text, maxsplit=1)[0].strip("` .")
    inside = re.search(r"\(([^()]*)\)", text)
    return bool(engine_of(head) or re.fullmatch(r"[\w-]+-(?:db|cache|store)", head) or (inside and engine_of(inside[1].split(",")[0])))


def _is_filler(text: str) -> bool:
    return all(word in PLAIN_FILLERS or word in ("level", "domain", "area", "ebene", "niveau", "nivel") for word in plain_words(text))
