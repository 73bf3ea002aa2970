"""Columns of tables: each engine's parser knows the types that we give it, and what is personal inside makes the column so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlglot
from random_contracts import understood
from sqlglot import exp

from generator.columns import LONGEST, TYPES, Column, columns, physical_type
from generator.graph import Graph
from generator.model import Schema

DIALECTS = {
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "mysql": "mysql",
    "oracle": "oracle",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "sqlserver": "tsql",
}
SCALARS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "short": {"type": "string", "maxLength": 20},
    "uuid": {"type": "string", "format": "uuid"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "moment": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "amount": {"type": "string", "format": "decimal"},
    "count": {"type": "integer"},
    "small": {"type": "integer", "format": "int32"},
    "large": {"type": "integer", "format": "uint64"},
    "ratio": {"type": "number"},
    "single": {"type": "number", "format": "float"},
    "flag": {"type": "boolean"},
    "thing": {"type": "object", "properties": {"name": {"type": "string"}}},
    "things": {"type": "array", "items": {"type": "string"}},
}


def graph_with(folder: Path, types: dict[str, Any]) -> Graph:
    system = {"interlock": 1, "system": {"name": "shop", "owner": "team"}, "types": types}
    return understood({"system": system, "orders": {"component": "orders"}}, folder)


def columns_of(folder: Path, types: dict[str, Any], key: tuple[str, ...] = ()) -> dict[str, Column]:
    return {each.name: each for each in columns(graph_with(folder, types), Schema(ref="Row"), key)}


@pytest.mark.parametrize("engine", sorted(DIALECTS))
def test_parsers_know_the_types(engine: str, tmp_path: Path) -> None:
    for key in ((), ("text", "short")):
        for column in columns_of(tmp_path / str(len(key)), {"Row": {"type": "object", "properties": SCALARS}}, key).values():
            spelt = physical_type(engine, column)
            assert spelt is not None
            parsed = sqlglot.parse_one(spelt, into=exp.DataType, dialect=DIALECTS[engine])
            assert parsed.this is not exp.DType.USERDEFINED, spelt


def test_every_engine_has_every_type() -> None:
    assert len({frozenset(set(types) - {"bounded", "key"}) for types in TYPES.values()}) == 1
    assert {engine for engine, types in TYPES.items() if "bounded" in types} == set(LONGEST)


def test_an_engine_that_nobody_knows_has_no_types(tmp_path: Path) -> None:
    found = columns_of(tmp_path, {"Row": {"type": "object", "properties": SCALARS}})
    assert {physical_type("abacus", each) for each in found.values()} == {None}


def test_a_text_that_is_a_key_can_be_indexed(tmp_path: Path) -> None:
    found = columns_of(tmp_path, {"Row": {"type": "object", "properties": SCALARS}}, ("text",))
    assert physical_type("mariadb", found["text"]) == "varchar(255)"
    assert physical_type("postgres", found["text"]) == "text"
    assert physical_type("mysql", found["short"]) == "varchar(20)"


def test_the_key_comes_first_in_its_own_order_and_is_always_there(tmp_path: Path) -> None:
    row = {"type": "object", "required": ["b"], "properties": {name: {"type": "string"} for name in "abcd"}}
    found = columns_of(tmp_path, {"Row": row}, ("d", "c"))
    assert [(each.name, each.position, each.is_required) for each in found.values()] == [
        ("d", 1, True),
        ("c", 2, True),
        ("b", None, True),
        ("a", None, False),
    ]


def test_what_is_protected_inside_protects_the_whole(tmp_path: Path) -> None:
    types = {
        "City": {"type": "string"},
        "Address": {"type": "object", "properties": {"city": {"$ref": "City"}, "door": {"type": "string", "x-classification": "personal"}}},
        "Node": {"type": "object", "properties": {"next": {"$ref": "Node"}, "key": {"type": "string", "x-classification": "secret"}}},
        "Row": {
            "type": "object",
            "properties": {
                "plain": {"type": "string"},
                "open": {"type": "string", "x-classification": "public"},
                "address": {"$ref": "Address"},
                "addresses": {"type": "array", "items": {"$ref": "Address"}},
                "tree": {"$ref": "Node"},
            },
        },
    }
    found = {name: each.classification for name, each in columns_of(tmp_path, types).items()}
    assert found == {"plain": None, "open": "public", "address": "personal", "addresses": "personal", "tree": "secret"}


def test_of_a_union_only_what_holds_for_each_member(tmp_path: Path) -> None:
    member = {"type": "object", "required": ["kind"]}
    kind = {"type": "string"}
    types = {
        "Card": {**member, "properties": {"kind": {**kind, "const": "card"}, "number": {"type": "string", "x-classification": "secret"}}},
        "Wire": {**member, "properties": {"kind": {**kind, "const": "wire"}, "number": {"type": "string"}}},
        "Row": {
            "oneOf": [{"$ref": "Card"}, {"$ref": "Wire"}],
            "discriminator": {"propertyName": "kind", "mapping": {"card": "Card", "wire": "Wire"}},
        },
    }
    found = columns_of(tmp_path, types)
    assert found["kind"].held.enum == ("card", "wire") and found["kind"].is_required
    assert found["number"].classification == "secret" and not found["number"].is_required
