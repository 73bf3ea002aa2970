"""The Python package that the configurations refer to: its modules, metadata, and the table of audit events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from generator import names, packages
from generator.auditing import AuditEntry
from generator.emit.logging import records, sinks
from generator.graph import Graph
from generator.text import comment, generated_by, one_line

MODULES = {
    "audit": sinks.AUDIT,
    "collector": sinks.COLLECTOR,
    "context": records.CONTEXT,
    "json_lines": records.JSON_LINES,
    "redaction": records.REDACTION,
}


def import_name(graph: Graph) -> str:
    return f"{names.snake(graph.name)}_logging"


def files(graph: Graph, entries: Sequence[AuditEntry]) -> Iterator[tuple[PurePosixPath, str]]:
    """Everything below `python/`."""
    folder = PurePosixPath("python")
    source = folder / "src" / import_name(graph)
    header = comment(generated_by(graph.name, ()), "#")
    yield folder / "pyproject.toml", header + _pyproject(graph)
    yield source / "py.typed", ""
    yield source / "__init__.py", header + _init(graph, bool(entries))
    yield source / "events.py", header + EVENTS + _events(entries)
    yield from ((source / f"{name}.py", header + text) for name, text in MODULES.items())


def _pyproject(graph: Graph) -> str:
    return packages.pyproject(
        name=f"{graph.name}-logging",
        version=packages.version(graph),
        description=f"Logging and audit log of {graph.name}",
        dependencies=["opentelemetry-api>=1.45,<2", "python-json-logger>=4.2,<5"],
        module=import_name(graph),
    )


def _init(graph: Graph, is_audited: bool) -> str:
    package = import_name(graph)
    audited = AUDITED.format(package=package) if is_audited else ""
    return ABOUT.format(package=package, name=graph.name, audited=audited) + EXPORTS


def _events(entries: Sequence[AuditEntry]) -> str:
    """The table as ruff would format it; JSON's texts are Python's."""
    if not entries:
        return f"{TABLE} = {{}}\n"
    lines = [f"{TABLE} = {{"]
    for component, events in groupby(entries, key=lambda each: each.component.name):
        lines.append(f"    {_text(component)}: {{")
        for each in events:
            resource = "".join(f"{_text(value.name)}, " for value in each.values)
            listed = f"({resource.removesuffix(' ') if len(each.values) == 1 else resource.removesuffix(', ')})"
            about = _text(one_line(each.resource)) if each.resource else "None"
            kept = _text(str(each.retention)) if each.retention else "None"
            lines.append(f"        {_text(each.event)}: Event(resource={listed}, about={about}, retention={kept}),")
        lines.append("    },")
    return "\n".join([*lines, "}"]) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


TABLE = "EVENTS: Final[Mapping[str, Mapping[str, Event]]]"
ABOUT = '''\
"""Logging of {name}: JSON lines with the ids of the request, nothing personal in clear, and an audit log apart from all else.

    logging.config.dictConfig(json.loads(Path("dictconfig/<component>.json").read_text()))
    with {package}.bind_headers(request.headers):      # each line now has both ids
        logging.getLogger("orders").info("placed", extra={{"orderId": order.order_id}})
{audited}
Records go to standard output, and by OpenTelemetry to the collector once the program has set a logger provider; with
OpenTelemetry's own handler for logging beside it they would leave twice.
"""
'''
AUDITED = '        {package}.audit("orders.cancelOrder", actor=subject, resource={{"orderId": order.order_id}})\n'
EXPORTS = """
from .audit import AuditFilter, audit
from .collector import AuditHandler, AuditRefused, AuditUnavailable, CollectorHandler
from .context import ContextFilter, bind, bind_headers, outgoing_headers
from .json_lines import JsonLines
from .redaction import RedactionFilter

__all__ = [
    "AuditFilter",
    "AuditHandler",
    "AuditRefused",
    "AuditUnavailable",
    "CollectorHandler",
    "ContextFilter",
    "JsonLines",
    "RedactionFilter",
    "audit",
    "bind",
    "bind_headers",
    "outgoing_headers",
]
"""
EVENTS = '''\
"""The audit events of each component, as the catalogue has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

Outcome = Literal["success", "denied", "failure"]
OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)


class Event(NamedTuple):
    """What a record of the event says."""

    resource: tuple[str, ...]
    """Values that tell what it happened to."""
    about: str | None
    """What that is, in words, where the catalogue lists no values."""
    retention: str | None
    """How long the record is kept."""


'''
