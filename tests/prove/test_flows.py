"""The tools of flows accept good files, and say of broken ones what is wrong and where."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from generator.artifact import Prover
from generator.diagnostics import Diagnostic
from generator.prove import beam_construct, beam_tests, cron, flow_lookups, sql

GOOD = Path(__file__).parent / "flows"
FLOW = PurePosixPath("shop/orders")
PROVERS = (beam_construct, beam_tests, flow_lookups, cron, sql)
PIPELINE, TESTS, OVERLAY = "pipeline.yaml", "tests.yaml", "overlays/staging.yaml"


def ask(prover: Prover, folder: Path) -> list[Diagnostic]:
    assert prover.available() is not None, "make tools"
    files = sorted(PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
    found = list(prover.prove(folder, files))
    assert files == sorted(PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
    return found


@pytest.mark.parametrize("prover", PROVERS, ids=lambda prover: prover.TOOL)
def test_accepts_good_files(prover: Prover) -> None:
    assert ask(prover, GOOD) == []


@pytest.mark.parametrize("prover", [beam_construct, beam_tests, cron], ids=lambda prover: prover.TOOL)
def test_says_that_it_is_not_there(prover: Prover, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prover.available() is not None, "make tools"
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path))
    assert prover.available() is None


@pytest.mark.parametrize("prover", PROVERS, ids=lambda prover: prover.TOOL)
def test_has_nothing_to_say_of_files_that_it_does_not_know(prover: Prover, tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: []\n")
    (tmp_path / "half.yaml").write_text("cron: [\n")
    assert list(prover.prove(tmp_path, [PurePosixPath("kustomization.yaml"), PurePosixPath("half.yaml")])) == []


# --- Apache Beam ------------------------------------------------------------------------------------------------------

Broken = dict[str, tuple[str, str, str, int, str]]
"""File, what is there, what is there instead, and the line and words of a finding about it."""
NOT_BUILT: Broken = {
    "unknown-input": (PIPELINE, "input: read", "input: reed", 9, "Unknown transform at line 9: reed"),
    "unknown-type": (PIPELINE, "type: MergeRowsIn", "type: MergeRwosIn", 16, "missing provider for type MergeRwosInWarehouse"),
    "unknown-setting": (PIPELINE, "{connection: WAREHOUSE", "{conection: WAREHOUSE", 16, "unexpected argument 'conection'"),
    "unknown-setting-of-beam": (PIPELINE, "fields:", "feilds:", 7, "unexpected keyword argument 'feilds'"),
    "unknown-variable": (PIPELINE, "{{ environment }}", "{{ enviroment }}", 1, "'enviroment' is undefined"),
    "syntax-of-expression": (PIPELINE, "cents // 100", "cents // (100", 7, "'(' was never closed"),
    "unused-output": (PIPELINE, "input: map.rejected", "input: map", 7, "map.rejected must be used as an input"),
    "circle": (PIPELINE, "input: read", "input: write", 1, "the input of a transform leads back to it"),
    "no-yaml": (PIPELINE, "type: composite", "type composite", 3, "mapping values are not allowed here"),
    "unknown-class": (OVERLAY, "steps.Merge", "steps.Put", 1, "No module named 'shop_flows.steps.Put'"),
}
FAILED: Broken = {
    "other-expression": (PIPELINE, "// 100", "// 10", 2, "missing elements [Row(id='a', euros=2)"),
    "other-field": (PIPELINE, "id: id", "id: ident", 2, "Failed assert"),
    "other-expectation": (TESTS, "euros: 2", "euros: 3", 2, "unexpected elements [Row(id='a', euros=2)]"),
    "unknown-transform": (TESTS, "name: write", "name: wriet", 2, "Unknown transform"),
    "unknown-key": (TESTS, "mock_outputs", "mock_output", 2, "has unknown attributes ['mock_output']"),
    "no-tests": (TESTS, "tests:", "test:", 1, "KeyError: 'tests'"),
    "no-source": (TESTS, "- name: read\n        elements: [{id: a, cents: 1}, {id: b, cents: 100}]", "[]", 15, "Non-mocked source read"),
}
Judged = dict[str, list[Diagnostic]]


def judged(prover: Prover, broken: Broken, stage: Path) -> Judged:
    """Each fault in a flow of its own, all asked about at once, which is quicker."""
    shutil.copytree(GOOD / "src", stage / "src")
    for name, (file, old, new, _, _) in broken.items():
        path = shutil.copytree(GOOD / FLOW, stage / "shop" / name) / file
        text = path.read_text(encoding="utf-8")
        assert old in text, name
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found: Judged = {name: [] for name in broken}
    for each in ask(prover, stage):
        found[PurePosixPath(each.at.file).parts[1]].append(each)
    return found


@pytest.fixture(scope="module")
def not_built(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(beam_construct, NOT_BUILT, tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return judged(beam_tests, FAILED, tmp_path_factory.mktemp("stage"))


@pytest.mark.parametrize("name", NOT_BUILT)
def test_a_pipeline_that_does_not_build_is_refused(name: str, not_built: Judged) -> None:
    _, _, _, line, words = NOT_BUILT[name]
    [found] = not_built[name]
    assert (found.code, found.at.file, found.at.line) == ("beam/refused", f"shop/{name}/{PIPELINE}", line)
    assert words in found.message and "/stage" not in found.message
    assert found.help == ("in staging" if name == "unknown-class" else "in production, staging, tests")


@pytest.mark.parametrize("name", FAILED)
def test_a_unit_test_that_fails_is_refused(name: str, failed: Judged) -> None:
    _, _, _, line, words = FAILED[name]
    assert {(each.code, each.at.file) for each in failed[name]} == {("beam/failed-test", f"shop/{name}/{TESTS}")}
    assert any(each.at.line == line and words in each.message for each in failed[name]), failed[name]


@pytest.mark.parametrize("prover", [beam_construct, beam_tests], ids=lambda prover: prover.TOOL)
def test_a_package_that_does_not_import_is_refused(prover: Prover, tmp_path: Path) -> None:
    stage = shutil.copytree(GOOD, tmp_path / "stage")
    (stage / "src" / "shop_flows" / "steps.py").write_text("import shop_flows.nothing\n")
    assert all("No module named 'shop_flows.nothing'" in each.message for each in ask(prover, stage))
    assert ask(prover, stage)


def test_a_process_that_dies_is_no_acceptance(tmp_path: Path) -> None:
    stage = shutil.copytree(GOOD, tmp_path / "stage")
    (stage / "src" / "shop_flows" / "steps.py").write_text("import os, sys\nsys.stderr.write('gone')\nsys.stderr.flush()\nos._exit(3)\n")
    [found] = ask(beam_construct, stage)
    assert (found.code, found.message) == ("beam/failed", "gone")


def removed(file: str) -> Callable[[Path], None]:
    return lambda flow: (flow / file).unlink()


@pytest.mark.parametrize(
    ("prover", "change", "words"),
    [
        (beam_tests, removed(TESTS), "the pipeline has no unit tests"),
        (beam_tests, removed("overlays/tests.yaml"), "there is no overlay tests to run the unit tests in"),
        (beam_tests, lambda flow: (flow / TESTS).write_text("tests: []\n"), "there is no test"),
        (beam_construct, lambda flow: shutil.rmtree(flow / "overlays"), "the pipeline has no overlay, so it can run nowhere"),
    ],
)
def test_a_pipeline_without_what_proves_it_is_refused(prover: Prover, change: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    stage = shutil.copytree(GOOD, tmp_path / "stage")
    change(stage / FLOW)
    [found] = ask(prover, stage)
    assert words in found.message


# --- schedules and SQL ------------------------------------------------------------------------------------------------

CONFIGURATION = f"{FLOW}/data-pipeline-config.yaml"
DEFINITION = f"{FLOW}/sql/warehouse.postgresql.sql"
JOB = """\
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: web}
spec:
  schedule: "*/15 * * * *"
  timeZone: Europe/Berlin
