"""The words of architects, in English, German, French and Spanish: what a heading, a label, a column or a verb means.

To teach the extractor a word, add it here: each entry is a concept and the spellings that stand for it. Spellings are compared without capitals,
accents, numbering and punctuation, in singular and plural.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping


def words_of(text: str) -> frozenset[str]:
    """A set of words written as one text: a list of quoted words is hard to read."""
    return frozenset(text.split())


# --- headings, labels and columns -------------------------------------------------------------------------------------

CONCEPTS: Mapping[str, str] = {
    # who exists
    "component": "componente applicativo|applicazione|modulo|part|piece|moving part|met by|realised by|realized by|implemented by|fulfilled by|satisfied by|allocated to|component|box|service|package|microservice|module|subsystem|building block|container|backend service|internal system|internal component|app|application"
    "|komponente|dienst|modul|teilsystem|baustein|anwendung|composant|module applicatif|brique|brique logicielle|sous-système|componente|servicio|microservicio|módulo|aplicación",
    "external": "sistemi esterni|sistema esterno|terze parti|partner esterni|servizi esterni|gegenstelle|counterpart|counterparty|remote system|outside party|outside partner|ext|ext system|external party|external provider|external api|outside system|foreign system|surrounding system|adjacent system|upstream system|system of others|third party product|third party api|system outside our responsibility|system outside our control|system we do not own|system outside of our control|saas product|saas vendor|vendor system|bought service|partner company|externe dienste|externe anbieter|externe schnittstellen|angebundene systeme|drittanbieter und dienste|umliegende systeme|systèmes voisins|sistemas vecinos|external|external system|external service|external dependency|external partner|external interface|third party|third-party|third party system|third party service|third-party service|partner|partner system"
    "|neighbour|neighbours|nachbar|nachbarn|voisin|vecino|neighbouring system|neighbor|neighbor system|communication partner|vendor|provider system|saas|external actor|external provider"
    "|externe systeme|externes system|externer dienst|externer partner|drittsystem|drittanbieter|fremdsystem|nachbarsystem|umsystem|kommunikationspartner|extern|externe"
    "|système externe|service externe|systeme tiers|service tiers|partenaire|partenaire externe|sistema externo|servicio externo|tercero|proveedor externo|externo",
    "system": "system|systems|système|sistema",
    "name": "name|title|nom|bezeichnung|nombre|titel|titre",
    "id": "id|nr|no|number|#|ref|kennung|identifier|key id|num|número",
    "actor": "actor|user|person|people|stakeholder|akteur|benutzer|nutzer|acteur|utilisateur|usuario|persona",
    # what it is
    "summary": "intended function|intended use|mission|brief|in brief|in short|in a nutshell|in one sentence|one-liner|synopsis|gist|what's it for|what it is for|what it's for|why it exists|why we have it|reason to exist|reason for being|raison d'être|business function|remit|behaviour|behavior|charter|aim|kurz|kurz gesagt|in kürze|auftrag|was es tut|was es macht|wofür|wozu|en bref|à quoi ça sert|ce qu'il fait|vocation|scopo|descrizione|summary|description|purpose|what it is|what it does|what|about|role in the system|intent|goal|zweck|beschreibung|kurzbeschreibung|but|objectif|descripción|propósito|resumen|finalité",
    "responsibility": "its job|main job|hauptaufgabe|fonction principale|capabilities|business capability|rolle|responsabilità|compito|compiti|responsibility|responsibilities|responsible for|duties|task|does|job|functionality|aufgabe|verantwortung|verantwortlichkeit|zuständigkeit|responsabilité|rôle|responsabilidad|función",
    "layer": "layer|tier|schicht|ebene|couche|capa",
    "domain": "domain|business domain|subdomain|domäne|fachdomäne|bereich|fachbereich|domaine|dominio|area",
    "context": "bounded context|contexte borné|contexto delimitado",
    "owner": "proprietario|responsabile|ownership|owner|steward|data steward|data owner|owned by|belongs to|gehört zu|appartient à|pertenece a|team|who|owning team|maintainer|maintained by|responsible team|responsible|contact|squad|lead|verantwortlich|verantwortliches team|besitzer|eigentümer|zuständig|équipe|propriétaire"
    "|responsable|equipo|propietario|dueño",
    "technology": "tecnologia|tecnologie|technology|technologies|tech|tech stack|stack|technology stack|built with|implementation|language|runtime|framework|platform|technologie|technik|umsetzung|sprache|plattform|techno|tecnología|langage",
    "port": "port|ports|puerto",
    "deployment": "deployment|replicas|instances|instance|scaling|replica|bereitstellung|betrieb|instanzen|skalierung|déploiement|réplicas|despliegue|réplica|instancias",
    "resources": "resources|cpu|memory|ressourcen|recursos",
    "quality": "quality|quality attributes|slo|sla|slos|service level|nfr|non-functional|nonfunctional|performance|objective|objectives|qualität|qualitätsmerkmale|qualitätsziele|qualité|calidad|attributs de qualité",
    "availability": "availability|uptime|verfügbarkeit|disponibilité|disponibilidad",
    "latency": "latency|response time|latenz|antwortzeit|latence|temps de réponse|latencia|tiempo de respuesta",
    "rate": "throughput|rate|load|request rate|durchsatz|last|débit|rendimiento|limit|limits|rate limit",
    "security": "security|sicherheit|sécurité|seguridad",
    "status": "status|state|zustand|stand|statut|état|estado|phase|release|availability status",
    "note": "note|notes|remark|remarks|comment|comments|bemerkung|hinweis|anmerkung|remarque|notas|observación|details|detail",
    # who talks to whom
    "from": "da|chiamante|origine|sorgente|left side|asking side|from|anrufer|source|origin|source component|source system|source service|sender|initiator|calling component|from component|von|quelle|aufrufer|absender|ausgangssystem|de|origine|appelant|émetteur|origen|desde"
    "|llamante|emisor|quellsystem|component a",
    "to": "verso|chiamato|destinazione|right side|answering side|to|target|callee|destination|target component|target system|target service|called component|to component|nach|an|ziel|zielsystem|aufgerufener|angerufener|empfänger|vers|à|cible|destinataire|appelé|destino|hacia|component b"
    "|server|called service",
    "provider": "provider|anbieter|fournisseur|proveedor|producer of api",
    "consumer": "consumatore|consumatori|consumato da|ascoltatori|destinatari|reacting|reacting service|reaction|reactions|reacts|who reacts|reagiert|wer reagiert|reagierende dienste|réagit|qui réagit|reacciona|quien reacciona|overheard by|of interest to|who cares|who listens|taken by|used by consumers|heard by|gehoert von|gehört von|consumer|konsument|verbraucher|consommateur|consumidor|subscriber|subscribers|abonnent|abonnenten|abonné|suscriptor|consumers|consumed by|subscribed by|read by|listener|listeners|handled by|empfänger des events"
    "|konsumiert von|abonniert von|gelesen von|consommé par|consumido por|receivers|recipients",
    "publisher": "pubblicato da|produttore|emittente|uttered by|written by|told by|announced by|gemeldet von|fired by|announced by|originator|publisher|producer|published by|emitted by|produced by|emitter|raised by|sent by|herausgeber|erzeuger|produzent|veröffentlicht von|publiziert von|sender des events|publié par|émis par|producteur|éditeur|publicado por|productor"
    "|emitido por|publishers|producers",
    "calls": "calls out to|relies on|leans on|calls these|is a client of|reaches out to|sends requests to|connected to|integrates with|needs from others|gets from others|gets data from|input from|fetches from|pulls from|pushes to|queries|interfaces used|services used|apis used|ruft|redet mit|fragt ab|angebunden an|schnittstellen nach außen|ausgehend|s'appuie sur|parle à|discute avec|chiama|chiamate|chiamate in uscita|interroga|invoca|asks whom|whom it calls|whom it asks|deals with outsiders|speaks with|sign-in|single sign-on|asks|fragt|interroge|pregunta|talks to|speaks to|spricht mit|calls|invokes|consumed interfaces|consumed apis|required interfaces|requires|required interface|outgoing calls|outbound|outgoing|sync calls|synchronous calls|calls to|upstream calls|consumes api|consumes apis|downstream calls"
    "|uses api|uses apis|api calls|talks to|downstream|downstream services|ruft auf|aufrufe|aufgerufene dienste|genutzte schnittstellen|benötigte schnittstellen|verwendete schnittstellen|ausgehende aufrufe|nutzt schnittstellen"
    "|konsumierte schnittstellen|appelle|appels|appels sortants|interfaces consommées|interfaces requises|llama a|llama|invoca|llamadas|interfaces consumidas|interfaces requeridas|interroge",
    "called_by": "its clients|api consumers|consumers of the api|served to|who calls it|who calls|who asks|reached by|wird aufgerufen von|wird genutzt von|angesprochen von|sollicité par|chiamato da|chiamata da|usato da|usata da|serves|serving|dient|sert|spoken by|touched by|asked by|gefragt von|called by|used by|invoked by|clients|callers|incoming calls|inbound|consumed by components|aufgerufen von|genutzt von|verwendet von|benutzt von|appelé par|utilisé par|llamado por|usado por|utilizado por",
    "uses": "utilizza|dipendenze da|needs|consumes services|consumed services|braucht|benötigt|a besoin de|necesita|uses|use|integrations|integration points|collaborators|connects to|communicates with|relationships|interacts with|nutzt|benutzt|verwendet|utilise|usa|utiliza|kommuniziert mit|communique avec",
    "depends": "dipende da|dipendenze|depends on|dependencies|dependency|depends|abhängigkeiten|abhängig von|hängt ab von|dépend de|dépendances|depende de|dependencias",
    "provides": "interface offered|points d'accès|interfacce|interfaccia|espone|offre|provides|provided interfaces|provided interface|exposes|interfaces|interface|api|apis|offers|exposed api|stellt bereit|bietet|angebotene schnittstellen|bereitgestellte schnittstellen|schnittstellen|schnittstelle|expose"
    "|interfaces fournies|interfaz|interfaces expuestas|expone|fournit|ofrece",
    "publishes": "emitted|announcements|tells the world|tells others|shouts|broadcasts|signals|löst aus|diffuse|annonce|pubblica|eventi pubblicati|eventi emessi|emette|eventi in uscita|ereignisse ausgehend|events outgoing|events sent|hands out|lets know|tells|announces|meldet|verkuendet|says|outcome|results in|announces|fires|triggers events|notifies with|publishes|published events|publishes events|emits|emitted events|produces|produced events|events published|events emitted|events out|outgoing events|raises|events produced|publishes topics|produces events|emits events"
    "|veröffentlicht|veröffentlichte ereignisse|publiziert|publizierte ereignisse|sendet ereignisse|ausgehende ereignisse|erzeugt|erzeugte ereignisse|veröffentlichte events|publizierte events|gesendete ereignisse|publie|publications|événements publiés"
    "|émet|événements émis|publica|eventos publicados|emite|eventos emitidos",
    "consumes": "reacts on|wakes on|acts on|responds to|picks up|acts upon|reacts upon|consuma|eventi consumati|ascolta|eventi ricevuti|eventi in ingresso|si iscrive a|sottoscrive|reagisce a|takes|ereignisse eingehend|events incoming|events received|takes in|hears|listens to|hoert|hört|ecoute|escucha|reacts to|triggered by|woken by|driven by|waits for|on event|started by|consumes|consumed events|subscribes|subscribes to|subscriptions|listens to|listens|events consumed|events in|incoming events|handles events|reacts to|consumes events|subscribed events|receives events|listens for|subscribed to"
    "|konsumiert|konsumierte ereignisse|abonniert|abonnierte ereignisse|abonnements|hört auf|empfängt|eingehende ereignisse|reagiert auf|konsumierte events|abonnierte events|empfangene ereignisse|consomme|événements consommés|s'abonne à"
    "|s'abonne|abonnements aux événements|écoute|réagit à|reçoit|eventos consumidos|se suscribe a|escucha|suscripciones|reacciona a|recibe|souscrit à",
    "stores": "holds data in|holds|records kept|information held|data management|hält daten in|hält|conserve|garde|mémoire|entrepôt|dati|archivio|banca dati|base dati|what is kept where|what is stored where|where things are kept|where data is kept|where the data is|where the data lives|who keeps what|what we keep|persistenza|memorizza|repository|repositories|repositorium|holding|data holding|keeps|remembers|merkt sich|hält|keeps in|data kept in|kept in|state kept in|state in|data in|keeps its data in|keeps state in|backed by|backing store|backing service|persistent state|persistence layer|persistence technology|storage technology|where it keeps data|data lives in|stored in|saved in|persisted in|system of record|datenablage|speicherung|speichert in|gespeichert in|stockage des données|persistencia|stores|data at rest|where data lives|stored data|keeps|keeps data in|data ownership|owns data|owned data|storage|persistence|data store|datastore|database|databases|data stores|data storage|data|db|persistent storage|persists|state store|owns|data owned|stores data in|speichert|datenhaltung"
    "|daten|datenbestand|datenbestände|datenbank|datenbanken|datenspeicher|speicher|persistenz|eigene daten|ablage|stockage|base de données|bases de données|persistance|données|stocke|base|almacena|base de datos|bases de datos|almacenamiento|datos|guarda|almacén de datos|store|cache",
    "also": "also used by|also read by|also accessed by|other users|shared with|other readers|readers|accessed by|read access|auch genutzt von|mitgenutzt von|weitere nutzer|aussi utilisé par|lecteurs|lu par|también usado por|leído por",
    "protocol": "protocollo|mezzo|protocol|weg|wege|wire protocol used|link|connection|verbindung|anbindung|liaison|enlace|means|manner|wire|technical interface|interface technology|technische schnittstelle|wire protocol|transport|via|interface type|technology / protocol|style|protocol / format|channel type|how|mechanism|kommunikation|protokoll|über|transportweg|protocole|protocolo|technik der schnittstelle|integration type|mode de transport",
    "direction": "direction|richtung|sens|dirección|flow direction",
    "mode": "mode|sync/async|sync|sync / async|synchronous|communication style|art|type d'échange|type|kind of call|pattern|interaction|interaction type|modus|modo|tipo|typ",
    "why": "motivo|perché|why|reason|purpose of call|rationale|motivation|for|because|grund|begründung|warum|pourquoi|raison|motif|por qué|razón|motivo|use case",
    "timeout": "timeout|time-out|deadline|max wait|zeitlimit|zeitüberschreitung|délai|délai max|délai maximal|tiempo límite|tiempo de espera",
    "retries": "retries|retry|tries|attempts|retry policy|wiederholungen|versuche|wiederholung|tentatives|réessais|reintentos|intentos",
    "failures": "failures|breaker failures|failure threshold|breaker|circuit breaker",
    "reset": "reset|open|reset time|breaker reset",
    "fallback": "fallback|fall-back|degradation|on failure|if down|ersatz|rückfall|ausweichverhalten|repli|solution de repli",
    # events
    "event": "messaggio|eventi|event|event name|domain event|message|ereignis|ereignisse|nachricht|événement|message type|evento|mensaje|events|meldung",
    "command": "command|queue|befehl|commande asynchrone|comando",
    "topic": "topic|stream|channel|kafka topic|subject|routing key|exchange|queue/topic|topic name|thema|kanal|canal|sujet|tema|queue / topic|destination topic",
    "key": "key|partition key|message key|partitionierungsschlüssel|schlüssel|clé|clé de partition|clave",
    "payload": "payload|payload fields|fields|attributes|content|contents|schema|body|nutzdaten|inhalt|felder|inhalte|daten des ereignisses|contenu|charge utile|champs|contenido|campos|carga",
    "partitions": "partitions|partitionen|particiones",
    "retention": "retention|kept for|retention time|aufbewahrung|aufbewahrungsdauer|rétention|conservation|retención|durée de conservation",
    # stores
    "kind": "kind|engine|where|database type|store type|db type|product|technologie de stockage|produkt|motor|moteur|dbms|engine type|storage engine",
    "rpo": "rpo|recovery point objective",
    "rto": "rto|recovery time objective",
    # operations
    "operation": "operation|method|endpoint|rpc|function|opération|operación|methode|méthode|funktion",
    "http": "http|rest|path|http method and path|url|uri|rest endpoint|pfad|chemin|ruta",
    "grpc": "grpc|grpc method|rpc method",
    "request": "request|input|parameters|request fields|eingabe|anfrage|requête|entrée|solicitud|entrada|arguments",
    "response": "response|output|returns|result|answer|antwort|ausgabe|réponse|sortie|respuesta|salida|response fields",
    "errors": "errors|error codes|error|fehler|erreurs|errores|failures returned",
    "type": "data type|entity|typ des datums",
    "route": "routes",
    # system-wide
    "decision": "decision|architecture decision|adr|entscheidung|architekturentscheidung|décision|décision d'architecture|decisión|decisión de arquitectura",
    "rejected": "rejected|alternatives|rejected alternatives|alternatives considered|considered alternatives|considered options|options considered|verworfen|verworfene alternativen|alternativen|alternatives rejetées|rejeté|alternativas|descartado|rechazado"
    "|alternativas descartadas",
    "question": "question|open question|open point|open issue|to be decided|tbd|unresolved|offene frage|offener punkt|offene punkte|offen|question ouverte|point ouvert|pregunta|pregunta abierta|punto abierto|open items|open item|points à trancher"
    "|cuestiones abiertas|unresolved questions|outstanding questions|issues",
    "needed": "needed by|due|due date|until|deadline date|bis|fällig|frist|échéance|pour le|fecha|antes de",
    "risk": "risk|risks and technical debt|risiko|risiken|risque|riesgo|risiken und technische schulden",
    "requirement": "requirement|requirement text|anforderung|exigence|requisito|requirements|statement|criterion|functional requirement|functional requirements|non-functional requirement|non-functional requirements|beschreibung der anforderung",
    "region": "region|region code|région|región",
    "environment": "environment|umgebung|environnement|entorno|stage",
    "host": "host|hostname|domain name|address",
    "countries": "countries|länder|pays|países",
    "currency": "currency|currencies|währung|devise|moneda",
    "may_call": "may call|can call|allowed to call|allowed dependencies|darf aufrufen|darf nutzen|peut appeler|puede llamar",
    "value": "value|wert|valeur|valor",
    "property": "property|eigenschaft|merkmal|aspect|aspekt|propriété|propiedad|item",
    # sections that are no statements about the system as it shall be
    "skipped": "nice to have|wish list|wishlist|not in this release|not part of this release|out of scope|not in scope|non-goals|non goals|nicht im umfang|außerhalb des umfangs|nicht-ziele|abgrenzung|hors périmètre|hors champ|fuera de alcance|no objetivos|future|future work|roadmap|outlook|ausblick|zukunft|évolutions futures"
    "|perspectives|futuro|trabajo futuro|later phases|phase 2|next steps|nächste schritte|prochaines étapes|próximos pasos|rejected options|rejected|alternatives|alternatives considered|considered alternatives|options considered|considered options"
    "|verworfene alternativen|alternatives rejetées|alternativas descartadas|background|hintergrund|history|historie|historique|current situation|current state|as-is|as is|ist-zustand|ausgangslage|situation actuelle|situación actual"
    "|problem|problem statement|problemstellung|motivation|business context|legacy|legacy landscape|change log|changelog|document history|änderungshistorie|glossary|glossar|glossaire|glosario|references|referenzen|références|referencias"
    "|parking lot|ideas|ideen|idées|discarded|verworfen|risks and technical debt|introduction and goals",
}

FILLERS = words_of(
    "a an the of and our all main core system system's black white overview inventory list view catalogue catalog specifications specification specs "
    "details detail landscape map design architecture section table register registry summary in use der die das des den und von über "
    "alle unsere liste übersicht sicht katalog beschreibung im einzelnen le la les des du de d et vue liste description catalogue nos el "
    "los las del y lista vista descripción catálogo internal level whitebox blackbox logical key interne internos target responsibilities descriptions overall context whole "
    "to-be element elements diagram"
)
"""Words that a heading may have around its concept: `Component Specifications`, `Übersicht der Komponenten`."""


@functools.lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """In lower case, without accents; the umlauts and ß as German spells them without."""
    if text.isascii():
        return text.lower()
    text = text.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss", ord("’"): "'"})
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def singular(word: str) -> str:
    """Of a folded word: without the plural's ending, as far as comparing needs it; words of three letters and those in -ss, -us, -is stay."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def plain_words(text: str) -> tuple[str, ...]:
    """The folded words of a heading or label in singular, without numbering and punctuation."""
    return tuple(singular(word) for word in re.findall(r"[^\W\d_][\w'/-]*|#", folded(text)))


