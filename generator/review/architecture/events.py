"""Events: each is told to somebody, kept in order where order matters, and read by those who can read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from generator import envelopes, lineage, policies
from generator.diagnostics import At, Diagnostic, Related, Severity, Span
from generator.envelopes import Message
from generator.graph import Graph, ReadModel, Topic, derived
from generator.model import Backoff
from generator.personal import fold
from generator.review.deployment import settled
from generator.units import Duration

# --- somebody at the other end ----------------------------------------------------------------------------------------


def unconsumed(graph: Graph) -> Iterator[Diagnostic]:
    """`unconsumed-event` (info): an event is published, and nobody in the system reads it.

    It costs storage and has to be kept compatible for a reader that there may never be; or one reads it that the contract does not
    know of, and a change breaks it unseen. No subscription, flow, read model, cache or event-sourced record names it. Events that
    are deprecated are left alone: losing their readers is what is wanted.

        component: shop
        publishes: {OrderPlaced: {version: "1.0.0", payload: Order}}

    Fix: let its reader say so under `consumes`, or publish it when somebody needs it.
    """
    if graph.system.lost:
        return
    known, read = settled(graph), _read(graph)
    for topic in graph.topics:
        place = f"{topic.publisher.name}.publishes.{topic.event.name}"
        if topic.id not in read and not topic.event.deprecated and place not in known:
            message = f'"{topic.id}" is published, and nobody in the system reads it'
            help = f"consumes: [{{event: {topic.id}}}] of its reader; or leave it out"
            yield Diagnostic("unconsumed-event", topic.at.span, message, help, Severity.INFO)


def _read(graph: Graph) -> frozenset[str]:
    """Events that somebody reads; those of its own a component follows without a subscription."""
    found = [topic.id for topic in graph.topics if topic.subscriptions]
    found += [source.topic.id for pipeline in graph.pipelines for source in pipeline.sources if source.topic is not None]
    found += [topic.id for model in graph.read_models for topic in model.topics]
    found += [topic.id for record in graph.records for topic in record.topics]
    found += [each.id for copy in graph.caches for each in (*copy.warmed_by, *copy.invalidated_by) if isinstance(each, Topic)]
    return frozenset(found)


def unsent(graph: Graph) -> Iterator[Diagnostic]:
    """`unsent-command` (info): a component handles a command that nobody in the system sends.

    A queue, a dead-letter queue and code that are kept for nobody; or for a sender that the contract does not know of.

        component: shop
        handles: {ShipOrder: {version: "1.0.0", payload: Order}}

    Fix: let its sender say so under `sends`, or leave the command out.
    """
    if graph.system.lost:
        return
    known = settled(graph)
    for queue in graph.queues:
        if not queue.senders and f"{queue.handler.name}.handles.{queue.command.name}" not in known:
            message = f'{queue.handler.name} handles "{queue.command.name}", and nobody in the system sends it'
            help = f"sends: [{{command: {queue.id}}}] of its sender; or leave it out"
            yield Diagnostic("unsent-command", queue.at.span, message, help, Severity.INFO)


# --- what is kept from messages ---------------------------------------------------------------------------------------


class Follower(NamedTuple):
    """Something that keeps what the messages of an event say."""

    name: str
    needs_order: bool
    """An older message after a younger one leaves it wrong."""
    needs_all: bool
    """A message that is lost leaves it wrong for ever."""


@derived
def _followers(graph: Graph) -> Mapping[str, tuple[Follower, ...]]:
    """By event, what keeps state from it."""
    found: dict[str, list[Follower]] = {}
    for topic, follower in (*_made(graph), *_cached(graph), *_replaced(graph)):
        found.setdefault(topic.id, []).append(follower)
    return {name: tuple(each) for name, each in found.items()}


def _made(graph: Graph) -> Iterator[tuple[Topic, Follower]]:
    """Read models and event-sourced records; of these `out-of-order` looks at the order."""
    for model in graph.read_models:
        yield from ((topic, Follower(f'the read model "{_name(model)}"', True, True)) for topic in model.topics)
    for record in graph.records:
        follower = Follower(f'the record "{record.component.name}.{record.stream.name}"', False, True)
        yield from ((topic, follower) for topic in record.topics)


def _cached(graph: Graph) -> Iterator[tuple[Topic, Follower]]:
    """What drops from a cache in another order is dropped all the same; a time to live mends what was lost."""
    for copy in graph.caches:
        name, needs_all = f'the cache "{copy.id}"', copy.cache.ttl is None
        yield from ((each, Follower(name, True, needs_all)) for each in copy.warmed_by if isinstance(each, Topic))
        yield from ((each, Follower(name, False, needs_all)) for each in copy.invalidated_by)


def _replaced(graph: Graph) -> Iterator[tuple[Topic, Follower]]:
    """Flows whose rows take the place of those before them, so that the last one to come is the one that stays."""
    for pipeline in graph.pipelines:
        if any(each.table is not None and each.destination.mode == "upsert" for each in pipeline.targets):
            follower = Follower(f'the flow "{pipeline.id}"', True, True)
            yield from ((source.topic, follower) for source in pipeline.sources if source.topic is not None)


def _name(model: ReadModel) -> str:
    return f"{model.component.name}.{model.projection.name}"


def keyless(graph: Graph) -> Iterator[Diagnostic]:
    """`event-without-key` (warning): messages of one thing are spread over several partitions and come in any order.

    Kafka keeps the order within a partition only, and the key decides on the partition. Order is needed where a read model, a cache or
    the rows of a flow are what the last message says; where the payload names an entity whose master publishes the event; and where
    another event of the publisher is keyed by a property that this one has, too. One partition keeps the order without a key.

        component: shop
        publishes:
          OrderPlaced: {version: "1.0.0", payload: Order, key: orderId, partitions: 12}
          OrderPaid: {version: "1.0.0", payload: Order, partitions: 12}

    Fix: `key:` and the payload property that names the thing; or `partitions: 1`.
    """
    broker = graph.system.header.broker
    if broker is None or broker.kind != "kafka":
        return
    known, captured = settled(graph), {f"{table.owner.name}.{table.table.captured_as}" for table in graph.tables}
    identities = _identities(graph)
    for topic in graph.topics:
        event = topic.event
        is_ordered = event.key is not None or event.partitions in (None, 1)
        is_reported = event.compacted or topic.id in captured or f"{topic.publisher.name}.publishes.{event.name}.key" in known
        reason = None if is_ordered or is_reported else _reason(graph, topic, identities)
        if reason is not None:
            message = f'"{topic.id}" is spread over {event.partitions} partitions by no key, and {reason[0]}'
            yield Diagnostic("event-without-key", topic.at["partitions"], message, reason[1], Severity.WARNING)


def _identities(graph: Graph) -> Mapping[str, Mapping[str, str]]:
    """By publisher, the properties that name what its events are of, and how that is known."""
    found: dict[str, dict[str, str]] = {}
    for master in graph.masters:
        if master.data.identifier is not None:
            found.setdefault(master.component.name, {})[master.data.identifier] = f"names the {master.data.name} that it is of"
    for topic in graph.topics:
        if topic.event.key is not None:
            reason = f"is the key of {topic.event.name}"
            found.setdefault(topic.publisher.name, {}).setdefault(topic.event.key, reason)
    return found


def _reason(graph: Graph, topic: Topic, identities: Mapping[str, Mapping[str, str]]) -> tuple[str, str] | None:
    """Why the order matters, and the key that keeps it."""
    payload = lineage.properties(graph, topic.event.payload)
    own = identities.get(topic.publisher.name, {})
    name = next((each for each in own if each in payload), None)
    follower = next((each for each in _followers(graph).get(topic.id, ()) if each.needs_order), None)
    help = f"key: {name or 'and the payload property that names the thing'}; or partitions: 1"
    if follower is not None:
        return f"{follower.name} is what the last message says", help
    return (f'"{name}" {own[name]}', help) if name is not None else None


def lossy(graph: Graph) -> Iterator[Diagnostic]:
    """`lossy-event` (warning): state is made from an event that is delivered at most once, which means now and then not at all.

    What a lost message said is missing in a read model, an event-sourced record or the rows of a flow for ever, and an entry of a cache
    that it was to drop stays, unless a time to live ends it. Nothing tells that it is wrong.

        component: shop
        publishes: {OrderPaid: {version: "1.0.0", payload: Order, delivery: at-most-once}}
        ---
        component: billing
        consumes: [{event: shop.OrderPaid}]
        projections: {open-orders: {from: [shop.OrderPaid], store: billing.db}}

    Fix: `delivery: at-least-once`; of a cache also `ttl`.
    """
    for topic in graph.topics:
        follower = next((each for each in _followers(graph).get(topic.id, ()) if each.needs_all), None)
        if topic.event.delivery == "at-most-once" and follower is not None:
            message = f'"{topic.id}" is delivered at most once, and {follower.name} never learns what a lost message said'
            yield Diagnostic("lossy-event", topic.at["delivery"], message, "delivery: at-least-once", Severity.WARNING)


def replays(graph: Graph) -> Iterator[Diagnostic]:
    """`replay-from-latest` (warning): a read model is made again from all events, and a new consumer group starts behind the last one.

    To make it again, its component reads in a new group; with `start: latest`, which is the default, that group gets only what is
    published from now on, and the read model stays empty.

        projections: {open-orders: {from: [shop.OrderPlaced], rebuilt: replay, store: billing.db}}
        consumes: [{event: shop.OrderPlaced, start: latest}]

    Fix: `start: earliest` of the subscription; or `rebuilt: never`.
    """
    for model in graph.read_models:
        for topic in model.topics if model.projection.rebuilt == "replay" else ():
            own = [each for each in topic.subscriptions if each.consumer == model.component]
            if topic.event.replay and own and all(each.consume.start == "latest" for each in own):
                message = f'"{_name(model)}" is made again from all of "{topic.id}", and a new group of {own[0].consumer.name} starts at the latest'
                related = (Related(model.at.span, "the read model"),)
                help = "start: earliest; or rebuilt: never of the read model"
                yield Diagnostic("replay-from-latest", own[0].consume.at["start"], message, help, Severity.WARNING, related)


# --- messages that come again -----------------------------------------------------------------------------------------


class Taking(NamedTuple):
    """A subscription or a handler, and how it takes messages."""

    at: At
    name: str
    message: Message
    delivery: str | None
    idempotent_by: str | None
    retry: Backoff | None
    takes: Duration | None
    retention: Duration | None
    """None where nothing says it, and of a compacted topic, whose newest messages stay."""
    kept: Span


@derived
def _takings(graph: Graph) -> tuple[Taking, ...]:
    return (*_subscribed(graph), *_handled(graph))


def _subscribed(graph: Graph) -> Iterator[Taking]:
    for topic in graph.topics:
        event, message = topic.event, envelopes.event(topic)
        retention = None if event.compacted else event.retention
        for each in topic.subscriptions:
            consume = each.consume
            policy = (event.delivery, consume.idempotent_by, consume.retry, consume.takes)
            yield Taking(consume.at, each.consumer.name, message, *policy, retention, event.at["retention"])


def _handled(graph: Graph) -> Iterator[Taking]:
    for queue in graph.queues:
        command = queue.command
        policy = (command.delivery, command.idempotent_by, command.retry, command.takes)
        yield Taking(command.at, queue.handler.name, envelopes.command(queue), *policy, command.retention, command.at["retention"])


PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
"""What can only be the name of a property; anything else may be words."""
BROKERS_OWN = {"kafka": ("key", "offset"), "rabbitmq": ("messageid",), "nats": ("sequence",)}
"""What a broker says of each message beside what is in it."""
PAYLOAD = {"system-event": "payload", "cloudevents": "data"}
"""Where the payload is in the envelope."""


def identities(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-identity` (warning): a repeated message is recognised by a property that the message has not, or may lack.

    A message that is delivered at least once comes twice now and then. Without the property each of the two is taken for new: the
    order is shipped twice; or all that lack it are taken for one, and are lost. Looked for in the envelope and in the payload.

        system: {envelope: none}
        publishes: {OrderPlaced: {version: "1.0.0", payload: Order}}
        consumes: [{event: shop.OrderPlaced, idempotent_by: messageId}]

    Fix: name a property that each message has, or add it to `required`.
    """
    for taking in _takings(graph):
        if taking.idempotent_by is None or taking.delivery == "at-most-once" or not PATH.fullmatch(taking.idempotent_by):
            continue
        fault = _fault(graph, taking.message, taking.idempotent_by)
        if fault is not None:
            message = f'{taking.name} recognises a repeated "{taking.message.id}" by "{taking.idempotent_by}", which {fault}'
            related = (Related(taking.message.at["payload"], "what it has"),)
            help = "idempotent_by: and a property that each message has"
            yield Diagnostic("missing-identity", taking.at["idempotent_by"], message, help, Severity.WARNING, related)


