"""The generated flow runs: Beam as it is told to start it, between a real PostgreSQL and a real cache, with every look-up answered by the protos.

The files are those of `output/`, and nothing in them is changed: in the environment `local` the warehouse is a PostgreSQL of the same shape.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
from conftest import ROOT
from flow_servers import Answer, Cache, Postgres, Row, Services, broker, cache, postgres, services
from jsonschema import Draft7Validator, FormatChecker

from generator.catalog import KINDS
from generator.pipeline import emit_all, understand, with_numbers
from generator.prove import beam_construct, beam_tests
from generator.tools import FLOWS, LIBRARY

OUTPUT = ROOT / "output" / "enterprise-expansion"
FLOW = OUTPUT / "flows" / "customer-data-pipeline" / "customers"
NAME = "customer-data-pipeline.customers"
SEGMENT = "/enterprise_expansion.customer_segmentation_service.segments.v1.SegmentsService/GetSegment"
REGION = "/enterprise_expansion.region_service.region_rules.v1.RegionRulesService/ResolveRegion"
SEGMENTS = ("new", "regular", "premium", "dormant")
REGIONS = {"AT": ("eu-central", "EUR"), "KR": ("apac", "KRW")}
PATIENCE = 120
"""Seconds that a run may take; it takes three on a quiet machine."""
SOURCE = """
CREATE TABLE customers (
  customer_id uuid PRIMARY KEY, name text, email text, country_code text, marketing_consent boolean NOT NULL,
  erased boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL
);
"""
"""The table as its owner's contract has it."""
IDENTIFIER = "('00000000-0000-4000-8000-' || lpad(to_hex(number), 12, '0'))::uuid"


