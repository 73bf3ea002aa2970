"""Queries of flows, as SQL: read for the dialect of their store, with the tables they name and where each column comes from."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.errors import ParseError
    from sqlglot.optimizer.scope import Scope

PARAMETER = "last_sync_time"
"""The one parameter that a query may have: the watermark of the last successful run."""
DIALECTS: Mapping[str, str] = {
    "postgresql": "postgres", "postgres": "postgres", "cockroachdb": "postgres", "timescaledb": "postgres", "alloydb": "postgres",
    "mysql": "mysql", "mariadb": "mysql", "oracle": "oracle", "sqlserver": "tsql", "mssql": "tsql", "sqlite": "sqlite",
    "bigquery": "bigquery", "snowflake": "snowflake", "redshift": "redshift", "clickhouse": "clickhouse", "trino": "trino",
    "databricks": "databricks", "duckdb": "duckdb", "spark": "spark", "hive": "hive",
}  # fmt: skip
"""Engine of a store to the dialect of SQL that it speaks; any other is read as plain SQL."""

STUMBLES = (RecursionError, ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What sqlglot also raises, for texts that are hardly SQL; nothing of ours runs inside."""

SYSTEM_COLUMNS = frozenset(
    {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "rowid", "rownum", "_partitiontime", "_partitiondate", "_table_suffix"}
)
"""Columns that engines have of themselves."""

Tables = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Tables by name with their columns and the SQL type of each, as far as the store says; hashable, so that a query is looked at once."""


@dataclass(frozen=True, slots=True)
class SqlFault:
    """Why a text is no query, and the character of it at which that shows."""

    message: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column that a query gives."""

    name: str
    origins: tuple[tuple[str, str], ...]
    """Tables and their columns that it is made from, in order of name; empty for a constant."""
    type: str
    """SQL type in capitals, empty where nothing says it."""


def dialect(kind: str) -> str:
    return DIALECTS.get(kind, "")


@functools.lru_cache(maxsize=4096)
def statements(text: str, kind: str) -> tuple[exp.Expr, ...] | SqlFault:
    """The statements of a text, or why it has none. Whoever gets one must not change it."""
    import sqlglot  # only where there is a query: it takes a tenth of a second
    from sqlglot.errors import ParseError, TokenError

    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # what it cannot follow is told as findings, and nowhere else
    try:
        found = tuple(each for each in sqlglot.parse(text, dialect=dialect(kind)) if each is not None)
    except ParseError as error:
        return _fault(text, error)
    except TokenError as error:
        return SqlFault("a quote or a comment is not closed") if "tokenizing" in str(error) else SqlFault("it is nested too deeply")
    except STUMBLES:
        return SqlFault("it is nothing that SQL knows")
    return found or SqlFault("it is empty")


def _fault(text: str, error: ParseError) -> SqlFault:
    """The tool's own words, without the names of its classes."""
    first = error.errors[0] if error.errors else {}
    words = re.sub(r" for <class '[^']*'>", "", str(first.get("description") or "it cannot be read")).rstrip(".")
    start, highlighted = first.get("start_context"), first.get("highlight")
    line, column = first.get("line") or 1, first.get("col") or 1
    before = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    shown = len(highlighted) if isinstance(highlighted, str) and isinstance(start, str) else 1
    return SqlFault(words, max(0, min(before + column - shown, len(text) - 1)))


def query(text: str, kind: str) -> exp.Query | None:
    """The one SELECT of a text; None where it is anything else, which a rule refuses."""
    from sqlglot import exp

    found = statements(text, kind)
    return found[0] if not isinstance(found, SqlFault) and len(found) == 1 and isinstance(found[0], exp.Query) else None


def table_name(table: exp.Table) -> str:
    """A table as the contract spells it: with its schema where the query says one."""
    return f"{table.db}.{table.name}" if table.db else table.name


def table_names(text: str, kind: str) -> tuple[str, ...]:
    """The tables that a query reads, in order of name; what it names by WITH is none."""
    from sqlglot import exp

    found = query(text, kind)
    if found is None:
        return ()
    named = {each.alias.lower() for each in found.find_all(exp.CTE)}
    tables = {table_name(each) for each in found.find_all(exp.Table) if each.name}
    return tuple(sorted(each for each in tables if each.lower() not in named))


def known_table(name: str, tables: Mapping[str, object]) -> str | None:
    """The declared table that a query means: by its whole name, or without the schema that is there by default."""
    folded = {each.lower(): each for each in tables}
    for candidate in (name.lower(), name.lower().removeprefix("public."), f"public.{name.lower()}"):
        if candidate in folded:
            return folded[candidate]
    return None


