"""Bad input is refused with a finding, never with a traceback: files that no scenario can hold, and thousands of broken ones."""

from __future__ import annotations

import base64
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from jsonschema import Draft202012Validator, FormatChecker

from generator import reports
from generator.diagnostics import Diagnostic
from generator.dialects import json_schema
from generator.link import link
from generator.manual import pages
from generator.read import read
from generator.review import METHOD_RULES, RULES, SCHEMA_RULES, patterns, review
from generator.review.values import mismatches
from generator.scaffold import scaffold

SYSTEM = "interlock: 1\nsystem: {name: shop, owner: team}\n"
ODD = ["\x00", "\ufeff", "\u2028", "\u2029", "\x85", "\t", "\r", "\x1b[31m", "\ud7ff", "😀", "\u200f", "e\u0301", "\u212a"]
VALUES = [
    "", "null", "~", "true", "-1", "0", "99999999999999999999", "0x" + "f" * 500, "1e999", ".inf", ".nan", "1" * 5_000, "[]", "{}", "[[]]", "{a: b}",
    "[null]", "{null: null}", "''", '""', "'*'", "*a", "&a x", "!!str x", "|", ">-", "- x", "? x", "a: b: c", "2026-02-30", "../..", "$ref", "{$ref: A}",
    "{type: object}", "{type: array, items: {type: array}}", "{oneOf: [A, A]}", "string", "GET /{a}{", "POST //", "x" * 10_000, "'(a+)+$'", "1.0", "'1.0.0'",
]  # fmt: skip


def findings(folder: Path) -> list[Diagnostic]:
    """What the stages find, whatever each of them found before."""
    system, found = read(folder)
    if system is None:
        return found
    graph, unresolved = link(system)
    return [*found, *unresolved, *review(graph)]


def contract(folder: Path, text: str | bytes, name: str = "contract.yaml") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return folder


def codes(folder: Path) -> set[str]:
    return {each.code for each in findings(folder)}


def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    contract(tmp_path, SYSTEM)
    contract(tmp_path, b"# " + b"x" * 10 * 1024 * 1024, "huge.yaml")
    assert codes(tmp_path) == {"file-too-large"}


def test_a_large_contract_is_reviewed_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    """Thousands of unknown names, each with thousands of candidates: no nearest spelling is worth minutes."""
    names = [f"Name{number:05}" for number in range(2_000)]
    used = "".join(f"  Holder{name}: {{type: object, required: [x{name}], properties: {{a: {{$ref: Un{name}}}}}}}\n" for name in names)
    contract(tmp_path, f"{SYSTEM}types:\n{used}")
    assert codes(tmp_path) == {"unknown-type", "unknown-required"}


def test_long_chains_of_types_take_no_more_than_their_length(tmp_path: Path) -> None:
    links = [f"  A{number}: {{$ref: A{number + 1}}}\n" for number in range(2_000)]
    needs = [f"  N{number}: {{type: object, required: [n], properties: {{n: {{$ref: N{number + 1}}}}}}}\n" for number in range(2_000)]
    ends = "  A2000: {type: string}\n  N2000: {$ref: N0}\n"
    contract(tmp_path, f"{SYSTEM}types:\n{''.join(links)}{''.join(needs)}{ends}")
    assert [each.code for each in findings(tmp_path)] == ["cyclic-type"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "{type: array, items: ", "{type: object, required: [a], properties: {a: "])
@pytest.mark.parametrize("depth", [30, 60, 150, 199, 250, 20_000])
def test_deep_nesting_is_refused(tmp_path: Path, opening: str, depth: int) -> None:
    contract(tmp_path, f"{SYSTEM}types:\n  A: {opening * depth}")
    assert findings(tmp_path)


