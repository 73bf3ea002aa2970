"""Events and commands: what became of their channels and payloads, and who subscribes to, sends or handles them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from generator import envelopes
from generator.changes.subjects import Change, Order, Subject, User, Versions, broken, gone
from generator.changes.types import Difference, Hidden, Pair, Types, differences
from generator.diagnostics import Severity
from generator.graph import Graph, Queue, Topic
from generator.model import Consume, Event

Compatibility = Literal["backward", "forward", "full", "none"]
"""backward: new readers understand old messages; forward: old readers understand new ones (Kleppmann, Designing Data-Intensive
Applications, chapter 4; the modes are those of schema registries)."""


def events(types: Types) -> Iterator[Subject]:
    present = {each.id: each for each in types.after.topics}
    broker, users = _broker(types.after), _subscribers(types)
    for old in types.before.topics:
        new = present.get(old.id)
        subscribers = users.get(old.id, ())
        if new is None:
            before = {each.consumer.name for each in old.subscriptions}
            yield gone(old.id, old.publisher.name, types.after, subscribers, before, over=broker)
            continue
        found = _payload(types, old, new)
        changes = (*_channel(types, old, new, subscribers), *(_judged(types.after, each, new, subscribers) for each in found))
        versions = Versions(old.event.version, new.event.version, new.event.at["version"])
        yield Subject(old.id, old.publisher.name, new.at.span, False, versions, changes, _order(found, subscribers), broker)


def _broker(graph: Graph) -> str:
    return f"over {graph.system.header.broker.kind}" if graph.system.header.broker else ""


def _subscribers(types: Types) -> Mapping[str, tuple[User, ...]]:
    """Of each event, those who were subscribed and still say that they are."""
    before = {(each.consumer.name, topic.id) for topic in types.before.topics for each in topic.subscriptions}
    stated = ((each.name, consume) for each in types.after.components for consume in each.consumes)
    return _users((each.event, User(name, each.at["event"], _read(each))) for name, each in stated if (name, each.event) in before)


def _users(found: Iterable[tuple[str, User]]) -> Mapping[str, tuple[User, ...]]:
    users: dict[str, tuple[User, ...]] = {}
    for id, user in found:
        users[id] = (*users.get(id, ()), user)
    return users


def _read(consume: Consume) -> frozenset[str]:
    """What a subscriber reads, if it says so: also what it selects messages by, and knows a repeated one by."""
    if not consume.reads:
        return frozenset()
    return frozenset((*consume.reads, *(each.name for each in consume.only), consume.idempotent_by or ""))


def _channel(types: Types, old: Topic, new: Topic, users: tuple[User, ...]) -> Iterator[Change]:
    was, now = old.event, new.event
    facts = [("topic", old.address, new.address, "topic"), ("partitions", was.partitions, now.partitions, "partitions")]
    facts += [("key", was.key, now.key, "key")] if was.key is not None else []
    for what, before, after, key in facts:
        if before != after:
            yield Change(f"{what} {before} → {'none' if after is None else after}", now.at[key], is_breaking=True, users=users)
    wrapped = (envelopes.envelope_of(graph, envelopes.event(topic)) for graph, topic in ((types.before, old), (types.after, new)))
    for what, before, after, key in (("encoding", was.encoding, now.encoding, "encoding"), ("envelope", *wrapped, "envelope")):
        if before != after:
            consequence = f"{_named(users)} cannot read new messages, and nobody old ones later"
            yield Change(f"{what} {before} → {after}", now.at[key], True, users, code="unreadable-change", consequence=consequence)


# --- payloads of events -----------------------------------------------------------------------------------------------


def _payload(types: Types, old: Topic, new: Topic) -> list[Difference]:
    """Of a channel that stays: on another one, messages of both kinds never meet."""
    if old.address != new.address:
        return []
    pair = Pair(old.event.payload, new.event.payload, "the payload", new.event.at["payload"])
    both = (old.event.encoding, new.event.encoding)
    return [each for each in differences(types, pair, "write_only") if not each.is_protobuf or both == ("protobuf", "protobuf")]


def _judged(after: Graph, each: Difference, topic: Topic, subscribers: tuple[User, ...]) -> Change:
    """Whether new messages can be read by today's subscribers, and kept ones by tomorrow's; the system says which must hold."""
    mode: Compatibility = after.system.header.broker.compatibility if after.system.header.broker else "backward"
    event = topic.event
    readers = tuple(user for user in subscribers if user.does_read(each.path))
    is_unread, is_old_unread = each.breaks_readers, each.refuses
    is_refused = (is_unread and mode in ("forward", "full")) or (is_old_unread and mode in ("backward", "full"))
    is_harmful = is_unread or (is_old_unread and (is_refused or event.replay or event.compacted or event.retention is not None))
    sides = [f"today's {_named(readers)} cannot read new messages"] if is_unread else []
    sides += [f"new subscribers cannot read old messages{_kept(event)}"] if is_old_unread else []
    return Change(
        each.what,
        each.at,
        is_refused,
        readers if is_harmful else (),
        code="unreadable-change",
        severity=Severity.ERROR if is_refused and readers else Severity.WARNING,
        consequence=f"{', and '.join(sides)}; {_first(is_unread, is_old_unread)} (compatibility: {mode})",
        is_silent=not is_refused and not (is_harmful and readers),
    )


def _kept(event: Event) -> str:
    return f", which are kept for {event.retention}" if event.retention else ""


def _first(is_unread: bool, is_old_unread: bool) -> str:
    if is_unread and is_old_unread:
        return "no order of deployment helps"
    return "subscribers go first" if is_unread else "the publisher goes first, and what is there is read before"


def _named(users: tuple[User, ...]) -> str:
    return " and ".join(sorted({each.name for each in users}))


def _order(found: list[Difference], subscribers: tuple[User, ...]) -> Order | None:
    """Those who cannot read the new messages go first; those who could not read the old ones last."""
    unread = [each for each in found if each.breaks_readers]
    kept = [each for each in found if each.refuses]
    if unread and kept:
        return None
    first = tuple(user for user in subscribers if any(user.does_read(each.path) for each in unread))
    last = tuple(user for user in subscribers if any(user.does_read(each.path) for each in kept))
    return Order(first, last, "new messages cannot be read before", "old messages cannot be read after")


# --- commands ---------------------------------------------------------------------------------------------------------


def commands(types: Types) -> Iterator[Subject]:
    present = {each.id: each for each in types.after.queues}
    broker, users = _broker(types.after), _senders(types)
    for old in types.before.queues:
        new = present.get(old.id)
        senders = users.get(old.id, ())
        if new is None:
            before = {each.component.name for each in old.senders}
            yield gone(old.id, old.handler.name, types.after, senders, before, over=broker)
            continue
        versions = Versions(old.command.version, new.command.version, new.command.at["version"])
        changes = tuple(_command(types, old, new, senders))
        yield Subject(old.id, old.handler.name, new.at.span, False, versions, changes, None, broker)


def _senders(types: Types) -> Mapping[str, tuple[User, ...]]:
    before = {(each.component.name, queue.id) for queue in types.before.queues for each in queue.senders}
    stated = ((each.name, send) for each in types.after.components for send in each.sends)
    return _users(
        (each.command, User(name, each.at["command"], frozenset(each.reads))) for name, each in stated if (name, each.command) in before
    )


def _command(types: Types, old: Queue, new: Queue, senders: tuple[User, ...]) -> Iterator[Change]:
    was, now = old.command, new.command
    facts = [("queue", old.address, new.address, "queue"), ("encoding", was.encoding, now.encoding, "encoding")]
    facts += [("key", was.key or "none", now.key or "none", "key")] if was.key is not None else []
    for what, before, after, key in facts:
        if before != after:
            yield Change(f"{what} {before} → {after}", now.at[key], is_breaking=True, users=senders)
    if was.reply is not None and now.reply is None:
        yield Change("it is no longer answered", now.at.span, is_breaking=True, users=senders)
    elif was.reply is None and now.reply is not None:
        yield Change("it is answered now", now.at["reply"], is_breaking=False)
    bodies = [(was.payload, now.payload, "payload")] + ([(was.reply, now.reply, "reply")] if was.reply and now.reply else [])
    is_protobuf = (was.encoding, now.encoding) == ("protobuf", "protobuf")
    for carried, carries, key in bodies:
        pair = Pair(carried, carries, f"the {key}", now.at[key])
        hidden: Hidden = "read_only" if key == "payload" else "write_only"
        found = (each for each in differences(types, pair, hidden) if is_protobuf or not each.is_protobuf)
        yield from broken(found, senders, writes=key == "payload")
