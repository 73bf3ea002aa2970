"""What a document says that everybody speaks where nothing else is said: among the parts, from the surfaces that people use, with others."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from generator.extract.facts import Fact
from generator.extract.naming import Entity, name_words
from generator.extract.values import protocols
from generator.extract.vocabulary import HEADS, folded, singular, words_of

SCOPES = {
    "outside": r"(?:external|outside|third[- ]part|vendors?|partners?|saas|provider|extern|aussen|drittsystem|nachbarsystem|tiers|partenaire|tercero)",
    "surface": r"(?:browsers?|tablets?|phones?|smartphones?|apps|front[- ]?ends?|user interfaces?|web clients?|(?:at|on) the edge|north[- ]south|mobile clients?|(?:from|of) (?:the )?(?:app|users?|clients?|outside)"
    r"|oberflaechen?|frontends?|navigateurs?|interfaces web|navegador(?:es)?)",
    "inside": r"(?:(?:between|among|amongst) (?:the |our |all |its )*(?:components?|services|microservices|parts|blocks|backends?|modules|containers)|(?:inside|within) the (?:cluster|platform|system|mesh|backend)"
    r"|(?:services|internal) calls|east[- ]west|(?:services|components|parts|blocks|backends?)\b[^.;:]{0,40}\b(?:one another|each other|among themselves)"
    r"|(?:all|every|everything|internal|inter-?service)\b[^.;:]{0,40}\b(?:calls?|synchronous|communication|requests?|traffic|interfaces?)|synchronous (?:calls|requests|communication|interfaces|traffic)|internally|internal traffic|untereinander|intern (?:wird|sprechen|reden|geht)|zwischen (?:den )?(?:komponenten|diensten|services|bausteinen)|interne (?:aufrufe|kommunikation)"
    r"|(?:all|each|every)(?: of)?(?: the| our)?(?: back-?end)? (?:services?|components?|parts?|apis|interfaces) (?:exposes?|offers?|has|have|provides?|speaks?|talks?|uses?|is|are)\b|(?:(?:all|the|our) |^)(?:services|components|parts) (?:communicate|speak|talk|interact|integrate|call)\b|alle (?:synchronen|internen) (?:aufrufe|schnittstellen)|alle (?:dienste|komponenten|schnittstellen) (?:bieten|haben|sind)|tous les (?:appels|echanges)"
    r"|(?:tous )?les (?:composants|services) (?:echangent|communiquent|se parlent|dialoguent|s'appellent)|los (?:componentes|servicios) (?:se comunican|hablan)|alle (?:komponenten|dienste|services) (?:sprechen|kommunizieren|rufen)|(?:komponenten|dienste|services) (?:sprechen|kommunizieren)"
    r"|entre (?:les |los |nos )?(?:services|composants|servicios|componentes)|entre eux|entre si)",
}
"""Who is meant, in folded text; what is said of the outside comes first: `calls from outside`."""
SCOPE = {scope: re.compile(rf"\b{words}\b") for scope, words in SCOPES.items()}
OF_OPERATIONS = re.compile(
    r"\b(?:metrics?|prometheus|health|probes?|liveness|readiness|traces?|tracing|logs?|telemetry|metriken|metriques|admin)\b"
)
"""What is said of how the parts are run."""
OF_A_GROUP = re.compile(
    r"\b(?:(?:the|one|a) (?:same )?|des)(?:bounded )?(?:context|domain|team|layer|zone|module|kontexts?|fachbereichs?)\b"
)
"""A rule for those that belong together, which says nothing of all."""
UNSAID = r"(?:remark|protocol|label|mark|note|annotation|entry|comment|transport|angabe|vermerk|protokoll|beschriftung|mention|precision|protocole|protocollo|protocolo|indicazione|indicacion|etiquette)s?"
LINES = r"(?:lines?|rows?|arrows?|entries|calls?|edges?|links?|interfaces?|connections?|interactions?|anything|everything|whatever|whoever|all|zeilen?|pfeile?|aufrufe?|eintraege?|alles|verbindungen|lignes?|fleches?|appels?|tout|chiamate|righe|frecce|llamadas|filas|flechas)"
OTHERWISE = re.compile(
    r"\b(?:unless (?:otherwise |it is )?(?:stated|said|noted|mentioned|specified|marked|given|labell?ed|indicated|i say|we say)|unless (?:an?|the) (?:line|row|arrow|label|remark|note) says?"
    rf"|(?:where|if|when|wherever|whenever) (?:i say |we say )?[a-z ,]{{0,60}}\b(?:add nothing|nothing (?:else |more )?is (?:said|stated|noted|given|written)|no(?:ne| {UNSAID}) is (?:given|named|stated|mentioned|noted|shown|said)|there is no {UNSAID})"
    r"|if (?:nothing else is|not|not otherwise) (?:said|stated|noted|mentioned|marked)(?: otherwise)?|unless [a-z ]{0,30}\b(?:says?|states?|names?) (?:something else|anything else|otherwise)|by default|(?:is|as) (?:the|our) default|defaults? to|^default\b"
    rf"|(?:\b{LINES}\b )?(?:without|with no) (?:an? |any |other )?{UNSAID}|{LINES} (?:that (?:is|are) )?(?:not|un)[- ]?(?:marked|labell?ed|noted|annotated)|no {UNSAID} (?:means|is)|(?:unmarked|unlabell?ed|plain|bare) (?:arrows?|lines?|calls?|edges?|rows?)"
    r"|(?:calls?|asks?|queries|fetch(?:es)?|sync|synchronous|synchron|aufruf|appelle|ruft|chiama|llama)[\"”'»]? (?:here |always |bei uns |immer |hier )?(?:means?|stands for|is read as|=|heisst|bedeutet|meint|veut dire|signifie|significa)|(?:when|where|if) (?:i|we) (?:write|say)|where it says [\"“'][a-z]+[\"”']"
    rf"|(?:sofern|soweit|wenn|falls|wo) (?:nichts? ander(?:s|es)|nichts (?:steht|dabeisteht|vermerkt|angegeben)|kein(?:e)? {UNSAID})|ohne (?:weitere |andere |naehere )?{UNSAID}|standard(?:maessig)? ist|sauf (?:mention|indication|precision) contraire|sans (?:autre )?{UNSAID}|par defaut|por defecto"
    r"|salvo (?:que se )?(?:indi(?:que|cacion)|diga)|salvo (?:diversa )?indicazione|se non (?:diversamente )?(?:indicato|specificato|detto))(?!\w)"
)
"""`Unless stated otherwise, calls are JSON over HTTPS.`"""
SURFACES = words_of(
    "app portal ui gui console site website webshop shop storefront frontend client cockpit workbench desk dashboard kiosk workplace "
    "workstation webapp spa configurator terminal display screen tablet oberflaeche"
)
"""What the name of something that people use ends with."""
BUILT_FOR_PEOPLE = re.compile(
    r"\b(?:react|angular|vue|vue\.?js|svelte|flutter|ionic|swift|swiftui|next\.?js|nuxt|blazor|electron|ios|android|web app(?:lication)?|single[- ]page|spa|pwa|desktop app(?:lication)?|mobile app|browser|front[- ]?end|presentation|experience|user interface"
    r"|weboberflaeche|webanwendung)\b"
)


def usual_protocols(texts: Iterable[str], is_of_somebody: Callable[[str], bool]) -> dict[str, str]:
    """For each scope the one protocol that the texts name for it; a clause that names a part of the system says nothing of all."""
    said: dict[str, set[str]] = defaultdict(set)
    for text in (SERVICES.sub("services", each) for each in texts):
        parts = re.split(r"[;.]\s", text)
        always = next((spoken for part in (text, *parts) if (spoken := _by_default(part)) and not is_of_somebody(part)), None)
        if always:
            for scope in SCOPES:
                said[scope].add(always)
            continue
        for sentence in parts:
            clauses = [told for clause in re.split(r",\s|\)\s", sentence) if (told := _told(clause)) and not is_of_somebody(clause)]
            whole = _told(sentence)
            for scopes, spoken in clauses or ([whole] if whole and not is_of_somebody(sentence) else []):
                for scope in scopes:
                    said[scope].add(spoken)
    return {scope: next(iter(each)) for scope, each in said.items() if len(each) == 1}


def _by_default(text: str) -> str | None:
    """The protocol of whatever nothing else is said of."""
    spoken = _without_exception(text)
    return spoken[0] if len(spoken) == 1 and OTHERWISE.search(folded(text)) else None


SERVICES = re.compile(r"(?:service|component)[- ]to[- ](?:service|component)", re.IGNORECASE)
EXCEPT = re.compile(r"\b(?:unless|except|\w+ only (?:where|when|if|for)|save for|other than|ausser|es sei denn|nur wo|sauf|salvo|tranne)\b")


def _without_exception(text: str) -> list[str]:
    """The protocols that a rule names, those of its exceptions aside: `Calls are REST unless a line says gRPC`."""
    rule, *exception = EXCEPT.split(folded(text), maxsplit=1)
    said = [each for each in protocols(rule) if each != "async"]
    return said or [each for each in protocols(" ".join(exception)) if each != "async"]


def _told(text: str) -> tuple[list[str], str] | None:
    """The scopes that a clause names and the one protocol that it does; None where it does not do both."""
    spoken = [each for each in protocols(text) if each != "async"]
    if OF_OPERATIONS.search(folded(text)):
        return None
    scopes = [scope for scope, words in SCOPE.items() if words.search(folded(text))]
    return (scopes, spoken[0]) if len(spoken) == 1 and scopes and not OF_A_GROUP.search(folded(text)) else None


def spoken_usually(
    usual: Mapping[str, str], start: Entity | None, end: Entity | None, described: Mapping[str, Sequence[Fact]]
) -> str | None:
    """What the one speaks with the other, if a rule says so."""
    if start is None or end is None:
        return None
    if "external" in (start.kind, end.kind):
        return usual.get("outside")
    scope = "surface" if is_surface(start, described.get(start.name, ())) and "surface" in usual else "inside"
    return usual.get(scope)


def is_surface(entity: Entity, facts: Sequence[Fact]) -> bool:
    """Whether people use it, by its name or by what it is made of."""
    last = singular(name_words(entity.title)[-1])
    if last in HEADS - SURFACES:
        return False
    said = " ".join(fact.values.get(key, "") for fact in facts for key in ("technology", "summary", "responsibility", "layer"))
    return last in SURFACES or bool(BUILT_FOR_PEOPLE.search(folded(said)))
