"""Where things run: workloads, their labels, ports and accounts, and what surrounds them in the cluster. All manifests agree here."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from generator.diagnostics import At
from generator.graph import Graph, interfaces_of
from generator.model import Component, Endpoint, Environment, MetricsEndpoint, Place, PlatformPlace, Port, Runtime, Store

Transport = Literal["TCP", "UDP"]

NAME = "app.kubernetes.io/name"
PART_OF = "app.kubernetes.io/part-of"
CLUSTER_DOMAIN = "cluster.local"
ANYWHERE = ("0.0.0.0/0", "::/0")
METADATA = ("169.254.0.0/16", "fe80::/10")
"""Link-local addresses, where clouds serve credentials: never a third party."""
GATEWAY_PORT = Port(name="https", service=443, pod=8443)

OTLP_GRPC, OTLP_HTTP = 4317, 4318
"""Registered for OTLP (IANA)."""
BROKER_PORTS = {"kafka": 9092, "rabbitmq": 5672, "nats": 4222}
BROKER_METRICS = {"rabbitmq": 15692, "nats": 7777}
"""Of the plugin rabbitmq_prometheus, and of the exporter that NATS' chart runs beside each server."""
ENDPOINT_PORTS = {"https": 443, "http": 80, "grpc": 443, "tls": 443, "sftp": 22, "tcp": None}
STORE_PORTS = {
    "cassandra": 9042, "clickhouse": 9000, "cockroachdb": 26257, "couchbase": 11210, "couchdb": 5984, "elasticsearch": 9200, "etcd": 2379,
    "influxdb": 8086, "mariadb": 3306, "memcached": 11211, "minio": 9000, "mongodb": 27017, "mssql": 1433, "mysql": 3306, "neo4j": 7687,
    "opensearch": 9200, "oracle": 1521, "postgres": 5432, "postgresql": 5432, "redis": 6379, "scylladb": 9042, "sqlserver": 1433,
    "timescaledb": 5432, "valkey": 6379,
}  # fmt: skip
"""Ports that the engines listen on unless told otherwise."""
REPLICATING = ("postgres", "postgresql", "timescaledb")
"""Engines whose replicas postgres_exporter tells of."""
STORE_METRICS_PORT = 9187
"""Of postgres_exporter, beside the server in each of its pods."""
CLOUD_STORES = {
    "bigquery": "bigquery.googleapis.com", "firestore": "firestore.googleapis.com", "gcs": "storage.googleapis.com",
    "pubsub": "pubsub.googleapis.com", "spanner": "spanner.googleapis.com",
}  # fmt: skip
"""Engines that exist only as a service with one address, reached over TLS."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Something that a connection starts or ends at: pods by label, or addresses outside of the cluster."""

    name: str
    """Of a workload the component's; all others have a dot in it: `orders.orders-db`, `external.mail-relay`, `platform.dns`."""
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace: str | None = None
    """None: the system's own, whatever it is called in an environment."""
    addresses: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    host: str | None = None
    account: str | None = None
    """Service account of the pods, where it is known."""
    is_workload: bool = False
    """Deployed by this contract."""

    @property
    def is_inside(self) -> bool:
        """Pods in the system's namespace that this contract does not deploy."""
        return not self.is_workload and not self.addresses and self.namespace is None


def is_deployed(component: Component) -> bool:
    """Whether the contract says what to run; a component without an image is deployed from elsewhere."""
    return component.runtime is not None and component.runtime.image is not None


def deployed(graph: Graph) -> tuple[Component, ...]:
    return tuple(each for each in graph.components if is_deployed(each))


def is_gateway(component: Component) -> bool:
    return component.runtime is not None and component.runtime.kind == "gateway"


def is_envoy(graph: Graph, component: Component) -> bool:
    """A gateway of a mesh is the mesh's own proxy."""
    return is_gateway(component) and any(each.mesh != "none" for each in graph.system.document.environments)


def is_job(component: Component) -> bool:
    return component.runtime is not None and component.runtime.kind == "job"


