"""What labels and cells state about their subject, one small function for each concept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from generator.extract.blocks import sentences
from generator.extract.described import described_stores, kept_name
from generator.extract.entries import event_texts, store_texts
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Page
from generator.extract.mentions import Reader, is_hypothetical, mentions, tokens_of
from generator.extract.naming import (
    LONGEST_NAME,
    Entity,
    core_words,
    engine_in,
    engine_of,
    is_topic,
    kind_by_name,
    looks_like_event,
    name_words,
    written,
)
from generator.extract.outline import EXTERNAL_MARK
from generator.extract.rewording import is_event_name
from generator.extract.tidied import SPOKEN, tidied_calls, tidied_stores
from generator.extract.values import OPERATION, Piece, pieces, proper_name, protocol, protocols, split_list, without_article
from generator.extract.vocabulary import (
    BY,
    EXTERNAL_CUE,
    HEADS,
    NO_NAMES,
    STORE_WORDS,
    VERB_OF,
    folded,
    words_of,
)


def _calls(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _each_called(text, subject, source, page, forward=True)


def _called_by(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind == "store":
        return _users(text, subject, source, page, "touches")
    if subject.kind == "event":
        return _consumers(text, subject, source, page)
    return _each_called(text, subject, source, page, forward=False)


INBOUND = re.compile(
    r"\b(?:push|pushes|posts?|sends?|delivers?|calls?|reports?)\b[^.;]{0,60}\b(?:its|our|the) (?:webhook|endpoint|interface|API)\b|\bcalls (?:us|it) back\b"
)
"""`A, who rent us the loggers, push readings to its webhook`, among those that are called."""


def _each_called(text: str, subject: Entity, source: Source, page: Page, *, forward: bool) -> bool:
    done = False
    is_inbound = forward and bool(INBOUND.search(text))
    for piece, entity in _resolved(tidied_calls(text) if forward else text, page, source, create=forward):
        if entity is None or entity is subject:
            continue
        done = True
        is_told = not forward and entity.kind == "external" and protocol(piece.rest) is None and protocols(text) == ["http"]
        details = text if is_inbound or is_told else piece.rest
        if entity.kind in CALLABLE and (forward or entity.kind == "component" or protocol(details) == "http"):
            names = (subject.name, entity.name) if forward and not is_inbound else (entity.name, subject.name)
            call(names, details, source, page)
        elif entity.kind == "store" and forward:
            page.findings.state(Fact("touches", (subject.name, entity.name), source))
        elif entity.kind == "event" and forward:
            page.findings.state(Fact("consumes", (subject.name, entity.name), source, confidence=Confidence.LIKELY))
    return done


def call(
    names: tuple[str, str],
    details: str,
    source: Source,
    page: Page,
    confidence: Confidence = Confidence.SURE,
    authority: Authority = Authority.TABLE,
) -> None:
    """A call, or a message without a name when the details say that it is asynchronous."""
    if is_hypothetical(details[:60]):
        return
    found = protocol(details)
    kind = "message" if found == "async" else "call"
    values = {
        key: value for key, value in (("protocol", found if kind == "call" else None), ("details", details.strip(" ():,–-"))) if value
    }
    page.findings.state(Fact(kind, names, source, values, confidence, authority))


def _resolved(
    text: str, page: Page, source: Source, *, create: bool, spoken: bool = False, kind: str | None = None
) -> Iterator[tuple[Piece, Entity | None]]:
    """The entries of a line and what they mean; a new short name is taken for what it looks like, unless it follows a colon; `spoken`: where it is said how to speak to it."""
    after_colon = False
    for piece in _clean_pieces(text, page):
        if page.is_system(piece.head) or _is_clause(piece.head, page):
            continue
        said = piece
        piece = _of_whose(piece)  # noqa: PLW2901 - `Terralux's HTTPS API` is Terralux
        entity = page.names.find(piece.head, event=False, loosely=True) if piece.head else None
        if (
            entity
            and piece.head.islower()
            and "`" not in piece.head
            and name_words(piece.head) not in (name_words(entity.title), name_words(entity.name))
            and not (entity.title.islower() and core_words(piece.head) == core_words(entity.title))
            and all(each is not entity for each in page.names.short.get(piece.head, ()))
        ):
            continue
        apposed = _apposed(piece.head, page) if entity is None else None
        if apposed:
            yield Piece(piece.head, f"{piece.head} {piece.rest}".strip()), apposed
            continue
        if entity is None and after_colon and not SPOKEN_ALONE.fullmatch(piece.rest):
            continue  # `Ledger: getEntry, getBalance`, and not `Ledger: REST; Scale: TCP`
        after_colon = piece.rest.startswith(":") or "):" in piece.rest or (after_colon and entity is None)
        is_spoken = spoken and protocol(piece.rest) not in (None, "async")
        if entity is None and (create or is_spoken or EXTERNAL_MARK.search(f"({piece.rest.strip('() ')})")):
            is_theirs = said is not piece and page.has_inventory
            entity = _created(piece, page, source, "external" if is_theirs else kind)
        if entity is not None:
            is_told_by_name = protocol(piece.rest) is None and protocol(said.head) not in (None, "async")  # `Acme REST API, for ages`
            yield Piece(piece.head, f"{said.head} {piece.rest}") if is_told_by_name else piece, entity
            continue
        whole = f"{piece.head} {piece.rest}"
        for mention in mentions(tokens_of(whole), Reader(page.names, may_find=False), loosely=True):
            if mention.entity and mention.before not in ("over", "via", "through", "using", "for", "ueber", "by"):
                yield Piece(mention.text, whole), mention.entity


SPOKEN_ALONE = re.compile(rf": {SPOKEN}")


def _is_clause(head: str, page: Page) -> bool:
    """`Aufträge gehen als Nachrichten hinaus`, after a semicolon: what is said of the entry before."""
    words = head.split()
    is_told = len(words) > 2 and words[0][:1].isupper() and words[1].islower() and (folded(words[1]) in VERB_OF or words[1] in ARE_OR_GO)
    return is_told and page.names.find(words[0], event=False) is None


ARE_OR_GO = words_of("laufen läuft werden wird gehen geht kommen kommt sind ist is are go goes run runs come comes sont est passe passent")


WHOSE = re.compile(r"(?P<name>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})['’]s? (?P<door>(?:[\w/-]+ )?(?:API|interface|endpoint|web service))$")


DOOR_OF = re.compile(
    r"(?:the |its |die |das |den |l['’]|la |le )?(?P<door>(?:(?:REST|HTTPS?|SOAP|JSON|gRPC|GraphQL|SFTP|SMTP|TCP|public|internal|partner|[a-z]+)[ /-]){0,2}(?:APIs?|interface|endpoint|web ?service|webservice|socket|server|serveur|Schnittstelle|Endpunkt|Server)(?: (?:REST|HTTPS?|SOAP|SFTP|web))?)"
    r" (?:of|by|from|offered by|provided by|des|der|von|vom|de l['’]|de la|du|de|d['’]|del|della|di) ?(?:the |our |dem |der )?(?P<name>[A-ZÀ-Þ`].*)"
)
"""`REST API of the Ledger`, `REST-API des Archivs`, `API REST du Registre`."""


def _of_whose(piece: Piece) -> Piece:
    found = WHOSE.match(piece.head) or (DOOR_OF.fullmatch(piece.head) if protocol(piece.head) not in (None, "async") else None)
    return Piece(found["name"], f"({found['door']}) {piece.rest}") if found else piece


def _apposed(head: str, page: Page) -> Entity | None:
    """`SMS gateway Norfone` is Norfone."""
    tokens = tokens_of(head)
    found = mentions(tokens, Reader(page.names, may_find=False)) if 1 < len(tokens) < 7 else []
    if len(found) == 1 and found[0].entity and found[0].entity.kind in ("external", "component", "store") and found[0].end == len(tokens):
        before = name_words(" ".join(tokens[: found[0].start])) if found[0].start else ()
        return found[0].entity if before and (before[-1] in HEADS | STORE_WORDS or tokens[found[0].start - 1].islower()) else None
    return None


ALL = re.compile(r"[(,]\s*(?:all|each|both|alle|beide|jeweils|tous|todos)\b[^(),;]*(?:\)|(?=$|[;.]))", re.IGNORECASE)
"""`A, B and C (all gRPC)`, `A and B, both by REST`."""
CAPITALS = re.compile(r"(?:[A-Z0-9][A-Z0-9/.-]*\s)*[A-Z0-9][A-Z0-9/.-]*")
REMARK = re.compile(
    r"(?:by|over|via|per|using|through|with|every|each|all|once|twice|in|on|at|über|mit|jede[nrsm]?|par|chaque|por|cada|an?|the|der|die|das|ein|eine|le|la|un|une)\s",
    re.IGNORECASE,
)


def _clean_pieces(text: str, page: Page) -> Iterator[Piece]:
    """The entries of a list; what follows a name after a comma and is no name itself is said of that: `SentiLab, the institute's drop box, SFTP, nightly`."""
    for part in split_list(text, ";•|"):
        common = found[0] if (found := ALL.search(part) or ALL.search(text)) and protocol(found[0]) else ""
        merged: list[str] = []
        for each in split_list(part.replace(common, "") if common.startswith(",") else part, ","):
            if merged and _is_remark(each, page):
                merged[-1] += f" ({each.strip()})"
            else:
                merged.append(each)
        for each in merged:
            for piece in _named_pieces(NOT_BY.sub("", each), page):
                yield Piece(piece.head, piece.rest if protocol(piece.rest) else f"{piece.rest} {common}".strip())


NOT_BY = re.compile(r",? ?(?:and |but )?(?:not|never|nicht|pas) (?:by way of|through|via|over|by|ueber|über|par)\b.*")
"""`A and B, directly and not by way of C`."""


LONGEST_PROTOCOL = 3
SPOKEN_WORDS = words_of("modbus opc plain classic secure mutual")
"""What the name of a protocol may begin with: `Quay Scales, Modbus TCP`."""


def _is_remark(text: str, page: Page) -> bool:
    text = text.strip()
    head = re.split(r"\s*[(\[]|\s(?:over|via|by)\s", text, maxsplit=1)[0]
    if not head or page.names.find(without_article(head), event=False):
        return False
    if re.fullmatch(rf"`[a-z][a-z0-9-]*` \({SPOKEN}\)", text):
        return False
    if "`" in text:  # `Scheduling Service, `QuerySlots` over gRPC`
        return protocol(text) not in (None, "async") and not any(page.names.find(each) for each in re.findall(r"`([^`]+)`", text))
    if len(head.split()) <= LONGEST_PROTOCOL and protocols(head) not in ([], ["async"]) and not _has_name(text, page):
        return True  # `…, GraphQL`
    is_spoken = (bool(CAPITALS.fullmatch(head)) or (len(head.split()) <= 2 and head.split()[0].lower() in SPOKEN_WORDS)) and bool(
        protocol(head) or (protocol(text) and re.search(r"\s(?:over|via|by)\s", text))
    )
    return is_spoken or (
        (text[0].islower() or bool(REMARK.match(text))) and not re.match(r"(?:and|und|et|y)\b", text) and not _has_name(text, page)
    )


def _has_name(text: str, page: Page) -> bool:
    return any(each.entity for each in mentions(tokens_of(text), Reader(page.names, may_find=False)))


JOINT = re.compile(r"\s(?:and|und|et|y|&)\s")


def _named_pieces(text: str, page: Page) -> Iterator[Piece]:
    for piece in pieces(text, {entity.title for entity in page.names.entities if JOINT.search(entity.title)}):
        head = re.sub(
            r"^(?:calls?|uses?|reads?|the|ruft|nutzt|von|vom|appelle|from|to|optionally|also|only)\s+", "", piece.head, flags=re.IGNORECASE
        )
        yield Piece(head, piece.rest)


RELAY = re.compile(r"(?:[Tt]he |[Oo]ur )?(?:[\w-]+['’]s )?((?:e-?mail|mail|smtp|sms|fax|print) (?:relay|gateway|server|hub))")
"""What everybody has and nobody gives a name."""


OF_WHOM = re.compile(r"(?<=\w) of (?:the|our|its) [A-ZÀ-Þ\w][\w ]*$")
"""`Acme Portal of the Ministry`."""


MAIL_OF = re.compile(r"^(?:the )?[\w ]+['’]s? (?=(?:mail|e-mail|SMTP) (?:server|relay|gateway)$)", re.IGNORECASE)
"""`the Directorate's mail relay`."""


def _without_owner(piece: Piece) -> str | None:
    """What everybody has and nobody gives a name, where it is said how to speak to it or whose it is."""
    is_spoken = piece.rest.startswith("(") and protocol(piece.rest) not in (None, "async")
    if is_spoken and (relay := RELAY.fullmatch(piece.head)):
        return relay[1]
    whose = MAIL_OF.match(piece.head)
    return piece.head[whose.end() :] if whose else None


def _created(piece: Piece, page: Page, source: Source, kind: str | None) -> Entity | None:
    """A name that only this line knows."""
    if name := _without_owner(piece):
        page.findings.see(name, "external", 3, source)
        return Entity(name, name, "external")
    described = proper_name(piece.head) if not piece.head.startswith("`") else None
    piece = Piece(described or OF_WHOM.sub("", piece.head), piece.rest)
    title = written(piece.head).title
    words = name_words(title) if title else ()
    is_code = piece.head.startswith("`")
    if (
        not words
        or len(title.split()) > 4
        or len(title) > LONGEST_NAME
        or not (any(each.isupper() for each in title.split()[0]) or is_code or "-" in title or kind_by_name(title) == "external")
        or (folded(title) in NO_NAMES and kind_by_name(title) != "external")
        or (folded(title.split()[0]) in NO_NAMES and title.split()[1:] and title.partition(" ")[2].islower())
        or page.is_system(title)
    ):
        return None
    if (is_code and not re.fullmatch(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*|[A-Z][\w -]*", title)) or OPERATION.search(piece.head):
        return None
    looks = kind or kind_by_name(title)
    if looks in ("actor", "broker", "event") or (
        is_event_name(title) and len(words) > 1 and looks == "component" and page.names.find(title, event=True)
    ):
        return None
    if looks == "component" and (EXTERNAL_CUE.search(folded(piece.rest)) or EXTERNAL_MARK.search(f"{piece.head} {piece.rest}")):
        looks = "external"
    if is_hypothetical(piece.rest[:60]):
        return None
    page.findings.see(piece.head, looks, 3, source)
    return Entity(title, title, looks)


def _uses(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _called_by(text, subject, source, page) if subject.kind in ("store",) else _each_used(text, subject, source, page, weak=False)


def _depends(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return _each_used(text, subject, source, page, weak=True)


def _each_used(text: str, subject: Entity, source: Source, page: Page, *, weak: bool) -> bool:
    """Dependencies: a call when nothing else says what goes on between the two."""
    done = False
    for piece, entity in _resolved(tidied_calls(text), page, source, create=not weak, spoken=weak):
        if entity is None or entity is subject:
            continue
        done = True
        if entity.kind in CALLABLE:
            if weak and not protocol(piece.rest):
                page.findings.state(Fact("depends", (subject.name, entity.name), source, {"details": piece.rest}, Confidence.GUESS))
            else:
                call((subject.name, entity.name), piece.rest, source, page, Confidence.LIKELY)
        elif entity.kind == "store":
            page.findings.state(
                Fact("touches", (subject.name, entity.name), source, confidence=Confidence.GUESS if weak else Confidence.LIKELY)
            )
        elif entity.kind == "event":
            page.findings.state(Fact("consumes", (subject.name, entity.name), source, confidence=Confidence.GUESS))
    return done


def _publishes(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind not in CALLABLE:
        return False
    return _each_event(text, subject, source, page, "publishes")


def _consumes(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind != "component":
        return False
    return _each_event(text, subject, source, page, "consumes")


TAKEN_BY = re.compile(
    r"\b(?:taken|consumed|read|used|heard|received|listened to|picked) (?:up )?by\b"
    r"|\b(?:recue?s?|consommee?s?|lue?s?|ecoutee?s?|traitee?s?) par\b|\b(?:recibid|consumid|leid|escuchad)[oa]s? por\b|\b(?:empfangen|konsumiert|gelesen|gehoert|verarbeitet) (?:von|vom|durch)\b|\b(?:von|vom) .{2,80} (?:empfangen|konsumiert|gelesen|gehoert|verarbeitet)\b"
)


AND_ANOTHER = re.compile(r"(?<=\)) (?:and|und|et|y) (?=`)")
"""``x.done` (from A) and `y.done` (from B)`: each with its own remark."""


SINCE = re.compile(r"\s*(?:once|when|whenever|after|as soon as|because|since|if|so that|which|where|to)\b")
"""`X, once TrackFleet has confirmed`: what is said of the event before."""


OF_TOPIC = re.compile(
    r"(?<=`) \((?:on |auf |sur )?(?:(?:kafka|the) )?(?:topic|subject|stream|channel|queue|routing key|exchange)s?:? `[^`]*`\)",
    re.IGNORECASE,
)
"""``OrderPlaced` (topic `shop.orders.v1`)`: what it is sent on."""


def _is_queue(name: str, said: str) -> bool:
    """`on the `readings` queue`: where something goes, and no event."""
    return bool(re.search(rf"`{re.escape(name)}` queue\b", said)) and "." not in name and name.islower()


def _each_event(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    """The events of a list; where it says of one who hears it, or who tells it, that as well."""
    done = False
    is_marked = bool(re.search(r"`|\b[A-Z][a-z0-9]+[A-Z]\w*", text))
    told = [sentence for at, (_, sentence) in enumerate(sentences(text)) if at == 0 or not is_hypothetical(sentence)]
    clauses = [part for clause in split_list(" ".join(told), ";,") for part in AND_ANOTHER.split(clause)]
    for clause in clauses:
        said, _, ends = clause.partition("→")
        if is_hypothetical(clause) or (is_marked and not re.search(r"`|\b[A-Z][a-z0-9]+[A-Z]\w*|\w\.\w", said)):
            continue
        said = OF_TOPIC.sub("", said)
        found = [
            each
            for each in event_texts(said, page.names)
            if not (_is_queue(each, said) or (SINCE.match(said) and not looks_like_event(each)))
        ]
        for event in found:
            page.findings.see(event, "event", 5, source)
            page.findings.state(Fact(kind, (subject.name, event), source, {"topic": event} if is_topic(event) else {}))
            done = True
        for other, hears in _of_others(said, ends, subject, page, kind) if found else ():
            for event in found:
                page.findings.state(Fact("consumes" if hears else "publishes", (other.name, event), source, confidence=Confidence.LIKELY))
    return done


def _of_others(said: str, ends: str, subject: Entity, page: Page, kind: str) -> Iterator[tuple[Entity, bool]]:
    """Components that an entry of a list of events names beside: `X (to A)`, `X (from B)`, `X → C`; and whether each hears it."""
    for mention in mentions(tokens_of(ends), Reader(page.names, may_find=False), loosely=True) if kind == "publishes" else ():
        if mention.entity and mention.kind == "component" and mention.entity is not subject:
            yield mention.entity, True
    is_taken = bool(TAKEN_BY.search(folded(said)))
    led = ""
    for mention in mentions(tokens_of(said), Reader(page.names, may_find=False), loosely=True):
        if mention.entity is None or mention.entity.kind != "component" or mention.entity is subject:
            continue
        led = mention.before or (led if is_taken else "")
        if is_taken and kind == "publishes" and folded(led) in BY:
            yield mention.entity, True
        elif (led in FROM_WHOM and kind == "consumes") or led in TO_WHOM:
            yield mention.entity, kind == "publishes"


FROM_WHOM = frozenset({"from", "von", "de", "by", "du", "vom", ""})
TO_WHOM = frozenset({"to", "for", "an", "a", "pour", "fuer"})


def _stores(text: str, subject: Entity, source: Source, page: Page) -> bool:
    """The stores that a component owns; an engine in brackets is the kind of the store before it."""
    if subject.kind != "component":
        return False
    done = False
    text = tidied_stores(text)
    told = [sentence for at, (_, sentence) in enumerate(sentences(text)) if at == 0 or not is_hypothetical(sentence)]
    for clause in (each for sentence in told for each in split_list(sentence, ";") if not IS_NONE.search(each)):
        done = _kept(clause, subject, source, page, is_plain=not NO_STORE.search(text)) or done
    return done


IS_NONE = re.compile(r"^\s*(?:but |and |there is )?no\b|\bis no\b", re.IGNORECASE)
NO_STORE = re.compile(r"\bno (?:database|data ?store|store|db)\b")


def _kept(text: str, subject: Entity, source: Source, page: Page, *, is_plain: bool) -> bool:
    done = False
    is_others = re.search(r"\b(?:read[- ]only|replica|reads|shared|via|owned by)\b", text, re.IGNORECASE)
    led = f"the {text.strip()}" if re.match(r"\s*(?!(?:[Tt]he|[Ii]ts|[Aa]n?|[Oo]ur) )[\w-]+(?: [\w-]+){1,2}, ", text) else text
    described = [(name, engine) for _, name, engine in described_stores(tokens_of(led)) if engine]
    alone = kept_name(re.split(r"[,;(]|\s[–—-]\s", text, maxsplit=1)[0]) if is_plain else None
    for name, details in described or ([(alone, text)] if alone else store_texts(text, page.names)):
        entity = page.names.find(name, event=False, store=True)
        if entity and entity.kind != "store":
            continue
        page.findings.see(name, "store", 4, source)
        engine = engine_in(details) or engine_of(name)
        page.findings.state(
            Fact("touches" if is_others else "owns", (subject.name, name), source, {"kind": engine or ""} if engine else {})
        )
        done = True
    return done


def _owner(text: str, subject: Entity, source: Source, page: Page) -> bool:
    """The team of a component; the component of a store."""
    if subject.kind == "store":
        return _users(text, subject, source, page, "owns")
    page.findings.state(Fact(subject.kind, (subject.name,), source, {"owner": text}))
    return True


def _users(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    done = False
    for piece, entity in _resolved(text, page, source, create=False):
        if entity and entity.kind == "component":
            access = (
                "writes"
                if re.search(r"writ|schreib|écri|escri", piece.rest)
                else "reads"
                if re.search(r"read|les|lit|lee|replica", piece.rest)
                else kind
            )
            page.findings.state(Fact(kind if kind == "owns" else access, (entity.name, subject.name), source))
            done = True
    return done


def _also(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return subject.kind == "store" and _users(text, subject, source, page, "touches")


def _publisher(text: str, subject: Entity, source: Source, page: Page) -> bool:
    return of_event(text, subject, source, page, "publishes")


def _consumers(text: str, subject: Entity, source: Source, page: Page) -> bool:
    if subject.kind == "component":
        return _each_called(text, subject, source, page, forward=False)
    if subject.kind == "store":
        return _users(text, subject, source, page, "touches")
    return of_event(text, subject, source, page, "consumes")


def of_event(text: str, subject: Entity, source: Source, page: Page, kind: str) -> bool:
    if subject.kind != "event":
        return False
    done = False
    for _, entity in _resolved(text, page, source, create=True):
        if entity and entity.kind in CALLABLE:
            page.findings.state(Fact(kind, (entity.name, subject.name), source))
            done = True
    return done


LabelRule = Callable[[str, Entity, Source, Page], bool]
LABEL_RULES: dict[str, LabelRule] = {
    "calls": _calls,
    "called_by": _called_by,
    "uses": _uses,
    "depends": _depends,
    "publishes": _publishes,
    "consumes": _consumes,
    "stores": _stores,
    "owner": _owner,
    "also": _also,
    "publisher": _publisher,
    "consumer": _consumers,
}
