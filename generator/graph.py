"""The graph of who uses what: names become edges, defaults become values, and nothing is left unresolved.

After `link` every `$ref` is qualified (`component.Type`, or `Type` for the system's own), every policy is complete, and
no emitter or rule meets a name that does not exist.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from generator.diagnostics import At
from generator.model import (
    Api,
    Cache,
    Command,
    Component,
    Consume,
    Destination,
    Enrichment,
    ErrorType,
    Event,
    EventStream,
    Example,
    External,
    Flow,
    FlowCheck,
    FlowSource,
    MasterData,
    Operation,
    Owner,
    Parameter,
    Port,
    Projection,
    Saga,
    SagaStep,
    Schema,
    Scheme,
    Send,
    Store,
    StoreUse,
    System,
    Table,
    Type,
    Use,
)

Protocol = Literal["http", "grpc"]
Idempotency = Literal["safe", "idempotent", "key", "none"]
HTTP_IDEMPOTENCY: Mapping[str, Idempotency] = {"GET": "safe", "HEAD": "safe", "PUT": "idempotent", "DELETE": "idempotent"}
"""RFC 9110, section 9.2; nothing is known of the other methods."""


@dataclass(frozen=True, slots=True)
class Method:
    """An operation with everything it inherits written out."""

    operation: Operation
    parameters: tuple[Parameter, ...]
    """Path, query and header parameters with `where` and `required` decided; paging parameters included."""
    request: Schema | None
    response: Schema | None
    """The whole answer; for a paged operation the page object."""
    errors: tuple[ErrorType, ...]
    idempotency: Idempotency
    scheme: Scheme | None
    grpc_name: str | None
    """Method name in the gRPC service, None when it is not offered there."""

    @property
    def name(self) -> str:
        return self.operation.name

    @property
    def at(self) -> At:
        return self.operation.at

    @property
    def is_http(self) -> bool:
        return self.operation.http is not None

    @property
    def is_grpc(self) -> bool:
        return self.grpc_name is not None


@dataclass(frozen=True, slots=True)
class Interface:
    """A provided API: of one component, or of the system and then provided by several components alike."""

    api: Api
    owner: Component | None
    """None for an interface of the system."""
    providers: tuple[Component, ...]
    methods: tuple[Method, ...]
    team: str
    """Owner (team) that answers for it."""
    package: str
    """Protobuf package."""
    service: str
    """gRPC service name."""

    @property
    def id(self) -> str:
        """`ordering.orders`, or the plain name for an interface of the system; also its file name."""
        return f"{self.owner.name}.{self.api.name}" if self.owner else self.api.name

    @property
    def scope(self) -> str | None:
        """The component in which type names are looked up first."""
        return self.owner.name if self.owner else None

    @property
    def at(self) -> At:
        return self.api.at

    @property
    def http_methods(self) -> tuple[Method, ...]:
        return tuple(method for method in self.methods if method.is_http)

    @property
    def grpc_methods(self) -> tuple[Method, ...]:
        return tuple(method for method in self.methods if method.is_grpc)

    def path(self, method: Method) -> str:
        """The whole HTTP path of a method: base and path, without a slash at the end."""
        assert method.operation.http is not None
        base = self.api.http.base if self.api.http else ""
        return (base.rstrip("/") + method.operation.http.path).rstrip("/") or "/"

    @property
    def schemas(self) -> Iterator[Schema]:
        """Every schema that the interface shows: parameters, requests, responses."""
        for method in self.methods:
            yield from (parameter.schema for parameter in method.parameters)
            yield from (schema for schema in (method.request, method.response) if schema is not None)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One consumer of an event, its policy complete."""

    consumer: Component
    consume: Consume
    event: str
    """Qualified event: `ordering.OrderPlaced`."""
    group: str
    dead_letter: str | None
    """Address of the dead-letter channel."""

    @property
    def at(self) -> At:
        return self.consume.at


@dataclass(frozen=True, slots=True)
class Topic:
    """An event on its channel, with publisher and subscribers."""

    event: Event
    publisher: Component
    address: str
    subscriptions: tuple[Subscription, ...]

    @property
    def id(self) -> str:
        return f"{self.publisher.name}.{self.event.name}"

    @property
    def at(self) -> At:
        return self.event.at


