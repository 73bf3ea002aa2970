"""What the generated Python packages have in common: how they are described, and their version."""

from __future__ import annotations

import json
from collections.abc import Sequence

from generator.graph import Graph
from generator.text import one_line


def pyproject(*, name: str, version: str, description: str, dependencies: Sequence[str], module: str) -> str:
    """A `pyproject.toml`; flit takes `src/<module>` whole, py.typed included, and needs nothing else."""
    lines = [
        "[build-system]",
        'requires = ["flit-core>=3.12,<4"]',
        'build-backend = "flit_core.buildapi"',
        "",
        "[project]",
        f"name = {to_toml_text(name)}",
        f"version = {to_toml_text(version)}",
        f"description = {to_toml_text(description)}",
        'requires-python = ">=3.11"',
        "dependencies = [",
        *(f"  {to_toml_text(each)}," for each in dependencies),
        "]",
        "",
        "[tool.flit.module]",
        f"name = {to_toml_text(module)}",
    ]
    return "\n".join(lines) + "\n"


def to_toml_text(text: str) -> str:
    """A TOML basic string is a JSON string that also escapes DEL (TOML 1.0, section String)."""
    return json.dumps(one_line(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def version(graph: Graph) -> str:
    """The versions of all interfaces and messages, part by part summed: raising any of them raises the package's."""
    versions = [each.api.version for each in graph.interfaces]
    versions += [each.event.version for each in graph.topics]
    versions += [each.command.version for each in graph.queues]
    parts = (sum(each.major for each in versions), sum(each.minor for each in versions), sum(each.patch for each in versions))
    return ".".join(map(str, parts))
