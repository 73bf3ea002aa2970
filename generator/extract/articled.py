"""Names that English prose writes in lower case, `the deed service`, `the mailer`: parts of the system where the text speaks of them again, and as of somebody who calls, publishes or keeps something."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from generator.extract.blocks import Item, Sentence
from generator.extract.facts import Source
from generator.extract.mentions import is_german, tokens_of
from generator.extract.naming import Sighting
from generator.extract.vocabulary import VERB_OF, folded, words_of

ENDS = (
    "service|gateway|worker|connector|adapter|adaptor|engine|scheduler|importer|exporter|ingester|ingestor|collector|dispatcher|renderer|router|watcher|poller|forwarder|archiver|aggregator|matcher"
    "|notifier|mailer|loader|crawler|scraper|syncer|reconciler|calculator|tracker|publisher|generator|processor|planner|allocator|optimi[sz]er|orchestrator|validator|checker|simulator|relay|proxy|bridge|listener"
    "|portal|console|dashboard|app|website|web app|backend|frontend|bot|job|desk|hub|registry|board|till|workbench|cockpit"
    "|shop|storefront|editor|viewer|screen|kiosk|terminal|sender|keeper|writer|builder|monitor|module|catalogue|catalog|runner|assistant|site"
)
"""What parts are called after."""
ALONE = words_of(
    "mailer notifier scheduler gateway importer exporter ingester ingestor renderer router poller forwarder archiver aggregator matcher crawler scraper syncer reconciler allocator optimizer optimiser orchestrator"
)
"""What is the name of a part by itself."""
NO_MODIFIERS = words_of(
    "same new old other own whole first second third last next only each every one two main central local remote current existing previous latter former respective single simple small"
    " big large little separate external internal third-party different native mobile public whole entire actual real underlying night nightly daily weekly monthly hourly calling consuming publishing receiving sending"
    " managed cloud support emergency postal ambulance rescue fire health social civil secret"
)
"""Words before them that make no name: `the whole service`, `the nightly job`, `the emergency service`."""
NO_PARTS = {
    "web app",
    "web application",
    "web site",
    "web service",
    "web portal",
    "web server",
    "web frontend",
    "web interface",
    "web terminal",
}
"""What kind of thing a part is."""
NAMED = re.compile(
    rf"\b[Tt]he (?P<name>(?:(?:[a-z][\w-]+|[A-Z]{{2,5}}) ){{0,2}}(?:{ENDS}))\b(?! (?:{ENDS})\b)(?P<after>(?: (?:also|then|now|itself))? [\w'’]+)?"
)
TECHNICAL = re.compile(
    r"\b(?:gRPC|REST|HTTPS?|SOAP|SFTP|SMTP|MQTT|TCP|APIs?|queues?|topics?|Kafka|RabbitMQ|NATS|events?|webhooks?|databases?|buckets?|PostgreSQL|Postgres|MySQL|MongoDB|Redis"
    r"|publish(?:es|ed)?|emits?|consum(?:es|ed)|subscribes?|listens)\b|`[^`]+`|\b(?:[A-Z][a-z]+){2,}\b"
)
"""What is said only where systems are spoken of: a protocol, an engine, an event."""
LEAST = 2
"""Times that a document speaks of a part, and names of such a kind that make it a habit."""


def articled_names(told: Sequence[Sentence | Item], known: Sequence[Sighting]) -> list[Sighting]:
    """The parts by such names, in prose that says how things are."""
    found: dict[str, list[Source]] = defaultdict(list)
    acting: Counter[str] = Counter()
    for block in told:
        if is_german(tokens_of(block.text)):
            continue
        is_technical = bool(TECHNICAL.search(block.text))
        for each in NAMED.finditer(block.text):
            name = each["name"]
            words = name.split()
            if (len(words) == 1 and name not in ALONE) or folded(words[0]) in NO_MODIFIERS or name in NO_PARTS:
                continue
            found[name].append(block.source)
            acting[name] += is_technical and _acts(each, block.text)
    longer = {each.text.lower().rsplit(" ", 1)[-1] for each in known if " " in each.text and each.kind == "component"} | {
        name.rsplit(" ", 1)[-1] for name in found if " " in name
    }
    again = [name for name, sources in found.items() if acting[name] and len(sources) >= LEAST]
    parts = [name for name in found if acting[name]] if len(again) >= LEAST else []
    return [Sighting(name, "component", 5, found[name][0]) for name in parts if name not in longer]  # `the gateway` is the API Gateway


def _acts(named: re.Match[str], text: str) -> bool:
    """Whether a name is followed by what it does, or is spoken to."""
    if APPOSED.match(text[named.end("name") :]):
        return True
    after = folded((named["after"] or "").split()[-1]) if named["after"] else ""
    before = folded(" ".join(text[: named.start()].split()[-2:]))
    return after in VERB_OF or bool(re.fullmatch(r"[a-z]{3,}[^su]s", after)) or before.rsplit(" ", 1)[-1] in TOWARDS


APPOSED = re.compile(
    r", (?:an?|one|our) (?:[\w-]+ ){0,3}(?:service|worker|job|process|program|daemon|app|application|container|component|function|script)\b"
)
"""`the deadline watcher, a job that runs each morning`."""
TOWARDS = words_of("to from by asks calls queries at of and both against with through")


KINDS_FIRST = "service|module|microservice|composant|worker|servizio|modulo|servicio|módulo"
FIRST = (
    "Service|Module|Microservice|Portail|Passerelle|Moteur|Appli|Application|Export|Import|Connecteur|Console|Planificateur|Gestionnaire|Ordonnanceur|Traitement|Robot|Collecteur|Tableau|Kiosque|Borne|Espace|Agrégateur|Routeur|Registre|Guichet|Poste|Back-office|Front"
    "|Servizio|Modulo|Portale|Motore|Gestore|Pianificatore|Connettore|Esportatore|Sportello|Registro|Cruscotto"
    "|Servicio|Módulo|Portal|Pasarela|Motor|Gestor|Planificador|Aplicación|Conector|Exportador|Panel|Tablero|Consola"
)
"""Romance languages name the kind first: `le service Catalogue`, `l'Export Comptable`, `il Portale Soci`."""
LINK = r"(?:de la |de l['’]|des |de |du |d['’]|del |dei |delle |della |di |de los |de las )?"
ROMANCE = re.compile(
    rf"\b(?:[Ll]e |[Ll]a |[Dd]u |[Aa]u |[Uu]ne? |[Ll]['’]|[Dd]e l['’]|[Aa] l['’]|[Àà] l['’]|[Ii]l |[Ll]o |[Dd]el |[Dd]al |[Aa]l |[Nn]el |[Ee]l |[Uu]na? |[Cc]e |[Nn]otre |[Nn]uestr[oa] |[Nn]ostr[oa] )"
    rf"(?P<name>(?:(?P<kind>{KINDS_FIRST}) (?P<of>[A-ZÀ-Þ][\w'’-]+(?: {LINK}[A-ZÀ-Þ][\w'’-]+){{0,3}}))|(?:{FIRST}) {LINK}[A-ZÀ-Þ][\w'’-]+(?: {LINK}[A-ZÀ-Þ][\w'’-]+){{0,2}})"
)


APPOSED_ROMANCE = re.compile(
    rf"\b(?:[Ll]e |[Ll]a |[Ll]['’]|[Ii]l |[Ee]l )(?P<name>[A-ZÀ-Þ][\wà-ÿ-]+(?: {LINK}[\wà-ÿ-]+){{0,2}})(?:,| est| è| es) (?:une?|uno?|una|notre propre) (?:[\wà-ÿ]+ ){{0,2}}"
    r"(?:application|appli|programme|service|traitement|site|tâche|processus|démon|worker|composant|applicazione|programma|servizio|processo|aplicación|programa|servicio|proceso|tarea|trabajo)\b"
)
"""`le Lot comptable, un petit programme planifié`."""


def romance_names(told: Sequence[Sentence | Item]) -> list[Sighting]:
    """Parts whose kind stands before their name, each wherever it is spoken of so: a habit of a document, or none."""
    found = [
        Sighting(each["name"][:1].upper() + each["name"][1:], "component", 5, block.source, (each["of"],) if each["of"] else ())
        for block in told
        for each in ROMANCE.finditer(block.text)
    ]
    apposed = [Sighting(each["name"], "component", 5, block.source) for block in told for each in APPOSED_ROMANCE.finditer(block.text)]
    return [*(found if len({each.text for each in found}) >= MANY else []), *apposed]


MANY = 3
"""Names of that kind that make it a habit."""
