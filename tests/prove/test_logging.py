"""Logging, loaded and used: what each component's configuration shows and hides, and what the prover says once it is changed."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import json
import logging
import math
import subprocess
import sys
import uuid
import zipfile
from collections import namedtuple
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

import pytest
from opentelemetry import _logs
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, InMemoryLogRecordExporter
from pydantic import BaseModel

from generator import personal
from generator.diagnostics import Diagnostic, has_errors
from generator.emit import logging as kind
from generator.graph import Graph
from generator.link import link
from generator.prove import logging_config
from generator.read import read

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "tests" / "scenarios" / "logging"
SYSTEMS = sorted({path.parent for path in (*(ROOT / "contracts").glob("*/*.yaml"), *SCENARIOS.glob("*/*.yaml"))})
SHOP = SCENARIOS / "shop"
CONFIG = "dictconfig/orders.json"
PACKAGE = "python/src/shop_logging"


def linked(folder: Path) -> Graph:
    system, found = read(folder)
    assert system is not None and not has_errors(found), [str(each) for each in found]
    graph, found = link(system)
    assert not has_errors(found), [str(each) for each in found]
    return graph


def written(contract: Path, folder: Path) -> Path:
    for artifact in kind.emit(linked(contract)):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text, encoding="utf-8")
    return folder


def proof(folder: Path) -> list[Diagnostic]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return list(logging_config.prove(folder, sorted(PurePosixPath(path.relative_to(folder).as_posix()) for path in paths)))


# --- the prover -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", SYSTEMS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_prover_accepts_and_leaves_no_trace(contract: Path, tmp_path: Path) -> None:
    folder = written(contract, tmp_path)
    before = sorted(folder.rglob("*"))
    assert proof(folder) == []
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        (CONFIG, '"email": "personal"', '"emails": "personal"', "personal-in-clear", '"email" as extra is shown on the console'),
        (CONFIG, '"/v1/customers/{email}/orders"', "", "personal-in-clear", '"email" in the path /v1/customers/{email}/orders'),
        (CONFIG, '"mail_addresses": true', '"mail_addresses": false', "personal-in-clear", "a mail address in a text"),
        (CONFIG, '      "formatter": "json",\n', "", "not-json", "probe-"),
        (CONFIG, '"shop_logging.JsonLines"', '"logging.Formatter"', "not-json", "probe-"),
        (CONFIG, '"shop_logging.JsonLines"', '"shop_logging.JsonLine"', "refused", "JsonLine"),
        (CONFIG, '"service": "orders"', '"service": "order"', "wrong-value", '"service" of a line is "order", and not "orders"'),
        (CONFIG, '"level": "DEBUG"', '"level": "INFO"', "wrong-level", 'what "com.example.shop.pricing" logs at DEBUG is not on the console'),
        (CONFIG, '"level": "ERROR"', '"level": "WARNING"', "wrong-level", 'what "org.apache.kafka" logs at WARNING is on the console, though'),
        (CONFIG, '"handlers": [\n        "audit"\n', '"handlers": [\n        "console"\n', "refused", "AuditUnavailable"),
        (CONFIG, '"stream": "ext://sys.stdout"', '"stream": "ext://sys.stderr"', "wrong-level", "is not on the console"),
        (CONFIG, '"component": "orders"', '"component": "billing"', "refused", "billing has no audit event"),
        (CONFIG, '"version": 1', '"version": 2', "refused", "Unsupported version: 2"),
        (CONFIG, '"console": {', '"consoles": {', "refused", "console"),
        (CONFIG, '  "handlers": {\n', '  "handlers": {{\n', "refused", "JSONDecodeError"),
        ("components/orders.yaml", "  level: INFO\n", "  level: LOUD\n", "invalid", "'LOUD' is not one of"),
        ("components/orders.yaml", "  - name: email\n", "  - nam: email\n", "invalid", ""),
        ("components/orders.yaml", "  - name: email\n", "  - name: nickname\n", "personal-in-clear", '"nickname" as extra'),
        ("components/orders.yaml", "logging:\n", "logging: {\n", "unreadable", ""),
        ("logging.schema.json", '"type": "array"', '"type": "list"', "invalid-schema", ""),
        ("audit-events.yaml", "written: pseudonym", "written: clear", "audit-incomplete", "audit.resource.holder"),
        ("audit-events.yaml", "event: orders.refund", "event: orders.reimburse", "refused", "orders.reimburse"),
        ("audit-events.yaml", "written: redacted", "written: hidden", "invalid", "'hidden' is not one of"),
        (f"{PACKAGE}/events.py", '"mode",', "", "audit-careless", "control.setMode without its resource was not refused"),
        (f"{PACKAGE}/audit.py", "handler.emit(record)", "handler.emit(record) or logging.root.handle(record)", "audit-astray", "where the audit log has none"),
        (f"{PACKAGE}/audit.py", "if not actor or ", "if ", "audit-careless", "without an actor was not refused"),
        (f"{PACKAGE}/audit.py", "{EVENT: event, ACTOR: actor, ", "{EVENT: event, ", "audit-incomplete", "audit.actor"),
        (f"{PACKAGE}/collector.py", "{LOG_TYPE: AUDIT, **", "{**", "audit-lost", 'orders.refund" left 0 times'),
        (f"{PACKAGE}/collector.py", '("correlation_id", "request_id")', '("request_id",)', "audit-incomplete", "correlation_id"),
        (f"{PACKAGE}/collector.py", "if event not in self.events", "if False", "audit-careless", "a record past audit()"),
        (f"{PACKAGE}/context.py", 'own["request_id"] = request_id.get()', 'own["request_id"] = None', "wrong-value", '"request_id" of a line'),
        (f"{PACKAGE}/json_lines.py", 'log_data["exception"] =', 'log_data["error"] =', "wrong-keys", "a line has the keys"),
        (f"{PACKAGE}/json_lines.py", "message_dict | additions(record)", "{}", "wrong-level", "in another form"),
        (f"{PACKAGE}/redaction.py", "record.exc_info = None", "record.exc_info = record.exc_info", "personal-in-clear", "in an exception"),
        (f"{PACKAGE}/redaction.py", "self._named(text) if self.names else text", "text", "personal-in-clear", "in JSON is shown with the collector"),
        (f"{PACKAGE}/redaction.py", "import re\n", "import ree\n", "refused", "ree"),
    ],
)  # fmt: skip
def test_prover_refuses(tmp_path: Path, file: str, old: str, new: str, code: str, words: str) -> None:
    path = written(SHOP, tmp_path) / file
    before, found, after = path.read_text().partition(old)
    assert found
    path.write_text(before + new + after)
    refusals = [each for each in proof(tmp_path) if each.code == f"logging.config/{code}"]
    assert refusals and any(words in each.message for each in refusals), proof(tmp_path)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (CONFIG, "alone"),
        ("components/orders.yaml", "alone"),
        ("logging.schema.json", "no-schema"),
        ("audit-events.schema.json", "no-schema"),
        ("audit-events.yaml", "none"),
        (f"{PACKAGE}/events.py", "refused"),
    ],
)
def test_prover_misses_what_is_not_there(tmp_path: Path, file: str, code: str) -> None:
    (written(SHOP, tmp_path) / file).unlink()
    assert {each.code for each in proof(tmp_path)} == ({f"logging.config/{code}"} if code != "none" else set())


def test_prover_misses_the_package(tmp_path: Path) -> None:
    (written(SHOP, tmp_path) / "python").rename(tmp_path / "elsewhere")
    assert [each.code for each in proof(tmp_path)] == ["logging.config/no-package"]


# --- the package, used as a program uses it ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = written(SHOP, tmp_path_factory.mktemp("logging"))
    sys.path.insert(0, str(folder / "python" / "src"))
    try:
        yield importlib.import_module("shop_logging")
    finally:
        sys.path.remove(str(folder / "python" / "src"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "shop_logging"]:
            del sys.modules[name]


FIELDS = {"email": "personal", "customerId": "personal", "größe": "sensitive", "pin": "secret", "line 1": "personal"}


def shown(
    shop: ModuleType, message: object = "said", *arguments: object, error: BaseException | None = None, **extra: object
) -> dict[str, Any]:
    """The line of a record, read again."""
    logger = logging.Logger("shop")
    error_info = (type(error), error, error.__traceback__) if error else None
    record = logger.makeRecord("shop", logging.INFO, __file__, 1, message, arguments, error_info, "shown", extra)
    assert shop.ContextFilter("orders").filter(record)
    assert shop.RedactionFilter(FIELDS, ["/v1/users/{customerId}/orders/{no}", "/{customerId}"], True).filter(record)
    line = shop.JsonLines().format(record)
    assert "\n" not in line and line.isascii()
    read_again: dict[str, Any] = json.loads(line)
    return read_again


Point = namedtuple("Point", "email x")  # the plain kind is what is tried here


@dataclasses.dataclass
class Customer:
    customer_id: str
    city: str


class Model(BaseModel):
    email: str
    age: int = 3


def nothing_is_shown() -> object:
    class Shy:
        def __str__(self) -> str:
            raise RuntimeError("do not look")

    return Shy()


def ring() -> list[object]:
    held: list[object] = []
    held.append(held)
    return held


@pytest.mark.parametrize(
    ("given", "mdc"),
    [
        ({"email": "ghost", "age": 3}, {"email": "[REDACTED]", "age": 3}),
        ({"customer_id": "ghost", "CUSTOMER-ID": "ghost", "customer.id": "ghost"}, dict.fromkeys(["CUSTOMER-ID", "customer.id", "customer_id"], "[REDACTED]")),
        ({"user.email": "ghost", "emails": "shown"}, {"emails": "shown", "user.email": "[REDACTED]"}),
        ({"held": {"a": [{"Größe": 180}], "line 1": {"x": "ghost"}}}, {"held": {"a": [{"Größe": "[REDACTED]"}], "line 1": "[REDACTED]"}}),
        ({"held": Point("ghost", 1)}, {"held": {"email": "[REDACTED]", "x": 1}}),
        ({"held": Customer("ghost", "Linz")}, {"held": {"customer_id": "[REDACTED]", "city": "Linz"}}),
        ({"held": [Model(email="ghost")]}, {"held": [{"email": "[REDACTED]", "age": 3}]}),
        ({"held": b'{"pin": "ghost"}'}, {"held": '{"pin": [REDACTED]}'}),
        ({"held": {1: "one", None: "two"}}, {"held": {"1": "one", "None": "two"}}),
        ({"held": [math.nan, math.inf, 0.5, Decimal("1.50"), uuid.UUID(int=1)]}, {"held": ["nan", "inf", 0.5, "1.50", str(uuid.UUID(int=1))]}),
        ({"email": None}, {"email": None}),
        ({"held": "?customer_id=ghost&page=2"}, {"held": "?customer_id=[REDACTED]&page=2"}),
        ({"correlation_id": "ghost@mail.example", "service": "ghost"}, {}),
    ],
)  # fmt: skip
def test_values_are_hidden_by_name(shop: ModuleType, given: dict[str, Any], mdc: dict[str, object]) -> None:
    line = shown(shop, **given)
    assert (line["mdc"], line["service"]) == (mdc, "orders")


@pytest.mark.parametrize(
    ("message", "arguments", "text"),
    [
        ("%s has %d", ("Ann", 2), "Ann has 2"),
        ("%(customerId)s is %(state)s", ({"customerId": "ghost", "state": "new"},), "[REDACTED] is new"),
        ("user email=%s, state=%s", ("ghost", "new"), "user email=[REDACTED], state=new"),
        ("email: ghost, of the house, state: new", (), "email: [REDACTED], state: new"),
        ('{"email": "gh\\"ost", "state": "new"}', (), '{"email": [REDACTED], "state": "new"}'),
        ("%s", ({"größe": "ghost"},), "{'größe': [REDACTED]}"),
        (json.dumps(json.dumps({"größe": "ghost"})), (), '"{\\"gr\\\\u00f6\\\\u00dfe\\": [REDACTED]}"'),
        ("Customer(email=Mail(name='ghost'), state='new')", (), "Customer(email=[REDACTED]"),
        ("GET /v1/users/ghost/orders/7?x=1", (), "GET /v1/users/[REDACTED]/orders/7?x=1"),
        ('"GET /ghost HTTP/1.1" from /usr/lib', (), '"GET /[REDACTED] HTTP/1.1" from /usr/lib'),
        ("wrote to ghost@mail.example, twice", (), "wrote to [REDACTED], twice"),
        ("1 validation error\n  value [type=missing, input_value='ghost', input_type=str]", (), "1 validation error\n  value [type=missing, input_value=[REDACTED], input_type=str]"),
        ("%d of %s", ("seven",), "%d of %s ('seven',)"),
        ("state=new, filename=x, emails=3", (), "state=new, filename=x, emails=3"),
    ],
)  # fmt: skip
def test_texts_are_hidden_by_the_name_before_them(shop: ModuleType, message: str, arguments: tuple[object, ...], text: str) -> None:
    assert shown(shop, message, *arguments)["message"] == text


def test_an_exception_is_text_without_what_it_was_about(shop: ModuleType) -> None:
    with pytest.raises(ValueError, match="ghost") as caught:
        raise ValueError('no customer {"email": "ghost"}')
    line = shown(shop, "failed", error=caught.value)
    assert line["exception"].startswith("Traceback") and 'no customer {"email": [REDACTED]' in line["exception"]
    assert "ghost" not in json.dumps(line["exception"].splitlines()[-1])


def test_a_mapping_as_message_is_its_message_and_the_rest(shop: ModuleType) -> None:
    line = shown(shop, {"message": "placed", "email": "ghost", "level": "DEBUG", "total": 3})
    assert (line["message"], line["level"], line["mdc"]) == ("placed", "INFO", {"email": "[REDACTED]", "level": "DEBUG", "total": 3})


@pytest.mark.parametrize("made", [nothing_is_shown, ring], ids=["unprintable", "endless"])
def test_whatever_is_logged_interrupts_nobody(shop: ModuleType, made: Callable[[], object]) -> None:
    assert shown(shop, "said", held=made())["level"] == "INFO"
    assert shown(shop, "said %s", made())["level"] == "INFO"


@pytest.mark.parametrize(
    "text", ["\\" * 30_000, "email=" * 10_000, "'\"" * 20_000, "email=," * 10_000, "a:" * 20_000, "a@" * 20_000, "[email:" * 10_000]
)
def test_no_text_takes_long(shop: ModuleType, text: str) -> None:
    """Seconds would be quadratic: each of these has another part of the patterns look at all that follows."""
    code = "import sys, logging; sys.path.insert(0, sys.argv[1]); import shop_logging as shop\n"
    code += "shop.RedactionFilter({'email': 'personal'}, ['/v1/{email}'], True).text(sys.stdin.read())"
    source = Path(str(shop.__file__)).parents[1]
    subprocess.run([sys.executable, "-B", "-c", code, str(source)], input=text, encoding="utf-8", check=True, timeout=20)


@pytest.mark.parametrize("name", ["customerId", "customer_id", "GRÖSSE", "größe", "e mail", "geo.position", "!?", "日本-1", "a\\u0301"])
def test_names_are_compared_as_the_contract_compares_them(shop: ModuleType, name: str) -> None:
    """What the catalogue says is clear must be what the package leaves."""
    assert importlib.import_module(f"{shop.__name__}.redaction").fold(name) == personal.fold(name)


# --- ids --------------------------------------------------------------------------------------------------------------


def test_ids_are_those_of_the_request_and_go_with_further_calls(shop: ModuleType) -> None:
    headers = {"x-correlation-id": "c-1", "X-REQUEST-ID": "r-1"}
    with shop.bind_headers(headers):
        assert shown(shop)["correlation_id"] == "c-1" and shown(shop)["request_id"] == "r-1"
        assert shop.outgoing_headers() == {"X-Correlation-ID": "c-1", "X-Request-ID": "r-1"}
        with shop.bind("c-2"):
            assert shown(shop)["correlation_id"] == "c-2"
        assert shown(shop)["correlation_id"] == "c-1"
    assert shown(shop)["correlation_id"] is None and shop.outgoing_headers() == {}


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "a\nb", "<script>", "-x", "é"])
def test_an_id_that_is_none_is_replaced(shop: ModuleType, given: str | None) -> None:
    with shop.bind(given, given):
        line = shown(shop)
    assert uuid.UUID(line["correlation_id"]).version == uuid.UUID(line["request_id"]).version == 4


def test_requests_at_one_time_keep_their_ids(shop: ModuleType) -> None:
    async def handled(number: int) -> str:
        with shop.bind(f"c-{number}"):
            await asyncio.sleep(0)
            return str(shown(shop)["correlation_id"])

    async def all_handled() -> list[str]:
        return list(await asyncio.gather(*(handled(number) for number in range(20))))

    assert asyncio.run(all_handled()) == [f"c-{number}" for number in range(20)]


# --- the audit log and the collector, with the real SDK ---------------------------------------------------------------


class Sent:
    """What a logger provider of the SDK exports."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
        self.provider = LoggerProvider(shutdown_on_exit=False)
        self.provider.add_log_record_processor(BatchLogRecordProcessor(self.exporter, schedule_delay_millis=3_600_000))
        monkeypatch.setattr(_logs._internal, "_LOGGER_PROVIDER", self.provider)  # noqa: SLF001  # it can be set only once

    @property
    def records(self) -> list[Any]:
        return [each.log_record for each in self.exporter.get_finished_logs()]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    found = Sent(monkeypatch)
    yield found
    found.provider.shutdown()


