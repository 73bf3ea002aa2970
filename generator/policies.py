"""How each call survives a failure, operation by operation: what Envoy, resilience4j and the circuit-breaker file all say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.diagnostics import At
from generator.graph import HTTP_IDEMPOTENCY, Call, Graph, Idempotency, Method, calls_of
from generator.model import Backoff, Breaker, Component, ExternalOperation, OutlierDetection
from generator.units import Duration, Rate

TRANSIENT = ("connect-failure", "gateway-error", "refused-stream", "reset")
"""What is tried again where the contract does not say: failures of the way there, not answers of the provider."""
FIRST_WAIT = Duration(25)
"""Envoy's first wait before it tries again, where the contract says none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of one operation that a component calls."""

    call: Call
    method: Method | None
    """None for a third party."""
    name: str
    """`orders.orders.placeOrder`, `mail-relay.sendMessage`, `mail-relay`."""
    timeout: Duration | None
    tries: int
    """All of them, the first included; 1 for what must not be repeated."""
    per_try: Duration | None
    conditions: tuple[str, ...]
    wait: Duration
    breaker: Breaker | None
    concurrency: int | None
    rate: Rate | None

    @property
    def at(self) -> At:
        return self.call.at

    @property
    def is_in_mesh(self) -> bool:
        """Envoy sees the requests, and so can time and repeat them; TLS from end to end hides them."""
        return self.call.interface is not None and self.call.via is None


def policies(graph: Graph, consumer: Component) -> tuple[Policy, ...]:
    """Of every operation that a component calls, by name."""
    return tuple(sorted((policy for call in calls_of(graph, consumer) for policy in of_call(call)), key=lambda each: each.name))


def of_call(call: Call) -> Iterator[Policy]:
    """The policies of the operations of one call."""
    if call.external is None:
        for method in call.methods:
            yield _policy(call, method, f"{call.target}.{method.name}", method.idempotency)
        return
    known = {each.name: each for each in call.external.operations}
    wanted = call.use.operations or tuple(known)
    for name in wanted:
        yield _policy(call, None, f"{call.target}.{name}", idempotency(known.get(name)))
    if not wanted:
        yield _policy(call, None, call.target, "none")


def _policy(call: Call, method: Method | None, name: str, idempotency: Idempotency) -> Policy:
    use = call.use
    tries = use.retry.attempts if use.retry and idempotency != "none" else 1
    per_try = (use.retry.per_try if use.retry else None) or use.timeout
    return Policy(
        call=call,
        method=method,
        name=name,
        timeout=use.timeout,
        tries=tries,
        per_try=per_try if tries > 1 else use.timeout,
        conditions=(use.retry.when if use.retry and use.retry.when else TRANSIENT) if tries > 1 else (),
        wait=(use.retry.backoff if use.retry else None) or FIRST_WAIT,
        breaker=use.breaker if isinstance(use.breaker, Breaker) else None,
        concurrency=use.concurrency,
        rate=use.rate,
    )


def idempotency(operation: ExternalOperation | None) -> Idempotency:
    """Of a third party's operation, as declared, else as HTTP has it."""
    if operation is None:
        return "none"
    method = re.match(r"[A-Z]*", operation.http or "")
    return operation.idempotency or HTTP_IDEMPOTENCY.get(method[0] if method else "", "none")


LONGEST = 10**15
"""Milliseconds that a duration can have (`Duration.parse`): growing waits stay numbers."""


def waits(retry: Backoff) -> list[int]:
    """The waits of a redelivery before the second and each further try, in milliseconds."""
    most = retry.maximum.milliseconds if retry.maximum is not None else LONGEST
    found, wait = [], min(float(retry.initial.milliseconds), most)
    for _ in range(retry.attempts - 1):
        found.append(round(wait))
        wait = min(max(wait * retry.multiplier, 0.0), most)
    return found


def ejection(found: Iterable[Policy]) -> OutlierDetection | None:
    """When instances that keep failing are left out: as declared, else when the breaker would open.

    Envoy counts for all operations of an instance together, resilience4j for each: where breakers differ, the most patient one
    holds here, so that the others open first.
    """
    known = list(found)
    declared = [each.call.use.outlier_detection for each in known if each.call.use.outlier_detection is not None]
    if declared:
        return max(declared, key=lambda each: (each.failures, each.ejected))
    patient = max((each.breaker for each in known if each.breaker is not None), key=lambda each: (each.failures, each.open), default=None)
    return OutlierDetection(failures=patient.failures, ejected=patient.open) if patient is not None else None
