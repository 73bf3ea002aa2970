"""Where a data set is found in each environment: hosts, ports and names, never credentials."""

from __future__ import annotations

from typing import Any

from generator import names, placement
from generator.emit.data_contracts.datasets import DataSet
from generator.graph import Graph
from generator.model import Environment, Store

Data = dict[str, Any]
ENGINES = {
    "bigquery": "bigquery", "clickhouse": "clickhouse", "cockroachdb": "postgresql", "mariadb": "mysql", "mssql": "sqlserver", "mysql": "mysql",
    "postgres": "postgresql", "postgresql": "postgresql", "redshift": "redshift", "sqlserver": "sqlserver", "timescaledb": "postgresql",
}  # fmt: skip
"""Engines that ODCS has a type of server for, all of whose keys a contract says; any other is `custom`."""
SCHEMAS = {"postgresql": "public", "redshift": "public", "sqlserver": "dbo"}
"""The schema of a table whose name says none."""


def servers(graph: Graph, each: DataSet) -> list[Data]:
    """One for each environment; of a broker only where the contract names it, for an invented host would mislead."""
    found = []
    for environment in graph.system.document.environments:
        title = environment.title or names.title(environment.name)
        about = f"{title}: {environment.summary}" if environment.summary else title
        where = _broker(graph, each, environment) if each.topic is not None else _store(graph, each, environment)
        if where:
            found.append({"server": environment.name, "description": about, "environment": environment.name, **where})
    return found


def _broker(graph: Graph, each: DataSet, environment: Environment) -> Data:
    broker = graph.system.header.broker
    if broker is None or not environment.brokers or each.topic is None:
        return {}
    form = {"format": each.topic.event.encoding}
    addresses = [address.rpartition("://")[2] for address in environment.brokers]
    if broker.kind == "kafka":
        return {"type": "kafka", "host": ",".join(addresses), **form}
    host, port = placement.host_and_port(addresses[0], placement.BROKER_PORTS[broker.kind])
    return {"type": "custom", "host": host, "port": port, **form, "customProperties": [{"property": "engine", "value": broker.kind}]}


def _store(graph: Graph, each: DataSet, environment: Environment) -> Data:
    store = each.store
    assert store is not None, "what is no event is in a store"
    kind = ENGINES.get(store.kind, "custom")
    host, port = _host(graph, store, environment), placement.store_port(store)
    schema = each.table.table.name.rpartition(".")[0] if each.table is not None else ""
    facts = {"engine": store.kind} | ({"engineVersion": store.version} if store.version else {})
    about = {"customProperties": [{"property": name, "value": value} for name, value in facts.items()]}
    if kind == "bigquery":
        return {"type": kind, "project": placement.database(store), "dataset": schema or store.name.replace("-", "_"), **about}
    if kind == "custom" or port is None:
        named = {"database": store.database, "schema": schema}
        return {
            "type": "custom",
            "host": host,
            **({"port": port} if port else {}),
            **{key: value for key, value in named.items() if value},
            **about,
        }
    if kind in SCHEMAS:
        return {"type": kind, "host": host, "port": port, "database": placement.database(store), "schema": schema or SCHEMAS[kind], **about}
    return {"type": kind, "host": host, "port": port, "database": schema or placement.database(store), **about}


def _host(graph: Graph, store: Store, environment: Environment) -> str:
    """Of a store in the cluster its Service, in full: each environment has its own."""
    peer_host = store.host or (placement.CLOUD_STORES.get(store.kind) if store.place is None else None)
    namespace = (store.place.namespace if store.place else None) or placement.namespace_of(graph, environment)
    return peer_host or f"{store.name}.{namespace}.svc.{placement.CLUSTER_DOMAIN}"
