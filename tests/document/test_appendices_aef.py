"""Appendices: every place of a pattern, threats at every exposed edge, every runbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT
from document.trading import BARE, is_even, section, text
from document.yard import breaks_out, hostile, yard

from generator import alerts
from generator.catalog import MADE
from generator.document import Context, Links, Scope, rendered
from generator.document.context import SCOPES
from generator.document.markdown import anchor
from generator.document.views import appendix_a, appendix_e, patterns
from generator.emit import prometheus
from generator.graph import Graph
from generator.pipeline import understand

A, E, F = "A. Integration Patterns Catalog", "E. Security Assessment", "F. Operational Runbooks"
THREATS = ["spoofing", "tampering", "repudiation", "disclosure", "denial", "elevation"]


def test_every_place_is_linked(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), A)
    assert "**Circuit breaker**" in found and "[boats.uses.slips.slips](<../contract/boats.yaml>)" in found
    assert "**API gateway**" not in section(text(tmp_path, yard(), "messaging"), A)
    assert "No pattern of the catalogue is in use." in section(text(tmp_path, BARE), A)


def test_every_pattern_has_its_scopes() -> None:
    assert set(appendix_a.MADE) | {"Saga"} == {name for name, *_ in patterns.CATALOGUE}


def test_threats(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), E)
    for line in (
        "callers prove who they are by `token (jwt)`; the proxies check `token`; tokens live for `token 15m`",
        "nobody is asked who they are for `listPiers`; tokens for others are taken until there is `authentication.token.audiences`",
        "changes that are not audited: `sinkBoat` (`audit`)",
        "protected fields: `captain`; they are masked in logs and traces",
        "rate limits: `gate partner 5/s`, `gate user 20/s`; the gateway gives up after `2s`; instances grow to `boats 4`",
        "not enforced until there is `gate.rate_limits.partner.by`",
        "any holder of a token may ask for `sinkBoat` (`scopes`)",
        "we do by the secret `tides-key`",
        "not encrypted: `raw (tcp)`",
        "circuit breakers for `table`; its quota is known: `9/s`",
        "no circuit breaker for `boats: tides.order` (`uses.breaker`)",
        "take the protected fields whole: `slips` (`consumes.reads`)",
        "a repetition is not recognised by `slips` (`idempotent_by`)",
    ):
        assert line in found, line


def test_no_edge_is_exposed(tmp_path: Path) -> None:
    assert "Nothing is public, no third party is used, and no channel crosses domains." in section(text(tmp_path, BARE), E)
    assert "No edge of this scope is exposed." in section(text(tmp_path, yard(), "data"), E)


def test_findings(tmp_path: Path) -> None:
    contract = yard()
    contract["system"]["suppressions"] = [
        {"rule": "personal-across-domains", "at": "slips.consumes.boats.BoatMoved", "why": "It is few data.", "until": "2030-01-01"},
        {"rule": "personal-across-domains", "at": "gate", "why": "Not this one.", "until": "2031-01-01"},
    ]
    found = section(text(tmp_path, contract), E)
    assert re.search(
        r"\| `personal-across-domains` \| `slips\.consumes\.boats\.BoatMoved\S*` \| warning \| .* \| It is few data\. \| 2030-01-01 \|",
        found,
    )
    assert "| `unused-suppression` |" in found


def test_every_threat_of_every_edge_has_words() -> None:
    for name in ("enterprise-expansion", "harbour-bikes"):
        found = appendix_e.view(context(understood(name)))
        assert found.edges
        for edge in found.edges:
            assert [each.threat for each in edge.rows] == THREATS


def test_text_that_tries_to_be_more(tmp_path: Path) -> None:
    document = text(tmp_path, hostile())
    for title in (A, E, F):
        found = section(document, title)
        assert is_even(found) and not breaks_out(found)


@pytest.mark.parametrize("name", ["enterprise-expansion", "harbour-bikes"])
def test_every_alert_has_its_runbook(name: str) -> None:
    graph = understood(name)
    made = {f"prometheus/{each.path}": each for each in prometheus.emit(graph)}
    links = Links("", "", "", lines=False, known=frozenset(made))
    found = section(rendered(Context(graph, made, MADE, [], frozenset(), links)), F)
    linked = set(re.findall(r"\]\(<(prometheus/runbooks/[^>]+)>\)", found))
    assert linked == {f"prometheus/{each.runbook}" for each in alerts.alerts(graph)} <= made.keys()


@pytest.mark.parametrize("scope", [None, *SCOPES])
def test_links_within_the_document_lead_somewhere(scope: Scope | None) -> None:
    """In the document of every scope."""
    document = rendered(context(understood("enterprise-expansion"), *([scope] if scope is not None else [])))
    prose = re.sub(r"^```.*?^```", "", document, flags=re.MULTILINE | re.DOTALL)
    anchors = [anchor(each) for each in re.findall(r"^#+ (.*)$", prose, re.MULTILINE)]
    for wanted in set(re.findall(r"\]\(#([^)]+)\)", prose)):
        assert anchors.count(wanted) == 1, wanted


def understood(name: str) -> Graph:
    graph, findings = understand(ROOT / "contracts" / name)
    assert graph is not None, findings
    return graph


def context(graph: Graph, *scopes: Scope) -> Context:
    return Context(graph, {}, MADE, [], frozenset(scopes), Links("", "", "", lines=False, known=frozenset()))
