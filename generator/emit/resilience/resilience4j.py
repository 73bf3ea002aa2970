"""resilience4j for Spring Boot 3: an instance for each operation that is called, with what its policy says.

Around a call lie, from the outside in: retry, circuit breaker, rate limiter, time limiter, bulkhead (resilience4j's own
order). So the breaker counts tries, and the time limiter ends each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from generator.model import Breaker
from generator.policies import Policy
from generator.text import to_yaml
from generator.units import Duration, Rate

OPEN = "io.github.resilience4j.circuitbreaker.CallNotPermittedException"
MESH = "mesh"
"""Profile for a mesh whose proxies repeat and time the calls: two layers that do would multiply the tries."""

Section = dict[str, dict[str, Any]]


def to_text(header: str, found: Sequence[Policy]) -> str:
    """One or two YAML documents of Spring configuration."""
    sections: dict[str, Callable[[Policy], dict[str, Any] | None]] = {
        "circuitbreaker": lambda each: _breaker(each.breaker) if each.breaker else None,
        "retry": _retry,
        "timelimiter": _time_limit,
        "bulkhead": _bulkhead,
        "ratelimiter": lambda each: _rate_limit(each.rate, each.timeout) if each.rate else None,
    }
    documents = [to_yaml(_document(found, sections), header)]
    meshed = [each for each in found if each.is_in_mesh and each.tries > 1]
    if meshed:
        once: dict[str, Callable[[Policy], dict[str, Any] | None]] = {"retry": lambda _: {"maxAttempts": 1}, "timelimiter": _whole_time}
        activated = {"spring": {"config": {"activate": {"on-profile": MESH}}}}
        documents.append(to_yaml({**activated, **_document(meshed, once)}, IN_MESH))
    return "---\n".join(documents)


IN_MESH = "In the mesh the sidecar repeats these calls, and ends each try; what is left here is to wait as long as all of them may take."


def _document(found: Sequence[Policy], sections: dict[str, Callable[[Policy], dict[str, Any] | None]]) -> dict[str, Any]:
    """Names stand in brackets: without them Spring takes their dots for levels."""
    document: dict[str, Section] = {}
    for name, section in sections.items():
        instances = {f"[{policy.name}]": values for policy in found if (values := section(policy))}
        if instances:
            document[name] = {"instances": instances}
    return {"resilience4j": document}


def _breaker(breaker: Breaker) -> dict[str, Any]:
    """Failures in a row: the last so many tries, all of them failed."""
    return {
        "slidingWindowType": "COUNT_BASED",
        "slidingWindowSize": breaker.failures,
        "minimumNumberOfCalls": breaker.failures,
        "failureRateThreshold": 100,
        "waitDurationInOpenState": _milliseconds(breaker.open),
        "automaticTransitionFromOpenToHalfOpenEnabled": True,
        "permittedNumberOfCallsInHalfOpenState": 1,
    }


def _retry(policy: Policy) -> dict[str, Any]:
    """An open breaker is not asked again."""
    if policy.tries == 1:
        return {"maxAttempts": 1}
    return {"maxAttempts": policy.tries, "waitDuration": _milliseconds(policy.wait), "ignoreExceptions": [OPEN]}


def _time_limit(policy: Policy) -> dict[str, Any] | None:
    return {"timeoutDuration": _milliseconds(policy.per_try), "cancelRunningFuture": True} if policy.per_try else None


def _whole_time(policy: Policy) -> dict[str, Any] | None:
    return {"timeoutDuration": _milliseconds(policy.timeout)} if policy.timeout else None


def _bulkhead(policy: Policy) -> dict[str, Any] | None:
    return {"maxConcurrentCalls": policy.concurrency, "maxWaitDuration": "0ms"} if policy.concurrency else None


def _rate_limit(rate: Rate, timeout: Duration | None) -> dict[str, Any]:
    """Who comes too soon waits no longer than for the call itself."""
    count, period = rate.whole
    patience = min(period, timeout or Duration(0))
    return {"limitForPeriod": count, "limitRefreshPeriod": _milliseconds(period), "timeoutDuration": _milliseconds(patience)}


def _milliseconds(value: Duration) -> str:
    return f"{value.milliseconds}ms"
