"""Programs that speak for the people of the demo company."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from webapp.extensions import db
from workflows.people.model import Employee
from workflows.people.tokens import issue_token

ADVANCE: dict[str, Any] = {
    "amount": "12000.00",
    "purpose": "广州展会差旅",
    "spend": [{"kind": "transport", "amount": "5000.00"}, {"kind": "lodging", "amount": "7000.00"}],
    "return_on": "2026-04-30",
}
APPROVE: dict[str, Any] = {"decision": "approve", "opinion": "同意"}
#: What the general manager draws on the pad.
STROKES = [[[10, 20], [300, 100], [590, 180]], [[40, 150], [500, 40]]]
#: What a refused request must leave as it was.
WATCHED = (
    "process_instance", "user_task", "history_event", "submission", "timer", "message", "incident", "notice",
    "document", "advance", "advance_spend", "advance_entry", "advance_number", "settlement",
    "procrastinate_jobs",
)  # fmt: skip


@dataclass
class Api:
    """The application, and one token for each person who was asked for."""

    app: Flask
    now: dt.datetime
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, login: str) -> str:
        if login not in self.tokens:
            self.tokens[login] = self.new_token(login)
        return self.tokens[login]

    def new_token(self, login: str, **more: Any) -> str:
        with self.app.app_context():
            token = issue_token(db.session(), self.employee_id(login), "tests", now=self.now, **more)
            db.session.commit()
        return token

    def employee_id(self, login: str) -> int:
        with self.app.app_context():
            return db.session.execute(select(Employee.id).where(Employee.login == login)).scalar_one()

    def call(self, login: str | None, method: str, path: str, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if login:
            headers.setdefault("Authorization", f"Bearer {self.token(login)}")
        address = path if path.startswith("/api") else f"/api/v1{path}"
        return self.app.test_client().open(address, method=method, headers=headers, **more)

    def get(self, login: str | None, path: str, **more: Any) -> TestResponse:
        return self.call(login, "GET", path, **more)

    def post(self, login: str | None, path: str, body: Any = None, key: str | None = "", **more: Any) -> TestResponse:
        """POST with a fresh idempotency key, a given one, or (None) without one."""
        headers = dict(more.pop("headers", {}))
        if key is not None:
            headers.setdefault("Idempotency-Key", key or uuid.uuid4().hex)
        return self.call(login, "POST", path, json=body, headers=headers, **more)

    def start(self, login: str = "salesperson", **changed: Any) -> dict[str, Any]:
        """Start an advance and give the answer."""
        answer = self.post(login, "/processes/expense_advance/instances", {"fields": {**ADVANCE, **changed}})
        assert answer.status_code == 201, answer.text
        return json.loads(answer.data)

    def complete(self, login: str, task_id: int, fields: Any = None, **more: Any) -> TestResponse:
        body = {"revision": more.pop("revision", 1), "fields": approval(login) if fields is None else fields}
        return self.post(login, f"/tasks/{task_id}/complete", body, **more)

    def next_task(self, login: str, task_id: int, fields: Any = None) -> int:
        """Complete a task and give the id of the one that follows."""
        answer = self.complete(login, task_id, fields)
        assert answer.status_code == 200, answer.text
        return int(answer.json["next_tasks"][0]["id"])

    def snapshot(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that a refused request could have touched."""
        with self.app.app_context(), db.engine.connect() as connection:
            return {
                table: [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")]
                for table in WATCHED
            }


def approval(login: str) -> dict[str, Any]:
    """What somebody approves with: the general manager signs."""
    return {**APPROVE, "signature": STROKES} if login == "general_manager" else APPROVE
