"""The names in a sentence: known ones in any spelling or cut short, and new ones by their looks."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.extract.naming import (
    EVENT_ENDS,
    HUMPS,
    LISTED,
    Entity,
    Names,
    broker_of,
    engine_of,
    kind_by_name,
    looks_like_event,
    name_words,
)
from generator.extract.third_parties import THIRD_PARTIES
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
    PEOPLE,
    PRONOUNS,
    RELATIVES,
    STORE_WORDS,
    VERB_OF,
    folded,
    singular,
    words_of,
)

POSSESSIVE = re.compile(r"['’]s$")
TOKEN = re.compile(r"`[^`]*`|[^\W_]\w*(?:(?:['’.&/]|-|_)\w+)*(?:(?<=s)['’](?= [A-ZÀ-Þ]))?|[^\w\s]")
LONGEST_WINDOW = 6
MOST_TOKENS = 400
PLURALS = words_of(
    "services microservices components modules systems diensten dienste komponenten modulen module systemen systeme bausteine bausteinen composants modules servicios componentes ereignis ereignisse events"
)
"""Nouns before a list of names: `den Diensten A und B`."""
DESCRIPTORS = words_of(
    "anbieter dienstleister lieferant hersteller drittanbieter fournisseur prestataire proveedor provider vendor supplier partner company firma"
)
"""What a third party is, before what it is called: `den externen Anbieter Briefwind`."""
TEAMS = words_of("team teams side crew squad tribe guild department dept division abteilung equipe equipo")
OF_COMPANIES = words_of("Services Network Systems Platform Cloud")
"""What the name of a third party ends with: `Epic Online Services`."""
NO_AGENTS = words_of(
    "order number master letter paper member owner customer error sensor vendor user driver server computer layer paper header parameter filter "
    "trigger counter border matter master factor color author editor operator buffer cluster container partner register tier"
)
"""Words in -er and -or that a text uses of other things than a component."""
ARTICLES_OF_ONE = words_of("the der den dem die das le la el du al")
BEFORE_LOWER = words_of("from to by von an calls asks de par por")
PARTS = words_of("directory ledger desk board register catalogue catalog library calendar inbox wallet vault journal mailer relay intake")
"""What a component may be called for short by, after an article: `the ledger`."""
VAGUE = GENERIC | words_of(
    "app application api ui client user system platform site backend frontend agent bot server hub handler worker pipeline dienst plattform moteur motor"
)
"""Heads of names that a text also uses of anything."""
TO = words_of("to towards into an ans ins nach zu zum zur a au aux vers hacia al")
FROM = words_of("from fr of out aus von vom depuis du des de desde del")
VIA = words_of("over via through using by ueber per mittels durch par via por mediante on")
BESIDE = words_of(
    "for with in at against behind beside hinter neben derriere detras mit bei beim gegen avec dans chez contre con en contra"
)
SMALL_WORDS = PRONOUNS | RELATIVES | JOINERS | BREAKS_FOLDED | BY | TO | FROM | VIA | BESIDE | NEGATIONS | words_of("am im beim ans ins")
"""Words that a sentence may open with and that name nothing."""
GERMAN = re.compile(
    r"\b(sie|auf|zur|zum|bei|ueber|fuer|auch|nach|sind|als|der|die|das|und|wird|werden|den|dem|ein|eine|einen|ist|ueber|nicht|von|vom|beim|im|mit|ruft|liest|darueber|meldet|fragt|dort|dann|sich|haelt|gehen|kommen|einem|einer|eines|seine|ihre|durch|wenn|oder|aber|nur|noch|keine)\b"
)
OWN = words_of("its own sein seine seiner seinem ihre ihrer ihrem eigene eigenen eigener eigenes sa son propre su propia propio")
DETERMINERS = words_of("the a an der die das le la el un une una")


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


@dataclass(frozen=True, slots=True)
class Reader:
    """How to read a text: the names that are known, whether new ones may appear, and who is spoken of when nobody is named."""

    names: Names
    may_find: bool
    subject: Entity | None = None
    near: tuple[Entity, ...] = ()
    """Who was spoken of last: `the desk` is the Offer Desk then."""


def tokens_of(text: str) -> list[str]:
    return TOKEN.findall(text)[:MOST_TOKENS]


def is_hypothetical(text: str) -> bool:
    """Planned, past, rejected, asked or only thought of."""
    return text.rstrip().endswith("?") or bool(HYPOTHETICAL.search(folded(QUOTED.sub("", HAPPENED.sub("", text)))))


def is_denied(text: str) -> bool:
    """Whether a negation stands in it."""
    return bool(set(map(folded, tokens_of(text))) & NEGATIONS)


HAPPENED = re.compile(
    r"`?\b[a-z]\w*\.(?:planned|rejected|declined|retired|considered|proposed|dropped)\b`?"
    r"|\b(?:when|whenever|once|if|after|until|as soon as) (?:an?|the|its|every|each|any) [\w-]+(?: [\w-]+)? (?:is|was|are|were|has been|have been|gets) (?:re-?)?(?:planned|rejected|declined|retired|considered|proposed|dropped|discarded)\b",
    re.IGNORECASE,
)
"""`tour.planned` is an event, and no plan; `when a tour is planned` is no plan of ours."""
QUOTED = re.compile(r"\"[^\"]{1,200}\"|“[^”]{1,200}”|„[^“”]{1,200}[“”]|«[^»]{1,200}»")


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
    """The names in a row of words, from left to right, the longest at each place. Several rules look at the same words: they are read once."""
    short = tuple(
        (word, whole.name)
        for word in dict.fromkeys(tokens)
        if (whole := _last_word_of(word, reader) if word.islower() else _compound_of(word, reader))
    )
    at = (tuple(tokens), reader.may_find, loosely, short)
    known = reader.names.read.get(at)
    if known is None:
        known = reader.names.read[at] = tuple(_mentions(tokens, reader, loosely=loosely))
    return list(known)


def _mentions(tokens: list[str], reader: Reader, *, loosely: bool) -> list[Mention]:
    found: list[Mention] = []
    position = 0
    german = is_german(tokens)
    while position < len(tokens):
        mention = _known(tokens, position, reader, loosely=loosely) or (
            _new(tokens, position, is_german=german) if reader.may_find else _sure(tokens, position)
        )
        if mention and german and mention.entity is None and mention.end - position > 1:
            inner = (_known(tokens, at, reader, loosely=loosely) or _sure(tokens, at) for at in range(position + 1, mention.end))
            mention = next((each for each in inner if each and each.end == mention.end), mention)  # `bei der Druckerei Acme Print`
        if mention is None:
            position += 1
            continue
        mention.before, mention.own = _before(tokens, mention.start)
        is_remark = tokens[mention.start - 1 : mention.start] == ["("] and tokens[mention.end : mention.end + 1] == [")"]
        if mention.entity is None and mention.kind == "component" and is_remark and found and found[-1].end == mention.start - 1:
            position = mention.end  # `Web UI (Next.js)`: what it is made of
            continue
        if mention.kind == "component" and [folded(each) for each in tokens[mention.end : mention.end + 1]] in ENDPOINTS:
            position = mention.end  # `the Exit endpoint of the Toll Service`
            continue
        if (
            mention.entity is None
            and mention.kind == "component"
            and [folded(each) for each in tokens[mention.end : mention.end + 1]] in FORMATS
        ):
            position = mention.end  # `builds an ONIX message`
            continue
        if mention.entity is None and found and found[-1].end == mention.start and mention.text.islower() and mention.kind == "component":
            position = mention.end  # `the Licence Authority's web service`
            continue
        if (
            mention.entity is None
            and found
            and mention.text.islower()
            and APPOSITION.fullmatch(folded(" ".join(tokens[found[-1].end : mention.start])))
        ):
            position = mention.end  # `Residia, the civil registry`: the same thing in other words
            continue
        found.append(mention)
        position = mention.end
    return found


ENDPOINTS = [[word] for word in ("endpoint", "endpoints", "endpunkt", "operation", "method", "route", "controller", "methode", "operacion")]
FORMATS = [
    [word]
    for word in words_of(
        "message messages file files document documents format record records payload schema token tokens form forms standard nachricht datei format message fichier mensaje fichero"
    )
]
APPOSITION = re.compile(r", (?:the|our|an?) (?:own )?(?:[a-z]+(?:['’]s)? )?|, (?:the|our|an?)(?: [a-z]+['’]s)?")


def is_german(tokens: list[str]) -> bool:
    """All nouns have capitals then: a capital makes no name."""
    found = len(GERMAN.findall(folded(" ".join(tokens))))
    return found > 1 or (found == 1 and len(tokens) < SHORT_SENTENCE and not ENGLISH & set(map(folded, tokens)))


SHORT_SENTENCE = 8
ENGLISH = words_of("the a an of and or is are it to from by with this that its in at for")


def _before(tokens: list[str], position: int) -> tuple[str, bool]:
    """The preposition before a name, articles and adjectives in lower case aside; and whether it is somebody's own."""
    own = False
    for back in range(1, 5):
        if position - back < 0:
            break
        word = folded(tokens[position - back])
        own = own or word in OWN
        if word in JOINERS:
            break
        if word in TO | FROM | VIA | BESIDE and word not in ("l",):
            return word, own
        if POSSESSIVE.search(word) and tokens[position - back].islower():
            continue  # `through the council's Mail Relay`
        if not word.isalpha() or word in VERB_OF or (back > 1 and folded(tokens[position - back + 1]) in DETERMINERS):
            break
    return "", own


