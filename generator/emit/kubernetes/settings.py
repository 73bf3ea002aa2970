"""A component's ConfigMap: where what it uses is reached. Secrets are never in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import connections, instrumentation, names, network, placement
from generator.diagnostics import At
from generator.graph import Call, Graph, calls_of
from generator.model import Component, Environment
from generator.text import comment

FILE = "settings.env"
Setting = tuple[str, str, At]


def settings(graph: Graph, component: Component) -> tuple[dict[str, str], tuple[At, ...]]:
    """What is the same in every environment, and the records it comes from."""
    found = [*_calls(graph, component), *_externals(graph, component), *_stores(graph, component)]
    values = {"OTEL_SERVICE_NAME": component.name} | {name: value for name, value, _ in found}
    return dict(sorted(values.items())), tuple(at for _, _, at in found)


def shared_name(graph: Graph) -> str:
    """The ConfigMap that all components of an environment read."""
    return f"{graph.name}-environment"


def of_environment(graph: Graph, environment: Environment) -> dict[str, str]:
    """What holds for all components of an environment."""
    brokers = {connections.BROKER_ADDRESSES: ",".join(environment.brokers)} if environment.brokers else {}
    return {**brokers, **instrumentation.of_environment(graph, environment)}


def of_component(graph: Graph, component: Component, environment: Environment) -> dict[str, str]:
    """What an environment adds for one: the public addresses of what it calls through a gateway."""
    through = [each for each in calls_of(graph, component) if each.via is not None and environment.host is not None]
    return dict(sorted((connections.address_variable(each), f"https://{environment.host}{_base(each)}") for each in through))


def to_text(header: str, values: Mapping[str, str]) -> str:
    """Lines of `KEY=value`, as kustomize reads them."""
    return comment(header, "#") + "".join(f"{name}={value}\n" for name, value in values.items())


def _calls(graph: Graph, component: Component) -> Iterator[Setting]:
    for call in calls_of(graph, component):
        if call.interface is None or call.via is not None or call.interface.owner is None:
            continue
        for found in network.listeners(graph, call):
            if call.protocol == "grpc":
                yield connections.address_variable(call), f"{found.component.name}:{found.service_port}", call.at
            else:
                yield connections.address_variable(call), f"http://{found.component.name}:{found.service_port}{_base(call)}", call.at


def _externals(graph: Graph, component: Component) -> Iterator[Setting]:
    for call in calls_of(graph, component):
        for endpoint in call.external.endpoints if call.external is not None else ():
            port = placement.endpoint_port(endpoint)
            if endpoint.host is not None and port is not None and "*" not in endpoint.host:
                name = f"{names.upper_snake(call.target)}__{names.upper_snake(endpoint.name)}_ADDRESS"
                yield name, f"{endpoint.host}:{port}", call.at


def _stores(graph: Graph, component: Component) -> Iterator[Setting]:
    for access in graph.accesses:
        port = placement.store_port(access.store)
        if access.component != component or port is None:
            continue
        peer = placement.store_peer(access.owner, access.store)
        within = f".{peer.namespace}" if peer.namespace and not peer.host else ""
        yield f"{names.upper_snake(access.store.name)}_ADDRESS", f"{peer.host or access.store.name + within}:{port}", access.at


def _base(call: Call) -> str:
    assert call.interface is not None
    base = call.interface.api.http.base if call.interface.api.http else "/"
    return base.rstrip("/")
