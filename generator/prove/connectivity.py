"""network-config-analyzer: what the policies of an environment let through is what its list of edges says, in both directions."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator.diagnostics import Diagnostic, Span
from generator.prove import connectivity_question, kustomize
from generator.prove.connectivity_question import CannotAsk, Document
from generator.tools import ANALYZER, LIBRARY

TOOL = "network-config-analyzer"
PROVES = "NetworkPolicies and AuthorizationPolicies let through exactly the listed edges, down to port, method and path"
GET = "make tools"
SCOPE: Literal["file", "kind"] = "kind"

DRIVER = Path(__file__).with_name("connectivity_driver.py")
BOOTSTRAP = "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
FEW = 6

Row = Mapping[str, Any]


def available() -> str | None:
    """The analyzer's version, when it and kustomize are installed."""
    found = sorted((ANALYZER.folder / LIBRARY).glob("network_config_analyzer-*.dist-info"))
    if not found or kustomize.available() is None:
        return None
    return found[0].name.removeprefix("network_config_analyzer-").removesuffix(".dist-info")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Every environment that has a list of edges."""
    for file in files:
        if file.parent == PurePosixPath("edges") and file.suffix == ".yaml":
            yield from _environment(folder, file)


def _environment(folder: Path, file: PurePosixPath) -> Iterator[Diagnostic]:
    text = (folder / file).read_text(encoding="utf-8")
    listed: Document = yaml.load(text, Loader=yaml.CSafeLoader)
    done = kustomize.build(folder, PurePosixPath("overlays") / file.stem)
    if done.returncode != 0:
        yield Diagnostic(
            f"{TOOL}/not-built", Span(str(file)), f"kustomize cannot build overlays/{file.stem}: {kustomize.refusal(folder, done)}"
        )
        return
    documents: list[Document] = [each for each in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if each]
    try:
        words = connectivity_question.words_for(documents, listed)
    except CannotAsk as reason:
        yield Diagnostic(f"{TOOL}/refused", Span(str(file)), str(reason))
        return
    asked = _ask(connectivity_question.question(documents, listed, words))
    if asked.returncode != 0:
        yield Diagnostic(f"{TOOL}/failed", Span(str(file)), _words(asked))
        return
    # Its warnings about policies are among the findings; what else it says is of namespaces, pods and ports, and no praise either.
    said = [line for line in asked.stderr.splitlines() if line.strip() and not line.startswith("Warning: ")]
    yield from (Diagnostic(f"{TOOL}/refused", Span(str(file)), line) for line in said)
    yield from _findings(json.loads(asked.stdout), _listing(str(file), text, listed["edges"], words))


def _ask(question: Document) -> subprocess.CompletedProcess[str]:
    """In a Python that sees nothing but the analyzer's own packages, whose versions are not ours."""
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", BOOTSTRAP, str(ANALYZER.folder / LIBRARY), str(DRIVER)]
    return subprocess.run(command, input=json.dumps(question), capture_output=True, encoding="utf-8", errors="replace", check=False)


def _words(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(done.stderr.split())[-400:] or f"exit status {done.returncode}"


# --- what was found ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Listing:
    """A list of edges with the line of each and of the whole, and the path segments behind the short words."""

    file: str
    edges: Sequence[Document]
    lines: Sequence[int]
    start: int
    segments: Mapping[str, str]


def _listing(file: str, text: str, edges: Sequence[Document], words: Mapping[str, str]) -> _Listing:
    top = yaml.compose(text, Loader=yaml.CSafeLoader)
    assert isinstance(top, yaml.MappingNode)  # as it has been loaded
    key, entries = next(pair for pair in top.value if pair[0].value == "edges")
    lines = [each.start_mark.line + 1 for each in entries.value]
    return _Listing(file, edges, lines, key.start_mark.line + 1, {short: segment for segment, short in words.items()})


def _findings(answer: Mapping[str, Any], listing: _Listing) -> Iterator[Diagnostic]:
    for note in answer["notes"]:
        yield Diagnostic(f"{TOOL}/refused", Span(listing.file), note)
    for row in answer["undeclared"]:
        message = f"{_shown(row['from'])} can reach {_shown(row['to'])} {_carried(row, listing)}, which no edge says"
        yield Diagnostic(f"{TOOL}/undeclared-edge", _place(row, listing), message, "a policy is wider than the contract")
    for row in answer["only_stopped_below"]:
        who, whom = _shown(row["from"]), _shown(row["to"])
        message = f"the AuthorizationPolicies let {who} reach {whom} {_carried(row, listing)}, which no edge says"
        help = "only a NetworkPolicy stops it: each layer alone must say what the contract says"
        yield Diagnostic(f"{TOOL}/undeclared-edge", _place(row, listing), message, help)
    for number, rows in itertools.groupby(answer["missing"], key=lambda row: row["edge"]):
        edge = listing.edges[number]
        carried = "; ".join(_carried(row, listing) for row in rows)
        message = f"{edge['from']} cannot reach {edge['to']} {carried}, as this edge says"
        help = f"no policy allows it, or not at both ends; the edge is there because of {edge.get('because', 'nothing that it says')}"
        yield Diagnostic(f"{TOOL}/missing-edge", Span(listing.file, listing.lines[number]), message, help)


def _place(row: Row, listing: _Listing) -> Span:
    """The edge between the same ends on the same port, else one between the same ends, else the whole list."""
    ends = [number for number, edge in enumerate(listing.edges) if edge["from"] in row["from"] and edge["to"] in row["to"]]
    exact = [number for number in ends if str(listing.edges[number]["port"]) == row["ports"]]
    return Span(listing.file, next((listing.lines[number] for number in (*exact, *ends)), listing.start))


def _shown(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _carried(row: Row, listing: _Listing) -> str:
    """`on TCP 8080 with GET /orders, /orders/{*}`, as far as it is narrowed."""
    ports = f"{row['protocols'] or 'any protocol'} {row['ports'] or '(any port)'}"
    if row["methods"] is None and row["paths"] is None:
        return f"on {ports}"
    return f"on {ports} with {row['methods'] or 'any method'} {_paths(row['paths'], listing)}"


def _paths(paths: Mapping[str, Any] | None, listing: _Listing) -> str:
    if paths is None:
        return "on any path"
    if "like" in paths:
        return f"on paths such as {_path(paths['like'], listing)}"
    shown = _shown(sorted(_path(each, listing) for each in paths.get("only", paths.get("but", ()))))
    return shown if "only" in paths else f"on any path but {shown}"


def _path(path: str, listing: _Listing) -> str:
    """A word that nothing stands for is one that only a wildcard takes in."""
    return "/".join(listing.segments.get(short, "*") for short in path.split("/"))
