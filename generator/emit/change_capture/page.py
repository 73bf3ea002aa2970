"""What is captured and what that asks of database and platform, on one page for those who run it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from generator import placement
from generator.captures import CapturedStore, CapturedTable, excluded
from generator.graph import Graph
from generator.text import markdown_code, markdown_codes, markdown_table, markdown_text

DATABASES = {
    "mysql": "binlog_format=ROW and binlog_row_image=FULL; a user with SELECT, RELOAD, SHOW DATABASES, REPLICATION SLAVE and REPLICATION CLIENT",
    "postgresql": "wal_level=logical, a free replication slot and WAL sender, and the script in databases/",
    "sqlserver": "change data capture enabled for the database and for each table (sys.sp_cdc_enable_db, sys.sp_cdc_enable_table), and its agent running",
}
SNAPSHOTS = {
    "initial": "all rows, then each change",
    "no_data": "each change from now on",
    "when_needed": "all rows, again whenever the log no longer reaches back to where it stopped",
}


def page(graph: Graph, stores: Sequence[CapturedStore], header: str) -> str:
    """Markdown: stores, tables, environments, and what holds for all of them."""
    title = markdown_text(graph.system.header.title or graph.name)
    parts = [
        f"<!-- {header} -->\n# Captured changes of {title}\n",
        "Whenever a row of these tables is inserted or updated, it is a message of its event, as the event's schema describes it.",
        "A row that is deleted is a tombstone: its key with no value. Whoever consumes the event must take it as that.",
        "Messages may come twice, and those of one row come in their order.\n",
        "## Connectors\n",
        markdown_table(("Store", "Connect cluster", "Connector", "Reads", "Secret", "The database must have"), map(_store, stores)),
        "The secret has the keys `username` and `password` and lies in Kafka Connect's namespace; the cluster must have Strimzi's",
        "provider of secrets (`config.providers: secrets`, `config.providers.secrets.class: io.strimzi.kafka.KubernetesSecretConfigProvider`),",
        "and `use-connector-resources` set. Its image has Debezium's connectors; these settings are proven with Debezium 3.6.\n",
        "## Tables\n",
        markdown_table(("Table", "Event", "Topic", "Key", "Columns that are left out"), _tables(stores)),
        *_own_topics(stores),
        *_environments(graph, stores),
    ]
    return "\n".join(parts).rstrip("\n") + "\n"


def _store(store: CapturedStore) -> Sequence[str]:
    return (
        markdown_code(f"{store.owner.name}.{store.store.name}"),
        markdown_code(store.capture.cluster),
        markdown_code(store.name),
        SNAPSHOTS[store.capture.snapshot],
        markdown_code(store.capture.credentials),
        DATABASES[store.engine.name],
    )


def _tables(stores: Iterable[CapturedStore]) -> Iterator[Sequence[str]]:
    for store in stores:
        for each in store.tables:
            yield (
                markdown_code(each.table.id),
                markdown_code(each.topic.id),
                markdown_code(each.topic.address),
                markdown_code(each.table.table.key[0]),
                _left_out(store, each),
            )


def _left_out(store: CapturedStore, table: CapturedTable) -> str:
    return markdown_codes(sorted(excluded(store.store, table.table)))


def _own_topics(stores: Sequence[CapturedStore]) -> Iterator[str]:
    rows = []
    for store in stores:
        if store.capture.heartbeat is not None:
            rows.append((markdown_code(f"__debezium-heartbeat.{store.name}"), f"a sign of life every {store.capture.heartbeat}"))
        if store.engine.keeps_history:
            rows.append((markdown_code(store.history_topic), "what the tables looked like, kept for ever, in one partition"))
    if rows:
        yield "## Topics of the connectors' own\n"
        yield markdown_table(("Topic", "What it holds"), rows)
    if any(store.engine.keeps_history for store in stores):
        yield "A connector that keeps what the tables looked like reaches Kafka by itself: where that asks for credentials, add them in an overlay,"
        yield "as `schema.history.internal.producer.` and `schema.history.internal.consumer.` with the client's settings.\n"


def _environments(graph: Graph, stores: Sequence[CapturedStore]) -> Iterator[str]:
    rows = []
    for environment in graph.system.document.environments:
        for cluster in sorted({each.capture.cluster for each in stores}):
            peer = placement.connect(environment, cluster).peer
            labels = ", ".join(markdown_code(f"{name}={value}") for name, value in sorted(peer.labels.items()))
            rows.append((markdown_code(environment.name), markdown_code(cluster), markdown_code(str(peer.namespace)), labels))
    if rows:
        yield "## Where Kafka Connect runs\n"
        yield markdown_table(("Environment", "Cluster", "Namespace", "Pods"), rows)
        yield "The NetworkPolicies of the kind kubernetes let these pods reach the stores that are among the system's own;"
        yield "where the system is in a mesh they are in it, too, under the account that Strimzi gives them."
