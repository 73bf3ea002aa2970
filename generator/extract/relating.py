"""What a verb between names means: a call, an event, a store; and which names are vouched for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.facts import Fact, Source
from generator.extract.findings import CALLABLE, PROSE_LIKELY, Page
from generator.extract.grammar import Passive, Relation
from generator.extract.mentions import FROM, POSSESSIVE, TO, Mention, Reader, is_german, mentions, tokens_of
from generator.extract.naming import (
    ABBREVIATION,
    HUMPS,
    engine_of,
    is_topic,
    name_words,
)
from generator.extract.values import protocol
from generator.extract.vocabulary import (
    EXTERNAL_CUE,
    HEADS,
    PEOPLE,
    VERB_OF,
    folded,
    words_of,
)


def interpret(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """What a verb means for what it is done to: an event is published, a store is kept, a component is called."""
    page.line[:] = [source]
    events = [each for each in relation.objects if _event_like(each, relation, tokens, page)]
    tells = bool(events) and relation.verb in ("publish", "consume")
    is_asking = relation.verb in ("call", "send") and any(each.entity and each.entity.kind == "component" for each in relation.objects)
    over = protocol(" ".join(tokens)) if is_asking and not events else None
    subjects = [each for each in relation.subjects if _accepted(each, tokens, page, is_subject=True, tells=tells, over=over) in CALLABLE]
    if not subjects and relation.verb not in ("belong", "flow"):
        return
    if relation.verb == "flow":
        _flows(relation, tokens, source, page)
        return
    if relation.verb == "belong":
        _belongs(relation, tokens, source, page)
        return
    others = [
        each
        for each in relation.objects
        if each not in events and (each.before not in VIA_WORDS or _is_on(each, relation) or _is_carrier(each, tokens, relation, page))
    ]
    for subject in subjects:
        name = _name(subject)
        if events:
            _about_events(relation, name, subject, events, others, tokens, source, page)
        _about_stores(relation, name, others, tokens, source, page)
        if (not events or relation.verb in ("call", "use")) and not (isinstance(relation, Passive) and relation.is_agentless):
            _about_peers(relation, name, subject, others, tokens, source, page)


BEHIND = words_of("behind beside hinter neben derriere detras")
VIA_WORDS = BEHIND | words_of("via through ueber on by as per using for over par por mittels durch mediante")


def _is_on(mention: Mention, relation: Relation) -> bool:
    """`books the amount on the Ledger`, and nobody else is spoken to."""
    is_known = mention.before == "on" and mention.entity is not None and mention.kind == "component" and relation.verb == "call"
    return is_known and not any(each is not mention and each.kind in CALLABLE for each in relation.objects)


def _is_carrier(mention: Mention, tokens: list[str], relation: Relation, page: Page) -> bool:
    """`sends texts through Norfone`: a third party that does it for us is called."""
    if _is_used_beside(mention, tokens, relation):
        return _accepted(mention, tokens, page, is_subject=False) in CALLABLE
    if mention.before in ("for", "as", "on", "by", *BEHIND) or _accepted(mention, tokens, page, is_subject=False) not in CALLABLE:
        return False
    return not any(each is not mention and (each.entity.kind if each.entity else each.kind) in CALLABLE for each in relation.objects)


def _is_used_beside(mention: Mention, tokens: list[str], relation: Relation) -> bool:
    """`fetches reports from A and creates drafts using B`: B serves something else than the call of A."""
    before = [each for each in relation.objects if each.end <= mention.start]
    return mention.before == "using" and bool(before) and bool({folded(each) for each in tokens[before[-1].end : mention.start]} & {"and"})


def _carried_by(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """`Mails go through Terralux over HTTPS`: whoever is spoken of calls what they go through."""
    speaker = next((each.entity for each in page.last if each.entity and each.entity.kind == "component"), None)
    is_fetched = protocol(" ".join(tokens)) in ("http", "sftp", "tcp")
    through = [
        each
        for each in relation.objects
        if each.before in ("through", "via", "ueber", "par", "por") or (each.before == "from" and is_fetched)
    ]
    for other in through if speaker and not any(each.kind == "event" for each in relation.subjects) else ():
        kind = other.entity.kind if other.entity else other.kind
        if kind in CALLABLE and other.text[:1].isupper() and other.entity is not speaker and speaker:
            _see(other, kind, 2, source, page)
            found = protocol(" ".join(tokens[through[-1].end :]))
            values = {"protocol": found} if found and found != "async" else {}
            page.findings.state(Fact("call", (speaker.name, _name(other)), source, values, *PROSE_LIKELY, relation.negated))


def _flows(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """`TripBooked goes to the Notifier`."""
    _carried_by(relation, tokens, source, page)
    _handed(relation, tokens, source, page)
    for event in relation.subjects:
        if (event.entity.kind if event.entity else event.kind) != "event":
            continue
        for other, led in _led(relation.objects, tokens):
            if (other.entity.kind if other.entity else other.kind) == "component" and led in ("to", "an", "from"):
                _see(event, "event", 4, source, page)
                kind = "publishes" if led == "from" else "consumes"
                page.findings.state(Fact(kind, (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))


def _handed(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """`Invoices go from the Ledger to Terralux by SFTP`."""
    parties = [each for each in relation.objects if each.kind in CALLABLE and (each.entity or each.text[:1].isupper())]
    starts, ends = [each for each in parties if each.before in FROM], [each for each in parties if each.before in TO]
    if any(each.kind == "event" for each in relation.subjects) or len(starts) != 1 or len(ends) != 1:
        return
    if _name(starts[0]) != _name(ends[0]) and (starts[0].entity or ends[0].entity):
        for each in (starts[0], ends[0]):
            _see(each, "component" if each is starts[0] else "external", 3, source, page)
        spoken = protocol(" ".join(tokens))
        values = {"protocol": spoken} if spoken and spoken != "async" else {}
        names = (_name(starts[0]), _name(ends[0]))
        page.findings.state(Fact("message" if spoken == "async" else "call", names, source, values, *PROSE_LIKELY, relation.negated))


def _belongs(relation: Relation, tokens: list[str], source: Source, page: Page) -> None:
    """`a database that belongs to the Planner`."""
    kinds = {id(each): each.entity.kind if each.entity else each.kind for each in (*relation.subjects, *relation.objects)}
    for store in relation.subjects:
        for owner in relation.objects:
            if kinds[id(store)] == "store" and kinds[id(owner)] == "component":
                _see(store, "store", 4, source, page)
                page.findings.state(Fact("owns", (_name(owner), _name(store)), source, {}, *PROSE_LIKELY, relation.negated))
    if tokens and folded(tokens[0]) in ("both", "all", "they", "these") and not relation.subjects:
        told = [
            fact
            for fact in page.findings.facts
            if fact.kind in ("touches", "owns", "writes") and fact.source.file == source.file and 0 <= source.line - fact.source.line <= 2
        ]
        for owner in relation.objects:
            for name in dict.fromkeys(fact.names[1] for fact in told if kinds[id(owner)] == "component"):
                page.findings.state(Fact("owns", (_name(owner), name), source))


def _name(mention: Mention) -> str:
    return mention.entity.name if mention.entity else mention.text


AFTERTHOUGHT = re.compile(
    r"^(?:\(|,) ?(?:an? |the |our |ein |eine |un |une )?(?:\w+ )?(?:external|third[- ]part|3rd[- ]part|extern|saas|partner|tiers|proveedor|vendor|provider|supplier|anbieter|dienstleister|prestataire)"
    r"|^, (?:an?|the|our) (?:[\w'’-]+ ){1,5}\( ?(?:external|third[- ]part|3rd[- ]part|saas)"
    r"|^(?:of|from|by) (?:[\w'’-]+ ){1,4}\( ?(?:external|third[- ]part|3rd[- ]part|saas)"
    r"|^, (?:which|that) is (?:run|operated|hosted|owned|provided) by (?!us\b|our\b|the [\w ]{1,20}team)"
    r"|^, (?:which|that) (?:the|our) (?!team|squad)[a-z]+ (?:runs?|operates?|hosts?|provides?|owns?)\b"
    r"|^, (?:run|operated|hosted|provided) by (?!us\b|our\b|the [\w ]{1,20}team)"
    r"|^, (?:[a-z]+(?: [a-z]+)? )?'s (?:[\w-]+ ){0,3}(?:hosting|service|platform|product|cloud|api|gateway|network|system)\b"
    r"|^, (?:the )?[\w]+['’]s (?:[\w-]+ ){0,3}(?:hosting|service|platform|product|cloud|api|gateway|network|system|register|registry|database)\b"
    r"|^[,(] ?(?:the )?(?:\w+ )?(?:city|state|country|county|municipality|government|bank|guard|police|ministry|group|carrier|operator|university|commission|authority|agency)['’]s "
    r"|^, (?:the|le|la|das|die|der|el) (?:[\w-]+ )?(?:system|service|portal|platform|register|systeme|plateforme|portail|registre|sistema|erp|crm) (?:of|de|du|des|der|del) (?:the |la |l['’]|der |el )?(?!system)[\w-]+"
    r"|^, our [\w'’ -]{2,40} (?:bought|licensed|rented|leased|hosted|run|operated) (?:from|by)\b"
    r"|^, our (?:[\w-]+ ){0,3}(?:vendor|provider|supplier|partner)\b"
    r"|^(?:des|der|du|de la|de l') ?(?:[a-z-]*(?:hersteller|anbieter|dienstleister|lieferant|betreiber)\w*|konzern(?:s|-?it|mutter|zentrale)?|landes\w+|bundes\w+|muttergesellschaft|holding"
    r"|landkreis\w*|direction financiere|groupe|maison mere|fournisseur|prestataire|constructeur|editeur|mairie|prefecture|siege)\b"
    r"|^, an? (?:[\w-]+ ){1,3}(?:that |which )?(?:the|our|its) (?:vendor|supplier|manufacturer|provider|maker) (?:runs|operates|hosts|patches|maintains)\b"
    r"|^, (?:an?|the) [\w'’ -]{2,50} (?:bought|licensed|rented|leased) from (?!us\b)"
    r"|^, (?:an?|the) [\w'’ -]{2,50} (?:run|operated|hosted|maintained) by (?!us\b|our\b|the [\w ]{1,20}team)"
)
"""`…, an external provider`: what is said of a name right after it."""


def _accepted(mention: Mention, tokens: list[str], page: Page, *, is_subject: bool, tells: bool = False, over: str | None = None) -> str:
    """What a name is taken for; empty for one that nothing vouches for. `tells`: it publishes or consumes events; `over`: the protocol it is called over."""
    if mention.entity:
        return mention.entity.kind
    text = mention.text
    is_language = not mention.before and mention.start > 0 and folded(tokens[mention.start - 1]) in SPEAKING  # `speaks SIP2 with A`
    if page.is_system(text) or mention.kind in ("actor",) or is_language:
        return ""
    if mention.kind in ("component", "store") and not mention.carried and not engine_of(text) and _is_said_external(mention, tokens):
        return "external"
    if mention.kind != "component":
        return mention.kind
    if text.isupper() and not mention.carried and _is_before_noun(tokens, mention.end):
        return ""  # `builds SDTM datasets`
    is_code = ("-" in text and text.islower()) or (not mention.carried and tokens[mention.start].startswith("`"))
    is_headed = name_words(text)[-1] in HEADS if name_words(text) else False
    if page.has_inventory and not (is_code or is_headed):
        is_short = ABBREVIATION.fullmatch(text) is not None and len(text) < SHORTEST_ACRONYM
        is_proper = text[0].isupper() and not is_short and not is_german(tokens)
        is_company = mention.start == 0 and bool(
            re.fullmatch(r"[A-ZÀ-Þ][a-zß-ÿ]+(?: [A-ZÀ-Þ][a-zß-ÿ]*[a-rt-zß-ÿ]){1,2}", text)
        )  # `Metro Foods sends its orders to …`
        is_brand = is_company or HUMPS.fullmatch(text) is not None  # `TrackFleet connects to the Gateway on a TCP socket`
        if is_proper and ((tells and is_subject) or (over not in (None, "async", "grpc") and (is_brand or not is_subject))):
            return "component"
        if text[0].isupper() and " " in text and not text.isupper() and not is_subject:
            page.findings.unknown.setdefault(text, page.at)
        return ""
    return "component"


SPEAKING = words_of("speaks speak spricht sprechen parle parlent habla hablan")


def _is_before_noun(tokens: list[str], at: int) -> bool:
    following = tokens[at : at + 1]
    return bool(following) and bool(re.fullmatch(r"[a-z]{4,}s", following[0])) and following[0] not in VERB_OF


SHORTEST_ACRONYM = 4
"""Letters of a name in capitals that is rather a product's, as ORBIS, than short for something."""


