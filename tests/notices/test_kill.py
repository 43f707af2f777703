"""``kill -9`` of the worker while a mail server has the text and has not answered yet."""

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.application import application
from tests.database import Databases
from tests.notices.outside import Mailbox, mail_server
from tests.product import Product
from webapp.notices.sending import send_notices
from webapp.notices.settings import read_settings


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def product(databases: Databases, demo_template: str, mail: Mailbox) -> Iterator[Product]:
    url = databases.copy(demo_template)
    made = Product(url)
    made.environ |= {
        "SALESFLOW_MAIL_URL": f"smtp+plain://127.0.0.1:{mail.port}",
        "SALESFLOW_MAIL_FROM": "salesflow@example.com",
        "SALESFLOW_SITE_URL": "https://sales.example.com",
        "SALESFLOW_NOTICE_CHANNELS": "mail",
    }
    try:
        yield made
    finally:
        made.stop()
        databases.drop(url)


def wait_for(what: str, seen: object) -> None:
    until = time.monotonic() + 60
    while not seen():  # type: ignore[operator]
        assert time.monotonic() < until, f"{what} never came"
        time.sleep(0.2)


def statuses(database: Engine) -> list[str]:
    with database.connect() as connection:
        return list(connection.execute(text("SELECT status FROM notice_delivery ORDER BY id")).scalars())


def test_what_a_killed_worker_was_sending_is_unknown_and_never_sent_again(product: Product, mail: Mailbox) -> None:
    mail.answers_texts.clear()
    database = create_engine(product.database_url)
    with database.begin() as connection:
        connection.execute(text("UPDATE notice SET routed_at = created_at"))
        connection.execute(text("INSERT INTO notice_digest_day (day, made_at) VALUES (current_date, now())"))
        connection.execute(text(
            "INSERT INTO notice (employee_id, kind, event_key, params, created_at)"
            " SELECT id, 'case_completed', 'case_completed:kill', '{\"title\": \"JK-1\"}', now() FROM employee"
            " WHERE login = 'salesperson'"
        ))  # fmt: skip
    worker = product.start_worker()
    wait_for("the mail", lambda: mail.kept)
    product.kill(worker)
    mail.answers_texts.set()
    assert statuses(database) == ["sending"]
    now = dt.datetime.now(dt.UTC)
    for minutes, expected in ((1, "sending"), (6, "unknown"), (60 * 24, "unknown")):
        with application(product.database_url, now + dt.timedelta(minutes=minutes)) as app:
            app.config["NOTICES"] = read_settings(product.environ)
            send_notices(app)
        assert statuses(database) == [expected]
    assert len(mail.kept) == 1
    database.dispose()
