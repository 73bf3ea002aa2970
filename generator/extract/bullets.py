"""What bullets state: the first rule that understands one has it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.extract.blocks import Item, sentences, split_label, whole_of
from generator.extract.entries import event_texts, is_store
from generator.extract.facts import Confidence, Fact
from generator.extract.findings import CALLABLE, Page
from generator.extract.labels import LABEL_RULES, of_event
from generator.extract.mentions import Reader, is_denied, is_hypothetical, mentions, tokens_of
from generator.extract.naming import (
    Entity,
    engine_of,
    kind_by_name,
    written,
)
from generator.extract.outline import Placed
from generator.extract.phrases import ENGINE, NAME
from generator.extract.statements import CHAIN, PLAIN_KEYS, arrow_of, prose_facts, reacting, state_label
from generator.extract.values import pieces, protocol, split_list, without_article
from generator.extract.vocabulary import (
    VERB_OF,
    concept_of,
    folded,
    section_of,
    words_of,
)


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bullet with all that its rules ask about."""

    item: Item
    placed: Placed
    subject: Entity | None
    page: Page

    @property
    def concept(self) -> str | None:
        is_name = not self.item.label or self.item.label.startswith("`")  # `ApplicationSubmitted` is no application
        return concept_of(self.item.label) if self.item.label and not is_name else None

    @property
    def inherited(self) -> str | None:
        """What the bullet above is about: `Calls:` and its entries below."""
        return next((found for parent in reversed(self.item.parents) if parent.label and (found := concept_of(parent.label))), None)

    @property
    def under(self) -> str | None:
        return section_of(self.item.path[-1].text) if self.item.path else None

    @property
    def whole(self) -> str:
        return whole_of(self.item)

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
    if bullet.subject and bullet.concept in ("calls", "uses", "depends"):
        return _each_sentence(bullet, bullet.concept, bullet.subject)
    if bullet.subject and bullet.concept == "consumes" and _names_another(bullet.item.text, bullet):
        return _interfaces_and_events(bullet, bullet.subject)
    return bool(
        bullet.subject and bullet.concept and not bullet.is_own_heading and bullet.state(bullet.concept, bullet.item.text, bullet.subject)
    )


ENTRY = re.compile(rf"(?:[Tt]he |[Oo]ur )?{NAME}(?: \(|,? (?:over|via|by|for|through|when|to|with|where|using|in)\b|[.,;]|$)")
"""A sentence that is rather an entry of a list: `The Ledger via gRPC when …`, `Stripe for cards`."""


def _each_sentence(bullet: Bullet, concept: str, subject: Entity) -> bool:
    """`**Calls:** the Ledger (gRPC). Asks the Planner over REST whether …`: of several sentences some list, and some tell."""
    done = False
    for number, (_, sentence) in enumerate(sentences(bullet.item.text)):
        if _opens_with_verb(sentence) or is_sentence(sentence) or (number and not ENTRY.match(sentence)):
            done = bullet.read(sentence, subject) or done
        else:
            done = bullet.state(concept, sentence, subject) or done
    return done


MIXED = {
    "in": ("called_by", "consumes"), "inbound": ("called_by", "consumes"), "incoming": ("called_by", "consumes"), "input": ("called_by", "consumes"), "eingehend": ("called_by", "consumes"), "eingang": ("called_by", "consumes"),
    "out": ("calls", "publishes"), "outbound": ("calls", "publishes"), "outgoing": ("calls", "publishes"), "output": ("calls", "publishes"), "ausgehend": ("calls", "publishes"), "ausgang": ("calls", "publishes"),
}  # fmt: skip
"""Labels below which calls and events stand together."""
EVENTS = re.compile(
    r"\W*(?:(?:the |an? |das |die )?(?:events?|ereignis(?:se)?|evenements?|eventos?|topics?)\s*:?\s*)(?=`|(?-i:[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ])|[a-z]+\.[a-z])",
    re.IGNORECASE,
)


AND_HOW = re.compile(r",\s(?=[A-Za-z/ -]{2,30} (?:to|from|by|an|von|nach) (?:the )?[A-ZÀ-Þ`])")
"""`gRPC from A, REST from B`: each with how it speaks."""


