"""Messages as they are on the wire: each payload in the system's envelope, as a type, with its examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from generator import names
from generator.diagnostics import At
from generator.dialects import in_order
from generator.graph import Graph, Queue, Topic
from generator.model import Command, Component, Event, Property, Schema
from generator.text import one_line

Envelope = Literal["system-event", "cloudevents", "none"]
PRIORITIES = ("low", "normal", "high", "critical")
UNDATED = "2000-01-01T00:00:00Z"
"""Time of an example whose payload tells none."""
UNKNOWN_SENDER = "sender"
"""Who sends the example of a command that nobody sends yet."""

ENVELOPE_TITLES = {"system-event": "System Event Message", "cloudevents": "CloudEvents 1.0 event"}
CORRELATION = {"system-event": "$message.payload#/correlationId", "cloudevents": "$message.payload#/correlationid"}
"""Where a message says what it belongs to, as an AsyncAPI runtime expression; without an envelope a header does."""
CORRELATION_HEADER = f"$message.header#/{names.CORRELATION_ID_HEADER}"
JSON_TYPES = {"system-event": "application/json", "cloudevents": "application/cloudevents+json", "none": "application/json"}
PROTOBUF_TYPES = {"system-event": "application/protobuf", "cloudevents": "application/protobuf", "none": "application/protobuf"}


@dataclass(frozen=True, slots=True)
class Message:
    """An event, a command, or the reply to a command: one thing that is sent on a channel."""

    kind: Literal["event", "command", "reply"]
    owner: Component
    """Who defines it: the publisher of an event, the handler of a command."""
    name: str
    subject: Event | Command
    """The contract's record; a reply is part of its command."""
    payload: Schema
    sender: Component | None
    """Who sends it; anybody may send a command."""
    example_sender: str

    @property
    def id(self) -> str:
        return f"{self.owner.name}.{self.name}"

    @property
    def at(self) -> At:
        return self.subject.at

    @property
    def title(self) -> str:
        title = one_line(self.subject.title or "") or names.title(self.subject.name)
        return f"Reply to {title}" if self.kind == "reply" else title

    @property
    def summary(self) -> str | None:
        return None if self.kind == "reply" else self.subject.summary

    @property
    def key(self) -> str | None:
        """Payload property that orders the messages."""
        return None if self.kind == "reply" else self.subject.key

    @property
    def is_correlated(self) -> bool:
        """Whether it is useless without a correlation id: a request, or its reply."""
        return isinstance(self.subject, Command) and self.subject.reply is not None


class WireExample(NamedTuple):
    """A whole message, made from a named example of its payload."""

    name: str
    summary: str | None
    value: Any


def event(topic: Topic) -> Message:
    return Message("event", topic.publisher, topic.event.name, topic.event, topic.event.payload, topic.publisher, topic.publisher.name)


def command(queue: Queue) -> Message:
    sender = queue.senders[0].component.name if queue.senders else UNKNOWN_SENDER
    return Message("command", queue.handler, queue.command.name, queue.command, queue.command.payload, None, sender)


def reply(queue: Queue) -> Message | None:
    """The reply to a command, `CancelOrderReply`; numbered where another message of its handler has that name."""
    if queue.command.reply is None:
        return None
    owner = queue.handler
    messages: tuple[Event | Command, ...] = (*owner.publishes, *owner.handles)
    taken = {each.name.lower() for each in messages}
    wanted = (f"{queue.command.name}Reply{number}" for number in ("", *range(2, len(taken) + 3)))
    name = next(each for each in wanted if each.lower() not in taken)
    return Message("reply", owner, name, queue.command, queue.command.reply, owner, owner.name)


def messages(graph: Graph) -> tuple[Message, ...]:
    """Every message of the system, by the component that defines it and by name."""
    found = [event(topic) for topic in graph.topics]
    for queue in graph.queues:
        found += [each for each in (command(queue), reply(queue)) if each is not None]
    return tuple(sorted(found, key=lambda each: (each.owner.name, each.name)))


