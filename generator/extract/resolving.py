"""All statements brought together: the names, the edges between them, and what the documents leave open or say in two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from generator.extract.abbreviated import abbreviated_names
from generator.extract.aliases import aliases, parts, with_aliases
from generator.extract.articled import articled_names, romance_names
from generator.extract.blocks import Diagram, Item, Row, Sentence, Title, blocks, whole_of
from generator.extract.bullets import item_facts
from generator.extract.canonical import canonical
from generator.extract.cells import told_by_cells
from generator.extract.cued import cued_names
from generator.extract.definitions import arrow_names, definitions
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Findings, Page
from generator.extract.foreign import foreign_names, fuller_names, others_names
from generator.extract.mentions import Mention, Reader, is_hypothetical, mentions, tokens_of
from generator.extract.naming import CUED, HEADED, LISTED, Entity, Names, Sighting, engine_of, name_words, slug, written
from generator.extract.nested import folded_entries
from generator.extract.outline import Placed, outline
from generator.extract.pictures import diagram_facts, diagram_sightings
from generator.extract.records import of_records
from generator.extract.rows import table_facts
from generator.extract.statements import sentence_facts
from generator.extract.stressed import in_one_word, listed_actors, recurring_names, stressed_events, stressed_names
from generator.extract.subjects import about, of_paragraphs, table_about
from generator.extract.tables import Table, table_sightings, tables
from generator.extract.unrelated import unrelated
from generator.extract.usual import spoken_usually, usual_protocols
from generator.extract.values import protocols
from generator.extract.vocabulary import GENERIC, HEADS, ORGANISATIONS, singular

SILENT = frozenset({"question", "decision", "risk", "skipped", "rejected"})
"""Sections whose prose argues rather than states."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the documents leave open: the words, the places of the contract that the answer settles, where it comes from."""

    text: str
    settles: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    name: str = ""
    owner: str = ""
    needed: str = ""


@dataclass(slots=True)
class Understanding:
    """What all documents together say."""

    names: Names
    components: list[Entity] = field(default_factory=list)
    externals: list[Entity] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    edges: dict[str, dict[tuple[str, ...], list[Fact]]] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    understood: set[Source] = field(default_factory=set)
    placed: list[Placed] = field(default_factory=list)


def understand(documents: Mapping[str, str], title: str) -> Understanding:
    """Two readings: first the names that structure defines, then what is said about them."""
    placed: list[Placed] = []
    first = Findings()
    for file in sorted(documents):
        own, sightings = outline(canonical(folded_entries(blocks(file, documents[file]))))
        placed += own
        first.sightings += sightings
    placed, decided = of_records(placed)
    kept = [each for each in placed if not each.is_skipped]
    all_tables = tables(placed)
    titles = (title, *_titles(placed))
    _define(kept, all_tables, first, titles)
    happenings = stressed_events(kept, SILENT)
    kept = in_one_word(kept, happenings)
    told = {each.text for each in happenings}
    first.sightings += [*(each for each in stressed_names(kept, placed, SILENT) if each.text not in told), *happenings]
    _tell_people(first, documents)
    inside = parts(placed)
    first.sightings = [each for each in first.sightings if each.kind != "component" or each.source not in {one.source for one in inside}]
    known = [*aliases(placed), *inside]
    stating = _stating(kept)
    first.sightings += abbreviated_names(
        stating, [cell.strip() for each in kept if isinstance(each.block, Row) for cell in each.block.cells]
    )
    names = Names(with_aliases(first.sightings, known))
    all_tables = [table_about(each, names) for each in all_tables]
    kept = of_paragraphs([about(each, names) for each in kept], names)
    has_inventory = sum(each.kind == "component" and each.weight >= LISTED for each in names.entities) >= 2
    if has_inventory:
        first.sightings += recurring_names(stating, least=3)
    else:
        first.sightings += [*recurring_names(stating), *listed_actors(kept, SILENT)]
        first.sightings += articled_names(stating, first.sightings)
        first.sightings += romance_names(stating)
    names = Names(with_aliases(first.sightings, known))
    first.sightings += foreign_names(stating, names)
    first.sightings += others_names(stating, Names(with_aliases(first.sightings, known)))
    first.sightings += fuller_names(stating, first.sightings, Names(with_aliases(first.sightings, known)))
    with_columns = [told_by_cells(each, names) for each in all_tables]
    for table in [
        each for each, before in zip(with_columns, all_tables, strict=True) if (each.kind, each.columns) != (before.kind, before.columns)
    ]:
        table_sightings(table, first, titles)
    all_tables, names = with_columns, Names(with_aliases(first.sightings, known))
    assumed = _usual(kept, names).get("outside")
    second = first
    for is_last in (False, True):  # what prose has introduced is known when it is read again
        second = Findings(list(decided), list(dict.fromkeys(second.sightings)), {*first.understood, *(each.source for each in decided)})
        page = Page(names, second, has_inventory=has_inventory, titles=titles, assumed=assumed)
        _read_once(kept, all_tables, page)
        _tell_people(second, documents)
        names = Names(with_aliases(second.sightings, known))
        if not is_last:
            second.sightings += cued_names(stating, names)
            names = Names(with_aliases(second.sightings, known))
    return _joined(second, names, placed)


