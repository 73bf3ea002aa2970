"""Tries that multiply, or that repeat what the caller did wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from defects import Change, Contract, Defect, both, put


def more_tries(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, index, use in contract.uses(api=..., retry=...):
        if use["retry"]["attempts"] == 2 and "operations" in use:
            yield f"{name} → {use['api']}", put(name, "uses", index, "retry", value={"attempts": 5})


def refused_again(contract: Contract) -> Iterator[tuple[str, Change]]:
    """An error that is the caller's fault gets a code that the caller repeats."""
    for condition, code in (("unavailable", "UNAVAILABLE"), ("resource-exhausted", "RESOURCE_EXHAUSTED")):
        for name, index, use in contract.uses(api="inventory-service.stock", retry=..., during=...):
            fault = put("inventory-service", "errors", "OutOfStock", "grpc", value=code)
            yield f"{name} → {use['api']} on {condition}", both(fault, put(name, "uses", index, "retry", "when", value=[condition]))


def impatient(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Where one use is all that there is between the two, the breaker opens at the tries of one request."""
    found = [(name, index, use) for name, index, use in contract.uses(api=...)]
    between = Counter((name, use["api"].partition(".")[0]) for name, _, use in found)
    for name, index, use in found:
        attempts = use.get("retry", {}).get("attempts", 1)
        if attempts > 1 and between[name, use["api"].partition(".")[0]] == 1 and "outlier_detection" not in use:
            yield f"{name} → {use['api']}", put(name, "uses", index, "breaker", value={"failures": attempts, "open": "30s"})


def unheeded(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Only resets are repeated, where the proxies of a mesh stand between."""
    for name, index, use in contract.uses(api=..., retry=...):
        if use["retry"].get("attempts", 1) > 1:
            yield f"{name} → {use['api']}", put(name, "uses", index, "retry", "when", value=["reset"])


DEFECTS = (
    Defect("retry-amplification", more_tries, frozenset({"breaker-of-one-request"})),
    Defect("retry-on-callers-fault", refused_again, frozenset({"unlike-errors"})),
    Defect("breaker-of-one-request", impatient),
    Defect("retry-on-hidden-reset", unheeded),
)
