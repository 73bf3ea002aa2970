"""Who does what to whom in a sentence: names, verbs in four languages, passives, lists, negations."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.extract.naming import HUMPS, Entity, Names, broker_of, engine_of, is_topic, kind_by_name, looks_like_event, name_words
from generator.extract.vocabulary import (
    ARTICLES,
    BREAKS_FOLDED,
    BY,
    EXTERNAL_CUE,
    GENERIC,
    HEADS,
    HYPOTHETICAL,
    JOINERS,
    NEGATIONS,
    NO_NAMES,
    PASSIVE_OF,
    PEOPLE,
    PHRASES,
    PRONOUNS,
    RELATIVES,
    STORE_WORDS,
    VERB_OF,
    folded,
    words_of,
)

TOKEN = re.compile(r"`[^`]*`|[^\W_]\w*(?:(?:['’.&/]|-|_)\w+)*|[^\w\s]")
LONGEST_WINDOW = 6
MOST_TOKENS = 400
BE = words_of("is are be been being gets wird werden wurde ist sind est sont etre es son esta estan se")
PLURALS = words_of(
    "services microservices components modules systems diensten dienste komponenten modulen module systemen systeme bausteine bausteinen composants modules servicios componentes ereignis ereignisse events"
)
"""Nouns before a list of names: `den Diensten A und B`."""
DESCRIPTORS = words_of(
    "anbieter dienstleister lieferant hersteller drittanbieter fournisseur prestataire proveedor provider vendor supplier partner company firma"
)
"""What a third party is, before what it is called: `den externen Anbieter Briefwind`."""
TEAMS = words_of("team teams squad tribe guild department dept division abteilung equipe equipo")
OF_COMPANIES = words_of("Services Network Systems Platform Cloud")
"""What the name of a third party ends with: `Epic Online Services`."""
NO_DOING = words_of("differs suffers stems results comes works depends this its details costs prices contracts")
NO_AGENTS = words_of(
    "order number master letter paper member owner customer error sensor vendor user driver server computer layer paper header parameter filter "
    "trigger counter border matter master factor color author editor operator buffer cluster container partner register tier"
)
"""Words in -er and -or that a text uses of other things than a component."""
VAGUE = GENERIC | words_of(
    "app application api ui client user system platform site backend frontend agent bot server hub handler worker pipeline dienst plattform moteur motor"
)
"""Heads of names that a text also uses of anything."""
PERFECT = words_of("having has have had hat haben avoir ayant habiendo")
"""`having consumed X`: an active verb in the form of a passive."""
SINGULAR_BE = words_of("is wird ist est es wurde was")
TO = words_of("to towards into an nach zu zum zur a au aux vers hacia al")
FROM = words_of("from fr of out aus von vom depuis du des de desde del")
VIA = words_of("over via through using by ueber per mittels durch par via por mediante on")
BESIDE = words_of("for with in at against mit bei gegen avec dans chez contre con en contra")
SMALL_WORDS = PRONOUNS | RELATIVES | JOINERS | BREAKS_FOLDED | BY | TO | FROM | VIA | NEGATIONS
"""Words that a sentence may open with and that name nothing."""
NO_SUBJECT = words_of("from of to via through using by into over des du del von vom zum zur mit with avec con for")
"""Prepositions before a name that is no subject; `a` and `an` are articles, too."""
GERMAN = re.compile(r"\b(der|die|das|und|wird|werden|den|dem|ein|eine|einen|ist|ueber|nicht|von|mit|ruft|liest)\b")
DETERMINERS = words_of("the a an der die das le la el un une una")
NOUN_BEFORE = words_of(
    "of per for with these those all synchronous asynchronous api more many such any its their every remote direct "
    "http rest grpc incoming outgoing other failed function number"
)


@dataclass(slots=True)
class Mention:
    """A name in a sentence: where, what it means if that is known, else what it looks like; the preposition before it."""

    start: int
    end: int
    text: str
    entity: Entity | None
    kind: str
    before: str = ""
    own: bool = False
    carried: bool = False
    """From the sentence before: where it stands says nothing about this one."""

    @property
    def is_known(self) -> bool:
        return self.entity is not None


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


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read a text: the names that are known, whether new ones may appear, and who is spoken of when nobody is named."""

    names: Names
    may_find: bool
    subject: Entity | None = None


def tokens_of(text: str) -> list[str]:
    return TOKEN.findall(text)[:MOST_TOKENS]


