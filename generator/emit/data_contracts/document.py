"""A data contract as an ODCS document: what it is about, where it is, what it holds, what is promised, who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from generator import envelopes, names, receivers, signals
from generator.emit.data_contracts.datasets import DataSet
from generator.emit.data_contracts.fields import properties
from generator.emit.data_contracts.promises import custom_properties, service_levels, span
from generator.emit.data_contracts.servers import servers
from generator.graph import Graph, StoreAccess
from generator.text import one_line

API_VERSION = "v3.1.0"
"""The newest that all tools of the field read."""
Data = dict[str, Any]


def document(graph: Graph, each: DataSet) -> Data:
    """What is not known is left out; price is none of a contract's facts."""
    is_product = each.topic is not None or (each.table is not None and each.table.table.published)
    deprecated = each.topic is not None and each.topic.event.deprecated
    whole = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": each.id,
        "name": _title(each),
        "version": str(each.version),
        "status": "deprecated" if deprecated else "active",
        "tenant": graph.name,
        "domain": each.owner.domain,
        "dataProduct": each.owner.name if is_product else None,
        "description": _description(each),
        "authoritativeDefinitions": _definitions(graph, each),
        "tags": _tags(each),
        "servers": servers(graph, each),
        "schema": [_schema(graph, each)],
        "team": _team(graph, each),
        "roles": list(_roles(graph, each)),
        "support": list(_support(graph, each)),
        "slaProperties": service_levels(each),
        "customProperties": custom_properties(graph, each),
    }
    return {name: value for name, value in whole.items() if value}


def _title(each: DataSet) -> str:
    if each.table is not None:
        return f"{names.title(each.table.table.name) or each.table.table.name} of {each.table.store.name}"
    if each.topic is not None:
        return each.topic.event.title or names.title(each.name) or each.name
    return f"Entries of {each.name}"


def _summary(each: DataSet) -> str | None:
    if each.table is not None:
        return each.table.table.summary or each.table.store.summary
    if each.topic is not None:
        return each.topic.event.summary
    assert each.entry is not None, "what is neither table nor event is an entry"
    return each.entry.cache.why or each.entry.cache.entry


def _description(each: DataSet) -> Data:
    limitations = [*_limits(each)]
    usage = [*_usage(each)]
    found = {"purpose": _summary(each), "usage": _sentences(usage), "limitations": _sentences(limitations)}
    return {name: one_line(text) for name, text in found.items() if text}


def _usage(each: DataSet) -> Iterator[str]:
    for access in each.accesses:
        if access.use is not None:
            why = f": {access.use.why}" if access.use.why else ""
            yield f"{access.component.name} may {access.use.access} it{why}"
    for pipeline in each.refusals:
        yield f"It keeps what the flow {pipeline.id} refuses, with the reason"
    for pipeline in each.readers:
        yield f"The flow {pipeline.id} reads it"
    for subscription in each.topic.subscriptions if each.topic is not None else ():
        why = f": {subscription.consume.why}" if subscription.consume.why else ""
        yield f"{subscription.consumer.name} consumes it{why}"


def _limits(each: DataSet) -> Iterator[str]:
    store = each.store
    if store is not None and store.consistency is not None:
        yield f"Consistency is {store.consistency}"
    if store is not None and store.retention_note is not None:
        yield store.retention_note[:1].upper() + store.retention_note[1:]
    for filling in each.fillings:
        quarantine = filling.pipeline.flow.quarantine
        if quarantine is not None:
            kept = f" for {span(quarantine.retention)}" if quarantine.retention is not None else ""
            yield f"What the flow {filling.pipeline.id} refuses is kept in {quarantine.store}.{quarantine.table}{kept}"
    if each.topic is not None and each.topic.event.sunset is not None:
        yield f"Published until {each.topic.event.sunset}"


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(one_line(each).rstrip(".") + "." for each in texts)


def _definitions(graph: Graph, each: DataSet) -> list[Data]:
    """The channel and the whole message are the business of AsyncAPI and of the message's own schema."""
    if each.topic is None:
        return []
    address = envelopes.identifier(graph, envelopes.event(each.topic))
    return [{"url": address, "type": "messageSchema", "description": "The whole message as it is on the wire."}]


