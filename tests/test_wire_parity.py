"""One document, four readers: what OpenAPI, JSON Schema, Pydantic and protobuf make of each example is the same."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import functools
import importlib
import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from conftest import ROOT
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from generator import envelopes, names, wire
from generator.catalog import KINDS
from generator.diagnostics import has_errors
from generator.emit import clients, messages, openapi, proto
from generator.emit.clients.bundle import class_names
from generator.graph import Graph
from generator.model import Schema
from generator.pipeline import emit_all, understand, with_numbers
from generator.protobuf import Enum, Field, Message, declared, files
from generator.reports.text import to_text
from generator.review.values import INTEGERS

SYSTEMS = sorted({path.parent for path in (ROOT / "contracts").glob("*/*.yaml")})
SCENARIOS = sorted(path.parent for path in (ROOT / "tests" / "scenarios").glob("*/*/contract.yaml") if path.parts[-3] != "refused")
SPEAKING = [folder for folder in SCENARIOS if re.search("grpc:|protobuf", (folder / "contract.yaml").read_text(encoding="utf-8"))]
FORMATS = jsonschema.FormatChecker()
LARGE = 2**53 + 1
"""The first integer that a double, and so a careless reader of JSON, takes for another."""


class Contract(NamedTuple):
    """A graph with its numbers, its generated files, and the message classes of its protos by full name."""

    graph: Graph
    folder: Path
    classes: Callable[[str], Any]


def understood(folder: Path, target: Path) -> Graph:
    contract = shutil.copytree(folder, target / "contract", ignore=shutil.ignore_patterns("output"))
    graph, found = understand(contract)
    assert graph is not None and not has_errors(found), to_text(found, lambda _: None)
    return with_numbers(graph)


@pytest.fixture(scope="module", params=[*SYSTEMS, *SPEAKING], ids=lambda folder: folder.relative_to(ROOT).as_posix())
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    folder = tmp_path_factory.mktemp("parity")
    graph = understood(request.param, folder)
    if not files(graph):
        pytest.skip("nothing of it travels as protobuf")
    for kind in (openapi, messages, proto, clients):
        for artifact in kind.emit(graph):
            path = folder / kind.__name__.rpartition(".")[2] / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text, encoding="utf-8")
    return Contract(graph, folder, compiled(folder / "proto"))


def compiled(folder: Path) -> Callable[[str], Any]:
    protos = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.proto"))]
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_imports", "--descriptor_set_out=descriptors", *protos]
    subprocess.run(command, cwd=folder, check=True)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString((folder / "descriptors").read_bytes()).file:
        pool.Add(file)
    return lambda full: message_factory.GetMessageClass(pool.FindMessageTypeByName(full))


# --- each reader ------------------------------------------------------------------------------------------------------


def test_open_api_accepts_each_example(contract: Contract) -> None:
    for interface in contract.graph.interfaces:
        if interface.http_methods:
            document = yaml.safe_load((contract.folder / "openapi" / f"{interface.id}.yaml").read_text(encoding="utf-8"))
            for reference, name in names.schema_names(contract.graph.closure(interface.schemas), interface.scope).items():
                if name in document["components"]["schemas"]:
                    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
                    for example in contract.graph.examples.get(reference, ()):
                        jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(example.value)


def test_json_schema_accepts_each_example(contract: Contract) -> None:
    for message in envelopes.messages(contract.graph):
        path = contract.folder / "messages" / message.owner.name / f"{message.name}.v{message.subject.version.major}.schema.json"
        schema = json.loads(path.read_text(encoding="utf-8"))
        for example in envelopes.examples(contract.graph, message):
            jsonschema.Draft7Validator(schema, format_checker=FORMATS).validate(example.value)


def test_pydantic_gives_each_example_back(contract: Contract) -> None:
    home = f"{names.snake(contract.graph.name)}_contracts"
    types = {reference for file in files(contract.graph) for reference in contract.graph.closure(shown(contract.graph, file.named))}
    with importable(contract.folder / "clients" / "src"):
        for module in clients.modules(contract.graph):
            loaded = importlib.import_module(f"{home}.{module.name}")
            for reference, name in class_names(contract.graph, module.owner, module.tops).items():
                for example in contract.graph.examples.get(reference, ()) if reference in types else ():
                    model: TypeAdapter[Any] = TypeAdapter(getattr(loaded, name))
                    back = model.dump_python(model.validate_python(example.value), mode="json", by_alias=True, exclude_unset=True)
                    assert instants(back) == instants(example.value), example.name


def shown(graph: Graph, named: Mapping[str, str]) -> Iterator[Schema]:
    yield from (Schema(ref=reference) for reference in named)


@contextlib.contextmanager
def importable(source: Path) -> Iterator[None]:
    """Packages of other contracts have the same name, so nothing of one may stay."""
    sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(source))
        for name in [name for name in sys.modules if name.split(".")[0].endswith("_contracts")]:
            del sys.modules[name]


INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def instants(value: Any) -> Any:
    """The document with each point in time as one, as it may be written with other digits."""
    if isinstance(value, dict):
        return {key: instants(each) for key, each in value.items()}
    if isinstance(value, list):
        return [instants(each) for each in value]
    return instant(value) if isinstance(value, str) and INSTANT.fullmatch(value) else value


def test_protobuf_gives_each_example_back(contract: Contract) -> None:
    for file in files(contract.graph):
        types = {each.full: each for each in declared(file.types)}
        for full, _, value in wire.documents(contract.graph, file):
            assert_same(contract, types, full, value)


def test_protobuf_gives_any_document_back(contract: Contract) -> None:
    """Documents that nobody wrote: large numbers, no numbers, other alphabets, nothing at all."""
    for file in files(contract.graph):
        types = {each.full: each for each in declared(file.types)}
        whole = {file.types[0].full: envelopes.message_type(contract.graph, file.message)} if file.message else {}
        shapes = whole | {full: Schema(ref=reference) for reference, full in file.named.items() if isinstance(types[full], Message)}
        for full, schema in shapes.items():
            read_any(contract=contract, types=types, full=full, strategy=documents(contract.graph, schema))


@settings(max_examples=15, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def read_any(data: st.DataObject, contract: Contract, types: wire.Types, full: str, strategy: st.SearchStrategy[Any]) -> None:
    assert_same(contract, types, full, data.draw(strategy))


def assert_same(contract: Contract, types: wire.Types, full: str, document: Any) -> None:
    message = types[full]
    assert isinstance(message, Message)
    sent = json_format.ParseDict(wire.to_proto_json(types, message, document), contract.classes(full[1:])())
    got = contract.classes(full[1:]).FromString(sent.SerializeToString())
    back = contract_json(types, message, json_format.MessageToDict(got, always_print_fields_with_no_presence=True))
    assert meaning(types, message, back) == meaning(types, message, document), full


# --- the way back, and what counts as the same ------------------------------------------------------------------------


def contract_json(types: wire.Types, message: Message, got: Any) -> Any:
    """The reverse of `wire.to_proto_json`, as an adapter at the edge of a gRPC service would have it."""
    if message.whole is not None:
        return each_of(message.whole, got[message.whole.wire], functools.partial(one, types, message.whole))
    found = {
        field.wire: each_of(field, got[field.wire], functools.partial(one, types, field)) for field in message.fields if field.wire in got
    }
    for _, field in message.one_of.members if message.one_of else ():
        if field.wire in got:
            found |= one(types, field, got[field.wire])
    return found


def each_of(field: Field, value: Any, change: Callable[[Any], Any]) -> Any:
    if field.cardinality == "repeated":
        return [change(each) for each in value]
    return {key: change(each) for key, each in value.items()} if field.cardinality == "map" else change(value)


def one(types: wire.Types, field: Field, value: Any) -> Any:
    declaration = types.get(field.type)
    if isinstance(declaration, Message):
        return contract_json(types, declaration, value)
    if isinstance(declaration, Enum):
        return {name: text for text, name in declaration.values}[value]
    if field.type in ("int64", "uint64"):
        return int(value)
    return f"PT{value.upper()}" if field.type == "google.protobuf.Duration" else value


def meaning(types: wire.Types, message: Message, document: Any) -> Any:
    """The document without what two spellings of one value, or an absent and an empty list, have different."""
    if message.whole is not None:
        return each_of(message.whole, document, functools.partial(value_of, types, message.whole))
    found = {}
    for field in message.fields:
        value = document.get(field.wire)
        if value is not None and (value or field.cardinality not in ("repeated", "map")):
            found[field.wire] = each_of(field, value, functools.partial(value_of, types, field))
    for named, field in message.one_of.members if message.one_of else ():
        if message.one_of is not None and document[message.one_of.discriminator] == named:
            found |= value_of(types, field, document)
    return found


def value_of(types: wire.Types, field: Field, value: Any) -> Any:
    declaration = types.get(field.type)
    if isinstance(declaration, Message):
        return meaning(types, declaration, value)
    if field.type == "google.protobuf.Timestamp":
        return instant(value)
    if field.type == "google.protobuf.Duration":
        return seconds(value)
    if field.type == "google.protobuf.Struct":
        return json.loads(json.dumps(value), parse_int=float)
    if field.type == "bytes":
        return base64.b64decode(value)
    return (
        repr(struct.unpack("f", struct.pack("f", value))[0])
        if field.type == "float"
        else repr(float(value))
        if field.type == "double"
        else value
    )


def instant(text: str) -> tuple[dt.datetime, Fraction]:
    whole, fraction, zone = re.fullmatch(r"(.{19})(\.\d+)?(.+)", text.upper()).groups()  # type: ignore[union-attr]  # is checked
    return dt.datetime.fromisoformat(whole + zone.replace("Z", "+00:00")), Fraction(fraction or 0)


def seconds(text: str) -> Fraction:
    parts = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?", text)
    assert parts, text
    return sum((Fraction(part) * unit for part, unit in zip(parts.groups(), (86400, 3600, 60, 1), strict=True) if part), Fraction())


# --- documents that nobody wrote --------------------------------------------------------------------------------------

JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda parts: st.lists(parts, max_size=2) | st.dictionaries(st.text(max_size=4), parts, max_size=2),
    max_leaves=3,
)
FIRST = dt.datetime(1, 1, 2, tzinfo=dt.UTC)
MOMENTS = st.integers(0, 3_652_000 * 86_400).map(lambda each: (FIRST + dt.timedelta(seconds=each)).replace(tzinfo=None).isoformat())
TEXTS: dict[str | None, st.SearchStrategy[str]] = {
    "date-time": st.builds(
        "{}{}{}".format, MOMENTS, st.sampled_from(["", ".5", ".123456789"]), st.sampled_from(["Z", "+05:30", "-11:00"])
    ).flatmap(
        lambda each: st.sampled_from([each, each.lower()])  # RFC 3339 allows both
    ),
    "duration": st.builds("P{}DT{}H{}M{}.{:09d}S".format, *(st.integers(0, most) for most in (3650, 99, 99, 99, 999_999_999))),
}
DEEPEST = 3


def documents(graph: Graph, schema: Schema, depth: int = 0) -> st.SearchStrategy[Any]:
    """Documents of the schema, as far as protobuf knows it; patterns and bounds do not matter to it."""
    resolved = graph.resolve(schema)
    if resolved.one_of:
        return st.one_of(*(documents(graph, each, depth) for each in resolved.one_of))
    if resolved.type == "array":
        assert resolved.items is not None
        return st.just([]) if depth > DEEPEST else st.lists(documents(graph, resolved.items, depth + 1), max_size=2)
    if resolved.type == "object":
        return objects(graph, resolved, depth)
    if resolved.const is not None or resolved.enum:
        return st.sampled_from(resolved.enum or (resolved.const,))
    if resolved.type == "integer":
        least, most = INTEGERS[resolved.format or "int64"]
        assert most is not None
        return st.integers(least, most) | st.sampled_from([least, most, min(most, LARGE)])
    if resolved.type == "number":
        return st.floats(allow_nan=False, allow_infinity=False, width=32 if resolved.format == "float" else 64)
    if resolved.type == "boolean":
        return st.booleans()
    return (
        st.binary(max_size=5).map(lambda each: base64.b64encode(each).decode())
        if resolved.encoding
        else TEXTS.get(resolved.format, st.text(max_size=5))
    )


def objects(graph: Graph, resolved: Schema, depth: int) -> st.SearchStrategy[dict[str, Any]]:
    if isinstance(resolved.additional, Schema):
        return (
            st.just({})
            if depth > DEEPEST
            else st.dictionaries(st.text(max_size=4), documents(graph, resolved.additional, depth + 1), max_size=2)
        )
    if not resolved.properties:
        return st.just({}) if resolved.additional is False else st.dictionaries(st.text(max_size=4), JSON, max_size=3)
    parts = {each.name: each.schema for each in resolved.properties if depth <= DEEPEST or each.name in resolved.required}
    required = {name: documents(graph, each, depth + 1) for name, each in parts.items() if name in resolved.required}
    return st.fixed_dictionaries(
        required, optional={name: documents(graph, each, depth + 1) for name, each in parts.items() if name not in required}
    )


# --- what is easily lost ----------------------------------------------------------------------------------------------

BOTH = """
interlock: 1
system: {name: shop, owner: team, envelope: none, broker: {kind: kafka}}
---
component: stock
types:
  Item: {type: object, required: [count], properties: {count: {type: integer, format: int64}}}
