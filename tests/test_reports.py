"""Findings in every format: what programs of the field read of it is what was found, whatever stands in the findings."""

from __future__ import annotations

import itertools
import json
import re
import textwrap
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import xmlschema
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker
from junitparser import JUnitXml

from generator import baseline
from generator.diagnostics import Diagnostic, Related, Severity, Span, as_record, counted
from generator.manual import pages
from generator.pipeline import understand
from generator.reports import FORMATS, SURROGATES, rendered, rules
from generator.reports.locations import GENERATED
from generator.reports.summary import MOST, to_summary

SCENARIOS = sorted(path for path in (ROOT / "tests" / "scenarios" / "refused").iterdir() if path.is_dir())
SCHEMAS = ROOT / "tests" / "schemas"
SARIF = Draft4Validator(
    json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text()), format_checker=FormatChecker(("uri", "uri-reference"))
)
FINDINGS = jsonschema_rs.Draft202012Validator(json.loads((ROOT / "generator" / "schema" / "findings.schema.json").read_text()))
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
GITLAB = jsonschema_rs.Draft202012Validator({  # docs.gitlab.com, ci/testing/code_quality, "Code Quality report format"
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "minLength": 1, "not": {"pattern": r"^\./"}},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
})  # fmt: skip
HOSTILE = [
    'say "no" and \'yes\'', "a | b", "one\ntwo\r\nthree", "\x00\x07\x1b[31mred\x1b[0m", "😀 e\u0301 \u212a", "]]>", "<b>&amp;</b>", "{0} {{1}}", "[here](1)",
    "[a\\](b)", "[a\\\\](b)", "100% ::error::x", "`code` *bold* # head", "\ud800 half", "\ufffe\uffff", "\u202e turned", "../../etc", "a, b: c=d", "\\",
]  # fmt: skip
LINE = "    timeout: 2s  # \x1b[31m"


def some_line(at: Span) -> str | None:
    return LINE if at.line % 2 else None


# --- readers: what each format says, by the tools or the rules of those who read it ----------------------------------------

Check = Callable[[str, Sequence[Diagnostic]], None]


def legible(text: str) -> str:
    return SURROGATES.sub("\ufffd", text)


def check_text(text: str, found: Sequence[Diagnostic]) -> None:
    openings = [line for line in text.split("\n") if re.match(r"\S.*:\d+:\d+: (error|warning|info)\[", line)]
    assert len(openings) == len(counted(found))
    assert all(f"{each.severity}[{each.code}]: " in line for each, line in zip(counted(found), openings, strict=True))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text), "nothing that moves a terminal's cursor"


def check_json(text: str, found: Sequence[Diagnostic]) -> None:
    read = json.loads(text)
    FINDINGS.validate(read)
    assert read == json.loads(legible(json.dumps([as_record(each) for each in found], ensure_ascii=False)))


def as_viewer(text: str) -> str:
    """A plain text message as the standard has it read: links, then placeholders (sections 3.11.5 and 3.11.6)."""
    assert not re.search(r"\[(?:[^\\\[\]]|\\[\\\[\]])*\]\([^)]*\)", text), "no link"
    assert not re.search(r"\{\d+\}", text.replace("{{", "").replace("}}", "")), "no placeholder"
    return text.replace("{{", "{").replace("}}", "}").replace("\\](", "](")


def check_sarif(text: str, found: Sequence[Diagnostic]) -> None:
    read = json.loads(text)
    SARIF.validate(read)
    (run,) = read["runs"]
    driver = run["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == sorted({each.code for each in found})
    for each, result in zip(found, run["results"], strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == each.code
        assert result["level"] == {"error": "error", "warning": "warning", "info": "note"}[each.severity]
        said = as_viewer(result["message"]["text"])
        assert said.replace("\\", "") == legible(f"{each.message}\n{each.help}" if each.help else each.message).replace("\\", "")
        (location,) = result["locations"]
        check_location(location, each.at)
        assert ("logicalLocations" in location) is bool(each.place)
        assert result.get("partialFingerprints", {}) == ({"interlock/v1": each.fingerprint} if each.fingerprint else {})
        assert [one["justification"] for one in result["suppressions"]] == ([] if each.accepted is None else [legible(each.accepted)])
        related = result.get("relatedLocations", [])
        assert [one["id"] for one in related] == list(range(1, len(each.related) + 1))
        for one, other in zip(related, each.related, strict=True):
            check_location(one, other.at)


def check_location(location: Any, at: Span) -> None:
    place = location["physicalLocation"]
    uri, region = place["artifactLocation"]["uri"], place["region"]
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/:-]|%[0-9A-F]{2})+", uri)
    assert ("uriBaseId" in place["artifactLocation"]) is not uri.startswith("file:")
    assert urllib.parse.unquote(uri.removeprefix("file://"), errors="strict") == at.file.encode("utf-8", "replace").decode()
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (at.line, at.column, at.column + at.width)


