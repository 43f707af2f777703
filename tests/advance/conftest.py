"""The company of the advance's tests: behind the pages (``company``) and in front of them (``office``)."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.advance.firm import Firm, firm
from tests.pages.office import Office


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)