def _last_word_of(word: str, reader: Reader) -> Entity | None:
    """Whoever the section or the sentence before is about, when this is the last word of its name: `the feed` of the Forecast Feed."""
    if word in NOT_SHORT or (word.endswith("s") and singular(word) != word and word not in HEADS):
        return None  # `the records` is not the Training Record Service
    found = (reader.subject, *reader.near)
    return next(
        (each for each in found if each and each.kind == "component" and len(each.words) > 1 and each.words[-1] == singular(word)), None
    )


NOT_SHORT = words_of("system data")
GERMAN_ARTICLES = words_of("der die das dem den")


def _compound_of(word: str, reader: Reader) -> Entity | None:
    """`das Portal` of the Mieterportal, where the section is about that."""
    subject, last = reader.subject, folded(word)
    is_end = (
        subject is not None and len(last) > 4 and len(subject.words) == 1 and subject.words[0].endswith(last) and subject.words[0] != last
    )
    return subject if is_end and word[:1].isupper() else None


def _known(tokens: list[str], position: int, reader: Reader, *, loosely: bool) -> Mention | None:
    first, names = tokens[position], reader.names
    if first.startswith("`"):
        entity = names.kept(first.strip("`")) or names.find(first.strip("`"))
        return Mention(position, position + 1, first.strip("`"), entity, entity.kind) if entity else None
    if not first[0].isalpha() or folded(first) in ARTICLES or (first.islower() and first in FROM):
        return None
    if position and folded(tokens[position - 1]) in GERMAN_ARTICLES and (whole := _compound_of(first, reader)) and not names.find(first):
        return Mention(position, position + 1, first, whole, whole.kind)
    if not names.may_begin(POSSESSIVE.sub("", first)):
        return None
    row = tokens[position : position + LONGEST_WINDOW]
    end = next((at for at, word in enumerate(row) if not word[0].isalnum() and word != "&"), len(row))
    row = [POSSESSIVE.sub("", word) for word in row[:end]]
    for length in range(end, 0, -1):
        window = row[:length]
        entity = _entity_in(window, position, tokens, reader, loosely=loosely)
        if entity:
            return Mention(position, position + length, " ".join(window), entity, entity.kind)
    return None


