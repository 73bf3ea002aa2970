"""Every way on which an operation is called in a mesh, under the policy of its caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from generator import network, placement
from generator.diagnostics import At
from generator.emit.istio.gateways import let_in
from generator.emit.istio.routes import of_call
from generator.graph import Graph
from generator.live.requests import kind
from generator.model import Component, Environment
from generator.network import Listener, Request
from generator.policies import Policy
from generator.units import Duration

CUT = {"reset", "gateway-error", "5xx", "deadline-exceeded"}
"""Conditions of a retry that a try cut off by its own timeout meets."""


def seconds(of: Duration, by: Fraction = Fraction(1)) -> float:
    """What is left of a wait, in seconds."""
    return float(of.milliseconds * by) / 1000


@dataclass(frozen=True, slots=True)
class Way:
    """An operation, who calls it, and where it is listened for."""

    policy: Policy
    request: Request
    listener: Listener

    @property
    def consumer(self) -> Component:
        return self.policy.call.consumer

    @property
    def provider(self) -> Component:
        return self.listener.component

    @property
    def at(self) -> At:
        return self.policy.at

    @property
    def name(self) -> str:
        return f"{self.consumer.name} for {self.policy.name}"

    @property
    def speaks(self) -> Literal["http", "grpc"]:
        return "grpc" if kind(self.request) == "grpc" else "http"

    def wait(self, by: Fraction = Fraction(1)) -> tuple[float, float]:
        """Seconds after which the caller of one that never answers has its failure, at least and at most, when all waits go by a factor.

        That is the whole wait, unless the tries that are allowed end before: each by its own timeout, if that is tried again. Between them
        Envoy waits at random, up to twice as long each time, and never more than ten times as long as at first.
        """
        policy = self.policy
        assert policy.timeout is not None
        whole = seconds(policy.timeout, by)
        if policy.per_try is None or policy.tries == 1:
            return whole, whole
        tries = policy.tries if CUT & set(policy.conditions) else 1
        least = seconds(policy.per_try, by) * tries
        pauses = sum(min(10, 2**number - 1) for number in range(1, tries)) * seconds(policy.wait, by)
        return min(whole, least), min(whole, least + pauses)

    @property
    def route(self) -> tuple[str, str]:
        """Names of the route and of the match in it that are made for this way."""
        return f"{self.consumer.name}.{self.policy.call.target}", self.request.operation.name


def ways(graph: Graph, environment: Environment) -> Iterator[Way]:
    """Of the calls that end in the mesh; those through a gateway are the gateway's, those from outside the ingress' where there is none."""
    for call in graph.calls:
        is_here = call.interface is not None and call.via is None and placement.is_deployed(call.consumer)
        if is_here and (environment.host is not None or not placement.is_gateway(call.consumer)):
            for listener in network.listeners(graph, call):
                yield from (Way(policy, request, listener) for policy, request in of_call(call))
    if environment.host is not None and not network.gateways(graph):
        yield from (Way(policy, request, listener) for policy, request, listener, _ in let_in(graph))
