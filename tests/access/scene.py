"""The demo company with advances at every stage, files, holiday cover and an incident, for people to knock at.

The borrower is always ``salesperson``. The assistant stands in for the sales manager in everything; human resources
stand in for the sales manager too, but in settlements only. ``sales_supervisor`` has a session and a token and is
disabled afterwards.
"""

import datetime as dt
import io
import json
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.advance.firm import PDF
from tests.api.company import Api
from tests.application import Visitor
from tests.customers.shop import customer
from webapp.clock import SHANGHAI
from webapp.customers.sealing import seals
from webapp.extensions import db
from workflows.advance.model import Advance
from workflows.conversation.model import Phrase
from workflows.customers.archive import CompetitorData, CustomerData, add_competitor, create_customer
from workflows.customers.contacts import ContactData
from workflows.customers.imports import keep_table
from workflows.customers.model import Contact, Customer
from workflows.customers.tables_in import COLUMNS
from workflows.engine.model import Incident, UserTask
from workflows.engine.process import Actor
from workflows.kernel.sheets import read_sheet
from workflows.notices.model import Notice, NoticeDelivery
from workflows.people.delegation import delegate_desk
from workflows.people.model import ApiToken, Delegation, Department, Employee
from workflows.people.operations import EmployeeData, add_employee
from workflows.people.tokens import issue_token
from workflows.products.model import Product, ProductLine

PAYMENT = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "cash"}


class Session(Visitor):
    """A visitor who asks for the forms' token once, since it is good for the whole session."""

    kept = ""

    def token(self) -> str:
        self.kept = self.kept or super().token()
        return self.kept


@dataclass
class Scene:
    """The people's sessions and tokens, and the numbers that stand in addresses."""

    app: Flask
    api: Api
    ids: dict[str, Any]
    sessions: dict[str, Session]


def scene(app: Flask, now: dt.datetime, logins: list[str]) -> Scene:
    """Build all of it; the supervisor is disabled at the end."""
    api = Api(app, now)
    sessions = {login: session_for(app, login) for login in logins}
    for login in logins:
        api.token(login)
    ids: dict[str, Any] = {}
    with app.app_context():
        issue_token(db.session(), api.employee_id("salesperson"), "another one", now=now)
        _hire_and_cover(app, now, ids)
    _advances(api, ids)
    _talk(api, ids)
    _sale(api, ids)
    with app.app_context():
        _look_up(ids)
        _tables(ids, now)
        db.session.execute(Employee.__table__.update().where(Employee.login == "sales_supervisor").values(active=False))
        db.session.commit()
    return Scene(app, api, ids, sessions)


def session_for(app: Flask, login: str) -> Session:
    """Somebody's session, just opened."""
    session = Session(app)
    session.sign_in_as(login)
    session.kept = ""  # Signing in begins a new session, with a token of its own.
    return session


def _hire_and_cover(app: Flask, now: dt.datetime, ids: dict[str, Any]) -> None:
    session, today = db.session(), now.astimezone(SHANGHAI).date()
    department = session.scalars(select(Employee.department_id).where(Employee.login == "accountant")).one()
    data = EmployeeData(login="newcomer", name="新人", department_id=department, roles={"hr"})
    ids["newcomer"] = add_employee(session, data, keyring=app.extensions["keyring"]).id
    session.flush()
    people = {row.login: row.id for row in session.execute(select(Employee.login, Employee.id))}
    for delegate, keys in (("sales_assistant", []), ("hr", ["advance_settlement"])):
        delegate_desk(
            session, people["sales_manager"], delegate_login=delegate, first_on=today, last_on=today,
            process_keys=keys, now=now, today=today,
        )  # fmt: skip
    delegate_desk(
        session, people["salesperson"], delegate_login="newcomer", first_on=today, last_on=today, now=now, today=today
    )
    session.commit()


def _advances(api: Api, ids: dict[str, Any]) -> None:
    ids["draft"] = str(uuid.uuid4())
    kept = {"process": "expense_advance", "fields": {"purpose": "广州"}}
    assert api.call("salesperson", "PUT", f"/drafts/{ids['draft']}", json=kept).status_code == 200
    ids["loose"], attached, receipt = (_upload(api) for _ in range(3))
    ids["attached"], ids["receipt"] = attached, receipt
    ids["asked"], ids["asked_task"] = _asked(api, attachments=[attached])
    ids["returned"], task = _asked(api)
    ids["returned_task"] = api.next_task("sales_manager", task, {"decision": "return", "opinion": "太多"})
    ids["regretted"], _ = _asked(api)
    ids["regretted_by_program"], _ = _asked(api)
    for name in ("payable", "payable_by_program", "claimed", "claimed_by_program"):
        ids[name], ids[f"{name}_task"] = _approved(api)
    for name in ("claimed", "claimed_by_program"):
        assert api.post("accountant", f"/tasks/{ids[f'{name}_task']}/claim").status_code == 200
    ids["paid"], task = _approved(api)
    assert api.complete("accountant", task, PAYMENT).status_code == 200
    ids["paid_task"] = task
    with api.app.app_context():
        advance = db.session.scalars(select(Advance.id).where(Advance.instance_id == ids["paid"])).one()
    line = {"kind": "meals", "spent_on": "2026-03-09", "amount": "100.00", "attachments": [receipt]}
    fields = {"advance": advance, "kind": "claim", "lines": [line]}
    answer = api.post("salesperson", "/processes/advance_settlement/instances", {"fields": fields})
    assert answer.status_code == 201, answer.text
    ids["claim"], ids["claim_task"] = answer.json["instance"]["id"], answer.json["next_tasks"][0]["id"]
    # The general manager's own request finds nobody above to approve it: an incident.
    stuck = api.start("general_manager")
    ids["stuck"], ids["stuck_task"] = stuck["instance"]["id"], stuck["next_tasks"][0]["id"]
    _, ids["gone_task"] = _asked(api, "sales_supervisor")


