"""German phrases that name a system by how it is spoken to: all nouns have capitals there, so that nothing else tells a new name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.extract.naming import Entity, Names, kind_by_name
from generator.extract.values import is_nothing, protocol
from generator.extract.vocabulary import NO_NAMES, folded

NAME = r"(?P<name>[A-ZÄÖÜ][\wäöüß-]*(?: [A-ZÄÖÜ][\wäöüß-]*){0,2})"
SPOKEN = r"(?P<spoken>REST|SOAP|gRPC|GraphQL|HTTPS?|SFTP|FTPS?|SMTP|OIDC|TCP)"
DOOR = r"(?P<door>[A-Z][\w/]*[- ](?:API|Schnittstelle|Interface|Endpunkt|Webservice))"
DOORS = (
    re.compile(rf"\b{DOOR} (?:des|der|von|vom) (?:dem |der )?{NAME}(?: \((?P<said>[^()]*)\))?"),
    re.compile(
        rf"\b(?:aus|bei|beim|vom|von|an|zum|zur)(?: dem| der| das| den| die)? {NAME} (?:über|per|via) (?:dessen |deren |die |das |eine[rn]? )?(?:{DOOR}|{SPOKEN})(?: \((?P<said>[^()]*)\))?"
    ),
    re.compile(rf"\b(?:per|über|via) {SPOKEN} (?:an|bei|auf|in|zu|von|aus|über|gegen)(?: das| den| die| der| dem)? {NAME}"),
    re.compile(rf"\b(?:per|über|via) {SPOKEN} (?:beim|zum|zur|vom|ins|ans) {NAME}"),
)
"""`die REST-API des Archivs`, `aus dem Register über dessen Schnittstelle (HTTPS)`, `per SFTP an die Druckerei`."""


def doors(text: str, names: Names) -> Iterator[tuple[str, Entity | None, str]]:
    """Who is spoken to: the name, what it means if that is known, and the protocol."""
    for pattern in DOORS:
        for found in pattern.finditer(text):
            said = {key: value or "" for key, value in found.groupdict().items()}
            spoken = protocol(f"{said.get('spoken', '')} {said.get('door', '').replace('-', ' ')}") or protocol(said.get("said", ""))
            following = re.match(r" [a-zäöüß]+", text[found.end("name") :])  # `beim Job planner`
            whole = names.find(f"{said['name']}{following[0]}", event=False) if following else None
            name, entity = (
                (whole.title, whole)
                if whole
                else _name(said["name"], names, is_genitive=bool(re.search(r"\bdes $", text[: found.start("name")])))
            )
            if spoken and spoken != "async" and (entity or _is_new(name)):
                yield name, entity, spoken


DESCRIBED = re.compile(
    r"^(?:[A-ZÄÖÜ][\wäöüß-]*)?(?i:plattform|portal|dienstleister|anbieter|system|dienst|register|zentrale|zentrum|verwaltung|druckerei|gateway|server) (?=[A-ZÄÖÜ])"
)
"""`die Handwerkerplattform Gewerk` is called Gewerk."""


def _name(text: str, names: Names, *, is_genitive: bool) -> tuple[str, Entity | None]:
    """`des Ausleihkerns` is the Ausleihkern."""
    text = DESCRIBED.sub("", text)
    for name in (text, *((text.removesuffix("s"), text.removesuffix("es")) if is_genitive else ()), text.split(maxsplit=1)[0]):
        if entity := names.find(name, event=False):
            return name, entity
    return (text.removesuffix("s") if is_genitive and not text.endswith("ss") else text), None


def _is_new(name: str) -> bool:
    return kind_by_name(name) in ("component", "external") and folded(name) not in NO_NAMES and not is_nothing(name)
