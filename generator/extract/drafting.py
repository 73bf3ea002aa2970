"""The draft contract: its files, the facts behind them, what is open, and what was not understood."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.extract.annotated import Noted, to_annotated_yaml
from generator.extract.blocks import Diagram, Item, Row, Sentence, Title, whole_of
from generator.extract.choosing import Open, chosen, first_text, note, plain
from generator.extract.components import DRAFT_VERSION, component_file
from generator.extract.facts import Fact, Source
from generator.extract.fields import object_of
from generator.extract.landscape import Landscape, landscape
from generator.extract.mentions import is_hypothetical
from generator.extract.naming import Entity, slug
from generator.extract.outline import Placed
from generator.extract.resolving import Question, Understanding, understand
from generator.extract.values import is_nothing, percentage, protocols, rate, split_list
from generator.extract.vocabulary import concept_of, folded
from generator.text import one_line

HEADER = "yaml-language-server: $schema=../../generator/schema/contract.schema.json\nDrafted by `interlock extract`. A comment says which line a value comes from and how directly it says so."
UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Draft:
    """What came out: files of a contract folder, and how they came about."""

    name: str
    files: Mapping[str, str]
    facts: tuple[Fact, ...]
    questions: tuple[Question, ...]
    not_understood: tuple[tuple[Source, str], ...]
    understanding: Understanding


def extract(documents: Mapping[str, str], name: str) -> Draft:
    """A draft contract from session documents: file name to Markdown. Never raises, whatever is in them."""
    system = slug(name)
    found = understand(documents, name)
    open_ = Open(list(found.questions))
    land = landscape(found, open_, _types(found))
    files: dict[str, Any] = {}
    taken = {"system", "externals", "open-questions", "decisions"}
    for component in found.components:
        file = f"{component.name}-component.yaml" if component.name in taken else f"{component.name}.yaml"
        files[file] = component_file(component, land)
    externals = {each.name: _external(each, land) for each in found.externals}
    files |= {"externals.yaml": {"externals": externals}} if externals else {}
    decisions = _decisions(found, open_)
    files |= {"decisions.yaml": {"decisions": decisions}} if decisions else {}
    _ask_what_is_unstated(land)
    _ask_about_edges(land)
    _ask_about_names(found, open_)
    files["system.yaml"] = _system(system, name, land)
    questions = _questions(found, open_, land)
    if questions:
        files["open-questions.yaml"] = {"open_questions": {each.name: _question(each, land) for each in questions}}
        files["system.yaml"]["owners"] = _owners(land)  # whoever is to answer a question is a team, too
    texts = {file: to_annotated_yaml(data, HEADER) for file, data in sorted(files.items())}
    return Draft(system, texts, tuple(found.facts), tuple(questions), tuple(_not_understood(found)), found)


# --- the system -------------------------------------------------------------------------------------------------------


def _system(system: str, name: str, land: Landscape) -> dict[str, Any]:
    header: dict[str, Any] = {"name": system}
    if name != system:
        header["title"] = name
    header["owner"] = Noted(UNDECIDED, "not stated")
    land.open.ask("Which team owns what nobody else owns?", ("system.owner",))
    broker = _broker(land)
    header |= {"broker": broker} if broker else {}
    data: dict[str, Any] = {"interlock": 1, "system": header, "owners": _owners(land)}
    layers, domains = _layers(land), {each: Noted({"title": title}, stated) for each, (title, stated) in sorted(land.domains.items())}
    data |= {
        key: value
        for key, value in (
            ("domains", domains),
            ("layers", layers),
            ("environments", _environments(land)),
            ("regions", _regions(land)),
            ("types", _type_records(land)),
        )
        if value
    }
    return data


def _owners(land: Landscape) -> dict[str, Any]:
    return {
        UNDECIDED: {"title": "Not decided"},
        **{each: {"title": title} for each, title in sorted(land.teams.items()) if each != UNDECIDED},
    }


def _broker(land: Landscape) -> dict[str, Any] | None:
    """The one broker that the documents name outside of what is planned or rejected."""
    named: dict[str, list[Source]] = defaultdict(list)
    for placed in land.found.placed:
        if placed.is_skipped or placed.section in ("question", "risk", "decision"):
            continue
        text = _text(placed)
        for product in ("kafka", "rabbitmq", "nats"):
            if re.search(rf"\b{product}\b", folded(text)) and not is_hypothetical(text[:2000]):
                named[product].append(placed.block.source)
    has_messages = any(land.found.edges.get(kind) for kind in ("publishes", "consumes", "message"))
    if len(named) == 1:
        [(product, sources)] = named.items()
        return {"kind": Noted(product, f"{sources[0]}, likely")}
    if has_messages:
        said = f" The documents name {' and '.join(f'{each} ({named[each][0]})' for each in sorted(named))}." if named else ""
        land.open.ask(
            f"Which message broker is it?{said}", ("system.broker",), [source for sources in named.values() for source in sources[:1]]
        )
    return None


def _layers(land: Landscape) -> dict[str, Any]:
    data = {each: Noted({"title": title}, stated) for each, (title, stated) in sorted(land.layers.items())}
    for fact in land.found.facts:
        if fact.kind == "layer" and slug(fact.names[0]) in data:
            record = {"title": plain(fact.names[0])} | _may_call(fact, land)
            data[slug(fact.names[0])] = Noted(record, note([fact]))
    return data


def _may_call(fact: Fact, land: Landscape) -> dict[str, Any]:
    """What a layer may call, when each part of it is a layer or a third party; half a list would forbid what is allowed."""
    text = fact.values.get("may_call", "")
    third = [each.name for each in land.found.externals]
    allowed: list[str] = []
    for part in (part for part in split_list(text, ",;") if part.strip()):
        name = slug(plain(part))
        if concept_of(part) == "external":
            allowed += third
        elif name in land.layers or name in third:
            allowed.append(name)
        elif not is_nothing(part):
            land.open.ask(
                f"What may the layer {plain(fact.names[0])} call? The documents say: {plain(text)}.",
                (f"layers.{slug(fact.names[0])}.may_call",),
                (fact.source,),
            )
            return {}
    return {"may_call": sorted(set(allowed))} if text else {}


def _environments(land: Landscape) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for placed in land.found.placed:
        block = placed.block
        if (
            isinstance(block, Item)
            and placed.section == "environment"
            and block.label
            and len(block.label.split()) <= 2
            and re.fullmatch(r"[a-z][a-z0-9-]{1,30}", slug(block.label))
            and concept_of(block.label) is None
        ):
            host = re.search(r"`((?:[a-z0-9-]+\.)+[a-z]{2,})`", block.text)
            data[slug(block.label)] = Noted({"host": host[1]} if host else {}, f"{block.source}, sure")
    for fact in land.found.facts:
        if fact.kind == "environment" and not is_nothing(fact.names[0]):
            host = re.search(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", fact.values.get("host", ""))
            data[slug(plain(fact.names[0]))] = Noted({"host": host[0]} if host else {}, note([fact]))
    return data


def _regions(land: Landscape) -> dict[str, Any]:
    data = {}
    for fact in land.found.facts:
        if fact.kind == "region" and not is_nothing(fact.names[0]):
            countries = re.findall(r"\b[A-Z]{2}\b", fact.values.get("countries", ""))
            currencies = re.findall(r"\b[A-Z]{3}\b", fact.values.get("currency", ""))
            record = {
                key: value for key, value in (("countries", sorted(set(countries))), ("currencies", sorted(set(currencies)))) if value
            }
            data[slug(plain(fact.names[0]))] = Noted(record, note([fact]))
    return data


def _types(found: Understanding) -> dict[str, tuple[dict[str, Any], Fact]]:
    """Types that a table lists with their fields, as far as the fields can be read."""
    stated = {
        fact.names[0]: fact for fact in found.facts if fact.kind == "type" and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,99}", fact.names[0])
    }
    read = {name: schema for name, fact in stated.items() if (schema := object_of(fact.values["payload"], stated.keys()))}
    return {name: (schema, stated[name]) for name, schema in read.items() if not _refers_to(schema, stated.keys() - read.keys())}


def _refers_to(schema: Any, missing: Any) -> bool:
    if isinstance(schema, dict):
        return schema.get("$ref") in missing or any(_refers_to(each, missing) for each in schema.values())
    return False


def _type_records(land: Landscape) -> dict[str, Any]:
    return {name: Noted(schema, note([fact])) for name, (schema, fact) in sorted(land.types.items())}


# --- third parties, decisions, questions ------------------------------------------------------------------------------


SPOKEN = {"http": {"protocol": "https"}, "smtp": {"protocol": "tcp", "style": "SMTP"}}
"""How the contract states what documents say that a third party speaks, where it has another word for it."""


def _external(entity: Entity, land: Landscape) -> Noted:
    name, title = entity.name, entity.title
    facts = land.about.get(("external", name), [])
    calls = [fact for _, stated in land.entering["call", name] for fact in stated]
    data: dict[str, Any] = {"title": title} if title != name else {}
    summary = first_text(facts, "summary") or first_text(facts, "responsibility")
    owner = chosen(facts, "owner", land.team, f"the owner of {name}", f"externals.{name}.owner", land.open)
    spoken = list(
        dict.fromkeys(each for fact in (*facts, *calls) for each in protocols(fact.values.get("protocol", "")) if each != "async")
    )
    endpoints = {each: SPOKEN.get(each, {"protocol": each}) for each in spoken}
    land.unstated["hosts"].append(f"externals.{name}.endpoints")
    availability = chosen(
        facts, "availability", percentage, f"the availability of {name}", f"externals.{name}.quality.availability", land.open
    )
    limit = chosen(facts, "rate", rate, f"the limit of {name}", f"externals.{name}.limit", land.open)
    data |= {key: value for key, value in (("summary", summary), ("owner", owner)) if value}
    data["endpoints"] = endpoints or Noted({}, "not stated")
    data |= {
        key: value for key, value in (("quality", {"availability": availability} if availability else None), ("limit", limit)) if value
    }
    return Noted(data, f"{entity.sources[0]}, {'sure' if entity.weight >= 5 else 'likely'}")


def _decisions(found: Understanding, open_: Open) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for fact in found.facts:
        if fact.kind != "decision":
            continue
        name = _word(fact.names[0], "ADR", data)
        why = plain(fact.values.get("why", ""))
        if not why:
            open_.ask(f"Why was it decided: {plain(fact.values['decision'])[:120]}?", (f"decisions.{name}.why",), (fact.source,))
        rejected = [plain(part) for part in split_list(fact.values.get("rejected", ""), ",;") if not is_nothing(part)]
        data[name] = Noted(
            {
                "title": plain(fact.values["decision"])[:300],
                "why": Noted(why or "Not stated.", note([fact])),
                **({"rejected": rejected} if rejected else {}),
            },
            note([fact]),
        )
    return data


def _word(text: str, prefix: str, taken: Mapping[str, Any]) -> str:
    """An identifier as the document has it, else the next free number."""
    text = plain(text)
    if text.isdigit():
        text = f"{prefix}-{text}"
    if (
        re.fullmatch(r"[A-Za-z0-9_][-A-Za-z0-9_.]{0,30}", text)
        and text not in taken
        and len(text) > 1
        and any(each.isdigit() for each in text)
    ):
        return text
    return next(name for number in range(1, len(taken) + 2) if (name := f"{prefix}-{number}") not in taken)


WHAT_IS_UNSTATED = {
    "version": f"Which versions have the interfaces and events? The documents state none; {DRAFT_VERSION} stands for that.",
    "operations": "Which operations have these interfaces?",
    "protocol": "Over which protocol are these interfaces called, HTTP or gRPC?",
    "types": "Which types have these requests and answers? The documents name fields without their types, or only describe them.",
    "payload": "What do these events carry, and of which types?",
    "errors": "Which status has each of the errors that these operations answer with?",
    "store names": "What are these stores called? The documents only name their engines.",
    "engines": "Which engines do these stores have?",
    "hosts": "At which hosts and over which protocols are the third parties reached?",
}


def _ask_what_is_unstated(land: Landscape) -> None:
    for key, text in WHAT_IS_UNSTATED.items():
        if land.unstated.get(key):
            land.open.ask(text, sorted(land.unstated[key]))


def _ask_about_edges(land: Landscape) -> None:
    """Edges that the contract cannot hold as the documents state them."""
    found = land.found
    components = {each.name for each in found.components}
    for (sender, receiver), facts in sorted(found.edges.get("message", {}).items()):
        places = [place for name, place in ((sender, f"{sender}.publishes"), (receiver, f"{receiver}.consumes")) if name in components]
        land.open.ask(
            f"What are the messages from {sender} to {receiver} called, and what do they carry?", places, [fact.source for fact in facts]
        )
    by_event: dict[str, list[tuple[str, list[Fact]]]] = defaultdict(list)
    for (consumer, event), facts in sorted(found.edges.get("consumes", {}).items()):
        by_event[event].append((consumer, facts))
    for event, consumers in sorted(by_event.items()):
        if not land.publishers.get(event):
            names = ", ".join(consumer for consumer, _ in consumers)
            land.open.ask(
                f"Who publishes {event}, which {names} consumes?",
                [f"{consumer}.consumes" for consumer, _ in consumers if consumer in components],
                [fact.source for _, facts in consumers for fact in facts],
            )
    for event in sorted({event for event in land.publishers if event not in by_event}):
        publisher = land.publishers[event][0]
        land.open.ask(
            f"Who consumes {event} of {publisher}?",
            (f"{publisher}.publishes.{event}",),
            [fact.source for fact in found.edges["publishes"][publisher, event]],
        )


def _ask_about_names(found: Understanding, open_: Open) -> None:
    """Names that may mean two things, and things that documents call differently."""
    for text, entities in sorted(found.names.ambiguous.items()):
        open_.ask(f"What does {one_line(text)[:60]} mean: {', '.join(sorted(each.name for each in entities))}?")
    for entity in found.names.entities:
        if entity.doubtful and entity.kind in ("component", "external", "store"):
            other = entity.doubtful[0]
            open_.ask(
                f"Is {entity.name} a {entity.kind} ({entity.sources[0]}) or a {other.kind} ({other.source})?",
                (),
                (entity.sources[0], other.source),
            )


def _questions(found: Understanding, open_: Open, land: Landscape) -> list[Question]:
    """Those of the architects under their own names, then those that came up here."""
    names: dict[str, Question] = {}
    for fact in found.facts:
        text = plain(fact.values.get("question", ""))
        if fact.kind == "question" and len(text) > 3:
            name = _word(fact.names[0], "OQ", names)
            needed = re.search(r"\d{4}-\d{2}-\d{2}", fact.values.get("needed", ""))
            names[name] = Question(
                text, (), (fact.source,), name, land.team(fact.values.get("owner", "")) or "", needed[0] if needed else ""
            )
    asked = sorted(dict.fromkeys(open_.questions), key=lambda each: (each.text, each.settles))
    drafted = [Question(each.text, each.settles, each.sources, f"XQ-{number}") for number, each in enumerate(asked, 1)]
    return [*names.values(), *drafted]


def _question(question: Question, land: Landscape) -> Noted:
    data: dict[str, Any] = {"question": one_line(question.text)[:1000]}
    data |= {"owner": question.owner} if question.owner in land.teams else {}
    data |= {"needed_by": question.needed} if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", question.needed) else {}
    data |= {"settles": sorted(question.settles)} if question.settles else {}
    return Noted(data, ", ".join(str(source) for source in question.sources[:3]))


# --- what was not understood ------------------------------------------------------------------------------------------


def _text(placed: Placed) -> str:
    block = placed.block
    match block:
        case Title():
            return block.heading.text
        case Diagram():
            return "\n".join(block.lines)
        case Item() | Row() | Sentence():
            return whole_of(block)


def _not_understood(found: Understanding) -> list[tuple[Source, str]]:
    """Lines that no rule has made anything of, in the order of the documents; headings say nothing by themselves."""
    known = {*found.understood, *(fact.source for fact in found.facts)}
    left: dict[Source, str] = {}
    for placed in found.placed:
        block = placed.block
        if isinstance(block, Title) or block.source in known:
            continue
        if isinstance(block, Diagram):
            left |= {
                at: line.strip()
                for number, line in enumerate(block.lines, 1)
                if line.strip() and (at := Source(block.source.file, block.source.line + number)) not in known
            }
        elif _text(placed).strip(" |"):
            left.setdefault(block.source, _text(placed))
    return [(source, one_line(text)[:300]) for source, text in sorted(left.items())]
