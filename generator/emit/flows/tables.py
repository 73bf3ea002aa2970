"""SQL that makes the tables which a flow writes: destinations, quarantine, and the runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from generator import connections
from generator.beam import fields, writing
from generator.diagnostics import At
from generator.emit.flows.package import runs, statements
from generator.graph import Graph, Pipeline, StoreAccess
from generator.text import comment, generated_by


class Table(NamedTuple):
    """A table as a flow needs it."""

    name: str
    columns: dict[str, str]
    always: frozenset[str]
    """Columns that are never null."""
    key: tuple[str, ...]


def files(graph: Graph, pipeline: Pipeline) -> Iterator[tuple[PurePosixPath, str, tuple[At, ...]]]:
    """For the engine of each store, and for the one that stands in for it on one machine."""
    for access in connections.accesses(pipeline):
        found = list(_tables(graph, pipeline, access))
        if not found:
            continue
        own = connections.engine(access.store)
        header = comment(generated_by(graph.name, (pipeline.component.at,)), "--")
        for engine in sorted({own, connections.LOCAL_ENGINES.get(own, own)}):
            text = header + "".join(f"\n{each}" for each in _script(engine, found))
            yield PurePosixPath("sql", f"{access.store.name}.{engine}.sql"), text, (access.store.at,)


def _tables(graph: Graph, pipeline: Pipeline, access: StoreAccess) -> Iterator[Table]:
    """By name; a table that is two things is made as the first of them."""
    found: dict[str, Table] = {}
    for target in writing.targets(pipeline):
        if target.access == access and target.table is not None:
            row = graph.resolve(target.table.table.row)
            columns = {name: each.kind for name, each in fields.of_type(graph, row).items()}
            name = target.table.table.name
            found.setdefault(
                name, Table(name, columns, frozenset((*row.required, *target.key)), tuple(each for each in target.key if each in columns))
            )
    if pipeline.quarantine == access and pipeline.flow.quarantine is not None:
        name = pipeline.flow.quarantine.table
        columns = writing.quarantine_columns(graph, access, name)
        found.setdefault(name, Table(name, columns, frozenset(columns), ("flow", "record_key")))
    kept = connections.kept_runs(pipeline)
    if kept is not None and kept[0] == access:
        found.setdefault(kept[1], Table(kept[1], runs.COLUMNS, frozenset(runs.COLUMNS), ("run",)))
    return iter(sorted(found.values()))


def _script(engine: str, found: list[Table]) -> Iterator[str]:
    for schema in sorted({schema for each in found if (schema := each.name.rpartition(".")[0])}):
        yield f"CREATE SCHEMA IF NOT EXISTS {_quoted(engine, schema)};\n"
    for table in found:
        lines = [
            f"  {_quoted(engine, name)} {statements.TYPES[kind][engine]}{' NOT NULL' if name in table.always else ''}"
            for name, kind in table.columns.items()
        ]
        if table.key:
            keys = ", ".join(_quoted(engine, each) for each in table.key)
            # BigQuery uses a key to plan queries and does not enforce it: that is what MERGE is for.
            lines.append(f"  PRIMARY KEY ({keys}){' NOT ENFORCED' if engine == 'bigquery' else ''}")
        yield f"CREATE TABLE IF NOT EXISTS {_quoted(engine, table.name)} (\n" + ",\n".join(lines) + "\n);\n"


def _quoted(engine: str, name: str) -> str:
    """Names of tables and columns are letters, digits and underscores."""
    mark = "`" if engine == "bigquery" else '"'
    return ".".join(f"{mark}{part}{mark}" for part in name.split("."))
