"""What labels, sentences and diagrams state, one small function for each kind of block."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from generator.extract.blocks import Diagram, Item, Sentence, sentences, split_label
from generator.extract.diagrams import Drawing, Edge, Node, drawing_of, edges_by_id
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.grammar import Mention, Passive, Reader, Relation, is_event_name, is_hypothetical, mentions, relations, tokens_of
from generator.extract.naming import (
    HUMPS,
    LONGEST_NAME,
    Entity,
    Names,
    Sighting,
    broker_of,
    engine_of,
    is_topic,
    kind_by_name,
    looks_like_event,
    name_words,
    written,
)
from generator.extract.outline import EXTERNAL_MARK, Placed
from generator.extract.values import OPERATION, Piece, is_nothing, percentiles, pieces, protocol, split_list, without_article
from generator.extract.vocabulary import (
    EXTERNAL_CUE,
    HEADS,
    NO_NAMES,
    PEOPLE,
    STORE_WORDS,
    VERB_OF,
    concept_of,
    folded,
    section_of,
    words_of,
)

PROSE_LIKELY = (Confidence.LIKELY, Authority.PROSE)
CALLABLE = ("component", "external")


@dataclass(slots=True)
class Findings:
    """What one pass over the documents has found."""

    facts: list[Fact] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    understood: set[Source] = field(default_factory=set)
    unknown: dict[str, Source] = field(default_factory=dict)
    """Names that are called in a sentence and that no list of components has, with their first line."""

    def state(self, fact: Fact) -> None:
        self.facts.append(fact)
        self.understood.add(fact.source)

    def see(self, text: str, kind: str, weight: int, source: Source, others: tuple[str, ...] = ()) -> None:
        self.sightings.append(Sighting(text, kind, weight, source, others))
        self.understood.add(source)


@dataclass(frozen=True, slots=True)
class Page:
    """What rules know while they look at a block: the names, who is described, how strictly new names are judged."""

    names: Names
    findings: Findings
    has_inventory: bool
    title: str = ""
    last: list[Mention] = field(default_factory=list)
    things: list[Mention] = field(default_factory=list)
    line: list[Source] = field(default_factory=list)
    """Where the sentence stands that is being read."""

    @property
    def at(self) -> Source:
        return self.line[-1] if self.line else Source("", 0)

    def subject(self, placed: Placed) -> Entity | None:
        return self.names.find(placed.subject) if placed.subject else None

    def is_system(self, text: str) -> bool:
        """The system itself is no part of itself."""
        words, own = (
            [word for word in name_words(text) if word not in ("system", "platform")],
            [word for word in name_words(self.title) if word not in ("system", "platform")],
        )
        return bool(own) and words == own


# --- labels and cells -------------------------------------------------------------------------------------------------


def state_label(concept: str, text: str, subject: Entity, source: Source, page: Page) -> bool:
    """What a label or a cell says about its subject; False when this label means nothing for it."""
    if is_nothing(text):
        page.findings.understood.add(source)
        return True
    rule = LABEL_RULES.get(concept)
    if rule is not None:
        return rule(text, subject, source, page)
    if concept in PLAIN_KEYS.get(subject.kind, ()):
        page.findings.state(Fact(subject.kind, (subject.name,), source, {concept: text}))
        if concept in ("summary", "responsibility", "note", "provides") and len(text.split()) > 3:
            prose_facts(text, source, subject, page)
        return True
    return False


PLAIN_KEYS: dict[str, frozenset[str]] = {
    "component": words_of(
        "summary responsibility layer domain context technology port deployment resources quality availability latency "
        "rate security note provides protocol name"
    ),
    "external": words_of("summary protocol availability latency rate note responsibility quality technology host"),
    "store": words_of("summary kind rpo rto retention note technology payload"),
    "event": words_of("summary topic key payload partitions retention note why type command"),
}


def _calls(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _each_called(text, subject, source, page, forward=True)


def _called_by(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind == "store":
        return _users(text, subject, source, page, "touches")
    if subject.kind == "event":
        return _consumers(text, subject, source, page)
    return _each_called(text, subject, source, page, forward=False)


def _each_called(text: str, subject: Entity, source: Source, page: Page, *, forward: bool) -> bool:
    done = False
    for piece, entity in _resolved(text, page, source, create=forward):
        if entity is None or entity is subject:
            continue
        done = True
        if entity.kind in CALLABLE and (forward or entity.kind == "component"):
            names = (subject.name, entity.name) if forward else (entity.name, subject.name)
            _call(names, piece.rest, source, page)
        elif entity.kind == "store" and forward:
            page.findings.state(Fact("touches", (subject.name, entity.name), source))
        elif entity.kind == "event" and forward:
            page.findings.state(Fact("consumes", (subject.name, entity.name), source, confidence=Confidence.LIKELY))
    return done


def _call(
    names: tuple[str, str],
    details: str,
    source: Source,
    page: Page,
    confidence: Confidence = Confidence.SURE,
    authority: Authority = Authority.TABLE,
) -> None:
    """A call, or a message without a name when the details say that it is asynchronous."""
    if is_hypothetical(details[:60]):
        return
    found = protocol(details)
    kind = "message" if found == "async" else "call"
    values = {
        key: value for key, value in (("protocol", found if kind == "call" else None), ("details", details.strip(" ():,–-"))) if value
    }
    page.findings.state(Fact(kind, names, source, values, confidence, authority))


def _resolved(text: str, page: Page, source: Source, *, create: bool, kind: str | None = None) -> Iterator[tuple[Piece, Entity | None]]:
    """The entries of a line and what they mean; a new short name is taken for what it looks like, unless it follows a colon."""
    after_colon = False
    for piece in _clean_pieces(text):
        entity = page.names.find(piece.head, event=False, loosely=True) if piece.head else None
        if (
            entity
            and piece.head.isalpha()
            and piece.head.islower()
            and name_words(piece.head) not in (name_words(entity.title), name_words(entity.name))
        ):
            continue
        entity = entity or _apposed(piece.head, page)
        if entity is None and after_colon:
            continue
        after_colon = piece.rest.startswith(":") or "):" in piece.rest or (after_colon and entity is None)
        if entity is None and create:
            entity = _created(piece, page, source, kind)
        if entity is not None:
            yield piece, entity
            continue
        for mention in mentions(tokens_of(f"{piece.head} {piece.rest}"), Reader(page.names, may_find=False), loosely=True):
            if mention.entity and mention.before not in ("over", "via", "through", "using", "for", "ueber", "by"):
                yield Piece(mention.text, piece.rest), mention.entity


def _apposed(head: str, page: Page) -> Entity | None:
    """`SMS gateway Norfone` is Norfone."""
    tokens = tokens_of(head)
    found = mentions(tokens, Reader(page.names, may_find=False)) if 1 < len(tokens) < 7 else []
    if len(found) == 1 and found[0].entity and found[0].entity.kind in ("external", "component", "store") and found[0].end == len(tokens):
        before = name_words(" ".join(tokens[: found[0].start])) if found[0].start else ()
        return found[0].entity if before and (before[-1] in HEADS | STORE_WORDS or tokens[found[0].start - 1].islower()) else None
    return None


def _clean_pieces(text: str) -> Iterator[Piece]:
    for piece in pieces(text):
        head = re.sub(
            r"^(?:calls?|uses?|reads?|the|ruft|nutzt|von|vom|appelle|from|to|optionally|also|only)\s+", "", piece.head, flags=re.IGNORECASE
        )
        yield Piece(head, piece.rest)


def _created(piece: Piece, page: Page, source: Source, kind: str | None) -> Entity | None:
    """A name that only this line knows."""
    title = written(piece.head).title
    words = name_words(title) if title else ()
    is_code = piece.head.startswith("`")
    if (
        not words
        or len(title.split()) > 4
        or len(title) > LONGEST_NAME
        or not (title[0].isupper() or is_code or "-" in title)
        or folded(title) in NO_NAMES
        or page.is_system(title)
    ):
        return None
    if (is_code and not re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*|[A-Z][\w -]*", title)) or OPERATION.search(piece.head):
        return None
    looks = kind or kind_by_name(title)
    if looks in ("actor", "broker", "event") or (
        is_event_name(title) and len(words) > 1 and looks == "component" and page.names.find(title, event=True)
    ):
        return None
    if looks == "component" and (EXTERNAL_CUE.search(folded(piece.rest)) or EXTERNAL_MARK.search(f"{piece.head} {piece.rest}")):
        looks = "external"
    if is_hypothetical(piece.rest[:60]):
        return None
    page.findings.see(piece.head, looks, 3, source)
    return Entity(title, title, looks)


def _uses(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _called_by(text, subject, source, page) if subject.kind in ("store",) else _each_used(text, subject, source, page, weak=False)


def _depends(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _each_used(text, subject, source, page, weak=True)


def _each_used(text: str, subject: Entity, source: Source, page: Page, *, weak: bool) -> bool:
    """Dependencies: a call when nothing else says what goes on between the two."""
    done = False
    for piece, entity in _resolved(text, page, source, create=not weak):
        if entity is None or entity is subject:
            continue
        done = True
        if entity.kind in CALLABLE:
            if weak and not protocol(piece.rest):
                page.findings.state(Fact("depends", (subject.name, entity.name), source, {"details": piece.rest}, Confidence.GUESS))
            else:
                _call((subject.name, entity.name), piece.rest, source, page, Confidence.LIKELY)
        elif entity.kind == "store":
            page.findings.state(
                Fact("touches", (subject.name, entity.name), source, confidence=Confidence.GUESS if weak else Confidence.LIKELY)
            )
        elif entity.kind == "event":
            page.findings.state(Fact("consumes", (subject.name, entity.name), source, confidence=Confidence.GUESS))
    return done


def event_texts(text: str, names: Names) -> list[str]:
    """The events that a line lists: in code, in one word with capitals, or as short entries."""
    codes = [code for code in re.findall(r"`([^`]+)`", text) if not OPERATION.match(code) and _may_be_event(code, names)]
    if codes:
        return codes
    humps = [
        word
        for word in re.findall(r"[\w.]+", text)
        if (HUMPS.fullmatch(word) or is_topic(word.strip(".")))
        and _may_be_event(word.strip("."), names)
        and broker_of(word) is None
        and not engine_of(word)
    ]
    if humps:
        return [word.strip(".") for word in humps]
    heads = [
        re.sub(r"^(?:the|an?|event|events|das ereignis|l'événement)\s+|\s+events?$", "", piece.head.strip("\"'“”„«» "), flags=re.IGNORECASE)
        for piece in pieces(text)
    ]
    return [
        head
        for head in heads
        if 0 < len(head.split()) <= 4
        and _may_be_event(head, names)
        and broker_of(head) is None
        and not is_nothing(head)
        and folded(head) not in NO_NAMES
    ]


def _may_be_event(text: str, names: Names) -> bool:
    known = names.find(text)
    return (
        (known is None or known.kind == "event")
        and len(text) <= LONGEST_NAME
        and re.fullmatch(r"[^\W\d][\w .:/-]*", text) is not None
        and "/" not in text
    )


def _publishes(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind not in CALLABLE:
        return False
    return _each_event(text, subject, source, page, "publishes")


def _consumes(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind != "component":
        return False
    return _each_event(text, subject, source, page, "consumes")


def _each_event(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    done = False
    is_marked = bool(re.search(r"`|\b[A-Z][a-z0-9]+[A-Z]\w*", text))
    for clause in split_list(text, ";,"):
        if is_hypothetical(clause) or (is_marked and not re.search(r"`|\b[A-Z][a-z0-9]+[A-Z]\w*|\w\.\w", clause)):
            continue
        found = event_texts(clause, page.names)
        for event in found:
            page.findings.see(event, "event", 5, source)
            page.findings.state(Fact(kind, (subject.name, event), source, {"topic": event} if is_topic(event) else {}))
            done = True
        for mention in mentions(tokens_of(clause), Reader(page.names, may_find=False), loosely=True):
            if mention.entity and mention.entity.kind == "component" and found and mention.entity is not subject:
                other = "publishes" if kind == "consumes" else "consumes"
                if (mention.before in ("from", "von", "de", "by", "du", "vom", "") and kind == "consumes") or mention.before in (
                    "to",
                    "for",
                    "an",
                    "to",
                    "a",
                    "pour",
                    "fuer",
                ):
                    for event in found:
                        page.findings.state(Fact(other, (mention.entity.name, event), source, confidence=Confidence.LIKELY))
    return done


def _stores(text: str, subject: Entity, source: Source, page: Page) -> bool:
    """The stores that a component owns; an engine in brackets is the kind of the store before it."""
    if subject.kind != "component":
        return False
    done = False
    is_others = re.search(r"\b(?:read[- ]only|replica|reads|shared|via|owned by)\b", text, re.IGNORECASE)
    for name, details in store_texts(text, page.names):
        entity = page.names.find(name, event=False, store=True)
        if entity and entity.kind != "store":
            continue
        page.findings.see(name, "store", 4, source)
        engine = next(
            (found for part in re.split(r"[(),;:]|\s[–-]\s|\s", details) if (found := engine_of(part.strip()))), None
        ) or engine_of(name)
        page.findings.state(
            Fact("touches" if is_others else "owns", (subject.name, name), source, {"kind": engine or ""} if engine else {})
        )
        done = True
    return done


def store_texts(text: str, names: Names) -> Iterator[tuple[str, str]]:
    """Stores that a line names, each with what is said of it; bare engines only when no store has a name of its own."""
    named: list[tuple[str, str]] = []
    engines: list[tuple[str, str]] = []
    for part in split_list(text, ",;"):
        for each in re.split(r"\s(?:and|und|et|y|\+)\s", part):
            code = re.search(r"`([a-z][\w-]*)`", each)
            if (
                code
                and not engine_of(code[1])
                and (
                    names.find(code[1], event=False, store=True) is None
                    or getattr(names.find(code[1], event=False, store=True), "kind", "") == "store"
                )
            ):
                named.append((f"`{code[1]}`", f"{each.replace(code[0], ',')}"))
                continue
            head, _, rest = each.strip().partition("(")
            head = re.split(r":\s|\s[–—-]\s|\s(?:for|with|für|pour|para|mit|avec|con|holding|as)\s", head)[0].strip(" .:")
            if head and named and engine_of(without_article(head)) and without_article(head) != head:
                named[-1] = (named[-1][0], f"{named[-1][1]}, {without_article(head)}")  # `tariff-db, a MySQL database`
                continue
            head = without_article(head)
            known = names.find(head, event=False, store=True) if head else None
            title = written(head).title if head else ""
            if known and known.kind == "store" and not engine_of(head):
                named.append((head, f"{rest} {each}"))
            elif head and engine_of(head):
                within = rest.split(")")[0]
                engines.append((within if engine_of(within) else head, each))  # `object storage (MinIO)`
            elif (head and engine_of(rest.split(")")[0]) and len(title.split()) <= 4) or (
                head and kind_by_name(title) == "store" and len(title.split()) <= 4 and (len(name_words(title)) > 1 or head.startswith("`"))
            ):
                named.append((head, rest))
            else:
                engines += [
                    (found[0], each)
                    for found in re.finditer(r"[A-Za-z]\w+(?: (?:Server|Storage|DB))?(?: \d[\d.]*)?", each)
                    if engine_of(found[0])
                ]
    yield from named
    taken = {engine_of(part.strip()) for _, details in named for part in re.split(r"[(),;:]|\s", details)}
    yield from (each for each in engines if not named or engine_of(each[0]) not in taken)


def _owner(text: str, subject: Entity, source: Source, page: Page) -> bool:
    """The team of a component; the component of a store."""
    if subject.kind == "store":
        return _users(text, subject, source, page, "owns")
    page.findings.state(Fact(subject.kind, (subject.name,), source, {"owner": text}))
    return True


def _users(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    done = False
    for piece, entity in _resolved(text, page, source, create=False):
        if entity and entity.kind == "component":
            access = (
                "writes"
                if re.search(r"writ|schreib|écri|escri", piece.rest)
                else "reads"
                if re.search(r"read|les|lit|lee|replica", piece.rest)
                else kind
            )
            page.findings.state(Fact(kind if kind == "owns" else access, (entity.name, subject.name), source))
            done = True
    return done


def _also(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return subject.kind == "store" and _users(text, subject, source, page, "touches")


def _publisher(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _of_event(text, subject, source, page, "publishes")


def _consumers(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind == "component":
        return _each_called(text, subject, source, page, forward=False)
    if subject.kind == "store":
        return _users(text, subject, source, page, "touches")
    return _of_event(text, subject, source, page, "consumes")


def _of_event(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    if subject.kind != "event":
        return False
    done = False
    for _, entity in _resolved(text, page, source, create=True):
        if entity and entity.kind in CALLABLE:
            page.findings.state(Fact(kind, (entity.name, subject.name), source))
            done = True
    return done


LabelRule = Callable[[str, Entity, Source, Page], bool]
LABEL_RULES: dict[str, LabelRule] = {
    "calls": _calls,
    "called_by": _called_by,
    "uses": _uses,
    "depends": _depends,
    "publishes": _publishes,
    "consumes": _consumes,
    "stores": _stores,
    "owner": _owner,
    "also": _also,
    "publisher": _publisher,
    "consumer": _consumers,
}


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bullet with all that its rules ask about."""

    item: Item
    placed: Placed
    subject: Entity | None
    page: Page

    @property
    def concept(self) -> str | None:
        return concept_of(self.item.label) if self.item.label else None

    @property
    def inherited(self) -> str | None:
        """What the bullet above is about: `Calls:` and its entries below."""
        return next((found for parent in reversed(self.item.parents) if parent.label and (found := concept_of(parent.label))), None)

    @property
    def under(self) -> str | None:
        return section_of(self.item.path[-1].text) if self.item.path else None

    @property
    def whole(self) -> str:
        return f"{self.item.label}: {self.item.text}" if self.item.label else self.item.text

    @property
    def is_own_heading(self) -> bool:
        return bool(self.placed.subject and self.item.label and written(self.item.label).title == written(self.placed.subject).title)

    @property
    def labelled(self) -> Entity | None:
        """The thing that the label itself names: `Planner: …`."""
        return self.page.names.find(self.item.label, event=False) if self.item.label and not self.concept else None

    def state(self, concept: str, text: str, subject: Entity) -> bool:
        return state_label(concept, text, subject, self.item.source, self.page)

    def read(self, text: str, subject: Entity | None) -> bool:
        prose_facts(text, self.item.source, subject, self.page)
        return True


