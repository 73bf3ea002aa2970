"""The provers of OpenAPI documents accept what the emitter writes, and refuse each kind of broken document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest

from generator.diagnostics import Diagnostic
from generator.emit import openapi
from generator.link import link
from generator.prove import openapi_examples, openapi_spec
from generator.read import read

ROOT = Path(__file__).parents[2]
CONTRACT = """
interlock: 1
system: {name: shop, owner: team}
---
component: catalog
types:
  Article: {type: object, required: [id, name], properties: {id: {type: string, format: uuid}, name: {type: string}, since: {type: string, format: date}}}
examples:
  teapot: {type: Article, value: {id: 0e8f1b7a-51b8-4bd1-9d8c-2f2b3c6d7e8f, name: Teapot, since: "2024-02-29"}}
provides:
  articles:
    version: "1.0.0"
    http: {base: /articles}
    operations:
      getArticle: {http: "GET /{id}", response: {$ref: Article}}
      putArticle: {http: "PUT /{id}", request: {$ref: Article}}
"""
FILE = PurePosixPath("catalog.articles.yaml")
BROKEN_DOCUMENTS = {
    "two operations with one id": ("operationId: putArticle", "operationId: getArticle", "invalid", "Operation ID 'getArticle'"),
    "an operation without responses": ("      responses:\n", "      answers:\n", "invalid", "('answers' was unexpected)"),
    "a type that is none": ("type: string\n          format: uuid", "type: text\n          format: uuid", "invalid", "'text' is not valid"),
    "a pattern that is none": (
        "type: string\n          format: uuid",
        "type: string\n          pattern: '('",
        "invalid",
        "'(' is not a 'regex'",
    ),
    "a path parameter that nobody declares": ("- name: id\n", "- name: key\n", "invalid", "Path parameter 'id'"),
    "a schema that is not there": (
        "$ref: '#/components/schemas/Article'",
        "$ref: '#/components/schemas/Artikle'",
        "unresolvable",
        "Artikle",
    ),
    "a discriminator that is none": (
        "type: string\n          format: uuid",
        "discriminator: id",
        "invalid",
        "'id' is not of type 'object'",
    ),
    "another version": ("openapi: 3.1.1", "openapi: 3.0.3", "other-version", "3.0"),
    "no version": ("openapi: 3.1.1", "edition: 3.1.1", "no-version", "which OpenAPI"),
    "no YAML": ("info:\n", "info: [\n", "unreadable", "did not find expected"),
}
BROKEN_EXAMPLES = {
    "another type": ("name: Teapot", "name: 5", "invalid-example", "5 is not of type 'string'"),
    "a format that does not hold": ("0e8f1b7a", "teapot-1", "invalid-example", "is not a 'uuid'"),
    "a date that is none": ("2024-02-29", "2023-02-29", "invalid-example", "is not a 'date'"),
    "a property that is missing": ("        name: Teapot\n", "", "invalid-example", "'name' is a required property"),
    "an example that is not there": ("$ref: '#/components/examples/teapot'", "$ref: '#/components/examples/pot'", "unusable", "'pot'"),
    "a problem that is none": (
        "          schema:\n            $ref: '#/components/schemas/Problem'",
        "          schema: {type: string}\n          example: 5",
        "invalid-example",
        "5 is",
    ),
    "a default of another type": ("type: string\n          format: date", "type: string\n          default: 5", "invalid-example", "5 is"),
}

SLOW = """
import json, sys
sys.modules["jsonschema_rs"] = None
from pathlib import Path, PurePosixPath
from generator.prove import openapi_spec
found = openapi_spec.prove(Path(sys.argv[1]), [PurePosixPath(file) for file in sys.argv[2:]])
print(json.dumps([[each.at.file, each.code, each.at.line] for each in found]))
"""


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("contract")
    (folder / "contract.yaml").write_text(CONTRACT)
    system, found = read(folder)
    assert system is not None and not found
    graph, found = link(system)
    assert not found
    (artifact,) = openapi.emit(graph)
    assert artifact.path == FILE
    return artifact.text


@pytest.mark.parametrize("prover", [openapi_spec, openapi_examples], ids=["spec", "examples"])
def test_what_the_emitter_writes_is_accepted(text: str, tmp_path: Path, prover: ModuleType) -> None:
    assert prover.available()
    assert proven(prover, text, tmp_path) == []


@pytest.mark.parametrize("fault", BROKEN_DOCUMENTS)
def test_broken_documents_are_refused(text: str, tmp_path: Path, fault: str) -> None:
    good, bad, code, words = BROKEN_DOCUMENTS[fault]
    assert_refused(openapi_spec, text, good, bad, f"openapi-spec-validator/{code}", words, tmp_path)


@pytest.mark.parametrize("fault", BROKEN_EXAMPLES)
def test_broken_examples_are_refused(text: str, tmp_path: Path, fault: str) -> None:
    good, bad, code, words = BROKEN_EXAMPLES[fault]
    assert_refused(openapi_examples, text, good, bad, f"jsonschema/{code}", words, tmp_path)


def test_the_quick_engine_changes_no_verdict(text: str, tmp_path: Path) -> None:
    """Where jsonschema-rs is not installed, the validator takes longer and refuses the same documents for the same faults."""
    (tmp_path / "good.yaml").write_text(text)
    for number, (good, bad, _, _) in enumerate(BROKEN_DOCUMENTS.values()):
        (tmp_path / f"{number}.yaml").write_text(text.replace(good, bad))
    files = [PurePosixPath(path.name) for path in sorted(tmp_path.iterdir())]
    quick = [[found.at.file, found.code, found.at.line] for found in openapi_spec.prove(tmp_path, files)]
    done = subprocess.run(
        [sys.executable, "-c", SLOW, str(tmp_path), *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == quick
    assert {file for file, _, _ in quick} == {str(file) for file in files} - {"good.yaml"}


def test_a_schema_is_found_through_references(text: str, tmp_path: Path) -> None:
    broken = text.replace("type: string\n          format: uuid", "type: text\n          format: uuid")
    found = proven(openapi_spec, broken, tmp_path)[-1]
    assert "type: text" in broken.splitlines()[found.at.line - 1]


def assert_refused(prover: ModuleType, text: str, good: str, bad: str, code: str, words: str, folder: Path) -> None:
    assert good in text
    found = proven(prover, text.replace(good, bad), folder)
    assert [each for each in found if each.code == code and words in each.message], found
    assert all(each.at.file == str(FILE) for each in found)


def proven(prover: ModuleType, text: str, folder: Path) -> list[Diagnostic]:
    (folder / FILE).write_text(text)
    return list(prover.prove(folder, [FILE]))
