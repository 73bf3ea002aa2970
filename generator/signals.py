"""What a running system says of itself: spans by OpenTelemetry's semantic conventions, and the series that Prometheus has of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator import names, network, placement, policies
from generator.diagnostics import At
from generator.graph import Call, Graph, Interface, Method, StoreAccess, derived
from generator.model import Component, Environment, External, Metrics, MetricsEndpoint, Observability, Owner
from generator.units import Duration

SpanKind = Literal["server", "client", "producer", "consumer"]

# --- series -----------------------------------------------------------------------------------------------------------

CALLS = "traces_span_metrics_calls_total"
"""Spans by kind, outcome and dimensions (span metrics connector, namespace traces.span.metrics)."""
DURATION = "traces_span_metrics_duration_seconds"
"""Histogram of how long they took: `_bucket`, `_count`, `_sum`."""
BREAKER_STATE = "resilience4j_circuitbreaker_state"
"""1 for the state that a breaker is in, as Micrometer has it (resilience4j, monitoring)."""
JOB_SUCCESS = "kube_cronjob_status_last_successful_time"
JOB_CREATED = "kube_cronjob_created"
AVAILABLE = "kube_deployment_status_replicas_available"
"""Of kube-state-metrics: seconds since the epoch, and instances that are ready."""
REPLICA_LAG = "pg_replication_lag_seconds"
"""How far a server is behind, 0 for one that others follow (postgres_exporter, collector replication)."""
UP = "up"

SERVICE = "service_name"
KIND = "span_kind"
STATUS = "status_code"
PEER_SERVICE = "service_peer_name"
ROUTE, METHOD, RPC_METHOD = "http_route", "http_request_method", "rpc_method"
DESTINATION, GROUP = "messaging_destination_name", "messaging_consumer_group_name"
FAILED = "STATUS_CODE_ERROR"

DIMENSIONS = (
    "http.request.method",
    "http.route",
    "messaging.consumer.group.name",
    "messaging.destination.name",
    "rpc.method",
    "service.peer.name",
)
"""Attributes of spans that become labels, beside the service, kind and status."""

LAG = {
    "kafka": ("kafka_consumergroup_lag", "topic", "consumergroup"),
    "rabbitmq": ("rabbitmq_detailed_queue_messages_ready", "queue", None),
    "nats": ("jetstream_consumer_num_pending", "stream_name", "consumer_name"),
}
"""Messages that wait, by broker: the series, its labels of the channel and of the group (kafka-exporter, rabbitmq_prometheus, NATS exporter)."""

STORE = "store"
"""Label by which the series of one store are told from those of another: its component and its name."""

LADDER = tuple(Duration(each) for each in (5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000, 30_000))
"""Bounds of the buckets where the contract names none: OpenTelemetry's for seconds (HTTP metrics), and one more for what is slow."""


def label(attribute: str) -> str:
    """How Prometheus spells an attribute (OpenTelemetry, Prometheus compatibility)."""
    return attribute.replace(".", "_")


def span_kind(kind: SpanKind) -> str:
    return f"SPAN_KIND_{kind.upper()}"


# --- how the system is watched ----------------------------------------------------------------------------------------


def observability(graph: Graph) -> Observability:
    """As the contract says it, or as usual."""
    return graph.system.document.observability or Observability(at=graph.system.header.at)


def owner(graph: Graph, component: Component) -> Owner:
    """The team that is told of a component."""
    return graph.owner(graph.team(component))


def endpoint(graph: Graph, component: Component) -> MetricsEndpoint | None:
    """Where a component serves its own metrics."""
    return placement.metrics_endpoint(graph, component)


def is_scraped(graph: Graph, component: Component) -> bool:
    """Prometheus asks it in every environment: it has an endpoint, or a sidecar that answers for it."""
    environments = graph.system.document.environments
    has_sidecars = bool(environments) and all(each.mesh == "sidecar" for each in environments)
    watched = placement.is_deployed(component) and not placement.is_job(component)
    return watched and (has_sidecars or endpoint(graph, component) is not None)


def buckets(graph: Graph, objectives: Iterable[Duration]) -> tuple[Duration, ...]:
    """Bounds of the histogram of durations: those of the contract, else the ladder with every latency objective."""
    said: Metrics = observability(graph).metrics
    return tuple(sorted(set(said.buckets))) if said.buckets else tuple(sorted({*LADDER, *objectives}))