def selector(graph: Graph, component: Component) -> dict[str, str]:
    """Labels that the pods of a component have and no others."""
    return {NAME: component.name, PART_OF: graph.name}


def workload(graph: Graph, component: Component) -> Peer:
    return Peer(component.name, selector(graph, component), account=component.name, is_workload=True)


def ports(graph: Graph, component: Component) -> tuple[Port, ...]:
    """The component's ports by name; a gateway has one for HTTPS."""
    found = graph.ports(component)
    if is_gateway(component) and not any(protocol(graph, component, each) == "https" for each in found):
        return tuple(sorted((*found, GATEWAY_PORT), key=lambda each: each.name))
    return found


def gateway_port(graph: Graph, component: Component) -> Port:
    """Where a gateway ends TLS."""
    return next(each for each in ports(graph, component) if protocol(graph, component, each) == "https")


def pod_port(port: Port) -> int:
    return port.pod or port.service


def protocol(graph: Graph, component: Component, port: Port) -> str:
    """What is spoken on a port: as declared, as offered there, as its name begins (Istio, protocol selection), else tcp."""
    if port.protocol is not None:
        return port.protocol
    provided = [each.api for each in interfaces_of(graph, component)]
    has_grpc = any(each.grpc is not None and each.grpc.port == port.name for each in provided)
    has_http = any(each.http is not None and each.http.port == port.name for each in provided)
    if has_grpc or has_http:
        return "http2" if has_grpc and has_http else "grpc" if has_grpc else "http"
    known = ("https", "http2", "http", "grpc", "tls")
    return next((each for each in known if port.name == each or port.name.startswith(f"{each}-")), "tcp")


def metrics_endpoint(graph: Graph, component: Component) -> MetricsEndpoint | None:
    """Where a component serves its own metrics, as it or else the system says; None where nothing says it, for jobs, which end, and for Envoy, which has its own."""
    defaults = graph.system.document.defaults
    said = (component.runtime.metrics if component.runtime else None) or (defaults.metrics if defaults else None)
    names = {each.name for each in ports(graph, component)}
    return said if said is not None and said.port in names and not is_job(component) and not is_envoy(graph, component) else None


def unbounded(runtime: Runtime) -> list[str]:
    """What nothing says of the resources of an instance: `requests.cpu`, `limits.memory`."""
    bounds = (("requests", runtime.requests), ("limits", runtime.limits))
    return [f"{key}.{what}" for key, said in bounds for what in ("cpu", "memory") if said is None or getattr(said, what) is None]


def probes(graph: Graph, component: Component) -> dict[str, tuple[str, At]]:
    """Paths of `liveness` and `readiness`, as the component or else the system says them, and where."""
    document = graph.system.document
    said = [document.defaults.probes if document.defaults else None, component.runtime.probes if component.runtime else None]
    found: dict[str, tuple[str, At]] = {}
    for each in said:
        if each is not None:
            wanted = (("liveness", each.liveness), ("readiness", each.readiness))
            found |= {name: (path.replace("{component}", component.name), each.at) for name, path in wanted if path is not None}
    return found


def host(component: Component, namespace: str) -> str:
    """The full name of a component's Service."""
    return f"{component.name}.{namespace}.svc.{CLUSTER_DOMAIN}"


def namespace_of(graph: Graph, environment: Environment) -> str:
    return environment.namespace or graph.namespace


def principal(environment: Environment, namespace: str, account: str) -> str:
    """SPIFFE identity of a service account, as AuthorizationPolicy spells it."""
    return f"{environment.trust_domain}/ns/{namespace}/sa/{account}"


def certificate(environment: Environment) -> str:
    """Secret of the public host's certificate; it lies where the gateway's pods are."""
    assert environment.host is not None
    return environment.certificate or f"{environment.host.lower().replace('*', 'wildcard').replace('.', '-')}-tls"


# --- what surrounds the system ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Surrounding:
    """A place of the platform, its defaults filled in."""

    peer: Peer
    ports: tuple[tuple[Transport, int], ...]
    at: At
    service: str | None = None
    """Its Service; None for what is reached by pod alone."""

    @property
    def host(self) -> str:
        """The name of its Service, in full where its namespace is known."""
        assert self.service is not None
        return f"{self.service}.{self.peer.namespace}.svc.{CLUSTER_DOMAIN}" if self.peer.namespace else self.service

    @property
    def port(self) -> int:
        """The only port, or the first."""
        return self.ports[0][1]


