"""The integration-architecture document: every fact of it is read from what the artifacts were made from, every word is in a template."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import TemplateError

from generator import suppressions
from generator.artifact import Artifact, Kind
from generator.diagnostics import Diagnostic, Span
from generator.document.context import SCOPES, Context, Header, Links, Scope
from generator.document.markdown import environment
from generator.document.views import (
    appendix_a,
    appendix_b,
    appendix_c,
    appendix_d,
    appendix_e,
    appendix_f,
    communication,
    data,
    monitoring,
    next_steps,
    overview,
    performance,
    recovery,
    security,
    services,
    summary,
)
from generator.graph import Graph
from generator.places import places
from generator.review import review
from generator.text import generated_by

__all__ = ["SCOPES", "BrokenTemplate", "Context", "Header", "Links", "Scope", "emit", "file_name", "narrate", "rendered"]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the document: a template of that name, what it shows, and the scopes that it belongs to."""

    name: str
    title: str
    view: Callable[[Context], object]
    scopes: frozenset[Scope] = frozenset()
    """None: it stands in the document of every scope."""


SECTIONS: tuple[Section, ...] = (
    Section("summary", "Summary", summary.view),
    Section("overview", "Integration Overview", overview.view),
    Section("communication", "Communication Architecture", communication.view, frozenset({"internal", "external", "api", "messaging"})),
    Section("data", "Data Integration Architecture", data.view, frozenset({"data"})),
    Section("services", "Service Integration Architecture", services.view, frozenset({"internal", "external", "api"})),
    Section("security", "Security Architecture", security.view),
    Section("monitoring", "Monitoring and Observability", monitoring.view),
    Section("performance", "Performance and Scalability", performance.view),
    Section("recovery", "Disaster Recovery and Business Continuity", recovery.view),
    Section("next_steps", "Next Steps", next_steps.view),
    Section("appendix_a", "A. Integration Patterns Catalog", appendix_a.view),
    Section("appendix_b", "B. API Specifications", appendix_b.view, frozenset({"internal", "external", "api"})),
    Section("appendix_c", "C. Message Schema Registry", appendix_c.view, frozenset({"internal", "messaging"})),
    Section("appendix_d", "D. Performance Budgets", appendix_d.view),
    Section("appendix_e", "E. Security Assessment", appendix_e.view),
    Section("appendix_f", "F. Operational Runbooks", appendix_f.view),
)


def emit(graph: Graph) -> Iterator[Artifact]:
    """Nothing: the document is written when all else is there."""
    yield from ()


def narrate(graph: Graph, artifacts: Sequence[Artifact], kinds: Sequence[Kind]) -> Iterator[Artifact]:
    """The document of the whole system, which depends on the contract alone: no dates, no day, and no lines that move.

    Raises `BrokenTemplate` when a team's own template cannot be rendered.
    """
    known = {artifact.path.as_posix(): artifact for artifact in artifacts}
    links = Links("../", None, f"{graph.system.folder}/", lines=False, known=frozenset(known), places=places(graph.system))
    found = suppressions.applied(graph.system, review(graph), None, is_complete=True)
    findings = sorted(found, key=lambda each: (each.place, each.code, each.message))
    text = rendered(Context(graph, known, kinds, findings, frozenset(), links))
    types = (each.at for component in graph.components for each in component.types)
    sources = (graph.system.header.at, *(component.at for component in graph.components), *types)
    yield Artifact(PurePosixPath(file_name(graph.name)), text, sources)


def file_name(name: str) -> str:
    """`integration-architecture_shop.md`."""
    return f"integration-architecture_{name}.md"


class BrokenTemplate(Exception):
    """A template that cannot be rendered: `finding` says where and why."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message)
        self.finding = finding


def rendered(context: Context) -> str:
    """The document of a scope; a team's own templates stand before ours. Raises `BrokenTemplate`."""
    try:
        return _rendered(context)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        found = _finding(context.graph, error)
        if found is None:  # it is ours that is wrong
            raise
        raise BrokenTemplate(found) from None


def _finding(graph: Graph, error: Exception) -> Diagnostic | None:
    """Where a team's template is wrong: where Jinja cannot read it, or the innermost line that was being rendered."""
    name, line = getattr(error, "name", None), getattr(error, "lineno", None)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in graph.system.templates:
            name, line = frame.filename, frame.lineno
    if name not in graph.system.templates:
        return None
    at = Span(f"{graph.system.folder}/templates/{name}", line or 1)
    return Diagnostic("broken-template", at, f"the template cannot be rendered: {error}", "mend it; or take it out, and ours is used")


def _rendered(context: Context) -> str:
    templates = environment(context.graph.system.templates)
    shown = [each for each in SECTIONS if not each.scopes or context.covers(*each.scopes)]
    opening = templates.get_template("document.md.j2").render(context=context, sections=shown, graph=context.graph)
    parts = [f"<!-- {generated_by(context.graph.name, ())} -->\n{opening}"]
    for section in shown:
        view = section.view(context)
        body = templates.get_template(f"{section.name}.md.j2").render(view=view, context=context, links=context.links, title=section.title)
        parts.append(f"## {section.title}\n\n{body.strip()}\n")
    return "\n".join(parts)
