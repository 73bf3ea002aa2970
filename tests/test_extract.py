"""Session documents of many styles become a draft contract: measured against what people say is in them, never invented, never failing."""

from __future__ import annotations

import random
import re
import time
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.extract import Draft, extract, report, report_data
from generator.extract.choosing import Open
from generator.extract.landscape import landscape
from generator.link import link
from generator.model import System
from generator.read import read
from generator.review import review

FOLDER = Path(__file__).parent / "extract"
CASES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
KINDS = ("components", "externals", "interactions", "events", "stores")
UNSEEN = FOLDER.parent / "extract_unseen"
LATER = FOLDER.parent / "extract_later"
"""Short documents, many of them prose, by writers who knew no rule either."""
FLOORS = (
    ("components", 0.985, 0.995),
    ("externals", 0.965, 0.935),
    ("interactions", 0.955, 0.915),
    ("events", 0.985, 0.955),
    ("stores", 0.98, 0.955),
)
EARLIER = [
    "airport-baggage",
    "auction-house",
    "bike-insurance",
    "blood-supply",
    "book-publisher",
    "city-archive",
    "customs",
    "drone-survey",
    "ferry-operations",
    "flood-warning",
    "food-rescue",
    "greenhouse",
    "hiring",
    "legal-discovery",
    "museum-ticketing",
    "patient-transport",
    "pension-fund",
    "product-recalls",
    "recording-studio",
    "student-loans",
    "tax-refunds",
    "tenant-repairs",
    "toll-road",
    "vaccine-cold-chain",
    "visa-applications",
    "water-metering",
    "wind-farm",
]
"""The documents that were there first, and what has been reached with them."""
FLOORS_OF_LATER = (
    ("components", 0.955, 0.965),
    ("externals", 0.83, 0.78),
    ("interactions", 0.835, 0.72),
    ("events", 0.945, 0.835),
    ("stores", 0.865, 0.79),
)
FLOORS_OF_EARLIER = (
    ("components", 0.99, 0.99),
    ("externals", 0.95, 0.86),
    ("interactions", 0.95, 0.88),
    ("events", 0.99, 0.925),
    ("stores", 0.98, 0.935),
)
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.9
ALL = [
    *((case, FOLDER) for case in CASES),
    *((path.name, folder) for folder in (UNSEEN, LATER) for path in sorted(folder.iterdir()) if path.is_dir()),
]
of_all = pytest.mark.parametrize(("case", "folder"), ALL, ids=lambda each: each if isinstance(each, str) else each.name)


def documents(case: str, folder: Path = FOLDER) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / case).glob("*.md"))}


@cache
def drafted(case: str, folder: Path = FOLDER) -> Draft:
    return extract(documents(case, folder), case)


def stated(case: str, folder: Path = FOLDER) -> dict[str, set[Any]]:
    """What a person who has read the documents says is in them."""
    truth = yaml.safe_load((folder / case / "truth.yaml").read_text(encoding="utf-8"))
    interactions = set()
    for kind, key in (("call", "calls"), ("message", "messages")):
        for line in truth.get(key, ()):
            start, _, end, *protocol = line.split()
            interactions.add((kind, start, end, *protocol))
    events = set()
    for event, line in truth["events"].items():
        publisher, _, consumers = line.partition("->")
        events |= {(event, "by", each.strip()) for each in publisher.split(",")} | {
            (event, "to", each.strip()) for each in consumers.split(",") if each.strip()
        }
    stores = {(name, owner) for name, owners in truth["stores"].items() for owner in ([owners] if isinstance(owners, str) else owners)}
    return {
        "components": set(truth["components"]),
        "externals": set(truth["externals"]),
        "interactions": interactions,
        "events": events,
        "stores": stores,
    }


