"""What one component sends and receives: its channels, its operations, and the messages on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator import envelopes, names
from generator.captures import CapturedTable, captured_topics
from generator.diagnostics import At
from generator.dialects import json_schema
from generator.emit.asyncapi import bindings
from generator.emit.asyncapi.bindings import Handling
from generator.envelopes import Message
from generator.graph import Graph, Queue, Sender, Subscription, Topic, queues_of, topics_of
from generator.model import Backoff, Component

PUBLISH_SUBSCRIBE, POINT_TO_POINT, REQUEST_REPLY, DEAD_LETTER = "publish-subscribe", "point-to-point", "request-reply", "dead-letter"
PATTERNS = {
    PUBLISH_SUBSCRIBE: "Told to whoever subscribes.",
    POINT_TO_POINT: "Sent to the one component that handles it.",
    REQUEST_REPLY: "Sent to the one component that handles it, and answered on a channel of the sender.",
    DEAD_LETTER: "What could not be handled, kept aside.",
}
REPLY_TO_HEADER = "X-Reply-To"
"""Where a reply goes, when there is no envelope to say who asked."""
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """One component's part in the messaging, filled operation by operation; what no operation needs is not in it."""

    graph: Graph
    component: Component
    messages: Mapping[str, Message]
    """By id: those that are sent or received here."""
    message_names: Mapping[str, str]
    type_names: Mapping[str, str]
    captured: Mapping[str, CapturedTable]
    """Events that are rows of a table, by id."""
    channels: Data = field(default_factory=dict)
    operations: Data = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, component: Component) -> Application:
        name = component.name
        topics, queues = topics_of(graph, component), queues_of(graph, component)
        found = [envelopes.event(each) for each in topics]
        found += [each for queue in queues for each in (envelopes.command(queue), envelopes.reply(queue)) if each is not None]
        messages = {each.id: each for each in found}
        reached = graph.closure(each.payload for each in found)
        type_names = names.schema_names(reached, name)
        application = cls(graph, component, messages, names.schema_names(messages, name), type_names, captured_topics(graph))
        for topic in topics:
            application._topic(topic)
        for queue in queues:
            application._queue(queue)
        return application

    def version(self) -> str:
        """The highest version among the messages that the component defines, else among those it takes or sends."""
        own = [each for each in self.messages.values() if each.owner.name == self.component.name]
        return str(max(each.subject.version for each in own or self.messages.values()))

    def sources(self) -> tuple[At, ...]:
        types = (self.graph.types[each].at for each in self.type_names)
        rows = (at for each in sorted(self.messages) if each in self.captured for at in self.captured[each].sources)
        return (self.component.at, *(self.messages[each].at for each in sorted(self.messages)), *types, *rows)

    # --- operations ---------------------------------------------------------------------------------------------------

    def _topic(self, topic: Topic) -> None:
        message = envelopes.event(topic)
        event = topic.event
        channel = {"title": message.title, **bindings.topic(self.graph, event, topic.address), **_promises(event)}
        channel |= {"x-replay": True} if event.replay else {}
        channel |= {"x-routed-by": list(event.route)} if event.route else {}
        channel |= {"x-tombstones": True} if topic.id in self.captured else {}
        if topic.publisher.name == self.component.name:
            how = bindings.sending(self.graph, event.delivery)
            self._operation("publish", "send", message, topic.address, channel, PUBLISH_SUBSCRIBE, event.summary, how)
        for subscription in _subscriptions(topic, self.component.name):
            self._subscription(topic, subscription, message, channel)

    def _subscription(self, topic: Topic, subscription: Subscription, message: Message, channel: Data) -> None:
        consume = subscription.consume
        group, delivery = subscription.group, topic.event.delivery
        handling = Handling(group, topic.address, delivery, consume.retry, subscription.dead_letter, consume.start)
        how = bindings.receiving(self.graph, handling, is_topic=True)
        how |= {"x-reads": list(consume.reads)} if consume.reads else {}
        how |= {"x-only": {each.name: list(each.values) for each in consume.only}} if consume.only else {}
        how |= _failures(handling, consume.idempotent_by)
        ending = names.pascal(group) if group != self.component.name else ""
        self._operation("receive", "receive", message, topic.address, channel, PUBLISH_SUBSCRIBE, consume.why, how, ending)
        self._dead_letter(message, handling, ending)

    def _queue(self, queue: Queue) -> None:
        command, message = queue.command, envelopes.command(queue)
        pattern = REQUEST_REPLY if command.reply is not None else POINT_TO_POINT
        handling = Handling(queue.group, queue.address, command.delivery, command.retry, queue.dead_letter)
        channel = {"title": message.title, **bindings.queue(self.graph, command, queue.address, handling), **_promises(command)}
        if queue.handler.name == self.component.name:
            how = self._reply(queue, queue.senders) | bindings.receiving(self.graph, handling, is_topic=False)
            how |= _failures(handling, command.idempotent_by)
            self._operation("handle", "receive", message, queue.address, channel, pattern, command.summary, how)
            self._dead_letter(message, handling, "")
        for sender in _senders(queue, self.component.name):
            how = self._reply(queue, (sender,)) | bindings.sending(self.graph, command.delivery)
            how |= {"x-timeout": str(sender.send.timeout)} if sender.send.timeout else {}
            how |= {"x-reads": list(sender.send.reads)} if sender.send.reads else {}
            self._operation("send", "send", message, queue.address, channel, pattern, sender.send.why, how)

    def _reply(self, queue: Queue, senders: tuple[Sender, ...]) -> Data:
        """Where the reply goes; each sender has a channel of its own, so for several the channel has a parameter."""
        message = envelopes.reply(queue)
        if message is None:
            return {}
        title = {"title": message.title}
        if len(senders) == 1:
            address = senders[0].reply_address or ""
            reference = self._channel(address, message, {**title, **bindings.other(self.graph, address)})
        else:
            address = names.reply_channel(queue.address, "{sender}")
            known = [each.component.name for each in senders]
            sender: Data = {"description": "Component that sent the command."} | ({"enum": known} if known else {})
            reference = self._channel(address, message, {**title, "parameters": {"sender": sender}, **bindings.other(self.graph, address)})
        return {"reply": {"channel": {"$ref": reference}, "messages": [{"$ref": f"{reference}/messages/{self.message_names[message.id]}"}]}}

    def _dead_letter(self, message: Message, handling: Handling, ending: str) -> None:
        """What the group could not handle; RabbitMQ moves it by itself, and it is the consumer's to look at all the same."""
        if handling.dead_letter is None:
            return
        channel = {"title": "Dead letters", **bindings.other(self.graph, handling.dead_letter)}
        summary = f"{message.title}: what could not be handled."
        how = bindings.sending(self.graph, handling.delivery)
        self._operation("deadLetter", "send", message, handling.dead_letter, channel, DEAD_LETTER, summary, how, ending)

    def _operation(
        self,
        verb: str,
        action: str,
        message: Message,
        address: str,
        channel: Data,
        pattern: str,
        summary: str | None,
        how: Data,
        ending: str = "",
    ) -> None:
        name = self.message_names[message.id]
        reference = self._channel(address, message, channel)
        wanted = f"{verb}{name[:1].upper()}{name[1:]}{ending}"
        number = 2
        id = wanted
        while id in self.operations:
            id, number = f"{wanted}{number}", number + 1
        self.operations[id] = {
            "action": action,
            "channel": {"$ref": reference},
            **({"summary": summary} if summary else {}),
            "tags": [{"$ref": f"#/components/tags/{pattern}"}],
            "messages": [{"$ref": f"{reference}/messages/{name}"}],
            **how,
        }

    def _channel(self, address: str, message: Message, channel: Data) -> str:
        """A reference to the channel, on which the message now is; dead letters of several messages may share one."""
        id = address.replace(".{sender}", "")
        known = self.channels.setdefault(id, {"address": address, "messages": {}, **channel})
        name = self.message_names[message.id]
        known["messages"] = dict(sorted((known["messages"] | {name: {"$ref": f"#/components/messages/{name}"}}).items()))
        return f"#/channels/{id}"

    # --- what the operations refer to ---------------------------------------------------------------------------------

    def components(self) -> Data:
        """The messages, and the schemas of all types that they reach."""
        messages = {self.message_names[each.id]: self._message(each) for each in self.messages.values()}
        schemas = {name: json_schema(self.graph.types[each].schema, "draft-07", self._type) for each, name in self.type_names.items()}
        shown = {tag["$ref"].rpartition("/")[2] for operation in self.operations.values() for tag in operation["tags"]}
        tags = {pattern: {"name": pattern, "description": PATTERNS[pattern]} for pattern in sorted(shown)}
        types = {"schemas": dict(sorted(schemas.items()))} if schemas else {}
        return {"messages": dict(sorted(messages.items())), **types, "tags": tags}

    def _type(self, reference: str) -> str:
        return f"#/components/schemas/{self.type_names[reference]}"

    def _message(self, message: Message) -> Data:
        described = {"summary": message.summary} if message.summary else {}
        headers = self._headers(message)
        return {
            "name": message.name,
            "title": message.title,
            **described,
            "contentType": envelopes.content_type(self.graph, message),
            "correlationId": {"description": "What belongs together has one correlation id.", "location": self._correlation(message)},
            **({"headers": headers} if headers else {}),
            "payload": json_schema(envelopes.message_type(self.graph, message), "draft-07", self._type),
            **bindings.message(self.graph, message),
            **self._examples(message),
            "x-version": str(message.subject.version),
            "x-schema-id": envelopes.identifier(self.graph, message),
            **_lifecycle(message),
        }

    def _correlation(self, message: Message) -> str:
        return envelopes.CORRELATION.get(envelopes.envelope_of(self.graph, message), envelopes.CORRELATION_HEADER)

    def _headers(self, message: Message) -> Data:
        """What the envelope would say, where there is none."""
        if envelopes.envelope_of(self.graph, message) != "none":
            return {}
        properties: Data = {names.CORRELATION_ID_HEADER: {"type": "string", "description": "What belongs together has one correlation id."}}
        required = [names.CORRELATION_ID_HEADER] if message.is_correlated else []
        if message.is_correlated and message.kind == "command":
            properties[REPLY_TO_HEADER] = {"type": "string", "description": "Address of the channel that the reply goes to."}
            required.append(REPLY_TO_HEADER)
        return {"type": "object", "properties": properties} | ({"required": required} if required else {})

    def _example_address(self, message: Message) -> str:
        queues = (each for each in self.graph.queues if each.id == message.id)
        return next((names.reply_channel(each.address, message.example_sender) for each in queues), "")

    def _examples(self, message: Message) -> Data:
        found = []
        values = {names.CORRELATION_ID_HEADER: envelopes.correlation(self.graph, message), REPLY_TO_HEADER: self._example_address(message)}
        headers = {name: values[name] for name in self._headers(message).get("properties", {})}
        for example in envelopes.examples(self.graph, message):
            summary = {"summary": example.summary} if example.summary else {}
            found.append({"name": example.name, **summary, **({"headers": headers} if headers else {}), "payload": example.value})
        return {"examples": found} if found else {}


