"""Events and stores that a line lists, with what is said of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.extract.naming import (
    HUMPS,
    LONGEST_NAME,
    Names,
    broker_of,
    engine_of,
    is_topic,
    kind_by_name,
    name_words,
    written,
)
from generator.extract.phrases import ENGINE
from generator.extract.values import OPERATION, is_nothing, pieces, split_list, without_article
from generator.extract.vocabulary import NO_NAMES, STORE_WORDS, VERB_OF, folded, words_of


def event_texts(text: str, names: Names) -> list[str]:
    """The events that a line lists: in code, in one word with capitals, or as short entries."""
    codes = [code for code in re.findall(r"`([^`]+)`", text) if not OPERATION.match(code) and _may_be_event(code, names)]
    if codes:
        return codes
    humps = [
        word
        for word in re.findall(r"[\w.]+", text)
        if (HUMPS.fullmatch(word) or is_topic(word.strip(".")))
        and _may_be_event(word.strip("."), names)
        and broker_of(word) is None
        and not engine_of(word)
    ]
    if humps:
        return [word.strip(".") for word in humps]
    heads = [
        re.sub(r"^(?:the|an?|event|events|das ereignis|l'événement)\s+|\s+events?$", "", piece.head.strip("\"'“”„«» "), flags=re.IGNORECASE)
        for piece in pieces(text)
    ]
    return [
        head
        for head in heads
        if 0 < len(head.split()) <= 4
        and _may_be_event(head, names)
        and broker_of(head) is None
        and not is_nothing(head)
        and folded(head) not in NO_NAMES
    ]


def _may_be_event(text: str, names: Names) -> bool:
    known = names.find(text)
    return (
        (known is None or known.kind == "event")
        and len(text) <= LONGEST_NAME
        and re.fullmatch(r"[^\W\d][\w .:/-]*", text) is not None
        and "/" not in text
        and not re.search(r"(?:API|SDK|GUI|UI|DB|OS)$", text)
    )


BESIDE_CODE = words_of(
    "under name on ( , : a an the called named of its own it we call is which in thing schema user ein eine einem einer namens genannt une un appele appelee nomme nommee el la una llamado llamada"
)
"""What may stand between the name of a store and its engine: `in `rides`, a Postgres database`, `a ClickHouse called `impact``."""


def named_stores(tokens: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Names in code right beside an engine or a word for a store: where, the name, and what it is said to be."""
    for at, token in enumerate(tokens):
        if not re.fullmatch(r"`[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*`", token) or engine_of(token):
            continue
        said = _store_said([*reversed(tokens[max(0, at - 8) : at])], -1, is_listed=tokens[at + 1 : at + 2] == [","]) or _store_said(
            tokens[at + 1 : at + 9], 1
        )
        said = said or ("store" if kind_by_name(token.strip("`")) == "store" else "")
        if said:
            yield at, token.strip("`"), said


def _store_said(tokens: Sequence[str], step: int, *, is_listed: bool = False) -> str:
    start = next((at for at, each in enumerate(tokens) if folded(each) not in BESIDE_CODE), len(tokens))
    if "," in tokens[:start] and start > 1 and step < 0 and not set(map(folded, tokens[:start])) & {"own", "call", "thing"}:
        return ""  # a comma before a name ends what was said
    for length in (3, 2, 1):
        window = [*tokens[start : start + length]]
        text = " ".join(window if step > 0 else reversed(window))
        if len(window) == length and window[0 if step < 0 else -1][0].isalnum() and engine_of(text):
            return text
    for skipped in (1, 2) if start and folded(tokens[start - 1]) in ("a", "an", "its", "own") and step > 0 else ():
        if (
            all(each.islower() and each.replace("-", "").isalpha() for each in tokens[start : start + skipped])
            and tokens[start + skipped : start + skipped + 1]
            and engine_of(tokens[start + skipped])
        ):
            return tokens[start + skipped]  # `, an encrypted PostgreSQL`
    if is_listed and tokens[:1] == ["("]:
        return ""  # `a searchable store (`status`, time)`
    is_store = bool(tokens[start:]) and folded(tokens[start]) in STORE_WORDS and (step < 0 or folded(tokens[0]) == "," or start == 0)
    return "store" if is_store else ""


KEPT = re.compile(
    r"(?:(?:state|data|files?|records?|cache|everything|documents|zustand|daten|dateien) )?(?:(?:is |are )?(?:kept |stored |held |saved |cached )?(?:in|on|im) )?(?:(?:its |an? )?own |an? |the |eigene[rsnm]? )?",
    re.IGNORECASE,
)