def found(draft: Draft) -> dict[str, set[Any]]:
    """The same of a draft, as its statements were understood."""
    known = draft.understanding
    interactions = set()
    for pair, facts in known.edges.get("call", {}).items():
        ordered = sorted(facts, key=lambda fact: -fact.authority)
        protocol = next((fact.values["protocol"] for fact in ordered if fact.values.get("protocol")), None)
        interactions.add(("call", *pair, *([protocol] if protocol else [])))
    interactions |= {("message", *pair) for pair in known.edges.get("message", {})}
    events = {(event, "by", publisher) for publisher, event in known.edges.get("publishes", {})}
    events |= {(event, "to", consumer) for consumer, event in known.edges.get("consumes", {})}
    owners = landscape(known, Open(), {}).owners
    return {
        "components": {each.name for each in known.components},
        "externals": {each.name for each in known.externals},
        "interactions": interactions,
        "events": events,
        "stores": {(store.partition("@")[0], owner) for store, owner in owners.items()},
    }


@cache
def found_in(case: str, folder: Path = FOLDER) -> dict[str, set[Any]]:
    return found(drafted(case, folder))


def loaded(draft: Draft, folder: Path) -> System:
    for file, text in draft.files.items():
        (folder / file).write_text(text, encoding="utf-8")
    system, wrong = read(folder)
    assert wrong == [], "\n".join(map(str, wrong))
    assert system is not None
    return system


# --- how much is found, and how much of it is right ------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_precision_and_recall(kind: str) -> None:
    right = said = true = 0
    for case in CASES:
        got, want = found_in(case)[kind], stated(case)[kind]
        right, said, true = right + len(got & want), said + len(got), true + len(want)
    assert right / said >= LEAST_PRECISION, f"{kind}: {right} of {said} are right"
    assert right / true >= LEAST_RECALL, f"{kind}: {right} of {true} are found"


@pytest.mark.parametrize("kind", KINDS)
def test_documents_that_no_rule_was_made_for(kind: str) -> None:
    """`held-out-…` were written when the rules were done; rules must not be tuned for them, so what is asked of them is less."""
    cases = [case for case in CASES if case.startswith("held-out-")]
    got = [(case, each) for case in cases for each in found_in(case)[kind]]
    want = {(case, each) for case in cases for each in stated(case)[kind]}
    right = len(want & set(got))
    assert right / len(got) >= 0.85
    assert right / len(want) >= 0.6


@pytest.mark.parametrize(("kind", "precision", "recall"), FLOORS)
def test_documents_by_somebody_who_knew_no_rule(kind: str, precision: float, recall: float) -> None:
    """What has been reached with these documents; it may only rise, up to what is asked of the others, and never by a rule that is made for one of them."""
    reaches(sorted(path.name for path in UNSEEN.iterdir() if path.is_dir()), kind, precision, recall)


@pytest.mark.parametrize(("kind", "precision", "recall"), FLOORS_OF_LATER)
def test_short_documents_by_somebody_who_knew_no_rule(kind: str, precision: float, recall: float) -> None:
    """The same of those that are mostly prose, of which less is reached."""
    reaches(sorted(path.name for path in LATER.iterdir() if path.is_dir()), kind, precision, recall, LATER)


@pytest.mark.parametrize(("kind", "precision", "recall"), FLOORS_OF_EARLIER)
def test_what_had_been_reached_is_kept(kind: str, precision: float, recall: float) -> None:
    """Others that come later do not hide what is lost with those that were there."""
    reaches(EARLIER, kind, precision, recall)


def reaches(cases: Sequence[str], kind: str, precision: float, recall: float, folder: Path = UNSEEN) -> None:
    got = {(case, each) for case in cases for each in found_in(case, folder)[kind]}
    want = {(case, each) for case in cases for each in stated(case, folder)[kind]}
    right = len(want & got)
    assert right / len(got) >= precision
    assert right / len(want) >= recall


# --- what comes out --------------------------------------------------------------------------------------------------


@of_all
def test_the_draft_loads_and_check_says_what_is_left(case: str, folder: Path, tmp_path: Path) -> None:
    system = loaded(drafted(case, folder), tmp_path)
    graph, unlinked = link(system)
    assert {each.code for each in unlinked} <= {"unclear-protocol"}, "an interface without operations is offered over nothing"
    codes = {each.code for each in review(graph)}
    assert "unknown-place" not in codes, "a question settles a place that the contract cannot have"