@pytest.mark.parametrize("depth", [20, 60, 95])
def test_deep_values_of_deep_types_are_checked(tmp_path: Path, depth: int) -> None:
    tree = "{children: [" * depth + "]}" * depth
    types = "{Tree: {type: object, properties: {children: {type: array, items: {$ref: Tree}}}}}"
    contract(tmp_path, f"{SYSTEM}types: {types}\nexamples: {{deep: {{type: Tree, value: {tree}}}}}\n")
    assert codes(tmp_path) == set()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions do not stop a superuser, so the refusal is played."""
    contract(tmp_path, SYSTEM)
    contract(tmp_path, "component: secret\n", "secret.yaml")
    original = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return original(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    [found] = findings(tmp_path)
    assert (found.code, Path(found.at.file).name) == ("unreadable-file", "secret.yaml")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "shop", tmp_path / "elsewhere"
    inside.mkdir()
    outside.mkdir()
    contract(outside, "component: stolen\n")
    contract(inside, SYSTEM)
    (inside / "stolen.yaml").symlink_to(outside / "contract.yaml")
    (inside / "folder").symlink_to(outside, target_is_directory=True)
    (inside / "round").symlink_to(inside, target_is_directory=True)
    (inside / "gone.yaml").symlink_to(outside / "gone.yaml")
    system, found = read(inside)
    assert system is not None and system.components == ()
    assert {each.code for each in found} == {"foreign-reference"}


def test_what_is_no_file_is_passed_over(tmp_path: Path) -> None:
    contract(tmp_path, SYSTEM)
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert codes(tmp_path) == set()


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert codes(tmp_path / "nowhere") == {"empty-system"}


def test_spelling_of_lines_means_nothing(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends are how some editors save; they change no finding and no place."""
    text = f"{SYSTEM}---\ncomponent: order-service\ntilte: Orders\n"
    plain = findings(contract(tmp_path, text))
    windows = findings(contract(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()))
    assert plain == windows
    assert [each.code for each in plain] == ["unknown-key"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"\x00" * 100, "invalid-yaml"),
        (b"\xff\xfe" + SYSTEM.encode("utf-16-le"), "not-utf-8"),
        (b"title: \x07\n", "invalid-yaml"),
        ("title: \ud800\n", "not-utf-8"),
        ("\ttitle: x\n", "invalid-yaml"),
        ("%YAML 3.0\n---\ntitle: x\n", "invalid-yaml"),
        ("title: *nobody\n", "invalid-yaml"),
        (f"{'k' * 1_000}: x\n", "unknown-key"),
        (f"{'k' * 100_000}: x\n", "invalid-yaml"),
        (f"component: shop\ntitle: {'9' * 100_000}\n", "unquoted-text"),
        (f"component: shop\nstores: {{db: {{kind: sql, port: {'9' * 100_000}}}}}\n", "wrong-type"),
    ],
)
def test_odd_bytes(tmp_path: Path, text: str | bytes, code: str) -> None:
    contract(tmp_path, SYSTEM)
    contract(tmp_path, text, "other.yaml")
    assert codes(tmp_path) == {code}


def test_a_file_that_cannot_be_read_to_its_end_is_one_fault(tmp_path: Path) -> None:
    """Nobody knows what it would have defined, so nothing that refers to it is reported."""
    question = "open_questions: {OQ-1: {question: Who owns it?, settles: [stock-service.owner]}}\n"
    contract(tmp_path, f"{SYSTEM}{question}---\ncomponent: order-service\nuses: [{{api: stock-service.stock}}]\n")
    contract(tmp_path, "component: stock-service\nprovides: [\n", "stock.yaml")
    assert codes(tmp_path) == {"invalid-yaml"}


def test_patterns_that_take_for_ever_are_never_run(tmp_path: Path) -> None:
    types = "{A: {type: string, pattern: '^(a+)+$'}, B: {type: string, pattern: '^(a|b|[ab]+)*c'}}"
    value = "a" * 60 + "!"
    contract(tmp_path, f"{SYSTEM}types: {types}\nexamples: {{a: {{type: A, value: {value}}}, b: {{type: B, value: {value}}}}}\n")
    assert codes(tmp_path) == {"slow-pattern"}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}$", r"^[a-z0-9]+(-[a-z0-9]+)*$", r"^\+?[1-9]\d{1,14}$", r"^(?:GET|POST) /\S*$", r"^[^@\s]+@[^@\s]+$", r"^\$\{[\w.-]+\}$", r"^.{1,5}?$",
        r"^\u00e9\x41\/$", r"[\]\[\-^]", r"", r"a|", r"^(a|b)*$", r"^(\d{1,3}\.){3}\d{1,3}$", r"^([A-Z][a-z]* ?)+$",
    ],
)  # fmt: skip
def test_portable_patterns_are_taken(pattern: str) -> None:
    assert patterns.fault(pattern) is None
    re.compile(pattern)