def start(flow: Path, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """As the Kubernetes kind has it, but for the environment; what it says is on its standard output."""
    assert FLOWS.folder.is_dir(), "make tools"
    module = [sys.executable, "-P", "-m", "apache_beam.yaml.main"]
    options = ["--yaml_pipeline_file=pipeline.yaml", "--runner=FnApiRunner", '--jinja_variables={"environment": "local"}']
    packages = os.pathsep.join(map(str, (FLOWS.folder / LIBRARY, flow.parent.parent / "src")))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.Popen([*module, *options], cwd=flow, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(flow: Path, variables: Mapping[str, str], status: int = 0) -> str:
    """What it said; it must end with that status, and tell no connection to whoever reads the log."""
    process = start(flow, variables)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, said[-4000:]
    assert not any(value in said for name, value in variables.items() if name.endswith("_CONNECTION"))
    return said


@dataclass(frozen=True)
class Lab:
    """A source, a warehouse and a cache, all empty, and services that answer."""

    server: Postgres
    cache: Cache
    services: Services
    name: str

    @property
    def source(self) -> str:
        return f"{self.name}-source"

    @property
    def warehouse(self) -> str:
        return f"{self.name}-warehouse"

    def variables(self) -> dict[str, str]:
        return {
            "CUSTOMER_DB_CONNECTION": self.server.connection(self.source),
            "CUSTOMER_WAREHOUSE_CONNECTION": self.server.connection(self.warehouse),
            "CUSTOMER_CACHE_CONNECTION": self.cache.connection,
            "CUSTOMER_SEGMENTATION_SERVICE__SEGMENTS_TARGET": self.services.address,
            "REGION_SERVICE__REGION_RULES_TARGET": self.services.address,
        }

    def run(self, status: int = 0) -> str:
        return run(FLOW, self.variables(), status)

    def rows(self) -> dict[int, Row]:
        """Of the warehouse, by the number of the customer; `written` is the transaction that last touched the row."""
        found = self.server.query(self.warehouse, "SELECT *, xmin::text AS written FROM analytics.customers")
        numbered = {number(row["customer_id"]): row for row in found}
        assert len(numbered) == len(found), "a customer is there twice"
        return numbered

    def entries(self) -> dict[int, Row]:
        """Of the cache, by the number of the customer."""
        return {number(key.removeprefix("customer:")): json.loads(self.cache.ask("GET", key)) for key in self.cache.names()}

    def refused(self) -> dict[int, str]:
        """Reasons, by the number of the customer."""
        found = self.server.query(self.warehouse, "SELECT * FROM analytics.customers_rejected")
        assert all(row["flow"] == NAME and json.loads(row["record"])["customer_id"] == row["record_key"] for row in found)
        return {number(row["record_key"]): row["reason"] for row in found}

    def runs(self) -> list[Row]:
        return self.server.query(self.warehouse, "SELECT * FROM analytics.flow_runs ORDER BY ended_at")

    def add(self, first: int, last: int, **columns: str) -> None:
        """Customers of these numbers, a second apart; columns are SQL in which `number` is the customer's."""
        given = {
            "name": "' Customer ' || number || ' '",
            "email": "'Customer' || number || '@Example.com'",
            "country_code": "CASE WHEN number % 2 = 0 THEN 'AT' ELSE 'KR' END",
            "marketing_consent": "number % 3 = 0",
            "updated_at": "timestamptz '2026-09-01 08:00+00' + number * interval '1 second'",
            **columns,
        }
        values = ", ".join(given.values())
        self.server.execute(
            self.source,
            f"INSERT INTO customers (customer_id, {', '.join(given)}) SELECT {IDENTIFIER}, {values} FROM generate_series({first}, {last}) AS number;",
        )

    def change(self, customer: int, at: str, **columns: str) -> None:
        """One customer, at that time of the day."""
        given = {**columns, "updated_at": f"timestamptz '2026-09-01 {at}+00'"}
        assignments = ", ".join(f"{name} = {value}" for name, value in given.items())
        self.server.execute(
            self.source, f"UPDATE customers SET {assignments} FROM (SELECT {customer} AS number) AS one WHERE customer_id = {IDENTIFIER};"
        )


def number(customer: str) -> int:
    return int(customer[-12:], 16)


def segment(asked: Row) -> Row:
    """By the customer, so that each record must have got its own."""
    name = SEGMENTS[number(asked["customer_id"]) % len(SEGMENTS)]
    return {"segment": f"SEGMENT_{name.upper()}", "computed_at": "2026-09-01T07:00:00Z"}


def hesitant(asked: Row) -> Row:
    """Long enough for a run to have a middle, however slowly this test looks on."""
    time.sleep(0.005)
    return segment(asked)


def region(asked: Row) -> Row | None:
    if "country_code" not in asked:
        return None
    code, currency = REGIONS[asked["country_code"]]
    return {"region_code": code, "currency": currency}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Postgres, Cache, Services]]:
    with postgres() as database, cache() as entries, services(OUTPUT / "proto") as look_ups:
        yield database, entries, look_ups


@pytest.fixture
def lab(servers: tuple[Postgres, Cache, Services], request: pytest.FixtureRequest) -> Lab:
    database, entries, look_ups = servers
    answers: dict[str, Answer] = {SEGMENT: segment, REGION: region}
    look_ups.answers = answers
    look_ups.asked.clear()
    entries.ask("FLUSHALL")
    lab = Lab(database, entries, look_ups, re.sub(r"\W", "-", request.node.name)[:40])
    for name in (lab.source, lab.warehouse):
        database.execute("postgres", f'CREATE DATABASE "{name}";')
    database.execute(lab.source, SOURCE)
    database.execute(lab.warehouse, (FLOW / "sql" / "customer-warehouse.postgresql.sql").read_text(encoding="utf-8"))
    return lab


