"""How a component runs, and the component as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.data import Cache, EventStream, Flow, Projection
from generator.model.interfaces import Api, Quality
from generator.model.marks import COUNT, COUNTED_BY, IMAGE, PORT, POSITIVE, PROBE_PATH, Named, Slug, Unordered, doc, located
from generator.model.messages import Command, Consume, Event, Send
from generator.model.observability import AlertSetting, AuditEvent, Logging, MetricsEndpoint
from generator.model.sagas import Saga
from generator.model.suppressions import Suppression
from generator.model.types import ErrorType, Example, Type
from generator.model.uses import Store, StoreUse, Use
from generator.units import Duration, Percentage, Quantity, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a component; written as a number when Service and pod agree."""

    name: Slug = doc("Port name.")
    service: Annotated[int, PORT] = doc("Port of the Service.")
    pod: Annotated[int, PORT] | None = doc("Port in the pod, where it differs.", None)
    protocol: Literal["http", "http2", "https", "grpc", "tls", "tcp"] | None = doc(
        "What is spoken on it; by default what is offered there, else what its name begins with, else tcp.", None
    )
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
    """HTTP paths that the platform asks: of an operation of the component that needs no token; `{component}` is its name."""

    liveness: Annotated[str, PROBE_PATH] | None = doc("Path that fails when the instance must be restarted.", None)
    readiness: Annotated[str, PROBE_PATH] | None = doc("Path that fails when no traffic may be sent.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How a component runs."""

    kind: Literal["service", "job", "gateway"] = doc(
        "service: runs always; job: runs on a schedule; gateway: the ingress, what it uses over http are its routes.", "service"
    )
    image: Annotated[str, IMAGE] | None = doc(
        "Container image with its version or digest, in quotes; without one it is not deployed from here.", None
    )
    ports: Annotated[tuple[Port, ...], Named()] = doc("Ports by name; by default http 8080 and grpc 9090, as the interfaces need.", ())
    replicas: Replicas | None = doc("Instances: a number, or min and max.", None)
    requests: Resources | None = doc("CPU and memory that are reserved.", None)
    limits: Resources | None = doc("CPU and memory that are not exceeded.", None)
    scale_on: ScaleOn | None = doc("When instances are added.", None)
    sustains: Rate | None = doc("Requests that one instance sustains, as measured.", None)
    probes: Probes | None = doc("Health paths; by default the system's.", None)
    max_unavailable: Annotated[int, POSITIVE] | None = doc("Instances that may be missing at once; by default the system's.", None)
    schedule: str | None = doc("When a job runs: five cron fields.", None)
    timezone: str | None = doc("Time zone of the schedule.", None)
    overlap: bool = doc("Runs of a job may overlap.", False)
    overdue: Duration | None = doc("Longest time that may pass without a successful run of a job.", None)
    metrics: MetricsEndpoint | None = doc("Where it serves its own metrics; by default as the system says.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """Requests that a component lets in, counted by user, client or whatever its name says."""

    name: Slug = doc("What the requests are counted by.")
    rate: Rate = doc("Most requests.")
    by: Annotated[str, COUNTED_BY] | None = doc("Where that is read: claim:sub, header:X-Client, or address.", None)
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
    flows: Annotated[tuple[Flow, ...], Named()] = doc("Data pipelines that it runs.", ())
    caches: Annotated[tuple[Cache, ...], Named()] = doc("Caches that it keeps.", ())
    sagas: Annotated[tuple[Saga, ...], Named()] = doc("Sagas that it conducts.", ())
    streams: Annotated[tuple[EventStream, ...], Named()] = doc("Event-sourced records.", ())
    projections: Annotated[tuple[Projection, ...], Named()] = doc("Read models that it makes from events.", ())
    audits: Annotated[tuple[AuditEvent, ...], Named()] = doc("What it writes to the audit log beside its operations.", ())
    logging: Logging | None = doc("What it logs.", None)
    alerts: Annotated[tuple[AlertSetting, ...], Named()] = doc("Alerts that are to be other than the system's.", ())
    runtime: Runtime | None = doc("How it runs.", None)
    quality: Quality | None = doc("What it promises.", None)
    suppressions: Annotated[tuple[Suppression, ...], Unordered()] = doc("Findings of the review that are accepted here.", ())
    at: At = located()
