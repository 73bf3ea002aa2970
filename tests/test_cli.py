"""The command as people and programs use it: exit codes, what is printed where, and what is written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

from generator.catalog import KINDS
from generator.cli import main

TOUR = ROOT / "contracts" / "harbour-bikes"

OF_TOUR = [kind for kind in KINDS if kind.name not in ("change-capture", "flows")]
"""The tour and a new system have neither flows nor rows that are captured."""
PROOFS = sum(len(kind.provers) for kind in OF_TOUR)
NATIVE = {prover.TOOL for kind in KINDS for prover in kind.provers if prover.GET == "make tools"}
OF_OTHERS = {prover.TOOL for kind in KINDS for prover in kind.provers} - {prover.TOOL for kind in OF_TOUR for prover in kind.provers}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one system."""
    shutil.copytree(TOUR, tmp_path / "contracts" / "bikes")
    system = tmp_path / "contracts" / "bikes" / "system.yaml"
    system.write_text(system.read_text().replace("name: harbour-bikes", "name: bikes"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def generated(house: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["generate"]) == 0
    capsys.readouterr()
    return house


def change(house: Path, before: str = "summary: Read a rental", after: str = "summary: Read one's own rental") -> None:
    file = house / "contracts" / "bikes" / "rentals.yaml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after))


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()}


# --- wrong usage ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["generate", "bike"], "did you mean bikes?"),
        (["check", "bike"], "did you mean bikes?"),
        (["validate", "bike"], "did you mean bikes?"),
        (["generate", "--only", "openapis"], "no kind is called 'openapis'; there are openapi"),
        (["check", "--contracts", "elsewhere"], "no system in elsewhere"),
        (["init", "Big Shop"], "is not a name in lower case with dashes"),
        (["init", "bikes"], "is there already"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_explained(house: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    before = state(house)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err and shown.out == ""
    assert state(house) == before


@pytest.mark.parametrize(
    "arguments",
    [[], ["generat"], ["generate", "--frobnicate"], ["generate", "--check", "--diff"], ["check", "--format", "xml"]],
    ids=" ".join,
)
def test_unknown_words_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert "usage: interlock" in capsys.readouterr().err


# --- check and generate -----------------------------------------------------------------------------------------------


def test_check_says_that_all_is_well(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert capsys.readouterr().out == "1 system checked: nothing to report\n"
    assert not (house / "output").exists()


def test_generate_writes_once(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--strict"]) == 0
    assert f"added; {PROOFS} proofs passed" in capsys.readouterr().out
    written = state(house / "output")
    assert main(["generate", "--strict"]) == 0
    assert f"up to date; {PROOFS} proofs passed" in capsys.readouterr().out
    assert state(house / "output") == written


def test_check_finds_stale_output_and_leaves_it(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", "--check"]) == 0
    change(generated)
    before = state(generated)
    assert main(["generate", "--check"]) == 1
    shown = capsys.readouterr().out
    assert "  output/bikes/openapi/rentals.rentals.yaml\n" in shown and "stale (2 changed); run interlock generate" in shown
    assert state(generated) == before
    assert main(["generate"]) == 0
    assert main(["generate", "--check"]) == 0


def test_check_finds_a_lock_that_was_not_committed(generated: Path) -> None:
    (generated / "contracts" / "bikes" / "proto.lock").unlink()
    assert main(["generate", "--check"]) == 1


def test_check_finds_the_output_of_a_system_that_is_gone(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(generated / "contracts" / "bikes", generated / "contracts" / "others")
    system = generated / "contracts" / "others" / "system.yaml"
    system.write_text(system.read_text().replace("name: bikes", "name: others"))
    assert main(["generate"]) == 0
    shutil.rmtree(generated / "contracts" / "others")
    capsys.readouterr()
    assert main(["generate", "--check"]) == 1
    assert "output/others:1:1: warning[orphaned-output]" in capsys.readouterr().out
    assert main(["generate"]) == 0, "a warning is no error"
    assert (generated / "output" / "others" / "manifest.json").is_file(), "what is deleted is for people to say"


def test_diff_shows_what_would_change(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(generated)
    before = state(generated)
    assert main(["generate", "--diff"]) == 0
    shown = capsys.readouterr().out
    assert "--- a/output/bikes/openapi/rentals.rentals.yaml\n+++ b/output/bikes/openapi/rentals.rentals.yaml\n" in shown
    assert "-      summary: Read a rental\n+      summary: Read one's own rental\n" in shown
    assert state(generated) == before


def test_only_makes_one_kind_and_keeps_the_others(generated: Path) -> None:
    change(generated, "summary: Who rides which bike, and since when.", "summary: Who rides.")
    before = state(generated / "output")
    assert main(["generate", "--only", "openapi"]) == 0
    after = state(generated / "output")
    assert {Path(path).relative_to(generated / "output").as_posix() for path in before if after[path] != before[path]} == {
        "bikes/openapi/rentals.rentals.yaml",
        "bikes/manifest.json",
    }
    assert main(["generate", "--check"]) == 1, "the others are still as they were"
    assert main(["generate"]) == 0
    assert main(["generate", "--check"]) == 0


def test_an_edit_by_hand_stops_the_run_unless_forced(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edited = generated / "output" / "bikes" / "openapi" / "rentals.rentals.yaml"
    edited.write_text(edited.read_text() + "# my own\n")
    assert main(["generate"]) == 1
    assert "output/bikes/openapi/rentals.rentals.yaml:1:1: error[hand-edited-output]" in capsys.readouterr().out
    assert edited.read_text().endswith("# my own\n")
    assert main(["generate", "--force"]) == 0
    assert "# my own" not in edited.read_text()


def test_stale_files_of_ours_go_and_others_stay(generated: Path) -> None:
    note = generated / "output" / "bikes" / "openapi" / "NOTES.txt"
    note.write_text("ours")
    for file in ("rentals.yaml", "docks.yaml"):
        path = generated / "contracts" / "bikes" / file
        path.write_text(
            path.read_text()
            .replace("    http: {base: /rentals}\n", "    http: {base: /hires}\n")
            .replace("  rentals:\n    version", "  hires:\n    version")
        )
    assert main(["generate"]) == 0
    assert sorted(path.name for path in note.parent.iterdir()) == ["NOTES.txt", "rentals.hires.yaml"]


# --- validate ---------------------------------------------------------------------------------------------------------


def test_validate_judges_what_is_there(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--strict"]) == 0
    assert f"bikes: accepted; {PROOFS} proofs passed" in capsys.readouterr().out
    broken = generated / "output" / "bikes" / "openapi" / "rentals.rentals.yaml"
    broken.write_text(broken.read_text().replace("openapi: 3.1.1", "openapi: 3.1.1\nsurprise: true"))
    assert main(["validate"]) == 1
    shown = capsys.readouterr().out
    assert "error[hand-edited-output]" in shown and "openapi-spec-validator" in shown and "'surprise' was unexpected" in shown


def test_validate_wants_output(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 1
    assert "error[no-output]" in capsys.readouterr().out


# --- how findings are printed -----------------------------------------------------------------------------------------


def test_json_is_for_programs(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(house, "[findBike]", "[findBikes]")
    assert main(["generate", "--format", "json"]) == 1
    shown = capsys.readouterr()
    (finding,) = json.loads(shown.out)
    assert {"code", "severity", "message", "help", "file", "line", "column"} <= set(finding)
    assert (finding["code"], finding["file"], finding["line"]) == ("unknown-operation", "contracts/bikes/rentals.yaml", 51)
    assert main(["check", "--format", "json"]) == 1
    change(house, "[findBikes]", "[findBike]")
    capsys.readouterr()
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_github_annotates_the_line(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(house, "[findBike]", "[findBikes]")
    assert main(["check", "--format", "github"]) == 1
    assert capsys.readouterr().out.startswith("::error file=contracts/bikes/rentals.yaml,line=51,")


@pytest.mark.parametrize(("arguments", "is_coloured"), [([], False), (["--color", "always"], True), (["--color", "never"], False)])
def test_colour_is_for_terminals(house: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], is_coloured: bool) -> None:
    change(house, "[findBike]", "[findBikes]")
    assert main(["check", *arguments]) == 1
    assert ("\x1b[" in capsys.readouterr().out) is is_coloured


def test_no_progress_in_pipes(house: Path) -> None:
    command = [sys.executable, "-m", "generator", "generate", "--no-cache"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stderr == "" and run.stdout.startswith("bikes: ")


def test_a_reader_that_goes_away_is_no_fault(house: Path) -> None:
    change(house, "[findBike]", "[" + ", ".join(f"find{number}" for number in range(3000)) + "]")
    command = f"{sys.executable} -m generator check | head -n 1"
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in run.stderr and "BrokenPipe" not in run.stderr


@pytest.mark.parametrize(
    ("kind", "before", "after", "said", "origin"),
    [
        (
            "openapi",
            "operationId: getRental",
            "operationId: getRental\n      surprise: true",
            "'surprise' was unexpected",
            "operations.getRental",
        ),
        ("openapi", "    Rental:\n      type: object", "    Rental:\n      type: objects", "'objects' is not", "types.Rental"),
        ("proto", "int32 battery_percent = 1;", "int33 battery_percent = 1;", '"int33" is not defined', "operations.findBike"),
        ("asyncapi", "action: receive\n", "action: take\n", "'take' is not one of", "UnlockBike"),
    ],
    ids=["operation", "type", "rpc", "message"],
)
def test_a_refusal_shows_the_line_to_change(
    house: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    before: str,
    after: str,
    said: str,
    origin: str,
) -> None:
    """The tool's own words, then the record of the contract that the refused lines were made from."""
    (made,) = [each for each in KINDS if each.name == kind]
    broken = replace(made, emit=lambda graph: (replace(each, text=each.text.replace(before, after)) for each in made.emit(graph)))
    monkeypatch.setattr("generator.catalog.KINDS", (broken,))
    assert main(["generate", "--only", kind, "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)
    found = next(each for each in findings if said in each["message"] and each["line"] > 1)
    assert found["file"].startswith(f"(generated) {kind}/")
    (related,) = found["related"]
    name = origin.rpartition(".")[2]
    lines = (house / related["file"]).read_text().splitlines()
    assert name in lines[related["line"] - 1], related
    assert not (house / "output").exists()


# --- the other commands -----------------------------------------------------------------------------------------------


def test_init_writes_what_generates_clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "web-shop"]) == 0
    assert main(["check"]) == 0
    assert "nothing to report" in capsys.readouterr().out
    assert main(["generate", "--strict"]) == 0
    assert {path.name for path in (tmp_path / "output" / "web-shop").iterdir() if path.is_dir()} == {kind.name for kind in OF_TOUR}
    for file in (tmp_path / "contracts" / "web-shop").glob("*.yaml"):
        schema = file.read_text().splitlines()[0].rpartition("$schema=")[2]
        assert (file.parent / schema).is_file(), "editors find the schema"


def test_schema_prints_the_published_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == (ROOT / "generator" / "schema" / "contract.schema.json").read_text()


def test_doctor_knows_every_tool(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = {prover.TOOL for kind in KINDS for prover in kind.provers}
    assert main(["doctor"]) == 0
    assert "MISSING" not in capsys.readouterr().out
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path))
    assert main(["doctor", "--format", "json"]) == 2
    rows = {row["tool"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == tools
    assert {tool for tool, row in rows.items() if row["version"] is None} == NATIVE


def test_what_did_not_run_is_said_and_strict_refuses_it(
    house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERLOCK_CACHE", str(house / "empty"))
    assert main(["generate"]) == 0
    assert f"NOT RUN: {', '.join(sorted(NATIVE - OF_OTHERS))} (make tools installs them)" in capsys.readouterr().out
    assert main(["generate", "--strict"]) == 1
    assert "error[prover-not-run]: redocly did not run on openapi" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("interlock ")


def test_python_m_generator_is_the_command() -> None:
    run = subprocess.run([sys.executable, "-m", "generator", "doctor"], env=os.environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "redocly" in run.stdout
