"""Events with their subscribers and commands with their senders, addresses and policies complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from generator import names
from generator.graph import Queue, Sender, Subscription, Topic
from generator.link.index import Index
from generator.link.schemas import qualified
from generator.model import Backoff, Command, Component, Consume, ConsumeDefaults, Event, PublishDefaults

M = TypeVar("M", Event, Command)


def topics(index: Index) -> Iterator[Topic]:
    subscriptions: dict[str, list[Subscription]] = {}
    for component in index.components.values():
        for consume in component.consumes:
            if consume.event in index.events:
                subscription = _subscription(index, component, consume)
                subscriptions.setdefault(consume.event, []).append(subscription)
            else:
                message = f'{component.name} consumes "{consume.event}", which nobody publishes'
                index.unknown("unknown-event", consume.at["event"], message, consume.event, index.events)
    for id, (publisher, event) in sorted(index.events.items()):
        linked = _message(index, event, publisher)
        yield Topic(
            linked,
            publisher,
            _address(linked, publisher),
            tuple(sorted(subscriptions.get(id, ()), key=lambda each: (each.consumer.name, each.group))),
        )


def queues(index: Index) -> Iterator[Queue]:
    senders: dict[str, list[Sender]] = {}
    for component in index.components.values():
        for send in component.sends:
            if send.command in index.commands:
                handler, command = index.commands[send.command]
                known = index.property_names(qualified(index, command.reply, handler.name)) if command.reply else []
                if send.reads:
                    index.listed(send.reads, known, send.at["reads"], "unknown-property", f'the reply of "{send.command}"')
                reply = names.reply_channel(_address(command, handler), component.name) if command.reply else None
                senders.setdefault(send.command, []).append(Sender(component, send, reply))
            else:
                message = f'{component.name} sends "{send.command}", which nobody handles'
                index.unknown("unknown-command", send.at["command"], message, send.command, index.commands)
    for id, (handler, command) in sorted(index.commands.items()):
        linked = _message(index, command, handler)
        address = _address(linked, handler)
        dead_letter = _dead_letter(index, linked.dead_letter, address)
        ordered = tuple(sorted(senders.get(id, ()), key=lambda each: each.component.name))
        yield Queue(linked, handler, address, linked.group or handler.name, dead_letter, ordered)


def _message(index: Index, message: M, owner: Component) -> M:
    """An event or command with qualified payload and the system's defaults."""
    defaults: PublishDefaults = index.defaults.publish
    payload = qualified(index, message.payload, owner.name)
    known = index.property_names(payload)
    if message.key is not None and known and message.key not in known:
        index.unknown(
            "unknown-property",
            message.at["key"],
            f'the payload of "{message.name}" has no property "{message.key}"',
            message.key,
            known,
        )
    changes: dict[str, Any] = {
        "payload": payload,
        "delivery": message.delivery or defaults.delivery,
        "retention": message.retention or defaults.retention,
        "partitions": message.partitions or defaults.partitions,
    }
    if isinstance(message, Command):
        changes["reply"] = qualified(index, message.reply, owner.name) if message.reply else None
        changes |= _handling(index, message)
    elif message.route:
        index.listed(message.route, known, message.at["route"], "unknown-property", f'the payload of "{message.name}"')
    return dataclasses.replace(message, **changes)


def _address(message: Event | Command, owner: Component) -> str:
    given = message.topic if isinstance(message, Event) else message.queue
    return given or names.channel(owner.domain or owner.name, message.name, message.version)


def _subscription(index: Index, component: Component, consume: Consume) -> Subscription:
    publisher, event = index.events[consume.event]
    payload = qualified(index, event.payload, publisher.name)
    known = index.property_names(payload)
    if known:
        index.listed(consume.reads, known, consume.at["reads"], "unknown-property", f'the payload of "{consume.event}"')
        index.listed(
            [each.name for each in consume.only], known, consume.at["only"], "unknown-property", f'the payload of "{consume.event}"'
        )
    complete = dataclasses.replace(consume, **_handling(index, consume))
    address = _address(event, publisher)
    return Subscription(
        component, complete, consume.event, consume.group or component.name, _dead_letter(index, complete.dead_letter, address)
    )


def _handling(index: Index, handler: Consume | Command) -> dict[str, Any]:
    """Retry, dead letter and idempotency of a consumer or handler, the system's where it says nothing."""
    defaults: ConsumeDefaults = index.defaults.consume
    return {
        "retry": handler.retry or defaults.retry or Backoff(attempts=1),
        "dead_letter": handler.dead_letter if handler.dead_letter is not None else defaults.dead_letter,
        "idempotent_by": handler.idempotent_by or defaults.idempotent_by,
    }


def _dead_letter(index: Index, given: bool | str | None, address: str) -> str | None:
    broker = index.system.header.broker
    if isinstance(given, str):
        return given
    return f"{address}{broker.dead_letter_suffix if broker else '.dlq'}" if given else None
