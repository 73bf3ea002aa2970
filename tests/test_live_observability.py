"""The generated configuration runs: real Prometheus, Alertmanager and Collector, traffic for every edge, one burst of failures, one alert that arrives.

The files are those of `output/`. What is overridden, and nothing else (`hastened`):

- addresses: everything listens on and speaks to loopback;
- waits: scrape and evaluation intervals, `interval` of groups, `for` of alerts, flush, batch and decision times of the collector, the waits of Alertmanager's groups;
- where secrets lie.

Expressions, thresholds, windows of rates, routes, receivers, processors and pipelines are as generated.
"""

from __future__ import annotations

import copy
import gzip
import http.server
import itertools
import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from conftest import ROOT
from live_servers import Prometheus, Server, alertmanager, collector, free_ports, prometheus
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from generator import network, signals
from generator.graph import Graph
from generator.pipeline import understand

SYSTEM = "enterprise-expansion"
ENVIRONMENT = "production"
OUTPUT = ROOT / "output" / SYSTEM
PATIENCE = 120
"""Seconds that anything may take; it takes a few on a quiet machine."""
SECOND = 10**9
SWIFT = 2_000_000
"""Nanoseconds of a span: faster than any objective."""

SpanData = Mapping[str, str]


# --- what is overridden -----------------------------------------------------------------------------------------------


def hastened(found: Any) -> Any:
    """The same data with short waits: durations under these keys, wherever they stand."""
    waits = {
        "scrape_interval": "1s", "evaluation_interval": "1s", "interval": "1s", "for": "3s", "group_wait": "0s", "group_interval": "1s",
        "metrics_flush_interval": "500ms", "decision_wait": "1s", "timeout": "200ms",
    }  # fmt: skip
    if isinstance(found, dict):
        return {key: waits[key] if key in waits and isinstance(each, str) else hastened(each) for key, each in found.items()}
    return [hastened(each) for each in found] if isinstance(found, list) else found


