"""Personal data where it need not be."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from defects import Change, Contract, Defect

PERSONAL = {"type": "string", "x-classification": "personal", "x-purpose": "contract"}
MAIL = PERSONAL | {"format": "email"}


def property_added(copy: Contract, component: str, type: str, name: str, schema: dict[str, Any]) -> None:
    copy.components[component]["types"][type]["properties"][name] = schema


def told_elsewhere(contract: Contract) -> Iterator[tuple[str, Change]]:
    for component, type in (
        ("order-service", "OrderPlaced"),
        ("erp-connector", "OrderShipped"),
        ("order-service", "OrderSummary"),
    ):
        yield f"{component}.{type}", functools.partial(property_added, component=component, type=type, name="contactMail", schema=MAIL)


def in_url(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, component: str, api: str, operation: str) -> None:
        copy.components[component]["provides"][api]["operations"][operation].setdefault("parameters", {})["mail"] = MAIL

    for component, api, operation in (
        ("order-service", "orders", "listOrders"),
        ("user-service", "users", "getUser"),
        ("crm-service", "customer-care", "listCustomerOrders"),
    ):
        yield f"{component}.{api}.{operation}", functools.partial(change, component=component, api=api, operation=operation)


def as_key(contract: Contract) -> Iterator[tuple[str, Change]]:
    """What messages are keyed by is said to be sensitive."""
    sensitive = {"type": "string", "format": "uuid", "x-classification": "sensitive", "x-purpose": "contract"}
    for component, type, name in (
        ("payment-service", "PaymentCaptured", "orderId"),
        ("payment-service", "PaymentFailed", "orderId"),
        ("user-service", "ConsentChanged", "customerId"),
        ("crm-service", "CachedProfile", "customer_id"),
    ):
        yield f"{component}.{type}.{name}", functools.partial(property_added, component=component, type=type, name=name, schema=sensitive)


def to_anybody(contract: Contract) -> Iterator[tuple[str, Change]]:
    def change(copy: Contract, component: str, api: str, operation: str) -> None:
        answer = {"type": "object", "required": ["keeper"], "properties": {"keeper": PERSONAL}}
        copy.components[component]["provides"][api]["operations"][operation]["response"] = answer

    def details(copy: Contract) -> None:
        next(each for each in copy.documents if "HealthCheck" in each.get("types", {}))["types"]["HealthCheck"]["properties"]["details"] = (
            PERSONAL
        )

    for operation in ("checkLiveness", "checkReadiness"):
        yield operation, functools.partial(change, component="user-service", api="probes", operation=operation)
    yield "healthCheck", details


def kept_on_topic(contract: Contract) -> Iterator[tuple[str, Change]]:
    def longer(copy: Contract) -> None:
        copy.components["order-service"]["publishes"]["OrderPaid"]["retention"] = "11y"

    def compacted(copy: Contract) -> None:
        copy.components["order-service"]["publishes"]["OrderPaid"]["compacted"] = True

    def with_mail(copy: Contract) -> None:
        property_added(copy, "user-service", "ConsentChanged", "contactMail", MAIL)
        copy.components["user-service"]["publishes"]["ConsentChanged"]["retention"] = "4y"

    yield "OrderPaid, longer", longer
    yield "OrderPaid, compacted", compacted
    yield "ConsentChanged", with_mail


def kept_without_end(contract: Contract) -> Iterator[tuple[str, Change]]:
    def customers(copy: Contract) -> None:
        del copy.components["user-service"]["stores"]["customer-db"]["retention"]

    def table(copy: Contract, component: str, store: str) -> None:
        row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "mail": MAIL}}
        own = copy.components[component]["stores"][store]
        own.pop("retention", None)
        own["tables"] = {"contacts": {"row": row, "key": ["id"]}}

    yield "customer-db", customers
    for component, store in (("order-service", "order-db"), ("payment-service", "payment-db"), ("inventory-service", "inventory-db")):
        yield store, functools.partial(table, component=component, store=store)


DEFECTS = (
    Defect("personal-across-domains", told_elsewhere),
    Defect("personal-in-url", in_url),
    Defect("personal-key", as_key),
    Defect("personal-without-auth", to_anybody),
    Defect("topic-outlives-source", kept_on_topic),
    Defect("personal-without-retention", kept_without_end),
)
