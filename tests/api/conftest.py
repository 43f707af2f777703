"""The demo company behind the API, and programs that speak for its people."""

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.api.company import Api
from tests.application import application
from tests.database import Databases


@pytest.fixture(scope="module")
def api(databases: Databases, demo_template: str) -> Iterator[Api]:
    """The application on a database of its own; the tests of a module share it and make their own cases."""
    url = databases.copy(demo_template)
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    with application(url, now) as app:
        yield Api(app, now)
    databases.drop(url)
