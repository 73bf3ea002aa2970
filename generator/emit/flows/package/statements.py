"""The module statements of the provider package, word for word, with the types that tables are made with too."""

TYPES = {
    "uuid": {"postgresql": "uuid", "bigquery": "STRING"},
    "text": {"postgresql": "text", "bigquery": "STRING"},
    "integer": {"postgresql": "bigint", "bigquery": "INT64"},
    "number": {"postgresql": "double precision", "bigquery": "FLOAT64"},
    "decimal": {"postgresql": "numeric", "bigquery": "NUMERIC"},
    "boolean": {"postgresql": "boolean", "bigquery": "BOOL"},
    "date": {"postgresql": "date", "bigquery": "DATE"},
    "timestamp": {"postgresql": "timestamptz", "bigquery": "TIMESTAMP"},
    "json": {"postgresql": "jsonb", "bigquery": "JSON"},
}
"""What a kind of field is in each dialect."""
_ENTRIES = "".join(
    f'    "{kind}": {{"postgresql": "{each["postgresql"]}", "bigquery": "{each["bigquery"]}"}},\n' for kind, each in TYPES.items()
)

TEXT = "".join(
    (
        r'''# ruff: noqa: S608 - names are quoted, and values are parameters
"""SQL in the two dialects that flows write: one builder for each statement, so that PostgreSQL and BigQuery do the same."""

from collections.abc import Mapping, Sequence
from typing import Literal

Dialect = Literal["postgresql", "bigquery"]
TYPES: dict[str, dict[Dialect, str]] = {
''',
        _ENTRIES,
        r'''}


def quoted(dialect: Dialect, name: str) -> str:
    """An identifier, or several with dots between them."""
    mark = '"' if dialect == "postgresql" else "`"
    return ".".join(f"{mark}{part}{mark}" for part in name.replace(mark, "").split("."))


def merge(
    dialect: Dialect,
    table: str,
    columns: Mapping[str, str],
    key: Sequence[str],
    version: str | None = None,
    gone: str | None = None,
    only_new: bool = False,
) -> str:
    """Rows, which are one parameter in JSON, into a table by key: again is harmless, and what is not newer changes nothing.

    `gone` is a field beside the columns: true for a row that is deleted. With `only_new` a row that is there stays.
    """
    names = [quoted(dialect, name) for name in columns]
    same = " AND ".join(f"t.{quoted(dialect, name)} = s.{quoted(dialect, name)}" for name in key) or "FALSE"
    changed = [quoted(dialect, name) for name in columns if name not in key]
    is_newer = f" AND s.{quoted(dialect, version)} > t.{quoted(dialect, version)}" if version else ""
    lines = [f"MERGE INTO {quoted(dialect, table)} AS t", f"USING {_given(dialect, columns, gone)}", f"ON {same}"]
    if gone:
        lines.append(f"WHEN MATCHED AND s.{quoted(dialect, gone)} THEN DELETE")
    if changed and not only_new:
        lines.append(f"WHEN MATCHED{is_newer} THEN UPDATE SET {', '.join(f'{name} = s.{name}' for name in changed)}")
    is_there = f" AND NOT COALESCE(s.{quoted(dialect, gone)}, FALSE)" if gone else ""
    lines.append(f"WHEN NOT MATCHED{is_there} THEN INSERT ({', '.join(names)}) VALUES ({', '.join(f's.{name}' for name in names)})")
    return "\n".join(lines)


def _given(dialect: Dialect, columns: Mapping[str, str], gone: str | None) -> str:
    read = {**columns, **({gone: "boolean"} if gone else {})}
    if dialect == "postgresql":
        typed = ", ".join(f"{quoted(dialect, name)} {TYPES[kind][dialect]}" for name, kind in read.items())
        return f"jsonb_to_recordset(%(rows)s::jsonb) AS s({typed})"
    values = ", ".join(f"{_from_json(name, kind)} AS {quoted(dialect, name)}" for name, kind in read.items())
    return f"(SELECT {values} FROM UNNEST(JSON_QUERY_ARRAY(PARSE_JSON(@rows, wide_number_mode => 'round'))) AS r) AS s"


def _from_json(name: str, kind: str) -> str:
    path = f"'$.{name}'"
    return f"JSON_QUERY(r, {path})" if kind == "json" else f"CAST(JSON_VALUE(r, {path}) AS {TYPES[kind]['bigquery']})"


def found(dialect: Dialect, table: str, column: str, take: str) -> str:
    """Values of a column, as text, with what stands beside them: for those of a parameter that is a list of texts."""
    name, text = quoted(dialect, column), "text" if dialect == "postgresql" else "STRING"
    wanted = "= ANY(%(wanted)s)" if dialect == "postgresql" else "IN UNNEST(@wanted)"
    as_text = f"CAST({name} AS {text})"
    return f"SELECT DISTINCT {as_text}, {quoted(dialect, take)} FROM {quoted(dialect, table)} WHERE {as_text} {wanted}"


def last_run(dialect: Dialect, table: str) -> str:
    """Watermarks of the last run of a flow that succeeded."""
    flow = "%(flow)s" if dialect == "postgresql" else "@flow"
    return f"SELECT watermarks FROM {quoted(dialect, table)} WHERE flow = {flow} AND succeeded ORDER BY ended_at DESC LIMIT 1"
''',
    )
)
