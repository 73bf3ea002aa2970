"""The module engines of the provider package, word for word."""

TEXT = r'''"""The two databases that flows read and write: how each is connected, asked and changed."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from .connections import setting
from .rows import Record, plain
from .statements import Dialect

PATIENCE = 10
"""Seconds to connect."""
PAGE = 2000
"""Rows that are fetched at once."""


class Engine(Protocol):
    """What a database can do."""

    dialect: ClassVar[Dialect]

    def connect(self, connection: str) -> Any:
        """A client of the database that the variable names; each statement is a transaction of its own."""

    def read(self, client: Any, query: str, since: Any) -> Iterator[Record]:
        """Rows of a query, a page at a time; `since` is its one parameter, None where it has none."""

    def ask(self, client: Any, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""

    def change(self, client: Any, statement: str, rows: Sequence[Record]) -> None:
        """A statement whose parameter `rows` is JSON."""


class PostgreSql:
    """PostgreSQL, 15 or later, by psycopg."""

    dialect: ClassVar[Dialect] = "postgresql"

    def connect(self, connection: str) -> Any:
        import psycopg

        return psycopg.connect(setting(connection), connect_timeout=PATIENCE, autocommit=True)

    def read(self, client: Any, query: str, since: Any) -> Iterator[Record]:
        import psycopg

        with client.transaction(), psycopg.RawServerCursor(client, name="changed") as cursor:
            cursor.itersize = PAGE
            cursor.execute(query, None if since is None else [since])
            names = [column.name for column in cursor.description or ()]
            for values in cursor:
                yield dict(zip(names, map(plain, values), strict=True))

    def ask(self, client: Any, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return list(client.execute(query, parameters).fetchall())

    def change(self, client: Any, statement: str, rows: Sequence[Record]) -> None:
        client.execute(statement, {"rows": json.dumps(rows)})


class BigQuery:
    """BigQuery, by Google's client; the connection is bigquery://project, credentials are those of the workload."""

    dialect: ClassVar[Dialect] = "bigquery"

    def connect(self, connection: str) -> Any:
        from google.cloud import bigquery

        project = setting(connection).removeprefix("bigquery://").partition("/")[0]
        return bigquery.Client(project=project or None)

    def read(self, client: Any, query: str, since: Any) -> Iterator[Record]:
        parameters = {} if since is None else {"last_sync_time": since}
        for row in client.query_and_wait(query, job_config=_config(parameters), page_size=PAGE):
            yield {name: plain(value) for name, value in row.items()}

    def ask(self, client: Any, query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in client.query_and_wait(query, job_config=_config(parameters))]

    def change(self, client: Any, statement: str, rows: Sequence[Record]) -> None:
        client.query_and_wait(statement, job_config=_config({"rows": json.dumps(rows)}))


def _config(parameters: Mapping[str, Any]) -> Any:
    from google.cloud import bigquery

    return bigquery.QueryJobConfig(query_parameters=[_parameter(bigquery, name, value) for name, value in parameters.items()])


def _parameter(bigquery: Any, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return bigquery.ArrayQueryParameter(name, "STRING", value)
    types = ((dt.datetime, "TIMESTAMP"), (dt.date, "DATE"), (int, "INT64"), (str, "STRING"))
    return bigquery.ScalarQueryParameter(name, next(kind for type, kind in types if isinstance(value, type)), value)
'''