AGENT = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?:er|or|ist|ant|ian|eur|man|woman|innen)s?")


SENTENCE_CASE = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?: [a-zß-ÿ]+){1,3}")


def _is_common_noun(sighting: Sighting, texts: str) -> bool:
    """`Shipping line → Hub`, where the documents speak of shipping lines: whoever they are, they are no part and no system."""
    text = sighting.text.strip()
    is_faint = sighting.weight <= 3 and sighting.kind in ("component", "external")
    return (
        is_faint
        and bool(SENTENCE_CASE.fullmatch(text))
        and not set(name_words(text)) & HEADS
        and bool(re.search(rf"(?<!^)\b{re.escape(text.lower())}s?\b", texts))
    )


def _common(texts: Iterable[str]) -> set[str]:
    """The words that the documents write in lower case."""
    return {singular(word) for text in texts for word in re.findall(r"(?<![`\w-])[a-zß-ÿ]{4,}(?![\w-]*`)", text)}


def _tell_people(findings: Findings, documents: Mapping[str, str]) -> None:
    """A partner whose name is also written in lower case is no system but people: growers, pharmacists."""
    common, texts = _common(documents.values()), " ".join(documents.values())
    findings.sightings = [
        replace(each, kind="actor")
        if _is_common_noun(each, texts)
        or (
            (each.kind == "external" or (each.kind == "component" and each.weight <= 3 and each.text.strip().endswith("s")))
            and AGENT.fullmatch(each.text.strip())
            and singular(each.text.strip().lower()) in common
        )
        else each
        for each in findings.sightings
    ]


def _stating(kept: Sequence[Placed]) -> list[Sentence | Item]:
    """Prose that says how things are."""
    return [
        each.block
        for each in kept
        if isinstance(each.block, Sentence | Item) and each.section not in SILENT and not is_hypothetical(each.block.text)
    ]


def _titles(placed: Sequence[Placed]) -> list[str]:
    """What documents are called: the system's name, unless it ends as that of a part does."""
    whole = [each.block.heading.text for each in placed if isinstance(each.block, Title) and each.block.is_document]
    whole += _areas(placed)
    found = [*whole, *(part for text in whole for part in re.split(r"\s[–—-]\s|:\s", text)[:2] if part != text)]
    return [each for each in found if not set(name_words(each)[-1:]) & (HEADS | GENERIC)]


AREA = re.compile(r"\b(?:domain|area|bounded context|domäne|bereich|domaine|dominio)$", re.IGNORECASE)


def _areas(placed: Sequence[Placed]) -> list[str]:
    """Headings of parts of the system, which pictures of the whole draw as boxes: those with a diagram of their own, and those that say so."""
    drawn = {each.block.path[-1].line for each in placed if isinstance(each.block, Diagram) and each.block.path and each.subject is None}
    titles = [
        written(each.block.heading.text).title for each in placed if isinstance(each.block, Title) and each.block.heading.line in drawn
    ]
    return [
        *titles,
        *(title for each in placed if isinstance(each.block, Title) and AREA.search(title := written(each.block.heading.text).title)),
    ]


