"""Events and commands, and who subscribes to, handles or sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.marks import POSITIVE, TOPIC, Date, Identifier, Named, Range, Reference, Unordered, doc, located
from generator.model.types import Schema
from generator.units import Duration, Rate, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How failed deliveries are tried again."""

    attempts: Annotated[int, Range(1, 100)] = doc("All tries, the first included.", 5)
    initial: Duration = doc("Wait before the second try.", Duration(1_000))
    multiplier: int | float = doc("Each further wait is this much longer.", 2)
    maximum: Duration | None = doc("Longest wait.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told to whoever subscribes (publish-subscribe)."""

    name: Identifier = doc("Event name, PascalCase.")
    version: Version = doc("Semantic version of the payload, in quotes.")
    payload: Schema = doc("What it carries: a type's name or a type.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("When it is published.", None)
    topic: Annotated[str, TOPIC] | None = doc("Channel address; by default domain, name and major version.", None)
    key: str | None = doc("Payload property that orders the messages: same key, same order.", None)
    route: Annotated[tuple[str, ...], Unordered()] = doc("Payload properties that consumers may select by (content-based routing).", ())
    partitions: Annotated[int, POSITIVE] | None = doc("Partitions of the topic.", None)
    retention: Duration | None = doc("How long messages are kept.", None)
    replay: bool = doc("Consumers may read kept messages again.", False)
    compacted: bool = doc("Only the newest message of each key is kept for ever.", False)
    delivery: Literal["at-least-once", "at-most-once", "exactly-once"] | None = doc("Delivery guarantee; by default the system's.", None)
    encoding: Literal["json", "protobuf"] = doc("How the payload is written on the topic.", "json")
    envelope: Literal["system-event", "cloudevents", "none"] | None = doc(
        "What its messages are wrapped in; by default as the system says. Rows that are captured have none.", None
    )
    priority: Literal["low", "normal", "high", "critical"] = doc("Priority in the envelope.", "normal")
    rate: Rate | None = doc("Messages that are published at most.", None)
    deprecated: bool = doc("Still published, no longer to be subscribed to.", False)
    sunset: Date | None = doc("Last day it is published.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A message that one component handles, from a queue (point-to-point); with a reply, asynchronous request-reply."""

    name: Identifier = doc("Command name, PascalCase.")
    version: Version = doc("Semantic version of the payload, in quotes.")
    payload: Schema = doc("What it carries: a type's name or a type.")
    reply: Schema | None = doc("What is sent back on the reply channel: a type's name or a type.", None)
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it asks for.", None)
    queue: Annotated[str, TOPIC] | None = doc("Channel address; by default domain, name and major version.", None)
    key: str | None = doc("Payload property that orders the messages.", None)
    partitions: Annotated[int, POSITIVE] | None = doc("Partitions of the queue's topic.", None)
    retention: Duration | None = doc("How long an unhandled command is kept.", None)
    delivery: Literal["at-least-once", "at-most-once", "exactly-once"] | None = doc("Delivery guarantee; by default the system's.", None)
    encoding: Literal["json", "protobuf"] = doc("How the payload is written on the queue.", "json")
    priority: Literal["low", "normal", "high", "critical"] = doc("Priority in the envelope.", "normal")
    rate: Rate | None = doc("Commands that are sent at most.", None)
    takes: Duration | None = doc("Time that handling one takes.", None)
    group: Annotated[str, TOPIC] | None = doc("Consumer group of the handler; by default the component's name.", None)
    retry: Backoff | None = doc("How a failed handling is tried again.", None)
    dead_letter: bool | Annotated[str, TOPIC] | None = doc(
        "Where a command goes that cannot be handled; true: the address with the system's suffix.", None
    )
    idempotent_by: str | None = doc("What the handler recognises a repeated command by.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Content-based routing: only messages whose payload property has one of these values."""

    name: str = doc("Payload property.")
    values: Annotated[tuple[str, ...], Unordered()] = doc("Values that are wanted.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consume:
    """A subscription to an event of another component."""

    event: Reference = doc("The event: component.Event.")
    why: str | None = doc("What the consumer does with it.", None)
    group: Annotated[str, TOPIC] | None = doc("Consumer group; by default the component's name.", None)
    reads: Annotated[tuple[str, ...], Unordered()] = doc("Payload properties that are really read; by default all.", ())
    only: Annotated[tuple[Filter, ...], Named()] = doc("Only messages with these values (content-based routing).", ())
    takes: Duration | None = doc("Time that handling one message takes.", None)
    start: Literal["earliest", "latest"] = doc("Where a new group starts; earliest replays what is kept.", "latest")
    retry: Backoff | None = doc("How a failed handling is tried again.", None)
    dead_letter: bool | Annotated[str, TOPIC] | None = doc(
        "Where a message goes that cannot be handled; true: the address with the system's suffix.", None
    )
    idempotent_by: str | None = doc("What the consumer recognises a repeated message by.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Use of a command of another component."""

    command: Reference = doc("The command: component.Command.")
    why: str | None = doc("Why it is sent.", None)
    reads: Annotated[tuple[str, ...], Unordered()] = doc("Reply properties that are really read; by default all.", ())
    timeout: Duration | None = doc("How long the reply is waited for.", None)
    at: At = located()