def check_github(text: str, found: Sequence[Diagnostic]) -> None:
    """As actions/runner reads a line of output (ActionCommand.cs)."""
    lines = text.split("\n") if text else []
    for each, line in zip(counted(found), lines, strict=True):
        command = re.fullmatch(r"::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)", line, re.DOTALL)
        assert command
        properties = dict(pair.split("=", 1) for pair in command[2].split(","))
        assert unescaped(properties["file"], of_property=True) == legible(each.at.file)
        assert properties["title"] == each.code and int(properties["line"]) == each.at.line
        assert unescaped(command[3]) == legible(f"{each.message}\nhelp: {each.help}" if each.help is not None else each.message)


def unescaped(text: str, *, of_property: bool = False) -> str:
    for escaped, raw in [("%0D", "\r"), ("%0A", "\n"), *([("%3A", ":"), ("%2C", ",")] if of_property else []), ("%25", "%")]:
        text = text.replace(escaped, raw)
    return text


def check_junit(text: str, found: Sequence[Diagnostic]) -> None:
    JUNIT.validate(text)
    number = len(counted(found))
    report = JUnitXml.fromstring(text.encode())
    assert (report.tests, report.failures, report.errors) == (number or 1, number, 0)
    cases = [case for suite in report for case in suite]
    assert [len(case.result) for case in cases] == ([1] * number if number else [0])
    for each, case in zip(counted(found), cases, strict=False):
        assert case.result[0].type == each.code and f"[{each.code}]" in case.result[0].text


def check_gitlab(text: str, found: Sequence[Diagnostic]) -> None:
    read = json.loads(text)
    GITLAB.validate(read)
    assert [each["check_name"] for each in read] == [each.code for each in counted(found)]
    assert len({each["fingerprint"] for each in read}) == len(read), "GitLab shows one of those with the same fingerprint"


CHECKS: dict[str, Check] = {
    "text": check_text,
    "json": check_json,
    "sarif": check_sarif,
    "github": check_github,
    "junit": check_junit,
    "gitlab": check_gitlab,
}
NAMES = list(FORMATS)


def check(name: str, found: Sequence[Diagnostic], read_line: Callable[[Span], str | None] = some_line) -> str:
    text = rendered(name, found, read_line)
    text.encode()
    CHECKS[name](text, found)
    return text


def test_every_format_has_its_reader() -> None:
    assert CHECKS.keys() == FORMATS.keys()


# --- findings of every kind -----------------------------------------------------------------------------------------------


@cache
def of_scenario(folder: Path) -> tuple[Diagnostic, ...]:
    return tuple(understand(folder.relative_to(ROOT), "2026-11-26")[1])


@pytest.mark.parametrize("name", NAMES)
def test_real_findings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for folder in SCENARIOS:
        assert of_scenario(folder), folder
        check(name, of_scenario(folder))
    check(name, [each for folder in SCENARIOS for each in of_scenario(folder)])


@pytest.mark.parametrize("name", NAMES)
def test_no_findings(name: str) -> None:
    assert check(name, []) == {"text": "", "github": "", "json": "[]", "gitlab": "[]"}.get(name, rendered(name, [], some_line))


def hostile(text: str) -> list[Diagnostic]:
    at = Span(text.replace("\x00", "") or "x", 3, 5, 4)
    related = (Related(at, text), Related(Span("contracts/shop"), text))
    finding = Diagnostic("odd-text", at, text, text, Severity.WARNING, related, f"shop.{text}", "0123456789ab")
    return [
        finding,
        replace(finding, accepted=text, fingerprint="ba9876543210"),
        replace(finding, help=None, related=(), place="", fingerprint="a" * 12),
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_text(name: str, text: str) -> None:
    check(name, hostile(text))


TEXTS = st.one_of(
    st.text(max_size=30), st.text(alphabet='{}[]()\\%:,|`"\n\r]>&<01é😀\x00\x1b\u2028', max_size=30), st.sampled_from(HOSTILE)
)
SPANS = st.builds(
    Span, st.text(min_size=1, max_size=20), st.integers(1, 10_000), st.integers(1, 500), st.integers(1, 500)
)  # fmt: skip
CODES = st.one_of(st.sampled_from(sorted(pages())), st.from_regex(r"[a-z]{2,6}([-/ ][a-z]{2,6}){0,3}", fullmatch=True))
DIAGNOSTICS = st.builds(
    Diagnostic,
    code=CODES,
    at=SPANS,
    message=TEXTS.filter(str.strip),
    help=st.none() | TEXTS.filter(bool),
    severity=st.sampled_from(Severity),
    related=st.lists(st.builds(Related, SPANS, TEXTS), max_size=3).map(tuple),
    place=st.just("") | TEXTS,
    fingerprint=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
    accepted=st.none() | TEXTS,
)


@pytest.mark.parametrize("name", NAMES)
@given(found=st.lists(DIAGNOSTICS, max_size=4))
def test_any_finding_is_valid_in_any_format(name: str, found: list[Diagnostic]) -> None:
    if name == "text":
        found = [replace(each, at=replace(each.at, file="contract.yaml")) for each in found]
    check(name, found)


@given(found=st.lists(DIAGNOSTICS, max_size=4))
def test_any_finding_is_a_row_of_the_summary(found: list[Diagnostic]) -> None:
    text = to_summary("check", "", found)
    rows = [line for line in text.split("\n") if line.startswith("| ")]
    assert len(rows) == (len(counted(found)) + 2 if counted(found) else 0)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows), "no text makes a cell"


