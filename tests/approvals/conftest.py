"""The demo company, in which colleagues are brought in, on a database of each test's own."""

import datetime as dt

import pytest
from flask import Flask

from tests.api.company import Api
from tests.pages.office import Office


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    """Everybody of the demo company, on its pages."""
    return Office(demo, now)


@pytest.fixture
def api(demo: Flask, now: dt.datetime) -> Api:
    """Everybody of the demo company, by programs."""
    return Api(demo, now)
