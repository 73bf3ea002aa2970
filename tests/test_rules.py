"""Each rule of the architecture finds what it is for, leaves alone what is right, and knows its bound.

`tests/rules/<family>/<rule>.yaml` has the documents that every case has (`common`), and cases: `positive` and
`beyond` have the finding, `negative` and `within`, which is just short of `beyond`, do not; and no other of the family, and no
fault of the contract. A case's document replaces the common one of the same component. `says` is part of the positive message,
`beside` names rules that may report, too; `today` is the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from generator import manual
from generator.diagnostics import Diagnostic, Severity
from generator.pipeline import understand
from generator.review import JUDGEMENTS

FOLDER = Path(__file__).parent / "rules"
FILES = sorted(FOLDER.glob("*/*.yaml"))
CASES = ("positive", "negative", "within", "beyond")
SYSTEM = {"interlock": 1, "system": {"name": "sample", "owner": "crew"}}


def load(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return data


def documents(common: list[dict[str, Any]], own: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The common documents, each replaced by the case's own of the same component; those of the system are joined."""
    replaced = {each.get("component") for each in own if "component" in each}
    system = SYSTEM | {key: value for each in (*common, *own) if "component" not in each for key, value in each.items()}
    yield system
    yield from (each for each in common if "component" in each and each["component"] not in replaced)
    yield from (each for each in own if "component" in each)


def reviewed(folder: Path, common: list[dict[str, Any]], own: list[dict[str, Any]], today: str | None) -> list[Diagnostic]:
    with (folder / "contract.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump_all(list(documents(common, own)), file)
    return understand(folder, today)[1]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule(path: Path, case: str, tmp_path: Path) -> None:
    data = load(path)
    own = data[case]
    page = manual.pages()[path.stem]
    found = [each for each in reviewed(tmp_path, data.get("common", []), own, data.get("today")) if _is_of(each, page.family)]
    text = "\n".join(f"{each.code}: {each.message}" for each in found)
    others = {each.code for each in found} - {path.stem, *data.get("beside", [])}
    assert others == set(), text
    mine = [each for each in found if each.code == path.stem]
    assert bool(mine) is (case in ("positive", "beyond")), text or "nothing is found"
    for each in mine:
        assert each.severity in page.severities, "the page says how bad it can be"
        assert each.place, "it points at a place of the contract"
        assert each.help, "it says how to mend it"
    if case == "positive":
        assert any(data["says"] in each.message for each in mine), text


def _is_of(found: Diagnostic, family: str) -> bool:
    """Findings of the same family, and whatever would stop a run; other families have tests of their own."""
    page = manual.pages().get(found.code)
    return found.accepted is None and (
        page is None or page.family == family or (found.severity is Severity.ERROR and not page.is_judgement)
    )


def test_every_rule_has_its_cases() -> None:
    rules = {name for name, page in manual.pages().items() if page.is_judgement and page.family != "changes"}
    assert rules == {path.stem for path in FILES}
    for path in FILES:
        assert set(CASES) <= load(path).keys(), f"{path.name} lacks a case"
        assert path.parent.name == manual.pages()[path.stem].family


def test_every_rule_has_its_page() -> None:
    for rule in JUDGEMENTS:
        names = [name for name, page in manual.pages().items() if f"`{name}`" in (rule.__doc__ or "").splitlines()[0] and page.is_judgement]
        assert len(names) == 1, f"{rule.__module__}.{rule.__name__} reports one thing"
        page = manual.pages()[names[0]]
        assert page.summary and page.why and page.example and page.fix.startswith("Fix: "), page
