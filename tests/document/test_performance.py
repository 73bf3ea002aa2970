"""Performance: copies, connections, instances, limits and latencies, with the arithmetic that the review uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, TRADE, narrated, section, text

from generator.catalog import KINDS
from generator.pipeline import emit_all, understand

TITLE = "Performance and Scalability"
SYSTEMS = sorted(path.name for path in (ROOT / "contracts").iterdir() if path.is_dir())


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    for line in (
        "this document measures nothing",
        "| L2 | `shop.orders` | `shop.orders-cache` | `order:{id}` | – |",
        "There is no L1, no L3 and no CDN cache.",
        "| `shop.orders` | 5m | 5m | nothing, filled when asked for | age only |",
        "| `shop.orders-db` | `shop` 5 × 10 + `stock` 3 × 3 = 59 | 90 | 2 | `stock` |",
        "| `shop` | 2 to 5 | CPU 70% | 100m, 128Mi | 1, 256Mi | 10/s | 5 × 10/s = 50/s | 20/s |",
        "| `card-network` | 50/s | 20/s | 20/s | shop 20/s | 40% | – |",
        "| `shop.OrderPlaced` | `stock` | 100/s | 50ms | 5 | 6 | 3 |",
        "p95: stock.stock 200ms = 200ms |",
    ):
        assert line in found, line


def test_undecided(tmp_path: Path) -> None:
    found = section(text(tmp_path, TRADE), TITLE)
    assert "Undecided for `stock`: what one instance sustains, which a load test tells; `runtime.sustains` says it." in found
    assert "Undecided for `shop.orders-cache`, `stock.lake`: how many connections an instance of the owner holds" in found
    found = section(text(tmp_path, BARE), TITLE)
    assert "Undecided for `one`: how many instances run; `runtime.replicas` says it." in found
    assert "None is declared." in found


def test_scopes(tmp_path: Path) -> None:
    external = section(text(tmp_path, TRADE, "external"), TITLE)
    assert "`card-network`" in external
    assert "orders-db" not in external
    messaging = section(text(tmp_path, TRADE, "messaging"), TITLE)
    assert "`shop.OrderPlaced`" in messaging
    assert "`card-network`" not in messaging
    assert "`shop.orders-db`" in section(text(tmp_path, TRADE, "data"), TITLE)


def test_no_partitions_without_kafka(tmp_path: Path) -> None:
    system = {**TRADE["system"], "system": {"name": "trade", "owner": "crew", "broker": {"kind": "rabbitmq"}}}
    assert "Partitions" not in section(text(tmp_path, {**TRADE, "system": system}), TITLE)


@pytest.mark.parametrize("name", SYSTEMS)
def test_committed_systems(name: str) -> None:
    graph, _ = understand(ROOT / "contracts" / name)
    assert graph is not None
    artifacts = [each for _, each in emit_all(graph, [kind for kind in KINDS if kind.name == "kubernetes"])]
    found = section(narrated(graph, artifacts), TITLE)
    known = {each.path.as_posix(): each.text for each in artifacts}
    scaled = next(each for each in graph.components if each.runtime is not None and each.runtime.scale_on is not None)
    path = f"kubernetes/base/{scaled.name}/horizontal-pod-autoscaler.yaml"
    assert f"(<../{path}>)" in found
    assert known[path].partition("\nspec:\n")[2].strip()[:200] in found
