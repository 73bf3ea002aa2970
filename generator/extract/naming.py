"""Names as documents write them, and the one thing that each of them means: capitals, articles, plurals, suffixes and abbreviations aside."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator import names as spelling
from generator.extract.facts import Source
from generator.extract.third_parties import THIRD_PARTIES
from generator.extract.vocabulary import (
    BROKERS,
    ENGINES,
    GENERIC,
    HEADS,
    LINKING,
    NO_NAMES,
    PEOPLE,
    STORE_WORDS,
    folded,
    singular,
    words_of,
)

LONGEST_NAME = 60
MOST_RIVALS = 4
"""Things with one short name that are remembered: two are too many already."""
ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{1,5}s?")
ROLE = re.compile(r"(?:[\w-]+ ){0,3}(?:provider|vendor|supplier|anbieter|fournisseur|prestataire|proveedor)", re.IGNORECASE)
EVENT_ENDS = re.compile(
    r".*(?:(?:ed|Sold|Sent|Put|Taken|Given|Paid|Held|Written|Built|Broken|Drawn|Shut|Read|Thrown|Won|Known|Found|Left|Made|Bought)(?:In|Out|Up|Off|On|Down|Back|Away|Over)?|Lost|Begun|Done|Unsold|Resold|Chosen|Met|Frozen|Stolen|Due|Overdue|Gone|Come|Run|Fed|Told|Hung|Stuck|Struck|Swept|Worn|Woken|Proven|Bent|Lent|Caught|Brought|Laid|Silent|Offline|Online|Stale|Missing|Pending|Low|High|Late|Empty|Full|Ready|Available|Shaken|Stood|Unavailable|Changed|Event|Withdrawn|Undone|Sunk|Risen|Fallen|Set|Spent|Born|Bound|Upheld|Rebuilt|Hit|Cut|Split|Kept|Seen|Heard|Hidden|Forgotten|Grown|Shown|Driven|Torn|"
    r"(?:Ge|Abge|Ange|Aufge|Ausge|Einge|Zuge|Zurueckge|Umge|Vorge|Durchge|Weiterge|Freige|Festge|Bereitge|Nachge)[a-zäöüß]{2,}(?:t|en)|[A-Z][a-zäöüß]*iert|(?:Ver|Be|Er|Zu)[a-zäöüß]{3,}(?:ssen|llt|hlt|hnt|cht|ndet|tet|ft|gt)|"
    r"ausgestellt|erstellt|gebucht|storniert|bezahlt|abgeschlossen|angelegt|geaendert|geändert|entlassen|aufgenommen|verschoben|freigegeben|verschickt|gestartet|beendet|eingegangen|gemeldet|erfasst|abgesagt|geliefert|bestellt|aktualisiert|"
    r"ée?s?|ada|ado|ida|ido)$"
)
HUMPS = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ0-9]+(?:[A-ZÀ-Þ][a-zß-ÿ0-9]*)+")
DOTTED = re.compile(r"[a-z][\w-]*(?:\.[a-z][\w-]*)+(?:\.v?\d+)?")
NO_TOPIC = re.compile(
    r".*\.(?:com|org|net|io|md|ya?ml|json|py|java|js|ts|csv|html?|proto|avsc|local|internal|de|fr|es|example|xml|pdf|png|svg|sql|txt|eu)$"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A name taken apart: what it is called, its spelling in code, its abbreviations, and what else stood in brackets."""

    title: str
    code: str | None = None
    short: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@functools.lru_cache(maxsize=65536)