def is_hypothetical(text: str) -> bool:
    """Planned, past, rejected or only thought of."""
    return bool(HYPOTHETICAL.search(folded(text)))


def clauses(text: str) -> Iterator[str]:
    """Parts of a sentence that stand for themselves: what is planned in one says nothing of the other."""
    text = re.sub(r"\.\s+(?=[a-z]+\s)", "; ", text)
    yield from (
        part
        for part in re.split(r";|\s[–—]\s|,?\s(?:but|however|whereas|aber|jedoch|mais|pero|tandis que|während)\s", text)
        if part.strip()
    )


# --- names ------------------------------------------------------------------------------------------------------------


def mentions(tokens: list[str], reader: Reader, *, loosely: bool = False) -> list[Mention]:
    """The names in a row of words, from left to right, the longest at each place."""
    found: list[Mention] = []
    position = 0
    is_german = len(GERMAN.findall(folded(" ".join(tokens)))) > 1
    while position < len(tokens):
        mention = _known(tokens, position, reader.names, loosely=loosely) or (
            _new(tokens, position, is_german=is_german) if reader.may_find else _sure(tokens, position)
        )
        if mention is None:
            position += 1
            continue
        mention.before, mention.own = _before(tokens, mention.start)
        if (
            mention.entity is None
            and found
            and mention.text.islower()
            and [_word(each) for each in tokens[found[-1].end : mention.start]] in ([",", "the"], [",", "our"])
        ):
            position = mention.end  # `Residia, the civil registry`: the same thing in other words
            continue
        found.append(mention)
        position = mention.end
    return found


def _before(tokens: list[str], position: int) -> tuple[str, bool]:
    """The preposition before a name, articles and adjectives in lower case aside; and whether it is somebody's own."""
    own = False
    for back in range(1, 5):
        if position - back < 0:
            break
        word = folded(tokens[position - back])
        own = own or word in (
            "its",
            "own",
            "sein",
            "seine",
            "seiner",
            "seinem",
            "ihre",
            "ihrer",
            "ihrem",
            "eigene",
            "eigenen",
            "eigener",
            "sa",
            "son",
            "propre",
            "su",
            "propia",
            "propio",
        )
        if word in JOINERS:
            break
        if word in TO | FROM | VIA | BESIDE and word not in ("l",):
            return word, own
        if not word.isalpha() or word in VERB_OF:
            break
    return "", own


def _known(tokens: list[str], position: int, names: Names, *, loosely: bool) -> Mention | None:
    first = tokens[position]
    if first.startswith("`"):
        entity = names.find(first.strip("`"))
        return Mention(position, position + 1, first.strip("`"), entity, entity.kind) if entity else None
    if not first[0].isalpha() or folded(first) in ARTICLES:
        return None
    for length in range(min(LONGEST_WINDOW, len(tokens) - position), 0, -1):
        window = [re.sub(r"['’]s$", "", word) for word in tokens[position : position + length]]
        if not all(word[0].isalnum() or word == "&" for word in window):
            continue
        entity = _entity_in(window, position, tokens, names, loosely=loosely)
        if entity:
            return Mention(position, position + length, " ".join(window), entity, entity.kind)
    return None