def _tags(each: DataSet) -> list[str]:
    subject = "table" if each.table is not None else "event" if each.topic is not None else "cache"
    held = {column.classification for column in each.columns if column.classification in ("personal", "sensitive", "secret")}
    found = {subject, *(f"{name}-data" for name in held)}
    found |= {"data-product"} if each.table is not None and each.table.table.published else set()
    found |= {"change-data-capture"} if each.table is not None and each.table.table.captured_as else set()
    found |= {"read-model"} if each.models else set()
    found |= {"quarantine"} if each.refusals else set()
    return sorted(found)


def _schema(graph: Graph, each: DataSet) -> Data:
    physical = {"table": "table", "event": "topic", "cache": "entry"}
    subject = "table" if each.table is not None else "event" if each.topic is not None else "cache"
    name = each.topic.address if each.topic is not None else each.entry.cache.entry if each.entry is not None else each.name
    summary = _summary(each)
    key = sorted((column for column in each.columns if column.position is not None), key=lambda column: column.position or 0)
    unique = [_unique([column.name for column in key])] if len(key) > 1 else []
    found = properties(graph, each)
    return {
        "name": each.name,
        "physicalName": name or each.name,
        "logicalType": "object",
        "physicalType": physical[subject],
        **({"description": one_line(summary)} if summary else {}),
        **({"dataGranularityDescription": f"One for each {', '.join(column.name for column in key)}."} if key else {}),
        **({"properties": found} if found else {}),
        **({"quality": unique} if unique else {}),
    }


def _unique(key: list[str]) -> Data:
    about = "no two with the same key"
    rule = {"metric": "duplicateValues", "arguments": {"properties": key}, "unit": "rows", "mustBe": 0}
    return {"id": "unique-key", "type": "library", "description": about, "dimension": "uniqueness", **rule}


# --- who ------------------------------------------------------------------------------------------------------------------


def _team(graph: Graph, each: DataSet) -> Data:
    owner = graph.owner(graph.team(each.owner))
    members = [{"username": owner.email, "role": "owner"}] if owner.email else []
    return {
        "name": owner.name,
        "description": owner.title or names.title(owner.name) or owner.name,
        **({"members": members} if members else {}),
    }


def _support(graph: Graph, each: DataSet) -> Iterator[Data]:
    owner = graph.owner(graph.team(each.owner))
    if owner.chat:
        alerting = signals.observability(graph).alerting
        is_slack = alerting is not None and alerting.slack is not None and not receivers.is_address(owner.chat)
        address = {"url": owner.chat} if receivers.is_address(owner.chat) else {}
        yield {"channel": owner.chat, **address, "tool": "slack" if is_slack else "other", "scope": "interactive"}
    if owner.email:
        yield {"channel": owner.email, "url": f"mailto:{owner.email}", "tool": "email", "scope": "issues"}


def _roles(graph: Graph, each: DataSet) -> Iterator[Data]:
    """Components are the roles: they are who has access."""
    for access in each.accesses:
        yield _role(graph, access)
    if each.topic is not None:
        publisher = each.topic.publisher
        yield _named(publisher.name, "write", "Publishes it.", graph.team(publisher))
        for subscription in each.topic.subscriptions:
            consumer = subscription.consumer
            why = one_line(subscription.consume.why or "Consumes it.")
            yield _named(consumer.name, "read", why, graph.team(consumer), {"group": subscription.group})


def _role(graph: Graph, access: StoreAccess) -> Data:
    responsible = graph.team(access.component)
    if access.use is None:
        return _named(access.component.name, "read and write", "Owns it.", responsible)
    via = {"via": "replica"} if access.use.via == "replica" else {}
    return _named(access.component.name, access.use.access, one_line(access.use.why or "Under this contract."), responsible, via)


def _named(name: str, access: str, why: str, responsible: str, further: Data | None = None) -> Data:
    facts = {"team": responsible, **(further or {})}
    custom = [{"property": key, "value": value} for key, value in facts.items()]
    return {"role": name, "description": why, "access": access, "customProperties": custom}
