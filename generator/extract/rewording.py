"""Sentences in plainer words: turns of phrase, and what an event sets off told of the event first."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from generator.extract.mentions import Reader, clauses, mentions, tokens_of
from generator.extract.naming import HUMPS, is_topic, looks_like_event
from generator.extract.phrases import PHRASES
from generator.extract.vocabulary import (
    JOINERS,
)

EVENT = r"(?-i:`[A-Za-z][\w.-]*`|[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]\w*)"
EVENTS = rf"(?:the |an? |both |either )?({EVENT}(?:(?:\s*,\s*|\s+)(?:(?:and|or|und|oder|et|ou|y|o)\s+)?{EVENT})*)(?: events?)?"
CODES = r"(`[A-ZÀ-Þ]\w+`(?:(?:\s*,\s*|\s+)(?:(?:und|oder)\s+)?`[A-ZÀ-Þ]\w+`)*)"
UPON = re.compile(
    rf"\W*(?:up)?on (?:receipt of |receiving |the arrival of |arrival of )?{EVENTS}[\s,]*|\W*(?:in response to|triggered by|woken by|as a reaction to) {EVENTS}[\s,]*|\W*from {EVENTS},? (?=the [A-Z])"
    rf"|\W*(?:beim? (?:empfang von |eintreffen von )?|als reaktion auf ){EVENTS}[\s,]*|\W*auf {EVENTS} hin[\s,]*|\W*(?:à la réception de|al recibir|en respuesta a) {EVENTS}[\s,]*",
    re.IGNORECASE,
)
"""`Upon X it sends …`: whoever acts consumes X."""
AT_LAST = re.compile(
    rf"(?<!based)(?<!run)(?<!runs)(?<!hosted)(?<!deployed)(?<!depends)(?<!depend)(?<!relies)(?<!rely)(?<!,) (?:up)?on {EVENTS}(?P<again>(?: (?:and|or) (?:up)?on {EVENTS})?)| (?:up)?on (?P<that>this|that) (?:signal|event|message)\b| (?:after|on receipt of|at) {EVENTS}| bei {CODES}",
    re.IGNORECASE,
)
"""`… computes the refund upon X`: whoever acts consumes X."""
LEADS = re.compile(rf"\W*{EVENTS} (?:leads? to|results? in|causes?|führ(?:t|en) zu) (?=an? |the |eine[rmn]? )", re.IGNORECASE)
"""`X leads to a letter`, where one component is described: it consumes X."""


OUR_DOOR = re.compile(
    r"\b(?:to|on|onto|in|into) our (REST|HTTPS?|gRPC|SFTP|SOAP) (?:endpoint|webhook|interface|API|server|folder|drop|inbox|directory|site|share)\b"
)
"""`posts them to our REST endpoint`, in the section of a component."""


ALSO = re.compile(r",? and (?:the )?([A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3}) [a-z]+s\b")
"""`On X A creates a payment, and B mails the link`: both have heard of X."""


def reworded(text: str, reader: Reader) -> Iterator[str]:
    """Clauses with turns of phrase in plain words; what an event sets off is told of the event first."""
    text = _plain(text)
    title = reader.subject.title if reader.subject else ""
    text = OUR_DOOR.sub(lambda found: f"to the {title} over {found[1]}", text) if title else text
    for each in clauses(text):
        yield from _set_off(each, reader)


CONDITION = re.compile(
    r"^(?P<condition>(?:When|If|Once|As soon as|After|Whenever|Only when|Where) [^,;:]{8,160}?(?<! that)(?<! which)(?<! where)(?<! whom)(?<! what)(?<! and)(?<! by)(?<! to)(?<! from)(?<! of)) "
    r"(?P<rest>(?:the |our )?[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,3} (?:also |then |itself )?(?:publishes|emits|raises|announces|sends|calls|asks|fetches|queries|writes|posts|consumes|mails|notifies|stores|puts)\b)"
)
"""`If nobody accepts within 90 minutes the Planner publishes …`: a comma that was left out."""
REMARK = re.compile(
    r" \((?!(?:[a-z'’-]+,? )*(?:queue|topic|read|write|external|vendor|third|planned|called|named|short|below|http|rest|grpc|sftp|by|via|over)\b)(?:[a-z'’-]+,? ){2,}[a-z'’-]+\.?\)"
)
"""`consumed by A (capacity may be gone by then) and by B`: a remark that names nobody."""


@functools.lru_cache(maxsize=4096)
def _plain(text: str) -> str:
    """The text in plain words; several rules read each sentence, and all documents are read twice."""
    text = REMARK.sub("", CONDITION.sub(r"\g<condition>, \g<rest>", text))
    for phrase, plain in PHRASES:
        text = phrase.sub(functools.partial(_agreeing, plain), text)
    return text


def _agreeing(plain: str, found: re.Match[str]) -> str:
    """The plain words for a turn of phrase: `A and B pick it up`, as several that do it, `consume` it."""
    said = found.expand(plain)
    verb, first = VERB_OF_ONE.match(said), re.match(r"[a-z]+", found[0])
    return f"{verb[1]}{said[verb.end() :]}" if verb and first and not first[0].endswith("s") else said


VERB_OF_ONE = re.compile(r"(consume|publish(?=es)|call|send|use|get|ask|subscribe|fetch(?=es))(?:es|s)\b")


def _set_off(clause: str, reader: Reader) -> Iterator[str]:
    """A clause without the events that it says set it off, each told of before."""
    upon = UPON.match(clause)
    leads = LEADS.match(clause) if reader.subject else None
    if upon and (event := next(filter(None, upon.groups()))) and is_told(event):
        rest = clause[upon.end() :]
        yield f"{_actor(rest, reader)} consumes {event}"
        yield from _set_off(rest, reader)
        yield from (f"{also} consumes {event}" for also in ALSO.findall(rest))
        return
    if leads and is_told(leads[1]):
        yield f"It consumes {leads[1]}"
    last = AT_LAST.search(clause)
    if last and (told := ["it"] if last["that"] else [each for each in last.groups() if each and is_told(each)]):
        yield from (f"{_actor(clause, reader)} consumes {each}" for each in told)
        clause = clause[: last.start()] + clause[last.end() :]
    yield clause


def is_told(text: str) -> bool:
    """Whether all names of a list are those of events, not of components."""
    return all(is_event_name(name) for name in re.findall(r"[\w.-]+", text) if name not in JOINERS and name[:1].isalpha())


def _actor(text: str, reader: Reader) -> str:
    """Whoever the sentence opens with; else whoever is spoken of."""
    tokens = tokens_of(text)[:8]
    named = mentions(tokens, reader)[:1]
    is_inverted = bool(named) and named[0].start == AFTER_VERB and tokens[0].islower() and tokens[1] in ("der", "die", "das")
    is_doing = bool(named) and (named[0].start <= 1 or is_inverted) and named[0].kind in ("component", "external")
    return named[0].text if is_doing else "It"


AFTER_VERB = 2
"""Where in German a subject stands that comes after its verb: `wendet die Prüfung …`."""


def is_event_name(text: str) -> bool:
    return looks_like_event(text) or is_topic(text) or bool(HUMPS.fullmatch(text))