@dataclass(frozen=True, slots=True)
class Sender:
    """One sender of a command; `reply_address` is where its replies go, if the command has any."""

    component: Component
    send: Send
    reply_address: str | None

    @property
    def at(self) -> At:
        return self.send.at


@dataclass(frozen=True, slots=True)
class Queue:
    """A command on its channel, with handler and senders."""

    command: Command
    handler: Component
    address: str
    group: str
    dead_letter: str | None
    senders: tuple[Sender, ...]

    @property
    def id(self) -> str:
        return f"{self.handler.name}.{self.command.name}"

    @property
    def at(self) -> At:
        return self.command.at


@dataclass(frozen=True, slots=True)
class Call:
    """A synchronous edge: who calls which methods of what, over which protocol, with its policy complete."""

    consumer: Component
    use: Use
    interface: Interface | None
    external: External | None
    methods: tuple[Method, ...]
    """The methods of `interface` that are called; empty for a third party."""
    protocol: Protocol | None
    """None for a third party: its endpoints say."""
    via: Component | None = None
    """The gateway that the call goes through: the network edge ends there."""

    @property
    def target(self) -> str:
        """Name of the provider or third party."""
        if self.interface is not None:
            return self.interface.id
        assert self.external is not None
        return self.external.name

    @property
    def at(self) -> At:
        return self.use.at


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """A component that reads or writes a store: the owner, or another under a contract."""

    component: Component
    store: Store
    owner: Component
    use: StoreUse | None
    """None for the owner itself."""

    @property
    def at(self) -> At:
        return self.use.at if self.use else self.store.at


@dataclass(frozen=True, slots=True)
class StoreTable:
    """A table with the store that holds it and the component that owns both."""

    owner: Component
    store: Store
    table: Table

    @property
    def id(self) -> str:
        """`ordering.orders-db.orders`."""
        return f"{self.owner.name}.{self.store.name}.{self.table.name}"

    @property
    def at(self) -> At:
        return self.table.at


@dataclass(frozen=True, slots=True)
class PipelineSource:
    """Where a pipeline reads: a table or query of a store, or a topic."""

    source: FlowSource
    access: StoreAccess | None
    table: StoreTable | None
    """None for a query and for a topic."""
    topic: Topic | None
    row: Schema | None
    """What a record is at first, an object; None where nothing says it."""

    @property
    def key(self) -> tuple[str, ...]:
        """Fields that tell one record from another."""
        return self.source.key or (self.table.table.key if self.table else ())

    @property
    def at(self) -> At:
        return self.source.at


@dataclass(frozen=True, slots=True)
class Lookup:
    """A field that a pipeline looks up: by an operation that its component calls, or in a table."""

    enrichment: Enrichment
    call: Call | None
    method: Method | None
    table: StoreTable | None
    taken: Schema | None
    """Type of the field that is taken; None where nothing says it."""

    @property
    def at(self) -> At:
        return self.enrichment.at


@dataclass(frozen=True, slots=True)
class PipelineTarget:
    """Where a pipeline writes: a table or a cache of a store, or a topic of its component."""

    destination: Destination
    access: StoreAccess | None
    table: StoreTable | None
    topic: Topic | None

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the upsert."""
        return self.destination.key or (self.table.table.key if self.table else ())

    @property
    def at(self) -> At:
        return self.destination.at


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A flow with everything that it names resolved."""

    component: Component
    flow: Flow
    sources: tuple[PipelineSource, ...]
    references: tuple[tuple[FlowCheck, StoreTable], ...]
    """Checks that look something up, with the table in which they do."""
    quarantine: StoreAccess | None
    lookups: tuple[Lookup, ...]
    targets: tuple[PipelineTarget, ...]

    @property
    def id(self) -> str:
        """`sync.customers`."""
        return f"{self.component.name}.{self.flow.name}"

    @property
    def schedule(self) -> str | None:
        return self.flow.schedule or (self.component.runtime.schedule if self.component.runtime else None)

    @property
    def timezone(self) -> str | None:
        return self.flow.timezone or (self.component.runtime.timezone if self.component.runtime else None)

    @property
    def at(self) -> At:
        return self.flow.at


@dataclass(frozen=True, slots=True)
class CachedCopy:
    """A cache with what fills it and what drops from it."""

    component: Component
    cache: Cache
    access: StoreAccess | None
    """None for one that is in no store."""
    holds: Schema | None
    warmed_by: tuple[Pipeline | Topic, ...]
    invalidated_by: tuple[Topic, ...]

    @property
    def id(self) -> str:
        return f"{self.component.name}.{self.cache.name}"

    @property
    def at(self) -> At:
        return self.cache.at


