"""The stores of flows start empty, answer, show transactions when they end, and end with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flow_servers import broker, cache, postgres, services

PROTO = """\
syntax = "proto3";
package test.v1;
service Echo { rpc Say(SayRequest) returns (SayResponse); }
message SayRequest { string text = 1; }
message SayResponse { string text = 1; }
"""


def test_postgres_keeps_rows_and_shows_a_transaction_when_it_ends() -> None:
    with postgres(["shop"]) as server:
        server.execute(
            "shop", "CREATE TABLE orders (id int PRIMARY KEY, at timestamptz); INSERT INTO orders VALUES (1, '2026-01-01 00:00+00');"
        )
        with server.transaction("shop", "INSERT INTO orders VALUES (2, now())"):
            assert server.value("shop", "SELECT count(*) FROM orders") == 1
        assert server.query("shop", "SELECT id FROM orders ORDER BY id") == [{"id": 1}, {"id": 2}]
        with pytest.raises(RuntimeError, match="duplicate key"):
            server.execute("shop", "INSERT INTO orders VALUES (1, now());")
        assert running(server.folder) > 0
    assert running(server.folder) == 0


def test_the_cache_forgets_what_is_over() -> None:
    with cache() as server:
        assert server.ask("SET", "a", "grüße", "PX", "40") == "OK"
        assert server.ask("SET", "b", "1") == "OK" and server.ask("INCR", "b") == 2
        assert server.ask("GET", "a") == "grüße"
        until(lambda: server.names() == ["b"])
        assert server.ask("GET", "a") is None
        with pytest.raises(RuntimeError, match="unknown command"):
            server.ask("HURRY")
    assert running(server.socket.parent) == 0


def test_services_answer_as_the_protos_say_and_refuse_as_the_test_says(tmp_path: Path) -> None:
    import grpc

    (tmp_path / "echo.proto").write_text(PROTO)
    with services(tmp_path) as server, grpc.insecure_channel(server.address) as channel:
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/test.v1.Echo/Say")
        server.answers["/test.v1.Echo/Say"] = lambda asked: asked
        assert call(b"\x0a\x02hi", timeout=10) == b"\x0a\x02hi"
        assert server.asked == [("/test.v1.Echo/Say", {"text": "hi"})]
        server.answers.clear()
        with pytest.raises(grpc.RpcError, match="UNAVAILABLE"):
            call(b"", timeout=10)


def test_the_broker_starts_without_messages() -> None:
    with broker() as server:
        assert server.address.startswith("127.0.0.1:")
        assert server.messages("orders.v1") == []


def test_servers_end_with_who_started_them() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    with subprocess.Popen([sys.executable, "-c", STARTER], env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        folders = [Path(starter.stdout.readline().strip()) for _ in range(2)]
        assert all(map(running, folders))
        starter.send_signal(signal.SIGKILL)
        starter.communicate(timeout=60)
    until(lambda: not any(map(running, folders)))
    for folder in folders:
        subprocess.run(["rm", "-r", folder], check=True)


STARTER = """\
import time
from flow_servers import cache, postgres
with postgres() as database, cache() as entries:
    print(database.folder, entries.socket.parent, sep="\\n", flush=True)
    time.sleep(600)
"""


def running(folder: Path) -> int:
    """How many processes have the folder among their arguments."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, text=True, check=True)
    return sum(str(folder) in line for line in listed.stdout.splitlines())


def until(is_so: Callable[[], bool]) -> None:
    latest = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < latest
        time.sleep(0.05)
