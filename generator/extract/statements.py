"""What labels, sentences and arrows in a line state."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from generator.extract.aliases import without_renaming
from generator.extract.beside import at_doors, drawn_from, served, spoken_beside_names, to_subject
from generator.extract.blocks import Sentence, sentences, split_label
from generator.extract.channels import by_channels
from generator.extract.described import described_stores
from generator.extract.discourse import relations
from generator.extract.entries import event_texts, named_stores, store_texts
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, PROSE_LIKELY, Page
from generator.extract.labels import LABEL_RULES, call
from generator.extract.mentions import FROM, Mention, Reader, is_denied, is_hypothetical, mentions, tokens_of
from generator.extract.naming import (
    CERTAIN,
    Entity,
    engine_in,
    engine_of,
    is_topic,
    kind_by_name,
    looks_like_event,
    name_words,
)
from generator.extract.outline import Placed
from generator.extract.phrases import ENGINE, NAME
from generator.extract.relating import interpret, told_foreign
from generator.extract.values import is_nothing, percentiles, protocol, protocols
from generator.extract.vocabulary import VERB_OF, concept_of, folded, singular, words_of

KEPT_IN = re.compile(rf"`?[\w-]+(?: [\w-]+){{0,3}}`? \((?i:{ENGINE})\b|[Tt]he [\w-]+(?: [\w-]+){{0,3}}, (?:an? )?(?i:{ENGINE})\b")
"""`orders database (PostgreSQL)`, `the order book, a MySQL`."""


def state_label(concept: str, text: str, subject: Entity, source: Source, page: Page) -> bool:
    """What a label or a cell says about its subject; False when this label means nothing for it."""
    if is_nothing(text):
        page.findings.understood.add(source)
        return True
    first, *others = re.split(r"[.;] ", text, maxsplit=1)
    rest = others[0] if others else ""
    if rest and concept in LABEL_RULES and is_nothing(first):
        prose_facts(rest, source, subject, page)  # `Nobody. It is called by A.`
        return True
    is_kept = concept in ("status", "resources") and subject.kind == "component" and KEPT_IN.match(text) is not None
    rule = LABEL_RULES.get("stores" if is_kept else concept)  # `State: orders database (PostgreSQL)`
    if rule is not None:
        return rule(text, subject, source, page)
    if concept == "technology" and subject.kind == "component":
        _built_with(text, subject, source, page)
    if concept in PLAIN_KEYS.get(subject.kind, ()):
        page.findings.state(Fact(subject.kind, (subject.name,), source, {concept: text}))
        if concept in ("summary", "responsibility", "note", "provides") and len(text.split()) > 3:
            prose_facts(text, source, subject, page)
        return True
    return False


def _built_with(text: str, subject: Entity, source: Source, page: Page) -> None:
    """An engine among the technologies of a component hints at a store; one with a name, or of which is said what it is for, is one."""
    for name, details in store_texts(text, page.names):
        engine = engine_of(name) or engine_in(details)
        if engine is None:
            continue
        is_said = name.startswith("`") or bool(re.search(rf"{re.escape(name)} (?:for|as|with|holds|keeps)\b", details))
        page.findings.see(name, "store", 4 if is_said else 1, source)
        values = {"kind": engine, **({} if is_said else {"built": "yes"})}
        page.findings.state(
            Fact("owns" if is_said else "touches", (subject.name, name), source, values, Confidence.LIKELY if is_said else Confidence.GUESS)
        )


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
        page.met.clear()
        page.awaited.clear()
    if THAT_IS.match(block.text) and page.met:
        page.last[:] = [Mention(0, 0, page.met[0].title, page.met[0], page.met[0].kind, carried=True)]
    subject = page.subject(placed)
    spoken = subject if subject and subject.kind == "component" else page.spoken[0] if page.spoken and subject is None else None
    text = THE_PART.sub(rf"\g<led> {spoken.title}", block.text, count=1) if spoken else block.text
    prose_facts(text, block.source, subject, page)
    found = mentions(tokens_of(block.text), Reader(page.names, may_find=False))
    page.met[:0] = [each.entity for each in reversed(found) if each.entity and each.kind == "component"]
    page.spoken[:] = page.met[-1:] if block.first and page.met else page.spoken


def prose_facts(text: str, source: Source, subject: Entity | None, page: Page) -> None:
    """The relations of a text; `A → B (gRPC)` is one, too."""
    if _arrows(text, source, page):
        return
    for inner in re.findall(r"\(([^()→]{3,60}→[^()→]{3,60})\)", text):
        if beside := arrow_of(inner.replace(",", " –", 1)):
            _arrow(beside, source, page)
    text = _heard(without_renaming(PLURAL_OWNERS.sub("", text)), source, page)
    reader = Reader(page.names, may_find=True, subject=subject if subject and subject.kind in CALLABLE else None, near=tuple(page.met))
    for _, whole in sentences(text):
        sentence = _recipients(whole, source, page)
        label, rest = split_label(sentence)
        if subject and label and (concept := concept_of(label)) in LABEL_RULES and state_label(concept or "", rest, subject, source, page):
            continue
        if subject and (owned := OWNED.fullmatch(sentence.strip())) and state_label("owner", owned[1], subject, source, page):
            continue
        _spoken_before(sentence, source, page)
        told_foreign(sentence, source, page)
        told = spoke = False
        earlier = list(page.last)
        stated = len(page.findings.facts)
        for relation, tokens in relations(sentence, reader, page.last, page.things):
            told = told or relation.verb in ("call", "use", "send")
            spoke = spoke or any(each.entity for each in relation.subjects)
            interpret(relation, tokens, source, page)
        if subject and subject.kind == "component" and not told:
            served(sentence, source, subject, reader, page)
        _passed_on(sentence, stated, source, subject, page)
        _spoken_in(sentence, stated, reader, page)
        _spoken_by_all(sentence, stated, page)
        spoken_beside_names(sentence, stated, source, subject, reader, page)
        if not is_hypothetical(sentence):
            at_doors(sentence, stated, source, subject, page)
            to_subject(sentence, stated, source, subject, page)
            _offered(sentence, source, subject, page)
            _told_after(sentence, stated, source, page)
            _kept(sentence, stated, source, subject, page, earlier if not spoke and GOES_ON.search(sentence) else page.last, spoke=spoke)
            drawn_from(sentence, stated, source, subject, page)
            by_channels(sentence, stated, source, subject, page)
            _in_passing(sentence, stated, source, subject, page)
            _qualities(sentence, subject, source, page)


PLURAL_OWNERS = re.compile(
    r"(?<=[a-z]s)['’](?= (?:[a-z]+ )?(?:register|registry|directory|system|portal|catalogue|exchange|association)\b)"
)
"""`the residents' register`, in two words as `the residents register`."""
THE_PART = re.compile(
    r"\b(?P<led>[Tt]he|[Tt]his|[Ll]e|[Cc]e|[Dd]er|[Dd]ieser|[Ee]l|[Ee]ste) (?:service|component|Dienst|composant|servicio|componente)\b(?! (?:[A-ZÀ-Þ`]|mesh|desk|level))"
)
"""`the service`, in a section that has spoken of one."""
THAT_IS = re.compile(
    r"(?:This|That|Das|Dies|C'|Esto|Este) ?(?:one )?(?:is|ist|est|es) (?:an?|eine?|une?) (?:[\w-]+ ){0,3}?(?:service|program|component|job|worker|module|app|application|daemon|process|tool|dienst|programm|programme|composant|servicio|programa)\b",
    re.IGNORECASE,
)
"""`… calls the Exporter. This is a small program. It posts …`: what was named last goes on."""
ALL_SPOKEN = re.compile(
    r"^(?:Alle|Beide|Diese)(?: (?:zwei|drei|vier|fünf))? (?:bieten|sprechen|laufen|gehen|nutzen|verwenden|erfolgen)\b[^.;]*?\b(?P<german>REST|gRPC|HTTPS?|SOAP)\b"
    r"|^(?:These|Those|Both|All)(?: (?:two|three|four|five|six|of (?:them|these)|calls|interfaces))* (?:are|use|go over|run over|speak|expose|offer|have) (?:all |plain |done (?:by|over) )?(?P<spoken>[\w/]+)"
    r"|^All (?:of (?:it|them|these|this) )?(?:is |are |goes |over |by |via |in |plain ){0,3}(?P<plain>REST|gRPC|HTTPS?|SOAP|JSON over HTTPS?)\.?$"
)
"""`For graphs it asks A, for plans B. These two are REST.`"""


def _spoken_before(sentence: str, source: Source, page: Page) -> None:
    """What a sentence says of the one before it: who reacts, and how they speak."""
    _then(sentence, source, page)
    _all_spoken(sentence, source, page)
    _one_spoken(sentence, source, page)


ONE_SPOKEN = re.compile(
    r"^(?:That|This|It) is (?:done (?:by|over|via) )?(?:an? |the )?(?:plain |simple |synchronous |ordinary |blocking |internal |short ){0,2}(?P<spoken>REST|gRPC|HTTPS?|SOAP|SFTP)\b"
    r"|^(?:For|With|Towards) (?:the |this |that )?(?P<whom>[\w ]{2,40}?),? (?:(?:we|it) (?:use|uses|speak|speaks)|this is|it is)(?: plain)? (?P<with>REST|gRPC|HTTPS?|SOAP|SFTP|SMTP)\b"
)
"""`A asks B for a price. That is a gRPC call.`, `A mails through B. For B we use SMTP.`"""


def _one_spoken(sentence: str, source: Source, page: Page) -> None:
    found = ONE_SPOKEN.match(sentence)
    spoken = protocol(found["spoken"] or found["with"]) if found else None
    whom = page.names.find(found["whom"], event=False) if found and found["whom"] else None
    facts = page.findings.facts
    for at in range(len(facts) - 1, -1, -1) if found and (found["spoken"] or whom) else ():
        if facts[at].source.file != source.file or source.line - facts[at].source.line > SOON:
            return
        if facts[at].kind == "call" and (whom is None or whom.name in facts[at].names):
            facts[at] = facts[at].over(str(spoken)) if not facts[at].values.get("protocol") else facts[at]
            return


SOON = 3
"""Lines within which a sentence goes on about the one before."""


def _all_spoken(sentence: str, source: Source, page: Page) -> None:
    found = ALL_SPOKEN.match(sentence)
    spoken = protocol(found["spoken"] or found["german"] or found["plain"]) if found else None
    facts = page.findings.facts
    for at in range(len(facts) - 1, -1, -1) if spoken not in (None, "async") else ():
        if facts[at].source.file != source.file or not 0 <= source.line - facts[at].source.line <= 2:
            break
        if facts[at].kind == "call" and not facts[at].values.get("protocol"):
            facts[at] = facts[at].over(str(spoken))


PASSES_ON = re.compile(
    r"\b(?:passes|routes|forwards|relays|distributes|dispatches|hands|sends|proxies|pass|route|forward|relay|distribute|dispatch)\b[^:;.]{0,60}?(?::|\b(?:on|requests|calls|traffic|it|them)\b)"
)
"""`passes requests on by REST: searches to the Indexer, pages to the Catalogue and bookings to the Order Service`."""


def _passed_on(sentence: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    led = PASSES_ON.search(sentence)
    if led is None or is_denied(sentence) or is_hypothetical(sentence):
        return
    tokens = tokens_of(sentence)
    start = len(tokens_of(sentence[: led.start()]))
    named = [
        each for each in mentions(tokens, Reader(page.names, may_find=False, subject=subject)) if each.entity and each.kind in CALLABLE
    ]
    before = [each.entity for each in named if each.end <= start and not each.before and each.kind == "component"]
    caller = before[-1] if before else page.spoken_of(subject)
    called = dict.fromkeys(
        each.entity.name for each in named if each.start > start and each.before == "to" and each.entity and each.entity is not caller
    )
    if caller is None or len(called) < SEVERAL:
        return
    told = {fact.names[1] for fact in page.findings.facts[stated:] if fact.kind == "call"}
    spoken = [each for each in protocols(sentence) if each != "async"]
    values = {"protocol": spoken[0]} if len(spoken) == 1 else {}
    for name in called:
        if name not in told:
            page.findings.state(Fact("call", (caller.name, name), source, values, *PROSE_LIKELY))


SEVERAL = 2
"""Names after `to` from which on a sentence says to whom something is passed on."""


def _spoken_in(sentence: str, stated: int, reader: Reader, page: Page) -> None:
    """`A asks B for its list and sends it images, both over TCP`: the only protocol of a sentence on two is that of their call."""
    facts = page.findings.facts
    calls = [at for at in range(stated, len(facts)) if facts[at].kind == "call"]
    spoken = [each for each in protocols(sentence) if each != "async"]
    pairs = {facts[at].names for at in calls}
    named = {each.entity.name if each.entity else each.text for each in mentions(tokens_of(sentence), reader) if each.kind in CALLABLE}
    if (
        len(spoken) == 1
        and len(pairs) == 1
        and named <= set(next(iter(pairs)))
        and not any(facts[at].values.get("protocol") for at in calls)
    ):
        for at in calls:
            facts[at] = facts[at].over(spoken[0])


ALL_OVER = re.compile(
    r"[,;:] (?:all|both|each|alle|beide|beides|jeweils|tous|toutes|les deux|ambos)(?: of them| calls)?(?: of these)?,? (?:over |by |via |through |in |per |en |par |über |with )?(?:plain |their )?(?P<spoken>REST|gRPC|HTTPS?|SOAP|GraphQL|SFTP)\b"
)
"""`asks A for ways, B for prices; all REST`."""
THE_SAME = re.compile(
    r"\b(?:in the same (?:manner|way)|likewise|the same way|over the same|auf demselben Weg|auf dieselbe Weise|ebenso|de la même (?:façon|manière))\b"
)


def _spoken_by_all(sentence: str, stated: int, page: Page) -> None:
    """What all calls of a sentence go over; or that they go over what the one before did."""
    facts = page.findings.facts
    found = ALL_OVER.search(sentence)
    spoken = protocol(found["spoken"]) if found else None
    for at in range(stated, len(facts)):
        if facts[at].kind != "call" or facts[at].values.get("protocol"):
            continue
        before = (
            each.values.get("protocol") for each in reversed(facts[:at]) if each.kind == "call" and each.names[0] == facts[at].names[0]
        )
        said = spoken or (next(before, None) if THE_SAME.search(sentence) else None)
        if said:
            facts[at] = facts[at].over(said)


ACTS = re.compile(
    r"^(?:and |, )*(?:(?:then |therefore )?(?:[Tt]he )?)(?P<who>[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3}(?:(?:, | and (?:the )?)[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3})*)"
    r" (?P<verb>[a-z][a-z-]+)\b(?P<rest>.*)"
)
ACTS_LOWER = re.compile(
    r"^(?:and |, )*(?:then |therefore )?(?:[Tt]he (?P<led>[a-z]+(?: [a-z]+){0,2}?)|(?P<alone>[a-z]{4,}|[A-Z][a-z]{3,})) (?P<verb>[a-z-]+[^s]s)\b(?P<rest>.*)"
)
"""The same of names that are written in lower case."""
PARTS = re.compile(
    r";|,(?= (?:and |then )*(?:the )?[A-ZÀ-Þ])|,(?= (?:and |then )*the [a-z])|,(?= and [a-z]+ [a-z]+s )|\. | and (?=(?:the )?[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3} [a-z]+s (?:the|its|an?|what|out|their)\b)"
)
NO_REACTION = words_of("is has was says was holds owns knows publishes emits raises announces")


def reacting(text: str, page: Page, *, strangely: bool = False) -> list[Entity]:
    """Who acts when something has happened: `Portal removes the banner, and the Watch resets its marks`; `strangely`: by verbs that no list has."""
    found = []
    for part in PARTS.split(text):
        told = ACTS.match(part.strip()) or ACTS_LOWER.match(part.strip())
        if (
            told is None
            or is_denied(part)
            or told["verb"] in NO_REACTION
            or not re.fullmatch(r"[a-z-]+[^s]s|does|listen|react|take", told["verb"])
        ):
            continue
        if strangely and told["verb"] in VERB_OF:
            continue
        if told["verb"] == "does" and not re.match(r" (?:as well|so|too|likewise)\b", told["rest"]):
            continue
        who = told["who"] if told.re is ACTS else told["led"] or told["alone"]
        named = [page.names.find(each.removeprefix("the "), event=False) for each in re.split(r", | and ", who)]
        found += [each for each in named if each and each.kind == "component"]
    return found


INFORMS = re.compile(rf"^(?:The )?(?P<who>{NAME}) (?:informs|alerts|notifies|warns|tells|texts) (?:the |its |their |all )?[a-z]+s\b")
"""`A publishes X. The Messenger informs the parents.`"""
THEN = re.compile(r"^(?:The )?[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3} [a-z-]+s it\b")


ANNOUNCED = re.compile(
    r"(`[\w.]+`|\b[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]\w*) (?:has|is of interest to|concerns|is heard by|goes to) (?:two|three|four|five|six|several|many|\d) (?:consumers|subscribers|listeners|readers|parties|services|components)\b"
    r"|(?:^|: )(`[\w.]+`|[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]\w*) is what (?:everybody|everyone|most of (?:us|them)|the others|all) (?:waits?|listens?) (?:for|to)\b"
)
"""`FineIssued has two consumers. The Letter Room …`"""


def _then(sentence: str, source: Source, page: Page) -> None:
    """`A publishes X. B books it; C sends a mail.`"""
    if announced := ANNOUNCED.search(sentence):
        page.awaited[:] = [(announced[1] or announced[2]).strip("`")]
    elif page.awaited and not is_hypothetical(sentence):
        told = ACTS.match(sentence)
        awaiting = [page.names.find(who, event=False) for who in re.split(r", | and ", told["who"])] if told else []
        for each in [*awaiting, *(each for each in reacting(sentence, page) if each not in awaiting)]:
            if each and each.kind == "component":
                page.findings.state(Fact("consumes", (each.name, page.awaited[0]), source, {}, Confidence.LIKELY, Authority.PROSE))
    is_told = len(page.things) == 1 and not is_hypothetical(sentence)
    heard = reacting(sentence, page, strangely=not THEN.match(sentence)) if is_told else []
    told = INFORMS.match(sentence) if is_told else None
    informer = page.names.find(told["who"], event=False) if told else None
    if told and informer and informer.kind == "component":
        heard = [informer, *(each for each in reacting(sentence, page) if each is not informer)]
    if informer or THEN.match(sentence) or len(heard) > 1:
        for each in heard:
            if each not in [one.entity for one in page.last]:
                page.findings.state(Fact("consumes", (each.name, page.things[0].text), source, {}, Confidence.GUESS))


RECIPIENTS = re.compile(
    r"[(;,]?\s*\b(?:[Cc]onsumers?|[Ss]ubscribers?|[Ll]isteners?|[Rr]ecipients?|[Ee]mpfänger|[Aa]bnehmer|[Kk]onsumenten|[Aa]bonnenten|[Cc]onsommateurs?|[Aa]bonnés|[Cc]onsumidores)"
    r"(?: (?:of|for|von|de|du) (?:the )?`?(?P<event>[\w.]+)`?)?(?: (?:are|is|sind|ist|sont|est|son|es))?(?::| (?=(?:the |der |die |das |le |la |les |el )?[A-ZÀ-Þ`]))(?P<ends>[^.;()]{3,200})\)?"
)
"""`…; consumers are A and B`, `(Empfänger: A und B)`."""


def _recipients(sentence: str, source: Source, page: Page) -> str:
    """The sentence without a list of those who hear its event, or the one before's."""
    found = RECIPIENTS.search(sentence)
    ends = [each.entity for each in mentions(tokens_of(found["ends"]), Reader(page.names, may_find=False), loosely=True)] if found else []
    said = (
        [each for each in mentions(tokens_of(sentence[: found.start()]), Reader(page.names, may_find=True)) if each.kind == "event"]
        if found
        else []
    )
    events = ([found["event"]] if found and found["event"] else []) or [each.text for each in said[-1:] or page.things[-1:]]
    if found is None or not events or not any(each and each.kind == "component" for each in ends):
        return sentence
    for each in ends:
        if each and each.kind == "component":
            page.findings.state(Fact("consumes", (each.name, events[0]), source, confidence=Confidence.LIKELY))
    return sentence[: found.start()] + sentence[found.end() :]


