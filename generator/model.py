"""What teams wrote: the contract language as frozen records, from which its decoder and JSON Schema are derived.

A record's fields are the keys of the language; `doc(...)` is the sentence an editor shows. Collections are canonical
(sorted where order means nothing), so two contracts that mean the same are equal; `at` says where a record was written.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from generator.diagnostics import NOWHERE, At
from generator.units import Duration, Percentage, Quantity, Rate, Version


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

EMAIL = Pattern(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "a mail address", "team@example.com")
BOOTSTRAP = Pattern(
    r"^([a-z][a-z+]*://)?([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?$",
    "a host with its port",
    "broker.example.com:9092",
)

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


# --- data types -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A value of a discriminator and the type it stands for."""

    name: str = doc("Value of the property.")
    type: str = doc("Type name.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """Which property tells the members of a oneOf apart."""

    property: str = doc("Property whose value names the member.", key="propertyName")
    mapping: Annotated[tuple[Member, ...], Named()] = doc("Value of the property to type name; by default each type's own name.", ())
    at: At = located()


FORMATS = Literal[
    "int32", "int64", "uint32", "uint64", "float", "double", "decimal",
    "date-time", "date", "time", "duration", "uuid", "email", "uri", "hostname", "ipv4", "ipv6",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A data type: the part of JSON Schema that means the same in draft-07, 2020-12 and OpenAPI 3."""

    type: Literal["object", "array", "string", "integer", "number", "boolean"] | None = doc("JSON type.", None)
    ref: Annotated[str, TYPE_REFERENCE] | None = doc("Another type: its name, or component.Name.", None, key="$ref")
    title: str | None = doc("Short title.", None)
    description: str | None = doc("What the value means.", None)
    format: FORMATS | None = doc("What the text or number stands for.", None)
    encoding: Literal["base64"] | None = doc("Bytes, written as base64.", None, key="contentEncoding")
    enum: Annotated[tuple[str, ...], Unordered()] = doc("The texts that are allowed.", ())
    const: str | None = doc("The one text that is allowed.", None)
    pattern: str | None = doc("Regular expression (ECMA 262) that the text matches.", None)
    min_length: Annotated[int, COUNT] | None = doc("Fewest characters.", None, key="minLength")
    max_length: Annotated[int, COUNT] | None = doc("Most characters.", None, key="maxLength")
    minimum: int | float | None = doc("Smallest value.", None)
    maximum: int | float | None = doc("Largest value.", None)
    exclusive_minimum: int | float | None = doc("The value is larger than this.", None, key="exclusiveMinimum")
    exclusive_maximum: int | float | None = doc("The value is smaller than this.", None, key="exclusiveMaximum")
    multiple_of: int | float | None = doc("The value is a multiple of this.", None, key="multipleOf")
    items: Schema | None = doc("Type of each item.", None)
    min_items: Annotated[int, COUNT] | None = doc("Fewest items.", None, key="minItems")
    max_items: Annotated[int, COUNT] | None = doc("Most items.", None, key="maxItems")
    unique_items: bool = doc("No item appears twice.", False, key="uniqueItems")
    properties: Annotated[tuple[Property, ...], Named()] = doc("The properties of an object.", ())
    required: Annotated[tuple[str, ...], Unordered()] = doc("Properties that are always there.", ())
    additional: bool | Schema | None = doc("false: no other properties; a type: a map of that type.", None, key="additionalProperties")
    min_properties: Annotated[int, COUNT] | None = doc("Fewest entries of a map.", None, key="minProperties")
    max_properties: Annotated[int, COUNT] | None = doc("Most entries of a map.", None, key="maxProperties")
    one_of: tuple[Schema, ...] = doc("Exactly one of these object types, told apart by the discriminator.", (), key="oneOf")
    discriminator: Discriminator | None = doc("Tells the members of oneOf apart.", None)
    default: Json = doc("What an absent value means.", None)
    deprecated: bool = doc("Still there, no longer to be used.", False)
    read_only: bool = doc("Only in answers.", False, key="readOnly")
    write_only: bool = doc("Only in requests.", False, key="writeOnly")
    classification: Literal["public", "internal", "personal", "sensitive", "secret"] | None = doc(
        "How the value must be protected.", None, key="x-classification"
    )
    purpose: str | None = doc("Why a personal value is processed.", None, key="x-purpose")
    proto_name: Identifier | None = doc(
        "Field, message or enum name in protobuf, where it is already in the wild.", None, key="x-proto-name"
    )
    proto_number: Annotated[int, Range(1, 536870911)] | None = doc(
        "Field number in protobuf, where it is already in the wild.", None, key="x-proto-number"
    )
    renamed_from: str | None = doc("The property's former name: it keeps its protobuf field number.", None, key="x-renamed-from")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of an object: its wire name and its type."""

    name: str = doc("Wire name.")
    schema: Schema = doc("Its type.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A named data type of a component or of the system."""

    name: Identifier = doc("Type name.")
    schema: Schema = doc("The type.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A named example of a type; every artifact that shows the type shows this value."""

    name: Annotated[str, WORD] = doc("Example name.")
    type: Reference = doc("The type it is an example of.")
    value: Json = doc("The value.")
    summary: str | None = doc("What the example shows.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorType:
    """A named error of an operation: one HTTP status, one gRPC code, one problem type (RFC 9457)."""

    name: Identifier = doc("Error name.")
    status: Annotated[int, Range(400, 599)] = doc("HTTP status, 400 to 599.")
    grpc: Literal[
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ] | None = doc("gRPC status code; by default the one that matches the HTTP status.", None)  # fmt: skip
    title: str | None = doc("Short summary, the same for every occurrence.", None)
    description: str | None = doc("When it happens and what the caller can do.", None)
    at: At = located()


# --- provided interfaces ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Latency objectives by percentile."""

    p50: Duration | None = doc("Half of the requests are at least this fast.", None)
    p95: Duration | None = doc("95 % of the requests are at least this fast.", None)
    p99: Duration | None = doc("99 % of the requests are at least this fast.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A further objective, in the words of the architects."""

    name: Slug = doc("Objective name.")
    statement: str = doc("What is promised.")
    target: Percentage | None = doc("Share that must meet it.", None)
    within: Duration | None = doc("Time limit.", None)
    measured: str | None = doc("Where or how it is measured.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a component, interface, operation or third party promises."""

    availability: Percentage | None = doc("Share of requests that are answered without a server error.", None)
    latency: Latency | None = doc("Latency objectives.", None)
    rate: Rate | None = doc("Requests it must sustain.", None)
    burst: int | None = doc("Requests it takes at once above the rate.", None)
    note: str | None = doc("What the numbers count and what they leave out.", None)
    objectives: Annotated[tuple[Objective, ...], Named()] = doc("Further objectives.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation: in the path, the query or a header; a field of the request in gRPC."""

    name: Annotated[str, WORD] = doc("Wire name.")
    schema: Schema = doc("Its type.", key="*")
    where: Literal["path", "query", "header"] | None = doc(
        "Where it travels over HTTP; by default the path if named there, else the query.", None, key="in"
    )
    required: bool = doc("Must be given; path parameters always are.", False)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpBinding:
    """How an operation is called over HTTP; written `POST /orders` or as a mapping."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = doc("HTTP method.")
    path: str = doc("Path below the interface's base, with {parameters}.")
    status: Annotated[int, Range(200, 299)] | None = doc(
        "Status of the good answer; by default 200, or 204 when there is no response.", None
    )
    accepts: Annotated[str, MEDIA_TYPE] = doc("Media type of the request.", "application/json")
    returns: Annotated[str, MEDIA_TYPE] = doc("Media type of the answer.", "application/json")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Cursor paging: query `cursor` and `limit`, answer `items` and `nextCursor`."""

    limit: Annotated[int, POSITIVE] = doc("Most items on a page.", 100)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something a consumer can ask a component to do, over HTTP, gRPC or both."""

    name: Identifier = doc("Operation name, lowerCamelCase.")
    summary: str | None = doc("One line on what it does.", None)
    description: str | None = doc("More, if one line is not enough.", None)
    http: HttpBinding | None = doc("Method and path: `GET /{orderId}`.", None)
    grpc: bool | Identifier | None = doc(
        "Method name in gRPC; false: not over gRPC; by default the operation's name when the interface has gRPC.", None
    )
    parameters: Annotated[tuple[Parameter, ...], Named()] = doc("Path, query and header parameters.", ())
    request: Schema | None = doc("Body: a type's name or a type.", None)
    response: Schema | None = doc("Answer: a type's name or a type.", None)
    stream: Literal["none", "request", "response", "both"] = doc("What is a stream over gRPC: client, server or both.", "none")
    paging: Paging | None = doc("The answer is a page of items: true, or the limit.", None)
    errors: Annotated[tuple[str, ...], Unordered()] = doc("Named errors it can answer with.", ())
    idempotency: Literal["safe", "idempotent", "key", "none"] | None = doc(
        "safe: changes nothing; idempotent: repeating changes nothing more; key: takes an Idempotency-Key; none. By default from the HTTP method.",
        None,
    )
    auth: str | None = doc("Authentication scheme, or none; by default the interface's.", None)
    scopes: Annotated[tuple[str, ...], Unordered()] = doc("Scopes a caller needs.", ())
    roles: Annotated[tuple[str, ...], Unordered()] = doc("Roles a caller needs.", ())
    quality: Quality | None = doc("Objectives that differ from the interface's.", None)
    audit: bool = doc("Each call is an audit event.", False)
    deprecated: bool = doc("Still there, no longer to be used.", False)
    sunset: Date | None = doc("Last day it is there (RFC 8594).", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpInterface:
    """That and how an interface is offered over HTTP."""

    base: Annotated[str, BASE_PATH] = doc("Path that all its operations start with.", "/")
    port: Slug = doc("Name of the component's port.", "http")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcInterface:
    """That and how an interface is offered over gRPC."""

    package: Annotated[str, PACKAGE] | None = doc("Protobuf package; by default namespace, component, interface and major version.", None)
    service: Identifier | None = doc("Service name; by default the interface's name and `Service`.", None)
    port: Slug = doc("Name of the component's port.", "grpc")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """An interface: operations that are versioned, protected and promised together."""

    name: Slug = doc("Interface name.")
    version: Version = doc("Semantic version, in quotes.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is for.", None)
    visibility: Literal["public", "internal"] = doc("public: reachable through the ingress.", "internal")
    auth: str | None = doc("Authentication scheme of the system, or none.", None)
    http: HttpInterface | None = doc("Offered over HTTP.", None)
    grpc: GrpcInterface | None = doc("Offered over gRPC.", None)
    parameters: Annotated[tuple[Parameter, ...], Named()] = doc(
        "Parameters that several operations share; used where the path names them.", ()
    )
    quality: Quality | None = doc("What it promises.", None)
    operations: Annotated[tuple[Operation, ...], Named()] = doc("What can be asked of it.")
    deprecated: bool = doc("Still there, no longer to be used.", False)
    sunset: Date | None = doc("Last day it is there (RFC 8594).", None)
    at: At = located()


# --- messages ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """How failed deliveries are tried again."""

    attempts: Annotated[int, Range(1, 100)] = doc("All tries, the first included.", 5)
    initial: Duration = doc("Wait before the second try.", Duration(1_000))
    multiplier: int | float = doc("Each further wait is this much longer.", 2)
    maximum: Duration | None = doc("Longest wait.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, told to whoever subscribes (publish-subscribe)."""

    name: Identifier = doc("Event name, PascalCase.")
    version: Version = doc("Semantic version of the payload, in quotes.")
    payload: Schema = doc("What it carries: a type's name or a type.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("When it is published.", None)
    topic: Annotated[str, TOPIC] | None = doc("Channel address; by default domain, name and major version.", None)
    key: str | None = doc("Payload property that orders the messages: same key, same order.", None)
    route: Annotated[tuple[str, ...], Unordered()] = doc("Payload properties that consumers may select by (content-based routing).", ())
    partitions: Annotated[int, POSITIVE] | None = doc("Partitions of the topic.", None)
    retention: Duration | None = doc("How long messages are kept.", None)
    replay: bool = doc("Consumers may read kept messages again.", False)
    compacted: bool = doc("Only the newest message of each key is kept for ever.", False)
    delivery: Literal["at-least-once", "at-most-once", "exactly-once"] | None = doc("Delivery guarantee; by default the system's.", None)
    encoding: Literal["json", "protobuf"] = doc("How the payload is written on the topic.", "json")
    priority: Literal["low", "normal", "high", "critical"] = doc("Priority in the envelope.", "normal")
    deprecated: bool = doc("Still published, no longer to be subscribed to.", False)
    sunset: Date | None = doc("Last day it is published.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A message that one component handles, from a queue (point-to-point); with a reply, asynchronous request-reply."""

    name: Identifier = doc("Command name, PascalCase.")
    version: Version = doc("Semantic version of the payload, in quotes.")
    payload: Schema = doc("What it carries: a type's name or a type.")
    reply: Schema | None = doc("What is sent back on the reply channel: a type's name or a type.", None)
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it asks for.", None)
    queue: Annotated[str, TOPIC] | None = doc("Channel address; by default domain, name and major version.", None)
    key: str | None = doc("Payload property that orders the messages.", None)
    partitions: Annotated[int, POSITIVE] | None = doc("Partitions of the queue's topic.", None)
    retention: Duration | None = doc("How long an unhandled command is kept.", None)
    delivery: Literal["at-least-once", "at-most-once", "exactly-once"] | None = doc("Delivery guarantee; by default the system's.", None)
    encoding: Literal["json", "protobuf"] = doc("How the payload is written on the queue.", "json")
    priority: Literal["low", "normal", "high", "critical"] = doc("Priority in the envelope.", "normal")
    group: Annotated[str, TOPIC] | None = doc("Consumer group of the handler; by default the component's name.", None)
    retry: Backoff | None = doc("How a failed handling is tried again.", None)
    dead_letter: bool | Annotated[str, TOPIC] | None = doc(
        "Where a command goes that cannot be handled; true: the address with the system's suffix.", None
    )
    idempotent_by: str | None = doc("What the handler recognises a repeated command by.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Content-based routing: only messages whose payload property has one of these values."""

    name: str = doc("Payload property.")
    values: Annotated[tuple[str, ...], Unordered()] = doc("Values that are wanted.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consume:
    """A subscription to an event of another component."""

    event: Reference = doc("The event: component.Event.")
    why: str | None = doc("What the consumer does with it.", None)
    group: Annotated[str, TOPIC] | None = doc("Consumer group; by default the component's name.", None)
    reads: Annotated[tuple[str, ...], Unordered()] = doc("Payload properties that are really read; by default all.", ())
    only: Annotated[tuple[Filter, ...], Named()] = doc("Only messages with these values (content-based routing).", ())
    start: Literal["earliest", "latest"] = doc("Where a new group starts; earliest replays what is kept.", "latest")
    retry: Backoff | None = doc("How a failed handling is tried again.", None)
    dead_letter: bool | Annotated[str, TOPIC] | None = doc(
        "Where a message goes that cannot be handled; true: the address with the system's suffix.", None
    )
    idempotent_by: str | None = doc("What the consumer recognises a repeated message by.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Use of a command of another component."""

    command: Reference = doc("The command: component.Command.")
    why: str | None = doc("Why it is sent.", None)
    reads: Annotated[tuple[str, ...], Unordered()] = doc("Reply properties that are really read; by default all.", ())
    timeout: Duration | None = doc("How long the reply is waited for.", None)
    at: At = located()


# --- use of others ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Retries of a synchronous call."""

    attempts: Annotated[int, Range(1, 100)] = doc("All tries, the first included; 1 means no retry.", 1)
    per_try: Duration | None = doc("Timeout of each try.", None)
    when: Annotated[
        tuple[
            Literal[
                "connect-failure",
                "refused-stream",
                "unavailable",
                "reset",
                "gateway-error",
                "5xx",
                "resource-exhausted",
                "deadline-exceeded",
                "cancelled",
            ],
            ...,
        ],
        Unordered(),
    ] = doc("What is tried again.", ())
    backoff: Duration | None = doc("Wait before the second try.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """Circuit breaker of a synchronous call."""

    failures: Annotated[int, POSITIVE] = doc("Consecutive failed tries that open it.")
    open: Duration = doc("How long it stays open until one call is let through.")
    window: Duration | None = doc("Time in which the failures are counted.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """What the consumer does when the call fails."""

    type: Literal["none", "cached_response", "default_response"] = doc("none: the failure is passed on.")
    ttl: Duration | None = doc("How old a cached response may be.", None)
    response: Json = doc("The default response.", None)
    note: str | None = doc("What that means for the consumer.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierDetection:
    """When an instance of the provider is left out."""

    failures: Annotated[int, POSITIVE] = doc("5xx answers in a row that eject an instance.")
    ejected: Duration = doc("How long it is left out.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A synchronous dependency: the consumer declares what it calls, why, and how it survives a failure."""

    api: Reference | None = doc("The interface: component.interface.", None)
    external: Slug | None = doc("Or the third party.", None)
    operations: Annotated[tuple[str, ...], Unordered()] = doc("Operations that are called; by default all that the protocol has.", ())
    over: Literal["http", "grpc"] | None = doc("Protocol, where the interface has both.", None)
    why: str | None = doc("Why the call is needed.", None)
    required: bool = doc("The consumer cannot do its work without it (hard dependency).", True)
    reads: Annotated[tuple[str, ...], Unordered()] = doc("Response properties that are really read; by default all.", ())
    timeout: Duration | None = doc("Longest wait, all tries included.", None)
    retry: Retry | None = doc("Retries.", None)
    breaker: bool | Breaker | None = doc("Circuit breaker; false: none.", None)
    fallback: Fallback | None = doc("What happens when the call fails.", None)
    rate: Rate | None = doc("Calls that the consumer makes at most.", None)
    every: Duration | None = doc("How often it is called, when a timer and no request causes the call.", None)
    outlier_detection: OutlierDetection | None = doc("Instances that keep failing are left out for a while.", None)
    via: Slug | None = doc("Gateway that the call goes through: the network edge ends there, the gateway's own use goes on.", None)
    credentials: Slug | None = doc("Name of the secret that holds the credentials; never the credentials.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreUse:
    """Access to a store of another component, under a contract with its owner."""

    store: Reference = doc("The store: component.store.")
    access: Literal["read", "write"] = doc("What is done.")
    via: Literal["primary", "replica"] = doc("Which instance.", "primary")
    why: str | None = doc("Why the access is needed.", None)
    required: bool = doc("The consumer cannot do its work without it.", True)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """How often a store is backed up."""

    full: Annotated[str, WORD] | None = doc("How often in full: weekly.", None)
    incremental: Annotated[str, WORD] | None = doc("How often incrementally: daily.", None)
    restore_test: Annotated[str, WORD] | None = doc("How often a restore is exercised: quarterly.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A data store that one component owns."""

    name: Slug = doc("Store name.")
    kind: Slug = doc("Engine: postgresql, redis, bigquery, …")
    version: str | None = doc("Engine version, in quotes.", None)
    summary: str | None = doc("What it holds.", None)
    host: Annotated[str, HOST] | None = doc("Where it runs, when it is managed elsewhere.", None)
    port: Annotated[int, PORT] | None = doc("Its port; by default the engine's.", None)
    rpo: Duration | None = doc("Recovery point objective: most data that may be lost.", None)
    rto: Duration | None = doc("Recovery time objective: longest outage.", None)
    retention: Duration | None = doc("How long data is kept.", None)
    retention_note: str | None = doc("What the retention counts from and what it leaves out.", None)
    replication: str | None = doc("How it is replicated.", None)
    note: str | None = doc("What the recovery objectives leave out, or why there is none.", None)
    backup: Backup | None = doc("How it is backed up; by default the system's.", None)
    required: bool = doc("The owner cannot do its work without it.", True)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One way to reach a third party."""

    name: Slug = doc("Endpoint name.")
    protocol: Literal["https", "http", "grpc", "sftp", "tcp", "tls"] = doc("Protocol.")
    host: Annotated[str, HOST] | None = doc("Host name, once known.", None)
    port: Annotated[int, PORT] | None = doc("Port; by default the protocol's.", None)
    style: str | None = doc("What is spoken on it: REST, OData, OpenID Connect.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalOperation:
    """Something that is asked of a third party."""

    name: Identifier = doc("Operation name.")
    http: str | None = doc("Method and path: `POST /v2/messages`.", None)
    summary: str | None = doc("What it does.", None)
    idempotency: Literal["safe", "idempotent", "key", "none"] | None = doc("Whether it may be repeated.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """A third party that the system depends on."""

    name: Slug = doc("Name of the third party.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is and does.", None)
    owner: Slug | None = doc("Who answers for it.", None)
    endpoints: Annotated[tuple[Endpoint, ...], Named()] = doc("How it is reached.")
    operations: Annotated[tuple[ExternalOperation, ...], Named()] = doc("What is asked of it.", ())
    spec: Annotated[str, URL] | None = doc("Address of its own specification.", None)
    quality: Quality | None = doc("What it promises.", None)
    limit: Rate | None = doc("Most calls that it takes.", None)
    closed: str | None = doc("When it is not there.", None)
    receives: Annotated[tuple[str, ...], Unordered()] = doc("Personal fields it is given.", ())
    at: At = located()


# --- running ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a component; written as a number when Service and pod agree."""

    name: Slug = doc("Port name.")
    service: Annotated[int, PORT] = doc("Port of the Service.")
    pod: Annotated[int, PORT] | None = doc("Port in the pod, where it differs.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """How many instances run."""

    min: Annotated[int, COUNT] = doc("Fewest.")
    max: Annotated[int, POSITIVE] | None = doc("Most; by default as many as the fewest.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """CPU and memory, Kubernetes quantities."""

    cpu: Quantity | None = doc("CPU.", None)
    memory: Quantity | None = doc("Memory.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOn:
    """Utilisation that instances are added at."""

    cpu: Percentage | None = doc("Of the requested CPU.", None)
    memory: Percentage | None = doc("Of the requested memory.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probes:
    """HTTP paths that the platform asks."""

    liveness: Annotated[str, BASE_PATH] | None = doc("Path that fails when the instance must be restarted.", None)
    readiness: Annotated[str, BASE_PATH] | None = doc("Path that fails when no traffic may be sent.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How a component runs."""

    kind: Literal["service", "job", "gateway"] = doc(
        "service: runs always; job: runs on a schedule; gateway: the ingress, what it uses over http are its routes.", "service"
    )
    image: str | None = doc("Container image with its tag, in quotes.", None)
    ports: Annotated[tuple[Port, ...], Named()] = doc("Ports by name; by default http 8080 and grpc 9090, as the interfaces need.", ())
    replicas: Replicas | None = doc("Instances: a number, or min and max.", None)
    requests: Resources | None = doc("CPU and memory that are reserved.", None)
    limits: Resources | None = doc("CPU and memory that are not exceeded.", None)
    scale_on: ScaleOn | None = doc("When instances are added.", None)
    probes: Probes | None = doc("Health paths.", None)
    max_unavailable: Annotated[int, POSITIVE] | None = doc("Instances that may be missing at once; by default the system's.", None)
    schedule: str | None = doc("When a job runs: five cron fields.", None)
    timezone: str | None = doc("Time zone of the schedule.", None)
    overlap: bool = doc("Runs of a job may overlap.", False)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Requests that a component lets in, counted by user, client or whatever its name says."""

    name: Slug = doc("What the requests are counted by.")
    rate: Rate = doc("Most requests.")
    burst: Annotated[int, POSITIVE] | None = doc("Requests that are let in at once above the rate.", None)
    note: str | None = doc("What the limit leaves out.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A deployable part of the system and everything it agrees to with others."""

    name: Slug = doc("Component name.", key="component")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is for, in a sentence.", None)
    layer: Slug | None = doc("Layer of the system.", None)
    domain: Slug | None = doc("Domain of the system.", None)
    context: str | None = doc("Bounded context.", None)
    owner: Slug | None = doc("Team that owns it; by default the system's owner.", None)
    responsibilities: tuple[str, ...] = doc("What it does.", ())
    technology: tuple[str, ...] = doc("What it is built with.", ())
    security: tuple[str, ...] = doc("Rules of protection that no other key says.", ())
    rate_limits: Annotated[tuple[RateLimit, ...], Named()] = doc(
        "Requests that are let in at most, by what they are counted by: user, client, partner.", ()
    )
    notes: tuple[str, ...] = doc("What a reader must know and no other key says.", ())
    types: Annotated[tuple[Type, ...], Named()] = doc("Data types.", ())
    examples: Annotated[tuple[Example, ...], Named()] = doc("Named examples of types.", ())
    errors: Annotated[tuple[ErrorType, ...], Named()] = doc("Named errors.", ())
    implements: Annotated[tuple[Slug, ...], Unordered()] = doc("Interfaces of the system that it provides as well.", ())
    provides: Annotated[tuple[Api, ...], Named()] = doc("Interfaces.", ())
    publishes: Annotated[tuple[Event, ...], Named()] = doc("Events.", ())
    consumes: Annotated[tuple[Consume, ...], Unordered()] = doc("Events of others that it subscribes to.", ())
    handles: Annotated[tuple[Command, ...], Named()] = doc("Commands it takes from a queue.", ())
    sends: Annotated[tuple[Send, ...], Unordered()] = doc("Commands of others that it sends.", ())
    uses: Annotated[tuple[Use, ...], Unordered()] = doc("Interfaces and third parties that it calls.", ())
    stores: Annotated[tuple[Store, ...], Named()] = doc("Data stores that it owns.", ())
    uses_stores: Annotated[tuple[StoreUse, ...], Unordered()] = doc("Stores of others that it may read or write.", ())
    runtime: Runtime | None = doc("How it runs.", None)
    quality: Quality | None = doc("What it promises.", None)
    at: At = located()


# --- the system -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A team."""

    name: Slug = doc("Team name.")
    title: str | None = doc("Title for people.", None)
    email: Annotated[str, EMAIL] | None = doc("Mail address.", None)
    chat: str | None = doc("Chat channel.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """A business domain."""

    name: Slug = doc("Domain name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What belongs to it.", None)
    contexts: Annotated[tuple[str, ...], Unordered()] = doc("Bounded contexts.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer and what it may call."""

    name: Slug = doc("Layer name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is responsible for.", None)
    may_call: Annotated[tuple[Slug, ...], Unordered()] = doc("Layers and third parties that its components may call.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A place where the system runs."""

    name: Slug = doc("Environment name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is for.", None)
    host: Annotated[str, HOST] | None = doc("Public host name.", None)
    mesh: Literal["sidecar", "ambient", "none"] = doc("Service mesh mode.", "sidecar")
    namespace: Slug | None = doc("Kubernetes namespace; by default the system's.", None)
    brokers: Annotated[tuple[Annotated[str, BOOTSTRAP], ...], Unordered()] = doc("Bootstrap servers of the broker: host:port.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The message broker."""

    kind: Literal["kafka", "rabbitmq", "nats"] = doc("Product.")
    version: str | None = doc("Its version, in quotes.", None)
    why: str | None = doc("Why this one.", None)
    nodes: int | None = doc("Brokers of a cluster.", None)
    replication: int | None = doc("Replication factor.", None)
    min_in_sync: int | None = doc("Replicas that must have a message before it is acknowledged.", None)
    clusters: str | None = doc("How many clusters there are and where.", None)
    dead_letter_suffix: str = doc("Ending of a dead-letter address.", ".dlq")
    registry: Annotated[str, URL] | None = doc("Address of the schema registry.", None)
    compatibility: Literal["backward", "forward", "full", "none"] = doc("How schemas may change within a major version.", "backward")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A permission that a token can carry."""

    name: Annotated[str, WORD] = doc("Scope name.")
    summary: str = doc("What it allows.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What kind of caller a token is for."""

    name: Annotated[str, WORD] = doc("Role name.")
    summary: str = doc("Who has it.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How callers prove who they are."""

    name: Slug = doc("Scheme name.")
    kind: Literal["jwt", "oauth2", "openid", "api-key", "mtls"] = doc("Kind of proof.")
    summary: str | None = doc("Who uses it and how.", None)
    issuer: Annotated[str, URL] | None = doc("Issuer of the tokens.", None)
    audiences: Annotated[tuple[str, ...], Unordered()] = doc("Audiences of the tokens.", ())
    jwks: Annotated[str, URL] | None = doc("Address of the signing keys.", None)
    token_url: Annotated[str, URL] | None = doc("OAuth 2 token endpoint.", None)
    authorization_url: Annotated[str, URL] | None = doc("OAuth 2 authorization endpoint.", None)
    header: Annotated[str, HEADER] | None = doc("Header of an API key.", None)
    issued_by: Slug | None = doc("Third party that issues the tokens.", None)
    lifetime: Duration | None = doc("How long a token is valid.", None)
    scopes: Annotated[tuple[Scope, ...], Named()] = doc("Scopes by name.", ())
    roles: Annotated[tuple[Role, ...], Named()] = doc("Roles by name.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDefaults:
    """What holds for every synchronous call that says nothing else."""

    timeout: Duration | None = doc("Longest wait, all tries included.", None)
    retry: Retry | None = doc("Retries.", None)
    breaker: bool | Breaker | None = doc("Circuit breaker; false: none.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsumeDefaults:
    """What holds for every subscription and command handler that says nothing else."""

    retry: Backoff | None = doc("How a failed handling is tried again.", None)
    dead_letter: bool = doc("Messages that cannot be handled are kept aside.", False)
    idempotent_by: str | None = doc("What a repeated message is recognised by.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDefaults:
    """What holds for every event and command that says nothing else."""

    delivery: Literal["at-least-once", "at-most-once", "exactly-once"] = doc("Delivery guarantee.", "at-least-once")
    retention: Duration | None = doc("How long messages are kept.", None)
    partitions: Annotated[int, POSITIVE] | None = doc("Partitions of a topic.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds where a component says nothing."""

    call: CallDefaults = doc("Synchronous calls.", CallDefaults())
    consume: ConsumeDefaults = doc("Subscriptions and command handlers.", ConsumeDefaults())
    publish: PublishDefaults = doc("Events and commands.", PublishDefaults())
    implements: Annotated[tuple[Slug, ...], Unordered()] = doc("Interfaces of the system that every component provides.", ())
    idempotency_key_ttl: Duration | None = doc("How long an Idempotency-Key is remembered.", None)
    backup: Backup | None = doc("How stores are backed up.", None)
    max_unavailable: Annotated[int, POSITIVE] | None = doc("Instances of a component that may be missing at once.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageOptions:
    """Where generated code lives downstream."""

    go: str | None = doc("Go module path that packages start with.", None)
    java: Annotated[str, PACKAGE] | None = doc("Java package that packages start with.", None)
    csharp: str | None = doc("C# namespace that packages start with.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the system is."""

    name: Slug = doc("System name; the folder's name.")
    title: str | None = doc("Title for people.", None)
    summary: str | None = doc("What it is for, in a sentence.", None)
    namespace: Slug | None = doc("Kubernetes namespace and first part of packages; by default the name.", None)
    owner: Slug = doc("Team that owns what nobody else owns.")
    id: Annotated[str, URL] | None = doc("Address that schema and problem identifiers start with; need not resolve.", None)
    license: str | None = doc("SPDX identifier of the licence that the interfaces are under.", None)
    envelope: Literal["system-event", "cloudevents", "none"] = doc("What every message is wrapped in.", "system-event")
    broker: Broker | None = doc("Message broker.", None)
    platform: str | None = doc("What the system runs on.", None)
    languages: LanguageOptions = doc("Where generated code lives downstream.", LanguageOptions())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An architecture decision, with what was rejected."""

    name: Annotated[str, WORD] = doc("Identifier: ADR-1.")
    title: str = doc("What was decided.")
    why: str = doc("Why.")
    rejected: tuple[str, ...] = doc("Alternatives, with the reason.", ())
    status: Literal["proposed", "accepted", "superseded"] = doc("Where it stands.", "accepted")
    date: Date | None = doc("When.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """What is not decided: listed in the document, never papered over."""

    name: Annotated[str, WORD] = doc("Identifier: OQ-1.")
    question: str = doc("What is to be decided.")
    owner: Slug | None = doc("Who decides.", None)
    needed_by: Date | None = doc("Until when.", None)
    settles: Annotated[tuple[str, ...], Unordered()] = doc(
        "Places of the contract that the answer fills in: component or system-wide key, then keys and names, with dots between; what is not there yet may come last.",
        (),
    )
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A principle, goal or rule, in the words of the architects."""

    name: Annotated[str, WORD] = doc("Short name.")
    statement: str = doc("The sentence.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """What may go wrong."""

    name: Annotated[str, WORD] = doc("Short name.")
    statement: str = doc("What may happen.")
    probability: Literal["low", "medium", "high"] | None = doc("How likely.", None)
    effect: Literal["low", "medium", "high"] | None = doc("How bad.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region the system serves."""

    name: Slug = doc("Region code.")
    countries: Annotated[tuple[str, ...], Unordered()] = doc("ISO 3166-1 alpha-2 codes.", ())
    currencies: Annotated[tuple[str, ...], Unordered()] = doc("ISO 4217 codes.", ())
    zones: Annotated[int, POSITIVE] | None = doc("Zones it runs in.", None)
    status: str | None = doc("Where it stands.", None)
    live: Date | None = doc("When it goes live.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemDocument:
    """One file or document of system-wide facts; several are merged."""

    interlock: Annotated[int, Range(1, 1)] | None = doc("Version of the contract language.", None)
    system: Header | None = doc("What the system is.", None)
    owners: Annotated[tuple[Owner, ...], Named()] = doc("Teams.", ())
    domains: Annotated[tuple[Domain, ...], Named()] = doc("Business domains.", ())
    layers: Annotated[tuple[Layer, ...], Named()] = doc("Layers.", ())
    environments: Annotated[tuple[Environment, ...], Named()] = doc("Places where the system runs.", ())
    regions: Annotated[tuple[Region, ...], Named()] = doc("Regions it serves.", ())
    authentication: Annotated[tuple[Scheme, ...], Named()] = doc("How callers prove who they are.", ())
    defaults: Defaults | None = doc("What holds where a component says nothing.", None)
    types: Annotated[tuple[Type, ...], Named()] = doc("Data types that several components share.", ())
    examples: Annotated[tuple[Example, ...], Named()] = doc("Named examples of those types.", ())
    errors: Annotated[tuple[ErrorType, ...], Named()] = doc("Named errors that several components share.", ())
    interfaces: Annotated[tuple[Api, ...], Named()] = doc("Interfaces that several components provide alike.", ())
    externals: Annotated[tuple[External, ...], Named()] = doc("Third parties.", ())
    quality: Quality | None = doc("What the whole system promises.", None)
    context: Annotated[tuple[Statement, ...], Named()] = doc("Facts about the business that the design rests on.", ())
    patterns: Annotated[tuple[Statement, ...], Named()] = doc("Patterns in use.", ())
    principles: Annotated[tuple[Statement, ...], Named()] = doc("Architecture principles.", ())
    goals: Annotated[tuple[Statement, ...], Named()] = doc("What the system must achieve.", ())
    scope: Annotated[tuple[Statement, ...], Named()] = doc("What is in and out of scope.", ())
    security: Annotated[tuple[Statement, ...], Named()] = doc("Rules of security, privacy and law that no other key says.", ())
    operations: Annotated[tuple[Statement, ...], Named()] = doc("Rules of deployment and observability that no other key says.", ())
    decisions: Annotated[tuple[Decision, ...], Named()] = doc("Architecture decisions.", ())
    open_questions: Annotated[tuple[OpenQuestion, ...], Named()] = doc("What is not decided.", ())
    risks: Annotated[tuple[Risk, ...], Named()] = doc("What may go wrong.", ())
    at: At = located()


@dataclass(frozen=True, slots=True)
class LockedName:
    """A protobuf field or enum value that once had a number, and keeps it: `reserved` when the contract lost it."""

    scope: str
    name: str
    number: int
    reserved: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """All files of a system, merged."""

    document: SystemDocument
    components: tuple[Component, ...]
    locked: tuple[LockedName, ...] = ()
    lost: frozenset[str] = frozenset()
    """Names whose record could not be read, and `*` where a file could not be read to its end: a reference to one is not reported again."""

    @property
    def header(self) -> Header:
        assert self.document.system is not None
        return self.document.system
