"""A mesh on loopback from built manifests: what a cluster would add to them, and the few places in which they must be bent to a machine without a network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.live.lab import Plan

Object = dict[str, Any]
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
READ = ("Service", "Namespace", "ServiceAccount")
"""Kinds of Kubernetes' own that Istio reads."""
HTTP = ("http", "http2", "grpc", "grpc-web")
TLS = ("https", "tls")
MOST_REPLICAS = 10
"""More instances show nothing more."""
LOOPBACK = "127.0.0.0/8"
"""Hosts with a range of addresses are told apart by name (SNI), as they are in a cluster, where listeners have no address of their own."""
IN_CLUSTER = ".svc.cluster.local"
INJECT = "sidecar.istio.io/inject"


@dataclass(frozen=True, slots=True)
class Pod:
    """A workload, with the addresses that it has here."""

    name: str
    namespace: str
    account: str
    labels: Mapping[str, str]
    ports: Mapping[str, int]
    """Container ports by name."""
    is_gateway: bool
    has_proxy: bool
    address: str
    """Where it is called."""
    outbound: str
    """Where it calls: the address of its proxy's listeners for what it uses."""
    replicas: tuple[str, ...] = ()
    """Addresses of further instances."""

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.address, *self.replicas


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Pods that the manifests speak of and do not deploy: a store, a broker, the cluster's ingress."""

    name: str
    namespace: str
    account: str
    labels: Mapping[str, str]
    ports: tuple[int, ...]
    """That are listened on, for bytes."""
    service: Object | None = None
    is_gateway: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """A Secret that the platform's certificate manager would have put in place, for a host."""

    namespace: str
    name: str
    host: str


@dataclass(slots=True)
class Mesh:
    """What runs, and where."""

    pods: Mapping[str, Pod]
    objects: list[Object]
    plan: Plan
    spoken: Mapping[int, str] = field(default_factory=dict)
    """What a caller's proxy reads on each port: `http` or `tls`."""
    refused_ports: frozenset[int] = frozenset()
    """Ports on which this user may not listen."""
    outside: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """Host and port of what lies outside → what the server that stands for it speaks: `http`, `tls`; or `address`, as it is told from others by that."""


@dataclass(frozen=True, slots=True)
class Served:
    """A port of a pod that a Service leads to."""

    number: int
    protocol: str
    """Of HTTP's family, of TLS', or `tcp`."""


