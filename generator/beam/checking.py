"""The steps between reading and mapping: references that are looked for, checks, look-ups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from generator import connections, policies
from generator.beam import descriptors
from generator.beam.fields import Fields, common_source_field, kind
from generator.beam.steps import Step, in_store, seconds
from generator.graph import Graph, Interface, Lookup, Pipeline, StoreAccess, StoreTable
from generator.model import FlowCheck
from generator.units import Duration

CHECK, REJECTED = "check", "rejected"
PATIENCE = Duration(10_000)
"""How long a look-up waits where the contract does not say."""
Found = tuple[FlowCheck, StoreTable, str]
"""A reference with the field that tells whether it was found."""
Lookups = tuple[Lookup, ...]


def references(pipeline: Pipeline, fields: Fields) -> tuple[Found, ...]:
    """The same reference is looked for once, however many checks want it; new fields have names that no other has."""
    taken = {*fields, *(each.enrichment.name for each in pipeline.lookups)}
    found: dict[tuple[str, str, str], Found] = {}
    for check, table in sorted(pipeline.references, key=_place):
        if _place((check, table)) not in found:
            names = (f"{check.field}_known{number if number > 1 else ''}" for number in count(1))
            name = next(each for each in names if each not in taken)
            taken.add(name)
            found[_place((check, table))] = (check, table, name)
    return tuple(found.values())


def _place(reference: tuple[FlowCheck, StoreTable]) -> tuple[str, str, str]:
    check, table = reference
    return check.field, table.id, check.column or ""


def access_of(graph: Graph, pipeline: Pipeline, table: StoreTable) -> StoreAccess:
    """The component's own access to the store of a table: link has seen to it that there is one."""
    return next(
        each for each in graph.accesses if each.component == pipeline.component and (each.owner, each.store) == (table.owner, table.store)
    )


def find_steps(graph: Graph, pipeline: Pipeline, fields: Fields, before: str) -> Iterator[Step]:
    for check, table, name in references(pipeline, fields):
        access = access_of(graph, pipeline, table)
        config = {
            "connection": connections.store_variable(graph, access),
            "field": check.field,
            "table": table.table.name,
            "column": check.column,
            "found": name,
        }
        yield Step(f"find-{name}", in_store(graph, "FindReferences", access), before, config)
        before = f"find-{name}"


def check_step(pipeline: Pipeline, fields: Fields, before: str) -> Step | None:
    """All checks at once, so that a record is refused with all its reasons."""
    if not pipeline.flow.checks:
        return None
    keys = {each.key for each in pipeline.sources}
    tombstone = common_source_field(pipeline, "tombstone")
    config: dict[str, Any] = {"key": [each for each in (keys.pop() if len(keys) == 1 else ()) if each in fields]}
    config |= {"tombstone": tombstone} if tombstone in fields else {}
    config["rules"] = [_rule(pipeline, each, fields) for each in pipeline.flow.checks]
    if has_quarantine(pipeline):
        config["error_handling"] = {"output": REJECTED}
    return Step(CHECK, "CheckRecords", before, config)


def otherwise(pipeline: Pipeline, check: FlowCheck) -> str:
    """What happens to a bad record; without a quarantine it can only be dropped."""
    return "reject" if check.otherwise == "quarantine" and pipeline.quarantine is None else check.otherwise


def has_quarantine(pipeline: Pipeline) -> bool:
    return pipeline.quarantine is not None and any(each.otherwise == "quarantine" for each in pipeline.flow.checks)


def _rule(pipeline: Pipeline, check: FlowCheck, fields: Fields) -> dict[str, Any]:
    found: dict[str, Any] = {"field": check.field, "rule": check.rule}
    settings = {"pattern": check.pattern, "minimum": check.minimum, "maximum": check.maximum, "values": sorted(check.values) or None}
    found |= {name: value for name, value in settings.items() if value is not None}
    if check.rule == "reference":
        place = next((_place(each) for each in pipeline.references if each[0] == check), None)
        found["found"] = next((name for each, table, name in references(pipeline, fields) if _place((each, table)) == place), "")
    return {**found, "otherwise": otherwise(pipeline, check)}


# --- look-ups ---------------------------------------------------------------------------------------------------------


def groups(pipeline: Pipeline) -> tuple[Lookups, ...]:
    """Look-ups that one question answers: of one operation with the same request, or of one row; in order of their first field."""
    found: dict[object, list[Lookup]] = {}
    for lookup in sorted(pipeline.lookups, key=lambda each: each.enrichment.name):
        found.setdefault(_question(lookup), []).append(lookup)
    return tuple(_in_order([tuple(each) for each in found.values()]))


def _in_order(waiting: list[Lookups]) -> Iterator[Lookups]:
    """One that needs what another finds comes after it; those in a circle, which review refuses, come as they are."""
    while waiting:
        missing = {each.enrichment.name for group in waiting for each in group}
        ready = next((group for group in waiting if not missing & {*asked_with(group[0])}), waiting[0])
        waiting.remove(ready)
        yield ready


