"""The arithmetic of availability agrees with a simulation: systems are drawn at random, their parts fail at random, who answers is counted."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from generator import chains
from generator.chains import Work
from generator.diagnostics import has_errors
from generator.pipeline import understand

ROUNDS = 20_000
COMPONENTS = 9
Document = dict[str, Any]
HOW: dict[str, Document] = {
    "needed": {},
    "fallback": {"fallback": {"type": "cached_response", "ttl": "1m"}},
    "soft": {"required": False},
    "either": {"any_of": "one"},
}


def drawn(seed: int) -> list[Document]:
    """A system in which each component may call those after it: needed, with a fallback, not required, or one of two."""
    draw = random.Random(seed)
    shares = [draw.choice(("70%", "80%", "90%", "95%")) for _ in range(COMPONENTS + 2)]
    externals = {
        f"x{index}": {
            "quality": {"availability": shares[COMPONENTS + index]},
            "endpoints": {"api": {"protocol": "https", "host": f"x{index}.example"}},
        }
        for index in range(2)
    }
    found: list[Document] = [{"interlock": 1, "system": {"name": "drawn", "owner": "crew"}, "externals": externals}]
    for index in range(COMPONENTS):
        later = [f"c{other}" for other in range(index + 1, COMPONENTS)]
        called = draw.sample(later, min(len(later), draw.randint(0, 3))) + draw.sample(["x0", "x1"], draw.randint(0, 1))
        uses = []
        for name in called:
            use: Document = {"external": name} if name.startswith("x") else {"api": f"{name}.api"}
            use["timeout"] = "1s"
            how = draw.choice(("needed", "needed", "needed", "fallback", "soft", "either", "either"))
            use |= HOW[how]
            uses.append(use)
        quality = {"availability": shares[index], "own": True}
        api = {"version": "1.0.0", "grpc": {}, "operations": {"ask": {"idempotency": "safe"}}}
        found.append({"component": f"c{index}", "quality": quality, "provides": {"api": api}, "uses": uses})
    return found


def answers(documents: list[Document], up: dict[str, bool], name: str) -> bool:
    """Whether a component answers, by what the words of the language mean."""
    if name.startswith("x"):
        return up[name]
    component = next(each for each in documents if each.get("component") == name)
    either = []
    for use in component["uses"]:
        works = answers(documents, up, use.get("external") or use["api"].partition(".")[0])
        if use.get("any_of"):
            either.append(works)
        elif "fallback" not in use and use.get("required", True) and not works:
            return False
    return up[name] and (not either or any(either))


@pytest.mark.parametrize("seed", range(12))
def test_arithmetic_agrees_with_a_simulation(seed: int, tmp_path: Path) -> None:
    documents = drawn(seed)
    with (tmp_path / "contract.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump_all(documents, file)
    graph, found = understand(tmp_path)
    assert graph is not None and not has_errors(found)
    things = {each["component"]: each["quality"] for each in documents[1:]} | {
        name: each["quality"] for name, each in documents[0]["externals"].items()
    }
    shares = {name: float(quality["availability"].rstrip("%")) / 100 for name, quality in things.items()}
    draw = random.Random(seed + 1_000)
    worked = sum(answers(documents, {name: draw.random() < share for name, share in shares.items()}, "c0") for _ in range(ROUNDS))
    expected = shares["c0"] * chains.probability(chains.needs(graph)[Work("c0", "api.ask")])
    # Four standard deviations: one in 16,000 honest runs is further away, and the seeds are fixed.
    assert abs(worked / ROUNDS - expected) < 4 * (expected * (1 - expected) / ROUNDS) ** 0.5 + 1e-12
