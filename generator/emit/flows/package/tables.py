"""The module tables of the provider package, word for word."""

TEXT = r'''"""Tables that flows write: upserts, appends and the quarantine, all of which may be repeated."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import apache_beam as beam

from .engines import Engine
from .rows import WRITTEN, Record, batches, is_gone, newest, records, settings
from .statements import merge

SMALLEST_BATCH = 100


class _Written(beam.PTransform):
    """Rows in batches, each batch a statement and so a transaction; retried, it changes nothing more."""

    engine: ClassVar[Engine]

    def _write(self, given: Any, write: beam.DoFn) -> Any:
        return batches(given, SMALLEST_BATCH) | "Write" >> beam.ParDo(write).with_output_types(WRITTEN)


class MergeRows(_Written):
    """Brings rows into a table by key; a row that is not newer changes nothing.

    Args:
        connection: Variable with the connection.
        table: The table.
        columns: Column to its type: uuid, text, integer, number, decimal, boolean, date, timestamp, json.
        key: Columns that identify a row.
        version: Column that says which of two rows is newer; without one the last wins.
        tombstone: Field that is true for rows that are deleted instead.
    """

    def __init__(
        self,
        connection: str,
        table: str,
        columns: dict[str, str],
        key: list[str],
        version: str | None = None,
        tombstone: str | None = None,
    ):
        self._columns, self._connection, self._key, self._version, self._tombstone = settings(columns), connection, key, version, tombstone
        self._statement = merge(self.engine.dialect, table, self._columns, key, version, tombstone)

    def expand(self, given: Any) -> Any:
        return self._write(
            given, _Merge(self.engine, self._connection, self._statement, self._columns, self._key, self._version, self._tombstone)
        )


class AppendRows(_Written):
    """Adds rows to a table; one whose key is there already stays as it is, so that a run may be repeated.

    Args:
        connection: Variable with the connection.
        table: The table.
        columns: Column to its type.
        key: Columns that identify a row; without any, each run adds all that it reads.
        tombstone: Field that is true for records that are gone: they are not added.
    """

    def __init__(self, connection: str, table: str, columns: dict[str, str], key: list[str] | None = None, tombstone: str | None = None):
        self._columns, self._connection, self._key, self._tombstone = settings(columns), connection, list(key or ()), tombstone
        self._statement = merge(self.engine.dialect, table, self._columns, self._key, only_new=True)

    def expand(self, given: Any) -> Any:
        present = given | "Present" >> beam.Filter(_IsPresent(self._tombstone)) if self._tombstone else given
        return self._write(present, _Merge(self.engine, self._connection, self._statement, self._columns, self._key, None, None))


class _IsPresent:
    def __init__(self, tombstone: str):
        self._tombstone = tombstone

    def __call__(self, row: Any) -> bool:
        return not is_gone(row._asdict(), self._tombstone)


class _Merge(beam.DoFn):
    def __init__(
        self,
        engine: Engine,
        connection: str,
        statement: str,
        columns: Mapping[str, str],
        key: Sequence[str],
        version: str | None,
        tombstone: str | None,
    ):
        self._engine, self._connection, self._statement = engine, connection, statement
        self._columns, self._key, self._version, self._tombstone = columns, key, version, tombstone

    def setup(self) -> None:
        self._client = self._engine.connect(self._connection)

    def teardown(self) -> None:
        self._client.close()

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        rows = newest(given, self._key, self._version) if self._key else given
        self._engine.change(self._client, self._statement, [self._row(record) for record in rows])
        yield beam.Row(records=len(given))

    def _row(self, record: Record) -> Record:
        row = {name: _value(kind, record.get(name)) for name, kind in self._columns.items()}
        return {**row, self._tombstone: bool(record[self._tombstone])} if self._tombstone else row


def _value(kind: str, value: Any) -> Any:
    """What is nested travels through Beam as JSON text."""
    return json.loads(value) if kind == "json" and isinstance(value, str) else value


class KeepRejected(_Written):
    """Keeps refused records with their reasons; the newest refusal of a record replaces the one before.

    Args:
        connection: Variable with the connection.
        table: The table.
        columns: Column to its type.
        flow: The flow.
    """

    def __init__(self, connection: str, table: str, columns: dict[str, str], flow: str):
        self._connection, self._columns, self._flow = connection, settings(columns), flow
        self._statement = merge(self.engine.dialect, table, self._columns, ["flow", "record_key"])

    def expand(self, given: Any) -> Any:
        return self._write(given, _Keep(self.engine, self._connection, self._statement, self._columns, self._flow))


class _Keep(_Merge):
    def __init__(self, engine: Engine, connection: str, statement: str, columns: Mapping[str, str], flow: str):
        super().__init__(engine, connection, statement, columns, ["record_key"], None, None)
        self._flow = flow

    def _row(self, record: Record) -> Record:
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return super()._row({**record, "flow": self._flow, "rejected_at": now})
'''
