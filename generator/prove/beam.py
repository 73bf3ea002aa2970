"""How Apache Beam is asked about pipelines in YAML: in a Python of its own, several at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import LOADER
from generator.tools import FLOWS, LIBRARY

DRIVER = Path(__file__).with_name("beam_driver.py")
BOOTSTRAP = "import runpy, sys; sys.path[:0] = sys.argv[2:]; runpy.run_path(sys.argv[1], run_name='__main__')"
PIPELINE = "pipeline.yaml"
TESTS = "tests.yaml"
OVERLAYS = "overlays"
OF_TESTS = "tests"
"""Overlay in which unit tests run."""
SOURCE = "src"
"""Folder below the kind's, with the package of transforms."""
LONGEST = 1200
FEW = 4
"""Pipelines that are not worth a second start of Beam."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A pipeline as it is in one environment, built as a whole or held against its tests."""

    folder: PurePosixPath
    environment: str
    is_tested: bool = False

    @property
    def file(self) -> PurePosixPath:
        return self.folder / PIPELINE

    @property
    def tests(self) -> PurePosixPath:
        return self.folder / TESTS


def version() -> str | None:
    """Beam's, when it is installed; what is installed with it is part of the version."""
    found = sorted((FLOWS.folder / LIBRARY).glob("apache_beam-*.dist-info"))
    number = found[0].name.removeprefix("apache_beam-").removesuffix(".dist-info") if found else None
    return number and f"{number}+{FLOWS.folder.name[-8:]}"


def pipelines(files: Sequence[PurePosixPath]) -> Iterator[tuple[PurePosixPath, list[str]]]:
    """The folder of each pipeline, with the environments that it has an overlay for."""
    for file in files:
        if file.name == PIPELINE and file.parts[0] != "..":
            overlays = file.parent / OVERLAYS
            yield file.parent, sorted(each.stem for each in files if each.parent == overlays)


def steps(text: str) -> list[dict[str, Any]]:
    """The transforms of a pipeline; nothing where it cannot be read, which Beam says."""
    try:
        found = yaml.load(text, LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        return []
    pipeline = found.get("pipeline") if isinstance(found, Mapping) else None
    transforms = pipeline.get("transforms") if isinstance(pipeline, Mapping) else None
    return [each for each in transforms if isinstance(each, dict)] if isinstance(transforms, list) else []


def ask(folder: Path, asked: Sequence[Asked]) -> Iterator[tuple[Asked, Diagnostic]]:
    """What Beam refuses, in its own words; in as many processes as there are processors, since one Beam uses one."""
    groups = min(os.cpu_count() or 1, -(-len(asked) // FEW))
    with ThreadPoolExecutor(max(groups, 1)) as pool:
        for found in pool.map(lambda first: _ask(folder, asked[first::groups]), range(groups)):
            yield from found


def _ask(folder: Path, asked: Sequence[Asked]) -> list[tuple[Asked, Diagnostic]]:
    questions = [
        {
            "folder": str(each.folder),
            "pipeline": PIPELINE,
            "tests": TESTS if each.is_tested else None,
            "variables": {"environment": each.environment},
            "number": number,
        }
        for number, each in enumerate(asked)
    ]
    library = [str(FLOWS.folder / LIBRARY), str((folder / SOURCE).absolute())]
    # Nothing is written beside the files, and nothing seen but Beam's own packages, whose versions are not ours.
    command = [sys.executable, "-I", "-S", "-B", "-W", "ignore", "-c", BOOTSTRAP, str(DRIVER), *library]
    question = json.dumps({"folder": str(folder.absolute()), "asked": questions})
    with tempfile.TemporaryDirectory(prefix="interlock-beam-") as scratch:  # a pipeline that does not run leaves its folder behind
        environment = {**os.environ, "TMPDIR": scratch}
        done = subprocess.run(
            command, input=question, capture_output=True, encoding="utf-8", errors="replace", env=environment, check=False
        )
    lines = done.stdout.splitlines()
    found = [_finding(asked, json.loads(line), f"{folder.absolute()}{os.sep}") for line in lines if line.startswith("{")]
    if "done" not in lines[-1:]:
        words = " ".join(done.stderr.split())[-LONGEST:] or f"exit status {done.returncode}"
        found.append((asked[0], Diagnostic("beam/failed", Span(str(asked[0].file)), words)))
    return found


def _finding(asked: Sequence[Asked], found: Mapping[str, Any], root: str) -> tuple[Asked, Diagnostic]:
    """Files are named as they are below the kind's folder, wherever that is for the moment."""
    each = asked[found["number"]]
    words = " ".join(str(found["words"]).replace(root, "").split())[:LONGEST]
    if not found["of_tests"]:
        return each, Diagnostic("beam/refused", Span(str(each.file), found["line"]), words)
    test = f'"{found["test"]}": ' if found.get("test") else ""
    return each, Diagnostic("beam/failed-test", Span(str(each.tests), found["line"]), f"{test}{words}")
