"""Changes in several places of which only half may happen."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from defects import GONE, Change, Contract, Defect, put


def second_change(contract: Contract) -> Iterator[tuple[str, Change]]:
    """A component has something booked at one more, or at two, which may say no."""

    def book(copy: Contract, consumer: str, provider: str, api: str) -> None:
        owner = copy.components[provider]
        owner.setdefault("errors", {})["FullyBooked"] = {"status": 409, "title": "Nothing is left"}
        owner["provides"][api]["operations"]["bookSlot"] = {
            "summary": "Book a slot",
            "request": {"type": "object", "required": ["slot"], "properties": {"slot": {"type": "string"}}},
            "errors": ["FullyBooked"],
            "idempotency": "idempotent",
        }
        for use in copy.components[consumer]["uses"]:
            if use.get("api") == f"{provider}.{api}":
                use["operations"] = [*use["operations"], "bookSlot"]

    def change(copy: Contract, consumer: str, booked: tuple[tuple[str, str], ...]) -> None:
        for provider, api in booked:
            book(copy, consumer, provider, api)

    for consumer, booked in (
        ("order-service", (("region-service", "region-rules"),)),
        ("order-service", (("user-service", "customers"),)),
        ("customer-data-pipeline", (("customer-segmentation-service", "segments"), ("region-service", "region-rules"))),
    ):
        yield f"{consumer} → {', '.join(provider for provider, _ in booked)}", functools.partial(change, consumer=consumer, booked=booked)


STEPS = ("order-service", "sagas", "place-order", "steps")


def not_undone(contract: Contract) -> Iterator[tuple[str, Change]]:
    steps = contract.components["order-service"]["sagas"]["place-order"]["steps"]
    for index, step in enumerate(steps):
        if "call" in step and "undo" in step:
            yield step["step"], put(*STEPS, index, "undo", value=GONE)


def undone_once(contract: Contract) -> Iterator[tuple[str, Change]]:
    """What undoes a step may not be repeated; or what follows the pivot."""
    for index in (0, 1):
        yield f"undo of {index}", put(*STEPS, index, "undo", value={"call": "payment-service.payments.authorizePayment"})


def endless(contract: Contract) -> Iterator[tuple[str, Change]]:
    for event in ("erp-connector.OrderShipped", "payment-service.PaymentFailed"):
        waits = {"step": "more", "await": event}

        def change(copy: Contract, waits: dict[str, str] = waits) -> None:
            saga = copy.components["order-service"]["sagas"]["place-order"]
            copy.system("open_questions")["IQ-14"]["settles"].remove("order-service.sagas.place-order.timeout")
            saga["steps"].insert(1, waits)

        yield event, change


DEFECTS = (
    Defect("transaction-without-saga", second_change),
    Defect("saga-step-without-undo", not_undone),
    Defect("saga-step-not-repeatable", undone_once),
    Defect("saga-without-end", endless),
)
