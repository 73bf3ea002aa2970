"""Events that nobody reads, that come in any order, get lost, or cannot be told from their repetition."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from defects import Change, Contract, Defect


def told_to_nobody(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, name: str) -> None:
        payload = {"type": "object", "required": ["noticeId"], "properties": {"noticeId": {"type": "string"}}}
        copy.components[name].setdefault("publishes", {})["NoticeGiven"] = {"version": "1.0.0", "payload": payload}

    for name in ("order-service", "payment-service", "user-service"):
        yield name, functools.partial(change, name=name)


def asked_by_nobody(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, name: str) -> None:
        payload = {"type": "object", "required": ["noticeId"], "properties": {"noticeId": {"type": "string"}}}
        copy.components[name]["handles"] = {"GiveNotice": {"version": "1.0.0", "payload": payload}}

    for name in ("inventory-service", "payment-service", "notification-service"):
        yield name, functools.partial(change, name=name)


def no_key(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Of an event whose publisher has another one with that key, or is the master of what it names."""

    def change(copy: Contract, name: str, event: str) -> None:
        del copy.components[name]["publishes"][event]["key"]

    for name, event in (
        ("order-service", "OrderPaid"),
        ("order-service", "OrderCancelled"),
        ("payment-service", "PaymentFailed"),
        ("user-service", "ConsentChanged"),
    ):
        yield f"{name}.{event}", functools.partial(change, name=name, event=event)


def read_model(contract: Contract, consumer: str, store: str, event: str, **keys: Any) -> None:
    """A read model of an event that may be read again for ever."""
    publisher, _, name = event.partition(".")
    contract.components[publisher]["publishes"][name] |= {"replay": True, "retention": "100y"}
    model = {"from": [event], "store": f"{consumer}.{store}", **keys}
    contract.components[consumer].setdefault("projections", {})["latest"] = model


READ_MODELS = (
    ("order-service", "order-db", "payment-service.PaymentCaptured"),
    ("inventory-service", "inventory-db", "order-service.OrderCancelled"),
    ("payment-service", "payment-db", "order-service.OrderCancelled"),
)


def at_most_once(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, consumer: str, store: str, event: str) -> None:
        read_model(copy, consumer, store, event, rebuilt="never")
        publisher, _, name = event.partition(".")
        copy.components[publisher]["publishes"][name]["delivery"] = "at-most-once"

    for consumer, store, event in READ_MODELS:
        yield f"{event} → {consumer}", functools.partial(change, consumer=consumer, store=store, event=event)


def from_latest(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, consumer: str, store: str, event: str) -> None:
        read_model(copy, consumer, store, event)

    for consumer, store, event in READ_MODELS:
        yield f"{event} → {consumer}", functools.partial(change, consumer=consumer, store=store, event=event)


def wrong_identity(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, name: str, index: int) -> None:
        copy.components[name]["consumes"][index]["idempotent_by"] = "deliveryNumber"

    for name, component in contract.components.items():
        for index, consume in enumerate(component.get("consumes", [])[:1]):
            yield f"{consume['event']} → {name}", functools.partial(change, name=name, index=index)


def too_long(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Seven waits of a day, two days and so on: 127 days."""

    def change(copy: Contract, name: str, index: int) -> None:
        copy.components[name]["consumes"][index]["retry"] = {"attempts": 8, "initial": "1d", "multiplier": 2}

    for name, component in contract.components.items():
        for index, consume in enumerate(component.get("consumes", [])[:1]):
            yield f"{consume['event']} → {name}", functools.partial(change, name=name, index=index)


DEFECTS = (
    Defect("unconsumed-event", told_to_nobody),
    Defect("unsent-command", asked_by_nobody),
    Defect("event-without-key", no_key),
    Defect("lossy-event", at_most_once),
    Defect("replay-from-latest", from_latest),
    Defect("missing-identity", wrong_identity),
    Defect("redelivery-beyond-retention", too_long),
)
