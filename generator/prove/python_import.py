"""Pydantic: the package of models imports in a fresh interpreter, and every model builds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Diagnostic, Span

TOOL = "pydantic"
PROVES = "the package imports, and every model in it builds and gives its JSON Schema"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

SOURCE = PurePosixPath("src")
BUILD = """
import importlib, json, sys, traceback
sys.path.insert(0, sys.argv[1])
from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypeAliasType

def refuse(path, error, line):
    message = str(error).partition("For further information")[0].strip()
    print(json.dumps([path, line, f"{type(error).__name__}: {message}"]))

def line_of(error, file):
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno or 1
    return next((frame.lineno for frame in reversed(traceback.extract_tb(error.__traceback__)) if frame.filename == file), 1)

def build(value):
    if isinstance(value, TypeAliasType):
        TypeAdapter(value).json_schema()
    elif isinstance(value, type) and issubclass(value, BaseModel):
        value.model_rebuild()
        value.model_json_schema()

for path in sys.argv[2:]:
    file = f"{sys.argv[1]}/{path}"
    try:
        module = importlib.import_module(".".join(path.removesuffix("/__init__.py").removesuffix(".py").split("/")))
    except Exception as error:
        refuse(path, error, line_of(error, file))
        continue
    for name, value in [each for each in vars(module).items() if getattr(each[1], "__module__", None) == module.__name__]:
        try:
            build(value)
        except Exception as error:
            starts = [f"class {name}(", f"{name} = "]
            lines = open(file, encoding="utf-8").read().split("\\n")
            refuse(path, error, next((at for at, line in enumerate(lines, 1) if line.startswith(tuple(starts))), 1))
"""
"""Prints one line of JSON for each module that does not import and for each model that does not build."""


def available() -> str | None:
    try:
        return metadata.version("pydantic")
    except metadata.PackageNotFoundError:
        return None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All modules in one interpreter that sees only the package and what is installed; -B: nothing is written beside them."""
    modules = [str(each.relative_to(SOURCE)) for each in files if each.suffix == ".py"]
    command = [sys.executable, "-I", "-B", "-c", BUILD, str((folder / SOURCE).absolute()), *modules]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    for report in done.stdout.splitlines():
        path, line, message = json.loads(report)
        yield Diagnostic("pydantic/refused", Span(str(SOURCE / path), line), message)
    if done.returncode != 0:
        yield Diagnostic("pydantic/failed", Span(str(files[0])), done.stderr.strip() or "Python ended and said nothing")