"""


@pytest.mark.parametrize(
    ("prover", "file", "old", "new", "line", "words"),
    [
        (cron, CONFIGURATION, '"*/15 *', '"0 */15 *', 6, "expected exactly 5 fields, found 6: [0 */15 * * * *]"),
        (cron, CONFIGURATION, "Europe/Berlin", "Europe/Linz", 6, "unknown time zone Europe/Linz"),
        (cron, "job.yaml", "*/15 *", "60 *", 9, "end of range (60) above maximum (59): 60"),
        (cron, "job.yaml", "*/15 * * * *", "0 0 * * 7", 9, "end of range (7) above maximum (6): 7"),
        (cron, "job.yaml", "*/15", "TZ=UTC */15", 9, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
        (cron, "job.yaml", "Europe/Berlin", "Local", 10, "must be an explicit time zone"),
        (sql, DEFINITION, "CREATE TABLE IF", "CREATE TABEL IF", 4, "this is no statement that makes tables: CREATE TABEL"),
        (sql, DEFINITION, "bigint NOT NULL", "FROM", 6, "Expecting )"),
        (
            sql,
            DEFINITION,
            "COMMENT ON TABLE analytics.orders IS 'Orders; in euros.'",
            "DROP TABLE analytics.orders",
            9,
            "this is no statement",
        ),
        (sql, DEFINITION, "in euros.'", "in euros.", 1, "Error tokenizing"),
        (
            sql,
            f"{FLOW}/{PIPELINE}",
            "table: analytics.orders",
            "table: analytics.order",
            19,
            "no statement makes the table analytics.order",
        ),
        (sql, f"{FLOW}/{PIPELINE}", "euros: integer", "euro: integer", 19, "makes analytics.orders without euro"),
        (sql, f"{FLOW}/{PIPELINE}", "key: [id]", "key: [euros]", 19, "rows are merged by euros, and"),
        (sql, DEFINITION, "id text PRIMARY KEY", "id text NOT NULL", 19, "tells rows of analytics.orders apart by nothing"),
    ],
)
def test_refuses_what_is_broken(prover: Prover, file: str, old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    stage = shutil.copytree(GOOD, tmp_path / "stage")
    (stage / "job.yaml").write_text(JOB)
    text = (stage / file).read_text(encoding="utf-8")
    assert old in text
    assert ask(prover, stage) == []
    (stage / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    [found] = ask(prover, stage)
    assert (found.at.file, found.at.line) == (f"{FLOW}/{PIPELINE}" if line == 19 else file, line)
    assert words in found.message


# --- look-ups ---------------------------------------------------------------------------------------------------------

LOOKUP = """\
pipeline:
  type: composite
  transforms:
  - type: LookUpGrpc
    name: segment
    config:
      method: /shop.v1.SegmentsService/GetSegment
      descriptors: descriptors/segments.json
      request: {customerId: customer_id}
      fields:
        segment:
          take: segment
          values: {SEGMENT_NEW: new}
