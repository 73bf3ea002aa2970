"""The servers of observability start from a configuration, answer, refuse a broken one, and end with the test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from live_servers import Prometheus, alertmanager, collector, free_ports, prometheus
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

RULES = """\
groups:
  - name: test
    interval: 100ms
    rules:
      - {record: test:one, expr: vector(1), labels: {component: web}}
      - {alert: Always, expr: test:one == 1, labels: {severity: critical}}
"""
COLLECTOR = """\
extensions: {health_check: {endpoint: "${env:HOST}:13133"}}
receivers: {otlp: {protocols: {grpc: {endpoint: "${env:HOST}:4317"}}}}
connectors: {span_metrics: {metrics_flush_interval: 100ms}}
exporters: {prometheus: {endpoint: "${env:HOST}:8889"}}
service:
  telemetry: {metrics: {level: none}}
  extensions: [health_check]
  pipelines:
    traces: {receivers: [otlp], exporters: [span_metrics]}
    metrics: {receivers: [span_metrics], exporters: [prometheus]}
"""
ROUTES = """\
route: {receiver: team, group_wait: 0s}
receivers: [{name: team}]
"""


Answer = TypeVar("Answer")


def until(ask: Callable[[], Answer], is_right: Callable[[Answer], object]) -> Answer:
    """The answer, once it is right."""
    latest = time.monotonic() + 30
    answer = ask()
    while not is_right(answer) and time.monotonic() < latest:
        time.sleep(0.05)
        answer = ask()
    assert is_right(answer), answer
    return answer


def test_prometheus_records_and_raises(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES)
    (tmp_path / "prometheus.yaml").write_text("rule_files: [rules.yaml]\n")
    with prometheus(tmp_path, tmp_path / "prometheus.yaml") as server:
        [recorded] = until(lambda: server.query("test:one"), bool)
        assert recorded["metric"] == {"__name__": "test:one", "component": "web"}
        until(lambda: server.query('ALERTS{alertstate="firing"}'), bool)
    assert running(tmp_path) == 0


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yaml").write_text("rule_file: [rules.yaml]\n")
    with pytest.raises(RuntimeError, match="field rule_file not found"), prometheus(tmp_path, tmp_path / "prometheus.yaml"):
        pass
    assert running(tmp_path) == 0


def test_the_collector_counts_spans(tmp_path: Path) -> None:
    (tmp_path / "collector.yaml").write_text(COLLECTOR)
    grpc, metrics, health = free_ports(3)
    settings = {
        "extensions::health_check::endpoint": f"127.0.0.1:{health}",
        "receivers::otlp::protocols::grpc::endpoint": f"127.0.0.1:{grpc}",
        "exporters::prometheus::endpoint": f"127.0.0.1:{metrics}",
    }
    started = collector(tmp_path, tmp_path / "collector.yaml", health=health, settings=settings, variables={"HOST": "127.0.0.1"})
    with started:
        send_span(f"127.0.0.1:{grpc}")
        exporter = Prometheus("otelcol", metrics, tmp_path)
        lines = until(lambda: exporter.get("/metrics").splitlines(), lambda found: any("calls_total{" in line for line in found))
    assert any(line.startswith("traces_span_metrics_calls_total{") and 'service_name="web"' in line for line in lines)
    assert running(tmp_path) == 0


def send_span(endpoint: str) -> None:
    provider = TracerProvider(resource=Resource({"service.name": "web"}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint, insecure=True)))
    with provider.get_tracer("test").start_as_current_span("GET /", kind=SpanKind.SERVER):
        pass
    provider.shutdown()


@pytest.mark.slow
def test_alertmanager_takes_alerts(tmp_path: Path) -> None:
    (tmp_path / "alertmanager.yaml").write_text(ROUTES)
    with alertmanager(tmp_path, tmp_path / "alertmanager.yaml") as server:
        server.post("/api/v2/alerts", [{"labels": {"alertname": "Always"}}])
        [alert] = until(lambda: json.loads(server.get("/api/v2/alerts")), bool)
        assert [each["name"] for each in alert["receivers"]] == ["team"]
    assert running(tmp_path) == 0


def test_a_server_ends_with_who_started_it(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yaml").write_text("{}\n")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, "-c", STARTER, tmp_path], env=environment, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        assert running(tmp_path) == 3, "the starter, who keeps the server, and the server"
        starter.send_signal(signal.SIGKILL)
        starter.communicate(timeout=60)
    until(lambda: running(tmp_path), lambda number: number == 0)


STARTER = """\
import pathlib, sys, time
from live_servers import prometheus
folder = pathlib.Path(sys.argv[1])
with prometheus(folder, folder / "prometheus.yaml"):
    print(flush=True)
    time.sleep(600)
"""


def running(folder: Path) -> int:
    """How many processes have the folder among their arguments."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, text=True, check=True)
    return sum(str(folder) in line for line in listed.stdout.splitlines())
