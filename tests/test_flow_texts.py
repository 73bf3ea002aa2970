"""The package of transforms that flows bring along: its form, its types, its SQL in both dialects, and what its transforms do without a server."""

from __future__ import annotations

import http.server
import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlglot
from conftest import ROOT

from generator.tools import FLOWS, LIBRARY, install

FLOW = ROOT / "tests" / "golden" / "flows" / "seed"
SOURCE = FLOW / "src"
PACKAGE = "shop_flows"
HOMES = sorted(path.parent for path in ROOT.glob("tests/golden/flows/*/src/*/__init__.py"))
COLUMNS = {"id": "uuid", "name": "text", "size": "decimal", "more": "json", "changed": "timestamp"}


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SOURCE))


def module(name: str) -> ModuleType:
    """Those modules that need no Beam."""
    return importlib.import_module(f"{PACKAGE}.{name}")


# --- form -------------------------------------------------------------------------------------------------------------


def test_is_as_clean_as_our_own_code(tmp_path: Path) -> None:
    shutil.copytree(SOURCE / PACKAGE, tmp_path / PACKAGE)  # what lies among tests may do more
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        options = ["--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_is_typed(tmp_path: Path) -> None:
    options = ["--config-file=", "--strict", "--ignore-missing-imports", "--allow-subclassing-any", "--python-version=3.11"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, f"--cache-dir={tmp_path}", PACKAGE],
        cwd=SOURCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_is_the_same_text_for_every_system() -> None:
    def text(path: Path) -> str:
        return path.read_text().partition("\n")[2]  # the first line names the contract

    assert len(HOMES) > 1
    for home in HOMES:
        assert {path.name: text(path) for path in home.iterdir()} == {path.name: text(path) for path in HOMES[0].iterdir()}


# --- SQL --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("dialect", "name"), [("postgresql", "postgres"), ("bigquery", "bigquery")])
@pytest.mark.parametrize("options", [{}, {"version": "changed"}, {"version": "changed", "gone": "erased"}, {"only_new": True}], ids=repr)
def test_merge_is_one_statement_of_its_dialect(dialect: str, name: str, options: dict[str, Any]) -> None:
    statement = module("statements").merge(dialect, "sales.order", COLUMNS, ["id"], **options)
    [merge] = sqlglot.parse(statement, dialect=name)
    assert isinstance(merge, sqlglot.exp.Merge)
    assert merge.this.sql(name, identify=True).replace("`", '"').startswith('"sales"."order" AS ')
    whens = [when.args["then"].sql(name).partition(" ")[0] for when in merge.find_all(sqlglot.exp.When)]
    expected = (["DELETE"] if "gone" in options else []) + ([] if "only_new" in options else ["UPDATE"]) + ["INSERT"]
    assert whens == expected


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(("dialect", "name"), [("postgresql", "postgres"), ("bigquery", "bigquery")])
def test_questions_are_one_statement_of_their_dialect(dialect: str, name: str) -> None:
    statements = module("statements")
    for statement in (statements.found(dialect, "a.countries", "code", "name"), statements.last_run(dialect, "a.flow_runs")):
        [select] = sqlglot.parse(statement.replace("%(wanted)s", "$1").replace("%(flow)s", "$1"), dialect=name)
        assert isinstance(select, sqlglot.exp.Select)


# --- look-ups ---------------------------------------------------------------------------------------------------------

POLICY = {"timeout": 1.0, "per_try": 0.5, "attempts": 3, "wait": 0.001, "failures": 4, "open": 60.0}


@pytest.mark.usefixtures("package")
def test_look_up_is_tried_again_and_then_has_its_answer() -> None:
    breakers = module("breakers")
    asked: list[float] = []

    def ask(key: Any, timeout: float) -> dict[str, Any]:
        asked.append(timeout)
        if len(asked) < 3:
            raise breakers.Unanswered("not yet")
        return {"segment": "new"}

    assert breakers.Asking(ask, POLICY, None).answer(("a",)) == ({"segment": "new"}, True)
    assert len(asked) == 3 and max(asked) <= 0.5


@pytest.mark.usefixtures("package")
def test_breaker_opens_and_nobody_is_asked() -> None:
    breakers = module("breakers")
    asked: list[Any] = []

    def ask(key: Any, timeout: float) -> dict[str, Any]:
        asked.append(key)
        raise breakers.Unanswered("down")

    asking = breakers.Asking(ask, POLICY, {"type": "default_response", "response": {"segment": "none"}})
    assert [asking.answer((number,)) for number in range(5)] == [({"segment": "none"}, False)] * 5
    assert len(asked) == 4


@pytest.mark.usefixtures("package")
def test_who_is_not_there_is_asked_once_and_opens_no_breaker() -> None:
    breakers = module("breakers")
    asked: list[Any] = []

    def ask(key: Any, timeout: float) -> dict[str, Any]:
        asked.append(key)
        raise breakers.Refused("not found")

    asking = breakers.Asking(ask, POLICY, {"type": "default_response", "response": {}})
    assert [asking.answer((number,)) for number in range(9)] == [({}, False)] * 9
    assert len(asked) == 9


@pytest.mark.usefixtures("package")
def test_last_answer_stands_in_for_as_long_as_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    breakers = module("breakers")
    clock = [0.0]
    monkeypatch.setattr(breakers.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(breakers.time, "sleep", lambda _: None)
    up = [True]

    def ask(key: Any, timeout: float) -> dict[str, Any]:
        if not up[0]:
            raise breakers.Unanswered("down")
        return {"region": key[0]}

    asking = breakers.Asking(ask, {**POLICY, "timeout": 100.0}, {"type": "cached_response", "ttl": 10.0})
    assert asking.answer(("north",)) == ({"region": "north"}, True)
    up[0], clock[0] = False, 9.0
    assert asking.answer(("north",)) == ({"region": "north"}, False)
    assert asking.answer(("south",)) == ({}, False)
    clock[0] = 11.0
    assert asking.answer(("north",)) == ({}, False)


@pytest.mark.usefixtures("package")
def test_without_a_fallback_the_run_fails() -> None:
    breakers = module("breakers")

    def ask(key: Any, timeout: float) -> dict[str, Any]:
        raise breakers.Unanswered("down")

    with pytest.raises(RuntimeError, match="no fallback: down"):
        breakers.Asking(ask, POLICY, {"type": "none"}).answer(("a",))


@pytest.mark.usefixtures("package")
def test_missing_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_DB_CONNECTION", raising=False)
    with pytest.raises(LookupError, match="the environment has no SHOP_DB_CONNECTION"):
        module("connections").setting("SHOP_DB_CONNECTION")


# --- what needs Beam, in a process that has it ------------------------------------------------------------------------

ASKED = r"""
import datetime as dt, decimal, json, sys, uuid
from shop_flows import checks, lookups, rows, runs, sources, topics
from shop_flows.breakers import Refused, Unanswered
told = {}

told["plain"] = [rows.plain(each) for each in (
    dt.datetime(2026, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2))), dt.date(2026, 1, 2), decimal.Decimal("1E+2"),
    uuid.UUID(int=1), {"b": 1, "a": 2}, None, 3)]
told["newest"] = rows.newest([{"id": 1, "v": "b"}, {"id": 1, "v": "a"}, {"id": 2, "v": None}], ["id"], "v")
told["after"] = str(sources.after("timestamp", "2026-01-02T00:01:00.000000Z", 60)), str(sources.after("date", "2026-01-02", 60)), sources.after("integer", 7, 60)
mails = ["a@example.com", "A.b+c@x-y.example", "nobody", "a@b", "a@b..c", "a b@example.com", "a@-x.org", "x" * 250 + "@example.com", None]
told["mails"] = [checks.holds({"field": "m", "rule": "email_format"}, {"m": each}) for each in mails]
told["ranges"] = [checks.holds({"field": "n", "rule": "range", "minimum": 1, "maximum": 2}, {"n": each}) for each in (0, 1, "1.50", 3, None)]
told["empty"] = [checks.holds({"field": "t", "rule": "not_empty"}, {"t": each}) for each in (None, "", " ", "a", 0)]

run = {"run": "r", "flow": "f", "started_at": "now", "success_rate": 0.9}
read = runs._Seen("read_db", {"db": "v"})
class Row:
    def __init__(self, v): self.v = v
def total(values, passed):
    parts = [read(Row(each)) for each in values] + [runs._Seen("passed", {"db": "v"})(Row(None))] * passed + [runs._Seen("wrote", {"db": "v"})(Row(None))]
    return runs.added([runs.added(parts[:2]), runs.added(parts[2:])])
def report(*given):
    row = runs.report(run, {"db": "v"}, *given)
    return [row[name] for name in ("records", "rejected", "succeeded", "watermarks")]
told["good run"] = report(total(["a", None, "c", "b"], 4), {"db": "b", "other": "z"})
told["bad run"] = report(total(["a", "b"], 1), {"db": "b"})
told["idle run"] = report({}, {"db": "b"})
told["old rows"] = report(total(["a"], 1), {"db": "b"})

payload = topics.Payload({"id": "id", "at": "at", "note": "note", "more": "more"}, ["id", "note"], ["more"])
form = topics.Form("t.v1", {"messageId": "$id", "timestamp": "$time", "subject": "$subject", "payload": "$payload"}, payload, "id", ["id"], "at")
record = {"id": 7, "at": "2026-01-02T03:04:05.000000Z", "note": None, "more": '{"a": 1}'}
told["message"] = form.of(record)
told["same id"] = form.of({**record, "more": None})[0] == form.of(record)[0], form.of({**record, "at": None})[0] == form.of(record)[0]

def http(path, given, method="GET", query=()):
    caller = lookups._HttpCaller("BASE", {"name": "x", "method": method, "path": path, "query": query})
    try:
        return caller.ask(given, 0.5)
    except (Refused, Unanswered) as error:
        return type(error).__name__
told["http"] = [
    http("/c/{country}", {"country": "D/E ä", "lang": "a&b"}, query=["lang"]), http("/post", {"a": 1, "b": None}, "POST"),
    http("/missing", {}), http("/broken", {}), http("/text", {}), http("/slow", {})]
try:
    lookups.http_request("file:///etc", "GET", "/passwd", [], {})
except LookupError as error:
    told["scheme"] = str(error)
print("TOLD" + json.dumps(told))
"""


class Answering(http.server.BaseHTTPRequestHandler):
    """Says what it was asked, as JSON."""

    def do_GET(self) -> None:
        status = {"/missing": 404, "/broken": 503}.get(self.path, 200)
        if self.path == "/slow":
            threading.Event().wait(1.0)
        length = int(self.headers.get("Content-Length") or 0)
        told = {"path": self.path, "body": json.loads(self.rfile.read(length) or "null")}
        text = b"no JSON" if self.path == "/text" else json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except OSError:
            return  # whoever asked has not waited

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def told(base: str) -> dict[str, Any]:
    """All answers of one process."""
    install(FLOWS)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (FLOWS.folder / LIBRARY, SOURCE))), "BASE": base}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    done = subprocess.run([sys.executable, "-P", "-c", ASKED], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.partition("TOLD")[2])
    return found


