"""A connector as Strimzi's operator takes it: where it reads, what it reads, and how a row becomes the message that the contract describes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import placement
from generator.captures import CapturedStore, CapturedTable, bootstrap, host
from generator.columns import Column
from generator.kustomization import MANAGED
from generator.model import Environment

STRIMZI = {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaConnector"}
ANYWHERE = Environment(name="base")
"""Where nothing is said of an environment: the system's namespace, and the places that Kafka and Kafka Connect usually have."""
CAST = {"boolean": "boolean", "integer": "int64", "number": "float64"}
"""What Kafka Connect calls the types of JSON: engines have more than one way to write a truth or a number."""
BROKERS_OWN = -1
"""As many as the broker does by itself."""
EXPLAINED = """
The rows of the captured tables, each as the message of its event: its columns and nothing around them, by the row's key.
A row that is deleted is a tombstone: its key with no value. Columns that the contract does not name are never read."""
Settings = dict[str, Any]
Named = tuple[str, dict[str, Any]]


def manifest(store: CapturedStore) -> dict[str, Any]:
    """The connector for any environment; an overlay says what is elsewhere."""
    labels = {"strimzi.io/cluster": store.capture.cluster, placement.PART_OF: store.graph.name, **MANAGED}
    spec = {"class": store.engine.connector, "tasksMax": 1, "autoRestart": {"enabled": True}, "config": settings(store, ANYWHERE)}
    return {**STRIMZI, "metadata": {"name": store.name, "labels": labels}, "spec": spec}


def patch(store: CapturedStore, environment: Environment) -> dict[str, Any] | None:
    """What is other in an environment; None where nothing is."""
    usual = settings(store, ANYWHERE)
    other = {key: value for key, value in settings(store, environment).items() if usual[key] != value}
    return {**STRIMZI, "metadata": {"name": store.name}, "spec": {"config": other}} if other else None


def access(store: CapturedStore, environment: Environment) -> list[Named]:
    """Kafka Connect may read the one secret that its connector names, and no other."""
    place = placement.connect(environment, store.capture.cluster).peer
    described = {"name": store.name, "labels": {placement.PART_OF: store.graph.name, **MANAGED}}
    rules = [{"apiGroups": [""], "resources": ["secrets"], "resourceNames": [store.capture.credentials], "verbs": ["get"]}]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": described, "rules": rules}
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": described,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": store.name},
        "subjects": [{"kind": "ServiceAccount", "name": place.account, "namespace": place.namespace}],
    }
    stem = f"{store.owner.name}.{store.store.name}"
    return [(f"{stem}.role.yaml", role), (f"{stem}.role-binding.yaml", binding)]


# --- settings ---------------------------------------------------------------------------------------------------------


def settings(store: CapturedStore, environment: Environment) -> Settings:
    """The whole configuration, but for what Strimzi sets itself: name, class and number of tasks."""
    return {
        **_connection(store, environment),
        **_reading(store),
        **(_history(store, environment) if store.engine.keeps_history else {}),
        **_representation(),
        **_steps(store),
        **_topics(store),
        **({"exactly.once.support": "required"} if any(each.topic.event.delivery == "exactly-once" for each in store.tables) else {}),
    }


def _connection(store: CapturedStore, environment: Environment) -> Settings:
    namespace = placement.connect(environment, store.capture.cluster).peer.namespace
    secret = f"secrets:{namespace}/{store.capture.credentials}"
    return {
        "database.hostname": host(store.graph, store.store, environment),
        "database.port": placement.store_port(store.store),
        "database.user": f"${{{secret}:username}}",
        "database.password": f"${{{secret}:password}}",
        store.engine.database_key: store.database,
    }


def _reading(store: CapturedStore) -> Settings:
    """Columns are named one by one: what the contract does not know yet is no business of those who read the topic."""
    tables = [store.listed(each) for each in store.tables]
    columns = [f"{store.listed(each)}.{column.name}" for each in store.tables for column in each.columns]
    found: Settings = {
        "topic.prefix": store.name,
        "table.include.list": _exactly(tables),
        "column.include.list": _exactly(columns),
        "snapshot.mode": store.capture.snapshot,
    }
    if store.capture.heartbeat is not None:
        found["heartbeat.interval.ms"] = store.capture.heartbeat.milliseconds
    if store.engine.name == "postgresql":
        # The publication is made by the script: a connector that makes it must own the tables.
        found |= {"plugin.name": "pgoutput", "slot.name": store.slot}
        found |= {"publication.name": store.slot, "publication.autocreate.mode": "disabled"}
    if store.engine.name == "mysql":
        found |= {"database.server.id": store.server_id}
    return found


