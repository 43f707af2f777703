"""The demo company on the product's database, and what its people send."""

import datetime as dt
import http.client
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from bench.client import Connection, Job, get, post
from webapp import create_app
from webapp.config import load_config
from webapp.demo import fill_demo
from webapp.demo_people import DEMO_PASSWORD
from webapp.extensions import db
from webapp.schema import upgrade_schema
from workflows.kernel.days import day_of
from workflows.people.model import Employee
from workflows.people.tokens import issue_token

#: The human steps of an advance after its start, and who takes them.
STEPS = (
    ("manager_approval", "sales_manager"),
    ("director_opinion", "sales_director"),
    ("general_manager_approval", "general_manager"),
    ("pay", "accountant"),
)
BORROWER, READER = "salesperson", "sales_manager"
AMOUNT = "12000.00"


@dataclass(slots=True)
class Firm:
    """The company behind the product, with a bearer token for each person who acts here."""

    app: Flask
    ids: dict[str, int]
    tokens: dict[str, str]
    today: dt.date
    cookies: dict[str, str] = field(default_factory=dict)

    def start_request(self) -> bytes:
        """A salesperson asks for an advance."""
        fields = {
            "amount": AMOUNT,
            "purpose": "广州展会差旅，拜访三家客户",
            "spend": [{"kind": "transport", "amount": "5000.00"}, {"kind": "lodging", "amount": "7000.00"}],
            "return_on": (self.today + dt.timedelta(days=30)).isoformat(),
        }
        return self.write(BORROWER, "/processes/expense_advance/instances", {"fields": fields})

    def complete_request(self, element_id: str, login: str, task_id: int) -> bytes:
        """Somebody answers a task."""
        fields: dict[str, Any] = {"decision": "approve", "opinion": "同意，请按预算执行"}
        if element_id == "general_manager_approval":
            fields["signature"] = [[[10 * x, 100 + x % 7] for x in range(60)]]
        if element_id == "pay":
            paid_on, reference = self.today.isoformat(), f"ICBC-{task_id:09d}"
            fields = {"amount": AMOUNT, "paid_on": paid_on, "method": "bank_transfer", "reference": reference}
        return self.write(login, f"/tasks/{task_id}/complete", {"revision": 1, "fields": fields})

    def write(self, login: str, path: str, body: Mapping[str, Any]) -> bytes:
        """A change through the API, under a key of its own."""
        headers = {"Authorization": f"Bearer {self.tokens[login]}", "Idempotency-Key": uuid.uuid4().hex}
        return post(f"/api/v1{path}", body, headers)

    def start(self) -> Job:
        """START: gives the id of the manager's task."""
        request = self.start_request()
        return lambda connection: _next_task(connection.ask(request, 201))

    def complete(self, element_id: str, login: str, task_id: int) -> Job:
        """COMPLETE: gives the id of the next task, None after the payment."""
        request = self.complete_request(element_id, login, task_id)
        return lambda connection: _next_task(connection.ask(request))

    def cycle(self) -> Job:
        """CYCLE: START and four COMPLETE, one after the other; gives the case's id."""

        def whole(connection: Connection) -> int:
            answer = json.loads(connection.ask(self.start_request(), 201))
            task_id = answer["next_tasks"][0]["id"]
            for element_id, login in STEPS:
                task_id = _next_task(connection.ask(self.complete_request(element_id, login, task_id)))
            return int(answer["instance"]["id"])

        return whole

    def inbox(self, login: str = READER) -> Job:
        """INBOX: the page, with a session as a browser has it."""
        request = get("/inbox", {"Cookie": self.cookies[login]})
        return lambda connection: len(connection.ask(request))

    def clear(self, connection: Connection, instance_id: int) -> int:
        """Hand the money of a paid advance back, so that its case ends; gives the settlement's case."""
        with self.app.app_context():
            advance = (
                db.session.connection()
                .exec_driver_sql("SELECT id FROM advance WHERE instance_id = %s", (instance_id,))
                .scalar_one()
            )
            db.session.commit()
        fields = {
            "advance": advance,
            "kind": "return",
            "amount": AMOUNT,
            "method": "bank_transfer",
            "returned_on": self.today.isoformat(),
            "reference": "ICBC-2026-0001",
        }
        path = "/processes/advance_settlement/instances"
        answer = json.loads(connection.ask(self.write(BORROWER, path, {"fields": fields}), 201))
        task_id = answer["next_tasks"][0]["id"]
        connection.ask(self.complete_request("confirm_return", "accountant", task_id))
        return int(answer["instance"]["id"])

    def sign_in(self, port: int, login: str) -> None:
        """Sign in with the form, as a person does, and keep the session's cookie."""
        page, cookie = _exchange(port, "GET", "/login")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert token, "the sign-in page has no token"
        form = urlencode({"login": login, "password": DEMO_PASSWORD, "csrf_token": token[1]})
        _, self.cookies[login] = _exchange(port, "POST", "/login", form, cookie)


def found_firm(environ: Mapping[str, str]) -> Firm:
    """Migrate the database, fill the demo company, deploy its diagrams and give its people tokens."""
    config = load_config(environ)
    upgrade_schema(config["SQLALCHEMY_DATABASE_URI"])
    app = create_app(config)
    now = dt.datetime.now(dt.UTC)
    with app.app_context():
        session = db.session()
        fill_demo(session, app.extensions["salesflow_engine"], now)
        ids = dict(session.execute(select(Employee.login, Employee.id)).tuples().all())
        people = {BORROWER, READER, *(login for _, login in STEPS)}
        tokens = {login: issue_token(session, ids[login], "bench", now=now) for login in people}
        session.commit()
    return Firm(app, ids, tokens, day_of(now))


def _next_task(answer: bytes) -> int | None:
    opened = json.loads(answer)["next_tasks"]
    return int(opened[0]["id"]) if opened else None


def _exchange(port: int, method: str, path: str, form: str | None = None, cookie: str = "") -> tuple[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": cookie} if cookie else {}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, form, headers)
    answer = connection.getresponse()
    page = answer.read().decode()
    assert answer.status in (200, 302), page
    cookies = SimpleCookie(cookie)
    for line in answer.headers.get_all("Set-Cookie") or []:
        cookies.load(line)
    connection.close()
    return page, "; ".join(f"{name}={each.value}" for name, each in cookies.items())