def test_values_travel_as_texts_that_sort(told: dict[str, Any]) -> None:
    uuid = "00000000-0000-0000-0000-000000000001"
    assert told["plain"] == ["2026-01-02T01:00:00.000000Z", "2026-01-02", "100", uuid, '{"a": 2, "b": 1}', None, 3]
    assert told["newest"] == [{"id": 2, "v": None}, {"id": 1, "v": "b"}]
    assert told["after"] == ["2026-01-02 00:00:00+00:00", "2026-01-01", 7]


def test_checks(told: dict[str, Any]) -> None:
    assert told["mails"] == [True, True, False, False, False, False, False, False, True]
    assert told["ranges"] == [False, True, True, False, True]
    assert told["empty"] == [False, False, False, True, True]


def test_watermarks_advance_with_a_good_run_and_never_go_back(told: dict[str, Any]) -> None:
    assert told["good run"] == [4, 0, True, {"db": "c"}]
    assert told["bad run"] == [2, 1, False, {}]
    assert told["idle run"] == [0, 0, True, {"db": "b"}]
    assert told["old rows"] == [1, 0, True, {"db": "b"}]


def test_message_has_the_envelope_and_an_id_that_follows_from_the_record(told: dict[str, Any]) -> None:
    id, key, text = told["message"]
    payload = {"id": 7, "at": "2026-01-02T03:04:05.000000Z", "note": None, "more": {"a": 1}}
    assert key == "7"
    assert json.loads(text) == {"messageId": id, "timestamp": "2026-01-02T03:04:05.000000Z", "subject": "7", "payload": payload}
    assert told["same id"] == [True, False]


def test_look_up_over_http(told: dict[str, Any]) -> None:
    first, second, *others = told["http"]
    assert first == {"path": "/c/D%2FE%20%C3%A4?lang=a%26b", "body": None}
    assert second == {"path": "/post", "body": {"a": 1, "b": None}}
    assert others == ["Refused", "Unanswered", "Unanswered", "Unanswered"]
    assert "is no address" in told["scheme"]