def _define(kept: Sequence[Placed], all_tables: Sequence[object], findings: Findings, titles: Sequence[str]) -> None:
    for table in all_tables:
        table_sightings(table, findings, titles)  # type: ignore[arg-type]  # tables() gives tables
    for each in kept:
        block = each.block
        if isinstance(block, Diagram):
            diagram_sightings(block, findings, titles)
        elif isinstance(block, Sentence | Item) and each.section not in SILENT:
            label = block.label if isinstance(block, Item) else None
            whole = f"{label}: {block.text}" if label and not label.startswith("`") else block.text
            definitions(whole, block.source, findings, titles)
            arrow_names(whole, block.source, findings, titles)


def _read_once(kept: Sequence[Placed], all_tables: Sequence[Table], page: Page) -> None:
    """Tables, then one block after the other, then what neither has related."""
    for table in all_tables:
        table_facts(table, page)
    _read_all(kept, page)
    _headed_calls(kept, page)
    unrelated(kept, SILENT, page)


def _read_all(kept: Sequence[Placed], page: Page) -> None:
    """One block after the other; the bullets of a list without a name of their own go on about whoever the first one named."""
    listed: object = None
    opening: list[Mention] = []
    for each in kept:
        block = each.block
        if isinstance(block, Title):
            page.last.clear()
            page.things.clear()
            page.spoken.clear()
        if not isinstance(block, Item):
            listed = None
            _read(each, page)
            continue
        of_list = (block.path, block.parents, block.bullet)
        opening = opening if of_list == listed else []
        listed = of_list
        is_new = not block.bullet or (block.label is not None and page.subject(each) is not None and each.subject == block.label)
        page.last[:] = [] if is_new else (opening or page.last)  # a labelled paragraph, and a bullet with a name of its own, begin anew
        stated = len(page.findings.facts)
        _read(each, page)
        first = next((page.names.find(fact.names[0], event=False) for fact in page.findings.facts[stated:] if fact.kind in ENDS), None)
        if not opening and first and first.kind == "component" and not block.ordered:
            opening = [Mention(0, 0, first.title, first, first.kind, carried=True)]


BETWEEN = re.compile(r"(?:The )?(?P<start>[^:]{2,60}?) (?:to|calls|asks|→|->|nach|vers|ruft|appelle) (?:the )?(?P<end>[^:]{2,60})")


def _headed_calls(kept: Sequence[Placed], page: Page) -> None:
    """`Order Service to Billing` as a heading, with how they speak below it."""
    texts: dict[int, list[str]] = defaultdict(list)
    for each in kept:
        if each.block.path and isinstance(each.block, Sentence | Item | Row):
            label = each.block.label if isinstance(each.block, Item) else None
            texts[each.block.path[-1].line].append(f"{label or ''} {each.block.text}")
    for each in kept:
        told = BETWEEN.fullmatch(written(each.block.heading.text).title) if isinstance(each.block, Title) else None
        ends = [page.names.find(told[end], event=False) for end in ("start", "end")] if told else []
        if len(ends) == 2 and all(end and end.kind in CALLABLE for end in ends) and ends[0] is not ends[1]:
            said = protocols(" ".join(texts[each.block.heading.line])) if isinstance(each.block, Title) else []
            is_message = said == ["async"]
            values = {"protocol": said[0]} if len(said) == 1 and not is_message else {}
            names = tuple(end.name for end in ends if end)
            page.findings.state(Fact("message" if is_message else "call", names, each.block.source, values))


def _read(placed: Placed, page: Page) -> None:
    block = placed.block
    if isinstance(block, Diagram):
        diagram_facts(placed, page)
    elif isinstance(block, Item):
        if placed.section in SILENT:
            _open_item(placed, page)
        else:
            item_facts(placed, page)
    elif isinstance(block, Sentence) and placed.section not in SILENT:
        sentence_facts(placed, page)
    elif isinstance(block, Sentence) and placed.section == "question":
        page.findings.state(Fact("question", ("",), block.source, {"question": block.text}))


