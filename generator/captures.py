"""Change data capture: what each store's connector reads, what it calls it, and which event each row becomes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from generator import placement
from generator.columns import SAME_TYPES, Column, columns
from generator.diagnostics import At
from generator.graph import Graph, StoreAccess, StoreTable, Topic
from generator.model import Capture, Component, Environment, Store

Nesting = Literal["database.schema", "schema", "database"]


@dataclass(frozen=True, slots=True)
class Engine:
    """A database that Debezium has a connector for, and how that connector names its tables."""

    name: Literal["mysql", "postgresql", "sqlserver"]
    connector: str
    """Java class."""
    topic_names: Nesting
    """What stands between the prefix and the table in the topics that it would write by itself."""
    schema: str | None
    """Schema of a table that names none; None for an engine whose tables are in the database itself."""
    database_key: str
    keeps_history: bool
    """The log does not say what tables looked like: the connector keeps that on a topic of its own."""


ENGINES: Mapping[str, Engine] = {
    "mysql": Engine("mysql", "io.debezium.connector.mysql.MySqlConnector", "database", None, "database.include.list", True),
    "postgresql": Engine("postgresql", "io.debezium.connector.postgresql.PostgresConnector", "schema", "public", "database.dbname", False),
    "sqlserver": Engine(
        "sqlserver", "io.debezium.connector.sqlserver.SqlServerConnector", "database.schema", "dbo", "database.names", True
    ),
}
"""Those whose rows become the messages that the contract describes. Debezium reads others, too: MongoDB's keys are extended JSON,
Oracle's names are upper case, a hypertable of TimescaleDB is many tables, and MariaDB's connector is not among those proven here."""
OTHER_NAMES = {kind: same for kind, same in SAME_TYPES.items() if same in ENGINES and kind in ("mssql", "postgres")}
LONGEST_SLOT = 63
"""NAMEDATALEN of PostgreSQL, less one."""
UNCAPTURED = ("object", "array")
"""What a column holds as JSON: Debezium gives it as a text."""


@dataclass(frozen=True, slots=True)
class CapturedTable:
    """A table whose rows become messages."""

    table: StoreTable
    topic: Topic
    columns: tuple[Column, ...]
    """Those that are captured: of the key first."""

    @property
    def sources(self) -> tuple[At, ...]:
        """Where the contract says that its rows become messages."""
        capture = self.table.store.capture
        return (self.table.at, self.table.store.at, *((capture.at,) if capture else ()))

    @property
    def alias(self) -> str:
        """What it is called in a connector's settings, where a dot means something."""
        return self.table.table.name.replace(".", "-")


@dataclass(frozen=True, slots=True)
class CapturedStore:
    """A store with its connector."""

    graph: Graph
    owner: Component
    store: Store
    capture: Capture
    engine: Engine
    tables: tuple[CapturedTable, ...]

    @property
    def name(self) -> str:
        """Of the connector, and what the topics that it would write by itself begin with: `shop.ordering.orders-db`."""
        return f"{self.graph.namespace}.{self.owner.name}.{self.store.name}"

    @property
    def slot(self) -> str:
        """Name of PostgreSQL's replication slot, which is one for the whole server, and of its publication."""
        plain = self.name.replace("-", "_").replace(".", "__")
        if len(plain) <= LONGEST_SLOT and "--" not in self.name:
            return plain
        return f"{plain[: LONGEST_SLOT - 9]}_{self.digest.hex()[:8]}"

    @property
    def server_id(self) -> int:
        """What the connector calls itself among the replicas of a MySQL server; from 1 on, in 32 bits."""
        return int.from_bytes(self.digest[:4], "big") // 2 + 1

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.name.encode()).digest()

    @property
    def history_topic(self) -> str:
        """Where a connector that must know keeps what the tables looked like."""
        return f"{self.name}.schema-history"

    @property
    def database(self) -> str:
        return placement.database(self.store)

    @property
    def at(self) -> At:
        return self.store.at

    @property
    def sources(self) -> tuple[At, ...]:
        """Everything in the contract that decides how it is captured."""
        header = self.graph.system.header
        places = [each.place.at for each in (self.store, header.broker) if each is not None and each.place is not None]
        of_system = (header.at, *((header.broker.at,) if header.broker else ()))
        found = [self.store.at, self.owner.at, self.capture.at, *of_system, *places]
        for each in self.tables:
            row = each.table.table.row
            found += [each.table.at, each.topic.at, *(self.graph.types[name].at for name in self.graph.closure([row]))]
        return tuple(found)

    def schema(self, table: CapturedTable) -> tuple[str, str]:
        """Schema, or database where there are none, and bare name."""
        schema, _, name = table.table.table.name.rpartition(".")
        return schema or self.engine.schema or self.database, name

    def listed(self, table: CapturedTable) -> str:
        """The table as lists of tables have it."""
        return ".".join(self.schema(table))

    def raw_topic(self, table: CapturedTable) -> str:
        """Where the connector would write by itself."""
        within = [self.database] if self.engine.topic_names == "database.schema" else []
        return ".".join([self.name, *within, *self.schema(table)])