def item_facts(placed: Placed, page: Page) -> None:
    """The first rule that understands a bullet has it; what is said beside is stated on the way."""
    assert isinstance(placed.block, Item)
    bullet = Bullet(placed.block, placed, page.subject(placed), page)
    for rule in ITEM_RULES:
        if rule(bullet):
            return


def _known_label(bullet: Bullet) -> bool:
    """`**Calls:** Fare Engine`."""
    return bool(
        bullet.subject and bullet.concept and not bullet.is_own_heading and bullet.state(bullet.concept, bullet.item.text, bullet.subject)
    )


def _below_label(bullet: Bullet) -> bool:
    """An entry below `**Calls:**`."""
    inherited = bullet.inherited
    return bool(
        bullet.subject and inherited in LABEL_RULES and not bullet.concept and bullet.state(inherited or "", bullet.whole, bullet.subject)
    )


def _below_heading(bullet: Bullet) -> bool:
    """An entry below the heading `Calls` of a component."""
    under = bullet.under if not bullet.item.label and not bullet.item.parents else None
    is_entry = bullet.subject and bullet.subject.kind == "component" and under in LABEL_RULES and bullet.placed.subject != bullet.item.text
    return bool(is_entry and bullet.subject and bullet.state(under or "", bullet.item.text, bullet.subject))


