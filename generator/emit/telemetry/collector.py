"""The collector's configuration for one environment: what comes in by OTLP, what becomes of it, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator import auditing, instrumentation, placement, signals
from generator.emit.telemetry import conventions, measuring, ottl, sampling, scrubbing
from generator.emit.telemetry.scrubbing import Known
from generator.graph import Graph
from generator.model import Environment
from generator.units import Duration

LISTENING = f"${{env:{instrumentation.LISTENING}}}"
"""The address to listen on: that of the pod, and not all that the machine has (OpenTelemetry, Collector configuration best practices)."""
SCRAPES = 4
"""Exports that an instance may miss before its series end."""
TENANT = "X-Scope-OrgID"
"""Header by which stores of logs tell tenants apart; audit records are one of their own, so that they are kept longer and read by fewer (Loki, multi-tenancy)."""
KEPT = ("service.name", "service.namespace", "deployment.environment.name", "service.instance.id")
"""Resource attributes that become labels of what components measure themselves."""
Section = dict[str, Any]


def configuration(graph: Graph, environment: Environment, protected: Known) -> Section:
    """Spans and log records are taken once and then go two ways, so that what is refused for want of memory is refused as a whole."""
    has_audit = protected.has_audit
    processors = _processors(graph, environment, protected)
    return {
        "extensions": {"health_check": {"endpoint": _endpoint(instrumentation.HEALTH_PORT)}},
        "receivers": {"otlp": {"protocols": _protocols(environment)}},
        "processors": processors,
        "connectors": {"forward/traces": {}, **({"forward/logs": {}} if has_audit else {}), "span_metrics": measuring.connector(graph)},
        "exporters": _exporters(graph, environment, has_audit=has_audit),
        "service": {
            "extensions": ["health_check"],
            "telemetry": _own_telemetry(),
            "pipelines": _pipelines(processors, has_audit=has_audit),
        },
    }


def _endpoint(port: int) -> str:
    return f"{LISTENING}:{port}"


def _protocols(environment: Environment) -> Section:
    ports = placement.otlp(environment)
    return {name: {"endpoint": _endpoint(port)} for name, port in (("grpc", ports.grpc), ("http", ports.http)) if port is not None}


def _processors(graph: Graph, environment: Environment, protected: Known) -> Section:
    """In the order in which they come; what has nothing to do in this system is left out."""
    sampler = sampling.processor(graph)
    scrubbed = scrubbing.of_spans(protected)
    peers = measuring.peers(graph, environment)
    is_audit = f"{ottl.attribute(auditing.MARK[0], 'log')} == {ottl.quoted(auditing.MARK[1])}"
    apart = {"filter/application": _dropping(is_audit), "filter/audit": _dropping(f"not ({is_audit})")}
    return {
        "memory_limiter": {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20},
        "resource": {"attributes": _resource(graph, environment)},
        "transform/conventions": conventions.transform(graph, environment),
        **({"transform/peers": measuring.naming(graph, environment, peers)} if peers else {}),
        "filter/edges": measuring.edges_only(graph, environment),
        "transform/measured": measuring.transform(graph),
        "transform/series": _series(protected),
        **({sampler[0]: sampler[1]} if sampler else {}),
        **(apart if protected.has_audit else {}),
        **({"transform/flat": scrubbing.flattening()} if protected.fields else {}),
        "redaction": scrubbing.redaction(protected),
        **({"transform/spans": scrubbed} if scrubbed else {}),
        **({"transform/logs": scrubbing.of_logs(protected)} if protected.fields else {}),
        "batch": {"send_batch_size": 1024, "timeout": "1s"},
    }


def _resource(graph: Graph, environment: Environment) -> list[dict[str, str]]:
    """Where it comes from is known here, whatever the sender says."""
    known = {"service.namespace": graph.name, "deployment.environment.name": environment.name}
    return [{"key": name, "value": value, "action": "upsert"} for name, value in known.items()]


def _series(protected: Known) -> Section:
    """Instances that do not say who they are are told apart by where they are, or they would overwrite each other's series."""
    sender, instance = ottl.cached("sender", "resource"), ottl.attribute("service.instance.id", "resource")
    statements = [
        ottl.assign(sender, "otelcol.client.addr"),
        ottl.do("replace_pattern", sender, ottl.quoted(":[0-9]+$"), ottl.quoted("")),
        ottl.assign(instance, sender, where=ottl.is_missing(instance)),
        ottl.do("keep_keys", "resource.attributes", ottl.listed(KEPT)),
    ]
    scrubbed = scrubbing.of_series(protected)
    groups = [{"statements": statements}, *([{"statements": scrubbed}] if scrubbed else [])]
    return {"error_mode": "ignore", "metric_statements": groups}


