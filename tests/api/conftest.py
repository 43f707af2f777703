"""The demo company behind the API, and programs that speak for its people."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.api.company import Api
from tests.database import Databases
from webapp import create_app
from webapp.demo import fill_demo
from webapp.extensions import db
from workflows.kernel.crypto import Keyring


@pytest.fixture(scope="module")
def api(databases: Databases) -> Iterator[Api]:
    """The application on a database of its own; the tests of a module share it and make their own cases."""
    url = databases.copy()
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": url,
            "SECRET_KEY": "a secret for tests only, long enough",
            "SECURITY_PASSWORD_SALT": "a salt for tests only, long enough",
            "SALESFLOW_KEYS": Keyring.new_key("test"),
            "AUDIT_KEY": b"a key for tests only, 32 bytes..",
            "SALESFLOW_ENV": "demo",
            "DEMO": True,
            "TESTING": False,
            "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
            "CLOCK": lambda: now,
        }
    )
    with app.app_context():
        fill_demo(db.session(), app.extensions["salesflow_engine"], now)
        db.session.commit()
    yield Api(app, now)
    with app.app_context():
        db.engine.dispose()
    databases.drop(url)
