"""Third parties that no list has, told by how prose speaks of them: `Quandel's REST API`, `the SFTP server of Quandel`, `Quandel, the pilots' organisation`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.blocks import Item, Sentence
from generator.extract.mentions import is_german, tokens_of
from generator.extract.naming import Names, Sighting, broker_of, engine_of, is_name, kind_by_name, looks_like_event
from generator.extract.vocabulary import GENERIC, HEADS, NO_NAMES, PEOPLE, STORE_WORDS, folded, singular

NAME = r"(?P<name>[A-ZÀ-Þ][\w&+-]*(?:\.(?:io|com|de|fr))?(?: (?:for |de |du )?[A-ZÀ-Þ][\w&+-]*){0,3})"
DOOR = (
    r"(?:(?:public|own|hosted|open|decent|new|official|ordering|payment|payments|routing|introspection|line-oriented|[A-Z]{3,6}|gRPC|HTTP|JSON|REST) ){0,3}"
    r"(?:REST|JSON|SOAP|HTTPS?|WFS|HTTP API|APIs?|web ?services?|(?:SFTP|FTP|mail|SMTP|network) (?:server|drop|site|folder)|endpoints?|web ?hooks?|(?:REST|HTTP|JSON|SOAP|web) (?:interface|service|API)|TCP (?:socket|port))\b"
)
"""What somebody else's system is reached by."""
TRADE = (
    r"(?:provider|vendor|supplier|wholesaler|company|firm|carrier|haulier|haulage|operator|agency|organi[sz]ation|association|society|union|laundry|print(?:er| shop)|bank|insurer|broker|marketplace|exchange|auction house"
    r"|login|register|registry|verification system|community system|(?:accounting|bookkeeping|payroll|ERP|booking|reservation|ticketing|ordering|weather|map|mapping|address|routing|payment|text message|messaging|mail) (?:system|software|package|service|product|portal|tool|provider|company|network)"
    r"|adviser|authority|office|department|tax|notary|clearing house|body that|who supply|(?:national|municipal|regional|federal|commercial) [a-z]+)"
)
"""What somebody is who is no part of the system."""
OWNERS = r"(?i:departments?|chamber|office|ministry|authority|council|state|city|county|government|company|bank|administration|agency|municipality|region|province|university|group|holding|club|facilities|finance|insurer|port|hospital|church|federation)"
"""Whose a system is that is none of ours."""
SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?<![\w-]){NAME}['’]s? {DOOR}",
        rf"\b(?:API|APIs|server|interface|endpoint|web ?service|feed|cloud|drop|socket|portal) (?:of|at|from) {NAME}(?=[\s,.;:)]|$)",
        rf"(?<![\w-]){NAME},? (?:\([A-Z]{{2,5}}\),? )?(?:the|our|a|an|who|which is the) (?:(?!to )[\w'’-]+ ){{0,5}}?{TRADE}\b",
        rf"\b(?:our|the|by) (?:[\w'’-]+ ){{0,3}}{TRADE},? {NAME}(?=[,.;:)]| (?:over|via|by|through|at|with|GmbH)\b|$)",
        rf"\b(?:TCP|HTTPS?|REST|SFTP|SMTP|gRPC) (?:connection|link|session) to {NAME}\b",
        rf"\b(?:calls|asks|queries|polls|uses|to|from|against|with|through|via|at|by way of|using|into|in|on) {NAME}(?:, [^,]{{3,60}},)?,? (?:open )?(?:with )?(?:\(?(?:only )?(?:over|via|by|through|using|as a file by|as a file over|nightly by|every \w+ by) )(?:its |their |a |an |his )?(?:[a-z]+ ){{0,2}}(?:REST|JSON|SOAP|HTTPS?|SFTP|SMTP|web ?hook|API|OpenID|TCP)\b",
        rf"\b(?:through|via|by way of|at|to|from|with|of) {NAME} \((?:[^()]* )?(?:REST|SOAP|HTTPS?|SFTP|SMTP|HTTP API|JSON)\b",
        rf"\b(?:over|via|by) (?:REST|SOAP|HTTPS?|SFTP|SMTP)(?:,)? (?:to|through|at|from|by way of|with|against) {NAME}(?=[\s,.;:)]|$)",
        rf"(?:^|, (?:and |where )?|\b(?:and|when|when|where|until|once|that) )(?<!The ){NAME}(?:, [^,]{{3,60}},)? (?:then |later |also )?(?:reports|sends|posts|pushes|calls|answers|confirms|notifies|tells|forwards|delivers|returns|rings)\b[^.;]{{0,80}}\b(?:web-?hook|call-?back|HTTP call)s?\b",
        rf"\b(?:web-?hooks?|call-?backs?) (?:calls? )?(?:from|of|by|sent by) {NAME}\b",
        rf"\b[Tt]he {NAME}(?: \([A-Z]{{2,5}}\))? of (?:the|our|a) (?:[\w-]+ ){{0,3}}{OWNERS}\b",
        rf"\b[Tt]he {NAME}(?: \([A-Z]{{2,5}}\))?, which (?:belongs to|is (?:owned|run|operated|kept) by|the|our) (?:[\w-]+ ){{0,4}}{OWNERS}\b",
        rf"\bbelongs to the {NAME}(?=[,.;])",
        rf"(?:^|\b(?:and|that|when|by) ){NAME}(?:,)? (?:has|have|offers?|provides?|exposes?) (?:a|an|its|only a|no|us a) {DOOR}",
    )
)
OWNING, APPOSED = SHAPES[0], SHAPES[2]
CAPITAL_BEFORE = re.compile(r"(?<!^)(?<!\. )[A-ZÀ-Þ][\w&-]* $")
LED = re.compile(r"\b(?:the|our|The|Our) $")
NO_BEGINNINGS = {"Inside", "Outside", "Only"}
BARE = re.compile(
    r"^(?:The|Our|Its|Their|An?|This|That|For|From|At|In|On|By|If|When|Once|Each|Every|Only|After|Before|With|Whether|While|As|And|But|Until|Where|To) "
)
NO_PARTIES = HEADS | GENERIC | STORE_WORDS | {"team", "teams", "domain", "cloud"}