@of_all
def test_every_fact_stands_on_a_line_that_says_so(case: str, folder: Path) -> None:
    """Nothing is invented: the line that a fact cites has a word of it, or its initials."""
    texts = documents(case, folder)
    for fact in drafted(case, folder).facts:
        lines = texts[fact.source.file].split("\n")
        assert 1 <= fact.source.line <= len(lines)
        cited = " ".join(around(lines, fact.source.line - 1))
        said = words(" ".join([*fact.names, *fact.values.values()]))
        initials = {"".join(word[0] for word in words(name)) for name in fact.names if name}
        is_short = any(drawn_from(word, words(name)) for word in words(cited) for name in fact.names if name)
        assert any(word[:4] in folded(cited) for word in said) or initials & set(words(cited)) or is_short, fact


def drawn_from(word: str, name: list[str]) -> bool:
    """`agw` of the Access Gateway: the letters stand in the name in their order, from its first one on."""
    letters = iter("".join(name))
    return 1 < len(word) < 6 and bool(name) and word[0] == name[0][0] and all(each in letters for each in word)


def around(lines: list[str], at: int) -> list[str]:
    """The sentence that begins on a line, or the whole diagram that the line is in: its boxes are named elsewhere."""
    fences = [number for number, line in enumerate(lines) if line.startswith("```")]
    for start, end in zip(fences[::2], fences[1::2], strict=False):
        if start < at < end:
            return lines[start:end]
    return lines[at : at + 4]


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", re.sub("(?i)[äöü]", lambda found: f"{found[0]}e", text).replace("ß", "ss"))
    return "".join(each for each in plain if not unicodedata.combining(each)).lower()


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", folded(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)))


@of_all
def test_values_carry_their_line_and_their_confidence(case: str, folder: Path) -> None:
    draft = drafted(case, folder)
    for file, text in draft.files.items():
        for line in text.split("\n"):
            for place, number in re.findall(r"# (\S+\.md):(\d+)", line):
                assert int(number) <= documents(case, folder)[place].count("\n") + 1
        if file not in ("system.yaml", "open-questions.yaml"):
            assert re.search(r"# \S+\.md:\d+, (sure|likely|guess)", text), file


def test_the_report_says_what_was_found_and_what_was_not_understood() -> None:
    draft = extract({"a.md": "# Shop\n\nThe Planner calls the Fare Engine over gRPC.\n\nIt rained all day.\n"}, "shop")
    text = report(draft)
    assert "a.md:3: planner calls fare-engine (details over g r p c" not in text
    assert "a.md:3: planner calls fare-engine" in text
    assert "a.md:5: It rained all day." in text.partition("Not understood")[2]
    data = report_data(draft)
    assert data["not_understood"] == [{"file": "a.md", "line": 5, "text": "It rained all day."}]
    assert {"planner", "fare-engine"} <= {name for fact in data["facts"] for name in fact["names"]}


# --- shapes of documents ---------------------------------------------------------------------------------------------

CALLS = {("call", "orders", "billing", "grpc")}
EVENTS = {("InvoiceSent", "by", "billing"), ("InvoiceSent", "to", "orders")}
STORES = {("order-db", "orders")}
LISTED = "| Service | Purpose |\n|---|---|\n| Orders | takes |\n| Billing | bills |\n"