def _open_item(placed: Placed, page: Page) -> None:
    block = placed.block
    assert isinstance(block, Item)
    if placed.section == "question" and not block.parents:
        page.findings.state(Fact("question", (block.label or "",), block.source, {"question": block.text}))
    elif placed.section == "decision" and not block.parents and block.label:
        numbered = re.match(r"([A-Za-z]{1,6}[- ]?\d+)\W+(\w.*)", block.label)
        name, title = (numbered[1].replace(" ", "-"), numbered[2].rstrip(".")) if numbered else ("", block.label.rstrip("."))
        page.findings.state(Fact("decision", (name,), block.source, {"decision": title, "why": block.text}))


# --- joining ----------------------------------------------------------------------------------------------------------

ENDS = {
    "call": (False, False),
    "message": (False, False),
    "depends": (False, False),
    "publishes": (False, True),
    "consumes": (False, True),
    "owns": (False, False),
    "reads": (False, False),
    "writes": (False, False),
    "touches": (False, False),
}
"""Kinds of edges, and which of their ends is an event."""


def _joined(findings: Findings, names: Names, placed: list[Placed]) -> Understanding:
    found = Understanding(names, understood=findings.understood, placed=placed)
    facts = [fact for each in findings.facts if (fact := _named(each, names)) is not None]
    found.facts = sorted({repr(fact): fact for fact in facts}.values(), key=lambda each: repr(each.order))
    positive: dict[str, dict[tuple[str, ...], list[Fact]]] = defaultdict(lambda: defaultdict(list))
    denied: dict[tuple[str, tuple[str, ...]], list[Fact]] = defaultdict(list)
    for fact in found.facts:
        if fact.kind in ENDS:
            (denied[fact.kind, fact.names] if fact.negated else positive[fact.kind][fact.names]).append(fact)
    found.edges = {kind: dict(edges) for kind, edges in positive.items()}
    _contradictions(found, denied)
    _ask_about_unknown(found, findings)
    _prefer(found)
    _tell_third_parties(found)
    _name_products(found)
    _protocols(found)
    _ask_about_guesses(found)
    found.components = sorted(names.of_kind("component"), key=lambda each: each.name)
    related = {name for edges in found.edges.values() for ends in edges for name in ends}
    found.externals = sorted(
        (each for each in names.of_kind("external") if each.weight > CUED or each.name in related), key=lambda each: each.name
    )
    return found


def _named(fact: Fact, names: Names) -> Fact | None:
    """The fact with its names as the contract spells them; None when an end is not what the fact needs."""
    if fact.kind not in ENDS:
        if fact.kind in ("component", "external", "store", "event"):
            entity = names.find(fact.names[0], event=fact.kind == "event", store=fact.kind == "store")
            return (
                Fact(entity.kind, (entity.name,), fact.source, fact.values, fact.confidence, fact.authority, fact.negated)
                if entity
                else None
            )
        return fact
    is_kept = fact.kind in ("owns", "reads", "writes", "touches")
    ends = [
        names.find(text, event=is_event, store=is_kept and at == 1)
        for at, (text, is_event) in enumerate(zip(fact.names, ENDS[fact.kind], strict=True))
    ]
    engine = engine_of(fact.names[1]) or (engine_of(ends[1].title) if ends[1] else None)
    if is_kept and engine:
        owner = ends[0]
        named = ends[1] if ends[1] and ends[1].kind == "store" and not engine_of(ends[1].title) else None
        return (
            Fact(
                fact.kind,
                (owner.name, named.name if named else f"{slug(engine)}@{owner.name}"),
                fact.source,
                {"kind": engine, **fact.values},
                fact.confidence,
                fact.authority,
                fact.negated,
            )
            if owner and owner.kind == "component"
            else None
        )
    start, end = ends
    if start is None or end is None or (start is end):
        return None
    kind = fact.kind
    if kind in ("call", "message", "depends") and end.kind == "store" and start.kind == "component":
        kind = "touches"
    if not _fits(kind, start, end):
        return None
    return Fact(kind, (start.name, end.name), fact.source, fact.values, fact.confidence, fact.authority, fact.negated)


