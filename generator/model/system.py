"""The system: teams, environments, defaults, decisions, and everything merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.data import MasterData
from generator.model.interfaces import Api, Quality
from generator.model.marks import (
    BOOTSTRAP,
    CLAIM,
    EMAIL,
    HEADER,
    HOST,
    PACKAGE,
    PORT,
    POSITIVE,
    URL,
    WORD,
    Date,
    Named,
    Range,
    Slug,
    Unordered,
    doc,
    located,
)
from generator.model.measured import Measured
from generator.model.messages import Backoff
from generator.model.observability import MetricsEndpoint, Observability
from generator.model.running import Component, Probes
from generator.model.suppressions import Suppression
from generator.model.types import ErrorType, Example, Type
from generator.model.uses import Backup, Breaker, External, Place, Retry
from generator.units import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A team."""

    name: Slug = doc("Team name.")
    title: str | None = doc("Title for people.", None)
    email: Annotated[str, EMAIL] | None = doc("Mail address.", None)
    chat: str | None = doc("Chat channel.", None)
    pager: Slug | None = doc("Name of the secret with the integration key of its PagerDuty service.", None)
    webhook: Slug | None = doc("Name of the secret with the address that its alerts are posted to.", None)
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
class PlatformPlace(Place):
    """Pods of the platform that components talk to, or that talk to them."""

    ports: Annotated[tuple[Annotated[int, PORT], ...], Unordered()] = doc("Ports in the pods.", ())
    service: Slug | None = doc("Name of its Service.", None)
    account: Slug | None = doc("Service account that the pods run under.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What surrounds the system in the cluster: nothing else outside of the contract's own edges may be reached."""

    dns: PlatformPlace | None = doc("Name service; by default kube-system, k8s-app: kube-dns, port 53.", None)
    control_plane: PlatformPlace | None = doc("The mesh's control plane; by default istio-system, app: istiod, port 15012.", None)
    ingress: PlatformPlace | None = doc(
        "Ingress of systems without a gateway of their own; by default istio-system, istio: ingressgateway, account istio-ingressgateway-service-account.",
        None,
    )
    telemetry: PlatformPlace | None = doc(
        "OpenTelemetry collector; by default observability, app.kubernetes.io/name: opentelemetry-collector, ports 4317 and 4318.", None
    )
    scraping: PlatformPlace | None = doc("Prometheus; by default observability, app.kubernetes.io/name: prometheus.", None)
    alerting: PlatformPlace | None = doc(
        "Alertmanager; by default observability, app.kubernetes.io/name: alertmanager, Service alertmanager, port 9093.", None
    )
    tracing: PlatformPlace | None = doc(
        "Takes traces by OTLP over gRPC; by default observability, app.kubernetes.io/name: jaeger, Service jaeger-collector, port 4317.",
        None,
    )
    logging: PlatformPlace | None = doc(
        "Takes logs by OTLP over HTTP; by default observability, app.kubernetes.io/name: log-gateway, Service log-gateway, port 4318.", None
    )
    cluster_state: PlatformPlace | None = doc(
        "kube-state-metrics; by default kube-system, app.kubernetes.io/name: kube-state-metrics, port 8080.", None
    )
    connect: PlatformPlace | None = doc(
        "Kafka Connect that captures changes of stores; by default kafka, strimzi.io/kind: KafkaConnect and the label and account of its cluster.",
        None,
    )
    broker_metrics: PlatformPlace | None = doc(
        "Serves the broker's metrics: by default of Kafka observability, app.kubernetes.io/name: kafka-exporter, port 9308; RabbitMQ serves them itself.",
        None,
    )
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
    trust_domain: Annotated[str, HOST] = doc("Trust domain of the mesh.", "cluster.local")
    faults: bool = doc("Faults may be injected here: an overlay of its own, never part of the environment itself.", False)
    certificate: Slug | None = doc(
        "Secret with the certificate of the public host; by default the host's name with dashes, and -tls.", None
    )
    brokers: Annotated[tuple[Annotated[str, BOOTSTRAP], ...], Unordered()] = doc("Bootstrap servers of the broker: host:port.", ())
    platform: Platform = doc("What surrounds the system in the cluster.", Platform())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """The message broker."""

    kind: Literal["kafka", "rabbitmq", "nats"] = doc("Product.")
    version: str | None = doc("Its version, in quotes.", None)
    why: str | None = doc("Why this one.", None)
    place: Place | None = doc(
        "Its pods, when it runs in the cluster; by default those labelled app.kubernetes.io/name: and its kind.", None
    )
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
    scope_claim: Annotated[str, CLAIM] = doc("Claim that holds the scopes.", "scope")
    roles_claim: Annotated[str, CLAIM] = doc("Claim that holds the roles; inner claims after a dot.", "roles")
    scopes: Annotated[tuple[Scope, ...], Named()] = doc("Scopes by name.", ())
    roles: Annotated[tuple[Role, ...], Named()] = doc("Roles by name.", ())
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDefaults:
    """What holds for every synchronous call that says nothing else."""

    timeout: Duration | None = doc("Longest wait, all tries included.", None)
    retry: Retry | None = doc("Retries.", None)
    breaker: bool | Breaker | None = doc("Circuit breaker; false: none.", None)
    concurrency: Annotated[int, POSITIVE] | None = doc("Calls of one instance that are under way at once at most (bulkhead).", None)
    deadline: Literal["propagated", "own"] = doc(
        "propagated: the callee is told until when the answer is waited for, and gives up then, too.", "own"
    )
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
    probes: Probes | None = doc("Health paths that components answer.", None)
    metrics: MetricsEndpoint | None = doc("Where components serve their own metrics.", None)
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
    master_data: Annotated[tuple[MasterData, ...], Named()] = doc("Which component masters which entity, and who may hold copies.", ())
    observability: Observability | None = doc("How the system is watched.", None)
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
    suppressions: Annotated[tuple[Suppression, ...], Unordered()] = doc("Findings of the review that are accepted.", ())
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
    pages: Mapping[str, str] = field(default_factory=dict)
    """Markdown files of the contract's folder that it names: path to text."""
    folder: str = ""
    """Folder of the contract, as spans name its files."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Templates of the document that the team has put in the place of ours: name to text."""
    measured: Measured | None = None
    """What was seen when the files were run, if somebody has."""

    @property
    def header(self) -> Header:
        assert self.document.system is not None
        return self.document.system