@contextlib.contextmanager
def audited(shop: ModuleType) -> Iterator[None]:
    """The audit logger as a configuration has it."""
    handler = shop.AuditHandler("orders")
    handler.addFilter(shop.ContextFilter("orders"))
    handler.addFilter(shop.AuditFilter(FIELDS | {"actor": "personal"}, (), True))
    logger = logging.getLogger("audit")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def test_an_audit_record_has_left_when_the_call_returns(shop: ModuleType, sent: Sent) -> None:
    logging.disable(logging.CRITICAL)
    try:
        with audited(shop), shop.bind("c-1", "r-1"):
            shop.audit("orders.findOrders", actor="clerk-7", resource={"email": "ghost@mail.example", "page": 2})
    finally:
        logging.disable(logging.NOTSET)
    [record] = sent.records
    assert (record.body, record.event_name) == ("orders.findOrders", "orders/orders.findOrders")
    assert dict(record.attributes) == {
        "log.type": "audit",
        "audit.event": "orders.findOrders",
        "audit.actor": "clerk-7",
        "audit.outcome": "success",
        "audit.retention": "400d",
        "audit.resource.email": "[REDACTED]",
        "audit.resource.page": 2,
        "correlation_id": "c-1",
        "request_id": "r-1",
    }


def test_with_a_key_the_resource_has_a_pseudonym_and_a_secret_none(
    shop: ModuleType, sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key"
    monkeypatch.setenv("AUDIT_PSEUDONYM_KEY_FILE", str(key))
    key.write_bytes(b"k" * 31)
    with pytest.raises(ValueError, match="shorter than 32 bytes"), audited(shop):
        pass
    key.write_bytes(b"k" * 32)
    with audited(shop):
        for mail in ("ann", "ann", "bob"):
            shop.audit("orders.findOrders", actor="clerk-7", resource={"email": mail, "pin": "1234", "held": {"email": "ann"}})
    attributes = [dict(each.attributes) for each in sent.records]
    first, second, third = [each["audit.resource.email"] for each in attributes]
    assert first == second != third and first.startswith("hmac-sha256:")
    assert {each["audit.resource.pin"] for each in attributes} == {"[REDACTED]"}
    assert all(each["audit.resource.held"] == {"email": "[REDACTED]"} for each in attributes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"event": "orders.getOrder"}, "no audit event 'orders.getOrder'"),
        ({"event": "accounts.closeAccount"}, "orders has no audit event"),
        ({"actor": ""}, "without an actor"),
        ({"outcome": "perhaps"}, "with the outcome 'perhaps'"),
        ({"resource": {}}, "without email"),
        ({"resource": {"email": None}}, "without email"),
        ({"event": "PriceOverridden", "resource": None}, "without the order line"),
    ],
)
def test_what_the_catalogue_does_not_know_is_refused(shop: ModuleType, sent: Sent, arguments: dict[str, Any], words: str) -> None:
    usual: dict[str, Any] = {"event": "orders.findOrders", "actor": "clerk-7", "resource": {"email": "x"}}
    with audited(shop), pytest.raises(shop.AuditRefused, match=words):
        shop.audit(**usual | arguments)
    assert sent.records == []