"""


def descriptors(dependency: str = "google/protobuf/timestamp.proto") -> str:
    file = FileDescriptorProto(name="segments.proto", package="shop.v1", syntax="proto3", dependency=[dependency])
    request = file.message_type.add(name="GetSegmentRequest")
    request.field.add(name="customer_id", number=1, type=FieldDescriptorProto.TYPE_STRING, label=FieldDescriptorProto.LABEL_OPTIONAL)
    response = file.message_type.add(name="GetSegmentResponse")
    of_enum = {"type": FieldDescriptorProto.TYPE_ENUM, "type_name": ".shop.v1.Segment"}
    response.field.add(name="segment", number=1, label=FieldDescriptorProto.LABEL_OPTIONAL, **of_enum)
    values = file.enum_type.add(name="Segment")
    values.value.add(name="SEGMENT_UNSPECIFIED", number=0)
    values.value.add(name="SEGMENT_NEW", number=1)
    service = file.service.add(name="SegmentsService")
    service.method.add(name="GetSegment", input_type=".shop.v1.GetSegmentRequest", output_type=".shop.v1.GetSegmentResponse")
    return json.dumps({"descriptors": base64.b64encode(FileDescriptorSet(file=[file]).SerializeToString()).decode()})


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("", "", 0, ""),
        ("GetSegment\n", "GetSegments\n", 7, "has no method /shop.v1.SegmentsService/GetSegments"),
        ("SegmentsService", "SegmentService", 7, "has no method /shop.v1.SegmentService/GetSegment"),
        ("segments.json", "segment.json", 8, "there is no file descriptors/segment.json"),
        ("customerId", "customer", 9, "shop.v1.GetSegmentRequest has no field customer"),
        ("take: segment", "take: segments", 12, "shop.v1.GetSegmentResponse has no field segments"),
        ("SEGMENT_NEW", "SEGMENT_OLD", 13, "shop.v1.GetSegmentResponse.segment is never SEGMENT_OLD"),
    ],
)
def test_a_look_up_that_the_protos_do_not_have_is_refused(old: str, new: str, line: int, words: str, tmp_path: Path) -> None:
    (tmp_path / "descriptors").mkdir()
    (tmp_path / "descriptors" / "segments.json").write_text(descriptors())
    (tmp_path / "pipeline.yaml").write_text(LOOKUP.replace(old, new, 1) if old else LOOKUP)
    found = ask(flow_lookups, tmp_path)
    assert [(each.at.file, each.at.line) for each in found] == ([("pipeline.yaml", line)] if old else [])
    assert all(words in each.message for each in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (descriptors("google/protobuf/nothing.proto"), "nothing"),
        (descriptors("other.proto"), "Depends on file 'other.proto'"),
        ('{"descriptors": "!"}', "base64"),
        ("{}", "descriptors"),
        ("{", "Expecting"),
    ],
)
def test_descriptors_that_do_not_build_are_refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "descriptors").mkdir()
    (tmp_path / "descriptors" / "segments.json").write_text(text)
    (tmp_path / "pipeline.yaml").write_text(LOOKUP)
    [found] = ask(flow_lookups, tmp_path)
    assert found.at.file == "descriptors/segments.json" and words in found.message
