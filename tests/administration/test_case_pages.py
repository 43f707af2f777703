"""Administrators find every case and put it right; everybody sees that a case stands still, and why."""

import html
import re
import uuid

import pytest
from werkzeug.test import TestResponse

from tests.pages.office import Office

SUSPEND = {"reason": "等待审计"}


def administer(office: Office, case: int, act: str, **fields: str) -> TestResponse:
    return office.post("administrator", f"/administration/cases/{case}/{act}", fields)


def text_of(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def listed(office: Office, query: str = "") -> list[int]:
    page = office.page("administrator", f"/administration/cases{query}")
    return [int(number) for number in re.findall(r'href="/administration/cases/(\d+)"', page)]


def test_cases_are_found_by_number_title_starter_process_state_and_desk(office: Office) -> None:
    first, second = office.start(purpose="广州展会差旅"), office.start("salesperson2", purpose="拜访客户")
    assert office.decide("sales_manager", second, "reject", opinion="太多").status_code == 303
    assert listed(office)[:2] == [second, first]
    assert listed(office, "?q=拜访客") == [second]
    assert listed(office, "?q=李婷婷&state=rejected")[0] == second
    assert listed(office, f"?q=%23{first}") == [first]
    number = office.sql("SELECT title FROM process_instance WHERE id = :id", id=first)[0][0].split(" ")[0]
    assert listed(office, f"?q={number}") == [first]
    assert listed(office, f"?q={number.lower()}") == [first]
    assert second not in listed(office, "?state=running")
    assert first in listed(office, "?holder=sales_manager&process=expense_advance")
    assert listed(office, "?process=advance_settlement&state=terminated") == []
    assert set(listed(office, "?starter=salesperson2&state=rejected")) == {second}
    assert listed(office, "?q=%25") == []


def test_overdue_cases_are_found(office: Office) -> None:
    case = office.start()
    assert case not in listed(office, "?late=1")
    office.sql("UPDATE user_task SET due_at = opened_at - interval '1 day' WHERE instance_id = :id", id=case)
    assert case in listed(office, "?late=1")
    assert case in listed(office, "?late=1&holder=王志远")


def test_pages_of_the_list_follow_each_other_without_gaps(office: Office) -> None:
    office.start()
    office.sql(
        "INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state,"
        " serializer, started_at, history_count, history_hash) SELECT definition_id, process_key, 'Rare ' || n,"
        " starter_id, 'terminated', 1, state, serializer, started_at, 0, '' FROM process_instance,"
        " generate_series(1, 60) n WHERE id = (SELECT min(id) FROM process_instance)"
    )
    for query in ("?state=terminated", "?q=Rare+", "?process=expense_advance&q=rare+"):
        found, address = [], f"/administration/cases{query}"
        while address:
            page = office.page("administrator", address)
            found += [int(number) for number in re.findall(r'href="/administration/cases/(\d+)"', page)]
            following = re.search(r'href="([^"]+)" rel="next"', page)
            address = following[1] if following else ""
        assert len(found) == 60 and found == sorted(set(found), reverse=True), query


def test_a_filter_that_names_nobody_is_refused_at_its_field(office: Office) -> None:
    answer = office.get("administrator", "/administration/cases?holder=没有这个人")
    assert (answer.status_code, "没有这个人" in text_of(answer)) == (422, True)
    for query in ("before=x", "before=99999999999999999999", "state=x", "process=x", "q=%00", "late=yes"):
        assert office.get("administrator", f"/administration/cases?{query}").status_code == 200


def test_everybody_sees_that_a_case_is_suspended_and_why(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    assert administer(office, case, "suspend", **SUSPEND).status_code == 303
    assert "等待审计" in office.page("salesperson", f"/instances/{case}")
    assert "恢复之前" in office.page("sales_manager", f"/tasks/{task}")
    assert "已挂起" in office.listed("salesperson", "/inbox/started")
    assert f"/tasks/{task}" not in office.listed("sales_manager", "/inbox")
    assert listed(office, "?state=suspended") == [case]
    assert case not in listed(office, "?state=running")
    assert administer(office, case, "resume", reason="审计结束").status_code == 303
    assert f"/tasks/{task}" in office.listed("sales_manager", "/inbox")
    assert "恢复之前" not in office.page("sales_manager", f"/tasks/{task}")


def test_a_suspended_task_is_not_answered(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    administer(office, case, "suspend", **SUSPEND)
    before = office.snapshot()
    answer = office.post("sales_manager", f"/tasks/{task}", {"decision": "approve", "revision": "1"})
    assert (answer.status_code, office.snapshot()) == (409, before)


def test_a_form_sent_twice_acts_once(office: Office) -> None:
    case = office.start()
    key = uuid.uuid4().hex
    assert administer(office, case, "suspend", idempotency_key=key, **SUSPEND).status_code == 303
    before = office.snapshot()
    assert administer(office, case, "suspend", idempotency_key=key, **SUSPEND).status_code == 303
    assert office.snapshot() == before
    again = administer(office, case, "suspend", **SUSPEND)
    assert (again.status_code, "已经挂起" in text_of(again), office.snapshot()) == (409, True, before)


def test_a_case_goes_back_to_a_passed_step_and_is_asked_again_from_there(office: Office) -> None:
    case = office.start()
    office.decide("sales_manager", case)
    page = office.page("administrator", f"/administration/cases/{case}")
    assert 'value="manager_approval"' in page and 'value="director_opinion"' not in page
    sent = {"element": "manager_approval", "reason": "金额有误", "confirmed": "y"}
    assert administer(office, case, "jump", **sent).status_code == 303
    assert office.sql("SELECT element_id FROM user_task WHERE instance_id = :id AND status = 'open'", id=case) == [
        ("manager_approval",)
    ]
    assert "金额有误" in office.page("salesperson", f"/instances/{case}")


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("suspend", {"reason": "  "}, 422),
        ("suspend", {"reason": "x" * 501}, 422),
        ("resume", {"reason": "not suspended"}, 409),
        ("jump", {"element": "general_manager_approval", "reason": "r", "confirmed": "y"}, 422),
        ("jump", {"element": "no_such_step", "reason": "r", "confirmed": "y"}, 422),
        ("jump", {"element": "manager_decided", "reason": "r", "confirmed": "y"}, 422),
        ("jump", {"reason": "r", "confirmed": "y"}, 422),
        ("jump", {"element": "manager_approval", "reason": "r"}, 422),
        ("terminate", {"reason": "r"}, 422),
        ("terminate", {"confirmed": "y"}, 422),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    office: Office, act: str, fields: dict[str, str], status: int
) -> None:
    case = office.start()
    office.decide("sales_manager", case)
    before = office.snapshot()
    answer = administer(office, case, act, **fields)
    assert (answer.status_code, office.snapshot()) == (status, before)
    assert ("invalid-feedback" in text_of(answer)) is (status == 422)


def test_what_was_paid_is_neither_taken_back_nor_terminated(office: Office) -> None:
    case = office.approved()
    payment = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "cash"}
    assert office.decide("accountant", case, "", **payment).status_code == 303
    before = office.snapshot()
    for act, fields in (("jump", {"element": "manager_approval"}), ("terminate", {})):
        answer = administer(office, case, act, reason="r", confirmed="y", **fields)
        assert (answer.status_code, office.snapshot()) == (409, before), act


def test_nothing_is_done_to_a_case_that_has_ended(office: Office) -> None:
    case = office.start()
    assert administer(office, case, "terminate", reason="重复", confirmed="y").status_code == 303
    before = office.snapshot()
    for act in ("suspend", "resume", "jump", "terminate"):
        answer = administer(office, case, act, reason="r", confirmed="y", element="manager_approval")
        assert (answer.status_code, "已经结束" in text_of(answer)) == (409, True), act
    assert office.snapshot() == before
    assert office.get("administrator", "/administration/cases/999999").status_code == 404
    assert administer(office, 999999, "suspend", **SUSPEND).status_code == 404


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("salesperson", "发起"),
        ("sales_manager", "此任务已由王志远处理"),
        ("administrator", "只负责系统管理"),
        ("nobody_of_this_name", "nobody_of_this_name"),
        ("", "请填写"),
    ],
)
def test_a_task_is_not_put_on_the_desk_of_who_may_not_have_it(office: Office, to: str, words: str) -> None:
    case = office.start()
    task = office.open_task(case)
    before = office.snapshot()
    answer = office.post("administrator", f"/administration/tasks/{task}/reassign", {"to": to, "reason": "出差"})
    assert (answer.status_code, office.snapshot()) == (422, before)
    assert words in text_of(answer)


def test_a_task_is_put_on_another_desk(office: Office) -> None:
    case = office.start()
    task = office.open_task(case)
    fields = {"to": "何建平", "reason": "经理出差"}
    assert office.post("administrator", f"/administration/tasks/{task}/reassign", fields).status_code == 303
    assert f"/tasks/{task}" in office.listed("sales_manager2", "/inbox")


def test_others_are_kept_out_and_see_no_link(office: Office) -> None:
    case = office.start()
    assert "/administration/" not in office.page("general_manager", f"/instances/{case}")
    assert f"/administration/cases/{case}" in office.page("administrator", f"/instances/{case}")
    before = office.snapshot()
    for path in (f"cases/{case}/suspend", f"cases/{case}/terminate", f"tasks/{office.open_task(case)}/reassign"):
        answer = office.post("general_manager", f"/administration/{path}", {"reason": "r", "to": "hr"})
        assert answer.status_code == 403
    assert office.snapshot() == before