def _subscriptions(topic: Topic, component: str) -> list[Subscription]:
    return [each for each in topic.subscriptions if each.consumer.name == component]


def _senders(queue: Queue, component: str) -> list[Sender]:
    return [each for each in queue.senders if each.component.name == component]


def _promises(record: Any) -> Data:
    found: Data = {"x-delivery": record.delivery}
    if record.retention is not None and not getattr(record, "compacted", False):
        found["x-retention"] = str(record.retention)
    return found | ({"x-ordering-key": record.key} if record.key else {})


def _failures(handling: Handling, idempotent_by: str | None) -> Data:
    found: Data = {"x-retry": _retry(handling.retry)} if handling.retry else {}
    found |= {"x-dead-letter": handling.dead_letter} if handling.dead_letter else {}
    return found | ({"x-idempotent-by": idempotent_by} if idempotent_by else {})


def _retry(retry: Backoff) -> Data:
    if retry.attempts == 1:
        return {"attempts": 1}
    waits = {"initial": str(retry.initial), "multiplier": retry.multiplier}
    return {"attempts": retry.attempts, **waits} | ({"maximum": str(retry.maximum)} if retry.maximum else {})


def _lifecycle(message: Message) -> Data:
    subject = message.subject
    deprecated, sunset = getattr(subject, "deprecated", False), getattr(subject, "sunset", None)
    return ({"x-deprecated": True} if deprecated else {}) | ({"x-sunset": sunset} if sunset else {})