def _entity_in(window: list[str], position: int, tokens: list[str], reader: Reader, *, loosely: bool) -> Entity | None:
    """What a row of words means where it stands."""
    names = reader.names
    text = " ".join(window)
    if folded(window[-1]) in ARTICLES | JOINERS or len(text) > 80:
        return None
    before = folded(tokens[position - 1]) if position else ""
    entity = names.find(text)
    if (
        entity is None
        and len(window) == 1
        and before in ARTICLES_OF_ONE
        and window[0].islower()
        and not _tells_another(tokens, position)
        and (whole := _last_word_of(text, reader))
    ):
        return whole
    if entity is None:
        return (
            None
            if len(window) == 1 and window[0].islower() and _tells_another(tokens, position)
            else _cut_short(window, position, tokens, names, loosely=loosely)
        )
    if _is_begun(entity, window, tokens[position + len(window) : position + len(window) + 1]):
        return None
    if len(window) == 1 and window[0].islower() and _tells_another(tokens, position):
        return None
    if len(window) == 1 and window[0].islower() and "-" not in window[0] and len(name_words(text)) == 1:
        is_thing = tokens[position + 1 : position + 2] == ["of"] and len(name_words(entity.title)) > 1  # `the order of stops`
        is_doing = entity.title == text and entity.weight >= LISTED and _is_doing(tokens, position + 1)
        return entity if (_is_meant(entity, window[0], before) and not is_thing) or is_doing else None
    if window[0].islower() and any(word in VERB_OF or word in JOINERS for word in map(folded, window)) and entity.kind != "store":
        return entity if name_words(text) == name_words(entity.title) else None
    return entity


