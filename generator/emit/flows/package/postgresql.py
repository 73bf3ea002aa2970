"""The module postgresql of the provider package, word for word."""

TEXT = r'''"""The transforms that touch tables, for PostgreSQL."""

from . import checks, lookups, runs, sources, tables
from .engines import PostgreSql


class ReadWatermarks(sources.ReadWatermarks):
    engine = PostgreSql()


class ReadChanged(sources.ReadChanged):
    engine = PostgreSql()


class FindReferences(checks.FindReferences):
    engine = PostgreSql()


class LookUpRows(lookups.LookUpRows):
    engine = PostgreSql()


class MergeRows(tables.MergeRows):
    engine = PostgreSql()


class AppendRows(tables.AppendRows):
    engine = PostgreSql()


class KeepRejected(tables.KeepRejected):
    engine = PostgreSql()


class RecordRun(runs.RecordRun):
    engine = PostgreSql()
'''
