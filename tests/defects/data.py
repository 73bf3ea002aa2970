"""Stores that several write, or that are read where it hurts."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from defects import Change, Contract, Defect


def foreign_writer(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, name: str, store: str) -> None:
        copy.components[name].setdefault("uses_stores", []).append({"store": store, "access": "write", "why": "it is quicker"})

    for name, store in (
        ("payment-service", "order-service.order-db"),
        ("crm-service", "user-service.customer-db"),
        ("order-service", "inventory-service.inventory-db"),
    ):
        yield f"{name} → {store}", functools.partial(change, name=name, store=store)


def primary(contract: Contract) -> Iterator[tuple[str, Change]]:
    """The replica that the flow reads from is declared, and the flow reads from the primary: said so, or by default."""

    def change(copy: Contract, name: str, index: int, via: dict[str, str]) -> None:
        use = copy.components[name]["uses_stores"][index]
        owner, _, store = use["store"].partition(".")
        copy.components[owner]["stores"][store]["replicated"] = {"mode": "asynchronous"}
        copy.components[name]["uses_stores"][index] = {key: value for key, value in use.items() if key != "via"} | via

    for name, component in contract.components.items():
        for index, use in enumerate(component.get("uses_stores", [])):
            if use.get("via") == "replica":
                yield f"{name} → {use['store']}, by default", functools.partial(change, name=name, index=index, via={})
                yield f"{name} → {use['store']}, said", functools.partial(change, name=name, index=index, via={"via": "primary"})


DEFECTS = (Defect("shared-store", foreign_writer), Defect("read-from-primary", primary))
