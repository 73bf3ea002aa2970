"""Flows become pipelines: their stores, tables, topics and operations resolved, and only what their component may use."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from generator.diagnostics import Diagnostic, Span
from generator.graph import Call, Lookup, Method, Pipeline, PipelineSource, PipelineTarget, StoreAccess, StoreTable, Topic
from generator.link.index import Index
from generator.link.schemas import qualified
from generator.model import Component, Destination, Enrichment, Flow, FlowCheck, FlowSource, Schema


@dataclass(frozen=True, slots=True)
class Known:
    """What flows and copies of data may name."""

    index: Index
    topics: tuple[Topic, ...]
    calls: tuple[Call, ...]
    accesses: tuple[StoreAccess, ...]
    tables: tuple[StoreTable, ...]

    def report(self, code: str, at: Span, message: str, help: str | None = None) -> None:
        self.index.found.append(Diagnostic(code, at, message, help))

    def access(self, component: Component, reference: str, at: Span, *, writes: bool = False) -> StoreAccess | None:
        """The component's own access to a store, or None, and then it is reported."""
        if reference not in self.index.stores:
            message = f'{component.name} names the store "{reference}", which nobody owns'
            self.index.unknown("unknown-store", at, message, reference, self.index.stores)
            return None
        found = [each for each in self.accesses if each.component == component and f"{each.owner.name}.{each.store.name}" == reference]
        allowed = [each for each in found if not writes or each.use is None or each.use.access == "write"]
        if not allowed:
            access = "write" if writes else "read"
            help = f"uses_stores: [{{store: {reference}, access: {access}}}]"
            self.report("undeclared-access", at, f'{component.name} does not say that it may {access} "{reference}"', help)
            return None
        return allowed[0]

    def table(self, access: StoreAccess, name: str, at: Span) -> StoreTable | None:
        """A table of a store that says which tables it has."""
        own = {each.table.name: each for each in self.tables if each.store == access.store and each.owner == access.owner}
        if name not in own:
            message = f'"{access.owner.name}.{access.store.name}" has no table "{name}"'
            self.index.unknown("unknown-table", at, message, name, own)
        return own.get(name)

    def topic(self, reference: str, at: Span, what: str) -> Topic | None:
        found = {each.id: each for each in self.topics}
        if reference not in found:
            self.index.unknown("unknown-event", at, f'{what} names the event "{reference}", which nobody publishes', reference, found)
        return found.get(reference)


def qualify_tables(index: Index) -> None:
    """Rows of tables name their types in full from here on."""
    for reference, (owner, store) in index.stores.items():
        if store.tables:
            rows = tuple(dataclasses.replace(each, row=qualified(index, each.row, owner.name)) for each in store.tables)
            index.stores[reference] = (owner, dataclasses.replace(store, tables=rows))


def tables(index: Index) -> tuple[StoreTable, ...]:
    return tuple(StoreTable(owner, store, table) for _, (owner, store) in sorted(index.stores.items()) for table in store.tables)


def pipelines(known: Known) -> Iterator[Pipeline]:
    for component in known.index.components.values():
        for flow in component.flows:
            yield _pipeline(known, component, flow)


def _pipeline(known: Known, component: Component, flow: Flow) -> Pipeline:
    quarantine = None
    if flow.quarantine is not None:
        quarantine = known.access(component, flow.quarantine.store, flow.quarantine.at["store"], writes=True)
        if quarantine is not None and quarantine.store.tables:
            known.table(quarantine, flow.quarantine.table, flow.quarantine.at["table"])
    sources = [_source(known, component, each) for each in flow.sources]
    lookups = [_lookup(known, component, each) for each in flow.enrichments]
    targets = [_target(known, component, each) for each in flow.destinations]
    return Pipeline(
        component=component,
        flow=flow,
        sources=tuple(each for each in sources if each is not None),
        references=tuple(_references(known, component, flow)),
        quarantine=quarantine,
        lookups=tuple(each for each in lookups if each is not None),
        targets=tuple(each for each in targets if each is not None),
    )


# --- where it reads ---------------------------------------------------------------------------------------------------


def _source(known: Known, component: Component, source: FlowSource) -> PipelineSource | None:
    if (source.event is None) == (source.store is None) or (source.store is not None and (source.table is None) == (source.query is None)):
        help = "store: with table: or query:, or event:"
        known.report("unclear-source", source.at.span, f'"{source.name}" names either a table, a query or an event', help)
        return None
    if source.event is not None:
        return _events(known, component, source, source.event)
    assert source.store is not None
    access = known.access(component, source.store, source.at["store"])
    if access is None:
        return None
    row = qualified(known.index, source.row, component.name) if source.row is not None else None
    if source.table is None:
        return PipelineSource(source, access, None, None, row)
    table = known.table(access, source.table, source.at["table"])
    return PipelineSource(source, access, table, None, table.table.row) if table is not None else None


