"""Pages that show an interface description by the renderer of its field, from data that they hold themselves."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml

from generator.artifact import Artifact
from generator.site.pages import plain
from generator.text import markdown_code, markdown_link, markdown_section, markdown_text, one_line

KINDS = {"openapi": "swagger-ui", "asyncapi": "asyncapi"}
"""Kind of artifact to what renders it."""
LISTED = "interfaces.html"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
POLICY = "default-src 'none'; script-src 'self' file: 'unsafe-eval'; style-src 'self' file: 'unsafe-inline'; img-src data:; font-src data:"
"""Whatever a description holds, nothing in it runs, and nothing is asked of anybody: the renderers only compile schemas (`unsafe-eval`)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One description, and the page that shows it."""

    artifact: Artifact
    kind: str
    data: dict[str, Any]

    @property
    def path(self) -> str:
        return self.artifact.path.with_suffix(".html").as_posix()

    @property
    def title(self) -> str:
        info = self.data.get("info") or {}
        return one_line(f"{info.get('title') or self.artifact.path.stem} {info.get('version') or ''}")

    def items(self) -> Iterator[tuple[str, str]]:
        """What it offers, and a word on each."""
        if self.kind == "openapi":
            for path, item in (self.data.get("paths") or {}).items():
                for method in METHODS:
                    if method in item:
                        yield f"{method.upper()} {path}", str(item[method].get("summary") or "")
        else:
            for name, operation in (self.data.get("operations") or {}).items():
                yield f"{operation.get('action', '')} {name}", str(operation.get("summary") or operation.get("title") or "")


def references(artifacts: Iterable[Artifact]) -> list[Reference]:
    """The descriptions among the artifacts, in the order of their paths."""
    found = [each for each in artifacts if each.path.parts[0] in KINDS and each.path.suffix == ".yaml"]
    loaded = [(each, yaml.load(each.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))) for each in found]  # noqa: S506 - the safe one
    read = [Reference(each, each.path.parts[0], data) for each, data in loaded if isinstance(data, dict) and each.path.parts[0] in data]
    return sorted(read, key=lambda each: each.path)


def rendered(reference: Reference, raw: str) -> str:
    """The page, with a way back and to the description itself."""
    up = "../" * (len(PurePosixPath(reference.path).parts) - 1)
    engine = KINDS[reference.kind]
    data = json.dumps(reference.data, ensure_ascii=True, default=str).replace("<", "\\u003c")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(plain(reference.title))}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}assets/{engine}.css">
<link rel="stylesheet" href="{up}assets/reference.css">
</head>
<body>
<nav class="reference"><a href="{up}index.html">Overview</a> <a href="{up}{LISTED}">Interfaces</a> <a href="{html.escape(raw)}">{html.escape(reference.artifact.path.as_posix())}</a></nav>
<main id="reference" data-kind="{reference.kind}"></main>
<script type="application/json" id="description">{data}</script>
<script src="{up}assets/{engine}.js"></script>
<script src="{up}assets/reference.js"></script>
</body>
</html>
"""


def listed(found: Sequence[Reference]) -> str:
    """The Markdown page of all of them, by which the search finds each operation and message."""
    tables = [
        markdown_section(
            one_line(f"{markdown_text(each.title)} ({'OpenAPI' if each.kind == 'openapi' else 'AsyncAPI'})"),
            ("Offers", "What it does"),
            [(markdown_code(name), markdown_text(what)) for name, what in each.items()] or [("–", "–")],
        )
        + f"\n{markdown_link('Open the reference', each.path)}\n"
        for each in found
    ]
    return "\n".join(["# Interfaces\n", *(tables or ["The system offers no interface and sends no message.\n"])])