def _told_after(sentence: str, stated: int, source: Source, page: Page) -> None:
    """`A publishes X; B cleans up, and C sends a mail`: whoever acts then has heard of it."""
    told = {fact.names for fact in page.findings.facts[stated:] if fact.kind == "publishes" and not fact.negated}
    if len(told) != 1:
        return
    [(publisher, event)] = told
    _, said, rest = sentence.partition(event)
    heard = {fact.names[0] for fact in page.findings.facts[stated:] if fact.kind == "consumes"}
    if not said or not re.match(r"[`*]*(?:;|, | and the |\. )", rest):
        return
    for each in reacting(re.sub(r"^[`*]*(?:;|,)?\s*", "", rest), page):
        if each.name not in (publisher, *heard):
            page.findings.state(Fact("consumes", (each.name, event), source, {}, Confidence.GUESS))


OFFERS = re.compile(r"\b(?:offers?|exposes?|provides?|serves?|bietet|ofrece)\b[^.;]{0,80}?\b(grpc|rest|https?)\b", re.IGNORECASE)


def _offered(text: str, source: Source, subject: Entity | None, page: Page) -> None:
    """`The Engine offers A and B over gRPC`."""
    found = OFFERS.search(text)
    if found is None:
        return
    before = [each.entity for each in mentions(tokens_of(text[: found.start()]), Reader(page.names, may_find=False)) if each.entity]
    owner = before[-1] if before else subject
    if owner and owner.kind == "component":
        page.findings.state(Fact("component", (owner.name,), source, {"protocol": found[1]}, *PROSE_LIKELY))


