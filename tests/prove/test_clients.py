"""The models of every contract read each named example and write it back; a document that the contract refuses, they refuse."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import importlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter, ValidationError

from generator.diagnostics import Diagnostic, has_errors
from generator.dialects import json_schema
from generator.emit import clients
from generator.emit.clients.bundle import class_names
from generator.graph import Graph
from generator.link import link
from generator.model import Example
from generator.prove import python_import
from generator.read import read

ROOT = Path(__file__).parents[2]
SYSTEMS = sorted({path.parent for path in (ROOT / "contracts").glob("*/*.yaml")})
SCENARIOS = sorted(path.parent for path in (ROOT / "tests" / "scenarios").glob("*/*/contract.yaml") if path.parts[-3] != "refused")
VALUES = ROOT / "tests" / "scenarios" / "clients" / "values"
FORMATS = jsonschema.FormatChecker(["date", "date-time", "uuid"])
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")


@pytest.fixture(scope="module", params=[*SYSTEMS, *SCENARIOS], ids=lambda folder: folder.relative_to(ROOT).as_posix())
def contract(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Graph, Path]]:
    """The graph of a contract, and the folder of its package, which can be imported."""
    graph = linked(request.param)
    folder = tmp_path_factory.mktemp("clients")
    write(graph, folder)
    with importable(folder / "src"):
        yield graph, folder


def test_there_are_systems() -> None:
    assert SYSTEMS


def test_examples_come_back(contract: tuple[Graph, Path]) -> None:
    graph, _ = contract
    for example, model in models(graph):
        for value in (model.validate_python(example.value), model.validate_json(json.dumps(example.value))):
            assert same(model.dump_python(value, mode="json", exclude_unset=True), example.value), example.name
            assert same(json.loads(model.dump_json(value, exclude_unset=True)), example.value), example.name


def test_what_models_write_is_a_document(contract: tuple[Graph, Path]) -> None:
    """Also where defaults are written out; and reading it again gives the same."""
    graph, _ = contract
    for example, model in models(graph):
        value = model.validate_python(example.value)
        written = model.dump_python(value, mode="json", exclude_none=True)
        judge(graph, example).validate(written)
        assert model.validate_python(written) == value, example.name


def test_wrong_documents_are_refused(contract: tuple[Graph, Path]) -> None:
    graph, _ = contract
    for example, model in models(graph):
        jury = judge(graph, example)
        for wrong in broken(example.value):
            assert jury.is_valid(wrong) or not accepts(model, wrong), (example.name, wrong)


def test_prover_accepts_and_leaves_no_trace(contract: tuple[Graph, Path]) -> None:
    _, folder = contract
    before = sorted(folder.rglob("*"))
    assert list(proof(folder)) == []
    assert [path for path in sorted(folder.rglob("*")) if "__pycache__" not in path.parts] == [
        path for path in before if "__pycache__" not in path.parts
    ]


# --- the values scenario, one question at a time ----------------------------------------------------------------------


@pytest.fixture
def order(tmp_path: Path) -> Iterator[Any]:
    """The module of the values scenario."""
    write(linked(VALUES), tmp_path)
    with importable(tmp_path / "src"):
        yield importlib.import_module("shop_contracts.order_service_orders").Order


FEWEST = {"id": "7f2b5a3e-52a4-4b92-9a0c-0c1f6c1f9f10", "status": "placed", "count": 1, "total": "1.50", "placedAt": "2026-01-01T10:00:00Z"}


def test_values_are_those_of_python(order: Any) -> None:
    value = order.model_validate(FEWEST | {"photo": "/+8="})
    assert (str(value.total), value.photo, value.placed_at.utcoffset(), value.id.version) == ("1.50", b"\xff\xef", dt.timedelta(), 4)
    assert (value.note, value.since, value.lasts) == ("none", dt.date(2026, 1, 1), None)
    built = order(id=value.id, status="placed", count=1, total=value.total, placed_at=value.placed_at, photo=b"\xff\xef")
    assert built.model_dump(mode="json", exclude_unset=True) == FEWEST | {"photo": "/+8="}


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "7f2b5a3e52a44b929a0c0c1f6c1f9f10"},
        {"id": None},
        {"status": "lost"},
        {"count": "1"},
        {"count": True},
        {"count": 2147483648},
        {"total": 1.5},
        {"total": "1e2"},
        {"total": "NaN"},
        {"rate": "0.5"},
        {"paid": "yes"},
        {"paid": 1},
        {"placedAt": "2026-01-01T10:00:00"},
        {"placedAt": 1767261600},
        {"day": "2026-02-30"},
        {"day": "2026-01-01T00:00:00Z"},
        {"opens": 30600},
        {"lasts": "1h"},
        {"lasts": "PT1S\n"},
        {"photo": "not base64"},
        {"kind": "invoice"},
        {"prices": {"EUR": 1}},
        {"prices": {}},
    ],
    ids=json.dumps,
)
def test_value_is_refused(order: Any, wrong: dict[str, Any]) -> None:
    order.model_validate(FEWEST)
    with pytest.raises(ValidationError):
        order.model_validate(FEWEST | wrong)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-01-01T10:00:00.5Z", "2026-01-01T10:00:00.500Z"),
        ("2026-01-01T10:00:00.000Z", "2026-01-01T10:00:00Z"),
        ("2026-01-01T10:00:00.000001+00:00", "2026-01-01T10:00:00.000001Z"),
        ("2026-01-01T10:00:00+02:00", "2026-01-01T10:00:00+02:00"),
    ],
)
def test_instants_are_written_as_proto_json_does(order: Any, text: str, written: str) -> None:
    assert order.model_validate(FEWEST | {"placedAt": text}).model_dump(mode="json")["placedAt"] == written


def test_null_is_read_as_absent_and_never_written(order: Any) -> None:
    value = order.model_validate(FEWEST | {"email": None, "surprise": 1})
    assert value.model_dump(mode="json", exclude_unset=True, exclude_none=True) == FEWEST


# --- the prover and the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "at", "said"),
    [
        ("order_service_orders.py", "\nclass Order(", "\nclass Order((", None, "SyntaxError"),
        ("order_service_orders.py", "\nId = TypeAliasType(", "\nId = Typo(", "Id = ", "NameError"),
        ("order_service_orders.py", "day: Date | None", "day: Day | None", "class Order(", "PydanticUndefinedAnnotation"),
        (
            "order_service_orders.py",
            "count: Annotated[StrictInt, Field(ge=1",
            "count: Annotated[StrictInt, Field(ge='x'",
            "class Order(",
            "SchemaError",
        ),
        ("wire.py", "\nimport uuid", "\nimport no_such_module", "import no_such", "ModuleNotFoundError"),
    ],
)
def test_prover_refuses(tmp_path: Path, name: str, old: str, new: str, at: str | None, said: str) -> None:
    write(linked(VALUES), tmp_path)
    path = tmp_path / "src" / "shop_contracts" / name
    before, found, after = path.read_text().partition(old)
    assert found
    path.write_text(before + new + after)
    refusals = {each.at.file: each for each in proof(tmp_path)}
    refusal = refusals[f"src/shop_contracts/{name}"]
    assert refusal.message.startswith(said)
    assert at is None or path.read_text().splitlines()[refusal.at.line - 1].startswith(at)


def test_same_bytes_wherever_it_runs(tmp_path: Path) -> None:
    """The library can read its settings, and its formatters theirs, from the folder it runs in; ours must not."""
    hostile = "[tool.datamodel-codegen]\nuse-annotated = false\nsnake-case-field = false\n[tool.black]\nline-length = 40\n"
    (tmp_path / "pyproject.toml").write_text(hostile)
    code = "import sys; from pathlib import Path; from generator.emit import clients; from generator.link import link\n"
    code += "from generator.read import read; graph, _ = link(read(Path(sys.argv[1]))[0])\n"
    code += "for each in clients.emit(graph): sys.stdout.write(f'{each.path}\\n{each.text}')"
    said = set()
    for folder, seed in ((ROOT, "1"), (tmp_path, "2")):
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(VALUES)]
        said.add(subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True).stdout)
    assert len(said) == 1


def test_package_can_be_installed(tmp_path: Path) -> None:
    write(linked(VALUES), tmp_path / "clients")
    build = "import sys; from flit_core.buildapi import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=tmp_path / "clients", check=True)
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.name == "shop_contracts-1.4.2-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"shop_contracts/__init__.py", "shop_contracts/py.typed", "shop_contracts/wire.py"} <= names


# --- reading and judging ----------------------------------------------------------------------------------------------


def linked(folder: Path) -> Graph:
    system, found = read(folder)
    assert system is not None and not has_errors(found), [str(each) for each in found]
    graph, found = link(system)
    assert not has_errors(found), [str(each) for each in found]
    return graph


def write(graph: Graph, folder: Path) -> None:
    for artifact in clients.emit(graph):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")


@contextlib.contextmanager
def importable(source: Path) -> Iterator[None]:
    """Packages of other contracts have the same name, so nothing of one may stay."""
    others = {name: sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0].endswith("_contracts")}
    sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(source))
        for name in [name for name in sys.modules if name.split(".")[0].endswith("_contracts")]:
            del sys.modules[name]
        sys.modules.update(others)


def models(graph: Graph) -> Iterator[tuple[Example, TypeAdapter[Any]]]:
    """Each named example with the model of its type, in every module that shows the type."""
    home = f"{graph.name.replace('-', '_')}_contracts"
    for module in clients.modules(graph):
        loaded = importlib.import_module(f"{home}.{module.name}")
        for reference, name in class_names(graph, module.owner, module.tops).items():
            for example in graph.examples.get(reference, ()):
                yield example, TypeAdapter(getattr(loaded, name))


def judge(graph: Graph, example: Example) -> jsonschema.protocols.Validator:
    types = {name: json_schema(each.schema, "2020-12", "#/$defs/{}".format) for name, each in graph.types.items()}
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{example.type}", "$defs": types}, format_checker=FORMATS)


def broken(value: Any) -> Iterator[Any]:
    """The document with one thing wrong: each value of another kind, each key missing, a key too many."""
    yield from (1, 1.5, True, "x", "", [], {})
    if isinstance(value, dict):
        yield value | {"no such key": 1}
        for key, part in value.items():
            yield {name: each for name, each in value.items() if name != key}
            yield from (value | {key: wrong} for wrong in broken(part))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for wrong in broken(part):
                changed = copy.copy(value)
                changed[index] = wrong
                yield changed


def accepts(model: TypeAdapter[Any], value: Any) -> bool:
    try:
        model.validate_python(value)
    except ValidationError:
        return False
    return True


def same(one: Any, other: Any) -> bool:
    """The same document; an instant may be written with other digits."""
    return bool(instants(one) == instants(other))


def instants(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: instants(each) for key, each in value.items()}
    if isinstance(value, list):
        return [instants(each) for each in value]
    is_instant = isinstance(value, str) and INSTANT.fullmatch(value)
    return dt.datetime.fromisoformat(value) if is_instant else value


def proof(folder: Path) -> Iterator[Diagnostic]:
    files = [
        PurePosixPath(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts
    ]
    return python_import.prove(folder, files)
