"""What a channel, an operation or a message is in Kafka, RabbitMQ or NATS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from generator import names
from generator.dialects import json_schema
from generator.envelopes import Message
from generator.graph import Graph
from generator.model import Backoff, Broker, Command, Event
from generator.units import Duration

VERSIONS = {"kafka": "0.5.0", "amqp": "0.3.0", "nats": "0.1.0"}
MILLISECONDS_PER_SECOND = 1_000
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handling:
    """How one group takes messages from a channel."""

    group: str
    address: str
    delivery: str | None
    retry: Backoff | None
    dead_letter: str | None
    start: str | None = None
    """Where a new group starts to read; a command is never read twice, so its handler has none."""

    @property
    def most_deliveries(self) -> int | None:
        """After so many the broker gives up; only where the message is then kept, for else at-least-once would be untrue."""
        is_kept = self.dead_letter is not None and self.delivery != "at-most-once"
        return self.retry.attempts if is_kept and self.retry else None


# --- channels ---------------------------------------------------------------------------------------------------------


def topic(graph: Graph, event: Event, address: str) -> Data:
    """The channel of an event: a topic, a routing key on the system's exchange, or a subject."""
    broker = _broker(graph)
    if broker.kind == "kafka":
        return {"bindings": {"kafka": _kafka_topic(broker, event.partitions, event.retention, event.compacted)}}
    if broker.kind == "rabbitmq":
        exchange = {"name": graph.name, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
        return {"bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": VERSIONS["amqp"]}}}
    return _stream(broker, event.delivery, address, event.retention)


def queue(graph: Graph, command: Command, address: str, handling: Handling) -> Data:
    """The channel of a command: each message is taken once."""
    broker = _broker(graph)
    if broker.kind == "kafka":
        return {"bindings": {"kafka": _kafka_topic(broker, command.partitions, command.retention)}}
    if broker.kind == "rabbitmq":
        return {"bindings": {"amqp": _amqp_queue(address, _arguments(handling, command.retention))}}
    return _stream(broker, command.delivery, address, command.retention)


def other(graph: Graph, address: str) -> Data:
    """The channel of replies or dead letters, of which the contract says nothing but the address."""
    broker = _broker(graph)
    if broker.kind == "kafka":
        return {"bindings": {"kafka": _kafka_topic(broker, None, None)}}
    if broker.kind == "rabbitmq":
        return {"bindings": {"amqp": _amqp_queue(address, {})}}
    return {}


def _broker(graph: Graph) -> Broker:
    broker = graph.system.header.broker
    assert broker is not None, "review refuses messages without a broker"
    return broker


def _kafka_topic(broker: Broker, partitions: int | None, retention: Duration | None, is_compacted: bool = False) -> Data:
    configuration: Data = {"cleanup.policy": ["compact"] if is_compacted else ["delete"]}
    if retention is not None and not is_compacted:
        configuration["retention.ms"] = retention.milliseconds
    return {
        **({"partitions": partitions} if partitions else {}),
        **({"replicas": broker.replication} if broker.replication else {}),
        "topicConfiguration": configuration,
        **({"x-min-insync-replicas": broker.min_in_sync} if broker.min_in_sync else {}),
        "bindingVersion": VERSIONS["kafka"],
    }


def _amqp_queue(name: str, arguments: Data) -> Data:
    queue = {"name": name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": "/"}
    return {"is": "queue", "queue": queue, **({"x-arguments": arguments} if arguments else {}), "bindingVersion": VERSIONS["amqp"]}


def _arguments(handling: Handling, retention: Duration | None = None) -> Data:
    """RabbitMQ's names; a quorum queue counts redeliveries, so its limit is one less than all tries."""
    arguments: Data = {"x-queue-type": "quorum"}
    if handling.dead_letter:
        arguments |= {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": handling.dead_letter}
    if handling.most_deliveries is not None:
        arguments["x-delivery-limit"] = handling.most_deliveries - 1
    if retention is not None:
        arguments["x-message-ttl"] = retention.milliseconds
    return arguments


def _stream(broker: Broker, delivery: str | None, address: str, retention: Duration | None) -> Data:
    """A JetStream stream of its own; what may be lost needs none."""
    if delivery == "at-most-once":
        return {}
    stream: Data = {"stream": names.nats_token(address), "subjects": [address]}
    if retention is not None:
        stream["maxAge"] = str(retention)
    if broker.replication is not None:
        stream["replicas"] = broker.replication
    return {"x-jetstream": stream}


# --- operations -------------------------------------------------------------------------------------------------------


def sending(graph: Graph, delivery: str | None) -> Data:
    """How a message is handed to the broker."""
    if _broker(graph).kind != "rabbitmq":
        return {}
    return {"bindings": {"amqp": {"deliveryMode": 1 if delivery == "at-most-once" else 2, "bindingVersion": VERSIONS["amqp"]}}}


def receiving(graph: Graph, handling: Handling, is_topic: bool) -> Data:
    """How a group takes messages: as a Kafka consumer group, from a queue of its own, or as a NATS queue group."""
    kind = _broker(graph).kind
    if kind == "kafka":
        binding = {"kafka": {"groupId": {"type": "string", "const": handling.group}, "bindingVersion": VERSIONS["kafka"]}}
        return {"bindings": binding} | ({"x-auto-offset-reset": handling.start} if handling.start else {})
    if kind == "rabbitmq":
        ack = {"amqp": {"ack": handling.delivery != "at-most-once", "bindingVersion": VERSIONS["amqp"]}}
        return {"bindings": ack} | ({"x-queue": _subscribed(graph, handling)} if is_topic else {})
    queue_group = {"nats": {"queue": handling.group, "bindingVersion": VERSIONS["nats"]}}
    return {"bindings": queue_group} | ({} if handling.delivery == "at-most-once" else {"x-jetstream": _durable(handling)})


def _subscribed(graph: Graph, handling: Handling) -> Data:
    """The queue of one group, bound to the exchange of the topic: AsyncAPI's binding has room for one of the two."""
    return {
        "name": names.subscriber_queue(handling.group, handling.address),
        "durable": True,
        "boundTo": {"exchange": graph.name, "routingKey": handling.address},
        "arguments": _arguments(handling),
    }


def _durable(handling: Handling) -> Data:
    durable: Data = {"durable": names.nats_token(handling.group), "ackPolicy": "explicit"}
    if handling.start:
        durable["deliverPolicy"] = "all" if handling.start == "earliest" else "new"
    if handling.most_deliveries is not None:
        durable["maxDeliver"] = handling.most_deliveries
    return durable


# --- messages ---------------------------------------------------------------------------------------------------------


def message(graph: Graph, message: Message) -> Data:
    """Kafka's key; the other brokers have none.

    It is written out: the binding's schema takes a reference for both of the two things it could be, and refuses it.
    """
    if _broker(graph).kind != "kafka" or message.key is None:
        return {}
    payload = graph.resolve(message.payload)
    key = next((graph.resolve(each.schema) for each in payload.properties if each.name == message.key), None)
    return {"bindings": {"kafka": {"key": json_schema(key, "draft-07", str), "bindingVersion": VERSIONS["kafka"]}}} if key else {}