GOES_ON = re.compile(r"\b(?:dieser|diese|dieses|er|sie|es|it|he|she|they|il|elle|celui-ci|celle-ci) ")
"""Whoever the sentence before was about."""


def _kept(text: str, stated: int, source: Source, subject: Entity | None, page: Page, spoken_of: Sequence[Mention], *, spoke: bool) -> None:
    """`Rides live in `rides`, a Postgres database`: whoever is spoken of uses it, when no verb before has told who does."""
    tokens = tokens_of(text)
    for at, name, said in itertools.chain(named_stores(tokens), described_stores(tokens)):
        store = page.names.find(name, event=False, store=True)
        if store is None or store.kind != "store":
            continue
        if engine_of(said):
            page.findings.state(Fact("store", (store.name,), source, {"kind": said}, *PROSE_LIKELY))
        if any(fact.kind in ("owns", "reads", "writes", "touches") and name in fact.names[1] for fact in page.findings.facts[stated:]):
            continue
        before = [
            each
            for each in mentions(tokens[:at], Reader(page.names, may_find=False))
            if each.kind == "component" and each.entity and not each.before
        ]
        last = [each.entity for each in spoken_of if each.entity and each.kind == "component"]
        is_its = bool(ITS.match(text)) and subject is not None and subject.kind == "component"
        beside = [
            each
            for each in mentions(tokens[:at], Reader(page.names, may_find=False))
            if each.kind == "component" and each.entity and [folded(one) for one in tokens[each.end : each.end + 2]] in APPOSED
        ]
        near = {
            each.entity.name: each.entity
            for each in mentions(tokens, Reader(page.names, may_find=False))
            if each.kind == "component" and each.entity and (each.start < at or each.before in FROM)
        }
        keeper = (
            beside[-1].entity
            if beside
            else subject
            if is_its
            else _namesake(store, page, last) or last[-1]
            if spoke and last
            else before[0].entity
            if before
            else subject
            if subject and subject.kind == "component"
            else next(iter(near.values()))
            if len(near) == 1
            else _namesake(store, page) or (last[-1] if last else None)
        )
        if keeper:
            kind = engine_of(said)
            page.findings.state(Fact("touches", (keeper.name, store.name), source, {"kind": kind} if kind else {}, *PROSE_LIKELY))


