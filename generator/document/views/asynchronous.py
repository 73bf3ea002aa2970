"""Messages: the broker and why it is that one, what is sent to whom in which pattern, and what is kept, ordered and read again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator import envelopes, policies
from generator.document import diagrams
from generator.document.context import Context
from generator.document.markdown import Markdown
from generator.document.views.excerpts import Excerpt
from generator.document.views.undecided import Gap, asked, gaps
from generator.envelopes import Message
from generator.graph import Graph, Pipeline, Queue, ReadModel, Sender, SourcedRecord, Subscription, Topic
from generator.model import Backoff, Broker, Command, Component, Decision, Environment, Event
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Selection:
    """The broker, with the decisions that speak of it and the questions that are open about it."""

    broker: Broker
    decisions: tuple[Decision, ...]
    questions: tuple[str, ...]
    environments: tuple[Environment, ...]
    channels: int
    partitions: int
    """Of all channels that say how many they have."""
    may_fail: int | None
    """Brokers that may be missing while messages are still taken (of Kafka: replication minus what must be in sync)."""
    is_safe_from: int | None
    """Brokers that may be lost at once without a message that was acknowledged."""


@dataclass(frozen=True, slots=True)
class Published:
    """An event, as the catalogue shows it."""

    topic: Topic
    schema: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, as the catalogue shows it."""

    queue: Queue
    schema: str | None
    redelivery: Duration


@dataclass(frozen=True, slots=True)
class Taken:
    """A subscription, with how long a failed message is tried again."""

    topic: Topic
    subscription: Subscription
    redelivery: Duration


@dataclass(frozen=True, slots=True)
class Told:
    """Who tells whom what, in one domain of publishers or all."""

    domain: str | None
    diagrams: tuple[Markdown, ...]


@dataclass(frozen=True, slots=True)
class Enveloped:
    """What messages are wrapped in."""

    title: str | None
    """None: they have no envelope."""
    schema: str | None
    excerpt: Excerpt | None
    others: tuple[tuple[str, str], ...]
    """Events with an envelope of their own."""
    encodings: tuple[tuple[str, tuple[str, ...]], ...]
    """Media types, with the messages that are written so."""


