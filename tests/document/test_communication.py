"""How components talk: interfaces, call chains, failures and messages, as the contract has them."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
from conftest import ROOT
from document.parcels import PARCELS, hostile
from document.trading import BARE, Contract, is_even, narrated, section, text
from markdown_it import MarkdownIt

from generator.artifact import Artifact
from generator.catalog import KINDS
from generator.document import SCOPES
from generator.graph import Graph
from generator.pipeline import emit_all, understand

TITLE = "Communication Architecture"
TITLES = (TITLE, "B. API Specifications", "C. Message Schema Registry")
SYSTEMS = sorted(path.name for path in (ROOT / "contracts").iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def parcels(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The whole document of the system that talks in every way."""
    return text(tmp_path_factory.mktemp("parcels"), PARCELS)


@pytest.mark.parametrize(
    "line",
    [
        "**Methods:** `POST` 2, `GET` 1. 1 of the operations must not be repeated, and no caller does.",
        "**Statuses:** 200 (1), 201 (1), 204 (1) when all went well; named errors answer 422 (1), 503 (1).",
        "**Versions:** every path carries the major version.",
        "properties and parameters are camelCase (1), snake\\_case (1)",
        "`desk.parcels.sendParcel` take an `Idempotency-Key`; undecided: how long a key is remembered; `defaults.idempotency_key_ttl` says it.",
        "| `desk.parcels` | `desk` | HTTP | `/v2/parcels` | 2.1.0 | public | `token` | 3 | – |",
        "| `vans.vans` | `vans` | gRPC | – | 1.0.0 | internal | `none` | 2 | – |",
        "**Hosts:** `parcels.example.com` (live).",
        "sender 5/s, 9 at once, counted by `claim:sub`",
        "| `/v2/parcels` of `desk.parcels` | http | `sendParcel` | 900ms | 2 of 400ms | after 7 failures, for 20s | `token` | `parcels:write` |",
        "| `/v2/parcels` of `desk.parcels` | http | `noteParcel` | 900ms | 1 | after 7 failures, for 20s | `token` | – |",
        "| `parcels.vans.vans.v1.VansService` | `vans.vans` | `FindVan`, `FollowVan` | `FollowVan`: server | – |",
        "**ADR-1** (accepted): gRPC inside. Deadlines. Rejected: SOAP.",
    ],
)
def test_interfaces(parcels: str, line: str) -> None:
    assert line in section(parcels, TITLE)


def test_budgets(parcels: str) -> None:
    """700 ms for the van and twice 500 ms for the map are more than the 400 ms that a try of the gateway lasts."""
    found = section(parcels, TITLE)
    row = next(line for line in found.splitlines() if line.startswith("| `desk` | `parcels.sendParcel` |"))
    cells = [each.strip() for each in row.strip("|").split("|")]
    assert cells[2:] == [
        "1700ms",
        "vans.vans 700ms + maps 2 × 500ms",
        "`vans.vans` 3 × 200ms",
        "400ms by `edge`: **less than it waits**",
        "`desk` → `vans`",
        "3",
    ]


def test_a_public_operation_that_calls_others_is_drawn(parcels: str) -> None:
    found = section(parcels, TITLE)
    assert found.count("sequenceDiagram") == 1, "the other operations of desk call nobody"
    drawn = found.partition("sequenceDiagram")[2].partition("```")[0]
    arrows = [line.split(": ", 1)[1] for line in drawn.splitlines() if "->>" in line]
    assert arrows == [
        "sendParcel",
        "sendParcel, 900ms, 2 tries of 400ms",
        "findVan, 700ms, 3 tries of 200ms",
        "2 #215; route, 500ms, or without",
    ]


def test_calls_at_once_are_drawn_so(tmp_path: Path) -> None:
    changed = copy.deepcopy(PARCELS)
    for use in changed["desk"]["uses"]:
        use["parallel"] = "asks"
    drawn = section(text(tmp_path, changed), TITLE).partition("sequenceDiagram")[2].partition("```")[0]
    assert [line.split()[0] for line in drawn.splitlines() if line.split()[:1] in (["par"], ["and"], ["end"])] == ["par", "and", "end"]


