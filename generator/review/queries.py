"""Queries only read, are the same text for every run, and give what their row says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator import lineage, queries
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, PipelineSource, StoreTable
from generator.queries import PARAMETER, SqlFault
from generator.review.schemas import a, did_you_mean

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.optimizer.scope import Scope


def _queries(graph: Graph) -> Iterator[tuple[PipelineSource, str, str]]:
    """The sources that are queries, each with its text and the kind of its store."""
    for pipeline in graph.pipelines:
        for source in pipeline.sources:
            if source.source.query is not None and source.access is not None:
                yield source, source.source.query, source.access.store.kind


def place(at: Span, text: str, offset: int = 0, width: int = 1) -> Span:
    """Where a character of a query was written; the query's own start where its lines cannot be told.

    A literal block (`query: |`) is taken to be indented by two more than its key, as everybody writes it.
    """
    row, column = text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1)
    if at.width == 1 and "\n" in text:
        key = at.column - len("query: ")
        return Span(at.file, at.line + 1 + row, max(1, key + 2 + column), width)
    if at.width in (len(text), len(text) + 2):
        return Span(at.file, at.line, at.column + (at.width - len(text)) // 2 + offset, width)
    return at


def _word(source: PipelineSource, text: str, node: exp.Expr) -> Span:
    """Where the first name in a part of a query stands."""
    from sqlglot import exp

    for each in (node, *node.find_all(exp.Identifier)):
        start, end = each.meta.get("start"), each.meta.get("end")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start <= end < len(text):
            return place(source.at["query"], text, start, end - start + 1)
    return place(source.at["query"], text)


# --- what a text may be -----------------------------------------------------------------------------------------------

INTERPOLATIONS = (
    (re.compile(r"\$\{[^}]*\}?"), "a variable of a shell or a template"),
    (re.compile(r"\{\{.*?(\}\}|$)|\{%.*?(%\}|$)"), "a template"),
    (re.compile(r"#\{[^}]*\}?|<%.*?(%>|$)"), "a template"),
    (re.compile(r"%\(\w*\)s?|%s(?!\w)"), "a place of Python's string formatting"),
    (re.compile(r"\$[0-9]+|\$[A-Za-z_]\w*(?!\w*\$)"), "a variable"),
)


def texts(graph: Graph) -> Iterator[Diagnostic]:
    """`query-with-interpolation`: a query is put together from texts, so that whoever writes one of them writes SQL.

    It is looked for inside of quotes as well, where a database would take it for text.

        query: "SELECT id FROM orders WHERE region = '${REGION}'"

    Fix: write the query whole; what differs is a column that a check or the mapping looks at, and the only parameter is `:last_sync_time`.
    """
    for source, text, _ in _queries(graph):
        taken: set[int] = set()
        for pattern, what in INTERPOLATIONS:
            for found in pattern.finditer(text):
                if found.start() not in taken:
                    taken |= set(range(*found.span()))
                    at = place(source.at["query"], text, found.start(), len(found[0]))
                    message = f'"{found[0]}" is {what}, and a query is the same for every run'
                    yield Diagnostic("query-with-interpolation", at, message, f"write the value, or :{PARAMETER} for the watermark")


def statements(graph: Graph) -> Iterator[Diagnostic]:
    """`invalid-query`, `several-statements`, `query-that-writes`, `unknown-parameter`: a query is no SQL, is more than one statement,
    does more than read, or asks for a value that nobody gives.

    It is run again and again, on a schedule and in tests: what it changes, it changes each time.

        query: "DELETE FROM orders WHERE updated_at > :last_sync_time"

    Fix: write one SELECT in the dialect of the store, without functions that do something, and with no parameter but `:last_sync_time`.
    """
    for source, text, kind in _queries(graph):
        found = queries.statements(text, kind)
        if isinstance(found, SqlFault):
            if not any(pattern.search(text) for pattern, _ in INTERPOLATIONS):
                dialect = queries.dialect(kind) or "SQL"
                at = place(source.at["query"], text, found.offset)
                yield Diagnostic("invalid-query", at, f"the query cannot be read: {found.message}", f"one SELECT, as {dialect} has it")
            continue
        if len(found) > 1:
            message = f"the query has {len(found)} statements, and a source is one"
            yield Diagnostic("several-statements", _word(source, text, found[1]), message, "one SELECT; WITH … for what comes before")
            continue
        yield from _reads(source, text, found[0])
        yield from _parameters(source, text, found[0])


SIDE_EFFECTS = frozenset(
    {
        "pg_sleep", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_read_file", "pg_read_binary_file", "pg_ls_dir", "lo_import",
        "lo_export", "lo_unlink", "dblink", "dblink_exec", "dblink_connect", "nextval", "setval", "set_config", "pg_advisory_lock",
        "pg_advisory_xact_lock", "pg_notify", "pg_logical_emit_message", "query_to_xml", "load_file", "sleep", "benchmark", "get_lock", "xp_cmdshell",
    }
)  # fmt: skip
"""Functions that do something, wait, or read what is no table."""


def _reads(source: PipelineSource, text: str, statement: exp.Expr) -> Iterator[Diagnostic]:
    from sqlglot import exp

    if not isinstance(statement, exp.Query):
        message = f"the query is {_kind(statement)}, and a source only reads"
        yield Diagnostic("query-that-writes", place(source.at["query"], text), message, "SELECT …")
        return
    writing = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command, exp.Into, exp.Alter, exp.Lock)
    for node in statement.walk():
        if isinstance(node, writing):
            what = "locks rows" if isinstance(node, exp.Lock) else "makes a table" if isinstance(node, exp.Into) else f"holds {_kind(node)}"
            yield Diagnostic("query-that-writes", _word(source, text, node), f"the query {what}, and a source only reads", "leave it out")
            return
        if isinstance(node, exp.Func):
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()
            if name in SIDE_EFFECTS:
                message = f"the query calls {name}, which does more than read"
                yield Diagnostic("query-that-writes", _word(source, text, node), message, "leave it out")


def _kind(node: exp.Expr) -> str:
    from sqlglot import exp

    name = str(node.this).upper() if isinstance(node, exp.Command) else node.key.upper()
    return f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}"


def _parameters(source: PipelineSource, text: str, statement: exp.Expr) -> Iterator[Diagnostic]:
    from sqlglot import exp

    for node in statement.find_all(exp.Placeholder, exp.Parameter):
        name = node.name or "?"
        if (isinstance(node, exp.Placeholder) and name == PARAMETER) or re.search(rf"\$\s*{re.escape(name)}", text):
            continue  # `$1` is told as interpolation
        spelt = f":{name}" if name != "?" else "?"
        offset = max(text.find(spelt), 0)
        message = f'nobody gives the query a value for "{spelt}"'
        yield Diagnostic(
            "unknown-parameter", place(source.at["query"], text, offset, len(spelt)), message, f"the only parameter is :{PARAMETER}"
        )


# --- the watermark ----------------------------------------------------------------------------------------------------


def watermarks(graph: Graph) -> Iterator[Diagnostic]:
    """`unused-watermark`, `missing-watermark`, `mismatched-watermark`: a query reads everything each time although it has a watermark,
    asks for one that it does not have, or compares it with another column or the wrong way round.

    Each run then reads too much, or misses for ever what changed while it was away.

        watermark: updated_at
        query: "SELECT id, updated_at FROM orders"

    Fix: say `watermark: updated_at`, and `WHERE updated_at > :last_sync_time` in the query.
    """
    for source, text, kind in _queries(graph):
        found = queries.query(text, kind)
        if found is None:
            continue
        offset = text.find(f":{PARAMETER}")
        watermark = source.source.watermark
        if watermark is not None and not _asks(found):
            message = f'"{watermark}" is the watermark, and the query does not ask for :{PARAMETER}: each run reads everything'
            yield Diagnostic("unused-watermark", source.at["watermark"], message, f"WHERE {watermark} > :{PARAMETER}")
        elif watermark is None and _asks(found):
            at = place(source.at["query"], text, max(offset, 0), len(PARAMETER) + 1)
            message = f"the query asks for :{PARAMETER}, and nothing says which column tells it"
            yield Diagnostic("missing-watermark", at, message, "watermark: updated_at")
        elif watermark is not None:
            yield from _compared(graph, source, text, found, watermark)


def _asks(found: exp.Query) -> bool:
    from sqlglot import exp

    return any(each.name == PARAMETER for each in found.find_all(exp.Placeholder))


def _compared(graph: Graph, source: PipelineSource, text: str, found: exp.Query, watermark: str) -> Iterator[Diagnostic]:
    from sqlglot import exp

    tables = lineage.sql_tables(graph, lineage.store_tables(graph, source))
    kind = source.access.store.kind if source.access is not None else ""
    origins = [
        column for each in queries.columns(text, kind, tables) if each.name.lower() == watermark.lower() for _, column in each.origins
    ]
    known = {each.lower() for each in (watermark, *origins)}
    for node in found.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE):
        sides = [any(each.name == PARAMETER for each in side.find_all(exp.Placeholder)) for side in (node.left, node.right)]
        if sides.count(True) != 1:
            continue
        other = node.left if sides[1] else node.right
        columns = {each.name.lower() for each in other.find_all(exp.Column)}
        if columns and not columns & known:
            message = f'the watermark is "{watermark}", and the query compares :{PARAMETER} with "{sorted(columns)[0]}"'
            yield Diagnostic(
                "mismatched-watermark", _word(source, text, other), message, f"watermark: {sorted(columns)[0]}, or compare {watermark}"
            )
        elif isinstance(other, exp.Column) and isinstance(node, (exp.GT, exp.GTE)) != sides[1]:
            message = "the query asks for what is older than the last run, not newer"
            yield Diagnostic("mismatched-watermark", _word(source, text, other), message, f"{watermark} > :{PARAMETER}")


# --- tables and columns -----------------------------------------------------------------------------------------------


def columns(graph: Graph) -> Iterator[Diagnostic]:
    """`select-star`, `unknown-table`, `unknown-column`, `ambiguous-column`, `invalid-query`: a query reads whatever there is, what there
    is not, or what two of its tables have.

    With `*` a column that somebody adds tomorrow travels along, personal or not.

        query: "SELECT * FROM orders"

    Fix: name the columns that are read, each with its table where two have it, spelt as the store's `tables` spell them, in a query that
    can be followed to them.
    """
    for source, text, kind in _queries(graph):
        found = queries.query(text, kind)
        if found is None:
            continue
        yield from _stars(source, text, found)
        tables = lineage.store_tables(graph, source)
        if tables and source.access is not None and "*" not in graph.system.lost:
            store = f"{source.access.owner.name}.{source.access.store.name}"
            for name in queries.table_names(text, kind):
                if queries.known_table(name, tables) is None and not name.startswith(("information_schema.", "pg_catalog.")):
                    offset = max(text.lower().find(name.lower()), 0)
                    message = f'"{store}" has no table "{name}"'
                    yield Diagnostic(
                        "unknown-table", place(source.at["query"], text, offset, len(name)), message, did_you_mean(name, tables)
                    )
            yield from _unknown_columns(graph, source, text, kind, tables)
        trouble = queries.qualified(text, kind, lineage.sql_tables(graph, tables))
        if isinstance(trouble, SqlFault):
            message = f"the query cannot be followed: {trouble.message}"
            yield Diagnostic("invalid-query", place(source.at["query"], text), message, "so that it is known where each column comes from")


def _stars(source: PipelineSource, text: str, found: exp.Query) -> Iterator[Diagnostic]:
    from sqlglot import exp

    if _gives_all(found, {each.alias: each.this for each in found.find_all(exp.CTE)}):
        offset = max(text.find("*"), 0)
        message = "the query gives every column that there is, and those that will be"
        yield Diagnostic("select-star", place(source.at["query"], text, offset), message, "name the columns that are read")


def _gives_all(found: exp.Expr, named: Mapping[str, exp.Expr], depth: int = 0) -> bool:
    """Whether a star of the result stands for the columns of a table; of a query that names its columns it is harmless."""
    from sqlglot import exp

    if depth > 20:
        return True
    if isinstance(found, exp.SetOperation):
        return _gives_all(found.left, named, depth + 1) or _gives_all(found.right, named, depth + 1)
    if isinstance(found, exp.Subquery):
        return _gives_all(found.this, named, depth + 1)
    if not isinstance(found, exp.Select) or not found.is_star:
        return False
    parts = [found.args.get("from_") or found.args.get("from"), *(found.args.get("joins") or ())]
    for part in parts:
        held = part.this if part is not None else None
        if isinstance(held, exp.Table) and held.name not in named:
            return True
        inner = named.get(held.name) if isinstance(held, exp.Table) else held
        if inner is not None and _gives_all(inner, named, depth + 1):
            return True
    return False


def _unknown_columns(graph: Graph, source: PipelineSource, text: str, kind: str, tables: Mapping[str, StoreTable]) -> Iterator[Diagnostic]:
    from sqlglot import exp

    seen: set[str] = set()
    for scope in queries.scopes(text, kind, lineage.sql_tables(graph, tables)):
        for column in scope.columns:
            known = _columns_of(graph, scope, column, tables)
            assert isinstance(column, exp.Column), "a scope's columns are columns"
            count = [each.lower() for each in known or ()].count(column.name.lower())
            if known is None or column.name in seen or count == 1 or column.name.lower() in queries.SYSTEM_COLUMNS:
                continue
            seen.add(column.name)
            at = _word(source, text, column.this)
            if count:
                message = f'two tables of the query have a column "{column.name}"'
                yield Diagnostic("ambiguous-column", at, message, "say of which table: " + f"{sorted(scope.sources)[0]}.{column.name}")
            else:
                message = f'no table of the query has a column "{column.name}"'
                yield Diagnostic("unknown-column", at, message, did_you_mean(column.name, known))


def _columns_of(graph: Graph, scope: Scope, column: exp.Column, tables: Mapping[str, StoreTable]) -> list[str] | None:
    """The columns that a name may mean; None where it may mean one that nothing is known of."""
    from sqlglot import exp

    is_whole = scope.parent is None and not scope.is_correlated_subquery
    if column.table and column.table not in scope.sources and is_whole:
        return []  # a table that the query does not name
    wanted = [scope.sources.get(column.table)] if column.table else list(scope.sources.values())
    if not wanted or (not column.table and not is_whole):
        return None
    found: list[str] = []
    for each in wanted:
        declared = queries.known_table(queries.table_name(each), tables) if isinstance(each, exp.Table) else None
        if declared is None:
            return None
        found += lineage.properties(graph, tables[declared].table.row)
    return found


# --- what it gives ----------------------------------------------------------------------------------------------------

FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "NVARCHAR", "NCHAR", "UUID", "NAME", "STRING"), "text"),
    **dict.fromkeys(("INT", "BIGINT", "SMALLINT", "TINYINT", "UINT", "UBIGINT", "INTEGER", "DECIMAL", "DOUBLE", "FLOAT", "REAL", "NUMERIC"), "number"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMPNTZ", "TIMESTAMPLTZ", "DATETIME", "DATE"), "time"),
    "BOOLEAN": "truth value",
}  # fmt: skip


def given(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-result`, `unused-result` (warning), `result-mismatch`: a query does not give a field of its row, gives one that the row
    does not have, or one of another type.

    The row is what checks and mapping rely on: the first record would stop the run.

        query: "SELECT id FROM orders"
        row: {type: object, properties: {id: {type: string}, total: {type: number}}}

    Fix: select what the row has under its names, `AS "orderId"` in quotes where case matters; leave out the rest; and
    `CAST(total AS numeric)`, or say another type in the row.
    """
    for source, text, kind in _queries(graph):
        row = lineage.source_fields(graph, source)
        tables = lineage.sql_tables(graph, lineage.store_tables(graph, source))
        results = {each.name: each for each in queries.columns(text, kind, tables)}
        if not results or not row or "*" in results:
            continue
        folded = {name.lower(): each for name, each in results.items()}
        for name, field in row.items():
            found = results.get(name) or folded.get(name.lower())
            if found is None:
                message = f'the query gives no "{name}", which its row has'
                related = (Related(field.at.span, "of the row"),)
                yield Diagnostic("missing-result", place(source.at["query"], text), message, did_you_mean(name, results), related=related)
            elif name not in results and queries.dialect(kind) in ("postgres", "redshift") and name != name.lower():
                message = f'the row has "{name}", and the query gives "{found.name}": without quotes its names are in lower case'
                help = f'AS "{name}", in double quotes; or name the field "{found.name}"'
                yield Diagnostic(
                    "missing-result", place(source.at["query"], text), message, help, related=(Related(field.at.span, "of the row"),)
                )
            else:
                yield from _type(graph, source, text, found, field)
        known = {each.lower() for each in row}
        for name in results:
            if name.lower() not in known:
                message = f'the query gives "{name}", which its row does not have'
                offset = max(text.lower().find(name.lower()), 0)
                yield Diagnostic(
                    "unused-result", place(source.at["query"], text, offset, len(name)), message, "leave it out", Severity.WARNING
                )


def _type(graph: Graph, source: PipelineSource, text: str, found: queries.ResultColumn, field: lineage.RecordField) -> Iterator[Diagnostic]:
    schema = graph.resolve(field.schema) if field.schema is not None else None
    if schema is None or schema.type in (None, "object", "array"):
        return
    is_decimal = schema.format == "decimal"
    gives = FAMILIES.get(found.type.partition("(")[0])
    wants = FAMILIES.get(lineage.sql_type(graph, schema))
    if gives is not None and wants is not None and gives != wants and not (is_decimal and gives == "text"):
        offset = max(text.lower().find(found.name.lower()), 0)
        message = f'the query gives "{field.name}" as {found.type.lower()}, and its row has {a(lineage.type_name(graph, schema))}'
        related = (Related(field.at.span, "of the row"),)
        at = place(source.at["query"], text, offset, len(found.name))
        yield Diagnostic("result-mismatch", at, message, "CAST(… AS …), or another type in the row", related=related)


RULES = (texts, statements, watermarks, columns, given)