def _tells_another(tokens: list[str], position: int) -> bool:
    """`into the lab forms`: after a preposition a noun follows, which the word before only tells from others."""
    led = [folded(each) for each in tokens[max(0, position - 2) : position]]
    following = tokens[position + 1 : position + 2]
    is_led = len(led) == 2 and led[0] in TO | FROM | VIA | BESIDE and led[1] in ARTICLES
    is_noun = (
        bool(following)
        and following[0].isalpha()
        and following[0].islower()
        and following[0] not in SMALL_WORDS | BESIDE | ARTICLES | BE_OR_DO
    )
    return is_led and is_noun and following[0] not in VERB_OF


BE_OR_DO = words_of("is are was be does do has have can may must shall should will for which that who")


def _is_begun(entity: Entity, window: list[str], following: list[str]) -> bool:
    """Whether another name goes on here: `Ballot` of Ballot Store is not the Ballot Service, `Application` of Application Service not the store `applications`."""
    if not following or not window[-1][0].isupper() or not following[0][0].isupper():
        return False
    if entity.kind == "store" and folded(following[0]) in HEADS:
        return True
    goes_on = following[0].isalpha() and folded(following[0]) not in NO_NAMES | ARTICLES
    return goes_on and (entity.kind == "store" or name_words(" ".join(window)) not in (name_words(entity.title), name_words(entity.name)))


def _is_doing(tokens: list[str], at: int) -> bool:
    """`mailroom writes to the guest`, where it is listed as that."""
    following = tokens[at] if at < len(tokens) else ""
    return following.islower() and (VERB_OF.get(folded(following)) is not None or bool(re.fullmatch(r"[a-z]{3,}[^s]s", following)))


def _is_meant(entity: Entity, word: str, before: str) -> bool:
    """Whether a single word in lower case is the name: `calls pricing`, `the notifier`."""
    if entity.name == word and entity.kind == "component" and before in BEFORE_LOWER:
        return True
    is_agent = word.endswith(("er", "or", "eur", "ador")) or word in HEADS or not word.endswith("s")
    return before in ARTICLES_OF_ONE | {"l"} and is_agent and entity.kind in ("component", "external") and len(entity.words) == 1


