"""Approving together: each case by itself, within a ceiling, with a line for each, and twice is once."""

import html
import re
import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from tests.pages.office import Office
from webapp.extensions import db

REASON = re.compile(r'<div class="text-danger">([^<]+)</div>')


def ticked(office: Office, login: str = "sales_manager") -> list[str]:
    """The boxes of an inbox: task and revision."""
    return re.findall(r'name="task" value="(\d+\.\d+)"', office.listed(login, "/inbox"))


def approve(office: Office, tasks: list[str], login: str = "sales_manager", **more: Any) -> str:
    answer = office.post(login, "/inbox/batch", {"task": tasks, **more})
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.get_data(as_text=True))


def confirmed(office: Office, tasks: list[str], login: str = "sales_manager") -> str:
    return office.page(login, "/inbox/batch?" + "&".join(f"task={task}" for task in tasks))


def test_what_is_chosen_is_summed_up_and_approved_by_one_press(office: Office) -> None:
    office.start(purpose="广州展会")
    office.start("salesperson2", purpose="深圳拜访")
    tasks = ticked(office)
    page = confirmed(office, tasks)
    # 12,000.00 + 12,000.00
    assert "¥24,000.00" in page
    assert "您的单笔限额" in page
    done = approve(office, tasks, opinion="同意。")
    assert "同意 2 项，未通过 0 项。" in done
    assert office.sql("SELECT decision, opinion FROM user_task WHERE status = 'completed'") == [
        ("approve", "同意。"), ("approve", "同意。"),
    ]  # fmt: skip
    assert ticked(office) == []


def test_only_steps_that_decide_have_a_box(office: Office) -> None:
    office.approved()
    page = office.listed("accountant", "/inbox")
    assert "广州展会差旅" in page
    assert 'form="batch"' not in page
    assert "全选" not in page


def test_all_boxes_are_ticked_by_a_link_where_there_is_no_script(office: Office) -> None:
    office.start()
    assert 'name="task"' in office.listed("sales_manager", "/inbox")
    assert " checked>" not in office.listed("sales_manager", "/inbox")
    assert office.listed("sales_manager", "/inbox?all=1").count(" checked>") == 1


def test_a_batch_that_is_sent_twice_approves_once_and_says_the_same_twice(office: Office) -> None:
    office.start()
    tasks, key = ticked(office), uuid.uuid4().hex
    pages = [approve(office, tasks, idempotency_key=key) for _ in range(2)]
    after = office.snapshot()
    assert ["同意 1 项，未通过 0 项。" in page for page in pages] == [True, True]
    approve(office, tasks, idempotency_key=key)
    assert office.snapshot() == after


def test_a_stale_row_is_refused_and_the_others_go_through(office: Office) -> None:
    office.start(purpose="改派过")
    office.start("salesperson2", purpose="没动过")
    tasks = ticked(office)
    office.sql("UPDATE user_task SET revision = revision + 1 WHERE id = :id", id=int(tasks[0].split(".")[0]))
    done = approve(office, tasks)
    assert "同意 1 项，未通过 1 项。" in done
    assert "改派过" in done
    assert office.sql("SELECT title LIKE '%没动过' FROM user_task WHERE status = 'completed'") == [(True,)]


def test_what_somebody_else_decided_meanwhile_is_refused_with_their_name(office: Office) -> None:
    case = office.start()
    tasks = ticked(office)
    office.decide("sales_manager", case, "reject", opinion="不同意")
    before = office.snapshot()
    assert "王志远" in approve(office, tasks)
    assert office.snapshot() == before


def test_tasks_of_others_are_refused_without_a_word_about_them(office: Office) -> None:
    office.start()
    tasks = ticked(office)
    before = office.snapshot()
    for page in (confirmed(office, tasks, "sales_manager2"), approve(office, tasks, "sales_manager2")):
        assert "广州展会差旅" not in page
        assert "这不是（或已不再是）您的任务。" in page
    assert office.snapshot() == before


@pytest.mark.parametrize(("ceiling", "passes"), [("1199999", False), ("1200000", True), ("0", False), ("NULL", True)])
def test_the_ceiling_binds_each_case_by_itself(office: Office, ceiling: str, passes: bool) -> None:
    # Each is about 12,000.00; together they are above the ceiling, which counts for nothing.
    office.start()
    office.start("salesperson2")
    office.sql(f"UPDATE employee SET batch_ceiling_fen = {ceiling} WHERE login = 'sales_manager'")
    tasks = ticked(office)
    before = office.snapshot()
    for page in (confirmed(office, tasks), approve(office, tasks)):
        assert ("超出您的批量同意限额" in page) is not passes
    assert (office.snapshot() == before) is not passes