SPELLINGS = {
    plain_words(spelling): concept for concept, spellings in CONCEPTS.items() if concept != "skipped" for spelling in spellings.split("|")
}
for _words, _concept in list(SPELLINGS.items()):
    for _ending in ("e", "en", "n") if len(_words) == 1 else ():
        SPELLINGS.setdefault((f"{_words[0]}{_ending}",), _concept)  # plurals of German
ANY_ORDER = {tuple(sorted(words)): concept for words, concept in SPELLINGS.items() if len(words) > 1}
SKIPPED = frozenset(plain_words(spelling) for spelling in CONCEPTS["skipped"].split("|"))
NAMING = words_of("catalogue catalog register registry map design")
"""Fillers that make a name of what is before them: a `Reference Catalogue` is no list of references."""
PLAIN_FILLERS = frozenset(singular(folded(word)) for word in FILLERS)


@functools.lru_cache(maxsize=4096)
def concept_of(text: str) -> str | None:
    """What a label or a column's head stands for; of `Calls / uses (sync)` what the first part says."""
    text = text[:120].replace("`", " ")
    bare = re.sub(r"\(.*?\)|\[.*?\]", " ", text)
    if NAMED_PART.match(bare):
        return SPELLINGS.get(plain_words(bare))
    for part in (text, bare, *re.split(r"[/,:&]| and | und | et | y ", bare)):
        words = plain_words(part)
        found = (
            SPELLINGS.get(words)
            or ANY_ORDER.get(tuple(sorted(words)))
            or SPELLINGS.get(tuple(word for word in words if word not in PLAIN_FILLERS))
            or (SPELLINGS.get(words[:2]) if words[1:2] in (("by",), ("to",), ("from",)) else None)
        )
        if found:
            return found
    asked = ASKED.match(text)
    return SPELLINGS.get(plain_words(text[asked.end() :])) if asked else _composed(bare)


