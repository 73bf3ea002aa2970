"""The instrument: a program in Go that runs a mesh of real Envoys on loopback, and what it is asked and answers."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote

from generator.tools import ENVOY, MESH

STOCK_ENVOY = {"PILOT_ENABLE_ALPN_FILTER": "false", "PILOT_ENABLE_METADATA_EXCHANGE": "false", "PILOT_DISABLE_MX_ALPN": "true"}
"""An Envoy from upstream has none of Istio's own filters: the generator must not ask for them."""
PLAIN = {"XDS_AUTH_PLAINTEXT": "true"}
"""Proxies say who they are without TLS: all of this is one user's, on Unix sockets."""
PATIENCE = 30.0
"""Seconds after which a probe is given up: far beyond every shortened wait."""
RESERVED = 61_007
"""A port that each lab holds in its part of the loopback network, so that no two have the same one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a server answers one try; times are seconds."""

    status: int = 0
    """Of HTTP; 0 is 200."""
    grpc: int = 0
    """Of gRPC; 0 is OK."""
    delay: float = 0
    reset: bool = False
    """The stream ends without an answer."""
    messages: int = 0
    """Of a stream of answers; 0 is one."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """TLS of a probe."""

    identity: str = ""
    """SPIFFE identity of the client; empty: no certificate."""
    server_name: str = ""
    verified: bool = False
    """The server must show a certificate for that name."""
    outdated: bool = False
    """Nothing newer than TLS 1.1 is offered."""


@dataclass(frozen=True, slots=True)
class Token:
    """A JSON Web Token (RFC 7519) with `exp` and `iat`, signed by the issuer or, forged, by nobody known."""

    claims: Mapping[str, Any]
    forged: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """One question and how it is to be answered."""

    kind: Literal["http1", "http2", "grpc", "tcp"]
    address: str
    """`127.9.0.1:8080`."""
    host: str = ""
    method: str = "GET"
    path: str = "/"
    source: str = ""
    """Address that it comes from; empty: any."""
    tls: Handshake | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    token: Token | None = None
    messages: int = 0
    replies: tuple[Reply, ...] = ()
    """The last is the answer to all further tries."""
    wait: float = 0
    """Seconds before it."""
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class Try:
    """A request that has come through to a server."""

    server: str
    after: float
    """Seconds since the probe began."""
    caller: str
    """Identity that the server's proxy vouches for."""
    host: str
    messages: int


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a probe."""

    status: int
    """Of HTTP; 0: no answer."""
    grpc: int
    """Of gRPC; -1: none."""
    seconds: float
    error: str
    body: str
    messages: int
    tries: tuple[Try, ...]

    @property
    def is_answered(self) -> bool:
        """By the server, and well."""
        return self.status in range(200, 300) and self.grpc in (-1, 0) and bool(self.tries)

    @property
    def shown(self) -> str:
        """`504 after 1.00 s, 3 tries`."""
        said = f"gRPC {self.grpc}" if self.grpc > 0 else str(self.status) if self.status else "no answer"
        count = len(self.tries)
        return f"{said} after {self.seconds:.2f} s, {count} {'try' if count == 1 else 'tries'}"


@dataclass(frozen=True, slots=True)
class Plan:
    """A mesh: its configuration as a file of YAML, the proxies, the servers behind and beside them."""

    trust_domain: str
    objects: str
    proxies: tuple[Mapping[str, Any], ...]
    servers: tuple[Mapping[str, Any], ...]
    forwards: tuple[Mapping[str, str], ...]
    certificates: tuple[Mapping[str, str], ...]


class LabFailed(Exception):
    """The instrument could not do what was asked; the message has its words."""


class Lab:
    """One running mesh. It ends with this process, however that ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Sockets, logs and Envoys' configuration; a short path, as sockets have at most 107 characters."""
        self._process: subprocess.Popen[str] | None = None
        self._count = 0

    def __enter__(self) -> Self:
        with (self.folder / "mesh-lab.log").open("w") as log:
            # An interrupt from the keyboard reaches this process, which then ends the input of that one.
            self._process = subprocess.Popen(
                [str(MESH.folder / "bin" / "mesh-lab")],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **STOCK_ENVOY, **PLAIN},
                encoding="utf-8",
                start_new_session=True,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None and self._process.stdout is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()

    def keys(self) -> str:
        """The key set (RFC 7517) of the issuer of tokens."""
        return str(self._asked({"keys": True})["keys"])

    def start(self, plan: Plan) -> list[str]:
        """Everything up and configured; what a proxy refuses of its configuration, in its words."""
        envoy = str(ENVOY.folder / "lib" / "envoy" / "_bin" / "envoy")
        return list(self._asked({"start": {**asdict(plan), "folder": str(self.folder), "envoy": envoy}})["started"]["rejected"])

    def ask(self, probes: Iterable[Probe], parallel: int = 32) -> list[Result]:
        """Side by side."""
        return [results[0] for results in self.ask_in_turn([[each] for each in probes], parallel)]

    def ask_in_turn(self, sequences: Sequence[Sequence[Probe]], parallel: int = 32) -> list[list[Result]]:
        """Each sequence one by one, the sequences side by side."""
        numbered = [[{"id": self._number(), **asdict(each)} for each in sequence] for sequence in sequences]
        if not numbered:
            return []
        answered = self._asked({"run": {"parallel": parallel, "sequences": numbered}})["results"]
        return [[_result(each) for each in sequence or ()] for sequence in answered]

    def statistic(self, proxy: str, wanted: str) -> int:
        """What a proxy has counted, all counters and gauges together whose names match a regular expression (RE2)."""
        connection = HTTPConnection("envoy", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(str(self.folder / f"admin-{proxy}"))
        with contextlib.closing(connection):
            connection.request("GET", f"/stats?filter={quote(wanted)}")
            lines = connection.getresponse().read().decode().splitlines()
        return sum(int(value) for _, _, value in (line.rpartition(": ") for line in lines) if value.isdigit())

    def _number(self) -> str:
        self._count += 1
        return str(self._count)

    def _asked(self, request: Mapping[str, Any]) -> dict[str, Any]:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise LabFailed((self.folder / "mesh-lab.log").read_text(errors="replace")[-2000:])
        answered: dict[str, Any] = json.loads(line)
        if "error" in answered:
            raise LabFailed(answered["error"])
        return answered


def _result(said: Mapping[str, Any]) -> Result:
    tries = tuple(Try(**each) for each in said["tries"] or ())
    return Result(said["status"], said["grpc"], said["seconds"], said.get("error", ""), said["body"], said["messages"], tries)


@contextlib.contextmanager
def addresses() -> Iterator[Iterator[str]]:
    """Addresses of the loopback network (RFC 1122, 3.2.1.3) that no other lab on this machine has while this lasts."""
    while True:
        network = secrets.randbelow(254) + 1
        try:
            held = socket.create_server((f"127.{network}.255.254", RESERVED))
        except OSError:
            continue
        with held:
            yield (f"127.{network}.{number // 250}.{number % 250 + 1}" for number in range(250 * 250))
        return
