"""Generated connectors capture: a real PostgreSQL, Debezium's own engine, and each row arrives as the message that the contract describes.

What is overridden, and nothing else: the address of the database, the secrets, and where the engine keeps its offsets, for
which Kafka Connect has a topic.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from flow_servers import Postgres, postgres
from jsonschema import Draft7Validator
from live_servers import free_ports

from generator.captures import CapturedStore, captured_stores
from generator.catalog import KINDS
from generator.columns import columns, physical_type
from generator.diagnostics import has_errors
from generator.graph import Graph
from generator.pipeline import emit_all, understand, with_numbers
from generator.tools import DEBEZIUM, LIBRARY, install

SCENARIO = Path(__file__).parent / "scenarios" / "change-capture" / "library"
ENGINE = Path(__file__).with_name("capture_engine.py")
KIND = "change-capture"
PATIENCE = 90
"""Seconds that a record may take; it takes a few on a quiet machine."""
USER = "reader"
"""Not the owner of the tables: a user with the rights that the generated script says are needed, and no others."""
HEARTBEATS = "__debezium-heartbeat."
Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Engine:
    """One that is running, with what it has read so far."""

    process: subprocess.Popen[str]
    lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line)

    def messages(self, number: int) -> list[Message]:
        """The next so many, but for signs of life, which have a topic of their own."""
        latest = time.monotonic() + PATIENCE
        found: list[Message] = []
        while len(found) < number:
            found += self._told(self.lines.get(timeout=latest - time.monotonic()))
        return found

    def rest(self, seconds: float) -> list[Message]:
        """What else comes for so long."""
        time.sleep(seconds)
        return [each for _ in range(self.lines.qsize()) for each in self._told(self.lines.get())]

    def _told(self, line: str) -> list[Message]:
        found = json.loads(line)
        assert "ended" not in found, found["ended"]
        return [] if found["topic"].startswith(HEARTBEATS) else [found]


@contextmanager
def running(settings: dict[str, str], log: Path) -> Iterator[Engine]:
    install(DEBEZIUM)
    environment = {**os.environ, "PYTHONPATH": str(DEBEZIUM.folder / LIBRARY)}
    command = [sys.executable, "-P", str(ENGINE)]
    with log.open("w") as told, subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None
        engine = Engine(process)
        threading.Thread(target=engine.read, daemon=True).start()
        process.stdin.write(json.dumps(settings) + "\n")
        process.stdin.flush()
        try:
            yield engine
        finally:
            process.stdin.close()


# --- what is generated ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Generated:
    """The graph, and each file by its path below the output."""

    graph: Graph
    files: dict[str, str]

    @property
    def store(self) -> CapturedStore:
        return next(each for each in captured_stores(self.graph) if each.engine.name == "postgresql")

    @property
    def stem(self) -> str:
        return f"{self.store.owner.name}.{self.store.store.name}"

    def settings(self, port: int, folder: Path) -> dict[str, str]:
        manifest = yaml.safe_load(self.files[f"{KIND}/base/{self.stem}.yaml"])
        found = {key: json.dumps(each) if isinstance(each, bool) else str(each) for key, each in manifest["spec"]["config"].items()}
        replaced = {"database.hostname": "127.0.0.1", "database.port": str(port), "database.user": USER, "database.password": "unused"}
        assert replaced.keys() <= found.keys()
        offsets = {"offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore", "offset.flush.interval.ms": "0"}
        own = {"name": manifest["metadata"]["name"], "connector.class": manifest["spec"]["class"], "tasks.max": "1"}
        return {**found, **own, **replaced, **offsets, "offset.storage.file.filename": str(folder / "offsets")}

    def validator(self, event: str) -> Draft7Validator:
        """Of the generated schema of a message; formats count."""
        return Draft7Validator(json.loads(self.files[f"messages/{event}.schema.json"]), format_checker=Draft7Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def generated() -> Generated:
    graph, found = understand(SCENARIO)
    assert graph is not None and not has_errors(found)
    kinds = [each for each in KINDS if each.name in (KIND, "messages", "asyncapi")]
    return Generated(graph, {artifact.path.as_posix(): artifact.text for _, artifact in emit_all(with_numbers(graph), kinds)})


def prepared(generated: Generated, server: Postgres) -> None:
    """The tables as the contract has them, with a column that it does not know, and the script twice."""
    store = generated.store
    for each in store.tables:
        row = columns(generated.graph, each.table.table.row, each.table.table.key)
        parts = [f'"{column.name}" {physical_type("postgresql", column)}{" NOT NULL" if column.is_required else ""}' for column in row]
        made = [*parts, '"shoe_size" integer', f'PRIMARY KEY ("{each.table.table.key[0]}")']
        server.execute(store.database, f"CREATE TABLE {store.listed(each)} ({', '.join(made)});")
    for _ in range(2):
        server.execute(store.database, generated.files[f"{KIND}/databases/{generated.stem}.sql"])
    server.execute(store.database, f"CREATE ROLE {USER} LOGIN REPLICATION; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {USER};")


# --- the test ---------------------------------------------------------------------------------------------------------

FIRST, SECOND = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
INSERT = """
INSERT INTO members (member_id, name, email, born, joined_at, fee, weight, visits, is_active, badge, opens, password, remarks, shoe_size)
VALUES ('{id}', {name}, 'ada@example.com', '1815-12-10', '2026-01-02T03:04:05.123456+01', 12.30, 61.5, 7, true, '\\x0102', '09:30:00Z', 'hunter2', NULL, 38);
"""
LONG = "(SELECT string_agg(md5(number::text), '') FROM generate_series(1, 2000) AS number)"
"""So long that PostgreSQL keeps it elsewhere and leaves it out of the log of a change that does not touch it."""
HIDDEN = ("password", "remarks", "shoe_size", "hunter2")


def test_rows_arrive_as_the_messages_of_the_contract(generated: Generated, tmp_path: Path) -> None:
    [port] = free_ports(1)
    store = generated.store
    [table] = store.tables
    options = {"listen_addresses": "127.0.0.1", "port": str(port), "wal_level": "logical"}
    with postgres([store.database], options) as server:
        prepared(generated, server)
        server.execute(store.database, INSERT.format(id=FIRST, name=LONG))
        with running(generated.settings(port, tmp_path), tmp_path / "engine.log") as engine:
            [snapshot] = engine.messages(1)
            server.execute(store.database, f"UPDATE members SET visits = 8 WHERE member_id = '{FIRST}';")
            server.execute(store.database, INSERT.format(id=SECOND, name="'Grace'"))
            server.execute(store.database, f"DELETE FROM members WHERE member_id = '{FIRST}';")
            updated, inserted, gone = engine.messages(3)
            assert engine.rest(1) == []
        with running(generated.settings(port, tmp_path), tmp_path / "engine.log") as engine:
            server.execute(store.database, f"UPDATE members SET is_active = false WHERE member_id = '{SECOND}';")
            [later] = engine.messages(1)
    told = [snapshot, updated, inserted, gone, later]
    assert {each["topic"] for each in told} == {table.topic.address} == addresses(generated, table.topic.event.name)
    assert [each["key"] for each in told] == [FIRST, FIRST, SECOND, FIRST, SECOND], "plain text"
    assert gone["value"] is None, "a tombstone, and not the word null"
    validator = generated.validator(f"{store.owner.name}/{table.topic.event.name}.v1")
    values = [json.loads(each["value"]) for each in told if each is not gone]
    for value in values:
        validator.validate(value)
        assert not [each for each in HIDDEN if each in json.dumps(value)]
    assert values[0] == {
        "member_id": FIRST, "name": values[0]["name"], "email": "ada@example.com", "born": "1815-12-10", "joined_at": "2026-01-02T02:04:05.123456Z",
        "fee": "12.30", "weight": 61.5, "visits": 7, "is_active": True, "badge": "AQI=", "opens": "09:30:00Z",
    }  # fmt: skip
    assert len(values[0]["name"]) == 64_000 and values[1] == {**values[0], "visits": 8}
    assert values[2]["name"] == "Grace" and values[3] == {**values[2], "is_active": False}


def addresses(generated: Generated, event: str) -> set[str]:
    """Where the publisher's AsyncAPI document says that the event is."""
    document = yaml.safe_load(generated.files[f"asyncapi/{generated.store.owner.name}.yaml"])
    return {each["address"] for each in document["channels"].values() if event in each.get("messages", {})}
