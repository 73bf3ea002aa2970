"""Keeps servers for another process, and ends them with it; run as a program, since only that outlives a starter that is killed."""

from __future__ import annotations

import json
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def keep(commands: dict[str, Sequence[str]]) -> None:
    """Run servers until the standard input ends or one of them does, then end them, the last one first."""
    servers: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with Path(f"{name}.log").open("wb") as log:
                servers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        while all(server.poll() is None for server in servers):
            if select.select([sys.stdin], [], [], 0.2)[0]:
                break
    finally:
        for server in reversed(servers):  # the apiserver hangs where etcd has gone
            server.terminate()
            try:
                server.wait(15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


if __name__ == "__main__":
    # Whoever ends all processes of a job ends this one, too: then the servers go first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    keep(json.loads(sys.argv[1]))