@functools.lru_cache(maxsize=4096)
def columns(text: str, kind: str, tables: Tables) -> tuple[ResultColumn, ...]:
    """What a query gives and where each column comes from; nothing for what cannot be told.

    With `SELECT *` that follows from the columns that the tables are known to have.
    """
    from sqlglot import exp

    found = scopes(text, kind, tables)
    if not found or not isinstance(found[-1].expression, exp.Query):
        return ()
    scope, select = found[-1], found[-1].expression
    is_followed = not any(_holds_rows(each.expression, each) for each in found[:-1])
    given = []
    for each in select.selects:
        inner = each.this if isinstance(each, exp.Alias) else each
        type = each.type.sql().upper() if each.type is not None and not each.is_type("unknown", "null") else ""
        is_plain = len(found) == 1
        origins = _plain_origins(inner, scope) if is_plain else _origins(each.alias_or_name, select, scope, schema_of(tables), kind)
        if not is_followed or not _is_followed(inner, scope, origins):
            origins = _everything(text, kind, tables)
        given.append(ResultColumn(each.alias_or_name, origins, type))
    return tuple(given)


def _plain_origins(part: exp.Expr, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Of a query without another inside, its columns are those of its tables."""
    from sqlglot import exp

    named = [(scope.sources.get(each.table), each.name) for each in part.find_all(exp.Column)]
    return tuple(sorted({(table_name(table), name) for table, name in named if isinstance(table, exp.Table)}))


def _is_followed(part: exp.Expr, scope: Scope, origins: tuple[tuple[str, str], ...]) -> bool:
    """Whether the origins of a result are all that there are: not so for whole rows, and for what LATERAL gives."""
    from sqlglot import exp

    named = list(part.find_all(exp.Column))
    loose = {name for name, source in scope.sources.items() if _is_lateral(source)}
    if _holds_rows(part, scope) or any(each.table in loose for each in named):
        return False
    return bool(origins or not named or part.find(exp.Exists))


def _holds_rows(part: exp.Expr, scope: Scope) -> bool:
    """Whether a table stands where a value would: `row_to_json(o)`."""
    from sqlglot import exp

    named = part.find_all(exp.Column, exp.TableColumn)
    return any(isinstance(each, exp.TableColumn) or isinstance(each.this, exp.Star) or each.name in scope.sources for each in named)


def _is_lateral(source: exp.Expr | Scope) -> bool:
    from sqlglot import exp

    expression = source if isinstance(source, exp.Expr) else source.expression
    return expression.find_ancestor(exp.Lateral) is not None or isinstance(expression, exp.Lateral)


def _everything(text: str, kind: str, tables: Tables) -> tuple[tuple[str, str], ...]:
    """Every column of every table that a query names: what cannot be followed may be any of them."""
    known = dict(tables)
    found = [(name, known_table(name, known)) for name in table_names(text, kind)]
    return tuple(sorted((name, column) for name, declared in found if declared for column, _ in known[declared]))


def scopes(text: str, kind: str, tables: Tables) -> tuple[Scope, ...]:
    """A query and those inside of it, with columns qualified by their tables and typed as far as they are known; the whole is last."""
    found = qualified(text, kind, tables)
    return found if not isinstance(found, SqlFault) else ()


@functools.lru_cache(maxsize=4096)
def qualified(text: str, kind: str, tables: Tables) -> tuple[Scope, ...] | SqlFault:
    """The scopes of a query, or why a database would not know what it names; no scope for what is no query."""
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.annotate_types import annotate_types
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import traverse_scope

    found = query(text, kind)
    if found is None:
        return ()
    known = schema_of(tables)
    try:
        whole = qualify(
            found.copy(),
            schema=known,
            dialect=dialect(kind),
            validate_qualify_columns=False,
            allow_partial_qualification=True,
            quote_identifiers=False,
        )
        return tuple(traverse_scope(annotate_types(whole, schema=known, dialect=dialect(kind))))
    except SqlglotError as error:
        words = str(error).partition("\n")[0].rstrip(".")
        if "missing source schemas" in words:
            return ()  # the store does not say which tables it has, and nobody can know
        return SqlFault(words[:1].lower() + words[1:])
    except STUMBLES:
        return SqlFault("what it names cannot be followed")


def _origins(name: str, select: exp.Query, scope: Scope, known: dict[str, object], kind: str) -> tuple[tuple[str, str], ...]:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage

    try:
        node = lineage(name, select, known, dialect=dialect(kind), scope=scope, copy=False)
    except (SqlglotError, *STUMBLES):
        return ()
    found = set()
    for each in node.walk():
        if not each.downstream and isinstance(each.expression, exp.Table):
            found.add((table_name(each.expression), each.name.rpartition(".")[2].strip('"')))
    return tuple(sorted(found))


def schema_of(tables: Tables) -> dict[str, object]:
    """Tables as sqlglot wants them: by schema where they have one. Where only some have one, all get one."""
    nested = any("." in name for name, _ in tables)
    found: dict[str, object] = {}
    for name, columns in tables:
        schema, _, own = name.rpartition(".")
        if nested:
            inner = found.setdefault(schema or "public", {})
            assert isinstance(inner, dict)
            inner[own] = dict(columns)
        else:
            found[own] = dict(columns)
    return found