def _mixed(bullet: Bullet) -> bool:
    """`In: REST from the Shop; event X` of a component."""
    ways = MIXED.get(folded(bullet.item.label or "").strip(" :."))
    clauses = [part for clause in split_list(bullet.item.text, ";") for part in AND_HOW.split(clause)]
    if (
        ways is None
        or bullet.subject is None
        or bullet.subject.kind != "component"
        or not (bullet.concept is None or any(map(EVENTS.match, clauses)))
    ):
        return False
    asked, told = ways
    for clause in clauses:
        if EVENTS.match(clause):
            bullet.state(told, EVENTS.sub("", clause, count=1), bullet.subject)
        else:
            named = re.search(r"(?P<how>.*?)\b(?:to|from|by|an|von|nach)\s+(?P<who>[A-ZÀ-Þ`].*)", clause)
            bullet.state(asked, f"{named['who']} ({named['how'].strip()})" if named else clause, bullet.subject)
    return True


def _interfaces_and_events(bullet: Bullet, subject: Entity) -> bool:
    """`**Consumes:** the Catalogue (gRPC) for items. Of the events, it takes X`: whom it calls, and what it hears."""
    for _, sentence in sentences(bullet.item.text):
        for clause in split_list(sentence, ";"):
            if _names_another(clause, bullet):
                bullet.state("calls", clause, subject)
            elif re.search(r"`|\b[A-Z][a-z0-9]+[A-Z]\w*", clause):
                bullet.state("consumes", clause, subject)
            else:
                bullet.read(clause, subject)
    return True


def _names_another(text: str, bullet: Bullet) -> bool:
    """Whether an entry is led by somebody else who is called, and not by a sentence on what they do."""
    first = next(pieces(text), None)
    head = without_article(first.head) if first else ""
    found = bullet.page.names.find(head, event=False) if head else None
    return (
        found is not None
        and found.kind in CALLABLE
        and found is not bullet.subject
        and not re.match(r"[a-z]+s\b", text.strip()[len(head) :].strip())
    )


def _opens_with_verb(text: str) -> bool:
    """`**Dependencies.** Asks the Planner over gRPC …`: a sentence, no list."""
    words = [folded(each.strip(",;:")) for each in text.split()[:3]]
    return (
        len(words) > 2
        and (words[0] in VERB_OF or words[0] in ("va", "se"))
        and words[1] not in ("(", "and", "und", "et")
        and not words[0].endswith(",")
    )


LEADS = words_of("on before when whenever once after if at every each during in as since while to because until whether")
DOES = words_of("is are was becomes gets has have goes go comes come needs must will")
NOUNS = words_of("calls requests uses orders reports checks transfers reads writes loads books results charges searches answers polls")
"""Plurals that are verbs as well."""


def is_sentence(text: str) -> bool:
    """`Payments are created through …`, `On registration it verifies …`: prose beside a label that has a list elsewhere."""
    first = text.split(". ", 1)[0].split()
    clause = re.split(r"[,;:(–—]", text, maxsplit=1)[0].split()
    said = first if first and folded(first[0].strip(",")) in LEADS else clause
    return len(first) > 3 and any(_is_verb(word, before) for before, word in itertools.pairwise(said))


def _is_verb(word: str, before: str) -> bool:
    """Of plurals those after a name: `Stripe calls back`, and not `REST calls to …`."""
    plain = folded(word)
    is_doing = plain in DOES or (VERB_OF.get(plain) is not None and plain.endswith(("s", "t")))
    return is_doing and word.islower() and (plain not in NOUNS or bool(re.fullmatch(r"[A-ZÀ-Þ][a-zß-ÿ]+", before)))


def _below_label(bullet: Bullet) -> bool:
    """An entry below `**Calls:**`."""
    inherited = bullet.inherited if not _is_told(bullet) else None
    return bool(
        bullet.subject and inherited in LABEL_RULES and not bullet.concept and bullet.state(inherited or "", bullet.whole, bullet.subject)
    )


def _is_told(bullet: Bullet) -> bool:
    """An entry below `Calls` or `Relationships` that is a sentence about something else: `emits X (to A and B)`."""
    if bullet.inherited not in ("calls", "uses", "depends") or bullet.item.label:
        return False
    return is_sentence(bullet.item.text) or any(
        VERB_OF.get(folded(word)) in ("publish", "consume", "store") for word in bullet.item.text.split()
    )