class Builder:
    """Puts a mesh together of objects, which it changes; `folder` is where its sockets will be."""

    def __init__(self, objects: list[Object], neighbours: Sequence[Neighbour], addresses: Iterator[str], folder: Path) -> None:
        self.objects = objects
        self.neighbours = neighbours
        self.folder = folder
        self.servers: list[Mapping[str, Any]] = []
        self.forwards: list[Mapping[str, str]] = []
        self.outside: dict[tuple[str, int], str] = {}
        self.refused: set[int] = set()
        self.pods = {each.name: each for each in self._pods(addresses)}
        self.services = [*self._of("Service"), *(each.service for each in neighbours if each.service is not None)]

    def mesh(self, trust_domain: str, keys: str, certificates: Sequence[Certificate]) -> Mesh:
        """Everything in place; tokens are checked by `keys`."""
        added: list[Object] = [each.service for each in self.neighbours if each.service is not None]
        for pod in self.pods.values():
            added += _pod_objects(pod)
        added += [self._endpoints(each) for each in self.services]
        self._bend_gateways()
        self._bend_entries()
        self._bend_tokens(keys)
        sidecars = [self._sidecar(pod) for pod in self.pods.values() if pod.has_proxy and not pod.is_gateway]
        kept = [each for each in self.objects if each["kind"] != "Sidecar" and (each["kind"] in READ or ".istio.io/" in each["apiVersion"])]
        proxies = tuple(_proxy(each) for each in self.pods.values() if each.has_proxy)
        shown = tuple(asdict(each) for each in certificates)
        plan = Plan(trust_domain, str(self.folder / "mesh.yaml"), proxies, tuple(self.servers), tuple(self.forwards), shown)
        return Mesh(self.pods, [*kept, *added, *sidecars], plan, self._spoken(), frozenset(self.refused), self.outside)

    def _of(self, kind: str) -> list[Object]:
        return [each for each in self.objects if each["kind"] == kind]

    # --- pods ---------------------------------------------------------------------------------------------------------

    def _pods(self, addresses: Iterator[str]) -> Iterator[Pod]:
        least = _least_instances(self.objects)
        injected = {each["metadata"]["name"] for each in self._of("Namespace") if _is_injected(each["metadata"].get("labels", {}))}
        for workload in self.objects:
            if workload["kind"] in WORKLOADS:
                template = _template(workload)
                meta, spec = template["metadata"], template["spec"]
                namespace, labels = workload["metadata"].get("namespace", "default"), meta.get("labels", {})
                said = labels.get(INJECT) or meta.get("annotations", {}).get(INJECT)
                count = min(MOST_REPLICAS, least.get((namespace, workload["metadata"]["name"]), 1))
                yield Pod(
                    workload["metadata"]["name"],
                    namespace,
                    spec.get("serviceAccountName", "default"),
                    labels,
                    {each.get("name", str(each["containerPort"])): each["containerPort"] for each in _container_ports(spec)},
                    meta.get("annotations", {}).get("inject.istio.io/templates") == "gateway",
                    said == "true" if said else namespace in injected,
                    next(addresses),
                    next(addresses),
                    tuple(next(addresses) for _ in range(count - 1)),
                )
        for one in self.neighbours:
            ports = {str(each): each for each in one.ports}
            yield Pod(one.name, one.namespace, one.account, one.labels, ports, one.is_gateway, True, next(addresses), next(addresses))

    def _behind(self, service: Object) -> list[Pod]:
        """The pods that a Service selects."""
        chosen = service["spec"].get("selector") or {}
        same = (each for each in self.pods.values() if each.namespace == service["metadata"].get("namespace", "default"))
        return [each for each in same if chosen and chosen.items() <= each.labels.items()]

    def _endpoints(self, service: Object) -> Object:
        """What the controller of endpoints would write: the pods that the Service selects, at the ports that it names."""
        name, namespace = service["metadata"]["name"], service["metadata"].get("namespace", "default")
        behind = self._behind(service)
        ports = [
            {"name": each.get("name", ""), "port": number, "protocol": "TCP"}
            for each in service["spec"].get("ports", ())
            if (number := next((found for pod in behind if (found := _target(each, pod)) is not None), None)) is not None
        ]
        endpoints = [
            {
                "addresses": [address],
                "conditions": {"ready": True},
                "targetRef": {"kind": "Pod", "name": _pod_name(pod, number), "namespace": namespace},
            }
            for pod in behind
            for number, address in enumerate(pod.addresses)
        ]
        meta = {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": name}}
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "metadata": meta,
            "ports": ports,
            "endpoints": endpoints,
        }

    def _served(self, pod: Pod) -> list[Served]:
        """The ports of a pod that Services lead to; those of a neighbour are bytes."""
        found: dict[int, Served] = {}
        for service in self.services:
            if pod in self._behind(service):
                for port in service["spec"].get("ports", ()):
                    number = _target(port, pod)
                    if number is not None:
                        found.setdefault(number, Served(number, _protocol(port)))
        for one in self.neighbours:
            if one.name == pod.name and not one.is_gateway:
                found |= {each: Served(each, "tcp") for each in one.ports}
        return [found[number] for number in sorted(found)]

    # --- listeners ----------------------------------------------------------------------------------------------------

    def _sidecar(self, pod: Pod) -> Object:
        """The pod's own Sidecar with its scopes, and with listeners bound to its addresses, as nothing redirects traffic here."""
        own = [each for each in self._of("Sidecar") if _selects(each["spec"].get("workloadSelector", {}).get("labels"), each, pod)]
        own.sort(key=lambda each: "workloadSelector" not in each["spec"])
        spec = dict(own[0]["spec"]) if own else {}
        hosts = sorted({host for each in spec.get("egress", ({"hosts": ["*/*"]},)) for host in each["hosts"]})
        # Where TLS ends in pods their Service would have the port of all hosts outside, which have addresses of their own elsewhere.
        outside = [each for each in hosts if not each.endswith(IN_CLUSTER)] or ["~/*"]
        egress = [
            {
                "port": {"number": number, "protocol": protocol.upper(), "name": f"{protocol}-{number}"},
                "bind": pod.outbound,
                "captureMode": "NONE",
                "hosts": outside if protocol == "tls" else hosts,
            }
            for number, protocol in self._spoken().items()
            if self._may_listen(number)
        ]
        ingress = []
        for served in self._served(pod):
            if not self._may_listen(served.number):
                continue
            socket, kind = f"app-{len(self.servers)}", "http" if served.protocol in HTTP else "tcp"
            self.servers.append({"name": f"{pod.name}:{served.number}", "socket": socket, "kind": kind})
            protocol = served.protocol.upper() if kind == "http" else "TCP"
            ingress.append(
                {
                    "port": {"number": served.number, "protocol": protocol, "name": f"{served.protocol}-{served.number}"},
                    "bind": pod.address,
                    "captureMode": "NONE",
                    "defaultEndpoint": f"unix://{self.folder / socket}",
                }
            )
            self.forwards += [{"listen": f"{address}:{served.number}", "to": f"{pod.address}:{served.number}"} for address in pod.replicas]
        spec |= {"workloadSelector": {"labels": dict(pod.labels)}, "egress": egress or [{"hosts": ["~/*"]}]}
        if ingress:
            spec["ingress"] = ingress
        name = own[0]["metadata"]["name"] if own else pod.name
        return {
            "apiVersion": "networking.istio.io/v1",
            "kind": "Sidecar",
            "metadata": {"name": name, "namespace": pod.namespace},
            "spec": spec,
        }

    def _spoken(self) -> dict[int, str]:
        """Every port that something is called on, and what is spoken there: of two protocols the one that the mesh reads.

        Plain bytes need an address, which nothing redirects here.
        """
        ports = [port for each in self.services for port in each["spec"].get("ports", ())]
        ports += [port for each in self._of("ServiceEntry") for port in each["spec"].get("ports", ())]
        known = {(port.get("port") or port.get("number"), _protocol(port)) for port in ports}
        is_tls = {number: "tls" for number, said in known if said in TLS}
        return dict(sorted((is_tls | {number: "http" for number, said in known if said in HTTP}).items()))

    def _may_listen(self, number: int) -> bool:
        if number >= _first_free_port() or os.geteuid() == 0:
            return True
        self.refused.add(number)
        return False

    # --- what must be bent --------------------------------------------------------------------------------------------

    def _bend_gateways(self) -> None:
        """A gateway listens on its pod's address, not on all of the machine's."""
        for gateway in self._of("Gateway"):
            behind = [each for each in self.pods.values() if _selects(gateway["spec"].get("selector"), None, each)]
            for server in gateway["spec"].get("servers", ()) if behind else ():
                server["bind"] = behind[0].address
                self._may_listen(server["port"]["number"])

    def _bend_entries(self) -> None:
        """Hosts outside are servers on this machine, and names in the cluster the addresses of pods."""
        spoken = self._spoken()
        for entry in self._of("ServiceEntry"):
            spec = entry["spec"]
            ports = {each["name"]: each for each in spec.get("ports", ())}
            if spec.get("resolution") != "DNS" or len(ports) != 1:
                names = [*spec["hosts"], *(each.partition("/")[0] for each in spec.get("addresses", ()))]
                self.outside |= {(name, port["number"]): "address" for name in names for port in ports.values()}
                continue
            [port] = ports.values()
            inside = [self._inside(each, port) for each in spec.get("endpoints", ())]
            if inside and all(inside):
                spec["endpoints"] = [each for each in inside if each is not None]
            else:
                said = "http" if _protocol(port) in HTTP else "tls" if _protocol(port) in TLS else ""
                kind = said if spoken.get(port["number"]) == said else "address"
                socket = f"host-{len(self.servers)}"
                name = f"{spec['hosts'][0]}:{port['number']}"
                self.servers.append({"name": name, "socket": socket, "kind": said or "tcp"})
                self.outside |= {(host, port["number"]): kind for host in spec["hosts"]}
                spec["endpoints"] = [{"address": f"unix://{self.folder / socket}"}]
            if _protocol(port) in TLS:
                spec["addresses"] = [LOOPBACK]
            spec["resolution"] = "STATIC"

    def _inside(self, endpoint: Object, port: Object) -> Object | None:
        """An endpoint that is a Service, as the address and port of a pod behind it."""
        name, _, rest = str(endpoint.get("address", "")).partition(".")
        namespace = rest.partition(".")[0]
        for service in self.services:
            if (service["metadata"]["name"], service["metadata"].get("namespace", "default")) == (name, namespace):
                wanted = endpoint.get("ports", {}).get(port["name"], port["number"])
                for pod in self._behind(service):
                    for each in service["spec"]["ports"]:
                        number = _target(each, pod) if each["port"] == wanted else None
                        if number is not None:
                            return {"address": pod.address, "ports": {port["name"]: number}}
        return None

    def _bend_tokens(self, keys: str) -> None:
        """Keys are given, as nothing can be fetched."""
        for authentication in self._of("RequestAuthentication"):
            for rule in authentication["spec"].get("jwtRules", ()):
                rule.pop("jwksUri", None)
                rule["jwks"] = keys


