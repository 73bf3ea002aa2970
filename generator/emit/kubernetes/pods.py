"""The pods of a component: one container under the restricted Pod Security Standard, its probes and its place on the nodes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from generator import instrumentation, placement
from generator.emit.kubernetes import flows, settings
from generator.graph import Graph
from generator.kustomization import MANAGED, RESTRICTED, USER
from generator.model import Component, Port, Resources, Runtime

UNPRIVILEGED = 1024
GATEWAY_HEALTH = 15021
"""Port on which Envoy as a gateway says that it is ready (Istio, ports used by Istio)."""
LABEL = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")


def metadata(graph: Graph, component: Component, *, with_version: bool = False, accepted: Sequence[str] = ()) -> dict[str, Any]:
    """Name and labels; `accepted` are the checks of kube-score that the contract itself decides against."""
    labels = {**placement.selector(graph, component), **MANAGED}
    version = image_version(component)
    if with_version and version:
        labels["app.kubernetes.io/version"] = version
    annotations = {"annotations": {"kube-score/ignore": ",".join(sorted(accepted))}} if accepted else {}
    return {"name": component.name, "labels": labels, **annotations}


def accepted(graph: Graph, component: Component) -> list[str]:
    """What kube-score would like and the contract does not say: bounds of resources, more than one instance, two kinds of probes."""
    runtime = component.runtime
    assert runtime is not None
    paths = placement.probes(graph, component)
    is_single = runtime.replicas is None or runtime.replicas.min < 2
    found = {
        "container-resources": bool(placement.unbounded(runtime)),
        "deployment-replicas": is_single and not placement.is_job(component),
        "pod-probes-identical": len(paths) == 2 and len({path for path, _ in paths.values()}) == 1,
    }
    return [name for name, is_so in found.items() if is_so]


def image_version(component: Component) -> str | None:
    """The tag of the image, where it can be the value of a label."""
    assert component.runtime is not None and component.runtime.image is not None
    name = component.runtime.image.partition("@")[0].rpartition("/")[2]
    tag = name.partition(":")[2]
    return tag if LABEL.fullmatch(tag) else None


def pod_template(graph: Graph, component: Component) -> dict[str, Any]:
    """Pod template of a Deployment or Job."""
    runtime = component.runtime
    assert runtime is not None
    labels = metadata(graph, component, with_version=True)["labels"]
    described: dict[str, Any] = {**_annotations(graph, component), "labels": labels}
    if placement.is_envoy(graph, component):
        # The mesh fills in its own Envoy (Istio, gateway injection).
        described = {"annotations": {"inject.istio.io/templates": "gateway"}, "labels": {**labels, "sidecar.istio.io/inject": "true"}}
    annotations = flows.marks(graph, component)
    if annotations:
        described["annotations"] = described.get("annotations", {}) | annotations
    is_job = placement.is_job(component)
    spec: dict[str, Any] = {
        "serviceAccountName": component.name,
        "automountServiceAccountToken": False,
        **({"restartPolicy": "Never"} if is_job else {}),
        "securityContext": _pod_security(graph, component),
        **({} if is_job else {"topologySpreadConstraints": _spread(graph, component)}),
        "containers": flows.containers(graph, component, _container(graph, component, runtime)),
        "volumes": [{"name": "tmp", "emptyDir": {}}, *flows.volumes(graph, component)],
    }
    return {"metadata": described, "spec": spec}


def _annotations(graph: Graph, component: Component) -> dict[str, Any]:
    """Where a sidecar finds the metrics that it serves together with its own (Istio, metrics merging)."""
    endpoint = placement.metrics_endpoint(graph, component)
    has_sidecars = any(each.mesh == "sidecar" for each in graph.system.document.environments)
    if endpoint is None or not has_sidecars:
        return {}
    port = next(each for each in placement.ports(graph, component) if each.name == endpoint.port)
    found = {"scrape": "true", "port": str(placement.pod_port(port)), "path": endpoint.path}
    return {"annotations": {f"prometheus.io/{name}": value for name, value in found.items()}}


def _pod_security(graph: Graph, component: Component) -> dict[str, Any]:
    """What the restricted Pod Security Standard asks for; a low port needs no privilege, only this sysctl, which is a safe one."""
    found: dict[str, Any] = {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if any(placement.pod_port(each) < UNPRIVILEGED for each in placement.ports(graph, component)):
        found["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return found


def _spread(graph: Graph, component: Component) -> list[dict[str, Any]]:
    """Over zones and nodes as far as there are any."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": placement.selector(graph, component)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]


