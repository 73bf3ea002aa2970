"""Options and fixtures that several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from api_server import cluster

__all__ = ["cluster"]
"""Fixtures of other modules; one server judges for all tests of a process."""

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="write what the scenarios produce as what they expect")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--golden"))
