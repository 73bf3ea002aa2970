"""The laws of the design, on every committed system: same bytes, order means nothing, changes stay local, failure leaves all as it was."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from generator.catalog import KINDS
from generator.diagnostics import Severity, has_errors
from generator.pipeline import emit_all, understand, with_numbers

SYSTEMS = sorted(path.parent for path in (ROOT / "contracts").glob("*/system.yaml"))
UNORDERED = {
    "required",
    "enum",
    "scopes",
    "roles",
    "errors",
    "uses",
    "consumes",
    "sends",
    "uses_stores",
    "operations",
    "reads",
    "implements",
    "route",
    "contexts",
}


def test_there_are_systems() -> None:
    assert len(SYSTEMS) >= 2


@pytest.fixture(params=SYSTEMS, ids=lambda path: path.name)
def system(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


def emitted(folder: Path) -> dict[str, str]:
    graph, found = understand(folder)
    assert graph is not None and not has_errors(found), [
        f"{each.code}: {each.message}" for each in found if each.severity is Severity.ERROR
    ]
    return {artifact.path.as_posix(): artifact.text for _, artifact in emit_all(with_numbers(graph), KINDS)}


def copied(folder: Path, target: Path, *, with_lock: bool) -> Path:
    shutil.copytree(folder, target, ignore=None if with_lock else shutil.ignore_patterns("*.lock"))
    return target


@pytest.mark.parametrize("with_lock", [True, False], ids=["locked", "first-run"])
def test_order_means_nothing(system: Path, tmp_path: Path, with_lock: bool) -> None:
    expected = emitted(copied(system, tmp_path / "as-written" / system.name, with_lock=with_lock))
    for seed in range(3):
        folder = copied(system, tmp_path / str(seed) / system.name, with_lock=with_lock)
        for path in folder.glob("*.yaml"):
            path.write_text(shuffled(path.read_text(), random.Random(f"{seed} {path.name}")))
        actual = emitted(folder)
        assert sorted(actual) == sorted(expected)
        assert [path for path in expected if actual[path] != expected[path]] == []


def shuffled(text: str, order: random.Random) -> str:
    """The same contract with its mappings, its unordered lists and its documents in another order."""
    tops = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    order.shuffle(tops)
    for top in tops:
        shuffle(top, order)
    return str(yaml.serialize_all(tops, allow_unicode=True))


def shuffle(node: Any, order: random.Random) -> None:
    if isinstance(node, yaml.MappingNode):
        order.shuffle(node.value)
        for key, value in node.value:
            if isinstance(value, yaml.SequenceNode) and key.value in UNORDERED:
                order.shuffle(value.value)
            shuffle(value, order)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            shuffle(value, order)


def test_files_of_a_system_can_be_one_file(system: Path, tmp_path: Path) -> None:
    together = tmp_path / system.name
    together.mkdir()
    texts = [path.read_text() for path in sorted(system.glob("*.yaml"), reverse=True)]
    (together / "all.yaml").write_text("\n---\n".join(texts))
    for written in ("proto.lock", "measured.json"):
        if (system / written).exists():
            shutil.copy(system / written, together)
    assert emitted(together) == emitted(system)


NEW_COMPONENT = """
component: zz-added
types: {Thing: {type: object, required: [id], properties: {id: {type: string}}}}
provides:
  things: {version: "1.0.0", http: {base: /api/v1/zz-things}, grpc: {}, operations: {getThing: {http: "GET /{id}", response: Thing}}}
publishes:
  ThingAdded: {version: "1.0.0", payload: Thing, key: id}