def _below_heading(bullet: Bullet) -> bool:
    """An entry below the heading `Calls` of a component."""
    is_plain = not bullet.item.label or bullet.item.label.startswith("`") or _is_of_another(bullet)
    under = bullet.under if is_plain and not bullet.item.parents else None
    is_entry = bullet.subject and bullet.subject.kind == "component" and under in LABEL_RULES and bullet.placed.subject != bullet.item.text
    is_entry = is_entry and not (under in ("calls", "uses", "depends") and is_sentence(bullet.whole))
    return bool(is_entry and bullet.subject and bullet.state(under or "", bullet.whole, bullet.subject))


def _is_of_another(bullet: Bullet) -> bool:
    """`Recipe Catalogue (gRPC): which recipes there are`, below the heading `Dependencies` of a component."""
    labelled = bullet.labelled
    return bool(
        labelled and bullet.subject and labelled is not bullet.subject and bullet.under in ("calls", "uses", "depends", "called_by")
    )


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


def _kept_beside(bullet: Bullet) -> bool:
    """`Curve Server: forward curves; TimescaleDB`: an entry that says nothing but an engine is what the component keeps its data in."""
    owner = bullet.subject or bullet.labelled
    if owner and owner.kind == "component" and (bullet.is_own_heading or bullet.labelled is owner):
        for clause in split_list(bullet.item.text, ";,+"):
            if is_store(clause):
                bullet.state("stores", clause, owner)
        for _, sentence in [*sentences(bullet.item.text)][1:]:
            head, comma, _ = sentence.partition(",")
            if comma and is_store(head) and not is_hypothetical(sentence):
                bullet.state("stores", head, owner)  # `MongoDB, because every maker sends something else.`
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
    if is_verb and bullet.subject and (led := DEPENDING.match(bullet.whole)):
        return bullet.state("depends", led["rest"], bullet.subject)  # `Depends on PostNL: labels are requested over HTTPS`
    return bool(is_verb and bullet.read(f"{label} {bullet.item.text}", bullet.subject))


DEPENDING = re.compile(rf"(?:Depends|Relies) (?:up)?on (?P<rest>(?:the |our )?{NAME}(?: \(|:|$).*)")


def _depending(bullet: Bullet) -> bool:
    """`Depends on the LIS (TCP)`, a bullet of its own."""
    led = DEPENDING.fullmatch(bullet.item.text.rstrip(" .")) if bullet.subject and not bullet.item.label else None
    return bool(led and bullet.subject and bullet.state("depends", led["rest"], bullet.subject))


def _below_verb(bullet: Bullet) -> bool:
    """`sends:`, and below it what to whom."""
    above = bullet.item.parents[-1] if bullet.item.parents and not bullet.item.label else None
    verb = above.label if above and above.label and not above.text else ""
    is_verb = bool(verb) and folded(verb) in VERB_OF and concept_of(verb or "") is None
    return bool(is_verb and bullet.read(f"{verb} {bullet.item.text}", bullet.subject))


OWNED_BY = re.compile(
    rf"\b(?:belongs to|owned by|property of) (?:the )?(?P<owner>{NAME})|\b(?:filled|written|fed) by (?:the )?(?P<filler>{NAME}),? which owns it\b"
)
"""`Page store: S3 bucket, filled by the Ingest Service, which owns it`."""


def _kept_by(bullet: Bullet) -> bool:
    """`orders-db (PostgreSQL) – Order Service, for ten years`: a store, and whose it is."""
    store, said_of = bullet.subject, re.sub(r"^(?:of|in|inside|owned by|belongs to|for) (?:the |each |every |our )?", "", bullet.item.text)
    heads: tuple[str, ...] = (re.split(r"[,.;(]", said_of, maxsplit=1)[0].strip(), bullet.item.text.rpartition(";")[2].strip(" ."))
    if told := OWNED_BY.search(bullet.item.text):
        heads = (told["owner"] or told["filler"], *heads)
    owner = next(
        (found for head in heads if head and (found := bullet.page.names.find(head, event=False)) and found.kind == "component"), None
    )
    if store is None or store.kind != "store" or owner is None:
        return False
    said = re.search(r"[(\[]([^()\[\]]*)[)\]]", bullet.item.label or "")
    engine = engine_of(said[1].split(",")[0]) if said else None
    bullet.page.findings.state(Fact("owns", (owner.name, store.name), bullet.item.source, {"kind": engine} if engine else {}))
    return True


