"""datacontract lint: data contracts that the tool of the field reads whole, with nothing in them that it would ignore."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.odcs_schema import ENDING
from generator.tools import DATACONTRACT, LIBRARY

TOOL = "datacontract lint"
PROVES = "each data contract passes the lint of datacontract-cli, without a warning"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "file"

DRIVER = Path(__file__).with_name("datacontract_driver.py")
BOOTSTRAP = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
NAMED = "datacontract"


def available() -> str | None:
    """The version that is installed."""
    found = sorted((DATACONTRACT.folder / LIBRARY).glob("datacontract_cli-*.dist-info"))
    return found[0].name.removeprefix("datacontract_cli-").removesuffix(".dist-info") if found else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All contracts in one process, since the tool takes a second to start; of each what it does not pass, in its own words."""
    contracts = [file for file in files if file.name.endswith(ENDING)]
    if not contracts:
        return
    done = _run([str((folder / file).absolute()) for file in contracts])
    answers = _answers(done.stdout)
    if done.returncode != 0 or len(answers) != len(contracts):
        words = " ".join(done.stderr.split())[-400:] or f"exit status {done.returncode}"
        yield Diagnostic(f"{NAMED}/failed", Span(str(contracts[0])), f"{TOOL} did not get to its end: {words}")
        return
    for file, found in zip(contracts, answers, strict=True):
        for result, reason in found:
            yield Diagnostic(f"{NAMED}/{result}", Span(str(file)), " ".join(reason.split()))


def _answers(text: str) -> list[list[tuple[str, str]]]:
    """Of each file what was not passed; the last line, since the tool may print before it."""
    try:
        return [[(str(result), str(reason)) for result, reason in found] for found in json.loads(text.strip().rpartition("\n")[2] or "[]")]
    except (TypeError, ValueError):
        return []


def _run(paths: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """In a Python that sees nothing but the tool's own packages, and a home of ours: it reads settings and variables from the user's."""
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "PATH": "", "TMPDIR": home}
        command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", BOOTSTRAP, str(DATACONTRACT.folder / LIBRARY), str(DRIVER)]
        return subprocess.run(
            command,
            input=json.dumps(paths),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            cwd=home,
            env=environment,
            check=False,
        )