def _plain_entry(bullet: Bullet) -> bool:
    """An entry below `**Responsibilities:**`, kept as it is, and read on as a sentence."""
    subject, page = bullet.subject, bullet.page
    known = PLAIN_KEYS.get(subject.kind, frozenset()) if subject else frozenset()
    key = next((each for each in (bullet.inherited, None if bullet.item.label else bullet.under) if each in known), None)
    if subject and key:
        page.findings.state(Fact(subject.kind, (subject.name,), bullet.item.source, {key: bullet.whole}))
    if subject and subject.kind == "external" and protocol(bullet.item.text):
        page.findings.state(Fact("external", (subject.name,), bullet.item.source, {"protocol": bullet.item.text}))
    if subject and subject.kind == "event" and bullet.is_own_heading:
        _event_line(bullet.item, subject, page)
    return False


def _component_label(bullet: Bullet) -> bool:
    """`Planner: PostgreSQL. Ledger: Redis.` below the heading `Data`."""
    owner, under = bullet.labelled, bullet.inherited or bullet.under
    if owner is None or owner.kind != "component" or under not in LABEL_RULES:
        return False
    done = False
    for _, sentence in sentences(bullet.whole):
        label, rest = split_label(sentence)
        named = bullet.page.names.find(label, event=False) if label else None
        if named and named.kind == "component":
            done = bullet.state(under or "", rest, named) or done
    return done


