"""The company of the sale's tests."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.pages.office import Office
from tests.sale.firm import Firm, firm


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)
