"""Where fields come from, and how protection travels with them: over flows that nobody wrote, and against other ways to find out."""

from __future__ import annotations

import copy
from datetime import datetime
from itertools import pairwise, takewhile
from pathlib import Path

import pytest
from cronsim import CronSim
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from random_contracts import write
from random_lineage import KnownFlow, flow_systems, known_flows

from generator import lineage, queries, schedules
from generator.diagnostics import Severity, has_errors
from generator.link import link
from generator.pipeline import understand
from generator.read import read
from generator.reports.text import to_text
from generator.review import review
from generator.schedules import ScheduleFault
from generator.units import Duration

QUICKLY = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all examples of a test: each overwrites it whole."""
    return tmp_path_factory.mktemp("flows")


@settings(QUICKLY, max_examples=150)
@given(contract=flow_systems())
def test_whatever_a_flow_says_is_understood(folder: Path, contract: dict[str, object]) -> None:
    """No flow ends in a traceback, every finding has its place, and what is wrong is said once."""
    files = write(contract, folder)
    graph, found = understand(files)
    assert graph is not None
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") + 1 for path in files.iterdir()}
    for each in found:
        assert 1 <= each.at.line <= lines[Path(each.at.file).name]
        assert each.message and not each.message.endswith(".")
    assert len({(each.code, each.at, each.message) for each in found}) == len(found)


@settings(QUICKLY, max_examples=100)
@given(contract=flow_systems())
def test_protection_is_never_lost_unnoticed(folder: Path, contract: dict[str, object]) -> None:
    """What comes to a place that protects it less is a finding, whatever else is wrong with the flow."""
    system, _ = read(write(contract, folder))
    assert system is not None
    graph, _ = link(system)
    told = [each.message for each in review(graph) if each.code == "lost-classification"]
    for pipeline in graph.pipelines:
        for field in lineage.fields(graph, pipeline):
            levels = [lineage.protection(graph, each.schema).level for each in field.origins] if field.rule != "constant" else []
            is_no_field = field.wanted is None and lineage.target_row(graph, pipeline, field.target) is not None
            if max(levels, default=0) > lineage.protection(graph, field.wanted).level and not is_no_field:
                assert any(f'"{field.name}" is ' in each and each.endswith(f".{field.name}") for each in told)


@QUICKLY
@given(flow=known_flows())
def test_origins_are_those_that_the_flow_was_made_of(folder: Path, flow: KnownFlow) -> None:
    graph, found = understand(write(flow.contract, folder))
    assert graph is not None and not has_errors(found), to_text(found, lambda _: None)
    fields = {each.name: each for each in lineage.fields(graph, graph.pipelines[0])}
    assert set(fields) == set(flow.made_from)
    for name, field in fields.items():
        origins = {each.field for each in field.origins if each.place == "shop.orders-db.orders"}
        assert origins - {"id"} == flow.made_from[name], str(flow.contract["sync"]["flows"])


@QUICKLY
@given(flow=known_flows(), column=st.sampled_from(("alpha", "beta", "gamma", "delta")), level=st.sampled_from(("personal", "secret")))
def test_a_protected_column_is_found_wherever_it_comes_to(folder: Path, flow: KnownFlow, column: str, level: str) -> None:
    """Exactly the fields that are made from it, and a finding shows the whole path."""
    contract = copy.deepcopy(flow.contract)
    contract["shop"]["types"]["Order"]["properties"][column] |= {"x-classification": level, "x-purpose": "contract"}
    _, found = understand(write(contract, folder))
    lost = [each for each in found if each.code == "lost-classification"]
    assert {each.message.split('"')[1] for each in lost} == {name for name, made_from in flow.made_from.items() if column in made_from}
    for each in lost:
        assert f"shop.orders-db.orders.{column} → " in each.message and "→ sync.warehouse.orders." in each.message


def test_a_column_is_followed_through_functions_and_other_names() -> None:
    tables = (("customers", (("id", "TEXT"), ("email", "TEXT"))),)
    [_, mail] = queries.columns("SELECT id, upper(email) AS mail FROM customers", "postgresql", tables)
    assert mail.origins == (("customers", "email"),)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT row_to_json(c) AS given FROM customers c",
        "SELECT c AS given FROM customers c",
        "SELECT to_jsonb(customers.*) AS given FROM customers",
        "WITH x AS (SELECT row_to_json(c) AS j FROM customers c) SELECT j AS given FROM x",
        "SELECT b.mail AS given FROM customers a LEFT JOIN LATERAL (SELECT email AS mail FROM customers o WHERE o.id = a.id) b ON true",
    ],
)
def test_what_cannot_be_followed_may_be_any_column(query: str) -> None:
    tables = (("customers", (("id", "TEXT"), ("email", "TEXT"))),)
    [found] = queries.columns(query, "postgresql", tables)
    assert {column for _, column in found.origins} == {"id", "email"}


# --- schedules and thresholds -----------------------------------------------------------------------------------------


@st.composite
def fields(draw: st.DrawFn, least: int, most: int) -> str:
    one, other = sorted((draw(st.integers(least, most)), draw(st.integers(least, most))))
    return draw(st.sampled_from(("*", f"*/{draw(st.integers(1, most))}", f"{one}", f"{one}-{other}", f"{one},{other}")))


EXPRESSIONS = st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 6)).map(" ".join)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(EXPRESSIONS)
def test_gaps_are_those_of_another_reader_of_cron(expression: str) -> None:
    runs = list(takewhile(lambda each: each.year < 2033, _first(CronSim(expression, datetime(2024, 1, 1)), 3000)))  # noqa: DTZ001  # the clock on the wall
    assume(len(runs) > 1)
    apart = [int((later - earlier).total_seconds()) * 1000 for earlier, later in pairwise(runs)]
    found = schedules.gaps(schedules.parse(expression))
    assert found is not None
    if len(runs) < 3000:
        assert (found.shortest.milliseconds, found.longest.milliseconds) == (min(apart), max(apart))
    else:
        assert found.shortest.milliseconds <= min(apart) and found.longest.milliseconds >= max(apart)


def _first(runs: CronSim, count: int) -> list[datetime]:
    return [each for each, _ in zip(runs, range(count), strict=False)]


@pytest.mark.parametrize("text", ["", "* * * *", "0 */15 * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "@daily", "5-1 * * * *", "*/0 * * * *", "L * * * *", "1,,2 * * * *", "² * * * *"])  # fmt: skip
def test_what_kubernetes_refuses_is_no_schedule(text: str) -> None:
    with pytest.raises(ScheduleFault):
        schedules.parse(text)


@pytest.mark.parametrize(
    ("text", "shortest", "longest"),
    [
        ("*/15 * * * *", "15m", "15m"),
        ("0 4 * * *", "1d", "1d"),
        ("0 4 * * mon-fri", "1d", "3d"),
        ("0 0 29 2 *", "1461d", "1461d"),
        ("7,50 * * * *", "17m", "43m"),
        ("0 0 1 * 1", "1d", "7d"),
        ("0 9-17/4 * * *", "4h", "16h"),
    ],
)
def test_gaps(text: str, shortest: str, longest: str) -> None:
    found = schedules.gaps(schedules.parse(text))
    assert found is not None
    assert (found.shortest, found.longest) == (Duration.parse(shortest), Duration.parse(longest))


def test_a_day_that_no_month_has() -> None:
    assert schedules.gaps(schedules.parse("0 4 31 2,4,6,9,11 *")) is None


@QUICKLY
@given(run=st.integers(0, 40), fresh=st.integers(1, 60), gap=st.sampled_from((5, 10, 15, 20, 30)))
def test_freshness_is_the_gap_and_the_run(folder: Path, run: int, fresh: int, gap: int) -> None:
    """A change that just missed a run waits for the next one and for that to end: found exactly where that is too long."""
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
    flow = {
        "sources": {"in": {"store": "sync.db", "table": "a"}},
        "destinations": {"out": {"store": "sync.db", "table": "b"}},
        "thresholds": {"freshness": f"{fresh}m"} | ({"run_time": f"{run}m"} if run else {}),
    }
    tables = {name: {"row": row, "key": ["id"]} for name in ("a", "b")}
    sync = {
        "component": "sync",
        "stores": {"db": {"kind": "postgresql", "tables": tables}},
        "flows": {"one": flow},
        "runtime": {"kind": "job", "schedule": f"*/{gap} * * * *"},
    }
    _, found = understand(write({"system": {"interlock": 1, "system": {"name": "market", "owner": "team"}}, "sync": sync}, folder))
    codes = {each.code for each in found if each.severity is Severity.ERROR}
    assert codes == ({"impossible-freshness"} if gap + run > fresh else set())
    assert ("run-longer-than-gap" in {each.code for each in found}) == (run > gap)