@pytest.mark.parametrize(
    ("text", "calls", "events", "stores"),
    [
        pytest.param(
            "## Parts\n### B1 Orders\n- **Calls:** Billing (gRPC)\n- **Consumes:** InvoiceSent\n### B2 Billing\n- **Publishes:** InvoiceSent\n- **Stores:** none\n",
            CALLS, EVENTS, set(), id="headings counted with a letter",
        ),
        pytest.param(
            "## I. Front\n### I.1 Orders\n- **Calls:** Billing (gRPC)\n- **Stores:** order-db\n### I.2 Billing\n- **Called by:** Orders\n- **Stores:** none\n",
            CALLS, set(), STORES, id="headings counted in Roman",
        ),
        pytest.param(
            "## Components\n### CMP-01 Orders\nAsks Billing over gRPC. Data is kept in `order-db`.\n### CMP-02 Billing\nBilling publishes InvoiceSent. Orders consumes it.\n",
            CALLS, EVENTS, STORES, id="headings with identifiers",
        ),
        pytest.param(
            "## Components\n| ID | Name | Purpose |\n|---|---|---|\n| LC1 | Orders | takes |\n| LC2 | Billing | bills |\n## Calls\n| From | To | Via |\n|---|---|---|\n| LC1 | LC2 | gRPC |\n",
            CALLS, set(), set(), id="tables that name each other by identifiers",
        ),
        pytest.param(
            "## Parts\n### Orders\n| Interface | Direction | Protocol |\n|---|---|---|\n| Billing | outbound | gRPC |\n\n| Data | Technology |\n|---|---|\n| order-db | PostgreSQL |\n\n"
            "| Event | Role |\n|---|---|\n| InvoiceSent | subscribed |\n### Billing\n| Interface | Direction | Protocol |\n|---|---|---|\n| Orders | inbound | gRPC |\n\n| Event | Role |\n|---|---|\n| InvoiceSent | published |\n",
            CALLS, EVENTS, STORES, id="tables below whom they are about",
        ),
        pytest.param(
            "## Parts\n### Orders\n| | | Remark |\n|---|---|---|\n| Talks to | Billing | gRPC |\n| Hears | `InvoiceSent` | |\n| Keeps | `order-db` | |\n### Billing\n| | | Remark |\n|---|---|---|\n| Tells | `InvoiceSent` | |\n| Keeps | – | |\n",
            {("call", "orders", "billing")}, EVENTS, STORES, id="cards with remarks",
        ),
        pytest.param(
            "## Parts\n- **Orders**\n  - Whom it asks\n    - Billing\n      - a stream over gRPC\n  - What it listens to\n    - `InvoiceSent`\n  - What it stores\n    - `order-db`\n- **Billing**\n  - What it publishes\n"
            "    - `InvoiceSent`\n      - for Orders\n  - What it stores: nothing\n",
            CALLS, EVENTS, STORES, id="labels without a colon in nested lists",
        ),
        pytest.param(
            "## Parts\n### Orders\n- In: event InvoiceSent\n- Out: gRPC to Billing\n- DB: order-db\n### Billing\n- In: gRPC from Orders\n- Out: event InvoiceSent\n- DB: none\n",
            CALLS, EVENTS, STORES, id="in and out",
        ),
        pytest.param(
            "## Parts\n### Orders\n#### Interfaces\n- calls Billing over gRPC\n#### Events\n- consumes InvoiceSent\n#### Data\n- order-db (PostgreSQL)\n### Billing\n#### Interfaces\n- none\n#### Events\n- publishes InvoiceSent\n",
            CALLS, EVENTS, STORES, id="small headings",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Talk\n| Who | Talks to | How |\n|---|---|---|\n| Orders | Billing | gRPC |\n", CALLS, set(), set(), id="who talks to whom"
        ),
        pytest.param(f"## Parts\n{LISTED}\n## Flows\n- Orders ⇒ Billing (gRPC)\n", CALLS, set(), set(), id="other arrows"),
        pytest.param(f"## Parts\n{LISTED}\n## Interfaces\n### Orders to Billing\nOver gRPC, for invoices.\n", CALLS, set(), set(), id="headings of two"),
        pytest.param(
            f"## Parts\n{LISTED}\n## Rules\nUnless stated otherwise, calls are gRPC.\n## Life\nOrders asks Billing for an invoice.\n", CALLS, set(), set(), id="a rule for all"
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Messages\n- Billing -> Message Broker: publishes `InvoiceSent`\n- Message Broker -> Orders: delivers `InvoiceSent`\n", set(), EVENTS, set(), id="by way of a broker"
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n# A. Inside Orders\n## Elements\n- **Cart Rules** [Kotlin]: decide\n## Relationships\n- Cart Rules -> Billing: asks [gRPC]\n", CALLS, set(), set(), id="what runs inside"
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Talk\n| From | To | What crosses | By |\n|---|---|---|---|\n| Orders | Billing | price | gRPC |\n| Billing | Orders | `InvoiceSent` | Kafka |\n",
            CALLS, EVENTS, set(), id="how two speak, by the cells",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Talk\n| Connection | Opened by | Spoken |\n|---|---|---|\n| Orders → Billing | Orders | gRPC |\n| Billing → Orders | Billing | REST |\n",
            {*CALLS, ("call", "billing", "orders", "http")}, set(), set(), id="both ends in one cell",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Talk\n| Orders and … | Direction | How |\n|---|---|---|\n| Billing | outbound | gRPC |\n| Kafka | consumes | InvoiceSent, published by Billing |\n",
            CALLS, set(), set(), id="the other sides of one",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Talk\n| Interface | Initiated by | Mechanism |\n|---|---|---|\n| Prices from Billing | Orders | gRPC |\n| Reminders to Orders | Billing | REST |\n",
            {*CALLS, ("call", "billing", "orders", "http")}, set(), set(), id="the other end in a text",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Messages\n| Notice | Alpha | Bravo |\n|---|---|---|\n| InvoiceSent | Billing | Orders |\n| InvoiceSent | Billing | Orders |\n",
            set(), EVENTS, set(), id="who tells and who hears, by the cells",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Data\n| Holding | Alpha | Bravo |\n|---|---|---|\n| order-db | PostgreSQL | Orders |\n| bill-db | PostgreSQL | Billing |\n",
            set(), set(), {("order-db", "orders"), ("bill-db", "billing")}, id="whose a store is, by the cells",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Events\nBilling publishes:\n\n- InvoiceSent, once a month\n\nOrders consumes:\n\n- InvoiceSent, to close the order\n",
            set(), EVENTS, set(), id="lists below what leads to them",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Life\nBilling publishes InvoiceSent. There is one taker: Orders.\n", set(), EVENTS, set(), id="takers in the next sentence"
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Life\nBilling publishes InvoiceSent once a month, and this is what matters: Orders closes the order then.\n",
            set(), EVENTS, set(), id="named after an event",
        ),
        pytest.param(
            "## Parts\n### Orders\nTakes orders. The records sit in `order-db`. `InvoiceSent` ends an order.\n### Billing\nBills. Ends with `InvoiceSent`.\n- **Called by:** Orders (gRPC)\n",
            CALLS, EVENTS, STORES, id="named in a section",
        ),
        pytest.param(
            f"## Parts\n{LISTED}\n## Life\nOrders takes orders. When the month ends, the service asks Billing over gRPC.\n", CALLS, set(), set(), id="the service"
        ),
    ],
)  # fmt: skip
def test_shapes(text: str, calls: set[Any], events: set[Any], stores: set[Any]) -> None:
    got = found(extract({"a.md": f"# Shop\n\n{text}"}, "shop"))
    assert got["components"] == {"orders", "billing"}
    assert (got["interactions"], got["events"], got["stores"]) == (calls, events, stores)


