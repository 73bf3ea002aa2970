"""Security: who proves what, who may do what, where protected fields go, what is recorded."""

from __future__ import annotations

import re
from pathlib import Path

from document.trading import BARE, is_even, section, text
from document.yard import breaks_out, hostile, yard

TITLE = "Security Architecture"


def test_facts(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    for line in (
        "| `token` | jwt | `https://login.example.com` | – | 15m | 3 operations; the proxies check it | Agents need a second factor. |",
        "Public and open to anybody: `boats.boats.listPiers`.",
        "| role `master` | `token` | Runs the harbour. | `boats.boats.moveBoat` |",
        "| `boats.boats` | public | moveBoat | `token` | `boats:write` | `master` |",
        "| `slips` | 9090 | `boats` | slips.findSlip |",
        "| `external.tides.raw` | 7000 | `boats` | – |",
        "| `live` | TLS 1.2 or later at `yard.example.com` | `yard-example-com-tls` | mutual TLS, STRICT (sidecar) | `cluster.local` |",
        "| `lab` | no public host | – | no mesh: nothing is encrypted by the platform | – |",
        "Not encrypted on its way: `tides.raw`.",
        "| `boats.BoatMoved` | event | `captain` | personal | safety at sea | – |",
        "| `tides-key` | credentials | `boats → tides` |",
        "| `crew-pager` | key of the pager service | `crew` |",
        "| `captain` | personal | safety at sea | `boats.boats`, `boats.boats-db.boats`, `boats.BoatMoved`, `tides` |",
        "| `boats.boats-db` | 730d | – |",
        "- **at-rest:** All disks are encrypted.",
        "- `boats`: No boat without a captain",
        "| `BoatSold`: A boat has a new owner. | `boats` | boat | 90d |",
        "| `boats.moveBoat` | `boats` | `boatId` | 90d |",
        "Public, changing, and not audited: `boats.boats.sinkBoat`.",
    ):
        assert line in found, line


def test_boundaries(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    for line in (
        'n_o_outside -->|"TLS, jwt"| n_g_gate',
        'n_g_gate -->|"mTLS"| n_i_boats',
        'n_i_boats -->|"https, tcp"| n_x_tides',
        "n_i_boats --> n_o_stores",
        "n_i_slips --> n_o_broker",
    ):
        assert line in found, line


def test_many_components_are_few_nodes(tmp_path: Path) -> None:
    contract = yard()
    for number in range(30):
        contract[f"more-{number}"] = {
            "component": f"more-{number}",
            "domain": "sea",
            "uses": [{"external": f"third-{number}", "timeout": "1s"}],
        }
        contract["system"]["externals"][f"third-{number}"] = {"endpoints": {"api": {"protocol": "https"}}}
    diagram = section(text(tmp_path, contract), TITLE).partition("```mermaid")[2].partition("```")[0]
    assert len(re.findall(r"^ +n_\w+\[", diagram, re.MULTILINE)) <= 14
    assert 'n_o_third_parties["31"]' in diagram and 'n_i_sea["sea"]' in diagram


def test_undecided(tmp_path: Path) -> None:
    found = section(text(tmp_path, yard()), TITLE)
    assert "- Undecided for `other`, `token`: `authentication.<name>.audiences`." in found
    found = section(text(tmp_path, BARE), TITLE)
    for line in (
        "Undecided: how callers prove who they are; `authentication` says it.",
        "Undecided: where the system runs, and with it how it is encrypted; `environments` says it.",
        "No type is classified as personal, sensitive or secret; `x-classification` says so.",
        "Undecided: encryption at rest, consent, law; `security` states them.",
        "Nothing is audited; `audit: true` of an operation or `audits` of a component says what is.",
    ):
        assert line in found, line


def test_scopes(tmp_path: Path) -> None:
    messages = section(text(tmp_path, yard(), "messaging"), TITLE)
    assert (
        "#### Message Security" in messages
        and "third parties" not in messages
        and "slips.slips" not in messages
        and "### Authentication" not in messages
    )
    data = section(text(tmp_path, yard(), "data"), TITLE)
    assert "| `boats.boats-db` | 5432 | `boats` | – |" in data and "| `slips` | 9090 |" not in data
    outside = section(text(tmp_path, yard(), "external"), TITLE)
    assert "`external.tides.api`" in outside and "n_o_broker" not in outside


def test_text_that_tries_to_be_more(tmp_path: Path) -> None:
    found = section(text(tmp_path, hostile()), TITLE)
    assert is_even(found) and not breaks_out(found)