def _namesake(store: Entity, page: Page, spoken_of: Sequence[Entity] = ()) -> Entity | None:
    """Of `orders-db` the Order Desk, as the only component that shares the word, unless it is spoken of anyway."""
    [*words] = map(singular, name_words(store.name))
    if words[-1:] != ["db"] or len(words) < 2:
        return None
    alike = [each for each in page.names.entities if each.kind == "component" and set(words[:-1]) & set(map(singular, each.words))]
    alike = alike if len(alike) == 1 else [each for each in alike if each in page.met]
    return alike[0] if len(alike) == 1 and alike[0] not in spoken_of and alike[0].weight >= CERTAIN else None


ITS = re.compile(
    r"(?:Its|Their|Seine|Ihre|Ses|Sus) (?:own )?(?:data|state|records|store|database|daten|zustand|données|datos)\b", re.IGNORECASE
)
IN_ENGINE = re.compile(
    rf"(?:\b(?:(?:in|into|out of|from|on|is|has|and|with|for|inside|within) |[(,] ?)(?:an? (?:[a-z-]+ ){{0,2}}|its own |our |another |eine[mr] (?:eigenen )?|de[mr] eigenen )(?P<engine>(?i:{ENGINE}))"
    rf"|, in (?P<last>(?i:{ENGINE}))(?=\.?$)|^(?P<first>(?i:{ENGINE}))(?= (?:for|holds|keeps|with|and|as)\b)|\b(?:lives?|sits?|stands?|ends? up|goes?|kept|stored|held|saved|are|is) in (?P<bare>(?i:{ENGINE})))"
    r"(?: (?:of its own|database|cluster|instance|bucket))*\b(?! (?:called|named|by the name)|[ ,]*[(`])"
)
"""`what is known of it in a little MySQL`: an engine in passing."""


