"""Fixtures of the whole suite: real PostgreSQL, the real application, a real browser.

``session`` is for operations: a transaction that is rolled back. ``app`` commits, and therefore stands on a database of
its own; ``demo`` is such an application with the demo company in it, and ``visitor`` stands at its door. ``product`` is
web server and worker as processes, ``browser_page`` a browser that looks at them.
"""

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from tests.application import Visitor, application
from tests.browser import ARGUMENTS, Watched, chromium, environment
from tests.database import Databases, TestServer
from tests.product import Product
from webapp.demo import fill_demo
from webapp.engine import engine
from webapp.extensions import db

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


@pytest.fixture(scope="session")
def demo_template(databases: Databases) -> str:
    """The name of a database with the demo company in it, to make copies of."""
    url = databases.copy()
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    with application(url, now) as app, app.app_context():
        fill_demo(db.session(), engine(), now)
        db.session.commit()
    return str(make_url(url).database)


@pytest.fixture
def app(own_database: str, now: dt.datetime) -> Iterator[Flask]:
    """The application on an empty company."""
    with application(own_database, now) as made:
        yield made


@pytest.fixture
def demo(databases: Databases, demo_template: str, now: dt.datetime) -> Iterator[Flask]:
    """The application with the demo company, in which it is always ``now``."""
    url = databases.copy(demo_template)
    with application(url, now) as made:
        yield made
    databases.drop(url)


@pytest.fixture
def visitor(demo: Flask) -> Visitor:
    """A browser at the demo's door."""
    return Visitor(demo)


@pytest.fixture(scope="module")
def product(databases: Databases, demo_template: str) -> Iterator[Product]:
    """Web server and worker with the demo company; the tests of a module share them."""
    url = databases.copy(demo_template)
    running = Product(url)
    try:
        running.start_web()
        running.start_worker()
        yield running
    finally:
        running.stop()
        databases.drop(url)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this process; every test looks through a context of its own."""
    found = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS, env=environment(found))
        yield opened
        opened.close()


@pytest.fixture(params=[pytest.param((390, 844), id="phone"), pytest.param((1280, 900), id="desktop")])
def viewport(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Width and height of the window: a test of ``browser_page`` runs for a phone and for a desk."""
    size: tuple[int, int] = request.param
    return size


@pytest.fixture
def browser_page(browser: Browser, product: Product, viewport: tuple[int, int]) -> Iterator[Page]:
    """A page in Chinese on the product. What the console complained about fails the test at its end."""
    context = browser.new_context(
        base_url=product.address, locale="zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": viewport[0], "height": viewport[1]},
    )  # fmt: skip
    context.set_default_timeout(15_000)
    watched = Watched(context)
    yield watched.page
    context.close()
    assert watched.complaints == []
