"""The review finds every defect that is put into the clean example, and nothing that is not there.

`cd tests && python -m defects` prints recall and precision.
"""

from __future__ import annotations

import importlib
import pkgutil
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import defects
import pytest
from conftest import ROOT
from defects import Change, Contract, Defect

from generator import manual
from generator.diagnostics import Diagnostic, counted
from generator.pipeline import understand

EXAMPLE = ROOT / "contracts" / "enterprise-expansion"
TODAY = "2026-11-26"
MOST = 4
"""Places that one kind of defect is put into."""


def all_defects() -> list[Defect]:
    modules = [
        importlib.import_module(f"defects.{each.name}") for each in pkgutil.iter_modules(defects.__path__) if each.name != "__main__"
    ]
    return [defect for module in modules for defect in module.DEFECTS]


@cache
def clean() -> Contract:
    return Contract.read(EXAMPLE)


@cache
def clean_findings() -> frozenset[str]:
    return frozenset(each.fingerprint for each in understand(EXAMPLE, TODAY)[1])


def injections() -> Iterator[tuple[Defect, str, Change]]:
    for defect in all_defects():
        for place, change in list(defect.inject(clean()))[:MOST]:
            yield defect, place, change


INJECTIONS = list(injections())


@pytest.mark.mutant
@pytest.mark.parametrize(("defect", "place", "change"), INJECTIONS, ids=[f"{defect.rule}: {place}" for defect, place, _ in INJECTIONS])
def test_injected_defect_is_found_and_nothing_else(defect: Defect, place: str, change: Change, tmp_path: Path) -> None:
    found = findings(change, tmp_path)
    codes = {each.code for each in found}
    text = "\n".join(f"{each.code} at {each.place}: {each.message}" for each in found)
    assert defect.rule in codes, f"not found at {place}; instead:\n{text}"
    assert codes <= {defect.rule, *defect.beside}, f"what is not there is found:\n{text}"


def findings(change: Change, folder: Path) -> list[Diagnostic]:
    """What the review says of the changed contract and did not say of the clean one."""
    contract = clean().copy()
    change(contract)
    changed = folder / EXAMPLE.name
    contract.write(changed)
    for path in EXAMPLE.iterdir():
        if path.suffix not in (".yaml", ".lock"):
            (shutil.copytree if path.is_dir() else shutil.copyfile)(path, changed / path.name)
    return [each for each in counted(understand(changed, TODAY)[1]) if each.fingerprint not in clean_findings()]


def test_the_clean_contract_stays_clean_when_it_is_only_written_anew(tmp_path: Path) -> None:
    assert findings(lambda contract: None, tmp_path) == []


@pytest.mark.parametrize("folder", sorted(path for path in (ROOT / "contracts").iterdir() if path.is_dir()), ids=lambda path: path.name)
def test_examples_have_no_finding_that_is_not_accepted_with_a_reason(folder: Path) -> None:
    assert [f"{each.code}: {each.message}" for each in counted(understand(folder, TODAY)[1])] == []


def test_every_rule_of_the_architecture_is_exercised() -> None:
    rules = {name for name, page in manual.pages().items() if page.is_judgement and page.family != "changes"}
    assert {defect.rule for defect in all_defects()} == rules
    few = [rule for rule in rules if sum(defect.rule == rule for defect, _, _ in INJECTIONS) < 2]
    assert few == [], "each is put into several places"
