"""The generated collector, run for real: it names, counts and masks what older and newer SDKs and the mesh's Envoy send, and keeps audit records apart."""

from __future__ import annotations

import itertools
import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from live_servers import Server, collector, free_ports
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from test_scenarios import GOLDEN

pytestmark = pytest.mark.filterwarnings("ignore:.*LoggingHandler.*:DeprecationWarning")

MARKET = GOLDEN / "telemetry" / "tail-sampling"
ODD = GOLDEN / "telemetry" / "odd-names"
PATIENCE = 30
CLIENT, SERVER, PRODUCER, CONSUMER = SpanKind.CLIENT, SpanKind.SERVER, SpanKind.PRODUCER, SpanKind.CONSUMER
METHOD = "market.tills.tills.v1.TillsService/OpenTill"
CONSTANT = {"service_namespace", "deployment_environment_name", "job"}
SECRETS = ("grace", "Main Street", "Main%20Street", "s3cret", "tok_1", "4711")
"""Parts of everything that must not be seen again."""


@dataclass(frozen=True)
class Running:
    """A collector whose exporters write to files."""

    endpoint: str
    metrics: str
    folder: Path
    ask: Callable[[str], str]

    def written(self, name: str) -> list[dict[str, Any]]:
        """What an exporter has written so far."""
        path = self.folder / f"{name}.json"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []

    def series(self) -> dict[frozenset[tuple[str, str]], float]:
        """Labels and value of every series, the name among the labels; buckets left out."""
        found = {}
        for line in self.ask(self.metrics).splitlines():
            match = re.fullmatch(r"(\w+)\{(.*)\} (\S+)", line)
            if match and not match[1].endswith("_bucket"):
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2]))
                found[frozenset({"__name__": match[1], **labels}.items())] = float(match[3])
        return found

    def calls(self) -> set[tuple[str, ...]]:
        """Of the spans that were counted: component, kind, outcome, and what the dimensions say."""
        known = [dict(each) for each in self.series() if ("__name__", "traces_span_metrics_calls_total") in each]
        leading = ("service_name", "span_kind", "status_code")
        return {
            (
                each["service_name"],
                each["span_kind"].removeprefix("SPAN_KIND_"),
                each["status_code"].removeprefix("STATUS_CODE_"),
                *(each[name] for name in sorted(each.keys() - CONSTANT - {"__name__", *leading})),
            )
            for each in known
        }


def until(ask: Callable[[], Any], is_right: Callable[[Any], object]) -> Any:
    latest = time.monotonic() + PATIENCE
    while not is_right(found := ask()) and time.monotonic() < latest:
        time.sleep(0.1)
    return found


@contextmanager
def running(folder: Path, configuration: Path) -> Iterator[Running]:
    """Only where it listens and writes, how long it waits, and what it does with a fault of a statement is other than generated."""
    known = yaml.safe_load(configuration.read_text())
    exporters = [name for name in known["exporters"] if name.startswith("otlp")]
    pipelines = {name: each for name, each in known["service"]["pipelines"].items() if each["exporters"][0] in exporters}
    override: dict[str, Any] = {
        "processors": {name: {"error_mode": "propagate"} for name in known["processors"] if name.startswith(("transform", "filter"))},
        "exporters": {
            f"file/{name}": {"path": str(folder / f"{name.rpartition('/')[2]}.json"), "flush_interval": "100ms"} for name in exporters
        },
        "service": {
            "telemetry": {"metrics": {"readers": [], "level": "none"}},
            "pipelines": {name: {"exporters": [f"file/{each['exporters'][0]}"]} for name, each in pipelines.items()},
        },
        "connectors": {"span_metrics": {"metrics_flush_interval": "200ms"}},
    }
    if "tail_sampling" in known["processors"]:
        override["processors"]["tail_sampling"] = {"decision_wait": "500ms"}
    path = folder / "override.yaml"
    path.write_text(yaml.safe_dump(override))
    grpc, http, measured, health = free_ports(4)
    settings = {
        "receivers::otlp::protocols::grpc::endpoint": f"127.0.0.1:{grpc}",
        "receivers::otlp::protocols::http::endpoint": f"127.0.0.1:{http}",
        "exporters::prometheus::endpoint": f"127.0.0.1:{measured}",
        "extensions::health_check::endpoint": f"127.0.0.1:{health}",
    }
    with collector(folder, configuration, path, health=health, settings=settings, variables={"MY_POD_IP": "127.0.0.1"}) as server:
        reader = Server("metrics", measured, folder)
        yield Running(f"http://127.0.0.1:{grpc}", "/metrics", folder, reader.get)
        assert not [line for line in server.log().splitlines() if '"level":"error"' in line]


