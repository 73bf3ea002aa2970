"""Where the message broker is reached in each environment, and what is known of it."""

from __future__ import annotations

from typing import Any

from generator import names
from generator.graph import Graph
from generator.model import Broker, Environment

PROTOCOLS = {"kafka": "kafka", "rabbitmq": "amqp", "nats": "nats"}
AMQP_VERSION = "0-9-1"
"""RabbitMQ's own protocol; its version is not the product's."""


def servers(graph: Graph) -> dict[str, Any]:
    """A server for each address of the broker; none where the contract names none, for an invented host would mislead."""
    broker = graph.system.header.broker
    if broker is None:
        return {}
    found: dict[str, Any] = {}
    for environment in graph.system.document.environments:
        for number, address in enumerate(environment.brokers, 1):
            name = environment.name if len(environment.brokers) == 1 else f"{environment.name}-{number}"
            found[name] = _server(broker, environment, address)
    return found


def _server(broker: Broker, environment: Environment, address: str) -> dict[str, Any]:
    scheme, _, host = address.rpartition("://")
    version = AMQP_VERSION if broker.kind == "rabbitmq" else broker.version if broker.kind == "kafka" else None
    server: dict[str, Any] = {"host": host, "protocol": scheme or PROTOCOLS[broker.kind]}
    if version:
        server["protocolVersion"] = version
    title = environment.title or names.title(environment.name)
    server["description"] = f"{title}: {environment.summary}" if environment.summary else title
    if broker.registry and broker.kind == "kafka":
        server["bindings"] = {"kafka": {"schemaRegistryUrl": broker.registry, "bindingVersion": "0.5.0"}}
    return server


def broker(graph: Graph) -> dict[str, Any]:
    """The product behind the channels; a document without servers would not say it."""
    found = graph.system.header.broker
    if found is None:
        return {}
    facts = {"kind": found.kind, "version": found.version, "schemaRegistryUrl": found.registry, "compatibility": found.compatibility}
    return {name: value for name, value in facts.items() if value is not None}
