"""The module rows of the provider package, word for word."""

TEXT = r'''"""Rows as all transforms of this package exchange them: plain values, and types that Beam derives from JSON Schema."""

import datetime as dt
import decimal
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.portability.api import schema_pb2
from apache_beam.typehints import schemas
from apache_beam.typehints.row_type import RowTypeConstraint
from apache_beam.yaml import json_utils

Record = dict[str, Any]
NAMESPACE = "flow"
"""Of all counters."""
LARGEST_BATCH = 500


def plain(value: Any) -> Any:
    """A value of a database as one that every SDK of Beam knows.

    Time is RFC 3339 text in UTC with six digits, so that text sorts as time does; decimals stay exact as text, what is
    nested is JSON text.
    """
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return str(value) if isinstance(value, uuid.UUID) else value


def settings(config: Mapping[str, Any]) -> Record:
    """What a pipeline says, without the line numbers that Beam adds to it."""
    return {name: _setting(value) for name, value in config.items() if not name.startswith("__")}


def _setting(value: Any) -> Any:
    if isinstance(value, Mapping):
        return settings(value)
    return [_setting(each) for each in value] if isinstance(value, list | tuple) else value


def row_type(schema: Mapping[str, Any]) -> Any:
    """The Beam type of rows of an object schema; what is not required may be null."""
    row = schema_pb2.RowType(schema=json_utils.json_schema_to_beam_schema(settings(schema)))
    return schemas.typing_from_runner_api(schema_pb2.FieldType(row_type=row))


def texts(*fields: str) -> Any:
    """The Beam type of rows that have these texts."""
    return row_type({"type": "object", "required": list(fields), "properties": {field: {"type": "string"} for field in fields}})


def with_fields(element_type: Any, added: Mapping[str, Any]) -> Any:
    """The type of rows that have more fields."""
    present = [(name, type) for name, type in schemas.named_fields_from_element_type(element_type) if name not in added]
    return RowTypeConstraint.from_fields([*present, *added.items()])


def batches(rows: Any, smallest: int = 1) -> Any:
    return rows | beam.BatchElements(min_batch_size=smallest, max_batch_size=LARGEST_BATCH)


def records(batch: Sequence[Any]) -> list[Record]:
    return [row._asdict() for row in batch]


def key_of(record: Record, fields: Sequence[str]) -> str:
    """Which record it is, as text; one without a key is known by all that it says."""
    if fields:
        return "/".join(str(record[field]) for field in fields)
    return str(uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(record, sort_keys=True, default=str)))


def newest(given: Iterable[Record], key: Sequence[str], version: str | None) -> list[Record]:
    """The newest record of each key; without a version the last one. Each statement may touch a row only once."""
    ordered = sorted(given, key=lambda record: (record[version] is not None, record[version])) if version else list(given)
    return list({key_of(record, key): record for record in ordered}.values())


def is_gone(record: Record, tombstone: str | None) -> bool:
    return bool(tombstone and record.get(tombstone))


WRITTEN = row_type({"type": "object", "required": ["records"], "properties": {"records": {"type": "integer"}}})
"""What each write says of a batch: how many records are safe."""
'''