@dataclass(frozen=True, slots=True)
class SagaMove:
    """What a step does, or undoes, resolved: one of a call, a message that is sent, or one that is waited for."""

    call: Call | None = None
    operation: str | None = None
    """Of the call."""
    method: Method | None = None
    """None for a third party."""
    topic: Topic | None = None
    queue: Queue | None = None


@dataclass(frozen=True, slots=True)
class LinkedStep:
    """A step of a saga with what it names resolved."""

    step: SagaStep
    move: SagaMove
    undo: SagaMove | None

    @property
    def at(self) -> At:
        return self.step.at


@dataclass(frozen=True, slots=True)
class LinkedSaga:
    """A saga with the component that conducts it."""

    component: Component
    saga: Saga
    steps: tuple[LinkedStep, ...]

    @property
    def id(self) -> str:
        """`ordering.place-order`."""
        return f"{self.component.name}.{self.saga.name}"

    @property
    def pivot(self) -> int:
        """Index of the step after which nothing is undone any more."""
        named = [index for index, each in enumerate(self.steps) if each.step.name == self.saga.pivot]
        return named[0] if named else len(self.steps) - 1

    @property
    def at(self) -> At:
        return self.saga.at


@dataclass(frozen=True, slots=True)
class SourcedRecord:
    """An event-sourced record with the topics of its events."""

    component: Component
    stream: EventStream
    topics: tuple[Topic, ...]

    @property
    def at(self) -> At:
        return self.stream.at


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A projection with the topics that it is made from and where it lies."""

    component: Component
    projection: Projection
    topics: tuple[Topic, ...]
    access: StoreAccess | None
    table: StoreTable | None

    @property
    def at(self) -> At:
        return self.projection.at


@dataclass(frozen=True, slots=True)
class Master:
    """A business entity, the component whose record of it is the truth, and the stores that may hold copies."""

    data: MasterData
    component: Component
    type: str | None
    """Qualified type of its record."""
    copies: tuple[StoreAccess, ...]

    @property
    def at(self) -> At:
        return self.data.at


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Graph:
    """Everything that is true of the system, resolved and in canonical order."""

    system: System
    components: tuple[Component, ...]
    types: Mapping[str, Type]
    """Qualified reference to type, its own references qualified."""
    examples: Mapping[str, tuple[Example, ...]]
    """Qualified type reference to its named examples."""
    interfaces: tuple[Interface, ...]
    topics: tuple[Topic, ...]
    queues: tuple[Queue, ...]
    calls: tuple[Call, ...]
    accesses: tuple[StoreAccess, ...]
    externals: tuple[External, ...]
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    tables: tuple[StoreTable, ...] = ()
    pipelines: tuple[Pipeline, ...] = ()
    caches: tuple[CachedCopy, ...] = ()
    records: tuple[SourcedRecord, ...] = ()
    read_models: tuple[ReadModel, ...] = ()
    sagas: tuple[LinkedSaga, ...] = ()
    masters: tuple[Master, ...] = ()

    @property
    def name(self) -> str:
        return self.system.header.name

    @property
    def namespace(self) -> str:
        return self.system.header.namespace or self.name

    @property
    def schema_base(self) -> str:
        """What `$id`s and problem types start with: the system's id, or a tag-like URN that resolves nowhere."""
        return (self.system.header.id or f"urn:interlock:{self.name}").rstrip("/")

    def owner(self, team: str) -> Owner:
        """The team as the contract describes it; one that it only names has nothing but its name."""
        return next((each for each in self.system.document.owners if each.name == team), None) or Owner(name=team)

    def team(self, component: Component) -> str:
        """Who answers for a component: its own owner, else the system's."""
        return component.owner or self.system.header.owner

    def ports(self, component: Component) -> tuple[Port, ...]:
        """The component's ports by name: those declared, else http 8080 and grpc 9090 as its interfaces need."""
        if component.runtime and component.runtime.ports:
            return component.runtime.ports
        provided = interfaces_of(self, component)
        needed = [("grpc", 9090, any(each.grpc_methods for each in provided)), ("http", 8080, any(each.http_methods for each in provided))]
        return tuple(Port(name=name, service=number, at=component.at) for name, number, is_needed in needed if is_needed)

    def resolve(self, schema: Schema) -> Schema:
        """The schema itself, or the type it refers to, aliases followed."""
        while schema.ref is not None:
            schema = self.types[schema.ref].schema
        return schema

    def examples_of(self, schema: Schema | None) -> tuple[Example, ...]:
        """The named examples of a schema that is, as a whole, a named type."""
        return self.examples.get(schema.ref, ()) if schema is not None and schema.ref else ()

    def closure(self, schemas: Iterable[Schema]) -> tuple[str, ...]:
        """Qualified references of all types that the schemas reach, sorted."""
        reached: set[str] = set()
        waiting = [reference for schema in schemas for reference in references(schema)]
        while waiting:
            reference = waiting.pop()
            if reference not in reached:
                reached.add(reference)
                waiting.extend(references(self.types[reference].schema))
        return tuple(sorted(reached))


