"""Components that hang on each other, and on what is about to go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from defects import Change, Contract, Defect, Document, put

BREAKER = {"failures": 5, "open": "30s"}


def asking(api: str, operation: str, **keys: Any) -> Document:
    """A call that is not repeated, and takes no more than its callee promises."""
    return {"api": api, "operations": [operation], "timeout": "160ms", "retry": {"attempts": 1}, "breaker": BREAKER, **keys}


def add(copy: Contract, name: str, use: Document) -> None:
    copy.components[name].setdefault("uses", []).append(use)


def hub(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Components of all layers need an answer of one that promises neither rate nor latency, so that nothing is too much or too slow."""
    for provider, use, names in (
        (
            "region-service",
            asking("region-service.region-rules", "getRegionRules"),
            ("crm-service", "customer-segmentation-service", "erp-connector", "notification-service", "payment-service", "user-service"),
        ),
        (
            "user-service",
            asking("user-service.customers", "getCustomer", reads=["customerId"]),
            ("customer-data-pipeline", "customer-segmentation-service", "erp-connector", "payment-service"),
        ),
    ):

        def change(copy: Contract, provider: str = provider, use: Document = use, names: tuple[str, ...] = names) -> None:
            for key in ("rate", "latency"):
                copy.components[provider]["quality"].pop(key)
            for name in names:
                add(copy, name, use)

        yield provider, change


def integrator(contract: Contract) -> Iterator[tuple[str, Change]]:
    """A component of another team that can do without the answer."""
    for external, operation, name in (
        ("mailrelay", "sendMessage", "erp-connector"),
        ("group-erp", "listDeliveries", "notification-service"),
        ("mailrelay", "sendMessage", "customer-data-pipeline"),
    ):
        use = {
            "external": external,
            "operations": [operation],
            "timeout": "1s",
            "breaker": BREAKER,
            "required": False,
            "credentials": "own-key",
        }

        def change(copy: Contract, external: str = external, name: str = name, use: Document = use) -> None:
            add(copy, name, use)
            for layer in copy.system("layers").values():
                layer["may_call"] = [*layer["may_call"], *({external} - {*layer["may_call"]})]

        yield f"{name} → {external}", change


def chatter(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, index, use in contract.uses(api=...):
        if name in ("notification-service", "customer-data-pipeline"):
            yield f"{name} → {use['api']}", put(name, "uses", index, "times", value=6)


def detour(contract: Contract) -> Iterator[tuple[str, Change]]:
    """One of the calls through the gateway goes its own way, and may."""
    for name, index, use in contract.uses(via=...):
        provider, interface = use["api"].split(".")
        operations = sorted(contract.components[provider]["provides"][interface]["operations"])

        def change(copy: Contract, name: str = name, index: int = index, operations: list[str] = operations) -> None:
            own = copy.components[name]["uses"][index]
            own.pop("via")
            own.update(operations=operations, rate="1/s")
            copy.system("layers")["presentation"]["may_call"].append("domain")

        yield f"{name} → {use['api']}", change


def longer_chain(contract: Contract) -> Iterator[tuple[str, Change]]:
    """What an order asks for asks another, which asks a third."""
    for last, operation in (("region-service.region-rules", "getRegionRules"), ("inventory-service.stock", "releaseStock")):

        def change(copy: Contract, last: str = last, operation: str = operation) -> None:
            keys = {"reads": ["customerId"], "required": False, "during": ["payments.authorizePayment"]}
            add(copy, "payment-service", asking("user-service.customers", "getCustomer", **keys))
            add(copy, "user-service", asking(last, operation, required=False, rate="1/s"))

        yield f"… → user-service → {last}", change


def ending(keys: Document) -> Iterator[tuple[str, Change]]:
    """Operations, an interface and an event that others use."""
    for name, interface, operation in (
        ("user-service", "customers", "getContactDetails"),
        ("region-service", "region-rules", "resolveRegion"),
    ):

        def operation_ends(copy: Contract, name: str = name, interface: str = interface, operation: str = operation) -> None:
            copy.components[name]["provides"][interface]["operations"][operation].update(keys)

        yield operation, operation_ends
    yield "segments", lambda copy: copy.components["customer-segmentation-service"]["provides"]["segments"].update(keys)
    yield "ConsentChanged", lambda copy: copy.components["user-service"]["publishes"]["ConsentChanged"].update(keys)


def deprecated(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield from ending({"deprecated": True, "sunset": "2027-06-30"})


def past(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield from ending({"deprecated": True, "sunset": "2026-11-25"})


def overdue(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Operations that nobody uses, but a gateway for who is outside."""
    for operation in ("getCustomerView", "listCustomerOrders"):

        def change(copy: Contract, operation: str = operation) -> None:
            operations = copy.components["crm-service"]["provides"]["customer-care"]["operations"]
            operations[operation].update(deprecated=True, sunset="2026-11-25")

        yield operation, change


DEFECTS: tuple[Defect, ...] = (
    Defect("synchronous-hub", hub, frozenset({"availability-beyond-dependencies"})),
    Defect("several-integrators", integrator),
    Defect("chatty-pair", chatter),
    Defect("around-gateway", detour),
    Defect("deep-chain", longer_chain),
    Defect("deprecated-use", deprecated),
    Defect("past-sunset", past, frozenset({"deprecated-use"})),
    Defect("overdue-sunset", overdue),
)