def test_what_is_right_arrives_and_what_is_not_is_kept_aside(lab: Lab) -> None:
    lab.add(1, 200)
    lab.change(1, "08:00:01", email="'nobody at example.com'")
    lab.change(2, "08:00:02", email="'nobody'", name="'  '")
    lab.change(5, "08:00:05", name="E'Zoë \"D''Arc\"; --\\n🌱'", email="'Zoe+Garden@Example.com'", country_code="NULL")
    lab.change(200, "08:03:20", erased="true", name="NULL", email="NULL")
    lab.run()

    rows, entries = lab.rows(), lab.entries()
    assert lab.refused() == {1: "email: email_format", 2: "email: email_format; name: not_empty"}
    assert set(rows) == set(entries) == set(range(3, 200))
    asked = {number(request["customer_id"]) for path, request in lab.services.asked if path == SEGMENT}
    assert asked == set(range(3, 200)), "nobody is asked about a record that is refused, or gone"
    for customer in rows.keys() - {5}:
        code, currency = REGIONS["AT" if customer % 2 == 0 else "KR"]
        expected = {
            "name": f"Customer {customer}",
            "email": f"customer{customer}@example.com",
            "customer_segment": SEGMENTS[customer % 4],
            "sales_region": code,
            "currency": currency,
            "marketing_consent": customer % 3 == 0,
        }
        assert {name: rows[customer][name] for name in expected} == expected
        assert {name: entries[customer][name] for name in expected} == expected
    assert rows[5]["name"] == entries[5]["name"] == 'Zoë "D\'Arc"; --\n🌱'
    assert rows[5]["email"] == "zoe+garden@example.com" and rows[5]["country_code"] is None
    assert rows[6]["updated_at"] == "2026-09-01T08:00:06+00:00"
    wanted = {"customer_id", "name", "email", "customer_segment", "sales_region", "currency", "marketing_consent", "updated_at"}
    assert all(set(entry) == wanted for customer, entry in entries.items() if customer != 5)
    assert set(entries[5]) == wanted - {"sales_region", "currency"}, "what is not known is not there"
    assert all(3600 - PATIENCE <= lab.cache.ask("TTL", key) <= 3600 for key in lab.cache.names())
    [run] = lab.runs()
    assert (run["flow"], run["rejected"], run["succeeded"]) == (NAME, 2, True)
    assert "08:03:20" in json.dumps(run["watermarks"])


def test_a_later_run_moves_what_has_changed_and_deletes_what_is_gone(lab: Lab) -> None:
    lab.add(1, 200)
    lab.change(2, "08:00:02", email="'nobody'")
    lab.run()
    before, asked = lab.rows(), len(lab.services.asked)

    lab.run()
    assert lab.rows() == before, "nothing has changed, and no row was written again"
    assert len(lab.services.asked) - asked < 200, "rows before the overlap are not read again"

    lab.change(7, "10:00:00", name="'Ada'")
    lab.change(2, "10:00:01", email="'Mended@Example.com'")
    lab.change(8, "10:00:02", erased="true", name="NULL", email="NULL")
    lab.run()
    after, entries = lab.rows(), lab.entries()
    assert 8 not in after and 8 not in entries, "the erased customer is gone from both"
    assert after[7]["name"] == entries[7]["name"] == "Ada"
    assert after[2]["email"] == entries[2]["email"] == "mended@example.com"
    assert {customer for customer in after if after[customer] != before.get(customer)} == {2, 7}
    assert [run["succeeded"] for run in lab.runs()] == [True, True, True]