# --- what components do, as their spans show it -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """An operation that a component answers over one protocol: SERVER spans."""

    component: Component
    interface: Interface
    method: Method
    protocol: str
    attributes: Mapping[str, str]

    @property
    def operation(self) -> str:
        """`orders.placeOrder`, also the value of the label `operation`."""
        return operation_name(self.interface, self.method)

    @property
    def span(self) -> str:
        return span_name(self.attributes)

    @property
    def at(self) -> At:
        return self.method.at


@dataclass(frozen=True, slots=True)
class Dependency:
    """A synchronous edge: a component and what it calls, a component, a third party or a store: CLIENT spans."""

    component: Component
    peer: str
    """Value of service.peer.name and of the label `peer`."""
    addresses: tuple[str, ...]
    """Values of server.address that mean the peer, wherever it runs; none where nothing says the host."""
    requests: tuple[Mapping[str, str], ...]
    """What tells its spans from one another: method and path, or the name of the procedure, or the kind of store."""
    is_required: bool
    because: tuple[At, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """A channel that a component writes to: PRODUCER spans."""

    component: Component
    address: str
    message: str
    at: At


@dataclass(frozen=True, slots=True)
class Consumption:
    """A channel that a component reads from as one group: CONSUMER spans."""

    component: Component
    address: str
    group: str
    message: str
    is_fleeting: bool
    """A broker without queues keeps nothing for a group that is not there: of what may be lost, and of replies."""
    at: At


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """A breaker of a component, one for each operation that it guards, under the name that resilience4j knows it by."""

    component: Component
    name: str
    peer: str
    at: At


@derived
def served(graph: Graph) -> tuple[Served, ...]:
    """Every operation with each component that answers it and each protocol."""
    found = []
    for interface in graph.interfaces:
        for component in interface.providers:
            found += [
                Served(component, interface, method, "http", _http(network.request(interface, method, "http")))
                for method in interface.http_methods
            ]
            found += [
                Served(component, interface, method, "grpc", _grpc(network.request(interface, method, "grpc")))
                for method in interface.grpc_methods
            ]
    return tuple(sorted(found, key=lambda each: (each.component.name, each.operation, each.protocol)))


@dataclass(frozen=True, slots=True)
class Own:
    """What one component says of itself."""

    served: tuple[Served, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    publications: tuple[Publication, ...] = ()
    consumptions: tuple[Consumption, ...] = ()


def own(graph: Graph, component: Component) -> Own:
    return _by_component(graph).get(component.name, NOTHING)


NOTHING = Own()


@derived
def _by_component(graph: Graph) -> Mapping[str, Own]:
    parts: dict[str, tuple[Any, ...]] = {
        "served": served(graph),
        "dependencies": dependencies(graph),
        "publications": publications(graph),
        "consumptions": consumptions(graph),
    }
    found: dict[str, dict[str, list[Any]]] = {}
    for part, records in parts.items():
        for each in records:
            found.setdefault(each.component.name, {}).setdefault(part, []).append(each)
    return {name: Own(**{part: tuple(each) for part, each in of.items()}) for name, of in found.items()}


def operation_name(interface: Interface, method: Method) -> str:
    return f"{interface.api.name}.{method.name}"


def _http(request: network.Request) -> dict[str, str]:
    return {"http.request.method": request.method, "http.route": request.path}


def _grpc(request: network.Request) -> dict[str, str]:
    return {"rpc.system.name": "grpc", "rpc.method": request.path.removeprefix("/")}


def span_name(attributes: Mapping[str, str]) -> str:
    """What the semantic conventions call such a span."""
    if "rpc.method" in attributes:
        return attributes["rpc.method"]
    if "http.request.method" in attributes:
        path = attributes.get("http.route") or attributes.get("url.template")
        return f"{attributes['http.request.method']} {path}" if path else attributes["http.request.method"]
    if "messaging.destination.name" in attributes:
        return f"{attributes['messaging.operation.type']} {attributes['messaging.destination.name']}"
    return attributes.get("db.system.name", "call")


@derived
def dependencies(graph: Graph) -> tuple[Dependency, ...]:
    """Every synchronous edge, one for each component and peer, with all that goes over it."""
    found: dict[tuple[str, str], Dependency] = {}
    for each in _edges(graph):
        key = (each.component.name, each.peer)
        known = found.get(key)
        found[key] = each if known is None else _joined(known, each)
    return tuple(found[key] for key in sorted(found))


def _joined(first: Dependency, second: Dependency) -> Dependency:
    requests = {tuple(sorted(each.items())): each for each in (*first.requests, *second.requests)}
    return Dependency(
        first.component,
        first.peer,
        tuple(sorted({*first.addresses, *second.addresses})),
        tuple(requests[key] for key in sorted(requests)),
        first.is_required or second.is_required,
        tuple({at.span: at for at in (*first.because, *second.because)}.values()),
    )


def _edges(graph: Graph) -> Iterator[Dependency]:
    for call in graph.calls:
        yield from _calls(graph, call)
    for access in graph.accesses:
        yield _store(graph, access)


def _calls(graph: Graph, call: Call) -> Iterator[Dependency]:
    use = call.use
    if call.external is not None:
        operations = [each for each in call.external.operations if not use.operations or each.name in use.operations]
        requests = tuple(_asked(each.http) for each in operations) or ({},)
        hosts = tuple(sorted({each.host for each in call.external.endpoints if each.host is not None}))
        yield Dependency(call.consumer, external_peer(graph, call.external), hosts, requests, use.required, (call.at,))
        return
    assert call.interface is not None and call.protocol is not None
    carried = tuple(_client(each, call.protocol) for each in network.requests(call))
    for provider in (call.via,) if call.via is not None else call.interface.providers:
        yield Dependency(call.consumer, provider.name, _addresses(graph, call, provider), carried, use.required, (call.at,))


def _client(request: network.Request, protocol: str) -> dict[str, str]:
    return _grpc(request) if protocol == "grpc" else {"http.request.method": request.method, "url.template": request.path}


def _asked(http: str | None) -> dict[str, str]:
    method, _, path = (http or "").partition(" ")
    return {"http.request.method": method, **({"url.template": path} if path else {})} if method else {}


def external_peer(graph: Graph, external: External) -> str:
    """Its own name, unless a component has that too."""
    taken = {each.name for each in graph.components}
    return f"external.{external.name}" if external.name in taken else external.name


def _addresses(graph: Graph, call: Call, provider: Component) -> tuple[str, ...]:
    """The names of its Service, the longest last; through a gateway also the public hosts."""
    hosts = [each.host for each in graph.system.document.environments if call.via is not None and each.host is not None]
    return tuple(sorted({*_in_cluster(graph, provider.name, None), *hosts}))


def _in_cluster(graph: Graph, name: str, namespace: str | None) -> Iterator[str]:
    """What resolves to a Service from pods of the system, in every environment (Kubernetes, DNS for Services and Pods)."""
    if namespace is None:
        yield name
    spaces = {namespace} if namespace else {placement.namespace_of(graph, each) for each in graph.system.document.environments}
    for space in sorted(spaces):
        yield from (f"{name}.{space}", f"{name}.{space}.svc", f"{name}.{space}.svc.{placement.CLUSTER_DOMAIN}")


def _store(graph: Graph, access: StoreAccess) -> Dependency:
    store = access.store
    peer = placement.store_peer(access.owner, store)
    hosts = (peer.host,) if peer.host else tuple(_in_cluster(graph, store.name, peer.namespace))
    required = access.use.required if access.use else store.required
    asked = ({"db.system.name": DATABASES.get(store.kind, store.kind)},)
    return Dependency(access.component, f"{access.owner.name}.{store.name}", hosts, asked, required, (access.at,))


DATABASES = {
    "bigquery": "gcp.bigquery", "dynamodb": "aws.dynamodb", "mssql": "microsoft.sql_server", "oracle": "oracle.db", "postgres": "postgresql",
    "redshift": "aws.redshift", "spanner": "gcp.spanner", "sqlserver": "microsoft.sql_server", "timescaledb": "postgresql", "valkey": "redis",
}  # fmt: skip
"""Names of engines in the semantic conventions (db.system.name), where they are other than ours."""


@derived
def publications(graph: Graph) -> tuple[Publication, ...]:
    """Who writes to which channel: publishers of events, senders of commands, handlers that reply."""
    found = [Publication(each.publisher, each.address, each.id, each.at) for each in graph.topics]
    for queue in graph.queues:
        for sender in queue.senders:
            found.append(Publication(sender.component, queue.address, queue.id, sender.at))
            if sender.reply_address is not None:
                found.append(Publication(queue.handler, sender.reply_address, queue.id, queue.at))
    return tuple(sorted(found, key=lambda each: (each.component.name, each.address)))


@derived
def consumptions(graph: Graph) -> tuple[Consumption, ...]:
    """Who reads from which channel: subscribers of events, handlers of commands, senders that await a reply."""
    found = [
        Consumption(each.consumer, topic.address, each.group, topic.id, topic.event.delivery == "at-most-once", each.at)
        for topic in graph.topics
        for each in topic.subscriptions
    ]
    for queue in graph.queues:
        if queue.senders:
            found.append(
                Consumption(queue.handler, queue.address, queue.group, queue.id, queue.command.delivery == "at-most-once", queue.at)
            )
        found += [
            Consumption(
                each.component, each.reply_address, each.component.name, queue.id, queue.command.delivery == "at-most-once", each.at
            )
            for each in queue.senders
            if each.reply_address is not None
        ]
    return tuple(sorted(found, key=lambda each: (each.component.name, each.address, each.group)))


@derived
def breakers(graph: Graph) -> tuple[CircuitBreaker, ...]:
    """Every circuit breaker that tells how it is; its name is that of the resilience4j instance. The mesh's Envoy has others, and no such metric."""
    found = []
    for component in graph.components:
        for policy in policies.policies(graph, component) if not placement.is_envoy(graph, component) else ():
            if policy.breaker is not None:
                external = policy.call.external
                peer = external_peer(graph, external) if external is not None else policy.call.target.partition(".")[0]
                found.append(CircuitBreaker(component, policy.name, peer, policy.at))
    return tuple(found)


@derived
def jobs(graph: Graph) -> tuple[Component, ...]:
    """Components that run on a schedule: their own, or that of a flow."""
    moving = {each.component.name for each in graph.pipelines if each.schedule is not None}
    return tuple(
        each
        for each in placement.deployed(graph)
        if placement.is_job(each) and each.runtime is not None and (each.runtime.schedule is not None or each.name in moving)
    )


@derived
def namespaces(graph: Graph) -> tuple[str, ...]:
    """Namespaces that the system has in its environments."""
    return tuple(sorted({placement.namespace_of(graph, each) for each in graph.system.document.environments} or {graph.namespace}))


def peer_addresses(graph: Graph, environment: Environment) -> Mapping[str, Mapping[str, str]]:
    """For each component the peer that an address means to it, in one environment: what server.address says and who that is."""
    namespace = placement.namespace_of(graph, environment)
    elsewhere = {
        f".{other}{ending}"
        for other in namespaces(graph)
        if other != namespace
        for ending in ("", ".svc", f".svc.{placement.CLUSTER_DOMAIN}")
    }
    hosts = {each.host for each in graph.system.document.environments if each.host is not None and each.host != environment.host}
    found: dict[str, dict[str, str]] = {}
    for each in dependencies(graph):
        known = [address for address in each.addresses if address not in hosts and not address.endswith(tuple(elsewhere) or ("\0",))]
        if known:
            found.setdefault(each.component.name, {}).update(dict.fromkeys(known, each.peer))
    return found


@dataclass(frozen=True, slots=True)
class Replication:
    """A store with copies that may be so far behind, among pods that an exporter runs beside."""

    access: StoreAccess
    """The owner's."""
    lag: Duration
    peer: placement.Peer
    at: At

    @property
    def store(self) -> str:
        """Value of the label `store`, and of `peer`."""
        return f"{self.access.owner.name}.{self.access.store.name}"


def replications(graph: Graph) -> tuple[Replication, ...]:
    """Of what is managed elsewhere nothing is known: who manages it tells of it in ways of its own."""
    found = []
    for access in graph.accesses:
        said = access.store.replicated
        peer = placement.store_peer(access.owner, access.store)
        if (
            access.use is None
            and said is not None
            and said.lag is not None
            and access.store.kind in placement.REPLICATING
            and peer.host is None
        ):
            found.append(Replication(access, said.lag, peer, said.at))
    return tuple(sorted(found, key=lambda each: each.store))


def lag(graph: Graph, consumption: Consumption) -> tuple[str, Mapping[str, str]] | None:
    """The series of messages that wait for a group, with the labels that find it; None where the broker keeps none for it."""
    broker = graph.system.header.broker
    if broker is None or (broker.kind == "nats" and consumption.is_fleeting):
        return None
    series, channel, group = LAG[broker.kind]
    if group is None:
        is_topic = any(consumption.address == each.address for each in graph.topics)
        return series, {channel: names.subscriber_queue(consumption.group, consumption.address) if is_topic else consumption.address}
    spelt = names.nats_token if broker.kind == "nats" else str
    return series, {channel: spelt(consumption.address), group: spelt(consumption.group)}
