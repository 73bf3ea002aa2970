"""Which events are written to the audit log, by whom, and what each record says: audited operations, and what components declare beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.diagnostics import At
from generator.dialects import in_order
from generator.graph import Graph, Interface, Method
from generator.model import Component, Schema
from generator.personal import SCALARS, Classification, ProtectedField, level, personal_fields
from generator.units import Duration

LOGGER = "audit"
"""Logger of audit records; no other loggers share its sink."""
MARK = ("log.type", "audit")
"""Attribute that tells audit records from all others on their way to their own store."""
OUTCOMES = ("success", "denied", "failure")


@dataclass(frozen=True, slots=True)
class AuditedValue:
    """A value that says which thing an audited operation was about."""

    name: str
    """Wire name."""
    classification: Classification | None
    """A value whose name is protected in any type that the component handles is never written in clear."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One kind of audit record of one component."""

    component: Component
    event: str
    """`orders.cancelOrder` for an operation, `RefundIssued` for what is declared: no two of a component are the same."""
    summary: str | None
    resource: str | None
    """What it happens to, in words."""
    values: tuple[AuditedValue, ...]
    """What identifies the resource; empty for declared events, whose program knows."""
    retention: Duration | None
    """How long a record is kept, None where nothing says so."""
    at: At
    interface: Interface | None = None
    method: Method | None = None


def audit_entries(graph: Graph, component: Component | None = None) -> tuple[AuditEntry, ...]:
    """Everything that is audited, of one component or of all, by component and event."""
    found = [*_operations(graph), *_declared(graph)]
    chosen = [each for each in found if component is None or each.component.name == component.name]
    return tuple(sorted(chosen, key=lambda each: (each.component.name, each.event)))


def retention(graph: Graph) -> Duration | None:
    """How long audit records are kept unless their event says otherwise."""
    observability = graph.system.document.observability
    return observability.audit.retention if observability else None


def _operations(graph: Graph) -> Iterator[AuditEntry]:
    """Each provider of an interface writes its own records."""
    fields: dict[str, Mapping[str, ProtectedField]] = {}
    for interface in graph.interfaces:
        for method in interface.methods:
            if method.operation.audit:
                event = f"{interface.api.name}.{method.name}"
                summary = method.operation.summary
                for component in interface.providers:
                    known = fields.get(component.name) or fields.setdefault(component.name, personal_fields(graph, component))
                    values = tuple(_values(graph, method, known))
                    yield AuditEntry(component, event, summary, None, values, retention(graph), method.at, interface, method)


def _declared(graph: Graph) -> Iterator[AuditEntry]:
    for component in graph.components:
        for each in component.audits:
            kept = each.retention or retention(graph)
            yield AuditEntry(component, each.name, each.summary, each.resource, (), kept, each.at)


def _values(graph: Graph, method: Method, fields: Mapping[str, ProtectedField]) -> Iterator[AuditedValue]:
    """The path and what else a request must always say, as long as it is one value.

    Where the path identifies the resource, protected values of the body are left out; gRPC has nothing but the request.
    """
    identifying = [each.name for each in method.parameters if each.where == "path" or (each.required and not method.is_http)]
    request = graph.resolve(method.request) if method.request else Schema()
    for each in in_order(request):
        if each.name in request.required and each.name not in identifying and graph.resolve(each.schema).type in SCALARS:
            identifying += [each.name] if not method.is_http or level(fields, each.name) is None else []
    yield from (AuditedValue(name, level(fields, name)) for name in identifying)
