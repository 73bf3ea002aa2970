"""Interfaces that a component provides: operations, how they are bound, and what is promised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.marks import (
    BASE_PATH,
    MEDIA_TYPE,
    PACKAGE,
    POSITIVE,
    WORD,
    Date,
    Identifier,
    Named,
    Range,
    Slug,
    Unordered,
    doc,
    located,
)
from generator.model.types import Schema
from generator.units import Duration, Percentage, Rate, Version


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
    own: bool = doc("Availability and latency count only what the component adds itself to what it calls.", False)
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
    visibility: Literal["public", "internal", "private"] = doc(
        "public: reachable through the ingress; internal: by components of the system; private: by those of the same domain.", "internal"
    )
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