def test_large_chains_are_split(tmp_path: Path) -> None:
    """Each of 40 components asks the next two; every diagram can be read, and what is drawn later is drawn once."""
    wide: Contract = {"system": {"interlock": 1, "system": {"name": "wide", "owner": "crew"}}}
    for index in range(40):
        operations = {"ask": {"http": "GET /a"}}
        uses = [{"api": f"c{other}.a", "timeout": "1s", "why": "asks"} for other in (index + 1, index + 2) if other < 40]
        visibility = "public" if index == 0 else "internal"
        api = {"version": "1.0.0", "visibility": visibility, "http": {"base": f"/c{index}"}, "operations": operations}
        wide[f"c{index}"] = {"component": f"c{index}", "provides": {"a": api}, "uses": uses}
    found = section(text(tmp_path, wide), TITLE)
    pages = [each.partition("```")[0] for each in found.split("sequenceDiagram")[1:]]
    assert 3 < len(pages) < 40
    assert all(each.count("->>") <= 14 for each in pages)
    assert all(f"n_c{index}" in found for index in range(40))
    heads = re.findall(r"^\*\*Further on, .*$", found, re.MULTILINE)
    assert len(set(heads)) == len(heads)
    assert " more → `c" in found, "a chain of 40 is shortened"


@pytest.mark.parametrize(
    "line",
    [
        "| `desk.parcels` | `DeskClosed` | 503 | – | `sendParcel` | `edge` | `edge` |",
        "| `desk.parcels` | `TooLarge`: It fits no van | 422 | – | `sendParcel` | `edge` | – |",
        "| `vans.vans` | `NoVan` | – | `UNAVAILABLE` | `findVan` | `desk` | `desk` |",
        "| `vans.vans` | `Unknown` | – | `NOT_FOUND` | `findVan` | `desk` | – |",
        "| `edge` | `desk.parcels` | 2 (1: noteParcel) | gateway-error | passes the failure on |",
        "| `desk` | `maps`: route | 1 | – | goes on without it |",
        "| `desk` | `vans.vans`: findVan | 3 | unavailable | fails, too |",
        "Undecided: what follows when `desk` gets no answer of `vans.vans`; `uses.fallback` says it.",
    ],
)
def test_errors(parcels: str, line: str) -> None:
    assert line in section(parcels, TITLE)


def test_an_endless_wait_is_undecided(tmp_path: Path) -> None:
    changed = copy.deepcopy(PARCELS)
    del changed["desk"]["uses"][0]["timeout"]
    found = section(text(tmp_path, changed), TITLE)
    assert "Undecided: how long `desk` waits for `vans.vans`; `uses.timeout` or `defaults.call.timeout` says it." in found


@pytest.mark.parametrize(
    "line",
    [
        "**Choice:** kafka 3.9. Replay (ADR-2).",
        "**ADR-2** (accepted): A log of events. Replay. Rejected: RabbitMQ.",
        "4 channels with 3 partitions on 5 brokers a cluster",
        "each message is on 3 brokers, 2 have it before it is acknowledged; up to 1 of these may be missing while messages are taken, and 1 may",
        "**Delivery:** at-least-once (4 messages).",
        "topics are divided, of `desk.ParcelSent`; `publishes.<event>.partitions` or `defaults.publish.partitions` says it (OQ-1).",
        "Undecided: what a repeated command is recognised by, of `vans.WashVan`;",
        "**Point-to-point:** `vans.WashVan` from `desk`.",
        "**Publish-subscribe:** `desk.ParcelSent` to `vans`.",
        "**Nobody subscribes to** `desk.ParcelLost`.",
        "**Request-reply:** `desk` sends `vans.LoadVan` and waits 45s for the reply on `vans.load-van.v1.reply.desk`.",
        "`vans` takes of `desk.ParcelSent` only `size_class` = `large`; offered for selection: `size_class` of `desk.ParcelSent`.",
        "| `desk.ParcelSent` | 1.2.0 | `desk.parcel-sent.v1` | `parcelId` | – | 9d | yes | `desk` | – | – |",
        "| `desk.ParcelLost` | 1.0.0 | `desk.parcel-lost.v1` | `parcelId` | 3 | newest of each key | no | `desk` | – | – |",
        "| `desk.ParcelSent` | `vans` | `loaders` | – | 4 | 18s | `desk.parcel-sent.v1.dlq` | `parcelId` |",
        "by `parcelId`: `desk.ParcelLost`, `desk.ParcelSent`; no order is promised of `vans.LoadVan`, `vans.WashVan`",
        "`desk.ParcelSent`, 9d back; a new group of `vans` begins with what is kept of `desk.ParcelSent`",
        "**Retention:** 9d: `desk.ParcelSent`; the newest of each key for ever: `desk.ParcelLost`.",
        '-.->|"ParcelSent, LoadVan, WashVan"|',
    ],
)
def test_messages(parcels: str, line: str) -> None:
    """Three waits of 2 s, 6 s and at most 10 s are 18 s."""
    assert line in section(parcels, TITLE)