def _fits(kind: str, start: Entity, end: Entity) -> bool:
    peers = ("component", "external")
    if kind in ("call", "message", "depends"):
        return start.kind in peers and end.kind in peers and "component" in (start.kind, end.kind)
    if kind in ("publishes", "consumes"):
        return start.kind in peers and end.kind == "event"
    return start.kind == "component" and end.kind == "store"


MOST_UNKNOWN = 20
"""Unknown names that are asked for: with more of them the list of components is what is missing."""


def _ask_about_unknown(found: Understanding, findings: Findings) -> None:
    """A name that a sentence calls and that nothing else knows may be a component, a third party or nothing of the kind."""
    unknown = [(text, source) for text, source in sorted(findings.unknown.items()) if found.names.find(text) is None]
    for text, source in unknown[:MOST_UNKNOWN]:
        found.questions.append(
            Question(f"What is {text}? It is named ({source}), and no list of components or third parties has it.", (), (source,))
        )


def _contradictions(found: Understanding, denied: Mapping[tuple[str, tuple[str, ...]], list[Fact]]) -> None:
    """What one document states and another denies: a table outweighs prose; either way it is asked."""
    for (kind, names), facts in sorted(denied.items()):
        stated = found.edges.get(kind, {}).get(names)
        if not stated:
            continue
        place, against = stated[0].source, facts[0].source
        keeps = max(each.authority for each in stated) > max(each.authority for each in facts)
        if not keeps:
            del found.edges[kind][names]
        verb = {"call": "calls", "message": "sends messages to", "touches": "uses"}.get(kind, kind)
        taken = "the table is taken for now" if keeps else "it is left out for now"
        found.questions.append(
            Question(
                f"{names[0]} {verb} {names[1]} by {place}, and does not by {against}: {taken}. Which holds?", (names[0],), (place, against)
            )
        )


GUESSED = {
    "consumes": ("consume", "consumes"),
    "publishes": ("publish", "publishes"),
    "call": ("call", "uses"),
    "owns": ("keep", "stores"),
    "touches": ("keep", "stores"),
}
"""What a question says of each kind of edge, and the key of the component that the answer settles."""


def _ask_about_guesses(found: Understanding) -> None:
    """What is only named together goes into the draft as a guess, and is asked."""
    components = {each.name for each in found.names.of_kind("component")}
    guessed: dict[tuple[str, str], list[tuple[str, Source]]] = defaultdict(list)
    for kind, edges in found.edges.items():
        for (who, what), facts in edges.items():
            if kind in GUESSED and who in components and all(each.confidence == Confidence.GUESS for each in facts):
                guessed[who, kind].append((what.partition("@")[0], facts[0].source))
    for (who, kind), things in sorted(guessed.items()):
        verb, key = GUESSED[kind]
        listed = ", ".join(f"{what} ({source})" for what, source in sorted(things))
        text = f"Does {who} {verb} {listed}? They are named together, and no sentence says so in as many words."
        found.questions.append(Question(text, (f"{who}.{key}",), tuple(source for _, source in sorted(things))))


def _prefer(found: Understanding) -> None:
    """Dependencies without a verb and unnamed messages are dropped where something clearer is said of the same two."""
    calls = found.edges.setdefault("call", {})
    messages = found.edges.setdefault("message", {})
    by_event = _event_pairs(found)
    for pair, facts in found.edges.pop("depends", {}).items():
        is_explained = any(len(fact.values.get("details", "")) > 2 for fact in facts)
        by_others = not is_explained and (pair in by_event or (pair[1], pair[0]) in by_event)
        if pair not in calls and pair not in messages and not by_others:
            calls[pair] = facts
    for pair in [pair for pair in messages if pair in by_event]:
        del messages[pair]
    for pair in [
        pair
        for pair in messages
        if pair in calls and max(each.authority for each in calls[pair]) >= max(each.authority for each in messages[pair])
    ]:
        if len(calls[pair]) >= len(messages[pair]):
            continue
    weak = [pair for pair, facts in calls.items() if pair in messages and all("protocol" not in each.values for each in facts)]
    for pair in weak:
        del calls[pair]