def _told(borrower_id: int) -> tuple[int, int]:
    """A notice of the borrower and a delivery of it that failed."""
    session, told_at = db.session(), dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)
    notice = Notice(
        employee_id=borrower_id, kind="case_completed", event_key="case_completed:scene", created_at=told_at,
        routed_at=told_at,
    )  # fmt: skip
    session.add(notice)
    session.flush()
    delivery = NoticeDelivery(notice_id=notice.id, channel="mail", status="failed", due_at=told_at, created_at=told_at)
    session.add(delivery)
    session.flush()
    return notice.id, delivery.id


def _talk(api: Api, ids: dict[str, Any]) -> None:
    """Two comments of the borrower, each to be taken back in its own way, and one of their stock phrases."""
    for name in ("comment", "comment_by_program"):
        answer = api.post("salesperson", f"/instances/{ids['asked']}/comments", {"text": "Please look"})
        assert answer.status_code == 201, answer.text
        ids[name] = answer.json["id"]
    assert api.call("salesperson", "PUT", "/me/phrases", json={"items": ["Noted"]}).status_code == 200
    with api.app.app_context():
        ids["phrase"] = db.session.scalars(select(Phrase.id)).one()


def _sale(api: Api, ids: dict[str, Any]) -> None:
    """A need that the borrower has registered."""
    mrs_li = ContactData(name="李晓梅", position="采购总监", phone="138 0013 8000", kind="decides")
    with api.app.app_context():
        seller = db.session.scalars(select(Employee).where(Employee.login == "salesperson")).one()
        ids["sold_to"] = create_customer(
            db.session(), CustomerData(name="场景图书公司", industry=seller.industry or "制造"), grade="B",
            contact=mrs_li, seals=seals(), actor=Actor(seller.id, frozenset({"salesperson"})), now=api.now,
            is_confirmed=True,
        )  # fmt: skip
        line = db.session.scalars(select(ProductLine.id).order_by(ProductLine.id)).first()
        db.session.commit()
    fields = {
        "customer": ids["sold_to"], "product_line": line, "need": "会员卡", "expected_amount": "300000.00",
        "expected_on": "2026-05-10",
    }  # fmt: skip
    answer = api.post("salesperson", "/processes/sale/instances", {"fields": fields})
    assert answer.status_code == 201, answer.text
    ids["sale_case"] = answer.json["instance"]["id"]
    ids["sale"] = api.get("salesperson", "/sales?limit=1").json["items"][0]["id"]


def _asked(api: Api, login: str = "salesperson", **more: Any) -> tuple[int, int]:
    started = api.start(login, **more)
    return started["instance"]["id"], started["next_tasks"][0]["id"]


def _approved(api: Api) -> tuple[int, int]:
    case, task = _asked(api)
    for login in ("sales_manager", "sales_director", "general_manager"):
        task = api.next_task(login, task)
    return case, task


def _upload(api: Api) -> int:
    answer = api.call(
        "salesperson", "POST", "/documents", data={"file": (io.BytesIO(PDF), "行程.pdf")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    return int(json.loads(answer.data)["id"])


def _tables(ids: dict[str, Any], now: dt.datetime) -> None:
    """A customer of the borrower's to follow up, and a table of customers that they handed in."""
    session = db.session()
    ids["own_customer"] = customer(session, ids["borrower"], "场景客户", now=now)
    _archive(ids, now)
    rows = read_sheet(",".join(column.label for column in COLUMNS).encode() + "\n场景新客户".encode())
    actor = Actor(ids["borrower"], frozenset({"salesperson"}))
    ids["import"] = keep_table(session, rows, "客户.csv", seals=seals(), actor=actor, now=now)


def _archive(ids: dict[str, Any], now: dt.datetime) -> None:
    """One of the borrower's customers that the demo comes with: its main contact, and a competitor."""
    session = db.session()
    ids["customer"] = session.scalars(select(Customer.id).where(Customer.name == "宁波康复中心")).one()
    contacts = select(Contact.id).where(Contact.customer_id == ids["customer"], Contact.is_main)
    ids["contact"] = session.scalars(contacts).one()
    owner = Actor(ids["borrower"], frozenset({"salesperson"}))
    ids["competitor"] = add_competitor(session, ids["customer"], CompetitorData("甬江软件"), actor=owner, now=now)


def _look_up(ids: dict[str, Any]) -> None:
    session = db.session()
    for name in ("asked", "paid", "stuck"):
        ids[f"{name}_advance"] = session.scalars(select(Advance.id).where(Advance.instance_id == ids[name])).one()
    borrower = session.scalars(select(Employee).where(Employee.login == "salesperson")).one()
    ids["borrower"] = borrower.id
    ids["delegation"] = session.scalars(select(Delegation.id).where(Delegation.delegator_id == borrower.id)).one()
    ids["token"] = session.scalars(select(ApiToken.id).where(ApiToken.name == "another one")).one()
    ids["incident"] = session.scalars(select(Incident.id)).one()
    ids["notice"], ids["delivery"] = _told(borrower.id)
    product = session.scalars(select(Product).where(Product.code == "NK-100")).one()
    ids["product"], ids["line"] = product.id, product.line_id
    ids["department"] = session.scalars(select(Department.id).where(Department.name_en == "Finance")).one()
    assert session.get_one(UserTask, ids["stuck_task"]).group_role == "administrator"
