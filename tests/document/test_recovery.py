"""Recovery: what may be lost, what is undecided, and what it means when something is gone."""

from __future__ import annotations

import copy
from pathlib import Path

from document.trading import BARE, TRADE, section, text

TITLE = "Disaster Recovery and Business Continuity"


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    for line in (
        "| `shop.orders-db` | 5m | undecided (open: OQ-1) | weekly | undecided | quarterly | – |",
        "As `defaults.backup` says: 3 of the 3 stores.",
        "Undecided for `shop.orders-cache`, `shop.orders-db`, `stock.lake`: the RTO; `stores.<store>.rto` says it (open: OQ-1).",
        "| `shop` | 2 to 5 | 1 | – |",
        "| `stock` | 3 | – | – |",
        "| `south` | – | undecided | – |",
        "The broker (kafka): 3 nodes, undecided is on how many each message lies (`system.broker.replication`).",
        "- `shop.orders-db`: 2 asynchronous copies; up to 5s may be lost in it.",
        "| `card-network` (third party); closed: Sundays | `shop`: `orders.place` | – | – | – |",
        "| `stock` (component) | `shop`: `orders.place` | – | – | `OrderPlaced` |",
        "| `shop.orders-db` (store) | `shop`; `stock` | – | – | – |",
        "| `shop.orders-cache` (store) | nobody | – | – | `shop` |",
    ):
        assert line in found, line


def test_what_stands_in(tmp_path: Path) -> None:
    contract = copy.deepcopy(TRADE)
    contract["shop"]["uses"][1] |= {"fallback": {"type": "cached_response", "ttl": "1m", "note": "the last one"}}
    contract["shop"]["uses"][0] |= {"required": False}
    found = section(text(tmp_path, contract), TITLE)
    assert (
        "| `card-network` (third party); closed: Sundays | nobody | – | `shop` with an older answer of at most 1m (the last one) | – |"
        in found
    )
    assert "| `stock` (component) | nobody | – | `shop` without | `OrderPlaced` |" in found


def test_who_is_stopped_further(tmp_path: Path) -> None:
    """Through components that need one that stops, and not through those that go on."""
    desk = {"component": "desk", "uses": [{"api": "shop.orders", "operations": ["place"], "timeout": "5s"}]}
    wall = {"component": "wall", "uses": [{"api": "shop.orders", "operations": ["read"], "timeout": "5s", "required": False}]}
    found = section(text(tmp_path, {**TRADE, "desk": desk, "wall": wall}), TITLE)
    assert "| `card-network` (third party); closed: Sundays | `shop`: `orders.place` | `desk` |" in found


def test_nothing_to_say(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    assert "No component owns a store, so there is nothing to back up." in found
    assert "Nobody needs anything of another." in found


def test_scopes(tmp_path: Path) -> None:
    assert "(third party)" in section(text(tmp_path, TRADE, "external"), TITLE)
    assert "(store)" not in section(text(tmp_path, TRADE, "external"), TITLE)
    assert "(store)" in section(text(tmp_path, TRADE, "data"), TITLE)
    assert "The broker" in section(text(tmp_path, TRADE, "messaging"), TITLE)
    assert "The broker" not in section(text(tmp_path, TRADE, "api"), TITLE)
