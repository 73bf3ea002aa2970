"""Options and fixtures that several tests share."""

from __future__ import annotations

import hashlib
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from generator.live.api_server import API_SERVER, Cluster
from generator.tools import install

ROOT = Path(__file__).parent.parent

settings.register_profile("noisy", suppress_health_check=[HealthCheck.too_slow], deadline=None)
settings.load_profile("noisy")
"""A machine with other things to do is slow, and no test is to fail by that."""


def pytest_configure() -> None:
    """A shell lets what it runs beside itself ignore interrupts, and so would all that is started here; some tests interrupt it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write what the scenarios produce as what they expect")
    parser.addoption(
        "--mutants",
        type=int,
        default=1,
        metavar="N",
        help="of what is changed to see that a test can fail, take one in N; which ones, the commit decides",
    )


def is_taken(config: pytest.Config, mutant: str) -> bool:
    """Whether this run takes a mutant: every commit takes others, and the same commit always the same."""
    drawn = hashlib.sha256(f"{_commit()}:{mutant}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") % int(config.getoption("--mutants")) == 0


@cache
def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD^{tree}"], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    return done.stdout.strip()


LONG = frozenset({"test_random_systems.py", "test_live.py", "test_live_flows.py", "test_site.py"})
"""They go first: a long test that is the last to begin keeps the other workers waiting."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda each: each.path.name not in LONG)
    left_out = [each for each in items if each.get_closest_marker("mutant") and not is_taken(config, each.nodeid)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [each for each in items if each not in set(left_out)]


def pytest_report_header(config: pytest.Config) -> str:
    return f"mutants: one in {config.getoption('--mutants')}, drawn by the commit's tree {_commit()[:12] or '(no repository)'}"


@pytest.fixture
def takes(request: pytest.FixtureRequest) -> Callable[[str], bool]:
    """For tests that make many mutants: whether this run takes the one of this name."""
    return lambda mutant: is_taken(request.config, f"{request.node.nodeid}:{mutant}")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all tests of a process: what they create, they create in Namespaces of their own."""
    install(API_SERVER)
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started
