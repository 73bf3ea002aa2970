"""Names that prose introduces with their abbreviation, `the order hub (OH)`, and goes on to call so: parts where they do something, third parties where it says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.extract.blocks import Item, Sentence, whole_of
from generator.extract.naming import LEFT_OUT, Sighting, broker_of, engine_of, kind_by_name, looks_like_event, spelled_out
from generator.extract.relating import AFTERTHOUGHT
from generator.extract.vocabulary import HEADS, NO_NAMES, VERB_OF, folded, words_of

INTRODUCED = re.compile(
    r"(?P<led>\b(?:[Tt]he|[Oo]ur|[Aa]n?|[Ii]ts|[Dd]er|[Dd]ie|[Dd]as|[Dd]em|[Dd]en|[Ll][ea]|[Dd]u|[Aa]u|[A-Za-z]+['’]s) |[Ll]['’]|^|(?<=[.:;,] )|\b(?:and|to|from|by|with|at|und|et) )"
    r"(?P<name>(?:[\w'’/-]+ ){1,4}[\w'’/-]+?|[\w-]{6,}) \((?P<short>[A-Z][A-Za-z]{0,4}[A-Z])(?P<rest>[,;:]? [^()]*)?\)(?P<after>.{0,80})"
)
"""A name of up to five words, an abbreviation of two to six letters, what else the bracket says, and what follows."""
PROTOCOL = re.compile(r"\b(?:gRPC|REST|HTTPS?|SOAP|SFTP|SMTP|MQTT|TCP|API|queue|topic|webhook)\b")
USED = 2
"""Times that an abbreviation is used after it has been introduced."""


def abbreviated_names(told: Sequence[Sentence | Item], cells: Sequence[str]) -> list[Sighting]:
    """What such names are, also by the cells of tables; those that neither act nor are said to be somebody else's are left to other rules."""
    celled = set(cells)
    text = " ".join(map(whole_of, told))
    found: list[Sighting] = []
    for block in told:
        for each in INTRODUCED.finditer(block.text):
            name = _whole(each["name"], each["short"])
            if name and (kind := _kind(name, each, text, is_in_cells=each["short"] in celled)):
                weight = 5 if kind == "component" else 6
                found.append(Sighting(name, kind, weight, block.source, (each["short"],)))
    return found


def _whole(words: str, short: str) -> str | None:
    """The words at the end that the letters stand for, or are drawn from."""
    parts = words.split()
    return spelled_out(words, short) or next((" ".join(tail) for tail in (parts[-3:], parts[-2:]) if _is_drawn_from(tail, short)), None)


def _is_drawn_from(words: Sequence[str], short: str) -> bool:
    """`Availability Service (AVS)`: letters of the name, in their order, the first of its first word, where it ends as parts do."""
    if len(words) < 2 or words[0].lower() in LEFT_OUT or folded(words[-1]) not in HEADS or not short.isupper():
        return False
    letters = iter("".join(words).lower())
    return words[0][:1].lower() == short[:1].lower() and all(each in letters for each in short.lower())


def _kind(name: str, found: re.Match[str], text: str, *, is_in_cells: bool) -> str | None:
    short = found["short"]
    if folded(short) in NO_NAMES - PLAIN_WORDS or broker_of(name) is not None or engine_of(name) or looks_like_event(name):
        return None
    looks = kind_by_name(name)
    said = folded(f",{found['rest'] or ''}".replace(",,", ",")), folded(found["after"].strip())
    if looks == "external" or any(AFTERTHOUGHT.match(each) for each in said if each.strip(", ")):
        return "external"
    if looks == "component" and is_in_cells and IS_A.match(found["after"]):
        return "component"
    if looks != "component" or len(_uses(short, text)) < USED:
        return None
    names = f"(?:{re.escape(short)}|{re.escape(name)}(?: \\([^()]*\\))?)"
    following = re.findall(rf"\b(?i:{names}),? (?:(?:also|then|now|itself|only) )?([\w'’]+)", text)
    acts = sum(VERB_OF.get(folded(each)) in VERBS or bool(re.fullmatch(r"[a-z]{3,}[^su]s", each)) for each in following)
    is_headed = folded(name.rsplit(maxsplit=1)[-1]) in HEADS
    is_asked = re.search(
        rf"\b(?:to|from|by|at|asks|calls|of|und|and|an|beim|vom) (?:the )?{re.escape(short)}\b[^.]{{0,40}}{PROTOCOL.pattern}|{PROTOCOL.pattern}[^.]{{0,30}}\b(?:to|from|by|at|of|an|beim|vom) (?:the )?{re.escape(short)}\b",
        text,
    )
    return "component" if acts and (is_headed or acts >= USED or is_asked) else "component" if is_headed and is_asked else None


IS_A = re.compile(
    r",? (?:is |which is )?(?:an?|our own|the) (?:[\w-]+ ){0,3}(?:app|application|page|service|worker|job|website|program|process|component|portal|gateway|console|client|tool|screen|daemon)\b"
)
PLAIN_WORDS = words_of("as is it or on in at by do be us am if to an so no we he of up my me es er im zu da wo ob ja et au du se")
"""Words that are spelled like an abbreviation in lower case only."""
VERBS = ("call", "use", "publish", "consume", "store", "send", "receive", "read", "write")
"""What parts of systems do."""


def _uses(short: str, text: str) -> list[str]:
    return re.findall(rf"(?<![\w(-]){re.escape(short)}\b", text)
