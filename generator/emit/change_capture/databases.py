"""What PostgreSQL must be told once, so that a connector without rights over the tables can read their changes."""

from __future__ import annotations

from generator.captures import CapturedStore
from generator.text import comment, generated_by

EXPLAINED = """
Run by the owner of the tables, as often as wanted; a server setting: wal_level = logical.
REPLICA IDENTITY FULL: a long text that a change leaves alone is not in the log otherwise, and would be missing in the message.
The connector's own user needs LOGIN, REPLICATION, and SELECT on these tables."""


def script(store: CapturedStore) -> str | None:
    """The publication that the connector reads; None for another engine."""
    if store.engine.name != "postgresql":
        return None
    tables = [".".join(quoted(each) for each in store.schema(table)) for table in store.tables]
    name = quoted(store.slot)
    lines = [
        *(f"ALTER TABLE {table} REPLICA IDENTITY FULL;" for table in tables),
        "DO $$",
        "BEGIN",
        f"    IF NOT EXISTS (SELECT FROM pg_publication WHERE pubname = '{store.slot}') THEN",
        f"        CREATE PUBLICATION {name};",
        "    END IF;",
        "END",
        "$$;",
        f"ALTER PUBLICATION {name} SET TABLE {', '.join(tables)};",
    ]
    return comment(f"{generated_by(store.graph.name, store.sources[:1])}\n{EXPLAINED}", "--") + "\n".join(lines) + "\n"


def quoted(name: str) -> str:
    """An identifier; the language has none with a quote in it."""
    return f'"{name}"'
