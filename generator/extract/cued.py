"""Third parties that prose names beside how they are spoken to, and that no turn of phrase tells: `Eurofins, our laboratory, calls a webhook`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.blocks import Item, Sentence, sentences
from generator.extract.foreign import CODED, ORGANISED, is_unknown, lower_words
from generator.extract.mentions import POSSESSIVE, Mention, Reader, clauses, is_denied, is_german, is_hypothetical, mentions, tokens_of
from generator.extract.naming import ABBREVIATION, CUED, Names, Sighting, core_words, kind_by_name, looks_like_event
from generator.extract.vocabulary import folded, words_of

CUE = re.compile(r"(?<![\w-])(?:REST|SOAP|HTTPS?|JSON|SFTP|FTPS?|SMTP|TCP|Modbus|APIs?|[Ww]eb-?hooks?|[Ww]eb ?services?|OpenID|OIDC)\b")


def cued_names(told: Sequence[Sentence | Item], names: Names) -> list[Sighting]:
    """Names that nothing knows, in a clause that says how somebody is spoken to; whoever nothing is said of is forgotten again."""
    lower = lower_words(told)
    return [
        Sighting(name, "external", CUED, block.source)
        for block in told
        for name in _named(block.text, names)
        if is_unknown(name, names, lower)
    ]


def _named(text: str, names: Names) -> Iterator[str]:
    for _, sentence in sentences(text):
        for clause in clauses(sentence):
            if CUE.search(clause) and not is_denied(clause) and not is_hypothetical(clause):
                tokens = tokens_of(clause)
                found = mentions(tokens, Reader(names, may_find=True))
                new = (each for each in found if each.entity is None and not _is_owner(each, tokens))
                foreign = is_german(tokens) or bool(NOT_ENGLISH.search(clause))
                fit = (each.text for each in new if _is_fit(each, foreign=foreign))
                yield from (name for name in fit if not _is_part(name, names))


OWNED = re.compile(
    r"\b(?:belongs? to|(?:run|owned|operated|maintained|hosted|managed|kept|written|built|supplied|delivered) by|of)(?: the| our)?$"
)


def _is_owner(mention: Mention, tokens: list[str]) -> bool:
    """`the mail server of Acme`, `Acme's mail server`, `which belongs to Acme`: whose something else is."""
    return bool(OWNED.search(" ".join(tokens[max(0, mention.start - 4) : mention.start]))) or bool(
        POSSESSIVE.search(tokens[mention.end - 1])
    )


def _is_part(name: str, names: Names) -> bool:
    """`the Workbench` of a Trading Workbench, `the Board` that has a mail server."""
    words = core_words(name)
    return bool(names.ends.get(words) or names.starts.get(words))


FORMATS = words_of(
    "connect subscribe realtime core wi-fi fi camt gtfs json xml pdf modbus tcp smtp sftp rest webservice checkout central register registre"
)
"""What is spoken, and how."""


NOT_ENGLISH = re.compile(
    r"\b(?:und|oder|nicht|für|über|mit|wird|werden|dem|den|das|les|des|est|une|dans|pour|chez|avec|il|gli|della|che|los|las|con|para|por|del)\b"
)


def _is_fit(mention: Mention, *, foreign: bool) -> bool:
    """A name as companies and their products have one; no abbreviation, which may be a format, no word for somebody who does something, and no place."""
    name = mention.text
    if kind_by_name(name) == "external":
        return True
    words = re.split(r"[ -]", name)
    is_short = all(ABBREVIATION.fullmatch(word) or word.isdigit() for word in words)
    is_happening = len(words) == 1 and looks_like_event(name)
    if not name[:1].isupper() or is_short or is_happening or mention.before == "in" or NO_COMPANY.search(name):
        return False
    is_organised = bool(CODED.match(name)) or bool(ORGANISED.fullmatch(name))
    return not set(map(folded, words)) & FORMATS and (not foreign or is_organised)


NO_COMPANY = re.compile(r"(?:[Ss]chnittstelle|[Ii]nterface|Reference|API)$|^[A-Z][a-z]+(?:er|or|age)$|\.\d")
"""`SRU-Schnittstelle`, `Stitcher`, `camt.053`."""
