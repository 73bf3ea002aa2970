"""Where an interface is reached in each environment: its public host, or the address in the cluster."""

from __future__ import annotations

from typing import Any

from generator import names
from generator.graph import Graph, Interface
from generator.model import Component, Environment

DEFAULT_PORTS = {"grpc": 9090}
HTTP_PORT = 8080


def servers(graph: Graph, interface: Interface) -> list[dict[str, Any]]:
    """A server for each environment; environments with one address share it."""
    found: dict[str, dict[str, Any]] = {}
    for environment in graph.system.document.environments or (None,):
        server = _server(graph, interface, environment)
        same = found.setdefault(server["url"], server)
        if same is not server:
            same["description"] = f"{same['description']}; {server['description']}"
    return list(found.values())


def _server(graph: Graph, interface: Interface, environment: Environment | None) -> dict[str, Any]:
    title = (environment.title or names.title(environment.name)) if environment else "Every environment"
    if environment and environment.host and interface.api.visibility == "public":
        return {"url": f"https://{environment.host}", "description": _described(title, environment)}
    namespace = (environment.namespace if environment else None) or graph.namespace
    return _in_cluster(interface, namespace) | {"description": _described(f"{title}, in the cluster", environment)}


def _described(title: str, environment: Environment | None) -> str:
    return f"{title}: {environment.summary}" if environment and environment.summary else title


def _in_cluster(interface: Interface, namespace: str) -> dict[str, Any]:
    """The address of the provider's Service; of several providers, the caller chooses one."""
    port_name = interface.api.http.port if interface.api.http else "http"
    if interface.owner is not None:
        return {"url": f"http://{interface.owner.name}.{namespace}.svc.cluster.local:{_port(interface.owner, port_name)}"}
    providers = {provider.name: str(_port(provider, port_name)) for provider in interface.providers}
    if not providers:
        return {"url": "/"}
    ports = sorted(set(providers.values()))
    variables: dict[str, Any] = {"component": _variable(list(providers), "Component that is asked.")}
    if len(ports) > 1:
        variables["port"] = _variable(ports, "Port of the component.")
    port = "{port}" if len(ports) > 1 else ports[0]
    return {"url": f"http://{{component}}.{namespace}.svc.cluster.local:{port}", "variables": variables}


def _variable(values: list[str], description: str) -> dict[str, Any]:
    return {"default": values[0], "enum": values, "description": description}


def _port(component: Component, name: str) -> int:
    """Port of the component's Service."""
    ports = component.runtime.ports if component.runtime else ()
    return next((port.service for port in ports if port.name == name), DEFAULT_PORTS.get(name, HTTP_PORT))