def is_store(text: str) -> bool:
    """Whether a text says nothing but an engine, a name in code or a remark in brackets aside: `own PG db `trades``, `state in Redis`."""
    bare = re.sub(r"`[^`]*`|\([^()]*\)", " ", KEPT.sub("", text.strip(" ."), count=1)).strip()
    return bool(engine_of(re.sub(r"\s+(?:schema|keyspace|collection|table)s?$", "", bare)))


IN_WHICH = re.compile(r"^(?:in|on|im|auf|dans|en) ")
WHAT_IT_IS = re.compile(
    r"^(?:database|db|bucket|schema|index|datenbank|base|base de données|base de datos) (?=[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+$)"
)
"""`PostgreSQL, database order-db`."""
OF_ENGINE = re.compile(r" (?:schema|instance|keyspace|table|file)$")


BEFORE_ENGINE = re.compile(
    rf"^(?:the |das |die |der |la |le |l'|il |lo |el )?(?P<name>[a-zà-ÿ]{{3,}}(?: [a-zà-ÿ]{{3,}}){{1,3}}), (?:in|on|auf|su|sur|dans|en) (?:an? |eine[rm]? |une? )?(?P<engine>(?i:{ENGINE}))(?=[,;.]|$)"
)
"""`l'archivio ruolo, su Oracle`."""
CALLED = re.compile(
    rf"\b(?:an?|the|our|its) (?P<engine>(?i:{ENGINE})) (?:bucket|database|schema|container|cluster|index) (?:that|which) we call (?:the )?(?P<name>[\w-]+(?: (?!so\b|and\b|to\b)[\w-]+){{0,2}})"
)
"""`a MinIO bucket that we call raw frames`."""


def store_texts(text: str, names: Names) -> Iterator[tuple[str, str]]:
    """Stores that a line names, each with what is said of it; bare engines only when no store has a name of its own."""
    text = CALLED.sub(r"\g<name> (\g<engine>)", BEFORE_ENGINE.sub(r"\g<name> (\g<engine>),", text))
    named: list[tuple[str, str]] = []
    engines: list[tuple[str, str]] = []
    for part in split_list(text, ",;"):
        for each in re.split(r"\s(?:and|und|et|y|\+)\s", part):
            code = re.search(r"`([a-z][\w-]*)`", each)
            if (
                code
                and not engine_of(code[1])
                and (
                    names.find(code[1], event=False, store=True) is None
                    or getattr(names.find(code[1], event=False, store=True), "kind", "") == "store"
                )
            ):
                named.append((f"`{code[1]}`", f"{each.replace(code[0], ',')}"))
                continue
            head, _, rest = each.strip().partition("(")
            head = re.split(r":\s|\s[–—-]\s|\s(?:for|with|für|pour|para|mit|avec|con|holding|as)\s", head)[0].strip(" .:")
            bare = OF_ENGINE.sub("", without_article(IN_WHICH.sub("", head)))
            if head and named and engine_of(bare) and bare != head:
                named[-1] = (named[-1][0], f"{named[-1][1]}, {bare}")  # `tariff-db, a MySQL database`
                continue
            head = WHAT_IT_IS.sub("", without_article(head))
            known = names.find(head, event=False, store=True) if head else None
            title = written(head).title if head else ""
            if known and known.kind == "store" and not engine_of(head):
                named.append((head, f"{rest} {each}"))
            elif head and engine_of(head):
                within = rest.split(")")[0]
                engines.append((within if engine_of(within) else head, each))  # `object storage (MinIO)`
            elif head and VERB_OF.get(folded(head.split()[0])) == "store" and engine_of(rest.split(")")[0]):
                engines.append((rest.split(")")[0], each))  # `Stores trips (PostgreSQL)`
            elif (head and engine_of(re.split(r"[,;)]", rest)[0]) and len(title.split()) <= 4) or (
                head and kind_by_name(title) == "store" and len(title.split()) <= 4 and (len(name_words(title)) > 1 or head.startswith("`"))
            ):
                named.append((head, rest))
            else:
                engines += [
                    (found[0], each)
                    for found in re.finditer(r"[A-Za-z]\w+(?: (?:Server|Storage|DB))?(?: \d[\d.]*)?", each)
                    if engine_of(found[0])
                ]
    yield from named
    taken = {engine_of(part.strip()) for _, details in named for part in re.split(r"[(),;:]|\s", details)}
    yield from (each for each in engines if not named or engine_of(each[0]) not in taken)
