"""Data: one writer for each store, and readers that do not stand in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import lineage
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import (
    Graph,
    Pipeline,
    StoreAccess,
    derived,
)


def shared_stores(graph: Graph) -> Iterator[Diagnostic]:
    """`shared-store` (warning): a component writes a store that another one owns.

    Two programs must agree on each column and each rule for as long as both live, and neither can change its part alone; a row that
    breaks a rule may come from either (Newman, Building Microservices, 2nd edition, chapter 4: The Shared Database). Reading under a
    contract is no such thing, nor are entries of a cache that the owner says is warmed by the writer's flow.

        component: billing
        uses_stores: [{store: orders.orders-db, access: write}]

    Fix: ask the owner by an operation, a command or an event; or give the store to the one that writes it.
    """
    written: dict[str, list[StoreAccess]] = {}
    for access in graph.accesses:
        if access.use is not None and access.use.access == "write" and not _warms(graph, access):
            written.setdefault(f"{access.owner.name}.{access.store.name}", []).append(access)
    for name in sorted(written):
        accesses = sorted(written[name], key=lambda each: each.component.name)
        writers = ", ".join(f'"{each.component.name}"' for each in accesses)
        message = f'"{name}" belongs to {accesses[0].owner.name}, and is written by {writers}'
        related = tuple(Related(each.use.at["access"], f"{each.component.name} writes") for each in accesses if each.use is not None)
        help = "an operation, command or event of its owner instead"
        yield Diagnostic("shared-store", accesses[0].store.at.span, message, help, Severity.WARNING, related)


def _warms(graph: Graph, access: StoreAccess) -> bool:
    """Whether all that a component writes there are entries of caches that their owner lets its flows fill."""
    own = (access.owner.name, access.store.name)
    targets = [
        (pipeline, target)
        for pipeline in _pipelines(graph).get(access.component.name, ())
        for target in pipeline.targets
        if target.access is not None and (target.access.owner.name, target.access.store.name) == own
    ]
    return bool(targets) and all(
        any(pipeline in copy.warmed_by for copy in lineage.cached(graph, pipeline, target)) for pipeline, target in targets
    )


@derived
def _pipelines(graph: Graph) -> Mapping[str, list[Pipeline]]:
    """The flows of each component, by name."""
    found: dict[str, list[Pipeline]] = {}
    for pipeline in graph.pipelines:
        found.setdefault(pipeline.component.name, []).append(pipeline)
    return found


def primary_reads(graph: Graph) -> Iterator[Diagnostic]:
    """`read-from-primary` (info): a flow of another component reads the instance that the owner writes, although there is a replica.

    A flow reads much at a time. On the primary that takes disk and memory from the owner's requests, and a long query holds back
    what the database can clean up.

        component: warehouse-sync
        uses_stores: [{store: orders.orders-db, access: read, via: primary}]
        flows: {orders: {sources: {in: {store: orders.orders-db, table: orders}}, destinations: …}}
        ---
        component: orders
        stores: {orders-db: {kind: postgresql, replicated: {mode: asynchronous}}}

    Fix: `via: replica`.
    """
    for pipeline in graph.pipelines:
        for source in pipeline.sources:
            access = source.access
            if access is None or access.use is None or access.use.access != "read" or access.use.via != "primary":
                continue
            replicated = access.store.replicated
            if replicated is not None:
                count = "a replica" if replicated.copies == 1 else f"{replicated.copies} replicas"
                message = f'"{pipeline.id}" reads the primary of "{access.owner.name}.{access.store.name}", which has {count}'
                related = (Related(replicated.at.span, "how it is replicated"),)
                yield Diagnostic("read-from-primary", access.use.at["via"], message, "via: replica", Severity.INFO, related)


RULES = (shared_stores, primary_reads)
