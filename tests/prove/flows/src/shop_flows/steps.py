# mypy: disable-error-code="import-not-found, misc"
"""Steps of the flow that Beam has none for."""

from typing import Any

import apache_beam as beam


class ReadOrders(beam.PTransform):
    """Orders of a database."""

    def __init__(self, connection: str):
        self._connection = connection

    def expand(self, pbegin: Any) -> Any:
        return pbegin | beam.Create([beam.Row(id="a", cents=1)])


class Keep(beam.PTransform):
    """Into a table."""

    def __init__(self, connection: str):
        self._connection = connection

    def expand(self, rows: Any) -> Any:
        return rows | beam.Map(lambda row: row)


class Merge(Keep):
    """Into a table, by key."""

    def __init__(self, connection: str, table: str, columns: dict[str, str], key: list[str]):
        super().__init__(connection)
