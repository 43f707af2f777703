"""Incidents: a step that breaks, a task that nobody is left to do, and the ways to mend them."""

import html
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import DBAPIError

from tests.pages.office import Office, request_fields
from webapp import work
from webapp.incidents.background import timer_failed
from workflows.engine import deadlines

START = "/processes/expense_advance/start"


def break_steps(office: Office) -> None:
    """Let the database fail at the end of every step, as a full disk or a forgotten migration would."""
    office.sql(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the tablespace is full'; END $$"
    )
    office.sql("CREATE TRIGGER fail BEFORE INSERT ON user_task EXECUTE FUNCTION fail()")


def mend_steps(office: Office) -> None:
    office.sql("DROP TRIGGER fail ON user_task")


def the_incident(office: Office) -> int:
    [(ident,)] = office.sql("SELECT id FROM incident")
    return int(ident)


def test_a_step_that_breaks_changes_nothing_and_is_kept_with_what_was_sent(office: Office) -> None:
    break_steps(office)
    before = office.snapshot()
    answer = office.post("salesperson", START, request_fields())
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 500
    assert "您提交的内容已保存" in page
    assert office.snapshot() == before
    page = office.page("administrator", f"/incidents/{the_incident(office)}")
    for words in ("步骤执行失败", "the tablespace is full", "广州展会差旅", "12000.00", "张小明", "填写借款审批表"):
        assert words in page, words
    assert "JK-2026" not in page
    notices = office.page("administrator", "/notices")
    assert "出现异常：RaiseException: the tablespace is full" in notices
    assert f'href="/incidents/{the_incident(office)}"' in notices


def test_trying_again_sends_it_in_the_sender_s_name(office: Office) -> None:
    break_steps(office)
    office.post("salesperson", START, request_fields())
    mend_steps(office)
    answer = office.post("administrator", f"/incidents/{the_incident(office)}/retry")
    assert answer.status_code == 303
    assert "广州展会差旅" in office.listed("sales_manager", "/inbox")
    [(starter,)] = office.sql("SELECT starter_id FROM process_instance")
    assert starter == office.employee_id("salesperson")
    assert office.sql("SELECT resolution FROM incident") == [("retried",)]
    assert "已重试" in office.page("administrator", "/incidents?state=closed")


def test_trying_again_in_vain_leaves_the_incident_open(office: Office) -> None:
    break_steps(office)
    office.post("salesperson", START, request_fields())
    before = office.snapshot()
    assert office.post("administrator", f"/incidents/{the_incident(office)}/retry").status_code == 303
    assert "再次失败" in office.page("administrator", f"/incidents/{the_incident(office)}")
    assert office.sql("SELECT closed_at FROM incident") == [(None,)]
    assert office.snapshot() == before


def test_an_impatient_sender_makes_one_incident_and_one_case(office: Office) -> None:
    break_steps(office)
    fields = {**request_fields(), "idempotency_key": uuid.uuid4().hex}
    for _ in range(3):
        assert office.post("salesperson", START, fields).status_code == 500
    incident = the_incident(office)
    mend_steps(office)
    assert office.post("salesperson", START, fields).status_code == 303
    assert office.post("administrator", f"/incidents/{incident}/retry").status_code == 303
    assert office.sql("SELECT count(*) FROM process_instance") == [(1,)]
    assert office.sql("SELECT resolution FROM incident") == [("retried",)]


def test_a_decision_that_broke_is_sent_again_and_one_that_was_overtaken_counts_as_done(office: Office) -> None:
    case = office.start()
    break_steps(office)
    assert office.decide("sales_manager", case, opinion="行程已核实").status_code == 500
    mend_steps(office)
    office.post("administrator", f"/incidents/{the_incident(office)}/retry")
    assert "行程已核实" in office.page("salesperson", f"/instances/{case}")
    other = office.start("salesperson2")
    break_again = "CREATE TRIGGER fail BEFORE INSERT ON user_task EXECUTE FUNCTION fail()"
    office.sql(break_again)
    assert office.decide("sales_manager", other, opinion="同意").status_code == 500
    mend_steps(office)
    office.decide("sales_manager", other, opinion="同意")
    [(late,)] = office.sql("SELECT id FROM incident WHERE closed_at IS NULL")
    assert office.post("administrator", f"/incidents/{late}/retry").status_code == 303
    assert office.sql("SELECT count(*) FROM user_task WHERE element_id = 'director_opinion'") == [(2,)]


def test_what_is_no_longer_wanted_is_dismissed_with_a_reason(office: Office) -> None:
    break_steps(office)
    office.post("salesperson", START, request_fields())
    path = f"/incidents/{the_incident(office)}/dismiss"
    assert office.post("administrator", path, {"reason": ""}).status_code == 422
    assert office.sql("SELECT closed_at FROM incident") == [(None,)]
    assert office.post("administrator", path, {"reason": "行程取消"}).status_code == 303
    assert office.sql("SELECT resolution, reason FROM incident") == [("dismissed", "行程取消")]
    assert office.post("administrator", path, {"reason": "再次"}).status_code == 409


@pytest.fixture
def with_nobody_left(office: Office) -> int:
    """A case whose general manager, and everybody above the starter's manager, is away for good."""
    case = office.start()
    office.sql("UPDATE employee SET active = false WHERE login IN ('sales_director', 'general_manager')")
    office.decide("sales_manager", case, opinion="同意")
    return case


