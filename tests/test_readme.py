"""The README says what is: its links lead somewhere, its excerpts are in the files, its transcript is what the command prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text()
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
EXCERPT = re.compile(r"```yaml\n# (contracts/\S+)\n(.*?)```", re.DOTALL)
TRANSCRIPT = re.compile(r"Write `(\w+)` for `(\w+)` under `uses`:\n\n```\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_excerpts_are_in_the_contract() -> None:
    """Line by line and in this order; a README may leave lines out."""
    excerpts = EXCERPT.findall(README)
    assert len(excerpts) >= 2
    for file, shown in excerpts:
        lines = iter((ROOT / file).read_text().splitlines())
        missing = [line for line in shown.splitlines() if line not in (re.sub(r"\s+#.*", "", each) for each in lines)]
        assert missing == [], file


def test_the_mistake_is_reported_as_shown(tmp_path: Path) -> None:
    wrong, right, shown = TRANSCRIPT.findall(README)[0]
    contracts = tmp_path / "contracts"
    shutil.copytree(ROOT / "contracts" / "harbour-bikes", contracts / "harbour-bikes")
    file = contracts / "harbour-bikes" / "rentals.yaml"
    file.write_text(file.read_text().replace(f"[{right}]", f"[{wrong}]"))
    run = subprocess.run([sys.executable, "-m", "generator", "check"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert shown.strip() in run.stdout


def test_targets_and_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE)) <= targets
    said = subprocess.run([sys.executable, "-m", "generator", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^    ([a-z]+)(?: |$)", said, re.MULTILINE))
    assert set(re.findall(r"^\| `interlock ([a-z]+)", README, re.MULTILINE)) == commands


def test_a_downstream_repository_can_do_as_it_is_told(tmp_path: Path) -> None:
    """The Python line as it stands; `tests/test_downstream.py` does the rest, with the plugins that it needs."""
    (line,) = [line for line in README.splitlines() if "grpc_tools.protoc" in line]
    proto = ROOT / "output" / "enterprise-expansion" / "proto"
    environment = {**os.environ, "P": str(proto), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment, check=True)
    made = {path.name.removesuffix("_pb2_grpc.py") for path in tmp_path.rglob("*_pb2_grpc.py")}
    assert made == {path.stem for path in proto.rglob("*.proto")}
