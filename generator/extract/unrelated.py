"""What the section of a component names and no rule has related to it: read last, and as a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.extract.blocks import Item, Sentence, sentences
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Page
from generator.extract.mentions import OWN, POSSESSIVE, TO, Mention, Reader, clauses, is_denied, is_hypothetical, mentions, tokens_of
from generator.extract.naming import EVENT_ENDS, Entity, engine_of, is_topic, kind_by_name, name_words, slug
from generator.extract.outline import Placed
from generator.extract.phrases import ENGINE
from generator.extract.values import protocols
from generator.extract.vocabulary import BY, STORE_WORDS, VERB_OF, folded

GUESS = (Confidence.GUESS, Authority.PROSE)


def unrelated(kept: Sequence[Placed], silent: frozenset[str], page: Page) -> None:
    """What is named together and not related: an event is heard by whoever is named after it, by whoever hears `it`, and in the section of a component by that; one that nobody publishes is of whoever is spoken of;
    whoever is named with one protocol is called; a store that nobody has is of the component that the section is about."""
    subjects = {each.block.source: page.subject(each) for each in kept}
    found = _Unrelated(page, subjects)
    for placed in kept:
        block = placed.block
        if isinstance(block, Item) or (isinstance(block, Sentence) and block.first):
            found.carried = []
        if not isinstance(block, Sentence | Item) or placed.section in silent:
            continue
        subject = page.subject(placed)
        for _, sentence in sentences(block.text):
            found.read_sentence(sentence, block.source, subject if subject and subject.kind == "component" else None)
            for clause in clauses(sentence):
                if is_denied(clause) or is_hypothetical(clause):
                    continue
                if subject and subject.kind == "external":
                    found.read_of_others(clause, block.source, subject)
                else:
                    found.read(clause, block.source, subject if subject and subject.kind == "component" else None)


class _Unrelated:
    def __init__(self, page: Page, subjects: Mapping[Source, Entity | None]) -> None:
        self.page = page
        self.pairs: set[frozenset[str]] = set()
        self.told: set[tuple[Source, str]] = set()
        """Whom others speak with, by what stands on a line."""
        self.asked: dict[Source, set[str]] = {}
        """Who calls or is called, by what stands on a line."""
        self.publishers: dict[str, set[str]] = {}
        self.kept: dict[str, set[str]] = {}
        """What each component keeps data in: names, engines."""
        self.carried: list[Entity] = []
        """The events that the paragraph has spoken of last."""
        for fact in page.findings.facts:
            if fact.kind in KEPT:
                self._note_kept(fact)
            ends = [end for text, is_event in _ends(fact) if (end := page.names.find(text, event=is_event))]
            if len(ends) == 2:
                self.pairs.add(frozenset(end.name for end in ends))
                self.told |= {(fact.source, end.name) for end in ends if fact.kind in CALLS and subjects.get(fact.source) not in ends}
                self.asked.setdefault(fact.source, set()).update(end.name for end in ends if fact.kind in CALLS)
            if len(ends) == 2 and fact.kind == "publishes":
                self.publishers.setdefault(ends[1].name, set()).add(ends[0].name)

    def read_sentence(self, sentence: str, source: Source, subject: Entity | None) -> None:
        """Who hears of an event, named after it or with a word for that."""
        if is_hypothetical(sentence) or is_denied(sentence):
            return
        tokens = tokens_of(sentence)
        named = mentions(tokens, Reader(self.page.names, may_find=False, subject=subject))
        for each in named:
            is_event = each.kind == "event" and (
                not is_topic(each.text) or bool(EVENT_ENDS.match(re.split(r"[._-]", each.text)[-1].title()))
            )
            if each.entity is None and is_event and folded(each.before) not in TO:
                self.page.findings.see(f"`{each.text}`", "event", 4, source)  # what is stated of it is read the next time
        known = [each for each in named if each.entity]
        events = [each for each in known if each.kind == "event" and (is_topic(each.text) or not each.text.islower())]
        components = [each for each in known if each.kind == "component"]
        is_spoken = any(each != "async" for each in protocols(sentence))
        if events:
            self.carried = list({each.entity.name: each.entity for each in events if each.entity}.values())
            self._published(events[0], components, tokens, source, subject)
        who = [
            each
            for each in components
            if each.entity and each.entity.weight > 2 and folded(each.before) in WHO and each.entity.name not in self.asked.get(source, ())
        ]
        if is_spoken or not self.carried:
            heard = []
        elif events:
            heard = [each for each in who if each.start > events[-1].start] if len(self.carried) == 1 else []
        else:
            heard = who if _hear(who, tokens) else []
        for event in self.carried:
            for each in heard:
                publishers = self.publishers.get(event.name)
                is_known = bool(publishers) or not events
                if each.entity and is_known and each.entity.name not in (publishers or ()) and self._is_new(each.entity, event):
                    self._state("consumes", each.entity, event, source)

    def _published(
        self, first: Mention, components: Sequence[Mention], tokens: Sequence[str], source: Source, subject: Entity | None
    ) -> None:
        event = first.entity
        if event is None or self.publishers.get(event.name) or first.start <= 1 or folded(first.before) in BY:
            return
        before = [
            each.entity
            for each in components
            if each.entity and each.start < first.start and (not each.before or POSSESSIVE.search(tokens[each.end - 1]))
        ]
        owner = before[0] if len(before) == 1 else None if before else subject
        if owner and self._is_new(owner, event):
            self.publishers[event.name] = {owner.name}
            self._state("publishes", owner, event, source)

    def read(self, clause: str, source: Source, subject: Entity | None) -> None:
        tokens = tokens_of(clause)
        known = [each for each in mentions(tokens, Reader(self.page.names, may_find=False, subject=subject)) if each.entity]
        is_of_event = any(each.kind == "event" for each in known)
        parties = [each for each in known if each.kind in CALLABLE and each.entity is not subject]
        if subject:
            if not any(each.kind == "component" for each in parties):
                self._happened(known, source, subject)
                self._stored(clause, source, subject)
            if parties and parties[0].before and not (is_of_event and any(each.kind == "component" for each in parties)):
                self._asked(subject, parties, clause, source)
        elif len(parties) == 2 and parties[0].start <= 1 and parties[0].kind == "component" and parties[1].before:
            assert parties[0].entity is not None
            self._asked(parties[0].entity, parties[1:], clause, source)

    def read_of_others(self, clause: str, source: Source, subject: Entity) -> None:
        """The only component in a clause on a third party calls it, unless the third party is named first."""
        found = mentions(tokens_of(clause), Reader(self.page.names, may_find=False))
        parties = [each for each in found if each.entity and each.kind in CALLABLE]
        [*ours] = [each for each in parties if each.kind == "component"]
        if len(ours) == 1 and all(each.entity in (subject, ours[0].entity) for each in parties) and ours[0].entity:
            is_first = parties[0].entity is subject and parties[0].start <= 1 and ours[0].before
            ends = (subject, ours[0]) if is_first else (ours[0].entity, replace(ours[0], entity=subject, kind="external"))
            self._asked(ends[0], ends[1:], clause, source)

    def _happened(self, known: Iterable[Mention], source: Source, subject: Entity) -> None:
        for each in known:
            event = each.entity
            if event is None or event.kind != "event" or each.text.islower() or not self._is_new(subject, event):
                continue
            if self.publishers.get(event.name):
                self._state("consumes", subject, event, source)
            elif each.start > 0 and folded(each.before) not in BY:
                self._state("publishes", subject, event, source)

    def _asked(self, subject: Entity, parties: Sequence[Mention], clause: str, source: Source) -> None:
        spoken = protocols(clause)
        for party in parties if len(spoken) == 1 and spoken != ["async"] else ():
            is_told = party.entity and (source, party.entity.name) in self.told
            if party.entity and not is_told and self._is_new(subject, party.entity):
                self._state("call", subject, party.entity, source, protocol=spoken[0])

    def _stored(self, clause: str, source: Source, subject: Entity) -> None:
        own = self.kept.setdefault(subject.name, set())
        if ONLY_READ.search(clause):
            return
        for found in NAMED.finditer(clause):
            name, engine = found["name"], engine_of(re.split(r"[,;]| \d", found["inside"] or "")[0])
            if not (engine or _is_store(name)) or _is_no_name(name) or self._is_known(name):
                continue
            self.page.findings.see(name, "store", 4, source)
            self.page.findings.state(Fact("owns", (subject.name, name), source, {"kind": engine} if engine else {}, *GUESS))
            own |= {slug(name), *([engine] if engine else [])}
        for found in BARE.finditer(clause):
            if (engine := engine_of(found["engine"] or found["file"])) and engine not in own:
                own.add(engine)
                self.page.findings.state(Fact("touches", (subject.name, engine), source, {"kind": engine}, *GUESS))

    def _is_known(self, name: str) -> bool:
        entity = self.page.names.find(name, store=True)
        return any(slug(name) in kept for kept in self.kept.values()) or (
            entity is not None and (entity.kind != "store" or any(entity.name in kept for kept in self.kept.values()))
        )

    def _note_kept(self, fact: Fact) -> None:
        owner, store = (self.page.names.find(name, event=False, store=at == 1) for at, name in enumerate(fact.names))
        if owner:
            told = {slug(fact.names[1]), engine_of(fact.names[1]), store.name if store else None, engine_of(fact.values.get("kind", ""))}
            self.kept.setdefault(owner.name, set()).update(each for each in told if each)

    def _is_new(self, subject: Entity, other: Entity) -> bool:
        return subject is not other and frozenset((subject.name, other.name)) not in self.pairs

    def _state(self, kind: str, subject: Entity, other: Entity, source: Source, **values: str) -> None:
        self.pairs.add(frozenset((subject.name, other.name)))
        self.page.findings.state(Fact(kind, (subject.name, other.name), source, values, *GUESS))


WHO = frozenset({"", "to", "for", "an", "fuer", "a", "pour", "para"})
"""What stands before whoever hears of an event."""
NEAR = 7


def _hear(named: Sequence[Mention], tokens: Sequence[str]) -> bool:
    """`The Ledger takes it, and so does the Notifier`, `There are two takers: the Ledger and the Notifier`."""
    told = [folded(each) for each in tokens]
    return bool(named) and (
        any(LISTENERS.fullmatch(each) for each in told[: named[0].start])
        or bool(GOES.match(" ".join(told)))
        or any(not each.before and HEARS.search(" ".join(told[each.end : each.end + NEAR])) for each in named)
    )


GOES = re.compile(
    r"(?:it|this|both|they|(?:the|this) event) (?:goes|go|(?:is|are) (?:sent|delivered|passed|addressed)) to\b|(?:es|das|beide) (?:geht|gehen) an\b|il (?:va|est envoye) (?:a|au|aux)\b"
)
LISTENERS = re.compile(
    r"(?:taker|consumer|listener|subscriber|recipient|reader|empfaenger|abonnent|konsument|hoerer|abonne|consommateur|destinataire|auditeur|suscriptor|consumidor|destinatario)(?:s|e|en|es|in|innen)?"
)
HEARS = re.compile(
    r"\b(?:listen\w*|tak(?:es?|en|ers?)|gets?|pick(?:s|ed)? (?:it |them |this )?up|cares?|hear\w*|consum\w+|receiv\w+|subscri\w+|waits?|interested|reacts?|uses? (?:it|this|them)|acts? on"
    r"|empfaeng\w*|hoer\w*|abonn\w*|konsum\w*|reagier\w*|verarbeit\w*|bekomm\w*|recoi\w*|ecout\w*|reagi\w*|recib\w*|escuch\w*|suscri\w*|reaccion\w*)\b"
)
CALLS = ("call", "message", "depends")
KEPT = ("owns", "reads", "writes", "touches")
NAMED = re.compile(r"(?P<name>`[a-z][\w-]*`|\b[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})(?: \((?P<inside>[^()]*)\))?")
BARE = re.compile(
    rf"\b(?:in|im|into|on|auf|dans|en) (?P<engine>(?i:{ENGINE}))\b(?![ ,]*[(`])|\b(?P<file>(?i:{ENGINE}))-(?:Datei|[Ff]ile)\b"
)
ONLY_READ = re.compile(r"\b(?:reads?|only|nur|liest|lecture|lit|solo|lee)\b", re.IGNORECASE)
"""Whoever only reads is not whose it is."""


def _is_store(name: str) -> bool:
    bare = name.strip("`")
    return kind_by_name(bare) == "store" and (len(name_words(bare)) > 1 or bare.endswith(("DB", "db")))


def _is_no_name(name: str) -> bool:
    """`Owns Search Index`, `eigene Datenbank`, an engine."""
    words = name_words(name)
    return (
        bool(engine_of(name))
        or all(word in STORE_WORDS or word in OWN for word in words)
        or (VERB_OF.get(words[0]) is not None and name[0] != "`")
    )


def _ends(fact: Fact) -> Iterator[tuple[str, bool]]:
    if fact.kind in CALLS:
        yield from ((name, False) for name in fact.names)
    elif fact.kind in ("publishes", "consumes"):
        yield from zip(fact.names, (False, True), strict=True)