# --- names, contradictions, denials ----------------------------------------------------------------------------------


def test_a_name_in_any_spelling_is_one_component() -> None:
    text = """# Shop
| Service | Owner |
|---------|-------|
| Order Service (OS) | Sales |
| Billing | Money |

The order-service calls Billing. OrderSvc publishes `OrderPlaced`. Billing calls the orders service over gRPC. OS emits `OrderLost`.
"""
    draft = extract({"a.md": text}, "shop")
    assert found(draft)["components"] == {"order-service", "billing"}
    assert found(draft)["events"] == {("OrderPlaced", "by", "order-service"), ("OrderLost", "by", "order-service")}


LISTED = "## Components\n\n- **Tide Table**: tides\n- **Berth Desk**: berths\n- **Pilot Roster**: pilots\n\n## How it works\n\n"


@pytest.mark.parametrize(
    ("text", "kind", "facts"),
    [
        ("## Terms\n\n| | |\n|--|--|\n| TT | Tide Table |\n| BD | Berth Desk |\n\n## B\n\nTT calls BD over gRPC.", "interactions", [("call", "tide-table", "berth-desk", "grpc")]),
        ("Since 2025 the Berth Desk is called Quay Desk. The Quay Desk calls the Tide Table.", "interactions", [("call", "quay-desk", "tide-table")]),
        ("The Berth Desk asks Terralux (we use its hosted API over HTTPS) for charts.", "externals", ["terralux"]),
        ("The Berth Desk sends bills by means of Terralux over HTTPS.", "interactions", [("call", "berth-desk", "terralux", "http")]),
        ("The Berth Desk writes the bill and hands it over SFTP to Norvo Bank.", "externals", ["norvo-bank"]),
        ("The Berth Desk knows the fees. They are looked up in Terralux (REST).", "interactions", [("call", "berth-desk", "terralux", "http")]),
        ("The Berth Desk keeps everything in `berths`, a Postgres database.", "stores", [("berths", "berth-desk")]),
        ("The Berth Desk is small. Bookings live in a MySQL database (`bookings`).", "stores", [("bookings", "berth-desk")]),
        ("- Pilot Roster: plans. The Pilot Roster consumes `ShipArrived`.\n- emits `PilotSent`\n", "events", [("PilotSent", "by", "pilot-roster")]),
        ("The Pilot Roster plans. When the pilot has left: `PilotSent`.", "events", [("PilotSent", "by", "pilot-roster")]),
        ("- `ShipArrived`: from Berth Desk, to Pilot Roster and Tide Table\n", "events", [("ShipArrived", "by", "berth-desk"), ("ShipArrived", "to", "pilot-roster"), ("ShipArrived", "to", "tide-table")]),
        ("If a berth cannot be found, the Berth Desk publishes `BerthMissing`.", "events", [("BerthMissing", "by", "berth-desk")]),
        ("Outside our responsibility:\n\n| System | Owner |\n|---|---|\n| Harbour Radio | Port |\n", "externals", ["harbour-radio"]),
        ("Mooring Watcher consumes `ShipArrived`.", "components", ["mooring-watcher"]),
        ("Der Berth Desk prüft den Platz und die Gebühr. Ist das Schiff da, veröffentlicht er `ShipArrived`.", "events", [("ShipArrived", "by", "berth-desk")]),
    ],
)  # fmt: skip
def test_turns_of_phrase(text: str, kind: str, facts: list[Any]) -> None:
    """What real documents write, in other words than theirs."""
    assert set(facts) <= found(extract({"a.md": f"# Harbour\n\n{LISTED}{text}\n"}, "harbour"))[kind]


