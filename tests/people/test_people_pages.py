"""Administrators look after people and departments: what they see, change, and are kept from."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.application import Visitor
from webapp.extensions import db
from workflows.people.model import Department, Employee
from workflows.people.operations import account_row


@pytest.fixture
def administrator(demo: Flask) -> Visitor:
    return Visitor(demo).sign_in_as("administrator")


def found(app: Flask, login: str) -> Employee:
    with app.app_context():
        return db.session.scalars(select(Employee).where(Employee.login == login)).one()


def department(app: Flask, name: str) -> Department:
    with app.app_context():
        return db.session.scalars(select(Department).where(Department.name == name)).one()


def form_of(app: Flask, login: str) -> dict[str, str]:
    """What the page of a person would send if nothing were changed."""
    with app.app_context():
        person = db.session.scalars(select(Employee).where(Employee.login == login)).one()
        superior = db.session.get(Employee, person.superior_id) if person.superior_id else None
        return {
            "revision": str(person.revision), "login": person.login, "name": person.name, "name_en": person.name_en,
            "email": person.email or "", "department_id": str(person.department_id),
            "superior": superior.login if superior else "", "roles": [row.role for row in person.role_rows],
            "industry": person.industry, "job_grade": person.job_grade, "employment": person.employment,
        }  # fmt: skip


def test_people_are_found_by_name_login_department_and_role(administrator: Visitor) -> None:
    def shown(query: str) -> list[str]:
        page = administrator.get(f"/people?{query}").get_data(as_text=True)
        return re.findall(r'<span class="text-secondary">([a-z_0-9]+)</span>', page)

    assert shown("search=张小明") == ["salesperson"]
    assert shown("search=LIN+Xue") == ["sales_director"]
    assert shown("search=accountant") == ["accountant", "accountant2"]
    assert shown("role=sales_manager") == ["sales_manager", "sales_manager2"]
    assert shown("search=%25") == []
    assert shown("state=disabled") == []


def test_a_person_is_added_and_signs_in_with_the_password_that_was_given(demo: Flask, administrator: Visitor) -> None:
    sent = {
        "login": "new.one", "name": "新人", "email": "New.One@Example.com", "employment": "intern", "job_grade": "",
        "department_id": department(demo, "财务部").id, "superior": "finance_director",
        "roles": ["accountant"], "payout_account": "6222 0000", "hired_on": "2026-03-01",
    }  # fmt: skip
    added = administrator.post("/people/new", sent)
    assert added.status_code == 302
    person = found(demo, "new.one")
    assert person.email == "new.one@example.com"
    assert b"6222" not in person.payout_account_sealed
    assert demo.extensions["keyring"].unseal(person.payout_account_sealed, row=account_row(person.id)) == "6222 0000"
    page = administrator.post(f"/people/{person.id}/password").get_data(as_text=True)
    password = re.search(r'token-once">([^<]+)<', page)[1]
    assert Visitor(demo).sign_in("new.one", password).status_code == 302


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"login": "salesperson2"}, "此登录名已被使用。"),
        ({"login": "With Blanks"}, "只能使用小写字母"),
        ({"email": "salesperson2@example.com"}, "此邮箱已被他人使用。"),
        ({"email": "no address"}, "无效的 Email 地址"),
        ({"superior": "nobody"}, "没有登录名为 nobody 的人员。"),
        ({"superior": "salesperson"}, "是此人的下属"),
        ({"name": "  "}, "请填写此项。"),
        ({"hired_on": "2026-03-02", "left_on": "2026-03-01"}, "该日期早于入职日期。"),
        ({"roles": ["emperor"]}, ""),
        ({"department_id": "999999"}, ""),
    ],
)
def test_a_wrong_change_of_a_person_comes_back_at_the_field(
    demo: Flask, administrator: Visitor, change: dict[str, object], message: str
) -> None:
    person = found(demo, "salesperson")
    answer = administrator.post(f"/people/{person.id}", {**form_of(demo, "salesperson"), **change})
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert message in page
    assert "请检查标出的栏目。" in page
    assert found(demo, "salesperson").revision == person.revision


def test_a_line_of_superiors_never_closes_to_a_circle(demo: Flask, administrator: Visitor) -> None:
    director = found(demo, "sales_director")
    sent = {**form_of(demo, "sales_director"), "superior": "salesperson"}
    page = administrator.post(f"/people/{director.id}", sent).get_data(as_text=True)
    assert "张小明是此人的下属。" in page
    assert found(demo, "sales_director").superior_id == director.superior_id


def test_the_second_of_two_administrators_does_not_overwrite_the_first(demo: Flask, administrator: Visitor) -> None:
    person = found(demo, "salesperson")
    opened = form_of(demo, "salesperson")
    assert administrator.post(f"/people/{person.id}", {**opened, "industry": "能源"}).status_code == 302
    late = administrator.post(f"/people/{person.id}", {**opened, "industry": "农业"})
    assert late.status_code == 409
    assert "其间已有他人修改了张小明" in late.get_data(as_text=True)
    assert found(demo, "salesperson").industry == "能源"


def test_an_untouched_payout_account_stays_and_a_ticked_box_removes_it(demo: Flask, administrator: Visitor) -> None:
    person = found(demo, "salesperson")
    administrator.post(f"/people/{person.id}", form_of(demo, "salesperson"))
    assert found(demo, "salesperson").payout_account_sealed == person.payout_account_sealed
    administrator.post(f"/people/{person.id}", {**form_of(demo, "salesperson"), "remove_account": "1"})
    assert found(demo, "salesperson").payout_account_sealed is None


def test_an_administrator_stays_one(demo: Flask, administrator: Visitor) -> None:
    me = found(demo, "administrator")
    page = administrator.post(f"/people/{me.id}", {**form_of(demo, "administrator"), "roles": ["hr"]})
    assert "不能取消自己的管理员角色。" in page.get_data(as_text=True)
    assert administrator.post(f"/people/{me.id}/disable").status_code == 403
    assert found(demo, "administrator").active


def test_a_disabled_person_is_shut_out_until_enabled_again(demo: Flask, administrator: Visitor) -> None:
    person, visitor = found(demo, "salesperson"), Visitor(demo).sign_in_as("salesperson")
    assert administrator.post(f"/people/{person.id}/disable").status_code == 302
    assert visitor.get("/profile").status_code == 302
    assert administrator.post(f"/people/{person.id}/enable").status_code == 302
    assert Visitor(demo).sign_in_as("salesperson").get("/profile").status_code == 200


def test_a_department_cannot_become_part_of_itself(demo: Flask, administrator: Visitor) -> None:
    sales, east = department(demo, "销售中心"), department(demo, "华东销售部")
    for parent in (sales, east):
        sent = {"name": "销售中心", "parent_id": parent.id, "manager": "sales_director"}
        page = administrator.post(f"/people/departments/{sales.id}", sent).get_data(as_text=True)
        assert "部门不能隶属于自身或其下级部门。" in page
    assert department(demo, "销售中心").parent_id == sales.parent_id


def test_departments_are_added_moved_and_removed_when_empty(demo: Flask, administrator: Visitor) -> None:
    sales, east = department(demo, "销售中心"), department(demo, "华东销售部")
    sent = {"name": "江苏组", "name_en": "Jiangsu", "parent_id": east.id, "manager": "sales_supervisor"}
    assert administrator.post("/people/departments/new", sent).status_code == 302
    again = administrator.post("/people/departments/new", sent).get_data(as_text=True)
    assert "已有同名部门。" in again
    group = department(demo, "江苏组")
    assert administrator.post(f"/people/departments/{group.id}", {**sent, "parent_id": sales.id}).status_code == 302
    assert department(demo, "江苏组").parent_id == sales.id
    refused = administrator.post(f"/people/departments/{sales.id}/remove")
    assert refused.status_code == 409
    # Lin Xuemei herself; East, South and the new group.
    assert "销售中心还有 1 名人员和 3 个下级部门" in refused.get_data(as_text=True)
    assert administrator.post(f"/people/departments/{group.id}/remove").status_code == 302


def test_the_picker_offers_names_and_never_the_disabled(demo: Flask, administrator: Visitor) -> None:
    visitor = Visitor(demo).sign_in_as("salesperson")
    assert "何建平" in visitor.get("/people/pick?delegate=何").get_data(as_text=True)
    administrator.post(f"/people/{found(demo, 'sales_manager2').id}/disable")
    assert "何建平" not in visitor.get("/people/pick?delegate=何").get_data(as_text=True)
    # An underscore is no placeholder for any letter.
    assert "<option" not in visitor.get("/people/pick?delegate=_").get_data(as_text=True)


def test_the_link_to_people_is_the_current_one_on_departments_too(administrator: Visitor) -> None:
    for path in ("/people", "/people/departments"):
        page = administrator.get(path).get_data(as_text=True)
        assert 'href="/people" aria-current="page"' in page, path
