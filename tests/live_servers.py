"""Real servers of observability on loopback: Prometheus, Alertmanager and the OpenTelemetry Collector."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.live import keeper
from generator.tools import OBSERVABILITY, ToolSet, build_go, install

PINS = Path(__file__).parent / "observability"
PATIENCE = 60
"""Seconds that a server may take to be ready; on a quiet machine they need less than one."""


def build(stage: Path) -> None:
    """What `go.mod` pins. The newest Alertmanager does not build from its module, which lacks the files of its web page."""
    build_go(stage, "tool")


ALERTMANAGER = ToolSet("alertmanager", PINS, build)


@dataclass(frozen=True, slots=True)
class Server:
    """One that is running."""

    name: str
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **parameters: str) -> str:
        """What it answers; urllib's HTTPError where it refuses."""
        return _answer(f"{self.url}{path}?{urllib.parse.urlencode(parameters)}")

    def post(self, path: str, body: object = None) -> str:
        """The body as JSON."""
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        return _answer(request)

    def log(self) -> str:
        """All that it has written so far."""
        return (self.folder / f"{self.name}.log").read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Prometheus(Server):
    """With its query language."""

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series of an instant vector: `metric` has the labels, `value` the time and the value."""
        found = json.loads(self.get("/api/v1/query", query=expression))["data"]["result"]
        assert isinstance(found, list), f"no instant vector: {expression}"
        return found


def free_ports(number: int) -> list[int]:
    """Ports of loopback that nobody listens on."""
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def prometheus(folder: Path, configuration: Path, *arguments: str) -> Iterator[Prometheus]:
    """Prometheus with that configuration; what it stores, it stores in the folder."""
    [port] = free_ports(1)
    server = Prometheus("prometheus", port, folder)
    storage = [f"--storage.tsdb.path={folder / 'prometheus'}", f"--web.listen-address=127.0.0.1:{port}", "--web.enable-lifecycle"]
    command = [_binary(OBSERVABILITY, "prometheus"), f"--config.file={configuration.absolute()}", *storage, *arguments]
    with _running(server, command, f"{server.url}/-/ready"):
        yield server


@contextlib.contextmanager
def alertmanager(folder: Path, configuration: Path, *arguments: str) -> Iterator[Server]:
    """Alertmanager with that configuration, alone."""
    install(ALERTMANAGER)
    [port] = free_ports(1)
    server = Server("alertmanager", port, folder)
    storage = [f"--storage.path={folder / 'alertmanager'}", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    command = [_binary(ALERTMANAGER, "alertmanager"), f"--config.file={configuration.absolute()}", *storage, *arguments]
    with _running(server, command, f"{server.url}/-/ready"):
        yield server


@contextlib.contextmanager
def collector(
    folder: Path,
    *configurations: Path,
    health: int,
    settings: Mapping[str, object] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The collector with these configurations, later ones over earlier ones, and single settings over all.

    `health` is the port on which its health_check extension answers by these settings: `extensions::health_check::endpoint`.
    """
    server = Server("otelcol", health, folder)
    files = [f"--config=file:{each.absolute()}" for each in configurations]
    own = [f"--config=yaml:{path}: {json.dumps(value)}" for path, value in (settings or {}).items()]
    command = [_binary(OBSERVABILITY, "otelcol"), *files, *own]
    with _running(server, command, server.url, variables or {}):
        yield server


def _binary(tool_set: ToolSet, name: str) -> str:
    path = tool_set.folder / "bin" / name
    assert path.is_file(), f"{name} is not there: make tools"
    return str(path)


@contextlib.contextmanager
def _running(server: Server, command: list[str], ready: str, variables: Mapping[str, str] | None = None) -> Iterator[None]:
    """Until the end of the block, or of this process: the keeper ends the server when its own input ends."""
    server.folder.mkdir(parents=True, exist_ok=True)
    kept = subprocess.Popen(
        [sys.executable, keeper.__file__, json.dumps({server.name: command})],
        cwd=server.folder,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert kept.stdin is not None
    try:
        _wait(server, kept, ready)
        yield
    finally:
        kept.stdin.close()
        kept.wait()


def _wait(server: Server, kept: subprocess.Popen[bytes], ready: str) -> None:
    latest = time.monotonic() + PATIENCE
    while kept.poll() is None and time.monotonic() < latest:
        with contextlib.suppress(OSError):
            _answer(ready)
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.name} is not ready:\n{server.log()[-4000:]}")


def _answer(request: str | urllib.request.Request) -> str:
    """Of this machine, whatever proxy the user has for others."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as response:
        text: str = response.read().decode()
        return text
