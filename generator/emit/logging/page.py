"""The catalogue of audit events as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from generator.text import ABSENT, markdown_code, markdown_table, markdown_text

Data = dict[str, Any]
OPEN = "not decided"
KEY = """\
Personal and sensitive values are written as pseudonyms (HMAC-SHA-256): who has the key can find the records of one person, and nobody else can tell whose
they are. The key is at least 32 random bytes in a file, which the environment variable AUDIT_PSEUDONYM_KEY_FILE names; without it the values are replaced
by \\[REDACTED\\].
"""


def page(facts: Data, header: str) -> str:
    """What each record says and where it goes, then a table for each component."""
    audit = facts["audit"]
    marks = " and ".join(f"{markdown_code(name)} = {markdown_code(value)}" for name, value in audit["sink"]["attributes"].items())
    sink = (
        f"Audit records go to the logger {markdown_code(audit['sink']['logger'])} and no other sink; the collector knows them by {marks}."
    )
    kept = f"They are kept: {audit.get('retention', OPEN)}, where their event does not say otherwise."
    sections = [
        f"# Audit events of {markdown_text(audit['system'])}\n",
        f"{sink}\n{kept}\n",
        f"## What a record says\n\n{markdown_table(('Attribute', 'Meaning'), _record(audit['record']))}",
    ]
    if any(value["written"] == "pseudonym" for event in audit["events"] for value in event.get("resource", ())):
        sections.append(KEY)
    for component, events in groupby(audit["events"], key=lambda each: each["component"]):
        heads = ("Event", "What happened", "Operation", "Resource", "Kept")
        sections.append(f"## {markdown_text(component)}\n\n{markdown_table(heads, (_event(each) for each in events))}")
    return f"<!-- {header} -->\n" + "\n".join(sections)


def _record(record: Data) -> Iterator[Sequence[str]]:
    return ((markdown_code(name), markdown_text(meaning)) for name, meaning in record.items())


def _event(event: Data) -> Sequence[str]:
    operation = event.get("operation", {})
    bound = [markdown_code(operation[each]) for each in ("http", "grpc") if each in operation]
    values = [f"{markdown_code(each['name'])} ({each['written']})" for each in event.get("resource", ())]
    resource = [*([markdown_text(event["happens_to"])] if "happens_to" in event else []), *values]
    return (
        markdown_code(event["event"]),
        markdown_text(event.get("summary", ABSENT)),
        ", ".join(bound) or ABSENT,
        ", ".join(resource) or ABSENT,
        event.get("retention", OPEN),
    )
