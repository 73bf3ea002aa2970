"""What a component logs and what it must not show, from which both of its configurations are cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator import auditing
from generator.auditing import AuditEntry
from generator.graph import Graph
from generator.model import Component, Level, Logger, Logs
from generator.personal import ProtectedField, level, personal_fields
from generator.units import Duration


@dataclass(frozen=True, slots=True)
class Settings:
    """The logging of one component."""

    component: Component
    level: Level
    loggers: tuple[Logger, ...]
    retention: Duration | None
    fields: Mapping[str, ProtectedField]
    paths: tuple[str, ...]
    """Templates of HTTP paths that hold a protected value."""
    entries: tuple[AuditEntry, ...]
    audit_retention: Duration | None

    @property
    def has_mail_addresses(self) -> bool:
        """Whether a protected value is a mail address, which is known wherever it stands."""
        return any("email" in each.formats for each in self.fields.values())


def settings(graph: Graph, component: Component, entries: Sequence[AuditEntry]) -> Settings:
    """The component's own, else the system's."""
    observability = graph.system.document.observability
    logs = observability.logs if observability else Logs()
    own = component.logging
    fields = personal_fields(graph, component)
    return Settings(
        component=component,
        level=(own.level if own else None) or logs.level,
        loggers=own.loggers if own else (),
        retention=logs.retention,
        fields=fields,
        paths=tuple(sorted(set(_paths(graph, component, fields)))),
        entries=tuple(each for each in entries if each.component.name == component.name),
        audit_retention=auditing.retention(graph),
    )


def _paths(graph: Graph, component: Component, fields: Mapping[str, ProtectedField]) -> Iterator[str]:
    """Of what the component offers and calls over HTTP: access logs show them."""
    called = {each.interface.id for each in graph.calls if each.interface is not None and each.consumer.name == component.name}
    for interface in graph.interfaces:
        if interface.id in called or any(each.name == component.name for each in interface.providers):
            for method in interface.http_methods:
                if any(each.where == "path" and level(fields, each.name) for each in method.parameters):
                    yield interface.path(method)
