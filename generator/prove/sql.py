"""sqlglot: SQL that only makes tables, in the dialect that its file's name says, and those tables are what the pipeline beside it writes."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span
from generator.prove import beam
from generator.prove.openapi_spec import place
from generator.queries import dialect

if TYPE_CHECKING:
    from sqlglot import Token, exp

TOOL = "sqlglot"
PROVES = (
    "each file of SQL is read whole in its engine's dialect and only makes tables, with the columns and the key that the pipeline writes by"
)
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

DEFINITIONS = "sql"
"""Folder beside a pipeline."""
MAKING = ("Create", "Comment", "Alter")
"""Statements that a definition of tables is made of, as sqlglot calls them."""
MERGING = "MergeRows"
"""How the type of a step begins that writes by key."""


@dataclass(frozen=True, slots=True)
class MadeTable:
    """A table that a file makes."""

    file: PurePosixPath
    line: int
    name: str
    columns: frozenset[str]
    key: frozenset[str]


def available() -> str | None:
    return tools.version("sqlglot")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """`sql/orders-db.postgresql.sql` is read as PostgreSQL; one without an engine as plain SQL."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it does not know comes back as a command, which is told apart
    made: dict[PurePosixPath, list[MadeTable]] = {}
    refused = set()
    for file in files:
        if file.suffix == ".sql":
            engine = PurePosixPath(file.stem).suffix.removeprefix(".")
            found = list(_judge(file, (folder / file).read_text(encoding="utf-8"), dialect(engine), made.setdefault(file.parent, [])))
            refused |= {file.parent} if found else set()
            yield from found
    for file in files:
        definitions = file.parent / DEFINITIONS
        if file.name == beam.PIPELINE and definitions in made and definitions not in refused:
            yield from _agreement(file, (folder / file).read_text(encoding="utf-8"), made[definitions])


def _judge(file: PurePosixPath, text: str, engine: str, tables: list[MadeTable]) -> Iterator[Diagnostic]:
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ParseError, TokenError

    try:
        groups = itertools.groupby(sqlglot.tokenize(text, dialect=engine), lambda token: token.text == ";")
    except TokenError as error:
        yield Diagnostic("sqlglot/refused", Span(str(file)), str(error))
        return
    statements = [list(tokens) for is_end, tokens in groups if not is_end]
    if not statements:
        yield Diagnostic("sqlglot/nothing", Span(str(file)), "there is no statement")
    for tokens in statements:
        try:
            found = sqlglot.parse(_text(text, tokens), dialect=engine)
        except ParseError as error:
            said = error.errors[0]
            line = tokens[0].line + int(said.get("line") or 1) - 1
            yield Diagnostic("sqlglot/refused", Span(str(file), line), str(said.get("description") or error))
            continue
        for each in found:
            if type(each).__name__ not in MAKING:
                words = f"this is no statement that makes tables: {' '.join(_text(text, tokens).split())[:80]}"
                yield Diagnostic("sqlglot/not-a-definition", Span(str(file), tokens[0].line), words)
            elif isinstance(each, exp.Create) and each.kind == "TABLE":
                tables.append(_table(file, tokens[0].line, each))


def _text(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].start : tokens[-1].end + 1]


def _table(file: PurePosixPath, line: int, statement: exp.Create) -> MadeTable:
    from sqlglot import exp

    table = statement.find(exp.Table)
    assert table is not None  # else it would not be one that makes a table
    columns = list(statement.find_all(exp.ColumnDef))
    key = [each.name for each in columns if each.find(exp.PrimaryKeyColumnConstraint)]
    key += [each.name for constraint in statement.find_all(exp.PrimaryKey) for each in constraint.expressions]
    name = ".".join(filter(None, (table.db, table.name)))
    return MadeTable(file, line, name, frozenset(each.name for each in columns), frozenset(key))


# --- what the pipeline writes -----------------------------------------------------------------------------------------


def _agreement(file: PurePosixPath, text: str, made: Sequence[MadeTable]) -> Iterator[Diagnostic]:
    """Of each step that names columns of a table: it is made, has them, and is told apart by the key that is merged by."""
    for number, step in enumerate(beam.steps(text)):
        config = step.get("config")
        if not isinstance(config, dict) or not isinstance(config.get("columns"), dict) or "table" not in config:
            continue
        steps: list[str | int] = ["pipeline", "transforms", number, "config"]
        tables = [each for each in made if each.name == config["table"]]
        if not tables:
            yield Diagnostic("sqlglot/no-table", place(text, file, [*steps, "table"]), f"no statement makes the table {config['table']}")
        for table in tables:
            lacking = sorted(set(config["columns"]) - table.columns)
            if lacking:
                words = f"{table.file} makes {table.name} without {', '.join(lacking)}"
                yield Diagnostic("sqlglot/no-column", place(text, file, [*steps, "columns", lacking[0]]), words)
            key = config.get("key")
            if str(step.get("type")).startswith(MERGING) and isinstance(key, list) and set(key) != table.key:
                told = ", ".join(sorted(table.key)) or "nothing"
                words = f"rows are merged by {', '.join(map(str, key)) or 'nothing'}, and {table.file} tells rows of {table.name} apart by {told}"
                yield Diagnostic("sqlglot/other-key", place(text, file, [*steps, "key"]), words)
