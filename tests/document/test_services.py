"""Services: names and probes, what opens a breaker, how load is shared, ways in, third parties."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, Contract, is_even, section, text
from document.yard import breaks_out, hostile, yard

from generator.catalog import MADE
from generator.document import SECTIONS, Context, Links, rendered
from generator.document.views import services
from generator.emit import istio, resilience
from generator.graph import Graph
from generator.pipeline import understand
from generator.text import to_yaml

TITLE = "Service Integration Architecture"


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    for line in (
        "| `live` | `yard` | sidecar | `boats.yard.svc.cluster.local` |",
        "| `gate` | https 443 → 8443 https | – | `/ready` | 2 to 4 |",
        "| `slips` | grpc 9090 grpc, http 8080 http | `/alive` | `/ready` | 2 to 4 |",
        "| `boats` | `slips.slips`: findSlip | 5 | – | 30s | 900ms, 2 × 400ms | 3 | 5 | 3, 30s | cached, at most 10m old: the slip of yesterday |",
        "| `boats` | `tides`: table | 4 | – | 1m | 1s, 3 × 1s | 2 | 2 | – | none |",
        "| `gate` | `boats.boats`: moveBoat | – | – | – | 2s | – | – | 7, 20s | none |",
        "these need balancing in the client: `boats → slips.slips`.",
        "- **Server side**: `gate`, 2 to 4 instances, ends TLS for `yard.example.com` (live).",
        "| `/boats` | `boats.boats` at `boats:8080` | getBoat, listPiers, moveBoat, sinkBoat | 2s | 3 | `token`; none for listPiers |",
        "| `partner` | `gate` | 5/s | – | – | nobody yet: `by` is undecided |",
        "| `user` | `gate` | 20/s | 40 | `claim:sub` | Envoy, for each instance |",
        "`boats` (`tides-key`) | 9/s; closed at night |",
    ):
        assert line in found, line
    assert '["boats.yard.svc.cluster.local:8080"]' in found.replace("([", "[").replace("])", "]")


def test_undecided(tmp_path: Path) -> None:
    contract = yard()
    contract["system"].pop("defaults")
    contract["gate"].pop("rate_limits")
    found = section(text(tmp_path, contract), TITLE)
    for line in (
        "Undecided: what tells that `boats`, `gate`, `slips` can take requests; `runtime.probes.readiness` or `defaults.probes` says it.",
        "Undecided: whether `boats → tides` break the circuit; `uses.breaker` or `defaults.call.breaker` says it (`false` for none).",
        "Undecided: how many requests are let in; `rate_limits` says it.",
        "- Undecided: where `tides` is; `externals.<name>.endpoints.<endpoint>.host` says it (OQ-1).",
        "- Undecided: with which credentials, if any: `boats → tides`; `uses.credentials` names their secret.",
    ):
        assert line in found, line


def test_nothing_to_say(tmp_path: Path) -> None:
    found = section(text(tmp_path, BARE), TITLE)
    for line in (
        "Undecided: where the system runs; `environments` says it.",
        "Not deployed from here, since the contract names no `runtime.image`: `one`.",
        "No call has a circuit breaker.",
        "Nothing is public: no interface is `visibility: public`, and no component is a gateway.",
        "The system depends on no third party.",
    ):
        assert line in found, line


def test_the_clusters_ingress(tmp_path: Path) -> None:
    contract = yard()
    del contract["gate"]
    contract["system"]["defaults"]["call"] = {"timeout": "3s", "retry": {"attempts": 2}}
    found = section(text(tmp_path, contract), TITLE)
    assert "The system has no gateway of its own; the cluster's ingress lets in what is `public`." in found
    assert "| `/boats` | `boats.boats` at `boats:8080` | getBoat, listPiers, moveBoat, sinkBoat | 3s | 2 |" in found


def test_scopes(tmp_path: Path) -> None:
    outside = section(text(tmp_path, yard(), "external"), TITLE)
    assert "`tides`: table" in outside and "`slips.slips`" not in outside and "Service Discovery Flow" not in outside
    inside = section(text(tmp_path, yard(), "internal"), TITLE)
    assert "`slips.slips`: findSlip" in inside and "tides" not in inside and "### API Gateway Integration" not in inside
    assert "### API Gateway Integration" in section(text(tmp_path, yard(), "api"), TITLE)
    assert TITLE not in text(tmp_path, yard(), "data")


def test_text_that_tries_to_be_more(tmp_path: Path) -> None:
    found = text(tmp_path, hostile())
    assert is_even(found) and not breaks_out(found)
    assert len(re.findall(r"^## ", found, re.MULTILINE)) == len(SECTIONS)


@pytest.mark.parametrize("name", ["enterprise-expansion", "harbour-bikes"])
def test_excerpts_are_parts_of_artifacts(name: str) -> None:
    graph = understood(name)
    made = {f"{kind}/{each.path}": each for kind, emit in (("istio", istio.emit), ("resilience", resilience.emit)) for each in emit(graph)}
    links = Links("", "../contract/", "", lines=False, known=frozenset(made))
    found = services.view(Context(graph, made, MADE, [], frozenset(), links))
    excerpts = [*([found.breaker_excerpt] if found.breaker_excerpt else []), *found.gateway_excerpts]
    assert len(excerpts) == 3
    for each in excerpts:
        assert each.text in made[each.path].text and len(each.text.splitlines()) <= 25
        assert f"]({f'<{each.path}>'})" in rendered(Context(graph, made, MADE, [], frozenset(), links))


@pytest.mark.parametrize("mesh", ["sidecar", "ambient"])
def test_what_is_left_out_is_what_the_mesh_leaves_out(tmp_path: Path, mesh: str) -> None:
    """The table's numbers are those of the emitted rules."""
    contract: Contract = yard()
    contract["system"]["environments"] = {"live": {"host": "yard.example.com", "mesh": mesh}}
    text(tmp_path, contract)
    yard_graph, findings = understand(tmp_path)
    assert yard_graph is not None, findings
    for graph in (yard_graph, *([understood("enterprise-expansion")] if mesh == "sidecar" else [])):
        agree(graph)


def agree(graph: Graph) -> None:
    rules = {each.path.as_posix(): each.text for each in istio.emit(graph) if "destination-rule" in each.path.name}
    found = services.view(Context(graph, {}, MADE, [], frozenset(), Links("", "", "", lines=False, known=frozenset())))
    ejecting = [each for each in found.guarded if each.ejection is not None]
    assert ejecting
    for each in ejecting:
        provider = each.target.partition(".")[0]
        path = next(
            path
            for path in rules
            if path in (f"sidecar/{each.consumer}/destination-rule-{provider}.yaml", f"ambient/{provider}/destination-rule.yaml")
        )
        assert each.ejection is not None
        assert f"consecutive5xxErrors: {each.ejection.failures}\n" in rules[path]
        assert to_yaml({"baseEjectionTime": f"{each.ejection.ejected.milliseconds // 1000}s"}).strip() in rules[path]
        assert each.ejection.requests == -(-each.ejection.failures // each.tries)


def understood(name: str) -> Graph:
    graph, findings = understand(ROOT / "contracts" / name)
    assert graph is not None, findings
    return graph