class Program:
    """A component that sends spans."""

    def __init__(self, collector: Running, name: str, **resource: str) -> None:
        self.provider = TracerProvider(
            resource=Resource({"service.name": name, **{key.replace("__", "."): each for key, each in resource.items()}})
        )
        self.provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(collector.endpoint, insecure=True)))
        self.tracer = self.provider.get_tracer("test")

    def span(self, kind: SpanKind, attributes: Mapping[str, Any], *, failed: bool = False, name: str = "span", **more: Any) -> None:
        with self.tracer.start_as_current_span(name, kind=kind, attributes=dict(attributes), record_exception=False) as span:
            for event in more.get("events", ()):
                span.add_event("exception", event)
            if failed:
                span.set_status(Status(StatusCode.ERROR, more.get("message", "failed")))


def flat(written: list[dict[str, Any]], of: str, within: str, what: str) -> list[dict[str, Any]]:
    """Spans or log records with the attributes of their resources, all as plain values."""
    found: list[dict[str, Any]] = []
    for part in (part for document in written for part in document[of]):
        resource = attributes(part["resource"])
        found += [{**each, "attributes": attributes(each), "resource": resource} for scope in part[within] for each in scope[what]]
    return found


def attributes(each: Mapping[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in each.get("attributes", ())}


def kept(server: Running) -> list[dict[str, Any]]:
    return flat(server.written("tracing"), "resourceSpans", "scopeSpans", "spans")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("market"), MARKET / "production" / "collector.yaml") as server:
        yield server


def test_edges_are_counted_by_what_they_are(market: Running) -> None:
    """Whatever names an SDK has for them; each line of what is sent stands for one of what is counted."""
    for instance in ("1", "2"):
        baskets = Program(market, "baskets", service__instance__id=instance, process__pid=instance)
        baskets.span(SERVER, {"http.request.method": "POST", "http.route": "/baskets", "http.response.status_code": 201})
        baskets.span(SERVER, {"http.method": "POST", "http.route": "/baskets", "http.status_code": 201})
        baskets.span(SERVER, {"http.request.method": "POST", "http.route": "/baskets", "http.response.status_code": 500}, failed=True)
        baskets.span(
            CLIENT, {"rpc.system": "grpc", "rpc.service": METHOD.partition("/")[0], "rpc.method": "OpenTill", "net.peer.name": "Tills"}
        )
        baskets.span(CLIENT, {"rpc.method": METHOD, "server.address": "tills.market.svc.cluster.local."})
        baskets.span(CLIENT, {"rpc.method": METHOD, "rpc.grpc.status_code": 5, "server.address": "tills.market"}, failed=True)
        baskets.span(CLIENT, {"rpc.method": METHOD, "rpc.grpc.status_code": 14, "server.address": "tills"}, failed=True)
        baskets.span(CLIENT, {"rpc.method": METHOD, "rpc.response.status_code": "ABORTED", "server.address": "tills"}, failed=True)
        baskets.span(
            CLIENT, {"http.method": "POST", "http.url": "https://bank.example.com/charges", "http.status_code": "404"}, failed=True
        )
        baskets.span(CLIENT, {"http.request.method": "BREW", "server.address": "eu.pictures.example.com"})
        baskets.span(CLIENT, {"db.system": "postgresql", "server.address": "db.databases"})
        baskets.span(PRODUCER, {"messaging.operation": "publish", "messaging.destination.name": "baskets.basket-filled.v1"})
        baskets.span(SpanKind.INTERNAL, {})
    tills = Program(market, "tills")
    tills.span(SERVER, {"rpc.method": METHOD, "rpc.response.status_code": "NOT_FOUND"}, failed=True)
    tills.span(CLIENT, {"db.system.name": "oracle.db", "server.address": "db.databases"})
    group = {"messaging.destination.name": "baskets.basket-filled.v1", "messaging.kafka.consumer.group": "tills"}
    tills.span(CONSUMER, {"messaging.operation.type": "process", **group})
    tills.span(CONSUMER, {"messaging.operation.type": "receive", **group})
    upstream = {"component": "proxy", "upstream_cluster": "outbound|8080||baskets.market.svc.cluster.local"}
    gate = Program(market, "gate.market")
    gate.span(SERVER, {"component": "proxy", "http.method": "POST", "http.status_code": "201"})
    gate.span(CLIENT, {**upstream, "http.status_code": "0", "error": "true"})
    Program(market, "baskets.market").span(SERVER, {"component": "proxy", "http.method": "POST", "http.status_code": "201"})
    wanted = {
        ("baskets", "SERVER", "UNSET", "POST", "/baskets"),
        ("baskets", "SERVER", "ERROR", "POST", "/baskets"),
        ("baskets", "CLIENT", "UNSET", METHOD, "tills"),
        ("baskets", "CLIENT", "ERROR", METHOD, "tills"),
        ("baskets", "CLIENT", "UNSET", "POST", "bank"),
        ("baskets", "CLIENT", "UNSET", "_OTHER", "pictures"),
        ("baskets", "CLIENT", "UNSET", "baskets.db"),
        ("baskets", "PRODUCER", "UNSET", "baskets.basket-filled.v1"),
        ("tills", "SERVER", "UNSET", METHOD),
        ("tills", "CLIENT", "UNSET", "tills.db"),
        ("tills", "CONSUMER", "UNSET", "tills", "baskets.basket-filled.v1"),
        ("gate", "SERVER", "UNSET", "POST"),
        ("gate", "CLIENT", "ERROR", "baskets"),
    }
    assert until(market.calls, lambda found: found >= wanted) == wanted


