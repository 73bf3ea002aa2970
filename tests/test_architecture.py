"""What the house relies on: imports go down, input and output stand where they may, every module says what it is."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from generator.catalog import KINDS
from generator.read.language_schema import language_schema

GENERATOR = ROOT / "generator"
MODULES = sorted(GENERATOR.rglob("*.py"))
LEVELS = [
    {"diagnostics", "units", "yaml_writer"},
    {"model"},
    {"graph", "read"},
    {"names", "text", "dialects", "link"},
    {
        "columns",
        "connections",
        "contacts",
        "conversions",
        "envelopes",
        "placement",
        "queries",
        "schedules",
        "tools",
        "scaffold",
        "places",
        "path_patterns",
    },
    {"captures", "protobuf", "network", "policies", "personal", "promql", "lineage"},
    {"signals", "auditing", "chains"},
    {"instrumentation", "objectives", "receivers"},
    {"alerts"},
    {"recorded"},
    {"artifact", "field_numbers", "wire"},
    {"kustomization", "packages", "policy_rules", "beam"},
    {"review", "emit", "prove", "narrate", "publish", "beside", "extract"},
    {"changes"},
    {"faults"},
    {"manual"},
    {"suppressions", "reports", "baseline", "previous", "session"},
    {"document"},
    {"catalog", "run_record", "site", "live"},
    {"pipeline"},
    {"integrate"},
    {"console"},
    {"cli"},
    {"__main__"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
MAY_TOUCH_FILES = {
    "read",
    "prove",
    "beside",
    "publish",
    "cli",
    "console",
    "tools",
    "scaffold",
    "run_record",
    "pipeline",
    "previous",
    "session",
    "integrate",
    "site",
    "live",
}


def part(path: Path) -> str:
    """The stage or value that a module belongs to: its folder, or its own name."""
    relative = path.relative_to(GENERATOR)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("generator"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("generator.")}
    return found - {"__version__"}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name != "__init__.py" or path.parent != GENERATOR],
    ids=lambda path: path.relative_to(GENERATOR).as_posix(),
)
def test_imports_go_down(path: Path) -> None:
    own = part(path)
    assert own in LEVEL, f"{own} has no place in the house: add it to LEVELS"
    for name in imports(path):
        assert name == own or LEVEL[name] < LEVEL[own] or {name, own} <= {"graph", "read", "names", "text", "dialects", "link"}, (
            f"{own} imports {name}"
        )


@pytest.mark.parametrize("path", sorted((GENERATOR / "emit").rglob("*.py")), ids=lambda path: path.relative_to(GENERATOR).as_posix())
def test_emitters_never_import_each_other(path: Path) -> None:
    own = path.relative_to(GENERATOR / "emit").parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("generator.emit"):
            others = [node.module.split(".")[2]] if node.module.count(".") > 1 else [alias.name for alias in node.names]
            assert set(others) <= {own}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(GENERATOR).as_posix())
def test_modules_open_with_their_sentence(path: Path) -> None:
    text = path.read_text()
    assert not text or (ast.get_docstring(ast.parse(text)) or "").strip().splitlines()[0].endswith((".", ":")), (
        "one sentence that says what the module is"
    )


@pytest.mark.parametrize(
    "path", [path for path in MODULES if part(path) not in MAY_TOUCH_FILES], ids=lambda path: path.relative_to(GENERATOR).as_posix()
)
def test_only_the_edges_touch_the_world(path: Path) -> None:
    """No file, clock, environment, randomness or network in what turns a contract into artifacts."""
    forbidden = {"os", "time", "random", "datetime", "subprocess", "socket", "urllib", "secrets", "tempfile", "shutil"}
    for node in ast.walk(ast.parse(path.read_text())):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        assert not {name.split(".")[0] for name in names} & forbidden, f"{path.name} imports {names}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input"}, f"{path.name} calls {node.func.id}"


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name not in ("cli.py", "console.py")], ids=lambda path: path.relative_to(GENERATOR).as_posix()
)
def test_only_the_command_line_prints(path: Path) -> None:
    if path.name in ("tools.py",):
        return  # `python -m generator.tools` is a command of its own
    calls = [
        node.func.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]
    assert "print" not in calls


def test_no_name_of_an_example_system_is_in_the_generator() -> None:
    """Real systems are other systems: what works for the example alone works for nobody."""
    names = {path.name for path in (ROOT / "contracts").iterdir() if path.is_dir()}
    names |= {
        each["component"]
        for path in (ROOT / "contracts").glob("*/*.yaml")
        for each in yaml.safe_load_all(path.read_text())
        if "component" in each
    }
    spelt = re.compile("|".join(rf"(?<![\w-]){name}(?![\w-])" for name in sorted({*names, *(name.replace("-", "_") for name in names)})))
    for path in GENERATOR.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".json", ".yaml", ".mjs"} and "node" not in path.parts:
            assert spelt.findall(path.read_text()) == [], path


def test_published_language_schema_is_current() -> None:
    published = (GENERATOR / "schema" / "contract.schema.json").read_text()
    assert published == json.dumps(language_schema(), indent=1, ensure_ascii=False) + "\n", "run: make schema"


def test_kinds_have_one_folder_and_one_tool_name_each() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert kind.provers, f"{kind.name} is proven by nothing"
        for prover in kind.provers:
            assert prover.TOOL and prover.PROVES and prover.GET and prover.SCOPE in ("file", "kind")
