"""An environment on loopback: its built manifests as a running mesh, and how each of its workloads is reached."""

from __future__ import annotations

import contextlib
import copy
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from generator import network, placement
from generator.diagnostics import At
from generator.graph import Graph
from generator.live.lab import Handshake, Lab, LabFailed, Probe, addresses
from generator.live.mesh import Builder, Certificate, Mesh, Neighbour, Object, Pod, as_yaml
from generator.live.observation import Observation
from generator.live.requests import Asker
from generator.live.ways import Way
from generator.model import Component, Environment, Verdict
from generator.network import Edge, Listener
from generator.prove.kustomize import build, refusal

INGRESS = "ingress"
LONG = 30
"""Characters of a folder for temporary files that leave too few for names of sockets: they have 107 with their path."""
Change = Callable[[list[Object]], None]
"""What is changed in the copy of the manifests that is run."""


class NotBuilt(Exception):
    """kustomize refuses the overlay; the message has its words."""


def manifests(output: Path, overlay: PurePosixPath) -> list[Object]:
    """The objects that an overlay below `output` is built into; raises NotBuilt."""
    done = build(output, overlay)
    if done.returncode != 0:
        raise NotBuilt(refusal(output, done))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [each for each in yaml.load_all(done.stdout, loader) if each]  # a safe loader


@dataclass(slots=True)
class Stage:
    """A running mesh of one environment."""

    graph: Graph
    environment: Environment
    edges: tuple[Edge, ...]
    mesh: Mesh
    lab: Lab
    asker: Asker
    sources: Iterator[str]
    """Addresses that requests can come from, each for one."""

    @property
    def namespace(self) -> str:
        return placement.namespace_of(self.graph, self.environment)

    def pod(self, name: str) -> Pod | None:
        """None where the manifests have no such workload, or no proxy is put beside it."""
        found = self.mesh.pods.get(name)
        return found if found is not None and found.has_proxy else None

    def identity(self, account: str, namespace: str | None = None) -> str:
        return f"spiffe://{self.environment.trust_domain}/ns/{namespace or self.namespace}/sa/{account}"

    def observe(self, family: str, at: At, promise: str, observed: str, verdict: Verdict | bool, changed: str = "") -> Observation:
        said: Verdict = verdict if isinstance(verdict, str) else "held" if verdict else "broken"
        return Observation(family, self.environment.name, at, promise, observed, said, changed)

    def way(self, consumer: Component, found: Listener) -> dict[str, Any] | None:
        """Fields of a Probe that goes the way of a consumer's requests to a provider; None where this machine has no such way."""
        if placement.is_gateway(consumer) or consumer.name == INGRESS:
            return self.public()
        pod = self.pod(consumer.name)
        if pod is None or found.service_port in self.mesh.refused_ports:
            return None
        return {"address": f"{pod.outbound}:{found.service_port}", "host": f"{found.component.name}:{found.service_port}"}

    def probe(self, way: Way, **more: Any) -> Probe | None:
        """What the caller asks when it calls the operation; None where this machine has no such way."""
        fields = self.way(way.consumer, way.listener)
        return Probe(**fields, **self.asker.fields(way.request), **more) if fields is not None else None

    def public(self) -> dict[str, Any] | None:
        """Fields of a Probe that comes from outside to the public host."""
        host = self.environment.host
        door = self.door()
        if host is None or door is None or door[1] in self.mesh.refused_ports:
            return None
        name = host.replace("*", "any")
        pod, port = door
        return {"address": f"{pod.address}:{port}", "host": name, "tls": Handshake(server_name=name, verified=True)}

    def door(self) -> tuple[Pod, int] | None:
        """The pod in which TLS of the public host ends, and its port there."""
        own = network.gateways(self.graph)
        pod = self.pod(own[0].name if own else INGRESS)
        if pod is None:
            return None
        return pod, placement.pod_port(placement.gateway_port(self.graph, own[0])) if own else INGRESS_PORT


INGRESS_PORT = 8443
"""Container port of the ingress gateway that Istio's charts install, behind 443 of its Service."""


@contextlib.contextmanager
def staged(graph: Graph, environment: Environment, objects: Sequence[Object], change: Change, keep: Path | None) -> Iterator[Stage]:
    """The environment's mesh while this lasts; raises LabFailed where an Envoy does not take its configuration.

    `keep` is a file for the objects as they are run, with all that was changed in them and added.
    """
    edges = network.all_edges(graph, environment)
    with tempfile.TemporaryDirectory(prefix="il-", dir=_short()) as name, addresses() as free:
        folder = Path(name)
        own = copy.deepcopy(list(objects))
        change(own)
        builder = Builder(own, [*_neighbours(graph, environment, edges)], free, folder)
        with Lab(folder) as lab:
            mesh = builder.mesh(environment.trust_domain, lab.keys(), [*_certificates(graph, environment)])
            text = "\n---\n".join(json.dumps(each) for each in mesh.objects)
            (folder / "mesh.yaml").write_text(text, encoding="utf-8")
            if keep is not None:
                keep.parent.mkdir(parents=True, exist_ok=True)
                keep.write_text(as_yaml(mesh.objects), encoding="utf-8")
            rejected = lab.start(mesh.plan)
            if rejected:
                raise LabFailed("; ".join(rejected))
            yield Stage(graph, environment, edges, mesh, lab, Asker(graph), free)


def _short() -> str | None:
    """Where a folder has a short path; None is where such folders are by default."""
    return None if len(tempfile.gettempdir()) < LONG else "/tmp"  # noqa: S108  # the folder's own name is random


def _certificates(graph: Graph, environment: Environment) -> Iterator[Certificate]:
    """That of the public host, where the pods are in which its TLS ends."""
    if environment.host is not None:
        own = placement.namespace_of(graph, environment)
        namespace = own if network.gateways(graph) else placement.ingress(environment).peer.namespace or own
        yield Certificate(namespace, placement.certificate(environment), environment.host)


def _neighbours(graph: Graph, environment: Environment, edges: Sequence[Edge]) -> Iterator[Neighbour]:
    """Stores and brokers in the namespace, and the cluster's ingress where the system has no gateway of its own."""
    namespace = placement.namespace_of(graph, environment)
    inside: dict[str, list[Edge]] = {}
    for edge in edges:
        if edge.target.is_inside and edge.transport == "TCP":
            inside.setdefault(edge.target.name, []).append(edge)
    for name, found in sorted(inside.items()):
        ports = tuple(sorted({each.port for each in found}))
        yield Neighbour(name.replace(".", "-"), namespace, "default", found[0].target.labels, ports)
    if environment.host is not None and not network.gateways(graph):
        peer = placement.ingress(environment).peer
        place, account = peer.namespace or namespace, peer.account or "default"
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "istio-ingressgateway", "namespace": place},
            "spec": {"selector": dict(peer.labels), "ports": [{"name": "https", "port": 443, "targetPort": INGRESS_PORT}]},
        }
        yield Neighbour(INGRESS, place, account, peer.labels, (), service, is_gateway=True)
