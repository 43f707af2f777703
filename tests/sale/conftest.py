"""The company of the sale's tests."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from tests.application import application
from tests.database import Databases
from tests.pages.office import Office
from tests.sale.firm import Firm, firm
from tests.sale.scene import Scene
from webapp.demo_sales import fill_demo_sales
from webapp.engine import engine
from webapp.extensions import db


@pytest.fixture
def company(session: Session) -> Firm:
    return firm(session)


@pytest.fixture(scope="session")
def demo_template(databases: Databases, demo_template: str) -> str:
    """The demo company with its sales: the pages of sales are looked at with something on them."""
    url = databases.copy(demo_template)
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    with application(url, now) as app, app.app_context():
        fill_demo_sales(db.session(), engine(), now)
        db.session.commit()
    return str(make_url(url).database)


@pytest.fixture
def sales(office: Office) -> Scene:
    made = Scene(office)
    made.refresh()
    return made


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)