THINGS = {
    "event": r"(?:domain |business |kafka |integration )?(?:events?|messages?|topics?|signals?|notifications?|ereignisse?|nachrichten?|evenements?|messaggi|mensajes)",
    "call": r"(?:rest |api |sync(?:hronous)? |http |grpc |service )?(?:interfaces?|calls?|services?|apis?|requests?|dependenc(?:y|ies)|endpoints?|connections?|aufrufe?|schnittstellen?|anfragen?|dienste?|verbindungen?|abhaengigkeiten|appels?|dependances|requetes|echanges)",
    "data": r"(?:data|state|records?|information|datasets?|daten|zustand|donnees|informations)",
}
"""Nouns that labels are composed of, in folded text."""
OUTWARD = r"(?:published|emitted|raised|announced|produced|outgoing|outbound|out|sent|written|fired|broadcast|issued|gesendete?|veroeffentlichte?|erzeugte?|ausgehende?|publizierte?|raus|emis(?:es)?|publies|envoyes|produits|sortants?)"
INWARD = r"(?:consumed|subscribed|received|incoming|inbound|in|handled|read|processed|heard|awaited|empfangene?|eingehende?|konsumierte?|abonnierte?|gehoerte?|verarbeitete?|rein|recus?|consommes|ecoutes|entrants?)"
NEEDED = r"(?:required|used|consumed|needed|outgoing|outbound|external|remote|direct|sync|synchronous|downstream|invoked|called|runtime|hard|made|benoetigte?|genutzte?|verwendete?|ausgehende?|externe?|synchrones|requis(?:es)?|utilise(?:e?s)|consomme(?:e?s)|sortants?)"
KEPT = r"(?:kept|held|stored|owned|persisted|persistent|saved|managed|own|gehaltene?|gespeicherte?|eigene?|persistente?|detenues|conservees|stockees|gerees)"
OFFERED = r"(?:provided|offered|exposed|public|bereitgestellte?|angebotene?|fourni(?:e?s)|expose(?:e?s)|offertes)"
COMPOSED = tuple(
    (re.compile(rf"(?:{kind} {THINGS[thing]}|{THINGS[thing]} (?:it (?:is )?)?{kind}|{also})"), concept)
    for kind, thing, concept, also in (
        (
            OUTWARD,
            "event",
            "publishes",
            r"(?:publishes|emits|sends|writes|sendet|veroeffentlicht|publie) (?:events?|messages?|topics?|ereignisse|nachrichten)|async(?:hronous)? out|kafka out",
        ),
        (
            INWARD,
            "event",
            "consumes",
            r"(?:consumes|receives|handles|reads|subscribes to|empfaengt|konsumiert) (?:events?|messages?|topics?|ereignisse|nachrichten)|async(?:hronous)? in|kafka in",
        ),
        (OFFERED, "call", "provides", r"(?:service|public) interface"),
        (NEEDED, "call", "calls", r"(?:uses|requires|needs) (?:interfaces|apis|services)|sync out"),
        (r"(?:incoming|inbound|eingehende?|entrants?)", "call", "called_by", r"requests from"),
        (KEPT, "data", "stores", r"(?:keeps|holds|stores|owns|haelt|speichert) (?:data|state|its data|daten)(?: in)?"),
    )
)
"""`Events raised`, `Outgoing messages`, `Required services`, `Data held`: what goes out or comes in, is needed, offered or kept."""


