"""The module checks of the provider package, word for word."""

TEXT = r'''"""Checks of records: which rules one breaks, and what becomes of it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import apache_beam as beam
from apache_beam.metrics import Metrics

from .engines import Engine
from .rows import NAMESPACE, Record, batches, is_gone, key_of, records, settings, texts, with_fields
from .statements import found

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")
"""As browsers read it (HTML, section "Email state"), with a domain of two names or more."""
LONGEST_EMAIL = 254
REJECTED = texts("record_key", "reason", "record")


class CheckRecords(beam.PTransform):
    """Holds each record against rules; one that breaks a rule leaves by the error output with all its reasons, is dropped, or stops the run.

    Args:
        rules: field, rule, the rule's own settings, and otherwise: quarantine, reject or stop; the strictest of them counts.
        key: Fields that say which record it is.
        tombstone: Field that is true for records that are gone: they are not checked.
        error_handling: output: name of the error output.
    """

    def __init__(
        self, rules: list[dict[str, Any]], key: list[str], tombstone: str | None = None, error_handling: dict[str, str] | None = None
    ):
        self._rules = [settings(rule) for rule in rules]
        self._check = _Check(self._rules, list(key), tombstone)
        self._error = error_handling["output"] if error_handling else None

    def expand(self, given: Any) -> Any:
        outputs = batches(given) | "Check" >> beam.ParDo(self._check).with_outputs("rejected", main="good")
        good = outputs.good | "Good" >> beam.Map(lambda row: row).with_output_types(given.element_type)
        if any(rule["otherwise"] == "stop" for rule in self._rules):
            good = good | beam.Reshuffle()  # nothing goes on before everything is checked: a run that stops has changed nothing
        if self._error is None:
            return good
        rejected = outputs.rejected | "Rejected" >> beam.Map(lambda row: row).with_output_types(REJECTED)
        return {"good": good, self._error: rejected}


class _Check(beam.DoFn):
    def __init__(self, rules: Sequence[Record], key: Sequence[str], tombstone: str | None):
        self._rules, self._key, self._tombstone = rules, key, tombstone

    def process(self, batch: Sequence[Any]) -> Iterator[Any]:
        for row in batch:
            record = row._asdict()
            broken = [] if is_gone(record, self._tombstone) else [rule for rule in self._rules if not holds(rule, record)]
            if not broken:
                yield row
                continue
            reasons = list(dict.fromkeys(f"{rule['field']}: {rule['rule']}" for rule in broken))
            ends = {rule["otherwise"] for rule in broken}
            key = key_of(record, self._key)
            if "stop" in ends:
                raise ValueError(f"record {key} stops the run: {'; '.join(reasons)}")
            for reason in reasons:
                Metrics.counter(NAMESPACE, f"rejected {reason}").inc()
            if "quarantine" in ends:
                kept = beam.Row(record_key=key, reason="; ".join(reasons), record=json.dumps(record, sort_keys=True, default=str))
                yield beam.pvalue.TaggedOutput("rejected", kept)


def holds(rule: Mapping[str, Any], record: Record) -> bool:
    """Whether a record keeps a rule; only not_empty minds that there is no value."""
    value = record[rule["field"]]
    if rule["rule"] == "not_empty":
        return value is not None and str(value).strip() != ""
    if value is None:
        return True
    match rule["rule"]:
        case "email_format":
            return len(value) <= LONGEST_EMAIL and EMAIL.fullmatch(value) is not None
        case "pattern":
            return re.fullmatch(rule["pattern"], str(value)) is not None
        case "range":
            number = float(value)
            return bool(rule.get("minimum", number) <= number <= rule.get("maximum", number))
        case "one_of":
            return (str(value).lower() if isinstance(value, bool) else str(value)) in rule["values"]
        case "reference":
            return bool(record[rule["found"]])
        case unknown:
            raise ValueError(f"there is no rule {unknown}")


class FindReferences(beam.PTransform):
    """Adds whether the value of a field is in a column of a table, asked once for each batch.

    Args:
        connection: Variable with the connection.
        field: Field of the record.
        table: The table.
        column: Its column.
        found: New boolean field of the record.
    """

    engine: ClassVar[Engine]

    def __init__(self, connection: str, field: str, table: str, column: str, found: str):
        self._find, self._found = _Find(self.engine, connection, field, table, column, found), found

    def expand(self, given: Any) -> Any:
        type = with_fields(given.element_type, {self._found: bool})
        return batches(given) | "Find" >> beam.ParDo(self._find).with_output_types(type)


class _Find(beam.DoFn):
    def __init__(self, engine: Engine, connection: str, field: str, table: str, column: str, name: str):
        self._engine, self._connection, self._field, self._name = engine, connection, field, name
        self._query = found(engine.dialect, table, column, column)

    def setup(self) -> None:
        self._client = self._engine.connect(self._connection)

    def teardown(self) -> None:
        self._client.close()

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        wanted = sorted({str(record[self._field]) for record in given if record[self._field] is not None})
        known = {value for value, _ in self._engine.ask(self._client, self._query, {"wanted": wanted})} if wanted else set()
        for record in given:
            yield beam.Row(**{**record, self._name: str(record[self._field]) in known})
'''