def _cut_short(window: list[str], position: int, tokens: list[str], names: Names, *, loosely: bool) -> Entity | None:
    """A part of a name that stands for the whole: `the portal` after the Observer Portal, `the recorder` after the Match Recorder."""
    text = POSSESSIVE.sub("", " ".join(window))
    before = folded(tokens[position - 1]) if position else ""
    whole = names.partly(text)
    if whole is None:
        return None
    is_end = whole.kind == "component" and whole.words[-1:] == name_words(text)
    if len(window) == 1 and text in HEADS - VAGUE and before in ARTICLES_OF_ONE:
        return whole
    if len(window) == 1 and text in PARTS and before in ARTICLES_OF_ONE and is_end and whole.weight >= 6:
        return whole
    if whole.kind == "external" and _begins(whole, window, tokens[position + len(window) : position + len(window) + 1]):
        return whole  # `posts them to Harkness` after Harkness Recovery
    if _is_agent(window, tokens, position):
        return whole if is_end else None
    is_name = window[0][0].isupper() and window[-1][0].isupper() and folded(window[0]) not in NO_NAMES
    if len(window) == 1 and is_name and is_end and whole.weight >= 5 and before in ARTICLES_OF_ONE:
        return whole  # `the Clock` of the Lot Clock
    return whole if is_name and (loosely or (before in ARTICLES_OF_ONE and name_words(text)[-1] in HEADS)) else None


def _begins(whole: Entity, window: list[str], following: list[str]) -> bool:
    """Whether a name in capitals is what a longer one begins with, and does not go on as another."""
    text = " ".join(window)
    is_name = all(word[:1].isupper() for word in window) and folded(window[0]) not in NO_NAMES and len(text) > 2
    goes_on = bool(following) and (following[0][:1].isupper() or following[0].startswith("'"))
    return is_name and not goes_on and whole.words[: len(window)] == name_words(text) and window[-1] in whole.title.split()


def _is_agent(window: list[str], tokens: list[str], position: int) -> bool:
    """`the recorder` after `the Match Recorder`: a word for somebody who does something."""
    [first, *rest] = window
    is_doer = not rest and len(first) > 5 and first.isalpha() and first.endswith(("er", "or")) and first not in NO_AGENTS | PEOPLE | VAGUE
    return is_doer and position > 0 and folded(tokens[position - 1]) == "the"


EVENT_WORDS = words_of("event events ereignis ereignisse evenement evenements evento eventos")
CHANNELS = words_of("queue topic stream channel exchange subject warteschlange file")


def _sure(tokens: list[str], position: int) -> Mention | None:
    """A name that is unmistakable wherever it stands: a broker, an engine, an event, a known third party."""
    text = tokens[position].strip("`")
    for length in (3, 2, 1) if tokens[position][0].isalnum() and folded(tokens[position]) not in OWN | ARTICLES else ():
        window = " ".join(tokens[position : position + length])
        if len(tokens) - position >= length and tokens[position + length - 1][-1].isalnum() and (broker_of(window) or engine_of(window)):
            return Mention(position, position + length, window, None, kind_by_name(window))
    if broker_of(text) is not None and text[0].isupper():
        return Mention(position, position + 1, text, None, "broker")
    is_channel = tokens[position].startswith("`") and position > 0 and folded(tokens[position - 1]) in CHANNELS
    if is_channel and re.fullmatch(r"[a-z][a-z0-9.-]*", text) and not EVENT_ENDS.match(re.split(r"[.-]", text)[-1].title()):
        return Mention(position, position + 1, text, None, "broker")  # `by the queue `alerts.manual``
    if _is_event(tokens, position, text):
        return Mention(position, position + 1, text, None, "event")
    if tokens[position].startswith("`") and re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", text):
        return Mention(position, position + 1, text, None, kind_by_name(text))
    is_vendor = text in ("Microsoft", "Google", "Apple") and kind_by_name(" ".join(tokens[position + 1 : position + 2])) == "external"
    if text[:1].isupper() and (is_vendor or kind_by_name(text) == "external"):
        end = position + 1
        while end < len(tokens) and tokens[end][:1].isupper() and folded(tokens[end]) not in NO_NAMES - {"api"}:
            end += 1
        end += end < len(tokens) and tokens[end] == "ID"
        return Mention(position, end, POSSESSIVE.sub("", " ".join(tokens[position:end])), None, "external")
    return None