def _composed(text: str) -> str | None:
    plain = " ".join(re.findall(r"[a-z]+", folded(text)))
    return next((concept for shape, concept in COMPOSED if shape.fullmatch(plain)), None)


ASKED = re.compile(
    r"(?:Events|Messages|Calls|Data|Topics|Systems|Services|Ereignisse|What|Whom?|Which (?:events|others|data|services|stores)|Where|Was|Wen) (?:it|she|he|this|they|er|sie|es) (?=[a-z])"
)
"""`Whom it asks`: the verb is what it is about."""


NAMED_PART = re.compile(
    r"[\W\d]*(?:[A-ZÀ-Þ][\w-]* (?:and |of |& |und |et )?){1,4}(?:Service|Dienst|Gateway|Engine|Adapter|Connector|Worker|Dispatcher|Planner|Scheduler)\W*$"
)
"""`Key Service`, `Availability and Rate Service` are parts, and no lists of services or of what is available; `Core Services` and `Service Catalog` list them."""


LATER = re.compile(
    r"\b(?:out of scope|not in scope|for later|later|someday|future (?:enhancement|extension|improvement|development|plan|consideration|feature|direction)s?|nice to have|not (?:doing|included|yet|planned)|ideas? for|what (?:i|we) would|would (?:do|like)|roadmap|backlog|rejected|discarded|kuenftig\w*|spaeter\w*|verworfen\w*|nicht (?:im|geplant)|plus tard|hors (?:perimetre|champ)|"
    r"ulterieur\w*|mas adelante|fuera de (?:alcance|ambito))\b"
)
"""In a heading: what stands below is not, or not yet, so."""


OURS = words_of("our ours us unsere unserer unser unsererseits notre nos nuestro nuestra")
SIDES = words_of(
    "counterpart side end component part platform system gegenstelle seite komponente system plattform cote composant lado componente"
)