examples:
  many: {type: Item, value: {count: 9007199254740993}}
provides:
  items: {version: "1.0.0", http: {base: /items}, grpc: {}, operations: {putItem: {http: PUT /, request: Item}}}
publishes:
  ItemCounted: {version: "1.0.0", encoding: protobuf, payload: Item}
"""


def test_no_file_loses_a_digit(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "contract.yaml").write_text(BOTH)
    shown = {artifact.path.as_posix(): artifact.text for _, artifact in emit_all(understood(tmp_path / "in", tmp_path), KINDS)}
    holders = {path for path, text in shown.items() if str(LARGE) in text}
    assert {path.partition("/")[0] for path in holders} == {"openapi", "proto", "messages", "asyncapi"}
    assert not [path for path, text in shown.items() if re.search("900719925474099[^3]|9.007", text)]
    assert json.loads(shown["proto/shop/stock/items/v1/items.examples.json"]) == {"PutItemRequest": {"many": {"count": str(LARGE)}}}


def test_a_reader_that_loses_digits_would_be_seen(tmp_path: Path) -> None:
    """The check of the checks: with a number where a text must be, or a value left out, the documents differ."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "contract.yaml").write_text(BOTH)
    graph = understood(tmp_path / "in", tmp_path)
    file = next(each for each in files(graph) if each.service)
    types = {each.full: each for each in declared(file.types)}
    request = types[file.rpcs[0].request]
    assert isinstance(request, Message)
    assert meaning(types, request, {"count": LARGE}) != meaning(types, request, {"count": int(float(LARGE))})
    assert meaning(types, request, {"count": 0}) != meaning(types, request, {})
