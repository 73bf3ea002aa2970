"""Who does what to whom in a sentence: verbs in four languages, passives, lists, negations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generator.extract.mentions import DETERMINERS, FROM, TO, VIA, Mention, word_of
from generator.extract.naming import Entity, engine_of
from generator.extract.vocabulary import (
    ARTICLES,
    BREAKS_FOLDED,
    BY,
    HEADS,
    JOINERS,
    NEGATIONS,
    PASSIVE_OF,
    PEOPLE,
    PRONOUNS,
    RELATIVES,
    VERB_OF,
    words_of,
)

NOUN_BEFORE = words_of(
    "of per for with these those all synchronous asynchronous api more many such any its their every remote direct "
    "http rest grpc incoming outgoing other failed function number"
)
POSSESSIVES = words_of("our its their your his her")
NO_SUBJECT = words_of(
    "in from of to via through using by into over des du del von vom zum zur mit with avec con for bei beim ans gegen chez contre against"
)
"""Prepositions before a name that is no subject; `a` and `an` are articles, too."""
WITHOUT = words_of("without ohne sans sin")
SINGULAR_BE = words_of("is wird ist est es wurde was")
WRITERS = words_of("we you i wir man nous on nosotros")
MAILS = words_of("mails texts e-mails emails")
"""Verbs that are rather the things: `Texts and mails leave through A`."""
PERFECT = words_of("having has have had hat haben avoir ayant habiendo")
"""`having consumed X`: an active verb in the form of a passive."""
BE = words_of("is are be been being gets wird werden wurde ist sind est sont etre es son esta estan se")

GERMAN_SUBJECTS = words_of("ein eine einer der die das er sie es dieser diese dieses jemand alles nichts kein keine")

ACTING = re.compile(r"[a-z]{3,}[^su]s")
"""`turns a Sketch into a price`, of whoever the section is about."""
TWO = words_of("both beide ambos ambas")


@dataclass(slots=True)
class Relation:
    """A verb with who does it and to whom it is done; `text` is the clause it stands in."""

    verb: str
    subjects: list[Mention]
    objects: list[Mention] = field(default_factory=list)
    negated: bool = False
    start: int = 0
    end: int = 0
    begin: int = 0
    is_closed: bool = False


@dataclass(slots=True)
class Clause:
    """Goes through a clause from left to right and collects its relations."""

    tokens: list[str]
    named: list[Mention]
    topic: Entity | None
    last: list[Mention]
    things: list[Mention]
    near: tuple[Entity, ...] = ()
    relations: list[Relation] = field(default_factory=list)
    negated: bool = False
    brackets: list[tuple[int, bool]] = field(default_factory=list)
    """For each open bracket the number of relations before it, and whether the last one took no more objects."""
    resumed: Relation | None = None
    """After a remark in brackets: what the sentence goes on with."""

    def read(self) -> list[Relation]:
        starts = {mention.start: mention for mention in self.named}
        position = 0
        pending: list[Mention] = []
        while position < len(self.tokens):
            mention = starts.get(position)
            self._bracket(self.tokens[position])
            if mention:
                pending.append(mention)
                self._take(mention)
                position = mention.end
                continue
            pending = self._read_word(position, pending)
            position += 1
        for number, relation in enumerate(self.relations):
            relation.end = self.relations[number + 1].start if number + 1 < len(self.relations) else len(self.tokens)
            relation.begin = relation.start if number else 0
            if not relation.subjects and relation.objects and not isinstance(relation, Passive):
                self._invert(relation)
            if isinstance(relation, Passive):
                doing = next(
                    (each.subjects for each in reversed(self.relations[:number]) if each.subjects and not isinstance(each, Passive)), []
                )
                relation.settle(self.tokens, self._topic() or doing or ([] if relation.verb == "publish" else self.last))
        return [relation for relation in self.relations if relation.subjects or relation.verb in ("flow", "belong")]

    def _read_word(self, position: int, pending: list[Mention]) -> list[Mention]:
        """What a word that is no name does to the names before it, which may become its subjects; those that are still open."""
        word = word_of(self.tokens[position])
        is_next = (
            word in ("so", "hence", "therefore", "thus", "and", "und", "et", "y") and position > 0 and self.tokens[position - 1] == ","
        )
        is_aside = word == "," and bool({word_of(each) for each in self.tokens[max(0, position - 4) : position]} & WITHOUT)
        is_then = word in PRONOUNS and word_of(self.tokens[0]) in BREAKS_FOLDED and self._is_verb(position + 1)
        if word == ":" or is_next or is_aside or is_then or (word == "," and self._opens_with_condition()):
            self.negated = False  # `if a line cannot be booked, the ledger publishes …`
        if word in NEGATIONS:
            self._negate(word, position)
        elif self._is_passive(position):
            return self._passive(position, pending)
        elif self._is_verb(position):
            return self._active(position, pending)
        elif word in BREAKS_FOLDED and self.relations and not (word == "for" and self._goes_on(position)):
            self.relations[-1].is_closed = True
            return []
        return pending

    def _opens_with_condition(self) -> bool:
        """`if a line cannot be booked, …`, and in German the verb before its subject: `Kann er sie nicht lesen, …`."""
        opening = [word_of(each) for each in self.tokens[:2]]
        is_verb = (
            len(opening) > 1
            and bool(re.fullmatch(r"[a-z]+t|ist|sind|kann|soll|muss|darf|wird", opening[0]))
            and opening[1] in GERMAN_SUBJECTS
        )
        return opening[0] in BREAKS_FOLDED or is_verb

    def _goes_on(self, position: int) -> bool:
        """`listens for X`, `publishes X, for the Planner only`, `fetches prices for two days from A`."""
        after = next((each for each in self.named if each.start > position), None)
        gap = [word_of(each) for each in self.tokens[position + 1 : after.start]] if after else []
        is_aside = after is not None and after.before in FROM and not set(gap) & (BREAKS_FOLDED | RELATIVES | {",", ";", ":"})
        if is_aside and not any(self._is_verb(at) for at in range(position + 1, position + 1 + len(gap))):
            return True
        is_told = self.relations[-1].verb == "publish" and any(
            each.start in (position + 1, position + 2) and each.entity for each in self.named
        )
        return is_told or position == self.relations[-1].start + 1

    def _invert(self, relation: Relation) -> None:
        """`Dafür nutzt der Planer den Tarifdienst`: in German the subject may stand after the verb, with its article."""
        first = relation.objects[0]
        if (
            first.start == relation.start + 2
            and word_of(self.tokens[relation.start + 1]) in ("der", "die", "das")
            and (len(relation.objects) > 1 or (relation.verb == "consume" and word_of(self.tokens[0]) == "darauf"))
        ):
            relation.subjects, relation.objects = [first], relation.objects[1:]

    def _bracket(self, mark: str) -> None:
        """What a remark in brackets says or denies does not end what was said before it."""
        if mark == "(":
            self.brackets.append((len(self.relations), bool(self.relations) and self.relations[-1].is_closed))
        elif mark == ")" and self.brackets:
            number, was_closed = self.brackets.pop()
            if number:
                self.relations[number - 1].is_closed = was_closed
                self.resumed = self.relations[number - 1] if len(self.relations) > number else None

    def _acts_next(self, mention: Mention) -> bool:
        """Whether a name after `and` or a comma goes on to do something, by a verb that no list has: `removes the banner`."""
        before = [word_of(each) for each in self.tokens[max(0, mention.start - 2) : mention.start]]
        after = self.tokens[mention.end : mention.end + 2]
        if before[-1:] and before[-1] in ARTICLES:
            before = before[:-1]
        is_joined = before[-1:] and (before[-1] in JOINERS or before[-1] in (",", ";"))
        is_verb = len(after) == 2 and re.fullmatch(r"[a-z]{3,}[^su]s", after[0]) and word_of(after[0]) not in VERB_OF
        return bool(is_joined and is_verb and word_of(after[1]) in DETERMINERS | POSSESSIVES | ARTICLES | {"."})

    def _take(self, mention: Mention) -> None:
        following = [word_of(each) for each in self.tokens[mention.end : mention.end + 1]]
        if following in (["does"], ["do"]) and "as" in map(word_of, self.tokens[max(0, mention.start - 2) : mention.start]):
            return  # `calls the same endpoints as the App does`
        if self.relations and self._acts_next(mention):
            self.relations[-1].is_closed = True  # `sends A to B, and the Registry notes the date`
            return
        target = self.resumed or (self.relations[-1] if self.relations else None)
        if target and (not target.is_closed or self._is_asked_too(mention, target)):
            target.objects.append(mention)

    def _is_asked_too(self, mention: Mention, relation: Relation) -> bool:
        """`asks A for this, B for that and C for more`."""
        before = [word_of(each) for each in self.tokens[max(0, mention.start - 3) : mention.start]]
        while before and before[-1] in ARTICLES | {"to"}:
            before.pop()
        is_joined = before[-1:] in (["and"], [","]) and "for" in map(word_of, self.tokens[relation.start : mention.start])
        return is_joined and [word_of(each) for each in self.tokens[mention.end : mention.end + 1]] == ["for"]

    def _negate(self, word: str, position: int) -> None:
        before = self.tokens[:position]
        after = word_of(self.tokens[position + 1]) if position + 1 < len(self.tokens) else ""
        is_object = (
            word == "nothing" and position > 0 and before[-1].islower() and before[-1].endswith("s") and word_of(before[-1]) not in VERB_OF
        )
        if (word in ("nothing", "no") and after in ("else", "but", "other")) or is_object:
            return  # `calls A and nothing else`, `decides nothing, and calls A`
        if self.relations and before.count("(") > before.count(")"):
            self.relations[-1].is_closed = True  # `calls A (no retries)`: the remark is what is denied, and nothing in it is called
            return
        since = [word_of(each) for each in self.tokens[self.relations[-1].start : position]] if self.relations else []
        if word in ("no", "nobody", "nothing", "none") and "that" in since and before[-1:] and word_of(before[-1]) == "that":
            return  # `learns from A that no patrol is near`
        self.negated = True
        if (
            self.relations
            and not self.relations[-1].is_closed
            and word in ("nicht", "pas", "jamais", "nie", "niemals", "kein", "keine", "keinen", "no", "plus", "nothing")
        ):
            self.relations[-1].negated = word != "plus" or self.relations[-1].negated

    def _is_verb(self, position: int) -> bool:
        if position >= len(self.tokens):
            return False
        word = word_of(self.tokens[position])
        before = word_of(self.tokens[position - 1]) if position else ""
        if before in WRITERS and word == "call":
            return False  # `the button we call the guillotine`
        if self.tokens[position].startswith("`") or word not in (PASSIVE_OF if before in PERFECT else VERB_OF):
            return False
        after = word_of(self.tokens[position + 1]) if position + 1 < len(self.tokens) else ""
        if word == "gibt" and "es" in (before, after):
            return False  # `Dafür gibt es noch keinen`
        ends_name = any(mention.end == position for mention in self.named)
        if before in PRONOUNS and position > 1 and word_of(self.tokens[position - 2]) in ("what", "as", "how"):
            return False  # `shows what it gets`
        amid = after in HEADS and before.isalpha() and before not in JOINERS | RELATIVES | PRONOUNS | TO | NEGATIONS
        is_noun = (
            (not ends_name and (amid or before in NOUN_BEFORE | DETERMINERS | POSSESSIVES or before[:1].isdigit()))
            or after in ("of", "per")
            or (word in MAILS and (after in VIA | JOINERS or before in VERB_OF or (before in JOINERS and position == 2)))
        )
        return not is_noun and not (self.tokens[position][0].isupper() and position > 0 and before not in (".", ":", ",", "and", "-", "•"))

    def _is_passive(self, position: int) -> bool:
        word = word_of(self.tokens[position])
        if word not in PASSIVE_OF or (position and word_of(self.tokens[position - 1]) in PERFECT):
            return False
        around = [word_of(each) for each in self.tokens[max(0, position - 4) : position]]
        after = [word_of(each) for each in self.tokens[position + 1 : position + 5]]
        has_be = bool(set(around) & BE) or (position == 0 and after[:1] == ["in"])  # `Stored in MongoDB.`
        return (
            bool(set(after[:3]) & BY)
            or (has_be and not (set(around) & {"to"}))
            or bool({word_of(each) for each in self.tokens[self._since_condition(position) : position]} & {"wird", "werden", "wurde"})
        )

    def _since_condition(self, position: int) -> int:
        """`Wird ein Auftrag storniert, so veröffentlicht der …`: the verb that opens a condition is none of what follows."""
        opened = word_of(self.tokens[0]) in ("wird", "werden", "wurde")
        return next((at for at in range(1, position) if self.tokens[at] == ","), 0) if opened else 0

    def _passive(self, position: int, pending: list[Mention]) -> list[Mention]:
        """`X is called by A`: A calls X; in German `X wird von A aufgerufen`, in which A stands before the verb."""
        words = [word_of(each) for each in self.tokens[:position]]
        verb = PASSIVE_OF[word_of(self.tokens[position])]
        by = next((at for at in range(position - 1, -1, -1) if words[at] in BY), None)
        if by is not None and set(words[:by]) & {"wird", "werden", "wurde", "ist", "sind"}:
            after = self._agents(pending, by)
            before = self._nearest([mention for mention in pending if mention.end <= by and mention not in after], by)
            goes_on = bool(self.relations) and bool(set(words[self.relations[-1].start + 1 : by]) & JOINERS)
            given = before or (self.relations[-1].objects if goes_on else [])  # `wird vom A veröffentlicht und vom B verarbeitet`
            self.relations.append(Relation(verb, after, given, self.negated, position, is_closed=True))
        else:
            pending = [] if self._is_of_another(pending, position) else self._nearest(pending, position)
            joined = (
                self._given_before() if {word_of(each) for each in self.tokens[max(0, position - 3) : position]} & (JOINERS | {","}) else []
            )
            given = joined or [mention for mention in pending if mention.before not in VIA] or self._given_before()
            if not given and "it" in words[-3:]:
                given = [each for each in self.things if each.kind == "event"]
            self.relations.append(Passive(verb, given, self.negated, position))
        self.negated = False
        return []

    def _agents(self, pending: list[Mention], by: int) -> list[Mention]:
        """`wird vom A sowie vom B verarbeitet`: those after the last `vom`, and whoever is joined with them by another."""
        agents = [each for each in pending if each.start > by]
        for each in reversed([each for each in pending if each.end <= by]):
            between = [word_of(one) for one in self.tokens[each.end : agents[0].start]] if agents else ["."]
            if each.before not in BY or any(word not in JOINERS | BY | ARTICLES | {","} for word in between):
                break
            agents.insert(0, each)
        return agents

    def _is_of_another(self, pending: list[Mention], position: int) -> bool:
        """`… consumes A, and a correction is sent`: it is not A that is sent."""
        gap = [word_of(each) for each in self.tokens[pending[-1].end : position]] if pending else []
        return len(gap) > 2 and gap[0] in (",", "and") and bool(set(gap[1:3]) & ARTICLES)

    def _nearest(self, pending: list[Mention], position: int) -> list[Mention]:
        """`… consumes A and B is published by C`: a verb in singular speaks of B alone, and what comes before it belongs to the verb before."""
        if len(pending) > 1 and self.relations and {word_of(each) for each in self.tokens[pending[-1].end : position]} & SINGULAR_BE:
            if not {word_of(each) for each in self.tokens[pending[-1].end : position]} & RELATIVES:
                self.relations[-1].objects = [each for each in self.relations[-1].objects if each is not pending[-1]]
            return pending[-1:]
        return pending

    def _given_before(self) -> list[Mention]:
        """`… is published by A and consumed by B`: what B consumes is what A publishes."""
        return list(self.relations[-1].given) if self.relations and isinstance(self.relations[-1], Passive) else []

    def _topic(self) -> list[Mention]:
        return [Mention(0, 0, self.topic.title, self.topic, self.topic.kind)] if self.topic else []

    def _active(self, position: int, pending: list[Mention]) -> list[Mention]:
        verb = _verb_of(word_of(self.tokens[position]))
        subjects = self._subjects(position, pending)
        subjects = [
            each for each in subjects if verb != "publish" or each.kind != "event"
        ]  # `Wird ein Auftrag storniert, veröffentlicht …`
        joined = {word_of(each) for each in self.tokens[max(0, position - 2) : position]} & (JOINERS - {"or", "oder", "ou", "nor"})
        if (
            joined
            and self.relations
            and self.relations[-1].negated
            and not any(word_of(each) in NEGATIONS for each in self.tokens[max(0, position - 3) : position])
        ):
            self.negated = False
        if self.relations:
            gap = {word_of(each) for each in self.tokens[subjects[-1].end : position]} if subjects and subjects[-1] in pending else set()
            if not gap & RELATIVES:
                self.relations[-1].objects = [
                    each for each in self.relations[-1].objects if not any(each is subject for subject in subjects)
                ]
        self.resumed = None
        self.relations.append(Relation(verb, subjects, self._fronted(subjects, pending), self.negated, position))
        return []

    def _fronted(self, subjects: list[Mention], pending: list[Mention]) -> list[Mention]:
        """`publishes X, which A and B consume`: what they consume stands before them."""
        before = [each for each in pending if subjects and each.end <= subjects[0].start and each not in subjects]
        gap = [word_of(each) for each in self.tokens[before[-1].end : subjects[0].start]] if before else []
        is_meant = gap and (
            before[-1].kind == "event" or gap[0] in RELATIVES | {",", "(", ":"}
        )  # in `lists free hours, which …` the hours are
        if is_meant and set(gap) & RELATIVES:
            return before[-1:]
        return []

    def _subjects(self, position: int, pending: list[Mention]) -> list[Mention]:
        if [word_of(each) for each in self.tokens[position + 1 : position + 2]] in (["sie"], ["er"], ["es"]):
            return self._topic() or self.last  # `Steht der Termin, veröffentlicht sie …`
        around = [word_of(each) for each in self.tokens[max(0, position - 1) : position + 2]]
        if around[:1] == ["darauf"] and around[2:] and around[2] in ("der", "die", "das"):
            return []  # `Darauf reagiert die Kasse`
        previous = self.relations[-1].subjects if self.relations else self.last
        if position > 1 and word_of(self.tokens[position - 1]) == "by" and self.topic and ACTING.fullmatch(self.tokens[0]):
            return previous if self.relations else self._topic()  # `resolves the fields of A by asking B`
        if pending and not _has_relative([word_of(each) for each in self.tokens[pending[-1].end : position]]):
            gap = [word_of(each) for each in self.tokens[pending[-1].end : position]]
            passive = ("event", "store", "broker", *(["external"] if ":" in gap else []))  # `A sends all to Terralux: it listens to X`
            spoken_of = [each for each in pending if each.kind not in passive and (each.entity or each.before != "in")][-1:]
            pending = [each for each in pending if each.before not in NO_SUBJECT]
            if not pending and spoken_of and set(gap) & PRONOUNS:
                return spoken_of
        if not pending:
            return self._unnamed(position, previous)
        return self._before_verb(position, pending, previous)

    def _before_verb(self, position: int, pending: list[Mention], previous: list[Mention]) -> list[Mention]:
        """Which of the names right before a verb are its subjects, by what stands between."""
        outside = [each for each in pending if self.tokens[max(0, each.start - 1)] != "(" or self.tokens[each.end : each.end + 1] != [")"]]
        pending = outside or pending  # `ledger-db (PostgreSQL) belongs to the Ledger`
        last = pending[-1]
        raw = [word_of(each) for each in self.tokens[last.end : position]]
        gap = _without_brackets(raw)
        if raw.count("(") > raw.count(")") or (gap and gap[-1] in WRITERS | {"to", "zu", "pour", "para"}):
            return []  # `asks Terralux (we use their hosted API)` is a remark of whoever writes; `uses X to send …` leaves open who sends
        if gap and gap[-1] in ("both", "them", "they") and len(pending) > 1:
            return _group(pending, self.tokens)  # `A and B are two faces of one thing: both call …`
        if _has_relative(gap):
            stores = [each for each in pending if each.kind == "store" and not engine_of(each.text)]
            return [stores[-1]] if stores and engine_of(last.text) else [last]
        first = pending[0]
        if (
            not self.relations
            and len(pending) > 1
            and first.start <= 1
            and gap[-1:]
            and gap[-1] in JOINERS
            and first.entity
            and not last.entity
        ):
            return [first]  # `A finds gauge Lund above the mark and publishes X`
        joins = [at for at, word in enumerate(gap) if word in JOINERS or word == ","]
        if joins:
            rest = [word for word in gap[joins[-1] + 1 :] if word not in JOINERS]
            if self.relations and len(rest) <= 3:
                return previous if not isinstance(self.relations[-1], Passive) else []
            return self._together(pending, position) if len(rest) <= 1 else []
        return self._together(pending, position) if len(gap) <= 5 else []

    def _together(self, pending: list[Mention], position: int) -> list[Mention]:
        """`A and B call C`; in `A calls B and C reads D` the verb in singular has one subject, and B belongs to the verb before."""
        group = [each for each in _group(pending, self.tokens) if each.kind not in ("event", "store", "broker")] or pending[-1:]
        has_relative = bool(self.relations) and bool(
            {word_of(each) for each in self.tokens[self.relations[-1].start : group[0].start]} & RELATIVES
        )
        is_one = word_of(self.tokens[position]).endswith("s")
        is_apart = len(group) == 2 and "," in self.tokens[group[0].end : group[1].start]  # `… on the A, and B publishes X`
        return group[-1:] if is_one and (is_apart or (self.relations and not has_relative)) else group

    def _unnamed(self, position: int, previous: list[Mention]) -> list[Mention]:
        """No name since the last verb: the same subject goes on, a pronoun, or whoever the section is about."""
        start = self.relations[-1].start + 1 if self.relations else 0
        gap = [word_of(each) for each in self.tokens[start:position]]
        if self.relations and gap[-1:] and gap[-1] in PRONOUNS:
            return previous or self.last or self._topic()  # `listens to X, because …, and when it is done it publishes Y`
        if self.relations and gap[-1:] == ["by"] and self.tokens[position].endswith("ing"):
            return previous  # `… and claims it by calling B`
        if self.relations and (set(gap) & (JOINERS | {","} | {"to"}) or not gap):
            after = [
                word
                for word in gap[max((at for at, word in enumerate(gap) if word in JOINERS | {",", "to"}), default=0) + 1 :]
                if word not in JOINERS
            ]
            return previous if len(after) <= 2 else []
        topic = self._topic()
        is_doing = _verb_of(word_of(self.tokens[position])) in ("call", "use", "consume", "send")
        if gap[-1:] and gap[-1] in TWO and is_doing and not self.relations and len(self.near) > 1:
            return [Mention(0, 0, each.title, each, each.kind, carried=True) for each in self.near[:2]]
        if (not gap and not topic) or (
            self.last and not self.relations and gap[:1] and gap[0] in PRONOUNS and gap[-1] in JOINERS | PRONOUNS
        ):
            return self.last
        if (
            topic
            and self.tokens[position].endswith("ing")
            and not self.relations
            and gap[-1:]
            and gap[-1] in ("when", "while", "by", "for")
        ):
            return topic  # `Acts as a client when calling A`
        if set(gap) & PRONOUNS and gap[-1:] and gap[-1] in JOINERS and self.last and not self.relations:
            return self.last  # `it settles each bill by charging the card and publishes X`
        has_noun = any(each[0].isupper() and at > 0 for at, each in enumerate(self.tokens[start:position]) if each[0].isalpha())
        if set(gap[-2:]) & PRONOUNS or (set(gap) & PRONOUNS and len(gap) <= 6):
            return self.last if self.last and (self.last[0].entity or not topic) else topic
        is_listed = bool(gap) and gap[-1] in JOINERS | {","} and gap[0] not in ARTICLES  # `turns masters into renditions, emits …`
        if (
            (len(gap) <= 2 or is_listed)
            and not self.relations
            and (is_listed or not has_noun)
            and not set(gap) & PEOPLE
            and (not gap or is_listed or (gap[0] not in ARTICLES and not gap[0].endswith("s")))
        ):
            return topic
        return []


def _has_relative(words: list[str]) -> bool:
    """Of German, `der` is a relative after a comma only, and else an article."""
    return any(
        word in RELATIVES and (word not in ("der", "die", "das") or words[max(0, at - 1)] in (",", word)) for at, word in enumerate(words)
    )


def _verb_of(word: str) -> str:
    return VERB_OF.get(word) or PASSIVE_OF[word]


HEARD = words_of("received gathered heard collected awaited")


class Passive(Relation):
    """What it is done to stands before the verb, whoever does it after `by`."""

    __slots__ = ("given", "is_agentless")

    def __init__(self, verb: str, given: list[Mention], negated: bool, start: int) -> None:
        super().__init__(verb, [], [], negated, start)
        self.given = given
        self.is_agentless = False

    def settle(self, tokens: list[str], topic: list[Mention]) -> None:
        """Subjects and objects in the places that an active verb has them in."""
        agents: list[Mention] = []
        for mention in self.objects:
            if mention.before in BY or (agents and _group([agents[-1], mention], tokens)[0] is agents[-1]):
                agents.append(mention)
        others = [mention for mention in self.objects if mention not in agents]
        if not agents and [word_of(each) for each in tokens[self.start + 1 : self.start + 3]] == ["by", "it"]:
            agents = topic  # `curves are fetched by it from the Archive`
        self.objects = [*self.given, *others]
        self.is_agentless = not agents
        owners = (
            [each for each in self.given if each.kind == "component" and not each.before]
            if self.verb in ("store", "write") and not agents
            else []
        )
        if owners:  # `the Locator's positions are stored in …`
            self.subjects, self.objects = owners[:1], [each for each in self.objects if each not in owners]
            return
        if agents and not self.objects and self.verb == "call":  # `its interface is used by …`
            self.objects = topic
        is_heard = word_of(tokens[self.start]) in HEARD and any(each.kind == "event" for each in self.given)
        ours = [each for each in topic if self.verb != "publish" or each.kind != "external"]  # `Adyen reports it. Then X is published.`
        self.subjects = agents or (ours if self.verb in ("publish", "store", "write") or is_heard else [])


def _without_brackets(words: list[str]) -> list[str]:
    depth, kept = 0, []
    for word in words:
        depth += word == "("
        if not depth:
            kept.append(word)
        depth -= word == ")" and depth > 0
    return kept


def _group(pending: list[Mention], tokens: list[str]) -> list[Mention]:
    """The last name and those joined with it: `A, B and C`."""
    group = [pending[-1]]
    for mention in reversed(pending[:-1]):
        between = [word_of(each) for each in tokens[mention.end : group[0].start]]
        if any(word not in JOINERS | ARTICLES | {",", "both"} for word in _without_brackets(between)):
            break
        group.insert(0, mention)
    return group
