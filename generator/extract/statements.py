"""What labels, sentences and arrows in a line state."""

from __future__ import annotations

import itertools
import re

from generator.extract.blocks import Sentence, sentences, split_label
from generator.extract.facts import Confidence, Fact, Source
from generator.extract.findings import CALLABLE, PROSE_LIKELY, Page
from generator.extract.grammar import Reader, is_hypothetical, mentions, relations, third_parties, tokens_of
from generator.extract.labels import LABEL_RULES, call
from generator.extract.naming import (
    Entity,
    engine_of,
    looks_like_event,
)
from generator.extract.outline import Placed
from generator.extract.relating import interpret
from generator.extract.values import is_nothing, percentiles, protocol
from generator.extract.vocabulary import (
    concept_of,
    words_of,
)


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
        if subject and (owned := OWNED.fullmatch(sentence.strip())) and state_label("owner", owned[1], subject, source, page):
            continue
        told = False
        for relation, tokens in relations(sentence, reader, page.last, page.things):
            told = told or relation.verb in ("call", "use", "send")
            interpret(relation, tokens, source, page)
        if subject and subject.kind == "component" and not told:
            _served(sentence, source, subject, reader, page)
        if not is_hypothetical(sentence):
            _qualities(sentence, subject, source, page)


def _served(sentence: str, source: Source, subject: Entity, reader: Reader, page: Page) -> None:
    """A verb that no list has, done by the component that the section is about with the help of a third party."""
    for mention in third_parties(sentence, reader):
        page.findings.see(mention.text, "external", 3, source)
        found = protocol(sentence)
        values = {"protocol": found} if found and found != "async" else {}
        name = mention.entity.name if mention.entity else mention.text
        page.findings.state(Fact("call", (subject.name, name), source, values, *PROSE_LIKELY))


OWNED = re.compile(r"(?:[Oo]wned|[Mm]aintained|[Dd]eveloped) by (?:the )?([A-ZÀ-Þ][\w&-]*(?: [\w&-]+){0,3}?)(?: [Tt]eam| [Ss]quad)?\.?")
"""`Owned by Schemes.` in the section of a component: a team, and nobody who acts in the sentences after it."""


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
            call((start.name, end.name), found[3] or "", source, page, Confidence.SURE)
    elif end.kind == "store":
        page.findings.state(Fact("touches", (start.name, end.name), source))
    return True
