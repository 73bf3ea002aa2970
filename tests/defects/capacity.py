"""More is asked than there is."""

from __future__ import annotations

from collections.abc import Iterator

from defects import Change, Contract, Defect, both, put


def weak_provider(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield "user-service", put("user-service", "quality", "rate", value="80/s")
    yield (
        "payment-service",
        put("payment-service", "provides", "payments", "operations", "authorizePayment", "quality", "rate", value="30/s"),
    )
    for name, index, use in contract.uses(api="customer-segmentation-service.segments"):
        yield f"{name} → {use['api']}", put(name, "uses", index, "rate", value="500/s")


def over_quota(contract: Contract) -> Iterator[tuple[str, Change]]:
    limits = {
        external: float(each["limit"].removesuffix("/s")) for external, each in contract.system("externals").items() if "limit" in each
    }
    for external, limit in limits.items():
        name, index, _ = next(contract.uses(external=external))
        yield f"{name} → {external}", put(name, "uses", index, "rate", value=f"{limit + 1:g}/s")


def slow_instances(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in ("order-service", "user-service", "inventory-service", "crm-service"):
        yield name, put(name, "runtime", "sustains", value="5/s")


def small_bulkhead(contract: Contract) -> Iterator[tuple[str, Change]]:
    wanted = (("user-service.customers", "order-service", "300/s"), ("user-service.customers", "crm-service", "100/s"))
    for api, consumer, rate in wanted:
        for name, index, _ in (each for each in contract.uses(api=api) if each[0] == consumer):
            yield name, both(put(name, "uses", index, "concurrency", value=1), put(name, "uses", index, "rate", value=rate))
    for name, index, use in contract.uses(api="payment-service.payments", operations=["authorizePayment"]):
        yield f"{name} → {use['api']}", put(name, "uses", index, "concurrency", value=2)


def large_pools(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, component in contract.components.items():
        for store, each in component.get("stores", {}).items():
            if each["kind"] == "postgresql":
                yield store, both(put(name, "stores", store, "pool", value=50), put(name, "stores", store, "max_connections", value=100))


def idle(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in ("notification-service", "erp-connector"):
        yield (
            name,
            both(put(name, "runtime", "replicas", value={"min": 2, "max": 40}), put(name, "runtime", "scale_on", value={"cpu": "70%"})),
        )


def slow_handling(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, component in contract.components.items():
        for index, consume in enumerate(component.get("consumes", [])):
            publisher, event = consume["event"].split(".")
            told = put(publisher, "publishes", event, "rate", value="100/s")
            yield f"{name} ← {event}", both(told, put(name, "consumes", index, "takes", value="2s"))


DEFECTS = (
    Defect("rate-beyond-provider", weak_provider),
    Defect("rate-beyond-quota", over_quota),
    Defect("rate-beyond-instances", slow_instances),
    Defect("rate-beyond-concurrency", small_bulkhead),
    Defect("connections-beyond-store", large_pools),
    Defect("idle-instances", idle),
    # With the rate of its cause known, so is that of a call to a third party.
    Defect("rate-beyond-partitions", slow_handling, frozenset({"rate-beyond-quota"})),
)