def _container(graph: Graph, component: Component, runtime: Runtime) -> dict[str, Any]:
    ports = placement.ports(graph, component)
    return {
        "name": "istio-proxy" if placement.is_envoy(graph, component) else component.name,
        "image": runtime.image,
        "imagePullPolicy": "IfNotPresent",
        "envFrom": [{"configMapRef": {"name": name}} for name in (settings.shared_name(graph), component.name)],
        "env": _variables(graph),
        **({"ports": [_port(each) for each in _container_ports(ports)]} if ports else {}),
        **_resources(runtime),
        **_probes(graph, component, runtime),
        "securityContext": dict(RESTRICTED),
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - a path in the container
    }


def _variables(graph: Graph) -> list[dict[str, Any]]:
    """Who it is: the name of the pod is known to Kubernetes alone, and what is made of variables must name them before."""
    shared = {"name": settings.shared_name(graph), "key": instrumentation.ENVIRONMENT}
    return [
        {"name": instrumentation.INSTANCE, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": instrumentation.ENVIRONMENT, "valueFrom": {"configMapKeyRef": shared}},
        {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": instrumentation.resource_attributes(graph)},
    ]


def _container_ports(ports: tuple[Port, ...]) -> list[Port]:
    """One for each number: two ports of the Service may end at one of the pod."""
    found = {placement.pod_port(each): each for each in reversed(ports)}
    return sorted(found.values(), key=lambda each: each.name)


def _port(port: Port) -> dict[str, Any]:
    named = {"name": port.name} if _can_be_named(port) else {}
    return {**named, "containerPort": placement.pod_port(port), "protocol": "TCP"}


def target_port(graph: Graph, component: Component, port: Port) -> str | int:
    """What a Service or probe calls the container's port: its name, or its number where it has none."""
    is_named = _can_be_named(port) and port in _container_ports(placement.ports(graph, component))
    return port.name if is_named else placement.pod_port(port)


def _can_be_named(port: Port) -> bool:
    """RFC 6335, section 5.1: at most 15 characters, no two dashes in a row."""
    return len(port.name) <= 15 and "--" not in port.name


def _resources(runtime: Runtime) -> dict[str, Any]:
    found = {name: _quantities(each) for name, each in (("requests", runtime.requests), ("limits", runtime.limits)) if each is not None}
    return {"resources": found} if found else {}


def _quantities(resources: Resources) -> dict[str, str]:
    values = (("cpu", resources.cpu), ("memory", resources.memory))
    return {name: str(value) for name, value in values if value is not None}


# --- probes -----------------------------------------------------------------------------------------------------------


def _probes(graph: Graph, component: Component, runtime: Runtime) -> dict[str, Any]:
    """A job that ends needs none. Where the contract has no health operation, an open port is all that can be asked."""
    if placement.is_job(component):
        return {}
    if placement.is_envoy(graph, component):
        asked: dict[str, Any] = {"httpGet": {"path": "/healthz/ready", "port": GATEWAY_HEALTH}}
        return {"readinessProbe": {**asked, "periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 3}}
    ports = placement.ports(graph, component)
    port = _probe_port(graph, component)
    paths = placement.probes(graph, component) if port is not None else {}
    found: dict[str, Any] = {}
    if "liveness" in paths and port is not None:
        asked = {"httpGet": {"path": paths["liveness"][0], "port": target_port(graph, component, port)}}
        found["livenessProbe"] = {**asked, "initialDelaySeconds": 30, "periodSeconds": 10, "timeoutSeconds": 3, "failureThreshold": 3}
    if "readiness" in paths and port is not None:
        asked = {"httpGet": {"path": paths["readiness"][0], "port": target_port(graph, component, port)}}
        found["readinessProbe"] = {**asked, "initialDelaySeconds": 5, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3}
    elif ports:
        asked = {"tcpSocket": {"port": target_port(graph, component, ports[0])}}
        found["readinessProbe"] = {**asked, "initialDelaySeconds": 5, "periodSeconds": 5, "timeoutSeconds": 3, "failureThreshold": 3}
    return found


def _probe_port(graph: Graph, component: Component) -> Port | None:
    """The first port that speaks HTTP."""
    return next((each for each in placement.ports(graph, component) if placement.protocol(graph, component, each) == "http"), None)
