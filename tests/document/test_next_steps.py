"""Next steps: waves of implementation, what proves each contract, what is to be decided first."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, is_even, section, text
from document.yard import hostile, yard

from generator.catalog import KINDS, MADE
from generator.document import Context, Links
from generator.document.views import next_steps
from generator.emit import openapi
from generator.graph import Graph
from generator.pipeline import understand

TITLE = "Next Steps"


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    first, second = found.partition("#### Wave 1")[2].partition("#### Wave 2")[::2]
    assert "| `gate` | – | – | – | – | `boats` |" in first
    assert "| `slips` | `slips.probes`, `slips.slips` | – | – | – | – |" in first
    assert "| `boats` | `boats.boats`, `boats.probes` | `boats.BoatMoved` | `boats-db` | `slips` | – |" in second
    for line in (
        "| `boats` | `slips.slips` | `slipId` |",
        "Undecided: what 2 consumers read",
        "| Dock team | **OQ-1** Where is it? | 2027-01-31 | `externals.tides.endpoints.api.host` |",
        "| nobody is named | **OQ-2** How long? | – | – |",
        "- **G1:** Boats wait at most an hour.",
    ):
        assert line in found, line


def test_those_that_need_each_other(tmp_path: Path) -> None:
    contract = yard()
    contract["slips"]["uses"] = [{"api": "boats.boats", "operations": ["getBoat"], "timeout": "100ms"}]
    found = section(text(tmp_path, contract), TITLE)
    assert "- `boats`, `slips` need each other and can only be built together" in found
    assert "#### Wave 2" not in found


def test_waves_keep_their_numbers(tmp_path: Path) -> None:
    """In the document of a scope those are left out that it shows nothing of."""
    found = section(text(tmp_path, yard(), "data"), TITLE)
    assert "#### Wave 1" not in found and "#### Wave 2" in found and "### Consumer" not in found


def test_nothing_to_say(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    assert "| `one` | – | – | – | – | – |" in found
    assert "Nobody reads what another provides." in found
    assert "No question is open." in found


def test_text_that_tries_to_be_more(tmp_path: Path) -> None:
    assert is_even(section(text(tmp_path, hostile()), TITLE))


def test_every_kind_stands_once() -> None:
    """Contracts that components are tested against, and what they run with."""
    names = {each.name for each in KINDS}
    assert set(next_steps.CONTRACTS) <= names and set(next_steps.SCOPES_OF) <= names


@pytest.mark.parametrize("name", ["enterprise-expansion", "harbour-bikes"])
def test_nobody_comes_before_what_it_needs(name: str) -> None:
    graph, findings = understand(ROOT / "contracts" / name)
    assert graph is not None, findings
    found = view(graph)
    wave = {each.name: wave.number for wave in found.waves for each in wave.components}
    assert set(wave) == {each.name for each in graph.components}
    for each in (each for wave in found.waves for each in wave.components):
        assert all(wave[needed] < wave[each.name] for needed in each.needs)
    assert [each.kind.name for each in found.contracts] == ["openapi"]


def view(graph: Graph) -> next_steps.NextSteps:
    made = {f"openapi/{each.path}": each for each in openapi.emit(graph)}
    return next_steps.view(Context(graph, made, MADE, [], frozenset(), Links("", "", "", lines=False, known=frozenset(made))))
