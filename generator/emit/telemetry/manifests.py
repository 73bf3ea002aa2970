"""The collector in Kubernetes: under the restricted Pod Security Standard, in the place where the system's own policies expect it."""

from __future__ import annotations

from typing import Any

from generator import instrumentation, network, placement
from generator.emit.telemetry import sampling
from generator.graph import Graph
from generator.kustomization import HEAD, MANAGED, RESTRICTED, USER
from generator.model import Environment
from generator.policy_rules import policy, rules

VERSION = "0.155.0"
IMAGE = f"otel/opentelemetry-collector-contrib:{VERSION}"
CONFIGURATION = "collector.yaml"
FOLDER = "/conf"
GRPC, HTTP, SPAN_METRICS, OWN_METRICS, HEALTH = "otlp-grpc", "otlp-http", "span-metrics", "own-metrics", "health"
"""Names of its ports."""
RESOURCES = {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}
WAITING = {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "4Gi"}}
"""With room for the traces that wait for their decision."""
SOFT_LIMITS = {"1Gi": "819MiB", "4Gi": "3276MiB"}
"""Four fifths of the memory, where the memory limiter begins to refuse: Go collects its garbage before (OpenTelemetry, memory limiter processor)."""
SINGLE = """
One instance alone: whether a trace is kept depends on all of its spans, and the Service would spread them over several. More of them need
a layer of collectors in front that routes by trace (OpenTelemetry, gateway deployment pattern)."""

Named = tuple[str, dict[str, Any]]


def objects(graph: Graph, environment: Environment) -> list[Named]:
    """The objects with their file names."""
    found: list[Named] = [
        ("deployment.yaml", _deployment(graph, environment)),
        ("network-policy.yaml", _network_policy(graph, environment)),
        ("service-account.yaml", _service_account(graph, environment)),
        ("service.yaml", _service(graph, environment)),
    ]
    if _replicas(graph) > 1:
        found.append(("pod-disruption-budget.yaml", _disruption_budget(graph, environment)))
    return sorted(found)


def note(graph: Graph, name: str) -> str:
    """What a reader of an object must know; comments are only possible above it."""
    return SINGLE if name == "deployment.yaml" and _replicas(graph) == 1 else ""


def kustomization(graph: Graph, environment: Environment, folder: str) -> dict[str, Any]:
    """It takes the very file that runs elsewhere; a change of it is a new ConfigMap, and so a new rollout."""
    place = placement.telemetry(environment)
    return {
        **HEAD,
        "namespace": place.peer.namespace,
        "resources": [f"{folder}/{name}" for name, _ in objects(graph, environment)],
        "configMapGenerator": [{"name": _config_map(environment), "files": [CONFIGURATION]}],
    }


def _name(environment: Environment) -> str:
    name = placement.telemetry(environment).service
    assert name is not None
    return name


def _account(environment: Environment) -> str:
    return placement.telemetry(environment).peer.account or _name(environment)


def _config_map(environment: Environment) -> str:
    return f"{_name(environment)}-config"


def _replicas(graph: Graph) -> int:
    """All spans of a trace must come to one collector where traces are chosen by their errors: its Service would spread them over several."""
    return 1 if sampling.is_by_trace(graph) else 2


def _selector(environment: Environment) -> dict[str, str]:
    return dict(placement.telemetry(environment).peer.labels)


def _metadata(graph: Graph, environment: Environment, accepted: tuple[str, ...] = ()) -> dict[str, Any]:
    labels = {**_selector(environment), placement.PART_OF: graph.name, **MANAGED}
    annotations = {"annotations": {"kube-score/ignore": ",".join(accepted)}} if accepted else {}
    return {"name": _name(environment), "labels": labels, **annotations}


