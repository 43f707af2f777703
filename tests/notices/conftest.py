"""An office whose messages leave for servers of the test."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.application import Visitor
from tests.notices.outside import Chats, Mailbox, chat_services, mail_server
from webapp.extensions import db
from webapp.notices.sending import make_digests, send_notices
from webapp.notices.settings import MailServer, NoticeSettings
from workflows.notices.bell import notify
from workflows.notices.channels import Channel
from workflows.notices.model import Notice, NoticeDelivery
from workflows.people.model import Employee

DINGTALK = "0123456789abcdef" * 4
SECRET = "SEC" + "fedcba9876543210" * 4
FEISHU = "6f1d2f8e-5a0c-4a52-9d57-0d0d2f0d9b1e"


@dataclass
class Office:
    """The demo company with a clock that can be turned, and the outside world."""

    app: Flask
    mail: Mailbox
    chats: Chats
    now: dt.datetime

    def pass_time(self, **span: float) -> None:
        self.now += dt.timedelta(**span)

    def employee_id(self, login: str) -> int:
        return int(db.session.scalars(select(Employee.id).where(Employee.login == login)).one())

    def tell(
        self, *logins: str, kind: str = "case_completed", key: str = "1", instance_id: int | None = None,
        task_id: int | None = None, **more: Any,
    ) -> None:  # fmt: skip
        """Put a notice into people's bells."""
        with self.app.app_context():
            notify(
                db.session(), kind=kind, event_key=f"{kind}:{key}", employee_ids=map(self.employee_id, logins),
                instance_id=instance_id, task_id=task_id, params={"title": "JK-1 广州展会", **more}, now=self.now,
            )  # fmt: skip
            db.session.commit()

    def send(self) -> int:
        return send_notices(self.app)

    def digest(self) -> int:
        return make_digests(self.app)

    def deliveries(self) -> list[tuple[str, str, str]]:
        """Kind, channel and status of every delivery, the oldest first."""
        with self.app.app_context():
            query = select(Notice.kind, NoticeDelivery.channel, NoticeDelivery.status)
            rows = db.session.execute(query.join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
                                      .order_by(NoticeDelivery.id))  # fmt: skip
            return [tuple(row) for row in rows]

    def problems(self) -> list[str | None]:
        with self.app.app_context():
            return list(db.session.scalars(select(NoticeDelivery.problem).order_by(NoticeDelivery.id)))

    def sql(self, statement: str) -> None:
        with self.app.app_context():
            db.session.execute(text(statement))
            db.session.commit()

    def visit(self, login: str) -> Visitor:
        return Visitor(self.app).sign_in_as(login)


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Iterator[Office]:
    with mail_server() as mail, chat_services() as chats:
        made = Office(demo, mail, chats, now)
        server = MailServer("127.0.0.1", mail.port, "insecure", "salesflow@example.com")
        demo.config["NOTICES"] = NoticeSettings("https://sales.example.com/app", tuple(Channel), server, chats.url)
        demo.config["CLOCK"] = lambda: made.now
        # What the demo company itself was told of is not what these tests look at.
        made.sql("UPDATE notice SET routed_at = created_at, read_at = created_at")
        yield made
