"""Every name that two artifacts must agree on: cases, channel addresses, packages, schema names."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping

from generator.units import Version

WORD_BOUNDARY = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@functools.cache
def words(name: str) -> tuple[str, ...]:
    """The words of a name in any case, in lower case: `orderId`, `order_id` and `ORDER-ID` are all (order, id)."""
    return tuple(word.lower() for word in WORD_BOUNDARY.split(name) if word)


def snake(name: str) -> str:
    return "_".join(words(name))


def upper_snake(name: str) -> str:
    return snake(name).upper()


def kebab(name: str) -> str:
    return "-".join(words(name))


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in words(name))


def camel(name: str) -> str:
    first, *rest = words(name) or ("",)
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def title(name: str) -> str:
    """A name for people: `web-shop` is `Web Shop`."""
    return " ".join(word[:1].upper() + word[1:] for word in words(name))


def channel(domain: str, name: str, version: Version) -> str:
    """Address of an event's topic or a command's queue: `sales.order-placed.v1`."""
    return f"{domain}.{kebab(name)}.v{version.major}"


def reply_channel(address: str, sender: str) -> str:
    """Where the replies to one sender of a command go."""
    return f"{address}.reply.{sender}"


def subscriber_queue(group: str, address: str) -> str:
    """The RabbitMQ queue in which a group finds the messages of a topic."""
    return f"{group}.{address}"


def nats_token(name: str) -> str:
    """A name of a stream or a durable consumer: NATS allows no dot in it."""
    return name.replace(".", "_")


def package(namespace: str, owner: str | None, interface: str, version: Version) -> str:
    """Protobuf package of an interface: `shop.ordering.orders.v1`; the system's own have no owner part.

    Before 1.0.0 anything may change (Semantic Versioning, item 4), and Buf has no `v0`: that is `v1alpha1`.
    """
    parts = [snake(namespace), *([snake(owner)] if owner else []), snake(interface), f"v{version.major}" if version.major else "v1alpha1"]
    return ".".join(parts)


def schema_names(references: Iterable[str], owner: str | None) -> Mapping[str, str]:
    """Names of types in one self-contained artifact of `owner` (None: of the system).

    `references` are qualified (`customer-service.Address`, or `Money` for the system's own). A type of another owner
    keeps its plain name unless that is taken; then its owner stands before it, and at the last a number after it: no two
    get one name, whatever case it is in, so that no artifact loses a definition. Review refuses what needs a number.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for reference in sorted(set(references), key=lambda each: (_owner(each) != owner, _owner(each) is not None, each)):
        names[reference] = next(each for each in _choices(reference) if each.lower() not in taken)
        taken.add(names[reference].lower())
    return names


def with_owner(reference: str) -> str:
    """`CustomerServiceAddress` for `customer-service.Address`, `SystemMoney` for `Money`."""
    return pascal(_owner(reference) or "system") + _plain(reference)


def _choices(reference: str) -> Iterator[str]:
    yield _plain(reference)
    yield with_owner(reference)
    yield from (f"{with_owner(reference)}{number}" for number in itertools.count(2))


def _plain(reference: str) -> str:
    return reference.rpartition(".")[2]


def _owner(reference: str) -> str | None:
    return reference.rpartition(".")[0] or None


REQUEST_ID_HEADER = "X-Request-ID"
CORRELATION_ID_HEADER = "X-Correlation-ID"
IDEMPOTENCY_KEY_HEADER = "Idempotency-Key"
CURSOR, LIMIT, ITEMS, NEXT_CURSOR = "cursor", "limit", "items", "nextCursor"