# --- fuzzing ----------------------------------------------------------------------------------------------------------


def delete_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    return "".join(lines[:start] + lines[start + chance.randint(1, 3) :])


def repeat_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    part = lines[start : start + chance.randint(1, 5)]
    place = chance.randrange(len(lines))
    return "".join(lines[:place] + part + lines[place:])


def indent_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    place = chance.randrange(len(lines))
    lines[place] = f"  {lines[place]}" if chance.random() < 0.5 else lines[place].removeprefix("  ")
    return "".join(lines)


def replace_value(text: str, chance: random.Random) -> str:
    """Any value, in block or flow style, becomes an odd one."""
    places = list(re.finditer(r"(?<=: )(?:[^\s,{}\[\]\"']+|\"[^\"\n]*\"|\{[^{}\n]*\}|\[[^\[\]\n]*\])", text))
    if not places:
        return text
    place = chance.choice(places)
    return text[: place.start()] + chance.choice(VALUES) + text[place.end() :]


def swap_words(text: str, chance: random.Random) -> str:
    words = list(re.finditer(r"[A-Za-z][\w-]*", text))
    if not words:
        return text
    one, other = (chance.choice(words) for _ in range(2))
    return text[: one.start()] + other.group() + text[one.end() :]


def insert_odd(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text))
    odd = chance.choice([*ODD, *"{}[]:,#&*!|>'\"%@`-?\n "])
    return f"{text[:place]}{odd}{text[place:]}"


def cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    delete_lines,
    repeat_lines,
    indent_line,
    replace_value,
    replace_value,
    swap_words,
    swap_words,
    insert_odd,
    cut,
)


