"""What a component uses: interfaces of others, third parties, and stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.data import Capture, Replicated, Table
from generator.model.interfaces import Quality
from generator.model.marks import (
    DATABASE,
    HOST,
    LABEL,
    LABEL_VALUE,
    NETWORK,
    PORT,
    POSITIVE,
    URL,
    WORD,
    Identifier,
    Json,
    Named,
    Range,
    Reference,
    Slug,
    Unordered,
    doc,
    located,
)
from generator.units import Duration, Percentage, Rate


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
    during: Annotated[tuple[str, ...], Unordered()] = doc(
        "What causes the call: own operations as interface.operation, events as component.Event, commands and flows; by default all but what every component answers alike.",
        (),
    )
    times: Annotated[int, POSITIVE] = doc("Calls that one cause makes, one after another: 20 for an item each.", 1)
    parallel: Slug | None = doc("Calls of the same name are made at once, not one after another.", None)
    any_of: Slug | None = doc("Calls of the same name stand in for each other: one that succeeds is enough.", None)
    deadline: Literal["propagated", "own"] | None = doc(
        "propagated: the callee is told until when the answer is waited for, and gives up then, too; by default as the system says, else own.",
        None,
    )
    rate: Rate | None = doc("Calls that the consumer makes at most.", None)
    concurrency: Annotated[int, POSITIVE] | None = doc("Calls of one instance that are under way at once at most (bulkhead).", None)
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
    pool: Annotated[int, POSITIVE] | None = doc("Connections that one instance holds at most.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A Kubernetes label."""

    name: Annotated[str, LABEL] = doc("Label key.")
    value: Annotated[str, LABEL_VALUE] = doc("Its value.")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Pods in the cluster that this contract does not deploy."""

    namespace: Slug | None = doc("Namespace; by default the system's.", None)
    labels: Annotated[tuple[Label, ...], Named()] = doc("Labels that select the pods.", ())
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
    database: Annotated[str, DATABASE] | None = doc(
        "Name of the database in it, of BigQuery the project; by default the store's name, with underscores where the engine wants them.",
        None,
    )
    addresses: Annotated[tuple[Annotated[str, NETWORK], ...], Unordered()] = doc(
        "Addresses of that host, so that no others are reached.", ()
    )
    place: Place | None = doc(
        "Its pods, when it runs in the cluster; by default those labelled app.kubernetes.io/name: and its name.", None
    )
    rpo: Duration | None = doc("Recovery point objective: most data that may be lost.", None)
    rto: Duration | None = doc("Recovery time objective: longest outage.", None)
    retention: Duration | None = doc("How long data is kept.", None)
    retention_note: str | None = doc("What the retention counts from and what it leaves out.", None)
    replication: str | None = doc("How it is replicated, in words.", None)
    note: str | None = doc("What the recovery objectives leave out, or why there is none.", None)
    backup: Backup | None = doc("How it is backed up; by default the system's.", None)
    consistency: Literal["strong", "eventual", "causal", "session"] | None = doc("What a reader may rely on.", None)
    replicated: Replicated | None = doc("How it is replicated and fails over.", None)
    tables: Annotated[tuple[Table, ...], Named()] = doc("Its tables, as far as others or flows know them.", ())
    capture: Capture | None = doc("Change data capture.", None)
    required: bool = doc("The owner cannot do its work without it.", True)
    availability: Percentage | None = doc("Share of the time in which it answers.", None)
    pool: Annotated[int, POSITIVE] | None = doc("Connections that one instance of the owner holds at most.", None)
    max_connections: Annotated[int, POSITIVE] | None = doc("Connections that it takes in all.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One way to reach a third party."""

    name: Slug = doc("Endpoint name.")
    protocol: Literal["https", "http", "grpc", "sftp", "tcp", "tls"] = doc("Protocol.")
    host: Annotated[str, HOST] | None = doc("Host name, once known.", None)
    port: Annotated[int, PORT] | None = doc("Port; by default the protocol's.", None)
    addresses: Annotated[tuple[Annotated[str, NETWORK], ...], Unordered()] = doc(
        "Addresses of that host, so that no others are reached.", ()
    )
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
