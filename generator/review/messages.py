"""Events and commands are delivered as promised: payloads, keys, filters, guarantees, retries."""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import At, Diagnostic, Related, Severity
from generator.graph import Graph, Subscription
from generator.model import Backoff, Command, Event, Filter, Property, Schema
from generator.review.schemas import a, did_you_mean, is_lost, kind

MESSAGE_KINDS = ("object", "union")


def payloads(graph: Graph) -> Iterator[Diagnostic]:
    """`payload-not-object`: a payload or reply is no object (or union of objects), so it can never gain a field.

    The first thing that it is to tell besides breaks every consumer.

        OrderPlaced: {version: "1.0.0", payload: {type: string}}

    Fix: wrap the value in an object with one property.
    """
    carried: list[tuple[str, At, str, Schema]] = []
    for message in _messages(graph):
        carried.append((message.name, message.at, "payload", message.payload))
        if isinstance(message, Command) and message.reply is not None:
            carried.append((message.name, message.at, "reply", message.reply))
    for name, at, what, schema in carried:
        found = kind(graph, schema)
        if found and found not in MESSAGE_KINDS and not is_lost(schema):
            message_text = f'the {what} of "{name}" is {a(found)}, not an object'
            yield Diagnostic("payload-not-object", at[what], message_text, "wrap it in an object with one property")


def _messages(graph: Graph) -> Iterator[Event | Command]:
    yield from (topic.event for topic in graph.topics)
    yield from (queue.command for queue in graph.queues)


def _property(graph: Graph, schema: Schema, name: str | None) -> tuple[Property | None, bool]:
    """The property of a payload, and whether it is always there."""
    resolved = graph.resolve(schema)
    return next((each for each in resolved.properties if each.name == name), None), name in resolved.required


def keys(graph: Graph) -> Iterator[Diagnostic]:
    """`unsuitable-key`, `compacted-without-key`, `optional-key` (warning): messages cannot be told apart or kept in order by it.

    A broker orders messages by the bytes of one text; where there is no key, order and compaction end.

        OrderPlaced: {version: "1.0.0", payload: Order, compacted: true}

    Fix: name in `key` a property of the payload that identifies what the message is about, a text or number, and list it among
    `required`.
    """
    for message in _messages(graph):
        if message.key is None:
            if isinstance(message, Event) and message.compacted and "key" not in message.at.keys:
                text = f'"{message.name}" keeps the newest message of each key, and has no key'
                yield Diagnostic("compacted-without-key", message.at["compacted"], text, "key: and a payload property")
            continue
        held, is_required = _property(graph, message.payload, message.key)
        if held is None or is_lost(held.schema):
            continue
        found = kind(graph, held.schema)
        related = (Related(held.at.span, "the property"),)
        if found not in ("string", "integer", "boolean", "number"):
            text = f'the key "{message.key}" of "{message.name}" is {a(found) if found else "of no type"}, and a key is one text or number'
            yield Diagnostic("unsuitable-key", message.at["key"], text, "choose an identifier", related=related)
        elif not is_required:
            text = f'the key "{message.key}" of "{message.name}" may be absent, and then nothing keeps the order'
            yield Diagnostic("optional-key", message.at["key"], text, f"add {message.key} to required", Severity.WARNING, related)


def guarantees(graph: Graph) -> Iterator[Diagnostic]:
    """`unsupported-by-broker`: the broker cannot do what is promised.

    RabbitMQ and NATS deliver a message again when an acknowledgement is lost; only Kafka's transactions come close to
    exactly once, and only Kafka compacts. A RabbitMQ queue forgets what was read.

        broker: {kind: rabbitmq}
        OrderPlaced: {version: "1.0.0", payload: Order, delivery: exactly-once}

    Fix: promise at-least-once delivery and let consumers say `idempotent_by`; say a `retention` for `compacted`; leave `replay` out; or
    choose the broker that can.
    """
    broker = graph.system.header.broker
    if broker is None or broker.kind == "kafka":
        return
    for message in _messages(graph):
        if message.delivery == "exactly-once":
            text = f'{broker.kind} cannot deliver "{message.name}" exactly once'
            yield Diagnostic("unsupported-by-broker", message.at["delivery"], text, "at-least-once, and consumers with idempotent_by")
        if isinstance(message, Event) and message.compacted:
            yield Diagnostic(
                "unsupported-by-broker", message.at["compacted"], f'{broker.kind} cannot compact "{message.name}"', "give it a retention"
            )
        if isinstance(message, Event) and message.replay and broker.kind == "rabbitmq":
            help = "leave replay out, or choose a broker that keeps messages"
            yield Diagnostic("unsupported-by-broker", message.at["replay"], f'rabbitmq does not keep "{message.name}" for a replay', help)


