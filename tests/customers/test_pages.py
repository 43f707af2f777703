"""The archive's pages: the list, one customer, visits from the phone, contacts that leave a trace, duplicates."""

import datetime as dt
import io
import re
from typing import Any

import pytest
from flask import Flask

from tests.advance.firm import PDF
from tests.pages.office import Office

VISIT = {"kind": "phone", "visited_on": "2026-03-10", "visitors": "张小明", "content": "谈了年卡", "result": "要报价"}
NEW = {"name": "湖州中心医院", "industry": "医疗", "standing": "potential", "grade": "B"}


@pytest.fixture
def office(demo: Flask, now: dt.datetime) -> Office:
    return Office(demo, now)


def named(office: Office, name: str) -> int:
    [[ident]] = office.sql("SELECT id FROM customer WHERE name = :name", name=name)
    return int(ident)


def contacts(office: Office, customer: int) -> list[int]:
    query = "SELECT id FROM contact WHERE customer_id = :customer AND removed_at IS NULL ORDER BY id"
    return [row[0] for row in office.sql(query, customer=customer)]


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_salesperson_begins_with_their_own_customers_and_a_manager_with_the_department_s(office: Office) -> None:
    mine = office.page("salesperson", "/customers")
    assert "宁波康复中心" in mine
    assert "杭州启明实验学校" not in mine
    assert "杭州启明实验学校" in office.page("salesperson", "/customers?part=department")
    department = office.page("sales_manager", "/customers")
    assert "杭州启明实验学校" in department
    assert "东莞精工模具有限公司" not in department


def test_the_list_takes_two_queries_besides_the_one_for_the_account(office: Office) -> None:
    office.get("salesperson", "/customers")
    with office.statements() as seen:
        office.get("salesperson", "/customers?q=nbkf&grade=B")
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=康复", {"宁波康复中心"}), ("q=nbkf", {"宁波康复中心"}), ("q=kouqiang", {"绍兴口腔医院"}),
        ("q=13800130100", {"宁波康复中心"}), ("grade=A", {"杭州仁和医院", "苏州博爱体检中心"}),
        ("standing=potential", {"绍兴口腔医院"}), ("industry=教育", set()), ("archived=1", set()),
        ("q=没有这家", set()), ("grade=Z&part=nothing&q=中心", {"宁波康复中心", "苏州博爱体检中心"}),
    ],
)  # fmt: skip
def test_the_list_is_narrowed(office: Office, query: str, found: set[str]) -> None:
    page = office.page("salesperson", f"/customers?{query}")
    assert set(re.findall(r'customers/\d+"><strong>([^<]+)', page)) == found
    if not found:
        assert "没有符合条件的客户" in page


def test_finance_sees_customers_without_their_people(office: Office) -> None:
    listed = office.page("accountant", "/customers")
    assert "宁波康复中心" in listed
    assert "138****" not in listed
    page = office.page("accountant", f"/customers/{named(office, '宁波康复中心')}")
    assert "138****" not in page
    assert "决策" not in page
    assert "登记拜访" not in page
    # A number finds nobody for who does not see contacts.
    assert "没有符合条件的客户" in office.page("accountant", "/customers?q=13800130100")


def test_a_customer_of_another_department_is_not_there(office: Office) -> None:
    theirs = named(office, "东莞精工模具有限公司")
    for path in (f"/customers/{theirs}", f"/customers/{theirs}/edit", f"/customers/{theirs}/contacts/new"):
        assert office.get("salesperson", path).status_code == 404
    assert office.post("salesperson", f"/customers/{theirs}/visits", VISIT).status_code == 404
    assert office.post("salesperson", f"/customers/{theirs}/contacts/show").status_code == 404