@dataclass(frozen=True, slots=True)
class Asynchronous:
    selection: Selection | None
    deliveries: tuple[tuple[str, tuple[str, ...]], ...]
    """Guarantees, with the messages that have them."""
    told: tuple[Told, ...]
    commands: tuple[Queue, ...]
    """Point-to-point: those that nobody answers."""
    events: tuple[Topic, ...]
    """Publish-subscribe: those that somebody subscribes to."""
    unheard: tuple[str, ...]
    """Events that nobody subscribes to."""
    requests: tuple[tuple[Queue, Sender], ...]
    """Commands that are answered, with those who wait."""
    routed: tuple[Topic, ...]
    """Events that say by which properties they may be selected."""
    selected: tuple[tuple[Topic, Subscription], ...]
    envelope: Enveloped
    catalogue: str | None
    published: tuple[Published, ...]
    asked: tuple[Asked, ...]
    taken: tuple[Taken, ...]
    ordered: tuple[tuple[str, tuple[str, ...]], ...]
    """Keys, with the messages that keep their order by them."""
    unordered: tuple[str, ...]
    replayed: tuple[Topic, ...]
    earliest: tuple[tuple[Topic, Subscription], ...]
    """Subscriptions that begin with what is kept."""
    kept: tuple[tuple[str, tuple[str, ...]], ...]
    """How long, with the messages that are kept so long."""
    compacted: tuple[str, ...]
    streams: tuple[Pipeline, ...]
    """Flows that read events."""
    records: tuple[SourcedRecord, ...]
    read_models: tuple[ReadModel, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_there(self) -> bool:
        return bool(self.published or self.asked)


def view(context: Context) -> Asynchronous:
    graph = context.graph
    known = envelopes.messages(graph)
    stated = [(each.id, each.event) for each in graph.topics]
    all_stated: list[tuple[str, Event | Command]] = [*stated, *((each.id, each.command) for each in graph.queues)]
    subscribed = [(topic, each) for topic in graph.topics for each in topic.subscriptions]
    return Asynchronous(
        selection=_selection(graph),
        deliveries=_grouped((each.delivery or "", name) for name, each in all_stated),
        told=tuple(_told(graph)),
        commands=tuple(each for each in graph.queues if each.command.reply is None),
        events=tuple(each for each in graph.topics if each.subscriptions),
        unheard=tuple(each.id for each in graph.topics if not each.subscriptions),
        requests=tuple((queue, each) for queue in graph.queues if queue.command.reply is not None for each in queue.senders),
        routed=tuple(each for each in graph.topics if each.event.route),
        selected=tuple((topic, each) for topic, each in subscribed if each.consume.only),
        envelope=_envelope(context, known),
        catalogue=path if (path := "messages/catalogue.md") in context.artifacts else None,
        published=tuple(Published(each, schema_file(context, envelopes.event(each))) for each in graph.topics),
        asked=tuple(Asked(each, schema_file(context, envelopes.command(each)), redelivery(each.command.retry)) for each in graph.queues),
        taken=tuple(Taken(topic, each, redelivery(each.consume.retry)) for topic, each in subscribed),
        ordered=_grouped((each.key, name) for name, each in all_stated if each.key is not None),
        unordered=tuple(name for name, each in all_stated if each.key is None),
        replayed=tuple(each for each in graph.topics if each.event.replay),
        earliest=tuple((topic, each) for topic, each in subscribed if each.consume.start == "earliest"),
        kept=_by_time(
            [
                *((each.retention, name) for name, each in stated if not each.compacted),
                *((each.command.retention, each.id) for each in graph.queues),
            ]
        ),
        compacted=tuple(name for name, each in stated if each.compacted),
        streams=tuple(each for each in graph.pipelines if any(source.topic is not None for source in each.sources)),
        records=graph.records,
        read_models=graph.read_models,
        gaps=tuple(_gaps(graph)),
    )


def schema_file(context: Context, message: Message) -> str | None:
    """Path of a message's JSON Schema; None where it is not made."""
    path = f"messages/{message.owner.name}/{message.name}.v{message.subject.version.major}.schema.json"
    return path if path in context.artifacts else None


def redelivery(retry: Backoff | None) -> Duration:
    """How long a message that fails each time is tried again: all waits, each longer by the multiplier and none longer than the maximum."""
    if retry is None:
        return Duration(0)
    return Duration(sum(policies.waits(retry)))


def _grouped(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return tuple((name, tuple(found[name])) for name in sorted(found))


def _by_time(pairs: Iterable[tuple[Duration | None, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The shortest first; what nobody has said is no part of it."""
    said = sorted(((time, name) for time, name in pairs if time is not None), key=lambda each: each[0])
    return tuple((str(time), tuple(name for _, name in group)) for time, group in itertools.groupby(said, key=lambda each: each[0]))


# --- the broker -------------------------------------------------------------------------------------------------------


def _selection(graph: Graph) -> Selection | None:
    broker = graph.system.header.broker
    if broker is None:
        return None
    places = [place for each in graph.system.document.open_questions for place in each.settles if place.startswith("system.broker")]
    partitions = [each.event.partitions for each in graph.topics] + [each.command.partitions for each in graph.queues]
    replication, least = broker.replication, broker.min_in_sync
    return Selection(
        broker,
        tuple(each for each in graph.system.document.decisions if _is_about(each, broker)),
        asked(graph, *places),
        tuple(each for each in graph.system.document.environments if each.brokers),
        len(graph.topics) + len(graph.queues),
        sum(each for each in partitions if each is not None),
        max(replication - least, 0) if replication is not None and least is not None else None,
        max(least - 1, 0) if least is not None else None,
    )


def _is_about(decision: Decision, broker: Broker) -> bool:
    """It names the product, or the reason for the broker names it."""
    return re.search(rf"\b{broker.kind}\b", decision.title, re.IGNORECASE) is not None or (
        broker.why is not None and re.search(rf"(?<![\w-]){re.escape(decision.name)}(?![\w-])", broker.why) is not None
    )


# --- who tells whom ---------------------------------------------------------------------------------------------------


def _told(graph: Graph) -> Iterator[Told]:
    """In one diagram, or for each domain that messages come from."""
    edges = list(_edges(graph))
    nodes = {name for source, target, _ in edges for name in (source.name, target.name)}
    is_large = len(nodes) > diagrams.MOST_NODES
    found: dict[str | None, dict[tuple[str, str], list[str]]] = {}
    for source, target, name in edges:
        names = found.setdefault(source.domain if is_large else None, {}).setdefault((source.name, target.name), [])
        if name not in names:
            names.append(name)
    titles = {each.name: each.title or each.name for each in graph.components}
    domains = {each.name: each.title or each.name for each in graph.system.document.domains}
    for domain in sorted(found, key=lambda each: each or ""):
        title = domains.get(domain, domain) if domain is not None else None
        yield Told(title, diagrams.messages(found[domain], titles))


def _edges(graph: Graph) -> Iterator[tuple[Component, Component, str]]:
    for topic in graph.topics:
        yield from ((topic.publisher, each.consumer, topic.event.name) for each in topic.subscriptions)
    for queue in graph.queues:
        yield from ((each.component, queue.handler, queue.command.name) for each in queue.senders)


# --- what they carry --------------------------------------------------------------------------------------------------

SCHEMA_LINES = 24


def _envelope(context: Context, known: Sequence[Message]) -> Enveloped:
    graph = context.graph
    usual = graph.system.header.envelope
    path = "messages/envelope.schema.json"
    text = context.excerpt(path, '  "title"', SCHEMA_LINES)
    return Enveloped(
        title=envelopes.ENVELOPE_TITLES.get(usual),
        schema=path if path in context.artifacts else None,
        excerpt=Excerpt(path, text) if text else None,
        others=tuple((each.id, own) for each in known if (own := envelopes.envelope_of(graph, each)) != usual),
        encodings=_grouped((envelopes.content_type(graph, each), each.id) for each in known),
    )


# --- what is open -----------------------------------------------------------------------------------------------------


def _gaps(graph: Graph) -> Iterator[Gap]:
    if not graph.topics and not graph.queues:
        return
    broker = graph.system.header.broker
    if broker is None:
        yield from gaps(graph, "system.broker", [("", "system.broker")])
        return
    keys = ("why", "version", "nodes", "replication", "min_in_sync") if broker.kind == "kafka" else ("why", "version", "nodes")
    for key in keys:
        if getattr(broker, key) is None:
            yield from gaps(graph, f"system.broker.{key}", [("", f"system.broker.{key}")])
    yield from _of_messages(graph, is_log=broker.kind == "kafka")


def _of_messages(graph: Graph, *, is_log: bool) -> Iterator[Gap]:
    """A queue forgets what is handled, so that only a log needs to say how long it keeps and how it is divided."""
    topics = [(each.id, f"{each.publisher.name}.publishes.{each.event.name}", each.event) for each in graph.topics]
    queues = [(each.id, f"{each.handler.name}.handles.{each.command.name}", each) for each in graph.queues]
    if is_log:
        unkept = [(name, f"{at}.retention") for name, at, each in topics if each.retention is None and not each.compacted]
        yield from gaps(graph, "publishes.<event>.retention or defaults.publish.retention", unkept)
        undivided = [(name, f"{at}.partitions") for name, at, each in topics if each.partitions is None]
        yield from gaps(graph, "publishes.<event>.partitions or defaults.publish.partitions", undivided)
    yield from gaps(
        graph,
        "handles.<command>.dead_letter or defaults.consume.dead_letter",
        [(name, f"{at}.dead_letter") for name, at, each in queues if each.dead_letter is None],
    )
    unknown = [(name, f"{at}.idempotent_by") for name, at, each in queues if each.command.idempotent_by is None]
    yield from gaps(graph, "handles.<command>.idempotent_by or defaults.consume.idempotent_by", unknown)
    taken = [
        (f"{each.consumer.name} of {topic.id}", f"{each.consumer.name}.consumes", each)
        for topic in graph.topics
        for each in topic.subscriptions
    ]
    yield from gaps(
        graph, "consumes.dead_letter or defaults.consume.dead_letter", [(name, at) for name, at, each in taken if each.dead_letter is None]
    )
    yield from gaps(
        graph,
        "consumes.idempotent_by or defaults.consume.idempotent_by",
        [(name, at) for name, at, each in taken if each.consume.idempotent_by is None],
    )
    endless = [
        (f"{each.component.name} of {queue.id}", f"{each.component.name}.sends")
        for queue in graph.queues
        if queue.command.reply is not None
        for each in queue.senders
        if each.send.timeout is None
    ]
    yield from gaps(graph, "sends.timeout", endless)
