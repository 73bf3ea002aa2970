"""What Prometheus scrapes: the pods of an environment, found by Kubernetes, or the same by name on one machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from generator import network, placement, promql, signals
from generator.alerts import COMPONENT, alerts
from generator.artifact import Artifact
from generator.emit.prometheus.alerting import COLLECTOR_JOB
from generator.graph import Graph
from generator.instrumentation import OWN_METRICS_PORT, SPAN_METRICS_PORT
from generator.model import Component, Environment, MetricsEndpoint
from generator.placement import Surrounding
from generator.text import generated_by, to_yaml

FILE = "prometheus.yaml"
RULES = "rules/*.yaml"
COMPONENTS, CLUSTER_STATE, BROKER, STORE = "components", "cluster-state", "broker", "store"
"""Jobs, beside the collector's and Prometheus' own."""
MERGED_PATH = "/stats/prometheus"
"""Where a sidecar serves its own metrics and the application's (Istio, Prometheus integration)."""
METRICS = "/metrics"
PROMETHEUS_PORT = 9090

Job = dict[str, Any]


def configurations(graph: Graph) -> Iterator[Artifact]:
    """One for each environment, and one for a single machine, where every name is a host."""
    sources = (graph.system.header.at, signals.observability(graph).at, *(each.at for each in _scraped(graph)))
    copies = tuple(at for each in signals.replications(graph) for at in (each.access.at, each.at))
    for environment in graph.system.document.environments:
        folder = PurePosixPath("environments") / environment.name
        config = _configuration(graph, folder, _alertmanager(environment), _in_cluster(graph, environment))
        yield Artifact(folder / FILE, to_yaml(config, generated_by(graph.name, (environment.at,))), (environment.at, *sources, *copies))
    folder = PurePosixPath("local")
    config = _configuration(graph, folder, "alertmanager:9093", _on_one_machine(graph))
    yield Artifact(folder / FILE, to_yaml(config, f"{generated_by(graph.name, sources[:1])}\n{LOCAL}"), sources)


LOCAL = "For one machine, such as with Compose: every component, the collector and the brokers' exporters by name."


def _configuration(graph: Graph, folder: PurePosixPath, alertmanager: str, jobs: Iterable[Job]) -> dict[str, Any]:
    interval = str(signals.observability(graph).metrics.interval)
    return {
        "global": {
            "scrape_interval": interval,
            "evaluation_interval": interval,
            "external_labels": {"system": graph.name, "environment": folder.name},
        },
        "storage": {"tsdb": {"retention": _retention(graph)}},
        "rule_files": ["../" * len(folder.parts) + RULES],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": list(jobs),
    }


def _retention(graph: Graph) -> dict[str, str]:
    """How long series are kept, and how much space they may take."""
    metrics = signals.observability(graph).metrics
    size = {"size": f"{metrics.storage.bytes}B"} if metrics.storage is not None else {}
    return {"time": str(metrics.retention), **size}


def _alertmanager(environment: Environment) -> str:
    place = placement.alerting(environment)
    return f"{place.host}:{place.port}"


def _scraped(graph: Graph) -> list[Component]:
    """Those that answer as long as they are there."""
    return [each for each in placement.deployed(graph) if not placement.is_job(each)]


def _needs_cluster_state(graph: Graph) -> list[str]:
    """Series of kube-state-metrics that rules read."""
    raised = alerts(graph)
    found = {signals.JOB_SUCCESS, signals.JOB_CREATED} if any(each.name == "JobOverdue" for each in raised) else set()
    down = [each.component for each in raised if each.name == "ServiceDown" and each.component is not None]
    return sorted(found | ({signals.AVAILABLE} if any(not signals.is_scraped(graph, each) for each in down) else set()))


def _lags(graph: Graph) -> bool:
    return any(signals.lag(graph, each) is not None for each in signals.consumptions(graph))


# --- in a cluster -----------------------------------------------------------------------------------------------------


