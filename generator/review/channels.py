"""Channels exist and lead to one place: there is a broker, and no address serves two purposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator import names
from generator.diagnostics import Diagnostic, Related, Span
from generator.graph import Graph


def brokers(graph: Graph) -> Iterator[Diagnostic]:
    """`no-broker`: there are events or commands, and the system names no broker that carries them.

    Without it there is no AsyncAPI server, no connection of a component, and no alert on what waits.

        system: {name: shop, owner: team-shop}
        publishes: {OrderPlaced: {version: "1.0.0", payload: Order}}

    Fix: add `broker: {kind: kafka}`, `rabbitmq` or `nats` to `system`.
    """
    header = graph.system.header
    first = min([*(topic.at.span for topic in graph.topics), *(queue.at.span for queue in graph.queues)], default=None)
    if header.broker is None and "broker" not in header.at.keys and first is not None:
        related = (Related(first, "what it would carry"),)
        yield Diagnostic(
            "no-broker", header.at.span, "the system has messages and names no broker", "broker: {kind: kafka}", related=related
        )


def replication(graph: Graph) -> Iterator[Diagnostic]:
    """`impossible-replication`: a broker has fewer nodes than copies, or fewer copies than must be in sync.

    The broker refuses to create the topics, or never acknowledges a message.

        broker: {kind: kafka, nodes: 1, replication: 3}

    Fix: let `min_in_sync` be at most `replication`, that at most `nodes`, and all of them one or more.
    """
    broker = graph.system.header.broker
    if broker is None:
        return
    limits = (
        ("replication", broker.replication, "nodes", broker.nodes),
        ("min_in_sync", broker.min_in_sync, "replication", broker.replication),
    )
    for key, number, limit_key, limit in limits:
        if number is not None and limit is not None and number > limit:
            message = f'"{key}" {number} is more than "{limit_key}" {limit}'
            yield Diagnostic("impossible-replication", broker.at[key], message, "no message could ever be acknowledged")
    for key, number in (("nodes", broker.nodes), ("replication", broker.replication), ("min_in_sync", broker.min_in_sync)):
        if number is not None and number < 1:
            yield Diagnostic("impossible-replication", broker.at[key], f'"{key}" {number} is less than one', "one copy is the least")


LONGEST = {"kafka": 249, "rabbitmq": 255}
"""Characters of an address: Kafka's Topic.MAX_NAME_LENGTH; a short string of AMQP 0-9-1, section 4.2.5.3."""


def lengths(graph: Graph) -> Iterator[Diagnostic]:
    """`long-channel-name`: the broker cannot spell an address: a topic, a reply, a dead letter, a subscriber's queue.

    Most are made of others: `group.address` is a subscriber's queue on RabbitMQ, `address.reply.sender` where replies go. It is refused
    when the component starts, not when it is built.

        consumes: [{event: ordering.Placed, group: a-very-long-name…}]

    Fix: choose a shorter `topic`, `queue` or `group`.
    """
    broker = graph.system.header.broker
    most = LONGEST.get(broker.kind) if broker else None
    if broker is None or most is None:
        return
    spelt = [(each.address, each.purpose, each.at) for each in _channels(graph)]
    if broker.kind == "rabbitmq":
        subscribers = ((topic, each) for topic in graph.topics for each in topic.subscriptions)
        spelt += [
            (names.subscriber_queue(each.group, topic.address), f"the queue of {each.consumer.name}", each.at.span)
            for topic, each in subscribers
        ]
    for address, purpose, at in spelt:
        if len(address) > most:
            message = f"{purpose} is called {address[:40]}…, {len(address)} characters, and {broker.kind} takes {most}"
            yield Diagnostic("long-channel-name", at, message, "choose a shorter address or group")


@dataclass(frozen=True, slots=True)
class _Channel:
    """An address and what it serves; those with one `purpose` may share it."""

    address: str
    purpose: str
    at: Span
    is_derived: bool
    """Only replies and dead letters use it."""
    twin: str
    """Owner and folded name: two messages that collide in name are reported as that, and not here."""


def addresses(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-channel`: two channels have one address, or two that Kafka cannot keep apart.

    A message on a shared address reaches consumers that cannot read it. In Kafka `a.b` and `a_b` collide in the names of
    metrics, and it refuses to create the second.

        OrderPlaced: {version: "1.0.0", payload: Order, topic: orders}
        OrderPaid: {version: "1.0.0", payload: Order, topic: orders}

    Fix: give one of them an address of its own with `topic`, `queue` or `dead_letter`; or leave it out, and it is made of the name.
    """
    broker = graph.system.header.broker
    taken: dict[str, _Channel] = {}
    for channel in sorted(_channels(graph), key=lambda each: (each.is_derived, each.at)):
        folded = channel.address.replace("_", ".") if broker is not None and broker.kind == "kafka" else channel.address
        first = taken.setdefault(folded, channel)
        if first.purpose != channel.purpose and first.twin != channel.twin:
            related = (Related(first.at, first.purpose),)
            also = "" if first.address == channel.address else f' ("{first.address}", which Kafka cannot keep apart)'
            message = f'"{channel.address}" is {channel.purpose}, and also {first.purpose}{also}'
            yield Diagnostic("duplicate-channel", channel.at, message, "give one an address of its own", related=related)


def _channels(graph: Graph) -> Iterator[_Channel]:
    for topic in graph.topics:
        yield _Channel(topic.address, f'the topic of "{topic.id}"', topic.event.at["topic"], False, names.kebab(topic.id))
    for queue in graph.queues:
        yield _Channel(queue.address, f'the queue of "{queue.id}"', queue.command.at["queue"], False, names.kebab(queue.id))
    for queue in graph.queues:
        for sender in queue.senders:
            if sender.reply_address is not None:
                yield _Channel(sender.reply_address, f'for replies to "{sender.component.name}"', sender.at.span, True, f"{queue.id} reply")
        if queue.dead_letter is not None:
            yield _Channel(queue.dead_letter, "for dead letters", queue.command.at["dead_letter"], True, f"{queue.id} dead letter")
    for topic in graph.topics:
        for each in topic.subscriptions:
            if each.dead_letter is not None:
                yield _Channel(each.dead_letter, "for dead letters", each.consume.at["dead_letter"], True, f"{topic.id} dead letter")


RULES = (brokers, replication, lengths, addresses)