def test_names_in_bold_type_are_introduced() -> None:
    text = """# Harbour

A skipper opens the **Skipper App**, which calls the **Berth Board** over HTTPS. The Berth Board gives out places; the Skipper App shows them.
Every berth is checked **twice a day**. The **Berth Board** calls the **quay meter** over gRPC. A Quay Meter counts kilowatts.
"""
    said = found(extract({"a.md": text}, "harbour"))
    assert said["components"] == {"skipper-app", "berth-board", "quay-meter"}
    assert said["interactions"] == {("call", "skipper-app", "berth-board", "http"), ("call", "berth-board", "quay-meter", "grpc")}


README = """# Quay Side

**Quay Side** is a demo application. **Quay Side** is composed of five services that talk over gRPC.

## Core services - what each one does

### 1. Berth service (`services/berth-service`, port 8080) - the one to look at first

Plans. Database: `/berths` is a path.

### 2. Catalog service

Service: `/catalog`

Database: MongoDB

### 3. Shared libraries

- `libs/common`: logging

## A visit

1. The **Berth service** calls the *Arrival* endpoint of the **Harbour Master** over REST and checks Keycloak JWTs. The Harbour Master calls the catalog service.

```mermaid
graph TD
  subgraph Harbour
    a[Berth Service] -->|gRPC| b[Fee Provider]
    c[Harbour Master] -->|HTTP| d[Mail Service]
  end
  Internet -->|HTTP| a
```

```mermaid
graph TD
  subgraph Colour Legend
    go[Go]:::blue
    rust[Rust]:::red
  end
```
"""


def test_what_public_repositories_write() -> None:
    """The system itself, legends, endpoints, libraries, paths and whoever is outside are no components; a numbered heading with a remark is."""
    said = found(extract({"README.md": README}, "demo"))
    assert said["components"] == {"berth-service", "catalog-service", "harbour-master", "fee-provider", "mail-service"}
    assert ("mongodb", "catalog-service") in said["stores"]
    assert ("call", "berth-service", "harbour-master", "http") in said["interactions"]