HEADS_OF_COLUMNS = {
    spelling: concept
    for concept, spellings in {
        "from": "calling side|who calls|who asks|asker|asking|requester|requestor|requesting component|initiating component|initiated by|opened by|left|a side|side a|start|using component|client component|consumer of the interface|user of the interface|wer ruft|wer fragt|nutzendes system|qui appelle|demandeur|appelant",
        "to": "called side|called|called system|whom|who is called|who is asked|answerer|responder|answering component|right|b side|side b|end|towards|into|server component|providing component|provider of the interface|aufgerufen|wen|qui est appele|appele",
        "publisher": "announcer|who sends|who says it|said by|comes from|speaker|out of|gesendet von|ausgeloest von|wer sendet|kommt von|qui l'emet",
        "consumer": "listened to by|received by|handlers|taken up by|picked up by|who hears it|who wants it|goes to|interested|interested parties|interests|audience|delivered to|verarbeitet von|wer hoert zu|geht an|recu par|ecoute par|qui l'ecoute|who reacts|handled by",
    }.items()
    for spelling in spellings.split("|")
}
"""Heads of columns that are no labels."""


def column_of(text: str) -> str | None:
    """What a column's head stands for; `Application component` is a component by its last word, `Counterpart in our platform` by whose it is."""
    words = plain_words(text)
    if OURS.intersection(words) and SIDES.intersection(words):
        return "component"
    return (
        HEADS_OF_COLUMNS.get(" ".join(re.findall(r"[a-z']+", folded(re.sub(r"\(.*?\)", " ", text)))))
        or concept_of(text)
        or (
            found
            if len(words) in (2, 3)
            and (found := SPELLINGS.get(words[-1:])) in ("component", "event", "stores", "external", "topic", "protocol", "owner")
            else None
        )
    )


FLOW_HEADING = re.compile(
    r"(?:scenario|szenario|escenario|use case|user story|journey|walkthrough|episode)\b.*[:–—-]"
    r"|(?!.*\bdecision (?:record|log|register)).+ (?:and|und|et|y) decision$"
)
"""`Scenario C: screening and decision` tells what happens, and is no list of decisions."""


@functools.lru_cache(maxsize=4096)
def section_of(text: str) -> str | None:
    """What a section is about by its heading: a concept, `skipped`, or nothing that is known."""
    bare = re.sub(r"\(.*?\)", " ", text[:120])
    words = plain_words(bare)
    plain = folded(bare).strip(" .:?!/")
    if (
        LATER.search(plain)
        or TURNED_DOWN.fullmatch(plain)
        or words in SKIPPED
        or tuple(word for word in words if word not in PLAIN_FILLERS or word in NAMING) in SKIPPED
    ):
        return "skipped"
    if FLOW_HEADING.match(folded(bare)):
        return None
    return (
        next((concept for concept, shape in SECTIONS if shape.fullmatch(plain)), None)
        or concept_of(bare)
        or concept_of(re.split(r"\s[–—-]\s", bare)[0])
        or ("component" if OF_PARTS.fullmatch(plain) else None)
        or ("external" if len(words) <= LONGEST_OF_OTHERS and OF_OTHERS.search(folded(bare)) else None)
    )


TURNED_DOWN = re.compile(
    r"(?:options |alternatives |ideas |things |what (?:we |i )?)?(?:thrown out|parked|dropped|tried and dropped|considered and (?:dropped|rejected|left|not (?:done|chosen|built|taken))|looked at and left|decided against|turned down|ruled out|abandoned|declined|refused|not chosen)(?: (?:ideas|options|alternatives))?"
    r"|(?:(?:things|what) )?(?:we )?said no to(?: and why)?|nope|not now|what we (?:won't|will not|did not|didn't|do not|don't) (?:do|choose|build|want)|(?:roads|paths) not taken|dead ends|graveyard|alternatives (?:we )?(?:looked at|considered|discussed)|wishes"
    r"|what(?:'s| is) (?:next|missing|planned|to come)|what comes next|next|planned|coming(?: up)?|to come|todos?|to do|still (?:to do|missing)|not there yet|missing|some ?day|one day|scope limits|planned and open|open and planned"
    r"|abgelehnt(?:es)?|nicht gewaehlt(?:es)?|wogegen wir uns entschieden haben|was wir nicht (?:machen|bauen|wollen)|geplant(?:es)?|was noch kommt|(?:options |choix |solutions |pistes |alternatives )?(?:ecarte|rejete|refuse|abandonne)(?:e?s|e)?|ce que nous avons ecarte|(?:solutions |options )?non retenue?s?|a venir|prevue?s?|evolutions?(?: prevues)?|feuille de route"
)
"""A heading of what is not so, or not yet: `Thrown out`, `Said no to`, `Choix écartés`."""
SECTIONS = (
    (
        "question",
        re.compile(
            r"open(?: (?:ends|topics|matters|things|/ ?later))?|loose ends|(?:choices and )?loose ends|undecided|(?:matters|things|points) (?:not yet|still to be|yet to be) decided|still (?:open|to be decided|being discussed|talk)|(?:decisions? pending|pending decisions?)|offen und geplant|rejected and open|open and rejected|unknowns|things we (?:don't|do not) know(?: yet)?|offene (?:fragen|punkte|themen)|offenes|noch (?:offen|nicht entschieden)|en suspens|reste a decider|questions? ouvertes?|points? ouverts?"
        ),
    ),
    (
        "decision",
        re.compile(
            r"(?:decision (?:log|records?|register)|decisions (?:taken|made|so far))|why (?:it is |is it |it's )?(?:like that|like this|so|this way)|why we did it (?:so|this way|like this)|(?:design )?rationale|(?:design )?choices(?: made| and why| we made)?|what we decided|warum so|choix(?: (?:d'architecture|techniques|de conception))?|pourquoi (?:ainsi|comme ca)"
        ),
    ),
    (
        "event",
        re.compile(
            r"business events|asynchronous (?:messages|communication|messaging|events)|event (?:flows|contracts|matrix|overview)|what (?:is|gets) (?:announced|published)|who (?:publishes|listens to|announces|hears) what|(?:ereignis|event)(?:katalog|uebersicht|liste)|asynchrone (?:kommunikation|nachrichten|ereignisse)|catalogue d'evenements|echanges asynchrones"
        ),
    ),
    ("stores", re.compile(r"data layer|datenarchitektur|wo die daten liegen|ou sont les donnees|data homes?")),
)
"""Headings that say what their section is about in words of their own."""
OF_PARTS = re.compile(
    r"(?:(?:the|our|all|list of|overview of|inventory of) )*(?:(?:software|runtime|run-time|application|system|solution|functional|technical|own|in-house|internal|domain|business|logical|deployable|deployment|custom|individual|main|core|detailed) ){0,2}"
    r"(?:components?|items|units|modules|elements|parts|building blocks|services|microservices|deployables|subsystems|sub-systems|bits(?: and pieces)?|pieces)(?: (?:design|cards?|sheets?|profiles?|breakdown|inventory|descriptions?|specifications?|in detail|of the (?:system|platform|solution)))*"
    r"|(?:component|service|software component) (?:cards|sheets|profiles|breakdown|inventory|design|descriptions)|(?:system|software|service|functional) (?:decomposition|composition|breakdown)"
    r"|(?:the )?(?:what|things|stuff|software|everything|pieces|parts|components|services|bits) (?:that )?we (?:have )?(?:run|operate|own|build|built|wrote|write|maintain)(?:(?: and|,) (?:run|operate|own|maintain|build))?(?: ourselves)?|who(?: is|'s) who|(?:the )?(?:main )?(?:players|cast)|dramatis personae"
    r"|(?:die |unsere |alle |eigene |fachliche |technische |interne )*(?:[a-z]+-?)?(?:komponenten|bausteine|dienste|teilsysteme|systembestandteile|bestandteile|module)(?:uebersicht|beschreibung)?(?: (?:im (?:einzelnen|detail|ueberblick)|des systems))?|komponenten(?:uebersicht|beschreibung)|was wir (?:betreiben|gebaut haben|bauen|selbst bauen)|(?:die )?teile des systems|wer ist wer"
    r"|(?:les |nos |fiches? |inventaire des |description des |liste des )*(?:composants|briques|modules|services)(?: (?:logiciels?|applicatifs?|applicatives|internes|du systeme|metier))?|ce que nous (?:exploitons|construisons|avons construit)|qui est qui"
)
"""A heading of what the system is made of: `Software items`, `What we run`, `Fachliche Komponenten`."""


