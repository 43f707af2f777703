"""The pages around the archive: imports, exports, follow-ups, rules and customers that change hands."""

import csv
import datetime as dt
import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.customers.shop import customer
from tests.customers.test_imports import file, line
from tests.pages.office import Office
from webapp.customers.sealing import seals
from webapp.extensions import db
from workflows.customers.contacts import ContactData, insert_main_contacts
from workflows.customers.model import ContactView, Customer, CustomerChange, SalesRule
from workflows.customers.tables_model import ContactExport
from workflows.kernel.sheets import read_sheet
from workflows.people.model import Employee


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)


def ident(office: Office, login: str) -> int:
    with office.app.app_context():
        return int(db.session.execute(select(Employee.id).where(Employee.login == login)).scalar_one())


def archived(office: Office, login: str, *names: str, **more: Any) -> list[int]:
    """Customers of somebody, each with a contact."""
    owner = ident(office, login)
    with office.app.app_context():
        ids = [customer(db.session(), owner, name, now=office.now, **more) for name in names]
        data = ContactData("李明", "采购经理", "13812345678", is_main=True)
        insert_main_contacts(db.session(), dict.fromkeys(ids, data), seals=seals(), actor_id=owner, now=office.now)
        db.session.commit()
    return ids


def send(office: Office, login: str, content: bytes, name: str = "客户.xlsx") -> Any:
    return office.post(login, "/customers/import", {"file": (io.BytesIO(content), name)})


def test_the_template_is_read_back_as_a_table_without_customers(office: Office) -> None:
    content = office.get("salesperson", "/customers/import/template.xlsx").get_data()
    assert read_sheet(content)[0].cells[:3] == ("客户名称*", "行业*", "等级*")
    answer = send(office, "salesperson", content)
    assert answer.status_code == 422
    assert "表头下面没有客户" in answer.get_data(as_text=True)


def test_a_file_is_shown_then_confirmed_and_reported(office: Office) -> None:
    answer = send(office, "salesperson", file(line("晨星重工"), line("远航智造"), line("晨星重工有限公司")))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    path = answer.headers["Location"]
    page = office.page("salesperson", path)
    assert "将创建 2 个客户" in page
    assert "与第 2 行相同" in page
    [digest] = re.findall(r'name="digest" value="([0-9a-f]{64})"', page)
    assert office.post("salesperson", path, {"digest": "0" * 64}).status_code == 409
    for _ in range(2):
        assert office.post("salesperson", path, {"digest": digest}).status_code == 303
    assert "已创建" in office.page("salesperson", path)
    report = read_sheet(office.get("salesperson", f"{path}/report.xlsx").get_data())
    assert [row.cells[:3] for row in report[1:]] == [
        ("2", "晨星重工", "已创建"), ("3", "远航智造", "已创建"), ("4", "晨星重工有限公司", "已在档案中，略过"),
    ]  # fmt: skip
    with office.app.app_context():
        names = db.session.scalars(select(Customer.name).where(Customer.name.in_(["晨星重工", "远航智造"]))).all()
    assert sorted(names) == ["晨星重工", "远航智造"]


def test_what_is_wrong_is_said_with_row_and_column_in_chinese(office: Office) -> None:
    path = send(office, "salesperson", file(line("晨星重工", 联系电话="call me"))).headers["Location"]
    page = office.page("salesperson", path)
    assert "第 2 行 G 列“联系电话”" in page
    assert 'name="digest"' not in page
    for content in (b"", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "颜色,行业".encode()):
        answer = send(office, "salesperson", content)
        assert answer.status_code == 422
        said = re.findall(r'id="file-error">\s*<div>(.*?)</div>', html.unescape(answer.get_data(as_text=True)))
        assert said, content
        assert not re.search("[A-Za-z]{5,}", re.sub(r"\.?xlsx|XLSX|CSV", "", said[0])), said


def test_nobody_sees_the_import_of_another(office: Office) -> None:
    path = send(office, "salesperson", file(line("晨星重工"))).headers["Location"]
    assert office.get("sales_manager", path).status_code == 404
    assert office.get("accountant", path).status_code == 403


def test_an_export_masks_contacts_and_neutralises_formulas(office: Office) -> None:
    archived(office, "salesperson", "=HYPERLINK晨星", "远航智造")
    answer = office.get("salesperson", "/customers/export.csv?q=晨星")
    [heading, row] = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert (heading[0], row[0]) == ("客户名称", "'=HYPERLINK晨星")
    assert (row[4], row[6]) == ("李*", "138****5678")
    sheet = read_sheet(office.get("sales_manager", "/customers/export.xlsx?q=晨星").get_data())
    assert sheet[1].cell(0) == "=HYPERLINK晨星"
    with office.app.app_context():
        assert db.session.scalars(select(ContactView).where(ContactView.how == "export")).all() == []


