"""The module topics of the provider package, word for word."""

TEXT = r'''"""Topics of Kafka: messages that are read up to where a topic ends when a run begins, and messages that are published."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

import apache_beam as beam

from .connections import broker
from .rows import NAMESPACE, WRITTEN, Record, batches, is_gone, plain, records, row_type, settings

_IS_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
PATIENCE = 30
"""Seconds for an answer of the broker."""
POSITION = {"message_partition": {"type": "integer"}, "message_offset": {"type": "integer"}}
"""Where a message stood, so that it is acknowledged once everything that follows from it is written."""
ID, TIME, CORRELATION, SUBJECT, PAYLOAD = "$id", "$time", "$correlation", "$subject", "$payload"
"""What stands in a message for values that each record has of its own."""


class ReadMessages(beam.PTransform):
    """Messages of a topic from where its group stands to where the topic ends when the run begins.

    Beam's own connector needs Java and a runner that streams. This one reads what is there and ends; run again and again
    it follows the topic, and nothing is acknowledged before it is written (see CommitOffsets).

    Args:
        topic: The topic.
        group: The consumer group.
        schema: Fields of a record as JSON Schema.
        payload: Property of the message that holds them; none if they are the message.
        addresses: Variable with the addresses of the broker.
        connection: Variable with more settings of the client as JSON; may be missing.
    """

    _yaml_requires_inputs = False

    def __init__(
        self,
        topic: str,
        group: str,
        schema: dict[str, Any],
        payload: str | None = None,
        addresses: str = "BROKER_ADDRESSES",
        connection: str = "BROKER_CONNECTION",
    ):
        own = settings(schema)
        self._type = row_type({**own, "required": [*own.get("required", ()), *POSITION], "properties": {**own["properties"], **POSITION}})
        times = {name for name, property in own["properties"].items() if property.get("format") == "date-time"}
        self._read = _Drain(topic, group, list(own["properties"]), times, payload, addresses, connection)

    def expand(self, begin: Any) -> Any:
        rows = begin | beam.Impulse() | "Read" >> beam.ParDo(self._read).with_output_types(self._type)
        return rows | beam.Reshuffle()


class _Drain(beam.DoFn):
    def __init__(
        self, topic: str, group: str, fields: Sequence[str], times: Set[str], payload: str | None, addresses: str, connection: str
    ):
        self._topic, self._group, self._fields, self._times, self._payload = topic, group, fields, times, payload
        self._addresses, self._connection = addresses, connection

    def process(self, _: bytes) -> Iterator[beam.Row]:
        consumer = _consumer(self._addresses, self._connection, self._group)
        try:
            for partition in sorted(consumer.list_topics(self._topic, PATIENCE).topics[self._topic].partitions):
                yield from self._partition(consumer, partition)
        finally:
            consumer.close()

    def _partition(self, consumer: Any, partition: int) -> Iterator[beam.Row]:
        from confluent_kafka import TopicPartition

        place = TopicPartition(self._topic, partition)
        first, end = consumer.get_watermark_offsets(place, PATIENCE)
        committed = consumer.committed([place], PATIENCE)[0].offset
        position = max(committed, first)
        consumer.assign([TopicPartition(self._topic, partition, position)])
        while position < end:
            message = consumer.poll(PATIENCE)
            if message is None:
                raise TimeoutError(f"{self._topic}: no message of partition {partition} in {PATIENCE} seconds")
            if message.error():
                raise RuntimeError(f"{self._topic}: {message.error()}")
            position = message.offset() + 1
            if message.value() is not None:
                yield self._row(json.loads(message.value()), partition, message.offset())

    def _row(self, message: Record, partition: int, offset: int) -> beam.Row:
        payload = message[self._payload] if self._payload else message
        own = {field: _time(payload.get(field)) if field in self._times else plain(payload.get(field)) for field in self._fields}
        return beam.Row(**own, message_partition=partition, message_offset=offset)


def _consumer(addresses: str, connection: str, group: str) -> Any:
    from confluent_kafka import Consumer

    return Consumer({**broker(addresses, connection), "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest"})


class CommitOffsets(beam.PTransform):
    """Acknowledges the messages of a run once everything that it waits for is written.

    Args:
        topic: The topic.
        group: The consumer group.
        addresses: Variable with the addresses of the broker.
        connection: Variable with more settings of the client as JSON; may be missing.
    """

    def __init__(self, topic: str, group: str, addresses: str = "BROKER_ADDRESSES", connection: str = "BROKER_CONNECTION"):
        self._commit = _Commit(topic, group, addresses, connection)

    def expand(self, given: Mapping[str, Any]) -> Any:
        places = given["messages"] | "Places" >> beam.Map(lambda row: (row.message_partition, row.message_offset))
        done = [rows | f"Done {name}" >> beam.Map(lambda _: None) for name, rows in given.items() if name != "messages"]
        # Every runner combines a bounded collection only when all of it is there: that is the barrier.
        last = [places, *done] | beam.Flatten() | beam.CombineGlobally(_last_offsets)
        return last | "Commit" >> beam.ParDo(self._commit).with_output_types(WRITTEN)


def _last_offsets(given: Any) -> dict[int, int]:
    """Used on places and on its own results, in any grouping."""
    found: dict[int, int] = {}
    for each in given:
        for partition, offset in each.items() if isinstance(each, dict) else [each] if each is not None else []:
            found[partition] = max(offset, found.get(partition, -1))
    return found


class _Commit(beam.DoFn):
    def __init__(self, topic: str, group: str, addresses: str, connection: str):
        self._topic, self._group, self._addresses, self._connection = topic, group, addresses, connection

    def process(self, last: dict[int, int]) -> Iterator[beam.Row]:
        from confluent_kafka import TopicPartition

        if last:
            consumer = _consumer(self._addresses, self._connection, self._group)
            try:
                places = [TopicPartition(self._topic, partition, offset + 1) for partition, offset in sorted(last.items())]
                consumer.commit(offsets=places, asynchronous=False)
            finally:
                consumer.close()
        yield beam.Row(records=len(last))


# --- publishing -------------------------------------------------------------------------------------------------------


class PublishMessages(beam.PTransform):
    """Publishes a message for each record, at least once: its id follows from record and version, so that consumers can tell it again.

    Args:
        topic: The topic.
        message: The message, with $id, $time, $correlation, $subject and $payload where each record has its own.
        fields: Property of the payload to field of the record.
        required: Properties that are always there, if only as null.
        json_fields: Properties whose field holds JSON text.
        key: Property that orders the messages.
        identity: Fields that say which record it is.
        version: Field that says which version of the record it is.
        tombstone: Field that is true for records that are gone: nothing is published for them.
        addresses: Variable with the addresses of the broker.
        connection: Variable with more settings of the client as JSON; may be missing.
    """

    def __init__(
        self,
        topic: str,
        message: dict[str, Any] | str,
        fields: dict[str, str],
        identity: list[str],
        required: list[str] | None = None,
        json_fields: list[str] | None = None,
        key: str | None = None,
        version: str | None = None,
        tombstone: str | None = None,
        addresses: str = "BROKER_ADDRESSES",
        connection: str = "BROKER_CONNECTION",
    ):
        template = settings(message) if isinstance(message, Mapping) else message
        payload = Payload(settings(fields), list(required or ()), list(json_fields or ()))
        form = Form(topic, template, payload, key, list(identity), version)
        self._publish = _Publish(form, tombstone, addresses, connection)

    def expand(self, given: Any) -> Any:
        return batches(given, 100) | "Publish" >> beam.ParDo(self._publish).with_output_types(WRITTEN)


class Payload:
    """What a message says of a record."""

    def __init__(self, fields: Mapping[str, str], required: Sequence[str], json_fields: Sequence[str]):
        self._fields, self._required, self._json_fields = fields, required, json_fields

    def of(self, record: Record) -> Record:
        """An optional property without a value is left out: the contract has no null."""
        found = {name: self._value(name, record[field]) for name, field in self._fields.items()}
        return {name: value for name, value in found.items() if value is not None or name in self._required}

    def _value(self, name: str, value: Any) -> Any:
        return json.loads(value) if name in self._json_fields and isinstance(value, str) else value


class Form:
    """How a record becomes a message: id, key and text."""

    def __init__(self, topic: str, template: Any, payload: Payload, key: str | None, identity: Sequence[str], version: str | None):
        self.topic, self._template, self._payload, self._key = topic, template, payload, key
        self._identity, self._version = identity, version

    def of(self, record: Record) -> tuple[str, str | None, str]:
        payload = self._payload.of(record)
        version = record.get(self._version) if self._version else None
        same = [self.topic, *(str(record[field]) for field in self._identity)] if self._identity else [self.topic, json.dumps(payload)]
        id = str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join([*same, str(version)])))
        key = str(payload[self._key]) if self._key and self._key in payload else None
        values = {ID: id, TIME: _happened(version), CORRELATION: id, SUBJECT: key, PAYLOAD: payload}
        return id, key, json.dumps(_filled(self._template, values), sort_keys=True)


def _time(value: Any) -> Any:
    """A time as every row has it; what is none stays as it is, for a check to find."""
    try:
        return plain(dt.datetime.fromisoformat(value)) if isinstance(value, str) and "T" in value.upper() else value
    except ValueError:
        return value


def _happened(version: Any) -> str:
    """When it happened: the version, where that is a time; else now."""
    is_time = isinstance(version, str) and _IS_TIME.fullmatch(version) is not None
    return str(version if is_time else plain(dt.datetime.now(dt.UTC)))


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, Mapping):
        filled = {name: _filled(each, values) for name, each in template.items()}
        return {name: value for name, value in filled.items() if value is not None}
    return values.get(template, template) if isinstance(template, str) else template


class _Publish(beam.DoFn):
    def __init__(self, form: Form, tombstone: str | None, addresses: str, connection: str):
        self._form, self._tombstone, self._addresses, self._connection = form, tombstone, addresses, connection

    def setup(self) -> None:
        from confluent_kafka import Producer

        self._producer = Producer({**broker(self._addresses, self._connection), "enable.idempotence": True})

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        failed: list[str] = []
        for record in given:
            if not is_gone(record, self._tombstone):
                id, key, text = self._form.of(record)
                self._producer.produce(
                    self._form.topic, key=key, value=text, headers={"id": id, "X-Correlation-ID": id}, on_delivery=_noting(failed)
                )
        if self._producer.flush(PATIENCE) or failed:
            raise RuntimeError(f"{self._form.topic}: not every message was delivered: {failed[:1]}")
        beam.metrics.Metrics.counter(NAMESPACE, "messages_published").inc(len(given))
        yield beam.Row(records=len(given))


def _noting(failed: list[str]) -> Any:
    return lambda error, _: failed.append(str(error)) if error else None
'''