def test_nothing_is_audited_where_the_record_would_be_lost(shop: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[str, Any] = {"actor": "clerk-7", "resource": {"email": "x"}}
    with pytest.raises(shop.AuditUnavailable, match="not configured"):
        shop.audit("orders.findOrders", **values)
    monkeypatch.setattr(_logs._internal, "_LOGGER_PROVIDER", None)  # noqa: SLF001
    with audited(shop), pytest.raises(shop.AuditUnavailable, match="no OpenTelemetry logger provider"):
        shop.audit("orders.findOrders", **values)
    stuck = Sent(monkeypatch)
    monkeypatch.setattr(stuck.provider, "force_flush", lambda timeout_millis: False)
    with audited(shop), pytest.raises(shop.AuditUnavailable, match="has not left within 5000 ms"):
        shop.audit("orders.findOrders", **values)
    stuck.provider.shutdown()


def test_records_leave_with_what_the_program_added_and_those_of_the_exporter_stay(shop: ModuleType, sent: Sent) -> None:
    handler = shop.CollectorHandler()
    handler.addFilter(shop.ContextFilter("orders"))
    handler.addFilter(shop.RedactionFilter(FIELDS))
    logger = logging.Logger("com.example.shop")
    logger.addHandler(handler)
    exporter = logging.Logger("opentelemetry.exporter.otlp")
    exporter.addHandler(handler)
    exporter.error("cannot reach the collector")
    with shop.bind("c-1", "r-1"):
        logger.warning("took %s", {"email": "ghost"}, extra={"order": {"lines": [1, 2]}, "when": uuid.UUID(int=1)})
        with pytest.raises(KeyError) as caught:
            raise KeyError("email=ghost")
        logger.error("failed", exc_info=caught.value)
    sent.provider.force_flush()
    first, second = sent.records
    assert (first.body, first.severity_text) == ("took {'email': [REDACTED]}", "WARN")
    assert dict(first.attributes) == {
        "order": {"lines": (1, 2)},
        "when": str(uuid.UUID(int=1)),
        "correlation_id": "c-1",
        "request_id": "r-1",
    }
    assert second.attributes["exception.type"] == "KeyError" and "[REDACTED]" in second.attributes["exception.message"]
    assert "ghost" not in second.attributes["exception.message"] and second.attributes["exception.stacktrace"].startswith("Traceback")


# --- the package as a package -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("contract", [SHOP, SCENARIOS / "silent", SCENARIOS / "odd-names"], ids=lambda folder: folder.name)
def test_package_is_what_strict_tools_want(contract: Path, tmp_path: Path) -> None:
    folder = written(contract, tmp_path)
    options = ["--strict", "--no-incremental", "--config-file", "/dev/null"]
    for command in (["mypy", *options], ["ruff", "check", "--no-cache", "--config", str(ROOT / "pyproject.toml")]):
        done = subprocess.run(
            [sys.executable, "-m", *command, "python/src"], cwd=folder, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stdout


def test_package_can_be_installed(tmp_path: Path) -> None:
    folder = written(SHOP, tmp_path / "logging")
    build = "import sys; from flit_core.buildapi import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=folder / "python", check=True)
    [wheel] = tmp_path.glob("*.whl")
    assert wheel.name == "shop_logging-4.2.0-py3-none-any.whl"
    assert {"shop_logging/__init__.py", "shop_logging/py.typed", "shop_logging/events.py"} <= set(zipfile.ZipFile(wheel).namelist())
