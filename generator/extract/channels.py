"""Messages to people, which leave by several doors at once: `texts go out through Terralux's REST API, mails over SMTP through the group mail relay`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.facts import Fact, Source
from generator.extract.findings import PROSE_LIKELY, Page
from generator.extract.mentions import Mention, Reader, is_hypothetical, mentions, tokens_of
from generator.extract.naming import Entity
from generator.extract.relating import VOUCHED
from generator.extract.values import protocols
from generator.extract.vocabulary import JOINERS, folded

MESSAGES = re.compile(
    r"\b(?:e-?mails?|mails?|texts?|text messages?|sms|push\w*|letters?|courriels?|notifications?|nachrichten|avisos?|correos?|posta|messaggi|messages)\b"
)
"""What goes to people. Compared with folded text."""
NOT_BY = re.compile(r", (?:not|nicht|pas|no) [^(),;]*(?=[)])")
SEPARATORS = JOINERS | {",", ";", ":", "."}


def by_channels(sentence: str, stated: int, source: Source, subject: Entity | None, page: Page) -> None:
    """Who sends them calls each third party over what is said beside its name; nothing where it is not plain who sends."""
    if not MESSAGES.search(folded(sentence)) or is_hypothetical(sentence):
        return
    tokens = tokens_of(NOT_BY.sub("", sentence))
    named = mentions(tokens, Reader(page.names, may_find=False))
    doors = [each for each in named if each.kind == "external"]
    sender = _sender(named, subject, page)
    if sender is None or not doors or any(each.kind == "event" for each in named):
        return
    facts = page.findings.facts
    for at, door in enumerate(doors):
        spoken = _spoken(tokens, doors[at - 1].end if at else 0, door, doors[at + 1].start if at + 1 < len(doors) else len(tokens))
        name = door.entity.name if door.entity else door.text
        told = [
            number
            for number in range(stated, len(facts))
            if facts[number].kind in ("call", "message", "depends") and name in facts[number].names
        ]
        is_whole = len(protocols(" ".join(tokens))) < SEVERAL
        if spoken is None or (told and is_whole) or any(facts[number].names[1] != name for number in told):
            continue
        for number in told:
            facts[number] = replace(facts[number].over(spoken), kind="call")
        if door.entity is None:
            page.findings.see(name, "external", 3, source)
        if not told:
            page.findings.state(Fact("call", (sender.name, name), source, {"protocol": spoken}, *PROSE_LIKELY))


SEVERAL = 2
"""Protocols of a sentence that have to be dealt out."""


def _sender(named: Sequence[Mention], subject: Entity | None, page: Page) -> Entity | None:
    """The only component of the sentence, else the section's, else the one that was spoken of last."""
    components = {
        each.entity.name: each.entity for each in named if each.kind == "component" and each.entity and each.entity.weight >= VOUCHED
    }
    if components:
        return next(iter(components.values())) if len(components) == 1 else None
    return page.spoken_of(subject)


def _spoken(tokens: Sequence[str], begin: int, door: Mention, end: int) -> str | None:
    """The protocol of the part of a sentence that a name stands in, with a remark right after it; mail by SMTP, where nothing is said."""
    start = max((at + 1 for at in range(begin, door.start) if folded(tokens[at]) in SEPARATORS), default=begin)
    stop = door.end
    while stop < end and (folded(tokens[stop]) not in SEPARATORS or _is_remark(tokens, stop, door.end)):
        stop += 1
    found = [each for each in protocols(" ".join(tokens[start:stop])) if each != "async"]
    if not found and any("mail" in word for word in (door.entity.words if door.entity else ())):
        return "smtp"
    return found[0] if len(set(found)) == 1 else None


def _is_remark(tokens: Sequence[str], at: int, begin: int) -> bool:
    """`Terralux (REST)`, `Terralux, over SMTP`, `Terralux for texts, by REST`."""
    is_open = "(" in tokens[begin:at] and ")" not in tokens[begin:at]
    following = " ".join(tokens[at + 1 : at + 3])
    return is_open or (
        tokens[at] == ","
        and bool(re.match(r"(?:over|by|via|per|through|using|par|en|über|likewise|again)\b|(?:REST|SMTP|HTTPS?|SOAP)\b", following))
    )