class Otlp(NamedTuple):
    """Ports on which OTLP is taken, by what carries it."""

    grpc: int | None
    http: int | None


def dns(environment: Environment) -> Surrounding:
    found = _place(
        environment, environment.platform.dns, "dns", {"k8s-app": "kube-dns"}, (53,), namespace="kube-system", service="kube-dns"
    )
    return replace(found, ports=tuple((kind, port) for _, port in found.ports for kind in ("TCP", "UDP")))


def control_plane(environment: Environment) -> Surrounding:
    said = environment.platform.control_plane
    return _place(environment, said, "mesh-control-plane", {"app": "istiod"}, (15012,), namespace="istio-system", service="istiod")


def ingress(environment: Environment) -> Surrounding:
    account = "istio-ingressgateway-service-account"
    labels = {"istio": "ingressgateway"}
    return _place(environment, environment.platform.ingress, "ingress", labels, namespace="istio-system", account=account)


def telemetry(environment: Environment) -> Surrounding:
    name = "opentelemetry-collector"
    return _place(environment, environment.platform.telemetry, "telemetry", {NAME: name}, (OTLP_GRPC, OTLP_HTTP), service=name)


def otlp(environment: Environment) -> Otlp:
    """Of the collector's ports: those that are registered for OTLP, else gRPC on the first and HTTP on the second."""
    numbers = [number for _, number in telemetry(environment).ports]
    grpc = OTLP_GRPC if OTLP_GRPC in numbers else next((each for each in numbers if each != OTLP_HTTP), None)
    http = OTLP_HTTP if OTLP_HTTP in numbers else next((each for each in numbers if each != grpc), None)
    return Otlp(grpc, http)


def scraping(environment: Environment) -> Surrounding:
    return _place(environment, environment.platform.scraping, "scraping", {NAME: "prometheus"}, (9090,), service="prometheus")


def alerting(environment: Environment) -> Surrounding:
    return _place(environment, environment.platform.alerting, "alerting", {NAME: "alertmanager"}, (9093,), service="alertmanager")


def tracing(environment: Environment) -> Surrounding:
    return _place(environment, environment.platform.tracing, "tracing", {NAME: "jaeger"}, (OTLP_GRPC,), service="jaeger-collector")


def logging(environment: Environment) -> Surrounding:
    return _place(environment, environment.platform.logging, "logging", {NAME: "log-gateway"}, (OTLP_HTTP,), service="log-gateway")


def cluster_state(environment: Environment) -> Surrounding:
    name = "kube-state-metrics"
    return _place(
        environment, environment.platform.cluster_state, "cluster-state", {NAME: name}, (8080,), namespace="kube-system", service=name
    )


def connect(environment: Environment, cluster: str) -> Surrounding:
    """The Kafka Connect cluster of that name, as Strimzi labels its pods and calls their account."""
    labels = {"strimzi.io/kind": "KafkaConnect", "strimzi.io/cluster": cluster}
    said, account = environment.platform.connect, f"{cluster}-connect"
    return _place(environment, said, f"connect-{cluster}", labels, namespace="kafka", account=account)


def broker_metrics(graph: Graph, environment: Environment) -> Surrounding | None:
    """Who tells how many messages wait: of Kafka an exporter, of the others their own pods; None where the broker runs elsewhere and nothing says it."""
    broker = graph.system.header.broker
    said = environment.platform.broker_metrics
    if broker is None:
        return None
    if broker.kind == "kafka":
        name = "kafka-exporter"
        return _place(environment, said, "broker-metrics", {NAME: name}, (9308,), service=name, account=name)
    if said is None and environment.brokers:
        return None
    own = _pods(f"broker.{broker.kind}", broker.place, broker.kind)
    numbers = (BROKER_METRICS[broker.kind],)
    found = _place(environment, said, "broker-metrics", own.labels, numbers, namespace=own.namespace, service=broker.kind)
    return replace(found, peer=replace(found.peer, name=own.name)) if said is None else found


