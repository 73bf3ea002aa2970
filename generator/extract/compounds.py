"""Names of German prose, where every noun has a capital: `der Bestelldienst`, again and again, and where events, calls and data are spoken of."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from generator.extract.blocks import Item, Sentence
from generator.extract.facts import Source
from generator.extract.mentions import is_german, tokens_of
from generator.extract.naming import Sighting
from generator.extract.relating import AFTERTHOUGHT
from generator.extract.vocabulary import EXTERNAL_CUE, folded, words_of

LEAST = 2
"""Times that a document speaks of a part."""


COMPOUND = re.compile(
    r"\b(?P<led>[Dd]er|[Dd]ie|[Dd]as|[Dd]em|[Dd]en|[Dd]es|[Ii]m|[Vv]om|[Bb]eim|[Zz]um|[Zz]ur|[Uu]nser\w*|[Ee]ine?[mnrs]?) (?P<name>(?:[A-ZÄÖÜ][\wäöüß]*-)*[A-ZÄÖÜ][\wäöüß]{2,})\b(?! [A-ZÄÖÜ][a-zäöüß]+s\b)"
)
ENDS_OF_PARTS = [
    "dienst",
    "service",
    "portal",
    "gateway",
    "importer",
    "exporter",
    "app",
    "verwaltung",
    "planer",
    "planung",
    "steuerung",
    "rechner",
    "scheduler",
    "adapter",
    "worker",
    "konsole",
    "cockpit",
    "client",
    "backend",
    "frontend",
    "modul",
    "engine",
    "server",
    "plattform",
    "manager",
    "leitstand",
    "monitor",
    "konnektor",
    "job",
    "bot",
    "hub",
    "kern",
    "katalog",
    "assistent",
    "abgleich",
    "versand",
    "motor",
    "prüfer",
    "disponent",
    "verteiler",
    "sammler",
    "melder",
    "register",
    "oberfläche",
    "lauf",
    "kartei",
    "verzeichnis",
    "generator",
    "wächter",
    "vermittler",
    "leser",
    "schreiber",
    "tafel",
    "kiosk",
    "sync",
]
NO_PARTS = re.compile(
    r"(?i)^(?:container|cloud|kubernetes|entwicklungs|infrastruktur|hosting)-?plattform$|-schnittstelle$|(?:bereitschafts|außen|innen|kunden|not|winter|rettungs|pflege|sozial|sicherheits|fahr|wach|hol|ordnungs|lokal|früh|spät|nacht|wetter|stadt|haus|schul|kreis|zivil|pannen|entstörungs)dienst$"
    r"|(?:stadt|haus|schul|kreis|finanz|personal|forst|straßen|gemeinde|hafen|wald|schul)verwaltung$|(?:kunden|fremd|hotel|lokal|mail|web|datei|daten)(?:service|server)$|^(?:backend|frontend|hub|adapter|scheduler|worker|monitor|bot|kern|motor|rechner|planer|engine|manager|assistent|sammler|server|client|app|job|dienst|service|portal|gateway|modul|plattform|planung|versand|abgleich|katalog|bereitstellung|fremdservice)$"
)
"""Services that people do, offices, and what everything runs on."""
TECHNICAL = re.compile(
    r"\b(?:gRPC|REST|HTTPS?|SOAP|SFTP|SMTP|MQTT|TCP|API|APIs|Queue|Warteschlange|Kafka|RabbitMQ|NATS|Ereignis\w*|Events?|Webhooks?|[Dd]atenbank\w*|PostgreSQL|MongoDB|Redis|veröffentlicht|publiziert|konsumiert|abonniert|ruft|aufgerufen)\b"
    r"|`[^`]+`"
)


@dataclass(slots=True)
class _Noun:
    """A noun of the documents, and what speaks for its being a part of the system."""

    sources: list[Source] = field(default_factory=list)
    short: str = ""
    is_technical: bool = False
    is_foreign: bool = False
    is_defined: bool = False
    acts: int = 0
    is_introduced: bool = False
    """The sentence goes on about it, or the next one does."""


def compound_names(told: Sequence[Sentence | Item]) -> list[Sighting]:
    """The parts: by what their names end with, by a sentence that says that they are one, or by what they do again and again."""
    texts = [f"{block.text} {after.text if after else ''}" for block, after in zip_longest(told, told[1:])]
    found = _nouns(told, texts)
    kept = {name: noun for name, noun in found.items() if not NO_PARTS.search(name) and _is_part(name, noun, texts)}
    ends = Counter(_end_of(name) for name in kept)
    return [
        Sighting(
            name,
            "external" if noun.is_foreign else "component",
            5,
            noun.sources[0],
            tuple(each for each in (_end_of(name), noun.short) if each and ends[each] < LEAST),
        )
        for name, noun in kept.items()
    ]


def _nouns(told: Sequence[Sentence | Item], texts: Sequence[str]) -> dict[str, _Noun]:
    found: dict[str, _Noun] = defaultdict(_Noun)
    for at, block in enumerate(told):
        if not is_german(tokens_of(block.text)):
            continue
        is_technical = bool(TECHNICAL.search(block.text))
        for match in COMPOUND.finditer(block.text):
            before, after = block.text[: match.start()], block.text[match.end() :]
            if re.search(r"[A-ZÄÖÜ][\wäöüß]+, $", before):
                continue  # `Gewerkenetz, dem Portal der Handwerker`
            noun = found[match["name"].removesuffix("s") if folded(match["led"]) == "des" else match["name"]]
            noun.sources.append(block.source)
            noun.is_introduced |= bool(ACTS_AFTER.match(after)) or (
                after.strip(" .") == ""
                and bool(re.match(r"(?:Er|Sie|Es|Dort|Dieser|Diese|Dieses)\b", told[at + 1].text if at + 1 < len(told) else ""))
            )
            noun.is_technical |= bool(TECHNICAL.search(texts[at]))
            noun.acts += is_technical and _acts(before, match["led"], after)
            noun.is_defined |= bool(IS_A_PART.match(after)) and not EXTERNAL_CUE.search(folded(after[:60]))
            noun.short = noun.short or (abbreviation[1] if (abbreviation := re.match(r" \(([A-Z]{2,5})\)", after)) else "")
            noun.is_foreign |= bool(
                OF_OTHERS.match(after) or AFTERTHOUGHT.match(re.sub(r"^\( ?[^)]* ?\) ", "", folded(" ".join(tokens_of(after)[:14]))))
            )
    return found


IS_A_PART = re.compile(
    r"(?: \([^()]{2,40}\))?(?:,| ist| sind) (?:also |nur |lediglich |selbst )?(?:eine?|unsere?|ein eigene[rs]?|eine eigene) (?:[\wäöüß-]+e[nrs]?,? ){0,3}"
    r"(?:[A-ZÄÖÜ][\wäöüß-]*)?(?:[Jj]ob|[Dd]ienst|[Ss]ervice|[Aa]nwendung|[Aa]pp|[Ww]orker|[Pp]rozess|[Pp]rogramm|[Ll]auf|[Mm]odul|[Kk]omponente|[Oo]berfläche|[Bb]atch|[Ss]kript|[Gg]ateway|[Ff]rontend)\b"
)
"""`Der Fristenlauf ist ein nächtlicher Job`, `die Verwaltungsoberfläche, eine Browseranwendung`."""
ACTS_AFTER = re.compile(
    r"(?: \([^()]{2,40}\))? (?:veröffentlicht|publiziert|meldet|sendet|schickt|ruft|fragt|liest|schreibt|holt|konsumiert|abonniert|verarbeitet|speichert|legt|hält|übergibt|reicht|stellt|nutzt|spricht|lädt|erhält|empfängt|prüft|berechnet|erzeugt|aktualisiert|führt|verwaltet|hört|reagiert|verschickt|lauscht|bucht|überträgt|liefert|kennt|pollt)\b"
)
ACTS_BEFORE = re.compile(
    r"\b(?:veröffentlicht|publiziert|meldet|sendet|schickt|ruft|fragt|liest|schreibt|holt|konsumiert|abonniert|verarbeitet|speichert|legt|hält|übergibt|reicht|stellt|nutzt|spricht|lädt|erhält|empfängt|aktualisiert)(?: sie| er| es)? $"
    r"|\b(?:REST|gRPC|HTTPS?|SOAP|SFTP|HTTP-API|JSON|Webhook|Ereignis|Event)\)? (?:an |bei |beim |vom |von |zum |zur |mit |im |am )?$|\b(?:veröffentlicht|publiziert|konsumiert|gelesen|gerufen|aufgerufen|abgefragt|abgeholt) (?:von |vom |durch )?$"
    r"|\b(?:an|bei|von|mit|durch) $"
)


OF_OTHERS = re.compile(
    r" (?:des|der) (?:[\wäöüß-]+ )?[A-ZÄÖÜ][\wäöüß-]*(?i:amte?s|behörde|stadt|kasse|landes|bundes|bunds?|ministeriums|post|bank|klinikums|kreises|kammer|verbands|verbunds|verbandes|gemeinde|zentrums|dienstleisters|herstellers"
    r"|anbieters|polizei|universität|stadtwerke|krankenkassen?|werks|betreibers|lieferanten|konzerns|holding)\b|, (?:das|die|der) (?:dem|der|den) [A-ZÄÖÜ][\wäöüß-]+ gehört\b|, das System (?:des|der) "
)
"""`das Geoportal des Vermessungsamtes`."""


def _acts(before: str, led: str, after: str) -> bool:
    """Whether somebody does something, or is spoken to."""
    return bool(ACTS_AFTER.match(after) or ACTS_BEFORE.search(before) or folded(led) in ("beim", "vom", "zum", "zur"))


def _is_part(name: str, noun: _Noun, texts: Sequence[str]) -> bool:
    is_headed = any(folded(name).endswith(end) and folded(name) != end for end in map(folded, ENDS_OF_PARTS))
    if is_headed and _is_again(name, noun, texts):
        return True
    if noun.is_defined:
        return noun.acts > 0 or len(noun.sources) >= LEAST or is_headed
    return noun.acts >= OFTEN and len(noun.sources) > OFTEN and len(name) >= LONGEST_COMMON


OFTEN = 3
"""Technical sentences in which a noun does something, that make it a part whatever its name ends with."""
LONGEST_COMMON = 9
"""Letters of a noun that may be any: `Kunde`, `Lager`."""


def _end_of(name: str) -> str:
    """What the whole is called for short: `das Portal` of the Händlerportal."""
    end = next((end for end in sorted(ENDS_OF_PARTS, key=len, reverse=True) if folded(name).endswith(folded(end))), "")
    return end.capitalize() if folded(end) in SHORT_ENDS else ""


SHORT_ENDS = words_of(
    "planung verwaltung steuerung planer rechner waechter sammler register oberflaeche portal gateway importer exporter app konsole cockpit backend frontend plattform scheduler adapter hub katalog konnektor disponent"
)


def _is_again(name: str, noun: _Noun, texts: Sequence[str]) -> bool:
    """Whether it is spoken of again, also by its end, and somewhere together with what is technical."""
    end = _end_of(name)
    led = re.compile(rf"\b(?:[Dd]er|[Dd]ie|[Dd]as|[Dd]em|[Dd]en|[Dd]es|[Ii]m|[Vv]om|[Bb]eim|[Zz]um|[Zz]ur) {end}s?\b")
    again = [text for text in texts if led.search(text)] if end else []
    is_own = "-" in name and bool(end) and not KIND_OF_PART.match(name)  # `unser EDI-Importer`
    return (noun.is_technical or any(TECHNICAL.search(text) for text in again)) and (
        len(noun.sources) + len(again) >= LEAST or is_own or noun.is_introduced
    )


KIND_OF_PART = re.compile(r"(?i)(?:web|mobile?|single-page|handy|desktop|smartphone|ios|android|native|progressive|open-source)-")
