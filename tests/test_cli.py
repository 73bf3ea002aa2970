"""The command as people and programs use it: exit codes, what is printed where, and what is written."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from jsonschema import Draft202012Validator

from generator import live, manual, pipeline
from generator.artifact import Verdict
from generator.catalog import KINDS
from generator.cli import main
from generator.diagnostics import Diagnostic, Severity, Span
from generator.reports import FOR_PEOPLE, FORMATS

TOUR = ROOT / "contracts" / "harbour-bikes"

OF_TOUR = [kind for kind in KINDS if kind.name not in ("change-capture", "flows")]
"""The tour and a new system have neither flows nor rows that are captured."""
PROOFS = sum(len(kind.provers) for kind in OF_TOUR)
NATIVE = {prover.TOOL for kind in KINDS for prover in kind.provers if prover.GET == "make tools"}
OF_OTHERS = {prover.TOOL for kind in KINDS for prover in kind.provers} - {prover.TOOL for kind in OF_TOUR for prover in kind.provers}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one system."""
    monkeypatch.chdir(furnished(tmp_path))
    return tmp_path


def furnished(folder: Path) -> Path:
    shutil.copytree(TOUR, folder / "contracts" / "bikes")
    system = folder / "contracts" / "bikes" / "system.yaml"
    system.write_text(system.read_text().replace("name: harbour-bikes", "name: bikes"))
    return folder


