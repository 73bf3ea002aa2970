"""Artifacts of different kinds agree with the contract and with each other, and a change of any one of them by hand is found."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from agreement import disagreements, read_contract
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from random_contracts import Contract, write
from random_landscapes import landscapes
from test_laws import emitted

EXAMPLE = ROOT / "contracts" / "enterprise-expansion"
SCENARIOS = ROOT / "tests" / "scenarios"
SYSTEMS = [
    *sorted(path.parent for path in (ROOT / "contracts").glob("*/system.yaml")),
    *sorted(path.parent for kind in ("istio", "kubernetes", "telemetry") for path in (SCENARIOS / kind).glob("*/contract.yaml")),
]


@pytest.mark.parametrize("folder", SYSTEMS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_all_kinds_agree(folder: Path) -> None:
    assert disagreements(read_contract(folder), emitted(folder)) == []


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return emitted(EXAMPLE)


def first_rule(document: Any) -> Any:
    return document["spec"]["rules"][0]


def http(document: Any) -> Any:
    return document["spec"]["http"][0]


def port_of(document: Any) -> Any:
    return document["spec"]["template"]["spec"]["containers"][0]["ports"][0]


COLLECTOR = "telemetry/production/kubernetes"
OWN, PUBLIC, CALLS = "kubernetes/base/order-service", "istio/overlays/production", "resilience"
CHANGES: list[tuple[str, str, Callable[[Any], object]]] = [
    ("container port", f"{OWN}/deployment.yaml", lambda it: port_of(it).update(containerPort=9099)),
    ("target port", f"{OWN}/service.yaml", lambda it: it["spec"]["ports"][0].update(targetPort="web")),
    ("service port", f"{OWN}/service.yaml", lambda it: it["spec"]["ports"][0].update(port=9099)),
    ("peer of a policy", f"{OWN}/network-policy.yaml", lambda it: it["spec"]["ingress"][0]["from"].append({"podSelector": {}})),
    ("port of a policy", f"{OWN}/network-policy.yaml", lambda it: it["spec"]["ingress"][0]["ports"][0].update(port=8099)),
    ("a policy's way out", f"{OWN}/network-policy.yaml", lambda it: it["spec"].pop("egress")),
    ("a policy's selector", f"{OWN}/network-policy.yaml", lambda it: it["spec"].update(podSelector={})),
    ("default deny", "kubernetes/base/default-deny.yaml", lambda it: it["spec"].update(policyTypes=["Ingress"])),
    (
        "caller",
        f"{PUBLIC}/authorization-policies/order-service.yaml",
        lambda it: first_rule(it)["from"][0]["source"].update(principals=["cluster.local/ns/x/sa/y"]),
    ),
    ("anybody", f"{PUBLIC}/authorization-policies/order-service.yaml", lambda it: first_rule(it).pop("from")),
    (
        "method",
        f"{PUBLIC}/authorization-policies/order-service.yaml",
        lambda it: first_rule(it)["to"][0]["operation"]["methods"].append("DELETE"),
    ),
    (
        "path",
        f"{PUBLIC}/authorization-policies/api-gateway.yaml",
        lambda it: first_rule(it)["to"][0]["operation"]["paths"].append("/admin"),
    ),
    (
        "port of access",
        f"{PUBLIC}/authorization-policies/order-service.yaml",
        lambda it: first_rule(it)["to"][0]["operation"].update(ports=["80"]),
    ),
    ("route's path", f"{PUBLIC}/virtual-service-api-gateway.yaml", lambda it: http(it)["match"][0]["uri"].update(exact="/api/v2/orders")),
    (
        "route's port",
        f"{PUBLIC}/virtual-service-api-gateway.yaml",
        lambda it: http(it)["route"][0]["destination"]["port"].update(number=81),
    ),
    ("route's gateway", f"{PUBLIC}/virtual-service-api-gateway.yaml", lambda it: it["spec"].update(gateways=["other"])),
    ("a route is gone", f"{PUBLIC}/virtual-service-api-gateway.yaml", lambda it: it["spec"]["http"].pop()),
    ("retries left out", "istio/sidecar/payment-service/virtual-service.yaml", lambda it: http(it).pop("retries")),
    ("a fault", "istio/sidecar/payment-service/virtual-service.yaml", lambda it: http(it).update(fault={"abort": {"httpStatus": 503}})),
    ("tries", "istio/sidecar/payment-service/virtual-service.yaml", lambda it: http(it)["retries"].update(attempts=2)),
    ("timeout", "istio/sidecar/payment-service/virtual-service.yaml", lambda it: http(it).update(timeout="6s")),
    ("gRPC method", "istio/sidecar/payment-service/virtual-service.yaml", lambda it: http(it)["match"][0]["uri"].update(exact="/x.Y/Z")),
    ("destination", "istio/sidecar/order-service/destination-rule-payment-service.yaml", lambda it: it["spec"].update(host="payments")),
    (
        "ejection",
        "istio/sidecar/order-service/destination-rule-payment-service.yaml",
        lambda it: it["spec"]["trafficPolicy"]["outlierDetection"].update(consecutive5xxErrors=6),
    ),
    (
        "ejected for",
        "istio/sidecar/order-service/destination-rule-payment-service.yaml",
        lambda it: it["spec"]["trafficPolicy"]["outlierDetection"].update(baseEjectionTime="29s"),
    ),
    (
        "share ejected",
        "istio/sidecar/order-service/destination-rule-payment-service.yaml",
        lambda it: it["spec"]["trafficPolicy"]["outlierDetection"].pop("maxEjectionPercent"),
    ),
    ("breaker", f"{CALLS}/circuit-breakers/order-service.yaml", lambda it: it["circuitBreaker"]["services"][0].update(failureThreshold=9)),
    (
        "breaker's rest",
        f"{CALLS}/circuit-breakers/order-service.yaml",
        lambda it: it["circuitBreaker"]["services"][0].update(resetTimeoutMillis=9),
    ),
    ("a breaker is gone", f"{CALLS}/circuit-breakers/order-service.yaml", lambda it: it["circuitBreaker"]["services"].pop()),
    ("collector's Service", f"{COLLECTOR}/service.yaml", lambda it: it["metadata"].update(name="collector")),
    ("collector's port", f"{COLLECTOR}/service.yaml", lambda it: it["spec"]["ports"][0].update(port=4319)),
    ("collector's target port", f"{COLLECTOR}/service.yaml", lambda it: it["spec"]["ports"][0].update(targetPort="otlp-http")),
    ("collector's labels", f"{COLLECTOR}/service.yaml", lambda it: it["spec"].update(selector={"app": "x"})),
    ("collector's container port", f"{COLLECTOR}/deployment.yaml", lambda it: port_of(it).update(containerPort=4319)),
    ("senders", f"{COLLECTOR}/network-policy.yaml", lambda it: it["spec"]["ingress"].pop(0)),
    ("collector's namespace", "telemetry/production/kustomization.yaml", lambda it: it.update(namespace="elsewhere")),
    (
        "way to the collector",
        "kubernetes/overlays/production/network-policies/allow-to-telemetry.yaml",
        lambda it: it["spec"]["egress"][0]["ports"].pop(),
    ),
    (
        "endpoint of the collector",
        "telemetry/production/collector.yaml",
        lambda it: it["receivers"]["otlp"]["protocols"]["grpc"].update(endpoint="${env:MY_POD_IP}:4319"),
    ),
    (
        "provider of spans",
        "istio/sidecar/api-gateway/telemetry.yaml",
        lambda it: it["spec"]["tracing"][0].update(providers=[{"name": "zipkin"}]),
    ),
    ("path in OpenAPI", "openapi/order-service.orders.yaml", lambda it: it["paths"].pop("/api/v1/orders")),
]


@pytest.mark.mutant
@pytest.mark.parametrize(("path", "change"), [each[1:] for each in CHANGES], ids=[each[0] for each in CHANGES])
def test_a_change_by_hand_is_found(files: dict[str, str], path: str, change: Callable[[Any], object]) -> None:
    document = yaml.safe_load(files[path])
    change(document)
    assert disagreements(read_contract(EXAMPLE), {**files, path: yaml.safe_dump(document)}) != []


SPRING = f"{CALLS}/resilience4j/order-service.yaml"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("maxAttempts: 2", "maxAttempts: 3"),
        ("timeoutDuration: 350ms", "timeoutDuration: 351ms"),
        ("slidingWindowSize: 3", "slidingWindowSize: 4"),
    ],
)
def test_a_changed_number_of_resilience4j_is_found(files: dict[str, str], old: str, new: str) -> None:
    assert old in files[SPRING]
    assert disagreements(read_contract(EXAMPLE), {**files, SPRING: files[SPRING].replace(old, new, 1)}) != []


def test_a_renamed_method_in_proto_is_found(files: dict[str, str]) -> None:
    path = next(path for path in files if path.endswith(".proto") and "rpc AuthorizePayment" in files[path])
    assert disagreements(read_contract(EXAMPLE), {**files, path: files[path].replace("rpc AuthorizePayment", "rpc Authorise")}) != []


def test_all_kinds_of_systems_that_nobody_wrote_agree(tmp_path: Path) -> None:
    numbers = itertools.count()

    @settings(max_examples=40, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landscapes())
    def check(contract: Contract) -> None:
        folder = write(contract, tmp_path / str(next(numbers)))
        assert disagreements(list(contract.values()), emitted(folder)) == []

    check()


def test_a_changed_connection_pool_is_found() -> None:
    folder, path = SCENARIOS / "istio" / "sidecar", "istio/sidecar/tills/destination-rule-baskets.yaml"
    files = emitted(folder)
    document = yaml.safe_load(files[path])
    document["spec"]["trafficPolicy"]["connectionPool"]["http"]["http2MaxRequests"] += 1
    assert disagreements(read_contract(folder), {**files, path: yaml.safe_dump(document)}) != []
