"""Prose that introduces names: `X is a service that …`, `the system consists of A, B and C`, `A → B`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.extract.described import described_stores
from generator.extract.entries import named_stores
from generator.extract.facts import Source
from generator.extract.findings import Findings, Page
from generator.extract.mentions import Mention, Reader, is_hypothetical, mentions, tokens_of
from generator.extract.naming import (
    Names,
    engine_of,
    kind_by_name,
    name_words,
    written,
)
from generator.extract.phrases import ENGINE, NAME
from generator.extract.statements import arrow_of
from generator.extract.values import pieces, proper_name, split_list, without_article
from generator.extract.vocabulary import (
    EXTERNAL_CUE,
    GENERIC,
    HEADS,
    NO_NAMES,
    STORE_WORDS,
    folded,
    words_of,
)

IS_A = re.compile(
    r"\b(?:is|are|ist|sind|est|sont|es|son)\s+(?:an?|the|our|one of|ein|eine|der|die|das|unser|unsere|un|une|la|le|notre|una|el)\s+((?:[\w'-]+\s?){1,8})",
    re.IGNORECASE,
)
CONSISTS = re.compile(
    r"\b(?:consists? of|comprises?|is composed of|are composed of|is made up of|made of|is split into|is divided into|contains the (?:services|components)|besteht aus|setzt sich zusammen aus|gliedert sich in|se compose de|est compose de|comprend|se compone de|consta de)\b"
    r"|\b(?:components|services|modules|komponenten|dienste|composants|componentes|servicios)\s*:",
)


OTHERS = re.compile(
    r"^(?:the )?(?:surroundings?|neighbou?rs?|third parties|external (?:systems|parties|partners|services)|partners|outside|umgebung|nachbarn)\b[^:.]{0,60}:|\b(?:systems|products|services) of others:|\bnone of (?:them|these|which) (?:is |are )?ours:"
)
"""`Surroundings, none of them ours: A, B and C`."""
BUILT = re.compile(
    r"\b[Ww]e (?:build|built|have built|run|write|add|added|introduce|introduced) (?:one|an?|our own) [a-z][a-z -]{3,60}, (?:the )?(?P<name>[A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,3})(?=[.;,]| (?:which|that|and)\b|$)"
)
"""`We build one web app, the Parent App.`"""
WHOLE = re.compile(
    r"\b(?:platform|system|suite|product|solution|plattform|plateforme|plataforma)\b.{0,60}\b(?:built (?:with|on|from)|consist|compris|compos|made (?:up )?of|based on|besteht)"
)
"""`X is a platform built with …` speaks of the whole."""


THERE_IS = re.compile(r"\b(?:there (?:is|are)|stands|sits|comes|lives|remains|[Mm]eet|[Ss]tart with) (?:also |then )?(?:the|our)?$")
APPOSED_KIND = re.compile(r", (?:an?|the|our) ((?:[\w'-]+ ?){1,5})")
"""`Finally there is the Ledger Export, a nightly job`."""
WHICH_IS = re.compile(
    r"(?:\( [^()]{1,40} \) ?)?(?:, which is (?:an?|our|the) ((?:[\w'.-]+ ?){1,5})|, an? ((?:[\w'.-]+ ?){1,5})|, (?:une?|eine?|uno|una) ((?:[\w'.-]+ ?){1,5}))"
)
LED = words_of("the our der die das unser unsere le la les l l' notre il lo el")
"""`… use the Order Console, which is a browser application`."""
RUN_BY_OTHERS = re.compile(
    r", (?:an?|the) (?:[\w-]+ ){1,3}(?:that|which) (?:the|an?|our|their) (?:[\w-]+ ){0,2}(?:vendor|supplier|manufacturer|provider|maker|department|holding|council|partner) "
    r"(?:[\w-]+ and )?(?:installs|runs|maintains|operates|hosts|provides|owns)\b"
)
"""`…, a middleware that the vendor of the analysers installs`."""


def definitions(text: str, source: Source, findings: Findings, titles: Sequence[str]) -> None:
    """`X is a service that …`, `the system consists of A, B and C`: prose that introduces names."""
    if is_hypothetical(text):
        return
    tokens = tokens_of(text)
    for name in (*(f"`{code}`" for _, code, _ in named_stores(tokens)), *(name for _, name, _ in described_stores(tokens))):
        findings.see(name, "store", 5, source)
    found = mentions(tokens, Reader(Names(()), may_find=True))
    page = Page(Names(()), findings, has_inventory=False, titles=titles)
    consists = CONSISTS.search(folded(text))
    if consists and consists[0].endswith(":") and not _is_list_of_names(text[consists.end() :]):
        consists = None
    if consists:
        offset = len(tokens_of(text[: consists.end()]))
        for mention in found:
            if (
                mention.start >= offset
                and mention.kind in ("component", "external", "store")
                and not page.is_system(mention.text)
                and not engine_of(mention.text)
            ):
                findings.see(f"{mention.text}{_short_after(tokens, mention)}", mention.kind, 4, source)
    _others(text, source, page)
    _built(text, source, page)
    _kept_as(text, source, page)
    for mention in found:
        rest = " ".join(tokens[mention.end : mention.end + 12])
        apposed = WHICH_IS.match(rest) if folded(" ".join(tokens[mention.start - 1 : mention.start])) in LED else None
        is_part = mention.kind == "component" and mention.text[:1].isupper() and not page.is_system(mention.text)
        if is_part and apposed and _kind_said(apposed[1] or apposed[2] or apposed[3]) == "component":
            page.findings.see(mention.text, "component", 5, source)
    if found and not page.is_system(found[0].text):
        _introduced(found[0], tokens, is_whole=bool(WHOLE.search(folded(text))), source=source, page=page)


def _introduced(mention: Mention, tokens: list[str], *, is_whole: bool, source: Source, page: Page) -> None:
    """What a sentence says of the name that it is about: `X is a service that …`, `there is X, a nightly job`, `X, which the vendor runs`."""
    rest = " ".join(tokens[mention.end : mention.end + 12])
    is_there = mention.kind == "component" and mention.text[:1].isupper() and THERE_IS.search(" ".join(tokens[: mention.start]))
    if is_there and (apposed := APPOSED_KIND.match(rest)) and _kind_said(apposed[1]) == "component":
        page.findings.see(mention.text, "component", 5, source)
    if RUN_BY_OTHERS.match(rest):
        page.findings.see(mention.text, "external", 8, source)
    is_a = IS_A.match(rest) or IS_A.match(re.sub(r"^\( ?[^)]* ?\) ", "", rest))
    kind = _kind_said(is_a[1]) if is_a and not is_whole else None
    if kind and mention.kind not in ("broker", "actor"):
        short = re.match(r"^\( ?([A-Z]{2,6}) ?\)", rest)
        page.findings.see(f"{mention.text} ({short[1]})" if short else mention.text, kind, 5, source)


KEPT_AS = re.compile(
    rf"(?P<name>{NAME}), (?:which|that) (?:is|are) (?:held|kept|stored) in (?:an? |our )?(?i:{ENGINE})\b"
    rf"|\b(?:bucket|database|container|schema), (?P<called>{NAME})(?=[,.;]|$)"
)
"""`the Outage Ledger, which is held in Oracle`, `in a bucket, Permit Files`."""


KEPT_IN = re.compile(
    r"\b(?:kept|stored|recorded|retained|remembered|filed|held|saved|archived|laid down|persisted|stores?|keeps?|records?|retains?|saves?|files?|archives?|persists?)\b"
    r"(?: (?!to\b|in\b|into\b)[\w'’,-]+){0,6}? (?:in|into) (?P<codes>`[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*`)(?! (?:queue|topic|stream|field|column|header|namespace|format|state|mode))"
)
"""`each step is recorded in `journal``."""


def _kept_as(text: str, source: Source, page: Page) -> None:
    for code in KEPT_IN.finditer(text):
        page.findings.see(code["codes"], "store", 5, source)
    for found in KEPT_AS.finditer(text):
        name = found["name"] or found["called"]
        if not engine_of(name) and len(name.split()) > 1 and not page.is_system(name):
            page.findings.see(name, "store", 6, source)


def _built(text: str, source: Source, page: Page) -> None:
    for found in BUILT.finditer(text):
        if kind_by_name(found["name"]) == "component" and not page.is_system(found["name"]):
            page.findings.see(found["name"], "component", 5, source)


TOLD = re.compile(rf"\s*(?:and )?(?:the )?(?P<name>{NAME}) (?:is|are|runs|sends|provides|gives|holds|keeps)\b")
"""`Acme is the practice software; Nord is …`"""


def _others(text: str, source: Source, page: Page) -> None:
    """Third parties that a sentence lists, each by its proper name."""
    found = OTHERS.search(folded(text))
    listed = text[text.index(":") + 1 :] if found and ":" in text else ""
    told = [each["name"] for part in listed.split(";") if (each := TOLD.match(part))]
    names = told if len(told) > 1 else [proper_name(re.sub(r"^\s*(?:and |und |et |y )?", "", part).strip()) for part in split_list(listed)]
    for name in names:
        if name and not page.is_system(name):
            page.findings.see(name, "external", 8, source)


def _is_list_of_names(text: str) -> bool:
    heads = [without_article(piece.head) for piece in pieces(text)]
    return len(heads) > 1 and all(1 <= len(head.split()) <= 4 and (head[0].isupper() or head[0] == "`") for head in heads)


def _short_after(tokens: list[str], mention: Mention) -> str:
    """The abbreviation in brackets right after a name."""
    found = re.match(r"^\( ([A-Z]{2,6}) \)", " ".join(tokens[mention.end : mention.end + 3]))
    return f" ({found[1]})" if found else ""


def _kind_said(text: str) -> str | None:
    """What `is a …` says: the first noun that stands for a kind of thing."""
    plain = folded(text)
    words = re.findall(r"[\w-]+", plain)
    if EXTERNAL_CUE.search(plain):
        return "external"
    for word in words:
        if word in ("that", "which", "for", "of", "in", "with", "die", "der", "qui", "que", "to", "and"):
            return None
        if word in STORE_WORDS or engine_of(word):
            return "store"
        if word in (
            "service",
            "microservice",
            "component",
            "module",
            "application",
            "app",
            "gateway",
            "worker",
            "job",
            "frontend",
            "backend",
            "engine",
            "connector",
            "adapter",
            "dienst",
            "komponente",
            "composant",
            "servicio",
            "componente",
            "api",
            "bff",
            "portal",
        ):
            return "component"
    return None


KEBAB = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+"


def _is_end(side: str) -> bool:
    """Whether something at an end of an arrow may be a name at all: `different people → stays separate` is none."""
    name = written(side).title
    return bool(name) and (
        name[0].isupper()
        or "`" in side
        or bool(re.fullmatch(KEBAB, name))
        or bool(engine_of(name))
        or name_words(name)[-1] in HEADS | GENERIC
        or kind_by_name(name) in ("external", "actor", "broker")
    )


def arrow_names(text: str, source: Source, findings: Findings, titles: Sequence[str]) -> None:
    """The names at the ends of an arrow in a line of its own."""
    found = arrow_of(text)
    page = Page(Names(()), findings, has_inventory=False, titles=titles)
    if found is None or is_hypothetical(text):
        return
    sides = ((False, found[1]), (True, found[2]))
    if not all(_is_end(side) for _, side in sides):
        return
    for is_end, side in sides:
        name = written(side).title
        is_name = name and len(name.split()) <= 4 and (_is_end(side) if is_end else name[0].isupper() or re.fullmatch(KEBAB, name))
        if (
            is_name
            and not page.is_system(name)
            and kind_by_name(name) in ("component", "external", "store")
            and not engine_of(name)
            and folded(name) not in NO_NAMES
        ):
            is_third = is_end and bool(EXTERNAL_CUE.search(folded((found[3] or "").split(")")[0])))
            findings.see(
                side, "external" if is_third and kind_by_name(name) == "component" else kind_by_name(name), 5 if is_third else 3, source
            )
