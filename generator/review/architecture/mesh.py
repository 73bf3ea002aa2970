"""The mesh: what its policies cannot tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Graph, Interface, Method
from generator.path_patterns import path_pattern


def alike_paths(graph: Graph) -> Iterator[Diagnostic]:
    """`paths-alike-in-mesh` (warning): two operations are one to the mesh's policy, and not the same callers or tokens may ask for them.

    An AuthorizationPolicy knows whole segments of a path, and an ending. Where two paths of one method and interface differ in part of a
    segment only, whoever may ask for one may ask for the other: the weaker need holds for both.

        environments: {production: {mesh: sidecar}}
        provides: {orders: {operations: {readOrder: {http: "GET /{orderId}"}, readDraft: {http: "GET /draft-{n}", roles: [editor]}}}}

    Fix: give the one a segment of its own (`/drafts/{number}`), or the last segment an ending (`/{number}.draft`).
    """
    if not any(environment.mesh in ("sidecar", "ambient") for environment in graph.system.document.environments):
        return
    callers = _callers(graph)
    for interface in graph.interfaces:
        for verb, first, second in _alike(interface):
            if _needs(interface, first, callers) != _needs(interface, second, callers):
                message = (
                    f"{first.name} and {second.name} of {interface.id} are one to the mesh's policy, and not the same may ask for them"
                )
                related = (Related(first.at.span, f"{verb} {interface.path(first)}"),)
                help = "another segment, or an ending, for one of them"
                yield Diagnostic("paths-alike-in-mesh", second.at.span, message, help, Severity.WARNING, related)


def _callers(graph: Graph) -> dict[tuple[str, str], set[str]]:
    """Who is declared to ask for an operation, by interface and operation."""
    found: dict[tuple[str, str], set[str]] = {}
    for call in graph.calls:
        if call.interface is not None:
            for method in call.methods:
                found.setdefault((call.interface.id, method.name), set()).add(call.consumer.name)
    return found


def _alike(interface: Interface) -> Iterator[tuple[str, Method, Method]]:
    """Pairs of operations with one pattern, and their HTTP method."""
    verbs: dict[str, list[Method]] = {}
    for method in interface.http_methods if interface.api.http is not None else ():
        if method.operation.http is not None:
            verbs.setdefault(method.operation.http.method, []).append(method)
    for verb, served in sorted(verbs.items()):
        paths = {method.name: interface.path(method) for method in served}
        patterns = {name: path_pattern(path, paths.values()) for name, path in paths.items()}
        for first, second in itertools.combinations(served, 2):
            if paths[first.name] != paths[second.name] and patterns[first.name] == patterns[second.name]:
                yield verb, first, second


def _needs(interface: Interface, method: Method, callers: dict[tuple[str, str], set[str]]) -> tuple[object, ...]:
    """Who may ask, and with which token."""
    scheme = method.scheme.name if method.scheme is not None else None
    return scheme, method.operation.scopes, method.operation.roles, callers.get((interface.id, method.name), set())


RULES = (alike_paths,)