@pytest.mark.parametrize(
    "heading", ["What we do not have", "Considered and not adopted", "Changes that are coming", "Ideas", "Was wir noch nicht haben"]
)
def test_headings_that_say_not_so(heading: str) -> None:
    text = f"# Harbour\n\n{LISTED}## {heading}\n\nThe Tide Table calls the Berth Desk over gRPC.\n"
    assert found(extract({"a.md": text}, "harbour"))["interactions"] == set()


def test_what_is_denied_planned_or_struck_through_is_no_fact() -> None:
    text = """# Shop
## Services
- **Planner**: plans
- **Ledger**: counts
- **Mailer**: writes

The Planner does not call the Ledger. The Planner no longer calls the Mailer. ~~The Ledger calls the Mailer.~~
A call from the Mailer to the Planner is planned for 2027: the Mailer will call the Planner in a later phase.
Der Mailer ruft den Ledger nicht auf. Le Mailer n'appelle pas le Planner. The Ledger could call the Planner.
"""
    assert found(extract({"a.md": text}, "shop"))["interactions"] == set()


def test_a_table_outweighs_prose_and_the_question_names_both_lines(tmp_path: Path) -> None:
    text = """# Shop
| Caller | Callee | Protocol | Timeout |
|--------|--------|----------|---------|
| Planner | Ledger | gRPC | 3 s |

The Planner calls the Ledger over gRPC (timeout 2 s).
"""
    draft = extract({"a.md": text}, "shop")
    assert "timeout: 3s  # a.md:4, sure" in draft.files["planner.yaml"]
    [question] = [each for each in draft.questions if "timeout" in each.text]
    assert "a.md:4" in question.text
    assert "a.md:6" in question.text
    loaded(draft, tmp_path)


def test_equals_that_disagree_are_left_out() -> None:
    table = "| Caller | Callee | Protocol | Timeout |\n|---|---|---|---|\n| Planner | Ledger | gRPC | {} |\n"
    draft = extract({"a.md": table.format("3 s"), "b.md": table.format("2 s")}, "shop")
    assert "timeout" not in draft.files["planner.yaml"]
    assert any("planner.uses.timeout" in each.settles for each in draft.questions)


def test_what_the_language_demands_and_nobody_says_is_asked_for(tmp_path: Path) -> None:
    draft = extract({"a.md": "# Shop\n\nThe Planner calls the Fare Engine over gRPC.\n"}, "shop")
    places = {place for question in draft.questions for place in question.settles}
    assert {"system.owner", "fare-engine.provides.api.operations", "fare-engine.provides.api.version"} <= places
    system = loaded(draft, tmp_path)
    [api] = [api for component in system.components for api in component.provides]
    assert api.operations == (), "no operation is invented"


def test_fields_become_types_as_far_as_they_are_stated(tmp_path: Path) -> None:
    text = """# Shop
## Data model
| Type | Fields |
|------|--------|
| Order | orderId (UUID), note?, status (`placed`, `paid`), lines[OrderLine] |
| OrderLine | sku, quantity (1–99) |
"""
    draft = extract({"a.md": text}, "shop")
    types = yaml.safe_load(draft.files["system.yaml"])["types"]
    assert types["Order"]["required"] == ["orderId", "status", "lines"]
    assert types["Order"]["properties"]["orderId"] == {"type": "string", "format": "uuid"}
    assert types["Order"]["properties"]["status"]["enum"] == ["placed", "paid"]
    assert types["Order"]["properties"]["lines"] == {"type": "array", "items": {"$ref": "OrderLine"}}
    assert types["OrderLine"]["properties"]["quantity"] == {"type": "integer", "minimum": 1, "maximum": 99}
    assert types["OrderLine"]["properties"]["sku"] == {}, "no type is invented"


# --- order, and whatever Markdown throws at it -----------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_documents_means_nothing(case: str) -> None:
    texts = documents(case)
    turned = dict(reversed(texts.items()))
    assert extract(turned, case).files == extract(texts, case).files


@pytest.mark.parametrize("case", ["hospital", "museum", "warehouse"])
def test_the_order_of_sections_means_nothing(case: str) -> None:
    [(file, text)] = documents(case).items()
    head, *sections = re.split(r"(?m)^(?=## )", text)
    for seed in range(3):
        shuffled = list(sections)
        random.Random(seed).shuffle(shuffled)
        turned = head + "".join(section if section.endswith("\n") else f"{section}\n" for section in shuffled)
        assert found(extract({file: turned}, case)) == found(drafted(case))


