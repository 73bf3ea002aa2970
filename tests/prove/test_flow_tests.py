"""The unit tests of the flows are worth something: a pipeline that does something else does not pass them, or does not build."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from conftest import ROOT

from generator.prove import beam, beam_construct, beam_tests, flow_lookups, sql

FLOWS = [(path.parents[2], path.parent.relative_to(path.parents[2])) for path in sorted(ROOT.glob("output/*/flows/*/*/pipeline.yaml"))]
FEW = 1
"""Changes of one sort in a step: of forty fields that are mapped alike, one will do."""
Step = dict[str, Any]
Mutant = tuple[str, list[Step]]
OTHER_RULE = {"email_format": "not_empty", "not_empty": "email_format", "reference": "email_format"}


@pytest.mark.parametrize(("kind", "flow"), FLOWS, ids=[f"{flow.parts[0]}-{flow.name}" for _, flow in FLOWS])
def test_a_pipeline_that_does_something_else_is_found(kind: Path, flow: Path, takes: Callable[[str], bool], tmp_path: Path) -> None:
    original = yaml.safe_load((kind / flow / "pipeline.yaml").read_text(encoding="utf-8"))
    steps = original["pipeline"]["transforms"]
    taken = [(name, changed) for name, changed in mutants(steps) if takes(name)]
    stage = {name: copied(kind, flow, tmp_path, name) for name in ("as it is", *(name for name, _ in taken))}
    for name, changed in taken:
        mutant = {**original, "pipeline": {**original["pipeline"], "transforms": changed}}
        (stage[name] / "pipeline.yaml").write_text(yaml.safe_dump(mutant, sort_keys=False, allow_unicode=True), encoding="utf-8")
    for prover in (sql, flow_lookups, beam_construct, beam_tests):  # the slowest is asked about what the others have let pass
        for each in {PurePosixPath(each.at.file).parts[1] for each in prover.prove(tmp_path, files(tmp_path))}:
            assert each != "as it is", "the pipeline as it is generated"
            shutil.rmtree(stage.pop(each))
    assert not (unnoticed := sorted(stage.keys() - {"as it is"})), "\n".join(unnoticed)


def copied(kind: Path, flow: Path, stage: Path, name: str) -> Path:
    """The flow as another one, in the environment of the tests alone: environments differ in nothing that is changed here."""
    if not (stage / "src").exists():
        shutil.copytree(kind / "src", stage / "src")
    folder = shutil.copytree(kind / flow, stage / "mutants" / name)
    for overlay in folder.glob("overlays/*.yaml"):
        if overlay.stem != beam.OF_TESTS:
            overlay.unlink()
    return folder


def files(stage: Path) -> list[PurePosixPath]:
    return sorted(PurePosixPath(path.relative_to(stage).as_posix()) for path in stage.rglob("*") if path.is_file())


GONE = object()
Change = tuple[str, tuple[str | int, ...], object]
"""What is done, the place within the step, and what stands there then."""


def mutants(steps: list[Step]) -> Iterator[Mutant]:
    """The steps with one thing changed, and what that is."""
    for number, step in enumerate(steps):
        for sort in (_other_field, _no_value, _no_field, _checked, _ruled, _looked_up, _written, _joined):
            found = list(sort(step, steps))
            for what, place, value in found[:FEW] if sort in (_other_field, _no_value, _no_field) else found:
                changed = copy.deepcopy(steps)
                inner: Any = changed[number]
                for part in place[:-1]:
                    inner = inner[part]
                if value is GONE:
                    del inner[place[-1]]
                else:
                    inner[place[-1]] = value
                yield f"{step['name']}: {what}", changed


def _fields(step: Step) -> dict[str, Any]:
    """Of a mapping."""
    fields: dict[str, Any] = step["config"]["fields"] if step["type"] == "MapToFields" else {}
    return fields


def _other_field(step: Step, _: list[Step]) -> Iterator[Change]:
    plain = [value for value in _fields(step).values() if isinstance(value, str)]
    for name, value in _fields(step).items():
        others = [each for each in plain if each != value]
        if value in plain and others:
            yield f"{name} from {others[0]}", ("config", "fields", name), others[0]


def _no_value(step: Step, _: list[Step]) -> Iterator[Change]:
    for name, value in _fields(step).items():
        if isinstance(value, dict):
            kept = {key: each for key, each in value.items() if key != "callable"}
            yield f"{name} is nothing", ("config", "fields", name), {**kept, "expression": "None"}


def _no_field(step: Step, _: list[Step]) -> Iterator[Change]:
    yield from ((f"without {name}", ("config", "fields", name), GONE) for name in _fields(step))


def _checked(step: Step, _: list[Step]) -> Iterator[Change]:
    if step["type"] != "CheckRecords":
        return
    config = step["config"]
    if "error_handling" in config:
        yield "no error output", ("config", "error_handling"), GONE
        other = [each["field"] for each in config["rules"] if each["field"] not in config["key"]]
        yield "other key", ("config", "key"), other[:1]
    if "tombstone" in config:
        yield "tombstones are checked", ("config", "tombstone"), GONE


def _ruled(step: Step, _: list[Step]) -> Iterator[Change]:
    for number, rule in enumerate(step.get("config", {}).get("rules", ())):
        place = ("config", "rules", number)
        yield f"without {rule['field']} {rule['rule']}", place, GONE
        for key, value in _other(rule).items():
            yield f"{rule['field']} {rule['rule']} with other {key}", (*place, key), value


def _other(rule: Step) -> dict[str, Any]:
    changed: dict[str, Any] = {"otherwise": "stop" if rule["otherwise"] != "stop" else "reject"}
    if rule["rule"] in OTHER_RULE:
        changed["rule"] = OTHER_RULE[rule["rule"]]
    if "pattern" in rule:
        changed["pattern"] = f"(?!){rule['pattern']}"
    for name, by in (("minimum", 1), ("maximum", -1)):
        if name in rule:
            changed[name] = rule[name] + by
    if "values" in rule:
        changed["values"] = rule["values"][1:]
    return changed


def _looked_up(step: Step, _: list[Step]) -> Iterator[Change]:
    if not step["type"].startswith(("LookUpGrpc", "LookUpHttp")):
        return
    config = step["config"]
    taken = {each["take"] for each in config["fields"].values()}
    for field in config.get("fallback", {}).get("response") or ():
        if field in taken:
            yield f"falls back to no {field}", ("config", "fallback", "response", field), GONE
            yield f"falls back to other {field}", ("config", "fallback", "response", field), "other"
    if "fallback" in config:
        yield "no fallback", ("config", "fallback"), GONE
    if step["type"] == "LookUpGrpc":
        yield "unknown method", ("config", "method"), f"{config['method']}s"
        for name, field in config["fields"].items():
            yield f"unknown field for {name}", ("config", "fields", name, "take"), f"{field['take']}s"
        for name, field in config["request"].items():
            yield f"unknown request field {name}", ("config", "request"), {f"{name}s": field}


def _written(step: Step, _: list[Step]) -> Iterator[Change]:
    config = step.get("config", {})
    if step["type"].startswith("MergeRows"):
        yield "other key", ("config", "key"), [each for each in config["columns"] if each not in config["key"]][:1]
        yield "other table", ("config", "table"), f"{config['table']}s"
    if step["name"].startswith("write-"):
        yield "unknown setting", ("config", "batch"), 7


def _joined(step: Step, steps: list[Step]) -> Iterator[Change]:
    mapping = next(each for each in steps if each["type"] == "MapToFields")
    if step["name"].startswith("write-"):
        yield "before the mapping", ("input",), mapping["input"]
    if step["name"] == "quarantine":
        yield "what is good is kept aside", ("input",), "check"
    if step is mapping:
        yield "unknown input", ("input",), "nothing"