def test_a_crash_in_the_middle_loses_nothing_and_doubles_nothing(lab: Lab) -> None:
    everybody = 8000
    lab.add(1, everybody, email="CASE WHEN number % 50 = 0 THEN 'nobody' ELSE 'c' || number || '@example.com' END")
    lab.services.answers[SEGMENT] = hesitant
    process = start(FLOW, lab.variables())
    latest = time.monotonic() + PATIENCE
    while not lab.server.value(lab.warehouse, "SELECT count(*) FROM analytics.customers"):
        assert process.poll() is None and time.monotonic() < latest
    process.kill()
    process.communicate()
    some = len(lab.rows())
    assert 0 < some < everybody * 49 // 50, f"{some} had arrived: not the middle"
    assert lab.runs() == [], "it did not end"

    lab.services.answers[SEGMENT] = segment
    lab.run()
    good = {customer for customer in range(1, everybody + 1) if customer % 50}
    assert set(lab.rows()) == good
    assert set(map(number, lab.cache.names())) == good
    assert len(lab.refused()) == everybody // 50
    assert lab.server.value(lab.warehouse, "SELECT count(*) FROM analytics.customers_rejected") == everybody // 50
    [run] = lab.runs()
    assert run["succeeded"] and run["rejected"] == everybody // 50


def test_below_its_success_rate_a_run_has_failed_and_the_next_reads_all_again(lab: Lab) -> None:
    lab.add(1, 200, email="CASE WHEN number % 10 = 0 THEN 'nobody' ELSE 'c' || number || '@example.com' END")
    lab.run(status=1)
    [failed] = lab.runs()
    assert not failed["succeeded"] and failed["rejected"] == 20
    assert not failed["watermarks"]

    lab.server.execute(lab.source, "UPDATE customers SET email = 'mended@example.com' WHERE email = 'nobody';")
    lab.run()
    assert set(lab.rows()) == set(range(1, 201)), "the rows were not marked as changed, and yet are read"


def test_a_transaction_that_ends_after_a_younger_one_is_not_lost(lab: Lab) -> None:
    insert = (
        "INSERT INTO customers (customer_id, name, email, country_code, marketing_consent, updated_at)"
        f" SELECT {IDENTIFIER}, 'Late', 'late@example.com', 'AT', true, now() FROM generate_series(1, 1) AS number"
    )
    with lab.server.transaction(lab.source, insert):
        lab.add(2, 2, updated_at="now()")
        lab.run()
        assert set(lab.rows()) == {2}
    lab.run()
    assert set(lab.rows()) == {1, 2}


def test_look_ups_that_are_down_give_what_the_contract_falls_back_to(lab: Lab) -> None:
    lab.add(1, 500)
    lab.services.answers.clear()
    lab.run()
    assert {(row["customer_segment"], row["sales_region"]) for row in lab.rows().values()} == {("unclassified", None)}
    asked = [path for path, _ in lab.services.asked]
    assert 10 <= asked.count(SEGMENT) < 250, "the breaker opens after ten failures, and those that are under way"


def test_an_answer_that_was_once_had_stands_in_for_later_ones(lab: Lab) -> None:
    asked: list[str] = []

    def answer(request: Row) -> Row | None:
        """Not at first, then once for each country, and never again."""
        asked.append(request["country_code"])
        return region(request) if asked.count(request["country_code"]) == 2 else None

    lab.services.answers[REGION] = answer
    lab.add(1, 2000)
    lab.run()
    assert len(asked) > 4, "the records came in several batches"
    assert {(row["country_code"], row["sales_region"], row["currency"]) for row in lab.rows().values()} == {
        (country, *answered) for country, answered in REGIONS.items()
    }


# --- a topic as destination -------------------------------------------------------------------------------------------

