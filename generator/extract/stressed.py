"""Names that prose introduces: in bold or italic type (`A shop uses the **Offer Desk**`), or in capitals again and again."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from generator.extract.blocks import Item, Row, Sentence, Title
from generator.extract.compounds import compound_names
from generator.extract.facts import Source
from generator.extract.mentions import ENDPOINTS, is_german, is_hypothetical, tokens_of
from generator.extract.naming import TITLED_PARTS, Sighting, is_name, kind_by_name, looks_like_event, name_words, written
from generator.extract.outline import Placed
from generator.extract.relating import AFTERTHOUGHT
from generator.extract.vocabulary import EXTERNAL_CUE, HEADS, NO_NAMES, ORGANISATIONS, VERB_OF, concept_of, folded, section_of, words_of

INTRODUCED = re.compile(
    r",? (?:which|that|der|die|das|qui|que) |, (?:our own|unser eigene[rs]?|notre propre|nuestro propio) |: (?:it|er|sie|il|elle) "
)
"""What follows a name that is introduced beyond doubt: `the **Mailer**, which …`."""
LEAST = 2
"""Names in a document that make it a habit: a single one may be a word that is stressed."""
DETERMINERS = words_of("the our a an der die das den dem ein eine einen unser le la l un une el")


QUOTED_NAME = re.compile(r"[\"“„«»]\s?([A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+){1,4})\s?[\"”“»«]")
PUBLISHED = re.compile(
    r"^[`*\"”»]* (?:event |message )?(?:(?:is|are|was|has been) )?(?:also |then |thereupon )?(?:published|emitted|raised|announced|broadcast|fired|issued|released|sent (?:out|round|around))\b"
)
PUBLISHED_PLAIN = re.compile(
    r"\b(?:publish(?:es)?|emits?|raises?|announces?|broadcasts?|fires?) (?:an? |the )?(?:event )?((?:[A-Z][a-z]+ ){1,3}[A-Z][a-z]+)(?= events?\b|[\s,.;:]|$)"
)
"""`publishes Order Placed`, in plain type."""
PUBLISHES = re.compile(r"\b(?:publish(?:es)?|emits?|raises?|announces?|broadcasts?|fires?) (?:the event |an? |the )?$")


def stressed_events(kept: Sequence[Placed], silent: frozenset[str]) -> list[Sighting]:
    """Events of several words in italics or bold type, `*Visit Scheduled* is published by …`: where that is said of some, it is so of all that are written like them."""
    found: dict[str, Source] = {}
    told: set[str] = set()
    for each in kept:
        block = each.block
        if not isinstance(block, Sentence | Item) or each.section in silent or is_hypothetical(block.text):
            continue
        marked = [each.strip(" .,:;") for each in (*block.stressed, *QUOTED_NAME.findall(block.text))]
        for name in (*marked, *PUBLISHED_PLAIN.findall(block.text)):
            if not name:
                continue
            before, _, after = block.text.partition(name)
            is_plain = name not in marked and f"{name} event" not in block.text
            is_told = bool(PUBLISHED.match(after) or PUBLISHES.search(folded(before).rstrip('"“„«»')))
            if _is_happening(name) or (is_told and _is_titled(name) and not is_plain):
                found.setdefault(name, block.source)
                told |= {name} if is_told else set()
    return [Sighting(name, "event", 7, source) for name, source in found.items()] if len(told) >= LEAST else []


def in_one_word(kept: Sequence[Placed], events: Sequence[Sighting]) -> list[Placed]:
    """The same blocks with such events as code spells them, `VisitScheduled`, for everything that reads sentences."""
    spelled = {each.text: f"`{''.join(word[:1].upper() + word[1:] for word in each.text.split())}`" for each in events}
    if not spelled:
        return list(kept)
    pattern = re.compile(
        rf"(?:(?<![\w`])|[\"“„«»]\s?)({'|'.join(map(re.escape, sorted(spelled, key=len, reverse=True)))})(?:\s?[\"”“»«]|(?![\w`]))"
    )
    return [
        replace(each, block=replace(each.block, text=pattern.sub(lambda found: spelled[found[1]], each.block.text)))
        if isinstance(each.block, Sentence | Item)
        else each
        for each in kept
    ]


def _is_happening(name: str) -> bool:
    """`Visit Scheduled`, `Street Permit Granted`: words in capitals, the last of what has happened."""
    return _is_titled(name) and looks_like_event("".join(name.split()))


def _is_titled(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 5 and all(word[:1].isupper() for word in words)


def stressed_names(kept: Sequence[Placed], placed: Sequence[Placed], silent: frozenset[str]) -> list[Sighting]:
    """Components and third parties whose names stand in bold or italic type where they are first spoken of, in documents that do so more than once."""
    whole: dict[str, list[str]] = defaultdict(list)
    for each in placed:
        if isinstance(each.block, Sentence | Item | Row):
            whole[each.block.source.file].append(each.block.text)
    texts = {file: " ".join(parts) for file, parts in whole.items()}
    titles = {name_words(each.block.heading.text) for each in placed if isinstance(each.block, Title) and each.block.is_document}
    found: dict[str, list[Sighting]] = {}
    said_so: set[str] = set()
    for each in kept:
        block = each.block
        if not isinstance(block, Sentence | Item) or each.section in silent or is_hypothetical(block.text):
            continue
        text = texts[block.source.file]
        for stressed in block.stressed:
            name = stressed.strip(" .,:;")
            kind = _kind(name, block.text, text) if name_words(name) not in titles else None
            if kind == "component" and each.section == "external" and block.text.startswith(name):
                kind = "external"
            if kind:
                found.setdefault(block.source.file, []).append(Sighting(name, kind, 6, block.source))
                said_so |= {name} if INTRODUCED.match(block.text.partition(name)[2]) else set()
    opening = [each for each in _openers(kept, silent) if name_words(each.text) not in titles]
    return opening + [
        each for sightings in found.values() for each in sightings if each.text in said_so or len({one.text for one in sightings}) >= LEAST
    ]


def _kind(name: str, sentence: str, document: str) -> str | None:
    """What a stressed name is; None for a word that is only stressed: it must be spoken of again, and as somebody."""
    words = name_words(written(name).title)
    is_written = name[:1].isupper() or (" " in name and name.title() in document)  # `the **desk till**`, later the Desk Till
    if (
        not is_name(name)
        or not is_written
        or len(name.split()) > 4
        or concept_of(name)
        or section_of(name)
        or folded(name) in NO_NAMES
        or (kind_by_name(name) not in ("component", "external", "actor") and not _answers(name, document))
    ):
        return None
    before, _, after = sentence.partition(name)
    is_introduced = bool(INTRODUCED.match(after)) or bool(
        re.search(rf"{re.escape(name)}\. (?:Er|Sie|Es|It|Il|Elle|Ella) [a-zäöüß]{{3,}}", document)
    )
    if [folded(each) for each in after.split()[:1]] in ENDPOINTS:
        return None  # `the *Exit* endpoint`
    is_repeated, acts = _spoken_of(name, document)
    if not is_repeated and not is_introduced:
        return None
    led = {folded(each) for each in before.split()[-2:]} & DETERMINERS
    is_headed = bool(words) and (words[-1] in HEADS or words[-1].endswith(("er", "or")))
    if not acts and (not led or (is_german(tokens_of(sentence)) and not is_headed)) and not is_introduced:
        return None
    looks = kind_by_name(name) if not _answers(name, document) else "component"
    if looks == "actor":
        return "component" if acts and len(words) > 1 else None
    is_third = EXTERNAL_CUE.search(folded(" ".join(before.split()[-5:]))) or AFTERTHOUGHT.match(folded(" ".join(tokens_of(after)[:14])))
    return "external" if is_third and not is_introduced else looks


def _answers(name: str, document: str) -> bool:
    """Whether what is called as a store is, the Series Archive, is spoken to, or does something."""
    said = re.search(rf"{re.escape(name)},? (?:\w+ )?(?:over|via|by) (?:gRPC|REST|HTTPS?|SOAP)\b|\bby the {re.escape(name)}\b", document)
    return kind_by_name(name) == "store" and len(name.split()) > 1 and said is not None


MANY = 3
"""Paragraphs below one heading that open with a name in bold type, and list what there is so."""


def _openers(kept: Sequence[Placed], silent: frozenset[str]) -> list[Sighting]:
    """`**Ledger** is the book. …`, `**Engine** accrues interest. …`: paragraphs that each describe a part."""
    found: dict[object, list[Sighting]] = defaultdict(list)
    for each in kept:
        block = each.block
        name = opener(block) if isinstance(block, Sentence) and each.section not in silent else None
        if name and kind_by_name(name) == "component" and is_name(name) and not concept_of(name) and not section_of(name):
            found[block.source.file, block.path].append(Sighting(name, "component", 6, block.source))
    return [each for sightings in found.values() if len(sightings) >= MANY for each in sightings]


def listed_actors(kept: Sequence[Placed], silent: frozenset[str]) -> list[Sighting]:
    """`API uses Postgres …`, `Worker runs jobs …`: bullets beside each other that each say what somebody does, by a verb that parts of systems have."""
    found: dict[object, list[Sighting]] = defaultdict(list)
    lists: dict[object, int] = defaultdict(int)
    known: dict[object, int] = defaultdict(int)
    for each in kept:
        block = each.block
        if not isinstance(block, Item) or each.section in silent or block.parents or each.subject:
            continue
        at = block.source.file, block.path, block.bullet
        lists[at] += 1
        told = ACTOR.match(block.text) if block.label is None else None
        if (
            told
            and (kind_by_name(told["name"]) == "component" or folded(told["name"]) in {*TITLED_PARTS, "worker"})
            and not told["name"].endswith("s")
            and folded(told["name"]) not in NO_NAMES
        ):
            found[at].append(Sighting(told["name"], "component", 4, block.source))
            known[at] += folded(told["verb"]) in VERB_OF
    return [
        each
        for at, sightings in found.items()
        if len(sightings) >= MANY and 2 * len(sightings) >= lists[at] and known[at] >= LEAST
        for each in sightings
    ]


ACTOR = re.compile(r"(?:The )?(?P<name>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})(?: \([^()]*\))? (?P<verb>[a-z]+s)\b")


ARTICLE = re.compile(r"^(?:The|Our|Der|Die|Das|Le|La|L['’]|El) ?(?=[A-ZÀ-Þ])")


def opener(block: Sentence) -> str | None:
    """The name in bold type that a paragraph opens with, and that goes on to a verb."""
    name = block.stressed[0].strip() if block.first and block.stressed else ""
    text = ARTICLE.sub("", block.text)
    after = re.sub(r"^\s*\([^()]*\)", "", text.removeprefix(name))
    following = after.split()[:1]
    is_told = not after.strip(" .") or (
        bool(following)
        and (folded(following[0]) in VERB_OF or following[0] in ("is", "are") or re.fullmatch(r"[a-z]{3,}[^su]s", following[0]))
    )
    return name if name[:1].isupper() and text.startswith(name) and is_told else None


CAPITALS = re.compile(r"\b(?:[Tt]he|[Oo]ur) ((?:[A-ZÀ-Þ][\w-]*(?:['’]s?)? ){1,3}[A-ZÀ-Þ][a-zß-ÿ]+)\b(?! [A-ZÀ-Þ])")


DOING = re.compile(
    r"(?<![A-ZÀ-Þa-zß-ÿ'’-] )\b((?!The |Our |An? |This |Each |Every |No )[A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][a-zß-ÿ]+){1,2}) (?:calls|asks|publishes|emits|consumes|subscribes|listens|queries|polls|stores|keeps|sends|reads|writes|pulls)\b"
)
"""`Galley Stores queries …`: a name without an article that does something."""


def recurring_names(told: Sequence[Sentence | Item], least: int = LEAST) -> list[Sighting]:
    """Names of two to four words in capitals after an article, which a document without lists speaks of more than once, and as of somebody who acts."""
    text = " ".join(block.text for block in told)
    found: dict[str, Source] = {}
    for block in told:
        for name in [*CAPITALS.findall(block.text), *DOING.findall(block.text)] if not is_german(tokens_of(block.text)) else ():
            found.setdefault(name, block.source)
    capitals = [Sighting(name, "component", 5, source) for name, source in found.items() if _is_part(name, text, least)]
    return capitals + compound_names(told)


SURE_HEADS = HEADS - words_of(
    "platform system api site ui interface schnittstelle agent client registry manager dispatcher hub bridge motor module server"
)


def _is_part(name: str, text: str, least: int) -> bool:
    words = name_words(name)
    looks = kind_by_name(name)
    if looks not in ("component", "store") or words[-1] in ORGANISATIONS | {"platform", "system"} or section_of(name) or not is_name(name):
        return False
    if looks == "component" and least <= LEAST and words[-1] in SURE_HEADS:
        return True
    short = re.escape(name.rsplit(maxsplit=1)[-1].lower())
    following = re.findall(rf"(?:{re.escape(name)}(?: \([^()]*\))?|\b[Tt]he {short}\b)(?:(?: also| then| now)? (\w+))?", text)
    if looks == "store":  # the Plate Index, which listens and answers, is no data store
        return sum(VERB_OF.get(folded(each)) in ("call", "consume", "publish") for each in following) >= 1
    return len(following) >= least and any(folded(each) in VERB_OF or re.fullmatch(r"[a-z]{3,}[^su]s", each) for each in following)


@functools.lru_cache(maxsize=4096)
def _spoken_of(name: str, document: str) -> tuple[bool, bool]:
    """Whether a document has a name more than once, and whether it ever does something."""
    is_repeated = len(re.findall(re.escape(name), document, re.IGNORECASE)) > 1
    return is_repeated, any(folded(each) in VERB_OF for each in re.findall(rf"{re.escape(name)} (?:also |then |now )?(\w+)", document))
