"""Systems that nobody wrote: every kind is made of them, and every tool of its field accepts it.

They are the same in each run: what a tool of this version has accepted, byte for byte, is not asked again.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_contracts import Contract, systems, understood
from random_flows import moving_systems
from random_landscapes import landscapes
from test_wire_parity import documents

from generator import tools
from generator.artifact import Verdict
from generator.catalog import KINDS
from generator.graph import Graph
from generator.pipeline import emit_all
from generator.prove import prove
from generator.review.values import mismatches

SYSTEMS = 6
LANDSCAPES = 5
MOVERS = 2
"""As many as a run has time for, always the same; others have been tried by the hundred."""


def test_every_tool_accepts_every_kind(tmp_path: Path) -> None:
    graphs: list[Graph] = []

    @settings(max_examples=SYSTEMS, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(systems(), st.data())
    def collect(contract: Contract, data: st.DataObject) -> None:
        folder = tmp_path / f"contract-{len(graphs)}"
        graph = understood(contract, folder)
        for owner, document in contract.items():
            for name in document["types"]:
                schema = graph.types[name if owner == "system" else f"{owner}.{name}"].schema
                value = data.draw(documents(graph, schema))
                if not list(mismatches(graph, schema, value)):  # documents are any that protobuf can hold: not each date is one
                    document.setdefault("examples", {})[f"of-{name}"] = {"type": name, "value": value}
        graphs.append(understood(contract, folder))

    @settings(max_examples=LANDSCAPES, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landscapes())
    def collect_landscape(contract: Contract) -> None:
        graphs.append(understood(contract, tmp_path / f"contract-{len(graphs)}"))

    @settings(max_examples=MOVERS, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(moving_systems())
    def collect_mover(contract: Contract) -> None:
        graphs.append(understood(contract, tmp_path / f"contract-{len(graphs)}"))

    collect()
    collect_landscape()
    collect_mover()
    assert len(graphs) == SYSTEMS + LANDSCAPES + MOVERS
    verdicts = [verdict for number, graph in enumerate(graphs) for verdict in judged(graph, tmp_path / f"stage-{number}")]
    assert {each.kind for each in verdicts} == {kind.name for kind in KINDS}
    assert [(each.tool, each.found) for each in verdicts if each.state != "passed"] == []


def judged(graph: Graph, stage: Path) -> list[Verdict]:
    files: dict[str, list[PurePosixPath]] = {kind.name: [] for kind in KINDS}
    for kind, artifact in emit_all(graph, KINDS):
        assert kind is not None
        (stage / artifact.path).parent.mkdir(parents=True, exist_ok=True)
        (stage / artifact.path).write_text(artifact.text, encoding="utf-8", newline="\n")
        files[kind.name].append(artifact.path.relative_to(kind.name))
    return prove(KINDS, stage, files, tools.cache(), lambda stage, detail: None)
