"""The mesh: what its policies cannot tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from generator import network
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Graph
from generator.network import Request
from generator.path_patterns import path_pattern


def alike_paths(graph: Graph) -> Iterator[Diagnostic]:
    """`paths-alike-in-mesh` (warning): two operations are one to the mesh's policy, and not the same callers or tokens may ask for them.

    An AuthorizationPolicy knows whole segments of a path, and an ending. Where two paths of one method and port differ in part of a
    segment only, whoever may ask for one may ask for the other: the weaker need holds for both.

        environments: {production: {mesh: sidecar}}
        provides: {orders: {operations: {readOrder: {http: "GET /{orderId}"}, readDraft: {http: "GET /draft-{n}", roles: [editor]}}}}

    Fix: give the one a segment of its own (`/drafts/{number}`), or the last segment an ending (`/{number}.draft`).
    """
    if not any(environment.mesh in ("sidecar", "ambient") for environment in graph.system.document.environments):
        return
    callers: dict[tuple[str, str], set[str]] = {}
    for call in graph.calls:
        if call.interface is not None:
            for method in call.methods:
                callers.setdefault((call.interface.id, method.name), set()).add(call.consumer.name)
    for (component, port), requests in sorted(network.served(graph).items()):
        for first, second in itertools.combinations(requests, 2):
            served = [each.path for each in requests if each.method == first.method]
            is_one = first.method == second.method and first.path != second.path
            if not is_one or path_pattern(first.path, served) != path_pattern(second.path, served):
                continue
            if _needs(first, callers) != _needs(second, callers):
                names = f"{first.interface.id}.{first.operation.name} and {second.interface.id}.{second.operation.name}"
                message = f"{names} are one to the policy of {component}, port {port}, and not the same may ask for them"
                related = (Related(first.operation.at.span, f"{first.method} {first.path}"),)
                help = "another segment, or an ending, for one of them"
                yield Diagnostic("paths-alike-in-mesh", second.operation.at.span, message, help, Severity.WARNING, related)


def _needs(request: Request, callers: dict[tuple[str, str], set[str]]) -> tuple[object, ...]:
    """Who may ask, and with which token."""
    operation = request.operation.operation
    scheme = request.scheme.name if request.scheme is not None else None
    return scheme, operation.scopes, operation.roles, callers.get((request.interface.id, request.operation.name), set())


RULES = (alike_paths,)