def _verb_label(bullet: Bullet) -> bool:
    """`Reads from and writes to: Trip Store`."""
    label = bullet.item.label
    is_verb = label and folded(label.split(" ", 1)[0]) in VERB_OF and not bullet.concept
    return bool(is_verb and bullet.read(f"{label} {bullet.item.text}", bullet.subject))


def _kept_in(bullet: Bullet) -> bool:
    found = KEPT_IN.match(bullet.item.text) if not bullet.item.label else None
    return bool(found and bullet.subject and bullet.state("stores", found[1], bullet.subject))


def _arrow_line(bullet: Bullet) -> bool:
    return bool(bullet.item.label and ARROW.match(bullet.whole) and bullet.read(bullet.whole, bullet.subject))


def _sentence(bullet: Bullet) -> bool:
    owner = bullet.labelled
    return bullet.read(bullet.item.text, owner if owner and owner.kind in CALLABLE else bullet.subject)


ITEM_RULES = (_known_label, _below_label, _below_heading, _plain_entry, _component_label, _verb_label, _kept_in, _arrow_line, _sentence)
KEPT_IN = re.compile(
    r"(?i)\s*(?:state|data|records?|entries|documents|files|daten|zustand|données|datos|estado)\b[^.;]{0,30}?\s(?:in|im|dans|en)\s+([^.;]+)"
)
"""`State in etcd`."""


def _event_line(item: Item, subject: Entity, page: Page) -> None:
    """`TripBooked: Booking → Notifier`, `TripBooked: published by Booking; subscribers: Notifier`."""
    found = re.match(
        r"\s*\(?(?:from\s+|von\s+|de\s+)?([^→>()]{2,60}?)\s*(?:→|->|=>|\bto\b|\bto:|\ban\b|\bvers\b)\s*([^.;()]{2,200})", item.text
    )
    if found and page.names.find(found[1], event=False):
        _of_event(found[1], subject, item.source, page, "publishes")
        _of_event(found[2], subject, item.source, page, "consumes")
        return
    for clause in re.split(r"[;.](?:\s|$)", item.text):
        label, rest = split_label(clause)
        concept = concept_of(label) if label else None
        if concept in ("publisher", "consumer"):
            state_label(concept or "", rest, subject, item.source, page)
        elif clause.strip():
            prose_facts(f"`{subject.name}` {clause.strip()}", item.source, None, page)


# --- sentences --------------------------------------------------------------------------------------------------------


