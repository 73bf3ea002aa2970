"""The data of a system: owners, promises, transactions, flows and copies, as the contract has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, HOSTILE, TRADE, hostile, is_even, narrated, section, text
from markdown_it import MarkdownIt

from generator.artifact import Artifact
from generator.catalog import KINDS
from generator.document import SCOPES
from generator.pipeline import emit_all, understand

TITLE = "Data Integration Architecture"
TITLES = (TITLE, "Performance and Scalability", "Disaster Recovery and Business Continuity", "D. Performance Budgets")
SYSTEMS = sorted(path.name for path in (ROOT / "contracts").iterdir() if path.is_dir())


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    for line in (
        "| `Order` | `shop` | `id` | `shop.Order` | `shop.orders-cache` |",
        "| `stock.copy` | `email` | email\\_format | reject |",
        "| `shop.orders-db.orders` | table | `email` | personal | contract | 365d |",
        "| `shop.orders` | cache | `email` | personal | contract | 5m |",
        "| `card-network` | third party | `cardNumber` | personal | – | as the third party says |",
        "| strong | `shop.orders-db` | store | – | – |",
        "| eventual | `shop.orders-db` | replica | 5s | asynchronous |",
        "| eventual | `stock.copy` | flow | 10m | \\*/5 \\* \\* \\* \\* |",
        "| causal | `shop.OrderPlaced` | event | – | id |",
        "| `reserve` | calls `stock.stock.reserve` | 300ms (the call) | `stock.stock.release` | – |",
        "| `pay` (pivot) | calls `card-network.charge` | 2s (the call) | – | – |",
        "`sagas.<saga>.timeout` says it (open: OQ-1)",
        "ADR-1 (Batches) rejects Change data capture, too much to run.",
        "| `shop.orders-db` | `stock` | read | replica | cannot work |",
        "| `shop.orders-db` | asynchronous | 2 | 5s | undecided | none |",
        "rows changed since the last run by `changed_at`, the last 1m again",
        "| `email` | `shop.orders-db.orders.email` | in lower case |",
    ):
        assert line in found, line


def test_transactions(tmp_path: Path) -> None:
    """What a saga covers, and what nothing makes sure of."""
    found = section(text(tmp_path, TRADE), TITLE)
    row = next(each for each in found.splitlines() if each.startswith("| `shop (orders.place)`"))
    assert "`stock.stock`: `release`, `reserve` (idempotent)" in row
    assert "`card-network`: `charge` (none)" in row
    assert row.endswith("saga `place`; eventual: the others may be repeated until done |")
    assert "shop (orders.read)" not in found, "what is safe changes nothing"
    alone = {**TRADE, "shop": {key: value for key, value in TRADE["shop"].items() if key != "sagas"}}
    found = section(text(tmp_path, alone), TITLE)
    assert "`card-network.charge` may be left undone for good" in found
    assert "Saga:" not in found


def test_saga_diagram(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    happy, _, undone = found.partition("  else a step up to pay fails\n")
    assert "    n_shop->>n_stock: reserve\n    n_shop-)n_kafka: OrderPlaced\n    n_shop->>n_card_network: charge\n" in happy
    assert undone.startswith("    n_shop-)n_kafka: OrderUndone\n    n_shop->>n_stock: release\n  end\n"), "the last first"


def test_large_saga_goes_on_in_further_diagrams(tmp_path: Path) -> None:
    steps = [{"step": f"s{index}", "publish": "OrderPlaced", "undo": {"call": "stock.stock.release"}} for index in range(2)]
    events = {f"Told{index}": {"version": "1.0.0", "payload": "Order"} for index in range(30)}
    steps += [{"step": f"t{index}", "publish": f"Told{index}"} for index in range(30)]
    shop = {
        **TRADE["shop"],
        "publishes": TRADE["shop"]["publishes"] | events,
        "sagas": {"place": {"begins": "orders.place", "steps": steps}},
    }
    diagrams = section(text(tmp_path, {**TRADE, "shop": shop}), TITLE).split("sequenceDiagram")[1:]
    assert len(diagrams) == 4
    assert all(each.partition("```")[0].count("n_shop-") <= 12 for each in diagrams)


def test_undecided(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    assert "Undecided for `shop.orders-cache`, `stock.lake`: what a reader may rely on; `stores.<store>.consistency` says it." in found
    assert "Undecided for `shop.orders-cache`, `stock.lake`: how long data is kept" in found, "tables of orders-db say it"
    assert "undecided is how long a run may take (`thresholds.run_time`)" in found


def test_nothing_to_say(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    for line in ("No component owns a store.", "No flow moves or transforms data.", "No store is captured", "there is no saga"):
        assert line in found
    assert "|" not in found, "no empty tables"


def test_scopes(tmp_path: Path) -> None:
    """No section links to one that is not there, and tables hold what belongs to the scope."""
    for scope in SCOPES:
        found = text(tmp_path, TRADE, scope)
        assert (f"\n## {TITLE}\n" in found) is (scope == "data")
        assert all(f"\n## {each}\n" in found for each in TITLES[1:])
    assert "card-network" not in section(text(tmp_path, TRADE, "data"), TITLES[3])
    assert "| `card-network` (third party)" not in text(tmp_path, TRADE, "messaging")


def test_contract_text_means_nothing_but_itself(tmp_path: Path) -> None:
    """Neither HTML, nor a link, nor a heading, nor a template comes from the contract, and no table is torn."""
    found = text(tmp_path, hostile())
    assert HOSTILE.partition("`")[0].replace("|", "\\|") in found, "it is there"
    for title in TITLES:
        part = section(found, title)
        assert is_even(part), title
        for token in MarkdownIt("commonmark").enable("table").parse(part):
            assert token.type != "html_block"
            for each in token.children or ():
                assert each.type != "html_inline"
                assert not str(each.attrGet("href") or "").startswith("javascript")


@pytest.mark.parametrize("name", SYSTEMS)
def test_committed_systems(name: str) -> None:
    artifacts = made(name)
    graph, _ = understand(ROOT / "contracts" / name)
    assert graph is not None
    found = narrated(graph, artifacts)
    assert is_even(found)
    for title in TITLES:
        assert section(found, title).strip(), title
    known = {each.path.as_posix(): each.text for each in artifacts}
    for pipeline in graph.pipelines:
        path = f"flows/{pipeline.component.name}/{pipeline.flow.name}/data-pipeline-config.yaml"
        assert f"(<../{path}>)" in found
        assert "\n".join(known[path].splitlines()[10:20]) in section(found, TITLE), "verbatim"


def made(name: str) -> list[Artifact]:
    graph, _ = understand(ROOT / "contracts" / name)
    assert graph is not None
    wanted = [each for each in KINDS if each.name in ("flows", "kubernetes", "data-contracts", "prometheus")]
    return [each for _, each in emit_all(graph, wanted)]
