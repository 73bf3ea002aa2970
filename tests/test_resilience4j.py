"""Spring Boot loads the emitted resilience4j files, and works with the contract's numbers: read from the contract's bare YAML, and counted in calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agreement import World, read_contract
from conftest import ROOT
from spring_boot import drive, effective

from generator.catalog import KINDS
from generator.pipeline import emit_all, understand, with_numbers

SYSTEMS = [
    *sorted(path.parent for path in (ROOT / "contracts").glob("*/system.yaml")),
    ROOT / "tests" / "scenarios" / "resilience" / "calls",
]
MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
REPEATABLE = {"GET", "HEAD", "PUT", "DELETE"}

Document = dict[str, Any]


def milliseconds(text: str) -> float:
    return sum(float(number) * MILLISECONDS[unit] for number, unit in re.findall(r"([\d.]+)(ms|[smhd])", text))


@pytest.fixture(scope="module", params=SYSTEMS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, dict[str, Path]]:
    """The contract, and the file of each consumer."""
    graph, _ = understand(request.param)
    assert graph is not None
    kinds = [kind for kind in KINDS if kind.name == "resilience"]
    files = {}
    for _, artifact in emit_all(with_numbers(graph), kinds):
        if "resilience4j" in artifact.path.parts:
            files[artifact.path.stem] = tmp_path_factory.mktemp("resilience") / artifact.path.name
            files[artifact.path.stem].write_text(artifact.text, encoding="utf-8")
    world = World(read_contract(request.param), {})
    world.deployed = world.components
    assert files
    return world, files


def declared(world: World, consumer: str) -> dict[str, Document]:
    """What the contract says of each operation that a component calls, defaults included, with the tries that are safe."""
    defaults = (world.system.get("defaults") or {}).get("call") or {}
    found: dict[str, Document] = {}
    for use in world.components[consumer].get("uses") or []:
        said = {**defaults, **use}
        said["breaker"] = defaults.get("breaker") if said.get("breaker") is True else said.get("breaker")
        for name, is_repeatable in operations(world, use):
            attempts = (said.get("retry") or {}).get("attempts", 1)
            found[name] = {**said, "tries": attempts if is_repeatable else 1, "is_in_mesh": "api" in use and "via" not in use}
    return found


def operations(world: World, use: Document) -> Iterator[tuple[str, bool]]:
    if "api" in use:
        for name, operation in world.called(use)[3].items():
            yield f"{use['api']}.{name}", repeats(operation)
        return
    known = world.system["externals"][use["external"]].get("operations") or {}
    wanted = use.get("operations") or list(known)
    yield from ((f"{use['external']}.{name}", repeats(known.get(name) or {})) for name in wanted)
    if not wanted:
        yield use["external"], False


def repeats(operation: Document) -> bool:
    http = operation.get("http") or ""
    method = http["method"] if isinstance(http, dict) else http.split(" ")[0]
    return bool(operation.get("idempotency", "safe" if method in REPEATABLE else "none") != "none")


def test_every_operation_has_the_numbers_of_the_contract(system: tuple[World, dict[str, Path]]) -> None:
    world, files = system
    for (consumer, _), loaded in zip(files.items(), effective(list(files.values())), strict=True):
        wanted = declared(world, consumer)
        assert set(loaded["retry"]) == set(wanted)
        breakers = {name: said["breaker"] for name, said in wanted.items() if said.get("breaker")}
        found = {
            name: (each["slidingWindowSize"], each["waitDurationInOpenState"]) for name, each in loaded.get("circuitbreaker", {}).items()
        }
        assert found == {name: (each["failures"], milliseconds(each["open"])) for name, each in breakers.items()}
        assert {name: each["maxAttempts"] for name, each in loaded["retry"].items()} == {
            name: said["tries"] for name, said in wanted.items()
        }
        limits = {name: each["timeoutDuration"] for name, each in loaded.get("timelimiter", {}).items()}
        assert limits == {name: milliseconds(a_try(said)) for name, said in wanted.items() if "timeout" in said}
        bulkheads = {name: each["maxConcurrentCalls"] for name, each in loaded.get("bulkhead", {}).items()}
        assert bulkheads == {name: said["concurrency"] for name, said in wanted.items() if "concurrency" in said}
        rates = {name: each["limitForPeriod"] / each["limitRefreshPeriod"] for name, each in loaded.get("ratelimiter", {}).items()}
        assert rates == {name: pytest.approx(per_millisecond(said["rate"])) for name, said in wanted.items() if "rate" in said}


def a_try(said: Document) -> str:
    per_try = (said.get("retry") or {}).get("per_try")
    return str(per_try if per_try and said["tries"] > 1 else said["timeout"])


def per_millisecond(rate: str) -> float:
    count, unit = rate.split("/")
    return float(count) / MILLISECONDS[unit]


def test_breakers_open_and_calls_are_repeated_as_declared(system: tuple[World, dict[str, Path]]) -> None:
    world, files = system
    for (consumer, _), counted in zip(files.items(), drive(list(files.values())), strict=True):
        wanted = declared(world, consumer)
        for name, breaker in counted.get("circuitbreaker", {}).items():
            failures = wanted[name]["breaker"]["failures"]
            assert (breaker["failuresUntilOpen"], breaker["failuresUntilOpenAfterSuccess"]) == (failures, failures), name
            assert not breaker["isCalledWhenOpen"] and breaker["successesUntilClosed"] == 1, name
        for name, retry in counted["retry"].items():
            assert (retry["tries"], retry["triesWhenOpen"]) == (wanted[name]["tries"], 1), name


def test_in_a_mesh_nothing_is_repeated_twice(system: tuple[World, dict[str, Path]]) -> None:
    world, files = system
    for (consumer, _), loaded in zip(files.items(), effective(list(files.values()), ["mesh"]), strict=True):
        for name, said in declared(world, consumer).items():
            assert loaded["retry"][name]["maxAttempts"] == (1 if said["is_in_mesh"] else said["tries"]), name
            if "timeout" in said:
                whole = said["timeout"] if said["is_in_mesh"] else a_try(said)
                assert loaded["timelimiter"][name]["timeoutDuration"] == milliseconds(whole), name
