"""How telemetry leaves a component and where the collector takes it: variables of OpenTelemetry SDKs, and the collector's ports."""

from __future__ import annotations

from collections.abc import Mapping

from generator import network, placement, signals
from generator.graph import Graph
from generator.model import Environment

ENVIRONMENT = "DEPLOYMENT_ENVIRONMENT_NAME"
"""Our own variable: the name that the resource attribute is made of."""
INSTANCE = "POD_NAME"
"""What tells an instance from the others of its component, so that their metrics do not overwrite each other."""
MESH_PROVIDER = "opentelemetry"
"""The mesh's name for the collector that its proxies send spans to."""
LISTENING = "MY_POD_IP"
"""Variable with the address that the collector listens on, as upstream names it."""
OWN_METRICS_PORT, SPAN_METRICS_PORT = network.COLLECTOR_METRICS
HEALTH_PORT = 13133
"""Where the collector's health is asked; upstream's default."""
CONVENTIONS = "http,database,messaging,rpc"
"""Areas of which an SDK shall use the present semantic conventions, where it would still use the older ones."""


def of_environment(graph: Graph, environment: Environment) -> Mapping[str, str]:
    """What holds for all components of an environment.

    Every span is sent, whatever the caller has decided: the collector counts all of them, and only then drops some.
    """
    ports = placement.otlp(environment)
    port, protocol = (ports.grpc, "grpc") if ports.grpc is not None else (ports.http, "http/protobuf")
    return {
        ENVIRONMENT: environment.name,
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{placement.telemetry(environment).host}:{port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_METRIC_EXPORT_INTERVAL": str(signals.observability(graph).metrics.interval.milliseconds),
        "OTEL_SEMCONV_STABILITY_OPT_IN": CONVENTIONS,
        "OTEL_TRACES_SAMPLER": "always_on",
    }


def resource_attributes(graph: Graph) -> str:
    """Value of OTEL_RESOURCE_ATTRIBUTES; Kubernetes fills in the variables."""
    values = {
        "deployment.environment.name": f"$({ENVIRONMENT})",
        "service.instance.id": f"$({INSTANCE})",
        "service.namespace": graph.name,
    }
    return ",".join(f"{name}={value}" for name, value in values.items())