def test_the_company_s_ceiling_binds_who_has_none(office: Office) -> None:
    office.app.config["BATCH_CEILING_FEN"] = 1_199_999
    office.start()
    before = office.snapshot()
    assert "¥12,000.00 超出您的批量同意限额 ¥11,999.99" in approve(office, ticked(office))
    assert office.snapshot() == before


def test_a_required_opinion_is_still_required(office: Office) -> None:
    for who in ("salesperson", "salesperson2"):
        office.decide("sales_manager", office.start(who))
    tasks = ticked(office, "sales_director")
    before = office.snapshot()
    done = approve(office, tasks, "sales_director")
    assert REASON.findall(done) == ["必须填写书面意见（H12.1）。"] * 2
    assert office.snapshot() == before
    assert "同意 2 项" in approve(office, tasks, "sales_director", opinion="同意，注意控制费用。")


def test_an_opinion_that_is_too_long_is_refused_before_anything_is_done(office: Office) -> None:
    office.start()
    before = office.snapshot()
    answer = office.post("sales_manager", "/inbox/batch", {"task": ticked(office), "opinion": "长" * 1001})
    assert answer.status_code == 422
    assert 'id="opinion-error"' in answer.get_data(as_text=True)
    assert office.snapshot() == before


def test_steps_that_are_no_decision_are_refused(office: Office) -> None:
    office.approved()
    [(task, revision)] = office.sql("SELECT id, revision FROM user_task WHERE status = 'open'")
    before = office.snapshot()
    assert "此步骤不能批量同意" in approve(office, [f"{task}.{revision}"], "accountant")
    assert office.snapshot() == before


@pytest.mark.parametrize("tasks", [[], ["x"], ["1"], ["-1.1"], ["1.1.1"], ["９.1"], ["9" * 30 + ".1"]])
def test_nothing_that_was_chosen_is_said_so(office: Office, tasks: list[str]) -> None:
    assert office.post("sales_manager", "/inbox/batch", {"task": tasks}).status_code == 422
    query = "&".join(f"task={task}" for task in tasks)
    assert office.get("sales_manager", f"/inbox/batch?{query}").status_code == 422


def test_more_than_a_hundred_are_refused(office: Office) -> None:
    office.start()
    before = office.snapshot()
    tasks = [*ticked(office), *(f"{number}.1" for number in range(1000, 1100))]
    assert office.post("sales_manager", "/inbox/batch", {"task": tasks}).status_code == 422
    assert office.snapshot() == before


def test_a_case_that_is_locked_is_passed_over_and_the_others_go_through(office: Office) -> None:
    case = office.start(purpose="正忙")
    office.start("salesperson2", purpose="空闲")
    tasks = ticked(office)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with office.app.app_context():
            db.session.execute(text("SELECT FROM process_instance WHERE id = :id FOR UPDATE"), {"id": case})
            held.set()
            done.wait(20)
            db.session.rollback()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(20)
        page = approve(office, tasks)
    finally:
        done.set()
        holder.join()
    assert "同意 1 项，未通过 1 项。" in page
    assert office.sql("SELECT title LIKE '%空闲' FROM user_task WHERE status = 'completed'") == [(True,)]


def test_a_step_that_breaks_is_kept_as_an_incident_and_the_others_go_through(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.start(purpose="会出错")
    office.start("salesperson2", purpose="没问题")
    tasks = ticked(office)
    operations = office.app.extensions["salesflow_engine"].processes["expense_advance"].operations
    real, calls = operations["manager_approval"], []

    def breaks_once(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise RuntimeError("a defect")
        return real(*given)

    monkeypatch.setitem(operations, "manager_approval", breaks_once)
    page = approve(office, tasks)
    assert "同意 1 项，未通过 1 项。" in page
    assert "管理员已收到通知" in page
    assert office.sql("SELECT kind FROM incident") == [("step_failed",)]


def test_who_stands_in_approves_with_their_own_ceiling_and_both_names(office: Office) -> None:
    office.start()
    office.sql(
        "INSERT INTO delegation (delegator_id, delegate_id, first_on, last_on, created_at)"
        " VALUES (:absent, :delegate, '2026-03-09', '2026-03-12', now())",
        absent=office.employee_id("sales_manager"),
        delegate=office.employee_id("sales_supervisor"),
    )
    office.sql("UPDATE employee SET batch_ceiling_fen = 1 WHERE login = 'sales_supervisor'")
    tasks = ticked(office, "sales_supervisor")
    assert "超出您的批量同意限额" in approve(office, tasks, "sales_supervisor")
    office.sql("UPDATE employee SET batch_ceiling_fen = NULL WHERE login = 'sales_supervisor'")
    approve(office, tasks, "sales_supervisor")
    assert office.sql("SELECT on_behalf_of_id FROM user_task WHERE status = 'completed'") == [
        (office.employee_id("sales_manager"),)
    ]