def written(path: Path, data: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def scraped_at(job: Mapping[str, Any], address: str) -> dict[str, Any]:
    """A scrape job of the local configuration whose targets are all at one address."""
    changed = copy.deepcopy(dict(job))
    for each in changed["static_configs"]:
        each["targets"] = [address]
    return changed


# --- what surrounds the system ----------------------------------------------------------------------------------------


@dataclass
class Heard:
    """What arrived where."""

    spans: list[Any] = field(default_factory=list)
    """With their resources: what the tracing back end was given."""
    logs: list[tuple[str, Any]] = field(default_factory=list)
    """Path and record: what the log stores were given."""
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Path and body: what the teams' webhooks were given."""


class Tracing(trace_service_pb2_grpc.TraceServiceServicer):
    """What takes traces by OTLP."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - the method's name in OTLP
        self.heard.spans += [(of.resource, span) for of in request.resource_spans for scope in of.scope_spans for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


@contextmanager
def tracing(heard: Heard) -> Iterator[str]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Tracing(heard), server)  # type: ignore[no-untyped-call]  # generated
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait()


@contextmanager
def answering(get: Callable[[str], str], post: Callable[[str, bytes], None]) -> Iterator[str]:
    """An HTTP server on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(get(self.path).encode(), "text/plain; version=0.0.4")

        def do_POST(self) -> None:
            post(self.path, self.body())
            self.answer(b"", "application/x-protobuf")

        def body(self) -> bytes:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            return gzip.decompress(sent) if self.headers["Content-Encoding"] == "gzip" else sent

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def records(path: str, body: bytes) -> list[tuple[str, Any]]:
    """The log records of an OTLP request."""
    request = logs_service_pb2.ExportLogsServiceRequest.FromString(body)
    return [(path, record) for of in request.resource_logs for scope in of.scope_logs for record in scope.log_records]


def exported(graph: Graph) -> str:
    """What the exporters of the broker and of Kubernetes say: nothing waits, every job has just succeeded."""
    lines = []
    for each in signals.consumptions(graph):
        found = signals.lag(graph, each)
        if found is not None:
            labels = ",".join(f'{name}="{value}"' for name, value in found[1].items())
            lines.append(f"{found[0]}{{{labels}}} 0")
    space = signals.namespaces(graph)[0]
    lines += [f'{signals.JOB_SUCCESS}{{namespace="{space}",cronjob="{job.name}"}} {time.time():.0f}' for job in signals.jobs(graph)]
    return "".join(f"{line}\n" for line in dict.fromkeys(lines))


# --- traffic ----------------------------------------------------------------------------------------------------------

KINDS = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
PERSONAL = {"email": "grace@example.com", "customer.phone": "+43 1 234567", "paymentToken": "tok_secret_4711"}
"""Attributes that programs should not send, and sometimes do."""


def spans(graph: Graph) -> list[tuple[str, str, SpanData]]:
    """One of every kind that the system has: component, kind, attributes."""
    broker = graph.system.header.broker
    system = {"messaging.system": broker.kind} if broker else {}
    found: list[tuple[str, str, SpanData]] = [(each.component.name, "server", each.attributes) for each in signals.served(graph)]
    found += [(each.name, "server", {"http.request.method": "GET"}) for each in network.gateways(graph)]
    for edge in signals.dependencies(graph):
        where = {"server.address": edge.addresses[0]} if edge.addresses else {"service.peer.name": edge.peer}
        found += [(edge.component.name, "client", {**asked, **where}) for asked in edge.requests]
    for sent in signals.publications(graph):
        attributes = {**system, "messaging.operation.type": "send", "messaging.destination.name": sent.address}
        found.append((sent.component.name, "producer", attributes))
    for taken in signals.consumptions(graph):
        attributes = {**system, "messaging.operation.type": "process", "messaging.destination.name": taken.address}
        found.append((taken.component.name, "consumer", {**attributes, "messaging.consumer.group.name": taken.group}))
    return found


class Traffic:
    """The components of a system, as their SDKs speak for them."""

    def __init__(self, graph: Graph, endpoint: str) -> None:
        self.graph, self.endpoint = graph, endpoint
        names = sorted({each.name for each in graph.components})
        self.providers = {name: self._tracer(name) for name in names}
        self.meters = [self._meter(name) for name in names if any(each.component.name == name for each in signals.breakers(graph))]
        self.spans = spans(graph)

    def _resource(self, name: str) -> Resource:
        return Resource({"service.name": name, "service.namespace": self.graph.name, "service.instance.id": f"{name}-0"})

    def _tracer(self, name: str) -> TracerProvider:
        provider = TracerProvider(resource=self._resource(name))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(self.endpoint, insecure=True), schedule_delay_millis=100))
        return provider

    def _meter(self, name: str) -> MeterProvider:
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(self.endpoint, insecure=True), export_interval_millis=500)
        provider = MeterProvider([reader], self._resource(name))
        own = [each.name for each in signals.breakers(self.graph) if each.component.name == name]

        def states(_: CallbackOptions) -> Iterator[Observation]:
            for breaker, state in itertools.product(own, ("closed", "open", "half_open")):
                yield Observation(int(state == "closed"), {"name": breaker, "state": state})

        provider.get_meter("resilience4j").create_observable_gauge("resilience4j.circuitbreaker.state", [states])
        return provider

    def send(self, which: Sequence[tuple[str, str, SpanData]], *, failed: bool = False, more: Mapping[str, str] | None = None) -> None:
        """Each of the spans once, as a trace of its own."""
        for component, kind, attributes in which:
            start = time.time_ns() - SWIFT
            tracer = self.providers[component].get_tracer("test")
            span = tracer.start_span(
                signals.span_name(attributes), kind=KINDS[kind], attributes={**attributes, **(more or {})}, start_time=start
            )
            if failed:
                span.set_status(Status(StatusCode.ERROR))
            span.end(start + SWIFT)

    def close(self) -> None:
        for provider in self.providers.values():
            provider.shutdown()
        for meter in self.meters:
            meter.shutdown()