def sentence_facts(placed: Placed, page: Page) -> None:
    block = placed.block
    assert isinstance(block, Sentence)
    if block.first:
        page.last.clear()
    prose_facts(block.text, block.source, page.subject(placed), page)


def prose_facts(text: str, source: Source, subject: Entity | None, page: Page) -> None:
    """The relations of a text; `A → B (gRPC)` is one, too."""
    arrow = ARROW.match(text)
    if arrow and _arrow(arrow, source, page):
        return
    reader = Reader(page.names, may_find=True, subject=subject if subject and subject.kind in CALLABLE else None)
    for _, sentence in sentences(text):
        label, rest = split_label(sentence)
        if subject and label and (concept := concept_of(label)) in LABEL_RULES and state_label(concept or "", rest, subject, source, page):
            continue
        for relation, tokens in relations(sentence, reader, page.last, page.things):
            _interpret(relation, tokens, source, page)
        if not is_hypothetical(sentence):
            _qualities(sentence, subject, source, page)


def _qualities(text: str, subject: Entity | None, source: Source, page: Page) -> None:
    """A percentile or an availability belongs to whoever is named last before it; an engine to the store before it."""
    is_measured = bool(percentiles(text)) or bool(re.search(r"(?i)\b(?:availab|verfügbar|disponib)\w*.*\d\s?%", text))
    tokens = tokens_of(text)
    named = mentions(tokens, Reader(page.names, may_find=False))
    for store, engine in itertools.pairwise(named):
        kind = engine_of(engine.text)
        if store.kind == "store" and store.entity and not engine_of(store.text) and kind and engine.start - store.end <= 3:
            page.findings.state(Fact("store", (store.entity.name,), source, {"kind": engine.text}, *PROSE_LIKELY))
    if not is_measured:
        return
    amount = next((at for at, token in enumerate(tokens) if re.match(r"(?i)p(?:50|95|99)$|\d", token)), len(tokens))
    before = [each for each in named if each.entity and each.kind in CALLABLE and each.start <= amount]
    owner = before[-1].entity if before else subject
    if owner and owner.kind in CALLABLE:
        key = "latency" if percentiles(text) else "availability"
        page.findings.state(Fact(owner.kind, (owner.name,), source, {key: text}, *PROSE_LIKELY))


ARROW = re.compile(r"^\s*([^→()]{2,60}?)\s*(?:→|-->|->|=>)\s*([^→(:]{2,60}?)\s*(?:[(:\[–-](.*))?$")
"""`A → B (gRPC)` in a line of its own."""


