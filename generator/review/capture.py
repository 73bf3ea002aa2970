"""Change data capture does what the events promise: there is a connector, and each row is a message that its schema accepts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from generator import placement
from generator.captures import ENGINES, UNCAPTURED, engine_of, excluded, own_tables, topic_of
from generator.columns import LEVELS, Column, columns
from generator.diagnostics import Diagnostic, Related
from generator.graph import Graph, StoreAccess, StoreTable, Topic
from generator.model import Property, Schema
from generator.personal import PROTECTED
from generator.review.schemas import a, did_you_mean, is_lost, kind

ANNOTATIONS = ("title", "description", "classification", "purpose", "default", "deprecated", "read_only", "write_only", "proto_name",
               "proto_number", "renamed_from", "at")  # fmt: skip
"""What a schema says that decides nothing about which values it accepts."""


def engines(graph: Graph) -> Iterator[Diagnostic]:
    """`capture-without-connector`, `capture-without-kafka`: nothing here can read the changes of the store, or carry them.

    Debezium's connectors run in Kafka Connect. Of the engines that it reads these give the rows as the contract describes them.

        stores: {orders-db: {kind: redis, capture: {cluster: connect, credentials: orders-capture}}}

    Fix: keep the table in a store that can be captured, such as PostgreSQL, with a broker of `kind: kafka`; or publish the event from
    the component, by an outbox.
    """
    broker = graph.system.header.broker
    for access in _captures(graph):
        capture = access.store.capture
        assert capture is not None
        if engine_of(access.store) is None:
            text = f'the changes of "{access.store.name}" cannot be captured: {access.store.kind} has no connector here'
            yield Diagnostic("capture-without-connector", access.store.at["kind"], text, f"known: {', '.join(sorted(ENGINES))}")
        if broker is not None and broker.kind != "kafka":
            text = f'the changes of "{access.store.name}" are captured by Kafka Connect, and the broker is {broker.kind}'
            help = "publish the event from the component, from an outbox, or choose broker: {kind: kafka}"
            yield Diagnostic("capture-without-kafka", capture.at.span, text, help, related=(Related(broker.at.span, "the broker"),))


def _captures(graph: Graph) -> Iterator[StoreAccess]:
    return (each for each in graph.accesses if each.use is None and each.store.capture is not None)


def both_ends(graph: Graph) -> Iterator[Diagnostic]:
    """`idle-capture`, `captured-without-capture`: a store is captured and no table of it becomes an event, or the other way round.

    Either a connector reads the log of the database for nobody, or consumers wait for an event that nothing sends.

        stores: {orders-db: {kind: postgresql, tables: {orders: {row: Order, key: [id], captured_as: OrderChanged}}}}

    Fix: say both: `capture: {cluster: connect, credentials: orders-capture}` at the store, and `captured_as` with the event at a table;
    or neither.
    """
    for access in graph.accesses:
        if access.use is not None:
            continue
        wanted = [each for each in own_tables(graph, access) if each.table.captured_as is not None]
        if access.store.capture is not None and not wanted:
            text = f'"{access.store.name}" is captured, and none of its tables becomes an event'
            yield Diagnostic("idle-capture", access.store.capture.at.span, text, "captured_as: and the event, at a table")
        for table in wanted if access.store.capture is None else ():
            text = f'"{table.table.name}" becomes an event, and nothing captures "{access.store.name}"'
            help = "capture: {cluster: …, credentials: …}, at the store"
            yield Diagnostic("captured-without-capture", table.at["captured_as"], text, help)


def events(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-event`, `duplicate-capture`, `uncapturable-event`: no event, or one that a row cannot be.

    Two tables on one topic would overwrite each other's keys. Debezium writes the row alone, as JSON, at least once: there is
    no transform that puts it into a System Event Message, and in a CloudEvent the source would be Debezium's, not the component.

        publishes: {OrderChanged: {version: "1.0.0", payload: Order, key: id, envelope: cloudevents}}
        stores: {orders-db: {tables: {orders: {row: Order, key: [id], captured_as: OrderChanged}}, …}}

    Fix: name an event that the component publishes, one for each table; give that event `envelope: none`, JSON, and at-least-once
    delivery.
    """
    taken: dict[tuple[str, ...], StoreTable] = {}
    for table in _wanted(graph):
        topic = topic_of(graph, table)
        at = table.at["captured_as"]
        if topic is None:
            known = [each.name for each in table.owner.publishes]
            text = f'{table.owner.name} publishes no "{table.table.captured_as}"'
            yield Diagnostic("unknown-event", at, text, did_you_mean(str(table.table.captured_as), known))
            continue
        engine = engine_of(table.store)
        schema, _, name = table.table.name.rpartition(".")
        place = (table.owner.name, table.store.name, schema or (engine.schema if engine else None) or "", name)
        for key, what in (((topic.id,), f'become "{topic.id}"'), (place, "are the same table")):
            first = taken.setdefault(key, table)
            if first is not table:
                text = f'"{first.table.name}" and "{table.table.name}" {what}'
                yield Diagnostic("duplicate-capture", at, text, "an event is of one table", related=(Related(first.at.span, "the other"),))
        yield from _shape(graph, table, topic)


