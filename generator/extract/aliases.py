"""Other names of one thing: its abbreviation in a list of abbreviations, and what it was called before it was renamed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from generator.extract.blocks import Item, Row, Sentence, Title
from generator.extract.facts import Source
from generator.extract.naming import ABBREVIATION, Sighting, is_name, key, name_words, spelled_out, written
from generator.extract.outline import Placed
from generator.extract.values import without_article
from generator.extract.vocabulary import GENERIC, HEADS, folded, section_of, words_of

_NAME = r"[\"'“„«`*]?(?:[Tt]he |[Dd](?:er|ie|as) |[Ll][ea] )?(?-i:[A-ZÀ-Þ])[\w&-]*(?: (?-i:[A-ZÀ-Þ])[\w&-]*){0,3}[\"'”“»`*]?"
FORMER, NOW = rf"(?P<former>{_NAME})", rf"(?P<now>{_NAME})"
RENAMED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{FORMER} (?:is|are) now (?:called |named |known as )?{NOW}",
        rf"(?:since|as of|from) [^,.;]{{2,30}}? (?:the )?{FORMER} is called {NOW}",
        rf"{FORMER} (?:is|will be|shall be) (?:from now on|henceforth|from then on|since then) (?:called |named |known as )?{NOW}",
        rf"\brenam(?:e|es|ed|ing) (?:the )?{FORMER} (?:to|into|as) {NOW}",
        rf"{FORMER} (?:was|has been|is|got|gets) renamed (?:to |into |as )?{NOW}",
        rf"{NOW},? \(?(?:formerly|previously|ehemals|vormals|früher|anciennement|antes|antiguamente)(?: called| known as| named| genannt| appelée?)? {FORMER}",
        rf"{FORMER} heißt (?:jetzt|nun|seither|seitdem) {NOW}",
        rf"{FORMER} s'appelle (?:désormais|maintenant) {NOW}",
        rf"{FORMER} se llama (?:ahora|hoy) {NOW}",
    )
)
"""`Renames Payroll Gateway to Contribution Intake`."""


CALLED_BELOW = (
    r"(?:ci-après|dans la suite|par la suite|intern|internally|internally called|en interne|internamente|plus loin|abrégée?|im folgenden|nachfolgend|kurz|fortan|hereafter|hereinafter|henceforth|below|from here on|from now on|in the following|in what follows"
    r"|for short|in short|short|en adelante|en lo sucesivo|di seguito|d'ora in poi)"
)
FULL = r"(?P<full>(?-i:[A-ZÀ-Þ])[\w&'’-]*(?: (?:(?:de|des|du|for|of|und|and|di|del|della) (?:la |les )?)?[\w&'’-]+){0,4}?)"
SHORT = r"[\"'“„«`*]*\s?(?:the |der |die |das |la |le |les |il |lo |el )?(?P<short>(?-i:[A-ZÀ-Þ])[\w&-]*(?: (?-i:[A-ZÀ-Þ])[\w&-]*){0,2})\s?[\"'”“»`*]*"
SHORTENED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{FULL}[`*]* \({CALLED_BELOW},? (?:called |only |just |nur |noté |genannt )?{SHORT}\)",
        rf"{FULL}[`*]* \({SHORT},? (?:only |just |nur )?{CALLED_BELOW}\)",
        rf"{FULL}[`*]*, (?:or )?{SHORT} for short\b",
        rf"{FULL}[`*]*, or (?:simply|just|for short) {SHORT},",
    )
)
"""`the Booking Service (hereafter BS)`, `la Passerelle API (ci-après « la Passerelle »)`."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Two names of one thing; `is_former`: the other one is no longer used, or is that of a part."""

    name: str
    other: str
    source: Source
    is_former: bool = False


def aliases(placed: Iterable[Placed]) -> list[Alias]:
    """All pairs of names that documents give for one thing, also in lists of terms and of changes."""
    found: list[Alias] = []
    for each in placed:
        block = each.block
        if isinstance(block, Row) and len(block.cells) == 2:
            found += _abbreviation(*block.cells, block.source)
        elif isinstance(block, Row):
            found += _column_of_short(block)
        elif isinstance(block, Item) and block.label:
            found += _abbreviation(block.label, block.text, block.source)
        elif isinstance(block, Item | Sentence) and (told := EQUAL.match(block.text)):
            found += _equal(told["short"], told["full"], block.source)
        if not isinstance(block, Title):
            text = block.text if isinstance(block, Sentence | Item | Row) else ""
            found += _renamings(text, block.source)
            found += [
                Alias(_shortest(without_article(each["full"]), each["short"]), each["short"], block.source, is_former=" " in each["full"])
                for shape in SHORTENED
                for each in shape.finditer(text)
            ]
    return found


def _shortest(full: str, short: str) -> str:
    """`the XML dialect of the Land Registry (LR below)`: the words at the end that the letters stand for."""
    return (spelled_out(full, short) if ABBREVIATION.fullmatch(short) else None) or full


INSIDE = re.compile(
    r"^(?:\W*[A-Za-z0-9.]{1,4}[.)] )?(?:Inside|How (?=.+ (?:works|functions)$)|Details of|Inner workings of|Innensicht|Im Inneren von|Dans) (?:the |des |der |le |la )?(?=[A-ZÀ-Þ])"
)
"""A heading whose section opens a component: what is listed there runs as a part of it (c4model.com/abstractions/component)."""


