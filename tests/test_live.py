"""What was emitted does, in real Envoys that real Istio drives, what the contract says; and what was changed in it does not."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE

import pytest
import yaml
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from random_contracts import Contract, understood
from random_landscapes import landscapes

from generator.catalog import KINDS
from generator.cli import main
from generator.graph import Graph
from generator.live import KINDS as RUN
from generator.live import Observation, findings, prove
from generator.live.environment import FAMILIES as MESH
from generator.pipeline import emit_all, understand, with_numbers
from generator.read.measured import basis

pytestmark = pytest.mark.slow

FERRY = ROOT / "tests" / "live" / "ferry"
EXAMPLES = sorted(path.parent for path in (ROOT / "contracts").glob("*/system.yaml"))
SIDECAR = "istio/sidecar"
CROSSING = "istio/overlays/crossing"
POLICY = f"{CROSSING}/authorization-policies"
BASE = "kubernetes/base"
LANDSCAPES = 4
"""As many as a run has time for, always the same; others have been tried by the dozen."""
NOT_PROVEN = {
    "the contract does not say where it is",
    "nothing that it lets in is counted so",
    "no server can make that failure for one request",
    "it has no mesh",
    "it is told from others by its address, and nothing redirects connections here",
    "its mesh is ambient: traffic is redirected by the node, which is no part of this machine",
    "this user may not listen on ports below 1024",
}
"""All that a run may leave open, and why."""

MUTATIONS = [
    # waits and tries
    ("longer wait", f"{SIDECAR}/fares/virtual-service.yaml", "timeout: 8s", "timeout: 12s", "timeouts"),
    ("shorter wait", f"{SIDECAR}/fares/virtual-service.yaml", "timeout: 8s", "timeout: 4s", "timeouts"),
    ("no wait", f"{CROSSING}/virtual-service-edge.yaml", "    timeout: 6s\n", "", "timeouts"),
    ("longer try", f"{SIDECAR}/fares/virtual-service.yaml", "perTryTimeout: 0.6s", "perTryTimeout: 1.2s", "timeouts"),
    ("more tries", f"{SIDECAR}/fares/virtual-service.yaml", "attempts: 1", "attempts: 2", "retries"),
    ("no tries", f"{SIDECAR}/fares/virtual-service.yaml", "attempts: 1", "attempts: 0", "retries"),
    ("Istio's own tries", f"{CROSSING}/virtual-service-edge.yaml", "    retries:\n      attempts: 0\n", "", "retries"),
    ("no conditions", f"{SIDECAR}/fares/virtual-service.yaml", "      retryOn: connect-failure,resource-exhausted,unavailable\n", "", "retries"),
    ("other conditions", f"{CROSSING}/virtual-service-edge.yaml", "retryOn: connect-failure,gateway-error", "retryOn: 5xx", "retries"),
    ("host misspelt", f"{SIDECAR}/fares/virtual-service.yaml", "  - fares\n", "  - fare\n", "retries"),
    ("other source", f"{SIDECAR}/fares/virtual-service.yaml", "        app.kubernetes.io/name: tickets", "        app.kubernetes.io/name: edge", "retries"),
    ("other destination", f"{SIDECAR}/fares/virtual-service.yaml", "        host: fares", "        host: ledger", "calls"),
    ("other destination port", f"{SIDECAR}/fares/virtual-service.yaml", "          number: 6000", "          number: 6001", "calls"),
    # breakers and how they close
    ("higher threshold", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "consecutive5xxErrors: 3", "consecutive5xxErrors: 4", "breakers"),
    ("lower threshold", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "consecutive5xxErrors: 3", "consecutive5xxErrors: 2", "breakers"),
    ("open for longer", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "baseEjectionTime: 30s", "baseEjectionTime: 60s", "breakers"),
    ("open for less", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "baseEjectionTime: 30s", "baseEjectionTime: 10s", "breakers"),
    ("dead breaker", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "      maxEjectionPercent: 100\n", "", "breakers"),
    ("fewer left out", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "maxEjectionPercent: 100", "maxEjectionPercent: 50", "breakers"),
    ("more left out", f"{SIDECAR}/edge/destination-rule-tickets.yaml", "maxEjectionPercent: 50", "maxEjectionPercent: 100", "breakers"),
    ("rule of another host", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "  host: fares", "  host: ledger", "breakers"),
    ("rule of another caller", f"{SIDECAR}/tickets/destination-rule-fares.yaml", "      app.kubernetes.io/name: tickets", "      app.kubernetes.io/name: edge", "breakers"),
    # who may what
    ("plain text", f"{SIDECAR}/peer-authentication.yaml", "mode: STRICT", "mode: PERMISSIVE", "identities"),
    ("other account", f"{POLICY}/fares.yaml", "sa/tickets", "sa/ledger", "calls"),
    ("other trust domain", f"{POLICY}/fares.yaml", "ferry.internal/", "other.internal/", "calls"),
    ("any account", f"{POLICY}/fares.yaml", "sa/tickets", "sa/*", "identities"),
    ("forgotten gateway", f"{POLICY}/tickets.yaml", "sa/edge", "sa/edge-proxy", "way in"),
    ("missing method of gRPC", f"{POLICY}/fares.yaml", "        - /ferry.fares.fares.v1.FaresService/Talk\n", "", "calls"),
    ("any path", f"{POLICY}/ledger.yaml", "        - /ledger/sales\n", "        - /*\n", "identities"),
    ("any method", f"{POLICY}/ledger.yaml", "        - POST\n", "        - POST\n        - DELETE\n", "identities"),
    ("other port", f"{POLICY}/tickets-tickets-db.yaml", "'5432'", "'5433'", "identities"),
    ("for other pods", f"{POLICY}/ledger.yaml", "      app.kubernetes.io/name: ledger", "      app.kubernetes.io/name: ledgers", "calls"),
    ("policy denies", f"{POLICY}/ledger.yaml", "action: ALLOW", "action: DENY", "calls"),
    ("everybody let in", f"{POLICY}/allow-nothing.yaml", "spec: {}", "spec: {rules: [{}]}", "identities"),
    # tokens
    ("other issuer", f"{SIDECAR}/tickets/request-authentication.yaml", "issuer: https://login.example.org", "issuer: https://login.example.com", "tokens"),
    ("any audience", f"{SIDECAR}/tickets/request-authentication.yaml", "    audiences:\n    - ferry\n", "", "tokens"),
    ("other audience", f"{SIDECAR}/tickets/request-authentication.yaml", "    - ferry\n", "    - ferries\n", "tokens"),
    ("wrong scope", f"{POLICY}/tickets.yaml", "      - tickets:buy\n", "      - tickets:read\n", "tokens"),
    ("any role", f"{POLICY}/tickets.yaml", "    when:\n    - key: request.auth.claims[roles]\n      values:\n      - purser\n", "", "tokens"),
    # limits
    ("larger bucket", f"{SIDECAR}/edge/envoy-filter-rate-limit.yaml", "max_tokens: 6", "max_tokens: 60", "limits"),
    ("smaller bucket", f"{SIDECAR}/edge/envoy-filter-rate-limit.yaml", "max_tokens: 6", "max_tokens: 3", "limits"),
    ("limit of nobody", f"{SIDECAR}/edge/envoy-filter-rate-limit.yaml", "- key: sub", "- key: subject", "limits"),
    ("limit of other pods", f"{SIDECAR}/edge/envoy-filter-rate-limit.yaml", "app.kubernetes.io/name: edge", "app.kubernetes.io/name: edges", "limits"),
    # ways out and in
    ("host not in scope", f"{CROSSING}/sidecars/tickets.yaml", "'./cards.example.net'", "'./card.example.net'", "egress"),
    ("every host in scope", f"{CROSSING}/sidecars/tickets.yaml", "'./cards.example.net'", "'./*'", "egress"),
    ("other port outside", f"{SIDECAR}/service-entry-external-card-network-api.yaml", "number: 9443", "number: 9444", "egress"),
    ("other host outside", f"{SIDECAR}/service-entry-external-card-network-api.yaml", "- cards.example.net", "- card.example.net", "egress"),
    ("other public host", f"{CROSSING}/gateway-edge.yaml", "./ferry.example.org", "./www.example.org", "way in"),
    ("no TLS", f"{CROSSING}/gateway-edge.yaml", "protocol: HTTPS", "protocol: HTTP", "way in"),
    ("other certificate", f"{CROSSING}/gateway-edge.yaml", "credentialName: ferry-example-org-tls", "credentialName: www-example-org-tls", "way in"),
    ("gateway of other pods", f"{CROSSING}/gateway-edge.yaml", "app.kubernetes.io/name: edge", "app.kubernetes.io/name: edges", "way in"),
    ("routes of no gateway", f"{CROSSING}/virtual-service-edge.yaml", "  - edge\n", "  - hedge\n", "way in"),
    # Kubernetes
    ("Service of other pods", f"{BASE}/fares/service.yaml", "    app.kubernetes.io/name: fares\n    app.kubernetes.io/part-of: ferry\n  ports", "    app.kubernetes.io/name: fare\n    app.kubernetes.io/part-of: ferry\n  ports", "calls"),
    ("other target port", f"{BASE}/fares/service.yaml", "targetPort: grpc", "targetPort: 6001", "calls"),
    ("other Service port", f"{BASE}/ledger/service.yaml", "port: 8081", "port: 8080", "calls"),
    ("protocol unknown", f"{BASE}/fares/service.yaml", "  - name: grpc\n    port: 6000\n    protocol: TCP\n    appProtocol: grpc", "  - name: tcp\n    port: 6000\n    protocol: TCP", "retries"),
    ("other port of the pod", f"{BASE}/fares/deployment.yaml", "name: grpc", "name: rpc", "calls"),
    ("pod of another account", f"{BASE}/tickets/deployment.yaml", "serviceAccountName: tickets", "serviceAccountName: ledger", "calls"),
    ("pods not injected", "kubernetes/overlays/crossing/namespace.yaml", "istio-injection: enabled", "istio-injection: disabled", "calls"),
    # faults
    ("more failures", "istio/faults/crossing/kustomization.yaml", "value: 5\n", "value: 50\n", "faults"),
    ("fewer delays", "istio/faults/crossing/kustomization.yaml", "value: 10\n", "value: 0.1\n", "faults"),
    ("no failures", "istio/faults/crossing/kustomization.yaml", "value: 5\n", "value: 0\n", "faults"),
    ("shorter delays", "istio/faults/crossing/kustomization.yaml", "fixedDelay: 8s", "fixedDelay: 1s", "faults"),
]  # fmt: skip


@pytest.fixture(scope="module")
def ferry() -> tuple[Graph, dict[str, str]]:
    return emitted(FERRY)


def emitted(folder: Path) -> tuple[Graph, dict[str, str]]:
    """The graph, and the text of each file that is run."""
    graph, _ = understand(folder)
    assert graph is not None
    graph = with_numbers(graph)
    return graph, files_of(graph)


def files_of(graph: Graph) -> dict[str, str]:
    return {artifact.path.as_posix(): artifact.text for _, artifact in emit_all(graph, [kind for kind in KINDS if kind.name in RUN])}


def written(files: dict[str, str], folder: Path) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def broken(observations: Sequence[Observation]) -> list[str]:
    return [f"{each.environment}: {each.promise}: {each.observed}" for each in observations if each.verdict == "broken"]


@pytest.mark.parametrize("folder", [FERRY, *EXAMPLES], ids=lambda folder: folder.name)
def test_what_was_emitted_does_what_the_contract_says(folder: Path, tmp_path: Path) -> None:
    graph, files = emitted(folder)
    observations = list(prove(graph, written(files, tmp_path), families=MESH))
    assert broken(observations) == []
    assert {each.observed for each in observations if each.verdict == "not proven"} <= NOT_PROVEN
    assert {each.environment for each in observations} == {each.name for each in graph.system.document.environments}
    if folder == FERRY:
        assert {each.family for each in observations if each.verdict == "held"} == set(MESH)


def test_systems_that_nobody_wrote_do_what_they_say(tmp_path: Path) -> None:
    graphs: list[Graph] = []

    @settings(max_examples=LANDSCAPES, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landscapes())
    def collect(contract: Contract) -> None:
        graphs.append(understood(contract, tmp_path / f"contract-{len(graphs)}"))

    collect()
    seen = [
        each
        for number, graph in enumerate(graphs)
        for each in prove(graph, written(files_of(graph), tmp_path / str(number)), families=MESH)
    ]
    assert broken(seen) == []
    left = {each.observed for each in seen if each.verdict == "not proven" and not each.observed.startswith("they come back after")}
    assert left <= NOT_PROVEN
    assert sum(each.verdict == "held" for each in seen) > 100


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_the_committed_record_is_of_the_files_that_are_there(folder: Path) -> None:
    graph, files = emitted(folder)
    recorded = graph.system.measured
    assert recorded is not None and recorded.basis == basis(files), "interlock prove --live --record writes it anew"
    assert {each.verdict for each in recorded.measurements} <= {"held", "not proven"}


@pytest.mark.mutant
@pytest.mark.parametrize(("path", "right", "wrong", "family"), [each[1:] for each in MUTATIONS], ids=[each[0] for each in MUTATIONS])
def test_what_is_changed_is_noticed(
    ferry: tuple[Graph, dict[str, str]], tmp_path: Path, path: str, right: str, wrong: str, family: str
) -> None:
    graph, files = ferry
    assert right in files[path]
    changed = written({**files, path: files[path].replace(right, wrong, 1)}, tmp_path)
    assert any(each.verdict == "broken" for each in prove(graph, changed, families=[family]))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the tour's system, generated."""
    shutil.copytree(ROOT / "contracts" / "harbour-bikes", tmp_path / "contracts" / "harbour-bikes", ignore=shutil.ignore_patterns("*.json"))
    shutil.copytree(ROOT / "output" / "harbour-bikes", tmp_path / "output" / "harbour-bikes")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1774951200")
    return tmp_path


