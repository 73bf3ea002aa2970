"""Timeouts, tries and latencies that do not fit together."""

from __future__ import annotations

from collections.abc import Iterator

from defects import Change, Contract, Defect, milliseconds, put


def tried(contract: Contract) -> Iterator[tuple[str, int, int, int]]:
    """Component, index, tries and milliseconds of a try, of each use whose tries have a limit."""
    for name, index, use in contract.uses(timeout=..., retry=...):
        if "per_try" in use["retry"] and use.get("operations") != ["createSalesOrder"]:  # which is tried once
            yield name, index, use["retry"]["attempts"], milliseconds(use["retry"]["per_try"])


def no_time_for_the_last(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, index, tries, time in tried(contract):
        yield f"{name} {index}", put(name, "uses", index, "timeout", value=f"{time * (tries - 1)}ms")


def little_time_for_the_last(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, index, tries, time in tried(contract):
        yield f"{name} {index}", put(name, "uses", index, "timeout", value=f"{time * tries - 1}ms")


def patient_callee(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Below somebody who waits: a call of the callee that waits longer."""
    patient = {"crm-service": "user-service.customers", "customer-segmentation-service": "order-service.order-history"}
    for name, api in patient.items():
        for _, index, _ in (each for each in contract.uses(api=api) if each[0] == name):
            yield f"{name} → {api}", put(name, "uses", index, "timeout", value="30s")
    for name, index, use in contract.uses(api="payment-service.payments", operations=["authorizePayment"]):
        yield f"{name} → {use['api']}", put(name, "uses", index, "timeout", value="30s")
    for name, index, use in contract.uses(external="paybridge", during=...):
        yield f"{name} → {use['external']}", put(name, "uses", index, "timeout", value="9s")


def impatient_caller(contract: Contract) -> Iterator[tuple[str, Change]]:
    for api in ("user-service.customers", "inventory-service.stock", "payment-service.payments"):
        for name, index, use in contract.uses(api=api, during=...):
            if use["retry"]["attempts"] > 1:
                yield f"{name} → {api}", put(name, "uses", index, "retry", "per_try", value="50ms")
            else:
                yield f"{name} → {api}", put(name, "uses", index, "timeout", value="50ms")


def bold_promise(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield "crm-service", put("crm-service", "quality", "latency", "p99", value="300ms")
    yield "customer-segmentation-service", put("customer-segmentation-service", "quality", "latency", "p99", value="250ms")
    yield (
        "order-service",
        put(
            "order-service",
            "provides",
            "orders",
            "operations",
            "placeOrder",
            "quality",
            "latency",
            value={"p95": "1500ms", "p99": "2500ms"},
        ),
    )
    yield (
        "payment-service",
        put("payment-service", "provides", "payments", "operations", "authorizePayment", "quality", "latency", "p99", value="1500ms"),
    )


DEFECTS = (
    Defect("retry-never-made", no_time_for_the_last),
    Defect("retry-cut-short", little_time_for_the_last),
    Defect("timeout-beyond-caller", patient_callee),
    Defect("timeout-below-latency", impatient_caller, frozenset({"timeout-beyond-caller"})),
    Defect("latency-beyond-dependencies", bold_promise),
)
