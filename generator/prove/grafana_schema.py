"""@grafana/schema: dashboards that TypeScript accepts as what Grafana's own types describe."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.openapi_spec import place
from generator.tools import node_tool

TOOL = "@grafana/schema"
PROVES = (
    "each dashboard has the types of Grafana's schema, its panels' options and queries too, no key is misspelt, and no id is there twice"
)
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "grafana-schema"
COMPILER = "typescript"
SCRIPT = Path(__file__).with_suffix(".mjs")
DASHBOARDS = "dashboards"


def available() -> str | None:
    """The compiler judges, by types of the package."""
    schema, compiler = node_tool(TOOL), node_tool(COMPILER)
    return f"{schema.version}+typescript.{compiler.version}" if schema and compiler else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All dashboards in one process, and then what their types do not say."""
    asked = [file for file in files if DASHBOARDS in file.parts[:-1] and file.suffix == ".json" and file.parts[0] != ".."]
    if asked:
        yield from _types(folder, asked)
        yield from _twice(folder, asked)


def _types(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    compiler = node_tool(COMPILER)
    assert compiler is not None, "a prover is asked only when it is available"
    command = [*compiler.node, str(SCRIPT), str(compiler.package), *map(str, files)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        yield Diagnostic(f"{CODE}/failed", Span(str(files[0])), done.stderr.strip() or "the compiler failed and said nothing")
        return
    for found in json.loads(done.stdout):
        at = Span(found["file"], found["line"], found["column"], found["width"])
        first, _, rest = found["message"].partition("\n")
        yield Diagnostic(f"{CODE}/{found['code']}", at, first, rest.strip() or None)


def _twice(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Of dashboards with one uid Grafana loads none; of panels with one id it shows only the first in a view of its own."""
    dashboards: dict[str, PurePosixPath] = {}
    for file in files:
        text = (folder / file).read_text(encoding="utf-8")
        try:
            dashboard = json.loads(text)
        except ValueError:
            continue  # the compiler's script has said so
        uid = dashboard.get("uid") if isinstance(dashboard, dict) else None
        if uid in dashboards:
            yield Diagnostic(f"{CODE}/uid-twice", place(text, file, ["uid"]), f'the uid "{uid}" is that of {dashboards[uid]} too')
        dashboards.setdefault(str(uid), file)
        panels: set[object] = set()
        for path, panel in _panels(dashboard, ()):
            if panel.get("id") in panels:
                yield Diagnostic(f"{CODE}/id-twice", place(text, file, [*path, "id"]), f"another panel has the id {panel['id']} too")
            panels.add(panel.get("id"))


def _panels(parent: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, object]]]:
    """Those of rows too."""
    panels = parent.get("panels") if isinstance(parent, dict) else None
    for index, panel in enumerate(panels if isinstance(panels, list) else ()):
        if isinstance(panel, dict):
            yield (*path, "panels", index), panel
            yield from _panels(panel, (*path, "panels", index))
