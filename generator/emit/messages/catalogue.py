"""The event catalogue as data: every event and command, its channel and promises, who sends and who takes it."""

from __future__ import annotations

import itertools
from typing import Any

from generator import names
from generator.captures import captured_topics
from generator.envelopes import Message, command, content_type, envelope_of, event, identifier, reply
from generator.graph import Graph, Queue, Subscription, Topic
from generator.model import Backoff, Event, Schema

PROTECTED = ("personal", "sensitive", "secret")
MOST_FIELDS = 1_000
"""So many protected fields of one type are listed: types that hold each other twice would have no end of them."""
Data = dict[str, Any]
Protected = dict[str, Schema]
"""Path of a field below a schema, `lines[].email`, to the field's schema."""


def catalogue(graph: Graph) -> Data:
    """What nobody decided is null; what cannot be is left out."""
    header = graph.system.header
    return {
        "system": header.name,
        "title": header.title or names.title(header.name),
        "envelope": header.envelope,
        "broker": header.broker.kind if header.broker else None,
        "events": [_event(graph, topic) for topic in graph.topics],
        "commands": [_command(graph, queue) for queue in graph.queues],
    }


def schema_path(message: Message) -> str:
    """Path of the message's schema below the kind's folder."""
    return f"{message.owner.name}/{message.name}.v{message.subject.version.major}.schema.json"


def _event(graph: Graph, topic: Topic) -> Data:
    record = topic.event
    return {
        **_facts(graph, event(topic), topic.address),
        "deprecated": record.deprecated,
        "sunset": record.sunset,
        "publisher": topic.publisher.name,
        "team": graph.team(topic.publisher),
        "replay": record.replay,
        "compacted": record.compacted,
        **({"tombstones": True} if topic.id in captured_topics(graph) else {}),
        "routedBy": list(record.route),
        "consumers": [_consumer(graph, each) for each in topic.subscriptions],
    }


def _command(graph: Graph, queue: Queue) -> Data:
    record = queue.command
    handling = {
        "component": queue.handler.name,
        "team": graph.team(queue.handler),
        "group": queue.group,
        "retry": _retry(record.retry),
        "deadLetter": queue.dead_letter,
        "idempotentBy": record.idempotent_by,
    }
    return {
        **_facts(graph, command(queue), queue.address),
        "handler": handling,
        "senders": [
            {
                "component": sender.component.name,
                "team": graph.team(sender.component),
                "why": sender.send.why,
                "replyChannel": sender.reply_address,
                "reads": list(sender.send.reads),
                "timeout": _text(sender.send.timeout),
            }
            for sender in queue.senders
        ],
        "reply": _reply(graph, queue),
    }


def _facts(graph: Graph, message: Message, address: str) -> Data:
    record = message.subject
    return {
        **_described(graph, message),
        "summary": record.summary,
        "channel": address,
        "key": record.key,
        "ordering": f"by {record.key}" if record.key else "none",
        "delivery": record.delivery,
        "retention": None if isinstance(record, Event) and record.compacted else _text(record.retention),
        "partitions": record.partitions,
        "priority": record.priority,
    }


def _described(graph: Graph, message: Message) -> Data:
    return {
        "id": message.id,
        "name": message.name,
        "title": message.title,
        "version": str(message.subject.version),
        "schema": schema_path(message),
        "schemaId": identifier(graph, message),
        "contentType": content_type(graph, message),
        **({"envelope": own} if (own := envelope_of(graph, message)) != graph.system.header.envelope else {}),
        "protectedFields": [
            {"field": field or "(all)", "classification": schema.classification, "purpose": schema.purpose}
            for field, schema in _protected(graph, message.payload, {}).items()
        ],
    }


def _reply(graph: Graph, queue: Queue) -> Data | None:
    message = reply(queue)
    return _described(graph, message) if message else None


def _consumer(graph: Graph, subscription: Subscription) -> Data:
    consume = subscription.consume
    return {
        "component": subscription.consumer.name,
        "team": graph.team(subscription.consumer),
        "group": subscription.group,
        "why": consume.why,
        "reads": list(consume.reads),
        "only": {each.name: list(each.values) for each in consume.only},
        "start": consume.start,
        "retry": _retry(consume.retry),
        "deadLetter": subscription.dead_letter,
        "idempotentBy": consume.idempotent_by,
    }


def _retry(retry: Backoff | None) -> Data | None:
    if retry is None:
        return None
    waits = {"initial": str(retry.initial), "multiplier": retry.multiplier, "maximum": _text(retry.maximum)}
    return {"attempts": retry.attempts} | (waits if retry.attempts > 1 else {})


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _protected(graph: Graph, schema: Schema, known: dict[str, Protected]) -> Protected:
    """The fields that must be protected, outermost only; `known` has those of the types that were met."""
    if schema.classification in PROTECTED:
        return {"": schema}
    if schema.ref is not None:
        if schema.ref not in known:
            known[schema.ref] = {}  # a type inside itself adds nothing that is not shown further out
            known[schema.ref] = _protected(graph, graph.types[schema.ref].schema, known)
        return known[schema.ref]
    found: Protected = {}
    for name, part in _fields(schema).items():
        found |= {_path(name, rest): each for rest, each in _protected(graph, part, known).items()}
    for member in schema.one_of:
        found |= _protected(graph, member, known)
    return dict(itertools.islice(found.items(), MOST_FIELDS))


def _path(name: str, rest: str) -> str:
    return f"{name}.{rest}" if rest and not rest.startswith("[]") else name + rest


def _fields(schema: Schema) -> dict[str, Schema]:
    found = {each.name: each.schema for each in schema.properties}
    if schema.items is not None:
        found["[]"] = schema.items
    if isinstance(schema.additional, Schema):
        found["*"] = schema.additional
    return found