def test_many_publishers_are_drawn_by_domain(tmp_path: Path) -> None:
    many: Contract = {
        "system": {"interlock": 1, "system": {"name": "many", "owner": "crew"}, "domains": {"left": {"title": "The left"}, "right": {}}}
    }
    for index in range(40):
        event = {"Told": {"version": "1.0.0", "payload": {"type": "object"}}}
        many[f"c{index}"] = {
            "component": f"c{index}",
            "domain": "left" if index % 2 else "right",
            "publishes": event,
            "consumes": [{"event": f"c{(index + 1) % 40}.Told"}],
        }
    found = section(text(tmp_path, many), TITLE)
    assert "From The left:" in found and "From right:" in found
    pages = [each.partition("```")[0] for each in found.split("flowchart LR")[1:]]
    assert all(len(re.findall(r"^  n_\w+\[", each, re.MULTILINE)) <= 14 for each in pages)
    assert sum(each.count("-.->") for each in pages) == 40


def test_nothing_is_said_plainly(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    assert "No component offers an interface, and none is called." in found
    assert "No component publishes an event or takes a command." in found
    assert "Undecided" not in found


def test_messages_without_a_broker(tmp_path: Path) -> None:
    changed = copy.deepcopy(PARCELS)
    del changed["system"]["system"]["broker"]
    found = text(tmp_path, changed)
    assert "Undecided: which broker carries the messages; `system.broker` says it." in section(found, TITLE)
    assert "Undecided: how schemas may change; `system.broker.compatibility` says it." in section(found, TITLES[2])


def test_without_a_gateway_the_ingress_lets_in(tmp_path: Path) -> None:
    changed = {name: each for name, each in PARCELS.items() if name != "edge"}
    found = section(text(tmp_path, changed), TITLE)
    assert "the cluster's ingress lets in what is public" in found
    assert "| `/v2/parcels` of `desk.parcels` | http | `sendParcel` | undecided | 1 |" in found
    assert "a_20_client->>n_desk: sendParcel" in found


def test_operations(parcels: str) -> None:
    found = section(parcels, TITLES[1])
    for line in (
        "| `sendParcel` | `POST /v2/parcels` | – | – | with its key | token: `parcels:write` | `DeskClosed`, `TooLarge` | p95 300ms |",
        "| `noteParcel` | `POST /v2/parcels/{parcelId}/notes` | – | – | never | token | – | p95 300ms |",
        "| `followVan` | – | `FollowVan` (stream: response) | – | safe | none | – | – |",
        "Undecided: how fast operations of `vans.vans` answer;",
    ):
        assert line in found, line


@pytest.mark.parametrize(
    ("mode", "sentence", "first"),
    [
        ("backward", "those who read are deployed first", "`vans`"),
        ("forward", "those who write are deployed first", "`desk`"),
        ("full", "the order does not matter", "any"),
        ("none", "each change needs an agreement", "as agreed"),
    ],
)
def test_registry(tmp_path: Path, mode: str, sentence: str, first: str) -> None:
    changed = copy.deepcopy(PARCELS)
    changed["system"]["system"]["broker"]["compatibility"] = mode
    found = section(text(tmp_path, changed), TITLES[2])
    assert sentence in found
    assert (
        f"| `desk.ParcelSent` | event | 1.2.0 | – | `application/json` | `desk` | {first} | `vans`: `parcelId`, selects by `size_class` |"
        in found
    )
    assert "| `vans.LoadVanReply` | reply | 1.0.0 |" in found


def test_scopes(tmp_path: Path) -> None:
    """Each shows what is its own, and says nothing of the rest."""
    shown = {scope: text(tmp_path, PARCELS, scope) for scope in SCOPES}
    assert all(f"## {title}\n" not in shown["data"] for title in TITLES)
    assert "Asynchronous Communication" in shown["messaging"] and "Synchronous Communication\n\n" not in section(
        shown["messaging"], TITLE
    ).replace("Asynchronous", "")
    assert "Asynchronous" not in section(shown["api"], TITLE)
    assert "| `desk.parcels` | `desk` |" in shown["external"] and "| `vans.vans` | `vans` |" not in shown["external"]
    assert "API Gateway Pattern" in shown["external"] and "API Gateway Pattern" not in section(shown["internal"], TITLE)
    assert "| `desk` | `maps`: route |" in shown["external"] and "| `desk` | `maps`: route |" not in shown["internal"]
    for scope, found in shown.items():
        anchors = {
            re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in found.splitlines() if line.startswith("#")
        }
        own = "".join(section(found, title) for title in TITLES)
        assert set(re.findall(r"\]\(<?#([^)>]+)", own)) <= anchors, scope


@pytest.mark.parametrize("scope", [None, *SCOPES])
def test_text_stays_text(tmp_path: Path, scope: str | None) -> None:
    found = text(tmp_path, hostile(), *((scope,) if scope else ()))
    own = "".join(section(found, title) for title in TITLES)
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(own)
    assert "<img" not in page and "<h1" not in page and "49" not in page
    assert not re.search(r'href="[^"]*javascript', page)
    assert is_even(own)


@pytest.fixture(scope="module", params=SYSTEMS)
def made(request: pytest.FixtureRequest) -> tuple[Graph, list[Artifact], str]:
    folder = ROOT / "contracts" / request.param
    graph, _ = understand(folder)
    assert graph is not None
    wanted = [each for each in KINDS if each.name in ("openapi", "proto", "messages", "asyncapi")]
    artifacts = [each for _, each in emit_all(graph, wanted)]
    return graph, artifacts, narrated(graph, artifacts)


def test_committed_systems(made: tuple[Graph, list[Artifact], str]) -> None:
    graph, artifacts, found = made
    own = "".join(section(found, title) for title in TITLES)
    for interface in graph.interfaces:
        assert f"**`{interface.id}`**" in own
        assert all(f"| `{method.name}` |" in own for method in interface.methods)
    assert all(f"`{topic.address}`" in own for topic in graph.topics)
    paths = {each.path.as_posix() for each in artifacts}
    linked = set(re.findall(r"\]\(<\.\./((?:openapi|proto|messages|asyncapi)/[^>]+)>\)", own))
    assert linked <= paths
    assert {each for each in paths if each.startswith(("openapi/", "messages/"))} - linked <= {"messages/catalogue.json"}


def test_excerpts_are_parts_of_their_artifacts(made: tuple[Graph, list[Artifact], str]) -> None:
    _, artifacts, found = made
    by_path = {each.path.as_posix(): each.text for each in artifacts}
    excerpts = re.findall(
        r"```(?:yaml|protobuf|json)\n(.*?)\n```\n\nThe whole is \[[^\]]*\]\(<\.\./([^>]+)>\)", section(found, TITLE), re.DOTALL
    )
    assert len(excerpts) == 3
    for excerpt, path in excerpts:
        assert excerpt in by_path[path]
        assert len(excerpt.splitlines()) <= 25