def _wanted(graph: Graph) -> Iterator[StoreTable]:
    ordered = sorted(graph.tables, key=lambda each: each.at.span)
    return (each for each in ordered if each.table.captured_as is not None and each.store.capture is not None)


def _shape(graph: Graph, table: StoreTable, topic: Topic) -> Iterator[Diagnostic]:
    event = topic.event
    envelope = event.envelope or graph.system.header.envelope
    related = (Related(table.at["captured_as"], "the table that becomes it"),)
    if envelope != "none":
        text = f'"{event.name}" is the row of "{table.table.name}", which Debezium cannot wrap as "{envelope}"'
        yield Diagnostic("uncapturable-event", event.at["envelope"], text, "envelope: none, at the event", related=related)
    if event.encoding != "json":
        text = f'"{event.name}" is the row of "{table.table.name}", which is written as JSON, and not as {event.encoding}'
        yield Diagnostic("uncapturable-event", event.at["encoding"], text, "leave encoding out", related=related)
    if event.delivery == "at-most-once":
        text = f'"{event.name}" is captured, and what is captured may come twice'
        yield Diagnostic("uncapturable-event", event.at["delivery"], text, "delivery: at-least-once", related=related)


def keys(graph: Graph) -> Iterator[Diagnostic]:
    """`uncapturable-key`: the message's key is not the row's.

    A tombstone deletes by key, and order is kept by key: both are the one column that tells rows apart, as plain text.

        OrderChanged: {version: "1.0.0", payload: Order, key: customer}
        orders: {row: Order, key: [id], captured_as: OrderChanged}

    Fix: give the table a `key` of one column, the event the same `key`, and do not exclude that column.
    """
    for table in _wanted(graph):
        topic, key = topic_of(graph, table), table.table.key
        if topic is None:
            continue
        related = (Related(topic.event.at.span, "the event"),)
        if len(key) != 1:
            found = "no key" if not key else f"a key of {len(key)} columns"
            text = f'"{table.table.name}" has {found}, and the key of "{topic.event.name}" is one text'
            yield Diagnostic("uncapturable-key", table.at["key"], text, "key: and the one column that names a row", related=related)
        elif topic.event.key != key[0]:
            said = f'is "{topic.event.key}"' if topic.event.key else "is not said"
            text = f'the rows of "{table.table.name}" are told apart by "{key[0]}", and the key of "{topic.event.name}" {said}'
            yield Diagnostic(
                "uncapturable-key", topic.event.at["key"], text, f"key: {key[0]}", related=(Related(table.at.span, "the table"),)
            )
        elif key[0] in excluded(table.store, table):
            capture = table.store.capture
            assert capture is not None
            text = f'"{key[0]}" tells the rows of "{table.table.name}" apart, and is left out'
            yield Diagnostic("uncapturable-key", capture.at["exclude"], text, "a key cannot be left out", related=related)


