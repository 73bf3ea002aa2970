"""The module runs of the provider package, word for word, with the columns that its table is made with too."""

COLUMNS = {
    "run": "uuid",
    "flow": "text",
    "started_at": "timestamp",
    "ended_at": "timestamp",
    "records": "integer",
    "rejected": "integer",
    "succeeded": "boolean",
    "watermarks": "json",
}
"""Kinds of the fields of a run."""
_ENTRIES = "".join(f'    "{name}": "{kind}",\n' for name, kind in COLUMNS.items())

TEXT = (
    r'''"""Runs: each is recorded once everything is written, and the watermarks with it, in one row."""

import contextlib
import datetime as dt
import json
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import apache_beam as beam

from .engines import Engine
from .rows import WRITTEN, Record, settings
from .sources import watermarks
from .statements import merge

LOG = logging.getLogger(__name__)
COLUMNS = {
'''
    + _ENTRIES
    + r'''}
READ, PASSED = "read_", "passed"
"""Beginning of the inputs that are sources, before their names; and the input of the records that passed all checks."""


class _Run(beam.PTransform):
    """Counts what was read and what passed, once everything that it waits for is written."""

    def __init__(self, flow: str, sources: dict[str, str | None], success_rate: float = 0.0):
        self._sources = settings(sources)
        self._run = {"run": str(uuid.uuid4()), "flow": flow, "started_at": _now(), "success_rate": success_rate}

    def _total(self, given: Mapping[str, Any]) -> Any:
        named = [rows | f"Count {name}" >> beam.Map(_Seen(name, self._sources)) for name, rows in sorted(given.items())]
        # Every runner combines a bounded collection only when all of it is there: that is the barrier.
        return named | beam.Flatten() | beam.CombineGlobally(added)


class _Seen:
    def __init__(self, name: str, sources: Mapping[str, str | None]):
        source = name.removeprefix(READ) if name.startswith(READ) else None
        self._name, self._field = name, sources.get(source) if source else None
        self._is_counted = source in sources or name == PASSED

    def __call__(self, row: Any) -> Record:
        newest = getattr(row, self._field) if self._field else None
        return {self._name: [1, newest]} if self._is_counted else {}


def added(given: Iterable[Record]) -> Record:
    """Counts and newest watermarks, by input; used on its own results, too, in any grouping."""
    total: Record = {}
    for each in given:
        for name, (count, newest) in each.items():
            before, held = total.get(name, [0, None])
            total[name] = [before + count, newest if held is None else held if newest is None else max(held, newest)]
    return total


def report(run: Mapping[str, Any], sources: Mapping[str, str | None], total: Mapping[str, Any], known: Mapping[str, Any]) -> Record:
    """The row of a run: what it did, and the watermarks from which the next one goes on."""
    read = {name: total.get(f"{READ}{name}", [0, None]) for name in sources}
    records = sum(count for count, _ in read.values())
    rejected = records - total.get(PASSED, [0])[0]
    succeeded = records == 0 or (records - rejected) / records >= run["success_rate"]
    moved = {name: newest for name, (_, newest) in read.items() if newest is not None}
    kept = {name: value for name, value in known.items() if name in sources}
    later = {name: max(value, kept[name]) if name in kept else value for name, value in moved.items()}
    return {
        **{name: run[name] for name in ("run", "flow", "started_at")},
        "ended_at": _now(),
        "records": records,
        "rejected": rejected,
        "succeeded": succeeded,
        "watermarks": {**kept, **later} if succeeded else {},
    }


def _told(row: Mapping[str, Any], success_rate: float) -> None:
    """The log has the row; a run that has failed ends with an error, for whoever waits for it."""
    LOG.info("flow run %s", json.dumps(row, sort_keys=True))
    if not row["succeeded"]:
        raise RuntimeError(f"{row['rejected']} of {row['records']} records were refused: fewer than {success_rate:.2%} succeeded")


class RecordRun(_Run):
    """Records the run, and with it the watermarks from which the next one goes on, once everything is written.

    Inputs are the sources, each as `read_` and its name, `passed`, and what was written, under any other name.

    Args:
        connection: Variable with the connection of the database that keeps the runs.
        table: Table of the runs.
        flow: The flow.
        sources: Source to its watermark's field; null for one that has none.
        success_rate: Share of records below which a run fails and all watermarks stay where they were.
    """

    engine: ClassVar[Engine]

    def __init__(self, connection: str, table: str, flow: str, sources: dict[str, str | None], success_rate: float = 0.0):
        super().__init__(flow, sources, success_rate)
        self._record = _Record(self.engine, connection, table, self._run, self._sources)

    def expand(self, given: Mapping[str, Any]) -> Any:
        return self._total(given) | "Record" >> beam.ParDo(self._record).with_output_types(WRITTEN)


class _Record(beam.DoFn):
    def __init__(self, engine: Engine, connection: str, table: str, run: Record, sources: Mapping[str, str | None]):
        self._engine, self._connection, self._table, self._run, self._sources = engine, connection, table, run, sources

    def process(self, total: Record) -> Iterator[beam.Row]:
        statement = merge(self._engine.dialect, self._table, COLUMNS, ["run"], only_new=True)
        with contextlib.closing(self._engine.connect(self._connection)) as client:
            known = watermarks(self._engine, client, self._table, self._run["flow"])
            row = report(self._run, self._sources, total, known)
            self._engine.change(client, statement, [row])
        _told(row, self._run["success_rate"])
        yield beam.Row(records=row["records"])


class LogRun(_Run):
    """Tells the log of the run, once everything is written; for a flow that writes to no table, and so has no watermark.

    Inputs are the sources, each as `read_` and its name, `passed`, and what was written, under any other name.

    Args:
        flow: The flow.
        sources: Source to its watermark's field; null for one that has none.
        success_rate: Share of records below which a run fails.
    """

    def expand(self, given: Mapping[str, Any]) -> Any:
        return self._total(given) | "Log" >> beam.ParDo(_Log(self._run, self._sources)).with_output_types(WRITTEN)


class _Log(beam.DoFn):
    def __init__(self, run: Record, sources: Mapping[str, str | None]):
        self._run, self._sources = run, sources

    def process(self, total: Record) -> Iterator[beam.Row]:
        row = report(self._run, self._sources, total, {})
        _told(row, self._run["success_rate"])
        yield beam.Row(records=row["records"])


def _now() -> str:
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
'''
)
