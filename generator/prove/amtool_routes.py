"""amtool config routes test: every alert of the routing tests reaches the receivers that it should, and no others."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.amtool_config import AMTOOL, configurations
from generator.prove.openapi_spec import load, place

TOOL = "amtool config routes test"
PROVES = "each alert of the routing tests reaches exactly the receivers that are expected, and each receiver is reached by one"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

CODE = "amtool-routes-test"
TESTS = "routing-tests.yaml"


def available() -> str | None:
    return AMTOOL.version()


@dataclass(frozen=True, slots=True)
class Test:
    """An alert's labels, and whom it must reach."""

    labels: dict[str, str]
    receivers: list[str]
    at: Span


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """amtool takes one alert at a time."""
    for file in configurations(files):
        beside = file.with_name(TESTS)
        if beside not in files:
            yield Diagnostic(f"{CODE}/no-tests", Span(str(file)), f"there is no {TESTS} beside it")
            continue
        text = (folder / beside).read_text(encoding="utf-8")
        document = load(text, beside, f"{CODE}/unreadable")
        if isinstance(document, Diagnostic):
            yield document
            continue
        tests = [
            Test(each["labels"], each["receivers"], place(text, beside, ["tests", index])) for index, each in enumerate(document["tests"])
        ]
        yield from _judge(folder, file, tests)
        yield from _unreached(folder, file, {receiver for test in tests for receiver in test.receivers})


def _judge(folder: Path, file: PurePosixPath, tests: Sequence[Test]) -> Iterator[Diagnostic]:
    def ask(test: Test) -> str:
        labels = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in test.labels.items())
        done = AMTOOL.run("config", "routes", "test", f"--config.file={file}", *labels, folder=folder)
        return done.stdout.strip() if done.returncode == 0 else " ".join(done.stderr.split())

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for test, reached in zip(tests, pool.map(ask, tests), strict=True):
            if reached != ",".join(test.receivers):
                message = f"expected {', '.join(test.receivers) or 'no receiver'}, and amtool says: {reached}"
                yield Diagnostic(f"{CODE}/refused", test.at, message)


def _unreached(folder: Path, file: PurePosixPath, reached: set[str]) -> Iterator[Diagnostic]:
    """A receiver that no test reaches is one that may never be told."""
    text = (folder / file).read_text(encoding="utf-8")
    document = load(text, file, f"{CODE}/unreadable")
    receivers: list[dict[str, Any]] = [] if isinstance(document, Diagnostic) else document.get("receivers") or []
    for index, receiver in enumerate(receivers):
        if receiver["name"] not in reached:
            at = place(text, file, ["receivers", index])
            yield Diagnostic(f"{CODE}/unreached", at, f"no routing test expects an alert to reach {receiver['name']}")
