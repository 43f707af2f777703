"""The demo company at work, on a database of each test's own."""

import datetime as dt

import pytest
from flask import Flask

from tests.pages.office import Office


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    """Everybody of the demo company."""
    return Office(demo, now)