@pytest.fixture(scope="session")
def generated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `generate` leaves in such a repository; each test has a copy, of the same times."""
    folder = tmp_path_factory.mktemp("generated")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(furnished(folder))
        assert main(["generate"]) == 0
    return folder


@pytest.fixture
def generated(tmp_path: Path, generated_once: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(generated_once, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
        (["prove", "bike"], "did you mean bikes?"),
        (["prove", "--record"], "--record goes with --live"),
        (["prove", "--live", "--only", "waits"], "no family of promises is called 'waits'"),
        (["prove", "--live", "--only", "calls", "--record"], "--record goes with all promises"),
        (["prove", "--live", "--table", "table.txt"], "table.txt is neither .md nor .json"),
        (["generate", "--only", "openapis"], "no kind is called 'openapis'; there are openapi"),
        (["check", "--contracts", "elsewhere"], "no system in elsewhere"),
        (["init", "Big Shop"], "is not a name in lower case with dashes"),
        (["init", "bikes"], "is there already"),
        (["rules", "retry-amplifcation"], "did you mean retry-amplification?"),
        (["rules", "quarkhaufen"], "interlock rules lists them"),
        (["check", "--baseline", "nowhere.json"], "the baseline nowhere.json cannot be read: no such file or directory"),
        (["check", "--baseline", "contracts/bikes/system.yaml"], "the baseline contracts/bikes/system.yaml cannot be read: it is not JSON"),
        (["check", "--write-baseline", "no/where.json"], "the baseline no/where.json cannot be written"),
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
    [
        [],
        ["generat"],
        ["generate", "--frobnicate"],
        ["generate", "--check", "--diff"],
        ["check", "--format", "xml"],
        ["check", "--report", "xml=a"],
        ["check", "--report", "sarif"],
        ["check", "--fail-on", "none"],
        ["check", "--today", "yesterday"],
        ["prove", "--today", "2026-01-31"],
        ["prove", "--live", "--table"],
        ["check", "--baseline", "a", "--write-baseline", "b"],
        ["schema", "--of", "output"],
    ],
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
    assert "  output/bikes/openapi/rentals.rentals.yaml\n" in shown and "stale (3 changed); run interlock generate" in shown
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
            .replace("rentals.startRental", "hires.startRental")
        )
    assert main(["generate"]) == 0
    assert sorted(path.name for path in note.parent.iterdir()) == ["NOTES.txt", "rentals.hires.yaml"]


# --- validate ---------------------------------------------------------------------------------------------------------


def test_validate_judges_what_is_there(generated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "--strict"]) == 0
    assert f"bikes: accepted; {PROOFS} proofs passed" in capsys.readouterr().out
    broken = generated / "output" / "bikes" / "openapi" / "rentals.rentals.yaml"
    broken.write_text(broken.read_text().replace("openapi: 3.1.1", "openapi: 3.1.1\nsurprise: true"))
    assert main(["prove"]) == 1
    shown = capsys.readouterr().out
    assert "error[hand-edited-output]" in shown and "openapi-spec-validator" in shown and "'surprise' was unexpected" in shown


def test_validate_wants_output(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove"]) == 1
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
    command = [sys.executable, "-m", "generator", "generate", "--only", "openapi,proto", "--no-cache"]
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


# --- reports, thresholds, the day, the baseline ---------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "generate", "prove"])
def test_reports_go_to_files_beside_what_is_printed(generated: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    change(generated, "[findBike]", "[findBikes]")
    (generated / "output" / "bikes" / "openapi" / "rentals.rentals.yaml").unlink()
    wanted = [argument for name in FORMATS for argument in ("--report", f"{name}=reports/{name}.out")]
    assert main([command, "--format", "json", *wanted]) == 1
    codes = {each["code"] for each in json.loads(capsys.readouterr().out)}
    assert "missing-output" in codes if command == "prove" else "unknown-operation" in codes
    for name in FORMATS:
        text = (generated / "reports" / f"{name}.out").read_text()
        assert all(code in text for code in codes) and text.endswith("\n"), name


def test_reports_are_written_when_nothing_is_found(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find(monkeypatch)
    assert main(["check", "--report", "sarif=a.sarif", "--report", "text=a.txt"]) == 0
    assert json.loads((house / "a.sarif").read_text())["runs"][0]["results"] == [] and (house / "a.txt").read_text() == ""


def test_a_report_that_cannot_be_written_is_wrong_usage(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(house, "[findBike]", "[findBikes]")
    assert main(["check", "--report", "json=contracts/bikes/system.yaml/a.json", "--report", "gitlab=b.json"]) == 2
    shown = capsys.readouterr()
    assert "error[unknown-operation]" in shown.out and "interlock: contracts/bikes/system.yaml/a.json cannot be written: " in shown.err
    assert json.loads((house / "b.json").read_text()), "the others are"


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in FOR_PEOPLE])
def test_documents_stand_alone_on_standard_output(house: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    change(house, "[findBike]", "[findBikes]")
    assert main(["check", "--format", name, "--report", f"{name}=same"]) == 1
    assert capsys.readouterr().out == (house / "same").read_text()


def find(monkeypatch: pytest.MonkeyPatch, *severities: Severity, accepted: str | None = None) -> None:
    """The contract is as it is, and what is found in it is this."""
    found = [
        Diagnostic(
            "retry-amplification", Span("contracts/bikes/rentals.yaml", 5), "m", severity=each, accepted=accepted, fingerprint="0" * 12
        )
        for each in severities
    ]
    original = pipeline.understand
    monkeypatch.setattr(
        "generator.pipeline.understand", lambda folder, today=None, before=None: (original(folder, today, before)[0], found)
    )


@pytest.mark.parametrize("worst", Severity)
@pytest.mark.parametrize("limit", Severity)
def test_findings_fail_the_run_from_a_severity(house: Path, monkeypatch: pytest.MonkeyPatch, worst: Severity, limit: Severity) -> None:
    find(monkeypatch, worst)
    fails = worst.rank <= limit.rank
    assert main(["check", "--fail-on", limit]) == (1 if fails else 0)
    assert main(["generate", "--only", "messages", "--fail-on", limit]) == (1 if fails else 0)
    assert (house / "output").exists() is not fails, "what fails is not published"


@pytest.mark.parametrize("limit", Severity)
def test_accepted_findings_fail_nothing(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], limit: Severity
) -> None:
    find(monkeypatch, *Severity, accepted="it is known")
    assert main(["check", "--fail-on", limit]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("1 system checked: nothing to report\n", "3 accepted by suppressions\n")


def test_validate_fails_from_a_severity(generated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    warning = Diagnostic("tool/warns", Span("a.yaml"), "m", severity=Severity.WARNING)
    monkeypatch.setattr("generator.pipeline.prove", lambda *arguments: [Verdict("openapi", "tool", "1", "passed", (warning,))])
    assert main(["prove"]) == 0
    assert "bikes: accepted" in capsys.readouterr().out
    assert main(["prove", "--fail-on", "warning"]) == 1
    assert "bikes: refused" in capsys.readouterr().out


def test_a_remembered_run_fails_from_a_severity(house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    find(monkeypatch, Severity.WARNING)
    assert main(["generate"]) == 0
    written = state(house / "output")
    capsys.readouterr()
    assert main(["generate", "--fail-on", "warning"]) == 1
    assert "bikes: refused; output/bikes is as it was" in capsys.readouterr().out
    assert state(house / "output") == written


def suppress(house: Path, until: str) -> None:
    """Accepts what no rule finds: a finding until the day is over, and another one after it."""
    rentals = house / "contracts" / "bikes" / "rentals.yaml"
    accepted = f'{{rule: retry-amplification, at: rentals.uses.docks.docks, why: a test, until: "{until}"}}'
    rentals.write_text(f"{rentals.read_text()}suppressions: [{accepted}]\n")


def codes_on(day: str, capsys: pytest.CaptureFixture[str], *command: str) -> set[str]:
    assert main([*command, "--format", "json", "--today", day]) == 0
    return {each["code"] for each in json.loads(capsys.readouterr().out)}


def test_the_day_is_an_argument(house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    suppress(house, "2026-03-31")
    assert "expired-suppression" not in codes_on("2026-03-31", capsys, "check")
    assert "expired-suppression" in codes_on("2026-04-01", capsys, "check")
    for moment, is_over in (("1774915200", False), ("1775001600", True)):  # 2026-03-31 and 2026-04-01 in UTC
        monkeypatch.setenv("SOURCE_DATE_EPOCH", moment)
        assert main(["check"]) == 0
        assert ("expired-suppression" in capsys.readouterr().out) is is_over
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert main(["check"]) == 2
    assert "SOURCE_DATE_EPOCH is 'soon'" in capsys.readouterr().err


def test_the_clock_is_the_day(house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    suppress(house, "1999-12-31")
    assert main(["check"]) == 0
    assert "expired-suppression" in capsys.readouterr().out


def test_a_remembered_run_is_of_its_day(house: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """On another day the contract is reviewed anew, and nothing is emitted or proven: no artifact depends on the day."""
    suppress(house, "2026-03-31")
    assert "expired-suppression" not in codes_on("2026-03-31", capsys, "generate")
    monkeypatch.setattr("generator.pipeline.prove", None)
    assert "expired-suppression" not in codes_on("2026-03-31", capsys, "generate")
    assert "expired-suppression" in codes_on("2026-04-01", capsys, "generate")
    assert "expired-suppression" not in codes_on("2026-03-31", capsys, "generate")
    codes_on("2026-04-01", capsys, "generate")
    monkeypatch.setattr("generator.pipeline.understand", None)
    assert "expired-suppression" in codes_on("2026-04-01", capsys, "generate"), "the second run of a day has nothing to do"


def test_a_baseline_from_its_first_day_to_its_last(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(house / "contracts" / "bikes", house / "contracts" / "cars")
    change(house, "[findBike]", "[findBikes]")
    assert main(["check"]) == 1
    assert main(["check", "--write-baseline", "known.json"]) == 0
    first = (house / "known.json").read_text()
    assert "to known.json" in capsys.readouterr().out
    assert [each["rule"] for each in json.loads(first)["systems"]["bikes"] if each["rule"] == "unknown-operation"] == ["unknown-operation"]
    assert main(["check", "--baseline", "known.json", "--fail-on", "info"]) == 0
    shown = capsys.readouterr()
    assert "2 systems checked: nothing to report" in shown.out and "left out by the baseline" in shown.err and "gone" not in shown.err
    # Lines move, and what is known stays known; what is new is reported, alone.
    change(house, "component: rentals\n", "# a note\n\ncomponent: rentals\n")
    change(house, "[findBikes]", "[findBikes, findCar]")
    assert main(["check", "--baseline", "known.json", "--format", "json"]) == 1
    (new,) = json.loads(capsys.readouterr().out)
    assert (new["code"], new["message"].endswith('"findCar"')) == ("unknown-operation", True)
    # What was known of one system is new in another.
    cars = house / "contracts" / "cars" / "rentals.yaml"
    cars.write_text(cars.read_text().replace("[findBike]", "[findBikes]"))
    assert main(["check", "cars", "--baseline", "known.json"]) == 1
    cars.write_text(cars.read_text().replace("[findBikes]", "[findBike]"))
    # What is mended is gone from the findings, and the file says so until it is written anew.
    change(house, "[findBikes, findCar]", "[findBike]")
    capsys.readouterr()
    main(["check", "--baseline", "known.json"])
    assert "1 finding of the baseline gone: write it anew" in capsys.readouterr().err
    assert main(["check", "bikes", "--write-baseline", "known.json"]) == 0
    systems = json.loads((house / "known.json").read_text())["systems"]
    assert "unknown-operation" not in {each["rule"] for each in systems["bikes"]}
    assert systems["cars"] == json.loads(first)["systems"]["cars"], "what was not checked stays"


def test_github_gets_a_summary_without_asking(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = house / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    change(house, "[findBike]", "[findBikes]")
    main(["check"])
    assert summary.read_text() == "before\n", "elsewhere the variable means nothing"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert main(["check"]) == 1
    shown = summary.read_text()
    assert shown.startswith("before\n### interlock check\n")
    assert "| error | `unknown-operation` | `contracts/bikes/rentals.yaml:51` | " in shown
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(house))
    assert main(["check"]) == 1, "a summary that cannot be written is no finding"


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


def test_schema_of_findings_is_that_of_json(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--of", "findings"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    change(house, "[findBike]", "[findBikes]")
    for command in (["check"], ["generate"], ["prove"]):
        assert main([*command, "--format", "json"]) == 1
        found = json.loads(capsys.readouterr().out)
        assert found
        Draft202012Validator(schema).validate(found)


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    assert main(["rules"]) == 0
    listed = capsys.readouterr().out
    assert max(map(len, listed.split("\n"))) <= 90 and "\n  retry-amplification " in listed
    assert main(["rules", "retry-amplification", "unknown-rule"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("retry-amplification (warning; retries)\n") and "\nunknown-rule (error; suppressions)\n" in shown
    assert main(["rules", "--format", "markdown", "unknown-rule"]) == 0
    assert capsys.readouterr().out.startswith("# suppressions\n\n## unknown-rule (error)\n")
    assert main(["rules", "--format", "json"]) == 0
    assert {each["rule"] for each in json.loads(capsys.readouterr().out)} == set(manual.pages())


def test_doctor_knows_every_tool(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = {prover.TOOL for kind in KINDS for prover in kind.provers}
    assert main(["doctor"]) == 0
    assert "MISSING" not in capsys.readouterr().out
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path))
    assert main(["doctor", "--format", "json"]) == 2
    rows = {row["tool"]: row for row in json.loads(capsys.readouterr().out)}
    running = {tool.name for tool in live.TOOLS}
    assert rows.keys() == tools | running
    assert {tool for tool, row in rows.items() if row["version"] is None} == NATIVE | running


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


# --- where others call it -------------------------------------------------------------------------------------------------

HERE = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
HOOKS = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(folder), "INTERLOCK_CACHE": str(folder / "cache"), "PATH": HERE, **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_pre_commit_accepts_the_hooks(tmp_path: Path) -> None:
    judged = run("pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"), folder=tmp_path)
    assert judged.returncode == 0, judged.stdout
    assert set(HOOKS) == {"interlock-check", "interlock-generate"}


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_does_what_it_says(generated: Path, name: str) -> None:
    entry = shlex.split(HOOKS[name]["entry"])
    assert run(*entry, folder=generated).returncode == 0
    change(generated, "[findBike]", "[findBikes]")
    judged = run(*entry, folder=generated)
    assert judged.returncode == 1 and "error[unknown-operation]" in judged.stdout
    assert re.match(HOOKS[name]["files"], "contracts/bikes/rentals.yaml")


def test_github_accepts_the_action(tmp_path: Path) -> None:
    judged = run("check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml"), folder=tmp_path)
    assert judged.returncode == 0, judged.stdout


def test_no_input_of_the_action_is_part_of_a_script() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert set(re.findall(r"\$\{\{ (.*?) \}\}", str(step))) <= {f"inputs.{name}" for name in ACTION["inputs"]} | {
            "steps.python.outputs.python-path"
        }


def act(house: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The action's own step, as a runner starts it. Its other steps set up Python and install with pip; here the command of this
    environment stands where they would put it."""
    tools = house / "runner" / "interlock" / "bin"
    tools.mkdir(parents=True, exist_ok=True)
    (tools / "interlock").unlink(missing_ok=True)
    (tools / "interlock").symlink_to(Path(sys.executable).parent / "interlock")
    (step,) = [each for each in ACTION["runs"]["steps"] if each.get("id") == "run"]
    values = {name: str(one["default"]) for name, one in ACTION["inputs"].items()} | {
        name.replace("_", "-"): value for name, value in inputs.items()
    }
    expanded = {
        key: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: values[found[1]], text)
        for key, text in {**step["env"], "folder": step["working-directory"]}.items()
    }
    folder = house / expanded.pop("folder")
    outputs = house / "outputs"
    outputs.write_text("")
    environment = {**expanded, "RUNNER_TEMP": str(house / "runner"), "GITHUB_OUTPUT": str(outputs), "GITHUB_ACTIONS": "true"}
    script = house / "runner" / "step.sh"
    script.write_text(step["run"])
    done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", str(script), folder=folder, **environment)
    return done, outputs.read_text()