FEED = """\
interlock: 1
system: {name: shop, owner: team, broker: {kind: kafka}}
---
component: orders
types:
  OrderRow:
    type: object
    required: [order_id, status, cents, gone, changed_at]
    properties:
      order_id: {type: string, format: uuid}
      status: {type: string}
      cents: {type: integer}
      gone: {type: boolean}
      changed_at: {type: string, format: date-time}
stores:
  orders-db: {kind: postgresql, tables: {orders: {row: OrderRow, key: [order_id]}}}
---
component: order-feed
types:
  OrderChange:
    type: object
    required: [orderId, status, euros, changedAt]
    properties:
      orderId: {type: string, format: uuid}
      status: {type: string, enum: [placed, paid]}
      euros: {type: number}
      changedAt: {type: string, format: date-time}
  Refused:
    type: object
    required: [flow, record_key, reason, rejected_at]
    properties:
      flow: {type: string}
      record_key: {type: string}
      reason: {type: string}
      record: {type: string}
      rejected_at: {type: string, format: date-time}
publishes:
  OrderChanged: {version: "1.0.0", payload: OrderChange, key: orderId}
uses_stores: [{store: orders.orders-db, access: read, why: orders that changed}]
stores:
  feed-db: {kind: postgresql, tables: {refused: {row: Refused, key: [flow, record_key]}}}
flows:
  orders:
    sources:
      orders-db: {store: orders.orders-db, table: orders, watermark: changed_at, tombstone: gone}
    checks:
      - {field: status, rule: one_of, values: [placed, paid], otherwise: quarantine}
      - {field: cents, rule: range, minimum: 0, otherwise: reject}
    quarantine: {store: order-feed.feed-db, table: refused}
    mapping:
      orderId: {from: order_id}
      status: {from: status}
      euros: {from: cents, rule: convert, unit_from: cents, unit_to: units}
      changedAt: {from: changed_at}
    destinations: {changes: {event: OrderChanged}}
runtime: {kind: job, image: "registry.example.com/order-feed:1.0.0", schedule: "*/5 * * * *"}
---
component: billing
consumes: [{event: order-feed.OrderChanged, why: writes bills}]
"""
ORDERS = """
CREATE TABLE orders (order_id uuid PRIMARY KEY, status text NOT NULL, cents bigint NOT NULL, gone boolean NOT NULL, changed_at timestamptz NOT NULL);
INSERT INTO orders VALUES
  ('00000000-0000-4000-8000-000000000001', 'placed', 1250, false, '2026-09-01 08:00:01+00'),
  ('00000000-0000-4000-8000-000000000002', 'paid', 99, false, '2026-09-01 08:00:02+00'),
  ('00000000-0000-4000-8000-000000000003', 'lost', 1, false, '2026-09-01 08:00:03+00'),
  ('00000000-0000-4000-8000-000000000004', 'paid', -1, false, '2026-09-01 08:00:04+00'),
  ('00000000-0000-4000-8000-000000000005', 'paid', 5, true, '2026-09-01 08:00:05+00');
"""


def generated(folder: Path, contract: str) -> Path:
    """What two kinds make of the contract."""
    (folder / "contract.yaml").write_text(contract, encoding="utf-8")
    graph, found = understand(folder)
    assert graph is not None, found
    for _, artifact in emit_all(with_numbers(graph), [kind for kind in KINDS if kind.name in ("flows", "messages")]):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    return folder


def test_messages_of_a_flow_are_what_their_schema_says(servers: tuple[Postgres, Cache, Services], tmp_path: Path) -> None:
    server, _, _ = servers
    output = generated(tmp_path, FEED)
    flow = output / "flows" / "order-feed" / "orders"
    for name in ("orders", "feed"):
        server.execute("postgres", f'CREATE DATABASE "{name}";')
    server.execute("orders", ORDERS)
    server.execute("feed", (flow / "sql" / "feed-db.postgresql.sql").read_text(encoding="utf-8"))
    schema = json.loads((output / "messages" / "order-feed" / "OrderChanged.v1.schema.json").read_text(encoding="utf-8"))
    with broker() as brokers:
        connections = {"ORDERS_DB_CONNECTION": server.connection("orders"), "FEED_DB_CONNECTION": server.connection("feed")}
        variables = {**connections, "BROKER_ADDRESSES": brokers.address}
        topic = schema_topic(output)
        run(flow, variables)
        once = brokers.messages(topic)
        run(flow, variables)
        twice = brokers.messages(topic)
    values = {each["key"]: json.loads(each["value"]) for each in once}
    assert {key: (each["payload"]["status"], each["payload"]["euros"]) for key, each in values.items()} == {
        "00000000-0000-4000-8000-000000000001": ("placed", 12.5),
        "00000000-0000-4000-8000-000000000002": ("paid", 0.99),
    }
    for each in values.values():
        Draft7Validator(schema, format_checker=FormatChecker()).validate(each)
    assert {json.loads(each["value"])["messageId"] for each in twice} == {each["messageId"] for each in values.values()}, (
        "what is sent again can be told again"
    )
    refused = server.query("feed", "SELECT record_key, reason FROM refused")
    assert refused == [{"record_key": "00000000-0000-4000-8000-000000000003", "reason": "status: one_of"}]
    assert [run["rejected"] for run in server.query("feed", "SELECT * FROM flow_runs")] == [2, 2]