LISTED_STORE = re.compile(
    rf"(?P<name>[^,(=:–—→>]{{3,40}}?)\s*(?:\(|, | = )(?:an? |own )?(?P<engine>(?i:{ENGINE})[^,()–—→>:]{{0,30}}?)\)?\s*(?: [–—-]|:|->|→|=>|,| of| for) (?P<rest>.+)"
)


def _listed_store(bullet: Bullet) -> bool:
    """`stock db, postgres – stock svc. …`, `roster db (postgres) -> SRS`, `invoice archive = S3 bucket, the Invoice Worker writes …`, in the section on data."""
    is_free = bullet.subject is None or bullet.subject.kind == "store"
    found = LISTED_STORE.match(bullet.whole) if bullet.under == "stores" and is_free else None
    if found is None or kind_by_name(found["name"]) != "store":
        return False
    head = re.split(r"[,.;(]", found["rest"], maxsplit=1)[0].strip()
    owner = bullet.page.names.find(head, event=False)
    told = mentions(tokens_of(head), Reader(bullet.page.names, may_find=False)) if owner is None else []
    owner = owner or next((each.entity for each in told if each.kind == "component"), None)
    if owner is None or owner.kind != "component" or is_denied(head):
        return False
    bullet.page.findings.see(found["name"], "store", 6, bullet.item.source)
    engine = engine_of(found["engine"])
    values = {"kind": engine} if engine else {}
    bullet.page.findings.state(Fact("owns", (owner.name, found["name"]), bullet.item.source, values))
    return True


SEVERAL = re.compile(
    r"(?P<names>[A-ZÀ-Þ][^\[\](),:]{2,40}(?:, [A-ZÀ-Þ][^\[\](),:]{2,40})+)(?: [\[(](?P<engine>[^\[\]()]+)[\])])?: (?P<rest>.+)"
)
SAME_NAME = re.compile(r"\b(?:same name|gleichen namens|meme nom|mismo nombre)\b")


def _each_kept(bullet: Bullet) -> bool:
    """`Orders DB, Stock DB [PostgreSQL]: one each for the service of the same name`."""
    found = SEVERAL.fullmatch(bullet.whole)
    if found is None or not SAME_NAME.search(folded(found["rest"])):
        return False
    engine = engine_of(found["engine"] or "")
    for name in found["names"].split(", "):
        owner = bullet.page.names.find(" ".join(name.split()[:-1]), event=False, loosely=True) if kind_by_name(name) == "store" else None
        if owner and owner.kind == "component":
            bullet.page.findings.see(name, "store", 7, bullet.item.source)
            bullet.page.findings.state(Fact("owns", (owner.name, name), bullet.item.source, {"kind": engine} if engine else {}))
    return True


def _kept_in(bullet: Bullet) -> bool:
    found = KEPT_IN.match(bullet.item.text) if not bullet.item.label else None
    return bool(found and bullet.subject and bullet.state("stores", found[1], bullet.subject))


LED = {"publish": "publishes", "consume": "consumes", "call": "calls", "store": "stores"}
LEAD = re.compile(r"(?:.*\W)?(?P<verb>[\w-]+)(?: (?:the following|these|folgende\w*|les suivants|los siguientes)(?: \w+){0,2})?\s*:")


def _led(bullet: Bullet) -> bool:
    """`The Ledger publishes:`, and below it what."""
    lead = LEAD.fullmatch(bullet.placed.lead.strip()) if not bullet.item.parents and not bullet.concept else None
    concept = LED.get(VERB_OF.get(folded(lead["verb"]), "")) if lead else None
    if lead is None or concept is None:
        return False
    named = mentions(tokens_of(lead[0]), Reader(bullet.page.names, may_find=False, subject=bullet.subject))
    owner = next((each.entity for each in named if each.entity and each.kind == "component"), bullet.subject)
    if owner is None or owner.kind != "component":
        return False
    if concept in ("calls", "stores"):
        return bullet.state(concept, bullet.whole, owner)
    for event in event_texts(bullet.whole, bullet.page.names)[:1]:
        bullet.state(concept, f"`{event}`", owner)
    return bullet.read(bullet.whole, owner)


