"""Performance budgets: each work's waits, tries and availability, and rates against limits, as the review computes them."""

from __future__ import annotations

import copy
import time
from pathlib import Path

from conftest import ROOT
from document.trading import BARE, TRADE, narrated, section, text

from generator import chains
from generator.pipeline import understand

TITLE = "D. Performance Budgets"


def test_facts(tmp_path: Path) -> None:
    contract = copy.deepcopy(TRADE)
    contract["desk"] = {"component": "desk", "uses": [{"api": "shop.orders", "operations": ["place"], "timeout": "2s"}]}
    found = section(text(tmp_path, contract), TITLE)
    for line in (
        "nothing here is measured",
        "| `shop (orders.place)` | stock.stock 300ms + card-network 2s = 2300ms | 2s (desk) | **300 ms over** | 1: shop → stock | 1 |",
        "| `desk` | shop.orders 2s = 2s | – | – | 2: desk → shop → stock | 1 |",
        "| `shop`: `orders.place` | 99.9% | 98.9505% | card-network 99% × stock (stock.release) 99.95% |",
        "| `shop` | `stock.stock` | 20/s | 20/s | shop 20/s | 20/s × 40ms = 0.8 | – |",
        "| `shop` | `card-network` | 20/s | 20/s | shop 20/s | – | 20 |",
        "| `card-network` | 50/s | 20/s | 20/s | 40% | shop 20/s |",
        "| `stock.stock` | 40/s | 20/s | 20/s | 50% | shop 20/s |",
        "Undecided for `desk`: how often some of their calls are made; `uses.rate`",
    ):
        assert line in found, line


def test_handed_on_deadline_cuts_off(tmp_path: Path) -> None:
    contract = copy.deepcopy(TRADE)
    use = {"api": "shop.orders", "operations": ["place"], "timeout": "2s", "deadline": "propagated"}
    contract["desk"] = {"component": "desk", "uses": [use]}
    assert "2s (desk, deadline handed on) | cut off |" in section(text(tmp_path, contract), TITLE)


def test_nothing_to_say(tmp_path: Path) -> None:
    assert "Nothing waits for anything else." in section(text(tmp_path, BARE), TITLE)


def test_every_work_of_a_committed_system_is_there() -> None:
    name = "enterprise-expansion"
    graph, _ = understand(ROOT / "contracts" / name)
    assert graph is not None
    found = section(narrated(graph, []), TITLE)
    for work, steps in chains.works(graph).items():
        assert (f"| `{work}` |" in found) is bool(steps)


def test_many_components_take_seconds(tmp_path: Path) -> None:
    chain = {f"c{index}": part(index, 300) for index in range(300)}
    began = time.perf_counter()
    found = text(tmp_path, {"system": BARE["system"], **chain})
    assert "c299" in section(found, TITLE)
    assert time.perf_counter() - began < 60


def part(index: int, number: int) -> dict[str, object]:
    """A component that calls the next four."""
    operations = {"get": {"http": "GET /it", "response": {"type": "object", "properties": {"a": {"type": "string"}}}}}
    uses = [{"api": f"c{each}.it", "timeout": "1s"} for each in range(index + 1, min(index + 5, number))]
    return {"component": f"c{index}", "provides": {"it": {"version": "1.0.0", "http": {}, "operations": operations}}, "uses": uses}