def captured_stores(graph: Graph) -> tuple[CapturedStore, ...]:
    """Stores with capture, as far as rows of theirs become events; by owner and name."""
    return tuple(found for access in graph.accesses if (found := _captured(graph, access)) is not None)


def captured_topics(graph: Graph) -> Mapping[str, CapturedTable]:
    """Events that are rows of a table, by their id: a message of theirs without a value says that the row is gone."""
    return {each.topic.id: each for store in captured_stores(graph) for each in store.tables}


def engine_of(store: Store) -> Engine | None:
    return ENGINES.get(OTHER_NAMES.get(store.kind, store.kind))


def _captured(graph: Graph, access: StoreAccess) -> CapturedStore | None:
    engine, capture = engine_of(access.store), access.store.capture
    if access.use is not None or capture is None or engine is None:
        return None
    tables = tuple(_tables(graph, access))
    return CapturedStore(graph, access.owner, access.store, capture, engine, tables) if tables else None


def _tables(graph: Graph, access: StoreAccess) -> Iterator[CapturedTable]:
    for table in own_tables(graph, access):
        topic = topic_of(graph, table)
        if topic is not None:
            left_out = excluded(access.store, table)
            found = columns(graph, table.table.row, table.table.key)
            yield CapturedTable(table, topic, tuple(each for each in found if each.name not in left_out))


def own_tables(graph: Graph, access: StoreAccess) -> Iterator[StoreTable]:
    return (each for each in graph.tables if each.owner.name == access.owner.name and each.store.name == access.store.name)


def topic_of(graph: Graph, table: StoreTable) -> Topic | None:
    """The event that tells each change of a row."""
    return next((each for each in graph.topics if each.id == f"{table.owner.name}.{table.table.captured_as}"), None)


def excluded(store: Store, table: StoreTable) -> frozenset[str]:
    """Columns of a table that are left out."""
    split = [each.rpartition(".") for each in (store.capture.exclude if store.capture else ())]
    return frozenset(column for name, _, column in split if name == table.table.name)


def bootstrap(graph: Graph, environment: Environment) -> str:
    """Where Kafka is first asked for, as a client of another namespace must spell it."""
    if environment.brokers:
        return ",".join(re.sub(r"^.*://", "", each) for each in environment.brokers)
    broker = graph.system.header.broker
    assert broker is not None, "review refuses a capture without Kafka"
    namespace = (broker.place.namespace if broker.place else None) or placement.namespace_of(graph, environment)
    return f"{broker.kind}.{namespace}.svc.{placement.CLUSTER_DOMAIN}:{placement.BROKER_PORTS[broker.kind]}"


def host(graph: Graph, store: Store, environment: Environment) -> str:
    """Where a store is reached from another namespace."""
    if store.host is not None:
        return store.host
    namespace = (store.place.namespace if store.place else None) or placement.namespace_of(graph, environment)
    return f"{store.name}.{namespace}.svc.{placement.CLUSTER_DOMAIN}"