LONGEST_OF_OTHERS = 6
OF_OTHERS = re.compile(
    r"\b(?:third[- ]part(?:y|ies)|(?:external|partner|other (?:companies|people|organi[sz]ations|parties)'?s?|foreign|outside) (?:systems?|services?|parties|providers?|software|apis?)|systems? (?:around|next to|of others|we do not|we don't|not ours)|bought[- ]in|(?:things|what|systems?|software) (?:that )?(?:we (?:don't|do not|did not|didn't) (?:run|own|operate|build)|(?:aren't|are not|isn't|is not) ours)|^not ours$|(?:the )?outside world|^(?:the )?others$|other systems|3rd part(?:y|ies)|business partners|^suppliers$|(?:neighbou?ring|connected|interfacing|surrounding) systems|integration partners|who (?:else is involved|we depend on|we talk to)"
    r"|extern\w* (?:partner|systeme?|dienste?|anbieter|dienstleister)|drittanbieter|dritte[rn]?|fremde systeme|was uns nicht gehoert|^(?:unsere )?dienstleister$|^lieferanten$|^prestataires$|ce qui n'est pas a nous|systemes? (?:externes?|tiers|de tiers|partenaires)|partenaires externes|sistemas? (?:externos?|de terceros)|proveedores externos)\b"
)
"""A heading of what others run: `Other companies' systems`, `Systems we do not own`."""


# --- verbs ------------------------------------------------------------------------------------------------------------

VERBS: Mapping[str, str] = {
    "call": "calls call calling searches search purges purge invokes invoke invoking queries query querying asks ask asking contacts contact consults consult fetches fetch fetching retrieves retrieve gets obtains obtain requests request polls poll polling delegates delegate"
    " forwards forward routes route proxies proxy pushes push submits submit posts talks talk speaks speak connects connect checks validates validate verifies verify looks authenticates authenticate hits pings loads load syncs synchronises synchronizes charges"
    " pulls pull collects collect gathers gather notifies notify triggers trigger hands passes uploads upload downloads resolves resolve registers login logs delivers transmits transmit books configures configure instructs instruct tells tell drives drive"
    " ruft rufen lädt laden abfragt anfragt aufruft abruft anspricht bucht buchen reicht reichen stößt stoßen überträgt übertragen fragt fragen erfragt ermittelt holt holen bezieht beziehen leitet leiten übergibt übermittelt übermitteln beauftragt authentifiziert prüft meldet ruft-ab fordert"
    " appelle appellent relaie relaient interroge interrogent invoque invoquent demande demandent récupère récupèrent consulte consultent transmet transmettent délègue sollicite contacte vérifie obtient"
    " llama llaman invoca invocan consulta consultan solicita solicitan obtiene obtienen pide reenvía delega",
    "belong": "belongs belong gehört gehören appartient pertenece",
    "flow": "comes come geht gehen goes go flows flow travels travel arrives arrive",
    "use": "uses use relies rely depends depend accesses access communicates communicate integrates interacts interact nutzt nutzen verwendet verwenden benutzt benutzen kommuniziert greift greifen utilise utilisent usa usan utiliza utilizan"
    " dépend depende communique accède accede",
    "publish": "publishes publish publishing emits emit emitting raises raise produces produce fires fire announces announce broadcasts broadcast veröffentlicht veröffentlichen publiziert publizieren erzeugt emittiert publie publient émet émettent signale signalent"
    " diffuse publica publican emite emiten difunde pubblica pubblicano emette verkündet feuert publisht",
    "send": "liefert liefern gibt geben sends send sending mails texts e-mails emails sendet senden schickt schicken verschickt versendet poste postent envoie envoient envía envían",
    "consume": "consumes consume consuming subscribes subscribe subscribing subscribed listens listen listening reacts react reacting handles handle processes process ingests ingest"
    " konsumiert konsumieren abonniert abonnieren hört hören reagiert reagieren wartet warten verarbeitet verarbeiten consomme consomment s'abonne abonne écoute écoutent réagit réagissent traite souscrit consumen suscribe suscriben escucha escuchan reacciona procesa",
    "receive": "receives receive receiving empfängt empfangen erhält erhalten bekommt reçoit reçoivent recibe reciben",
    "store": "stores store storing persists persist persisting saves save keeps keep keeping owns own records holds archives caches führt führen verwaltet speichert speichern persistiert hält besitzt legt ablegt sichert cached stocke stockent enregistre conserve persiste lives live resides reside liegt liegen"
    " archives archive archiving remembers remember retains retain holding hinterlegt hinterlegen archiviert archivieren possède détient garde gardent range rangent conservent archivent dépose déposent almacena almacenan guarda guardan conserva posee",
    "write": "puts places deposits drops writes write writing populates fills updates update inserts appends schreibt schreiben befüllt aktualisiert écrit écrivent alimente remplit met escribe escriben actualiza copies copy exports export moves kopiert exportiert copie exporte copia exporta",
    "read": "reads read reading liest lesen lit lisent lee leen",
}
PASSIVES: Mapping[str, str] = {
    "send": "fed posted returned supplied exported reported handed passed forwarded delivered transmitted uploaded mailed submitted transferred gemeldet übergeben übermittelt weitergeleitet geschickt übertragen transmis transmise transmises remis remise transmitido transmitida entregado entregada",
    "call": "notified gathered fetched collected obtained procured downloaded retrieved called invoked queried contacted polled requested consulted used accessed triggered aufgerufen abgefragt genutzt verwendet benutzt appelé appelée appelés appelées interrogé interrogée utilisé utilisée utilisés sollicité sollicitée sollicités consulté consultée contacté contactée angesprochen angefragt befragt angerufen abgerufen geladen bezogen llamado llamada"
    " invocado consultado consultada usado usada utilizado utilizada",
    "publish": "published emitted raised produced fired announced sent broadcast veröffentlicht publiziert gesendet erzeugt ausgelöst publié publiée publiés publiées émis émise envoyé envoyée publicado publicada emitido emitida enviado enviada",
    "consume": "taken heard consumed subscribed received handled processed picked konsumiert abonniert empfangen verarbeitet gelesen-als consommé consommée consommés consommées reçu reçue traité écouté consumido consumida recibido recibida procesado",
    "store": "remembered filed laid entered owned stored saved held backed hosted placed retained recorded archived cached persisted kept managed gespeichert verwaltet gehalten stocké stockée géré conservé almacenado almacenada guardado gestionado",
    "write": "written filled populated updated geschrieben befüllt écrit écrite alimenté alimentée escrito escrita actualizado",
    "read": "read gelesen lu lue leído leída",
}
VERB_OF = {folded(form): verb for verb, forms in VERBS.items() for form in forms.split()}
PASSIVE_OF = {folded(form): verb for verb, forms in PASSIVES.items() for form in forms.split()}
BY = words_of("by von vom durch par por")

