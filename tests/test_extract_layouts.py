"""One system written down in the layouts, labels, heads and headings that architects use: all of them are read as the same system."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_extract import found

from generator.extract import extract
from generator.extract.vocabulary import concept_of, section_of

SPOKEN = {"grpc": "gRPC", "http": "REST", "smtp": "SMTP", "sftp": "SFTP", "tcp": "TCP"}


@dataclass(frozen=True)
class Call:
    end: str
    protocol: str
    why: str

    @property
    def spoken(self) -> str:
        return SPOKEN[self.protocol]

    @property
    def the(self) -> str:
        return f"the {self.end}" if " " in self.end else self.end


@dataclass(frozen=True)
class Part:
    name: str
    task: str
    calls: tuple[Call, ...] = ()
    publishes: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()
    store: tuple[str, str] | None = None


PARTS = (
    Part(
        "Order Desk",
        "Takes orders from customers.",
        (Call("Price Engine", "grpc", "quotes"), Call("Stripe", "http", "payments")),
        ("OrderPlaced", "OrderCancelled"),
        ("ParcelShipped",),
        ("order database", "PostgreSQL"),
    ),
    Part(
        "Price Engine",
        "Knows all prices.",
        (Call("Terralux", "sftp", "paper prices"),),
        ("PriceChanged",),
        ("OrderCancelled",),
        ("price store", "MongoDB"),
    ),
    Part(
        "Packing Service",
        "Tells people what to pack.",
        (Call("Order Desk", "http", "addresses"), Call("Scale Controller", "tcp", "weights")),
        ("ParcelShipped",),
        ("OrderPlaced", "OrderCancelled"),
        ("packing database", "MySQL"),
    ),
    Part("Mail Worker", "Sends mails.", (Call("Mailgun", "smtp", "mails"),), (), ("OrderPlaced", "ParcelShipped")),
    Part(
        "Customer Portal",
        "The web site that customers use.",
        (Call("Order Desk", "http", "orders"), Call("Price Engine", "grpc", "prices")),
    ),
)


def slug(name: str) -> str:
    return name.lower().replace(" ", "-")


WANTED: dict[str, set[Any]] = {
    "components": {slug(part.name) for part in PARTS},
    "externals": {"stripe", "mailgun", "terralux", "scale-controller"},
    "interactions": {("call", slug(part.name), slug(call.end), call.protocol) for part in PARTS for call in part.calls},
    "events": {(event, "by", slug(part.name)) for part in PARTS for event in part.publishes}
    | {(event, "to", slug(part.name)) for part in PARTS for event in part.consumes},
    "stores": {(slug(part.store[0]), slug(part.name)) for part in PARTS if part.store},
}
ALL = tuple(WANTED)


def check(text: str, *kinds: str) -> None:
    got = found(extract({"component-design_shop.md": text}, "shop"))
    assert {kind: got[kind] for kind in kinds or ALL} == {kind: WANTED[kind] for kind in kinds or ALL}, text


def joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# --- cards: what is said of each part ---------------------------------------------------------------------------------

LABELS = (
    "Purpose|Calls|Publishes|Consumes|Data", "Role|Relies on|Announces|Reacts to|Keeps", "What|Talks to|Emits|Listens to|DB", "Task|Required interfaces|Events out|Events in|Storage",
    "Mission|Dependencies|Produces|Subscribes to|Data held", "Responsibility|Outgoing calls|Events published|Events consumed|Persistence", "Job|Uses|Raises|Hears|Holds", "Aufgabe|Ruft auf|Publiziert|Konsumiert|Datenhaltung",
    "Rôle|Appelle|Publie|Écoute|Données", "In short|Needs|Tells others|Picks up|Remembers",
)  # fmt: skip
TITLES = [
    "Components",
    "Building blocks",
    "Services",
    "The pieces",
    "Software items",
    "What we run",
    "Bausteine",
    "Composants",
    "Who is who",
    "Component cards",
]
Card = tuple[str, list[tuple[str, str]]]


def cards(
    labels: str,
    *,
    in_code: bool,
    nothing: str,
    calls: Callable[[Part], str],
    events: Callable[[Sequence[str]], str],
    store: Callable[[tuple[str, str]], str],
) -> list[Card]:
    task, calling, telling, hearing, keeping = labels.split("|")
    made: list[Card] = []
    for part in PARTS:
        spell = [f"`{each}`" if in_code else each for each in part.publishes], [f"`{each}`" if in_code else each for each in part.consumes]
        said = (
            (calling, calls(part) if part.calls else nothing),
            (telling, events(spell[0]) if part.publishes else nothing),
            (hearing, events(spell[1]) if part.consumes else nothing),
            (keeping, store(part.store) if part.store else nothing),
        )
        made.append((part.name, [(task, part.task), *((label, value) for label, value in said if value)]))
    return made


def plain_calls(part: Part) -> str:
    return ", ".join(f"{call.end} ({call.spoken})" for call in part.calls)


def plain_store(store: tuple[str, str]) -> str:
    return f"{store[0]} ({store[1]})"


def headed(title: str, body: str) -> str:
    return f"# Shop Platform\n\nSome words on why we do this, and for whom.\n\n## {title}\n\n{body}"


def each_below(heading: str, entry: str, between: str = "\n") -> Callable[[list[Card]], str]:
    return lambda made: "".join(
        heading.format(name=name, code=slug(name), number=number)
        + between.join(entry.format(label=label, value=value, bare=value.rstrip(".")) for label, value in said)
        + "\n\n"
        for number, (name, said) in enumerate(made, 1)
    )


def each_after(heading: str, entry: str, between: str = "\n", end: str = "\n") -> Callable[[list[Card]], str]:
    """The task stands beside the name."""
    return lambda made: "".join(
        heading.format(name=name, task=said[0][1], number=number)
        + between.join(entry.format(label=label, value=value) for label, value in said[1:])
        + end
        for number, (name, said) in enumerate(made, 1)
    )


def one_table(made: list[Card]) -> str:
    heads = list(dict.fromkeys(label for _, said in made for label, _ in said))
    rows = "".join(f"| **{name}** | {' | '.join(dict(said).get(head, '–') for head in heads)} |\n" for name, said in made)
    return f"| Component | {' | '.join(heads)} |\n|{'---|' * (len(heads) + 1)}\n{rows}"


LAYOUTS: dict[str, Callable[[list[Card]], str]] = {
    "bullets below headings": each_below("### {name}\n\n", "- **{label}:** {value}"),
    "plain bullets": each_below("### {name}\n\n", "- {label}: {value}"),
    "italics and dashes": each_below("### {name}\n\n", "* *{label}* – {value}"),
    "numbered headings": each_below("### 3.{number} {name}\n\n", "- **{label}**: {value}"),
    "labelled lines": each_below("### {name}\n\n", "**{label}:** {value}  "),
    "plain lines": each_below("### {name}\n\n", "{label}: {value}"),
    "labelled paragraphs": each_below("### {name}\n\n", "**{label}.** {value}", "\n\n"),
    "italic lines": each_below("### {name}\n\n", "*{label}:* {value}"),
    "run-in heads": each_below("### {name}\n\n", "**{label}.** {bare}.", " "),
    "run-in heads with colons": each_below("### {name}\n\n", "**{label}:** {bare}.", " "),
    "italic run-in heads": each_below("### {name}\n\n", "*{label}:* {bare}.", " "),
    "cards": each_below("### {name}\n\n| | |\n|---|---|\n", "| {label} | {value} |"),
    "tables of aspects": each_below("### {name}\n\n| Aspect | Description |\n|---|---|\n", "| **{label}** | {value} |"),
    "headings that are labels": each_below("### {name}\n\n", "#### {label}\n\n{value}\n", "\n"),
    "headings in code": each_below("### `{code}`\n\n", "- **{label}:** {value}"),
    "bold lines": each_below("**{name}**\n\n", "- {label}: {value}"),
    "bold lines, plain labels": each_below("**{name}**\n", "{label}: {value}"),
    "nested bullets": each_below("- **{name}**\n", "  - {label}: {value}"),
    "nested below a task": each_after("- **{name}** – {task}\n", "  - {label}: {value}"),
    "nested italics": each_after("- {name}: {task}\n", "  - *{label}*: {value}"),
    "numbered": each_after("{number}. **{name}**: {task}\n", "   - {label}: {value}"),
    "in one bullet": each_after("- **{name}**: {task} ", "{label}: {value}.", " "),
    "in one bullet, italics": each_after("- **{name}** – {task} ", "*{label}:* {value}.", " "),
    "bold with a dash": each_after("**{name}** – {task}\n", "- {label}: {value}", "\n", "\n\n"),
    "bold sentences": each_after("**{name}.** {task} ", "{label}: {value}.", " ", "\n\n"),
    "definitions": each_after("**{name}**\n: {task} ", "*{label}:* {value}.", " ", "\n\n"),
    "one table": one_table,
}  # fmt: skip


def of(labels: str, *, in_code: bool = True, nothing: str = "") -> list[Card]:
    return cards(labels, in_code=in_code, nothing=nothing, calls=plain_calls, events=", ".join, store=plain_store)


@pytest.mark.parametrize(("number", "layout"), list(enumerate(LAYOUTS)), ids=list(LAYOUTS))
def test_layouts(number: int, layout: str) -> None:
    for step, in_code, nothing in ((0, True, "none"), (3, False, ""), (7, True, "")):
        at = (number + step) % len(LABELS)
        made = of(LABELS[at], in_code=in_code, nothing=nothing)
        check(headed(TITLES[at], LAYOUTS[layout](made)))


def test_headings_of_parts_alone() -> None:
    for prefix in ("## Component: ", "## "):
        check("# Shop Platform\n\nSome words.\n\n" + each_below(prefix + "{name}\n\n", "- **{label}:** {value}")(of(LABELS[0])))


CALLS: dict[str, Callable[[Part], str]] = {
    "over": lambda part: "; ".join(f"{call.end} over {call.spoken}" for call in part.calls),
    "protocol to": lambda part: ", ".join(f"{call.spoken} to {call.the}" for call in part.calls),
    "via": lambda part: joined([f"{call.the} via {call.spoken}" for call in part.calls]),
    "square": lambda part: "; ".join(f"{call.end} [{call.spoken}]" for call in part.calls),
    "dash": lambda part: "; ".join(f"{call.end} – {call.spoken}, for {call.why}" for call in part.calls),
    "arrows": lambda part: " ".join(f"→ {call.end} ({call.spoken})" for call in part.calls),
    "colon": lambda part: "; ".join(f"{call.end}: {call.spoken}" for call in part.calls),
    "why first": lambda part: ", ".join(f"{call.end} ({call.why}, {call.spoken})" for call in part.calls),
    "protocol first": lambda part: "; ".join(f"{call.spoken}: {call.end}" for call in part.calls),
    "sentences": lambda part: " ".join(f"It asks {call.the} for {call.why} ({call.spoken})." for call in part.calls),
    "slash": lambda part: ", ".join(f"{call.end}/{call.spoken}" for call in part.calls),
    "code": lambda part: ", ".join(f"`{slug(call.end)}` ({call.spoken})" for call in part.calls),
    "door": lambda part: "; ".join(f"the {call.spoken} {'API' if call.protocol in ('http', 'grpc') else 'server'} of {call.the} ({call.why})" for call in part.calls),
    "comma": lambda part: "; ".join(f"{call.end}, {call.spoken}" for call in part.calls),
    "nested": lambda part: "".join(f"\n  - {call.end} ({call.spoken})" for call in part.calls),
    "nested bold": lambda part: "".join(f"\n  - **{call.end}**: {call.why} over {call.spoken}" for call in part.calls),
    "nested sentences": lambda part: "".join(f"\n  - fetches {call.why} from {call.the} over {call.spoken}" for call in part.calls),
}  # fmt: skip


def cased(event: str, between: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", between, event)


EVENTS: dict[str, Callable[[Sequence[str]], str]] = {
    "and": lambda told: joined([f"`{each}`" for each in told]),
    "when": lambda told: "; ".join(f"`{each}` when all is done" for each in told),
    "dash": lambda told: "; ".join(f"`{each}` – something has happened" for each in told),
    "nested": lambda told: "".join(f"\n  - `{each}` – something has happened to an order" for each in told),
    "dotted": lambda told: ", ".join(f"`{cased(each, '.').lower()}`" for each in told),
    "capitals": lambda told: ", ".join(f"`{cased(each, '_').upper()}`" for each in told),
    "topics": lambda told: ", ".join(f"`{each}` (topic `shop.{each.lower()}.v1`)" for each in told),
    "arrow": lambda told: "; ".join(f"{each} → something is done" for each in told),
    "the event": lambda told: joined([f"the {each} event" for each in told]),
}
STORES: dict[str, Callable[[tuple[str, str]], str]] = {
    "engine first": lambda store: f"{store[1]}, {store[0]}",
    "article": lambda store: f"the {store[0]}, {store[1]} 15",
    "code": lambda store: f"`{slug(store[0])}` on {store[1]}",
    "called": lambda store: f"A {store[1]} database called {slug(store[0])}",
    "colon": lambda store: f"{store[1]}: {store[0]}",
    "in brackets": lambda store: f"{store[1]} ({store[0]})",
    "as": lambda store: f"{store[1]} as {store[0]}",
    "slash": lambda store: f"{store[0]} / {store[1]}",
    "sentence": lambda store: f"Everything is kept in the {store[0]}, a {store[1]} database.",
}


@pytest.mark.parametrize("way", CALLS)
def test_calls_below_a_label(way: str) -> None:
    made = cards(LABELS[0], in_code=True, nothing="", calls=CALLS[way], events=", ".join, store=plain_store)
    if way == "code":  # a name in code that nothing knows may be an operation
        made = [
            (
                name,
                [(label, value.replace("`scale-controller`", "Scale Controller").replace("`stripe`", "Stripe")) for label, value in said],
            )
            for name, said in made
        ]
    check(headed("Components", LAYOUTS["bullets below headings"](made)))


@pytest.mark.parametrize("way", EVENTS)
def test_events_below_a_label(way: str) -> None:
    made = cards(LABELS[0], in_code=False, nothing="", calls=plain_calls, events=EVENTS[way], store=plain_store)
    check(headed("Components", LAYOUTS["bullets below headings"](made)))


@pytest.mark.parametrize("way", STORES)
def test_stores_below_a_label(way: str) -> None:
    made = cards(LABELS[0], in_code=True, nothing="", calls=plain_calls, events=", ".join, store=STORES[way])
    check(headed("Components", LAYOUTS["bullets below headings"](made)))


# --- lists and tables of calls, events and stores ---------------------------------------------------------------------

PAIRS = tuple((part.name, call) for part in PARTS for call in part.calls)
LISTED = "".join(f"- **{part.name}**: {part.task}\n" for part in PARTS)
TOLD = {
    event: ([part.name for part in PARTS if event in part.publishes], [part.name for part in PARTS if event in part.consumes])
    for event in dict.fromkeys(event for part in PARTS for event in part.publishes)
}
KEPT = tuple((part.name, *part.store) for part in PARTS if part.store)
ENTRIES: dict[str, Callable[[str, Call], str]] = {
    "arrow": lambda start, call: f"- {start} → {call.end} ({call.spoken})",
    "ascii arrow": lambda start, call: f"- {start} -> {call.end}: {call.spoken}, {call.why}",
    "protocol in the arrow": lambda start, call: f"- {start} --{call.spoken}--> {call.end}",
    "bold": lambda start, call: f"- **{start} → {call.end}:** {call.why}, {call.spoken}",
    "code": lambda start, call: f"- `{slug(start)}` → `{slug(call.end)}` ({call.spoken})",
    "to": lambda start, call: f"- {start} to {call.end}: {call.spoken}, {call.why}",
    "bold to": lambda start, call: f"- **{start} to {call.end}.** {call.why.title()} over {call.spoken}.",
    "calls": lambda start, call: f"- {start} calls {call.end} ({call.spoken})",
    "protocol first": lambda start, call: f"- {call.spoken}: {start} → {call.end}",
    "protocol in brackets": lambda start, call: f"- [{call.spoken}] {start} → {call.end}: {call.why}",
    "numbered": lambda start, call: f"1. {start} → {call.end} ({call.spoken}): {call.why}",
    "slashes": lambda start, call: f"- {start} / {call.end} / {call.spoken} / {call.why}",
    "dash": lambda start, call: f"- {start} – {call.end}: {call.spoken}",
    "why first": lambda start, call: f"- {call.why} ({call.spoken}): {start} → {call.end}",
    "headings": lambda start, call: f"### {start} → {call.end}\n\n{call.spoken}. {call.why.title()}.\n",
    "lines": lambda start, call: f"{start} → {call.end} ({call.spoken})  ",
}  # fmt: skip
GROUPS: dict[str, Callable[[Part], str]] = {
    "arrows below": lambda part: f"- {part.name}\n" + "".join(f"  - → {call.end} ({call.spoken})\n" for call in part.calls),
    "verb above": lambda part: (
        f"- **{part.name}** calls\n" + "".join(f"  - {call.the} ({call.spoken}) for {call.why}\n" for call in part.calls)
    ),
    "lead": lambda part: f"{part.name}:\n\n" + "".join(f"- {call.end}, {call.spoken}\n" for call in part.calls) + "\n",
    "one arrow": lambda part: f"- {part.name} → " + ", ".join(f"{call.end} ({call.spoken})" for call in part.calls) + "\n",
}
TELLINGS: dict[str, Callable[[str, list[str], list[str]], str]] = {
    "by and by": lambda event, tells, hears: f"- **{event}**: published by {joined(tells)}" + (f", consumed by {joined(hears)}" if hears else ""),
    "in brackets": lambda event, tells, hears: f"- {event} ({joined(tells)}" + (f" → {', '.join(hears)})" if hears else ")"),
    "listen": lambda event, tells, hears: f"- The {tells[0]} publishes `{event}`" + (f"; {joined(hears)} listen." if len(hears) > 1 else f"; {hears[0]} listens." if hears else "."),
    "chain": lambda event, tells, hears: f"- {joined(tells)} → {event}" + (f" → {', '.join(hears)}" if hears else ""),
    "semicolons": lambda event, tells, hears: f"- `{event}`; {joined(tells)}; {', '.join(hears) or '-'}",
    "told and taken": lambda event, tells, hears: f"- {event}: told by {joined(tells)}" + (f", taken up by {joined(hears)}" if hears else ""),
    "nested": lambda event, tells, hears: f"- {event}\n  - publisher: {joined(tells)}\n  - consumers: {', '.join(hears) or 'none'}",
}  # fmt: skip
KEEPINGS: dict[str, Callable[[str, str, str], str]] = {
    "colon": lambda owner, name, engine: f"- {name} ({engine}): {owner}",
    "owned by": lambda owner, name, engine: f"- {name} – {engine}, owned by {owner}",
    "owner first": lambda owner, name, engine: f"- {owner}: {name} ({engine})",
    "of": lambda owner, name, engine: f"- {name} of the {owner}: {engine}",
    "used by": lambda owner, name, engine: f"- {engine} ({name}), used by {owner}",
    "belongs to": lambda owner, name, engine: f"- The {name} ({engine}) belongs to the {owner}.",
    "nested": lambda owner, name, engine: f"- {name}\n  - engine: {engine}\n  - owner: {owner}",
}


def listed(section: str, entries: Iterator[str] | list[str]) -> str:
    return headed("Components", f"{LISTED}\n## {section}\n\n" + "\n".join(entries) + "\n")


@pytest.mark.parametrize("way", ENTRIES)
def test_lists_of_calls(way: str) -> None:
    check(listed("Interactions", (ENTRIES[way](start, call) for start, call in PAIRS)), "components", "externals", "interactions")


@pytest.mark.parametrize("way", GROUPS)
def test_groups_of_calls(way: str) -> None:
    check(listed("Who talks to whom", (GROUPS[way](part) for part in PARTS)), "components", "externals", "interactions")


@pytest.mark.parametrize("way", TELLINGS)
def test_lists_of_events(way: str) -> None:
    check(listed("Events", (TELLINGS[way](event, *ends) for event, ends in TOLD.items())), "components", "events")


@pytest.mark.parametrize("way", KEEPINGS)
def test_lists_of_stores(way: str) -> None:
    check(listed("Data", (KEEPINGS[way](*kept) for kept in KEPT)), "components", "stores")


HEADS = (
    "From|To|Protocol", "Caller|Callee|Via", "Calling side|Called side|By", "Who|Whom|How", "Who calls|Who is called|With", "Asker|Answerer|Means", "Requester|Responder|Interface", "Initiator|Target|Technology",
    "Sender|Receiver|Style", "Left side|Right side|Protocol", "A|B|Wire", "Aufrufer|Aufgerufener|Weg", "Appelant|Appelé|Protocole", "Side A|Side B|Medium", "Source|Target|Kind",
)  # fmt: skip
TABLES: dict[str, Callable[[str, str, str], str]] = {
    "short": lambda start, end, how: f"| {start} | {end} | {how} |\n|---|---|---|\n" + "".join(f"| {name} | {call.end} | {call.spoken} |\n" for name, call in PAIRS),
    "numbered": lambda start, end, how: f"| ID | {start} | {how} | {end} | Timeout |\n|---|---|---|---|---|\n"
    + "".join(f"| I-{number:02} | {name} | {call.spoken} | {call.end} | 500 ms |\n" for number, (name, call) in enumerate(PAIRS, 1)),
    "several": lambda start, end, how: f"| {start} | {end} (protocol) |\n|---|---|\n" + "".join(f"| {part.name} | {plain_calls(part)} |\n" for part in PARTS),
    "in one cell": lambda start, end, how: f"| Connection | {how} | What |\n|---|---|---|\n" + "".join(f"| {name} to {call.end} | {call.spoken} | {call.why} |\n" for name, call in PAIRS),
    "in a text": lambda start, end, how: f"| {start} | {end} | What and how |\n|---|---|---|\n" + "".join(f"| {name} | {call.end} | {call.why} over {call.spoken} |\n" for name, call in PAIRS),
}  # fmt: skip


@pytest.mark.parametrize(
    ("heads", "shape"),
    [
        (heads, list(TABLES)[(number + step) % len(TABLES)])
        for (number, heads), step in itertools.product(enumerate(HEADS), (0, 2))
        if (heads, list(TABLES)[(number + step) % len(TABLES)]) != ("A|B|Wire", "several")
    ],
)
def test_tables_of_calls(heads: str, shape: str) -> None:
    check(headed("Components", f"{LISTED}\n## Interfaces\n\n{TABLES[shape](*heads.split('|'))}"), "components", "externals", "interactions")


EVENT_HEADS = [
    "Publisher|Consumers",
    "Emitter|Listeners",
    "Sent by|Received by",
    "Who sends|Who listens",
    "Said by|Heard by",
    "Source|Destinations",
    "Comes from|Goes to",
    "Announced by|Interested",
    "Quelle|Geht an",
    "Émis par|Reçu par",
    "Speaker|Audience",
]


@pytest.mark.parametrize("heads", EVENT_HEADS)
def test_tables_of_events(heads: str) -> None:
    tells, hears = heads.split("|")
    first = "".join(f"| {event} | {joined(ends[0])} | {joined(ends[1]) if ends[1] else 'nobody yet'} |\n" for event, ends in TOLD.items())
    middle = "".join(f"| {', '.join(ends[0])} | `{event}` | {', '.join(ends[1]) or '–'} |\n" for event, ends in TOLD.items())
    for table in (f"| Name | {tells} | {hears} |\n|---|---|---|\n{first}", f"| {tells} | Event | {hears} |\n|---|---|---|\n{middle}"):
        check(headed("Components", f"{LISTED}\n## Event catalogue\n\n{table}"), "components", "events")


OTHERS = tuple((start, call) for start, call in PAIRS if slug(call.end) in WANTED["externals"])
ACQUAINTANCES: dict[str, Callable[[str, Call], str]] = {
    "called by": lambda start, call: f"- **{call.end}** – {call.why}; called by the {start} over {call.spoken}",
    "protocol beside the name": lambda start, call: f"- {call.end} ({call.spoken}): {call.why}, used by {start}",
    "sentence": lambda start, call: f"- **{call.end}**: {call.why}. The {start} reaches it over {call.spoken}.",
    "bold name in a sentence": lambda start, call: f"- **{call.end}** gives us {call.why}; {start} asks it by {call.spoken}.",
    "labels": lambda start, call: f"- **{call.end}.** {call.why.title()}. Used by: {start}. Protocol: {call.spoken}.",
    "nested": lambda start, call: f"- {call.end}\n  - purpose: {call.why}\n  - protocol: {call.spoken}\n  - used by: {start}",
    "headings": lambda start, call: f"### {call.end}\n\n- Used by: {start}\n- Protocol: {call.spoken}\n",
}  # fmt: skip
PARTNER_HEADS = [
    "System|Purpose|Protocol|Used by", "Third party|What for|How|Who of ours", "Partner|Remarks|Interface|Called by", "Neighbour|We get|By|Component", "System|What|Protocol|Speaks with", "Vendor|Product use|Technology|Consumer",
]  # fmt: skip
OUTSIDE = ["Third parties", "External systems", "Neighbours", "Outside world", "Partners", "What we don't run", "Not ours"]


def check_others(number: int, body: str) -> None:
    for section in (OUTSIDE[number % len(OUTSIDE)], OUTSIDE[(number + 3) % len(OUTSIDE)]):
        got = found(extract({"a.md": headed("Components", f"{LISTED}\n## {section}\n\n{body}\n")}, "shop"))
        assert got["interactions"] == {("call", slug(start), slug(call.end), call.protocol) for start, call in OTHERS}
        assert (got["components"], got["externals"]) == (WANTED["components"], WANTED["externals"])


@pytest.mark.parametrize(("number", "way"), list(enumerate(ACQUAINTANCES)), ids=list(ACQUAINTANCES))
def test_lists_of_third_parties(number: int, way: str) -> None:
    check_others(number, "\n".join(ACQUAINTANCES[way](start, call) for start, call in OTHERS))


@pytest.mark.parametrize(("number", "heads"), list(enumerate(PARTNER_HEADS)), ids=PARTNER_HEADS)
def test_tables_of_third_parties(number: int, heads: str) -> None:
    rows = "".join(f"| {call.end} | {call.why} | {call.spoken} | {start} |\n" for start, call in OTHERS)
    check_others(number, f"| {' | '.join(heads.split('|'))} |\n|---|---|---|---|\n{rows}")


# --- words ------------------------------------------------------------------------------------------------------------

WORDS = yaml.safe_load((Path(__file__).parent / "extract_vocabulary.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("concept", WORDS["headings"])
def test_headings(concept: str) -> None:
    assert {heading: section_of(heading) for heading in WORDS["headings"][concept]} == dict.fromkeys(WORDS["headings"][concept], concept)


@pytest.mark.parametrize("concept", WORDS["labels"])
def test_labels(concept: str) -> None:
    assert {label: concept_of(label) for label in WORDS["labels"][concept]} == dict.fromkeys(WORDS["labels"][concept], concept)


@pytest.mark.parametrize("rule", WORDS["usual protocol"])
def test_what_is_spoken_where_nothing_is_said(rule: str) -> None:
    text = f"# Shop\n\n## Components\n\n- **Order Service**: takes orders\n- **Stock Service**: counts\n- **Mail Worker**: mails\n\n## Interactions\n\n{rule}\n\n- The Order Service calls the Stock Service.\n- The Mail Worker asks the Order Service.\n"
    got = found(extract({"a.md": text}, "shop"))
    assert got["interactions"] == {("call", "order-service", "stock-service", "http"), ("call", "mail-worker", "order-service", "http")}
