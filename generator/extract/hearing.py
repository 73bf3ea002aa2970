"""Who hears of an event, and who tells it, by where they are named: after it, with a word for that, in whose section."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Page
from generator.extract.mentions import POSSESSIVE, TO, Mention, Reader, is_denied, is_hypothetical, mentions, tokens_of
from generator.extract.naming import CERTAIN, EVENT_ENDS, Entity, is_topic
from generator.extract.phrases import NOT_TO
from generator.extract.values import protocols
from generator.extract.vocabulary import ARTICLES, BY, folded

GUESS = (Confidence.GUESS, Authority.PROSE)


class Hearing:
    """Goes through the sentences of the documents; `pairs` are those that anything is said of, `publishers` the names of whoever tells each event, `asked` who calls or is called on a line."""

    def __init__(self, page: Page, pairs: set[frozenset[str]], publishers: dict[str, set[str]], asked: Mapping[Source, set[str]]) -> None:
        self.page, self.pairs, self.publishers, self.asked = page, pairs, publishers, asked
        self.carried: list[Entity] = []
        """The events that the paragraph has spoken of last."""
        self.lead: Entity | None = None
        """The component that the last paragraph of the section which opens with one has opened with."""
        self.is_first = True
        self.is_step = False
        self.is_new = False
        """Whether the sentence before has published an event."""

    def begin_section(self) -> None:
        self.lead = None

    def begin_paragraph(self, *, is_step: bool) -> None:
        """`is_step`: in a list with numbers, where one thing leads to the next."""
        self.carried, self.is_first = self.carried if is_step and self.is_step else [], True
        self.is_step = is_step

    def read(self, sentence: str, source: Source, subject: Entity | None) -> None:
        """Components that are named after an event hear of it, and in a sentence after that those that hear `it`."""
        was_new, self.is_new = self.is_new, False
        if is_hypothetical(sentence):
            return
        sentence = re.sub(NOT_TO, "", sentence)
        tokens = tokens_of(sentence)
        named = mentions(tokens, Reader(self.page.names, may_find=False, subject=subject))
        self._see(named, source)
        events = [each for each in named if each.entity and _is_event(each)]
        components = [each for each in named if each.entity and each.kind == "component"]
        if self.is_first and components and components[0].start <= LEADING and not components[0].before:
            self.lead = components[0].entity
        self.is_first = False
        if events:
            self.carried = list({each.entity.name: each.entity for each in events if each.entity}.values())
        since = max((at for at, each in enumerate(tokens[: events[0].start]) if each in (",", ";", ":")), default=0) if events else 0
        if is_denied(" ".join(tokens[since:])):
            return  # `If the number is not known, X is published`
        if events:
            self._told(events[0], components, tokens, source, subject)
        is_spoken = any(each != "async" for each in protocols(sentence))
        self.is_new = len(self.carried) == 1 and bool(events) and _is_told(events, tokens)
        heard = [] if is_spoken else self._hearing(events, components, tokens, source)
        after = events[-1].end if events else 0
        if not is_spoken and ((was_new and not events) or (self.is_new and set(tokens[after:]) & {";", ":"})):
            after = next((at for at in range(after, len(tokens)) if tokens[at] in (";", ":")), after) if events else 0
            heard += [each for each in components if each.start >= after and each not in heard and _does(each, tokens)]
        for each in heard:
            for event in self.carried:
                publishers = self.publishers.get(event.name, set())
                if each.entity and (publishers or not events) and each.entity.name not in publishers:
                    self._state("consumes", each.entity, event, source)

    def read_clause(self, clause: str, source: Source, subject: Entity) -> None:
        """In the section of a component that names nobody else: what others publish it hears, and what nobody publishes is its own unless it opens the clause."""
        named = mentions(tokens_of(clause), Reader(self.page.names, may_find=False, subject=subject))
        if any(each.kind == "component" and each.entity and each.entity is not subject for each in named):
            return
        for each in named:
            if each.entity and each.kind == "event" and not each.text.islower():
                if self.publishers.get(each.entity.name):
                    self._state("consumes", subject, each.entity, source)
                elif each.start > 0 and folded(each.before) not in BY:
                    self._state("publishes", subject, each.entity, source)

    def _see(self, named: Sequence[Mention], source: Source) -> None:
        """What is stated of an event that only this sentence knows is read the next time."""
        for each in named:
            ends = re.split(r"[._-]", each.text)[-1].title() if is_topic(each.text) else each.text
            if each.entity is None and each.kind == "event" and EVENT_ENDS.match(ends) and folded(each.before) not in TO:
                self.page.findings.see(f"`{each.text}`", "event", 4, source)

    def _hearing(self, events: Sequence[Mention], components: Sequence[Mention], tokens: Sequence[str], source: Source) -> list[Mention]:
        asked = self.asked.get(source, ())
        who = [each for each in components if folded(each.before) in WHO and each.entity and each.entity.name not in asked]
        who = [each for each in who if each.entity and each.entity.weight >= VOUCHED]
        if events:
            return [each for each in who if each.start > events[-1].start] if len(self.carried) == 1 else []
        return who if self.carried and _hear(who, tokens) else []

    def _told(self, first: Mention, components: Sequence[Mention], tokens: Sequence[str], source: Source, subject: Entity | None) -> None:
        """An event that nobody publishes is of the only component before it, of the section's, or of the one that it has opened with where it is said to be published."""
        event = first.entity
        if event is None or self.publishers.get(event.name) or first.start <= 1 or folded(first.before) in BY:
            return
        before = [each for each in components if each.start < first.start and each.entity and each.entity.weight >= CERTAIN]
        before = [each for each in before if not each.before or POSSESSIVE.search(tokens[each.end - 1])]
        is_told = bool(IS_TOLD.search(" ".join(tokens)))
        owner = before[0].entity if len(before) == 1 else None if before else subject or (self.lead if is_told else None)
        if owner and self._state("publishes", owner, event, source):
            self.publishers[event.name] = {owner.name}

    def _state(self, kind: str, who: Entity, event: Entity, source: Source) -> bool:
        pair = frozenset((who.name, event.name))
        if who.kind not in CALLABLE or pair in self.pairs:
            return False
        self.pairs.add(pair)
        self.page.findings.state(Fact(kind, (who.name, event.name), source, {}, *GUESS))
        return True


