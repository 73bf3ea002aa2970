"""What the section of a component names and no rule has related to it: read last, and as a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from generator.extract.blocks import Item, Sentence, sentences
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Page
from generator.extract.mentions import OWN, Mention, Reader, clauses, is_denied, is_hypothetical, mentions, tokens_of
from generator.extract.naming import Entity, engine_of, kind_by_name, name_words, slug
from generator.extract.outline import Placed
from generator.extract.phrases import ENGINE
from generator.extract.values import protocols
from generator.extract.vocabulary import BY, STORE_WORDS, VERB_OF, folded

GUESS = (Confidence.GUESS, Authority.PROSE)


def unrelated(kept: Sequence[Placed], silent: frozenset[str], page: Page) -> None:
    """In the section of a component: an event that others publish is heard, one that nobody publishes is its own unless it opens the sentence, a third party named with one protocol is called, a store that nobody has is its own."""
    subjects = {each.block.source: page.subject(each) for each in kept}
    found = _Unrelated(page, subjects)
    for placed in kept:
        block = placed.block
        if not isinstance(block, Sentence | Item) or placed.section in silent:
            continue
        subject = page.subject(placed)
        for _, sentence in sentences(block.text):
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
        self.publishers: dict[str, set[str]] = {}
        self.kept: dict[str, set[str]] = {}
        """What each component keeps data in: names, engines."""
        for fact in page.findings.facts:
            if fact.kind in KEPT:
                self._note_kept(fact)
            ends = [end for text, is_event in _ends(fact) if (end := page.names.find(text, event=is_event))]
            if len(ends) == 2:
                self.pairs.add(frozenset(end.name for end in ends))
                self.told |= {(fact.source, end.name) for end in ends if fact.kind in CALLS and subjects.get(fact.source) not in ends}
            if len(ends) == 2 and fact.kind == "publishes":
                self.publishers.setdefault(ends[1].name, set()).add(ends[0].name)

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
