"""Every message with its schema: how it may change, who goes first then, and what of it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generator import envelopes
from generator.document.context import Context
from generator.document.views.asynchronous import schema_file
from generator.envelopes import Message
from generator.graph import Graph, Queue, Topic

Side = Literal["readers", "writers", "any", "agreed"]
FIRST: dict[str, Side] = {"backward": "readers", "forward": "writers", "full": "any", "none": "agreed"}
"""Who is deployed first: backward, new readers understand old messages; forward, old readers understand new ones (Kleppmann,
Designing Data-Intensive Applications, chapter 4)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who takes a message, and what of it."""

    component: str
    fields: tuple[str, ...]
    """Empty: all."""
    selects: tuple[str, ...]
    """Properties that it chooses messages by."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A message in the registry."""

    message: Message
    schema: str | None
    content_type: str
    writers: tuple[str, ...]
    readers: tuple[Reader, ...]
    documents: tuple[str, ...]
    """AsyncAPI documents of those who write it."""


@dataclass(frozen=True, slots=True)
class Registry:
    compatibility: str | None
    """None: there is no broker."""
    first: Side | None
    address: str | None
    messages: tuple[Registered, ...]
    reading_all: tuple[str, ...]
    """Who reads a message, as far as the contract says, whole."""


def view(context: Context) -> Registry:
    graph = context.graph
    broker = graph.system.header.broker
    found = [_event(context, each) for each in graph.topics]
    for queue in graph.queues:
        found += _command(context, queue)
    found.sort(key=lambda each: each.message.id)
    whole = sorted({reader.component for each in found for reader in each.readers if not reader.fields and each.message.kind != "command"})
    mode = broker.compatibility if broker is not None else None
    return Registry(
        mode, FIRST[mode] if mode is not None else None, broker.registry if broker is not None else None, tuple(found), tuple(whole)
    )


def _event(context: Context, topic: Topic) -> Registered:
    readers = tuple(
        Reader(each.consumer.name, each.consume.reads, tuple(one.name for one in each.consume.only)) for each in topic.subscriptions
    )
    return _registered(context, envelopes.event(topic), (topic.publisher.name,), readers)


def _command(context: Context, queue: Queue) -> list[Registered]:
    senders = tuple(dict.fromkeys(each.component.name for each in queue.senders))
    handler = (Reader(queue.handler.name, (), ()),)
    found = [_registered(context, envelopes.command(queue), senders, handler)]
    reply = envelopes.reply(queue)
    if reply is not None:
        readers = tuple(Reader(each.component.name, each.send.reads, ()) for each in queue.senders)
        found.append(_registered(context, reply, (queue.handler.name,), readers))
    return found


def _registered(context: Context, message: Message, writers: tuple[str, ...], readers: tuple[Reader, ...]) -> Registered:
    graph: Graph = context.graph
    documents = (f"asyncapi/{each}.yaml" for each in writers)
    made = tuple(each for each in documents if each in context.artifacts)
    return Registered(message, schema_file(context, message), envelopes.content_type(graph, message), writers, readers, made)