def subscriptions(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-subscription`, `shared-group` (warning), `self-subscription` (warning): a component subscribes twice with one group, two
    components take each other's messages, or a component tells itself.

    In a group each message goes to one member, so that each of two subscriptions would miss what the other got.

        consumes: [{event: shop.OrderPlaced, reads: [a]}, {event: shop.OrderPlaced, reads: [b]}]

    Fix: join the two subscriptions, or give one a `group` of its own; leave `group` out where two components share one; take an event
    that a component sends to itself out.
    """
    for topic in graph.topics:
        taken: dict[str, Subscription] = {}
        for subscription in sorted(topic.subscriptions, key=lambda each: each.at.span):
            first = taken.setdefault(subscription.group, subscription)
            at, name = subscription.consume.at, subscription.consumer.name
            if first is not subscription:
                related = (Related(first.at.span, "the first subscription"),)
                if first.consumer == subscription.consumer:
                    text = f'{name} consumes "{topic.id}" twice in the group "{subscription.group}"'
                    yield Diagnostic(
                        "duplicate-subscription", at["event"], text, "join them, or give one a group of its own", related=related
                    )
                else:
                    text = f'{name} and {first.consumer.name} consume "{topic.id}" in one group, "{subscription.group}": each misses what the other gets'
                    yield Diagnostic("shared-group", at["group"], text, "leave group out", Severity.WARNING, related)
            if subscription.consumer == topic.publisher:
                text = f"{name} consumes its own event"
                yield Diagnostic("self-subscription", at["event"], text, "a component can tell itself without the broker", Severity.WARNING)


def filters(graph: Graph) -> Iterator[Diagnostic]:
    """`unroutable-filter`: messages are selected by a property that the event does not route by, or by a value that never comes.

    The broker selects by what stands in the message's headers or routing key; otherwise the subscriber gets all, or nothing.

        consumes: [{event: shop.OrderPlaced, only: {status: [payed]}}]

    Fix: spell property and value as the payload does, and let the event's owner say `route: [status]`.
    """
    for topic in graph.topics:
        for subscription in topic.subscriptions:
            for wanted in subscription.consume.only:
                held, _ = _property(graph, topic.event.payload, wanted.name)
                if held is None or is_lost(held.schema):
                    continue
                if wanted.name not in topic.event.route and "route" not in topic.event.at.keys:
                    related = (Related(topic.at.span, "the event"),)
                    text = f'"{topic.id}" says nothing of routing by "{wanted.name}"'
                    yield Diagnostic(
                        "unroutable-filter", wanted.at.span, text, f"ask its owner to add route: [{wanted.name}]", related=related
                    )
                elif wanted.name not in topic.event.route:
                    related = (Related(topic.event.at["route"], "what it routes by"),)
                    text = f'"{topic.id}" does not route by "{wanted.name}"'
                    yield Diagnostic(
                        "unroutable-filter", wanted.at.span, text, did_you_mean(wanted.name, topic.event.route), related=related
                    )
                else:
                    yield from _values(graph.resolve(held.schema), wanted)


def _values(schema: Schema, wanted: Filter) -> Iterator[Diagnostic]:
    allowed = (
        schema.enum or ((schema.const,) if schema.const is not None else ()) or (("true", "false") if schema.type == "boolean" else ())
    )
    for value in wanted.values if allowed else ():
        if value not in allowed:
            text = f'"{wanted.name}" is never "{value}"'
            yield Diagnostic("unroutable-filter", wanted.at.span, text, did_you_mean(value, allowed))


def consumers(graph: Graph) -> Iterator[Diagnostic]:
    """`consumer-not-idempotent` (warning), `no-dead-letter` (warning): nothing is said about a message that comes twice, or never succeeds.

    At least once means: now and then twice. And a message that always fails blocks all behind it, or is lost.

        consumes: [{event: shop.OrderPlaced}]

    Fix: say `idempotent_by: messageId` and `dead_letter: true`, at the message or once in `defaults: {consume: …}`.
    """
    taking: list[tuple[At, str, str, str | None, str | None, str | None]] = []
    for topic in graph.topics:
        promise = topic.event.delivery
        taking += [
            (each.at, each.consumer.name, topic.id, promise, each.consume.idempotent_by, each.dead_letter) for each in topic.subscriptions
        ]
    for queue in graph.queues:
        command = queue.command
        taking.append((queue.at, queue.handler.name, queue.id, command.delivery, command.idempotent_by, queue.dead_letter))
    for at, consumer, message, delivery, idempotent_by, dead_letter in taking:
        if delivery != "at-least-once":
            continue
        if idempotent_by is None:
            text = f'{consumer} does not say how it recognises a "{message}" that comes twice'
            yield Diagnostic(
                "consumer-not-idempotent", at.span, text, "idempotent_by: messageId, here or under defaults: consume", Severity.WARNING
            )
        if dead_letter is None:
            text = f'{consumer} does not say where a "{message}" goes that it cannot handle'
            yield Diagnostic(
                "no-dead-letter", at["dead_letter"], text, "dead_letter: true, here or under defaults: consume", Severity.WARNING
            )


def senders(graph: Graph) -> Iterator[Diagnostic]:
    """`timeout-without-reply`, `self-command` (warning): a sender waits for a reply that never comes, or a component commands itself.

    Each send would wait until its time is over, and then take success for failure.

        sends: [{command: shop.ShipOrder, timeout: 5s}]

    Fix: leave `timeout` out, or give the command a `reply`; let a component do its own work without a message.
    """
    for queue in graph.queues:
        for sender in queue.senders:
            if sender.send.timeout is not None and queue.command.reply is None:
                related = (Related(queue.at.span, "the command"),)
                text = f'{sender.component.name} waits for a reply to "{queue.id}", which has none'
                yield Diagnostic(
                    "timeout-without-reply",
                    sender.send.at["timeout"],
                    text,
                    "leave timeout out, or give the command a reply",
                    related=related,
                )
            if sender.component == queue.handler:
                text = f"{sender.component.name} sends a command to itself"
                yield Diagnostic(
                    "self-command", sender.send.at["command"], text, "a component can do so without a contract", Severity.WARNING
                )


def retries(graph: Graph) -> Iterator[Diagnostic]:
    """`shrinking-backoff`: waits between tries get shorter, or the longest is shorter than the first.

    What is overloaded is then asked more often the longer it is away.

        retry: {attempts: 5, initial: 10s, maximum: 1s}

    Fix: let `maximum` be longer than `initial`, and `multiplier` from 1 to 1000, such as 2.
    """
    given: list[Backoff | None] = [each.consume.retry for topic in graph.topics for each in topic.subscriptions]
    given += [queue.command.retry for queue in graph.queues]
    for retry in given:
        if retry is None:
            continue
        if not 1 <= retry.multiplier <= 1_000:
            yield Diagnostic(
                "shrinking-backoff", retry.at["multiplier"], "the multiplier of the waits is not from 1 to 1000", "multiplier: 2"
            )
        if retry.maximum is not None and retry.maximum < retry.initial:
            text = f"the longest wait, {retry.maximum}, is shorter than the first, {retry.initial}"
            yield Diagnostic("shrinking-backoff", retry.at["maximum"], text, "swap them")


RULES = (payloads, keys, guarantees, subscriptions, filters, consumers, senders, retries)