def test_a_task_that_nobody_is_left_to_do_is_reassigned(office: Office, with_nobody_left: int) -> None:
    page = office.page("administrator", "/incidents")
    assert "无人可办" in page
    incident = the_incident(office)
    refused = {
        "nobody": "查无此人",
        "salesperson": "张小明",
        "sales_manager": "王志远",
        "administrator": "高远",
    }
    before = office.snapshot()
    for login, words in refused.items():
        answer = office.post("administrator", f"/incidents/{incident}/reassign", {"to": login, "reason": "代办"})
        page = html.unescape(answer.get_data(as_text=True))
        assert answer.status_code == 422, login
        assert words in page
        assert f'value="{login}"' in page
    assert office.snapshot() == before
    given = {"to": "finance_director", "reason": "总监离职，暂由财务总监代审"}
    assert office.post("administrator", f"/incidents/{incident}/reassign", given).status_code == 303
    assert "广州展会差旅" in office.listed("finance_director", "/inbox")
    history = office.page("salesperson", f"/instances/{with_nobody_left}")
    assert "暂由财务总监代审" in history
    assert "改派给郑海燕" in history or "指派给郑海燕" in history


def test_the_administrator_sees_the_task_and_decides_nothing(office: Office, with_nobody_left: int) -> None:
    task_id = office.open_task(with_nobody_left)
    assert 'name="decision"' not in office.page("administrator", f"/tasks/{task_id}")
    assert office.post("administrator", f"/tasks/{task_id}", {"decision": "approve"}).status_code == 403


def test_a_case_is_terminated_with_a_reason(office: Office, with_nobody_left: int) -> None:
    path = f"/incidents/{the_incident(office)}/terminate"
    assert office.post("administrator", path, {"reason": " "}).status_code == 422
    assert office.post("administrator", path, {"reason": "部门撤销"}).status_code == 303
    assert "已终止" in office.page("salesperson", f"/instances/{with_nobody_left}")
    assert office.sql("SELECT resolution FROM incident") == [("terminated",)]


def test_a_timer_that_fails_is_held_until_it_is_tried_again(office: Office) -> None:
    case = office.start()
    office.sql(
        "INSERT INTO timer (instance_id, node_id, element_id, due_at)"
        " VALUES (:case, 'x', 'await_clearing', '2026-03-09T00:00Z')",
        case=case,
    )
    break_steps(office)
    for _ in range(2):
        work.each_due(office.app, deadlines.due_timers, deadlines.fire_timer, timer_failed)
    assert office.sql("SELECT held FROM timer") == [(True,)]
    page = office.page("administrator", f"/incidents/{the_incident(office)}")
    assert "定时器执行失败" in page
    assert "the tablespace is full" in page
    mend_steps(office)
    assert office.post("administrator", f"/incidents/{the_incident(office)}/retry").status_code == 303
    assert office.sql("SELECT resolution FROM incident") == [("retried",)]
    [(fired,)] = office.sql("SELECT count(*) FROM history_event WHERE kind = 'timer_fired'")
    assert fired == 1


def test_a_message_that_fails_is_shown_until_it_gets_through(office: Office) -> None:
    case = office.approved()
    paid = {"amount": "12000.00", "paid_on": "2026-03-10", "method": "bank_transfer", "reference": "T1"}
    office.decide("accountant", case, "", **paid)
    [(advance,)] = office.sql("SELECT id FROM advance")
    returned = {
        "advance": str(advance), "kind": "return", "amount": "12000.00", "returned_on": "2026-03-10", "method": "cash",
    }  # fmt: skip
    answer = office.post("salesperson", "/processes/advance_settlement/start", returned)
    settlement = int(answer.headers["Location"].rsplit("/", 1)[-1])
    office.decide("accountant", settlement, "approve")
    [(message,)] = office.sql("SELECT id FROM message")
    context = SimpleNamespace(additional_context={"flask_app": office.app})
    deliver = work.queue.tasks["deliver_message"].func
    break_steps(office)
    for _ in range(2):
        with pytest.raises(DBAPIError):
            deliver(context, message_id=message)
    assert "消息处理失败" in office.page("administrator", f"/incidents/{the_incident(office)}")
    mend_steps(office)
    deliver(context, message_id=message)
    assert office.sql("SELECT resolution FROM incident") == [("retried",)]
    assert office.sql("SELECT status FROM process_instance WHERE id = :case", case=case) == [("completed",)]


def test_incidents_are_the_administrator_s_alone(office: Office, with_nobody_left: int) -> None:
    incident = the_incident(office)
    before = office.snapshot()
    for who in ("salesperson", "sales_manager", "accountant", "finance_director"):
        assert office.get(who, "/incidents").status_code == 403
        assert office.get(who, f"/incidents/{incident}").status_code == 403
        for deed in ("retry", "reassign", "terminate", "dismiss"):
            assert office.post(who, f"/incidents/{incident}/{deed}", {"reason": "x"}).status_code == 403
    assert office.snapshot() == before


def test_an_incident_that_does_not_exist_is_not_found(office: Office) -> None:
    assert office.get("administrator", "/incidents/999").status_code == 404
    for deed in ("retry", "reassign", "terminate", "dismiss"):
        assert office.post("administrator", f"/incidents/999/{deed}", {"reason": "x"}).status_code == 404