def test_a_long_summary_says_how_many_it_leaves_out() -> None:
    finding = Diagnostic("unknown-key", Span("a.yaml"), "m", severity=Severity.WARNING)
    found = [*(replace(finding, at=Span("a.yaml", line)) for line in range(1, MOST + 3)), replace(finding, severity=Severity.ERROR)]
    text = to_summary("check", "1 error", found)
    assert text.count("\n| ") == MOST + 2 and "and 3 more" in text
    assert text.index("| error |") < text.index("| warning |")


# --- what each format says ------------------------------------------------------------------------------------------------


def sample(**changes: Any) -> Diagnostic:
    finding = Diagnostic(
        "unknown-key", Span("contracts/my shop/ä#1.yaml", 3, 5, 4), "odd {key}", "see [it](1)", place="shop.uses", fingerprint="0" * 12
    )
    return replace(finding, **changes)


def test_accepted_findings_are_in_sarif_and_json_alone() -> None:
    accepted = [sample(accepted="it is known")]
    for name in NAMES:
        assert ("unknown-key" in check(name, accepted)) is (name in ("sarif", "json")), name
    (result,) = json.loads(check("sarif", accepted))["runs"][0]["results"]
    assert result["suppressions"] == [{"kind": "inSource", "status": "accepted", "justification": "it is known"}]


def test_sarif_in_full() -> None:
    (run,) = json.loads(check("sarif", [sample(related=(Related(Span("/tmp/b.yaml", 2), "first"),))]))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    (result,) = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    assert (rule["id"], rule["name"], rule["defaultConfiguration"]) == ("unknown-key", "UnknownKey", {"level": "error"})
    assert result["message"]["text"] == "odd {{key}}\nsee [it\\](1)"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "contracts/my%20shop/%C3%A4%231.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 3, "startColumn": 5, "endColumn": 9, "snippet": {"text": LINE}}
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "shop.uses"}]
    assert result["relatedLocations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///tmp/b.yaml"}