def exclusions(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-table`, `unknown-property`: what is to be left out is not there, so that what was meant is not left out.

    A column that was to stay at home, often a personal one, is then in every message.

        capture: {cluster: connect, credentials: orders-capture, exclude: [orders.emial]}

    Fix: spell it as table and column are spelt, `orders.email`; take out what is no longer there.
    """
    for access in _captures(graph):
        capture = access.store.capture
        assert capture is not None
        tables = {each.table.name: each for each in own_tables(graph, access)}
        for each in capture.exclude:
            name, _, column = each.rpartition(".")
            known = [found.name for found in columns(graph, tables[name].table.row)] if name in tables else []
            if name not in tables:
                text = f'"{each}" is left out, and "{access.store.name}" has no table "{name}"'
                yield Diagnostic("unknown-table", capture.at["exclude"], text, did_you_mean(name, tables))
            elif column not in known:
                text = f'"{each}" is left out, and "{name}" has no column "{column}"'
                yield Diagnostic("unknown-property", capture.at["exclude"], text, did_you_mean(column, known))


def rows(graph: Graph) -> Iterator[Diagnostic]:
    """`uncapturable-column`, `capture-mismatch`, `unclassified-capture`: a row is no message that the event's schema accepts.

    Debezium writes null where a column is empty, which the schema of a message has no place for, and JSON in a column as a
    text. What the row has and the payload has not must be left out. What is personal in the row is so in the event.

        Order: {type: object, required: [id], properties: {id: {type: string}, note: {type: string}}}
        orders: {row: Order, key: [id], captured_as: OrderChanged}

    Fix: let row and payload refer to one type, with its columns among `required` and classified alike; leave out by
    `capture: {exclude: [orders.note]}` what may be empty, is nested, or is nobody's business.
    """
    for table in _wanted(graph):
        topic = topic_of(graph, table)
        if topic is None or is_lost(table.table.row) or is_lost(topic.event.payload):
            continue
        payload = graph.resolve(topic.event.payload)
        kinds = {kind(graph, table.table.row), kind(graph, payload)}
        if kinds != {"object"}:  # what is neither object nor union is wrong anywhere, and reported as that
            text = f'"{table.table.name}" becomes "{topic.event.name}", and one of them is a union'
            if kinds <= {"object", "union"}:
                yield Diagnostic("capture-mismatch", table.at["captured_as"], text, "let both be one type, not one of several")
            continue
        left_out = excluded(table.store, table)
        found = [each for each in columns(graph, table.table.row, table.table.key) if each.name not in left_out]
        known = {each.name: each for each in payload.properties}
        for column in found:
            yield from _column(graph, table, topic, column, known.get(column.name))
        names = {each.name for each in found}
        for each in payload.properties:
            if each.name in payload.required and each.name not in names:
                text = f'"{topic.event.name}" always has "{each.name}", which is no column of "{table.table.name}" that is captured'
                related = (Related(each.at.span, "the property"),)
                yield Diagnostic("capture-mismatch", table.at["captured_as"], text, "make it optional, or add the column", related=related)


def _column(graph: Graph, table: StoreTable, topic: Topic, column: Column, target: Property | None) -> Iterator[Diagnostic]:
    name = f'"{column.name}" of "{table.table.name}"'
    at, leave = table.at["captured_as"], f"capture: {{exclude: [{table.table.name}.{column.name}]}}"
    related = (Related(column.schema.at.span, "the column"),)
    if is_lost(column.schema):
        return
    if target is None:
        text = f'{name} is captured, and "{topic.event.name}" has no such property'
        yield Diagnostic("capture-mismatch", at, text, f"add it to the payload, or {leave}", related=related)
        return
    if column.held.type in UNCAPTURED or column.held.one_of:
        text = f"{name} is {a(kind(graph, column.schema))}, which Debezium writes as a text"
        yield Diagnostic("uncapturable-column", at, text, leave, related=related)
    elif not column.is_required:
        text = f'{name} may be empty, and is null in the message where "{topic.event.name}" would leave it out'
        yield Diagnostic("uncapturable-column", at, text, f"add it to required, or {leave}", related=related)
    else:
        differs = _difference(column.held, graph.resolve(target.schema))
        if differs is not None:
            text = f'{name} and the property of "{topic.event.name}" differ in {differs}'
            help = "let both refer to one type"
            yield Diagnostic("capture-mismatch", at, text, help, related=(*related, Related(target.at.span, "the property")))
    yield from _classification(graph, table, topic, column, target)


def _difference(row: Schema, payload: Schema) -> str | None:
    """The first key of the payload that asks for what the row does not promise."""
    for each in dataclasses.fields(Schema):
        if each.name not in ANNOTATIONS:
            asked, given = getattr(payload, each.name), getattr(row, each.name)
            if asked not in (each.default, given):
                return str(each.metadata.get("key") or each.name)
    return None


def _classification(graph: Graph, table: StoreTable, topic: Topic, column: Column, target: Property) -> Iterator[Diagnostic]:
    if column.classification not in PROTECTED:
        return
    held = next(each for each in columns(graph, topic.event.payload) if each.name == target.name).classification
    if held is None or LEVELS.index(held) < LEVELS.index(column.classification):
        text = f'"{column.name}" of "{table.table.name}" is {column.classification}, and {held or "not classified"} in "{topic.event.name}"'
        help = f"x-classification: {column.classification}, at the property, or capture: {{exclude: [{table.table.name}.{column.name}]}}"
        related = (Related(column.schema.at.span, "the column"),)
        yield Diagnostic("unclassified-capture", target.at.span, text, help, related=related)


def namespaces(graph: Graph) -> Iterator[Diagnostic]:
    """`connect-in-own-namespace`: Kafka Connect would be under the system's own default deny, and nothing lets it out.

    The connector would reach neither database nor broker, and no change would ever arrive.

        environments: {production: {platform: {connect: {namespace: shop}}}}

    Fix: say the namespace in which Kafka Connect runs, one that is not the system's.
    """
    clusters = sorted({each.store.capture.cluster for each in _captures(graph) if each.store.capture is not None})
    for environment in graph.system.document.environments if clusters and placement.deployed(graph) else ():
        place = placement.connect(environment, clusters[0])
        if place.peer.namespace == placement.namespace_of(graph, environment):
            text = f'Kafka Connect is in "{place.peer.namespace}", the namespace of the system in {environment.name}, where all is denied'
            yield Diagnostic("connect-in-own-namespace", place.at.span, text, "platform: {connect: {namespace: …}}, another one")


RULES = (engines, both_ends, events, keys, exclusions, rows, namespaces)