def _is_said_external(mention: Mention, tokens: list[str]) -> bool:
    """Words before or right after a name say that others run it."""
    around = folded(" ".join(tokens[max(0, mention.start - 5) : mention.start]))
    after = folded(" ".join(tokens[mention.end : mention.end + 14]))
    return bool(EXTERNAL_CUE.search(around)) or any(AFTERTHOUGHT.match(each) for each in (after, re.sub(r"^\([^)]*\) ?", "", after)))


def told_foreign(text: str, source: Source, page: Page) -> None:
    """`Carta, the register bought from a vendor, sends …`: of a name that only lines of others have, it is said whose it is."""
    tokens = tokens_of(text)
    for mention in mentions(tokens, Reader(page.names, may_find=False)):
        after = folded(" ".join(tokens[mention.end : mention.end + 14]))
        if mention.entity and mention.kind == "component" and mention.entity.weight < VOUCHED and AFTERTHOUGHT.match(after):
            page.findings.see(mention.entity.title, "external", VOUCHED, source)


VOUCHED = 5
"""Weight of a name from which on a list, a heading or a definition has it."""


def _event_like(mention: Mention, relation: Relation, tokens: list[str], page: Page) -> bool:
    if mention.entity:
        return mention.entity.kind == "event"
    if mention.kind == "event":
        return True
    around = {folded(word) for word in (*tokens[max(0, mention.start - 2) : mention.start], *tokens[mention.end : mention.end + 2])}
    is_named = bool(
        around
        & {"event", "events", "ereignis", "ereignisse", "evenement", "evenements", "evento", "eventos", "message", "messages", "nachricht"}
    )
    is_told = relation.verb in ("publish", "consume") and (
        HUMPS.fullmatch(mention.text) is not None or (not mention.carried and tokens[mention.start].startswith("`"))
    )
    return (
        mention.kind == "component"
        and mention.before not in ("from", "to", "von", "an")
        and ((is_named and relation.verb in ("publish", "send", "consume", "receive")) or is_told)
    )