def test_sarif_has_the_page_of_a_rule() -> None:
    page = next(page for page in pages().values() if page.severity is Severity.INFO and page.example)
    (run,) = json.loads(check("sarif", [sample(code=page.name, severity=page.severity)]))["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == page.summary and rule["help"]["markdown"] == page.text
    assert page.example.splitlines()[0] in rule["help"]["text"]
    assert rule["properties"] == {"tags": [page.family], "problem.severity": "recommendation"}
    assert rule["defaultConfiguration"] == {"level": "note"}


@pytest.mark.parametrize("name", ["sarif", "github", "junit", "gitlab"])
def test_a_generated_file_is_reported_at_the_contract(name: str) -> None:
    """The file is not in the repository, and no line of it can be changed."""
    origin = Related(Span("contracts/shop/orders.yaml", 22, 5), "generated from here")
    found = Diagnostic("openapi-refused", Span(f"{GENERATED}openapi/orders.yaml", 7), "redocly: no", related=(origin,))
    text = rendered(name, [found], some_line)
    if name == "sarif":
        (result,) = json.loads(text)["runs"][0]["results"]
        location, related = result["locations"][0]["physicalLocation"], result["relatedLocations"][0]["physicalLocation"]
        assert (location["artifactLocation"]["uri"], location["region"]["startLine"]) == ("contracts/shop/orders.yaml", 22)
        assert related["artifactLocation"]["uri"] == "%28generated%29%20openapi/orders.yaml"
    else:
        expected = {
            "github": "file=contracts/shop/orders.yaml,line=22",
            "junit": 'classname="contracts/shop/orders.yaml"',
            "gitlab": '"begin": 22',
        }
        assert expected[name] in text


def test_findings_of_two_systems_are_two_in_gitlab() -> None:
    here, there = sample(at=Span("contracts/a/x.yaml", 3)), sample(at=Span("contracts/b/x.yaml", 3))
    check("gitlab", [here, there, sample(at=Span("contracts/b/x.yaml", 4))])
    (moved,) = json.loads(check("gitlab", [replace(here, at=Span("contracts/a/y.yaml", 9))]))
    assert moved["fingerprint"] == json.loads(check("gitlab", [here]))[0]["fingerprint"]


def test_no_line_of_a_message_passes_for_a_finding() -> None:
    forged = sample(message="one\nb.yaml:1:1: error[forged]: two", help="three\nb.yaml:1:1: error[forged]: four")
    assert [line for line in check("text", [forged]).split("\n") if line.startswith("b.yaml")] == []


# --- fingerprints ---------------------------------------------------------------------------------------------------------

SYSTEM = "interlock: 1\nsystem: {name: shop, owner: team}\n"
STOCK = 'component: stock\nprovides: {stock: {version: "1.0.0", http: {}, operations: {look: {http: GET /}}}}\n'
ORDERS = "component: orders\nuses: [{api: stock.stock, operations: [lok]}]\n"


def fingerprints(folder: Path, files: dict[str, str]) -> set[str]:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return {each.fingerprint for each in understand(folder, "2026-11-26")[1]}


def test_fingerprints_follow_the_place_and_not_the_line(tmp_path: Path) -> None:
    first = fingerprints(tmp_path / "first", {"a.yaml": SYSTEM, "b.yaml": STOCK, "c.yaml": ORDERS})
    assert first and all(re.fullmatch(r"[0-9a-f]{12}", each) for each in first)
    moved = {"a.yaml": f"# a note\n\n{ORDERS}", "b.yaml": f"{STOCK}---\n{SYSTEM}"}
    assert fingerprints(tmp_path / "moved", moved) == first
    renamed = {"a.yaml": SYSTEM, "b.yaml": STOCK, "c.yaml": ORDERS.replace("orders", "basket")}
    assert fingerprints(tmp_path / "renamed", renamed).isdisjoint(first)


# --- the baseline -----------------------------------------------------------------------------------------------------------


def test_a_baseline_is_read_as_it_was_written() -> None:
    found = {"b": [sample(), sample(fingerprint="1" * 12, accepted="yes")], "a": [sample(message=text) for text in HOSTILE[:3]]}
    known = baseline.baseline_of(found)
    text = baseline.to_json(known)
    assert baseline.from_json(text) == known and list(json.loads(text)["systems"]) == ["a", "b"]
    assert baseline.to_json(baseline.baseline_of(dict(reversed(found.items())))) == text
    assert baseline.without(found, known) == ([found["b"][1]], baseline.LeftOut(4, 0))
    assert baseline.without({"a": [], "c": [sample()]}, known) == ([sample()], baseline.LeftOut(0, 1)), "c is another system"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"version": 2, "systems": {}}',
        '{"version": 1, "systems": {"a": [{}]}}',
        '{"version": 1, "systems": []}',
    ],
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it is "):
        baseline.from_json(text)


# --- the manual -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_list_of_rules_fits_the_terminal(width: int) -> None:
    lines = rules.to_list(list(pages().values()), width).split("\n")
    assert max(map(len, lines)) <= width
    listed = [line.strip() for line in lines if line.startswith("  ")]
    ordered = sorted(pages().values(), key=lambda page: (page.family, page.name))
    assert all(line.startswith(page.name) for line, page in zip(listed, ordered, strict=True))
    families = [line for line in lines if line and not line.startswith(" ")]
    assert families == sorted({page.family for page in pages().values()})


def test_a_page_says_all_that_the_manual_does() -> None:
    for page in pages().values():
        text = rules.to_page(page)
        words = " ".join(text.split())
        for part in (page.name, page.summary, page.why, page.example, page.fix):
            assert " ".join(part.split()) in words, page.name
        assert textwrap.indent(page.example, "    ") in text
    everything = rules.to_markdown(list(pages().values()))
    assert re.findall(r"^## (.+) \([a-z ]+\)$", everything, re.MULTILINE) == [
        page.name for page in sorted(pages().values(), key=lambda page: (page.family, page.name))
    ]
    records = json.loads(rules.to_records(list(pages().values())))
    assert [(each["rule"], each["family"], each["summary"]) for each in records] == [
        (page.name, page.family, page.summary) for page in pages().values()
    ]


def test_families_stand_once_in_the_markdown() -> None:
    heads = re.findall(r"^# (.+)$", rules.to_markdown(list(pages().values())), re.MULTILINE)
    assert heads == [family for family, _ in itertools.groupby(heads)] == sorted(set(heads))
