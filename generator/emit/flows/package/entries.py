"""The module entries of the provider package, word for word."""

TEXT = r'''"""Cache entries that flows write: JSON under a key made of fields, for a limited time."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import apache_beam as beam

from .connections import setting
from .rows import WRITTEN, Record, batches, is_gone, newest, records

PATIENCE = 10
"""Seconds to connect and for each answer."""
SET_IF_NEWER = """
local held = redis.call('GET', KEYS[1])
if held and ARGV[1] ~= '' then
  local is_json, entry = pcall(cjson.decode, held)
  local version = cjson.decode(ARGV[2])
  if is_json and type(entry) == 'table' and type(entry[ARGV[1]]) == type(version) and entry[ARGV[1]] > version then return 0 end
end
if ARGV[4] == '' then redis.call('SET', KEYS[1], ARGV[3]) else redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
return 1
"""
"""An entry that holds a newer version stays."""


class WriteEntries(beam.PTransform):
    """Writes records as JSON entries of a server that speaks Redis' protocol.

    Args:
        connection: Variable with the server's URL.
        entry: Key with {fields}.
        fields: Fields that are kept.
        json_fields: Those of them that hold JSON text.
        ttl: Seconds that an entry lives; without, for ever.
        version: Field that says which of two records is newer; compared where it is among the fields.
        tombstone: Field that is true for records whose entry is deleted.
    """

    def __init__(
        self,
        connection: str,
        entry: str,
        fields: list[str],
        json_fields: list[str] | None = None,
        ttl: float | None = None,
        version: str | None = None,
        tombstone: str | None = None,
    ):
        self._write = _Write(connection, entry, list(fields), list(json_fields or ()), ttl, version, tombstone)

    def expand(self, given: Any) -> Any:
        return batches(given, 100) | "Write" >> beam.ParDo(self._write).with_output_types(WRITTEN)


class _Write(beam.DoFn):
    def __init__(
        self,
        connection: str,
        entry: str,
        fields: Sequence[str],
        json_fields: Sequence[str],
        ttl: float | None,
        version: str | None,
        tombstone: str | None,
    ):
        self._connection, self._entry, self._fields, self._json_fields = connection, entry, fields, json_fields
        self._ttl, self._version, self._tombstone = ttl, version, tombstone

    def setup(self) -> None:
        import redis

        self._server = redis.Redis.from_url(setting(self._connection), socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)

    def teardown(self) -> None:
        self._server.close()

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        named = [{**record, "": self._entry.format_map(record)} for record in given]
        with self._server.pipeline(transaction=False) as commands:
            for record in newest(named, [""], self._version):
                self._add(commands, record[""], record)
            commands.execute()
        yield beam.Row(records=len(given))

    def _add(self, commands: Any, name: str, record: Record) -> None:
        if is_gone(record, self._tombstone):
            commands.delete(name)
            return
        version = self._version if self._version in self._fields else None
        known = {
            field: self._value(field, record[field]) for field in self._fields if record[field] is not None
        }  # the contract has no null
        held = json.dumps(known, sort_keys=True)
        lifetime = "" if self._ttl is None else round(self._ttl * 1000)
        commands.eval(SET_IF_NEWER, 1, name, version or "", json.dumps(record[version] if version else None), held, lifetime)

    def _value(self, field: str, value: Any) -> Any:
        return json.loads(value) if field in self._json_fields and isinstance(value, str) else value
'''