def test_contacts_leave_with_a_reason_and_each_is_written_down(office: Office) -> None:
    archived(office, "salesperson", "晨星重工", "远航智造")
    assert office.post("salesperson", "/customers/export-contacts", {"reason": " ", "kind": "csv"}).status_code == 422
    answer = office.post("salesperson", "/customers/export-contacts?q=晨星", {"reason": "展会邀请", "kind": "csv"})
    assert "李明" in answer.get_data(as_text=True)
    assert "13812345678" in answer.get_data(as_text=True)
    with office.app.app_context():
        views = db.session.scalars(select(ContactView).where(ContactView.how == "export")).all()
        [log] = db.session.scalars(select(ContactExport)).all()
    assert len(views) == 1
    assert (log.reason, log.customers, log.contacts) == ("展会邀请", 1, 1)


def test_finance_exports_without_contacts(office: Office) -> None:
    archived(office, "salesperson", "晨星重工")
    row = read_sheet(office.get("accountant", "/customers/export.csv?q=晨星").get_data())[1]
    assert (row.cell(0), row.cell(4), row.cell(6)) == ("晨星重工", "", "")
    assert office.get("accountant", "/customers/export-contacts").status_code == 403


def test_follow_ups_stand_above_the_inbox_by_grade(office: Office) -> None:
    today = dt.date(2026, 3, 10)
    archived(office, "salesperson", "丁客户", grade="D", follow_up_on=dt.date(2020, 1, 1))
    archived(office, "salesperson", "甲客户", grade="A", follow_up_on=dt.date(2020, 1, 2))
    archived(office, "salesperson", "未到期", grade="A", follow_up_on=today + dt.timedelta(days=1))
    page = office.page("salesperson", "/inbox")
    assert "待跟进客户" in page
    assert 0 < page.index("甲客户") < page.index("丁客户")
    assert "未到期" not in page
    for login, path in (("accountant", "/inbox"), ("salesperson", "/inbox?q=x"), ("salesperson", "/inbox/done")):
        assert "待跟进客户" not in office.page(login, path)


def test_a_follow_up_is_put_off_by_the_rhythm_at_most_and_with_a_reason(office: Office) -> None:
    [ident] = archived(office, "salesperson", "甲客户", grade="A")
    path = f"/customers/{ident}/put-off"
    assert office.get("salesperson", path).status_code == 200
    for fields in (
        {"follow_up_on": "2026-03-18", "reason": "出差"}, {"follow_up_on": "2026-03-10", "reason": "出差"},
        {"follow_up_on": "2026-03-17", "reason": ""}, {"follow_up_on": "x", "reason": "出差"},
    ):  # fmt: skip
        assert office.post("salesperson", path, fields).status_code == 422
    answer = office.post("salesperson", path, {"follow_up_on": "2026-03-17", "reason": "出差"})
    assert answer.status_code == 303
    assert office.get("sales_manager", path).status_code == 404
    with office.app.app_context():
        assert db.session.get_one(Customer, ident).follow_up_on == dt.date(2026, 3, 17)
        change = db.session.scalars(select(CustomerChange).where(CustomerChange.customer_id == ident)).one()
    assert (change.field, change.before, change.after, change.reason) == (
        "follow_up", "2026-03-10", "2026-03-17", "出差",
    )  # fmt: skip


def test_directors_change_rules_with_a_reason_and_managers_read_them(office: Office) -> None:
    assert "报备" in office.page("sales_manager", "/customers/rules")
    assert office.post("sales_manager", "/customers/rules/follow_up_a", {"value": "5"}).status_code == 403
    for fields in ({"value": "0", "reason": "x"}, {"value": "5", "reason": ""}, {"value": "x", "reason": "x"}):
        assert office.post("sales_director", "/customers/rules/follow_up_a", fields).status_code == 422
    assert office.post("sales_director", "/customers/rules/nothing", {"value": "5", "reason": "x"}).status_code == 404
    answer = office.post("sales_director", "/customers/rules/follow_up_a", {"value": "5", "reason": "旺季"})
    assert answer.status_code == 303
    assert "旺季" in office.page("sales_manager", "/customers/rules")
    with office.app.app_context():
        assert [(row.key, row.value) for row in db.session.scalars(select(SalesRule))] == [("follow_up_a", 5)]


def test_a_manager_hands_customers_over_with_a_reason(office: Office) -> None:
    with office.app.app_context():
        supervisor_sells = select(Employee.industry).where(Employee.login == "sales_supervisor")
        industry = db.session.execute(supervisor_sells).scalar_one() or "制造"
    [first, second] = archived(office, "salesperson", "晨星重工", "远航智造", industry=industry)
    assert "晨星重工" in office.page("sales_manager", "/customers/hand-over?owner=salesperson")
    fields = {"owner": "salesperson", "customers": [str(first)], "to": "sales_supervisor", "reason": "区域调整"}
    for wrong in ({"reason": ""}, {"customers": []}, {"to": "accountant"}, {"to": "nobody"}):
        assert office.post("sales_manager", "/customers/hand-over", {**fields, **wrong}).status_code == 422, wrong
    assert office.post("salesperson", "/customers/hand-over", fields).status_code == 403
    assert office.post("sales_manager", "/customers/hand-over", fields).status_code == 303
    supervisor, seller = ident(office, "sales_supervisor"), ident(office, "salesperson")
    with office.app.app_context():
        owners = [db.session.get_one(Customer, each).owner_id for each in (first, second)]
    assert owners == [supervisor, seller]
