"""GitLab's Code Quality report: findings in the widget and the diff of a merge request."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence

from generator.diagnostics import Diagnostic, Severity, counted
from generator.reports.locations import ReadLine, authored
from generator.text import one_line

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def to_gitlab(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """The findings that count, in the subset of Code Climate's form that GitLab reads (docs.gitlab.com, ci/testing/code_quality)."""
    return json.dumps(list(_entries(counted(diagnostics))), indent=2, ensure_ascii=False)


def _entries(found: Sequence[Diagnostic]) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for each in found:
        at = authored(each)
        identity = _identity(each, posixpath.dirname(at.file))
        yield {
            "type": "issue",
            "check_name": each.code,
            "description": one_line(f"{each.message} ({each.help})" if each.help else each.message),
            "categories": ["Bug Risk"],
            "severity": SEVERITIES[each.severity],
            "fingerprint": hashlib.sha256(f"{identity}\0{seen[identity]}".encode("utf-8", "replace")).hexdigest(),
            "location": {"path": posixpath.normpath(at.file), "lines": {"begin": max(1, at.line)}},
        }
        seen[identity] += 1


def _identity(found: Diagnostic, folder: str) -> str:
    """Of two entries with one fingerprint GitLab shows one, and two systems can have findings that are alike: so the folder counts."""
    return "\0".join((folder, found.fingerprint or f"{found.code}\0{found.message}"))