def foreign_names(told: Sequence[Sentence | Item], names: Names) -> list[Sighting]:
    """Names in capitals that nothing knows, and that such a turn of phrase has."""
    lower = {singular(word) for block in told for word in re.findall(r"(?<![`\w-])[a-zß-ÿ]{3,}(?![\w-]*`)", block.text)}
    return [
        Sighting(name, "external", 4, block.source)
        for block in told
        if not is_german(tokens_of(block.text))
        for name in _named(block.text)
        if _is_unknown(name, names, lower)
    ]


def _named(text: str) -> Iterator[str]:
    for shape in SHAPES:
        for found in shape.finditer(text):
            before, name = text[: found.start("name")], BARE.sub("", found["name"]).removesuffix(" API")
            is_verb = not before and " " not in name and name.endswith("s")  # `Hides the provider from …`
            is_led = LED.search(before) and (
                shape is APPOSED or (shape is OWNING and " " not in name)
            )  # `the Duty Roster, our planning tool`
            if not (CAPITAL_BEFORE.search(before) or is_verb or is_led or name.split()[0] in NO_BEGINNINGS):
                yield name


def _is_unknown(name: str, names: Names, lower: set[str]) -> bool:
    words = [folded(word) for word in name.split()]
    known = names.find(name, event=False, loosely=True)
    if known is not None or not is_name(name) or broker_of(name) is not None or engine_of(name) or looks_like_event(name):
        return False
    is_word = all(singular(word) in lower or word in NO_NAMES for word in words)
    return (
        not is_word
        and not set(words[-1:]) & (NO_PARTIES | PEOPLE)
        and folded(name) not in NO_NAMES
        and kind_by_name(name) in ("component", "external")
    )
