"""Every interface with every operation: how it is asked for, what it may answer, what it promises."""

from __future__ import annotations

from dataclasses import dataclass

from generator import chains
from generator.chains import Work
from generator.document.context import Context
from generator.document.views.synchronous import Offered, offers, shown_interfaces
from generator.graph import Graph, Interface, Method
from generator.model import Latency


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it is asked for."""

    method: Method
    path: str | None
    """Method and path of HTTP."""
    latency: Latency | None
    """Promised of the operation itself, else of the interface, else of the component."""


@dataclass(frozen=True, slots=True)
class Specified:
    """An interface, whole."""

    offered: Offered
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Specifications:
    interfaces: tuple[Specified, ...]
    unpromised: tuple[str, ...]
    """Interfaces with an operation of which no latency is promised."""


def view(context: Context) -> Specifications:
    found = tuple(
        Specified(each, tuple(_operation(context.graph, each.interface, method) for method in each.interface.methods))
        for each in offers(context, shown_interfaces(context))
    )
    unpromised = tuple(each.offered.interface.id for each in found if any(one.latency is None for one in each.operations))
    return Specifications(found, unpromised)


def _operation(graph: Graph, interface: Interface, method: Method) -> Operation:
    binding = method.operation.http
    return Operation(
        method, f"{binding.method} {interface.path(method)}" if binding is not None else None, _latency(graph, interface, method)
    )


def _latency(graph: Graph, interface: Interface, method: Method) -> Latency | None:
    """Of what several components provide alike, only what is promised of it itself."""
    if interface.owner is not None:
        found = chains.promised(graph, Work(interface.owner.name, f"{interface.api.name}.{method.name}"), "latency")
        return found[0].latency if found is not None else None
    said = (each.latency for each in (method.operation.quality, interface.api.quality) if each is not None)
    return next((each for each in said if each is not None), None)