def _is_event(tokens: list[str], position: int, text: str) -> bool:
    """By its ending; by the word beside it, `a SensorSilent event`; in code by the verb, ``que consomme `EleveDemissionnaire` ``."""
    is_code = tokens[position].startswith("`")
    if not HUMPS.fullmatch(text):
        return is_code and looks_like_event(text)
    beside = {folded(each) for each in (*tokens[max(0, position - 1) : position], *tokens[position + 1 : position + 2])}
    near = {VERB_OF.get(folded(each)) for each in tokens[max(0, position - 5) : position + 6]} if is_code else set()
    is_published = position > 0 and VERB_OF.get(folded(tokens[position - 1])) == "publish"
    return looks_like_event(text) or bool(beside & EVENT_WORDS) or is_published or bool(near & {"publish", "consume"})


def _new(tokens: list[str], position: int, *, is_german: bool) -> Mention | None:
    """A name that nothing has introduced: in code, hyphenated, in capitals within a sentence, or ending as components do."""
    sure = _sure(tokens, position)
    if sure:
        return sure
    first = tokens[position]
    text = first.strip("`")
    if first.startswith("`"):
        opened = max((at for at in range(position) if tokens[at] == "("), default=-1)
        if HUMPS.fullmatch(text) and ((opened >= 0 and ")" not in tokens[opened:position]) or _is_operation(tokens, position)):
            return None  # `(gRPC, `FinalBid`)`: what is called there
        is_name = re.fullmatch(r"[A-Za-z][\w]*(?:[-_.]\w+)*|[A-Z]\w*(?: [A-Z]\w*)+", text) and not NO_NAME_IN_CODE.fullmatch(text)
        return Mention(position, position + 1, text, None, kind_by_name(text)) if is_name else None
    if re.fullmatch(
        r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*-(?:service|svc|db|api|gateway|worker|engine|cache|store|connector|adapter|dienst)", first
    ):
        return Mention(position, position + 1, first, None, kind_by_name(first))
    if position and folded(tokens[position - 1]) in STANDARDS:
        return None  # `the protocol R09.16`
    named = _capitals(tokens, position, is_german=is_german)
    return _owner_of_door(named) if named else _lower(tokens, position)


OWNED_DOOR = re.compile(r"(?P<owner>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})['’]s? (?:[A-ZÀ-Þ][\w-]* )?(?:API|APIs|Interface|Web Service)")


def _owner_of_door(named: Mention) -> Mention:
    """`Adyen's Checkout API` is Adyen."""
    found = OWNED_DOOR.fullmatch(named.text)
    return replace(named, text=found["owner"]) if found and named.entity is None else named


def _is_operation(tokens: list[str], position: int) -> bool:
    """``calls `PriceLeg` on the Fare Engine``, ``the Fare Engine's `PriceLeg` ``: whose it is stands beside it."""
    is_called = position > 0 and VERB_OF.get(folded(tokens[position - 1])) in ("call", "use")
    is_on = [folded(each) for each in tokens[position + 1 : position + 2]] in (["on"], ["of"], ["at"])
    return bool((is_called and is_on) or (position and POSSESSIVE.search(tokens[position - 1]) and tokens[position - 1][0].isupper()))


NO_NAME_IN_CODE = re.compile(
    r"[A-Z]\w*(?:Repository|Aggregate|Factory|Entity|Dto|DTO)|[a-z]+(?:[A-Z]\w*|_\w+)|[a-z]+|[A-Z_]+|[A-Z][a-z]+|(?:Get|List|Create|Update|Delete|Check|Find|Set|Put|Add|Is|Has|Process|Handle|Submit|Cancel|Search|Load|Start|Stop|Compute|Calculate|Validate|Verify|Confirm|Reserve|Release)[A-Z]\w*"
)
"""Fields, constants and operations."""


