"""Promises that nobody can keep, instances that stand alone, and circles."""

from __future__ import annotations

from collections.abc import Iterator

from defects import GONE, Change, Contract, Defect, both, put

PROMISED = {
    "order-service": "99.99%",
    "notification-service": "99.9%",
    "erp-connector": "99.9%",
    "payment-service": "99.99%",
}


def bold_promise(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, share in PROMISED.items():
        yield name, put(name, "quality", "availability", value=share)


def silent_third_party(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in ("paybridge", "mailrelay", "group-erp"):

        def change(copy: Contract, name: str = name) -> None:
            del copy.system("externals")[name]["quality"]["availability"]

        yield name, change
    yield "inventory-service", put("inventory-service", "quality", "availability", value=GONE)


NEEDED = ("user-service", "inventory-service", "api-gateway")


def alone(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in NEEDED:
        yield name, put(name, "runtime", "replicas", "min", value=1)


def all_at_once(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in NEEDED:
        least = contract.components[name]["runtime"]["replicas"]["min"]
        yield name, put(name, "runtime", "max_unavailable", value=least)


def back(name: str, *, required: bool) -> Change:
    """The component calls one back that calls it; not while it answers, so that no time or latency is harmed."""

    def change(contract: Contract) -> None:
        during = [each if isinstance(each, str) else each["event"] for each in contract.components[name].get("consumes", [])]
        use = {
            "api": "order-service.order-history",
            "operations": ["getOrderSummary"],
            "why": "looks back",
            "timeout": "1s",
            "breaker": {"failures": 5, "open": "30s"},
            "required": required,
            "during": during or ["component.processCommand"],
        }
        contract.components[name].setdefault("uses", []).append(use)

    return change


def needs(name: str) -> Change:
    """Whatever order-service asks of the component, it cannot do without."""

    def change(contract: Contract) -> None:
        for use in contract.components["order-service"]["uses"]:
            if use.get("api", "").startswith(f"{name}."):
                use["required"] = True
                use["fallback"] = {"type": "none"}

    return change


def circle(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in ("inventory-service", "user-service", "region-service"):
        yield name, back(name, required=False)


def locked_circle(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in ("inventory-service", "user-service", "region-service"):
        yield name, both(back(name, required=True), needs(name))


DEFECTS = (
    Defect("availability-beyond-dependencies", bold_promise),
    Defect("availability-without-support", silent_third_party),
    Defect("single-point-of-failure", alone),
    Defect("no-instance-left", all_at_once),
    Defect("synchronous-cycle", circle),
    # What is needed in a circle lowers what can be promised.
    Defect("no-start-order", locked_circle, frozenset({"availability-beyond-dependencies"})),
)
