"""Data contracts: what is made passes both tools, and each tool refuses what is broken, in its own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import sqlglot
import yaml
from conftest import ROOT
from hypothesis import HealthCheck, Phase, given, settings
from random_contracts import Contract, systems, understood
from random_landscapes import landscapes
from sqlglot import exp

from generator.diagnostics import Diagnostic, has_errors
from generator.emit import data_contracts, flows
from generator.graph import Graph
from generator.pipeline import understand, with_numbers
from generator.prove import datacontract_lint, odcs_schema

SCENARIOS = sorted(path for path in (ROOT / "tests" / "scenarios" / "data-contracts").iterdir())
SYSTEMS = sorted(path.parent for path in (ROOT / "contracts").glob("*/system.yaml"))
RANDOM = 8
"""As many of each sort as a run has time for, always the same; others have been tried by the hundred."""
STORES = (
    "postgresql",
    "mysql",
    "bigquery",
    "mongodb",
    "redis",
    "oracle",
    "sqlserver",
    "clickhouse",
    "snowflake",
    "cassandra",
    "spanner",
    "abacus",
)
GOOD: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "shop.orders",
    "version": "1.0.0",
    "status": "active",
    "servers": [{"server": "production", "type": "bigquery", "project": "shop", "dataset": "sales"}],
    "schema": [
        {
            "name": "orders",
            "properties": [
                {"name": "id", "logicalType": "string", "primaryKey": True, "primaryKeyPosition": 1},
                {"name": "changed_at", "logicalType": "timestamp"},
            ],
            "quality": [{"id": "key", "type": "library", "metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["id"]}}],
        }
    ],
    "slaProperties": [{"property": "latency", "value": 20, "unit": "m", "element": "orders.changed_at"}],
}


def graph_of(folder: Path) -> Graph:
    graph, found = understand(folder)
    assert graph is not None and not has_errors(found)
    return with_numbers(graph)


def written(graph: Graph, folder: Path) -> list[PurePosixPath]:
    found = []
    for artifact in data_contracts.emit(graph):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
        found.append(artifact.path)
    return found


def both(folder: Path, files: list[PurePosixPath]) -> Iterator[Diagnostic]:
    assert odcs_schema.available() and datacontract_lint.available(), "make tools"
    yield from odcs_schema.prove(folder, files)
    yield from datacontract_lint.prove(folder, files)


@pytest.mark.parametrize("source", [*SYSTEMS, *SCENARIOS], ids=lambda path: path.name)
def test_what_is_made_passes(source: Path, tmp_path: Path) -> None:
    files = written(graph_of(source), tmp_path)
    assert files
    assert list(both(tmp_path, files)) == []


@pytest.mark.parametrize("source", [*SYSTEMS, *SCENARIOS], ids=lambda path: path.name)
def test_the_inventory_lists_exactly_the_contracts(source: Path, tmp_path: Path) -> None:
    files = {path.as_posix() for path in written(graph_of(source), tmp_path)}
    facts = json.loads((tmp_path / "inventory.json").read_text(encoding="utf-8"))
    listed = {each["file"] for each in facts["contracts"]}
    assert listed | {"inventory.json", "inventory.md"} == files
    assert {table["file"] for store in facts["stores"] for table in store["tables"]} == {
        each for each in listed if each.startswith("tables/")
    }


def test_systems_that_nobody_wrote_pass(tmp_path: Path) -> None:
    """Rows of any type, in stores of every engine, and events of any payload."""
    folders: list[Path] = []

    def keep(contract: Contract) -> None:
        place = tmp_path / str(len(folders))
        folders.append(place)
        written(understood(contract, tmp_path / "contracts" / str(len(folders))), place)

    @settings(max_examples=RANDOM, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(systems())
    def of_systems(contract: Contract) -> None:
        for owner, document in contract.items():
            if owner != "system":
                objects = sorted(name for name, each in document["types"].items() if "properties" in each)
                tables = {f"t{number}": {"row": name} for number, name in enumerate(objects)}
                document["stores"] = {f"{owner}-{kind}": {"kind": kind, "port": 4000, "tables": tables} for kind in STORES if tables}
        keep(contract)

    @settings(max_examples=RANDOM, phases=[Phase.generate], derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(landscapes())
    def of_landscapes(contract: Contract) -> None:
        keep(contract)

    of_systems()
    of_landscapes()
    files = sorted(PurePosixPath(path.relative_to(tmp_path)) for place in folders for path in place.rglob("*.odcs.yaml"))
    assert len(files) > 10 * RANDOM
    assert [f"{each.at.file}: {each.message}" for each in odcs_schema.prove(tmp_path, files)] == []
    assert [f"{each.at.file}: {each.message}" for each in datacontract_lint.prove(tmp_path, files[:: max(1, len(files) // 60)])] == []


def test_tables_that_flows_make_are_as_their_contracts_say(tmp_path: Path) -> None:
    """The types of columns, in SQL and in the contract; columns that are in both."""
    compared = 0
    for source in [*SYSTEMS, *SCENARIOS]:
        graph = graph_of(source)
        files = {each.path.as_posix(): each.text for each in flows.emit(graph)}
        for each in graph.tables:
            contract = tmp_path / source.name / "tables" / each.owner.name / each.store.name / f"{each.table.name}.odcs.yaml"
            if not contract.exists():
                written(graph, tmp_path / source.name)
            said = yaml.safe_load(contract.read_text(encoding="utf-8"))["schema"][0]["properties"]
            for pipeline in graph.pipelines:
                made = f"{pipeline.component.name}/{pipeline.flow.name}/sql/{each.store.name}.{each.store.kind}.sql"
                if each.owner == pipeline.component:
                    compared += agreeing(
                        files.get(made, ""), each.store.kind, each.table.name, {one["name"]: one["physicalType"] for one in said}
                    )
    assert compared > 20


def agreeing(sql: str, engine: str, table: str, said: dict[str, str]) -> int:
    """How many columns of the table were compared."""
    dialect = {"postgresql": "postgres"}.get(engine, engine)
    count = 0
    for statement in sqlglot.parse(sql, dialect=dialect):
        made = statement.this if isinstance(statement, exp.Create) and statement.kind == "TABLE" else None
        if made is None or ".".join(part.name for part in made.this.parts) != table:
            continue
        for column in made.find_all(exp.ColumnDef):
            wanted = exp.DataType.build(said[column.name], dialect=dialect)
            assert column.kind == wanted, f"{table}.{column.name}: {column.kind} and {wanted}"
            count += 1
    return count


# --- what is broken -----------------------------------------------------------------------------------------------------


def changed(*place: str | int, to: object) -> dict[str, Any]:
    """The good contract with one value changed; None takes it away."""
    document: dict[str, Any] = json.loads(json.dumps(GOOD))
    node: Any = document
    for part in place[:-1]:
        node = node[part]
    if to is None:
        del node[place[-1]]
    else:
        node[place[-1]] = to
    return document


def judged(document: dict[str, Any], folder: Path) -> tuple[list[Diagnostic], list[Diagnostic]]:
    file = PurePosixPath("orders.odcs.yaml")
    (folder / file).write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    assert datacontract_lint.available(), "make tools"
    return list(odcs_schema.prove(folder, [file])), list(datacontract_lint.prove(folder, [file]))


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert judged(GOOD, tmp_path) == ([], [])


BOTH_REFUSE = {
    "a number for a version": (("version",), 1.0, "is not of type 'string'"),
    "no status": (("status",), None, "'status' is a required property"),
    "a type that there is not": (("schema", 0, "properties", 1, "logicalType"), "datetime", "'datetime' is not one of"),
    "a server that there is not": (("servers", 0, "type"), "bigquerry", "'bigquerry' is not one of"),
    "a server without its project": (("servers", 0, "project"), None, "'project' is a required property"),
    "a metric that there is not": (("schema", 0, "quality", 0, "metric"), "rowCont", "'rowCont' is not one of"),
    "a key that nothing reads": (("sharing",), "everybody", "'sharing'"),
    "a misspelt key of a property": (("schema", 0, "properties", 1, "requird"), True, "'requird'"),
}


@pytest.mark.parametrize("what", BOTH_REFUSE)
def test_both_tools_refuse(what: str, tmp_path: Path) -> None:
    place, value, words = BOTH_REFUSE[what]
    by_schema, by_lint = judged(changed(*place, to=value), tmp_path)
    assert [words in each.message for each in by_schema] == [True]
    assert [words in each.message for each in by_lint] == [True]
    assert by_schema[0].at.line > 1 or len(place) == 1


NULLS = {"type": "library", "metric": "nullValues", "mustBe": 0}
ONLY_WE_SEE = {
    "a property twice": (("schema", 0, "properties", 1, "name"), "id", "repeated-name", '"id" is there twice'),
    "a level of no field": (
        ("slaProperties", 0, "element"),
        "orders.changedat",
        "unknown-field",
        '"orders.changedat", which is no property',
    ),
    "a rule of no field": (
        ("schema", 0, "quality", 0, "arguments", "properties"),
        ["ident"],
        "unknown-field",
        '"ident", which is no property',
    ),
    "two rules of one metric": (("schema", 0, "properties", 1, "quality"), [NULLS, NULLS], "repeated-name", '"nullValues" is there twice'),
    "a key without its first": (("schema", 0, "properties", 0, "primaryKeyPosition"), 2, "broken-key", "are [2]"),
    "who enters a server": (("servers", 0, "customProperties"), [{"property": "Password", "value": "x"}], "credentials", "Password"),
}


@pytest.mark.parametrize("what", ONLY_WE_SEE)
def test_what_the_schema_cannot_see(what: str, tmp_path: Path) -> None:
    place, value, code, words = ONLY_WE_SEE[what]
    by_schema, _ = judged(changed(*place, to=value), tmp_path)
    first = by_schema[0]
    assert first.code == f"odcs-schema/{code}" and words in first.message and first.at.line > 1


def test_no_yaml_is_told_as_such(tmp_path: Path) -> None:
    file = PurePosixPath("orders.odcs.yaml")
    (tmp_path / file).write_text("a: [", encoding="utf-8")
    assert [each.code for each in odcs_schema.prove(tmp_path, [file])] == ["odcs-schema/unreadable"]
    assert [each.code for each in datacontract_lint.prove(tmp_path, [file])] == ["datacontract/failed"]


def test_a_tool_that_does_not_get_to_its_end_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = tmp_path / "driver.py"
    driver.write_text("raise SystemExit('out of memory')", encoding="utf-8")
    monkeypatch.setattr(datacontract_lint, "DRIVER", driver)
    found = list(datacontract_lint.prove(tmp_path, [PurePosixPath("orders.odcs.yaml")]))
    assert [each.code for each in found] == ["datacontract/failed"] and "out of memory" in found[0].message
