"""Debezium and kubeconform accept what is generated, and say of broken connectors what is wrong and where."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

import pytest

from generator.artifact import Prover
from generator.diagnostics import Diagnostic
from generator.prove import debezium, kubeconform, kustomize

GOOD = Path(__file__).parents[1] / "golden" / "change-capture" / "library"
POSTGRESQL = "base/members.members-db.yaml"
MYSQL = "base/loans.loans-db.yaml"
SQLSERVER = "base/loans.fines-db.yaml"
SPECIAL = "overlays/test/members.members-db.yaml"


class Stage:
    """A copy of the good files, to be broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = shutil.copytree(GOOD, folder / "change-capture")

    def change(self, file: str, old: str, new: str) -> int:
        """The line that it is on."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def ask(self, prover: Prover) -> list[Diagnostic]:
        assert prover.available() is not None, "make tools"
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return list(prover.prove(self.folder, [PurePosixPath(each.relative_to(self.folder).as_posix()) for each in paths]))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.mark.parametrize("prover", [debezium, kubeconform, kustomize], ids=lambda each: each.TOOL)
def test_what_is_generated_is_accepted(stage: Stage, prover: Prover) -> None:
    assert stage.ask(prover) == []


WRONG = [
    (POSTGRESQL, "slot.name: city", "slot.name: City", "must contain only digits, lowercase characters and underscores"),
    (POSTGRESQL, "time.precision.mode: isostring", "time.precision.mode: iso", "Value must be one of"),
    (POSTGRESQL, "heartbeat.interval.ms", "heartbeat.intervall.ms", "heartbeat.intervall.ms is no property of this connector"),
    (POSTGRESQL, r"table.include.list: public\.members", "table.include.list: public(", "Unclosed group"),
    (POSTGRESQL, "spec: is_active:boolean", "spec: is_active:bool", "Invalid type found in casting spec: bool"),
    (POSTGRESQL, "day-members-born.format", "day-members-born.fromat", "fromat is no property of it"),
    (POSTGRESQL, "transforms.ExtractNewRecordState", "transforms.ExtractNewState", "is no transformation that is known here"),
    (POSTGRESQL, "key-members.predicate: members", "key-members.predicate: member", "member is none of the predicates"),
    (POSTGRESQL, "json.JsonConverter", "json.JSONConverter", "is no converter that is known here"),
    (POSTGRESQL, "members.partitions: 6", "members.partitions: six", "Not a number of type INT"),
    (POSTGRESQL, "members.cleanup.policy", "members.cleanup.polices", "cleanup.polices is no setting of a topic"),
    (POSTGRESQL, "plugin.name: pgoutput", "name: own", "name is set by Strimzi alone"),
    (POSTGRESQL, "${secrets:kafka/members-capture:password}", "${env:PASSWORD}", "is no ${secrets:namespace/name:key}"),
    (MYSQL, "schema.history.internal.kafka.topic", "schema.history.internal.kafka.tpoic", "is no property of this connector"),
    (MYSQL, "transforms: row,types-loans,", "transforms: row,", "transforms.types-loans.type belongs to none of the transforms"),
    (MYSQL, "topic.creation.groups: loans", "topic.creation.groups: loan", "topic.creation.loans.partitions belongs to none of the groups"),
    (SQLSERVER, "connector.sqlserver.SqlServerConnector", "connector.mssql.SqlServerConnector", "is no source connector"),
    (SPECIAL, "database.hostname: members", "database.hostnam: members", "database.hostnam is no property of this connector"),
]


def test_debezium_says_what_is_wrong_and_where(stage: Stage) -> None:
    """All of it in one run; a setting that is misspelt in one place may be missed in another."""
    lines = [stage.change(file, old, new) for file, old, new, _ in WRONG]
    found = stage.ask(debezium)
    assert {each.code for each in found} == {"debezium/refused"}
    for (file, _, new, words), line in zip(WRONG, lines, strict=True):
        where = [each.at.line for each in found if each.at.file == file and words in each.message]
        assert where and (line in where or "belongs to none" in words), (new, words, found)


def test_what_is_wrong_in_the_base_is_told_once(stage: Stage) -> None:
    """Though it is so in each environment."""
    stage.change(POSTGRESQL, "snapshot.mode: initial", "snapshot.mode: first")
    assert len(stage.ask(debezium)) == 1


def test_kubeconform_knows_strimzi(stage: Stage) -> None:
    line = stage.change(POSTGRESQL, "tasksMax: 1", "maxTasks: 1")
    [found] = stage.ask(kubeconform)
    assert "maxTasks" in found.message and str(found.at).startswith(f"{POSTGRESQL}:{line}")