def _dropping(condition: ottl.Expression) -> Section:
    return {"error_mode": "propagate", "log_conditions": [condition]}


def _exporters(graph: Graph, environment: Environment, *, has_audit: bool) -> Section:
    tracing, logging = placement.tracing(environment), placement.logging(environment)
    store = f"http://{logging.host}:{logging.port}"
    interval = signals.observability(graph).metrics.interval
    return {
        "otlp_grpc/tracing": {"endpoint": f"{tracing.host}:{tracing.port}", "tls": {"insecure": True}},
        "otlp_http/logging": {"endpoint": store, "headers": {TENANT: graph.name}},
        **({"otlp_http/audit": {"endpoint": store, "headers": {TENANT: audit_tenant(graph)}, **PATIENT}} if has_audit else {}),
        "prometheus": {
            "endpoint": _endpoint(instrumentation.SPAN_METRICS_PORT),
            "metric_expiration": str(Duration(interval.milliseconds * SCRAPES)),
            "resource_to_telemetry_conversion": {"enabled": True},
            "translation_strategy": "UnderscoreEscapingWithSuffixes",
            "without_scope_info": True,
        },
    }


PATIENT: Mapping[str, Any] = {
    "retry_on_failure": {"max_elapsed_time": "0s"},
    "sending_queue": {"queue_size": 10_000, "block_on_overflow": True},
}
"""An audit record is never given up; while its store is away senders wait, and in the end send again."""


def audit_tenant(graph: Graph) -> str:
    return f"{graph.name}-audit"


def _own_telemetry() -> Section:
    """Its own metrics with their units and types in their names, as Prometheus has them."""
    reader = {"host": LISTENING, "port": instrumentation.OWN_METRICS_PORT, **OWN_NAMES}
    return {"logs": {"encoding": "json"}, "metrics": {"readers": [{"pull": {"exporter": {"prometheus": reader}}}]}}


OWN_NAMES = {"without_scope_info": True, "without_type_suffix": False, "without_units": False}


def _pipelines(processors: Section, *, has_audit: bool) -> Section:
    """Each with those of its processors that there are."""

    def pipeline(receiver: str, wanted: str, exporter: str) -> Section:
        found = [each for each in wanted.split() if each in processors]
        return {"receivers": [receiver], **({"processors": found} if found else {}), "exporters": [exporter]}

    taken = "memory_limiter resource"
    masked = "transform/flat redaction transform/logs batch"
    logs = {
        "logs/in": pipeline("otlp", taken, "forward/logs"),
        "logs/application": pipeline("forward/logs", f"filter/application {masked}", "otlp_http/logging"),
        "logs/audit": pipeline("forward/logs", "filter/audit redaction", "otlp_http/audit"),
    }
    samplers = "probabilistic_sampler tail_sampling"
    return {
        "traces/in": pipeline("otlp", f"{taken} transform/conventions transform/peers", "forward/traces"),
        "traces/kept": pipeline("forward/traces", f"{samplers} redaction transform/spans batch", "otlp_grpc/tracing"),
        "traces/measured": pipeline("forward/traces", "filter/edges transform/measured", "span_metrics"),
        "metrics/spans": pipeline("span_metrics", "", "prometheus"),
        "metrics/components": pipeline("otlp", f"{taken} transform/series", "prometheus"),
        **(logs if has_audit else {"logs": pipeline("otlp", f"{taken} {masked}", "otlp_http/logging")}),
    }
