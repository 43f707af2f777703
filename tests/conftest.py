"""Fixtures of the whole suite: real PostgreSQL, the real application, a real browser.

``session`` is for operations: a transaction that is rolled back. ``app`` and ``client`` commit, and therefore stand on
a database of their own. ``demo`` is such an application with the demo company in it.
"""

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from tests.database import Databases, TestServer

SERVER = pytest.StashKey[TestServer]()


def _server(config: pytest.Config) -> TestServer:
    if SERVER not in config.stash:
        config.stash[SERVER] = TestServer()
    return config.stash[SERVER]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started; the workers of a parallel run started none."""
    if SERVER in config.stash:
        config.stash[SERVER].stop()


class ParallelRun:
    """Hooks that exist only where pytest-xdist does: its workers share the server of the controlling process."""

    def pytest_configure_node(self, node: "pytest.Item") -> None:
        node.workerinput["postgres"] = _server(node.config).coordinates()  # type: ignore[attr-defined]


def pytest_configure(config: pytest.Config) -> None:
    """Take part in parallel runs."""
    if config.pluginmanager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(ParallelRun(), "salesflow-parallel-run")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """The maker of databases for this process."""
    handed = getattr(request.config, "workerinput", None)
    if handed is None:
        return Databases(_server(request.config).coordinates(), "main")
    return Databases(handed["postgres"], handed["workerid"])


@pytest.fixture(scope="session")
def database_url(databases: Databases) -> str:
    """The database that ``session`` works in. Nothing is ever committed to it."""
    return databases.copy()


@pytest.fixture(scope="session")
def database(database_url: str) -> Iterator[Engine]:
    """The engine on ``database_url``."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """A session whose work is rolled back after the test; a commit inside it ends a savepoint only."""
    with database.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as opened:
            yield opened
        outer.rollback()


@pytest.fixture
def own_database(databases: Databases) -> Iterator[str]:
    """The address of a database for tests that commit, race, or kill: fresh, and dropped after the test."""
    url = databases.copy()
    yield url
    databases.drop(url)


@pytest.fixture
def now() -> dt.datetime:
    """A Tuesday morning in Shanghai, far from any holiday."""
    return dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
