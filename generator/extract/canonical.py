"""Entries of lists in one way of writing: `gRPC: A → B`, `A to B: gRPC` and `A` with `→ B (gRPC)` below it are `A → B (gRPC)`, before anything is read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from generator.extract.blocks import AnyBlock, Item, Sentence, Title
from generator.extract.phrases import ARROW, ENGINE
from generator.extract.skipping import section
from generator.extract.tidied import LEADING_ARROW, SPOKEN, tidied_calls
from generator.extract.values import protocol, protocols, split_list
from generator.extract.vocabulary import concept_of, section_of

START = r"(?:[Tt]he )?(?P<start>[A-ZÀ-Þ`][^→,;:()\[\]|/.]{1,45}?)"
END = r"(?:[Tt]he )?(?P<end>[A-ZÀ-Þ`][^→,;:()\[\]|/.]{1,45}?)"
SAID = r"(?P<said>[:;,.(].*| \(.*| [–—-] .*| (?:via|over|for|by|to|when|once|at|every) .*)?"
CALLS = (
    re.compile(rf"\[?(?P<spoken>{SPOKEN})\]?:? +{START} {ARROW} {END}{SAID}"),
    re.compile(rf"(?P<said>[^→():]{{2,40}}) \((?P<spoken>{SPOKEN})\): {START} {ARROW} {END}"),
    re.compile(rf"{START} ?-{{1,3}} ?(?P<spoken>{SPOKEN}) ?-{{1,3}}> ?{END}{SAID}"),
    re.compile(rf"{START}(?: [–—-]|:) {END}: (?P<spoken>{SPOKEN})(?P<said>)"),
    re.compile(rf"{START} (?P<at>[/|]) {END} (?P=at) (?P<spoken>{SPOKEN})(?: (?P=at) (?P<said>.*))?"),
)
TO = re.compile(rf"{START} (?:to|nach|zu|vers) {END}(?::|\.) (?P<said>.+)")
"""`gRPC: A → B`, `quotes (gRPC): A → B`, `A --gRPC--> B`, `A / B / gRPC / quotes`, `A to B: gRPC, quotes`."""
TOLD = r"(?:published|emitted|raised|announced|fired|sent|issued|told|said|triggered|produced|written)"
HEARD = r"(?:consumed|taken|taken up|picked up|heard|read|used|handled|received|listened to|subscribed to)"
EVENT = r"[*`_]{0,2}(?P<event>[A-ZÀ-Þ]\w+|[a-z]\w*(?:[.-]\w+)+)[*`_]{0,2}"
EVENTS = (
    re.compile(rf"{EVENT} \({START}(?: {ARROW} (?P<ends>[^()]+))?\)\.?"),
    re.compile(
        rf"(?:[Tt]he )?(?P<start>[A-ZÀ-Þ][^→,;:()`.]{{1,45}}?) (?:publishes|emits|raises|announces|sends) {EVENT}(?:[;,.] (?:and )?(?P<ends>[^.;]+?) (?:listens?|consumes?|reacts?|subscribes?|hears?|hear)(?: to it| it)?)?\.?"
    ),
    re.compile(rf"{EVENT}; {START}; (?P<ends>[^;]+)"),
    re.compile(rf"{EVENT}(?::|,|\.| [–—-]) {TOLD} by {START}(?:[,;] (?:and )?{HEARD} by (?P<ends>[^;.]+))?\.?", re.IGNORECASE),
)
"""`X (A → B)`, `The A publishes X; B listens`, `X; A; B`, `X: told by A, taken up by B`: all of them `X: A → B`."""
STORE = r"[*`_]{0,2}(?P<store>[\w-]+(?: [\w-]+){0,3}?)[*`_]{0,2}"
OWNER = r"(?:[Tt]he )?(?P<owner>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,3})"
ENGINE_OF = rf"(?P<engine>(?i:{ENGINE})(?: v?\d[\d.]*)?)"
STORES = (
    re.compile(rf"{STORE} [–—-] {ENGINE_OF}[;,] {OWNER}(?: only)?\.?"),
    re.compile(rf"{STORE} of {OWNER}: {ENGINE_OF}\.?"),
    re.compile(rf"{ENGINE_OF} \({STORE}\), (?:used|owned|kept|run|written) by {OWNER}(?: only)?\.?"),
)
"""`orders db – PostgreSQL; Order Desk only`: `orders db (PostgreSQL): Order Desk`."""


def canonical(blocks: Sequence[AnyBlock]) -> list[AnyBlock]:
    """The same blocks, entries of lists rewritten, and calls that are headings as entries."""
    found: list[AnyBlock] = []
    lead = ""
    for at, block in enumerate(blocks):
        lead = block.text if isinstance(block, Sentence) else lead if isinstance(block, Item) else ""
        said = _rewritten(block, lead) if isinstance(block, Item) else None
        each = replace(block, label=said[0], text=said[1]) if said and isinstance(block, Item) else block
        found += [replace(each, label=None, text=text) for text in _apart(each)] or [each] if isinstance(each, Item) else [each]
        found += _of_heading(block, itertools.islice(blocks, at + 1, None)) if isinstance(block, Title) else ()
    return found


SPOKEN_TO = re.compile(rf"(?P<name>[^()]{{2,50}}) \((?P<spoken>{SPOKEN})\)")
"""`Acme (REST): payments, used by the Ledger`."""


def _rewritten(item: Item, lead: str) -> tuple[str | None, str] | None:
    """Its label and its text."""
    if item.label and concept_of(item.label) and LEADING_ARROW.match(item.text):
        return item.label, tidied_calls(item.text)  # `Calls: → Ledger (gRPC) → Acme (REST)`
    whole = f"{item.label}: {item.text}" if item.label else item.text
    about = section(item)
    if about == "event" and not item.parents:
        return next((_event(found) for shape in EVENTS if (found := shape.fullmatch(whole))), None)
    if about == "stores" and not item.parents:
        told = next((found for shape in STORES if (found := shape.fullmatch(whole))), None)
        return (f"{told['store']} ({told['engine']})", told["owner"]) if told else None
    if about == "external" and (told := SPOKEN_TO.fullmatch(item.label or "")) and protocol(item.text) is None:
        return told["name"], f"{item.text} ({told['spoken']})"
    text = _call(whole) or _of_group(item, whole, lead, is_listing=about in ("component", "external"))
    return (None, text) if text else None


LIST_OF = re.compile(rf"{START}(?: {ARROW} |: )(?P<ends>.+)")


def _apart(item: Item) -> list[str]:
    """`A → B (gRPC), C (REST)` is two calls; so is `A: B over gRPC; C over REST` where no parts are listed."""
    whole = f"{item.label}: {item.text}" if item.label else item.text
    found = LIST_OF.fullmatch(whole.strip(" ."))
    is_arrow = bool(found and re.search(ARROW, whole))
    if found is None or item.parents or (not is_arrow and section(item) in ("component", "external", "stores", "event", "actor")):
        return []
    ends = [each.strip() for each in split_list(found["ends"], ",;")]
    told = [each for each in ends if ENTRY.fullmatch(each) and len(protocols(each)) == 1]
    if len(ends) < 2 or len(told) != len(ends) or concept_of(found["start"]) or not _is_title(found["start"]):
        return []
    return [f"{found['start']} → {each}" for each in ends]


def _event(found: re.Match[str]) -> tuple[str, str]:
    ends = ", ".join(AND.split((found["ends"] or "").strip(" -–.")))
    return f"`{found['event']}`", f"{found['start']} → {ends}" if ends else f"published by {found['start']}"


AND = re.compile(r",? (?:and|und|et|y|&) (?:the )?")


def _call(text: str) -> str | None:
    for shape in CALLS:
        if (found := shape.fullmatch(text)) and concept_of(found["start"]) is None:
            said = (found["said"] or "").strip(" :,;.")
            return f"{found['start']} → {found['end']} ({found['spoken']}{f', {said}' if said else ''})"
    told = TO.fullmatch(text)
    spoken = protocols(told["said"]) if told else []
    if told and len(spoken) == 1 and spoken != ["async"] and _is_title(told["start"]) and _is_title(told["end"]):
        return f"{told['start']} → {told['end']} ({told['said'].strip(' .')})"
    return None


def _is_title(name: str) -> bool:
    words = name.strip("`").split()
    return len(words) <= 4 and (words[-1][:1].isupper() or name.startswith("`"))


ALONE = re.compile(
    r"[*`_]{0,2}(?P<name>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þa-z][\w-]*){0,3}?)[*`_]{0,2}(?: (?:calls|asks|uses|talks to|ruft|appelle))?:?"
)
ENTRY = re.compile(
    rf"(?:{ARROW} )?(?:the )?(?P<end>(?:`[\w-]+`|[A-ZÀ-Þ][\w&.-]*(?: [A-ZÀ-Þ][\w&.-]*){{0,3}})(?: \(|, | over | via | by | [–-] )(?=[^→:;]*\b{SPOKEN}\b)[^→:;]*)"
)


def _of_group(item: Item, text: str, lead: str, *, is_listing: bool) -> str | None:
    """An entry below the name of whoever calls: `→ B (gRPC)` below `A`."""
    parent = item.parents[-1] if item.parents else None
    above = f"{parent.label or ''} {parent.text}".strip() if parent else lead if lead.rstrip().endswith(":") else ""
    group, entry = ALONE.fullmatch(above), ENTRY.fullmatch(text)
    if group is None or entry is None or concept_of(group["name"]) or section_of(group["name"]) or len(item.parents) > 1:
        return None
    if (is_listing and not re.match(ARROW, text)) or (not parent and not group["name"].istitle()):
        return None
    is_spoken = protocol(entry["end"]) not in (None, "async") and len(protocols(entry["end"])) == 1
    return f"{group['name']} → {entry['end']}" if is_spoken else None


BETWEEN = re.compile(rf"{START} {ARROW} {END}")


def _of_heading(title: Title, following: Iterable[AnyBlock]) -> Iterator[Item]:
    """`### A → B` with a protocol below it."""
    found = BETWEEN.fullmatch(title.heading.text.strip())
    below = []
    for each in following if found else ():
        if isinstance(each, Title):
            break
        below += [each.text] if isinstance(each, Sentence | Item) else []
    spoken = protocols(" ".join(below))
    if found and len(spoken) == 1 and spoken != ["async"]:
        yield Item(source=title.source, path=title.path, label=None, text=f"{found['start']} → {found['end']} ({spoken[0]})", bullet=True)