def _arrow_line(bullet: Bullet) -> bool:
    return bool(bullet.item.label and arrow_of(bullet.whole) and bullet.read(bullet.whole, bullet.subject))


def _arrow_entry(bullet: Bullet) -> bool:
    """`Planner → Fare Engine (gRPC)`, whatever label or heading it stands below."""
    found = arrow_of(bullet.whole) or CHAIN.match(bullet.whole)
    start = bullet.page.names.find(found[1], event=False) if found else None
    return bool(start and start.kind in CALLABLE and bullet.read(bullet.whole, bullet.subject))


def _sentence(bullet: Bullet) -> bool:
    owner = bullet.labelled
    label = (bullet.item.label or "").split()
    if owner is None and not bullet.item.bullet and not bullet.concept and any(folded(word) in VERB_OF for word in label[1:]):
        return bullet.read(bullet.whole, bullet.subject)  # `The Notifier writes to people: confirmations, …`
    return bullet.read(bullet.item.text, owner if owner and owner.kind in CALLABLE else bullet.subject)


ITEM_RULES = (
    _kept_by,
    _listed_store,
    _each_kept,
    _mixed,
    _arrow_entry,
    _known_label,
    _below_label,
    _below_heading,
    _plain_entry,
    _kept_beside,
    _component_label,
    _verb_label,
    _below_verb,
    _kept_in,
    _led,
    _depending,
    _arrow_line,
    _sentence,
)
KEPT_IN = re.compile(
    r"(?i)\s*(?:state|data|records?|entries|documents|files|daten|zustand|données|datos|estado)\b[^.;]{0,30}?\s(?:in|im|dans|en)\s+([^.;]+)"
)
"""`State in etcd`."""


BY_WHOM = re.compile(
    r"\s*\(?(?:[a-z][^.;()→]{3,40}, )?(?:comes? |kommt |vient |viene |arriva )?(?:from|vo[nm]|de|du|by|par)\s+([^→>();,.]{2,60}?)(?=[→>();,.]| (?:once|when|as soon|after|on|at|if|because|wenn|sobald|dès|quand)\b|$)"
    r"|\s*(?:veröffentlicht|publiziert|meldet|sendet|verschickt) (?:der|die|das) ([A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+){0,2})"
)
GERMAN_ACTING = re.compile(
    r"\s*(?:und |auch |dann )?(?:[Dd]er|[Dd]ie|[Dd]as|[Aa]uch (?:der|die|das)) (?P<who>[A-ZÄÖÜ][\w-]+(?: [A-ZÄÖÜ][\w-]+)?) [a-zäöüß]+(?:t|en)\b"
)
"""`Der Versanddienst packt, der Rechnungsdienst schreibt die Rechnung`."""
SAYS = re.compile(r"\s*((?:the |The )?[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3}) (?:says|tells|reports|states|signals|announces)\b")


HEARD_BY_NOBODY = re.compile(r"\s*([^→>()]{2,60}?)\s*→\s*\(?(?:no|none|nobody|niemand|personne|nadie|–|-)\b")


def _event_line(item: Item, subject: Entity, page: Page) -> None:
    """`TripBooked: Booking → Notifier`, `TripBooked: published by Booking; subscribers: Notifier`."""
    found = re.match(
        r"\s*\(?(?:from\s+|von\s+|de\s+)?([^→>()]{2,60}?)\s*(?:→|->|=>|\bto\b|\bto:|\ban\b|\bvers\b)\s*([^.;()]{2,200})", item.text
    )
    if (alone := HEARD_BY_NOBODY.match(item.text)) and page.names.find(alone[1], event=False):
        of_event(alone[1], subject, item.source, page, "publishes")
        return
    for ends in ENDS_OF_ARROWS.findall(REMARKS.sub("", item.text)):
        if not is_denied(ends):
            of_event(PLUS.sub(" and ", ends), subject, item.source, page, "consumes")
    if found and page.names.find(found[1], event=False):
        of_event(found[1], subject, item.source, page, "publishes")
        of_event(found[2], subject, item.source, page, "consumes")
        return
    _event_sentence(_told_by_head(item, subject, page), subject, page)


