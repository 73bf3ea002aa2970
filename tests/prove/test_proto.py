"""Protobuf files are accepted by the real tools whatever the contract says, and the tools refuse each kind of broken file."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from random_contracts import Contract, contracts, understood

from generator.diagnostics import Diagnostic, has_errors
from generator.emit import proto
from generator.graph import Graph
from generator.pipeline import understand, with_numbers
from generator.prove import buf_format, buf_lint, proto_json, protoc
from generator.reports.text import to_text

PROVERS = (protoc, buf_lint, buf_format, proto_json)
SYSTEMS = sorted({path.parent for path in (ROOT / "contracts").glob("*/*.yaml")})
SCENARIOS = sorted(path.parent for path in (ROOT / "tests" / "scenarios").glob("*/*/contract.yaml") if path.parts[-3] != "refused")
CONTRACT = """
interlock: 1
system: {name: shop, owner: team}
---
component: stock
types:
  Level: {type: string, enum: [low, high]}
  Item: {type: object, required: [sku], properties: {sku: {type: string}, count: {type: integer, format: int64}, level: {$ref: Level}}}
examples:
  cup: {type: Item, value: {sku: CUP, count: 9007199254740993, level: low}}
provides:
  items: {version: "1.0.0", grpc: {}, operations: {getItem: {parameters: {sku: {type: string, required: true}}, response: Item}}}
"""
PROTO = PurePosixPath("shop/stock/items/v1/items.proto")
EXAMPLES = PROTO.with_suffix(".examples.json")
BUF = PurePosixPath("buf.yaml")
BROKEN: dict[str, tuple[ModuleType, PurePosixPath, str, str, str, str]] = {
    "a line that does not end": (protoc, PROTO, 'syntax = "proto3";', 'syntax = "proto3"', 'Expected ";"', "package"),
    "a type that is not there": (protoc, PROTO, "string sku = 1;", "Text sku = 1;", '"Text" is not defined', "Text sku"),
    "a number twice": (protoc, PROTO, "count = 2;", "count = 1;", "Field number 1 has already been used", "count = 1"),
    "a number that is gone": (protoc, PROTO, "GetItemResponse {\n", "GetItemResponse {\n  reserved 2;\n", "reserved number 2", "reserved"),
    "a number of protobuf's own": (protoc, PROTO, "count = 2;", "count = 19000;", "reserved for the protocol buffer library", ""),
    "a warning": (protoc, PROTO, "\noption go", '\nimport "google/protobuf/struct.proto";\n\noption go', "unused", "import"),
    "a value without its enum": (buf_lint, PROTO, "LEVEL_LOW", "LOW", "should be prefixed with", "  LOW"),
    "a field in another case": (buf_lint, PROTO, "string sku", "string SkU", "should be lower_snake_case", "SkU"),
    "a service of another name": (buf_lint, PROTO, "service ItemsService", "service Items", "should be suffixed with", "service Items"),
    "a package of another folder": (buf_lint, PROTO, "package shop.stock", "package shop.stick", "must be within a directory", "package"),
    "no protobuf at all": (buf_lint, PROTO, "message GetItemRequest", "massage GetItemRequest", "unexpected message field at", "massage"),
    "another version of Buf": (buf_lint, BUF, "version: v2", "version: v9", "buf.yaml", ""),
    "another layout": (buf_format, PROTO, "  string sku = 1;", "    string sku = 1;", "not laid out", "    string sku"),
    "another version of Buf's layout": (buf_format, BUF, "version: v2", "version: v9", "buf.yaml", ""),
    "an example of another type": (proto_json, EXAMPLES, '"9007199254740993"', '"many"', "GetItemResponse: ", '"cup"'),
    "an example of another enum": (proto_json, EXAMPLES, "LEVEL_LOW", "LEVEL_LOWER", "LEVEL_LOWER", '"cup"'),
    "an example that knows more": (proto_json, EXAMPLES, '"sku"', '"SKU"', '"SKU"', '"cup"'),
    "an example of null": (proto_json, EXAMPLES, '"LEVEL_LOW"', "null", ".level is lost", '"cup"'),
    "an example of nothing": (proto_json, EXAMPLES, '"GetItemResponse"', '"GetItemAnswer"', "GetItemAnswer", '"cup"'),
    "an example of no protobuf": (proto_json, PROTO, "syntax", "sintax", "items.proto", ""),
}
"""Who refuses what file, once what is something else, in which words, and at which line; where the tool names none, at the first."""


@pytest.mark.parametrize("folder", [*SYSTEMS, *SCENARIOS], ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_every_contract_is_accepted(folder: Path, tmp_path: Path) -> None:
    contract = shutil.copytree(folder, tmp_path / "contract", ignore=shutil.ignore_patterns("output"))
    graph, found = understand(contract)
    assert graph is not None and not has_errors(found), to_text(found, lambda _: None)
    files = emitted(with_numbers(graph), tmp_path / "proto")
    assert list(refusals(tmp_path / "proto", files)) == []
    assert files or (folder.parent.name != "proto" and folder not in SYSTEMS), "nothing was asked"


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_refused(fault: str, tmp_path: Path) -> None:
    prover, path, good, bad, words, place = BROKEN[fault]
    (tmp_path / "contract").mkdir()
    (tmp_path / "contract" / "contract.yaml").write_text(CONTRACT)
    graph, _ = understand(tmp_path / "contract")
    assert graph is not None
    stage = tmp_path / "proto"
    files = emitted(with_numbers(graph), stage)
    assert list(refusals(stage, files)) == []
    text = (stage / path).read_text()
    assert good in text
    text = text.replace(good, bad, 1)
    (stage / path).write_text(text)
    found = list(prover.prove(stage, files))
    line = text[: text.index(place)].count("\n") + 1
    assert [each for each in found if words in each.message and (each.at.file, each.at.line) == (str(path), line)], found


def test_nothing_is_asked_where_nobody_speaks_protobuf(tmp_path: Path) -> None:
    assert list(protoc.prove(tmp_path, [])) == []
    assert list(proto_json.prove(tmp_path, [PROTO])) == []


@settings(
    max_examples=100, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(contract=contracts())
def write_one(contract: Contract, stage: Path, count: Iterator[int]) -> None:
    """The protos of one random system, in packages of its own, so that the tools are asked once for all."""
    named = copy.deepcopy(contract)
    named["system"]["system"]["name"] = f"system-{next(count)}"
    folder = stage.parent / "contract"
    graph = understood(named, folder)
    assert with_numbers(graph) == graph, "what was numbered stays as it is"
    emitted(graph, stage)


def test_random_contracts_are_accepted(tmp_path: Path) -> None:
    stage = tmp_path / "proto"
    write_one(stage=stage, count=iter(range(10_000)))
    files = [PurePosixPath(path.relative_to(stage)) for path in sorted(stage.rglob("*.proto"))]
    assert len(files) > 200
    assert list(refusals(stage, files)) == []


def emitted(graph: Graph, stage: Path) -> list[PurePosixPath]:
    artifacts = list(proto.emit(graph))
    for artifact in artifacts:
        (stage / artifact.path).parent.mkdir(parents=True, exist_ok=True)
        (stage / artifact.path).write_text(artifact.text, encoding="utf-8", newline="\n")
    return [artifact.path for artifact in artifacts]


def refusals(stage: Path, files: list[PurePosixPath]) -> Iterator[Diagnostic]:
    for prover in PROVERS if files else ():
        assert prover.available(), prover.TOOL
        yield from prover.prove(stage, files)