def identifier(graph: Graph, message: Message) -> str:
    """`$id` of the message's schema: the same as long as the major version is."""
    return f"{graph.schema_base}/schemas/{message.owner.name}/{message.name}/v{message.subject.version.major}.json"


def content_type(graph: Graph, message: Message) -> str:
    """Media type of the whole message.

    Its schema is the same in both encodings: of a message in protobuf it describes the JSON form.
    """
    types = PROTOBUF_TYPES if message.subject.encoding == "protobuf" else JSON_TYPES
    return types[envelope_of(graph, message)]


def envelope_of(graph: Graph, message: Message) -> Envelope:
    """What the message is wrapped in: as its event says, else as the system does."""
    own = message.subject.envelope if isinstance(message.subject, Event) else None
    return own or graph.system.header.envelope


# --- the types --------------------------------------------------------------------------------------------------------


def envelope_type(graph: Graph) -> Schema | None:
    """The envelope of the system's messages with any payload in it; None when they have none."""
    wrap = ENVELOPES.get(graph.system.header.envelope)
    return wrap(graph, None) if wrap else None


def message_type(graph: Graph, message: Message) -> Schema:
    """The whole message as a type: its payload in the envelope, whose fixed values are fixed."""
    wrap = ENVELOPES.get(envelope_of(graph, message))
    return wrap(graph, message) if wrap else message.payload


def _system_event(graph: Graph, message: Message | None) -> Schema:
    """The System Event Message; a request and its reply must say what they belong to."""
    metadata = {
        "version": Schema(type="string", description="Message schema version"),
        "priority": Schema(type="string", enum=PRIORITIES),
        "retryCount": Schema(type="integer", minimum=0),
    }
    properties = {
        "messageId": Schema(type="string", format="uuid", description="Unique message identifier"),
        "eventType": Schema(type="string", const=message.name if message else None, description="Type of event being communicated"),
        "source": Schema(type="string", const=_sender(message), description="Source component that generated the event"),
        "timestamp": Schema(type="string", format="date-time", description="When the event occurred"),
        "correlationId": Schema(type="string", description="Correlation ID for tracking related events"),
        "payload": message.payload if message else Schema(type="object", description="Event-specific data payload"),
        "metadata": _object(metadata),
    }
    correlated = ("correlationId",) if message and message.is_correlated else ()
    return _object(properties, ("messageId", "eventType", "source", "timestamp", "payload", *correlated))


def _cloudevent(graph: Graph, message: Message | None) -> Schema:
    """A CloudEvent in structured mode; `correlationid` and `priority` are extension attributes."""
    data_type = _data_type(message) if message else None
    type_name = _cloudevents_type(graph, message) if message else None
    sender = _sender(message)
    key = f": the value of {message.key}" if message and message.key else ""
    properties = {
        "specversion": Schema(type="string", const="1.0", description="Version of CloudEvents"),
        "id": Schema(type="string", min_length=1, description="Unique together with the source"),
        "source": _text("Who sent it", _cloudevents_source(graph, sender) if sender else None),
        "type": _text("Type of the event and major version of its data", type_name),
        "time": Schema(type="string", format="date-time", description="When it occurred"),
        "datacontenttype": _text("Media type of the data", data_type),
        "subject": Schema(type="string", min_length=1, description=f"What it is about{key}"),
        "correlationid": Schema(type="string", min_length=1, description="What belongs together has one correlation id"),
        "priority": Schema(type="string", enum=PRIORITIES),
        "data": message.payload if message else Schema(type="object", description="Event-specific data"),
    }
    correlated = ("correlationid",) if message and message.is_correlated else ()
    return _object(properties, ("specversion", "id", "source", "type", "time", "data", *correlated))


ENVELOPES = {"system-event": _system_event, "cloudevents": _cloudevent}


def _sender(message: Message | None) -> str | None:
    return message.sender.name if message and message.sender else None