def _question(lookup: Lookup) -> object:
    given = tuple(sorted((each.name, each.field) for each in lookup.enrichment.given))
    if lookup.call is not None and lookup.method is not None:
        return lookup.call.target, lookup.method.name, given
    return lookup.table.id if lookup.table else "", lookup.enrichment.key


def asked_with(lookup: Lookup) -> tuple[str, ...]:
    """Fields of the record that the question needs."""
    return (lookup.enrichment.key,) if lookup.enrichment.key else tuple(each.field for each in lookup.enrichment.given)


def step_name(group: Lookups) -> str:
    return f"look-up-{group[0].enrichment.name}"


def lookup_steps(graph: Graph, pipeline: Pipeline, fields: Fields, before: str) -> Iterator[Step]:
    tombstone = common_source_field(pipeline, "tombstone")
    gone = {"tombstone": tombstone} if tombstone is not None and tombstone in fields else {}
    for group in groups(pipeline):
        first = group[0]
        if first.call is None:
            yield _rows(graph, pipeline, group, before, gone)
        else:
            yield _operation(graph, group, before, gone)
        before = step_name(group)


def _rows(graph: Graph, pipeline: Pipeline, group: Lookups, before: str, gone: dict[str, str]) -> Step:
    first = group[0]
    assert first.table is not None
    access = access_of(graph, pipeline, first.table)
    config = {
        "connection": connections.store_variable(graph, access),
        "table": first.table.table.name,
        "column": first.table.table.key[0] if first.table.table.key else first.enrichment.key,
        "key": first.enrichment.key,
        "fields": {each.enrichment.name: {"take": each.enrichment.take, "type": kind(graph, each.taken)} for each in group},
        **gone,
    }
    return Step(step_name(group), in_store(graph, "LookUpRows", access), before, config)


def _operation(graph: Graph, group: Lookups, before: str, gone: dict[str, str]) -> Step:
    first = group[0]
    assert first.call is not None and first.call.interface is not None and first.method is not None
    interface = first.call.interface
    config: dict[str, Any] = {"address": connections.address_variable(first.call)}
    if first.call.protocol == "grpc":
        config |= {"method": descriptors.method_path(interface, first), "descriptors": descriptor_path(interface)}
    else:
        http = first.method.operation.http
        assert http is not None
        config |= {"method": http.method, "path": http.path}
        query = sorted(each.name for each in first.method.parameters if each.where == "query")
        config |= {"query": query} if query else {}
    config["request"] = {each.name: each.field for each in sorted(first.enrichment.given, key=lambda each: each.name)}
    config["fields"] = {each.enrichment.name: _taken(graph, interface, each) for each in group}
    config["policy"] = _policy(first)
    config |= {"fallback": _fallback(first)} if first.call.use.fallback else {}
    return Step(step_name(group), "LookUpGrpc" if first.call.protocol == "grpc" else "LookUpHttp", before, config | gone)


def descriptor_path(interface: Interface) -> str:
    return f"descriptors/{interface.id}.json"


def _taken(graph: Graph, interface: Interface, lookup: Lookup) -> dict[str, Any]:
    assert lookup.call is not None
    found: dict[str, Any] = {"take": lookup.enrichment.take, "type": kind(graph, lookup.taken)}
    values = descriptors.wire_values(graph, interface, lookup) if lookup.call.protocol == "grpc" else {}
    return {**found, "values": values} if values else found


def _policy(lookup: Lookup) -> dict[str, Any]:
    """As the use has it; the mesh sees each attempt, so that what it repeats is not repeated here as well."""
    assert lookup.call is not None
    policy = next(each for each in policies.of_call(lookup.call) if each.method == lookup.method)
    timeout = policy.timeout or PATIENCE
    found: dict[str, Any] = {
        "timeout": seconds(timeout),
        "per_try": seconds(policy.per_try or timeout),
        "attempts": policy.tries,
        "wait": seconds(policy.wait),
    }
    if policy.breaker is not None:
        found |= {"failures": policy.breaker.failures, "open": seconds(policy.breaker.open)}
    return {**found, "parallel": policy.concurrency} if policy.concurrency else found


def _fallback(lookup: Lookup) -> dict[str, Any]:
    assert lookup.call is not None and lookup.call.use.fallback is not None
    fallback = lookup.call.use.fallback
    found: dict[str, Any] = {"type": fallback.type}
    found |= {"ttl": seconds(fallback.ttl)} if fallback.ttl else {}
    return found | ({"response": fallback.response} if isinstance(fallback.response, dict) else {"response": {}})


def fallback_values(group: Sequence[Lookup]) -> dict[str, Any] | None:
    """What the new fields are when nobody has ever answered; None where the run then fails."""
    call = group[0].call
    if call is None or call.use.fallback is None or call.use.fallback.type == "none":
        return None
    response = call.use.fallback.response if call.use.fallback.type == "default_response" else {}
    return {each.enrichment.name: response.get(each.enrichment.take) if isinstance(response, dict) else None for each in group}