runtime: {image: "registry.example.com/zz-added:1.0.0"}
"""


def test_an_added_component_changes_nothing_else(system: Path, tmp_path: Path) -> None:
    before = emitted(system)
    folder = copied(system, tmp_path / system.name, with_lock=True)
    (folder / "zz-added.yaml").write_text(NEW_COMPONENT)
    after = emitted(folder)
    changed = {path for path in before if after.get(path) != before[path]}
    assert {path for path in changed if not lists_components(path, system)} == set()
    added = set(after) - set(before)
    assert added and all("zz-added" in path or "zz_added" in path for path in added)


LISTS = re.compile(
    r"(kubernetes|istio)/(edges/.*|.*kustomization\.yaml|overlays/[^/]*/(network|authorization)-policies/(allow-to-)?broker-.*)"
    r"|alertmanager/routing-tests\.yaml|prometheus/(local|environments/[^/]*)/prometheus\.yaml"
    r"|logging/(audit-events\.(yaml|md)|python/src/.*/events\.py)"
)


def lists_components(path: str, system: Path) -> bool:
    """Catalogues, the document, packages, kustomizations, edges, who is scraped and told of what, the policies of the broker, and the interfaces of the system, which name who provides them."""
    graph, _ = understand(system)
    assert graph is not None
    of_the_system = {f"openapi/{each.id}.yaml" for each in graph.interfaces if each.owner is None}
    return (
        LISTS.fullmatch(path) is not None
        or path.startswith(("messages/catalogue.", "telemetry/instruments.", "document/"))
        or path.endswith(("/__init__.py", "clients/pyproject.toml", "logging/python/pyproject.toml"))
        or path in of_the_system
    )


def test_an_added_property_changes_only_what_shows_its_type(system: Path, tmp_path: Path) -> None:
    """Each file whose bytes change is one that came from the line that changed, as its sources say."""
    graph, _ = understand(system)
    assert graph is not None
    before = {artifact.path: artifact for _, artifact in emit_all(with_numbers(graph), KINDS)}
    component, name = next((each, type.name) for each in graph.components for type in each.types if type.schema.properties)
    folder = copied(system, tmp_path / system.name, with_lock=True)
    path = folder / Path(component.at.span.file).name
    document = yaml.safe_load(path.read_text())
    document["types"][name]["properties"]["zzAdded"] = {"type": "string"}
    path.write_text(yaml.safe_dump(document))
    pointer = f"{component.name}.types.{name}"
    after = emitted(folder)
    changed = {path for path, artifact in before.items() if after[path.as_posix()] != artifact.text}
    assert changed and {str(path) for path in changed if pointer not in {at.pointer for at in before[path].sources}} == set()
    assert set(after) == {path.as_posix() for path in before}


def generated(system: Path, output: Path, seed: str) -> Path:
    contracts = output / "contracts"
    shutil.copytree(system, contracts / system.name)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "LC_ALL": "C",
        "TZ": "Pacific/Auckland",
        "PYTHONPATH": str(ROOT),
        "INTERLOCK_CACHE": str(output / "cache"),
    }
    command = [sys.executable, "-m", "generator", "generate", "--contracts", "contracts", "--output", "out", "--no-cache"]
    subprocess.run(command, cwd=output, env=environment, check=True, capture_output=True)
    return output / "out"


def walk(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("seed", ["0", "4242"])
def test_other_processes_make_what_is_committed(system: Path, tmp_path: Path, seed: str) -> None:
    output = generated(system, tmp_path, seed) / system.name
    committed = ROOT / "output" / system.name
    assert [path.relative_to(output) for path in walk(output)] == [path.relative_to(committed) for path in walk(committed)]
    assert [path for path in walk(output) if path.read_bytes() != (committed / path.relative_to(output)).read_bytes()] == []


def test_an_invalid_contract_leaves_the_output_untouched(system: Path, tmp_path: Path) -> None:
    contracts, output = tmp_path / "contracts", tmp_path / "output"
    shutil.copytree(system, contracts / system.name)
    shutil.copytree(ROOT / "output" / system.name, output / system.name)
    before = {path: path.read_bytes() for path in walk(output)}
    (contracts / system.name / "broken.yaml").write_text("component: broken\nuses: [{api: nobody.nothing}]\n")
    command = [sys.executable, "-m", "generator", "generate", "--contracts", str(contracts), "--output", str(output)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INTERLOCK_CACHE": str(tmp_path / "cache")}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "unknown-api" in run.stdout and "Traceback" not in run.stdout + run.stderr
    assert {path: path.read_bytes() for path in walk(output)} == before