def _text(description: str, const: str | None) -> Schema:
    """A text that is fixed once it is known whose message it is, and never empty (CloudEvents 1.0, section 3)."""
    return Schema(type="string", const=const, min_length=None if const else 1, description=description)


def _object(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    return Schema(type="object", properties=tuple(Property(name=name, schema=each) for name, each in properties.items()), required=required)


def _data_type(message: Message) -> str:
    return "application/protobuf" if message.subject.encoding == "protobuf" else "application/json"


def _cloudevents_source(graph: Graph, component: str) -> str:
    return f"/{graph.namespace}/{component}"


def _cloudevents_type(graph: Graph, message: Message) -> str:
    return f"{graph.namespace}.{message.id}.v{message.subject.version.major}"


# --- the examples -----------------------------------------------------------------------------------------------------


def examples(graph: Graph, message: Message) -> Iterator[WireExample]:
    """A whole message for each named example of its payload; no clock and no chance is in it."""
    for example in graph.examples_of(message.payload):
        yield WireExample(example.name, example.summary, _wrapped(graph, message, example.name, example.value))


def _wrapped(graph: Graph, message: Message, name: str, value: Any) -> Any:
    occurred = _first_date_time(graph, message.payload, value) or UNDATED
    subject = value.get(message.key) if message.key and isinstance(value, dict) else None
    return wrapped(
        graph,
        message,
        id=_uuid(graph, message, name),
        occurred=occurred,
        correlation=correlation(graph, message),
        subject=str(subject) if subject not in (None, "") else None,
        payload=value,
    )


def wrapped(graph: Graph, message: Message, *, id: str, occurred: str, correlation: str, subject: str | None, payload: Any) -> Any:
    """A payload in the message's envelope, with what each message has of its own."""
    envelope = envelope_of(graph, message)
    if envelope == "system-event":
        return {
            "messageId": id,
            "eventType": message.name,
            "source": message.example_sender,
            "timestamp": occurred,
            "correlationId": correlation,
            "payload": payload,
            "metadata": {"version": str(message.subject.version), "priority": message.subject.priority, "retryCount": 0},
        }
    if envelope == "cloudevents":
        return {
            "specversion": "1.0",
            "id": id,
            "source": _cloudevents_source(graph, message.example_sender),
            "type": _cloudevents_type(graph, message),
            "time": occurred,
            "datacontenttype": _data_type(message),
            **({"subject": subject} if subject is not None else {}),
            "correlationid": correlation,
            "priority": message.subject.priority,
            "data": payload,
        }
    return payload


def correlation(graph: Graph, message: Message) -> str:
    """Correlation id of the message's examples; a command and its reply have the same."""
    from uuid import NAMESPACE_URL, uuid5

    return str(uuid5(NAMESPACE_URL, f"{graph.schema_base}/correlations/{message.owner.name}/{message.subject.name}"))


def _uuid(graph: Graph, message: Message, example: str) -> str:
    from uuid import NAMESPACE_URL, uuid5

    return str(uuid5(NAMESPACE_URL, f"{identifier(graph, message)}#{example}"))


def _first_date_time(graph: Graph, schema: Schema, value: Any) -> str | None:
    """The first point in time that the payload holds, in the order in which artifacts show its properties."""
    resolved = graph.resolve(schema)
    if isinstance(value, str):
        return value if resolved.format == "date-time" else None
    parts: list[tuple[Schema, Any]] = []
    if isinstance(value, list) and resolved.items is not None:
        parts = [(resolved.items, each) for each in value]
    if isinstance(value, dict):
        known = in_order(resolved)
        parts = [(each.schema, value[each.name]) for each in known if each.name in value]
        if isinstance(resolved.additional, Schema):
            parts += [(resolved.additional, value[name]) for name in sorted(value.keys() - {each.name for each in known})]
        parts += [(member, value) for member in resolved.one_of if not graph.resolve(member).one_of]
    return next((found for part, held in parts if (found := _first_date_time(graph, part, held)) is not None), None)
