"""The module bigquery of the provider package, word for word."""

TEXT = r'''"""The transforms that touch tables, for BigQuery."""

from . import checks, lookups, runs, sources, tables
from .engines import BigQuery


class ReadWatermarks(sources.ReadWatermarks):
    engine = BigQuery()


class ReadChanged(sources.ReadChanged):
    engine = BigQuery()


class FindReferences(checks.FindReferences):
    engine = BigQuery()


class LookUpRows(lookups.LookUpRows):
    engine = BigQuery()


class MergeRows(tables.MergeRows):
    engine = BigQuery()


class AppendRows(tables.AppendRows):
    engine = BigQuery()


class KeepRejected(tables.KeepRejected):
    engine = BigQuery()


class RecordRun(runs.RecordRun):
    engine = BigQuery()
'''