def _in_cluster(graph: Graph, environment: Environment) -> Iterator[Job]:
    if environment.mesh == "sidecar":
        components = [each.name for each in _scraped(graph)]
        if components:
            yield _pods_of_system(graph, environment, COMPONENTS, components, network.MERGED_METRICS, MERGED_PATH, None)
    else:
        yield from _endpoints(graph, environment)
    yield _collector_job(_pods(placement.telemetry(environment), SPAN_METRICS_PORT))
    yield {"job_name": f"{COLLECTOR_JOB}-itself", **_pods(placement.telemetry(environment), OWN_METRICS_PORT)}
    kept = _needs_cluster_state(graph)
    if kept:
        place = placement.cluster_state(environment)
        yield {"job_name": CLUSTER_STATE, "honor_labels": True, **_pods(place, place.port), **_only(kept)}
    broker = placement.broker_metrics(graph, environment)
    if broker is not None and _lags(graph):
        yield {
            "job_name": BROKER,
            **_broker(graph),
            **_pods(broker, broker.port, placement.namespace_of(graph, environment)),
            **_only(_lag_series(graph)),
        }
    for each in signals.replications(graph):
        found = _pods(Surrounding(each.peer, (), each.at), placement.STORE_METRICS_PORT, placement.namespace_of(graph, environment))
        told = {"target_label": signals.STORE, "replacement": each.store}
        relabelled = {**found, "relabel_configs": [*found["relabel_configs"], told]}
        yield {"job_name": f"{STORE}.{each.store}", **relabelled, **_only([signals.REPLICA_LAG])}
    yield _itself()


def _endpoints(graph: Graph, environment: Environment) -> Iterator[Job]:
    """A job for each port, path and interval at which components serve their own metrics."""
    groups: dict[tuple[int, str, str], list[str]] = {}
    for component in _scraped(graph):
        endpoint = signals.endpoint(graph, component)
        if endpoint is not None:
            interval = str(endpoint.interval or "")
            groups.setdefault((_port(graph, component, endpoint), endpoint.path, interval), []).append(component.name)
    for number, ((port, path, interval), components) in enumerate(sorted(groups.items())):
        name = COMPONENTS if number == 0 else f"{COMPONENTS}-{number + 1}"
        yield _pods_of_system(graph, environment, name, components, port, path, interval or None)


def _port(graph: Graph, component: Component, endpoint: MetricsEndpoint) -> int:
    return next(placement.pod_port(each) for each in placement.ports(graph, component) if each.name == endpoint.port)


def _pods_of_system(
    graph: Graph, environment: Environment, name: str, components: Sequence[str], port: int, path: str, interval: str | None
) -> Job:
    """Pods by the labels that every pod of the system has; each is asked once, whatever its containers' ports are."""
    namespace = placement.namespace_of(graph, environment)
    selector = f"{placement.PART_OF}={graph.name}"
    pod = "__meta_kubernetes_pod"
    label = f"{pod}_label_{placement.NAME.replace('.', '_').replace('/', '_')}"
    return {
        "job_name": name,
        **({"scrape_interval": interval} if interval else {}),
        **({"metrics_path": path} if path != METRICS else {}),
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [namespace]}, "selectors": [{"role": "pod", "label": selector}]}],
        "relabel_configs": [
            {"source_labels": [label], "regex": "|".join(promql.escape(each) for each in sorted(components)), "action": "keep"},
            {"source_labels": [f"{pod}_phase"], "regex": "Pending|Succeeded|Failed", "action": "drop"},
            *_address(port),
            {"source_labels": [label], "target_label": COMPONENT},
            {"source_labels": [f"{pod}_name"], "target_label": "pod"},
        ],
    }


def _address(port: int) -> list[dict[str, Any]]:
    """The pod's own address with the port; IPv6 in brackets."""
    source = {"source_labels": ["__meta_kubernetes_pod_ip"], "target_label": "__address__"}
    return [
        {**source, "regex": "([^:]+)", "replacement": f"$1:{port}"},
        {**source, "regex": "(.*:.*)", "replacement": f"[$1]:{port}"},
    ]


