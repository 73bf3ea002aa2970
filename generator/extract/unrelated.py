"""What is named together and no rule has related: read last, and as a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.extract.blocks import Item, Sentence, Title, sentences
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Page
from generator.extract.hearing import Hearing
from generator.extract.mentions import (
    BESIDE,
    FROM,
    OWN,
    POSSESSIVE,
    TO,
    Mention,
    Reader,
    clauses,
    is_denied,
    is_hypothetical,
    mentions,
    tokens_of,
)
from generator.extract.naming import Entity, engine_of, kind_by_name, name_words, slug
from generator.extract.outline import Placed
from generator.extract.phrases import ENGINE
from generator.extract.queues import Queues
from generator.extract.relating import VOUCHED
from generator.extract.together import carried_on, ends_beside, ends_of_call, is_webhook
from generator.extract.values import protocols
from generator.extract.vocabulary import BY, PRONOUNS, STORE_WORDS, VERB_OF, folded, words_of

GUESS = (Confidence.GUESS, Authority.PROSE)
CALLS = ("call", "message", "depends")
KEPT = ("owns", "reads", "writes", "touches")


def unrelated(kept: Sequence[Placed], silent: frozenset[str], page: Page) -> None:
    """Who hears of an event (`hearing`), whom somebody calls with whom it is named and one protocol, and what a component keeps data in, where no rule has found that."""
    subjects = {each.block.source: page.subject(each) for each in kept}
    told = _told(page, subjects)
    said = [each for each in kept if isinstance(each.block, Title) or each.section not in silent]
    carried: Mention | None = None
    queues = Queues()
    for _ in range(2):  # who publishes an event may be found further below
        _heard(said, Hearing(page, told.pairs, told.publishers, told.asked), page)
    for placed in said:
        subject = page.subject(placed)
        is_new = not isinstance(placed.block, Sentence) or placed.block.first
        carried = None if is_new else carried
        for sentence in _sentences(placed):
            named = mentions(tokens_of(sentence), Reader(page.names, may_find=False, subject=subject))
            speaker = subject if subject and subject.kind == "component" else carried.entity if carried else None
            if not is_denied(sentence) and not is_hypothetical(sentence):
                queues.read(sentence, named, speaker, placed.block.source)
            carried = _together(sentence, placed.block.source, subject, carried, told, page)
            _kept_together(sentence, placed.block.source, subject, told, page)
        for clause in _clauses(placed):
            _called(clause, placed.block.source, subject, told, page)
            _through(clause, placed.block.source, subject, told, page)
            if subject and subject.kind == "component":
                _kept(clause, placed.block.source, subject, told, page)

    for start, end, source in queues.messages():
        if (start.name, end.name) not in told.calls:
            told.calls.add((start.name, end.name))
            page.findings.state(Fact("message", (start.name, end.name), source, {}, *GUESS))


def _heard(said: Sequence[Placed], hearing: Hearing, page: Page) -> None:
    for placed in said:
        block = placed.block
        if isinstance(block, Title):
            hearing.begin_section()
        if not isinstance(block, Sentence | Item):
            continue
        if isinstance(block, Item) or block.first:
            hearing.begin_paragraph(is_step=isinstance(block, Item) and block.ordered)
        subject = page.subject(placed)
        ours = subject if subject and subject.kind == "component" else None
        for _, sentence in sentences(block.text):
            hearing.read(sentence, block.source, ours)
        if ours:
            for clause in _clauses(placed):
                hearing.read_clause(clause, block.source, ours)


def _sentences(placed: Placed) -> Iterator[str]:
    block = placed.block
    yield from (sentence for _, sentence in sentences(block.text)) if isinstance(block, Sentence | Item) else ()


def _clauses(placed: Placed) -> Iterator[str]:
    """Those that neither deny nor only think of something."""
    for sentence in _sentences(placed):
        yield from (clause for clause in clauses(sentence) if not is_denied(clause) and not is_hypothetical(clause))


@dataclass(frozen=True, slots=True)
class _Told:
    """What the rules have found, by names as the contract spells them."""

    calls: set[tuple[str, ...]] = field(default_factory=set)
    """Who calls whom."""
    pairs: set[frozenset[str]] = field(default_factory=set)
    """Two that anything is said of."""
    publishers: dict[str, set[str]] = field(default_factory=dict)
    asked: dict[Source, set[str]] = field(default_factory=dict)
    """Who calls or is called, by what stands on a line."""
    by_others: set[tuple[Source, str]] = field(default_factory=set)
    """Whom others than the component of the section speak with, by what stands on a line."""
    kept: dict[str, set[str]] = field(default_factory=dict)
    """What each component keeps data in: names, engines."""


def _told(page: Page, subjects: Mapping[Source, Entity | None]) -> _Told:
    told = _Told()
    for fact in page.findings.facts:
        ends = [end for text, is_event in _ends(fact) if (end := page.names.find(text, event=is_event))]
        if len(ends) == 2:
            told.pairs.add(frozenset(end.name for end in ends))
            if fact.kind in CALLS:
                told.calls.add((ends[0].name, ends[1].name))
            if fact.kind == "publishes":
                told.publishers.setdefault(ends[1].name, set()).add(ends[0].name)
            if fact.kind in CALLS:
                told.asked.setdefault(fact.source, set()).update(end.name for end in ends)
                told.by_others.update((fact.source, end.name) for end in ends if subjects.get(fact.source) not in ends)
        if fact.kind in KEPT and (owner := page.names.find(fact.names[0], event=False)):
            store = page.names.find(fact.names[1], event=False, store=True)
            said = {slug(fact.names[1]), engine_of(fact.names[1]), store.name if store else None, engine_of(fact.values.get("kind", ""))}
            told.kept.setdefault(owner.name, set()).update(each for each in said if each)
    return told


def _ends(fact: Fact) -> Iterator[tuple[str, bool]]:
    if fact.kind in CALLS:
        yield from ((name, False) for name in fact.names)
    elif fact.kind in ("publishes", "consumes"):
        yield from zip(fact.names, (False, True), strict=True)


# --- calls ------------------------------------------------------------------------------------------------------------


def _called(clause: str, source: Source, subject: Entity | None, told: _Told, page: Page) -> None:
    """A clause that names one protocol: the component of the section calls whom it names after a preposition, and a component that opens it the other one."""
    spoken = protocols(clause)
    if len(spoken) != 1 or spoken == ["async"]:
        return
    known = [each for each in mentions(tokens_of(clause), Reader(page.names, may_find=False, subject=subject)) if each.entity]
    for start, end in _ends_of_call(known, subject):
        is_new = start is not end and frozenset((start.name, end.name)) not in told.pairs
        if is_new and (source, end.name) not in told.by_others:
            told.pairs.add(frozenset((start.name, end.name)))
            page.findings.state(Fact("call", (start.name, end.name), source, {"protocol": spoken[0]}, *GUESS))


def _together(sentence: str, source: Source, subject: Entity | None, carried: Mention | None, told: _Told, page: Page) -> Mention | None:
    """Who is carried on to the next sentence: the only one that this one names."""
    named = mentions(tokens_of(sentence), Reader(page.names, may_find=False, subject=subject))
    ends = ends_of_call(sentence, named, subject) or (ends_beside(sentence, named, carried) if carried and subject is None else None)
    goes_on = carried_on(sentence, named, carried)
    if ends is None:
        return goes_on
    start, end, spoken = ends
    names = (_seen(start, source, page), _seen(end, source, page))
    pair = frozenset(names)
    is_back = start.kind == "external" and is_webhook(sentence) and names not in told.calls
    if pair not in told.pairs or is_back:
        told.calls.add(names)
        told.pairs.add(pair)
        kind, values = ("message", {}) if spoken == "async" else ("call", {"protocol": spoken})
        page.findings.state(Fact(kind, names, source, values, *GUESS))
    return goes_on


def _seen(mention: Mention, source: Source, page: Page) -> str:
    """The name of one that is known; of a third party that nobody has told of, it is said that there is one."""
    if mention.entity:
        return mention.entity.name
    page.findings.see(mention.text, "external", 3, source)
    return mention.text


def _through(clause: str, source: Source, subject: Entity | None, told: _Told, page: Page) -> None:
    """`Den Versand übernimmt der Rechnungsdienst über Mailjet`: the only component of a clause asks the third party that something is done with."""
    known = [each for each in mentions(tokens_of(clause), Reader(page.names, may_find=False, subject=subject)) if each.entity]
    ours = {each.entity.name: each for each in known if each.kind == "component" and each.entity}
    third = {each.entity.name: each for each in known if each.kind == "external" and each.entity}
    if len(third) != 1 or len(ours) != 1 or any(each.kind == "event" for each in known):
        return
    [(other, there), (name, here)] = *third.items(), *ours.items()
    is_doing = not here.before and here.entity is not None and here.entity.weight >= VOUCHED
    if is_doing and there.before in DONE_WITH and frozenset((name, other)) not in told.pairs and (source, other) not in told.by_others:
        told.pairs.add(frozenset((name, other)))
        spoken = [each for each in protocols(clause) if each != "async"]
        page.findings.state(Fact("call", (name, other), source, {"protocol": spoken[0]} if len(spoken) == 1 else {}, *GUESS))


DONE_WITH = words_of("ueber mittels bei using via through with chez par via con mediante")


def _ends_of_call(known: Sequence[Mention], subject: Entity | None) -> Iterator[tuple[Entity, Entity]]:
    parties = [each for each in known if each.kind in CALLABLE]
    others = [each for each in parties if each.entity is not subject]
    ours = [each for each in parties if each.kind == "component"]
    is_of_event = any(each.kind == "event" for each in known)
    if subject and subject.kind == "external":
        if len(ours) == 1 and all(each.entity in (subject, ours[0].entity) for each in parties) and ours[0].entity:
            is_first = parties[0].entity is subject and parties[0].start <= 1 and ours[0].before
            yield (subject, ours[0].entity) if is_first else (ours[0].entity, subject)
    elif subject and subject.kind == "component":
        if others and others[0].before and not (is_of_event and any(each.kind == "component" for each in others)):
            yield from ((subject, each.entity) for each in others if each.entity)
    elif (
        len(parties) == 2
        and not parties[0].before
        and parties[0].kind == "component"
        and parties[1].before in BESIDE_OTHERS
        and not is_of_event
    ):
        first, second = (each.entity for each in parties)
        if first and second:
            yield first, second


BESIDE_OTHERS = TO | FROM | BESIDE
"""What stands before whoever is called."""


# --- stores -----------------------------------------------------------------------------------------------------------

NAMED = re.compile(r"(?P<name>`[a-z][\w-]*`|\b[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})(?: \((?P<inside>[^()]*)\))?")
BARE = re.compile(
    rf"\b(?:in|im|into|on|auf|dans|en) (?P<engine>(?i:{ENGINE}))\b(?![ ,]*[(`])|\b(?P<file>(?i:{ENGINE}))-(?:Datei|[Ff]ile)\b"
)
ONLY_READ = re.compile(r"\b(?:reads?|only|nur|liest|lecture|lit|solo|lee)\b", re.IGNORECASE)
"""Whoever only reads is not whose it is."""


def _kept(clause: str, source: Source, subject: Entity, told: _Told, page: Page) -> None:
    """In the section of a component, where nobody else is spoken of: a store that nobody has, and an engine, are what it keeps data in."""
    known = mentions(tokens_of(clause), Reader(page.names, may_find=False, subject=subject))
    if ONLY_READ.search(clause) or any(each.kind == "component" and each.entity and each.entity is not subject for each in known):
        return
    own = told.kept.setdefault(subject.name, set())
    for found in NAMED.finditer(clause):
        name, engine = found["name"], engine_of(re.split(r"[,;]| \d", found["inside"] or "")[0])
        if (engine or _is_store(name)) and not _is_no_name(name) and not _is_known(name, told, page):
            page.findings.see(name, "store", 4, source)
            page.findings.state(Fact("owns", (subject.name, name), source, {"kind": engine} if engine else {}, *GUESS))
            own |= {slug(name), *([engine] if engine else [])}
    for found in BARE.finditer(clause):
        if (engine := engine_of(found["engine"] or found["file"])) and engine not in own:
            own.add(engine)
            page.findings.state(Fact("touches", (subject.name, engine), source, {"kind": engine}, *GUESS))


def _kept_together(sentence: str, source: Source, subject: Entity | None, told: _Told, page: Page) -> None:
    """`PostgreSQL holds the plans of the Planner`: the only component of a sentence, with the only engine of it."""
    tokens = tokens_of(sentence)
    named = mentions(tokens, Reader(page.names, may_find=False, subject=subject))
    if subject is None and set(map(folded, tokens[:1])) & PRONOUNS:
        return
    owners = {each.entity.name: each.entity for each in named if each.kind in CALLABLE and each.entity}
    first = next((each.start for each in named if engine_of(each.text)), 0)
    if any(
        each.start > first and each.before not in FROM | BY and not POSSESSIVE.search(tokens[each.end - 1])
        for each in named
        if each.kind in CALLABLE
    ):
        return
    engines = {engine for each in named if (engine := engine_of(each.text))}
    if len(owners) != 1 or len(engines) != 1 or ONLY_READ.search(sentence) or is_denied(sentence) or is_hypothetical(sentence):
        return
    [owner], [engine] = owners.values(), engines
    is_alone = all(each.kind not in ("store", "event") or engine_of(each.text) for each in named)
    own = told.kept.setdefault(owner.name, set())
    is_of_another = subject is not None and subject is not owner
    if owner.kind == "component" and owner.weight >= VOUCHED and is_alone and not is_of_another and engine not in own:
        own.add(engine)
        page.findings.state(Fact("touches", (owner.name, engine), source, {"kind": engine}, *GUESS))


def _is_known(name: str, told: _Told, page: Page) -> bool:
    entity = page.names.find(name, store=True)
    names = {slug(name), *([entity.name] if entity else [])}
    return (entity is not None and entity.kind != "store") or any(names & kept for kept in told.kept.values())


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
