"""VirtualServices inside the mesh: every operation that is called, with the timeout and the tries of its caller."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator import network, placement, policies
from generator.emit.istio.objects import NETWORKING, Manifest, duration, manifest, uri_match, without_repeats
from generator.graph import Call, Graph
from generator.model import Component
from generator.network import Listener, Request
from generator.policies import Policy

HTTP_CONDITIONS = {"cancelled": "499", "deadline-exceeded": "504,reset", "resource-exhausted": "429", "unavailable": "503"}
"""Words of gRPC as statuses of HTTP; a try that was cut off is a reset to Envoy."""
GRPC_CONDITIONS = {"deadline-exceeded": "deadline-exceeded,reset"}
AT_ONCE = 25
"""Envoy's own first wait in milliseconds."""

Route = dict[str, Any]
Called = tuple[Policy, Request, Listener, dict[str, str]]
"""An operation under its caller's policy, where it is listened for, and the labels of the caller."""


def internal(graph: Graph, mode: str) -> Iterator[Manifest]:
    """One VirtualService for each component that others call: Istio merges no two of one host inside of the mesh."""
    for component in placement.deployed(graph):
        found = list(_called(graph, component, mode))
        if found:
            because = without_repeats([component.at, *(each.at for each, _, _, _ in found)])
            spec = {"hosts": [component.name], "http": routes(found)}
            yield manifest(graph, f"{component.name}/virtual-service.yaml", NETWORKING, "VirtualService", component.name, spec, because)


def _called(graph: Graph, component: Component, mode: str) -> Iterator[Called]:
    """Each operation with its caller's policy; a waypoint sees no labels of the caller, so there the most patient one holds for all."""
    wanted: list[Called] = []
    for call in graph.calls:
        if call.via is not None or call.interface is None or not placement.is_deployed(call.consumer):
            continue
        if placement.is_gateway(call.consumer):
            continue  # its routes are those of the public host
        for found in network.listeners(graph, call):
            if found.component == component:
                who = {placement.NAME: call.consumer.name} if mode == "sidecar" else {}
                wanted += [(policy, request, found, who) for policy, request in of_call(call)]
    if mode == "sidecar":
        yield from wanted
        return
    patient: dict[tuple[str, str, int], Called] = {}
    for each in sorted(
        wanted, key=lambda one: (one[0].timeout.milliseconds if one[0].timeout else 0, one[0].tries, one[0].call.consumer.name)
    ):
        patient[each[1].method, each[1].path, each[2].port] = each
    yield from (patient[key] for key in sorted(patient))


def outside(graph: Graph, mode: str) -> Iterator[Manifest]:
    """Third parties over plain HTTP, whose requests the proxy sees: their callers repeat them, so it must not."""
    for external in graph.externals if mode == "sidecar" else ():
        called = [each for each in graph.calls if each.external is external and placement.is_deployed(each.consumer)]
        for endpoint in external.endpoints:
            if (
                called
                and endpoint.protocol == "http"
                and endpoint.host
                and "*" not in endpoint.host
                and not placement.is_address(endpoint.host)
            ):
                port = {"number": placement.endpoint_port(endpoint)}
                target = {"route": [{"destination": {"host": endpoint.host, "port": port}}]}
                http = [
                    {**_patience(name, called), **target, "retries": {"attempts": 0}}
                    for name in sorted({each.consumer.name for each in called})
                ]
                spec = {"hosts": [endpoint.host], "http": http}
                name = f"external-{external.name}-{endpoint.name}"
                because = without_repeats([external.at, *(each.at for each in called)])
                yield manifest(graph, f"virtual-service-{name}.yaml", NETWORKING, "VirtualService", name, spec, because)


def _patience(consumer: str, called: Sequence[Call]) -> Route:
    """The longest timeout of a consumer: paths of third parties are not known well enough to tell its calls apart."""
    timeouts = [each.use.timeout for each in called if each.consumer.name == consumer]
    known = [each for each in timeouts if each is not None]
    timeout = {"timeout": duration(max(known))} if len(known) == len(timeouts) else {}
    return {"name": f"{consumer}.{called[0].target}", "match": [{"sourceLabels": {placement.NAME: consumer}}], **timeout}


def of_call(call: Call) -> Iterator[tuple[Policy, Request]]:
    assert call.interface is not None and call.protocol is not None
    for policy in policies.of_call(call):
        assert policy.method is not None
        yield policy, network.request(call.interface, policy.method, call.protocol)


def routes(called: Sequence[Called]) -> list[Route]:
    """One route for all operations that are treated alike; what has no parameter comes before what has one."""
    groups: dict[tuple[Any, ...], list[Called]] = {}
    for each in called:
        policy, request, found, who = each
        is_literal = "{" not in request.path
        treated = (policy.timeout, policy.tries, policy.per_try, policy.conditions, policy.wait)
        key = (not is_literal, policy.call.consumer.name, policy.call.target, found.component.name, found.service_port, str(treated), *who)
        groups.setdefault(key, []).append(each)
    return [_route(groups[key]) for key in sorted(groups)]


def _route(group: Sequence[Called]) -> Route:
    policy, _, found, _ = group[0]
    assert policy.call.interface is not None
    matches = [_match(request, found, who) for _, request, found, who in group]
    return {
        "name": f"{policy.call.consumer.name}.{policy.call.target}",
        "match": sorted(matches, key=lambda each: str(each["name"])),
        "route": [{"destination": {"host": found.component.name, "port": {"number": found.service_port}}}],
        **treatment(policy),
    }


def _match(request: Request, found: Listener, who: dict[str, str]) -> dict[str, Any]:
    """gRPC is always POST, so its path says it all."""
    method = {} if request.path.startswith(f"/{request.interface.package}.") else {"method": {"exact": request.method}}
    inside = {"port": found.service_port, "sourceLabels": who} if who else {}
    return {"name": request.operation.name, **method, "uri": uri_match(request.path), **inside}


def treatment(policy: Policy) -> dict[str, Any]:
    """Timeout and tries, always written out: Istio repeats twice what says nothing. Its attempts are those after the first."""
    timeout = {"timeout": duration(policy.timeout)} if policy.timeout else {}
    if policy.tries == 1:
        return {**timeout, "retries": {"attempts": 0}}
    retries: dict[str, Any] = {"attempts": policy.tries - 1}
    if policy.per_try is not None:
        retries["perTryTimeout"] = duration(policy.per_try)
    retries["retryOn"] = retry_on(policy)
    if policy.wait.milliseconds > AT_ONCE:
        retries["backoff"] = duration(policy.wait)
    return {**timeout, "retries": retries}


CUT = frozenset({"reset", "gateway-error", "5xx"})
"""Conditions that a try meets which its own timeout cuts off."""


def retry_on(policy: Policy) -> str:
    """The conditions in Envoy's words (x-envoy-retry-on, x-envoy-retry-grpc-on)."""
    table = GRPC_CONDITIONS if policy.call.protocol == "grpc" else HTTP_CONDITIONS
    words = [part for each in policy.conditions for part in table.get(each, each).split(",")]
    if policy.call.protocol == "grpc" and policy.conditions == policies.TRANSIENT:
        words.append("unavailable")
    if policy.call.protocol == "grpc" and policy.per_try is not None and CUT & set(policy.conditions):
        # The deadline of a try goes with it: when the callee's proxy is the first to see that it is over, it answers so.
        words.append("deadline-exceeded")
    return ",".join(sorted(set(words), key=lambda each: (re.fullmatch(r"\d+", each) is not None, each)))