Fact = TypeVar("Fact")


def derived(work_out: Callable[[Graph], Fact]) -> Callable[[Graph], Fact]:
    """A fact of a graph is worked out once: graphs never change, and many parts ask. It is forgotten with the graph."""
    known: dict[int, tuple[weakref.ref[Graph], Fact]] = {}

    @functools.wraps(work_out)
    def of(graph: Graph) -> Fact:
        entry = known.get(id(graph))
        if entry is None or entry[0]() is not graph:
            key = id(graph)
            entry = known[key] = weakref.ref(graph, lambda _: known.pop(key, None)), work_out(graph)
        return entry[1]

    return of


def interfaces_of(graph: Graph, component: Component) -> tuple[Interface, ...]:
    """The interfaces that a component provides, alone or as others do."""
    return _interfaces(graph).get(component.name, ())


def causes(component: Component, provided: Iterable[Interface]) -> tuple[str, ...]:
    """What can make a component work: the operations that it provides, the messages that it takes, its flows."""
    return (
        *(f"{interface.api.name}.{method.name}" for interface in provided for method in interface.methods),
        *(each.event for each in component.consumes),
        *(each.name for each in component.handles),
        *(each.name for each in component.flows),
    )


@derived
def _interfaces(graph: Graph) -> Mapping[str, tuple[Interface, ...]]:
    return _grouped((component.name, interface) for interface in graph.interfaces for component in interface.providers)


def calls_of(graph: Graph, component: Component) -> tuple[Call, ...]:
    """The calls that a component makes."""
    return _calls(graph).get(component.name, ())


@derived
def _calls(graph: Graph) -> Mapping[str, tuple[Call, ...]]:
    return _grouped((each.consumer.name, each) for each in graph.calls)


def topics_of(graph: Graph, component: Component) -> tuple[Topic, ...]:
    """The topics that a component writes or reads."""
    return _topics(graph).get(component.name, ())


@derived
def _topics(graph: Graph) -> Mapping[str, tuple[Topic, ...]]:
    return _grouped(
        (name, topic) for topic in graph.topics for name in _ends(topic.publisher, (each.consumer for each in topic.subscriptions))
    )


def queues_of(graph: Graph, component: Component) -> tuple[Queue, ...]:
    """The queues that a component writes or reads."""
    return _queues(graph).get(component.name, ())


@derived
def _queues(graph: Graph) -> Mapping[str, tuple[Queue, ...]]:
    return _grouped((name, queue) for queue in graph.queues for name in _ends(queue.handler, (each.component for each in queue.senders)))


def _ends(one: Component, others: Iterable[Component]) -> set[str]:
    return {one.name, *(each.name for each in others)}


def _grouped(pairs: Iterable[tuple[str, Fact]]) -> Mapping[str, tuple[Fact, ...]]:
    """Values by name, each group in their order."""
    found: dict[str, list[Fact]] = {}
    for name, each in pairs:
        found.setdefault(name, []).append(each)
    return {name: tuple(each) for name, each in found.items()}


def references(schema: Schema) -> Iterator[str]:
    """The types that a schema names directly."""
    if schema.ref is not None:
        yield schema.ref
    for part in parts(schema):
        yield from references(part)


def parts(schema: Schema) -> Iterator[Schema]:
    """The schemas that a schema is made of, one level down."""
    yield from (each.schema for each in schema.properties)
    yield from schema.one_of
    if schema.items is not None:
        yield schema.items
    if isinstance(schema.additional, Schema):
        yield schema.additional
