"""Whatever is written as YAML reads back the same, with readers of YAML 1.1 and of YAML 1.2."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.text import to_yaml

READERS = {
    "PyYAML": lambda text: yaml.load(text, Loader=yaml.SafeLoader),
    "libyaml": lambda text: yaml.load(text, Loader=yaml.CSafeLoader),
    "YAML 1.2": YAML(typ="safe", pure=True).load,
}
TREACHEROUS = [
    *(
        "",
        " ",
        "~",
        "yes",
        "No",
        "NULL",
        "on",
        "true",
        "y",
        "1.10",
        "1e3",
        "5e-7",
        "0x1f",
        "0o7",
        "07",
        "1:30",
        "12:30:00",
        "2026-01-01",
        "1_000",
        "+1",
        "-.5",
    ),
    *(
        "=",
        "<<",
        ".inf",
        ".NaN",
        "-",
        "- a",
        "?",
        "? a",
        "a: b",
        "a:",
        ":a",
        "a #b",
        "#a",
        "---",
        "...",
        "%TAG",
        "!x",
        "&x",
        "*x",
        "@x",
        "`x",
        "{a",
        "[a",
        "a{b}",
    ),
    *(
        "a,b",
        "/x/{y}:z",
        "x:",
        "http://a/b",
        "it's",
        '"',
        "\\",
        "\t",
        "a\tb",
        "a\nb",
        "a\nb\n",
        "\na",
        "a\n\n",
        " a\nb",
        "a \nb",
        "a\n b",
        "a\n---\nb",
        "a\n...\n",
    ),
    *("a\r\nb", "\x00", "\x7f", "\x85", "a\x85b", "\u2028", "a\u2029b", "\ufeff", "a\ufeff", "é", "\U0001f600", "\u200b", "x" * 5000),
]
SIGNS = st.sampled_from(list(" \t\n\r:#-?,[]{}&*!|>'\"%@`~=<.0123456789eExXyYnN_/\\abc\x85\u2028\ufeff\x7f\x00é\u200b"))
TEXTS = st.one_of(st.sampled_from(TREACHEROUS), st.text(st.one_of(SIGNS, st.characters(exclude_categories=["Cs"])), max_size=14))
LEAVES = st.one_of(TEXTS, st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
DATA = st.recursive(LEAVES, lambda part: st.one_of(st.lists(part, max_size=4), st.dictionaries(TEXTS, part, max_size=4)), max_leaves=12)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("text", TREACHEROUS, ids=lambda text: ascii(text[:12]))
def test_treacherous_texts_stay_texts(text: str, reader: str) -> None:
    data = {"value": text, "list": [text, {text: text}]}
    assert READERS[reader](to_yaml(data, header="about\n--- this")) == data


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(DATA)
def test_any_plain_data_reads_back(data: Any) -> None:
    text = to_yaml(data)
    for name, read in READERS.items():
        assert read(text) == data, name


def test_it_looks_as_people_write_it() -> None:
    data = {
        "paths": {"/orders/{id}": {"get": {"tags": ["orders"], "description": "One line.\nAnother.\n", "empty": {}}}},
        "version": "1.10",
        "on": [[1, 2], "a: b"],
    }
    assert to_yaml(data, header="generated") == (
        "# generated\n"
        "paths:\n"
        "  /orders/{id}:\n"
        "    get:\n"
        "      tags:\n"
        "      - orders\n"
        "      description: |\n"
        "        One line.\n"
        "        Another.\n"
        "      empty: {}\n"
        "version: '1.10'\n"
        "'on':\n"
        "- - 1\n"
        "  - 2\n"
        "- 'a: b'\n"
    )
