"""Findings for programs: a list of objects as `schema/findings.schema.json` describes them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from generator.diagnostics import Diagnostic, as_record
from generator.reports.locations import ReadLine


def to_json(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """Every finding, those that the contract accepts with the reason."""
    return json.dumps([as_record(found) for found in diagnostics], indent=2, ensure_ascii=False)