def _events(known: Known, component: Component, source: FlowSource, reference: str) -> PipelineSource | None:
    topic = known.topic(reference, source.at["event"], f'the source "{source.name}"')
    if topic is None:
        return None
    if topic.publisher != component and all(each.consumer != component for each in topic.subscriptions):
        message = f'{component.name} does not say that it consumes "{reference}"'
        known.report("undeclared-use", source.at["event"], message, f"consumes: [{{event: {reference}}}]")
        return None
    return PipelineSource(source, None, None, topic, topic.event.payload)


def _references(known: Known, component: Component, flow: Flow) -> Iterator[tuple[FlowCheck, StoreTable]]:
    for check in flow.checks:
        if check.rule != "reference":
            continue
        if check.store is None or check.table is None or check.column is None:
            message = f'nothing says where "{check.field}" is to be found'
            known.report("incomplete-check", check.at["rule"], message, "store:, table: and column:")
            continue
        access = known.access(component, check.store, check.at["store"])
        table = known.table(access, check.table, check.at["table"]) if access is not None else None
        if table is not None:
            known.index.listed(
                (check.column,), known.index.property_names(table.table.row), check.at["column"], "unknown-property", table.id
            )
            yield check, table


# --- what it looks up -------------------------------------------------------------------------------------------------


def _lookup(known: Known, component: Component, enrichment: Enrichment) -> Lookup | None:
    if (enrichment.api is None) == (enrichment.store is None):
        help = "api: with operation:, or store: with table: and key:"
        known.report("unclear-enrichment", enrichment.at.span, f'"{enrichment.name}" is looked up by an operation or in a table', help)
        return None
    return _asked(known, component, enrichment) if enrichment.api is not None else _found(known, component, enrichment)


def _asked(known: Known, component: Component, enrichment: Enrichment) -> Lookup | None:
    """The component's own use says how long it waits, how often it tries, and what it does without an answer."""
    own = [each for each in known.calls if each.consumer == component and each.interface is not None and each.target == enrichment.api]
    methods: dict[str, tuple[Call, Method]] = {method.name: (call, method) for call in own for method in call.methods}
    if not own:
        message = f'{component.name} does not say that it uses "{enrichment.api}"'
        known.report("undeclared-use", enrichment.at["api"], message, f"uses: [{{api: {enrichment.api}, operations: […]}}]")
        return None
    if enrichment.operation is None or enrichment.operation not in methods:
        name = enrichment.operation or ""
        at = enrichment.at["operation"] if enrichment.operation else enrichment.at["api"]
        known.index.unknown("unknown-operation", at, f'{component.name} does not use an operation "{name}" of it', name, methods)
        return None
    call, method = methods[enrichment.operation]
    taken = _property(known.index, method.response, enrichment.take)
    if taken is None and method.response is not None:
        fields = known.index.property_names(method.response)
        message = f'the answer of "{method.name}" has no "{enrichment.take}"'
        known.index.unknown("unknown-property", enrichment.at["take"], message, enrichment.take, fields)
    return Lookup(enrichment, call, method, None, taken)


def _found(known: Known, component: Component, enrichment: Enrichment) -> Lookup | None:
    assert enrichment.store is not None
    access = known.access(component, enrichment.store, enrichment.at["store"])
    if access is None:
        return None
    if enrichment.table is None or enrichment.key is None:
        known.report(
            "unclear-enrichment", enrichment.at.span, f'nothing says which row "{enrichment.name}" is taken from', "table: and key:"
        )
        return None
    table = known.table(access, enrichment.table, enrichment.at["table"])
    if table is None:
        return None
    taken = _property(known.index, table.table.row, enrichment.take)
    if taken is None:
        columns = known.index.property_names(table.table.row)
        known.index.unknown(
            "unknown-property", enrichment.at["take"], f'"{table.id}" has no column "{enrichment.take}"', enrichment.take, columns
        )
    return Lookup(enrichment, None, None, table, taken)


def _property(index: Index, schema: Schema | None, name: str) -> Schema | None:
    resolved = index.resolved(schema) if schema is not None else None
    return next((each.schema for each in resolved.properties if each.name == name), None) if resolved is not None else None


# --- where it writes --------------------------------------------------------------------------------------------------


def _target(known: Known, component: Component, destination: Destination) -> PipelineTarget | None:
    ways = [destination.event is not None, destination.table is not None, destination.entry is not None]
    if sum(ways) != 1 or (destination.event is None and destination.store is None):
        help = "store: with table: or entry:, or event:"
        known.report("unclear-destination", destination.at.span, f'"{destination.name}" is either a table, a cache or an event', help)
        return None
    if destination.event is not None:
        topic = known.topic(f"{component.name}.{destination.event}", destination.at["event"], f'the destination "{destination.name}"')
        return PipelineTarget(destination, None, None, topic) if topic is not None else None
    assert destination.store is not None
    access = known.access(component, destination.store, destination.at["store"], writes=True)
    if access is None:
        return None
    if destination.table is None:
        return PipelineTarget(destination, access, None, None)
    table = known.table(access, destination.table, destination.at["table"])
    return PipelineTarget(destination, access, table, None) if table is not None else None