def test_instances_are_counted_together(market: Running) -> None:
    for instance in ("3", "4"):
        Program(market, "baskets", service__instance__id=instance).span(SERVER, {"http.request.method": "GET", "http.route": "/counted"})

    def counted() -> list[float]:
        return [
            value
            for labels, value in market.series().items()
            if {("__name__", "traces_span_metrics_calls_total"), ("http_route", "/counted")} <= labels
        ]

    assert until(counted, lambda found: found == [2]) == [2]


def test_gauges_of_instances_are_kept_apart(market: Running) -> None:
    for resource in ({"service.instance.id": "a"}, {}):
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(market.endpoint, insecure=True), export_interval_millis=60_000)
        provider = MeterProvider([reader], Resource({"service.name": "baskets", "email": "grace@example.com", **resource}))
        gauge = provider.get_meter("test").create_gauge("resilience4j.circuitbreaker.state")
        gauge.set(1, {"name": "tills.tills.openTill", "state": "open", "customer.email": "grace@example.com"})
        provider.force_flush()
        provider.shutdown()

    def instances() -> set[str]:
        known = [dict(each) for each in market.series() if ("__name__", "resilience4j_circuitbreaker_state") in each]
        assert all(each["name"] == "tills.tills.openTill" and "customer_email" not in each and "email" not in each for each in known)
        return {each["service_instance_id"] for each in known}

    assert until(instances, lambda found: len(found) == 2) == {"a", "127.0.0.1"}


def test_every_label_is_in_the_catalogue(market: Running) -> None:
    """What stands in `series` is what Prometheus reads; `instance` and `job` are its own."""
    catalogue = {each["name"]: set(each["labels"]) for each in yaml.safe_load((MARKET / "instruments.yaml").read_text())["series"]}
    for labels in market.series():
        name = dict(labels)["__name__"]
        if name in catalogue:
            assert {label for label, _ in labels} - {"__name__"} <= catalogue[name]
    assert {dict(labels)["__name__"] for labels in market.series()} >= {"traces_span_metrics_duration_seconds_count"}


def test_nothing_protected_is_kept(market: Running) -> None:
    path = "/baskets/of/grace@example.com/7/as/s3cret"
    program = Program(market, "baskets", email="grace@example.com", host__name="node-7")
    program.span(
        SERVER,
        {
            "http.request.method": "GET",
            "http.route": "/baskets/of/{email}/{line}/as/{alias}",
            "url.path": path,
            "http.url": f"https://market.example.com{path}?name=grace&page=2&filter%5Bship_to%5D=Main%20Street",
            "http.request.header.authorization": ["Bearer s3cret"],
            "http.request.header.x_market_key": ["s3cret"],
            "http.request.header.accept": ["text/html"],
            "Ship-To": "Main Street",
            "basket.shipTo.zip": 4711,
            "user.name": "grace",
        },
        failed=True,
        name=f"GET {path}",
        message="nobody has email=grace@example.com",
        events=[{"exception.message": '{"shipTo": "Main Street", "page": 2}', "exception.type": "NotFound"}],
    )
    query = {"db.system.name": "postgresql", "db.query.text": "SELECT * FROM t WHERE e IN ('grace', 4711)"}
    program.span(CLIENT, query, failed=True, name="known query")
    query = {"db.system.name": "oracle.db", "db.query.text": "SELECT 'grace' FROM dual"}
    program.span(CLIENT, query, failed=True, name="unknown query")

    def sent() -> dict[str, dict[str, Any]]:
        return {each["name"]: each for each in kept(market) if each["name"] not in ("span", "failing")}

    found = until(sent, lambda spans: len(spans) == 3)
    assert [each for each in SECRETS if each in json.dumps(found)] == []
    served = found["GET /baskets/of/****/7/as/****"]
    assert served["attributes"]["http.route"] == "/baskets/of/{email}/{line}/as/{alias}"
    assert (
        served["attributes"]["url.full"] == "https://market.example.com/baskets/of/****/7/as/****?name=****&page=2&filter%5Bship_to%5D=****"
    )
    assert served["attributes"]["http.request.header.accept"] == {"values": [{"stringValue": "text/html"}]}
    assert served["status"]["message"] == "nobody has email=****"
    assert served["resource"]["host.name"] == "node-7", "no person's name"
    assert found["known query"]["attributes"]["db.query.text"] == "SELECT * FROM t WHERE e IN (?, ?)"
    assert "db.query.text" not in found["unknown query"]["attributes"], "nobody knows what is in it"


