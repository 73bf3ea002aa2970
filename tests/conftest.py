"""Options and fixtures that several tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.live.api_server import API_SERVER, Cluster
from generator.tools import install

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """A shell lets what it runs beside itself ignore interrupts, and so would all that is started here; some tests interrupt it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write what the scenarios produce as what they expect")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden"))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One for all tests of a process: what they create, they create in Namespaces of their own."""
    install(API_SERVER)
    with Cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started
