"""Stores that are named by what they are: `the orders database, a PostgreSQL instance`, `das Rechnungsarchiv, ein S3-Bucket`, `la base du parc (PostgreSQL)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.naming import engine_of
from generator.extract.phrases import ENGINE

_GERMAN = (
    r"(?!Objekt|Arbeits|Haupt|Datei|Massen)(?:[A-ZÄÖÜ][\wäöüß]*-)*[A-ZÄÖÜ][a-zäöüß]{2,}(?:datenbank|archiv|cache|speicher|index|register|ablage|verzeichnis|journal|protokoll|buch|akte|bestand|tresor|puffer)"
    r"|(?:[A-ZÄÖÜ][\wäöüß]*-)+(?:Datenbank|Archiv|Cache|Speicher|Index|Register|Ablage|DB|Bucket|Puffer)"
)
_ROMANCE = (
    r"(?:base|archive|journal|registre|entrepôt|cache|index|dépôt|magasin|archivio|registro|deposito|indice|almacén|archivo|índice)"
    r"(?: de données| dati| de datos)?(?: (?:de la |de los |de las |de |des |du |del |della |delle |degli |dei |di |d'|de l'|dell')[\wà-ÿ]+(?:[ -](?:de |des |du |di |à )?[\wà-ÿ]+)?| [\wà-ÿ]+s)"
)
_KINDS = "database|archive|cache|journal|history|index|register|registry|log|store|book|vault|inventory|ledger|pool|catalogue|library|folder|bucket|warehouse|repository"
_BESIDE = f"{_KINDS}|queue|list|table|buffer|snapshots?|records|lake|db|directory|trail|files|board|calendar|dictionary"
"""What a store may be called whose engine is said beside."""
_WORD = r"(?!(?:is|are|was|has|have|no|in|on|of|and|or|to|for|which|that|with|from|by|belongs|little|small|tiny|big|separate|dedicated|relational|plain|single|central|shared|private)\b)[A-Za-z][\w]*"
_ENGLISH = rf"(?:(?<=the )|(?<=The )|(?<=its )|(?<=Its )|(?<=own )|(?<=their ))(?!own |same |whole |other |first |second |data |state |event |local |new |old |audit |access |error |change |national |public |federal |city |land ){_WORD}(?:[ -]{_WORD})? (?i:{_BESIDE})"
_ROMANCE_NAMED = r"(?:base|coffre|entrepôt|registre|cache|index|archive|archivio|almacén|base de datos|base dati|base de données) (?-i:[A-ZÀ-Þ])[\wà-ÿ-]+"
_NAME = rf"(?P<name>{_GERMAN}|{_ROMANCE_NAMED}|(?i:{_ROMANCE})|{_ENGLISH})"
_ENGINE = rf"(?P<engine>(?i:{ENGINE}))(?![\w.])"
_WITHIN = r"(?:[a-zà-ÿ]+e[nmrs]? )?(?:(?:base(?: de données)?|instance|compartiment|cluster|bucket|schéma|database|istanza|base dati|base de datos|instancia|fichier) )?"
_REMARK = r"(?:(?:also|again|likewise|still|itself|which|is|an?|the|one|our|second|third|fourth|another|separate|small|plain|single|encrypted|append-only|managed|on|in|held|kept|encore|également|toujours|ebenfalls|gleichfalls|wieder|auch|einer|eine|une|un|unsere[rm]?|einem) ){0,5}"
_IN = (
    r"(?:kept|stored|held|recorded|saved|written|remains?|lives?|lie|lies|sits?|stands?|goes|go|ends? up|put|placed|logged|filed|appended|entered|collected|laid|are|is)"
    r"(?: [a-z]+){0,3} (?:in|into|to|on) (?:the|its|their|our)(?: own)? "
)
_PUT = r"(?:stores?|keeps?|writes?|records?|saves?|puts?|appends?|files?|enters?|holds?|notes?|lays?|collects?) (?:[a-z',-]+ ){1,7}?(?:in|into|to) (?:the|its|their|our)(?: own)? "
_HAS = r"(?:owns|has|runs|reads and writes|fills|beyond|but) (?:the|its)(?: own)? "
_PLAIN = rf"(?P<name>(?!own |same |whole |other |first |second |data |state |event |local |new |old |audit |access |error |change |national |public |federal |city |land )[a-z]+(?:[ -][a-z]+)? (?:{_KINDS}))"
_UNDESCRIBED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_IN}{_PLAIN}\b",
        rf"\b{_PUT}{_PLAIN}\b",
        rf"\b{_HAS}{_PLAIN}(?= [.,;(]| in\b| with\b|$)",
        rf"\b[Ii]ts (?:own )?{_PLAIN}(?= (?:contains|holds|keeps|has|lies|lives|runs|sits|is)\b)",
        rf"\b(?:own )?(?:store|database|ledger|memory) , the {_PLAIN}\b",
        rf"\b(?:we|everybody|everyone|people|the team) calls? the {_PLAIN}\b",
        rf"\b[Tt]he {_PLAIN}(?= (?:is (?:the|its|owned|written|kept|held|read)|belongs|lies|lives|sits)\b| , which is\b| of the [A-Z])",
    )
)
_UNDESCRIBED += tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:liegen|liegt|stehen|steht|speichert|speichern|hält|legt|schreibt|führt|landen|landet|bleiben|bleibt|gespeichert|abgelegt|pflegt|sammelt)\b(?: [\wäöüß]+){{0,6}}? (?:in der|im|in die|ins|in das|in seiner|in ihrer|in seinem) (?P<name>{_GERMAN})\b",
        rf"\b(?:[Ss]eine|[Ii]hre|[Ss]ein|[Ii]hr|eigene) (?P<name>{_GERMAN}) (?:ist|enthält|liegt|läuft|hält|steht)\b",
        rf"\b(?:führt|besitzt|hat|pflegt|unterhält|nutzt|gehört) (?:die|das|den|seine|ihre|ein|eine) (?P<name>{_GERMAN})(?= [.,;(]|$)",
        rf"\b(?:range|stocke|conserve|enregistre|écrit|garde|tient|note|conservée?s?|stockée?s?|vivent|vit|sont|est|dépose|versée?s?|enregistrée?s?|tenue?s?|rangée?s?)\b(?: [\w'’]+){{0,6}}? (?:dans|en) (?:la |le |l'|sa |son )?(?P<name>{_ROMANCE_NAMED}|(?i:{_ROMANCE}))(?= [.,;:(]|$)",
        rf"\b(?:propre base|que nous appelons|qu'on appelle|possède|a pour base|est propriétaire de)(?: ,)? (?:la |le |l')(?P<name>(?i:{_ROMANCE}))(?= [.,;(]|$)",
    )
)
"""Without a word on the engine: what is kept somewhere, or what somebody has."""
_DESCRIBED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_NAME} \( (?:[a-zà-ÿ]+ )?{_ENGINE}",
        rf"\b{_NAME} , {_REMARK}{_WITHIN}{_ENGINE}",
        rf"\b{_NAME} (?:ab )?[,;:] (?:das ist |dies ist |c'est |è |es )?(?:eine[rmsn]? |une? |uno? |una |an? )?{_WITHIN}{_ENGINE}",
        rf"\b{_NAME} (?:in|on|auf|dans|en|su|sur|sous) (?:eine[rmn]? |une? |una? )?{_WITHIN}{_ENGINE}",
        rf"\b{_ENGINE}(?:-[A-ZÄÖÜ]\w+)? , (?:dem|der|das|die|le|la|l'|il|el|the) ?{_NAME}",
        rf"\b{_ENGINE} (?:database|file|bucket|instance|cluster) , the {_NAME}",
        rf"\b{_ENGINE}(?:-[A-ZÄÖÜ]\w+)? \( (?:dem |der |das |die |le |la |l'|il |el |the )?{_NAME} \)",
    )
)


_ALONE = re.compile(rf"(?:[Tt]he |[Ii]ts |[Tt]heir )(?:own )?(?P<name>{_WORD}(?:[ -]{_WORD})? (?i:{_KINDS}))")


def kept_name(text: str) -> str | None:
    """`the recall register`, where it is said what is kept: what the store is called."""
    found = _ALONE.fullmatch(text.strip(" ."))
    return found["name"] if found else None


def described_stores(tokens: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Where each stands, what it is called, and its engine where that is said."""
    text = " ".join(tokens)
    for pattern in _DESCRIBED:
        for found in pattern.finditer(text):
            if engine_of(found["engine"]):
                yield len(text[: found.start("name")].split()), found["name"], found["engine"]
    for pattern in _UNDESCRIBED:
        for found in pattern.finditer(text):
            if not text[found.end("name") :].startswith(" , `"):  # `the booking database, `booking-db``
                yield len(text[: found.start("name")].split()), found["name"], ""
