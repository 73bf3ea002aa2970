"""SARIF 2.1.0 (OASIS), which code scanning reads: findings with their rules, places and suppressions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from generator import __version__
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.reports.locations import ReadLine, address, authored, others

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
"""GitHub's words for `problem.severity`."""


def to_sarif(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """One run with every finding; those that the contract accepts are there, suppressed."""
    rules = _rules(diagnostics)
    index = {str(rule["id"]): number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "Interlock", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that the command ran in."}}},
        "results": [_result(found, index[found.code], read_line) for found in diagnostics],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _result(found: Diagnostic, rule: int, read_line: ReadLine) -> dict[str, Any]:
    text = f"{found.message}\n{found.help}" if found.help else found.message
    location = _location(authored(found), read_line)
    if found.place:
        location["logicalLocations"] = [{"fullyQualifiedName": found.place}]
    # All or none of a run's results say whether they are suppressed (section 3.27.23).
    suppressions = [] if found.accepted is None else [{"kind": "inSource", "status": "accepted", "justification": found.accepted}]
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": rule,
        "level": LEVELS[found.severity],
        "message": {"text": _message(text)},
        "locations": [location],
        "suppressions": suppressions,
    }
    if found.fingerprint:
        result["partialFingerprints"] = {"interlock/v1": found.fingerprint}
    related = [_related(each, number, read_line) for number, each in enumerate(others(found), start=1)]
    return result | ({"relatedLocations": related} if related else {})


def _related(related: Related, number: int, read_line: ReadLine) -> dict[str, Any]:
    return {"id": number, "message": {"text": _message(related.message)}, **_location(related.at, read_line)}


def _location(at: Span, read_line: ReadLine) -> dict[str, Any]:
    """A place with its line. A folder has line 1, too: GitHub refuses a result without a region."""
    uri = address(at.file)
    artifact = {"uri": uri} if uri.startswith("file:") else {"uri": uri, "uriBaseId": ROOT}
    line, column = max(1, at.line), max(1, at.column)
    # The end is the column after the last (section 3.30.8).
    region: dict[str, Any] = {"startLine": line, "startColumn": column, "endColumn": column + max(1, at.width)}
    snippet = read_line(at)
    return {
        "physicalLocation": {"artifactLocation": artifact, "region": region | ({"snippet": {"text": snippet}} if snippet else {})},
    }


def _message(text: str) -> str:
    """Text that means itself: a brace begins a placeholder, and `[…](…)` is a link (sections 3.11.5 and 3.11.6)."""
    doubled = text.replace("{", "{{").replace("}", "}}")
    return re.sub(r"(?<!\\)((?:\\\\)*)\](?=\()", r"\1\\]", doubled)


def _rules(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    """The rules that have findings, as the manual describes them."""
    worst: dict[str, Severity] = {}
    for found in diagnostics:
        worst[found.code] = min(found.severity, worst.get(found.code, found.severity), key=lambda each: each.rank)
    descriptions = _descriptions(sorted(worst))
    return [
        {
            "id": code,
            "name": "".join(word.title() for word in re.findall(r"[A-Za-z0-9]+", code)),
            **descriptions[code],
            "defaultConfiguration": {"level": LEVELS[worst[code]]},
        }
        for code in sorted(worst)
    ]


def _descriptions(codes: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    from generator import manual  # it reads every rule, and a run without findings has no need of any
    from generator.reports.rules import to_page

    described: dict[str, dict[str, Any]] = {}
    for code in codes:
        page = manual.pages().get(code)
        if page is None:  # Python leaves docstrings out (-OO)
            words = {"text": code.replace("-", " ")}
            described[code] = {"shortDescription": words, "fullDescription": words, "help": words}
            continue
        described[code] = {
            "shortDescription": {"text": page.summary},
            "fullDescription": {"text": page.why or page.summary},
            "help": {"text": to_page(page), "markdown": page.text},
            "properties": {"tags": [page.family], "problem.severity": PROBLEMS[page.severity]},
        }
    return described