def test_the_command_shows_and_writes_what_was_seen(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "--live", "--only", "calls,timeouts", "--table", "t.md", "--table", "t.json", "--keep", "kept"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^held +production +rentals calls docks\.docks over grpc +1 answered$", shown, re.MULTILINE)
    assert re.search(r"^harbour-bikes: \d+ promises: \d+ held$", shown, re.MULTILINE)
    [system] = json.loads((house / "t.json").read_text())
    first = system["observations"][0]
    assert (first["family"], first["verdict"], first["file"]) == ("calls", "held", "contracts/harbour-bikes/rentals.yaml")
    assert (house / "t.md").read_text().count("| held |") == len(system["observations"])
    assert {each["kind"] for path in (house / "kept").rglob("*.yaml") for each in yaml.safe_load_all(path.read_text())} > {"VirtualService"}


def test_what_is_recorded_stands_in_the_document(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = house / "output" / "harbour-bikes" / "document" / "integration-architecture_harbour-bikes.md"
    assert main(["prove", "--live", "--record"]) == 0
    assert main(["generate"]) == 0
    assert "On 2026-03-31 the mesh and cluster files of this system were run" in document.read_text()
    assert "The files are still those." in document.read_text()
    assert main(["prove", "--live", "--only", "calls"]) == 0
    rentals = house / "contracts" / "harbour-bikes" / "rentals.yaml"
    rentals.write_text(rentals.read_text().replace("timeout: 500ms", "timeout: 600ms"))
    assert main(["generate"]) == 0
    assert "**The files have changed since**" in document.read_text()
    (house / "contracts" / "harbour-bikes" / "measured.json").write_text('{"day": 1}')
    capsys.readouterr()
    assert main(["generate"]) == 1
    assert "measured.json:1:1: error[broken-measurements]" in capsys.readouterr().out


def test_a_broken_promise_is_a_finding(ferry: tuple[Graph, dict[str, str]], tmp_path: Path) -> None:
    graph, files = ferry
    path = f"{POLICY}/fares.yaml"
    changed = written({**files, path: files[path].replace("sa/tickets", "sa/ledger")}, tmp_path / "changed")
    [found] = findings(graph, prove(graph, changed, families=["calls"]))
    assert (found.code, found.place) == ("promise-broken", "tickets.uses.fares.fares")
    assert "tickets calls fares.fares over grpc" in found.message and "getFare: gRPC 7" in found.message


def test_only_output_that_is_as_the_contract_says_is_run(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = house / "output" / "harbour-bikes" / "istio" / "sidecar" / "peer-authentication.yaml"
    path.write_text(path.read_text().replace("STRICT", "PERMISSIVE"))
    assert main(["prove", "--live"]) == 1
    assert "peer-authentication.yaml:1:1: error[stale-output]" in capsys.readouterr().out


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_running(house: Path, end: signal.Signals) -> None:
    """Neither proxies nor what drives them, however the command ends; all of them have the folder among their arguments."""
    command = [sys.executable, "-m", "generator", "prove", "--live", "--only", "timeouts", "--full"]
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        environment = {**os.environ, "TMPDIR": folder, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, cwd=house, env=environment, stdout=PIPE, stderr=PIPE) as started:
            while running(folder) < 2:
                assert started.poll() is None
                time.sleep(0.1)
            started.send_signal(end)
            started.communicate(timeout=60)
        latest = time.monotonic() + 30
        while running(folder) and time.monotonic() < latest:
            time.sleep(0.1)
        assert running(folder) == 0


def running(folder: str) -> int:
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, text=True, check=True)
    return sum(folder in line for line in listed.stdout.splitlines())
