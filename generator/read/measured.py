"""The committed record of what was seen live: one measurement a line, so that a change shows as what it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args

from generator.diagnostics import Diagnostic, Span
from generator.model import Measured, Measurement, Verdict

FILE_NAME = "measured.json"
KINDS = ("istio", "kubernetes", "telemetry", "change-capture", "flows")
"""What is run of a system's output: all that is applied to a cluster."""
HELP = "interlock prove --live --record writes it anew; without it the document says that nothing was measured"


def read_measured(path: Path, file: str) -> tuple[Measured | None, list[Diagnostic]]:
    """The record and what is wrong with it; no file is no record."""
    try:
        return _measured(json.loads(path.read_text(encoding="utf-8"))), []
    except FileNotFoundError:
        return None, []
    except json.JSONDecodeError as error:
        at, reason = Span(file, error.lineno, error.colno), f"it is no JSON: {error.msg.lower()}"
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        at, reason = Span(file), str(error)
    except (KeyError, TypeError, ValueError) as error:
        at, reason = Span(file), f"it is not as it was written: {error}"
    return None, [Diagnostic("broken-measurements", at, f"the record of what was seen live cannot be read: {reason}", HELP)]


def _measured(data: Any) -> Measured:
    if set(data) != {each.name for each in fields(Measured)}:
        raise ValueError("its keys are others")
    return Measured(_text(data["day"]), _text(data["basis"]), tuple(_measurement(each) for each in data["measurements"]))


def _measurement(data: Any) -> Measurement:
    found = Measurement(**{key: _text(value) for key, value in data.items()})
    if found.verdict not in get_args(Verdict):
        raise ValueError(f"{found.verdict!r} is no verdict")
    return found


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def to_text(measured: Measured) -> str:
    """The whole file."""
    lines = ",\n".join(f"  {json.dumps(asdict(each), ensure_ascii=False)}" for each in measured.measurements)
    head = f'"day": {json.dumps(measured.day)},\n "basis": {json.dumps(measured.basis)}'
    return f'{{\n {head},\n "measurements": [\n{lines}\n ]\n}}\n'


def basis(files: Mapping[str, str]) -> str:
    """Of files by their paths below the system's output, those that are run; empty where there are none."""
    run = {path: text for path, text in files.items() if path.partition("/")[0] in KINDS}
    digest = hashlib.sha256()
    for path, text in sorted(run.items()):
        digest.update(f"{path}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()[:16] if run else ""