def as_yaml(objects: Iterable[Object]) -> str:
    """One document each."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return "---\n".join(yaml.dump(each, Dumper=dumper, sort_keys=False) for each in objects)


def _selects(labels: Mapping[str, str] | None, holder: Object | None, pod: Pod) -> bool:
    """Whether labels choose a pod; those of an object in a namespace only there."""
    is_near = holder is None or holder["metadata"].get("namespace", "default") == pod.namespace
    return is_near and (labels or {}).items() <= pod.labels.items()


def _is_injected(labels: Mapping[str, str]) -> bool:
    return labels.get("istio-injection") == "enabled" or "istio.io/rev" in labels


def _template(workload: Object) -> Object:
    spec = workload["spec"]
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found: Object = spec["template"]
    return found


def _container_ports(spec: Object) -> list[Object]:
    return [port for container in spec.get("containers", ()) for port in container.get("ports", ())]


def _least_instances(objects: Iterable[Object]) -> dict[tuple[str, str], int]:
    """The smallest number of instances of each workload, by namespace and name."""
    found: dict[tuple[str, str], int] = {}
    for each in objects:
        namespace = each["metadata"].get("namespace", "default")
        if each["kind"] == "HorizontalPodAutoscaler":
            found[namespace, each["spec"]["scaleTargetRef"]["name"]] = each["spec"].get("minReplicas", 1)
        elif each["kind"] in WORKLOADS and isinstance(each["spec"].get("replicas"), int):
            found.setdefault((namespace, each["metadata"]["name"]), each["spec"]["replicas"])
    return {key: max(1, count) for key, count in found.items()}


def _target(port: Object, pod: Pod) -> int | None:
    """The port of a pod that a Service's port leads to."""
    wanted = port.get("targetPort", port["port"])
    return wanted if isinstance(wanted, int) else pod.ports.get(str(wanted))