def _fault(graph: Graph, message: Message, name: str) -> str | None:
    """What is wrong with a property by which messages are told apart."""
    envelope, broker = envelopes.envelope_of(graph, message), graph.system.header.broker
    outer = {fold(each.name) for each in envelopes.message_type(graph, message).properties} if envelope != "none" else set()
    outer.update(BROKERS_OWN.get(broker.kind, ()) if broker is not None else ())
    first, _, rest = name.partition(".")
    if fold(first) in outer and first != PAYLOAD.get(envelope):
        return None
    wanted = rest.partition(".")[0] if rest and first == PAYLOAD.get(envelope) else first
    held = lineage.properties(graph, message.payload)
    if not held:
        return None
    found = next((is_required for each, (_, is_required) in held.items() if fold(each) == fold(wanted)), None)
    if found is None:
        return "it does not have" if envelope == "none" else f"neither its {envelope} envelope nor its payload has"
    return None if found else "may be absent"


def redeliveries(graph: Graph) -> Iterator[Diagnostic]:
    """`redelivery-beyond-retention` (warning): all tries of a message take longer than its channel keeps it.

    While a failed message is tried again, those behind it wait; what is older than the retention is deleted, unread, by a broker that
    does not know of it. Waits are added up, each longer by the multiplier and none longer than the maximum, with the time that handling
    takes as often as it is tried.

        publishes: {OrderPlaced: {version: "1.0.0", payload: Order, retention: 1h}}
        consumes: [{event: shop.OrderPlaced, retry: {attempts: 4, initial: 10m, multiplier: 2}}]

    Fix: keep messages longer, or give up sooner: a dead letter is kept by itself.
    """
    for taking in _takings(graph):
        retry, retention = taking.retry, taking.retention
        if retry is None or retention is None or retry.attempts == 1:
            continue
        waits = policies.waits(retry)
        working = taking.takes.milliseconds * retry.attempts if taking.takes is not None else 0
        whole = Duration(sum(waits) + working)
        if whole > retention:
            handling = f" and {retry.attempts} × {taking.takes} of handling" if working else ""
            message = (
                f'{taking.name} tries a failed "{taking.message.id}" for {whole}, {_spelt(waits)}{handling}, and it is kept for {retention}'
            )
            related = (Related(taking.kept, "how long it is kept"),)
            help = f"retention: more than {whole}; or fewer attempts, or a maximum"
            yield Diagnostic("redelivery-beyond-retention", taking.at["retry"], message, help, Severity.WARNING, related)


SPELT = 5
"""Waits that a sentence can hold."""


def _spelt(waits: list[int]) -> str:
    shown = [str(Duration(each)) for each in (waits if len(waits) <= SPELT else [*waits[: SPELT - 2], waits[-1]])]
    if len(waits) > SPELT:
        shown.insert(-1, "…")
    return f"waits of {' + '.join(shown)}"


RULES = (unconsumed, unsent, keyless, lossy, replays, identities, redeliveries)
