"""The catalogue of instruments: what each component must send, and every series that Prometheus then has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator import auditing, network, objectives, placement, signals
from generator.alerts import COMPONENT
from generator.diagnostics import At
from generator.emit.telemetry import collector
from generator.graph import Graph
from generator.model import Component
from generator.signals import Dependency

BREAKER = "resilience4j.circuitbreaker.state"
STATES = ("closed", "disabled", "forced_open", "half_open", "metrics_only", "open")
"""Of a circuit breaker (resilience4j)."""
STATUSES = ("STATUS_CODE_ERROR", "STATUS_CODE_OK", "STATUS_CODE_UNSET")
TARGET = ("instance", "job")
"""Labels that Prometheus gives to all series."""
FROM = ("deployment_environment_name", "service_namespace")
"""Labels of all that comes from the collector, beside the component."""

OF_BROKERS = {signals.LAG["kafka"][0]: ("partition",), signals.LAG["rabbitmq"][0]: ("vhost",)}
"""Further labels of the series of brokers."""

Section = dict[str, Any]


def catalogue(graph: Graph) -> Section:
    """By component; then the series, as the prover of metric closure reads them."""
    found: dict[str, Section] = {each.name: {} for each in graph.components}
    for component, span in [*_served(graph), *_called(graph), *_messages(graph)]:
        found[component.name].setdefault("spans", []).append(span)
    for breaker in signals.breakers(graph):
        metrics = found[breaker.component.name].setdefault("metrics", [_gauge()])
        metrics[0]["attributes"]["name"].append(breaker.name)
    for component in graph.components:
        endpoint = signals.endpoint(graph, component)
        if endpoint is not None:
            found[component.name]["endpoint"] = {"port": endpoint.port, "path": endpoint.path}
    entries = auditing.audit_entries(graph)
    for entry in entries:
        found[entry.component.name].setdefault("audit_events", []).append(entry.event)
    return {
        "resource": _resource(graph),
        "components": {name: each for name, each in found.items() if each},
        "logs": _stores(graph, has_audit=bool(entries)),
        "series": list(series(graph)),
    }


def _resource(graph: Graph) -> dict[str, str]:
    """Attributes by which the collector and Prometheus know the sender."""
    return {
        "service.name": "name of the component",
        "service.instance.id": "name of the pod, or whatever tells its instances apart",
        "service.namespace": graph.name,
        "deployment.environment.name": "name of the environment",
    }


def _stores(graph: Graph, *, has_audit: bool) -> Section:
    """Where log records end up and how long they are kept there, for those who run the store."""
    kept = signals.observability(graph).logs.retention
    found = {"application": {"tenant": graph.name, **({"retention": str(kept)} if kept else {})}}
    if has_audit:
        retention = auditing.retention(graph)
        found["audit"] = {"tenant": collector.audit_tenant(graph), **({"retention": str(retention)} if retention else {})}
    return found


# --- what a component sends -------------------------------------------------------------------------------------------

Sent = tuple[Component, Section]


def _gauge() -> Section:
    return {"name": BREAKER, "instrument": "gauge", "attributes": {"name": [], "state": list(STATES)}}


def _served(graph: Graph) -> Iterator[Sent]:
    for each in signals.served(graph):
        yield each.component, {"name": each.span, "kind": "server", "operation": each.operation, "attributes": dict(each.attributes)}


def _called(graph: Graph) -> Iterator[Sent]:
    for each in signals.dependencies(graph):
        addresses = _addresses(each)
        for request in each.requests:
            called = {"name": signals.span_name(request), "kind": "client", "peer": each.peer, "attributes": dict(request)}
            yield each.component, {**called, **({"addresses": addresses} if addresses else {})}


def _addresses(dependency: Dependency) -> list[str]:
    """Values of server.address; of the names of one Service the shortest."""
    return sorted(each for each in dependency.addresses if not any(each.startswith(f"{other}.") for other in dependency.addresses))


def _messages(graph: Graph) -> Iterator[Sent]:
    """A channel that a component writes to for several reasons is one all the same."""
    broker = graph.system.header.broker
    system = {"messaging.system": broker.kind} if broker is not None else {}
    written = {(each.component.name, each.address): each for each in signals.publications(graph)}
    for sent in written.values():
        attributes = {**system, "messaging.operation.type": "send", "messaging.destination.name": sent.address}
        yield sent.component, {"name": signals.span_name(attributes), "kind": "producer", "attributes": attributes}
    for read in signals.consumptions(graph):
        attributes = {
            **system,
            "messaging.operation.type": "process",
            "messaging.destination.name": read.address,
            "messaging.consumer.group.name": read.group,
        }
        yield read.component, {"name": signals.span_name(attributes), "kind": "consumer", "attributes": attributes}


# --- series -----------------------------------------------------------------------------------------------------------


def series(graph: Graph) -> Iterator[Section]:
    """Names with their labels, and the values of those labels whose values are known."""
    spans = _span_values(graph)
    dimensions = [signals.label(each) for each in signals.DIMENSIONS if signals.label(each) in spans]
    labels = [*FROM, *dimensions, signals.KIND, signals.SERVICE, signals.STATUS]
    if spans:
        yield _series(signals.CALLS, labels, spans)
        yield _series(f"{signals.DURATION}_bucket", [*labels, "le"], {**spans, "le": bounds(graph)})
        yield _series(f"{signals.DURATION}_count", labels, spans)
        yield _series(f"{signals.DURATION}_sum", labels, spans)
    breakers = signals.breakers(graph)
    if breakers:
        values = {
            "name": {each.name for each in breakers},
            signals.SERVICE: {each.component.name for each in breakers},
            "state": STATES,
        }
        yield _series(signals.BREAKER_STATE, [*FROM, "name", signals.SERVICE, "service_instance_id", "state"], values)
    yield from _cluster(graph)
    yield from _lag(graph)
    copied = [each.store for each in signals.replications(graph)]
    if copied:
        yield _series(signals.REPLICA_LAG, [signals.STORE], {signals.STORE: copied})
    yield _series(
        signals.UP, [COMPONENT, "pod"], {COMPONENT: {each.name for each in placement.deployed(graph) if not placement.is_job(each)}}
    )


def bounds(graph: Graph) -> list[str]:
    """Values of `le` as Prometheus stores them: numbers with a point, in their order."""
    return [*(f"{each.seconds}" for each in signals.buckets(graph, objectives.thresholds(graph))), "+Inf"]


def _series(name: str, labels: Iterable[str], values: Mapping[str, Iterable[str]]) -> Section:
    known = {label: list(found) if isinstance(found, list) else sorted(found) for label, found in values.items()}
    return {"name": name, "labels": sorted({*labels, *TARGET}), "values": {label: found for label, found in sorted(known.items()) if found}}


def _span_values(graph: Graph) -> dict[str, Iterable[str]]:
    """What the labels of the span metrics can say."""
    found: dict[str, set[str]] = {}

    def add(component: str, kind: signals.SpanKind, attributes: Mapping[str, str]) -> None:
        said = {**{signals.label(name): value for name, value in attributes.items() if name in signals.DIMENSIONS}}
        for label, value in {signals.SERVICE: component, signals.KIND: signals.span_kind(kind), **said}.items():
            found.setdefault(label, set()).add(value)

    for each in signals.served(graph):
        add(each.component.name, "server", each.attributes)
    for edge in signals.dependencies(graph):
        for request in edge.requests:
            add(edge.component.name, "client", {**request, "service.peer.name": edge.peer})
    for sent in signals.publications(graph):
        add(sent.component.name, "producer", {"messaging.destination.name": sent.address})
    for read in signals.consumptions(graph):
        add(read.component.name, "consumer", {"messaging.destination.name": read.address, "messaging.consumer.group.name": read.group})
    for gateway in network.gateways(graph):
        add(gateway.name, "server", {})
    return {**found, signals.STATUS: STATUSES} if found else {}


def _cluster(graph: Graph) -> Iterator[Section]:
    """Of kube-state-metrics."""
    namespaces = signals.namespaces(graph)
    jobs = [each.name for each in signals.jobs(graph)]
    for name in (signals.JOB_SUCCESS, signals.JOB_CREATED) if jobs else ():
        yield _series(name, ["cronjob", "namespace"], {"cronjob": jobs, "namespace": namespaces})
    running = [each.name for each in placement.deployed(graph) if not placement.is_job(each)]
    if running:
        yield _series(signals.AVAILABLE, ["deployment", "namespace"], {"deployment": running, "namespace": namespaces})


def _lag(graph: Graph) -> Iterator[Section]:
    """Of the broker, or of the exporter that asks it."""
    found: dict[str, dict[str, set[str]]] = {}
    for each in signals.consumptions(graph):
        waiting = signals.lag(graph, each)
        for label, value in waiting[1].items() if waiting is not None else ():
            assert waiting is not None
            found.setdefault(waiting[0], {}).setdefault(label, set()).add(value)
    for name, values in sorted(found.items()):
        yield _series(name, [*values, *OF_BROKERS.get(name, ())], values)


def sources(graph: Graph) -> list[At]:
    """Every record that something is measured of."""
    found = [each.at for each in signals.served(graph)]
    found += [at for each in signals.dependencies(graph) for at in each.because]
    found += [each.at for each in signals.publications(graph)]
    found += [each.at for each in signals.consumptions(graph)]
    found += [at for each in signals.replications(graph) for at in (each.access.at, each.at)]
    return found + [each.at for each in signals.breakers(graph)]