def arrow_names(text: str, source: Source, findings: Findings, title: str) -> None:
    """The names at the ends of an arrow in a line of its own."""
    found = ARROW.match(text)
    page = Page(Names(()), findings, has_inventory=False, title=title)
    if found is None or is_hypothetical(text):
        return
    for is_end, side in ((False, found[1]), (True, found[2])):
        name = written(side).title
        is_name = name and len(name.split()) <= 4 and (name[0].isupper() or re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+", name))
        if (
            is_name
            and not page.is_system(name)
            and kind_by_name(name) in ("component", "external", "store")
            and not engine_of(name)
            and folded(name) not in NO_NAMES
        ):
            is_third = is_end and bool(EXTERNAL_CUE.search(folded((found[3] or "").split(")")[0])))
            findings.see(
                side, "external" if is_third and kind_by_name(name) == "component" else kind_by_name(name), 5 if is_third else 3, source
            )


def _arrow(found: re.Match[str], source: Source, page: Page) -> bool:
    start, end = page.names.find(found[1], event=False, loosely=True), page.names.find(found[2], event=False, loosely=True)
    if not start or not end or start.kind != "component" or is_hypothetical(found[0]):
        return False
    if end.kind in CALLABLE:
        events = [word for word in re.findall(r"[\w.]+", found[3] or "") if looks_like_event(word)]
        for event in events:
            page.findings.see(event, "event", 4, source)
            page.findings.state(Fact("publishes", (start.name, event), source, confidence=Confidence.LIKELY))
            page.findings.state(Fact("consumes", (end.name, event), source, confidence=Confidence.LIKELY))
        if not events:
            _call((start.name, end.name), found[3] or "", source, page, Confidence.SURE)
    elif end.kind == "store":
        page.findings.state(Fact("touches", (start.name, end.name), source))
    return True


def _interpret(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """What a verb means for what it is done to: an event is published, a store is kept, a component is called."""
    page.line[:] = [source]
    subjects = [each for each in relation.subjects if _accepted(each, tokens, page, is_subject=True) in CALLABLE]
    if not subjects and relation.verb not in ("belong", "flow"):
        return
    events = [each for each in relation.objects if _event_like(each, relation, tokens, page)]
    if relation.verb == "flow":
        _flows(relation, source, page)
        return
    if relation.verb == "belong":
        _belongs(relation, source, page)
        return
    others = [
        each
        for each in relation.objects
        if each not in events and (each.before not in VIA_WORDS or _is_carrier(each, tokens, relation, page))
    ]
    for subject in subjects:
        name = _name(subject)
        if events:
            _about_events(relation, name, subject, events, others, source, page)
        _about_stores(relation, name, others, tokens, source, page)
        if (not events or relation.verb in ("call", "use")) and not (isinstance(relation, Passive) and relation.is_agentless):
            _about_peers(relation, name, subject, others, tokens, source, page)


VIA_WORDS = words_of("via through ueber on by as per using for over par por mittels durch mediante")


def _is_carrier(mention: Mention, tokens: list[str], relation: Relation, page: Page) -> bool:
    """`sends texts through Norfone`: a third party that does it for us is called."""
    if mention.before in ("for", "as", "on", "by") or _accepted(mention, tokens, page, is_subject=False) not in CALLABLE:
        return False
    return not any(each is not mention and (each.entity.kind if each.entity else each.kind) in CALLABLE for each in relation.objects)


def _flows(relation: Relation, source: Source, page: Page) -> None:
    """`TripBooked goes to the Notifier`."""
    for event in relation.subjects:
        if (event.entity.kind if event.entity else event.kind) != "event":
            continue
        for other in relation.objects:
            if (other.entity.kind if other.entity else other.kind) == "component" and other.before in ("to", "an", "from"):
                _see(event, "event", 4, source, page)
                kind = "publishes" if other.before == "from" else "consumes"
                page.findings.state(Fact(kind, (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))


def _belongs(relation: Relation, source: Source, page: Page) -> None:
    """`a database that belongs to the Planner`."""
    kinds = {id(each): each.entity.kind if each.entity else each.kind for each in (*relation.subjects, *relation.objects)}
    for store in relation.subjects:
        for owner in relation.objects:
            if kinds[id(store)] == "store" and kinds[id(owner)] == "component":
                _see(store, "store", 4, source, page)
                page.findings.state(Fact("owns", (_name(owner), _name(store)), source, {}, *PROSE_LIKELY, relation.negated))


def _name(mention: Mention) -> str:
    return mention.entity.name if mention.entity else mention.text


AFTERTHOUGHT = re.compile(
    r"^(?:\(|,) ?(?:an? |the |our |ein |eine |un |une )?(?:\w+ )?(?:external|third|3rd|extern|saas|partner|tiers|proveedor|vendor|provider|supplier|anbieter|dienstleister|prestataire)"
    r"|^, (?:an?|the|our) (?:[\w'’-]+ ){1,5}\( ?(?:external|third|3rd|saas)"
    r"|^(?:of|from|by) (?:[\w'’-]+ ){1,4}\( ?(?:external|third|3rd|saas)"
    r"|^, which is (?:run|operated|hosted|owned|provided) by "
)
"""`…, an external provider`: what is said of a name right after it."""


def _accepted(mention: Mention, tokens: list[str], page: Page, *, is_subject: bool) -> str:
    """What a name is taken for; empty for one that nothing vouches for."""
    if mention.entity:
        return mention.entity.kind
    text = mention.text
    if page.is_system(text) or mention.kind in ("actor",):
        return ""
    if mention.kind in ("component", "store") and not mention.carried and not engine_of(text) and _is_said_external(mention, tokens):
        return "external"
    if mention.kind != "component":
        return mention.kind
    is_code = "-" in text or (not mention.carried and tokens[mention.start].startswith("`"))
    is_headed = name_words(text)[-1] in HEADS if name_words(text) else False
    if page.has_inventory and not (is_code or is_headed):
        if text[0].isupper() and " " in text and not text.isupper() and not is_subject:
            page.findings.unknown.setdefault(text, page.at)
        return ""
    return "component"


def _is_said_external(mention: Mention, tokens: list[str]) -> bool:
    """Words before or right after a name say that others run it."""
    around = folded(" ".join(tokens[max(0, mention.start - 5) : mention.start]))
    after = folded(" ".join(tokens[mention.end : mention.end + 14]))
    return bool(EXTERNAL_CUE.search(around)) or any(AFTERTHOUGHT.match(each) for each in (after, re.sub(r"^\([^)]*\) ?", "", after)))


def _event_like(mention: Mention, relation: Relation, tokens: list[str], page: Page) -> bool:
    if mention.entity:
        return mention.entity.kind == "event"
    if mention.kind == "event":
        return True
    around = {folded(word) for word in (*tokens[max(0, mention.start - 2) : mention.start], *tokens[mention.end : mention.end + 2])}
    is_named = bool(
        around
        & {"event", "events", "ereignis", "ereignisse", "evenement", "evenements", "evento", "eventos", "message", "messages", "nachricht"}
    )
    is_told = relation.verb in ("publish", "consume") and (
        HUMPS.fullmatch(mention.text) is not None or (not mention.carried and tokens[mention.start].startswith("`"))
    )
    return (
        mention.kind == "component"
        and mention.before not in ("from", "to", "von", "an")
        and ((is_named and relation.verb in ("publish", "send", "consume", "receive")) or is_told)
    )


def _about_events(
    relation: Relation, name: str, subject: Mention, events: list[Mention], others: list[Mention], source: Source, page: Page
) -> None:
    outward = {
        "publish": "publishes",
        "send": "publishes",
        "write": "publishes",
        "consume": "consumes",
        "receive": "consumes",
        "read": "consumes",
        "store": "",
        "call": "",
        "use": "consumes",
    }[relation.verb]
    if not outward:
        return
    _see(subject, "component", 3, source, page)
    for event in events:
        _see(event, "event", 4, source, page)
        values = {"topic": event.text} if is_topic(event.text) else {}
        page.findings.state(Fact(outward, (name, _name(event)), source, values, *PROSE_LIKELY, relation.negated))
        for other in others:
            kind = other.entity.kind if other.entity else other.kind
            if kind != "component" or (other.entity is not None and other.entity is subject.entity):
                continue
            if outward == "publishes" and other.before in (
                "to",
                "an",
                "a",
                "au",
                "vers",
                "for",
                "fuer",
                "zu",
                "zum",
                "zur",
                "para",
                "pour",
            ):
                _see(other, "component", 2, source, page)
                page.findings.state(Fact("consumes", (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))
            elif outward == "consumes" and other.before in ("from", "von", "vom", "de", "du", "des", "desde", "of", "by"):
                _see(other, "component", 2, source, page)
                page.findings.state(Fact("publishes", (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))


def _see(mention: Mention, kind: str, weight: int, source: Source, page: Page) -> None:
    if mention.entity is None and not page.is_system(mention.text):
        page.findings.see(mention.text, kind, weight, source)


def _about_stores(relation: Relation, name: str, others: list[Mention], tokens: list[str], source: Source, page: Page) -> None:
    stores = [each for each in others if (each.entity.kind if each.entity else each.kind) == "store"]
    for archive in [
        each for each in stores if AFTERTHOUGHT.match(folded(" ".join(tokens[each.end : each.end + 14]))) and not engine_of(each.text)
    ]:
        page.findings.see(archive.text, "external", 6, source)  # `the Sky Archive, which is run by …` is a system of others
        stores.remove(archive)
    if not stores or relation.verb in ("publish",):
        return
    engines = [each for each in stores if engine_of(each.text)]
    named = [each for each in stores if each not in engines]
    kind = {"store": "owns", "read": "reads", "write": "writes"}.get(relation.verb, "touches")
    for store in named or engines:
        near = next(
            (
                engine_of(each.text)
                for each in engines
                if (each is not store and abs(each.start - store.end) <= 4) or abs(store.start - each.end) <= 4
            ),
            None,
        )
        engine = engine_of(store.text) or near
        _see(store, "store", 4, source, page)
        access = "owns" if store.own and kind in ("owns", "touches", "writes", "reads") else kind
        page.findings.state(Fact(access, (name, _name(store)), source, {"kind": engine} if engine else {}, *PROSE_LIKELY, relation.negated))


def _about_peers(
    relation: Relation, name: str, subject: Mention, others: list[Mention], tokens: list[str], source: Source, page: Page
) -> None:
    """Calls and messages between components and to third parties."""
    previous_end = relation.start
    if relation.verb == "send" and {folded(word) for word in tokens[relation.start + 1 : relation.start + 3]} & PEOPLE:
        return  # it is a person or a browser that is sent there
    for number, other in enumerate(others):
        kind = _accepted(other, tokens, page, is_subject=False)
        start = previous_end
        following = others[number + 1].start if number + 1 < len(others) else relation.end
        previous_end = other.end
        if kind not in CALLABLE or _name(other) == name or (other.entity is not None and other.entity is subject.entity):
            continue
        near = " ".join(tokens[other.end : following])
        whole = " ".join(tokens[start:following]) if number else " ".join(tokens[relation.begin : relation.end])
        if relation.verb in ("receive", "consume"):
            whole = " ".join(tokens[relation.begin : relation.end])
        edge = _edge(relation, other, near, whole)
        if edge is None:
            continue
        _see(subject, "component" if (subject.kind != "external") else "external", 3, source, page)
        _see(other, kind, 3 if kind == "external" else 2, source, page)
        is_message, backward = edge
        names = (_name(other), name) if backward else (name, _name(other))
        found = protocol(near) or protocol(whole)
        values = {key: value for key, value in (("protocol", found if found != "async" else None), ("details", near)) if value}
        page.findings.state(Fact("message" if is_message else "call", names, source, values, *PROSE_LIKELY, relation.negated))


def _edge(relation: Relation, other: Mention, near: str, whole: str) -> tuple[bool, bool] | None:
    """Whether it is a message, and whether it goes the other way; None when the verb says nothing about the two."""
    is_async = (protocol(near) or protocol(whole)) == "async"
    if relation.verb in ("call", "use", "read", "store", "write"):
        told = re.search(
            r"\b(?:asynchron\w*|by event|via (?:kafka|events?|amqp|mqtt|nats|rabbitmq|message)|over (?:kafka|amqp|mqtt|nats|rabbitmq)|per (?:ereignis|nachricht))",
            folded(whole),
        )
        return bool(told), False
    if relation.verb == "send" and other.before in VIA_WORDS:
        return is_async, False
    if relation.verb == "send" and other.before in ("to", "an", "a", "au", "aux", "vers", "al", "zum", "zur", "with", "ueber", ""):
        return is_async, False
    if relation.verb in ("consume", "receive") and other.before in ("from", "von", "vom", "de", "du", "des", "desde", "by"):
        return is_async or (relation.verb == "consume" and protocol(whole) not in ("http", "grpc")), True
    if relation.verb == "publish" and other.before in ("to", "an", "vers", "a"):
        return True, False
    return None


# --- definitions ------------------------------------------------------------------------------------------------------

IS_A = re.compile(
    r"\b(?:is|are|ist|sind|est|sont|es|son)\s+(?:an?|the|our|one of|ein|eine|der|die|das|unser|unsere|un|une|la|le|notre|una|el)\s+((?:[\w'-]+\s?){1,8})",
    re.IGNORECASE,
)
CONSISTS = re.compile(
    r"\b(?:consists? of|comprises?|is composed of|are composed of|is made up of|made of|is split into|is divided into|contains the (?:services|components)|besteht aus|setzt sich zusammen aus|gliedert sich in|se compose de|est compose de|comprend|se compone de|consta de)\b"
    r"|\b(?:components|services|modules|komponenten|dienste|composants|componentes|servicios)\s*:",
)


def definitions(text: str, source: Source, findings: Findings, title: str) -> None:
    """`X is a service that …`, `the system consists of A, B and C`: prose that introduces names."""
    if is_hypothetical(text):
        return
    tokens = tokens_of(text)
    found = mentions(tokens, Reader(Names(()), may_find=True))
    page = Page(Names(()), findings, has_inventory=False, title=title)
    consists = CONSISTS.search(folded(text))
    if consists and consists[0].endswith(":") and not _is_list_of_names(text[consists.end() :]):
        consists = None
    if consists:
        offset = len(tokens_of(text[: consists.end()]))
        for mention in found:
            if (
                mention.start >= offset
                and mention.kind in ("component", "external", "store")
                and not page.is_system(mention.text)
                and not engine_of(mention.text)
            ):
                findings.see(f"{mention.text}{_short_after(tokens, mention)}", mention.kind, 4, source)
    for mention in found[:1]:
        rest = " ".join(tokens[mention.end : mention.end + 12])
        is_a = IS_A.match(rest) or IS_A.match(re.sub(r"^\( ?[^)]* ?\) ", "", rest))
        kind = _kind_said(is_a[1]) if is_a else None
        if kind and mention.kind not in ("broker", "actor") and not page.is_system(mention.text):
            short = re.match(r"^\( ?([A-Z]{2,6}) ?\)", rest)
            findings.see(f"{mention.text} ({short[1]})" if short else mention.text, kind, 5, source)


def _is_list_of_names(text: str) -> bool:
    heads = [without_article(piece.head) for piece in pieces(text)]
    return len(heads) > 1 and all(1 <= len(head.split()) <= 4 and (head[0].isupper() or head[0] == "`") for head in heads)


def _short_after(tokens: list[str], mention: Mention) -> str:
    """The abbreviation in brackets right after a name."""
    found = re.match(r"^\( ([A-Z]{2,6}) \)", " ".join(tokens[mention.end : mention.end + 3]))
    return f" ({found[1]})" if found else ""


def _kind_said(text: str) -> str | None:
    """What `is a …` says: the first noun that stands for a kind of thing."""
    plain = folded(text)
    words = re.findall(r"[\w-]+", plain)
    if EXTERNAL_CUE.search(plain):
        return "external"
    for word in words:
        if word in ("that", "which", "for", "of", "in", "with", "die", "der", "qui", "que", "to", "and"):
            return None
        if word in STORE_WORDS or engine_of(word):
            return "store"
        if word in (
            "service",
            "microservice",
            "component",
            "module",
            "application",
            "app",
            "gateway",
            "worker",
            "frontend",
            "backend",
            "engine",
            "connector",
            "adapter",
            "dienst",
            "komponente",
            "composant",
            "servicio",
            "componente",
            "api",
            "bff",
            "portal",
        ):
            return "component"
    return None


# --- diagrams ---------------------------------------------------------------------------------------------------------


def drawings(block: Diagram) -> Drawing | None:
    """A diagram of who talks to whom; None for other languages and for flow charts of a process."""
    head = next((line.strip().lower() for line in block.lines if line.strip()), "")
    if block.language not in ("mermaid", "plantuml", "puml", "") or not head.startswith(
        ("flowchart", "graph", "sequencediagram", "c4", "@startuml", "%%", "---")
    ):
        return None
    drawing = drawing_of(block.lines, block.source.line + 1)
    return None if any(node.hint == "decision" for node in drawing.nodes.values()) else drawing


def node_kind(node: Node) -> str:
    looks = kind_by_name(node.label)
    if node.hint in ("store", "external", "actor", "broker", "component", "system"):
        if node.hint == "store" and looks in ("broker", "event"):
            return looks
        return node.hint
    concept = section_of(node.group.split(" / ")[-1]) if node.group else None
    if concept == "external" and looks != "actor":
        return "external"
    if concept == "event" and looks == "component":
        return "event"
    if EXTERNAL_MARK.search(node.label) or EXTERNAL_MARK.search(f"({node.technology})"):
        return "external"
    return "store" if looks == "component" and engine_of(node.technology) and node.hint else looks


def diagram_sightings(block: Diagram, findings: Findings, title: str) -> None:
    drawing = drawings(block)
    page = Page(Names(()), findings, has_inventory=False, title=title)
    for node in drawing.nodes.values() if drawing else ():
        kind = node_kind(node)
        words = written(node.label).title.split()
        if (
            kind in ("component", "external", "store", "event", "actor", "broker")
            and 0 < len(words) <= 5
            and not page.is_system(node.label)
            and not engine_of(node.label)
        ):
            weight = {"round": 1, "store": 5, "external": 5, "component": 5}.get(node.hint, 5 if kind == "external" else 3)
            findings.see(node.label, kind, weight, Source(block.source.file, node.line))


def diagram_facts(placed: Placed, page: Page) -> None:
    """Arrows: calls, messages, events and stores."""
    block = placed.block
    assert isinstance(block, Diagram)
    drawing = drawings(block)
    if drawing is None:
        return
    for start, end, edge in edges_by_id(drawing):
        source = Source(block.source.file, edge.line)
        if PLANNED.search(folded(f"{edge.label} {start.label} {end.label}")):
            continue
        _arrow_facts(start, end, edge, source, page)


PLANNED = re.compile(r"\b(?:planned|future|later|geplant|prevu|planificado|deprecated|removed)\b")


def _arrow_facts(start: Node, end: Node, edge: Edge, source: Source, page: Page) -> None:
    first, second = _box(start, page), _box(end, page)
    kinds = (first[1], second[1])
    events = [word for word in re.findall(r"[\w.]+", edge.label) if looks_like_event(word) or page.names.find(word, event=True)]
    page.findings.understood.add(source)
    state = page.findings.state
    if "actor" in kinds or "system" in kinds:
        return
    if events and set(kinds) <= {"component", "external", "broker"}:
        for event in events:
            page.findings.see(event, "event", 4, source)
            if first[1] != "broker":
                state(Fact("publishes", (first[0], event), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
            if second[1] != "broker":
                state(Fact("consumes", (second[0], event), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[1] == "event" and kinds[0] == "component":
        state(Fact("publishes", (first[0], second[0]), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[0] == "event" and kinds[1] == "component":
        state(Fact("consumes", (second[0], first[0]), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds in {("component", "store"), ("store", "component")}:
        component, store = (first, second) if kinds[0] == "component" else (second, first)
        node = end if kinds[0] == "component" else start
        access = "reads" if kinds[0] == "store" or re.match(r"(?i)\W*(?:read|query|select|lookup|liest|lit|lee)", edge.label) else "touches"
        engine = engine_of(node.technology) or engine_of(node.label)
        state(Fact(access, (component[0], store[0]), source, {"kind": engine} if engine else {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[0] in CALLABLE and kinds[1] in CALLABLE:
        found = protocol(edge.label)
        is_message = (
            found == "async"
            or (edge.is_async and not edge.label)
            or (edge.is_async and edge.label and found is None and not OPERATION.search(edge.label))
        )
        values = {key: value for key, value in (("protocol", found if not is_message else None), ("details", edge.label)) if value}
        state(Fact("message" if is_message else "call", (first[0], second[0]), source, values, Confidence.LIKELY, Authority.DIAGRAM))


def _box(node: Node, page: Page) -> tuple[str, str]:
    """The name and kind of a box: of what the documents know by its label, else by its looks."""
    if node.hint == "system" or page.is_system(node.label):
        return node.label, "system"
    if engine_of(node.label):
        return node.label, "store"
    found = page.names.find(node.label, loosely=True)
    return (found.name, found.kind) if found else (node.label, node_kind(node))