def _protocols(found: Understanding) -> None:
    """A call that says nothing about its protocol uses the only one that the callee is said to offer, what everybody speaks by a general rule, or what others speak with it."""
    offered: dict[str, set[str]] = defaultdict(set)
    described: dict[str, list[Fact]] = defaultdict(list)
    for fact in found.facts:
        if fact.kind in ("component", "external"):
            text = f"{fact.values.get('protocol', '')} {fact.values.get('provides', '')}"
            offered[fact.names[0]] |= {each for each in protocols(text) if each != "async"}
            described[fact.names[0]].append(fact)
    usual = _usual(found.placed, found.names)
    entities = {each.name: each for each in found.names.entities}
    calls = found.edges.get("call", {})
    by_others: dict[str, set[str]] = defaultdict(set)
    for (_, callee), facts in calls.items():
        by_others[callee] |= {said for fact in facts if (said := fact.values.get("protocol"))}
    for pair, facts in calls.items():
        if any(fact.values.get("protocol") for fact in facts):
            continue
        start, end = (entities.get(name) for name in pair)
        [*only] = offered[pair[1]]
        [*told] = by_others[pair[1]]
        spoken = only[0] if len(only) == 1 else None if only else spoken_usually(usual, start, end, described)
        spoken = spoken or (told[0] if len(told) == 1 else None)
        if spoken:
            facts.append(replace(facts[0].over(spoken), confidence=Confidence.LIKELY))


def _usual(placed: Sequence[Placed], names: Names) -> dict[str, str]:
    reader = Reader(names, may_find=False)
    texts = [
        whole_of(each.block)
        for each in placed
        if isinstance(each.block, Sentence | Item | Row) and not each.is_skipped and each.subject is None and each.section not in SILENT
    ]
    said = [" ".join(part for part in re.split(r"(?<=[.;])\s", text) if not is_hypothetical(part)) for text in texts]
    return usual_protocols(said, lambda text: any(each.kind in ("component", "external") for each in mentions(tokens_of(text), reader)))


def _tell_third_parties(found: Understanding) -> None:
    """Where the documents list the components, what is only called and never described is somebody else's, probably; without a list what is called over the web and looks like nothing of ours."""
    has_list = sum(each.kind == "component" and each.weight >= RECURRING for each in found.names.entities) >= MOST_UNLISTED
    is_listed = sum(each.kind == "component" and each.weight >= LISTED for each in found.names.entities) >= MOST_UNLISTED
    acting = {names[0] for edges in found.edges.values() for names in edges}
    if not has_list and len(acting) < MOST_UNLISTED:
        return
    called = {names[1]: facts for names, facts in found.edges.get("call", {}).items()}
    callers = {names[0] for names in found.edges.get("call", {})}
    partners: dict[str, set[str]] = defaultdict(set)
    asking: dict[str, set[str]] = defaultdict(set)
    for start, end in found.edges.get("call", {}):
        partners[start].add(end)
        asking[end].add(start)
    telling = {names[0] for kind, edges in found.edges.items() if kind != "call" for names in edges}
    described = {fact.names[0] for fact in found.facts if fact.kind in ("component", "operation")}
    renamed: dict[str, str] = {}
    has_headings = sum(each.kind == "component" and each.weight >= HEADED for each in found.names.entities) >= MOST_UNLISTED
    most = STRESSED if has_headings else DRAWN
    headed = {name_words(written(each.block.heading.text).title) for each in found.placed if isinstance(each.block, Title)}
    for entity in found.names.entities:
        has_section = name_words(entity.title) in headed and entity.weight >= RECURRING
        is_faint = entity.kind == "component" and entity.weight <= most and entity.name not in described and not has_section
        is_caller = (
            entity.name in callers - telling
            and (is_listed or len(entity.words) == 1)
            and has_list
            and not set(entity.words) & HEADS
            and entity.name not in called
        )
        if is_faint and is_caller:
            called[entity.name] = next(facts for names, facts in found.edges["call"].items() if names[0] == entity.name)
        is_partner = (
            has_list
            and entity.name in called
            and entity.name not in telling
            and partners[entity.name] <= asking[entity.name]
            and not set(entity.words) & (HEADS - {"api"})
        )
        is_leaf = is_faint and entity.name in called and (entity.name not in acting or is_caller or is_partner)
        is_vouched = is_listed or (has_list and not set(entity.words[-1:]) & HEADS)
        if is_leaf and (is_vouched or _looks_foreign(entity, called[entity.name])):
            renamed[entity.name] = slug(entity.title)
            entity.kind, entity.name = "external", renamed[entity.name]
            source = called[next(old for old, new in renamed.items() if new == entity.name)][0].source
            text = f"Is {entity.title} a third party? It is called ({source}), and no list of the components has it."
            found.questions.append(Question(text, (f"externals.{entity.name}",), (source,)))
    _rename(found, renamed)