def written(text: str) -> Written:
    """`2.3 Fare Engine (`fare-engine`)` is Fare Engine, in code fare-engine; `Trip Planner (TP)` is TP for short."""
    text = re.sub(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[a-zA-Z][.)])\s+", "", text[:300]).strip()
    bracketed = re.findall(r"[(\[]([^()\[\]]*)[)\]]", text)
    outside = re.sub(r"[(\[][^()\[\]]*[)\]]?", " ", text)
    codes = re.findall(r"`([^`]+)`", outside)
    bare = re.sub(r"`[^`]*`", " ", outside)
    code = codes[0].strip() if codes else None
    short: list[str] = []
    before, _, after = bare.partition(":")
    if (
        ABBREVIATION.fullmatch(before.strip())
        and folded(before.strip()) not in NO_NAMES
        and after[:1] == " "
        and after.strip()[:1].isupper()
    ):
        short.append(before.strip())  # `DM: Donor Management`
        bare = after
    elif ROLE.fullmatch(before.strip()) and after.strip()[:1].isupper():
        bare = after  # `Map Provider: Terralux`
    title = re.split(r"\s[–—-]\s|:\s|:$|;|,", bare)[0]
    title = _trimmed(title)
    notes: list[str] = []
    for inside in bracketed:
        inner = inside.strip().strip("`").strip()
        if (ABBREVIATION.fullmatch(inner) or CALLED.fullmatch(inner)) and folded(inner) not in NO_NAMES:
            short.append(inner.strip(QUOTES))
        elif re.fullmatch(r"[a-z]{2,4}", inner) and _initials(title) == inner:
            short.append(inner)  # `quote service (qs)`
        elif (code is None and re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+", inner)) or (
            "`" in inside and code is None and re.fullmatch(r"[\w-]+", inner)
        ):
            code = inner
        elif inner:
            notes.append(inner)
    if not title and code:
        title = code
    return Written(title, code, tuple(short), tuple(notes))


def _initials(title: str) -> str:
    return "".join(word[0] for word in title.split() if word[0].isalpha()).lower()


QUOTES = "\"“”„»«'"
CALLED = re.compile(rf"[{QUOTES}][A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+)?[{QUOTES}]")
"""`Acme Bindery ("Acme")`."""


LEFT_OUT = words_of("and of the for und der die das des de du la le et")
"""Words of a name that its abbreviation leaves out."""


def spelled_out(text: str, short: str) -> str | None:
    """The words at the end of a text that an abbreviation stands for: each of its capitals begins one."""
    words = text.split()
    tails = (words[at:] for at in range(len(words) - 1, -1, -1) if words[at].lower() not in LEFT_OUT)
    return next((" ".join(tail) for tail in tails if _stands_for(tail, short)), None)


def _stands_for(words: Sequence[str], short: str) -> bool:
    letters = [each for word in words if word.lower() not in LEFT_OUT for each in re.split(r"[-/]", word) if each]
    if len(letters) == 1:
        return False
    initials = "".join(word[0] for word in letters).lower()
    capitals = "".join(each for each in short if each.isupper()).lower()
    own = "".join(word[0] for word in letters if word[0].isupper() or word.islower()).lower()
    return capitals in (initials, own)


def is_name(text: str) -> bool:
    """Whether a text can be the name of something: a few words, and no question."""
    parts = written(text)
    words = name_words(parts.title)
    return (
        bool(words)
        and not text.strip(" `").startswith("/")
        and len(parts.title.split()) <= 5
        and len(parts.title) <= LONGEST_NAME
        and any(each.isalpha() for each in parts.title)
        and not parts.title.endswith(("?", "!"))
    )


def _trimmed(title: str) -> str:
    words = title.strip(" \t\n.\"'“”„»«*_|–—-→").split()
    while words and folded(words[0]) in LINKING and len(words) > 1:
        words = words[1:]
    return " ".join(words)


SHORTHAND = {"svc": "service", "srv": "service", "mgmt": "management", "mgr": "manager", "gw": "gateway"}
"""Words that people shorten within names."""