def _pods(place: Surrounding, port: int, namespace: str | None = None) -> Job:
    """Pods of the platform by their labels."""
    selector = ",".join(f"{name}={value}" for name, value in sorted(place.peer.labels.items()))
    spaces = place.peer.namespace or namespace
    return {
        "kubernetes_sd_configs": [
            {
                "role": "pod",
                **({"namespaces": {"names": [spaces]}} if spaces else {}),
                "selectors": [{"role": "pod", "label": selector}],
            }
        ],
        "relabel_configs": [
            {"source_labels": ["__meta_kubernetes_pod_phase"], "regex": "Pending|Succeeded|Failed", "action": "drop"},
            *_address(port),
        ],
    }


def _only(series: Sequence[str]) -> Job:
    """An exporter says much more than rules read."""
    return {"metric_relabel_configs": [{"source_labels": ["__name__"], "regex": "|".join(series), "action": "keep"}]}


def _collector_job(found: Job) -> Job:
    """What the collector has measured; what it says of where that came from is in other labels already."""
    dropped = {"regex": "exported_(job|instance)", "action": "labeldrop"}
    return {"job_name": COLLECTOR_JOB, **found, "metric_relabel_configs": [dropped]}


def _broker(graph: Graph) -> Job:
    """RabbitMQ tells of each queue only where it is asked to (rabbitmq_prometheus, selective querying)."""
    broker = graph.system.header.broker
    if broker is not None and broker.kind == "rabbitmq":
        return {"metrics_path": "/metrics/detailed", "params": {"family": ["queue_coarse_metrics"]}}
    return {}


def _lag_series(graph: Graph) -> list[str]:
    return sorted({found[0] for each in signals.consumptions(graph) if (found := signals.lag(graph, each)) is not None})


def _itself() -> Job:
    return {"job_name": "prometheus", "static_configs": [{"targets": [f"localhost:{PROMETHEUS_PORT}"]}]}


# --- on one machine ---------------------------------------------------------------------------------------------------


def _on_one_machine(graph: Graph) -> Iterator[Job]:
    groups: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for component in _scraped(graph):
        endpoint = signals.endpoint(graph, component)
        if endpoint is not None:
            port = next(each.service for each in placement.ports(graph, component) if each.name == endpoint.port)
            groups.setdefault((endpoint.path, str(endpoint.interval or "")), []).append((component.name, port))
        elif signals.is_scraped(graph, component):
            groups.setdefault((MERGED_PATH, ""), []).append((component.name, network.MERGED_METRICS))
    for number, ((path, interval), found) in enumerate(sorted(groups.items())):
        yield {
            "job_name": COMPONENTS if number == 0 else f"{COMPONENTS}-{number + 1}",
            **({"scrape_interval": interval} if interval else {}),
            **({"metrics_path": path} if path != METRICS else {}),
            "static_configs": [{"targets": [f"{name}:{port}"], "labels": {COMPONENT: name}} for name, port in found],
        }
    yield _collector_job({"static_configs": [{"targets": [f"{COLLECTOR_JOB}:{SPAN_METRICS_PORT}"]}]})
    yield {"job_name": f"{COLLECTOR_JOB}-itself", "static_configs": [{"targets": [f"{COLLECTOR_JOB}:{OWN_METRICS_PORT}"]}]}
    kept = _needs_cluster_state(graph)
    if kept:
        targets = [{"targets": ["kube-state-metrics:8080"]}]
        yield {"job_name": CLUSTER_STATE, "honor_labels": True, "static_configs": targets, **_only(kept)}
    broker = graph.system.header.broker
    if broker is not None and _lags(graph):
        name, port = ("kafka-exporter", 9308) if broker.kind == "kafka" else (broker.kind, placement.BROKER_METRICS[broker.kind])
        yield {"job_name": BROKER, **_broker(graph), "static_configs": [{"targets": [f"{name}:{port}"]}], **_only(_lag_series(graph))}
    yield _itself()