def _is_amid(tokens: list[str], position: int, end: int) -> bool:
    """`Life Events Watcher`: a word that is no name by itself, amid one that ends as components do; or before that: `User Service`, `API Gateway`."""
    is_led = position > 0 and folded(tokens[position - 1]) in ARTICLES_OF_ONE and not tokens[end].isupper() and end == position
    if is_led and tokens[end + 1 : end + 2] and tokens[end + 1].istitle() and folded(tokens[end + 1]) in HEADS - NO_NAMES:
        return True  # `the Client Portal`
    if tokens[end : end + 2] == ["API", "Gateway"] or (tokens[end + 1 : end + 2] == ["Service"] and not tokens[end].isupper()):
        return True
    following = tokens[end + 1 : end + 2]
    return end > position and bool(following) and following[0][0].isupper() and folded(following[0]) not in NO_NAMES | ARTICLES


STANDARDS = words_of("protocol format standard dialect encoding protokoll norme protocole formato")
OFFICES = words_of("office bureau ministry department agency institute authority board inspectorate directorate")
"""`the Federal Office of Energy`."""
KINDS_OF_APPLICATION = words_of("web mobile browser desktop native single-page internal public client server small thin new old user admin")
FRAMEWORKS = words_of(
    "next.js nuxt nuxt.js nest.js nestjs vue.js react angular vue svelte flutter django flask fastapi rails laravel spring quarkus ktor kotlin java python go rust .net c# php ruby electron qt"
)
INFRASTRUCTURE = re.compile(
    r"(?i)(?:container|cloud|kubernetes|hosting|monitoring|ci|build)[- ]?(?:plattform|platform|cluster|umgebung|server)"
)
METHODS = words_of("GET HEAD POST PUT PATCH DELETE")


def _is_of_protocol(word: str) -> bool:
    """The last word of `Keycloak JWTs`."""
    return word != "ID" and word[:-1].isupper() and singular(folded(word)) in NO_NAMES - HEADS - GENERIC


def _capitals(tokens: list[str], position: int, *, is_german: bool) -> Mention | None:
    is_condition = position == 0 and is_german and re.fullmatch(r"[A-ZÄÖÜ][a-zäöüß]{2,}t", tokens[0])  # `Droht Frost, meldet er …`
    if folded(tokens[position]) in PLURALS | DESCRIPTORS or (position == 0 and folded(tokens[0]) in SMALL_WORDS) or is_condition:
        return None
    end = position
    while (
        end < len(tokens)
        and end - position < LONGEST_WINDOW
        and tokens[end][0].isupper()
        and not (end > position and POSSESSIVE.search(tokens[end - 1]) and not _is_of_brand(tokens, position, end))
        and (folded(tokens[end]) not in NO_NAMES | ARTICLES or _is_amid(tokens, position, end))
    ):
        end += 1
        linked = (
            end < len(tokens) - 1
            and folded(tokens[end]) in (("de", "du", "del") if is_german else ("de", "du", "des", "del"))
            and tokens[end + 1][0].isupper()
        )
        of_office = (
            end < len(tokens) - 1 and tokens[end] in ("of", "for") and folded(tokens[end - 1]) in OFFICES and tokens[end + 1][0].isupper()
        )
        end += (linked or of_office) and folded(tokens[end + 1]) not in NO_NAMES | ARTICLES
    while (
        end < len(tokens)
        and end > position
        and folded(tokens[end]) in HEADS | STORE_WORDS
        and folded(tokens[end]) not in VERB_OF
        and not POSSESSIVE.search(tokens[end - 1])
    ):
        end += 1
    is_product = "-".join(map(folded, tokens[position : end + 1])) in THIRD_PARTIES  # Entra ID
    is_led = (
        position > 0 and end > position and folded(tokens[position - 1]) in TO | FROM | VIA | BESIDE
    )  # `to Smile ID`, not `the Customer ID`
    end += (end - position > 1 or is_product or is_led) and tokens[end : end + 1] == ["ID"]
    end += end - position > 1 and tokens[end : end + 1] == ["System"]  # `the Building Management System`
    position = next(
        (at + 1 for at in range(position, end - 1) if folded(tokens[at]) in DESCRIPTORS), position
    )  # `the Payment Provider Adyen`
    is_team = end < len(tokens) and folded(tokens[end]) in TEAMS
    if end == position or is_team or (folded(tokens[position]) in VERB_OF and position == 0):
        return None
    if end - position > 1 and end < len(tokens) and tokens[end] in OF_COMPANIES:
        end += 1
    end -= end - position > 1 and _is_of_protocol(tokens[end - 1])
    text = POSSESSIVE.sub("", " ".join(tokens[position:end]))
    if (
        re.fullmatch(r"[A-Z]{2,5}s", text)
        or text in METHODS
        or folded(text) in GENERIC | STORE_WORDS | (HEADS if is_german else frozenset())
        or all(part in NO_NAMES for part in re.split(r"[/ ]" if tokens[position].isupper() else "/", folded(text)))
    ):
        return None
    if INFRASTRUCTURE.fullmatch(text):
        return None
    is_kind = end - position > 1 and not set(map(folded, tokens[position : end - 1])) - FRAMEWORKS and tokens[end - 1].islower()
    if is_kind or ("-" in text and not set(folded(text).split("-")) - NO_NAMES - HEADS):
        return None  # `a Next.js application`, `the REST-interface`
    kind = kind_by_name(text)
    is_start = (
        position == 0
        and end == 1
        and not (HUMPS.fullmatch(text) and tokens[1:3] and folded(tokens[2] if len(tokens) > 2 else "") in ARTICLES)
    )
    if (is_start and not (len(tokens) > 1 and folded(tokens[1]) in VERB_OF)) or kind == "actor":
        return None
    return None if is_german and _is_noun(tokens, position, end, text) else Mention(position, end, text, None, kind)


