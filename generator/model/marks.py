"""What a field of the language may say about itself: pattern, range, order; and the patterns in use."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from generator.diagnostics import NOWHERE


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text must match this; `what` names it in diagnostics."""

    regex: str
    what: str
    example: str
    code: str = "malformed-name"


@dataclass(frozen=True, slots=True)
class Range:
    """A whole number must lie in this range, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping in the contract, a tuple of records here: each key becomes the record's `name`; sorted by name."""


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list whose order means nothing: sorted here."""


@dataclass(frozen=True, slots=True)
class AnyJson:
    """Any JSON value, kept as it stands."""


Json = Annotated[Any, AnyJson()]

SLUG = Pattern(r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", "a name in lower case with dashes", "web-shop")
IDENTIFIER = Pattern(r"^[A-Za-z][A-Za-z0-9_]{0,99}$", "an identifier", "placeOrder")
WORD = Pattern(r"^[A-Za-z0-9_]([-A-Za-z0-9_.: ]{0,98}[A-Za-z0-9_])?$", "a name of letters, digits, dots, colons and dashes", "first-order")
REFERENCE = Pattern(r"^[A-Za-z0-9][-A-Za-z0-9_]*(\.[A-Za-z0-9][-A-Za-z0-9_]*)?$", "a name, or a component and a name", "ordering.Order")
PACKAGE = Pattern(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", "a protobuf package", "shop.orders.v1")
BASE_PATH = Pattern(
    r"^/([A-Za-z0-9\-._~!$&'()*+,;=:@%{}]+(/[A-Za-z0-9\-._~!$&'()*+,;=:@%{}]+)*)?$",
    "a path that starts with a slash and does not end with one",
    "/api/v1/orders",
)
OPERATION = Pattern(
    r"^[A-Za-z0-9][-A-Za-z0-9_]*(\.[A-Za-z0-9][-A-Za-z0-9_]*){1,2}$", "an operation with its interface", "billing.payments.authorizePayment"
)
RULE = Pattern(r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "the name of a rule", "retry-amplification")
TOPIC = Pattern(
    r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,248}$", "a channel address of letters, digits, dots, dashes and underscores", "sales.order-placed.v1"
)
DATE = Pattern(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", "a date", "2026-12-31")
HOST = Pattern(
    r"^(\*\.)?[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$", "a host name", "api.example.com"
)
URL = Pattern(r"^https?://[^\s\"'<>`{}|\\^]+$", "an http or https address", "https://example.com/docs")
MEDIA_TYPE = Pattern(r"^[a-z]+/[A-Za-z0-9.+*-]+(; ?[a-z]+=[A-Za-z0-9-]+)?$", "a media type", "text/html")
HEADER = Pattern(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "a header name", "X-Request-ID")

COUNTED_BY = Pattern(r"^(address|(claim|header):[A-Za-z0-9_.-]+)$", "address, or a claim or header by name", "claim:sub")
CLAIM = Pattern(r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$", "a claim of a token", "realm_access.roles")
EMAIL = Pattern(r"""^[^@\s,;:<>()\[\]"\\]+@[^@\s,;:<>()\[\]"\\]+\.[^@\s,;:<>()\[\]"\\]+$""", "a mail address", "team@example.com")
BOOTSTRAP = Pattern(
    r"^([a-z][a-z+]*://)?([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?$",
    "a host with its port",
    "broker.example.com:9092",
)

LABEL = Pattern(
    r"^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
    "a Kubernetes label",
    "app.kubernetes.io/name",
)
LABEL_VALUE = Pattern(r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$", "the value of a Kubernetes label", "prometheus")
NETWORK = Pattern(
    r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$|^[0-9a-fA-F:]*:[0-9a-fA-F:.]*/[0-9]{1,3}$", "a range of addresses", "203.0.113.0/24"
)
IMAGE = Pattern(
    r"^[a-z0-9]([-a-z0-9._:/]*[a-z0-9])?(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@sha256:[0-9a-f]{64})?$",
    "a container image",
    "registry.example.com/orders:1.4.0",
)
PROBE_PATH = Pattern(r"^/[A-Za-z0-9\-._~!$&'()*+,;=:@%{}/]*$", "a path that starts with a slash", "/health")

LOGGER = Pattern(r"^[A-Za-z_][A-Za-z0-9_$-]*(\.[A-Za-z_][A-Za-z0-9_$-]*)*$", "the name of a logger", "com.example.orders")
TABLE = Pattern(
    r"^[a-z_][a-z0-9_]{0,62}(\.[a-z_][a-z0-9_]{0,62})?$", "a table in lower case, with its schema where it has one", "analytics.customers"
)
DATABASE = Pattern(r"^[A-Za-z_][A-Za-z0-9_-]{0,62}$", "the name of a database", "customer_db")
COLUMN = Pattern(r"^[A-Za-z_][A-Za-z0-9_]{0,62}$", "a field of letters, digits and underscores", "customer_id")
CACHE_KEY = Pattern(
    r"^[A-Za-z0-9_.:/-]*(\{[A-Za-z_][A-Za-z0-9_]*\}[A-Za-z0-9_.:/-]*)+$",
    "the key of a cache entry, with fields in braces",
    "customer:{customer_id}",
)
PAGE = Pattern(
    r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*\.md$", "a Markdown file of the contract's folder", "runbooks/payments.md"
)
SMARTHOST = Pattern(r"^[A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?:[0-9]{1,5}$", "a mail server with its port", "smtp.example.com:587")

TYPE_REFERENCE = Pattern(REFERENCE.regex, "the name of a type, or a component and a type", "customer-service.Address", "foreign-reference")
PORT = Range(1, 65535)
COUNT = Range(0, 2**31 - 1)
POSITIVE = Range(1, 2**31 - 1)

Slug = Annotated[str, SLUG]
Identifier = Annotated[str, IDENTIFIER]
Reference = Annotated[str, REFERENCE]
Date = Annotated[str, DATE]


def doc(text: str, default: Any = dataclasses.MISSING, *, key: str | None = None) -> Any:
    """A field of the language: its sentence for editors, its default (none: required), its key where it differs."""
    return dataclasses.field(default=default, metadata={"doc": text, "key": key})


def located() -> Any:
    """Where the record was written; never part of what it means."""
    return dataclasses.field(default=NOWHERE, compare=False, repr=False)