def _protocol(port: Object) -> str:
    """As Istio chooses it: what is declared, else how the name begins."""
    said = str(port.get("appProtocol") or port.get("protocol") or "").lower()
    if said in (*HTTP, *TLS):
        return said
    name = str(port.get("name", "")).partition("-")[0]
    return name if name in (*HTTP, *TLS) else "tcp"


def _pod_name(pod: Pod, number: int) -> str:
    return f"{pod.name}-{number}"


def _pod_objects(pod: Pod) -> Iterator[Object]:
    labels = {**pod.labels, **({"security.istio.io/tlsMode": "istio"} if pod.has_proxy else {})}
    for number, address in enumerate(pod.addresses):
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": _pod_name(pod, number), "namespace": pod.namespace, "labels": labels},
            "spec": {"serviceAccountName": pod.account, "containers": [{"name": "app", "image": "none", "ports": _container(pod)}]},
            "status": {
                "phase": "Running",
                "podIP": address,
                "podIPs": [{"ip": address}],
                "conditions": [{"type": "Ready", "status": "True"}],
            },
        }


def _container(pod: Pod) -> list[Object]:
    return [{"name": name, "containerPort": number, "protocol": "TCP"} for name, number in pod.ports.items()]


def _proxy(pod: Pod) -> Mapping[str, Any]:
    role = "router" if pod.is_gateway else "sidecar"
    return {
        "name": _pod_name(pod, 0),
        "namespace": pod.namespace,
        "account": pod.account,
        "role": role,
        "address": pod.address,
        "labels": dict(pod.labels),
        "ports": _container(pod),
    }


def _first_free_port() -> int:
    """From which port on anybody may listen."""
    setting = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    return int(setting.read_text()) if setting.is_file() else 1024