def schema_topic(output: Path) -> str:
    [event] = json.loads((output / "messages" / "catalogue.json").read_text(encoding="utf-8"))["events"]
    return str(event["channel"])


def test_a_record_that_stops_a_run_stops_all_of_it(servers: tuple[Postgres, Cache, Services], tmp_path: Path) -> None:
    server, _, _ = servers
    flow = generated(tmp_path, FEED.replace("otherwise: reject", "otherwise: stop")) / "flows" / "order-feed" / "orders"
    for name in ("stopped-orders", "stopped-feed"):
        server.execute("postgres", f'CREATE DATABASE "{name}";')
    server.execute("stopped-orders", ORDERS)
    server.execute("stopped-feed", (flow / "sql" / "feed-db.postgresql.sql").read_text(encoding="utf-8"))
    with broker() as brokers:
        connections = {"ORDERS_DB_CONNECTION": server.connection("stopped-orders"), "FEED_DB_CONNECTION": server.connection("stopped-feed")}
        said = run(flow, {**connections, "BROKER_ADDRESSES": brokers.address}, status=1)
    assert "00000000-0000-4000-8000-000000000004" in said and "cents: range" in said
    assert server.query("stopped-feed", "SELECT * FROM flow_runs") == []


def test_what_an_image_installs_is_what_was_proven(tmp_path: Path) -> None:
    proven = pins((FLOWS.pins / "requirements.in").read_text(encoding="utf-8"))
    wanted = pins((generated(tmp_path, FEED) / "flows" / "requirements.txt").read_text(encoding="utf-8"))
    wanted |= pins((OUTPUT / "flows" / "requirements.txt").read_text(encoding="utf-8"))
    assert proven.items() <= wanted.items()
    assert wanted.keys() - proven.keys() <= {"google-cloud-bigquery"}, "no BigQuery runs here"


def pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w-]+(?:\[\w+\])?)==(\S+)$", text, re.MULTILINE))


def test_texts_of_a_contract_are_no_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beam sends every pipeline through Jinja, in which a text could run whatever it likes. Nor does asking it leave anything behind."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    trace = tmp_path / "trace"
    hostile = f"{{% endraw %}}{{{{ cycler.__init__.__globals__.os.mkdir('{trace}') }}}}{{# {{%- set x = 1 -%}} {{{{{{"
    contract = FEED.replace("status: {from: status}", f"status: {{rule: constant, value: {json.dumps(hostile)}}}")
    contract = contract.replace("rule: one_of, values: [placed, paid]", f"rule: one_of, values: [placed, {json.dumps(hostile)}]")
    contract = contract.replace("status: {type: string, enum: [placed, paid]}", "status: {type: string}")
    kind = generated(tmp_path, contract) / "flows"
    files = sorted(PurePosixPath(path.relative_to(kind).as_posix()) for path in kind.rglob("*") if path.is_file())
    assert [each for prover in (beam_construct, beam_tests) for each in prover.prove(kind, files)] == []
    assert not trace.exists()
    assert list(temporary.iterdir()) == []
    assert json.dumps(hostile) in (kind / "order-feed" / "orders" / "mapping.json").read_text(encoding="utf-8")