NEGATIONS = words_of(
    "not never no nothing nobody none without neither nor cannot can't doesn't don't isn't won't mustn't shouldn't nicht nie niemals "
    "kein keine keinen keinem keiner ohne weder pas jamais plus aucun aucune sans ni nunca jamas ningun ninguna ningún sin tampoco"
)
HYPOTHETICAL = re.compile(
    r"\b(planned|nice to have|not (?:in|part of) this (?:release|version)|not yet(?! (?:reported|sent|confirmed|processed|delivered|paid|transferred|acknowledged|uploaded|handled|seen|published)\b)|not decided|decided against|against letting|argued for|unclear|not agreed|not clear|unklar|nicht entschieden|noch nicht|a decider|reste a|por decidir|sin decidir|to be decided|tbd|rejected|discarded|dropped the|was dropped|(?:evaluated|weighed|assessed|tested|considered|prototyped|piloted) and (?:dropped|rejected|discarded|declined|turned down|ruled out|abandoned|thrown away|given up)|out of scope|in future|in the future|future (?:version|release|phase|work)|later (?:phase|release|version|on)|next (?:year|phase|release)|phase (?:2|3|two|three|ii)|"
    r"roadmap|(?:was|were) tried|formerly|previously|used to|in the past|historically|no longer|decommissioned|retired|has been removed|was removed|considered|could|might|would|if we ever|(?:is|was|are|were|been|as|only) (?:only )?(?:a )?propos(?:al|ed)|proposal (?:to|that)|propose to|(?:is|as|a good|a possible|one) (?:a )?candidate|candidates? (?:for|to be)|deprecated|won't do|parked|whiteboard|switched off|thrown out|threw (?:it|them|that) out|declined|todo|maybe|possibly|"
    r"the old|at present the old|until now|someday|one day|(?:is|are|was|still|yet|remains?|left) undecided|still open|(?<!what )(?<!that )is open|"
    r"geplant|kuenftig\w*|zukuenftig\w*|spaeter\w*|noch nicht|nicht mehr|verworfen|abgelehnt|frueher|bisher|bislang|ehemals|koennte|wuerde|in zukunft|ausser betrieb|abgeloest|offen ist|noch offen|vorgesehen fuer|(?:ist|sind) (?:erst |bereits )?vorgesehen|"
    r"prevue?s? (?:pour|en)|a l'avenir|ulterieurement|plus tard|pas encore|ne .{1,20} plus|rejete\w*|ecarte\w*|autrefois|auparavant|anciennement|pourrait|serait|hors perimetre|envisage\w*|"
    r"planificad\w+|previst\w+|en el futuro|mas adelante|todavia no|aun no|ya no|descartad\w+|rechazad\w+|antes se|anteriormente|podria|fuera de alcance)\b"
)
"""What is planned, past, rejected or thought of: no fact about the system. Compared with folded text."""
PLANNED_STATUS = re.compile(
    r"^\W*(planned|future|later|proposed|deprecated|rejected|retired|removed|decommissioned|out of scope|tbd|dropped|geplant|zukuenftig|verworfen|abgelehnt|abgeschaltet|entfallen|prevu|futur|rejete|abandonne|planificado|futuro|descartado|rechazado)\b"
)

BREAKS = words_of(
    "because when whenever if after before until while since unless whereas although for so once instead rather except than wenn weil "
    "damit nachdem bevor bis während sobald falls für statt anstatt außer obwohl parce lorsque quand si après avant jusqu'à pour afin "
    "tandis puisque dès sauf porque cuando si después antes hasta mientras para salvo excepto despues"
)
BREAKS_FOLDED = frozenset(map(folded, BREAKS))
PRONOUNS = words_of("it they this he she er sie es diese dieser dieses il elle ils elles celui-ci celle-ci este esta ella ello")
RELATIVES = words_of("which that who whom whose die der das welche welcher welches qui que lequel laquelle cual quien")
JOINERS = words_of("and or & then also plus as well und oder sowie dann auch et ou puis ainsi y o e luego tambien")
ARTICLES = words_of(
    "the a an our its their this that each every der die das den dem des ein eine einen einem einer unser unsere le la les l un une des "
    "du notre nos ce cette el los las una uno del al nuestro nuestra su sus"
)

# --- names ------------------------------------------------------------------------------------------------------------