def _entity_in(window: list[str], position: int, tokens: list[str], names: Names, *, loosely: bool) -> Entity | None:
    text = " ".join(window)
    last = folded(window[-1])
    if last in ARTICLES | JOINERS or len(text) > 80:
        return None
    entity = names.find(text)
    following = tokens[position + len(window)] if position + len(window) < len(tokens) else ""
    goes_on = window[-1][0].isupper() and following[:1].isupper() and following.isalpha() and folded(following) not in NO_NAMES | ARTICLES
    if entity and goes_on and name_words(text) not in (name_words(entity.title), name_words(entity.name)):
        return None  # `Ballot` of Ballot Store is not the Ballot Service
    if (
        entity is None
        and len(window) == 1
        and text in HEADS - VAGUE
        and position
        and folded(tokens[position - 1]) in ("the", "le", "la", "el", "der", "die")
    ):
        return names.partly(text)  # `the portal` after `the Observer Portal`
    if entity is None and _is_agent(window, tokens, position):
        whole = names.partly(text)
        return whole if whole and whole.kind == "component" and whole.words[-1:] == name_words(text) else None
    if entity is None:
        is_name = window[0][0].isupper() and window[-1][0].isupper() and folded(window[0]) not in NO_NAMES
        after_article = position > 0 and folded(tokens[position - 1]) in (
            "the",
            "der",
            "den",
            "dem",
            "die",
            "das",
            "le",
            "la",
            "el",
            "du",
            "al",
        )
        return names.partly(text) if is_name and (loosely or (after_article and name_words(text)[-1] in HEADS)) else None
    if len(window) == 1 and window[0].islower() and "-" not in window[0] and len(name_words(text)) == 1:
        before = folded(tokens[position - 1]) if position else ""
        if (
            entity.name == window[0]
            and entity.kind == "component"
            and before in ("from", "to", "by", "von", "an", "calls", "asks", "de", "par", "por")
        ):
            return entity
        agent = (
            window[0].endswith(("er", "or", "eur", "ador"))
            or window[0] in HEADS
            or (len(entity.words) == 1 and not window[0].endswith("s"))
        )
        return (
            entity
            if before in ("the", "der", "den", "le", "la", "el", "l")
            and agent
            and entity.kind in ("component", "external")
            and len(entity.words) == 1
            else None
        )
    if window[0].islower() and any(word in VERB_OF for word in map(folded, window)) and entity.kind != "store":
        return entity if name_words(text) == name_words(entity.title) else None
    return entity


def _is_agent(window: list[str], tokens: list[str], position: int) -> bool:
    """`the recorder` after `the Match Recorder`: a word for somebody who does something."""
    [first, *rest] = window
    is_doer = not rest and len(first) > 5 and first.isalpha() and first.endswith(("er", "or")) and first not in NO_AGENTS | PEOPLE | VAGUE
    return is_doer and position > 0 and folded(tokens[position - 1]) == "the"


def _sure(tokens: list[str], position: int) -> Mention | None:
    """A name that is unmistakable wherever it stands: a broker, an engine, an event, a known third party."""
    text = tokens[position].strip("`")
    for length in (3, 2, 1) if tokens[position][0].isalnum() else ():
        window = " ".join(tokens[position : position + length])
        if len(tokens) - position >= length and tokens[position + length - 1][-1].isalnum() and (broker_of(window) or engine_of(window)):
            return Mention(position, position + length, window, None, kind_by_name(window))
    if broker_of(text) is not None and text[0].isupper():
        return Mention(position, position + 1, text, None, "broker")
    if looks_like_event(text) and (tokens[position].startswith("`") or HUMPS.fullmatch(text)):
        return Mention(position, position + 1, text, None, "event")
    if tokens[position].startswith("`") and re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", text):
        return Mention(position, position + 1, text, None, kind_by_name(text))
    if text[:1].isupper() and kind_by_name(text) == "external":
        end = position + 1
        while end < len(tokens) and tokens[end][:1].isupper() and folded(tokens[end]) not in NO_NAMES - {"api"}:
            end += 1
        return Mention(position, end, " ".join(tokens[position:end]), None, "external")
    return None


def _new(tokens: list[str], position: int, *, is_german: bool) -> Mention | None:
    """A name that nothing has introduced: in code, hyphenated, in capitals within a sentence, or ending as components do."""
    sure = _sure(tokens, position)
    if sure:
        return sure
    first = tokens[position]
    text = first.strip("`")
    if first.startswith("`"):
        is_name = re.fullmatch(r"[A-Za-z][\w]*(?:[-_ .]\w+)*", text) and not re.fullmatch(r"[a-z]+(?:[A-Z]\w*|_\w+)|[a-z]+|[A-Z_]+", text)
        return Mention(position, position + 1, text, None, kind_by_name(text)) if is_name else None
    if re.fullmatch(
        r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*-(?:service|svc|db|api|gateway|worker|engine|cache|store|connector|adapter|dienst)", first
    ):
        return Mention(position, position + 1, first, None, kind_by_name(first))
    return _capitals(tokens, position, is_german=is_german) or _lower(tokens, position)