def test_the_action_checks(generated: Path) -> None:
    assert act(generated)[0].returncode == 0
    assert act(generated, command="generate", systems="bikes")[0].returncode == 0
    change(generated, "[findBike]", "[findBikes]")
    done, outputs = act(generated, sarif_file="found here.sarif")
    assert done.returncode == 1 and "::error file=contracts/bikes/rentals.yaml,line=51," in done.stdout
    assert outputs == "sarif-file=./found here.sarif\n"
    assert json.loads((generated / "found here.sarif").read_text())["runs"][0]["results"]
    assert act(generated, command="generate")[0].returncode == 1
    run("interlock", "check", "--write-baseline", "known.json", folder=generated)
    assert act(generated, baseline="known.json", fail_on="info")[0].returncode == 0
    done, outputs = act(generated, working_directory="contracts", contracts=".", sarif_file="a.sarif")
    assert done.returncode == 1 and outputs == "sarif-file=contracts/a.sarif\n" and (generated / "contracts" / "a.sarif").is_file()


@pytest.mark.mutant
@pytest.mark.parametrize("name", sorted(set(ACTION["inputs"]) - {"working-directory", "python-version"}))
@pytest.mark.parametrize(
    "value", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "x\nsarif-file=forged", "--write-baseline=pwned", "*"]
)
def test_no_input_of_the_action_is_run(house: Path, name: str, value: str) -> None:
    done, outputs = act(house, **{name.replace("-", "_"): value})
    assert done.returncode in (1, 2) or name == "sarif-file"
    assert not list(house.rglob("pwned")) and "\nsarif-file=" not in outputs


def test_the_action_installs_what_is_pinned(tmp_path: Path) -> None:
    """The step that is not run here names files that are there, and asks pip for their hashes."""
    (step,) = [each for each in ACTION["runs"]["steps"] if each.get("name", "").startswith("Install")]
    assert "--require-hashes" in step["run"]
    assert all((ROOT / name).exists() for name in re.findall(r"\$GITHUB_ACTION_PATH/([\w.]+)", step["run"]))
    assert run("bash", "-n", "-c", step["run"], folder=tmp_path).returncode == 0
