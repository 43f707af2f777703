"""Deadlines: reminded on working days, acted upon once as the diagram says, and counted again with the calendar."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import Company, company
from workflows.calendar.changes import set_days
from workflows.engine.deadlines import due_escalations, due_reminders, escalate, remind, tell_superior
from workflows.engine.history import broken_entries
from workflows.engine.model import HistoryEvent, UserTask
from workflows.engine.recounting import batches, recount, tasks_with_deadlines
from workflows.notices.model import Notice

#: Opened on Tuesday 10 March 2026 at 10:00 in Shanghai: reminded on Thursday the 12th, due on Monday the 16th.
REMINDED = dt.datetime(2026, 3, 12, 2, tzinfo=dt.UTC)
DUE = dt.datetime(2026, 3, 16, 2, tzinfo=dt.UTC)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
THURSDAY, FRIDAY, MONDAY = dt.date(2026, 3, 12), dt.date(2026, 3, 13), dt.date(2026, 3, 16)


def firm(session: Session, folder: Path, at_deadline: str = "", lane: str = "sales_manager") -> Company:
    said = f" approval=true atDeadline={at_deadline}" if at_deadline else ""
    files = diagram(
        "loan",
        [
            "start:ask lane=salesperson",
            f"user:manager_approval lane={lane} remindAfter=2 escalateAfter=4{said}",
            "xor:manager_said default=f4",
            "user:pay lane=accountant",
            "end:paid",
            "end:refused outcome=rejected",
        ],
        [
            "ask -> manager_approval",
            "manager_approval -> manager_said",
            "manager_said -> pay if manager_approval.decision == 'approve'",
            "manager_said -> refused",
            "pay -> paid",
        ],
        assign={"salesperson": "starter", "accountant": "group"},
    )
    return company(session, folder, files)


@pytest.fixture
def loan(session: Session, tmp_path: Path) -> Company:
    return firm(session, tmp_path)


def off(loan: Company, *days: dt.date, works: bool | None = False) -> None:
    set_days(loan.session, days, works, note="盘点" if works is not None else "", actor_id=1, now=loan.now)


def count_again(loan: Company, batch: int = 500) -> int:
    return sum(recount(loan.engine, loan.session, ids) for ids in batches(tasks_with_deadlines(loan.session), batch))


def times(task: UserTask) -> tuple[Any, ...]:
    return task.remind_at, task.escalate_at, task.due_at


def told(loan: Company, kind: str) -> list[str | None]:
    return [loan.name(n.employee_id) for n in loan.session.scalars(select(Notice).where(Notice.kind == kind))]


def last_event(loan: Company, case: int, kind: str) -> HistoryEvent:
    query = select(HistoryEvent).where(HistoryEvent.instance_id == case, HistoryEvent.kind == kind)
    return loan.session.scalars(query.order_by(HistoryEvent.seq.desc())).first()  # type: ignore[return-value]


# Working days.


def test_a_step_is_due_when_the_diagram_says_in_working_days(loan: Company) -> None:
    task = loan.open_task(loan.start().instance_id)
    assert times(task) == (REMINDED, DUE, DUE)


def test_a_step_that_opens_goes_by_the_companys_own_days(loan: Company) -> None:
    off(loan, THURSDAY)
    task = loan.open_task(loan.start().instance_id)
    assert times(task) == (REMINDED + DAY, DUE + DAY, DUE + DAY)


def test_nobody_is_reminded_on_a_day_off_but_at_the_same_hour_of_the_next_working_day(loan: Company) -> None:
    task = loan.open_task(loan.start().instance_id)
    off(loan, THURSDAY, FRIDAY)
    for later in (0 * DAY, 12 * 60 * MINUTE, DAY, 2 * DAY, 3 * DAY):
        assert due_reminders(loan.session, REMINDED + later) == []
    # Monday 00:00 and 09:59 in Shanghai, then 10:00.
    assert due_reminders(loan.session, dt.datetime(2026, 3, 15, 16, tzinfo=dt.UTC)) == []
    assert due_reminders(loan.session, DUE - MINUTE) == []
    assert due_reminders(loan.session, DUE) == [task.id]
    assert due_escalations(loan.session, DUE) == [task.id]


def test_what_was_missed_late_in_the_evening_goes_out_in_the_last_hour_of_the_next_day(loan: Company) -> None:
    # 23:59:50 in Shanghai, between two sweeps.
    loan.now = dt.datetime(2026, 3, 10, 15, 59, 50, tzinfo=dt.UTC)
    task = loan.open_task(loan.start().instance_id)
    midnight = task.remind_at + dt.timedelta(seconds=20)
    assert due_reminders(loan.session, midnight) == []
    assert due_reminders(loan.session, midnight + 23 * 60 * MINUTE) == [task.id]


# At the deadline.


def test_the_superior_is_told_once_unless_the_diagram_says_more(loan: Company) -> None:
    case = loan.start().instance_id
    task = loan.open_task(case)
    assert not escalate(loan.engine, loan.session, task.id, now=DUE - MINUTE)
    assert escalate(loan.engine, loan.session, task.id, now=DUE)
    assert not escalate(loan.engine, loan.session, task.id, now=DUE + DAY)
    assert told(loan, "task_escalated") == ["di"]
    assert loan.desks(case) == [("manager_approval", "ma")]


def test_a_late_task_is_handed_over_to_the_superior_and_stays_late(session: Session, tmp_path: Path) -> None:
    loan = firm(session, tmp_path, "hand_over")
    case = loan.start().instance_id
    task = loan.open_task(case)
    assert escalate(loan.engine, loan.session, task.id, now=DUE)
    assert not escalate(loan.engine, loan.session, task.id, now=DUE + DAY)
    assert loan.desks(case) == [("manager_approval", "di")]
    moved = loan.open_task(case)
    assert (moved.revision, moved.due_at, moved.escalate_at) == (2, DUE, None)
    event = last_event(loan, case, "task_handed_over")
    assert (loan.name(event.details["from"]), loan.name(event.details["to"])) == ("ma", "di")
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_where_nobody_can_take_it_over_the_superiors_are_told(session: Session, tmp_path: Path) -> None:
    loan = firm(session, tmp_path, "hand_over")
    case = loan.start().instance_id
    task = loan.open_task(case)
    session.connection().exec_driver_sql(
        "UPDATE user_task SET assignee_id = NULL, group_role = 'general_manager', barred = '{}'"
    )
    assert escalate(loan.engine, loan.session, task.id, now=DUE)
    assert loan.desks(case) == [("manager_approval", "general_manager")]
    assert loan.kinds(case)[-1] == "task_escalated"


@pytest.mark.parametrize(
    ("decision", "desks", "status"),
    [("approve", [("pay", "accountant")], "running"), ("reject", [], "rejected")],
)
def test_a_late_task_is_decided_by_nobody_where_the_diagram_says_so(
    session: Session, tmp_path: Path, decision: str, desks: list[tuple[str, str]], status: str
) -> None:
    loan = firm(session, tmp_path, decision)
    case = loan.start().instance_id
    task = loan.open_task(case)
    assert escalate(loan.engine, loan.session, task.id, now=DUE)
    assert (loan.desks(case), loan.instance(case).status) == (desks, status)
    done = session.get_one(UserTask, task.id)
    assert (done.status, done.decision, done.closed_by_id) == ("completed", decision, None)
    assert last_event(loan, case, "task_completed").actor_id is None
    assert not escalate(loan.engine, loan.session, task.id, now=DUE + DAY)
    assert list(broken_entries(loan.session, loan.engine.audit_key)) == []


def test_who_decides_in_time_leaves_nothing_to_decide(session: Session, tmp_path: Path) -> None:
    loan = firm(session, tmp_path, "reject")
    case = loan.start().instance_id
    task = loan.open_task(case)
    loan.complete(task)
    before = loan.snapshot()
    assert due_escalations(loan.session, DUE) == []
    assert not escalate(loan.engine, loan.session, task.id, now=DUE)
    assert not remind(loan.engine, loan.session, task.id, now=DUE)
    assert not escalate(loan.engine, loan.session, 999_999_999, now=DUE)
    assert loan.snapshot() == before


@pytest.mark.parametrize("kind", ["adviser", "reviser"])
def test_what_only_one_person_was_asked_for_is_neither_moved_nor_decided(
    session: Session, tmp_path: Path, kind: str
) -> None:
    loan = firm(session, tmp_path, "approve")
    case = loan.start().instance_id
    task = loan.open_task(case)
    session.connection().exec_driver_sql("UPDATE user_task SET kind = %(kind)s", {"kind": kind})
    assert escalate(loan.engine, loan.session, task.id, now=DUE)
    assert loan.desks(case) == [("manager_approval", "ma")]
    assert told(loan, "task_escalated") == ["di"]


def test_where_acting_failed_the_superior_can_be_told_instead(session: Session, tmp_path: Path) -> None:
    loan = firm(session, tmp_path, "approve")
    case = loan.start().instance_id
    task = loan.open_task(case)
    assert tell_superior(loan.engine, loan.session, task.id, now=DUE)
    assert not tell_superior(loan.engine, loan.session, task.id, now=DUE)
    assert not escalate(loan.engine, loan.session, task.id, now=DUE)
    assert (told(loan, "task_escalated"), loan.desks(case)) == (["di"], [("manager_approval", "ma")])


# Counted again.


def test_open_deadlines_move_with_the_calendar_and_back(loan: Company) -> None:
    task = loan.open_task(loan.start().instance_id)
    assert count_again(loan) == 0
    off(loan, THURSDAY)
    assert count_again(loan) == 1
    loan.session.refresh(task)
    assert times(task) == (REMINDED + DAY, DUE + DAY, DUE + DAY)
    assert count_again(loan) == 0
    off(loan, THURSDAY, works=None)
    assert count_again(loan) == 1
    loan.session.refresh(task)
    assert times(task) == (REMINDED, DUE, DUE)


def test_what_was_reminded_or_escalated_is_not_set_again(loan: Company) -> None:
    task = loan.open_task(loan.start().instance_id)
    remind(loan.engine, loan.session, task.id, now=REMINDED)
    escalate(loan.engine, loan.session, task.id, now=DUE)
    off(loan, FRIDAY)
    count_again(loan)
    loan.session.refresh(task)
    assert times(task) == (None, None, DUE + DAY)


def test_what_is_done_keeps_the_deadline_that_it_had(loan: Company) -> None:
    task = loan.open_task(loan.start().instance_id)
    loan.complete(task)
    off(loan, FRIDAY)
    assert count_again(loan) == 0
    loan.session.refresh(task)
    assert task.due_at == DUE


def test_many_tasks_move_batch_by_batch(loan: Company) -> None:
    cases = [loan.start().instance_id for _ in range(5)]
    loan.now += DAY
    cases += [loan.start().instance_id for _ in range(2)]
    off(loan, FRIDAY)
    assert [len(ids) for ids in batches(tasks_with_deadlines(loan.session), 3)] == [3, 3, 1]
    assert (count_again(loan, 3), count_again(loan, 3)) == (7, 0)
    # The later two were opened on Wednesday and are due on Tuesday; Friday off makes it Wednesday.
    assert [loan.open_task(case).due_at for case in cases] == [DUE + DAY] * 5 + [DUE + 2 * DAY] * 2