SAID = r"(?:again|too|as well|sends|says|publishes|puts|tells|emits|does|raises)"
SINCE = r"(?:as|when|whenever|once|after)"
TELLER = re.compile(rf"[,.;:]?\s*(?:{SAID}\b[^.,;→>]*|{SINCE}\b[^.;→>]*)?[.;,]?")
ACTING = re.compile(r"\s*(?:the |The )?(?P<who>[^\s,.;:()]+(?: [^\s,.;:()]+){0,2}?) (?:[a-z]{3,}s|too|as well)\b")
HEARERS = re.compile(
    r"\s*(?:→|->|=>)\s*(?P<ends>[^.;()]{2,200})|\s*(?P<who>[^.;()→>]{2,120}?),? (?:all |both |each )?(?:listens?|hears?|reacts?|subscribes?|consumes? it|takes? it|gets? it|picks? it up)\b"
)


ENDS_OF_ARROWS = re.compile(r"(?<=[.;,] )(?:→|->|=>)\s*([^→>.;]{2,120}?),?(?=\s*(?:→|->|=>)|[.;]|$)")
"""`Booking says it once it is paid. → Planner, → Notifier`: whoever stands after each arrow that goes on about the event."""
REMARKS = re.compile(r"\s*\([^()]*\)")
PLUS = re.compile(r" \+ ")


def _told_by_head(item: Item, subject: Entity, page: Page) -> Item:
    """`TripBooked: Booking, as soon as it is paid. -> Notifier`: whoever it opens with tells it; the bullet without what is understood."""
    head = re.match(rf"(?:the |The )?(?P<who>[^\s,.;:→>()]+(?: [^\s,.;:→>()]+){{0,3}}?)(?=[,.;:]| (?:{SAID}|{SINCE})\b)", item.text)
    teller = page.names.find(head["who"], event=False) if head else None
    if head is None or teller is None or teller.kind != "component":
        return item
    of_event(head["who"], subject, item.source, page, "publishes")
    rest = TELLER.sub("", item.text[head.end() :], count=1)
    if (heard := HEARERS.match(rest)) and not is_denied(heard[0]):
        of_event(PLUS.sub(" and ", heard["ends"] or heard["who"]), subject, item.source, page, "consumes")
        rest = rest[heard.end() :]
    _heard_of(re.split(r"[.;](?:\s|$)", rest), ACTING, subject, item, page, teller)
    return replace(item, text=rest.strip(" .,;"))


def _heard_of(clauses: Sequence[str], shape: re.Pattern[str], event: Entity, item: Item, page: Page, teller: Entity | None = None) -> None:
    """Whoever acts in a clause after an event has been told has heard of it."""
    for clause in clauses:
        acting = shape.match(clause) if not is_denied(clause) and not is_hypothetical(clause) else None
        hearer = page.names.find(acting["who"], event=False) if acting else None
        if hearer and hearer.kind == "component" and hearer is not teller:
            page.findings.state(Fact("consumes", (hearer.name, event.name), item.source, {}, Confidence.LIKELY))


def _event_sentence(item: Item, subject: Entity, page: Page) -> None:
    """`published by Booking; subscribers: Notifier`, in labels and in sentences."""
    said = item.text
    if alone := BY_WHOM.match(said):
        of_event(alone[1] or alone[2], subject, item.source, page, "publishes")
        said = said[alone.end() :]
        _heard_of(re.split(r"[.,;](?:\s|$)", said), GERMAN_ACTING, subject, item, page)
        if told := re.match(r"[^.]*?[,;]\s*(?:to|an|vers|a)\s+([^.;()]{2,200})", said):
            of_event(told[1], subject, item.source, page, "consumes")
            said = said[told.end() :]
    elif announced := SAYS.match(said):
        of_event(announced[1], subject, item.source, page, "publishes")
    if told := re.search(r",\s*for\s+((?:the )?[A-ZÀ-Þ][^.;()]{2,200})", said):
        of_event(told[1], subject, item.source, page, "consumes")
    for clause in re.split(r"[;.](?:\s|$)", said):
        label, rest = split_label(clause)
        concept = concept_of(label) if label else None
        if concept in ("publisher", "consumer"):
            state_label(concept or "", rest, subject, item.source, page)
        elif clause.strip():
            for who in reacting(clause.strip(), page):
                page.findings.state(Fact("consumes", (who.name, subject.name), item.source, {}, Confidence.GUESS))
            prose_facts(f"`{subject.name}` {clause.strip()}", item.source, None, page)
