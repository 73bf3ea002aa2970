"""Who calls whom, and who uses whose store, with their policies complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from generator import names
from generator.diagnostics import Diagnostic
from generator.graph import Call, Interface, Method, StoreAccess, causes
from generator.link.index import Index
from generator.model import Breaker, CallDefaults, Component, Property, Schema, Use


def calls(index: Index, provided: Sequence[Interface]) -> Iterator[Call]:
    """Every use as a call, unless it leads nowhere."""
    by_id = {each.id: each for each in provided}
    for component in index.components.values():
        for use in component.uses:
            yield from _calls(index, component, _with_causes(index, component, use, provided), by_id)


def _with_causes(index: Index, component: Component, use: Use, provided: Sequence[Interface]) -> Use:
    if not use.during:
        return use
    own = [each for each in provided if component.name in {one.name for one in each.providers}]
    return dataclasses.replace(
        use, during=index.listed(use.during, causes(component, own), use.at["during"], "unknown-cause", component.name)
    )


def _calls(index: Index, consumer: Component, use: Use, interfaces: Mapping[str, Interface]) -> Iterator[Call]:
    if (use.api is None) == (use.external is None):
        help = "name the interface as api: component.interface, or the third party as external: name"
        index.found.append(Diagnostic("unclear-use", use.at.span, "a use names either an api or an external", help))
    elif use.external is not None:
        external = index.externals.get(use.external)
        if external is None:
            message = f'{consumer.name} uses "{use.external}", which is not among the externals'
            index.unknown("unknown-external", use.at["external"], message, use.external, index.externals)
            return
        if external.operations:
            known = [each.name for each in external.operations]
            index.listed(use.operations, known, use.at["operations"], "unknown-operation", f'"{external.name}"')
        yield Call(consumer, _policy(index, use), None, external, (), None)
    elif use.api is not None:
        interface = interfaces.get(use.api)
        if interface is None:
            message = f'{consumer.name} uses "{use.api}", which nobody provides'
            index.unknown("unknown-api", use.at["api"], message, use.api, interfaces)
            return
        yield from _internal_call(index, consumer, use, interface)


def _internal_call(index: Index, consumer: Component, use: Use, interface: Interface) -> Iterator[Call]:
    offered = [name for name, offer in (("http", interface.http_methods), ("grpc", interface.grpc_methods)) if offer]
    protocol = use.over or (offered[0] if len(offered) == 1 else None)
    if protocol is None:
        help = "say over: http or over: grpc" if offered else "give its operations an http or grpc binding"
        message = f'"{interface.id}" is offered over {" and ".join(offered) or "no protocol"}, and the use does not say which'
        index.found.append(Diagnostic("unclear-protocol", use.at["api"], message, help))
        return
    methods = interface.http_methods if protocol == "http" else interface.grpc_methods
    if not methods:
        message = f'"{interface.id}" is not offered over {protocol}'
        index.found.append(Diagnostic("unclear-protocol", use.at["over"], message, f"it is offered over {' and '.join(offered)}"))
        return
    known = [method.name for method in methods]
    wanted = index.listed(use.operations, known, use.at["operations"], "unknown-operation", f'"{interface.id}" over {protocol}')
    called = tuple(method for method in methods if not use.operations or method.name in wanted)
    _check_reads(index, use, called)
    gateway = _gateway(index, use, interface, called)
    yield Call(consumer, _policy(index, use), interface, None, called, protocol, gateway)  # type: ignore[arg-type]  # narrowed by offered


def _gateway(index: Index, use: Use, interface: Interface, called: tuple[Method, ...]) -> Component | None:
    """The gateway that a call goes through; it must itself have a route to every operation that is called."""
    if use.via is None:
        return None
    gateways = {each.name: each for each in index.components.values() if each.runtime and each.runtime.kind == "gateway"}
    gateway = gateways.get(use.via)
    if gateway is None:
        index.unknown("unknown-gateway", use.at["via"], f'no gateway is called "{use.via}"', use.via, gateways)
        return None
    routes = [each for each in gateway.uses if each.api == interface.id and each.over != "grpc"]
    reached = {name for each in routes for name in each.operations or [method.name for method in interface.http_methods]}
    missing = [method.name for method in called if method.name not in reached]
    if missing:
        message = f'"{gateway.name}" has no route to {", ".join(missing)} of "{interface.id}"'
        index.found.append(Diagnostic("unrouted-call", use.at["via"], message, f"let {gateway.name} use it over http"))
    return gateway


def _check_reads(index: Index, use: Use, methods: tuple[Method, ...]) -> None:
    known = {name for method in methods for name in index.property_names(method.response)}
    known |= {each.name for method in methods for each in _item_properties(index, method.response)}
    if use.reads and known:
        index.listed(use.reads, sorted(known), use.at["reads"], "unknown-property", "the response")


def _item_properties(index: Index, schema: Schema | None) -> Iterator[Property]:
    """Properties of the items of a list or page, which a consumer reads without naming the list."""
    resolved = index.resolved(schema) if schema else None
    if resolved is None:
        return
    lists = [resolved, *(index.resolved(each.schema) for each in resolved.properties if each.name == names.ITEMS)]
    for each in lists:
        if each.type == "array" and each.items is not None:
            yield from index.resolved(each.items).properties


def _policy(index: Index, use: Use) -> Use:
    """The use with the system's call policy where it says nothing."""
    defaults: CallDefaults = index.defaults.call
    breaker: bool | Breaker | None = use.breaker if use.breaker is not None else defaults.breaker
    if breaker is True and defaults.breaker is not None:
        breaker = defaults.breaker
    return dataclasses.replace(
        use,
        timeout=use.timeout or defaults.timeout,
        retry=use.retry or defaults.retry,
        breaker=breaker,
        concurrency=use.concurrency or defaults.concurrency,
        deadline=use.deadline or defaults.deadline,
    )


def accesses(index: Index) -> Iterator[StoreAccess]:
    for _, (owner, store) in sorted(index.stores.items()):
        yield StoreAccess(owner, store, owner, None)
    for component in index.components.values():
        for use in component.uses_stores:
            if use.store in index.stores:
                owner, store = index.stores[use.store]
                yield StoreAccess(component, store, owner, use)
            else:
                message = f'{component.name} uses the store "{use.store}", which nobody owns'
                index.unknown("unknown-store", use.at["store"], message, use.store, index.stores)