def _is_told(events: Sequence[Mention], tokens: Sequence[str]) -> bool:
    """`It publishes X`, `the driver has accepted: X`."""
    return bool(TELLS.search(folded(" ".join(tokens)))) or tokens[events[-1].start - 1] == ":"


TELLS = re.compile(
    r"\b(?:publish\w*|emit\w*|raise[sd]?|announce[sd]?|veroeffentlich\w*|publizier\w*|publisht|feuert|verkuendet|emittiert|pubblica\w*|emette|emet\b|signale\w*|annonce\w*|meldet|verschickt|sendet|publie\w*|publica\w*)\b"
)


def _does(mention: Mention, tokens: Sequence[str]) -> bool:
    """`The Ledger books it, and the Notifier writes`: whoever opens a sentence, or a part of one, and goes on to a verb."""
    before = [folded(each) for each in tokens[max(0, mention.start - 3) : mention.start] if folded(each) not in ARTICLES]
    is_led = not before or before[-1] in (";", ",", "and", "und", "et", "y", ":") or before in (["on", "it"], ["upon", "it"])
    return (
        is_led
        and not mention.before
        and bool(re.fullmatch(r"[a-zà-ÿ]{3,}(?:s|t|e|d)|has|a", " ".join(tokens[mention.end : mention.end + 1])))
    )


def _is_event(mention: Mention) -> bool:
    return mention.kind == "event" and (is_topic(mention.text) or not mention.text.islower())


VOUCHED = 3
"""Weight from which a name is more than a hint."""
LEADING = 2
WHO = frozenset({"", "to", "for", "an", "fuer", "a", "pour", "para"})
"""What stands before whoever hears of an event."""
NEAR = 7
"""Words after a name among which one for hearing stands."""
IS_TOLD = re.compile(
    r"\b(?:is|are|gets|wird|werden|est|sont|es|son) (?:`?[\w.]+`? (?=published))?(?:then |also |thereby |dann |auch )?"
    r"(?:published|emitted|raised|announced|broadcast|veröffentlicht|publiziert|gemeldet|publiée?s?|émise?s?|publicad[oa]s?|emitid[oa]s?)\b|\b(?:goes|go|comes) out as\b|\b(?:leads|results?) (?:to|in) `?[A-Za-z.]+`?\W*$"
)
GOES = re.compile(
    r"(?:two|three|four|five|several) (?:parties|services|components|others|parts|consumers) (?:are interested|listen|care|react|need it|take it|hear (?:of )?it)\b|(?:it|this|both|they|(?:the|this) event) (?:goes|go|(?:is|are) (?:sent|delivered|passed|addressed)) to\b|(?:es|das|beide) (?:geht|gehen) an\b|il (?:va|est envoye) (?:a|au|aux)\b|(?:darauf|hierauf) (?:reagier\w+|hoer\w+|wart\w+)\b"
    r"|(?:das|dieses|beide) (?:events?|ereignisse?|nachrichten?) (?:bekomm\w+|erhaelt|erhalten|konsumier\w+|verarbeit\w+|empfang\w+|abonnier\w+|les\w+|hoer\w+|brauch\w+|nutz\w+)\b"
    r"|(?:ce dernier|celui-ci|cet evenement|il) (?:interesse|concerne|reveille)\b|(?:deux|trois|quatre|cinq) (?:services|composants|consommateurs) (?:y reagissent|l'ecoutent|le consomment|y sont abonnes)\b"
)
LISTENERS = re.compile(
    r"(?:taker|consumer|listener|subscriber|recipient|reader|empfaenger|abonnent|konsument|hoerer|abonne|consommateur|destinataire|auditeur|suscriptor|consumidor|destinatario)(?:s|e|en|es|in|innen)?"
)
HEARS = re.compile(
    r"\b(?:listen\w*|tak(?:es?|en|ers?)|gets?|pick(?:s|ed)? (?:it |them |this )?up|cares?|hear\w*|consum\w+|receiv\w+|subscri\w+|waits?|interested|reacts?|uses? (?:it|this|them)|acts? on"
    r"|empfaeng\w*|hoer\w*|abonn\w*|konsum\w*|reagier\w*|verarbeit\w*|bekomm\w*|recoi\w*|ecout\w*|reagi\w*|recib\w*|escuch\w*|suscri\w*|reaccion\w*)\b"
)


def _hear(named: Sequence[Mention], tokens: Sequence[str]) -> bool:
    """`The Ledger takes it, and so does the Notifier`, `There are two takers: the Ledger and the Notifier`."""
    told = [folded(each) for each in tokens]
    return bool(named) and (
        any(LISTENERS.fullmatch(each) for each in told[: named[0].start])
        or bool(GOES.match(" ".join(told)))
        or any(not each.before and HEARS.search(" ".join(told[each.end : each.end + NEAR])) for each in named)
    )
