"""The demo company at its daily work: people who open pages and send the forms that stand on them."""

import datetime as dt
import html
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.application import Visitor
from webapp.extensions import db
from workflows.engine.model import UserTask
from workflows.people.model import Employee

#: A signature, as the pad of a page sends it.
DRAWN = "[[[10,20],[300,100],[590,180]],[[40,150],[500,40]]]"
#: What a refused request must leave as it was.
WATCHED = ("process_instance", "user_task", "history_event", "submission", "advance", "advance_spend")


class Office:
    """Everybody of the demo company, each signed in once."""

    def __init__(self, app: Flask, now: dt.datetime) -> None:
        self.app = app
        self.now = now
        self.visitors: dict[str, Visitor] = {}

    def visitor(self, login: str) -> Visitor:
        if login not in self.visitors:
            self.visitors[login] = Visitor(self.app).sign_in_as(login)
        return self.visitors[login]

    def get(self, login: str, path: str, **more: Any) -> TestResponse:
        return self.visitor(login).get(path, **more)

    def page(self, login: str, path: str, **more: Any) -> str:
        """The text of a page that opens."""
        answer = self.get(login, path, **more)
        assert answer.status_code == 200, (answer.status_code, path)
        return html.unescape(answer.get_data(as_text=True))

    def listed(self, login: str, path: str) -> str:
        """The list of the inbox alone, as htmx fetches it: without the messages above it."""
        return self.page(login, path, headers={"HX-Request": "true", "HX-Target": "inbox"})

    def post(self, login: str, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        """Send a form with a key of its own, unless the data hold one."""
        return self.visitor(login).post(path, {"idempotency_key": uuid.uuid4().hex, **(data or {})})

    def start(self, login: str = "salesperson", **changes: Any) -> int:
        """Ask for an advance; gives the case."""
        answer = self.post(login, "/processes/expense_advance/start", request_fields(**changes))
        assert answer.status_code == 303, html.unescape(answer.get_data(as_text=True))
        return int(answer.headers["Location"].rsplit("/", 1)[-1])

    def open_task(self, case: int) -> int:
        with self.app.app_context():
            query = select(UserTask.id).where(UserTask.instance_id == case, UserTask.status == "open")
            return db.session.execute(query).scalar_one()

    def decide(self, login: str, case: int, decision: str = "approve", **fields: Any) -> TestResponse:
        """Answer the task that is open in a case, in the revision that is in force."""
        task_id = self.open_task(case)
        page = self.page(login, f"/tasks/{task_id}")
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision, "the page shows no form"
        if decision == "approve" and "data-signature" in page:
            fields = {"signature": DRAWN, **fields}
        return self.post(login, f"/tasks/{task_id}", {"decision": decision, "revision": revision[1], **fields})

    def approved(self, login: str = "salesperson", **changes: Any) -> int:
        """A case that waits for finance to pay."""
        case = self.start(login, **changes)
        for who in ("sales_manager", "sales_director", "general_manager"):
            assert self.decide(who, case, opinion="同意").status_code == 303
        return case

    def sql(self, statement: str, **parameters: Any) -> list[Any]:
        with self.app.app_context():
            rows = db.session.execute(text(statement), parameters)
            found = [tuple(row) for row in rows] if rows.returns_rows else []
            db.session.commit()
            return found

    def employee_id(self, login: str) -> int:
        with self.app.app_context():
            return db.session.execute(select(Employee.id).where(Employee.login == login)).scalar_one()

    def snapshot(self) -> list[Any]:
        return [self.sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in WATCHED]

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Every statement that the application sends meanwhile."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            seen.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.app.app_context():
            yield db.session()
            db.session.commit()


def request_fields(**changes: Any) -> dict[str, Any]:
    """The loan form as its page sends it: 12,000.00, of which 5,000 for transport and 7,000 for lodging."""
    return {
        "amount": "12000.00",
        "purpose": "广州展会差旅",
        "customer": "天河商贸",
        "return_on": "2026-04-30",
        "spend-0-kind": "transport",
        "spend-0-amount": "5000.00",
        "spend-1-kind": "lodging",
        "spend-1-amount": "7000.00",
        **changes,
    }
