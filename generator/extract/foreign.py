"""Third parties that no list has, told by how prose speaks of them: `Quandel's REST API`, `the SFTP server of Quandel`, `Quandel, the pilots' organisation`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.blocks import Item, Sentence, whole_of
from generator.extract.mentions import is_german, tokens_of
from generator.extract.naming import Names, Sighting, broker_of, engine_of, is_name, kind_by_name, looks_like_event, name_words
from generator.extract.vocabulary import GENERIC, HEADS, NO_NAMES, PEOPLE, STORE_WORDS, folded, singular, words_of

NAME = r"(?P<name>[A-ZÀ-Þ][\w&+-]*(?:\.(?:io|com|de|fr))?(?: (?:for |de |du )?[A-ZÀ-Þ][\w&+-]*){0,3})"
DOOR = (
    r"(?:(?:public|own|hosted|open|decent|new|official|ordering|payment|payments|routing|introspection|line-oriented|[A-Z]{3,6}|gRPC|HTTP|JSON|REST) ){0,3}"
    r"(?:REST|JSON|SOAP|HTTPS?|WFS|HTTP API|APIs?|web ?services?|(?:SFTP|FTP|mail|SMTP|network) (?:server|drop|site|folder)|s?ftp|endpoints?|web ?hooks?|(?:REST|HTTP|JSON|SOAP|web) (?:interface|service|API)|TCP (?:socket|port))\b"
)
"""What somebody else's system is reached by."""
TRADE = (
    r"(?:provider|vendor|supplier|wholesaler|company|firm|carrier|haulier|haulage|operator|agency|organi[sz]ation|association|society|union|laundry|print(?:er| shop)|bank|insurer|broker|marketplace|exchange|auction house"
    r"|login|register|registry|verification system|community system|(?:accounting|bookkeeping|payroll|warehouse|timetable|claims|policy|personnel|document|billing|fleet|telematics|laboratory|ERP|booking|reservation|ticketing|ordering|weather|map|mapping|address|routing|payment|text message|messaging|mail) (?:system|software|package|service|product|portal|tool|provider|company|network)"
    r"|manufacturer|maker|contractor|subcontractor|distributor|treasury|hoster|cloud (?:service|product|software)"
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
        rf"(?:^|, (?:and |where )?|\b(?:and|when|where|until|once|that) )(?<!The ){NAME}(?:, [^,]{{3,60}},)? (?:then |later |also )?(?:reports|sends|posts|pushes|calls|answers|confirms|notifies|tells|forwards|delivers|returns|rings)\b[^.;]{{0,80}}\b(?:web-?hook|call-?back|HTTP call)s?\b",
        rf"(?:^|, |\b(?:and|when|where) )(?<!The ){NAME}(?:, [^,]{{3,60}},)? (?:posts|reports|pushes|sends|uploads|drops|delivers|submits|transmits)\b[^.;]{{0,80}}?\b(?:over|by|via|through|as)\b[^.;]{{0,24}}?\b(?:REST|HTTPS?|SFTP|SOAP|TCP)\b",
        rf"\b(?:[Tt]he|[Oo]ur) (?:[\w'’-]+ ){{0,3}}(?:system|mainframe|software|product|package), {NAME}(?=[,.;)])",
        rf"(?:^|[.;] ){NAME} (?:belongs to|is (?:run|owned|operated|maintained|hosted) by) (?:the |our |a )?(?:[\w-]+ ){{0,3}}{OWNERS}\b",
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


SPOKEN = r"(?:REST|HTTPS?|SFTP|FTPS?|SMTP|SOAP|JSON|TCP|Modbus|OPC|gRPC|API)"
MACHINES = r"(?:system|controller|server|terminal|PLCs?|relay|register|registry|SCADA|ERP|printers?|scales?|weighbridge|historian|directory|exchange|portal|catalogue|catalog|cadastre|clearing house|gateway of [a-z]+)"
LOWER = (
    re.compile(
        r"\b(?:the|our) (?:[A-Z][\w-]*['’]s )?(?P<name>(?:(?!the |our |its |hosted |own |same )[a-z][\w'’-]* ){0,3}?(?:mail|e-mail|SMTP|email) (?:server|relay|gateway))\b(?! (?:(?:of|at) )?[A-Z])"
    ),
    re.compile(
        rf"\b(?:calls|queries|polls|reads|asks|commands|drives|controls|contacts|to|through|via|from|into|on|at|with|by) (?:the|our|its) (?P<name>(?:(?!the |our |its )[\w'’-]+ ){{0,4}}?{MACHINES})"
        rf"(?: as (?:[\w-]+ ){{1,3}}?(?=over|by|via))?(?:,? (?:which|that) [^,;.]{{3,60}},?)?,? ?(?:\(|(?:over|by|via|through|using|in|as) (?:an? )?(?:raw |plain |public )*){SPOKEN}\b"
    ),
    re.compile(
        rf"\b(?:over|by|via) {SPOKEN},? (?:to|through|from|on|at|by way of) (?:the|our) (?P<name>(?:(?!the |our )[\w'’-]+ ){{0,4}}?{MACHINES})\b"
    ),
    re.compile(
        rf"\bthe (?P<name>(?:(?!the )[a-z][\w-]+ ){{0,3}}{MACHINES}), which (?:(?:is|are) (?:run|owned|operated|maintained|hosted) by|belongs to|[a-z]+ [a-z]+ runs)\b"
    ),
    re.compile(
        r"\bthe (?P<name>(?:(?!the )[a-z][\w-]+ ){1,3}(?:register|registry|system|service|database|planner|portal)) of the [A-Z]\w+"
    ),
)
"""Systems that others run, in lower case: `the co-operative's mail server (SMTP)`, `queries the weighbridge controller over a raw TCP connection`."""
NOUN = r"[A-ZÄÖÜ][\wäöüß&.-]*[\wäöüß]"
LED_GERMAN = r"(?:die |den |das |der |dem |des |unseren? |unsere[nrms]? )?"
GENERAL = r"(?:Mailserver|SAP|SPS|ERP|Leitsystem)"
WHOSE = rf"(?P<name>{GENERAL} (?:der|des|von) {NOUN}|{NOUN}(?: (?!(?:der|des|von|und)\b){NOUN}){{0,2}})"
GERMAN = (
    re.compile(
        rf"\b(?:per|über|via) (?:eine[mnr]? |rohe[nrs]? )*{SPOKEN}[\w-]*(?: [a-zäöü]+){{0,2}}? (?:an|bei|über|von|vom|beim|zum|zur|zu|ans|auf den Server|auf dem Server|aus) {LED_GERMAN}{WHOSE}"
    ),
    re.compile(
        rf"\b(?:an|bei|von|vom|beim|zum|zur|ans|gegen|über) {LED_GERMAN}{WHOSE} (?:per|über|via|\()\(?(?:(?:dessen|deren|eine|die|rohe) )*{SPOKEN}"
    ),
    re.compile(rf"(?:API|[Ss]chnittstelle|[Ww]ebservice|Server|Dienst) (?:von |der |des |bei ){LED_GERMAN}{WHOSE}"),
    re.compile(rf"(?:^|[,;:] |\bund ){WHOSE} (?:meldet|ruft|schickt|sendet|bestätigt|quittiert)\b[^.;]{{0,60}}\b(?:Webhook|zurück)\b"),
)
ORGANISED = re.compile(
    r"(?i).+(?:bank|amt|amtes|zentrale|kasse|kammer|kontor|hütte|werke?|stadtwerke|verband|verein|labor|institut|klinikum|agentur|behörde|verlag|druckerei|spedition|polizei|ring|zentrum|krematorium|register|portal|waage|anlage|verwaltung|netzbetreiber|lieferant)$|krematorium|polizei|post"
)
CODED = re.compile(r".*(?:[a-zäöü][A-ZÄÖÜ]|[A-ZÄÖÜ]{3}|\d)")
BEFORE_ROMANCE = r"(?:chez|sur|à|au|auprès d[eu]|auprès de la|via|par|vers|avec|depuis|de|du|d['’]|di|da|dal|dalla|verso|presso|su|sul|al|alla|del|della|tramite|en|a|con|por|contra|hacia|desde|ante)"
PROPER = r"(?P<name>(?:API )?[A-ZÀ-Þ][\w&+.-]*[\w](?: (?:de |du )?[A-ZÀ-Þ][\w&+-]*){0,2})"
SPOKEN_ROMANCE = rf"(?:{SPOKEN}|webhook)"
ROMANCE = (
    re.compile(
        rf"\b(?:API|serveur|interface|service web|webservice|portail|server|servidor|interfaz|interfaccia)(?: {SPOKEN}| web)?(?: de la | de l['’]| du | d['’]| de | di | dell['’]| del | della ){PROPER}"
    ),
    re.compile(
        rf"\b{BEFORE_ROMANCE}(?: |(?<=['’]))(?:le |la |l['’]|il |el )?{PROPER}[^.;:]{{0,40}}?\b(?:en|par|via|sur|in|per|por|su|con|tramite|\() ?(?:son |sa |une? |l['’]|su |la )?(?:API )?{SPOKEN_ROMANCE}\b"
    ),
    re.compile(
        rf"\b(?:en|par|via|in|per|por|con|tramite|attraverso|vía) (?:une? |son |l['’])?(?:API )?{SPOKEN_ROMANCE},? {BEFORE_ROMANCE}(?: |(?<=['’]))(?:le |la |l['’]|il |el )?{PROPER}"
    ),
    re.compile(
        rf"(?:^|, |; |: |\b(?:et|e|y|que|quand) ){PROPER} (?:nous |le |la |lo |ci |y )?(?:rappelle|signale|prévient|notifie|confirme|appelle|renvoie|répond|richiama|notifica|avvisa|chiama|llama|confirma|avisa)\b[^.;]{{0,60}}\b(?:webhook|HTTPS?|notification)\b"
    ),
)
IN_ROMANCE = re.compile(
    r"\b(?:le|la|les|des|du|une|est|par|pour|il|che|una|del|della|los|el|que|con|en|sont|gli|dei|las|se|au|aux)\b", re.IGNORECASE
)
NOT_PROPER = words_of(
    "lundi mardi mercredi jeudi vendredi samedi dimanche kubernetes python java go rust react typescript grafana prometheus modbus tcp docker linux chrome android ios"
)


WITH_DOOR = words_of("API APIs REST SFTP HTTPS Server Webhook SOAP GmbH AG Ltd Inc")


def fuller_names(told: Sequence[Sentence | Item], sightings: Sequence[Sighting], names: Names) -> list[Sighting]:
    """`Halden Security Print`, which the text goes on to call Halden: the whole name of a third party that is known by its first word."""
    text = "\n".join(block.text for block in told if not is_german(tokens_of(block.text)))
    found = []
    shorts = {each.text: each for each in sightings if each.kind == "external" and each.weight <= SPOKEN_OF and " " not in each.text}
    for short in shorts.values():
        name = re.escape(short.text)
        whole = rf"(?<![\w'’-])(?<!\. )(?:{name}(?: {CAPITAL}){{1,3}}|(?:(?<=in )|(?<=the )|(?<=to )|(?<=from )|(?<=of )|(?<=with ))[A-ZÀ-Þ][a-zß-ÿ]+ {name})(?!['’\w])"
        longer = {
            each
            for each in re.findall(whole, text)
            if not set(each.split()) & WITH_DOOR and getattr(names.find(each, event=False), "kind", "external") == "external"
        }
        if len(longer) == 1 and is_name(full := longer.pop()) and not _ends_as_ours(full):
            found.append(Sighting(full, "external", short.weight, short.source, (short.text,)))
    return found


CAPITAL = r"[A-ZÀ-Þ][\w&-]*\w"
SPOKEN_OF = 4
"""Weight of a name that only prose has."""


OUR_ENDS = words_of("worker job adapter gateway connector bridge importer exporter client app")


def _ends_as_ours(name: str) -> bool:
    return name_words(name)[-1] in GENERIC | OUR_ENDS


def others_names(told: Sequence[Sentence | Item], names: Names) -> list[Sighting]:
    """Those in lower case, and those of German and Romance prose."""
    found = []
    for block in told:
        text = whole_of(block)
        german = is_german(tokens_of(text))
        romance = not german and len(IN_ROMANCE.findall(text)) > 2
        shapes = GERMAN if german else ROMANCE if romance else LOWER
        for shape in shapes:
            for each in shape.finditer(text):
                name = _without_kind(OWNER.sub("", each["name"]).strip(" .,"), german=german)
                is_fit = (
                    _is_organised(name) if german else _is_proper(name) if romance else " " in name and not _is_known_in_part(name, names)
                )
                if is_fit and names.find(name, event=False, loosely=romance) is None and broker_of(name) is None and not engine_of(name):
                    found.append(Sighting(name, "external", 4, block.source))
    return found


OWNER = re.compile(r"^.*?\w['’]s ")
"""`the city's residents' register`: whose it is."""


def _without_kind(name: str, *, german: bool) -> str:
    """`Haustierregister TASSO`, `des ZFL-Servers`, `API REST de Smsmode`: what is called so alone."""
    if not german:
        return (
            re.sub(r"^(?:API|REST|HTTPS?|SFTP|SMTP|webhook)(?: (?:API|REST|HTTPS?|de|d'|du))* ", "", name)
            if kind_by_name(name) != "external"
            else name
        )
    head, _, rest = name.partition(" ")
    is_kind = rest and rest.split()[0] not in ("der", "des", "von") and KINDS_OF_OTHERS.fullmatch(head)
    return rest if is_kind else re.sub(r"(erver|ystem)s$", r"\1", name)


KINDS_OF_OTHERS = re.compile(
    r"(?i).*(?:anbieters?|dienstleisters?|druckerei|spedition|labors?|firma|herstellers?|lieferant(?:en)?|registers?|portals?|plattform|dienst(?:e?s)?|system(?:s)?|bank|software|verfahrens?|shops?)"
)


def _is_known_in_part(name: str, names: Names) -> bool:
    """`the Priva controllers`, where Priva is known."""
    last = name.rsplit(maxsplit=1)[-1].lower()
    is_end = any(
        each.kind == "component" and name_words(each.title)[-1:] == (last,) for each in names.entities
    )  # `the planner` is one of ours
    return is_end or any(word[:1].isupper() and names.find(word, event=False, loosely=True) for word in name.split())


def _is_organised(name: str) -> bool:
    """Of German, where every noun has a capital: an organisation, or spelled as no noun is."""
    words = name.split()
    is_whose = len(words) > 1 and words[1] in ("der", "des", "von")
    return is_whose or (
        bool(CODED.match(name) or ORGANISED.fullmatch(words[0]) or len(words) > 1 or kind_by_name(name) == "external")
        and folded(words[0]) not in NO_NAMES
    )


def _is_proper(name: str) -> bool:
    words = [folded(word) for word in name.split()]
    is_short = name.isupper() and len(name) < 4 and kind_by_name(name) != "external"
    return (
        not is_short
        and words[0] not in NOT_PROPER
        and not set(words) <= NO_NAMES
        and kind_by_name(name) in ("component", "external")
        and not looks_like_event(name)
    )


def foreign_names(told: Sequence[Sentence | Item], names: Names) -> list[Sighting]:
    """Names in capitals that nothing knows, and that such a turn of phrase has."""
    lower = lower_words(told)
    return [
        Sighting(name, "external", 4, block.source)
        for block in told
        if not is_german(tokens_of(block.text))
        for name in _named(block.text)
        if is_unknown(name, names, lower)
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


def lower_words(told: Sequence[Sentence | Item]) -> set[str]:
    """Words that the text has in lower case, and that name nobody then."""
    return {singular(word) for block in told for word in re.findall(r"(?<![`\w-])[a-zß-ÿ]{3,}(?![\w-]*`)", block.text)}


def is_unknown(name: str, names: Names, lower: set[str]) -> bool:
    """Whether a name can be that of a third party that nothing knows."""
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
