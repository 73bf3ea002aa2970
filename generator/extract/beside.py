"""Calls that no verb between two names tells: a protocol right after a name, the door of a system, where something comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.discourse import third_parties
from generator.extract.doors import doors
from generator.extract.facts import Fact, Source
from generator.extract.findings import CALLABLE, PROSE_LIKELY, Page
from generator.extract.grammar import BE
from generator.extract.mentions import (
    FROM,
    POSSESSIVE,
    TO,
    VIA,
    Mention,
    Reader,
    is_denied,
    is_german,
    is_hypothetical,
    mentions,
    tokens_of,
)
from generator.extract.naming import HUMPS, Entity, engine_of, name_words
from generator.extract.phrases import NAME
from generator.extract.rewording import reworded
from generator.extract.usual import SURFACES
from generator.extract.values import protocol, protocols
from generator.extract.vocabulary import (
    BREAKS_FOLDED,
    JOINERS,
    NEGATIONS,
    PRONOUNS,
    RELATIVES,
    VERB_OF,
    folded,
    words_of,
)


def served(sentence: str, source: Source, subject: Entity, reader: Reader, page: Page) -> None:
    """A verb that no list has, done by the component that the section is about with the help of a third party."""
    for mention in third_parties(sentence, reader):
        page.findings.see(mention.text, "external", 3, source)
        found = protocol(sentence)
        values = {"protocol": found} if found and found != "async" else {}
        name = mention.entity.name if mention.entity else mention.text
        page.findings.state(Fact("call", (subject.name, name), source, values, *PROSE_LIKELY))


OVER = re.compile(
    r"^[»”\"']? ?,? ?\(? ?(?:also |both |likewise |again |once more )?(?:over|via|by|per|through|ueber|par|por|using|en)? ?(?:https?|rest|grpc|sftp|ftps?|soap|smtp|graphql|oidc|odata|fhir|as2|websockets?)\b(?! (?:api|interface|schnittstelle|service|server|gateway))"
)
"""What stands right after the name of somebody who is called: `… in Terralux (REST)`."""
SPOKEN = r"(?:https?|rest|grpc|sftp|ftps?|soap|smtp|graphql|oidc|odata|fhir|as2|websockets?|modbus)\b"
DOOR = r"(?:[a-z]+ )?(?:api|interface|endpoint|web ?service|schnittstelle|interfaz|service|server|host|account)s?\b"
OVER_FAR = re.compile(
    rf"^(?P<words>(?:[a-z][a-z'’-]+ ){{0,4}})(?:, )?(?:over|via|by|through|per|using) (?:(?:its|their|the|an?) )?(?:[A-Za-z]+ )?{SPOKEN}"
    rf"|^, (?:the|an?|la|les?|l['’]|die|der|das|une?) (?:[^\W\d_A-Z][\w'’-]* ){{1,5}}, (?:over|via|by|through|par|en|per|ueber|mit) (?:(?:the|an?|une?|eine[nr]?) )?(?:[a-z]+ )?{SPOKEN}"
    rf"|^(?:, )?(?:whose|with its|by its|through its|over its) (?:[a-z]+ )?{SPOKEN}"
)
"""What stands after it with a few words between: `the KNMI open data service by HTTPS`, `Terralux , whose REST interface it queries`."""
ITS_DOOR = re.compile(rf"^(?:[a-z]+ )?{SPOKEN} {DOOR}")
"""After a possessive: `through Terralux's REST interface`."""
DOOR_OF = re.compile(
    rf"\b{SPOKEN} {DOOR} (?:of|from|at|offered by|provided by) (?:the |our )?$|\b(?:api|service|interface) {SPOKEN} (?:de|du|des|d['’]) ?(?:la |le |l['’])?$"
)
"""What stands right before it: `through the REST API of Terralux`."""
OVER_TO = re.compile(
    r"\b(?:with|over|via|by|per|through|ueber|par|por|en) (?:https?|rest|grpc|s?ftps?|soap|smtp|tcp|oidc) (?:to|at|with|on|into|from|through|via|over|an|bei|auf|von|chez|aupres de|a|en|con)(?: the(?: [a-z]+['’]s)?| der| die| das| la| le| l['’]| el)? $"
)
"""What stands right before it: `… puts the file by SFTP on Terralux`."""


def spoken_beside_names(text: str, stated: int, source: Source, subject: Entity | None, reader: Reader, page: Page) -> None:
    """A name with its protocol right after it, and no verb that any list has: whoever is spoken of calls it."""
    for clause in reworded(text, reader):
        tokens = tokens_of(clause)
        if is_hypothetical(clause):
            continue
        named = mentions(tokens, reader)
        told = {name for fact in page.findings.facts[stated:] for name in fact.names}
        for at, mention in enumerate(_wholes(named, tokens)):
            name = mention.entity.name if mention.entity else mention.text
            spoken = _spoken_beside(mention, tokens)
            if (
                spoken
                and mention.kind == "store"
                and mention.entity is None
                and not engine_of(mention.text)
                and protocol(spoken) in ("http", "sftp")
            ):
                mention = replace(mention, kind="external")  # noqa: PLW2901 - the `Base Adresse Nationale (REST)` is no data store
            is_unsaid = name in told or not spoken or _is_denied_at(tokens, mention.end)
            if mention.kind not in CALLABLE or not mention.text[0].isupper() or is_unsaid:
                continue
            before = [each.entity for each in named[:at] if each.entity and each.kind == "component" and not each.before]
            meant = [each.entity for each in named[:at] if each.kind == "component" and each.entity and _is_who(tokens, each.end)]
            before = meant[-1:] or _callers(before, page.findings.facts[stated:], page)
            own = {at for each in named for at in range(each.start, each.end)}
            if before and not any(
                tokens[at].islower() and len(tokens[at]) > 3 for at in range(named[0].end, mention.start) if at not in own
            ):
                continue  # a list: `Tariff Engine (gRPC), Terralux (REST)`
            speaker = before[0] if before else page.spoken_of(subject)
            if (
                speaker is None
                or speaker is mention.entity
                or page.is_system(mention.text)
                or (mention.entity is None and mention.kind != "external" and is_german(tokens))
            ):
                continue
            found = protocol(spoken)
            is_place = mention.before == "in" and any(each.entity is None and each.kind in CALLABLE for each in named[:at])
            is_type = mention.entity is None and tokens[mention.start].startswith("`") and HUMPS.fullmatch(mention.text)
            goes_on = [folded(each) for each in tokens[mention.end : mention.end + 1]] in LINKED  # `Agenzia delle Entrate`
            if mention.entity is None and (found in (None, "grpc", "async") or is_place or is_type or goes_on):
                continue
            if mention.entity is None:
                page.findings.see(mention.text, mention.kind, 2, source)
            values = {"protocol": found} if found and found != "async" else {}
            page.findings.state(Fact("call", (speaker.name, name), source, values, *PROSE_LIKELY))


LINKED = [[each] for each in ("delle", "della", "dei", "di", "du", "des", "del")]


def _callers(before: list[Entity], told: Sequence[Fact], page: Page) -> list[Entity]:
    """Who is named before, or who calls it where that is all that is said of it: `it calls A over REST, and forms are loaded from B over REST`."""
    callers = {fact.names[1]: fact.names[0] for fact in told if fact.kind == "call"}
    is_done_to = len(before) == 1 and before[0].name in callers
    return [page.names.find(callers[before[0].name], event=False) or before[0]] if is_done_to else before


def _is_denied_at(tokens: list[str], at: int) -> bool:
    """Whether a negation stands before a name, or after it in the same clause: `…, since no work may be done` denies nothing."""
    end = next((position for position in range(at, len(tokens)) if folded(tokens[position]) in BREAKS_FOLDED), len(tokens))
    return bool({folded(each) for each in tokens[:end]} & NEGATIONS)


def _is_who(tokens: list[str], at: int) -> bool:
    """`in the Portal, which creates the claim in …`: whoever is meant by `which`."""
    following = [folded(each) for each in tokens[at : at + 3]]
    return following[:2] in ([",", "which"], [",", "who"]) and not set(following[2:]) & (BE | {"belongs", "has", "runs"})


def at_doors(text: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    """`Gleicht Adressen über die SOAP-Schnittstelle des Melderegisters ab`: whoever is spoken of calls it."""
    if is_denied(text):
        return
    told = {name for fact in page.findings.facts[stated:] for name in fact.names}
    before = [
        each for each in mentions(tokens_of(text), Reader(page.names, may_find=False)) if each.kind == "component" and not each.before
    ]
    opening = before[0].entity if before and before[0].start <= 1 else None
    speaker = opening or page.spoken_of(subject)
    for name, entity, spoken in doors(text, page.names):
        if speaker is None or entity is speaker or (entity.name if entity else name) in told or (entity and entity.kind not in CALLABLE):
            continue
        if entity is None:
            page.findings.see(name, "external", 3, source)
        page.findings.state(Fact("call", (speaker.name, entity.name if entity else name), source, {"protocol": spoken}, *PROSE_LIKELY))


def to_subject(text: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    """`The Rent Service creates the payment over HTTPS`, in the section of a third party that nobody else is told of to be called."""
    spoken = [each for each in protocols(text) if each != "async"]
    if subject is None or subject.kind != "external" or len(spoken) != 1 or is_denied(text) or BACKWARD.search(text):
        return
    if any(fact.kind in ("call", "message") for fact in page.findings.facts[stated:]):
        return
    named = [each for each in mentions(tokens_of(text), Reader(page.names, may_find=False)) if each.entity and each.kind in CALLABLE]
    actors = [each for each in named if each.entity is not subject]
    if len(actors) == 1 and actors[0].kind == "component" and not actors[0].before and actors[0].entity:
        page.findings.state(Fact("call", (actors[0].entity.name, subject.name), source, {"protocol": spoken[0]}, *PROSE_LIKELY))


BACKWARD = re.compile(r"\b(?:web-?hooks?|call-?backs?|calls? (?:us |it )?back|receives?|offers?|exposes?|provides?)\b", re.IGNORECASE)


def _spoken_beside(mention: Mention, tokens: list[str]) -> str:
    """The words right before or after a name that say how it is spoken to; empty where none do."""
    ahead = folded(" ".join(tokens[max(0, mention.start - 6) : mention.start])) + " "
    raw = [
        each if each.islower() or not each.isalpha() else folded(each) if protocol(each) or each == "API" else each
        for each in tokens[mention.end : mention.end + 9]
    ]
    after = " ".join(raw)
    if before := OVER_TO.search(ahead) or DOOR_OF.search(ahead):
        return before[0]
    if POSSESSIVE.search(tokens[mention.end - 1]):
        its = ITS_DOOR.match(after)
        return its[0] if its else ""
    if OVER.match(folded(" ".join(tokens[mention.end : mention.end + 6]))):
        return " ".join(tokens[mention.end : mention.end + 6])
    far = OVER_FAR.match(after)
    words = set((far["words"] or "").split()) if far else set()
    return (
        far[0]
        if far
        and not words & (TO | FROM | VIA | JOINERS | RELATIVES | PRONOUNS)
        and not any(each in VERB_OF or each in BE for each in words)
        else ""
    )


def _wholes(named: list[Mention], tokens: list[str]) -> list[Mention]:
    """`the service Tarifa of the Commission (HTTPS)`: what is said after it is said of the first name."""
    wholes: list[Mention] = []
    for mention in named:
        between = [folded(each) for each in tokens[wholes[-1].end : mention.start]] if wholes else []
        if between and between[0] in OF and len(between) <= 2 and mention.kind in CALLABLE:
            wholes[-1] = replace(wholes[-1], end=mention.end)
        else:
            wholes.append(mention)
    return wholes


OF = words_of("of de du des von der del")
DRAWN = re.compile(
    rf"\b(?:(?:is|are|gets?|have|has) (?:(?:always|then|only|also|never|all) )?(?:fetched|read|obtained|drawn|pulled|taken|loaded|retrieved|requested|looked up)|turns|(?P<comes>comes?)) (?:directly |straight )?(?:from|up in|to) (?:the )?(?P<name>{NAME})"
)


def drawn_from(text: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    """`The prices come from the Tariff Engine`: whoever is spoken of asks for them, unless an event brings them."""
    if subject is None or subject.kind != "component" or is_denied(text):
        return
    for found in DRAWN.finditer(text):
        before = mentions(tokens_of(text[: found.start()]), Reader(page.names, may_find=False))
        end = page.names.find(found["name"], event=False)
        told = any(fact.kind in ENDS_OF_EVENTS for fact in page.findings.facts[stated:])
        is_asked = end is not None and end.kind in CALLABLE and end is not subject and name_words(end.title)[-1] not in SURFACES
        if end and is_asked and not told and all(each.entity is subject for each in before):
            page.findings.state(Fact("depends" if found["comes"] else "call", (subject.name, end.name), source, {}, *PROSE_LIKELY))


ENDS_OF_EVENTS = ("publishes", "consumes", "message")