def _place(
    environment: Environment,
    said: PlatformPlace | None,
    name: str,
    labels: Mapping[str, str],
    numbers: tuple[int, ...] = (),
    *,
    namespace: str | None = "observability",
    service: str | None = None,
    account: str | None = None,
) -> Surrounding:
    """A place as the contract says it, and as it usually is where the contract says nothing."""
    if said is not None:
        namespace = said.namespace or namespace
        labels = _labels(said) or labels
        numbers = said.ports or numbers
        service = said.service or service
        account = said.account or account
    peer = Peer(f"platform.{name}", labels, namespace, account=account)
    return Surrounding(peer, tuple(("TCP", number) for number in numbers), said.at if said else environment.at, service)


def _labels(place: Place) -> dict[str, str]:
    return {each.name: each.value for each in place.labels}


# --- stores, brokers, third parties -----------------------------------------------------------------------------------


def store_port(store: Store) -> int | None:
    """None where nothing says it."""
    return store.port or STORE_PORTS.get(store.kind) or (443 if store.kind in CLOUD_STORES else None)


def store_host(store: Store) -> str:
    """Where a store is reached: elsewhere, or by its name in the cluster."""
    host = store.host or (CLOUD_STORES.get(store.kind) if store.place is None else None)
    within = f".{store.place.namespace}" if store.place is not None and store.place.namespace else ""
    return host or store.name + within


def database(store: Store) -> str:
    """The database in a store; names of projects in a cloud have dashes, names in SQL have none."""
    return store.database or (store.name if store.kind in CLOUD_STORES else store.name.replace("-", "_"))


def store_peer(owner: Component, store: Store) -> Peer:
    """Pods of its name in the cluster, unless it has a host elsewhere."""
    name = f"{owner.name}.{store.name}"
    place = store.host or (CLOUD_STORES.get(store.kind) if store.place is None else None)
    if place is not None:
        return outside(name, place, store.addresses)
    return _pods(name, store.place, store.name)


def broker_edges(graph: Graph, environment: Environment) -> Iterator[tuple[Peer, int]]:
    """Where the broker is reached in an environment: its pods, unless the environment names addresses."""
    broker = graph.system.header.broker
    if broker is None:
        return
    default = BROKER_PORTS[broker.kind]
    if not environment.brokers:
        yield _pods(f"broker.{broker.kind}", broker.place, broker.kind), default
        return
    for address in environment.brokers:
        name, port = host_and_port(address, default)
        yield outside(f"broker.{name}", name, ()), port


def host_and_port(address: str, default: int) -> tuple[str, int]:
    """Of a bootstrap address: `kafka://broker.example.com:9093`, `[::1]:9092`, `broker`."""
    bare = address.rpartition("://")[2]
    name, colon, port = bare.rpartition(":") if not bare.endswith("]") else (bare, "", "")
    return (name.strip("[]"), int(port)) if colon else (bare.strip("[]"), default)


def endpoint_port(endpoint: Endpoint) -> int | None:
    """None where nothing says it."""
    return endpoint.port or ENDPOINT_PORTS[endpoint.protocol]


def outside(name: str, place: str, addresses: tuple[str, ...]) -> Peer:
    """A host outside of the system: a Service in another namespace, an address, or any address that a name may have."""
    parts = place.split(".")
    if len(parts) > 2 and parts[2] == "svc":
        return Peer(name, {}, parts[1], host=place)
    if not addresses and (literal := _address(place)):
        addresses = (literal,)
    return Peer(name, addresses=addresses or ANYWHERE, excluded=() if addresses else METADATA, host=place)


def is_address(host: str) -> bool:
    """Whether a host is a bare address and no name."""
    return _address(host) is not None


def _address(text: str) -> str | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return f"{found}/{found.max_prefixlen}"


def _pods(name: str, place: Place | None, label: str) -> Peer:
    return Peer(name, (_labels(place) if place else {}) or {NAME: label}, place.namespace if place else None)