def _in_passing(text: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    """An engine that no verb has told of: whoever is spoken of keeps data in it."""
    told = page.findings.facts[stated:]
    for found in IN_ENGINE.finditer(text):
        engine = engine_of(found["engine"] or found["bare"] or found["first"] or found["last"])
        if (
            engine is None
            or is_denied(text[: found.start()])
            or any(engine_of(str(each)) == engine for fact in told for each in (*fact.names, fact.values.get("kind", "")))
        ):
            continue
        last = [each.entity for each in page.last if each.entity and each.kind == "component"]
        before = [
            each.entity
            for each in mentions(tokens_of(text[: found.start()]), Reader(page.names, may_find=False))
            if each.entity and each.kind == "component" and not each.before
        ]
        keeper = before[0] if before else subject if subject and subject.kind == "component" else last[-1] if last else None
        if keeper:
            page.findings.state(Fact("touches", (keeper.name, engine), source, {"kind": engine}, *PROSE_LIKELY))


APPOSED = [[",", word] for word in ("a", "an", "which", "whose", "ein", "eine", "un", "une", "una")]
"""`goes to the Vault, a service in front of a bucket`."""
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


ARROW = re.compile(r"^\s*([^→()]{2,60}?)(?<![.\s])\s*(?:→|-->|->|=>)\s*([^→(:,]{2,60}?)\s*(?:(?:[(:\[]|(?=,)|(?<=\s)[–-]\s)(.*))?$")
"""`A → B (gRPC)` in a line of its own."""
TAIL = re.compile(
    r"(?P<end>(?:→|-->|->|=>)\s*(?:[^\s(:,.→`]+ ){0,3}?[^\s(:,.→`]+)"
    r"(?:\.(?= )|(?= (?:for|at|when|whenever|once|if|with|on|so|because|in|via|over|by|as|every|only|after|per|using|directly|too|also|the moment|webhook|callback)\b))"
)
"""`A → B when it is paid`, `A → B. It asks …`: what is said after the names without a mark between."""
NEXT_ARROW = re.compile(r"(?:^|[,;.)] )(?:and |then )?(?P<next>[^,;.()→>]{2,40}? (?:→|->|=>) .+)")


AND_TO = re.compile(r"(?:^|[,;.)] )(?:and |then )?(?:→|->|=>)\s*(?P<end>.+)")
"""`A → B (smtp) for mails, → C (http) for texts`."""


DENIED_ARROW = re.compile(r"\W*(?:not|no|never|nicht|kein|pas)\b", re.IGNORECASE)


def arrow_of(text: str) -> re.Match[str] | None:
    """The arrow that a line is: its ends, and what is said of them."""
    return None if DENIED_ARROW.match(text) else ARROW.match(TAIL.sub(r"\g<end> –", text, count=1))


CHAIN = re.compile(
    r"^\s*(?P<start>[^→()`]{2,60}?)\s*(?:→|-->|->|=>)\s*(?:[A-Z][\w ]{1,20} )?(?:topic |queue |event )?`?(?P<event>[\w.-]{3,60})`?(?: event| topic)?\s*(?:→|-->|->|=>)\s*(?P<ends>[^→(:`]{2,200}?)\s*(?:[(:].*)?$"
)
"""`A → Kafka `OrderPlaced` → B, C`."""


HEARD = re.compile(rf"(?P<event>`[\w.]+`|\b[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]\w*)[^→.;]{{0,60}}→\s*(?P<ends>{NAME}[^.;]*)")
"""`on a freeze it publishes X → A, B`, `X: published by A → B (does this), C`."""


def _heard(text: str, source: Source, page: Page) -> str:
    """The text without such arrows; who stands at their ends hears the event."""
    found = HEARD.search(text)
    event = found["event"].strip("`") if found else ""
    if found is None or not (looks_like_event(event) or page.names.find(event, event=True)):
        return text
    named = mentions(tokens_of(re.sub(r"\([^()]*\)", "", found["ends"])), Reader(page.names, may_find=False), loosely=True)
    for each in named:
        if each.entity and each.kind in CALLABLE:
            page.findings.see(event, "event", 4, source)
            page.findings.state(Fact("consumes", (each.entity.name, event), source, confidence=Confidence.LIKELY))
    return text[: text.index("→", found.start())] if named else text


def _arrows(text: str, source: Source, page: Page) -> bool:
    chain, arrow = CHAIN.match(text), arrow_of(text)
    return bool((chain and _chain(chain, source, page)) or (arrow and _arrow(arrow, source, page)))


def _chain(found: re.Match[str], source: Source, page: Page) -> bool:
    start = page.names.find(found["start"], event=False, loosely=True)
    ends = [
        page.names.find(each.strip(), event=False, loosely=True)
        for each in re.split(r",|;| and | und | et | y ", found["ends"])
        if each.strip()
    ]
    if start is None or start.kind not in CALLABLE or None in ends or is_hypothetical(found[0]):
        return False
    if not (looks_like_event(found["event"]) or page.names.find(found["event"], event=True)):
        return False
    page.findings.see(found["event"], "event", 5, source)
    page.findings.state(Fact("publishes", (start.name, found["event"]), source))
    for each in ends:
        if each and each.kind in CALLABLE:
            page.findings.state(Fact("consumes", (each.name, found["event"]), source))
    return True


def _over_broker(found: re.Match[str], source: Source, page: Page) -> bool:
    """`A -> Broker: publishes X`, `Broker -> B: delivers X`: who tells and who hears."""
    start, end = page.names.find(found[1], event=False, loosely=True), page.names.find(found[2], event=False, loosely=True)
    teller = start if start and start.kind in CALLABLE and _is_broker(end, found[2]) else None
    hearer = end if end and end.kind in CALLABLE and _is_broker(start, found[1]) else None
    who, kind = (teller, "publishes") if teller else (hearer, "consumes")
    said = event_texts(re.split(r"\s\[", found[3] or "")[0], page.names) if who else []
    events = [each for each in said if looks_like_event(each) or is_topic(each) or page.names.find(each, event=True)]
    for event in events:
        page.findings.see(event, "event", 5, source)
        page.findings.state(Fact(kind, (who.name if who else "", event), source, {"topic": event} if is_topic(event) else {}))
    return bool(events)


def _is_broker(entity: Entity | None, text: str) -> bool:
    return entity.kind == "broker" if entity else kind_by_name(text) == "broker"


def _others_called(start: Entity, said: str, source: Source, page: Page) -> str:
    """`A → B (gRPC), C (REST)`, `A → B, C → A`: who else is called; what is left to be said of the first."""
    if following := NEXT_ARROW.search(said):
        said = said[: following.start()]
        _arrows(following["next"], source, page)
    elif following := AND_TO.search(said):
        said = said[: following.start()]
        _arrows(f"{start.title} → {following['end']}", source, page)
    for each in said.split(",")[1:] if said.startswith(",") else ():
        head = re.split(r"[(:]", each, maxsplit=1)[0].strip()
        if head and (another := page.names.find(head, event=False)) and another.kind in CALLABLE and another is not start:
            call((start.name, another.name), each, source, page, Confidence.SURE)
    return said


def _arrow(found: re.Match[str], source: Source, page: Page) -> bool:
    if _over_broker(found, source, page):
        return True
    start, end = page.names.find(found[1], event=False, loosely=True), page.names.find(found[2], event=False, loosely=True)
    if start and start is end:
        return True  # parts of one component
    if not start or not end or start.kind not in CALLABLE or "component" not in (start.kind, end.kind) or is_hypothetical(found[0]):
        return False
    said = _others_called(start, found[3] or "", source, page)
    if end.kind in CALLABLE:
        events = [word for word in re.findall(r"[\w.]+", said) if looks_like_event(word)]
        for event in events:
            page.findings.see(event, "event", 4, source)
            page.findings.state(Fact("publishes", (start.name, event), source, confidence=Confidence.LIKELY))
            page.findings.state(Fact("consumes", (end.name, event), source, confidence=Confidence.LIKELY))
        if not events:
            call((start.name, end.name), said.strip(", "), source, page, Confidence.SURE)
    elif end.kind == "store":
        page.findings.state(Fact("touches", (start.name, end.name), source))
    return True