# --- the laboratory ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lab:
    graph: Graph
    prometheus: Prometheus
    alertmanager: Server
    collector: Server
    traffic: Traffic
    heard: Heard

    def until(self, ask: Callable[[], Any], *, meanwhile: Callable[[], None] | None = None) -> Any:
        """What is asked for, once it is there; the usual traffic goes on."""
        latest = time.monotonic() + PATIENCE
        while not (found := ask()) and time.monotonic() < latest:
            self.traffic.send(self.traffic.spans)
            if meanwhile is not None:
                meanwhile()
            time.sleep(0.3)
        return found

    def alerts(self, state: str) -> list[dict[str, str]]:
        found = json.loads(self.prometheus.get("/api/v1/alerts"))["data"]["alerts"]
        return [each["labels"] for each in found if each["state"] == state]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    graph, found = understand(ROOT / "contracts" / SYSTEM)
    assert graph is not None, found
    folder = tmp_path_factory.mktemp("lab")
    heard = Heard()
    with ExitStack() as running:
        trace_store = running.enter_context(tracing(heard))
        exporters = running.enter_context(answering(lambda _: exported(graph), lambda path, body: None))
        log_store = running.enter_context(answering(lambda _: "", lambda path, body: heard.logs.extend(records(path, body))))
        teams = running.enter_context(answering(lambda _: "", lambda path, body: heard.notices.append((path, json.loads(body)))))
        otlp, measured, own, health = free_ports(4)
        configuration = collector_configuration(folder, trace_store, log_store, otlp, measured, own, health)
        gathering = running.enter_context(collector(folder, configuration, health=health, variables={"MY_POD_IP": "127.0.0.1"}))
        telling = running.enter_context(alertmanager(folder, alertmanager_configuration(folder, teams)))
        measuring = prometheus_configuration(folder, exporters, f"127.0.0.1:{measured}", f"127.0.0.1:{own}", telling)
        watching = running.enter_context(prometheus(folder, measuring))
        traffic = Traffic(graph, f"http://127.0.0.1:{otlp}")
        running.callback(traffic.close)
        laboratory = Lab(graph, watching, telling, gathering, traffic, heard)
        assert laboratory.until(lambda: is_as_usual(laboratory)), "the usual is not measured"
        yield laboratory


def is_as_usual(lab: Lab) -> bool:
    """Everything is measured, and nobody is told anything."""
    return all(has_value(lab, each) for each in recorded_series()) and not lab.alerts("firing") + lab.alerts("pending")


def collector_configuration(folder: Path, traces: str, logs: str, otlp: int, measured: int, own: int, health: int) -> Path:
    found = hastened(read(OUTPUT / "telemetry" / ENVIRONMENT / "collector.yaml"))
    protocols = found["receivers"]["otlp"]["protocols"]
    [http_port] = free_ports(1)
    protocols["grpc"]["endpoint"], protocols["http"]["endpoint"] = f"127.0.0.1:{otlp}", f"127.0.0.1:{http_port}"
    for name, each in found["exporters"].items():
        if name.startswith("otlp_grpc"):
            each["endpoint"] = traces
        elif name.startswith("otlp_http"):
            each["endpoint"] = f"http://{logs}/{name}"
        elif name == "prometheus":
            each["endpoint"] = f"127.0.0.1:{measured}"
    found["extensions"]["health_check"]["endpoint"] = f"127.0.0.1:{health}"
    for reader in found["service"]["telemetry"]["metrics"]["readers"]:
        reader["pull"]["exporter"]["prometheus"] |= {"host": "127.0.0.1", "port": own}
    return written(folder / "collector.yaml", found)


def alertmanager_configuration(folder: Path, teams: str) -> Path:
    """Each secret is the address of a team's own path."""
    source = OUTPUT / "alertmanager"
    text = (source / "alertmanager.yaml").read_text()
    for secret, key in set(re.findall(r"/etc/alertmanager/secrets/([^/\s]+)/([^/\s]+)", text)):
        (folder / "secrets" / secret).mkdir(parents=True, exist_ok=True)
        (folder / "secrets" / secret / key).write_text(f"http://{teams}/{secret}")
    for template in source.glob("templates/*"):
        (folder / "templates").mkdir(exist_ok=True)
        (folder / "templates" / template.name).write_text(template.read_text())
    return written(folder / "alertmanager.yaml", hastened(yaml.safe_load(text.replace("/etc/alertmanager", str(folder)))))