def _is_noun(tokens: list[str], position: int, end: int, text: str) -> bool:
    """Of German, whether a word with a capital is a noun like any other; so is `20.000 Euro Auftragswert`, and `Seine Daten`."""
    if folded(tokens[position]) in MEASURES | OWN:
        return True
    is_headed = name_words(text)[-1] in HEADS or folded(text).endswith(("dienst", "service", "verwaltung", "planer"))
    is_short = (
        "-" in text and bool(re.fullmatch(r"[A-Z]{3,5}", last := text.rsplit("-", 1)[1])) and folded(last) not in NO_NAMES
    )  # `Konzern-ERP`
    is_named = is_headed or is_short or HUMPS.fullmatch(text) is not None or kind_by_name(text) != "component"
    is_cued = EXTERNAL_CUE.search(folded(" ".join(tokens[max(0, position - 3) : position])))
    return end - position == 1 and not is_named and not is_cued


MEASURES = words_of(
    "euro cent prozent minuten minute stunden stunde sekunden sekunde tage tagen woche wochen jahre jahren uhr tonnen kilo kilogramm meter kilometer"
)


def _is_of_brand(tokens: list[str], position: int, end: int) -> bool:
    """`through Moody's Analytics`: after a preposition, and no word for what others have."""
    before = folded(tokens[position - 1]) if position else ""
    return (
        end == position + 1 and before in TO | FROM | VIA | BESIDE and folded(tokens[end]) not in HEADS | STORE_WORDS | NO_NAMES | GENERIC
    )


def _lower(tokens: list[str], position: int) -> Mention | None:
    """`the fare engine`: an article, at most two words, and a head that components have."""
    if position == 0 or not (folded(tokens[position - 1]) in ("the", "our") or tokens[position - 1].endswith(("'s", "’s"))):
        return None
    for end in range(position + 2, min(position + 4, len(tokens) + 1)):
        window = [folded(word) for word in tokens[position:end]]
        if not all(word.isalpha() and word not in VERB_OF for word in window[:-1]) or window[0] in PEOPLE:
            return None
        if (tokens[position].isupper() and not set(window) - NO_NAMES) or not set(window[:-1]) - KINDS_OF_APPLICATION - FRAMEWORKS:
            return None  # `the REST API`, `the web application`
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


@functools.lru_cache(maxsize=4096)
def word_of(token: str) -> str:
    return folded(token.strip("`"))