def _capitals(tokens: list[str], position: int, *, is_german: bool) -> Mention | None:
    if folded(tokens[position]) in PLURALS | DESCRIPTORS or (position == 0 and folded(tokens[0]) in SMALL_WORDS):
        return None
    end = position
    while (
        end < len(tokens)
        and end - position < LONGEST_WINDOW
        and tokens[end][0].isupper()
        and folded(tokens[end]) not in NO_NAMES | ARTICLES
    ):
        end += 1
        linked = (
            end < len(tokens) - 1
            and folded(tokens[end]) in (("de", "du", "del") if is_german else ("de", "du", "des", "del"))
            and tokens[end + 1][0].isupper()
        )
        end += linked and folded(tokens[end + 1]) not in NO_NAMES | ARTICLES
    while end < len(tokens) and end > position and folded(tokens[end]) in HEADS | STORE_WORDS and folded(tokens[end]) not in VERB_OF:
        end += 1
    is_team = end < len(tokens) and folded(tokens[end]) in TEAMS
    if end == position or is_team or (folded(tokens[position]) in VERB_OF and position == 0):
        return None
    if end - position > 1 and end < len(tokens) and tokens[end] in OF_COMPANIES:
        end += 1
    text = " ".join(tokens[position:end])
    if folded(text) in GENERIC | STORE_WORDS or all(part in NO_NAMES for part in folded(text).split("/")):
        return None
    kind = kind_by_name(text)
    is_start = position == 0 and end == 1
    if (is_start and not (len(tokens) > 1 and folded(tokens[1]) in VERB_OF)) or kind == "actor":
        return None
    if (
        is_german
        and end - position == 1
        and not EXTERNAL_CUE.search(folded(" ".join(tokens[max(0, position - 3) : position])))
        and not (
            name_words(text)[-1] in HEADS
            or HUMPS.fullmatch(text)
            or kind != "component"
            or folded(text).endswith(("dienst", "service", "verwaltung", "planer"))
        )
    ):
        return None
    return Mention(position, end, text, None, kind)


def _lower(tokens: list[str], position: int) -> Mention | None:
    """`the fare engine`: an article, at most two words, and a head that components have."""
    if position == 0 or not (folded(tokens[position - 1]) in ("the", "our") or tokens[position - 1].endswith(("'s", "’s"))):
        return None
    for end in range(position + 2, min(position + 4, len(tokens) + 1)):
        window = [folded(word) for word in tokens[position:end]]
        if not all(word.isalpha() and word not in VERB_OF for word in window[:-1]) or window[0] in PEOPLE:
            return None
        if (window[-1] in HEADS or window[-1] in STORE_WORDS) and not set(window[:-1]) & (
            ARTICLES
            | JOINERS
            | BREAKS_FOLDED
            | FROM
            | TO
            | VIA
            | {"same", "other", "following", "whole", "entire", "new", "existing", "external", "in"}
        ):
            return Mention(position, end, " ".join(tokens[position:end]), None, kind_by_name(" ".join(window)))
    return None


# --- verbs ------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=4096)
def _word(token: str) -> str:
    return folded(token.strip("`"))


def relations(text: str, reader: Reader, last: list[Mention], things: list[Mention]) -> Iterator[tuple[Relation, list[str]]]:
    """What each clause says; what is planned, past or rejected says nothing. `last` is who was spoken of, `things` what, here and in the sentence before."""
    for clause in _reworded(text, reader):
        if is_hypothetical(clause):
            continue
        tokens = tokens_of(clause)
        named = mentions(tokens, reader)
        sentence = _Sentence(tokens, named, reader.subject, list(last), list(things))
        found = sentence.read()
        spoken_of = next(
            (relation.subjects for relation in found if relation.subjects and not isinstance(relation, Passive)),
            named[:1] if named and named[0].start <= 2 and named[0].kind in ("component", "external") else [],
        )
        last[:] = [_carried(each) for each in spoken_of] or last
        for relation in found:
            after = tokens[relation.start + 1 : relation.start + 2]
            if not relation.objects and after and _word(after[0]) in ("it", "them", "both", "dies", "es", "sie"):
                relation.objects = list(things)
            if relation.objects:
                things[:] = [_carried(each) for each in relation.objects if each.kind == "event"]
            yield relation, tokens


EVENT = r"(?-i:`[A-Za-z][\w.-]*`|[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]\w*)"
EVENTS = rf"(?:the |an? |both |either )?({EVENT}(?:(?:\s*,\s*|\s+)(?:(?:and|or|und|oder|et|ou|y|o)\s+)?{EVENT})*)(?: events?)?"
UPON = re.compile(
    rf"\W*(?:up)?on (?:receipt of |receiving |the arrival of |arrival of )?{EVENTS}[\s,]*|\W*(?:in response to|triggered by|woken by|as a reaction to) {EVENTS}[\s,]*"
    rf"|\W*(?:beim? (?:empfang von |eintreffen von )?|als reaktion auf ){EVENTS}[\s,]*|\W*(?:à la réception de|al recibir|en respuesta a) {EVENTS}[\s,]*",
    re.IGNORECASE,
)
"""`Upon X it sends …`: whoever acts consumes X."""
LEADS = re.compile(rf"\W*{EVENTS} (?:leads? to|results? in|causes?|führ(?:t|en) zu) (?=an? |the |eine[rmn]? )", re.IGNORECASE)
"""`X leads to a letter`, where one component is described: it consumes X."""