@functools.lru_cache(maxsize=65536)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in any spelling, folded and in singular, without articles."""
    plain = unicodedata.normalize(
        "NFKD",
        name.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("Ä"): "Ae", ord("Ö"): "Oe", ord("Ü"): "Ue", ord("ß"): "ss"}),
    )
    plain = "".join(each for each in plain if not unicodedata.combining(each)).replace("'s ", " ").replace("’s ", " ")
    plain = re.sub(r"^([a-z]{3,})(svc|service)$", r"\1 \2", plain)
    found = tuple(SHORTHAND.get(word, word) for word in map(singular, spelling.words(plain)))
    return tuple(word for word in found if word not in LINKING) or found


@functools.lru_cache(maxsize=65536)
def core_words(name: str) -> tuple[str, ...]:
    """The words without `service` and the like, unless nothing else is left."""
    words = name_words(name)
    return tuple(word for word in words if word not in GENERIC) or words


@functools.lru_cache(maxsize=65536)
def key(name: str) -> str:
    return "".join(core_words(name))


@functools.lru_cache(maxsize=65536)
def _keys_of(name: str, kind: str) -> tuple[str, ...]:
    """What a name of this kind is found by: a component also without `service`, a store only as it is called, an event by its words."""
    if kind == "event":
        return (f"!{key(event_name(name))}",)
    strict = f"={''.join(name_words(name))}"
    return (strict, _key_of_store(name)) if kind == "store" else (key(name), strict)


def _key_of_store(name: str) -> str:
    return f"${''.join(name_words(name))}"


def slug(name: str, *, splits: bool = False) -> str:
    """As the contract spells names of components, third parties and stores; `splits`: TripPlanner is trip-planner, a brand such as PayLane is not split."""
    plain = unicodedata.normalize(
        "NFKD",
        name.translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("Ä"): "Ae", ord("Ö"): "Oe", ord("Ü"): "Ue", ord("ß"): "ss"}),
    )
    plain = re.sub(r"['’](?=s\b)", "", "".join(each for each in plain if not unicodedata.combining(each)))
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "-", plain) if splits and "-" not in plain and " " not in plain else plain
    text = re.sub(r"^[0-9-]+", "", "-".join(re.findall(r"[a-z0-9]+", plain.lower())))[:62].strip("-")
    return text or "unnamed"


@functools.lru_cache(maxsize=65536)
def event_name(name: str) -> str:
    """As the contract spells events: `trip.booked.v1`, `trip-booked` and `trip booked` are TripBooked."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name.replace("ß", "ss")) if not unicodedata.combining(each))
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", plain) if part and not re.fullmatch(r"v\d+", part)]
    if len(parts) > 1 and all(part.isupper() for part in parts):
        parts = [part.lower() for part in parts]  # `ORDER_PLACED`
    text = "".join(part[:1].upper() + part[1:] for part in parts)
    text = re.sub(r"(?<=[a-z])Event$", "", text)
    return re.sub(r"^[0-9]+", "", text)[:99] or "Unnamed"


@functools.lru_cache(maxsize=65536)
def looks_like_event(name: str) -> bool:
    """OrderPlaced, `trip.booked`: a word in capitals within, ending as what has happened, or a dotted address."""
    return bool((HUMPS.fullmatch(name) and EVENT_ENDS.match(name) and not name.endswith(NO_PARTICIPLES)) or is_topic(name))


NO_PARTICIPLES = ("Deed", "Feed", "Seed", "Need", "Speed", "Bed", "Shed")


def is_topic(name: str) -> bool:
    return bool(DOTTED.fullmatch(name) and not NO_TOPIC.match(name))


@functools.lru_cache(maxsize=65536)
def engine_of(text: str) -> str | None:
    """The engine that a text names, with or without a version: `PostgreSQL 16`, `a Redis 7 cluster`."""
    whole = folded(text).strip(" ,;()`")
    if len(whole) > 60:
        return None
    whole = re.sub(r"[- ](?:compatible|kompatibler?|kompatibles)\b.*$", "", whole)
    bare = re.sub(r"^(?:base de donnees|base de datos|base|datenbank|cluster|an?|the|own)\s+", "", whole)
    bare = re.sub(
        r"[\s-]+(?:cluster|database|databases|db|bucket|instance|datenbank|cache|index|table|collection|keyspace|file|datei|v?\d[\d.]*)(?=$|\s)",
        "",
        bare,
    )
    return ENGINES.get(whole) or ENGINES.get(bare) or ENGINES.get(re.sub(r"\s*v?\d[\d.]*$", "", bare))


def engine_in(text: str) -> str | None:
    """The first engine that a remark names in one word: `(PostgreSQL, 400 GB)`."""
    return next((found for part in re.split(r"[(),;:]|\s", text) if (found := engine_of(part.strip()))), None)


