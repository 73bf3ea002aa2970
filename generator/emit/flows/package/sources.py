"""The module sources of the provider package, word for word."""

TEXT = r'''"""Where flows read in a database: rows that changed after the watermark of the last run that succeeded."""

import contextlib
import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import apache_beam as beam
from apache_beam.metrics import Metrics

from .engines import Engine
from .rows import NAMESPACE, row_type, settings
from .statements import last_run

BEGINNING: Mapping[str, Any] = {
    "timestamp": dt.datetime(1, 1, 2, tzinfo=dt.UTC),
    "date": dt.date(1, 1, 1),
    "integer": -(2**63),
    "text": "",
}
"""Before everything, by type of the watermark."""


class ReadWatermarks(beam.PTransform):
    """Watermarks of the last run of a flow that succeeded, as JSON text; of a flow that never ran `{}`.

    Args:
        connection: Variable with the connection of the database that keeps the runs.
        table: Table of the runs.
        flow: The flow.
    """

    engine: ClassVar[Engine]
    _yaml_requires_inputs = False

    def __init__(self, connection: str, table: str, flow: str):
        self._read = _LastRun(self.engine, connection, table, flow)

    def expand(self, begin: Any) -> Any:
        type = row_type({"type": "object", "required": ["watermarks"], "properties": {"watermarks": {"type": "string"}}})
        return begin | beam.Impulse() | "Read" >> beam.ParDo(self._read).with_output_types(type)


class _LastRun(beam.DoFn):
    def __init__(self, engine: Engine, connection: str, table: str, flow: str):
        self._engine, self._connection, self._table, self._flow = engine, connection, table, flow

    def process(self, _: bytes) -> Iterator[beam.Row]:
        with contextlib.closing(self._engine.connect(self._connection)) as client:
            found = watermarks(self._engine, client, self._table, self._flow)
        yield beam.Row(watermarks=json.dumps(found, sort_keys=True))


def watermarks(engine: Engine, client: Any, table: str, flow: str) -> dict[str, Any]:
    """By source."""
    rows = engine.ask(client, last_run(engine.dialect, table), {"flow": flow})
    value = rows[0][0] if rows else {}
    return dict(json.loads(value) if isinstance(value, str) else value or {})


class ReadChanged(beam.PTransform):
    """Rows of a query; with watermarks as input, those that are newer than its source's watermark less the overlap.

    Args:
        connection: Variable with the connection.
        query: The query, in the dialect of the database; its one parameter is where to begin.
        schema: Fields of a row as JSON Schema; one that the query does not give is null.
        source: Name under which the watermark is kept.
        watermark: Type of the watermark: timestamp, date, integer or text; none if the query has no parameter.
        overlap: Seconds that are read again, for transactions that committed after a younger one.
    """

    engine: ClassVar[Engine]
    _yaml_requires_inputs = False

    def __init__(self, connection: str, query: str, schema: dict[str, Any], source: str, watermark: str | None = None, overlap: float = 0):
        self._type = row_type(schema)
        self._read = _Changed(self.engine, connection, query, list(settings(schema)["properties"]), source, watermark, overlap)

    def expand(self, begin: Any) -> Any:
        if isinstance(begin, beam.pvalue.PBegin):
            begin = begin | beam.Impulse()
        rows = begin | "Read" >> beam.ParDo(self._read).with_output_types(self._type)
        return rows | beam.Reshuffle()  # one query reads; any number of workers do the rest


class _Changed(beam.DoFn):
    def __init__(self, engine: Engine, connection: str, query: str, fields: list[str], source: str, watermark: str | None, overlap: float):
        self._engine, self._connection, self._query, self._fields = engine, connection, query, fields
        self._source, self._watermark, self._overlap = source, watermark, overlap

    def process(self, begin: Any) -> Iterator[beam.Row]:
        known = {} if isinstance(begin, bytes) else json.loads(begin.watermarks)
        since = after(self._watermark, known.get(self._source), self._overlap) if self._watermark else None
        count = Metrics.counter(NAMESPACE, "records_read")
        with contextlib.closing(self._engine.connect(self._connection)) as client:
            for record in self._engine.read(client, self._query, since):
                count.inc()
                yield beam.Row(**{field: record.get(field) for field in self._fields})


def after(type: str, watermark: Any, overlap: float) -> Any:
    """Where to begin: the watermark less the overlap, in the type of its column."""
    if watermark is None:
        return BEGINNING[type]
    if type == "timestamp":
        return dt.datetime.fromisoformat(watermark) - dt.timedelta(seconds=overlap)
    if type == "date":
        return dt.date.fromisoformat(watermark) - dt.timedelta(days=-(-overlap // 86400))
    return watermark
'''