def test_a_colleague_of_the_department_reads_and_visits_but_changes_nothing(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    assert "调整等级" not in office.page("salesperson2", f"/customers/{mine}")
    assert office.get("salesperson2", f"/customers/{mine}/edit").status_code == 404
    assert office.post("salesperson2", f"/customers/{mine}/grade", {"grade": "A", "reason": "快"}).status_code == 403
    assert office.post("salesperson2", f"/customers/{mine}/visits", VISIT).status_code == 303


def test_a_visit_is_recorded_once_with_its_file_and_moves_the_follow_up(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    page = office.page("salesperson", f"/customers/{mine}")
    assert 'value="2026-03-10"' in page
    assert 'value="张小明"' in page
    for _ in range(2):
        sent = {**VISIT, "documents__files": (io.BytesIO(PDF), "方案.pdf")}
        answer = office.post("salesperson", f"/customers/{mine}/visits", sent)
        assert answer.headers["Location"] == f"/customers/{mine}#visits"
    page = office.page("salesperson", f"/customers/{mine}")
    assert page.count("谈了年卡") == 1
    assert "方案.pdf" in page
    # B: a fortnight after the visit.
    assert office.sql("SELECT follow_up_on FROM customer WHERE id = :id", id=mine) == [(dt.date(2026, 3, 24),)]


def test_a_visit_of_tomorrow_comes_back_filled_in(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    answer = office.post("salesperson", f"/customers/{mine}/visits", {**VISIT, "visited_on": "2026-03-11"})
    assert answer.status_code == 422
    assert 'id="visited_on-error"' in text_of(answer)
    assert "谈了年卡" in text_of(answer)
    assert office.sql("SELECT count(*) FROM visit WHERE customer_id = :id", id=mine) == [(2,)]


def test_contacts_are_masked_until_somebody_asks_which_is_written_down(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    page = office.page("salesperson2", f"/customers/{mine}")
    assert "138****0100" in page
    assert "13800130100" not in page
    shown = office.post("salesperson2", f"/customers/{mine}/contacts/show")
    assert "13800130100" in text_of(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    assert "最近查看：李婷婷" in office.page("salesperson", f"/customers/{mine}")
    seen = office.sql("SELECT contact_id, how FROM contact_view WHERE customer_id = :id ORDER BY 1", id=mine)
    assert seen == [(each, "page") for each in contacts(office, mine)]


def test_a_contact_is_added_below_another_changed_and_removed(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    top = contacts(office, mine)[0]
    data = {"name": "郑成", "position": "科长", "phone": "13900001111", "kind": "uses", "reports_to_id": str(top)}
    assert office.post("salesperson", f"/customers/{mine}/contacts/new", data).status_code == 303
    new = contacts(office, mine)[-1]
    path = f"/customers/{mine}/contacts/{new}"
    assert "13900001111" in office.page("salesperson", path)
    assert office.sql("SELECT count(*) FROM contact_view WHERE contact_id = :id", id=new) == [(1,)]
    assert office.post("salesperson", path, {**data, "revision": "1", "reports_to_id": str(new)}).status_code == 422
    assert office.post("salesperson", path, {**data, "revision": "1", "position": "处长"}).status_code == 303
    stale = office.post("salesperson", path, {**data, "revision": "1", "position": "主任"})
    assert stale.status_code == 422
    assert "主任" in text_of(stale)
    assert "处长" in office.page("salesperson", f"/customers/{mine}")
    assert office.post("salesperson", f"{path}/remove").status_code == 303
    assert new not in contacts(office, mine)
    assert office.get("salesperson", path).status_code == 404
    # Main, with others below: another one is made the main contact first.
    assert office.post("salesperson", f"/customers/{mine}/contacts/{top}/remove").status_code == 409


def test_a_new_customer_comes_with_its_main_contact(office: Office) -> None:
    assert 'value="医疗"' in office.page("salesperson", "/customers/new")
    data = {**NEW, "contact": "方敏", "position": "院长", "phone": "0572-88886666", "contact_kind": "decides"}
    answer = office.post("salesperson", "/customers/new", data)
    assert answer.status_code == 303
    page = office.page("salesperson", answer.headers["Location"])
    assert "方*" in page
    assert "决策人" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"), ({"name": "（）"}, "name"), ({"industry": " "}, "industry"),
        ({"standing": "friend"}, "standing"), ({"grade": "E"}, "grade"), ({"contact": "方敏"}, "position"),
        ({"contact": "方敏", "position": "院长", "phone": "call me"}, "phone"), ({"owner": "nobody"}, "owner"),
    ],
)  # fmt: skip
def test_what_is_filled_in_wrongly_is_said_at_the_field(office: Office, changes: dict[str, str], field: str) -> None:
    answer = office.post("sales_manager", "/customers/new", {**NEW, **changes})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in text_of(answer)
    assert office.sql("SELECT count(*) FROM customer") == [(12,)]


def test_the_same_name_is_refused_and_names_its_owner_to_strangers_only(office: Office) -> None:
    answer = text_of(office.post("salesperson3", "/customers/new", {**NEW, "name": "杭州 仁和医院"}))
    assert "张小明" in answer
    assert "您无权查看的客户" in answer
    mine = named(office, "杭州仁和医院")
    own = text_of(office.post("salesperson", "/customers/new", {**NEW, "name": "杭州仁和医院"}))
    assert f'href="/customers/{mine}"' in own


def test_a_look_alike_is_saved_once_it_is_confirmed(office: Office) -> None:
    data = {**NEW, "name": "杭州仁和医院分院"}
    asked = office.post("salesperson", "/customers/new", data)
    assert asked.status_code == 422
    assert 'name="is_confirmed"' in text_of(asked)
    assert "名称相近" in text_of(asked)
    assert office.post("salesperson", "/customers/new", {**data, "is_confirmed": "y"}).status_code == 303


def test_a_manager_gives_a_new_customer_to_somebody_of_the_department(office: Office) -> None:
    assert office.post("sales_manager", "/customers/new", {**NEW, "owner": "salesperson2"}).status_code == 303
    assert office.sql("SELECT owner_id FROM customer WHERE name = :name", name=NEW["name"]) == [
        (office.employee_id("salesperson2"),)
    ]
    refused = office.post("sales_manager", "/customers/new", {**NEW, "name": "另一家", "owner": "salesperson3"})
    assert refused.status_code == 422


def test_the_second_of_two_who_edit_is_told_and_keeps_what_was_typed(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    page = office.page("salesperson", f"/customers/{mine}/edit")
    [revision] = re.findall(r'name="revision"[^>]*value="(\d+)"', page)
    data = {"name": "宁波康复中心", "industry": "医疗", "standing": "buying", "revision": revision, "reason": "签了"}
    assert office.post("salesperson", f"/customers/{mine}/edit", data).status_code == 303
    late = office.post("salesperson", f"/customers/{mine}/edit", {**data, "source": "老同学"})
    assert late.status_code == 422
    assert "老同学" in text_of(late)
    page = office.page("salesperson", f"/customers/{mine}")
    assert "签了" in page
    assert "老同学" not in page


def test_grade_competitors_and_archiving_are_kept_with_their_reasons(office: Office) -> None:
    mine = named(office, "宁波康复中心")
    at = f"/customers/{mine}"
    assert office.post("salesperson", f"{at}/grade", {"grade": "A", "reason": ""}).status_code == 422
    assert office.post("salesperson", f"{at}/grade", {"grade": "A", "reason": "要签了"}).status_code == 303
    rival = {"name": "甬江软件", "product": "会员系统"}
    assert office.post("salesperson", f"{at}/competitors", rival).status_code == 303
    assert office.post("salesperson", f"{at}/competitors", rival).status_code == 303
    page = office.page("salesperson", at)
    assert "要签了" in page
    assert "甬江软件" in page
    [[noted]] = office.sql("SELECT id FROM competitor WHERE customer_id = :id", id=mine)
    assert office.post("salesperson", f"{at}/competitors/{noted}/remove").status_code == 303
    assert "甬江软件" not in office.page("salesperson", at)
    assert office.post("salesperson", f"{at}/archive", {"reason": "停业"}).status_code == 303
    assert "此客户已归档" in office.page("salesperson", at)
    assert "宁波康复中心" not in office.page("salesperson", "/customers")
    assert "宁波康复中心" in office.page("salesperson", "/customers?archived=1")
    late = office.post("salesperson", f"{at}/visits", VISIT)
    assert late.status_code == 409
    assert VISIT["content"] in text_of(late)
    assert office.post("salesperson", f"{at}/unarchive", {"reason": "复业"}).status_code == 303
    assert "登记拜访" in office.page("salesperson", at)


@pytest.mark.parametrize("said", ["", "9" * 40, "2026-03-10.", "2026-03-10.9", "0000-00-00.1", "²", "%00", "a.b"])
def test_odd_addresses_open_the_list_and_the_customer_all_the_same(office: Office, said: str) -> None:
    mine = named(office, "宁波康复中心")
    office.page("salesperson", f"/customers/{mine}?before={said}&instance={said}")
    office.page("salesperson", f"/customers?q={said}&after={said}&part={said}&due={said}&owner={said}&industry={said}")