PRODUCT = re.compile(r"([A-ZÀ-Þ][a-zß-ÿ]{2,}) API")
"""`the Routific API` is Routific, where that is no word of the language."""


def _name_products(found: Understanding) -> None:
    common = _common(each.block.text for each in found.placed if isinstance(each.block, Sentence | Item))
    renamed: dict[str, str] = {}
    for entity in found.names.entities:
        product = PRODUCT.fullmatch(entity.title) if entity.kind == "external" and entity.weight < LISTED else None
        if product and singular(product[1].lower()) not in common:
            renamed[entity.name] = slug(product[1])
            entity.name, entity.title = renamed[entity.name], product[1]
    _rename(found, renamed)


def _rename(found: Understanding, renamed: Mapping[str, str]) -> None:
    for kind, edges in found.edges.items():
        found.edges[kind] = {tuple(renamed.get(name, name) for name in names): facts for names, facts in edges.items()}
    found.facts = [
        replace(fact, names=tuple(renamed.get(name, name) for name in fact.names)) if fact.kind in ENDS else fact for fact in found.facts
    ]


def _looks_foreign(entity: Entity, calls: Sequence[Fact]) -> bool:
    """An organisation, or a proper name without a word that parts of systems end with, which is called over anything but gRPC."""
    spoken = {fact.values.get("protocol", "") for fact in calls}
    is_plain = not set(name_words(entity.title)) & (HEADS | GENERIC) and entity.title[:1].isupper()
    if any(fact.authority == Authority.DIAGRAM for fact in calls):
        return False  # whoever draws it among the others runs it, too
    return "grpc" not in spoken and ((entity.words[-1:] and entity.words[-1] in ORGANISATIONS) or (is_plain and bool(spoken - {""})))


DRAWN, STRESSED = 3, 6
"""Weights of names that prose or a diagram has, and that stand in bold type."""
RECURRING = 5
"""Weight of a name that prose comes back to, or defines."""
MOST_UNLISTED = 3
"""So many names that a list or a heading defines make an inventory."""


def _event_pairs(found: Understanding) -> set[tuple[str, str]]:
    consumers: dict[str, list[str]] = defaultdict(list)
    for consumer, event in found.edges.get("consumes", {}):
        consumers[event].append(consumer)
    return {(publisher, consumer) for publisher, event in found.edges.get("publishes", {}) for consumer in consumers[event]}


def stores_of(found: Understanding) -> dict[str, dict[str, list[Fact]]]:
    """Each store and what components do with it: owns, reads, writes, touches; engines without a name join the owner's only named one."""
    uses: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for kind in ("owns", "reads", "writes", "touches"):
        for (component, store), facts in found.edges.get(kind, {}).items():
            uses[store][component] += facts
    named: dict[str, list[str]] = defaultdict(list)
    for store, users in uses.items():
        if "@" not in store:
            for component in users:
                named[component].append(store)
    for store in [each for each in uses if "@" in each]:
        engine, _, component = store.partition("@")
        kinds = {
            each: {fact.values["kind"] for users in uses[each].values() for fact in users if fact.values.get("kind")}
            for each in named[component]
        }
        same = [each for each in named[component] if engine in kinds[each]] or [each for each in named[component] if not kinds[each]]
        if same:
            uses[same[0]][component] += uses.pop(store)[component] if len(same) == 1 else []
            uses.pop(store, None)
    return {store: dict(users) for store, users in sorted(uses.items())}