COLLECTS = words_of("collects collect gathers gather sammelt sammeln")
REPORTS = words_of("meldet melden schickt schicken")


def _about_events(
    relation: Relation,
    name: str,
    subject: Mention,
    events: list[Mention],
    others: list[Mention],
    tokens: list[str],
    source: Source,
    page: Page,
) -> None:
    outward = {
        "publish": "publishes",
        "send": "publishes",
        "write": "publishes",
        "consume": "consumes",
        "receive": "consumes",
        "read": "consumes",
        "store": "",
        "call": "consumes"
        if folded(tokens[relation.start]) in COLLECTS
        else "publishes"
        if folded(tokens[relation.start]) in REPORTS
        else "",
        "use": "consumes",
    }[relation.verb]
    if not outward:
        return
    _see(subject, "component", 3, source, page)
    for event in events:
        _see(event, "event", 4, source, page)
        values = {"topic": event.text} if is_topic(event.text) else {}
        page.findings.state(Fact(outward, (name, _name(event)), source, values, *PROSE_LIKELY, relation.negated))
        for other, led in _led(others, tokens):
            kind = other.entity.kind if other.entity else other.kind
            if _is_remark_on_another(other, event, events, tokens):
                continue
            if kind != "component" or (other.entity is not None and other.entity is subject.entity):
                continue
            if outward == "publishes" and led in (
                "to",
                "an",
                "a",
                "au",
                "vers",
                "for",
                "fuer",
                "zu",
                "zum",
                "zur",
                "para",
                "pour",
            ):
                _see(other, "component", 2, source, page)
                page.findings.state(Fact("consumes", (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))
            elif outward == "consumes" and led in ("from", "von", "vom", "de", "du", "des", "desde", "of", "by"):
                _see(other, "component", 2, source, page)
                page.findings.state(Fact("publishes", (_name(other), _name(event)), source, {}, *PROSE_LIKELY, relation.negated))


def _is_remark_on_another(other: Mention, event: Mention, events: Sequence[Mention], tokens: Sequence[str]) -> bool:
    """`A, B (from the Desk) and C`: what stands in brackets is said of the event right before."""
    opened = max((at for at in range(other.start) if tokens[at] == "("), default=-1)
    if other.carried or opened < 0 or ")" in tokens[opened : other.start]:
        return False
    before = [each for each in events if not each.carried and each.end <= opened]
    return bool(before) and before[-1].end == opened and before[-1] is not event


TOGETHER = words_of(", and or the a und der die das den dem oder et le la les ou y el o")


def _led(mentions: Sequence[Mention], tokens: Sequence[str]) -> Iterator[tuple[Mention, str]]:
    """Names with the preposition that leads each: in `to A, B and C` all have the first one's."""
    led = ""
    for at, mention in enumerate(mentions):
        is_joined = at > 0 and {folded(each) for each in tokens[mentions[at - 1].end : mention.start]} <= TOGETHER
        led = mention.before or (led if is_joined else "")
        yield mention, led


def _see(mention: Mention, kind: str, weight: int, source: Source, page: Page) -> None:
    if mention.entity is None and not page.is_system(mention.text):
        page.findings.see(mention.text, kind, weight, source)


def _about_stores(relation: Relation, name: str, others: list[Mention], tokens: list[str], source: Source, page: Page) -> None:
    stores = [each for each in others if (each.entity.kind if each.entity else each.kind) == "store"]
    for archive in [
        each
        for each in stores
        if (said := AFTERTHOUGHT.match(folded(" ".join(tokens[each.end : each.end + 14]))))
        and (not engine_of(each.text) or "vendor" in said[0])
    ]:
        page.findings.see(archive.text, "external", 6, source)  # `the Sky Archive, which is run by …` is a system of others
        stores.remove(archive)
    if not stores or relation.verb in ("publish",):
        return
    engines = [each for each in stores if engine_of(each.text)]
    named = [each for each in stores if each not in engines]
    kind = {"store": "owns", "read": "reads", "write": "writes"}.get(relation.verb, "touches")
    for store in named or engines:
        near = next(
            (
                engine_of(each.text)
                for each in engines
                if (each is not store and abs(each.start - store.end) <= 4) or abs(store.start - each.end) <= 4
            ),
            None,
        )
        engine = engine_of(store.text) or near
        _see(store, "store", 4, source, page)
        access = "owns" if store.own and kind in ("owns", "touches", "writes", "reads") else kind
        page.findings.state(Fact(access, (name, _name(store)), source, {"kind": engine} if engine else {}, *PROSE_LIKELY, relation.negated))


def _about_peers(
    relation: Relation, name: str, subject: Mention, others: list[Mention], tokens: list[str], source: Source, page: Page
) -> None:
    """Calls and messages between components and to third parties."""
    previous_end = relation.start
    both = BOTH.search(" ".join(tokens[relation.start :]))
    common = both[0] if both else ""
    if relation.verb == "send" and {folded(word) for word in tokens[relation.start + 1 : relation.start + 4]} & PEOPLE:
        return  # it is a person or a browser that is sent there
    for number, other in enumerate(others):
        start = previous_end
        following = others[number + 1].start if number + 1 < len(others) else relation.end
        previous_end = other.end
        near = " ".join(tokens[other.end : _after_remark(tokens, other.end, following)])
        led = " ".join(tokens[relation.start : others[0].start])
        whole = " ".join((led, *tokens[start:following])) if number else " ".join(tokens[relation.begin : relation.end])
        if relation.verb in ("receive", "consume"):
            whole = " ".join(tokens[relation.begin : relation.end])
        kind = _accepted(
            other,
            tokens,
            page,
            is_subject=False,
            over=protocol(near) or protocol(whole) or protocol(common) or _assumed(other, tokens, page),
        )
        if kind not in CALLABLE or _name(other) == name or (other.entity is not None and other.entity is subject.entity):
            continue
        if other.entity is None and _is_no_peer(other, relation, tokens, is_last=number + 1 == len(others)):
            continue
        edge = _edge(relation, other, near, whole)
        if edge is None:
            continue
        _see(subject, "component" if (subject.kind != "external") else "external", 3, source, page)
        _see(other, kind, 3 if kind == "external" else 2, source, page)
        is_message, backward = edge
        names = (_name(other), name) if backward else (name, _name(other))
        found = protocol(near) or protocol(whole) or protocol(common) or _of_list(others[number:], tokens)
        is_put = folded(tokens[relation.start]) in PUTS
        if found is None and is_put:
            continue
        values = {key: value for key, value in (("protocol", found if found != "async" else None), ("details", near)) if value}
        page.findings.state(
            Fact(
                "message" if is_message or (is_put and found == "async") else "call", names, source, values, *PROSE_LIKELY, relation.negated
            )
        )


def _is_no_peer(other: Mention, relation: Relation, tokens: list[str], *, is_last: bool) -> bool:
    """Of a name that nothing knows: what is stored or fetched, a place, a queue."""
    is_stored = relation.verb in ("store", "write")
    is_place = other.before == "in" and relation.verb == "call"
    is_queue = "queue" in map(folded, tokens[max(0, other.start - 2) : other.start])  # `a queue named `tours``
    is_owner = (
        bool(POSSESSIVE.search(tokens[other.end - 1])) and tokens[other.end : other.end + 2] in OWNED_BY_ALL
    )  # `the Board's mail server`
    is_fetched = not other.before and [folded(each) for each in tokens[other.end : other.end + 1]] in FROM_OR_TO  # `the Manifest from A`
    is_within = (
        tokens[other.end : other.end + 1] == [")"] and [folded(each) for each in tokens[other.end + 1 : other.end + 2]] in FROM_OR_TO
    )
    return is_stored or is_place or is_queue or is_owner or (not is_last and (is_fetched or is_within))


OWNED_BY_ALL = [[first, last] for first in ("mail", "e-mail", "SMTP") for last in ("server", "relay", "gateway")]
PUTS = words_of("puts places deposits drops")
"""Verbs that tell of a call only where it is said how."""


def _assumed(other: Mention, tokens: list[str], page: Page) -> str | None:
    """What is spoken where nothing is said, unless the name only tells what kind of thing is meant: `fetches Sentinel scenes`."""
    following = tokens[other.end : other.end + 1]
    is_kind = (
        bool(following) and following[0].isalpha() and following[0].islower() and len(following[0]) > 3 and following[0] not in VERB_OF
    )
    return page.assumed if other.before or not is_kind else None


def _of_list(others: Sequence[Mention], tokens: list[str]) -> str | None:
    """`asks A, B and C over REST`: what stands after the last one of a list is said of each."""
    last = others[0]
    for other in others[1:]:
        if not {folded(each) for each in tokens[last.end : other.start]} <= TOGETHER:
            return None
        last = other
    said = SAID_OF_ALL.match(" ".join(tokens[last.end : last.end + 5]))
    return protocol(said[0]) if said and last is not others[0] else None


SAID_OF_ALL = re.compile(r", (?:all|both|each)(?: of (?:them|these))? (?:over|via|by|in|through) \S+ ?\S*|(?:over|via|by|through|per) \S+")
BOTH = re.compile(r"\( (?:both|all|each) (?:over |via |by )?[A-Za-z]+ \)")
"""`sends mail through A and texts through B (both REST)`."""
FROM_OR_TO = [[each] for each in ("from", "to", "von", "an", "de", "a")]
TOLD_THINGS = re.compile(
    r"\b(?:gets?|obtains?|bekommt|erhaelt) (?:[a-z]+ ){0,3}(?:messages|notifications|alerts|pushes|nachrichten|meldungen)\b"
)
"""`gets its push messages from A`: A sends them."""


def _after_remark(tokens: list[str], start: int, end: int) -> int:
    """Where what is said right after a name ends: a remark in brackets belongs to it as a whole."""
    if tokens[start : start + 1] == ["("]:
        return max(end, next((at for at in range(start, len(tokens)) if tokens[at] == ")"), end))
    return end


def _edge(relation: Relation, other: Mention, near: str, whole: str) -> tuple[bool, bool] | None:
    """Whether it is a message, and whether it goes the other way; None when the verb says nothing about the two."""
    if relation.verb == "call" and other.before in ("from", "von", "de") and TOLD_THINGS.search(folded(whole)):
        return True, True
    is_async = (protocol(near) or protocol(whole)) == "async"
    if relation.verb in ("call", "use", "read", "store", "write"):
        told = re.search(
            r"\b(?:asynchron\w*|by event|(?:via|over|through|by|on|using|per|ueber|par) (?:kafka|events?|amqp|mqtt|nats|rabbitmq|message)|(?:via|over|through|by|ueber|per|par) (?:the |an? |eine |die |une |la )?(?:[a-z]+ )?(?:topic|queue|stream|warteschlange)\b|per (?:ereignis|nachricht))",
            folded(whole),
        )
        return bool(told), bool(told) and relation.verb == "call" and other.before in FROM
    if relation.verb == "send" and other.before in VIA_WORDS:
        return is_async, False
    if relation.verb == "send" and other.before in ("to", "an", "a", "au", "aux", "vers", "al", "zum", "zur", "with", "ueber", ""):
        return is_async, False
    if relation.verb in ("consume", "receive") and other.before in ("from", "von", "vom", "de", "du", "des", "desde", "by"):
        return is_async or (relation.verb == "consume" and protocol(whole) not in ("http", "grpc")), True
    if relation.verb == "publish" and other.before in ("to", "an", "vers", "a"):
        return (protocol(near) or protocol(whole)) in (None, "async"), False
    return None
