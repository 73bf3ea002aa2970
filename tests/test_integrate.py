"""The workflow of an architect: a session becomes a contract, artifacts, a document and a state, and is told what comes next."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from conftest import ROOT

from generator import extract, integrate, pipeline, publish
from generator.catalog import KINDS, MADE
from generator.cli import main
from generator.diagnostics import Diagnostic, Span
from generator.document import SCOPES
from generator.document.views.patterns import in_use
from generator.session import STATE

NAME = "harbour-bikes"
DOCUMENT = f"integration-architecture_{NAME}.md"
RUN = ["integrate", "--name", NAME, "--today", "2026-03-04"]
LINK = re.compile(r"\]\(<([^>]+)>\)")

Said = Callable[[], str]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a session and its contract; gives the session's folder."""
    shutil.copytree(ROOT / "contracts" / NAME, tmp_path / "contracts" / NAME)
    root = tmp_path / ".taskmaster" / "docs" / "design" / "architecture"
    shutil.copytree(ROOT / "tests" / "session", root)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    return root / f"001-{NAME}"


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """All that was printed since."""

    def both() -> str:
        printed = capsys.readouterr()
        return printed.out + printed.err

    return both


def there(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def state(session: Path) -> dict[str, object]:
    found = json.loads((session / STATE).read_text())
    assert isinstance(found, dict)
    return found


def made(output: Path = Path("output")) -> set[str]:
    return {path.name for path in (output / NAME).iterdir() if path.is_dir()}


# --- a run ------------------------------------------------------------------------------------------------------------


def test_a_run_writes_everything_and_tells_of_it(house: Path, said: Said) -> None:
    assert main(RUN) == 0
    printed = said()
    own = house.relative_to(Path.cwd()).as_posix()
    for line in (
        f"document: {own}/{DOCUMENT}",
        f"artifacts: output/{NAME}",
        f"contract: contracts/{NAME}",
        f"state: {own}/{STATE}",
        "decided: 0 decisions",
        "open: 0 questions",
        f"architecture summary using `/design/system-architecture/4-generate-architecture-summary --name={NAME}`",
        "  2. Review the integration patterns with your development teams to ensure implementation feasibility.",
        "  3. Use the API specifications to begin contract-first development and testing.",
    ):
        assert line in printed
    assert re.search(r"^risky: findings: (none|\d+ \w+); 0 risks$", printed, re.MULTILINE)
    text = (house / DOCUMENT).read_text()
    assert "**Created:** 2026-03-04\n**Source:** [architecture-framework" in text
    assert "**Integration Scope:** Full System\n" in text
    assert "**Last Updated:** 2026-03-04\n" in text
    graph, _ = pipeline.understand(Path("contracts", NAME))
    assert graph is not None
    found = state(house)
    assert found["architectureResults"] == {
        "domains": 0,
        "layers": 0,
        "components": 2,
        "componentSpecs": sum(bool(each.summary or each.responsibilities) for each in graph.components),
        "interfaces": len(graph.interfaces),
        "integrationPatterns": len(in_use(graph)),
        "apiSpecs": len(list(Path("output", NAME, "openapi").glob("*.yaml"))) + len(list(Path("output", NAME, "proto").rglob("*.proto"))),
        "messageSchemas": len(list(Path("output", NAME, "messages").glob("*/*.schema.json"))),
        "patterns": 0,
        "qualityAttributes": 0,
        "decisions": 0,
        "createdDate": "2026-02-09T09:12:00Z",
        "componentDesignDate": "2026-03-02T15:47:00Z",
        "integrationArchitectureDate": "2026-03-04T00:00:00Z",
    }
    assert found["team"] == {"lead": "Åsa", "weight": 0.25}


def test_every_link_of_the_document_leads_somewhere(house: Path) -> None:
    assert main(RUN) == 0
    text = (house / DOCUMENT).read_text()
    targets = [each for each in LINK.findall(text) if not re.match(r"https?:|#", each)]
    assert any("#L" in each for each in targets)
    for each in targets:
        path, _, line = unquote(each).partition("#L")
        place = house / path
        assert place.exists(), each
        assert not line or int(line) <= len(place.read_text().splitlines()), each


def test_links_from_elsewhere(house: Path, tmp_path: Path) -> None:
    """Folders with names that links must spell otherwise."""
    root = tmp_path / "my sessions #1"
    house.parent.rename(root)
    shutil.move("contracts", "the contracts?")
    assert main([*RUN, "--root", root.name, "--contracts", "the contracts?", "--output", "out put%20"]) == 0
    text = (root / house.name / DOCUMENT).read_text()
    for each in LINK.findall(text):
        if not re.match(r"https?:|#", each):
            path = each.partition("#")[0]
            assert (root / house.name / unquote(path)).exists(), each


def test_twice_changes_nothing_but_the_date(house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(RUN) == 0
    first = there(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert main(RUN) == 0
    assert there(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == times
    assert main([*RUN[:-1], "2026-04-05"]) == 0
    later = there(tmp_path)
    changed = {path for path in first | later if first.get(path) != later.get(path)}
    own = house.relative_to(tmp_path).as_posix()
    assert changed == {f"{own}/{DOCUMENT}", f"{own}/{STATE}"}
    for path in changed:
        assert later[path].replace(b"2026-04-05", b"2026-03-04") == first[path]
    assert b"**Created:** 2026-03-04" in later[f"{own}/{DOCUMENT}"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1772600000")
    for _ in range(2):
        assert main(RUN[:-2]) == 0
        assert state(house)["lastUpdated"] == "2026-03-04T04:53:20Z"


def test_whatever_stops_it_the_state_comes_last(house: Path, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    """A disk that is full at any of the files: no document without its artifacts, no state without its document."""
    before = (house / STATE).read_bytes()
    replace = publish.replace_file
    for stops in (DOCUMENT, STATE):

        def full(path: Path, content: bytes, stops: str = stops) -> None:
            if path.name == stops:
                raise publish.PublishError(Diagnostic("unwritable-output", Span(path.as_posix()), "no space left"))
            replace(path, content)

        monkeypatch.setattr(publish, "replace_file", full)
        assert main(RUN) == 1
        assert "unwritable-output" in said()
        assert (Path("output") / NAME / "manifest.json").is_file()
        assert (house / DOCUMENT).exists() is (stops == STATE)
        assert (house / STATE).read_bytes() == before


# --- wrong usage, and what is not ours --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--name", "shop"], f"no session 'shop' in .taskmaster/docs/design/architecture; there is 001-{NAME}"),
        (
            ["--name", "1", "--root", "nowhere"],
            "nowhere cannot be read: no such file or directory; --root names the folder of the sessions",
        ),
        (["--name", "1", "--scope", "apis"], "no scope is called 'apis'; there are internal, external, data, messaging, api"),
        (["--name", "1", "--scope", "api,"], "no scope is called ''; there are internal, external, data, messaging, api"),
        (["--name", "1", "--contract", "harbor-bikes"], f"no system 'harbor-bikes' in contracts; did you mean {NAME}?"),
    ],
)
def test_wrong_usage(house: Path, said: Said, arguments: list[str], message: str) -> None:
    before = there(house)
    assert main(["integrate", *arguments]) == 2
    assert said() == f"interlock: {message}\n"
    assert there(house) == before
    assert not Path("output").exists()


def test_wrong_time_of_build(house: Path, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert main(RUN[:-2]) == 2
    assert "SOURCE_DATE_EPOCH is 'yesterday'" in said()


@pytest.mark.parametrize("name", ["architecture-framework_harbour-bikes.md", "component-design_harbour-bikes.md", STATE])
def test_what_cannot_be_read_stops_it_before_anything_is_written(house: Path, said: Said, name: str) -> None:
    (house / name).write_bytes(b"\xff\xfe")
    before = there(house)
    assert main(RUN) == 2
    assert f"{name} is not UTF-8" in said()
    assert there(house) == before
    assert not Path("output").exists()


def test_a_document_of_somebody_else_is_left_alone(house: Path, said: Said) -> None:
    (house / DOCUMENT).write_text("# Mine\n")
    before = there(house)
    assert main(RUN) == 1
    assert "error[foreign-file]: a document that Interlock did not write stands here" in said()
    assert there(house) == before
    assert not Path("output").exists()
    assert main([*RUN, "--force"]) == 0
    assert "**Created:** 2026-03-04" in (house / DOCUMENT).read_text()


def test_what_is_no_file_is_left_alone_even_with_force(house: Path, tmp_path: Path, said: Said) -> None:
    (house / DOCUMENT).mkdir()
    assert main([*RUN, "--force"]) == 1
    assert "error[foreign-file]: something that is no file" in said()
    (house / DOCUMENT).rmdir()
    (tmp_path / "elsewhere.md").write_text("<!-- Code generated by Interlock from contract x. DO NOT EDIT. -->\n")
    (house / DOCUMENT).symlink_to(tmp_path / "elsewhere.md")
    assert main([*RUN, "--force"]) == 1
    assert "error[symlinked-output]" in said()


def test_findings_of_the_contract_stop_it(house: Path, said: Said) -> None:
    rentals = Path("contracts", NAME, "rentals.yaml")
    rentals.write_text(rentals.read_text().replace("[findBike", "[findBikes") + "\nquarkhaufen: 1\n")
    before = there(house)
    assert main(RUN) == 1
    assert "error[unknown-key]" in said()
    assert there(house) == before


def test_a_template_that_is_broken_is_a_finding(house: Path, said: Said) -> None:
    (Path("contracts") / NAME / "templates").mkdir()
    (Path("contracts") / NAME / "templates" / "summary.md.j2").write_text("{% if %}")
    before = there(house)
    for command in (RUN, ["generate", NAME]):
        assert main(command) == 1
        assert f"contracts/{NAME}/templates/summary.md.j2:1:1: error[broken-template]" in said()
    assert there(house) == before


def test_a_state_that_says_otherwise_counts_and_is_told(house: Path, said: Said) -> None:
    (house / STATE).write_text(json.dumps({"index": 7, "name": "bikes"}))
    assert main(["integrate", "--name", "7", "--contract", NAME, "--today", "2026-03-04"]) == 0
    assert f"001-{NAME}: {STATE} says index 7 and name bikes, which counts" in said()
    assert (house / "integration-architecture_bikes.md").is_file()
    assert state(house)["name"] == "bikes"


def test_a_program_reads_findings_alone(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RUN, "--format", "json"]) == 0
    printed = capsys.readouterr()
    assert isinstance(json.loads(printed.out), dict | list)
    assert "next steps:" in printed.err


# --- scopes -----------------------------------------------------------------------------------------------------------


def test_every_kind_is_of_a_scope() -> None:
    """But the document of the whole system: that of a scope is the session's."""
    assert set(integrate.KINDS_OF) == set(SCOPES)
    assert {name for names in integrate.KINDS_OF.values() for name in names} == {kind.name for kind in MADE}
    assert {kind.name for kind in KINDS} - {kind.name for kind in MADE} == {"document"}


@pytest.mark.parametrize("scope", ["messaging", "api", "Data, external"])
def test_scopes_limit_artifacts_and_sections(house: Path, scope: str) -> None:
    assert main([*RUN, "--scope", scope]) == 0
    scopes = [each for each in SCOPES if each in scope.lower()]
    wanted = {name for each in scopes for name in integrate.KINDS_OF[each]}
    needed = {name for kind in KINDS if kind.name in wanted for name in kind.judged_with}
    assert made() <= wanted | needed
    text = (house / DOCUMENT).read_text()
    assert f"**Integration Scope:** {', '.join(sorted(scopes))}\n" in text
    assert ("**Target Integrations:** " in text) is bool({"api", "external", "messaging"} & set(scopes))
    assert ("## Data Integration Architecture" in text) is ("data" in scopes)
    assert ("## B. API Specifications" in text) is bool({"api", "external"} & set(scopes))
    for each in LINK.findall(text):
        if not re.match(r"https?:|#", each):
            assert (house / unquote(each.partition("#")[0])).exists(), each
    for each in re.findall(r"\]\(<?#([^)>]+)>?\)", text):
        anchors = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
        assert each in anchors, each


def test_a_scope_leaves_the_other_artifacts_as_they_stand(house: Path) -> None:
    assert main(RUN) == 0
    whole, results = there(Path("output")), state(house)["architectureResults"]
    assert main([*RUN, "--scope", "messaging", "--scope", "data"]) == 0
    assert there(Path("output")) == whole
    assert state(house)["architectureResults"] == results, "the counts are of all that is there"
    limited = (house / DOCUMENT).read_text()
    assert main(RUN) == 0
    assert len((house / DOCUMENT).read_text()) > len(limited)


# --- without a contract -----------------------------------------------------------------------------------------------


def test_a_contract_is_drafted_and_used_if_it_holds(house: Path, said: Said) -> None:
    shutil.rmtree("contracts")
    design = house / f"component-design_{NAME}.md"
    design.write_text("".join(line for line in design.read_text().splitlines(keepends=True) if "Calls" not in line))
    assert main(RUN) == 0
    printed = said()
    assert f"drafted contracts/{NAME} from the session's documents: " in printed
    assert f"  contracts/{NAME}/docks.yaml" in printed
    assert state(house)["status"] == "integration_architecture_complete"
    drafted = there(Path("contracts"))
    assert main(RUN) == 0
    assert "drafted" not in said()
    assert there(Path("contracts")) == drafted


def test_a_draft_that_does_not_hold_stays_for_people_to_mend(house: Path, said: Said) -> None:
    shutil.rmtree("contracts")
    before = there(house)
    assert main(RUN) == 1
    printed = said()
    assert "error[interface-without-operations]" in printed
    assert "drafted contracts/harbour-bikes" in printed
    assert "mend the draft, then run interlock integrate again" in printed
    assert (Path("contracts") / NAME / "docks.yaml").is_file()
    assert there(house) == before
    assert not Path("output").exists()


def test_something_else_where_the_contract_must_be(house: Path, said: Said) -> None:
    shutil.rmtree(Path("contracts", NAME))
    Path("contracts", NAME).write_text("mine")
    assert main(RUN) == 2
    assert f"contracts/{NAME} is there already" in said()
    assert Path("contracts", NAME).read_text() == "mine"


# --- extract ----------------------------------------------------------------------------------------------------------

EXTRACT = ["extract", "--name", "1", "--contracts", "drafts"]


def test_a_draft_is_written_and_told_of(house: Path, said: Said) -> None:
    assert main(EXTRACT) == 1
    printed = said()
    assert re.search(r"drafted drafts/harbour-bikes .*: \d+ facts, \d+ open questions, \d+ lines? not understood", printed)
    assert "interlock check says: 2 errors, " in printed
    texts = {path.name: path.read_text() for path in house.glob("*_*.md")}
    assert there(Path("drafts", NAME)) == {name: text.encode() for name, text in extract.extract(texts, NAME).files.items()}
    assert [path.name for path in Path("drafts").iterdir()] == [NAME]


def test_a_contract_is_never_overwritten_unasked(house: Path, said: Said) -> None:
    folder = Path("contracts", NAME)
    before = there(folder)
    assert main(["extract", "--name", "1"]) == 2
    assert "contracts/harbour-bikes is there already; --force" in said()
    assert there(folder) == before
    (folder / "notes.yaml").write_text("component: notes\n")
    assert main(["extract", "--name", "1", "--force"]) in (0, 1)
    assert "what else the folder holds is as it was: contracts/harbour-bikes/notes.yaml" in said()
    after = there(folder)
    assert after["docks.yaml"] != before["docks.yaml"]
    assert after["proto.lock"] == before["proto.lock"]
    assert after["notes.yaml"] == b"component: notes\n"


def test_a_report_writes_nothing(house: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = there(tmp_path)
    assert main([*EXTRACT, "--report"]) == 0
    text = capsys.readouterr().out
    assert "component-design_harbour-bikes.md:7: docks publishes BikeDocked [sure]" in text
    assert "Not understood" in text
    assert main([*EXTRACT, "--report", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {"kind": "publishes", "line": 7}.items() <= next(each for each in data["facts"] if each["kind"] == "publishes").items()
    assert there(tmp_path) == before


def test_a_draft_as_data(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*EXTRACT, "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["folder"] == "drafts/harbour-bikes"
    assert data["findings"]["error"] == 2
    assert "docks.yaml" in data["files"]


@pytest.mark.parametrize("names", [["Côté Jardin"], ["日本"], ["con"]])
def test_names_that_the_language_does_not_have(house: Path, said: Said, names: list[str]) -> None:
    (house / STATE).write_text(json.dumps({"name": names[0]}))
    assert main(EXTRACT) == 1
    (folder,) = Path("drafts").iterdir()
    assert folder.name == {"Côté Jardin": "cote-jardin", "日本": "unnamed", "con": "con"}[names[0]]


def test_where_nothing_can_be_written(house: Path, said: Said) -> None:
    Path("drafts").write_text("a file")
    assert main(EXTRACT) == 2
    assert "cannot be written" in said()