def _reworded(text: str, reader: Reader) -> Iterator[str]:
    """Clauses with turns of phrase in plain words; what an event sets off is told of the event first."""
    for phrase, plain in PHRASES:
        text = phrase.sub(plain, text)
    for clause in clauses(text):
        upon = UPON.match(clause)
        leads = LEADS.match(clause) if reader.subject else None
        if upon and (event := next(filter(None, upon.groups()))) and is_told(event):
            rest = clause[upon.end() :]
            yield from (f"{_actor(rest, reader)} consumes {event}", rest)
            continue
        if leads and is_told(leads[1]):
            yield f"It consumes {leads[1]}"
        yield clause


BESIDE_THIRD = words_of("using via through with at against from by ueber mittels bei chez par via con")


def third_parties(text: str, reader: Reader) -> Iterator[Mention]:
    """`Compares names using Bridger`, `a message, delivered with Norfone`: whatever is done there, a third party is asked for it."""
    for clause in _reworded(text, reader):
        tokens = tokens_of(clause)
        words = [_word(each) for each in tokens]
        if is_hypothetical(clause) or set(words) & NEGATIONS or not tokens:
            continue
        is_doing = bool(re.fullmatch(r"[A-Z][a-z]{2,}[^su\W]s", tokens[0])) and words[0] not in BE | NO_DOING
        for mention in mentions(tokens, reader):
            at = next((at for at in range(mention.start - 1, max(mention.start - 4, -1), -1) if words[at] in BESIDE_THIRD), 0)
            is_done = at > 0 and len(words[at - 1]) > 4 and words[at - 1].endswith("ed")
            if mention.kind == "external" and at and mention.before in BESIDE_THIRD and (is_doing or is_done):
                yield mention


def is_told(text: str) -> bool:
    """Whether all names of a list are those of events, not of components."""
    return all(is_event_name(name) for name in re.findall(r"[\w.-]+", text) if name not in JOINERS and name[:1].isalpha())


def _actor(text: str, reader: Reader) -> str:
    """Whoever the sentence opens with; else whoever is spoken of."""
    tokens = tokens_of(text)[:8]
    named = mentions(tokens, reader)[:1]
    return named[0].text if named and named[0].start <= 1 and named[0].kind in ("component", "external") else "It"


def _carried(mention: Mention) -> Mention:
    return Mention(0, 0, mention.text, mention.entity, mention.kind, carried=True)