HOSTILE: Mapping[str, str] = {
    "nothing": "",
    "unclosed fence": "# A\n\n```mermaid\nflowchart LR\nA[x] --> B[(y",
    "html": "<script>alert(1)</script>\n\n- **<b>Planner</b>:** <!-- --> calls `</script>`\n",
    "controls": "# P\x00\x1b[31m\n\n- **Calls:** A\x07B\u2028C\ud800\n",
    "injection": '## Services\n\n- **x: {a: [1**: y\n- **"evil": &a *a !!python/object**: calls `a: b # c`\n| Service | Owner |\n|---|---|\n| a\\|b: - ? | "x": {} #no |\n| yes | null |\n| `...` | --- |\n| 123 | 0x1 |\n',
    "long names": f"| Service | Owner |\n|---|---|\n| {'Very' * 60} Service | {'Team ' * 90}|\n",
    "wide table": "|a" * 3000 + "|\n" + "|-" * 3000 + "|\n" + "|b" * 3000 + "|\n",
    "reserved names": "## Services\n\n- **System**: x\n- **Externals**: calls Decisions\n- **Decisions**: publishes `Open`\n- **Con**: y\n- **../../etc/passwd**: z\n",
    "deep": "\n".join(" " * (2 * depth) + "- a: b" for depth in range(300)),
    "stressed nothing": "## Services\n\nThe ** . ** and **...** of *:;* call ** **, **a**: it.\n\n- **.** x\n- *!*: y\n",
    "brackets": "[" * 20000 + "(" * 20000 + "`" * 20000,
    "yaml in itself": "```yaml\nservices: &a\n  b: {owner: *a, calls: [*a], publishes: {x: *a}}\n```\n\n```yml\n- [? {a: 1} : 2]\n? [x]\n: y\n```\n",
    "ids": "| ID | Question | Owner |\n|---|---|---|\n| OQ-1: #x | a? | b |\n| OQ-1: #x | c? | - |\n| | d? | e: [f |\n",
    "odd fields": "| Type | Fields |\n|---|---|\n| A | b[c[d], e(f |\n| B | x, x |\n| C | ref (D) |\n| 1 | a |\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_document_breaks_it(text: str, tmp_path: Path) -> None:
    draft = extract({"a.md": text, "b: #\n.md": text}, "shop")
    loaded(draft, tmp_path)
    assert all(re.fullmatch(r"[a-z0-9-]+\.yaml", file) for file in draft.files)
    assert all(character.isprintable() or character == "\n" for character in report(draft))


def test_pieces_of_documents_break_nothing(tmp_path: Path) -> None:
    """Documents cut anywhere and sewn together at random still give a draft that loads."""
    texts = [text for case in CASES for text in documents(case).values()]
    for seed in range(12):
        chance = random.Random(seed)
        parts = []
        for _ in range(6):
            text = chance.choice(texts)
            start = chance.randrange(len(text))
            parts.append(text[start : start + chance.randrange(1500)])
        folder = tmp_path / str(seed)
        folder.mkdir()
        loaded(extract({"a.md": "".join(parts)}, "shop"), folder)


def test_time_grows_with_the_text_only() -> None:
    """Twice the text and twice the components take about twice the time."""

    def seconds(count: int) -> float:
        rows = "".join(
            f"| svc-{each} | Team {each % 9} | svc-{each * 7 % count} (gRPC), svc-{(each * 5 + 1) % count} (REST) | Thing{each}Done |\n"
            for each in range(count)
        )
        prose = "".join(
            f"The svc-{each} calls svc-{each * 3 % count} over gRPC and stores its data in `db-{each}`. " for each in range(count)
        )
        text = f"| Component | Owner | Calls | Publishes |\n|--|--|--|--|\n{rows}\n{prose}"
        start = time.perf_counter()
        extract({"a.md": text}, "big")
        return time.perf_counter() - start

    seconds(50)
    assert seconds(800) < 12 * max(seconds(200), 0.02)
