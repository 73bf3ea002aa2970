"""Stores that are named by what they are: `the orders database, a PostgreSQL instance`, `das Rechnungsarchiv, ein S3-Bucket`, `la base du parc (PostgreSQL)`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.naming import engine_of
from generator.extract.phrases import ENGINE

_GERMAN = (
    r"(?:[A-ZÄÖÜ][\wäöüß]*-)*[A-ZÄÖÜ][a-zäöüß]{2,}(?:datenbank|archiv|cache|speicher|index|register|ablage|verzeichnis|journal|protokoll|buch|akte|bestand|tresor|puffer)"
    r"|(?:[A-ZÄÖÜ][\wäöüß]*-)+(?:Datenbank|Archiv|Cache|Speicher|Index|Register|Ablage|DB|Bucket|Puffer)"
)
_ROMANCE = (
    r"(?:base|archive|journal|registre|entrepôt|cache|index|dépôt|magasin|archivio|registro|deposito|indice|almacén|archivo|índice)"
    r"(?: de données| dati| de datos)?(?: (?:de la |de los |de las |de |des |du |del |della |delle |degli |dei |di |d'|de l'|dell')[\wà-ÿ]+(?:[ -](?:de |des |du |di |à )?[\wà-ÿ]+)?| [\wà-ÿ]+s)"
)
_ENGLISH = r"(?<=the )[a-z]+(?:[ -][a-z]+)? (?:database|archive|cache|journal|history|index|register|registry|log|store|book|vault|inventory|ledger|pool|catalogue|library|folder|bucket)"
_NAME = rf"(?P<name>{_GERMAN}|(?i:{_ROMANCE})|{_ENGLISH})"
_ENGINE = rf"(?P<engine>(?i:{ENGINE}))(?![\w.])"
_WITHIN = r"(?:[a-zà-ÿ]+e[nmrs]? )?(?:(?:base(?: de données)?|instance|compartiment|cluster|bucket|schéma|database|istanza|base dati|base de datos|instancia|fichier) )?"
_DESCRIBED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_NAME} \( (?:[a-zà-ÿ]+ )?{_ENGINE}",
        rf"\b{_NAME} (?:ab )?[,;:] (?:das ist |dies ist |c'est |è |es )?(?:eine[rmsn]? |une? |uno? |una |an? )?{_WITHIN}{_ENGINE}",
        rf"\b{_NAME} (?:in|auf|dans|en|su|sur|sous) (?:eine[rmn]? |une? |una? )?{_WITHIN}{_ENGINE}",
        rf"\b{_ENGINE}(?:-[A-ZÄÖÜ]\w+)? , (?:dem|der|das|die|le|la|l'|il|el|the) ?{_NAME}",
        rf"\b{_ENGINE} (?:database|file|bucket|instance|cluster) , the {_NAME}",
        rf"\b{_ENGINE}(?:-[A-ZÄÖÜ]\w+)? \( (?:dem |der |das |die |le |la |l'|il |el |the )?{_NAME} \)",
    )
)


def described_stores(tokens: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Where each stands, what it is called, and its engine."""
    text = " ".join(tokens)
    for pattern in _DESCRIBED:
        for found in pattern.finditer(text):
            if engine_of(found["engine"]):
                yield len(text[: found.start("name")].split()), found["name"], found["engine"]
