"""Where an interface is reached in each environment: its public host, or the address in the cluster."""

from __future__ import annotations

from typing import Any

from generator import names
from generator.graph import Graph, Interface
from generator.model import Component, Environment


def servers(graph: Graph, interface: Interface) -> list[dict[str, Any]]:
    """A server for each environment; environments with one address share it."""
    found: dict[str, dict[str, Any]] = {}
    for environment in graph.system.document.environments or (None,):
        server = _server(graph, interface, environment)
        same = found.setdefault(server["url"], server)
        if same is not server:
            same["description"] = f"{same['description'].removesuffix('.')}; {server['description']}"
    return list(found.values())


def _server(graph: Graph, interface: Interface, environment: Environment | None) -> dict[str, Any]:
    if environment is None:
        return _in_cluster(graph, interface, graph.namespace, "In the cluster")
    title = environment.title or names.title(environment.name)
    summary = f": {environment.summary}" if environment.summary else ""
    if environment.host and interface.api.visibility == "public":
        return {"url": f"https://{environment.host}", "description": f"{title}{summary}"}
    return _in_cluster(graph, interface, environment.namespace or graph.namespace, f"{title}, in the cluster{summary}")


def _in_cluster(graph: Graph, interface: Interface, namespace: str, description: str) -> dict[str, Any]:
    """The address of the provider's Service; of several providers, the caller chooses one."""
    described = {"description": description}
    ports = {provider.name: _port(graph, interface, provider) for provider in interface.providers}
    if not ports:
        return {"url": "/", **described}
    if interface.owner is not None:
        return {"url": f"http://{interface.owner.name}.{namespace}.svc.cluster.local{ports[interface.owner.name]}", **described}
    variables: dict[str, Any] = {"component": _variable(list(ports), "Component that is asked.")}
    numbers = sorted({port.removeprefix(":") for port in ports.values()})
    if len(numbers) > 1:
        variables["port"] = _variable(numbers, "Port of the component.")
    port = ":{port}" if len(numbers) > 1 else ports[interface.providers[0].name]
    return {"url": f"http://{{component}}.{namespace}.svc.cluster.local{port}", **described, "variables": variables}


def _variable(values: list[str], description: str) -> dict[str, Any]:
    return {"default": values[0], "enum": values, "description": description}


def _port(graph: Graph, interface: Interface, component: Component) -> str:
    """Port of the component's Service, with its colon."""
    name = interface.api.http.port if interface.api.http else "http"
    numbers = {port.name: port.service for port in graph.ports(component)}
    return f":{numbers[name]}" if name in numbers else ""