@functools.lru_cache(maxsize=65536)
def broker_of(text: str) -> str | None:
    """What the contract calls a broker; empty for one that it does not know, None for what is none."""
    words = re.sub(r"[\d.]+\s*$", "", folded(text).replace("-", " ")).strip(" ,;()`")
    words = (
        re.sub(r"^(?:the|der|den|le|el|apache)\s+", "", words)
        .removesuffix(" cluster")
        .removesuffix(" broker")
        .removesuffix(" exchange")
        .removesuffix(" bus")
        .strip()
        or words
    )
    return BROKERS.get(words, BROKERS.get(folded(text).strip(" `")))


def _is_titled(name: str, words: tuple[str, ...]) -> bool:
    """`Dome Driver` in capitals may be a part of a system, `Box Office Clerk` is not."""
    last = name.rsplit(maxsplit=1)[-1] if name.split() else ""
    return len(words) > 1 and words[-1] in TITLED_PARTS and (last[:1].isupper() or words[-1] == "manager")


TITLED_PARTS = frozenset({"manager", "dispatcher", "supervisor", "driver", "agent", "operator", "client", "conductor"})


@functools.lru_cache(maxsize=65536)
def kind_by_name(name: str) -> str:
    """What a name alone suggests."""
    words = name_words(name)
    if folded(name).endswith("-like"):
        return "actor"  # `a Terralux-like service`: none of this name
    if broker_of(name) is not None:
        return "broker"
    if engine_of(name):
        return "store"
    if HUMPS.fullmatch(name) and looks_like_event(name):
        return "event"  # VisaGranted is none of Visa's
    if {"-".join(words), folded(name).replace(" ", "-")} & THIRD_PARTIES or (
        words and words[0] in THIRD_PARTIES and not set(words[1:]) & (HEADS - {"api"})
    ):
        return "external"
    if looks_like_event(name):
        return "event"
    if words and (
        words[-1] in STORE_WORDS
        or (words[-1].endswith(("datenbank", "-db", "db")) and len(words[-1]) > 2 and not name.isupper())
        or words[:1] == ("base",)
    ):
        return "store"
    is_code = len(words) > 1 and bool(re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)+", name))
    if words and (words[-1] in PEOPLE or words[0] == "person") and not _is_titled(name, words) and not is_code:
        return "actor"
    return "component"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A name that a document uses for something, and how much that says about what it is."""

    text: str
    kind: str
    weight: int
    source: Source
    others: tuple[str, ...] = ()
    is_former: bool = False
    """The others are what it was called before: it is found by them, and never called so."""


@dataclass(slots=True)
class Entity:
    """One thing that has a name: how the contract spells it, what it is, and where it was seen."""

    name: str
    title: str
    kind: str
    sources: list[Source] = field(default_factory=list)
    words: tuple[str, ...] = ()
    doubtful: tuple[Sighting, ...] = ()
    weight: int = 0


class Names:
    """All names of the documents; finds what a text means."""

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        self.entities: list[Entity] = []
        self.by_key: dict[str, Entity] = {}
        self.short: dict[str, list[Entity]] = defaultdict(list)
        self.ends: dict[tuple[str, ...], list[Entity]] = defaultdict(list)
        self.starts: dict[tuple[str, ...], list[Entity]] = defaultdict(list)
        self.initials: dict[str, list[Entity]] = defaultdict(list)
        self.ambiguous: dict[str, tuple[Entity, ...]] = {}
        self.read: dict[Any, tuple[Any, ...]] = {}
        """What rows of words were found to name."""
        for group in _shortened(_groups(sorted(sightings, key=lambda each: (each.source, each.text, each.kind)))):
            self._add(group)
        self.beginnings = self._beginnings()

    def _beginnings(self) -> frozenset[str]:
        """All that the first word of a name, or of a part of one, can be."""
        whole = {found.lstrip("=!$") for found in self.by_key}
        found = {each[:end] for each in whole for end in range(1, len(each) + 1)}
        found |= {word for entity in self.entities for name in (entity.title, entity.name) for word in name_words(name)}
        found |= {word for index in (self.ends, self.starts) for words in index for word in words}
        return frozenset(found | {word for short in self.short for word in name_words(short)})

    def may_begin(self, word: str) -> bool:
        """Whether a name can begin with a word at all: most words of a text cannot, and need not be looked at in every length."""
        words = name_words(word)
        is_plain = bool(words) and word.isascii() and not word.isupper() and words[0] not in GENERIC | LINKING
        return not is_plain or words[0] in self.beginnings

    def _add(self, group: list[Sighting]) -> None:
        entity = _entity_of(group)
        self.entities.append(entity)
        is_event = entity.kind == "event"
        for sighting in group:
            for text in (*_spellings(sighting), entity.name):
                for each in _keys_of(text, entity.kind):
                    self.by_key.setdefault(each, entity)
            for short in written(sighting.text).short:
                self._note(self.short, short.lower(), entity)
        if is_event:
            return
        others = {core_words(other) for sighting in group if sighting.is_former for other in sighting.others}
        for words in {core_words(entity.title), core_words(entity.name), *others}:
            for cut in range(1, len(words)):
                self._note(self.ends, words[cut:], entity)
                self._note(self.starts, words[:cut], entity)
        for words in {name_words(entity.title), name_words(entity.name)}:
            if len(words) > 1:
                self._note(self.initials, "".join(word[0] for word in words), entity)

    @staticmethod
    def _note(
        index: dict[object, list[Entity]] | dict[str, list[Entity]] | dict[tuple[str, ...], list[Entity]], at: object, entity: Entity
    ) -> None:
        held = index[at]  # type: ignore[index]  # each index has keys of its own kind
        if len(held) < MOST_RIVALS and not any(each is entity for each in held):
            held.append(entity)

    def find(self, text: str, *, event: bool | None = None, loosely: bool = False, store: bool = False) -> Entity | None:
        """What a text means; `loosely` also by a part of the name or its initials, when only one thing has them; `store`: rather a store than another."""
        if len(text) > 200:
            return None
        parts = written(text)
        for name in (parts.code, parts.title, *parts.short):
            found = self._exactly(name, event, store=store) if name else None
            if found:
                return found
        return self.partly(parts.title or text) if loosely and event is not True and len(parts.title) <= LONGEST_NAME else None

    def kept(self, name: str) -> Entity | None:
        """The store that is called so in code, even where a component has the same name."""
        return self.by_key.get(_key_of_store(name))

    def _exactly(self, name: str, event: bool | None, *, store: bool) -> Entity | None:
        keys = () if event is True else _keys_of(name, "component")
        keys = (*(keys[1:] if store else keys), *(_keys_of(name, "event") if event is not False else ()))
        keys = (_key_of_store(name), *keys) if store else keys
        known = next((self.by_key[each] for each in keys if each in self.by_key), None)
        if known is not None or event is True:
            return known
        found = self.short.get(name.lower(), [])
        if len(found) > 1:
            self.ambiguous[name] = tuple(found)
        return found[0] if len(found) == 1 else None

    def partly(self, name: str) -> Entity | None:
        """The one thing whose name begins or ends with this, or has it as its initials."""
        words = core_words(name)
        found = self.ends.get(words) or self.starts.get(words) if words and len("".join(words)) > (2 if name.isupper() else 3) else None
        if not found and ABBREVIATION.fullmatch(name) and folded(name) not in NO_NAMES:
            found = self.initials.get(name.lower())
        if found and len(found) > 1:
            self.ambiguous[name] = tuple(found)
        return found[0] if found and len(found) == 1 else None

    def of_kind(self, *kinds: str) -> list[Entity]:
        return [each for each in self.entities if each.kind in kinds]


def _spellings(sighting: Sighting) -> tuple[str, ...]:
    parts = written(sighting.text)
    product = OF_VENDOR.match(parts.title) if sighting.kind == "external" else None
    return tuple(each for each in (parts.title, parts.code, *sighting.others, product[1] if product else "") if each and key(each))


OF_VENDOR = re.compile(r"(?:Microsoft|Google|Apple) ([A-ZÀ-Þ].+)")
"""`Microsoft Entra ID` is Entra ID."""


def _groups(sightings: list[Sighting]) -> list[list[Sighting]]:
    """Sightings that share a spelling are of one thing; events are never the same as what has a name like theirs."""
    leader: dict[object, object] = {}

    def root(at: object) -> object:
        while leader.setdefault(at, at) != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for sighting in sightings:
        keys = [each for text in _spellings(sighting) for each in _keys_of(text, sighting.kind)]
        for each in keys[1:]:
            leader[root(each)] = root(keys[0])
    groups: dict[object, list[Sighting]] = {}
    for sighting in sightings:
        spellings = _spellings(sighting)
        if spellings:
            groups.setdefault(root(_keys_of(spellings[0], sighting.kind)[0]), []).append(sighting)
    return [part for group in groups.values() for part in _apart(group)]


def _apart(group: list[Sighting]) -> list[list[Sighting]]:
    """The Plant Desk, and `plantdesk` that it keeps its data in."""
    is_component = any(each.kind == "component" and each.weight >= CERTAIN and " " in written(each.text).title for each in group)
    stores = [each for each in group if each.kind == "store" and each.weight >= CERTAIN and each.text.startswith("`")]
    others = [each for each in group if each not in stores and each.kind != "store"]
    return [others, stores] if is_component and stores else [group]


CUED = 1
"""Weight of a name that nothing but its looks tells."""
CERTAIN = 4
"""Weight of a sighting that is no hint only."""


def _shortened(groups: list[list[Sighting]]) -> list[list[Sighting]]:
    """`the Planner` is the Trip Planner that was spoken of before, and TP what has it in brackets or as its initials, when there is no other one."""
    by_end: dict[str, list[list[Sighting]]] = defaultdict(list)
    by_short: dict[str, list[list[Sighting]]] = defaultdict(list)
    for group in groups:
        words = core_words(written(group[0].text).title)
        all_words = name_words(written(group[0].text).title)
        if len(all_words) > 1 and any(each.kind in ("component", "external") for each in group):
            by_short["".join(word[0] for word in all_words)].append(group)
            if len(words) > 1:
                by_end[words[-1]].append(group)
        for short in {short.lower() for each in group for short in written(each.text).short}:
            by_short[short] = [*(each for each in by_short[short][:MOST_RIVALS] if each is not group), group]
    kept = []
    for group in groups:
        whole = _longer_of(group, by_end, by_short)
        if whole is None:
            kept.append(group)
        else:
            whole += [Sighting(whole[0].text, each.kind, each.weight, each.source, (written(each.text).title,)) for each in group]
    return kept


def _longer_of(
    group: list[Sighting], by_end: Mapping[str, list[list[Sighting]]], by_short: Mapping[str, list[list[Sighting]]]
) -> list[Sighting] | None:
    """The one group whose name this one cuts short."""
    title = written(group[0].text).title
    words = core_words(title)
    parts = CUT.findall(title)
    if len(parts) > 1 and "".join(parts) == title and all(each.weight <= 3 for each in group):
        cut = [one for several in by_end.values() for one in several if _is_cut(parts, one)]
        return cut[0] if len(cut) == 1 and cut[0] is not group else None
    if len(words) != 1 or any((each.weight > 3 and not ABBREVIATION.fullmatch(title)) or each.weight > 6 for each in group):
        return None
    longer = by_end.get(words[0], [])
    if len(longer) > 1 and title[:1].isupper():  # `the Planner`, beside a journey planner of others, is the Programme Planner
        longer = [each for each in longer if written(each[0].text).title.istitle()] or longer
    is_faint = (
        all(each.weight <= 3 for each in group)
        and len(longer) == 1
        and any(each.weight >= 5 and each.kind == "component" for each in longer[0])
    )
    by_words = longer if words[0] in HEADS or is_faint else []
    found = by_short.get(title.lower(), []) or ([] if ABBREVIATION.fullmatch(title) else by_words)
    return found[0] if len(found) == 1 and found[0] is not group else None


CUT = re.compile(r"[A-Z][a-z]{1,5}")


def _is_cut(parts: Sequence[str], group: Sequence[Sighting]) -> bool:
    """`CondMon` of the Condition Monitor."""
    words = written(group[0].text).title.split()
    return 1 < len(words) == len(parts) and all(
        word.lower().startswith(part.lower()) and len(word) > len(part) for part, word in zip(parts, words, strict=True)
    )


def _entity_of(group: list[Sighting]) -> Entity:
    votes: Counter[str] = Counter()
    strongest: dict[str, int] = {}
    for sighting in group:
        strongest[sighting.kind] = max(strongest.get(sighting.kind, 0), sighting.weight)
        votes[sighting.kind] += sighting.weight
    kind = max(sorted(votes), key=lambda each: (strongest[each], votes[each]))
    best = [sighting for sighting in group if sighting.kind == kind]
    code = next((code for sighting in sorted(best, key=lambda each: -each.weight) for code in _codes(sighting)), None)
    former = {name_words(other) for sighting in group if sighting.is_former for other in sighting.others}
    titles = Counter(title for title, _ in {(written(sighting.text).title, sighting.source) for sighting in best})
    titles.update(other for sighting in best for other in sighting.others if " " in other)
    titles = Counter({each: number for each, number in titles.items() if name_words(each) not in former}) or titles
    title = (
        max(
            sorted(titles),
            key=lambda each: (
                each != code,
                " " in each or each[:1].isupper(),
                _is_tidy(each),
                not SHORTENED.search(each),
                titles[each],
                not re.search(r" (?:service|component|module)$", each),
                len(each),
            ),
        )
        if titles
        else best[0].text
    )
    if kind == "external":
        title = next(
            (each for each in sorted(titles) if each.endswith(f" {title}") and is_name(each) and each[:1].isupper()), title
        )  # `Microsoft Entra ID`
        is_whole = any("".join(word[0] for word in title.split()).upper() == other for sighting in best for other in sighting.others)
        is_whole = is_whole or title.lower().endswith(("mail server", "smtp server"))
        is_whole = is_whole or bool(WHOLE_SYSTEM.fullmatch(title))
        title = title if is_whole else re.sub(r"(?<=\w) (?:service|system|api|platform|server)$", "", title) or title
    if strongest[kind] < HEADED:
        title = re.sub(r"^([A-ZÀ-Þ]\S* (?:\S+ )*?[A-ZÀ-Þ]\S*) (?:service|component|module)$", r"\1", title)  # `the Weather Mast service`
    name = _event_name_of(best) if kind == "event" else slug(code or title, splits=kind == "component")
    rivals = tuple(
        sighting
        for sighting in group
        if sighting.kind != kind and sighting.weight >= 4 and sighting.kind != "actor" and strongest[kind] >= 4
    )
    return Entity(name, title, kind, sorted({each.source for each in best}), core_words(title), rivals, strongest[kind])


WHOLE_SYSTEM = re.compile(r"[a-z-]+ [a-z -]+ system")
"""`the lamp room system` is called so, `the Acme system` is Acme."""
LISTED, HEADED = 6, 8
"""Weights of names that a list has, and that are headings."""
SHORTENED = re.compile(rf"(?i)\b(?:{'|'.join(SHORTHAND)})$|(?:svc|srv)$")


def _is_tidy(title: str) -> bool:
    """Neither in capitals throughout nor in lower case nor cut short."""
    is_cut = SHORTENED.search(title) or re.fullmatch(r"[A-Z][a-z]?[A-Z][A-Za-z]?", title)
    return not title.isupper() and title[:1].isupper() and not is_cut


def _codes(sighting: Sighting) -> list[str]:
    codes = [written(sighting.text).code, *(other for other in sighting.others if " " not in other), written(sighting.text).title]
    return [code for code in codes if code and re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+", code)] + [
        code for code in [written(sighting.text).code] if code and re.fullmatch(r"[a-z][a-z0-9]+", code)
    ]


def _event_name_of(group: list[Sighting]) -> str:
    texts = [written(sighting.text).code or written(sighting.text).title for sighting in group]
    return event_name(next((text for text in texts if HUMPS.fullmatch(text)), texts[0]))
