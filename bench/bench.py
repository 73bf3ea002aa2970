"""Time and memory of Interlock against TypeSpec on the same API, as ratios within one run; nothing is asserted.

Each of the N operations is a GET that answers with a model of its own, of four strings (TypeSpec's protobuf emitter takes no date-time).
TypeSpec writes OpenAPI 3.1, JSON Schema and proto3; Interlock writes all its kinds, and the rows say with which tools' proof.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from generator.tools import CannotInstall, ToolSet, install, install_node, node

BENCH = Path(__file__).parent
TYPESPEC = ToolSet("typespec", BENCH / "typespec", install_node)
KIBIBYTES_IN_MAXRSS = 1 if sys.platform != "darwin" else 1024
"""Linux counts the peak in KiB, macOS in bytes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Cost:
    """Wall time of one process in seconds, and the most memory it or one of its children held, in MiB."""

    seconds: float
    memory: float


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """One row of the table: how to set the stage, untimed, and the command that is timed."""

    name: str
    prepare: Callable[[], None]
    command: Sequence[str]
    cache: Path


def main() -> int:
    options = _options()
    if options.unproven:
        return generate_unproven(*options.unproven)
    try:
        install(TYPESPEC)
    except CannotInstall as reason:
        print(reason, file=sys.stderr)
        return 2
    print(f"median of {options.runs}; memory is the largest single process\n")
    print("| operations | what runs | seconds | to TypeSpec | MiB | to TypeSpec |")
    print("| ---: | --- | ---: | ---: | ---: | ---: |")
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="interlock-bench-") as name:
            _print_rows(size, _measured(_subjects(size, Path(name)), options.runs))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 300, 1000], metavar="N", help="numbers of operations")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="runs of each row; the median counts")
    parser.add_argument("--unproven", type=Path, nargs=2, metavar=("CONTRACT", "OUTPUT"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _subjects(size: int, folder: Path) -> list[Subject]:
    """TypeSpec first: the others are compared with it."""
    contract, output, cache = folder / "contracts" / "bench", folder / "output", folder / "cache"
    _write(contract / "system.yaml", interlock_contract(size))
    _write(folder / "typespec" / "main.tsp", typespec_program(size))
    _write(folder / "typespec" / "tspconfig.yaml", TYPESPEC_OPTIONS)
    # The compiler looks for its emitters in the program's own folder.
    (folder / "typespec" / "node_modules").symlink_to(TYPESPEC.folder / "node_modules")

    def forget() -> None:
        for made in (output, cache, folder / "typespec" / "output"):
            shutil.rmtree(made, ignore_errors=True)

    def change_one_line() -> None:
        text = (contract / "system.yaml").read_text(encoding="utf-8")
        _write(contract / "system.yaml", text.replace("summary: Thing 0 by its id", "summary: Thing 0 by its id,"))

    generate = [sys.executable, "-m", "generator", "generate", "--contracts", str(contract.parent), "--output", str(output)]
    compiler = str(folder / "typespec" / "node_modules" / "@typespec" / "compiler" / "cmd" / "tsp.js")
    unproven = [sys.executable, str(Path(__file__)), "--unproven", str(contract), str(output / "bench")]
    return [
        Subject("TypeSpec: openapi3, json-schema, protobuf", forget, [str(node()), compiler, "compile", str(folder / "typespec")], cache),
        Subject("Interlock, nothing proven", forget, unproven, cache),
        Subject("Interlock, proven by wheels", forget, generate, cache),
        Subject("Interlock, nothing to do", lambda: None, generate, cache),
        Subject("Interlock, one line changed", change_one_line, generate, cache),
    ]


def _measured(subjects: Sequence[Subject], runs: int) -> list[tuple[Subject, Cost]]:
    """Rows take turns, so that a busy moment of the machine does not fall on one of them alone."""
    costs: dict[str, list[Cost]] = {subject.name: [] for subject in subjects}
    for _ in range(runs):
        for subject in subjects:
            subject.prepare()
            costs[subject.name].append(_cost(subject))
    return [(subject, _median(costs[subject.name])) for subject in subjects]


def _cost(subject: Subject) -> Cost:
    """A fresh cache folder also means no native tools: what is proven here is proven by wheels."""
    environment = {**os.environ, "INTERLOCK_CACHE": str(subject.cache)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # users' machines keep compiled code
    with tempfile.TemporaryFile() as said:
        start = perf_counter()
        process = subprocess.Popen(subject.command, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{subject.name} failed ({process.returncode}):\n{said.read().decode(errors='replace')[:4000]}")
    return Cost(seconds, usage.ru_maxrss / KIBIBYTES_IN_MAXRSS / 1024)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(each.seconds for each in costs), statistics.median(each.memory for each in costs))


def _print_rows(size: int, rows: Sequence[tuple[Subject, Cost]]) -> None:
    peer = rows[0][1]
    for subject, cost in rows:
        times, memories = f"{cost.seconds / peer.seconds:.2f}", f"{cost.memory / peer.memory:.2f}"
        print(f"| {size} | {subject.name} | {cost.seconds:.2f} | {times} | {cost.memory:.0f} | {memories} |", flush=True)


def generate_unproven(contract: Path, output: Path) -> int:
    """The whole pipeline with no tool asked: what our own code costs. Runs in a process of its own."""
    from generator import pipeline
    from generator.catalog import KINDS

    gc.disable()  # as the command does
    kinds = [dataclasses.replace(kind, provers=()) for kind in KINDS]
    return int(pipeline.generate(contract, output, pipeline.Settings(), kinds).failed)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# --- the same API, twice ----------------------------------------------------------------------------------------------

TYPESPEC_OPTIONS = """\
emit: ["@typespec/openapi3", "@typespec/json-schema", "@typespec/protobuf"]
output-dir: "{project-root}/output"
options: {"@typespec/openapi3": {openapi-versions: [3.1.0]}}
"""

TYPESPEC_HEAD = """\
import "@typespec/http";
import "@typespec/json-schema";
import "@typespec/protobuf";
using Http;
using Protobuf;
using JsonSchema;

@package({name: "bench.v1"})
@jsonSchema
@TypeSpec.service(#{title: "Bench"})
namespace Bench;
"""


def typespec_program(size: int) -> str:
    models = "".join(
        f"""
model Thing{number} {{
  @field(1) id: string;
  @field(2) name: string;
  @field(3) status: string;
  @field(4) createdAt: string;
}}
@Protobuf.message
model GetThing{number}Request {{
  @path @field(1) id: string;
}}
"""
        for number in range(size)
    )
    operations = "".join(
        f"""
  @summary("Thing {number} by its id")
  @route("/things{number}/{{id}}") @get getThing{number}(...GetThing{number}Request): Thing{number};"""
        for number in range(size)
    )
    return f"{TYPESPEC_HEAD}{models}\n@Protobuf.service\ninterface Things {{{operations}\n}}\n"


CONTRACT_HEAD = """\
interlock: 1
system: {name: bench, title: Bench, summary: As many operations as asked for., owner: team-bench, license: Apache-2.0}
owners: {team-bench: {title: Bench team, email: bench@example.com}}
environments: {production: {host: api.example.com}}
---
component: thing-service
title: Things
"""


def interlock_contract(size: int) -> str:
    types = "".join(
        f"""
  Thing{number}:
    type: object
    required: [id, name, status, createdAt]
    properties:
      id: {{type: string}}
      name: {{type: string}}
      status: {{type: string}}
      createdAt: {{type: string}}"""
        for number in range(size)
    )
    operations = "".join(
        f"""
      getThing{number}:
        summary: Thing {number} by its id
        http: "GET /things{number}/{{id}}"
        response: Thing{number}"""
        for number in range(size)
    )
    api = '\n  things:\n    version: "1.0.0"\n    http: {base: /api/v1}\n    grpc: {}\n    operations:'
    return f"{CONTRACT_HEAD}types:{types}\nprovides:{api}{operations}\n"


if __name__ == "__main__":
    sys.exit(main())