def prometheus_configuration(folder: Path, exporters: str, measured: str, own: str, telling: Server) -> Path:
    source = OUTPUT / "prometheus"
    for path in source.glob("rules/*.yaml"):
        written(folder / "prometheus" / "rules" / path.name, hastened(read(path)))
    found = hastened(read(source / "local" / "prometheus.yaml"))
    found["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [f"127.0.0.1:{telling.port}"]}]}]
    places = {"opentelemetry-collector": measured, "opentelemetry-collector-itself": own}
    found["scrape_configs"] = [
        scraped_at(job, places.get(job["job_name"], exporters)) for job in found["scrape_configs"] if job["job_name"] != "prometheus"
    ]
    return written(folder / "prometheus" / "local" / "prometheus.yaml", found)


# --- what must be so --------------------------------------------------------------------------------------------------


def test_every_recording_rule_yields_data(lab: Lab) -> None:
    """And no rule has trouble; without failures there is no alert, not even a pending one."""
    assert [each for each in recorded_series() if not has_value(lab, each)] == []
    groups = json.loads(lab.prometheus.get("/api/v1/rules"))["data"]["groups"]
    assert [(rule["name"], rule.get("lastError")) for group in groups for rule in group["rules"] if rule["health"] != "ok"] == []
    assert lab.alerts("firing") == []


def recorded_series() -> list[str]:
    found = []
    for path in sorted((OUTPUT / "prometheus" / "rules").glob("*.yaml")):
        for group in read(path)["groups"]:
            for rule in group["rules"]:
                if "record" in rule:
                    labels = ",".join(f"{name}={json.dumps(value)}" for name, value in rule["labels"].items())
                    found.append(f"{rule['record']}{{{labels}}}")
    assert found
    return found


def has_value(lab: Lab, expression: str) -> bool:
    """A series with a number; what is divided by nothing is none."""
    return any(not math.isnan(float(each["value"][1])) for each in lab.prometheus.query(expression))


def test_no_query_of_a_dashboard_is_empty(lab: Lab) -> None:
    queries = dashboard_queries()

    def empty() -> list[tuple[str, str]]:
        return [(name, each) for name, each in queries if "ALERTS" not in each and not lab.prometheus.query(each)]

    lab.until(lambda: not empty())
    assert empty() == []


def dashboard_queries() -> list[tuple[str, str]]:
    """Of every panel, as Grafana asks: with its variables filled in."""
    found = []
    for path in sorted((OUTPUT / "grafana" / "dashboards").rglob("*.json")):
        waiting = [json.loads(path.read_text())]
        while waiting:
            panel = waiting.pop()
            waiting += panel.get("panels", [])
            found += [(path.name, filled(target["expr"])) for target in panel.get("targets", [])]
    assert found
    return found


def filled(expression: str) -> str:
    return re.sub(r"\$(\{?)component(:\w+)?\}?", ".*", expression.replace("$__rate_interval", "1m").replace("$__range", "5m"))


def test_each_edge_is_measured_by_itself(lab: Lab) -> None:
    """Spans name an address or a peer, and the collector knows who that is; nothing is measured that is no edge."""
    expected = {(each.component.name, each.peer) for each in signals.dependencies(lab.graph)}
    asked = f'{signals.CALLS}{{{signals.KIND}="SPAN_KIND_CLIENT"}}'

    def seen() -> set[tuple[str, str]]:
        found = [each["metric"] for each in lab.prometheus.query(asked)]
        return {(each[signals.SERVICE], each.get(signals.PEER_SERVICE, "")) for each in found}

    lab.until(lambda: seen() >= expected)
    assert seen() == expected


def test_personal_data_does_not_arrive(lab: Lab) -> None:
    """Neither where traces are kept, nor among the labels of what is measured; what is not personal does."""
    one = next(each for each in lab.traffic.spans if each[1] == "server" and "http.route" in each[2])
    marker = {"app.marker": "not personal"}

    def arrived() -> list[Any]:
        return [span for _, span in lab.heard.spans if any(each.value.string_value == "not personal" for each in span.attributes)]

    lab.until(arrived, meanwhile=lambda: lab.traffic.send([one] * 20, more={**PERSONAL, **marker}))
    assert arrived()
    text = "".join(str(each) for each in lab.heard.spans)
    assert [each for each in PERSONAL.values() if each in text] == []
    labels = lab.prometheus.get("/api/v1/series", **{"match[]": '{__name__=~".+"}'})
    assert [each for each in PERSONAL.values() if each in labels] == []


def test_audit_records_have_a_sink_of_their_own(lab: Lab) -> None:
    """Each record goes to one sink; personal fields to neither."""
    component = lab.graph.components[0].name
    provider = LoggerProvider(Resource({"service.name": component, "service.namespace": lab.graph.name}))
    provider.add_log_record_processor(
        BatchLogRecordProcessor(OTLPLogExporter(lab.traffic.endpoint, insecure=True), schedule_delay_millis=100)
    )
    provider.get_logger("shop").emit(severity_number=SeverityNumber.INFO, body="an order was placed", attributes=PERSONAL)
    provider.get_logger("audit").emit(severity_number=SeverityNumber.INFO, body="SomethingDone", attributes={"log.type": "audit"})
    provider.shutdown()

    def sinks(text: str) -> set[str]:
        return {path for path, record in lab.heard.logs if record.body.string_value == text}

    lab.until(lambda: sinks("an order was placed") and sinks("SomethingDone"))
    assert sinks("an order was placed") == {"/otlp_http/logging/v1/logs"}
    assert sinks("SomethingDone") == {"/otlp_http/audit/v1/logs"}
    assert [each for each in PERSONAL.values() if each in str(lab.heard.logs)] == []


def test_traces_are_kept_as_declared(lab: Lab) -> None:
    """Every trace with an error, and of the others about the declared share. What happens inside of a component raises no alert."""
    sample = signals.observability(lab.graph).traces.sample
    assert sample is not None
    one = (lab.graph.components[0].name, "internal", {"db.system.name": "none"})
    rounds = 400
    before = len(kept(lab, "good"))
    lab.traffic.send([one] * rounds, more={"app.round": "good"})
    lab.traffic.send([one] * 20, more={"app.round": "bad"}, failed=True)
    lab.until(lambda: len(kept(lab, "bad")) >= 20)
    assert len(kept(lab, "bad")) == 20
    share = float(sample.value) / 100
    assert 0.3 * share * rounds < len(kept(lab, "good")) - before < 3 * share * rounds


def kept(lab: Lab, name: str) -> list[Any]:
    return [
        span for _, span in lab.heard.spans if any(each.key == "app.round" and each.value.string_value == name for each in span.attributes)
    ]


def test_a_burst_on_one_edge_raises_one_alert_that_reaches_its_team(lab: Lab) -> None:
    """Calls of one component to one other fail, and nothing else."""
    edge = next(
        each
        for each in signals.dependencies(lab.graph)
        if each.is_required and any(each.peer == other.name for other in lab.graph.components)
    )
    which = [each for each in lab.traffic.spans if each[:2] == (edge.component.name, "client") and edge.addresses[0] in each[2].values()]
    expected = {"alertname": "HighCallErrorRate", "component": edge.component.name, "peer": edge.peer}
    assert lab.alerts("firing") == []
    lab.heard.notices.clear()

    def told() -> list[tuple[str, dict[str, Any]]]:
        return [each for each in lab.heard.notices if any(alert["status"] == "firing" for alert in each[1]["alerts"])]

    lab.until(told, meanwhile=lambda: lab.traffic.send(which * 5, failed=True))
    firing = lab.alerts("firing")
    assert {name: firing[0].get(name) for name in expected} == expected, firing
    owner = signals.owner(lab.graph, edge.component).name
    assert [{name: each[name] for name in expected} for each in firing] == [expected]
    assert firing[0]["owner"] == owner
    assert {path.strip("/") for path, _ in told()} == {secret_of(owner)}
    [alert] = {json.dumps(each["labels"], sort_keys=True): each for _, body in told() for each in body["alerts"]}.values()
    assert expected.items() <= alert["labels"].items()
    assert (OUTPUT / alert["annotations"]["runbook_url"]).is_file()
    firing_queries = [(name, each) for name, each in dashboard_queries() if "ALERTS" in each and "warning" not in each]
    assert any(lab.prometheus.query(each) for _, each in firing_queries)


def secret_of(owner: str) -> str:
    """The secret that the team's receiver takes its address from."""
    config = read(OUTPUT / "alertmanager" / "alertmanager.yaml")
    receivers = {each["name"]: each for each in config["receivers"]}
    path = receivers[owner]["webhook_configs"][0]["url_file"]
    return str(path).split("/")[-2]