def _history(store: CapturedStore, environment: Environment) -> Settings:
    return {
        "include.schema.changes": False,
        "schema.history.internal.kafka.topic": store.history_topic,
        "schema.history.internal.kafka.bootstrap.servers": bootstrap(store.graph, environment),
        "schema.history.internal.store.only.captured.tables.ddl": True,
    }


def _representation() -> Settings:
    """Values as the types of the contract have them: times as ISO 8601, decimals as digits, bytes as base64; and the key as plain text."""
    return {
        "time.precision.mode": "isostring",
        "decimal.handling.mode": "string",
        "binary.handling.mode": "base64",
        "tombstones.on.delete": False,
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": False,
    }


def _exactly(names: list[str]) -> str:
    """A list of names where each is a regular expression: what they are made of means itself there, but for dots."""
    return ",".join(name.replace(".", r"\.") for name in names)


# --- from row to message ----------------------------------------------------------------------------------------------


def _steps(store: CapturedStore) -> Settings:
    """Transforms in their order: the row alone, its values and key, and at the end the topic, since the others know a table by it."""
    steps: list[tuple[str, Settings, CapturedTable | None]] = [("row", ROW, None)]
    for each in store.tables:
        steps += [(name, step, each) for name, step in _of_table(store, each)]
    found: Settings = {"transforms": ",".join(name for name, _, _ in steps)}
    for name, step, table in steps:
        found |= {f"transforms.{name}.{key}": value for key, value in step.items()}
        if table is not None:
            found[f"transforms.{name}.predicate"] = table.alias
    found["predicates"] = ",".join(each.alias for each in store.tables)
    for each in store.tables:
        found[f"predicates.{each.alias}.type"] = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches"
        found[f"predicates.{each.alias}.pattern"] = _exactly([store.raw_topic(each)])
    return found


ROW = {"type": "io.debezium.transforms.ExtractNewRecordState", "delete.tombstone.handling.mode": "delete-to-tombstone"}
"""Of a tombstone that Debezium sends by itself this transform keeps the schema, and JSON's converter writes the word null for it."""


def _of_table(store: CapturedStore, table: CapturedTable) -> Iterator[tuple[str, Settings]]:
    cast = [f"{each.name}:{CAST[each.held.type]}" for each in table.columns if each.held.type in CAST]
    if cast:
        yield f"types-{table.alias}", {"type": "org.apache.kafka.connect.transforms.Cast$Value", "spec": ",".join(cast)}
    yield from ((f"day-{table.alias}-{each.name}", _date(each)) for each in table.columns if each.held.format == "date")
    [key] = table.table.table.key
    yield f"key-{table.alias}", {"type": "org.apache.kafka.connect.transforms.ExtractField$Key", "field": key}
    route = {"regex": _exactly([store.raw_topic(table)]), "replacement": table.topic.address}
    yield f"topic-{table.alias}", {"type": "org.apache.kafka.connect.transforms.RegexRouter", **route}


def _date(column: Column) -> Settings:
    """Debezium's day has the zone behind it, as of a time; the contract's has none (RFC 3339, full-date)."""
    step = {"field": column.name, "target.type": "string", "format": "yyyy-MM-dd"}
    return {"type": "org.apache.kafka.connect.transforms.TimestampConverter$Value", **step}


# --- topics -----------------------------------------------------------------------------------------------------------


def _topics(store: CapturedStore) -> Settings:
    """Kafka Connect makes each topic as its event says, where it does not exist yet; AsyncAPI's bindings have the same."""
    found: Settings = {
        "topic.creation.default.partitions": BROKERS_OWN,
        "topic.creation.default.replication.factor": BROKERS_OWN,
        "topic.creation.groups": ",".join(each.alias for each in store.tables),
    }
    broker = store.graph.system.header.broker
    assert broker is not None, "review refuses a capture without Kafka"
    for each in store.tables:
        event = each.topic.event
        group: Settings = {
            "include": _exactly([each.topic.address]),
            "partitions": event.partitions or BROKERS_OWN,
            "replication.factor": broker.replication or BROKERS_OWN,
            "cleanup.policy": "compact" if event.compacted else "delete",
        }
        if event.retention is not None and not event.compacted:
            group["retention.ms"] = event.retention.milliseconds
        if broker.min_in_sync:
            group["min.insync.replicas"] = broker.min_in_sync
        found |= {f"topic.creation.{each.alias}.{key}": value for key, value in group.items()}
    return found