GENERIC = words_of(
    "service svc srv microservice ms component module dienst komponente modul composant servicio componente modulo microservicio "
    "baustein microdienst container"
)
"""Words beside the name of a component that do not tell it from others."""
LINKING = words_of("the a an of de du des la le les l d el los las del der die das von")
HEADS = words_of(
    "service svc microservice engine gateway manager scheduler registry connector adapter adaptor processor worker server hub portal "
    "controller module orchestrator router dispatcher planner bridge proxy backend frontend app application api ui bff handler "
    "aggregator pipeline importer exporter collector monitor tracker simulator optimizer optimiser builder resolver validator calculator "
    "notifier agent bot client console dashboard website site platform loader crawler indexer dienst verwaltung planer steuerung "
    "schnittstelle plattform composant moteur passerelle gestionnaire planificateur servicio motor pasarela gestor planificador"
)
"""What a name in lower case ends with to be taken for a component."""
PEOPLE = words_of(
    "customer user operator admin administrator agent clerk doctor nurse patient driver rider passenger traveller traveler staff "
    "employee manager citizen visitor guest member buyer seller merchant developer analyst auditor engineer technician client teller "
    "dispatcher shopper student teacher team browser people human person actor supervisor officer planner-user caretaker physician "
    "cashier skipper captain beekeeper notary chef projectionist janitor internet consumer anyone everyone end-user subscriber partner-user kunde kunden benutzer nutzer mitarbeiter arzt pfleger patientin fahrer "
    "sachbearbeiter administratorin utilisateur client agent conducteur medecin infirmier usuario cliente operador medico conductor "
    "empleado pharmacist receptionist picker resident farmer motorist warden cook parent child seller inspector librarian reader author listener viewer pensioner tenant landlord applicant voter traveller"
)
BROKERS: Mapping[str, str] = {
    "kafka": "kafka", "apache kafka": "kafka", "msk": "kafka", "redpanda": "kafka", "confluent": "kafka", "rabbitmq": "rabbitmq", "nats": "nats", "nats jetstream": "nats", "jetstream": "nats",
    "activemq": "", "mqtt broker": "", "mosquitto": "", "hivemq": "", "emqx": "", "pulsar": "", "apache pulsar": "", "eventbridge": "", "sns": "", "sqs": "", "pub/sub": "", "google pub/sub": "", "event hub": "", "event hubs": "", "service bus": "", "azure service bus": "",
    "event bus": "", "message bus": "", "message broker": "", "event backbone": "", "broker": "", "message queue": "", "event stream": "", "event broker": "", "enterprise service bus": "", "queue": "", "bus": "", "mqtt": "", "kinesis": "", "ibm mq": "",
    "nachrichtenbus": "", "ereignisbus": "", "nachrichtenbroker": "", "bus d'evenements": "", "bus de messages": "", "bus de eventos": "", "message bus topic": "", "stream": "", "topic": "",
}  # fmt: skip
"""Message brokers as documents name them, and what the contract language calls those that it knows."""
ENGINES: Mapping[str, str] = {
    "postgresql": "postgresql", "pg": "postgresql", "postgres": "postgresql", "postgre": "postgresql", "postgis": "postgresql", "aurora": "aurora", "timescaledb": "timescaledb", "mysql": "mysql", "mariadb": "mariadb", "oracle": "oracle", "oracle database": "oracle", "oracle db": "oracle",
    "sql server": "sqlserver", "mssql": "sqlserver", "microsoft sql server": "sqlserver", "db2": "db2", "sqlite": "sqlite", "cockroachdb": "cockroachdb", "cockroach": "cockroachdb", "spanner": "spanner", "mongodb": "mongodb", "mongo": "mongodb", "couchdb": "couchdb", "couchbase": "couchbase",
    "cassandra": "cassandra", "scylladb": "scylladb", "scylla": "scylladb", "dynamodb": "dynamodb", "cosmos db": "cosmosdb", "cosmosdb": "cosmosdb", "firestore": "firestore", "redis": "redis", "valkey": "valkey", "memcached": "memcached", "hazelcast": "hazelcast", "elasticsearch": "elasticsearch",
    "opensearch": "opensearch", "solr": "solr", "influxdb": "influxdb", "influx": "influxdb", "clickhouse": "clickhouse", "druid": "druid", "bigquery": "bigquery", "snowflake": "snowflake", "redshift": "redshift", "databricks": "databricks", "s3": "s3", "minio": "minio",
    "amazon s3": "s3", "blob storage": "blob-storage", "blob container": "blob-storage", "azure blob storage": "blob-storage", "gcs": "gcs", "object storage": "object-storage", "object store": "object-storage", "neo4j": "neo4j", "etcd": "etcd", "hbase": "hbase", "hdfs": "hdfs", "rocksdb": "rocksdb", "duckdb": "duckdb", "questdb": "questdb", "victoriametrics": "victoriametrics",
    "arangodb": "arangodb", "teradata": "teradata", "vertica": "vertica", "milvus": "milvus", "pinecone": "pinecone", "weaviate": "weaviate", "qdrant": "qdrant", "pgvector": "postgresql", "eventstoredb": "eventstoredb", "prometheus tsdb": "prometheus", "sap hana": "hana", "h2": "h2", "ravendb": "ravendb", "timescale": "timescaledb", "qldb": "qldb", "amazon qldb": "qldb", "documentdb": "documentdb", "keydb": "keydb", "dragonfly": "dragonfly", "yugabytedb": "yugabytedb", "tidb": "tidb", "singlestore": "singlestore",
    "amazon dynamodb": "dynamodb", "amazon redshift": "redshift", "google cloud storage": "gcs", "azure sql": "sqlserver", "foundationdb": "foundationdb", "ignite": "ignite", "apache ignite": "ignite", "apache cassandra": "cassandra", "apache solr": "solr",
}  # fmt: skip
"""Engines of data stores: as documents name them, and as the contract's `kind`."""
STORE_WORDS = words_of(
    "db database cache store datastore warehouse lake lakehouse bucket archive index ledger-db blobstore schema repository-db datenbank "
    "datenspeicher archiv speicher zwischenspeicher entrepot base basedatos almacen replica tsdb dwh"
)
"""What the name of a data store ends with."""
EXTERNAL_CUE = re.compile(
    r"\b(external|third[- ]party|3rd[- ]party|saas|vendor|outside (?:of )?our (?:control|responsibility|hands|team)|not (?:run|operated|owned|hosted) by us|not under our control|(?:an)?other (?:department|dept|division|company|business unit)|corporate it|group it|ausserhalb unsere[rs]? \w+|hors de notre controle|fuera de nuestro control|outside (?:of )?(?:the|our) system|(?:run|operated|hosted|provided) by (?:a|an|the) (?:partner|third|vendor|provider|external)|extern(?:e|er|es|en|em)?|drittanbieter\w*|fremdsystem\w*|"
    r"externes?|tiers|externos?|externas?|de terceros|partner(?:'s)? (?:api|system)|payment (?:service )?provider|national register|government)\b"
)
ORGANISATIONS = words_of(
    "chamber kammer chambre camera bank authority office agency ministry bureau institute university council insurer police behoerde amt bank ministerium agence mairie banque banco agencia"
)
"""What a name ends with that is an organisation's."""
NO_NAMES = words_of(
    "i pin otp iban ean qr ocpp ocpi zigbee lorawan bacnet knx profinet profibus sip2 z39.50 marc isobus canopen opc hl7v2 qos gb mb tb kb ghz saml kerberos ldap dicom dicomweb stow-rs wado-rs qido-rs edifact astm smtp mqtt jwts jwks will would shall can may must should lui-meme elle-meme selbst itself openid fix rfc idoc mq ebics websocket websockets oidc webhook webhooks api apis rest http https grpc json xml sql soap odata graphql oauth oauth2 oidc jwt tls mtls sla slo nfr fr gdpr dsgvo rgpd iso utc fhir hl7 saas paas iaas crud rpc ide cli sdk vm netconf snmp modbus "
    "cet csv pdf sms url uri id uuid tcp udp amqp jdbc sftp ftp lan vpn dns cdn cpu ram ui ux kpi etl monday tuesday wednesday thursday "
    "friday saturday sunday january february march april june july august september october november december note see section table "
    "figure appendix adr status open yes no none n/a tbd todo kubernetes docker helm istio envoy linux java python go kotlin rust "
    "typescript javascript node spring quarkus react angular vue terraform aws azure gcp openapi asyncapi protobuf avro prometheus "
    "grafana jaeger opentelemetry if when while after before both all each every everything nothing only however then there here this "
    "that these those it they we you he she what which who where why how since once for in on at by with from as and or but not system "
    "systems platform service services component components event events message messages data database "
    "order-of queue topic user users app application client server everyone wenn darauf daraufhin hierauf dabei danach alle jede jeder jedes nur hier dort "
    "ob wann warum sofern soweit solange indem dafuer dazu hierfuer daher deshalb deswegen ausserdem zudem derzeit heute seither zuerst zuletzt schliesslich leider abnehmer diese dieser dieses es er sie wir lorsque quand si tous toutes chaque cuando todos cada"
)
"""Words that stand with a capital and name no part of a system."""