def test_audit_records_go_to_their_own_store_alone(market: Running) -> None:
    provider = LoggerProvider(resource=Resource({"service.name": "baskets"}))
    provider.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(market.endpoint, insecure=True)))
    logger = logging.Logger("test")
    logger.addHandler(LoggingHandler(logger_provider=provider))
    logger.info("sent to email: grace@example.com", extra={"customer": {"email": "grace@example.com", "since": 2020}})
    logger.info("baskets.fillBasket", extra={"log.type": "audit", "audit.resource.email": "hmac-sha256:1f", "email": "grace@example.com"})
    provider.shutdown()

    def of(name: str) -> list[dict[str, Any]]:
        return flat(market.written(name), "resourceLogs", "scopeLogs", "logRecords")

    [line] = until(lambda: of("logging"), bool)
    [record] = until(lambda: of("audit"), bool)
    assert line["body"]["stringValue"] == "sent to email: ****"
    assert line["attributes"]["customer.email"] == "****"
    assert line["attributes"]["customer.since"] == "2020"
    assert record["body"]["stringValue"] == "baskets.fillBasket"
    assert record["attributes"]["audit.resource.email"] == "hmac-sha256:1f"
    assert record["attributes"]["email"] == "****"


def test_errors_are_kept_and_a_share_of_the_rest(market: Running) -> None:
    before = len(kept(market))
    program = Program(market, "baskets")
    for number in range(200):
        program.span(SERVER, {"http.request.method": "GET", "number": number})
    program.span(SERVER, {"http.request.method": "GET", "number": "last"}, failed=True)
    spans = until(lambda: kept(market)[before:], lambda found: any(each["attributes"].get("number") == "last" for each in found))
    assert 5 <= len([each for each in spans if "number" in each["attributes"]]) <= 60, "an eighth of 200, give or take"


def test_odd_names_mean_themselves(tmp_path: Path) -> None:
    with running(tmp_path, ODD / "production" / "collector.yaml") as server:
        named = {
            "tax(id)": "s3cret",
            "tax_id": "s3cret",
            "nom d'usage": "s3cret",
            "数量": "s3cret",
            "order.数量": "s3cret",
            "a.b[c]": "s3cret",
        }
        more = {
            'say "hi"': "s3cret",
            "$secret": "s3cret",
            "http.request.header.x-$key+1": "s3cret",
            "taxation": "fine",
            "error.type": "fine",
        }
        texts = {
            "note": "数量: s3cret and $secret=s3cret",
            "url.path": "/$metadata/(wares)/s3cret.7",
            "http.route": "/$metadata/(wares)/{type}.{wareId}",
        }
        program = Program(server, "shop")
        program.span(SERVER, {**named, **more, **texts})
        program.span(CLIENT, {"http.request.method": "POST", "server.address": "shop.EXAMPLE.com"})
        found = until(lambda: kept(server), lambda spans: len(spans) == 2)
        assert "s3cret" not in json.dumps(found)
        assert [each["attributes"].get("http.route") for each in found] == ["/$metadata/(wares)/{type}.{wareId}", None]
        assert [each["attributes"].get("service.peer.name") for each in found] == [None, "external.shop"]
        assert list(itertools.chain(*(each["attributes"].keys() & {"taxation"} for each in found))) == ["taxation"]
        assert found[0]["attributes"]["taxation"] == found[0]["attributes"]["error.type"] == "fine"
