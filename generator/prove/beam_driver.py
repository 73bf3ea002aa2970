# mypy: disable-error-code="import-not-found"
"""Builds Beam YAML pipelines, or runs their unit tests, with Beam's own code, among whose packages this runs; a finding is a line of JSON."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import unittest
from collections.abc import Iterator, Mapping
from typing import Any

logging.disable(logging.CRITICAL)  # what is wrong is raised

import apache_beam as beam  # noqa: E402
import yaml  # noqa: E402
from apache_beam.yaml import main as beam_yaml  # noqa: E402
from apache_beam.yaml import yaml_testing, yaml_transform  # noqa: E402

Finding = Mapping[str, Any]
LINE = re.compile(r"\bline (\d+)")
WHILE = re.compile(r" \[while running .*\Z", re.DOTALL)


def answer(question: Mapping[str, Any]) -> Iterator[Finding]:
    """What Beam refuses of each pipeline with each set of variables; where there are tests, of those instead of the whole."""
    for asked in question["asked"]:
        os.chdir(os.path.join(question["folder"], asked["folder"]))  # noqa: PTH118 - provider files are found from here
        arguments = [
            f"--yaml_pipeline_file={asked['pipeline']}",
            "--runner=FnApiRunner",
            f"--jinja_variables={json.dumps(asked['variables'])}",
        ]
        found = _tested(arguments, asked["tests"]) if asked["tests"] else _built(arguments)
        yield from ({**asked, **each} for each in found)


def _built(arguments: list[str]) -> Iterator[Finding]:
    try:
        options, constructor, _ = beam_yaml.build_pipeline_components_from_argv(arguments)
        constructor(beam.Pipeline(options=options))
    except Exception as error:  # noqa: BLE001 - whatever Beam or a transform raises is its refusal
        yield _refusal(error)


def _tested(arguments: list[str], tests: str) -> Iterator[Finding]:
    """Each test by itself, as Beam's `--tests` does; that prints where this tells apart."""
    try:
        _, rest, _, text = beam_yaml._build_pipeline_yaml_from_argv(arguments)  # noqa: SLF001 - Beam has no other way to it
        specification = yaml.load(text, Loader=yaml_transform.SafeLineLoader)  # noqa: S506 - Beam's own safe loader
        options = beam_yaml._build_pipeline_options(specification, rest)  # noqa: SLF001
    except Exception as error:  # noqa: BLE001
        yield _refusal(error)
        return
    try:
        with open(tests, encoding="utf-8") as file:  # noqa: PTH123 - as Beam does
            cases = yaml.load(file, Loader=yaml_transform.SafeLineLoader)["tests"]  # noqa: S506
        suite = [(case, yaml_transform.SafeLineLoader.get_line(case)) for case in cases]
    except Exception as error:  # noqa: BLE001
        yield {**_refusal(error), "of_tests": True}
        return
    if not suite:
        yield {"of_tests": True, "line": 1, "words": "there is no test"}
    for case, line in suite:
        result = unittest.TestResult()
        test = yaml_testing.YamlTestCase(specification, case, options, False)
        try:
            test.run(result)
        except Exception as error:  # noqa: BLE001
            yield {"of_tests": True, "line": int(line), "test": case.get("name"), "words": _words(error)}
        for _, trace in (*result.errors, *result.failures):
            yield {"of_tests": True, "line": int(line), "test": case.get("name"), "words": _last_words(trace)}


def _refusal(error: BaseException) -> Finding:
    mark = getattr(error, "problem_mark", None)
    words = _words(error)
    named = LINE.search(words)
    line = mark.line + 1 if mark else getattr(error, "lineno", None) or (int(named[1]) if named else 1)
    return {"of_tests": False, "line": line, "words": words}


def _words(error: BaseException) -> str:
    """With what it comes from, where that says more."""
    if isinstance(error, RecursionError):
        return f"RecursionError: {error}: the input of a transform leads back to it"
    said = ""
    for each in _chain(error):
        if str(each) not in said:
            said = f"{said} <- {type(each).__name__}: {each}" if said else f"{type(each).__name__}: {each}"
    return said


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _last_words(trace: str) -> str:
    """The message at the end of a traceback, without the name of the step in Beam's own terms."""
    if "\nRecursionError: " in trace:
        return "RecursionError: the input of a transform leads back to it"
    lines = trace.rstrip().splitlines()
    first = next((index for index in range(len(lines) - 1, -1, -1) if re.match(r"[A-Za-z_.]+(Error|Exception)\b", lines[index])), -1)
    return WHILE.sub("", "\n".join(lines[first:]))


def main() -> None:
    """Standard output is for findings alone, whatever a transform prints."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as findings:
        os.dup2(2, 1)
        for each in answer(json.load(sys.stdin)):
            findings.write(f"{json.dumps(each)}\n")
            findings.flush()
        findings.write("done\n")
        findings.flush()
        os._exit(0)  # threads of runners that failed would keep the process


if __name__ == "__main__":
    main()
