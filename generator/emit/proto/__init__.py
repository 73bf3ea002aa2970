"""proto: a buf v2 module with a package for each interface that is offered over gRPC, and for each message in protobuf."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from generator import wire
from generator.artifact import Artifact
from generator.emit.proto.printer import Printer
from generator.field_numbers import lookup, reserved
from generator.graph import Graph
from generator.protobuf import Enum, Field, File, Message, declared, files
from generator.text import generated_by, to_json, to_yaml

VERSIONED = re.compile(r".*\.v[1-9]\d*(test\w*|(p[1-9]\d*)?(alpha|beta)([1-9]\d*)?)?")
"""Last part of a package, as Buf's rule PACKAGE_VERSION_SUFFIX wants it."""
SNAKE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")
RULES: dict[str, Callable[[File], bool]] = {
    "PACKAGE_VERSION_SUFFIX": lambda file: not VERSIONED.fullmatch(file.package),
    "PACKAGE_LOWER_SNAKE_CASE": lambda file: not all(map(SNAKE.fullmatch, file.package.split("."))),
    "SERVICE_SUFFIX": lambda file: file.service is not None and not file.service.endswith("Service"),
    "SERVICE_PASCAL_CASE": lambda file: file.service is not None and not PASCAL.fullmatch(file.service),
    "RPC_PASCAL_CASE": lambda file: not all(PASCAL.fullmatch(each.method.grpc_name or "") for each in file.rpcs),
    "MESSAGE_PASCAL_CASE": lambda file: not all(PASCAL.fullmatch(each.name) for each in declared(file.types) if isinstance(each, Message)),
    "ENUM_PASCAL_CASE": lambda file: not all(PASCAL.fullmatch(each.name) for each in declared(file.types) if isinstance(each, Enum)),
    "FIELD_LOWER_SNAKE_CASE": lambda file: not all(SNAKE.fullmatch(field.name) for field in _fields(file)),
}
"""Lint rules that a name may break when the contract says it, because it is in the wild already."""


def emit(graph: Graph) -> Iterator[Artifact]:
    """`buf.yaml`, `buf.gen.yaml` and a .proto file for each package; nothing where nobody speaks protobuf."""
    found = files(graph)
    if not found:
        return
    whole = (graph.system.header.at,)
    header = generated_by(graph.name, whole)
    yield Artifact(PurePosixPath("buf.yaml"), to_yaml(_module(found), header), whole)
    yield Artifact(PurePosixPath("buf.gen.yaml"), to_yaml(GENERATE, f"{header}\n\n{HOW_TO_GENERATE}"), whole)
    numbers, lost = lookup(graph), reserved(graph)
    for file in found:
        yield Artifact(file.path, Printer.of(graph, file, numbers, lost).text(), file.sources)
        if examples := wire.examples(graph, file):
            yield Artifact(file.path.with_suffix(".examples.json"), to_json(examples), file.sources)


def _module(found: tuple[File, ...]) -> dict[str, Any]:
    lint: dict[str, Any] = {"use": ["STANDARD"]}
    excepted = {rule: [str(file.path) for file in found if breaks(file)] for rule, breaks in RULES.items()}
    if any(excepted.values()):
        lint["ignore_only"] = {rule: paths for rule, paths in excepted.items() if paths}
    return {"version": "v2", "modules": [{"path": "."}], "lint": lint, "breaking": {"use": ["FILE"]}}


HOW_TO_GENERATE = """\
Go: `buf generate`, with protoc-gen-go and protoc-gen-go-grpc on the path.
Python: `python -m grpc_tools.protoc -I. --python_out=gen --pyi_out=gen --grpc_python_out=gen $(find * -name '*.proto')`."""
GENERATE = {
    "version": "v2",
    "clean": True,
    "plugins": [
        {"local": "protoc-gen-go", "out": "gen/go", "opt": ["paths=source_relative"]},
        {"local": "protoc-gen-go-grpc", "out": "gen/go", "opt": ["paths=source_relative"]},
    ],
}


def _fields(file: File) -> Iterator[Field]:
    for each in declared(file.types):
        if isinstance(each, Message):
            yield from each.all_fields