def parts(placed: Iterable[Placed]) -> list[Alias]:
    """The parts of which a section says that they are inside a component: other names of that."""
    found: list[Alias] = []
    for each in placed:
        block = each.block
        opened = next((heading for heading in reversed(block.path) if INSIDE.match(heading.text)), None)
        if (
            opened
            and isinstance(block, Item)
            and block.label
            and not block.parents
            and section_of(block.path[-1].text) in (None, "component")
        ):
            name = re.split(r"\s*[\[(]", block.label, maxsplit=1)[0].strip()
            if name and is_name(name) and "->" not in block.label and "→" not in block.label:
                found.append(Alias(written(INSIDE.sub("", opened.text)).title, name, block.source, is_former=True))
    return found


SHORT_HEADS = words_of("abbr abbrev abbreviation short shorthand acronym kuerzel abk abkuerzung kurz sigle abrev abreviatura sigla code")


def _column_of_short(row: Row) -> list[Alias]:
    """A table with a column for what its things are called for short, beside what they are called."""
    at = next((number for number, head in enumerate(row.heads) if folded(head).strip(" .:`*") in SHORT_HEADS), None)
    if at is None or at >= len(row.cells):
        return []
    beside = (*row.cells[at + 1 : at + 2], *row.cells[max(0, at - 1) : at])
    return [alias for cell in beside for alias in _abbreviation(row.cells[at], cell, row.source)][:1]


EQUAL = re.compile(r"(?P<short>[^\s=][^=,.;:()]{0,30}?) = (?P<full>[^=,.;:()]{3,60})")
"""`OMS = Order Management Service (ours)`, `cart svc = Cart Service`."""


def _equal(short: str, full: str, source: Source) -> list[Alias]:
    full = without_article(full.strip(" `*"))
    is_short = bool(ABBREVIATION.fullmatch(short)) or (bool(name_words(short)) and set(name_words(short)[-1:]) <= HEADS | GENERIC)
    return [Alias(full, short, source)] if is_short and is_name(full) and 1 < len(full.split()) <= 5 else []


def _abbreviation(short: str, text: str, source: Source) -> list[Alias]:
    short = short.strip(" `*")
    name = without_article(re.split(r"[,;(.]|\s[–—-]\s", text)[0].strip(" `*"))
    is_pair = ABBREVIATION.fullmatch(short) and (1 < len(name.split()) <= 5 or len(name) > 3 * len(short)) and name[:1].isupper()
    return [Alias(name, short, source)] if is_pair else []


def _renamings(text: str, source: Source) -> list[Alias]:
    return [
        Alias(written(without_article(found["now"].strip("\"'“”„«»`* "))).title, _bare(found["former"]), source, is_former=True)
        for pattern in RENAMED
        for found in pattern.finditer(text)
    ]


def _bare(name: str) -> str:
    return written(without_article(name.strip("\"'“”„«»`* "))).title


def without_renaming(text: str) -> str:
    """A sentence that renames something speaks of it under its present name."""
    for pattern in RENAMED:
        text = pattern.sub(lambda found: _bare(found["now"]), text)
    return text


DOOR = re.compile(
    r"(?<=[\w&])(?:['’]s (?:[\w-]+ ){0,2}(?:API|interface|web ?service)|(?: (?:REST|HTTPS?|SOAP|JSON|[a-z]+))* (?:API|interface|web ?service)|-(?:API|REST-API|Schnittstelle|Webservice))$"
)
"""What a third party is spoken to by: `the Acme payments API`."""
BRAND = re.compile(r"(?=.*(?:[a-zß-ÿ][A-ZÀ-Þ]|[A-ZÀ-Þ]{3}|['’]s))(?!(?:REST|SOAP|JSON|HTTPS?)\b).*")
"""Spelled as no common noun is: `PayLane`, `IBMX`."""
FAINT = 3
"""Weight of a name that only a call has."""


def _without_door(sighting: Sighting) -> Sighting:
    """A third party is called what it is, not by what it is spoken to with, and without an article: `l'Acme`."""
    is_faint = sighting.kind == "component" and sighting.weight <= FAINT
    if not (sighting.kind == "external" or is_faint) or sighting.text.startswith("`"):
        return sighting
    text = re.sub(r"^(?:[lLdD]['’]|(?:the|The) )(?=[A-ZÀ-Þ])", "", sighting.text)
    bare = DOOR.sub("", text)
    text = bare if is_faint and BRAND.fullmatch(bare) else text
    return sighting if text == sighting.text else replace(sighting, text=text, others=(*sighting.others, sighting.text), is_former=True)


def with_aliases(sightings: Sequence[Sighting], known: Iterable[Alias]) -> list[Sighting]:
    """The sightings, and for each alias of what was seen one that joins both names."""
    vouched = {key(each.text) for each in sightings if each.kind != "external" and each.weight > FAINT}
    sightings = [each if key(each.text) in vouched else _without_door(each) for each in sightings]
    kinds = {key(written(each.text).title): each.kind for each in sightings if each.kind in ("component", "external", "store")}
    joined = []
    for alias in known:
        kind = kinds.get(key(alias.name)) or (
            kinds.get(key(alias.other)) if alias.is_former or spelled_out(alias.name, alias.other) == alias.name else None
        )
        if kind:
            joined.append(Sighting(alias.name, kind, 5 if alias.is_former else 1, alias.source, (alias.other,), alias.is_former))
    return list(dict.fromkeys((*sightings, *joined)))