def seeds(folder: Path) -> list[str]:
    """A contract that generates clean, and every contract of the scenarios."""
    scaffold("shop", folder / "contracts" / "shop")
    clean = "---\n".join(path.read_text() for path in sorted((folder / "contracts" / "shop").glob("*.yaml")))
    scenarios = [
        path.read_text(errors="replace")
        for path in sorted((ROOT / "tests" / "scenarios").glob("*/*/contract.yaml"))
        if path.stat().st_size < 20_000
    ]
    return [*[clean] * max(1, len(scenarios) // 3), *scenarios]


ROUNDS, CASES = 8, 150


@pytest.mark.parametrize("round", range(ROUNDS))
def test_no_broken_contract_raises(tmp_path: Path, round: int) -> None:
    """Contracts that are almost right reach deepest; each one that raises is written into the failure."""
    chance = random.Random(round)
    originals = seeds(tmp_path)
    folder = tmp_path / "broken"
    folder.mkdir()
    for _ in range(CASES):
        text = chance.choice(originals)
        for _ in range(chance.choice([1, 1, 2, 4])):
            text = chance.choice(MUTATIONS)(text, chance) or SYSTEM
        contract(folder, text)
        try:
            found = findings(folder)
            for name in reports.FORMATS:
                reports.rendered(name, found, lambda at: "a line").encode()
        except Exception as error:
            raise AssertionError(f"{type(error).__name__}: {error}, by the contract\n{text}") from error


# --- values -----------------------------------------------------------------------------------------------------------

WORDS = ["", "a", "b", "abc", "é", "aGVsbG8=", "2026-01-31", "12.50"]


def random_type(chance: random.Random, depth: int) -> str:
    """A schema of the portable vocabulary, in flow style."""
    kind = chance.choice(["string", "integer", "number", "boolean", *(["array", "object", "map"] if depth else [])])
    keys = {
        "string": [
            "minLength: 1",
            "maxLength: 2",
            "enum: [a, b]",
            "const: a",
            "pattern: '^[a-z]+$'",
            "contentEncoding: base64",
            "format: date",
            "format: decimal",
        ],
        "integer": ["minimum: 1", "maximum: 3", "exclusiveMinimum: 0", "multipleOf: 2", "format: int32", "format: uint32"],
        "number": ["minimum: 0.5", "exclusiveMaximum: 3", "multipleOf: 0.25"],
        "array": ["minItems: 1", "maxItems: 1", "uniqueItems: true"],
        "map": ["minProperties: 1", "maxProperties: 1"],
    }
    own = chance.sample(keys.get(kind, []), k=min(len(keys.get(kind, [])), chance.choice([0, 0, 1])))
    if kind == "array":
        own.append(f"items: {random_type(chance, depth - 1)}")
    if kind == "map":
        own.append(f"additionalProperties: {random_type(chance, depth - 1)}")
    if kind == "object":
        own.append(f"properties: {{a: {random_type(chance, depth - 1)}, b: {random_type(chance, depth - 1)}}}")
        own += chance.choice([[], ["required: [a]"], ["additionalProperties: false"]])
    return f"{{type: {'object' if kind == 'map' else kind}, {', '.join(own)}}}"


def random_value(chance: random.Random, depth: int) -> object:
    leaves: list[object] = [chance.choice(WORDS), chance.choice([-1, 0, 1, 2, 3, 2**31, 2**32, 0.1, 0.3, 0.5, 2.5]), True, None]
    nested: list[object] = [[random_value(chance, depth - 1) for _ in range(chance.randint(0, 2))]] if depth else []
    nested += [{name: random_value(chance, depth - 1) for name in chance.sample(["a", "b", "c"], k=chance.randint(0, 2))}] if depth else []
    return chance.choice([*leaves, *nested, *nested])


def test_values_are_judged_as_json_schema_judges_them(tmp_path: Path) -> None:
    """Review has a check of its own, for its words and its speed; a library of the field must agree with every verdict."""
    chance = random.Random(7)
    judged = {True: 0, False: 0}
    contract(tmp_path, SYSTEM + "types:\n" + "".join(f"  T{number}: {random_type(chance, 2)}\n" for number in range(200)))
    system, found = read(tmp_path)
    assert system is not None and not found
    graph, _ = link(system)
    assert review(graph) == []
    for name in graph.types:
        schema = graph.types[name].schema
        validator = Draft202012Validator(with_base64(json_schema(schema, "2020-12", str)), format_checker=FORMATS)
        for _ in range(100):
            value = random_value(chance, 2)
            wrong = [each.message for each in mismatches(graph, schema, value) if not each.is_unknown]
            assert (not wrong) == validator.is_valid(value), (schema, value, wrong)
            judged[not wrong] += 1
    assert min(judged.values()) > 1_000


FORMATS = FormatChecker(("date",))
FORMATS.checks("base64", raises=ValueError)(lambda value: not isinstance(value, str) or base64.b64decode(value, validate=True) is not None)


def with_base64(data: Any) -> Any:
    """A validator takes `contentEncoding` for a note; here it is a format."""
    if isinstance(data, dict):
        more = {"format": "base64"} if data.get("contentEncoding") == "base64" else {}
        return {key: with_base64(value) for key, value in data.items()} | more
    return [with_base64(each) for each in data] if isinstance(data, list) else data


# --- the manual -------------------------------------------------------------------------------------------------------


def test_every_rule_of_form_has_a_scenario() -> None:
    """Those of the architecture have their own tests, and `test_manual.py` sees that every code has its page."""
    families = {rule.__module__.rpartition(".")[2] for rule in (*RULES, *SCHEMA_RULES, *METHOD_RULES)}
    rules = {name for name, page in pages().items() if page.family in families and not page.is_judgement}
    expected = "\n".join(path.read_text() for path in (ROOT / "tests" / "scenarios").glob("*/*/diagnostics.txt"))
    assert rules - set(re.findall(r"\[([a-z0-9-]+)\]: ", expected)) == set(), "codes without a scenario"
