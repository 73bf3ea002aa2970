"""Findings as failed tests, in the XML that reporters of Jenkins, GitLab and GitHub read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from generator.diagnostics import Diagnostic, counted
from generator.reports.locations import ReadLine, authored
from generator.reports.text import block

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document can hold, not even escaped (XML 1.0, section 2.2)."""
TOOL = "interlock"


def to_junit(diagnostics: Sequence[Diagnostic], read_line: ReadLine) -> str:
    """A test for each finding that counts; one that passes when there is none, since reporters take no test for a fault."""
    found = counted(diagnostics)
    counts = {"tests": str(len(found) or 1), "failures": str(len(found)), "errors": "0"}
    suites = Element("testsuites", {"name": TOOL, **counts})
    suite = SubElement(suites, "testsuite", {"name": TOOL, **counts, "skipped": "0"})
    for each in found:
        case = SubElement(suite, "testcase", {"classname": _safe(authored(each).file), "name": _safe(_name(each))})
        failure = SubElement(case, "failure", {"type": _safe(each.code), "message": _safe(each.message)})
        failure.text = _safe(block(each, read_line))
    if not found:
        SubElement(suite, "testcase", {"classname": TOOL, "name": "no findings"})
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}'


def _name(found: Diagnostic) -> str:
    """The same while lines move, so that reporters know a test again, and no other's."""
    name = f"{found.code}: {found.place}" if found.place else found.code
    return f"{name} ({found.fingerprint})" if found.fingerprint else name


def _safe(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