@dataclass(slots=True)
class _Sentence:
    """Goes through a clause from left to right and collects its relations."""

    tokens: list[str]
    named: list[Mention]
    topic: Entity | None
    last: list[Mention]
    things: list[Mention]
    relations: list[Relation] = field(default_factory=list)
    negated: bool = False

    def read(self) -> list[Relation]:
        starts = {mention.start: mention for mention in self.named}
        position = 0
        pending: list[Mention] = []
        while position < len(self.tokens):
            mention = starts.get(position)
            if mention:
                pending.append(mention)
                self._take(mention)
                position = mention.end
                continue
            word = _word(self.tokens[position])
            if word in NEGATIONS:
                self._negate(word, position)
            elif self._is_passive(position):
                pending = self._passive(position, pending)
            elif self._is_verb(position):
                pending = self._active(position, pending)
            elif word in BREAKS_FOLDED and self.relations and not (word == "for" and position == self.relations[-1].start + 1):
                self.relations[-1].is_closed = True
                pending = []
            position += 1
        for number, relation in enumerate(self.relations):
            relation.end = self.relations[number + 1].start if number + 1 < len(self.relations) else len(self.tokens)
            relation.begin = relation.start if number else 0
            if not relation.subjects and relation.objects and not isinstance(relation, Passive):
                self._invert(relation)
            if isinstance(relation, Passive):
                relation.settle(self.tokens, self._topic() or self.last)
        return [relation for relation in self.relations if relation.subjects]

    def _invert(self, relation: Relation) -> None:
        """`Dafür nutzt der Planer den Tarifdienst`: in German the subject may stand after the verb, with its article."""
        first = relation.objects[0]
        if (
            first.start == relation.start + 2
            and _word(self.tokens[relation.start + 1]) in ("der", "die", "das")
            and len(relation.objects) > 1
        ):
            relation.subjects, relation.objects = [first], relation.objects[1:]

    def _take(self, mention: Mention) -> None:
        if self.relations and not self.relations[-1].is_closed:
            self.relations[-1].objects.append(mention)

    def _negate(self, word: str, position: int) -> None:
        before = self.tokens[:position]
        if self.relations and before.count("(") > before.count(")"):
            self.relations[-1].is_closed = True  # `calls A (no retries)`: the remark is what is denied, and nothing in it is called
            return
        self.negated = True
        if (
            self.relations
            and not self.relations[-1].is_closed
            and word in ("nicht", "pas", "jamais", "nie", "niemals", "kein", "keine", "keinen", "no", "plus", "nothing")
        ):
            self.relations[-1].negated = word != "plus" or self.relations[-1].negated

    def _is_verb(self, position: int) -> bool:
        word = _word(self.tokens[position])
        before = _word(self.tokens[position - 1]) if position else ""
        if self.tokens[position].startswith("`") or word not in (PASSIVE_OF if before in PERFECT else VERB_OF):
            return False
        after = _word(self.tokens[position + 1]) if position + 1 < len(self.tokens) else ""
        ends_name = any(mention.end == position for mention in self.named)
        is_noun = (not ends_name and (before in NOUN_BEFORE | DETERMINERS or before[:1].isdigit())) or after in ("of", "per")
        return not is_noun and not (self.tokens[position][0].isupper() and position > 0 and before not in (".", ":", ",", "and", "-", "•"))

    def _is_passive(self, position: int) -> bool:
        word = _word(self.tokens[position])
        if word not in PASSIVE_OF or (position and _word(self.tokens[position - 1]) in PERFECT):
            return False
        around = [_word(each) for each in self.tokens[max(0, position - 4) : position]]
        after = [_word(each) for each in self.tokens[position + 1 : position + 5]]
        has_be = bool(set(around) & BE) or (position == 0 and after[:1] == ["in"])  # `Stored in MongoDB.`
        return (
            bool(set(after[:3]) & BY)
            or (has_be and not (set(around) & {"to"}))
            or bool({_word(each) for each in self.tokens[:position]} & {"wird", "werden", "wurde"})
        )

    def _passive(self, position: int, pending: list[Mention]) -> list[Mention]:
        """`X is called by A`: A calls X; in German `X wird von A aufgerufen`, in which A stands before the verb."""
        words = [_word(each) for each in self.tokens[:position]]
        verb = PASSIVE_OF[_word(self.tokens[position])]
        by = next((at for at in range(position - 1, -1, -1) if words[at] in BY), None)
        if by is not None and set(words[:by]) & {"wird", "werden", "wurde", "ist", "sind"}:
            before = self._nearest([mention for mention in pending if mention.end <= by], by)
            after = [mention for mention in pending if mention.start > by]
            self.relations.append(Relation(verb, after, before, self.negated, position, is_closed=True))
        else:
            pending = self._nearest(pending, position)
            joined = (
                self._given_before() if {_word(each) for each in self.tokens[max(0, position - 3) : position]} & (JOINERS | {","}) else []
            )
            given = joined or [mention for mention in pending if mention.before not in VIA] or self._given_before()
            if not given and "it" in words[-3:]:
                given = [each for each in self.things if each.kind == "event"]
            self.relations.append(Passive(verb, given, self.negated, position))
        self.negated = False
        return []

    def _nearest(self, pending: list[Mention], position: int) -> list[Mention]:
        """`… consumes A and B is published by C`: a verb in singular speaks of B alone, and what comes before it belongs to the verb before."""
        if len(pending) > 1 and self.relations and {_word(each) for each in self.tokens[pending[-1].end : position]} & SINGULAR_BE:
            if not {_word(each) for each in self.tokens[pending[-1].end : position]} & RELATIVES:
                self.relations[-1].objects = [each for each in self.relations[-1].objects if each is not pending[-1]]
            return pending[-1:]
        return pending

    def _given_before(self) -> list[Mention]:
        """`… is published by A and consumed by B`: what B consumes is what A publishes."""
        return list(self.relations[-1].given) if self.relations and isinstance(self.relations[-1], Passive) else []

    def _topic(self) -> list[Mention]:
        return [Mention(0, 0, self.topic.title, self.topic, self.topic.kind)] if self.topic else []

    def _active(self, position: int, pending: list[Mention]) -> list[Mention]:
        subjects = self._subjects(position, pending)
        joined = {_word(each) for each in self.tokens[max(0, position - 2) : position]} & (JOINERS - {"or", "oder", "ou", "nor"})
        if (
            joined
            and self.relations
            and self.relations[-1].negated
            and not any(_word(each) in NEGATIONS for each in self.tokens[max(0, position - 3) : position])
        ):
            self.negated = False
        if self.relations:
            gap = {_word(each) for each in self.tokens[subjects[-1].end : position]} if subjects and subjects[-1] in pending else set()
            if not gap & RELATIVES:
                self.relations[-1].objects = [
                    each for each in self.relations[-1].objects if not any(each is subject for subject in subjects)
                ]
        self.relations.append(
            Relation(_verb_of(_word(self.tokens[position])), subjects, self._fronted(subjects, pending), self.negated, position)
        )
        return []

    def _fronted(self, subjects: list[Mention], pending: list[Mention]) -> list[Mention]:
        """`publishes X, which A and B consume`: what they consume stands before them."""
        before = [each for each in pending if subjects and each.end <= subjects[0].start and each not in subjects]
        if before and {_word(each) for each in self.tokens[before[-1].end : subjects[0].start]} & RELATIVES:
            return before[-1:]
        return []

    def _subjects(self, position: int, pending: list[Mention]) -> list[Mention]:
        previous = self.relations[-1].subjects if self.relations else self.last
        if pending and not set(map(_word, self.tokens[pending[-1].end : position])) & RELATIVES:
            spoken_of = pending[-1:]
            pending = [each for each in pending if each.before not in NO_SUBJECT]
            if not pending and set(map(_word, self.tokens[spoken_of[0].end : position])) & PRONOUNS:
                return spoken_of
        if not pending:
            return self._unnamed(position, previous)
        last = pending[-1]
        gap = _without_brackets([_word(each) for each in self.tokens[last.end : position]])
        if gap[-1:] and gap[-1] in ("to", "zu", "pour", "para"):
            return []  # `uses X to send …`: who sends is left open
        if set(gap) & RELATIVES:
            stores = [each for each in pending if each.kind == "store" and not engine_of(each.text)]
            return [stores[-1]] if stores and engine_of(last.text) else [last]
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
            {_word(each) for each in self.tokens[self.relations[-1].start : group[0].start]} & RELATIVES
        )
        return group[-1:] if self.relations and not has_relative and _word(self.tokens[position]).endswith("s") else group

    def _unnamed(self, position: int, previous: list[Mention]) -> list[Mention]:
        """No name since the last verb: the same subject goes on, a pronoun, or whoever the section is about."""
        start = self.relations[-1].start + 1 if self.relations else 0
        gap = [_word(each) for each in self.tokens[start:position]]
        if self.relations and (set(gap) & (JOINERS | {","} | {"to"}) or not gap):
            after = [
                word
                for word in gap[max((at for at, word in enumerate(gap) if word in JOINERS | {",", "to"}), default=0) + 1 :]
                if word not in JOINERS
            ]
            return previous if len(after) <= 2 else []
        topic = self._topic()
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


def _verb_of(word: str) -> str:
    return VERB_OF.get(word) or PASSIVE_OF[word]


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
        self.objects = [*self.given, *others]
        self.is_agentless = not agents
        owners = [each for each in self.given if each.kind == "component"] if self.verb in ("store", "write") and not agents else []
        if owners:  # `the Locator's positions are stored in …`
            self.subjects, self.objects = owners[:1], [each for each in self.objects if each not in owners]
            return
        if agents and not self.given and self.verb == "call":  # `its interface is used by …`
            self.objects = topic
        self.subjects = agents or (topic if self.verb in ("publish", "store", "write") else [])


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
        between = [_word(each) for each in tokens[mention.end : group[0].start]]
        if any(word not in JOINERS | ARTICLES | {",", "both"} for word in _without_brackets(between)):
            break
        group.insert(0, mention)
    return group


def is_event_name(text: str) -> bool:
    return looks_like_event(text) or is_topic(text) or bool(HUMPS.fullmatch(text))
