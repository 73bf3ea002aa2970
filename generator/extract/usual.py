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
    r"|(?:service|component)[- ]to[- ](?:service|component)|east[- ]west|(?:services|components|parts|blocks|backends?)\b[^.;:]{0,40}\b(?:one another|each other|among themselves)"
    r"|(?:all|every|everything|internal|inter-?service)\b[^.;:]{0,40}\b(?:calls?|synchronous|communication|requests?)|synchronous (?:calls|requests|communication|interfaces)|untereinander|zwischen (?:den )?(?:komponenten|diensten|services|bausteinen)|interne (?:aufrufe|kommunikation)"
    r"|(?:tous )?les (?:composants|services) (?:echangent|communiquent|se parlent|dialoguent|s'appellent)|los (?:componentes|servicios) (?:se comunican|hablan)|alle (?:komponenten|dienste|services) (?:sprechen|kommunizieren|rufen)|(?:komponenten|dienste|services) (?:sprechen|kommunizieren)"
    r"|entre (?:les |los |nos )?(?:services|composants|servicios|componentes)|entre eux|entre si)",
}
"""Who is meant, in folded text; what is said of the outside comes first: `calls from outside`."""
SCOPE = {scope: re.compile(rf"\b{words}\b") for scope, words in SCOPES.items()}
OF_A_GROUP = re.compile(
    r"\b(?:(?:the|one|a) (?:same )?|des)(?:bounded )?(?:context|domain|team|layer|zone|module|kontexts?|fachbereichs?)\b"
)
"""A rule for those that belong together, which says nothing of all."""
OTHERWISE = re.compile(
    r"\b(?:unless (?:otherwise |it is )?(?:stated|said|noted|mentioned|specified|i say)|where (?:i say |we say )?[a-z ,]{0,60}\b(?:add nothing|nothing (?:else )?is said|no protocol is (?:given|named|stated))|if nothing else is (?:said|stated)|unless [a-z ]{0,30}\b(?:says?|states?|names?) (?:something else|anything else|otherwise)|by default"
    r"|(?:sofern|soweit|wenn|falls) nicht(?:s)? ander(?:s|es)|sauf (?:mention|indication) contraire|salvo (?:que se )?indi(?:que|cacion))\b"
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
    for text in texts:
        [*only] = [each for each in protocols(text) if each != "async"]
        if len(only) == 1 and OTHERWISE.search(folded(text)) and not is_of_somebody(text):
            for scope in SCOPES:
                said[scope].add(only[0])
            continue
        for sentence in re.split(r"[;.]\s", text):
            clauses = [told for clause in re.split(r",\s|\)\s", sentence) if (told := _told(clause)) and not is_of_somebody(clause)]
            whole = _told(sentence)
            for scopes, spoken in clauses or ([whole] if whole and not is_of_somebody(sentence) else []):
                for scope in scopes:
                    said[scope].add(spoken)
    return {scope: next(iter(each)) for scope, each in said.items() if len(each) == 1}


def _told(text: str) -> tuple[list[str], str] | None:
    """The scopes that a clause names and the one protocol that it does; None where it does not do both."""
    spoken = [each for each in protocols(text) if each != "async"]
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