def _deployment(graph: Graph, environment: Environment) -> dict[str, Any]:
    """Liveness and readiness are the same question to the collector."""
    accepted = ("pod-probes-identical", *(["deployment-replicas"] if _replicas(graph) == 1 else []))
    selector = _selector(environment)
    spec = {
        "replicas": _replicas(graph),
        "selector": {"matchLabels": selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {
            "metadata": {"labels": {**selector, "app.kubernetes.io/version": VERSION, **MANAGED}},
            "spec": {
                "serviceAccountName": _account(environment),
                "automountServiceAccountToken": False,
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": USER,
                    "runAsGroup": USER,
                    "fsGroup": USER,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "topologySpreadConstraints": [_spread(key, selector) for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")],
                "terminationGracePeriodSeconds": 60,
                "containers": [_container(graph, environment)],
                "volumes": [{"name": "configuration", "configMap": {"name": _config_map(environment)}}],
            },
        },
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _metadata(graph, environment, accepted), "spec": spec}


def _spread(key: str, selector: dict[str, str]) -> dict[str, Any]:
    return {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": selector}}


def _container(graph: Graph, environment: Environment) -> dict[str, Any]:
    asked = {"httpGet": {"path": "/", "port": HEALTH}}
    resources = WAITING if sampling.is_by_trace(graph) else RESOURCES
    return {
        "name": "collector",
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": [f"--config={FOLDER}/{CONFIGURATION}"],
        "env": [
            {"name": instrumentation.LISTENING, "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "GOMEMLIMIT", "value": SOFT_LIMITS[resources["limits"]["memory"]]},
        ],
        "ports": [{"name": name, "containerPort": number, "protocol": "TCP"} for name, number in _ports(environment)],
        "resources": resources,
        "livenessProbe": {**asked, "initialDelaySeconds": 30, "periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 3},
        "readinessProbe": {**asked, "initialDelaySeconds": 5, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3},
        "securityContext": dict(RESTRICTED),
        "volumeMounts": [{"name": "configuration", "mountPath": FOLDER, "readOnly": True}],
    }


def _taken(environment: Environment) -> list[tuple[str, int]]:
    """Ports for telemetry."""
    ports = placement.otlp(environment)
    return [(name, number) for name, number in ((GRPC, ports.grpc), (HTTP, ports.http)) if number is not None]


def _ports(environment: Environment) -> list[tuple[str, int]]:
    read = [
        (SPAN_METRICS, instrumentation.SPAN_METRICS_PORT),
        (OWN_METRICS, instrumentation.OWN_METRICS_PORT),
        (HEALTH, instrumentation.HEALTH_PORT),
    ]
    return [*_taken(environment), *read]


def _service(graph: Graph, environment: Environment) -> dict[str, Any]:
    """For telemetry alone: Prometheus asks each pod, and not any of them."""
    spoken = {GRPC: "grpc", HTTP: "http"}
    ports = [
        {"name": name, "port": number, "protocol": "TCP", "appProtocol": spoken[name], "targetPort": name}
        for name, number in _taken(environment)
    ]
    spec = {"type": "ClusterIP", "selector": _selector(environment), "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _metadata(graph, environment), "spec": spec}


def _service_account(graph: Graph, environment: Environment) -> dict[str, Any]:
    """It asks nothing of the Kubernetes API."""
    described = {**_metadata(graph, environment), "name": _account(environment)}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": described, "automountServiceAccountToken": False}


def _disruption_budget(graph: Graph, environment: Environment) -> dict[str, Any]:
    spec = {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": _selector(environment)}}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": _metadata(graph, environment), "spec": spec}


def _network_policy(graph: Graph, environment: Environment) -> dict[str, Any]:
    """Who sends, who reads, and where it sends to; the same edges as in the policies of those at their other ends."""
    own = placement.telemetry(environment).peer
    edges = network.collector_edges(graph, environment)
    inward = [each for each in edges if each.target == own]
    outward = [each for each in edges if each.source == own]
    allowed = {"ingress": rules(inward, "from"), "egress": rules(outward, "to")}
    return policy(_metadata(graph, environment), _selector(environment), ["Ingress", "Egress"], allowed)


def mesh_configuration(environment: Environment) -> dict[str, Any]:
    """What the mesh must know of the collector, to send it the spans of gateways."""
    ports = placement.otlp(environment)
    by_http = {"http": {"path": "/v1/traces", "timeout": "5s"}} if ports.grpc is None else {}
    provider = {"service": placement.telemetry(environment).host, "port": ports.grpc or ports.http, **by_http}
    return {"extensionProviders": [{"name": instrumentation.MESH_PROVIDER, "opentelemetry": provider}]}
