"""What runs a component: Deployment or CronJob, Service, service account, autoscaler, disruption budget."""

from __future__ import annotations

from typing import Any

from generator import network, placement
from generator.emit.kubernetes import flows
from generator.emit.kubernetes.pods import accepted, metadata, pod_template, target_port
from generator.graph import Graph
from generator.kustomization import MANAGED
from generator.model import Component, Port

Named = tuple[str, dict[str, Any]]
APP_PROTOCOLS = {"http2": "kubernetes.io/h2c"}
"""Standard names where Kubernetes has one; the others are IANA's and Istio's."""
STARTING_DEADLINE = 200
"""Seconds that a run may start late; with more than 100 missed starts within them Kubernetes gives up (CronJob limitations)."""


def objects(graph: Graph, component: Component) -> list[Named]:
    """The objects of a component with their file names."""
    found = [("service-account.yaml", service_account(graph, component))]
    if placement.is_job(component):
        found.append(("cron-job.yaml", cron_job(graph, component)))
    else:
        found.append(("deployment.yaml", deployment(graph, component)))
        found.append(("pod-disruption-budget.yaml", disruption_budget(graph, component)))
    if is_scaled(component):
        found.append(("horizontal-pod-autoscaler.yaml", autoscaler(graph, component)))
    if placement.is_envoy(graph, component):
        found += secrets_of_gateway(graph, component)
    exposed = exposed_ports(graph, component)
    if exposed:
        found.append(("service.yaml", service(graph, component, exposed)))
    return found


def service_account(graph: Graph, component: Component) -> dict[str, Any]:
    """The component's identity in the mesh; no workload talks to the Kubernetes API."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(graph, component),
        "automountServiceAccountToken": False,
    }


def secrets_of_gateway(graph: Graph, component: Component) -> list[Named]:
    """Istio gives a gateway the certificates of its namespace only if its account may list the secrets there (Istio, Secret Discovery Service)."""
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]}]
    group = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata(graph, component), "rules": rules}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": metadata(graph, component),
        "roleRef": {"apiGroup": group, "kind": "Role", "name": component.name},
        "subjects": [{"kind": "ServiceAccount", "name": component.name}],
    }
    return [("role.yaml", role), ("role-binding.yaml", binding)]


def deployment(graph: Graph, component: Component) -> dict[str, Any]:
    assert component.runtime is not None
    replicas = component.runtime.replicas
    count = {} if is_scaled(component) else {"replicas": replicas.min if replicas else 1}
    spec = {
        **count,
        "selector": {"matchLabels": placement.selector(graph, component)},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": pod_template(graph, component),
    }
    described = metadata(graph, component, with_version=True, accepted=accepted(graph, component))
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": described, "spec": spec}


def cron_job(graph: Graph, component: Component) -> dict[str, Any]:
    """One without a schedule is started by hand or by another job."""
    assert component.runtime is not None
    runtime = component.runtime
    schedule, timezone = flows.schedule(graph, component)
    zone = {"timeZone": timezone} if timezone else {}
    spec: dict[str, Any] = {"schedule": schedule or "0 0 1 1 *", **zone}
    if schedule is None:
        spec["suspend"] = True
    spec |= {
        "startingDeadlineSeconds": STARTING_DEADLINE,
        "concurrencyPolicy": "Allow" if runtime.overlap else "Forbid",
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {
            "metadata": {"labels": {**placement.selector(graph, component), **MANAGED}},
            "spec": {**_patience(graph, component), "template": pod_template(graph, component)},
        },
    }
    described = metadata(graph, component, with_version=True, accepted=accepted(graph, component))
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": described, "spec": spec}


def _patience(graph: Graph, component: Component) -> dict[str, Any]:
    """A run of flows is not repeated: the next one goes on where the last that succeeded has ended."""
    if not flows.of(graph, component):
        return {"backoffLimit": 2}
    deadline = flows.deadline(graph, component)
    return {"backoffLimit": 0, **({"activeDeadlineSeconds": deadline} if deadline else {})}


def exposed_ports(graph: Graph, component: Component) -> list[Port]:
    """Ports of the Service: all, but of a gateway only the way in and what is called, and of a job only what is called."""
    ports = list(placement.ports(graph, component))
    if not placement.is_gateway(component) and not placement.is_job(component):
        return ports
    called = {
        binding.port
        for call in graph.calls
        if call.interface is not None and component in call.interface.providers and call.via is None
        for binding in (call.interface.api.grpc if call.protocol == "grpc" else call.interface.api.http,)
        if binding is not None
    }
    if placement.is_gateway(component):
        called.add(placement.gateway_port(graph, component).name)
    return [each for each in ports if each.name in called]


def service(graph: Graph, component: Component, ports: list[Port]) -> dict[str, Any]:
    kind = "LoadBalancer" if placement.is_gateway(component) else "ClusterIP"
    found = []
    for port in ports:
        spoken = placement.protocol(graph, component, port)
        found.append(
            {
                "name": port.name,
                "port": port.service,
                "protocol": "TCP",
                "appProtocol": APP_PROTOCOLS.get(spoken, spoken),
                "targetPort": target_port(graph, component, port),
            }
        )
    described = metadata(graph, component)
    if kind == "ClusterIP" and any(each.mesh == "ambient" for each in graph.system.document.environments):
        described["labels"] |= {"istio.io/use-waypoint": network.WAYPOINT, "istio.io/ingress-use-waypoint": "true"}
    spec = {"type": kind, "selector": placement.selector(graph, component), "ports": found}
    return {"apiVersion": "v1", "kind": "Service", "metadata": described, "spec": spec}


def is_scaled(component: Component) -> bool:
    runtime = component.runtime
    if runtime is None or runtime.scale_on is None or runtime.replicas is None or placement.is_job(component):
        return False
    return runtime.replicas.max is not None and runtime.replicas.max > runtime.replicas.min and runtime.replicas.min > 0


def autoscaler(graph: Graph, component: Component) -> dict[str, Any]:
    runtime = component.runtime
    assert runtime is not None and runtime.scale_on is not None and runtime.replicas is not None
    wanted = {"cpu": runtime.scale_on.cpu, "memory": runtime.scale_on.memory}
    metrics = [
        {"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": round(share.value)}}}
        for name, share in wanted.items()
        if share is not None
    ]
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": component.name},
        "minReplicas": runtime.replicas.min,
        "maxReplicas": runtime.replicas.max,
        "metrics": metrics,
    }
    described = metadata(graph, component, accepted=["horizontalpodautoscaler-replicas"] if runtime.replicas.min < 2 else [])
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": described, "spec": spec}


def disruption_budget(graph: Graph, component: Component) -> dict[str, Any]:
    """Pods that are not ready may always go: they serve nobody, and would block the draining of a node for ever."""
    document = graph.system.document
    default = document.defaults.max_unavailable if document.defaults else None
    assert component.runtime is not None
    spec = {
        "maxUnavailable": component.runtime.max_unavailable or default or 1,
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": placement.selector(graph, component)},
    }
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(graph, component), "spec": spec}
