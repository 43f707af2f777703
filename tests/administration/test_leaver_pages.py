"""The page of leavers: seen first, moved in one act, and offered before somebody is disabled."""

import html

import pytest
from werkzeug.test import TestResponse

from tests.pages.office import Office


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def hand_over(office: Office, leaver: str, to: str, **fields: object) -> TestResponse:
    person = office.employee_id(leaver)
    sent = {"to": to, "reason": "离职", **fields}
    return office.post("administrator", f"/administration/leavers/{person}", sent)


def led_by(office: Office, login: str) -> list[str]:
    return [
        row[0]
        for row in office.sql(
            "SELECT d.name FROM department d JOIN employee e ON e.id = d.manager_id WHERE e.login = :login", login=login
        )
    ]


def test_everything_moves_as_the_preview_says(office: Office) -> None:
    case = office.start("salesperson3")
    task = office.open_task(case)
    preview = office.page("administrator", "/administration/leavers?person=何建平&to=sales_manager")
    for words in ("JK-2026-", "华南销售部", "黄俊杰", "全部交接"):
        assert words in preview, words
    department = office.sql("SELECT id FROM department WHERE name = '华南销售部'")[0][0]
    below = office.employee_id("salesperson3")
    answer = hand_over(office, "sales_manager2", "sales_manager", departments=department, reports=below)
    assert answer.status_code == 303, text_of(answer)
    assert f"/tasks/{task}" in office.listed("sales_manager", "/inbox")
    assert "华南销售部" in led_by(office, "sales_manager") and led_by(office, "sales_manager2") == []
    told = office.page("administrator", f"/people/{below}")
    assert "sales_manager2" in told and "离职" in told
    before = office.snapshot()
    again = hand_over(office, "sales_manager2", "sales_manager", departments=department, reports=below)
    assert (again.status_code, office.snapshot()) == (303, before)


def test_what_is_not_ticked_stays(office: Office) -> None:
    office.start("salesperson3")
    assert hand_over(office, "sales_manager2", "sales_manager").status_code == 303
    assert led_by(office, "sales_manager2") == ["华南销售部"]


def test_the_preview_names_what_goes_by_the_rule_and_why(office: Office) -> None:
    office.start()
    preview = office.page("administrator", "/administration/leavers?person=sales_manager&to=salesperson")
    assert "按规则" in preview and "林雪梅" in preview


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("sales_manager", "同一个人"),
        ("administrator", "只负责系统管理"),
        ("hr", "停用"),
        ("nobody_at_all", "nobody_at_all"),
        ("", "请填写"),
    ],
)
def test_a_successor_who_may_not_take_over_is_refused_and_nothing_moves(office: Office, to: str, words: str) -> None:
    office.start()
    office.sql("UPDATE employee SET active = false WHERE login = 'hr'")
    before = office.snapshot()
    answer = hand_over(office, "sales_manager", to)
    assert (answer.status_code, office.snapshot()) == (422, before)
    assert words in text_of(answer)
    if to:
        seen = office.get("administrator", f"/administration/leavers?person=sales_manager&to={to}")
        assert (seen.status_code, words in text_of(seen)) == (422, True)


def test_no_reason_and_a_circle_of_superiors_are_refused(office: Office) -> None:
    office.start()
    before = office.snapshot()
    assert hand_over(office, "sales_manager", "sales_director", reason=" ").status_code == 422
    # Both report to the sales manager: none of them can become the other's superior and stay below as well.
    below = office.employee_id("salesperson")
    answer = hand_over(office, "sales_manager", "salesperson", reports=below)
    assert (answer.status_code, "不能成为自己的上级" in text_of(answer)) == (422, True)
    assert office.snapshot() == before
    assert office.get("administrator", "/administration/leavers?person=没有这个人").status_code == 422
    assert (
        office.post("administrator", "/administration/leavers/999999", {"to": "hr", "reason": "r"}).status_code == 404
    )


def test_disabling_somebody_with_work_offers_to_hand_it_over(office: Office) -> None:
    office.start()
    person = office.employee_id("sales_manager")
    page = office.page("administrator", f"/people/{person}/disable")
    assert "此人名下有 1 项任务" in page and "/administration/leavers?person=sales_manager" in page
    assert "/administration/leavers?person=sales_manager" in office.page("administrator", f"/people/{person}")


def test_changes_of_a_person_stand_on_their_page(office: Office) -> None:
    person = office.employee_id("hr")
    assert "变更记录" not in office.page("administrator", f"/people/{person}")
    assert office.post("administrator", f"/people/{person}/disable").status_code == 302
    page = office.page("administrator", f"/people/{person}")
    assert "变更记录" in page and "高远" in page
    rows = office.sql("SELECT field, before, after FROM employee_change WHERE employee_id = :id", id=person)
    assert rows == [("active", "yes", "no")]
